/* test/run/t_runner.c - attempts from begin to end, with real processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rig.h"
#include "run/log_writer.h"
#include "run/logs.h"
#include "run/wire.h"
#include "sys/clock.h"
#include "sys/file.h"

static struct rig rig;

static int set_up(void **state)
{
    (void)state;
    rig_init(&rig, 0);
    return 0;
}

static int set_up_as_root(void **state)
{
    (void)state;
    rig_init(&rig, RIG_AS_ROOT);
    return 0;
}

static int set_up_long_path(void **state)
{
    (void)state;
    rig_init(&rig, RIG_LONG_PATH);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_done(&rig);
    return 0;
}

static void test_end__exit_codes_and_signals(void **state)
{
    static const struct {
        const char *code;
        enum attempt_outcome outcome;
        int exit_code, term_signal;
    } rows[] = {
        { "true", ATTEMPT_EXITED, 0, 0 },
        { "", ATTEMPT_EXITED, 0, 0 },
        { "exit 1", ATTEMPT_EXITED, 1, 0 },
        { "exit 255", ATTEMPT_EXITED, 255, 0 },
        { "no-such-program-here", ATTEMPT_EXITED, 127, 0 },
        { "kill -9 $$", ATTEMPT_SIGNALED, 0, 9 },
        { "kill -TERM $$; sleep 5", ATTEMPT_SIGNALED, 0, 15 },
        { "ulimit -c 0; kill -SEGV $$", ATTEMPT_SIGNALED, 0, 11 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct rig_attempt *a = rig_run(&rig, 1 + i, rows[i].code);
        assert_int_equal(a->end.outcome, rows[i].outcome);
        assert_int_equal(a->end.exit_code, rows[i].exit_code);
        assert_int_equal(a->end.term_signal, rows[i].term_signal);
        assert_int_equal(a->n_running, 1);
        assert_true(a->end.started_at.us > 0 && a->end.ended_at.us >= a->end.started_at.us);
        assert_true(a->end.memory_peak_kb > 100);
        assert_non_null(strstr(rig_log(&rig, 1 + i),
                               "weft: instance T1_2025-01-02 00:00:00, round 0, attempt 1"));
        assert_non_null(strstr(rig_log(&rig, 1 + i), "weft: ended "));
    }
}

static void test_end__work_of_the_cpu_is_counted(void **state)
{
    const struct rig_attempt *a =
        rig_run(&rig, 1, "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done");

    (void)state;
    assert_true(a->end.user_us + a->end.system_us > 20000);
    assert_true(a->end.user_us + a->end.system_us < 20000000);
}

static void test_not_started__says_why(void **state)
{
    static const struct attempt_param wrong = { { "python_sub_version", 18 }, { "python9", 7 } };
    struct attempt_spec spec = { .fence = 2, .type_id = 30, .params = &wrong, .n_params = 1 };
    struct buf code;

    (void)state;
    rig_begin(&rig, 1, 9999, "true");
    rig_wait_ended(&rig, 1);
    assert_int_equal(rig.attempts[1].end.outcome, ATTEMPT_NOT_STARTED);
    assert_int_equal(rig.attempts[1].end.started_at.us, 0);
    assert_non_null(strstr(rig.attempts[1].text, "type 9999"));
    assert_int_equal(rig.attempts[1].n_running, 0);
    run_client_begin(rig.client, &spec);
    rig_wait_ended(&rig, 2);
    assert_int_equal(rig.attempts[2].end.outcome, ATTEMPT_NOT_STARTED);
    assert_non_null(strstr(rig.attempts[2].text, "python9"));
    /* Code over the limit is refused, and the connection lives on. */
    buf_init(&code, SIZE_MAX);
    memset(buf_reserve(&code, WIRE_CODE_MAX + 2), '#', WIRE_CODE_MAX + 1);
    buf_grown(&code, WIRE_CODE_MAX + 1);
    spec = (struct attempt_spec){ .fence = 3, .type_id = 35, .code = buf_str(&code) };
    run_client_begin(rig.client, &spec);
    rig_wait_ended(&rig, 3);
    assert_int_equal(rig.attempts[3].end.outcome, ATTEMPT_NOT_STARTED);
    spec.fence = 4;
    spec.code.len = WIRE_CODE_MAX;
    run_client_begin(rig.client, &spec);
    rig_wait_ended(&rig, 4);
    assert_int_equal(rig.attempts[4].end.outcome, ATTEMPT_EXITED);
    assert_int_equal(rig.n_disconnected, 0);
    buf_done(&code);
}

static void test_output__lines_levels_and_order(void **state)
{
    static const struct {
        const char *code, *output;
    } rows[] = {
        { "echo one; echo two", "one|two" },
        { "printf 'no newline'", "no newline" },
        { "printf 'a\\n\\nb\\n'", "a||b" },
        { "printf 'a\\nb'; printf 'c\\n'", "a|bc" },
    };
    const char *log;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        rig_run(&rig, 1 + i, rows[i].code);
        assert_string_equal(rig_output(&rig, 1 + i), rows[i].output);
    }
    rig_run(&rig, 10,
            "echo plain; echo bad >&2; echo 'WARN careful'; echo 'DEBUG x' >&2; "
            "echo '2025-01-01 00:00:00,123 ERROR late'; echo '[WARNING] w'; echo 'FATAL: f'; echo "
            "INFORMAL");
    log = rig_log(&rig, 10);
    assert_non_null(strstr(log, " INFO plain\n"));
    assert_non_null(strstr(log, " ERROR bad\n"));
    assert_non_null(strstr(log, " WARN WARN careful\n"));
    assert_non_null(strstr(log, " DEBUG DEBUG x\n"));
    assert_non_null(strstr(log, " ERROR 2025-01-01 00:00:00,123 ERROR late\n"));
    assert_non_null(strstr(log, " WARN [WARNING] w\n"));
    assert_non_null(strstr(log, " FATAL FATAL: f\n"));
    assert_non_null(strstr(log, " INFO INFORMAL\n"));
    rig_run(&rig, 11, "for i in 1 2 3; do echo o$i; sleep 0.05; echo e$i >&2; sleep 0.05; done");
    assert_string_equal(rig_output(&rig, 11), "o1|e1|o2|e2|o3|e3");
}

static void test_output__every_byte_is_kept(void **state)
{
    const char *log, *at;

    (void)state;
    rig_run(&rig, 1,
            "printf '\\000\\001\\377\\376\\r\\033x\\n'; head -c 300000 /dev/zero | tr '\\000' a; "
            "echo; echo behind");
    log = rig_log(&rig, 1);
    at = strstr(log, " INFO ");
    at = strchr(at, '\n') + 1; /* behind our first line */
    assert_memory_equal(at + LOG_TIME_LEN, " INFO \0\1\377\376\r\033x\n", 6 + 8);
    /* The long line became several of at most LOG_LINE_MAX, together with all its bytes. */
    size_t longest = 0, total = 0;
    struct str rest = str_from(at + LOG_TIME_LEN + 14);
    while (rest.len > 0) {
        struct str line = str_split(&rest, '\n');
        ptrdiff_t a = str_find(line, STR(" INFO a"));
        if (a < 0)
            continue;
        total += line.len - (size_t)a - 6;
        longest = line.len - (size_t)a - 6 > longest ? line.len - (size_t)a - 6 : longest;
    }
    assert_int_equal(total, 300000);
    assert_int_equal(longest, LOG_LINE_MAX);
    assert_non_null(strstr(at + 14 + LOG_TIME_LEN, " INFO behind\n"));
}

static void test_output__much_of_it(void **state)
{
    size_t lines = 0;

    (void)state;
    rig_run(&rig, 1, "seq 1 300000; seq 1 100000 >&2");
    /* Not strchr: with strict string checks it reads to the end each time. */
    struct str log = str_from(rig_log(&rig, 1));
    for (size_t i = 0; i < log.len; i++)
        lines += log.ptr[i] == '\n';
    assert_int_equal(lines, 400002);
    assert_non_null(strstr(rig_log(&rig, 1), " INFO 300000\n"));
    assert_non_null(strstr(rig_log(&rig, 1), " ERROR 100000\n"));
}

static int set_up_small_log(void **state)
{
    setenv("TEST_LOG_BYTES_MAX", "100000", 1);
    set_up(state);
    unsetenv("TEST_LOG_BYTES_MAX");
    return 0;
}

static void test_output__the_limit_of_a_log(void **state)
{
    const struct rig_attempt *a =
        rig_run(&rig, 1, "seq 1 100000; touch done; echo last >&2; test -e done");
    const char *log = rig_log(&rig, 1);

    (void)state;
    assert_int_equal(a->end.exit_code, 0);
    assert_true(strlen(log) < 101000 && strlen(log) > 99000);
    assert_non_null(strstr(log, "has reached its limit of 100000 bytes"));
    assert_non_null(strstr(log, "bytes of output are not in this log"));
    assert_non_null(strstr(log, "weft: ended with exit code 0"));
    assert_null(strstr(log, " ERROR last"));
}

/* docs/reference/semantics.md 6.3, 4.3 */
static void test_outputs__are_taken_from_what_is_printed(void **state)
{
    static const struct attempt_param outputs[] = {
        { { "n", 1 }, { "$[0]", 4 } },
        { { "second", 6 }, { "$[1][1]", 7 } },
        { { "gone", 4 }, { "$[7][0]", 7 } },
    };
    struct attempt_spec spec = { .fence = 1,
                                 .type_id = 35,
                                 .code = STR("echo 42; echo to stderr >&2; echo a,b;"
                                             "echo ev=\"A,20220713;B,20220713;\""),
                                 .outputs = outputs,
                                 .n_outputs = 3,
                                 .event_hook = STR("ev") };

    (void)state;
    run_client_begin(rig.client, &spec);
    rig_wait_ended(&rig, 1);
    assert_int_equal(rig.attempts[1].end.outcome, ATTEMPT_EXITED);
    assert_string_equal(rig.attempts[1].outputs, "{\"n\":\"42\",\"second\":\"b\",\"gone\":\"\"}");
    assert_string_equal(rig.attempts[1].events, "A,20220713;B,20220713;");

    spec.fence = 2; /* what failed puts nothing out */
    spec.code = STR("echo 42; exit 3");
    run_client_begin(rig.client, &spec);
    rig_wait_ended(&rig, 2);
    assert_int_equal(rig.attempts[2].end.exit_code, 3);
    assert_string_equal(rig.attempts[2].outputs, "");

    spec.fence = 3; /* too long: said, and no success */
    spec.code = STR("head -c 70000 /dev/zero | tr '\\0' x; echo");
    run_client_begin(rig.client, &spec);
    rig_wait_ended(&rig, 3);
    assert_int_equal(rig.attempts[3].end.outcome, ATTEMPT_NO_OUTPUT);
    assert_non_null(strstr(rig.attempts[3].text, "output parameter `n` is longer than 64 KB"));
    assert_non_null(strstr(rig_log(&rig, 3), "output parameter `n` is longer than 64 KB"));

    spec.fence = 4; /* memory is bounded, whatever it prints */
    spec.code = STR("head -c 3000000 /dev/zero | tr '\\0' '\\n'; echo 1");
    run_client_begin(rig.client, &spec);
    rig_wait_ended(&rig, 4);
    assert_int_equal(rig.attempts[4].end.outcome, ATTEMPT_NO_OUTPUT);
    assert_non_null(strstr(rig.attempts[4].text, "printed more than 1024 KB"));
}

static void test_refusal__is_said(void **state)
{
    struct attempt_spec spec = {
        .fence = 1, .type_id = 35, .code = STR("true"), .refusal = STR("no value for `x`")
    };

    (void)state;
    run_client_begin(rig.client, &spec);
    rig_wait_ended(&rig, 1);
    assert_int_equal(rig.attempts[1].end.outcome, ATTEMPT_NOT_STARTED);
    assert_string_equal(rig.attempts[1].text, "could not start: no value for `x`");
}

static void test_leftovers__are_ended(void **state)
{
    const struct rig_attempt *a;
    struct mono start = clock_mono();

    (void)state;
    a = rig_run(
        &rig, 1,
        "sleep 1000 & (sleep 1000 & sleep 1000) & setsid sleep 1000 & "
        "setsid nohup sh -c 'trap \"\" TERM HUP; sleep 1000; sleep 1000' & echo main; exit 3");
    assert_int_equal(a->end.outcome, ATTEMPT_EXITED);
    assert_int_equal(a->end.exit_code, 3);
    assert_int_equal(rig_count_processes(&rig), 0);
    assert_true(mono_sub(clock_mono(), start).us < DUR_S(10).us);
    assert_non_null(strstr(rig_log(&rig, 1), "left processes behind"));
    assert_string_equal(rig_output(&rig, 1), "main");
}

static void test_kill__the_whole_tree(void **state)
{
    struct mono start;

    (void)state;
    rig_begin(&rig, 1, 35, "sleep 1000 & setsid sh -c 'sleep 1000 & sleep 1000' & echo up; wait");
    rig_wait_log(&rig, 1, " up\n");
    start = clock_mono();
    run_client_kill(rig.client, 1, DUR_S(30));
    rig_wait_ended(&rig, 1);
    assert_int_equal(rig.attempts[1].end.outcome, ATTEMPT_KILLED);
    assert_true(mono_sub(clock_mono(), start).us < DUR_S(10).us); /* SIGTERM was enough */
    assert_int_equal(rig_count_processes(&rig), 0);
    assert_non_null(strstr(rig_log(&rig, 1), "a kill was asked for"));
}

static void test_kill__who_ignores_sigterm(void **state)
{
    struct mono start;

    (void)state;
    rig_begin(&rig, 1, 35, "trap 'echo asked' TERM; echo up; while :; do sleep 0.05; done");
    rig_wait_log(&rig, 1, " up\n");
    start = clock_mono();
    run_client_kill(rig.client, 1, DUR_MS(400));
    rig_wait_ended(&rig, 1);
    assert_true(mono_sub(clock_mono(), start).us >= DUR_MS(400).us);
    assert_int_equal(rig.attempts[1].end.outcome, ATTEMPT_KILLED);
    assert_int_equal(rig.attempts[1].end.term_signal, SIGKILL);
    assert_non_null(strstr(rig_log(&rig, 1), " INFO asked\n"));
    assert_int_equal(rig_count_processes(&rig), 0);
}

static void test_kill__stopped_and_forking_processes(void **state)
{
    (void)state;
    rig_begin(&rig, 1, 35, "echo up; kill -STOP $$");
    rig_wait_log(&rig, 1, " up\n");
    rig_turn(&rig, 50);
    run_client_kill(rig.client, 1, DUR_S(10));
    rig_wait_ended(&rig, 1);
    assert_int_equal(rig.attempts[1].end.term_signal, SIGTERM);
    /* Each starts its successor and ends: no process lives longer than an instant. */
    rig_begin(&rig, 2, 35,
              "cat > f.sh <<'X'\ntrap '' TERM\n[ $1 -gt 3000 ] || sh f.sh $(($1+1)) &\nX\n"
              "for i in 1 2 3 4; do sh f.sh 0 & done; echo up; sleep 1000");
    rig_wait_log(&rig, 2, " up\n");
    run_client_kill(rig.client, 2, DUR_MS(0));
    rig_wait_ended(&rig, 2);
    assert_int_equal(rig.attempts[2].end.outcome, ATTEMPT_KILLED);
    assert_int_equal(rig_count_processes(&rig), 0);
}

static void test_kill__a_fork_bomb(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip(); /* its limit counts all processes of the user */
    rig_begin(&rig, 1, 35,
              "(sleep 100; kill -9 0) & " /* should the test itself be killed */
              "ulimit -u 200; echo up; bomb() { bomb | bomb & }; bomb; while :; do :; done");
    rig_wait_log(&rig, 1, " up\n");
    rig_turn(&rig, 300);
    assert_true(rig_count_processes(&rig) > 20);
    run_client_kill(rig.client, 1, DUR_MS(300));
    rig_wait_ended(&rig, 1);
    assert_int_equal(rig.attempts[1].end.outcome, ATTEMPT_KILLED);
    assert_int_equal(rig_count_processes(&rig), 0);
}

static void test_kill__before_begin_and_after_the_end(void **state)
{
    (void)state;
    run_client_kill(rig.client, 1, DUR_S(1));
    rig_wait_ended(&rig, 1);
    assert_int_equal(rig.attempts[1].end.outcome, ATTEMPT_NOT_STARTED);
    rig_begin(&rig, 1, 35, "echo ran");
    rig_turn(&rig, 200);
    assert_string_equal(rig_log(&rig, 1), "");
    /* begin and kill in one breath */
    rig_begin(&rig, 2, 35, "sleep 1000");
    run_client_kill(rig.client, 2, DUR_MS(100));
    rig_wait_ended(&rig, 2);
    assert_int_equal(rig.attempts[2].end.outcome, ATTEMPT_KILLED);
    rig_run(&rig, 3, "true");
    run_client_kill(rig.client, 3, DUR_MS(100));
    rig_turn(&rig, 100);
    assert_int_equal(rig.attempts[3].end.outcome, ATTEMPT_EXITED);
    assert_int_equal(rig_run(&rig, 4, "true")->end.outcome, ATTEMPT_EXITED);
}

static void test_environment__is_clean(void **state)
{
    (void)state;
    setenv("WEFT_SECRET_KEY", "do not tell", 1);
    rig_run(&rig, 1,
            "export -p | sed 's/=.*//' | sort | tr '\\n' ' '; echo; echo $WEFT_TASK_NAME; echo "
            "$WEFT_DATA_TIME; umask");
    assert_string_equal(
        rig_output(&rig, 1),
        "declare -x HOME declare -x LANG declare -x OLDPWD declare -x PATH declare -x PWD declare "
        "-x SHELL declare -x SHLVL "
        "declare -x WEFT_ATTEMPT declare -x WEFT_DATA_TIME declare -x WEFT_FENCE declare -x "
        "WEFT_INSTANCE_KEY declare -x WEFT_NODE declare -x WEFT_PLANNED_TIME declare -x "
        "WEFT_PROJECT_ID "
        "declare -x WEFT_ROUND declare -x WEFT_TASK_ID declare -x WEFT_TASK_NAME declare -x "
        "WEFT_WORK "
        "|the task|2025-01-02 00:00:00|0022");
    unsetenv("WEFT_SECRET_KEY");
    rig_run(&rig, 2,
            "ls /proc/self/fd; readlink /proc/self/fd/0; grep -E 'SigBlk|SigIgn|NoNewPrivs' "
            "/proc/self/status "
            "| tr -d '\\t\\n'; [ $(ps -o sid= -p $$) = $$ ] && echo leader");
    assert_non_null(
        strstr(rig_output(&rig, 2), "0|1|2|3|/dev/null")); /* 3 is the folder that ls reads */
    assert_non_null(strstr(rig_output(&rig, 2),
                           "SigBlk:0000000000000000SigIgn:0000000000000000NoNewPrivs:1leader"));
    rig_run(&rig, 3,
            "pwd; [ \"$PWD\" = \"$HOME\" ] && [ \"$PWD\" = \"$WEFT_WORK\" ] && echo same; ls; read "
            "x || echo no input");
    assert_non_null(strstr(rig_output(&rig, 3), "/work/3|same|script.sh|no input"));
}

static void test_work__leaves_nothing_to_the_next(void **state)
{
    (void)state;
    rig_run(&rig, 1, "touch left; mkdir -p a/b; ln -s /etc/passwd link; chmod 000 a");
    rig_run(&rig, 2, "ls");
    assert_string_equal(rig_output(&rig, 2), "script.sh");
    rig_run(&rig, 3, "rm script.sh; ln -s /tmp/weft-target script.sh");
    rig_run(&rig, 4, "ls -l script.sh | cut -c1; echo a longer script; echo than the next");
    assert_string_equal(rig_output(&rig, 4), "-|a longer script|than the next");
    rig_run(&rig, 5, "echo short");
    assert_string_equal(rig_output(&rig, 5), "short");
    assert_false(file_exists("/tmp/weft-target"));
}

static void test_user__is_nobody_and_sees_nothing(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    rig_run(&rig, 1,
            "id -un; id -G; cd ../..; for f in . attempts logs work fences runner.lock attempts/1 "
            "logs/000000/1.log; do "
            "ls $f >/dev/null 2>&1 && [ -r $f ] && echo reads $f; done; echo x > attempts/x; "
            "echo > work/x; cat /proc/$PPID/environ; kill -0 $PPID; echo done");
    assert_null(strstr(rig_output(&rig, 1), "reads"));
    assert_int_equal(strncmp(rig_output(&rig, 1), "nobody|65534|", 13), 0);
    assert_non_null(strstr(rig_output(&rig, 1), "attempts/x: Permission denied"));
    assert_non_null(strstr(rig_output(&rig, 1), "work/x: Permission denied"));
    assert_non_null(strstr(rig_output(&rig, 1), "environ: Permission denied"));
    assert_non_null(strstr(rig_output(&rig, 1), "Operation not permitted"));
}

static void test_user__root_when_asked(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    rig_run(&rig, 1, "id -u");
    assert_string_equal(rig_output(&rig, 1), "0");
}

static void test_python__runs(void **state)
{
    static const struct attempt_param two = { { "python_type", 11 }, { "python2", 7 } };
    struct attempt_spec spec = {
        .fence = 2, .type_id = 30, .params = &two, .n_params = 1, .code = STR("print 1")
    };

    (void)state;
    if (access("/usr/bin/python3", X_OK) != 0)
        skip();
    rig_begin(
        &rig, 1, 30,
        "import sys\nprint('out')\nprint('err', file=sys.stderr)\nprint('again')\nsys.exit(4)\n");
    rig_wait_ended(&rig, 1);
    assert_int_equal(rig.attempts[1].end.exit_code, 4);
    assert_int_equal(rig.attempts[1].end.outcome, ATTEMPT_EXITED);
    assert_non_null(strstr(rig_log(&rig, 1), " ERROR err\n"));
    if (access("/usr/bin/python2", X_OK) == 0 || access("/usr/local/bin/python2", X_OK) == 0)
        return;
    run_client_begin(rig.client, &spec);
    rig_wait_ended(&rig, 2);
    assert_int_equal(rig.attempts[2].end.outcome, ATTEMPT_NOT_STARTED);
    assert_non_null(strstr(rig.attempts[2].text, "python2 is not installed"));
}

static void test_runner__does_not_get_the_keys(void **state)
{
    char path[64];
    struct buf text;

    (void)state;
    setenv("WEFT_SECRET_KEY", "do not tell", 1);
    rig_kill_runner(&rig);
    rig_wait_synced(&rig, 2);
    unsetenv("WEFT_SECRET_KEY");
    snprintf(path, sizeof(path), "/proc/%d/environ", (int)rig_runner_pid(&rig));
    buf_init(&text, 1 << 20);
    assert_int_equal(file_read(path, &text, NULL), E_OK);
    assert_true(str_find(buf_str(&text), STR("PATH=")) >= 0);
    assert_int_equal(str_find(buf_str(&text), STR("do not tell")), -1);
    buf_done(&text);
}

static void test_runner__is_one_per_folder(void **state)
{
    char log[PATH_MAX + 64];
    pid_t pid = fork();
    int status;

    (void)state;
    snprintf(log, sizeof(log), "%s/second.log", rig.dir);
    if (pid == 0) {
        if (!freopen(log, "w", stderr))
            _exit(99);
        execl(TEST_RUNNER, "weft", "runner", "--dir", rig.dir, (char *)NULL);
        _exit(99);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    assert_int_equal(rig_run(&rig, 1, "exit 2")->end.exit_code, 2);
}

static void test_fence__is_never_used_twice(void **state)
{
    char marker[PATH_MAX];
    char code[PATH_MAX + 64];

    (void)state;
    snprintf(marker, sizeof(marker), "/tmp/weft-fence-%d", (int)getpid());
    snprintf(code, sizeof(code), "echo x >> %.200s; sleep 0.2", marker);
    unlink(marker);
    rig.no_ack = true;
    rig_begin(&rig, 1, 35, code);
    rig_begin(&rig, 1, 35, code);
    rig_wait_running(&rig, 1);
    rig_begin(&rig, 1, 35, code);
    rig_wait_ended(&rig, 1);
    rig_begin(&rig, 1, 35, code); /* ended, not acknowledged: told again */
    rig_turn(&rig, 300);
    assert_int_equal(rig.attempts[1].n_ended, 2);
    run_client_ack(rig.client, 1);
    rig.attempts[1].n_ended = 0;
    rig_begin(&rig, 1, 35, code); /* acknowledged: refused */
    rig_wait_ended(&rig, 1);
    assert_int_equal(rig.attempts[1].end.outcome, ATTEMPT_LOST);
    assert_non_null(strstr(rig.attempts[1].text, "was used before"));
    rig_kill_runner(&rig);
    rig_wait_synced(&rig, 2);
    rig.attempts[1].n_ended = 0;
    rig_begin(&rig, 1, 35, code); /* also by the next runner */
    rig_wait_ended(&rig, 1);
    assert_int_equal(rig.attempts[1].end.outcome, ATTEMPT_LOST);
    rig_turn(&rig, 300);
    struct stat st;
    assert_int_equal(stat(marker, &st), 0);
    assert_int_equal(st.st_size, 2); /* it ran once */
    unlink(marker);
}

static void test_long_path__works(void **state)
{
    (void)state;
    assert_int_equal(rig_run(&rig, 1, "exit 7")->end.exit_code, 7);
}

static void test_many__at_once(void **state)
{
    (void)state;
    for (uint64_t f = 1; f <= 200; f++)
        rig_begin(&rig, f, 35, "echo $WEFT_FENCE; exit $((WEFT_FENCE % 7))");
    for (uint64_t f = 1; f <= 200; f++) {
        char text[24];
        rig_wait_ended(&rig, f);
        assert_int_equal(rig.attempts[f].end.exit_code, f % 7);
        assert_int_equal(rig.attempts[f].n_ended, 1);
        snprintf(text, sizeof(text), "%d", (int)f);
        assert_string_equal(rig_output(&rig, f), text);
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_end__exit_codes_and_signals),
        T(test_end__work_of_the_cpu_is_counted),
        T(test_not_started__says_why),
        T(test_output__lines_levels_and_order),
        T(test_output__every_byte_is_kept),
        T(test_output__much_of_it),
        T(test_outputs__are_taken_from_what_is_printed),
        T(test_refusal__is_said),
        cmocka_unit_test_setup_teardown(test_output__the_limit_of_a_log, set_up_small_log,
                                        tear_down),
        T(test_leftovers__are_ended),
        T(test_kill__the_whole_tree),
        T(test_kill__who_ignores_sigterm),
        T(test_kill__stopped_and_forking_processes),
        T(test_kill__a_fork_bomb),
        T(test_kill__before_begin_and_after_the_end),
        T(test_environment__is_clean),
        T(test_work__leaves_nothing_to_the_next),
        T(test_user__is_nobody_and_sees_nothing),
        cmocka_unit_test_setup_teardown(test_user__root_when_asked, set_up_as_root, tear_down),
        T(test_python__runs),
        T(test_runner__does_not_get_the_keys),
        T(test_runner__is_one_per_folder),
        T(test_fence__is_never_used_twice),
        cmocka_unit_test_setup_teardown(test_long_path__works, set_up_long_path, tear_down),
        T(test_many__at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
