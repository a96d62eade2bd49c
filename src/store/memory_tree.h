/* store/memory_tree.h - ordered sets of rows: the indexes of the memory back end.
 *
 * A B+ tree of slots.  A slot is the place of one row: whoever changes the row without touching the
 * columns of a tree puts another into the slot, and the tree need not know.  Each entry keeps the
 * beginning of its order as integers, so that a search seldom looks at rows.
 *
 * Threads: one changes a tree, while nobody reads it; any number read.  Private to src/store.
 */
#ifndef STORE_MEMORY_TREE_H
#define STORE_MEMORY_TREE_H

#include "store/memory_row.h"

struct mem_slot {
    struct mem_row *row;   /* a reference is owned */
    struct mem_slot *copy; /* while its table is copied (memory_table.c) */
};

enum { TREE_COLUMNS_MAX = 2 * COLUMN_LIST_MAX, TREE_HEADS = 3 };
/* The columns by which a tree is ordered; all of them together are unique. */
struct tree_order {
    int n;
    const struct column *columns[TREE_COLUMNS_MAX];
    uint8_t numbers[TREE_COLUMNS_MAX];
};
/* Compare by the first n columns. */
int tree_cmp(const struct tree_order *o, int n, const void *a, const void *b);

struct tree_node;
struct tree { /* zero: empty */
    struct tree_node *root;
};
void tree_done(struct tree *t);
/* The row of the slot must not be there. */
void tree_insert(struct tree *t, const struct tree_order *o, struct mem_slot *slot);
/* The slot must be there, with the row as it was inserted. */
void tree_remove(struct tree *t, const struct tree_order *o, const struct mem_slot *slot);
/* The first slot whose row has the first n columns of `row`, or NULL. */
struct mem_slot *tree_find(const struct tree *t, const struct tree_order *o, int n,
                           const void *row);
/* The same tree over the copies of its slots. */
struct tree tree_copy(const struct tree *t);

/* The beginning of a row in an order: the first n columns count. */
struct tree_key {
    uint64_t head[TREE_HEADS];
    const void *row;
    int n;
};

/* A walk over the rows between two bounds, both included; a bound of 0 columns is open.  The tree
 * must not change meanwhile. */
enum { TREE_DEPTH_MAX = 24 };
struct tree_walk {
    const struct tree_order *order;
    const void *low, *high;
    int n_low, n_high;
    bool backward;
    struct tree_key end_;
    int depth_; /* 0: it is over */
    struct {
        const struct tree_node *node;
        int at;
    } path_[TREE_DEPTH_MAX];
};
void tree_walk_start(struct tree_walk *w, const struct tree *t);
struct mem_row *tree_walk_next(struct tree_walk *w); /* NULL at the end */

#endif
