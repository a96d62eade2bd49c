/* test/api/t_act_group.c - resource groups through the API: buying, changing live, use, lists,
 * load. */
#include "act_harness.h"

#include <string.h>

#include "core/core.h"

static struct harness h;
static char project[32];

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

#define REST                                                                                       \
    "\"AutoRenewEnabled\":true,\"PurchasePeriod\":1,\"VpcId\":\"vpc-1\",\"SubNet\":\"subnet-1\","  \
    "\"ResourceRegion\":\"ap-singapore\""
#define SCHEDULE(n)                                                                                \
    "{\"ResourceGroupType\":\"Schedule\",\"Schedule\":{\"Specification\":\"s_small\","             \
    "\"Number\":" #n "}}"

static void make(const char *name, const char *type, const char *more, char *ret)
{
    json_t *r = harness_okf(&h, API_2025, "CreateResourceGroup",
                            "{\"Name\":\"%s\",\"Type\":%s," REST "%s}", name, type, more);

    assert_int_equal(num_at(r, "Data.Status"), 1);
    strcpy(ret, str_at(r, "Data.ResourceGroupId"));
    json_decref(r);
}

static int64_t slots_of(const char *id)
{
    struct group_load load;

    if (!core_group_load(engine_core(h.engine), str_from(id), &load))
        return -1;
    return load.slots;
}

static void test_create__makes_slots_of_the_number(void **state)
{
    char id[64];

    (void)state;
    make("test8", SCHEDULE(3), ",\"Description\":\"text\"", id);
    assert_int_equal(strlen(id), 20);
    assert_int_equal(slots_of(id), 3);
    json_t *r = harness_ok(&h, API_2025, "ListResourceGroups", "{}");
    assert_int_equal(num_at(r, "Data.TotalCount"), 1);
    assert_string_equal(str_at(r, "Data.Items.0.Id"), id);
    assert_string_equal(str_at(r, "Data.Items.0.Name"), "test8");
    assert_string_equal(str_at(r, "Data.Items.0.Description"), "text");
    assert_string_equal(str_at(r, "Data.Items.0.ResourceGroupType"), "Schedule");
    assert_string_equal(str_at(r, "Data.Items.0.Region"), "ap-singapore");
    assert_string_equal(str_at(r, "Data.Items.0.VpcId"), "vpc-1");
    assert_string_equal(str_at(r, "Data.Items.0.SubNet"), "subnet-1");
    assert_int_equal(num_at(r, "Data.Items.0.AutoRenewEnabled"), 1);
    assert_int_equal(json_array_size(at(r, "Data.Items.0.AssociateProjects")), 0);
    json_decref(r);
    harness_refused(&h, API_2025, "CreateResourceGroup",
                    "{\"Name\":\"test8\",\"Type\":" SCHEDULE(1) "," REST "}", E_EXISTS, "Name");
}

static void test_create__refuses_wrong_values(void **state)
{
    static const struct {
        const char *name, *type;
        enum err_code rc;
        const char *path;
    } rows[] = {
        { "8x", SCHEDULE(1), E_RANGE, "Name" },
        { "x", SCHEDULE(0), E_RANGE, "Type.Schedule.Number" },
        { "x", SCHEDULE(10001), E_RANGE, "Type.Schedule.Number" },
        { "x", "{\"ResourceGroupType\":\"Gpu\"}", E_RANGE, "Type.ResourceGroupType" },
        { "x", "{\"ResourceGroupType\":\"Schedule\"}", E_REQUIRED, "Type" },
        { "x",
          "{\"ResourceGroupType\":\"Schedule\",\"Schedule\":{\"Specification\":\"ds_s\",\"Number\":"
          "1}}",
          E_RANGE, "Type.Schedule.Specification" },
        { "x",
          "{\"ResourceGroupType\":\"Schedule\",\"DataService\":{\"Specification\":\"ds_s\","
          "\"Number\":1}}",
          E_REQUIRED, "Type" },
        { "x",
          "{\"ResourceGroupType\":\"Schedule\",\"Schedule\":{\"Specification\":\"s_small\","
          "\"Number\":1},"
          "\"DataService\":{\"Specification\":\"ds_s\",\"Number\":1}}",
          E_RANGE, "Type" },
        { "x",
          "{\"ResourceGroupType\":\"Integration\",\"Integration\":{\"OfflineDataSync\":{"
          "\"Specification\":\"i32c\","
          "\"Number\":1}}}",
          E_RANGE, "Type.Integration.OfflineDataSync.Specification" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        harness_refusedf(&h, API_2025, "CreateResourceGroup", rows[i].rc, rows[i].path,
                         "{\"Name\":\"%s\",\"Type\":%s," REST "}", rows[i].name, rows[i].type);
    harness_refused(&h, API_2025, "CreateResourceGroup",
                    "{\"Name\":\"x\",\"Type\":" SCHEDULE(1) ",\"AssociatedProjectId\":\"404\"," REST
                                                            "}",
                    E_MISSING, "AssociatedProjectId");
    json_t *r = harness_ok(&h, API_2025, "ListResourceGroups", "{}");
    assert_int_equal(num_at(r, "Data.TotalCount"), 0);
    json_decref(r);
}

static void test_update__changes_the_slots_live(void **state)
{
    char id[64];

    (void)state;
    make("g", SCHEDULE(3), "", id);
    json_decref(harness_okf(&h, API_2025, "UpdateResourceGroup",
                            "{\"Id\":\"%s\",\"Number\":{\"Type\":\"ADD\",\"Quantity\":5}}", id));
    assert_int_equal(slots_of(id), 8);
    json_decref(harness_okf(&h, API_2025, "UpdateResourceGroup",
                            "{\"Id\":\"%s\",\"Number\":{\"Type\":\"DELETE\",\"Quantity\":7}}", id));
    assert_int_equal(slots_of(id), 1);
    json_decref(harness_okf(&h, API_2025, "UpdateResourceGroup",
                            "{\"Id\":\"%s\",\"Type\":\"s_large\"}", id));
    json_decref(harness_okf(&h, API_2025, "UpdateResourceGroup",
                            "{\"Id\":\"%s\",\"PurchasePeriod\":2,\"AutoRenewEnabled\":false}", id));
    json_t *r = harness_ok(&h, API_2025, "ListResourceGroups", "{}");
    assert_int_equal(num_at(r, "Data.Items.0.AutoRenewEnabled"), 0);
    json_decref(r);
    static const struct {
        const char *more;
        enum err_code rc;
        const char *path;
    } rows[] = {
        { "", E_REQUIRED, "Number" },
        { ",\"Type\":\"s_small\",\"PurchasePeriod\":1", E_RANGE, "Type" },
        { ",\"Type\":\"ds_s\"", E_RANGE, "Type" },
        { ",\"PurchasePeriod\":0", E_RANGE, "PurchasePeriod" },
        { ",\"PurchasePeriod\":1198", E_RANGE, "PurchasePeriod" }, /* 3 + 1198 */
        { ",\"Type\":\"s_small\",\"AutoRenewEnabled\":true", E_RANGE, "AutoRenewEnabled" },
        { ",\"Number\":{\"Quantity\":1}", E_REQUIRED, "Number.Type" },
        { ",\"Number\":{\"Type\":\"\",\"Quantity\":1}", E_REQUIRED, "Number.Type" },
        { ",\"Number\":{\"Type\":\"add\",\"Quantity\":1}", E_RANGE, "Number.Type" },
        { ",\"Number\":{\"Type\":\"ADD\"}", E_REQUIRED, "Number.Quantity" },
        { ",\"Number\":{\"Type\":\"SET\",\"Quantity\":1}", E_RANGE, "Number.Type" },
        { ",\"Number\":{\"Type\":\"ADD\",\"Quantity\":0}", E_RANGE, "Number.Quantity" },
        { ",\"Number\":{\"Type\":\"ADD\",\"Quantity\":10000}", E_RANGE, "Number.Quantity" },
        { ",\"Number\":{\"Type\":\"DELETE\",\"Quantity\":1}", E_RANGE, "Number.Quantity" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        harness_refusedf(&h, API_2025, "UpdateResourceGroup", rows[i].rc, rows[i].path,
                         "{\"Id\":\"%s\"%s}", id, rows[i].more);
    harness_refused(&h, API_2025, "UpdateResourceGroup", "{\"Id\":\"404\",\"Type\":\"s_small\"}",
                    E_MISSING, "Id");
    assert_int_equal(slots_of(id), 1);
}

static void test_association__guards_deletion(void **state)
{
    char id[64];

    (void)state;
    make("g", SCHEDULE(3), "", id);
    json_t *r = harness_okf(
        &h, API_2025, "CreateResourceGroup",
        "{\"Name\":\"g2\",\"Type\":" SCHEDULE(1) ",\"AssociatedProjectId\":\"%s\"," REST "}",
        project);
    json_decref(r);
    static const char pair[] = "{\"ResourceGroupId\":\"%s\",\"ProjectId\":\"%s\"}";
    json_decref(harness_okf(&h, API_2025, "AssociateResourceGroupToProject", pair, id, project));
    json_decref(harness_okf(&h, API_2025, "AssociateResourceGroupToProject", pair, id, project));
    harness_refusedf(&h, API_2025, "AssociateResourceGroupToProject", E_MISSING, "ResourceGroupId",
                     pair, "404", project);
    harness_refusedf(&h, API_2025, "AssociateResourceGroupToProject", E_MISSING, "ProjectId", pair,
                     id, "404");
    r = harness_okf(&h, API_2025, "ListResourceGroups", "{\"Name\":\"G\",\"ProjectIds\":[\"%s\"]}",
                    project);
    assert_int_equal(num_at(r, "Data.TotalCount"), 2);
    assert_string_equal(str_at(r, "Data.Items.0.AssociateProjects.0.ProjectId"), project);
    assert_string_equal(str_at(r, "Data.Items.0.AssociateProjects.0.ProjectName"), "p");
    json_decref(r);
    harness_refusedf(&h, API_2025, "DeleteResourceGroup", E_IN_USE, "Id", "{\"Id\":\"%s\"}", id);
    json_decref(harness_okf(&h, API_2025, "DissociateResourceGroupFromProject", pair, id, project));
    harness_refusedf(&h, API_2025, "DissociateResourceGroupFromProject", E_CONFLICT,
                     "ResourceGroupId", pair, id, project);
    json_decref(harness_okf(&h, API_2025, "DeleteResourceGroup", "{\"Id\":\"%s\"}", id));
    harness_refusedf(&h, API_2025, "DeleteResourceGroup", E_MISSING, "Id", "{\"Id\":\"%s\"}", id);
    harness_refusedf(&h, API_2025, "GetResourceGroupMetrics", E_MISSING, "ResourceGroupId",
                     "{\"ResourceGroupId\":\"%s\"}", id);
}

static void test_list__filters(void **state)
{
    static const struct {
        const char *filter;
        int64_t n;
    } rows[] = {
        { "{\"Type\":\"Schedule\"}", 2 },
        { "{\"Type\":\"DataService\"}", 1 },
        { "{\"Type\":\"Integration\"}", 1 },
        { "{\"Name\":\"sched\"}", 2 },
        { "{\"Id\":\"404\"}", 0 },
        { "{\"ProjectIds\":[\"404\"]}", 0 },
        { "{\"PageNumber\":2,\"PageSize\":3}", 4 },
    };
    char id[64];

    (void)state;
    make("sched1", SCHEDULE(1), "", id);
    make("Sched2", SCHEDULE(1), "", id);
    make("service",
         "{\"ResourceGroupType\":\"DataService\",\"DataService\":{\"Specification\":\"ds_t\","
         "\"Number\":1}}",
         "", id);
    make("sync",
         "{\"ResourceGroupType\":\"Integration\",\"Integration\":{\"RealTimeDataSync\":{"
         "\"Specification\":\"i32c\","
         "\"Number\":2}}}",
         "", id);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_t *r = harness_ok(&h, API_2025, "ListResourceGroups", rows[i].filter);
        if (num_at(r, "Data.TotalCount") != rows[i].n)
            fail_msg("%s: %d", rows[i].filter, (int)num_at(r, "Data.TotalCount"));
        json_decref(r);
    }
    json_t *r = harness_okf(&h, API_2025, "ListResourceGroups", "{\"Id\":\"%s\"}", id);
    assert_string_equal(str_at(r, "Data.Items.0.Name"), "sync");
    json_decref(r);
    harness_refused(&h, API_2025, "ListResourceGroups", "{\"Type\":\"Gpu\"}", E_RANGE, "Type");
}

static int64_t metric(const json_t *r, const char *name)
{
    const json_t *list = at(r, "Data.MetricSnapshots"), *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        if (strcmp(str_at(item, "MetricName"), name) == 0)
            return num_at(item, "SnapshotValue");
    }
    return -1;
}

/* A group of two slots for the project, and the answer that made a workflow for tasks that use it.
 */
static json_t *make_for_tasks(char *ret_id)
{
    make("g", SCHEDULE(2), "", ret_id);
    json_decref(harness_okf(&h, API_2025, "AssociateResourceGroupToProject",
                            "{\"ResourceGroupId\":\"%s\",\"ProjectId\":\"%s\"}", ret_id, project));
    return harness_okf(&h, API_2025, "CreateWorkflow",
                       "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"/\",\"WorkflowName\":\"w\"}",
                       project);
}

static void test_metrics__show_what_runs_and_waits(void **state)
{
    char id[64];

    (void)state;
    json_t *w = make_for_tasks(id);
    for (int i = 0; i < 3; i++) {
        json_t *t =
            harness_okf(&h, API_2025, "CreateTask",
                        "{\"ProjectId\":\"%s\",\"TaskBaseAttribute\":{\"TaskName\":\"t%d\","
                        "\"TaskTypeId\":\"35\","
                        "\"WorkflowId\":\"%s\"},\"TaskConfiguration\":{\"ResourceGroup\":\"%s\"},"
                        "\"TaskSchedulerConfiguration\":{\"CycleType\":\"MINUTE_CYCLE\","
                        "\"CrontabExpression\":\"0 0/1 0-23 * * ? *\",\"SelfDepend\":\"serial\"}}",
                        project, i, str_at(w, "Data.WorkflowId"), id);
        json_decref(harness_okf(&h, API_2025, "SubmitTask",
                                "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"VersionRemark\":\"r\"}",
                                project, str_at(t, "Data.TaskId")));
        json_decref(t);
    }
    json_decref(w);
    h.now = wall_add(h.now, DUR_S(60));
    harness_run(&h);
    assert_int_equal(h.begun, 2);
    json_t *r =
        harness_okf(&h, API_2025, "GetResourceGroupMetrics", "{\"ResourceGroupId\":\"%s\"}", id);
    assert_int_equal(num_at(r, "Data.MaximumConcurrency"), 2);
    assert_int_equal(num_at(r, "Data.Status"), 1);
    assert_int_equal(metric(r, "MaximumConcurrency"), 2);
    assert_int_equal(metric(r, "DevelopRunningTask"), 2);
    assert_int_equal(metric(r, "DevelopQueueTask"), 1);
    assert_int_equal(metric(r, "DevelopSchedulingTask"), 3);
    assert_int_equal(metric(r, "ConcurrencyUsage"), 100);
    json_decref(r);
    /* One slot more, and what waited runs. */
    json_decref(harness_okf(&h, API_2025, "UpdateResourceGroup",
                            "{\"Id\":\"%s\",\"Number\":{\"Type\":\"ADD\",\"Quantity\":1}}", id));
    harness_run(&h);
    assert_int_equal(h.begun, 3);
    r = harness_okf(&h, API_2025, "GetResourceGroupMetrics",
                    "{\"ResourceGroupId\":\"%s\",\"MetricType\":\"system\"}", id);
    assert_int_equal(json_array_size(at(r, "Data.MetricSnapshots")), 0);
    json_decref(r);
    /* There is no history to choose from. */
    r = harness_okf(&h, API_2025, "GetResourceGroupMetrics",
                    "{\"ResourceGroupId\":\"%s\",\"StartTime\":1,\"EndTime\":2,"
                    "\"Granularity\":5}",
                    id);
    assert_int_equal(metric(r, "DevelopRunningTask"), 3);
    assert_true(json_is_null(at(r, "Data.MetricSnapshots.0.TrendList")));
    json_decref(r);
    harness_refusedf(&h, API_2025, "DissociateResourceGroupFromProject", E_IN_USE,
                     "ResourceGroupId", "{\"ResourceGroupId\":\"%s\",\"ProjectId\":\"%s\"}", id,
                     project);
    harness_refusedf(&h, API_2025, "GetResourceGroupMetrics", E_RANGE, "MetricType",
                     "{\"ResourceGroupId\":\"%s\",\"MetricType\":\"gpu\"}", id);
    harness_refusedf(&h, API_2025, "GetResourceGroupMetrics", E_RANGE, "EndTime",
                     "{\"ResourceGroupId\":\"%s\",\"StartTime\":5,\"EndTime\":4}", id);
}

/* The draft has moved to another group; what is in production has not. */
static void test_use__is_what_production_says_too(void **state)
{
    char id[64];

    (void)state;
    json_t *w = make_for_tasks(id);
    json_t *t = harness_okf(
        &h, API_2025, "CreateTask",
        "{\"ProjectId\":\"%s\",\"TaskBaseAttribute\":{\"TaskName\":\"t\",\"TaskTypeId\":\"35\","
        "\"WorkflowId\":\"%s\"},\"TaskConfiguration\":{\"ResourceGroup\":\"%s\"},"
        "\"TaskSchedulerConfiguration\":{\"CycleType\":\"DAY_CYCLE\","
        "\"CrontabExpression\":\"0 0 0 * * ? *\"}}",
        project, str_at(w, "Data.WorkflowId"), id);
    const char *task = str_at(t, "Data.TaskId");
    json_decref(harness_okf(&h, API_2025, "SubmitTask",
                            "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"VersionRemark\":\"r\"}",
                            project, task));
    json_decref(harness_okf(&h, API_2025, "UpdateTask",
                            "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"Task\":{"
                            "\"TaskBaseAttribute\":{\"TaskName\":\"t\","
                            "\"OwnerUin\":\"1\",\"TaskDescription\":\"\"},\"TaskConfiguration\":{"
                            "\"ResourceGroup\":\"\"},"
                            "\"TaskSchedulerConfiguration\":{\"CycleType\":\"DAY_CYCLE\","
                            "\"CrontabExpression\":\"0 0 0 * * ? *\"}}}",
                            project, task));
    harness_refusedf(&h, API_2025, "DissociateResourceGroupFromProject", E_IN_USE,
                     "ResourceGroupId", "{\"ResourceGroupId\":\"%s\",\"ProjectId\":\"%s\"}", id,
                     project);
    json_decref(harness_okf(&h, API_2025, "SubmitTask",
                            "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"VersionRemark\":\"r\"}",
                            project, task));
    json_decref(harness_okf(&h, API_2025, "DissociateResourceGroupFromProject",
                            "{\"ResourceGroupId\":\"%s\",\"ProjectId\":\"%s\"}", id, project));
    json_decref(harness_okf(&h, API_2025, "DeleteResourceGroup", "{\"Id\":\"%s\"}", id));
    json_decref(t);
    json_decref(w);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_create__makes_slots_of_the_number),
        TEST(test_create__refuses_wrong_values),
        TEST(test_update__changes_the_slots_live),
        TEST(test_association__guards_deletion),
        TEST(test_list__filters),
        TEST(test_metrics__show_what_runs_and_waits),
        TEST(test_use__is_what_production_says_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
