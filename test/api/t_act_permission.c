/* test/api/t_act_permission.c - permissions on workflow folders and workflows through the API:
 * granted, revoked, listed, by whom, and how they end (docs/reference/semantics.md 10). */
#include "permission_world.h"

#include <stdio.h>
#include <string.h>

static int64_t rows_left(void)
{
    struct query q;
    int64_t n;

    query_init(&q, &table_workflow_permission);
    assert_int_equal(query_count(store_view(h.store), &q, &n, NULL), E_OK);
    return n;
}

/* ---- granted, listed, revoked ---------------------------------------------------------------- */

static void test_grants__are_listed_and_revoked(void **state)
{
    (void)state;
    check_list("folder", "fa", "");
    grant("folder", "fa", "501");
    h.now = wall_add(h.now, DUR_S(1));
    change_permission(true, "folder", "fa", "role", VISITOR);
    h.now = wall_add(h.now, DUR_S(1));
    grant("folder", "fa", "501"); /* it stays as it was, and where it was */
    grant("workflow", "wa", "502");
    check_list("folder", "fa", "user:501 role:" VISITOR);
    check_list("workflow", "wa", "user:502");
    check_list("folder", "fb", ""); /* those above are not its own */
    act_as("500");
    json_t *r = harness_okf(&h, API_2025, "CreateWorkflowPermissions",
                            ENTITY ",\"PermissionList\":[" ITEM "," ITEM "," ITEM "]}", "folder",
                            "fb", "user", "503", "user", "503", "role", OPERATOR);
    json_decref(r);
    check_list("folder", "fb", "user:503 role:" OPERATOR);
    revoke("folder", "fa", "501");
    revoke("folder", "fa", "501");
    revoke("folder", "fa", "999"); /* no member, and never was */
    check_list("folder", "fa", "role:" VISITOR);
    change_permission(false, "folder", "fa", "role", VISITOR);
    check_list("folder", "fa", "");
    check_list("workflow", "wa", "user:502");
}

static void test_list__has_pages(void **state)
{
    char uin[8];

    (void)state;
    for (int i = 0; i < 12; i++) {
        snprintf(uin, sizeof(uin), "6%02d", i);
        act_as(NULL);
        add_member(uin, VISITOR);
        h.now = wall_add(h.now, DUR_S(1));
        grant("folder", "fa", uin);
    }
    act_as("501");
    json_t *r = harness_okf(&h, API_2025, "ListWorkflowPermissions", ENTITY ",\"PageNumber\":2}",
                            "folder", "fa");
    assert_int_equal(num_at(r, "Data.TotalCount"), 12);
    assert_int_equal(num_at(r, "Data.TotalPageNumber"), 2);
    assert_int_equal(num_at(r, "Data.PageSize"), 10);
    assert_int_equal(json_array_size(at(r, "Data.Items")), 2);
    assert_string_equal(str_at(r, "Data.Items.0.PermissionTargetId"), "610");
    json_decref(r);
    harness_refusedf(&h, API_2025, "ListWorkflowPermissions", E_RANGE, "PageSize",
                     ENTITY ",\"PageSize\":201}", "folder", "fa");
}

static void test_requests__are_refused_by_path(void **state)
{
    static const struct {
        const char *type, *id, *items, *path;
        enum err_code code;
        bool create_only;
    } rows[] = {
#define ONE(type, id, list)                                                                        \
    "{\"PermissionTargetType\":\"" type "\",\"PermissionTargetId\":\"" id                          \
    "\",\"PermissionTypeList\":[" list "]}"
#define GOOD ONE("user", "501", "\"CAN_MANAGE\"")
        { "task", "fa", GOOD, "EntityType", E_RANGE, false },
        { "Folder", "fa", GOOD, "EntityType", E_RANGE, false },
        { "folder", "none", GOOD, "EntityId", E_MISSING, false },
        { "folder", "", GOOD, "EntityId", E_MISSING, false },
        { "folder", "wa", GOOD, "EntityId", E_MISSING, false },
        { "workflow", "fa", GOOD, "EntityId", E_MISSING, false },
        { "folder", "far", GOOD, "EntityId", E_MISSING, false }, /* of another project */
        { "folder", "fa", "", "%s", E_REQUIRED, false },
        { "folder", "fa", GOOD "," ONE("group", "1", "\"CAN_MANAGE\""), "%s.1.PermissionTargetType",
          E_UNSUPPORTED, false },
        { "folder", "fa", ONE("team", "1", "\"CAN_MANAGE\""), "%s.0.PermissionTargetType", E_RANGE,
          false },
        { "folder", "fa", ONE("user", "501", ""), "%s.0.PermissionTypeList", E_REQUIRED, false },
        { "folder", "fa", GOOD "," ONE("user", "501", "\"CAN_MANAGE\",\"CAN_VIEW\""),
          "%s.1.PermissionTypeList.1", E_UNSUPPORTED, false },
        { "folder", "fa", ONE("user", "501", "\"CAN_RUN\""), "%s.0.PermissionTypeList.0",
          E_UNSUPPORTED, false },
        { "folder", "fa", ONE("user", "501", "\"CAN_EDIT\""), "%s.0.PermissionTypeList.0",
          E_UNSUPPORTED, false },
        { "folder", "fa", ONE("user", "501", "\"can_manage\""), "%s.0.PermissionTypeList.0",
          E_RANGE, false },
        { "folder", "fa",
          ONE("user", "501",
              "\"CAN_MANAGE\",\"CAN_MANAGE\",\"CAN_MANAGE\",\"CAN_MANAGE\",\"CAN_MANAGE\","
              "\"CAN_MANAGE\""),
          "%s.0.PermissionTypeList", E_LIMIT, false },
        { "folder", "fa", GOOD "," ONE("user", "x", "\"CAN_MANAGE\""), "%s.1.PermissionTargetId",
          E_RANGE, false },
        { "folder", "fa", ONE("user", "", "\"CAN_MANAGE\""), "%s.0.PermissionTargetId", E_RANGE,
          false },
        { "folder", "fa", GOOD "," ONE("role", "501", "\"CAN_MANAGE\""), "%s.1.PermissionTargetId",
          E_MISSING, false },
        { "folder", "fa", GOOD "," ONE("user", "999", "\"CAN_MANAGE\""), "%s.1.PermissionTargetId",
          E_MISSING, true },
    };
    static const struct {
        const char *action, *list;
    } calls[] = { { "CreateWorkflowPermissions", "PermissionList" },
                  { "DeleteWorkflowPermissions", "DeletePermissionList" } };
    struct buf many;
    char path[128];

    (void)state;
    act_as("500");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (size_t k = 0; k < ARRAY_LEN(calls); k++) {
            if (rows[i].create_only && k > 0)
                continue;
            bool in_list = strncmp(rows[i].path, "%s", 2) == 0;
            snprintf(path, sizeof(path), "%s%s", in_list ? calls[k].list : "",
                     rows[i].path + (in_list ? 2 : 0));
            harness_refusedf(&h, API_2025, calls[k].action, rows[i].code, path,
                             ENTITY ",\"%s\":[%s]}", rows[i].type, rows[i].id, calls[k].list,
                             rows[i].items);
        }
    buf_init(&many, 1 << 16);
    for (int i = 0; i < 101; i++)
        buf_printf(&many, "%s" GOOD, i ? "," : "");
    for (size_t k = 0; k < ARRAY_LEN(calls); k++)
        harness_refusedf(&h, API_2025, calls[k].action, E_LIMIT, calls[k].list,
                         ENTITY ",\"%s\":[%s]}", "folder", "fa", calls[k].list, many.ptr);
    buf_done(&many);
    for (int i = 0; i < 2; i++) {
        const char *action = i == 0 ? "ListWorkflowPermissions" : "GetMyWorkflowMaxPermission";
        harness_refusedf(&h, API_2025, action, E_RANGE, "EntityType", ENTITY "}", "task", "fa");
        harness_refusedf(&h, API_2025, action, E_MISSING, "EntityId", ENTITY "}", "folder", "far");
        harness_refusedf(&h, API_2025, action, E_MISSING, "EntityId", ENTITY "}", "workflow", "fa");
    }
    assert_int_equal(rows_left(), 0);
}

/* ---- who may grant --------------------------------------------------------------------------- */

#define GRANT_ON(type, id)                                                                         \
    "\"EntityType\":\"" type "\",\"EntityId\":\"" id "\",\"PermissionList\":[" GOOD "]"
#define REVOKE_ON(type, id)                                                                        \
    "\"EntityType\":\"" type "\",\"EntityId\":\"" id "\",\"DeletePermissionList\":[" GOOD "]"

static void test_granting__needs_to_manage_the_project_or_the_entity(void **state)
{
    static const char *const roles[] = { "501", "502", "503", "504" };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
        act_as(roles[i]);
        check_may_not("CreateWorkflowPermissions", GRANT_ON("folder", "fa"), "ProjectId");
        check_may_not("DeleteWorkflowPermissions", REVOKE_ON("folder", "fa"), "ProjectId");
    }
    act_as("777");
    harness_refusedf(&h, API_2025, "CreateWorkflowPermissions", E_STRANGER, "ProjectId",
                     "{\"ProjectId\":\"1001\"," GRANT_ON("folder", "fa") "}");
    assert_int_equal(rows_left(), 0);
    grant("folder", "fb", "502");
    act_as("502");
    check_may("CreateWorkflowPermissions", GRANT_ON("folder", "fb"));
    check_may("CreateWorkflowPermissions", GRANT_ON("workflow", "wa"));
    check_list("workflow", "wa", "user:501");
    check_may("DeleteWorkflowPermissions", REVOKE_ON("workflow", "wa"));
    check_list("workflow", "wa", "");
    check_may("ListWorkflowPermissions", "\"EntityType\":\"folder\",\"EntityId\":\"fb\"");
    check_may_not("CreateWorkflowPermissions", GRANT_ON("folder", "fa"), "EntityId");
    check_may_not("CreateWorkflowPermissions", GRANT_ON("folder", "far"), "EntityId");
    check_may_not("CreateWorkflowPermissions", GRANT_ON("workflow", "wc"), "EntityId");
    check_may_not("CreateWorkflowPermissions", GRANT_ON("workflow", "wr"), "EntityId");
    check_may_not("DeleteWorkflowPermissions", REVOKE_ON("folder", "fa"), "EntityId");
    check_may_not("ListWorkflowPermissions", "\"EntityType\":\"folder\",\"EntityId\":\"fa\"",
                  "EntityId");
    /* Nothing of the project itself. */
    check_may_not("UpdateProject", "\"Description\":\"his\"", "ProjectId");
    check_may_not("CreateProjectMember", "\"UserUins\":[\"9\"],\"RoleIds\":[\"" VISITOR "\"]",
                  "ProjectId");
}

/* ---- the strongest permission ---------------------------------------------------------------- */

static void check_max(const char *type, const char *id, const char *expected)
{
    json_t *r = harness_okf(&h, API_2025, "GetMyWorkflowMaxPermission", ENTITY "}", type, id);

    assert_string_equal(str_at(r, "Data.PermissionType"), expected);
    json_decref(r);
}

static void test_max__is_the_strongest_of_roles_and_grants(void **state)
{
    static const struct {
        const char *uin, *permission;
    } rows[] = {
        { "500", "CAN_MANAGE" }, { "501", "CAN_VIEW" }, { "503", "CAN_EDIT" }, { "504", "CAN_RUN" }
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        act_as(rows[i].uin);
        check_max("folder", "fa", rows[i].permission);
        check_max("workflow", "wr", rows[i].permission);
    }
    act_as(NULL);
    check_max("workflow", "wa", "CAN_MANAGE");
    act_as("502");
    harness_refusedf(&h, API_2025, "GetMyWorkflowMaxPermission", E_FORBIDDEN, "ProjectId",
                     ENTITY "}", "folder", "fa");
    grant("folder", "fb", "502");
    check_max("folder", "fb", "CAN_MANAGE");
    check_max("workflow", "wa", "CAN_MANAGE");
    harness_refusedf(&h, API_2025, "GetMyWorkflowMaxPermission", E_FORBIDDEN, "EntityId",
                     ENTITY "}", "folder", "fa");
    grant("folder", "fa", "501");
    act_as("501");
    check_max("workflow", "wa", "CAN_MANAGE");
    check_max("folder", "fb", "CAN_MANAGE");
    check_max("folder", "fab", "CAN_VIEW");
    revoke("folder", "fa", "501");
    check_max("workflow", "wa", "CAN_VIEW");
}

/* ---- the end of a permission ----------------------------------------------------------------- */

static void test_grants__go_with_what_they_are_on(void **state)
{
    (void)state;
    grant("workflow", "wr", "501");
    grant("folder", "fab", "501");
    grant("folder", "fa", "501");
    act_as(NULL);
    json_decref(harness_ok(&h, API_2025, "StopOpsTasksAsync",
                           "{\"ProjectId\":\"1001\",\"TaskIds\":[\"" TR "\"]}"));
    harness_run(&h);
    json_decref(harness_ok(&h, API_2025, "DeleteWorkflow",
                           "{\"ProjectId\":\"1001\",\"WorkflowId\":\"wr\"}"));
    assert_int_equal(rows_left(), 2);
    harness_refusedf(&h, API_2025, "DeleteWorkflowFolder", E_CONFLICT, "FolderId",
                     "{\"ProjectId\":\"1001\",\"FolderId\":\"fa\"}");
    assert_int_equal(rows_left(), 2);
    act_as("501");
    json_decref(harness_ok(&h, API_2025, "DeleteWorkflowFolder",
                           "{\"ProjectId\":\"1001\",\"FolderId\":\"fab\"}"));
    assert_int_equal(rows_left(), 1);
    check_list("folder", "fa", "user:501");
}

static void test_grants__go_with_the_member(void **state)
{
    (void)state;
    grant("folder", "fa", "501");
    grant("workflow", "wc", "501");
    grant("workflow", "wc", "502");
    change_permission(true, "workflow", "wc", "role", VISITOR);
    act_as("500");
    json_decref(harness_ok(&h, API_2025, "DeleteProjectMember",
                           "{\"ProjectId\":\"1001\",\"UserUins\":[\"501\"]}"));
    check_list("folder", "fa", "");
    check_list("workflow", "wc", "user:502 role:" VISITOR);
    act_as("501");
    harness_refused(&h, API_2025, "UpdateWorkflow",
                    "{\"ProjectId\":\"1001\",\"WorkflowId\":\"wa\"}", E_STRANGER, "ProjectId");
    act_as(NULL);
    add_member("501", OPERATOR); /* who comes back begins anew */
    act_as("501");
    check_may_not("UpdateWorkflow", "\"WorkflowId\":\"wa\",\"WorkflowDesc\":\"d\"", "ProjectId");
}

static void test_grants__go_with_the_project(void **state)
{
    (void)state;
    act_as(NULL);
    json_decref(harness_ok(&h, API_2025, "CreateProjectMember",
                           "{\"ProjectId\":\"2002\",\"UserUins\":[\"501\"],\"RoleIds\":[\"" VISITOR
                           "\"]}"));
    json_decref(harness_okf(&h, API_2025, "CreateWorkflowPermissions",
                            "{\"ProjectId\":\"2002\",\"EntityType\":\"folder\",\"EntityId\":"
                            "\"far\",\"PermissionList\":[" ITEM "]}",
                            "user", "501"));
    grant("folder", "fa", "501");
    act_as("501"); /* one project is not the other */
    harness_refused(&h, API_2025, "UpdateWorkflowFolder",
                    "{\"ProjectId\":\"2002\",\"FolderId\":\"fa\",\"FolderName\":\"x\"}",
                    E_FORBIDDEN, "FolderId");
    act_as(NULL);
    json_decref(harness_ok(&h, API_2025, "DeleteProject", "{\"ProjectId\":\"2002\"}"));
    assert_int_equal(rows_left(), 1);
    check_list("folder", "fa", "user:501");
}

static void revoke_501(struct harness *now)
{
    (void)now;
    revoke("folder", "fa", "501");
}

/* What counts is the snapshot or the transaction that the call acts in. */
static void test_grants__are_those_of_the_moment_of_the_act(void **state)
{
    static const struct {
        const char *action, *params;
    } rows[] = {
        { "UpdateWorkflow", "{\"ProjectId\":\"1001\",\"WorkflowId\":\"wa\"}" },
        { "DeleteWorkflowPermissions", "{\"ProjectId\":\"1001\"," REVOKE_ON("folder", "fa") "}" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        grant("folder", "fa", "501");
        act_as("501");
        h.meanwhile = revoke_501;
        harness_refused(&h, API_2025, rows[i].action, rows[i].params, E_FORBIDDEN, "ProjectId");
    }
}

static void test_changes__are_recorded(void **state)
{
    (void)state;
    grant("folder", "fa", "501");
    revoke("folder", "fa", "501");
    act_as("500");
    json_t *r = harness_ok(&h, API_WEFT, "ListAuditRecords", "{\"ProjectId\":\"1001\"}");
    static const char *const names[] = { "DeleteWorkflowPermissions", "CreateWorkflowPermissions" };
    for (int i = 0; i < 2; i++) {
        const json_t *record = json_array_get(at(r, "Data.Items"), (size_t)i);
        assert_string_equal(str_at(record, "Action"), names[i]);
        assert_non_null(strstr(str_at(record, "Objects"), "EntityId=fa"));
        assert_non_null(strstr(str_at(record, "Objects"), "PermissionTargetId=501"));
    }
    json_decref(r);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, permission_setup, permission_teardown)
    const struct CMUnitTest tests[] = {
        T(test_grants__are_listed_and_revoked),
        T(test_list__has_pages),
        T(test_requests__are_refused_by_path),
        T(test_granting__needs_to_manage_the_project_or_the_entity),
        T(test_max__is_the_strongest_of_roles_and_grants),
        T(test_grants__go_with_what_they_are_on),
        T(test_grants__go_with_the_member),
        T(test_grants__go_with_the_project),
        T(test_grants__are_those_of_the_moment_of_the_act),
        T(test_changes__are_recorded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
