/* test/core/t_running.c - slots, serial, attempts, retries, limits, kills, dry runs;
 * docs/reference/semantics.md 3.6, 5.2-5.6. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct world world;
static const char *const day5 = "2026-01-05 00:00:00";
static const char *const day6 = "2026-01-06 00:00:00";

static int setup(void **state)
{
    world_init(&world);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&world);
    return 0;
}

static struct task_spec *daily(struct world *w)
{
    return world_spec(w, CYCLE_DAY, "0 0 0 * * ? *");
}

/* ---- queue --------------------------------------------------------------------------------- */

static void test_slots__are_never_exceeded_and_go_by_priority_then_time(void **state)
{
    struct world *w = *state;

    world_group(w, "g", 1);
    for (int id = 1; id <= 4; id++) {
        struct task_spec *spec =
            world_spec(w, CYCLE_DAY, id == 3 ? "0 0 1 * * ? *" : "0 30 1 * * ? *");
        spec->group_id = STR("g");
        spec->priority = id == 4 ? 4 : 6;
        world_put(w, id, spec);
    }
    struct task_spec *blocker = daily(w);
    blocker->group_id = STR("g");
    world_put(w, 6, blocker);
    world_settle(w);
    world_to(w, "2026-01-05 02:00:00");
    assert_state(w, 6, day5, "RUNNING");
    assert_string_equal(world_why(w, 4, day5), "SLOT:0");
    assert_string_equal(world_why(w, 3, day5), "SLOT:1");
    assert_string_equal(world_why(w, 1, day5), "SLOT:2");
    assert_string_equal(world_why(w, 2, day5), "SLOT:3");
    struct group_load load;
    assert_true(core_group_load(w->core, STR("g"), &load));
    assert_int_equal(load.running, 1);
    assert_int_equal(load.queued, 4);
    static const int order[] = { 6, 4, 3, 1, 2 };
    for (int k = 0; k + 1 < 5; k++) {
        world_crash(w);
        world_end(w, world_key(order[k], day5), RESULT_SUCCESS);
        assert_state(w, order[k + 1], day5, "RUNNING");
    }
}

static void test_slots__more_and_fewer(void **state)
{
    struct world *w = *state;

    world_group(w, "g", 2);
    for (int id = 1; id <= 5; id++) {
        struct task_spec *spec = daily(w);
        spec->group_id = STR("g");
        world_put(w, id, spec);
    }
    world_settle(w);
    assert_int_equal(world_count(w, EFFECT_ATTEMPT_BEGIN), 2);
    world_group(w, "g", 3);
    world_settle(w);
    assert_int_equal(world_count(w, EFFECT_ATTEMPT_BEGIN), 3);
    /* Fewer: nobody is stopped, nobody is started. */
    world_group(w, "g", 1);
    world_settle(w);
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    world_end(w, world_key(2, day5), RESULT_SUCCESS);
    assert_int_equal(world_count(w, EFFECT_ATTEMPT_BEGIN), 3);
    world_end(w, world_key(3, day5), RESULT_SUCCESS);
    assert_int_equal(world_count(w, EFFECT_ATTEMPT_BEGIN), 4);
}

static void test_group__not_declared_has_the_default(void **state)
{
    struct world *w = *state;

    for (int id = 1; id <= 10; id++) {
        struct task_spec *spec = daily(w);
        spec->group_id = STR("unknown");
        world_put(w, id, spec);
    }
    world_settle(w);
    assert_int_equal(world_count(w, EFFECT_ATTEMPT_BEGIN), 8);
}

struct told {
    struct instance_key keys[8];
    int n;
};

static void take_told(void *ctx, const struct instance *i)
{
    struct told *told = ctx;

    assert_true(told->n < 8);
    told->keys[told->n++] = i->key;
}

/* Those of others and those that are over are not told. */
static void test_looking_in__tells_what_lives_of_a_task(void **state)
{
    struct world *w = *state;
    struct told told = { .n = 0 };

    for (int id = 1; id <= 2; id++) {
        struct task_spec *spec = world_spec(w, CYCLE_HOUR, "0 0 * * * ? *");
        spec->self_depend = SELF_SERIAL;
        world_put(w, id, spec);
    }
    world_to(w, "2026-01-05 02:30:00");
    world_end(w, world_key(1, "2026-01-05 00:00:00"), RESULT_SUCCESS);
    core_task_instances(w->core, 1, take_told, &told);
    assert_int_equal(told.n, 2);
    for (int k = 0; k < told.n; k++) {
        assert_int_equal(told.keys[k].task_id, 1);
        assert_int_equal(told.keys[k].data_time.s % 86400, 3600 * (k + 1));
    }
    core_task_instances(w->core, 3, take_told, &told);
    assert_int_equal(told.n, 2);
}

static void test_serial__runs_one_and_does_not_block_others(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = world_spec(w, CYCLE_HOUR, "0 0 * * * ? *");

    spec->self_depend = SELF_SERIAL;
    world_group(w, "", 2);
    world_put(w, 1, spec);
    world_to(w, "2026-01-05 03:00:00");
    assert_state(w, 1, "2026-01-05 00:00:00", "RUNNING");
    assert_state(w, 1, "2026-01-05 01:00:00", "WAIT_RUN");
    assert_string_equal(world_why(w, 1, "2026-01-05 01:00:00"), "SERIAL");
    world_put(w, 2, world_spec(w, CYCLE_DAY, "0 0 3 * * ? *"));
    world_settle(w);
    assert_state(w, 2, day5, "RUNNING");
    /* A failure does not block; the order is by time. */
    world_end(w, world_key(1, "2026-01-05 00:00:00"), RESULT_FAILED);
    assert_state(w, 1, "2026-01-05 01:00:00", "RUNNING");
    assert_state(w, 1, "2026-01-05 02:00:00", "WAIT_RUN");
}

static void test_serial__the_next_comes_when_the_one_in_the_queue_is_killed(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = world_spec(w, CYCLE_HOUR, "0 0 * * * ? *");

    spec->self_depend = SELF_SERIAL;
    world_group(w, "", 1);
    world_put(w, 1, spec);
    struct task_spec *high = world_spec(w, CYCLE_HOUR, "0 0 * * * ? *");
    high->priority = 4;
    world_to(w, "2026-01-05 03:00:00");
    world_put(w, 2, high);
    world_settle(w);
    /* Task 1 frees; its next instance stands behind task 2, and is killed there. */
    world_end(w, world_key(1, "2026-01-05 00:00:00"), RESULT_SUCCESS);
    assert_state(w, 2, "2026-01-05 03:00:00", "RUNNING");
    assert_true(core_kill(w->core, world_key(1, "2026-01-05 01:00:00"), STR("no"), w->now));
    world_settle(w);
    world_end(w, world_key(2, "2026-01-05 03:00:00"), RESULT_SUCCESS);
    assert_state(w, 1, "2026-01-05 02:00:00", "RUNNING");
    assert_state(w, 1, "2026-01-05 03:00:00", "WAIT_RUN");
}

static void test_serial__becoming_parallel_frees_all(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = world_spec(w, CYCLE_HOUR, "0 0 * * * ? *");

    spec->self_depend = SELF_SERIAL;
    world_put(w, 1, spec);
    world_to(w, "2026-01-05 03:00:00");
    assert_int_equal(world_count(w, EFFECT_ATTEMPT_BEGIN), 1);
    world_put(w, 1, world_spec(w, CYCLE_HOUR, "0 0 * * * ? *"));
    world_settle(w);
    assert_int_equal(world_count(w, EFFECT_ATTEMPT_BEGIN), 4);
    /* And back: those that run go on, no new one starts beside them. */
    world_put(w, 1, spec);
    world_to(w, "2026-01-05 04:00:00");
    assert_int_equal(world_count(w, EFFECT_ATTEMPT_BEGIN), 4);
    for (int h = 0; h < 4; h++) {
        char text[32];
        snprintf(text, sizeof(text), "2026-01-05 %02d:00:00", h);
        assert_int_equal(world_count(w, EFFECT_ATTEMPT_BEGIN), 4);
        world_end(w, world_key(1, text), RESULT_SUCCESS);
    }
    assert_int_equal(world_count(w, EFFECT_ATTEMPT_BEGIN), 5);
}

/* ---- attempts ------------------------------------------------------------------------------ */

static void test_dispatch__update_comes_before_begin(void **state)
{
    struct world *w = *state;

    world_put(w, 1, daily(w));
    world_settle(w);
    int n = w->n_log;
    assert_int_equal(w->log[n - 1].kind, EFFECT_ATTEMPT_BEGIN);
    assert_int_equal(w->log[n - 2].kind, EFFECT_INSTANCE_UPDATE);
    assert_int_equal(w->log[n - 1].fence, w->log[n - 2].i.fence);
    assert_int_equal(w->log[n - 2].i.state, INSTANCE_RUNNING);
    assert_string_equal(world_why(w, 1, day5), "RUNNER");
    core_attempt_running(w->core, w->log[n - 1].fence, w->now, w->now);
    assert_string_equal(world_why(w, 1, day5), "");
}

static void test_retry__until_the_limit(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = daily(w);

    spec->max_retries = 2;
    world_put(w, 1, spec);
    world_settle(w);
    world_end(w, world_key(1, day5), RESULT_FAILED);
    assert_state(w, 1, day5, "FAILED_RETRY");
    assert_string_equal(world_why(w, 1, day5), "RETRY");
    assert_int_equal(world_instance(w, 1, day5)->retry_at.us, world_at("2026-01-05 00:05:00").us);
    world_crash(w);
    world_to(w, "2026-01-05 00:04:59");
    assert_state(w, 1, day5, "FAILED_RETRY");
    world_to(w, "2026-01-05 00:05:00");
    assert_state(w, 1, day5, "RUNNING");
    assert_int_equal(world_instance(w, 1, day5)->tries, 2);
    assert_int_equal(world_instance(w, 1, day5)->started_at.us, world_at(day5).us);
    world_end(w, world_key(1, day5), RESULT_LOST);
    world_to(w, "2026-01-05 00:10:00");
    world_end(w, world_key(1, day5), RESULT_FAILED);
    const struct instance *i = world_instance(w, 1, day5);
    assert_int_equal(i->state, INSTANCE_EXPIRED);
    assert_int_equal(i->tries, 3);
    assert_int_equal(i->try_limit, 3);
    assert_true(str_eq_c(i->reason, "said the runner"));
    assert_true(i->fence == 0);
    struct phase phases[PHASES_MAX];
    static const enum instance_state want[] = { INSTANCE_WAIT_RUN,     INSTANCE_RUNNING,
                                                INSTANCE_FAILED_RETRY, INSTANCE_WAIT_RUN,
                                                INSTANCE_RUNNING,      INSTANCE_FAILED_RETRY,
                                                INSTANCE_WAIT_RUN,     INSTANCE_RUNNING,
                                                INSTANCE_EXPIRED };
    assert_int_equal(phases_parse(i->phases, phases), ARRAY_LEN(want));
    for (size_t k = 0; k < ARRAY_LEN(want); k++)
        assert_int_equal(phases[k].state, want[k]);
}

static void test_fence__stale_reports_change_nothing_but_are_acknowledged(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = daily(w);

    spec->max_retries = 3;
    world_put(w, 1, spec);
    world_settle(w);
    uint64_t first = world_instance(w, 1, day5)->fence;
    world_end(w, world_key(1, day5), RESULT_FAILED);
    world_to(w, "2026-01-05 00:05:00");
    uint64_t second = world_instance(w, 1, day5)->fence;
    assert_true(second != first && second != 0);
    world_forget(w);
    core_attempt_ended(w->core, first, RESULT_SUCCESS, STR(""), w->now, w->now);
    core_attempt_ended(w->core, 999, RESULT_SUCCESS, STR(""), w->now, w->now);
    core_attempt_running(w->core, first, w->now, w->now);
    world_settle(w);
    assert_state(w, 1, day5, "RUNNING");
    assert_int_equal(world_count(w, EFFECT_ATTEMPT_ACK), 2);
    assert_int_equal(w->n_log, 2);
    world_crash(w);
    assert_int_equal(world_instance(w, 1, day5)->fence, second);
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    assert_state(w, 1, day5, "COMPLETED");
}

static void test_kill__ends_from_every_state(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = daily(w);

    spec->max_retries = 3;
    world_group(w, "", 1);
    world_put(w, 1, spec);
    world_put(w, 2, spec);
    world_settle(w);
    assert_false(core_kill(w->core, world_key(1, day6), STR("no"), w->now));
    assert_true(core_kill(w->core, world_key(2, day5), STR("not wanted"), w->now));
    world_settle(w);
    assert_state(w, 2, day5, "EXPIRED");
    assert_true(str_eq_c(world_instance(w, 2, day5)->reason, "not wanted"));
    world_forget(w);
    assert_true(core_kill(w->core, world_key(1, day5), STR("not wanted"), w->now));
    assert_true(core_kill(w->core, world_key(1, day5), STR("again"), w->now));
    world_settle(w);
    assert_state(w, 1, day5, "RUNNING");
    assert_int_equal(world_count(w, EFFECT_ATTEMPT_KILL), 1);
    assert_string_equal(world_why(w, 1, day5), "KILL");
    world_crash(w); /* the message may be lost: it is said again */
    assert_int_equal(world_count(w, EFFECT_ATTEMPT_KILL), 2);
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    assert_state(w, 1, day5, "EXPIRED");
    assert_true(str_eq_c(world_instance(w, 1, day5)->reason, "not wanted"));
    /* In FAILED_RETRY. */
    world_to(w, day6);
    world_end(w, world_key(1, day6), RESULT_FAILED);
    assert_true(core_kill(w->core, world_key(1, day6), STR("no"), w->now));
    world_settle(w);
    assert_state(w, 1, day6, "EXPIRED");
    /* Somebody else ended the attempt: no retry either. */
    world_end(w, world_key(2, day6), RESULT_KILLED);
    assert_state(w, 2, day6, "EXPIRED");
}

static void said_running(struct world *w, struct instance_key key)
{
    core_attempt_running(w->core, core_instance_get(w->core, key)->fence, WALL_NONE, w->now);
}

/* It ended while the server was down: the limit is not for that time. */
static void test_execution_limit__waits_for_what_the_runner_says(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = daily(w);

    spec->execution_ttl_minutes = 10;
    world_put(w, 1, spec);
    world_settle(w);
    said_running(w, world_key(1, day5));
    uint64_t fence = world_instance(w, 1, day5)->fence;
    struct wall ended_at = wall_add(w->now, DUR_S(540));
    world_to(w, "2026-01-05 00:09:59");
    world_crash(w);
    world_to(w, "2026-01-05 03:00:00");
    assert_int_equal(world_count(w, EFFECT_ATTEMPT_KILL), 0);
    core_attempt_ended(w->core, fence, RESULT_SUCCESS, STR(""), ended_at, w->now);
    world_settle(w);
    assert_state(w, 1, day5, "COMPLETED");
    assert_int_equal(world_instance(w, 1, day5)->ended_at.us, ended_at.us);
}

static void test_execution_limit__is_a_failed_attempt(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = daily(w);

    spec->max_retries = 1;
    spec->execution_ttl_minutes = 10;
    world_put(w, 1, spec);
    world_settle(w);
    said_running(w, world_key(1, day5));
    world_to(w, "2026-01-05 00:09:59");
    world_crash(w);
    said_running(w, world_key(1, day5));
    assert_int_equal(world_count(w, EFFECT_ATTEMPT_KILL), 0);
    world_to(w, "2026-01-05 00:10:00");
    assert_int_equal(world_count(w, EFFECT_ATTEMPT_KILL), 1);
    assert_true(world_instance(w, 1, day5)->flags & INSTANCE_TIMED_OUT);
    world_crash(w);
    assert_int_equal(world_count(w, EFFECT_ATTEMPT_KILL), 2);
    world_end(w, world_key(1, day5), RESULT_KILLED);
    assert_state(w, 1, day5, "FAILED_RETRY");
    assert_false(world_instance(w, 1, day5)->flags & INSTANCE_TIMED_OUT);
    assert_true(
        str_eq_c(world_instance(w, 1, day5)->reason, "the limit of the execution time passed"));
    world_to(w, "2026-01-05 00:15:00");
    assert_state(w, 1, day5, "RUNNING");
    /* The clock of the second attempt is its own. */
    world_to(w, "2026-01-05 00:24:59");
    assert_int_equal(world_count(w, EFFECT_ATTEMPT_KILL), 2);
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    assert_state(w, 1, day5, "COMPLETED");
    assert_true(str_is_empty(world_instance(w, 1, day5)->reason));
}

static void test_wait_limit__ends_what_never_ran(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = daily(w);

    world_group(w, "", 1);
    spec->wait_ttl_minutes = 60;
    spec->max_retries = 3;
    spec->retry_wait_minutes = 120;
    world_put(w, 1, spec);
    world_put(w, 2, spec);
    world_settle(w);
    world_to(w, "2026-01-05 00:59:59");
    assert_state(w, 2, day5, "WAIT_RUN");
    world_crash(w);
    world_to(w, "2026-01-05 01:00:00");
    const struct instance *i = world_instance(w, 2, day5);
    assert_int_equal(i->state, INSTANCE_EXPIRED);
    assert_true(wall_is_set(i->ended_at) && !wall_is_set(i->started_at) && i->tries == 0);
    /* After the first attempt it counts no more. */
    world_end(w, world_key(1, day5), RESULT_FAILED);
    world_to(w, "2026-01-05 03:00:00");
    assert_state(w, 1, day5, "RUNNING");
}

static void test_version__is_taken_when_it_runs(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = daily(w);

    world_group(w, "", 0);
    world_put(w, 1, spec);
    world_settle(w);
    assert_int_equal(world_instance(w, 1, day5)->version_no, 1);
    spec = daily(w);
    spec->max_retries = 7;
    world_put(w, 1, spec);
    world_group(w, "", 1);
    world_settle(w);
    assert_int_equal(world_instance(w, 1, day5)->version_no, 2);
    assert_int_equal(world_instance(w, 1, day5)->try_limit, 8);
}

static void test_dry_run__completes_at_its_turn(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = daily(w);

    world_group(w, "", 1);
    world_put(w, 1, spec);
    spec = daily(w);
    spec->dry_run = true;
    world_upstream(w, spec, world_on(1, DEP_DAY, DEP_CURRENT_DAY));
    world_put(w, 2, spec);
    spec = daily(w);
    spec->dry_run = true;
    spec->self_depend = SELF_ORDERLY;
    world_put(w, 3, spec);
    world_settle(w);
    /* No slot is needed. */
    assert_state(w, 3, day5, "COMPLETED");
    assert_state(w, 2, day5, "WAIT_UPSTREAM");
    world_to(w, "2026-01-05 01:00:00");
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    const struct instance *i = world_instance(w, 2, day5);
    assert_int_equal(i->state, INSTANCE_COMPLETED);
    assert_true(i->started_at.us == w->now.us && i->ended_at.us == w->now.us);
    assert_int_equal(i->tries, 0);
    assert_int_equal(i->total_runs, 0);
    assert_true(i->flags & INSTANCE_DRY_RUN);
    assert_int_equal(world_count(w, EFFECT_ATTEMPT_BEGIN), 1);
    struct phase phases[PHASES_MAX];
    assert_int_equal(phases_parse(i->phases, phases), 3);
    assert_int_equal(phases[1].state, INSTANCE_WAIT_RUN);
}

static void test_dry_run__a_long_chain_needs_no_stack(void **state)
{
    struct world *w = *state;
    enum { CHAIN = 3000 };

    for (int id = 1; id <= CHAIN; id++) {
        struct task_spec *spec = daily(w);
        spec->dry_run = true;
        if (id > 1)
            world_upstream(w, spec, world_on(id - 1, DEP_DAY, DEP_CURRENT_DAY));
        struct core_task t = { .id = id,
                               .spec = spec,
                               .project_id = STR("p"),
                               .status = TASK_SCHEDULING,
                               .project_enabled = true,
                               .live_from = world_at("2026-01-04 12:00:00") };
        core_task_put(w->core, &t, w->now);
    }
    while (core_advance(w->core, w->now, 100000))
        ;
    core_verify(w->core);
    image_commit(&w->image);
    core_effects_clear(w->core);
    assert_int_equal(w->image.n_instances, CHAIN);
    for (size_t k = 0; k < CHAIN; k++)
        assert_int_equal(w->image.instances[k].state, INSTANCE_COMPLETED);
    struct core_stats stats;
    core_stats(w->core, &stats);
    assert_int_equal(stats.tasks, CHAIN);
    assert_int_equal(stats.instances, 0);
    assert_int_equal(stats.waiting_edges, 0);
    assert_int_equal(stats.timers, 0);
}

static void test_clock__that_steps_back_starts_nothing_early(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = world_spec(w, CYCLE_DAY, "0 0 5 * * ? *");

    world_group(w, "", 0);
    world_put(w, 1, spec);
    world_to(w, "2026-01-05 05:00:00");
    w->groups[0].slots = 1;
    w->now = world_at("2026-01-05 04:00:00");
    world_crash(w);
    assert_state(w, 1, day5, "WAIT_RUN");
    assert_string_equal(world_why(w, 1, day5), "TIME");
    world_to(w, "2026-01-05 05:00:00");
    assert_state(w, 1, day5, "RUNNING");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_slots__are_never_exceeded_and_go_by_priority_then_time),
        T(test_slots__more_and_fewer),
        T(test_group__not_declared_has_the_default),
        T(test_looking_in__tells_what_lives_of_a_task),
        T(test_serial__runs_one_and_does_not_block_others),
        T(test_serial__the_next_comes_when_the_one_in_the_queue_is_killed),
        T(test_serial__becoming_parallel_frees_all),
        T(test_dispatch__update_comes_before_begin),
        T(test_retry__until_the_limit),
        T(test_fence__stale_reports_change_nothing_but_are_acknowledged),
        T(test_kill__ends_from_every_state),
        T(test_execution_limit__is_a_failed_attempt),
        T(test_execution_limit__waits_for_what_the_runner_says),
        T(test_wait_limit__ends_what_never_ran),
        T(test_version__is_taken_when_it_runs),
        T(test_dry_run__completes_at_its_turn),
        T(test_dry_run__a_long_chain_needs_no_stack),
        T(test_clock__that_steps_back_starts_nothing_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
