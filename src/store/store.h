/* store/store.h - durable records behind one interface, with a memory and a SQLite back end.
 *
 * One writer, many readers.  The writer (the engine thread) works in transactions: begin, any
 * number of changes, commit.  Group commit is the writer's batch: many commands share one
 * transaction and one fsync.  A savepoint makes each command of the batch all or nothing.  When
 * commit returns E_OK the changes survive kill -9 and power loss (I6); when it fails none of them
 * is there, and the writer must forget what it derived from them.  One exception: when the disk
 * fails at the very last step, the fsync, they may be there after the next opening, all of them.
 *
 * A reader is a snapshot: it sees the commits before its begin, all of them and nothing else, and
 * never blocks the writer.  A reader belongs to one thread at a time.
 *
 * Operations are typed by table (store/rows.h): a table descriptor says columns, key and indexes,
 * and the back ends only translate.  Errors: E_IO disk full or failing, E_BUSY another process
 * writes, E_CORRUPT, E_LIMIT a value or a query too large, E_CONFLICT called at the wrong moment
 * (no transaction open, one already open), and those named at each operation.
 *
 * After a change answered E_IO or E_CORRUPT the transaction can only be rolled back: every further
 * operation of the writer, commit included, answers E_IO.  (SQLite may have thrown the whole
 * transaction away by then; a savepoint cannot bring it back.)
 *
 * Text is bytes: compared byte by byte, shorter first.  Text columns of a key must not be empty
 * (E_REQUIRED).
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

extern const struct table table_meta, table_key, table_project, table_folder, table_workflow,
    table_task_folder, table_task, table_version, table_edge, table_listener, table_schedule,
    table_miss, table_group, table_group_project, table_event, table_case, table_calendar,
    table_instance, table_round, table_attempt, table_plan, table_plan_instance, table_output,
    table_consumption, table_job, table_job_item, table_member, table_alarm_rule,
    table_alarm_message, table_alarm_delivery, table_alarm_tally, table_packed, table_audit,
    table_workflow_permission, table_resource_folder, table_resource, table_plan_slice,
    table_plan_deletion;

/* "memory:" (gone when closed) or a path of an SQLite file (created 0600, WAL, synchronous=FULL).
 * Runs the migrations that are missing; a schema newer than this program is E_UNSUPPORTED; a file
 * locked by another server E_BUSY; a file that is something else E_CORRUPT.  The folder must exist.
 */
enum err_code store_open(const char *where, struct store **ret, struct err *e) MUST_USE;
/* Rolls back what is open.  Readers must be closed before.  NULL is accepted. */
void store_close(struct store *s);

/* A copy of the SQLite file `from` in the new file `to` (0600): one moment of it, taken while a
 * server writes or none runs; `from` is not changed. */
struct store_copy {
    int64_t bytes;   /* of the copy */
    int64_t commits; /* that it holds; -1: of before they were counted */
    int64_t running; /* instances with an attempt that runs */
    uint64_t fence;  /* every fence that was ever begun is below it */
};
/* E_EXISTS: `to` is there; E_MISSING: `from` is not; E_CORRUPT: it is no whole store, or holds less
 * than was acknowledged.  What is at `to` after a failure is worth nothing. */
enum err_code store_copy(const char *from, const char *to, struct store_copy *ret,
                         struct err *e) MUST_USE;

/* Writer. */
enum err_code store_begin(struct store *s, struct err *e) MUST_USE;
/* Durable when it returns E_OK.  The transaction is over in any case. */
enum err_code store_commit(struct store *s, struct err *e) MUST_USE;
void store_rollback(struct store *s); /* no-op outside a transaction */
/* Is what the store is kept in still there?  Cheap; outside a transaction.  E_IO: it was removed,
 * replaced or cut short; then begin and reads fail in the same way until it is back. */
enum err_code store_look(struct store *s, struct err *e) MUST_USE;
/* Bytes of the database file and of its log, as the file system has them; 0 where there are none.
 * Any thread. */
void store_size(const struct store *s, int64_t *ret_bytes, int64_t *ret_log_bytes);
/* One level inside a transaction.  release keeps, revert undoes what came since (no-op without a
 * savepoint). */
enum err_code store_savepoint(struct store *s, struct err *e) MUST_USE;
enum err_code store_release(struct store *s, struct err *e) MUST_USE;
void store_revert(struct store *s);
/* Belongs to the store.  Outside a transaction it shows what is committed. */
struct view *store_view(struct store *s);

/* Readers.  Open, close: any thread.  Between begin and end the snapshot stands still; a long one
 * keeps SQLite from reusing its log, so hold it for one request.  Reading without begin is
 * E_CONFLICT. */
enum err_code reader_open(struct store *s, struct view **ret, struct err *e) MUST_USE;
enum err_code reader_begin(struct view *v, struct err *e) MUST_USE; /* a fresh snapshot */
void reader_end(struct view *v);
void reader_close(struct view *v);

/* Changes; inside a transaction of the writer. */
/* E_EXISTS: the key or a unique index is taken; nothing changed.  *ret_index (may be NULL; set only
 * then) = which unique index, -1 the key; the key is looked at first, then the indexes in their
 * order. */
enum err_code row_insert(struct store *s, const struct table *t, const void *row, int *ret_index,
                         struct err *e) MUST_USE;
/* Set the columns of the mask in the row with this key (key columns in the mask are ignored; one
 * other column is needed).  E_MISSING, E_EXISTS. */
enum err_code row_update(struct store *s, const struct table *t, const void *row, uint64_t columns,
                         struct err *e) MUST_USE;
/* Insert, or replace the row that has this key.  E_EXISTS: another row holds a unique index. */
enum err_code row_put(struct store *s, const struct table *t, const void *row,
                      struct err *e) MUST_USE;
/* By key.  E_MISSING. */
enum err_code row_delete(struct store *s, const struct table *t, const void *row,
                         struct err *e) MUST_USE;

/* Reads.  The key (or the columns of unique index `index`, 0-based, store/rows.h) is set in *row;
 * the rest is filled, text in `a`. E_MISSING leaves *row as it was. */
enum err_code row_get(struct view *v, const struct table *t, struct arena *a, void *row,
                      struct err *e) MUST_USE;
/* Of the row with this key the columns of the mask only; the rest of *row stays as it is.  For what
 * is asked often of long rows: every column costs as much as a comparison on the way to the row. */
enum err_code row_get_columns(struct view *v, const struct table *t, uint64_t columns,
                              struct arena *a, void *row, struct err *e) MUST_USE;
enum err_code row_get_by(struct view *v, const struct table *t, int index, struct arena *a,
                         void *row, struct err *e) MUST_USE;
/* Copy a row, its text into the arena: for query callbacks that keep some rows. */
void row_copy(const struct table *t, struct arena *a, void *ret_row, const void *row);

/* Queries: conditions joined by AND. */
enum query_op {
    QUERY_EQ,
    QUERY_NE,
    QUERY_LT,
    QUERY_LE,
    QUERY_GT,
    QUERY_GE,
    QUERY_IN,       /* text: any of list; numbers: any of numbers */
    QUERY_CONTAINS, /* text contains, ASCII case ignored */
    QUERY_PREFIX,   /* text begins with */
    QUERY_HAS_ITEM  /* text is a ';'-separated list that has this item; "" has none */
};
struct query_where {
    int column;
    enum query_op op;
    struct str text;         /* for text columns */
    int64_t number;          /* for all others: integers, booleans, walls, civils */
    const struct str *texts; /* QUERY_IN */
    const int64_t *numbers;
    int n;
};
struct query_order {
    int column;
    bool descending;
};
enum { QUERY_WHERE_MAX = 16, QUERY_ORDER_MAX = 3, QUERY_IN_MAX = 1000 };
struct query {
    const struct table *table;
    struct query_where where[QUERY_WHERE_MAX];
    int n_where;
    struct query_order order[QUERY_ORDER_MAX]; /* then by key, in the direction of the last: every
                                                  order is total */
    int n_order;
    int64_t offset, limit; /* limit 0: all */
    uint64_t columns;      /* what rows come with (the key always); the rest is unset.  0: all */
};
/* Build a query.  More conditions, orders or IN values than the maxima make the query answer
 * E_LIMIT when it is run; no value in an IN list matches nothing.  A column of the wrong type is a
 * fault of the program. */
void query_init(struct query *q, const struct table *t);
void query_text(struct query *q, int column, enum query_op op, struct str text);
void query_number(struct query *q, int column, enum query_op op, int64_t number);
void query_texts(struct query *q, int column, const struct str *texts, int n);  /* borrowed */
void query_numbers(struct query *q, int column, const int64_t *numbers, int n); /* borrowed */
void query_order(struct query *q, int column, bool descending);
/* Rows come without this column: for long ones that nobody looks at. */
void query_without(struct query *q, int column);

/* `each` gets a row whose text is valid during the call only (row_copy what you keep); false stops.
 * It may read, but not change the store. */
typedef bool query_each(void *ctx, const void *row);
enum err_code query_run(struct view *v, const struct query *q, query_each *each, void *ctx,
                        struct err *e) MUST_USE;
/* Number of rows that match, offset and limit not looked at. */
enum err_code query_count(struct view *v, const struct query *q, int64_t *ret,
                          struct err *e) MUST_USE;
/* Does any row match?  Looks at one. */
enum err_code query_any(struct view *v, const struct query *q, bool *ret, struct err *e) MUST_USE;
/* One row copied into a (array of row structs); *ret is NULL and *ret_n 0 when nothing matches. */
enum err_code query_rows(struct view *v, const struct query *q, struct arena *a, void **ret,
                         size_t *ret_n, struct err *e) MUST_USE;
/* Delete all that match, offset and limit not looked at; *ret_n may be NULL. */
enum err_code query_delete(struct store *s, const struct query *q, int64_t *ret_n,
                           struct err *e) MUST_USE;

/* Numbers that are never used twice, also across crashes: fences.  Taken in durable blocks, so a
 * crash skips some.  Inside a transaction. */
enum err_code store_next_fence(struct store *s, uint64_t *ret, struct err *e) MUST_USE;

/* For tests and the simulator: the nth change or commit from now fails once with E_IO, like a disk
 * that is full. */
struct store_faults {
    int64_t fail_change_at, fail_commit_at;
}; /* counted down; 0: never */
void store_set_faults(struct store *s, struct store_faults faults);

#endif
