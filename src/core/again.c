/* core/again.c - instances whose conditions are to be looked up again, as a definition that they
 * rest on was put, or a round that they wait for will not be made.
 *
 * What one instance waits for may be very much, and very many may wait for one task, so they stand
 * in a line, and each step takes as many as it may look at upstream instances for.  Until its turn
 * has come an instance is stale: what it has of conditions may be those of before, so it does not
 * go on (live_flow), however they stand.
 */
#include "core/core_int.h"

enum { LOOKS = 100000 };

bool again_is_due(const struct live *l)
{
    return !list_is_empty(&l->again_link);
}

void again_add(struct core *c, struct live *l)
{
    check(!l->fresh);
    if (!again_is_due(l))
        list_push_back(&c->again, &l->again_link);
}

void again_resolve(struct core *c, struct live *l, struct wall now)
{
    waiting_drop(c, l);
    resolve_conditions(c, l, now);
}

static void again_one(struct core *c, struct live *l, struct wall now)
{
    list_remove(&l->again_link);
    if (plan_dooms(l))
        return;
    again_resolve(c, l, now);
    live_flow(c, l, now);
}

void again_begin(struct core *c)
{
    c->looks_left = c->config.looks > 0 ? c->config.looks : LOOKS;
}

void again_step(struct core *c, struct wall now)
{
    while (!list_is_empty(&c->again) && c->looks_left > 0) {
        c->looks_left--;
        again_one(c, CONTAINER_OF(list_first(&c->again), struct live, again_link), now);
    }
}

void again_settle(struct core *c, struct wall now)
{
    while (!list_is_empty(&c->again))
        again_one(c, CONTAINER_OF(list_first(&c->again), struct live, again_link), now);
}
