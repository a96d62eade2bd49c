/* run/logs.c - reading the log of an attempt, also while it grows. */
#include "run/logs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/log_line.h"
#include "run/log_writer.h"

/* A folder holds 4096 logs: fences are counted up, so old folders can be removed whole. */
enum { SHARD_BITS = 12, LINE_MAX_BYTES = LOG_LINE_MAX + LOG_PREFIX_MAX + 1 };

void logs_path(const char *runner_dir, uint64_t fence, struct buf *ret_path)
{
    buf_printf(ret_path, "%s/logs/%06llx/%llu.log", runner_dir,
               (unsigned long long)(fence >> SHARD_BITS), (unsigned long long)fence);
}

static bool passes(struct str line, enum log_filter filter)
{
    enum log_word word;

    if (filter == LOG_FILTER_ALL)
        return true;
    word = log_word_of_line(line);
    switch (filter) {
    case LOG_FILTER_DEBUG:
        return word == LOG_WORD_DEBUG;
    case LOG_FILTER_INFO:
        return word == LOG_WORD_INFO;
    case LOG_FILTER_WARN:
        return word == LOG_WORD_WARN;
    case LOG_FILTER_ERROR:
        return word == LOG_WORD_ERROR || word == LOG_WORD_FATAL;
    case LOG_FILTER_ALL:
        break;
    }
    return true;
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

/* Take whole lines of text, which begins at offset `at` of the file, until about bytes_max are
 * taken. */
static enum err_code take_lines(struct str text, int64_t at, enum log_filter filter,
                                size_t bytes_max, struct buf *out, int64_t *ret_next, struct err *e)
{
    size_t taken = 0, first = out->len;

    for (;;) {
        struct str rest = str_sub(text, taken, text.len);
        ptrdiff_t len = str_find_char(rest, '\n');
        if (len < 0 || (taken > 0 && taken + (size_t)len + 1 > bytes_max))
            break;
        struct str line = str_sub(rest, 0, (size_t)len + 1);
        if (passes(line, filter)) {
            if (line.len > out->limit - out->len) {
                if (out->len == first)
                    return err_set(e, E_LIMIT, "a line of the log does not fit into %zu bytes",
                                   out->limit);
                break;
            }
            buf_add_str(out, line);
        }
        taken += line.len;
    }
    *ret_next = at + (int64_t)taken;
    return E_OK;
}

static enum err_code read_page(int fd, const char *path, int64_t cursor, enum log_filter filter,
                               size_t bytes_max, struct buf *out, struct logs_page *ret,
                               struct err *e)
{
    int64_t from =
        cursor > 0 ? cursor - 1 : 0; /* the byte before says whether a line begins at the cursor */
    size_t len = 0, want = bytes_max + 2 * LINE_MAX_BYTES, skip = 0;
    char *text = mem_alloc(want);
    enum err_code rc = E_OK;
    int64_t next = cursor;
    struct stat st;

    if (!read_at(fd, text, want, from, &len) || fstat(fd, &st) != 0) {
        rc = err_errno(e, E_IO, "read %s", path);
        goto out;
    }
    if (cursor > 0 && len > 0) {
        const char *newline = memchr(text, '\n', len);
        skip = newline ? (size_t)(newline - text) + 1 : len;
    }
    if (len > 0)
        rc = take_lines(str_make(text + skip, len - skip), from + (int64_t)skip, filter, bytes_max,
                        out, &next, e);
    if (rc != E_OK)
        goto out;
    /* Behind the last newline is at most a line that is being written. */
    ret->at_end = from + (int64_t)len >= st.st_size &&
                  (next - from >= (int64_t)len ||
                   !memchr(text + (next - from), '\n', len - (size_t)(next - from)));
    ret->next = next;
out:
    mem_free(text);
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
