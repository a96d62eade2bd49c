/* store/sqlite_stmt.c - statements are prepared once per connection and found again cheaply.
 *
 * Inserts, gets of whole rows and deletes are an array by table; updates, and gets of some columns,
 * a few slots per table, by the mask of their columns; queries a table by shape.  When slots run
 * out the one not used for longest is given up.
 */
#include "store/sqlite_int.h"

#include <string.h>

#include "base/map.h"

enum { SQL_BYTES_MAX = 64 * 1024 };

static sqlite3_stmt *prepare(struct conn *c, struct buf *sql, unsigned flags, enum err_code *rc,
                             struct err *e)
{
    sqlite3_stmt *stmt = NULL;
    check(!sql->overflow);
    int code = sqlite3_prepare_v3(c->db, sql->ptr, (int)sql->len, flags, &stmt, NULL);
    if (code != SQLITE_OK)
        *rc = conn_err(c, code, "preparing a statement", e);
    buf_done(sql);
    return stmt;
}

sqlite3_stmt *stmt_plain(struct conn *c, enum conn_stmt which, enum err_code *rc, struct err *e)
{
    static const char *const texts[CONN_STMT_N_] = {
        [STMT_BEGIN] = "BEGIN IMMEDIATE",
        [STMT_READ] = "BEGIN",
        [STMT_COMMIT] = "COMMIT",
        [STMT_ROLLBACK] = "ROLLBACK",
        [STMT_SAVEPOINT] = "SAVEPOINT command",
        [STMT_RELEASE] = "RELEASE command",
        [STMT_REVERT] = "ROLLBACK TO command",
        [STMT_SNAPSHOT] = "SELECT count(*) FROM (SELECT 1 FROM \"meta\" LIMIT 1)",
        [STMT_COUNT] = "UPDATE commits SET n = ?1",
    };
    if (c->plain[which])
        return c->plain[which];
    struct buf sql;
    buf_init(&sql, SQL_BYTES_MAX);
    buf_add_c(&sql, texts[which]);
    return c->plain[which] = prepare(c, &sql, SQLITE_PREPARE_PERSISTENT, rc, e);
}

sqlite3_stmt *stmt_of_table(struct conn *c, const struct table *t, enum table_stmt which,
                            enum err_code *rc, struct err *e)
{
    sqlite3_stmt **at = &c->of_table[t->number][which];
    if (*at)
        return *at;
    struct buf sql;
    buf_init(&sql, SQL_BYTES_MAX);
    sql_of_table(&sql, t, which);
    return *at = prepare(c, &sql, SQLITE_PREPARE_PERSISTENT, rc, e);
}

typedef void sql_of_columns(struct buf *out, const struct table *t, uint64_t columns);

static sqlite3_stmt *of_columns(struct conn *c, struct columns_stmt *slots, int n,
                                sql_of_columns *write, const struct table *t, uint64_t columns,
                                enum err_code *rc, struct err *e)
{
    struct columns_stmt *oldest = slots;
    for (int i = 0; i < n; i++) {
        if (slots[i].columns == columns) {
            slots[i].used_at = ++c->clock;
            return slots[i].stmt;
        }
        if (slots[i].used_at < oldest->used_at)
            oldest = &slots[i];
    }
    struct buf sql;
    buf_init(&sql, SQL_BYTES_MAX);
    write(&sql, t, columns);
    sqlite3_stmt *stmt = prepare(c, &sql, SQLITE_PREPARE_PERSISTENT, rc, e);
    if (!stmt)
        return NULL;
    sqlite3_finalize(oldest->stmt);
    *oldest = (struct columns_stmt){ .columns = columns, .used_at = ++c->clock, .stmt = stmt };
    return stmt;
}

sqlite3_stmt *stmt_update(struct conn *c, const struct table *t, uint64_t columns,
                          enum err_code *rc, struct err *e)
{
    return of_columns(c, c->updates[t->number], UPDATE_SHAPES_MAX, sql_update, t, columns, rc, e);
}

sqlite3_stmt *stmt_get_columns(struct conn *c, const struct table *t, uint64_t columns,
                               enum err_code *rc, struct err *e)
{
    return of_columns(c, c->gets[t->number], GET_SHAPES_MAX, sql_get_columns, t, columns, rc, e);
}

/* All that the SQL text depends on. */
static void shape_of(const struct query *q, enum query_kind kind, struct query_shape *ret)
{
    uint8_t *at = ret->bytes;
    *at++ = (uint8_t)q->table->number;
    bool some = kind == QUERY_RUN && q->columns != 0;
    *at++ = (uint8_t)((unsigned)kind | (some ? 0x80u : 0));
    *at++ = (uint8_t)q->n_where;
    for (int i = 0; i < q->n_where; i++) {
        const struct query_where *w = &q->where[i];
        int slots = w->op == QUERY_IN ? sql_in_slots(w->n) : 0;
        *at++ = (uint8_t)w->column;
        *at++ = (uint8_t)w->op;
        *at++ = (uint8_t)slots;
        *at++ = (uint8_t)(slots >> 8);
    }
    uint8_t implied = 0;
    for (int i = 0; i < q->table->n_indexes; i++) {
        const struct table_index *x = &q->table->indexes[i];
        if (x->partial != PARTIAL_NONE && query_implies(q, x))
            implied |= (uint8_t)(1u << i);
    }
    *at++ = implied;
    for (int i = 0; kind == QUERY_RUN && i < q->n_order; i++) {
        *at++ = (uint8_t)q->order[i].column;
        *at++ = q->order[i].descending;
    }
    *at++ = q->limit > 0 || q->offset > 0;
    for (int i = 0; some && i < 8; i++)
        *at++ = (uint8_t)(q->columns >> 8 * i);
    ret->len = (uint8_t)(at - ret->bytes);
}
_Static_assert(3 + 4 * QUERY_WHERE_MAX + 1 + 2 * QUERY_ORDER_MAX + 1 + 8 <= QUERY_SHAPE_BYTES,
               "every query fits into a shape");

static struct query_stmt *find_query(struct conn *c, const struct query_shape *shape, uint64_t hash,
                                     struct query_stmt *one_off)
{
    struct query_stmt *oldest = NULL;
    for (int i = 0; i < QUERY_SHAPES_MAX; i++) {
        struct query_stmt *s = &c->queries[i];
        if (s->busy)
            continue;
        if (s->stmt && s->hash == hash && s->shape.len == shape->len &&
            memcmp(s->shape.bytes, shape->bytes, shape->len) == 0)
            return s;
        if (!oldest || s->used_at < oldest->used_at)
            oldest = s;
    }
    if (oldest) {
        sqlite3_finalize(oldest->stmt);
        *oldest = (struct query_stmt){ 0 };
        return oldest;
    }
    *one_off = (struct query_stmt){ .one_off = true };
    return one_off;
}

struct query_stmt *stmt_query(struct conn *c, const struct query *q, enum query_kind kind,
                              struct query_stmt *one_off, enum err_code *rc, struct err *e)
{
    struct query_shape shape;
    shape_of(q, kind, &shape);
    uint64_t hash = hash_bytes(shape.bytes, shape.len);
    struct query_stmt *s = find_query(c, &shape, hash, one_off);
    if (!s->stmt) {
        struct buf sql;
        buf_init(&sql, SQL_BYTES_MAX);
        sql_query(&sql, q, kind);
        s->stmt = prepare(c, &sql, s->one_off ? 0 : SQLITE_PREPARE_PERSISTENT, rc, e);
        if (!s->stmt)
            return NULL;
        s->shape = shape;
        s->hash = hash;
    }
    s->used_at = ++c->clock;
    s->busy = true;
    return s;
}

void stmt_query_done(struct query_stmt *s)
{
    sqlite3_reset(s->stmt);
    s->busy = false;
    if (s->one_off)
        sqlite3_finalize(s->stmt);
}

void stmt_finalize_all(struct conn *c)
{
    for (int i = 0; i < CONN_STMT_N_; i++)
        sqlite3_finalize(c->plain[i]);
    for (int i = 0; i < TABLE_N_; i++) {
        for (int j = 0; j < TABLE_STMT_N_; j++)
            sqlite3_finalize(c->of_table[i][j]);
        for (int j = 0; j < UPDATE_SHAPES_MAX; j++)
            sqlite3_finalize(c->updates[i][j].stmt);
        for (int j = 0; j < GET_SHAPES_MAX; j++)
            sqlite3_finalize(c->gets[i][j].stmt);
    }
    for (int i = 0; i < QUERY_SHAPES_MAX; i++)
        sqlite3_finalize(c->queries[i].stmt);
}
