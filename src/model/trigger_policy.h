/* model/trigger_policy.h - when a task of a workflow that runs as a whole may run, by how those
 * before it ended.
 *
 * docs/reference/semantics.md 9.5, 3.7.  In task scheduling the policy of a task is checked and
 * kept, and changes nothing.
 */
#ifndef MODEL_TRIGGER_POLICY_H
#define MODEL_TRIGGER_POLICY_H

#include "base/str.h"

enum trigger_policy {
    TRIGGER_ALL_SUCCESS, /* also when none is given */
    TRIGGER_ALL_FAILED,
    TRIGGER_ALL_DONE,
    TRIGGER_ALL_DONE_AT_LEAST_ONE_SUCCESS,
    TRIGGER_ALL_DONE_AT_LEAST_ONE_FAILED,
    TRIGGER_ALL_DONE_NONE_FAILED_AT_LEAST_ONE_SUCCESS,
    TRIGGER_ALL_SKIPPED,
    TRIGGER_NONE_FAILED,
    TRIGGER_NONE_SKIPPED,
    TRIGGER_ONE_SUCCESS,
    TRIGGER_ONE_FAILED,
    TRIGGER_ONE_DONE,
    TRIGGER_POLICY_N_
};
/* Exact case; empty is ALL_SUCCESS. */
bool trigger_policy_from_name(struct str name, enum trigger_policy *ret);

/* How many of those before it are in each state. */
struct trigger_counts {
    int active, success, failed, upstream_failed, skipped;
};
enum trigger_verdict { TRIGGER_WAIT, TRIGGER_RUN, TRIGGER_SKIP, TRIGGER_UPSTREAM_FAILED };
/* A task that nothing is before runs. */
enum trigger_verdict trigger_policy_decide(enum trigger_policy policy,
                                           const struct trigger_counts *n);

#endif
