/* engine/cmd_workflow.c - makes, changes and deletes workflows. */
#include "engine/cmd_workflow.h"

#include "engine/cmd_folder.h"
#include "engine/cmd_permission.h"
#include "engine/cmd_project.h"
#include "engine/cmd_task.h"
#include "engine/workflow_schedule.h"
#include "engine/planning.h"
#include "model/names.h"
#include "sys/random.h"

enum err_code workflow_require(struct view *v, struct arena *a, struct str project_id,
                               struct str id, struct workflow_row *ret, struct err *e)
{
    struct project_row project;
    struct workflow_row row = { .id = id };
    enum err_code rc = project_require(v, a, project_id, "ProjectId", &project, e);

    if (rc != E_OK)
        return rc;
    rc = id.len == 0 ? E_MISSING : row_get(v, &table_workflow, a, &row, e);
    if (rc == E_MISSING || (rc == E_OK && !str_eq(row.project_id, project_id)))
        return err_user(e, E_MISSING, "WorkflowId", "there is no workflow `%.*s` in this project",
                        "该项目中没有工作流 `%.*s`", STR_ARG(str_sub(id, 0, 64)));
    if (rc == E_OK)
        *ret = row;
    return rc;
}

static enum err_code check_texts(struct str name, struct str description, struct str owner,
                                 struct str bundle_id, struct err *e)
{
    enum err_code rc = name_check_item(name, "WorkflowName", e);

    if (rc == E_OK)
        rc = name_check_text(description, "WorkflowDesc", e);
    if (rc == E_OK && owner.len > 0)
        rc = name_check_owner(owner, "OwnerUin", e);
    if (rc == E_OK)
        rc = name_check_text(bundle_id, "BundleId", e);
    return rc;
}

static enum err_code name_exists(struct str name, struct err *e)
{
    return err_user(e, E_EXISTS, "WorkflowName",
                    "there is a workflow `%.*s` in this project already",
                    "该项目中已有工作流 `%.*s`", STR_ARG(name));
}

bool workflow_is_manual(const struct workflow_row *w)
{
    return str_eq_c(w->type, "manual");
}

static enum err_code no_schedule(struct err *e)
{
    return err_user(e, E_RANGE, WORKFLOW_SCHEDULE,
                    "a manual workflow has no schedule; TriggerManualTasks (2021-08-20) runs it",
                    "手动工作流没有调度配置，请用 TriggerManualTasks(2021-08-20)触发运行");
}

static enum err_code check_create(struct engine *g, const struct workflow_request *r, struct err *e)
{
    struct project_row project;
    enum err_code rc = check_texts(r->name, r->description, r->owner_uin, r->bundle_id, e);

    if (rc == E_OK && r->type.len > 0 && !str_ieq(r->type, STR("cycle")) &&
        !str_ieq(r->type, STR("manual")))
        rc = err_user(e, E_RANGE, "WorkflowType", "`%.*s` is not cycle or manual",
                      "`%.*s` 不是 cycle 或 manual", STR_ARG(str_sub(r->type, 0, 64)));
    if (rc == E_OK && r->schedule && str_ieq(r->type, STR("manual")))
        rc = no_schedule(e);
    if (rc == E_OK && r->id.len > 0)
        rc = name_check_id(r->id, "WorkflowId", e);
    if (rc == E_OK)
        rc = project_require(engine_view(g), engine_arena(g), r->project_id, "ProjectId", &project,
                             e);
    if (rc == E_OK)
        rc = folder_path_require(engine_view(g), engine_arena(g), &workflow_folders, r->project_id,
                                 r->folder_path, "ParentFolderPath", e);
    if (rc == E_OK && r->schedule)
        rc = workflow_schedule_check(g, r->schedule, e);
    return rc;
}

enum err_code workflow_create(struct engine *g, const struct workflow_request *r,
                              struct str *ret_id, struct err *e)
{
    char id[UUID_LEN + 1];
    int index = 0;
    struct workflow_row row = { .id = r->id,
                                .project_id = r->project_id,
                                .folder_path = r->folder_path,
                                .name = r->name,
                                .type =
                                    str_ieq(r->type, STR("manual")) ? STR("manual") : STR("cycle"),
                                .description = r->description,
                                .owner_uin = r->owner_uin.len > 0 ? r->owner_uin : r->creator_uin,
                                .creator_uin = r->creator_uin,
                                .updater_uin = r->creator_uin,
                                .bundle_id = r->bundle_id,
                                .created_at = engine_now(g),
                                .updated_at = engine_now(g),
                                .doc = r->doc };
    enum err_code rc = check_create(g, r, e);

    if (rc != E_OK)
        return rc;
    if (r->id.len == 0) {
        random_uuid(id);
        row.id = str_from(id);
    }
    rc = row_insert(engine_store(g), &table_workflow, &row, &index, e);
    if (rc == E_EXISTS)
        return index < 0 ? err_user(e, E_EXISTS, "WorkflowId", "this id is taken", "该 ID 已被使用")
                         : name_exists(r->name, e);
    if (rc == E_OK)
        *ret_id = arena_str(engine_arena(g), row.id);
    return rc;
}

enum err_code workflow_update(struct engine *g, struct str project_id, struct str id,
                              const struct workflow_change *change, struct str uin, struct err *e)
{
    struct workflow_row row;
    enum err_code rc = workflow_require(engine_view(g), engine_arena(g), project_id, id, &row, e);

    if (rc != E_OK)
        return rc;
    row.name = change->name ? *change->name : row.name;
    row.description = change->description ? *change->description : row.description;
    row.owner_uin = change->owner_uin ? *change->owner_uin : row.owner_uin;
    row.bundle_id = change->bundle_id ? *change->bundle_id : row.bundle_id;
    row.doc = change->doc ? *change->doc : row.doc;
    row.updater_uin = uin;
    row.updated_at = engine_now(g);
    rc = check_texts(row.name, row.description, row.owner_uin, row.bundle_id, e);
    if (rc == E_OK && change->schedule && workflow_is_manual(&row))
        rc = no_schedule(e);
    if (rc == E_OK && change->schedule)
        rc = workflow_schedule_check(g, change->schedule, e);
    if (rc != E_OK)
        return rc;
    rc = row_update(engine_store(g), &table_workflow, &row,
                    COL(WORKFLOW_NAME) | COL(WORKFLOW_DESCRIPTION) | COL(WORKFLOW_OWNER_UIN) |
                        COL(WORKFLOW_BUNDLE_ID) | COL(WORKFLOW_DOC) | COL(WORKFLOW_UPDATER_UIN) |
                        COL(WORKFLOW_UPDATED_AT),
                    e);
    if (rc == E_EXISTS)
        return name_exists(row.name, e);
    return rc == E_OK && change->schedule
               ? workflow_schedule_spread(g, &row, change->schedule, uin, e)
               : rc;
}

/* ---- delete -------------------------------------------------------------------------------- */

static bool is_active(int32_t status)
{
    return status == TASK_SCHEDULING || status == TASK_PAUSED || status == TASK_STOPPING;
}

static enum err_code check_tasks(const struct task_row *tasks, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++)
        if (is_active(tasks[i].status))
            return err_user(
                e, E_DENIED, "WorkflowId",
                "task %lld (%.*s) is in state %s; stop it before its workflow is deleted",
                "任务 %lld(%.*s)的状态为 %s，请先下线再删除工作流", (long long)tasks[i].id,
                STR_ARG(tasks[i].name), task_status_name((enum task_status)tasks[i].status));
    return E_OK;
}

enum err_code workflow_delete(struct engine *g, struct str project_id, struct str id, struct err *e)
{
    struct workflow_row row = { .id = id };
    struct project_row project;
    struct query q;
    struct task_row *tasks;
    void *found;
    size_t n;
    enum err_code rc =
        project_require(engine_view(g), engine_arena(g), project_id, "ProjectId", &project, e);

    if (rc != E_OK)
        return rc;
    rc = id.len == 0 ? E_MISSING
                     : row_get(engine_view(g), &table_workflow, engine_arena(g), &row, e);
    if (rc == E_MISSING || (rc == E_OK && !str_eq(row.project_id, project_id)))
        return err_user(e, E_CONFLICT, "WorkflowId",
                        "the workflow to delete does not exist: `%.*s`",
                        "要删除的工作流不存在：`%.*s`", STR_ARG(str_sub(id, 0, 64)));
    query_init(&q, &table_task);
    query_text(&q, TASK_WORKFLOW_ID, QUERY_EQ, id);
    if (rc == E_OK)
        rc = query_rows(engine_view(g), &q, engine_arena(g), &found, &n, e);
    if (rc != E_OK)
        return rc;
    tasks = found;
    rc = check_tasks(tasks, n, e);
    query_init(&q, &table_task_folder);
    query_text(&q, TASK_FOLDER_WORKFLOW_ID, QUERY_EQ, id);
    if (rc == E_OK)
        rc = query_delete(engine_store(g), &q, NULL, e);
    if (rc == E_OK)
        rc = permission_drop_entity(g, ENTITY_WORKFLOW, id, e);
    if (rc == E_OK)
        rc = row_delete(engine_store(g), &table_workflow, &row, e);
    /* Of all of them first: what ends with one task is no failure of another that goes with it. */
    for (size_t i = 0; rc == E_OK && i < n; i++)
        rc = planning_finish_task(g, tasks[i].id, e);
    for (size_t i = 0; rc == E_OK && i < n; i++)
        rc = task_delete(
            g, &(struct task_deletion){ .project_id = project_id, .task_id = tasks[i].id }, e);
    return rc;
}
