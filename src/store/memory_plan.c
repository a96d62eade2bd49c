/* store/memory_plan.c - choosing the tree for a query: the one that fixes most columns; and walking
 * it.
 *
 * Whatever is chosen, the rows found are still compared with the query: a plan only leaves out rows
 * that cannot match.
 */
#include "store/memory_plan.h"

#include <stdlib.h>
#include <string.h>

struct plan {
    int tree; /* 0: by key, 1 + i: index i */
    int score;
    int n_fixed;                          /* columns of its order that have one value */
    const struct query_where *low, *high; /* bounds of the next one, or NULL */
    bool sorted;                          /* the walk gives the rows in the order asked for */
};

/* The condition on a column that bounds it, or NULL. */
static const struct query_where *find_where(const struct query *q, int column, unsigned ops)
{
    for (int i = 0; i < q->n_where; i++) {
        if (q->where[i].column == column && (ops >> q->where[i].op & 1))
            return &q->where[i];
    }
    return NULL;
}

static void set_bound(const struct column *c, void *row, const struct query_where *w)
{
    if (c->type == COLUMN_TEXT)
        column_set_text(c, row, w->text);
    else
        column_set_number(c, row, w->number);
}

/* A range's end on a 32-bit or boolean column must survive the narrowing.  (An equal value need
 * not: what is found for it is compared again.) */
static bool fits(const struct column *c, const struct query_where *w)
{
    if (c->type == COLUMN_I32)
        return w->number >= INT32_MIN && w->number <= INT32_MAX;
    return c->type != COLUMN_BOOL || w->number == 0 || w->number == 1;
}

/* Whether rows with the first n columns fixed come out of the tree as the query wants them. */
static bool order_fits(const struct query *q, const struct tree_order *o, int n_fixed)
{
    int at = n_fixed;
    for (int i = 0; i < q->n_order + q->table->key.n; i++) {
        bool is_key = i >= q->n_order;
        if (!is_key && q->order[i].descending != q->order[q->n_order - 1].descending)
            return false;
        int column = is_key ? q->table->key.at[i - q->n_order] : q->order[i].column;
        bool seen = false;
        for (int j = 0; j < at; j++)
            seen = seen || o->numbers[j] == column;
        if (seen)
            continue;
        if (at == o->n || o->numbers[at] != column)
            return false;
        at++;
    }
    return true;
}

static struct plan make_plan(const struct tree_order *o, const struct query *q, int tree)
{
    struct plan p = { .tree = tree };
    int n = 0;
    while (n < o->n && find_where(q, o->numbers[n], 1u << QUERY_EQ))
        n++;
    p.n_fixed = n;
    p.score = 4 * n;
    if (n < o->n) {
        p.low = find_where(q, o->numbers[n], 1u << QUERY_GT | 1u << QUERY_GE | 1u << QUERY_PREFIX);
        p.high = find_where(q, o->numbers[n], 1u << QUERY_LT | 1u << QUERY_LE);
        if (p.low && !fits(o->columns[n], p.low))
            p.low = NULL;
        if (p.high && !fits(o->columns[n], p.high))
            p.high = NULL;
        if (p.low || p.high)
            p.score += 2;
    }
    p.sorted = order_fits(q, o, n);
    p.score += p.sorted;
    if (tree > 0 && q->table->indexes[tree - 1].partial != PARTIAL_NONE)
        p.score += 2;
    return p;
}

static struct plan choose(const struct tree_order *orders, const struct query *q)
{
    struct plan best = make_plan(&orders[0], q, 0);
    for (int i = 1; i <= q->table->n_indexes; i++) {
        if (!query_implies(q, &q->table->indexes[i - 1]))
            continue;
        struct plan other = make_plan(&orders[i], q, i);
        if (other.score > best.score)
            best = other;
    }
    return best;
}

/* Fill the bounds of the walk; low and high are rows. */
static void bound(struct tree_walk *w, const struct plan *p, const struct query *q, void *low,
                  void *high)
{
    const struct tree_order *o = w->order;
    for (int i = 0; i < p->n_fixed; i++) {
        const struct query_where *where = find_where(q, o->numbers[i], 1u << QUERY_EQ);
        set_bound(o->columns[i], low, where);
        set_bound(o->columns[i], high, where);
    }
    if (p->low)
        set_bound(o->columns[p->n_fixed], low, p->low);
    if (p->high)
        set_bound(o->columns[p->n_fixed], high, p->high);
    w->low = low;
    w->high = high;
    w->n_low = p->n_fixed + (p->low != NULL);
    w->n_high = p->n_fixed + (p->high != NULL);
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

void plan_run(const struct mem_table *m, const struct query *q, query_each *each, void *ctx)
{
    _Alignas(max_align_t) char low[TABLE_ROW_MAX];
    _Alignas(max_align_t) char high[TABLE_ROW_MAX];
    struct plan p = choose(m->orders, q);
    struct tree_walk w;
    w.order = &m->orders[p.tree];
    w.backward = p.sorted && q->n_order > 0 && q->order[q->n_order - 1].descending;
    bound(&w, &p, q, low, high);
    tree_walk_start(&w, &m->trees[p.tree]);
    if (p.sorted)
        run_sorted(q, &w, each, ctx);
    else
        run_unsorted(q, &w, each, ctx);
}
