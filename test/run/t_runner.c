/* test/run/t_runner.c - attempts from begin to end, with real processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"
#include "run/log_writer.h"
#include "sys/clock.h"
#include "sys/file.h"

static struct rig rig;

static int set_up(void **state)
{
    (void)state;
    rig_init(&rig, 0);
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
    static const struct { const char *code; enum attempt_outcome outcome; int exit_code, term_signal; } rows[] = {
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
        assert_non_null(strstr(rig_log(&rig, 1 + i), "weft: instance T1_2025-01-02 00:00:00, round 0, attempt 1"));
        assert_non_null(strstr(rig_log(&rig, 1 + i), "weft: ended "));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_end__exit_codes_and_signals, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
