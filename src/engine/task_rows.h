/* engine/task_rows.h - a task's id, and the rows beside its own: versions, edges, listeners.
 *
 * docs/reference/semantics.md 1.1, 1.5, 3.1.  For cmd_task.c and cmd_submit.c; engine thread,
 * inside a transaction.
 */
#ifndef ENGINE_TASK_ROWS_H
#define ENGINE_TASK_ROWS_H

#include "engine/engine.h"
#include "model/task.h"

/* The id of this moment, or the next free one: ids are taken upward within the second and, when a
 * second is used up, go on counting; they stay 17 digits and unique.  An id that was given (a
 * fixture's) far ahead is not counted on from. */
enum err_code task_new_id(struct engine *g, int64_t *ret, struct err *e) MUST_USE;

/* The task's upstream edges and listeners, of the draft or (in_ops) of what is submitted, become
 * those of the definition.  A listener that the draft has already keeps its time. */
enum err_code task_edges_put(struct engine *g, int64_t task_id, struct str project_id, bool in_ops,
                             const struct task_spec *spec, struct err *e) MUST_USE;

/* ret_id may be NULL; *ret_id lives in the engine's arena. */
enum err_code task_version_write(struct engine *g, int64_t task_id, int32_t num,
                                 enum version_kind kind, struct str remark, struct str uin,
                                 struct str doc, struct str *ret_id, struct err *e) MUST_USE;

#endif
