/* test/sim/peers.h - the wait for the cycle before, of all tasks of a workflow (2.9). */
#ifndef TEST_SIM_PEERS_H
#define TEST_SIM_PEERS_H

#include "sim.h"

/* May the round go on, as far as that is concerned?  now_only: surely, at this moment; else it may
 * have been so at some moment of the round. */
bool cycle_holds(struct sim *s, const struct instance *i, bool now_only);
/* Of one that waits: the engine says of each task whose cycle before was not well at any moment of
 * the round that it is waited for, although there may be other reasons to wait. */
void cycle_check_said(struct sim *s, const struct instance *i);

#endif
