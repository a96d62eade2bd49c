/* test/api/t_act_permission.c - permissions on workflow folders and workflows through the API:
 * granted, revoked, listed, and what they let whom do (docs/reference/semantics.md 10).
 *
 * /a and /a/b, in which wa is with the task TA; /ab; /c, in which wc is with TC, which waits for
 * TA; wr at the root with TR.  500 manages, 501 reads, 502 has no role, 503 develops, 504 operates.
 */
#include "act_harness.h"

#include <stdio.h>
#include <string.h>

#include "api/fixture.h"

#define MANAGER "308335260274237440"
#define DEVELOPER "308335260676890624"
#define OPERATOR "308335260844662784"
#define VISITOR "308335260945326080"
#define TA "20240101000000001"
#define TB "20240101000000002"
#define TC "20240101000000003"
#define TR "20240101000000004"
#define AT(task) task "_2024-03-01 00:00:00"

static struct harness h;

#define DEPEND(id)                                                                                 \
    "\"UpstreamDependencyConfigList\":[{\"TaskId\":\"" id "\",\"MainCyclicConfig\":\"DAY\","       \
    "\"SubordinateCyclicConfig\":\"CURRENT_DAY\"}]"

static void put_fixture(struct buf *out)
{
    static const struct {
        const char *project, *id, *parent, *name;
    } folders[] = { { "1001", "fa", "/", "a" },
                    { "1001", "fb", "/a", "b" },
                    { "1001", "fab", "/", "ab" },
                    { "1001", "fc", "/", "c" },
                    { "2002", "far", "/", "a" } };
    static const struct {
        const char *id, *parent;
    } flows[] = { { "wa", "/a/b" }, { "wc", "/c" }, { "wr", "/" } };
    static const struct {
        const char *id, *flow, *name, *more;
    } tasks[] = { { TA, "wa", "ta", "" },
                  { TB, "wa", "tb", "" },
                  { TC, "wc", "hidden", "," DEPEND(TA) },
                  { TR, "wr", "tr", "" } };

    buf_printf(out, "{\"Projects\":[{\"ProjectId\":\"1001\",\"ProjectName\":\"p\"},"
                    "{\"ProjectId\":\"2002\",\"ProjectName\":\"q\"}],\"WorkflowFolders\":[");
    for (size_t i = 0; i < ARRAY_LEN(folders); i++)
        buf_printf(out,
                   "%s{\"ProjectId\":\"%s\",\"FolderId\":\"%s\",\"ParentFolderPath\":\"%s\","
                   "\"FolderName\":\"%s\"}",
                   i ? "," : "", folders[i].project, folders[i].id, folders[i].parent,
                   folders[i].name);
    buf_printf(out, "],\"Workflows\":[");
    for (size_t i = 0; i < ARRAY_LEN(flows); i++)
        buf_printf(out,
                   "%s{\"ProjectId\":\"1001\",\"WorkflowId\":\"%s\",\"ParentFolderPath\":\"%s\","
                   "\"WorkflowName\":\"%s\"}",
                   i ? "," : "", flows[i].id, flows[i].parent, flows[i].id);
    buf_printf(out, "],\"Tasks\":[");
    for (size_t i = 0; i < ARRAY_LEN(tasks); i++)
        buf_printf(out,
                   "%s{\"TaskId\":\"%s\",\"ProjectId\":\"1001\",\"Submit\":true,"
                   "\"TaskBaseAttribute\":{\"TaskName\":\"%s\",\"TaskTypeId\":\"35\","
                   "\"WorkflowId\":\"%s\"},\"TaskConfiguration\":{\"CodeContent\":\"ZWNobw==\"},"
                   "\"TaskSchedulerConfiguration\":{\"CycleType\":\"DAY_CYCLE\",\"StartTime\":"
                   "\"2024-01-01 00:00:00\"%s}}",
                   i ? "," : "", tasks[i].id, tasks[i].name, tasks[i].flow, tasks[i].more);
    buf_printf(out, "]}");
}

static void as(const char *uin)
{
    h.plain_key = uin != NULL;
    h.uin = uin ? uin : "100000000001";
}

static void member(const char *uin, const char *role)
{
    json_decref(harness_okf(&h, API_2025, "CreateProjectMember",
                            "{\"ProjectId\":\"1001\",\"UserUins\":[\"%s\"],\"RoleIds\":[\"%s\"]}",
                            uin, role));
}

static int setup(void **state)
{
    struct fixture_counts counts;
    struct err e = ERR_INIT;
    struct buf fixture;

    (void)state;
    harness_init(&h);
    buf_init(&fixture, 16384);
    put_fixture(&fixture);
    h.now = (struct wall){ 1717200000000000 }; /* 2024-06-01, and nothing fires any more */
    harness_thread_start(&h);
    enum err_code rc = fixture_load(&h.services, buf_str(&fixture), &counts, &e);
    harness_thread_stop(&h);
    buf_done(&fixture);
    if (rc != E_OK)
        fail_msg("%s: %s", e.path, e.text);
    as(NULL);
    member("500", MANAGER);
    member("501", VISITOR);
    member("502", VISITOR);
    member("503", DEVELOPER);
    member("504", OPERATOR);
    json_decref(harness_ok(&h, API_2025, "RemoveMemberProjectRole",
                           "{\"ProjectId\":\"1001\",\"UserUin\":\"502\",\"RoleIds\":[\"" VISITOR
                           "\"]}"));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    harness_done(&h);
    return 0;
}

/* ---- calls ----------------------------------------------------------------------------------- */

#define ENTITY "{\"ProjectId\":\"1001\",\"EntityType\":\"%s\",\"EntityId\":\"%s\""
#define ITEM                                                                                       \
    "{\"PermissionTargetType\":\"%s\",\"PermissionTargetId\":\"%s\",\"PermissionTypeList\":["      \
    "\"CAN_MANAGE\"]}"

/* As the administrator. */
static void change(bool grant, const char *type, const char *id, const char *target,
                   const char *target_id)
{
    const char *now = h.plain_key ? h.uin : NULL;

    as("500");
    json_t *r =
        grant ? harness_okf(&h, API_2025, "CreateWorkflowPermissions",
                            ENTITY ",\"PermissionList\":[" ITEM "]}", type, id, target, target_id)
              : harness_okf(&h, API_2025, "DeleteWorkflowPermissions",
                            ENTITY ",\"DeletePermissionList\":[" ITEM "]}", type, id, target,
                            target_id);
    assert_int_equal(num_at(r, "Data.Status"), 1);
    json_decref(r);
    as(now);
}

static void grant(const char *type, const char *id, const char *uin)
{
    change(true, type, id, "user", uin);
}

static void revoke(const char *type, const char *id, const char *uin)
{
    change(false, type, id, "user", uin);
}

/* "user:501 role:..." in the order of the list. */
static void check_list(const char *type, const char *id, const char *expected)
{
    const char *now = h.plain_key ? h.uin : NULL;
    struct buf text;

    as("500");
    json_t *r = harness_okf(&h, API_2025, "ListWorkflowPermissions", ENTITY "}", type, id);
    as(now);
    buf_init(&text, 4096);
    for (size_t i = 0; i < json_array_size(at(r, "Data.Items")); i++) {
        const json_t *p = json_array_get(at(r, "Data.Items"), i);
        buf_printf(&text, "%s%s:%s", i ? " " : "", str_at(p, "PermissionTargetType"),
                   str_at(p, "PermissionTargetId"));
        assert_string_equal(str_at(p, "PermissionTypeList.0"), "CAN_MANAGE");
        assert_int_equal(json_array_size(at(p, "PermissionTypeList")), 1);
    }
    assert_string_equal(text.ptr ? text.ptr : "", expected);
    assert_int_equal(num_at(r, "Data.TotalCount"), json_array_size(at(r, "Data.Items")));
    buf_done(&text);
    json_decref(r);
}

static void check_max(const char *type, const char *id, const char *expected)
{
    json_t *r = harness_okf(&h, API_2025, "GetMyWorkflowMaxPermission", ENTITY "}", type, id);

    assert_string_equal(str_at(r, "Data.PermissionType"), expected);
    json_decref(r);
}

/* Whether the account may, whatever comes of it. */
static bool may(const char *version, const char *action, const char *more, struct err *ret)
{
    char params[2048];
    struct err e = ERR_INIT;

    snprintf(params, sizeof(params), "{\"ProjectId\":\"1001\",%s}", more);
    enum err_code rc = harness_try(&h, version, action, params, &e);
    assert_int_not_equal(rc, E_STRANGER);
    if (ret)
        *ret = e;
    return rc != E_FORBIDDEN;
}

static void check_may(const char *action, const char *more)
{
    struct err e;

    if (!may(API_2025, action, more, &e))
        fail_msg("%s %s: %s: %s", action, more, e.path, e.text);
}

static void check_may_not(const char *action, const char *more, const char *path)
{
    struct err e;

    if (may(API_2025, action, more, &e))
        fail_msg("%s %s: it is not refused: %s", action, more, e.text);
    if (strcmp(e.path, path) != 0)
        fail_msg("%s %s: %s: %s", action, more, e.path, e.text);
    assert_non_null(strstr(e.text, "ProjectManager"));
    assert_non_null(strstr(e.text_zh, "ProjectManager"));
}

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
    change(true, "folder", "fa", "role", VISITOR);
    h.now = wall_add(h.now, DUR_S(1));
    grant("folder", "fa", "501"); /* it stays as it was, and where it was */
    grant("workflow", "wa", "502");
    check_list("folder", "fa", "user:501 role:" VISITOR);
    check_list("workflow", "wa", "user:502");
    check_list("folder", "fb", ""); /* those above are not its own */
    as("500");
    json_t *r = harness_okf(&h, API_2025, "CreateWorkflowPermissions",
                            ENTITY ",\"PermissionList\":[" ITEM "," ITEM "," ITEM "]}", "folder",
                            "fb", "user", "503", "user", "503", "role", OPERATOR);
    json_decref(r);
    check_list("folder", "fb", "user:503 role:" OPERATOR);
    revoke("folder", "fa", "501");
    revoke("folder", "fa", "501");
    revoke("folder", "fa", "999"); /* no member, and never was */
    check_list("folder", "fa", "role:" VISITOR);
    change(false, "folder", "fa", "role", VISITOR);
    check_list("folder", "fa", "");
    check_list("workflow", "wa", "user:502");
}

static void test_list__has_pages(void **state)
{
    char uin[8];

    (void)state;
    for (int i = 0; i < 12; i++) {
        snprintf(uin, sizeof(uin), "6%02d", i);
        as(NULL);
        member(uin, VISITOR);
        h.now = wall_add(h.now, DUR_S(1));
        grant("folder", "fa", uin);
    }
    as("501");
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
          E_RANGE, false },
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
    as("500");
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
        as(roles[i]);
        check_may_not("CreateWorkflowPermissions", GRANT_ON("folder", "fa"), "ProjectId");
        check_may_not("DeleteWorkflowPermissions", REVOKE_ON("folder", "fa"), "ProjectId");
    }
    as("777");
    harness_refusedf(&h, API_2025, "CreateWorkflowPermissions", E_STRANGER, "ProjectId",
                     "{\"ProjectId\":\"1001\"," GRANT_ON("folder", "fa") "}");
    assert_int_equal(rows_left(), 0);
    grant("folder", "fb", "502");
    as("502");
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

    as(NULL);
    json_decref(
        harness_ok(&h, API_2025, "CreateDataBackfillPlan",
                   "{\"ProjectId\":\"1001\",\"TaskIds\":[\"" TA "\",\"" TB "\",\"" TC "\",\"" TR
                   "\"],\"DataBackfillRangeList\":[{\"StartDate\":"
                   "\"2024-03-01\",\"EndDate\":\"2024-03-01\"}],\"CheckParentType\":\"ALL\"}"));
    as(now);
}

static void test_grantee__does_in_it_what_its_roles_do_not_give(void **state)
{
    static const char *const accounts[] = { "501", "502" };

    make_instances();
    for (size_t k = 0; k < ARRAY_LEN(accounts); k++) {
        as(accounts[k]);
        for (size_t i = 0; i < ARRAY_LEN(acts); i++)
            check_may_not(acts[i].action, acts[i].in, "ProjectId");
    }
    grant("folder", "fa", "502");
    as("502");
    for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
        check_may_not(acts[i].action, acts[i].out, acts[i].path);
        char params[2048];
        snprintf(params, sizeof(params), "{\"ProjectId\":\"1001\",%s}", acts[i].in);
        json_decref(harness_ok(&h, API_2025, acts[i].action, params)); /* it is done, too */
    }
    /* Of the project as a whole it may no more than before. */
    check_may_not("ListTasks", "\"PageNumber\":1", "ProjectId");
    as("501");
    for (size_t i = 0; i < ARRAY_LEN(acts); i++)
        check_may_not(acts[i].action, acts[i].in, "ProjectId");
    *state = NULL;
}

static void test_refusal__says_what_is_needed(void **state)
{
    struct err e;

    (void)state;
    grant("folder", "fa", "501");
    as("501");
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
    as("504");
    check_may_not("UpdateWorkflow", develops, "ProjectId");
    check_may("PauseOpsTasksAsync", operates);
    grant("workflow", "wa", "504");
    check_may("UpdateWorkflow", develops);
    check_may_not("UpdateWorkflow", elsewhere, "WorkflowId");
    check_may("PauseOpsTasksAsync", "\"TaskIds\":[\"" TC "\",\"" TA "\"]");
    as("503");
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
    as("501");
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
    as(NULL);
    json_decref(harness_ok(&h, API_2025, "UpdateWorkflowFolder",
                           "{\"ProjectId\":\"1001\",\"FolderId\":\"fa\",\"FolderName\":\"z\"}"));
    json_decref(harness_ok(&h, API_2025, "UpdateWorkflowFolder",
                           "{\"ProjectId\":\"1001\",\"FolderId\":\"fc\",\"FolderName\":\"a\"}"));
    as("501");
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
    change(true, "folder", "fb", "role", VISITOR);
    as("501");
    check_may("UpdateWorkflow", act);
    as("502");
    check_may_not("UpdateWorkflow", act, "ProjectId");
    as("504");
    check_may_not("UpdateWorkflow", act, "ProjectId");
    as(NULL);
    member("505", VISITOR);
    json_decref(harness_ok(&h, API_2025, "GrantMemberProjectRole",
                           "{\"ProjectId\":\"1001\",\"UserUin\":\"504\",\"RoleIds\":[\"" VISITOR
                           "\"]}"));
    as("504");
    check_may("UpdateWorkflow", act);
    as("505");
    check_may("UpdateWorkflow", act);
    as(NULL);
    json_decref(harness_ok(&h, API_2025, "RemoveMemberProjectRole",
                           "{\"ProjectId\":\"1001\",\"UserUin\":\"505\",\"RoleIds\":[\"" VISITOR
                           "\"]}"));
    as("505");
    check_may_not("UpdateWorkflow", act, "ProjectId");
    /* The id of a role is no account, nor the other way round. */
    change(true, "folder", "fc", "role", OPERATOR);
    as(NULL);
    member("308335260844662784", VISITOR);
    as("308335260844662784");
    check_may("UpdateWorkflow", act);
    check_may_not("UpdateWorkflow", "\"WorkflowId\":\"wc\",\"WorkflowDesc\":\"d\"", "WorkflowId");
}

static void test_plans__are_of_all_their_tasks(void **state)
{
    char plans[2][64], more[160];

    (void)state;
    as(NULL);
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
    as("502");
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
    as("501");
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
    as("502");
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

/* ---- the strongest permission ---------------------------------------------------------------- */

static void test_max__is_the_strongest_of_roles_and_grants(void **state)
{
    static const struct {
        const char *uin, *permission;
    } rows[] = {
        { "500", "CAN_MANAGE" }, { "501", "CAN_VIEW" }, { "503", "CAN_EDIT" }, { "504", "CAN_RUN" }
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        as(rows[i].uin);
        check_max("folder", "fa", rows[i].permission);
        check_max("workflow", "wr", rows[i].permission);
    }
    as(NULL);
    check_max("workflow", "wa", "CAN_MANAGE");
    as("502");
    harness_refusedf(&h, API_2025, "GetMyWorkflowMaxPermission", E_FORBIDDEN, "ProjectId",
                     ENTITY "}", "folder", "fa");
    grant("folder", "fb", "502");
    check_max("folder", "fb", "CAN_MANAGE");
    check_max("workflow", "wa", "CAN_MANAGE");
    harness_refusedf(&h, API_2025, "GetMyWorkflowMaxPermission", E_FORBIDDEN, "EntityId",
                     ENTITY "}", "folder", "fa");
    grant("folder", "fa", "501");
    as("501");
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
    as(NULL);
    json_decref(harness_ok(&h, API_2025, "StopOpsTasksAsync",
                           "{\"ProjectId\":\"1001\",\"TaskIds\":[\"" TR "\"]}"));
    harness_run(&h);
    json_decref(harness_ok(&h, API_2025, "DeleteWorkflow",
                           "{\"ProjectId\":\"1001\",\"WorkflowId\":\"wr\"}"));
    assert_int_equal(rows_left(), 2);
    harness_refusedf(&h, API_2025, "DeleteWorkflowFolder", E_CONFLICT, "FolderId",
                     "{\"ProjectId\":\"1001\",\"FolderId\":\"fa\"}");
    assert_int_equal(rows_left(), 2);
    as("501");
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
    change(true, "workflow", "wc", "role", VISITOR);
    as("500");
    json_decref(harness_ok(&h, API_2025, "DeleteProjectMember",
                           "{\"ProjectId\":\"1001\",\"UserUins\":[\"501\"]}"));
    check_list("folder", "fa", "");
    check_list("workflow", "wc", "user:502 role:" VISITOR);
    as("501");
    harness_refused(&h, API_2025, "UpdateWorkflow",
                    "{\"ProjectId\":\"1001\",\"WorkflowId\":\"wa\"}", E_STRANGER, "ProjectId");
    as(NULL);
    member("501", OPERATOR); /* who comes back begins anew */
    as("501");
    check_may_not("UpdateWorkflow", "\"WorkflowId\":\"wa\",\"WorkflowDesc\":\"d\"", "ProjectId");
}

static void test_grants__go_with_the_project(void **state)
{
    (void)state;
    as(NULL);
    json_decref(harness_ok(&h, API_2025, "CreateProjectMember",
                           "{\"ProjectId\":\"2002\",\"UserUins\":[\"501\"],\"RoleIds\":[\"" VISITOR
                           "\"]}"));
    json_decref(harness_okf(&h, API_2025, "CreateWorkflowPermissions",
                            "{\"ProjectId\":\"2002\",\"EntityType\":\"folder\",\"EntityId\":"
                            "\"far\",\"PermissionList\":[" ITEM "]}",
                            "user", "501"));
    grant("folder", "fa", "501");
    as("501"); /* one project is not the other */
    harness_refused(&h, API_2025, "UpdateWorkflowFolder",
                    "{\"ProjectId\":\"2002\",\"FolderId\":\"fa\",\"FolderName\":\"x\"}",
                    E_FORBIDDEN, "FolderId");
    as(NULL);
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
        as("501");
        h.meanwhile = revoke_501;
        harness_refused(&h, API_2025, rows[i].action, rows[i].params, E_FORBIDDEN, "ProjectId");
    }
}

static void test_changes__are_recorded(void **state)
{
    (void)state;
    grant("folder", "fa", "501");
    revoke("folder", "fa", "501");
    as("500");
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
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_grants__are_listed_and_revoked),
        T(test_list__has_pages),
        T(test_requests__are_refused_by_path),
        T(test_granting__needs_to_manage_the_project_or_the_entity),
        T(test_grantee__does_in_it_what_its_roles_do_not_give),
        T(test_refusal__says_what_is_needed),
        T(test_grant__adds_to_the_roles),
        T(test_grant__on_a_workflow_is_for_that_one),
        T(test_grant__goes_with_what_is_renamed),
        T(test_role__is_granted_to_all_who_have_it),
        T(test_plans__are_of_all_their_tasks),
        T(test_rerun__of_children_stays_in_what_was_granted),
        T(test_reads__are_of_what_was_granted),
        T(test_max__is_the_strongest_of_roles_and_grants),
        T(test_grants__go_with_what_they_are_on),
        T(test_grants__go_with_the_member),
        T(test_grants__go_with_the_project),
        T(test_grants__are_those_of_the_moment_of_the_act),
        T(test_changes__are_recorded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
