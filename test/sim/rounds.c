/* test/sim/rounds.c - see rounds.h. */
#include "rounds.h"

#include <inttypes.h>

#include "deletions.h"
#include "slices.h"

void rounds_on_close(struct sim *s, const struct instance *closed)
{
    const struct sim_task *t = sim_task_find(s, closed->key.task_id);
    enum redo_type redo = t->spec->redo;

    sim_check(s, instance_state_is_terminal(closed->state), "an open round is closed");
    sim_check(s, redo == REDO_ALL || (redo == REDO_FAILURE && closed->state != INSTANCE_COMPLETED),
              "5.7: an instance of task %" PRId64 " runs again against its AllowRedoType",
              t->id - SIM_TASK_ID(0));
    deletions_on_close(s, closed);
}

static bool in_window(const struct sim_plan *p, const struct task_spec *spec, int minute)
{
    enum cycle cycle = spec->schedule.cycle;

    return (cycle != CYCLE_HOUR && cycle != CYCLE_MINUTE) ||
           (minute >= p->window_from && minute <= p->window_to);
}

/* 7.1: within the days and, for hours and minutes, the window of its plan; the task may have got
 * another cycle since the plan was made. */
static void check_range(struct sim *s, const struct sim_plan *p, const struct instance *i)
{
    const struct sim_version *v = sim_task_find(s, i->key.task_id)->versions;
    struct civil day = civil_day(i->key.data_time);
    int minute = (int)((i->key.data_time.s - day.s) / CIVIL_MINUTE);
    bool fits = false;

    sim_check(s, day.s >= p->first_day.s && day.s <= p->last_day.s,
              "7.1: a backfill reaches beyond its days");
    for (; v && !fits; v = v->since > p->since ? v->older : NULL)
        fits = in_window(p, v->spec, minute);
    sim_check(s, fits, "7.1: a backfill reaches beyond its window");
}

/* 1.8 */
static void check_time(struct sim *s, const struct sim_plan *p, const struct instance *i,
                       const struct instance *old)
{
    bool asked = false;

    for (int k = 0; k < p->n_times; k++)
        asked = asked || p->times[k].s == i->key.data_time.s;
    sim_check(s, asked, "1.8: a run of a manual workflow makes a time that was not asked for");
    sim_check(s, i->planned.s == i->key.data_time.s && i->run_type == RUN_MANUAL,
              "1.8: a round of a manual workflow is planned, or called, otherwise");
    coverage_feature(s, old ? SIM_HAS_manual_again : SIM_HAS_manual);
}

void rounds_on_begin(struct sim *s, const struct instance *i, const struct instance *old)
{
    const unsigned chosen = INSTANCE_SKIP_EVENTS | INSTANCE_SKIP_UPSTREAMS |
                            INSTANCE_PLAN_UPSTREAMS | INSTANCE_SKIP_CYCLE | INSTANCE_WAIT_CYCLE;
    const struct sim_plan *p = sim_plan_find(s, i->plan_id);

    if (i->run_type == RUN_ADDITION)
        sim_check(s, i->type == INSTANCE_BACKFILL, "5.3: a backfilled round is of type %d",
                  (int)i->type);
    if (i->run_type == RUN_MANUAL)
        sim_check(s, i->type == INSTANCE_APERIODIC, "1.8: a manual round is of type %d",
                  (int)i->type);
    if (i->run_type == RUN_RERUN || i->run_type == RUN_RERUN_MANUAL)
        sim_check(s, old && i->type == old->type, "5.7: a rerun changes the type of its instance");
    if (!p)
        return;
    sim_check(s, (i->flags & chosen) == p->flags, "5.7: a round of a plan with flags %u has %u",
              p->flags, i->flags & chosen);
    if (p->rerun)
        return;
    slices_on_begin(s, i);
    if (p->n_times > 0)
        check_time(s, p, i, old);
    else
        check_range(s, p, i);
    const struct sim_task *t = sim_task_find(s, i->key.task_id);
    sim_check(s, t->killed <= p->since,
              "7.1: a plan makes a round of task %" PRId64 " after it was ended with all it had",
              t->id - SIM_TASK_ID(0));
}

void rounds_on_change(struct sim *s, const struct instance *i, const struct instance *old)
{
    const struct sim_plan *p = sim_plan_find(s, i->plan_id);
    bool said = str_eq_c(i->reason, "its backfill plan was deleted");

    if (said && p && !(old && str_eq(old->reason, i->reason)))
        sim_check(s, p->gone, "7.2: a round of another plan is ended");
    if (said)
        sim_check(s, i->plan_id.len > 0, "7.2: what has no plan is ended with one");
    deletions_on_change(s, i, old);
}
