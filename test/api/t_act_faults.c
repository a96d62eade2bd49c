/* test/api/t_act_faults.c - a store that fails at any change or commit leaves every write undone:
 * in the store and in the core; the next try succeeds. */
#include "act_harness.h"

#include <stdlib.h>
#include <string.h>

#include "api/fixture.h"
#include "core/core.h"

static struct harness h;

#define PROJECT "1"
#define P "\"ProjectId\":\"" PROJECT "\""

/* Everything that the writes below can change, as text. */
static void picture(struct buf *out)
{
    static const struct {
        const char *version, *action, *params;
    } reads[] = {
        { API_2025, "ListProjects", "{}" },
        { API_2025, "ListWorkflowFolders", "{" P ",\"ParentFolderPath\":\"/\"}" },
        { API_2025, "ListWorkflows", "{" P "}" },
        { API_2025, "ListResourceGroups", "{}" },
        { API_2025, "ListTasks", "{" P "}" },
        { API_2021, "DescribeEventCases",
          "{" P ",\"Category\":\"all\",\"PageNumber\":1,\"PageSize\":10}" },
    };
    static const struct table *const counted[] = {
        &table_project, &table_folder,        &table_workflow, &table_task_folder,
        &table_task,    &table_version,       &table_group,    &table_event,
        &table_case,    &table_group_project, &table_listener, &table_schedule,
    };
    struct core_stats stats;
    struct group_load load = { -1, -1, -1 };
    struct query q;

    for (size_t i = 0; i < ARRAY_LEN(reads); i++) {
        json_t *r = harness_ok(&h, reads[i].version, reads[i].action, reads[i].params);
        char *text = json_dumps(r, JSON_COMPACT | JSON_SORT_KEYS);
        buf_printf(out, "%s %s\n", reads[i].action, text);
        free(text);
        json_decref(r);
    }
    for (size_t i = 0; i < ARRAY_LEN(counted); i++) {
        int64_t n;
        query_init(&q, counted[i]);
        assert_int_equal(query_count(store_view(h.store), &q, &n, NULL), E_OK);
        buf_printf(out, "%zu: %lld\n", i, (long long)n);
    }
    core_stats(engine_core(h.engine), &stats);
    core_group_load(engine_core(h.engine), STR("5"), &load);
    buf_printf(out, "core: %zu tasks, %zu instances, %d slots\n", stats.tasks, stats.instances,
               load.slots);
}

/* Fails the nth change, then the nth commit, for every n until the write gets through; then undoes
 * nothing. */
static void assault(const char *version, const char *action, const char *params, bool commits)
{
    struct buf before, after;
    struct err e = ERR_INIT;

    buf_init(&before, 4 << 20);
    buf_init(&after, 4 << 20);
    picture(&before);
    for (int n = 1; n <= (commits ? 1 : 200); n++) {
        store_set_faults(h.store, commits ? (struct store_faults){ .fail_commit_at = n }
                                          : (struct store_faults){ .fail_change_at = n });
        if (harness_try(&h, version, action, params, &e) == E_OK) {
            store_set_faults(h.store, (struct store_faults){ 0, 0 });
            assert_true(n > 1);
            buf_done(&before);
            buf_done(&after);
            return;
        }
        store_set_faults(h.store, (struct store_faults){ 0, 0 });
        assert_int_equal(e.code, E_IO);
        h.now = wall_add(h.now, DUR_S(2)); /* the engine waits a moment before it tries again */
        harness_run(&h);
        buf_reset(&after);
        picture(&after);
        if (!str_eq(buf_str(&before), buf_str(&after)))
            fail_msg("%s, failure %d: before\n%s\nafter\n%s", action, n, before.ptr, after.ptr);
    }
    assert_true(commits);
    buf_done(&before);
    buf_done(&after);
}

/* In this order: each finds what those before it made. */
static const struct {
    const char *version, *action, *params;
} writes[] = {
    { API_2025, "CreateProject",
      "{\"Project\":{\"ProjectName\":\"b\",\"DisplayName\":\"b\"},\"ResourceIds\":[\"5\"]}" },
    { API_2025, "UpdateProject", "{" P ",\"Description\":\"text\"}" },
    { API_2025, "CreateWorkflowFolder",
      "{" P ",\"ParentFolderPath\":\"/\",\"FolderName\":\"new\"}" },
    { API_2025, "UpdateWorkflowFolder", "{" P ",\"FolderId\":\"f\",\"FolderName\":\"renamed\"}" },
    { API_2025, "CreateWorkflow",
      "{" P ",\"ParentFolderPath\":\"/renamed\",\"WorkflowName\":\"w2\"}" },
    { API_2025, "UpdateWorkflow", "{" P ",\"WorkflowId\":\"w\",\"WorkflowDesc\":\"text\"}" },
    { API_2025, "UpdateTaskFolder",
      "{" P ",\"WorkflowId\":\"w\",\"TaskFolderId\":\"tf\",\"TaskFolderName\":\"y\"}" },
    { API_2025, "UpdateResourceGroup",
      "{\"Id\":\"5\",\"Number\":{\"Type\":\"ADD\",\"Quantity\":4}}" },
    { API_2025, "AssociateResourceGroupToProject", "{\"ResourceGroupId\":\"6\"," P "}" },
    { API_2025, "DissociateResourceGroupFromProject", "{\"ResourceGroupId\":\"6\"," P "}" },
    { API_2025, "DeleteResourceGroup", "{\"Id\":\"6\"}" },
    { API_2021, "RegisterDsEvent",
      "{" P ",\"Name\":\"e2\",\"EventSubType\":\"DAY\",\"TimeToLive\":\"1\",\"TimeUnit\":\"DAYS\","
      "\"Owner\":\"o\",\"Description\":\"\"}" },
    { API_2021, "TriggerDsEvent",
      "{" P ",\"EventBatchCaseList\":[{\"Name\":\"e\",\"StartDimension\":\"20240101\","
      "\"EndDimension\":\"20240105\"}]}" },
    { API_2021, "RegisterEvent",
      "{" P ",\"Name\":\"e3\",\"EventSubType\":\"DAY\",\"EventBroadcastType\":\"SINGLE\","
      "\"TimeUnit\":\"DAYS\",\"Owner\":\"o\"}" },
    { API_2021, "TriggerEvent", "{" P ",\"Name\":\"e3\",\"Dimension\":\"20240101\"}" },
    { API_2021, "RegisterDsEventListener",
      "{" P ",\"Key\":\"20241204111252781\",\"Type\":\"REST_API\",\"EventName\":\"e\"}" },
    { API_2025, "SubmitTask", "{" P ",\"TaskId\":\"20241204111252781\",\"VersionRemark\":\"r\"}" },
    { API_2021, "RegisterEventListener",
      "{" P ",\"Key\":\"20241204111252781\",\"EventName\":\"e\",\"Properties\":"
      "\"{\\\"maxWaitEventTime\\\":1}\"}" },
    { API_2025, "UpdateOpsTasksOwner",
      "{" P ",\"TaskIds\":[\"20241204111252781\"],\"OwnerUin\":\"7;8\"}" },
    { API_2025, "UpdateTaskPartially",
      "{" P ",\"TaskId\":\"20241204111252781\",\"NewSetting\":{\"TaskBaseAttribute\":"
      "{\"TaskDescription\":\"ahead\"}}}" },
    { API_2025, "UpdateOpsTasksOwner",
      "{" P ",\"TaskIds\":[\"20241204111252781\"],\"OwnerUin\":\"9\"}" },
    { API_2025, "CreateTask",
      "{" P ",\"TaskBaseAttribute\":{\"TaskName\":\"t2\",\"TaskTypeId\":\"35\","
      "\"WorkflowId\":\"w\"},\"TaskConfiguration\":{},\"TaskSchedulerConfiguration\":{"
      "\"UpstreamDependencyConfigList\":[{\"TaskId\":\"20241204111252781\",\"MainCyclicConfig\":"
      "\"DAY\",\"SubordinateCyclicConfig\":\"CURRENT_DAY\"}]}}" },
    { API_2025, "DeleteTask", "{" P ",\"TaskId\":\"20241204111252781\",\"OperateInform\":true}" },
    { API_2025, "DisableProject", "{" P "}" },
    { API_2025, "EnableProject", "{" P "}" },
    { API_2025, "DeleteWorkflow", "{" P ",\"WorkflowId\":\"w\"}" },
};

static const char world[] =
    "{\"Projects\":[{" P ",\"ProjectName\":\"a\"}],"
    "\"ResourceGroups\":[{\"ResourceGroupId\":\"5\",\"Name\":\"g5\",\"Slots\":3},"
    "{\"ResourceGroupId\":\"6\",\"Name\":\"g6\",\"Slots\":3}],"
    "\"WorkflowFolders\":[{" P
    ",\"FolderId\":\"f\",\"ParentFolderPath\":\"/\",\"FolderName\":\"f\"},"
    "{" P ",\"FolderId\":\"g\",\"ParentFolderPath\":\"/f\",\"FolderName\":\"g\"}],"
    "\"Workflows\":[{" P
    ",\"WorkflowId\":\"w\",\"ParentFolderPath\":\"/f/g\",\"WorkflowName\":\"w\"}],"
    "\"TaskFolders\":[{" P
    ",\"WorkflowId\":\"w\",\"TaskFolderId\":\"tf\",\"TaskFolderType\":\"GENERAL\","
    "\"ParentTaskFolderPath\":\"/\",\"TaskFolderName\":\"x\"}],"
    "\"Events\":[{" P ",\"Name\":\"e\",\"EventSubType\":\"DAY\",\"TimeToLive\":\"30\","
    "\"TimeUnit\":\"DAYS\",\"Owner\":\"o\",\"Description\":\"\"}],"
    "\"Tasks\":[{\"TaskId\":\"20241204111252781\"," P ",\"TaskBaseAttribute\":{\"TaskName\":\"t\","
    "\"TaskTypeId\":\"35\",\"WorkflowId\":\"w\",\"TaskFolderPath\":\"/"
    "x\"},\"TaskConfiguration\":{},"
    "\"TaskSchedulerConfiguration\":{\"CycleType\":\"DAY_CYCLE\",\"StartTime\":"
    "\"2090-01-01 00:00:00\"}}]}"; /* no firing comes between */

static void run_all(bool commits)
{
    struct fixture_counts counts;
    struct err e = ERR_INIT;

    harness_init(&h);
    harness_thread_start(&h);
    enum err_code rc = fixture_load(&h.services, str_from(world), &counts, &e);
    harness_thread_stop(&h);
    if (rc != E_OK)
        fail_msg("%s: %s", e.path, e.text);
    for (size_t i = 0; i < ARRAY_LEN(writes); i++) {
        assault(writes[i].version, writes[i].action, writes[i].params, commits);
        if (commits)
            json_decref(harness_ok(&h, writes[i].version, writes[i].action, writes[i].params));
    }
    harness_done(&h);
}

static void test_failing_change__undoes_the_whole_write(void **state)
{
    (void)state;
    run_all(false);
}

static void test_failing_commit__undoes_the_whole_write(void **state)
{
    (void)state;
    run_all(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failing_change__undoes_the_whole_write),
        cmocka_unit_test(test_failing_commit__undoes_the_whole_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
