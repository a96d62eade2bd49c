/* engine/metrics.c - what the engine counts of itself. */
#include "engine/metrics.h"

#include <stdio.h>
#include <string.h>

/* Microseconds, and a number of commands. */
const struct histogram_bounds turn_time_bounds = {
    12, { 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 500000, 2500000 }
};
const struct histogram_bounds turn_command_bounds = { 8, { 0, 1, 2, 5, 20, 100, 500, 2000 } };
const struct histogram_bounds commit_time_bounds = {
    12, { 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 100000, 500000, 2500000, 10000000 }
};
const struct histogram_bounds lateness_bounds = { 12,
                                                  { 1000, 2500, 5000, 10000, 25000, 100000, 500000,
                                                    1000000, 5000000, 60000000, 600000000,
                                                    3600000000 } };
const struct histogram_bounds dispatch_bounds = { 12,
                                                  { 500, 1000, 2500, 5000, 10000, 50000, 250000,
                                                    1000000, 10000000, 60000000, 600000000,
                                                    3600000000 } };
const struct histogram_bounds attempt_time_bounds = { 12,
                                                      { 10000, 50000, 250000, 1000000, 5000000,
                                                        30000000, 120000000, 600000000, 1800000000,
                                                        3600000000, 14400000000, 86400000000 } };

const char *const metric_type_names[METRIC_TYPE_N_] = { "Python", "Shell", "ForEach", "other" };
const char *const metric_result_names[METRIC_RESULT_N] = { "success", "failed", "killed", "lost" };

void engine_metrics_init(struct engine_metrics *m)
{
    pthread_mutex_init(&m->lock, NULL);
}

void engine_metrics_done(struct engine_metrics *m)
{
    pthread_mutex_destroy(&m->lock);
}

/* When the instance of an EFFECT_ATTEMPT_BEGIN could run; WALL_NONE: its phases do not say. */
static struct wall ready_at(const struct instance *i)
{
    struct phase phases[PHASES_MAX];
    int n = phases_parse(i->phases, phases);

    if (n < 2 || phases[n - 2].state != INSTANCE_WAIT_RUN)
        return WALL_NONE;
    bool asked_for = run_type_is_asked_for(i->run_type);
    return !asked_for && i->fire_at.us > phases[n - 2].start.us ? i->fire_at : phases[n - 2].start;
}

static void count_dispatch(struct engine_metrics *m, const struct instance *i, struct wall told_at)
{
    struct wall ready = ready_at(i);

    metric_own_add(&m->attempts_begun, 1);
    if (wall_is_set(ready) && told_at.us >= ready.us)
        histogram_own_add(&m->dispatch, &dispatch_bounds, told_at.us - ready.us);
}

void engine_metrics_effect(struct engine_metrics *m, const struct effect *f, struct wall told_at)
{
    const struct instance *i = &f->instance;

    if (f->kind == EFFECT_ATTEMPT_BEGIN)
        count_dispatch(m, i, told_at);
    if (f->kind != EFFECT_INSTANCE_INSERT && f->kind != EFFECT_INSTANCE_UPDATE)
        return;
    if (instance_state_is_terminal(i->state))
        metric_own_add(&m->ended[i->state], 1);
    if (f->kind == EFFECT_INSTANCE_UPDATE)
        return;
    metric_own_add(&m->made[i->type], 1);
    if (i->type == INSTANCE_PERIODIC)
        histogram_own_add(&m->lateness, &lateness_bounds,
                          i->created_at.us > i->fire_at.us ? i->created_at.us - i->fire_at.us : 0);
}

static enum metric_type type_of(int type_id)
{
    switch (type_id) {
    case TASK_TYPE_PYTHON:
        return METRIC_PYTHON;
    case TASK_TYPE_SHELL:
        return METRIC_SHELL;
    case TASK_TYPE_FOR_EACH:
        return METRIC_FOR_EACH;
    default:
        return METRIC_OTHER;
    }
}

void engine_metrics_attempt(struct engine_metrics *m, int type_id, enum attempt_result result,
                            struct wall started_at, struct wall ended_at)
{
    enum metric_type type = type_of(type_id);

    metric_own_add(&m->attempts[type][result], 1);
    if (wall_is_set(started_at) && ended_at.us >= started_at.us)
        histogram_own_add(&m->attempt_time[type], &attempt_time_bounds,
                          ended_at.us - started_at.us);
}

void engine_metrics_publish(struct engine_metrics *m, const struct core *c)
{
    struct core_stats s;

    core_stats(c, &s);
    metric_set(&m->tasks, (int64_t)s.tasks);
    metric_set(&m->queued, (int64_t)s.queued);
    metric_set(&m->running, (int64_t)s.running);
    metric_set(&m->promised, (int64_t)s.promised);
    for (int i = 0; i < INSTANCE_STATE_N_; i++)
        metric_set(&m->by_state[i], (int64_t)s.by_state[i]);
}

static void take_group(void *ctx, struct str id, const struct group_load *load)
{
    struct engine_metrics *m = ctx;
    bool other = m->n_groups >= METRIC_GROUPS_MAX;
    struct group_metric *g = &m->groups[m->n_groups];

    if (!other || g->id[0] == '\0') {
        *g = (struct group_metric){ .load = { 0, 0, 0 } };
        snprintf(g->id, sizeof(g->id), "%.*s", STR_ARG(other ? STR("other") : id));
    }
    g->load.slots += load->slots;
    g->load.running += load->running;
    g->load.queued += load->queued;
    if (!other)
        m->n_groups++;
}

void engine_metrics_groups(struct engine_metrics *m, const struct core *c)
{
    pthread_mutex_lock(&m->lock);
    m->n_groups = 0;
    m->groups[METRIC_GROUPS_MAX].id[0] = '\0';
    core_groups(c, take_group, m);
    if (m->groups[METRIC_GROUPS_MAX].id[0] != '\0')
        m->n_groups++;
    pthread_mutex_unlock(&m->lock);
}
