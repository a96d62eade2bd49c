/* store/sqlite_rows.c - rows into statements and out of them. */
#include "store/sqlite_int.h"

#include <string.h>

/* Values are bound without copying: the row outlives the step.  "" is never NULL. */
static int bind_text(sqlite3_stmt *stmt, int at, struct str text)
{
    return sqlite3_bind_text64(stmt, at, text.len ? text.ptr : "", text.len, SQLITE_STATIC,
                               SQLITE_UTF8);
}

static int bind_column(sqlite3_stmt *stmt, int at, const struct column *c, const void *row)
{
    if (c->type == COLUMN_TEXT)
        return bind_text(stmt, at, column_text(c, row));
    return sqlite3_bind_int64(stmt, at, column_number(c, row));
}

static int bind_list(sqlite3_stmt *stmt, int at, const struct table *t, const struct column_list *l,
                     const void *row)
{
    int code = SQLITE_OK;
    for (int i = 0; code == SQLITE_OK && i < l->n; i++)
        code = bind_column(stmt, at + i, &t->columns[l->at[i]], row);
    return code;
}

/* The columns that the statement has.  The text belongs to it and is valid until its next step.
 * SQLITE_CORRUPT: a value is none of its column's. */
static int read_columns(sqlite3_stmt *stmt, const struct table *t, uint64_t columns, void *row)
{
    for (int i = 0; columns != 0; i++, columns &= columns - 1) {
        const struct column *c = &t->columns[__builtin_ctzll(columns)];
        bool is_text = c->type == COLUMN_TEXT;
        if (sqlite3_column_type(stmt, i) != (is_text ? SQLITE_TEXT : SQLITE_INTEGER))
            return SQLITE_CORRUPT;
        if (is_text)
            column_set_text(c, row,
                            str_make((const char *)sqlite3_column_text(stmt, i),
                                     (size_t)sqlite3_column_bytes(stmt, i)));
        else if (column_knows(c, sqlite3_column_int64(stmt, i)))
            column_set_number(c, row, sqlite3_column_int64(stmt, i));
        else
            return SQLITE_CORRUPT;
    }
    return SQLITE_OK;
}

/* Step a statement that gives no rows, and make it ready for its next use. */
static enum err_code finish(struct conn *c, sqlite3_stmt *stmt, int code, const char *doing,
                            struct err *e)
{
    if (code == SQLITE_OK)
        code = sqlite3_step(stmt);
    enum err_code rc = code == SQLITE_DONE ? E_OK : conn_err(c, code, doing, e);
    sqlite3_reset(stmt);
    return rc;
}

static enum err_code missing(const struct table *t, struct err *e)
{
    return err_set(e, E_MISSING, "%s has no such row", t->name);
}

enum err_code rows_insert(struct conn *c, const struct table *t, const void *row,
                          enum table_stmt how, struct err *e)
{
    enum err_code rc = E_OK;
    sqlite3_stmt *stmt = stmt_of_table(c, t, how, &rc, e);
    if (!stmt)
        return rc;
    int code = SQLITE_OK;
    for (int i = 0; code == SQLITE_OK && i < t->n_columns; i++)
        code = bind_column(stmt, i + 1, &t->columns[i], row);
    return finish(c, stmt, code, t->name, e);
}

enum err_code rows_update(struct conn *c, const struct table *t, const void *row, uint64_t columns,
                          struct err *e)
{
    enum err_code rc = E_OK;
    sqlite3_stmt *stmt = stmt_update(c, t, columns, &rc, e);
    if (!stmt)
        return rc;
    int at = 1;
    int code = SQLITE_OK;
    for (uint64_t left = columns; code == SQLITE_OK && left != 0; left &= left - 1)
        code = bind_column(stmt, at++, &t->columns[__builtin_ctzll(left)], row);
    if (code == SQLITE_OK)
        code = bind_list(stmt, at, t, &t->key, row);
    rc = finish(c, stmt, code, t->name, e);
    if (rc == E_OK && sqlite3_changes(c->db) == 0)
        return missing(t, e);
    return rc;
}

enum err_code rows_remove(struct conn *c, const struct table *t, const void *row, struct err *e)
{
    enum err_code rc = E_OK;
    sqlite3_stmt *stmt = stmt_of_table(c, t, STMT_DELETE, &rc, e);
    if (!stmt)
        return rc;
    rc = finish(c, stmt, bind_list(stmt, 1, t, &t->key, row), t->name, e);
    if (rc == E_OK && sqlite3_changes(c->db) == 0)
        return missing(t, e);
    return rc;
}

enum err_code rows_get(struct conn *c, const struct table *t, int index, uint64_t columns,
                       struct arena *a, void *row, struct err *e)
{
    enum err_code rc = E_OK;
    sqlite3_stmt *stmt = columns == table_columns(t)
                             ? stmt_of_table(c, t, STMT_GET + 1 + index, &rc, e)
                             : stmt_get_columns(c, t, columns, &rc, e);
    if (!stmt)
        return rc;
    const struct column_list *by = index < 0 ? &t->key : &t->indexes[index].columns;
    int code = bind_list(stmt, 1, t, by, row);
    if (code == SQLITE_OK)
        code = sqlite3_step(stmt);
    _Alignas(max_align_t) char found[TABLE_ROW_MAX];
    if (code == SQLITE_ROW && read_columns(stmt, t, columns, found) != SQLITE_OK)
        code = SQLITE_CORRUPT;
    if (code == SQLITE_ROW) {
        row_take(t, columns, a, row, found);
    } else if (code == SQLITE_DONE) {
        rc = missing(t, e);
    } else {
        rc = conn_err(c, code, t->name, e);
    }
    sqlite3_reset(stmt);
    return rc;
}

/* The first text after all that begin with `prefix`: its last byte that can grow, grown, and the
 * rest dropped. Without one there is no end; an empty blob sorts after all text. */
static int bind_prefix_end(sqlite3_stmt *stmt, int at, struct str prefix)
{
    size_t len = prefix.len;
    while (len > 0 && (unsigned char)prefix.ptr[len - 1] == 0xff)
        len--;
    if (len == 0)
        return sqlite3_bind_zeroblob(stmt, at, 0);
    char *end = sqlite3_malloc64(len);
    if (!end)
        return SQLITE_NOMEM;
    memcpy(end, prefix.ptr, len);
    end[len - 1]++;
    return sqlite3_bind_text64(stmt, at, end, len, sqlite3_free, SQLITE_UTF8);
}

/* Spare parameters of an IN list repeat its last value. */
static int bind_in(sqlite3_stmt *stmt, int *at, const struct query_where *w)
{
    int code = SQLITE_OK;
    int slots = sql_in_slots(w->n);
    for (int i = 0; code == SQLITE_OK && i < slots; i++) {
        int from = i < w->n ? i : w->n - 1;
        code = w->texts ? bind_text(stmt, (*at)++, w->texts[from])
                        : sqlite3_bind_int64(stmt, (*at)++, w->numbers[from]);
    }
    return code;
}

static int bind_where(sqlite3_stmt *stmt, int *at, const struct table *t,
                      const struct query_where *w)
{
    if (w->op == QUERY_IN)
        return bind_in(stmt, at, w);
    if (t->columns[w->column].type != COLUMN_TEXT)
        return sqlite3_bind_int64(stmt, (*at)++, w->number);
    int code = bind_text(stmt, (*at)++, w->text);
    if (code == SQLITE_OK && w->op == QUERY_PREFIX)
        code = bind_prefix_end(stmt, (*at)++, w->text);
    return code;
}

static int bind_query(sqlite3_stmt *stmt, const struct query *q, enum query_kind kind)
{
    int at = 1;
    int code = SQLITE_OK;
    for (int i = 0; code == SQLITE_OK && i < q->n_where; i++)
        code = bind_where(stmt, &at, q->table, &q->where[i]);
    if (code != SQLITE_OK || kind != QUERY_RUN || (q->limit == 0 && q->offset == 0))
        return code;
    code = sqlite3_bind_int64(stmt, at, q->limit > 0 ? q->limit : -1);
    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(stmt, at + 1, q->offset);
    return code;
}

enum err_code rows_run(struct conn *c, const struct query *q, query_each *each, void *ctx,
                       struct err *e)
{
    enum err_code rc = E_OK;
    struct query_stmt one_off;
    struct query_stmt *s = stmt_query(c, q, QUERY_RUN, &one_off, &rc, e);
    if (!s)
        return rc;
    _Alignas(max_align_t) char row[TABLE_ROW_MAX];
    uint64_t columns = query_columns(q);
    memset(row, 0, q->table->row_size); /* columns that are left out are unset */
    int code = bind_query(s->stmt, q, QUERY_RUN);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(s->stmt);
        if (code != SQLITE_ROW)
            break;
        code = read_columns(s->stmt, q->table, columns, row);
        if (code == SQLITE_OK && !each(ctx, row))
            code = SQLITE_DONE;
    }
    if (code != SQLITE_DONE)
        rc = conn_err(c, code, q->table->name, e);
    stmt_query_done(s);
    return rc;
}

enum err_code rows_count(struct conn *c, const struct query *q, int64_t *ret, struct err *e)
{
    enum err_code rc = E_OK;
    struct query_stmt one_off;
    struct query_stmt *s = stmt_query(c, q, QUERY_COUNT, &one_off, &rc, e);
    if (!s)
        return rc;
    int code = bind_query(s->stmt, q, QUERY_COUNT);
    if (code == SQLITE_OK)
        code = sqlite3_step(s->stmt);
    if (code == SQLITE_ROW)
        *ret = sqlite3_column_int64(s->stmt, 0);
    else
        rc = conn_err(c, code, q->table->name, e);
    stmt_query_done(s);
    return rc;
}

enum err_code rows_remove_where(struct conn *c, const struct query *q, int64_t *ret_n,
                                struct err *e)
{
    enum err_code rc = E_OK;
    struct query_stmt one_off;
    struct query_stmt *s = stmt_query(c, q, QUERY_DELETE, &one_off, &rc, e);
    if (!s)
        return rc;
    rc = finish(c, s->stmt, bind_query(s->stmt, q, QUERY_DELETE), q->table->name, e);
    if (rc == E_OK)
        *ret_n = sqlite3_changes64(c->db);
    stmt_query_done(s);
    return rc;
}
