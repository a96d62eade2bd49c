/* api/redefine.c - what backfills, manual runs and reruns redefine, see redefine.h. */
#include "api/redefine.h"

#include <stdio.h>

#include "engine/plan_doc.h"
#include "model/instance.h"
#include "model/task.h"

enum err_code check_parallel(struct call *c)
{
    int64_t n = param_i64(c->params, "RedefineParallelNum", 1);

    return n >= 1 && n <= PLAN_PARALLEL_MAX
               ? E_OK
               : err_user(&c->err, E_RANGE, "RedefineParallelNum", "%lld is not from 1 to %d",
                          "%lld 不在 1 到 %d 之间", (long long)n, PLAN_PARALLEL_MAX);
}

enum err_code read_cycle_flags(struct call *c, unsigned *ret)
{
    struct str value = param_str(c->params, "RedefineSelfWorkflowDependency");

    *ret = str_eq_c(value, "yes")  ? INSTANCE_WAIT_CYCLE
           : str_eq_c(value, "no") ? INSTANCE_SKIP_CYCLE
                                   : 0;
    return value.len == 0 || *ret
               ? E_OK
               : err_user(&c->err, E_RANGE, "RedefineSelfWorkflowDependency",
                          "`%.*s` is not yes or no", "`%.*s` 不是 yes 或 no", STR_ARG(value));
}

static enum err_code check_key(struct call *c, const json_t *pair, const char *path)
{
    if (param_str(pair, "K").len == 0)
        return err_user(&c->err, E_RANGE, path, "a key must not be empty", "键不能为空");
    return E_OK;
}

enum err_code check_redefined_one(struct call *c, const char *member)
{
    const json_t *pair = param_object(c->params, member);
    char path[48];

    snprintf(path, sizeof(path), "%s.K", member);
    return pair ? check_key(c, pair, path) : E_OK;
}

enum err_code check_redefined(struct call *c, const char *member)
{
    const json_t *list = param_list(c->params, member), *item;
    char path[48];
    size_t i;

    if (json_array_size(list) > TASK_LIST_MAX)
        return err_user(&c->err, E_LIMIT, member, "at most %d parameters", "最多 %d 个参数",
                        TASK_LIST_MAX);
    json_array_foreach(list, i, item)
    {
        snprintf(path, sizeof(path), "%s.%zu.K", member, i);
        enum err_code rc = check_key(c, item, path);
        if (rc != E_OK)
            return rc;
    }
    return E_OK;
}
