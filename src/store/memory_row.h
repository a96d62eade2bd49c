/* store/memory_row.h - the rows of the memory back end: they never change, and are shared by those
 * who count a reference.
 *
 * Threads: any may take and drop references.  Private to src/store.
 */
#ifndef STORE_MEMORY_ROW_H
#define STORE_MEMORY_ROW_H

#include <stdatomic.h>

#include "store/table.h"

struct mem_row {
    atomic_uint refs;
    _Alignas(max_align_t) char data[]; /* the row struct, its text behind it */
};

/* Copy of a row; when columns is not 0, those columns come from `changes` instead. */
struct mem_row *mem_row_new(const struct table *t, const void *row, const void *changes,
                            uint64_t columns);
struct mem_row *mem_row_ref(struct mem_row *r);
void mem_row_unref(struct mem_row *r); /* accepts NULL */

#endif
