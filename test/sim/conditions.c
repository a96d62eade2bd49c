/* test/sim/conditions.c - I3: do the conditions of a round hold, by the history?
 *
 * A condition holds when it held at some moment between the beginning of the round and now;
 * conditions are looked for by brute force over definitions.
 */
#include "checkers.h"

struct judging {
    struct sim *s;
    const struct instance *i;
    const struct task_upstream *on;
    const struct sim_task *up;
    const struct sim_version *version;
    uint64_t since, turn;
    struct wall base;
    uint64_t resolved_at; /* when it was looked what exists beyond the range of the upstream */
    bool with_plan;       /* and what its plan made with it, which came out later */
    bool now_only;        /* must hold at this moment, not at some moment of the round */
    bool holds;
    int candidates;
};

static bool executing(const struct judging *j, enum null_condition condition)
{
    return j->on->strategy == NULL_EXECUTING && (j->on->conditions & condition);
}

static bool timed_out(const struct judging *j)
{
    return executing(j, NULL_PARENT_TIMEOUT) &&
           j->s->latest.us >= wall_add(j->base, DUR_MIN(j->on->timeout_minutes)).us;
}

static bool never_made(const struct judging *j, struct dep_candidate c)
{
    struct firing f;

    if (!c.on_schedule || !schedule_data_find(&j->version->spec->schedule, c.data_time, 0, &f))
        return true;
    return f.at.us <= j->version->live_from.us;
}

static bool judge_candidate(void *ctx, struct dep_candidate c)
{
    struct judging *j = ctx;
    const struct track *t = track_find(j->s, (struct instance_key){ j->on->task_id, c.data_time });
    uint64_t since = j->now_only ? j->s->seq : j->since;
    const struct moment *last = t && t->n > 0 ? &t->moments[t->n - 1] : NULL;

    j->candidates++;
    bool in_plan = j->i->flags & INSTANCE_PLAN_UPSTREAMS;
    if (in_plan && (j->now_only ? !last || !str_eq(last->plan_id, j->i->plan_id)
                                : was_stranger(t, since, j->i->plan_id)))
        return true;
    if (j->now_only ? last && last->state == INSTANCE_COMPLETED : was(t, since, INSTANCE_COMPLETED))
        return true;
    if (executing(j, NULL_PARENT_EXPIRED) &&
        (j->now_only ? last && last->state == INSTANCE_EXPIRED : was(t, since, INSTANCE_EXPIRED)))
        return true;
    if (executing(j, NULL_NOT_EXIST) && !existed_at(t, since) && never_made(j, c))
        return true;
    if (timed_out(j))
        return true;
    j->holds = false;
    return false;
}

static bool is_of_plan(const struct track *t, struct str plan)
{
    for (size_t k = t->n; k-- > 0;)
        if (!str_is_empty(plan) && str_eq(t->moments[k].plan_id, plan))
            return true;
    return false;
}

/* Beyond the range of the upstream counts what exists when the conditions are resolved. */
static bool newest_existing(void *ctx, struct civil before, struct civil *ret)
{
    struct judging *j = ctx;
    size_t at = 0;
    struct pair_key key;
    void *value;
    bool found = false;

    while (pair_map_next(&j->s->tracks, &at, &key, &value)) {
        const struct track *t = value;
        if (t->key.task_id != j->on->task_id || t->key.data_time.s >= before.s ||
            !(existed_at(t, j->resolved_at) || (j->with_plan && is_of_plan(t, j->i->plan_id))) ||
            (found && t->key.data_time.s < ret->s))
            continue;
        *ret = t->key.data_time;
        found = true;
    }
    return found;
}

static void rule_of(const struct judging *j, enum cycle down, struct dep_rule *ret)
{
    *ret = j->on->rule;
    if (!j->on->rule_given) {
        ret->n_offsets = 0;
        dep_pair_default(down, j->version->spec->schedule.cycle, &ret->main, &ret->sub);
    }
}

static bool judge_version_at(struct judging *j, const struct task_spec *spec, uint64_t resolved_at)
{
    const struct schedule *up = &j->version->spec->schedule;
    struct dep_rule rule;

    rule_of(j, spec->schedule.cycle, &rule);
    j->resolved_at = resolved_at;
    j->holds = true;
    j->candidates = 0;
    enum err_code rc = dep_select(&rule, spec->schedule.cycle, up, j->i->key.data_time,
                                  judge_candidate, newest_existing, j, NULL);
    if (rc != E_OK)
        return timed_out(j) || (j->i->flags & INSTANCE_PLAN_UPSTREAMS);
    if (j->candidates == 0 && dep_rule_is_single(&rule, spec->schedule.cycle, up->cycle))
        return executing(j, NULL_NOT_EXIST) || timed_out(j) ||
               (j->i->flags & INSTANCE_PLAN_UPSTREAMS);
    return j->holds;
}

/* Resolved when the round began; or at any time since, as a restart and a new definition do: what
 * exists beyond the range differs where an instance was made. */
static bool judge_version(struct judging *j, const struct task_spec *spec)
{
    size_t at = 0;
    struct pair_key key;
    void *value;

    if (judge_version_at(j, spec, j->now_only ? j->s->seq : j->since))
        return true;
    while (!j->now_only && pair_map_next(&j->s->tracks, &at, &key, &value)) {
        const struct track *t = value;
        if (t->key.task_id == j->on->task_id && t->n > 0 && t->moments[0].seq > j->since &&
            judge_version_at(j, spec, t->moments[0].seq))
            return true;
    }
    return false;
}

/* Under some definition of the upstream that was in force during the round; now_only: under the
 * present one. */
static bool judge_upstream(struct judging *j, const struct task_spec *spec)
{
    j->up = sim_task_find(j->s, j->on->task_id);
    if (timed_out(j))
        return true;
    if (!j->up->there) {
        if (j->now_only)
            return false;
        if (j->up->gently_deleted || executing(j, NULL_NOT_EXIST) ||
            (j->i->flags & INSTANCE_PLAN_UPSTREAMS))
            return true;
    }
    for (j->version = j->up->versions; j->version; j->version = j->version->older) {
        if (judge_version(j, spec))
            return true;
        /* One of the turn in which the round began may be younger than the round. */
        if (j->now_only || j->version->since <= j->turn)
            return false;
    }
    return false;
}

static struct wall base_of(const struct instance *i)
{
    return i->fire_at.us > i->round_at.us ? i->fire_at : i->round_at;
}

bool upstreams_hold(struct sim *s, const struct task_spec *spec, const struct instance *i,
                    bool now_only, bool with_plan)
{
    struct judging j = { .s = s,
                         .i = i,
                         .since = round_since(s, i->key),
                         .turn = turn_since(s, i->key),
                         .base = base_of(i),
                         .with_plan = with_plan,
                         .now_only = now_only };

    if (i->flags & INSTANCE_SKIP_UPSTREAMS)
        return true;
    for (int k = 0; k < spec->n_upstreams; k++) {
        j.on = &spec->upstreams[k];
        if (!judge_upstream(&j, spec))
            return false;
    }
    return true;
}

static bool ended_well(const struct track *t, uint64_t since)
{
    return was(t, since, INSTANCE_COMPLETED) || was(t, since, INSTANCE_SKIP_RUNNING);
}

bool order_holds(struct sim *s, const struct instance *i, bool now_only)
{
    uint64_t since = round_since(s, i->key), ends = now_only ? s->seq : since;
    const struct track *at_begin = NULL;
    size_t at = 0;
    struct pair_key key;
    void *value;
    bool newer_well = false, newer_bad = false;

    while (pair_map_next(&s->tracks, &at, &key, &value)) {
        const struct track *t = value;
        if (t->key.task_id != i->key.task_id || t->key.data_time.s >= i->key.data_time.s ||
            t->n == 0)
            continue;
        if (!existed_at(t, since)) {
            newer_well = newer_well || ended_well(t, ends);
            newer_bad = newer_bad || !ended_well(t, ends);
        } else if (!at_begin || t->key.data_time.s > at_begin->key.data_time.s)
            at_begin = t;
    }
    bool begin_well = !at_begin || ended_well(at_begin, ends);
    return now_only ? begin_well && !newer_bad : begin_well || newer_well;
}

static bool case_serves(const struct sim *s, const struct image_case *c,
                        const struct task_listener *l, const struct instance *i)
{
    (void)s;
    return str_eq(c->event_name, l->event_name) && str_eq(c->project_id, l->project_id) &&
           (c->general || c->data_time.s == event_cut(l->sub_type, i->key.data_time).s);
}

bool events_consumed(const struct sim *s, const struct task_spec *spec, const struct instance *i)
{
    for (int k = 0; k < spec->n_listeners && !(i->flags & INSTANCE_SKIP_EVENTS); k++) {
        bool found = false;
        for (size_t n = 0; n < s->image.n_cases && !found; n++) {
            const struct image_case *c = &s->image.cases[n];
            found = case_serves(s, c, &spec->listeners[k], i) && c->consumed > 0 &&
                    c->expires_at.us > s->now.us &&
                    (!c->single || (c->consumer.task_id == i->key.task_id &&
                                    c->consumer.data_time.s == i->key.data_time.s));
        }
        if (!found)
            return false;
    }
    return true;
}

bool events_there_now(const struct sim *s, const struct task_spec *spec, const struct instance *i)
{
    for (int k = 0; k < spec->n_listeners && !(i->flags & INSTANCE_SKIP_EVENTS); k++) {
        bool found = false;
        for (size_t n = 0; n < s->image.n_cases && !found; n++) {
            const struct image_case *c = &s->image.cases[n];
            found = case_serves(s, c, &spec->listeners[k], i) && c->expires_at.us > s->now.us &&
                    !(c->single && c->consumed > 0);
        }
        if (!found)
            return false;
    }
    return true;
}
