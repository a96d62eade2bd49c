/* api/act_resource_upload.c - weft-1 UploadResourceFile, ReadResourceFile: a file comes into a
 * bucket, a resource file is read, part by part (docs/reference/semantics.md 10). */
#include "api/action.h"
#include "api/bucket.h"

#include <unistd.h>

#include "base/codec.h"
#include "engine/cmd_project.h"
#include "engine/cmd_resource.h"

enum { PART_MAX = 1 << 20 }; /* bytes that one call reads */

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
    reader_end(c->view); /* a write may take long, and a snapshot that lasts costs the store room */
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

/* ---- ReadResourceFile ------------------------------------------------------------------------ */

/* What the registered file has from the offset on. */
static enum err_code read_part(struct call *c, const struct resource_row *row, int64_t offset,
                               struct buf *out)
{
    int fd;
    enum err_code rc = object_open(c->services->resources, row->digest, &fd, &c->err);
    ssize_t n;

    if (rc != E_OK)
        return rc;
    n = pread(fd, buf_reserve(out, PART_MAX), PART_MAX, offset);
    close(fd);
    if (n < 0 || (n == 0 && offset < row->size))
        return err_set(&c->err, E_IO, "a resource file cannot be read");
    buf_grown(out, (size_t)n);
    return E_OK;
}

static void write_part(struct call *c, const struct resource_row *row, int64_t offset,
                       struct str bytes)
{
    int64_t next = offset + (int64_t)bytes.len;
    struct jw *w = &c->out;
    struct buf text;

    buf_init(&text, 2 * PART_MAX);
    base64_encode(&text, bytes);
    jw_key(w, "Data");
    jw_object(w);
    jw_kstr(w, "ResourceId", row->id);
    jw_ki64(w, "Offset", offset);
    jw_ki64(w, "Size", row->size);
    jw_kstr(w, "Digest", row->digest);
    jw_kstr(w, "Content", buf_str(&text));
    if (next < row->size)
        jw_ki64(w, "NextOffset", next);
    else
        jw_knull(w, "NextOffset");
    jw_object_end(w);
    buf_done(&text);
}

static enum err_code read_answer(struct call *c)
{
    int64_t offset = param_i64(c->params, "Offset", 0);
    struct project_row project;
    struct resource_row row;
    struct buf bytes;
    struct str project_id = param_str(c->params, "ProjectId");
    enum err_code rc =
        project_require(c->view, &c->arena, project_id, "ProjectId", &project, &c->err);

    if (rc == E_OK)
        rc = resource_require(c->view, &c->arena, project_id, param_str(c->params, "ResourceId"),
                              &row, &c->err);
    if (rc == E_OK && (offset < 0 || offset > row.size))
        rc = err_user(&c->err, E_RANGE, "Offset", "the file has %lld bytes", "文件只有 %lld 字节",
                      (long long)row.size);
    if (rc != E_OK)
        return rc;
    buf_init(&bytes, 2 * PART_MAX);
    rc = read_part(c, &row, offset, &bytes);
    if (rc == E_OK)
        write_part(c, &row, offset, buf_str(&bytes));
    buf_done(&bytes);
    return rc;
}

static const struct action actions[] = {
    { API_WEFT, "UploadResourceFile", upload_prepare, upload_apply, upload_answer, ACCESS_DEVELOP,
      .works = true, .copies = "Content" },
    { API_WEFT, "ReadResourceFile", NULL, NULL, read_answer, ACCESS_READ },
};
const struct action_family family_resource_upload = { actions, ARRAY_LEN(actions) };
