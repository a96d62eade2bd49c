/* test/sim/queueing.h - who may take a slot, and who goes first
 * (docs/reference/semantics.md 3.6, 5.2, 7.1; I5).
 */
#ifndef TEST_SIM_QUEUEING_H
#define TEST_SIM_QUEUEING_H

#include "sim.h"

/* An attempt of i begins: in the right group, within its slots, the share of backfills and the
 * limits of its task and plan, and nobody is passed by. */
void queueing_begin(struct sim *s, const struct sim_task *t, const struct instance *i,
                    uint64_t fence);
/* Nothing keeps one that is in WAIT_RUN from a slot. */
bool queueing_may_start(struct sim *s, const struct sim_task *t, const struct instance *i);

#endif
