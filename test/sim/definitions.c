/* test/sim/definitions.c - random tasks of every cycle, zone and kind of dependency. */
#include "sim.h"

static const char *const zones[] = {
    "UTC", "UTC+8", "UTC-5", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
};

static const struct {
    enum cycle cycle;
    const char *cron;
    int weight;
} shapes[] = {
    { CYCLE_MINUTE, "0 0/30 * * * ? *", 3 },   { CYCLE_MINUTE, "0 0/20 6-18 * * ? *", 2 },
    { CYCLE_HOUR, "0 0 * * * ? *", 5 },        { CYCLE_HOUR, "0 20 0-23/2 * * ? *", 3 },
    { CYCLE_HOUR, "0 5 3,9,15 * * ? *", 2 },   { CYCLE_DAY, "0 0 0 * * ? *", 6 },
    { CYCLE_DAY, "0 30 2 * * ? *", 4 },        { CYCLE_DAY, "0 37 14 * * ? *", 4 },
    { CYCLE_DAY, "0 0 * * * ? *", 1 },         { CYCLE_WEEK, "0 0 1 ? * 2,4 *", 2 },
    { CYCLE_MONTH, "0 2 3 1,L,2 * ? *", 2 },   { CYCLE_YEAR, "0 0 0 1 1 ? *", 1 },
    { CYCLE_CRONTAB, "0 0 1,13 * * ? *", 2 },  { CYCLE_CRONTAB, "0 0 0 * * ? *", 2 },
    { CYCLE_ONEOFF, "0 0 12 15 * ? 2026", 1 },
};

static void define_schedule(struct sim *s, struct schedule *ret)
{
    int total = 0, at = 0;

    for (size_t k = 0; k < ARRAY_LEN(shapes); k++)
        total += shapes[k].weight;
    int64_t pick = sim_below(s, total);
    while (pick >= shapes[at].weight)
        pick -= shapes[at++].weight;
    *ret = (struct schedule){ .cycle = shapes[at].cycle,
                              .start = civil_make(2020, 1, 1, 0, 0, 0),
                              .end = civil_make(2099, 12, 31, 23, 59, 59),
                              .window_to = 1439 };
    check(cron_parse(str_from(shapes[at].cron), &ret->cron, NULL) == E_OK);
    check(zone_find(str_from(zones[sim_below(s, ARRAY_LEN(zones))]), &ret->zone, NULL) == E_OK);
    if (sim_chance(s, 20)) {
        ret->window_from = (int)sim_below(s, 12) * 60;
        ret->window_to = ret->window_from + 479;
    }
    if (sim_chance(s, 25))
        ret->end.s = zone_to_civil(ret->zone, s->now).s + sim_below(s, 10 * CIVIL_DAY);
    if (sim_chance(s, 15))
        ret->start.s = zone_to_civil(ret->zone, s->now).s + sim_below(s, 3 * CIVIL_DAY);
    if (sim_chance(s, 15))
        ret->init = INIT_T_PLUS_1;
}

static bool random_rule(struct sim *s, enum cycle down, enum cycle up, struct dep_rule *ret)
{
    struct {
        enum dep_main main;
        enum dep_sub sub;
    } pairs[DEP_MAIN_N_ * DEP_SUB_N_];
    int n = 0;

    for (int m = 0; m < DEP_MAIN_N_; m++)
        for (int b = 0; b < DEP_SUB_N_; b++)
            if (dep_pair_is_valid(down, up, (enum dep_main)m, (enum dep_sub)b)) {
                pairs[n].main = (enum dep_main)m;
                pairs[n++].sub = (enum dep_sub)b;
            }
    if (n == 0)
        return false;
    int at = (int)sim_below(s, n);
    *ret = (struct dep_rule){ .main = pairs[at].main, .sub = pairs[at].sub };
    if (ret->main >= DEP_RANGE_DAY) {
        ret->n_offsets = ret->main < DEP_LIST_DAY ? 2 : 1 + (int)sim_below(s, 2);
        ret->offsets[0] = (int32_t)sim_below(s, 4) - 3;
        ret->offsets[1] = ret->offsets[0] + (int32_t)sim_below(s, 3);
    }
    return true;
}

static void define_upstreams(struct sim *s, int64_t id, struct task_spec *spec)
{
    struct task_upstream *ups = ARENA_ARRAY(&s->arena, struct task_upstream, 3);
    int n = 0, want = (int)sim_below(s, 4);

    for (int k = 0; k < want && n < 3; k++) {
        const struct sim_task *up = id > 1 ? sim_task_find(s, 1 + sim_below(s, id - 1)) : NULL;
        struct task_upstream *u = &ups[n];
        if (!up || !up->spec)
            continue;
        u->task_id = up->id;
        u->rule_given = !sim_chance(s, 20);
        if (!random_rule(s, spec->schedule.cycle, up->spec->schedule.cycle, &u->rule))
            continue;
        u->strategy = sim_chance(s, 40) ? NULL_EXECUTING : NULL_WAITING;
        u->conditions = (unsigned)sim_below(s, 8);
        u->timeout_minutes = sim_below(s, 300);
        n++;
    }
    spec->upstreams = ups;
    spec->n_upstreams = n;
}

static void define_listeners(struct sim *s, struct task_spec *spec)
{
    struct task_listener *all = ARENA_ARRAY(&s->arena, struct task_listener, 2);

    if (!sim_chance(s, 20))
        return;
    spec->n_listeners = 1 + (int)sim_below(s, 2);
    int first = (int)sim_below(s, SIM_EVENTS);
    for (int k = 0; k < spec->n_listeners; k++) {
        int event = (first + k) % SIM_EVENTS;
        all[k] =
            (struct task_listener){ .event_name = sim_event_name(event),
                                    .project_id = str_from(sim_project_names[0]),
                                    .sub_type = sim_chance(s, 70) ? EVENT_SUB_DAY : EVENT_SUB_HOUR,
                                    .broadcast = !sim_event_is_single(event),
                                    .max_wait_minutes =
                                        sim_chance(s, 30) ? 60 + sim_below(s, 600) : -1 };
    }
    spec->listeners = all;
}

const struct task_spec *sim_define(struct sim *s, int64_t id)
{
    struct task_spec *spec = ARENA_NEW(&s->arena, struct task_spec);

    define_schedule(s, &spec->schedule);
    define_upstreams(s, id, spec);
    define_listeners(s, spec);
    spec->group_id = str_from(sim_group_names[sim_below(s, SIM_GROUPS)]);
    spec->self_depend = (enum self_depend)sim_below(s, 3);
    spec->redo = sim_chance(s, 80) ? REDO_ALL : (enum redo_type)sim_below(s, 3);
    spec->dry_run = sim_chance(s, 15);
    spec->priority = 4 + (int)sim_below(s, 3);
    spec->retry_wait_minutes = sim_below(s, 20);
    spec->max_retries = sim_below(s, 4);
    spec->execution_ttl_minutes = sim_chance(s, 25) ? 5 + sim_below(s, 60) : -1;
    spec->wait_ttl_minutes = sim_chance(s, 20) ? 30 + sim_below(s, 600) : -1;
    spec->allow_downstream = true;
    return spec;
}
