/* test/sim/shrink.h - the smallest world that still fails in the same way. */
#ifndef TEST_SIM_SHRINK_H
#define TEST_SIM_SHRINK_H

#include "mute.h"
#include "odds.h"

/* Runs one world and does not come back when it fails. */
typedef void shrink_run(enum sim_kind kind, uint64_t seed, int64_t steps,
                        const struct sim_mute *mute);
/* Leaves out what a failing world does not need, each try in a process of its own, and prints the
 * command that runs what is left.  False: it does not fail. */
bool shrink(enum sim_kind kind, uint64_t seed, int64_t steps, shrink_run *run);

#endif
