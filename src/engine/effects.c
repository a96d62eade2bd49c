/* engine/effects.c - turns the core's effects into rows, and after the commit into calls to the
 * runner.
 *
 * Several effects on one instance that come before the same flush become one row write: the states
 * between were never visible to anybody, and the round's phases keep them.
 */
#include "engine/alarm.h"
#include "engine/cmd_event.h"
#include "engine/engine_int.h"

#include "sys/log.h"

static struct pair_key pair_of(struct instance_key key)
{
    return (struct pair_key){ (uint64_t)key.task_id, (uint64_t)key.data_time.s };
}

static void index_pending(struct engine *g)
{
    size_t n;
    const struct effect *effects = core_effects(g->core, &n);

    for (; g->indexed < n; g->indexed++) {
        const struct effect *f = &effects[g->indexed];
        if (f->kind != EFFECT_INSTANCE_INSERT && f->kind != EFFECT_INSTANCE_UPDATE)
            continue;
        struct pending *p = pair_map_get(&g->pending, pair_of(f->instance.key));
        if (!p) {
            p = ARENA_NEW(&g->arena, struct pending);
            pair_map_put(&g->pending, pair_of(f->instance.key), p);
        }
        p->newest = g->indexed;
        p->insert |= f->kind == EFFECT_INSTANCE_INSERT;
    }
}

const struct instance *effects_pending(struct engine *g, struct instance_key key)
{
    size_t n;

    index_pending(g);
    const struct pending *p = pair_map_get(&g->pending, pair_of(key));
    return p ? &core_effects(g->core, &n)[p->newest].instance : NULL;
}

static void row_from_instance(const struct instance *i, struct instance_row *row)
{
    row->task_id = i->key.task_id;
    row->data_time = i->key.data_time;
    row->state = (int32_t)i->state;
    row->type = (int32_t)i->type;
    row->run_type = (int32_t)i->run_type;
    row->round = i->round;
    row->tries = i->tries;
    row->try_limit = i->try_limit;
    row->total_runs = i->total_runs;
    row->priority = i->priority;
    row->version_no = i->version_no;
    row->planned = i->planned;
    row->fire_at = i->fire_at;
    row->created_at = i->created_at;
    row->updated_at = i->updated_at;
    row->round_at = i->round_at;
    row->started_at = i->started_at;
    row->ended_at = i->ended_at;
    row->retry_at = i->retry_at;
    row->fence = (int64_t)i->fence;
    row->plan_id = i->plan_id;
    row->flags = (int32_t)i->flags;
    row->phases = i->phases;
    row->reason = i->reason;
    row->cost_us = wall_is_set(i->started_at) && i->ended_at.us > i->started_at.us
                       ? i->ended_at.us - i->started_at.us
                       : 0;
}

static const uint64_t instance_moving =
    COL(INSTANCE_STATE) | COL(INSTANCE_TRIES) | COL(INSTANCE_TRY_LIMIT) | COL(INSTANCE_TOTAL_RUNS) |
    COL(INSTANCE_PRIORITY) | COL(INSTANCE_VERSION_NO) | COL(INSTANCE_UPDATED_AT) |
    COL(INSTANCE_STARTED_AT) | COL(INSTANCE_ENDED_AT) | COL(INSTANCE_RETRY_AT) |
    COL(INSTANCE_FENCE) | COL(INSTANCE_FLAGS) | COL(INSTANCE_PHASES) | COL(INSTANCE_REASON) |
    COL(INSTANCE_COST_US);
/* What a round keeps from its beginning.  Among it is what indexes are by, and the store makes the
 * entry of an index anew for every column that is named, changed or not. */
static const uint64_t instance_of_round =
    COL(INSTANCE_TYPE) | COL(INSTANCE_RUN_TYPE) | COL(INSTANCE_ROUND) | COL(INSTANCE_PLANNED) |
    COL(INSTANCE_FIRE_AT) | COL(INSTANCE_ROUND_AT) | COL(INSTANCE_PLAN_ID);

static enum err_code write_instance(struct engine *g, const struct instance *i, bool insert,
                                    struct err *e)
{
    struct instance_row row = { .task_id = 0 };

    row_from_instance(i, &row);
    if (insert) {
        enum err_code rc = instance_add_task(g, i, &row, e);
        return rc != E_OK
                   ? rc
                   : row_insert(g->config.store, &table_instance, &row, NULL, e); /* I1: by key */
    }
    /* The first round came with the insertion. */
    return row_update(g->config.store, &table_instance, &row,
                      i->round == 0 ? instance_moving : instance_moving | instance_of_round, e);
}

static enum err_code write_round(struct engine *g, const struct instance *i, struct err *e)
{
    struct round_row row = { .task_id = i->key.task_id,
                             .data_time = i->key.data_time,
                             .round = i->round,
                             .state = (int32_t)i->state,
                             .run_type = (int32_t)i->run_type,
                             .tries = i->tries,
                             .version_no = i->version_no,
                             .round_at = i->round_at,
                             .started_at = i->started_at,
                             .ended_at = i->ended_at,
                             .phases = i->phases,
                             .reason = i->reason,
                             .plan_id = i->plan_id };

    return row_insert(g->config.store, &table_round, &row, NULL, e);
}

/* What concerns a task that was deleted in this very turn has no row any more, and needs none. */
static enum err_code unless_gone(enum err_code rc)
{
    return rc == E_MISSING ? E_OK : rc;
}

static enum err_code write_settled(struct engine *g, const struct effect *f, struct err *e)
{
    struct schedule_row row = { .task_id = f->task_id,
                                .high_water = f->planned,
                                .settled_at = f->at };

    return unless_gone(row_update(g->config.store, &table_schedule, &row,
                                  COL(SCHEDULE_HIGH_WATER) | COL(SCHEDULE_SETTLED_AT), e));
}

static enum err_code write_status(struct engine *g, const struct effect *f, struct err *e)
{
    struct schedule_row schedule = { .task_id = f->task_id, .status = (int32_t)f->status };
    struct task_row task = { .id = f->task_id, .status = (int32_t)f->status, .ops_at = g->now };
    enum err_code rc =
        row_update(g->config.store, &table_schedule, &schedule, COL(SCHEDULE_STATUS), e);

    if (rc == E_OK)
        rc =
            row_update(g->config.store, &table_task, &task, COL(TASK_STATUS) | COL(TASK_OPS_AT), e);
    return unless_gone(rc);
}

static enum err_code write_miss(struct engine *g, const struct effect *f, struct err *e)
{
    struct miss_row row = { .task_id = f->task_id,
                            .planned = f->planned,
                            .data_time = f->data_time,
                            .reason = (int32_t)f->miss,
                            .at = g->now };

    return row_put(g->config.store, &table_miss, &row, e);
}

static enum err_code write_consumed(struct engine *g, const struct effect *f, struct err *e)
{
    static const uint64_t moving =
        COL(CASE_CONSUME_COUNT) | COL(CASE_UPDATED_AT) | COL(CASE_USED_UP);
    struct case_row row = { .id = f->case_id };
    enum err_code rc = row_get(engine_view(g), &table_case, &g->arena, &row, e);
    struct event_row event = { .id = row.event_id };

    if (rc == E_OK)
        rc = row_get(engine_view(g), &table_event, &g->arena, &event, e);
    if (rc != E_OK)
        return rc;
    row.consume_count++;
    row.updated_at = g->now;
    row.used_up = event_uses_up(&event, row.consume_count);
    rc = row_update(g->config.store, &table_case, &row, moving, e);
    struct consumption_row record = { .case_id = f->case_id,
                                      .task_id = f->task_id,
                                      .data_time = f->data_time,
                                      .round = f->instance.round,
                                      .project_id = row.project_id,
                                      .at = g->now };
    return rc == E_OK ? row_insert(g->config.store, &table_consumption, &record, NULL, e) : rc;
}

static enum err_code write_effect(struct engine *g, const struct effect *f, size_t at,
                                  struct err *e)
{
    const struct pending *p;

    switch (f->kind) {
    case EFFECT_INSTANCE_INSERT:
    case EFFECT_INSTANCE_UPDATE:
        p = pair_map_get(&g->pending, pair_of(f->instance.key));
        return p->newest == at ? write_instance(g, &f->instance, p->insert, e) : E_OK;
    case EFFECT_ROUND_CLOSE:
        return write_round(g, &f->instance, e);
    case EFFECT_ATTEMPT_BEGIN:
        return E_OK; /* second pass: its instance row must be there */
    case EFFECT_TASK_SETTLED:
        return write_settled(g, f, e);
    case EFFECT_TASK_STATUS:
        return write_status(g, f, e);
    case EFFECT_MISS:
        return write_miss(g, f, e);
    case EFFECT_CASE_CONSUMED:
        return write_consumed(g, f, e);
    case EFFECT_ATTEMPT_KILL:
    case EFFECT_ATTEMPT_ACK:
        return E_OK; /* outward only */
    }
    return E_OK;
}

enum err_code effects_flush(struct engine *g, struct err *e)
{
    size_t n;
    enum err_code rc = E_OK;

    if (g->broken) /* what the core said on a fact that could not be read is not to be trusted */
        return err_set(e, E_IO, "the store could not be read");
    index_pending(g);
    const struct effect *effects = core_effects(g->core, &n);
    for (; g->observed < n && g->config.observer; g->observed++)
        g->config.observer->effect(g->config.observer->ctx, &effects[g->observed]);
    for (size_t i = g->flushed; i < n && rc == E_OK; i++)
        rc = write_effect(g, &effects[i], i, e);
    for (size_t i = g->flushed; i < n && rc == E_OK; i++)
        if (effects[i].kind == EFFECT_ATTEMPT_BEGIN)
            rc = attempt_write(g, &effects[i], e);
    for (size_t i = g->flushed; i < n && rc == E_OK; i++)
        rc = alarms_effect(g, &effects[i], e);
    if (rc != E_OK)
        return rc;
    g->flushed = n;
    pair_map_clear(&g->pending);
    return E_OK;
}

void effects_reset(struct engine *g)
{
    g->flushed = g->indexed = g->observed = 0;
    pair_map_clear(&g->pending);
}

bool effects_open_view(struct engine *g)
{
    struct err e = ERR_INIT;

    if (store_begin(g->config.store, &e) == E_OK)
        return true;
    log_error("engine", "cannot read what is to be started: %s", e.text);
    return false;
}

static bool begins_any(const struct effect *effects, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (effects[i].kind == EFFECT_ATTEMPT_BEGIN)
            return true;
    return false;
}

void effects_release(struct engine *g)
{
    size_t n;
    const struct effect *effects = core_effects(g->core, &n);
    const struct runner_port *runner = &g->config.runner;
    /* What an attempt executes is read once more; if that fails, it stays unsent and is sent with
     * the next resync. */
    bool reading = begins_any(effects, n) && effects_open_view(g);
    struct wall told_at = wall_add(g->now, turn_elapsed(g));

    for (size_t i = 0; i < n; i++) {
        const struct effect *f = &effects[i];
        engine_metrics_effect(&g->metrics, f, told_at);
        switch (f->kind) {
        case EFFECT_ATTEMPT_BEGIN:
            attempt_live(g, f->fence, f->instance.key, 0);
            if (reading)
                attempt_send(g, f->fence, f->instance.key, false);
            else
                g->resync = g->runner_synced;
            break;
        case EFFECT_ATTEMPT_KILL:
            runner->kill(runner->ctx, f->fence, g->config.kill_grace);
            break;
        case EFFECT_ATTEMPT_ACK:
            mem_free(pair_map_remove(&g->live, (struct pair_key){ f->fence, 0 }));
            pair_map_remove(&g->named, (struct pair_key){ f->fence, 0 });
            runner->ack(runner->ctx, f->fence);
            break;
        default:
            break;
        }
    }
    if (reading)
        store_rollback(g->config.store);
}
