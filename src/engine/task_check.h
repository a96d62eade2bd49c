/* engine/task_check.h - does what a task names exist, and does it fit?  For
 * cmd_task.c. */
#ifndef ENGINE_TASK_CHECK_H
#define ENGINE_TASK_CHECK_H

#include "engine/cmd_task.h"

/* Everything that CreateTask and UpdateTask must check in the store
 * (docs/reference/semantics.md 1.3, 3.1, 3.3, 3.7, 4). */
/* *ret_manual: the task is in a manual workflow (1.8). */
enum err_code task_check(struct engine *g, const struct task_write *w, bool *ret_manual,
                         struct err *e) MUST_USE;
/* No path from the task back to itself over submitted edges, apart from edges that only look at
 * earlier data times (3.8).  untold: what is submitted and not told to the core yet; may be NULL.
 */
enum err_code task_check_loop(struct engine *g, int64_t task_id, const struct task_spec *spec,
                              const struct core_untold *untold, struct err *e) MUST_USE;

#endif
