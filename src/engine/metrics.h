/* engine/metrics.h - what the engine counts of itself; docs/operations.md, "Metrics".
 *
 * The engine's thread counts, and counts only what is committed, but for the turns that failed.
 * Any thread reads, and never waits for a turn: the numbers are atomics (base/metric.h), and the
 * loads of the groups are a copy behind a lock of their own, at most two seconds old.
 */
#ifndef ENGINE_METRICS_H
#define ENGINE_METRICS_H

#include <pthread.h>

#include "base/metric.h"
#include "core/core.h"

/* Groups beyond the last place are added up under the id "other". */
enum { METRIC_GROUPS_MAX = 200, METRIC_GROUP_ID_MAX = 64 };
struct group_metric {
    char id[METRIC_GROUP_ID_MAX]; /* "": the default group */
    struct group_load load;
};

enum metric_type { METRIC_PYTHON, METRIC_SHELL, METRIC_FOR_EACH, METRIC_OTHER, METRIC_TYPE_N_ };
enum { METRIC_RESULT_N = RESULT_LOST + 1 };

struct engine_metrics {
    struct metric turns, turns_failed, commands, commands_refused, attempts_begun;
    struct histogram turn_time, turn_commands; /* of turns that were committed */
    struct histogram commit_time;
    struct histogram lateness; /* of firings: planned instant to instance */
    struct histogram dispatch; /* WAIT_RUN to the runner was told */
    struct metric attempts[METRIC_TYPE_N_][METRIC_RESULT_N];
    struct histogram attempt_time[METRIC_TYPE_N_];
    struct metric made[INSTANCE_APERIODIC + 1], ended[INSTANCE_STATE_N_];

    /* As of the last turn. */
    struct metric tasks, by_state[INSTANCE_STATE_N_], queued, running, promised;
    struct metric runner_connected, loaded;

    struct metric purged;        /* instances that left the history */
    struct metric audit_dropped; /* any thread */

    pthread_mutex_t lock; /* guards what follows */
    struct group_metric groups[METRIC_GROUPS_MAX + 1];
    int n_groups;
};

extern const struct histogram_bounds turn_time_bounds, turn_command_bounds, commit_time_bounds,
    lateness_bounds, dispatch_bounds, attempt_time_bounds;
extern const char *const metric_type_names[METRIC_TYPE_N_];
extern const char *const metric_result_names[METRIC_RESULT_N];

void engine_metrics_init(struct engine_metrics *m);
void engine_metrics_done(struct engine_metrics *m);

/* Engine thread. */
void engine_metrics_effect(struct engine_metrics *m, const struct effect *f, struct wall told_at);
void engine_metrics_attempt(struct engine_metrics *m, int type_id, enum attempt_result result,
                            struct wall started_at, struct wall ended_at);
void engine_metrics_publish(struct engine_metrics *m, const struct core *c);
void engine_metrics_groups(struct engine_metrics *m, const struct core *c);

#endif
