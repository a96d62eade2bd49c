/* store/backend.h - what a back end must provide, and what the front gives it.
 *
 * The front (store.c) validates, counts faults, keeps track of the open transaction and hands out
 * fences; a back end only translates.  So a back end may rely on this: changes come inside a
 * transaction, from one thread at a time; savepoints are one level; queries are within their
 * limits; masks hold no key column and are not empty. Private to src/store and its tests.
 */
#ifndef STORE_BACKEND_H
#define STORE_BACKEND_H

#include "store/store.h"
#include "store/table.h"

/* Back ends embed these two at the start of their own structures. */
struct backend {
    const struct store_ops *ops;
};
struct back_view {
    struct backend *backend;
};

struct store_ops {
    const char *name;

    /* Set *ret; E_BUSY, E_IO, E_CORRUPT, E_UNSUPPORTED (newer schema). */
    enum err_code (*open)(const char *where, struct backend **ret, struct err *e);
    void (*close)(struct backend *b);

    /* store_look; NULL: always. */
    enum err_code (*look)(struct backend *b, struct err *e);

    /* store_size; NULL: nothing is on a disk.  Any thread. */
    void (*size)(const struct backend *b, int64_t *ret_bytes, int64_t *ret_log_bytes);

    /* E_BUSY, E_IO. */
    enum err_code (*begin)(struct backend *b, struct err *e);
    /* Durable on E_OK; else nothing of the transaction remains.  Either way it is over. */
    enum err_code (*commit)(struct backend *b, struct err *e);
    void (*rollback)(struct backend *b);
    enum err_code (*savepoint)(struct backend *b, struct err *e);
    enum err_code (*release)(struct backend *b, struct err *e);
    /* Undo what came since the savepoint, which ends.  False: the transaction is lost. */
    bool (*revert)(struct backend *b);

    /* The writer's view lives as long as the back end.  Readers: any thread opens, one at a time
     * uses. */
    struct back_view *(*writer_view)(struct backend *b);
    enum err_code (*reader_open)(struct backend *b, struct back_view **ret, struct err *e);
    /* The snapshot is fixed when this returns. */
    enum err_code (*reader_begin)(struct back_view *v, struct err *e);
    void (*reader_end)(struct back_view *v);
    void (*reader_close)(struct back_view *v);

    /* E_EXISTS without saying which; E_MISSING for update and remove.  Nothing is changed then. */
    enum err_code (*insert)(struct backend *b, const struct table *t, const void *row,
                            struct err *e);
    enum err_code (*update)(struct backend *b, const struct table *t, const void *row,
                            uint64_t columns, struct err *e);
    enum err_code (*put)(struct backend *b, const struct table *t, const void *row, struct err *e);
    enum err_code (*remove)(struct backend *b, const struct table *t, const void *row,
                            struct err *e);
    enum err_code (*remove_where)(struct backend *b, const struct query *q, int64_t *ret_n,
                                  struct err *e);

    /* index -1: by key.  The columns are set, all of them unless it is by key.  E_MISSING leaves
     * *row as it was. */
    enum err_code (*get)(struct back_view *v, const struct table *t, int index, uint64_t columns,
                         struct arena *a, void *row, struct err *e);
    enum err_code (*run)(struct back_view *v, const struct query *q, query_each *each, void *ctx,
                         struct err *e);
    enum err_code (*count)(struct back_view *v, const struct query *q, int64_t *ret, struct err *e);
};

extern const struct store_ops memory_ops, sqlite_ops;
/* For tests that look behind the front. */
struct backend *store_backend(struct store *s);

/* The text operators, the same for every back end.  ASCII case is ignored in the first. */
bool text_contains(struct str text, struct str part);
bool text_has_item(struct str text, struct str item);
/* Whether a row meets one, and all conditions. */
bool where_matches(const struct table *t, const struct query_where *w, const void *row);
bool query_matches(const struct query *q, const void *row);
/* Whether every row that meets the query is in the (partial) index. */
bool query_implies(const struct query *q, const struct table_index *x);
/* Order of two rows by q->order and then by key; never 0 for different rows. */
int query_cmp(const struct query *q, const void *a, const void *b);
/* The columns that rows come with. */
uint64_t query_columns(const struct query *q);
/* E_LIMIT, E_RANGE (negative offset or limit). */
enum err_code query_check(const struct query *q, struct err *e) MUST_USE;

#endif
