/* store/sqlite.c - the durable back end: one SQLite file, one writing connection, one more per
 * reader.
 *
 * WAL with synchronous=FULL: a commit is one fsync of the log, and readers see a snapshot without
 * blocking anybody. The lock file beside the database keeps a second server out; tools that only
 * read may open the database.
 */
#include "store/sqlite_int.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/heap.h"
#include "sys/file.h"

enum { BUSY_TIMEOUT_MS = 2000, PATH_BYTES_MAX = 4096 };

struct sqlite {
    struct backend base;
    struct back_view view;
    char *path; /* owned */
    int lock_fd;
    struct conn writer;
};

struct sqlite_reader {
    struct back_view base;
    struct conn conn;
};

static struct sqlite *sqlite_of(struct backend *b)
{
    return CONTAINER_OF(b, struct sqlite, base);
}

/* Connections. */

enum err_code conn_err(const struct conn *c, int rc, const char *doing, struct err *e)
{
    enum err_code code = E_IO;
    switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        code = E_BUSY;
        break;
    case SQLITE_CONSTRAINT:
        code = E_EXISTS;
        break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_MISMATCH:
        code = E_CORRUPT;
        break;
    case SQLITE_TOOBIG:
        code = E_LIMIT;
        break;
    default:
        break;
    }
    err_set(e, code, "%s: %s", doing, c->db ? sqlite3_errmsg(c->db) : sqlite3_errstr(rc));
    if (e && code == E_IO && c->db)
        e->os_error = sqlite3_system_errno(c->db);
    return code;
}

enum err_code conn_exec(struct conn *c, const char *sql, struct err *e)
{
    int code = sqlite3_exec(c->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? E_OK : conn_err(c, code, sql, e);
}

static struct str value_text(sqlite3_value *value)
{
    const char *ptr = (const char *)sqlite3_value_text(value);
    return str_make(ptr, ptr ? (size_t)sqlite3_value_bytes(value) : 0);
}

static void sql_text_contains(sqlite3_context *ctx, int n, sqlite3_value **values)
{
    (void)n;
    sqlite3_result_int(ctx, text_contains(value_text(values[0]), value_text(values[1])));
}

static void sql_text_has_item(sqlite3_context *ctx, int n, sqlite3_value **values)
{
    (void)n;
    sqlite3_result_int(ctx, text_has_item(value_text(values[0]), value_text(values[1])));
}

static int conn_functions(struct conn *c)
{
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    int code = sqlite3_create_function_v2(c->db, "text_contains", 2, flags, NULL, sql_text_contains,
                                          NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_create_function_v2(c->db, "text_has_item", 2, flags, NULL, sql_text_has_item,
                                          NULL, NULL, NULL);
    return code;
}

/* Counting its memory costs SQLite a lock at every allocation; nobody asks for the numbers.  Only
 * possible before its first use, and of no consequence when that is past. */
static void configure_once(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

enum err_code conn_open(struct conn *c, const char *path, enum conn_kind kind, struct err *e)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    check(pthread_once(&once, configure_once) == 0);
    memset(c, 0, sizeof(*c));
    int code = sqlite3_open_v2(
        path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK) {
        enum err_code rc = conn_err(c, code, path, e);
        conn_done(c);
        return rc;
    }
    sqlite3_extended_result_codes(c->db, 1);
    sqlite3_busy_timeout(c->db, BUSY_TIMEOUT_MS);
    /* "name" is a name, never a text, so a misspelt column is an error. */
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    /* No mmap: a disk that fails must answer with an error, not with a signal. */
    const char *pragmas =
        kind == CONN_WRITER
            ? "PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY;"
              "PRAGMA cache_size = -32768; PRAGMA mmap_size = 0;"
              "PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;"
            : "PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY;"
              "PRAGMA cache_size = -4096; PRAGMA mmap_size = 0; PRAGMA query_only = ON;";
    enum err_code rc = E_OK;
    code = conn_functions(c);
    if (code != SQLITE_OK)
        rc = conn_err(c, code, path, e);
    else
        rc = conn_exec(c, pragmas, e);
    if (rc != E_OK)
        conn_done(c);
    return rc;
}

void conn_done(struct conn *c)
{
    stmt_finalize_all(c);
    check(sqlite3_close(c->db) == SQLITE_OK);
    memset(c, 0, sizeof(*c));
}

static enum err_code conn_step(struct conn *c, enum conn_stmt which, struct err *e)
{
    enum err_code rc = E_OK;
    sqlite3_stmt *stmt = stmt_plain(c, which, &rc, e);
    if (!stmt)
        return rc;
    int code = sqlite3_step(stmt);
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        rc = conn_err(c, code, sqlite3_sql(stmt), e);
    sqlite3_reset(stmt);
    return rc;
}

/* Opening. */

static enum err_code take_lock(const char *path, int *ret_fd, struct err *e)
{
    struct buf name;
    buf_init(&name, PATH_BYTES_MAX);
    buf_printf(&name, "%s.lock", path);
    enum err_code rc = E_LIMIT;
    if (name.overflow)
        err_set(e, rc, "path of the database is longer than %d bytes", PATH_BYTES_MAX);
    else
        rc = file_lock(name.ptr, ret_fd, e);
    if (rc == E_BUSY)
        err_set(e, rc, "%s is in use by another weft server", path);
    buf_done(&name);
    return rc;
}

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

static enum err_code open_database(struct sqlite *s, struct err *e)
{
    enum err_code rc = E_OK;
    if (!file_exists(s->path))
        rc = file_write_quick(s->path, STR(""), 0600, e);
    if (rc == E_OK)
        rc = conn_open(&s->writer, s->path, CONN_WRITER, e);
    if (rc != E_OK)
        return rc;
    rc = migrations_check(&s->writer, migrations_n, e);
    if (rc == E_OK)
        rc = use_wal(&s->writer, s->path, e);
    if (rc == E_OK)
        rc = migrations_run(&s->writer, migrations, migrations_n, e);
    if (rc != E_OK)
        conn_done(&s->writer);
    return rc;
}

static enum err_code sqlite_open(const char *where, struct backend **ret, struct err *e)
{
    int lock_fd = -1;
    enum err_code rc = take_lock(where, &lock_fd, e);
    if (rc != E_OK)
        return rc;
    struct sqlite *s = NEW(struct sqlite);
    s->base.ops = &sqlite_ops;
    s->view.backend = &s->base;
    s->path = mem_strdup(str_from(where));
    s->lock_fd = lock_fd;
    rc = open_database(s, e);
    if (rc == E_OK) {
        *ret = &s->base;
        return E_OK;
    }
    close(s->lock_fd);
    mem_free(s->path);
    mem_free(s);
    return rc;
}

static void sqlite_close(struct backend *b)
{
    struct sqlite *s = sqlite_of(b);
    conn_done(&s->writer);
    close(s->lock_fd);
    mem_free(s->path);
    mem_free(s);
}

struct conn *sqlite_writer(struct backend *b)
{
    return &sqlite_of(b)->writer;
}

/* Transactions.  After some errors SQLite has rolled back by itself; autocommit tells. */

static enum err_code sqlite_begin(struct backend *b, struct err *e)
{
    return conn_step(&sqlite_of(b)->writer, STMT_BEGIN, e);
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

static enum err_code sqlite_commit(struct backend *b, struct err *e)
{
    enum err_code rc = conn_step(&sqlite_of(b)->writer, STMT_COMMIT, e);
    if (rc != E_OK)
        sqlite_rollback(b);
    return rc;
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
    struct sqlite_reader *r = NEW(struct sqlite_reader);
    r->base.backend = b;
    enum err_code rc = conn_open(&r->conn, sqlite_of(b)->path, CONN_READER, e);
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
    enum err_code rc = conn_step(c, STMT_READ, e);
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
                                struct arena *a, void *row, struct err *e)
{
    return rows_get(conn_of(v), t, index, a, row, e);
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
