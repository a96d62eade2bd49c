/* engine/cmd_folder.c - folders of a project: of its workflows, and of its resource files. */
#include "engine/cmd_folder.h"

#include "engine/cmd_permission.h"
#include "engine/cmd_project.h"
#include "engine/cmd_resource.h"
#include "engine/resource_tree.h"
#include "model/names.h"
#include "model/resource.h"
#include "sys/random.h"

struct folder_kind {
    const struct table *folders, *items; /* a row of items names its project and its folder */
    int item_project, item_folder;
    int64_t max; /* folders of a project; 0: no bound */
    enum err_code (*check_name)(struct str name, const char *path, struct err *e);
    /* What is in `from`, or in a folder below it, is in `to`. */
    enum err_code (*move_items)(struct engine *g, struct str project_id, struct str from,
                                struct str to, struct err *e);
    /* Besides folders nothing has this path yet; NULL: nothing can. */
    enum err_code (*check_free)(struct engine *g, struct str project_id, struct str path,
                                const char *field, struct err *e);
    bool in_tree; /* they are folders on disk */
};

const struct table *folder_table(const struct folder_kind *kind)
{
    return kind->folders;
}

enum err_code folder_require(struct view *v, struct arena *a, const struct folder_kind *kind,
                             struct str project_id, struct str id, struct folder_row *ret,
                             struct err *e)
{
    struct folder_row row = { .id = id };
    enum err_code rc = id.len == 0 ? E_MISSING : row_get(v, kind->folders, a, &row, e);

    if (rc == E_MISSING || (rc == E_OK && !str_eq(row.project_id, project_id)))
        return err_user(e, E_MISSING, "FolderId", "there is no folder `%.*s` in this project",
                        "该项目中没有文件夹 `%.*s`", STR_ARG(str_sub(id, 0, 64)));
    if (rc == E_OK)
        *ret = row;
    return rc;
}

enum err_code folder_path_require(struct view *v, struct arena *a, const struct folder_kind *kind,
                                  struct str project_id, struct str path, const char *field,
                                  struct err *e)
{
    struct folder_row row = { .project_id = project_id, .path = path };
    enum err_code rc = folder_path_check(path, field, e);

    if (rc != E_OK || str_eq_c(path, "/"))
        return rc;
    rc = row_get_by(v, kind->folders, 0, a, &row, e);
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

static enum err_code check_count(struct engine *g, const struct folder_kind *kind,
                                 struct str project_id, struct err *e)
{
    struct query q;
    int64_t n;

    if (kind->max == 0)
        return E_OK;
    query_init(&q, kind->folders);
    query_text(&q, FOLDER_PROJECT_ID, QUERY_EQ, project_id);
    enum err_code rc = query_count(engine_view(g), &q, &n, e);
    if (rc == E_OK && n >= kind->max)
        return err_user(e, E_LIMIT, "FolderName", "the project has %lld folders already",
                        "项目已有 %lld 个文件夹", (long long)n);
    return rc;
}

/* The folder may have this name there; *ret_path is its path then. */
static enum err_code check_place(struct engine *g, const struct folder_kind *kind,
                                 const struct folder_request *r, struct str *ret_path,
                                 struct err *e)
{
    struct project_row project;
    enum err_code rc = kind->check_name(r->name, "FolderName", e);

    if (rc == E_OK && r->id.len > 0)
        rc = name_check_id(r->id, "FolderId", e);
    if (rc == E_OK)
        rc = project_require(engine_view(g), engine_arena(g), r->project_id, "ProjectId", &project,
                             e);
    if (rc == E_OK)
        rc = folder_path_require(engine_view(g), engine_arena(g), kind, r->project_id,
                                 r->parent_path, "ParentFolderPath", e);
    if (rc == E_OK)
        rc = folder_path_join(engine_arena(g), r->parent_path, r->name, ret_path, e);
    if (rc == E_OK && kind->check_free)
        rc = kind->check_free(g, r->project_id, *ret_path, "FolderName", e);
    return rc == E_OK ? check_count(g, kind, r->project_id, e) : rc;
}

enum err_code folder_create(struct engine *g, const struct folder_kind *kind,
                            const struct folder_request *r, struct str *ret_id, struct err *e)
{
    char id[UUID_LEN + 1];
    int index = 0;
    struct folder_row row = { .id = r->id,
                              .project_id = r->project_id,
                              .parent_path = r->parent_path,
                              .name = r->name,
                              .creator_uin = r->creator_uin,
                              .created_at = engine_now(g) };
    enum err_code rc = check_place(g, kind, r, &row.path, e);

    if (rc != E_OK)
        return rc;
    if (r->id.len == 0) {
        random_uuid(id);
        row.id = str_from(id);
    }
    rc = row_insert(engine_store(g), kind->folders, &row, &index, e);
    if (rc == E_EXISTS)
        return index < 0 ? err_user(e, E_EXISTS, "FolderId", "this id is taken", "该 ID 已被使用")
                         : exists(row.path, e);
    if (rc != E_OK)
        return rc;
    if (kind->in_tree)
        resource_tree_changed(g, row.project_id, row.path);
    *ret_id = arena_str(engine_arena(g), row.id);
    return E_OK;
}

/* ---- rename -------------------------------------------------------------------------------- */

static bool is_in(struct str path, struct str folder)
{
    return str_eq(path, folder) || folder_path_is_below(path, folder);
}

static enum err_code move_folders(struct engine *g, const struct folder_kind *kind,
                                  struct str project_id, struct str from, struct str to,
                                  struct err *e)
{
    struct query q;
    struct folder_row *rows;
    void *found;
    size_t n;

    query_init(&q, kind->folders);
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
        rc = row_update(engine_store(g), kind->folders, &rows[i],
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

/* As move_workflows; a file says besides what its own path is. */
static enum err_code move_resources(struct engine *g, struct str project_id, struct str from,
                                    struct str to, struct err *e)
{
    struct query q;
    struct resource_row *rows;
    void *found;
    size_t n;

    query_init(&q, &table_resource);
    query_text(&q, RESOURCE_PROJECT_ID, QUERY_EQ, project_id);
    query_text(&q, RESOURCE_PATH, QUERY_PREFIX, from);
    enum err_code rc = query_rows(engine_view(g), &q, engine_arena(g), &found, &n, e);
    rows = found;
    for (size_t i = 0; rc == E_OK && i < n; i++) {
        if (!folder_path_is_below(rows[i].path, from))
            continue;
        rows[i].folder_path = folder_path_moved(engine_arena(g), rows[i].folder_path, from, to);
        rows[i].path = folder_path_moved(engine_arena(g), rows[i].path, from, to);
        if (rows[i].path.len > NAME_PATH_MAX)
            return err_user(e, E_LIMIT, "FolderName", "a path below would be longer than %d bytes",
                            "下级路径将超过 %d 字节", NAME_PATH_MAX);
        rc = row_update(engine_store(g), &table_resource, &rows[i],
                        COL(RESOURCE_FOLDER_PATH) | COL(RESOURCE_PATH), e);
    }
    return rc;
}

static enum err_code move_all(struct engine *g, const struct folder_kind *kind,
                              struct str project_id, struct str from, struct str to, struct err *e)
{
    enum err_code rc = move_folders(g, kind, project_id, from, to, e);

    if (rc == E_OK)
        rc = kind->move_items(g, project_id, from, to, e);
    if (rc == E_OK && kind->in_tree)
        resource_tree_moved(g, project_id, from, to);
    return rc;
}

enum err_code folder_rename(struct engine *g, const struct folder_kind *kind, struct str project_id,
                            struct str id, struct str name, struct err *e)
{
    struct project_row project;
    struct folder_row row;
    struct str from, to;
    enum err_code rc = kind->check_name(name, "FolderName", e);

    if (rc == E_OK)
        rc = project_require(engine_view(g), engine_arena(g), project_id, "ProjectId", &project, e);
    if (rc == E_OK)
        rc = folder_require(engine_view(g), engine_arena(g), kind, project_id, id, &row, e);
    if (rc != E_OK || str_eq(row.name, name))
        return rc;
    from = row.path;
    rc = folder_path_join(engine_arena(g), row.parent_path, name, &to, e);
    if (rc == E_OK && kind->check_free)
        rc = kind->check_free(g, project_id, to, "FolderName", e);
    if (rc != E_OK)
        return rc;
    row.name = name;
    row.path = to;
    rc = row_update(engine_store(g), kind->folders, &row, COL(FOLDER_NAME) | COL(FOLDER_PATH), e);
    if (rc == E_EXISTS)
        return exists(to, e);
    return rc == E_OK ? move_all(g, kind, project_id, from, to, e) : rc;
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

enum err_code folder_delete(struct engine *g, const struct folder_kind *kind, struct str project_id,
                            struct str id, struct err *e)
{
    struct project_row project;
    struct folder_row row;
    int64_t folders = 0, items = 0;
    enum err_code rc =
        project_require(engine_view(g), engine_arena(g), project_id, "ProjectId", &project, e);

    if (rc == E_OK)
        rc = folder_require(engine_view(g), engine_arena(g), kind, project_id, id, &row, e);
    if (rc == E_OK)
        rc = count_in(g, kind->folders, FOLDER_PROJECT_ID, FOLDER_PARENT_PATH, &row, &folders, e);
    if (rc == E_OK)
        rc = count_in(g, kind->items, kind->item_project, kind->item_folder, &row, &items, e);
    if (rc == E_OK && folders + items > 0)
        rc = err_user(e, E_CONFLICT, "FolderId",
                      kind->in_tree
                          ? "the folder is not empty: %lld folders and %lld files are in it"
                          : "the folder is not empty: %lld folders and %lld workflows are in it",
                      kind->in_tree ? "文件夹不为空：其中有 %lld 个文件夹、%lld 个资源文件"
                                    : "文件夹不为空：其中有 %lld 个文件夹、%lld 个工作流",
                      (long long)folders, (long long)items);
    if (rc == E_OK && !kind->in_tree)
        rc = permission_drop_entity(g, ENTITY_FOLDER, id, e);
    if (rc == E_OK)
        rc = row_delete(engine_store(g), kind->folders, &row, e);
    if (rc == E_OK && kind->in_tree)
        resource_tree_changed(g, row.project_id, row.path);
    return rc;
}

/* ---- kinds --------------------------------------------------------------------------------- */

const struct folder_kind workflow_folders = { .folders = &table_folder,
                                              .items = &table_workflow,
                                              .item_project = WORKFLOW_PROJECT_ID,
                                              .item_folder = WORKFLOW_FOLDER_PATH,
                                              .check_name = name_check_item,
                                              .move_items = move_workflows };
const struct folder_kind resource_folders = { .folders = &table_resource_folder,
                                              .items = &table_resource,
                                              .item_project = RESOURCE_PROJECT_ID,
                                              .item_folder = RESOURCE_FOLDER_PATH,
                                              .max = RESOURCE_FILES_MAX,
                                              .check_name = resource_name_check,
                                              .move_items = move_resources,
                                              .check_free = resource_check_free,
                                              .in_tree = true };
