/* test/api/t_act_workflow.c - workflows through the API: values, parameters, lists, deletion with
 * tasks. */
#include "act_harness.h"

#include <string.h>

static struct harness h;
static char project[32];

static int setup(void **state)
{
    (void)state;
    harness_init(&h);
    harness_project(&h, "p", project);
    json_decref(harness_okf(
        &h, API_2025, "CreateWorkflowFolder",
        "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"/\",\"FolderName\":\"keyl_p0_test\"}",
        project));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    harness_done(&h);
    return 0;
}

/* more: further members, each with a comma before it. */
static void make(const char *parent, const char *name, const char *more, char *ret)
{
    json_t *r =
        harness_okf(&h, API_2025, "CreateWorkflow",
                    "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"%s\",\"WorkflowName\":\"%s\"%s}",
                    project, parent, name, more);

    if (ret)
        strcpy(ret, str_at(r, "Data.WorkflowId"));
    json_decref(r);
}

static json_t *get(const char *id)
{
    return harness_okf(&h, API_2025, "GetWorkflow", "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\"}",
                       project, id);
}

static void test_create__keeps_what_it_was_given(void **state)
{
    char id[64], root[64];

    (void)state;
    make("/keyl_p0_test", "hour_to_一次性",
         ",\"WorkflowType\":\"manual\",\"WorkflowDesc\":\"描述\",\"OwnerUin\":\"1;2\",\"BundleId\":"
         "\"b\","
         "\"BundleInfo\":\"{\\\"aaa\\\":1}\",\"WorkflowParams\":[{\"ParamKey\":\"k\","
         "\"ParamValue\":\"v\"}]",
         id);
    json_t *r = get(id);
    assert_string_equal(str_at(r, "Data.Path"), "/keyl_p0_test/hour_to_一次性");
    assert_string_equal(str_at(r, "Data.WorkflowType"), "manual");
    assert_string_equal(str_at(r, "Data.WorkflowDesc"), "描述");
    assert_string_equal(str_at(r, "Data.OwnerUin"), "1;2");
    assert_string_equal(str_at(r, "Data.CreateUserUin"), "100000000001");
    assert_string_equal(str_at(r, "Data.BundleId"), "b");
    assert_string_equal(str_at(r, "Data.BundleInfo"), "{\"aaa\":1}");
    assert_string_equal(str_at(r, "Data.WorkflowParams.0.ParamKey"), "k");
    assert_string_equal(str_at(r, "Data.WorkflowParams.0.ParamValue"), "v");
    assert_true(json_is_null(at(r, "Data.WorkflowSchedulerConfiguration")));
    json_decref(r);
    make("/", "plain", "", root);
    r = get(root);
    assert_string_equal(str_at(r, "Data.Path"), "/plain");
    assert_string_equal(str_at(r, "Data.WorkflowType"), "cycle");
    assert_string_equal(str_at(r, "Data.OwnerUin"), "100000000001");
    assert_true(json_is_null(at(r, "Data.BundleId")));
    assert_int_equal(json_array_size(at(r, "Data.WorkflowParams")), 0);
    json_decref(r);
}

static void test_create__refuses_wrong_values(void **state)
{
    static const struct {
        const char *parent, *name, *more;
        enum err_code rc;
        const char *path;
    } rows[] = {
        { "/none", "x", "", E_MISSING, "ParentFolderPath" },
        { "/", "", "", E_RANGE, "WorkflowName" },
        { "/", "a/b", "", E_RANGE, "WorkflowName" },
        { "/", "there", "", E_EXISTS, "WorkflowName" },
        { "/", "x", ",\"WorkflowType\":\"daily\"", E_RANGE, "WorkflowType" },
        { "/", "x", ",\"OwnerUin\":\"bob\"", E_RANGE, "OwnerUin" },
        { "/", "x", ",\"WorkflowParams\":[{\"ParamKey\":\"\",\"ParamValue\":\"v\"}]", E_RANGE,
          "WorkflowParams.0.ParamKey" },
        { "/", "x",
          ",\"WorkflowParams\":[{\"ParamKey\":\"k\",\"ParamValue\":\"v\"},{\"ParamKey\":\"k\","
          "\"ParamValue\":\"w\"}]",
          E_RANGE, "WorkflowParams.1.ParamKey" },
        { "/", "x",
          ",\"WorkflowSchedulerConfiguration\":{\"ScheduleTimeZone\":\"UTC+8\",\"CycleType\":\"DAY_"
          "CYCLE\","
          "\"SelfDepend\":\"serial\",\"StartTime\":\"2025-09-04 "
          "16:00:17\",\"EndTime\":\"2099-12-31 23:59:59\","
          "\"CrontabExpression\":\"0 0 0 * *\"}",
          E_SYNTAX, "WorkflowSchedulerConfiguration.CrontabExpression" },
    };

    (void)state;
    make("/keyl_p0_test", "there", "", NULL);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        harness_refusedf(
            &h, API_2025, "CreateWorkflow", rows[i].rc, rows[i].path,
            "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"%s\",\"WorkflowName\":\"%s\"%s}", project,
            rows[i].parent, rows[i].name, rows[i].more);
    harness_refused(&h, API_2025, "CreateWorkflow",
                    "{\"ProjectId\":\"404\",\"ParentFolderPath\":\"/\",\"WorkflowName\":\"x\"}",
                    E_MISSING, "ProjectId");
}

static void test_update__changes_what_is_given_only(void **state)
{
    char id[64];

    (void)state;
    make("/", "taken", "", NULL);
    make("/", "w",
         ",\"WorkflowDesc\":\"d\",\"WorkflowParams\":[{\"ParamKey\":\"k\",\"ParamValue\":\"v\"}]",
         id);
    json_decref(harness_okf(
        &h, API_2025, "UpdateWorkflow",
        "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"WorkflowName\":\"w2\",\"BundleInfo\":\"i\"}",
        project, id));
    json_t *r = get(id);
    assert_string_equal(str_at(r, "Data.WorkflowName"), "w2");
    assert_string_equal(str_at(r, "Data.Path"), "/w2");
    assert_string_equal(str_at(r, "Data.WorkflowDesc"), "d");
    assert_string_equal(str_at(r, "Data.BundleInfo"), "i");
    assert_string_equal(str_at(r, "Data.WorkflowParams.0.ParamValue"), "v");
    json_decref(r);
    json_decref(harness_okf(&h, API_2025, "UpdateWorkflow",
                            "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"WorkflowParams\":[]}",
                            project, id));
    r = get(id);
    assert_int_equal(json_array_size(at(r, "Data.WorkflowParams")), 0);
    json_decref(r);
    /* Who must be there is not taken away by an empty text (wire.md 5). */
    json_decref(harness_okf(&h, API_2025, "UpdateWorkflow",
                            "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"OwnerUin\":\"\","
                            "\"WorkflowName\":\"\",\"WorkflowDesc\":\"\"}",
                            project, id));
    r = get(id);
    assert_string_equal(str_at(r, "Data.WorkflowName"), "w2");
    assert_string_equal(str_at(r, "Data.OwnerUin"), "100000000001");
    assert_string_equal(str_at(r, "Data.WorkflowDesc"), "");
    json_decref(r);
    harness_refusedf(&h, API_2025, "UpdateWorkflow", E_EXISTS, "WorkflowName",
                     "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"WorkflowName\":\"taken\"}",
                     project, id);
    harness_refusedf(&h, API_2025, "UpdateWorkflow", E_MISSING, "WorkflowId",
                     "{\"ProjectId\":\"%s\",\"WorkflowId\":\"404\"}", project);
}

static int64_t count(const char *filter)
{
    json_t *r =
        harness_okf(&h, API_2025, "ListWorkflows", "{\"ProjectId\":\"%s\"%s}", project, filter);
    int64_t n = num_at(r, "Data.TotalCount");

    json_decref(r);
    return n;
}

static void test_list__has_every_filter_and_pages(void **state)
{
    char name[16], first[64];

    (void)state;
    /* 2026-03-01 00:00:00 in UTC+8, one minute apart */
    h.now = (struct wall){ 1772294400000000 };
    make("/keyl_p0_test", "First",
         ",\"OwnerUin\":\"7;8\",\"WorkflowType\":\"Manual\",\"BundleId\":\"bb\"", first);
    for (int i = 0; i < 11; i++) {
        h.now = wall_add(h.now, DUR_MIN(1));
        snprintf(name, sizeof(name), "wf_%d", i);
        make("/", name, "", NULL);
    }
    json_t *r = harness_okf(&h, API_2025, "ListWorkflows",
                            "{\"ProjectId\":\"%s\",\"PageNumber\":2}", project);
    assert_int_equal(num_at(r, "Data.TotalCount"), 12);
    assert_string_equal(str_at(r, "Data.Items.0.WorkflowName"), "wf_0");
    assert_string_equal(str_at(r, "Data.Items.1.WorkflowName"), "First");
    assert_string_equal(str_at(r, "Data.Items.1.CreateTime"), "2026-03-01 00:00:00");
    assert_string_equal(str_at(r, "Data.Items.1.ModifyTime"), "2026-03-01 00:00:00");
    json_decref(r);
    r = harness_okf(&h, API_2025, "ListWorkflows",
                    "{\"ProjectId\":\"%s\",\"PageNumber\":201,\"PageSize\":200}", project);
    assert_int_equal(json_array_size(at(r, "Data.Items")), 0);
    json_decref(r);
    json_decref(harness_okf(&h, API_2025, "UpdateWorkflow",
                            "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"WorkflowDesc\":\"x\"}",
                            project, first));
    r = harness_okf(&h, API_2025, "ListWorkflows", "{\"ProjectId\":\"%s\",\"PageSize\":1}",
                    project);
    assert_int_equal(json_array_size(at(r, "Data.Items")), 1);
    json_decref(r);
    static const struct {
        const char *filter;
        int64_t n;
    } rows[] = {
        { ",\"Keyword\":\"FIRST\"", 1 },
        { ",\"Keyword\":\"wf_1\"", 2 },
        { ",\"ParentFolderPath\":\"/keyl_p0_test\"", 1 },
        { ",\"ParentFolderPath\":\"/\"", 11 },
        { ",\"WorkflowType\":\"manual\"", 1 },
        { ",\"WorkflowType\":\"Cycle\"", 11 },
        { ",\"BundleId\":\"bb\"", 1 },
        { ",\"OwnerUin\":\"8\"", 1 },
        { ",\"OwnerUin\":\";8;7;\"", 1 },
        { ",\"OwnerUin\":\"8;9\"", 0 },
        { ",\"CreateUserUin\":\"100000000001\"", 12 },
        { ",\"CreateUserUin\":\"9\"", 0 },
        { ",\"CreateTime\":[\"2026-03-01 00:00:00\",\"2026-03-01 00:01:00\"]", 2 },
        { ",\"ModifyTime\":[\"2026-03-01 00:11:00\",\"2026-03-01 00:11:00\"]", 2 },
        { ",\"ModifyTime\":[\"2026-03-01 00:00:00\",\"2026-03-01 00:00:00\"]", 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (count(rows[i].filter) != rows[i].n)
            fail_msg("%s: %d, not %d", rows[i].filter, (int)count(rows[i].filter), (int)rows[i].n);
    static const struct {
        const char *filter;
        enum err_code rc;
        const char *path;
    } wrong[] = {
        { ",\"CreateTime\":[\"2026-03-01 00:00:00\"]", E_RANGE, "CreateTime" },
        { ",\"ModifyTime\":[\"2026-03-02 00:00:00\",\"2026-03-01 00:00:00\"]", E_RANGE,
          "ModifyTime" },
        { ",\"ModifyTime\":[\"yesterday\",\"2026-03-01 00:00:00\"]", E_SYNTAX, "ModifyTime.0" },
        { ",\"WorkflowType\":\"x\"", E_RANGE, "WorkflowType" },
        { ",\"PageSize\":201", E_RANGE, "PageSize" },
        { ",\"PageSize\":0", E_RANGE, "PageSize" },
        { ",\"ParentFolderPath\":\"/no-such\"", E_MISSING, "ParentFolderPath" },
        { ",\"ParentFolderPath\":\"no-such\"", E_RANGE, "ParentFolderPath" },
        { ",\"ParentFolderPath\":\"/keyl_p0_test/\"", E_RANGE, "ParentFolderPath" },
    };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        harness_refusedf(&h, API_2025, "ListWorkflows", wrong[i].rc, wrong[i].path,
                         "{\"ProjectId\":\"%s\"%s}", project, wrong[i].filter);
}

/* ---- deletion ------------------------------------------------------------------------------ */

static void task(const char *workflow, const char *name, const char *folder, char *ret)
{
    json_t *r = harness_okf(
        &h, API_2025, "CreateTask",
        "{\"ProjectId\":\"%s\",\"TaskBaseAttribute\":{\"TaskName\":\"%s\",\"TaskTypeId\":\"35\","
        "\"WorkflowId\":\"%s\"%s},\"TaskConfiguration\":{},"
        "\"TaskSchedulerConfiguration\":{\"CycleType\":\"DAY_CYCLE\"}}",
        project, name, workflow, folder);

    strcpy(ret, str_at(r, "Data.TaskId"));
    json_decref(r);
}

static void test_delete__takes_drafts_along_but_not_what_is_scheduled(void **state)
{
    char id[64], draft[32], live[32];

    (void)state;
    make("/", "w", "", id);
    task(id, "draft", "", draft);
    task(id, "live", "", live);
    json_decref(harness_okf(&h, API_2025, "SubmitTask",
                            "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"VersionRemark\":\"r\"}",
                            project, live));
    harness_refusedf(&h, API_2025, "DeleteWorkflow", E_DENIED, "WorkflowId",
                     "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\"}", project, id);
    json_decref(get(id));
    json_decref(harness_okf(&h, API_2025, "DeleteTask", "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\"}",
                            project, live));
    json_decref(
        harness_okf(&h, API_2025, "CreateTaskFolder",
                    "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"TaskFolderType\":\"GENERAL\","
                    "\"ParentTaskFolderPath\":\"/\",\"TaskFolderName\":\"f\"}",
                    project, id));
    json_decref(harness_okf(&h, API_2025, "DeleteWorkflow",
                            "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\"}", project, id));
    int64_t left;
    struct query q;
    query_init(&q, &table_task);
    assert_int_equal(query_count(store_view(h.store), &q, &left, NULL), E_OK);
    assert_int_equal(left, 0);
    query_init(&q, &table_task_folder);
    assert_int_equal(query_count(store_view(h.store), &q, &left, NULL), E_OK);
    assert_int_equal(left, 0);
    /* FailedOperation, as the cloud answers */
    harness_refusedf(&h, API_2025, "DeleteWorkflow", E_CONFLICT, "WorkflowId",
                     "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\"}", project, id);
    harness_refusedf(&h, API_2025, "GetWorkflow", E_MISSING, "WorkflowId",
                     "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\"}", project, id);
}

static void test_task_folder_rename__is_seen_by_the_tasks_in_it(void **state)
{
    char id[64], folder[64], inside[32], submitted[32];
    struct task_row row = { .id = 0 };
    struct arena arena;

    (void)state;
    make("/", "w", "", id);
    json_t *r =
        harness_okf(&h, API_2025, "CreateTaskFolder",
                    "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"TaskFolderType\":\"GENERAL\","
                    "\"ParentTaskFolderPath\":\"/\",\"TaskFolderName\":\"f\"}",
                    project, id);
    strcpy(folder, str_at(r, "Data.TaskFolderId"));
    json_decref(r);
    task(id, "inside", ",\"TaskFolderPath\":\"/f\"", inside);
    task(id, "submitted", ",\"TaskFolderPath\":\"/f\"", submitted);
    json_decref(harness_okf(&h, API_2025, "SubmitTask",
                            "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"VersionRemark\":\"r\"}",
                            project, submitted));
    harness_refusedf(&h, API_2025, "DeleteTaskFolder", E_CONFLICT, "TaskFolderId",
                     "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"TaskFolderId\":\"%s\"}",
                     project, id, folder);
    json_decref(harness_okf(&h, API_2025, "UpdateTaskFolder",
                            "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"TaskFolderId\":\"%s\","
                            "\"TaskFolderName\":\"renamed\"}",
                            project, id, folder));
    const char *const tasks[] = { inside, submitted };
    arena_init(&arena);
    for (size_t i = 0; i < ARRAY_LEN(tasks); i++) {
        assert_true(str_to_i64(str_from(tasks[i]), &row.id));
        assert_int_equal(row_get(store_view(h.store), &table_task, &arena, &row, NULL), E_OK);
        assert_true(str_eq_c(row.folder_path, "/renamed"));
        struct version_row version = { .task_id = row.id, .num = row.version_no };
        assert_int_equal(row_get(store_view(h.store), &table_version, &arena, &version, NULL),
                         E_OK);
        assert_true(str_find(version.doc, STR("\"TaskFolderPath\":\"/renamed\"")) >= 0);
    }
    arena_done(&arena);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_create__keeps_what_it_was_given),
        TEST(test_create__refuses_wrong_values),
        TEST(test_update__changes_what_is_given_only),
        TEST(test_list__has_every_filter_and_pages),
        TEST(test_delete__takes_drafts_along_but_not_what_is_scheduled),
        TEST(test_task_folder_rename__is_seen_by_the_tasks_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
