/* engine/deletion.c - the end of backfill plans that were deleted, see deletion.h. */
#include "engine/deletion.h"

#include "engine/engine_int.h"

/* ---- a slice -------------------------------------------------------------------------------- */

/* Only a round that the plan made: what ran already when the plan was made is not its own, and
 * neither is what another plan has taken over.  What runs is being killed since the call. */
static bool end_round(struct engine *g, struct str plan_id, struct instance_key key)
{
    const struct instance *i = core_instance_get(g->core, key);

    if (!i || !str_eq(i->plan_id, plan_id) || i->state == INSTANCE_RUNNING)
        return false;
    return core_kill(g->core, key, REASON_PLAN_DELETED, g->now);
}

static enum err_code end_members(struct engine *g, const struct plan_deletion_row *d,
                                 int64_t *ret_ended, bool *ret_last, struct err *e)
{
    const struct plan_instance_row *members;
    struct query q;
    void *rows;
    size_t n;

    query_init(&q, &table_plan_instance);
    query_text(&q, PLAN_INSTANCE_PLAN_ID, QUERY_EQ, d->plan_id);
    q.limit = (int64_t)planning_slice(g);
    enum err_code rc = query_rows(engine_view(g), &q, &g->arena, &rows, &n, e);
    members = rows;
    for (size_t k = 0; k < n && rc == E_OK; k++) {
        struct instance_key key = { members[k].task_id, members[k].data_time };
        *ret_ended += end_round(g, d->plan_id, key);
        rc = row_delete(g->config.store, &table_plan_instance, &members[k], e);
    }
    *ret_last = n < planning_slice(g);
    return rc;
}

static enum err_code finish(struct engine *g, const struct plan_deletion_row *d, struct err *e)
{
    enum err_code rc = row_delete(g->config.store, &table_plan_deletion, d, e);

    if (rc != E_OK)
        return rc;
    g->deletions--;
    core_plan_gone(g->core, d->plan_id);
    return E_OK;
}

/* First what is still to be made of it, so that a plan that is deleted while it is made is whole
 * from then on. */
static enum err_code take_slice(struct engine *g, const struct plan_deletion_row *d, bool *ret_last,
                                struct err *e)
{
    int64_t ended = 0;
    bool withdrawn;
    enum err_code rc = planning_withdraw(g, d->plan_id, &withdrawn, e);

    *ret_last = false;
    if (rc != E_OK || withdrawn)
        return rc;
    rc = end_members(g, d, &ended, ret_last, e);
    if (rc == E_OK && d->job_id.len > 0 && (ended > 0 || *ret_last))
        rc = job_go_on(g, d->job_id, ended, *ret_last, e);
    return rc == E_OK && *ret_last ? finish(g, d, e) : rc;
}

bool deletion_is_due(const struct engine *g)
{
    return g->deletions > 0;
}

enum err_code deletion_step(struct engine *g, struct err *e)
{
    struct query q;
    void *rows;
    size_t n;
    bool last;

    query_init(&q, &table_plan_deletion);
    q.limit = 1;
    enum err_code rc = query_rows(engine_view(g), &q, &g->arena, &rows, &n, e);
    return rc == E_OK && n > 0 ? take_slice(g, rows, &last, e) : rc;
}

/* ---- a deletion ----------------------------------------------------------------------------- */

struct running {
    struct running_round {
        struct instance_key key;
        int32_t round;
    } * items; /* owned */
    size_t n, cap;
};

static bool note_running(void *ctx, const void *row)
{
    struct running *all = ctx;
    const struct instance_row *i = row;

    all->items = mem_grow(all->items, &all->cap, all->n + 1, sizeof(*all->items));
    all->items[all->n++] = (struct running_round){ { i->task_id, i->data_time }, i->round };
    return true;
}

/* No more than there are slots; the job follows each until its attempt is dead. */
static enum err_code kill_running(struct engine *g, struct str plan_id, struct job *job,
                                  struct err *e)
{
    struct running all = { NULL, 0, 0 };
    struct query q;
    enum err_code rc = effects_flush(g, e); /* the store is asked */

    query_init(&q, &table_instance);
    query_text(&q, INSTANCE_PLAN_ID, QUERY_EQ, plan_id);
    query_number(&q, INSTANCE_STATE, QUERY_EQ, INSTANCE_RUNNING);
    if (rc == E_OK)
        rc = query_run(engine_view(g), &q, note_running, &all, e);
    for (size_t k = 0; k < all.n && rc == E_OK; k++) {
        core_kill(g->core, all.items[k].key, REASON_PLAN_DELETED, g->now);
        if (job)
            rc = job_pending(job, all.items[k].key, all.items[k].round, e);
    }
    mem_free(all.items);
    return rc;
}

enum err_code deletion_begin(struct engine *g, const struct plan_row *plan, struct job *job,
                             struct err *e)
{
    struct plan_deletion_row d = { .plan_id = plan->id, .job_id = job ? job->id : STR("") };
    bool last = !job || plan->total > planning_at_once(g);
    int64_t lives = core_plan_doom(g->core, plan->id, g->now);
    enum err_code rc = kill_running(g, plan->id, job, e);

    if (job) {
        job_success(job); /* the plan itself */
        job_to_come(job, lives - job->pending);
    }
    if (rc == E_OK && job)
        rc = job_finish(job, e);
    if (rc == E_OK)
        rc = row_delete(g->config.store, &table_plan, plan, e);
    if (rc == E_OK)
        rc = row_insert(g->config.store, &table_plan_deletion, &d, NULL, e);
    if (rc == E_OK)
        g->deletions++;
    while (rc == E_OK && !last)
        rc = take_slice(g, &d, &last, e);
    return rc;
}

/* ---- start ---------------------------------------------------------------------------------- */

static bool load_one(void *ctx, const void *row)
{
    struct engine *g = ctx;
    const struct plan_deletion_row *d = row;

    core_plan_doom(g->core, d->plan_id, g->now);
    g->deletions++;
    return true;
}

enum err_code deletion_load(struct engine *g, struct err *e)
{
    struct query q;

    g->deletions = 0;
    query_init(&q, &table_plan_deletion);
    return query_run(engine_view(g), &q, load_one, g, e);
}
