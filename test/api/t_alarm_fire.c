/* test/api/t_alarm_fire.c - when alarms are fired, and what becomes of them: failures, successes,
 * limits of time, days; deliveries, repeats, escalation, restarts (docs/reference/semantics.md 8).
 */
#include "act_harness.h"

#include <stdio.h>
#include <string.h>

static struct harness h;
static char project[32], workflow[64], task[32];

/* 2024-03-<day> 00:00:00 in UTC+8; the 4th is a Monday. */
static struct wall midnight(int64_t day)
{
    return (struct wall){ 1709222400000000 + (day - 1) * 86400000000 };
}

static void run_at(int64_t day, int64_t second)
{
    h.now = wall_add(midnight(day), DUR_S(second));
    harness_run(&h);
}

static void pass(struct dur d)
{
    h.now = wall_add(h.now, d);
    harness_run(&h);
}

static void make_task(const char *name, const char *scheduler)
{
    keep_at(
        task, sizeof(task),
        harness_okf(&h, API_2025, "CreateTask",
                    "{\"ProjectId\":\"%s\",\"TaskBaseAttribute\":{\"TaskName\":\"%s\","
                    "\"TaskTypeId\":\"35\",\"WorkflowId\":\"%s\",\"OwnerUin\":\"33;44\"},"
                    "\"TaskConfiguration\":{\"CodeContent\":\"ZWNobw==\"},"
                    "\"TaskSchedulerConfiguration\":{\"SelfDepend\":\"parallel\",\"CycleType\":"
                    "\"DAY_CYCLE\",\"CrontabExpression\":\"0 0 1 * * ? *\",\"StartTime\":"
                    "\"2024-01-01 00:00:00\",\"RetryWait\":\"5\",\"MaxRetryAttempts\":\"1\"%s}}",
                    project, name, workflow, scheduler),
        "Data.TaskId");
    json_decref(harness_okf(&h, API_2025, "SubmitTask",
                            "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"VersionRemark\":\"r\"}",
                            project, task));
}

static int setup(void **state)
{
    (void)state;
    harness_init(&h);
    h.now = wall_add(midnight(4), DUR_S(60));
    harness_project(&h, "p", project);
    harness_workflow(&h, project, "w", workflow);
    make_task("t", "");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    harness_done(&h);
    return 0;
}

#define HOOK                                                                                       \
    "\"AlarmWays\":[\"6\"],\"WebHooks\":[{\"AlarmWay\":\"6\",\"WebHooks\":["                       \
    "\"http://127.0.0.1:9/a\"]}]"
#define PLAIN "\"AlarmGroups\":[{" HOOK "}]"

static void rule(char id[64], const char *name, const char *types, const char *more)
{
    keep_at(
        id, 64,
        harness_okf(&h, API_2025, "CreateOpsAlarmRule",
                    "{\"ProjectId\":\"%s\",\"AlarmRuleName\":\"%s\",\"MonitorObjectIds\":[\"%s\"],"
                    "\"AlarmTypes\":[%s],%s}",
                    project, name, task, types, more),
        "Data.AlarmRuleId");
}

/* The attempt that was begun last ends. */
static void end(bool good)
{
    engine_runner_running(h.engine, h.last_fence, h.now);
    engine_runner_ended(h.engine, &(struct attempt_end){ .fence = h.last_fence,
                                                         .outcome = ATTEMPT_EXITED,
                                                         .exit_code = good ? 0 : 3,
                                                         .started_at = h.now,
                                                         .ended_at = h.now });
    harness_run(&h);
}

/* The reasons of all messages, the newest first: "success failure". */
static void expect(const char *wanted)
{
    json_t *r = harness_okf(&h, API_2025, "ListAlarmMessages",
                            "{\"ProjectId\":\"%s\",\"PageSize\":100}", project),
           *item;
    char got[1024] = "";
    size_t i, n = 0;

    json_array_foreach(at(r, "Data.Items"), i, item) n += (size_t)snprintf(
        got + n, sizeof(got) - n, "%s%s", i ? " " : "", str_at(item, "AlarmReason"));
    assert_string_equal(got, wanted);
    json_decref(r);
}

static json_t *first_message(void)
{
    json_t *r = harness_okf(&h, API_2025, "ListAlarmMessages", "{\"ProjectId\":\"%s\"}", project);
    json_t *item = json_deep_copy(at(r, "Data.Items.0"));

    json_decref(r);
    return item;
}

static int64_t first_id(void)
{
    json_t *m = first_message();
    int64_t id = num_at(m, "AlarmMessageId");

    json_decref(m);
    return id;
}

/* "DONE:1 PENDING:1": states and attempts of the deliveries of the newest message, as made. */
static void expect_deliveries(const char *wanted)
{
    json_t *r = harness_okf(&h, API_WEFT, "GetAlarmDeliveries",
                            "{\"ProjectId\":\"%s\",\"AlarmMessageId\":\"%lld\"}", project,
                            (long long)first_id()),
           *item;
    char got[1024] = "";
    size_t i, n = 0;

    json_array_foreach(at(r, "Data.Items"), i, item) n +=
        (size_t)snprintf(got + n, sizeof(got) - n, "%s%s:%d", i ? " " : "", str_at(item, "State"),
                         (int)num_at(item, "Attempts"));
    assert_string_equal(got, wanted);
    json_decref(r);
}

/* ---- changes ------------------------------------------------------------------------------- */

static void test_failure__at_the_first_or_the_last_attempt(void **state)
{
    char first[64], last[64];

    (void)state;
    rule(first, "first", "\"failure\"",
         PLAIN ",\"AlarmRuleDetail\":{\"Trigger\":1},\"AlarmLevel\":3");
    run_at(4, 3600);
    assert_int_equal(h.begun, 1);
    end(false);
    expect("failure");
    rule(last, "last", "\"failure\",\"success\"", PLAIN);
    pass(DUR_MIN(5));
    assert_int_equal(h.begun, 2);
    end(false);
    expect("failure failure"); /* the first rule has fired in this round */
    json_t *m = first_message();
    assert_string_equal(str_at(m, "AlarmRuleId"), last);
    assert_string_equal(str_at(m, "TaskId"), task);
    assert_string_equal(str_at(m, "TaskName"), "t");
    assert_string_equal(str_at(m, "CurRunDate"), "2024-03-04 00:00:00");
    assert_string_equal(str_at(m, "AlarmWays.0"), "6");
    json_decref(m);
    /* A restart and another turn add nothing. */
    harness_restart(&h);
    run_at(4, 7200);
    expect("failure failure");
    run_at(5, 3600);
    end(true);
    expect("success failure failure");
    json_t *r = harness_okf(&h, API_2025, "ListAlarmMessages",
                            "{\"ProjectId\":\"%s\",\"AlarmLevel\":3}", project);
    assert_int_equal(num_at(r, "Data.TotalCount"), 1);
    json_decref(r);
}

static void rerun(void)
{
    json_decref(
        harness_okf(&h, API_2025, "RerunTaskInstancesAsync",
                    "{\"ProjectId\":\"%s\",\"InstanceKeyList\":[\"%s_2024-03-04 00:00:00\"],"
                    "\"RerunType\":\"1\"}",
                    project, task));
    harness_run(&h);
}

static void test_rerun__has_types_of_its_own(void **state)
{
    char id[64];

    (void)state;
    rule(id, "redo", "\"backTrackingOrRerunSuccess\",\"backTrackingOrRerunFailure\"",
         PLAIN ",\"AlarmRuleDetail\":{\"DataBackfillOrRerunTrigger\":1}");
    run_at(4, 3600);
    end(true);
    expect("");
    rerun();
    end(false);
    expect("backTrackingOrRerunFailure");
    pass(DUR_MIN(5));
    end(true);
    pass(DUR_MIN(1));
    rerun();
    end(true);
    expect("backTrackingOrRerunSuccess backTrackingOrRerunSuccess backTrackingOrRerunFailure");
}

static void test_scope__workflow_project_white_list(void **state)
{
    char white[32];

    (void)state;
    snprintf(white, sizeof(white), "%s", task);
    make_task("u", "");
    json_decref(harness_okf(&h, API_2025, "CreateOpsAlarmRule",
                            "{\"ProjectId\":\"%s\",\"AlarmRuleName\":\"w\",\"MonitorObjectType\":2,"
                            "\"MonitorObjectIds\":["
                            "\"%s\"],\"AlarmTypes\":[\"success\"]," PLAIN
                            ",\"AlarmRuleDetail\":{\"MonitorWhiteTasks\":[{"
                            "\"MonitorObjectId\":\"%s\",\"TaskIds\":[\"%s\"]}]}}",
                            project, workflow, workflow, white));
    run_at(4, 3600);
    assert_int_equal(h.begun, 2);
    uint64_t last = h.last_fence;
    end(true);
    h.last_fence = last - 1;
    end(true);
    expect("success");
    json_t *m = first_message();
    assert_string_equal(str_at(m, "TaskName"), "u");
    json_decref(m);
}

static void test_disabled__and_deleted_rules_are_silent(void **state)
{
    char id[64], other[64];

    (void)state;
    rule(id, "a", "\"success\"", PLAIN);
    rule(other, "b", "\"success\"", PLAIN);
    json_decref(harness_okf(&h, API_2025, "UpdateOpsAlarmRule",
                            "{\"ProjectId\":\"%s\",\"AlarmRuleId\":\"%s\",\"Status\":0}", project,
                            id));
    json_decref(harness_okf(&h, API_2025, "DeleteOpsAlarmRule",
                            "{\"ProjectId\":\"%s\",\"AlarmRuleId\":\"%s\"}", project, other));
    run_at(4, 3600);
    end(true);
    expect("");
    json_decref(harness_okf(&h, API_2025, "UpdateOpsAlarmRule",
                            "{\"ProjectId\":\"%s\",\"AlarmRuleId\":\"%s\",\"Status\":1}", project,
                            id));
    run_at(5, 3600);
    end(true);
    expect("success");
}

/* ---- limits of time ------------------------------------------------------------------------ */

#define OVER(limit) PLAIN ",\"AlarmRuleDetail\":{\"TimeOutExtInfo\":[" limit "]}"

static void test_overtime__of_the_run(void **state)
{
    char id[64];

    (void)state;
    rule(id, "a", "\"overtime\"", OVER("{\"RuleType\":1,\"Hour\":1,\"Min\":30}"));
    run_at(4, 3600);
    pass(DUR_S(5399));
    expect("");
    harness_restart(&h);
    expect("");
    pass(DUR_S(1));
    expect("overtime:1");
    harness_restart(&h);
    pass(DUR_MIN(60));
    expect("overtime:1");
    end(true);
    expect("overtime:1");
    /* A rule that comes late finds what runs. */
    run_at(5, 3600);
    pass(DUR_MIN(20));
    rule(id, "b", "\"overtime\"", OVER("{\"RuleType\":1,\"Min\":10}"));
    harness_run(&h);
    expect("overtime:1 overtime:1");
}

static void test_overtime__is_found_when_the_end_is_told_late(void **state)
{
    char id[64];

    (void)state;
    rule(id, "a", "\"overtime\",\"success\"", OVER("{\"RuleType\":1,\"Min\":10}"));
    run_at(4, 3600);
    h.now = wall_add(h.now, DUR_MIN(11)); /* nobody looked meanwhile */
    end(true);
    expect("success overtime:1");
}

static void test_overtime__by_a_time_of_day(void **state)
{
    char id[64];

    (void)state;
    rule(id, "a", "\"overtime\"",
         OVER("{\"RuleType\":2,\"Hour\":5,\"Min\":0,\"ScheduleTimeZone\":"
              "\"UTC+7\"},{\"RuleType\":2,\"Hour\":0,\"Min\":30}"));
    run_at(4, 3600);
    run_at(4, 6 * 3600 - 1);
    expect("");
    run_at(4, 6 * 3600); /* 05:00 in UTC+7 */
    expect("overtime:2");
    run_at(5, 1800 - 1);
    expect("overtime:2");
    run_at(5, 1800); /* the first 00:30 behind 01:00 is tomorrow's */
    expect("overtime:2 overtime:2");
}

static void test_overtime__of_the_wait_and_of_the_cycle(void **state)
{
    char id[64];

    (void)state;
    json_decref(harness_okf(&h, API_2021, "RegisterDsEvent",
                            "{\"ProjectId\":\"%s\",\"Name\":\"e\",\"EventSubType\":\"DAY\","
                            "\"TimeToLive\":\"900\",\"TimeUnit\":\"DAYS\",\"Owner\":\"o\","
                            "\"Description\":\"\"}",
                            project));
    make_task("x", ",\"EventListenerList\":[{\"EventName\":\"e\",\"EventSubType\":\"DAY\","
                   "\"EventBroadcastType\":\"BROADCAST\"}]");
    rule(id, "a", "\"overtime\"", OVER("{\"RuleType\":3,\"Min\":45},{\"RuleType\":4}"));
    run_at(4, 3600);
    run_at(4, 3600 + 44 * 60);
    expect("");
    run_at(4, 3600 + 45 * 60);
    expect("overtime:3");
    run_at(5, 3599);
    expect("overtime:3");
    run_at(5, 3600);
    expect("overtime:4 overtime:3");
}

static void test_overtime__beyond_the_average(void **state)
{
    char id[64];

    (void)state;
    rule(id, "a", "\"overtime\"", OVER("{\"RuleType\":1,\"Type\":2,\"Min\":10}"));
    for (int day = 4; day < 7; day++) {
        run_at(day, 3600);
        pass(DUR_MIN(60));
        end(true);
    }
    expect(""); /* too few to have an average, until now */
    run_at(7, 3600);
    pass(DUR_MIN(69));
    expect("");
    pass(DUR_MIN(1));
    expect("overtime:1");
}

/* ---- days ---------------------------------------------------------------------------------- */

static void test_fluctuation__of_failures(void **state)
{
    (void)state;
    json_decref(harness_okf(
        &h, API_2025, "CreateOpsAlarmRule",
        "{\"ProjectId\":\"%s\",\"AlarmRuleName\":\"f\",\"MonitorObjectType\":7,"
        "\"MonitorObjectIds\":["
        "\"%s\"],\"AlarmTypes\":[\"projectFailureInstanceUpwardFluctuationAlarm\"]," PLAIN
        ",\"AlarmRuleDetail\":{\"ProjectInstanceStatisticsAlarmInfoList\":[{\"AlarmType\":"
        "\"projectFailureInstanceUpwardFluctuationAlarm\",\"InstanceThresholdCountPercent\":50,"
        "\"StabilizeThreshold\":2,\"StabilizeStatisticsCycle\":3}]}}",
        project, project));
    run_at(4, 3600);
    end(true);
    run_at(5, 3600);
    end(false);
    pass(DUR_MIN(5));
    end(false);
    expect("");
    pass(DUR_MIN(5)); /* the piece of the day in which it failed is over: once above */
    expect("");
    pass(DUR_MIN(5)); /* twice in a row */
    expect("projectFailureInstanceUpwardFluctuationAlarm");
    pass(DUR_MIN(60));
    harness_restart(&h);
    pass(DUR_MIN(60));
    expect("projectFailureInstanceUpwardFluctuationAlarm");
    json_t *m = first_message();
    assert_true(json_is_null(at(m, "TaskId")));
    json_decref(m);
}

/* Of the first day already: nothing is held against the day before. */
static void test_failures__many_and_a_large_share(void **state)
{
    (void)state;
    json_decref(harness_okf(
        &h, API_2025, "CreateOpsAlarmRule",
        "{\"ProjectId\":\"%s\",\"AlarmRuleName\":\"f\",\"MonitorObjectType\":7,"
        "\"MonitorObjectIds\":[\"%s\"],\"AlarmTypes\":[\"projectFailureInstanceCountAlarm\","
        "\"projectFailureInstanceProportionAlarm\"]," PLAIN
        ",\"AlarmRuleDetail\":{\"ProjectInstanceStatisticsAlarmInfoList\":[{\"AlarmType\":"
        "\"projectFailureInstanceCountAlarm\",\"InstanceThresholdCount\":1},{\"AlarmType\":"
        "\"projectFailureInstanceProportionAlarm\",\"InstanceThresholdCountPercent\":51}]}}",
        project, project));
    run_at(4, 3600);
    end(true);
    pass(DUR_MIN(10));
    expect("");
    run_at(5, 3600);
    end(false);
    pass(DUR_MIN(5));
    end(false);
    pass(DUR_MIN(10)); /* one of one on this day */
    expect("projectFailureInstanceProportionAlarm projectFailureInstanceCountAlarm");
}

/* ---- deliveries ---------------------------------------------------------------------------- */

static void test_delivery__until_it_is_taken(void **state)
{
    char id[64];

    (void)state;
    rule(id, "a", "\"success\"", PLAIN);
    run_at(4, 3600);
    end(true);
    assert_int_equal(h.n_letters, 1);
    assert_int_equal(h.letters[0].way, 6);
    assert_string_equal(h.letters[0].target, "http://127.0.0.1:9/a");
    json_t *body = json_loads(h.letters[0].body, 0, NULL);
    assert_string_equal(str_at(body, "AlarmReason"), "success");
    assert_string_equal(str_at(body, "TaskId"), task);
    assert_int_equal(num_at(body, "AlarmMessageId"), first_id());
    json_decref(body);
    expect_deliveries("PENDING:0");
    pass(DUR_MIN(10));
    assert_int_equal(h.n_letters, 1); /* it is with the sender */
    harness_landed(&h, h.letters[0].id, LETTER_FAILED, "down");
    expect_deliveries("PENDING:1");
    assert_int_equal(h.n_letters, 1);
    pass(DUR_S(5));
    assert_int_equal(h.n_letters, 2);
    harness_landed(&h, h.letters[0].id, LETTER_FAILED, "down");
    pass(DUR_S(9));
    assert_int_equal(h.n_letters, 2);
    /* A crash forgets what is with the sender, and nothing else. */
    harness_restart(&h);
    assert_int_equal(h.n_letters, 0);
    pass(DUR_S(1));
    assert_int_equal(h.n_letters, 1);
    harness_restart(&h);
    assert_int_equal(h.n_letters, 1);
    json_t *before = first_message();
    pass(DUR_S(7));
    harness_landed(&h, h.letters[0].id, LETTER_TAKEN, "");
    expect_deliveries("DONE:3");
    json_t *after = first_message();
    assert_string_not_equal(str_at(before, "AlarmTime"), str_at(after, "AlarmTime"));
    json_decref(before);
    json_decref(after);
    pass(DUR_MIN(60));
    assert_int_equal(h.n_letters, 1);
}

static void test_delivery__is_given_up(void **state)
{
    char id[64];

    (void)state;
    rule(id, "a", "\"success\"", PLAIN);
    run_at(4, 3600);
    end(true);
    int64_t delivery = h.letters[0].id;
    for (int i = 0; i < 150; i++) {
        assert_int_equal(h.n_letters, 1);
        h.n_letters = 0;
        harness_landed(&h, delivery, LETTER_FAILED, "down");
        pass(DUR_MIN(10));
    }
    assert_int_equal(h.n_letters, 0);
    expect_deliveries("GIVEN_UP:150");
    run_at(6, 3600);
    end(true);
    harness_landed(&h, h.letters[0].id, LETTER_REFUSED, "no mail server");
    expect_deliveries("GIVEN_UP:1");
}

static void test_delivery__many_wait_in_the_store(void **state)
{
    char id[64];
    struct buf groups;

    (void)state;
    buf_init(&groups, 1 << 16);
    buf_add_c(&groups, "\"AlarmGroups\":[{\"AlarmWays\":[\"6\"],\"WebHooks\":[{\"AlarmWay\":\"6\","
                       "\"WebHooks\":[");
    for (int i = 0; i < 50; i++)
        buf_printf(&groups, "%s\"http://127.0.0.1:9/%d\"", i ? "," : "", i);
    buf_add_c(&groups, "]}]}]");
    rule(id, "a", "\"success\"", groups.ptr);
    buf_done(&groups);
    run_at(4, 3600);
    end(true);
    assert_int_equal(h.n_letters, 32);
    for (int i = 0; i < 50; i++) {
        assert_true(i < h.n_letters);
        harness_landed(&h, h.letters[i].id, LETTER_TAKEN, "");
    }
    assert_int_equal(h.n_letters, 50);
}

static void test_repeats__and_escalation_until_it_is_acknowledged(void **state)
{
    char id[64];

    (void)state;
    rule(
        id, "a", "\"success\"",
        "\"AlarmGroups\":[{\"AlarmWays\":[\"1\"],\"AlarmRecipientType\":2,\"NotificationFatigue\":{"
        "\"NotifyCount\":3,\"NotifyInterval\":10},\"AlarmEscalationInterval\":15,"
        "\"AlarmEscalationRecipientIds\":[\"boss@x.example\",\"99\"]}]");
    run_at(4, 3600);
    end(true);
    assert_int_equal(h.n_letters, 2);
    assert_string_equal(h.letters[0].target, "33");
    assert_string_equal(h.letters[1].target, "44");
    harness_landed(&h, h.letters[0].id, LETTER_TAKEN, "");
    harness_landed(&h, h.letters[1].id, LETTER_TAKEN, "");
    pass(DUR_MIN(10));
    assert_int_equal(h.n_letters, 4);
    pass(DUR_MIN(5));
    assert_int_equal(h.n_letters, 5);
    assert_string_equal(h.letters[4].target, "boss@x.example");
    assert_non_null(strstr(h.letters[4].body, "escalated"));
    json_decref(harness_okf(&h, API_WEFT, "AcknowledgeAlarmMessage",
                            "{\"ProjectId\":\"%s\",\"AlarmMessageId\":\"%lld\"}", project,
                            (long long)first_id()));
    pass(DUR_MIN(60));
    assert_int_equal(h.n_letters, 5);
    json_t *r = harness_okf(&h, API_WEFT, "GetAlarmDeliveries",
                            "{\"ProjectId\":\"%s\",\"AlarmMessageId\":\"%lld\"}", project,
                            (long long)first_id());
    assert_string_equal(str_at(r, "Data.AcknowledgeUin"), "100000000001");
    assert_int_equal(num_at(r, "Data.TotalCount"), 8);
    json_decref(r);
    harness_refusedf(&h, API_WEFT, "AcknowledgeAlarmMessage", E_MISSING, "AlarmMessageId",
                     "{\"ProjectId\":\"%s\",\"AlarmMessageId\":\"5\"}", project);
    harness_refusedf(&h, API_WEFT, "AcknowledgeAlarmMessage", E_RANGE, "AlarmMessageId",
                     "{\"ProjectId\":\"%s\",\"AlarmMessageId\":\"x\"}", project);
}

static void test_quiet__is_recorded_and_not_sent(void **state)
{
    char id[64];

    (void)state;
    rule(id, "a", "\"success\"",
         "\"AlarmGroups\":[{" HOOK
         ",\"NotificationFatigue\":{\"NotifyCount\":2,\"NotifyInterval\":60,"
         "\"QuietIntervals\":[{\"DaysOfWeek\":[7],\"StartTime\":\"22:00:00\",\"EndTime\":\"01:30:"
         "00\"}]"
         "}}]");
    run_at(4, 3600); /* Monday 01:00: the interval began on Sunday */
    end(true);
    expect("success");
    assert_int_equal(h.n_letters, 0);
    expect_deliveries("QUIET:0 PENDING:0");
    pass(DUR_MIN(60));
    assert_int_equal(h.n_letters, 1);
}

static void test_message__by_id_and_filters(void **state)
{
    char id[64];

    (void)state;
    rule(id, "a", "\"success\"", "\"AlarmGroups\":[{\"AlarmRecipientIds\":[\"7\"]}]");
    run_at(4, 3600);
    end(true);
    int64_t message = first_id();
    json_t *r =
        harness_okf(&h, API_2025, "GetAlarmMessage",
                    "{\"ProjectId\":\"%s\",\"AlarmMessageId\":\"%lld\",\"TimeZone\":\"UTC\"}",
                    project, (long long)message);
    assert_string_equal(str_at(r, "Data.AlarmTime"), "2024-03-03 17:00:00");
    assert_string_equal(str_at(r, "Data.AlarmRecipients.0"), "7");
    json_decref(r);
    static const struct {
        const char *filter;
        int n;
    } rows[] = {
        { "\"AlarmRecipientId\":\"7\"", 1 },
        { "\"AlarmRecipientId\":\"8\"", 0 },
        { "\"StartTime\":\"2024-03-04 01:00:00\",\"EndTime\":\"2024-03-04 01:00:00\"", 1 },
        { "\"StartTime\":\"2024-03-04 01:00:01\"", 0 },
        { "\"EndTime\":\"2024-03-03 17:00:00\"", 0 },
        { "\"EndTime\":\"2024-03-03 17:00:00\",\"TimeZone\":\"UTC\"", 1 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        r = harness_okf(&h, API_2025, "ListAlarmMessages", "{\"ProjectId\":\"%s\",%s}", project,
                        rows[i].filter);
        assert_int_equal(num_at(r, "Data.TotalCount"), rows[i].n);
        json_decref(r);
    }
    harness_refusedf(&h, API_2025, "ListAlarmMessages", E_RANGE, "PageSize",
                     "{\"ProjectId\":\"%s\",\"PageSize\":101}", project);
    harness_refusedf(&h, API_2025, "ListAlarmMessages", E_RANGE, "TimeZone",
                     "{\"ProjectId\":\"%s\",\"TimeZone\":\"Moon\"}", project);
    harness_refusedf(&h, API_2025, "ListAlarmMessages", E_SYNTAX, "StartTime",
                     "{\"ProjectId\":\"%s\",\"StartTime\":\"Moon\"}", project);
    harness_refusedf(&h, API_2025, "GetAlarmMessage", E_MISSING, "AlarmMessageId",
                     "{\"ProjectId\":\"%s\",\"AlarmMessageId\":\"1\"}", project);
    json_decref(harness_okf(&h, API_2025, "DeleteTask", "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\"}",
                            project, task));
    expect("success"); /* it stays */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_failure__at_the_first_or_the_last_attempt),
        TEST(test_rerun__has_types_of_its_own),
        TEST(test_scope__workflow_project_white_list),
        TEST(test_disabled__and_deleted_rules_are_silent),
        TEST(test_overtime__of_the_run),
        TEST(test_overtime__is_found_when_the_end_is_told_late),
        TEST(test_overtime__by_a_time_of_day),
        TEST(test_overtime__of_the_wait_and_of_the_cycle),
        TEST(test_overtime__beyond_the_average),
        TEST(test_fluctuation__of_failures),
        TEST(test_failures__many_and_a_large_share),
        TEST(test_delivery__until_it_is_taken),
        TEST(test_delivery__is_given_up),
        TEST(test_delivery__many_wait_in_the_store),
        TEST(test_repeats__and_escalation_until_it_is_acknowledged),
        TEST(test_quiet__is_recorded_and_not_sent),
        TEST(test_message__by_id_and_filters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
