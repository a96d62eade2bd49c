/* api/act_task_folder.c - task folders: Create-, Get-, List-, Update-, DeleteTaskFolder
 * (docs/reference/semantics.md 1.3). */
#include "api/page.h"

#include "engine/cmd_task_folder.h"
#include "engine/cmd_workflow.h"

static enum err_code create_apply(struct call *c, struct engine *g)
{
    struct task_folder_request r = { .project_id = param_str(c->params, "ProjectId"),
                                     .workflow_id = param_str(c->params, "WorkflowId"),
                                     .type = param_str(c->params, "TaskFolderType"),
                                     .parent_path = param_str(c->params, "ParentTaskFolderPath"),
                                     .name = param_str(c->params, "TaskFolderName"),
                                     .creator_uin = c->uin };
    struct str *id = ARENA_NEW(&c->arena, struct str);
    enum err_code rc = task_folder_create(g, &r, id, &c->err);

    if (rc == E_OK)
        c->made = *id = arena_str(&c->arena, *id);
    c->state = id;
    return rc;
}

static enum err_code create_answer(struct call *c)
{
    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kstr(&c->out, "TaskFolderId", *(struct str *)c->state);
    jw_object_end(&c->out);
    return E_OK;
}

static struct task_folder_key key_of(const struct call *c)
{
    return (struct task_folder_key){ param_str(c->params, "ProjectId"),
                                     param_str(c->params, "WorkflowId"),
                                     param_str(c->params, "TaskFolderId") };
}

static void write_brief(struct jw *w, const struct task_folder_row *f)
{
    jw_kstr(w, "ProjectId", f->project_id);
    jw_kstr(w, "TaskFolderId", f->id);
    jw_kstr(w, "TaskFolderPath", f->path);
    jw_kstr(w, "CreateUserUin", f->creator_uin);
}

static enum err_code get_answer(struct call *c)
{
    struct workflow_row workflow;
    struct task_folder_row row;
    struct task_folder_key key = key_of(c);
    enum err_code rc =
        workflow_require(c->view, &c->arena, key.project_id, key.workflow_id, &workflow, &c->err);

    if (rc == E_OK)
        rc = task_folder_require(c->view, &c->arena, &key, &row, &c->err);
    if (rc != E_OK)
        return rc;
    jw_key(&c->out, "Data");
    jw_object(&c->out);
    write_brief(&c->out, &row);
    jw_kstr(&c->out, "ParentTaskFolderPath", row.parent_path);
    jw_kstr(&c->out, "TaskFolderName", row.name);
    jw_kstr(&c->out, "WorkflowId", row.workflow_id);
    jw_kstr(&c->out, "TaskFolderType", row.type);
    jw_object_end(&c->out);
    return E_OK;
}

static enum err_code list_query(struct call *c, const struct page *page, struct query *q)
{
    struct workflow_row workflow;
    struct task_folder_key key = key_of(c);
    struct str parent = param_str(c->params, "ParentTaskFolderPath"),
               type = param_str(c->params, "TaskFolderType");
    enum err_code rc = task_folder_type_check(type, "TaskFolderType", &c->err);

    if (rc == E_OK)
        rc = workflow_require(c->view, &c->arena, key.project_id, key.workflow_id, &workflow,
                              &c->err);
    if (rc == E_OK)
        rc = task_folder_path_require(c->view, &c->arena, key.workflow_id, type, parent,
                                      "ParentTaskFolderPath", &c->err);
    query_init(q, &table_task_folder);
    query_text(q, TASK_FOLDER_WORKFLOW_ID, QUERY_EQ, key.workflow_id);
    query_text(q, TASK_FOLDER_TYPE, QUERY_EQ, type);
    query_text(q, TASK_FOLDER_PARENT_PATH, QUERY_EQ, parent);
    query_order(q, TASK_FOLDER_CREATED_AT, true);
    q->offset = page->offset;
    q->limit = page->size;
    return rc;
}

/* The child folders of one path, newest first. */
static enum err_code list_answer(struct call *c)
{
    struct page page;
    struct query q;
    void *rows;
    size_t n;
    int64_t total;
    enum err_code rc = page_params(c, 10, 200, &page);

    if (rc == E_OK)
        rc = list_query(c, &page, &q);
    if (rc == E_OK)
        rc = query_count(c->view, &q, &total, &c->err);
    if (rc == E_OK)
        rc = query_rows(c->view, &q, &c->arena, &rows, &n, &c->err);
    if (rc != E_OK)
        return rc;
    page_open(c, &page, total);
    for (size_t i = 0; i < n; i++) {
        jw_object(&c->out);
        write_brief(&c->out, (const struct task_folder_row *)rows + i);
        jw_object_end(&c->out);
    }
    page_close(c);
    return E_OK;
}

static enum err_code update_apply(struct call *c, struct engine *g)
{
    struct task_folder_key key = key_of(c);

    return task_folder_rename(g, &key, param_str(c->params, "TaskFolderName"), &c->err);
}

static enum err_code delete_apply(struct call *c, struct engine *g)
{
    struct task_folder_key key = key_of(c);

    return task_folder_delete(g, &key, &c->err);
}

static const struct action actions[] = {
    { API_2025, "CreateTaskFolder", NULL, create_apply, create_answer, ACCESS_DEVELOP,
      "WorkflowId" },
    { API_2025, "GetTaskFolder", NULL, NULL, get_answer, ACCESS_READ, "WorkflowId" },
    { API_2025, "ListTaskFolders", NULL, NULL, list_answer, ACCESS_READ, "WorkflowId" },
    { API_2025, "UpdateTaskFolder", NULL, update_apply, answer_status, ACCESS_DEVELOP,
      "WorkflowId" },
    { API_2025, "DeleteTaskFolder", NULL, delete_apply, answer_status, ACCESS_DEVELOP,
      "WorkflowId" },
};
const struct action_family family_task_folder = { actions, ARRAY_LEN(actions) };
