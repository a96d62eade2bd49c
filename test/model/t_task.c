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
        BAD("{\"CalendarOpen\":\"1\"}", E_RANGE, "CalendarId"),
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
    doc = task_doc_build(given, &s, STR("1"));
    assert_int_equal(task_decode(doc, (struct civil){ 0 }, &a, &again, NULL), E_OK);
    check_example(&again);
    json_t *twice = task_doc_build(doc, &again, STR("2"));
    assert_true(json_equal(doc, twice));
    json_decref(twice);
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
    json_t *doc = task_doc_build(given, &s, STR("1"));
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
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults__of_2_2),
        cmocka_unit_test(test_bad_values__have_their_path),
        cmocka_unit_test(test_twins__the_number_wins),
        cmocka_unit_test(test_example__decodes_and_comes_back),
        cmocka_unit_test(test_doc__merge_and_remove),
        cmocka_unit_test(test_dimensions__of_each_granularity),
        cmocka_unit_test(test_ids__seventeen_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
