/* api/metrics_text.c - /metrics: every number of the server, family by family. */
#include "api/call_metrics.h"
#include "api/probe.h"
#include "engine/metrics.h"
#include "sys/usage.h"

static void single(struct buf *out, const char *name, enum metric_kind kind, const char *help,
                   const struct metric *m)
{
    metric_single(out, name, kind, help, METRIC_PLAIN, metric_get(m));
}

static void times(struct buf *out, const char *name, const char *help, enum metric_unit unit,
                  const struct histogram_bounds *b, const struct histogram *h)
{
    metric_family(out, name, METRIC_HISTOGRAM, help);
    metric_histogram(out, name, NULL, 0, unit, b, h);
}

static void write_instances(struct buf *out, const struct engine_metrics *m)
{
    static const char *const types[] = { "backfill", "periodic", "aperiodic" };

    metric_family(out, "weft_instances", METRIC_GAUGE, "Instances that are not over, by state.");
    for (int s = 0; s < INSTANCE_STATE_N_; s++) {
        const struct metric_label state = { "state",
                                            str_from(instance_state_name((enum instance_state)s)) };
        if (!instance_state_is_terminal((enum instance_state)s))
            metric_sample(out, "weft_instances", &state, 1, METRIC_PLAIN,
                          metric_get(&m->by_state[s]));
    }
    single(out, "weft_instances_queued", METRIC_GAUGE,
           "Instances that could run and wait for a slot or their turn.", &m->queued);
    single(out, "weft_backfill_instances_pending", METRIC_GAUGE,
           "Instances that backfill plans are still to make.", &m->promised);
    metric_family(out, "weft_instances_made_total", METRIC_COUNTER,
                  "Instances that were made, by type.");
    for (size_t t = 0; t < ARRAY_LEN(types); t++) {
        const struct metric_label type = { "type", str_from(types[t]) };
        metric_sample(out, "weft_instances_made_total", &type, 1, METRIC_PLAIN,
                      metric_get(&m->made[t]));
    }
    metric_family(out, "weft_instances_ended_total", METRIC_COUNTER,
                  "Rounds of instances that ended, by the state in which they did.");
    for (int s = 0; s < INSTANCE_STATE_N_; s++) {
        const struct metric_label state = { "state",
                                            str_from(instance_state_name((enum instance_state)s)) };
        if (instance_state_is_terminal((enum instance_state)s))
            metric_sample(out, "weft_instances_ended_total", &state, 1, METRIC_PLAIN,
                          metric_get(&m->ended[s]));
    }
    single(out, "weft_instances_purged_total", METRIC_COUNTER,
           "Instances that left the history because of their age.", &m->purged);
    times(out, "weft_firing_lateness_seconds",
          "Between the planned instant of a firing and its instance.", METRIC_SECONDS,
          &lateness_bounds, &m->lateness);
}

static void write_group(struct buf *out, const struct engine_metrics *m, const char *name,
                        const char *help, size_t offset)
{
    metric_family(out, name, METRIC_GAUGE, help);
    for (int i = 0; i < m->n_groups; i++) {
        const struct group_metric *g = &m->groups[i];
        const struct metric_label group = { "group", str_from(g->id[0] ? g->id : "default") };
        metric_sample(out, name, &group, 1, METRIC_PLAIN,
                      *(const int *)(const void *)((const char *)&g->load + offset));
    }
}

static void write_groups(struct buf *out, struct engine_metrics *m)
{
    pthread_mutex_lock(&m->lock);
    write_group(out, m, "weft_group_slots", "Slots of a resource group.",
                offsetof(struct group_load, slots));
    write_group(out, m, "weft_group_slots_used", "Slots of a resource group that are taken.",
                offsetof(struct group_load, running));
    write_group(out, m, "weft_group_queued", "Instances that wait for a slot of a resource group.",
                offsetof(struct group_load, queued));
    pthread_mutex_unlock(&m->lock);
}

static void write_attempts(struct buf *out, const struct engine_metrics *m)
{
    single(out, "weft_runner_connected", METRIC_GAUGE, "Whether the runner is connected.",
           &m->runner_connected);
    single(out, "weft_attempts_running", METRIC_GAUGE, "Attempts that hold a slot.", &m->running);
    single(out, "weft_attempts_begun_total", METRIC_COUNTER, "Attempts that were begun.",
           &m->attempts_begun);
    times(out, "weft_dispatch_latency_seconds",
          "From the moment an instance could run until the runner was told to start it.",
          METRIC_SECONDS, &dispatch_bounds, &m->dispatch);
    metric_family(out, "weft_attempts_ended_total", METRIC_COUNTER,
                  "Attempts that ended, by task type and result.");
    for (int t = 0; t < METRIC_TYPE_N_; t++)
        for (int r = 0; r < METRIC_RESULT_N; r++) {
            const struct metric_label labels[] = { { "type", str_from(metric_type_names[t]) },
                                                   { "result", str_from(metric_result_names[r]) } };
            metric_sample(out, "weft_attempts_ended_total", labels, ARRAY_LEN(labels), METRIC_PLAIN,
                          metric_get(&m->attempts[t][r]));
        }
    metric_family(out, "weft_attempt_duration_seconds", METRIC_HISTOGRAM,
                  "How long attempts ran, by task type.");
    for (int t = 0; t < METRIC_TYPE_N_; t++) {
        const struct metric_label type = { "type", str_from(metric_type_names[t]) };
        metric_histogram(out, "weft_attempt_duration_seconds", &type, 1, METRIC_SECONDS,
                         &attempt_time_bounds, &m->attempt_time[t]);
    }
}

static void write_engine(struct buf *out, const struct engine_metrics *m)
{
    single(out, "weft_tasks", METRIC_GAUGE, "Tasks that are submitted.", &m->tasks);
    single(out, "weft_turns_total", METRIC_COUNTER, "Turns of the engine that were committed.",
           &m->turns);
    single(out, "weft_turns_failed_total", METRIC_COUNTER,
           "Turns of the engine that failed, and of which nothing was kept.", &m->turns_failed);
    times(out, "weft_turn_duration_seconds", "How long a turn of the engine took.", METRIC_SECONDS,
          &turn_time_bounds, &m->turn_time);
    times(out, "weft_turn_commands", "Commands in one turn of the engine.", METRIC_PLAIN,
          &turn_command_bounds, &m->turn_commands);
    single(out, "weft_commands_total", METRIC_COUNTER, "Commands that the engine took up.",
           &m->commands);
    single(out, "weft_commands_refused_total", METRIC_COUNTER, "Commands that the engine refused.",
           &m->commands_refused);
    single(out, "weft_audit_dropped_total", METRIC_COUNTER,
           "Refused writes that left no audit record, because there were too many.",
           &m->audit_dropped);
    times(out, "weft_store_commit_duration_seconds", "How long a commit of the store took.",
          METRIC_SECONDS, &commit_time_bounds, &m->commit_time);
}

static void write_store(struct buf *out, const struct gateway *g)
{
    int64_t bytes, log_bytes;

    store_size(g->services.store, &bytes, &log_bytes);
    metric_single(out, "weft_store_bytes", METRIC_GAUGE, "Size of the database file.", METRIC_PLAIN,
                  bytes);
    metric_single(out, "weft_store_wal_bytes", METRIC_GAUGE,
                  "Size of the database's write-ahead log.", METRIC_PLAIN, log_bytes);
    metric_single(out, "weft_store_failing", METRIC_GAUGE,
                  "Whether the store fails and nothing is written.", METRIC_PLAIN,
                  engine_is_failing(g->services.engine));
}

static void write_gateway(struct buf *out, const struct gateway *g)
{
    call_metrics_write(g->calls, out);
    metric_single(out, "weft_http_connections", METRIC_GAUGE, "Connections that are open.",
                  METRIC_PLAIN, connections_open(g->connections));
    metric_single(out, "weft_http_connections_max", METRIC_GAUGE,
                  "Connections that may be open at once.", METRIC_PLAIN, g->config.connections_max);
    metric_single(out, "weft_http_connections_closed_total", METRIC_COUNTER,
                  "Connections that the server ended because they took too long.", METRIC_PLAIN,
                  connections_closed(g->connections));
}

static void write_known(struct buf *out, const char *name, const char *help, int64_t value)
{
    if (value >= 0)
        metric_single(out, name, METRIC_GAUGE, help, METRIC_PLAIN, value);
}

static void write_process(struct buf *out, const struct gateway *g)
{
    const struct metric_label version = { "version", STR(WEFT_VERSION) };
    struct usage u;

    usage_get(&u);
    metric_family(out, "weft_build_info", METRIC_GAUGE, "1, with the version of the program.");
    metric_sample(out, "weft_build_info", &version, 1, METRIC_PLAIN, 1);
    metric_single(out, "process_start_time_seconds", METRIC_GAUGE,
                  "When the server started, in seconds since 1970.", METRIC_SECONDS,
                  g->services.started_at.us);
    metric_single(out, "process_cpu_seconds_total", METRIC_COUNTER, "Processor time of the server.",
                  METRIC_SECONDS, u.cpu_us);
    write_known(out, "process_resident_memory_bytes", "Resident memory of the server.",
                u.resident_bytes);
    write_known(out, "process_open_fds", "Descriptors that the server has open.", u.open_files);
    write_known(out, "process_max_fds", "Descriptors that the server may have open.", u.files_max);
}

void metrics_text(const struct gateway *g, struct buf *out)
{
    struct engine_metrics *m = engine_metrics(g->services.engine);

    write_instances(out, m);
    write_groups(out, m);
    write_attempts(out, m);
    write_engine(out, m);
    write_store(out, g);
    write_gateway(out, g);
    write_process(out, g);
}
