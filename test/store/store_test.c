/* test/store/store_test.c - what the tests of the store share. */
#include "store_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/file.h"

void place_init(struct place *p)
{
    snprintf(p->dir, sizeof(p->dir), "/tmp/weft-store-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    snprintf(p->db, sizeof(p->db), "%s/weft.db", p->dir);
}

void place_done(struct place *p)
{
    assert_int_equal(dir_remove_all(p->dir, NULL), E_OK);
}

struct store *open_ok(const char *where)
{
    struct store *s = NULL;
    struct err e = ERR_INIT;
    if (store_open(where, &s, &e) != E_OK)
        fail_msg("store_open(%s): %s", where, e.text);
    return s;
}

void random_column(struct prng *p, const struct column *c, void *row)
{
    static const struct str texts[] = {
        { "", 0 },     { "a", 1 },         { "A", 1 },     { "ab", 2 },
        { "aB;b", 4 }, { "b;a", 3 },       { ";", 1 },     { "a%b", 3 },
        { "a_b", 3 },  { "\xc3\xa9t", 3 }, { "a\xff", 2 }, { "\xff\xff", 2 },
    };
    if (c->type == COLUMN_TEXT)
        column_set_text(c, row, texts[prng_below(p, ARRAY_LEN(texts))]);
    else
        column_set_number(c, row,
                          c->type == COLUMN_BOOL ? prng_range(p, 0, 1)
                          : c->n_values > 0 ? prng_range(p, c->first, c->first + c->n_values - 1)
                                            : prng_range(p, -2, 6));
}

void random_row(struct prng *p, const struct table *t, void *row)
{
    memset(row, 0, t->row_size);
    for (int i = 0; i < t->n_columns; i++)
        random_column(p, &t->columns[i], row);
}

bool rows_equal(const struct table *t, const void *a, const void *b)
{
    for (int i = 0; i < t->n_columns; i++) {
        if (column_cmp(&t->columns[i], a, b) != 0)
            return false;
    }
    return true;
}
