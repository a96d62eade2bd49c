/* core/queue.c - who runs next in a resource group.  docs/reference/semantics.md 3.6, 5.2.
 *
 * Order: priority (4 before 5 before 6), planned instant (or what its plan says of the order of its
 * data times), creation.  Rounds of backfills and manual runs stand in a queue of their own, and of
 * them only a share of the slots is taken: the others are for the schedule, however large a plan
 * is, and the share is for the plan, however busy the schedule.  An instance whose task may run
 * only one at a time and runs already does not stand in the way of others: it is parked at its
 * task.  So is, at its plan, one whose plan runs as many as it may; it counts for its task too.
 *
 * What is parked keeps apart by the queues that it came from, because one of them may have no room
 * for long while others have.  While a serial task runs none, and a plan fewer than it may,
 * somebody stands in each of these queues for those parked; queue_task_freed and queue_plan_freed
 * keep that.
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

/* A run of a manual workflow may be as large. */
bool queue_is_backfill(const struct live *l)
{
    return l->i.run_type == RUN_ADDITION || l->i.run_type == RUN_MANUAL;
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

/* ---- parked -------------------------------------------------------------------------------- */

/* The link to the parking of this queue, or to where a new one goes. */
static struct parking **find_parking(const struct live *l)
{
    struct parking **at = queue_is_planned(l) ? &l->plan->parked : &l->task->parked;

    while (*at && (*at)->queue != queue_of(l))
        at = &(*at)->next;
    return at;
}

static void park(struct live *l)
{
    struct parking **at = find_parking(l);

    if (!*at) {
        *at = NEW(struct parking);
        (*at)->queue = queue_of(l);
        heap_init(&(*at)->heap, queue_less);
    }
    l->place = PLACE_PARKED;
    heap_add(&(*at)->heap, &l->queue_node);
}

static void leave(struct parking **at, struct live *l)
{
    struct parking *p = *at;

    heap_remove(&p->heap, &l->queue_node);
    if (p->heap.len > 0)
        return;
    *at = p->next;
    heap_done(&p->heap);
    mem_free(p);
}

/* The first of each queue is back in it; or all are. */
static void unpark(struct core *c, struct parking **list, bool all)
{
    for (struct parking **at = list; *at;) {
        struct parking *p = *at;
        struct live *l = CONTAINER_OF(heap_top(&p->heap), struct live, queue_node);
        bool goes_on = p->heap.len > 1 && !all;
        leave(at, l);
        l->place = PLACE_NONE;
        c->n_queued--;
        queue_add(c, l);
        if (goes_on)
            at = &p->next;
    }
}

void queue_plan_freed(struct core *c, struct plan *p)
{
    unpark(c, &p->parked, false);
}

void queue_task_freed(struct core *c, struct held_task *t)
{
    if (t->n_running == 0 || !queue_is_serial(t))
        unpark(c, &t->parked, !queue_is_serial(t));
}

void queue_remove(struct core *c, struct live *l)
{
    enum place place = l->place;

    if (place == PLACE_NONE)
        return;
    if (place == PLACE_QUEUE)
        heap_remove(queue_of(l), &l->queue_node);
    else if (place == PLACE_PARKED)
        leave(find_parking(l), l);
    else
        plan_let_go(l);
    l->place = PLACE_NONE;
    c->n_queued--;
    /* It may have been the one behind which all backfills of the group stood. */
    if (place == PLACE_QUEUE && plan_dooms(l))
        queue_dirty(c, l->group);
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

struct heap_node *queue_first_backfill(const struct group *g)
{
    struct heap_node *top = heap_top(&g->backfills);
    bool takes = g->backfilling < g->share && top;

    return takes && !plan_dooms(CONTAINER_OF(top, struct live, queue_node)) ? top : NULL;
}

/* The next one; a backfill as far as its share goes.  NULL: nobody. */
static struct heap_node *first_of(const struct group *g)
{
    struct heap_node *regular = heap_top(&g->queue), *backfill = queue_first_backfill(g);

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
