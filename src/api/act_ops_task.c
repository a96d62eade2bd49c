/* api/act_ops_task.c - StartOpsTasks, PauseOpsTasksAsync, StopOpsTasksAsync,
 * UpdateOpsTasksOwner (docs/reference/semantics.md 1.6). */
#include "api/act_job.h"
#include "api/ids.h"
#include "engine/cmd_ops.h"

struct ops_state {
    struct job_state job;
    struct ops_request request;
};

static enum err_code prepare(struct call *c)
{
    struct ops_state *s = ARENA_NEW(&c->arena, struct ops_state);
    int64_t *tasks;
    enum err_code rc = ids_tasks(c, "TaskIds", OPS_TASKS_MAX, &tasks, &s->request.n_tasks);

    if (rc != E_OK)
        return rc;
    s->request.project_id = param_str(c->params, "ProjectId");
    s->request.uin = c->uin;
    s->request.tasks = tasks;
    s->request.doc = request_text(c);
    c->state = s;
    return E_OK;
}

static enum err_code start_apply(struct call *c, struct engine *g)
{
    const struct ops_state *s = c->state;

    return ops_start(g, &s->request, param_bool(c->params, "EnableDataBackfill", false), &c->err);
}

/* The id lives in the engine's arena until here. */
static enum err_code keep_id(struct call *c, enum err_code rc)
{
    struct ops_state *s = c->state;

    if (rc == E_OK)
        s->job.id = arena_str(&c->arena, s->job.id);
    return rc;
}

static enum err_code pause_apply(struct call *c, struct engine *g)
{
    struct ops_state *s = c->state;
    bool kill = param_bool(c->params, "KillInstance", false);

    return keep_id(c, ops_pause(g, &s->request, kill, &s->job.id, &c->err));
}

static enum err_code stop_apply(struct call *c, struct engine *g)
{
    struct ops_state *s = c->state;
    bool kill = param_bool(c->params, "KillInstance", false);

    return keep_id(c, ops_stop(g, &s->request, kill, &s->job.id, &c->err));
}

static enum err_code owner_apply(struct call *c, struct engine *g)
{
    const struct ops_state *s = c->state;

    return ops_owner(g, &s->request, param_str(c->params, "OwnerUin"), &c->err);
}

static const struct action actions[] = {
    { API_2025, "PauseOpsTasksAsync", prepare, pause_apply, answer_job, ACCESS_OPERATE, "TaskIds" },
    { API_2025, "StartOpsTasks", prepare, start_apply, answer_status, ACCESS_OPERATE, "TaskIds" },
    { API_2025, "StopOpsTasksAsync", prepare, stop_apply, answer_job, ACCESS_OPERATE, "TaskIds" },
    { API_2025, "UpdateOpsTasksOwner", prepare, owner_apply, answer_status, ACCESS_OPERATE,
      "TaskIds" },
};
const struct action_family family_ops_task = { actions, ARRAY_LEN(actions) };
