/* engine/cmd_task_folder.c - task folders inside a workflow and a category. */
#include "engine/cmd_task_folder.h"

#include "engine/cmd_workflow.h"
#include "model/names.h"
#include "model/task_folder.h"
#include "sys/random.h"

static const char *const types[] = { "ETL",     "EMR",     "DLC",    "SETATS",          "TDSQL",
                                     "TCHOUSE", "GENERAL", "TI_ONE", "ACROSS_WORKFLOWS" };

enum err_code task_folder_type_check(struct str type, const char *field, struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_eq_c(type, types[i]))
            return E_OK;
    return err_user(
        e, E_RANGE, field,
        "`%.*s` is not one of ETL, EMR, DLC, SETATS, TDSQL, TCHOUSE, GENERAL, TI_ONE, "
        "ACROSS_WORKFLOWS",
        "`%.*s` 不是 ETL、EMR、DLC、SETATS、TDSQL、TCHOUSE、GENERAL、TI_ONE、ACROSS_WORKFLOWS 之一",
        STR_ARG(str_sub(type, 0, 64)));
}

enum err_code task_folder_require(struct view *v, struct arena *a,
                                  const struct task_folder_key *key, struct task_folder_row *ret,
                                  struct err *e)
{
    struct task_folder_row row = { .id = key->id };
    enum err_code rc = key->id.len == 0 ? E_MISSING : row_get(v, &table_task_folder, a, &row, e);

    if (rc == E_MISSING || (rc == E_OK && !(str_eq(row.project_id, key->project_id) &&
                                            str_eq(row.workflow_id, key->workflow_id))))
        return err_user(e, E_MISSING, "TaskFolderId",
                        "there is no task folder `%.*s` in this workflow",
                        "该工作流中没有任务文件夹 `%.*s`", STR_ARG(str_sub(key->id, 0, 64)));
    if (rc == E_OK)
        *ret = row;
    return rc;
}

enum err_code task_folder_path_require(struct view *v, struct arena *a, struct str workflow_id,
                                       struct str type, struct str path, const char *field,
                                       struct err *e)
{
    struct task_folder_row row = { .workflow_id = workflow_id, .type = type, .path = path };
    enum err_code rc = folder_path_check(path, field, e);

    if (rc != E_OK || str_eq_c(path, "/"))
        return rc;
    rc = row_get_by(v, &table_task_folder, 0, a, &row, e);
    if (rc == E_MISSING)
        return err_user(e, E_MISSING, field,
                        "there is no task folder `%.*s` of type %.*s in this workflow",
                        "该工作流中没有任务文件夹 `%.*s`(类型 %.*s)",
                        STR_ARG(str_sub(path, 0, 120)), STR_ARG(type));
    return rc;
}

static enum err_code exists(struct str path, struct err *e)
{
    return err_user(e, E_EXISTS, "TaskFolderName", "there is a task folder `%.*s` already",
                    "任务文件夹 `%.*s` 已存在", STR_ARG(str_sub(path, 0, 120)));
}

enum err_code task_folder_create(struct engine *g, const struct task_folder_request *r,
                                 struct str *ret_id, struct err *e)
{
    char id[UUID_LEN + 1];
    int index = 0;
    struct workflow_row workflow;
    struct task_folder_row row = { .id = r->id,
                                   .project_id = r->project_id,
                                   .workflow_id = r->workflow_id,
                                   .type = r->type,
                                   .parent_path = r->parent_path,
                                   .name = r->name,
                                   .creator_uin = r->creator_uin,
                                   .created_at = engine_now(g) };
    enum err_code rc = name_check_item(r->name, "TaskFolderName", e);

    if (rc == E_OK)
        rc = task_folder_type_check(r->type, "TaskFolderType", e);
    if (rc == E_OK && r->id.len > 0)
        rc = name_check_id(r->id, "TaskFolderId", e);
    if (rc == E_OK)
        rc = workflow_require(engine_view(g), engine_arena(g), r->project_id, r->workflow_id,
                              &workflow, e);
    if (rc == E_OK)
        rc = task_folder_path_require(engine_view(g), engine_arena(g), r->workflow_id, r->type,
                                      r->parent_path, "ParentTaskFolderPath", e);
    if (rc == E_OK)
        rc = folder_path_join(engine_arena(g), r->parent_path, r->name, &row.path, e);
    if (rc != E_OK)
        return rc;
    if (r->id.len == 0) {
        random_uuid(id);
        row.id = str_from(id);
    }
    rc = row_insert(engine_store(g), &table_task_folder, &row, &index, e);
    if (rc == E_EXISTS)
        return index < 0
                   ? err_user(e, E_EXISTS, "TaskFolderId", "this id is taken", "该 ID 已被使用")
                   : exists(row.path, e);
    if (rc == E_OK)
        *ret_id = arena_str(engine_arena(g), row.id);
    return rc;
}

/* The key's folder, after looking at the project and the workflow. */
static enum err_code find(struct engine *g, const struct task_folder_key *key,
                          struct task_folder_row *ret, struct err *e)
{
    struct workflow_row workflow;
    enum err_code rc = workflow_require(engine_view(g), engine_arena(g), key->project_id,
                                        key->workflow_id, &workflow, e);

    return rc == E_OK ? task_folder_require(engine_view(g), engine_arena(g), key, ret, e) : rc;
}

/* ---- rename -------------------------------------------------------------------------------- */

static enum err_code move_folders(struct engine *g, const struct task_folder_row *folder,
                                  struct str from, struct str to, struct err *e)
{
    struct query q;
    struct task_folder_row *rows;
    void *found;
    size_t n;

    query_init(&q, &table_task_folder);
    query_text(&q, TASK_FOLDER_WORKFLOW_ID, QUERY_EQ, folder->workflow_id);
    query_text(&q, TASK_FOLDER_TYPE, QUERY_EQ, folder->type);
    query_text(&q, TASK_FOLDER_PATH, QUERY_PREFIX, from);
    enum err_code rc = query_rows(engine_view(g), &q, engine_arena(g), &found, &n, e);
    rows = found;
    for (size_t i = 0; rc == E_OK && i < n; i++) {
        if (!folder_path_is_below(rows[i].path, from))
            continue;
        rows[i].path = folder_path_moved(engine_arena(g), rows[i].path, from, to);
        rows[i].parent_path = folder_path_moved(engine_arena(g), rows[i].parent_path, from, to);
        if (rows[i].path.len > NAME_PATH_MAX)
            return err_user(e, E_LIMIT, "TaskFolderName",
                            "a path below would be longer than %d bytes", "下级路径将超过 %d 字节",
                            NAME_PATH_MAX);
        rc = row_update(engine_store(g), &table_task_folder, &rows[i],
                        COL(TASK_FOLDER_PATH) | COL(TASK_FOLDER_PARENT_PATH), e);
    }
    return rc;
}

/* Tasks of the folder's category in it or below it. */
static enum err_code tasks_in(struct engine *g, const struct task_folder_row *folder,
                              struct task_row **ret, size_t *ret_n, struct err *e)
{
    struct query q;
    struct task_row *rows;
    void *found;
    size_t n, kept = 0;

    query_init(&q, &table_task);
    query_text(&q, TASK_WORKFLOW_ID, QUERY_EQ, folder->workflow_id);
    query_text(&q, TASK_FOLDER_PATH_, QUERY_PREFIX, folder->path);
    enum err_code rc = query_rows(engine_view(g), &q, engine_arena(g), &found, &n, e);
    if (rc != E_OK)
        return rc;
    rows = found;
    for (size_t i = 0; i < n; i++)
        if ((str_eq(rows[i].folder_path, folder->path) ||
             folder_path_is_below(rows[i].folder_path, folder->path)) &&
            str_eq_c(folder->type, task_folder_type_of(rows[i].type_id)))
            rows[kept++] = rows[i];
    *ret = rows;
    *ret_n = kept;
    return E_OK;
}

/* A task says in its row and in its documents where it lives.  That is no part of what it does, so
 * the draft and the submitted version are corrected as they stand, and no version is made. */
static enum err_code move_task(struct engine *g, struct task_row *task, struct str path,
                               struct err *e)
{
    int32_t nums[2] = { task->version_no, task->submit_version_no };
    enum err_code rc;

    task->folder_path = path;
    rc = row_update(engine_store(g), &table_task, task, COL(TASK_FOLDER_PATH_), e);
    for (int i = 0; i < 2 && rc == E_OK && nums[i] > 0; i++) {
        struct version_row version = { .task_id = task->id, .num = nums[i] };
        rc = row_get(engine_view(g), &table_version, engine_arena(g), &version, e);
        if (rc == E_OK)
            rc = task_folder_doc(version.doc, path, engine_arena(g), &version.doc, e);
        if (rc == E_OK)
            rc = row_update(engine_store(g), &table_version, &version, COL(VERSION_DOC), e);
    }
    return rc;
}

enum err_code task_folder_rename(struct engine *g, const struct task_folder_key *key,
                                 struct str name, struct err *e)
{
    struct task_folder_row row;
    struct task_row *tasks;
    size_t n;
    struct str from, to;
    enum err_code rc = name_check_item(name, "TaskFolderName", e);

    if (rc == E_OK)
        rc = find(g, key, &row, e);
    if (rc != E_OK || str_eq(row.name, name))
        return rc;
    from = row.path;
    rc = folder_path_join(engine_arena(g), row.parent_path, name, &to, e);
    if (rc == E_OK)
        rc = tasks_in(g, &row, &tasks, &n, e);
    if (rc != E_OK)
        return rc;
    row.name = name;
    row.path = to;
    rc = row_update(engine_store(g), &table_task_folder, &row,
                    COL(TASK_FOLDER_NAME) | COL(TASK_FOLDER_PATH), e);
    if (rc == E_EXISTS)
        return exists(to, e);
    if (rc == E_OK)
        rc = move_folders(g, &row, from, to, e);
    for (size_t i = 0; rc == E_OK && i < n; i++)
        rc = move_task(g, &tasks[i],
                       folder_path_moved(engine_arena(g), tasks[i].folder_path, from, to), e);
    return rc;
}

enum err_code task_folder_delete(struct engine *g, const struct task_folder_key *key, struct err *e)
{
    struct task_folder_row row;
    struct task_row *tasks;
    struct query q;
    size_t n;
    int64_t folders = 0;
    enum err_code rc = find(g, key, &row, e);

    if (rc != E_OK)
        return rc;
    query_init(&q, &table_task_folder);
    query_text(&q, TASK_FOLDER_WORKFLOW_ID, QUERY_EQ, row.workflow_id);
    query_text(&q, TASK_FOLDER_TYPE, QUERY_EQ, row.type);
    query_text(&q, TASK_FOLDER_PARENT_PATH, QUERY_EQ, row.path);
    rc = query_count(engine_view(g), &q, &folders, e);
    if (rc == E_OK)
        rc = tasks_in(g, &row, &tasks, &n, e);
    if (rc == E_OK && folders + (int64_t)n > 0)
        rc = err_user(e, E_CONFLICT, "TaskFolderId",
                      "the folder is not empty: %lld folders and %zu tasks are in it",
                      "文件夹不为空：其中有 %lld 个文件夹、%zu 个任务", (long long)folders, n);
    return rc == E_OK ? row_delete(engine_store(g), &table_task_folder, &row, e) : rc;
}
