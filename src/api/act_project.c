/* api/act_project.c - CreateProject, GetProject, ListProjects, UpdateProject, EnableProject,
 * DisableProject, DeleteProject (docs/reference/semantics.md 1.2, 10).
 *
 * Compute clusters are not built: a request that binds one is refused by name.
 */
#include "api/page.h"

#include "api/access.h"
#include "api/scan.h"
#include "api/times.h"
#include "engine/cmd_project.h"

/* ---- CreateProject ------------------------------------------------------------------------- */

struct create_state {
    struct project_request request;
    struct str id;
};

/* A project schedules by task or by trigger workflow; the second family is not built. */
static enum err_code check_schedule_mode(struct call *c, struct str mode)
{
    if (mode.len == 0 || str_eq_c(mode, "task"))
        return E_OK;
    if (str_eq_c(mode, "workflow"))
        return err_user(&c->err, E_UNSUPPORTED, "Project.ScheduleMode",
                        "the workflow mode (trigger workflows) is not built yet",
                        "工作流模式（触发式工作流）尚未支持");
    return err_user(&c->err, E_RANGE, "Project.ScheduleMode", "`%.*s` is not task or workflow",
                    "`%.*s` 不是 task 或 workflow", STR_ARG(mode));
}

static enum err_code create_prepare(struct call *c)
{
    struct create_state *s = ARENA_NEW(&c->arena, struct create_state);
    const json_t *project = param_object(c->params, "Project");
    const json_t *groups = param_list(c->params, "ResourceIds");
    size_t n = json_array_size(groups);
    enum err_code rc = check_schedule_mode(c, param_str(project, "ScheduleMode"));
    struct str *ids = ARENA_ARRAY(&c->arena, struct str, n + 1);

    if (rc != E_OK)
        return rc;
    if (param_has(c->params, "DLCInfo"))
        return err_user(&c->err, E_UNSUPPORTED, "DLCInfo",
                        "binding a compute cluster to a project is not built yet",
                        "项目绑定计算集群尚未支持");
    if (n > 100)
        return err_user(&c->err, E_LIMIT, "ResourceIds", "at most %d resource groups",
                        "最多 %d 个资源组", 100);
    if (n > 0 && !c->is_root) /* as AssociateResourceGroupToProject */
        return err_user(&c->err, E_FORBIDDEN, "ResourceIds",
                        "resource groups are associated with a root key", "关联资源组需要根密钥");
    for (size_t i = 0; i < n; i++)
        ids[i] = json_str(json_array_get(groups, i));
    s->request = (struct project_request){ .name = param_str(project, "ProjectName"),
                                           .display_name = param_str(project, "DisplayName"),
                                           .model = param_str(project, "ProjectModel"),
                                           .creator_uin = c->uin,
                                           .group_ids = ids,
                                           .n_group_ids = (int)n };
    c->state = s;
    return E_OK;
}

static bool is_project_field(const char *path)
{
    return str_eq_c(str_from(path), "ProjectName") || str_eq_c(str_from(path), "DisplayName") ||
           str_eq_c(str_from(path), "ProjectModel");
}

static enum err_code create_apply(struct call *c, struct engine *g)
{
    struct create_state *s = c->state;
    enum err_code rc = project_create(g, &s->request, &s->id, &c->err);

    if (rc == E_OK)
        c->made = s->id = arena_str(&c->arena, s->id);
    else if (is_project_field(c->err.path))
        err_prefix(&c->err, "Project");
    return rc;
}

static enum err_code create_answer(struct call *c)
{
    const struct create_state *s = c->state;

    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kstr(&c->out, "ProjectId", s->id);
    jw_object_end(&c->out);
    return E_OK;
}

/* ---- GetProject, ListProjects -------------------------------------------------------------- */

static void write_project(struct jw *w, const struct project_row *p)
{
    jw_object(w);
    jw_kstr(w, "ProjectId", p->id);
    jw_kstr(w, "ProjectName", p->name);
    jw_kstr(w, "DisplayName", p->display_name);
    jw_kstr(w, "Description", p->description);
    jw_iso(w, "CreateTime", p->created_at);
    jw_kstr(w, "CreatorUin", p->creator_uin);
    jw_kstr(w, "ProjectOwnerUin", p->owner_uin);
    jw_ki64(w, "Status", p->status);
    jw_kstr(w, "ProjectModel", p->model);
    jw_key(w, "WorkspaceExt");
    jw_array(w);
    jw_object(w);
    jw_kcstr(w, "Key", "scheduleMode");
    jw_kcstr(w, "Value", "task");
    jw_object_end(w);
    jw_array_end(w);
    jw_object_end(w);
}

static enum err_code get_answer(struct call *c)
{
    struct project_row row;
    enum err_code rc = project_require(c->view, &c->arena, param_str(c->params, "ProjectId"),
                                       "ProjectId", &row, &c->err);

    if (rc != E_OK)
        return rc;
    jw_key(&c->out, "Data");
    write_project(&c->out, &row);
    return E_OK;
}

struct project_list {
    struct call *c;
    struct scan scan;
    struct str name; /* part of the identifier or of the display name; empty: any */
    enum err_code rc;
};

static bool list_take(void *ctx, const void *row)
{
    struct project_list *l = ctx;
    const struct project_row *p = row;

    bool sees = false;

    if (l->name.len > 0 && !str_has(p->name, l->name) && !str_has(p->display_name, l->name))
        return true;
    l->rc = access_sees(l->c, l->c->view, p->id, &sees);
    if (sees)
        scan_take(&l->scan, row);
    return l->rc == E_OK;
}

static enum err_code list_query(struct call *c, struct query *q)
{
    const json_t *ids = param_list(c->params, "ProjectIds");
    struct str model = param_str(c->params, "ProjectModel");
    int64_t status = param_i64(c->params, "Status", -1);
    size_t n = json_array_size(ids);
    struct str *texts = ARENA_ARRAY(&c->arena, struct str, n + 1);

    query_init(q, &table_project);
    if (n > QUERY_IN_MAX)
        return err_user(&c->err, E_LIMIT, "ProjectIds", "at most %d ids", "最多 %d 个",
                        QUERY_IN_MAX);
    for (size_t i = 0; i < n; i++)
        texts[i] = json_str(json_array_get(ids, i));
    if (n > 0)
        query_texts(q, PROJECT_ID, texts, (int)n);
    if (param_has(c->params, "Status") && status != PROJECT_DISABLED && status != PROJECT_ENABLED)
        return err_user(&c->err, E_RANGE, "Status", "%lld is neither 0 (disabled) nor 1 (enabled)",
                        "%lld 既不是 0(禁用)也不是 1(正常)", (long long)status);
    if (param_has(c->params, "Status"))
        query_number(q, PROJECT_STATUS, QUERY_EQ, status);
    if (model.len > 0 && !str_eq_c(model, "SIMPLE") && !str_eq_c(model, "STANDARD"))
        return err_user(&c->err, E_RANGE, "ProjectModel", "`%.*s` is not SIMPLE or STANDARD",
                        "`%.*s` 不是 SIMPLE 或 STANDARD", STR_ARG(str_sub(model, 0, 64)));
    if (model.len > 0)
        query_text(q, PROJECT_MODEL, QUERY_EQ, model);
    query_order(q, PROJECT_CREATED_AT, true);
    return E_OK;
}

static enum err_code list_answer(struct call *c)
{
    struct project_list l = { .c = c, .name = param_str(c->params, "ProjectName"), .rc = E_OK };
    struct page page;
    struct query q;
    enum err_code rc = page_params(c, 10, 200, &page);

    if (rc == E_OK)
        rc = list_query(c, &q);
    if (rc != E_OK)
        return rc;
    scan_init(&l.scan, &table_project, sizeof(struct project_row), &page, &c->arena);
    rc = query_run(c->view, &q, list_take, &l, &c->err);
    if (rc == E_OK)
        rc = l.rc;
    if (rc != E_OK)
        return rc;
    page_open(c, &page, l.scan.total);
    for (int64_t i = 0; i < l.scan.n; i++)
        write_project(&c->out, (const struct project_row *)(void *)l.scan.rows + i);
    page_close(c);
    return E_OK;
}

/* ---- changes ------------------------------------------------------------------------------- */

static enum err_code update_apply(struct call *c, struct engine *g)
{
    struct str display = param_str(c->params, "DisplayName"),
               text = param_str(c->params, "Description");
    struct str owner = param_str(c->params, "ProjectOwnerUin");
    struct project_change change = { param_has(c->params, "DisplayName") ? &display : NULL,
                                     param_has(c->params, "Description") ? &text : NULL,
                                     param_has(c->params, "ProjectOwnerUin") ? &owner : NULL };

    return project_update(g, param_str(c->params, "ProjectId"), &change, &c->err);
}

static enum err_code nothing_answer(struct call *c)
{
    (void)c;
    return E_OK;
}

static enum err_code enable_apply(struct call *c, struct engine *g)
{
    return project_enable(g, param_str(c->params, "ProjectId"), true, &c->err);
}

static enum err_code disable_apply(struct call *c, struct engine *g)
{
    return project_enable(g, param_str(c->params, "ProjectId"), false, &c->err);
}

static enum err_code delete_apply(struct call *c, struct engine *g)
{
    return project_delete(g, param_str(c->params, "ProjectId"), &c->err);
}

static const struct action actions[] = {
    { API_2025, "CreateProject", create_prepare, create_apply, create_answer, ACCESS_ANY },
    { API_2025, "GetProject", NULL, NULL, get_answer, ACCESS_READ },
    { API_2025, "ListProjects", NULL, NULL, list_answer, ACCESS_ANY },
    { API_2025, "UpdateProject", NULL, update_apply, nothing_answer, ACCESS_MANAGE },
    { API_2025, "EnableProject", NULL, enable_apply, answer_status, ACCESS_MANAGE },
    { API_2025, "DisableProject", NULL, disable_apply, answer_status, ACCESS_MANAGE },
    { API_2025, "DeleteProject", NULL, delete_apply, answer_status, ACCESS_MANAGE },
};
const struct action_family family_project = { actions, ARRAY_LEN(actions) };
