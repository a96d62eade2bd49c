/* api/parallel.c - RedefineParallelNum of backfills and reruns. */
#include "api/parallel.h"

#include "engine/plan_doc.h"

enum err_code check_parallel(struct call *c)
{
    int64_t n = param_i64(c->params, "RedefineParallelNum", 1);

    return n >= 1 && n <= PLAN_PARALLEL_MAX
               ? E_OK
               : err_user(&c->err, E_RANGE, "RedefineParallelNum", "%lld is not from 1 to %d",
                          "%lld 不在 1 到 %d 之间", (long long)n, PLAN_PARALLEL_MAX);
}
