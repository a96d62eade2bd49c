/* core/attempt.c - one start of a task's code: dispatch, the reports about it, its limit, its
 * retry.
 *
 * docs/reference/semantics.md 5.4, 5.5, 5.6.  An attempt is known by its fence; core.fences holds
 * the fences of the attempts that are alive, so a report with any other fence changes nothing (I2).
 */
#include "core/core_int.h"

static struct pair_key fence_key(uint64_t fence)
{
    return (struct pair_key){ fence, 0 };
}

static void occupy(struct core *c, struct live *l)
{
    struct group *g = l->group;

    l->i.group_id = g->id;
    check(!pair_map_put(&c->fences, fence_key(l->i.fence), l));
    g->running++;
    g->backfilling += queue_is_backfill(l);
    l->task->n_running++;
    if (l->plan)
        l->plan->running++;
    c->n_running++;
}

static void release(struct core *c, struct live *l)
{
    struct group *g = l->group;

    pair_map_remove(&c->fences, fence_key(l->i.fence));
    l->i.fence = 0;
    l->i.group_id = live_group_id(l);
    g->running--;
    g->backfilling -= queue_is_backfill(l);
    l->task->n_running--;
    if (l->plan)
        l->plan->running--;
    c->n_running--;
    queue_ceilings(g, l->task);
    queue_dirty(c, g);
    queue_task_freed(c, l->task);
    if (queue_is_planned(l))
        queue_plan_freed(c, l->plan);
}

void attempt_begin(struct core *c, struct live *l, struct wall now)
{
    const struct held_task *t = l->task;

    l->i.fence = c->port.next_fence(c->port.ctx);
    l->i.tries++;
    l->i.total_runs++;
    l->i.version_no = t->version_no; /* 5.11 */
    /* A new version may allow fewer; the try that was granted already is one of them. */
    l->i.try_limit = t->max_retries + 1 > l->i.tries ? t->max_retries + 1 : l->i.tries;
    l->i.flags &= ~(unsigned)INSTANCE_DRY_RUN;
    if (!wall_is_set(l->i.started_at))
        l->i.started_at = now;
    live_reason(l, STR(""));
    l->attempt_at = now;
    l->attempt_ttl_minutes = t->execution_ttl_minutes;
    l->reported = false;
    occupy(c, l);
    live_move(c, l, EVENT_DISPATCHED, now);
    effect_instance(c, EFFECT_ATTEMPT_BEGIN, l, now);
}

void attempt_restore(struct core *c, struct live *l)
{
    struct phase phases[PHASES_MAX];
    int n = phases_parse(buf_str(&l->phases), phases);

    l->group = l->i.group_id.ptr ? group_get(c, l->i.group_id) : l->task->group;
    l->attempt_at = n > 0 ? phases[n - 1].start : l->i.updated_at;
    occupy(c, l);
    queue_ceilings(l->group, l->task);
}

void attempt_kill(struct core *c, struct live *l)
{
    struct effect *e = effect_add(c, EFFECT_ATTEMPT_KILL);

    e->fence = l->i.fence;
    e->task_id = l->i.key.task_id;
    e->data_time = l->i.key.data_time;
    e->instance.key = l->i.key;
    e->instance.fence = l->i.fence;
}

void attempt_limit(struct core *c, struct live *l, struct wall now)
{
    live_reason(l, STR("the limit of the execution time passed"));
    l->i.flags |= INSTANCE_TIMED_OUT;
    effect_instance(c, EFFECT_INSTANCE_UPDATE, l, now);
    attempt_kill(c, l);
    timer_set(c, l);
}

static void failed(struct core *c, struct live *l, struct wall now)
{
    l->i.flags &= ~(unsigned)INSTANCE_TIMED_OUT;
    if (l->i.tries >= l->i.try_limit || l->task->gone) {
        live_move(c, l, EVENT_FAILED_LAST, now);
        return;
    }
    l->i.retry_at = wall_after_minutes(now, l->task->retry_wait_minutes);
    live_move(c, l, EVENT_FAILED_MORE, now);
}

static void ended(struct core *c, struct live *l, enum attempt_result result, struct str reason,
                  struct wall now)
{
    release(c, l);
    if (l->i.flags & INSTANCE_KILLING) {
        live_move(c, l, EVENT_KILLED, now);
    } else if (l->i.flags & INSTANCE_TIMED_OUT) {
        failed(c, l, now);
    } else if (result == RESULT_SUCCESS) {
        live_move(c, l, EVENT_SUCCEEDED, now);
    } else {
        live_reason(l, reason);
        if (result == RESULT_KILLED)
            live_move(c, l, EVENT_KILLED, now);
        else
            failed(c, l, now);
    }
}

void core_attempt_ended(struct core *c, uint64_t fence, enum attempt_result result,
                        struct str reason, struct wall ended_at, struct wall now)
{
    fresh_settle(c, now);
    struct live *l = pair_map_get(&c->fences, fence_key(fence));
    if (l)
        ended(c, l, result, reason,
              ended_at.us >= l->attempt_at.us && ended_at.us < now.us ? ended_at : now);
    /* Also a report that changed nothing, so that it is not repeated for ever. */
    effect_add(c, EFFECT_ATTEMPT_ACK)->fence = fence;
}

void core_attempt_running(struct core *c, uint64_t fence, struct wall started_at, struct wall now)
{
    struct live *l = pair_map_get(&c->fences, fence_key(fence));

    (void)now;
    if (!l)
        return;
    l->reported = true;
    if (wall_is_set(started_at))
        l->attempt_at = started_at;
    timer_set(c, l);
}
