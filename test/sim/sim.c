/* test/sim/sim.c - the world of one seed: operators, time, turns and crashes. */
#include "sim.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const sim_group_names[SIM_GROUPS] = { "", "small", "wide" };
const char *const sim_project_names[SIM_PROJECTS] = { "p0", "p1" };

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

    fprintf(stderr, "seed %" PRIu64 ", step %" PRId64 " (%s): ", s->seed, s->steps, s->action);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fprintf(stderr, "\nreplay: weft-sim --seed %" PRIu64 " --steps %" PRId64 "\n", s->seed,
            s->steps);
    exit(1);
}

struct sim_task *sim_task_find(struct sim *s, int64_t id)
{
    return id >= 1 && id <= s->defs.n_tasks ? &s->defs.tasks[id - 1] : NULL;
}

int sim_group_of(const struct task_spec *spec)
{
    for (int g = 0; g < SIM_GROUPS; g++)
        if (str_eq_c(spec->group_id, sim_group_names[g]))
            return g;
    return 0;
}

struct str sim_event_name(int event)
{
    static const char *const names[SIM_EVENTS] = { "one-a", "all-a", "one-b", "all-b" };

    return str_from(names[event]);
}

bool sim_event_is_single(int event)
{
    return event % 2 == 0;
}

/* ---- the server ---------------------------------------------------------------------------- */

static void core_task_of(const struct sim *s, const struct sim_task *t, struct core_task *ret)
{
    *ret = (struct core_task){ .id = t->id,
                               .spec = t->spec,
                               .project_id = str_from(sim_project_names[t->project]),
                               .version_no = t->version_no,
                               .status = t->status,
                               .project_enabled = s->defs.enabled[t->project],
                               .live_from = t->live_from };
}

static void load(struct sim *s)
{
    struct core_config config = { .default_slots = 3 };
    struct core_port port = image_port(&s->image);
    size_t n;

    s->core = core_new(&config, &port);
    s->image.core = s->core;
    for (int g = 1; g < SIM_GROUPS; g++)
        core_group_put(s->core, str_from(sim_group_names[g]), s->defs.slots[g], s->now);
    for (int k = 0; k < s->defs.n_tasks; k++) {
        struct core_task t;
        if (!s->defs.tasks[k].there)
            continue;
        core_task_of(s, &s->defs.tasks[k], &t);
        const struct image_schedule *schedule = image_schedule(&s->image, t.id);
        t.high_water = schedule->high_water;
        t.has_high_water = schedule->has_high_water;
        if (schedule->status == TASK_INVALID)
            t.status = TASK_INVALID;
        core_task_put(s->core, &t, s->now);
    }
    image_restore(&s->image, s->core);
    core_effects(s->core, &n);
    sim_check(s, n == 0, "effects came out while loading");
    core_restored(s->core, s->now);
}

static void crash(struct sim *s)
{
    core_free(s->core);
    image_crash(&s->image);
    checkers_crash(s);
    s->defs = s->durable;
    s->crashes++;
    load(s);
}

static void release(struct sim *s)
{
    size_t n;
    const struct effect *effects = core_effects(s->core, &n);

    for (size_t k = 0; k < n; k++) {
        if (effects[k].kind == EFFECT_ATTEMPT_BEGIN)
            runner_begin(s, effects[k].fence, effects[k].instance.key);
        else if (effects[k].kind == EFFECT_ATTEMPT_KILL)
            runner_kill(s, effects[k].fence);
        else if (effects[k].kind == EFFECT_ATTEMPT_ACK)
            runner_ack(s, effects[k].fence);
    }
    core_effects_clear(s->core);
}

static void commit(struct sim *s)
{
    image_commit(&s->image);
    checkers_commit(s);
    s->durable = s->defs;
}

static void advance_fully(struct sim *s)
{
    while (core_advance(s->core, s->now, 50))
        image_flush(&s->image);
    image_flush(&s->image);
}

/* The end of a turn: advance, perhaps not all of the way, commit, tell the runner; a crash may come
 * anywhere. */
static void turn_end(struct sim *s)
{
    bool restart = false;

    runner_report(s);
    do {
        bool more = core_advance(s->core, s->now, 1 + (int)sim_below(s, 100));
        if (s->steps % SIM_VERIFY_EVERY == 0)
            core_verify(s->core);
        if (s->faults && sim_chance(s, 2)) {
            crash(s);
            restart = true;
        }
        if (!more || sim_chance(s, 30))
            break;
    } while (true);
    commit(s);
    if (s->faults && sim_chance(s, 2)) {
        crash(s); /* committed, but the runner was not told */
        restart = true;
        commit(s);
    }
    if (restart)
        runner_resync(s);
    release(s);
}

/* ---- operators ----------------------------------------------------------------------------- */

static void range_close(struct sim *s, struct sim_task *t)
{
    if (t->ranges && t->ranges->to.us == WALL_FAR.us) {
        struct sim_range *closed = ARENA_NEW(&s->arena, struct sim_range);
        *closed = *t->ranges; /* a copy: a crash takes the closing back */
        closed->to = s->now;
        t->ranges = closed;
    }
}

static void range_open(struct sim *s, struct sim_task *t)
{
    struct sim_range *r = ARENA_NEW(&s->arena, struct sim_range);

    *r = (struct sim_range){ t->ranges, t->spec, s->now, WALL_FAR };
    t->ranges = r;
}

static struct sim_task *any_task(struct sim *s)
{
    if (s->defs.n_tasks == 0)
        return NULL;
    struct sim_task *t = sim_task_find(s, 1 + sim_below(s, s->defs.n_tasks));
    return t->there ? t : NULL;
}

static void submit(struct sim *s)
{
    struct sim_task *t = NULL;
    struct core_task put;

    if (s->defs.n_tasks < SIM_TASKS_MAX && (s->defs.n_tasks < 4 || sim_chance(s, 70))) {
        t = &s->defs.tasks[s->defs.n_tasks++];
        *t = (struct sim_task){ .id = s->defs.n_tasks, .project = (int)sim_below(s, SIM_PROJECTS) };
    } else {
        t = sim_task_find(s, 1 + sim_below(s, s->defs.n_tasks));
        /* The id of a deleted task is not used again while instances of it run on. */
        if (!t->there)
            return;
    }
    advance_fully(s);
    bool was_scheduling = t->there && image_schedule(&s->image, t->id)->status == TASK_SCHEDULING &&
                          t->status == TASK_SCHEDULING;
    bool paused = t->there && t->status == TASK_PAUSED;
    const struct task_spec *spec = sim_define(s, t->id);
    snprintf(s->action, sizeof(s->action), "submit task %" PRId64, t->id);
    range_close(s, t);
    t->spec = spec;
    t->there = true;
    t->gently_deleted = false;
    t->version_no++;
    t->live_from = s->now;
    struct sim_version *v = ARENA_NEW(&s->arena, struct sim_version);
    *v = (struct sim_version){ t->versions, spec, t->live_from, s->seq + 1 };
    t->versions = v;
    if (!paused) {
        t->status = TASK_SCHEDULING;
        range_open(s, t);
    }
    struct image_schedule schedule = *image_schedule(&s->image, t->id);
    schedule.status = t->status;
    if (!was_scheduling)
        schedule.has_high_water = false;
    image_schedule_set(&s->image, &schedule);
    core_task_of(s, t, &put);
    core_task_put(s->core, &put, s->now);
}

static void change_status(struct sim *s)
{
    struct sim_task *t = any_task(s);
    struct image_schedule schedule;

    if (!t)
        return;
    advance_fully(s);
    schedule = *image_schedule(&s->image, t->id);
    if (schedule.status == TASK_INVALID)
        return;
    enum task_status to = t->status == TASK_SCHEDULING
                              ? (sim_chance(s, 60) ? TASK_PAUSED : TASK_STOPPED)
                              : TASK_SCHEDULING;
    bool kill = to != TASK_SCHEDULING && sim_chance(s, 30);
    snprintf(s->action, sizeof(s->action), "task %" PRId64 " to %d", t->id, (int)to);
    range_close(s, t);
    t->status = to;
    if (to == TASK_SCHEDULING)
        range_open(s, t);
    schedule.status = to;
    image_schedule_set(&s->image, &schedule);
    core_task_status(s->core, t->id, to, kill, s->now);
}

static void delete_task(struct sim *s)
{
    struct sim_task *t = any_task(s);
    bool gentle = sim_chance(s, 50);

    if (!t || !sim_chance(s, 20))
        return;
    advance_fully(s);
    snprintf(s->action, sizeof(s->action), "delete task %" PRId64 "%s", t->id,
             gentle ? " gently" : "");
    range_close(s, t);
    t->there = false;
    t->gently_deleted = gentle;
    core_task_delete(s->core, t->id, gentle, s->now);
    image_flush(&s->image);
}

static void toggle_project(struct sim *s)
{
    int p = (int)sim_below(s, SIM_PROJECTS);

    advance_fully(s);
    snprintf(s->action, sizeof(s->action), "toggle project %d", p);
    s->defs.enabled[p] = !s->defs.enabled[p];
    core_project_enable(s->core, str_from(sim_project_names[p]), s->defs.enabled[p], s->now);
}

static void change_slots(struct sim *s)
{
    int g = 1 + (int)sim_below(s, SIM_GROUPS - 1);

    snprintf(s->action, sizeof(s->action), "slots of group %d", g);
    s->defs.slots[g] = 1 + (int)sim_below(s, g == 1 ? 2 : 8);
    core_group_put(s->core, str_from(sim_group_names[g]), s->defs.slots[g], s->now);
}

static void fire_event(struct sim *s)
{
    int event = (int)sim_below(s, SIM_EVENTS);
    struct civil today = zone_to_civil(zone_utc(), s->now);
    struct image_case c = { .id = arena_printf(&s->arena, "case-%zu", s->image.n_cases),
                            .project_id = str_from(sim_project_names[0]),
                            .event_name = sim_event_name(event),
                            .fired_at = s->now,
                            .expires_at =
                                wall_add(s->now, DUR_S(3600 + sim_below(s, 3 * CIVIL_DAY))),
                            .single = sim_event_is_single(event),
                            .general = event >= 2 };

    today.s += (sim_below(s, 5) - 3) * CIVIL_DAY;
    c.data_time = sim_chance(s, 70) ? civil_day(today) : civil_hour(today);
    snprintf(s->action, sizeof(s->action), "fire event %d", event);
    image_flush(&s->image);
    image_case_add(&s->image, &c);
    core_event_fired(s->core, c.project_id, c.event_name, c.data_time, s->now);
    if (sim_chance(s, 40))
        fire_event(s);
}

static const struct instance *any_instance(struct sim *s)
{
    image_flush(&s->image);
    if (s->image.n_instances == 0)
        return NULL;
    /* Mostly of the recent ones. */
    size_t n = s->image.n_instances, back = sim_chance(s, 80) && n > 30 ? 30 : n;
    return &s->image.instances[n - 1 - (size_t)sim_below(s, (int64_t)back)];
}

static void kill_instance(struct sim *s)
{
    const struct instance *i = any_instance(s);

    if (!i)
        return;
    snprintf(s->action, sizeof(s->action), "kill an instance of task %" PRId64, i->key.task_id);
    bool live = !instance_state_is_terminal(i->state);
    /* One that looks ended may have a new round that has not come out yet. */
    bool killed = core_kill(s->core, i->key, STR("killed"), s->now);
    sim_check(s, killed || !live, "kill does not know what is live");
}

static void set_success(struct sim *s)
{
    const struct instance *i = any_instance(s);
    struct instance old;

    if (!i)
        return;
    old = *i;
    snprintf(s->action, sizeof(s->action), "set success of task %" PRId64, old.key.task_id);
    bool terminal = instance_state_is_terminal(old.state);
    enum err_code rc =
        core_set_success(s->core, old.key, terminal ? &old : NULL, STR("set"), s->now, NULL);
    sim_check(s, (rc == E_OK) == (old.state != INSTANCE_RUNNING), "set success said %d", (int)rc);
}

static void wish(struct sim *s, struct sim_task *t, struct civil from, unsigned flags,
                 struct str plan)
{
    struct backfill_wish w = { .task_id = t->id, .flags = flags, .plan_id = plan };
    struct instance old;
    bool active;

    if (!schedule_data_next(&t->spec->schedule, from, SCHEDULE_IGNORE_RANGE, &w.firing))
        return;
    const struct instance *i =
        image_get(&s->image, (struct instance_key){ t->id, w.firing.data_time });
    if (i && instance_state_is_terminal(i->state)) {
        old = *i;
        w.existing = &old;
        w.rerun = sim_chance(s, 30);
    }
    enum err_code rc = core_backfill_check(s->core, &w, &active, NULL);
    if (i && !instance_state_is_terminal(i->state))
        sim_check(s, rc == E_CONFLICT && active, "a live instance is not active");
    if (rc == E_OK)
        core_backfill(s->core, &w, s->now);
}

static void backfill(struct sim *s)
{
    unsigned flags = 0;
    int n = 1 + (int)sim_below(s, 8);

    advance_fully(s);
    struct str plan = arena_printf(&s->arena, "plan-%" PRIu64 "-%" PRId64, s->seq, s->steps);
    if (sim_chance(s, 70))
        flags |= INSTANCE_SKIP_EVENTS;
    if (sim_chance(s, 60))
        flags |= sim_chance(s, 50) ? INSTANCE_SKIP_UPSTREAMS : INSTANCE_PLAN_UPSTREAMS;
    snprintf(s->action, sizeof(s->action), "backfill %d, flags %u", n, flags);
    struct civil today = civil_day(zone_to_civil(zone_utc(), s->now));
    for (int k = 0; k < n; k++) {
        struct sim_task *t = any_task(s);
        if (t && t->spec->schedule.cycle != CYCLE_ONEOFF)
            wish(s, t, (struct civil){ today.s + (sim_below(s, 7) - 4) * CIVIL_DAY }, flags, plan);
    }
}

/* ---- life ---------------------------------------------------------------------------------- */

void sim_init(struct sim *s, uint64_t seed)
{
    static const int starts[][3] = { { 2026, 3, 27 },  { 2026, 10, 23 }, { 2026, 3, 6 },
                                     { 2026, 12, 29 }, { 2028, 2, 27 },  { 2026, 4, 3 },
                                     { 2026, 10, 30 } };

    memset(s, 0, sizeof(*s));
    s->seed = seed;
    s->faults = true;
    prng_init(&s->random, seed);
    arena_init(&s->arena);
    image_init(&s->image);
    pair_map_init(&s->tracks);
    s->image.on_effect = checkers_on_effect;
    s->image.ctx = s;
    const int *start = starts[sim_below(s, ARRAY_LEN(starts))];
    s->now = zone_to_wall(zone_utc(),
                          civil_make(start[0], start[1], start[2], (int)sim_below(s, 24), 0, 0));
    s->defs.slots[0] = 3;
    s->defs.slots[1] = 1 + (int)sim_below(s, 2);
    s->defs.slots[2] = 20;
    for (int p = 0; p < SIM_PROJECTS; p++)
        s->defs.enabled[p] = true;
    s->durable = s->defs;
    snprintf(s->action, sizeof(s->action), "start");
    load(s);
}

void sim_done(struct sim *s)
{
    core_free(s->core);
    checkers_done(s);
    image_done(&s->image);
    arena_done(&s->arena);
    mem_free(s->attempts);
}

static void pass_time(struct sim *s)
{
    int64_t seconds = sim_chance(s, 50)   ? sim_below(s, 900)
                      : sim_chance(s, 80) ? sim_below(s, 3 * CIVIL_HOUR)
                                          : sim_below(s, 2 * CIVIL_DAY);

    /* Half of the time exactly to what is due next: limits are met on the instant. */
    struct wall due = core_next_due(s->core);
    if (sim_chance(s, 50) && due.us > s->now.us && due.us < wall_add(s->now, DUR_S(CIVIL_DAY)).us)
        s->now = due;
    else
        s->now = wall_add(s->now, DUR_S(seconds));
    snprintf(s->action, sizeof(s->action), "time");
}

void sim_step(struct sim *s)
{
    static void (*const actions[])(
        struct sim *) = { submit,         submit,        submit,      change_status, delete_task,
                          toggle_project, change_slots,  fire_event,  fire_event,    fire_event,
                          kill_instance,  kill_instance, set_success, backfill,      backfill };

    s->steps++;
    if (s->steps < 12 || sim_chance(s, 25)) {
        int n = 1 + (int)sim_below(s, 3);
        for (int k = 0; k < n; k++) {
            actions[s->steps < 12 ? 0 : sim_below(s, ARRAY_LEN(actions))](s);
            image_flush(&s->image);
            if (s->faults && sim_chance(s, 1))
                break;
        }
    } else {
        pass_time(s);
    }
    turn_end(s);
}

void sim_finish(struct sim *s)
{
    s->faults = false;
    snprintf(s->action, sizeof(s->action), "drain");
    advance_fully(s);
    for (int k = 0; k < s->defs.n_tasks; k++) {
        struct sim_task *t = &s->defs.tasks[k];
        if (!t->there || t->status != TASK_SCHEDULING ||
            image_schedule(&s->image, t->id)->status != TASK_SCHEDULING)
            continue;
        range_close(s, t);
        t->status = TASK_PAUSED;
        core_task_status(s->core, t->id, TASK_PAUSED, false, s->now);
    }
    for (int turns = 0;; turns++) {
        turn_end(s);
        struct wall due = core_next_due(s->core), end = runner_next_end(s);
        if (end.us < due.us)
            due = end;
        if (due.us == WALL_FAR.us)
            break;
        if (due.us > s->now.us)
            s->now = due;
        sim_check(s, turns < 200000, "I8: it does not come to rest");
    }
    core_verify(s->core);
    checkers_finish(s);
    s->instances = (int64_t)s->image.n_instances;
}
