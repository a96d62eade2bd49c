/* test/api/t_access.c - one project's members cannot see or touch another's: every action that is
 * built, called by whoever should not get anything from it.
 *
 * The bodies come from the schema (access_world.c), so a new action is tested the day it is built;
 * what its members name must be said there. */
#include "access_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/fixture.h"
#include "api/named.h"
#include "model/role.h"

static struct world w;

static int setup(void **state)
{
    (void)state;
    world_init(&w);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

struct outcome {
    enum err_code rc;
    struct err err;
};

/* One call; nothing foreign may be in what comes back, beyond what `known` has. */
static struct outcome call(const struct action *a, json_t *body, const char *known)
{
    char *params = json_dumps(body, JSON_COMPACT), *answer = NULL;
    struct outcome o = { E_OK, ERR_INIT };

    o.rc = harness_answer(&w.h, a->version, a->name, params, &answer, &o.err);
    char *all = malloc(strlen(params) + strlen(known) + 1);
    sprintf(all, "%s%s", params, known);
    world_check_text(&w, answer ? answer : "", all, a->name);
    world_check_text(&w, o.err.text, all, a->name);
    world_check_text(&w, o.err.text_zh, all, a->name);
    free(all);
    free(answer);
    free(params);
    json_decref(body);
    return o;
}

static bool in_project(const struct action *a)
{
    return a->access != ACCESS_ROOT && a->access != ACCESS_ANY;
}

static const struct schema_action *schema_of(const struct action *a)
{
    return schema_action_find(str_from(a->version), str_from(a->name));
}

static void check_unchanged(const char *before, const char *what)
{
    struct buf after;

    buf_init(&after, 64 << 20);
    world_dump(&w, &after);
    if (strcmp(before, after.ptr) != 0)
        fail_msg("%s changed something of another project: before\n%s\nafter\n%s", what, before,
                 after.ptr);
    buf_done(&after);
}

/* Calls `each` for every action, and compares what FOREIGN is before and after each. */
static void over_all(void (*each)(const struct action *a))
{
    struct buf before;
    int n = 0;

    buf_init(&before, 64 << 20);
    world_dump(&w, &before);
    assert_true(before.len > 2000);
    for (const struct action *a; (a = action_at((size_t)n)) != NULL; n++) {
        each(a);
        check_unchanged(before.ptr, a->name);
    }
    assert_true(n > 90);
    buf_done(&before);
}

static void refused(const struct action *a, const struct outcome *o, enum err_code code)
{
    if (o->rc != code || !o->err.text[0] || !o->err.text_zh[0])
        fail_msg("%s: %s was expected, not %s: %s", a->name, err_code_name(code),
                 err_code_name(o->rc), o->err.text);
}

/* ---- strangers ----------------------------------------------------------------------------- */

static void foreign_project(const struct action *a)
{
    int ids;
    struct outcome far = call(a, world_body(&w, schema_of(a), "2002", -1, &ids), ""),
                   none = call(a, world_body(&w, schema_of(a), "2009", -1, &ids), "");

    if (a->access == ACCESS_ROOT)
        refused(a, &far, E_FORBIDDEN);
    if (!in_project(a))
        return;
    refused(a, &far, E_STRANGER);
    refused(a, &none, E_STRANGER);
    /* Whether it exists cannot be told. */
    char *en = strstr(none.err.text, "2009"), *zh = strstr(none.err.text_zh, "2009");
    assert_true(en && zh);
    en[3] = zh[3] = '2';
    assert_string_equal(far.err.text, none.err.text);
    assert_string_equal(far.err.text_zh, none.err.text_zh);
    assert_string_equal(far.err.path, none.err.path);
}

static void test_stranger__gets_nothing_of_a_project_by_its_id(void **state)
{
    (void)state;
    world_as(&w, admin_uin);
    over_all(foreign_project);
    world_as(&w, "999"); /* of no project at all */
    over_all(foreign_project);
}

static void own_project(const struct action *a)
{
    int ids = 0;

    call(a, world_body(&w, schema_of(a), "1001", -1, &ids), "");
    for (int i = 0; i < ids; i++)
        call(a, world_body(&w, schema_of(a), "1001", i, &ids), "");
}

static void test_stranger__gets_nothing_by_ids_within_the_own_project(void **state)
{
    (void)state;
    world_as(&w, admin_uin);
    over_all(own_project);
}

static void no_project(const struct action *a)
{
    const struct schema_member *m = schema_member_find(schema_of(a)->request, "ProjectId");
    int ids = 0;

    if (m && m->required)
        return;
    call(a, world_body(&w, schema_of(a), NULL, -1, &ids), "");
    for (int i = 0; i < ids; i++)
        call(a, world_body(&w, schema_of(a), NULL, i, &ids), "");
}

static void test_stranger__gets_nothing_without_a_project(void **state)
{
    (void)state;
    world_as(&w, admin_uin);
    over_all(no_project);
}

/* ---- entangled tasks ----------------------------------------------------------------------- */

/* What the definition of the own task says itself: its upstream, and the event that it listens to.
 */
static const char of_own[] = "20240101000000001 \"2002\" \"farev\"";

static void read_own(const struct action *a)
{
    int ids;

    if (a->access != ACCESS_READ && a->access != ACCESS_ANY)
        return;
    /* Of those that any key may call: one that makes, and one for administrators. */
    if (strcmp(a->name, "CreateProject") == 0 || strcmp(a->name, "ListAuditRecords") == 0)
        return;
    struct outcome o = call(a, world_body(&w, schema_of(a), "1001", -2, &ids), of_own);
    /* Else the test would test nothing. */
    if (o.rc != E_OK)
        fail_msg("%s: %s: %s", a->name, o.err.path, o.err.text);
}

static void test_reads__show_of_other_projects_what_the_own_definition_says(void **state)
{
    (void)state;
    world_as(&w, visitor_uin);
    over_all(read_own);
    world_task(&w, 1);
    over_all(read_own);
}

/* ---- members ------------------------------------------------------------------------------- */

static void as_visitor(const struct action *a)
{
    int ids;

    if (!in_project(a))
        return;
    struct outcome o = call(a, world_body(&w, schema_of(a), "1001", -2, &ids), of_own);
    if (a->access == ACCESS_READ) {
        assert_true(o.rc != E_FORBIDDEN && o.rc != E_STRANGER);
        return;
    }
    refused(a, &o, E_FORBIDDEN);
    assert_non_null(strstr(o.err.text, "ProjectManager"));
    assert_non_null(strstr(o.err.text_zh, "ProjectManager"));
    assert_int_equal(strstr(o.err.text, "DataEngineer") != NULL, a->access == ACCESS_DEVELOP);
    assert_int_equal(strstr(o.err.text, "OperationEngineer") != NULL, a->access == ACCESS_OPERATE);
}

static void as_idle(const struct action *a)
{
    int ids;

    if (!in_project(a))
        return;
    struct outcome o = call(a, world_body(&w, schema_of(a), "1001", -2, &ids), of_own);
    refused(a, &o, E_FORBIDDEN);
}

static void test_member__may_what_its_roles_allow(void **state)
{
    (void)state;
    world_as(&w, visitor_uin);
    over_all(as_visitor);
    world_as(&w, idle_uin);
    over_all(as_idle);
}

/* ---- permissions on workflows -------------------------------------------------------------- */

/* Of the project as a whole: nobody is granted a part of them. */
static const char *const of_project[] = {
    "AcknowledgeAlarmMessage", "CreateOpsAlarmRule",   "CreateResourceFile",
    "CreateResourceFolder",    "DeleteOpsAlarmRule",   "DeleteResourceFile",
    "DeleteResourceFolder",    "RegisterDsEvent",      "RegisterEvent",
    "TriggerDsEvent",          "TriggerEvent",         "UpdateOpsAlarmRule",
    "UpdateResourceFile",      "UpdateResourceFolder", "UploadResourceFile",
};

static bool has_member(const struct action *a, const char *path)
{
    const struct schema_object *o = schema_of(a)->request;
    struct str rest = str_from(path);
    const struct schema_member *m = NULL;
    char name[64];

    while (rest.ptr && o) {
        struct str part = str_split(&rest, '.');
        snprintf(name, sizeof(name), "%.*s", STR_ARG(part));
        m = schema_member_find(o, name);
        o = m ? m->object : NULL;
    }
    return m && !rest.ptr;
}

/* A new action says what it is about, or stands in the list above. */
static void test_actions__say_what_they_are_about(void **state)
{
    size_t n = 0, whole = 0;

    (void)state;
    for (const struct action *a; (a = action_at(n)) != NULL; n++) {
        bool listed = false;
        for (size_t i = 0; i < ARRAY_LEN(of_project); i++)
            listed = listed || strcmp(of_project[i], a->name) == 0;
        whole += listed;
        if (a->objects &&
            (!in_project(a) || !has_member(a, a->objects) || !named_knows(a->objects)))
            fail_msg("%s: nothing can be named by %s", a->name, a->objects);
        if (listed == (a->objects != NULL) &&
            (listed || a->access == ACCESS_DEVELOP || a->access == ACCESS_OPERATE))
            fail_msg("%s: does its row say what it is about?", a->name);
    }
    assert_int_equal(whole, ARRAY_LEN(of_project));
}

static json_t *body_in_folder(const struct action *a)
{
    int ids;
    json_t *body = world_body(&w, schema_of(a), "1001", -2, &ids);

    if (json_object_get(body, "ParentFolderPath"))
        json_object_set_new(body, "ParentFolderPath", json_string("/of"));
    else if (json_object_get(body, "FolderName"))
        json_object_set_new(body, "FolderName", json_string("of")); /* and so it stays */
    return body;
}

static void granted_elsewhere(const struct action *a)
{
    if (!in_project(a))
        return;
    struct outcome o = call(a, body_in_folder(a), of_own);
    refused(a, &o, E_FORBIDDEN);
    assert_non_null(strstr(o.err.text, "ProjectManager"));
    if (!a->objects) {
        assert_string_equal(o.err.path, "ProjectId");
        return;
    }
    assert_int_equal(strncmp(o.err.path, a->objects, strlen(a->objects)), 0);
    assert_non_null(strstr(o.err.text, "CAN_MANAGE"));
    assert_non_null(strstr(o.err.text_zh, "CAN_MANAGE"));
}

static void granted(const struct action *a, bool deletes)
{
    if (!in_project(a) || deletes != (strncmp(a->name, "Delete", 6) == 0))
        return;
    struct outcome o = call(a, body_in_folder(a), of_own);
    if (!a->objects)
        refused(a, &o, E_FORBIDDEN);
    else if (o.rc == E_FORBIDDEN || o.rc == E_STRANGER)
        fail_msg("%s: %s: %s", a->name, o.err.path, o.err.text);
}

static void granted_and_stays(const struct action *a)
{
    granted(a, false);
}

static void grant_idle(const char *folder)
{
    world_as(&w, NULL);
    json_decref(harness_okf(&w.h, API_2025, "CreateWorkflowPermissions",
                            "{\"ProjectId\":\"1001\",\"EntityType\":\"folder\",\"EntityId\":\"%s\","
                            "\"PermissionList\":[{\"PermissionTargetType\":\"user\","
                            "\"PermissionTargetId\":\"%s\",\"PermissionTypeList\":["
                            "\"CAN_MANAGE\"]}]}",
                            folder, idle_uin));
    world_as(&w, idle_uin);
}

static void test_grantee__may_everything_with_what_it_was_granted(void **state)
{
    (void)state;
    world_as(&w, NULL);
    json_t *r = harness_ok(&w.h, API_2025, "CreateWorkflowFolder",
                           "{\"ProjectId\":\"1001\",\"ParentFolderPath\":\"/\",\"FolderName\":"
                           "\"other\"}");
    grant_idle(str_at(r, "Data.FolderId"));
    json_decref(r);
    over_all(granted_elsewhere);
    grant_idle("of");
    over_all(granted_and_stays);
    /* Deleting a task touches what waits for it elsewhere: that is how it is tied. */
    for (size_t n = 0; action_at(n); n++)
        granted(action_at(n), true);
}

static void as_plain_key(const struct action *a)
{
    int ids;

    if (a->access != ACCESS_ROOT)
        return;
    struct outcome o = call(a, world_body(&w, schema_of(a), "1001", -2, &ids), "");
    refused(a, &o, E_FORBIDDEN);
    assert_non_null(strstr(o.err.text, "root key"));
}

static void test_installation__is_for_root_keys(void **state)
{
    (void)state;
    world_as(&w, admin_uin);
    over_all(as_plain_key);
}

/* ---- what goes from one project to another ------------------------------------------------- */

#define OWN_TASK "20240101000000002"
#define OWN_DOWN "20240101000000003"
#define FAR_UP "20240101000000001"
#define FAR_DOWN "20240101000000004"
#define DEPEND(id)                                                                                 \
    "\"UpstreamDependencyConfigList\":[{\"TaskId\":\"" id "\",\"MainCyclicConfig\":\"DAY\","       \
    "\"SubordinateCyclicConfig\":\"CURRENT_DAY\"}]"
#define LISTEN(event, project)                                                                     \
    "\"EventListenerList\":[{\"EventName\":\"" event "\",\"EventSubType\":\"DAY\","                \
    "\"EventBroadcastType\":\"BROADCAST\",\"PropertiesList\":[{\"ParamKey\":\"EventProjectId\","   \
    "\"ParamValue\":\"" project "\"}]}]"
#define CHANGE(task, scheduler)                                                                    \
    "{\"ProjectId\":\"1001\",\"TaskId\":\"" task "\",\"NewSetting\":{"                             \
    "\"TaskSchedulerConfiguration\":{" scheduler "}}}"

static void join_foreign(const char *uin, const char *role)
{
    const char *now = w.h.plain_key ? w.h.uin : NULL;

    world_as(&w, NULL);
    json_decref(harness_okf(&w.h, API_2025, "CreateProjectMember",
                            "{\"ProjectId\":\"2002\",\"UserUins\":[\"%s\"],\"RoleIds\":[\"%s\"]}",
                            uin, role));
    world_as(&w, now);
}

/* Refused in the words for what does not exist; fine once the account may read there. */
static void test_task__depends_on_what_the_account_sees(void **state)
{
    static const struct {
        const char *far, *none, *place, *none_place;
    } rows[] = {
        { CHANGE(OWN_TASK, DEPEND(FAR_UP)), CHANGE(OWN_TASK, DEPEND("20240101000000009")), FAR_UP,
          "20240101000000009" },
        { CHANGE(OWN_TASK, LISTEN("farev", "2002")), CHANGE(OWN_TASK, LISTEN("farev", "2009")),
          "2002", "2009" },
        { "{\"ProjectId\":\"1001\",\"TaskId\":\"" OWN_TASK
          "\",\"NewSetting\":{\"TaskConfiguration\":{\"ResourceGroup\":\"5001\"}}}",
          "{\"ProjectId\":\"1001\",\"TaskId\":\"" OWN_TASK
          "\",\"NewSetting\":{\"TaskConfiguration\":{\"ResourceGroup\":\"5009\"}}}",
          "5001", "5009" },
    };

    (void)state;
    world_as(&w, admin_uin);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err far = ERR_INIT, none = ERR_INIT;
        assert_int_equal(harness_err(&w.h, API_2025, "UpdateTaskPartially", rows[i].far, &far),
                         E_MISSING);
        assert_int_equal(harness_err(&w.h, API_2025, "UpdateTaskPartially", rows[i].none, &none),
                         E_MISSING);
        char *at = strstr(far.text, rows[i].place);
        if (at)
            memcpy(at, rows[i].none_place, strlen(rows[i].none_place));
        assert_string_equal(far.text, none.text);
        assert_string_equal(far.path, none.path);
    }
    join_foreign(admin_uin, "308335260945326080");
    for (size_t i = 0; i < 2; i++)
        json_decref(harness_ok(&w.h, API_2025, "UpdateTaskPartially", rows[i].far));
}

/* What a root key has connected stays when a member saves the task. */
static void test_task__keeps_the_dependencies_it_has(void **state)
{
    (void)state;
    world_as(&w, admin_uin);
    json_decref(harness_ok(&w.h, API_2025, "UpdateTaskPartially",
                           CHANGE(OWN_DOWN, DEPEND(FAR_UP) "," LISTEN("farev", "2002"))));
    json_decref(harness_ok(&w.h, API_2025, "SubmitTask",
                           "{\"ProjectId\":\"1001\",\"TaskId\":\"" OWN_DOWN
                           "\",\"VersionRemark\":\"r\"}"));
}

static json_t *explain_upstream(void)
{
    json_t *r =
        harness_ok(&w.h, API_WEFT, "ExplainTaskInstance",
                   "{\"ProjectId\":\"1001\",\"InstanceKey\":\"" OWN_DOWN "_2024-03-01 00:00:00\"}");

    for (size_t i = 0; i < json_array_size(at(r, "Data.Conditions")); i++) {
        json_t *condition = json_incref(json_array_get(at(r, "Data.Conditions"), i));
        if (strcmp(str_at(condition, "Kind"), "UPSTREAM") == 0) {
            json_decref(r);
            return condition;
        }
        json_decref(condition);
    }
    fail_msg("it does not wait for its upstream");
    return NULL;
}

/* What it waits for is the own definition's; how that is, the other project's. */
static void test_explain__hides_the_state_of_foreign_upstreams(void **state)
{
    (void)state;
    world_as(&w, visitor_uin);
    json_t *condition = explain_upstream();
    assert_string_equal(str_at(condition, "TaskId"), FAR_UP);
    assert_string_equal(str_at(condition, "DataTime"), "2024-03-01 00:00:00");
    assert_true(json_is_null(at(condition, "TaskName")));
    assert_true(json_is_null(at(condition, "UpstreamState")));
    assert_non_null(strstr(str_at(condition, "Message"), "not a member"));
    json_decref(condition);
    join_foreign(visitor_uin, "308335260945326080");
    condition = explain_upstream();
    assert_string_equal(str_at(condition, "TaskName"), MARK "1");
    assert_string_equal(str_at(condition, "UpstreamState"), "RUNNING");
    json_decref(condition);
}

static int64_t rounds_of(const char *task)
{
    struct instance_row i = { .data_time = { 0 } };
    struct arena a;

    arena_init(&a);
    assert_true(str_to_i64(str_from(task), &i.task_id));
    assert_int_equal(civil_parse(STR("2024-03-01 00:00:00"), &i.data_time, NULL), E_OK);
    assert_int_equal(row_get(store_view(w.h.store), &table_instance, &a, &i, NULL), E_OK);
    arena_done(&a);
    return i.round;
}

static void test_rerun__of_children_goes_where_the_account_may_operate(void **state)
{
    static const char rerun[] =
        "{\"ProjectId\":\"1001\",\"InstanceKeyList\":[\"" OWN_TASK "_2024-03-01 00:00:00\"],"
        "\"RerunType\":\"3\",\"SonRangeType\":\"ALL\"}";
    static const char succeed[] = "{\"ProjectId\":\"%s\",\"InstanceKeyList\":["
                                  "\"%s_2024-03-01 00:00:00\"]}";
    (void)state;
    for (int i = 0; i < 2; i++)
        json_decref(harness_okf(&w.h, API_2025, "KillTaskInstancesAsync", succeed,
                                i == 0 ? "1001" : "2002", i == 0 ? OWN_TASK : FAR_DOWN));
    json_decref(
        harness_okf(&w.h, API_2025, "SetSuccessTaskInstancesAsync", succeed, "2002", FAR_DOWN));
    assert_int_equal(rounds_of(FAR_DOWN), 0);
    world_as(&w, admin_uin);
    join_foreign(admin_uin, "308335260945326080"); /* to read is not enough */
    json_decref(harness_ok(&w.h, API_2025, "RerunTaskInstancesAsync", rerun));
    assert_int_equal(rounds_of(FAR_DOWN), 0);
    world_as(&w, NULL);
    json_decref(harness_ok(&w.h, API_2025, "GrantMemberProjectRole",
                           "{\"ProjectId\":\"2002\",\"UserUin\":\"300\",\"RoleIds\":["
                           "\"308335260844662784\"]}"));
    world_as(&w, admin_uin);
    json_decref(harness_ok(&w.h, API_2025, "RerunTaskInstancesAsync", rerun));
    assert_int_equal(rounds_of(FAR_DOWN), 1);
}

/* ---- paths --------------------------------------------------------------------------------- */

/* What looks like a path is text that is not found, or a value that is not allowed. */
static void test_paths__lead_nowhere(void **state)
{
    static const struct {
        const char *action, *params;
        enum err_code code;
    } rows[] = {
        { "GetTaskInstanceLog", "\"InstanceKey\":\"../../root.key\"", E_SYNTAX },
        { "GetTaskInstanceLog",
          "\"InstanceKey\":\"" OWN_TASK "_2024-03-01 00:00:00\",\"NextCursor\":\"../../1.0\"",
          E_RANGE },
        { "GetTaskInstanceLog",
          "\"InstanceKey\":\"" OWN_TASK "_2024-03-01 00:00:00\",\"NextCursor\":\"1.-1\"", E_RANGE },
        { "GetTaskInstanceLog",
          "\"InstanceKey\":\"" OWN_TASK "_2024-03-01 00:00:00\",\"NextCursor\":\"1./etc/passwd\"",
          E_RANGE },
        { "GetTask", "\"TaskId\":\"../../../etc/pas\"", E_MISSING },
        { "GetWorkflow", "\"WorkflowId\":\"../fw\"", E_MISSING },
        { "CreateWorkflowFolder", "\"ParentFolderPath\":\"/\",\"FolderName\":\"../x\"", E_RANGE },
        { "CreateWorkflowFolder", "\"ParentFolderPath\":\"/of/../..\",\"FolderName\":\"x\"",
          E_MISSING },
        { "CreateTaskFolder",
          "\"WorkflowId\":\"ow\",\"TaskFolderType\":\"../GENERAL\",\"ParentTaskFolderPath\":\"/\","
          "\"TaskFolderName\":\"x\"",
          E_RANGE },
    };

    (void)state;
    world_as(&w, admin_uin);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char params[512];
        struct err e = ERR_INIT;
        snprintf(params, sizeof(params), "{\"ProjectId\":\"1001\",%s}", rows[i].params);
        enum err_code rc = harness_err(&w.h, API_2025, rows[i].action, params, &e);
        if (rc != rows[i].code)
            fail_msg("%s %s: %s: %s", rows[i].action, params, err_code_name(rc), e.text);
    }
}

static void test_paths__of_a_fixture_lead_nowhere(void **state)
{
    static const char *const texts[] = {
        "{\"Workflows\":[{\"ProjectId\":\"1001\",\"WorkflowId\":\"../x\",\"ParentFolderPath\":"
        "\"/\",\"WorkflowName\":\"x\"}]}",
        "{\"Projects\":[{\"ProjectId\":\"../1\",\"ProjectName\":\"x\"}]}",
        "{\"Projects\":[{\"ProjectId\":\"3\",\"ProjectName\":\"../x\"}]}",
        "{\"Calendars\":[{\"CalendarId\":\"../x\",\"CalendarName\":\"x\",\"Mode\":\"RUN\","
        "\"Dates\":[]}]}",
        "{\"WorkflowFolders\":[{\"ProjectId\":\"1001\",\"FolderId\":\"/etc\","
        "\"ParentFolderPath\":\"/\",\"FolderName\":\"x\"}]}",
        "{\"ResourceGroups\":[{\"ResourceGroupId\":\"../1\",\"Name\":\"x\",\"Slots\":1}]}",
    };

    (void)state;
    harness_thread_start(&w.h);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct fixture_counts counts;
        struct err e = ERR_INIT;
        if (fixture_load(&w.h.services, str_from(texts[i]), &counts, &e) == E_OK)
            fail_msg("it was loaded: %s", texts[i]);
    }
    harness_thread_stop(&w.h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_stranger__gets_nothing_of_a_project_by_its_id, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_stranger__gets_nothing_by_ids_within_the_own_project,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_stranger__gets_nothing_without_a_project, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_reads__show_of_other_projects_what_the_own_definition_says, setup, teardown),
        cmocka_unit_test_setup_teardown(test_member__may_what_its_roles_allow, setup, teardown),
        cmocka_unit_test_setup_teardown(test_actions__say_what_they_are_about, setup, teardown),
        cmocka_unit_test_setup_teardown(test_grantee__may_everything_with_what_it_was_granted,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_installation__is_for_root_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_paths__lead_nowhere, setup, teardown),
        cmocka_unit_test_setup_teardown(test_paths__of_a_fixture_lead_nowhere, setup, teardown),
        cmocka_unit_test_setup_teardown(test_task__depends_on_what_the_account_sees, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_task__keeps_the_dependencies_it_has, setup, teardown),
        cmocka_unit_test_setup_teardown(test_explain__hides_the_state_of_foreign_upstreams, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_rerun__of_children_goes_where_the_account_may_operate,
                                        setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
