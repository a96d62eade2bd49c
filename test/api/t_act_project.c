/* test/api/t_act_project.c - projects through the API: values, uniqueness, states, lists, deletion.
 */
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

/* A new project; its id in a buffer that the next call reuses. */
static const char *make(const char *name, const char *display)
{
    static char id[32];
    json_t *r =
        harness_okf(&h, API_2025, "CreateProject",
                    "{\"Project\":{\"ProjectName\":\"%s\",\"DisplayName\":\"%s\"}}", name, display);

    strncpy(id, str_at(r, "Data.ProjectId"), sizeof(id) - 1);
    json_decref(r);
    return id;
}

static void test_create__gives_a_19_digit_id_and_documented_defaults(void **state)
{
    (void)state;
    const char *id = make("xiangmu1", "项目一");
    json_t *r = harness_okf(&h, API_2025, "GetProject", "{\"ProjectId\":\"%s\"}", id);

    assert_int_equal(strlen(id), 19);
    assert_string_equal(str_at(r, "Data.ProjectId"), id);
    assert_string_equal(str_at(r, "Data.ProjectName"), "xiangmu1");
    assert_string_equal(str_at(r, "Data.DisplayName"), "项目一");
    assert_string_equal(str_at(r, "Data.ProjectModel"), "SIMPLE");
    assert_string_equal(str_at(r, "Data.CreatorUin"), "100000000001");
    assert_string_equal(str_at(r, "Data.ProjectOwnerUin"), "100000000001");
    assert_int_equal(num_at(r, "Data.Status"), 1);
    assert_int_equal(strlen(str_at(r, "Data.CreateTime")), strlen("2025-08-28T16:48:19+08:00"));
    assert_string_equal(str_at(r, "Data.CreateTime") + 19, "+08:00");
    json_decref(r);
}

static void test_create__refuses_wrong_values_by_their_path(void **state)
{
    static const struct {
        const char *body;
        enum err_code rc;
        const char *path;
    } rows[] = {
        { "{}", E_REQUIRED, "Project" },
        { "{\"Project\":{\"ProjectName\":\"1a\",\"DisplayName\":\"a\"}}", E_RANGE,
          "Project.ProjectName" },
        { "{\"Project\":{\"ProjectName\":\"a\",\"DisplayName\":\"\"}}", E_RANGE,
          "Project.DisplayName" },
        { "{\"Project\":{\"ProjectName\":\"a\",\"DisplayName\":\"b\",\"ProjectModel\":\"BIG\"}}",
          E_RANGE, "Project.ProjectModel" },
        { "{\"Project\":{\"ProjectName\":\"a\",\"DisplayName\":\"b\"},\"ResourceIds\":[\"123\"]}",
          E_MISSING, "ResourceIds.0" },
        { "{\"Project\":{\"ProjectName\":\"a\",\"DisplayName\":\"b\"},\"DLCInfo\":{"
          "\"ComputeResources\":[\"x\"],"
          "\"Region\":\"ap-guangzhou\",\"DefaultDatabase\":\"d\"}}",
          E_UNSUPPORTED, "DLCInfo" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        harness_refused(&h, API_2025, "CreateProject", rows[i].body, rows[i].rc, rows[i].path);
    json_t *r = harness_ok(&h, API_2025, "ListProjects", "{}");
    assert_int_equal(num_at(r, "Data.TotalCount"), 0);
    json_decref(r);
}

static void test_names__are_unique(void **state)
{
    char first[32];

    (void)state;
    strcpy(first, make("one", "eins"));
    make("two", "zwei");
    harness_refused(&h, API_2025, "CreateProject",
                    "{\"Project\":{\"ProjectName\":\"one\",\"DisplayName\":\"x\"}}", E_EXISTS,
                    "Project.ProjectName");
    harness_refused(&h, API_2025, "CreateProject",
                    "{\"Project\":{\"ProjectName\":\"three\",\"DisplayName\":\"eins\"}}", E_EXISTS,
                    "Project.DisplayName");
    harness_refusedf(&h, API_2025, "UpdateProject", E_EXISTS, "DisplayName",
                     "{\"ProjectId\":\"%s\",\"DisplayName\":\"zwei\"}", first);
    /* Its own name is no conflict. */
    json_decref(harness_okf(&h, API_2025, "UpdateProject",
                            "{\"ProjectId\":\"%s\",\"DisplayName\":\"eins\"}", first));
}

static void test_update__changes_what_is_given_only(void **state)
{
    (void)state;
    const char *id = make("one", "eins");
    json_decref(harness_okf(
        &h, API_2025, "UpdateProject",
        "{\"ProjectId\":\"%s\",\"Description\":\"text\",\"ProjectOwnerUin\":\"42\"}", id));
    json_t *r = harness_okf(&h, API_2025, "GetProject", "{\"ProjectId\":\"%s\"}", id);
    assert_string_equal(str_at(r, "Data.DisplayName"), "eins");
    assert_string_equal(str_at(r, "Data.Description"), "text");
    assert_string_equal(str_at(r, "Data.ProjectOwnerUin"), "42");
    json_decref(r);
    harness_refusedf(&h, API_2025, "UpdateProject", E_RANGE, "ProjectOwnerUin",
                     "{\"ProjectId\":\"%s\",\"ProjectOwnerUin\":\"bob\"}", id);
    harness_refused(&h, API_2025, "UpdateProject", "{\"ProjectId\":\"404\"}", E_MISSING,
                    "ProjectId");
}

static void test_disable_and_enable__may_be_repeated(void **state)
{
    char id[32];
    static const struct {
        const char *action;
        int64_t status;
    } steps[] = { { "DisableProject", 0 },
                  { "DisableProject", 0 },
                  { "EnableProject", 1 },
                  { "EnableProject", 1 } };

    (void)state;
    strcpy(id, make("one", "eins"));
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        json_t *r = harness_okf(&h, API_2025, steps[i].action, "{\"ProjectId\":\"%s\"}", id);
        assert_int_equal(num_at(r, "Data.Status"), 1);
        json_decref(r);
        r = harness_okf(&h, API_2025, "GetProject", "{\"ProjectId\":\"%s\"}", id);
        assert_int_equal(num_at(r, "Data.Status"), steps[i].status);
        json_decref(r);
    }
    harness_refused(&h, API_2025, "DisableProject", "{\"ProjectId\":\"404\"}", E_MISSING,
                    "ProjectId");
    harness_refused(&h, API_2025, "EnableProject", "{\"ProjectId\":\"\"}", E_MISSING, "ProjectId");
}

static int64_t count(const char *filter)
{
    json_t *r = harness_ok(&h, API_2025, "ListProjects", filter);
    int64_t n = num_at(r, "Data.TotalCount");

    json_decref(r);
    return n;
}

static void test_list__filters_and_pages_newest_first(void **state)
{
    char name[32], id[32];

    (void)state;
    for (int i = 0; i < 12; i++) {
        snprintf(name, sizeof(name), "proj_%c", 'a' + i);
        h.now = wall_add(h.now, DUR_S(1));
        strcpy(id, make(name, i == 3 ? "Sonderfall" : name));
    }
    json_decref(harness_okf(&h, API_2025, "DisableProject", "{\"ProjectId\":\"%s\"}", id));
    json_t *r = harness_ok(&h, API_2025, "ListProjects", "{}");
    assert_int_equal(num_at(r, "Data.TotalCount"), 12);
    assert_int_equal(num_at(r, "Data.TotalPageNumber"), 2);
    assert_int_equal(json_array_size(at(r, "Data.Items")), 10);
    assert_string_equal(str_at(r, "Data.Items.0.ProjectName"), "proj_l");
    json_decref(r);
    r = harness_ok(&h, API_2025, "ListProjects", "{\"PageNumber\":2,\"PageSize\":5}");
    assert_string_equal(str_at(r, "Data.Items.0.ProjectName"), "proj_g");
    assert_int_equal(json_array_size(at(r, "Data.Items")), 5);
    json_decref(r);
    r = harness_ok(&h, API_2025, "ListProjects", "{\"PageNumber\":101,\"PageSize\":100}");
    assert_int_equal(json_array_size(at(r, "Data.Items")), 0);
    assert_int_equal(num_at(r, "Data.TotalCount"), 12);
    json_decref(r);
    assert_int_equal(count("{\"ProjectName\":\"PROJ_a\"}"), 1);
    assert_int_equal(count("{\"ProjectName\":\"sonder\"}"), 1);
    assert_int_equal(count("{\"ProjectName\":\"nothing\"}"), 0);
    assert_int_equal(count("{\"Status\":0}"), 1);
    assert_int_equal(count("{\"Status\":1}"), 11);
    assert_int_equal(count("{\"ProjectModel\":\"STANDARD\"}"), 0);
    r = harness_okf(&h, API_2025, "ListProjects", "{\"ProjectIds\":[\"%s\",\"404\"]}", id);
    assert_int_equal(num_at(r, "Data.TotalCount"), 1);
    json_decref(r);
    harness_refused(&h, API_2025, "ListProjects", "{\"Status\":7}", E_RANGE, "Status");
    harness_refused(&h, API_2025, "ListProjects", "{\"ProjectModel\":\"BIG\"}", E_RANGE,
                    "ProjectModel");
    harness_refused(&h, API_2025, "ListProjects", "{\"PageSize\":0}", E_RANGE, "PageSize");
}

static void test_delete__is_refused_while_there_are_workflows(void **state)
{
    char id[32];

    (void)state;
    strcpy(id, make("one", "eins"));
    json_decref(
        harness_okf(&h, API_2025, "CreateWorkflowFolder",
                    "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"/\",\"FolderName\":\"f\"}", id));
    json_t *r = harness_okf(
        &h, API_2025, "CreateWorkflow",
        "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"/f\",\"WorkflowName\":\"w\"}", id);
    harness_refusedf(&h, API_2025, "DeleteProject", E_CONFLICT, "ProjectId",
                     "{\"ProjectId\":\"%s\"}", id);
    json_decref(harness_okf(&h, API_2025, "DeleteWorkflow",
                            "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\"}", id,
                            str_at(r, "Data.WorkflowId")));
    json_decref(r);
    json_decref(harness_okf(&h, API_2025, "DisableProject", "{\"ProjectId\":\"%s\"}", id));
    json_decref(harness_okf(&h, API_2025, "DeleteProject", "{\"ProjectId\":\"%s\"}", id));
    harness_refusedf(&h, API_2025, "GetProject", E_MISSING, "ProjectId", "{\"ProjectId\":\"%s\"}",
                     id);
    harness_refusedf(&h, API_2025, "DeleteProject", E_MISSING, "ProjectId",
                     "{\"ProjectId\":\"%s\"}", id);
    /* Its names are free again. */
    make("one", "eins");
}

static void test_disabled_project__fires_nothing(void **state)
{
    char id[32];

    (void)state;
    strcpy(id, make("one", "eins"));
    json_t *w =
        harness_okf(&h, API_2025, "CreateWorkflow",
                    "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"/\",\"WorkflowName\":\"w\"}", id);
    json_t *t = harness_okf(
        &h, API_2025, "CreateTask",
        "{\"ProjectId\":\"%s\",\"TaskBaseAttribute\":{\"TaskName\":\"t\",\"TaskTypeId\":\"35\","
        "\"WorkflowId\":\"%s\"},\"TaskConfiguration\":{},\"TaskSchedulerConfiguration\":{"
        "\"CycleType\":\"MINUTE_CYCLE\",\"CrontabExpression\":\"0 0/1 0-23 * * ? *\","
        "\"SelfDepend\":\"parallel\"}}",
        id, str_at(w, "Data.WorkflowId"));
    json_decref(harness_okf(&h, API_2025, "SubmitTask",
                            "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"VersionRemark\":\"r\"}", id,
                            str_at(t, "Data.TaskId")));
    json_decref(w);
    json_decref(t);
    json_decref(harness_okf(&h, API_2025, "DisableProject", "{\"ProjectId\":\"%s\"}", id));
    h.now = wall_add(h.now, DUR_S(180));
    harness_run(&h);
    assert_int_equal(h.begun, 0);
    json_decref(harness_okf(&h, API_2025, "EnableProject", "{\"ProjectId\":\"%s\"}", id));
    h.now = wall_add(h.now, DUR_S(60));
    harness_run(&h);
    assert_int_equal(h.begun, 1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_create__gives_a_19_digit_id_and_documented_defaults),
        TEST(test_create__refuses_wrong_values_by_their_path),
        TEST(test_names__are_unique),
        TEST(test_update__changes_what_is_given_only),
        TEST(test_disable_and_enable__may_be_repeated),
        TEST(test_disabled_project__fires_nothing),
        TEST(test_list__filters_and_pages_newest_first),
        TEST(test_delete__is_refused_while_there_are_workflows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
