/* api/act_backfill_instance.c - ListDataBackfillInstances: what a plan made of one task
 * (docs/reference/semantics.md 7.2). */
#include "api/page.h"
#include "api/plan_view.h"
#include "api/task_view.h"

#include "cal/zone.h"
#include "engine/cmd_task.h"
#include "model/instance.h"

/* "HH:mm:ss.SSS" (5.10); null before the end. */
static void write_cost(struct call *c, const struct plan_round *r)
{
    int64_t ms = (r->ended_at.us - r->started_at.us) / 1000;

    if (!wall_is_set(r->started_at) || !wall_is_set(r->ended_at) || ms < 0) {
        jw_knull(&c->out, "CostTime");
        return;
    }
    jw_kstr(&c->out, "CostTime",
            arena_printf(&c->arena, "%02lld:%02d:%02d.%03d", (long long)(ms / 3600000),
                         (int)(ms / 60000 % 60), (int)(ms / 1000 % 60), (int)(ms % 1000)));
}

static enum err_code write_item(struct call *c, const struct plan_instance_row *member)
{
    char id[TASK_ID_LEN + 4], data_time[CIVIL_TEXT_LEN + 1];
    struct plan_round round;
    struct jw *w = &c->out;
    enum err_code rc = plan_view_round(c, member, &round);

    if (rc != E_OK)
        return rc;
    task_id_format(member->task_id, id);
    civil_format(member->data_time, data_time);
    jw_object(w);
    jw_kcstr(w, "TaskId", id);
    jw_kstr(w, "TaskName", round.task_name);
    jw_kcstr(w, "CurRunDate", data_time);
    jw_kcstr(w, "State", instance_state_name((enum instance_state)round.state));
    jw_wall(w, "StartTime", round.started_at, zone_default());
    jw_wall(w, "EndTime", round.ended_at, zone_default());
    write_cost(c, &round);
    jw_object_end(w);
    return E_OK;
}

/* A task that is there and has nothing in the plan is an empty list; one that was deleted since
 * still has its instances. */
static enum err_code find_rows(struct call *c, const struct page *page, void **ret, size_t *ret_n,
                               int64_t *ret_total)
{
    struct plan_row plan;
    struct task_row task;
    struct query q;
    int64_t id;
    enum err_code rc = plan_view_find(c, &plan);

    if (rc == E_OK)
        rc = task_id_param(c, &id);
    if (rc != E_OK)
        return rc;
    query_init(&q, &table_plan_instance);
    query_text(&q, PLAN_INSTANCE_PLAN_ID, QUERY_EQ, plan.id);
    query_number(&q, PLAN_INSTANCE_TASK_ID, QUERY_EQ, id);
    query_order(&q, PLAN_INSTANCE_DATA_TIME, false);
    rc = page_rows(c, page, &q, ret, ret_n, ret_total);
    return rc != E_OK || *ret_total > 0
               ? rc
               : task_require(c->view, &c->arena, plan.project_id, id, &task, &c->err);
}

static enum err_code list_answer(struct call *c)
{
    struct page page;
    int64_t total;
    void *rows;
    size_t n;
    enum err_code rc = page_params(c, 10, 200, &page);

    if (rc == E_OK)
        rc = find_rows(c, &page, &rows, &n, &total);
    if (rc != E_OK)
        return rc;
    page_open(c, &page, total);
    for (size_t i = 0; i < n && rc == E_OK; i++)
        rc = write_item(c, (const struct plan_instance_row *)rows + i);
    page_close(c);
    return rc;
}

static const struct action actions[] = {
    { API_2025, "ListDataBackfillInstances", NULL, NULL, list_answer, ACCESS_READ, "TaskId" },
};
const struct action_family family_backfill_instance = { actions, ARRAY_LEN(actions) };
