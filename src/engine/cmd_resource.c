/* engine/cmd_resource.c - resource files of a project. */
#include "engine/cmd_resource.h"

#include "engine/cmd_folder.h"
#include "engine/cmd_project.h"
#include "engine/engine_int.h"
#include "engine/objects.h"
#include "engine/resource_tree.h"
#include "model/names.h"
#include "model/resource.h"
#include "sys/random.h"

/* Names of one object in the tree: file systems bound how many a file has. */
enum { SAME_OBJECT_MAX = 30000 };

enum err_code resource_require(struct view *v, struct arena *a, struct str project_id,
                               struct str id, struct resource_row *ret, struct err *e)
{
    struct resource_row row = { .id = id };
    enum err_code rc = id.len == 0 ? E_MISSING : row_get(v, &table_resource, a, &row, e);

    if (rc == E_MISSING || (rc == E_OK && !str_eq(row.project_id, project_id)))
        return err_user(e, E_MISSING, "ResourceId",
                        "there is no resource file `%.*s` in this project",
                        "该项目中没有资源文件 `%.*s`", STR_ARG(str_sub(id, 0, 64)));
    if (rc == E_OK)
        *ret = row;
    return rc;
}

static enum err_code exists(struct str path, const char *field, struct err *e)
{
    return err_user(e, E_EXISTS, field, "there is a resource file `%.*s` already",
                    "资源文件 `%.*s` 已存在", STR_ARG(str_sub(path, 0, 120)));
}

enum err_code resource_check_free(struct engine *g, struct str project_id, struct str path,
                                  const char *field, struct err *e)
{
    struct resource_row row = { .project_id = project_id, .path = path };
    enum err_code rc = row_get_by(engine_view(g), &table_resource, 0, engine_arena(g), &row, e);

    return rc == E_OK ? exists(path, field, e) : rc == E_MISSING ? E_OK : rc;
}

/* A folder and a file of one place are never there together. */
static enum err_code check_no_folder(struct engine *g, struct str project_id, struct str path,
                                     struct err *e)
{
    struct folder_row row = { .project_id = project_id, .path = path };
    enum err_code rc =
        row_get_by(engine_view(g), &table_resource_folder, 0, engine_arena(g), &row, e);

    if (rc == E_OK)
        return err_user(e, E_EXISTS, "ResourceName", "there is a folder `%.*s` already",
                        "文件夹 `%.*s` 已存在", STR_ARG(str_sub(path, 0, 120)));
    return rc == E_MISSING ? E_OK : rc;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

struct total {
    int64_t files, bytes;
};

static bool add_up(void *ctx, const void *row)
{
    struct total *t = ctx;

    t->files++;
    t->bytes += ((const struct resource_row *)row)->size;
    return true;
}

/* Room for a file of that size instead of one that has `before`; before -1: one more. */
static enum err_code check_room(struct engine *g, struct str project_id, int64_t before,
                                int64_t size, struct err *e)
{
    const struct resource_files *f = g->config.resources;
    struct total total = { 0, 0 };
    struct query q;

    query_init(&q, &table_resource);
    query_text(&q, RESOURCE_PROJECT_ID, QUERY_EQ, project_id);
    enum err_code rc = query_run(engine_view(g), &q, add_up, &total, e);
    if (rc != E_OK)
        return rc;
    if (before < 0 && total.files >= RESOURCE_FILES_MAX)
        return err_user(e, E_LIMIT, "ResourceName", "the project has %lld resource files already",
                        "项目已有 %lld 个资源文件", (long long)total.files);
    total.bytes += size - (before > 0 ? before : 0);
    if (f && total.bytes > f->project_max)
        return err_user(e, E_LIMIT, "ResourceFile",
                        "the resource files of the project would have %lld bytes, at most %lld",
                        "项目的资源文件将达到 %lld 字节，上限为 %lld", (long long)total.bytes,
                        (long long)f->project_max);
    return E_OK;
}

/* The engine thread is the one that removes objects, so what is there now stays. */
static enum err_code check_object(struct engine *g, struct str digest, struct err *e)
{
    struct query q;
    int64_t n;

    if (g->config.resources && !object_there(g->config.resources, digest))
        return err_set(e, E_BUSY, "the copy of the file was removed meanwhile; try again");
    query_init(&q, &table_resource);
    query_text(&q, RESOURCE_DIGEST, QUERY_EQ, digest);
    enum err_code rc = query_count(engine_view(g), &q, &n, e);
    if (rc == E_OK && n >= SAME_OBJECT_MAX)
        return err_user(e, E_LIMIT, "ResourceFile", "%lld resource files have this content already",
                        "已有 %lld 个资源文件内容相同", (long long)n);
    return rc;
}

/* ---- create ---------------------------------------------------------------------------------- */

static enum err_code check_texts(struct str region, struct str bundle_id, struct str bundle_info,
                                 struct err *e)
{
    enum err_code rc = name_check_text(region, "CosRegion", e);

    if (rc == E_OK)
        rc = name_check_text(bundle_id, "BundleId", e);
    return rc == E_OK ? name_check_text(bundle_info, "BundleInfo", e) : rc;
}

static enum err_code check_create(struct engine *g, const struct resource_request *r,
                                  struct str *ret_path, struct err *e)
{
    struct project_row project;
    struct view *v = engine_view(g);
    struct arena *a = engine_arena(g);
    enum err_code rc = resource_name_check(r->name, "ResourceName", e);

    if (rc == E_OK && r->id.len > 0)
        rc = name_check_id(r->id, "ResourceId", e);
    if (rc == E_OK)
        rc = resource_bucket_check(r->bucket, "BucketName", e);
    if (rc == E_OK)
        rc = check_texts(r->region, r->bundle_id, r->bundle_info, e);
    if (rc == E_OK)
        rc = project_require(v, a, r->project_id, "ProjectId", &project, e);
    if (rc == E_OK)
        rc = resource_remote_check(r->remote_path, r->project_id, "ResourceFile", e);
    if (rc == E_OK)
        rc = folder_path_require(v, a, &resource_folders, r->project_id, r->folder_path,
                                 "ParentFolderPath", e);
    if (rc == E_OK)
        rc = folder_path_join(a, r->folder_path, r->name, ret_path, e);
    if (rc == E_OK)
        rc = check_no_folder(g, r->project_id, *ret_path, e);
    if (rc == E_OK)
        rc = check_room(g, r->project_id, -1, r->size, e);
    return rc == E_OK ? check_object(g, r->digest, e) : rc;
}

enum err_code resource_create(struct engine *g, const struct resource_request *r,
                              struct str *ret_id, struct err *e)
{
    char id[UUID_LEN + 1];
    int index = 0;
    struct resource_row row = { .id = r->id,
                                .project_id = r->project_id,
                                .folder_path = r->folder_path,
                                .name = r->name,
                                .bucket = r->bucket,
                                .region = r->region,
                                .remote_path = r->remote_path,
                                .digest = r->digest,
                                .size = r->size,
                                .bundle_id = r->bundle_id,
                                .bundle_info = r->bundle_info,
                                .creator_uin = r->creator_uin,
                                .updater_uin = r->creator_uin,
                                .created_at = engine_now(g),
                                .updated_at = engine_now(g) };
    enum err_code rc = check_create(g, r, &row.path, e);

    if (rc != E_OK)
        return rc;
    if (r->id.len == 0) {
        random_uuid(id);
        row.id = str_from(id);
    }
    rc = row_insert(engine_store(g), &table_resource, &row, &index, e);
    if (rc == E_EXISTS)
        return index < 0 ? err_user(e, E_EXISTS, "ResourceId", "this id is taken", "该 ID 已被使用")
                         : exists(row.path, "ResourceName", e);
    if (rc != E_OK)
        return rc;
    resource_tree_changed(g, row.project_id, row.path);
    *ret_id = arena_str(engine_arena(g), row.id);
    return E_OK;
}

/* ---- update ---------------------------------------------------------------------------------- */

static enum err_code rename_to(struct engine *g, struct resource_row *row, struct str name,
                               struct err *e)
{
    struct str path = STR("");
    enum err_code rc = resource_name_check(name, "ResourceName", e);

    if (rc == E_OK)
        rc = folder_path_join(engine_arena(g), row->folder_path, name, &path, e);
    if (rc != E_OK || str_eq(path, row->path))
        return rc;
    rc = check_no_folder(g, row->project_id, path, e);
    if (rc == E_OK)
        rc = resource_check_free(g, row->project_id, path, "ResourceName", e);
    if (rc != E_OK)
        return rc;
    row->name = name;
    row->path = path;
    return E_OK;
}

static enum err_code replace_bytes(struct engine *g, struct resource_row *row,
                                   const struct resource_change *change, struct err *e)
{
    enum err_code rc =
        resource_remote_check(*change->remote_path, row->project_id, "ResourceFile", e);

    if (rc == E_OK)
        rc = check_room(g, row->project_id, row->size, change->size, e);
    if (rc == E_OK)
        rc = check_object(g, change->digest, e);
    if (rc != E_OK)
        return rc;
    row->remote_path = *change->remote_path;
    row->digest = change->digest;
    row->size = change->size;
    return E_OK;
}

enum err_code resource_update(struct engine *g, struct str project_id, struct str id,
                              const struct resource_change *change, struct err *e)
{
    struct project_row project;
    struct resource_row row;
    enum err_code rc =
        project_require(engine_view(g), engine_arena(g), project_id, "ProjectId", &project, e);

    if (rc == E_OK)
        rc = resource_require(engine_view(g), engine_arena(g), project_id, id, &row, e);
    if (rc != E_OK)
        return rc;
    struct str before = row.path;
    row.bundle_id = change->bundle_id ? *change->bundle_id : row.bundle_id;
    row.bundle_info = change->bundle_info ? *change->bundle_info : row.bundle_info;
    row.updater_uin = change->updater_uin;
    row.updated_at = engine_now(g);
    rc = check_texts(row.region, row.bundle_id, row.bundle_info, e);
    if (rc == E_OK && change->name)
        rc = rename_to(g, &row, *change->name, e);
    if (rc == E_OK && change->remote_path)
        rc = replace_bytes(g, &row, change, e);
    if (rc == E_OK)
        rc = row_put(engine_store(g), &table_resource, &row, e);
    if (rc != E_OK)
        return rc;
    resource_tree_changed(g, project_id, before);
    resource_tree_changed(g, project_id, row.path);
    return E_OK;
}

enum err_code resource_delete(struct engine *g, struct str project_id, struct str id, struct err *e)
{
    struct project_row project;
    struct resource_row row;
    enum err_code rc =
        project_require(engine_view(g), engine_arena(g), project_id, "ProjectId", &project, e);

    if (rc == E_OK)
        rc = resource_require(engine_view(g), engine_arena(g), project_id, id, &row, e);
    if (rc == E_OK)
        rc = row_delete(engine_store(g), &table_resource, &row, e);
    if (rc == E_OK)
        resource_tree_changed(g, project_id, row.path);
    return rc;
}
