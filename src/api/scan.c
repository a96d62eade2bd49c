/* api/scan.c - one page of a list whose filters the store cannot express. */
#include "api/scan.h"

void scan_init(struct scan *s, const struct table *t, size_t row_size, const struct page *page,
               struct arena *a)
{
    *s = (struct scan){ .table = t,
                        .arena = a,
                        .row_size_ = row_size,
                        .offset_ = page->offset,
                        .size_ = page->size,
                        .rows = arena_alloc(a, row_size * (size_t)page->size) };
}

void scan_take(struct scan *s, const void *row)
{
    if (s->total >= s->offset_ && s->n < s->size_) {
        row_copy(s->table, s->arena, s->rows + (size_t)s->n * s->row_size_, row);
        s->n++;
    }
    s->total++;
}
