/* core/listening.c - conditions on events.  docs/reference/semantics.md 4.4.
 *
 * A case that is there is only noted; the cases of all events of an instance are taken together, in
 * the step that leaves WAIT_EVENT.  So the durable state alone says whether an instance has its
 * events: in WAIT_EVENT it took none, after it all of them.  A noted case may be gone by then (it
 * expired, or another instance took it); it is waited for again.
 */
#include "core/core_int.h"

static struct str event_key(struct buf *out, struct str project_id, struct str name)
{
    buf_init(out, SIZE_MAX);
    buf_add_str(out, project_id);
    buf_add_char(out, '\0');
    buf_add_str(out, name);
    return buf_str(out);
}

static struct event_name *event_find(const struct core *c, struct str project_id, struct str name)
{
    struct buf key;
    struct event_name *event = map_get(&c->events, event_key(&key, project_id, name));

    buf_done(&key);
    return event;
}

struct event_name *event_get(struct core *c, struct str project_id, struct str name)
{
    struct event_name *event = event_find(c, project_id, name);
    struct buf key;

    if (event)
        return event;
    event = NEW(struct event_name);
    event->project_id = str_make(mem_strdup(project_id), project_id.len);
    event->name = str_make(mem_strdup(name), name.len);
    list_init(&event->all);
    pair_map_init(&event->cuts);
    map_put(&c->events, event_key(&key, project_id, name), event);
    buf_done(&key);
    return event;
}

void event_free(struct event_name *event)
{
    check(list_is_empty(&event->all) && event->cuts.len == 0);
    pair_map_done(&event->cuts);
    mem_free((char *)(uintptr_t)event->project_id.ptr);
    mem_free((char *)(uintptr_t)event->name.ptr);
    mem_free(event);
}

/* ---- the index ----------------------------------------------------------------------------- */

static struct pair_key cut_key(unsigned sub_type, struct civil cut)
{
    return (struct pair_key){ sub_type, (uint64_t)cut.s };
}

static void edge_wait(struct event_edge *edge)
{
    struct event_name *event = edge->listener->event;
    struct pair_key key = cut_key(edge->listener->sub_type, edge->cut);
    struct cut_node *node = pair_map_get(&event->cuts, key);

    if (!node) {
        node = NEW(struct cut_node);
        node->key = key;
        list_init(&node->edges);
        pair_map_put(&event->cuts, key, node);
    }
    edge->node = node;
    list_push_back(&node->edges, &edge->cut_link);
    list_push_back(&event->all, &edge->all_link);
}

static void node_drop_if_empty(struct event_name *event, struct cut_node *node)
{
    if (!list_is_empty(&node->edges))
        return;
    pair_map_remove(&event->cuts, node->key);
    mem_free(node);
}

static void edge_leave(struct event_edge *edge)
{
    struct cut_node *node = edge->node;

    list_remove(&edge->cut_link);
    list_remove(&edge->all_link);
    edge->node = NULL;
    if (node)
        node_drop_if_empty(edge->listener->event, node);
}

/* ---- cases --------------------------------------------------------------------------------- */

static bool case_there(struct core *c, const struct event_edge *edge, struct wall now,
                       struct str *ret_id)
{
    const struct held_listener *listen = edge->listener;
    struct case_fact fact = { .case_id = STR("") };

    if (!c->port.case_find(c->port.ctx, listen->event->project_id, listen->event->name,
                           (enum event_sub_type)listen->sub_type, edge->cut, now, &fact))
        return false;
    /* Consumed a moment ago; a port that sees its effects does not offer it. */
    if (!listen->broadcast && map_get(&c->taken, fact.case_id))
        return false;
    if (ret_id)
        *ret_id = arena_str(&c->arena, fact.case_id);
    return true;
}

void listening_resolve(struct core *c, struct live *l, struct wall now)
{
    const struct held_task *t = l->task;

    check(!l->events);
    l->n_events = l->n_unseen = 0;
    if ((l->i.flags & INSTANCE_SKIP_EVENTS) || t->n_listeners == 0)
        return;
    l->events = mem_zalloc(sizeof(*l->events) * t->n_listeners);
    l->n_events = t->n_listeners;
    for (int i = 0; i < l->n_events; i++) {
        struct event_edge *edge = &l->events[i];
        edge->owner = l;
        edge->listener = &t->listeners[i];
        edge->cut = event_cut((enum event_sub_type)edge->listener->sub_type, l->i.key.data_time);
        edge->limit_at =
            edge->listener->max_wait_minutes > 0
                ? wall_after_minutes(live_waits_since(l), edge->listener->max_wait_minutes)
                : WALL_FAR;
        list_init(&edge->all_link);
        list_init(&edge->cut_link);
        edge->seen = case_there(c, edge, now, NULL);
        if (!edge->seen) {
            l->n_unseen++;
            edge_wait(edge);
        }
    }
}

void listening_drop(struct core *c, struct live *l)
{
    (void)c;
    for (int i = 0; i < l->n_events; i++)
        edge_leave(&l->events[i]);
    mem_free(l->events);
    l->events = NULL;
    l->n_events = l->n_unseen = 0;
}

static void consume(struct core *c, struct live *l, const struct event_edge *edge,
                    struct str case_id, struct wall now)
{
    struct effect *e = effect_add(c, EFFECT_CASE_CONSUMED);

    e->case_id = case_id;
    e->instance = effect_record(c, &l->i);
    e->task_id = l->i.key.task_id;
    e->data_time = l->i.key.data_time;
    e->at = now;
    if (!edge->listener->broadcast)
        map_put(&c->taken, case_id, c);
}

bool listening_take(struct core *c, struct live *l, struct wall now)
{
    struct str *ids = l->n_events > 0 ? mem_zalloc(sizeof(*ids) * (size_t)l->n_events) : NULL;

    for (int i = 0; i < l->n_events; i++)
        if (!case_there(c, &l->events[i], now, &ids[i])) {
            l->events[i].seen = false;
            l->n_unseen++;
            edge_wait(&l->events[i]);
        }
    for (int i = 0; i < l->n_events && l->n_unseen == 0; i++) {
        bool twice = false;
        for (int k = 0; k < i; k++)
            twice = twice || str_eq(ids[k], ids[i]);
        if (!twice)
            consume(c, l, &l->events[i], ids[i], now);
    }
    mem_free(ids);
    return l->n_unseen == 0;
}

/* Does a case serve this one?  Then it may go on at once, before a case of a SINGLE event is
 * offered to the next. */
static bool offer(struct core *c, struct event_edge *edge, struct wall now)
{
    struct live *l = edge->owner;

    if (!case_there(c, edge, now, NULL))
        return false;
    edge_leave(edge);
    edge->seen = true;
    l->n_unseen--;
    if (l->n_unseen == 0)
        live_flow(c, l, now);
    return true;
}

static void offer_cut(struct core *c, struct event_name *event, enum event_sub_type sub_type,
                      struct civil data_time, struct wall now)
{
    struct pair_key key = cut_key(sub_type, event_cut(sub_type, data_time));
    struct cut_node *node = pair_map_get(&event->cuts, key);
    struct list todo;

    if (!node)
        return;
    list_init(&todo);
    for (struct list *at; (at = list_pop_front(&node->edges));)
        list_push_back(&todo, at);
    /* While edges are offered the node stays in the map, so that one that waits again finds it. */
    for (struct list *at; (at = list_pop_front(&todo));) {
        struct event_edge *edge = CONTAINER_OF(at, struct event_edge, cut_link);
        edge->node = NULL;
        if (!offer(c, edge, now)) {
            edge->node = node;
            list_push_back(&node->edges, &edge->cut_link);
        }
    }
    node_drop_if_empty(event, node);
}

void core_event_fired(struct core *c, struct str project_id, struct str event_name,
                      struct civil data_time, struct wall now)
{
    struct event_name *event;

    fresh_settle(c, now);
    event = event_find(c, project_id, event_name);
    if (!event)
        return;
    for (int s = EVENT_SUB_SECOND; s <= EVENT_SUB_DAY; s++)
        offer_cut(c, event, (enum event_sub_type)s, data_time, now);
    /* A general event serves any data time, the longest waiting first; that the new case serves one
     * of another data time shows that it is general. */
    for (struct list *at; (at = list_first(&event->all));)
        if (!offer(c, CONTAINER_OF(at, struct event_edge, all_link), now))
            break;
}
