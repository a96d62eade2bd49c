/* sys/below.c - files below an open folder, by paths that others chose. */
#include "sys/below.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/list.h"
#include "sys/file.h"

enum { FOLDER_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, PART_MAX = 255 };

enum err_code below_root(const char *path, unsigned mode, int *ret_fd, struct err *e)
{
    enum err_code rc = dir_make_durable(path, mode, e);

    if (rc != E_OK)
        return rc;
    int fd = open(path, FOLDER_FLAGS);
    if (fd < 0 || fchmod(fd, (mode_t)mode) != 0) {
        rc = err_errno(e, E_IO, "opening %s", path);
        if (fd >= 0)
            close(fd);
        return rc;
    }
    *ret_fd = fd;
    return E_OK;
}

enum err_code below_path(int root, struct arena *a, struct str *ret, struct err *e)
{
    char link[64], path[4096];

    snprintf(link, sizeof(link), "/proc/self/fd/%d", root);
    ssize_t n = readlink(link, path, sizeof(path));
    if (n <= 0 || (size_t)n == sizeof(path) || path[0] != '/')
        return err_errno(e, E_IO, "finding where a folder is");
    *ret = arena_str(a, str_make(path, (size_t)n));
    return E_OK;
}

static enum err_code failed(struct err *e, const char *what, struct str path)
{
    enum err_code rc = errno == ENOENT                         ? E_MISSING
                       : errno == ELOOP || errno == ENOTDIR    ? E_DENIED
                       : errno == EEXIST || errno == ENOTEMPTY ? E_EXISTS
                                                               : E_IO;

    return err_errno(e, rc, "%s %.*s", what, STR_ARG(str_sub(path, 0, 200)));
}

/* One part of a path as a C string.  False: it is none. */
static bool take_part(struct str part, char out[PART_MAX + 1])
{
    if (part.len == 0 || part.len > PART_MAX || memchr(part.ptr, '\0', part.len) ||
        str_eq_c(part, ".") || str_eq_c(part, ".."))
        return false;
    memcpy(out, part.ptr, part.len);
    out[part.len] = '\0';
    return true;
}

/* Whatever the umask is: attempts of other users pass through what is made in the tree. */
static bool make_folder(int at, const char *name)
{
    return mkdirat(at, name, 0755) == 0 && fchmodat(at, name, 0755, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Open the folder that has the last part, whose name goes to `name`; make: what is missing. */
static enum err_code open_parent(int root, struct str path, bool make, int *ret_fd,
                                 char name[PART_MAX + 1], struct err *e)
{
    struct str rest = path;
    int at = fcntl(root, F_DUPFD_CLOEXEC, 3), next;

    if (at < 0)
        return err_errno(e, E_IO, "opening a folder");
    for (;;) {
        if (path.len > BELOW_PATH_MAX || !take_part(str_split(&rest, '/'), name)) {
            close(at);
            return err_set(e, E_RANGE, "'%.*s' is not a usable path",
                           STR_ARG(str_sub(path, 0, 200)));
        }
        if (!rest.ptr)
            break;
        next = openat(at, name, FOLDER_FLAGS);
        if (next < 0 && errno == ENOENT && make && (make_folder(at, name) || errno == EEXIST))
            next = openat(at, name, FOLDER_FLAGS);
        int saved = errno;
        close(at);
        errno = saved;
        if (next < 0)
            return failed(e, "opening", path);
        at = next;
    }
    *ret_fd = at;
    return E_OK;
}

enum err_code below_open(int root, struct str path, int *ret_fd, int64_t *ret_size, struct err *e)
{
    char name[PART_MAX + 1];
    struct stat st;
    int parent, fd;
    enum err_code rc = open_parent(root, path, false, &parent, name, e);

    if (rc != E_OK)
        return rc;
    /* Not to wait for whoever writes into a pipe. */
    fd = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        rc = failed(e, "opening", path);
    close(parent);
    if (fd < 0)
        return rc;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return err_set(e, E_DENIED, "%.*s is not a regular file", STR_ARG(str_sub(path, 0, 200)));
    }
    *ret_fd = fd;
    *ret_size = st.st_size;
    return E_OK;
}

static bool write_at(int fd, struct str bytes, off_t offset)
{
    while (bytes.len > 0) {
        ssize_t n = pwrite(fd, bytes.ptr, bytes.len, offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes = str_sub(bytes, (size_t)n, bytes.len);
        offset += n;
    }
    return true;
}

/* What was half written is taken back, so that the part can be sent again. */
static enum err_code append(int fd, struct str path, int64_t offset, struct str bytes,
                            int64_t *ret_size, struct err *e)
{
    struct stat st;

    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return err_errno(e, errno == EWOULDBLOCK ? E_BUSY : E_IO, "locking %.*s", STR_ARG(path));
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return err_set(e, E_DENIED, "%.*s is not a regular file", STR_ARG(path));
    if (offset != 0 && offset != st.st_size) {
        *ret_size = st.st_size;
        return err_set(e, E_STALE, "%.*s has %lld bytes", STR_ARG(path), (long long)st.st_size);
    }
    if ((offset == 0 && ftruncate(fd, 0) != 0) || !write_at(fd, bytes, offset) || fsync(fd) != 0) {
        enum err_code rc = err_errno(e, E_IO, "writing %.*s", STR_ARG(path));
        if (ftruncate(fd, offset) != 0) {
            /* benign: the client is told the size when it goes on */
        }
        return rc;
    }
    *ret_size = offset + (int64_t)bytes.len;
    return E_OK;
}

/* The names of new folders become durable with their parents. */
static bool sync_folders(int root, struct str path)
{
    struct str rest = path;
    char name[PART_MAX + 1];
    bool ok = fsync(root) == 0;
    int at = root, next;

    while (ok && rest.ptr) {
        struct str part = str_split(&rest, '/');
        if (!rest.ptr)
            break;
        next = take_part(part, name) ? openat(at, name, FOLDER_FLAGS) : -1;
        if (at != root)
            close(at);
        at = next;
        ok = at >= 0 && fsync(at) == 0;
    }
    if (at >= 0 && at != root)
        close(at);
    return ok;
}

enum err_code below_append(int root, struct str path, int64_t offset, struct str bytes,
                           int64_t *ret_size, struct err *e)
{
    char name[PART_MAX + 1];
    int parent, fd;
    enum err_code rc = open_parent(root, path, offset == 0, &parent, name, e);

    if (rc != E_OK)
        return rc;
    fd = openat(parent, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    bool made = false;
    if (fd < 0 && errno == ENOENT && offset == 0) {
        fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        made = fd >= 0;
    }
    if (fd < 0)
        rc = failed(e, "opening", path);
    else
        rc = append(fd, str_sub(path, 0, 200), offset, bytes, ret_size, e);
    if (fd >= 0)
        close(fd);
    close(parent);
    if (rc == E_OK && made && !sync_folders(root, path))
        rc = err_errno(e, E_IO, "writing %.*s", STR_ARG(str_sub(path, 0, 200)));
    return rc;
}

static int open_folder(int root, struct str path)
{
    char name[PART_MAX + 1];
    int parent, fd;

    if (path.len == 0)
        return openat(root, ".", FOLDER_FLAGS);
    if (open_parent(root, path, false, &parent, name, NULL) != E_OK)
        return -1;
    fd = openat(parent, name, FOLDER_FLAGS);
    int saved = errno;
    close(parent);
    errno = saved;
    return fd;
}

bool below_is_folder(int root, struct str path)
{
    int fd = open_folder(root, path);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

enum err_code below_folder(int root, struct str path, struct err *e)
{
    char name[PART_MAX + 1];
    struct stat st;
    int parent;
    enum err_code rc = open_parent(root, path, true, &parent, name, e);

    if (rc != E_OK)
        return rc;
    if (!make_folder(parent, name) &&
        (errno != EEXIST || fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
         !S_ISDIR(st.st_mode)))
        rc = failed(e, "making the folder", path);
    close(parent);
    return rc;
}

static bool is_same(int a, const char *name, int b, const char *other)
{
    struct stat first, second;

    return fstatat(a, name, &first, AT_SYMLINK_NOFOLLOW) == 0 &&
           fstatat(b, other, &second, AT_SYMLINK_NOFOLLOW) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

enum err_code below_link(int from, const char *name, int root, struct str path, const char *spare,
                         struct err *e)
{
    char last[PART_MAX + 1];
    int parent;
    enum err_code rc = open_parent(root, path, false, &parent, last, e);

    if (rc != E_OK)
        return rc;
    if (!is_same(from, name, parent, last)) {
        (void)unlinkat(root, spare, 0); /* of a crash */
        if (linkat(from, name, root, spare, 0) != 0 || renameat(root, spare, parent, last) != 0) {
            rc = failed(e, "naming", path);
            (void)unlinkat(root, spare, 0);
        }
    }
    close(parent);
    return rc;
}

enum err_code below_move(int root, struct str from, struct str to, struct err *e)
{
    char old_name[PART_MAX + 1], new_name[PART_MAX + 1];
    int old_parent, new_parent;
    enum err_code rc = open_parent(root, from, false, &old_parent, old_name, e);

    if (rc != E_OK)
        return rc;
    rc = open_parent(root, to, false, &new_parent, new_name, e);
    if (rc == E_OK) {
        if (renameat(old_parent, old_name, new_parent, new_name) != 0)
            rc = failed(e, "moving", from);
        close(new_parent);
    }
    close(old_parent);
    return rc;
}

enum err_code below_remove(int root, struct str path, struct err *e)
{
    char name[PART_MAX + 1];
    int parent;
    enum err_code rc = open_parent(root, path, false, &parent, name, e);

    if (rc != E_OK)
        return rc == E_MISSING || rc == E_DENIED ? E_OK : rc;
    if (unlinkat(parent, name, 0) != 0) {
        if (errno == EISDIR || errno == EPERM)
            rc = dir_remove_all_at(parent, name, e);
        else if (errno != ENOENT)
            rc = failed(e, "removing", path);
    }
    close(parent);
    return rc == E_MISSING ? E_OK : rc;
}

/* ---- walk ------------------------------------------------------------------------------------ */

/* A folder that is still to be read. */
struct waiting {
    struct list node;
    char *path; /* owned; empty: the root */
};

static void wait_for(struct list *all, struct str path)
{
    struct waiting *w = NEW(struct waiting);

    w->path = mem_alloc(path.len + 1);
    if (path.len > 0)
        memcpy(w->path, path.ptr, path.len);
    w->path[path.len] = '\0';
    list_push_back(all, &w->node);
}

/* False: `each` stopped it. */
static bool visit(DIR *dir, struct str path, struct list *all, below_each *each, void *ctx)
{
    struct dirent *d;
    struct stat st;
    bool goes_on = true;

    while (goes_on && (d = readdir(dir)) != NULL) {
        char inner[BELOW_PATH_MAX + PART_MAX + 2];
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0 ||
            fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        snprintf(inner, sizeof(inner), "%.*s%s%s", STR_ARG(path), path.len > 0 ? "/" : "",
                 d->d_name);
        struct below_entry entry = { .path = str_from(inner),
                                     .is_folder = S_ISDIR(st.st_mode),
                                     .is_file = S_ISREG(st.st_mode),
                                     .size = st.st_size };
        goes_on = each(ctx, &entry);
        if (entry.is_folder && entry.path.len <= BELOW_PATH_MAX)
            wait_for(all, entry.path);
    }
    return goes_on;
}

enum err_code below_walk(int root, struct str path, below_each *each, void *ctx, struct err *e)
{
    struct list all, *node;
    enum err_code rc = E_OK;
    bool goes_on = true;

    list_init(&all);
    wait_for(&all, path);
    while ((node = list_pop_front(&all)) != NULL) {
        struct waiting *w = CONTAINER_OF(node, struct waiting, node);
        int fd = goes_on ? open_folder(root, str_from(w->path)) : -1;
        DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
        if (goes_on && !dir && errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
            rc = err_errno(e, E_IO, "reading the folder %s", w->path);
            goes_on = false;
        }
        if (dir) {
            goes_on = visit(dir, str_from(w->path), &all, each, ctx);
            closedir(dir);
        } else if (fd >= 0) {
            close(fd);
        }
        mem_free(w->path);
        mem_free(w);
    }
    return rc;
}
