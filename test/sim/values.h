/* test/sim/values.h - the values of parameters, and what they and the code mean: the simulator's
 * own reading of docs/reference/semantics.md 6.1 and 6.2, for the few forms that it uses.
 */
#ifndef TEST_SIM_VALUES_H
#define TEST_SIM_VALUES_H

#include "sim.h"

/* One that nobody else has; level: a letter in it. */
struct str value_random(struct sim *s, char level);

/* What ${name} means; false: nothing. */
typedef bool value_lookup(void *ctx, struct str name, struct str *ret);
/* The text with its times, and where lookup is given its names, replaced. */
struct str value_expand(struct arena *a, struct str text, struct civil data_time,
                        struct civil planned, value_lookup *lookup, void *ctx);

#endif
