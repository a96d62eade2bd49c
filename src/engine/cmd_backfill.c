/* engine/cmd_backfill.c - makes a backfill plan: instances of tasks for data dates, all of them or
 * none. */
#include "engine/cmd_backfill.h"

#include "core/core.h"
#include "engine/cmd_group.h"
#include "engine/cmd_project.h"
#include "engine/cmd_task.h"
#include "engine/engine_int.h"
#include "engine/wishes.h"
#include "model/names.h"

/* Data times that one request may look at in vain, outside the windows of its ranges. */
enum { LOOKED_MAX = 2 * WISHES_MAX };

struct finding {
    const struct backfill_request *request;
    struct wishes wishes;
    int64_t looked;
};

/* False: outside; then *ret_from is where the next window opens, so that a cycle of seconds is not
 * walked through outside of it. */
static bool in_window(const struct schedule *s, const struct backfill_range *range,
                      struct civil data_time, struct civil *ret_from)
{
    if (s->cycle != CYCLE_HOUR && s->cycle != CYCLE_MINUTE)
        return true;
    int64_t day = civil_day(data_time).s, minute = (data_time.s - day) / CIVIL_MINUTE;

    if (minute >= range->window_from && minute <= range->window_to)
        return true;
    if (minute > range->window_to)
        day += CIVIL_DAY;
    ret_from->s = day + range->window_from * CIVIL_MINUTE;
    return false;
}

static enum err_code too_many(struct err *e)
{
    return wishes_too_many("DataBackfillRangeList", e);
}

/* Is the data time one of the plan?  Then it is written down; whether it may run again is asked
 * when all are found, so that a plan which is too large is refused before the store is read for it.
 */
static enum err_code wish_add(struct finding *f, const struct planned_round *wish, struct err *e)
{
    if (f->request->month_cycle && civil_split(wish->firing.data_time).day != 1)
        return f->looked++ < LOOKED_MAX ? E_OK : too_many(e);
    return wishes_add(&f->wishes, wish) ? E_OK : too_many(e);
}

static enum err_code wish_range(struct finding *f, const struct schedule *s,
                                const struct backfill_range *range, struct planned_round *w,
                                struct err *e)
{
    struct civil end = { range->last_day.s + CIVIL_DAY - 1 }, from = range->first_day;

    while (schedule_data_next(s, from, SCHEDULE_IGNORE_RANGE, &w->firing) &&
           w->firing.data_time.s <= end.s) {
        from.s = w->firing.data_time.s + 1;
        if (!in_window(s, range, w->firing.data_time, &from)) {
            if (f->looked++ < LOOKED_MAX)
                continue;
            return too_many(e);
        }
        enum err_code rc = wish_add(f, w, e);
        if (rc != E_OK)
            return rc;
    }
    return E_OK;
}

/* What must be so of a task, whatever its data times. */
static enum err_code check_task(struct engine *g, const struct backfill_request *r, int at,
                                struct task_spec *ret, struct err *e)
{
    struct task_row row = { .id = r->tasks[at] };
    struct core_task task;
    char path[64];
    long long id = (long long)r->tasks[at];
    enum err_code rc = task_read(engine_view(g), r->tasks[at], &g->arena, &task, ret, e);

    snprintf(path, sizeof(path), "TaskIds.%d", at);
    if (rc == E_MISSING && row_get(engine_view(g), &table_task, &g->arena, &row, e) == E_OK &&
        str_eq(row.project_id, r->project_id))
        return err_user(e, E_CONFLICT, path, "task %lld was never submitted; submit it first",
                        "任务 %lld 从未提交，请先提交", id);
    if (rc == E_MISSING || (rc == E_OK && !str_eq(task.project_id, r->project_id)))
        return err_user(e, E_MISSING, path, "there is no task %lld in this project",
                        "该项目中没有任务 %lld", id);
    if (rc == E_OK && (r->flags & INSTANCE_WAIT_CYCLE))
        rc = task_require_cycle(engine_view(g), &g->arena, r->tasks[at], e);
    if (rc != E_OK)
        return rc;
    if (task.status != TASK_SCHEDULING)
        return err_user(e, E_CONFLICT, path,
                        "task %lld is in state %s; only a scheduling task (Y) can be backfilled",
                        "任务 %lld 的状态为 %s，只有调度中(Y)的任务可以补录", id,
                        task_status_name(task.status));
    if (ret->schedule.manual)
        return err_user(
            e, E_CONFLICT, path,
            "task %lld is in a manual workflow; TriggerManualTasks (2021-08-20) runs it",
            "任务 %lld 属于手动工作流，请用 TriggerManualTasks(2021-08-20)触发运行", id);
    if (ret->schedule.cycle == CYCLE_ONEOFF)
        return err_user(e, E_CONFLICT, path,
                        "task %lld is a one-off task; those cannot be backfilled",
                        "任务 %lld 是一次性任务，不能补录", id);
    if (r->month_cycle && ret->schedule.cycle != CYCLE_DAY)
        return err_user(e, E_CONFLICT, path,
                        "RedefineCycleType is for tasks of DAY_CYCLE; task %lld has %s",
                        "RedefineCycleType 只适用于天周期任务，任务 %lld 的周期为 %s", id,
                        cycle_name(ret->schedule.cycle));
    return E_OK;
}

static enum err_code wish_task(struct engine *g, struct finding *f, int at, struct err *e)
{
    const struct backfill_request *r = f->request;
    struct planned_round w = { .task_id = r->tasks[at] };
    struct task_spec spec;
    enum err_code rc = check_task(g, r, at, &spec, e);

    for (int i = 0; i < r->n_ranges && rc == E_OK; i++)
        rc = wish_range(f, &spec.schedule, &r->ranges[i], &w, e);
    return rc;
}

enum err_code backfill_create(struct engine *g, const struct backfill_request *r,
                              struct str *ret_id, struct err *e)
{
    const struct wished_plan wished = { .project_id = r->project_id,
                                        .name = r->name,
                                        .creator_uin = r->uin,
                                        .doc = r->doc,
                                        .flags = r->flags,
                                        .times = "DataBackfillRangeList",
                                        .tasks = r->tasks };
    struct finding f = { .request = r };
    struct project_row project;
    struct plan_row plan;
    enum err_code rc =
        project_require(engine_view(g), &g->arena, r->project_id, "ProjectId", &project, e);

    if (rc == E_OK)
        rc = name_check_text(r->name, "DataBackfillPlanName", e);
    if (rc == E_OK)
        rc = group_require_use(g, r->group_id, r->project_id, "SchedulerResourceGroupId", e);
    for (int i = 0; i < r->n_tasks && rc == E_OK; i++)
        rc = wish_task(g, &f, i, e);
    if (rc == E_OK && f.wishes.n == 0)
        rc = err_user(
            e, E_CONFLICT, "DataBackfillRangeList",
            "the tasks have no data time in these ranges; check their cycles and the dates",
            "所选日期范围内任务没有数据时间，请检查任务周期与日期");
    if (rc == E_OK)
        rc = wishes_become(g, &f.wishes, &wished, &plan, e);
    wishes_done(&f.wishes);
    if (rc == E_OK)
        *ret_id = plan.id;
    return rc;
}
