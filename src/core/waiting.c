/* core/waiting.c - conditions on other instances: kept by what is waited for, and counted down by
 * notification.
 *
 * docs/reference/semantics.md 3.2, 3.5, 3.6.
 */
#include "core/core_int.h"

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

void waiting_take(struct core *c, struct live *l, struct up_edge *edges, int n)
{
    l->ups = edges;
    l->n_ups = n;
    for (int i = 0; i < n; i++) {
        struct up_edge *edge = &edges[i];
        list_init(&edge->link);
        if (edge->met)
            continue;
        l->n_unmet++;
        edge->node = node_get(c, edge->task_id, edge->data_time);
        list_push_back(&edge->node->edges, &edge->link);
        c->n_edges++;
    }
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

/* ---- notifications ------------------------------------------------------------------------- */

static void notify_edge(struct core *c, struct up_edge *edge, enum instance_state state)
{
    struct live *l = edge->owner;

    if (edge->accept != 0) {
        if (control_accepts(edge, state))
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
        notify_edge(c, edge, control_seen_by(c, key, state, edge->owner->i.key.task_id));
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
