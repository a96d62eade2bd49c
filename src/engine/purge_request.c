/* engine/purge_request.c - backfill plans and jobs, with what hangs on them. */
#include "engine/job.h"
#include "engine/planning.h"
#include "engine/purge_int.h"

/* Of requests of a kind, in a step. */
enum { LOOKS = 20 };

/* Both are rounds' plans: the rounds that they made carry their id. */
struct request {
    struct str id;
    struct wall created_at;
};

/* Is it young, or is a round of it live? */
static enum err_code is_needed(struct engine *g, const struct request *r, bool *ret, struct err *e)
{
    struct query q;

    *ret = r->created_at.us >= g->purge.cutoff.us;
    if (*ret)
        return E_OK;
    query_init(&q, &table_instance);
    query_text(&q, INSTANCE_PLAN_ID, QUERY_EQ, r->id);
    query_number(&q, INSTANCE_STATE, QUERY_LE, INSTANCE_FAILED_RETRY);
    return query_any(engine_view(g), &q, ret, e);
}

/* The next few by id. */
static enum err_code next_of(struct engine *g, const struct table *t, int id, void *ret_rows,
                             size_t *ret_n, struct err *e)
{
    struct query q;

    query_init(&q, t);
    query_text(&q, id, QUERY_GT, str_from(g->purge.id));
    query_order(&q, id, false);
    q.limit = LOOKS;
    return query_rows(engine_view(g), &q, &g->arena, ret_rows, ret_n, e);
}

/* ---- plans --------------------------------------------------------------------------------- */

static enum err_code purge_plan(struct engine *g, const struct plan_row *plan, bool *ret,
                                struct err *e)
{
    struct query q;

    query_init(&q, &table_plan_instance);
    query_text(&q, PLAN_INSTANCE_PLAN_ID, QUERY_EQ, plan->id);
    enum err_code rc = purge_rows_of(g, &q, ret, e);
    return rc == E_OK && *ret ? purge_row(g, &table_plan, plan, e) : rc;
}

/* Before their instances: a plan without them would look like one that failed. */
enum err_code purge_plans(struct engine *g, bool *ret, struct err *e)
{
    void *found;
    size_t n;
    enum err_code rc = next_of(g, &table_plan, PLAN_ID, &found, &n, e);
    const struct plan_row *plans = found;

    for (size_t i = 0; rc == E_OK && i < n; i++) {
        bool needed, gone = true;
        rc = is_needed(g, &(struct request){ plans[i].id, plans[i].created_at }, &needed, e);
        if (rc == E_OK && !needed)
            rc = planning_goes_on(g, plans[i].id, &needed, e);
        if (rc == E_OK && !needed)
            rc = purge_plan(g, &plans[i], &gone, e);
        if (rc != E_OK || !gone)
            break;
        purge_pass(g, plans[i].id);
        if (!needed)
            break; /* one at a time */
    }
    *ret = rc == E_OK && n == 0;
    return rc;
}

/* ---- jobs ---------------------------------------------------------------------------------- */

enum fate { FATE_STAYS, FATE_GOES_ON, FATE_GONE };

/* Some of its items, which count as succeeded from now on as they did before, and after the last
 * of them the job. */
static enum err_code purge_job(struct engine *g, struct job_row *job, enum fate *ret, struct err *e)
{
    struct query q;
    void *found;
    size_t n;
    struct wall ended;
    bool done = true;

    query_init(&q, &table_job_item);
    query_text(&q, JOB_ITEM_JOB_ID, QUERY_EQ, job->id);
    q.limit = PURGE_ROWS;
    enum err_code rc = query_rows(engine_view(g), &q, &g->arena, &found, &n, e);
    const struct job_item_row *items = found;
    for (size_t i = 0; rc == E_OK && done && i < n; i++)
        rc = job_item_look(engine_view(g), &g->arena, &items[i], &done, &ended, e);
    *ret = !done ? FATE_STAYS : n == PURGE_ROWS ? FATE_GOES_ON : FATE_GONE;
    if (rc != E_OK || *ret == FATE_STAYS)
        return rc;
    for (size_t i = 0; rc == E_OK && i < n; i++)
        rc = row_delete(g->config.store, &table_job_item, &items[i], e);
    job->succeeded += (int64_t)n;
    if (rc == E_OK && *ret == FATE_GOES_ON)
        rc = row_update(g->config.store, &table_job, job, COL(JOB_SUCCEEDED), e);
    if (rc == E_OK && *ret == FATE_GONE)
        rc = purge_row(g, &table_job, job, e);
    return rc;
}

enum err_code purge_jobs(struct engine *g, bool *ret, struct err *e)
{
    void *found;
    size_t n;
    enum err_code rc = next_of(g, &table_job, JOB_ID, &found, &n, e);
    struct job_row *jobs = found;

    for (size_t i = 0; rc == E_OK && i < n; i++) {
        enum fate fate = FATE_STAYS;
        bool needed;
        rc = is_needed(g, &(struct request){ jobs[i].id, jobs[i].created_at }, &needed, e);
        if (rc == E_OK && !needed)
            rc = purge_job(g, &jobs[i], &fate, e);
        if (rc != E_OK || fate == FATE_GOES_ON)
            break;
        purge_pass(g, jobs[i].id);
        if (fate == FATE_GONE)
            break;
    }
    *ret = rc == E_OK && n == 0;
    return rc;
}
