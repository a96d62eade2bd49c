/* store/memory_row.c - see memory_row.h. */
#include "store/memory_row.h"

#include <string.h>

static struct str *text_at(const struct column *c, void *row)
{
    return (struct str *)(void *)((char *)row + c->offset);
}

/* The struct of the new row; its texts are still those of the callers. */
static void merge(const struct table *t, void *ret, const void *row, const void *changes,
                  uint64_t columns)
{
    memcpy(ret, row, t->row_size);
    for (; columns != 0; columns &= columns - 1) {
        const struct column *c = &t->columns[__builtin_ctzll(columns)];
        if (c->type == COLUMN_TEXT)
            column_set_text(c, ret, column_text(c, changes));
        else
            column_set_number(c, ret, column_number(c, changes));
    }
}

struct mem_row *mem_row_new(const struct table *t, const void *row, const void *changes,
                            uint64_t columns)
{
    _Alignas(max_align_t) char merged[TABLE_ROW_MAX];
    struct str *texts[64];
    int n = 0;
    size_t bytes = t->row_size;

    merge(t, merged, row, changes, columns);
    for (int i = 0; i < t->n_columns; i++) {
        if (t->columns[i].type != COLUMN_TEXT)
            continue;
        texts[n] = text_at(&t->columns[i], merged);
        bytes += texts[n++]->len;
    }
    struct mem_row *r = mem_alloc(sizeof(struct mem_row) + bytes);
    atomic_init(&r->refs, 1);
    char *at = r->data + t->row_size;
    for (int k = 0; k < n; k++) {
        size_t len = texts[k]->len;
        if (len > 0)
            memcpy(at, texts[k]->ptr, len);
        texts[k]->ptr = at;
        at += len;
    }
    memcpy(r->data, merged, t->row_size);
    return r;
}

struct mem_row *mem_row_ref(struct mem_row *r)
{
    atomic_fetch_add_explicit(&r->refs, 1, memory_order_relaxed);
    return r;
}

void mem_row_unref(struct mem_row *r)
{
    if (r && atomic_fetch_sub_explicit(&r->refs, 1, memory_order_acq_rel) == 1)
        mem_free(r);
}
