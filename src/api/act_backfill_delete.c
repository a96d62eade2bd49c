/* api/act_backfill_delete.c - DeleteDataBackfillPlanAsync (docs/reference/semantics.md 7.2). */
#include "api/act_job.h"
#include "api/ids.h"
#include "engine/cmd_backfill.h"

struct delete_state {
    struct job_state job;
    struct backfill_deletion deletion;
};

static enum err_code prepare(struct call *c)
{
    struct delete_state *s = ARENA_NEW(&c->arena, struct delete_state);

    s->deletion = (struct backfill_deletion){ .project_id = param_str(c->params, "ProjectId"),
                                              .plan_id = param_str(c->params, "DataBackfillPlanId"),
                                              .uin = c->uin,
                                              .doc = request_text(c) };
    c->state = s;
    return E_OK;
}

/* The id lives in the engine's arena until here. */
static enum err_code apply(struct call *c, struct engine *g)
{
    struct delete_state *s = c->state;
    enum err_code rc = backfill_delete(g, &s->deletion, &s->job.id, &c->err);

    if (rc == E_OK)
        s->job.id = arena_str(&c->arena, s->job.id);
    return rc;
}

static const struct action actions[] = {
    { API_2025, "DeleteDataBackfillPlanAsync", prepare, apply, answer_job, ACCESS_OPERATE,
      "DataBackfillPlanId" },
};
const struct action_family family_backfill_delete = { actions, ARRAY_LEN(actions) };
