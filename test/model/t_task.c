/* test/model/t_task.c - a task's document: every field of CreateTask, good and bad, and the
 * completed document (docs/reference/semantics.md 1.4, 2.2, 3.1, 4, 5). */
#include "model/task_doc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define BASE "{\"TaskName\":\"t\",\"TaskTypeId\":\"35\",\"WorkflowId\":\"w\"}"

static struct civil today(void)
{
    return civil_make(2026, 1, 2, 0, 0, 0);
}

static json_t *document(const char *base, const char *config, const char *scheduler)
{
    json_t *doc = json_object();
    json_error_t error;
    const char *const names[] = { "TaskBaseAttribute", "TaskConfiguration",
                                  "TaskSchedulerConfiguration" };
    const char *const texts[] = { base, config, scheduler };

    for (int i = 0; i < 3; i++) {
        json_t *block = json_loads(texts[i], 0, &error);
        if (!block)
            fail_msg("%s: %s", texts[i], error.text);
        json_object_set_new(doc, names[i], block);
    }
    return doc;
}

static enum err_code decode(const char *base, const char *config, const char *scheduler,
                            struct arena *a, struct task_spec *spec, struct err *e)
{
    json_t *doc = document(base, config, scheduler);
    enum err_code rc = task_decode(doc, today(), a, spec, e);

    json_decref(doc);
    return rc;
}

/* What a request may not say decodes where it is kept (6.3, 4.6). */
static void test_given__is_held_to_more_than_what_is_kept(void **state)
{
    static const struct {
        int line;
        const char *scheduler, *path; /* NULL: fine */
    } rows[] = {
        { __LINE__,
          "{\"ParamTaskInList\":[{\"ParamKey\":\"a\",\"Type\":\"CONSTANT\"},"
          "{\"ParamKey\":\"b\",\"Type\":\"TASK\"},{\"Type\":\"\"},{}]}",
          NULL },
        { __LINE__,
          "{\"ParamTaskInList\":[{\"ParamKey\":\"a\",\"Type\":\"CONSTANT\"},"
          "{\"ParamKey\":\"b\",\"Type\":\"constant\"}]}",
          "TaskSchedulerConfiguration.ParamTaskInList.1.Type" },
        { __LINE__,
          "{\"EventListenerList\":[{\"PropertiesList\":[{\"ParamKey\":\"k\"},"
          "{\"ParamKey\":\"\",\"ParamValue\":\"v\"}]}]}",
          "TaskSchedulerConfiguration.EventListenerList.0.PropertiesList.1.ParamKey" },
        { __LINE__, "{}", NULL },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = ERR_INIT;
        json_t *doc = document(BASE, "{}", rows[i].scheduler);
        enum err_code rc = task_check_given(doc, &e);
        json_decref(doc);
        if (rc != (rows[i].path ? E_RANGE : E_OK) ||
            (rows[i].path && (strcmp(e.path, rows[i].path) != 0 || !e.text_zh[0])))
            fail_msg("line %d: %s: %s", rows[i].line, e.path, e.text);
    }
    struct arena a;
    struct task_spec kept;
    arena_init(&a);
    assert_int_equal(decode(BASE, "{}",
                            "{\"EventListenerList\":[{\"EventName\":\"e\",\"EventSubType\":"
                            "\"DAY\",\"EventBroadcastType\":\"SINGLE\",\"PropertiesList\":["
                            "{\"ParamKey\":\"\",\"ParamValue\":\"v\"}]}]}",
                            &a, &kept, NULL),
                     E_OK);
    arena_done(&a);
}

/* 2.2: everything but the name, type and workflow has a default. */
static void test_defaults__of_2_2(void **state)
{
    struct arena a;
    struct task_spec s;
    char text[CIVIL_TEXT_LEN + 1];

    (void)state;
    arena_init(&a);
    assert_int_equal(decode(BASE, "{}", "{}", &a, &s, NULL), E_OK);
    assert_int_equal(s.schedule.cycle, CYCLE_DAY);
    assert_string_equal(zone_name(s.schedule.zone), zone_name(zone_default()));
    civil_format(s.schedule.start, text);
    assert_string_equal(text, "2026-01-02 00:00:00");
    civil_format(s.schedule.end, text);
    assert_string_equal(text, "2099-12-31 23:59:59");
    assert_int_equal(s.schedule.window_from, 0);
    assert_int_equal(s.schedule.window_to, 23 * 60 + 59);
    assert_int_equal(s.schedule.init, INIT_T_PLUS_0);
    assert_int_equal(s.calendar_id.len, 0);
    assert_int_equal(s.self_depend, SELF_SERIAL);
    assert_int_equal(s.redo, REDO_ALL);
    assert_false(s.dry_run);
    assert_int_equal(s.priority, 6);
    assert_int_equal(s.retry_wait_minutes, 5);
    assert_int_equal(s.max_retries, 4);
    assert_int_equal(s.execution_ttl_minutes, -1);
    assert_int_equal(s.wait_ttl_minutes, -1);
    assert_true(s.allow_downstream);
    assert_int_equal(s.n_upstreams + s.n_listeners + s.n_ext + s.n_params, 0);
    arena_done(&a);
}

struct bad_row {
    int line;
    const char *base, *config, *scheduler;
    enum err_code code;
    const char *path;
};

#define BAD_BASE(json, code, path)                                                                 \
    {                                                                                              \
        __LINE__, json, "{}", "{}", code, "TaskBaseAttribute." path                                \
    }
#define BAD_CONFIG(json, code, path)                                                               \
    {                                                                                              \
        __LINE__, BASE, json, "{}", code, "TaskConfiguration." path                                \
    }
#define BAD(json, code, path)                                                                      \
    {                                                                                              \
        __LINE__, BASE, "{}", json, code, "TaskSchedulerConfiguration." path                       \
    }
#define UP "UpstreamDependencyConfigList.0."
#define EV "EventListenerList.0."

static void test_bad_values__have_their_path(void **state)
{
    static const struct bad_row rows[] = {
        BAD_BASE("{\"TaskName\":\"\",\"TaskTypeId\":\"35\"}", E_RANGE, "TaskName"),
        BAD_BASE("{\"TaskName\":\"a b\",\"TaskTypeId\":\"35\"}", E_RANGE, "TaskName"),
        BAD_BASE("{\"TaskName\":\"a/b\",\"TaskTypeId\":\"35\"}", E_RANGE, "TaskName"),
        BAD_BASE("{\"TaskName\":\"t\",\"TaskTypeId\":\"36x\"}", E_RANGE, "TaskTypeId"),
        BAD_BASE("{\"TaskName\":\"t\",\"TaskTypeId\":\"1\"}", E_RANGE, "TaskTypeId"),
        BAD_BASE("{\"TaskName\":\"t\",\"TaskTypeId\":\"35\",\"OwnerUin\":\"bob\"}", E_RANGE,
                 "OwnerUin"),
        BAD_CONFIG("{\"CodeContent\":\"***\"}", E_SYNTAX, "CodeContent"),
        BAD_CONFIG("{\"TaskExtConfigurationList\":[{\"ParamKey\":\"\",\"ParamValue\":\"1\"}]}",
                   E_RANGE, "TaskExtConfigurationList.0.ParamKey"),
        BAD_CONFIG("{\"TaskSchedulingParameterList\":[{\"ParamKey\":\"a\",\"ParamValue\":\"1\"},"
                   "{\"ParamKey\":\"a\",\"ParamValue\":\"2\"}]}",
                   E_RANGE, "TaskSchedulingParameterList.1.ParamKey"),
        BAD("{\"CycleType\":\"DAY\"}", E_RANGE, "CycleType"),
        BAD("{\"ScheduleTimeZone\":\"Mars/Phobos\"}", E_RANGE, "ScheduleTimeZone"),
        BAD("{\"CrontabExpression\":\"every day\"}", E_SYNTAX, "CrontabExpression"),
        BAD("{\"StartTime\":\"2026-13-01 00:00:00\"}", E_RANGE, "StartTime"),
        BAD("{\"StartTime\":\"2026-01-01\"}", E_SYNTAX, "StartTime"),
        BAD("{\"EndTime\":\"soon\"}", E_SYNTAX, "EndTime"),
        BAD("{\"StartTime\":\"2026-01-02 00:00:00\",\"EndTime\":\"2026-01-01 00:00:00\"}", E_RANGE,
            "EndTime"),
        BAD("{\"ExecutionStartTime\":\"24:00\"}", E_RANGE, "ExecutionStartTime"),
        BAD("{\"ExecutionEndTime\":\"7\"}", E_SYNTAX, "ExecutionEndTime"),
        BAD("{\"ExecutionStartTime\":\"08:00\",\"ExecutionEndTime\":\"07:59\"}", E_RANGE,
            "ExecutionEndTime"),
        BAD("{\"CalendarOpen\":\"2\"}", E_RANGE, "CalendarOpen"),
        BAD("{\"CalendarOpen\":\"1\"}", E_REQUIRED, "CalendarId"),
        BAD("{\"SelfDepend\":\"yes\"}", E_RANGE, "SelfDepend"),
        BAD("{\"AllowRedoType\":\"SOME\"}", E_RANGE, "AllowRedoType"),
        BAD("{\"InitStrategy\":\"T_PLUS_2\"}", E_RANGE, "InitStrategy"),
        BAD("{\"ScheduleRunType\":\"2\"}", E_RANGE, "ScheduleRunType"),
        BAD("{\"ScheduleType\":3}", E_RANGE, "ScheduleType"),
        BAD("{\"RunPriority\":\"3\"}", E_RANGE, "RunPriority"),
        BAD("{\"RunPriorityType\":7}", E_RANGE, "RunPriorityType"),
        BAD("{\"RetryWait\":\"-1\"}", E_RANGE, "RetryWait"),
        BAD("{\"RetryWaitMinute\":-2}", E_RANGE, "RetryWaitMinute"),
        BAD("{\"MaxRetryAttempts\":\"many\"}", E_RANGE, "MaxRetryAttempts"),
        BAD("{\"MaxRetryNumber\":101}", E_RANGE, "MaxRetryNumber"),
        BAD("{\"ExecutionTTL\":\"0\"}", E_RANGE, "ExecutionTTL"),
        BAD("{\"ExecutionTTLMinute\":-2}", E_RANGE, "ExecutionTTLMinute"),
        BAD("{\"WaitExecutionTotalTTL\":\"x\"}", E_RANGE, "WaitExecutionTotalTTL"),
        BAD("{\"WaitExecutionTotalTTLMinute\":0}", E_RANGE, "WaitExecutionTotalTTLMinute"),
        BAD("{\"DependencyTriggerPolicy\":\"SOMETIMES\"}", E_RANGE, "DependencyTriggerPolicy"),
        BAD("{\"AllowDownstreamDependency\":2}", E_RANGE, "AllowDownstreamDependency"),
        BAD("{\"UpstreamDependencyConfigList\":[{\"TaskId\":\"12\",\"MainCyclicConfig\":\"DAY\"}]}",
            E_MISSING, UP "TaskId"),
        BAD("{\"UpstreamDependencyConfigList\":[{\"TaskId\":\"20241204111252781\","
            "\"MainCyclicConfig\":\"DAYS\"}]}",
            E_RANGE, UP "MainCyclicConfig"),
        BAD("{\"UpstreamDependencyConfigList\":[{\"TaskId\":\"20241204111252781\","
            "\"MainCyclicConfig\":\"DAY\",\"SubordinateCyclicConfig\":\"TODAY\"}]}",
            E_RANGE, UP "SubordinateCyclicConfig"),
        BAD("{\"UpstreamDependencyConfigList\":[{\"TaskId\":\"20241204111252781\","
            "\"MainCyclicConfig\":\"DAY\",\"SubordinateCyclicConfig\":\"CURRENT_DAY\","
            "\"Offset\":\"-1\"}]}",
            E_RANGE, UP "Offset"),
        BAD("{\"UpstreamDependencyConfigList\":[{\"TaskId\":\"20241204111252781\","
            "\"MainCyclicConfig\":\"LIST_DAY\",\"SubordinateCyclicConfig\":\"CURRENT_DAY\","
            "\"Offset\":\"-1\"}]}",
            E_RANGE, UP "SubordinateCyclicConfig"),
        BAD("{\"UpstreamDependencyConfigList\":[{\"TaskId\":\"20241204111252781\","
            "\"MainCyclicConfig\":\"RANGE_DAY\",\"Offset\":\"1\"}]}",
            E_RANGE, UP "Offset"),
        BAD("{\"UpstreamDependencyConfigList\":[{\"TaskId\":\"20241204111252781\","
            "\"MainCyclicConfig\":\"LIST_DAY\",\"Offset\":\"\"}]}",
            E_REQUIRED, UP "Offset"),
        BAD("{\"UpstreamDependencyConfigList\":[{\"TaskId\":\"20241204111252781\","
            "\"MainCyclicConfig\":\"DAY\",\"SubordinateCyclicConfig\":\"CURRENT_DAY\","
            "\"DependencyStrategy\":{\"PollingNullStrategy\":\"HOPING\"}}]}",
            E_RANGE, UP "DependencyStrategy.PollingNullStrategy"),
        BAD("{\"UpstreamDependencyConfigList\":[{\"TaskId\":\"20241204111252781\","
            "\"MainCyclicConfig\":\"DAY\",\"SubordinateCyclicConfig\":\"CURRENT_DAY\","
            "\"DependencyStrategy\":{\"PollingNullStrategy\":\"EXECUTING\","
            "\"TaskDependencyExecutingStrategies\":[\"LATE\"]}}]}",
            E_RANGE, UP "DependencyStrategy.TaskDependencyExecutingStrategies"),
        BAD("{\"UpstreamDependencyConfigList\":[{\"TaskId\":\"20241204111252781\","
            "\"MainCyclicConfig\":\"DAY\",\"SubordinateCyclicConfig\":\"CURRENT_DAY\","
            "\"DependencyStrategy\":{\"PollingNullStrategy\":\"EXECUTING\","
            "\"TaskDependencyExecutingStrategies\":[\"PARENT_TIMEOUT\"]}}]}",
            E_RANGE, UP "DependencyStrategy.TaskDependencyExecutingTimeoutValue"),
        BAD("{\"UpstreamDependencyConfigList\":[{\"TaskId\":\"20241204111252781\","
            "\"MainCyclicConfig\":\"\"},{\"TaskId\":\"20241204111252781\",\"MainCyclicConfig\":"
            "\"\"}]}",
            E_RANGE, "UpstreamDependencyConfigList.1.TaskId"),
        BAD("{\"EventListenerList\":[{\"EventName\":\"\",\"EventSubType\":\"DAY\","
            "\"EventBroadcastType\":\"SINGLE\"}]}",
            E_RANGE, EV "EventName"),
        BAD("{\"EventListenerList\":[{\"EventName\":\"e\",\"EventSubType\":\"WEEK\","
            "\"EventBroadcastType\":\"SINGLE\"}]}",
            E_RANGE, EV "EventSubType"),
        BAD("{\"EventListenerList\":[{\"EventName\":\"e\",\"EventSubType\":\"DAY\","
            "\"EventBroadcastType\":\"LOUD\"}]}",
            E_RANGE, EV "EventBroadcastType"),
        BAD("{\"EventListenerList\":[{\"EventName\":\"e\",\"EventSubType\":\"DAY\","
            "\"EventBroadcastType\":\"SINGLE\",\"PropertiesList\":[{\"ParamKey\":"
            "\"maxWaitEventTime\",\"ParamValue\":\"-3\"}]}]}",
            E_RANGE, EV "PropertiesList"),
        BAD("{\"ParamTaskOutList\":[{\"ParamKey\":\"\",\"ParamValue\":\"1\"}]}", E_RANGE,
            "ParamTaskOutList.0.ParamKey"),
        BAD("{\"ParamTaskInList\":[{\"ParamKey\":\"a\",\"ParamDesc\":\"p.t.x\",\"FromTaskId\":"
            "\"7\","
            "\"FromParamKey\":\"x\"}]}",
            E_RANGE, "ParamTaskInList.0.FromTaskId"),
        BAD("{\"ParamTaskInList\":[{\"ParamKey\":\"\",\"Type\":\"CONSTANT\"}]}", E_RANGE,
            "ParamTaskInList.0.ParamKey"),
        BAD("{\"ParamTaskInList\":[{\"ParamKey\":\"a\",\"Type\":\"CONSTANT\"},"
            "{\"ParamKey\":\"a\",\"Type\":\"CONSTANT\"}]}",
            E_RANGE, "ParamTaskInList.1.ParamKey"),
        BAD("{\"ParamTaskInList\":[{\"ParamKey\":\"a\",\"FromTaskId\":\"20250820131631152\","
            "\"FromParamKey\":\"x\"}]}", /* not among the upstreams, 6.3 */
            E_RANGE, "ParamTaskInList.0.FromTaskId"),
        BAD("{\"ParamTaskOutList\":[{\"ParamKey\":\"a\",\"ParamValue\":\"$[0][x]\"}]}", E_RANGE,
            "ParamTaskOutList.0.ParamValue"),
        BAD_CONFIG("{\"TaskExtConfigurationList\":[{\"ParamKey\":\"dst_gap\","
                   "\"ParamValue\":\"first\"}]}", /* 2.6 */
                   E_RANGE, "TaskExtConfigurationList.0.ParamValue"),
        BAD_CONFIG("{\"TaskExtConfigurationList\":[{\"ParamKey\":\"dst_overlap\","
                   "\"ParamValue\":\"both\"}]}",
                   E_RANGE, "TaskExtConfigurationList.0.ParamValue"),
        BAD_CONFIG("{\"TaskExtConfigurationList\":[{\"ParamKey\":\"event_hook\","
                   "\"ParamValue\":\"a b\"}]}",
                   E_RANGE, "TaskExtConfigurationList.0.ParamValue"),
    };
    struct task_spec untouched, s;

    (void)state;
    memset(&untouched, 0x5a, sizeof(untouched));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct bad_row *row = &rows[i];
        struct err e = ERR_INIT;
        struct arena a;
        arena_init(&a);
        memcpy(&s, &untouched, sizeof(s));
        enum err_code rc = decode(row->base, row->config, row->scheduler, &a, &s, &e);
        if (rc != row->code || strcmp(e.path, row->path) != 0)
            fail_msg("line %d: %s at '%s': %s", row->line, err_code_name(rc), e.path, e.text);
        if (!e.text[0] || !e.text_zh[0] || memcmp(&s, &untouched, sizeof(s)) != 0)
            fail_msg("line %d: texts or untouched output", row->line);
        arena_done(&a);
    }
}

#define UPSTREAM(more)                                                                             \
    "\"UpstreamDependencyConfigList\":[{\"TaskId\":\"20241204111252781\"," more "}]"
#define STRATEGY(more)                                                                             \
    UPSTREAM("\"MainCyclicConfig\":\"\",\"DependencyStrategy\":{\"PollingNullStrategy\":"          \
             "\"EXECUTING\"" more "}")
#define LISTENING(more)                                                                            \
    "\"EventListenerList\":[{\"EventName\":\"e\",\"EventSubType\":\"HOUR\","                       \
    "\"EventBroadcastType\":\"SINGLE\",\"PropertiesList\":[" more "]}]"
#define PROPERTY(key, value) "{\"ParamKey\":\"" key "\",\"ParamValue\":\"" value "\"}"

/* What each accepted value means, as one line of text. */
static void describe(const struct task_spec *s, struct buf *out)
{
    const struct task_upstream *up = s->n_upstreams > 0 ? &s->upstreams[0] : NULL;
    const struct task_listener *l = s->n_listeners > 0 ? &s->listeners[0] : NULL;

    buf_printf(out, "%s %s self%d redo%d init%d run%d prio%d %s", cycle_name(s->schedule.cycle),
               zone_name(s->schedule.zone), s->self_depend, s->redo, s->schedule.init, s->dry_run,
               s->priority, s->allow_downstream ? "open" : "closed");
    buf_printf(out, " window%d-%d calendar'%.*s'", s->schedule.window_from, s->schedule.window_to,
               STR_ARG(s->calendar_id));
    if (up) {
        buf_printf(out, " up:%s/%s[", up->rule_given ? dep_main_name(up->rule.main) : "?",
                   up->rule_given && up->rule.sub ? dep_sub_name(up->rule.sub) : "");
        for (int i = 0; up->rule_given && i < up->rule.n_offsets; i++)
            buf_printf(out, "%d;", up->rule.offsets[i]);
        buf_printf(out, "] null%d when%u after%lld", up->strategy, up->conditions,
                   (long long)up->timeout_minutes);
    }
    if (l)
        buf_printf(out, " event:%.*s@%.*s %s %s wait%lld", STR_ARG(l->event_name),
                   STR_ARG(l->project_id), event_sub_type_name(l->sub_type),
                   l->broadcast ? "all" : "one", (long long)l->max_wait_minutes);
}

/* Each row names only the part that its value changes; the rest is as with no value at all. */
static void test_good_values__mean_what_is_documented(void **state)
{
    static const struct {
        int line;
        const char *scheduler, *part;
    } rows[] = {
        { __LINE__, "", "DAY_CYCLE UTC+8 self1 redo0 init0 run0 prio6 open window0-1439" },
        { __LINE__, "\"CycleType\":\"ONEOFF_CYCLE\"", "ONEOFF_CYCLE " },
        { __LINE__, "\"CycleType\":\"CRONTAB_CYCLE\"", "CRONTAB_CYCLE " },
        { __LINE__, "\"ScheduleTimeZone\":\"UTC-3:30\"", " UTC-03:30 " },
        { __LINE__, "\"SelfDepend\":\"parallel\"", " self0 " },
        { __LINE__, "\"SelfDepend\":\"orderly\"", " self2 " },
        { __LINE__, "\"AllowRedoType\":\"FAILURE\"", " redo1 " },
        { __LINE__, "\"AllowRedoType\":\"NONE\"", " redo2 " },
        { __LINE__, "\"InitStrategy\":\"T_PLUS_1\"", " init1 " },
        { __LINE__, "\"ScheduleRunType\":\"1\"", " run1 " },
        { __LINE__, "\"ScheduleType\":1", " run1 " },
        { __LINE__, "\"RunPriority\":\"\"", " prio6 " },
        { __LINE__, "\"AllowDownstreamDependency\":0", " closed " },
        { __LINE__, "\"ExecutionStartTime\":\"08:30\",\"ExecutionEndTime\":\"08:30\"",
          " window510-510 " },
        { __LINE__, "\"CalendarOpen\":\"1\",\"CalendarId\":\"105\"", " calendar'105'" },
        { __LINE__, "\"CalendarOpen\":\"0\",\"CalendarId\":\"105\"", " calendar''" },
        { __LINE__, UPSTREAM("\"MainCyclicConfig\":\"\""), " up:?/[] null0 when0 after0" },
        { __LINE__,
          UPSTREAM("\"MainCyclicConfig\":\"DAY\",\"SubordinateCyclicConfig\":\"PREVIOUS_DAY\""),
          " up:DAY/PREVIOUS_DAY[] " },
        { __LINE__, UPSTREAM("\"MainCyclicConfig\":\"RANGE_HOUR\",\"Offset\":\"-3,0\""),
          " up:RANGE_HOUR/[-3;0;] " },
        { __LINE__, UPSTREAM("\"MainCyclicConfig\":\"LIST_DAY\",\"Offset\":\"-1,2,-1\""),
          " up:LIST_DAY/[" },
        { __LINE__, STRATEGY(""), " null1 when1 after0" }, /* NOT_EXIST is the default */
        { __LINE__,
          STRATEGY(",\"TaskDependencyExecutingStrategies\":[\"PARENT_EXPIRED\",\"NOT_EXIST\"]"),
          " null1 when3 after0" },
        { __LINE__,
          STRATEGY(",\"TaskDependencyExecutingStrategies\":[\"PARENT_TIMEOUT\"],"
                   "\"TaskDependencyExecutingTimeoutValue\":30"),
          " null1 when4 after30" },
        { __LINE__, LISTENING(""), " event:e@ HOUR one wait-1" },
        { __LINE__, LISTENING(PROPERTY("maxWaitEventTime", "2")), " wait2880" },
        { __LINE__,
          LISTENING(
              PROPERTY("maxWaitEventTimeUnit", "HOURS") "," PROPERTY("maxWaitEventTime", "2")),
          " wait120" },
        { __LINE__,
          LISTENING(
              PROPERTY("maxWaitEventTime", "2") "," PROPERTY("maxWaitEventTimeUnit", "MINUTES")),
          " wait2" },
        { __LINE__, LISTENING(PROPERTY("EventProjectId", "77") "," PROPERTY("other", "x")),
          " event:e@77 HOUR one wait-1" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct task_spec s;
        struct arena a;
        struct buf text, scheduler;
        struct err e = ERR_INIT;
        arena_init(&a);
        buf_init(&text, 4096);
        buf_init(&scheduler, 4096);
        buf_printf(&scheduler, "{%s}", rows[i].scheduler);
        if (decode(BASE, "{}", scheduler.ptr, &a, &s, &e) != E_OK)
            fail_msg("line %d: %s: %s", rows[i].line, e.path, e.text);
        describe(&s, &text);
        if (!strstr(text.ptr, rows[i].part))
            fail_msg("line %d: `%s` is not in `%s`", rows[i].line, rows[i].part, text.ptr);
        buf_done(&text);
        buf_done(&scheduler);
        arena_done(&a);
    }
}

/* The names of real tasks; ids and owners. */
static void test_good_base__names_types_and_owners(void **state)
{
    static const char *const names[] = { "a", "api_sh_250910_174514", "A-1.b", "任务_1", "9" };
    struct task_spec s;
    struct arena a;
    char base[2048];

    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        snprintf(base, sizeof(base),
                 "{\"TaskName\":\"%s\",\"TaskTypeId\":\"30\",\"OwnerUin\":\"1;22\"}", names[i]);
        assert_int_equal(decode(base, "{}", "{}", &a, &s, NULL), E_OK);
        assert_true(str_eq_c(s.name, names[i]) && str_eq_c(s.owner_uin, "1;22"));
        assert_int_equal(s.type_id, TASK_TYPE_PYTHON);
    }
    /* Characters are counted, not bytes. */
    for (int n = TASK_NAME_MAX; n <= TASK_NAME_MAX + 1; n++) {
        struct buf name;
        buf_init(&name, 4096);
        for (int i = 0; i < n; i++)
            buf_printf(&name, "%s", "务");
        snprintf(base, sizeof(base), "{\"TaskName\":\"%s\",\"TaskTypeId\":\"35\"}", name.ptr);
        assert_int_equal(decode(base, "{}", "{}", &a, &s, NULL),
                         n > TASK_NAME_MAX ? E_RANGE : E_OK);
        buf_done(&name);
    }
    for (size_t i = 0; task_type_at(i) >= 0; i++) {
        snprintf(base, sizeof(base), "{\"TaskName\":\"t\",\"TaskTypeId\":\"%d\"}", task_type_at(i));
        assert_int_equal(decode(base, "{}", "{}", &a, &s, NULL), E_OK);
        assert_true(i == 0 || task_type_at(i) > task_type_at(i - 1));
    }
    assert_null(task_type_name(139));
    arena_done(&a);
}

/* Every list has a bound, and the bound itself is taken. */
static void test_lists__are_bounded(void **state)
{
    static const struct {
        const char *block, *name;
    } rows[] = {
        { "TaskConfiguration", "TaskExtConfigurationList" },
        { "TaskConfiguration", "TaskSchedulingParameterList" },
        { "TaskSchedulerConfiguration", "ParamTaskOutList" },
        { "TaskSchedulerConfiguration", "ParamTaskInList" },
        { "TaskSchedulerConfiguration", "TaskOutputRegistryList" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (int n = TASK_LIST_MAX; n <= TASK_LIST_MAX + 1; n++) {
            json_t *doc = document(BASE, "{}", "{}"), *list = json_array();
            struct task_spec s;
            struct arena a;
            struct err e = ERR_INIT;
            char key[16], path[80];
            for (int k = 0; k < n; k++) {
                snprintf(key, sizeof(key), "k%d", k);
                json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "ParamKey", key,
                                                      "ParamValue", "1", "Type", "CONSTANT"));
            }
            json_object_set_new(json_object_get(doc, rows[i].block), rows[i].name, list);
            arena_init(&a);
            enum err_code rc = task_decode(doc, today(), &a, &s, &e);
            snprintf(path, sizeof(path), "%s.%s", rows[i].block, rows[i].name);
            if (n > TASK_LIST_MAX ? rc != E_LIMIT || strcmp(e.path, path) != 0 : rc != E_OK)
                fail_msg("%s with %d: %s at '%s'", path, n, err_code_name(rc), e.path);
            arena_done(&a);
            json_decref(doc);
        }
}

/* 2.2: six options have two spellings; the number wins. */
static void test_twins__the_number_wins(void **state)
{
    struct arena a;
    struct task_spec s;

    (void)state;
    arena_init(&a);
    assert_int_equal(
        decode(BASE, "{}",
               "{\"ScheduleRunType\":\"0\",\"ScheduleType\":1,\"RunPriority\":\"6\","
               "\"RunPriorityType\":4,\"RetryWait\":\"5\",\"RetryWaitMinute\":1,"
               "\"MaxRetryAttempts\":\"4\",\"MaxRetryNumber\":2,\"ExecutionTTL\":\"-1\","
               "\"ExecutionTTLMinute\":30,\"WaitExecutionTotalTTL\":\"-1\","
               "\"WaitExecutionTotalTTLMinute\":60}",
               &a, &s, NULL),
        E_OK);
    assert_true(s.dry_run);
    assert_int_equal(s.priority, 4);
    assert_int_equal(s.retry_wait_minutes, 1);
    assert_int_equal(s.max_retries, 2);
    assert_int_equal(s.execution_ttl_minutes, 30);
    assert_int_equal(s.wait_ttl_minutes, 60);
    /* The text spelling alone; and numbers where the text is declared, as in answers (0.4). */
    assert_int_equal(
        decode(BASE, "{}", "{\"RunPriority\":\"5\",\"RetryWait\":\"0\"}", &a, &s, NULL), E_OK);
    assert_int_equal(s.priority, 5);
    assert_int_equal(s.retry_wait_minutes, 0);
    assert_int_equal(decode(BASE, "{}", "{\"RunPriority\":4,\"ScheduleRunType\":1}", &a, &s, NULL),
                     E_OK);
    assert_int_equal(s.priority, 4);
    assert_true(s.dry_run);
    arena_done(&a);
}

static void check_example(const struct task_spec *s)
{
    assert_true(str_eq_c(s->name, "api_sh_250910_174514"));
    assert_int_equal(s->type_id, TASK_TYPE_SHELL);
    assert_true(str_eq_c(s->owner_uin, "100028579801"));
    assert_true(str_eq_c(s->group_id, "20240416215649571819"));
    assert_true(str_starts_with(s->code, STR("#!/bin/bash\n#***")));
    assert_int_equal(s->n_ext, 2);
    assert_true(str_eq_c(s->ext[1].value, "{\"fromMapping\":false}"));
    assert_int_equal(s->schedule.cycle, CYCLE_DAY);
    assert_int_equal(s->schedule.start.s, civil_make(2024, 12, 4, 0, 0, 0).s);
    assert_int_equal(s->self_depend, SELF_SERIAL);
    assert_int_equal(s->n_upstreams, 1);
    assert_int_equal(s->upstreams[0].task_id, 20241204111252781);
    assert_int_equal(s->upstreams[0].rule.main, DEP_DAY);
    assert_int_equal(s->upstreams[0].rule.sub, DEP_CURRENT_DAY);
    assert_int_equal(s->upstreams[0].strategy, NULL_WAITING);
    assert_int_equal(s->n_listeners, 1);
    assert_true(str_eq_c(s->listeners[0].event_name, "event_241030"));
    assert_int_equal(s->listeners[0].sub_type, EVENT_SUB_DAY);
    assert_true(s->listeners[0].broadcast);
    assert_int_equal(s->priority, 6);
    assert_int_equal(s->retry_wait_minutes, 5);
    assert_int_equal(s->max_retries, 4);
}

static json_t *parse(struct str text)
{
    json_t *doc = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);

    assert_non_null(doc);
    return doc;
}

/* The published example, and the same again from the document that is kept. */
static void test_example__decodes_and_comes_back(void **state)
{
    json_t *given = json_load_file(EXAMPLE_FILE, 0, NULL), *doc;
    struct task_spec s, again;
    struct arena a;

    (void)state;
    assert_non_null(given);
    arena_init(&a);
    assert_int_equal(task_decode(given, today(), &a, &s, NULL), E_OK);
    check_example(&s);
    struct str text = task_doc_build(given, &s, STR("1"), &a);
    doc = parse(text);
    assert_int_equal(task_decode(doc, (struct civil){ 0 }, &a, &again, NULL), E_OK);
    check_example(&again);
    assert_true(str_eq(task_doc_build(doc, &again, STR("2"), &a), text));
    json_decref(doc);
    json_decref(given);
    arena_done(&a);
}

/* 1.4: UpdateTaskPartially. */
static void test_doc__merge_and_remove(void **state)
{
    struct task_spec s;
    struct arena a;
    struct err e = ERR_INIT;
    json_t *given = document(BASE,
                             "{\"TaskSchedulingParameterList\":[{\"ParamKey\":\"a\",\"ParamValue\":"
                             "\"1\"},{\"ParamKey\":\"b\",\"ParamValue\":\"2\"}]}",
                             "{\"RunPriorityType\":4}");

    (void)state;
    arena_init(&a);
    assert_int_equal(task_decode(given, today(), &a, &s, NULL), E_OK);
    json_t *doc = parse(task_doc_build(given, &s, STR("1"), &a));
    json_t *part = json_loads("{\"TaskBaseAttribute\":{\"TaskName\":\"new\"},"
                              "\"TaskSchedulerConfiguration\":{\"RunPriority\":5}}",
                              0, NULL);
    task_doc_merge(doc, part);
    assert_int_equal(
        task_doc_remove(doc, STR("TaskConfiguration/TaskSchedulingParameterList:a,zz"), &e), E_OK);
    assert_int_equal(task_doc_remove(doc, STR("TaskConfiguration/Nothing:a"), &e), E_RANGE);
    assert_int_equal(task_doc_remove(doc, STR("no path"), &e), E_RANGE);
    assert_int_equal(task_decode(doc, today(), &a, &s, NULL), E_OK);
    assert_true(str_eq_c(s.name, "new"));
    assert_int_equal(s.priority, 5); /* the twin that was there before must not win */
    assert_int_equal(s.n_params, 1);
    assert_true(str_eq_c(s.params[0].key, "b"));
    json_decref(part);
    json_decref(doc);
    json_decref(given);
    arena_done(&a);
}

/* 4.2, 4.4 */
static void test_dimensions__of_each_granularity(void **state)
{
    static const struct {
        enum event_sub_type type;
        const char *text, *civil;
    } rows[] = {
        { EVENT_SUB_DAY, "20250811", "2025-08-11 00:00:00" },
        { EVENT_SUB_HOUR, "2025081123", "2025-08-11 23:00:00" },
        { EVENT_SUB_MIN, "202508112359", "2025-08-11 23:59:00" },
        { EVENT_SUB_SECOND, "20250811235958", "2025-08-11 23:59:58" },
    };
    static const char *const bad[] = { "", "2025081", "20250832", "2025-08-11", "20250811000000x" };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct civil c;
        struct buf text;
        char shown[CIVIL_TEXT_LEN + 1];
        assert_int_equal(event_dimension_parse(rows[i].type, str_from(rows[i].text), &c, NULL),
                         E_OK);
        civil_format(c, shown);
        assert_string_equal(shown, rows[i].civil);
        buf_init(&text, 32);
        event_dimension_format(rows[i].type, civil_make(2025, 8, 11, 23, 59, 58), &text);
        assert_string_equal(text.ptr, rows[i].text);
        buf_done(&text);
        assert_int_equal(event_cut(rows[i].type, civil_make(2025, 8, 11, 23, 59, 58)).s, c.s);
        for (size_t j = 0; j < ARRAY_LEN(bad); j++)
            assert_int_equal(event_dimension_parse(rows[i].type, str_from(bad[j]), &c, NULL),
                             E_SYNTAX);
    }
}

static void test_ids__seventeen_digits(void **state)
{
    int64_t id;
    char text[TASK_ID_LEN + 4];

    (void)state;
    assert_true(task_id_parse(STR("20250910174556035"), &id));
    task_id_format(id, text);
    assert_string_equal(text, "20250910174556035");
    assert_false(task_id_parse(STR("2025091017455603"), &id));
    assert_false(task_id_parse(STR("-2025091017455603"), &id));
    assert_false(task_id_parse(STR("2025091017455603x"), &id));
    assert_false(task_id_parse(STR("00000000000000000"), &id)); /* would be shown otherwise */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults__of_2_2),
        cmocka_unit_test(test_given__is_held_to_more_than_what_is_kept),
        cmocka_unit_test(test_bad_values__have_their_path),
        cmocka_unit_test(test_good_values__mean_what_is_documented),
        cmocka_unit_test(test_good_base__names_types_and_owners),
        cmocka_unit_test(test_lists__are_bounded),
        cmocka_unit_test(test_twins__the_number_wins),
        cmocka_unit_test(test_example__decodes_and_comes_back),
        cmocka_unit_test(test_doc__merge_and_remove),
        cmocka_unit_test(test_dimensions__of_each_granularity),
        cmocka_unit_test(test_ids__seventeen_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
