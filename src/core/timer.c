/* core/timer.c - one timer for each instance: the first of the limits that its state has. */
#include "core/core_int.h"

#include "base/mem.h"

bool timer_less(const struct heap_node *a, const struct heap_node *b)
{
    const struct live *x = CONTAINER_OF(a, struct live, timer_node);
    const struct live *y = CONTAINER_OF(b, struct live, timer_node);

    return x->due.us != y->due.us ? x->due.us < y->due.us : x->sequence < y->sequence;
}

struct wall wall_after_minutes(struct wall w, int64_t minutes)
{
    const int64_t minute_us = 60000000;

    return minutes > (WALL_FAR.us - w.us) / minute_us ? WALL_FAR : wall_add(w, DUR_MIN(minutes));
}

static void sooner(struct wall *due, struct wall w)
{
    if (w.us < due->us)
        *due = w;
}

static bool waits(const struct live *l)
{
    return l->i.state == INSTANCE_WAIT_EVENT || l->i.state == INSTANCE_WAIT_UPSTREAM ||
           l->i.state == INSTANCE_WAIT_RUN;
}

/* The total wait ends when the first attempt of the round begins (5.5). */
static struct wall wait_limit(const struct live *l)
{
    if (!waits(l) || l->i.tries > 0 || l->task->wait_ttl_minutes <= 0)
        return WALL_FAR;
    return wall_after_minutes(live_waits_since(l), l->task->wait_ttl_minutes);
}

static struct wall event_limit(const struct live *l)
{
    struct wall due = WALL_FAR;

    if (l->i.state == INSTANCE_WAIT_EVENT)
        for (int i = 0; i < l->n_events; i++)
            if (!l->events[i].seen)
                sooner(&due, l->events[i].limit_at);
    return due;
}

static struct wall first_due(const struct live *l)
{
    struct wall due = wait_limit(l);

    if (plan_dooms(l))
        return WALL_FAR;
    sooner(&due, event_limit(l));
    if (l->i.state == INSTANCE_WAIT_EVENT || l->i.state == INSTANCE_WAIT_UPSTREAM)
        for (int i = 0; i < l->n_ups; i++)
            if (!l->ups[i].met)
                sooner(&due, l->ups[i].timeout_at);
    /* One without a time to wait for is on core.ready. */
    if (l->i.state == INSTANCE_WAIT_RUN && l->place == PLACE_NONE &&
        wall_is_set(live_not_before(l)))
        sooner(&due, live_not_before(l));
    if (l->i.state == INSTANCE_FAILED_RETRY)
        sooner(&due, l->i.retry_at);
    /* From when the runner said that it began: one that ended while the server was down is told of
     * after the start, and one that the runner does not have yet has not begun. */
    if (l->i.state == INSTANCE_RUNNING && l->reported && l->attempt_ttl_minutes > 0 &&
        !(l->i.flags & (INSTANCE_KILLING | INSTANCE_TIMED_OUT)))
        sooner(&due, wall_after_minutes(l->attempt_at, l->attempt_ttl_minutes));
    return due;
}

void timer_set(struct core *c, struct live *l)
{
    l->due = first_due(l);
    if (l->due.us == WALL_FAR.us)
        heap_remove(&c->timers, &l->timer_node);
    else if (heap_has(&l->timer_node))
        heap_update(&c->timers, &l->timer_node);
    else
        heap_add(&c->timers, &l->timer_node);
}

void timer_stop(struct core *c, struct live *l)
{
    heap_remove(&c->timers, &l->timer_node);
}

static void expire(struct core *c, struct live *l, const char *what, struct wall now)
{
    live_reason(l, str_from(what));
    live_move(c, l, EVENT_WAIT_EXPIRED, now);
}

static void waiting_due(struct core *c, struct live *l, struct wall now)
{
    if (wait_limit(l).us <= now.us) {
        expire(c, l, "the limit of the total waiting time passed", now);
        return;
    }
    if (event_limit(l).us <= now.us) {
        expire(c, l, "the limit of the waiting time for an event passed", now);
        return;
    }
    waiting_timeouts(c, l, now);
    if (l->i.state == INSTANCE_WAIT_RUN && l->place == PLACE_NONE)
        live_ready(c, l);
    else
        timer_set(c, l);
}

bool timer_next(struct core *c, struct wall now)
{
    struct heap_node *top = heap_top(&c->timers);
    struct live *l = top ? CONTAINER_OF(top, struct live, timer_node) : NULL;

    if (!l || l->due.us > now.us)
        return false;
    timer_stop(c, l);
    if (plan_dooms(l)) /* it was set before */
        return true;
    if (l->i.state == INSTANCE_RUNNING)
        attempt_limit(c, l, now);
    else if (l->i.state == INSTANCE_FAILED_RETRY)
        live_move(c, l, EVENT_RETRY_DUE, now);
    else
        waiting_due(c, l, now);
    return true;
}
