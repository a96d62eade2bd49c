/* test/api/t_fixture.c - fixtures: everything is made with its id, loading again changes nothing,
 * errors say where. */
#include "act_harness.h"

#include <string.h>

#include "api/fixture.h"
#include "cal/calendar.h"
#include "core/core.h"

static struct harness h;

static int setup(void **state)
{
    (void)state;
    harness_init(&h);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    harness_done(&h);
    return 0;
}

static enum err_code load(const char *text, struct fixture_counts *ret, struct err *e)
{
    harness_thread_start(&h);
    enum err_code rc = fixture_load(&h.services, str_from(text), ret, e);
    harness_thread_stop(&h);
    return rc;
}

static void load_ok(const char *text, int made, int present)
{
    struct err e = ERR_INIT;
    struct fixture_counts counts = { -1, -1 };

    if (load(text, &counts, &e) != E_OK)
        fail_msg("%s: %s", e.path, e.text);
    assert_int_equal(counts.made, made);
    assert_int_equal(counts.present, present);
}

/* What the documented CreateTask request names. */
static const char world[] =
    "{\"Uin\":\"100028579801\","
    "\"Projects\":[{\"ProjectId\":\"2417334454903762944\",\"ProjectName\":\"demo\",\"DisplayName\":"
    "\"演示\"}],"
    "\"ResourceGroups\":[{\"ResourceGroupId\":\"20240416215649571819\",\"Name\":\"local\","
    "\"Slots\":4,"
    "\"ProjectIds\":[\"2417334454903762944\"]}],"
    "\"Calendars\":[{\"CalendarId\":\"105\",\"CalendarName\":\"交易所日历\",\"Mode\":\"RUN\","
    "\"Dates\":[\"2026-01-02\",\"2026-01-01\",\"2026-01-02\"]}],"
    "\"WorkflowFolders\":[{\"ProjectId\":\"2417334454903762944\",\"FolderId\":\"f-1\","
    "\"ParentFolderPath\":\"/\","
    "\"FolderName\":\"a\"},{\"ProjectId\":\"2417334454903762944\",\"FolderId\":\"f-2\","
    "\"ParentFolderPath\":\"/a\","
    "\"FolderName\":\"b\"}],"
    "\"Workflows\":[{\"ProjectId\":\"2417334454903762944\",\"WorkflowId\":\"a5acf635-a297-458d-"
    "a311-14745662dcae\","
    "\"ParentFolderPath\":\"/a/b\",\"WorkflowName\":\"wf\"}],"
    "\"TaskFolders\":[{\"ProjectId\":\"2417334454903762944\",\"WorkflowId\":\"a5acf635-a297-458d-"
    "a311-14745662dcae\","
    "\"TaskFolderId\":\"tf-1\",\"TaskFolderType\":\"GENERAL\",\"ParentTaskFolderPath\":\"/"
    "\",\"TaskFolderName\":\"x\"}],"
    "\"Events\":[{\"ProjectId\":\"2417334454903762944\",\"Name\":\"event_241030\",\"EventSubType\":"
    "\"DAY\","
    "\"TimeToLive\":\"30\",\"TimeUnit\":\"DAYS\",\"Owner\":\"o\",\"Description\":\"\"}],"
    "\"Tasks\":[{\"TaskId\":\"20241204111252781\",\"Submit\":true,\"ProjectId\":"
    "\"2417334454903762944\","
    "\"TaskBaseAttribute\":{\"TaskName\":\"upstream\",\"TaskTypeId\":\"35\","
    "\"WorkflowId\":\"a5acf635-a297-458d-a311-14745662dcae\",\"TaskFolderPath\":\"/"
    "x\"},\"TaskConfiguration\":{},"
    "\"TaskSchedulerConfiguration\":{\"CycleType\":\"DAY_CYCLE\"}}]}";

static void test_load__makes_everything_with_its_id_once(void **state)
{
    (void)state;
    load_ok(world, 9, 0);
    load_ok(world, 0, 9);
    json_t *r = harness_ok(&h, API_2025, "GetWorkflow",
                           "{\"ProjectId\":\"2417334454903762944\",\"WorkflowId\":"
                           "\"a5acf635-a297-458d-a311-14745662dcae\"}");
    assert_string_equal(str_at(r, "Data.Path"), "/a/b/wf");
    assert_string_equal(str_at(r, "Data.CreateUserUin"), "100028579801");
    json_decref(r);
    r = harness_ok(&h, API_2025, "ListResourceGroups",
                   "{\"ProjectIds\":[\"2417334454903762944\"]}");
    assert_string_equal(str_at(r, "Data.Items.0.Id"), "20240416215649571819");
    json_decref(r);
    r = harness_ok(&h, API_2025, "GetTaskFolder",
                   "{\"ProjectId\":\"2417334454903762944\",\"WorkflowId\":\"a5acf635-a297-458d-"
                   "a311-14745662dcae\","
                   "\"TaskFolderId\":\"tf-1\"}");
    assert_string_equal(str_at(r, "Data.TaskFolderPath"), "/x");
    json_decref(r);
    struct arena arena;
    struct calendar_row calendar = { .id = STR("105") };
    struct task_row task = { .id = 20241204111252781 };
    arena_init(&arena);
    assert_int_equal(row_get(store_view(h.store), &table_calendar, &arena, &calendar, NULL), E_OK);
    assert_true(str_eq_c(calendar.doc, "[\"2026-01-01\",\"2026-01-02\"]"));
    assert_int_equal(row_get(store_view(h.store), &table_task, &arena, &task, NULL), E_OK);
    assert_int_equal(task.status, TASK_SCHEDULING);
    arena_done(&arena);
}

/* The request of the public documentation, as it stands there. */
static const char recorded[] =
    "{\"ProjectId\":\"2417334454903762944\",\"TaskBaseAttribute\":{\"TaskName\":\"api_sh_250910_"
    "174514\","
    "\"TaskTypeId\":\"35\",\"WorkflowId\":\"a5acf635-a297-458d-a311-14745662dcae\",\"OwnerUin\":"
    "\"100028579801\","
    "\"TaskDescription\":\"\"},\"TaskConfiguration\":{\"ResourceGroup\":\"20240416215649571819\","
    "\"CodeContent\":"
    "\"IyEvYmluL2Jhc2gK\",\"TaskExtConfigurationList\":[{\"ParamKey\":\"enableKerberosLogin\","
    "\"ParamValue\":\"false\"},"
    "{\"ParamKey\":\"extraInfo\",\"ParamValue\":\"{\\\"fromMapping\\\":false}\"}],\"DataCluster\":"
    "\"\",\"BrokerIp\":"
    "\"any\",\"TaskSchedulingParameterList\":[]},\"TaskSchedulerConfiguration\":{\"CycleType\":"
    "\"DAY_CYCLE\","
    "\"ScheduleTimeZone\":\"UTC+8\",\"StartTime\":\"2024-12-04 00:00:00\",\"EndTime\":\"2099-12-31 "
    "23:59:59\","
    "\"ExecutionStartTime\":\"00:00\",\"ExecutionEndTime\":\"23:59\",\"ScheduleRunType\":\"0\","
    "\"CalendarOpen\":\"0\","
    "\"CalendarId\":\"\",\"SelfDepend\":\"serial\",\"UpstreamDependencyConfigList\":[{\"TaskId\":"
    "\"20241204111252781\","
    "\"MainCyclicConfig\":\"DAY\",\"SubordinateCyclicConfig\":\"CURRENT_DAY\","
    "\"DependencyStrategy\":{"
    "\"PollingNullStrategy\":\"WAITING\"}}],\"EventListenerList\":[{\"EventName\":\"event_241030\","
    "\"EventSubType\":"
    "\"DAY\",\"EventBroadcastType\":\"BROADCAST\"}],\"RunPriority\":\"6\",\"RetryWait\":\"5\","
    "\"MaxRetryAttempts\":\"4\","
    "\"ExecutionTTL\":\"-1\",\"WaitExecutionTotalTTL\":\"-1\",\"AllowRedoType\":\"ALL\","
    "\"ParamTaskOutList\":[{"
    "\"ParamKey\":\"asadad\",\"ParamValue\":\"1\"}],\"CrontabExpression\":\"0 0 0 * * ? "
    "*\",\"InitStrategy\":"
    "\"T_PLUS_0\"}}";

static void test_loaded_world__takes_the_recorded_request(void **state)
{
    (void)state;
    load_ok(world, 9, 0);
    json_t *r = harness_ok(&h, API_2025, "CreateTask", recorded);
    assert_int_equal(strlen(str_at(r, "Data.TaskId")), 17);
    json_decref(harness_okf(
        &h, API_2025, "SubmitTask",
        "{\"ProjectId\":\"2417334454903762944\",\"TaskId\":\"%s\",\"VersionRemark\":\"r\"}",
        str_at(r, "Data.TaskId")));
    json_decref(r);
}

static void test_load__makes_slots_and_calendars_the_same(void **state)
{
    struct group_load group;

    (void)state;
    load_ok(world, 9, 0);
    load_ok("{\"ResourceGroups\":[{\"ResourceGroupId\":\"20240416215649571819\",\"Name\":\"local\","
            "\"Slots\":9}],"
            "\"Calendars\":[{\"CalendarId\":\"105\",\"CalendarName\":\"n\",\"Mode\":\"PAUSE\","
            "\"Dates\":[]}]}",
            0, 2);
    assert_true(core_group_load(engine_core(h.engine), STR("20240416215649571819"), &group));
    assert_int_equal(group.slots, 9);
    struct arena arena;
    struct calendar_row calendar = { .id = STR("105") };
    arena_init(&arena);
    assert_int_equal(row_get(store_view(h.store), &table_calendar, &arena, &calendar, NULL), E_OK);
    assert_true(str_eq_c(calendar.doc, "[]"));
    assert_int_equal(calendar.mode, CALENDAR_PAUSE);
    arena_done(&arena);
}

#define P "\"ProjectId\":\"1\""
#define PROJECT "\"Projects\":[{\"ProjectId\":\"1\",\"ProjectName\":\"a\"}]"

static void test_load__says_where_an_error_is(void **state)
{
    static const struct {
        const char *text;
        enum err_code rc;
        const char *path;
    } rows[] = {
        { "{", E_SYNTAX, "" },
        { "[]", E_SYNTAX, "" },
        { "{\"Projects\":[],\"Projects\":[]}", E_SYNTAX, "" },
        { "{\"Project\":[]}", E_RANGE, "Project" },
        { "{\"Projects\":{}}", E_RANGE, "Projects" },
        { "{\"Uin\":1}", E_RANGE, "Uin" },
        { "{\"Projects\":[1]}", E_RANGE, "Projects.0" },
        { "{\"Projects\":[{\"ProjectId\":\"1\"}]}", E_REQUIRED, "Projects.0.ProjectName" },
        { "{\"Projects\":[{\"ProjectId\":1,\"ProjectName\":\"a\"}]}", E_RANGE,
          "Projects.0.ProjectId" },
        { "{\"Projects\":[{\"ProjectId\":\"1\",\"ProjectName\":\"a\",\"Color\":1}]}", E_RANGE,
          "Projects.0.Color" },
        { "{\"Projects\":[{\"ProjectId\":\"1\",\"ProjectName\":\"a\"},{\"ProjectId\":\"2\","
          "\"ProjectName\":\"9\"}]}",
          E_RANGE, "Projects.1.ProjectName" },
        { "{\"Projects\":[{\"ProjectId\":\"1\",\"ProjectName\":\"a\"},{\"ProjectId\":\"2\","
          "\"ProjectName\":\"a\"}]}",
          E_EXISTS, "Projects.1.DisplayName" },
        { "{\"Projects\":[{\"ProjectId\":\"x\",\"ProjectName\":\"a\"}]}", E_RANGE,
          "Projects.0.ProjectId" },
        { "{\"ResourceGroups\":[{\"ResourceGroupId\":\"1\",\"Name\":\"a\",\"Slots\":0}]}", E_RANGE,
          "ResourceGroups.0.Slots" },
        { "{\"ResourceGroups\":[{\"ResourceGroupId\":\"1\",\"Name\":\"a\",\"Slots\":1,"
          "\"ProjectIds\":[1]}]}",
          E_RANGE, "ResourceGroups.0.ProjectIds" },
        { "{\"ResourceGroups\":[{\"ResourceGroupId\":\"1\",\"Name\":\"a\",\"Slots\":1,"
          "\"ProjectIds\":[\"404\"]}]}",
          E_MISSING, "ResourceGroups.0.ProjectIds.0" },
        { "{\"Calendars\":[{\"CalendarId\":\"1\",\"CalendarName\":\"a\",\"Mode\":\"x\",\"Dates\":[]"
          "}]}",
          E_RANGE, "Calendars.0.Mode" },
        { "{\"Calendars\":[{\"CalendarId\":\"1\",\"CalendarName\":\"a\",\"Mode\":\"RUN\",\"Dates\":"
          "[\"2026-02-30\"]}]}",
          E_RANGE, "Calendars.0.Dates.0" },
        { "{\"WorkflowFolders\":[{" P
          ",\"FolderId\":\"f\",\"ParentFolderPath\":\"/\",\"FolderName\":\"a\"}]}",
          E_MISSING, "WorkflowFolders.0.ProjectId" },
        { "{" PROJECT ",\"WorkflowFolders\":[{" P
          ",\"FolderId\":\"f\",\"ParentFolderPath\":\"/z\",\"FolderName\":\"a\"}]}",
          E_MISSING, "WorkflowFolders.0.ParentFolderPath" },
        { "{" PROJECT ",\"WorkflowFolders\":[{" P
          ",\"FolderId\":\"f\",\"ParentFolderPath\":\"/\",\"Name\":\"a\"}]}",
          E_REQUIRED, "WorkflowFolders.0.FolderName" },
        { "{" PROJECT ",\"Workflows\":[{" P
          ",\"WorkflowId\":\"\",\"ParentFolderPath\":\"/\",\"WorkflowName\":\"w\"}]}",
          E_RANGE, "Workflows.0.WorkflowId" },
        { "{" PROJECT ",\"Events\":[{" P
          ",\"Name\":\"e\",\"EventSubType\":\"DAY\",\"TimeToLive\":\"0\","
          "\"TimeUnit\":\"DAYS\",\"Owner\":\"o\",\"Description\":\"\"}]}",
          E_RANGE, "Events.0.TimeToLive" },
        { "{" PROJECT ",\"Tasks\":[{" P
          ",\"TaskId\":\"1\",\"TaskBaseAttribute\":{\"TaskName\":\"t\","
          "\"TaskTypeId\":\"35\",\"WorkflowId\":\"w\"},\"TaskConfiguration\":{},"
          "\"TaskSchedulerConfiguration\":{}}]}",
          E_RANGE, "Tasks.0.TaskId" },
        { "{" PROJECT ",\"Tasks\":[{" P
          ",\"TaskId\":\"20241204111252781\",\"TaskBaseAttribute\":{\"TaskName\":\"t\","
          "\"TaskTypeId\":\"35\",\"WorkflowId\":\"w\"},\"TaskConfiguration\":{},"
          "\"TaskSchedulerConfiguration\":{}}]}",
          E_MISSING, "Tasks.0.TaskBaseAttribute.WorkflowId" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fixture_counts counts = { -7, -7 };
        struct err e = ERR_INIT;
        enum err_code rc = load(rows[i].text, &counts, &e);
        if (rc != rows[i].rc || strcmp(e.path, rows[i].path) != 0 || !e.text_zh[0])
            fail_msg("%s: %s at '%s': %s | %s", rows[i].text, err_code_name(rc), e.path, e.text,
                     e.text_zh);
        struct group_load group;
        assert_int_equal(counts.made, -7);
        assert_false(core_group_load(engine_core(h.engine), STR("1"), &group));
        teardown(state);
        setup(state);
    }
}

/* docs/reference/semantics.md 2.9 */
static void test_load__a_task_takes_the_schedule_of_its_workflow(void **state)
{
    (void)state;
    load_ok("{\"Projects\":[{\"ProjectId\":\"11\",\"ProjectName\":\"p\",\"DisplayName\":\"p\"}],"
            "\"Workflows\":[{\"ProjectId\":\"11\",\"WorkflowId\":\"w\",\"WorkflowName\":\"w\","
            "\"ParentFolderPath\":\"/\",\"WorkflowSchedulerConfiguration\":{"
            "\"ScheduleTimeZone\":\"UTC+8\",\"CycleType\":\"HOUR_CYCLE\","
            "\"SelfDepend\":\"orderly\",\"StartTime\":\"2025-01-01 00:00:00\","
            "\"EndTime\":\"2099-01-01 00:00:00\",\"CrontabExpression\":\"0 7 * * * ?\"}}],"
            "\"Tasks\":[{\"TaskId\":\"20241204111252781\",\"ProjectId\":\"11\","
            "\"TaskBaseAttribute\":{\"TaskName\":\"t\",\"TaskTypeId\":\"35\","
            "\"WorkflowId\":\"w\"},\"TaskConfiguration\":{},"
            "\"TaskSchedulerConfiguration\":{\"MaxRetryNumber\":1}}]}",
            3, 0);
    json_t *r = harness_ok(&h, API_2025, "GetTask",
                           "{\"ProjectId\":\"11\",\"TaskId\":\"20241204111252781\"}");
    assert_string_equal(str_at(r, "Data.TaskSchedulerConfiguration.CycleType"), "HOUR_CYCLE");
    assert_string_equal(str_at(r, "Data.TaskSchedulerConfiguration.SelfDepend"), "orderly");
    assert_string_equal(str_at(r, "Data.TaskSchedulerConfiguration.CrontabExpression"),
                        "0 7 * * * ?");
    json_decref(r);
}

static void test_load__stops_at_the_first_error_and_keeps_what_was_before(void **state)
{
    struct fixture_counts counts;
    struct err e = ERR_INIT;

    (void)state;
    assert_int_equal(load("{\"Projects\":[{\"ProjectId\":\"1\",\"ProjectName\":\"a\"},"
                          "{\"ProjectId\":\"2\",\"ProjectName\":\"a\",\"DisplayName\":\"b\"},"
                          "{\"ProjectId\":\"3\",\"ProjectName\":\"c\"}]}",
                          &counts, &e),
                     E_EXISTS);
    assert_string_equal(e.path, "Projects.1.ProjectName");
    json_t *r = harness_ok(&h, API_2025, "ListProjects", "{}");
    assert_int_equal(num_at(r, "Data.TotalCount"), 1);
    assert_string_equal(str_at(r, "Data.Items.0.ProjectId"), "1");
    json_decref(r);
}

static void test_load__refuses_an_id_of_another_project(void **state)
{
    struct fixture_counts counts;
    struct err e = ERR_INIT;

    (void)state;
    load_ok("{\"Projects\":[{\"ProjectId\":\"1\",\"ProjectName\":\"a\"},{\"ProjectId\":\"2\","
            "\"ProjectName\":\"b\"}],"
            "\"Workflows\":[{\"ProjectId\":\"1\",\"WorkflowId\":\"w\",\"ParentFolderPath\":\"/"
            "\",\"WorkflowName\":\"w\"}]}",
            3, 0);
    assert_int_equal(
        load("{\"Workflows\":[{\"ProjectId\":\"2\",\"WorkflowId\":\"w\",\"ParentFolderPath\":\"/\","
             "\"WorkflowName\":\"w\"}]}",
             &counts, &e),
        E_CONFLICT);
    assert_string_equal(e.path, "Workflows.0.WorkflowId");
}

static void test_load__takes_many_in_order(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 4 << 20);
    buf_add_c(&text,
              "{\"Projects\":[{\"ProjectId\":\"1\",\"ProjectName\":\"a\"}],\"WorkflowFolders\":[");
    buf_add_c(&text, "{\"ProjectId\":\"1\",\"FolderId\":\"f0\",\"ParentFolderPath\":\"/"
                     "\",\"FolderName\":\"f\"}");
    for (int i = 1; i < 1200; i++)
        buf_printf(&text,
                   ",{\"ProjectId\":\"1\",\"FolderId\":\"f%d\",\"ParentFolderPath\":\"/"
                   "f\",\"FolderName\":\"n%d\"}",
                   i, i);
    buf_add_c(&text, "]}");
    load_ok(text.ptr, 1201, 0);
    load_ok(text.ptr, 0, 1201);
    buf_done(&text);
}

static void test_load__fails_when_the_engine_is_closed(void **state)
{
    struct fixture_counts counts = { -7, -7 };
    struct err e = ERR_INIT;

    (void)state;
    engine_close(h.engine);
    assert_int_equal(
        fixture_load(&h.services,
                     STR("{\"Projects\":[{\"ProjectId\":\"1\",\"ProjectName\":\"a\"}]}"), &counts,
                     &e),
        E_BUSY);
    assert_int_equal(counts.made, -7);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_load__makes_everything_with_its_id_once),
        TEST(test_loaded_world__takes_the_recorded_request),
        TEST(test_load__makes_slots_and_calendars_the_same),
        TEST(test_load__says_where_an_error_is),
        TEST(test_load__a_task_takes_the_schedule_of_its_workflow),
        TEST(test_load__stops_at_the_first_error_and_keeps_what_was_before),
        TEST(test_load__refuses_an_id_of_another_project),
        TEST(test_load__takes_many_in_order),
        TEST(test_load__fails_when_the_engine_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
