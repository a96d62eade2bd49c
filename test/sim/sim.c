/* test/sim/sim.c - the world of one seed: time, turns, crashes and other faults. */
#include "checkers.h"
#include "deletions.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine_int.h"
#include "hook.h"
#include "operators.h"
#include "restarts.h"
#include "retention.h"

const char *const sim_group_names[SIM_GROUPS] = { "", "2001", "2002" };
const char *const sim_project_names[SIM_PROJECTS] = { "1001", "1002" };
const char *const sim_workflow_names[SIM_WORKFLOWS] = { "w0", "w1", "w2" };
const int sim_workflow_projects[SIM_WORKFLOWS] = { 0, 1, 0 };

int64_t sim_below(struct sim *s, int64_t n)
{
    return (int64_t)prng_below(&s->random, (uint64_t)n);
}

bool sim_chance(struct sim *s, int percent)
{
    return sim_below(s, 100) < percent;
}

void sim_fail(const struct sim *s, const char *fmt, ...)
{
    va_list ap;

    fflush(stdout);
    fprintf(stderr, "seed %" PRIu64 ", step %" PRId64 " (%s): ", s->seed, s->steps, s->action);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fprintf(stderr, "\nreplay: weft-sim --seed %" PRIu64 " --steps %" PRId64 "%s%s\n", s->seed,
            s->steps, s->odds->flag, s->mute ? " (with what was left out)" : "");
    _Exit(1); /* what is still allocated is no fault now */
}

struct sim_task *sim_task_find(struct sim *s, int64_t id)
{
    int64_t n = id - SIM_TASK_ID(0);

    return n >= 1 && n <= s->defs.n_tasks ? &s->defs.tasks[n - 1] : NULL;
}

int sim_group_of(const struct task_spec *spec)
{
    for (int g = 0; g < SIM_GROUPS; g++)
        if (str_eq_c(spec->group_id, sim_group_names[g]))
            return g;
    return 0;
}

struct core *sim_core(const struct sim *s)
{
    return engine_core(s->engine);
}

/* ---- the server ---------------------------------------------------------------------------- */

static void time_seen(struct sim *s)
{
    if (s->now.us > s->latest.us)
        s->latest = s->now;
}

static void on_effect(void *ctx, const struct effect *e)
{
    struct sim *s = ctx;

    checkers_on_effect(s, e);
    image_apply(&s->image, e);
}

static void on_committed(void *ctx)
{
    struct sim *s = ctx;

    hook_commit(s);
    alarms_commit(s);
    retention_commit(s);
    image_commit(&s->image);
    checkers_commit(s);
    s->durable = s->defs;
    if (s->weather.slow) {
        s->weather.slow = false;
        s->weather.took = DUR_S(1 + sim_below(s, sim_chance(s, 80) ? 120 : 7200));
    }
}

static void on_failed(void *ctx)
{
    struct sim *s = ctx;

    sim_check(s, s->faults, "a turn failed for no reason");
    sim_try_failed(s);
    image_crash(&s->image);
    retention_crash(s);
    checkers_crash(s);
    alarms_crash(s);
    s->defs = s->durable;
    s->failures++;
    sim_tell(s, "the turn is lost");
}

static bool is_broken(const struct sim *s)
{
    struct engine_stats stats;

    engine_stats(s->engine, &stats);
    return stats.broken;
}

static void server_start(struct sim *s)
{
    struct engine_config config = { .store = s->store,
                                    .runner = runner_port(s),
                                    .node = "node",
                                    .default_slots = s->defs.slots[0],
                                    .backfill_share = s->share,
                                    .keep = s->keep,
                                    .plan_slice = s->slice,
                                    .observer = &s->observer,
                                    .letters = alarms_port(s) };

    alarms_restart(s);

    check(engine_new(&config, &s->engine, NULL) == E_OK);
    s->connected = s->torn = false;
    /* A server that cannot load ends, and is started again. */
    for (int tries = 0; engine_load(s->engine, s->now, NULL) != E_OK; tries++) {
        sim_check(s, s->faults && tries < 8, "the store cannot be loaded");
        if (tries < 3 && sim_fault(s, SIM_FAULT_crash_load, 400))
            store_set_faults(s->store,
                             (struct store_faults){ .fail_change_at = 1 + sim_below(s, 6) });
        engine_free(s->engine);
        check(engine_new(&config, &s->engine, NULL) == E_OK);
    }
}

static void crash(struct sim *s, bool at_rest)
{
    if (at_rest && !is_broken(s) && engine_next_due(s->engine).us > s->now.us)
        restarts_note(s);
    engine_free(s->engine);
    sim_check(s, s->image.n_undo == 0, "a crash between turns");
    s->crashes++;
    if (sim_fault(s, SIM_FAULT_crash_load, 100))
        store_set_faults(s->store, sim_chance(s, 50) ? (struct store_faults){ .fail_commit_at = 1 }
                                                     : (struct store_faults){
                                                           .fail_change_at = 1 + sim_below(s, 6) });
    server_start(s);
    restarts_compare(s);
    if (sim_fault(s, SIM_FAULT_crash_loaded, 50)) {
        engine_free(s->engine);
        server_start(s);
    }
}

/* What was asked to end does, whatever happened to the connection. */
static void check_kills(struct sim *s)
{
    const struct instance *i;
    for (size_t at = 0; (i = census_next(s, &at)) != NULL;) {
        if (i->state != INSTANCE_RUNNING || !(i->flags & (INSTANCE_KILLING | INSTANCE_TIMED_OUT)))
            continue;
        const struct sim_attempt *a = runner_attempt(s, i->fence);
        sim_check(s, a, "an attempt of task %" PRId64 " that is to end was never begun",
                  i->key.task_id - SIM_TASK_ID(0));
        sim_check(s, a->ended || a->ending || a->ends_at.us <= wall_add(s->now, DUR_S(15)).us,
                  "a kill of task %" PRId64 " was lost", i->key.task_id - SIM_TASK_ID(0));
    }
}

static void look(struct sim *s, bool at_rest)
{
    if (is_broken(s))
        return;
    core_verify(sim_core(s));
    checkers_store(s, s->odds->looks_whole || !s->faults);
    if (s->connected && at_rest)
        check_kills(s);
    if (at_rest && engine_next_due(s->engine).us > s->now.us)
        checkers_awake(s);
}

/* What little of that costs little, after every turn: the rest would be over before the next look.
 */
static void glance(struct sim *s)
{
    if (!is_broken(s) && engine_next_due(s->engine).us > s->now.us)
        checkers_glance(s);
    s->missed = s->withdrawn = false;
}

static void break_store(struct sim *s)
{
    bool full = s->faults && s->steps < s->weather.full_until && !mute_has_faults(s);
    bool losing = s->losing && sim_chance(s, 50) && !mute_has_faults(s);

    s->losing = false;
    if (sim_fault(s, SIM_FAULT_commit_fails, losing ? 1000 : 12) || (full && sim_chance(s, 50)))
        store_set_faults(s->store, (struct store_faults){ .fail_commit_at = 1 });
    else if (sim_fault(s, SIM_FAULT_change_fails, 18) || full)
        store_set_faults(
            s->store, (struct store_faults){ .fail_change_at = 1 + (full ? 0 : sim_below(s, 20)) });
}

/* One turn or several; a fault may come anywhere. */
static void turns(struct sim *s)
{
    bool more = true;

    runner_report(s);
    while (more) {
        break_store(s);
        bool deaf = s->connected && sim_fault(s, SIM_FAULT_crash_unsent, 20);
        if (deaf)
            s->connected = false; /* committed, but the runner is not told: a crash follows */
        more = engine_turn(s->engine, s->now);
        s->now = wall_add(s->now, s->weather.took); /* a turn has one time */
        s->weather.took = DUR_S(0);
        time_seen(s);
        if (deaf || sim_fault(s, SIM_FAULT_crash, 20)) {
            store_set_faults(s->store, (struct store_faults){ 0, 0 });
            crash(s, !more);
            more = true;
        }
        if (s->torn)
            runner_disconnect(s);
        /* A deletion is to last, so that much comes between its slices. */
        if (sim_chance(s, deletions_go_on(s) ? 75 : 30))
            break;
    }
    store_set_faults(s->store, (struct store_faults){ 0, 0 });
    if (s->faults && s->steps % s->odds->looks_every == 0)
        look(s, !more);
    else if (s->faults && !more)
        glance(s);
}

static void connection(struct sim *s)
{
    if (s->connected && sim_fault(s, SIM_FAULT_disconnect, 25))
        runner_disconnect(s);
    else if (!s->connected && (!s->faults || sim_chance(s, 60)))
        runner_connect(s);
    if (sim_fault(s, SIM_FAULT_runner_dies, 6))
        runner_die(s);
    if (sim_fault(s, SIM_FAULT_machine_dies, 4))
        machine_die(s);
    if (sim_fault(s, SIM_FAULT_disk_lost, 3))
        disk_die(s);
}

/* ---- life ---------------------------------------------------------------------------------- */

void sim_init(struct sim *s, uint64_t seed)
{
    static const int starts[][3] = { { 2026, 3, 27 },  { 2026, 10, 23 }, { 2026, 3, 6 },
                                     { 2026, 12, 29 }, { 2028, 2, 27 },  { 2026, 4, 3 },
                                     { 2026, 10, 30 } };
    static const int shares[] = { 100, 50, 20 };

    s->seed = seed;
    s->faults = true;
    prng_init(&s->random, seed);
    sim_entropy(hash_u64(seed));
    arena_init(&s->arena);
    image_init(&s->image);
    pair_map_init(&s->tracks);
    pair_map_init(&s->by_fence);
    pair_map_init(&s->newest);
    s->observer =
        (struct engine_observer){ s, on_effect, on_committed, on_failed, retention_on_purged };
    s->keep = retention_of(s->odds, seed);
    check(store_open("memory:", &s->store, NULL) == E_OK);
    const int *start = starts[sim_below(s, ARRAY_LEN(starts))];
    s->now = zone_to_wall(zone_utc(),
                          civil_make(start[0], start[1], start[2], (int)sim_below(s, 24), 0, 0));
    s->latest = s->now;
    s->back_to = WALL_FAR;
    s->weather.orders_left = -1;
    s->share = shares[seed % ARRAY_LEN(shares)];
    s->manual = seed % 7 == 5;
    s->slice = s->odds->slices[seed / 3 % ARRAY_LEN(s->odds->slices)];
    for (int k = 0; k < SIM_GROUPS; k++)
        s->defs.slots[k] = s->odds->slots[k] * (k == 1 ? 1 + (int)sim_below(s, 2) : 1);
    const int *success = s->odds->success;
    bool same = success[0] == success[SIM_SUCCESSES - 1];
    s->success = success[same ? 0 : sim_below(s, SIM_SUCCESSES)];
    for (int p = 0; p < SIM_PROJECTS; p++)
        s->defs.enabled[p] = true;
    s->durable = s->defs;
    snprintf(s->action, sizeof(s->action), "start");
    server_start(s);
    sim_furnish(s);
    engine_turn(s->engine, s->now);
    s->began = s->now;
}

void sim_done(struct sim *s)
{
    engine_free(s->engine);
    store_close(s->store);
    checkers_done(s);
    restarts_done(s);
    alarms_done(s);
    retention_done(s);
    image_done(&s->image);
    arena_done(&s->arena);
    pair_map_done(&s->by_fence);
    pair_map_done(&s->newest);
    mem_free(s->attempts);
    mem_free(s->alive);
}

/* Half of the time exactly to what is due next: limits are met on the instant. */
static void pass_time(struct sim *s, bool to_due)
{
    int64_t leap = s->odds->leap, far = s->odds->clock_jump;
    int64_t seconds = leap > 0            ? sim_below(s, leap)
                      : sim_chance(s, 50) ? sim_below(s, 900)
                      : sim_chance(s, 80) ? sim_below(s, 3 * CIVIL_HOUR)
                                          : sim_below(s, 2 * CIVIL_DAY);

    struct wall due = engine_next_due(s->engine);
    if (s->keep.us > 0 && due.us == s->engine->purge.next_at.us && sim_chance(s, 80))
        to_due = false; /* it is always due soon */
    if (due.us % ALARM_SLOT.us == 0 && sim_chance(s, 80))
        due = core_next_due(sim_core(s)); /* so are the numbers of a day, where they are counted */
    if (to_due && due.us > s->now.us && due.us < wall_add(s->now, DUR_S(CIVIL_DAY)).us)
        s->now = due;
    else
        s->now = wall_add(s->now, DUR_S(seconds));
    snprintf(s->action, sizeof(s->action), "time");
    if (far == 0)
        far = sim_chance(s, 80) ? CIVIL_HOUR : 2 * CIVIL_DAY;
    if (sim_fault(s, SIM_FAULT_clock_back, 22)) {
        s->now = wall_add(s->now, DUR_S(-sim_below(s, far)));
        s->back_to = s->now;
        snprintf(s->action, sizeof(s->action), "the clock goes back");
    } else if (sim_fault(s, SIM_FAULT_clock_forward, 10)) {
        s->now = wall_add(s->now, DUR_S(sim_below(s, 3 * far)));
        snprintf(s->action, sizeof(s->action), "the clock goes forward");
    }
    time_seen(s);
}

/* Each step has dice of its own, so that what is left out of one changes no other. */
void sim_step(struct sim *s)
{
    s->steps++;
    s->n_posted = 0;
    prng_init(&s->random, hash_u64(s->seed * 2 + 1) ^ hash_u64((uint64_t)s->steps));
    sim_entropy(hash_u64(s->seed) ^ hash_u64((uint64_t)s->steps));
    sim_weather_begin(s);
    connection(s);
    bool operate = s->steps < 12 || sim_chance(s, s->odds->operate);
    bool to_due = sim_chance(s, s->odds->to_due);
    if (!operate)
        pass_time(s, to_due);
    else if (s->steps >= 12 && sim_fault(s, SIM_FAULT_worst_moment, 250))
        pass_time(s, true);
    if (operate)
        sim_operate(s, s->steps < 12);
    sim_tell_time(s);
    turns(s);
}

void sim_finish(struct sim *s)
{
    s->faults = false;
    s->n_posted = MUTE_COMMANDS;
    s->weather = (struct sim_weather){ .orders_left = -1 };
    snprintf(s->action, sizeof(s->action), "drain");
    s->now = wall_add(s->latest, DUR_S(2)); /* a store that failed is tried again */
    s->latest = s->now;
    connection(s);
    turns(s);
    sim_pause_all(s);
    sim_post(s, op_stop_counting);     /* each piece of a day is due */
    s->engine->config.keep = DUR_S(0); /* that would never rest */
    for (int n = 0;; n++) {
        turns(s);
        struct wall due = engine_next_due(s->engine), end = runner_next_end(s);
        if (end.us < due.us)
            due = end;
        if (due.us == WALL_FAR.us)
            break;
        if (due.us > s->now.us)
            s->now = due;
        s->now = wall_add(s->now, DUR_S(s->odds->drain_leap));
        time_seen(s);
        sim_check(s, n < 200000, "I8: it does not come to rest");
    }
    look(s, true);
    checkers_finish(s);
    s->instances = (int64_t)s->image.n_instances;
}
