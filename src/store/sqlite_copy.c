/* store/sqlite_copy.c - a copy of the store's file, of one moment, beside a server that writes.
 *
 * SQLite's backup reads in one snapshot, the log included, and is told of no other program's
 * changes: the server goes on, and only cannot use its log again until the copy is done.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/instance.h"
#include "store/sqlite_file.h"
#include "store/sqlite_int.h"
#include "store/store.h"

/* The path is ours from the start, so that nobody reads it while it grows. */
static enum err_code make_file(const char *path, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        return err_errno(e, errno == EEXIST ? E_EXISTS : E_IO, "creating %s", path);
    close(fd);
    return E_OK;
}

/* Whole pages, all at once: in steps it would begin anew whenever the server has written. */
static enum err_code copy_pages(struct conn *from, struct conn *to, struct err *e)
{
    sqlite3_backup *copy = sqlite3_backup_init(to->db, "main", from->db, "main");
    int code = copy ? sqlite3_backup_step(copy, -1) : sqlite3_errcode(to->db);

    if (copy) {
        int ended = sqlite3_backup_finish(copy);
        code = code == SQLITE_DONE ? ended : code;
    }
    return code == SQLITE_OK ? E_OK : conn_err(to, code, "copying the store", e);
}

/* The copy itself is looked at, so that a bad one is not found out in need. */
static enum err_code check_whole(struct conn *c, struct err *e)
{
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(c->db, "PRAGMA quick_check(1)", -1, &stmt, NULL);
    enum err_code rc = E_OK;

    if (code == SQLITE_OK)
        code = sqlite3_step(stmt);
    const char *said = code == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
    if (!said)
        rc = conn_err(c, code, "checking the copy", e);
    else if (strcmp(said, "ok") != 0)
        rc = err_set(e, E_CORRUPT,
                     "the store is damaged (%s): docs/operations.md, \"A store that is damaged\", "
                     "says what to do",
                     said);
    sqlite3_finalize(stmt);
    return rc;
}

/* promised before the copy was begun: what was acknowledged since may be missing in it. */
static enum err_code check_promise(struct conn *c, int64_t promised, int64_t *ret_commits,
                                   struct err *e)
{
    enum err_code rc = conn_commits(c, ret_commits, e);

    if (rc == E_OK && *ret_commits < promised)
        rc = err_set(e, E_CORRUPT,
                     "the store has %lld changes of %lld that were acknowledged: "
                     "docs/operations.md, \"A store that is damaged\", says what to do",
                     (long long)*ret_commits, (long long)promised);
    return rc;
}

static enum err_code look_inside(struct conn *c, struct store_copy *ret, struct err *e)
{
    char running[96];
    int64_t fence = 0;
    enum err_code rc;

    snprintf(running, sizeof(running), "SELECT count(*) FROM instance WHERE state = %d",
             INSTANCE_RUNNING);
    rc = conn_number(c, running, &ret->running, e);
    if (rc == E_OK)
        rc = conn_number(
            c, "SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM meta WHERE key = 'fence'",
            &fence, e);
    if (rc == E_OK && fence < 0)
        rc = err_set(e, E_CORRUPT, "the stored fence is not a number");
    if (rc == E_OK)
        ret->fence = (uint64_t)fence;
    return rc;
}

static enum err_code copy_into(struct conn *from, const char *to_path, int64_t promised,
                               struct store_copy *ret, struct err *e)
{
    struct conn to;
    enum err_code rc = make_file(to_path, e);

    if (rc != E_OK)
        return rc;
    rc = conn_open(&to, to_path, CONN_WRITER, e);
    if (rc != E_OK)
        return rc;
    rc = copy_pages(from, &to, e);
    if (rc == E_OK)
        rc = check_whole(&to, e);
    if (rc == E_OK)
        rc = check_promise(&to, promised, &ret->commits, e);
    if (rc == E_OK)
        rc = look_inside(&to, ret, e);
    conn_done(&to);
    return rc;
}

enum err_code store_copy(const char *from_path, const char *to_path, struct store_copy *ret,
                         struct err *e)
{
    struct store_copy copy = { .commits = -1 };
    int64_t promised = -1;
    struct conn from;
    struct stat is;

    if (stat(from_path, &is) != 0)
        return err_errno(e, errno == ENOENT ? E_MISSING : E_IO, "looking at %s", from_path);
    enum err_code rc = store_files_promised(from_path, &promised, e);
    if (rc != E_OK || (rc = conn_open(&from, from_path, CONN_READER, e)) != E_OK)
        return rc;
    /* No server may be there: then this connection is the last one, and must leave the log. */
    sqlite3_db_config(from.db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    rc = migrations_check(&from, migrations_n, e);
    if (rc == E_OK)
        rc = copy_into(&from, to_path, promised, &copy, e);
    conn_done(&from);
    if (rc == E_OK && stat(to_path, &is) != 0)
        rc = err_errno(e, E_IO, "looking at %s", to_path);
    if (rc != E_OK)
        return rc;
    copy.bytes = is.st_size;
    *ret = copy;
    return E_OK;
}
