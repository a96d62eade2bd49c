/* test/api/t_act_ledger.c - the ledger of firings over days that pass at once: late and missing
 * firings, versions, calendars (docs/reference/semantics.md 1.5, 2.3, 2.7, 2.8). */
#include "act_harness.h"

#include <stdio.h>
#include <string.h>

#include "api/ledger.h"
#include "core/core.h"

static struct harness h;
static char project[32], workflow[64], task[32];

/* 2024-03-<day> 00:00:00 in UTC+8, long past: nothing here is FUTURE by the real clock. */
static struct wall midnight(int64_t day)
{
    return (struct wall){ 1709222400000000 + (day - 1) * 86400000000 };
}

static void run_at(int64_t day, int64_t second)
{
    h.now = wall_add(midnight(day), DUR_S(second));
    harness_run(&h);
}

static int setup(void **state)
{
    (void)state;
    harness_init(&h);
    h.now = wall_add(midnight(1), DUR_S(3600));
    harness_project(&h, "p", project);
    harness_workflow(&h, project, "w", workflow);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    harness_done(&h);
    return 0;
}

static void submit(void)
{
    json_decref(harness_okf(&h, API_2025, "SubmitTask",
                            "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"VersionRemark\":\"r\"}",
                            project, task));
}

/* Submitted; dry runs, so that instances complete without a runner. */
static void make(const char *scheduler)
{
    json_t *r = harness_okf(
        &h, API_2025, "CreateTask",
        "{\"ProjectId\":\"%s\",\"TaskBaseAttribute\":{\"TaskName\":\"t\",\"TaskTypeId\":\"35\","
        "\"WorkflowId\":\"%s\"},\"TaskConfiguration\":{},\"TaskSchedulerConfiguration\":{"
        "\"SelfDepend\":\"parallel\",\"ScheduleRunType\":\"1\",%s}}",
        project, workflow, scheduler);

    snprintf(task, sizeof(task), "%s", str_at(r, "Data.TaskId"));
    json_decref(r);
    submit();
}

#define DAILY                                                                                      \
    "\"CycleType\":\"DAY_CYCLE\",\"CrontabExpression\":\"0 0 0 * * ? *\","                         \
    "\"StartTime\":\"2024-01-01 00:00:00\""

static json_t *read_ledger(int from, int to)
{
    return harness_okf(&h, API_WEFT, "ListTaskFirings",
                       "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"PageSize\":200,"
                       "\"From\":\"2024-03-%02d 00:00:00\",\"To\":\"2024-03-%02d 23:59:59\"}",
                       project, task, from, to);
}

/* "2 ON_TIME, 3 LATE": day of the data time and outcome of each firing planned on these days. */
static void expect(int from, int to, const char *wanted)
{
    json_t *r = read_ledger(from, to), *item;
    char got[2048] = "";
    size_t i, n = 0;

    json_array_foreach(at(r, "Data.Items"), i, item)
    {
        const char *date = json_string_value(json_object_get(item, "CurRunDate"));
        n += (size_t)snprintf(got + n, sizeof(got) - n, "%s%d %s", i > 0 ? ", " : "",
                              (date[8] - '0') * 10 + date[9] - '0',
                              json_string_value(json_object_get(item, "Outcome")));
        assert_true(n < sizeof(got));
    }
    assert_string_equal(got, wanted);
    json_decref(r);
}

static void expect_reason(int day, enum ledger_reason reason)
{
    json_t *r = read_ledger(day, day);

    assert_string_equal(str_at(r, "Data.Items.0.Reason"), ledger_reason_text(reason, false));
    json_decref(r);
    h.lang = LANG_ZH;
    r = read_ledger(day, day);
    assert_string_equal(str_at(r, "Data.Items.0.Reason"), ledger_reason_text(reason, true));
    json_decref(r);
    h.lang = LANG_EN;
}

static int64_t task_number(void)
{
    int64_t id;

    assert_true(str_to_i64(str_from(task), &id));
    return id;
}

static void test_late__is_what_was_made_up_after_an_outage(void **state)
{
    (void)state;
    make(DAILY);
    run_at(2, 60);
    run_at(5, 61);
    expect(1, 6, "1 NOT_LIVE, 2 ON_TIME, 3 LATE, 4 LATE, 5 LATE, 6 FUTURE");
    expect_reason(1, LEDGER_BEFORE_SUBMIT);
    expect_reason(6, LEDGER_NOT_SETTLED); /* due by the real clock */
    json_t *r = read_ledger(3, 5);
    assert_int_equal(num_at(r, "Data.Items.0.LateSeconds"), 2 * 86400 + 61);
    assert_int_equal(num_at(r, "Data.Items.2.LateSeconds"), 61);
    assert_string_equal(str_at(r, "Data.HighWater"), "2024-03-05 00:00:00");
    assert_string_equal(str_at(r, "Data.LiveFrom"), "2024-03-01 01:00:00");
    assert_int_equal(num_at(r, "Data.Counts.1.Count"), 3);
    json_decref(r);
}

static void change(enum err_code (*how)(struct err *e))
{
    struct err e = ERR_INIT;

    assert_int_equal(store_begin(h.store, &e), E_OK);
    assert_int_equal(how(&e), E_OK);
    assert_int_equal(store_commit(h.store, &e), E_OK);
}

static enum err_code lose_instance(struct err *e)
{
    struct instance_row row = { .task_id = task_number(), .data_time = { 1709424000 } };

    return row_delete(h.store, &table_instance, &row, e); /* 2024-03-03 00:00:00 */
}

static enum err_code add_miss(struct err *e)
{
    struct miss_row row = { .task_id = task_number(),
                            .planned = { 1709424000 },
                            .data_time = { 1709424000 },
                            .reason = MISS_PAUSED,
                            .at = h.now };

    return row_insert(h.store, &table_miss, &row, NULL, e);
}

static enum err_code pause_schedule(struct err *e)
{
    struct schedule_row row = { .task_id = task_number(), .status = TASK_PAUSED };

    return row_update(h.store, &table_schedule, &row, COL(SCHEDULE_STATUS), e);
}

static enum err_code change_status(struct err *e)
{
    struct task_row row = { .id = task_number(), .ops_at = h.now };

    return row_update(h.store, &table_task, &row, COL(TASK_OPS_AT), e);
}

static void test_missing__is_settled_and_has_no_record(void **state)
{
    (void)state;
    make(DAILY);
    for (int day = 2; day <= 4; day++)
        run_at(day, 1);
    expect(2, 4, "2 ON_TIME, 3 ON_TIME, 4 ON_TIME");
    change(lose_instance);
    expect(2, 4, "2 ON_TIME, 3 MISSING, 4 ON_TIME");
    expect_reason(3, LEDGER_DEFECT);
    change(add_miss);
    expect(2, 4, "2 ON_TIME, 3 MISSED, 4 ON_TIME");
    expect_reason(3, LEDGER_PAUSED);
    change(pause_schedule);
    expect(4, 5, "4 ON_TIME, 5 FUTURE");
    expect_reason(5, LEDGER_NOT_SCHEDULING);
}

static void test_status_change__leaves_nothing_to_be_sure_of(void **state)
{
    (void)state;
    make(DAILY);
    for (int day = 2; day <= 4; day++)
        run_at(day, 1);
    change(lose_instance);
    change(change_status);
    expect(2, 4, "2 ON_TIME, 3 NOT_LIVE, 4 ON_TIME");
    expect_reason(3, LEDGER_MAYBE_PAUSED);
}

static void backfill(int from, int to)
{
    json_decref(harness_okf(&h, API_2025, "CreateDataBackfillPlan",
                            "{\"ProjectId\":\"%s\",\"TaskIds\":[\"%s\"],"
                            "\"DataBackfillRangeList\":[{\"StartDate\":\"2024-03-%02d\","
                            "\"EndDate\":\"2024-03-%02d\"}]}",
                            project, task, from, to));
    harness_run(&h);
}

static void test_backfill__makes_up_and_takes_nothing_from_the_schedule(void **state)
{
    (void)state;
    make(DAILY);
    run_at(2, 1);
    run_at(3, 3600);
    backfill(1, 5);
    /* 2 and 3 were made by the schedule, and the backfill ran them again. */
    expect(1, 6, "1 MADE_UP, 2 ON_TIME, 3 LATE, 4 MADE_UP, 5 MADE_UP, 6 FUTURE");
    run_at(6, 1);
    expect(4, 6, "4 MADE_UP, 5 MADE_UP, 6 ON_TIME");
    expect_reason(4, LEDGER_EXISTS); /* its firing found the instance there */
    backfill(2, 2);
    expect(2, 2, "2 ON_TIME");
}

static void test_missed__a_data_time_fires_once_and_a_disabled_project_never(void **state)
{
    (void)state;
    make("\"CycleType\":\"DAY_CYCLE\",\"CrontabExpression\":\"0 0 0,12 * * ? *\","
         "\"StartTime\":\"2024-01-01 00:00:00\"");
    run_at(1, 43201);
    run_at(2, 1);
    run_at(2, 43201);
    /* The submit at 01:00 cut off the first firing of day 1, so the second made the instance. */
    expect(1, 2, "1 NOT_LIVE, 1 ON_TIME, 2 ON_TIME, 2 MISSED");
    expect_reason(1, LEDGER_BEFORE_SUBMIT);
    json_decref(harness_okf(&h, API_2025, "DisableProject", "{\"ProjectId\":\"%s\"}", project));
    run_at(3, 1);
    json_decref(harness_okf(&h, API_2025, "EnableProject", "{\"ProjectId\":\"%s\"}", project));
    run_at(3, 43201);
    expect(3, 3, "3 MISSED, 3 ON_TIME");
    expect_reason(3, LEDGER_PROJECT_DISABLED);
}

static void reschedule(const char *settings)
{
    json_decref(harness_okf(&h, API_2025, "UpdateTaskPartially",
                            "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"NewSetting\":{"
                            "\"TaskSchedulerConfiguration\":{%s}}}",
                            project, task, settings));
    submit();
}

static void test_versions__account_for_their_own_time(void **state)
{
    (void)state;
    make(DAILY);
    run_at(2, 1);
    run_at(3, 10 * 3600);
    /* From 10:00 on day 3: at 09:00 in Tokyo, an hour earlier here, so day 3 is not planned again.
     */
    reschedule("\"CrontabExpression\":\"0 0 9 * * ? *\",\"ScheduleTimeZone\":\"UTC+9\"");
    run_at(4, 8 * 3600 + 1);
    run_at(5, 8 * 3600 + 1);
    expect(2, 5, "2 ON_TIME, 3 LATE, 4 ON_TIME, 5 ON_TIME");
    json_t *r = read_ledger(2, 5);
    assert_string_equal(str_at(r, "Data.Items.1.VersionNo"), "V2");
    assert_string_equal(str_at(r, "Data.Items.2.VersionNo"), "V4");
    assert_string_equal(str_at(r, "Data.Items.2.SchedulerTime"), "2024-03-04 09:00:00");
    assert_string_equal(str_at(r, "Data.Items.2.At"), "2024-03-04 00:00:00");
    assert_string_equal(str_at(r, "Data.ScheduleTimeZone"), "UTC+9");
    json_decref(r);
    /* A version of no firing in the period is not even read, and nothing is counted twice. */
    expect(5, 5, "5 ON_TIME");
    expect(2, 2, "2 ON_TIME");
}

static void test_one_off__that_began_afresh_reaches_back(void **state)
{
    (void)state;
    make("\"CycleType\":\"ONEOFF_CYCLE\",\"StartTime\":\"2024-03-01 00:30:00\"");
    harness_run(&h);
    expect(1, 1, "1 LATE");
    run_at(4, 0);
    reschedule("\"StartTime\":\"2024-03-02 06:00:00\"");
    run_at(4, 5);
    expect(1, 5, "1 LATE, 2 LATE");
}

/* A one-off of the past that was submitted as a paused task, and then got days: what is made up
 * began with its first submit, and not with the moment of the one-off. */
static void test_one_off__that_waited_and_got_a_cycle_does_not_reach_back(void **state)
{
    static const char change[] =
        "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"NewSetting\":{\"TaskSchedulerConfiguration\":"
        "{\"CycleType\":\"DAY_CYCLE\",\"CrontabExpression\":\"0 0 0 * * ? *\"}}}";
    json_t *r = harness_okf(
        &h, API_2025, "CreateTask",
        "{\"ProjectId\":\"%s\",\"TaskBaseAttribute\":{\"TaskName\":\"t\",\"TaskTypeId\":\"35\","
        "\"WorkflowId\":\"%s\"},\"TaskConfiguration\":{},\"TaskSchedulerConfiguration\":{"
        "\"ScheduleRunType\":\"1\",\"CycleType\":\"ONEOFF_CYCLE\",\"StartTime\":"
        "\"2024-01-01 00:00:00\"}}",
        project, workflow);
    struct query q;
    int64_t n;

    (void)state;
    snprintf(task, sizeof(task), "%s", str_at(r, "Data.TaskId"));
    json_decref(r);
    json_decref(harness_okf(&h, API_WEFT, "SubmitTaskIdle",
                            "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"VersionRemark\":\"r\","
                            "\"Status\":\"O\"}",
                            project, task));
    run_at(3, 3600);
    json_decref(harness_okf(&h, API_2025, "UpdateTaskPartially", change, project, task));
    submit();
    run_at(5, 3600);
    json_decref(harness_okf(
        &h, API_2025, "StartOpsTasks",
        "{\"ProjectId\":\"%s\",\"TaskIds\":[\"%s\"],\"EnableDataBackfill\":true}", project, task));
    harness_run(&h);
    query_init(&q, &table_instance);
    assert_int_equal(query_count(store_view(h.store), &q, &n, NULL), E_OK);
    assert_int_equal(n, 4); /* the midnights of the 2nd to the 5th */
}

static void test_calendar__what_it_said_before_is_not_known(void **state)
{
    (void)state;
    json_decref(harness_ok(&h, API_WEFT, "CreateCalendar",
                           "{\"CalendarId\":\"7\",\"CalendarName\":\"c\",\"Mode\":\"RUN\","
                           "\"Dates\":[\"2024-03-02\",\"2024-03-05\"]}"));
    make(DAILY ",\"CalendarOpen\":\"1\",\"CalendarId\":\"7\"");
    run_at(2, 1);
    run_at(3, 1);
    expect(2, 5, "2 ON_TIME, 5 FUTURE");
    json_decref(harness_ok(
        &h, API_WEFT, "UpdateCalendar",
        "{\"CalendarId\":\"7\",\"Dates\":[\"2024-03-02\",\"2024-03-03\",\"2024-03-04\"]}"));
    run_at(4, 1);
    expect(2, 5, "2 ON_TIME, 3 NOT_LIVE, 4 ON_TIME");
    expect_reason(3, LEDGER_BEFORE_CALENDAR);
}

static void test_names__of_all_outcomes_and_reasons(void **state)
{
    (void)state;
    for (int o = 0; o < LEDGER_OUTCOME_N_; o++)
        assert_true(ledger_outcome_name((enum ledger_outcome)o)[0] != '\0');
    assert_null(ledger_reason_text(LEDGER_NO_REASON, false));
    for (int r = LEDGER_EXISTS; r <= LEDGER_DEFECT; r++) {
        assert_non_null(ledger_reason_text((enum ledger_reason)r, false));
        assert_non_null(ledger_reason_text((enum ledger_reason)r, true));
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_late__is_what_was_made_up_after_an_outage),
        TEST(test_missing__is_settled_and_has_no_record),
        TEST(test_status_change__leaves_nothing_to_be_sure_of),
        TEST(test_backfill__makes_up_and_takes_nothing_from_the_schedule),
        TEST(test_missed__a_data_time_fires_once_and_a_disabled_project_never),
        TEST(test_versions__account_for_their_own_time),
        TEST(test_one_off__that_began_afresh_reaches_back),
        TEST(test_one_off__that_waited_and_got_a_cycle_does_not_reach_back),
        TEST(test_calendar__what_it_said_before_is_not_known),
        TEST(test_names__of_all_outcomes_and_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
