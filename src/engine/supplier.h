/* engine/supplier.h - upstream instances that the inputs of one attempt take their values from.
 *
 * docs/reference/semantics.md 6.3.  Each upstream task is looked at once for an attempt, however
 * many inputs name it: of the instances that its dependencies select, the newest completed one, and
 * the outputs that the inputs name.  Engine thread, inside a transaction.
 */
#ifndef ENGINE_SUPPLIER_H
#define ENGINE_SUPPLIER_H

#include "core/core.h"
#include "engine/engine.h"
#include "engine/task_outline.h"

struct suppliers {
    struct engine *g;
    const struct instance *i;
    const struct task_spec *spec;  /* of its version */
    struct task_outlines outlines; /* of the upstream tasks */
    struct pair_map known_;        /* task -> struct supplier, in the engine's arena */
};

void suppliers_init(struct suppliers *s, struct engine *g, const struct instance *i,
                    const struct task_spec *spec);
void suppliers_done(struct suppliers *s);
/* Of an input of spec that is no constant; in the engine's arena.  E_CONFLICT, E_LIMIT and what
 * else parameter_is_refusal says: it has no value, and the text says why. */
enum err_code suppliers_value(struct suppliers *s, const struct task_input *in, struct str *ret,
                              struct err *e) MUST_USE;

#endif
