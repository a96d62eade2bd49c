/* test/api/t_act_audit.c - every write leaves its record, with its transaction or without any; and
 * who may read them. */
#include "act_harness.h"

#include <stdio.h>
#include <string.h>

#include "engine/audit.h"
#include "engine/metrics.h"

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

static json_t *list(const char *filter, const char *value)
{
    return harness_okf(&h, API_WEFT, "ListAuditRecords", "{\"%s\":\"%s\"}", filter, value);
}

static size_t length(const json_t *r)
{
    return json_array_size(at(r, "Data.Items"));
}

static void accepted_writes_are_recorded(void **state)
{
    (void)state;
    json_t *r =
        harness_okf(&h, API_2025, "CreateWorkflow",
                    "{\"ProjectId\":\"%s\",\"WorkflowName\":\"w\",\"WorkflowType\":\"cycle\","
                    "\"ParentFolderPath\":\"/\"}",
                    project);
    json_decref(r);
    r = list("ProjectId", project);
    assert_int_equal(length(r), 1);
    assert_string_equal(str_at(r, "Data.Items.0.Action"), "CreateWorkflow");
    assert_string_equal(str_at(r, "Data.Items.0.Result"), "OK");
    assert_string_equal(str_at(r, "Data.Items.0.Account"), "100000000001");
    assert_non_null(strstr(str_at(r, "Data.Items.0.Objects"), "Made="));
    assert_non_null(strstr(str_at(r, "Data.Items.0.Objects"), "WorkflowName=w"));
    json_decref(r);
    r = list("Action", "CreateProject");
    assert_int_equal(length(r), 1);
    assert_non_null(strstr(str_at(r, "Data.Items.0.Objects"), project));
    json_decref(r);
    /* Looking is no write. */
    json_decref(harness_ok(&h, API_WEFT, "GetServerInfo", "{}"));
    r = list("Action", "GetServerInfo");
    assert_int_equal(length(r), 0);
    json_decref(r);
}

/* The newest record of the action has both texts in its objects. */
static void expect_objects(const char *action, const char *one, const char *other)
{
    json_t *r = list("Action", action);
    const char *objects = str_at(r, "Data.Items.0.Objects");

    if (!strstr(objects, one) || !strstr(objects, other))
        fail_msg("%s: `%s`", action, objects);
    json_decref(r);
}

static void records_name_what_was_made_and_of_what(void **state)
{
    char flow[64], task[32], rule[64], wanted[96];

    (void)state;
    harness_workflow(&h, project, "w", flow);
    keep_at(task, sizeof(task),
            harness_okf(&h, API_2025, "CreateTask",
                        "{\"ProjectId\":\"%s\",\"TaskBaseAttribute\":{\"TaskName\":\"t\","
                        "\"TaskTypeId\":\"35\",\"WorkflowId\":\"%s\"},\"TaskConfiguration\":{},"
                        "\"TaskSchedulerConfiguration\":{}}",
                        project, flow),
            "Data.TaskId");
    keep_at(
        rule, sizeof(rule),
        harness_okf(&h, API_2025, "CreateOpsAlarmRule",
                    "{\"ProjectId\":\"%s\",\"AlarmRuleName\":\"r\",\"MonitorObjectIds\":[\"%s\"],"
                    "\"AlarmTypes\":[\"failure\"],\"AlarmGroups\":[{\"AlarmRecipientType\":2,"
                    "\"AlarmWays\":[\"1\"]}]}",
                    project, task),
        "Data.AlarmRuleId");
    snprintf(wanted, sizeof(wanted), "Made=%s", rule);
    expect_objects("CreateOpsAlarmRule", wanted, "AlarmRuleName=r");
    json_decref(
        harness_okf(&h, API_2021, "RegisterEvent",
                    "{\"ProjectId\":\"%s\",\"Name\":\"e\",\"EventSubType\":\"DAY\","
                    "\"EventBroadcastType\":\"SINGLE\",\"TimeUnit\":\"DAYS\",\"Owner\":\"o\"}",
                    project));
    expect_objects("RegisterEvent", "Made=", "Name=e");
    snprintf(wanted, sizeof(wanted), "Key=%s", task);
    json_decref(harness_okf(&h, API_2021, "RegisterEventListener",
                            "{\"ProjectId\":\"%s\",\"Key\":\"%s\",\"EventName\":\"e\","
                            "\"Type\":\"REST_API\",\"Properties\":\"{}\"}",
                            project, task));
    expect_objects("RegisterEventListener", wanted, "EventName=e");
    json_decref(harness_okf(&h, API_2021, "RegisterDsEventListener",
                            "{\"ProjectId\":\"%s\",\"Key\":\"%s\",\"EventName\":\"e\","
                            "\"Type\":\"REST_API\",\"Properties\":[]}",
                            project, task));
    expect_objects("RegisterDsEventListener", wanted, "EventName=e");
}

/* What is not kept leaves no record that says it was. */
static void failed_commit_leaves_none(void **state)
{
    (void)state;
    store_set_faults(h.store, (struct store_faults){ .fail_commit_at = 1 });
    harness_err(&h, API_2025, "CreateProject",
                "{\"Project\":{\"ProjectName\":\"q\",\"DisplayName\":\"q\"}}", NULL);
    h.now = wall_add(h.now, DUR_S(2));
    harness_run(&h);
    json_t *r = list("Action", "CreateProject");
    assert_int_equal(length(r), 1);
    json_decref(r);
}

static struct audit_row note_of(int i)
{
    static char request[32];

    snprintf(request, sizeof(request), "r%d", i);
    return (struct audit_row){ .uin = STR("7"),
                               .secret_id = STR("id"),
                               .source = STR("192.0.2.1"),
                               .action = STR("DeleteTask"),
                               .version = STR("2025-08-06"),
                               .request_id = str_from(request),
                               .project_id = str_from(project),
                               .objects = STR("TaskId=1"),
                               .code = STR("UnauthorizedOperation") };
}

/* Notes of refused writes survive a commit that fails, are bounded, and come out page by page, each
 * once. */
static void refused_writes_are_recorded(void **state)
{
    char cursor[64] = "";
    int seen = 0;

    (void)state;
    for (int i = 0; i < AUDIT_NOTES_MAX + 5; i++) {
        struct audit_row row = note_of(i);
        assert_int_equal(audit_note(h.engine, &row), i < AUDIT_NOTES_MAX);
    }
    assert_int_equal(metric_get(&engine_metrics(h.engine)->audit_dropped), 5);
    store_set_faults(h.store, (struct store_faults){ .fail_commit_at = 1 });
    engine_turn(h.engine, h.now);
    h.now = wall_add(h.now, DUR_S(2));
    harness_run(&h);
    for (int page = 0;; page++) {
        json_t *r = harness_okf(&h, API_WEFT, "ListAuditRecords",
                                "{\"Result\":\"REFUSED\",\"PageSize\":300%s%s%s}",
                                cursor[0] ? ",\"Cursor\":\"" : "", cursor, cursor[0] ? "\"" : "");
        for (size_t i = 0; i < length(r); i++, seen++) {
            char path[64], wanted[16];
            snprintf(path, sizeof(path), "Data.Items.%zu.CallRequestId", i);
            snprintf(wanted, sizeof(wanted), "r%d", AUDIT_NOTES_MAX - 1 - seen);
            assert_string_equal(str_at(r, path), wanted);
        }
        const json_t *next = at(r, "Data.NextCursor");
        bool more = json_is_string(next);
        snprintf(cursor, sizeof(cursor), "%s", more ? json_string_value(next) : "");
        json_decref(r);
        if (!more)
            break;
        assert_true(page < 5);
    }
    assert_int_equal(seen, AUDIT_NOTES_MAX);
}

static void filters(void **state)
{
    static const struct {
        const char *params;
        size_t n;
    } rows[] = {
        { "{\"Account\":\"100000000001\"}", 1 },
        { "{\"Account\":\"8\"}", 0 },
        { "{\"Result\":\"OK\"}", 1 },
        { "{\"Result\":\"UnauthorizedOperation\"}", 1 },
        { "{\"StartTime\":\"2000-01-01 00:00:00\",\"EndTime\":\"2001-01-01 00:00:00\"}", 0 },
        { "{\"StartTime\":\"2000-01-01 00:00:00\"}", 2 },
        { "{\"PageSize\":1}", 1 },
    };
    struct audit_row row = note_of(0);

    (void)state;
    assert_true(audit_note(h.engine, &row));
    harness_run(&h);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_t *r = harness_ok(&h, API_WEFT, "ListAuditRecords", rows[i].params);
        if (length(r) != rows[i].n)
            fail_msg("%s: %zu", rows[i].params, length(r));
        json_decref(r);
    }
    harness_refused(&h, API_WEFT, "ListAuditRecords", "{\"PageSize\":0}", E_RANGE, "PageSize");
    harness_refused(&h, API_WEFT, "ListAuditRecords", "{\"Cursor\":\"x\"}", E_RANGE, "Cursor");
}

static void who_may_read(void **state)
{
    (void)state;
    h.plain_key = true;
    h.uin = "8";
    harness_refused(&h, API_WEFT, "ListAuditRecords", "{}", E_REQUIRED, "ProjectId");
    harness_refusedf(&h, API_WEFT, "ListAuditRecords", E_STRANGER, "ProjectId",
                     "{\"ProjectId\":\"%s\"}", project);
    h.plain_key = false;
    h.uin = "100000000001";
    json_decref(harness_okf(&h, API_2025, "CreateProjectMember",
                            "{\"ProjectId\":\"%s\",\"UserUins\":[\"8\"],\"RoleIds\":[\"%s\"]}",
                            project, "308335260274237440"));
    h.plain_key = true;
    h.uin = "8";
    json_t *r = list("ProjectId", project);
    assert_int_equal(length(r), 1);
    assert_non_null(strstr(str_at(r, "Data.Items.0.Objects"), "UserUins=8"));
    json_decref(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(accepted_writes_are_recorded, setup, teardown),
        cmocka_unit_test_setup_teardown(records_name_what_was_made_and_of_what, setup, teardown),
        cmocka_unit_test_setup_teardown(failed_commit_leaves_none, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_writes_are_recorded, setup, teardown),
        cmocka_unit_test_setup_teardown(filters, setup, teardown),
        cmocka_unit_test_setup_teardown(who_may_read, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
