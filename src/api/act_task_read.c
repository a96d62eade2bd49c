/* api/act_task_read.c - GetTask, GetTaskCode, ListTasks, ListUpstreamTasks, ListDownstreamTasks:
 * the drafts (docs/reference/semantics.md 1.4, 2.1). */
#include "api/task_view.h"

#include "base/codec.h"
#include "cal/zone.h"
#include "engine/cmd_task.h"

enum { PATHS_MAX = 100, IDS_MAX = 1000 };

static enum err_code get_answer(struct call *c)
{
    struct task_row task;
    struct version_row version;
    enum err_code rc = task_view_find(c, &task);

    if (rc == E_OK)
        rc = task_view_version(c, task.id, task.version_no, &version);
    if (rc != E_OK)
        return rc;
    jw_key(&c->out, "Data");
    return task_view_write(c, &task, &version);
}

/* Base64, and the size in KB, rounded up (5.1). */
static enum err_code code_answer(struct call *c)
{
    struct task_row task;
    struct version_row version;
    struct str code;
    struct buf text;
    enum err_code rc = task_view_find(c, &task);

    if (rc == E_OK)
        rc = task_view_version(c, task.id, task.version_no, &version);
    if (rc == E_OK)
        rc = task_view_code(c, &version, &code);
    if (rc != E_OK)
        return rc;
    buf_init(&text, code.len * 2 + 8);
    base64_encode(&text, code);
    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kstr(&c->out, "CodeInfo", buf_str(&text));
    jw_kstr(&c->out, "CodeFileSize", arena_printf(&c->arena, "%zu", (code.len + 1023) / 1024));
    jw_object_end(&c->out);
    buf_done(&text);
    return E_OK;
}

/* ---- ListTasks ----------------------------------------------------------------------------- */

static enum err_code filter_range(struct call *c, struct query *q, const char *name, int column)
{
    const json_t *list = param_list(c->params, name);
    struct civil bounds[2];

    if (json_array_size(list) == 0)
        return E_OK;
    if (json_array_size(list) != 2)
        return err_user(&c->err, E_RANGE, name, "it is a list of two times, from and to",
                        "应为起止两个时间");
    for (size_t i = 0; i < 2; i++) {
        enum err_code rc = civil_parse(json_str(json_array_get(list, i)), &bounds[i], &c->err);
        if (rc != E_OK)
            return err_prefix(&c->err, arena_printf(&c->arena, "%s.%zu", name, i).ptr), rc;
    }
    query_number(q, column, QUERY_GE, zone_to_wall(zone_default(), bounds[0]).us);
    query_number(q, column, QUERY_LE, zone_to_wall(zone_default(), bounds[1]).us + 999999);
    return E_OK;
}

struct found_workflows {
    struct arena *arena;
    struct str *ids;
    int n;
};

static bool take_workflow(void *ctx, const void *row)
{
    struct found_workflows *f = ctx;

    if (f->n < IDS_MAX)
        f->ids[f->n++] = arena_str(f->arena, ((const struct workflow_row *)row)->id);
    return f->n < IDS_MAX;
}

static enum err_code read_texts(struct call *c, const char *name, struct str **ret, int *ret_n)
{
    const json_t *list = param_list(c->params, name), *item;
    size_t i;

    if (json_array_size(list) > PATHS_MAX)
        return err_user(&c->err, E_LIMIT, name, "at most %d entries", "最多 %d 项", PATHS_MAX);
    *ret = ARENA_ARRAY(&c->arena, struct str, json_array_size(list) + 1);
    *ret_n = (int)json_array_size(list);
    json_array_foreach(list, i, item)(*ret)[i] = json_str(item);
    return E_OK;
}

static enum err_code filter_workflow_folders(struct call *c, struct query *q)
{
    struct found_workflows found = { &c->arena, ARENA_ARRAY(&c->arena, struct str, IDS_MAX + 1),
                                     0 };
    struct query workflows;
    struct str *paths;
    int n;
    enum err_code rc = read_texts(c, "WorkflowFolderPathList", &paths, &n);

    if (rc != E_OK || n == 0)
        return rc;
    query_init(&workflows, &table_workflow);
    query_text(&workflows, WORKFLOW_PROJECT_ID, QUERY_EQ, param_str(c->params, "ProjectId"));
    query_texts(&workflows, WORKFLOW_FOLDER_PATH, paths, n);
    rc = query_run(c->view, &workflows, take_workflow, &found, &c->err);
    if (found.n == 0)
        found.ids[found.n++] = STR("-"); /* no workflow there: no tasks, not all */
    query_texts(q, TASK_WORKFLOW_ID, found.ids, found.n);
    return rc;
}

/* TaskNodeTypeList: task type ids as text. */
static enum err_code filter_types(struct call *c, struct query *q)
{
    struct str *texts;
    int n, kept = 0;
    enum err_code rc = read_texts(c, "TaskNodeTypeList", &texts, &n);
    int64_t *ids = ARENA_ARRAY(&c->arena, int64_t, (size_t)PATHS_MAX + 1);

    for (int i = 0; i < n && rc == E_OK; i++)
        if (!str_to_i64(texts[i], &ids[kept++]))
            rc =
                err_user(&c->err, E_RANGE, "TaskNodeTypeList",
                         "each is a task type id such as \"35\"", "每项为任务类型 ID，例如 \"35\"");
    if (rc == E_OK && n > 0)
        query_numbers(q, TASK_TYPE_ID, ids, kept);
    if (rc == E_OK && param_has(c->params, "TaskTypeId"))
        query_number(q, TASK_TYPE_ID, QUERY_EQ, param_i64(c->params, "TaskTypeId", 0));
    return rc;
}

static enum err_code filter_simple(struct call *c, struct query *q)
{
    static const struct {
        const char *name;
        int column;
        enum query_op op;
    } texts[] = {
        { "TaskName", TASK_NAME, QUERY_CONTAINS },
        { "WorkflowId", TASK_WORKFLOW_ID, QUERY_EQ },
        { "OwnerUin", TASK_OWNER_UIN, QUERY_HAS_ITEM },
        { "BundleId", TASK_BUNDLE_ID, QUERY_EQ },
        { "CreateUserUin", TASK_CREATOR_UIN, QUERY_EQ },
    };
    struct str status_text = param_str(c->params, "Status");
    enum task_status status;

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct str text = param_str(c->params, texts[i].name);
        if (text.len > 0)
            query_text(q, texts[i].column, texts[i].op, text);
    }
    if (status_text.len > 0) {
        if (!task_status_from_name(status_text, &status))
            return err_user(&c->err, E_RANGE, "Status",
                            "`%.*s` is not one of N, Y, O, T, F, INVALID",
                            "`%.*s` 不是 N、Y、O、T、F、INVALID 之一", STR_ARG(status_text));
        query_number(q, TASK_STATUS, QUERY_EQ, (int64_t)status);
    }
    if (param_has(c->params, "Submit"))
        query_number(q, TASK_SUBMITTED, QUERY_EQ, param_bool(c->params, "Submit", false));
    return E_OK;
}

static enum err_code list_query(struct call *c, struct query *q)
{
    struct str *folders;
    int n_folders;
    enum err_code rc;

    query_init(q, &table_task);
    query_text(q, TASK_PROJECT_ID, QUERY_EQ, param_str(c->params, "ProjectId"));
    query_order(q, TASK_CREATED_AT, true);
    rc = filter_simple(c, q);
    if (rc == E_OK)
        rc = filter_range(c, q, "ModifyTime", TASK_UPDATED_AT);
    if (rc == E_OK)
        rc = filter_range(c, q, "CreateTime", TASK_CREATED_AT);
    if (rc == E_OK)
        rc = read_texts(c, "TaskFolderPathList", &folders, &n_folders);
    if (rc == E_OK && n_folders > 0)
        query_texts(q, TASK_FOLDER_PATH_, folders, n_folders);
    if (rc == E_OK)
        rc = filter_workflow_folders(c, q);
    return rc != E_OK ? rc : filter_types(c, q);
}

static enum err_code list_answer(struct call *c)
{
    struct project_row project = { .id = param_str(c->params, "ProjectId") };
    struct query q;
    struct page page;
    int64_t total;
    void *rows;
    size_t n;
    enum err_code rc = row_get(c->view, &table_project, &c->arena, &project, &c->err);

    if (rc == E_MISSING)
        return err_user(&c->err, E_MISSING, "ProjectId", "there is no project `%.*s`",
                        "项目 `%.*s` 不存在", STR_ARG(param_str(c->params, "ProjectId")));
    if (rc == E_OK)
        rc = page_params(c, 10, 1, 200, &page);
    if (rc == E_OK)
        rc = list_query(c, &q);
    if (rc == E_OK)
        rc = query_count(c->view, &q, &total, &c->err);
    if (rc != E_OK)
        return rc;
    q.offset = page.offset;
    q.limit = page.size;
    rc = query_rows(c->view, &q, &c->arena, &rows, &n, &c->err);
    if (rc != E_OK)
        return rc;
    jw_key(&c->out, "Data");
    jw_object(&c->out);
    page_write(&c->out, &page, total);
    jw_key(&c->out, "Items");
    jw_array(&c->out);
    for (size_t i = 0; i < n && rc == E_OK; i++)
        rc = task_view_base(c, (const struct task_row *)rows + i, NULL);
    jw_array_end(&c->out);
    jw_object_end(&c->out);
    return rc;
}

/* ---- neighbours of a draft ----------------------------------------------------------------- */

static enum err_code write_neighbour(struct call *c, int64_t id)
{
    struct task_row task = { .id = id };
    struct workflow_row workflow;
    struct version_row version;
    struct task_spec spec;
    struct jw *w = &c->out;
    struct buf describe, cron;
    char text[TASK_ID_LEN + 4], letter[2] = { 0, 0 };
    enum err_code rc = row_get(c->view, &table_task, &c->arena, &task, &c->err);

    if (rc == E_OK)
        rc = task_view_version(c, id, task.version_no, &version);
    if (rc == E_OK)
        rc = task_decode_text(version.doc, (struct civil){ 0 }, &c->arena, &spec, &c->err);
    if (rc != E_OK)
        return rc == E_MISSING ? E_OK : rc; /* deleted: its edge is left behind */
    workflow = (struct workflow_row){ .id = task.workflow_id };
    bool has_workflow = row_get(c->view, &table_workflow, &c->arena, &workflow, NULL) == E_OK;
    task_id_format(id, text);
    letter[0] = cycle_letter(spec.schedule.cycle);
    buf_init(&describe, 1024);
    buf_init(&cron, CRON_TEXT_MAX);
    schedule_describe(&spec.schedule, c->lang == LANG_ZH, &describe);
    cron_print(&spec.schedule.cron, &cron);
    jw_object(w);
    jw_kcstr(w, "TaskId", text);
    jw_kstr(w, "TaskName", task.name);
    jw_kstr(w, "WorkflowId", task.workflow_id);
    jw_kcstr(w, "WorkflowName", has_workflow ? workflow.name.ptr : NULL);
    jw_kstr(w, "ProjectId", task.project_id);
    jw_kcstr(w, "Status", task_status_name((enum task_status)task.status));
    jw_ku64(w, "TaskTypeId", (uint64_t)task.type_id);
    jw_kcstr(w, "TaskTypeDesc", task_type_name(task.type_id));
    jw_kstr(w, "ScheduleDesc", buf_str(&describe));
    jw_wall(w, "StartTime", zone_to_wall(spec.schedule.zone, spec.schedule.start), zone_default());
    jw_wall(w, "EndTime", zone_to_wall(spec.schedule.zone, spec.schedule.end), zone_default());
    jw_knull(w, "DelayTime");
    jw_kcstr(w, "CycleType", letter);
    jw_kstr(w, "OwnerUin", task.owner_uin);
    jw_knull(w, "TaskAction");
    jw_kcstr(w, "InitStrategy", spec.schedule.init == INIT_T_PLUS_1 ? "T_PLUS_1" : "T_PLUS_0");
    jw_kstr(w, "CrontabExpression", buf_str(&cron));
    jw_object_end(w);
    buf_done(&describe);
    buf_done(&cron);
    return E_OK;
}

/* The edges in which the task stands in column `own`; the neighbour is in the other one. */
static enum err_code neighbours_answer(struct call *c, int own)
{
    struct task_row task;
    struct query q;
    struct page page;
    int64_t total;
    void *rows;
    size_t n;
    enum err_code rc = task_view_find(c, &task);

    if (rc == E_OK)
        rc = page_params(c, 10, 1, 200, &page);
    if (rc != E_OK)
        return rc;
    query_init(&q, &table_edge);
    query_number(&q, own, QUERY_EQ, task.id);
    query_number(&q, EDGE_IN_OPS, QUERY_EQ, 0);
    rc = query_count(c->view, &q, &total, &c->err);
    q.offset = page.offset;
    q.limit = page.size;
    if (rc == E_OK)
        rc = query_rows(c->view, &q, &c->arena, &rows, &n, &c->err);
    if (rc != E_OK)
        return rc;
    jw_key(&c->out, "Data");
    jw_object(&c->out);
    page_write(&c->out, &page, total);
    jw_key(&c->out, "Items");
    jw_array(&c->out);
    for (size_t i = 0; i < n && rc == E_OK; i++) {
        const struct edge_row *edge = (const struct edge_row *)rows + i;
        rc = write_neighbour(c, own == EDGE_DOWN_TASK ? edge->up_task : edge->down_task);
    }
    jw_array_end(&c->out);
    jw_object_end(&c->out);
    return rc;
}

static enum err_code upstream_answer(struct call *c)
{
    return neighbours_answer(c, EDGE_DOWN_TASK);
}

static enum err_code downstream_answer(struct call *c)
{
    return neighbours_answer(c, EDGE_UP_TASK);
}

static const struct action actions[] = {
    { API_2025, "GetTask", NULL, NULL, get_answer, false },
    { API_2025, "GetTaskCode", NULL, NULL, code_answer, false },
    { API_2025, "ListDownstreamTasks", NULL, NULL, downstream_answer, false },
    { API_2025, "ListTasks", NULL, NULL, list_answer, false },
    { API_2025, "ListUpstreamTasks", NULL, NULL, upstream_answer, false },
};
const struct action_family family_task_read = { actions, ARRAY_LEN(actions) };
