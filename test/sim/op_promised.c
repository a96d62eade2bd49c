/* test/sim/op_promised.c - plans that are made in slices, and those who depend on what is still to
 * be made of them. */
#include <inttypes.h>
#include <stdio.h>

#include "checkers.h"
#include "deletions.h"
#include "engine/cmd_backfill.h"
#include "operators.h"
#include "picture.h"
#include "plans.h"

struct pair {
    const struct sim_task *down, *up;
};

/* A task in production and one that it waits for; against: the ids go against the dependency. */
static bool find_pair(struct sim *s, struct engine *g, bool against, struct pair *ret)
{
    int64_t first = sim_below(s, SIM_TASKS_MAX);

    for (int k = 0; k < s->defs.n_tasks; k++) {
        const struct sim_task *down = &s->defs.tasks[(first + k) % s->defs.n_tasks];
        for (int u = 0; down->there && u < down->spec->n_upstreams; u++) {
            const struct sim_task *up = sim_task_find(s, down->spec->upstreams[u].task_id);
            struct schedule_row a, b;
            if (!up->there || up->project != down->project || (against && up->id < down->id) ||
                !schedule_of(g, up->id, &a) || !schedule_of(g, down->id, &b) ||
                a.status != TASK_SCHEDULING || b.status != TASK_SCHEDULING)
                continue;
            *ret = (struct pair){ down, up };
            return true;
        }
    }
    return false;
}

static enum err_code backfill(struct sim *s, struct engine *g, const int64_t *tasks, int n,
                              struct backfill_range days, unsigned flags, struct err *e)
{
    int project = sim_task_find(s, tasks[0])->project;
    struct plan_wish wish;

    plan_random(s, false, false, project, &wish);
    return plan_backfill(s, g, &wish, project, tasks, n, days, flags, e);
}

/* Days before come first: that one is still to be made for a while. */
static struct backfill_range days_around(struct sim *s, struct civil day)
{
    return (struct backfill_range){ { day.s - (1 + sim_below(s, 2)) * CIVIL_DAY },
                                    { day.s + sim_below(s, 2) * CIVIL_DAY },
                                    0,
                                    1439 };
}

/* Rounds are made in the order of the ids: here those who wait come before those they wait for. */
enum err_code op_backfill_against(struct sim *s, struct engine *g, struct err *e)
{
    unsigned flags = INSTANCE_SKIP_EVENTS | (sim_chance(s, 50) ? INSTANCE_PLAN_UPSTREAMS : 0);
    struct civil today = civil_day(zone_to_civil(zone_utc(), s->now));
    struct pair p;

    if (!find_pair(s, g, true, &p))
        return E_OK;
    int64_t tasks[] = { p.down->id, p.up->id };
    today.s -= sim_below(s, 4) * CIVIL_DAY;
    snprintf(s->action, sizeof(s->action), "backfill task %d before task %d", sim_number(p.down),
             sim_number(p.up));
    return backfill(s, g, tasks, 2, days_around(s, today), flags, e);
}

/* One of its instances that is over; false: none was found. */
static bool any_ended(struct sim *s, struct engine *g, const struct sim_task *t,
                      struct instance *ret)
{
    size_t n = s->image.n_instances, first = n > 0 ? (size_t)sim_below(s, (int64_t)n) : 0;

    for (size_t k = 0; k < n; k++) {
        const struct instance *i = &s->image.instances[(first + k) % n];
        if (i->key.task_id == t->id && instance_state_is_terminal(i->state) &&
            instance_of(g, i->key, ret) && instance_state_is_terminal(ret->state))
            return true;
    }
    return false;
}

/* A plan puts what a task waits for again, and in the same turn that task runs again: it waits for
 * what is still to come.  Then perhaps it never comes. */
enum err_code op_run_before_promised(struct sim *s, struct engine *g, struct err *e)
{
    struct pair p;
    struct instance i;
    bool active;

    if (!find_pair(s, g, false, &p) || !any_ended(s, g, p.down, &i))
        return E_OK;
    snprintf(s->action, sizeof(s->action),
             "backfill task %d, and rerun task %d, which waits for it", sim_number(p.up),
             sim_number(p.down));
    enum err_code rc = backfill(s, g, &p.up->id, 1, days_around(s, civil_day(i.key.data_time)),
                                INSTANCE_SKIP_EVENTS | INSTANCE_SKIP_UPSTREAMS, e);
    if (rc != E_OK)
        return rc;
    struct backfill_wish again = { .task_id = i.key.task_id,
                                   .firing = { i.planned, i.fire_at, i.key.data_time },
                                   .flags = INSTANCE_SKIP_EVENTS,
                                   .plan_id = STR(""),
                                   .existing = &i,
                                   .rerun = true };
    if (core_backfill_check(engine_core(g), &again, &active, NULL) == E_OK)
        core_backfill(engine_core(g), &again, s->now);
    if (sim_chance(s, 70))
        sim_post(s, op_backfill_delete);
    return E_OK;
}

/* A task in production that waits for the task of a doomed round; NULL: none is found. */
static const struct sim_task *any_waiting_for(struct sim *s, struct engine *g,
                                              const struct sim_task *up)
{
    struct schedule_row row;

    for (int k = 0; k < s->defs.n_tasks; k++) {
        const struct sim_task *down = &s->defs.tasks[k];
        for (int u = 0; down->there && u < down->spec->n_upstreams; u++)
            if (down->spec->upstreams[u].task_id == up->id && down->project == up->project &&
                schedule_of(g, down->id, &row) && row.status == TASK_SCHEDULING)
                return down;
    }
    return NULL;
}

/* What a deleted plan still has another plan is to make, alone or together with one that waits for
 * it; and a third, which leaves it to that one. */
enum err_code op_backfill_doomed(struct sim *s, struct engine *g, struct err *e)
{
    const struct instance *i;
    struct schedule_row row;

    for (size_t at = 0; (i = census_next(s, &at)) != NULL;) {
        const struct sim_task *up = sim_task_find(s, i->key.task_id), *down;
        if (!deletions_doom(s, i) || !up->there || !schedule_of(g, up->id, &row) ||
            row.status != TASK_SCHEDULING || (down = any_waiting_for(s, g, up)) == NULL)
            continue;
        struct civil day = civil_day(i->key.data_time);
        struct backfill_range days = { day, day, 0, 1439 };
        int64_t tasks[] = { down->id, up->id };
        snprintf(s->action, sizeof(s->action), "backfill doomed rounds of task %d with task %d",
                 sim_number(up), sim_number(down));
        if (sim_chance(s, 50))
            sim_post(s, op_backfill_doomed);
        return sim_chance(s, 50) ? backfill(s, g, &up->id, 1, days, INSTANCE_SKIP_EVENTS, e)
                                 : backfill(s, g, tasks, 2, days,
                                            INSTANCE_SKIP_EVENTS | INSTANCE_PLAN_UPSTREAMS, e);
    }
    return E_OK;
}
