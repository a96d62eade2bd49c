/* core/firing.c - which firings are due, derived from the schedule and the high water mark.
 *
 * docs/reference/semantics.md 2.3, 2.7, 1.6.  The next firing is always the first one planned after
 * the high water mark and due after live_from, whatever the time is now: firings missed while
 * nothing ran come one after the other, in the order of their instants over all tasks.
 */
#include "core/core_int.h"

bool firing_less(const struct heap_node *a, const struct heap_node *b)
{
    const struct held_task *x = CONTAINER_OF(a, struct held_task, firing_node);
    const struct held_task *y = CONTAINER_OF(b, struct held_task, firing_node);

    return x->next.at.us != y->next.at.us ? x->next.at.us < y->next.at.us : x->id < y->id;
}

static bool derive(const struct held_task *t, struct firing *ret)
{
    const struct schedule *s = &t->schedule->s;

    if (!t->has_high_water)
        return schedule_next(s, t->live_from, ret);
    if (!schedule_next_planned(s, t->high_water, ret))
        return false;
    /* Instants do not decrease as planned times grow, so this is past the high water mark too. */
    return ret->at.us > t->live_from.us || schedule_next(s, t->live_from, ret);
}

void firing_rebase(struct held_task *t)
{
    const struct schedule *s = &t->schedule->s;

    if (t->has_high_water && wall_is_set(t->settled_at) &&
        schedule_instant(s, t->high_water).us != t->settled_at.us)
        t->high_water = schedule_reached(s, t->settled_at);
}

void firing_plan(struct core *c, struct held_task *t)
{
    heap_remove(&c->firings, &t->firing_node);
    if (t->gone || t->status != TASK_SCHEDULING || t->range_over)
        return;
    t->next_is_end = !derive(t, &t->next);
    if (t->next_is_end) {
        /* A one-off is over with its firing; others when their range is. */
        const struct schedule *s = &t->schedule->s;
        t->next.at = s->cycle == CYCLE_ONEOFF && !s->manual
                         ? WALL_AT_ONCE
                         : wall_add(schedule_instant(s, s->end), DUR_S(1));
    }
    heap_add(&c->firings, &t->firing_node);
}

void firing_task_idle(struct core *c, struct held_task *t)
{
    if (!t->range_over || t->status != TASK_SCHEDULING || t->n_lives > 0)
        return;
    t->status = TASK_INVALID;
    effect_status(c, t->id, TASK_INVALID);
}

static void settled(struct core *c, struct held_task *t, struct civil planned, struct wall at)
{
    struct effect *e = effect_add(c, EFFECT_TASK_SETTLED);

    t->high_water = planned;
    t->settled_at = at;
    t->has_high_water = true;
    e->task_id = t->id;
    e->planned = planned;
    e->at = at;
}

static void miss(struct core *c, const struct held_task *t, enum miss_reason reason,
                 struct wall now)
{
    struct effect *e = effect_add(c, EFFECT_MISS);

    e->task_id = t->id;
    e->planned = t->next.planned;
    e->data_time = t->next.data_time;
    e->miss = reason;
    e->at = now;
}

static bool exists(const struct core *c, struct instance_key key)
{
    struct instance_fact fact;

    return live_find(c, key) || c->port.instance_find(c->port.ctx, key, &fact);
}

static void make(struct core *c, struct held_task *t, struct wall now)
{
    struct instance i = { .key = { t->id, t->next.data_time },
                          .state = INSTANCE_WAIT_EVENT,
                          .type = INSTANCE_PERIODIC,
                          .run_type = RUN_PERIODIC,
                          .try_limit = t->max_retries + 1,
                          .priority = t->priority,
                          .version_no = t->version_no,
                          .flags = t->dry_run ? INSTANCE_DRY_RUN : 0,
                          .planned = t->next.planned,
                          .fire_at = t->next.at,
                          .created_at = now,
                          .round_at = now };
    struct live *l = live_new(c, t, &i, now);

    l->unborn = l->unsaid = true;
}

static void fire(struct core *c, struct held_task *t, struct wall now)
{
    const struct instance_key key = { t->id, t->next.data_time };

    if (t->next_is_end) {
        t->range_over = true;
        heap_remove(&c->firings, &t->firing_node);
        firing_task_idle(c, t);
        return;
    }
    if (!t->project->enabled) {
        miss(c, t, MISS_PROJECT_DISABLED, now);
        if (!exists(c, key))
            waiting_missed(c, key);
    } else if (exists(c, key)) {
        miss(c, t, MISS_EXISTS, now); /* I1 */
    } else {
        make(c, t, now);
    }
    settled(c, t, t->next.planned, t->next.at);
    firing_plan(c, t);
}

bool firing_next(struct core *c, struct wall now)
{
    struct heap_node *top = heap_top(&c->firings);
    struct held_task *t = top ? CONTAINER_OF(top, struct held_task, firing_node) : NULL;

    if (!t || t->next.at.us > now.us)
        return false;
    fire(c, t, now);
    return true;
}

void firing_catch_up(struct core *c, struct held_task *t, struct wall now)
{
    while (heap_has(&t->firing_node) && !t->next_is_end && t->next.at.us <= now.us)
        fire(c, t, now);
}

void firing_skip(struct core *c, struct held_task *t, struct wall now)
{
    const struct schedule *s = &t->schedule->s;
    struct firing last;

    /* The clock may have been set back: what is settled stays so. */
    if (t->settled_at.us > now.us)
        now = t->settled_at;
    /* Nothing is planned before the range, so just before it stands for "nothing is settled". */
    if (!schedule_last(s, now, &last))
        last = (struct firing){ .planned = { s->start.s - 1 }, .at = now };
    settled(c, t, last.planned, last.at);
}

void firing_close(struct core *c, struct held_task *t, struct wall now)
{
    struct civil reached = schedule_reached(&t->schedule->s, now);

    if (t->settled_at.us >= now.us)
        return;
    /* Of a range that is still to come the mark lies ahead; the instant is what counts then. */
    settled(c, t, t->has_high_water && t->high_water.s > reached.s ? t->high_water : reached, now);
}
