/* engine/branch.h - the decisions of branch tasks, evaluated from their conditions and kept with
 * what the instance put out.
 *
 * docs/reference/semantics.md 5.8.  Engine thread, inside a transaction.
 */
#ifndef ENGINE_BRANCH_H
#define ENGINE_BRANCH_H

#include "core/core.h"
#include "engine/engine.h"

/* Evaluate every condition, parameters filled in, and keep the decisions for the round. E_CONFLICT:
 * one cannot be evaluated, and the text says which and why.  Else the store's errors. */
enum err_code branch_decide(struct engine *g, const struct instance *i, struct err *e) MUST_USE;
/* What the present round decided about a downstream task; *ret true where it said nothing. */
enum err_code branch_takes(struct engine *g, struct instance_key branch, int64_t down_task,
                           bool *ret, struct err *e) MUST_USE;

#endif
