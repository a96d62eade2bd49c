/* run/fences.c - which fences this runner has ever seen.
 *
 * The file: "boot ID", "bound N", "doubtful N", then one "N" or "LO-HI" per line, then zero bytes
 * up to its size.  A line is valid with its newline.  The file is written anew when it is opened,
 * when its room is used up and when the bound moves.
 */
#include "run/fences.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "sys/file.h"

enum { FILE_ROOM = 128 << 10 }; /* for lines behind the ranges */

/* Index of the first range whose hi is not below fence. */
static size_t find(const struct fences *f, uint64_t fence)
{
    size_t lo = 0, hi = f->len_;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (f->ranges_[mid].hi < fence)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool fences_has(const struct fences *f, uint64_t fence)
{
    size_t i = find(f, fence);

    return i < f->len_ && f->ranges_[i].lo <= fence;
}

bool fences_is_doubtful(const struct fences *f, uint64_t fence)
{
    return fence <= f->doubtful_ && !fences_has(f, fence);
}

static void remove_at(struct fences *f, size_t i)
{
    memmove(f->ranges_ + i, f->ranges_ + i + 1, (f->len_ - i - 1) * sizeof(f->ranges_[0]));
    f->len_--;
}

/* Add a range; the ranges stay sorted, apart and not adjacent.  hi is at most FENCE_MAX, so that
 * there is a number behind it. */
static void insert(struct fences *f, uint64_t lo, uint64_t hi)
{
    size_t i = find(f, lo > 0 ? lo - 1 : 0);

    if (i < f->len_ && f->ranges_[i].lo <= hi + 1) {
        struct fence_range *r = &f->ranges_[i];
        r->lo = lo < r->lo ? lo : r->lo;
        r->hi = hi > r->hi ? hi : r->hi;
        while (i + 1 < f->len_ && f->ranges_[i + 1].lo <= f->ranges_[i].hi + 1) {
            if (f->ranges_[i + 1].hi > f->ranges_[i].hi)
                f->ranges_[i].hi = f->ranges_[i + 1].hi;
            remove_at(f, i + 1);
        }
        return;
    }
    f->ranges_ = mem_grow(f->ranges_, &f->cap_, f->len_ + 1, sizeof(f->ranges_[0]));
    memmove(f->ranges_ + i + 1, f->ranges_ + i, (f->len_ - i) * sizeof(f->ranges_[0]));
    f->ranges_[i] = (struct fence_range){ lo, hi };
    f->len_++;
    if (f->len_ > FENCES_RANGES_MAX) {
        size_t half = f->len_ / 2;
        f->ranges_[half].lo = f->ranges_[0].lo;
        memmove(f->ranges_, f->ranges_ + half, (f->len_ - half) * sizeof(f->ranges_[0]));
        f->len_ -= half;
    }
}

static bool to_fence(struct str text, uint64_t *ret)
{
    uint64_t fence;

    if (!str_to_u64(text, &fence) || fence > FENCE_MAX)
        return false;
    *ret = fence;
    return true;
}

static bool parse_line(struct fences *f, struct str line, struct str *boot)
{
    struct str rest = line, first;
    uint64_t lo, hi;

    if (str_starts_with(line, STR("boot "))) {
        *boot = str_sub(line, 5, line.len);
        return true;
    }
    if (str_starts_with(line, STR("bound ")))
        return to_fence(str_sub(line, 6, line.len), &f->bound_);
    if (str_starts_with(line, STR("doubtful ")))
        return to_fence(str_sub(line, 9, line.len), &f->doubtful_);
    first = str_split(&rest, '-');
    if (!to_fence(first, &lo))
        return false;
    hi = lo;
    if (rest.ptr && (!to_fence(rest, &hi) || hi < lo))
        return false;
    insert(f, lo, hi);
    return true;
}

enum err_code fences_parse(struct fences *f, struct str text, struct err *e)
{
    ptrdiff_t end = str_find_char(text, '\0');
    struct str boot = { NULL, 0 };
    ptrdiff_t newline;

    if (end >= 0)
        text.len = (size_t)end;
    while ((newline = str_find_char(text, '\n')) >= 0) {
        struct str line = str_sub(text, 0, (size_t)newline);
        if (!parse_line(f, line, &boot))
            return err_set(e, E_CORRUPT, "%s: '%.*s' is not a fence", f->path_, STR_ARG(line));
        text = str_sub(text, (size_t)newline + 1, text.len);
    }
    if (!str_eq_c(boot, f->boot_))
        f->doubtful_ = f->bound_;
    return E_OK;
}

void fences_print(const struct fences *f, uint64_t bound, struct buf *out)
{
    buf_printf(out, "boot %s\nbound %llu\ndoubtful %llu\n", f->boot_, (unsigned long long)bound,
               (unsigned long long)f->doubtful_);
    for (size_t i = 0; i < f->len_; i++)
        buf_printf(out, "%llu-%llu\n", (unsigned long long)f->ranges_[i].lo,
                   (unsigned long long)f->ranges_[i].hi);
}

/* Write the whole file anew, safely on the disk. */
static enum err_code rewrite_file(struct fences *f, uint64_t bound, struct err *e)
{
    struct buf text;
    enum err_code rc;
    int64_t at;
    int fd;

    buf_init(&text, SIZE_MAX);
    fences_print(f, bound, &text);
    at = (int64_t)text.len;
    memset(buf_reserve(&text, FILE_ROOM), 0, FILE_ROOM);
    buf_grown(&text, FILE_ROOM);
    rc = file_write_atomic(f->path_, buf_str(&text), 0600, e);
    buf_done(&text);
    if (rc != E_OK)
        return rc;
    fd = open(f->path_, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(e, E_IO, "open %s", f->path_);
    if (f->fd_ >= 0)
        close(f->fd_);
    f->fd_ = fd;
    f->at_ = at;
    f->size_ = at + FILE_ROOM;
    f->bound_ = bound;
    return E_OK;
}

static void read_boot(struct fences *f)
{
    struct buf text;

    buf_init(&text, sizeof(f->boot_) - 1);
    if (file_read("/proc/sys/kernel/random/boot_id", &text, NULL) == E_OK) {
        struct str id = str_trim(buf_str(&text));
        memcpy(f->boot_, id.ptr, id.len);
    } else {
        memcpy(f->boot_, "unknown", sizeof("unknown"));
    }
    buf_done(&text);
}

enum err_code fences_open(struct fences *f, const char *path, struct err *e)
{
    struct buf text;
    enum err_code rc;

    *f = (struct fences){ .fd_ = -1, .path_ = mem_strdup(str_from(path)) };
    read_boot(f);
    buf_init(&text, (size_t)256 << 20);
    rc = file_read(path, &text, e);
    if (rc == E_OK)
        rc = fences_parse(f, buf_str(&text), e);
    else if (rc == E_MISSING)
        rc = E_OK;
    buf_done(&text);
    if (rc == E_OK)
        rc = rewrite_file(f, f->bound_, e);
    if (rc != E_OK)
        fences_close(f);
    return rc;
}

void fences_close(struct fences *f)
{
    if (f->fd_ >= 0)
        close(f->fd_);
    f->fd_ = -1;
    mem_free(f->ranges_);
    mem_free(f->path_);
    f->ranges_ = NULL;
    f->path_ = NULL;
}

enum err_code fences_make(const char *path, uint64_t end, struct err *e)
{
    struct fences f;
    enum err_code rc = fences_open(&f, path, e);

    if (rc != E_OK)
        return rc;
    if (end > 0) {
        insert(&f, 0, end - 1);
        rc = rewrite_file(&f, end - 1, e);
    }
    fences_close(&f);
    return rc;
}

enum err_code fences_add(struct fences *f, uint64_t fence, struct err *e)
{
    char line[24];
    struct buf text;
    ssize_t n;

    buf_init(&text, sizeof(line));
    buf_printf(&text, "%llu\n", (unsigned long long)fence);
    if (fence > f->bound_ || f->at_ + (int64_t)text.len > f->size_) {
        uint64_t bound = fence <= f->bound_                  ? f->bound_
                         : fence <= FENCE_MAX - FENCES_BLOCK ? fence + FENCES_BLOCK
                                                             : FENCE_MAX;
        enum err_code rc = rewrite_file(f, bound, e);
        if (rc != E_OK) {
            buf_done(&text);
            return rc;
        }
    }
    n = pwrite(f->fd_, text.ptr, text.len, f->at_);
    if (n != (ssize_t)text.len) {
        buf_done(&text);
        return err_errno(e, E_IO, "write %s", f->path_);
    }
    f->at_ += n;
    buf_done(&text);
    insert(f, fence, fence);
    return E_OK;
}
