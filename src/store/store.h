/* store/store.h - durable records behind one interface, with a memory and a SQLite back end.
 *
 * One writer, many readers.  The writer (the engine thread) works in transactions: begin, any number of
 * changes, commit.  Group commit is the writer's batch: many commands share one transaction and
 * one fsync.  A savepoint makes each command of the batch all or nothing.  When commit returns E_OK the changes
 * survive kill -9 and power loss (I6); when it fails none of them is there, and the writer must
 * forget what it derived from them.
 *
 * A reader is a snapshot: it sees the commits before its begin, all of them and nothing else, and never
 * blocks the writer.  A reader belongs to one thread at a time.
 *
 * Operations are typed by table (store/rows.h): a table descriptor says columns, key and indexes, and the back
 * ends only translate.  Whatever can be said as one guarded statement is.  Errors: E_IO disk full or
 * failing (the transaction is rolled back by the caller), E_BUSY another process writes, E_CORRUPT, and those
 * named at each operation.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"
#include "base/err.h"
#include "store/rows.h"

struct store;
struct table;
/* What reads go through: the writer's own view (inside a transaction) or a reader's snapshot. */
struct view;

extern const struct table table_meta, table_key, table_project, table_folder, table_workflow, table_task_folder,
    table_task, table_version, table_edge, table_listener, table_schedule, table_miss, table_group,
    table_group_project, table_event, table_case, table_calendar, table_instance, table_round, table_attempt,
    table_plan, table_plan_instance;

/* "memory:" or a path of an SQLite file (created 0600, WAL, synchronous=FULL).  Runs the migrations that are
 * missing; a schema newer than this program is E_UNSUPPORTED; a file locked by another server E_BUSY. */
enum err_code store_open(const char *where, struct store **ret, struct err *e) MUST_USE;
void store_close(struct store *s);

/* Writer. */
enum err_code store_begin(struct store *s, struct err *e) MUST_USE;
enum err_code store_commit(struct store *s, struct err *e) MUST_USE;   /* durable when it returns E_OK */
void store_rollback(struct store *s);                                  /* no-op outside a transaction */
/* One level inside a transaction.  release keeps, revert undoes what came since. */
enum err_code store_savepoint(struct store *s, struct err *e) MUST_USE;
enum err_code store_release(struct store *s, struct err *e) MUST_USE;
void store_revert(struct store *s);
struct view *store_view(struct store *s);

/* Readers. */
enum err_code reader_open(struct store *s, struct view **ret, struct err *e) MUST_USE;
enum err_code reader_begin(struct view *v, struct err *e) MUST_USE;    /* a fresh snapshot */
void reader_end(struct view *v);
void reader_close(struct view *v);

/* Changes; inside a transaction of the writer. */
/* E_EXISTS: the key or a unique index is taken; nothing changed.  *ret_index (may be NULL) = which unique index, -1 the key. */
enum err_code row_insert(struct store *s, const struct table *t, const void *row, int *ret_index, struct err *e) MUST_USE;
/* Set the columns of the mask in the row with this key.  E_MISSING, E_EXISTS. */
enum err_code row_update(struct store *s, const struct table *t, const void *row, uint64_t columns, struct err *e) MUST_USE;
/* Insert, or replace the row that has this key. */
enum err_code row_put(struct store *s, const struct table *t, const void *row, struct err *e) MUST_USE;
/* By key.  E_MISSING. */
enum err_code row_delete(struct store *s, const struct table *t, const void *row, struct err *e) MUST_USE;

/* Reads.  The key (or the columns of unique index `index`, 0-based) is set in *row; the rest is filled, text in `a`.
 * E_MISSING leaves *row as it was. */
enum err_code row_get(struct view *v, const struct table *t, struct arena *a, void *row, struct err *e) MUST_USE;
enum err_code row_get_by(struct view *v, const struct table *t, int index, struct arena *a, void *row,
                         struct err *e) MUST_USE;

/* Queries: conditions joined by AND. */
enum query_op {
    QUERY_EQ, QUERY_NE, QUERY_LT, QUERY_LE, QUERY_GT, QUERY_GE,
    QUERY_IN,          /* text: any of list; numbers: any of numbers */
    QUERY_CONTAINS,    /* text contains, ASCII case ignored */
    QUERY_PREFIX,      /* text begins with */
    QUERY_HAS_ITEM     /* text is a ';'-separated list that has this item */
};
struct query_where {
    int column;
    enum query_op op;
    struct str text;                 /* for text columns */
    int64_t number;                  /* for all others: integers, booleans, walls, civils */
    const struct str *texts;         /* QUERY_IN */
    const int64_t *numbers;
    int n;
};
struct query_order { int column; bool descending; };
enum { QUERY_WHERE_MAX = 16, QUERY_ORDER_MAX = 3 };
struct query {
    const struct table *table;
    struct query_where where[QUERY_WHERE_MAX];
    int n_where;
    struct query_order order[QUERY_ORDER_MAX];    /* then by key, so that every order is total */
    int n_order;
    int64_t offset, limit;                        /* limit 0: all */
};
void query_init(struct query *q, const struct table *t);
void query_text(struct query *q, int column, enum query_op op, struct str text);
void query_number(struct query *q, int column, enum query_op op, int64_t number);
void query_texts(struct query *q, int column, const struct str *texts, int n);         /* borrowed */
void query_numbers(struct query *q, int column, const int64_t *numbers, int n);       /* borrowed */
void query_order(struct query *q, int column, bool descending);

/* `each` gets a row whose text is valid during the call only (copy what you keep); false stops. */
typedef bool query_each(void *ctx, const void *row);
enum err_code query_run(struct view *v, const struct query *q, query_each *each, void *ctx, struct err *e) MUST_USE;
/* Number of rows that match, offset and limit not looked at. */
enum err_code query_count(struct view *v, const struct query *q, int64_t *ret, struct err *e) MUST_USE;
/* One row copied into a (array of row structs); *ret is NULL and *ret_n 0 when nothing matches. */
enum err_code query_rows(struct view *v, const struct query *q, struct arena *a, void **ret, size_t *ret_n,
                         struct err *e) MUST_USE;
/* Delete all that match; *ret_n may be NULL. */
enum err_code query_delete(struct store *s, const struct query *q, int64_t *ret_n, struct err *e) MUST_USE;

/* Numbers that are never used twice, also across crashes: fences.  Taken in durable blocks, so a crash
 * skips some.  Inside a transaction. */
enum err_code store_next_fence(struct store *s, uint64_t *ret, struct err *e) MUST_USE;

/* Decorator for tests and the simulator: every nth change or commit fails with E_IO. */
struct store_faults { int64_t fail_change_at, fail_commit_at; };   /* counted down; 0: never */
void store_set_faults(struct store *s, struct store_faults faults);

#endif
