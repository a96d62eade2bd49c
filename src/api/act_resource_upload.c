/* api/act_resource_upload.c - weft-1 UploadResourceFile: a file comes into a bucket, part by part
 * (docs/reference/semantics.md 10). */
#include "api/action.h"
#include "api/bucket.h"

#include "base/codec.h"
#include "engine/cmd_project.h"

static struct bucket_file file_of(const struct call *c)
{
    struct str bucket = param_str(c->params, "BucketName");

    return (struct bucket_file){ .project_id = param_str(c->params, "ProjectId"),
                                 .bucket = bucket.ptr ? bucket : STR(BUCKET_DEFAULT),
                                 .path = param_str(c->params, "Path"),
                                 .bucket_field = "BucketName",
                                 .path_field = "Path" };
}

/* The bytes are on disk before the record of the call is. */
static enum err_code upload_prepare(struct call *c)
{
    struct bucket_file file = file_of(c);
    struct str content = param_str(c->params, "Content");
    struct project_row project;
    struct buf bytes;
    int64_t *size = ARENA_NEW(&c->arena, int64_t);
    enum err_code rc =
        project_require(c->view, &c->arena, file.project_id, "ProjectId", &project, &c->err);

    if (rc != E_OK)
        return rc;
    buf_init(&bytes, content.len + 1);
    if (!base64_decode(&bytes, content))
        rc = err_user(&c->err, E_SYNTAX, "Content", "it is not base64", "不是 base64");
    if (rc == E_OK)
        rc = bucket_append(c->services->resources, &file, param_i64(c->params, "Offset", -1),
                           buf_str(&bytes), &c->arena, size, &c->err);
    buf_done(&bytes);
    c->state = size;
    return rc;
}

/* For the audit record. */
static enum err_code upload_apply(struct call *c, struct engine *g)
{
    (void)g;
    c->made = param_str(c->params, "Path");
    return E_OK;
}

static enum err_code upload_answer(struct call *c)
{
    struct bucket_file file = file_of(c);

    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kstr(&c->out, "BucketName", file.bucket);
    jw_kstr(&c->out, "Path", file.path);
    jw_ki64(&c->out, "Size", *(const int64_t *)c->state);
    jw_object_end(&c->out);
    return E_OK;
}

static const struct action actions[] = {
    { API_WEFT, "UploadResourceFile", upload_prepare, upload_apply, upload_answer, ACCESS_DEVELOP,
      .works = true },
};
const struct action_family family_resource_upload = { actions, ARRAY_LEN(actions) };
