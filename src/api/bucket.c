/* api/bucket.c - files in DATA/bucket, where they wait to be registered as resource files. */
#include "api/bucket.h"

#include <unistd.h>

#include "model/resource.h"
#include "sys/below.h"

/* Files and folders of a project in a bucket. */
enum { ENTRIES_MAX = 2 * RESOURCE_FILES_MAX };

/* The path below the folder of all buckets. */
static struct str place_of(const struct bucket_file *file, struct arena *a)
{
    return arena_printf(a, "%.*s%.*s", STR_ARG(file->bucket), STR_ARG(file->path));
}

static enum err_code check_names(const struct bucket_file *file, struct err *e)
{
    enum err_code rc = resource_bucket_check(file->bucket, file->bucket_field, e);

    return rc == E_OK ? resource_remote_check(file->path, file->project_id, file->path_field, e)
                      : rc;
}

static enum err_code no_bucket(const struct bucket_file *file, struct err *e)
{
    return err_user(e, E_MISSING, file->bucket_field,
                    "there is no bucket `%.*s`; the operator of the server makes one as a folder "
                    "of DATA/bucket",
                    "没有存储桶 `%.*s`，请由服务运维人员在 DATA/bucket 下创建同名文件夹",
                    STR_ARG(file->bucket));
}

/* What went wrong below, in the words of the API. */
static enum err_code explain(const struct resource_files *f, const struct bucket_file *file,
                             enum err_code rc, struct err *e)
{
    struct str path = str_sub(file->path, 0, 200);

    switch (rc) {
    case E_MISSING:
        return err_user(
            e, E_MISSING, file->path_field, "there is no file `%.*s` in the bucket `%.*s`",
            "存储桶中没有文件 `%.*s`(存储桶 `%.*s`)", STR_ARG(path), STR_ARG(file->bucket));
    case E_DENIED:
        return err_user(e, E_RANGE, file->path_field,
                        "`%.*s` is not a regular file in regular folders; links are not followed",
                        "`%.*s` 不是普通文件，或其路径中有链接", STR_ARG(path));
    case E_LIMIT:
        return err_user(e, E_LIMIT, file->path_field, "`%.*s` has more than %lld bytes",
                        "`%.*s` 超过 %lld 字节", STR_ARG(path), (long long)f->file_max);
    case E_BUSY:
        return err_user(e, E_BUSY, file->path_field, "another call writes to `%.*s` just now",
                        "另一个请求正在写入 `%.*s`", STR_ARG(path));
    default:
        return rc;
    }
}

enum err_code bucket_take(const struct resource_files *f, const struct bucket_file *file,
                          struct arena *a, struct object *ret, struct err *e)
{
    int64_t size;
    int fd;
    enum err_code rc = check_names(file, e);

    if (rc != E_OK)
        return rc;
    if (!below_is_folder(f->bucket, file->bucket))
        return no_bucket(file, e);
    rc = below_open(f->bucket, place_of(file, a), &fd, &size, e);
    if (rc != E_OK)
        return explain(f, file, rc, e);
    rc = size > f->file_max ? E_LIMIT : object_put(f, fd, ret, e);
    close(fd);
    return rc == E_OK ? E_OK : explain(f, file, rc, e);
}

/* ---- append ---------------------------------------------------------------------------------- */

struct usage {
    struct str except; /* the file that is written */
    int64_t bytes, entries;
};

static bool add_up(void *ctx, const struct below_entry *entry)
{
    struct usage *u = ctx;

    u->entries++;
    if (entry->is_file && !str_eq(entry->path, u->except))
        u->bytes += entry->size;
    return u->entries <= ENTRIES_MAX;
}

/* Is there room for a file of that size? */
static enum err_code check_room(const struct resource_files *f, const struct bucket_file *file,
                                int64_t size, struct arena *a, struct err *e)
{
    struct usage u = { .except = place_of(file, a) };
    struct str own = arena_printf(a, "%.*s" RESOURCE_PREFIX "%.*s", STR_ARG(file->bucket),
                                  STR_ARG(file->project_id));
    enum err_code rc = size > f->file_max ? explain(f, file, E_LIMIT, e)
                                          : below_walk(f->bucket, own, add_up, &u, e);

    if (rc != E_OK)
        return rc;
    if (u.entries > ENTRIES_MAX)
        return err_user(e, E_LIMIT, file->path_field,
                        "the project has more than %d files and folders in the bucket",
                        "项目在该存储桶中的文件和文件夹超过 %d 个", ENTRIES_MAX);
    if (u.bytes + size > f->project_max)
        return err_user(e, E_LIMIT, file->path_field,
                        "the project would have %lld bytes in the bucket, at most %lld",
                        "项目在该存储桶中将达到 %lld 字节，上限为 %lld",
                        (long long)(u.bytes + size), (long long)f->project_max);
    return E_OK;
}

enum err_code bucket_append(const struct resource_files *f, const struct bucket_file *file,
                            int64_t offset, struct str bytes, struct arena *a, int64_t *ret_size,
                            struct err *e)
{
    int64_t size = 0;
    enum err_code rc = check_names(file, e);

    if (rc != E_OK)
        return rc;
    if (!below_is_folder(f->bucket, file->bucket))
        return no_bucket(file, e);
    if (offset < 0 || offset > f->file_max)
        return explain(f, file, E_LIMIT, e);
    rc = check_room(f, file, offset + (int64_t)bytes.len, a, e);
    if (rc != E_OK)
        return rc;
    rc = below_append(f->bucket, place_of(file, a), offset, bytes, &size, e);
    if (rc == E_STALE)
        return err_user(e, E_CONFLICT, "Offset",
                        "the file has %lld bytes: go on there, or begin anew at 0",
                        "文件目前有 %lld 字节，请从该处继续，或从 0 重新开始", (long long)size);
    if (rc != E_OK)
        return explain(f, file, rc, e);
    *ret_size = size;
    return E_OK;
}
