/* test/sim/plans.c - see plans.h. */
#include "plans.h"

#include <stdio.h>
#include <string.h>

#include "checkers.h"
#include "operators.h"
#include "values.h"

void plan_random(struct sim *s, bool rerun, bool waits, int project, struct plan_wish *ret)
{
    struct sim_plan *p = &ret->plan;
    struct buf doc;

    *ret = (struct plan_wish){ .plan = { .param = -1, .rerun = rerun, .project = project } };
    if (sim_chance(s, 30))
        p->limit = 1 + (int)sim_below(s, 3);
    if (!rerun && sim_chance(s, 25))
        p->group = 1 + (int)sim_below(s, SIM_GROUPS - 1);
    if (!rerun && sim_chance(s, 40))
        p->order = sim_chance(s, 50) ? PLAN_ORDER : PLAN_REVERSE;
    if (sim_chance(s, 30)) {
        p->param = (int)sim_below(s, SIM_PARAMS);
        p->value = value_random(s, 'r');
    }
    if (sim_chance(s, 25))
        ret->cycle_flags = sim_chance(s, 50) ? INSTANCE_SKIP_CYCLE : INSTANCE_WAIT_CYCLE;
    else if (waits && sim_chance(s, 60))
        ret->cycle_flags = INSTANCE_WAIT_CYCLE;
    buf_init(&doc, 4096);
    buf_add_str(&doc, STR("{\"a\":1"));
    if (p->limit > 0)
        buf_printf(&doc, ",\"RedefineParallelNum\":%d", p->limit);
    if (p->group > 0)
        buf_printf(&doc, ",\"SchedulerResourceGroupId\":\"%s\"", sim_group_names[p->group]);
    if (p->order != PLAN_NORMAL)
        buf_printf(&doc, ",\"DataTimeOrder\":\"%s\"", p->order == PLAN_ORDER ? "ORDER" : "REVERSE");
    if (p->param >= 0) /* of a rerun it is one pair and no list (5.7) */
        buf_printf(&doc, ",\"RedefineParamList\":%s{\"K\":\"p%d\",\"V\":\"%.*s\"}%s",
                   rerun ? "" : "[", p->param, STR_ARG(p->value), rerun ? "" : "]");
    buf_add_str(&doc, STR("}"));
    ret->doc = arena_str(&s->arena, buf_str(&doc));
    buf_done(&doc);
}

void plan_keep(struct sim *s, struct str id, const struct plan_wish *w)
{
    struct sim_plan *p = &s->defs.plans[s->defs.n_plans++ % SIM_PLANS_MAX];

    *p = w->plan;
    p->since = s->seq;
    snprintf(p->id, sizeof(p->id), "%.*s", STR_ARG(id));
    if (p->limit > 0)
        coverage_feature(s, SIM_HAS_plan_limit);
}

const struct sim_plan *sim_plan_find(const struct sim *s, struct str id)
{
    if (id.len == 0 || id.len >= sizeof(s->defs.plans[0].id))
        return NULL;
    for (int k = 0; k < SIM_PLANS_MAX; k++)
        if (memcmp(s->defs.plans[k].id, id.ptr, id.len) == 0 && s->defs.plans[k].id[id.len] == 0)
            return &s->defs.plans[k];
    return NULL;
}

int sim_plan_limit(const struct sim *s, struct str id)
{
    const struct sim_plan *p = sim_plan_find(s, id);

    return p ? p->limit : 0;
}

/* One of which some waits. */
static struct sim_plan *waiting(struct sim *s)
{
    const struct instance *i;

    for (size_t at = 0; (i = census_next(s, &at)) != NULL;) {
        const struct sim_plan *p = sim_plan_find(s, i->plan_id);
        int k = p ? (int)(p - s->defs.plans) : -1;
        if (p && !p->gone && !p->rerun && i->state != INSTANCE_RUNNING &&
            str_eq_c(i->plan_id, s->durable.plans[k].id))
            return &s->defs.plans[k];
    }
    return NULL;
}

/* Nobody knows the id of a plan before its commit. */
struct sim_plan *plan_any(struct sim *s)
{
    int known = s->durable.n_plans, n = known < 6 ? known : 6;
    struct sim_plan *waits = sim_chance(s, 50) ? waiting(s) : NULL;

    if (waits)
        return waits;
    for (int k = 1; k <= n; k++) { /* rather one that is being made */
        struct sim_plan *p = &s->defs.plans[(known - k) % SIM_PLANS_MAX];
        if (p->sliced && !p->gone && sim_chance(s, 50))
            return p;
    }
    for (int k = 1; k <= n; k++) {
        struct sim_plan *p = &s->defs.plans[(known - k) % SIM_PLANS_MAX];
        if (!p->rerun && !p->gone && sim_chance(s, 60))
            return p;
    }
    return NULL;
}

enum err_code plan_backfill(struct sim *s, struct engine *g, struct plan_wish *wish, int project,
                            const int64_t *tasks, int n, struct backfill_range range,
                            unsigned flags, struct err *e)
{
    struct str id;

    wish->plan.flags = flags;
    wish->plan.first_day = range.first_day;
    wish->plan.last_day = range.last_day;
    wish->plan.window_from = range.window_from;
    wish->plan.window_to = range.window_to;
    struct backfill_request r = { .project_id = str_from(sim_project_names[project]),
                                  .name = STR("plan"),
                                  .uin = STR("1"),
                                  .tasks = tasks,
                                  .n_tasks = n,
                                  .ranges = &range,
                                  .n_ranges = 1,
                                  .flags = flags,
                                  .group_id = wish->plan.group > 0
                                                  ? str_from(sim_group_names[wish->plan.group])
                                                  : STR(""),
                                  .doc = wish->doc };
    enum err_code rc = SIM_DO(s, backfill_create, g, &r, &id, e);
    if (rc == E_OK)
        plan_keep(s, id, wish);
    return rc;
}
