/* test/sim/each.h - for-each tasks: their arrays, and what is executed for each row, by the
 * simulator's own reading of docs/reference/semantics.md 5.8.
 *
 * What is executed is written as one text: before each row's code its number and length.
 */
#ifndef TEST_SIM_EACH_H
#define TEST_SIM_EACH_H

#include "sim.h"

/* A constant that is an array: none to three rows of some cells, with times in them. */
struct str each_random(struct sim *s);
/* Does the placeholder's name mean something of a row?  array NULL: nothing does. */
bool each_is_of_row(struct str array, struct str name);
/* What is executed of a code, other parameters being substituted. */
struct str each_codes(struct arena *a, struct str code, struct str array, struct str value);
/* The same of a Shell script; false: it does not run rows one after the other up to the first that
 * fails. */
bool each_read(struct arena *a, struct str script, struct str *ret);

#endif
