/* core/explain.c - looking in: what an instance waits for, loads, counts. */
#include "core/core_int.h"

#include <string.h>

struct telling {
    int64_t limit, n;
    wait_each *each;
    void *ctx;
};

static void tell(struct telling *to, const struct wait_item *w)
{
    if (to->n++ < to->limit)
        to->each(to->ctx, w);
}

static struct wall or_none(struct wall w)
{
    return w.us == WALL_FAR.us ? WALL_NONE : w;
}

/* Since when it has been in its present state. */
static struct wall state_since(const struct live *l)
{
    struct phase phases[PHASES_MAX];
    int n = phases_parse(buf_str(&l->phases), phases);

    return n > 0 ? phases[n - 1].start : l->i.updated_at;
}

static void tell_events(const struct live *l, struct telling *to)
{
    for (int i = 0; i < l->n_events; i++) {
        const struct event_edge *edge = &l->events[i];
        if (edge->seen)
            continue;
        struct wait_item w = { .kind = WAIT_FOR_EVENT,
                               .event_name = edge->listener->event->name,
                               .event_project_id = edge->listener->event->project_id,
                               .data_time = edge->cut,
                               .since = live_waits_since(l),
                               .until = or_none(edge->limit_at) };
        tell(to, &w);
    }
}

static void look_up(struct core *c, const struct up_edge *edge, struct wait_item *w)
{
    struct instance_key key = { edge->task_id, edge->data_time };
    const struct live *up = live_find(c, key);
    struct instance_fact fact = { .state = up ? up->i.state : INSTANCE_WAIT_EVENT };

    w->upstream_exists =
        up || plan_promising(c, key) || c->port.instance_find(c->port.ctx, key, &fact);
    w->upstream_state = fact.state;
}

static void tell_upstreams(struct core *c, const struct live *l, struct telling *to)
{
    for (int i = 0; i < l->n_ups; i++) {
        const struct up_edge *edge = &l->ups[i];
        if (edge->met)
            continue;
        struct wait_item w = { .kind = edge->kind == EDGE_ORDER   ? WAIT_FOR_ORDER
                                       : edge->kind == EDGE_CYCLE ? WAIT_FOR_CYCLE
                                                                  : WAIT_FOR_UPSTREAM,
                               .task_id = edge->task_id,
                               .data_time = edge->data_time,
                               .since = live_waits_since(l),
                               .until = or_none(edge->timeout_at) };
        if (edge->kind == EDGE_NO_TASK || edge->kind == EDGE_NO_CANDIDATE)
            w.data_time = l->i.key.data_time;
        if (to->n < to->limit && (edge->kind == EDGE_UPSTREAM || edge_is_order(edge)))
            look_up(c, edge, &w);
        tell(to, &w);
    }
}

/* Its slots are full, or it is a backfill and their share is. */
static void tell_slot(const struct live *l, struct wait_item *w, struct telling *to)
{
    const struct group *g = l->group;
    bool full = g->running >= g->slots || !queue_is_backfill(l);

    w->kind = full ? WAIT_FOR_SLOT : WAIT_FOR_SHARE;
    w->group_id = g->id;
    size_t ahead = heap_before(queue_of(l), &l->queue_node, CORE_AHEAD_MAX);
    if (full)
        ahead += heap_before(queue_is_backfill(l) ? &g->queue : &g->backfills, &l->queue_node,
                             CORE_AHEAD_MAX - ahead);
    w->ahead = (int64_t)ahead;
    tell(to, w);
}

static void tell_run(const struct live *l, struct telling *to)
{
    const struct held_task *t = l->task;
    struct wait_item w = { .kind = WAIT_FOR_TIME,
                           .task_id = t->id,
                           .data_time = l->i.key.data_time,
                           .group_id = t->group->id,
                           .since = state_since(l) };

    if (l->place == PLACE_NONE) {
        w.until = l->i.fire_at;
        tell(to, &w);
        return;
    }
    w.until = l->i.tries == 0 && t->wait_ttl_minutes > 0
                  ? or_none(wall_after_minutes(live_waits_since(l), t->wait_ttl_minutes))
                  : WALL_NONE;
    if (l->place == PLACE_HELD) {
        w.kind = WAIT_FOR_WHOLE;
        w.ahead = l->plan->promised;
        tell(to, &w);
        return;
    }
    bool planned = queue_is_planned(l);
    if (l->place == PLACE_PARKED || (!planned && queue_is_serial(t) && t->n_running > 0)) {
        w.kind = planned ? WAIT_FOR_PLAN : WAIT_FOR_SERIAL;
        tell(to, &w);
    }
    if (l->place == PLACE_QUEUE)
        tell_slot(l, &w, to);
}

static void tell_attempt(const struct live *l, struct telling *to)
{
    struct wait_item w = { .task_id = l->task->id,
                           .data_time = l->i.key.data_time,
                           .since = state_since(l) };

    if (l->i.flags & (INSTANCE_KILLING | INSTANCE_TIMED_OUT))
        w.kind = WAIT_FOR_KILL;
    else if (!l->reported)
        w.kind = WAIT_FOR_RUNNER;
    else
        return;
    tell(to, &w);
}

int64_t core_explain(struct core *c, struct instance_key key, struct wall now, int64_t limit,
                     wait_each *each, void *ctx)
{
    struct live *l = live_find(c, key);
    struct telling to = { .limit = limit, .each = each, .ctx = ctx };

    if (!l)
        return -1;
    if (plan_dooms(l)) {
        tell(&to, &(struct wait_item){ .kind = WAIT_FOR_KILL,
                                       .task_id = key.task_id,
                                       .data_time = key.data_time,
                                       .since = state_since(l) });
        return to.n;
    }
    if (again_is_due(l))
        again_resolve(c, l, now);
    switch (l->i.state) {
    case INSTANCE_WAIT_EVENT:
        tell_events(l, &to);
        tell_upstreams(c, l, &to);
        break;
    case INSTANCE_WAIT_UPSTREAM:
        tell_upstreams(c, l, &to);
        break;
    case INSTANCE_WAIT_RUN:
        tell_run(l, &to);
        break;
    case INSTANCE_FAILED_RETRY: {
        struct wait_item w = { .kind = WAIT_FOR_RETRY,
                               .task_id = l->task->id,
                               .data_time = key.data_time,
                               .since = state_since(l),
                               .until = l->i.retry_at };
        tell(&to, &w);
        break;
    }
    default:
        tell_attempt(l, &to);
        break;
    }
    return to.n;
}

static struct group_load load_of(const struct group *g)
{
    return (struct group_load){ g->slots, g->running, (int)(g->queue.len + g->backfills.len) };
}

bool core_group_load(const struct core *c, struct str group_id, struct group_load *ret)
{
    const struct group *g = map_get(&c->groups, group_id);

    if (!g)
        return false;
    *ret = load_of(g);
    return true;
}

void core_groups(const struct core *c, group_each *each, void *ctx)
{
    size_t at = 0;
    struct str id;
    void *value;

    while (map_next(&c->groups, &at, &id, &value)) {
        const struct group *g = value;
        struct group_load load = load_of(g);
        each(ctx, g->id, &load);
    }
}

const struct instance *core_instance_get(const struct core *c, struct instance_key key)
{
    struct live *l = live_find(c, key);

    if (!l)
        return NULL;
    l->i.phases = buf_str(&l->phases);
    return &l->i;
}

void core_stats(const struct core *c, struct core_stats *ret)
{
    *ret = (struct core_stats){ .tasks = c->tasks.len,
                                .instances = c->lives.len,
                                .queued = c->n_queued,
                                .running = c->n_running,
                                .waiting_edges = c->n_edges,
                                .timers = c->timers.len,
                                .promised = c->n_promised };
    memcpy(ret->by_state, c->by_state, sizeof(ret->by_state));
}

void core_each_instance(const struct core *c, core_each *each, void *ctx)
{
    size_t at = 0;
    struct pair_key key;
    void *value;

    while (pair_map_next(&c->lives, &at, &key, &value)) {
        struct live *l = value;
        l->i.phases = buf_str(&l->phases);
        each(ctx, &l->i);
    }
}

void core_task_instances(const struct core *c, int64_t task_id, core_each *each, void *ctx)
{
    const struct held_task *t = held_find(c, task_id);

    for (const struct list *at = t ? t->lives.next : NULL; t && at != &t->lives; at = at->next) {
        struct live *l = CONTAINER_OF(at, struct live, task_link);
        l->i.phases = buf_str(&l->phases);
        each(ctx, &l->i);
    }
}

struct wall core_firing_after(const struct core *c, int64_t task_id, struct civil planned)
{
    const struct held_task *t = held_find(c, task_id);
    struct firing f;

    return t && t->schedule && schedule_next_planned(&t->schedule->s, planned, &f) ? f.at
                                                                                   : WALL_NONE;
}
