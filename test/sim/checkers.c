/* test/sim/checkers.c - the invariants I1 to I5 and I8, judged from effects and a naive history.
 *
 * The history holds, for each instance, every state it was ever in.  A condition of a round holds
 * when it held at some moment between the beginning of the round and now; conditions are looked for
 * by brute force over definitions.
 */
#include "sim.h"

#include <inttypes.h>
#include <string.h>

#include "engine/engine_int.h"
#include "store/table.h"

/* ---- history ------------------------------------------------------------------------------- */

static struct pair_key pair(struct instance_key k)
{
    return (struct pair_key){ (uint64_t)k.task_id, (uint64_t)k.data_time.s };
}

static struct track *track_find(const struct sim *s, struct instance_key key)
{
    return pair_map_get(&s->tracks, pair(key));
}

static void remember(struct sim *s, struct instance_key key, const struct instance *i)
{
    struct track *t = track_find(s, key);

    if (!t) {
        t = NEW(struct track);
        t->key = key;
        pair_map_put(&s->tracks, pair(key), t);
    }
    t->moments = mem_grow(t->moments, &t->cap, t->n + 1, sizeof(*t->moments));
    t->moments[t->n++] = (struct moment){ .seq = s->seq,
                                          .turn = s->committed_seq,
                                          .at = s->now,
                                          .state = i->state,
                                          .round = i->round,
                                          .plan_id = arena_str(&s->arena, i->plan_id),
                                          .exists = true };
    s->log = mem_grow(s->log, &s->cap_log, s->n_log + 1, sizeof(struct track *));
    s->log[s->n_log++] = t;
}

void checkers_crash(struct sim *s)
{
    s->n_hasty = 0;
    while (s->n_log > s->committed_log)
        s->log[--s->n_log]->n--;
}

void checkers_done(struct sim *s)
{
    size_t at = 0;
    struct pair_key key;
    void *value;

    while (pair_map_next(&s->tracks, &at, &key, &value)) {
        mem_free(((struct track *)value)->moments);
        mem_free(value);
    }
    pair_map_done(&s->tracks);
    mem_free(s->log);
    mem_free(s->hasty);
}

/* When the present round of the instance began. */
static uint64_t round_since(const struct sim *s, struct instance_key key)
{
    const struct track *t = track_find(s, key);
    uint64_t since = s->seq;

    for (size_t k = t ? t->n : 0; k-- > 0 && t->moments[k].round == t->moments[t->n - 1].round;)
        since = t->moments[k].seq;
    return since;
}

/* When the turn began in which its present round did. */
static uint64_t turn_since(const struct sim *s, struct instance_key key)
{
    const struct track *t = track_find(s, key);
    uint64_t since = s->committed_seq;

    for (size_t k = t ? t->n : 0; k-- > 0 && t->moments[k].round == t->moments[t->n - 1].round;)
        since = t->moments[k].turn;
    return since;
}

/* Was the instance in this state (plan: in a round of this plan) at some moment since? */
static bool was(const struct track *t, uint64_t since, enum instance_state state)
{
    for (size_t k = t ? t->n : 0; k-- > 0;) {
        if (t->moments[k].state == state)
            return true;
        if (t->moments[k].seq <= since)
            break;
    }
    return false;
}

static bool existed_at(const struct track *t, uint64_t seq)
{
    return t && t->n > 0 && t->moments[0].seq <= seq;
}

/* Was it outside the plan at some moment since? */
static bool was_stranger(const struct track *t, uint64_t since, struct str plan)
{
    if (!existed_at(t, since))
        return true;
    for (size_t k = t->n; k-- > 0;) {
        if (!str_eq(t->moments[k].plan_id, plan))
            return true;
        if (t->moments[k].seq <= since)
            break;
    }
    return false;
}

/* ---- conditions (I3) ----------------------------------------------------------------------- */

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

static bool upstreams_hold(struct sim *s, const struct task_spec *spec, const struct instance *i,
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

/* The newest earlier data time that existed when the round began, or any that came since, ended
 * well; now_only: all of them are well now, as any of them may be the one that it was told to wait
 * for. */
static bool order_holds(struct sim *s, const struct instance *i, bool now_only)
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

static bool events_consumed(const struct sim *s, const struct task_spec *spec,
                            const struct instance *i)
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

static bool events_there_now(const struct sim *s, const struct task_spec *spec,
                             const struct instance *i)
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

/* ---- effects ------------------------------------------------------------------------------- */

static bool reachable(enum instance_state from, enum instance_state to)
{
    for (int e = 0; e < INSTANCE_EVENT_N_; e++)
        if (e != EVENT_NEW_ROUND && instance_next(from, (enum instance_event)e) == (int)to)
            return true;
    /* WAIT_UPSTREAM passed through at once. */
    return from == INSTANCE_WAIT_EVENT && (to == INSTANCE_WAIT_RUN || to == INSTANCE_SKIP_RUNNING);
}

/* What came after an attempt is what its end says (5.4-5.6), and it has ended. */
static void check_end(struct sim *s, const struct instance *i, const struct instance *old)
{
    const struct sim_attempt *a = runner_attempt(s, old->fence);
    bool to_end = old->flags & (INSTANCE_KILLING | INSTANCE_TIMED_OUT);

    /* One that was to end before its begin reached the runner is never begun. */
    sim_check(s, a ? a->ended : to_end, "I2: an instance goes on while its attempt %" PRIu64 " %s",
              old->fence, a ? "lives" : "was never begun");
    if (old->flags & INSTANCE_KILLING) {
        sim_check(s, i->state == INSTANCE_EXPIRED, "a killed instance is %s",
                  instance_state_name(i->state));
        return;
    }
    enum attempt_result result = a ? a->result : RESULT_KILLED;
    bool failed =
        (old->flags & INSTANCE_TIMED_OUT) || result == RESULT_FAILED || result == RESULT_LOST;
    enum instance_state want =
        failed && old->tries < old->try_limit && sim_task_find(s, i->key.task_id)->there
            ? INSTANCE_FAILED_RETRY
        : failed || result == RESULT_KILLED ? INSTANCE_EXPIRED
                                            : INSTANCE_COMPLETED;
    sim_check(s, i->state == want, "an attempt ended with %d, the instance is %s", (int)result,
              instance_state_name(i->state));
}

static void check_change(struct sim *s, const struct instance *i, const struct instance *old)
{
    if (old && old->round == i->round) {
        bool same = old->state == i->state &&
                    (i->state == INSTANCE_RUNNING || instance_state_is_terminal(i->state));
        sim_check(s, same || reachable(old->state, i->state), "%s became %s",
                  instance_state_name(old->state), instance_state_name(i->state));
        if (old->state == INSTANCE_RUNNING && i->state != INSTANCE_RUNNING)
            check_end(s, i, old);
        sim_check(s, i->tries >= old->tries && i->tries <= old->tries + 1, "tries jumped");
    } else {
        sim_check(s, !old || i->round == old->round + 1, "rounds jumped");
        sim_check(s, !old || instance_state_is_terminal(old->state),
                  "a round began while one was open");
        sim_check(s, i->tries == 0, "a round began with tries");
    }
    sim_check(s, i->tries <= i->try_limit || i->tries == (old ? old->tries : 0),
              "more tries than allowed");
    sim_check(s, (i->state == INSTANCE_RUNNING) == (i->fence != 0), "a fence without an attempt");
    sim_check(s, instance_state_is_terminal(i->state) == wall_is_set(i->ended_at),
              "ended and not terminal");
    if (i->state == INSTANCE_FAILED_RETRY)
        sim_check(s, i->tries < i->try_limit, "a retry over the limit");
}

/* I4, one way: whoever is made by the clock lies on a firing of a range in which the task was
 * scheduling. */
static void check_firing(struct sim *s, const struct instance *i)
{
    const struct sim_task *t = sim_task_find(s, i->key.task_id);

    for (const struct sim_range *r = t->ranges; r; r = r->older) {
        struct firing f;
        if (i->fire_at.us > r->from.us && i->fire_at.us <= r->to.us &&
            schedule_next_planned(&r->spec->schedule, (struct civil){ i->planned.s - 1 }, &f) &&
            f.planned.s == i->planned.s && f.at.us == i->fire_at.us &&
            f.data_time.s == i->key.data_time.s)
            return;
    }
    sim_fail(s, "I4: an instance of task %" PRId64 " lies on no firing", i->key.task_id);
}

static bool left(const struct instance *i, const struct instance *old, enum instance_state state)
{
    bool fresh = !old || old->round != i->round;

    return i->state > state && i->state <= INSTANCE_RUNNING && (fresh || old->state <= state);
}

/* I3, under one definition.  NULL: it holds. */
static const char *unmet(struct sim *s, const struct task_spec *spec, const struct instance *i,
                         const struct instance *old)
{
    if (left(i, old, INSTANCE_WAIT_EVENT) && !events_consumed(s, spec, i))
        return "its events";
    if (!left(i, old, INSTANCE_WAIT_UPSTREAM))
        return NULL;
    if (!upstreams_hold(s, spec, i, false, false))
        return "its upstreams";
    return spec->self_depend == SELF_ORDERLY && !order_holds(s, i, false) ? "its predecessor"
                                                                          : NULL;
}

/* A turn may submit a task after it let an instance go on under the definition before. */
static void check_conditions(struct sim *s, const struct sim_task *t, const struct instance *i,
                             const struct instance *old)
{
    const char *missing = unmet(s, t->spec, i, old);

    for (const struct sim_version *v = t->versions;
         missing && v->since > s->committed_seq && v->older; v = v->older)
        if (!unmet(s, v->older->spec, i, old))
            return;
    sim_check(s, !missing, "I3: task %" PRId64 " goes on without %s", t->id - SIM_TASK_ID(0),
              missing);
    if (left(i, old, INSTANCE_WAIT_UPSTREAM) && (!old || old->round != i->round) &&
        !str_is_empty(i->plan_id)) {
        s->hasty = mem_grow(s->hasty, &s->cap_hasty, s->n_hasty + 1, sizeof(*s->hasty));
        s->hasty[s->n_hasty++] = i->key;
    }
}

/* Those whose round never waited are judged again when all of their plan is there. */
static void check_hasty(struct sim *s)
{
    for (size_t k = 0; k < s->n_hasty; k++) {
        const struct instance *i = image_get(&s->image, s->hasty[k]);
        const struct sim_task *t = sim_task_find(s, s->hasty[k].task_id);
        const struct sim_version *v = t->versions;
        bool holds = !t->there || upstreams_hold(s, t->spec, i, false, true);
        for (; !holds && v->since > s->committed_seq && v->older; v = v->older)
            holds = upstreams_hold(s, v->older->spec, i, false, true);
        sim_check(s, holds, "I3: task %" PRId64 " goes on without those of its plan",
                  t->id - SIM_TASK_ID(0));
    }
    s->n_hasty = 0;
}

static void on_instance(struct sim *s, const struct effect *e)
{
    const struct instance *i = &e->instance, *old = image_get(&s->image, i->key);
    const struct sim_task *t = sim_task_find(s, i->key.task_id);

    if (e->kind == EFFECT_INSTANCE_INSERT) {
        sim_check(s, !old, "I1: an instance is made twice");
        if (i->type == INSTANCE_PERIODIC)
            check_firing(s, i);
    } else {
        sim_check(s, old, "an unknown instance changes");
    }
    check_change(s, i, old);
    remember(s, i->key, i);
    if (t->there)
        check_conditions(s, t, i, old);
    if (i->state == INSTANCE_COMPLETED && i->tries == 0 && old && old->state == INSTANCE_WAIT_RUN &&
        (i->flags & INSTANCE_DRY_RUN) && str_is_empty(i->reason))
        sim_check(s, i->run_type >= RUN_RERUN || i->fire_at.us <= s->latest.us,
                  "a dry run before its time");
}

static void on_begin(struct sim *s, const struct effect *e)
{
    const struct instance *i = &e->instance;
    const struct sim_task *t = sim_task_find(s, i->key.task_id);
    int in_group = 0, of_task = 0, group = sim_group_of(t->spec);

    sim_check(s, str_eq_c(i->group_id, sim_group_names[group]),
              "an attempt in a group that is not the task's");
    sim_check(s, e->fence > s->last_fence && e->fence == i->fence, "I2: a fence is used again");
    s->last_fence = e->fence;
    sim_check(s, i->state == INSTANCE_RUNNING && i->run_type <= RUN_ADDITION,
              "an attempt of what does not run");
    sim_check(s, i->run_type >= RUN_RERUN || i->fire_at.us <= s->latest.us,
              "I3: an attempt before its time");
    sim_check(s, t->there, "an attempt of a deleted task");
    track_find(s, i->key)->group = group;
    for (size_t k = 0; k < s->image.n_instances; k++) {
        const struct instance *other = &s->image.instances[k];
        if (other->state != INSTANCE_RUNNING)
            continue;
        in_group += track_find(s, other->key)->group == group;
        of_task += other->key.task_id == t->id;
    }
    sim_check(s, in_group <= s->defs.slots[group], "I5: %d run in group %d of %d slots", in_group,
              group, s->defs.slots[group]);
    sim_check(s, t->spec->self_depend == SELF_PARALLEL || of_task == 1,
              "I5: %d run of serial task %" PRId64, of_task, t->id);
}

static void on_consumed(struct sim *s, const struct effect *e)
{
    for (size_t k = 0; k < s->image.n_cases; k++) {
        const struct image_case *c = &s->image.cases[k];
        if (!str_eq(c->id, e->case_id))
            continue;
        sim_check(s, !c->single || c->consumed == 0, "a single case is consumed twice");
        sim_check(s, c->expires_at.us > s->now.us, "a dead case is consumed");
        return;
    }
    sim_fail(s, "an unknown case is consumed");
}

void checkers_on_effect(struct sim *s, const struct effect *e)
{
    int64_t mark[] = { (int64_t)e->kind,
                       e->instance.key.task_id,
                       e->instance.key.data_time.s,
                       (int64_t)e->instance.state,
                       (int64_t)e->fence,
                       e->task_id,
                       e->planned.s,
                       s->now.us };

    s->seq++;
    s->hash = hash_u64(s->hash ^ hash_bytes(mark, sizeof(mark)));
    switch (e->kind) {
    case EFFECT_INSTANCE_INSERT:
    case EFFECT_INSTANCE_UPDATE:
        on_instance(s, e);
        break;
    case EFFECT_ATTEMPT_BEGIN:
        on_begin(s, e);
        break;
    case EFFECT_CASE_CONSUMED:
        on_consumed(s, e);
        break;
    case EFFECT_ROUND_CLOSE:
        sim_check(s, instance_state_is_terminal(e->instance.state), "an open round is closed");
        break;
    default:
        break;
    }
}

void checkers_commit(struct sim *s)
{
    check_hasty(s);
    s->committed_seq = s->seq;
    s->committed_log = s->n_log;
}

/* ---- the store ----------------------------------------------------------------------------- */

/* The name of the first field that differs, NULL: none. */
static const char *difference(const struct instance *a, const struct instance *b)
{
#define DIFFERS(field)                                                                             \
    if (a->field != b->field)                                                                      \
        return #field;
    DIFFERS(state)
    DIFFERS(type)
    DIFFERS(run_type)
    DIFFERS(round)
    DIFFERS(tries)
    DIFFERS(try_limit)
    DIFFERS(total_runs)
    DIFFERS(priority)
    DIFFERS(version_no)
    DIFFERS(flags)
    DIFFERS(fence)
    DIFFERS(planned.s)
    DIFFERS(fire_at.us)
    DIFFERS(created_at.us)
    DIFFERS(updated_at.us)
    DIFFERS(round_at.us)
    DIFFERS(started_at.us)
    DIFFERS(ended_at.us)
    DIFFERS(retry_at.us)
#undef DIFFERS
    return !str_eq(a->plan_id, b->plan_id) ? "plan_id"
           : !str_eq(a->phases, b->phases) ? "phases"
           : !str_eq(a->reason, b->reason) ? "reason"
                                           : NULL;
}

static bool check_instance_row(void *ctx, const void *row)
{
    struct sim *s = ctx;
    struct instance i;

    instance_from_row(row, &i);
    const struct instance *pictured = image_get(&s->image, i.key);
    sim_check(s, pictured, "I6: the store has an instance that nothing made");
    const char *field = difference(&i, pictured);
    sim_check(s, !field, "I6: the store has another %s of an instance of task %" PRId64, field,
              i.key.task_id - SIM_TASK_ID(0));
    return true;
}

static bool check_schedule_row(void *ctx, const void *row)
{
    struct sim *s = ctx;
    const struct schedule_row *r = row;
    const struct image_schedule *pictured = image_schedule(&s->image, r->task_id);

    sim_check(s, r->status == (int32_t)pictured->status,
              "I6: the store has task %" PRId64 " in status %d", r->task_id - SIM_TASK_ID(0),
              r->status);
    sim_check(s, !pictured->has_high_water || r->high_water.s == pictured->high_water.s,
              "I6: the store has another high water of task %" PRId64, r->task_id - SIM_TASK_ID(0));
    return true;
}

static void count(struct sim *s, const struct table *t, size_t want)
{
    struct query q;
    int64_t n;

    query_init(&q, t);
    check(query_count(store_view(s->store), &q, &n, NULL) == E_OK);
    sim_check(s, (size_t)n == want, "I6: the store has %" PRId64 " rows in %s, not %zu", n, t->name,
              want);
}

static size_t consumptions(const struct sim *s)
{
    size_t n = 0;

    for (size_t i = 0; i < s->image.n_cases; i++)
        n += (size_t)s->image.cases[i].consumed;
    return n;
}

void checkers_store(struct sim *s)
{
    struct query q;

    check(store_begin(s->store, NULL) == E_OK);
    query_init(&q, &table_instance);
    check(query_run(store_view(s->store), &q, check_instance_row, s, NULL) == E_OK);
    query_init(&q, &table_schedule);
    check(query_run(store_view(s->store), &q, check_schedule_row, s, NULL) == E_OK);
    count(s, &table_instance, s->image.n_instances);
    count(s, &table_round, s->image.n_rounds);
    count(s, &table_attempt, s->image.n_attempts);
    count(s, &table_case, s->image.n_cases);
    count(s, &table_consumption, consumptions(s));
    store_rollback(s->store);
}

/* ---- at the end ---------------------------------------------------------------------------- */

static bool is_missed(const struct sim *s, int64_t task_id, struct civil planned)
{
    for (size_t k = 0; k < s->image.n_misses; k++)
        if (s->image.misses[k].task_id == task_id && s->image.misses[k].planned.s == planned.s)
            return true;
    return false;
}

/* I4, the other way: every firing of every range has its instance, or a reason. */
static void check_all_firings(struct sim *s, const struct sim_task *t)
{
    for (const struct sim_range *r = t->ranges; r; r = r->older) {
        struct firing f = { .at = r->sure };
        while (schedule_next(&r->spec->schedule, f.at, &f) && f.at.us <= r->to.us &&
               f.at.us <= s->now.us) {
            /* All that share the instant. */
            struct firing same = f;
            do {
                const struct track *made =
                    track_find(s, (struct instance_key){ t->id, same.data_time });
                sim_check(s, (made && made->n > 0) || is_missed(s, t->id, same.planned),
                          "I4: a firing of task %" PRId64 " planned at %" PRId64 " left nothing",
                          t->id, same.planned.s);
                s->n_firings_checked++;
            } while (schedule_next_planned(&r->spec->schedule, same.planned, &same) &&
                     same.at.us == f.at.us);
        }
    }
}

static void first_wait(void *ctx, const struct wait_item *w)
{
    *(struct wait_item *)ctx = *w;
}

static void check_stuck(struct sim *s, const struct instance *i)
{
    struct wait_item first = { .kind = WAIT_FOR_EVENT };
    const struct sim_task *t = sim_task_find(s, i->key.task_id);

    sim_check(s, t->there, "I8: an instance of a deleted task is still there");
    if (i->state == INSTANCE_WAIT_EVENT) {
        sim_check(s, !events_there_now(s, t->spec, i),
                  "I8: an instance of task %" PRId64 " has its events", t->id);
        return;
    }
    sim_check(s, i->state == INSTANCE_WAIT_UPSTREAM,
              "I8: an instance of task %" PRId64 " rests in %s", t->id,
              instance_state_name(i->state));
    bool upstreams = upstreams_hold(s, t->spec, i, true, false);
    bool order = t->spec->self_depend != SELF_ORDERLY || order_holds(s, i, true);
    core_explain(sim_core(s), i->key, 1, first_wait, &first);
    sim_check(s, !(upstreams && order),
              "I8: an instance of task %" PRId64
              " waits for nothing; it says kind %d, task %" PRId64 ", data time %" PRId64 ", %s",
              t->id, (int)first.kind, first.task_id, first.data_time.s,
              first.upstream_exists ? instance_state_name(first.upstream_state) : "does not exist");
}

static void count_wait(void *ctx, const struct wait_item *w)
{
    (void)w;
    ++*(int64_t *)ctx;
}

void checkers_finish(struct sim *s)
{
    for (int k = 0; k < s->defs.n_tasks; k++)
        check_all_firings(s, &s->defs.tasks[k]);
    for (size_t k = 0; k < s->image.n_instances; k++) {
        const struct instance *i = &s->image.instances[k];
        int64_t told = 0, n = core_explain(sim_core(s), i->key, 1000, count_wait, &told);
        if (instance_state_is_terminal(i->state)) {
            sim_check(s, n == -1, "an ended instance is explained");
            continue;
        }
        check_stuck(s, i);
        sim_check(s, n > 0 && told == (n < 1000 ? n : 1000),
                  "I8: a waiting instance does not say for what");
    }
}
