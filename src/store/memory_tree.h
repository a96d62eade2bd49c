/* store/memory_tree.h - ordered sets of rows that share structure with their older selves.
 *
 * A treap whose nodes and rows are counted references.  Whoever keeps a reference to a root has a
 * snapshot: a change copies the nodes on its way that somebody else can reach too, and changes the
 * others in place.  So a snapshot costs one increment, the first change after it a path, and all
 * others nothing extra.
 *
 * Threads: one changes a tree; any number read their own snapshots and drop them.
 * Private to src/store.
 */
#ifndef STORE_MEMORY_TREE_H
#define STORE_MEMORY_TREE_H

#include <stdatomic.h>

#include "store/table.h"

/* A row that never changes, with its text behind it. */
struct mem_row {
    atomic_uint refs;
    _Alignas(max_align_t) char data[]; /* the row struct */
};
/* Copy of a row; when columns is not 0, those columns come from `changes` instead. */
struct mem_row *mem_row_new(const struct table *t, const void *row, const void *changes,
                            uint64_t columns);
struct mem_row *mem_row_ref(struct mem_row *r);
void mem_row_unref(struct mem_row *r);

struct tree; /* a node, and everything below it; NULL: empty */
enum { TREE_COLUMNS_MAX = 2 * COLUMN_LIST_MAX };
/* The columns by which a tree is ordered; all of them together are unique. */
struct tree_order {
    int n;
    const struct column *columns[TREE_COLUMNS_MAX];
    uint8_t numbers[TREE_COLUMNS_MAX];
};
/* Compare by the first n columns. */
int tree_cmp(const struct tree_order *o, int n, const void *a, const void *b);

struct tree *tree_ref(struct tree *t);
void tree_unref(struct tree *t);
/* The row must not be there; the reference to it moves into the tree.  priority: random. */
void tree_insert(struct tree **t, const struct tree_order *o, struct mem_row *row,
                 uint32_t priority);
/* The row must be there.  replace: the place is the same, the reference moves into the tree. */
void tree_replace(struct tree **t, const struct tree_order *o, struct mem_row *row);
void tree_remove(struct tree **t, const struct tree_order *o, const void *row);
/* The first row whose first n columns are those of `row`, or NULL; borrowed. */
struct mem_row *tree_find(const struct tree *t, const struct tree_order *o, int n, const void *row);

/* A walk over the rows between two bounds, both included; a bound of 0 columns is open.  The tree
 * must be kept by a reference meanwhile. */
enum { TREE_DEPTH_MAX = 160 };
struct tree_walk {
    const struct tree_order *order;
    const void *low, *high;
    int n_low, n_high;
    bool backward;
    int depth_;
    const struct tree *path_[TREE_DEPTH_MAX];
};
void tree_walk_start(struct tree_walk *w, const struct tree *t);
struct mem_row *tree_walk_next(struct tree_walk *w); /* NULL at the end */

#endif
