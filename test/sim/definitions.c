/* test/sim/definitions.c - random tasks of every cycle, zone and kind of dependency, as documents
 * like those of CreateTask. */
#include "sim.h"

#include <inttypes.h>
#include <stdlib.h>

#include "model/task_doc.h"

static const char *const zones[] = {
    "UTC", "UTC+8", "UTC-5", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
};

static const struct shape {
    enum cycle cycle;
    const char *cron;
    int weight;
} calm_shapes[] = {
    { CYCLE_MINUTE, "0 0/30 * * * ? *", 3 },   { CYCLE_MINUTE, "0 0/20 6-18 * * ? *", 2 },
    { CYCLE_HOUR, "0 0 * * * ? *", 5 },        { CYCLE_HOUR, "0 20 0-23/2 * * ? *", 3 },
    { CYCLE_HOUR, "0 5 3,9,15 * * ? *", 2 },   { CYCLE_DAY, "0 0 0 * * ? *", 6 },
    { CYCLE_DAY, "0 30 2 * * ? *", 4 },        { CYCLE_DAY, "0 37 14 * * ? *", 4 },
    { CYCLE_DAY, "0 0 * * * ? *", 1 },         { CYCLE_WEEK, "0 0 1 ? * 2,4 *", 2 },
    { CYCLE_MONTH, "0 2 3 1,L,2 * ? *", 2 },   { CYCLE_YEAR, "0 0 0 1 1 ? *", 1 },
    { CYCLE_CRONTAB, "0 0 1,13 * * ? *", 2 },  { CYCLE_CRONTAB, "0 0 0 * * ? *", 2 },
    { CYCLE_ONEOFF, "0 0 12 15 * ? 2026", 1 },
}, busy_shapes[] = {
    { CYCLE_MINUTE, "0 * * * * ? *", 8 },       { CYCLE_MINUTE, "0 0/5 * * * ? *", 2 },
    { CYCLE_CRONTAB, "0/5 * * * * ? *", 4 },    { CYCLE_CRONTAB, "0/15 * * * * ? *", 4 },
    { CYCLE_HOUR, "0 0 * * * ? *", 1 },         { CYCLE_DAY, "0 30 2 * * ? *", 1 },
};

static void put_time(struct buf *out, const char *name, struct civil t)
{
    char text[CIVIL_TEXT_LEN + 1];

    civil_format(t, text);
    buf_printf(out, "\"%s\":\"%s\",", name, text);
}

/* Returns its cycle. */
static enum cycle put_schedule(struct sim *s, struct buf *out)
{
    const struct zone *zone;
    const char *zone_text = zones[sim_below(s, ARRAY_LEN(zones))];
    const struct shape *shapes = s->busy ? busy_shapes : calm_shapes;
    size_t n = s->busy ? ARRAY_LEN(busy_shapes) : ARRAY_LEN(calm_shapes);
    int total = 0, at = 0;

    for (size_t k = 0; k < n; k++)
        total += shapes[k].weight;
    int64_t pick = sim_below(s, total);
    while (pick >= shapes[at].weight)
        pick -= shapes[at++].weight;
    check(zone_find(str_from(zone_text), &zone, NULL) == E_OK);
    struct civil local = zone_to_civil(zone, s->now);
    buf_printf(out,
               "\"CycleType\":\"%s\",\"CrontabExpression\":\"%s\",\"ScheduleTimeZone\":\"%s\",",
               cycle_name(shapes[at].cycle), shapes[at].cron, zone_text);
    if (sim_chance(s, 20)) {
        int from = (int)sim_below(s, 12);
        buf_printf(out, "\"ExecutionStartTime\":\"%02d:00\",\"ExecutionEndTime\":\"%02d:59\",",
                   from, from + 7);
    }
    struct civil start = civil_make(2020, 1, 1, 0, 0, 0);
    if (sim_chance(s, 15))
        start.s = local.s + sim_below(s, 3 * CIVIL_DAY);
    else if (sim_chance(s, 30)) /* backfills reach before it */
        start.s = civil_day(local).s - sim_below(s, 3) * CIVIL_DAY;
    put_time(out, "StartTime", start);
    if (sim_chance(s, 25)) {
        int64_t from = start.s > local.s ? start.s : local.s;
        put_time(out, "EndTime", (struct civil){ from + sim_below(s, 10 * CIVIL_DAY) });
    }
    if (sim_chance(s, 15))
        buf_add_str(out, STR("\"InitStrategy\":\"T_PLUS_1\","));
    return shapes[at].cycle;
}

static bool random_rule(struct sim *s, enum cycle down, enum cycle up, struct dep_rule *ret)
{
    struct {
        enum dep_main main;
        enum dep_sub sub;
    } pairs[DEP_MAIN_N_ * DEP_SUB_N_];
    int n = 0;

    for (int m = 0; m < DEP_MAIN_N_; m++)
        for (int b = 0; b < DEP_SUB_N_; b++)
            if (dep_pair_is_valid(down, up, (enum dep_main)m, (enum dep_sub)b)) {
                pairs[n].main = (enum dep_main)m;
                pairs[n++].sub = (enum dep_sub)b;
            }
    if (n == 0)
        return false;
    int at = (int)sim_below(s, n);
    *ret = (struct dep_rule){ .main = pairs[at].main, .sub = pairs[at].sub };
    if (ret->main >= DEP_RANGE_DAY) {
        ret->n_offsets = ret->main < DEP_LIST_DAY ? 2 : 1 + (int)sim_below(s, 2);
        ret->offsets[0] = (int32_t)sim_below(s, 4) - 3;
        ret->offsets[1] = ret->offsets[0] + (int32_t)sim_below(s, 3);
    }
    return true;
}

static void put_rule(struct buf *out, const struct dep_rule *rule)
{
    buf_printf(out, ",\"MainCyclicConfig\":\"%s\"", dep_main_name(rule->main));
    if (rule->sub != DEP_SUB_NONE)
        buf_printf(out, ",\"SubordinateCyclicConfig\":\"%s\"", dep_sub_name(rule->sub));
    for (int k = 0; k < rule->n_offsets; k++)
        buf_printf(out, "%s%d", k == 0 ? ",\"Offset\":\"" : ",", (int)rule->offsets[k]);
    if (rule->n_offsets > 0)
        buf_add_str(out, STR("\""));
}

static void put_strategy(struct sim *s, struct buf *out)
{
    static const char *const names[] = { "NOT_EXIST", "PARENT_EXPIRED", "PARENT_TIMEOUT" };
    unsigned conditions = (unsigned)sim_below(s, 8);
    bool some = false;

    buf_printf(out,
               ",\"DependencyStrategy\":{\"PollingNullStrategy\":\"EXECUTING\","
               "\"TaskDependencyExecutingTimeoutValue\":%d,"
               "\"TaskDependencyExecutingStrategies\":[",
               1 + (int)sim_below(s, 300));
    for (unsigned k = 0; k < ARRAY_LEN(names); k++)
        if (conditions & (1u << k)) {
            buf_printf(out, "%s\"%s\"", some ? "," : "", names[k]);
            some = true;
        }
    buf_add_str(out, STR("]}"));
}

/* What is written so far of a document. */
struct writing {
    struct sim *s;
    const struct sim_task *task;
    int type_id;
    enum cycle cycle;
    struct buf *out; /* the document */
    struct buf ext;  /* mergeCondition or branchCondition */
    int64_t ups[4];
    int n_ups, n_listed, n_merged;
    struct sim_way *ways;
    int n_ways;
};

/* Half of the time a branch, where there is one: it has downstream tasks then. */
static const struct sim_task *random_upstream(struct sim *s, int64_t smaller)
{
    const struct sim_task *up = sim_task_find(s, SIM_TASK_ID(1 + sim_below(s, smaller)));

    for (int64_t k = sim_below(s, 2) * smaller; k > 0; k--) {
        const struct sim_task *branch = sim_task_find(s, SIM_TASK_ID(k));
        if (branch->there && branch->spec->type_id == TASK_TYPE_BRANCH && sim_chance(s, 60))
            return branch;
    }
    return up;
}

static void put_listed(struct writing *w, const struct sim_task *up, const struct dep_rule *rule)
{
    buf_printf(w->out, "%s{\"TaskId\":\"%" PRId64 "\"", w->n_listed++ > 0 ? "," : "", up->id);
    if (!sim_chance(w->s, 20))
        put_rule(w->out, rule);
    if (sim_chance(w->s, 40))
        put_strategy(w->s, w->out);
    buf_add_str(w->out, STR("}"));
}

static void put_merged(struct writing *w, const struct sim_task *up, const char *combined)
{
    static const char *const states[] = { "2", "21", "4", "2,21", "2,4", "21,13", "2,21,5" };

    buf_printf(&w->ext, "%s{\"upstreamTaskId\":\"%" PRId64 "\",\"orderNum\":%d",
               w->n_merged > 0 ? "," : "", up->id, w->n_merged + 1);
    if (!sim_chance(w->s, 30))
        buf_printf(&w->ext, ",\"expectationState\":[%s]",
                   states[sim_below(w->s, ARRAY_LEN(states))]);
    if (*combined)
        buf_printf(&w->ext, ",\"conditionType\":\"%s\"", combined);
    buf_add_str(&w->ext, STR("}"));
    w->n_merged++;
}

/* Those of a merge stand in its setting, in the dependency list, or in both. */
static void put_upstreams(struct writing *w)
{
    static const char *const combinations[] = { "", "OR", "AND", "AND" };
    struct sim *s = w->s;
    bool merge = w->type_id == TASK_TYPE_MERGE;
    const char *combined = combinations[sim_below(s, ARRAY_LEN(combinations))];
    int64_t smaller = w->task->id - SIM_TASK_ID(1),
            want = sim_below(s, s->busy && !sim_chance(s, 40) ? 1 : 4) + merge;

    buf_add_str(w->out, STR("\"UpstreamDependencyConfigList\":["));
    for (int64_t k = 0; k < want && smaller > 0; k++) {
        const struct sim_task *up = random_upstream(s, smaller);
        struct dep_rule rule;
        bool again = false;
        for (int u = 0; u < w->n_ups; u++)
            again = again || w->ups[u] == up->id;
        if (again || !up->there || !up->spec ||
            !random_rule(s, w->cycle, up->spec->schedule.cycle, &rule))
            continue;
        w->ups[w->n_ups++] = up->id;
        bool merged = merge && sim_chance(s, 80);
        if (merged)
            put_merged(w, up, combined);
        if (!merged || sim_chance(s, 50))
            put_listed(w, up, &rule);
    }
    buf_add_str(w->out, STR("],"));
}

/* ---- branches ------------------------------------------------------------------------------ */

bool sim_depends_on(const struct task_spec *spec, int64_t up)
{
    for (int k = 0; k < spec->n_upstreams; k++)
        if (spec->upstreams[k].task_id == up)
            return true;
    return false;
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

static void put_listeners(struct sim *s, struct buf *out)
{
    if (!sim_chance(s, s->busy ? 3 : 20))
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
    if (s->busy || sim_chance(s, 20)) /* who waits for nothing that comes does not pile up */
        buf_printf(out, "\"WaitExecutionTotalTTL\":\"%d\",",
                   30 + (int)sim_below(s, s->busy ? 60 : 600));
    const char *self = selfs[sim_below(s, ARRAY_LEN(selfs))];
    buf_printf(out, "\"SelfDepend\":\"%s\",", s->busy && sim_chance(s, 90) ? "parallel" : self);
    buf_printf(out, "\"AllowRedoType\":\"%s\",",
               sim_chance(s, 80) ? "ALL" : redos[sim_below(s, ARRAY_LEN(redos))]);
    buf_printf(out, "\"ScheduleRunType\":\"%d\",", sim_chance(s, s->busy ? 3 : 15));
    buf_printf(out, "\"RunPriority\":\"%d\",", 4 + (int)sim_below(s, 3));
    buf_printf(out, "\"RetryWait\":\"%d\",", (int)sim_below(s, s->busy ? 2 : 20));
    buf_printf(out, "\"MaxRetryAttempts\":\"%d\"", (int)sim_below(s, 4));
}

/* The setting of a branch or a merge, into the document. */
static void set_ext(struct writing *w, json_t *given)
{
    const char *name = w->type_id == TASK_TYPE_BRANCH ? "branchCondition" : "mergeCondition";
    struct buf text;

    buf_init(&text, 1 << 16);
    buf_printf(&text, "[%.*s]", STR_ARG(buf_str(&w->ext)));
    json_object_set_new(json_object_get(given, "TaskConfiguration"), "TaskExtConfigurationList",
                        json_pack("[{s:s,s:s}]", "ParamKey", name, "ParamValue", text.ptr));
    buf_done(&text);
}

static struct str dump(struct sim *s, const json_t *doc)
{
    char *text = json_dumps(doc, JSON_COMPACT);
    struct str copy = arena_str(&s->arena, str_from(text));

    free(text);
    return copy;
}

/* Takes the document. */
static void finish(struct writing *w, json_t *given, struct sim_definition *ret)
{
    struct sim *s = w->s;
    struct task_spec *spec = ARENA_NEW(&s->arena, struct task_spec);
    struct err e = ERR_INIT;

    if (w->type_id != TASK_TYPE_SHELL)
        set_ext(w, given);
    *ret = (struct sim_definition){ .spec = spec, .ways = w->ways, .n_ways = w->n_ways };
    ret->given = dump(s, given);
    enum err_code rc = task_decode(given, (struct civil){ 0 }, &s->arena, spec, &e);
    sim_check(s, rc == E_OK, "%s: %s: %.*s", e.path, e.text, STR_ARG(ret->given));
    json_t *doc = task_doc_build(given, spec, STR("1"));
    ret->doc = dump(s, doc);
    json_decref(doc);
    json_decref(given);
    buf_done(&w->ext);
}

/* A task keeps its type. */
static int random_type(struct sim *s, const struct sim_task *t)
{
    int64_t pick = sim_below(s, 100);

    if (t->spec)
        return t->spec->type_id;
    int64_t few = s->busy ? 4 : 15;
    return pick < few ? TASK_TYPE_BRANCH : pick < 2 * few ? TASK_TYPE_MERGE : TASK_TYPE_SHELL;
}

/* A new one that would not be submitted, as it leads to nobody or has no upstream, runs code. */
static void settle_type(struct writing *w)
{
    bool empty = w->type_id == TASK_TYPE_BRANCH ? w->n_ways == 0 : w->n_ups == 0;

    if (empty && !w->task->spec)
        w->type_id = TASK_TYPE_SHELL;
}

void sim_define(struct sim *s, const struct sim_task *task, struct sim_definition *ret)
{
    struct buf out;
    struct writing w = { .s = s, .task = task, .type_id = random_type(s, task), .out = &out };

    buf_init(&out, 1 << 16);
    buf_init(&w.ext, 1 << 16);
    buf_add_str(&out, STR("{\"TaskSchedulerConfiguration\":{"));
    w.cycle = put_schedule(s, &out);
    put_upstreams(&w);
    put_listeners(s, &out);
    put_options(s, &out);
    if (w.type_id == TASK_TYPE_BRANCH)
        put_ways(&w);
    settle_type(&w);
    buf_printf(&out,
               "},\"TaskBaseAttribute\":{\"TaskName\":\"t%" PRId64 "\",\"TaskTypeId\":\"%d\","
               "\"WorkflowId\":\"w%d\"},\"TaskConfiguration\":{\"ResourceGroup\":\"%s\","
               "\"TaskSchedulingParameterList\":[{\"ParamKey\":\"n\",\"ParamValue\":\"${dd}\"}]}}",
               task->id, w.type_id, task->project, sim_group_names[sim_below(s, SIM_GROUPS)]);
    json_t *given = json_loadb(out.ptr, out.len, 0, NULL);
    sim_check(s, given, "not JSON: %.*s", STR_ARG(buf_str(&out)));
    finish(&w, given, ret);
    buf_done(&out);
}

void sim_define_ways(struct sim *s, const struct sim_task *task, struct sim_definition *ret)
{
    struct writing w = { .s = s, .task = task, .type_id = TASK_TYPE_BRANCH };

    buf_init(&w.ext, 1 << 16);
    for (int k = 0; k < task->spec->n_upstreams; k++)
        w.ups[w.n_ups++] = task->spec->upstreams[k].task_id;
    put_ways(&w);
    finish(&w, json_loadb(task->given.ptr, task->given.len, 0, NULL), ret);
}
