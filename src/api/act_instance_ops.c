/* api/act_instance_ops.c - KillTaskInstancesAsync, RerunTaskInstancesAsync,
 * SetSuccessTaskInstancesAsync (docs/reference/semantics.md 5.6-5.8). */
#include "api/act_job.h"
#include "api/ids.h"
#include "api/redefine.h"
#include "engine/cmd_instance.h"

struct instances_state {
    struct job_state job;
    struct instance_request request;
    struct rerun rerun;
};

static enum err_code prepare(struct call *c)
{
    struct instances_state *s = ARENA_NEW(&c->arena, struct instances_state);
    struct instance_key *keys;
    enum err_code rc =
        ids_instances(c, "InstanceKeyList", INSTANCE_KEYS_MAX, &keys, &s->request.n_keys);

    if (rc != E_OK)
        return rc;
    s->request.project_id = param_str(c->params, "ProjectId");
    s->request.uin = c->uin;
    s->request.keys = keys;
    s->request.doc = request_text(c);
    c->state = s;
    return E_OK;
}

static enum err_code wrong_word(struct call *c, const char *name, const char *words)
{
    struct str value = param_str(c->params, name);

    return err_user(&c->err, E_RANGE, name, "`%.*s` is not one of %s", "`%.*s` 不是 %s 之一",
                    STR_ARG(value), words);
}

static enum err_code read_types(struct call *c, struct rerun *how)
{
    struct str type = param_str(c->params, "RerunType"),
               check_type = param_str(c->params, "CheckParentType"),
               scope = param_str(c->params, "SonRangeType");

    how->self = type.len == 0 || str_eq_c(type, "1") || str_eq_c(type, "2");
    how->children = str_eq_c(type, "2") || str_eq_c(type, "3");
    if (!how->self && !how->children)
        return wrong_word(c, "RerunType",
                          "1 (themselves), 2 (themselves and their children), 3 (their children)");
    how->check_all = str_eq_c(check_type, "ALL");
    how->check_scope = str_eq_c(check_type, "MAKE_SCOPE");
    if (check_type.len > 0 && !how->check_all && !how->check_scope && !str_eq_c(check_type, "NONE"))
        return wrong_word(c, "CheckParentType", "NONE, ALL, MAKE_SCOPE");
    how->scope = str_eq_c(scope, "ALL")       ? RERUN_ALL
                 : str_eq_c(scope, "PROJECT") ? RERUN_PROJECT
                                              : RERUN_WORKFLOW;
    if (how->scope == RERUN_WORKFLOW && scope.len > 0 && !str_eq_c(scope, "WORKFLOW"))
        return wrong_word(c, "SonRangeType", "WORKFLOW, PROJECT, ALL");
    return E_OK;
}

static enum err_code rerun_prepare(struct call *c)
{
    enum err_code rc = prepare(c);
    struct instances_state *s = c->state;

    if (rc == E_OK)
        rc = read_types(c, &s->rerun);
    if (rc != E_OK)
        return rc;
    s->rerun.skip_events = param_bool(c->params, "SkipEventListening", true);
    rc = check_redefined_one(c, "RedefineParamList");
    if (rc == E_OK)
        rc = check_parallel(c);
    return rc == E_OK ? read_cycle_flags(c, &s->rerun.cycle_flags) : rc;
}

/* The id lives in the engine's arena until here. */
static enum err_code keep_id(struct call *c, enum err_code rc)
{
    struct instances_state *s = c->state;

    if (rc == E_OK)
        s->job.id = arena_str(&c->arena, s->job.id);
    return rc;
}

static enum err_code kill_apply(struct call *c, struct engine *g)
{
    struct instances_state *s = c->state;

    return keep_id(c, instances_kill(g, &s->request, &s->job.id, &c->err));
}

static enum err_code success_apply(struct call *c, struct engine *g)
{
    struct instances_state *s = c->state;

    return keep_id(c, instances_set_success(g, &s->request, &s->job.id, &c->err));
}

static enum err_code rerun_apply(struct call *c, struct engine *g)
{
    struct instances_state *s = c->state;

    return keep_id(c, instances_rerun(g, &s->request, &s->rerun, &s->job.id, &c->err));
}

static const struct action actions[] = {
    { API_2025, "KillTaskInstancesAsync", prepare, kill_apply, answer_job, ACCESS_OPERATE,
      "InstanceKeyList" },
    { API_2025, "RerunTaskInstancesAsync", rerun_prepare, rerun_apply, answer_job, ACCESS_OPERATE,
      "InstanceKeyList" },
    { API_2025, "SetSuccessTaskInstancesAsync", prepare, success_apply, answer_job, ACCESS_OPERATE,
      "InstanceKeyList" },
};
const struct action_family family_instance_ops = { actions, ARRAY_LEN(actions) };
