/* core/resolve.c - what an instance waits for: its conditions on other instances, looked up once.
 *
 * docs/reference/semantics.md 2.9, 3.2, 3.5, 3.6, 7.1.
 */
#include "core/core_int.h"

/* In place of a data time: the task itself is what is waited for. */
#define TASK_ITSELF ((struct civil){ INT64_MIN })

struct search {
    struct core *c;
    struct live *l;
    const struct held_dep *dep;
    const struct held_task *up; /* NULL: not held */
    struct wall now;
    struct up_edge *edges;
    size_t n, cap;
    int candidates; /* of the present dependency */
    int all;        /* of all so far */
    bool full;      /* more than are looked at */
};

struct upstream {
    bool exists, same_plan;
    enum instance_state state;
};

/* Of the plan is what it is to make, and what it made, whoever ran that since (7.1): what came by
 * itself before its plan made it is of that plan already. */
static struct upstream look(struct core *c, const struct live *l, struct instance_key key)
{
    const struct plan *plan = l->i.flags & INSTANCE_PLAN_UPSTREAMS ? l->plan : NULL;
    const struct plan *to_come = plan_promising(c, key);
    const struct live *up = live_find(c, key);
    struct instance_fact fact = { .state = INSTANCE_WAIT_EVENT };
    bool same = plan && to_come == plan, there = up;

    if (up)
        fact = (struct instance_fact){ up->i.state, up->i.plan_id };
    else if (!to_come || (plan && !same))
        there = c->port.instance_find(c->port.ctx, key, &fact);
    if (plan && there && !same)
        same = str_eq(fact.plan_id, plan->id) || c->port.plan_has(c->port.ctx, plan->id, key);
    return (struct upstream){ there || to_come, same,
                              up || !to_come ? fact.state : INSTANCE_WAIT_EVENT };
}

static bool executes_on(const struct held_dep *d, enum null_condition condition)
{
    return d && d->strategy == NULL_EXECUTING && (d->conditions & condition);
}

static struct wall timeout_of(const struct search *s)
{
    return executes_on(s->dep, NULL_PARENT_TIMEOUT)
               ? wall_after_minutes(live_waits_since(s->l), s->dep->timeout_minutes)
               : WALL_FAR;
}

/* Is the dependency over its limit?  Then it holds, whatever its upstream instances have come to
 * since: so it was before a restart or a new definition, too. */
static bool is_given_up(const struct search *s)
{
    return timeout_of(s).us <= s->now.us;
}

static void add_edge(struct search *s, enum edge_kind kind, int64_t task_id, struct civil data_time)
{
    s->edges = mem_grow(s->edges, &s->cap, s->n + 1, sizeof(*s->edges));
    s->edges[s->n++] = (struct up_edge){
        .owner = s->l,
        .kind = (uint8_t)kind,
        .dep = s->dep ? (uint16_t)(s->dep - s->l->task->deps) : 0,
        .task_id = task_id,
        .data_time = data_time,
        .pass_expired = executes_on(s->dep, NULL_PARENT_EXPIRED),
        .timeout_at = timeout_of(s),
        .met = is_given_up(s),
    };
}

/* Will the upstream never make this data time by itself: outside its schedule, or before it was
 * submitted? */
static bool never_made(const struct held_task *up, struct dep_candidate candidate)
{
    struct firing f;

    if (!candidate.on_schedule || !schedule_data_find(&up->schedule->s, candidate.data_time, 0, &f))
        return true;
    return f.at.us <= up->live_from.us;
}

/* Is there anything to wait for, of an upstream instance that is not there? */
static bool comes(const struct search *s, struct dep_candidate candidate)
{
    if (s->up->schedule->s.manual)
        return false; /* a run that is asked for later is another one (1.8) */
    return !executes_on(s->dep, NULL_NOT_EXIST) || !never_made(s->up, candidate);
}

/* One that ended as it may is kept too, as the verdict counts; it is met from the beginning. */
static void add_merge_edge(struct search *s, struct instance_key key, const struct upstream *u)
{
    add_edge(s, EDGE_UPSTREAM, key.task_id, key.data_time);
    struct up_edge *edge = &s->edges[s->n - 1];
    edge->accept = s->dep->accept | (edge->pass_expired ? ACCEPT_FAILED : 0);
    if (!edge->met)
        edge->met = u->exists && control_accepts(edge, u->state);
}

static bool add_candidate(void *ctx, struct dep_candidate candidate)
{
    struct search *s = ctx;
    struct instance_key key = { s->dep->task_id, candidate.data_time };
    struct upstream u = look(s->c, s->l, key);

    s->candidates++;
    s->c->looks_left--;
    s->full = ++s->all > DEP_ALL_CANDIDATES_MAX;
    if (s->full)
        return false;
    if ((s->l->i.flags & INSTANCE_PLAN_UPSTREAMS) && !u.same_plan)
        return true;
    if (!u.exists && !comes(s, candidate))
        return true;
    if (u.exists)
        u.state = control_seen_by(s->c, key, u.state, s->l->i.key.task_id);
    if (s->dep->accept != 0) {
        add_merge_edge(s, key, &u);
        return true;
    }
    if (is_given_up(s) || (u.exists && u.state == INSTANCE_COMPLETED))
        return true;
    if (u.exists && u.state == INSTANCE_SKIP_RUNNING) {
        s->l->skipped = true;
        return true;
    }
    if (u.exists && u.state == INSTANCE_EXPIRED && executes_on(s->dep, NULL_PARENT_EXPIRED))
        return true;
    add_edge(s, EDGE_UPSTREAM, key.task_id, key.data_time);
    return true;
}

static bool newest_upstream(void *ctx, struct civil before, struct civil *ret)
{
    struct search *s = ctx;

    return fresh_newest_before(s->c, s->dep->task_id, before, ret);
}

static void resolve_dep(struct search *s, const struct held_dep *d)
{
    struct live *l = s->l;
    enum cycle down = l->task->schedule->s.cycle;
    bool in_plan = l->i.flags & INSTANCE_PLAN_UPSTREAMS;
    struct dep_rule rule;

    s->dep = d;
    s->candidates = 0;
    s->up = held_find(s->c, d->task_id);
    if (!s->up) {
        if (!in_plan && !executes_on(d, NULL_NOT_EXIST))
            add_edge(s, EDGE_NO_TASK, d->task_id, TASK_ITSELF);
        return;
    }
    const struct schedule *up = &s->up->schedule->s;
    held_rule(l->task, d, up->cycle, &rule);
    enum err_code rc =
        dep_select(&rule, down, up, l->i.key.data_time, add_candidate, newest_upstream, s, NULL);
    /* More candidates than are looked at cannot all hold (those of all dependencies are too many
     * for any round, also for one that asks only in its plan); and a single one that is not even on
     * the grid follows the strategy (3.5).  Both wait until a limit passes or a task is put again.
     */
    bool nothing = rc != E_OK || (s->candidates == 0 && dep_rule_is_single(&rule, down, up->cycle));
    if (s->full)
        add_edge(s, EDGE_NO_CANDIDATE, d->task_id, TASK_ITSELF);
    else if (nothing && !in_plan && !(rc == E_OK && executes_on(d, NULL_NOT_EXIST)))
        add_edge(s, EDGE_NO_CANDIDATE, d->task_id, TASK_ITSELF);
}

/* Will the schedule not make this instance any more, if it is not there: it was due before the task
 * was submitted or within a pause, or the task is stopped? */
static bool is_settled(const struct held_task *t, const struct firing *f)
{
    return t->status == TASK_STOPPED || f->at.us <= t->live_from.us ||
           (t->has_high_water && f->planned.s <= t->high_water.s);
}

/* The previous cycle of a task of the same workflow, itself included, must have ended well; skipped
 * is well, and skips nothing.  What will never be there is not waited for. */
static void resolve_peer(struct search *s, const struct held_dep *d)
{
    struct live *l = s->l;
    const struct held_task *peer = held_find(s->c, d->task_id);
    struct civil before = { l->i.key.data_time.s - 1 };
    struct firing f;

    if (!peer || !schedule_data_prev(&peer->schedule->s, before, 0, &f))
        return;
    struct upstream u = look(s->c, l, (struct instance_key){ d->task_id, f.data_time });
    if ((l->i.flags & INSTANCE_PLAN_UPSTREAMS) && !(l->i.flags & INSTANCE_WAIT_CYCLE) &&
        !u.same_plan)
        return;
    if (u.exists ? u.state == INSTANCE_COMPLETED || u.state == INSTANCE_SKIP_RUNNING
                 : is_settled(peer, &f))
        return;
    s->dep = NULL;
    add_edge(s, EDGE_CYCLE, d->task_id, f.data_time);
}

/* The newest existing earlier data time must have ended well. */
static void resolve_order(struct search *s)
{
    struct core *c = s->c;
    struct live *l = s->l;
    struct instance_key before = { .task_id = l->i.key.task_id };

    if (!fresh_newest_before(c, before.task_id, l->i.key.data_time, &before.data_time))
        return;
    struct upstream u = look(c, l, before);
    if (u.exists && (u.state == INSTANCE_COMPLETED || u.state == INSTANCE_SKIP_RUNNING))
        return;
    s->dep = NULL;
    add_edge(s, EDGE_ORDER, before.task_id, before.data_time);
}

/* Does the round look at this dependency (2.9, 5.7, 7.1)? */
static bool is_asked(const struct live *l, const struct held_dep *d)
{
    if (d->peer && (l->i.flags & (INSTANCE_SKIP_CYCLE | INSTANCE_WAIT_CYCLE)))
        return l->i.flags & INSTANCE_WAIT_CYCLE;
    return !(l->i.flags & INSTANCE_SKIP_UPSTREAMS);
}

void resolve_conditions(struct core *c, struct live *l, struct wall now)
{
    struct search s = { .c = c, .l = l, .now = now };

    check(!l->ups);
    l->skipped = false;
    for (int i = 0; i < l->task->n_deps; i++) {
        const struct held_dep *d = &l->task->deps[i];
        if (is_asked(l, d))
            (d->peer ? resolve_peer : resolve_dep)(&s, d);
    }
    if (l->task->self_depend == SELF_ORDERLY && !queue_is_planned(l))
        resolve_order(&s);
    waiting_take(c, l, s.edges, (int)s.n);
}
