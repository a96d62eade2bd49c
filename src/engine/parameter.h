/* engine/parameter.h - the parameters of an attempt: what goes into its code, and what it put out.
 *
 * docs/reference/semantics.md 6.  A name means, in this order: the parameter that the backfill plan
 * redefines; the output of an upstream instance; the task's own parameter; the workflow's.  What
 * was found is written with the attempt, so that a second sending and a later look give the same
 * code. Engine thread, inside a transaction, except parameter_code.
 */
#ifndef ENGINE_PARAMETER_H
#define ENGINE_PARAMETER_H

#include "core/core.h"
#include "engine/engine.h"
#include "engine/version_cache.h"
#include "run/attempt.h"

/* Find what the placeholders of the code mean.  *ret in the engine's arena, as rows keep it;
 * *ret_code: the code as executed, that of the version itself or in the engine's arena.
 * E_CONFLICT, E_LIMIT: the attempt cannot start; the text says why.  Else the store's errors. */
enum err_code parameter_find(struct engine *g, const struct instance *i,
                             const struct version_entry *version, struct str *ret,
                             struct str *ret_code, struct err *e) MUST_USE;
/* Any text of the task with what its placeholders mean for the instance; in the engine's arena. The
 * same errors. */
enum err_code parameter_text(struct engine *g, const struct instance *i,
                             const struct version_entry *version, struct str text, struct str *ret,
                             struct err *e) MUST_USE;
/* The code as executed: the version's with what the attempt's row keeps, for each row of a
 * for-each; in the arena.  Any thread. */
enum err_code parameter_code(const struct task_spec *spec, struct str substitutions,
                             struct arena *a, struct str *ret, struct err *e) MUST_USE;

/* The variables among the task's outputs, as the runner is asked for them; in the arena. */
const struct attempt_param *parameter_wanted(const struct task_spec *spec, struct arena *a,
                                             int *ret_n);
/* A successful attempt of the instance put this out (run/attempt.h). */
enum err_code parameter_keep(struct engine *g, const struct instance *i, struct str outputs,
                             struct err *e) MUST_USE;

#endif
