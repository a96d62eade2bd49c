/* core/plan.c - backfills and reruns, while rounds of them are live or still to be made.
 *
 * A large plan is made in slices (engine/planning.h).  What is still to be made of it is promised:
 * for conditions a promised round is there and waits, so that it does not matter in which order the
 * rounds are made; and none of the plan runs before the last promise was kept, so that they run as
 * if all had been made at once.  Those that could run are held until then, and then let go in the
 * order of the queue, so many at a time.  Dry runs are not held: they take no slot, so that no
 * order is among them, and end in the turn that makes them (docs/decisions/0033-*.md).
 *
 * A large plan is deleted in slices too (engine/deletion.h).  From its call on it is doomed: where
 * one of its rounds would go on, it stays (live_flow, ready_one, timer_next), and where one stands
 * first in the queue of backfills, this waits until it is ended (queue_dispatch).
 */
#include "core/core_int.h"

#include <string.h>

/* What one plan is to make of one task. */
struct promise {
    struct list plan_link;
    struct promise *next; /* of the same task, by another plan */
    struct plan *plan;
    int64_t task_id;
    struct civil *data_times; /* owned; ascending; those before `first` were kept */
    size_t first, n, cap;
};

struct plan *plan_take(struct core *c, struct str id)
{
    if (str_is_empty(id))
        return NULL;
    struct plan *p = map_get(&c->plans, id);
    if (!p) {
        p = NEW(struct plan);
        p->id = str_make(mem_strdup(id), id.len);
        struct plan_fact fact = { .limit = 0 };
        c->port.plan_find(c->port.ctx, p->id, &fact);
        p->limit = fact.limit;
        p->group = str_is_empty(fact.group_id) ? NULL : group_get(c, fact.group_id);
        p->order = fact.order;
        p->mirror = fact.mirror;
        list_init(&p->promises);
        list_init(&p->whole_link);
        heap_init(&p->held, queue_less);
        map_put(&c->plans, id, p);
    }
    p->refs++;
    return p;
}

void plan_drop(struct core *c, struct plan *p)
{
    if (!p || --p->refs > 0)
        return;
    check(!p->parked && p->promised == 0 && p->held.len == 0 && !p->doomed);
    heap_done(&p->held);
    map_remove(&c->plans, p->id);
    mem_free((char *)(uintptr_t)p->id.ptr);
    mem_free(p);
}

/* ---- promises ------------------------------------------------------------------------------ */

static struct pair_key promise_key(int64_t task_id)
{
    return (struct pair_key){ (uint64_t)task_id, 0 };
}

static struct promise *first_promise(const struct core *c, int64_t task_id)
{
    return c->promises.len > 0 ? pair_map_get(&c->promises, promise_key(task_id)) : NULL;
}

/* How many of its data times are before d, those that were kept included. */
static size_t rank_in(const struct promise *p, struct civil d)
{
    size_t low = p->first, high = p->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->data_times[middle].s < d.s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool has(const struct promise *p, struct civil d, size_t *ret_at)
{
    *ret_at = rank_in(p, d);
    return *ret_at < p->n && p->data_times[*ret_at].s == d.s;
}

const struct plan *plan_promising(const struct core *c, struct instance_key key)
{
    size_t at;

    for (const struct promise *p = first_promise(c, key.task_id); p; p = p->next)
        if (has(p, key.data_time, &at))
            return p->plan;
    return NULL;
}

bool plan_newest_before(const struct core *c, int64_t task_id, struct civil d, struct civil *ret)
{
    bool found = false;

    for (const struct promise *p = first_promise(c, task_id); p; p = p->next) {
        size_t rank = rank_in(p, d);
        if (rank > p->first && (!found || p->data_times[rank - 1].s > ret->s)) {
            *ret = p->data_times[rank - 1];
            found = true;
        }
    }
    return found;
}

void core_promise(struct core *c, struct str plan_id, struct instance_key key)
{
    struct plan *plan = plan_take(c, plan_id);
    struct promise *head = first_promise(c, key.task_id), *p = head;

    check(plan);
    while (p && p->plan != plan)
        p = p->next;
    if (!p) {
        p = NEW(struct promise);
        *p = (struct promise){ .next = head, .plan = plan, .task_id = key.task_id };
        list_init(&p->plan_link);
        list_push_back(&plan->promises, &p->plan_link);
        pair_map_put(&c->promises, promise_key(key.task_id), p);
    }
    check(p->n == 0 || p->data_times[p->n - 1].s < key.data_time.s);
    p->data_times = mem_grow(p->data_times, &p->cap, p->n + 1, sizeof(*p->data_times));
    p->data_times[p->n++] = key.data_time;
    plan->promised++;
    c->n_promised++;
}

static void promise_free(struct core *c, struct promise *p)
{
    struct promise *head = first_promise(c, p->task_id), *at = head;

    if (head == p && p->next) {
        pair_map_put(&c->promises, promise_key(p->task_id), p->next);
    } else if (head == p) {
        pair_map_remove(&c->promises, promise_key(p->task_id));
    } else {
        while (at->next != p)
            at = at->next;
        at->next = p->next;
    }
    list_remove(&p->plan_link);
    mem_free(p->data_times);
    mem_free(p);
}

/* The one at this place is kept, or withdrawn. */
static void promise_end(struct core *c, struct promise *p, size_t at)
{
    struct plan *plan = p->plan;

    if (at == p->first) {
        p->first++;
    } else {
        memmove(&p->data_times[at], &p->data_times[at + 1],
                (p->n - at - 1) * sizeof(*p->data_times));
        p->n--;
    }
    if (p->first == p->n)
        promise_free(c, p);
    c->n_promised--;
    if (--plan->promised == 0 && plan->held.len > 0 && !plan->doomed)
        list_push_back(&c->whole, &plan->whole_link);
    plan_drop(c, plan);
}

void plan_kept(struct core *c, struct str plan_id, struct instance_key key)
{
    size_t at;

    for (struct promise *p = first_promise(c, key.task_id); p; p = p->next)
        if (str_eq(p->plan->id, plan_id)) {
            if (has(p, key.data_time, &at))
                promise_end(c, p, at);
            return;
        }
}

struct str core_task_promised(const struct core *c, int64_t task_id)
{
    const struct promise *p = first_promise(c, task_id);

    return p ? p->plan->id : STR("");
}

static bool withdraw_one(struct core *c, const struct plan *plan, struct instance_key key)
{
    size_t at;

    for (struct promise *p = first_promise(c, key.task_id); p; p = p->next)
        if (p->plan == plan && has(p, key.data_time, &at)) {
            promise_end(c, p, at);
            return true;
        }
    return false;
}

void core_plan_withdraw(struct core *c, struct str plan_id, const struct instance_key *keys,
                        size_t n, struct wall now)
{
    struct plan *plan = map_get(&c->plans, plan_id);

    fresh_settle(c, now);
    check(plan && plan->doomed); /* so it outlives its last promise */
    for (size_t k = 0; k < n; k++)
        if (withdraw_one(c, plan, keys[k]))
            waiting_withdrawn(c, keys[k]);
}

void plan_forget_promises(struct core *c)
{
    struct pair_key key;
    void *value;
    size_t at;

    while (at = 0, pair_map_next(&c->promises, &at, &key, &value)) {
        struct promise *p = value;
        struct plan *plan = p->plan;
        int64_t n = (int64_t)(p->n - p->first);
        promise_free(c, p);
        c->n_promised -= (size_t)n;
        plan->promised -= n;
        plan->refs -= n - 1;
        plan_drop(c, plan);
    }
}

/* ---- doomed -------------------------------------------------------------------------------- */

int64_t core_plan_doom(struct core *c, struct str plan_id, struct wall now)
{
    fresh_settle(c, now);
    struct plan *p = plan_take(c, plan_id);

    check(p && !p->doomed);
    p->doomed = true;
    list_remove(&p->whole_link);
    return p->refs - 1 - p->promised;
}

bool core_plan_is_doomed(const struct core *c, struct str plan_id)
{
    const struct plan *p = map_get(&c->plans, plan_id);

    return p && p->doomed;
}

void core_plan_gone(struct core *c, struct str plan_id)
{
    struct plan *p = map_get(&c->plans, plan_id);

    check(p && p->doomed && p->promised == 0 && p->held.len == 0);
    p->doomed = false;
    plan_drop(c, p);
}

bool plan_dooms(const struct live *l)
{
    return l->plan && l->plan->doomed && l->i.state != INSTANCE_RUNNING;
}

bool core_is_doomed(const struct core *c, struct instance_key key)
{
    const struct live *l = live_find(c, key);

    return l && plan_dooms(l);
}

void plan_forget_doom(struct core *c)
{
    struct str id;
    void *value;
    size_t at;

    while (at = 0, map_next(&c->plans, &at, &id, &value))
        core_plan_gone(c, id);
}

/* ---- held ---------------------------------------------------------------------------------- */

bool plan_holds(const struct live *l)
{
    const struct plan *p = l->plan;

    if (!p || p->promised > 0 || p->held.len == 0)
        return p && p->promised > 0;
    return queue_less(heap_top(&p->held), &l->queue_node);
}

void plan_hold(struct core *c, struct live *l)
{
    check(l->place == PLACE_NONE && l->i.state == INSTANCE_WAIT_RUN);
    l->place = PLACE_HELD;
    heap_add(&l->plan->held, &l->queue_node);
    c->n_queued++;
}

void plan_let_go(struct live *l)
{
    heap_remove(&l->plan->held, &l->queue_node);
    if (l->plan->held.len == 0)
        list_remove(&l->plan->whole_link);
}

struct live *plan_first_held(const struct plan *p)
{
    return CONTAINER_OF(heap_top(&p->held), struct live, queue_node);
}

bool plan_is_sound(const struct core *c, const struct plan *p)
{
    int64_t n = 0;

    for (const struct list *at = p->promises.next; at != &p->promises; at = at->next) {
        const struct promise *promise = CONTAINER_OF(at, struct promise, plan_link);
        n += (int64_t)(promise->n - promise->first);
        for (size_t k = promise->first; k + 1 < promise->n; k++)
            if (promise->data_times[k].s >= promise->data_times[k + 1].s)
                return false;
        if (!held_find(c, promise->task_id))
            return false;
    }
    /* I8: what is held is let go some day. */
    bool let_go = p->promised == 0 && !p->doomed;
    return n == p->promised && (p->held.len == 0 || let_go == !list_is_empty(&p->whole_link));
}
