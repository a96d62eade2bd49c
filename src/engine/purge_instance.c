/* engine/purge_instance.c - instances that are over and matter to nobody any more, with their
 * rounds, attempts, outputs, logs and what they consumed; recorded misses. */
#include "engine/purge_int.h"

enum { LOOKS = 200, PURGES = 50 };

/* ---- what may go --------------------------------------------------------------------------- */

struct floor {
    struct engine *g;
    int64_t task_id;
    struct civil at;
};

static void lower(struct floor *f, struct civil at)
{
    if (at.s < f->at.s)
        f->at = at;
}

static void ask(void *ctx, int64_t down)
{
    struct floor *f = ctx;
    struct civil from;

    if (core_needs(f->g->core, down, f->task_id, &from))
        lower(f, from);
}

static bool ask_edge(void *ctx, const void *row)
{
    ask(ctx, ((const struct edge_row *)row)->down_task);
    return true;
}

/* Data times of the task from *ret on stay. */
static enum err_code find_floor(struct engine *g, int64_t task_id, struct civil *ret, struct err *e)
{
    /* No zone is a day and a half from UTC. */
    struct floor f = { g, task_id, { g->purge.cutoff.us / 1000000 + 2 * 86400 } };
    struct query q;
    void *rows;
    size_t n;

    ask(&f, task_id);
    core_peers(g->core, task_id, ask, &f);
    query_init(&q, &table_edge);
    query_number(&q, EDGE_UP_TASK, QUERY_EQ, task_id);
    enum err_code rc = query_run(engine_view(g), &q, ask_edge, &f, e);
    if (rc != E_OK)
        return rc;
    /* The newest is the predecessor of what comes next (3.6). */
    if (core_task_has(g->core, task_id)) {
        query_newest_instance(&q, task_id, f.at);
        rc = query_rows(engine_view(g), &q, &g->arena, &rows, &n, e);
        if (rc == E_OK && n > 0)
            lower(&f, ((const struct instance_row *)rows)->data_time);
    }
    *ret = f.at;
    return rc;
}

static bool is_over(const struct engine *g, const struct instance_row *row)
{
    int64_t cutoff = g->purge.cutoff.us;

    return instance_state_is_terminal((enum instance_state)row->state) && row->fence == 0 &&
           wall_is_set(row->ended_at) && row->ended_at.us < cutoff && row->fire_at.us < cutoff &&
           row->updated_at.us < cutoff &&
           !core_instance_get(g->core, (struct instance_key){ row->task_id, row->data_time });
}

/* ---- instances ----------------------------------------------------------------------------- */

static enum err_code delete_of(struct engine *g, const struct table *t, int task, int data_time,
                               const struct instance_row *row, struct err *e)
{
    struct query q;

    query_init(&q, t);
    query_number(&q, task, QUERY_EQ, row->task_id);
    query_number(&q, data_time, QUERY_EQ, row->data_time.s);
    return query_delete(g->config.store, &q, NULL, e);
}

/* *ret: false when one of its attempts is not over as far as the runner said. */
static enum err_code forget_attempts(struct engine *g, const struct instance_row *row, bool *ret,
                                     struct err *e)
{
    struct query q;
    void *found;
    size_t n;

    query_init(&q, &table_attempt);
    query_number(&q, ATTEMPT_TASK_ID, QUERY_EQ, row->task_id);
    query_number(&q, ATTEMPT_DATA_TIME, QUERY_EQ, row->data_time.s);
    enum err_code rc = query_rows(engine_view(g), &q, &g->arena, &found, &n, e);
    const struct attempt_row *attempts = found;
    *ret = true;
    for (size_t i = 0; rc == E_OK && i < n; i++)
        *ret = *ret && attempts[i].outcome >= 0;
    for (size_t i = 0; rc == E_OK && *ret && i < n; i++)
        if (g->config.runner.forget)
            g->config.runner.forget(g->config.runner.ctx, (uint64_t)attempts[i].fence);
    return rc;
}

static enum err_code purge_instance(struct engine *g, const struct instance_row *row, bool *ret,
                                    struct err *e)
{
    enum err_code rc = forget_attempts(g, row, ret, e);

    if (rc != E_OK || !*ret)
        return rc;
    rc = delete_of(g, &table_attempt, ATTEMPT_TASK_ID, ATTEMPT_DATA_TIME, row, e);
    if (rc == E_OK)
        rc = delete_of(g, &table_round, ROUND_TASK_ID, ROUND_DATA_TIME, row, e);
    if (rc == E_OK)
        rc = delete_of(g, &table_output, OUTPUT_TASK_ID, OUTPUT_DATA_TIME, row, e);
    /* The case may live on, and keeps its count: what was taken is taken. */
    if (rc == E_OK)
        rc = delete_of(g, &table_consumption, CONSUMPTION_TASK_ID, CONSUMPTION_DATA_TIME, row, e);
    if (rc == E_OK)
        rc = purge_row(g, &table_instance, row, e);
    return rc;
}

/* What a plan still shows stays with it. */
static enum err_code purge_unless_planned(struct engine *g, const struct instance_row *row,
                                          bool *ret, struct err *e)
{
    struct plan_row plan = { .id = row->plan_id };
    enum err_code rc = row->plan_id.len == 0
                           ? E_MISSING
                           : row_get(engine_view(g), &table_plan, &g->arena, &plan, e);

    return rc == E_MISSING ? purge_instance(g, row, ret, e) : rc;
}

/* The next task with instances; false: there is none. */
static enum err_code next_task(struct engine *g, bool *ret, struct err *e)
{
    struct purge *p = &g->purge;
    struct query q;
    void *rows;
    size_t n;

    query_init(&q, &table_instance);
    query_number(&q, INSTANCE_TASK_ID, QUERY_GT, p->task_id);
    query_order(&q, INSTANCE_TASK_ID, false);
    q.limit = 1;
    enum err_code rc = query_rows(engine_view(g), &q, &g->arena, &rows, &n, e);
    *ret = rc == E_OK && n > 0;
    if (*ret) {
        p->task_id = ((const struct instance_row *)rows)->task_id;
        p->data_time = (struct civil){ INT64_MIN };
        p->in_task = true;
    }
    return rc;
}

/* At most PURGE_ROWS in one round; more go in the next. */
static enum err_code purge_misses(struct engine *g, struct err *e)
{
    struct query q;
    void *found;
    size_t n;

    query_init(&q, &table_miss);
    query_number(&q, MISS_TASK_ID, QUERY_EQ, g->purge.task_id);
    query_number(&q, MISS_PLANNED, QUERY_LT, g->purge.floor.s);
    query_number(&q, MISS_AT, QUERY_LT, g->purge.cutoff.us);
    query_order(&q, MISS_PLANNED, false);
    q.limit = PURGE_ROWS;
    enum err_code rc = query_rows(engine_view(g), &q, &g->arena, &found, &n, e);
    for (size_t i = 0; rc == E_OK && i < n; i++)
        rc = purge_row(g, &table_miss, (const struct miss_row *)found + i, e);
    return rc;
}

/* Some of the rows of the present task; *left: looks and purges that this step still has. */
static enum err_code walk_task(struct engine *g, int *looks, int *purges, struct err *e)
{
    struct purge *p = &g->purge;
    bool orderly = core_task_is_orderly(g->core, p->task_id), gone;
    struct query q;
    void *found;
    size_t n;
    /* Anew for every step: what is live has changed. */
    enum err_code rc = find_floor(g, p->task_id, &p->floor, e);

    if (rc == E_OK && p->data_time.s == INT64_MIN)
        rc = purge_misses(g, e);
    if (rc != E_OK)
        return rc;
    query_init(&q, &table_instance);
    query_number(&q, INSTANCE_TASK_ID, QUERY_EQ, p->task_id);
    query_number(&q, INSTANCE_DATA_TIME, QUERY_GT, p->data_time.s);
    query_number(&q, INSTANCE_DATA_TIME, QUERY_LT, p->floor.s);
    query_order(&q, INSTANCE_DATA_TIME, false);
    q.limit = *looks;
    rc = query_rows(engine_view(g), &q, &g->arena, &found, &n, e);
    const struct instance_row *rows = found;
    for (size_t i = 0; rc == E_OK && i<n && * purges> 0; i++) {
        gone = false;
        if (is_over(g, &rows[i]))
            rc = purge_unless_planned(g, &rows[i], &gone, e);
        p->data_time = rows[i].data_time;
        --*looks;
        *purges -= gone;
        p->gone += gone;
        /* Of those in order the oldest go first, so that none finds an older predecessor than it
         * had. */
        if (orderly && !gone)
            p->in_task = false;
        if (!p->in_task)
            return rc;
    }
    if (*purges > 0 && n < (size_t)q.limit)
        p->in_task = false;
    --*looks;
    return rc;
}

enum err_code purge_instances(struct engine *g, bool *ret, struct err *e)
{
    int looks = LOOKS, purges = PURGES;
    enum err_code rc = E_OK;
    bool there = true;

    while (rc == E_OK && there && looks > 0 && purges > 0) {
        if (!g->purge.in_task) {
            looks--;
            rc = next_task(g, &there, e);
        } else {
            rc = walk_task(g, &looks, &purges, e);
        }
    }
    *ret = !there;
    return rc;
}
