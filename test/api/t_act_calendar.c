/* test/api/t_act_calendar.c - calendars through the API: values, lists, use, and that a change
 * reaches the tasks that are scheduled already. */
#include "act_harness.h"

#include <string.h>

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

static void make(const char *id, const char *name, const char *mode, const char *dates, char *ret)
{
    json_t *r = harness_okf(&h, API_WEFT, "CreateCalendar",
                            "{\"CalendarId\":\"%s\",\"CalendarName\":\"%s\",\"Mode\":\"%s\","
                            "\"Dates\":[%s]}",
                            id, name, mode, dates);

    strcpy(ret, str_at(r, "Data.CalendarId"));
    json_decref(r);
}

static void test_calendar__is_made_changed_and_deleted(void **state)
{
    char id[80], second[80];

    (void)state;
    make("", "交易所日历", "run", "\"2026-02-01\",\"2026-01-01\",\"2026-02-01\"", id);
    make("", "two", "PAUSE", "", second);
    assert_string_equal(id, "101");
    assert_string_equal(second, "102");
    json_t *r = harness_ok(&h, API_WEFT, "ListCalendars", "{}");
    assert_int_equal(num_at(r, "Data.TotalCount"), 2);
    assert_string_equal(str_at(r, "Data.Items.0.CalendarId"), "101");
    assert_string_equal(str_at(r, "Data.Items.0.CalendarName"), "交易所日历");
    assert_string_equal(str_at(r, "Data.Items.0.Mode"), "RUN");
    assert_string_equal(str_at(r, "Data.Items.0.Dates.0"), "2026-01-01");
    assert_string_equal(str_at(r, "Data.Items.0.Dates.1"), "2026-02-01");
    assert_null(at(r, "Data.Items.0.Dates.2"));
    assert_int_equal(json_array_size(at(r, "Data.Items.1.Dates")), 0);
    json_decref(r);
    /* What is not given stays. */
    json_decref(
        harness_ok(&h, API_WEFT, "UpdateCalendar", "{\"CalendarId\":\"101\",\"Mode\":\"PAUSE\"}"));
    json_decref(harness_ok(&h, API_WEFT, "UpdateCalendar",
                           "{\"CalendarId\":\"102\",\"Dates\":[\"2026-12-31\"]}"));
    r = harness_ok(&h, API_WEFT, "ListCalendars", "{\"PageNumber\":1,\"PageSize\":5}");
    assert_string_equal(str_at(r, "Data.Items.0.Mode"), "PAUSE");
    assert_string_equal(str_at(r, "Data.Items.0.Dates.1"), "2026-02-01");
    assert_string_equal(str_at(r, "Data.Items.1.CalendarName"), "two");
    assert_string_equal(str_at(r, "Data.Items.1.Dates.0"), "2026-12-31");
    json_decref(r);
    r = harness_ok(&h, API_WEFT, "ListCalendars", "{\"Keyword\":\"TW\"}");
    assert_int_equal(num_at(r, "Data.TotalCount"), 1);
    json_decref(r);
    json_decref(harness_ok(&h, API_WEFT, "DeleteCalendar", "{\"CalendarId\":\"101\"}"));
    harness_refused(&h, API_WEFT, "DeleteCalendar", "{\"CalendarId\":\"101\"}", E_MISSING,
                    "CalendarId");
    /* New ids pass over those that are taken. */
    make("", "three", "RUN", "", id);
    make("", "four", "RUN", "", second);
    assert_string_equal(id, "103");
    assert_string_equal(second, "104");
}

static void test_calendar__wrong_values_are_refused(void **state)
{
    static const struct {
        const char *body;
        enum err_code rc;
        const char *path;
    } rows[] = {
        { "{\"CalendarName\":\"\",\"Mode\":\"RUN\",\"Dates\":[]}", E_RANGE, "CalendarName" },
        { "{\"CalendarName\":\"x\",\"Mode\":\"WALK\",\"Dates\":[]}", E_RANGE, "Mode" },
        { "{\"CalendarName\":\"x\",\"Mode\":\"RUN\",\"Dates\":[\"2026-13-01\"]}", E_RANGE,
          "Dates.0" },
        { "{\"CalendarName\":\"x\",\"Mode\":\"RUN\",\"Dates\":[\"2026-01-01\",\"tomorrow\"]}",
          E_SYNTAX, "Dates.1" },
        { "{\"CalendarName\":\"x\",\"Mode\":\"RUN\"}", E_REQUIRED, "Dates" },
        { "{\"CalendarId\":\"a b\",\"CalendarName\":\"x\",\"Mode\":\"RUN\",\"Dates\":[]}", E_RANGE,
          "CalendarId" },
        { "{\"CalendarName\":\"there\",\"Mode\":\"RUN\",\"Dates\":[]}", E_EXISTS, "CalendarName" },
        { "{\"CalendarId\":\"7\",\"CalendarName\":\"x\",\"Mode\":\"RUN\",\"Dates\":[]}", E_EXISTS,
          "CalendarId" },
    };
    char id[80];

    (void)state;
    make("7", "there", "RUN", "", id);
    make("8", "other", "RUN", "", id);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        harness_refused(&h, API_WEFT, "CreateCalendar", rows[i].body, rows[i].rc, rows[i].path);
    harness_refused(&h, API_WEFT, "UpdateCalendar",
                    "{\"CalendarId\":\"8\",\"CalendarName\":\"there\"}", E_EXISTS, "CalendarName");
    harness_refused(&h, API_WEFT, "UpdateCalendar", "{\"CalendarId\":\"404\"}", E_MISSING,
                    "CalendarId");
}

/* A daily task at midnight that follows the calendar 7, submitted. */
static void follow(char project[32], char task[32])
{
    char workflow[64];

    harness_project(&h, "p", project);
    harness_workflow(&h, project, "w", workflow);
    json_t *t = harness_okf(
        &h, API_2025, "CreateTask",
        "{\"ProjectId\":\"%s\",\"TaskBaseAttribute\":{\"TaskName\":\"t\",\"TaskTypeId\":\"35\","
        "\"WorkflowId\":\"%s\"},\"TaskConfiguration\":{},\"TaskSchedulerConfiguration\":{"
        "\"CycleType\":\"DAY_CYCLE\",\"CrontabExpression\":\"0 0 0 * * ? *\","
        "\"StartTime\":\"2026-01-01 00:00:00\",\"SelfDepend\":\"parallel\","
        "\"CalendarOpen\":\"1\",\"CalendarId\":\"7\"}}",
        project, workflow);
    strcpy(task, str_at(t, "Data.TaskId"));
    json_decref(t);
    json_decref(harness_okf(&h, API_2025, "SubmitTask",
                            "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"VersionRemark\":\"r\"}",
                            project, task));
}

static void to_day(int64_t day)
{
    /* 2026-03-<day> 00:00:01 in UTC+8 */
    h.now = (struct wall){ 1772294401000000 + (day - 1) * 86400000000 };
    harness_run(&h);
}

static void test_change__reaches_scheduled_tasks(void **state)
{
    char project[32], task[32], id[80];

    (void)state;
    h.now = (struct wall){ 1772294400000000 }; /* 2026-03-01 00:00:00 in UTC+8 */
    make("7", "c", "RUN", "\"2026-03-02\",\"2026-03-04\"", id);
    follow(project, task);
    to_day(2);
    assert_int_equal(h.begun, 1);
    to_day(3);
    assert_int_equal(h.begun, 1);
    json_decref(
        harness_ok(&h, API_WEFT, "UpdateCalendar", "{\"CalendarId\":\"7\",\"Mode\":\"PAUSE\"}"));
    assert_int_equal(h.begun, 1); /* what is past stays as it was */
    to_day(4);
    assert_int_equal(h.begun, 1);
    to_day(6);
    assert_int_equal(h.begun, 3);
    harness_refused(&h, API_WEFT, "DeleteCalendar", "{\"CalendarId\":\"7\"}", E_IN_USE,
                    "CalendarId");
    json_decref(harness_okf(&h, API_2025, "DeleteTask", "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\"}",
                            project, task));
    json_decref(harness_ok(&h, API_WEFT, "DeleteCalendar", "{\"CalendarId\":\"7\"}"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_calendar__is_made_changed_and_deleted),
        TEST(test_calendar__wrong_values_are_refused),
        TEST(test_change__reaches_scheduled_tasks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
