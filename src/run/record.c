/* run/record.c - what stays on disk of an attempt until its end is acknowledged. */
#include "run/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "sys/file.h"

#define SPARE_PREFIX "spare."
/* Two lines, and what a full disk left of others before it had room for the last. */
enum { PATH_ROOM = 48, RECORD_BYTES_MAX = 4 * WIRE_LINE_MAX };

/* Of the open file, not of the process: it ends with the last descriptor, and asking does not
 * disturb it. */
static const struct flock whole_file = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

static void path_of(uint64_t fence, char path[PATH_ROOM])
{
    snprintf(path, PATH_ROOM, RECORD_FOLDER "/%llu", (unsigned long long)fence);
}

static void spare_path_of(uint64_t spare, char path[PATH_ROOM])
{
    snprintf(path, PATH_ROOM, RECORD_FOLDER "/" SPARE_PREFIX "%llu", (unsigned long long)spare);
}

/* Only an emptied and locked file gets the name of the fence, so nobody sees it otherwise.  Emptied
 * is all but the newline with which every record begins: ext4 takes a cut to nothing for the
 * beginning of a replacement, and would write the file to the disk when it is closed. */
static int reuse(const char *spare_path, const char *path)
{
    int fd = open(spare_path, O_RDWR | O_APPEND | O_CLOEXEC), saved;

    if (fd < 0)
        return -1;
    if (ftruncate(fd, 1) == 0 && fcntl(fd, F_OFD_SETLK, &whole_file) == 0 &&
        renameat2(AT_FDCWD, spare_path, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return fd;
    saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

enum err_code record_create(struct record *r, uint64_t fence, uint64_t spare, struct err *e)
{
    char path[PATH_ROOM], spare_path[PATH_ROOM];
    int fd = -1;

    path_of(fence, path);
    if (spare != RECORD_SPARE_NONE) {
        spare_path_of(spare, spare_path);
        fd = reuse(spare_path, path);
    }
    if (fd < 0) {
        fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
        if (fd < 0)
            return err_errno(e, errno == EEXIST ? E_EXISTS : E_IO, "create the record %s", path);
        if (fcntl(fd, F_OFD_SETLK, &whole_file) != 0) {
            enum err_code rc = err_errno(e, E_IO, "lock the record %s", path);
            close(fd);
            return rc;
        }
        if (write(fd, "\n", 1) != 1) {
            enum err_code rc = err_errno(e, E_IO, "write the record %s", path);
            close(fd);
            unlink(path);
            return rc;
        }
    }
    r->fd_ = fd;
    return E_OK;
}

static enum err_code write_line(int fd, struct str line, struct err *e)
{
    ssize_t n = write(fd, line.ptr, line.len);

    if (n == (ssize_t)line.len)
        return E_OK;
    if (n >= 0)
        errno = ENOSPC;
    return err_errno(e, E_IO, "write the record of an attempt");
}

enum err_code record_add(struct record *r, struct str line, struct err *e)
{
    return write_line(r->fd_, line, e);
}

void record_close(struct record *r)
{
    close(r->fd_);
    r->fd_ = -1;
}

void record_parse(const struct buf *text, uint64_t fence, struct arena *a,
                  struct wire_message *running, struct wire_message *ended)
{
    struct wire_message m;
    struct str line;
    size_t at = 0;

    while (wire_next_line(text, &at, &line)) {
        if (wire_parse(line, a, &m, NULL) != E_OK)
            continue; /* empty, or the rest of a line that a full disk cut short */
        if (m.fence != fence)
            continue;
        if (m.kind == WIRE_RUNNING)
            *running = m;
        else if (m.kind == WIRE_ENDED)
            *ended = m;
    }
}

enum err_code record_look(uint64_t fence, struct arena *a, enum record_state *ret,
                          struct wire_message *ret_running, struct wire_message *ret_ended,
                          struct err *e)
{
    struct wire_message running = { .kind = WIRE_UNKNOWN }, ended = { .kind = WIRE_UNKNOWN };
    char path[PATH_ROOM];
    struct flock lock = whole_file;
    enum err_code rc;
    struct buf text;
    bool is_live;
    int fd;

    path_of(fence, path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno != ENOENT)
        return err_errno(e, E_IO, "open the record %s", path);
    if (fd < 0) {
        *ret = RECORD_NONE;
        *ret_running = running;
        *ret_ended = ended;
        return E_OK;
    }
    /* First the lock, then the content: an end that is written in between is seen. */
    is_live = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    buf_init(&text, RECORD_BYTES_MAX);
    rc = file_read(path, &text, e);
    if (rc == E_OK) {
        record_parse(&text, fence, a, &running, &ended);
        *ret = is_live ? RECORD_LIVE : ended.kind == WIRE_ENDED ? RECORD_ENDED : RECORD_LOST;
        *ret_running = running;
        *ret_ended = ended;
    }
    buf_done(&text);
    close(fd);
    return rc;
}

enum err_code record_end(const struct attempt_end *end, struct err *e)
{
    char path[PATH_ROOM];
    enum err_code rc;
    struct buf line;
    int fd;

    path_of(end->fence, path);
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(e, E_IO, "open the record %s", path);
    buf_init(&line, WIRE_LINE_MAX);
    buf_add_char(&line, '\n'); /* what stands there may be half a line */
    wire_put_ended(&line, end);
    rc = write_line(fd, buf_str(&line), e);
    buf_done(&line);
    close(fd);
    return rc;
}

void record_remove(uint64_t fence)
{
    char path[PATH_ROOM];

    path_of(fence, path);
    unlink(path);
}

bool record_make_spare(uint64_t fence, uint64_t spare)
{
    char path[PATH_ROOM], spare_path[PATH_ROOM];

    path_of(fence, path);
    spare_path_of(spare, spare_path);
    if (rename(path, spare_path) == 0)
        return true;
    unlink(path);
    return false;
}

uint64_t record_spare_number(const char *name)
{
    struct str text = str_from(name);
    uint64_t number;

    if (!str_starts_with(text, STR(SPARE_PREFIX)) ||
        !str_to_u64(str_sub(text, sizeof(SPARE_PREFIX) - 1, text.len), &number))
        return RECORD_SPARE_NONE;
    return number;
}

void record_spare_remove(uint64_t spare)
{
    char path[PATH_ROOM];

    spare_path_of(spare, path);
    unlink(path);
}
