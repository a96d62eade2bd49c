/* engine/cmd_backfill_delete.c - ends a backfill plan and forgets it. */
#include "engine/cmd_backfill.h"

#include "engine/cmd_project.h"
#include "engine/engine_int.h"
#include "engine/job.h"
#include "engine/planning.h"

/* A plan may have very many: no more is kept of each than this. */
struct live_round {
    struct instance_key key;
    int32_t round;
};
struct live_rounds {
    struct live_round *items;
    size_t n, cap;
};

struct search {
    const struct engine *g;
    struct str plan_id;
    struct live_rounds *ret;
};

static bool take_live(void *ctx, const void *row)
{
    struct search *s = ctx;
    struct live_rounds *all = s->ret;
    const struct plan_instance_row *member = row;
    struct instance_key key = { member->task_id, member->data_time };
    const struct instance *i = core_instance_get(s->g->core, key);

    if (!i || !str_eq(i->plan_id, s->plan_id))
        return true;
    all->items = mem_grow(all->items, &all->cap, all->n + 1, sizeof(*all->items));
    all->items[all->n++] = (struct live_round){ .key = key, .round = i->round };
    return true;
}

/* Only the rounds that the plan made: what ran already when the plan was made is not its own.  The
 * core has all that are not over, so their records need not be read. */
static enum err_code find_lives(struct engine *g, struct str plan_id, struct live_rounds *ret,
                                struct err *e)
{
    struct search search = { g, plan_id, ret };
    struct query q;

    query_init(&q, &table_plan_instance);
    query_text(&q, PLAN_INSTANCE_PLAN_ID, QUERY_EQ, plan_id);
    return query_run(engine_view(g), &q, take_live, &search, e);
}

static enum err_code find_plan(struct engine *g, const struct backfill_deletion *d,
                               struct plan_row *ret, struct err *e)
{
    struct project_row project;
    enum err_code rc =
        project_require(engine_view(g), &g->arena, d->project_id, "ProjectId", &project, e);

    if (rc != E_OK)
        return rc;
    *ret = (struct plan_row){ .id = d->plan_id };
    rc = ret->id.len == 0 ? E_MISSING : row_get(engine_view(g), &table_plan, &g->arena, ret, e);
    if (rc == E_MISSING || (rc == E_OK && !str_eq(ret->project_id, d->project_id)))
        return err_user(e, E_MISSING, "DataBackfillPlanId", "there is no such plan in this project",
                        "该项目中没有此补录计划");
    return rc;
}

static enum err_code forget(struct engine *g, const struct plan_row *plan, struct err *e)
{
    struct query q;
    enum err_code rc = row_delete(g->config.store, &table_plan, plan, e);

    query_init(&q, &table_plan_instance);
    query_text(&q, PLAN_INSTANCE_PLAN_ID, QUERY_EQ, plan->id);
    if (rc == E_OK)
        rc = query_delete(g->config.store, &q, NULL, e);
    return rc == E_OK ? planning_cancel(g, plan->id, e) : rc;
}

/* What waits is over at once; only what runs takes its time. */
static enum err_code end_round(struct engine *g, const struct live_round *l, struct job *job,
                               struct err *e)
{
    const struct instance *left;

    core_kill(g->core, l->key, STR("its backfill plan was deleted"), g->now);
    left = core_instance_get(g->core, l->key);
    if (left && !instance_state_is_terminal(left->state))
        return job_pending(job, l->key, l->round, e);
    job_success(job);
    return E_OK;
}

enum err_code backfill_delete(struct engine *g, const struct backfill_deletion *d,
                              struct str *ret_id, struct err *e)
{
    struct live_rounds lives = { NULL, 0, 0 };
    struct plan_row plan;
    struct job job;
    enum err_code rc = find_plan(g, d, &plan, e);

    if (rc != E_OK)
        return rc;
    rc = job_begin(&job, g, JOB_DELETE_PLAN, d->project_id, d->uin, d->doc, e);
    if (rc == E_OK)
        rc = find_lives(g, plan.id, &lives, e);
    if (rc == E_OK)
        rc = forget(g, &plan, e);
    job_success(&job); /* the plan itself */
    for (size_t i = 0; i < lives.n && rc == E_OK; i++)
        rc = end_round(g, &lives.items[i], &job, e);
    if (rc == E_OK)
        rc = job_finish(&job, e);
    *ret_id = job.id;
    job_done(&job);
    mem_free(lives.items);
    return rc;
}
