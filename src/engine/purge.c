/* engine/purge.c - history that is older than config.keep leaves the store. */
#include "engine/purge.h"

#include <stdio.h>

#include "engine/purge_int.h"
#include "store/table.h"

/* Between two steps: at most some 2,500 instances and 10,000 looks a second. */
static const struct dur step_pause = { 20000 }, round_pause = { 60000000 };
static const int64_t hour_us = INT64_C(3600) * 1000000;

/* In this order. */
static purge_walk *const walks[] = { purge_plans, purge_jobs,     purge_instances,
                                     purge_cases, purge_messages, purge_audit };
enum { STAGE_DONE = ARRAY_LEN(walks) };

static const char horizon_key[] = "purged_before";

enum err_code purge_horizon(struct view *v, struct wall *ret, struct err *e)
{
    struct meta_row row = { .key = str_from(horizon_key) };
    struct arena arena;

    *ret = WALL_NONE;
    arena_init(&arena);
    enum err_code rc = row_get(v, &table_meta, &arena, &row, e);
    if (rc == E_OK && !str_to_i64(row.value, &ret->us))
        rc = err_set(e, E_CORRUPT, "meta %s makes no sense", horizon_key);
    arena_done(&arena);
    return rc == E_MISSING ? E_OK : rc;
}

/* It never goes back, also when more is to be kept from now on. */
static enum err_code horizon_move(struct engine *g, struct err *e)
{
    struct wall before;
    enum err_code rc = purge_horizon(engine_view(g), &before, e);

    if (rc != E_OK || before.us >= g->purge.cutoff.us)
        return rc;
    struct meta_row row = { .key = str_from(horizon_key),
                            .value =
                                arena_printf(&g->arena, "%lld", (long long)g->purge.cutoff.us) };
    return row_put(g->config.store, &table_meta, &row, e);
}

struct wall purge_due(const struct engine *g)
{
    return g->config.keep.us > 0 ? g->purge.next_at : WALL_FAR;
}

/* A clock that was set back must not stop it for long. */
bool purge_is_due(const struct engine *g)
{
    return g->config.keep.us > 0 && (g->now.us >= g->purge.next_at.us ||
                                     g->purge.next_at.us - g->now.us > 2 * round_pause.us);
}

/* ---- rows ---------------------------------------------------------------------------------- */

void purge_pass(struct engine *g, struct str id)
{
    snprintf(g->purge.id, sizeof(g->purge.id), "%.*s", STR_ARG(id));
}

enum err_code purge_row(struct engine *g, const struct table *t, const void *row, struct err *e)
{
    const struct engine_observer *o = g->config.observer;

    if (o && o->purged)
        o->purged(o->ctx, t, row);
    return row_delete(g->config.store, t, row, e);
}

enum err_code purge_rows_of(struct engine *g, const struct query *q, bool *ret, struct err *e)
{
    struct query some = *q;
    void *found;
    size_t n;

    some.limit = PURGE_ROWS;
    enum err_code rc = query_rows(engine_view(g), &some, &g->arena, &found, &n, e);
    for (size_t i = 0; rc == E_OK && i < n; i++)
        rc = row_delete(g->config.store, q->table, (const char *)found + i * q->table->row_size, e);
    *ret = rc == E_OK && n < PURGE_ROWS;
    return rc;
}

enum err_code purge_audit(struct engine *g, bool *ret, struct err *e)
{
    struct query q;

    query_init(&q, &table_audit);
    query_number(&q, AUDIT_AT, QUERY_LT, g->purge.cutoff.us);
    query_order(&q, AUDIT_AT, false);
    return purge_rows_of(g, &q, ret, e);
}

/* ---- the walk ------------------------------------------------------------------------------ */

static void begin_stage(struct engine *g, int stage)
{
    g->purge = (struct purge){ .cutoff = g->purge.cutoff,
                               .next_at = g->purge.next_at,
                               .task_id = INT64_MIN,
                               .gone = g->purge.gone,
                               .stage = stage };
}

enum err_code purge_step(struct engine *g, struct err *e)
{
    struct wall cutoff = { (g->now.us - g->config.keep.us) / hour_us * hour_us };
    enum err_code rc = E_OK;
    bool at_end = false;

    g->purge.gone = 0;
    if (cutoff.us > g->purge.cutoff.us &&
        (g->purge.stage == STAGE_DONE || g->purge.cutoff.us == 0)) {
        g->purge.cutoff = cutoff;
        begin_stage(g, 0);
    }
    if (g->purge.cutoff.us > 0 && g->purge.stage != STAGE_DONE) {
        rc = horizon_move(g, e);
        if (rc == E_OK)
            rc = walks[g->purge.stage](g, &at_end, e);
        if (rc == E_OK && at_end)
            begin_stage(g, g->purge.stage + 1);
    }
    g->purge.next_at = wall_add(g->now, g->purge.stage == STAGE_DONE ? round_pause : step_pause);
    return rc;
}
