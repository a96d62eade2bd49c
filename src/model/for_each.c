/* model/for_each.c - the code of a for-each task as one Shell script. */
#include "model/for_each.h"

#include <stdio.h>

#include "base/arena.h"

enum { CELLS_MAX = 100 };

/* A line that does not occur in the text. */
static void end_mark(struct str text, char out[32])
{
    int n = 0;

    do
        snprintf(out, 32, n == 0 ? "END_OF_ROW" : "END_OF_ROW_%d", n);
    while (str_find(text, str_from(out)) >= 0 && n++ < 100000);
}

/* ${key}, ${key[0]} ..., ${key.index} of one row. */
static size_t meanings(struct str key, struct str row, int index, struct arena *a,
                       struct substitution *ret)
{
    struct str rest = row;
    size_t n = 0;

    ret[n++] = (struct substitution){ arena_printf(a, "${%.*s}", STR_ARG(key)), row };
    ret[n++] = (struct substitution){ arena_printf(a, "${%.*s.index}", STR_ARG(key)),
                                      arena_printf(a, "%d", index) };
    for (int cell = 0; cell < CELLS_MAX && rest.ptr; cell++) {
        struct str value = str_split(&rest, ',');
        ret[n++] =
            (struct substitution){ arena_printf(a, "${%.*s[%d]}", STR_ARG(key), cell), value };
    }
    return n;
}

static enum err_code add_row(struct str text, struct str key, struct str row, int index,
                             struct buf *out, struct err *e)
{
    struct substitution items[CELLS_MAX + 2];
    struct arena a;
    struct buf code;
    char mark[32];

    arena_init(&a);
    buf_init(&code, SIZE_MAX);
    struct substitutions all = { items, meanings(key, row, index, &a, items) };
    enum err_code rc = parameters_apply(text, &all, &code, e);
    if (rc == E_OK) {
        end_mark(buf_str(&code), mark);
        buf_printf(out, "# row %d\ncat >row.sh <<'%s'\n", index, mark);
        buf_add_str(out, buf_str(&code));
        buf_printf(out, "%s%s\n/bin/bash row.sh || exit\n",
                   str_ends_with(buf_str(&code), STR("\n")) ? "" : "\n", mark);
    }
    buf_done(&code);
    arena_done(&a);
    return rc;
}

enum err_code for_each_script(struct str text, struct str key, struct str value, struct buf *out,
                              struct err *e)
{
    char separator = str_find_char(str_trim(value), '\n') >= 0 ? '\n' : ',';
    enum err_code rc = E_OK;
    int index = 0;

    while (value.ptr && rc == E_OK) {
        struct str row = str_trim(str_split(&value, separator));
        if (row.len == 0)
            continue;
        if (index == FOR_EACH_ROWS_MAX)
            return err_set(e, E_LIMIT, "the array `%.*s` has more than %d rows", STR_ARG(key),
                           FOR_EACH_ROWS_MAX);
        rc = add_row(text, key, row, index++, out, e);
        if (rc == E_OK && (out->overflow || out->len > PARAMETER_BYTES_MAX))
            rc = err_set(e, E_LIMIT, "with its rows the code is longer than %d MB",
                         PARAMETER_BYTES_MAX >> 20);
    }
    return rc;
}
