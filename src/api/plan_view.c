/* api/plan_view.c - a backfill plan and the rounds that it made. */
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

enum err_code plan_view_round(struct call *c, const struct plan_instance_row *member,
                              struct plan_round *ret)
{
    struct instance_row i = { .task_id = member->task_id, .data_time = member->data_time };
    struct round_row past = { .task_id = member->task_id,
                              .data_time = member->data_time,
                              .round = member->round };
    enum err_code rc = row_get(c->view, &table_instance, &c->arena, &i, &c->err);

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
