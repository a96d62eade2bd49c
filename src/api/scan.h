/* api/scan.h - one page of a list whose filters the store cannot express.
 *
 * The caller runs a query in the wanted order and gives every row that passes to scan_take; the
 * rows of the page are copied, the others are only counted.  Memory is that of one page.
 */
#ifndef API_SCAN_H
#define API_SCAN_H

#include "api/page.h"

struct scan {
    const struct table *table;
    struct arena *arena;
    size_t row_size_;
    int64_t offset_, size_;
    char *rows; /* n rows of the table's struct */
    int64_t n, total;
};

void scan_init(struct scan *s, const struct table *t, size_t row_size, const struct page *page,
               struct arena *a);
void scan_take(struct scan *s, const void *row);

#endif
