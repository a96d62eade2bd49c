/* engine/cmd_manual.c - runs the tasks of a manual workflow for data times that are asked for. */
#include "engine/cmd_manual.h"

#include <stdio.h>

#include "engine/cmd_group.h"
#include "engine/cmd_task.h"
#include "engine/cmd_workflow.h"
#include "engine/engine_int.h"
#include "engine/wishes.h"
#include "model/json_list.h"
#include "model/json_text.h"
#include "model/names.h"

static enum err_code check_workflow(struct engine *g, const struct manual_request *r, struct err *e)
{
    struct workflow_row workflow;
    enum err_code rc =
        workflow_require(engine_view(g), &g->arena, r->project_id, r->workflow_id, &workflow, e);

    if (rc != E_OK || workflow_is_manual(&workflow))
        return rc;
    return err_user(e, E_CONFLICT, "WorkflowId",
                    "workflow `%.*s` runs by its schedule and is not manual; "
                    "CreateDataBackfillPlan runs its tasks for other data times",
                    "工作流 `%.*s` 按调度运行，不是手动工作流，请用 CreateDataBackfillPlan 补录",
                    STR_ARG(workflow.name));
}

/* ---- tasks --------------------------------------------------------------------------------- */

/* One that the request names. */
static enum err_code check_task(struct engine *g, const struct manual_request *r, int at,
                                struct err *e)
{
    struct task_row task = { .id = r->tasks[at] };
    char path[32];
    long long id = (long long)r->tasks[at];
    enum err_code rc = row_get(engine_view(g), &table_task, &g->arena, &task, e);

    snprintf(path, sizeof(path), "TaskIds.%d", at);
    if (rc == E_MISSING || (rc == E_OK && !str_eq(task.workflow_id, r->workflow_id)))
        return err_user(e, E_MISSING, path, "there is no task %lld in this workflow",
                        "该工作流中没有任务 %lld", id);
    if (rc != E_OK || task.status == TASK_SCHEDULING)
        return rc;
    if (task.submit_version_no == 0)
        return err_user(e, E_CONFLICT, path, "task %lld was never submitted; submit it first",
                        "任务 %lld 从未提交，请先提交", id);
    return err_user(e, E_CONFLICT, path,
                    "task %lld is in state %s; only a scheduling task (Y) can be run",
                    "任务 %lld 的状态为 %s，只有调度中(Y)的任务可以运行", id,
                    task_status_name((enum task_status)task.status));
}

static enum err_code named_tasks(struct engine *g, const struct manual_request *r, struct err *e)
{
    enum err_code rc = E_OK;

    for (int i = 0; i < r->n_tasks && rc == E_OK; i++)
        rc = check_task(g, r, i, e);
    return rc;
}

/* All of the workflow that can run. */
static enum err_code all_tasks(struct engine *g, const struct manual_request *r,
                               const int64_t **ret, int *ret_n, struct err *e)
{
    struct query q;
    void *rows;
    size_t n;

    query_init(&q, &table_task);
    query_text(&q, TASK_WORKFLOW_ID, QUERY_EQ, r->workflow_id);
    query_number(&q, TASK_STATUS, QUERY_EQ, TASK_SCHEDULING);
    query_order(&q, TASK_ID, false);
    q.limit = MANUAL_TASKS_MAX + 1;
    enum err_code rc = query_rows(engine_view(g), &q, &g->arena, &rows, &n, e);
    if (rc != E_OK)
        return rc;
    if (n == 0)
        return err_user(e, E_CONFLICT, "WorkflowId",
                        "no task of the workflow is submitted and in state Y",
                        "该工作流中没有已提交且处于调度中(Y)的任务");
    if (n > MANUAL_TASKS_MAX)
        return err_user(e, E_LIMIT, "WorkflowId",
                        "a run has at most %d tasks; name them with TriggerScope SPECIFIED_TASK",
                        "一次运行最多 %d 个任务，请用 TriggerScope SPECIFIED_TASK 指定任务",
                        MANUAL_TASKS_MAX);
    int64_t *ids = ARENA_ARRAY(&g->arena, int64_t, n);
    for (size_t i = 0; i < n; i++)
        ids[i] = ((const struct task_row *)rows)[i].id;
    *ret = ids;
    *ret_n = (int)n;
    return E_OK;
}

/* ---- the plan ------------------------------------------------------------------------------ */

static enum err_code wish_task(struct engine *g, const struct manual_request *r, int64_t task_id,
                               struct wishes *all, struct err *e)
{
    struct planned_round w = { .task_id = task_id };
    struct core_task task;
    struct task_spec spec;
    enum err_code rc = task_read(engine_view(g), task_id, &g->arena, &task, &spec, e);

    for (int i = 0; i < r->n_times && rc == E_OK; i++) {
        w.firing = (struct firing){ .planned = r->times[i],
                                    .at = r->zone ? zone_to_wall(r->zone, r->times[i])
                                                  : schedule_instant(&spec.schedule, r->times[i]),
                                    .data_time = r->times[i] };
        if (!wishes_add(all, &w))
            rc = wishes_too_many("DataTimeList", e);
    }
    return rc;
}

/* The request as the plan keeps it, with the tasks that it came to. */
static struct str doc_of(struct engine *g, const struct manual_request *r, const int64_t *tasks,
                         int n)
{
    json_t *ids = json_array();
    char id[TASK_ID_LEN + 4];

    for (int i = 0; i < n; i++) {
        task_id_format(tasks[i], id);
        json_array_append_new(ids, json_string(id));
    }
    json_object_set_new(r->doc, "TaskIds", ids);
    json_list_once(r->doc, "TaskIds");
    return json_text(r->doc, &g->arena);
}

/* Of a task that is named twice there is one. */
static int64_t count_tasks(const struct wishes *all)
{
    int64_t n = 0;

    for (size_t i = 0; i < all->n; i++)
        n += i == 0 || all->items[i].task_id != all->items[i - 1].task_id;
    return n;
}

static enum err_code run_tasks(struct engine *g, const struct manual_request *r,
                               const int64_t *tasks, int n, struct manual_run *ret, struct err *e)
{
    struct wished_plan wished = { .project_id = r->project_id,
                                  .name = r->name,
                                  .creator_uin = r->uin,
                                  .flags = INSTANCE_SKIP_EVENTS | INSTANCE_PLAN_UPSTREAMS,
                                  .times = "DataTimeList",
                                  .tasks = r->n_tasks > 0 ? r->tasks : NULL };
    struct wishes all = { .n = 0 };
    enum err_code rc = E_OK;

    for (int i = 0; i < n && rc == E_OK; i++)
        rc = wish_task(g, r, tasks[i], &all, e);
    if (rc == E_OK) {
        wished.doc = doc_of(g, r, tasks, n);
        rc = wishes_become(g, &all, &wished, &ret->plan, e);
    }
    ret->n_tasks = count_tasks(&all);
    wishes_done(&all);
    return rc;
}

enum err_code manual_run(struct engine *g, const struct manual_request *r, struct manual_run *ret,
                         struct err *e)
{
    const int64_t *tasks = r->tasks;
    int n = r->n_tasks;
    enum err_code rc = check_workflow(g, r, e);

    if (rc == E_OK)
        rc = name_check_text(r->name, "TriggerName", e);
    if (rc == E_OK)
        rc = group_require_use(g, r->group_id, r->project_id, "SchedulerResourceGroup", e);
    if (rc == E_OK)
        rc = n > 0 ? named_tasks(g, r, e) : all_tasks(g, r, &tasks, &n, e);
    return rc != E_OK ? rc : run_tasks(g, r, tasks, n, ret, e);
}
