/* test/sim/rounds.h - what may begin a round and what it may be (docs/reference/semantics.md 5.7,
 * 7.1, 7.2). */
#ifndef TEST_SIM_ROUNDS_H
#define TEST_SIM_ROUNDS_H

#include "sim.h"

/* A round is closed because another begins. */
void rounds_on_close(struct sim *s, const struct instance *closed);
/* The first record of a round. */
void rounds_on_begin(struct sim *s, const struct instance *i, const struct instance *old);
/* One that is ended as its plan was deleted. */
void rounds_on_change(struct sim *s, const struct instance *i, const struct instance *old);

#endif
