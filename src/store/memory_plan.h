/* store/memory_plan.h - queries of the memory back end.  Private to src/store. */
#ifndef STORE_MEMORY_PLAN_H
#define STORE_MEMORY_PLAN_H

#include "store/backend.h"
#include "store/memory_table.h"

/* The rows that match, in their order, to `each` until it says false; from the table's tree that
 * leaves most others out.  The table must not change meanwhile. */
void plan_run(const struct mem_table *m, const struct query *q, query_each *each, void *ctx);

#endif
