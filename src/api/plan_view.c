/* api/plan_view.c - a backfill plan and the rounds that it made, see plan_view.h. */
#include "api/plan_view.h"

#include "model/instance.h"

enum err_code plan_view_find(struct call *c, struct plan_row *ret)
{
    struct plan_row plan = { .id = param_str(c->params, "DataBackfillPlanId") };
    enum err_code rc =
        plan.id.len == 0 ? E_MISSING : row_get(c->view, &table_plan, &c->arena, &plan, &c->err);

    if (rc == E_MISSING ||
        (rc == E_OK && !str_eq(plan.project_id, param_str(c->params, "ProjectId"))))
        return err_user(&c->err, E_MISSING, "DataBackfillPlanId",
                        "there is no such plan in this project", "该项目中没有此补录计划");
    if (rc == E_OK)
        *ret = plan;
    return rc;
}

static const uint64_t shown_of_instance = COL(INSTANCE_TASK_NAME) | COL(INSTANCE_ROUND) |
                                          COL(INSTANCE_STATE) | COL(INSTANCE_STARTED_AT) |
                                          COL(INSTANCE_ENDED_AT);

enum err_code plan_view_round(struct call *c, const struct plan_instance_row *member,
                              struct plan_round *ret)
{
    struct instance_row i = { .task_id = member->task_id, .data_time = member->data_time };
    struct round_row past = { .task_id = member->task_id,
                              .data_time = member->data_time,
                              .round = member->round };
    enum err_code rc =
        row_get_columns(c->view, &table_instance, shown_of_instance, &c->arena, &i, &c->err);

    *ret = (struct plan_round){ .state = INSTANCE_EXPIRED, .task_name = i.task_name };
    if (rc == E_OK && i.round == member->round) {
        ret->state = i.state;
        ret->started_at = i.started_at;
        ret->ended_at = i.ended_at;
    } else if (rc == E_OK) {
        rc = row_get(c->view, &table_round, &c->arena, &past, &c->err);
        if (rc == E_OK)
            ret->state = past.state;
        ret->started_at = past.started_at;
        ret->ended_at = past.ended_at;
    }
    /* The instance was never made: over, not a success. */
    return rc == E_MISSING ? E_OK : rc;
}

/* ---- progress ------------------------------------------------------------------------------ */

static void count_as(struct plan_progress *p, enum instance_state state, int64_t n)
{
    switch (state) {
    case INSTANCE_COMPLETED:
        p->completed += n;
        break;
    case INSTANCE_SKIP_RUNNING:
        p->skipped += n;
        break;
    case INSTANCE_EXPIRED:
        p->failed += n;
        break;
    case INSTANCE_RUNNING:
        p->running += n;
        break;
    default:
        p->waiting += n;
        break;
    }
}

static int64_t made(const struct plan_progress *p)
{
    return p->waiting + p->running + p->completed + p->skipped + p->failed;
}

/* By the index, of the instances whose present round is the plan's. */
static enum err_code count_present(struct call *c, struct str plan_id, struct plan_progress *ret)
{
    enum err_code rc = E_OK;

    *ret = (struct plan_progress){ .ended_at = WALL_NONE };
    for (int state = 0; state < INSTANCE_STATE_N_ && rc == E_OK; state++) {
        struct query q;
        int64_t n = 0;
        query_init(&q, &table_instance);
        query_text(&q, INSTANCE_PLAN_ID, QUERY_EQ, plan_id);
        query_number(&q, INSTANCE_STATE, QUERY_EQ, state);
        rc = query_count(c->view, &q, &n, &c->err);
        count_as(ret, (enum instance_state)state, n);
    }
    return rc;
}

/* Of the same ones, which have all ended. */
static enum err_code find_end(struct call *c, struct str plan_id, struct wall *ret)
{
    struct query q;
    void *rows;
    size_t n;

    query_init(&q, &table_instance);
    query_text(&q, INSTANCE_PLAN_ID, QUERY_EQ, plan_id);
    query_order(&q, INSTANCE_ENDED_AT, true);
    q.limit = 1;
    enum err_code rc = query_rows(c->view, &q, &c->arena, &rows, &n, &c->err);
    if (rc == E_OK && n > 0)
        *ret = ((const struct instance_row *)rows)->ended_at;
    return rc;
}

struct counting {
    struct call *c;
    struct plan_progress *p;
    enum err_code rc;
};

static bool count_member(void *ctx, const void *row)
{
    struct counting *m = ctx;
    struct plan_round round;

    m->rc = plan_view_round(m->c, row, &round);
    if (m->rc != E_OK)
        return false;
    count_as(m->p, (enum instance_state)round.state, 1);
    if (round.ended_at.us > m->p->ended_at.us)
        m->p->ended_at = round.ended_at;
    return true;
}

/* One by one, wherever the plan's round of each is kept by now. */
static enum err_code count_members(struct call *c, struct str plan_id, struct plan_progress *ret)
{
    struct counting m = { c, ret, E_OK };
    struct query q;

    *ret = (struct plan_progress){ .ended_at = WALL_NONE };
    query_init(&q, &table_plan_instance);
    query_text(&q, PLAN_INSTANCE_PLAN_ID, QUERY_EQ, plan_id);
    enum err_code rc = query_run(c->view, &q, count_member, &m, &c->err);
    return rc != E_OK ? rc : m.rc;
}

static enum err_code is_being_made(struct call *c, struct str plan_id, bool *ret)
{
    struct query q;

    query_init(&q, &table_plan_slice);
    query_text(&q, PLAN_SLICE_PLAN_ID, QUERY_EQ, plan_id);
    return query_any(c->view, &q, ret, &c->err);
}

enum err_code plan_view_progress(struct call *c, const struct plan_row *plan,
                                 struct plan_progress *ret)
{
    bool goes_on = false;
    enum err_code rc = is_being_made(c, plan->id, &goes_on);

    if (rc == E_OK)
        rc = count_present(c, plan->id, ret);
    if (rc != E_OK)
        return rc;
    /* Only dry runs of it are over yet, and what another plan has of it is said when it is whole.
     */
    if (goes_on) {
        ret->pending = plan->total - made(ret);
        return E_OK;
    }
    if (made(ret) != plan->total)
        return count_members(c, plan->id, ret);
    return ret->waiting + ret->running > 0 ? E_OK : find_end(c, plan->id, &ret->ended_at);
}
