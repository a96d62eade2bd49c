/* test/api/t_act_manual.c - TriggerManualTasks: tasks of a manual workflow have no schedule, and
 * run for the data times that are asked for (docs/reference/semantics.md 1.8). */
#include "act_harness.h"

#include <stdio.h>
#include <string.h>

static struct harness h;
static char project[32], workflow[64], cyclic[64];

/* 2024-03-20 <hour>:00:00 in UTC+8. */
static struct wall hour(int n)
{
    return (struct wall){ (1710864000 + n * INT64_C(3600)) * 1000000 };
}

static void make_workflow(const char *name, const char *type, char ret[64])
{
    json_t *r = harness_okf(&h, API_2025, "CreateWorkflow",
                            "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"/\",\"WorkflowName\":"
                            "\"%s\",\"WorkflowType\":\"%s\"}",
                            project, name, type);

    snprintf(ret, 64, "%s", str_at(r, "Data.WorkflowId"));
    json_decref(r);
}

static int setup(void **state)
{
    (void)state;
    harness_init(&h);
    h.now = hour(1);
    harness_project(&h, "p", project);
    harness_workflow(&h, project, "by itself", cyclic);
    make_workflow("by hand", "Manual", workflow);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    harness_done(&h);
    return 0;
}

/* Daily, which says nothing in a manual workflow; scheduler: more of its members. */
static void create(const char *name, const char *of, const char *scheduler, char ret[32])
{
    json_t *r = harness_okf(
        &h, API_2025, "CreateTask",
        "{\"ProjectId\":\"%s\",\"TaskBaseAttribute\":{\"TaskName\":\"%s\",\"TaskTypeId\":\"35\","
        "\"WorkflowId\":\"%s\"},\"TaskConfiguration\":{},\"TaskSchedulerConfiguration\":{"
        "\"SelfDepend\":\"parallel\"%s}}",
        project, name, of, scheduler);

    snprintf(ret, 32, "%s", str_at(r, "Data.TaskId"));
    json_decref(r);
}

static void submit(const char *task)
{
    json_decref(harness_okf(&h, API_2025, "SubmitTask",
                            "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"VersionRemark\":\"r\"}",
                            project, task));
}

static void make(const char *name, const char *of, const char *scheduler, char ret[32])
{
    create(name, of, scheduler, ret);
    submit(ret);
}

static const char *after(const char *upstream)
{
    static char text[256];

    snprintf(text, sizeof(text),
             ",\"UpstreamDependencyConfigList\":[{\"TaskId\":\"%s\",\"MainCyclicConfig\":\"DAY\","
             "\"SubordinateCyclicConfig\":\"PREVIOUS_DAY\"}]",
             upstream);
    return text;
}

static json_t *trigger(const char *times, const char *more)
{
    json_t *r = harness_okf(&h, API_2021, "TriggerManualTasks",
                            "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"TriggerName\":\"run\","
                            "\"DataTimeList\":[%s],%s}",
                            project, workflow, times, more);

    harness_run(&h);
    return r;
}

#define ALL "\"TriggerScope\":\"ENTIRE_WORKFLOW\""
#define NOON "2024-01-05 12:34:56"

static struct instance_row row_of(const char *task, const char *data_time)
{
    static struct arena a;
    static bool open;
    struct instance_row i = { .task_id = 0 };

    if (open)
        arena_done(&a);
    arena_init(&a);
    open = true;
    assert_true(str_to_i64(str_from(task), &i.task_id));
    assert_int_equal(civil_parse(str_from(data_time), &i.data_time, NULL), E_OK);
    assert_int_equal(row_get(store_view(h.store), &table_instance, &a, &i, NULL), E_OK);
    return i;
}

static int64_t count_instances(void)
{
    struct query q;
    int64_t n;

    query_init(&q, &table_instance);
    assert_int_equal(query_count(store_view(h.store), &q, &n, NULL), E_OK);
    return n;
}

static void test_task__in_a_manual_workflow_has_no_firings(void **state)
{
    static const char often[] = ",\"CrontabExpression\":\"0 0/10 * * * ? *\",\"CycleType\":"
                                "\"MINUTE_CYCLE\",\"StartTime\":\"2024-01-01 00:00:00\"";
    char task[32], other[32];
    json_t *r;

    (void)state;
    make("t", workflow, often, task);
    make("o", cyclic, often, other);
    h.now = hour(2);
    harness_run(&h);
    assert_int_equal(count_instances(), 6); /* of the other one */
    harness_restart(&h);
    h.now = hour(3);
    harness_run(&h);
    assert_int_equal(count_instances(), 12);
    r = harness_okf(
        &h, API_WEFT, "ListTaskFirings",
        "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"From\":\"2024-03-20 00:00:00\",\"To\":"
        "\"2024-03-21 00:00:00\"}",
        project, task);
    assert_int_equal(num_at(r, "Data.TotalCount"), 0);
    json_decref(r);
    /* Nor is it over, as one that is not repeated would be. */
    r = harness_okf(&h, API_2025, "GetOpsTask", "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\"}", project,
                    task);
    assert_string_equal(str_at(r, "Data.TaskBaseAttribute.Status"), "Y");
    json_decref(r);
    /* What a client sees of the definition is what it gave. */
    r = harness_okf(&h, API_2025, "GetTask", "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\"}", project,
                    task);
    assert_string_equal(str_at(r, "Data.TaskSchedulerConfiguration.CycleType"), "MINUTE_CYCLE");
    json_decref(r);
}

static void test_run__makes_every_task_for_every_time(void **state)
{
    char a[32], b[32], draft[32], paused[32], plan[64];

    (void)state;
    make("a", workflow, "", a);
    make("b", workflow, after(a), b);
    create("draft", workflow, "", draft);
    make("paused", workflow, "", paused);
    json_decref(harness_okf(&h, API_2025, "PauseOpsTasksAsync",
                            "{\"ProjectId\":\"%s\",\"TaskIds\":[\"%s\"]}", project, paused));
    json_t *r = trigger("\"2024-01-05 12:34:56\",\"2030-06-01 00:00:00\",\"2024-01-05 12:34:56\"",
                        ALL ",\"Remark\":\"why\"");
    assert_int_equal(num_at(r, "Data.TaskCnt"), 2);
    assert_int_equal(num_at(r, "Data.InstanceCnt"), 4);
    assert_string_equal(str_at(r, "Data.Status"), "INIT");
    assert_string_equal(str_at(r, "Data.TriggerName"), "run");
    assert_string_equal(str_at(r, "Data.Remark"), "why");
    assert_string_equal(str_at(r, "Data.TriggerSource"), "MANUAL_RUN_BY_USER");
    snprintf(plan, sizeof(plan), "%s", str_at(r, "Data.TriggerId"));
    json_decref(r);
    assert_int_equal(count_instances(), 4);
    struct instance_row i = row_of(a, NOON);
    assert_int_equal(i.type, INSTANCE_APERIODIC);
    assert_int_equal(i.run_type, RUN_MANUAL);
    assert_int_equal(i.state, INSTANCE_RUNNING); /* at once, whatever its time */
    assert_int_equal(i.planned.s, i.data_time.s);
    assert_int_equal(row_of(a, "2030-06-01 00:00:00").state, INSTANCE_RUNNING);
    /* b waits for a of the same time, whatever its dependency says of cycles. */
    assert_int_equal(row_of(b, NOON).state, INSTANCE_WAIT_UPSTREAM);
    /* A run is read as a plan. */
    r = harness_okf(&h, API_WEFT, "GetDataBackfillProgress",
                    "{\"ProjectId\":\"%s\",\"DataBackfillPlanId\":\"%s\"}", project, plan);
    assert_int_equal(num_at(r, "Data.Total"), 4);
    assert_int_equal(num_at(r, "Data.Running"), 2);
    json_decref(r);
    json_decref(harness_okf(&h, API_2025, "GetDataBackfillPlan",
                            "{\"ProjectId\":\"%s\",\"DataBackfillPlanId\":\"%s\"}", project, plan));
    /* And deleted as one. */
    json_decref(harness_okf(&h, API_2025, "DeleteDataBackfillPlanAsync",
                            "{\"ProjectId\":\"%s\",\"DataBackfillPlanId\":\"%s\"}", project, plan));
    harness_run(&h);
    assert_int_equal(row_of(b, NOON).state, INSTANCE_EXPIRED);
}

static void test_run__of_named_tasks_asks_only_among_them(void **state)
{
    char a[32], b[32], c[32], more[256];

    (void)state;
    make("a", workflow, "", a);
    make("b", workflow, after(a), b);
    make("c", workflow, after(b), c);
    snprintf(more, sizeof(more),
             "\"TriggerScope\":\"SPECIFIED_TASK\",\"TaskIds\":[\"%s\",\"%s\",\"%s\"]", b, c, b);
    json_t *r = trigger("\"" NOON "\",\"" NOON "\"", more);
    assert_int_equal(num_at(r, "Data.TaskCnt"), 2);
    assert_int_equal(num_at(r, "Data.InstanceCnt"), 2);
    assert_int_equal(json_array_size(at(r, "Data.DatetimeList")), 1);
    json_decref(r);
    assert_int_equal(row_of(b, NOON).state, INSTANCE_RUNNING);
    assert_int_equal(row_of(c, NOON).state, INSTANCE_WAIT_UPSTREAM);
    /* A restart finds the same conditions. */
    harness_restart(&h);
    harness_run(&h);
    assert_int_equal(row_of(c, NOON).state, INSTANCE_WAIT_UPSTREAM);
}

/* An upstream instance that nobody asked for will not come by itself. */
static void test_rerun__does_not_wait_for_what_never_comes(void **state)
{
    char a[32], b[32], more[160];

    (void)state;
    make("a", workflow, "", a);
    make("b", workflow, after(a), b);
    json_decref(harness_okf(&h, API_2025, "UpdateTaskPartially",
                            "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"NewSetting\":{"
                            "\"TaskSchedulerConfiguration\":{\"ScheduleRunType\":1}}}",
                            project, b));
    submit(b);
    snprintf(more, sizeof(more), "\"TriggerScope\":\"SPECIFIED_TASK\",\"TaskIds\":[\"%s\"]", b);
    json_decref(trigger("\"" NOON "\"", more));
    assert_int_equal(row_of(b, NOON).state, INSTANCE_COMPLETED);
    json_decref(harness_okf(&h, API_2025, "RerunTaskInstancesAsync",
                            "{\"ProjectId\":\"%s\",\"InstanceKeyList\":[\"%s_" NOON
                            "\"],\"RerunType\":\"1\",\"CheckParentType\":\"ALL\"}",
                            project, b));
    harness_run(&h);
    struct instance_row i = row_of(b, NOON);
    assert_int_equal(i.state, INSTANCE_COMPLETED);
    assert_int_equal(i.type, INSTANCE_APERIODIC);
    assert_int_equal(i.run_type, RUN_RERUN_MANUAL);
    assert_int_equal(i.round, 1);
}

static void test_run__of_the_same_time_is_the_next_round(void **state)
{
    char running[32], over[32];

    (void)state;
    make("running", workflow, "", running);
    make("over", workflow, ",\"ScheduleRunType\":\"1\"", over);
    for (int round = 0; round < 2; round++) {
        json_t *r = trigger("\"" NOON "\"", ALL);
        assert_int_equal(num_at(r, "Data.InstanceCnt"), 2);
        json_decref(r);
        assert_int_equal(row_of(running, NOON).round, 0); /* left as it is */
        assert_int_equal(row_of(over, NOON).round, round);
        assert_int_equal(row_of(over, NOON).run_type, RUN_MANUAL);
    }
}

static void test_neighbours__are_those_of_the_same_time(void **state)
{
    char a[32], b[32];

    (void)state;
    make("a", workflow, "", a);
    make("b", workflow, after(a), b);
    json_decref(trigger("\"" NOON "\",\"2024-01-05 12:34:57\"", ALL));
    json_t *r = harness_okf(&h, API_2025, "ListUpstreamTaskInstances",
                            "{\"ProjectId\":\"%s\",\"InstanceKey\":\"%s_" NOON "\"}", project, b);
    assert_int_equal(json_array_size(at(r, "Data.Items")), 1);
    assert_string_equal(str_at(r, "Data.Items.0.CurRunDate"), NOON);
    json_decref(r);
    r = harness_okf(&h, API_2025, "ListDownstreamTaskInstances",
                    "{\"ProjectId\":\"%s\",\"InstanceKey\":\"%s_" NOON "\"}", project, a);
    assert_int_equal(json_array_size(at(r, "Data.Items")), 1);
    assert_string_equal(str_at(r, "Data.Items.0.CurRunDate"), NOON);
    json_decref(r);
}

static void test_run__refusals(void **state)
{
    static const struct {
        enum err_code code;
        const char *path, *body; /* %s: the task */
    } rows[] = {
        { E_RANGE, "TriggerScope", "\"TriggerScope\":\"SOME\",\"DataTimeList\":[\"" NOON "\"]" },
        { E_RANGE, "TaskIds", ALL ",\"TaskIds\":[\"%s\"],\"DataTimeList\":[\"" NOON "\"]" },
        { E_REQUIRED, "TaskIds",
          "\"TriggerScope\":\"SPECIFIED_TASK\",\"DataTimeList\":[\"" NOON "\"]" },
        { E_MISSING, "TaskIds.1",
          "\"TriggerScope\":\"SPECIFIED_TASK\",\"TaskIds\":[\"%s\",\"x\"],\"DataTimeList\":[\"" NOON
          "\"]" },
        { E_MISSING, "TaskIds.0",
          "\"TriggerScope\":\"SPECIFIED_TASK\",\"TaskIds\":[\"20240101000000077\"],"
          "\"DataTimeList\":[\"" NOON "\"]" },
        { E_REQUIRED, "DataTimeList", ALL ",\"DataTimeList\":[]" },
        { E_RANGE, "DataTimeList.1",
          ALL ",\"DataTimeList\":[\"" NOON "\",\"2024-13-01 00:00:00\"]" },
        { E_RANGE, "ExecOrder", ALL ",\"DataTimeList\":[\"" NOON "\"],\"ExecOrder\":\"UP\"" },
        { E_RANGE, "TimeType", ALL ",\"DataTimeList\":[\"" NOON "\"],\"TimeType\":\"NOW\"" },
        { E_RANGE, "CustomParams.0.K",
          ALL ",\"DataTimeList\":[\"" NOON "\"],\"CustomParams\":[{\"K\":\"\",\"V\":\"\"}]" },
        { E_MISSING, "SchedulerResourceGroup",
          ALL ",\"DataTimeList\":[\"" NOON "\"],\"SchedulerResourceGroup\":\"77\"" },
        { E_UNSUPPORTED, "IntegrationResourceGroup",
          ALL ",\"DataTimeList\":[\"" NOON "\"],\"IntegrationResourceGroup\":\"77\"" },
        { E_CONFLICT, "WorkflowId", ALL ",\"DataTimeList\":[\"" NOON "\"]" }, /* still a draft */
    };
    char task[32], body[1024], params[2048];

    (void)state;
    create("t", workflow, "", task);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *mark = strstr(rows[i].body, "%s");
        if (mark)
            snprintf(body, sizeof(body), "%.*s%s%s", (int)(mark - rows[i].body), rows[i].body, task,
                     mark + 2);
        snprintf(params, sizeof(params),
                 "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"TriggerName\":\"run\",%s}", project,
                 workflow, mark ? body : rows[i].body);
        harness_refused(&h, API_2021, "TriggerManualTasks", params, rows[i].code, rows[i].path);
    }
    harness_refusedf(
        &h, API_2021, "TriggerManualTasks", E_CONFLICT, "TaskIds.0",
        "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"TriggerName\":\"run\","
        "\"TriggerScope\":\"SPECIFIED_TASK\",\"TaskIds\":[\"%s\"],\"DataTimeList\":[\"" NOON "\"]}",
        project, workflow, task);
    harness_refusedf(&h, API_2021, "TriggerManualTasks", E_CONFLICT, "WorkflowId",
                     "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"TriggerName\":\"run\"," ALL
                     ",\"DataTimeList\":[\"" NOON "\"]}",
                     project, cyclic);
    harness_refusedf(&h, API_2021, "TriggerManualTasks", E_MISSING, "WorkflowId",
                     "{\"ProjectId\":\"%s\",\"WorkflowId\":\"none\",\"TriggerName\":\"run\"," ALL
                     ",\"DataTimeList\":[\"" NOON "\"]}",
                     project);
    harness_refusedf(&h, API_2021, "TriggerManualTasks", E_RANGE, "TriggerName",
                     "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"TriggerName\":\"\"," ALL
                     ",\"DataTimeList\":[\"" NOON "\"]}",
                     project, workflow);
    assert_int_equal(count_instances(), 0);
}

static void test_run__redo_none_refuses_the_second(void **state)
{
    char task[32];

    (void)state;
    make("t", workflow, ",\"AllowRedoType\":\"NONE\",\"ScheduleRunType\":\"1\"", task);
    json_decref(trigger("\"" NOON "\"", ALL));
    assert_int_equal(row_of(task, NOON).state, INSTANCE_COMPLETED);
    harness_refusedf(&h, API_2021, "TriggerManualTasks", E_DENIED, "WorkflowId",
                     "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"TriggerName\":\"run\"," ALL
                     ",\"DataTimeList\":[\"" NOON "\"]}",
                     project, workflow);
}

#define CREATE                                                                                     \
    "{\"ProjectId\":\"%s\",\"TaskBaseAttribute\":{\"TaskName\":\"new\",\"TaskTypeId\":\"35\","     \
    "\"WorkflowId\":\"%s\"},\"TaskConfiguration\":{},\"TaskSchedulerConfiguration\":{"             \
    "\"SelfDepend\":\"parallel\"%s}}"

static void test_dependencies__stay_within_the_workflow(void **state)
{
    static const char path[] = "TaskSchedulerConfiguration.UpstreamDependencyConfigList.0.TaskId";
    char manual[32], other[32], task[32], second[64];

    (void)state;
    make("m", workflow, "", manual);
    make("c", cyclic, "", other);
    harness_refusedf(&h, API_2025, "CreateTask", E_RANGE, path, CREATE, project, cyclic,
                     after(manual));
    harness_refusedf(&h, API_2025, "CreateTask", E_RANGE, path, CREATE, project, workflow,
                     after(other));
    make_workflow("by hand too", "manual", second);
    harness_refusedf(&h, API_2025, "CreateTask", E_RANGE, path, CREATE, project, second,
                     after(manual));
    /* Of cycles that no pair fits otherwise; and no loop, though the pair looks at the day before.
     */
    make("n", workflow, after(manual), task);
    json_decref(harness_okf(&h, API_2025, "UpdateTaskPartially",
                            "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"NewSetting\":{"
                            "\"TaskSchedulerConfiguration\":{\"CycleType\":\"CRONTAB_CYCLE\","
                            "\"CrontabExpression\":\"0 0 3 * * ? *\"}}}",
                            project, task));
    submit(task);
    json_decref(harness_okf(&h, API_2025, "UpdateTaskPartially",
                            "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"NewSetting\":{"
                            "\"TaskSchedulerConfiguration\":{\"SelfDepend\":\"parallel\"%s}}}",
                            project, manual, after(task)));
    harness_refusedf(&h, API_2025, "SubmitTask", E_CONFLICT,
                     "TaskSchedulerConfiguration.UpstreamDependencyConfigList",
                     "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"VersionRemark\":\"r\"}", project,
                     manual);
    json_decref(trigger("\"" NOON "\"", ALL));
    assert_int_equal(row_of(task, NOON).state, INSTANCE_WAIT_UPSTREAM);
    harness_refusedf(&h, API_2025, "CreateDataBackfillPlan", E_CONFLICT, "TaskIds.0",
                     "{\"ProjectId\":\"%s\",\"TaskIds\":[\"%s\"],\"DataBackfillRangeList\":[{"
                     "\"StartDate\":\"2024-01-01\",\"EndDate\":\"2024-01-02\"}]}",
                     project, manual);
}

static void test_workflow__that_is_manual_takes_no_schedule(void **state)
{
    static const char schedule[] = "\"WorkflowSchedulerConfiguration\":{\"ScheduleTimeZone\":"
                                   "\"UTC+8\",\"CycleType\":\"DAY_CYCLE\",\"StartTime\":"
                                   "\"2024-01-01 00:00:00\",\"EndTime\":\"2099-12-31 00:00:00\","
                                   "\"CrontabExpression\":\"0 0 0 * * ? *\",\"SelfDepend\":"
                                   "\"parallel\"}";

    (void)state;
    harness_refusedf(&h, API_2025, "UpdateWorkflow", E_RANGE, "WorkflowSchedulerConfiguration",
                     "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",%s}", project, workflow,
                     schedule);
    harness_refusedf(&h, API_2025, "CreateWorkflow", E_RANGE, "WorkflowSchedulerConfiguration",
                     "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"/\",\"WorkflowName\":\"new\","
                     "\"WorkflowType\":\"manual\",%s}",
                     project, schedule);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_task__in_a_manual_workflow_has_no_firings),
        T(test_run__makes_every_task_for_every_time),
        T(test_run__of_named_tasks_asks_only_among_them),
        T(test_rerun__does_not_wait_for_what_never_comes),
        T(test_run__of_the_same_time_is_the_next_round),
        T(test_neighbours__are_those_of_the_same_time),
        T(test_run__refusals),
        T(test_run__redo_none_refuses_the_second),
        T(test_dependencies__stay_within_the_workflow),
        T(test_workflow__that_is_manual_takes_no_schedule),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
