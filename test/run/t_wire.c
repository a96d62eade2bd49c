/* test/run/t_wire.c - messages survive their way as lines, whatever the texts in them are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "run/task_type.h"
#include "run/wire.h"

static struct wire_message parse_one(const struct buf *text, struct arena *a)
{
    struct wire_message m = { 0 };
    struct err e = ERR_INIT;
    struct str line;
    size_t at = 0;

    assert_true(wire_next_line(text, &at, &line));
    assert_int_equal(at, text->len); /* one line, no newline inside */
    if (wire_parse(line, a, &m, &e) != E_OK)
        fail_msg("%s", e.text);
    return m;
}

static struct str random_code(struct prng *p, struct arena *a)
{
    size_t len = prng_below(p, 200);
    char *bytes = arena_alloc(a, len + 1);

    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)prng_below(p, 256);
    return str_make(bytes, len);
}

static void test_begin__comes_through(void **state)
{
    struct prng p;

    (void)state;
    prng_init(&p, 3);
    for (int round = 0; round < 500; round++) {
        struct arena a;
        struct buf out;
        arena_init(&a);
        buf_init(&out, SIZE_MAX);
        struct attempt_param params[3] = { { STR("a"), STR("\"\\\n\xe4\xbd\xa0") },
                                           { STR(""), STR("") },
                                           { STR("k"), STR("v") } };
        struct attempt_spec spec = {
            .fence = prng_next(&p) >> 1,
            .type_id = 35,
            .instance_key = STR("1_2025-01-01 00:00:00"),
            .task_id = STR("1"),
            .task_name = STR("na\tme\"\xe4\xbb\xbb\xe5\x8a\xa1"),
            .round = 3,
            .number = 4,
            .resent = round % 2 != 0,
            .data_time = STR("d"),
            .planned_time = STR("p"),
            .project_id = STR("x"),
            .code = random_code(&p, &a),
            .params = params,
            .n_params = round % 4,
            .outputs = params,
            .n_outputs = round % 3,
            .event_hook = round % 2 ? STR("ev") : STR(""),
            .resources = round % 3 ? STR("/data/resources/12") : STR(""),
        };
        wire_put_begin(&out, &spec);
        struct wire_message m = parse_one(&out, &a);
        assert_int_equal(m.kind, WIRE_BEGIN);
        assert_true(m.fence == spec.fence && m.spec.fence == spec.fence);
        assert_int_equal(m.spec.type_id, 35);
        assert_int_equal(m.spec.round, 3);
        assert_int_equal(m.spec.number, 4);
        assert_int_equal(m.spec.resent, spec.resent);
        assert_true(str_eq(m.spec.code, spec.code));
        assert_true(str_eq(m.spec.task_name, spec.task_name));
        assert_true(str_eq(m.spec.instance_key, spec.instance_key));
        assert_int_equal(m.spec.n_params, spec.n_params);
        for (int i = 0; i < spec.n_params; i++)
            assert_true(str_eq(m.spec.params[i].key, params[i].key) &&
                        str_eq(m.spec.params[i].value, params[i].value));
        assert_int_equal(m.spec.n_outputs, spec.n_outputs);
        for (int i = 0; i < spec.n_outputs; i++)
            assert_true(str_eq(m.spec.outputs[i].key, params[i].key));
        assert_true(str_eq(m.spec.event_hook, spec.event_hook));
        assert_true(str_eq(m.spec.resources, spec.resources));
        buf_done(&out);
        arena_done(&a);
    }
}

static void test_begin__too_long_is_said(void **state)
{
    struct attempt_spec spec = { .fence = 7, .type_id = 35 };
    struct buf code, out;
    struct arena a;

    (void)state;
    arena_init(&a);
    buf_init(&code, SIZE_MAX);
    buf_init(&out, SIZE_MAX);
    memset(buf_reserve(&code, WIRE_CODE_MAX + 1), 'x', WIRE_CODE_MAX + 1);
    buf_grown(&code, WIRE_CODE_MAX + 1);
    spec.code = buf_str(&code);
    wire_put_begin(&out, &spec);
    assert_true(parse_one(&out, &a).is_refused);
    assert_true(str_eq_c(parse_one(&out, &a).spec.refusal, "the code is too long"));
    buf_reset(&out);
    spec.code.len = WIRE_CODE_MAX;
    wire_put_begin(&out, &spec);
    assert_true(out.len <= WIRE_LINE_MAX);
    assert_int_equal(parse_one(&out, &a).spec.code.len, WIRE_CODE_MAX);
    buf_done(&code);
    buf_done(&out);
    arena_done(&a);
}

static void test_others__come_through(void **state)
{
    struct buf out;
    struct arena a;

    (void)state;
    arena_init(&a);
    buf_init(&out, SIZE_MAX);
    for (int o = 0; o < ATTEMPT_OUTCOME_N_; o++) {
        struct attempt_end end = { .fence = 9,
                                   .outcome = (enum attempt_outcome)o,
                                   .exit_code = 200,
                                   .term_signal = 9,
                                   .started_at = { 5 },
                                   .ended_at = { 6 },
                                   .user_us = 7,
                                   .system_us = 8,
                                   .memory_peak_kb = 10,
                                   .text = STR("line\nbreak \"\xff\"") };
        buf_reset(&out);
        wire_put_ended(&out, &end);
        struct wire_message m = parse_one(&out, &a);
        assert_int_equal(m.kind, WIRE_ENDED);
        assert_int_equal(m.end.outcome, o);
        assert_int_equal(m.end.exit_code, 200);
        assert_int_equal(m.end.term_signal, 9);
        assert_true(m.end.fence == 9 && m.end.started_at.us == 5 && m.end.ended_at.us == 6 &&
                    m.end.user_us == 7);
        assert_true(m.end.system_us == 8 && m.end.memory_peak_kb == 10);
        assert_true(str_eq(m.end.text, STR("line\nbreak \"\xef\xbf\xbd\"")));
    }
    buf_reset(&out);
    wire_put_kill(&out, 3, DUR_MS(1500));
    assert_int_equal(parse_one(&out, &a).grace.us, 1500000);
    buf_reset(&out);
    wire_put_running(&out, 3, 11, 12, (struct wall){ 13 });
    struct wire_message m = parse_one(&out, &a);
    assert_true(m.kind == WIRE_RUNNING && m.pid == 11 && m.keeper_pid == 12 &&
                m.started_at.us == 13);
    buf_reset(&out);
    wire_put_hello(&out, 44, 65534);
    m = parse_one(&out, &a);
    assert_true(m.kind == WIRE_HELLO && m.pid == 44 && m.protocol == WIRE_PROTOCOL &&
                m.uid == 65534);
    buf_done(&out);
    arena_done(&a);
}

static void test_parse__nonsense_and_later_protocols(void **state)
{
    static const struct {
        const char *line;
        enum err_code rc;
        enum wire_kind kind;
    } rows[] = {
        { "", E_SYNTAX, 0 },
        { "x", E_SYNTAX, 0 },
        { "[]", E_SYNTAX, 0 },
        { "{", E_SYNTAX, 0 },
        { "{\"is\":\"ack\"}", E_SYNTAX, 0 },
        { "{\"is\":\"ack\",\"fence\":\"1\"}", E_SYNTAX, 0 },
        { "{\"is\":\"ack\",\"fence\":-1}", E_SYNTAX, 0 },
        { "{\"is\":\"ended\",\"fence\":1,\"outcome\":\"odd\"}", E_SYNTAX, 0 },
        { "{\"is\":\"ended\",\"fence\":1,\"outcome\":\"exited\",\"exit_code\":4294967296}",
          E_SYNTAX, 0 },
        { "{\"is\":\"ended\",\"fence\":1,\"outcome\":\"exited\",\"term_signal\":-4294967287}",
          E_SYNTAX, 0 },
        { "{\"is\":\"begin\",\"fence\":1,\"code\":\"\",\"number\":4294967297}", E_SYNTAX, 0 },
        { "{\"is\":\"begin\",\"fence\":1}", E_SYNTAX, 0 },
        { "{\"is\":\"begin\",\"fence\":1,\"code\":\"*\"}", E_SYNTAX, 0 },
        { "{}", E_OK, WIRE_UNKNOWN },
        { "{\"is\":\"later\",\"fence\":[]}", E_OK, WIRE_UNKNOWN },
        { "{\"is\":\"ack\",\"fence\":1,\"later\":{}}", E_OK, WIRE_ACK },
        { "{\"is\":\"synced\"}", E_OK, WIRE_SYNCED },
    };
    struct arena a;

    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct wire_message m = { .pid = 77 };
        enum err_code rc = wire_parse(str_from(rows[i].line), &a, &m, NULL);
        if (rc != rows[i].rc || (rc == E_OK && m.kind != rows[i].kind) ||
            (rc != E_OK && m.pid != 77))
            fail_msg("%s", rows[i].line);
    }
    arena_done(&a);
}

static void test_types__and_their_commands(void **state)
{
    static const struct {
        int id;
        const char *key, *value, *program;
    } rows[] = {
        { 35, "x", "y", "/bin/bash" },
        { 35, "shell_type", "bash", "/bin/bash" },
        { 35, "shell_type", "sh", "/bin/sh" },
        { 35, "shell_type", "csh", NULL },
        { 38, "x", "y", "/bin/bash" },
        { 30, "x", "y", "python3" },
        { 30, "python_sub_version", "python3", "python3" },
        { 30, "python_sub_version", "Python2", "python2" },
        { 30, "python_type", "python2", "python2" },
        { 30, "python_type", "jython", NULL },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct attempt_param param = { str_from(rows[i].key), str_from(rows[i].value) };
        struct attempt_spec spec = { .type_id = rows[i].id, .params = &param, .n_params = 1 };
        struct task_command command;
        struct err e = ERR_INIT;
        const struct task_type *type = task_type_find(rows[i].id);
        assert_non_null(type);
        enum err_code rc = type->command(&spec, &command, &e);
        assert_int_equal(rc == E_OK, rows[i].program != NULL);
        if (rc == E_OK)
            assert_string_equal(command.argv[0], rows[i].program);
        else
            assert_non_null(strstr(e.text, rows[i].value));
    }
    assert_null(task_type_find(130));
    assert_string_equal(task_type_find(35)->name, "Shell");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_begin__comes_through),
        cmocka_unit_test(test_begin__too_long_is_said),
        cmocka_unit_test(test_others__come_through),
        cmocka_unit_test(test_parse__nonsense_and_later_protocols),
        cmocka_unit_test(test_types__and_their_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
