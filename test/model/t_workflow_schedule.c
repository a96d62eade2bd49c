/* test/model/t_workflow_schedule.c - what a workflow's document says of its schedule
 * (docs/reference/semantics.md 2.9). */
#include "model/workflow_schedule.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_waits__only_when_the_schedule_says_so(void **state)
{
    static const struct {
        const char *doc;
        bool waits;
    } rows[] = {
        { "", false },
        { "{}", false },
        { "{\"WorkflowSchedulerConfiguration\":{\"DependencyWorkflow\":\"yes\",\"CycleType\":"
          "\"WEEK_CYCLE\"}}",
          true },
        { "{\"WorkflowSchedulerConfiguration\":{\"DependencyWorkflow\":\"no\",\"CycleType\":"
          "\"WEEK_CYCLE\"}}",
          false },
        { "{\"WorkflowSchedulerConfiguration\":null}", false },
        { "{\"WorkflowSchedulerConfiguration\":{\"DependencyWorkflow\":\"yes\"", false },
        /* Texts of others. */
        { "{\"DependencyWorkflow\":\"yes\",\"WorkflowParams\":[{\"ParamKey\":"
          "\"WorkflowSchedulerConfiguration\",\"ParamValue\":\"{\\\"DependencyWorkflow\\\":"
          "\\\"yes\\\"}\"}]}",
          false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        enum cycle cycle = CYCLE_DAY;
        assert_int_equal(workflow_schedule_waits(str_from(rows[i].doc), &cycle), rows[i].waits);
        assert_int_equal(cycle, rows[i].waits ? CYCLE_WEEK : CYCLE_DAY);
    }
}

static void test_follows__an_open_calendar(void **state)
{
    static const char open[] = "{\"WorkflowSchedulerConfiguration\":{\"CalendarOpen\":\"1\","
                               "\"CalendarId\":\"105\"}}",
                      shut[] = "{\"WorkflowSchedulerConfiguration\":{\"CalendarOpen\":\"0\","
                               "\"CalendarId\":\"105\"}}";

    (void)state;
    assert_true(workflow_schedule_follows(str_from(open), STR("105")));
    assert_false(workflow_schedule_follows(str_from(open), STR("106")));
    assert_false(workflow_schedule_follows(str_from(shut), STR("105")));
    assert_false(workflow_schedule_follows(STR("{}"), STR("")));
}

/* Every member that a workflow's schedule has is put on a task, and nothing else of it changes. */
static void test_put__leaves_the_rest(void **state)
{
    json_t *kept = json_loads("{\"CycleType\":\"HOUR_CYCLE\",\"ScheduleTimeZone\":\"UTC\","
                              "\"DependencyWorkflow\":\"yes\"}",
                              0, NULL);
    json_t *task =
        json_loads("{\"TaskSchedulerConfiguration\":{\"CycleType\":\"DAY_CYCLE\","
                   "\"CalendarId\":\"1\",\"RetryWait\":3,\"InitStrategy\":\"T_PLUS_1\"}}",
                   0, NULL);
    json_t *wanted = json_loads("{\"TaskSchedulerConfiguration\":{\"CycleType\":\"HOUR_CYCLE\","
                                "\"ScheduleTimeZone\":\"UTC\",\"RetryWait\":3,"
                                "\"InitStrategy\":\"T_PLUS_1\"}}",
                                0, NULL);
    json_t *block = json_object_get(task, "TaskSchedulerConfiguration");

    (void)state;
    assert_false(workflow_schedule_is_left_out(task));
    workflow_schedule_put(kept, task);
    assert_true(json_equal(task, wanted));
    json_object_set_new(block, "CycleType", json_string(""));
    json_object_set_new(block, "ScheduleTimeZone", json_null());
    assert_true(workflow_schedule_is_left_out(task));
    json_object_set_new(block, "SelfDepend", json_string("serial"));
    assert_false(workflow_schedule_is_left_out(task));
    json_decref(kept);
    json_decref(task);
    json_decref(wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waits__only_when_the_schedule_says_so),
        cmocka_unit_test(test_follows__an_open_calendar),
        cmocka_unit_test(test_put__leaves_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
