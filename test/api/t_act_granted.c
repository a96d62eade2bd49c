/* test/api/t_act_granted.c - what a permission on a workflow or a folder lets do, and where it ends
 * (docs/reference/semantics.md 10). */
#include "permission_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what a permission lets do --------------------------------------------------------------- */

/* In what was granted, and outside of it. */
static const struct {
    const char *action, *in, *out, *path;
} acts[] = {
    { "CreateTask",
      "\"TaskBaseAttribute\":{\"TaskName\":\"n\",\"TaskTypeId\":\"35\",\"WorkflowId\":\"wa\"},"
      "\"TaskConfiguration\":{\"CodeContent\":\"ZWNobw==\"},\"TaskSchedulerConfiguration\":{"
      "\"CycleType\":\"DAY_CYCLE\"," DEPEND(TB) "}",
      "\"TaskBaseAttribute\":{\"TaskName\":\"n\",\"TaskTypeId\":\"35\",\"WorkflowId\":\"wc\"},"
      "\"TaskConfiguration\":{\"CodeContent\":\"ZWNobw==\"},\"TaskSchedulerConfiguration\":{"
      "\"CycleType\":\"DAY_CYCLE\"}",
      "TaskBaseAttribute.WorkflowId" },
    { "UpdateTaskPartially",
      "\"TaskId\":\"" TB "\",\"NewSetting\":{\"TaskSchedulerConfiguration\":{" DEPEND(TA) "}}",
      "\"TaskId\":\"" TC "\",\"NewSetting\":{}", "TaskId" },
    { "SubmitTask", "\"TaskId\":\"" TB "\",\"VersionRemark\":\"r\"",
      "\"TaskId\":\"" TC "\",\"VersionRemark\":\"r\"", "TaskId" },
    { "CreateTaskFolder",
      "\"WorkflowId\":\"wa\",\"ParentTaskFolderPath\":\"/\",\"TaskFolderType\":\"GENERAL\","
      "\"TaskFolderName\":\"x\"",
      "\"WorkflowId\":\"wr\",\"ParentTaskFolderPath\":\"/\",\"TaskFolderType\":\"GENERAL\","
      "\"TaskFolderName\":\"x\"",
      "WorkflowId" },
    { "UpdateWorkflow", "\"WorkflowId\":\"wa\",\"WorkflowDesc\":\"d\"",
      "\"WorkflowId\":\"wc\",\"WorkflowDesc\":\"d\"", "WorkflowId" },
    { "CreateWorkflow", "\"WorkflowName\":\"nw\",\"ParentFolderPath\":\"/a\"",
      "\"WorkflowName\":\"nw\",\"ParentFolderPath\":\"/ab\"", "ParentFolderPath" },
    { "CreateWorkflow", "\"WorkflowName\":\"nv\",\"ParentFolderPath\":\"/a/b\"",
      "\"WorkflowName\":\"nv\",\"ParentFolderPath\":\"/\"", "ParentFolderPath" },
    { "CreateWorkflowFolder", "\"FolderName\":\"nf\",\"ParentFolderPath\":\"/a/b\"",
      "\"FolderName\":\"nf\",\"ParentFolderPath\":\"/c\"", "ParentFolderPath" },
    { "UpdateWorkflowFolder", "\"FolderId\":\"fb\",\"FolderName\":\"b\"",
      "\"FolderId\":\"fc\",\"FolderName\":\"c2\"", "FolderId" },
    { "CreateDataBackfillPlan",
      "\"TaskIds\":[\"" TA "\",\"" TB "\"],\"DataBackfillRangeList\":[{\"StartDate\":"
      "\"2024-03-05\",\"EndDate\":\"2024-03-05\"}]",
      "\"TaskIds\":[\"" TA "\",\"" TC "\"],\"DataBackfillRangeList\":[{\"StartDate\":"
      "\"2024-03-05\",\"EndDate\":\"2024-03-05\"}]",
      "TaskIds.1" },
    { "UpdateOpsTasksOwner", "\"TaskIds\":[\"" TA "\"],\"OwnerUin\":\"501\"",
      "\"TaskIds\":[\"" TR "\"],\"OwnerUin\":\"501\"", "TaskIds.0" },
    { "PauseOpsTasksAsync", "\"TaskIds\":[\"" TA "\"]", "\"TaskIds\":[\"" TA "\",\"" TR "\"]",
      "TaskIds.1" },
    { "StartOpsTasks", "\"TaskIds\":[\"" TA "\"]", "\"TaskIds\":[\"" TC "\",\"" TA "\"]",
      "TaskIds.0" },
    { "KillTaskInstancesAsync", "\"InstanceKeyList\":[\"" AT(TA) "\"]",
      "\"InstanceKeyList\":[\"" AT(TA) "\",\"" AT(TC) "\"]", "InstanceKeyList.1" },
    { "RerunTaskInstancesAsync", "\"InstanceKeyList\":[\"" AT(TA) "\"],\"RerunType\":\"1\"",
      "\"InstanceKeyList\":[\"" AT(TC) "\"],\"RerunType\":\"1\"", "InstanceKeyList.0" },
    { "SetSuccessTaskInstancesAsync", "\"InstanceKeyList\":[\"" AT(TA) "\"]",
      "\"InstanceKeyList\":[\"" AT(TC) "\"]", "InstanceKeyList.0" },
    { "StopOpsTasksAsync", "\"TaskIds\":[\"" TB "\"]", "\"TaskIds\":[\"" TC "\"]", "TaskIds.0" },
    { "DeleteTask", "\"TaskId\":\"" TB "\"", "\"TaskId\":\"" TC "\"", "TaskId" },
};

/* One backfill of 2024-03-01 of each task, by the root key. */
static void make_instances(void)
{
    const char *now = h.plain_key ? h.uin : NULL;

    act_as(NULL);
    json_decref(
        harness_ok(&h, API_2025, "CreateDataBackfillPlan",
                   "{\"ProjectId\":\"1001\",\"TaskIds\":[\"" TA "\",\"" TB "\",\"" TC "\",\"" TR
                   "\"],\"DataBackfillRangeList\":[{\"StartDate\":"
                   "\"2024-03-01\",\"EndDate\":\"2024-03-01\"}],\"CheckParentType\":\"ALL\"}"));
    act_as(now);
}

static void test_grantee__does_in_it_what_its_roles_do_not_give(void **state)
{
    static const char *const accounts[] = { "501", "502" };

    make_instances();
    for (size_t k = 0; k < ARRAY_LEN(accounts); k++) {
        act_as(accounts[k]);
        for (size_t i = 0; i < ARRAY_LEN(acts); i++)
            check_may_not(acts[i].action, acts[i].in, "ProjectId");
    }
    grant("folder", "fa", "502");
    act_as("502");
    for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
        check_may_not(acts[i].action, acts[i].out, acts[i].path);
        char params[2048];
        snprintf(params, sizeof(params), "{\"ProjectId\":\"1001\",%s}", acts[i].in);
        json_decref(harness_ok(&h, API_2025, acts[i].action, params)); /* it is done, too */
    }
    /* Of the project as a whole it may no more than before. */
    check_may_not("ListTasks", "\"PageNumber\":1", "ProjectId");
    act_as("501");
    for (size_t i = 0; i < ARRAY_LEN(acts); i++)
        check_may_not(acts[i].action, acts[i].in, "ProjectId");
    *state = NULL;
}

static void test_refusal__says_what_is_needed(void **state)
{
    struct err e;

    (void)state;
    grant("folder", "fa", "501");
    act_as("501");
    assert_false(may(API_2025, "StopOpsTasksAsync", "\"TaskIds\":[\"" TA "\",\"" TC "\"]", &e));
    assert_string_equal(e.path, "TaskIds.1");
    for (int zh = 0; zh < 2; zh++) {
        const char *text = zh ? e.text_zh : e.text;
        assert_non_null(strstr(text, TC));
        assert_null(strstr(text, TA));
        assert_non_null(strstr(text, "CAN_MANAGE"));
        assert_non_null(strstr(text, "StopOpsTasksAsync"));
        assert_non_null(strstr(text, "OperationEngineer"));
        assert_null(strstr(text, "DataEngineer"));
    }
    /* What does not exist is refused in the same words. */
    struct err none;
    assert_false(may(API_2025, "StopOpsTasksAsync", "\"TaskIds\":[\"20240101000000009\"]", &none));
    assert_string_equal(none.path, "TaskIds.0");
    assert_non_null(strstr(none.text, "20240101000000009"));
    assert_false(may(API_2025, "GetOpsWorkflow", "\"WorkflowId\":\"\"", NULL) &&
                 may(API_2025, "UpdateWorkflow", "\"WorkflowId\":\"\"", NULL));
}

/* Roles that do part of it, and a permission for the rest. */
static void test_grant__adds_to_the_roles(void **state)
{
    static const char *const develops = "\"WorkflowId\":\"wa\",\"WorkflowDesc\":\"d\"";
    static const char *const elsewhere = "\"WorkflowId\":\"wc\",\"WorkflowDesc\":\"d\"";
    static const char *const operates = "\"TaskIds\":[\"" TA "\"]";

    (void)state;
    act_as("504");
    check_may_not("UpdateWorkflow", develops, "ProjectId");
    check_may("PauseOpsTasksAsync", operates);
    grant("workflow", "wa", "504");
    check_may("UpdateWorkflow", develops);
    check_may_not("UpdateWorkflow", elsewhere, "WorkflowId");
    check_may("PauseOpsTasksAsync", "\"TaskIds\":[\"" TC "\",\"" TA "\"]");
    act_as("503");
    check_may_not("StartOpsTasks", operates, "ProjectId");
    grant("workflow", "wa", "503");
    check_may("StartOpsTasks", operates);
    check_may("UpdateWorkflow", elsewhere);
    revoke("workflow", "wa", "503");
    check_may_not("StartOpsTasks", operates, "ProjectId");
    check_may("UpdateWorkflow", elsewhere);
}

static void test_grant__on_a_workflow_is_for_that_one(void **state)
{
    (void)state;
    grant("workflow", "wa", "501");
    act_as("501");
    check_may("UpdateWorkflow", "\"WorkflowId\":\"wa\",\"WorkflowDesc\":\"d\"");
    check_may("SubmitTask", "\"TaskId\":\"" TA "\",\"VersionRemark\":\"r\"");
    check_may_not("CreateWorkflow", "\"WorkflowName\":\"n\",\"ParentFolderPath\":\"/a/b\"",
                  "ParentFolderPath");
    check_may_not("UpdateWorkflowFolder", "\"FolderId\":\"fb\",\"FolderName\":\"n\"", "FolderId");
    check_may_not("UpdateWorkflow", "\"WorkflowId\":\"wr\",\"WorkflowDesc\":\"d\"", "WorkflowId");
}

/* It goes by what things are in, not by how their paths are spelled. */
static void test_grant__goes_with_what_is_renamed(void **state)
{
    static const char *const in_a = "\"WorkflowId\":\"wa\",\"WorkflowDesc\":\"d\"";
    char longest[1500];

    (void)state;
    grant("folder", "fa", "501");
    act_as(NULL);
    json_decref(harness_ok(&h, API_2025, "UpdateWorkflowFolder",
                           "{\"ProjectId\":\"1001\",\"FolderId\":\"fa\",\"FolderName\":\"z\"}"));
    json_decref(harness_ok(&h, API_2025, "UpdateWorkflowFolder",
                           "{\"ProjectId\":\"1001\",\"FolderId\":\"fc\",\"FolderName\":\"a\"}"));
    act_as("501");
    check_may("UpdateWorkflow", in_a);
    check_may("CreateWorkflowFolder", "\"ParentFolderPath\":\"/z/b\",\"FolderName\":\"d\"");
    check_may("CreateWorkflow", "\"ParentFolderPath\":\"/z/b/d\",\"WorkflowName\":\"deep\"");
    check_may_not("UpdateWorkflow", "\"WorkflowId\":\"wc\",\"WorkflowDesc\":\"d\"", "WorkflowId");
    check_may_not("CreateWorkflow", "\"ParentFolderPath\":\"/a\",\"WorkflowName\":\"n\"",
                  "ParentFolderPath");
    /* Texts that are no paths of folders lead nowhere. */
    static const char *const texts[] = { "", "z", "//", "/z2", "/ab", "z/b" };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        char more[128];
        snprintf(more, sizeof(more), "\"ParentFolderPath\":\"%s\",\"WorkflowName\":\"n\"",
                 texts[i]);
        check_may_not("CreateWorkflow", more, "ParentFolderPath");
    }
    size_t n = (size_t)snprintf(longest, sizeof(longest),
                                "\"WorkflowName\":\"n\","
                                "\"ParentFolderPath\":\"/z");
    memset(longest + n, '/', 1200);
    strcpy(longest + n + 1200, "\"");
    check_may_not("CreateWorkflow", longest, "ParentFolderPath");
    /* One that is not there lies in it all the same, and is not found. */
    harness_refusedf(&h, API_2025, "CreateWorkflow", E_MISSING, "ParentFolderPath",
                     "{\"ProjectId\":\"1001\",\"ParentFolderPath\":\"/z/none\",\"WorkflowName\":"
                     "\"n\"}");
}

static void test_role__is_granted_to_all_who_have_it(void **state)
{
    static const char *const act = "\"WorkflowId\":\"wa\",\"WorkflowDesc\":\"d\"";

    (void)state;
    change_permission(true, "folder", "fb", "role", VISITOR);
    act_as("501");
    check_may("UpdateWorkflow", act);
    act_as("502");
    check_may_not("UpdateWorkflow", act, "ProjectId");
    act_as("504");
    check_may_not("UpdateWorkflow", act, "ProjectId");
    act_as(NULL);
    add_member("505", VISITOR);
    json_decref(harness_ok(&h, API_2025, "GrantMemberProjectRole",
                           "{\"ProjectId\":\"1001\",\"UserUin\":\"504\",\"RoleIds\":[\"" VISITOR
                           "\"]}"));
    act_as("504");
    check_may("UpdateWorkflow", act);
    act_as("505");
    check_may("UpdateWorkflow", act);
    act_as(NULL);
    json_decref(harness_ok(&h, API_2025, "RemoveMemberProjectRole",
                           "{\"ProjectId\":\"1001\",\"UserUin\":\"505\",\"RoleIds\":[\"" VISITOR
                           "\"]}"));
    act_as("505");
    check_may_not("UpdateWorkflow", act, "ProjectId");
    /* The id of a role is no account, nor the other way round. */
    change_permission(true, "folder", "fc", "role", OPERATOR);
    act_as(NULL);
    add_member("308335260844662784", VISITOR);
    act_as("308335260844662784");
    check_may("UpdateWorkflow", act);
    check_may_not("UpdateWorkflow", "\"WorkflowId\":\"wc\",\"WorkflowDesc\":\"d\"", "WorkflowId");
}

/* The workflow is what is asked for, whichever of its tasks are named. */
static void test_manual_runs__are_of_their_workflow(void **state)
{
    static const char run[] = "\"WorkflowId\":\"%s\",\"TriggerName\":\"run\",\"TriggerScope\":"
                              "\"ENTIRE_WORKFLOW\",\"DataTimeList\":[\"2024-03-05 00:00:00\"]";
    char in[256], out[256];
    struct err e;

    (void)state;
    snprintf(in, sizeof(in), run, "wa");
    snprintf(out, sizeof(out), run, "wc");
    act_as("502");
    assert_false(may(API_2021, "TriggerManualTasks", in, &e));
    grant("folder", "fa", "502");
    act_as("502");
    assert_true(may(API_2021, "TriggerManualTasks", in, &e));
    assert_string_equal(e.path, "WorkflowId"); /* it is not manual */
    assert_false(may(API_2021, "TriggerManualTasks", out, &e));
    assert_string_equal(e.path, "WorkflowId");
}

static void test_plans__are_of_all_their_tasks(void **state)
{
    char plans[2][64], more[160];

    (void)state;
    act_as(NULL);
    for (int i = 0; i < 2; i++) {
        json_t *r = harness_okf(&h, API_2025, "CreateDataBackfillPlan",
                                "{\"ProjectId\":\"1001\",\"TaskIds\":[\"" TA "\",\"%s\"],"
                                "\"DataBackfillRangeList\":[{\"StartDate\":\"2024-03-0%d\","
                                "\"EndDate\":\"2024-03-0%d\"}]}",
                                i == 0 ? TB : TC, i + 2, i + 2);
        strcpy(plans[i], str_at(r, "Data.DataBackfillPlanId"));
        json_decref(r);
    }
    grant("folder", "fa", "502");
    act_as("502");
    for (int i = 0; i < 2; i++) {
        snprintf(more, sizeof(more), "\"DataBackfillPlanId\":\"%s\"", plans[i]);
        if (i == 0) {
            check_may("GetDataBackfillPlan", more);
            check_may("DeleteDataBackfillPlanAsync", more);
            continue;
        }
        check_may_not("GetDataBackfillPlan", more, "DataBackfillPlanId");
        check_may_not("DeleteDataBackfillPlanAsync", more, "DataBackfillPlanId");
    }
    check_may_not("GetDataBackfillPlan", "\"DataBackfillPlanId\":\"\"", "DataBackfillPlanId");
    check_may_not("GetDataBackfillPlan", "\"DataBackfillPlanId\":\"none\"", "DataBackfillPlanId");
}

static int64_t rounds_of(const char *task)
{
    struct instance_row i = { .data_time = { 0 } };
    struct arena a;

    arena_init(&a);
    assert_true(str_to_i64(str_from(task), &i.task_id));
    assert_int_equal(civil_parse(STR("2024-03-01 00:00:00"), &i.data_time, NULL), E_OK);
    assert_int_equal(row_get(store_view(h.store), &table_instance, &a, &i, NULL), E_OK);
    arena_done(&a);
    return i.round;
}

/* The children are in another workflow, and may be in what was granted or not. */
static void test_rerun__of_children_stays_in_what_was_granted(void **state)
{
    static const char rerun[] =
        "{\"ProjectId\":\"1001\",\"InstanceKeyList\":[\"" AT(TA) "\"],\"RerunType\":\"3\","
                                                                 "\"SonRangeType\":\"PROJECT\"}";

    (void)state;
    make_instances();
    json_decref(
        harness_ok(&h, API_2025, "KillTaskInstancesAsync",
                   "{\"ProjectId\":\"1001\",\"InstanceKeyList\":[\"" AT(TA) "\",\"" AT(TC) "\"]}"));
    json_decref(harness_ok(&h, API_2025, "SetSuccessTaskInstancesAsync",
                           "{\"ProjectId\":\"1001\",\"InstanceKeyList\":[\"" AT(TC) "\"]}"));
    grant("workflow", "wa", "501");
    act_as("501");
    json_decref(harness_ok(&h, API_2025, "RerunTaskInstancesAsync", rerun));
    assert_int_equal(rounds_of(TC), 0);
    grant("folder", "fc", "501");
    json_decref(harness_ok(&h, API_2025, "RerunTaskInstancesAsync", rerun));
    assert_int_equal(rounds_of(TC), 1);
}

/* Who has no role sees what it was granted, and nothing of what that is tied to. */
static void test_reads__are_of_what_was_granted(void **state)
{
    static const struct {
        const char *action, *in, *out, *path;
    } rows[] = {
        { "GetTask", "\"TaskId\":\"" TA "\"", "\"TaskId\":\"" TC "\"", "TaskId" },
        { "GetOpsTask", "\"TaskId\":\"" TA "\"", "\"TaskId\":\"" TC "\"", "TaskId" },
        { "ListDownstreamTasks", "\"TaskId\":\"" TA "\",\"PageNumber\":1,\"PageSize\":10",
          "\"TaskId\":\"" TC "\",\"PageNumber\":1,\"PageSize\":10", "TaskId" },
        { "ListDownstreamOpsTasks",
          "\"TaskId\":\"" TA "\",\"PageNumber\":\"1\",\"PageSize\":\"10\"",
          "\"TaskId\":\"" TC "\",\"PageNumber\":\"1\",\"PageSize\":\"10\"", "TaskId" },
        { "ListDownstreamTaskInstances", "\"InstanceKey\":\"" AT(TA) "\"",
          "\"InstanceKey\":\"" AT(TC) "\"", "InstanceKey" },
        { "GetTaskInstance", "\"InstanceKey\":\"" AT(TA) "\"", "\"InstanceKey\":\"" AT(TC) "\"",
          "InstanceKey" },
        { "GetWorkflow", "\"WorkflowId\":\"wa\"", "\"WorkflowId\":\"wr\"", "WorkflowId" },
        { "GetWorkflowFolder", "\"FolderId\":\"fa\"", "\"FolderId\":\"fc\"", "FolderId" },
        { "ListWorkflowFolders", "\"ParentFolderPath\":\"/a\"", "\"ParentFolderPath\":\"/\"",
          "ParentFolderPath" },
    };

    (void)state;
    make_instances();
    grant("folder", "fa", "502");
    act_as("502");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char params[512];
        snprintf(params, sizeof(params), "{\"ProjectId\":\"1001\",%s}", rows[i].in);
        json_t *r = harness_ok(&h, API_2025, rows[i].action, params);
        char *text = json_dumps(r, JSON_COMPACT);
        if (strstr(text, "hidden") || strstr(text, "\"" TC))
            fail_msg("%s shows too much: %s", rows[i].action, text);
        free(text);
        json_decref(r);
        check_may_not(rows[i].action, rows[i].out, rows[i].path);
    }
    check_may_not("ListOpsTasks", "\"PageNumber\":\"1\",\"PageSize\":\"10\"", "ProjectId");
    /* Nor can a task be made to depend on what is not seen. */
    harness_refusedf(&h, API_2025, "UpdateTaskPartially", E_MISSING,
                     "NewSetting.TaskSchedulerConfiguration.UpstreamDependencyConfigList.0.TaskId",
                     "{\"ProjectId\":\"1001\",\"TaskId\":\"" TA
                     "\",\"NewSetting\":{\"TaskSchedulerConfiguration\":{" DEPEND(TR) "}}}");
    /* Listeners of older calls name their task by Key. */
    struct err e;
    assert_true(may(API_2021, "RegisterDsEventListener",
                    "\"Key\":\"" TA "\",\"Type\":\"REST_API\",\"EventName\":\"none\"", &e));
    assert_false(may(API_2021, "RegisterDsEventListener",
                     "\"Key\":\"" TC "\",\"Type\":\"REST_API\",\"EventName\":\"none\"", &e));
    assert_string_equal(e.path, "Key");
    assert_false(may(API_2021, "RegisterDsEvent",
                     "\"Name\":\"e\",\"EventSubType\":\"DAY\",\"TimeToLive\":\"1\",\"TimeUnit\":"
                     "\"DAYS\",\"Owner\":\"o\",\"Description\":\"\"",
                     &e));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, permission_setup, permission_teardown)
    const struct CMUnitTest tests[] = {
        T(test_grantee__does_in_it_what_its_roles_do_not_give),
        T(test_refusal__says_what_is_needed),
        T(test_grant__adds_to_the_roles),
        T(test_grant__on_a_workflow_is_for_that_one),
        T(test_grant__goes_with_what_is_renamed),
        T(test_role__is_granted_to_all_who_have_it),
        T(test_manual_runs__are_of_their_workflow),
        T(test_plans__are_of_all_their_tasks),
        T(test_rerun__of_children_stays_in_what_was_granted),
        T(test_reads__are_of_what_was_granted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
