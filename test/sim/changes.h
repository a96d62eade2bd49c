/* test/sim/changes.h - what may become of an instance in one step: its state, rounds and tries, the
 * end of an attempt and the wait for the next. */
#ifndef TEST_SIM_CHANGES_H
#define TEST_SIM_CHANGES_H

#include "sim.h"

/* old: as it was; NULL: it is made. */
void changes_check(struct sim *s, const struct instance *i, const struct instance *old);

#endif
