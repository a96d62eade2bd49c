/* model/task_option.c - decodes how a task runs: numbers, choices, its lists of parameters. */
#include "model/decoding.h"
#include "model/trigger_policy.h"

#include <stdio.h>

/* An option with two spellings, text and number; the number wins (2.2). */
static enum err_code decode_twin(struct decoding *d, const char *text_name, const char *number_name,
                                 int64_t otherwise, int64_t min, int64_t max, bool minus_one,
                                 int64_t *ret)
{
    const char *name = decoding_has(d->scheduler, number_name) ? number_name : text_name;
    char path[64];

    if (decoding_number(d->scheduler, name, otherwise, ret) &&
        ((*ret >= min && *ret <= max) || (minus_one && *ret == -1)))
        return E_OK;
    snprintf(path, sizeof(path), SCHEDULER "%s", name);
    if (minus_one)
        return err_user(d->e, E_RANGE, path, "it is -1 (off) or a whole number from %lld to %lld",
                        "取值为 -1(关闭)或 %lld 到 %lld 的整数", (long long)min, (long long)max);
    return err_user(d->e, E_RANGE, path, "it is a whole number from %lld to %lld",
                    "取值为 %lld 到 %lld 的整数", (long long)min, (long long)max);
}

enum { MINUTES_MAX = 1000000, RETRIES_MAX = 100 };

static enum err_code decode_numbers(struct decoding *d)
{
    struct task_spec *s = d->spec;
    int64_t dry = 0, priority = 6, allow = 1;
    enum err_code rc = decode_twin(d, "ScheduleRunType", "ScheduleType", 0, 0, 1, false, &dry);

    if (rc == E_OK)
        rc = decode_twin(d, "RunPriority", "RunPriorityType", 6, 4, 6, false, &priority);
    if (rc == E_OK)
        rc = decode_twin(d, "RetryWait", "RetryWaitMinute", 5, 0, MINUTES_MAX, false,
                         &s->retry_wait_minutes);
    if (rc == E_OK)
        rc = decode_twin(d, "MaxRetryAttempts", "MaxRetryNumber", 4, 0, RETRIES_MAX, false,
                         &s->max_retries);
    if (rc == E_OK)
        rc = decode_twin(d, "ExecutionTTL", "ExecutionTTLMinute", -1, 1, MINUTES_MAX, true,
                         &s->execution_ttl_minutes);
    if (rc == E_OK)
        rc = decode_twin(d, "WaitExecutionTotalTTL", "WaitExecutionTotalTTLMinute", -1, 1,
                         MINUTES_MAX, true, &s->wait_ttl_minutes);
    if (rc == E_OK)
        rc = decode_twin(d, "AllowDownstreamDependency", "AllowDownstreamDependency", 1, 0, 1,
                         false, &allow);
    s->dry_run = dry == 1;
    s->priority = (int)priority;
    s->allow_downstream = allow == 1;
    return rc;
}

static enum err_code decode_choices(struct decoding *d)
{
    struct str self = decoding_text(d->scheduler, "SelfDepend"),
               redo = decoding_text(d->scheduler, "AllowRedoType");
    struct str policy = decoding_text(d->scheduler, "DependencyTriggerPolicy");
    struct task_spec *s = d->spec;
    enum trigger_policy ignored; /* 3.7: of no effect in task scheduling */

    if (self.len == 0 || str_eq_c(self, "serial"))
        s->self_depend = SELF_SERIAL;
    else if (str_eq_c(self, "orderly"))
        s->self_depend = SELF_ORDERLY;
    else if (str_eq_c(self, "parallel"))
        s->self_depend = SELF_PARALLEL;
    else
        return err_user(d->e, E_RANGE, SCHEDULER "SelfDepend",
                        "`%.*s` is not one of parallel, serial, orderly",
                        "`%.*s` 不是 parallel、serial、orderly 之一", STR_ARG(self));
    if (redo.len == 0 || str_eq_c(redo, "ALL"))
        s->redo = REDO_ALL;
    else if (str_eq_c(redo, "FAILURE"))
        s->redo = REDO_FAILURE;
    else if (str_eq_c(redo, "NONE"))
        s->redo = REDO_NONE;
    else
        return err_user(d->e, E_RANGE, SCHEDULER "AllowRedoType",
                        "`%.*s` is not one of ALL, FAILURE, NONE",
                        "`%.*s` 不是 ALL、FAILURE、NONE 之一", STR_ARG(redo));
    if (!trigger_policy_from_name(policy, &ignored))
        return err_user(d->e, E_RANGE, SCHEDULER "DependencyTriggerPolicy",
                        "`%.*s` is not a trigger policy such as ALL_SUCCESS",
                        "`%.*s` 不是有效的触发策略，例如 ALL_SUCCESS", STR_ARG(policy));
    return E_OK;
}

enum err_code decode_options(struct decoding *d)
{
    enum err_code rc = decode_numbers(d);

    if (rc == E_OK)
        rc = decode_choices(d);
    return rc != E_OK
               ? rc
               : decoding_check_length(d, json_object_get(d->scheduler, "TaskOutputRegistryList"),
                                       SCHEDULER "TaskOutputRegistryList");
}
