/* store/query.c - building queries, and what their operators mean. */
#include "store/backend.h"

#include <string.h>

void query_init(struct query *q, const struct table *t)
{
    *q = (struct query){ .table = t };
}

/* The next condition, or NULL: then n_where is past the maximum and query_check says so. */
static struct query_where *add_where(struct query *q, int column, enum query_op op, bool text)
{
    check(column >= 0 && column < q->table->n_columns);
    check((q->table->columns[column].type == COLUMN_TEXT) == text);
    if (q->n_where >= QUERY_WHERE_MAX) {
        q->n_where = QUERY_WHERE_MAX + 1;
        return NULL;
    }
    struct query_where *w = &q->where[q->n_where++];
    *w = (struct query_where){ .column = column, .op = op };
    return w;
}

void query_text(struct query *q, int column, enum query_op op, struct str text)
{
    check(op != QUERY_IN);
    struct query_where *w = add_where(q, column, op, true);
    if (w)
        w->text = text;
}

void query_number(struct query *q, int column, enum query_op op, int64_t number)
{
    check(op <= QUERY_GE);
    struct query_where *w = add_where(q, column, op, false);
    if (w)
        w->number = number;
}

void query_texts(struct query *q, int column, const struct str *texts, int n)
{
    struct query_where *w = add_where(q, column, QUERY_IN, true);
    if (!w)
        return;
    w->texts = texts;
    w->n = n;
}

void query_numbers(struct query *q, int column, const int64_t *numbers, int n)
{
    struct query_where *w = add_where(q, column, QUERY_IN, false);
    if (!w)
        return;
    w->numbers = numbers;
    w->n = n;
}

void query_order(struct query *q, int column, bool descending)
{
    check(column >= 0 && column < q->table->n_columns);
    if (q->n_order >= QUERY_ORDER_MAX) {
        q->n_order = QUERY_ORDER_MAX + 1;
        return;
    }
    q->order[q->n_order++] = (struct query_order){ column, descending };
}

void query_without(struct query *q, int column)
{
    check(column >= 0 && column < q->table->n_columns && !column_list_has(&q->table->key, column));
    q->columns = query_columns(q) & ~COL(column);
}

uint64_t query_columns(const struct query *q)
{
    return q->columns != 0 ? q->columns : table_columns(q->table);
}

enum err_code query_check(const struct query *q, struct err *e)
{
    if (q->n_where > QUERY_WHERE_MAX)
        return err_set(e, E_LIMIT, "query on %s has more than %d conditions", q->table->name,
                       QUERY_WHERE_MAX);
    if (q->n_order > QUERY_ORDER_MAX)
        return err_set(e, E_LIMIT, "query on %s is ordered by more than %d columns", q->table->name,
                       QUERY_ORDER_MAX);
    for (int i = 0; i < q->n_where; i++) {
        if (q->where[i].op == QUERY_IN && q->where[i].n > QUERY_IN_MAX)
            return err_set(e, E_LIMIT, "query on %s.%s lists more than %d values", q->table->name,
                           q->table->columns[q->where[i].column].name, QUERY_IN_MAX);
    }
    if (q->offset < 0 || q->limit < 0)
        return err_set(e, E_RANGE, "query on %s has a negative offset or limit", q->table->name);
    return E_OK;
}

static unsigned char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') : (unsigned char)c;
}

bool text_contains(struct str text, struct str part)
{
    if (part.len == 0)
        return true;
    for (size_t at = 0; at + part.len <= text.len; at++) {
        size_t i = 0;
        while (i < part.len && lower(text.ptr[at + i]) == lower(part.ptr[i]))
            i++;
        if (i == part.len)
            return true;
    }
    return false;
}

bool text_has_item(struct str text, struct str item)
{
    if (text.len == 0)
        return false;
    size_t from = 0;
    for (size_t at = 0; at <= text.len; at++) {
        if (at < text.len && text.ptr[at] != ';')
            continue;
        if (str_eq(str_make(text.ptr + from, at - from), item))
            return true;
        from = at + 1;
    }
    return false;
}

static bool compare_holds(enum query_op op, int cmp)
{
    switch (op) {
    case QUERY_EQ:
        return cmp == 0;
    case QUERY_NE:
        return cmp != 0;
    case QUERY_LT:
        return cmp < 0;
    case QUERY_LE:
        return cmp <= 0;
    case QUERY_GT:
        return cmp > 0;
    case QUERY_GE:
        return cmp >= 0;
    default:
        check(op <= QUERY_GE);
        return false;
    }
}

static bool text_matches(const struct query_where *w, struct str value)
{
    switch (w->op) {
    case QUERY_IN:
        for (int i = 0; i < w->n; i++) {
            if (str_eq(value, w->texts[i]))
                return true;
        }
        return false;
    case QUERY_CONTAINS:
        return text_contains(value, w->text);
    case QUERY_PREFIX:
        return str_starts_with(value, w->text);
    case QUERY_HAS_ITEM:
        return text_has_item(value, w->text);
    default:
        return compare_holds(w->op, str_cmp(value, w->text));
    }
}

bool where_matches(const struct table *t, const struct query_where *w, const void *row)
{
    const struct column *c = &t->columns[w->column];
    if (c->type == COLUMN_TEXT)
        return text_matches(w, column_text(c, row));
    int64_t value = column_number(c, row);
    if (w->op != QUERY_IN)
        return compare_holds(w->op, (value > w->number) - (value < w->number));
    for (int i = 0; i < w->n; i++) {
        if (value == w->numbers[i])
            return true;
    }
    return false;
}

bool query_matches(const struct query *q, const void *row)
{
    for (int i = 0; i < q->n_where; i++) {
        if (!where_matches(q->table, &q->where[i], row))
            return false;
    }
    return true;
}

bool query_implies(const struct query *q, const struct table_index *x)
{
    if (x->partial == PARTIAL_NONE)
        return true;
    for (int i = 0; i < q->n_where; i++) {
        const struct query_where *w = &q->where[i];
        if (w->column != x->partial_column)
            continue;
        if (x->partial == PARTIAL_NOT_EMPTY) {
            if (w->op == QUERY_EQ && w->text.len > 0)
                return true;
            continue;
        }
        if ((w->op == QUERY_EQ || w->op == QUERY_LE || w->op == QUERY_LT) &&
            w->number <= x->partial_number)
            return true;
        bool all = w->op == QUERY_IN;
        for (int j = 0; all && j < w->n; j++)
            all = w->numbers[j] <= x->partial_number;
        if (all)
            return true;
    }
    return false;
}

int query_cmp(const struct query *q, const void *a, const void *b)
{
    const struct table *t = q->table;
    bool descending = false;
    for (int i = 0; i < q->n_order; i++) {
        descending = q->order[i].descending;
        int cmp = column_cmp(&t->columns[q->order[i].column], a, b);
        if (cmp != 0)
            return descending ? -cmp : cmp;
    }
    for (int i = 0; i < t->key.n; i++) {
        int cmp = column_cmp(&t->columns[t->key.at[i]], a, b);
        if (cmp != 0)
            return descending ? -cmp : cmp;
    }
    return 0;
}
