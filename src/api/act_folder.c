/* api/act_folder.c - folders of workflows and of resource files: Create-, Get-, List-, Update-,
 * DeleteWorkflowFolder and -ResourceFolder (docs/reference/semantics.md 1.3, 10). */
#include "api/page.h"

#include "engine/cmd_folder.h"
#include "engine/cmd_project.h"

static bool of_resources(const struct call *c)
{
    return str_find(str_from(c->schema->name), STR("ResourceFolder")) >= 0;
}

static const struct folder_kind *kind_of(const struct call *c)
{
    return of_resources(c) ? &resource_folders : &workflow_folders;
}

static enum err_code create_apply(struct call *c, struct engine *g)
{
    struct folder_request r = { .project_id = param_str(c->params, "ProjectId"),
                                .parent_path = param_str(c->params, "ParentFolderPath"),
                                .name = param_str(c->params, "FolderName"),
                                .creator_uin = c->uin };
    struct str *id = ARENA_NEW(&c->arena, struct str);
    enum err_code rc = folder_create(g, kind_of(c), &r, id, &c->err);

    if (rc == E_OK)
        c->made = *id = arena_str(&c->arena, *id);
    c->state = id;
    return rc;
}

static enum err_code create_answer(struct call *c)
{
    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kstr(&c->out, "FolderId", *(struct str *)c->state);
    jw_object_end(&c->out);
    return E_OK;
}

/* What each list has. */
static void write_brief(struct call *c, const struct folder_row *f)
{
    struct jw *w = &c->out;

    if (!of_resources(c))
        jw_kstr(w, "ProjectId", f->project_id);
    jw_kstr(w, "FolderId", f->id);
    jw_kstr(w, "FolderPath", f->path);
    jw_kstr(w, "CreateUserUin", f->creator_uin);
    if (of_resources(c)) {
        jw_kstr(w, "CreateUserName", f->creator_uin);
        jw_kstr(w, "FolderName", f->name);
    }
}

static enum err_code get_answer(struct call *c)
{
    struct project_row project;
    struct folder_row row;
    struct str project_id = param_str(c->params, "ProjectId");
    enum err_code rc =
        project_require(c->view, &c->arena, project_id, "ProjectId", &project, &c->err);

    if (rc == E_OK)
        rc = folder_require(c->view, &c->arena, kind_of(c), project_id,
                            param_str(c->params, "FolderId"), &row, &c->err);
    if (rc != E_OK)
        return rc;
    jw_key(&c->out, "Data");
    jw_object(&c->out);
    write_brief(c, &row);
    jw_kstr(&c->out, "ParentFolderPath", row.parent_path);
    if (of_resources(c))
        jw_kstr(&c->out, "ProjectId", row.project_id);
    else
        jw_kstr(&c->out, "FolderName", row.name);
    jw_object_end(&c->out);
    return E_OK;
}

/* The child folders of one path, newest first. */
static enum err_code list_answer(struct call *c)
{
    struct project_row project;
    struct str project_id = param_str(c->params, "ProjectId"),
               parent = param_str(c->params, "ParentFolderPath");
    struct page page;
    struct query q;
    void *rows;
    size_t n;
    int64_t total;
    enum err_code rc = page_params(c, 10, 200, &page);

    if (rc == E_OK)
        rc = project_require(c->view, &c->arena, project_id, "ProjectId", &project, &c->err);
    if (rc == E_OK)
        rc = folder_path_require(c->view, &c->arena, kind_of(c), project_id, parent,
                                 "ParentFolderPath", &c->err);
    if (rc != E_OK)
        return rc;
    query_init(&q, folder_table(kind_of(c)));
    query_text(&q, FOLDER_PROJECT_ID, QUERY_EQ, project_id);
    query_text(&q, FOLDER_PARENT_PATH, QUERY_EQ, parent);
    query_order(&q, FOLDER_CREATED_AT, true);
    rc = page_rows(c, &page, &q, &rows, &n, &total);
    if (rc != E_OK)
        return rc;
    page_open(c, &page, total);
    for (size_t i = 0; i < n; i++) {
        jw_object(&c->out);
        write_brief(c, (const struct folder_row *)rows + i);
        jw_object_end(&c->out);
    }
    page_close(c);
    return E_OK;
}

static enum err_code update_apply(struct call *c, struct engine *g)
{
    return folder_rename(g, kind_of(c), param_str(c->params, "ProjectId"),
                         param_str(c->params, "FolderId"), param_str(c->params, "FolderName"),
                         &c->err);
}

static enum err_code delete_apply(struct call *c, struct engine *g)
{
    return folder_delete(g, kind_of(c), param_str(c->params, "ProjectId"),
                         param_str(c->params, "FolderId"), &c->err);
}

static const struct action actions[] = {
    { API_2025, "CreateWorkflowFolder", NULL, create_apply, create_answer, ACCESS_DEVELOP,
      "ParentFolderPath" },
    { API_2025, "GetWorkflowFolder", NULL, NULL, get_answer, ACCESS_READ, "FolderId" },
    { API_2025, "ListWorkflowFolders", NULL, NULL, list_answer, ACCESS_READ, "ParentFolderPath" },
    { API_2025, "UpdateWorkflowFolder", NULL, update_apply, answer_status, ACCESS_DEVELOP,
      "FolderId" },
    { API_2025, "DeleteWorkflowFolder", NULL, delete_apply, answer_status, ACCESS_DEVELOP,
      "FolderId" },
    { API_2025, "CreateResourceFolder", NULL, create_apply, create_answer, ACCESS_DEVELOP },
    { API_2025, "GetResourceFolder", NULL, NULL, get_answer, ACCESS_READ },
    { API_2025, "ListResourceFolders", NULL, NULL, list_answer, ACCESS_READ },
    { API_2025, "UpdateResourceFolder", NULL, update_apply, answer_status, ACCESS_DEVELOP },
    { API_2025, "DeleteResourceFolder", NULL, delete_apply, answer_status, ACCESS_DEVELOP },
};
const struct action_family family_folder = { actions, ARRAY_LEN(actions) };
