/* store/sqlite_sql.c - SQL text, generated from the descriptors.
 *
 * Every statement a connection uses comes from here; no value is ever part of the text.
 */
#include "store/sqlite_int.h"

static void add_name(struct buf *out, const char *name)
{
    buf_printf(out, "\"%s\"", name);
}

static void add_columns(struct buf *out, const struct table *t, const struct column_list *l)
{
    for (int i = 0; i < l->n; i++) {
        if (i > 0)
            buf_add_c(out, ", ");
        add_name(out, t->columns[l->at[i]].name);
    }
}

static void add_all_columns(struct buf *out, const struct table *t)
{
    for (int i = 0; i < t->n_columns; i++) {
        if (i > 0)
            buf_add_c(out, ", ");
        add_name(out, t->columns[i].name);
    }
}

/* "a" = ? AND "b" = ? */
static void add_match(struct buf *out, const struct table *t, const struct column_list *l)
{
    for (int i = 0; i < l->n; i++) {
        if (i > 0)
            buf_add_c(out, " AND ");
        add_name(out, t->columns[l->at[i]].name);
        buf_add_c(out, " = ?");
    }
}

static void add_insert(struct buf *out, const struct table *t)
{
    buf_add_c(out, "INSERT INTO ");
    add_name(out, t->name);
    buf_add_c(out, " (");
    add_all_columns(out, t);
    buf_add_c(out, ") VALUES (");
    for (int i = 0; i < t->n_columns; i++)
        buf_add_c(out, i > 0 ? ", ?" : "?");
    buf_add_c(out, ")");
}

static void add_upsert(struct buf *out, const struct table *t)
{
    buf_add_c(out, " ON CONFLICT (");
    add_columns(out, t, &t->key);
    buf_add_c(out, ") DO ");
    bool any = false;
    for (int i = 0; i < t->n_columns; i++) {
        if (column_list_has(&t->key, i))
            continue;
        const char *name = t->columns[i].name;
        buf_printf(out, "%s\"%s\" = excluded.\"%s\"", any ? ", " : "UPDATE SET ", name, name);
        any = true;
    }
    if (!any)
        buf_add_c(out, "NOTHING");
}

void sql_of_table(struct buf *out, const struct table *t, enum table_stmt which)
{
    switch (which) {
    case STMT_INSERT:
        add_insert(out, t);
        return;
    case STMT_PUT:
        add_insert(out, t);
        add_upsert(out, t);
        return;
    case STMT_DELETE:
        buf_add_c(out, "DELETE FROM ");
        add_name(out, t->name);
        break;
    default:
        buf_add_c(out, "SELECT ");
        add_all_columns(out, t);
        buf_add_c(out, " FROM ");
        add_name(out, t->name);
        break;
    }
    buf_add_c(out, " WHERE ");
    add_match(out, t, which >= STMT_GET_BY ? &t->indexes[which - STMT_GET_BY].columns : &t->key);
}

void sql_update(struct buf *out, const struct table *t, uint64_t columns)
{
    buf_add_c(out, "UPDATE ");
    add_name(out, t->name);
    const char *before = " SET ";
    for (int i = 0; i < t->n_columns; i++) {
        if (!(columns & COL(i)))
            continue;
        buf_printf(out, "%s\"%s\" = ?", before, t->columns[i].name);
        before = ", ";
    }
    buf_add_c(out, " WHERE ");
    add_match(out, t, &t->key);
}

static void add_select(struct buf *out, const struct table *t, uint64_t columns)
{
    const char *before = "SELECT ";
    for (; columns != 0; columns &= columns - 1) {
        buf_printf(out, "%s\"%s\"", before, t->columns[__builtin_ctzll(columns)].name);
        before = ", ";
    }
    buf_add_c(out, " FROM ");
}

void sql_get_columns(struct buf *out, const struct table *t, uint64_t columns)
{
    add_select(out, t, columns);
    add_name(out, t->name);
    buf_add_c(out, " WHERE ");
    add_match(out, t, &t->key);
}

int sql_in_slots(int n)
{
    int slots = n > 0 ? 1 : 0;
    while (slots < n)
        slots *= 4;
    return slots;
}

static void add_where(struct buf *out, const struct table *t, const struct query_where *w)
{
    static const char *const compare[] = {
        [QUERY_EQ] = "=",  [QUERY_NE] = "<>", [QUERY_LT] = "<",
        [QUERY_LE] = "<=", [QUERY_GT] = ">",  [QUERY_GE] = ">=",
    };
    const char *name = t->columns[w->column].name;
    switch (w->op) {
    case QUERY_IN:
        buf_printf(out, "\"%s\" IN (", name);
        for (int i = 0; i < sql_in_slots(w->n); i++)
            buf_add_c(out, i > 0 ? ", ?" : "?");
        buf_add_c(out, ")");
        return;
    case QUERY_CONTAINS:
        buf_printf(out, "text_contains(\"%s\", ?)", name);
        return;
    case QUERY_HAS_ITEM:
        buf_printf(out, "text_has_item(\"%s\", ?)", name);
        return;
    case QUERY_PREFIX: /* a range, so that an index helps */
        buf_printf(out, "\"%s\" >= ? AND \"%s\" < ?", name, name);
        return;
    default:
        buf_printf(out, "\"%s\" %s ?", name, compare[w->op]);
        return;
    }
}

/* A partial index is used only if the text of the query repeats its condition: values are bound
 * later. */
static void add_partial(struct buf *out, const struct table *t, const struct table_index *x)
{
    const char *column = t->columns[x->partial_column].name;
    if (x->partial == PARTIAL_AT_MOST)
        buf_printf(out, " AND \"%s\" <= %lld", column, (long long)x->partial_number);
    else if (x->partial == PARTIAL_NOT_EMPTY)
        buf_printf(out, " AND \"%s\" > ''", column);
}

static void add_conditions(struct buf *out, const struct query *q)
{
    for (int i = 0; i < q->n_where; i++) {
        buf_add_c(out, i > 0 ? " AND " : " WHERE ");
        add_where(out, q->table, &q->where[i]);
    }
    for (int i = 0; i < q->table->n_indexes; i++) {
        const struct table_index *x = &q->table->indexes[i];
        if (x->partial != PARTIAL_NONE && query_implies(q, x))
            add_partial(out, q->table, x);
    }
}

static void add_order(struct buf *out, const struct query *q)
{
    const struct table *t = q->table;
    const char *before = " ORDER BY ";
    const char *direction = "";
    for (int i = 0; i < q->n_order; i++) {
        direction = q->order[i].descending ? " DESC" : "";
        buf_printf(out, "%s\"%s\"%s", before, t->columns[q->order[i].column].name, direction);
        before = ", ";
    }
    for (int i = 0; i < t->key.n; i++) {
        buf_printf(out, "%s\"%s\"%s", before, t->columns[t->key.at[i]].name, direction);
        before = ", ";
    }
}

void sql_query(struct buf *out, const struct query *q, enum query_kind kind)
{
    if (kind == QUERY_RUN)
        add_select(out, q->table, query_columns(q));
    else
        buf_add_c(out, kind == QUERY_COUNT ? "SELECT count(*) FROM " : "DELETE FROM ");
    add_name(out, q->table->name);
    add_conditions(out, q);
    if (kind != QUERY_RUN)
        return;
    add_order(out, q);
    if (q->limit > 0 || q->offset > 0)
        buf_add_c(out, " LIMIT ? OFFSET ?");
}
