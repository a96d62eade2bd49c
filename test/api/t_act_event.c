/* test/api/t_act_event.c - events through the API: registering, firing with partial success, states
 * of cases, lists, and that a fired case lets a waiting instance go on. */
#include "act_harness.h"

#include <stdio.h>
#include <string.h>

#include "model/task.h"

static struct harness h;
static char project[32];
static char task[32]; /* the newest listener */

static int setup(void **state)
{
    (void)state;
    harness_init(&h);
    harness_project(&h, "p", project);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    harness_done(&h);
    return 0;
}

static json_t *register_event(const char *name, const char *sub_type, const char *more)
{
    return harness_okf(
        &h, API_2021, "RegisterDsEvent",
        "{\"ProjectId\":\"%s\",\"Name\":\"%s\",\"EventSubType\":\"%s\",\"TimeToLive\":\"1\","
        "\"TimeUnit\":\"DAYS\",\"Owner\":\"zhangsan\",\"Description\":\"d\"%s}",
        project, name, sub_type, more);
}

/* cases: the members after ProjectId. */
static json_t *fire(const char *cases)
{
    return harness_okf(&h, API_2021, "TriggerDsEvent", "{\"ProjectId\":\"%s\",%s}", project, cases);
}

static void test_register__answers_the_whole_event(void **state)
{
    (void)state;
    h.now = (struct wall){ 1772294400123456 }; /* 2026-02-28T16:00:00.123456Z */
    json_t *r = register_event("event_241030", "DAY", "");
    assert_string_equal(str_at(r, "Data.Name"), "event_241030");
    assert_string_equal(str_at(r, "Data.EventType"), "TIME_SERIES");
    assert_string_equal(str_at(r, "Data.EventBroadcastType"), "BROADCAST");
    assert_string_equal(str_at(r, "Data.DimensionFormat"), "yyyyMMdd");
    assert_string_equal(str_at(r, "Data.CreationTs"), "2026-02-28T16:00:00.123Z");
    assert_string_equal(str_at(r, "Data.ProjectId"), project);
    assert_string_equal(str_at(r, "Data.ProjectName"), "p");
    assert_string_equal(str_at(r, "Data.TimeUnit"), "DAYS");
    assert_int_equal(num_at(r, "Data.TimeToLive"), 1);
    assert_int_equal(num_at(r, "Data.ValidConsumeCount"), -1);
    assert_int_equal(json_array_size(at(r, "Data.Listeners")), 0);
    json_decref(r);
    /* The name that people read, as everywhere. */
    json_decref(harness_okf(&h, API_2025, "UpdateProject",
                            "{\"ProjectId\":\"%s\",\"DisplayName\":\"shown\"}", project));
    r = register_event("single", "MIN",
                       ",\"EventBroadcastType\":\"SINGLE\",\"DimensionFormat\":\"yyyymmddhhmm\"");
    assert_int_equal(num_at(r, "Data.ValidConsumeCount"), 1);
    assert_string_equal(str_at(r, "Data.ProjectName"), "shown");
    assert_string_equal(str_at(r, "Data.DimensionFormat"), "yyyyMMddHHmm");
    json_decref(r);
    r = harness_okf(&h, API_2021, "DescribeEvent",
                    "{\"ProjectId\":\"%s\",\"EventName\":\"event_241030\"}", project);
    assert_string_equal(str_at(r, "Data.CreationTimestamp"), "2026-02-28T16:00:00.123Z");
    assert_string_equal(str_at(r, "Data.Owner"), "zhangsan");
    json_decref(r);
    harness_refusedf(&h, API_2021, "DescribeEvent", E_MISSING, "EventName",
                     "{\"ProjectId\":\"%s\",\"EventName\":\"none\"}", project);
}

static void test_register__refuses_wrong_values(void **state)
{
    static const struct {
        const char *name, *sub, *ttl, *unit, *more;
        enum err_code rc;
        const char *path;
    } rows[] = {
        { "1e", "DAY", "1", "DAYS", "", E_RANGE, "Name" },
        { "e2345678901234567890x", "DAY", "1", "DAYS", "", E_RANGE, "Name" },
        { "there", "DAY", "1", "DAYS", "", E_EXISTS, "Name" },
        { "e", "WEEK", "1", "DAYS", "", E_RANGE, "EventSubType" },
        { "e", "DAY", "0", "DAYS", "", E_RANGE, "TimeToLive" },
        { "e", "DAY", "-1", "DAYS", "", E_RANGE, "TimeToLive" },
        { "e", "DAY", "1.5", "DAYS", "", E_RANGE, "TimeToLive" },
        { "e", "DAY", "3654", "DAYS", "", E_RANGE, "TimeToLive" },
        { "e", "DAY", "99999999999999999999", "SECONDS", "", E_RANGE, "TimeToLive" },
        { "e", "DAY", "1", "WEEKS", "", E_RANGE, "TimeUnit" },
        { "e", "DAY", "1", "DAYS", ",\"EventType\":\"X\"", E_RANGE, "EventType" },
        { "e", "DAY", "1", "DAYS", ",\"EventBroadcastType\":\"X\"", E_RANGE, "EventBroadcastType" },
        { "e", "DAY", "1", "DAYS", ",\"DimensionFormat\":\"yyyyMMddHH\"", E_RANGE,
          "DimensionFormat" },
        { "e", "DAY", "1", "DAYS", ",\"ValidConsumeCount\":0", E_RANGE, "ValidConsumeCount" },
        { "e", "DAY", "1", "DAYS", ",\"ValidConsumeCount\":2,\"EventBroadcastType\":\"SINGLE\"",
          E_RANGE, "ValidConsumeCount" },
    };

    (void)state;
    json_decref(register_event("there", "DAY", ""));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        harness_refusedf(
            &h, API_2021, "RegisterDsEvent", rows[i].rc, rows[i].path,
            "{\"ProjectId\":\"%s\",\"Name\":\"%s\",\"EventSubType\":\"%s\",\"TimeToLive\":\"%s\","
            "\"TimeUnit\":\"%s\",\"Owner\":\"z\",\"Description\":\"\"%s}",
            project, rows[i].name, rows[i].sub, rows[i].ttl, rows[i].unit, rows[i].more);
    harness_refused(
        &h, API_2021, "RegisterDsEvent",
        "{\"ProjectId\":\"404\",\"Name\":\"e\",\"EventSubType\":\"DAY\",\"TimeToLive\":\"1\","
        "\"TimeUnit\":\"DAYS\",\"Owner\":\"z\",\"Description\":\"\"}",
        E_MISSING, "ProjectId");
}

static void test_trigger__counts_successes_and_failures(void **state)
{
    (void)state;
    json_decref(register_event("day", "DAY", ""));
    json_decref(register_event("hour", "HOUR", ""));
    json_decref(register_event("general", "MIN", ",\"EventType\":\"GENERAL\""));
    json_t *r = fire(
        "\"EventCaseList\":[{\"Name\":\"day\",\"Dimension\":\"20240101\",\"Description\":\"x\","
        "\"CreationTs\":\"once\",\"ConsumerId\":\"nobody\"},"
        "{\"Name\":\"none\",\"Dimension\":\"20240101\"},{\"Name\":\"day\",\"Dimension\":"
        "\"2024010\"},"
        "{\"Name\":\"day\",\"Dimension\":\"20240230\"},{\"Name\":\"general\"},"
        "{\"Name\":\"day\",\"Dimension\":\"20240102\",\"CaseId\":\"my-case\"},"
        "{\"Name\":\"day\",\"Dimension\":\"20240102\",\"CaseId\":\"my-case\"}],"
        "\"EventBatchCaseList\":[{\"Name\":\"hour\",\"StartDimension\":\"2024022822\","
        "\"EndDimension\":\"2024022901\",\"EventSubType\":\"HOUR\"},"
        "{\"Name\":\"day\",\"StartDimension\":\"20240105\",\"EndDimension\":\"20240104\"},"
        "{\"Name\":\"day\",\"StartDimension\":\"20240105\",\"EndDimension\":\"20240106\","
        "\"EventSubType\":\"HOUR\"}]");
    assert_int_equal(num_at(r, "Data.SuccessCount"), 3 + 4);
    assert_int_equal(num_at(r, "Data.FailCount"), 4 + 2);
    assert_int_equal(num_at(r, "Data.TotalCount"), 13);
    assert_int_equal(json_array_size(at(r, "Data.FailMessageList")), 6);
    assert_string_equal(str_at(r, "Data.FailMessageList.0.Key"), "none,20240101");
    assert_non_null(strstr(str_at(r, "Data.FailMessageList.0.ErrorMessage"), "no event"));
    assert_string_equal(str_at(r, "Data.FailMessageList.4.Key"), "day,20240105,20240104");
    json_decref(r);
    h.lang = LANG_ZH;
    r = fire("\"EventCaseList\":[{\"Name\":\"none\",\"Dimension\":\"20240101\"}]");
    assert_non_null(strstr(str_at(r, "Data.FailMessageList.0.ErrorMessage"), "没有事件"));
    json_decref(r);
    h.lang = LANG_EN;
    r = harness_okf(&h, API_2021, "DescribeEventCases",
                    "{\"ProjectId\":\"%s\",\"Category\":\"all\",\"PageNumber\":1,\"PageSize\":10,"
                    "\"EventName\":\"hour\","
                    "\"SortItem\":\"Dimension\",\"SortType\":\"asc\"}",
                    project);
    assert_int_equal(num_at(r, "Data.TotalCount"), 4);
    assert_string_equal(str_at(r, "Data.Items.0.Dimension"), "2024022822");
    assert_string_equal(str_at(r, "Data.Items.2.Dimension"), "2024022900");
    assert_string_equal(str_at(r, "Data.Items.3.Dimension"), "2024022901");
    json_decref(r);
}

static void test_trigger__refuses_what_concerns_all(void **state)
{
    (void)state;
    json_decref(register_event("sec", "SECOND", ""));
    harness_refusedf(&h, API_2021, "TriggerDsEvent", E_REQUIRED, "EventCaseList",
                     "{\"ProjectId\":\"%s\"}", project);
    harness_refused(&h, API_2021, "TriggerDsEvent",
                    "{\"ProjectId\":\"404\",\"EventCaseList\":[{\"Name\":\"sec\",\"Dimension\":"
                    "\"20240101000000\"}]}",
                    E_MISSING, "ProjectId");
    harness_refusedf(&h, API_2021, "TriggerDsEvent", E_RANGE, "ScheduleTimeZone",
                     "{\"ProjectId\":\"%s\",\"ScheduleTimeZone\":\"Mars\",\"EventCaseList\":[{"
                     "\"Name\":\"sec\"}]}",
                     project);
    /* 10001 seconds: refused as a whole, also the single case before it */
    harness_refusedf(
        &h, API_2021, "TriggerDsEvent", E_LIMIT, "",
        "{\"ProjectId\":\"%s\",\"EventCaseList\":[{\"Name\":\"sec\",\"Dimension\":"
        "\"20240101000000\"}],"
        "\"EventBatchCaseList\":[{\"Name\":\"sec\",\"StartDimension\":\"20240101000000\","
        "\"EndDimension\":\"20240101024639\"}]}",
        project);
    json_t *r = harness_okf(
        &h, API_2021, "DescribeEventCases",
        "{\"ProjectId\":\"%s\",\"Category\":\"all\",\"PageNumber\":1,\"PageSize\":10}", project);
    assert_int_equal(num_at(r, "Data.TotalCount"), 0);
    json_decref(r);
    r = fire("\"EventBatchCaseList\":[{\"Name\":\"sec\",\"StartDimension\":\"20240101000000\","
             "\"EndDimension\":\"20240101024639\"}]");
    assert_int_equal(num_at(r, "Data.SuccessCount"), 10000);
    json_decref(r);
}

/* ---- a listener ---------------------------------------------------------------------------- */

/* A submitted task of a day; more: further properties of its listener. */
static void listen_with(const char *event, const char *name, const char *broadcast,
                        const char *more)
{
    json_t *w =
        harness_okf(&h, API_2025, "CreateWorkflow",
                    "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"/\",\"WorkflowName\":\"w_%s\"}",
                    project, name);
    json_t *t = harness_okf(
        &h, API_2025, "CreateTask",
        "{\"ProjectId\":\"%s\",\"TaskBaseAttribute\":{\"TaskName\":\"%s\",\"TaskTypeId\":\"35\","
        "\"WorkflowId\":\"%s\"},\"TaskConfiguration\":{},\"TaskSchedulerConfiguration\":{"
        "\"CycleType\":\"DAY_CYCLE\",\"CrontabExpression\":\"0 0 0 * * ? "
        "*\",\"EventListenerList\":[{"
        "\"EventName\":\"%s\",\"EventSubType\":\"DAY\",\"EventBroadcastType\":\"%s\","
        "\"PropertiesList\":[{\"ParamKey\":\"maxWaitEventTime\",\"ParamValue\":\"5\"},"
        "{\"ParamKey\":\"maxWaitEventTimeUnit\",\"ParamValue\":\"DAYS\"}%s]}]}}",
        project, name, str_at(w, "Data.WorkflowId"), event, broadcast, more);
    snprintf(task, sizeof(task), "%s", str_at(t, "Data.TaskId"));
    json_decref(harness_okf(&h, API_2025, "SubmitTask",
                            "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"VersionRemark\":\"r\"}",
                            project, task));
    json_decref(w);
    json_decref(t);
}

static void listen_to(const char *event, const char *name, const char *broadcast)
{
    listen_with(event, name, broadcast, "");
}

static json_t *cases(const char *filter)
{
    return harness_okf(&h, API_2021, "DescribeEventCases",
                       "{\"ProjectId\":\"%s\",\"PageNumber\":1,\"PageSize\":10%s}", project,
                       filter);
}

static int64_t count(const char *filter)
{
    json_t *r = cases(filter);
    int64_t n = num_at(r, "Data.TotalCount");

    assert_int_equal(num_at(r, "Data.PageCount"), json_array_size(at(r, "Data.Items")));
    json_decref(r);
    return n;
}

/* Midnight (UTC+8) of tomorrow, and the dimension text of that day. */
static void to_midnight(char dimension[16])
{
    int64_t day = (h.now.us / 1000000 + 8 * 3600) / 86400 + 1;
    struct buf text;

    h.now.us = (day * 86400 - 8 * 3600) * 1000000 + 1;
    buf_init(&text, 64);
    event_dimension_format(EVENT_SUB_DAY, (struct civil){ day * 86400 }, &text);
    strcpy(dimension, text.ptr);
    buf_done(&text);
}

/* A text that is JSON is counted before it is read. */
static void test_listener__has_so_many_properties(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 1 << 20);
    for (int i = 0; i < TASK_LIST_MAX; i++)
        buf_printf(&text, "\\\"k%d\\\":1,", i);
    for (int extra = 0; extra < 2; extra++)
        harness_refusedf(&h, API_2021, "RegisterEventListener", extra ? E_LIMIT : E_MISSING,
                         extra ? "Properties" : "Key",
                         "{\"ProjectId\":\"%s\",\"Key\":\"20241204111252781\",\"EventName\":\"e\","
                         "\"Type\":\"REST_API\",\"Properties\":\"{%.*s%s}\"}",
                         project, (int)text.len - 1, text.ptr, extra ? ",\\\"more\\\":1" : "");
    buf_done(&text);
}

static void test_fired_case__lets_a_waiting_instance_go_on(void **state)
{
    char today[16];

    (void)state;
    json_decref(register_event("shared", "DAY", ""));
    json_decref(register_event("once", "DAY", ",\"EventBroadcastType\":\"SINGLE\""));
    listen_to("shared", "a", "BROADCAST");
    listen_to("shared", "b", "BROADCAST");
    listen_to("once", "c", "SINGLE");
    listen_to("once", "d", "SINGLE");
    to_midnight(today);
    harness_run(&h);
    assert_int_equal(h.begun, 0);
    json_t *r = harness_okf(&h, API_2021, "TriggerDsEvent",
                            "{\"ProjectId\":\"%s\",\"EventCaseList\":[{\"Name\":\"shared\","
                            "\"Dimension\":\"20000101\"}]}",
                            project);
    json_decref(r);
    harness_run(&h);
    assert_int_equal(h.begun, 0); /* of another day */
    r = harness_okf(
        &h, API_2021, "TriggerDsEvent",
        "{\"ProjectId\":\"%s\",\"EventCaseList\":[{\"Name\":\"shared\",\"Dimension\":\"%s\"}]}",
        project, today);
    json_decref(r);
    harness_run(&h);
    assert_int_equal(h.begun, 2); /* everybody */
    r = harness_okf(
        &h, API_2021, "TriggerDsEvent",
        "{\"ProjectId\":\"%s\",\"EventCaseList\":[{\"Name\":\"once\",\"Dimension\":\"%s\"}]}",
        project, today);
    json_decref(r);
    harness_run(&h);
    assert_int_equal(h.begun, 3); /* one of the two */
    assert_int_equal(count(",\"Category\":\"all\",\"Status\":\"CONSUMING\""), 1);
    assert_int_equal(count(",\"Category\":\"all\",\"Status\":\"COMSUMED\""), 1);
    assert_int_equal(count(",\"Category\":\"all\",\"Status\":\"ACTIVE\""), 1);
    r = cases(",\"Category\":\"all\",\"EventName\":\"once\"");
    assert_string_equal(str_at(r, "Data.Items.0.Status"), "COMSUMED");
    assert_string_equal(str_at(r, "Data.Items.0.EventBroadcastType"), "SINGLE");
    assert_int_equal(num_at(r, "Data.Items.0.ConsumeCount"), 1);
    assert_int_equal(strlen(str_at(r, "Data.Items.0.LogTimestamp")),
                     strlen("2026-01-29T11:23:37.774462Z"));
    json_decref(r);
    r = harness_okf(&h, API_2021, "DescribeEvent",
                    "{\"ProjectId\":\"%s\",\"EventName\":\"shared\"}", project);
    assert_int_equal(json_array_size(at(r, "Data.Listeners")), 2);
    assert_string_equal(str_at(r, "Data.Listeners.0.Properties"),
                        "[ParamInfo(paramKey=maxWaitEventTime, paramValue=5), "
                        "ParamInfo(paramKey=maxWaitEventTimeUnit, paramValue=DAYS)]");
    assert_int_equal(json_array_size(at(r, "Data.EventCases")), 2);
    assert_string_equal(str_at(r, "Data.EventCases.0.Name"), "shared");
    json_decref(r);
}

/* 4.6: a listener is as old as it is, not as its task, and saving the task does not renew it. */
static void test_listener__keeps_its_time(void **state)
{
    char first[40];

    (void)state;
    json_decref(register_event("early", "DAY", ""));
    json_decref(register_event("late", "DAY", ""));
    listen_to("early", "a", "BROADCAST");
    h.now = wall_add(h.now, DUR_MIN(90));
    json_t *r = harness_okf(&h, API_2021, "RegisterDsEventListener",
                            "{\"ProjectId\":\"%s\",\"Key\":\"%s\",\"Type\":\"REST_API\","
                            "\"EventName\":\"late\"}",
                            project, task);
    keep_at(first, sizeof(first), r, "Data.CreationTs");
    for (int i = 0; i < 2; i++) {
        h.now = wall_add(h.now, DUR_MIN(1));
        r = harness_okf(&h, API_2021, "DescribeEvent",
                        "{\"ProjectId\":\"%s\",\"EventName\":\"late\"}", project);
        assert_string_equal(str_at(r, "Data.Listeners.0.CreationTimestamp"), first);
        json_decref(r);
        r = harness_okf(&h, API_2021, "DescribeEvent",
                        "{\"ProjectId\":\"%s\",\"EventName\":\"early\"}", project);
        assert_string_not_equal(str_at(r, "Data.Listeners.0.CreationTimestamp"), first);
        json_decref(r);
        json_decref(harness_okf(&h, API_2025, "UpdateTaskPartially",
                                "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"NewSetting\":{"
                                "\"TaskBaseAttribute\":{\"TaskDescription\":\"%d\"}}}",
                                project, task, i));
    }
}

static json_t *consumers(const char *id, const char *of_project)
{
    return harness_okf(&h, API_2021, "DescribeEventConsumeTasks",
                       "{\"EventCaseId\":\"%s\",\"PageNumber\":1,\"PageSize\":10,"
                       "\"ProjectId\":\"%s\"}",
                       id, of_project);
}

static int64_t consumptions(void)
{
    struct query q;
    int64_t n;

    query_init(&q, &table_consumption);
    assert_int_equal(query_count(store_view(h.store), &q, &n, NULL), E_OK);
    return n;
}

/* 4.5 */
static void test_consumers__are_those_that_took_the_case(void **state)
{
    char today[16], first[32];

    (void)state;
    json_decref(register_event("shared", "DAY", ""));
    listen_to("shared", "a", "BROADCAST");
    strcpy(first, task);
    to_midnight(today);
    harness_run(&h);
    json_decref(harness_okf(&h, API_2021, "TriggerDsEvent",
                            "{\"ProjectId\":\"%s\",\"EventCaseList\":[{\"Name\":\"shared\","
                            "\"Dimension\":\"%s\",\"CaseId\":\"c1\"}]}",
                            project, today));
    harness_run(&h);
    json_t *r = consumers("c1", project);
    assert_int_equal(num_at(r, "Data.TotalCount"), 1);
    assert_int_equal(num_at(r, "Data.TotalPage"), 1);
    assert_int_equal(num_at(r, "Data.PageCount"), 1);
    assert_string_equal(str_at(r, "Data.Items.0.EventCaseId"), "c1");
    assert_string_equal(str_at(r, "Data.Items.0.ConsumerId"), first);
    assert_memory_equal(str_at(r, "Data.Items.0.ConsumeLogId"), first, strlen(first));
    assert_non_null(strstr(str_at(r, "Data.Items.0.ConsumeLogId"), " 00:00:00_0"));
    assert_string_equal(str_at(r, "Data.Items.0.ConsumerDetail.TaskName"), "a");
    assert_string_equal(str_at(r, "Data.Items.0.ConsumerDetail.Status"), "Y");
    assert_string_equal(str_at(r, "Data.Items.0.ConsumerDetail.CrontabExpression"),
                        "0 0 0 * * ? *");
    static const struct {
        const char *name, *value; /* NULL: null */
    } known[] = {
        { "ScheduleDesc", "Every day at 00:00" },
        { "WorkflowType", "cycle" },
        { "FolderId", NULL }, /* the root */
        { "TaskType.TypeDesc", "Shell" },
        { "TaskType.TypeSort", NULL },
        { "EventListenerInfos.0.EventName", "shared" },
        { "EventListenerInfos.0.EventSubType", "DAY" },
        { "EventListenerInfos.0.EventBroadcastType", "BROADCAST" },
        { "EventListenerInfos.0.ProjectId", project },
        { "EventListenerInfos.0.PropertiesList.0.ParamValue", "5" },
        { "EventListenerInfos.0.Dimension", NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        char path[96];
        snprintf(path, sizeof(path), "Data.Items.0.ConsumerDetail.%s", known[i].name);
        if (known[i].value)
            assert_string_equal(str_at(r, path), known[i].value);
        else
            assert_true(json_is_null(at(r, path)));
    }
    json_decref(r);
    /* What was consumed stays known without the task. */
    json_decref(harness_okf(&h, API_2025, "DeleteTask", "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\"}",
                            project, first));
    r = consumers("c1", project);
    assert_string_equal(str_at(r, "Data.Items.0.ConsumerDetail.TaskName"), "a");
    assert_true(json_is_null(at(r, "Data.Items.0.ConsumerDetail.Status")));
    json_decref(r);
    harness_refused(&h, API_2021, "DescribeEventConsumeTasks",
                    "{\"EventCaseId\":\"none\",\"PageNumber\":1,\"PageSize\":10}", E_MISSING,
                    "EventCaseId");
    harness_refused(&h, API_2021, "DescribeEventConsumeTasks",
                    "{\"EventCaseId\":\"\",\"PageNumber\":1,\"PageSize\":10}", E_MISSING,
                    "EventCaseId");
    harness_refused(&h, API_2021, "DescribeEventConsumeTasks",
                    "{\"EventCaseId\":\"c1\",\"PageNumber\":0,\"PageSize\":10}", E_RANGE,
                    "PageNumber");
}

/* 4.5: an instance may be gone. */
static void test_consumers__may_be_gone(void **state)
{
    struct consumption_row row = { .case_id = STR("c1"),
                                   .task_id = 20260129112337774,
                                   .data_time = { 86400 },
                                   .project_id = str_from(project) };

    (void)state;
    json_decref(register_event("shared", "DAY", ""));
    json_decref(harness_okf(&h, API_2021, "TriggerDsEvent",
                            "{\"ProjectId\":\"%s\",\"EventCaseList\":[{\"Name\":\"shared\","
                            "\"Dimension\":\"20000101\",\"CaseId\":\"c1\"}]}",
                            project));
    assert_int_equal(store_begin(h.store, NULL), E_OK);
    assert_int_equal(row_insert(h.store, &table_consumption, &row, NULL, NULL), E_OK);
    assert_int_equal(store_commit(h.store, NULL), E_OK);
    json_t *r = consumers("c1", project);
    assert_int_equal(num_at(r, "Data.TotalCount"), 1);
    assert_string_equal(str_at(r, "Data.Items.0.ConsumerId"), "20260129112337774");
    assert_string_equal(str_at(r, "Data.Items.0.ConsumerDetail.MinDateTime"),
                        "1970-01-02 00:00:00");
    assert_true(json_is_null(at(r, "Data.Items.0.ConsumerDetail.TaskName")));
    json_decref(r);
    /* Nobody but the root key sees what cannot be told whose it is. */
    h.plain_key = true;
    r = consumers("c1", project);
    h.plain_key = false;
    assert_int_equal(num_at(r, "Data.TotalCount"), 0);
    json_decref(r);
}

/* 4.4, 4.5: an event of another project; its records go with its cases. */
static void test_consumers__of_an_event_of_another_project(void **state)
{
    char today[16], own[32], other[32], more[128];

    (void)state;
    strcpy(own, project);
    harness_project(&h, "q", project);
    json_decref(register_event("far", "DAY", ""));
    snprintf(more, sizeof(more), ",{\"ParamKey\":\"EventProjectId\",\"ParamValue\":\"%s\"}",
             project);
    strcpy(other, project);
    strcpy(project, own);
    listen_with("far", "a", "BROADCAST", more);
    to_midnight(today);
    harness_run(&h);
    strcpy(project, other);
    json_decref(harness_okf(&h, API_2021, "TriggerDsEvent",
                            "{\"ProjectId\":\"%s\",\"EventCaseList\":[{\"Name\":\"far\","
                            "\"Dimension\":\"%s\",\"CaseId\":\"c2\"}]}",
                            other, today));
    harness_run(&h);
    assert_int_equal(h.begun, 1);
    json_t *r = consumers("c2", other);
    assert_string_equal(str_at(r, "Data.Items.0.ConsumerId"), task);
    assert_string_equal(str_at(r, "Data.Items.0.ConsumerDetail.ProjectId"), own);
    json_decref(r);
    harness_refusedf(&h, API_2021, "DescribeEventConsumeTasks", E_MISSING, "EventCaseId",
                     "{\"EventCaseId\":\"c2\",\"PageNumber\":1,\"PageSize\":10,"
                     "\"ProjectId\":\"%s\"}",
                     own);
    assert_int_equal(consumptions(), 1);
    json_decref(harness_okf(&h, API_2025, "DeleteProject", "{\"ProjectId\":\"%s\"}", other));
    assert_int_equal(consumptions(), 0);
}

static void test_cases__are_listed_with_every_filter(void **state)
{
    static const struct {
        const char *filter;
        int64_t n;
    } rows[] = {
        { ",\"Category\":\"all\"", 14 },
        { ",\"Category\":\"expired\"", 2 },
        { ",\"Category\":\"consuming\"", 12 },
        { ",\"Category\":\"all\",\"Status\":\"EXPIRED\"", 2 },
        { ",\"Category\":\"all\",\"Status\":\"ACTIVE\"", 12 },
        { ",\"Category\":\"expired\",\"Status\":\"ACTIVE\"", 0 },
        { ",\"Category\":\"all\",\"EventName\":\"hour\"", 12 },
        { ",\"Category\":\"all\",\"EventType\":\"GENERAL\"", 0 },
        { ",\"Category\":\"all\",\"EventSubType\":\"HOUR\"", 12 },
        { ",\"Category\":\"all\",\"EventBroadcastType\":\"SINGLE\"", 2 },
        { ",\"Category\":\"all\",\"Dimension\":\"2024010100\"", 1 },
        { ",\"Category\":\"all\",\"TimeToLive\":\"2\"", 2 },
        { ",\"Category\":\"all\",\"ConsumeCount\":\"-1\"", 12 },
        { ",\"Category\":\"all\",\"CreationTimeStart\":\"2020-01-01 "
          "00:00:00\",\"CreationTimeEnd\":\"2020-01-02 00:00:00\"",
          2 },
        { ",\"Category\":\"all\",\"EventTriggeredTimeStart\":\"2020-01-01 00:00:01\"", 12 },
        { ",\"Category\":\"all\",\"LogTimeStart\":\"2000-01-01 00:00:00\"", 0 },
    };
    static const struct {
        const char *filter;
        enum err_code rc;
        const char *path;
    } wrong[] = {
        { ",\"Category\":\"some\"", E_RANGE, "Category" },
        { ",\"Category\":\"all\",\"Status\":\"CONSUMED\"", E_RANGE, "Status" },
        { ",\"Category\":\"all\",\"EventSubType\":\"1\"", E_RANGE, "EventSubType" },
        { ",\"Category\":\"all\",\"TimeToLive\":\"x\"", E_SYNTAX, "TimeToLive" },
        { ",\"Category\":\"all\",\"LogTimeEnd\":\"today\"", E_SYNTAX, "LogTimeEnd" },
        { ",\"Category\":\"all\",\"SortItem\":\"Color\"", E_RANGE, "SortItem" },
        { ",\"Category\":\"all\",\"SortType\":\"up\"", E_RANGE, "SortType" },
    };
    struct wall real = h.now;

    (void)state;
    h.now = (struct wall){ 1577808000000000 }; /* 2020-01-01 00:00:00 in UTC+8 */
    json_decref(harness_okf(
        &h, API_2021, "RegisterDsEvent",
        "{\"ProjectId\":\"%s\",\"Name\":\"old\",\"EventSubType\":\"DAY\",\"TimeToLive\":\"2\","
        "\"TimeUnit\":\"MINUTES\",\"Owner\":\"z\",\"Description\":\"\","
        "\"EventBroadcastType\":\"SINGLE\"}",
        project));
    json_decref(fire("\"EventBatchCaseList\":[{\"Name\":\"old\",\"StartDimension\":\"20200101\","
                     "\"EndDimension\":\"20200102\"}]"));
    h.now = real;
    json_decref(register_event("hour", "HOUR", ""));
    json_decref(fire("\"EventBatchCaseList\":[{\"Name\":\"hour\",\"StartDimension\":\"2024010100\","
                     "\"EndDimension\":\"2024010111\"}]"));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (count(rows[i].filter) != rows[i].n)
            fail_msg("%s: %d, not %d", rows[i].filter, (int)count(rows[i].filter), (int)rows[i].n);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        harness_refusedf(&h, API_2021, "DescribeEventCases", wrong[i].rc, wrong[i].path,
                         "{\"ProjectId\":\"%s\",\"PageNumber\":1,\"PageSize\":10%s}", project,
                         wrong[i].filter);
    /* The store's paging and the paging row by row agree. */
    static const char *const ways[] = { "", ",\"EventSubType\":\"HOUR\"" };
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        json_t *r = harness_okf(
            &h, API_2021, "DescribeEventCases",
            "{\"ProjectId\":\"%s\",\"PageNumber\":2,\"PageSize\":5,\"Category\":\"consuming\","
            "\"SortItem\":\"Dimension\",\"SortType\":\"asc\"%s}",
            project, ways[i]);
        assert_int_equal(num_at(r, "Data.TotalCount"), 12);
        assert_int_equal(num_at(r, "Data.TotalPage"), 3);
        assert_int_equal(num_at(r, "Data.PageCount"), 5);
        assert_string_equal(str_at(r, "Data.Items.0.Dimension"), "2024010105");
        assert_string_equal(str_at(r, "Data.Items.4.Dimension"), "2024010109");
        json_decref(r);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_register__answers_the_whole_event),
        TEST(test_register__refuses_wrong_values),
        TEST(test_trigger__counts_successes_and_failures),
        TEST(test_trigger__refuses_what_concerns_all),
        TEST(test_listener__has_so_many_properties),
        TEST(test_fired_case__lets_a_waiting_instance_go_on),
        TEST(test_listener__keeps_its_time),
        TEST(test_consumers__are_those_that_took_the_case),
        TEST(test_consumers__may_be_gone),
        TEST(test_consumers__of_an_event_of_another_project),
        TEST(test_cases__are_listed_with_every_filter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
