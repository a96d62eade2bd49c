/* api/parallel.h - what backfills and reruns redefine of how instances wait for each other:
 * RedefineParallelNum (docs/reference/semantics.md 3.6), RedefineSelfWorkflowDependency (2.9). */
#ifndef API_PARALLEL_H
#define API_PARALLEL_H

#include "api/action.h"

/* E_RANGE; absent is allowed. */
enum err_code check_parallel(struct call *c);
/* enum instance_flags of the rounds; 0: as their workflow says.  E_RANGE. */
enum err_code read_cycle_flags(struct call *c, unsigned *ret);

#endif
