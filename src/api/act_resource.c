/* api/act_resource.c - resource files: Create-, Get-, List-, Update-, DeleteResourceFile
 * (docs/reference/semantics.md 10). */
#include "api/bucket.h"
#include "api/page.h"
#include "api/times.h"

#include "engine/cmd_folder.h"
#include "engine/cmd_project.h"
#include "engine/cmd_resource.h"
#include "model/resource.h"

/* The bytes are copied before anything is changed. */
static enum err_code take(struct call *c, struct str bucket)
{
    struct bucket_file file = { .project_id = param_str(c->params, "ProjectId"),
                                .bucket = bucket,
                                .path = param_str(c->params, "ResourceFile"),
                                .bucket_field = "BucketName",
                                .path_field = "ResourceFile" };
    struct object *object = ARENA_NEW(&c->arena, struct object);
    struct project_row project;
    enum err_code rc =
        project_require(c->view, &c->arena, file.project_id, "ProjectId", &project, &c->err);

    if (rc != E_OK)
        return rc;
    reader_end(c->view); /* a copy may take long, and a snapshot that lasts costs the store room */
    c->state = object;
    return bucket_take(c->services->resources, &file, &c->arena, object, &c->err);
}

static enum err_code create_prepare(struct call *c)
{
    enum err_code rc =
        resource_name_check(param_str(c->params, "ResourceName"), "ResourceName", &c->err);

    return rc == E_OK ? take(c, param_str(c->params, "BucketName")) : rc;
}

static enum err_code create_apply(struct call *c, struct engine *g)
{
    const struct object *object = c->state;
    struct resource_request r = { .project_id = param_str(c->params, "ProjectId"),
                                  .folder_path = param_str(c->params, "ParentFolderPath"),
                                  .name = param_str(c->params, "ResourceName"),
                                  .bucket = param_str(c->params, "BucketName"),
                                  .region = param_str(c->params, "CosRegion"),
                                  .remote_path = param_str(c->params, "ResourceFile"),
                                  .digest = str_from(object->digest),
                                  .size = object->size,
                                  .bundle_id = param_str(c->params, "BundleId"),
                                  .bundle_info = param_str(c->params, "BundleInfo"),
                                  .creator_uin = c->uin };
    struct str id;
    enum err_code rc = resource_create(g, &r, &id, &c->err);

    if (rc == E_OK)
        c->made = arena_str(&c->arena, id);
    return rc;
}

static enum err_code create_answer(struct call *c)
{
    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kstr(&c->out, "ResourceId", c->made);
    jw_object_end(&c->out);
    return E_OK;
}

/* ---- reads ----------------------------------------------------------------------------------- */

static void write_brief(struct call *c, const struct resource_row *row)
{
    struct jw *w = &c->out;

    jw_kstr(w, "ResourceId", row->id);
    jw_kstr(w, "ResourceName", row->name);
    jw_kstr(w, "FileExtensionType", resource_extension(row->name));
    jw_kstr(w, "LocalPath", resource_local_path(&c->arena, row->project_id, row->path));
}

static enum err_code get_answer(struct call *c)
{
    struct project_row project;
    struct resource_row row;
    struct jw *w = &c->out;
    struct str project_id = param_str(c->params, "ProjectId");
    enum err_code rc =
        project_require(c->view, &c->arena, project_id, "ProjectId", &project, &c->err);

    if (rc == E_OK)
        rc = resource_require(c->view, &c->arena, project_id, param_str(c->params, "ResourceId"),
                              &row, &c->err);
    if (rc != E_OK)
        return rc;
    jw_key(w, "Data");
    jw_object(w);
    jw_kstr(w, "ProjectId", row.project_id);
    write_brief(c, &row);
    jw_kstr(w, "RemotePath", row.remote_path);
    jw_kstr(w, "Size", resource_size_text(&c->arena, row.size));
    jw_kstr(w, "CreatorUserUin", row.creator_uin);
    jw_kstr(w, "CreatorUserName", row.creator_uin);
    jw_kstr(w, "UpdateUserName", row.updater_uin);
    jw_kstr(w, "UpdateUserUin", row.updater_uin);
    jw_kstr(w, "BucketName", row.bucket);
    jw_kstr(w, "CosRegion", row.region);
    jw_kcstr(w, "ResourceSourceMode", "UPLOAD_MODE");
    jw_kstr(w, "BundleId", row.bundle_id);
    jw_kstr(w, "BundleInfo", row.bundle_info);
    jw_object_end(w);
    return E_OK;
}

static enum err_code filter_times(struct call *c, struct query *q)
{
    static const struct {
        const char *name;
        int column;
        enum query_op op;
    } bounds[] = {
        { "CreateTimeStart", RESOURCE_CREATED_AT, QUERY_GE },
        { "CreateTimeEnd", RESOURCE_CREATED_AT, QUERY_LE },
        { "ModifyTimeStart", RESOURCE_UPDATED_AT, QUERY_GE },
        { "ModifyTimeEnd", RESOURCE_UPDATED_AT, QUERY_LE },
    };
    enum err_code rc = E_OK;
    struct wall at;

    for (size_t i = 0; i < ARRAY_LEN(bounds) && rc == E_OK; i++) {
        struct str text = param_str(c->params, bounds[i].name);
        if (text.len == 0)
            continue;
        rc = wall_param(text, bounds[i].name, &at, &c->err);
        /* The end is a whole second. */
        if (rc == E_OK)
            query_number(q, bounds[i].column, bounds[i].op,
                         bounds[i].op == QUERY_LE ? at.us + 999999 : at.us);
    }
    return rc;
}

static enum err_code list_query(struct call *c, struct query *q)
{
    struct project_row project;
    struct str project_id = param_str(c->params, "ProjectId"),
               folder = param_str(c->params, "ParentFolderPath"),
               name = param_str(c->params, "ResourceName"),
               creator = param_str(c->params, "CreateUserUin");
    enum err_code rc =
        project_require(c->view, &c->arena, project_id, "ProjectId", &project, &c->err);

    if (rc == E_OK && folder.len > 0)
        rc = folder_path_require(c->view, &c->arena, &resource_folders, project_id, folder,
                                 "ParentFolderPath", &c->err);
    if (rc != E_OK)
        return rc;
    query_init(q, &table_resource);
    query_text(q, RESOURCE_PROJECT_ID, QUERY_EQ, project_id);
    if (folder.len > 0)
        query_text(q, RESOURCE_FOLDER_PATH, QUERY_EQ, folder);
    if (name.len > 0)
        query_text(q, RESOURCE_NAME, QUERY_CONTAINS, name);
    if (creator.len > 0)
        query_text(q, RESOURCE_CREATOR_UIN, QUERY_EQ, creator);
    query_order(q, RESOURCE_CREATED_AT, true);
    return filter_times(c, q);
}

/* The newest first. */
static enum err_code list_answer(struct call *c)
{
    struct page page;
    struct query q;
    void *rows;
    size_t n;
    int64_t total;
    enum err_code rc = page_params(c, 10, 200, &page);

    if (rc == E_OK)
        rc = list_query(c, &q);
    if (rc == E_OK)
        rc = page_rows(c, &page, &q, &rows, &n, &total);
    if (rc != E_OK)
        return rc;
    page_open(c, &page, total);
    for (size_t i = 0; i < n; i++) {
        jw_object(&c->out);
        write_brief(c, (const struct resource_row *)rows + i);
        jw_object_end(&c->out);
    }
    page_close(c);
    return E_OK;
}

/* ---- update, delete -------------------------------------------------------------------------- */

/* The bucket is that of the file: there is no other to name. */
static enum err_code update_prepare(struct call *c)
{
    struct resource_row row;
    enum err_code rc;

    if (!param_has(c->params, "ResourceFile"))
        return E_OK;
    rc = resource_require(c->view, &c->arena, param_str(c->params, "ProjectId"),
                          param_str(c->params, "ResourceId"), &row, &c->err);
    return rc == E_OK ? take(c, row.bucket) : rc;
}

/* NULL where the member is not there. */
static const struct str *member(struct call *c, const char *name)
{
    struct str *text = ARENA_NEW(&c->arena, struct str);

    *text = param_str(c->params, name);
    return param_has(c->params, name) ? text : NULL;
}

static enum err_code update_apply(struct call *c, struct engine *g)
{
    const struct object *object = c->state;
    struct resource_change change = { .name = member(c, "ResourceName"),
                                      .bundle_id = member(c, "BundleId"),
                                      .bundle_info = member(c, "BundleInfo"),
                                      .updater_uin = c->uin };

    if (object) {
        change.remote_path = member(c, "ResourceFile");
        change.digest = str_from(object->digest);
        change.size = object->size;
    }
    return resource_update(g, param_str(c->params, "ProjectId"), param_str(c->params, "ResourceId"),
                           &change, &c->err);
}

static enum err_code delete_apply(struct call *c, struct engine *g)
{
    return resource_delete(g, param_str(c->params, "ProjectId"), param_str(c->params, "ResourceId"),
                           &c->err);
}

static const struct action actions[] = {
    { API_2025, "CreateResourceFile", create_prepare, create_apply, create_answer, ACCESS_DEVELOP,
      .works = true, .copies = "ResourceFile" },
    { API_2025, "GetResourceFile", NULL, NULL, get_answer, ACCESS_READ },
    { API_2025, "ListResourceFiles", NULL, NULL, list_answer, ACCESS_READ },
    { API_2025, "UpdateResourceFile", update_prepare, update_apply, answer_status, ACCESS_DEVELOP,
      .works = true, .copies = "ResourceFile" },
    { API_2025, "DeleteResourceFile", NULL, delete_apply, answer_status, ACCESS_DEVELOP },
};
const struct action_family family_resource = { actions, ARRAY_LEN(actions) };
