/* test/sim/op_ahead.c - backfills of days that the schedule has not made, or never makes; and who
 * comes to a workflow whose tasks wait for the cycle before of each other. */
#include <stdio.h>

#include "checkers.h"
#include "engine/cmd_backfill.h"
#include "operators.h"
#include "picture.h"
#include "plans.h"

/* A range of these tasks, that is all. */
static enum err_code backfill_range(struct sim *s, struct engine *g, int project,
                                    const int64_t *tasks, int n, struct backfill_range range,
                                    unsigned flags, struct err *e)
{
    struct plan_wish wish;

    plan_random(s, false, flags & INSTANCE_WAIT_CYCLE, project, &wish);
    return plan_backfill(s, g, &wish, project, tasks, n, range, flags, e);
}

static enum err_code backfill_day(struct sim *s, struct engine *g, int project,
                                  const int64_t *tasks, int n, struct civil day, unsigned flags,
                                  struct err *e)
{
    return backfill_range(s, g, project, tasks, n, (struct backfill_range){ day, day, 0, 1439 },
                          flags, e);
}

/* ---- beyond the range of an upstream --------------------------------------------------------- */

/* A day on which the schedule of the task makes nothing, as it has not begun yet, or is over. */
static bool day_beyond(struct sim *s, const struct task_spec *spec, struct civil *ret)
{
    const struct schedule *when = &spec->schedule;
    struct civil now = zone_to_civil(zone_utc(), s->now);
    bool begins = when->start.s > now.s - 20 * CIVIL_DAY,
         ends = when->end.s < now.s + 20 * CIVIL_DAY;

    if (!begins && !ends)
        return false;
    *ret = civil_day(begins ? when->start : when->end);
    ret->s += (begins ? -1 : 1) * (1 + sim_below(s, 2)) * CIVIL_DAY;
    return true;
}

/* A task together with one that it waits for, of a day beyond the range of that one: there it waits
 * for what exists, and that comes with it. */
enum err_code op_backfill_beyond(struct sim *s, struct engine *g, struct err *e)
{
    int64_t first = sim_below(s, SIM_TASKS_MAX);
    unsigned flags = INSTANCE_SKIP_EVENTS | (sim_chance(s, 60) ? INSTANCE_PLAN_UPSTREAMS : 0);
    struct civil day;

    for (int k = 0; k < s->defs.n_tasks; k++) {
        const struct sim_task *down = &s->defs.tasks[(first + k) % s->defs.n_tasks];
        for (int u = 0; down->there && u < down->spec->n_upstreams; u++) {
            const struct sim_task *up = sim_task_find(s, down->spec->upstreams[u].task_id);
            struct schedule_row a, b;
            if (!up->there || up->project != down->project || !schedule_of(g, up->id, &a) ||
                !schedule_of(g, down->id, &b) || a.status != TASK_SCHEDULING ||
                b.status != TASK_SCHEDULING || !day_beyond(s, up->spec, &day))
                continue;
            int64_t tasks[] = { down->id, up->id };
            snprintf(s->action, sizeof(s->action), "backfill task %d beyond the range of task %d",
                     sim_number(down), sim_number(up));
            return backfill_day(s, g, down->project, tasks, 2, day, flags, e);
        }
    }
    return E_OK;
}

/* ---- right before a firing ------------------------------------------------------------------- */

/* An orderly task that fires in this turn, and the data time before that one, of which there is
 * nothing; false: it is none. */
static bool fires_after_nothing(struct sim *s, struct engine *g, const struct sim_task *t,
                                struct civil *ret)
{
    struct schedule_row row;
    struct firing next, before;

    if (!t->there || !s->defs.enabled[t->project] || t->spec->self_depend != SELF_ORDERLY ||
        !schedule_of(g, t->id, &row) || row.status != TASK_SCHEDULING ||
        !schedule_next_planned(&t->spec->schedule, row.high_water, &next) ||
        next.at.us > s->now.us || next.at.us <= t->live_from.us ||
        !schedule_data_prev(&t->spec->schedule, (struct civil){ next.data_time.s - 1 }, 0, &before))
        return false;
    *ret = before.data_time;
    return !track_last(track_find(s, (struct instance_key){ t->id, before.data_time }));
}

/* The last command of a turn makes what the firing behind it has to wait for. */
enum err_code op_backfill_before_firing(struct sim *s, struct engine *g, struct err *e)
{
    const unsigned flags = INSTANCE_SKIP_EVENTS | INSTANCE_SKIP_UPSTREAMS;
    struct civil data_time;

    for (int k = 0; k < s->defs.n_tasks; k++) {
        const struct sim_task *t = &s->defs.tasks[k];
        if (!fires_after_nothing(s, g, t, &data_time))
            continue;
        struct civil day = civil_day(data_time);
        int minute = (int)((data_time.s - day.s) / CIVIL_MINUTE);
        snprintf(s->action, sizeof(s->action), "backfill task %d right before it fires",
                 sim_number(t));
        coverage_feature(s, SIM_HAS_before_firing);
        return backfill_range(s, g, t->project, &t->id, 1,
                              (struct backfill_range){ day, day, minute, minute }, flags, e);
    }
    return E_OK;
}

/* ---- workflows whose tasks wait for the cycle before (2.9) ------------------------------------
 */

/* A workflow whose tasks wait; -1: there is none. */
static int waiting_flow(struct sim *s)
{
    int first = (int)sim_below(s, SIM_WORKFLOWS);

    for (int k = 0; k < SIM_WORKFLOWS; k++) {
        int flow = (first + k) % SIM_WORKFLOWS;
        if (s->defs.workflows[flow].there && s->defs.workflows[flow].waits)
            return flow;
    }
    return -1;
}

/* Some of its tasks, of a day that is still to come: they wait for what the schedule makes of the
 * others, or does not make. */
enum err_code op_backfill_cycle(struct sim *s, struct engine *g, struct err *e)
{
    int flow = waiting_flow(s), n = 0;
    struct civil day = civil_day(zone_to_civil(zone_utc(), s->now));
    int64_t tasks[SIM_TASKS_MAX];

    for (int k = 0; flow >= 0 && k < s->defs.n_tasks; k++) {
        const struct sim_task *t = &s->defs.tasks[k];
        struct schedule_row row;
        if (t->there && t->workflow == flow && schedule_of(g, t->id, &row) &&
            row.status == TASK_SCHEDULING && sim_chance(s, 40))
            tasks[n++] = t->id;
    }
    if (n == 0)
        return E_OK;
    day.s += sim_below(s, 3) * CIVIL_DAY;
    snprintf(s->action, sizeof(s->action), "backfill of %d tasks of workflow %d", n, flow);
    return backfill_day(s, g, sim_workflow_projects[flow], tasks, n, day,
                        INSTANCE_SKIP_EVENTS | INSTANCE_SKIP_UPSTREAMS | INSTANCE_WAIT_CYCLE, e);
}

/* A task comes to it, and from then on the others wait for that one too. */
enum err_code op_join_cycle(struct sim *s, struct engine *g, struct err *e)
{
    int flow = waiting_flow(s);

    if (flow < 0 || s->defs.n_tasks == SIM_TASKS_MAX)
        return E_OK;
    return sim_submit(s, g, sim_new_task(s, flow), e);
}
