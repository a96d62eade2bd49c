/* test/sim/op_workflow.c - workflows: parameters, unified schedules, and their end. */
#include <stdio.h>
#include <string.h>

#include "engine/cmd_workflow.h"
#include "engine/workflow_schedule.h"
#include "model/workflow_schedule.h"
#include "operators.h"
#include "picture.h"
#include "schedules.h"
#include "values.h"

static struct str project_of_workflow(int flow)
{
    return str_from(sim_project_names[sim_workflow_projects[flow]]);
}

/* The document of the workflow as it is pictured; kept: its unified schedule, NULL: as pictured. */
static struct str flow_doc(struct sim *s, int flow, const json_t *kept)
{
    const struct sim_workflow *w = &s->defs.workflows[flow];
    json_t *doc = json_object(), *list = json_array();

    for (int k = 0; k < SIM_PARAMS; k++)
        if (w->params[k].len > 0) {
            char name[8];
            snprintf(name, sizeof(name), "p%d", k);
            json_array_append_new(list, json_pack("{s:s,s:s%}", "ParamKey", name, "ParamValue",
                                                  w->params[k].ptr, w->params[k].len));
        }
    json_object_set_new(doc, "WorkflowParams", list);
    if (kept) {
        json_object_set(doc, WORKFLOW_SCHEDULE, (json_t *)(uintptr_t)kept);
    } else if (w->unified.len > 0) {
        json_t *given = sim_json(s, arena_printf(&s->arena, "{%.*s,\"DependencyWorkflow\":\"%s\"}",
                                                 STR_ARG(w->unified), w->waits ? "yes" : "no"));
        json_object_set_new(doc, WORKFLOW_SCHEDULE, workflow_schedule_keep(given));
        json_decref(given);
    }
    struct buf out;
    buf_init(&out, 1 << 16);
    char *text = json_dumps(doc, JSON_COMPACT);
    struct str copy = arena_str(&s->arena, str_from(text));
    free(text);
    buf_done(&out);
    json_decref(doc);
    return copy;
}

static void random_params(struct sim *s, struct sim_workflow *w)
{
    for (int k = 0; k < SIM_PARAMS; k++)
        w->params[k] = sim_chance(s, 50) ? value_random(s, 'w') : STR("");
}

enum err_code op_workflow_params(struct sim *s, struct engine *g, struct err *e)
{
    int flow = (int)sim_below(s, SIM_WORKFLOWS);

    random_params(s, &s->defs.workflows[flow]);
    struct str doc = flow_doc(s, flow, NULL);
    struct workflow_change change = { .doc = &doc };
    snprintf(s->action, sizeof(s->action), "parameters of workflow %d", flow);
    return SIM_DO(s, workflow_update, g, project_of_workflow(flow),
                  str_from(sim_workflow_names[flow]), &change, STR("1"), e);
}

/* ---- a unified schedule ---------------------------------------------------------------------- */

/* Of what a task waits for; the upstreams of its merge setting are not touched (2.9). */
static void change_links(struct sim *s, const struct workflow_schedule *w, int flow, json_t *list)
{
    int64_t id;

    for (size_t k = json_array_size(list); k-- > 0;) {
        json_t *item = json_array_get(list, k);
        check(str_to_i64(str_from(json_string_value(json_object_get(item, "TaskId"))), &id));
        const struct sim_task *up = sim_task_find(s, id);
        if (w->clear_links && up->there && up->workflow != flow) {
            json_array_remove(list, k);
            continue;
        }
        if (!w->reset_pairs)
            continue;
        json_object_set_new(item, "MainCyclicConfig", json_stringn(w->main.ptr, w->main.len));
        json_object_set_new(item, "SubordinateCyclicConfig", json_stringn(w->sub.ptr, w->sub.len));
        json_object_del(item, "Offset");
    }
}

/* False: what is cut was needed, so the request is refused. */
static bool unify(struct sim *s, const struct workflow_schedule *w, const json_t *unified, int flow,
                  struct str given, struct sim_definition *ret)
{
    json_t *doc = sim_json(s, given), *block = json_object_get(doc, "TaskSchedulerConfiguration");

    sim_unified_put(doc, unified);
    change_links(s, w, flow, json_object_get(block, "UpstreamDependencyConfigList"));
    return sim_define_try(s, doc, ret, NULL);
}

/* What is in production gets the schedule and goes on; a stopped task gets a draft only (2.9). */
static bool picture_unified(struct sim *s, struct engine *g, struct sim_task *t,
                            const struct workflow_schedule *w, const json_t *unified,
                            bool *ret_started)
{
    struct schedule_row row;
    struct sim_definition d, draft;
    const struct sim_version *old = t->versions;

    check(schedule_of(g, t->id, &row));
    bool production = row.status != TASK_STOPPED, ahead = production && t->ahead;
    *ret_started = false;
    if (!unify(s, w, unified, t->workflow, ahead ? t->produced : t->given, &d))
        return false;
    t->version_no++;
    if (production) {
        struct submit begin = submit_begins(s, g, t, d.spec);
        d.ways = old->ways;
        d.n_ways = old->n_ways;
        picture_definition(s, t, &d, ++t->version_no, begin.starts, begin.scheduling,
                           begin.live_from);
        t->produced = d.given;
        *ret_started = begin.starts;
        coverage_definition(s, d.spec);
    }
    if (ahead) {
        t->version_no++;
        if (!unify(s, w, unified, t->workflow, t->given, &draft))
            return false;
        t->given = draft.given;
        return true;
    }
    t->given = d.given;
    t->ahead = !production;
    return true;
}

static json_t *random_config(struct sim *s, struct str unified, bool waits)
{
    static const char *const pairs[][2] = { { "DAY", "CURRENT_DAY" },
                                            { "HOUR", "CURRENT_HOUR" },
                                            { "HOUR", "PREVIOUS_HOUR_CYCLE" },
                                            { "MINUTE", "CURRENT_MINUTE" } };
    int64_t pair = sim_below(s, ARRAY_LEN(pairs));
    bool reset = sim_chance(s, 40), clear = sim_chance(s, 50);
    struct str extra =
        reset ? arena_printf(&s->arena,
                             ",\"MainCyclicConfig\":\"%s\",\"SubordinateCyclicConfig\":\"%s\"",
                             pairs[pair][0], pairs[pair][1])
              : STR("");

    return sim_json(s, arena_printf(&s->arena,
                                    "{%.*s,\"DependencyWorkflow\":\"%s\",\"ModifyCycleValue\":"
                                    "\"%d\",\"ClearLink\":%s%.*s}",
                                    STR_ARG(unified), waits ? "yes" : "no", reset,
                                    clear ? "true" : "false", STR_ARG(extra)));
}

static void choose_unified(struct sim *s, struct sim_workflow *w)
{
    struct buf text;

    buf_init(&text, 4096);
    w->cycle = sim_schedule_put_unified(s, CYCLE_N_, &text);
    w->unified = arena_str(&s->arena, buf_str(&text));
    w->waits = sim_chance(s, 75);
    w->since = s->seq + 1;
    buf_done(&text);
}

/* Mostly of the workflow that is there for it. */
enum err_code op_unify(struct sim *s, struct engine *g, struct err *e)
{
    int flow = sim_chance(s, 90) ? 2 : (int)sim_below(s, SIM_WORKFLOWS);
    struct sim_workflow *w = &s->defs.workflows[flow];
    bool started[SIM_TASKS_MAX] = { false };
    struct workflow_schedule decoded;
    bool fits = true;

    choose_unified(s, w);
    json_t *given = random_config(s, w->unified, w->waits);
    snprintf(s->action, sizeof(s->action), "workflow %d gets a schedule%s", flow,
             w->waits ? ", and its tasks wait for the cycle before" : "");
    enum err_code rc = workflow_schedule_decode(given, &s->arena, &decoded, e);
    sim_check(s, rc == E_OK, "%s: %s", e->path, e->text);
    json_t *kept = workflow_schedule_keep(given);
    struct str doc = flow_doc(s, flow, kept);
    struct workflow_change change = { .doc = &doc, .schedule = &decoded };
    for (int k = 0; k < s->defs.n_tasks; k++)
        if (s->defs.tasks[k].there && s->defs.tasks[k].workflow == flow)
            fits = picture_unified(s, g, &s->defs.tasks[k], &decoded, given, &started[k]) && fits;
    rc = SIM_DO(s, workflow_update, g, project_of_workflow(flow),
                str_from(sim_workflow_names[flow]), &change, STR("1"), e);
    sim_check(s, rc != E_OK || fits, "a schedule that does not fit is put on workflow %d", flow);
    for (int k = 0; k < s->defs.n_tasks && rc == E_OK; k++) {
        if (started[k])
            submit_started(s, &s->defs.tasks[k]);
        if (s->defs.tasks[k].there && s->defs.tasks[k].workflow == flow)
            coverage_feature(s, SIM_HAS_unified);
    }
    json_decref(kept);
    json_decref(given);
    return rc;
}

/* ---- the end, and another beginning ---------------------------------------------------------- */

static bool is_active(struct sim *s, struct engine *g, int flow)
{
    bool active = false;

    for (int k = 0; k < s->defs.n_tasks; k++) {
        const struct sim_task *t = &s->defs.tasks[k];
        struct schedule_row row;
        if (t->there && t->workflow == flow && schedule_of(g, t->id, &row))
            active = active || row.status == TASK_SCHEDULING || row.status == TASK_PAUSED;
    }
    return active;
}

enum err_code op_workflow_delete(struct sim *s, struct engine *g, struct err *e)
{
    int flow = (int)sim_below(s, SIM_WORKFLOWS);

    /* One whose tasks are stopped, if there is one. */
    for (int n = 0; n < SIM_WORKFLOWS; n++)
        if (!s->defs.workflows[flow].there || is_active(s, g, flow))
            flow = (flow + 1) % SIM_WORKFLOWS;
    bool active = is_active(s, g, flow);
    bool there = s->defs.workflows[flow].there;
    snprintf(s->action, sizeof(s->action), "delete workflow %d", flow);
    for (int k = 0; k < s->defs.n_tasks; k++) {
        struct sim_task *t = &s->defs.tasks[k];
        if (!t->there || t->workflow != flow)
            continue;
        picture_gone(s, t, false); /* DeleteTask's default (1.3) */
    }
    s->defs.workflows[flow] = (struct sim_workflow){ .there = false };
    picture_drop_entity(s, SIM_FOLDERS + flow);
    enum err_code rc = SIM_DO(s, workflow_delete, g, project_of_workflow(flow),
                              str_from(sim_workflow_names[flow]), e);
    sim_check(s, rc == E_IO || (rc == E_OK) == (there && !active), "workflow %d is %s, %s, and: %s",
              flow, there ? "there" : "not there", active ? "active" : "at rest", e->text);
    return rc;
}

enum err_code op_workflow_create(struct sim *s, struct engine *g, struct err *e)
{
    int flow = (int)sim_below(s, SIM_WORKFLOWS);
    struct str id;

    /* One that is missing, if there is one; else it is refused. */
    for (int k = 0; k < SIM_WORKFLOWS; k++)
        if (!s->defs.workflows[k].there)
            flow = k;
    int folder = sim_workflow_projects[flow] == 0 ? any_folder(s) : 0;
    s->defs.workflows[flow] = (struct sim_workflow){ .there = true, .folder = folder };
    struct sim_workflow *w = &s->defs.workflows[flow];
    struct workflow_schedule decoded;
    random_params(s, w);
    if (sim_chance(s, 12) && !sim_is_manual(s, flow)) {
        choose_unified(s, w);
        json_t *given = random_config(s, w->unified, w->waits);
        check(workflow_schedule_decode(given, &s->arena, &decoded, NULL) == E_OK);
        json_decref(given);
    }
    struct workflow_request r = { .id = str_from(sim_workflow_names[flow]),
                                  .project_id = project_of_workflow(flow),
                                  .folder_path = sim_folder_path(g, folder),
                                  .name = str_from(sim_workflow_names[flow]),
                                  .type = sim_is_manual(s, flow) ? STR("manual") : STR(""),
                                  .creator_uin = STR("1"),
                                  .doc = flow_doc(s, flow, NULL),
                                  .schedule = w->unified.len > 0 ? &decoded : NULL };
    snprintf(s->action, sizeof(s->action), "make workflow %d", flow);
    return SIM_DO(s, workflow_create, g, &r, &id, e);
}
