/* cli/command.h - one client command: a row of the table in cli.c, its own file where it is more
 * than a call. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/args.h"
#include "cli/client.h"

struct session {
    struct args args;
    struct client *client;
    struct arena arena;
    const char *project; /* --project or WEFT_PROJECT; NULL: not given */
    bool json;           /* answers as JSON for programs */
};

struct command {
    const char *name, *usage, *help;
    const struct option_help *options; /* NULL-terminated list or NULL */
    int words_min, words_max;
    bool needs_project;
    int (*run)(struct session *s); /* exit status, see cli.h */
};

extern const struct command command_api, command_tasks, command_instances, command_show,
    command_explain, command_logs, command_submit, command_backfill, command_preview, command_fire,
    command_keys, command_ledger, command_upstreams, command_start, command_pause, command_stop,
    command_kill, command_rerun, command_succeed, command_members, command_audit, command_alarms;

enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_UNREACHABLE = 3 };
extern const char VERSION_2025[], VERSION_2021[], VERSION_WEFT[];

/* Call and print what went wrong; *ret is the Response object.  Exit status, 0: *ret is set. */
int session_call(struct session *s, const char *version, const char *action, json_t *params,
                 json_t **ret);
/* Text of a member for a table cell: strings as they are, numbers and booleans printed, NULL for
 * null and absent. */
const char *member(struct session *s, const json_t *object, const char *name);
void print_json(const json_t *value);

#endif
