/* api/act_ops.c - ListOpsTasks, GetOpsTask, GetOpsTaskCode: submitted tasks as production runs them
 * (docs/reference/semantics.md 1.6). */
#include "api/filter.h"
#include "api/instance_view.h"
#include "api/ops_view.h"
#include "api/owner_filter.h"
#include "api/page.h"
#include "api/task_view.h"

#include "cal/zone.h"

static enum err_code get_answer(struct call *c)
{
    struct task_row task;
    struct version_row version;
    enum err_code rc = ops_view_find(c, &task, &version);

    if (rc != E_OK)
        return rc;
    jw_key(&c->out, "Data");
    return task_view_write(c, &task, &version);
}

/* Plain text, and the size in bytes (5.1). */
static enum err_code code_answer(struct call *c)
{
    struct task_row task;
    struct version_row version;
    struct str code;
    enum err_code rc = ops_view_find(c, &task, &version);

    if (rc == E_OK)
        rc = task_view_code(c, &version, &code);
    if (rc != E_OK)
        return rc;
    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kstr(&c->out, "CodeContent", code);
    jw_ku64(&c->out, "CodeFileSize", code.len);
    jw_object_end(&c->out);
    return E_OK;
}

/* ---- ListOpsTasks -------------------------------------------------------------------------- */

/* WorkflowName (a part of it) and FolderId, both by way of the workflows that fit. */
static enum err_code filter_flows(struct call *c, struct query *q)
{
    struct folder_row folder = { .id = param_str(c->params, "FolderId") };
    struct str name = param_str(c->params, "WorkflowName");
    struct query workflows;

    if (name.len == 0 && folder.id.len == 0)
        return E_OK;
    query_init(&workflows, &table_workflow);
    query_text(&workflows, WORKFLOW_PROJECT_ID, QUERY_EQ, param_str(c->params, "ProjectId"));
    if (name.len > 0)
        query_text(&workflows, WORKFLOW_NAME, QUERY_CONTAINS, name);
    if (folder.id.len > 0) {
        enum err_code rc = row_get(c->view, &table_folder, &c->arena, &folder, &c->err);
        if (rc != E_OK && rc != E_MISSING)
            return rc;
        bool ours = rc == E_OK && str_eq(folder.project_id, param_str(c->params, "ProjectId"));
        query_text(&workflows, WORKFLOW_FOLDER_PATH, QUERY_EQ, ours ? folder.path : STR("-"));
    }
    return filter_workflows(c, q, TASK_WORKFLOW_ID, &workflows,
                            name.len > 0 ? "WorkflowName" : "FolderId");
}

static enum err_code filter_enums(struct call *c, struct query *q)
{
    struct str status_text = param_str(c->params, "Status"),
               cycle_text = param_str(c->params, "CycleType");
    struct str type_text = param_str(c->params, "TaskTypeId");
    enum task_status status;
    enum cycle cycle;
    int64_t type;

    if (status_text.len > 0) {
        if (!task_status_from_name(status_text, &status))
            return err_user(&c->err, E_RANGE, "Status", "`%.*s` is not one of Y, O, T, F, INVALID",
                            "`%.*s` 不是 Y、O、T、F、INVALID 之一", STR_ARG(status_text));
        query_number(q, TASK_STATUS, QUERY_EQ, (int64_t)status);
    }
    if (cycle_text.len > 0) {
        if (!cycle_from_name(cycle_text, &cycle))
            return err_user(&c->err, E_RANGE, "CycleType",
                            "`%.*s` is not a cycle type such as DAY_CYCLE",
                            "`%.*s` 不是有效的周期类型，例如 DAY_CYCLE", STR_ARG(cycle_text));
        query_number(q, TASK_CYCLE, QUERY_EQ, (int64_t)cycle);
    }
    if (type_text.len > 0) {
        if (!str_to_i64(type_text, &type))
            return err_user(&c->err, E_RANGE, "TaskTypeId",
                            "`%.*s` is not a task type id such as \"35\"",
                            "`%.*s` 不是任务类型 ID，例如 \"35\"", STR_ARG(type_text));
        query_number(q, TASK_TYPE_ID, QUERY_EQ, type);
    }
    return E_OK;
}

static enum err_code list_query(struct call *c, struct query *q)
{
    static const struct {
        const char *name;
        int column;
        enum query_op op;
    } texts[] = {
        { "WorkflowId", TASK_WORKFLOW_ID, QUERY_EQ },
        { "ExecutorGroupId", TASK_GROUP_ID, QUERY_EQ },
    };
    static const char *const services[] = { "SourceServiceId", "TargetServiceId" };
    enum err_code rc;

    query_init(q, &table_task);
    query_text(q, TASK_PROJECT_ID, QUERY_EQ, param_str(c->params, "ProjectId"));
    query_number(q, TASK_SUBMIT_VERSION_NO, QUERY_GT, 0);
    query_order(q, TASK_CREATED_AT, true);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct str text = param_str(c->params, texts[i].name);
        if (text.len > 0)
            query_text(q, texts[i].column, texts[i].op, text);
    }
    owner_filter(c, q, TASK_OWNER_UIN);
    for (size_t i = 0; i < ARRAY_LEN(services); i++)
        if (param_str(c->params, services[i]).len > 0)
            return err_user(&c->err, E_UNSUPPORTED, services[i],
                            "data sources are not built yet, so no task can be found by one",
                            "数据源尚未支持，不能按其过滤");
    rc = filter_enums(c, q);
    return rc != E_OK ? rc : filter_flows(c, q);
}

static void write_name(struct jw *w, const char *key, bool found, struct str name)
{
    if (found)
        jw_kstr(w, key, name);
    else
        jw_knull(w, key);
}

static enum err_code write_item(struct call *c, struct arena *one, const struct task_row *task,
                                const struct zone *zone)
{
    struct group_row group = { .id = task->group_id };
    struct task_spec spec;
    struct jw *w = &c->out;
    enum err_code rc = ops_view_spec(c, task, one, &spec);

    if (rc != E_OK)
        return rc;
    bool has_group =
        group.id.len > 0 && row_get(c->view, &table_group, &c->arena, &group, NULL) == E_OK;
    jw_object(w);
    rc = ops_view_members(c, task, &spec, zone);
    jw_kstr(w, "UpdateUserUin", task->updater_uin);
    write_name(w, "ExecutorGroupId", spec.group_id.len > 0, spec.group_id);
    write_name(w, "ExecutorGroupName", has_group, group.name);
    jw_wall(w, "LastSchedulerCommitTime", task->last_submit_at, zone);
    jw_wall(w, "CreateTime", task->created_at, zone);
    jw_wall(w, "LastUpdateTime", task->updated_at, zone);
    jw_object_end(w);
    return rc;
}

static enum err_code list_answer(struct call *c)
{
    const struct zone *zone;
    struct query q;
    struct page page;
    int64_t total;
    void *rows;
    size_t n;
    struct arena one; /* of one task, whose document may be long */
    enum err_code rc = view_project(c);

    if (rc == E_OK)
        rc = view_zone(c, &zone);
    if (rc == E_OK)
        rc = page_params(c, 10, 200, &page);
    if (rc == E_OK)
        rc = list_query(c, &q);
    if (rc == E_OK)
        rc = page_rows(c, &page, &q, &rows, &n, &total);
    if (rc != E_OK)
        return rc;
    page_open(c, &page, total);
    arena_init(&one);
    for (size_t i = 0; i < n && rc == E_OK; i++) {
        arena_reset(&one);
        rc = write_item(c, &one, (const struct task_row *)rows + i, zone);
    }
    arena_done(&one);
    page_close(c);
    return rc;
}

static const struct action actions[] = {
    { API_2025, "GetOpsTask", NULL, NULL, get_answer, ACCESS_READ, "TaskId" },
    { API_2025, "GetOpsTaskCode", NULL, NULL, code_answer, ACCESS_READ, "TaskId" },
    { API_2025, "ListOpsTasks", NULL, NULL, list_answer, ACCESS_READ },
};
const struct action_family family_ops = { actions, ARRAY_LEN(actions) };
