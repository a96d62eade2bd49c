/* test/sim/tallies.h - what ended in each piece of a project's days, and which alarms of
 * fluctuations that makes (docs/reference/semantics.md 8.1), by a count and a reading of the
 * simulator's own.
 *
 * Counted is while the project has such a rule.  After each turn the piece of a day that ended last
 * is judged; the numbers of the day and of the one before are kept, by the clock as it is then.
 */
#ifndef TEST_SIM_TALLIES_H
#define TEST_SIM_TALLIES_H

#include "model/alarm.h"

struct sim;
struct instance;

/* What a rule says of one type. */
struct sim_fluctuation {
    enum alarm_type type;
    int percent, count, least, times, cycles;
    bool cumulative;
};

void tallies_on_effect(struct sim *s, const struct instance *i);
/* once: the text of a message that there must be now; true: it had not been expected yet. */
typedef bool tallies_each(struct sim *s, struct str once);
void tallies_commit(struct sim *s, tallies_each *expect);
void tallies_crash(struct sim *s);
void tallies_restart(struct sim *s); /* another engine */
void tallies_done(struct sim *s);

#endif
