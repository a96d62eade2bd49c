/* engine/cmd_backfill.c - makes a backfill plan: instances of tasks for data dates, all of them or
 * none. */
#include "engine/cmd_backfill.h"

#include "core/core.h"
#include "engine/cmd_group.h"
#include "engine/cmd_project.h"
#include "engine/cmd_task.h"
#include "engine/engine_int.h"
#include "model/names.h"
#include "sys/random.h"

/* Data times that one request may look at in vain, outside the windows of its ranges. */
enum { LOOKED_MAX = 2 * BACKFILL_INSTANCES_MAX };

struct wishes {
    struct backfill_wish *items;
    size_t n, cap;
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

/* The terminal instance of the data time as the core wants it, NULL when there is none. */
static enum err_code existing_get(struct engine *g, struct instance_key key,
                                  const struct instance **ret, struct err *e)
{
    struct instance_row row = { .task_id = key.task_id, .data_time = key.data_time };
    enum err_code rc = row_get(engine_view(g), &table_instance, &g->arena, &row, e);

    *ret = NULL;
    if (rc == E_MISSING)
        return E_OK;
    if (rc == E_OK) {
        struct instance *i = ARENA_NEW(&g->arena, struct instance);
        instance_from_row(&row, i);
        *ret = i;
    }
    return rc;
}

static enum err_code limit_error(struct err *e)
{
    return err_user(e, E_LIMIT, "DataBackfillRangeList",
                    "a plan has at most %d instances; use shorter ranges",
                    "一个补录计划最多 %d 个实例，请缩短日期范围", BACKFILL_INSTANCES_MAX);
}

/* Is the data time one of the plan?  Then it is written down; whether it may run again is asked
 * when all are found, so that a plan which is too large is refused before the store is read for it.
 */
static enum err_code wish_add(const struct backfill_request *r, struct wishes *all,
                              const struct backfill_wish *wish, struct err *e)
{
    if (r->month_cycle && civil_split(wish->firing.data_time).day != 1)
        return all->looked++ < LOOKED_MAX ? E_OK : limit_error(e);
    if (all->n >= BACKFILL_INSTANCES_MAX)
        return limit_error(e);
    all->items = mem_grow(all->items, &all->cap, all->n + 1, sizeof(*all->items));
    all->items[all->n++] = *wish;
    return E_OK;
}

static enum err_code wish_range(const struct backfill_request *r, const struct schedule *s,
                                const struct backfill_range *range, struct backfill_wish *w,
                                struct wishes *all, struct err *e)
{
    struct civil end = { range->last_day.s + CIVIL_DAY - 1 }, from = range->first_day;

    while (schedule_data_next(s, from, SCHEDULE_IGNORE_RANGE, &w->firing) &&
           w->firing.data_time.s <= end.s) {
        from.s = w->firing.data_time.s + 1;
        if (!in_window(s, range, w->firing.data_time, &from)) {
            if (all->looked++ < LOOKED_MAX)
                continue;
            return limit_error(e);
        }
        enum err_code rc = wish_add(r, all, w, e);
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

static enum err_code wish_task(struct engine *g, const struct backfill_request *r, int at,
                               struct str plan_id, struct wishes *all, struct err *e)
{
    struct backfill_wish w = { .task_id = r->tasks[at], .flags = r->flags, .plan_id = plan_id };
    struct task_spec spec;
    enum err_code rc = check_task(g, r, at, &spec, e);

    for (int i = 0; i < r->n_ranges && rc == E_OK; i++)
        rc = wish_range(r, &spec.schedule, &r->ranges[i], &w, all, e);
    return rc;
}

/* May it run, with what is there of it? */
static enum err_code check_wish(struct engine *g, const struct backfill_request *r,
                                struct backfill_wish *w, bool any, struct err *e)
{
    struct instance_key key = { w->task_id, w->firing.data_time };
    bool active = false;
    char path[64];
    enum err_code rc = any ? existing_get(g, key, &w->existing, e) : E_OK;

    if (rc == E_OK)
        rc = core_backfill_check(g->core, w, &active, e);
    if (rc == E_CONFLICT && active)
        return E_OK; /* it runs already: part of the plan, left as it is (7.1) */
    for (int i = 0; i < r->n_tasks && rc != E_OK; i++)
        if (r->tasks[i] == w->task_id) {
            snprintf(path, sizeof(path), "TaskIds.%d", i);
            err_prefix(e, path);
            break;
        }
    return rc;
}

/* Is there any instance of the task from one data time to the other?  Most plans are for days of
 * which nothing is there, and one look is less than one for each. */
static enum err_code any_between(struct engine *g, int64_t task_id, struct civil first,
                                 struct civil last, bool *ret, struct err *e)
{
    struct query q;
    void *rows;
    size_t n;

    query_newest_instance(&q, task_id, (struct civil){ last.s + 1 });
    enum err_code rc = query_rows(engine_view(g), &q, &g->arena, &rows, &n, e);
    if (rc == E_OK)
        *ret = n > 0 && ((const struct instance_row *)rows)->data_time.s >= first.s;
    return rc;
}

/* They are in the order of their keys. */
static enum err_code check_wishes(struct engine *g, const struct backfill_request *r,
                                  struct wishes *all, struct err *e)
{
    enum err_code rc = E_OK;

    for (size_t i = 0, end; i < all->n && rc == E_OK; i = end) {
        struct backfill_wish *first = &all->items[i];
        bool any = true;
        for (end = i + 1; end < all->n && all->items[end].task_id == first->task_id;)
            end++;
        if (end - i > 1)
            rc = any_between(g, first->task_id, first->firing.data_time,
                             all->items[end - 1].firing.data_time, &any, e);
        for (size_t k = i; k < end && rc == E_OK; k++)
            rc = check_wish(g, r, &all->items[k], any, e);
    }
    return rc;
}

static int by_key(const void *a, const void *b)
{
    const struct backfill_wish *x = a, *y = b;

    if (x->task_id != y->task_id)
        return x->task_id < y->task_id ? -1 : 1;
    return x->firing.data_time.s < y->firing.data_time.s
               ? -1
               : x->firing.data_time.s > y->firing.data_time.s;
}

/* Overlapping ranges name a data time twice; it is one instance. */
static void drop_repeated(struct wishes *all)
{
    size_t kept = 0;

    qsort(all->items, all->n, sizeof(*all->items), by_key);
    for (size_t i = 0; i < all->n; i++)
        if (kept == 0 || by_key(&all->items[kept - 1], &all->items[i]) != 0)
            all->items[kept++] = all->items[i];
    all->n = kept;
}

static enum err_code plan_write(struct engine *g, const struct backfill_request *r, struct str id,
                                const struct wishes *all, struct err *e)
{
    struct plan_row plan = { .id = id,
                             .project_id = r->project_id,
                             .name = r->name.len > 0 ? r->name : id,
                             .creator_uin = r->uin,
                             .created_at = g->now,
                             .total = (int64_t)all->n,
                             .doc = r->doc };
    enum err_code rc = row_insert(g->config.store, &table_plan, &plan, NULL, e);

    for (size_t i = 0; i < all->n && rc == E_OK; i++) {
        const struct backfill_wish *w = &all->items[i];
        struct plan_instance_row row = { .plan_id = id,
                                         .task_id = w->task_id,
                                         .data_time = w->firing.data_time,
                                         .round = w->existing ? w->existing->round + 1 : 0 };
        if (w->existing && !instance_state_is_terminal(w->existing->state))
            row.round = w->existing->round;
        rc = row_insert(g->config.store, &table_plan_instance, &row, NULL, e);
    }
    return rc;
}

enum err_code backfill_create(struct engine *g, const struct backfill_request *r,
                              struct str *ret_id, struct err *e)
{
    struct project_row project;
    struct wishes all = { NULL, 0, 0, 0 };
    char uuid[UUID_LEN + 1];
    enum err_code rc =
        project_require(engine_view(g), &g->arena, r->project_id, "ProjectId", &project, e);

    if (rc == E_OK)
        rc = name_check_text(r->name, "DataBackfillPlanName", e);
    if (rc == E_OK)
        rc = group_require_use(g, r->group_id, r->project_id, "SchedulerResourceGroupId", e);
    if (rc != E_OK)
        return rc;
    random_uuid(uuid);
    struct str id = arena_str(&g->arena, str_from(uuid));
    for (int i = 0; i < r->n_tasks && rc == E_OK; i++)
        rc = wish_task(g, r, i, id, &all, e);
    if (rc == E_OK && all.n == 0)
        rc = err_user(
            e, E_CONFLICT, "DataBackfillRangeList",
            "the tasks have no data time in these ranges; check their cycles and the dates",
            "所选日期范围内任务没有数据时间，请检查任务周期与日期");
    if (rc == E_OK)
        drop_repeated(&all);
    if (rc == E_OK)
        rc = check_wishes(g, r, &all, e);
    if (rc == E_OK)
        rc = plan_write(g, r, id, &all, e);
    for (size_t i = 0; i < all.n && rc == E_OK; i++) {
        const struct backfill_wish *w = &all.items[i];
        if (!w->existing || instance_state_is_terminal(w->existing->state))
            core_backfill(g->core, w, g->now);
    }
    mem_free(all.items);
    if (rc == E_OK)
        *ret_id = id;
    return rc;
}
