/* test/api/t_act_backfill.c - where a plan stands: while it goes on, when it is over, and when
 * another plan took over some of what it made (docs/reference/semantics.md 7.1). */
#include "act_harness.h"

#include <stdio.h>
#include <string.h>

static struct harness h;
static char project[32], workflow[64], task[32];

/* 2024-03-20 <hour>:00:00 in UTC+8. */
static struct wall hour(int n)
{
    return (struct wall){ (1710864000 + n * INT64_C(3600)) * 1000000 };
}

static int setup(void **state)
{
    (void)state;
    harness_init(&h);
    h.now = hour(1);
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

/* Daily and submitted. */
static void make(const char *more)
{
    json_t *r = harness_okf(
        &h, API_2025, "CreateTask",
        "{\"ProjectId\":\"%s\",\"TaskBaseAttribute\":{\"TaskName\":\"t\",\"TaskTypeId\":\"35\","
        "\"WorkflowId\":\"%s\"},\"TaskConfiguration\":{},\"TaskSchedulerConfiguration\":{"
        "\"CycleType\":\"DAY_CYCLE\",\"CrontabExpression\":\"0 0 0 * * ? *\","
        "\"SelfDepend\":\"parallel\",%s}}",
        project, workflow, more);

    snprintf(task, sizeof(task), "%s", str_at(r, "Data.TaskId"));
    json_decref(r);
    json_decref(harness_okf(&h, API_2025, "SubmitTask",
                            "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"VersionRemark\":\"r\"}",
                            project, task));
}

/* Of days of 2024-02, long before the task was there. */
static void backfill(int from, int to, char plan[64])
{
    json_t *r = harness_okf(&h, API_2025, "CreateDataBackfillPlan",
                            "{\"ProjectId\":\"%s\",\"TaskIds\":[\"%s\",\"%s\"],"
                            "\"DataBackfillRangeList\":[{\"StartDate\":\"2024-02-%02d\","
                            "\"EndDate\":\"2024-02-%02d\"}]}",
                            project, task, task, from, to);

    snprintf(plan, 64, "%s", str_at(r, "Data.DataBackfillPlanId"));
    json_decref(r);
    harness_run(&h);
}

static void assert_plan(const char *plan, int complete, int success, const char *end)
{
    json_t *r = harness_okf(&h, API_2025, "GetDataBackfillPlan",
                            "{\"ProjectId\":\"%s\",\"DataBackfillPlanId\":\"%s\"}", project, plan);
    json_t *data = json_object_get(r, "Data");

    assert_int_equal(json_array_size(json_object_get(data, "TaskIds")), 1);
    assert_int_equal(json_integer_value(json_object_get(data, "CompletePercent")), complete);
    assert_int_equal(json_integer_value(json_object_get(data, "SuccessPercent")), success);
    if (end)
        assert_string_equal(json_string_value(json_object_get(data, "EndTime")), end);
    else
        assert_true(json_is_null(json_object_get(data, "EndTime")));
    json_decref(r);
}

static void test_plan__that_is_over_ended_with_its_last_round(void **state)
{
    char plan[64], later[64];

    (void)state;
    make("\"ScheduleRunType\":\"1\"");
    h.now = hour(2);
    backfill(1, 3, plan);
    assert_plan(plan, 100, 100, "2024-03-20 02:00:00");
    /* Whoever takes over one of its rounds has an end of his own. */
    h.now = hour(5);
    backfill(3, 4, later);
    assert_plan(plan, 100, 100, "2024-03-20 02:00:00");
    assert_plan(later, 100, 100, "2024-03-20 05:00:00");
}

static void test_plan__that_goes_on_has_no_end(void **state)
{
    char plan[64];

    (void)state;
    make("\"ScheduleRunType\":\"0\"");
    backfill(1, 4, plan);
    assert_plan(plan, 0, 0, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_plan__that_is_over_ended_with_its_last_round, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_plan__that_goes_on_has_no_end, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
