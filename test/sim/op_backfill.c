/* test/sim/op_backfill.c - what people do with backfill plans. */
#include <stdio.h>

#include "deletions.h"
#include "engine/cmd_backfill.h"
#include "operators.h"
#include "picture.h"
#include "plans.h"

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

enum err_code op_backfill(struct sim *s, struct engine *g, struct err *e)
{
    struct civil first = civil_day(zone_to_civil(zone_utc(), s->now));
    int64_t tasks[8];
    int n = 0, project = (int)sim_below(s, SIM_PROJECTS), want = 1 + (int)sim_below(s, 4);
    unsigned flags = sim_chance(s, 70) ? INSTANCE_SKIP_EVENTS : 0;
    struct plan_wish wish;

    first.s += (sim_below(s, 7) - 4) * CIVIL_DAY;
    struct backfill_range range = { first, { first.s + sim_below(s, 3) * CIVIL_DAY }, 0, 1439 };
    if (sim_chance(s, 30))
        range.window_from = 60 * (int)sim_below(s, 20);
    if (sim_chance(s, 60))
        flags |= sim_chance(s, 50) ? INSTANCE_SKIP_UPSTREAMS : INSTANCE_PLAN_UPSTREAMS;
    /* What was deleted a moment ago, once more. */
    const struct instance *doomed = sim_chance(s, 60) ? deletions_any(s) : NULL;
    if (doomed) {
        project = sim_task_find(s, doomed->key.task_id)->project;
        tasks[n++] = doomed->key.task_id;
        want--;
        range = (struct backfill_range){ civil_day(doomed->key.data_time),
                                         civil_day(doomed->key.data_time), 0, 1439 };
    }
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
    int flow = sim_task_find(s, tasks[0])->workflow;
    bool waits = s->defs.workflows[flow].waits;
    plan_random(s, false, waits, project, &wish);
    if (waits && sim_chance(s, 40)) /* the cycle before alone is asked for */
        flags = (flags & ~(unsigned)INSTANCE_PLAN_UPSTREAMS) | INSTANCE_SKIP_UPSTREAMS;
    /* Refused where a workflow has no such schedule; so asked for where most have. */
    if (waits || flow == 2 || sim_chance(s, 20))
        flags |= wish.cycle_flags;
    snprintf(s->action, sizeof(s->action), "backfill of %d tasks, flags %u, limit %d", n, flags,
             wish.plan.limit);
    return plan_backfill(s, g, &wish, project, tasks, n, range, flags, e);
}

enum err_code op_backfill_delete(struct sim *s, struct engine *g, struct err *e)
{
    struct sim_plan *p = plan_any(s);
    struct str job;

    if (!p)
        return E_OK;
    struct backfill_deletion d = { .project_id = str_from(sim_project_names[p->project]),
                                   .plan_id = arena_str(&s->arena, str_from(p->id)),
                                   .uin = STR("1"),
                                   .doc = STR("{}") };
    snprintf(s->action, sizeof(s->action), "delete plan %s", p->id);
    p->gone = true;
    enum err_code rc = SIM_DO(s, backfill_delete, g, &d, &job, e);
    if (rc == E_OK)
        snprintf(p->job, sizeof(p->job), "%.*s", STR_ARG(job));
    return rc;
}
