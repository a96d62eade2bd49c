/* store/memory_table.h - one table of the memory back end: its rows by key in a hash, and in one
 * tree by key and one per index.
 *
 * Whoever counts a reference keeps the table as it is: who wants to change it then makes a copy,
 * whole.  That is dear, and happens only when a reader looks at a table while it is changed.
 *
 * Threads: references are counted under the lock of the back end, and so are changes and copies
 * made; any number read a table that somebody keeps.  Private to src/store.
 */
#ifndef STORE_MEMORY_TABLE_H
#define STORE_MEMORY_TABLE_H

#include "store/memory_tree.h"

enum { TREES_PER_TABLE = 1 + TABLE_INDEXES_MAX };

struct mem_place {
    uint64_t hash;
    struct mem_slot *slot; /* NULL: free */
};
struct mem_table {
    unsigned refs;
    const struct table *table;
    const struct tree_order *orders; /* of trees; borrowed */
    struct mem_place *places;        /* open addressing by key; owned, with their slots */
    size_t n, cap;
    struct tree trees[TREES_PER_TABLE]; /* by key, then the indexes */
};

struct mem_table *mem_table_new(const struct table *t, const struct tree_order *orders);
struct mem_table *mem_table_copy(const struct mem_table *m);
void mem_table_unref(struct mem_table *m);
/* The row with the key of `row`; by the unique columns of tree `tree`.  NULL: none. */
struct mem_row *mem_table_get(const struct mem_table *m, const void *row);
struct mem_row *mem_table_get_by(const struct mem_table *m, int tree, const void *row);
/* Whether a unique index has another row than `except` (may be NULL) with the same columns. */
bool mem_table_is_taken(const struct mem_table *m, const void *row, const struct mem_row *except);
/* Put `row` in the place of `old`, which is there and has the same key; either may be NULL.  The
 * reference to row moves into the table, that to old goes back to the caller. */
void mem_table_change(struct mem_table *m, struct mem_row *old, struct mem_row *row);

#endif
