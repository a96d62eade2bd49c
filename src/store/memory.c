/* store/memory.c - the back end that keeps everything in memory: for tests and the simulator.
 *
 * It is the specification of the others, and fast.  A transaction changes the tables in place and
 * logs what was there before; going back, to the savepoint or to the beginning, takes back the log
 * from its end.  A reader keeps the tables that it may look at: those that the open transaction has
 * not touched are shared with the writer, of the others it gets a copy in which the log is taken
 * back.  From then on it is the writer that copies a table before it changes it.  Readers never
 * wait for the end of a transaction, nor the writer for that of a reader.
 */
#include "store/memory_plan.h"
#include "store/memory_table.h"

#include <pthread.h>
#include <string.h>

enum { TREES_N_ = TABLE_N_ * TREES_PER_TABLE };

/* All tables as they were committed. */
struct snapshot {
    unsigned refs; /* readers */
    struct mem_table *tables[TABLE_N_];
};

/* One change: a row that came, went or was replaced. */
struct undo {
    const struct table *table;
    struct mem_row *old; /* a reference is owned; NULL: it came */
    struct mem_row
        *row; /* borrowed from the table, or from the change after this one; NULL: it went */
};

struct memory {
    struct backend base;
    struct back_view writer;
    struct tree_order orders[TREES_N_];
    pthread_mutex_t lock; /* guards what follows, but that the writer reads its tables without it */
    struct mem_table *tables[TABLE_N_]; /* what the writer sees */
    struct undo *log;                   /* of the open transaction */
    size_t n_log, cap_log;
    size_t saved;               /* n_log at the savepoint */
    struct snapshot *committed; /* of the readers that began since the last commit; NULL: none */
};

struct memory_reader {
    struct back_view base;
    struct snapshot *snapshot; /* NULL outside begin ... end */
};

static struct memory *memory_of(struct backend *b)
{
    return CONTAINER_OF(b, struct memory, base);
}

/* Opening. */

static void add_columns(struct tree_order *o, const struct table *t, const struct column_list *l)
{
    for (int i = 0; i < l->n; i++) {
        bool has = false;
        for (int j = 0; j < o->n; j++)
            has = has || o->numbers[j] == l->at[i];
        if (has)
            continue;
        o->columns[o->n] = &t->columns[l->at[i]];
        o->numbers[o->n++] = l->at[i];
    }
}

static enum err_code memory_open(const char *where, struct backend **ret, struct err *e)
{
    (void)where;
    (void)e;
    struct memory *m = NEW(struct memory);
    m->base.ops = &memory_ops;
    m->writer.backend = &m->base;
    check(pthread_mutex_init(&m->lock, NULL) == 0);
    for (int i = 0; i < TABLE_N_; i++) {
        const struct table *t = tables[i];
        struct tree_order *orders = &m->orders[i * TREES_PER_TABLE];
        for (int j = 0; j < t->n_indexes; j++)
            add_columns(&orders[1 + j], t, &t->indexes[j].columns);
        for (int j = 0; j <= t->n_indexes; j++)
            add_columns(&orders[j], t, &t->key);
        m->tables[i] = mem_table_new(t, orders);
    }
    *ret = &m->base;
    return E_OK;
}

static void memory_close(struct backend *b)
{
    struct memory *m = memory_of(b);
    for (int i = 0; i < TABLE_N_; i++)
        mem_table_unref(m->tables[i]);
    mem_free(m->log);
    pthread_mutex_destroy(&m->lock);
    mem_free(m);
}

/* Changes and the log. */

/* The table, which nobody else keeps then. */
static struct mem_table *own(struct memory *m, const struct table *t)
{
    struct mem_table *shared = m->tables[t->number];
    if (shared->refs == 1)
        return shared;
    m->tables[t->number] = mem_table_copy(shared);
    mem_table_unref(shared);
    return m->tables[t->number];
}

/* The reference to row moves into the table. */
static void change(struct memory *m, const struct table *t, struct mem_row *old,
                   struct mem_row *row)
{
    pthread_mutex_lock(&m->lock);
    mem_table_change(own(m, t), old, row);
    m->log = mem_grow(m->log, &m->cap_log, m->n_log + 1, sizeof(*m->log));
    m->log[m->n_log++] = (struct undo){ t, old, row };
    pthread_mutex_unlock(&m->lock);
}

static void undo_to(struct memory *m, size_t n)
{
    while (m->n_log > n) {
        struct undo *u = &m->log[--m->n_log];
        mem_table_change(own(m, u->table), u->row, u->old);
        mem_row_unref(u->row);
    }
}

/* Transactions. */

static enum err_code memory_begin(struct backend *b, struct err *e)
{
    (void)b;
    (void)e;
    return E_OK;
}

static enum err_code memory_commit(struct backend *b, struct err *e)
{
    (void)e;
    struct memory *m = memory_of(b);
    pthread_mutex_lock(&m->lock);
    m->committed = NULL;
    for (size_t i = 0; i < m->n_log; i++)
        mem_row_unref(m->log[i].old);
    m->n_log = 0;
    pthread_mutex_unlock(&m->lock);
    return E_OK;
}

static void memory_rollback(struct backend *b)
{
    struct memory *m = memory_of(b);
    pthread_mutex_lock(&m->lock);
    undo_to(m, 0);
    pthread_mutex_unlock(&m->lock);
}

static enum err_code memory_savepoint(struct backend *b, struct err *e)
{
    (void)e;
    struct memory *m = memory_of(b);
    m->saved = m->n_log;
    return E_OK;
}

static enum err_code memory_release(struct backend *b, struct err *e)
{
    (void)b;
    (void)e;
    return E_OK;
}

static bool memory_revert(struct backend *b)
{
    struct memory *m = memory_of(b);
    pthread_mutex_lock(&m->lock);
    undo_to(m, m->saved);
    pthread_mutex_unlock(&m->lock);
    return true;
}

/* Readers. */

static struct back_view *memory_writer_view(struct backend *b)
{
    return &memory_of(b)->writer;
}

static enum err_code memory_reader_open(struct backend *b, struct back_view **ret, struct err *e)
{
    (void)e;
    struct memory_reader *r = NEW(struct memory_reader);
    r->base.backend = b;
    *ret = &r->base;
    return E_OK;
}

/* The log is taken back in copies, which are the snapshot's alone. */
static struct snapshot *snapshot_new(struct memory *m)
{
    struct snapshot *s = NEW(struct snapshot);
    for (size_t k = m->n_log; k-- > 0;) {
        const struct undo *u = &m->log[k];
        struct mem_table **own = &s->tables[u->table->number];
        if (!*own)
            *own = mem_table_copy(m->tables[u->table->number]);
        mem_table_change(*own, u->row, u->old ? mem_row_ref(u->old) : NULL);
        mem_row_unref(u->row);
    }
    for (int i = 0; i < TABLE_N_; i++) {
        if (s->tables[i])
            continue;
        s->tables[i] = m->tables[i];
        s->tables[i]->refs++;
    }
    return s;
}

static enum err_code memory_reader_begin(struct back_view *v, struct err *e)
{
    (void)e;
    struct memory *m = memory_of(v->backend);
    struct memory_reader *r = CONTAINER_OF(v, struct memory_reader, base);
    pthread_mutex_lock(&m->lock);
    if (!m->committed)
        m->committed = snapshot_new(m);
    r->snapshot = m->committed;
    r->snapshot->refs++;
    pthread_mutex_unlock(&m->lock);
    return E_OK;
}

static void memory_reader_end(struct back_view *v)
{
    struct memory *m = memory_of(v->backend);
    struct memory_reader *r = CONTAINER_OF(v, struct memory_reader, base);
    struct snapshot *s = r->snapshot;
    r->snapshot = NULL;
    pthread_mutex_lock(&m->lock);
    if (--s->refs == 0) {
        if (m->committed == s)
            m->committed = NULL;
        for (int i = 0; i < TABLE_N_; i++)
            mem_table_unref(s->tables[i]);
        mem_free(s);
    }
    pthread_mutex_unlock(&m->lock);
}

static void memory_reader_close(struct back_view *v)
{
    mem_free(CONTAINER_OF(v, struct memory_reader, base));
}

/* The table as this view sees it. */
static const struct mem_table *table_of(struct back_view *v, const struct table *t)
{
    struct memory *m = memory_of(v->backend);
    if (v == &m->writer)
        return m->tables[t->number];
    return CONTAINER_OF(v, struct memory_reader, base)->snapshot->tables[t->number];
}

/* Changes. */

static enum err_code exists(const struct table *t, struct err *e)
{
    return err_set(e, E_EXISTS, "another row of %s has the same key or unique columns", t->name);
}

static enum err_code missing(const struct table *t, struct err *e)
{
    return err_set(e, E_MISSING, "%s has no such row", t->name);
}

static enum err_code memory_insert(struct backend *b, const struct table *t, const void *row,
                                   struct err *e)
{
    struct memory *m = memory_of(b);
    const struct mem_table *in = m->tables[t->number];
    if (mem_table_get(in, row) || mem_table_is_taken(in, row, NULL))
        return exists(t, e);
    change(m, t, NULL, mem_row_new(t, row, NULL, 0));
    return E_OK;
}

static enum err_code memory_update(struct backend *b, const struct table *t, const void *row,
                                   uint64_t columns, struct err *e)
{
    struct memory *m = memory_of(b);
    const struct mem_table *in = m->tables[t->number];
    struct mem_row *old = mem_table_get(in, row);
    if (!old)
        return missing(t, e);
    struct mem_row *new = mem_row_new(t, old->data, row, columns);
    if (mem_table_is_taken(in, new->data, old)) {
        mem_row_unref(new);
        return exists(t, e);
    }
    change(m, t, old, new);
    return E_OK;
}

static enum err_code memory_put(struct backend *b, const struct table *t, const void *row,
                                struct err *e)
{
    struct memory *m = memory_of(b);
    const struct mem_table *in = m->tables[t->number];
    struct mem_row *old = mem_table_get(in, row);
    if (mem_table_is_taken(in, row, old))
        return exists(t, e);
    change(m, t, old, mem_row_new(t, row, NULL, 0));
    return E_OK;
}

static enum err_code memory_remove(struct backend *b, const struct table *t, const void *row,
                                   struct err *e)
{
    struct memory *m = memory_of(b);
    struct mem_row *old = mem_table_get(m->tables[t->number], row);
    if (!old)
        return missing(t, e);
    change(m, t, old, NULL);
    return E_OK;
}

/* Reads. */

static enum err_code memory_get(struct back_view *v, const struct table *t, int index,
                                uint64_t columns, struct arena *a, void *row, struct err *e)
{
    const struct mem_table *in = table_of(v, t);
    const struct mem_row *found =
        index < 0 ? mem_table_get(in, row) : mem_table_get_by(in, 1 + index, row);
    if (!found)
        return missing(t, e);
    row_take(t, columns, a, row, found->data);
    return E_OK;
}

/* Who asks for fewer columns does not get the others here either. */
struct showing {
    const struct query *q;
    query_each *each;
    void *ctx;
};

static bool show_row(void *ctx, const void *row)
{
    const struct showing *s = ctx;
    _Alignas(max_align_t) char shown[TABLE_ROW_MAX];

    row_show(s->q->table, query_columns(s->q), shown, row);
    return s->each(s->ctx, shown);
}

static enum err_code memory_run(struct back_view *v, const struct query *q, query_each *each,
                                void *ctx, struct err *e)
{
    (void)e;
    struct showing s = { q, each, ctx };
    if (q->columns != 0)
        plan_run(table_of(v, q->table), q, show_row, &s);
    else
        plan_run(table_of(v, q->table), q, each, ctx);
    return E_OK;
}

static bool count_row(void *ctx, const void *row)
{
    (void)row;
    ++*(int64_t *)ctx;
    return true;
}

static enum err_code memory_count(struct back_view *v, const struct query *q, int64_t *ret,
                                  struct err *e)
{
    struct query all = *q;
    all.n_order = 0;
    all.offset = all.limit = 0;
    int64_t n = 0;
    enum err_code rc = memory_run(v, &all, count_row, &n, e);
    *ret = n;
    return rc;
}

struct row_list {
    struct mem_row **rows;
    size_t n, cap;
};

static bool keep_row(void *ctx, const void *row)
{
    struct row_list *l = ctx;
    struct mem_row *r = (struct mem_row *)((uintptr_t)row - offsetof(struct mem_row, data));
    l->rows = mem_grow(l->rows, &l->cap, l->n + 1, sizeof(*l->rows));
    l->rows[l->n++] = r;
    return true;
}

static enum err_code memory_remove_where(struct backend *b, const struct query *q, int64_t *ret_n,
                                         struct err *e)
{
    struct memory *m = memory_of(b);
    struct query all = *q;
    all.n_order = 0;
    all.offset = all.limit = 0;
    all.columns = 0;
    struct row_list found = { 0 };
    enum err_code rc = memory_run(&m->writer, &all, keep_row, &found, e);
    for (size_t i = 0; i < found.n; i++) {
        change(m, q->table, found.rows[i], NULL);
    }
    *ret_n = (int64_t)found.n;
    mem_free(found.rows);
    return rc;
}

const struct store_ops memory_ops = {
    .name = "memory",
    .open = memory_open,
    .close = memory_close,
    .begin = memory_begin,
    .commit = memory_commit,
    .rollback = memory_rollback,
    .savepoint = memory_savepoint,
    .release = memory_release,
    .revert = memory_revert,
    .writer_view = memory_writer_view,
    .reader_open = memory_reader_open,
    .reader_begin = memory_reader_begin,
    .reader_end = memory_reader_end,
    .reader_close = memory_reader_close,
    .insert = memory_insert,
    .update = memory_update,
    .put = memory_put,
    .remove = memory_remove,
    .remove_where = memory_remove_where,
    .get = memory_get,
    .run = memory_run,
    .count = memory_count,
};
