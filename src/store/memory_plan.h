/* store/memory_plan.h - which tree of the memory back end answers a query, and between which
 * bounds.
 *
 * Whatever is chosen, the rows found must still be compared with the query: a plan only leaves out
 * rows that cannot match.  Private to src/store.
 */
#ifndef STORE_MEMORY_PLAN_H
#define STORE_MEMORY_PLAN_H

#include "store/backend.h"
#include "store/memory_tree.h"

struct plan {
    int tree; /* 0: by key, 1 + i: index i */
    int score;
    bool sorted;           /* the walk gives the rows in the order asked for */
    struct tree_walk walk; /* ready but for tree_walk_start; points into the plan: do not copy it */
    _Alignas(max_align_t) char low[TABLE_ROW_MAX], high[TABLE_ROW_MAX];
};

/* orders: those of the trees of q->table, by key first. */
void plan_choose(struct plan *ret, const struct tree_order *orders, const struct query *q);

#endif
