/* api/act_manual.c - version 2021-08-20: TriggerManualTasks (docs/reference/semantics.md 1.8). */
#include "api/redefine.h"

#include <stdio.h>

#include "cal/zone.h"
#include "engine/cmd_manual.h"
#include "model/json_list.h"
#include "model/json_text.h"
#include "model/task.h"

struct run_state {
    struct manual_request request;
    const char *order; /* in the words of a plan */
    struct manual_run run;
};

static const char *one_of(struct str text, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_c(text, names[i]))
            return names[i];
    return NULL;
}

static enum err_code not_one_of(struct call *c, const char *name, const char *list)
{
    struct str text = str_sub(param_str(c->params, name), 0, 64);

    return err_user(&c->err, E_RANGE, name, "`%.*s` is not one of %s", "`%.*s` 不是 %s 之一",
                    STR_ARG(text), list);
}

/* ---- what the request says ----------------------------------------------------------------- */

static enum err_code read_tasks(struct call *c, struct manual_request *r)
{
    static const char *const scopes[] = { "ENTIRE_WORKFLOW", "SPECIFIED_TASK" };
    const json_t *list = param_list(c->params, "TaskIds"), *item;
    const char *scope = one_of(param_str(c->params, "TriggerScope"), scopes, ARRAY_LEN(scopes));
    size_t i, n = json_array_size(list);
    int64_t *ids = ARENA_ARRAY(&c->arena, int64_t, n + 1);
    char path[32];

    if (!scope)
        return not_one_of(c, "TriggerScope", "ENTIRE_WORKFLOW, SPECIFIED_TASK");
    if (scope == scopes[0])
        return n == 0 ? E_OK
                      : err_user(&c->err, E_RANGE, "TaskIds",
                                 "it goes with TriggerScope SPECIFIED_TASK only",
                                 "仅在 TriggerScope 为 SPECIFIED_TASK 时可用");
    if (n == 0 || n > MANUAL_TASKS_MAX)
        return err_user(&c->err, n == 0 ? E_REQUIRED : E_LIMIT, "TaskIds",
                        "SPECIFIED_TASK takes 1 to %d tasks", "SPECIFIED_TASK 需要 1 到 %d 个任务",
                        MANUAL_TASKS_MAX);
    json_array_foreach(list, i, item)
    {
        if (task_id_parse(json_str(item), &ids[i]))
            continue;
        snprintf(path, sizeof(path), "TaskIds.%zu", i);
        return err_user(&c->err, E_MISSING, path, "there is no task `%.*s` in this workflow",
                        "该工作流中没有任务 `%.*s`", STR_ARG(str_sub(json_str(item), 0, 64)));
    }
    r->tasks = ids;
    r->n_tasks = (int)n;
    return E_OK;
}

static enum err_code read_times(struct call *c, struct manual_request *r)
{
    const json_t *list = param_list(c->params, "DataTimeList"), *item;
    size_t i, n = json_array_size(list);
    struct civil *times = ARENA_ARRAY(&c->arena, struct civil, n + 1);
    char path[40];

    if (n == 0 || n > MANUAL_TIMES_MAX)
        return err_user(&c->err, n == 0 ? E_REQUIRED : E_LIMIT, "DataTimeList",
                        "a run takes 1 to %d data times", "一次运行需要 1 到 %d 个数据时间",
                        MANUAL_TIMES_MAX);
    json_array_foreach(list, i, item)
    {
        if (civil_parse(json_str(item), &times[i], &c->err) != E_OK) {
            snprintf(path, sizeof(path), "DataTimeList.%zu", i);
            err_prefix(&c->err, path);
            return c->err.code;
        }
    }
    r->times = times;
    r->n_times = (int)n;
    return E_OK;
}

static enum err_code read_zone(struct call *c, struct manual_request *r)
{
    struct str zone = param_str(c->params, "ScheduleTimeZone");

    if (zone.len > 0 && zone_find(zone, &r->zone, &c->err) != E_OK) {
        err_prefix(&c->err, "ScheduleTimeZone");
        return c->err.code;
    }
    return E_OK;
}

/* *ret: in the words of a plan, DataTimeOrder.  RAND is in no order of its own. */
static enum err_code read_order(struct call *c, const char **ret)
{
    static const char *const orders[] = { "ASC", "DESC", "RAND" };
    static const char *const words[] = { "ORDER", "REVERSE", "NORMAL" };
    struct str text = param_str(c->params, "ExecOrder");

    *ret = words[0];
    for (size_t i = 0; i < ARRAY_LEN(orders); i++)
        if (str_eq_c(text, orders[i]))
            *ret = words[i];
    return text.len == 0 || one_of(text, orders, ARRAY_LEN(orders))
               ? E_OK
               : not_one_of(c, "ExecOrder", "ASC, DESC, RAND");
}

static enum err_code check_rest(struct call *c)
{
    static const char *const types[] = { "", "DATA_TIME", "SCHEDULE_TIME" };

    if (!one_of(param_str(c->params, "TimeType"), types, ARRAY_LEN(types)))
        return not_one_of(c, "TimeType", "DATA_TIME, SCHEDULE_TIME");
    if (param_str(c->params, "TriggerName").len == 0)
        return err_user(&c->err, E_RANGE, "TriggerName", "it must not be empty", "不能为空");
    if (param_str(c->params, "IntegrationResourceGroup").len == 0)
        return E_OK;
    return err_user(&c->err, E_UNSUPPORTED, "IntegrationResourceGroup",
                    "it is for types of tasks that weft does not run",
                    "该设置只用于 weft 不支持的任务类型");
}

/* As a plan keeps it: what decides how its rounds run has the names of a backfill's request. */
static json_t *plan_doc(struct call *c, const char *order)
{
    json_t *params = json_object_get(c->params, "CustomParams");
    json_t *doc = json_pack("{s:O,s:O,s:O,s:s,s:s,s:b}", "WorkflowId",
                            json_object_get(c->params, "WorkflowId"), "TriggerScope",
                            json_object_get(c->params, "TriggerScope"), "DataTimeList",
                            json_object_get(c->params, "DataTimeList"), "DataTimeOrder", order,
                            "CheckParentType", "MAKE_SCOPE", "SkipEventListening", 1);
    struct str group = param_str(c->params, "SchedulerResourceGroup");

    if (params)
        json_object_set(doc, "RedefineParamList", params);
    if (group.len > 0)
        json_object_set(doc, "SchedulerResourceGroupId",
                        json_object_get(c->params, "SchedulerResourceGroup"));
    return doc;
}

static enum err_code run_prepare(struct call *c)
{
    struct run_state *s = ARENA_NEW(&c->arena, struct run_state);
    struct manual_request *r = &s->request;
    enum err_code rc = read_tasks(c, r);

    if (rc == E_OK)
        rc = read_times(c, r);
    if (rc == E_OK)
        rc = read_order(c, &s->order);
    if (rc == E_OK)
        rc = read_zone(c, r);
    if (rc == E_OK)
        rc = check_redefined(c, "CustomParams");
    if (rc == E_OK)
        rc = check_rest(c);
    if (rc != E_OK)
        return rc;
    json_list_once(c->params, "DataTimeList"); /* as it is shown */
    r->project_id = param_str(c->params, "ProjectId");
    r->workflow_id = param_str(c->params, "WorkflowId");
    r->name = param_str(c->params, "TriggerName");
    r->group_id = param_str(c->params, "SchedulerResourceGroup");
    r->uin = c->uin;
    c->state = s;
    return E_OK;
}

static enum err_code run_apply(struct call *c, struct engine *g)
{
    struct run_state *s = c->state;

    s->request.doc = plan_doc(c, s->order);
    enum err_code rc = manual_run(g, &s->request, &s->run, &c->err);
    json_decref(s->request.doc);
    if (rc != E_OK)
        return rc;
    s->run.plan.id = arena_str(&c->arena, s->run.plan.id);
    c->made = s->run.plan.id;
    return E_OK;
}

/* ---- the record ---------------------------------------------------------------------------- */

static void write_times(struct call *c, const char *name, bool asked)
{
    if (asked)
        jw_kraw(&c->out, name, json_text(param_list(c->params, "DataTimeList"), &c->arena));
    else
        jw_knull(&c->out, name);
}

static void write_given(struct call *c, const char *name)
{
    struct str text = param_str(c->params, name);

    if (text.len > 0)
        jw_kstr(&c->out, name, text);
    else
        jw_knull(&c->out, name);
}

/* Nothing of it has begun yet.  What WeData calls a tenant there is none of. */
static enum err_code run_answer(struct call *c)
{
    static const char *const nested[] = {
        "TriggerSourceId",          "ParentSpTaskId", "ParentSpInstanceName",
        "ParentSpInstanceDataTime", "TenantId",       "OwnerUin"
    };
    const struct run_state *s = c->state;
    bool planned = str_eq_c(param_str(c->params, "TimeType"), "SCHEDULE_TIME");
    struct jw *w = &c->out;

    jw_kcstr(w, "RequestFromSource", "CLIENT");
    jw_key(w, "Data");
    jw_object(w);
    jw_kstr(w, "TriggerId", s->run.plan.id);
    write_given(c, "TriggerName");
    write_given(c, "Remark");
    write_times(c, "DatetimeList", !planned);
    write_times(c, "ScheduleTimeList", planned);
    jw_kcstr(w, "TimeType", planned ? "SCHEDULE_TIME" : "DATA_TIME");
    write_given(c, "ScheduleTimeZone");
    jw_ku64(w, "TaskCnt", (uint64_t)s->run.n_tasks);
    jw_ku64(w, "InstanceCnt", (uint64_t)s->run.plan.total);
    jw_ku64(w, "FinishedInstanceCnt", 0);
    jw_ku64(w, "SuccessInstanceCnt", 0);
    jw_kcstr(w, "Status", "INIT");
    jw_kstr(w, "TriggerParams", json_text(c->params, &c->arena));
    jw_kcstr(w, "TriggerSource", "MANUAL_RUN_BY_USER");
    jw_kstr(w, "UserUin", c->uin);
    jw_kstr(w, "UserName", c->uin);
    jw_kstr(w, "ProjectId", s->request.project_id);
    jw_wall(w, "CreateTime", s->run.plan.created_at, zone_default());
    for (size_t i = 0; i < ARRAY_LEN(nested); i++)
        jw_knull(w, nested[i]);
    jw_object_end(w);
    return E_OK;
}

static const struct action actions[] = {
    { API_2021, "TriggerManualTasks", run_prepare, run_apply, run_answer, ACCESS_OPERATE,
      "WorkflowId" },
};
const struct action_family family_manual = { actions, ARRAY_LEN(actions) };
