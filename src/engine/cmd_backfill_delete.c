/* engine/cmd_backfill_delete.c - ends a backfill plan and forgets it. */
#include "engine/cmd_backfill.h"

#include "engine/cmd_project.h"
#include "engine/deletion.h"
#include "engine/engine_int.h"

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

enum err_code backfill_delete(struct engine *g, const struct backfill_deletion *d,
                              struct str *ret_id, struct err *e)
{
    struct plan_row plan;
    struct job job;
    enum err_code rc = find_plan(g, d, &plan, e);

    if (rc != E_OK)
        return rc;
    rc = job_begin(&job, g, JOB_DELETE_PLAN, d->project_id, d->uin, d->doc, e);
    if (rc == E_OK)
        rc = deletion_begin(g, &plan, &job, e);
    *ret_id = job.id;
    job_done(&job);
    return rc;
}
