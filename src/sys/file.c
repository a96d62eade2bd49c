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
    size_t before = out->len;
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
    if (rc && out->ptr) {
        out->len = before;
        out->ptr[before] = '\0';
        out->overflow = false;
    }
    return rc;
}

bool file_put(int fd, struct str content)
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

static enum err_code replace(const char *path, struct str content, unsigned mode, bool durable,
                             struct err *e)
{
    char temporary[PATH_MAX];

    if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary))
        return err_set(e, E_LIMIT, "the path %s is too long", path);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
    if (fd < 0)
        return err_errno(e, E_IO, "creating %s", temporary);
    bool done =
        fchmod(fd, (mode_t)mode) == 0 && file_put(fd, content) && (!durable || fsync(fd) == 0);
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

/* Up to the length that it had when we looked: a file that grows meanwhile has an end for us. */
static bool copy_bytes(int from, int to, int64_t *ret)
{
    char chunk[65536];
    struct stat st;
    int64_t left;

    if (fstat(from, &st) != 0)
        return false;
    for (left = st.st_size; left > 0;) {
        size_t want = left < (int64_t)sizeof(chunk) ? (size_t)left : sizeof(chunk);
        ssize_t n = read(from, chunk, want);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || !file_put(to, str_make(chunk, (size_t)n)))
            return false;
        if (n == 0)
            break;
        left -= n;
    }
    *ret = st.st_size - left;
    return true;
}

enum err_code file_copy(const char *from, const char *to, unsigned mode, int64_t *ret_bytes,
                        struct err *e)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);

    if (in < 0)
        return err_errno(e, errno == ENOENT ? E_MISSING : E_IO, "opening %s", from);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
    if (out < 0) {
        enum err_code rc = err_errno(e, errno == EEXIST ? E_EXISTS : E_IO, "creating %s", to);
        close(in);
        return rc;
    }
    bool done = copy_bytes(in, out, ret_bytes);
    int saved = errno;
    close(in);
    close(out);
    if (done)
        return E_OK;
    unlink(to);
    errno = saved;
    return err_errno(e, E_IO, "copying %s to %s", from, to);
}

enum err_code file_sync_all(const char *path, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || syncfs(fd) != 0) {
        enum err_code rc = err_errno(e, E_IO, "writing %s to the disk", path);
        if (fd >= 0)
            close(fd);
        return rc;
    }
    close(fd);
    return E_OK;
}

enum err_code file_make_private(const char *path, struct err *e)
{
    if (chmod(path, 0600) != 0 && errno != ENOENT)
        return err_errno(e, E_IO, "making %s private", path);
    return E_OK;
}

static enum err_code make_way(const char *path, unsigned mode, bool durable, struct err *e)
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
        bool made = mkdir(part, (mode_t)mode) == 0;
        if ((!made && errno != EEXIST) || (made && durable && !sync_parent(part)))
            return err_errno(e, E_IO, "making the folder %s", part);
    }
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return err_set(e, E_IO, "%s is not a folder", path);
    return E_OK;
}

enum err_code dir_make(const char *path, unsigned mode, struct err *e)
{
    return make_way(path, mode, false, e);
}

enum err_code dir_make_durable(const char *path, unsigned mode, struct err *e)
{
    return make_way(path, mode, true, e);
}

/* Read and write permission for the owner of a folder that took them away from itself. */
static bool unlock_folder(int parent, const char *name)
{
    return fchmodat(parent, name, 0700, AT_SYMLINK_NOFOLLOW) == 0;
}

static DIR *open_folder(int parent, const char *name)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(parent, name, flags);

    if (fd < 0 && errno == EACCES && unlock_folder(parent, name))
        fd = openat(parent, name, flags);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir && fd >= 0)
        close(fd);
    return dir;
}

/* Move a folder up into top, under a name that is free there. */
static bool lift(int from, const char *name, int top, uint64_t *number)
{
    char free_name[32];

    for (;;) {
        snprintf(free_name, sizeof(free_name), ".lifted-%llu", (unsigned long long)(*number)++);
        if (renameat2(from, name, top, free_name, RENAME_NOREPLACE) == 0)
            return true;
        /* A folder that we may not write into cannot be moved either, as its ".." would change. */
        if (errno == EACCES && unlock_folder(from, name) &&
            renameat2(from, name, top, free_name, RENAME_NOREPLACE) == 0)
            return true;
        if (errno != EEXIST)
            return false;
    }
}

static bool empty_folder(DIR *dir, int top, uint64_t *number);

static bool remove_entry(int fd, const char *name, int top, uint64_t *number)
{
    if (unlinkat(fd, name, 0) == 0)
        return true;
    if (errno == EACCES && fchmod(fd, 0700) == 0 && unlinkat(fd, name, 0) == 0)
        return true;
    if (errno != EISDIR && errno != EPERM)
        return false;
    if (unlinkat(fd, name, AT_REMOVEDIR) == 0)
        return true;
    if (errno != ENOTEMPTY && errno != EEXIST)
        return false;
    if (fd != top)
        return lift(fd, name, top, number);
    DIR *inner = open_folder(fd, name);
    bool done = inner && empty_folder(inner, top, number);
    int saved = errno;
    if (inner)
        closedir(inner);
    errno = saved;
    return done && unlinkat(fd, name, AT_REMOVEDIR) == 0;
}

/* Remove what is in dir.  A folder in it that is not empty is lifted into top, or, when dir is top
 * itself, emptied in the same way first; so two descriptors do for any depth. */
static bool empty_folder(DIR *dir, int top, uint64_t *number)
{
    bool found = true;

    /* Entries that were added while reading may have been missed: read until there are none. */
    for (; found; rewinddir(dir)) {
        struct dirent *entry;
        found = false;
        while ((entry = readdir(dir)) != NULL) {
            if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                continue;
            found = true;
            if (!remove_entry(dirfd(dir), entry->d_name, top, number))
                return false;
        }
    }
    return true;
}

enum err_code dir_remove_all_at(int parent, const char *name, struct err *e)
{
    DIR *dir = open_folder(parent, name);
    uint64_t number = 0;

    if (!dir)
        return err_errno(e, errno == ENOENT ? E_MISSING : E_IO, "removing %s", name);
    bool done = empty_folder(dir, dirfd(dir), &number);
    int saved = errno;
    closedir(dir);
    errno = saved;
    if (!done || unlinkat(parent, name, AT_REMOVEDIR) != 0)
        return err_errno(e, E_IO, "removing %s", name);
    return E_OK;
}

enum err_code dir_remove_all(const char *path, struct err *e)
{
    return dir_remove_all_at(AT_FDCWD, path, e);
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
