/* store/memory.c - the back end that keeps everything in memory: for tests and the simulator.
 *
 * It is the specification of the others, and fast.  Every table is a set of trees, one by key and
 * one per index, over the same rows.  The roots of all trees together are the state of the store;
 * keeping a reference to each is a snapshot.  Rollback, savepoints and readers are all that: roots
 * put aside.  Readers never block the writer.
 */
#include "store/memory_plan.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "base/prng.h"

enum { TREES_PER_TABLE = 1 + TABLE_INDEXES_MAX, TREES_N_ = TABLE_N_ * TREES_PER_TABLE };

/* All roots, immutable. */
struct snapshot {
    atomic_uint refs;
    struct tree *roots[TREES_N_]; /* owned references; per table: by key, then the indexes */
};

struct memory {
    struct backend base;
    struct back_view writer;
    struct tree_order orders[TREES_N_];
    struct tree *roots[TREES_N_]; /* what the writer sees; owned references */
    struct snapshot *saved;       /* at the savepoint, or NULL */
    struct prng prng;     /* priorities; always the same seed, so that runs repeat exactly */
    pthread_mutex_t lock; /* guards committed, which readers take */
    struct snapshot *committed;
};

struct memory_reader {
    struct back_view base;
    struct snapshot *snapshot; /* NULL outside begin ... end */
};

static struct memory *memory_of(struct backend *b)
{
    return CONTAINER_OF(b, struct memory, base);
}

/* Snapshots. */

static struct snapshot *snapshot_new(struct memory *m)
{
    struct snapshot *s = NEW(struct snapshot);
    atomic_init(&s->refs, 1);
    for (int i = 0; i < TREES_N_; i++)
        s->roots[i] = tree_ref(m->roots[i]);
    return s;
}

static void snapshot_unref(struct snapshot *s)
{
    if (!s || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (int i = 0; i < TREES_N_; i++)
        tree_unref(s->roots[i]);
    mem_free(s);
}

static void snapshot_restore(struct memory *m, const struct snapshot *s)
{
    for (int i = 0; i < TREES_N_; i++) {
        if (m->roots[i] == s->roots[i])
            continue;
        struct tree *old = m->roots[i];
        m->roots[i] = tree_ref(s->roots[i]);
        tree_unref(old);
    }
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
    prng_init(&m->prng, 1);
    check(pthread_mutex_init(&m->lock, NULL) == 0);
    for (int i = 0; i < TABLE_N_; i++) {
        const struct table *t = tables[i];
        struct tree_order *orders = &m->orders[i * TREES_PER_TABLE];
        for (int j = 0; j < t->n_indexes; j++)
            add_columns(&orders[1 + j], t, &t->indexes[j].columns);
        for (int j = 0; j <= t->n_indexes; j++)
            add_columns(&orders[j], t, &t->key);
    }
    m->committed = snapshot_new(m);
    *ret = &m->base;
    return E_OK;
}

static void memory_close(struct backend *b)
{
    struct memory *m = memory_of(b);
    snapshot_unref(m->saved);
    snapshot_unref(m->committed);
    for (int i = 0; i < TREES_N_; i++)
        tree_unref(m->roots[i]);
    pthread_mutex_destroy(&m->lock);
    mem_free(m);
}

/* Transactions. */

static void drop_saved(struct memory *m)
{
    snapshot_unref(m->saved);
    m->saved = NULL;
}

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
    drop_saved(m);
    struct snapshot *now = snapshot_new(m);
    pthread_mutex_lock(&m->lock);
    struct snapshot *before = m->committed;
    m->committed = now;
    pthread_mutex_unlock(&m->lock);
    snapshot_unref(before);
    return E_OK;
}

static void memory_rollback(struct backend *b)
{
    struct memory *m = memory_of(b);
    drop_saved(m);
    snapshot_restore(m, m->committed);
}

static enum err_code memory_savepoint(struct backend *b, struct err *e)
{
    (void)e;
    struct memory *m = memory_of(b);
    m->saved = snapshot_new(m);
    return E_OK;
}

static enum err_code memory_release(struct backend *b, struct err *e)
{
    (void)e;
    drop_saved(memory_of(b));
    return E_OK;
}

static bool memory_revert(struct backend *b)
{
    struct memory *m = memory_of(b);
    snapshot_restore(m, m->saved);
    drop_saved(m);
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

static enum err_code memory_reader_begin(struct back_view *v, struct err *e)
{
    (void)e;
    struct memory *m = memory_of(v->backend);
    struct memory_reader *r = CONTAINER_OF(v, struct memory_reader, base);
    pthread_mutex_lock(&m->lock);
    r->snapshot = m->committed;
    atomic_fetch_add_explicit(&r->snapshot->refs, 1, memory_order_relaxed);
    pthread_mutex_unlock(&m->lock);
    return E_OK;
}

static void memory_reader_end(struct back_view *v)
{
    struct memory_reader *r = CONTAINER_OF(v, struct memory_reader, base);
    snapshot_unref(r->snapshot);
    r->snapshot = NULL;
}

static void memory_reader_close(struct back_view *v)
{
    mem_free(CONTAINER_OF(v, struct memory_reader, base));
}

/* The roots of a table as this view sees them. */
static struct tree *const *roots_of(struct back_view *v, const struct table *t)
{
    struct memory *m = memory_of(v->backend);
    struct tree *const *roots = m->roots;
    if (v != &m->writer)
        roots = CONTAINER_OF(v, struct memory_reader, base)->snapshot->roots;
    return roots + t->number * TREES_PER_TABLE;
}

/* Changes. */

/* Whether a unique index has another row with the same columns. */
static bool is_taken(struct memory *m, const struct table *t, const void *row,
                     const struct mem_row *except)
{
    int base = t->number * TREES_PER_TABLE;
    for (int i = 0; i < t->n_indexes && t->indexes[i].unique; i++) {
        const struct mem_row *other = tree_find(m->roots[base + 1 + i], &m->orders[base + 1 + i],
                                                t->indexes[i].columns.n, row);
        if (other && other != except)
            return true;
    }
    return false;
}

static bool tree_holds(const struct table *t, int tree, const void *row)
{
    return tree == 0 || index_holds(t, &t->indexes[tree - 1], row);
}

/* Put `row` in the place of `old`; either may be NULL.  The caller's reference to row is consumed.
 */
static void change(struct memory *m, const struct table *t, struct mem_row *old,
                   struct mem_row *row)
{
    struct tree **roots = m->roots + t->number * TREES_PER_TABLE;
    const struct tree_order *orders = m->orders + t->number * TREES_PER_TABLE;
    if (old)
        mem_row_ref(old);
    for (int i = 0; i <= t->n_indexes; i++) {
        bool had = old && tree_holds(t, i, old->data);
        bool has = row && tree_holds(t, i, row->data);
        if (had && has && tree_cmp(&orders[i], orders[i].n, old->data, row->data) == 0) {
            tree_replace(&roots[i], &orders[i], mem_row_ref(row));
            continue;
        }
        if (had)
            tree_remove(&roots[i], &orders[i], old->data);
        if (has)
            tree_insert(&roots[i], &orders[i], mem_row_ref(row), (uint32_t)prng_next(&m->prng));
    }
    if (old)
        mem_row_unref(old);
    if (row)
        mem_row_unref(row);
}

static struct mem_row *find_key(struct memory *m, const struct table *t, const void *row)
{
    int base = t->number * TREES_PER_TABLE;
    return tree_find(m->roots[base], &m->orders[base], t->key.n, row);
}

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
    if (find_key(m, t, row) || is_taken(m, t, row, NULL))
        return exists(t, e);
    change(m, t, NULL, mem_row_new(t, row, NULL, 0));
    return E_OK;
}

static enum err_code memory_update(struct backend *b, const struct table *t, const void *row,
                                   uint64_t columns, struct err *e)
{
    struct memory *m = memory_of(b);
    struct mem_row *old = find_key(m, t, row);
    if (!old)
        return missing(t, e);
    struct mem_row *new = mem_row_new(t, old->data, row, columns);
    if (is_taken(m, t, new->data, old)) {
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
    struct mem_row *old = find_key(m, t, row);
    if (is_taken(m, t, row, old))
        return exists(t, e);
    change(m, t, old, mem_row_new(t, row, NULL, 0));
    return E_OK;
}

static enum err_code memory_remove(struct backend *b, const struct table *t, const void *row,
                                   struct err *e)
{
    struct memory *m = memory_of(b);
    struct mem_row *old = find_key(m, t, row);
    if (!old)
        return missing(t, e);
    change(m, t, old, NULL);
    return E_OK;
}

/* Reads. */

static enum err_code memory_get(struct back_view *v, const struct table *t, int index,
                                struct arena *a, void *row, struct err *e)
{
    struct memory *m = memory_of(v->backend);
    int tree = 1 + index;
    int n = index < 0 ? t->key.n : t->indexes[index].columns.n;
    const struct mem_row *found =
        tree_find(roots_of(v, t)[tree], &m->orders[t->number * TREES_PER_TABLE + tree], n, row);
    if (!found)
        return missing(t, e);
    row_copy(t, a, row, found->data);
    return E_OK;
}

struct row_list {
    struct mem_row **rows;
    size_t n, cap;
};

static int sort_cmp(const void *a, const void *b, void *q)
{
    return query_cmp(q, (*(struct mem_row *const *)a)->data, (*(struct mem_row *const *)b)->data);
}

static bool in_page(const struct query *q, int64_t at)
{
    return at >= q->offset && (q->limit == 0 || at - q->offset < q->limit);
}

/* Rows in the order of the tree, straight to the caller. */
static void run_sorted(const struct query *q, struct tree_walk *w, query_each *each, void *ctx)
{
    int64_t at = 0;
    for (struct mem_row *r; (r = tree_walk_next(w)) != NULL;) {
        if (!query_matches(q, r->data))
            continue;
        if (at >= q->offset && !in_page(q, at))
            return;
        if (in_page(q, at++) && !each(ctx, r->data))
            return;
    }
}

static void run_unsorted(const struct query *q, struct tree_walk *w, query_each *each, void *ctx)
{
    struct row_list found = { 0 };
    for (struct mem_row *r; (r = tree_walk_next(w)) != NULL;) {
        if (!query_matches(q, r->data))
            continue;
        found.rows = mem_grow(found.rows, &found.cap, found.n + 1, sizeof(*found.rows));
        found.rows[found.n++] = r;
    }
    struct query order = *q;
    if (found.n > 1)
        qsort_r(found.rows, found.n, sizeof(*found.rows), sort_cmp, &order);
    for (size_t i = 0; i < found.n; i++) {
        if (in_page(q, (int64_t)i) && !each(ctx, found.rows[i]->data))
            break;
    }
    mem_free(found.rows);
}

static enum err_code memory_run(struct back_view *v, const struct query *q, query_each *each,
                                void *ctx, struct err *e)
{
    (void)e;
    struct plan p;
    const struct tree_order *orders = memory_of(v->backend)->orders;
    plan_choose(&p, orders + q->table->number * TREES_PER_TABLE, q);
    struct tree *root = tree_ref(roots_of(v, q->table)[p.tree]);
    tree_walk_start(&p.walk, root);
    if (p.sorted)
        run_sorted(q, &p.walk, each, ctx);
    else
        run_unsorted(q, &p.walk, each, ctx);
    tree_unref(root);
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

static bool keep_row(void *ctx, const void *row)
{
    struct row_list *l = ctx;
    struct mem_row *r = (struct mem_row *)((uintptr_t)row - offsetof(struct mem_row, data));
    l->rows = mem_grow(l->rows, &l->cap, l->n + 1, sizeof(*l->rows));
    l->rows[l->n++] = mem_row_ref(r);
    return true;
}

static enum err_code memory_remove_where(struct backend *b, const struct query *q, int64_t *ret_n,
                                         struct err *e)
{
    struct memory *m = memory_of(b);
    struct query all = *q;
    all.n_order = 0;
    all.offset = all.limit = 0;
    struct row_list found = { 0 };
    enum err_code rc = memory_run(&m->writer, &all, keep_row, &found, e);
    for (size_t i = 0; i < found.n; i++) {
        change(m, q->table, found.rows[i], NULL);
        mem_row_unref(found.rows[i]);
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
