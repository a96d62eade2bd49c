/* model/trigger_policy.c - when a task of a workflow that runs as a whole may run. */
#include "model/trigger_policy.h"

#include "base/mem.h"

static const char *const names[TRIGGER_POLICY_N_] = {
    "ALL_SUCCESS",
    "ALL_FAILED",
    "ALL_DONE",
    "ALL_DONE_AT_LEAST_ONE_SUCCESS",
    "ALL_DONE_AT_LEAST_ONE_FAILED",
    "ALL_DONE_NONE_FAILED_AT_LEAST_ONE_SUCCESS",
    "ALL_SKIPPED",
    "NONE_FAILED",
    "NONE_SKIPPED",
    "ONE_SUCCESS",
    "ONE_FAILED",
    "ONE_DONE",
};

bool trigger_policy_from_name(struct str name, enum trigger_policy *ret)
{
    *ret = TRIGGER_ALL_SUCCESS;
    if (name.len == 0)
        return true;
    for (int i = 0; i < TRIGGER_POLICY_N_; i++)
        if (str_eq_c(name, names[i])) {
            *ret = (enum trigger_policy)i;
            return true;
        }
    return false;
}

/* Does it pass, once all are final? */
static bool passes(enum trigger_policy policy, const struct trigger_counts *n)
{
    bool no_success = n->success == 0, no_failed = n->failed == 0, no_skipped = n->skipped == 0;

    switch (policy) {
    case TRIGGER_ALL_SUCCESS:
        return no_failed && n->upstream_failed == 0 && no_skipped;
    case TRIGGER_ALL_FAILED:
        return no_success && no_skipped;
    case TRIGGER_ALL_DONE_AT_LEAST_ONE_FAILED:
        return !no_failed;
    case TRIGGER_ALL_DONE_NONE_FAILED_AT_LEAST_ONE_SUCCESS:
        return no_failed && !no_success;
    case TRIGGER_ALL_SKIPPED:
        return no_success && no_failed && n->upstream_failed == 0;
    case TRIGGER_NONE_FAILED:
        return no_failed && n->upstream_failed == 0;
    case TRIGGER_NONE_SKIPPED:
        return no_skipped;
    case TRIGGER_ALL_DONE_AT_LEAST_ONE_SUCCESS:
    case TRIGGER_ONE_SUCCESS:
        return !no_success;
    case TRIGGER_ONE_FAILED:
        return !no_failed;
    default:
        return true;
    }
}

/* Of those that need not wait for all. */
static bool passes_early(enum trigger_policy policy, const struct trigger_counts *n)
{
    return (policy == TRIGGER_ONE_SUCCESS && n->success > 0) ||
           (policy == TRIGGER_ONE_FAILED && n->failed > 0) ||
           (policy == TRIGGER_ONE_DONE &&
            n->success + n->failed + n->upstream_failed + n->skipped > 0);
}

enum trigger_verdict trigger_policy_decide(enum trigger_policy policy,
                                           const struct trigger_counts *n)
{
    int final = n->success + n->failed + n->upstream_failed + n->skipped;

    check(policy >= 0 && policy < TRIGGER_POLICY_N_);
    if (n->active + final == 0 || passes_early(policy, n))
        return TRIGGER_RUN;
    if (n->active > 0)
        return TRIGGER_WAIT;
    if (passes(policy, n))
        return TRIGGER_RUN;
    if (policy == TRIGGER_NONE_FAILED || (policy == TRIGGER_ALL_SUCCESS && n->skipped == 0))
        return TRIGGER_UPSTREAM_FAILED;
    return TRIGGER_SKIP;
}
