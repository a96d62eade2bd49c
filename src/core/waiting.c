/* core/waiting.c - conditions on other instances: resolved once, then counted down by notification.
 *
 * docs/reference/semantics.md 3.2, 3.5, 3.6.
 */
#include "core/core_int.h"

/* In place of a data time: the task itself is what is waited for. */
#define TASK_ITSELF ((struct civil){ INT64_MIN })

/* ---- the index ----------------------------------------------------------------------------- */

static struct pair_key node_key(int64_t task_id, struct civil data_time)
{
    return (struct pair_key){ (uint64_t)task_id, (uint64_t)data_time.s };
}

static struct up_task *up_task_get(struct core *c, int64_t task_id)
{
    struct pair_key key = { (uint64_t)task_id, 0 };
    struct up_task *up = pair_map_get(&c->up_tasks, key);

    if (!up) {
        up = NEW(struct up_task);
        up->task_id = task_id;
        list_init(&up->nodes);
        pair_map_put(&c->up_tasks, key, up);
    }
    return up;
}

static struct wait_node *node_get(struct core *c, int64_t task_id, struct civil data_time)
{
    struct pair_key key = node_key(task_id, data_time);
    struct wait_node *node = pair_map_get(&c->nodes, key);

    if (!node) {
        node = NEW(struct wait_node);
        node->key = key;
        list_init(&node->edges);
        list_init(&node->task_link);
        node->up = up_task_get(c, task_id);
        list_push_back(&node->up->nodes, &node->task_link);
        pair_map_put(&c->nodes, key, node);
    }
    return node;
}

static void node_drop_if_empty(struct core *c, struct wait_node *node)
{
    struct up_task *up = node->up;

    if (!list_is_empty(&node->edges))
        return;
    list_remove(&node->task_link);
    pair_map_remove(&c->nodes, node->key);
    mem_free(node);
    if (list_is_empty(&up->nodes)) {
        pair_map_remove(&c->up_tasks, (struct pair_key){ (uint64_t)up->task_id, 0 });
        mem_free(up);
    }
}

/* Out of the index; the node stays even when it is empty. */
static void edge_detach(struct core *c, struct up_edge *edge)
{
    if (!edge->node)
        return;
    list_remove(&edge->link);
    edge->node = NULL;
    c->n_edges--;
}

static void edge_satisfy(struct core *c, struct up_edge *edge)
{
    struct live *l = edge->owner;

    if (edge->met)
        return;
    edge_detach(c, edge);
    edge->met = true;
    edge->refused = false;
    l->n_unmet--;
    if (l->n_unmet == 0 || l->task->control == CONTROL_MERGE)
        live_ready(c, l);
}

void waiting_met(struct core *c, struct up_edge *edge)
{
    struct wait_node *node = edge->node;

    edge_satisfy(c, edge);
    if (node)
        node_drop_if_empty(c, node);
}

void waiting_drop(struct core *c, struct live *l)
{
    for (int i = 0; i < l->n_ups; i++) {
        struct wait_node *node = l->ups[i].node;
        edge_detach(c, &l->ups[i]);
        if (node)
            node_drop_if_empty(c, node);
    }
    mem_free(l->ups);
    l->ups = NULL;
    l->n_ups = l->n_unmet = 0;
    l->skipped = false;
}

/* ---- resolving ----------------------------------------------------------------------------- */

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

static unsigned ending_of(enum instance_state state)
{
    return state == INSTANCE_COMPLETED      ? ACCEPT_SUCCESS
           : state == INSTANCE_SKIP_RUNNING ? ACCEPT_SKIPPED
           : state == INSTANCE_EXPIRED      ? ACCEPT_FAILED
                                            : 0;
}

/* Of a merge: note how the upstream instance ended.  True: as it may. */
static bool merge_accepts(struct up_edge *edge, enum instance_state state)
{
    unsigned ending = ending_of(state);

    edge->skipped = ending == ACCEPT_SKIPPED;
    edge->refused = ending && !(ending & edge->accept);
    return ending & edge->accept;
}

/* A branch that did not take the way to the task counts for it as skipped. */
static enum instance_state seen_by(const struct core *c, struct instance_key up,
                                   enum instance_state state, int64_t down_task)
{
    return state == INSTANCE_COMPLETED && !control_takes(c, up, down_task) ? INSTANCE_SKIP_RUNNING
                                                                           : state;
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
        edge->met = u->exists && merge_accepts(edge, u->state);
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
        u.state = seen_by(s->c, key, u.state, s->l->i.key.task_id);
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

void waiting_resolve(struct core *c, struct live *l, struct wall now)
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
    l->ups = s.edges;
    l->n_ups = (int)s.n;
    for (int i = 0; i < l->n_ups; i++) {
        struct up_edge *edge = &l->ups[i];
        list_init(&edge->link);
        if (edge->met)
            continue;
        l->n_unmet++;
        edge->node = node_get(c, edge->task_id, edge->data_time);
        list_push_back(&edge->node->edges, &edge->link);
        c->n_edges++;
    }
}

/* ---- notifications ------------------------------------------------------------------------- */

static void notify_edge(struct core *c, struct up_edge *edge, enum instance_state state)
{
    struct live *l = edge->owner;

    if (edge->accept != 0) {
        if (merge_accepts(edge, state))
            edge_satisfy(c, edge);
        live_ready(c, l);
        return;
    }
    switch (state) {
    case INSTANCE_COMPLETED:
        edge_satisfy(c, edge);
        break;
    case INSTANCE_SKIP_RUNNING:
        if (edge->kind == EDGE_UPSTREAM && !l->skipped) {
            l->skipped = true;
            live_ready(c, l);
        }
        edge_satisfy(c, edge);
        break;
    case INSTANCE_EXPIRED:
        if (edge->pass_expired)
            edge_satisfy(c, edge);
        break;
    default:
        break;
    }
}

void waiting_notify(struct core *c, struct instance_key key, enum instance_state state)
{
    struct wait_node *node = pair_map_get(&c->nodes, node_key(key.task_id, key.data_time));

    if (!node)
        return;
    for (struct list *at = node->edges.next, *next; at != &node->edges; at = next) {
        next = at->next;
        struct up_edge *edge = CONTAINER_OF(at, struct up_edge, link);
        notify_edge(c, edge, seen_by(c, key, state, edge->owner->i.key.task_id));
    }
    node_drop_if_empty(c, node);
}

void waiting_missed(struct core *c, struct instance_key key)
{
    struct wait_node *node = pair_map_get(&c->nodes, node_key(key.task_id, key.data_time));

    if (!node)
        return;
    for (struct list *at = node->edges.next, *next; at != &node->edges; at = next) {
        next = at->next;
        struct up_edge *edge = CONTAINER_OF(at, struct up_edge, link);
        if (edge->kind == EDGE_CYCLE)
            edge_satisfy(c, edge);
    }
    node_drop_if_empty(c, node);
}

void waiting_reopened(struct core *c, struct instance_key key)
{
    struct wait_node *node = pair_map_get(&c->nodes, node_key(key.task_id, key.data_time));

    for (struct list *at = node ? node->edges.next : NULL; node && at != &node->edges;
         at = at->next) {
        struct up_edge *edge = CONTAINER_OF(at, struct up_edge, link);
        edge->refused = edge->skipped = false;
    }
}

void waiting_timeouts(struct core *c, struct live *l, struct wall now)
{
    for (int i = 0; i < l->n_ups; i++)
        if (!l->ups[i].met && l->ups[i].timeout_at.us <= now.us)
            waiting_met(c, &l->ups[i]);
}

/* order: those too that wait for their predecessor. */
static void owners_again(struct core *c, const struct wait_node *node, bool order)
{
    for (const struct list *e = node->edges.next; e != &node->edges; e = e->next) {
        const struct up_edge *edge = CONTAINER_OF(e, struct up_edge, link);
        if (edge->kind != EDGE_ORDER || order)
            again_add(c, edge->owner);
    }
}

void waiting_task_put(struct core *c, int64_t task_id)
{
    const struct up_task *up =
        pair_map_get(&c->up_tasks, (struct pair_key){ (uint64_t)task_id, 0 });

    if (!up)
        return;
    for (const struct list *at = up->nodes.next; at != &up->nodes; at = at->next)
        owners_again(c, CONTAINER_OF(at, struct wait_node, task_link), false);
}

void waiting_withdrawn(struct core *c, struct instance_key key)
{
    const struct wait_node *node = pair_map_get(&c->nodes, node_key(key.task_id, key.data_time));

    if (node)
        owners_again(c, node, true);
}

void waiting_task_deleted(struct core *c, int64_t task_id, bool gentle, struct wall now)
{
    struct pair_key key = { (uint64_t)task_id, 0 };
    struct up_task *up;

    while ((up = pair_map_get(&c->up_tasks, key))) {
        struct wait_node *node = CONTAINER_OF(list_first(&up->nodes), struct wait_node, task_link);
        struct up_edge *edge = CONTAINER_OF(list_first(&node->edges), struct up_edge, link);
        if (gentle || edge->kind == EDGE_CYCLE) {
            waiting_met(c, edge);
        } else {
            live_reason(edge->owner, STR("an upstream task was deleted"));
            live_move(c, edge->owner, EVENT_UPSTREAM_DELETED, now);
        }
    }
}
