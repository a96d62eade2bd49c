/* store/sqlite_conn.c - a connection: how it is opened, its settings, and SQLite's errors in ours.
 */
#include "store/sqlite_int.h"

#include <pthread.h>
#include <string.h>

enum { BUSY_TIMEOUT_MS = 2000 };

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
    const char *file = c->db ? sqlite3_db_filename(c->db, "main") : NULL;
    bool is_newest = c->db && sqlite3_extended_errcode(c->db) == rc;
    const char *said = is_newest ? sqlite3_errmsg(c->db) : sqlite3_errstr(rc);
    if (code == E_CORRUPT && file)
        return err_set(e, code,
                       "%s is damaged (%s: %s): docs/operations.md, \"A store that is damaged\", "
                       "says what to do",
                       file, doing, said);
    if (code == E_IO && file && strcmp(file, doing) != 0)
        err_set(e, code, "%s: %s: %s", file, doing, said);
    else
        err_set(e, code, "%s: %s", doing, said);
    if (e && code == E_IO && c->db)
        e->os_error = sqlite3_system_errno(c->db);
    return code;
}

enum err_code conn_exec(struct conn *c, const char *sql, struct err *e)
{
    int code = sqlite3_exec(c->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? E_OK : conn_err(c, code, sql, e);
}

enum err_code conn_number(struct conn *c, const char *sql, int64_t *ret, struct err *e)
{
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(c->db, sql, -1, &stmt, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(stmt);
    enum err_code rc = E_OK;
    if (code == SQLITE_ROW)
        *ret = sqlite3_column_int64(stmt, 0);
    else if (code == SQLITE_DONE)
        rc = err_set(e, E_CORRUPT, "%s gives nothing", sql);
    else
        rc = conn_err(c, code, sql, e);
    sqlite3_finalize(stmt);
    return rc;
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
    /* It is there: a file that somebody removed must not come back empty. */
    int code = sqlite3_open_v2(path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
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

enum err_code conn_step(struct conn *c, enum conn_stmt which, struct err *e)
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
