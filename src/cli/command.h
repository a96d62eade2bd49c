/* cli/command.h - one client command: a row of the table in cli.c, its own file where it is more
 * than a call; and what all of them share. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/args.h"
#include "cli/client.h"

enum { NAMED_MAX = 16 };

struct session {
    struct args args;
    struct client *client;
    struct arena arena;
    const char *project; /* --project or WEFT_PROJECT; NULL: not given */
    bool json;           /* answers, and errors, as JSON for programs */
    struct {
        const char *option, *field;
    } named[NAMED_MAX]; /* parameters that came from options (cli/option_param.h) */
    int n_named;
};

struct command {
    const char *name, *usage, *help;
    const struct option_help *options; /* NULL-terminated list or NULL */
    int words_min, words_max;
    bool needs_project;
    int (*run)(struct session *s); /* exit status */
    bool runs_alone;               /* without a key, too; the client is NULL then */
};

extern const struct command command_api, command_apply, command_tasks, command_instances,
    command_show, command_explain, command_export, command_logs, command_submit, command_backfill,
    command_plan, command_plans, command_jobs, command_completion, command_preview, command_fire,
    command_keys, command_ledger, command_status, command_upstreams, command_start, command_pause,
    command_stop, command_kill, command_rerun, command_succeed, command_members, command_audit,
    command_alarms, command_trigger, command_cancel;

/* Exit statuses; their meanings are the table of cli.c, which help and manual print. */
enum {
    EXIT_DONE = 0,
    EXIT_REFUSED = 1,
    EXIT_USAGE = 2,
    EXIT_UNREACHABLE = 3,
    EXIT_DIFFERENT = 4,
    EXIT_INTERRUPTED = 130
};
extern const char VERSION_2025[], VERSION_2021[], VERSION_WEFT[];

/* What a call or a command failed with. */
struct failure {
    int status;
    struct refusal why; /* code and request_id are "" where the server did not say it */
};
/* Calls; takes over params.  Exit status, 0: *ret is the Response object (json_decref). */
int session_try(struct session *s, const char *version, const char *action, json_t *params,
                json_t **ret, struct failure *failure);
/* The same, and prints what went wrong. */
int session_call(struct session *s, const char *version, const char *action, json_t *params,
                 json_t **ret);
/* A call whose answer says nothing to people: with --json its Data is printed.  Exit status. */
int session_act(struct session *s, const char *version, const char *action, json_t *params);
/* All Items of a list action, page by page; *ret is a new array.  Prints what went wrong. */
int session_items(struct session *s, const char *version, const char *action, json_t *params,
                  int page_size, json_t **ret);
/* A failure as text or, with --json, as {"Error":{"Code","Message","RequestId"}}, on stderr.
 * Answers its status. */
int session_report(const struct session *s, const struct failure *failure);
/* A failure of the command's own; answers status. */
int session_fail(const struct session *s, int status, const char *fmt, ...) PRINTF(3, 4);
/* Text of a member for a table cell: strings as they are, numbers and booleans printed, NULL for
 * null, absent and empty. */
const char *member(struct session *s, const json_t *object, const char *name);
/* A member that is text, else "". */
const char *text_of(const json_t *object, const char *name);
void print_json(const json_t *value);

#endif
