/* core/live.c - the life of an instance from its creation to its terminal state. */
#include "core/core_int.h"

#include <stdlib.h>

enum { REASON_MAX = 1000 };

static struct pair_key live_key(struct instance_key key)
{
    return (struct pair_key){ (uint64_t)key.task_id, (uint64_t)key.data_time.s };
}

struct live *live_find(const struct core *c, struct instance_key key)
{
    return pair_map_get(&c->lives, live_key(key));
}

struct wall live_waits_since(const struct live *l)
{
    return l->i.fire_at.us > l->i.round_at.us ? l->i.fire_at : l->i.round_at;
}

struct wall live_not_before(const struct live *l)
{
    return run_type_is_asked_for(l->i.run_type) ? WALL_NONE : l->i.fire_at;
}

struct str live_group_id(const struct live *l)
{
    return l->plan && l->plan->group ? l->plan->group->id : (struct str){ NULL, 0 };
}

static struct wall rank_of(const struct live *l)
{
    int64_t s = l->i.key.data_time.s;

    if (!l->plan || l->plan->order == PLAN_NORMAL)
        return l->i.fire_at;
    return (struct wall){ (l->plan->order == PLAN_ORDER ? s : l->plan->mirror - s) * 1000000 };
}

void live_reason(struct live *l, struct str reason)
{
    struct str cut = str_sub(reason, 0, REASON_MAX);

    /* Not in the middle of a character. */
    while (cut.len < reason.len && cut.len > 0 &&
           ((unsigned char)reason.ptr[cut.len] & 0xc0) == 0x80)
        cut.len--;
    char *copy = str_is_empty(cut) ? NULL : mem_strdup(cut);
    mem_free(l->reason);
    l->reason = copy;
    l->i.reason = str_from(copy);
}

struct live *live_new(struct core *c, struct held_task *t, const struct instance *i,
                      struct wall now)
{
    struct live *l = NEW(struct live);

    l->i = *i;
    l->task = t;
    l->plan = plan_take(c, i->plan_id);
    l->i.plan_id = l->plan ? l->plan->id : STR("");
    l->i.updated_at = now;
    l->i.group_id = live_group_id(l);
    if (i->state == INSTANCE_RUNNING && i->group_id.ptr)
        l->i.group_id = group_get(c, i->group_id)->id;
    l->rank = rank_of(l);
    live_reason(l, i->reason);
    buf_init(&l->phases, PHASES_TEXT_MAX);
    buf_add_str(&l->phases, i->phases);
    l->i.phases = buf_str(&l->phases);
    l->sequence = ++c->sequence;
    list_init(&l->task_link);
    list_init(&l->ready_link);
    list_init(&l->again_link);
    list_push_back(&t->lives, &l->task_link);
    t->n_lives++;
    /* I1 */
    check(!pair_map_put(&c->lives, live_key(i->key), l));
    c->fresh = mem_grow(c->fresh, &c->cap_fresh, c->n_fresh + 1, sizeof(struct live *));
    c->fresh[c->n_fresh++] = l;
    l->fresh = true;
    c->by_state[l->i.state]++;
    return l;
}

void live_free(struct core *c, struct live *l)
{
    struct held_task *t = l->task;

    waiting_drop(c, l);
    listening_drop(c, l);
    queue_remove(c, l);
    timer_stop(c, l);
    list_remove(&l->ready_link);
    list_remove(&l->again_link);
    list_remove(&l->task_link);
    t->n_lives--;
    c->by_state[l->i.state]--;
    pair_map_remove(&c->lives, live_key(l->i.key));
    plan_drop(c, l->plan);
    mem_free(l->reason);
    buf_done(&l->phases);
    mem_free(l);
}

void live_ready(struct core *c, struct live *l)
{
    list_remove(&l->ready_link);
    list_push_back(&c->ready, &l->ready_link);
}

/* The last words were said; whoever waited for it learns how it ended. */
static void finish(struct core *c, struct live *l)
{
    struct instance_key key = l->i.key;
    enum instance_state state = l->i.state;
    struct held_task *t = l->task;

    live_free(c, l);
    if (t->n_lives == 0) {
        if (t->gone)
            held_free(c, t);
        else
            firing_task_idle(c, t);
    }
    waiting_notify(c, key, state);
}

static void enter(struct core *c, struct live *l, enum instance_state state, struct wall now)
{
    bool terminal = instance_state_is_terminal(state);

    queue_remove(c, l);
    timer_stop(c, l);
    c->by_state[l->i.state]--;
    c->by_state[state]++;
    l->i.state = state;
    phases_push(&l->phases, state, now);
    if (terminal) {
        check(l->i.fence == 0);
        l->i.ended_at = now;
        l->i.flags &= ~(unsigned)(INSTANCE_KILLING | INSTANCE_TIMED_OUT);
    }
    if (state != INSTANCE_FAILED_RETRY)
        l->i.retry_at = WALL_NONE;
    effect_instance(c, l->unborn ? EFFECT_INSTANCE_INSERT : EFFECT_INSTANCE_UPDATE, l, now);
    l->unborn = l->unsaid = false;
    if (terminal) {
        finish(c, l);
        return;
    }
    if (state == INSTANCE_WAIT_UPSTREAM || state == INSTANCE_WAIT_RUN)
        listening_drop(c, l);
    if (state == INSTANCE_WAIT_RUN) {
        waiting_drop(c, l);
        live_ready(c, l);
    }
    timer_set(c, l);
}

static enum instance_state next_state(enum instance_state s, enum instance_event event)
{
    int next = instance_next(s, event);

    check(next != INSTANCE_ILLEGAL);
    return (enum instance_state)next;
}

void live_move(struct core *c, struct live *l, enum instance_event event, struct wall now)
{
    enter(c, l, next_state(l->i.state, event), now);
}

static enum instance_state past_upstreams(struct live *l, enum instance_state s)
{
    switch (control_verdict(l)) {
    case VERDICT_GO:
        return next_state(s, EVENT_UPSTREAMS_DONE);
    case VERDICT_SKIP:
        live_reason(l, STR("an upstream instance was skipped, or a branch did not take this way"));
        return next_state(s, EVENT_SKIPPED);
    case VERDICT_FAIL:
        live_reason(l, STR("the upstream instances did not end as the merge accepts it"));
        return next_state(s, EVENT_CONTROL_FAILED);
    default:
        return s;
    }
}

void live_flow(struct core *c, struct live *l, struct wall now)
{
    enum instance_state s = l->i.state;

    if (plan_dooms(l) || again_is_due(l))
        return;
    if (s == INSTANCE_WAIT_EVENT && l->n_unseen == 0 && listening_take(c, l, now))
        s = next_state(s, EVENT_EVENTS_DONE);
    if (s == INSTANCE_WAIT_UPSTREAM)
        s = past_upstreams(l, s);
    if (s != l->i.state || l->unsaid)
        enter(c, l, s, now);
    else
        timer_set(c, l);
}

void live_kill(struct core *c, struct live *l, struct str reason, struct wall now)
{
    if (l->i.state != INSTANCE_RUNNING) {
        live_reason(l, plan_dooms(l) ? REASON_PLAN_DELETED : reason);
        live_move(c, l, EVENT_KILLED, now);
        return;
    }
    if (l->i.flags & INSTANCE_KILLING)
        return;
    live_reason(l, reason);
    l->i.flags |= INSTANCE_KILLING;
    effect_instance(c, EFFECT_INSTANCE_UPDATE, l, now);
    attempt_kill(c, l);
    timer_set(c, l);
}

struct instance live_end_doomed(struct core *c, struct live *l, struct wall now)
{
    size_t at = c->n_effects;

    check(plan_dooms(l));
    live_kill(c, l, REASON_PLAN_DELETED, now);
    return c->effects[at].instance;
}
