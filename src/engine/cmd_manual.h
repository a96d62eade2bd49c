/* engine/cmd_manual.h - runs the tasks of a manual workflow, which have no firings, for the data
 * times that are asked for.
 *
 * docs/reference/semantics.md 1.8, docs/decisions/0034-*.md.  A run is a plan like that of a
 * backfill: its instances exist once for each task and data time, a later run of the same makes
 * their next round, and what reads, follows or deletes plans does so with runs.  Engine thread,
 * inside a transaction; nothing is changed unless everything is allowed.
 */
#ifndef ENGINE_CMD_MANUAL_H
#define ENGINE_CMD_MANUAL_H

#include <jansson.h>

#include "cal/zone.h"
#include "engine/engine.h"

enum { MANUAL_TASKS_MAX = 5000, MANUAL_TIMES_MAX = 10000 };

struct manual_request {
    struct str project_id, workflow_id, name, uin;
    const int64_t *tasks; /* n_tasks 0: all of the workflow that are in state Y */
    int n_tasks;
    const struct civil *times; /* data times, which are the planned times too */
    int n_times;
    const struct zone *zone; /* of the planned times; NULL: that of each task */
    struct str group_id;     /* SchedulerResourceGroup: where they run; empty: as their tasks */
    json_t *doc;             /* the request in the words of a plan (plan_doc.h); gets its TaskIds */
};
struct manual_run {
    struct plan_row plan; /* text in the engine's arena */
    int64_t n_tasks;
};
/* E_MISSING the project, workflow, group or a task of the workflow; E_CONFLICT a workflow that is
 * not manual, a task that is not in state Y, none that is; E_DENIED AllowRedoType; E_LIMIT too many
 * instances. */
enum err_code manual_run(struct engine *g, const struct manual_request *r, struct manual_run *ret,
                         struct err *e) MUST_USE;

#endif
