/* api/ops_view.h - how a submitted task looks in the lists of production
 * (docs/reference/semantics.md 1.6). */
#ifndef API_OPS_VIEW_H
#define API_OPS_VIEW_H

#include "api/action.h"
#include "model/task.h"

/* The submitted task that ProjectId and TaskId name, and its version in production.  E_MISSING also
 * for a task that was never submitted: ops does not know it. */
enum err_code ops_view_find(struct call *c, struct task_row *task,
                            struct version_row *version) MUST_USE;
/* What is submitted of the task, in an arena for this task: its document may be long. */
enum err_code ops_view_spec(struct call *c, const struct task_row *task, struct arena *one,
                            struct task_spec *ret) MUST_USE;
/* When an instance of the task first began to run; WALL_NONE: none did. */
enum err_code ops_view_first_run(struct call *c, int64_t task_id, struct wall *ret) MUST_USE;
/* The members that all such lists share, into the object that is open. */
struct zone;
enum err_code ops_view_members(struct call *c, const struct task_row *task,
                               const struct task_spec *spec, const struct zone *zone) MUST_USE;

#endif
