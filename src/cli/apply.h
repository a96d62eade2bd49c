/* cli/apply.h - makes a server's project what files say: what differs, and the calls that mend it.
 */
#ifndef CLI_APPLY_H
#define CLI_APPLY_H

#include "cli/project.h"

enum change_kind {
    CHANGE_CREATE,
    CHANGE_UPDATE,
    CHANGE_DELETE,
    CHANGE_IMPOSSIBLE, /* the API has no call for it */
    CHANGE_KINDS_
};

struct change {
    enum change_kind kind;
    struct project_item *want, *have; /* NULL: the files, the server, do not have it */
    const char *why;                  /* impossible: the reason */
    bool done;
    const char *so_far; /* not done: what there is of it, or NULL */
};

struct plan {
    struct change *changes; /* kind by kind of definition; owned */
    size_t n, cap_, unchanged;
    size_t counts[CHANGE_KINDS_];
};

struct apply {
    struct session *s;
    struct project_names *names;
    struct project *want, *have;
    struct plan plan;
    bool prune;
    bool inform;        /* the owners of tasks that wait for one that is deleted are told */
    const char *remark; /* of the versions that are submitted */
    struct map folders; /* that are known to be there */
};

/* ---- apply_plan.c -------------------------------------------------------------------------- */

/* Compares; what the files leave open is filled up from the server.  References of the files that
 * lead nowhere are told, with file and line.  Exit status. */
int plan_make(struct apply *a);
void plan_done(struct plan *p);
/* A task differs in more than in being submitted and in its status. */
bool plan_differs(const struct project_item *want, const struct project_item *have);
bool plan_wants_submit(const struct project_item *want);
bool plan_is_submitted(const struct project_item *have);
/* The status that a task is to have; "": whatever it has. */
const char *plan_status(const struct project_item *task);

/* ---- apply_show.c -------------------------------------------------------------------------- */

/* For people: one line per object, below it the members with before and after, at the end the sums.
 */
void plan_print(const struct apply *a);
/* For programs: {"Created":[..],"Changed":[..],"Deleted":[..],"Impossible":[..],"Unchanged":N}. */
json_t *plan_json(const struct apply *a);

/* ---- apply_order.c ------------------------------------------------------------------------- */

/* Tasks of p so that upstream tasks come first, as far as they form no cycle.  *ret_rank: position
 * in it by index in p->items.  Both of p->n[DEFINITION_TASK] elements, in the arena. */
void order_tasks(const struct project *p, struct arena *arena, size_t **ret_order,
                 size_t **ret_rank);

/* ---- apply_run.c, apply_tasks.c ------------------------------------------------------------ */

/* Carries the plan out, call by call; tells each on stdout.  Exit status; on a failure, which is
 * told with its file, what was not done is told too. */
int apply_run(struct apply *a);
int apply_tasks(struct apply *a, struct map *reloaded);
/* apply_alarms.c: makes a rule, or changes it; *c->have NULL: it is not there.  Exit status. */
int apply_alarm(struct apply *a, struct change *c);
/* apply_status.c: starts, pauses or stops a task that is submitted.  Exit status. */
int apply_status(struct apply *a, const struct project_item *want, const char *id);
/* apply_belongs.c, apply_resources.c: the same of what belongs to the project as a whole. */
int apply_disabled(struct apply *a, struct change *c); /* the part of the settings that is first */
int apply_settings(struct apply *a, struct change *c);
int apply_group(struct apply *a, struct change *c);
int apply_resource(struct apply *a, struct change *c);
int apply_member(struct apply *a, struct change *c);
/* Of a workflow or a folder: they are to be others. */
bool apply_moves_permissions(const struct change *c);
int apply_permissions(struct apply *a, struct change *c);
/* One call for an object; tells a refusal with file and line.  *ret as in session_call. */
int apply_call(struct apply *a, const struct project_item *item, const char *version,
               const char *action, json_t *params, json_t **ret);
/* The same for a call whose answer does not matter. */
int apply_act(struct apply *a, const struct project_item *item, const char *version,
              const char *action, json_t *params);
/* apply_folders.c: a folder for item, and those above it, made where they are missing; workflow_id,
 * type: of a folder of tasks. */
enum folder_kind { FOLDER_OF_WORKFLOWS, FOLDER_OF_TASKS, FOLDER_OF_RESOURCES };
int apply_folder(struct apply *a, const struct project_item *item, enum folder_kind kind,
                 const char *workflow_id, const char *type, const char *path);
void apply_told(struct apply *a, const char *done, const struct project_item *item);
/* ResourceGroupName and CalendarName of a block become what the API takes. */
void apply_calendar_id(struct apply *a, json_t *block);

#endif
