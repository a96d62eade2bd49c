/* engine/load.c - builds the core from the store: at start, and after a failed commit. */
#include "engine/engine_int.h"
#include "engine/resource_tree.h"

#include "engine/alarm.h"
#include "engine/deletion.h"
#include "engine/parameter.h"
#include "engine/planning.h"
#include "engine/task_packed.h"

void instance_from_row(const struct instance_row *row, struct instance *ret)
{
    *ret = (struct instance){ .key = { row->task_id, row->data_time },
                              .state = (enum instance_state)row->state,
                              .type = (enum instance_type)row->type,
                              .run_type = (enum run_type)row->run_type,
                              .round = row->round,
                              .tries = row->tries,
                              .try_limit = row->try_limit,
                              .total_runs = row->total_runs,
                              .priority = row->priority,
                              .version_no = row->version_no,
                              .flags = (unsigned)row->flags,
                              .planned = row->planned,
                              .fire_at = row->fire_at,
                              .created_at = row->created_at,
                              .updated_at = row->updated_at,
                              .round_at = row->round_at,
                              .started_at = row->started_at,
                              .ended_at = row->ended_at,
                              .retry_at = row->retry_at,
                              .fence = (uint64_t)row->fence,
                              .plan_id = row->plan_id,
                              .phases = row->phases,
                              .reason = row->reason };
    /* The row has the group of the version that was dispatched: whose slot it holds. */
    if (ret->state == INSTANCE_RUNNING)
        ret->group_id = row->group_id.len > 0 ? row->group_id : STR("");
}

struct loading {
    struct engine *g;
    struct wall now;
    enum err_code rc;
    struct err *e;
};

static bool load_group(void *ctx, const void *row)
{
    struct loading *l = ctx;
    const struct group_row *group = row;

    core_group_put(l->g->core, group->id, group->slots, l->now);
    return true;
}

static bool load_project(void *ctx, const void *row)
{
    struct loading *l = ctx;
    const struct project_row *project = row;

    if (project->status == 0)
        core_project_enable(l->g->core, project->id, false, l->now);
    return true;
}

static bool is_within(int64_t n, int64_t least, int64_t most)
{
    return n >= least && n <= most;
}

/* The core takes its instances for true.  A row that cannot have been written by us, or comes twice
 * out of a damaged index, is a damaged store and not a reason to die. */
static bool is_sane(struct loading *l, const struct instance_row *row)
{
    struct instance_key key = { row->task_id, row->data_time };
    bool runs = row->state == INSTANCE_RUNNING;

    return is_within(row->state, 0, INSTANCE_FAILED_RETRY) && row->tries >= 0 && row->round >= 0 &&
           is_within(row->data_time.s, civil_make(1, 1, 1, 0, 0, 0).s,
                     civil_make(9999, 12, 31, 23, 59, 59).s) &&
           row->fence >= 0 && (row->fence != 0) == runs && !core_instance_get(l->g->core, key) &&
           !(runs && pair_map_get(&l->g->live, (struct pair_key){ (uint64_t)row->fence, 0 }));
}

/* An attempt keeps the limit of the version that it runs, whatever was submitted since (5.5). */
static enum err_code load_limit(struct loading *l, const struct instance *i)
{
    const struct version_entry *version;

    if (i->state != INSTANCE_RUNNING ||
        i->version_no == core_task_version(l->g->core, i->key.task_id))
        return E_OK;
    enum err_code rc = version_cache_get(&l->g->versions, engine_view(l->g), i->key.task_id,
                                         i->version_no, &version, l->e);
    /* The task may be gone, with its versions; its attempts are being ended. */
    if (rc != E_OK)
        return parameter_is_refusal(rc) ? E_OK : rc;
    core_attempt_limit(l->g->core, i->key, version->spec.execution_ttl_minutes);
    return E_OK;
}

static bool load_instance(void *ctx, const void *row)
{
    struct loading *l = ctx;
    const struct instance_row *instance = row;
    struct instance i;

    if (!is_sane(l, instance)) {
        l->rc = err_set(l->e, E_CORRUPT,
                        "the store (weft.db) is damaged: the instance of task %lld, data time "
                        "%lld, makes no sense; docs/operations.md, \"A store that is damaged\"",
                        (long long)instance->task_id, (long long)instance->data_time.s);
        return false;
    }
    instance_from_row(row, &i);
    core_instance_restore(l->g->core, &i);
    if (i.fence != 0 && i.state == INSTANCE_RUNNING)
        attempt_live(l->g, i.fence, i.key, instance->task_type_id);
    l->rc = load_limit(l, &i);
    return l->rc == E_OK;
}

static enum err_code load_table(struct loading *l, const struct query *q, query_each *each)
{
    enum err_code rc = query_run(engine_view(l->g), q, each, l, l->e);
    return rc != E_OK ? rc : l->rc;
}

static enum err_code load_all(struct loading *l)
{
    struct query q;
    enum err_code rc;

    query_init(&q, &table_group);
    rc = load_table(l, &q, load_group);
    if (rc != E_OK)
        return rc;
    rc = task_packed_load(l->g, l->now, l->e);
    if (rc != E_OK)
        return rc;
    query_init(&q, &table_project);
    rc = load_table(l, &q, load_project);
    if (rc != E_OK)
        return rc;
    rc = planning_load(l->g, l->e);
    if (rc == E_OK)
        rc = deletion_load(l->g, l->e);
    if (rc != E_OK)
        return rc;
    query_init(&q, &table_instance);
    query_number(&q, INSTANCE_STATE, QUERY_LE, INSTANCE_FAILED_RETRY);
    return load_table(l, &q, load_instance);
}

enum err_code engine_load(struct engine *g, struct wall now, struct err *e)
{
    struct core_config config = { .kill_grace = g->config.kill_grace,
                                  .default_slots = g->config.default_slots,
                                  .backfill_share = g->config.backfill_share,
                                  .plan_release = g->config.plan_slice,
                                  .looks = g->config.plan_slice };
    struct core_port port = engine_facts(g);
    struct loading l = { .g = g, .now = now, .e = e };
    size_t at = 0;
    struct pair_key key;
    void *value;

    if (!g->tree.made) {
        g->now = now;
        resource_tree_restore(g);
        g->tree.made = true;
    }
    enum err_code rc = store_begin(g->config.store, e);
    if (rc != E_OK)
        return rc;
    core_free(g->core);
    g->core = core_new(&config, &port);
    while (pair_map_next(&g->live, &at, &key, &value))
        mem_free(value);
    pair_map_done(&g->live);
    pair_map_init(&g->live);
    effects_reset(g);
    metric_set(&g->metrics.loaded, 0);
    g->broken = false;
    g->now = now;
    rc = load_all(&l);
    if (rc == E_OK)
        rc = alarms_load(g, e);
    if (rc == E_OK) {
        core_restored(g->core, now);
        rc = effects_flush(g, e);
    }
    if (rc == E_OK)
        rc = g->broken ? err_set(e, E_IO, "the store could not be read")
                       : store_commit(g->config.store, e);
    if (rc != E_OK) {
        store_rollback(g->config.store);
        g->broken = true;
        observe_end(g, false);
        return rc;
    }
    observe_end(g, true);
    effects_release(g);
    core_effects_clear(g->core);
    effects_reset(g);
    arena_reset(&g->arena);
    engine_publish(g, true);
    metric_set(&g->metrics.loaded, 1);
    /* A runner that is connected already does not report again by itself. */
    g->resync = g->runner_synced;
    return E_OK;
}
