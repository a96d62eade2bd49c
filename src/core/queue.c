/* core/queue.c - who runs next in a resource group.  docs/reference/semantics.md 3.6, 5.2.
 *
 * Order: priority (4 before 5 before 6), planned instant (or what its plan says of the order of its
 * data times), creation.  Rounds of backfills stand in a queue of their own, and of them only a
 * share of the slots is taken: the others are for the schedule, however large a backfill is, and
 * the share is for the backfill, however busy the schedule.  An instance whose task may run only
 * one at a time and runs already does not stand in the way of others: it is parked at its task.  So
 * is, at its plan, one whose plan runs as many as it may; it counts for its task too. While a
 * serial task runs none, either nothing is parked at it or one of its instances is in the queue;
 * queue_task_freed keeps that.
 */
#include "core/core_int.h"

bool queue_less(const struct heap_node *a, const struct heap_node *b)
{
    const struct live *x = CONTAINER_OF(a, struct live, queue_node);
    const struct live *y = CONTAINER_OF(b, struct live, queue_node);

    if (x->i.priority != y->i.priority)
        return x->i.priority < y->i.priority;
    if (x->rank.us != y->rank.us)
        return x->rank.us < y->rank.us;
    return x->sequence < y->sequence;
}

bool queue_is_serial(const struct held_task *t)
{
    return t->self_depend != SELF_PARALLEL;
}

bool queue_is_backfill(const struct live *l)
{
    return l->i.run_type == RUN_ADDITION;
}

struct heap *queue_of(const struct live *l)
{
    return queue_is_backfill(l) ? &l->group->backfills : &l->group->queue;
}

static int ceiling(int allowed, int running)
{
    return running > allowed ? running : allowed;
}

void queue_ceilings(struct group *g, struct held_task *t)
{
    if (g) {
        g->ceiling = ceiling(g->slots, g->running);
        g->backfill_ceiling = ceiling(g->share, g->backfilling);
    }
    if (t)
        t->ceiling = ceiling(1, t->n_running);
}

void queue_slots(const struct core *c, struct group *g, int slots)
{
    g->slots = slots < 0 ? 0 : slots;
    g->share = (int)(((int64_t)g->slots * c->config.backfill_share + 99) / 100);
    queue_ceilings(g, NULL);
}

void queue_dirty(struct core *c, struct group *g)
{
    list_remove(&g->dirty_link);
    list_push_back(&c->dirty, &g->dirty_link);
}

void queue_add(struct core *c, struct live *l)
{
    check(l->place == PLACE_NONE && l->i.state == INSTANCE_WAIT_RUN);
    l->group = l->plan && l->plan->group ? l->plan->group : l->task->group;
    l->place = PLACE_QUEUE;
    heap_add(queue_of(l), &l->queue_node);
    c->n_queued++;
    queue_dirty(c, l->group);
}

bool queue_is_planned(const struct live *l)
{
    return l->plan && l->plan->limit > 0;
}

static void park(struct live *l)
{
    struct held_task *t = l->task;

    l->place = PLACE_PARKED;
    if (queue_is_planned(l)) {
        heap_add(&l->plan->parked, &l->queue_node);
        return;
    }
    if (!t->parked) {
        t->parked = NEW(struct heap);
        heap_init(t->parked, queue_less);
    }
    heap_add(t->parked, &l->queue_node);
}

static void unpark(struct core *c, struct heap *parked)
{
    struct live *l = CONTAINER_OF(heap_top(parked), struct live, queue_node);

    heap_remove(parked, &l->queue_node);
    l->place = PLACE_NONE;
    c->n_queued--;
    queue_add(c, l);
}

void queue_plan_freed(struct core *c, struct plan *p)
{
    if (heap_top(&p->parked))
        unpark(c, &p->parked);
}

static void unpark_first(struct core *c, struct held_task *t)
{
    unpark(c, t->parked);
    if (t->parked->len == 0) {
        heap_done(t->parked);
        mem_free(t->parked);
        t->parked = NULL;
    }
}

void queue_task_freed(struct core *c, struct held_task *t)
{
    if (t->n_running > 0 && queue_is_serial(t))
        return;
    while (t->parked) {
        unpark_first(c, t);
        if (queue_is_serial(t))
            break;
    }
}

void queue_remove(struct core *c, struct live *l)
{
    enum place place = l->place;

    if (place == PLACE_NONE)
        return;
    heap_remove(place == PLACE_QUEUE  ? queue_of(l)
                : queue_is_planned(l) ? &l->plan->parked
                                      : l->task->parked,
                &l->queue_node);
    l->place = PLACE_NONE;
    c->n_queued--;
    if (l->task->parked && l->task->parked->len == 0) {
        heap_done(l->task->parked);
        mem_free(l->task->parked);
        l->task->parked = NULL;
    }
    /* It may have been the one that stands in the queue for those parked behind it. */
    if (place == PLACE_QUEUE && queue_is_planned(l))
        queue_plan_freed(c, l->plan);
    else if (place == PLACE_QUEUE)
        queue_task_freed(c, l->task);
}

/* Others of its plan, or of its task, run already. */
static bool is_to_wait(const struct live *l)
{
    if (queue_is_planned(l))
        return l->plan->running >= l->plan->limit;
    return queue_is_serial(l->task) && l->task->n_running > 0;
}

/* The next one; a backfill as far as its share goes.  NULL: nobody. */
static struct heap_node *first_of(const struct group *g)
{
    struct heap_node *regular = heap_top(&g->queue),
                     *backfill = g->backfilling < g->share ? heap_top(&g->backfills) : NULL;

    if (!regular || !backfill)
        return regular ? regular : backfill;
    return queue_less(backfill, regular) ? backfill : regular;
}

void queue_dispatch(struct core *c, struct group *g, struct wall now)
{
    struct heap_node *top;

    while (g->running < g->slots && (top = first_of(g))) {
        struct live *l = CONTAINER_OF(top, struct live, queue_node);
        heap_remove(queue_of(l), top);
        if (is_to_wait(l)) {
            park(l);
            continue;
        }
        l->place = PLACE_NONE;
        c->n_queued--;
        attempt_begin(c, l, now);
    }
}
