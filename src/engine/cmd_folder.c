/* engine/cmd_folder.c - workflow folders of a project. */
#include "engine/cmd_folder.h"

#include "engine/cmd_permission.h"
#include "engine/cmd_project.h"
#include "model/names.h"
#include "sys/random.h"

enum err_code folder_require(struct view *v, struct arena *a, struct str project_id, struct str id,
                             struct folder_row *ret, struct err *e)
{
    struct folder_row row = { .id = id };
    enum err_code rc = id.len == 0 ? E_MISSING : row_get(v, &table_folder, a, &row, e);

    if (rc == E_MISSING || (rc == E_OK && !str_eq(row.project_id, project_id)))
        return err_user(e, E_MISSING, "FolderId", "there is no folder `%.*s` in this project",
                        "该项目中没有文件夹 `%.*s`", STR_ARG(str_sub(id, 0, 64)));
    if (rc == E_OK)
        *ret = row;
    return rc;
}

enum err_code folder_path_require(struct view *v, struct arena *a, struct str project_id,
                                  struct str path, const char *field, struct err *e)
{
    struct folder_row row = { .project_id = project_id, .path = path };
    enum err_code rc = folder_path_check(path, field, e);

    if (rc != E_OK || str_eq_c(path, "/"))
        return rc;
    rc = row_get_by(v, &table_folder, 0, a, &row, e);
    if (rc == E_MISSING)
        return err_user(e, E_MISSING, field, "there is no folder `%.*s` in this project",
                        "该项目中没有文件夹 `%.*s`", STR_ARG(str_sub(path, 0, 120)));
    return rc;
}

static enum err_code exists(struct str path, struct err *e)
{
    return err_user(e, E_EXISTS, "FolderName", "there is a folder `%.*s` already",
                    "文件夹 `%.*s` 已存在", STR_ARG(str_sub(path, 0, 120)));
}

enum err_code folder_create(struct engine *g, const struct folder_request *r, struct str *ret_id,
                            struct err *e)
{
    char id[UUID_LEN + 1];
    int index = 0;
    struct project_row project;
    struct folder_row row = { .id = r->id,
                              .project_id = r->project_id,
                              .parent_path = r->parent_path,
                              .name = r->name,
                              .creator_uin = r->creator_uin,
                              .created_at = engine_now(g) };
    enum err_code rc = name_check_item(r->name, "FolderName", e);

    if (rc == E_OK && r->id.len > 0)
        rc = name_check_id(r->id, "FolderId", e);
    if (rc == E_OK)
        rc = project_require(engine_view(g), engine_arena(g), r->project_id, "ProjectId", &project,
                             e);
    if (rc == E_OK)
        rc = folder_path_require(engine_view(g), engine_arena(g), r->project_id, r->parent_path,
                                 "ParentFolderPath", e);
    if (rc == E_OK)
        rc = folder_path_join(engine_arena(g), r->parent_path, r->name, &row.path, e);
    if (rc != E_OK)
        return rc;
    if (r->id.len == 0) {
        random_uuid(id);
        row.id = str_from(id);
    }
    rc = row_insert(engine_store(g), &table_folder, &row, &index, e);
    if (rc == E_EXISTS)
        return index < 0 ? err_user(e, E_EXISTS, "FolderId", "this id is taken", "该 ID 已被使用")
                         : exists(row.path, e);
    if (rc == E_OK)
        *ret_id = arena_str(engine_arena(g), row.id);
    return rc;
}

/* ---- rename -------------------------------------------------------------------------------- */

static bool is_in(struct str path, struct str folder)
{
    return str_eq(path, folder) || folder_path_is_below(path, folder);
}

static enum err_code move_folders(struct engine *g, struct str project_id, struct str from,
                                  struct str to, struct err *e)
{
    struct query q;
    struct folder_row *rows;
    void *found;
    size_t n;

    query_init(&q, &table_folder);
    query_text(&q, FOLDER_PROJECT_ID, QUERY_EQ, project_id);
    query_text(&q, FOLDER_PATH, QUERY_PREFIX, from);
    enum err_code rc = query_rows(engine_view(g), &q, engine_arena(g), &found, &n, e);
    rows = found;
    for (size_t i = 0; rc == E_OK && i < n; i++) {
        if (!folder_path_is_below(rows[i].path, from))
            continue;
        rows[i].path = folder_path_moved(engine_arena(g), rows[i].path, from, to);
        rows[i].parent_path = folder_path_moved(engine_arena(g), rows[i].parent_path, from, to);
        if (rows[i].path.len > NAME_PATH_MAX)
            return err_user(e, E_LIMIT, "FolderName", "a path below would be longer than %d bytes",
                            "下级路径将超过 %d 字节", NAME_PATH_MAX);
        rc = row_update(engine_store(g), &table_folder, &rows[i],
                        COL(FOLDER_PATH) | COL(FOLDER_PARENT_PATH), e);
    }
    return rc;
}

static enum err_code move_workflows(struct engine *g, struct str project_id, struct str from,
                                    struct str to, struct err *e)
{
    struct query q;
    struct workflow_row *rows;
    void *found;
    size_t n;

    query_init(&q, &table_workflow);
    query_text(&q, WORKFLOW_PROJECT_ID, QUERY_EQ, project_id);
    query_text(&q, WORKFLOW_FOLDER_PATH, QUERY_PREFIX, from);
    enum err_code rc = query_rows(engine_view(g), &q, engine_arena(g), &found, &n, e);
    rows = found;
    for (size_t i = 0; rc == E_OK && i < n; i++) {
        if (!is_in(rows[i].folder_path, from))
            continue;
        rows[i].folder_path = folder_path_moved(engine_arena(g), rows[i].folder_path, from, to);
        rc = row_update(engine_store(g), &table_workflow, &rows[i], COL(WORKFLOW_FOLDER_PATH), e);
    }
    return rc;
}

enum err_code folder_rename(struct engine *g, struct str project_id, struct str id, struct str name,
                            struct err *e)
{
    struct project_row project;
    struct folder_row row;
    struct str from, to;
    enum err_code rc = name_check_item(name, "FolderName", e);

    if (rc == E_OK)
        rc = project_require(engine_view(g), engine_arena(g), project_id, "ProjectId", &project, e);
    if (rc == E_OK)
        rc = folder_require(engine_view(g), engine_arena(g), project_id, id, &row, e);
    if (rc != E_OK || str_eq(row.name, name))
        return rc;
    from = row.path;
    rc = folder_path_join(engine_arena(g), row.parent_path, name, &to, e);
    if (rc != E_OK)
        return rc;
    row.name = name;
    row.path = to;
    rc = row_update(engine_store(g), &table_folder, &row, COL(FOLDER_NAME) | COL(FOLDER_PATH), e);
    if (rc == E_EXISTS)
        return exists(to, e);
    if (rc == E_OK)
        rc = move_folders(g, project_id, from, to, e);
    if (rc == E_OK)
        rc = move_workflows(g, project_id, from, to, e);
    return rc;
}

/* ---- delete -------------------------------------------------------------------------------- */

static enum err_code count_in(struct engine *g, const struct table *t, int project_column,
                              int path_column, const struct folder_row *row, int64_t *ret,
                              struct err *e)
{
    struct query q;

    query_init(&q, t);
    query_text(&q, project_column, QUERY_EQ, row->project_id);
    query_text(&q, path_column, QUERY_EQ, row->path);
    return query_count(engine_view(g), &q, ret, e);
}

enum err_code folder_delete(struct engine *g, struct str project_id, struct str id, struct err *e)
{
    struct project_row project;
    struct folder_row row;
    int64_t folders = 0, workflows = 0;
    enum err_code rc =
        project_require(engine_view(g), engine_arena(g), project_id, "ProjectId", &project, e);

    if (rc == E_OK)
        rc = folder_require(engine_view(g), engine_arena(g), project_id, id, &row, e);
    if (rc == E_OK)
        rc = count_in(g, &table_folder, FOLDER_PROJECT_ID, FOLDER_PARENT_PATH, &row, &folders, e);
    if (rc == E_OK)
        rc = count_in(g, &table_workflow, WORKFLOW_PROJECT_ID, WORKFLOW_FOLDER_PATH, &row,
                      &workflows, e);
    if (rc == E_OK && folders + workflows > 0)
        rc = err_user(e, E_CONFLICT, "FolderId",
                      "the folder is not empty: %lld folders and %lld workflows are in it",
                      "文件夹不为空：其中有 %lld 个文件夹、%lld 个工作流", (long long)folders,
                      (long long)workflows);
    if (rc == E_OK)
        rc = permission_drop_entity(g, ENTITY_FOLDER, id, e);
    return rc == E_OK ? row_delete(engine_store(g), &table_folder, &row, e) : rc;
}
