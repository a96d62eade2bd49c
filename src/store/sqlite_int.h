/* store/sqlite_int.h - a connection to the database file with its prepared statements.
 *
 * The writer and every reader have one each; a connection belongs to one thread at a time.
 * Private to src/store and its tests.
 */
#ifndef STORE_SQLITE_INT_H
#define STORE_SQLITE_INT_H

#include <sqlite3.h>

#include "store/backend.h"

/* Statements that every table has; GET + 1 + i reads by unique index i. */
enum table_stmt {
    STMT_INSERT,
    STMT_PUT,
    STMT_DELETE,
    STMT_GET,
    STMT_GET_BY,
    TABLE_STMT_N_ = STMT_GET_BY + TABLE_INDEXES_MAX
};
enum conn_stmt {
    STMT_BEGIN,
    STMT_READ,
    STMT_COMMIT,
    STMT_ROLLBACK,
    STMT_SAVEPOINT,
    STMT_RELEASE,
    STMT_REVERT,
    STMT_SNAPSHOT,
    STMT_COUNT,
    CONN_STMT_N_
};
enum { UPDATE_SHAPES_MAX = 16, GET_SHAPES_MAX = 4, QUERY_SHAPES_MAX = 64, QUERY_SHAPE_BYTES = 96 };

/* UPDATE or SELECT by key of one set of columns. */
struct columns_stmt {
    uint64_t columns; /* 0: free */
    uint64_t used_at;
    sqlite3_stmt *stmt;
};

/* A query without its values: as long as the shape is the same, so is the SQL. */
struct query_shape {
    uint8_t len;
    uint8_t bytes[QUERY_SHAPE_BYTES];
};
struct query_stmt {
    struct query_shape shape;
    uint64_t hash, used_at;
    sqlite3_stmt *stmt; /* NULL: free */
    bool busy;          /* being stepped: a query inside a query needs another */
    bool one_off;       /* not in the cache */
};

struct conn {
    sqlite3 *db;
    uint64_t clock; /* counts uses, for the oldest */
    sqlite3_stmt *plain[CONN_STMT_N_];
    sqlite3_stmt *of_table[TABLE_N_][TABLE_STMT_N_];
    struct columns_stmt updates[TABLE_N_][UPDATE_SHAPES_MAX];
    struct columns_stmt gets[TABLE_N_][GET_SHAPES_MAX];
    struct query_stmt queries[QUERY_SHAPES_MAX];
};

enum conn_kind { CONN_WRITER, CONN_READER };

/* sqlite_conn.c.  The file must be there. */
enum err_code conn_open(struct conn *c, const char *path, enum conn_kind kind,
                        struct err *e) MUST_USE;
void conn_done(struct conn *c);
/* The one place where SQLite's codes become ours. */
enum err_code conn_err(const struct conn *c, int rc, const char *doing, struct err *e);
enum err_code conn_exec(struct conn *c, const char *sql, struct err *e) MUST_USE;
/* The number in the first column of the first row; E_CORRUPT without a row. */
enum err_code conn_number(struct conn *c, const char *sql, int64_t *ret, struct err *e) MUST_USE;
/* A plain statement that gives no more than one row. */
enum err_code conn_step(struct conn *c, enum conn_stmt which, struct err *e) MUST_USE;

/* sqlite.c: how many commits the store counts; -1: it is empty, or of before they were counted. */
enum err_code conn_commits(struct conn *c, int64_t *ret, struct err *e) MUST_USE;
/* sqlite.c: the writer's connection of a back end, for tests. */
struct conn *sqlite_writer(struct backend *b);

/* sqlite_sql.c - SQL text from descriptors; appended to out. */
void sql_of_table(struct buf *out, const struct table *t, enum table_stmt which);
void sql_update(struct buf *out, const struct table *t, uint64_t columns);
void sql_get_columns(struct buf *out, const struct table *t, uint64_t columns);
enum query_kind { QUERY_RUN, QUERY_COUNT, QUERY_DELETE };
void sql_query(struct buf *out, const struct query *q, enum query_kind kind);
/* How many parameters an IN list of n values has: a few sizes only, so that there are few shapes.
 */
int sql_in_slots(int n);

/* sqlite_stmt.c - statements, prepared once.  NULL on failure with *rc and *e set. */
sqlite3_stmt *stmt_plain(struct conn *c, enum conn_stmt which, enum err_code *rc, struct err *e);
sqlite3_stmt *stmt_of_table(struct conn *c, const struct table *t, enum table_stmt which,
                            enum err_code *rc, struct err *e);
sqlite3_stmt *stmt_update(struct conn *c, const struct table *t, uint64_t columns,
                          enum err_code *rc, struct err *e);
/* By key. */
sqlite3_stmt *stmt_get_columns(struct conn *c, const struct table *t, uint64_t columns,
                               enum err_code *rc, struct err *e);
/* To be given back with stmt_query_done; *one_off is used when the cache has it in use. */
struct query_stmt *stmt_query(struct conn *c, const struct query *q, enum query_kind kind,
                              struct query_stmt *one_off, enum err_code *rc, struct err *e);
void stmt_query_done(struct query_stmt *s);
void stmt_finalize_all(struct conn *c);

/* sqlite_rows.c - the row operations of store/backend.h on a connection. */
enum err_code rows_insert(struct conn *c, const struct table *t, const void *row,
                          enum table_stmt how, struct err *e);
enum err_code rows_update(struct conn *c, const struct table *t, const void *row, uint64_t columns,
                          struct err *e);
enum err_code rows_remove(struct conn *c, const struct table *t, const void *row, struct err *e);
enum err_code rows_remove_where(struct conn *c, const struct query *q, int64_t *ret_n,
                                struct err *e);
enum err_code rows_get(struct conn *c, const struct table *t, int index, uint64_t columns,
                       struct arena *a, void *row, struct err *e);
enum err_code rows_run(struct conn *c, const struct query *q, query_each *each, void *ctx,
                       struct err *e);
enum err_code rows_count(struct conn *c, const struct query *q, int64_t *ret, struct err *e);

/* migration_1.c */
extern const char migration_1[];

/* migrations.c - the schema, step by step.  PRAGMA user_version is the number of steps done. */
struct migration {
    const char *what;
    enum err_code (*run)(struct conn *c, struct err *e); /* either this */
    const char *sql;                                     /* or this */
    const char *fresh; /* instead of sql where there are no rows: the same schema, sooner */
};
extern const struct migration migrations[];
extern const int migrations_n;
/* Look without touching.  E_UNSUPPORTED: the schema is newer than n steps; E_CORRUPT: the file is
 * not a database, or one of another program. */
enum err_code migrations_check(struct conn *c, int n, struct err *e) MUST_USE;
/* Do the steps that are missing, each in a transaction of its own; where the file is empty, all in
 * one, as nobody needs what is between. */
enum err_code migrations_run(struct conn *c, const struct migration *steps, int n,
                             struct err *e) MUST_USE;

#endif
