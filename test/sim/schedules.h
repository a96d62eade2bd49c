/* test/sim/schedules.h - the schedules of random tasks, and what they plan, said a second time.
 *
 * There are few crons, and each has a function that says in C when it fires.  So calendars,
 * windows, ranges, T+1 and the change of clocks are judged by other code than that of src/cal; only
 * the zones' own rules are shared.
 */
#ifndef TEST_SIM_SCHEDULES_H
#define TEST_SIM_SCHEDULES_H

#include "sim.h"

/* The members of TaskSchedulerConfiguration that say when it fires, each with a comma behind it.
 * Returns its cycle. */
enum cycle sim_schedule_put(struct sim *s, struct buf *out);
/* Those of a unified schedule: all ten (2.9). */
enum cycle sim_schedule_put_unified(struct sim *s, enum cycle only, struct buf *out);
/* Which of the crons it is; -1: none of them. */
int sim_shape_find(const char *cron);

/* Is this a firing of the schedule?  NULL: yes; else what is wrong with it. */
const char *schedule_objection(const struct task_spec *spec, const struct firing *f);
/* Counts what is special about a firing. */
void schedule_coverage(struct sim *s, const struct task_spec *spec, const struct firing *f);
/* Every planned time whose instant lies in (after, upto]. */
typedef void planned_each(void *ctx, struct civil planned, struct civil data_time);
void schedule_each(const struct task_spec *spec, struct wall after, struct wall upto,
                   planned_each *each, void *ctx);

#endif
