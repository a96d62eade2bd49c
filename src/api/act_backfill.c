/* api/act_backfill.c - CreateDataBackfillPlan, GetDataBackfillPlan; weft-1: GetDataBackfillProgress
 * (docs/reference/semantics.md 7). */
#include "api/plan_view.h"
#include "api/redefine.h"

#include <stdio.h>

#include "cal/zone.h"
#include "engine/cmd_backfill.h"
#include "model/instance.h"
#include "model/json_list.h"
#include "model/json_text.h"
#include "model/task.h"

struct create_state {
    struct backfill_request request;
    struct str id;
};

/* What belongs to engines that weft does not have; an empty one asks for nothing. */
static enum err_code refuse_unbuilt(struct call *c)
{
    static const char *const names[] = { "IntegrationResourceGroupId", "ComputeConfigMappings" };

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const json_t *value = json_object_get(c->params, names[i]);
        bool empty = !value || (json_is_string(value) && json_string_length(value) == 0) ||
                     (json_is_array(value) && json_array_size(value) == 0);
        if (!empty)
            return err_user(&c->err, E_UNSUPPORTED, names[i],
                            "it is for types of tasks that weft does not run",
                            "该设置只用于 weft 不支持的任务类型");
    }
    return E_OK;
}

static enum err_code read_choices(struct call *c, struct backfill_request *r)
{
    struct str order = param_str(c->params, "DataTimeOrder");
    struct str cycle = param_str(c->params, "RedefineCycleType");

    if (order.len > 0 && !str_eq_c(order, "NORMAL") && !str_eq_c(order, "ORDER") &&
        !str_eq_c(order, "REVERSE"))
        return err_user(&c->err, E_RANGE, "DataTimeOrder",
                        "`%.*s` is not one of NORMAL, ORDER, REVERSE",
                        "`%.*s` 不是 NORMAL、ORDER、REVERSE 之一", STR_ARG(order));
    if (cycle.len > 0 && !str_eq_c(cycle, "MONTH_CYCLE"))
        return err_user(&c->err, E_RANGE, "RedefineCycleType", "`%.*s` is not MONTH_CYCLE",
                        "`%.*s` 不是 MONTH_CYCLE", STR_ARG(cycle));
    r->month_cycle = cycle.len > 0;
    r->group_id = param_str(c->params, "SchedulerResourceGroupId");
    return E_OK;
}

static enum err_code read_tasks(struct call *c, struct backfill_request *r)
{
    const json_t *list = param_list(c->params, "TaskIds"), *item;
    size_t i, n = json_array_size(list);
    int64_t *ids = ARENA_ARRAY(&c->arena, int64_t, n + 1);
    char path[32];

    if (n == 0 || n > BACKFILL_TASKS_MAX)
        return err_user(&c->err, n == 0 ? E_REQUIRED : E_LIMIT, "TaskIds",
                        "a plan takes 1 to %d tasks", "补录计划需要 1 到 %d 个任务",
                        BACKFILL_TASKS_MAX);
    json_array_foreach(list, i, item)
    {
        if (!task_id_parse(json_str(item), &ids[i])) {
            snprintf(path, sizeof(path), "TaskIds.%zu", i);
            return err_user(&c->err, E_MISSING, path, "there is no task `%.*s`",
                            "任务 `%.*s` 不存在", STR_ARG(json_str(item)));
        }
    }
    r->tasks = ids;
    r->n_tasks = (int)n;
    return E_OK;
}

static enum err_code read_clock(const json_t *o, const char *name, int otherwise, int *ret,
                                struct err *e)
{
    struct str text = param_str(o, name);
    enum err_code rc = E_OK;

    *ret = otherwise;
    if (text.len > 0)
        rc = civil_parse_clock(text, ret, e);
    if (rc != E_OK)
        err_prefix(e, name);
    return rc;
}

static enum err_code read_range(const json_t *o, struct backfill_range *ret, struct err *e)
{
    enum err_code rc = civil_parse_date(param_str(o, "StartDate"), &ret->first_day, e);

    if (rc != E_OK)
        return err_prefix(e, "StartDate"), rc;
    rc = civil_parse_date(param_str(o, "EndDate"), &ret->last_day, e);
    if (rc != E_OK)
        return err_prefix(e, "EndDate"), rc;
    if (ret->last_day.s < ret->first_day.s)
        return err_user(e, E_RANGE, "EndDate", "it must not be before StartDate",
                        "不能早于 StartDate");
    rc = read_clock(o, "ExecutionStartTime", 0, &ret->window_from, e);
    if (rc == E_OK)
        rc = read_clock(o, "ExecutionEndTime", 24 * 60 - 1, &ret->window_to, e);
    if (rc == E_OK && ret->window_to < ret->window_from)
        rc = err_user(e, E_RANGE, "ExecutionEndTime", "it must not be before ExecutionStartTime",
                      "不能早于 ExecutionStartTime");
    return rc;
}

static enum err_code read_ranges(struct call *c, struct backfill_request *r)
{
    const json_t *list = param_list(c->params, "DataBackfillRangeList"), *item;
    size_t i, n = json_array_size(list);
    struct backfill_range *ranges = ARENA_ARRAY(&c->arena, struct backfill_range, n + 1);
    char path[48];

    if (n == 0 || n > BACKFILL_RANGES_MAX)
        return err_user(&c->err, n == 0 ? E_REQUIRED : E_LIMIT, "DataBackfillRangeList",
                        "a plan takes 1 to %d date ranges", "补录计划需要 1 到 %d 个日期范围",
                        BACKFILL_RANGES_MAX);
    json_array_foreach(list, i, item)
    {
        enum err_code rc = read_range(item, &ranges[i], &c->err);
        if (rc != E_OK) {
            snprintf(path, sizeof(path), "DataBackfillRangeList.%zu", i);
            err_prefix(&c->err, path);
            return rc;
        }
    }
    r->ranges = ranges;
    r->n_ranges = (int)n;
    return E_OK;
}

static enum err_code read_checks(struct call *c, struct backfill_request *r)
{
    struct str check_type = param_str(c->params, "CheckParentType");
    struct str zone = param_str(c->params, "TimeZone");
    const struct zone *found;

    if (check_type.len == 0 || str_eq_c(check_type, "NONE"))
        r->flags |= INSTANCE_SKIP_UPSTREAMS;
    else if (str_eq_c(check_type, "MAKE_SCOPE"))
        r->flags |= INSTANCE_PLAN_UPSTREAMS;
    else if (!str_eq_c(check_type, "ALL"))
        return err_user(&c->err, E_RANGE, "CheckParentType",
                        "`%.*s` is not one of NONE, ALL, MAKE_SCOPE",
                        "`%.*s` 不是 NONE、ALL、MAKE_SCOPE 之一", STR_ARG(check_type));
    if (param_bool(c->params, "SkipEventListening", true))
        r->flags |= INSTANCE_SKIP_EVENTS;
    if (zone.len > 0 && zone_find(zone, &found, &c->err) != E_OK) {
        err_prefix(&c->err, "TimeZone");
        return c->err.code;
    }
    return E_OK;
}

static enum err_code create_prepare(struct call *c)
{
    struct create_state *s = ARENA_NEW(&c->arena, struct create_state);
    struct backfill_request *r = &s->request;
    unsigned cycle = 0;
    enum err_code rc = refuse_unbuilt(c);

    if (rc == E_OK)
        rc = read_choices(c, r);
    if (rc == E_OK)
        rc = read_tasks(c, r);
    if (rc == E_OK)
        rc = read_ranges(c, r);
    if (rc == E_OK)
        rc = read_checks(c, r);
    if (rc == E_OK)
        rc = check_redefined(c, "RedefineParamList");
    if (rc == E_OK)
        rc = read_cycle_flags(c, &cycle);
    if (rc == E_OK)
        rc = check_parallel(c);
    if (rc != E_OK)
        return rc;
    r->flags |= cycle;
    json_list_once(c->params, "TaskIds"); /* as the plan shows them */
    r->doc = json_text(c->params, &c->arena);
    r->project_id = param_str(c->params, "ProjectId");
    r->name = param_str(c->params, "DataBackfillPlanName");
    r->uin = c->uin;
    c->state = s;
    return E_OK;
}

static enum err_code create_apply(struct call *c, struct engine *g)
{
    struct create_state *s = c->state;
    enum err_code rc = backfill_create(g, &s->request, &s->id, &c->err);

    if (rc == E_OK)
        c->made = s->id = arena_str(&c->arena, s->id);
    return rc;
}

static enum err_code create_answer(struct call *c)
{
    const struct create_state *s = c->state;

    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kstr(&c->out, "DataBackfillPlanId", s->id);
    jw_object_end(&c->out);
    return E_OK;
}

/* ---- GetDataBackfillPlan, GetDataBackfillProgress ------------------------------------------ */

static void write_copied(struct call *c, const json_t *doc, const char *name)
{
    const json_t *value = json_object_get(doc, name);

    if (value)
        jw_kraw(&c->out, name, json_text(value, &c->arena));
    else
        jw_knull(&c->out, name);
}

/* As they were given, the window of the day filled up (7.1). */
static void write_ranges(struct jw *w, const json_t *doc)
{
    static const char *const members[][2] = { { "StartDate", "" },
                                              { "EndDate", "" },
                                              { "ExecutionStartTime", "00:00" },
                                              { "ExecutionEndTime", "23:59" } };
    const json_t *range;
    size_t i;

    jw_key(w, "DataBackfillRangeList");
    jw_array(w);
    json_array_foreach(param_list(doc, "DataBackfillRangeList"), i, range)
    {
        jw_object(w);
        for (size_t m = 0; m < ARRAY_LEN(members); m++) {
            struct str text = param_str(range, members[m][0]);
            jw_kstr(w, members[m][0], text.len > 0 ? text : str_from(members[m][1]));
        }
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void write_plan(struct call *c, const struct plan_row *plan, const json_t *doc,
                       const struct plan_progress *p, const struct zone *zone)
{
    static const char *const copied[] = { "TaskIds",
                                          "RedefineParallelNum",
                                          "SchedulerResourceGroupId",
                                          "IntegrationResourceGroupId",
                                          "RedefineCycleType",
                                          "RedefineParamList" };
    struct str check_type = param_str(doc, "CheckParentType"),
               cycle = param_str(doc, "RedefineSelfWorkflowDependency"),
               order = param_str(doc, "DataTimeOrder");
    int64_t complete = p->completed + p->skipped + p->failed;
    bool done = complete == plan->total;
    struct jw *w = &c->out;

    jw_key(w, "Data");
    jw_object(w);
    jw_kstr(w, "ProjectId", plan->project_id);
    jw_kstr(w, "DataBackfillPlanId", plan->id);
    jw_kstr(w, "DataBackfillPlanName", plan->name);
    for (size_t i = 0; i < ARRAY_LEN(copied); i++)
        write_copied(c, doc, copied[i]);
    write_ranges(w, doc);
    jw_kstr(w, "CheckParentType", check_type.len > 0 ? check_type : STR("NONE"));
    jw_kbool(w, "SkipEventListening", param_bool(doc, "SkipEventListening", true));
    jw_kstr(w, "RedefineSelfWorkflowDependency", cycle.len > 0 ? cycle : STR("no"));
    jw_kstr(w, "DataTimeOrder", order.len > 0 ? order : STR("NORMAL"));
    jw_wall(w, "StartTime", plan->created_at, zone);
    jw_wall(w, "EndTime", done ? p->ended_at : WALL_NONE, zone);
    jw_kstr(w, "CreateUserUin", plan->creator_uin);
    jw_ku64(w, "CompletePercent", (uint64_t)(plan->total ? complete * 100 / plan->total : 100));
    jw_ku64(w, "SuccessPercent", (uint64_t)(plan->total ? p->completed * 100 / plan->total : 100));
    jw_object_end(w);
}

static enum err_code get_answer(struct call *c)
{
    struct plan_row plan;
    const struct zone *zone = zone_default();
    struct str zone_text = param_str(c->params, "TimeZone");
    struct plan_progress progress;
    enum err_code rc;

    if (zone_text.len > 0 && zone_find(zone_text, &zone, &c->err) != E_OK) {
        err_prefix(&c->err, "TimeZone");
        return c->err.code;
    }
    rc = plan_view_find(c, &plan);
    if (rc == E_OK)
        rc = plan_view_progress(c, &plan, &progress);
    if (rc != E_OK)
        return rc;
    json_t *doc = json_loadb(plan.doc.ptr, plan.doc.len, 0, NULL);
    if (!doc)
        return err_set(&c->err, E_CORRUPT, "plan %.*s has no readable request", STR_ARG(plan.id));
    write_plan(c, &plan, doc, &progress, zone);
    json_decref(doc);
    return E_OK;
}

static enum err_code progress_answer(struct call *c)
{
    struct plan_row plan;
    struct plan_progress p;
    struct jw *w = &c->out;
    enum err_code rc = plan_view_find(c, &plan);

    if (rc == E_OK)
        rc = plan_view_progress(c, &plan, &p);
    if (rc != E_OK)
        return rc;
    jw_key(w, "Data");
    jw_object(w);
    jw_ku64(w, "Total", (uint64_t)plan.total);
    jw_ku64(w, "Pending", (uint64_t)p.pending);
    jw_ku64(w, "Waiting", (uint64_t)p.waiting);
    jw_ku64(w, "Running", (uint64_t)p.running);
    jw_ku64(w, "Completed", (uint64_t)p.completed);
    jw_ku64(w, "Skipped", (uint64_t)p.skipped);
    jw_ku64(w, "Failed", (uint64_t)p.failed);
    jw_object_end(w);
    return E_OK;
}

static const struct action actions[] = {
    { API_2025, "CreateDataBackfillPlan", create_prepare, create_apply, create_answer,
      ACCESS_OPERATE, "TaskIds" },
    { API_2025, "GetDataBackfillPlan", NULL, NULL, get_answer, ACCESS_READ, "DataBackfillPlanId" },
    { API_WEFT, "GetDataBackfillProgress", NULL, NULL, progress_answer, ACCESS_READ,
      "DataBackfillPlanId" },
};
const struct action_family family_backfill = { actions, ARRAY_LEN(actions) };
