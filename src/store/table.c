/* store/table.c - reading and writing the columns of a row through its descriptor. */
#include "store/table.h"

#include <string.h>

#include "store/store.h"

int64_t column_number(const struct column *c, const void *row)
{
    const char *at = (const char *)row + c->offset;
    switch (c->type) {
    case COLUMN_I64:
        return *(const int64_t *)(const void *)at;
    case COLUMN_I32:
        return *(const int32_t *)(const void *)at;
    case COLUMN_BOOL:
        return *(const bool *)(const void *)at;
    case COLUMN_WALL:
        return ((const struct wall *)(const void *)at)->us;
    case COLUMN_CIVIL:
        return ((const struct civil *)(const void *)at)->s;
    case COLUMN_TEXT:
        break;
    }
    check(c->type != COLUMN_TEXT);
    return 0;
}

struct str column_text(const struct column *c, const void *row)
{
    check(c->type == COLUMN_TEXT);
    return *(const struct str *)(const void *)((const char *)row + c->offset);
}

bool column_knows(const struct column *c, int64_t number)
{
    switch (c->type) {
    case COLUMN_I32:
        if (c->n_values > 0)
            return number >= c->first && number < (int64_t)c->first + c->n_values;
        return number >= INT32_MIN && number <= INT32_MAX;
    case COLUMN_BOOL:
        return number == 0 || number == 1;
    default:
        return true;
    }
}

void column_set_number(const struct column *c, void *row, int64_t number)
{
    char *at = (char *)row + c->offset;
    switch (c->type) {
    case COLUMN_I64:
        *(int64_t *)(void *)at = number;
        return;
    case COLUMN_I32:
        *(int32_t *)(void *)at = (int32_t)number;
        return;
    case COLUMN_BOOL:
        *(bool *)(void *)at = number != 0;
        return;
    case COLUMN_WALL:
        ((struct wall *)(void *)at)->us = number;
        return;
    case COLUMN_CIVIL:
        ((struct civil *)(void *)at)->s = number;
        return;
    case COLUMN_TEXT:
        break;
    }
    check(c->type != COLUMN_TEXT);
}

void column_set_text(const struct column *c, void *row, struct str text)
{
    check(c->type == COLUMN_TEXT);
    *(struct str *)(void *)((char *)row + c->offset) = text;
}

/* Most columns of keys are one 64-bit field, whatever its name: those are compared without a call.
 */
static bool is_plain_64(const struct column *c)
{
    return c->type == COLUMN_I64 || c->type == COLUMN_WALL || c->type == COLUMN_CIVIL;
}
_Static_assert(sizeof(struct wall) == 8 && sizeof(struct civil) == 8, "an instant is one integer");

int column_cmp(const struct column *c, const void *a, const void *b)
{
    int64_t x;
    int64_t y;
    if (is_plain_64(c)) {
        memcpy(&x, (const char *)a + c->offset, sizeof(x));
        memcpy(&y, (const char *)b + c->offset, sizeof(y));
    } else if (c->type == COLUMN_TEXT) {
        return str_cmp(column_text(c, a), column_text(c, b));
    } else {
        x = column_number(c, a);
        y = column_number(c, b);
    }
    return (x > y) - (x < y);
}

bool column_list_has(const struct column_list *l, int column)
{
    for (int i = 0; i < l->n; i++) {
        if (l->at[i] == column)
            return true;
    }
    return false;
}

bool table_has_integer_key(const struct table *t)
{
    return t->key.n == 1 && t->columns[t->key.at[0]].type == COLUMN_I64;
}

bool index_holds(const struct table *t, const struct table_index *x, const void *row)
{
    const struct column *c = &t->columns[x->partial_column];
    switch (x->partial) {
    case PARTIAL_AT_MOST:
        return column_number(c, row) <= x->partial_number;
    case PARTIAL_NOT_EMPTY:
        return column_text(c, row).len > 0;
    case PARTIAL_NONE:
        break;
    }
    return true;
}

/* All texts of the row in one piece, each with the zero behind it that arena_str gives. */
void row_copy(const struct table *t, struct arena *a, void *ret_row, const void *row)
{
    size_t bytes = 0;
    for (int i = 0; i < t->n_columns; i++)
        if (t->columns[i].type == COLUMN_TEXT)
            bytes += column_text(&t->columns[i], row).len + 1;
    if (ret_row != row)
        memcpy(ret_row, row, t->row_size);
    if (bytes == 0)
        return;
    char *at = arena_alloc(a, bytes);
    for (int i = 0; i < t->n_columns; i++) {
        const struct column *c = &t->columns[i];
        if (c->type != COLUMN_TEXT)
            continue;
        struct str text = column_text(c, row);
        if (text.len > 0)
            memcpy(at, text.ptr, text.len);
        column_set_text(c, ret_row, str_make(at, text.len));
        at += text.len + 1;
    }
}

uint64_t table_columns(const struct table *t)
{
    return UINT64_MAX >> (64 - t->n_columns);
}

void row_take(const struct table *t, uint64_t columns, struct arena *a, void *row, const void *from)
{
    if (columns == table_columns(t)) {
        row_copy(t, a, row, from);
        return;
    }
    for (; columns != 0; columns &= columns - 1) {
        const struct column *c = &t->columns[__builtin_ctzll(columns)];
        if (c->type == COLUMN_TEXT)
            column_set_text(c, row, arena_str(a, column_text(c, from)));
        else
            column_set_number(c, row, column_number(c, from));
    }
}

void row_show(const struct table *t, uint64_t columns, void *ret_row, const void *from)
{
    memset(ret_row, 0, t->row_size);
    for (; columns != 0; columns &= columns - 1) {
        const struct column *c = &t->columns[__builtin_ctzll(columns)];
        if (c->type == COLUMN_TEXT)
            column_set_text(c, ret_row, column_text(c, from));
        else
            column_set_number(c, ret_row, column_number(c, from));
    }
}
