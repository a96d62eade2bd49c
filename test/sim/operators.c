/* test/sim/operators.c - what people do: each is a command in the engine's queue.
 *
 * A command is made random when it is carried out, so that it sees what is there.  It changes the
 * simulation's own picture first (s->defs), as the checkers judge the effects of a command by it;
 * a refused one takes that back.
 */
#include "sim.h"

#include <inttypes.h>
#include <stdio.h>

#include "engine/cmd_instance.h"
#include "engine/cmd_ops.h"
#include "engine/cmd_backfill.h"
#include "engine/cmd_event.h"
#include "engine/cmd_group.h"
#include "engine/cmd_project.h"
#include "engine/cmd_task.h"
#include "engine/cmd_workflow.h"
#include "engine/engine_int.h"

/* Hours that a case lives. */
static const int ttls[SIM_EVENTS] = { 20, 50, 30, 75 };

typedef enum err_code operation(struct sim *s, struct engine *g, struct err *e);

struct sim_command {
    struct engine_command command;
    struct sim *s;
    operation *run;
    bool ran;
    int64_t failures; /* of turns, when it ran */
};

static enum err_code command_run(struct engine_command *c, struct engine *g, struct err *e)
{
    struct sim_command *k = CONTAINER_OF(c, struct sim_command, command);
    struct sim_defs before = k->s->defs;
    enum err_code rc = k->run(k->s, g, e);

    k->ran = true;
    k->failures = k->s->failures;
    if (rc != E_OK) {
        k->s->defs = before;
        k->s->refusals++;
    }
    return rc;
}

static void command_done(struct engine_command *c, enum err_code rc, const struct err *e)
{
    struct sim_command *k = CONTAINER_OF(c, struct sim_command, command);

    (void)e;
    sim_check(k->s, rc != E_OK || (k->ran && k->failures == k->s->failures),
              "I7: a change is answered as done, and its turn failed");
    mem_free(k);
}

static void post(struct sim *s, operation *run)
{
    struct sim_command *k = NEW(struct sim_command);

    k->command = (struct engine_command){ .run = command_run, .done = command_done };
    k->s = s;
    k->run = run;
    sim_check(s, engine_post(s->engine, &k->command, NULL) == E_OK, "the queue takes nothing");
}

/* ---- what there is from the beginning ------------------------------------------------------- */

static enum err_code make_projects(struct sim *s, struct engine *g, struct err *e)
{
    enum err_code rc = E_OK;
    struct str id;

    (void)s;
    for (int p = 0; p < SIM_PROJECTS && rc == E_OK; p++) {
        struct str name = arena_printf(engine_arena(g), "p%d", p);
        struct project_request project = { .id = str_from(sim_project_names[p]),
                                           .name = name,
                                           .display_name = name,
                                           .creator_uin = STR("1") };
        struct workflow_request flow = { .id = arena_printf(engine_arena(g), "w%d", p),
                                         .project_id = str_from(sim_project_names[p]),
                                         .folder_path = STR("/"),
                                         .name = STR("flow"),
                                         .creator_uin = STR("1"),
                                         .doc = STR("{}") };
        rc = project_create(g, &project, &id, e);
        if (rc == E_OK)
            rc = workflow_create(g, &flow, &id, e);
    }
    return rc;
}

static enum err_code make_rest(struct sim *s, struct engine *g, struct err *e)
{
    enum err_code rc = E_OK;
    struct event_row row;
    struct str id;

    for (int k = 1; k < SIM_GROUPS && rc == E_OK; k++) {
        struct group_request group = { .id = str_from(sim_group_names[k]),
                                       .name = arena_printf(engine_arena(g), "g%d", k),
                                       .type = STR("Schedule"),
                                       .slots = s->defs.slots[k],
                                       .creator_uin = STR("1"),
                                       .doc = STR("{}"),
                                       .slots_path = "Number" };
        rc = group_create(g, &group, &id, e);
    }
    for (int k = 0; k < SIM_EVENTS && rc == E_OK; k++) {
        struct event_request event = { .project_id = str_from(sim_project_names[0]),
                                       .name = sim_event_name(k),
                                       .sub_type = str_from(sim_event_types[k]),
                                       .ttl = arena_printf(engine_arena(g), "%d", ttls[k]),
                                       .unit = STR("HOURS"),
                                       .event_type = k < 2 ? STR("TIME_SERIES") : STR("GENERAL"),
                                       .broadcast_type = sim_event_is_single(k) ? STR("SINGLE")
                                                                                : STR("BROADCAST"),
                                       .owner = STR("1") };
        rc = event_register(g, &event, &row, e);
    }
    return rc;
}

static enum err_code furnish(struct sim *s, struct engine *g, struct err *e)
{
    enum err_code rc = make_projects(s, g, e);

    if (rc == E_OK)
        rc = make_rest(s, g, e);
    sim_check(s, rc == E_OK, "%s: %s", e->path, e->text);
    return rc;
}

void sim_furnish(struct sim *s)
{
    post(s, furnish);
}

/* ---- tasks ---------------------------------------------------------------------------------- */

static void range_close(struct sim *s, struct sim_task *t)
{
    if (t->ranges && t->ranges->to.us == WALL_FAR.us) {
        struct sim_range *closed = ARENA_NEW(&s->arena, struct sim_range);
        *closed = *t->ranges; /* a copy: a crash takes the closing back */
        closed->to = s->now;
        t->ranges = closed;
    }
}

static struct sim_range *range_open(struct sim *s, struct sim_task *t)
{
    struct sim_range *r = ARENA_NEW(&s->arena, struct sim_range);

    *r = (struct sim_range){ t->ranges, t->spec, s->now, WALL_FAR, s->latest };
    t->ranges = r;
    return r;
}

static struct sim_task *any_task(struct sim *s)
{
    if (s->defs.n_tasks == 0)
        return NULL;
    struct sim_task *t = sim_task_find(s, SIM_TASK_ID(1 + sim_below(s, s->defs.n_tasks)));
    return t->there ? t : NULL;
}

static bool schedule_of(struct engine *g, int64_t id, struct schedule_row *ret)
{
    *ret = (struct schedule_row){ .task_id = id };
    return row_get(engine_view(g), &table_schedule, engine_arena(g), ret, NULL) == E_OK;
}

static struct sim_task *task_to_submit(struct sim *s)
{
    if (s->defs.n_tasks < SIM_TASKS_MAX && (s->defs.n_tasks < 4 || sim_chance(s, 70))) {
        struct sim_task *t = &s->defs.tasks[s->defs.n_tasks++];
        *t = (struct sim_task){ .id = SIM_TASK_ID(s->defs.n_tasks),
                                .project = (int)sim_below(s, SIM_PROJECTS) };
        return t;
    }
    /* The id of a deleted task is not used again. */
    return any_task(s);
}

/* The picture of what is submitted, before the engine acts on it. */
static void picture_submit(struct sim *s, struct sim_task *t, const struct sim_definition *d,
                           bool starts, bool scheduling, struct wall live_from)
{
    struct sim_version *v = ARENA_NEW(&s->arena, struct sim_version);

    range_close(s, t);
    t->spec = d->spec;
    t->given = d->given;
    t->there = true;
    t->version_no += 2; /* one is saved, one submitted */
    t->live_from = live_from;
    *v = (struct sim_version){ .older = t->versions,
                               .spec = d->spec,
                               .ways = d->ways,
                               .n_ways = d->n_ways,
                               .version_no = t->version_no,
                               .live_from = live_from,
                               .since = s->seq + 1 };
    t->versions = v;
    if (!scheduling)
        return;
    struct sim_range *r = range_open(s, t);
    r->from = starts ? live_from : s->now;
    if (r->from.us < s->now.us && s->now.us == s->latest.us)
        r->sure = r->from; /* it runs at once */
    t->status = TASK_SCHEDULING;
}

static enum err_code submit_as(struct sim *s, struct engine *g, struct sim_task *t,
                               const struct sim_definition *d, struct err *e)
{
    struct schedule_row schedule;
    struct str version_id;
    struct firing only;
    enum err_code rc;
    bool create = !t->spec, had = schedule_of(g, t->id, &schedule);
    struct task_write write = { t->id, str_from(sim_project_names[t->project]), STR("1"), d->spec,
                                d->doc };
    int64_t id;
    bool starts = !had || schedule.status == TASK_STOPPED || schedule.status == TASK_INVALID;
    struct wall live_from = starts ? s->now : schedule.live_from;
    /* A one-off whose moment is its StartTime, and that is past, runs at once (2.3). */
    if (starts && d->spec->schedule.cycle == CYCLE_ONEOFF &&
        !schedule_is_dated(&d->spec->schedule) &&
        schedule_next(&d->spec->schedule, (struct wall){ 0 }, &only) && only.at.us <= s->now.us)
        live_from.us = only.at.us - 1;
    picture_submit(s, t, d, starts, starts || schedule.status == TASK_SCHEDULING, live_from);
    rc = create ? task_create(g, &write, &id, e) : task_change(g, &write, e);
    if (rc == E_OK)
        rc = task_submit(g, write.project_id, t->id, STR("r"), STR("1"), &version_id, e);
    if (rc == E_OK && starts)
        image_schedule_set(&s->image,
                           &(struct image_schedule){ .task_id = t->id, .status = TASK_SCHEDULING });
    return rc;
}

/* Somebody puts other conditions into a branch. */
static enum err_code change_ways(struct sim *s, struct engine *g, struct err *e)
{
    struct sim_task *branches[SIM_TASKS_MAX], *t;
    struct sim_definition d;
    int n = 0;

    for (int k = 1; k <= s->defs.n_tasks; k++) {
        t = sim_task_find(s, SIM_TASK_ID(k));
        if (t->there && t->spec->type_id == TASK_TYPE_BRANCH)
            branches[n++] = t;
    }
    if (n == 0)
        return E_OK;
    t = branches[sim_below(s, n)];
    sim_define_ways(s, t, &d);
    snprintf(s->action, sizeof(s->action), "other ways out of task %" PRId64,
             t->id - SIM_TASK_ID(0));
    return submit_as(s, g, t, &d, e);
}

static enum err_code submit(struct sim *s, struct engine *g, struct err *e)
{
    struct sim_task *t = task_to_submit(s);
    struct sim_definition d;

    if (!t)
        return E_OK;
    sim_define(s, t, &d);
    snprintf(s->action, sizeof(s->action), "submit task %" PRId64, t->id - SIM_TASK_ID(0));
    /* A branch gets its ways after what they lead to. */
    for (int k = 0; k < d.spec->n_upstreams; k++)
        if (sim_task_find(s, d.spec->upstreams[k].task_id)->spec->type_id == TASK_TYPE_BRANCH &&
            sim_chance(s, 70))
            post(s, change_ways);
    return submit_as(s, g, t, &d, e);
}

/* By the commands of the API.  A start may make up what the pause left out; then the range goes on
 * as if there had been none. */
static enum err_code set_status(struct sim *s, struct engine *g, struct sim_task *t,
                                enum task_status to, bool flag, struct err *e)
{
    struct ops_request r = { .project_id = str_from(sim_project_names[t->project]),
                             .uin = STR("1"),
                             .tasks = &t->id,
                             .n_tasks = 1,
                             .doc = STR("{}") };
    struct image_schedule pictured = *image_schedule(&s->image, t->id);
    struct str job;

    range_close(s, t);
    t->status = to;
    if (to == TASK_SCHEDULING) {
        struct sim_range *opened = range_open(s, t);
        if (flag && t->left.us != 0) {
            opened->from = t->left;
            opened->sure = t->left_sure;
        }
    } else if (pictured.status == TASK_SCHEDULING) {
        t->left = s->now;
        t->left_sure = s->latest;
    }
    pictured.status = to;
    image_schedule_set(&s->image, &pictured);
    if (to == TASK_SCHEDULING)
        return ops_start(g, &r, flag, e);
    return to == TASK_PAUSED ? ops_pause(g, &r, flag, &job, e) : ops_stop(g, &r, flag, &job, e);
}

static enum err_code change_status(struct sim *s, struct engine *g, struct err *e)
{
    struct sim_task *t = any_task(s);
    struct schedule_row schedule;

    if (!t || !schedule_of(g, t->id, &schedule) || schedule.status == TASK_INVALID)
        return E_OK;
    enum task_status to = schedule.status == TASK_SCHEDULING
                              ? (sim_chance(s, 60) ? TASK_PAUSED : TASK_STOPPED)
                              : TASK_SCHEDULING;
    bool flag = sim_chance(s, to == TASK_SCHEDULING ? 50 : 30); /* make up; kill */
    snprintf(s->action, sizeof(s->action), "task %" PRId64 " to %d%s", t->id - SIM_TASK_ID(0),
             (int)to,
             !flag                   ? ""
             : to == TASK_SCHEDULING ? ", making up"
                                     : ", killing");
    return set_status(s, g, t, to, flag, e);
}

static enum err_code pause_all(struct sim *s, struct engine *g, struct err *e)
{
    enum err_code rc = E_OK;

    for (int k = 0; k < s->defs.n_tasks && rc == E_OK; k++) {
        struct sim_task *t = &s->defs.tasks[k];
        struct schedule_row schedule;
        if (t->there && schedule_of(g, t->id, &schedule) && schedule.status == TASK_SCHEDULING)
            rc = set_status(s, g, t, TASK_PAUSED, false, e);
    }
    return rc;
}

void sim_pause_all(struct sim *s)
{
    post(s, pause_all);
}

static enum err_code delete_task(struct sim *s, struct engine *g, struct err *e)
{
    struct sim_task *t = any_task(s);
    bool gentle = sim_chance(s, 50);

    if (!t || !sim_chance(s, 20))
        return E_OK;
    snprintf(s->action, sizeof(s->action), "delete task %" PRId64 "%s", t->id - SIM_TASK_ID(0),
             gentle ? " gently" : "");
    bool new =
        t->ranges && t->ranges->to.us == WALL_FAR.us && t->versions->since > s->committed_seq;
    range_close(s, t);
    if (new) /* in this very turn: what was due before did not come to its turn */
        t->ranges->sure = s->now;
    t->there = false;
    t->gently_deleted = gentle;
    return task_delete(g, str_from(sim_project_names[t->project]), t->id, gentle, e);
}

/* ---- projects, groups, events ---------------------------------------------------------------- */

static enum err_code toggle_project(struct sim *s, struct engine *g, struct err *e)
{
    int p = (int)sim_below(s, SIM_PROJECTS);

    snprintf(s->action, sizeof(s->action), "toggle project %d", p);
    s->defs.enabled[p] = !s->defs.enabled[p];
    return project_enable(g, str_from(sim_project_names[p]), s->defs.enabled[p], e);
}

static enum err_code change_slots(struct sim *s, struct engine *g, struct err *e)
{
    int k = 1 + (int)sim_below(s, SIM_GROUPS - 1);
    int64_t slots = (1 + sim_below(s, k == 1 ? 2 : 8)) * (s->busy ? 300 : 1);
    struct group_change change = { .slots = &slots };

    snprintf(s->action, sizeof(s->action), "slots of group %d", k);
    s->defs.slots[k] = (int)slots;
    return group_update(g, str_from(sim_group_names[k]), &change, e);
}

static enum err_code fire_event(struct sim *s, struct engine *g, struct err *e)
{
    int event = (int)sim_below(s, SIM_EVENTS);
    struct civil day = civil_day(zone_to_civil(zone_utc(), s->now));
    struct str id = arena_printf(&s->arena, "case-%zu-%" PRId64, s->image.n_cases, s->steps);
    char text[CIVIL_TEXT_LEN + 1], dimension[CIVIL_TEXT_LEN + 1];
    struct event_fired fired;

    day.s += (sim_below(s, 5) - 3) * CIVIL_DAY;
    if (str_eq_c(str_from(sim_event_types[event]), "HOUR"))
        day.s += sim_below(s, 24) * CIVIL_HOUR;
    civil_format(day, text); /* yyyy-MM-dd HH:mm:ss; the dimension is its digits */
    size_t n = 0, digits = str_eq_c(str_from(sim_event_types[event]), "HOUR") ? 10 : 8;
    for (const char *at = text; n < digits; at++)
        if (*at >= '0' && *at <= '9')
            dimension[n++] = *at;
    dimension[n] = '\0';
    struct event_firing wish = { .case_id = id,
                                 .name = sim_event_name(event),
                                 .dimension = str_from(dimension) };
    snprintf(s->action, sizeof(s->action), "fire event %d for %s", event, dimension);
    image_case_add(&s->image,
                   &(struct image_case){ .id = id,
                                         .project_id = str_from(sim_project_names[0]),
                                         .event_name = wish.name,
                                         .data_time = day,
                                         .fired_at = s->now,
                                         .expires_at = wall_add(s->now, DUR_S(3600 * ttls[event])),
                                         .single = sim_event_is_single(event),
                                         .general = event >= 2 });
    enum err_code rc = event_fire(g, str_from(sim_project_names[0]), &wish, 1, zone_utc(),
                                  engine_arena(g), &fired, e);
    sim_check(s, rc != E_OK || fired.succeeded == 1, "an event does not fire");
    return rc;
}

/* ---- instances ------------------------------------------------------------------------------- */

static bool instance_of(struct engine *g, struct instance_key key, struct instance *ret)
{
    struct instance_row row = { .task_id = key.task_id, .data_time = key.data_time };

    if (row_get(engine_view(g), &table_instance, engine_arena(g), &row, NULL) != E_OK)
        return false;
    instance_from_row(&row, ret);
    return true;
}

static bool any_instance(struct sim *s, struct engine *g, struct instance *ret)
{
    size_t n = s->image.n_instances, back = sim_chance(s, 80) && n > 30 ? 30 : n;

    /* Mostly of the recent ones. */
    return n > 0 &&
           instance_of(g, s->image.instances[n - 1 - (size_t)sim_below(s, (int64_t)back)].key, ret);
}

/* A merge that waits, which what is run again before it may concern. */
static bool waiting_merge(struct sim *s, struct engine *g, struct instance *ret)
{
    size_t n = s->image.n_instances, first = n > 0 ? (size_t)sim_below(s, (int64_t)n) : 0;

    for (size_t k = 0; k < n; k++) {
        const struct instance *i = &s->image.instances[(first + k) % n];
        if (i->state == INSTANCE_WAIT_UPSTREAM &&
            sim_task_find(s, i->key.task_id)->spec->type_id == TASK_TYPE_MERGE)
            return instance_of(g, i->key, ret);
    }
    return false;
}

/* One that it may have waited for, which ended; one that failed rather than another. */
static bool ended_upstream(struct sim *s, struct engine *g, const struct instance *i,
                           struct instance *ret)
{
    const struct task_spec *spec = sim_task_find(s, i->key.task_id)->spec;
    int64_t first = sim_below(s, 100);
    bool found = false;

    for (int k = 0; k < spec->n_upstreams && !(found && ret->state == INSTANCE_EXPIRED); k++) {
        int64_t up = spec->upstreams[(first + k) % spec->n_upstreams].task_id;
        struct instance ended;
        if (!sim_task_find(s, up)->there ||
            !instance_of(g, (struct instance_key){ up, i->key.data_time }, &ended) ||
            !instance_state_is_terminal(ended.state) || (found && ended.state != INSTANCE_EXPIRED))
            continue;
        *ret = ended;
        found = true;
    }
    return found;
}

static struct str project_of(struct sim *s, const struct instance *i)
{
    return str_from(sim_project_names[sim_task_find(s, i->key.task_id)->project]);
}

static enum err_code kill_instance(struct sim *s, struct engine *g, struct err *e)
{
    struct instance i;
    struct str job;

    if (!any_instance(s, g, &i))
        return E_OK;
    struct instance_request r = { .project_id = project_of(s, &i),
                                  .uin = STR("1"),
                                  .keys = &i.key,
                                  .n_keys = 1,
                                  .doc = STR("{}") };
    snprintf(s->action, sizeof(s->action), "kill an instance of task %" PRId64,
             i.key.task_id - SIM_TASK_ID(0));
    return instances_kill(g, &r, &job, e);
}

static enum err_code set_success(struct sim *s, struct engine *g, struct err *e)
{
    struct instance i;

    if (!any_instance(s, g, &i))
        return E_OK;
    snprintf(s->action, sizeof(s->action), "set success of task %" PRId64,
             i.key.task_id - SIM_TASK_ID(0));
    bool terminal = instance_state_is_terminal(i.state);
    enum err_code rc =
        core_set_success(engine_core(g), i.key, terminal ? &i : NULL, STR("set"), s->now, e);
    sim_check(s, (rc == E_OK) == (i.state != INSTANCE_RUNNING), "set success said %d", (int)rc);
    return rc;
}

static struct backfill_wish rerun_wish(const struct instance *i)
{
    return (struct backfill_wish){ .task_id = i->key.task_id,
                                   .firing = { i->planned, i->fire_at, i->key.data_time },
                                   .plan_id = STR(""),
                                   .existing = i,
                                   .rerun = true };
}

/* 5.7: the same data time once more, without a plan; perhaps with one that it depends on, whose
 * success may be set at once. */
static enum err_code rerun(struct sim *s, struct engine *g, struct err *e)
{
    struct instance all[2];
    struct backfill_wish wishes[2];
    int n = 0;
    bool active, with_upstream;

    bool merge = sim_chance(s, 40) && waiting_merge(s, g, &all[1]);
    if ((!merge && !any_instance(s, g, &all[1])) || !sim_task_find(s, all[1].key.task_id)->there)
        return E_OK;
    with_upstream = (merge || sim_chance(s, 60)) && ended_upstream(s, g, &all[1], &all[0]);
    if (with_upstream)
        wishes[n++] = rerun_wish(&all[0]);
    if (instance_state_is_terminal(all[1].state))
        wishes[n++] = rerun_wish(&all[1]);
    snprintf(s->action, sizeof(s->action), "rerun an instance of task %" PRId64 "%s",
             all[1].key.task_id - SIM_TASK_ID(0), with_upstream ? ", and one before it" : "");
    for (int k = 0; k < n; k++) {
        enum err_code rc = core_backfill_check(engine_core(g), &wishes[k], &active, e);
        if (rc != E_OK)
            return rc;
    }
    for (int k = 0; k < n; k++)
        core_backfill(engine_core(g), &wishes[k], s->now);
    if (with_upstream && sim_chance(s, merge ? 10 : 40))
        return core_set_success(engine_core(g), all[0].key, NULL, STR("set"), s->now, e);
    return E_OK;
}

/* Remember how many of the plan may run at once. */
static void picture_plan(struct sim *s, struct str id, int limit)
{
    struct sim_plan *p = &s->defs.plans[s->defs.n_plans++ % SIM_PLANS_MAX];

    snprintf(p->id, sizeof(p->id), "%.*s", STR_ARG(id));
    p->limit = limit;
}

int sim_plan_limit(const struct sim *s, struct str id)
{
    for (int k = 0; k < SIM_PLANS_MAX; k++)
        if (id.len > 0 && str_eq_c(id, s->defs.plans[k].id))
            return s->defs.plans[k].limit;
    return 0;
}

/* The request's document, with a limit in some; *ret_limit 0: without. */
static struct str plan_doc(struct sim *s, struct engine *g, int *ret_limit)
{
    *ret_limit = sim_chance(s, 30) ? 1 + (int)sim_below(s, 3) : 0;
    return *ret_limit > 0
               ? arena_printf(engine_arena(g), "{\"RedefineParallelNum\":%d}", *ret_limit)
               : STR("{}");
}

/* 5.7: by the command, often with everything downstream. */
static enum err_code rerun_job(struct sim *s, struct engine *g, struct err *e)
{
    struct instance i;
    struct str job;
    int limit;
    struct rerun how = { .self = sim_chance(s, 80),
                         .children = sim_chance(s, 60),
                         .scope = (enum rerun_scope)sim_below(s, 3),
                         .check_all = sim_chance(s, 30),
                         .check_scope = sim_chance(s, 50),
                         .skip_events = sim_chance(s, 70) };

    if (!any_instance(s, g, &i))
        return E_OK;
    how.children |= !how.self;
    struct instance_request r = { .project_id = project_of(s, &i),
                                  .uin = STR("1"),
                                  .keys = &i.key,
                                  .n_keys = 1,
                                  .doc = plan_doc(s, g, &limit) };
    snprintf(s->action, sizeof(s->action), "rerun task %" PRId64 "%s, limit %d",
             i.key.task_id - SIM_TASK_ID(0), how.children ? " and its children" : "", limit);
    enum err_code rc = instances_rerun(g, &r, &how, &job, e);
    if (rc == E_OK && limit > 0)
        picture_plan(s, job, limit);
    return rc;
}

/* How many were added. */
static int add_upstream(struct sim *s, const struct sim_task *t, int project, int64_t *tasks, int n)
{
    const struct sim_task *up = sim_task_find(s, t->spec->upstreams[0].task_id);

    if (!up->there || up->project != project)
        return 0;
    for (int k = 0; k < n; k++)
        if (tasks[k] == up->id)
            return 0;
    tasks[n] = up->id;
    return 1;
}

static enum err_code backfill(struct sim *s, struct engine *g, struct err *e)
{
    struct civil first = civil_day(zone_to_civil(zone_utc(), s->now));
    int64_t tasks[8];
    int n = 0, project = (int)sim_below(s, SIM_PROJECTS), want = 1 + (int)sim_below(s, 4);
    unsigned flags = sim_chance(s, 70) ? INSTANCE_SKIP_EVENTS : 0;
    struct str id;
    int limit;

    first.s += (sim_below(s, 7) - 4) * CIVIL_DAY;
    struct backfill_range range = { first, { first.s + sim_below(s, 3) * CIVIL_DAY }, 0, 1439 };
    if (sim_chance(s, 30))
        range.window_from = 60 * (int)sim_below(s, 20);
    if (sim_chance(s, 60))
        flags |= sim_chance(s, 50) ? INSTANCE_SKIP_UPSTREAMS : INSTANCE_PLAN_UPSTREAMS;
    for (int k = 0; k < want; k++) {
        struct sim_task *t = any_task(s);
        bool again = false;
        for (int u = 0; t && u < n; u++)
            again = again || tasks[u] == t->id;
        if (t && !again && t->project == project)
            tasks[n++] = t->id;
        /* Often with one that it waits for. */
        if (t && n > 0 && tasks[n - 1] == t->id && t->spec->n_upstreams > 0 && sim_chance(s, 50))
            n += add_upstream(s, t, project, tasks, n);
    }
    if (n == 0)
        return E_OK;
    struct backfill_request r = { .project_id = str_from(sim_project_names[project]),
                                  .name = STR("plan"),
                                  .uin = STR("1"),
                                  .tasks = tasks,
                                  .n_tasks = n,
                                  .ranges = &range,
                                  .n_ranges = 1,
                                  .flags = flags,
                                  .doc = plan_doc(s, g, &limit) };
    snprintf(s->action, sizeof(s->action), "backfill of %d tasks, flags %u, limit %d", n, flags,
             limit);
    enum err_code rc = backfill_create(g, &r, &id, e);
    if (rc == E_OK && limit > 0)
        picture_plan(s, id, limit);
    return rc;
}

/* A project that is off, or a task that is not scheduling, comes back at once: nothing runs in
 * them. */
static enum err_code keep_going(struct sim *s, struct engine *g, struct err *e)
{
    for (int p = 0; p < SIM_PROJECTS; p++)
        if (!s->defs.enabled[p]) {
            s->defs.enabled[p] = true;
            return project_enable(g, str_from(sim_project_names[p]), true, e);
        }
    for (int k = 0; k < s->defs.n_tasks; k++) {
        struct sim_task *t = &s->defs.tasks[k];
        struct schedule_row schedule;
        if (t->there && schedule_of(g, t->id, &schedule) && schedule.status != TASK_SCHEDULING &&
            schedule.status != TASK_INVALID)
            return set_status(s, g, t, TASK_SCHEDULING, sim_chance(s, 50), e);
    }
    return E_OK;
}

void sim_operate(struct sim *s, bool only_submit)
{
    static operation *const all[] = { submit,        submit,      submit,         change_status,
                                      change_ways,   delete_task, toggle_project, change_slots,
                                      fire_event,    fire_event,  fire_event,     kill_instance,
                                      kill_instance, set_success, rerun,          rerun,
                                      rerun_job,     backfill,    backfill };

    if (s->busy && !only_submit)
        post(s, keep_going);
    post(s, only_submit ? submit : all[sim_below(s, ARRAY_LEN(all))]);
}
