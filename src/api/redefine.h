/* api/redefine.h - what backfills, manual runs and reruns redefine of their instances:
 * RedefineParallelNum (docs/reference/semantics.md 3.6), RedefineSelfWorkflowDependency (2.9), and
 * parameters (6.2). */
#ifndef API_REDEFINE_H
#define API_REDEFINE_H

#include "api/action.h"

/* E_RANGE; absent is allowed. */
enum err_code check_parallel(struct call *c);
/* enum instance_flags of the rounds; 0: as their workflow says.  E_RANGE. */
enum err_code read_cycle_flags(struct call *c, unsigned *ret);
/* One {K, V}; absent is allowed.  E_RANGE an empty key. */
enum err_code check_redefined_one(struct call *c, const char *member);
/* The member that lists parameters as {K, V}.  E_LIMIT; E_RANGE an empty key. */
enum err_code check_redefined(struct call *c, const char *member);

#endif
