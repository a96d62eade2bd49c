/* test/sim/toggles.h - when projects were enabled: what is due is judged by what held then (2.3).
 */
#ifndef TEST_SIM_TOGGLES_H
#define TEST_SIM_TOGGLES_H

#include "sim.h"

/* Just before the engine is told. */
void toggle_add(struct sim *s, int project, bool enabled);
/* A firing of the task made an instance, or a miss as its project was disabled. */
void toggle_check(struct sim *s, const struct sim_task *t, struct wall at, bool made);

#endif
