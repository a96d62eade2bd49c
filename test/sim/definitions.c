/* test/sim/definitions.c - see definitions.h. */
#include "definitions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/task_doc.h"
#include "schedules.h"

const struct sim_spec *sim_spec_of(const struct task_spec *spec)
{
    return CONTAINER_OF((struct task_spec *)(uintptr_t)spec, struct sim_spec, spec);
}

json_t *sim_json(struct sim *s, struct str text)
{
    json_t *doc = json_loadb(text.ptr, text.len, 0, NULL);

    sim_check(s, doc, "not JSON: %.*s", STR_ARG(text));
    return doc;
}

void sim_unified_put(json_t *given, const json_t *unified)
{
    static const char *const members[] = {
        "ScheduleTimeZone",  "CycleType",          "SelfDepend",       "StartTime",    "EndTime",
        "CrontabExpression", "ExecutionStartTime", "ExecutionEndTime", "CalendarOpen", "CalendarId"
    };
    json_t *block = json_object_get(given, "TaskSchedulerConfiguration");

    for (size_t k = 0; k < ARRAY_LEN(members); k++)
        if (unified)
            json_object_set(block, members[k], json_object_get(unified, members[k]));
        else
            json_object_del(block, members[k]);
}

/* ---- branches ------------------------------------------------------------------------------ */

bool sim_depends_on(const struct task_spec *spec, int64_t up)
{
    for (int k = 0; k < spec->n_upstreams; k++)
        if (spec->upstreams[k].task_id == up)
            return true;
    return false;
}

bool sim_runs_code(const struct task_spec *spec)
{
    return spec->type_id != TASK_TYPE_BRANCH && spec->type_id != TASK_TYPE_MERGE;
}

bool sim_is_manual(const struct sim *s, int flow)
{
    return s->manual && flow == SIM_MANUAL_FLOW;
}

static bool may_lead_to(const struct writing *w, const struct sim_task *down)
{
    for (int k = 0; k < w->n_ups; k++)
        if (w->ups[k] == down->id)
            return false;
    return down->there && down->id != w->task->id;
}

/* To most of those that depend on it, and to some that do not (yet). */
static void put_ways(struct writing *w)
{
    struct sim *s = w->s;

    w->ways = ARENA_ARRAY(&s->arena, struct sim_way, SIM_TASKS_MAX);
    for (int k = 1; k <= s->defs.n_tasks; k++) {
        const struct sim_task *down = sim_task_find(s, SIM_TASK_ID(k));
        if (!may_lead_to(w, down) ||
            !sim_chance(s, sim_depends_on(down->spec, w->task->id) ? 85 : 15))
            continue;
        struct sim_way *way = &w->ways[w->n_ways];
        *way = sim_way_random(s, down->id);
        buf_printf(&w->ext, "%s{\"downstreamTaskId\":\"%" PRId64 "\",\"condition\":\"",
                   w->n_ways++ > 0 ? "," : "", down->id);
        sim_way_text(way, &w->ext);
        buf_add_str(&w->ext, STR("\"}"));
    }
}

/* ---- the other members --------------------------------------------------------------------- */

static void put_listeners(struct sim *s, struct buf *out)
{
    if (!sim_chance(s, s->odds->listener))
        return;
    int n = 1 + (int)sim_below(s, 2), first = (int)sim_below(s, SIM_EVENTS);
    buf_add_str(out, STR("\"EventListenerList\":["));
    for (int k = 0; k < n; k++) {
        int event = (first + k) % SIM_EVENTS;
        buf_printf(out,
                   "%s{\"EventName\":\"%.*s\",\"EventSubType\":\"%s\","
                   "\"EventBroadcastType\":\"%s\",\"PropertiesList\":["
                   "{\"ParamKey\":\"EventProjectId\",\"ParamValue\":\"%s\"}",
                   k > 0 ? "," : "", STR_ARG(sim_event_name(event)), sim_event_types[event],
                   sim_event_is_single(event) ? "SINGLE" : "BROADCAST", sim_project_names[0]);
        if (sim_chance(s, 30))
            buf_printf(out,
                       ",{\"ParamKey\":\"maxWaitEventTime\",\"ParamValue\":\"%d\"},"
                       "{\"ParamKey\":\"maxWaitEventTimeUnit\",\"ParamValue\":\"MINUTES\"}",
                       60 + (int)sim_below(s, 600));
        buf_add_str(out, STR("]}"));
    }
    buf_add_str(out, STR("],"));
}

static void put_options(struct sim *s, struct buf *out)
{
    static const char *const selfs[] = { "orderly", "serial", "parallel" }, *const redos[] = {
        "ALL", "FAILURE", "NONE"
    };

    if (sim_chance(s, 25))
        buf_printf(out, "\"ExecutionTTL\":\"%d\",", 5 + (int)sim_below(s, 60));
    if (sim_chance(s, s->odds->wait_limit))
        buf_printf(out, "\"WaitExecutionTotalTTL\":\"%d\",",
                   30 + (int)sim_below(s, s->odds->wait_minutes));
    const char *self = selfs[sim_below(s, ARRAY_LEN(selfs))];
    buf_printf(out, "\"SelfDepend\":\"%s\",", sim_maybe(s, s->odds->parallel) ? "parallel" : self);
    buf_printf(out, "\"AllowRedoType\":\"%s\",",
               sim_chance(s, 80) ? "ALL" : redos[sim_below(s, ARRAY_LEN(redos))]);
    buf_printf(out, "\"ScheduleRunType\":\"%d\",", sim_chance(s, s->odds->dry_run));
    buf_printf(out, "\"RunPriority\":\"%d\",", 4 + (int)sim_below(s, 3));
    buf_printf(out, "\"RetryWait\":\"%d\",", (int)sim_below(s, s->odds->retry_minutes));
    buf_printf(out, "\"MaxRetryAttempts\":\"%d\"", (int)sim_below(s, s->odds->retries));
}

void sim_ext_add(json_t *given, const char *key, const char *value)
{
    json_t *config = json_object_get(given, "TaskConfiguration"),
           *list = json_object_get(config, "TaskExtConfigurationList"), *item;
    size_t at;

    if (!list) {
        list = json_array();
        json_object_set_new(config, "TaskExtConfigurationList", list);
    }
    json_array_foreach(list, at, item)
    {
        if (strcmp(json_string_value(json_object_get(item, "ParamKey")), key) == 0) {
            json_object_set_new(item, "ParamValue", json_string(value));
            return;
        }
    }
    json_array_append_new(list, json_pack("{s:s,s:s}", "ParamKey", key, "ParamValue", value));
}

static void add_settings(struct writing *w, json_t *given)
{
    struct sim *s = w->s;

    if (sim_chance(s, 30))
        sim_ext_add(given, "dst_gap", sim_chance(s, 70) ? "skip" : "shift");
    if (sim_chance(s, 30))
        sim_ext_add(given, "dst_overlap", sim_chance(s, 70) ? "last" : "first");
    if (w->type_id != TASK_TYPE_BRANCH && w->type_id != TASK_TYPE_MERGE &&
        sim_maybe(s, s->odds->event_hook))
        sim_ext_add(given, "event_hook", "events");
    if (w->type_id == TASK_TYPE_PYTHON)
        sim_ext_add(given, "python_sub_version", sim_chance(s, 50) ? "python3" : "python2");
}

/* The setting of a branch or a merge, into the document. */
static void set_ext(struct writing *w, json_t *given)
{
    const char *name = w->type_id == TASK_TYPE_BRANCH ? "branchCondition" : "mergeCondition";
    struct buf text;

    buf_init(&text, 1 << 16);
    buf_printf(&text, "[%.*s]", STR_ARG(buf_str(&w->ext)));
    sim_ext_add(given, name, text.ptr);
    buf_done(&text);
}

static struct str dump(struct sim *s, const json_t *doc)
{
    char *text = json_dumps(doc, JSON_COMPACT);
    struct str copy = arena_str(&s->arena, str_from(text));

    free(text);
    return copy;
}

static const struct calendar *calendar_of(const struct sim *s, struct str id)
{
    for (int k = 0; k < SIM_CALENDARS; k++)
        if (id.len == 2 && id.ptr[1] == '0' + k && s->defs.calendars[k].there)
            return s->defs.calendars[k].now;
    return NULL;
}

bool sim_define_try(struct sim *s, json_t *given, struct sim_definition *ret, struct err *e)
{
    struct sim_spec *made = ARENA_NEW(&s->arena, struct sim_spec);
    struct task_spec *spec = &made->spec;
    const char *cron = json_string_value(
        json_object_get(json_object_get(given, "TaskSchedulerConfiguration"), "CrontabExpression"));

    *ret = (struct sim_definition){ .spec = spec, .given = dump(s, given) };
    made->shape = sim_shape_find(cron);
    enum err_code rc = task_decode(given, (struct civil){ 0 }, &s->arena, spec, e);
    if (rc == E_OK) {
        spec->schedule.calendar = calendar_of(s, spec->calendar_id);
        ret->doc = task_doc_build(given, spec, STR("1"), &s->arena);
    }
    json_decref(given);
    return rc == E_OK;
}

void sim_define_given(struct sim *s, json_t *given, struct sim_definition *ret)
{
    struct err e = ERR_INIT;

    sim_check(s, sim_define_try(s, given, ret, &e), "%s: %s: %.*s", e.path, e.text,
              STR_ARG(ret->given));
}

void sim_define_again(struct sim *s, struct str given, struct sim_definition *ret)
{
    sim_define_given(s, sim_json(s, given), ret);
}

static void finish(struct writing *w, json_t *given, struct sim_definition *ret)
{
    if (w->type_id == TASK_TYPE_BRANCH || w->type_id == TASK_TYPE_MERGE)
        set_ext(w, given);
    sim_define_given(w->s, given, ret);
    ret->ways = w->ways;
    ret->n_ways = w->n_ways;
    buf_done(&w->ext);
}

/* ---- whole ones ------------------------------------------------------------------------------ */

/* A task keeps its type. */
static int random_type(struct sim *s, const struct sim_task *t)
{
    const struct {
        int percent, type_id;
    } types[] = { { s->odds->branch, TASK_TYPE_BRANCH },
                  { s->odds->branch, TASK_TYPE_MERGE },
                  { s->odds->python, TASK_TYPE_PYTHON },
                  { s->odds->for_each, TASK_TYPE_FOR_EACH } };
    int64_t pick = sim_below(s, 100);

    if (t->spec)
        return t->spec->type_id;
    for (size_t k = 0; k < ARRAY_LEN(types); k++) {
        pick -= types[k].percent;
        if (pick < 0)
            return types[k].type_id;
    }
    return TASK_TYPE_SHELL;
}

/* A new one that would not be submitted, as it leads to nobody or has no upstream, runs code. */
static void settle_type(struct writing *w)
{
    bool empty = w->type_id == TASK_TYPE_BRANCH  ? w->n_ways == 0
                 : w->type_id == TASK_TYPE_MERGE ? w->n_ups == 0
                                                 : false;

    if (empty && !w->task->spec)
        w->type_id = TASK_TYPE_SHELL;
}

/* In a workflow with a unified schedule mostly that one, which it must have where instances wait
 * for the cycle before. */
static void put_schedule(struct writing *w)
{
    struct sim *s = w->s;
    const struct sim_workflow *flow = &s->defs.workflows[w->task->workflow];

    if (flow->unified.len > 0 && sim_chance(s, flow->waits ? 95 : 60)) {
        buf_printf(w->out, "%.*s,", STR_ARG(flow->unified));
        w->cycle = flow->cycle;
        w->inherits = !w->task->spec && sim_chance(s, 60);
    } else {
        w->cycle = sim_schedule_put(s, w->out);
    }
}

/* SelfDepend is the workflow's too. */
static void inherit(const struct writing *w, json_t *given)
{
    struct sim *s = w->s;
    json_t *unified =
        sim_json(s, arena_printf(&s->arena, "{%.*s}",
                                 STR_ARG(s->defs.workflows[w->task->workflow].unified)));

    sim_unified_put(given, unified);
    json_decref(unified);
}

static struct str asked_for(struct sim *s, struct str whole)
{
    json_t *given = sim_json(s, whole);

    sim_unified_put(given, NULL);
    struct str text = dump(s, given);
    json_decref(given);
    return text;
}

void sim_define(struct sim *s, const struct sim_task *task, struct sim_definition *ret)
{
    struct buf out;
    struct writing w = { .s = s, .task = task, .type_id = random_type(s, task), .out = &out };

    buf_init(&out, 1 << 16);
    buf_init(&w.ext, 1 << 16);
    buf_add_str(&out, STR("{\"TaskSchedulerConfiguration\":{"));
    put_schedule(&w);
    sim_put_upstreams(&w);
    put_listeners(s, &out);
    put_options(s, &out);
    if (w.type_id == TASK_TYPE_BRANCH)
        put_ways(&w);
    settle_type(&w);
    buf_printf(&out,
               "},\"TaskBaseAttribute\":{\"TaskName\":\"t%" PRId64 "\",\"TaskTypeId\":\"%d\","
               "\"OwnerUin\":\"%s\",\"WorkflowId\":\"%s\"},"
               "\"TaskConfiguration\":{\"ResourceGroup\":\"%s\"}}",
               task->id, w.type_id, task->owner, sim_workflow_names[task->workflow],
               sim_group_names[sim_below(s, SIM_GROUPS)]);
    json_t *given = sim_json(s, buf_str(&out));
    sim_put_parameters(&w, given);
    add_settings(&w, given);
    if (w.inherits)
        inherit(&w, given);
    if (sim_is_manual(s, task->workflow))
        json_object_set_new(given, TASK_DOC_MANUAL, json_true());
    finish(&w, given, ret);
    if (w.inherits)
        ret->asked = asked_for(s, ret->given);
    buf_done(&out);
}

void sim_define_ways(struct sim *s, const struct sim_task *task, struct sim_definition *ret)
{
    struct writing w = { .s = s, .task = task, .type_id = TASK_TYPE_BRANCH };
    struct sim_definition newest;

    sim_define_again(s, task->given, &newest);
    buf_init(&w.ext, 1 << 16);
    for (int k = 0; k < newest.spec->n_upstreams; k++)
        w.ups[w.n_ups++] = newest.spec->upstreams[k].task_id;
    put_ways(&w);
    finish(&w, sim_json(s, task->given), ret);
}
