/* test/core/world.c - see world.h. */
#include "world.h"

#include <stdio.h>
#include <string.h>

struct wall world_at(const char *civil)
{
    struct civil c = { 0 };

    check(civil_parse(str_from(civil), &c, NULL) == E_OK);
    return zone_to_wall(zone_utc(), c);
}

struct instance_key world_key(int64_t task_id, const char *data_time)
{
    struct instance_key key = { .task_id = task_id };

    check(civil_parse(str_from(data_time), &key.data_time, NULL) == E_OK);
    return key;
}

const char *world_date(const char *month, int day)
{
    static char text[4][32];
    static unsigned at;
    char *out = text[at++ % 4];

    snprintf(out, sizeof(text[0]), "%s-%02d 00:00:00", month, day);
    return out;
}

static void start(struct world *w)
{
    struct core_config config = { .default_slots = 8,
                                  .backfill_share = w->share,
                                  .plan_release = w->release,
                                  .looks = w->looks };
    struct core_port port = image_port(&w->image);

    w->core = core_new(&config, &port);
    w->image.core = w->core;
}

void world_init(struct world *w)
{
    memset(w, 0, sizeof(*w));
    image_init(&w->image);
    arena_init(&w->arena);
    w->now = world_at("2026-01-05 00:00:00");
    start(w);
}

void world_done(struct world *w)
{
    core_free(w->core);
    image_done(&w->image);
    arena_done(&w->arena);
}

/* ---- tasks --------------------------------------------------------------------------------- */

struct task_spec *world_spec(struct world *w, enum cycle cycle, const char *cron)
{
    struct task_spec *spec = ARENA_NEW(&w->arena, struct task_spec);

    spec->schedule = (struct schedule){ .cycle = cycle,
                                        .zone = zone_utc(),
                                        .start = civil_make(2020, 1, 1, 0, 0, 0),
                                        .end = civil_make(2099, 12, 31, 23, 59, 59),
                                        .window_to = 1439 };
    check(cron_parse(str_from(cron), &spec->schedule.cron, NULL) == E_OK);
    spec->self_depend = SELF_PARALLEL;
    spec->priority = 6;
    spec->retry_wait_minutes = 5;
    spec->execution_ttl_minutes = spec->wait_ttl_minutes = -1;
    spec->allow_downstream = true;
    return spec;
}

struct task_spec *world_daily(struct world *w, enum self_depend self)
{
    struct task_spec *spec = world_spec(w, CYCLE_DAY, "0 0 12 * * ? *");

    spec->self_depend = self;
    return spec;
}

void world_upstream(struct world *w, struct task_spec *spec, struct task_upstream up)
{
    struct task_upstream *ups =
        ARENA_ARRAY(&w->arena, struct task_upstream, (size_t)spec->n_upstreams + 1);

    if (spec->n_upstreams > 0)
        memcpy(ups, spec->upstreams, sizeof(*ups) * (size_t)spec->n_upstreams);
    ups[spec->n_upstreams++] = up;
    spec->upstreams = ups;
}

struct task_upstream world_on(int64_t task_id, enum dep_main main, enum dep_sub sub)
{
    return (struct task_upstream){ .task_id = task_id,
                                   .rule_given = true,
                                   .rule = { .main = main, .sub = sub } };
}

struct task_upstream world_on_list(int64_t task_id, enum dep_main main, int offset)
{
    return (
        struct task_upstream){ .task_id = task_id,
                               .rule_given = true,
                               .rule = { .main = main, .n_offsets = 1, .offsets = { offset } } };
}

void world_listen(struct world *w, struct task_spec *spec, const char *event,
                  enum event_sub_type sub_type, bool broadcast, int64_t max_wait_minutes)
{
    struct task_listener *all =
        ARENA_ARRAY(&w->arena, struct task_listener, (size_t)spec->n_listeners + 1);

    if (spec->n_listeners > 0)
        memcpy(all, spec->listeners, sizeof(*all) * (size_t)spec->n_listeners);
    all[spec->n_listeners++] = (struct task_listener){ .event_name = str_from(event),
                                                       .sub_type = sub_type,
                                                       .broadcast = broadcast,
                                                       .max_wait_minutes = max_wait_minutes };
    spec->listeners = all;
}

void world_put_from(struct world *w, int64_t id, const struct task_spec *spec,
                    const char *live_from)
{
    struct core_task t = { .id = id,
                           .spec = spec,
                           .project_id = STR("p"),
                           .peers = w->peers,
                           .n_peers = w->n_peers,
                           .version_no = 1,
                           .status = TASK_SCHEDULING,
                           .project_enabled = true,
                           .live_from = world_at(live_from) };
    int at = 0;

    while (at < w->n_tasks && w->tasks[at].id != id)
        at++;
    if (at < w->n_tasks)
        t.version_no = w->tasks[at].version_no + 1;
    else
        w->n_tasks++;
    check(w->n_tasks <= WORLD_TASKS_MAX);
    w->tasks[at] = t;
    image_schedule(&w->image, id);
    core_task_put(w->core, &t, w->now);
}

void world_put(struct world *w, int64_t id, const struct task_spec *spec)
{
    /* A firing at this very instant counts, so that tests begin with one. */
    char text[CIVIL_TEXT_LEN + 1];
    struct civil c = zone_to_civil(zone_utc(), w->now);

    c.s--;
    civil_format(c, text);
    world_put_from(w, id, spec, text);
}

void world_group(struct world *w, const char *id, int slots)
{
    w->groups[w->n_groups].id = str_from(id);
    w->groups[w->n_groups++].slots = slots;
    core_group_put(w->core, str_from(id), slots, w->now);
}

/* ---- time ---------------------------------------------------------------------------------- */

static void commit(struct world *w)
{
    size_t n;

    image_commit(&w->image);
    const struct effect *effects = core_effects(w->core, &n);
    for (size_t k = 0; k < n && w->n_log < WORLD_LOG_MAX; k++)
        w->log[w->n_log++] = (struct world_log){ .kind = effects[k].kind,
                                                 .i = effects[k].instance,
                                                 .fence = effects[k].fence,
                                                 .task_id = effects[k].task_id,
                                                 .miss = effects[k].miss };
    core_effects_clear(w->core);
}

bool world_step(struct world *w)
{
    bool more = core_advance(w->core, w->now, 7);

    core_verify(w->core);
    commit(w);
    return more;
}

void world_settle(struct world *w)
{
    while (core_advance(w->core, w->now, 7))
        core_verify(w->core);
    core_verify(w->core);
    commit(w);
    check(core_next_due(w->core).us > w->now.us);
}

void world_to(struct world *w, const char *civil)
{
    w->now = world_at(civil);
    world_settle(w);
}

void world_crash(struct world *w)
{
    core_free(w->core);
    image_crash(&w->image);
    start(w);
    for (int i = 0; i < w->n_groups; i++)
        core_group_put(w->core, w->groups[i].id, w->groups[i].slots, w->now);
    for (int i = 0; i < w->n_tasks; i++) {
        struct core_task t = w->tasks[i];
        const struct image_schedule *s = image_schedule(&w->image, t.id);
        t.high_water = s->high_water;
        t.has_high_water = s->has_high_water;
        t.status = s->status;
        core_task_put(w->core, &t, w->now);
    }
    image_restore(&w->image, w->core);
    size_t n;
    core_effects(w->core, &n);
    check(n == 0);
    core_restored(w->core, w->now);
    core_verify(w->core);
    world_settle(w);
}

void world_fire_for(struct world *w, const char *event, const char *data_time, bool single,
                    bool general, int minutes)
{
    struct image_case c = { .id = arena_printf(&w->arena, "case-%zu", w->image.n_cases),
                            .project_id = STR("p"),
                            .event_name = str_from(event),
                            .data_time = world_key(1, data_time).data_time,
                            .fired_at = w->now,
                            .expires_at = wall_add(w->now, DUR_MIN(minutes)),
                            .single = single,
                            .general = general };

    image_case_add(&w->image, &c);
    core_event_fired(w->core, c.project_id, c.event_name, c.data_time, w->now);
    world_settle(w);
}

void world_fire(struct world *w, const char *event, const char *data_time, bool single)
{
    world_fire_for(w, event, data_time, single, false, 1000000);
}

void world_end(struct world *w, struct instance_key key, enum attempt_result result)
{
    const struct instance *i = image_get(&w->image, key);

    check(i && i->state == INSTANCE_RUNNING);
    core_attempt_ended(w->core, i->fence, result, STR("said the runner"), w->now, w->now);
    world_settle(w);
}

void world_backfill(struct world *w, int64_t id, const char *data_time, unsigned flags,
                    const char *plan)
{
    struct backfill_wish wish = { .task_id = id, .flags = flags, .plan_id = str_from(plan) };
    struct instance_key key = world_key(id, data_time);
    struct instance old;
    bool active;

    for (int i = 0; i < w->n_tasks; i++)
        if (w->tasks[i].id == id)
            check(schedule_data_find(&w->tasks[i].spec->schedule, key.data_time,
                                     SCHEDULE_IGNORE_RANGE, &wish.firing));
    image_flush(&w->image);
    if (image_get(&w->image, key)) {
        old = *image_get(&w->image, key);
        wish.existing = &old;
    }
    check(core_backfill_check(w->core, &wish, &active, NULL) == E_OK);
    core_backfill(w->core, &wish, w->now);
}

void world_forget(struct world *w)
{
    w->n_log = 0;
}

/* ---- looking ------------------------------------------------------------------------------- */

const char *world_state(const struct world *w, struct instance_key key)
{
    const struct instance *i = image_get(&w->image, key);

    return i ? instance_state_name(i->state) : "NONE";
}

const struct instance *world_instance(const struct world *w, int64_t id, const char *data_time)
{
    const struct instance *i = image_get(&w->image, world_key(id, data_time));

    check(i);
    return i;
}

int world_count(const struct world *w, enum effect_kind kind)
{
    int n = 0;

    for (int i = 0; i < w->n_log; i++)
        n += w->log[i].kind == kind;
    return n;
}

static void add_why(void *ctx, const struct wait_item *item)
{
    static const char *const names[] = { "EVENT", "UPSTREAM", "ORDER", "CYCLE", "SERIAL",
                                         "PLAN",  "PLANNING", "SLOT",  "SHARE", "RETRY",
                                         "TIME",  "RUNNER",   "KILL" };
    struct buf *out = ctx;

    if (out->len > 0)
        buf_add_char(out, ' ');
    buf_add_c(out, names[item->kind]);
    if (item->kind == WAIT_FOR_SLOT)
        buf_printf(out, ":%d", (int)item->ahead);
    if (item->kind == WAIT_FOR_UPSTREAM || item->kind == WAIT_FOR_ORDER ||
        item->kind == WAIT_FOR_CYCLE)
        buf_printf(out, ":%s",
                   item->upstream_exists ? instance_state_name(item->upstream_state) : "none");
}

const char *world_why(struct world *w, int64_t id, const char *data_time)
{
    struct buf out;

    buf_init(&out, 4096);
    int64_t n = core_explain(w->core, world_key(id, data_time), w->now, 100, add_why, &out);
    const char *text = n < 0 ? "not live" : arena_cstr(&w->arena, buf_str(&out));
    buf_done(&out);
    return text;
}
