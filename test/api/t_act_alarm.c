/* test/api/t_act_alarm.c - alarm rules through the API: made, shown, changed, listed, deleted, and
 * refused by path (docs/reference/semantics.md 8.1, 8.2). */
#include "act_harness.h"

#include <stdio.h>
#include <string.h>

static struct harness h;
static char project[32], workflow[64], task[32];

static int setup(void **state)
{
    (void)state;
    harness_init(&h);
    harness_project(&h, "p", project);
    harness_workflow(&h, project, "w", workflow);
    keep_at(task, sizeof(task),
            harness_okf(
                &h, API_2025, "CreateTask",
                "{\"ProjectId\":\"%s\",\"TaskBaseAttribute\":{\"TaskName\":\"t\",\"TaskTypeId\":"
                "\"35\",\"WorkflowId\":\"%s\"},\"TaskConfiguration\":{},"
                "\"TaskSchedulerConfiguration\":{\"CycleType\":\"DAY_CYCLE\"}}",
                project, workflow),
            "Data.TaskId");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    harness_done(&h);
    return 0;
}

#define MAIL "\"AlarmGroups\":[{\"AlarmRecipientIds\":[\"100\",\"a@b.example\"]}]"
#define SLACK                                                                                      \
    "\"AlarmGroups\":[{\"AlarmWays\":[\"10\"],\"WebHooks\":[{\"AlarmWay\":\"10\",\"WebHooks\":["   \
    "\"https://hooks.example/services/secret\"]}]}]"

/* A rule about the task; `more` are further members. */
static json_t *create(const char *name, const char *types, const char *more)
{
    return harness_okf(
        &h, API_2025, "CreateOpsAlarmRule",
        "{\"ProjectId\":\"%s\",\"AlarmRuleName\":\"%s\",\"MonitorObjectIds\":[\"%s\"],"
        "\"AlarmTypes\":[%s],%s}",
        project, name, task, types, more);
}

static void make(char id[64], const char *name, const char *types, const char *more)
{
    keep_at(id, 64, create(name, types, more), "Data.AlarmRuleId");
}

static json_t *get(const char *id)
{
    return harness_okf(&h, API_2025, "GetOpsAlarmRule",
                       "{\"ProjectId\":\"%s\",\"AlarmRuleId\":\"%s\"}", project, id);
}

static void test_rule__is_shown_as_it_was_made(void **state)
{
    char id[64];

    (void)state;
    make(id, "rule_一", "\"failure\",\"overtime\",\"failure\"",
         "\"AlarmLevel\":3,\"Description\":\"d\",\"AlarmRuleDetail\":{\"Trigger\":1,"
         "\"TimeOutExtInfo\":[{\"RuleType\":2,\"Hour\":6,\"Min\":30,\"ScheduleTimeZone\":\"UTC+7\"}"
         "]},"
         "\"AlarmGroups\":[{\"AlarmRecipientType\":2,\"AlarmWays\":[\"1\",\"8\"],\"WebHooks\":[{"
         "\"AlarmWay\":\"8\",\"WebHooks\":[\"http://127.0.0.1:1/x\"]}],\"NotificationFatigue\":{"
         "\"NotifyCount\":2,\"NotifyInterval\":7,\"QuietIntervals\":[{\"DaysOfWeek\":[1,7],"
         "\"StartTime\":\"22:00:00\",\"EndTime\":\"06:00:00\"}]},\"AlarmEscalationInterval\":10,"
         "\"AlarmEscalationRecipientIds\":[\"7\"]}]");
    json_t *r = get(id);
    assert_string_equal(str_at(r, "Data.AlarmRuleName"), "rule_一");
    assert_string_equal(str_at(r, "Data.Description"), "d");
    assert_int_equal(num_at(r, "Data.MonitorObjectType"), 1);
    assert_string_equal(str_at(r, "Data.MonitorObjectIds.0"), task);
    assert_string_equal(str_at(r, "Data.AlarmTypes.1"), "overtime");
    assert_int_equal(json_array_size(at(r, "Data.AlarmTypes")), 2);
    assert_int_equal(num_at(r, "Data.Status"), 1);
    assert_int_equal(num_at(r, "Data.AlarmLevel"), 3);
    assert_string_equal(str_at(r, "Data.OwnerUin"), "100000000001");
    assert_int_equal(num_at(r, "Data.AlarmRuleDetail.Trigger"), 1);
    assert_int_equal(num_at(r, "Data.AlarmRuleDetail.TimeOutExtInfo.0.Min"), 30);
    assert_true(json_is_null(at(r, "Data.AlarmRuleDetail.TimeOutExtInfo.0.Second")));
    assert_true(json_is_null(at(r, "Data.AlarmRuleDetail.MonitorWhiteTasks")));
    assert_true(json_is_null(at(r, "Data.AlarmGroups.0.AlarmRecipientIds")));
    assert_int_equal(num_at(r, "Data.AlarmGroups.0.NotificationFatigue.NotifyCount"), 2);
    assert_string_equal(str_at(r, "Data.AlarmGroups.0.AlarmEscalationRecipientIds.0"), "7");
    assert_true(json_is_null(at(r, "Data.BundleId")));
    json_decref(r);
}

static void test_rule__is_changed_in_what_is_given(void **state)
{
    char id[64], other[64];

    (void)state;
    make(id, "a", "\"failure\"", MAIL);
    make(other, "b", "\"success\"", MAIL);
    harness_refusedf(&h, API_2025, "CreateOpsAlarmRule", E_RULE_NAME, "AlarmRuleName",
                     "{\"ProjectId\":\"%s\",\"AlarmRuleName\":\"a\",\"MonitorObjectIds\":[\"%s\"],"
                     "\"AlarmTypes\":[\"failure\"]," MAIL "}",
                     project, task);
    harness_refusedf(&h, API_2025, "UpdateOpsAlarmRule", E_RULE_NAME, "AlarmRuleName",
                     "{\"ProjectId\":\"%s\",\"AlarmRuleId\":\"%s\",\"AlarmRuleName\":\"a\"}",
                     project, other);
    harness_refusedf(&h, API_2025, "UpdateOpsAlarmRule", E_RANGE, "Status",
                     "{\"ProjectId\":\"%s\",\"AlarmRuleId\":\"%s\",\"Status\":2}", project, other);
    /* What is given goes together with what is there. */
    harness_refusedf(
        &h, API_2025, "UpdateOpsAlarmRule", E_REQUIRED, "AlarmRuleDetail.TimeOutExtInfo",
        "{\"ProjectId\":\"%s\",\"AlarmRuleId\":\"%s\",\"AlarmTypes\":[\"overtime\"]}", project, id);
    json_t *r = harness_okf(&h, API_2025, "UpdateOpsAlarmRule",
                            "{\"ProjectId\":\"%s\",\"AlarmRuleId\":\"%s\",\"AlarmRuleName\":\"c\","
                            "\"Status\":0,\"AlarmLevel\":2,\"MonitorObjectType\":2,"
                            "\"MonitorObjectIds\":[\"%s\"]}",
                            project, id, workflow);
    assert_int_equal(num_at(r, "Data.Status"), 1);
    json_decref(r);
    r = get(id);
    assert_string_equal(str_at(r, "Data.AlarmRuleName"), "c");
    assert_int_equal(num_at(r, "Data.Status"), 0);
    assert_int_equal(num_at(r, "Data.AlarmLevel"), 2);
    assert_string_equal(str_at(r, "Data.AlarmTypes.0"), "failure");
    assert_string_equal(str_at(r, "Data.MonitorObjectIds.0"), workflow);
    json_decref(r);
    json_decref(harness_okf(&h, API_2025, "DeleteOpsAlarmRule",
                            "{\"ProjectId\":\"%s\",\"AlarmRuleId\":\"%s\"}", project, id));
    static const char *const actions[] = { "GetOpsAlarmRule", "UpdateOpsAlarmRule",
                                           "DeleteOpsAlarmRule" };
    for (size_t i = 0; i < ARRAY_LEN(actions); i++)
        harness_refusedf(&h, API_2025, actions[i], E_MISSING, "AlarmRuleId",
                         "{\"ProjectId\":\"%s\",\"AlarmRuleId\":\"%s\"}", project, id);
}

static void expect_rules(const char *filter, int n)
{
    json_t *r =
        harness_okf(&h, API_2025, "ListOpsAlarmRules", "{\"ProjectId\":\"%s\"%s}", project, filter);

    if (num_at(r, "Data.TotalCount") != n)
        fail_msg("%s: %d", filter, (int)num_at(r, "Data.TotalCount"));
    json_decref(r);
}

/* A rule with a name and details that no request may give, as older servers took them. */
static void test_rule__of_before_is_changed_in_the_rest(void **state)
{
    struct err e = ERR_INIT;
    char id[64];

    (void)state;
    make(id, "r", "\"failure\",\"overtime\"",
         MAIL ",\"AlarmRuleDetail\":{\"TimeOutExtInfo\":[{\"RuleType\":1,\"Min\":5}]}");
    struct alarm_rule_row row = { .id = str_from(id), .name = STR("two words") };
    assert_int_equal(store_begin(h.store, &e), E_OK);
    assert_int_equal(row_update(h.store, &table_alarm_rule, &row, COL(ALARM_RULE_NAME), &e), E_OK);
    assert_int_equal(store_commit(h.store, &e), E_OK);
    json_decref(harness_okf(&h, API_2025, "UpdateOpsAlarmRule",
                            "{\"ProjectId\":\"%s\",\"AlarmRuleId\":\"%s\",\"AlarmLevel\":2,"
                            "\"AlarmRuleName\":\"two words\",\"AlarmTypes\":[\"failure\"]}",
                            project, id));
    json_t *r = get(id);
    assert_string_equal(str_at(r, "Data.AlarmRuleName"), "two words");
    assert_int_equal(num_at(r, "Data.AlarmLevel"), 2);
    json_decref(r);
    harness_refusedf(&h, API_2025, "UpdateOpsAlarmRule", E_RANGE, "AlarmRuleName",
                     "{\"ProjectId\":\"%s\",\"AlarmRuleId\":\"%s\","
                     "\"AlarmRuleName\":\"three more words\"}",
                     project, id);
}

static void test_list__filters(void **state)
{
    char id[64], text[256];

    (void)state;
    make(id, "first_one", "\"failure\"", MAIL);
    keep_at(text, sizeof(text), create("second", "\"success\"", "\"AlarmLevel\":2," SLACK),
            "Data.AlarmRuleId");
    json_decref(
        harness_okf(&h, API_2025, "CreateOpsAlarmRule",
                    "{\"ProjectId\":\"%s\",\"AlarmRuleName\":\"third\",\"MonitorObjectType\":"
                    "2,\"MonitorObjectIds\":[\"%s\"],\"AlarmTypes\":[\"failure\"]," MAIL "}",
                    project, workflow));
    json_decref(harness_okf(
        &h, API_2025, "CreateOpsAlarmRule",
        "{\"ProjectId\":\"%s\",\"AlarmRuleName\":\"fourth\",\"MonitorObjectType\":3,"
        "\"MonitorObjectIds\":[\"%s\"],\"AlarmTypes\":[\"failure\"]," MAIL ",\"AlarmRuleDetail\":{"
        "\"MonitorWhiteTasks\":[{\"MonitorObjectId\":\"%s\",\"TaskIds\":[\"%s\"]}]}}",
        project, project, project, task));
    expect_rules("", 4);
    expect_rules(",\"PageSize\":1,\"PageNumber\":2", 4);
    expect_rules(",\"MonitorObjectType\":1", 2);
    expect_rules(",\"AlarmType\":\"failure\"", 3);
    expect_rules(",\"AlarmLevel\":2", 1);
    expect_rules(",\"AlarmRecipientId\":\"a@b.example\"", 3);
    expect_rules(",\"AlarmRecipientId\":\"10\"", 0);
    expect_rules(",\"Keyword\":\"ONE\"", 1);
    expect_rules(",\"CreateUserUin\":\"100000000001\"", 4);
    expect_rules(",\"CreateUserUin\":\"5\"", 0);
    expect_rules(",\"CreateTimeFrom\":\"2000-01-01 00:00:00\"", 4);
    expect_rules(",\"CreateTimeTo\":\"2000-01-01 00:00:00\"", 0);
    expect_rules(",\"UpdateTimeFrom\":\"2100-01-01 00:00:00\"", 0);
    expect_rules(",\"UpdateTimeTo\":\"2100-01-01 00:00:00\"", 4);
    /* All that watch it: its own two, its workflow's; the project's has it on its white list. */
    snprintf(text, sizeof(text), ",\"TaskId\":\"%s\"", task);
    expect_rules(text, 3);
    expect_rules(",\"TaskId\":\"20240101000000001\"", 0);
    snprintf(text, sizeof(text), ",\"Keyword\":\"%s\"", id);
    expect_rules(text, 1);
    harness_refusedf(&h, API_2025, "ListOpsAlarmRules", E_RANGE, "PageSize",
                     "{\"ProjectId\":\"%s\",\"PageSize\":201}", project);
    harness_refusedf(&h, API_2025, "ListOpsAlarmRules", E_SYNTAX, "CreateTimeFrom",
                     "{\"ProjectId\":\"%s\",\"CreateTimeFrom\":\"x\"}", project);
}

/* Members behind ProjectId and AlarmRuleName. */
static void test_create__refuses_by_path(void **state)
{
#define OBJ "\"MonitorObjectIds\":[\"%s\"]"
#define OVER(limit)                                                                                \
    OBJ ",\"AlarmTypes\":[\"overtime\"]," MAIL ",\"AlarmRuleDetail\":{\"TimeOutExtInfo\":[" limit  \
        "]}"
#define GROUP(g) OBJ ",\"AlarmTypes\":[\"failure\"],\"AlarmGroups\":[{" g "}]"
#define DETAIL(d) OBJ ",\"AlarmTypes\":[\"failure\"]," MAIL ",\"AlarmRuleDetail\":{" d "}"
#define HOOK(way, url)                                                                             \
    GROUP("\"AlarmWays\":[\"" way "\"],\"WebHooks\":[{\"AlarmWay\":\"" way                         \
          "\",\"WebHooks\":[\"" url "\"]}]")
#define OF_DAY_PATH "AlarmRuleDetail.ProjectInstanceStatisticsAlarmInfoList.0."
#define OF_DAY(type, members)                                                                      \
    "\"MonitorObjectType\":7,\"MonitorObjectIds\":[\"%s\"],\"AlarmTypes\":[\"" type "\"]," MAIL    \
    ",\"AlarmRuleDetail\":{\"ProjectInstanceStatisticsAlarmInfoList\":[{\"AlarmType\":\"" type     \
    "\"" members "}]}"
    static char long_text[502];
    static const struct {
        enum err_code code;
        const char *path, *members;
    } rows[] = {
        { E_MISSING, "MonitorObjectIds.0",
          "\"MonitorObjectIds\":[\"20240101000000001\"],\"AlarmTypes\":[\"failure\"]," MAIL },
        { E_MISSING, "MonitorObjectIds.0",
          "\"MonitorObjectType\":2," OBJ ",\"AlarmTypes\":[\"failure\"]," MAIL },
        { E_RANGE, "MonitorObjectIds.0",
          "\"MonitorObjectType\":3," OBJ ",\"AlarmTypes\":[\"failure\"]," MAIL },
        { E_RANGE, "MonitorObjectType",
          "\"MonitorObjectType\":4," OBJ ",\"AlarmTypes\":[\"failure\"]," MAIL },
        { E_RANGE, "AlarmLevel", "\"AlarmLevel\":4," OBJ ",\"AlarmTypes\":[\"failure\"]," MAIL },
        { E_REQUIRED, "AlarmTypes", OBJ ",\"AlarmTypes\":[]," MAIL },
        { E_RANGE, "AlarmTypes.1", OBJ ",\"AlarmTypes\":[\"failure\",\"x\"]," MAIL },
        { E_UNSUPPORTED, "AlarmTypes.0", OBJ ",\"AlarmTypes\":[\"reconciliationMismatch\"]," MAIL },
        { E_RANGE, "AlarmTypes.0",
          OBJ ",\"AlarmTypes\":[\"projectFailureInstanceUpwardFluctuationAlarm\"]," MAIL },
        { E_REQUIRED, "AlarmGroups", OBJ ",\"AlarmTypes\":[\"failure\"],\"AlarmGroups\":[]" },
        { E_REQUIRED, "AlarmRuleDetail.TimeOutExtInfo",
          OBJ ",\"AlarmTypes\":[\"overtime\"]," MAIL },
        { E_RANGE, "AlarmRuleDetail.TimeOutExtInfo.0.RuleType", OVER("{\"RuleType\":5}") },
        { E_UNSUPPORTED, "AlarmRuleDetail.TimeOutExtInfo.1.RuleType",
          OVER("{\"RuleType\":1},{\"RuleType\":8}") },
        { E_UNSUPPORTED, "AlarmRuleDetail.TimeOutExtInfo.0.Second",
          OVER("{\"RuleType\":1,\"Second\":5}") },
        { E_RANGE, "AlarmRuleDetail.TimeOutExtInfo.0.Type", OVER("{\"RuleType\":4,\"Type\":2}") },
        { E_RANGE, "AlarmRuleDetail.TimeOutExtInfo.0.Hour", OVER("{\"RuleType\":2,\"Hour\":24}") },
        { E_RANGE, "AlarmRuleDetail.TimeOutExtInfo.0.Min", OVER("{\"RuleType\":1,\"Min\":0}") },
        { E_RANGE, "AlarmRuleDetail.TimeOutExtInfo.0.ScheduleTimeZone",
          OVER("{\"RuleType\":2,\"ScheduleTimeZone\":\"Moon\"}") },
        { E_RANGE, "AlarmRuleDetail.Trigger", DETAIL("\"Trigger\":3") },
        { E_UNSUPPORTED, "AlarmRuleDetail.WorkflowExecutionTrigger",
          DETAIL("\"WorkflowExecutionTrigger\":1") },
        { E_UNSUPPORTED, "AlarmRuleDetail.ReconciliationExtInfo",
          DETAIL("\"ReconciliationExtInfo\":[{\"RuleType\":\"reconciliationFailure\"}]") },
        { E_UNSUPPORTED, "AlarmRuleDetail.MonitorWhiteTasks",
          DETAIL("\"MonitorWhiteTasks\":[{\"MonitorObjectId\":\"1\",\"TaskIds\":[\"1\"]}]") },
        { E_UNSUPPORTED, "AlarmRuleDetail.TimeOutExtInfo",
          DETAIL("\"TimeOutExtInfo\":[{\"RuleType\":1,\"Min\":5}]") },
        { E_UNSUPPORTED, "AlarmRuleDetail.DataBackfillOrRerunTimeOutExtInfo",
          DETAIL("\"DataBackfillOrRerunTimeOutExtInfo\":[{\"RuleType\":1,\"Min\":5}]") },
        { E_UNSUPPORTED, OF_DAY_PATH "AlarmType",
          DETAIL("\"ProjectInstanceStatisticsAlarmInfoList\":[{\"AlarmType\":"
                 "\"projectFailureInstanceCountAlarm\",\"InstanceThresholdCount\":5}]") },
        { E_UNSUPPORTED, "AlarmGroups.0.AlarmRecipientType", GROUP("\"AlarmRecipientType\":3") },
        { E_RANGE, "AlarmGroups.0.AlarmRecipientType", GROUP("\"AlarmRecipientType\":4") },
        { E_REQUIRED, "AlarmGroups.0.AlarmRecipientIds", GROUP("\"AlarmRecipientType\":1") },
        { E_RANGE, "AlarmGroups.0.AlarmRecipientIds.0",
          GROUP("\"AlarmRecipientIds\":[\"a\\r\\nBcc: b\"]") },
        { E_RANGE, "AlarmGroups.0.AlarmRecipientIds.0",
          GROUP("\"AlarmRecipientIds\":[\"a@b@c\"]") },
        { E_UNSUPPORTED, "AlarmGroups.0.AlarmWays.1",
          GROUP("\"AlarmWays\":[\"1\",\"2\"],\"AlarmRecipientIds\":[\"1\"]") },
        { E_RANGE, "AlarmGroups.0.AlarmWays.0", GROUP("\"AlarmWays\":[\"12\"]") },
        { E_RANGE, "AlarmGroups.0.AlarmWays", GROUP("\"AlarmWays\":[\"7\",\"8\"]") },
        { E_REQUIRED, "AlarmGroups.0.WebHooks", GROUP("\"AlarmWays\":[\"6\"]") },
        { E_RANGE, "AlarmGroups.0.WebHooks.0.AlarmWay",
          GROUP("\"AlarmWays\":[\"6\"],\"WebHooks\":[{\"AlarmWay\":\"7\",\"WebHooks\":[]}]") },
        { E_RANGE, "AlarmGroups.0.WebHooks.0.WebHooks.0", HOOK("6", "file:///etc/passwd") },
        { E_RANGE, "AlarmGroups.0.WebHooks.0.WebHooks.0", HOOK("6", "gopher://a/b") },
        { E_RANGE, "AlarmGroups.0.WebHooks.0.WebHooks.0", HOOK("7", "https://u:p@a.example/") },
        { E_RANGE, "AlarmGroups.0.WebHooks.0.WebHooks.0", HOOK("7", "https://a b/") },
        { E_RANGE, "AlarmGroups.0.WebHooks.0.WebHooks.0", HOOK("7", "https:///x") },
        { E_RANGE, "AlarmGroups.0.NotificationFatigue.NotifyCount",
          GROUP("\"AlarmRecipientIds\":[\"1\"],\"NotificationFatigue\":{\"NotifyCount\":11}") },
        { E_RANGE, "AlarmGroups.0.NotificationFatigue.QuietIntervals.0.EndTime",
          GROUP("\"AlarmRecipientIds\":[\"1\"],\"NotificationFatigue\":{\"QuietIntervals\":[{"
                "\"DaysOfWeek\":[1],\"StartTime\":\"00:00:00\",\"EndTime\":\"24:00:00\"}]}") },
        { E_RANGE, "AlarmGroups.0.NotificationFatigue.QuietIntervals.0.DaysOfWeek",
          GROUP("\"AlarmRecipientIds\":[\"1\"],\"NotificationFatigue\":{\"QuietIntervals\":[{"
                "\"DaysOfWeek\":[8]}]}") },
        { E_REQUIRED, OF_DAY_PATH "InstanceThresholdCountPercent",
          OF_DAY("projectFailureInstanceUpwardFluctuationAlarm", "") },
        { E_REQUIRED, OF_DAY_PATH "InstanceThresholdCount",
          OF_DAY("projectFailureInstanceUpwardVolatilityAlarm",
                 ",\"InstanceThresholdCountPercent\":5") },
        { E_RANGE, OF_DAY_PATH "InstanceThresholdCountPercent",
          OF_DAY("projectSuccessInstanceDownwardVolatilityAlarm",
                 ",\"InstanceThresholdCountPercent\":5,\"InstanceThresholdCount\":5") },
        { E_REQUIRED, OF_DAY_PATH "InstanceThresholdCount",
          OF_DAY("projectFailureInstanceCountAlarm", "") },
        { E_REQUIRED, OF_DAY_PATH "InstanceThresholdCountPercent",
          OF_DAY("projectFailureInstanceProportionAlarm", ",\"InstanceThresholdCount\":5") },
        { E_REQUIRED, "AlarmGroups.0.AlarmEscalationInterval",
          GROUP("\"AlarmRecipientIds\":[\"1\"],\"AlarmEscalationRecipientIds\":[\"2\"]") },
    };

    (void)state;
    memset(long_text, 'd', sizeof(long_text) - 1);
    harness_refusedf(&h, API_2025, "CreateOpsAlarmRule", E_RANGE, "Description",
                     "{\"ProjectId\":\"%s\",\"AlarmRuleName\":\"n\",\"Description\":\"%s\"," OBJ
                     ",\"AlarmTypes\":[\"failure\"]," MAIL "}",
                     project, long_text, task);
    harness_refusedf(&h, API_2025, "CreateOpsAlarmRule", E_RANGE, "AlarmRuleName",
                     "{\"ProjectId\":\"%s\",\"AlarmRuleName\":\"two words\"," OBJ
                     ",\"AlarmTypes\":[\"failure\"]," MAIL "}",
                     project, task);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char members[1024];
        struct buf text;
        buf_init(&text, 4096);
        struct str rest = str_from(rows[i].members);
        ptrdiff_t mark = str_find(rest, STR("%s"));
        snprintf(members, sizeof(members), "%.*s%s%s", mark < 0 ? (int)rest.len : (int)mark,
                 rest.ptr, mark < 0 ? "" : task, mark < 0 ? "" : rest.ptr + mark + 2);
        buf_printf(&text, "{\"ProjectId\":\"%s\",\"AlarmRuleName\":\"n\",%s}", project, members);
        harness_refused(&h, API_2025, "CreateOpsAlarmRule", text.ptr, rows[i].code, rows[i].path);
        buf_done(&text);
    }
    harness_refusedf(&h, API_2025, "CreateOpsAlarmRule", E_MISSING, "ProjectId",
                     "{\"ProjectId\":\"1\",\"AlarmRuleName\":\"n\",\"MonitorObjectIds\":[\"%s\"],"
                     "\"AlarmTypes\":[\"failure\"]," MAIL "}",
                     task);
    expect_rules("", 0);
}

/* The host is named, and nothing of what stands behind it: the log keeps refusals. */
static void refused_hook(const char *params, enum err_code rc)
{
    struct err e = ERR_INIT;

    harness_refused(&h, API_2025, "CreateOpsAlarmRule", params, rc, "AlarmGroups.0.WebHooks");
    harness_err(&h, API_2025, "CreateOpsAlarmRule", params, &e);
    assert_non_null(strstr(e.text, "`hooks.example`"));
    assert_non_null(strstr(e.text_zh, "`hooks.example`"));
    assert_null(strstr(e.text, "secret"));
    assert_null(strstr(e.text_zh, "secret"));
}

/* 21 receivers, told so many times. */
static char *with_receivers(const char *name, int times)
{
    char *copy;
    struct buf text;

    buf_init(&text, 4096);
    buf_printf(&text,
               "{\"ProjectId\":\"%s\",\"AlarmRuleName\":\"%s\",\"MonitorObjectIds\":[\"%s\"],"
               "\"AlarmTypes\":[\"failure\"],\"AlarmGroups\":[{\"NotificationFatigue\":"
               "{\"NotifyCount\":%d},\"AlarmRecipientIds\":[",
               project, name, task, times);
    for (int i = 0; i < 21; i++)
        buf_printf(&text, "%s\"%d\"", i > 0 ? "," : "", 100 + i);
    buf_printf(&text, "],\"AlarmEscalationInterval\":5,\"AlarmEscalationRecipientIds\":"
                      "[\"1\",\"2\"]}]}");
    copy = arena_cstr(&h.arena, buf_str(&text));
    buf_done(&text);
    return copy;
}

/* 8.2 */
static void test_deliveries__of_one_alarm_have_a_bound(void **state)
{
    (void)state;
    json_decref(harness_ok(&h, API_2025, "CreateOpsAlarmRule", with_receivers("n", 9)));
    harness_refused(&h, API_2025, "CreateOpsAlarmRule", with_receivers("m", 10), E_LIMIT,
                    "AlarmGroups");
}

static void test_hosts__are_those_that_the_server_allows(void **state)
{
    static const struct {
        const char *hosts;
        enum err_code rc;
    } rows[] = { { NULL, E_OK },
                 { "hooks.example", E_OK },
                 { "a.example, .EXAMPLE", E_OK },
                 { "ooks.example", E_DENIED },
                 { ".hooks.example", E_DENIED } };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf text;
        buf_init(&text, 4096);
        buf_printf(&text,
                   "{\"ProjectId\":\"%s\",\"AlarmRuleName\":\"n%d\",\"MonitorObjectIds\":[\"%s\"],"
                   "\"AlarmTypes\":[\"failure\"]," SLACK "}",
                   project, (int)i, task);
        h.services.alarm_hosts = rows[i].hosts;
        if (rows[i].rc == E_OK)
            json_decref(harness_ok(&h, API_2025, "CreateOpsAlarmRule", text.ptr));
        else
            refused_hook(text.ptr, rows[i].rc);
        buf_done(&text);
    }
}

static void test_hooks__are_shown_to_who_may_operate(void **state)
{
    static const char *const roles[] = { "308335260945326080", "308335260844662784" };
    char id[64];

    (void)state;
    make(id, "a", "\"failure\"", SLACK);
    for (int i = 0; i < 2; i++) {
        h.plain_key = false;
        json_decref(
            harness_okf(&h, API_2025, "CreateProjectMember",
                        "{\"ProjectId\":\"%s\",\"UserUins\":[\"50%d\"],\"RoleIds\":[\"%s\"]}",
                        project, i, roles[i]));
        h.plain_key = true;
        h.uin = i == 0 ? "500" : "501";
        json_t *r = get(id);
        assert_string_equal(str_at(r, "Data.AlarmGroups.0.WebHooks.0.WebHooks.0"),
                            i == 0 ? "https://hooks.example/..."
                                   : "https://hooks.example/services/secret");
        json_decref(r);
        h.uin = "100000000001";
    }
    h.plain_key = false;
}

static void test_project__takes_its_rules_along(void **state)
{
    char other[32], id[64];

    (void)state;
    harness_project(&h, "q", other);
    keep_at(id, sizeof(id),
            harness_okf(&h, API_2025, "CreateOpsAlarmRule",
                        "{\"ProjectId\":\"%s\",\"AlarmRuleName\":\"a\",\"MonitorObjectType\":3,"
                        "\"MonitorObjectIds\":[\"%s\"],\"AlarmTypes\":[\"failure\"]," MAIL "}",
                        other, other),
            "Data.AlarmRuleId");
    harness_refusedf(&h, API_2025, "GetOpsAlarmRule", E_MISSING, "AlarmRuleId",
                     "{\"ProjectId\":\"%s\",\"AlarmRuleId\":\"%s\"}", project, id);
    json_decref(harness_okf(&h, API_2025, "DeleteProject", "{\"ProjectId\":\"%s\"}", other));
    struct query q;
    int64_t n = -1;
    query_init(&q, &table_alarm_rule);
    assert_int_equal(query_count(store_view(h.store), &q, &n, NULL), E_OK);
    assert_int_equal(n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rule__is_shown_as_it_was_made, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rule__is_changed_in_what_is_given, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rule__of_before_is_changed_in_the_rest, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_list__filters, setup, teardown),
        cmocka_unit_test_setup_teardown(test_create__refuses_by_path, setup, teardown),
        cmocka_unit_test_setup_teardown(test_deliveries__of_one_alarm_have_a_bound, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_hosts__are_those_that_the_server_allows, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_hooks__are_shown_to_who_may_operate, setup, teardown),
        cmocka_unit_test_setup_teardown(test_project__takes_its_rules_along, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
