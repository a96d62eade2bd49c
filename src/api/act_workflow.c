/* api/act_workflow.c - CreateWorkflow, GetWorkflow, ListWorkflows, UpdateWorkflow, DeleteWorkflow
 * (docs/reference/semantics.md 1.3). */
#include "api/owner_filter.h"
#include "api/page.h"

#include "api/times.h"
#include "api/workflow_doc.h"
#include "cal/zone.h"
#include "engine/cmd_folder.h"
#include "engine/cmd_project.h"
#include "engine/cmd_workflow.h"

/* ---- CreateWorkflow ------------------------------------------------------------------------ */

struct create_state {
    struct workflow_request request;
    struct str id;
};

static enum err_code create_prepare(struct call *c)
{
    struct create_state *s = ARENA_NEW(&c->arena, struct create_state);
    struct workflow_doc doc;
    enum err_code rc = workflow_doc_make(c->params, STR("{}"), &c->arena, &doc, &c->err);

    if (rc != E_OK)
        return rc;
    s->request = (struct workflow_request){ .project_id = param_str(c->params, "ProjectId"),
                                            .folder_path = param_str(c->params, "ParentFolderPath"),
                                            .name = param_str(c->params, "WorkflowName"),
                                            .type = param_str(c->params, "WorkflowType"),
                                            .description = param_str(c->params, "WorkflowDesc"),
                                            .owner_uin = param_str(c->params, "OwnerUin"),
                                            .creator_uin = c->uin,
                                            .bundle_id = param_str(c->params, "BundleId"),
                                            .doc = doc.text,
                                            .schedule = doc.schedule };
    c->state = s;
    return E_OK;
}

static enum err_code create_apply(struct call *c, struct engine *g)
{
    struct create_state *s = c->state;
    enum err_code rc = workflow_create(g, &s->request, &s->id, &c->err);

    if (rc == E_OK)
        c->made = s->id = arena_str(&c->arena, s->id);
    return rc;
}

static enum err_code create_answer(struct call *c)
{
    const struct create_state *s = c->state;

    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kstr(&c->out, "WorkflowId", s->id);
    jw_object_end(&c->out);
    return E_OK;
}

/* ---- GetWorkflow --------------------------------------------------------------------------- */

static void write_optional(struct jw *w, const char *key, struct str value)
{
    if (value.len > 0)
        jw_kstr(w, key, value);
    else
        jw_knull(w, key);
}

static void write_params(struct jw *w, const json_t *doc)
{
    const json_t *list = param_list(doc, "WorkflowParams"), *item;
    size_t i;

    jw_key(w, "WorkflowParams");
    jw_array(w);
    json_array_foreach(list, i, item)
    {
        jw_object(w);
        jw_kstr(w, "ParamKey", param_str(item, "ParamKey"));
        jw_kstr(w, "ParamValue", param_str(item, "ParamValue"));
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void write_schedule(struct call *c, const json_t *kept)
{
    static const char *const names[] = {
        "ScheduleTimeZone",  "CycleType",          "SelfDepend",         "StartTime",
        "EndTime",           "DependencyWorkflow", "ExecutionStartTime", "ExecutionEndTime",
        "CrontabExpression", "CalendarOpen",       "CalendarId",
    };
    struct calendar_row calendar = { .id = param_str(kept, "CalendarId") };
    struct jw *w = &c->out;

    if (!kept) {
        jw_knull(w, WORKFLOW_SCHEDULE);
        return;
    }
    jw_key(w, WORKFLOW_SCHEDULE);
    jw_object(w);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        write_optional(w, names[i], param_str(kept, names[i]));
    bool named = calendar.id.len > 0 &&
                 row_get(c->view, &table_calendar, &c->arena, &calendar, NULL) == E_OK;
    write_optional(w, "CalendarName", named ? calendar.name : STR(""));
    jw_object_end(w);
}

static enum err_code get_answer(struct call *c)
{
    struct workflow_row row;
    struct jw *w = &c->out;
    enum err_code rc = workflow_require(c->view, &c->arena, param_str(c->params, "ProjectId"),
                                        param_str(c->params, "WorkflowId"), &row, &c->err);

    if (rc != E_OK)
        return rc;
    json_t *doc = json_loadb(row.doc.ptr, row.doc.len, 0, NULL);
    struct str folder = str_eq_c(row.folder_path, "/") ? STR("") : row.folder_path;
    if (!doc)
        return err_set(&c->err, E_CORRUPT, "workflow %.*s has no readable document",
                       STR_ARG(row.id));
    jw_key(w, "Data");
    jw_object(w);
    jw_kstr(w, "WorkflowName", row.name);
    jw_kstr(w, "OwnerUin", row.owner_uin);
    jw_kstr(w, "CreateUserUin", row.creator_uin);
    jw_kstr(w, "WorkflowType", row.type);
    write_params(w, doc);
    write_schedule(c, json_object_get(doc, WORKFLOW_SCHEDULE));
    jw_kstr(w, "WorkflowDesc", row.description);
    jw_kstr(w, "Path", arena_printf(&c->arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(row.name)));
    write_optional(w, "BundleId", row.bundle_id);
    write_optional(w, "BundleInfo", param_str(doc, "BundleInfo"));
    jw_object_end(w);
    json_decref(doc);
    return E_OK;
}

/* ---- ListWorkflows ------------------------------------------------------------------------- */

/* [from, to], both to the second. */
static enum err_code add_range(struct call *c, struct query *q, const char *name, int column)
{
    const json_t *list = param_list(c->params, name);
    struct wall from, to;

    if (json_array_size(list) == 0)
        return E_OK;
    if (json_array_size(list) != 2)
        return err_user(&c->err, E_RANGE, name, "it takes two times, not %zu",
                        "需要两个时间，而不是 %zu 个", json_array_size(list));
    enum err_code rc = wall_param(json_str(json_array_get(list, 0)),
                                  arena_printf(&c->arena, "%s.0", name).ptr, &from, &c->err);
    if (rc == E_OK)
        rc = wall_param(json_str(json_array_get(list, 1)),
                        arena_printf(&c->arena, "%s.1", name).ptr, &to, &c->err);
    if (rc == E_OK && to.us < from.us)
        rc = err_user(&c->err, E_RANGE, name, "the second time is before the first",
                      "第二个时间早于第一个");
    if (rc != E_OK)
        return rc;
    query_number(q, column, QUERY_GE, from.us);
    query_number(q, column, QUERY_LT, wall_add(to, DUR_S(1)).us);
    return E_OK;
}

static enum err_code list_query(struct call *c, struct query *q)
{
    static const struct {
        const char *name;
        int column;
        enum query_op op;
    } filters[] = {
        { "Keyword", WORKFLOW_NAME, QUERY_CONTAINS },
        { "ParentFolderPath", WORKFLOW_FOLDER_PATH, QUERY_EQ },
        { "BundleId", WORKFLOW_BUNDLE_ID, QUERY_EQ },
        { "CreateUserUin", WORKFLOW_CREATOR_UIN, QUERY_EQ },
    };
    struct str type = param_str(c->params, "WorkflowType");

    query_init(q, &table_workflow);
    query_text(q, WORKFLOW_PROJECT_ID, QUERY_EQ, param_str(c->params, "ProjectId"));
    for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
        struct str value = param_str(c->params, filters[i].name);
        if (value.len > 0)
            query_text(q, filters[i].column, filters[i].op, value);
    }
    owner_filter(c, q, WORKFLOW_OWNER_UIN);
    if (type.len > 0 && !str_ieq(type, STR("cycle")) && !str_ieq(type, STR("manual")))
        return err_user(&c->err, E_RANGE, "WorkflowType", "`%.*s` is not cycle or manual",
                        "`%.*s` 不是 cycle 或 manual", STR_ARG(str_sub(type, 0, 64)));
    if (type.len > 0)
        query_text(q, WORKFLOW_TYPE, QUERY_EQ,
                   str_ieq(type, STR("manual")) ? STR("manual") : STR("cycle"));
    query_order(q, WORKFLOW_CREATED_AT, true);
    enum err_code rc = add_range(c, q, "ModifyTime", WORKFLOW_UPDATED_AT);
    return rc == E_OK ? add_range(c, q, "CreateTime", WORKFLOW_CREATED_AT) : rc;
}

static void write_item(struct jw *w, const struct workflow_row *row)
{
    jw_object(w);
    jw_kstr(w, "WorkflowId", row->id);
    jw_kstr(w, "WorkflowName", row->name);
    jw_kstr(w, "WorkflowType", row->type);
    jw_kstr(w, "OwnerUin", row->owner_uin);
    jw_wall(w, "CreateTime", row->created_at, zone_default());
    jw_wall(w, "ModifyTime", row->updated_at, zone_default());
    jw_kstr(w, "UpdateUserUin", row->updater_uin);
    jw_kstr(w, "WorkflowDesc", row->description);
    jw_kstr(w, "CreateUserUin", row->creator_uin);
    jw_object_end(w);
}

static enum err_code list_answer(struct call *c)
{
    struct project_row project;
    struct str project_id = param_str(c->params, "ProjectId"),
               folder = param_str(c->params, "ParentFolderPath");
    struct page page;
    struct query q;
    void *rows;
    size_t n;
    int64_t total;
    enum err_code rc = page_params(c, 10, 200, &page);

    if (rc == E_OK)
        rc = list_query(c, &q);
    if (rc == E_OK)
        rc = project_require(c->view, &c->arena, project_id, "ProjectId", &project, &c->err);
    if (rc == E_OK && folder.len > 0)
        rc = folder_path_require(c->view, &c->arena, &workflow_folders, project_id, folder,
                                 "ParentFolderPath", &c->err);
    if (rc != E_OK)
        return rc;
    rc = page_rows(c, &page, &q, &rows, &n, &total);
    if (rc != E_OK)
        return rc;
    page_open(c, &page, total);
    for (size_t i = 0; i < n; i++)
        write_item(&c->out, (const struct workflow_row *)rows + i);
    page_close(c);
    return E_OK;
}

/* ---- UpdateWorkflow, DeleteWorkflow -------------------------------------------------------- */

/* Texts that may be emptied: NULL where the member is not there. */
static const struct str *given(struct call *c, const char *name)
{
    struct str *value = ARENA_NEW(&c->arena, struct str);

    if (!param_has(c->params, name))
        return NULL;
    *value = param_str(c->params, name);
    return value;
}

/* A workflow has a name and an owner, so an empty text is an absent one (wire.md 5). */
static const struct str *given_text(struct call *c, const char *name)
{
    const struct str *value = given(c, name);

    return value && value->len > 0 ? value : NULL;
}

static enum err_code update_apply(struct call *c, struct engine *g)
{
    struct workflow_row row;
    struct str project_id = param_str(c->params, "ProjectId"),
               id = param_str(c->params, "WorkflowId");
    struct workflow_change change = { .name = given_text(c, "WorkflowName"),
                                      .description = given(c, "WorkflowDesc"),
                                      .owner_uin = given_text(c, "OwnerUin"),
                                      .bundle_id = given(c, "BundleId") };
    struct workflow_doc doc;
    enum err_code rc = workflow_require(engine_view(g), &c->arena, project_id, id, &row, &c->err);

    if (rc == E_OK)
        rc = workflow_doc_make(c->params, row.doc, &c->arena, &doc, &c->err);
    if (rc != E_OK)
        return rc;
    change.doc = &doc.text;
    change.schedule = doc.schedule;
    return workflow_update(g, project_id, id, &change, c->uin, &c->err);
}

static enum err_code delete_apply(struct call *c, struct engine *g)
{
    return workflow_delete(g, param_str(c->params, "ProjectId"), param_str(c->params, "WorkflowId"),
                           &c->err);
}

static const struct action actions[] = {
    { API_2025, "CreateWorkflow", create_prepare, create_apply, create_answer, ACCESS_DEVELOP,
      "ParentFolderPath" },
    { API_2025, "GetWorkflow", NULL, NULL, get_answer, ACCESS_READ, "WorkflowId" },
    { API_2025, "ListWorkflows", NULL, NULL, list_answer, ACCESS_READ },
    { API_2025, "UpdateWorkflow", NULL, update_apply, answer_status, ACCESS_DEVELOP, "WorkflowId" },
    { API_2025, "DeleteWorkflow", NULL, delete_apply, answer_status, ACCESS_DEVELOP, "WorkflowId" },
};
const struct action_family family_workflow = { actions, ARRAY_LEN(actions) };
