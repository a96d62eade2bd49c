/* test/api/t_schema.c - the API as data: every table is there, and the walker names what is wrong.
 */
#include "api/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static void test_tables__are_whole(void **state)
{
    size_t n, official = 0, older = 0;
    const struct schema_action *actions = schema_actions(&n);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        const struct schema_action *a = &actions[i];
        official += strcmp(a->version, "2025-08-06") == 0;
        older += strcmp(a->version, "2021-08-20") == 0;
        assert_ptr_equal(schema_action_find(str_from(a->version), str_from(a->name)), a);
        assert_non_null(a->request);
        assert_non_null(a->response);
    }
    assert_int_equal(official, 182);
    assert_int_equal(older, 10);
    assert_true(schema_has_version(STR("weft-1")));
    assert_false(schema_has_version(STR("2025-08-07")));
    assert_null(schema_action_find(STR("2025-08-06"), STR("TriggerDsEvent"))); /* row 87 */
    assert_null(schema_action_find(STR("2025-08-06"), STR("createTask")));     /* row 88 */
}

/* docs/reference/wire.md 5, 6.5; the row's number, the body, the fault and its path. */
static void test_walker__rows(void **state)
{
    static const struct {
        int row;
        const char *action, *body;
        enum schema_fault fault;
        const char *path;
    } rows[] = {
        { 95, "ListProjects", "{}", SCHEMA_OK, "" },
        { 101, "GetTask", "{\"ProjectId\":\"1\"}", SCHEMA_MISSING, "TaskId" },
        { 102, "GetTask", "{}", SCHEMA_MISSING, "ProjectId" },
        { 103, "GetTask", "{\"ProjectId\":\"1\",\"Zzz\":1}", SCHEMA_MISSING, "TaskId" },
        { 104, "GetProject", "{\"ProjectId\":\"1\",\"Zzz\":1}", SCHEMA_UNKNOWN, "Zzz" },
        { 105, "GetProject", "{\"ProjectId\":\"1\",\"Zzz\":1,\"Abc\":2}", SCHEMA_UNKNOWN, "Abc" },
        { 106, "CreateProject",
          "{\"Project\":{\"ProjectName\":\"a\",\"DisplayName\":\"b\",\"X\":1}}", SCHEMA_UNKNOWN,
          "Project.X" },
        { 107, "GetProject", "{\"projectid\":\"1\"}", SCHEMA_MISSING, "ProjectId" },
        { 107, "GetProject", "{\"ProjectId\":\"1\",\"projectid\":\"1\"}", SCHEMA_UNKNOWN,
          "projectid" },
        { 108, "GetProject", "{\"ProjectId\":146}", SCHEMA_TYPE, "ProjectId" },
        { 109, "ListProjects", "{\"PageNumber\":\"1\"}", SCHEMA_TYPE, "PageNumber" },
        { 111, "ListProjects", "{\"PageNumber\":1.5}", SCHEMA_TYPE, "PageNumber" },
        { 111, "ListProjects", "{\"PageNumber\":1e2}", SCHEMA_TYPE, "PageNumber" },
        { 112, "ListProjects", "{\"PageNumber\":-1}", SCHEMA_TYPE, "PageNumber" },
        { 112, "ListProjects", "{\"Status\":-3}", SCHEMA_OK, "" },
        { 113, "ListTasks", "{\"ProjectId\":\"1\",\"Submit\":\"true\"}", SCHEMA_TYPE, "Submit" },
        { 115, "ListProjects", "{\"ProjectIds\":\"1\"}", SCHEMA_TYPE, "ProjectIds" },
        { 115, "ListProjects", "{\"ProjectIds\":{}}", SCHEMA_TYPE, "ProjectIds" },
        { 116, "ListProjects", "{\"ProjectIds\":[\"1\",2]}", SCHEMA_TYPE, "ProjectIds.1" },
        { 117, "ListProjects", "{\"ProjectName\":null}", SCHEMA_OK, "" },
        { 118, "GetProject", "{\"ProjectId\":null}", SCHEMA_MISSING, "ProjectId" },
        { 124, "GetProject", "{\"ProjectId\":\"1\",\"ClientToken\":\"x\"}", SCHEMA_UNKNOWN,
          "ClientToken" },
        { 116, "CreateTask",
          "{\"ProjectId\":\"1\",\"TaskBaseAttribute\":{\"TaskName\":\"a\",\"TaskTypeId\":\"35\","
          "\"WorkflowId\":\"w\"},\"TaskConfiguration\":{},\"TaskSchedulerConfiguration\":"
          "{\"UpstreamDependencyConfigList\":[{\"TaskId\":\"1\",\"MainCyclicConfig\":5}]}}",
          SCHEMA_TYPE,
          "TaskSchedulerConfiguration.UpstreamDependencyConfigList.0.MainCyclicConfig" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = ERR_INIT;
        const struct schema_action *a =
            schema_action_find(STR("2025-08-06"), str_from(rows[i].action));
        json_t *body = json_loads(rows[i].body, 0, NULL);
        assert_non_null(a);
        assert_non_null(body);
        enum schema_fault fault = schema_check(a->request, body, &e);
        if (fault != rows[i].fault || strcmp(e.path, rows[i].path) != 0)
            fail_msg("row %d (entry %zu): fault %d at %s", rows[i].row, i, fault, e.path);
        if (fault != SCHEMA_OK)
            assert_true(e.text[0] && e.text_zh[0]);
        json_decref(body);
    }
}

static void test_answers__are_checked(void **state)
{
    static const struct {
        const char *body;
        bool good;
    } rows[] = {
        { "{\"RequestId\":\"x\",\"Data\":{\"TaskId\":\"1\"}}", true },
        { "{\"RequestId\":\"x\",\"Data\":null}", true },
        { "{\"RequestId\":\"x\",\"Data\":{\"TaskId\":1}}", false },
        { "{\"RequestId\":\"x\",\"Data\":{\"TaskID\":\"1\"}}", false },
        { "{\"RequestId\":\"x\",\"Data\":[]}", false },
    };
    const struct schema_action *a = schema_action_find(STR("2025-08-06"), STR("CreateTask"));

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_t *body = json_loads(rows[i].body, 0, NULL);
        assert_int_equal(schema_check_answer(a, body, NULL), rows[i].good);
        json_decref(body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables__are_whole),
        cmocka_unit_test(test_walker__rows),
        cmocka_unit_test(test_answers__are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
