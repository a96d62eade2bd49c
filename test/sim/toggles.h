/* test/sim/toggles.h - when projects were enabled: what is due is judged by what held then (2.3).
 */
#ifndef TEST_SIM_TOGGLES_H
#define TEST_SIM_TOGGLES_H

#include "sim.h"

/* Just before the engine is told. */
void toggle_add(struct sim *s, int project, bool enabled);
/* Is it right that a firing of the range made an instance, or else a miss as its project was
 * disabled? */
bool toggle_allows(const struct sim *s, const struct sim_task *t, const struct sim_range *r,
                   struct wall at, bool made);

#endif
