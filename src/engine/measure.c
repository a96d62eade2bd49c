/* engine/measure.c - how long turns and commits take, and how things are after them. */
#include "engine/engine_int.h"
#include "sys/log.h"

/* The loads of the groups are published no more often while there is much to do. */
static const struct dur groups_pause = { 250000 };

static struct mono mono_now(const struct engine *g)
{
    return g->config.mono ? g->config.mono() : (struct mono){ 0 };
}

void turn_begins(struct engine *g)
{
    g->turn_began = mono_now(g);
}

struct dur turn_elapsed(const struct engine *g)
{
    return mono_sub(mono_now(g), g->turn_began);
}

enum err_code turn_commit(struct engine *g, struct err *e)
{
    struct mono began = mono_now(g);
    enum err_code rc = store_commit(g->config.store, e);
    struct dur took = mono_sub(mono_now(g), began);
    const struct log_field fields[] = { LOG_NUMBER("us", took.us) };

    if (g->config.mono)
        histogram_own_add(&g->metrics.commit_time, &commit_time_bounds, took.us);
    if (g->config.slow_commit.us > 0 && took.us >= g->config.slow_commit.us)
        log_event(LOG_WARN, "engine", "slow commit", fields, ARRAY_LEN(fields));
    return rc;
}

void turn_ends(struct engine *g, int64_t commands)
{
    struct engine_metrics *m = &g->metrics;

    metric_own_add(&m->turns, 1);
    metric_own_add(&m->purged, g->purge.gone);
    g->purge.gone = 0;
    histogram_own_add(&m->turn_commands, &turn_command_bounds, commands);
    if (g->config.mono)
        histogram_own_add(&m->turn_time, &turn_time_bounds, turn_elapsed(g).us);
    engine_publish(g, false);
}

void engine_publish(struct engine *g, bool groups)
{
    struct dur since = wall_sub(g->now, g->groups_at);

    engine_metrics_publish(&g->metrics, g->core);
    if (!groups && since.us >= 0 && since.us < groups_pause.us)
        return;
    g->groups_at = g->now;
    engine_metrics_groups(&g->metrics, g->core);
}
