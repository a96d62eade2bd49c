/* test/api/t_alarm_inform.c - DeleteTask with OperateInform: who is told that an upstream task is
 * gone, what they are told, and what becomes of such a message, which no rule asked for
 * (docs/reference/semantics.md 1.6, 8.3). */
#include "act_harness.h"

#include <stdio.h>
#include <string.h>

#include "engine/alarm.h"

static struct harness h;
static char project[32], workflow[64], up[32];

/* A draft that waits for `upstream` (NULL: for nothing). */
static void make_task(const char *name, const char *owners, const char *upstream, char id[32])
{
    char edge[200] = "";

    if (upstream)
        snprintf(edge, sizeof(edge),
                 ",\"UpstreamDependencyConfigList\":[{\"TaskId\":\"%s\",\"MainCyclicConfig\":"
                 "\"DAY\",\"SubordinateCyclicConfig\":\"CURRENT_DAY\"}]",
                 upstream);
    keep_at(id, 32,
            harness_okf(&h, API_2025, "CreateTask",
                        "{\"ProjectId\":\"%s\",\"TaskBaseAttribute\":{\"TaskName\":\"%s\","
                        "\"TaskTypeId\":\"35\",\"WorkflowId\":\"%s\",\"OwnerUin\":\"%s\"},"
                        "\"TaskConfiguration\":{\"CodeContent\":\"ZWNobw==\"},"
                        "\"TaskSchedulerConfiguration\":{\"CycleType\":\"DAY_CYCLE\"%s}}",
                        project, name, workflow, owners, edge),
            "Data.TaskId");
}

static void submit(const char *id)
{
    json_decref(harness_okf(&h, API_2025, "SubmitTask",
                            "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"VersionRemark\":\"r\"}",
                            project, id));
}

static int setup(void **state)
{
    (void)state;
    harness_init(&h);
    h.now = (struct wall){ 1709524800000000 };
    harness_project(&h, "own", project);
    harness_workflow(&h, project, "own", workflow);
    make_task("source", "11", NULL, up);
    submit(up);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    harness_done(&h);
    return 0;
}

static void delete (const char *id, const char *more)
{
    json_decref(harness_okf(&h, API_2025, "DeleteTask",
                            "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\"%s}", project, id, more));
    harness_run(&h);
}

static json_t *messages(void)
{
    return harness_okf(&h, API_2025, "ListAlarmMessages", "{\"ProjectId\":\"%s\",\"PageSize\":100}",
                       project);
}

static void expect_number(int n)
{
    json_t *r = messages();

    assert_int_equal(num_at(r, "Data.TotalCount"), n);
    json_decref(r);
}

/* The message about this task; fails where there is not exactly one. */
static json_t *message_of(const char *id)
{
    json_t *r = messages(), *item, *found = NULL;
    size_t i;

    json_array_foreach(at(r, "Data.Items"), i, item)
    {
        if (strcmp(str_at(item, "TaskId"), id) != 0)
            continue;
        assert_null(found);
        found = json_deep_copy(item);
    }
    json_decref(r);
    assert_non_null(found);
    return found;
}

static json_t *deliveries_of(const char *id)
{
    json_t *m = message_of(id);
    json_t *r = harness_okf(&h, API_WEFT, "GetAlarmDeliveries",
                            "{\"ProjectId\":\"%s\",\"AlarmMessageId\":\"%lld\"}", project,
                            (long long)num_at(m, "AlarmMessageId"));

    json_decref(m);
    return r;
}

static void expect_text(const char *id, const char *english, const char *chinese)
{
    json_t *r = deliveries_of(id);
    const char *text = str_at(r, "Data.Text");

    if (!strstr(text, english) || !strstr(text, chinese))
        fail_msg("%s", text);
    json_decref(r);
}

/* ---- who and what --------------------------------------------------------------------------- */

static void test_inform__each_that_names_it_once(void **state)
{
    char both[32], draft[32], submitted[32], other[32];

    (void)state;
    make_task("both", "33;44", up, both);
    submit(both);
    make_task("draft", "55", up, draft);
    make_task("submitted", "66", up, submitted);
    submit(submitted);
    json_decref(harness_okf(&h, API_2025, "UpdateTaskPartially",
                            "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"FieldToRemoveList\":["
                            "\"TaskSchedulerConfiguration/UpstreamDependencyConfigList:%s\"]}",
                            project, submitted, up));
    make_task("other", "77", both, other);
    delete (up, ",\"OperateInform\":true");
    expect_number(3);
    json_t *m = message_of(both);
    assert_string_equal(str_at(m, "TaskName"), "both");
    assert_true(json_is_null(at(m, "CurRunDate")) && json_is_null(at(m, "AlarmRuleId")));
    assert_string_equal(str_at(m, "AlarmReason"), "upstreamDeleted");
    assert_int_equal(num_at(m, "AlarmLevel"), 1);
    assert_string_equal(str_at(m, "AlarmWays.0"), "1");
    assert_int_equal(json_array_size(at(m, "AlarmWays")), 1);
    assert_string_equal(str_at(m, "AlarmRecipients.0"), "33");
    assert_string_equal(str_at(m, "AlarmRecipients.1"), "44");
    json_decref(m);
    expect_text(both, "later ones will wait for it", "以后的实例仍会等待它");
    expect_text(submitted, "later ones will wait for it", "以后的实例仍会等待它");
    expect_text(draft, "Its draft still names it", "草稿仍引用该任务");
    /* Which task, and by whom. */
    expect_text(both, "source (", up);
    expect_text(both, "was deleted by 100000000001", "已被 100000000001 删除");
}

static void test_inform__only_where_it_is_asked_for(void **state)
{
    char down[32];

    (void)state;
    make_task("down", "33", up, down);
    submit(down);
    delete (up, ",\"OperateInform\":false");
    make_task("source2", "11", NULL, up);
    submit(up);
    make_task("down2", "33", up, down);
    delete (up, "");
    expect_number(0);
    delete (down, ",\"OperateInform\":true"); /* nobody names it */
    expect_number(0);
}

static void test_inform__of_a_gentle_deletion(void **state)
{
    char down[32], draft[32];

    (void)state;
    make_task("down", "33", up, down);
    submit(down);
    make_task("draft", "33", up, draft);
    delete (up, ",\"OperateInform\":true,\"DeleteMode\":true");
    expect_text(down, "waits for it no more", "不再等待它");
    expect_text(draft, "Its draft still names it", "草稿仍引用该任务");
}

/* Owners are told wherever they are, and who deletes sees no trace of it. */
static void test_inform__in_a_project_that_the_caller_does_not_see(void **state)
{
    char other[32], flow[64], own[32], own_flow[64], down[32], body[200], *with, *without;
    struct err e;

    (void)state;
    snprintf(own, sizeof(own), "%s", project);
    snprintf(own_flow, sizeof(own_flow), "%s", workflow);
    harness_project(&h, "foreign", other);
    harness_workflow(&h, other, "foreign", flow);
    snprintf(project, sizeof(project), "%s", other);
    snprintf(workflow, sizeof(workflow), "%s", flow);
    make_task("secret", "88", up, down);
    snprintf(project, sizeof(project), "%s", own);
    snprintf(workflow, sizeof(workflow), "%s", own_flow);
    json_decref(harness_okf(&h, API_2025, "CreateProjectMember",
                            "{\"ProjectId\":\"%s\",\"UserUins\":[\"500\"],\"RoleIds\":["
                            "\"308335260676890624\"]}",
                            project));
    char lone[32];
    make_task("lone", "11", NULL, lone);
    h.plain_key = true;
    h.uin = "500";
    snprintf(body, sizeof(body), "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"OperateInform\":true}",
             project, lone);
    assert_int_equal(harness_answer(&h, API_2025, "DeleteTask", body, &without, &e), E_OK);
    snprintf(body, sizeof(body), "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"OperateInform\":true}",
             project, up);
    assert_int_equal(harness_answer(&h, API_2025, "DeleteTask", body, &with, &e), E_OK);
    assert_string_equal(with, without);
    mem_free(with);
    mem_free(without);
    expect_number(0); /* of their own project */
    harness_refusedf(&h, API_2025, "ListAlarmMessages", E_STRANGER, "ProjectId",
                     "{\"ProjectId\":\"%s\"}", other);
    h.plain_key = false;
    h.uin = "100000000001";
    snprintf(project, sizeof(project), "%s", other);
    json_t *m = message_of(down);
    assert_string_equal(str_at(m, "AlarmRecipients.0"), "88");
    json_decref(m);
    expect_text(down, "was deleted by 500", "已被 500 删除");
}

/* ---- how many ------------------------------------------------------------------------------- */

static void test_bound__refuses_and_changes_nothing(void **state)
{
    char down[32], small[32];
    struct buf owners;

    (void)state;
    make_task("small", "33", up, small);
    buf_init(&owners, 1 << 20);
    for (int i = 0; i < ALARM_INFORM_MAX; i++)
        buf_printf(&owners, "%s%d", i ? ";" : "", 10000 + i);
    make_task("down", owners.ptr, up, down);
    harness_refusedf(&h, API_2025, "DeleteTask", E_LIMIT, "OperateInform",
                     "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"OperateInform\":true}", project,
                     up);
    buf_done(&owners);
    expect_number(0);
    json_decref(harness_okf(&h, API_2025, "GetTask", "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\"}",
                            project, up));
    delete (small, "");
    delete (up, ",\"OperateInform\":true"); /* as many as may be */
    expect_number(1);
    json_t *r = deliveries_of(down);
    assert_int_equal(num_at(r, "Data.TotalCount"), ALARM_INFORM_MAX);
    json_decref(r);
}

/* ---- messages without a rule ---------------------------------------------------------------- */

static void expect_state(const char *id, const char *first, const char *second)
{
    json_t *r = deliveries_of(id);

    assert_int_equal(num_at(r, "Data.TotalCount"), 2);
    assert_string_equal(str_at(r, "Data.Items.0.State"), first);
    assert_string_equal(str_at(r, "Data.Items.1.State"), second);
    json_decref(r);
}

static void test_delivery__is_that_of_any_message(void **state)
{
    char down[32], rule[64];

    (void)state;
    make_task("down", "33;44", up, down);
    submit(down);
    keep_at(
        rule, sizeof(rule),
        harness_okf(&h, API_2025, "CreateOpsAlarmRule",
                    "{\"ProjectId\":\"%s\",\"AlarmRuleName\":\"r\",\"MonitorObjectIds\":[\"%s\"],"
                    "\"AlarmTypes\":[\"failure\"],\"AlarmGroups\":[{\"AlarmRecipientType\":2}]}",
                    project, down),
        "Data.AlarmRuleId");
    delete (up, ",\"OperateInform\":true");
    assert_int_equal(h.n_letters, 2);
    assert_int_equal(h.letters[0].way, ALARM_BY_MAIL);
    assert_string_equal(h.letters[0].target, "33");
    assert_string_equal(h.letters[1].target, "44");
    assert_string_equal(h.letters[0].subject, "[weft] upstreamDeleted down");
    assert_non_null(strstr(h.letters[0].body, "Task down ("));
    /* A rule that goes, or an empty name of one, cancels nothing of it. */
    harness_refusedf(&h, API_2025, "DeleteOpsAlarmRule", E_MISSING, "AlarmRuleId",
                     "{\"ProjectId\":\"%s\",\"AlarmRuleId\":\"\"}", project);
    json_decref(harness_okf(&h, API_2025, "DeleteOpsAlarmRule",
                            "{\"ProjectId\":\"%s\",\"AlarmRuleId\":\"%s\"}", project, rule));
    expect_state(down, "PENDING", "PENDING");
    harness_landed(&h, h.letters[0].id, LETTER_TAKEN, "");
    harness_landed(&h, h.letters[1].id, LETTER_FAILED, "down");
    expect_state(down, "DONE", "PENDING");
    /* It is sent again, also by a server that was started anew. */
    harness_restart(&h);
    h.now = wall_add(h.now, DUR_MIN(1));
    harness_run(&h);
    assert_int_equal(h.n_letters, 1);
    assert_string_equal(h.letters[0].target, "44");
    harness_landed(&h, h.letters[0].id, LETTER_TAKEN, "");
    expect_state(down, "DONE", "DONE");
    json_t *m = message_of(down);
    json_decref(harness_okf(&h, API_WEFT, "AcknowledgeAlarmMessage",
                            "{\"ProjectId\":\"%s\",\"AlarmMessageId\":\"%lld\"}", project,
                            (long long)num_at(m, "AlarmMessageId")));
    json_t *r = harness_okf(&h, API_2025, "GetAlarmMessage",
                            "{\"ProjectId\":\"%s\",\"AlarmMessageId\":\"%lld\"}", project,
                            (long long)num_at(m, "AlarmMessageId"));
    assert_true(json_is_null(at(r, "Data.AlarmRuleId")));
    json_decref(r);
    json_decref(m);
    r = deliveries_of(down);
    assert_string_equal(str_at(r, "Data.AcknowledgeUin"), "100000000001");
    json_decref(r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_inform__each_that_names_it_once),
        TEST(test_inform__only_where_it_is_asked_for),
        TEST(test_inform__of_a_gentle_deletion),
        TEST(test_inform__in_a_project_that_the_caller_does_not_see),
        TEST(test_bound__refuses_and_changes_nothing),
        TEST(test_delivery__is_that_of_any_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
