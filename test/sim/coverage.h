/* test/sim/coverage.h - what the worlds have seen: a number for every thing that can be reached.
 *
 * Each world counts for itself; sums are made by adding every number.  What a number stands for is
 * said by coverage_each, in the order of struct sim_coverage.
 */
#ifndef TEST_SIM_COVERAGE_H
#define TEST_SIM_COVERAGE_H

#include "cal/schedule.h"
#include "commands.h"
#include "faults.h"
#include "model/dependency.h"
#include "model/instance.h"
#include "model/task.h"

struct sim;
struct instance;

/* Kinds of things that a definition or an attempt may have. */
#define SIM_FEATURES(X)                                                                            \
    X(window, "an execution window")                                                               \
    X(range_end, "an end of the effective range")                                                  \
    X(late_start, "a start that is still to come")                                                 \
    X(t_plus_1, "T+1")                                                                             \
    X(dry_run, "a dry run")                                                                        \
    X(calendar_run, "a calendar of mode RUN")                                                      \
    X(calendar_pause, "a calendar of mode PAUSE")                                                  \
    X(calendar_moved, "a calendar changed under a task")                                           \
    X(gap_shift, "a firing in a gap, shifted")                                                     \
    X(gap_skip, "a firing in a gap, left out")                                                     \
    X(overlap_first, "a firing in an overlap, at the first")                                       \
    X(overlap_last, "a firing in an overlap, at the last")                                         \
    X(leap_day, "a firing on 29 February")                                                         \
    X(year_end, "a firing on 31 December or 1 January")                                            \
    X(serial, "self-dependency serial")                                                            \
    X(orderly, "self-dependency orderly")                                                          \
    X(parallel, "self-dependency parallel")                                                        \
    X(listener_second, "a listener, SECOND")                                                       \
    X(listener_min, "a listener, MIN")                                                             \
    X(listener_hour, "a listener, HOUR")                                                           \
    X(listener_day, "a listener, DAY")                                                             \
    X(case_single, "a case consumed, SINGLE")                                                      \
    X(case_broadcast, "a case consumed, BROADCAST")                                                \
    X(case_general, "a case consumed, GENERAL")                                                    \
    X(case_limited, "a case consumed, with ValidConsumeCount")                                     \
    X(hook, "an event fired by a task's output")                                                   \
    X(hook_refused, "an event in a task's output that is refused")                                 \
    X(param_plan, "a parameter of a plan or a rerun")                                              \
    X(param_input, "a parameter from an upstream's output")                                        \
    X(param_constant, "a parameter from an upstream's constant")                                   \
    X(param_empty, "a parameter from an upstream that did not run")                                \
    X(param_task, "a parameter of the task")                                                       \
    X(param_workflow, "a parameter of the workflow")                                               \
    X(param_unknown, "a parameter that nobody knows")                                              \
    X(param_refused, "an input without a value")                                                   \
    X(python, "an attempt of a Python task")                                                       \
    X(for_each, "an attempt of a for-each with rows")                                              \
    X(for_each_empty, "an attempt of a for-each without rows")                                     \
    X(for_each_constant, "an attempt of a for-each over a constant")                               \
    X(resent, "an attempt sent again")                                                             \
    X(alarm_overtime, "an instance over a limit of an alarm")                                      \
    X(failures_up, "an alarm of more failures than the day before")                                \
    X(successes_down, "an alarm of fewer successes than the day before")                           \
    X(failures_many, "an alarm of many failures of a day")                                         \
    X(failures_share, "an alarm of a large share of failures of a day")                            \
    X(fluctuation_rare, "numbers that left those of the day before, too seldom for an alarm")      \
    X(informed, "an owner told that an upstream of what is submitted was deleted")                 \
    X(informed_draft, "an owner told that an upstream of a draft only was deleted")                \
    X(unified, "a task under its workflow's schedule")                                             \
    X(inherited, "a new task that takes its workflow's schedule")                                  \
    X(cycle_wait, "an instance that waits for the cycle before")                                   \
    X(cycle_skip, "a round that does not ask for the cycle before")                                \
    X(cycle_ask, "a round that asks for the cycle before although it asks for nothing else")       \
    X(made_up, "a start that makes up")                                                            \
    X(submitted_idle, "a task submitted as a paused or a stopped one")                             \
    X(manual, "a round of a manual workflow")                                                      \
    X(manual_again, "a round of a manual workflow for a data time that it had")                    \
    X(plan_scope, "a round that asks only those of its plan")                                      \
    X(plan_group, "a round in the group of its plan")                                              \
    X(plan_order, "a round of a plan that orders its data times")                                  \
    X(plan_share, "backfills that hold their share, and no more")                                  \
    X(plan_limit, "a round of a plan with a limit")                                                \
    X(before_firing, "a backfill right before what fires in its turn")                             \
    X(plan_sliced, "a plan that is made in slices")                                                \
    X(plan_withdrawn, "a plan deleted while it is made")                                           \
    X(plan_deleted_sliced, "a plan that is deleted in slices")                                     \
    X(plan_overtaken, "a round of a plan that is being deleted runs again")                        \
    X(draft_ahead, "a draft ahead of what is submitted")                                           \
    X(miss_exists, "a firing whose instance was there")                                            \
    X(miss_disabled, "a firing in a disabled project")                                             \
    X(execution_limit, "an attempt over its execution limit")                                      \
    X(wait_limit, "an instance over its waiting limit")                                            \
    X(event_limit, "an instance over its limit for an event")                                      \
    X(dependency_limit, "a dependency given up after its limit")                                   \
    X(purged_instance, "an instance that leaves the history")                                      \
    X(purged_plan, "a plan or a job that leaves the history")                                      \
    X(purged_case, "a case that leaves the history")                                               \
    X(purged_message, "an alarm that leaves the history")                                          \
    X(retry, "an attempt that is a retry")

enum sim_feature {
#define X(name, text) SIM_HAS_##name,
    SIM_FEATURES(X)
#undef X
        SIM_FEATURE_N_
};

/* Nothing but int64_t. */
struct sim_coverage {
    int64_t transitions[INSTANCE_STATE_N_][INSTANCE_EVENT_N_];
    int64_t faults[SIM_FAULT_N_];
    int64_t accepted[SIM_COMMAND_N_], refused[SIM_COMMAND_N_];
    int64_t cycles[CYCLE_N_];                   /* firings that became instances */
    int64_t pairs[DEP_MAIN_N_][DEP_SUB_N_];     /* dependencies submitted with the pair */
    int64_t pairs_met[DEP_MAIN_N_][DEP_SUB_N_]; /* dependencies through which a round went on */
    int64_t features[SIM_FEATURE_N_];
};

void coverage_add(struct sim_coverage *sum, const struct sim_coverage *one);
void coverage_feature(struct sim *s, enum sim_feature f);
/* What an instance went through between two records of it; old NULL: it is new. */
void coverage_change(struct sim *s, const struct instance *i, const struct instance *old);
/* A round went on, its upstreams being as it asks. */
void coverage_went_on(struct sim *s, const struct task_spec *spec, const struct instance *i);
/* What a task was submitted with. */
void coverage_definition(struct sim *s, const struct task_spec *spec);

/* Every number with its kind and name.  must: it is to be reached in a run that is long enough. */
typedef void coverage_item(void *ctx, const char *kind, const char *name, int64_t n, bool must);
void coverage_each(const struct sim_coverage *c, coverage_item *each, void *ctx);
/* "kind<TAB>name<TAB>number" lines. */
void coverage_print(const struct sim_coverage *c);
/* One line: how many of each kind were reached. */
void coverage_summary(const struct sim_coverage *c);
/* How many that must be reached were not; each is named on stderr. */
int coverage_missing(const struct sim_coverage *c);

#endif
