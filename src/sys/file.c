/* sys/file.c - whole files and folders, written so that a crash leaves the old or the new. */
#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum err_code file_read(const char *path, struct buf *out, struct err *e)
{
    enum err_code rc = E_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return err_errno(e, errno == ENOENT ? E_MISSING : E_IO, "opening %s", path);
    for (;;) {
        char chunk[16384];
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            rc = err_errno(e, E_IO, "reading %s", path);
        if (n <= 0)
            break;
        buf_add(out, chunk, (size_t)n);
        if (out->overflow) {
            rc = err_set(e, E_LIMIT, "%s is larger than %zu bytes", path, out->limit);
            break;
        }
    }
    close(fd);
    return rc;
}

static bool write_all(int fd, struct str content)
{
    while (content.len > 0) {
        ssize_t n = write(fd, content.ptr, content.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        content = str_sub(content, (size_t)n, content.len);
    }
    return true;
}

/* The entry itself becomes durable with its folder. */
static bool sync_parent(const char *path)
{
    char parent[PATH_MAX];
    const char *slash = strrchr(path, '/');

    if (!slash)
        snprintf(parent, sizeof(parent), ".");
    else
        snprintf(parent, sizeof(parent), "%.*s", slash == path ? 1 : (int)(slash - path), path);
    int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool done = fsync(fd) == 0;
    close(fd);
    return done;
}

static enum err_code replace(const char *path, struct str content, unsigned mode, bool durable, struct err *e)
{
    char temporary[PATH_MAX];

    if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary))
        return err_set(e, E_LIMIT, "the path %s is too long", path);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
    if (fd < 0)
        return err_errno(e, E_IO, "creating %s", temporary);
    bool done = fchmod(fd, (mode_t)mode) == 0 && write_all(fd, content) && (!durable || fsync(fd) == 0);
    int saved = errno;
    close(fd);
    if (done && rename(temporary, path) == 0 && (!durable || sync_parent(path)))
        return E_OK;
    if (done)
        saved = errno;
    unlink(temporary);
    errno = saved;
    return err_errno(e, E_IO, "writing %s", path);
}

enum err_code file_write_atomic(const char *path, struct str content, unsigned mode, struct err *e)
{
    return replace(path, content, mode, true, e);
}

enum err_code file_write_quick(const char *path, struct str content, unsigned mode, struct err *e)
{
    return replace(path, content, mode, false, e);
}

enum err_code dir_make(const char *path, unsigned mode, struct err *e)
{
    char part[PATH_MAX];
    size_t len = strlen(path);

    if (len == 0 || len >= sizeof(part))
        return err_set(e, E_RANGE, "'%s' is not a usable folder path", path);
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, (mode_t)mode) != 0 && errno != EEXIST)
            return err_errno(e, E_IO, "making the folder %s", part);
    }
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return err_set(e, E_IO, "%s is not a folder", path);
    return E_OK;
}

static bool remove_below(int parent, const char *name)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry;
    bool done = true;

    if (!dir) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    while (done && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlinkat(fd, entry->d_name, 0) != 0)
            done = (errno == EISDIR || errno == EPERM) && remove_below(fd, entry->d_name);
    }
    closedir(dir);
    return done && unlinkat(parent, name, AT_REMOVEDIR) == 0;
}

enum err_code dir_remove_all(const char *path, struct err *e)
{
    if (!remove_below(AT_FDCWD, path))
        return err_errno(e, errno == ENOENT ? E_MISSING : E_IO, "removing %s", path);
    return E_OK;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

enum err_code file_lock(const char *path, int *ret_fd, struct err *e)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        return err_errno(e, E_IO, "opening %s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        enum err_code rc = err_errno(e, errno == EWOULDBLOCK ? E_BUSY : E_IO, "locking %s", path);
        close(fd);
        return rc;
    }
    *ret_fd = fd;
    return E_OK;
}
