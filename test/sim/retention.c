/* test/sim/retention.c - see retention.h. */
#include "retention.h"

#include <inttypes.h>

#include "checkers.h"
#include "slices.h"

struct sim_retention {
    struct track **gone; /* in the order in which they went */
    size_t n, cap, committed;
    struct pair_map by_key; /* key -> the newest */
};

struct dur retention_of(const struct sim_odds *odds, uint64_t seed)
{
    return odds->keep_days > 0 && seed % 7 == 4
               ? DUR_S(CIVIL_DAY * (1 + (int64_t)(seed / 7 % (uint64_t)odds->keep_days)))
               : DUR_S(0);
}

static struct sim_retention *retention(struct sim *s)
{
    if (!s->retention) {
        s->retention = NEW(struct sim_retention);
        pair_map_init(&s->retention->by_key);
    }
    return s->retention;
}

const struct track *retention_find(const struct sim *s, struct instance_key key, bool scheduled)
{
    const struct track *t =
        s->retention ? pair_map_get(&s->retention->by_key, sim_pair(key)) : NULL;

    while (t && scheduled && t->type != INSTANCE_PERIODIC)
        t = t->gone_before;
    return t;
}

static void check_age(const struct sim *s, struct wall at, const char *what)
{
    sim_check(s, s->keep.us > 0 && wall_add(at, s->keep).us < s->latest.us,
              "retention: %s leaves before its age", what);
}

/* ---- who selects it ------------------------------------------------------------------------ */

struct selection {
    struct sim *s;
    int64_t up;
    struct civil at; /* is it this one? */
    bool selected;
    const struct track *lost; /* the newest of those selected that left */
};

static bool is_it(void *ctx, struct dep_candidate c)
{
    struct selection *l = ctx;
    struct instance_key key = { l->up, c.data_time };
    const struct track *lost = retention_find(l->s, key, false);

    l->selected = l->selected || c.data_time.s == l->at.s;
    if (lost && !track_find(l->s, key) && (!l->lost || lost->gone > l->lost->gone))
        l->lost = lost;
    return true;
}

/* Those that left included: they were there. */
static bool newest_ever(void *ctx, struct civil before, struct civil *ret)
{
    struct selection *l = ctx;

    for (size_t k = tracks_before(l->s, l->up, before); k-- > 0;) {
        const struct track *t = track_at(l->s, l->up, k);
        if (t->n == 0)
            continue;
        *ret = t->key.data_time;
        return true;
    }
    return false;
}

static void select_upstreams(struct selection *l, const struct task_spec *spec,
                             struct civil data_time)
{
    const struct sim_task *up = sim_task_find(l->s, l->up);

    for (int k = 0; up->there && up->versions && k < spec->n_upstreams; k++) {
        struct dep_rule rule;
        if (spec->upstreams[k].task_id != l->up)
            continue;
        task_upstream_rule(&spec->upstreams[k], spec->schedule.cycle, up->spec->schedule.cycle,
                           &rule);
        enum err_code rc = dep_select(&rule, spec->schedule.cycle, &up->spec->schedule, data_time,
                                      is_it, newest_ever, l, NULL);
        (void)rc; /* a pair that does not fit any more selects nothing */
    }
}

/* The one before it in order, and the cycle before it of a workflow that waits for that. */
static void select_before(struct selection *l, const struct sim_task *down, struct civil data_time)
{
    const struct sim_task *up = sim_task_find(l->s, l->up);
    struct firing f;
    struct civil before;

    if (down == up && down->spec->self_depend == SELF_ORDERLY && newest_ever(l, data_time, &before))
        is_it(l, (struct dep_candidate){ .data_time = before });
    if (down->workflow == up->workflow && l->s->defs.workflows[down->workflow].waits && up->there &&
        up->versions &&
        schedule_data_prev(&up->spec->schedule, (struct civil){ data_time.s - 1 }, 0, &f))
        is_it(l, (struct dep_candidate){ .data_time = f.data_time });
}

static void check_live(struct sim *s, const struct instance *i, struct instance_key key)
{
    const struct sim_task *down = sim_task_find(s, i->key.task_id);
    struct selection l = { .s = s, .up = key.task_id, .at = key.data_time };

    if (!down->there)
        return;
    select_upstreams(&l, down->spec, i->key.data_time);
    select_before(&l, down, i->key.data_time);
    sim_check(s, !l.selected,
              "retention: what leaves is selected by a live instance of task %" PRId64,
              down->id - SIM_TASK_ID(0));
}

/* ---- what leaves --------------------------------------------------------------------------- */

static void instance_leaves(struct sim *s, const struct instance_row *row)
{
    struct sim_retention *r = retention(s);
    struct instance_key key = { row->task_id, row->data_time };
    struct track *t = track_find(s, key);
    const struct instance *i = track_instance(s, t), *live;

    sim_check(s, i, "retention: what leaves is not there");
    sim_check(s, instance_state_is_terminal(i->state), "retention: what leaves is live");
    check_age(s, i->ended_at, "an instance");
    check_age(s, i->fire_at, "an instance");
    for (size_t at = 0; (live = census_next(s, &at)) != NULL;)
        check_live(s, live, key);
    coverage_feature(s, SIM_HAS_purged_instance);
    image_forget(&s->image, key);
    s->seq++;
    t->gone = s->seq;
    t->gone_at = s->latest;
    pair_map_remove(&s->tracks, sim_pair(key));
    s->found = NULL;
    r->gone = mem_grow(r->gone, &r->cap, r->n + 1, sizeof(struct track *));
    r->gone[r->n++] = t;
    t->gone_before = pair_map_put(&r->by_key, sim_pair(key), t);
}

static void request_leaves(struct sim *s, struct str id, struct wall created_at)
{
    const struct instance *i;

    check_age(s, created_at, "a plan");
    for (size_t at = 0; (i = census_next(s, &at)) != NULL;)
        sim_check(s, !str_eq(i->plan_id, id), "retention: a plan leaves whose rounds are live");
    sim_check(s, !slices_go_on(s, id), "retention: a plan leaves that is still being made");
    coverage_feature(s, SIM_HAS_purged_plan);
}

static void case_leaves(struct sim *s, const struct case_row *row)
{
    check_age(s, row->expires_at, "a case");
    check_age(s, row->fired_at, "a case");
    image_forget_case(&s->image, row->id);
    coverage_feature(s, SIM_HAS_purged_case);
}

void retention_on_purged(void *ctx, const struct table *t, const void *row)
{
    struct sim *s = ctx;

    if (t == &table_instance) {
        instance_leaves(s, row);
    } else if (t == &table_case) {
        case_leaves(s, row);
    } else if (t == &table_plan) {
        request_leaves(s, ((const struct plan_row *)row)->id,
                       ((const struct plan_row *)row)->created_at);
    } else if (t == &table_job) {
        request_leaves(s, ((const struct job_row *)row)->id,
                       ((const struct job_row *)row)->created_at);
    } else if (t == &table_miss) {
        check_age(s, ((const struct miss_row *)row)->at, "a miss");
    } else if (t == &table_alarm_message) {
        check_age(s, ((const struct alarm_message_row *)row)->at, "a message");
        alarms_on_purged(s, row);
    } else {
        sim_fail(s, "retention: a row of %s leaves", t->name);
    }
}

/* ---- what comes after ---------------------------------------------------------------------- */

/* Under a definition or a start that came later nobody could know that it would be wanted. */
static bool is_excused(const struct sim_task *t, const struct track *lost)
{
    return t->versions->since > lost->gone ||
           (t->ranges && t->ranges->opened.us >= lost->gone_at.us);
}

static void check_lost(struct sim *s, const struct sim_task *down, int64_t up_id,
                       struct civil data_time)
{
    const struct sim_task *up = sim_task_find(s, up_id);
    struct selection l = { .s = s, .up = up_id, .at = { INT64_MIN } };

    select_upstreams(&l, down->spec, data_time);
    select_before(&l, down, data_time);
    sim_check(s,
              !l.lost || is_excused(down, l.lost) || (up->versions && is_excused(up, l.lost)) ||
                  s->defs.workflows[down->workflow].since > l.lost->gone,
              "retention: an instance of task %" PRId64 " comes whose upstream of task %" PRId64
              " has left",
              down->id - SIM_TASK_ID(0), up_id - SIM_TASK_ID(0));
}

void retention_on_insert(struct sim *s, const struct instance *i)
{
    const struct sim_task *t = sim_task_find(s, i->key.task_id);
    const struct track *lost = retention_find(s, i->key, true);

    if (!s->retention || i->type != INSTANCE_PERIODIC)
        return;
    sim_check(s, !lost || is_excused(t, lost),
              "I1: an instance of task %" PRId64 " that left is made again",
              t->id - SIM_TASK_ID(0));
    for (int k = 0; k < s->defs.n_tasks; k++)
        check_lost(s, t, s->defs.tasks[k].id, i->key.data_time);
}

/* ---- turns --------------------------------------------------------------------------------- */

void retention_commit(struct sim *s)
{
    if (s->retention)
        s->retention->committed = s->retention->n;
}

void retention_crash(struct sim *s)
{
    struct sim_retention *r = s->retention;

    while (r && r->n > r->committed) {
        struct track *t = r->gone[--r->n];
        t->gone = 0;
        pair_map_put(&s->tracks, sim_pair(t->key), t);
        if (t->gone_before)
            pair_map_put(&r->by_key, sim_pair(t->key), t->gone_before);
        else
            pair_map_remove(&r->by_key, sim_pair(t->key));
    }
    s->found = NULL;
}

void retention_done(struct sim *s)
{
    struct sim_retention *r = s->retention;

    for (size_t k = 0; r && k < r->n; k++) {
        mem_free(r->gone[k]->moments);
        mem_free(r->gone[k]);
    }
    if (r) {
        mem_free(r->gone);
        pair_map_done(&r->by_key);
    }
    mem_free(r);
}
