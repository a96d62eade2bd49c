/* engine/parameter.h - the parameters of an attempt: what goes into its code, and what it put out.
 *
 * docs/reference/semantics.md 6.  A name means, in this order: the parameter that the backfill plan
 * redefines; the output of an upstream instance; the task's own parameter; the workflow's.  What
 * was found is written with the attempt, so that a second sending and a later look give the same
 * code. Engine thread, inside a transaction, except parameter_code.
 */
#ifndef ENGINE_PARAMETER_H
#define ENGINE_PARAMETER_H

#include <jansson.h>

#include "core/core.h"
#include "engine/engine.h"
#include "engine/supplier.h"
#include "engine/version_cache.h"
#include "model/parameter.h"
#include "run/attempt.h"

/* An error of the functions below: is it the instance's own, so that its attempt cannot start and
 * the text says why?  Then the turn goes on without it; else it is the store's. */
bool parameter_is_refusal(enum err_code rc);

/* Find what the placeholders of the code mean.  *ret in the engine's arena, as rows keep it;
 * *ret_code: the code as executed, that of the version itself or in the engine's arena. */
enum err_code parameter_find(struct engine *g, const struct instance *i,
                             const struct version_entry *version, struct str *ret,
                             struct str *ret_code, struct err *e) MUST_USE;

/* Texts of one task, with what their placeholders mean for one instance; what several of them need
 * is looked up once.  All is borrowed until done. */
struct parameter_finding {
    struct engine *g;
    const struct instance *i;
    const struct version_entry *version;
    struct time_point at;
    struct suppliers suppliers;
    json_t *plan, *workflow; /* documents, owned; NULL: not read yet */
};
void parameter_finding_init(struct parameter_finding *f, struct engine *g, const struct instance *i,
                            const struct version_entry *version);
void parameter_finding_done(struct parameter_finding *f);
/* In the engine's arena. */
enum err_code parameter_text(struct parameter_finding *f, struct str text, struct str *ret,
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
