/* test/sim/queueing.c - see queueing.h. */
#include "queueing.h"

#include <inttypes.h>

#include "checkers.h"
#include "deletions.h"
#include "slices.h"

/* Its plan's, else its task's. */
static int group_of(const struct sim *s, const struct task_spec *spec, const struct instance *i)
{
    const struct sim_plan *p = sim_plan_find(s, i->plan_id);

    return p && p->group > 0 ? p->group : sim_group_of(spec);
}

/* 7.1: slots of the group that backfills may hold, rounded up. */
static int share_of(const struct sim *s, int group)
{
    return (s->defs.slots[group] * s->share + 99) / 100;
}

static bool has_share(const struct sim *s, const struct instance *i, int group)
{
    return !sim_has_share(i) || s->census.backfilling[group] < share_of(s, group);
}

/* 7.1: of one plan, and its DataTimeOrder puts the other first; without one the planned time
 * does (5.2). */
static bool plan_puts_first(const struct sim *s, const struct instance *other,
                            const struct instance *i)
{
    const struct sim_plan *p = sim_plan_find(s, i->plan_id);

    if (!p || !str_eq(other->plan_id, i->plan_id))
        return false;
    if (p->order == PLAN_NORMAL)
        return other->fire_at.us < i->fire_at.us;
    return p->order == PLAN_ORDER ? other->key.data_time.s < i->key.data_time.s
                                  : other->key.data_time.s > i->key.data_time.s;
}

static void note_held(void *ctx, const struct wait_item *w)
{
    *(bool *)ctx = w->kind == WAIT_FOR_WHOLE;
}

/* 7.1: a large plan that has become whole lets go some of its rounds in each step, the first ones
 * first: to others those that it holds yet are not in the queue.  That it does not hold them for
 * good is judged at rest (I8). */
static bool is_held(struct sim *s, const struct instance *other, const struct instance *i)
{
    bool held = false;

    if (!str_eq(other->plan_id, i->plan_id))
        core_explain(sim_core(s), other->key, s->now, 1, note_held, &held);
    return held;
}

/* 5.2: is this one in the queue of the group, and goes before i?  A record may have the priority of
 * an older version; those are not judged.  Nor are those that came to wait while the clock was back
 * before their planned time: when that passes is noticed among much else.  Nor are backfills while
 * a plan is being deleted, as one of it may stand before them. */
static bool goes_before(struct sim *s, const struct instance *other, const struct instance *i,
                        int group)
{
    const struct sim_task *t = sim_task_find(s, other->key.task_id);
    const struct task_spec *spec = t->spec;
    bool first = other->priority < i->priority ||
                 (other->priority == i->priority && plan_puts_first(s, other, i));

    return first && other->state == INSTANCE_WAIT_RUN && t->there &&
           other->priority == spec->priority && group_of(s, spec, other) == group &&
           sim_runs_code(spec) && !spec->dry_run && spec->self_depend == SELF_PARALLEL &&
           sim_plan_limit(s, other->plan_id) == 0 &&
           (run_type_is_asked_for(other->run_type) ||
            (other->fire_at.us <= s->now.us && other->updated_at.us >= other->fire_at.us)) &&
           has_share(s, other, group) && !slices_go_on(s, other->plan_id) &&
           !(sim_has_share(other) && deletions_go_on(s)) && !is_held(s, other, i);
}

/* Who else is in the queue of its group, and of the plan runs. */
static void check_others(struct sim *s, const struct sim_task *t, const struct instance *i,
                         int group, int limit)
{
    const struct instance *other;
    int of_plan = 0;

    for (size_t at = 0; (other = census_next(s, &at)) != NULL;) {
        sim_check(s, !goes_before(s, other, i, group),
                  "task %" PRId64 " starts before task %" PRId64
                  " of a higher priority, or of a data time that its plan puts first",
                  t->id - SIM_TASK_ID(0), other->key.task_id - SIM_TASK_ID(0));
        of_plan +=
            other->state == INSTANCE_RUNNING && limit > 0 && str_eq(other->plan_id, i->plan_id);
    }
    /* 3.6: its plan's rule is in place of its task's. */
    sim_check(s, of_plan <= limit, "I5: %d run of a plan with limit %d", of_plan, limit);
}

static void note_features(struct sim *s, const struct sim_task *t, const struct instance *i,
                          int group)
{
    const struct sim_plan *p = sim_plan_find(s, i->plan_id);

    if (p && p->group > 0 && p->group != sim_group_of(t->spec))
        coverage_feature(s, SIM_HAS_plan_group);
    if (p && p->order != PLAN_NORMAL)
        coverage_feature(s, SIM_HAS_plan_order);
    if (s->census.backfilling[group] == share_of(s, group) &&
        share_of(s, group) < s->defs.slots[group])
        coverage_feature(s, SIM_HAS_plan_share);
}

void queueing_begin(struct sim *s, const struct sim_task *t, const struct instance *i,
                    uint64_t fence)
{
    const struct census *c = &s->census;
    int group = group_of(s, t->spec, i), limit = sim_plan_limit(s, i->plan_id);

    sim_check(s, str_eq_c(i->group_id, sim_group_names[group]),
              "an attempt in a group that is neither its plan's nor its task's");
    /* Where very many wait, the order of the queue is looked at now and then. */
    bool looks = limit > 0 || c->n_live < 100 || fence % 256 == 0;
    if (looks) /* before its slot is taken, as the share is that of all who wait */
        check_others(s, t, i, group, limit);
    census_begin(s, track_find(s, i->key), group);
    sim_check(s, c->in_group[group] <= s->defs.slots[group], "I5: %d run in group %d of %d slots",
              c->in_group[group], group, s->defs.slots[group]);
    sim_check(s, !sim_has_share(i) || c->backfilling[group] <= share_of(s, group),
              "I5: %d backfills run in group %d, of %d slots and a share of %d %%",
              c->backfilling[group], group, s->defs.slots[group], s->share);
    int of_task = c->of_task[t->id - SIM_TASK_ID(1)];
    sim_check(s, limit > 0 || t->spec->self_depend == SELF_PARALLEL || of_task == 1,
              "I5: %d run of serial task %" PRId64, of_task, t->id);
    note_features(s, t, i, group);
}

bool queueing_may_start(struct sim *s, const struct sim_task *t, const struct instance *i)
{
    int group = group_of(s, t->spec, i), limit = sim_plan_limit(s, i->plan_id);

    if (s->census.in_group[group] >= s->defs.slots[group] || !has_share(s, i, group))
        return false;
    if (limit == 0)
        return t->spec->self_depend == SELF_PARALLEL ||
               s->census.of_task[t->id - SIM_TASK_ID(1)] == 0;
    return census_of_plan(s, i->plan_id) < limit;
}
