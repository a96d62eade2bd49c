/* test/api/t_act_folder.c - workflow folders and task folders through the API. */
#include "act_harness.h"

#include <string.h>

static struct harness h;
static char project[32], other[32];

static void make_project(const char *name, char *ret)
{
    json_t *r =
        harness_okf(&h, API_2025, "CreateProject",
                    "{\"Project\":{\"ProjectName\":\"%s\",\"DisplayName\":\"%s\"}}", name, name);

    strcpy(ret, str_at(r, "Data.ProjectId"));
    json_decref(r);
}

static int setup(void **state)
{
    (void)state;
    harness_init(&h);
    make_project("one", project);
    make_project("two", other);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    harness_done(&h);
    return 0;
}

static void folder(const char *parent, const char *name, char *ret)
{
    json_t *r =
        harness_okf(&h, API_2025, "CreateWorkflowFolder",
                    "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"%s\",\"FolderName\":\"%s\"}",
                    project, parent, name);

    if (ret)
        strcpy(ret, str_at(r, "Data.FolderId"));
    json_decref(r);
}

static void workflow(const char *parent, const char *name, char *ret)
{
    json_t *r =
        harness_okf(&h, API_2025, "CreateWorkflow",
                    "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"%s\",\"WorkflowName\":\"%s\"}",
                    project, parent, name);

    strcpy(ret, str_at(r, "Data.WorkflowId"));
    json_decref(r);
}

static void test_folder__is_created_read_and_listed(void **state)
{
    char a[64], b[64];

    (void)state;
    folder("/", "a", a);
    h.now = wall_add(h.now, DUR_S(1));
    folder("/a", "b", b);
    assert_int_equal(strlen(b), 36);
    json_t *r = harness_okf(&h, API_2025, "GetWorkflowFolder",
                            "{\"ProjectId\":\"%s\",\"FolderId\":\"%s\"}", project, b);
    assert_string_equal(str_at(r, "Data.FolderPath"), "/a/b");
    assert_string_equal(str_at(r, "Data.ParentFolderPath"), "/a");
    assert_string_equal(str_at(r, "Data.FolderName"), "b");
    assert_string_equal(str_at(r, "Data.CreateUserUin"), "100000000001");
    json_decref(r);
    for (int i = 0; i < 11; i++) {
        char name[8] = { 'n', (char)('a' + i), 0 };
        h.now = wall_add(h.now, DUR_S(1));
        folder("/a", name, NULL);
    }
    r = harness_okf(&h, API_2025, "ListWorkflowFolders",
                    "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"/a\",\"PageNumber\":2}", project);
    assert_int_equal(num_at(r, "Data.TotalCount"), 12);
    assert_int_equal(num_at(r, "Data.TotalPageNumber"), 2);
    assert_string_equal(str_at(r, "Data.Items.1.FolderPath"), "/a/b"); /* the oldest is last */
    assert_null(at(r, "Data.Items.2"));
    json_decref(r);
    r = harness_okf(&h, API_2025, "ListWorkflowFolders",
                    "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"/\",\"PageNumber\":3}", project);
    assert_int_equal(num_at(r, "Data.TotalCount"), 1);
    assert_int_equal(json_array_size(at(r, "Data.Items")), 0);
    json_decref(r);
}

static void test_folder__wrong_requests_are_refused(void **state)
{
    static const struct {
        const char *parent, *name;
        enum err_code rc;
        const char *path;
    } rows[] = {
        { "/nowhere", "x", E_MISSING, "ParentFolderPath" },
        { "a", "x", E_RANGE, "ParentFolderPath" },
        { "/a/", "x", E_RANGE, "ParentFolderPath" },
        { "/", "", E_RANGE, "FolderName" },
        { "/", "x/y", E_RANGE, "FolderName" },
        { "/", "a", E_EXISTS, "FolderName" },
    };
    char a[64];

    (void)state;
    folder("/", "a", a);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        harness_refusedf(&h, API_2025, "CreateWorkflowFolder", rows[i].rc, rows[i].path,
                         "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"%s\",\"FolderName\":\"%s\"}",
                         project, rows[i].parent, rows[i].name);
    harness_refused(&h, API_2025, "CreateWorkflowFolder",
                    "{\"ProjectId\":\"404\",\"ParentFolderPath\":\"/\",\"FolderName\":\"x\"}",
                    E_MISSING, "ProjectId");
    /* A folder of one project is not there in another. */
    harness_refusedf(&h, API_2025, "GetWorkflowFolder", E_MISSING, "FolderId",
                     "{\"ProjectId\":\"%s\",\"FolderId\":\"%s\"}", other, a);
    harness_refusedf(&h, API_2025, "UpdateWorkflowFolder", E_MISSING, "FolderId",
                     "{\"ProjectId\":\"%s\",\"FolderId\":\"%s\",\"FolderName\":\"x\"}", other, a);
    harness_refusedf(&h, API_2025, "DeleteWorkflowFolder", E_MISSING, "FolderId",
                     "{\"ProjectId\":\"%s\",\"FolderId\":\"%s\"}", other, a);
    harness_refusedf(&h, API_2025, "ListWorkflowFolders", E_MISSING, "ParentFolderPath",
                     "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"/a\"}", other);
    harness_refusedf(&h, API_2025, "ListWorkflowFolders", E_RANGE, "PageSize",
                     "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"/\",\"PageSize\":0}", project);
}

static void expect_path(const char *action, const char *id_name, const char *id,
                        const char *at_path, const char *expected)
{
    json_t *r = harness_okf(&h, API_2025, action, "{\"ProjectId\":\"%s\",\"%s\":\"%s\"}", project,
                            id_name, id);

    assert_string_equal(str_at(r, at_path), expected);
    json_decref(r);
}

static void test_rename__moves_everything_below(void **state)
{
    char a[64], ab[64], abc[64], near_a[64], w[64], deep[64], outside[64];

    (void)state;
    folder("/", "a", a);
    folder("/a", "b", ab);
    folder("/a/b", "c", abc);
    folder("/", "ab", near_a);
    workflow("/a", "w", w);
    workflow("/a/b/c", "deep", deep);
    workflow("/ab", "outside", outside);
    harness_refusedf(&h, API_2025, "UpdateWorkflowFolder", E_EXISTS, "FolderName",
                     "{\"ProjectId\":\"%s\",\"FolderId\":\"%s\",\"FolderName\":\"ab\"}", project,
                     a);
    json_decref(harness_okf(&h, API_2025, "UpdateWorkflowFolder",
                            "{\"ProjectId\":\"%s\",\"FolderId\":\"%s\",\"FolderName\":\"longer\"}",
                            project, a));
    expect_path("GetWorkflowFolder", "FolderId", a, "Data.FolderPath", "/longer");
    expect_path("GetWorkflowFolder", "FolderId", a, "Data.ParentFolderPath", "/");
    expect_path("GetWorkflowFolder", "FolderId", ab, "Data.FolderPath", "/longer/b");
    expect_path("GetWorkflowFolder", "FolderId", ab, "Data.ParentFolderPath", "/longer");
    expect_path("GetWorkflowFolder", "FolderId", abc, "Data.FolderPath", "/longer/b/c");
    expect_path("GetWorkflowFolder", "FolderId", abc, "Data.ParentFolderPath", "/longer/b");
    expect_path("GetWorkflowFolder", "FolderId", near_a, "Data.FolderPath", "/ab");
    expect_path("GetWorkflow", "WorkflowId", w, "Data.Path", "/longer/w");
    expect_path("GetWorkflow", "WorkflowId", deep, "Data.Path", "/longer/b/c/deep");
    expect_path("GetWorkflow", "WorkflowId", outside, "Data.Path", "/ab/outside");
    /* The old path is free, the same name again is no change. */
    folder("/", "a", NULL);
    json_decref(harness_okf(&h, API_2025, "UpdateWorkflowFolder",
                            "{\"ProjectId\":\"%s\",\"FolderId\":\"%s\",\"FolderName\":\"longer\"}",
                            project, a));
}

static void test_delete__refuses_what_is_not_empty(void **state)
{
    char a[64], b[64], w[64];

    (void)state;
    folder("/", "a", a);
    folder("/a", "b", b);
    harness_refusedf(&h, API_2025, "DeleteWorkflowFolder", E_CONFLICT, "FolderId",
                     "{\"ProjectId\":\"%s\",\"FolderId\":\"%s\"}", project, a);
    json_decref(harness_okf(&h, API_2025, "DeleteWorkflowFolder",
                            "{\"ProjectId\":\"%s\",\"FolderId\":\"%s\"}", project, b));
    workflow("/a", "w", w);
    harness_refusedf(&h, API_2025, "DeleteWorkflowFolder", E_CONFLICT, "FolderId",
                     "{\"ProjectId\":\"%s\",\"FolderId\":\"%s\"}", project, a);
    json_decref(harness_okf(&h, API_2025, "DeleteWorkflow",
                            "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\"}", project, w));
    json_decref(harness_okf(&h, API_2025, "DeleteWorkflowFolder",
                            "{\"ProjectId\":\"%s\",\"FolderId\":\"%s\"}", project, a));
    harness_refusedf(&h, API_2025, "GetWorkflowFolder", E_MISSING, "FolderId",
                     "{\"ProjectId\":\"%s\",\"FolderId\":\"%s\"}", project, a);
}

/* ---- task folders -------------------------------------------------------------------------- */

static void task_folder(const char *w, const char *type, const char *parent, const char *name,
                        char *ret)
{
    json_t *r = harness_okf(&h, API_2025, "CreateTaskFolder",
                            "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"TaskFolderType\":\"%s\","
                            "\"ParentTaskFolderPath\":\"%s\",\"TaskFolderName\":\"%s\"}",
                            project, w, type, parent, name);

    strcpy(ret, str_at(r, "Data.TaskFolderId"));
    json_decref(r);
}

static void test_task_folder__lives_in_a_workflow_and_a_category(void **state)
{
    char w[64], v[64], a[64], b[64], etl[64];

    (void)state;
    workflow("/", "w", w);
    workflow("/", "v", v);
    task_folder(w, "GENERAL", "/", "a", a);
    task_folder(w, "GENERAL", "/a", "b", b);
    task_folder(w, "ETL", "/", "a", etl);
    json_t *r = harness_okf(&h, API_2025, "GetTaskFolder",
                            "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"TaskFolderId\":\"%s\"}",
                            project, w, b);
    assert_string_equal(str_at(r, "Data.TaskFolderPath"), "/a/b");
    assert_string_equal(str_at(r, "Data.ParentTaskFolderPath"), "/a");
    assert_string_equal(str_at(r, "Data.TaskFolderName"), "b");
    assert_string_equal(str_at(r, "Data.WorkflowId"), w);
    assert_string_equal(str_at(r, "Data.TaskFolderType"), "GENERAL");
    json_decref(r);
    harness_refusedf(&h, API_2025, "GetTaskFolder", E_MISSING, "TaskFolderId",
                     "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"TaskFolderId\":\"%s\"}",
                     project, v, b);
    harness_refusedf(&h, API_2025, "GetTaskFolder", E_MISSING, "WorkflowId",
                     "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"TaskFolderId\":\"%s\"}", other,
                     w, b);
    static const struct {
        const char *type, *parent, *name;
        enum err_code rc;
        const char *path;
    } rows[] = {
        { "GENERAL", "/", "a", E_EXISTS, "TaskFolderName" },
        { "general", "/", "x", E_RANGE, "TaskFolderType" },
        { "ETL", "/a/b", "x", E_MISSING, "ParentTaskFolderPath" },
        { "DLC", "/", "x/y", E_RANGE, "TaskFolderName" },
        { "DLC", "", "x", E_RANGE, "ParentTaskFolderPath" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        harness_refusedf(&h, API_2025, "CreateTaskFolder", rows[i].rc, rows[i].path,
                         "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"TaskFolderType\":\"%s\","
                         "\"ParentTaskFolderPath\":\"%s\",\"TaskFolderName\":\"%s\"}",
                         project, w, rows[i].type, rows[i].parent, rows[i].name);
    r = harness_okf(&h, API_2025, "ListTaskFolders",
                    "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"TaskFolderType\":\"GENERAL\","
                    "\"ParentTaskFolderPath\":\"/\"}",
                    project, w);
    assert_int_equal(num_at(r, "Data.TotalCount"), 1);
    assert_string_equal(str_at(r, "Data.Items.0.TaskFolderId"), a);
    json_decref(r);
}

static void test_task_folder__is_renamed_with_what_is_below_in_its_category(void **state)
{
    char w[64], a[64], b[64], etl[64], etl_b[64];

    (void)state;
    workflow("/", "w", w);
    task_folder(w, "GENERAL", "/", "a", a);
    task_folder(w, "GENERAL", "/a", "b", b);
    task_folder(w, "ETL", "/", "a", etl);
    task_folder(w, "ETL", "/a", "b", etl_b);
    json_decref(harness_okf(&h, API_2025, "UpdateTaskFolder",
                            "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"TaskFolderId\":\"%s\","
                            "\"TaskFolderName\":\"z\"}",
                            project, w, a));
    static const char fmt[] =
        "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"TaskFolderId\":\"%s\"}";
    json_t *r = harness_okf(&h, API_2025, "GetTaskFolder", fmt, project, w, b);
    assert_string_equal(str_at(r, "Data.TaskFolderPath"), "/z/b");
    assert_string_equal(str_at(r, "Data.ParentTaskFolderPath"), "/z");
    json_decref(r);
    r = harness_okf(&h, API_2025, "GetTaskFolder", fmt, project, w, etl_b);
    assert_string_equal(str_at(r, "Data.TaskFolderPath"), "/a/b");
    json_decref(r);
    harness_refusedf(&h, API_2025, "DeleteTaskFolder", E_CONFLICT, "TaskFolderId", fmt, project, w,
                     a);
    json_decref(harness_okf(&h, API_2025, "DeleteTaskFolder", fmt, project, w, b));
    json_decref(harness_okf(&h, API_2025, "DeleteTaskFolder", fmt, project, w, a));
    harness_refusedf(&h, API_2025, "DeleteTaskFolder", E_MISSING, "TaskFolderId", fmt, project, w,
                     a);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_folder__is_created_read_and_listed),
        TEST(test_folder__wrong_requests_are_refused),
        TEST(test_rename__moves_everything_below),
        TEST(test_delete__refuses_what_is_not_empty),
        TEST(test_task_folder__lives_in_a_workflow_and_a_category),
        TEST(test_task_folder__is_renamed_with_what_is_below_in_its_category),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
