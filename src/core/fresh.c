/* core/fresh.c - instances whose conditions are still to be resolved, all of one turn together.
 *
 * An instance may depend on others that were made with it, whatever their order, and the port does
 * not know those before their effects came out.  So the fresh ones have an index of their own.
 */
#include "core/core_int.h"

#include <stdlib.h>

static int by_task_and_data_time(const void *a, const void *b)
{
    const struct instance_key *x = a, *y = b;

    if (x->task_id != y->task_id)
        return x->task_id < y->task_id ? -1 : 1;
    return x->data_time.s < y->data_time.s ? -1 : x->data_time.s > y->data_time.s;
}

/* The keys are copied at the beginning, because instances may end while others are resolved;
 * sorted, when one is asked for. */
static void index_begin(struct core *c)
{
    c->together = mem_grow(c->together, &c->cap_together, c->n_fresh, sizeof(*c->together));
    for (size_t k = 0; k < c->n_fresh; k++)
        c->together[k] = c->fresh[k]->i.key;
    c->n_together = c->n_fresh;
    c->together_sorted = false;
}

/* How many of the index are before (task_id, d). */
static size_t index_rank(struct core *c, struct instance_key key)
{
    size_t low = 0, high = c->n_together;

    if (!c->together_sorted)
        qsort(c->together, c->n_together, sizeof(*c->together), by_task_and_data_time);
    c->together_sorted = true;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_task_and_data_time(&c->together[middle], &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool fresh_newest_before(struct core *c, int64_t task_id, struct civil d, struct civil *ret)
{
    struct instance_key stored;
    struct instance_fact fact = { .state = INSTANCE_WAIT_EVENT };
    bool found = c->port.instance_before(c->port.ctx, task_id, d, &stored, &fact);
    size_t rank = c->n_together > 0 ? index_rank(c, (struct instance_key){ task_id, d }) : 0;

    if (found)
        *ret = stored.data_time;
    if (rank > 0 && c->together[rank - 1].task_id == task_id &&
        (!found || c->together[rank - 1].data_time.s > ret->s)) {
        *ret = c->together[rank - 1].data_time;
        found = true;
    }
    struct civil to_come;
    if (plan_newest_before(c, task_id, d, &to_come) && (!found || to_come.s > ret->s)) {
        *ret = to_come;
        found = true;
    }
    return found;
}

static void settle_one(struct core *c, struct live *l, struct wall now)
{
    l->fresh = false;
    switch (l->i.state) {
    case INSTANCE_WAIT_EVENT:
        resolve_conditions(c, l, now);
        listening_resolve(c, l, now);
        live_flow(c, l, now);
        break;
    case INSTANCE_WAIT_UPSTREAM:
        resolve_conditions(c, l, now);
        live_flow(c, l, now);
        break;
    case INSTANCE_WAIT_RUN:
        live_ready(c, l);
        break;
    default:
        timer_set(c, l);
        break;
    }
}

void fresh_settle(struct core *c, struct wall now)
{
    if (c->n_fresh == 0 || c->loading)
        return;
    index_begin(c);
    for (size_t k = 0; k < c->n_fresh; k++)
        settle_one(c, c->fresh[k], now);
    c->n_fresh = c->n_together = 0;
}

void core_resolve(struct core *c, struct wall now)
{
    fresh_settle(c, now);
    again_step(c, now);
}

void fresh_again(struct core *c, struct live *l, struct wall now)
{
    check(!l->fresh);
    if (l->i.state == INSTANCE_WAIT_EVENT || l->i.state == INSTANCE_WAIT_UPSTREAM) {
        waiting_drop(c, l);
        listening_drop(c, l);
        l->i.priority = l->task->priority;
        if (l->i.state == INSTANCE_WAIT_EVENT)
            listening_resolve(c, l, now);
        again_add(c, l);
    } else if (l->i.state == INSTANCE_WAIT_RUN) {
        queue_remove(c, l);
        l->i.priority = l->task->priority;
        live_ready(c, l);
    }
}
