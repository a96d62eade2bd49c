/* test/sim/limits.h - the limits of waiting and of running (docs/reference/semantics.md 4.4, 5.5).
 */
#ifndef TEST_SIM_LIMITS_H
#define TEST_SIM_LIMITS_H

#include "sim.h"

/* One that ends, or is to end, because a limit passed: it did. */
void limits_on_change(struct sim *s, const struct instance *i, const struct instance *old);
/* Whose waiting is over now, is over. */
void limits_awake(struct sim *s, const struct instance *i);

#endif
