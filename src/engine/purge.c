/* engine/purge.c - history that is older than config.keep leaves the store. */
#include "engine/purge.h"

#include "engine/engine_int.h"

/* One step, and the time between two: at most some 2,500 instances and 10,000 looks a second. */
enum { LOOKS = 200, PURGES = 50, ROWS = 200 };
static const struct dur step_pause = { 20000 }, round_pause = { 60000000 };
static const int64_t hour_us = INT64_C(3600) * 1000000;

enum stage { STAGE_PLANS, STAGE_INSTANCES, STAGE_AUDIT, STAGE_DONE };

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
    if (rc == E_OK)
        rc = row_delete(g->config.store, &table_instance, row, e);
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

/* At most ROWS in one round; more go in the next. */
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
    q.limit = ROWS;
    enum err_code rc = query_rows(engine_view(g), &q, &g->arena, &found, &n, e);
    for (size_t i = 0; rc == E_OK && i < n; i++)
        rc = row_delete(g->config.store, &table_miss, (const struct miss_row *)found + i, e);
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

static enum err_code walk_instances(struct engine *g, struct err *e)
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
    if (!there)
        g->purge.stage = STAGE_AUDIT;
    return rc;
}

/* ---- other tables -------------------------------------------------------------------------- */

/* Is an instance of the plan live?  Or is it too young? */
static enum err_code plan_stays(struct engine *g, const struct plan_row *plan, bool *ret,
                                struct err *e)
{
    struct query q;
    int64_t live = 0;

    query_init(&q, &table_instance);
    query_text(&q, INSTANCE_PLAN_ID, QUERY_EQ, plan->id);
    query_number(&q, INSTANCE_STATE, QUERY_LE, INSTANCE_FAILED_RETRY);
    enum err_code rc = query_count(engine_view(g), &q, &live, e);
    *ret = live > 0 || plan->created_at.us >= g->purge.cutoff.us;
    return rc;
}

/* Some members of the plan, and after the last of them the plan. */
static enum err_code purge_plan(struct engine *g, const struct plan_row *plan, bool *ret,
                                struct err *e)
{
    struct query q;
    void *found;
    size_t n;

    query_init(&q, &table_plan_instance);
    query_text(&q, PLAN_INSTANCE_PLAN_ID, QUERY_EQ, plan->id);
    q.limit = ROWS;
    enum err_code rc = query_rows(engine_view(g), &q, &g->arena, &found, &n, e);
    const struct plan_instance_row *members = found;
    for (size_t i = 0; rc == E_OK && i < n; i++)
        rc = row_delete(g->config.store, &table_plan_instance, &members[i], e);
    *ret = rc == E_OK && n < ROWS;
    return *ret ? row_delete(g->config.store, &table_plan, plan, e) : rc;
}

/* Plans go before their instances: one without them would look like one that failed. */
static enum err_code walk_plans(struct engine *g, struct err *e)
{
    struct purge *p = &g->purge;
    bool stays = true, gone = false;
    struct query q;
    void *found;
    size_t n;

    query_init(&q, &table_plan);
    query_text(&q, PLAN_ID, QUERY_GT, str_from(p->plan_id));
    query_order(&q, PLAN_ID, false);
    q.limit = 1;
    enum err_code rc = query_rows(engine_view(g), &q, &g->arena, &found, &n, e);
    if (rc != E_OK)
        return rc;
    if (n == 0) {
        p->stage = STAGE_INSTANCES;
        return E_OK;
    }
    const struct plan_row *plan = found;
    rc = plan_stays(g, plan, &stays, e);
    if (rc == E_OK && !stays)
        rc = purge_plan(g, plan, &gone, e);
    if (stays || gone)
        snprintf(p->plan_id, sizeof(p->plan_id), "%.*s", STR_ARG(plan->id));
    return rc;
}

static enum err_code walk_audit(struct engine *g, struct err *e)
{
    struct query q;
    void *found;
    size_t n;

    query_init(&q, &table_audit);
    query_number(&q, AUDIT_AT, QUERY_LT, g->purge.cutoff.us);
    query_order(&q, AUDIT_AT, false);
    q.limit = ROWS;
    enum err_code rc = query_rows(engine_view(g), &q, &g->arena, &found, &n, e);
    for (size_t i = 0; rc == E_OK && i < n; i++)
        rc = row_delete(g->config.store, &table_audit, (const struct audit_row *)found + i, e);
    if (rc == E_OK && n < ROWS)
        g->purge.stage = STAGE_DONE;
    return rc;
}

static void begin_round(struct engine *g, struct wall cutoff)
{
    g->purge = (struct purge){ .cutoff = cutoff, .task_id = INT64_MIN, .stage = STAGE_PLANS };
}

enum err_code purge_step(struct engine *g, struct err *e)
{
    struct wall cutoff = { (g->now.us - g->config.keep.us) / hour_us * hour_us };
    enum err_code rc = E_OK;

    g->purge.gone = 0;
    if (cutoff.us > g->purge.cutoff.us && (g->purge.stage == STAGE_DONE || g->purge.cutoff.us == 0))
        begin_round(g, cutoff);
    if (g->purge.cutoff.us > 0 && g->purge.stage != STAGE_DONE)
        rc = horizon_move(g, e);
    if (rc == E_OK && g->purge.stage == STAGE_PLANS)
        rc = walk_plans(g, e);
    else if (rc == E_OK && g->purge.stage == STAGE_INSTANCES)
        rc = walk_instances(g, e);
    else if (rc == E_OK && g->purge.stage == STAGE_AUDIT)
        rc = walk_audit(g, e);
    g->purge.next_at = wall_add(g->now, g->purge.stage == STAGE_DONE ? round_pause : step_pause);
    return rc;
}
