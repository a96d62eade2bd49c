/* engine/task_check.c - does what a task names exist, and does it fit? */
#include "engine/task_check.h"

#include <stdio.h>

#include "engine/cmd_group.h"
#include "engine/cmd_project.h"
#include "engine/cmd_task_folder.h"
#include "engine/cmd_workflow.h"
#include "engine/engine_int.h"
#include "engine/reach.h"
#include "model/task_folder.h"
#include "model/workflow_schedule.h"

/* In a workflow that waits for its previous cycle all tasks have the same (2.9). */
static enum err_code check_shared_cycle(const struct workflow_row *workflow,
                                        const struct task_spec *spec, struct err *e)
{
    enum cycle cycle;

    if (!workflow_schedule_waits(workflow->doc, &cycle) || cycle == spec->schedule.cycle)
        return E_OK;
    return err_user(e, E_RANGE, "TaskSchedulerConfiguration.CycleType",
                    "the workflow has DependencyWorkflow yes, so all its tasks are %s",
                    "工作流设置了自依赖，其任务的周期类型必须均为 %s", cycle_name(cycle));
}

static enum err_code check_place(struct engine *g, const struct task_write *w, bool *ret_manual,
                                 struct err *e)
{
    struct arena *a = engine_arena(g);
    struct project_row project;
    struct workflow_row workflow = { .id = w->spec->workflow_id };
    enum err_code rc = project_require(engine_view(g), a, w->project_id, "ProjectId", &project, e);

    if (rc != E_OK)
        return rc;
    rc = w->spec->workflow_id.len == 0 ? E_MISSING
                                       : row_get(engine_view(g), &table_workflow, a, &workflow, e);
    if (rc == E_MISSING || (rc == E_OK && !str_eq(workflow.project_id, w->project_id)))
        return err_user(e, E_MISSING, "TaskBaseAttribute.WorkflowId",
                        "there is no workflow `%.*s` in this project", "该项目中没有工作流 `%.*s`",
                        STR_ARG(w->spec->workflow_id));
    *ret_manual = rc == E_OK && workflow_is_manual(&workflow);
    if (rc == E_OK)
        rc = check_shared_cycle(&workflow, w->spec, e);
    if (rc != E_OK || w->spec->folder_path.len == 0)
        return rc;
    return task_folder_path_require(engine_view(g), a, w->spec->workflow_id,
                                    str_from(task_folder_type_of(w->spec->type_id)),
                                    w->spec->folder_path, "TaskBaseAttribute.TaskFolderPath", e);
}

static enum err_code check_calendar(struct engine *g, const struct task_write *w, struct err *e)
{
    struct calendar_row calendar = { .id = w->spec->calendar_id };

    if (w->spec->calendar_id.len == 0)
        return E_OK;
    enum err_code rc = row_get(engine_view(g), &table_calendar, engine_arena(g), &calendar, e);
    if (rc == E_MISSING)
        return err_user(e, E_MISSING, "TaskSchedulerConfiguration.CalendarId",
                        "there is no calendar `%.*s`", "日历 `%.*s` 不存在",
                        STR_ARG(w->spec->calendar_id));
    return rc;
}

static enum err_code check_pair(const struct task_spec *down, const struct task_upstream *up,
                                enum cycle up_cycle, struct err *e)
{
    enum cycle cycle = down->schedule.cycle;
    struct dep_rule rule;
    struct buf allowed;

    task_upstream_rule(up, cycle, up_cycle, &rule);
    if (dep_pair_is_valid(cycle, up_cycle, rule.main, rule.sub))
        return E_OK;
    buf_init(&allowed, 512);
    dep_pair_list(cycle, up_cycle, &allowed);
    if (allowed.len == 0)
        err_user(e, E_RANGE, "MainCyclicConfig", "a %s task cannot depend on a %s task",
                 "%s 任务不能依赖 %s 任务", cycle_name(cycle), cycle_name(up_cycle));
    else
        err_user(e, E_RANGE, "MainCyclicConfig",
                 "%s%s%s does not fit a %s task that depends on a %s task; allowed: %s",
                 "%s%s%s 不适用于 %s 任务依赖 %s 任务；可用的有：%s", dep_main_name(rule.main),
                 rule.sub != DEP_SUB_NONE ? "/" : "",
                 rule.sub != DEP_SUB_NONE ? dep_sub_name(rule.sub) : "", cycle_name(cycle),
                 cycle_name(up_cycle), allowed.ptr);
    buf_done(&allowed);
    return E_RANGE;
}

/* Is the dependency there already, in the draft?  Existing ones stay, whoever saves (3.7). */
static enum err_code is_new_edge(struct engine *g, int64_t down, int64_t up, bool *ret,
                                 struct err *e)
{
    struct edge_row edge = { .down_task = down, .up_task = up };
    enum err_code rc =
        down != 0 ? row_get(engine_view(g), &table_edge, engine_arena(g), &edge, e) : E_MISSING;

    *ret = rc == E_MISSING;
    return rc == E_MISSING ? E_OK : rc;
}

static enum err_code no_task(const char *path, int64_t id, struct err *e)
{
    return err_user(e, E_MISSING, path, "there is no task %017lld", "任务 %017lld 不存在",
                    (long long)id);
}

/* AllowDownstreamDependency is only in the document, which may be megabytes of code, and a task may
 * have a thousand upstreams; it is looked at for new edges alone. */
static enum err_code check_allows(struct engine *g, const struct task_row *up, struct err *e)
{
    const struct version_entry *version;
    enum err_code rc =
        version_cache_get(&g->versions, engine_view(g), up->id, up->version_no, &version, e);

    if (rc == E_OK && !version->spec.allow_downstream)
        return err_user(e, E_DENIED, "TaskId",
                        "task %lld does not allow downstream tasks (AllowDownstreamDependency 0)",
                        "任务 %lld 不允许被依赖(AllowDownstreamDependency 为 0)",
                        (long long)up->id);
    return rc;
}

/* Tasks of a manual workflow depend on each other, and on no others, nor others on them: only they
 * run together (1.8). */
static enum err_code check_manual(struct engine *g, const struct task_write *w, bool manual,
                                  const struct task_row *up, struct err *e)
{
    struct workflow_row workflow = { .id = up->workflow_id };

    if (str_eq(up->workflow_id, w->spec->workflow_id))
        return E_OK;
    if (manual)
        return err_user(e, E_RANGE, "TaskId",
                        "task %lld is in another workflow; tasks of a manual workflow depend on "
                        "each other only",
                        "任务 %lld 属于其他工作流，手动工作流的任务之间才能互相依赖",
                        (long long)up->id);
    enum err_code rc = row_get(engine_view(g), &table_workflow, engine_arena(g), &workflow, e);
    if (rc == E_OK && workflow_is_manual(&workflow))
        return err_user(e, E_RANGE, "TaskId",
                        "task %lld is in a manual workflow, which has no schedule; only tasks of "
                        "the same workflow can depend on it",
                        "任务 %lld 属于手动工作流，没有调度，只有同一工作流的任务才能依赖它",
                        (long long)up->id);
    return rc;
}

static enum err_code check_upstream(struct engine *g, const struct task_write *w, bool manual,
                                    const struct task_upstream *up, struct err *e)
{
    struct task_row task = { .id = up->task_id };
    bool is_new = true, sees = true;
    enum err_code rc;

    if (w->id != 0 && up->task_id == w->id)
        return err_user(e, E_RANGE, "TaskId",
                        "a task cannot be its own upstream; SelfDepend is for that",
                        "任务不能依赖自身，请使用 SelfDepend");
    rc = row_get(engine_view(g), &table_task, engine_arena(g), &task, e);
    if (rc == E_MISSING)
        return no_task("TaskId", up->task_id, e);
    if (rc == E_OK)
        rc = is_new_edge(g, w->id, up->task_id, &is_new, e);
    if (rc == E_OK && is_new)
        rc = engine_may_task(g, &task, RIGHT_READ, &sees, e);
    if (rc == E_OK && !sees)
        return no_task("TaskId", up->task_id, e);
    if (rc == E_OK && is_new)
        rc = check_manual(g, w, manual, &task, e);
    if (rc == E_OK && !manual)
        rc = check_pair(w->spec, up, (enum cycle)task.cycle, e);
    return rc != E_OK || !is_new ? rc : check_allows(g, &task, e);
}

static struct str event_project(const struct task_write *w, const struct task_listener *l)
{
    return l->project_id.len > 0 ? l->project_id : w->project_id;
}

/* The same event once as the project's own and once by that project's id; task_decode, which does
 * not know the project, has refused the other repetitions. */
static bool event_repeats(const struct task_write *w, int at)
{
    const struct task_listener *all = w->spec->listeners;

    for (int i = 0; i < at; i++)
        if (str_eq(all[i].event_name, all[at].event_name) &&
            str_eq(event_project(w, &all[i]), event_project(w, &all[at])))
            return true;
    return false;
}

/* An event of another project, unless the draft listens to it already. */
static enum err_code sees_event(struct engine *g, const struct task_write *w,
                                const struct event_row *event, bool *ret, struct err *e)
{
    struct listener_row listener = { .task_id = w->id,
                                     .project_id = event->project_id,
                                     .event_name = event->name };
    enum err_code rc = E_MISSING;

    *ret = str_eq(event->project_id, w->project_id);
    if (*ret)
        return E_OK;
    if (w->id != 0)
        rc = row_get(engine_view(g), &table_listener, engine_arena(g), &listener, e);
    *ret = rc == E_OK;
    return rc == E_MISSING ? engine_may(g, event->project_id, RIGHT_READ, ret, e) : rc;
}

static enum err_code check_event(struct engine *g, const struct task_write *w, int at,
                                 struct err *e)
{
    const struct task_listener *l = &w->spec->listeners[at];
    struct event_row event = { .project_id = event_project(w, l), .name = l->event_name };
    bool sees = true;
    enum err_code rc = row_get_by(engine_view(g), &table_event, 0, engine_arena(g), &event, e);

    if (rc == E_OK)
        rc = sees_event(g, w, &event, &sees, e);
    if (rc == E_MISSING || (rc == E_OK && !sees))
        return err_user(e, E_MISSING, "EventName",
                        "there is no event `%.*s`; RegisterDsEvent (2021-08-20) registers one",
                        "事件 `%.*s` 不存在，请用 RegisterDsEvent(2021-08-20)注册",
                        STR_ARG(l->event_name));
    if (rc == E_OK && event_repeats(w, at))
        return err_user(e, E_RANGE, "EventName", "the event stands in the list already",
                        "事件重复");
    if (rc == E_OK && !str_eq_c(event.sub_type, event_sub_type_name(l->sub_type)))
        return err_user(e, E_RANGE, "EventSubType", "the event is registered as %.*s",
                        "该事件注册的类型为 %.*s", STR_ARG(event.sub_type));
    if (rc == E_OK && l->broadcast == str_eq_c(event.broadcast_type, "SINGLE"))
        return err_user(e, E_RANGE, "EventBroadcastType", "the event is registered as %.*s",
                        "该事件注册的类型为 %.*s", STR_ARG(event.broadcast_type));
    return rc;
}

/* The tasks that the ways of a branch lead to (5.8).  That they depend on the branch is not asked:
 * they may be saved later. */
static enum err_code check_branches(struct engine *g, const struct task_write *w, struct err *e)
{
    char path[ERR_PATH_MAX];

    for (int i = 0; i < w->spec->n_branches; i++) {
        struct task_row task = { .id = w->spec->branches[i].task_id };
        bool is_new = true, sees = true;
        enum err_code rc = row_get(engine_view(g), &table_task, engine_arena(g), &task, e);
        if (rc == E_OK && w->id != 0)
            rc = is_new_edge(g, task.id, w->id, &is_new, e);
        if (rc == E_OK && is_new)
            rc = engine_may_task(g, &task, RIGHT_READ, &sees, e);
        if (rc == E_OK && sees && task.id != w->id)
            continue;
        if (rc != E_OK && rc != E_MISSING)
            return rc;
        snprintf(path, sizeof(path),
                 "TaskConfiguration.TaskExtConfigurationList.branchCondition.%d.downstreamTaskId",
                 i);
        if (rc == E_OK && sees)
            return err_user(e, E_RANGE, path, "a branch cannot lead to itself", "分支不能指向自身");
        return no_task(path, task.id, e);
    }
    return E_OK;
}

enum err_code task_check(struct engine *g, const struct task_write *w, bool *ret_manual,
                         struct err *e)
{
    char path[96];
    enum err_code rc = check_place(g, w, ret_manual, e);

    if (rc == E_OK)
        rc = group_require_use(g, w->spec->group_id, w->project_id,
                               "TaskConfiguration.ResourceGroup", e);
    if (rc == E_OK)
        rc = check_calendar(g, w, e);
    if (rc == E_OK)
        rc = check_branches(g, w, e);
    for (int i = 0; i < w->spec->n_upstreams && rc == E_OK; i++) {
        rc = check_upstream(g, w, *ret_manual, &w->spec->upstreams[i], e);
        snprintf(path, sizeof(path), "TaskSchedulerConfiguration.UpstreamDependencyConfigList.%d",
                 i);
        if (rc != E_OK)
            err_prefix(e, path);
    }
    for (int i = 0; i < w->spec->n_listeners && rc == E_OK; i++) {
        rc = check_event(g, w, i, e);
        snprintf(path, sizeof(path), "TaskSchedulerConfiguration.EventListenerList.%d", i);
        if (rc != E_OK)
            err_prefix(e, path);
    }
    return rc;
}

/* ---- loops --------------------------------------------------------------------------------- */

/* Nothing that is submitted waits for the task: it cannot be on a cycle.  So for every first
 * submit, which keeps the submission of a deep graph from its beginning linear. */
static enum err_code has_downstream(struct engine *g, int64_t task_id, bool *ret, struct err *e)
{
    struct query q;

    query_init(&q, &table_edge);
    query_number(&q, EDGE_UP_TASK, QUERY_EQ, task_id);
    query_number(&q, EDGE_IN_OPS, QUERY_EQ, 1);
    return query_any(engine_view(g), &q, ret, e);
}

enum err_code task_check_loop(struct engine *g, int64_t task_id, const struct task_spec *spec,
                              const struct core_untold *untold, struct err *e)
{
    bool may_close;
    enum err_code rc = has_downstream(g, task_id, &may_close, e);

    if (rc != E_OK || !may_close || !core_closes_loop(engine_core(g), task_id, spec, untold))
        return rc;
    return err_user(e, E_CONFLICT, "TaskSchedulerConfiguration.UpstreamDependencyConfigList",
                    "the dependencies form a cycle; only an edge that looks at earlier data times "
                    "may close one",
                    "依赖构成环；只有选择更早数据时间的依赖才可以闭环");
}
