/* run/logs.c - reading the log of an attempt, also while it grows. */
#include "run/logs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/log_line.h"
#include "run/log_page.h"
#include "run/log_writer.h"
#include "sys/file.h"

/* A folder holds 4096 logs: fences are counted up, so old folders can be removed whole. */
enum { SHARD_BITS = 12, LINE_MAX_BYTES = LOG_LINE_MAX + LOG_PREFIX_MAX + 1 };

void logs_path(const char *runner_dir, uint64_t fence, struct buf *ret_path)
{
    buf_printf(ret_path, "%s/logs/%06llx/%llu.log", runner_dir,
               (unsigned long long)(fence >> SHARD_BITS), (unsigned long long)fence);
}

/* The number in NAME.log; false: the file is none of ours. */
static bool fence_of_name(const char *name, uint64_t *ret)
{
    struct str rest = str_from(name), number = str_split(&rest, '.');

    return rest.ptr && str_eq_c(rest, "log") && str_to_u64(number, ret);
}

static enum err_code copy_log(const char *from_dir, const char *to_dir, uint64_t fence,
                              struct logs_copied *ret, struct err *e)
{
    struct buf from, to;
    struct err cause = ERR_INIT;
    int64_t bytes = 0;

    buf_init(&from, PATH_MAX);
    buf_init(&to, PATH_MAX);
    logs_path(from_dir, fence, &from);
    logs_path(to_dir, fence, &to);
    enum err_code rc = file_copy(from.ptr, to.ptr, 0600, &bytes, &cause);
    if (rc == E_OK) {
        ret->n++;
        ret->bytes += bytes;
    } else if (rc == E_MISSING) {
        rc = E_OK; /* removed because of its age */
    } else if (e) {
        *e = cause;
    }
    buf_done(&from);
    buf_done(&to);
    return rc;
}

/* One folder of logs; others than ours are left alone. */
static enum err_code copy_shard(const char *from_dir, const char *to_dir, const char *name,
                                uint64_t end, struct logs_copied *ret, struct err *e)
{
    struct buf path;
    struct dirent *entry;
    enum err_code rc = E_OK;

    buf_init(&path, PATH_MAX);
    buf_printf(&path, "%s/logs/%s", from_dir, name);
    DIR *dir = opendir(path.ptr);
    if (!dir && errno != ENOENT && errno != ENOTDIR)
        rc = err_errno(e, E_IO, "opening %s", path.ptr);
    buf_reset(&path);
    buf_printf(&path, "%s/logs/%s", to_dir, name);
    if (dir && rc == E_OK)
        rc = dir_make(path.ptr, 0700, e);
    while (dir && rc == E_OK && (entry = readdir(dir)) != NULL) {
        uint64_t fence;
        if (fence_of_name(entry->d_name, &fence) && fence < end)
            rc = copy_log(from_dir, to_dir, fence, ret, e);
    }
    if (dir)
        closedir(dir);
    buf_done(&path);
    return rc;
}

enum err_code logs_copy(const char *runner_dir, const char *to_runner_dir, uint64_t end,
                        struct logs_copied *ret, struct err *e)
{
    struct logs_copied copied = { .n = 0 };
    struct buf path;
    struct dirent *entry;
    enum err_code rc = E_OK;

    buf_init(&path, PATH_MAX);
    buf_printf(&path, "%s/logs", runner_dir);
    DIR *dir = opendir(path.ptr);
    if (!dir && errno != ENOENT)
        rc = err_errno(e, E_IO, "opening %s", path.ptr);
    while (dir && rc == E_OK && (entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.')
            rc = copy_shard(runner_dir, to_runner_dir, entry->d_name, end, &copied, e);
    if (dir)
        closedir(dir);
    buf_done(&path);
    if (rc == E_OK)
        *ret = copied;
    return rc;
}

static bool read_at(int fd, char *ptr, size_t len, int64_t at, size_t *ret_len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = pread(fd, ptr + done, len - done, at + (int64_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    *ret_len = done;
    return true;
}

static enum err_code read_page(int fd, const char *path, int64_t cursor, enum log_filter filter,
                               size_t bytes_max, struct buf *out, struct logs_page *ret,
                               struct err *e)
{
    size_t len = 0, want = bytes_max + 2 * LINE_MAX_BYTES;
    struct log_window window = { .at = cursor > 0 ? cursor - 1 : 0 };
    char *bytes = mem_alloc(want);
    enum err_code rc;
    struct stat st;

    if (!read_at(fd, bytes, want, window.at, &len) || fstat(fd, &st) != 0) {
        rc = err_errno(e, E_IO, "read %s", path);
    } else {
        window.bytes = str_make(bytes, len);
        window.size = st.st_size;
        rc = log_page_take(&window, cursor, filter, bytes_max, out, ret, e);
    }
    mem_free(bytes);
    return rc;
}

enum err_code logs_read(const char *runner_dir, uint64_t fence, int64_t cursor,
                        enum log_filter filter, size_t bytes_max, struct buf *out,
                        struct logs_page *ret, struct err *e)
{
    enum err_code rc = E_OK;
    struct buf path;
    int fd;

    if (cursor < 0)
        return err_set(e, E_RANGE, "the cursor %lld is negative", (long long)cursor);
    buf_init(&path, 8192);
    logs_path(runner_dir, fence, &path);
    fd = path.overflow ? -1 : open(path.ptr, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && !path.overflow && errno == ENOENT)
        *ret = (struct logs_page){ .next = cursor, .at_end = true };
    else if (fd < 0)
        rc = err_errno(e, E_IO, "open %s", path.ptr);
    else
        rc = read_page(fd, path.ptr, cursor, filter, bytes_max, out, ret, e);
    if (fd >= 0)
        close(fd);
    buf_done(&path);
    return rc;
}
