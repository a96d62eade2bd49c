/* test/sim/limits.c - see limits.h. */
#include "limits.h"

#include <inttypes.h>

#include "checkers.h"

static struct wall base_of(const struct instance *i)
{
    return i->fire_at.us > i->round_at.us ? i->fire_at : i->round_at;
}

static bool passed(const struct sim *s, struct wall since, int64_t minutes)
{
    return minutes > 0 && s->latest.us >= wall_add(since, DUR_MIN(minutes)).us;
}

/* Under one definition. */
typedef bool is_over(struct sim *s, const struct task_spec *spec, const struct instance *i);

static bool wait_is_over(struct sim *s, const struct task_spec *spec, const struct instance *i)
{
    return passed(s, base_of(i), spec->wait_ttl_minutes);
}

static bool event_wait_is_over(struct sim *s, const struct task_spec *spec,
                               const struct instance *i)
{
    for (int k = 0; k < spec->n_listeners; k++)
        if (passed(s, base_of(i), spec->listeners[k].max_wait_minutes))
            return true;
    return false;
}

/* Its limit is that of the version that it runs; and its time counts from what the runner said of
 * its beginning. */
static bool run_is_over(struct sim *s, const struct instance *i)
{
    struct wall begin = runner_told_begin(s, i->fence);

    return begin.us != WALL_FAR.us &&
           passed(s, begin, version_of(s, i)->spec->execution_ttl_minutes);
}

/* Of those that held in this turn. */
static bool holds_under_some(struct sim *s, const struct instance *i, is_over *over)
{
    const struct sim_version *v = sim_task_find(s, i->key.task_id)->versions;

    for (; v; v = v->since > s->committed_seq ? v->older : NULL)
        if (over(s, v->spec, i))
            return true;
    return false;
}

void limits_on_change(struct sim *s, const struct instance *i, const struct instance *old)
{
    bool fresh = !old || old->round != i->round;
    int n = (int)(i->key.task_id - SIM_TASK_ID(0));

    if (i->state == INSTANCE_EXPIRED && (fresh || old->state != INSTANCE_EXPIRED)) {
        if (str_starts_with(i->reason, STR("the limit of the total")))
            sim_check(s, i->tries == 0 && holds_under_some(s, i, wait_is_over),
                      "5.5: task %d expires before its limit of waiting", n);
        if (str_starts_with(i->reason, STR("the limit of the waiting time for an event")))
            sim_check(s,
                      (fresh || old->state == INSTANCE_WAIT_EVENT) &&
                          holds_under_some(s, i, event_wait_is_over),
                      "4.4: task %d expires before its limit for an event", n);
    }
    if (!fresh && i->state == INSTANCE_RUNNING && (i->flags & ~old->flags & INSTANCE_TIMED_OUT))
        sim_check(s, run_is_over(s, i), "5.5: task %d is to end before its limit of running", n);
}

/* A case that was there once and is not any more is found missing when all others are there. */
static bool never_came(const struct sim *s, const struct task_listener *l, const struct instance *i)
{
    for (size_t n = 0; n < s->image.n_cases; n++)
        if (case_serves(s, &s->image.cases[n], l, i))
            return false;
    return true;
}

void limits_awake(struct sim *s, const struct instance *i)
{
    const struct task_spec *spec = sim_task_find(s, i->key.task_id)->spec;
    int n = (int)(i->key.task_id - SIM_TASK_ID(0));

    if (i->state <= INSTANCE_WAIT_RUN && i->tries == 0)
        sim_check(s, !wait_is_over(s, spec, i), "5.5: task %d waits beyond its limit", n);
    for (int k = 0; i->state == INSTANCE_WAIT_EVENT && k < spec->n_listeners; k++)
        sim_check(s,
                  !passed(s, base_of(i), spec->listeners[k].max_wait_minutes) ||
                      !never_came(s, &spec->listeners[k], i),
                  "4.4: task %d waits for an event beyond its limit", n);
}
