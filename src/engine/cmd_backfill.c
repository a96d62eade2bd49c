/* engine/cmd_backfill.c - makes a backfill plan: instances of tasks for data dates, all of them or
 * none. */
#include "engine/cmd_backfill.h"

#include "core/core.h"
#include "engine/cmd_group.h"
#include "engine/cmd_project.h"
#include "engine/cmd_task.h"
#include "engine/engine_int.h"
#include "engine/planning.h"
#include "model/names.h"
#include "sys/random.h"

/* Data times that one request may look at in vain, outside the windows of its ranges. */
enum { LOOKED_MAX = 2 * BACKFILL_INSTANCES_MAX };

struct wishes {
    struct planned_round *items;
    size_t n, cap;
    int64_t looked;
    int64_t looks; /* at upstream instances, that they are to take */
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
                              const struct planned_round *wish, struct err *e)
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
                                const struct backfill_range *range, struct planned_round *w,
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
                               struct wishes *all, struct err *e)
{
    struct planned_round w = { .task_id = r->tasks[at] };
    struct task_spec spec;
    enum err_code rc = check_task(g, r, at, &spec, e);

    for (int i = 0; i < r->n_ranges && rc == E_OK; i++)
        rc = wish_range(r, &spec.schedule, &r->ranges[i], &w, all, e);
    return rc;
}

static int task_at(const struct backfill_request *r, int64_t task_id)
{
    int i = 0;

    while (r->tasks[i] != task_id)
        i++;
    return i;
}

/* May it run, with what is there of it?  What is active stays as it is, and is part of the plan all
 * the same (7.1). */
static enum err_code check_wish(struct engine *g, struct planned_round *w,
                                const struct instance *ended, struct err *e)
{
    const struct backfill_wish wish = { .task_id = w->task_id,
                                        .firing = w->firing,
                                        .existing = ended };
    enum err_code rc = core_backfill_check(g->core, &wish, &w->left, e);

    return rc == E_CONFLICT && w->left ? E_OK : rc;
}

/* What is there of a task from one data time of the plan to the other; by data time. */
static enum err_code find_ended(struct engine *g, const struct planned_round *first,
                                const struct planned_round *last, const struct instance_row **ret,
                                size_t *ret_n, struct err *e)
{
    struct query q;
    void *rows;

    query_init(&q, &table_instance);
    query_number(&q, INSTANCE_TASK_ID, QUERY_EQ, first->task_id);
    query_number(&q, INSTANCE_DATA_TIME, QUERY_GE, first->firing.data_time.s);
    query_number(&q, INSTANCE_DATA_TIME, QUERY_LE, last->firing.data_time.s);
    query_order(&q, INSTANCE_DATA_TIME, false);
    enum err_code rc = query_rows(engine_view(g), &q, &g->arena, &rows, ret_n, e);
    *ret = rows;
    return rc;
}

/* The n wishes of one task, by data time.  The store is asked only where AllowRedoType may refuse
 * what is over; what runs again is looked up when its round is made. */
static enum err_code check_wishes_of(struct engine *g, struct planned_round *w, size_t n,
                                     struct err *e)
{
    const struct instance_row *rows = NULL;
    size_t n_rows = 0, at = 0;
    enum err_code rc = core_task_redo(g->core, w->task_id) == REDO_ALL
                           ? E_OK
                           : find_ended(g, &w[0], &w[n - 1], &rows, &n_rows, e);

    for (size_t k = 0; k < n && rc == E_OK; k++) {
        struct instance ended;
        while (at < n_rows && rows[at].data_time.s < w[k].firing.data_time.s)
            at++;
        bool found = at < n_rows && rows[at].data_time.s == w[k].firing.data_time.s;
        if (found)
            instance_from_row(&rows[at], &ended);
        rc = check_wish(g, &w[k], found ? &ended : NULL, e);
    }
    return rc;
}

/* Of one task the first stands for all.  *looks: upstream instances that the plan is to look at. */
static enum err_code weigh_wishes_of(struct engine *g, const struct backfill_request *r,
                                     const struct planned_round *first, size_t n, int64_t *looks,
                                     struct err *e)
{
    if (r->flags & INSTANCE_SKIP_UPSTREAMS)
        return E_OK;
    *looks += (int64_t)n * core_candidates(g->core, first->task_id, first->firing.data_time);
    if (*looks <= BACKFILL_LOOKS_MAX)
        return E_OK;
    return err_user(
        e, E_LIMIT, "DataBackfillRangeList",
        "the instances of the plan would wait for more than %d upstream instances in "
        "all; use shorter ranges, or CheckParentType NONE",
        "该计划的实例总共将等待超过 %d 个上游实例，请缩短日期范围，或将 CheckParentType "
        "设为 NONE",
        BACKFILL_LOOKS_MAX);
}

/* They are in the order of their keys. */
static enum err_code check_wishes(struct engine *g, const struct backfill_request *r,
                                  struct wishes *all, struct err *e)
{
    enum err_code rc = E_OK;
    char path[64];

    for (size_t i = 0, end; i < all->n && rc == E_OK; i = end) {
        struct planned_round *first = &all->items[i];
        for (end = i + 1; end < all->n && all->items[end].task_id == first->task_id;)
            end++;
        rc = weigh_wishes_of(g, r, first, end - i, &all->looks, e);
        if (rc != E_OK)
            return rc;
        rc = check_wishes_of(g, first, end - i, e);
        if (rc != E_OK) {
            snprintf(path, sizeof(path), "TaskIds.%d", task_at(r, first->task_id));
            err_prefix(e, path);
        }
    }
    return rc;
}

static int by_key(const void *a, const void *b)
{
    const struct planned_round *x = a, *y = b;

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
                                size_t total, struct err *e)
{
    struct plan_row plan = { .id = id,
                             .project_id = r->project_id,
                             .name = r->name.len > 0 ? r->name : id,
                             .creator_uin = r->uin,
                             .created_at = g->now,
                             .total = (int64_t)total,
                             .doc = r->doc };

    return row_insert(g->config.store, &table_plan, &plan, NULL, e);
}

enum err_code backfill_create(struct engine *g, const struct backfill_request *r,
                              struct str *ret_id, struct err *e)
{
    struct project_row project;
    struct wishes all = { NULL, 0, 0, 0, 0 };
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
        rc = wish_task(g, r, i, &all, e);
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
        rc = planning_room(g, all.n, e);
    if (rc == E_OK)
        rc = plan_write(g, r, id, all.n, e);
    if (rc == E_OK)
        rc = planning_begin(g, &(struct planning){ id, r->flags, all.items, all.n, all.looks }, e);
    mem_free(all.items);
    if (rc == E_OK)
        *ret_id = id;
    return rc;
}
