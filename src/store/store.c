/* store/store.c - the front of the store: what every back end would otherwise check itself. */
#include "store/store.h"

#include <stdatomic.h>
#include <string.h>

#include "store/backend.h"

/* Fences are taken from the meta row in blocks, so that one durable write serves many attempts. */
enum { FENCE_BLOCK = 4096 };

struct view {
    struct store *store;
    struct back_view *back;
    bool is_writer, is_begun; /* is_begun: of a reader */
};

struct store {
    const struct store_ops *ops;
    struct backend *backend;
    struct view writer;
    bool in_transaction, in_savepoint;
    bool broken; /* a change failed: only rollback is left */
    struct store_faults faults;
    uint64_t fence_next; /* the next to hand out; never goes back */
    uint64_t fence_end;  /* end of the block that is ours; it may shrink when the block is undone */
    uint64_t fence_end_begun, fence_end_saved; /* at begin and at savepoint */
    atomic_int n_readers;
};

enum err_code store_open(const char *where, struct store **ret, struct err *e)
{
    const struct store_ops *ops = strcmp(where, "memory:") == 0 ? &memory_ops : &sqlite_ops;
    struct backend *backend = NULL;
    enum err_code rc = ops->open(where, &backend, e);
    if (rc != E_OK)
        return rc;
    struct store *s = NEW(struct store);
    s->ops = ops;
    s->backend = backend;
    s->writer = (struct view){ .store = s, .back = ops->writer_view(backend), .is_writer = true };
    s->fence_next = 1;
    *ret = s;
    return E_OK;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    check(atomic_load(&s->n_readers) == 0);
    store_rollback(s);
    s->ops->close(s->backend);
    mem_free(s);
}

struct backend *store_backend(struct store *s)
{
    return s->backend;
}

/* Transactions. */

static enum err_code writable(struct store *s, struct err *e)
{
    if (!s->in_transaction)
        return err_set(e, E_CONFLICT, "the store has no transaction open");
    if (s->broken)
        return err_set(e, E_IO, "the transaction failed before and can only be rolled back");
    return E_OK;
}

/* True when this call is the one that is to fail. */
static bool count_down(int64_t *left)
{
    return *left > 0 && --*left == 0;
}

enum err_code store_begin(struct store *s, struct err *e)
{
    if (s->in_transaction)
        return err_set(e, E_CONFLICT, "the store has a transaction open already");
    enum err_code rc = s->ops->begin(s->backend, e);
    if (rc != E_OK)
        return rc;
    s->in_transaction = true;
    s->fence_end_begun = s->fence_end;
    return E_OK;
}

enum err_code store_look(struct store *s, struct err *e)
{
    return s->ops->look ? s->ops->look(s->backend, e) : E_OK;
}

void store_size(const struct store *s, int64_t *ret_bytes, int64_t *ret_log_bytes)
{
    *ret_bytes = *ret_log_bytes = 0;
    if (s->ops->size)
        s->ops->size(s->backend, ret_bytes, ret_log_bytes);
}

static void transaction_over(struct store *s, bool kept)
{
    if (!kept)
        s->fence_end = s->fence_end_begun;
    s->in_transaction = s->in_savepoint = s->broken = false;
}

enum err_code store_commit(struct store *s, struct err *e)
{
    enum err_code rc = writable(s, e);
    if (rc == E_CONFLICT)
        return rc;
    if (rc == E_OK && count_down(&s->faults.fail_commit_at))
        rc = err_set(e, E_IO, "commit: injected fault");
    if (rc != E_OK) {
        store_rollback(s);
        return rc;
    }
    rc = s->ops->commit(s->backend, e);
    transaction_over(s, rc == E_OK);
    return rc;
}

void store_rollback(struct store *s)
{
    if (!s->in_transaction)
        return;
    s->ops->rollback(s->backend);
    transaction_over(s, false);
}

enum err_code store_savepoint(struct store *s, struct err *e)
{
    enum err_code rc = writable(s, e);
    if (rc != E_OK)
        return rc;
    if (s->in_savepoint)
        return err_set(e, E_CONFLICT, "the transaction has a savepoint already");
    rc = s->ops->savepoint(s->backend, e);
    if (rc != E_OK) {
        s->broken = true;
        return rc;
    }
    s->in_savepoint = true;
    s->fence_end_saved = s->fence_end;
    return E_OK;
}

enum err_code store_release(struct store *s, struct err *e)
{
    enum err_code rc = writable(s, e);
    if (rc != E_OK)
        return rc;
    if (!s->in_savepoint)
        return err_set(e, E_CONFLICT, "the transaction has no savepoint");
    rc = s->ops->release(s->backend, e);
    if (rc != E_OK)
        s->broken = true;
    else
        s->in_savepoint = false;
    return rc;
}

void store_revert(struct store *s)
{
    if (!s->in_savepoint)
        return;
    s->in_savepoint = false;
    s->fence_end = s->fence_end_saved;
    if (!s->broken)
        s->broken = !s->ops->revert(s->backend);
}

struct view *store_view(struct store *s)
{
    return &s->writer;
}

/* Readers. */

enum err_code reader_open(struct store *s, struct view **ret, struct err *e)
{
    struct back_view *back = NULL;
    enum err_code rc = s->ops->reader_open(s->backend, &back, e);
    if (rc != E_OK)
        return rc;
    struct view *v = NEW(struct view);
    *v = (struct view){ .store = s, .back = back };
    atomic_fetch_add(&s->n_readers, 1);
    *ret = v;
    return E_OK;
}

enum err_code reader_begin(struct view *v, struct err *e)
{
    check(!v->is_writer);
    if (v->is_begun)
        return err_set(e, E_CONFLICT, "the reader has a snapshot already");
    enum err_code rc = v->store->ops->reader_begin(v->back, e);
    v->is_begun = rc == E_OK;
    return rc;
}

void reader_end(struct view *v)
{
    check(!v->is_writer);
    if (!v->is_begun)
        return;
    v->is_begun = false;
    v->store->ops->reader_end(v->back);
}

void reader_close(struct view *v)
{
    if (!v)
        return;
    reader_end(v);
    v->store->ops->reader_close(v->back);
    atomic_fetch_sub(&v->store->n_readers, 1);
    mem_free(v);
}

static enum err_code readable(struct view *v, struct err *e)
{
    if (v->is_writer && v->store->broken)
        return err_set(e, E_IO, "the transaction failed before and can only be rolled back");
    if (!v->is_writer && !v->is_begun)
        return err_set(e, E_CONFLICT, "the reader has no snapshot");
    return E_OK;
}

/* Changes. */

static enum err_code changeable(struct store *s, struct err *e)
{
    enum err_code rc = writable(s, e);
    if (rc == E_OK && count_down(&s->faults.fail_change_at)) {
        s->broken = true;
        rc = err_set(e, E_IO, "change: injected fault");
    }
    return rc;
}

static enum err_code row_changeable(struct store *s, const struct table *t, const void *row,
                                    struct err *e)
{
    for (int i = 0; i < t->key.n; i++) {
        const struct column *c = &t->columns[t->key.at[i]];
        if (c->type == COLUMN_TEXT && column_text(c, row).len == 0)
            return err_set(e, E_REQUIRED, "row of %s has no %s", t->name, c->name);
    }
    return changeable(s, e);
}

/* Keep track of what a change did to the transaction. */
static enum err_code changed(struct store *s, enum err_code rc)
{
    if (rc == E_IO || rc == E_CORRUPT || rc == E_BUSY)
        s->broken = true;
    return rc;
}

/* Which of the key (-1) and the unique indexes of the row is taken. */
static int taken_index(struct store *s, const struct table *t, const void *row)
{
    struct arena a;
    arena_init(&a);
    _Alignas(max_align_t) char copy[TABLE_ROW_MAX];
    int found = -1;
    for (int i = -1; i < t->n_indexes && (i < 0 || t->indexes[i].unique); i++) {
        memcpy(copy, row, t->row_size);
        if (s->ops->get(s->writer.back, t, i, table_columns(t), &a, copy, NULL) == E_OK) {
            found = i;
            break;
        }
    }
    arena_done(&a);
    return found;
}

enum err_code row_insert(struct store *s, const struct table *t, const void *row, int *ret_index,
                         struct err *e)
{
    enum err_code rc = row_changeable(s, t, row, e);
    if (rc != E_OK)
        return rc;
    rc = changed(s, s->ops->insert(s->backend, t, row, e));
    if (rc == E_EXISTS) {
        int index = taken_index(s, t, row);
        if (ret_index)
            *ret_index = index;
        return err_set(e, E_EXISTS, "a row of %s has this %s already", t->name,
                       index < 0 ? "key" : t->indexes[index].name);
    }
    return rc;
}

enum err_code row_update(struct store *s, const struct table *t, const void *row, uint64_t columns,
                         struct err *e)
{
    for (int i = 0; i < t->key.n; i++)
        columns &= ~COL(t->key.at[i]);
    check(columns != 0 && columns < COL(t->n_columns));
    enum err_code rc = row_changeable(s, t, row, e);
    if (rc != E_OK)
        return rc;
    return changed(s, s->ops->update(s->backend, t, row, columns, e));
}

enum err_code row_put(struct store *s, const struct table *t, const void *row, struct err *e)
{
    enum err_code rc = row_changeable(s, t, row, e);
    if (rc != E_OK)
        return rc;
    return changed(s, s->ops->put(s->backend, t, row, e));
}

enum err_code row_delete(struct store *s, const struct table *t, const void *row, struct err *e)
{
    enum err_code rc = row_changeable(s, t, row, e);
    if (rc != E_OK)
        return rc;
    return changed(s, s->ops->remove(s->backend, t, row, e));
}

enum err_code query_delete(struct store *s, const struct query *q, int64_t *ret_n, struct err *e)
{
    enum err_code rc = query_check(q, e);
    if (rc == E_OK)
        rc = changeable(s, e);
    if (rc != E_OK)
        return rc;
    int64_t n = 0;
    rc = changed(s, s->ops->remove_where(s->backend, q, &n, e));
    if (rc == E_OK && ret_n)
        *ret_n = n;
    return rc;
}

/* Reads. */

enum err_code row_get(struct view *v, const struct table *t, struct arena *a, void *row,
                      struct err *e)
{
    enum err_code rc = readable(v, e);
    if (rc != E_OK)
        return rc;
    return v->store->ops->get(v->back, t, -1, table_columns(t), a, row, e);
}

enum err_code row_get_columns(struct view *v, const struct table *t, uint64_t columns,
                              struct arena *a, void *row, struct err *e)
{
    check(columns != 0 && (columns & ~table_columns(t)) == 0);
    enum err_code rc = readable(v, e);
    if (rc != E_OK)
        return rc;
    return v->store->ops->get(v->back, t, -1, columns, a, row, e);
}

enum err_code row_get_by(struct view *v, const struct table *t, int index, struct arena *a,
                         void *row, struct err *e)
{
    check(index >= 0 && index < t->n_indexes && t->indexes[index].unique);
    enum err_code rc = readable(v, e);
    if (rc != E_OK)
        return rc;
    return v->store->ops->get(v->back, t, index, table_columns(t), a, row, e);
}

enum err_code query_run(struct view *v, const struct query *q, query_each *each, void *ctx,
                        struct err *e)
{
    enum err_code rc = query_check(q, e);
    if (rc == E_OK)
        rc = readable(v, e);
    if (rc != E_OK)
        return rc;
    return v->store->ops->run(v->back, q, each, ctx, e);
}

enum err_code query_count(struct view *v, const struct query *q, int64_t *ret, struct err *e)
{
    enum err_code rc = query_check(q, e);
    if (rc == E_OK)
        rc = readable(v, e);
    if (rc != E_OK)
        return rc;
    return v->store->ops->count(v->back, q, ret, e);
}

static bool stop_at_first(void *ctx, const void *row)
{
    (void)row;
    *(bool *)ctx = true;
    return false;
}

enum err_code query_any(struct view *v, const struct query *q, bool *ret, struct err *e)
{
    struct query first = *q;

    first.limit = 1;
    *ret = false;
    return query_run(v, &first, stop_at_first, ret, e);
}

struct collector {
    const struct table *table;
    struct arena *arena;
    char *rows; /* owned */
    size_t n, cap;
};

static bool collect(void *ctx, const void *row)
{
    struct collector *c = ctx;
    size_t size = c->table->row_size;
    c->rows = mem_grow(c->rows, &c->cap, c->n + 1, size);
    row_copy(c->table, c->arena, c->rows + c->n * size, row);
    c->n++;
    return true;
}

enum err_code query_rows(struct view *v, const struct query *q, struct arena *a, void **ret,
                         size_t *ret_n, struct err *e)
{
    struct collector c = { .table = q->table, .arena = a };
    enum err_code rc = query_run(v, q, collect, &c, e);
    if (rc == E_OK) {
        size_t bytes = c.n * q->table->row_size;
        *ret = c.n ? memcpy(arena_alloc(a, bytes), c.rows, bytes) : NULL;
        *ret_n = c.n;
    }
    mem_free(c.rows);
    return rc;
}

/* Fences and faults. */

/* Make the next block ours: from the end of all blocks so far, or from what this process has handed
 * out in a transaction that was undone, whichever is later. */
static enum err_code take_fence_block(struct store *s, struct err *e)
{
    struct arena a;
    arena_init(&a);
    struct meta_row row = { .key = STR("fence") };
    uint64_t from = s->fence_next;
    struct err cause = ERR_INIT;
    enum err_code rc = row_get(&s->writer, &table_meta, &a, &row, &cause);
    if (rc == E_OK) {
        uint64_t stored = 0;
        if (!str_to_u64(row.value, &stored) || stored > INT64_MAX - FENCE_BLOCK)
            rc = err_set(e, E_CORRUPT, "the stored fence '%.*s' is not a number",
                         STR_ARG(row.value));
        else if (stored > from)
            from = stored;
    } else if (rc == E_MISSING) {
        rc = E_OK;
    } else if (e) {
        *e = cause;
    }
    if (rc == E_OK) {
        row.value = arena_printf(&a, "%llu", (unsigned long long)(from + FENCE_BLOCK));
        rc = row_put(s, &table_meta, &row, e);
    }
    if (rc == E_OK) {
        s->fence_next = from;
        s->fence_end = from + FENCE_BLOCK;
    }
    arena_done(&a);
    return rc;
}

enum err_code store_next_fence(struct store *s, uint64_t *ret, struct err *e)
{
    enum err_code rc = writable(s, e);
    if (rc == E_OK && s->fence_next >= s->fence_end)
        rc = take_fence_block(s, e);
    if (rc == E_OK)
        *ret = s->fence_next++;
    return rc;
}

void store_set_faults(struct store *s, struct store_faults faults)
{
    s->faults = faults;
}
