/* core/verify.c - the whole state against its own rules: every index, every count, I1 to I5. */
#include "core/core_int.h"

#include <string.h>

static void verify_edges(const struct core *c, const struct live *l, size_t *n_edges)
{
    int unmet = 0, unseen = 0;

    for (int i = 0; i < l->n_ups; i++) {
        const struct up_edge *edge = &l->ups[i];
        check(edge->owner == l);
        unmet += !edge->met;
        if (edge->met) {
            check(!edge->node);
            continue;
        }
        check(edge->node && pair_map_get(&c->nodes, edge->node->key) == edge->node);
        check((int64_t)edge->node->key.a == edge->task_id &&
              (int64_t)edge->node->key.b == edge->data_time.s);
        ++*n_edges;
    }
    check(unmet == l->n_unmet);
    for (int i = 0; i < l->n_events; i++) {
        const struct event_edge *edge = &l->events[i];
        check(edge->owner == l && edge->seen == !edge->node);
        unseen += !edge->seen;
    }
    check(unseen == l->n_unseen);
    /* I3: past its waiting states an instance has no condition left. */
    if (!l->fresh && l->i.state != INSTANCE_WAIT_EVENT)
        check(l->n_events == 0);
    if (!l->fresh && l->i.state != INSTANCE_WAIT_EVENT && l->i.state != INSTANCE_WAIT_UPSTREAM)
        check(l->n_ups == 0);
}

static void verify_place(const struct core *c, const struct live *l)
{
    bool ready = !list_is_empty(&l->ready_link);

    check((l->place != PLACE_NONE) == heap_has(&l->queue_node));
    if (l->place != PLACE_NONE)
        check(l->i.state == INSTANCE_WAIT_RUN);
    if (l->place == PLACE_PARKED)
        check(queue_is_planned(l) ? l->plan->parked != NULL
                                  : l->task->parked && queue_is_serial(l->task));
    if (l->place == PLACE_HELD)
        check(l->plan &&
              (l->plan->promised > 0 || l->plan->doomed || !list_is_empty(&l->plan->whole_link)));
    check(l->i.state != INSTANCE_RUNNING || !l->plan || l->plan->promised == 0);
    /* I2 */
    check((l->i.state == INSTANCE_RUNNING) == (l->i.fence != 0));
    if (l->i.fence)
        check(pair_map_get(&c->fences, (struct pair_key){ l->i.fence, 0 }) == l);
    /* I8: whoever could go on is about to, unless it only waits for its end. */
    if (l->fresh || ready || plan_dooms(l) || again_is_due(l))
        return;
    if (l->i.state == INSTANCE_WAIT_EVENT)
        check(l->n_unseen > 0);
    if (l->i.state == INSTANCE_WAIT_UPSTREAM)
        check(control_verdict(l) == VERDICT_WAIT);
    if (l->i.state == INSTANCE_WAIT_RUN && l->place == PLACE_NONE)
        check(heap_has(&l->timer_node));
    if (l->i.state == INSTANCE_FAILED_RETRY)
        check(heap_has(&l->timer_node) && l->due.us == l->i.retry_at.us);
}

/* I8: somebody stands in the queue for those parked. */
static void verify_parking(const struct parking *p, const struct held_task *t,
                           const struct plan *plan)
{
    for (; p; p = p->next) {
        bool stands = false;
        check(p->heap.len > 0);
        for (size_t k = 0; k < p->queue->len; k++) {
            const struct live *l = CONTAINER_OF(p->queue->nodes_[k], struct live, queue_node);
            stands = stands || (plan ? l->plan == plan : l->task == t && !queue_is_planned(l));
        }
        check(stands);
    }
}

static void verify_task(const struct core *c, const struct held_task *t)
{
    int32_t n = 0, running = 0, own = 0; /* own: not by the rule of a plan */

    for (const struct list *at = t->lives.next; at != &t->lives; at = at->next) {
        const struct live *l = CONTAINER_OF(at, struct live, task_link);
        check(l->task == t && live_find(c, l->i.key) == l);
        n++;
        running += l->i.state == INSTANCE_RUNNING;
        own += l->i.state == INSTANCE_RUNNING && !queue_is_planned(l);
    }
    check(n == t->n_lives && running == t->n_running);
    /* I5 */
    if (queue_is_serial(t))
        check(own <= t->ceiling);
    if (running == 0)
        verify_parking(t->parked, t, NULL);
    bool fires = t->status == TASK_SCHEDULING && !t->gone && !t->range_over;
    check(fires == heap_has(&t->firing_node));
    check(!(t->range_over && t->n_lives == 0 && t->status == TASK_SCHEDULING));
    if (heap_has(&t->firing_node) && !t->next_is_end && t->has_high_water)
        check(t->next.planned.s > t->high_water.s && t->next.at.us > t->live_from.us);
}

static void verify_lives(const struct core *c)
{
    size_t at = 0, edges = 0, queued = 0, running = 0, timers = 0;
    size_t by_state[INSTANCE_STATE_N_] = { 0 };
    struct pair_key key;
    void *value;

    while (pair_map_next(&c->lives, &at, &key, &value)) {
        const struct live *l = value;
        /* I1 */
        check((int64_t)key.a == l->i.key.task_id && (int64_t)key.b == l->i.key.data_time.s);
        check(!instance_state_is_terminal(l->i.state));
        check(l->task->gone || held_find(c, l->task->id) == l->task);
        verify_edges(c, l, &edges);
        verify_place(c, l);
        queued += l->place != PLACE_NONE;
        running += l->i.state == INSTANCE_RUNNING;
        timers += heap_has(&l->timer_node);
        by_state[l->i.state]++;
    }
    check(edges == c->n_edges && queued == c->n_queued && running == c->n_running);
    check(running == c->fences.len && timers == c->timers.len);
    check(memcmp(by_state, c->by_state, sizeof(by_state)) == 0);
}

static void verify_plan(const struct core *c, const struct plan *p)
{
    size_t at = 0;
    struct pair_key key;
    void *value;
    int running = 0;
    int64_t refs = p->promised + p->doomed;

    while (pair_map_next(&c->lives, &at, &key, &value)) {
        const struct live *l = value;
        refs += l->plan == p;
        running += l->plan == p && l->i.state == INSTANCE_RUNNING;
    }
    check(plan_is_sound(c, p));
    check(refs == p->refs && running == p->running);
    check(p->limit == 0 || running <= p->limit);
    if (running < p->limit)
        verify_parking(p->parked, NULL, p);
}

static void verify_nodes(const struct core *c)
{
    size_t at = 0, edges = 0;
    struct pair_key key;
    void *value;

    while (pair_map_next(&c->nodes, &at, &key, &value)) {
        const struct wait_node *node = value;
        size_t n = 0;
        for (const struct list *e = node->edges.next; e != &node->edges; e = e->next, n++)
            check(CONTAINER_OF(e, struct up_edge, link)->node == node);
        check(n > 0);
        edges += n;
    }
    check(edges == c->n_edges);
}

void core_verify(const struct core *c)
{
    size_t at = 0;
    struct pair_key pair;
    struct str name;
    void *value;

    verify_lives(c);
    verify_nodes(c);
    while (pair_map_next(&c->tasks, &at, &pair, &value))
        verify_task(c, value);
    for (at = 0; c->plans.len <= 8 && map_next(&c->plans, &at, &name, &value);)
        verify_plan(c, value);
    for (at = 0; map_next(&c->groups, &at, &name, &value);) {
        const struct group *g = value;
        /* I5 */
        check(g->running >= 0 && g->running <= g->ceiling);
        check(g->backfilling >= 0 && g->backfilling <= g->backfill_ceiling);
        /* I8 */
        if (g->running < g->slots && (g->queue.len > 0 || queue_first_backfill(g)))
            check(!list_is_empty(&g->dirty_link));
    }
}
