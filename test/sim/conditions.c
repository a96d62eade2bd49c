/* test/sim/conditions.c - I3: do the conditions of a round hold, by the history?
 *
 * A condition holds when it held at some moment between the beginning of the round and now;
 * conditions are looked for by brute force over definitions.
 */
#include "checkers.h"
#include "events.h"
#include "slices.h"

/* What a dependency may come to: under one definition of the upstream, and one moment at which it
 * was resolved, all of what holds for its candidates; over all of these, whatever may be. */
enum outcome {
    DEP_HOLDS = 1,    /* every candidate ended as it may, or does not count */
    DEP_COUNTS = 2,   /* it holds, and some candidate counts */
    DEP_NOTHING = 4,  /* no candidate counts */
    DEP_ENDED = 8,    /* every candidate ended somehow */
    DEP_REFUSED = 16, /* ... and some otherwise than it may */
    DEP_SKIPPED = 32, /* every candidate was skipped */
    DEP_SKIPS = 64,   /* some candidate was skipped */
    DEP_OTHER = 128   /* some candidate ended, and was not skipped */
};
enum { DEP_OF_ALL = DEP_HOLDS | DEP_NOTHING | DEP_ENDED | DEP_SKIPPED };

struct judging {
    struct sim *s;
    const struct task_spec *spec; /* of the instance */
    const struct instance *i;
    const struct task_upstream *on;
    const struct sim_task *up;
    const struct sim_version *version;
    uint64_t since, begun, turn; /* since: begun, or now */
    struct wall base;
    uint64_t resolved_at; /* when it was looked what exists beyond the range of the upstream */
    bool with_plan;       /* and what its plan made with it, which came out later */
    bool with_promised;   /* and what plans are still to make */
    bool now_only;        /* must hold at this moment, not at some moment of the round */
    bool asked;           /* what exists there mattered */
    unsigned all, some;   /* enum outcome, of the candidates */
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

/* Is it for this dependency as if it were not meant? */
static bool will_not_come(const struct judging *j, struct dep_candidate c)
{
    return j->version->spec->schedule.manual || (executing(j, NULL_NOT_EXIST) && never_made(j, c));
}

/* How it may end (5.8); of a task that is no merge, successfully. */
static unsigned accepted_by(const struct judging *j)
{
    return (j->on->accept ? j->on->accept : ACCEPT_SUCCESS) |
           (executing(j, NULL_PARENT_EXPIRED) ? ACCEPT_FAILED : 0u);
}

static unsigned ending_of(enum instance_state state)
{
    return state == INSTANCE_COMPLETED      ? ACCEPT_SUCCESS
           : state == INSTANCE_SKIP_RUNNING ? ACCEPT_SKIPPED
           : state == INSTANCE_EXPIRED      ? ACCEPT_FAILED
                                            : 0u;
}

/* How it ended at some moment since: enum merge_accept. */
static unsigned endings(const struct track *t, uint64_t since, int64_t down_task)
{
    static const enum instance_state states[] = { INSTANCE_COMPLETED, INSTANCE_SKIP_RUNNING,
                                                  INSTANCE_EXPIRED };
    unsigned found = 0;

    for (size_t k = 0; k < ARRAY_LEN(states); k++)
        found |= was_for(t, since, states[k], down_task) ? ending_of(states[k]) : 0;
    return found;
}

static bool is_of_plan(const struct track *t, struct str plan)
{
    for (size_t k = t ? t->n : 0; k-- > 0;)
        if (!str_is_empty(plan) && str_eq(t->moments[k].plan_id, plan))
            return true;
    return false;
}

/* Outside the plan of the round, or never to be made: it does not count. */
static bool may_be_left_out(const struct judging *j, struct dep_candidate c, const struct track *t,
                            uint64_t since)
{
    bool came_with_it = j->with_plan && is_of_plan(t, j->i->plan_id);

    if ((j->i->flags & INSTANCE_PLAN_UPSTREAMS) && !came_with_it &&
        !slices_had_member(j->s, j->i->plan_id, t, j->since))
        return true;
    return !existed_at(t, since) && will_not_come(j, c);
}

/* now_only: what may have been left out when it was resolved is no reason to go on. */
static bool must_be_left_out(const struct judging *j, struct dep_candidate c, const struct track *t)
{
    if ((j->i->flags & INSTANCE_PLAN_UPSTREAMS) && !is_of_plan(t, j->i->plan_id) &&
        !(t && slices_member(j->s, j->i->plan_id, t->key)))
        return true;
    return j->now_only && !existed_at(t, j->begun) && will_not_come(j, c);
}

static bool judge_candidate(void *ctx, struct dep_candidate c)
{
    struct judging *j = ctx;
    const struct track *t = track_find(j->s, (struct instance_key){ j->on->task_id, c.data_time });
    const struct moment *last = track_last(t);
    int64_t down = j->i->key.task_id;
    uint64_t since = j->with_plan ? slices_count_from(j->s, t, j->since) : j->since;
    unsigned all = 0, some = 0, accept = accepted_by(j), ended = endings(t, since, down);
    unsigned refused = last ? ending_of(state_for(t, last, down)) & ~accept : 0;

    if (ended & accept) {
        all |= DEP_HOLDS | DEP_ENDED;
        some |= DEP_COUNTS;
    }
    if (refused) {
        all |= DEP_ENDED;
        some |= DEP_REFUSED;
    }
    if (((ended & accept) | refused) & ACCEPT_SKIPPED)
        all |= DEP_SKIPPED;
    /* One that is not waited for any more may be skipped without consequence. */
    if ((ended & ACCEPT_SKIPPED) &&
        !(j->now_only && (timed_out(j) || (endings(t, j->begun, down) & accept))))
        some |= DEP_SKIPS;
    if (ended & ~(unsigned)ACCEPT_SKIPPED)
        some |= DEP_OTHER;
    if (timed_out(j)) {
        all |= DEP_HOLDS | DEP_ENDED;
        some |= DEP_COUNTS | DEP_OTHER;
    }
    j->candidates++;
    if (must_be_left_out(j, c, t))
        all = some = 0;
    if (may_be_left_out(j, c, t, since))
        all |= DEP_OF_ALL;
    j->all &= all;
    j->some |= some;
    return true;
}

/* Beyond the range of the upstream counts what exists when the conditions are resolved. */
static bool newest_existing(void *ctx, struct civil before, struct civil *ret)
{
    struct judging *j = ctx;

    j->asked = true;
    bool found = j->with_promised && slices_newest(j->s, j->on->task_id, before, ret);
    for (size_t k = tracks_before(j->s, j->on->task_id, before); k-- > 0;) {
        const struct track *t = track_at(j->s, j->on->task_id, k);
        if (!existed_at(t, j->resolved_at) && !(j->with_plan && is_of_plan(t, j->i->plan_id)))
            continue;
        if (!found || t->key.data_time.s > ret->s)
            *ret = t->key.data_time;
        return true;
    }
    return found;
}

static void rule_of(const struct judging *j, struct dep_rule *ret)
{
    *ret = j->on->rule;
    if (!j->on->rule_given) {
        ret->n_offsets = 0;
        dep_pair_default(j->spec->schedule.cycle, j->version->spec->schedule.cycle, &ret->main,
                         &ret->sub);
    }
}

/* It waits for the task itself, until that is put again or the limit passes. */
static void judge_none(struct judging *j)
{
    if (timed_out(j))
        j->some |= DEP_COUNTS | DEP_OTHER;
    else
        j->all = 0;
    j->all &= ~(unsigned)DEP_NOTHING;
}

/* Of a manual upstream that of the same data time, said a second time (1.8). */
static enum err_code judge_candidates(struct judging *j, const struct dep_rule *rule)
{
    const struct schedule *up = &j->version->spec->schedule;
    struct civil d = j->i->key.data_time;

    if (!up->manual)
        return dep_select(rule, j->spec->schedule.cycle, up, d, judge_candidate, newest_existing, j,
                          NULL);
    judge_candidate(j, (struct dep_candidate){ d, true });
    return E_OK;
}

static unsigned judge_version_at(struct judging *j, uint64_t resolved_at)
{
    const struct schedule *up = &j->version->spec->schedule;
    enum cycle down = j->spec->schedule.cycle;
    bool in_plan = j->i->flags & INSTANCE_PLAN_UPSTREAMS;
    struct dep_rule rule;

    rule_of(j, &rule);
    j->resolved_at = resolved_at;
    j->all = DEP_OF_ALL;
    j->some = 0;
    j->candidates = 0;
    enum err_code rc = judge_candidates(j, &rule);
    bool none = j->candidates == 0 && dep_rule_is_single(&rule, down, up->cycle);
    if (!in_plan && (rc != E_OK || (none && !executing(j, NULL_NOT_EXIST))))
        judge_none(j);
    if (!(j->all & DEP_HOLDS))
        j->some &= ~(unsigned)DEP_COUNTS;
    if (!(j->all & DEP_ENDED))
        j->some &= ~(unsigned)DEP_REFUSED;
    return j->all | j->some;
}

/* Resolved when the round began; or at any time since, as a restart and a new definition do: what
 * exists beyond the range differs where an instance was made, has left the history since, or is
 * still to be made. */
static unsigned judge_version(struct judging *j)
{
    j->asked = false;
    unsigned found = judge_version_at(j, j->since);

    /* What it was told to wait for may be older than what is there now, and need not have ended. */
    if (j->now_only && j->asked)
        found &= ~(unsigned)(DEP_SKIPS | DEP_REFUSED);
    if (j->now_only || !j->asked)
        return found;
    const struct track *t;
    for (size_t k = 0; (t = newcomer(j->s, j->on->task_id, j->since, &k)) != NULL;)
        found |= judge_version_at(j, t->moments[0].seq);
    found |= judge_version_at(j, j->s->seq);
    j->with_promised = true;
    found |= judge_version_at(j, j->s->seq);
    j->with_promised = false;
    return found;
}

/* Of an upstream task that was deleted; when that was gentle, those who waited for it go on, and
 * later ones do not depend on it any more (1.6). */
static unsigned judge_gone(const struct judging *j)
{
    unsigned found = 0;

    if (timed_out(j) || (j->up->gently_deleted && !j->now_only))
        found |= DEP_HOLDS | DEP_COUNTS | DEP_ENDED | DEP_OTHER;
    if (j->up->gently_deleted || executing(j, NULL_NOT_EXIST) ||
        (j->i->flags & INSTANCE_PLAN_UPSTREAMS))
        found = (j->now_only ? 0 : found) | DEP_OF_ALL;
    return found;
}

/* Under all definitions of the upstream that were in force during the round; now_only: under the
 * present one. */
static unsigned judge_upstream(struct judging *j)
{
    unsigned found = 0;

    j->up = sim_task_find(j->s, j->on->task_id);
    if (!j->up->there) {
        found = judge_gone(j);
        if (j->now_only)
            return found;
    }
    for (j->version = j->up->versions; j->version; j->version = j->version->older) {
        found |= judge_version(j);
        /* Who found nothing to wait for under an older one is not asked again. */
        if (j->now_only && j->version->since > j->turn)
            found &= ~(unsigned)(DEP_COUNTS | DEP_SKIPS | DEP_REFUSED);
        /* One of the turn in which the round began may be younger than the round. */
        if (j->now_only || j->version->since <= j->turn)
            break;
    }
    return found;
}

static struct wall base_of(const struct instance *i)
{
    return i->fire_at.us > i->round_at.us ? i->fire_at : i->round_at;
}

/* 5.8, from what all (every) and some (any) of the dependencies may come to, each for itself. */
static struct finding merge_finds(const struct task_spec *spec, unsigned every, unsigned any,
                                  bool none_holds)
{
    bool refused = spec->merge_all ? any & DEP_REFUSED : none_holds && (any & DEP_REFUSED);

    return (struct finding){
        .holds = spec->merge_all ? every & DEP_HOLDS : (any & DEP_COUNTS) || (every & DEP_NOTHING),
        .skips = refused && (every & DEP_SKIPPED) && (any & DEP_SKIPS),
        .fails = refused && (every & DEP_ENDED) && (any & DEP_OTHER),
    };
}

struct finding upstreams_find(struct sim *s, const struct task_spec *spec, const struct instance *i,
                              bool now_only, bool with_plan)
{
    struct judging j = { .s = s,
                         .spec = spec,
                         .i = i,
                         .since = now_only ? s->seq : round_since(s, i->key),
                         .begun = round_since(s, i->key),
                         .turn = turn_since(s, i->key),
                         .base = base_of(i),
                         .with_plan = with_plan,
                         .now_only = now_only };
    unsigned every = ~0u, any = 0;
    bool none_holds = true;

    if (i->flags & INSTANCE_SKIP_UPSTREAMS)
        return (struct finding){ .holds = true };
    for (int k = 0; k < spec->n_upstreams; k++) {
        j.on = &spec->upstreams[k];
        unsigned found = judge_upstream(&j);
        every &= found;
        any |= found;
        none_holds = none_holds && (found & (DEP_REFUSED | DEP_NOTHING));
    }
    if (spec->type_id == TASK_TYPE_MERGE)
        return merge_finds(spec, every, any, none_holds);
    return (struct finding){ .holds = every & DEP_HOLDS, .skips = any & DEP_SKIPS };
}

static bool ended_well(const struct track *t, uint64_t since)
{
    return was(t, since, INSTANCE_COMPLETED) || was(t, since, INSTANCE_SKIP_RUNNING);
}

bool order_holds(struct sim *s, const struct instance *i, bool now_only)
{
    uint64_t since = round_since(s, i->key), ends = now_only ? s->seq : since;
    const struct track *at_begin = NULL, *t;
    bool newer_well = false, newer_bad = false;

    for (size_t k = tracks_before(s, i->key.task_id, i->key.data_time); k-- > 0 && !at_begin;)
        if (slices_had(s, track_at(s, i->key.task_id, k), since))
            at_begin = track_at(s, i->key.task_id, k);
    for (size_t k = 0; (t = newcomer(s, i->key.task_id, since, &k)) != NULL;) {
        if (t->key.data_time.s >= i->key.data_time.s)
            continue;
        newer_well = newer_well || ended_well(t, ends);
        newer_bad = newer_bad || !ended_well(t, ends);
    }
    bool begin_well = !at_begin || ended_well(at_begin, ends);
    return now_only ? begin_well && !newer_bad : begin_well || newer_well;
}

bool case_serves(const struct sim *s, const struct image_case *c, const struct task_listener *l,
                 const struct instance *i)
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
                    !sim_case_is_used_up(c);
        }
        if (!found)
            return false;
    }
    return true;
}
