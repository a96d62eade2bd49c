/* api/act_backfill_list.c - weft-1 ListDataBackfillPlans: the backfill plans of a project
 * (docs/reference/semantics.md 7.2).
 *
 * From the plans themselves, by their index, so a page costs what it shows.  How far a plan is
 * takes as long as it is large; GetDataBackfillPlan says it of one.
 */
#include "api/page.h"

#include "cal/zone.h"
#include "engine/cmd_project.h"

static void write_item(struct call *c, const struct plan_row *plan)
{
    struct jw *w = &c->out;

    jw_object(w);
    jw_kstr(w, "DataBackfillPlanId", plan->id);
    jw_kstr(w, "DataBackfillPlanName", plan->name);
    jw_kstr(w, "CreateUserUin", plan->creator_uin);
    jw_wall(w, "StartTime", plan->created_at, zone_default());
    jw_ki64(w, "InstanceCount", plan->total);
    jw_object_end(w);
}

/* The newest first. */
static enum err_code list_answer(struct call *c)
{
    struct str project_id = param_str(c->params, "ProjectId"),
               name = param_str(c->params, "DataBackfillPlanName");
    struct project_row project;
    struct page page;
    struct query q;
    int64_t total;
    void *rows;
    size_t n;
    enum err_code rc = page_params(c, 10, 200, &page);

    if (rc == E_OK)
        rc = project_require(c->view, &c->arena, project_id, "ProjectId", &project, &c->err);
    if (rc != E_OK)
        return rc;
    query_init(&q, &table_plan);
    query_text(&q, PLAN_PROJECT_ID, QUERY_EQ, project_id);
    if (name.len > 0)
        query_text(&q, PLAN_NAME, QUERY_CONTAINS, name);
    query_order(&q, PLAN_CREATED_AT, true);
    rc = page_rows(c, &page, &q, &rows, &n, &total);
    if (rc != E_OK)
        return rc;
    page_open(c, &page, total);
    for (size_t i = 0; i < n; i++)
        write_item(c, (const struct plan_row *)rows + i);
    page_close(c);
    return E_OK;
}

static const struct action actions[] = {
    { API_WEFT, "ListDataBackfillPlans", NULL, NULL, list_answer, ACCESS_READ },
};
const struct action_family family_backfill_list = { actions, ARRAY_LEN(actions) };
