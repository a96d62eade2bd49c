/* store/memory_plan.c - choosing the tree for a query: the one that fixes most columns. */
#include "store/memory_plan.h"

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

static void make_plan(struct plan *p, const struct tree_order *o, const struct query *q, int tree)
{
    *p = (struct plan){ .tree = tree };
    int n = 0;
    for (; n < o->n; n++) {
        const struct query_where *w = find_where(q, o->numbers[n], 1u << QUERY_EQ);
        if (!w)
            break;
        set_bound(o->columns[n], p->low, w);
        set_bound(o->columns[n], p->high, w);
    }
    p->walk = (struct tree_walk){ .order = o, .n_low = n, .n_high = n };
    p->score = 4 * n;
    if (n < o->n) {
        const struct query_where *low =
            find_where(q, o->numbers[n], 1u << QUERY_GT | 1u << QUERY_GE | 1u << QUERY_PREFIX);
        const struct query_where *high =
            find_where(q, o->numbers[n], 1u << QUERY_LT | 1u << QUERY_LE);
        if (low && fits(o->columns[n], low)) {
            set_bound(o->columns[n], p->low, low);
            p->walk.n_low++;
        }
        if (high && fits(o->columns[n], high)) {
            set_bound(o->columns[n], p->high, high);
            p->walk.n_high++;
        }
        if (p->walk.n_low > n || p->walk.n_high > n)
            p->score += 2;
    }
    p->sorted = order_fits(q, o, n);
    p->walk.backward = p->sorted && q->n_order > 0 && q->order[q->n_order - 1].descending;
    p->score += p->sorted;
    if (tree > 0 && q->table->indexes[tree - 1].partial != PARTIAL_NONE)
        p->score += 2;
}

void plan_choose(struct plan *ret, const struct tree_order *orders, const struct query *q)
{
    make_plan(ret, &orders[0], q, 0);
    int best_score = ret->score;
    int best_tree = 0;
    for (int i = 1; i <= q->table->n_indexes; i++) {
        struct plan other;
        if (!query_implies(q, &q->table->indexes[i - 1]))
            continue;
        make_plan(&other, &orders[i], q, i);
        if (other.score <= best_score)
            continue;
        best_tree = i;
        best_score = other.score;
    }
    if (best_tree > 0)
        make_plan(ret, &orders[best_tree], q, best_tree);
    ret->walk.low = ret->low;
    ret->walk.high = ret->high;
}
