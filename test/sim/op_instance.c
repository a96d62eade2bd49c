/* test/sim/op_instance.c - what people do to instances: kill, set success, rerun. */
#include <inttypes.h>
#include <stdio.h>

#include "engine/cmd_instance.h"
#include "operators.h"
#include "picture.h"
#include "plans.h"
#include "slices.h"

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
    return project_of_task(sim_task_find(s, i->key.task_id));
}

static enum err_code kill_one(struct sim *s, struct engine *g, const struct instance *i,
                              struct err *e)
{
    struct str job;
    struct instance_request r = { .project_id = project_of(s, i),
                                  .uin = STR("1"),
                                  .keys = &i->key,
                                  .n_keys = 1,
                                  .doc = STR("{}") };

    snprintf(s->action, sizeof(s->action), "kill an instance of task %" PRId64,
             i->key.task_id - SIM_TASK_ID(0));
    return SIM_DO(s, instances_kill, g, &r, &job, e);
}

enum err_code op_kill(struct sim *s, struct engine *g, struct err *e)
{
    struct instance i;

    return any_instance(s, g, &i) ? kill_one(s, g, &i, e) : E_OK;
}

/* What came by itself, right before its plan comes to it in the same turn: one that waits is over
 * then, and may run again. */
enum err_code op_kill_promised(struct sim *s, struct engine *g, struct err *e)
{
    struct instance_key key;
    struct instance i;

    return slices_came_first(s, g, &key) && instance_of(g, key, &i) ? kill_one(s, g, &i, e) : E_OK;
}

/* Straight to the core, which says what it thinks of it. */
static enum err_code set_directly(struct sim *s, struct engine *g, const struct instance *i,
                                  struct err *e)
{
    bool terminal = instance_state_is_terminal(i->state);
    enum err_code rc =
        core_set_success(engine_core(g), i->key, terminal ? i : NULL, STR("set"), s->now, e);

    sim_check(s, (rc == E_OK) == (i->state != INSTANCE_RUNNING), "set success said %d", (int)rc);
    return rc;
}

enum err_code op_set_success(struct sim *s, struct engine *g, struct err *e)
{
    struct instance i;
    struct str job;

    if (!any_instance(s, g, &i))
        return E_OK;
    snprintf(s->action, sizeof(s->action), "set success of task %" PRId64,
             i.key.task_id - SIM_TASK_ID(0));
    if (i.state == INSTANCE_COMPLETED)
        s->coverage.transitions[INSTANCE_COMPLETED][EVENT_SET_SUCCESS]++;
    if (sim_chance(s, 50))
        return set_directly(s, g, &i, e);
    struct instance_request r = { .project_id = project_of(s, &i),
                                  .uin = STR("1"),
                                  .keys = &i.key,
                                  .n_keys = 1,
                                  .doc = STR("{}") };
    return SIM_DO(s, instances_set_success, g, &r, &job, e);
}

/* A running one is refused, and what commands before it have begun stays. */
enum err_code op_refused(struct sim *s, struct engine *g, struct err *e)
{
    size_t n = s->image.n_instances, first = n > 0 ? (size_t)sim_below(s, (int64_t)n) : 0;

    for (size_t k = 0; k < n; k++) {
        const struct instance *i = &s->image.instances[(first + k) % n];
        if (i->state != INSTANCE_RUNNING)
            continue;
        snprintf(s->action, sizeof(s->action), "set success of running task %" PRId64,
                 i->key.task_id - SIM_TASK_ID(0));
        enum err_code rc = core_set_success(engine_core(g), i->key, NULL, STR("set"), s->now, e);
        sim_check(s, rc != E_OK, "the success of a running instance is set");
        return rc;
    }
    return E_OK;
}

static struct backfill_wish rerun_wish(const struct instance *i)
{
    return (struct backfill_wish){ .task_id = i->key.task_id,
                                   .firing = { i->planned, i->fire_at, i->key.data_time },
                                   .plan_id = STR(""),
                                   .existing = i,
                                   .rerun = true };
}

enum err_code sim_succeed(struct sim *s, struct engine *g, struct instance_key key, struct err *e)
{
    enum err_code rc = core_set_success(engine_core(g), key, NULL, STR("set"), s->now, e);

    return rc == E_MISSING || rc == E_CONFLICT ? E_OK : rc;
}

/* 5.7: the same data time once more, without a plan; perhaps with one that it depends on, whose
 * success may be set at once. */
enum err_code op_rerun_direct(struct sim *s, struct engine *g, struct err *e)
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
    return with_upstream && sim_chance(s, merge ? 10 : 40) ? sim_succeed(s, g, all[0].key, e)
                                                           : E_OK;
}

/* 5.7: by the command, often with everything downstream. */
enum err_code op_rerun(struct sim *s, struct engine *g, struct err *e)
{
    struct instance i;
    struct str job;
    struct plan_wish wish;
    struct rerun how = { .self = sim_chance(s, 80),
                         .children = sim_chance(s, 60),
                         .scope = (enum rerun_scope)sim_below(s, 3),
                         .check_all = sim_chance(s, 30),
                         .check_scope = sim_chance(s, 50),
                         .skip_events = sim_chance(s, 70) };

    if (!any_instance(s, g, &i))
        return E_OK;
    const struct sim_task *t = sim_task_find(s, i.key.task_id);
    bool waits = s->defs.workflows[t->workflow].waits;
    if (waits && sim_chance(s, 40)) /* the cycle before alone is asked for */
        how = (struct rerun){ .self = true, .skip_events = true };
    how.children |= !how.self;
    plan_random(s, true, waits, t->project, &wish);
    how.cycle_flags = wish.cycle_flags;
    wish.plan.flags = (how.check_all                     ? 0
                       : how.check_scope || how.children ? INSTANCE_PLAN_UPSTREAMS
                                                         : INSTANCE_SKIP_UPSTREAMS) |
                      (how.skip_events ? INSTANCE_SKIP_EVENTS : 0) | how.cycle_flags;
    struct instance_request r = { .project_id = project_of(s, &i),
                                  .uin = STR("1"),
                                  .keys = &i.key,
                                  .n_keys = 1,
                                  .doc = wish.doc };
    snprintf(s->action, sizeof(s->action), "rerun task %" PRId64 "%s, limit %d",
             i.key.task_id - SIM_TASK_ID(0), how.children ? " and its children" : "",
             wish.plan.limit);
    enum err_code rc = SIM_DO(s, instances_rerun, g, &r, &how, &job, e);
    if (rc == E_OK)
        plan_keep(s, job, &wish);
    return rc;
}
