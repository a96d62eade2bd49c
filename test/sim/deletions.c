/* test/sim/deletions.c - see deletions.h. */
#include "deletions.h"

#include <inttypes.h>

#include "checkers.h"
#include "engine/job.h"
#include "slices.h"

bool deletions_doom(const struct sim *s, const struct instance *i)
{
    const struct sim_plan *p = sim_plan_find(s, i->plan_id);

    return p && p->gone && !instance_state_is_terminal(i->state) && i->state != INSTANCE_RUNNING;
}

static bool is_going_on(struct sim *s, struct str plan_id)
{
    struct query q;
    bool found = false;

    query_init(&q, &table_plan_deletion);
    if (plan_id.len > 0)
        query_text(&q, PLAN_DELETION_PLAN_ID, QUERY_EQ, plan_id);
    check(query_any(store_view(s->store), &q, &found, NULL) == E_OK);
    return found;
}

bool deletions_go_on(struct sim *s)
{
    return is_going_on(s, STR(""));
}

const struct instance *deletions_any(struct sim *s)
{
    const struct instance *i;

    for (size_t at = 0; (i = census_next(s, &at)) != NULL;)
        if (deletions_doom(s, i))
            return i;
    return NULL;
}

/* ---- changes -------------------------------------------------------------------------------- */

/* Its attempt may come to an end of its own while it is being killed; its success may be set.  No
 * limit passes for it, and no merge fails. */
static bool may_be(const struct instance *i, const struct instance *old)
{
    bool ran = old->state == INSTANCE_RUNNING;

    switch (i->state) {
    case INSTANCE_EXPIRED:
        return ran || str_eq(i->reason, REASON_PLAN_DELETED) ||
               str_eq_c(i->reason, "an upstream task was deleted");
    case INSTANCE_COMPLETED:
        return ran || i->reason.len > 0;
    default:
        return ran && i->state == INSTANCE_RUNNING;
    }
}

void deletions_on_change(struct sim *s, const struct instance *i, const struct instance *old)
{
    const struct sim_plan *p = sim_plan_find(s, i->plan_id);
    int64_t task = i->key.task_id - SIM_TASK_ID(0);

    if (!p || !p->gone || p->rerun)
        return;
    sim_check(s, old && old->round == i->round && str_eq(old->plan_id, i->plan_id),
              "7.2: a plan that was deleted is made further: task %" PRId64, task);
    sim_check(s, instance_state_is_terminal(old->state) || may_be(i, old),
              "7.2: a round of task %" PRId64 " goes on, and its plan was deleted", task);
}

void deletions_on_close(struct sim *s, const struct instance *closed)
{
    const struct sim_plan *p = sim_plan_find(s, closed->plan_id);

    if (p && p->gone && !p->over && p->committed)
        coverage_feature(s, SIM_HAS_plan_overtaken);
}

/* ---- commits -------------------------------------------------------------------------------- */

/* It counts what has ended: all of it when the deletion is over, but for what still runs. */
static void check_job(struct sim *s, const struct sim_plan *p, bool goes_on)
{
    struct job_row job = { .id = str_from(p->job) };
    struct job_progress progress;
    struct query q;
    int64_t items;

    if (row_get(store_view(s->store), &table_job, &s->arena, &job, NULL) != E_OK)
        return; /* it left with the history */
    query_init(&q, &table_job_item);
    query_text(&q, JOB_ITEM_JOB_ID, QUERY_EQ, job.id);
    check(query_count(store_view(s->store), &q, &items, NULL) == E_OK);
    int64_t counted = job.succeeded + job.failed + items;
    sim_check(s, goes_on ? counted <= job.total : counted == job.total,
              "7.2: the job of a deletion counts %" PRId64 " of %" PRId64, counted, job.total);
    check(job_look(store_view(s->store), &s->arena, &job, &progress, NULL) == E_OK);
    sim_check(s, progress.status == JOB_SUCCESS || progress.status == JOB_RUNNING,
              "7.2: the job of a deletion is %s", job_status_name(progress.status));
    sim_check(s, progress.status == JOB_RUNNING || counted == job.total,
              "7.2: the job of a deletion ends before it");
}

static void check_over(struct sim *s, struct str plan_id)
{
    const struct instance *i;
    struct query q;
    bool found = false;

    for (size_t at = 0; (i = census_next(s, &at)) != NULL;)
        sim_check(s, !str_eq(i->plan_id, plan_id) || i->state == INSTANCE_RUNNING,
                  "7.2: a plan was deleted, and task %" PRId64 " of it still waits",
                  i->key.task_id - SIM_TASK_ID(0));
    query_init(&q, &table_plan_instance);
    query_text(&q, PLAN_INSTANCE_PLAN_ID, QUERY_EQ, plan_id);
    check(query_any(store_view(s->store), &q, &found, NULL) == E_OK);
    sim_check(s, !found && !slices_go_on(s, plan_id), "7.2: something is left of a deleted plan");
}

void deletions_commit(struct sim *s)
{
    struct sim_defs *d = &s->defs;

    for (int k = 0; k < SIM_PLANS_MAX && k < d->n_plans; k++) {
        struct sim_plan *p = &d->plans[k];
        if (!p->gone || p->over || p->rerun)
            continue;
        bool goes_on = is_going_on(s, str_from(p->id));
        if (goes_on)
            coverage_feature(s, SIM_HAS_plan_deleted_sliced);
        check_job(s, p, goes_on);
        p->committed = true;
        p->over = !goes_on;
        if (p->over)
            check_over(s, str_from(p->id));
    }
}
