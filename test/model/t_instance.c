/* test/model/t_instance.c - every pair of the state table against the text of
 * docs/reference/semantics.md 5.3, keys and phases. */
#include "model/instance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"

/* The transition diagram of 5.3 with 1.6, 5.8 and 2.8 as sentences, one for each line; every pair
 * that no sentence names must be illegal.  Written from the text, not from the table. */
static const struct {
    enum instance_state from;
    enum instance_event event;
    enum instance_state to;
} legal[] = {
    /* WAIT_EVENT --all events--> WAIT_UPSTREAM --all upstream + order--> WAIT_RUN --slot--> RUNNING
     */
    { INSTANCE_WAIT_EVENT, EVENT_EVENTS_DONE, INSTANCE_WAIT_UPSTREAM },
    { INSTANCE_WAIT_UPSTREAM, EVENT_UPSTREAMS_DONE, INSTANCE_WAIT_RUN },
    { INSTANCE_WAIT_RUN, EVENT_DISPATCHED, INSTANCE_RUNNING },
    /* dry run: WAIT_RUN --> COMPLETED without running */
    { INSTANCE_WAIT_RUN, EVENT_DRY_RUN, INSTANCE_COMPLETED },
    /* RUNNING --exit 0--> COMPLETED; fail, retries left --> FAILED_RETRY --wait--> WAIT_RUN; none
       left --> EXPIRED */
    { INSTANCE_RUNNING, EVENT_SUCCEEDED, INSTANCE_COMPLETED },
    { INSTANCE_RUNNING, EVENT_FAILED_MORE, INSTANCE_FAILED_RETRY },
    { INSTANCE_FAILED_RETRY, EVENT_RETRY_DUE, INSTANCE_WAIT_RUN },
    { INSTANCE_RUNNING, EVENT_FAILED_LAST, INSTANCE_EXPIRED },
    /* any of WAIT_EVENT, WAIT_UPSTREAM, WAIT_RUN, FAILED_RETRY, RUNNING --kill--> EXPIRED */
    { INSTANCE_WAIT_EVENT, EVENT_KILLED, INSTANCE_EXPIRED },
    { INSTANCE_WAIT_UPSTREAM, EVENT_KILLED, INSTANCE_EXPIRED },
    { INSTANCE_WAIT_RUN, EVENT_KILLED, INSTANCE_EXPIRED },
    { INSTANCE_FAILED_RETRY, EVENT_KILLED, INSTANCE_EXPIRED },
    { INSTANCE_RUNNING, EVENT_KILLED, INSTANCE_EXPIRED },
    /* WAIT_* --event wait limit, total wait limit--> EXPIRED */
    { INSTANCE_WAIT_EVENT, EVENT_WAIT_EXPIRED, INSTANCE_EXPIRED },
    { INSTANCE_WAIT_UPSTREAM, EVENT_WAIT_EXPIRED, INSTANCE_EXPIRED },
    { INSTANCE_WAIT_RUN, EVENT_WAIT_EXPIRED, INSTANCE_EXPIRED },
    /* WAIT_UPSTREAM --upstream skipped--> SKIP_RUNNING */
    { INSTANCE_WAIT_UPSTREAM, EVENT_SKIPPED, INSTANCE_SKIP_RUNNING },
    /* 1.6: what still waits on a deleted task --> EXPIRED */
    { INSTANCE_WAIT_EVENT, EVENT_UPSTREAM_DELETED, INSTANCE_EXPIRED },
    { INSTANCE_WAIT_UPSTREAM, EVENT_UPSTREAM_DELETED, INSTANCE_EXPIRED },
    /* 5.8: a merge whose condition is false, a branch whose condition is none --> EXPIRED */
    { INSTANCE_WAIT_UPSTREAM, EVENT_CONTROL_FAILED, INSTANCE_EXPIRED },
    { INSTANCE_WAIT_RUN, EVENT_CONTROL_FAILED, INSTANCE_EXPIRED },
    /* EXPIRED, COMPLETED, SKIP_RUNNING --rerun, backfill--> a new round */
    { INSTANCE_COMPLETED, EVENT_NEW_ROUND, INSTANCE_WAIT_EVENT },
    { INSTANCE_EXPIRED, EVENT_NEW_ROUND, INSTANCE_WAIT_EVENT },
    { INSTANCE_SKIP_RUNNING, EVENT_NEW_ROUND, INSTANCE_WAIT_EVENT },
    /* 5.8: set success on everything but RUNNING; COMPLETED stays */
    { INSTANCE_WAIT_EVENT, EVENT_SET_SUCCESS, INSTANCE_COMPLETED },
    { INSTANCE_WAIT_UPSTREAM, EVENT_SET_SUCCESS, INSTANCE_COMPLETED },
    { INSTANCE_WAIT_RUN, EVENT_SET_SUCCESS, INSTANCE_COMPLETED },
    { INSTANCE_FAILED_RETRY, EVENT_SET_SUCCESS, INSTANCE_COMPLETED },
    { INSTANCE_COMPLETED, EVENT_SET_SUCCESS, INSTANCE_COMPLETED },
    { INSTANCE_EXPIRED, EVENT_SET_SUCCESS, INSTANCE_COMPLETED },
    { INSTANCE_SKIP_RUNNING, EVENT_SET_SUCCESS, INSTANCE_COMPLETED },
};

static int expected(enum instance_state from, enum instance_event event)
{
    for (size_t i = 0; i < ARRAY_LEN(legal); i++)
        if (legal[i].from == from && legal[i].event == event)
            return (int)legal[i].to;
    return INSTANCE_ILLEGAL;
}

static void test_every_pair__is_as_the_text_says(void **state)
{
    (void)state;
    for (int s = 0; s < INSTANCE_STATE_N_; s++)
        for (int e = 0; e < INSTANCE_EVENT_N_; e++) {
            int got = instance_next((enum instance_state)s, (enum instance_event)e);
            int want = expected((enum instance_state)s, (enum instance_event)e);
            if (got != want)
                fail_msg("%s + %s: %d, the text says %d",
                         instance_state_name((enum instance_state)s),
                         instance_event_name((enum instance_event)e), got, want);
        }
}

static void test_terminal_states__are_left_by_operators_only(void **state)
{
    (void)state;
    for (int s = 0; s < INSTANCE_STATE_N_; s++) {
        if (!instance_state_is_terminal((enum instance_state)s))
            continue;
        for (int e = 0; e < INSTANCE_EVENT_N_; e++)
            if (e != EVENT_SET_SUCCESS && e != EVENT_NEW_ROUND)
                assert_int_equal(instance_next((enum instance_state)s, (enum instance_event)e),
                                 INSTANCE_ILLEGAL);
    }
    assert_true(instance_state_is_terminal(INSTANCE_COMPLETED));
    assert_true(instance_state_is_terminal(INSTANCE_EXPIRED));
    assert_true(instance_state_is_terminal(INSTANCE_SKIP_RUNNING));
    assert_false(instance_state_is_terminal(INSTANCE_FAILED_RETRY));
    assert_false(instance_state_is_terminal(INSTANCE_RUNNING));
}

/* From every state that is not terminal a terminal one can be reached: nothing is a trap. */
static void test_every_state__can_end(void **state)
{
    (void)state;
    bool ends[INSTANCE_STATE_N_] = { false };
    for (int round = 0; round < INSTANCE_STATE_N_; round++)
        for (int s = 0; s < INSTANCE_STATE_N_; s++) {
            ends[s] = ends[s] || instance_state_is_terminal((enum instance_state)s);
            for (int e = 0; e < INSTANCE_EVENT_N_; e++) {
                int next = instance_next((enum instance_state)s, (enum instance_event)e);
                ends[s] = ends[s] || (next != INSTANCE_ILLEGAL && ends[next]);
            }
        }
    for (int s = 0; s < INSTANCE_STATE_N_; s++)
        assert_true(ends[s]);
}

static void test_names__are_the_api_s_and_come_back(void **state)
{
    (void)state;
    static const char *const names[] = {
        "WAIT_EVENT",   "WAIT_UPSTREAM", "WAIT_RUN", "RUNNING",
        "FAILED_RETRY", "COMPLETED",     "EXPIRED",  "SKIP_RUNNING"
    };
    for (int s = 0; s < INSTANCE_STATE_N_; s++) {
        enum instance_state back = INSTANCE_STATE_N_;
        assert_string_equal(instance_state_name((enum instance_state)s), names[s]);
        assert_true(instance_state_from_name(str_from(names[s]), &back));
        assert_int_equal(back, s);
    }
    enum instance_state untouched = INSTANCE_RUNNING;
    assert_false(instance_state_from_name(STR("running"), &untouched));
    assert_false(instance_state_from_name(STR(""), &untouched));
    assert_int_equal(untouched, INSTANCE_RUNNING);
    for (int e = 0; e < INSTANCE_EVENT_N_; e++)
        assert_non_null(instance_event_name((enum instance_event)e));
    assert_string_equal(run_type_name(RUN_PERIODIC, false), "PERIODIC");
    assert_string_equal(run_type_name(RUN_MANUAL, true), "APERIODIC_SKIP_RUN");
    assert_string_equal(run_type_name(RUN_MANUAL, false), "MANUAL_TRIGGER");
    assert_string_equal(run_type_name(RUN_RERUN_MANUAL, false), "RERUN_MANUAL_TRIGGER");
    assert_string_equal(run_type_name(RUN_RERUN, false), "RERUN");
    assert_string_equal(run_type_name(RUN_ADDITION, true), "ADDITION_SKIP_RUN");
}

static void test_keys__round_trip(void **state)
{
    (void)state;
    struct instance_key key = { 20250910174556035, civil_make(2025, 8, 27, 1, 0, 0) }, back;
    struct buf out;

    buf_init(&out, 100);
    instance_key_format(key, &out);
    assert_string_equal(out.ptr, "20250910174556035_2025-08-27 01:00:00");
    assert_true(instance_key_parse(buf_str(&out), &back));
    assert_true(back.task_id == key.task_id && back.data_time.s == key.data_time.s);
    buf_done(&out);
    static const char *const wrong[] = { "",
                                         "_",
                                         "20250910174556035",
                                         "20250910174556035_",
                                         "_2025-08-27 01:00:00",
                                         "x_2025-08-27 01:00:00",
                                         "-5_2025-08-27 01:00:00",
                                         "05_2025-08-27 01:00:00",
                                         "20250910174556035_2025-08-27",
                                         "20250910174556035_2025-08-27 01:00:00 ",
                                         "20250910174556035_2025-02-29 01:00:00",
                                         "99999999999999999999_2025-08-27 01:00:00" };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        back = key;
        assert_false(instance_key_parse(str_from(wrong[i]), &back));
        assert_true(back.task_id == key.task_id);
    }
}

static void test_phases__close_and_open(void **state)
{
    (void)state;
    struct buf text;
    struct phase phases[PHASES_MAX];

    buf_init(&text, PHASES_TEXT_MAX);
    assert_int_equal(phases_parse(buf_str(&text), phases), 0);
    phases_push(&text, INSTANCE_WAIT_RUN, (struct wall){ 1000 });
    assert_int_equal(phases_parse(buf_str(&text), phases), 1);
    assert_int_equal(phases[0].state, INSTANCE_WAIT_RUN);
    assert_int_equal(phases[0].start.us, 1000);
    assert_false(wall_is_set(phases[0].end));
    phases_push(&text, INSTANCE_RUNNING, (struct wall){ 2000 });
    phases_push(&text, INSTANCE_COMPLETED, (struct wall){ 5000 });
    assert_int_equal(phases_parse(buf_str(&text), phases), 3);
    assert_int_equal(phases[0].end.us, 2000);
    assert_int_equal(phases[1].start.us, 2000);
    assert_int_equal(phases[1].end.us, 5000);
    assert_int_equal(phases[2].state, INSTANCE_COMPLETED);
    assert_int_equal(phases[2].start.us, 5000);
    assert_int_equal(phases[2].end.us, 5000);
    /* Set success on an ended instance. */
    phases_push(&text, INSTANCE_COMPLETED, (struct wall){ 7000 });
    assert_int_equal(phases_parse(buf_str(&text), phases), 4);
    assert_int_equal(phases[2].end.us, 5000);
    buf_done(&text);
}

/* Against a plain array of what was pushed. */
static void test_phases__keep_the_first_and_the_newest(void **state)
{
    (void)state;
    struct prng random;
    struct buf text;
    struct phase phases[PHASES_MAX];
    int64_t now = 1764000000000000, first = now, starts[500];

    prng_init(&random, 7);
    buf_init(&text, PHASES_TEXT_MAX);
    for (int n = 0; n < 500; n++) {
        starts[n] = now;
        phases_push(&text, n % 2 ? INSTANCE_RUNNING : INSTANCE_FAILED_RETRY, (struct wall){ now });
        assert_false(text.overflow);
        int count = phases_parse(buf_str(&text), phases);
        int want = n + 1 < PHASES_MAX ? n + 1 : PHASES_MAX;
        assert_int_equal(count, want);
        assert_int_equal(phases[0].start.us, first);
        for (int k = 1; k < count; k++)
            assert_int_equal(phases[k].start.us, starts[n + 1 - count + k]);
        assert_false(wall_is_set(phases[count - 1].end));
        now += prng_range(&random, 0, 1000000000);
    }
    buf_done(&text);
}

static void test_phases__refuse_what_is_not_theirs(void **state)
{
    (void)state;
    struct phase phases[PHASES_MAX];
    static const char *const wrong[] = { "x",      "1",     "1@",    "1@5",    "9@5-6",
                                         "-1@5-6", "1@a-6", "1@5-b", "1@5-6;", "1@5-6;;" };

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        int n = phases_parse(str_from(wrong[i]), phases);
        /* A text that ends after a separator has nothing behind it. */
        if (strcmp(wrong[i], "1@5-6;") == 0)
            assert_int_equal(n, 1);
        else
            assert_int_equal(n, -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_pair__is_as_the_text_says),
        cmocka_unit_test(test_terminal_states__are_left_by_operators_only),
        cmocka_unit_test(test_every_state__can_end),
        cmocka_unit_test(test_names__are_the_api_s_and_come_back),
        cmocka_unit_test(test_keys__round_trip),
        cmocka_unit_test(test_phases__close_and_open),
        cmocka_unit_test(test_phases__keep_the_first_and_the_newest),
        cmocka_unit_test(test_phases__refuse_what_is_not_theirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
