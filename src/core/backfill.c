/* core/backfill.c - what operators ask for about single instances.
 * docs/reference/semantics.md 5.6, 5.7, 5.8, 7.1. */
#include "core/core_int.h"

#include <inttypes.h>

/* AllowRedoType (5.7). */
static bool is_forbidden(const struct held_task *t, const struct instance *old)
{
    return old &&
           (t->redo == REDO_NONE || (t->redo == REDO_FAILURE && old->state == INSTANCE_COMPLETED));
}

enum err_code core_backfill_check(struct core *c, const struct backfill_wish *w, bool *ret_active,
                                  struct err *e)
{
    const struct held_task *t = held_find(c, w->task_id);
    const struct instance *old = w->existing;
    char data_time[CIVIL_TEXT_LEN + 1];

    *ret_active = false;
    if (!t)
        return err_user(e, E_MISSING, "", "task %" PRId64 " is not scheduled",
                        "任务 %" PRId64 " 未提交调度", w->task_id);
    struct instance_key key = { w->task_id, w->firing.data_time };
    const struct plan *to_come = plan_promising(c, key);
    const struct live *live = live_find(c, key);
    bool doomed = live && plan_dooms(live);
    if ((live && !doomed) || (to_come && !to_come->doomed && !str_eq(to_come->id, w->plan_id))) {
        *ret_active = true;
        return err_user(e, E_CONFLICT, "", "the instance is active", "实例正在等待或运行");
    }
    if (doomed)
        old = &live->i;
    civil_format(w->firing.data_time, data_time);
    if (is_forbidden(t, old))
        return err_user(e, E_DENIED, "",
                        "AllowRedoType of task %" PRId64
                        " does not allow to run the instance of data time %s again",
                        "任务 %" PRId64 " 的 AllowRedoType 不允许重跑数据时间 %s 的实例",
                        w->task_id, data_time);
    return E_OK;
}

static enum instance_type type_of(const struct held_task *t, const struct instance *old, bool rerun)
{
    if (rerun)
        return old->type;
    return t->schedule->s.manual ? INSTANCE_APERIODIC : INSTANCE_BACKFILL;
}

static enum run_type run_type_of(const struct held_task *t, bool rerun)
{
    if (t->schedule->s.manual)
        return rerun ? RUN_RERUN_MANUAL : RUN_MANUAL;
    return rerun ? RUN_RERUN : RUN_ADDITION;
}

void core_backfill(struct core *c, const struct backfill_wish *w, struct wall now)
{
    struct held_task *t = held_find(c, w->task_id);
    const struct instance *old = w->existing;

    check(t && (old || !w->rerun));
    const struct instance_key key = { w->task_id, w->firing.data_time };
    plan_kept(c, w->plan_id, key);
    struct live *live = live_find(c, key);
    struct instance ended;
    if (live && !plan_dooms(live))
        return; /* I1 */
    if (live) {
        ended = live_end_doomed(c, live, now);
        old = &ended;
    }
    if (is_forbidden(t, old)) { /* what was promised came by itself, and is over */
        fresh_settle(c, now);
        waiting_withdrawn(c, key);
        return;
    }
    struct instance i = { .key = key,
                          .state = INSTANCE_WAIT_EVENT,
                          .type = type_of(t, old, w->rerun),
                          .run_type = run_type_of(t, w->rerun),
                          .round = old ? old->round + 1 : 0,
                          .try_limit = t->max_retries + 1,
                          .total_runs = old ? old->total_runs : 0,
                          .priority = t->priority,
                          .version_no = t->version_no,
                          .flags = w->flags | (t->dry_run ? INSTANCE_DRY_RUN : 0),
                          .planned = w->firing.planned,
                          .fire_at = w->firing.at,
                          .created_at = old ? old->created_at : now,
                          .round_at = now,
                          .plan_id = w->plan_id };
    if (old) {
        check(instance_next(old->state, EVENT_NEW_ROUND) == INSTANCE_WAIT_EVENT);
        struct effect *e = effect_add(c, EFFECT_ROUND_CLOSE);
        e->instance = effect_record(c, old);
        e->task_id = i.key.task_id;
        e->data_time = i.key.data_time;
        e->at = now;
    }
    struct live *l = live_new(c, t, &i, now);
    waiting_reopened(c, i.key);
    l->unborn = !old;
    l->unsaid = true;
}

bool core_kill(struct core *c, struct instance_key key, struct str reason, struct wall now)
{
    fresh_settle(c, now);
    struct live *l = live_find(c, key);
    if (!l)
        return false;
    live_kill(c, l, reason, now);
    return true;
}

/* One that is not in memory: only its record changes, and those who wait for it go on. */
static void ended_success(struct core *c, const struct instance *old, struct str reason,
                          struct wall now)
{
    struct buf phases;
    struct instance i = *old;

    buf_init(&phases, PHASES_TEXT_MAX);
    buf_add_str(&phases, old->phases);
    phases_push(&phases, INSTANCE_COMPLETED, now);
    i.state = INSTANCE_COMPLETED;
    i.phases = buf_str(&phases);
    i.reason = reason;
    i.updated_at = now;
    if (!wall_is_set(i.ended_at))
        i.ended_at = now;
    struct effect *e = effect_add(c, EFFECT_INSTANCE_UPDATE);
    e->instance = effect_record(c, &i);
    e->task_id = i.key.task_id;
    e->data_time = i.key.data_time;
    e->planned = i.planned;
    e->at = now;
    buf_done(&phases);
    waiting_notify(c, i.key, INSTANCE_COMPLETED);
}

enum err_code core_set_success(struct core *c, struct instance_key key,
                               const struct instance *existing, struct str reason, struct wall now,
                               struct err *e)
{
    fresh_settle(c, now);
    struct live *l = live_find(c, key);
    if (!l && !existing)
        return err_user(e, E_MISSING, "", "the instance does not exist", "实例不存在");
    enum instance_state state = l ? l->i.state : existing->state;
    if (instance_next(state, EVENT_SET_SUCCESS) == INSTANCE_ILLEGAL)
        return err_user(e, E_CONFLICT, "", "the instance is %s", "实例的状态为 %s",
                        instance_state_name(state));
    if (l) {
        live_reason(l, reason);
        live_move(c, l, EVENT_SET_SUCCESS, now);
    } else if (state != INSTANCE_COMPLETED) {
        ended_success(c, existing, reason, now);
    }
    return E_OK;
}
