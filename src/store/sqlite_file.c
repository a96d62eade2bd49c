/* store/sqlite_file.c - the files of the store seen from outside: are they whole, and still ours?
 */
#include "store/sqlite_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"

static const char magic[] = "SQLite format 3"; /* with its NUL, the first bytes of every database */
enum { MARK_BYTES = 29, PATH_BYTES_MAX = 4096, INDEX_BYTES = 1 << 20 };

static char *name_beside(const char *path, const char *ending)
{
    struct buf name;

    buf_init(&name, PATH_BYTES_MAX + 16);
    buf_printf(&name, "%s%s", path, ending);
    check(!name.overflow);
    char *copy = mem_strdup(buf_str(&name));
    buf_done(&name);
    return copy;
}

static enum err_code damaged(struct err *e, const char *path, const char *what)
{
    return err_set(e, E_CORRUPT,
                   "%s %s; nothing was changed. Put a whole copy in its place (docs/operations.md, "
                   "\"A store that is damaged\")",
                   path, what);
}

/* -1: there is no mark, so nothing is promised. */
static enum err_code mark_read(struct store_files *f, int64_t *ret, struct err *e)
{
    struct buf text;
    uint64_t n;
    enum err_code rc;

    buf_init(&text, MARK_BYTES + 1);
    rc = file_read(f->mark_path, &text, e);
    if (rc == E_MISSING) {
        *ret = -1;
        rc = E_OK;
    } else if (rc == E_OK || rc == E_LIMIT) {
        struct str line = str_trim(buf_str(&text));
        if (rc == E_OK && text.len == MARK_BYTES && str_starts_with(line, STR("commits ")) &&
            str_to_u64(str_trim(str_sub(line, 8, line.len)), &n) && n <= INT64_MAX) {
            *ret = (int64_t)n;
        } else {
            rc = err_set(e, E_CORRUPT,
                         "%s is not what this program wrote: check %s and what else is on this "
                         "disk; to go on, remove the mark (docs/operations.md, \"A store that is "
                         "damaged\")",
                         f->mark_path, f->path);
        }
    }
    buf_done(&text);
    return rc;
}

static void mark_text(int64_t n, char ret[MARK_BYTES + 1])
{
    /* One length for all, so that it is written over in place, in one sector. */
    snprintf(ret, MARK_BYTES + 1, "commits %020lld\n", (long long)n);
}

/* Before SQLite sees them: of a file that is empty it would throw the log away, too. */
static enum err_code look_before(struct store_files *f, struct err *e)
{
    char head[sizeof(magic)] = "";
    struct stat st;

    if (stat(f->path, &st) != 0) {
        if (errno != ENOENT)
            return err_errno(e, E_IO, "looking at %s", f->path);
        if (f->promised > 0)
            return damaged(e, f->path, "is gone, and there was a store");
        if (stat(f->wal_path, &st) == 0 && st.st_size > 0)
            return damaged(e, f->path, "is gone, and its log is there");
        return file_write_quick(f->path, STR(""), 0600, e);
    }
    if (!S_ISREG(st.st_mode))
        return err_set(e, E_CORRUPT, "%s is not a file", f->path);
    if (st.st_size == 0 && f->promised > 0)
        return damaged(e, f->path, "is empty, and there was a store");
    if (st.st_size == 0 && stat(f->wal_path, &st) == 0 && st.st_size > 0)
        return damaged(e, f->path, "is empty, and its log is there");
    int fd = open(f->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(e, E_IO, "opening %s", f->path);
    ssize_t n = pread(fd, head, sizeof(head), 0);
    close(fd);
    if (n > 0 && memcmp(head, magic, sizeof(magic)) != 0)
        return damaged(e, f->path, "is not a database");
    return E_OK;
}

enum err_code store_files_open(struct store_files *f, const char *path, struct err *e)
{
    if (strlen(path) > PATH_BYTES_MAX)
        return err_set(e, E_LIMIT, "path of the database is longer than %d bytes", PATH_BYTES_MAX);
    *f = (struct store_files){ .lock_fd = -1, .db_fd = -1, .shm_fd = -1, .mark_fd = -1 };
    f->path = name_beside(path, "");
    f->wal_path = name_beside(path, "-wal");
    f->mark_path = name_beside(path, ".mark");
    char *lock_path = name_beside(path, ".lock");
    enum err_code rc = file_lock(lock_path, &f->lock_fd, e);
    mem_free(lock_path);
    if (rc == E_OK)
        rc = mark_read(f, &f->promised, e);
    if (rc == E_OK)
        rc = look_before(f, e);
    /* Also the file itself is locked: who removes what he takes for a stale lock file must not get
     * two servers.  SQLite's own locks are of another kind, and tools may read. */
    if (rc == E_OK)
        rc = file_lock(f->path, &f->db_fd, e);
    if (rc == E_BUSY)
        err_set(e, rc, "%s is in use by another weft server", path);
    if (rc != E_OK)
        store_files_close(f);
    return rc;
}

enum err_code store_files_promised(const char *path, int64_t *ret, struct err *e)
{
    char *mark = name_beside(path, ".mark");
    struct store_files f = { .path = (char *)(uintptr_t)path, .mark_path = mark };
    enum err_code rc = mark_read(&f, ret, e);

    mem_free(mark);
    return rc;
}

void store_files_close(struct store_files *f)
{
    /* Closing a file drops SQLite's locks on it, so this comes after SQLite's end. */
    int fds[] = { f->mark_fd, f->shm_fd, f->db_fd, f->lock_fd };

    for (size_t i = 0; i < ARRAY_LEN(fds); i++)
        if (fds[i] >= 0)
            close(fds[i]);
    mem_free(f->path);
    mem_free(f->wal_path);
    mem_free(f->mark_path);
    *f = (struct store_files){ .lock_fd = -1, .db_fd = -1, .shm_fd = -1, .mark_fd = -1 };
}

enum err_code store_files_judge(const struct store_files *f, int64_t commits, struct err *e)
{
    if (commits >= f->promised)
        return E_OK;
    return err_set(e, E_CORRUPT,
                   "%s has %lld changes of %lld that were acknowledged: the newest are gone (was "
                   "%s removed or damaged, or an older copy put here?). Nothing was changed. "
                   "docs/operations.md, \"A store that is damaged\", says what to do",
                   f->path, (long long)(commits < 0 ? 0 : commits), (long long)f->promised,
                   f->wal_path);
}

/* Room for the index of a log of 500 MB.  SQLite makes the index longer only after the commit is in
 * the log: without room for it the commit would be refused, and be there after a kill. */
static void reserve_index(struct store_files *f)
{
    char *shm_path = name_beside(f->path, "-shm");

    f->shm_fd = open(shm_path, O_RDWR | O_CLOEXEC);
    if (f->shm_fd >= 0 && posix_fallocate(f->shm_fd, 0, INDEX_BYTES) != 0) {
        /* benign: the disk is full already, or the file system cannot */
    }
    mem_free(shm_path);
}

enum err_code store_files_begin(struct store_files *f, int64_t commits, struct err *e)
{
    char text[MARK_BYTES + 1];
    struct stat st;
    enum err_code rc = E_OK;

    if (fstat(f->db_fd, &f->db) != 0 || stat(f->wal_path, &f->wal) != 0)
        return err_errno(e, E_IO, "looking at %s", f->wal_path);
    mark_text(commits, text);
    if (stat(f->mark_path, &st) != 0)
        rc = file_write_atomic(f->mark_path, str_from(text), 0600, e);
    if (rc != E_OK)
        return rc;
    f->mark_fd = open(f->mark_path, O_WRONLY | O_CLOEXEC);
    if (f->mark_fd < 0)
        return err_errno(e, E_IO, "opening %s", f->mark_path);
    f->db_bytes = f->db.st_size;
    f->wal_bytes = f->wal.st_size;
    reserve_index(f);
    return E_OK;
}

static bool is_same(const char *path, const struct stat *before, struct stat *ret)
{
    return stat(path, ret) == 0 && ret->st_dev == before->st_dev && ret->st_ino == before->st_ino;
}

static enum err_code lost(const char *path, const char *how, struct err *e)
{
    return err_set(e, E_IO,
                   "%s was %s while the server runs; nothing is written and nothing answered until "
                   "it is back (docs/operations.md, \"A store that is damaged\")",
                   path, how);
}

/* As they are now; E_IO when they are not those that were opened. */
static enum err_code look_again(const struct store_files *f, struct stat *ret_db,
                                struct stat *ret_wal, struct err *e)
{
    if (!is_same(f->path, &f->db, ret_db))
        return lost(f->path, "removed or replaced", e);
    if (!is_same(f->wal_path, &f->wal, ret_wal))
        return lost(f->wal_path, "removed or replaced", e);
    return E_OK;
}

enum err_code store_files_same(const struct store_files *f, struct err *e)
{
    struct stat db, wal;

    return look_again(f, &db, &wal, e);
}

enum err_code store_files_check(const struct store_files *f, struct err *e)
{
    struct stat db, wal;
    enum err_code rc = look_again(f, &db, &wal, e);

    if (rc == E_OK && db.st_size < f->db_bytes)
        rc = lost(f->path, "cut short", e);
    if (rc == E_OK && wal.st_size < f->wal_bytes)
        rc = lost(f->wal_path, "cut short", e);
    return rc;
}

enum err_code store_files_committed(struct store_files *f, int64_t commits, struct err *e)
{
    char text[MARK_BYTES + 1];
    struct stat db, wal;
    enum err_code rc = look_again(f, &db, &wal, e);

    if (rc != E_OK)
        return rc;
    /* SQLite cuts its log when it begins anew, and makes the database longer, at commits only. */
    f->db_bytes = db.st_size;
    f->wal_bytes = wal.st_size;
    mark_text(commits, text);
    if (pwrite(f->mark_fd, text, MARK_BYTES, 0) != MARK_BYTES) {
        /* benign: what it promises is less than what there is */
    }
    return E_OK;
}
