/* engine/turn.c - the engine without its thread: queue, turn, commit, completion. */
#include "engine/turn.h"

#include "engine/alarm.h"
#include "engine/deletion.h"
#include "engine/engine_int.h"
#include "engine/planning.h"
#include "engine/resource_tree.h"

#include "sys/log.h"

/* After a failed commit nothing is tried for this long: a full disk does not heal in microseconds.
 */
static const struct dur broken_pause = { 500000 };
/* Who writes nothing notices nothing: a store that is gone is to be seen all the same. */
static const struct dur look_pause = { 1000000 };

enum err_code engine_new(const struct engine_config *config, struct engine **ret, struct err *e)
{
    struct engine *g = NEW(struct engine);

    (void)e;
    g->config = *config;
    if (g->config.default_slots == 0)
        g->config.default_slots = 8;
    if (g->config.kill_grace.us == 0)
        g->config.kill_grace = DUR_S(10);
    arena_init(&g->arena);
    arena_init(&g->fact);
    version_cache_init(&g->versions, VERSION_WHOLE);
    version_cache_init(&g->outputs, VERSION_OUTPUTS);
    doc_cache_init(&g->docs);
    pthread_mutex_init(&g->lock, NULL);
    engine_metrics_init(&g->metrics);
    list_init(&g->queue);
    list_init(&g->turn_commands);
    list_init(&g->notes);
    pair_map_init(&g->live);
    pair_map_init(&g->named);
    pair_map_init(&g->pending);
    pair_map_init(&g->prepared);
    g->alarms = alarms_new();
    *ret = g;
    return E_OK;
}

static void live_clear(struct engine *g)
{
    size_t at = 0;
    struct pair_key key;
    void *value;

    while (pair_map_next(&g->live, &at, &key, &value))
        mem_free(value);
    pair_map_done(&g->live);
    pair_map_init(&g->live);
}

void engine_free(struct engine *g)
{
    if (!g)
        return;
    engine_close(g);
    core_free(g->core);
    live_clear(g);
    pair_map_done(&g->live);
    pair_map_done(&g->named);
    pair_map_done(&g->pending);
    pair_map_done(&g->prepared);
    alarms_free(g->alarms);
    reports_drop(g, g->n_reports);
    audit_drop(g, g->n_notes);
    mem_free(g->reports);
    mem_free(g->tree.changes);
    if (g->sweeping)
        closedir(g->sweeping);
    version_cache_done(&g->versions);
    version_cache_done(&g->outputs);
    doc_cache_done(&g->docs);
    arena_done(&g->arena);
    arena_done(&g->fact);
    engine_metrics_done(&g->metrics);
    pthread_mutex_destroy(&g->lock);
    mem_free(g);
}

/* ---- commands ------------------------------------------------------------------------------ */

enum err_code engine_post(struct engine *g, struct engine_command *c, struct err *e)
{
    bool full, closed;

    pthread_mutex_lock(&g->lock);
    closed = g->closed;
    full = g->queued >= ENGINE_QUEUE_MAX;
    if (!closed && !full) {
        list_push_back(&g->queue, &c->node_);
        g->queued++;
    }
    pthread_mutex_unlock(&g->lock);
    if (closed)
        return err_set(e, E_BUSY, "the server is stopping");
    if (full)
        return err_set(e, E_BUSY, "%d changes are waiting already", ENGINE_QUEUE_MAX);
    if (g->config.wake)
        g->config.wake(g->config.wake_ctx);
    return E_OK;
}

bool engine_is_failing(const struct engine *g)
{
    return __atomic_load_n(&g->failing, __ATOMIC_RELAXED);
}

static void set_failing(struct engine *g, bool failing)
{
    __atomic_store_n(&g->failing, failing, __ATOMIC_RELAXED);
}

struct engine_metrics *engine_metrics(struct engine *g)
{
    return &g->metrics;
}

struct store *engine_store(struct engine *g)
{
    return g->config.store;
}
struct view *engine_view(struct engine *g)
{
    return store_view(g->config.store);
}
struct core *engine_core(struct engine *g)
{
    return g->core;
}
struct wall engine_now(const struct engine *g)
{
    return g->now;
}
struct arena *engine_arena(struct engine *g)
{
    return &g->arena;
}

static void commands_take(struct engine *g, struct list *ret)
{
    list_init(ret);
    pthread_mutex_lock(&g->lock);
    for (int i = 0; i < ENGINE_TURN_COMMANDS && g->queued > 0; i++) {
        list_push_back(ret, list_pop_front(&g->queue));
        g->queued--;
    }
    pthread_mutex_unlock(&g->lock);
}

static bool commands_wait(struct engine *g)
{
    pthread_mutex_lock(&g->lock);
    bool waits = g->queued > 0;
    pthread_mutex_unlock(&g->lock);
    return waits;
}

static void commands_finish(struct list *commands, enum err_code rc, const struct err *e)
{
    struct list *node;

    while ((node = list_pop_front(commands)) != NULL) {
        struct engine_command *c = CONTAINER_OF(node, struct engine_command, node_);
        c->done(c, rc, e);
    }
}

void engine_close(struct engine *g)
{
    struct list waiting;
    struct err e = ERR_INIT;

    pthread_mutex_lock(&g->lock);
    g->closed = true;
    pthread_mutex_unlock(&g->lock);
    err_set(&e, E_CANCELED, "the server is stopping");
    do {
        commands_take(g, &waiting);
        commands_finish(&waiting, E_CANCELED, &e);
    } while (commands_wait(g));
}

static size_t effects_count(const struct engine *g)
{
    size_t n;

    core_effects(g->core, &n);
    return n;
}

/* What is read of versions from now on may be taken back by the store. */
static struct version_reads reads_so_far(const struct engine *g)
{
    return (struct version_reads){ version_cache_reads(&g->versions),
                                   version_cache_reads(&g->outputs) };
}

static void reads_forget(struct engine *g, struct version_reads reads)
{
    version_cache_forget(&g->versions, reads.versions);
    version_cache_forget(&g->outputs, reads.outputs);
}

/* Run one command in its savepoint.  Refused commands are done at once: nothing of them is in the
 * commit.  What those before it began is written first, for it to read; what it begins itself is
 * not yet, since the rest of the turn may change it again, and one row is written for both.  False:
 * the store failed, the turn is lost. */
static bool command_run(struct engine *g, struct engine_command *c, struct err *turn_error)
{
    struct err e = ERR_INIT;
    struct version_reads reads = reads_so_far(g);
    enum err_code rc = effects_flush(g, turn_error);
    size_t told = effects_count(g);

    if (rc == E_OK)
        rc = store_savepoint(g->config.store, turn_error);
    if (rc != E_OK) {
        list_push_back(&g->turn_commands, &c->node_);
        return false;
    }
    rc = c->run(c, g, &e);
    g->stats.commands++;
    metric_own_add(&g->metrics.commands, 1);
    if (rc != E_OK) {
        metric_own_add(&g->metrics.commands_refused, 1);
        store_revert(g->config.store);
        reads_forget(g, reads);
        c->done(c, rc, &e);
        if (rc == E_IO || rc == E_CORRUPT) {
            *turn_error = e;
            return false;
        }
        /* The core takes nothing back.  What commands before it told is written already. */
        check(g->broken || (g->flushed == told && effects_count(g) == told));
        return true;
    }
    list_push_back(&g->turn_commands, &c->node_);
    rc = store_release(g->config.store, turn_error);
    core_resolve(g->core, g->now);
    return rc == E_OK;
}

void observe_end(struct engine *g, bool committed)
{
    const struct engine_observer *o = g->config.observer;

    if (o && committed)
        o->committed(o->ctx);
    else if (o)
        o->failed(o->ctx);
}

/* ---- the turn ------------------------------------------------------------------------------ */

static void turn_reset(struct engine *g)
{
    if (g->core)
        core_effects_clear(g->core);
    effects_reset(g);
    pair_map_clear(&g->prepared);
    arena_reset(&g->arena);
}

static bool plans_are_due(const struct engine *g)
{
    return deletion_is_due(g) || planning_is_due(g);
}

/* Deletions first: what they end another plan may be to run again. */
static enum err_code plans_step(struct engine *g, struct err *e)
{
    if (deletion_is_due(g))
        return deletion_step(g, e);
    return planning_is_due(g) ? planning_step(g, e) : E_OK;
}

/* Everything of the turn up to the commit.  *ret_reports: how many reports are in it. */
static enum err_code turn_work(struct engine *g, struct list *commands, size_t *ret_reports,
                               size_t *ret_notes, bool *ret_more, struct err *e)
{
    struct list *node;
    size_t n = g->n_reports;
    enum err_code rc = store_begin(g->config.store, e);

    if (rc != E_OK)
        return rc;
    rc = audit_take(g, ret_notes, e);
    if (rc != E_OK)
        return rc;
    while ((node = list_pop_front(commands)) != NULL)
        if (!command_run(g, CONTAINER_OF(node, struct engine_command, node_), e))
            return e->code ? e->code : E_IO;
    for (size_t i = 0; i < n && rc == E_OK; i++)
        rc = report_apply(g, &g->reports[i], e);
    if (rc == E_OK)
        rc = plans_step(g, e);
    if (rc != E_OK)
        return rc;
    *ret_more = core_advance(g->core, g->now, ENGINE_TURN_FIRINGS);
    rc = effects_flush(g, e);
    if (rc == E_OK)
        rc = alarms_advance(g, e);
    if (rc == E_OK && !g->broken && purge_is_due(g) && !plans_are_due(g))
        rc = purge_step(g, e);
    if (rc == E_OK && g->broken)
        rc = err_set(e, E_IO, "the store could not be read");
    if (rc == E_OK)
        rc = turn_commit(g, e);
    if (rc == E_OK)
        *ret_reports = n;
    return rc;
}

/* Nothing of this turn has happened.  The core knows too much, so it is built again before the next
 * one. */
static void turn_failed(struct engine *g, struct list *commands, const struct err *e)
{
    log_error("engine", "a turn failed and nothing of it is kept: %s", e->text);
    store_rollback(g->config.store);
    reads_forget(g, g->reads_before);
    turn_reset(g);
    resource_tree_forget(g);
    alarms_drop(g);
    g->stats.commits_failed++;
    metric_own_add(&g->metrics.turns_failed, 1);
    observe_end(g, false);
    g->broken = true;
    g->broken_until = wall_add(g->now, broken_pause);
    set_failing(g, true);
    commands_finish(&g->turn_commands, e->code, e);
    commands_finish(commands, e->code, e);
}

/* True: the engine is whole (again). */
static bool turn_heal(struct engine *g, struct list *commands)
{
    struct err e = ERR_INIT;

    if (g->now.us >= g->broken_until.us || g->broken_until.us - g->now.us > 2 * broken_pause.us) {
        if (engine_load(g, g->now, &e) == E_OK) {
            log_warn("engine", "the store can be written again");
            set_failing(g, false);
            return true;
        }
        log_error("engine", "the store is still failing: %s", e.text);
        g->broken_until = wall_add(g->now, broken_pause);
    } else {
        err_set(&e, E_IO, "the store failed a moment ago");
    }
    commands_finish(commands, e.code, &e);
    return false;
}

/* Nothing is to be done.  Is the store still there? */
static void look(struct engine *g)
{
    struct dur since = wall_sub(g->now, g->looked_at);
    struct list none;
    struct err e = ERR_INIT;

    if (since.us >= 0 && since.us < look_pause.us)
        return;
    g->looked_at = g->now;
    engine_publish(g, true);
    if (store_look(g->config.store, &e) == E_OK)
        return;
    list_init(&none);
    g->reads_before = reads_so_far(g);
    turn_failed(g, &none, &e);
}

static struct wall work_due(const struct engine *g)
{
    struct wall core = core_next_due(g->core), alarm = alarms_next_due(g);

    return core.us < alarm.us ? core : alarm;
}

bool engine_turn(struct engine *g, struct wall now)
{
    struct list commands;
    struct err e = ERR_INIT;
    size_t reports = 0, notes = 0;
    bool more = false;

    g->now = now;
    commands_take(g, &commands);
    if (g->broken && !turn_heal(g, &commands))
        return false;
    resource_tree_tend(g);
    if (list_is_empty(&commands) && !reports_are_due(g) && !g->resync && !audit_waits(g) &&
        !purge_is_due(g) && !plans_are_due(g) && work_due(g).us > now.us) {
        look(g);
        return false;
    }
    g->stats.turns++;
    int64_t commands_before = g->stats.commands;
    turn_begins(g);
    g->reads_before = reads_so_far(g);
    if (turn_work(g, &commands, &reports, &notes, &more, &e) != E_OK) {
        turn_failed(g, &commands, &e);
        return false;
    }
    observe_end(g, true);
    reports_count(g, reports);
    resource_tree_follow(g);
    effects_release(g);
    alarms_release(g);
    reports_drop(g, reports);
    audit_drop(g, notes);
    if (g->resync)
        attempts_resend(g);
    commands_finish(&g->turn_commands, E_OK, NULL);
    turn_reset(g);
    turn_ends(g, g->stats.commands - commands_before);
    return more || plans_are_due(g) || reports_are_due(g) || commands_wait(g) ||
           alarms_next_due(g).us <= g->now.us;
}

struct wall engine_next_due(const struct engine *g)
{
    struct wall due = work_due(g), purge = purge_due(g), tree = resource_tree_due(g);

    if (g->broken)
        return g->broken_until;
    if (plans_are_due(g))
        return g->now;
    struct wall report = reports_due(g);
    due = purge.us < due.us ? purge : due;
    due = report.us < due.us ? report : due;
    return tree.us < due.us ? tree : due;
}

void engine_stats(const struct engine *g, struct engine_stats *ret)
{
    *ret = g->stats;
    ret->broken = g->broken;
}
