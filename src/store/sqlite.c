/* store/sqlite.c - the durable back end: one SQLite file, one writing connection, one more per
 * reader.
 *
 * WAL with synchronous=FULL: a commit is one fsync of the log, and readers see a snapshot without
 * blocking anybody. The lock file beside the database keeps a second server out; tools that only
 * read may open the database.
 */
#include "store/sqlite_int.h"

#include <string.h>

#include "base/heap.h"
#include "store/sqlite_file.h"

struct sqlite {
    struct backend base;
    struct back_view view;
    struct store_files files;
    struct conn writer;
    int64_t commits; /* as the store counts them */
    int64_t changes; /* of the writer, when the transaction began */
    bool failed;     /* the last commit did */
};

struct sqlite_reader {
    struct back_view base;
    struct conn conn;
};

static struct sqlite *sqlite_of(struct backend *b)
{
    return CONTAINER_OF(b, struct sqlite, base);
}

/* Opening. */

static enum err_code use_wal(struct conn *c, const char *path, struct err *e)
{
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(c->db, "PRAGMA journal_mode = WAL", -1, &stmt, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(stmt);
    enum err_code rc = E_OK;
    if (code != SQLITE_ROW)
        rc = conn_err(c, code, path, e);
    else if (strcmp((const char *)sqlite3_column_text(stmt, 0), "wal") != 0)
        rc = err_set(e, E_IO, "%s: no write-ahead log on this file system", path);
    sqlite3_finalize(stmt);
    return rc;
}

enum err_code conn_commits(struct conn *c, int64_t *ret, struct err *e)
{
    int64_t there = 0;
    enum err_code rc = conn_number(
        c, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'commits'", &there,
        e);
    if (rc != E_OK)
        return rc;
    *ret = -1;
    return there ? conn_number(c, "SELECT n FROM commits", ret, e) : E_OK;
}

/* Looked at as it is, before anything is written. */
static enum err_code check_database(struct sqlite *s, struct err *e)
{
    int64_t commits = -1;
    enum err_code rc = migrations_check(&s->writer, migrations_n, e);
    if (rc == E_OK)
        rc = conn_commits(&s->writer, &commits, e);
    if (rc == E_OK)
        rc = store_files_judge(&s->files, commits, e);
    return rc;
}

static enum err_code open_database(struct sqlite *s, struct err *e)
{
    enum err_code rc = conn_open(&s->writer, s->files.path, CONN_WRITER, e);
    if (rc != E_OK)
        return rc;
    rc = check_database(s, e);
    /* What is wrong with it must not be made final: a log that is damaged would be taken as far as
     * it is whole, and thrown away. */
    if (rc != E_OK)
        sqlite3_db_config(s->writer.db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    if (rc == E_OK)
        rc = use_wal(&s->writer, s->files.path, e);
    if (rc == E_OK)
        rc = migrations_run(&s->writer, migrations, migrations_n, e);
    if (rc == E_OK)
        rc = conn_commits(&s->writer, &s->commits, e);
    if (rc == E_OK)
        rc = store_files_begin(&s->files, s->commits, e);
    if (rc != E_OK)
        conn_done(&s->writer);
    return rc;
}

static enum err_code sqlite_open(const char *where, struct backend **ret, struct err *e)
{
    struct sqlite *s = NEW(struct sqlite);
    enum err_code rc = store_files_open(&s->files, where, e);
    if (rc != E_OK) {
        mem_free(s);
        return rc;
    }
    s->base.ops = &sqlite_ops;
    s->view.backend = &s->base;
    rc = open_database(s, e);
    if (rc == E_OK) {
        *ret = &s->base;
        return E_OK;
    }
    store_files_close(&s->files);
    mem_free(s);
    return rc;
}

/* Of files that are not ours any more nothing is made final. */
static void sqlite_close(struct backend *b)
{
    struct sqlite *s = sqlite_of(b);
    if (store_files_check(&s->files, NULL) != E_OK)
        sqlite3_db_config(s->writer.db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    conn_done(&s->writer);
    store_files_close(&s->files);
    mem_free(s);
}

struct conn *sqlite_writer(struct backend *b)
{
    return &sqlite_of(b)->writer;
}

/* Transactions.  After some errors SQLite has rolled back by itself; autocommit tells. */

static enum err_code sqlite_look(struct backend *b, struct err *e)
{
    return store_files_check(&sqlite_of(b)->files, e);
}

static void sqlite_size(const struct backend *b, int64_t *ret_bytes, int64_t *ret_log_bytes)
{
    const struct sqlite *s = CONTAINER_OF(b, const struct sqlite, base);
    struct stat is;

    *ret_bytes = stat(s->files.path, &is) == 0 ? is.st_size : 0;
    *ret_log_bytes = stat(s->files.wal_path, &is) == 0 ? is.st_size : 0;
}

static enum err_code sqlite_begin(struct backend *b, struct err *e)
{
    struct sqlite *s = sqlite_of(b);
    enum err_code rc = store_files_check(&s->files, e);
    if (rc == E_OK)
        rc = conn_step(&s->writer, STMT_BEGIN, e);
    if (rc == E_OK)
        s->changes = sqlite3_total_changes64(s->writer.db);
    return rc;
}

static void sqlite_rollback(struct backend *b)
{
    struct conn *c = &sqlite_of(b)->writer;
    if (sqlite3_get_autocommit(c->db))
        return;
    /* benign: if this fails the connection has rolled back all the same */
    enum err_code rc = conn_step(c, STMT_ROLLBACK, NULL);
    (void)rc;
    check(sqlite3_get_autocommit(c->db));
}

/* The commit counts itself (store/sqlite_file.h). */
static enum err_code count_commit(struct sqlite *s, struct err *e)
{
    enum err_code rc = E_OK;
    sqlite3_stmt *stmt = stmt_plain(&s->writer, STMT_COUNT, &rc, e);
    if (!stmt)
        return rc;
    sqlite3_bind_int64(stmt, 1, s->commits + 1);
    return conn_step(&s->writer, STMT_COUNT, e);
}

static enum err_code sqlite_commit(struct backend *b, struct err *e)
{
    struct sqlite *s = sqlite_of(b);
    /* After a failure also a commit of nothing has to prove that the disk takes it, so that nobody
     * believes it mended who only read. */
    bool changes = sqlite3_total_changes64(s->writer.db) != s->changes || s->failed;
    enum err_code rc = changes ? count_commit(s, e) : E_OK;
    if (rc == E_OK)
        rc = conn_step(&s->writer, STMT_COMMIT, e);
    s->failed = rc != E_OK;
    if (rc != E_OK) {
        sqlite_rollback(b);
        return rc;
    }
    if (!changes)
        return E_OK;
    s->commits++;
    return store_files_committed(&s->files, s->commits, e);
}

static enum err_code sqlite_savepoint(struct backend *b, struct err *e)
{
    return conn_step(&sqlite_of(b)->writer, STMT_SAVEPOINT, e);
}

static enum err_code sqlite_release(struct backend *b, struct err *e)
{
    return conn_step(&sqlite_of(b)->writer, STMT_RELEASE, e);
}

static bool sqlite_revert(struct backend *b)
{
    struct conn *c = &sqlite_of(b)->writer;
    return !sqlite3_get_autocommit(c->db) && conn_step(c, STMT_REVERT, NULL) == E_OK &&
           conn_step(c, STMT_RELEASE, NULL) == E_OK;
}

/* Views. */

static struct conn *conn_of(struct back_view *v)
{
    struct sqlite *s = sqlite_of(v->backend);
    return v == &s->view ? &s->writer : &CONTAINER_OF(v, struct sqlite_reader, base)->conn;
}

static struct back_view *sqlite_writer_view(struct backend *b)
{
    return &sqlite_of(b)->view;
}

static enum err_code sqlite_reader_open(struct backend *b, struct back_view **ret, struct err *e)
{
    const struct store_files *files = &sqlite_of(b)->files;
    enum err_code rc = store_files_same(files, e);
    if (rc != E_OK)
        return rc;
    struct sqlite_reader *r = NEW(struct sqlite_reader);
    r->base.backend = b;
    rc = conn_open(&r->conn, files->path, CONN_READER, e);
    if (rc == E_OK)
        *ret = &r->base;
    else
        mem_free(r);
    return rc;
}

static void sqlite_reader_end(struct back_view *v)
{
    struct conn *c = conn_of(v);
    if (sqlite3_get_autocommit(c->db))
        return;
    /* benign: there is nothing to lose in a snapshot */
    enum err_code rc = conn_step(c, STMT_ROLLBACK, NULL);
    (void)rc;
}

/* BEGIN alone takes no snapshot: the first read does. */
static enum err_code sqlite_reader_begin(struct back_view *v, struct err *e)
{
    struct conn *c = conn_of(v);
    enum err_code rc = store_files_same(&sqlite_of(v->backend)->files, e);
    if (rc == E_OK)
        rc = conn_step(c, STMT_READ, e);
    if (rc == E_OK)
        rc = conn_step(c, STMT_SNAPSHOT, e);
    if (rc != E_OK)
        sqlite_reader_end(v);
    return rc;
}

static void sqlite_reader_close(struct back_view *v)
{
    struct sqlite_reader *r = CONTAINER_OF(v, struct sqlite_reader, base);
    conn_done(&r->conn);
    mem_free(r);
}

/* Rows. */

static enum err_code sqlite_insert(struct backend *b, const struct table *t, const void *row,
                                   struct err *e)
{
    return rows_insert(&sqlite_of(b)->writer, t, row, STMT_INSERT, e);
}

static enum err_code sqlite_put(struct backend *b, const struct table *t, const void *row,
                                struct err *e)
{
    return rows_insert(&sqlite_of(b)->writer, t, row, STMT_PUT, e);
}

static enum err_code sqlite_update(struct backend *b, const struct table *t, const void *row,
                                   uint64_t columns, struct err *e)
{
    return rows_update(&sqlite_of(b)->writer, t, row, columns, e);
}

static enum err_code sqlite_remove(struct backend *b, const struct table *t, const void *row,
                                   struct err *e)
{
    return rows_remove(&sqlite_of(b)->writer, t, row, e);
}

static enum err_code sqlite_remove_where(struct backend *b, const struct query *q, int64_t *ret_n,
                                         struct err *e)
{
    return rows_remove_where(&sqlite_of(b)->writer, q, ret_n, e);
}

static enum err_code sqlite_get(struct back_view *v, const struct table *t, int index,
                                uint64_t columns, struct arena *a, void *row, struct err *e)
{
    return rows_get(conn_of(v), t, index, columns, a, row, e);
}

static enum err_code sqlite_run(struct back_view *v, const struct query *q, query_each *each,
                                void *ctx, struct err *e)
{
    return rows_run(conn_of(v), q, each, ctx, e);
}

static enum err_code sqlite_count(struct back_view *v, const struct query *q, int64_t *ret,
                                  struct err *e)
{
    return rows_count(conn_of(v), q, ret, e);
}

const struct store_ops sqlite_ops = {
    .name = "sqlite",
    .open = sqlite_open,
    .close = sqlite_close,
    .look = sqlite_look,
    .size = sqlite_size,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .savepoint = sqlite_savepoint,
    .release = sqlite_release,
    .revert = sqlite_revert,
    .writer_view = sqlite_writer_view,
    .reader_open = sqlite_reader_open,
    .reader_begin = sqlite_reader_begin,
    .reader_end = sqlite_reader_end,
    .reader_close = sqlite_reader_close,
    .insert = sqlite_insert,
    .update = sqlite_update,
    .put = sqlite_put,
    .remove = sqlite_remove,
    .remove_where = sqlite_remove_where,
    .get = sqlite_get,
    .run = sqlite_run,
    .count = sqlite_count,
};
