/* model/task_upstream.c - decodes a task's dependencies on other tasks. */
#include "model/decoding.h"

#include <stdio.h>
#include <string.h>

void task_upstream_rule(const struct task_upstream *up, enum cycle down_cycle, enum cycle up_cycle,
                        struct dep_rule *ret)
{
    *ret = up->rule;
    if (!up->rule_given) {
        ret->n_offsets = 0;
        dep_pair_default(down_cycle, up_cycle, &ret->main, &ret->sub);
    }
}

static enum err_code decode_rule(struct decoding *d, const json_t *item, struct task_upstream *up)
{
    struct str main = decoding_text(item, "MainCyclicConfig"),
               sub = decoding_text(item, "SubordinateCyclicConfig");
    struct str offset = decoding_text(item, "Offset");

    up->rule_given = main.len > 0;
    if (!up->rule_given)
        return E_OK;
    if (!dep_main_from_name(main, &up->rule.main))
        return err_user(d->e, E_RANGE, "MainCyclicConfig",
                        "`%.*s` is not a main cycle configuration such as DAY or LIST_DAY",
                        "`%.*s` 不是有效的主依赖配置，例如 DAY、LIST_DAY", STR_ARG(main));
    if (up->rule.main >= DEP_RANGE_DAY) {
        if (sub.len > 0)
            return err_user(d->e, E_RANGE, "SubordinateCyclicConfig", "it must be empty with %.*s",
                            "使用 %.*s 时必须为空", STR_ARG(main));
        enum err_code rc = dep_offsets_parse(up->rule.main, offset, &up->rule, d->e);
        if (rc != E_OK)
            err_prefix(d->e, "Offset");
        return rc;
    }
    if (!dep_sub_from_name(sub, &up->rule.sub))
        return err_user(d->e, E_RANGE, "SubordinateCyclicConfig",
                        "`%.*s` is not a subordinate configuration such as CURRENT_DAY",
                        "`%.*s` 不是有效的次依赖配置，例如 CURRENT_DAY", STR_ARG(sub));
    if (offset.len > 0)
        return err_user(d->e, E_RANGE, "Offset",
                        "only RANGE_ and LIST_ configurations take an offset, not %.*s",
                        "只有 RANGE_ 与 LIST_ 配置可以带偏移，%.*s 不可以", STR_ARG(main));
    return E_OK;
}

static enum err_code decode_conditions(struct decoding *d, const json_t *strategy,
                                       struct task_upstream *up)
{
    static const struct {
        const char *name;
        enum null_condition bit;
    } names[] = {
        { "NOT_EXIST", NULL_NOT_EXIST },
        { "PARENT_EXPIRED", NULL_PARENT_EXPIRED },
        { "PARENT_TIMEOUT", NULL_PARENT_TIMEOUT },
    };
    const json_t *list = json_object_get(strategy, "TaskDependencyExecutingStrategies"), *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        unsigned before = up->conditions;
        for (size_t j = 0; j < ARRAY_LEN(names); j++)
            if (json_is_string(item) && strcmp(json_string_value(item), names[j].name) == 0)
                up->conditions |= names[j].bit;
        if (up->conditions == before)
            return err_user(
                d->e, E_RANGE, "DependencyStrategy.TaskDependencyExecutingStrategies",
                "each is one of NOT_EXIST, PARENT_EXPIRED, PARENT_TIMEOUT, and stands once",
                "每项为 NOT_EXIST、PARENT_EXPIRED、PARENT_TIMEOUT 之一且不重复");
    }
    if (up->conditions == 0)
        up->conditions = NULL_NOT_EXIST;
    if ((up->conditions & NULL_PARENT_TIMEOUT) && up->timeout_minutes <= 0)
        return err_user(d->e, E_RANGE, "DependencyStrategy.TaskDependencyExecutingTimeoutValue",
                        "PARENT_TIMEOUT needs a number of minutes above 0",
                        "PARENT_TIMEOUT 需要大于 0 的分钟数");
    return E_OK;
}

static enum err_code decode_strategy(struct decoding *d, const json_t *item,
                                     struct task_upstream *up)
{
    const json_t *strategy = json_object_get(item, "DependencyStrategy");
    struct str name = decoding_text(strategy, "PollingNullStrategy");

    up->strategy = NULL_WAITING;
    if (!decoding_number(strategy, "TaskDependencyExecutingTimeoutValue", 0,
                         &up->timeout_minutes) ||
        up->timeout_minutes < 0 || up->timeout_minutes > 10000000)
        return err_user(d->e, E_RANGE, "DependencyStrategy.TaskDependencyExecutingTimeoutValue",
                        "it is a number of minutes from 0 on", "为不小于 0 的分钟数");
    if (str_eq_c(name, "EXECUTING")) {
        up->strategy = NULL_EXECUTING;
        return decode_conditions(d, strategy, up);
    }
    if (name.len > 0 && !str_eq_c(name, "WAITING"))
        return err_user(d->e, E_RANGE, "DependencyStrategy.PollingNullStrategy",
                        "`%.*s` is not WAITING or EXECUTING", "`%.*s` 不是 WAITING 或 EXECUTING",
                        STR_ARG(name));
    return E_OK;
}

static enum err_code decode_upstream(struct decoding *d, const json_t *item,
                                     struct task_upstream *up)
{
    struct str id = decoding_text(item, "TaskId");
    enum err_code rc;

    /* Text that cannot be a task's id names no task. */
    if (!task_id_parse(id, &up->task_id))
        return err_user(d->e, E_MISSING, "TaskId", "there is no task `%.*s`", "任务 `%.*s` 不存在",
                        STR_ARG(id));
    rc = decode_rule(d, item, up);
    return rc != E_OK ? rc : decode_strategy(d, item, up);
}

enum err_code decode_upstreams(struct decoding *d)
{
    const json_t *list = json_object_get(d->scheduler, "UpstreamDependencyConfigList"), *item;
    size_t i, n = json_array_size(list);
    struct task_upstream *ups;
    char path[96];

    if (n > TASK_LIST_MAX)
        return err_user(d->e, E_LIMIT, SCHEDULER "UpstreamDependencyConfigList",
                        "at most %d upstream tasks", "最多 %d 个上游任务", TASK_LIST_MAX);
    ups = ARENA_ARRAY(d->arena, struct task_upstream, n + 1);
    json_array_foreach(list, i, item)
    {
        enum err_code rc = decode_upstream(d, item, &ups[i]);
        for (size_t j = 0; j < i && rc == E_OK; j++)
            if (ups[j].task_id == ups[i].task_id)
                rc = err_user(d->e, E_RANGE, "TaskId",
                              "the upstream task stands in the list already", "上游任务重复");
        if (rc != E_OK) {
            snprintf(path, sizeof(path), SCHEDULER "UpstreamDependencyConfigList.%zu", i);
            return err_prefix(d->e, path), rc;
        }
    }
    d->spec->upstreams = ups;
    d->spec->n_upstreams = (int)n;
    return E_OK;
}
