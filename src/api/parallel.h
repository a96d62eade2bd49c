/* api/parallel.h - RedefineParallelNum of backfills and reruns (docs/reference/semantics.md 3.6).
 */
#ifndef API_PARALLEL_H
#define API_PARALLEL_H

#include "api/action.h"

/* E_RANGE; absent is allowed. */
enum err_code check_parallel(struct call *c);

#endif
