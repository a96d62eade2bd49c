/* model/resource.c - resource files: their names, their paths, and what tasks call them. */
#include "model/resource.h"

#include "base/buf.h"
#include "model/names.h"

static bool is_dots(struct str name)
{
    return str_eq_c(name, ".") || str_eq_c(name, "..");
}

enum err_code resource_name_check(struct str name, const char *path, struct err *e)
{
    enum err_code rc = name_check_item(name, path, e);

    if (rc != E_OK)
        return rc;
    if (is_dots(name) || name.len > RESOURCE_NAME_BYTES)
        return err_user(e, E_RANGE, path, "it must not be '.' or '..' nor longer than %d bytes",
                        "不能是 '.' 或 '..'，且不超过 %d 字节", RESOURCE_NAME_BYTES);
    return E_OK;
}

enum err_code resource_bucket_check(struct str bucket, const char *path, struct err *e)
{
    bool bad = bucket.len < 1 || bucket.len > 63 || bucket.ptr[0] == '.';

    for (size_t i = 0; i < bucket.len && !bad; i++) {
        char c = bucket.ptr[i];
        bad = !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.');
    }
    if (bad)
        return err_user(e, E_RANGE, path,
                        "a bucket has 1 to %d lower-case letters, digits, '-' and '.', and does "
                        "not begin with '.'",
                        "存储桶名由 1 到 %d 个小写字母、数字、'-'、'.' 组成，且不能以 '.' 开头",
                        63);
    return E_OK;
}

enum err_code resource_remote_check(struct str remote, struct str project_id, const char *path,
                                    struct err *e)
{
    static const struct str prefix = { RESOURCE_PREFIX, sizeof(RESOURCE_PREFIX) - 1 };
    struct str rest = str_sub(remote, prefix.len, remote.len);
    bool bad = remote.len > RESOURCE_REMOTE_MAX || !str_starts_with(remote, prefix) ||
               !str_eq(str_split(&rest, '/'), project_id) || !rest.ptr;

    while (!bad && rest.ptr)
        bad = resource_name_check(str_split(&rest, '/'), path, NULL) != E_OK;
    if (bad)
        return err_user(e, E_RANGE, path,
                        "`%.*s` is not the path of a file such as " RESOURCE_PREFIX
                        "%.*s/folder/name, at most %d bytes",
                        "`%.*s` 不是 " RESOURCE_PREFIX "%.*s/folder/name 形式的文件路径，最多 %d "
                        "字节",
                        STR_ARG(str_sub(remote, 0, 120)), STR_ARG(str_sub(project_id, 0, 64)),
                        RESOURCE_REMOTE_MAX);
    return E_OK;
}

struct str resource_local_path(struct arena *a, struct str project_id, struct str path)
{
    return arena_printf(a, RESOURCE_PREFIX "%.*s%.*s", STR_ARG(project_id), STR_ARG(path));
}

struct str resource_extension(struct str name)
{
    ptrdiff_t dot = str_rfind_char(name, '.');

    return dot > 0 ? str_sub(name, (size_t)dot + 1, name.len) : str_make("", 0);
}

struct str resource_size_text(struct arena *a, int64_t bytes)
{
    static const char *const units[] = { "B", "KB", "MB", "GB", "TB" };
    int64_t unit = 1, tenths;
    size_t u = 0;

    while (u + 1 < ARRAY_LEN(units) && bytes / unit >= 1024) {
        unit *= 1024;
        u++;
    }
    tenths = bytes % unit * 10 / unit;
    return tenths == 0 ? arena_printf(a, "%lld%s", (long long)(bytes / unit), units[u])
                       : arena_printf(a, "%lld.%lld%s", (long long)(bytes / unit),
                                      (long long)tenths, units[u]);
}

/* Does the character belong to the path that stands before it? */
static bool continues_path(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80 || c == '_' || c == '-' || c == '.' || c == '/' || c == '}' ||
           c == ')';
}

struct str resource_text(struct arena *a, struct str text, struct str project_id, struct str folder)
{
    struct str own = arena_printf(a, RESOURCE_PREFIX "%.*s/", STR_ARG(project_id));
    ptrdiff_t at = str_find(text, own);
    size_t done = 0;
    struct buf out;

    if (at < 0)
        return text;
    buf_init(&out, SIZE_MAX);
    while (at >= 0) {
        size_t from = done + (size_t)at;
        buf_add_str(&out, str_sub(text, done, (size_t)at));
        if (from > 0 && continues_path(text.ptr[from - 1])) {
            buf_add_str(&out, own);
        } else {
            buf_add_str(&out, folder);
            buf_add_char(&out, '/');
        }
        done = from + own.len;
        at = str_find(str_sub(text, done, text.len), own);
    }
    buf_add_str(&out, str_sub(text, done, text.len));
    struct str ret = arena_str(a, buf_str(&out));
    buf_done(&out);
    return ret;
}
