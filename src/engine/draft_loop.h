/* engine/draft_loop.h - drafts that depend on each other in a circle: none of them can be the first
 * to be submitted.
 *
 * docs/reference/semantics.md 3.8.  Engine thread, inside a transaction.
 */
#ifndef ENGINE_DRAFT_LOOP_H
#define ENGINE_DRAFT_LOOP_H

#include "engine/engine.h"

/* Drafts that are looked at; a loop behind them is not found. */
enum { DRAFT_LOOP_LOOKED_MAX = 1000 };

/* Does the draft of `upstream` lead back to that of `task` over tasks of the project that were
 * never submitted?  *ret: "2025.., 2025.., 2025.." from the task over the upstream to the task,
 * each of which depends on the next, in the engine's arena; empty: it does not. */
enum err_code draft_loop_find(struct engine *g, const struct task_row *task, int64_t upstream,
                              struct str *ret, struct err *e) MUST_USE;

#endif
