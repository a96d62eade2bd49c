/* test/model/t_alarm.c - when alarms fire: changes, limits of time, numbers of days, quiet hours;
 * and what receivers get (docs/reference/semantics.md 8.1, 8.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "model/alarm_text.h"

#define RULE(types, detail)                                                                        \
    "{\"MonitorObjectIds\":[\"20240101000000001\"],\"AlarmTypes\":[" types                         \
    "],\"AlarmRuleDetail\":{" detail "},\"AlarmGroups\":[{\"AlarmRecipientIds\":[\"1\"]}]}"

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct alarm_rule decode(const char *text)
{
    struct alarm_rule r = { .types = 0 };
    struct err e = ERR_INIT;
    json_t *doc = json_loads(text, 0, NULL);

    assert_non_null(doc);
    if (alarm_rule_decode(doc, &arena, &r, &e) != E_OK)
        fail_msg("%s: %s", e.path, e.text);
    json_decref(doc);
    return r;
}

static void test_change__by_run_type_state_and_trigger(void **state)
{
    enum { N = ALARM_TYPE_N_, F = ALARM_FAILURE, S = ALARM_SUCCESS, RF = ALARM_REDO_FAILURE };
    static const struct {
        enum run_type run;
        enum instance_state state;
        int first, last, none; /* triggers 1 and 2; a rule of success only */
    } rows[] = {
        { RUN_PERIODIC, INSTANCE_COMPLETED, N, N, S },
        { RUN_PERIODIC, INSTANCE_EXPIRED, F, F, N },
        { RUN_PERIODIC, INSTANCE_FAILED_RETRY, F, N, N },
        { RUN_PERIODIC, INSTANCE_SKIP_RUNNING, N, N, N },
        { RUN_PERIODIC, INSTANCE_RUNNING, N, N, N },
        { RUN_MANUAL, INSTANCE_EXPIRED, F, F, N },
        { RUN_RERUN_MANUAL, INSTANCE_EXPIRED, RF, RF, N },
        { RUN_RERUN, INSTANCE_EXPIRED, RF, RF, N },
        { RUN_ADDITION, INSTANCE_FAILED_RETRY, RF, N, N },
        { RUN_ADDITION, INSTANCE_COMPLETED, N, N, N },
    };
    struct alarm_rule first = decode(RULE("\"failure\",\"backTrackingOrRerunFailure\"",
                                          "\"Trigger\":1,\"DataBackfillOrRerunTrigger\":1")),
                      last = decode(RULE("\"failure\",\"backTrackingOrRerunFailure\"", "")),
                      none = decode(RULE("\"success\"", ""));

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(alarm_of_change(&first, rows[i].run, rows[i].state), rows[i].first);
        assert_int_equal(alarm_of_change(&last, rows[i].run, rows[i].state), rows[i].last);
        assert_int_equal(alarm_of_change(&none, rows[i].run, rows[i].state), rows[i].none);
    }
}

/* 2024-03-04 in UTC+8, at this second of the day. */
static struct wall at(int64_t second)
{
    return (struct wall){ (1709481600 + second) * 1000000 };
}

static void test_deadline__table(void **state)
{
    enum { MIN = 60, HOUR = 3600, FAR = -1 };
    const int64_t day = 86400;
    static const struct alarm_means known = { true, { 600000000 }, { 60000000 }, { 900000000 } };
    const struct {
        enum alarm_limit_kind kind;
        bool average;
        int minutes;
        enum run_type run;
        int tries;
        int64_t fire, round, started, next, due; /* seconds of the day; 0: not yet */
    } rows[] = {
        { ALARM_RUNS_LONG, false, 10, RUN_PERIODIC, 0, HOUR, HOUR, 0, 0, FAR },
        { ALARM_RUNS_LONG, false, 10, RUN_PERIODIC, 1, HOUR, HOUR, HOUR + 5, 0, HOUR + 605 },
        { ALARM_RUNS_LONG, true, 2, RUN_PERIODIC, 1, HOUR, HOUR, HOUR, 0, HOUR + 720 },
        { ALARM_NOT_BY_CLOCK, false, 90, RUN_PERIODIC, 0, HOUR, HOUR, 0, 0, HOUR + 30 * MIN },
        { ALARM_NOT_BY_CLOCK, false, 60, RUN_PERIODIC, 0, HOUR, HOUR, 0, 0, day + HOUR },
        { ALARM_NOT_BY_CLOCK, false, 30, RUN_PERIODIC, 0, HOUR, HOUR, 0, 0, day + 30 * MIN },
        /* It was made late, or asked for later. */
        { ALARM_NOT_BY_CLOCK, false, 90, RUN_PERIODIC, 0, HOUR, 2 * HOUR, 0, 0, day + 90 * MIN },
        { ALARM_NOT_BY_CLOCK, false, 90, RUN_RERUN, 0, 9 * HOUR, HOUR, 0, 0, HOUR + 30 * MIN },
        { ALARM_NOT_BY_CLOCK, true, 5, RUN_PERIODIC, 0, HOUR, HOUR, 0, 0, HOUR + 20 * MIN },
        { ALARM_WAITS_LONG, false, 10, RUN_PERIODIC, 0, HOUR, 1, 0, 0, HOUR + 600 },
        { ALARM_WAITS_LONG, false, 10, RUN_ADDITION, 0, HOUR, 2 * HOUR, 0, 0, 2 * HOUR + 600 },
        { ALARM_WAITS_LONG, false, 10, RUN_PERIODIC, 1, HOUR, HOUR, HOUR, 0, FAR },
        { ALARM_WAITS_LONG, true, 1, RUN_PERIODIC, 0, HOUR, HOUR, 0, 0, HOUR + 120 },
        { ALARM_NOT_IN_CYCLE, false, 1, RUN_PERIODIC, 0, HOUR, HOUR, 0, 2 * HOUR, 2 * HOUR },
        { ALARM_NOT_IN_CYCLE, false, 1, RUN_PERIODIC, 0, HOUR, HOUR, 0, 0, FAR },
        { ALARM_NOT_IN_CYCLE, false, 1, RUN_RERUN, 0, HOUR, 5 * HOUR, 0, 3 * HOUR, 7 * HOUR },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct alarm_limit l = { rows[i].kind, rows[i].average, rows[i].minutes, zone_default() };
        struct alarm_facts f = { .state = INSTANCE_RUNNING,
                                 .run_type = rows[i].run,
                                 .tries = rows[i].tries,
                                 .fire_at = at(rows[i].fire),
                                 .round_at = at(rows[i].round),
                                 .started_at = rows[i].started ? at(rows[i].started) : WALL_NONE,
                                 .next_at = rows[i].next ? at(rows[i].next) : WALL_NONE };
        struct wall due = alarm_deadline(&l, &f, &known);
        struct wall want = rows[i].due == FAR ? WALL_FAR : at(rows[i].due);
        if (due.us != want.us)
            fail_msg("row %zu: %lld, not %lld", i, (long long)due.us, (long long)want.us);
        f.state = INSTANCE_COMPLETED;
        assert_true(alarm_deadline(&l, &f, &known).us == WALL_FAR.us);
        if (l.average) {
            struct alarm_means few = { .known = false };
            f.state = INSTANCE_RUNNING;
            assert_true(alarm_deadline(&l, &f, &few).us == WALL_FAR.us);
        }
    }
}

static void test_fluctuation__table(void **state)
{
    static const struct {
        struct alarm_fluctuation f;
        const char *today, *before; /* a digit for each slot */
        bool wanted;
    } rows[] = {
        { { ALARM_FAILURES_UP, 50, 0, 0, 1, 1, false }, "2", "1", true },
        { { ALARM_FAILURES_UP, 101, 0, 0, 1, 1, false }, "2", "1", false },
        { { ALARM_FAILURES_UP, 50, 0, 0, 1, 1, false }, "1", "0", true }, /* from nothing */
        { { ALARM_FAILURES_UP, 0, 3, 0, 1, 1, false }, "12", "10", false },
        { { ALARM_FAILURES_UP, 0, 3, 0, 1, 1, false }, "13", "10", true },
        { { ALARM_FAILURES_UP, 0, 1, 5, 1, 1, false }, "22", "10", false }, /* InstanceCount */
        { { ALARM_FAILURES_UP, 50, 0, 0, 1, 1, false }, "1", "2", false },
        { { ALARM_SUCCESSES_DOWN, 50, 0, 0, 1, 1, false }, "1", "2", true },
        { { ALARM_SUCCESSES_DOWN, 51, 0, 0, 1, 1, false }, "1", "2", false },
        { { ALARM_SUCCESSES_DOWN, 50, 0, 0, 1, 1, false }, "2", "1", false },
        /* Twice in a row of three; the second measurement is not above. */
        { { ALARM_FAILURES_UP, 1, 0, 0, 2, 3, false }, "1", "0", false },
        { { ALARM_FAILURES_UP, 1, 0, 0, 2, 3, false }, "10", "00", true },
        { { ALARM_FAILURES_UP, 1, 0, 0, 2, 3, false }, "101", "010", false },
        { { ALARM_FAILURES_UP, 1, 0, 0, 2, 3, true }, "101", "010", true },
        { { ALARM_FAILURES_UP, 1, 0, 0, 2, 2, true }, "101", "010", false },
        { { ALARM_FAILURES_UP, 1, 0, 0, 1, 1, false }, "10", "01", false }, /* over again */
        { { ALARM_FAILURES_MORE, 0, 3, 0, 1, 1, false }, "12", "10", false },
        { { ALARM_FAILURES_MORE, 0, 3, 0, 1, 1, false }, "13", "10", true },
        { { ALARM_FAILURES_MORE, 0, 1, 0, 1, 1, false }, "1", "2", false },
        { { ALARM_SUCCESSES_FEWER, 0, 2, 0, 1, 1, false }, "1", "3", true },
        { { ALARM_SUCCESSES_FEWER, 0, 3, 0, 1, 1, false }, "1", "3", false },
        { { ALARM_FAILURES_MANY, 0, 3, 0, 1, 1, false }, "12", "99", true },
        { { ALARM_FAILURES_MANY, 0, 4, 0, 1, 1, false }, "12", "00", false },
        { { ALARM_FAILURES_MANY, 0, 3, 0, 2, 2, false }, "12", "00", false }, /* once so far */
        { { ALARM_FAILURES_SHARE, 25, 0, 0, 1, 1, false }, "1", "3", true },
        { { ALARM_FAILURES_SHARE, 26, 0, 0, 1, 1, false }, "1", "3", false },
        { { ALARM_FAILURES_SHARE, 25, 0, 5, 1, 1, false }, "1", "3", false }, /* InstanceCount */
        { { ALARM_FAILURES_SHARE, 1, 0, 0, 1, 1, false }, "0", "0", false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct alarm_day today = { .counted = true }, before = { .counted = true };
        enum alarm_type type = rows[i].f.type;
        bool of_successes = type == ALARM_SUCCESSES_DOWN || type == ALARM_SUCCESSES_FEWER;
        bool of_both = type == ALARM_FAILURES_SHARE; /* then the second are today's successes */
        int n = (int)strlen(rows[i].today);
        for (int k = 0; k < n; k++) {
            (of_successes ? today.succeeded : today.failed)[k] = rows[i].today[k] - '0';
            (of_both        ? today.succeeded
             : of_successes ? before.succeeded
                            : before.failed)[k] = rows[i].before[k] - '0';
        }
        if (alarm_fluctuates(&rows[i].f, &today, &before, n) != rows[i].wanted)
            fail_msg("row %zu", i);
        /* Against a day of which nothing is known only what stands for itself is judged. */
        before.counted = false;
        bool alone = type == ALARM_FAILURES_MANY || of_both;
        if (alarm_fluctuates(&rows[i].f, &today, &before, n) != (alone && rows[i].wanted))
            fail_msg("row %zu, the day before not counted", i);
    }
}

static void test_quiet__days_and_midnight(void **state)
{
    static const struct {
        unsigned days;
        int from, to; /* hours; the day is a Monday */
        int64_t second;
        bool quiet;
    } rows[] = {
        { 1u << 1, 0, 9, 0, true },           { 1u << 1, 0, 9, 9 * 3600 - 1, true },
        { 1u << 1, 0, 9, 9 * 3600, false },   { 1u << 2, 0, 9, 3600, false },
        { 1u << 7, 22, 6, 5 * 3600, true }, /* since Sunday */
        { 1u << 7, 22, 6, 23 * 3600, false }, { 1u << 1, 22, 6, 23 * 3600, true },
        { 1u << 1, 22, 6, 5 * 3600, false },  { 1u << 1, 22, 6, 86400 + 5 * 3600, true },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct alarm_quiet q = { rows[i].days, rows[i].from * 3600, rows[i].to * 3600 };
        struct alarm_group g = { .quiet = &q, .n_quiet = 1 };
        if (alarm_is_quiet(&g, at(rows[i].second)) != rows[i].quiet)
            fail_msg("row %zu", i);
    }
}

static void test_body__is_json_whatever_the_names_are(void **state)
{
    struct alarm_notice n = { .message_id = 5,
                              .project_id = STR("1"),
                              .rule_id = STR("r"),
                              .rule_name = STR("a \"quoted\" \xff name"),
                              .reason = STR("failure"),
                              .text = STR("line one\n第二行 \\ \" \x01"),
                              .level = ALARM_URGENT,
                              .task_id = 20240101000000001,
                              .task_name = STR("t"),
                              .number = 2,
                              .escalation = STR("boss"),
                              .recipients = STR("1;2"),
                              .fired_at = at(0) };
    char many[4000];

    (void)state;
    for (int way = ALARM_BY_HTTP; way < ALARM_WAY_N_; way++) {
        struct buf out;
        buf_init(&out, 1 << 16);
        alarm_body((enum alarm_way)way, &n, &out);
        json_t *o = json_loadb(out.ptr, out.len, 0, NULL);
        if (!o)
            fail_msg("way %d: %s", way, out.ptr);
        json_decref(o);
        buf_done(&out);
    }
    /* Robots take short texts only; characters stay whole. */
    memset(many, 0, sizeof(many));
    for (size_t i = 0; i + 3 < sizeof(many); i += 3)
        memcpy(many + i, "中", 3);
    n.text = str_from(many);
    struct buf out;
    buf_init(&out, 1 << 16);
    alarm_body(ALARM_BY_WECOM, &n, &out);
    json_t *o = json_loadb(out.ptr, out.len, 0, NULL);
    const json_t *content = json_object_get(json_object_get(o, "text"), "content");
    assert_true(json_string_length(content) <= 2048 && json_string_length(content) > 1500);
    json_decref(o);
    buf_done(&out);
}

/* No rule asked for it, and it is about a task: nothing is said of a rule or an instance. */
static void test_text__of_a_message_without_a_rule(void **state)
{
    struct alarm_notice n = { .project_id = STR("1"),
                              .reason = STR("upstreamDeleted"),
                              .text = STR("text"),
                              .level = ALARM_NORMAL,
                              .task_id = 20240101000000001,
                              .task_name = STR("t"),
                              .round = -1,
                              .number = 1,
                              .fired_at = at(0) };
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 16);
    alarm_subject(&n, &out);
    assert_string_equal(out.ptr, "[weft] upstreamDeleted t");
    buf_reset(&out);
    alarm_body(ALARM_BY_HTTP, &n, &out);
    json_t *o = json_loadb(out.ptr, out.len, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(o, "TaskId")), "20240101000000001");
    assert_string_equal(json_string_value(json_object_get(o, "TaskName")), "t");
    static const char *const absent[] = { "AlarmRuleId", "AlarmRuleName", "CurRunDate",
                                          "InstanceKey", "LifeRoundNum" };
    for (size_t i = 0; i < ARRAY_LEN(absent); i++)
        assert_null(json_object_get(o, absent[i]));
    json_decref(o);
    buf_done(&out);
}

static void test_answer__of_robots(void **state)
{
    static const struct {
        enum alarm_way way;
        int status;
        const char *body;
        bool taken;
    } rows[] = {
        { ALARM_BY_HTTP, 200, "{\"errcode\":1}", true },
        { ALARM_BY_HTTP, 204, "", true },
        { ALARM_BY_HTTP, 301, "", false },
        { ALARM_BY_HTTP, 500, "", false },
        { ALARM_BY_WECOM, 200, "{\"errcode\":0,\"errmsg\":\"ok\"}", true },
        { ALARM_BY_WECOM, 200, "{\"errcode\":93000,\"errmsg\":\"invalid webhook url\"}", false },
        { ALARM_BY_LARK, 200, "{\"code\":0}", true },
        { ALARM_BY_LARK, 200, "{\"code\":19001,\"msg\":\"param invalid\"}", false },
        { ALARM_BY_DINGTALK, 200, "{\"errcode\":310000}", false },
        { ALARM_BY_DINGTALK, 200, "no JSON", true },
        { ALARM_BY_SLACK, 200, "ok", true },
        { ALARM_BY_SLACK, 404, "no_service", false },
        { ALARM_BY_TEAMS, 202, "", true },
    };
    struct str why;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (alarm_was_taken(rows[i].way, rows[i].status, str_from(rows[i].body), &why) !=
            rows[i].taken)
            fail_msg("row %zu", i);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_change__by_run_type_state_and_trigger),
        TEST(test_deadline__table),
        TEST(test_fluctuation__table),
        TEST(test_quiet__days_and_midnight),
        TEST(test_body__is_json_whatever_the_names_are),
        TEST(test_text__of_a_message_without_a_rule),
        TEST(test_answer__of_robots),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
