/* test/core/t_plan.c - plans that say how many of their instances run at once, in place of what
 * their tasks say of themselves (docs/reference/semantics.md 3.6, 7.1). */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"

static struct world world;

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

static const char *date(int n)
{
    return world_date("2026-01", n);
}

static int running(const struct world *w, int64_t id)
{
    int n = 0;

    for (int d = 1; d <= 28; d++)
        n += strcmp(world_state(w, world_key(id, date(d))), "RUNNING") == 0;
    return n;
}

static void test_limit__replaces_the_self_dependency(void **state)
{
    struct world *w = *state;

    w->image.plan.limit = 2;
    world_put(w, 1, world_daily(w, SELF_ORDERLY));
    world_put(w, 2, world_daily(w, SELF_PARALLEL));
    for (int d = 1; d <= 4; d++) {
        world_backfill(w, 1, date(d), INSTANCE_SKIP_UPSTREAMS, "orderly");
        world_backfill(w, 2, date(d), INSTANCE_SKIP_UPSTREAMS, "parallel");
    }
    world_settle(w);
    assert_int_equal(running(w, 1), 2);
    assert_int_equal(running(w, 2), 2);
    assert_string_equal(world_why(w, 2, date(4)), "PLAN");
    world_crash(w);
    assert_int_equal(running(w, 2), 2);
    world_end(w, world_key(2, date(1)), RESULT_SUCCESS);
    assert_int_equal(running(w, 2), 2);
    assert_state(w, 2, date(3), "RUNNING");
    /* One that is killed while it waits gives its turn away. */
    assert_true(core_kill(w->core, world_key(2, date(4)), STR("no"), w->now));
    world_end(w, world_key(2, date(2)), RESULT_SUCCESS);
    world_end(w, world_key(2, date(3)), RESULT_SUCCESS);
    assert_int_equal(running(w, 2), 0);
    assert_state(w, 2, date(4), "EXPIRED");
}

/* What is not of the plan goes by the rule of its task, and counts the plan's. */
static void test_limit__leaves_others_serial(void **state)
{
    struct world *w = *state;

    w->image.plan.limit = 2;
    world_put(w, 1, world_daily(w, SELF_SERIAL));
    for (int d = 1; d <= 3; d++)
        world_backfill(w, 1, date(d), INSTANCE_SKIP_UPSTREAMS, "plan");
    world_backfill(w, 1, date(20), INSTANCE_SKIP_UPSTREAMS, "");
    world_settle(w);
    assert_int_equal(running(w, 1), 2);
    assert_state(w, 1, date(20), "WAIT_RUN");
    for (int d = 1; d <= 3; d++)
        world_end(w, world_key(1, date(d)), RESULT_SUCCESS);
    assert_state(w, 1, date(20), "RUNNING");
}

/* Plans over several groups and tasks, ended, failed, killed and crashed at random: the limit holds
 * at every step (world_settle verifies), and everything ends. */
static void test_limit__at_random(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct world *w = &world;
        struct prng r;
        prng_init(&r, seed);
        world_init(w);
        w->share = (int)prng_range(&r, 1, 100);
        w->image.plan.limit = (int)prng_range(&r, 0, 3);
        w->image.plan.order = (enum plan_order)prng_below(&r, 3);
        if (prng_below(&r, 2))
            w->image.plan.group_id = STR("b");
        world_crash(w);
        world_group(w, "a", 2);
        world_group(w, "b", 3);
        for (int64_t id = 1; id <= 4; id++) {
            struct task_spec *spec = world_daily(w, (enum self_depend)prng_below(&r, 3));
            spec->group_id = prng_below(&r, 2) ? STR("a") : STR("b");
            spec->max_retries = (int64_t)prng_below(&r, 2);
            world_put(w, id, spec);
            for (int d = 1; d <= 6; d++)
                world_backfill(w, id, date(d), INSTANCE_SKIP_UPSTREAMS,
                               prng_below(&r, 4) ? prng_below(&r, 2) ? "p" : "q" : "");
        }
        world_settle(w);
        for (int step = 0; step < 400; step++) {
            struct instance_key key =
                world_key((int64_t)prng_range(&r, 1, 4), date((int)prng_range(&r, 1, 6)));
            const char *s = world_state(w, key);
            if (strcmp(s, "RUNNING") == 0)
                world_end(w, key, prng_below(&r, 4) ? RESULT_SUCCESS : RESULT_FAILED);
            else if (prng_below(&r, 20) == 0)
                core_kill(w->core, key, STR("no"), w->now);
            else if (prng_below(&r, 30) == 0)
                world_crash(w);
            w->now = wall_add(w->now, DUR_S(30));
            world_settle(w);
        }
        for (int round = 0; round < 200; round++) { /* nothing is left behind */
            for (int64_t id = 1; id <= 4; id++)
                for (int d = 1; d <= 6; d++)
                    if (strcmp(world_state(w, world_key(id, date(d))), "RUNNING") == 0)
                        world_end(w, world_key(id, date(d)), RESULT_SUCCESS);
            w->now = wall_add(w->now, DUR_MIN(10));
            world_settle(w);
        }
        for (int64_t id = 1; id <= 4; id++)
            for (int d = 1; d <= 6; d++) {
                const char *s = world_state(w, world_key(id, date(d)));
                bool held =
                    strcmp(s, "WAIT_UPSTREAM") == 0; /* orderly, after one that was killed */
                if (!held && strcmp(s, "COMPLETED") != 0 && strcmp(s, "EXPIRED") != 0)
                    fail_msg("seed %d: task %d, day %d is %s", (int)seed, (int)id, d, s);
            }
        world_done(w);
    }
}

/* ---- the share of backfills (7.1) ----------------------------------------------------------- */

static void test_share__leaves_slots_to_the_schedule(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = world_daily(w, SELF_PARALLEL);

    w->share = 50;
    world_crash(w);
    world_group(w, "g", 3);
    spec->group_id = STR("g");
    world_put(w, 1, spec);
    world_put(w, 2, spec);
    world_put(w, 3, spec);
    for (int d = 20; d <= 25; d++)
        world_backfill(w, 1, date(d), INSTANCE_SKIP_UPSTREAMS, "p");
    world_settle(w);
    assert_int_equal(running(w, 1), 2); /* half of three, rounded up */
    assert_string_equal(world_why(w, 1, date(22)), "SHARE");
    world_to(w, "2026-01-05 12:00:00"); /* the schedule of all three */
    assert_state(w, 1, date(5), "RUNNING");
    assert_state(w, 2, date(5), "WAIT_RUN");
    assert_string_equal(world_why(w, 2, date(5)), "SLOT:0");
    assert_string_equal(world_why(w, 3, date(5)), "SLOT:1");
    world_crash(w);
    assert_int_equal(running(w, 1), 3);
    /* What a backfill leaves goes to whoever is first. */
    world_end(w, world_key(1, date(20)), RESULT_SUCCESS);
    assert_state(w, 2, date(5), "RUNNING");
    world_end(w, world_key(2, date(5)), RESULT_SUCCESS);
    assert_state(w, 3, date(5), "RUNNING");
    world_end(w, world_key(3, date(5)), RESULT_SUCCESS);
    world_end(w, world_key(1, date(5)), RESULT_SUCCESS);
    /* Nothing else is there: it still holds no more than its share. */
    assert_int_equal(running(w, 1), 2);
    for (int d = 21; d <= 25; d++)
        world_end(w, world_key(1, date(d)), RESULT_SUCCESS);
    assert_int_equal(running(w, 1), 0);
    assert_state(w, 1, date(25), "COMPLETED");
}

/* Both wait for the same serial task; the backfill comes first, but has no room. */
static void test_share__does_not_stand_before_a_firing_of_its_task(void **state)
{
    struct world *w = *state;
    struct task_spec *serial = world_daily(w, SELF_SERIAL), *other = world_daily(w, SELF_PARALLEL);

    w->share = 50;
    world_crash(w);
    world_group(w, "g", 2);
    serial->group_id = other->group_id = STR("g");
    world_put(w, 1, serial);
    world_to(w, "2026-01-05 12:00:00");
    assert_state(w, 1, date(5), "RUNNING");
    world_backfill(w, 1, date(1), INSTANCE_SKIP_UPSTREAMS, "p");
    world_to(w, "2026-01-06 12:00:00");
    assert_string_equal(world_why(w, 1, date(1)), "SERIAL");
    assert_string_equal(world_why(w, 1, date(6)), "SERIAL");
    world_put_from(w, 2, other, "2026-01-06 12:00:00");
    world_backfill(w, 2, date(1), INSTANCE_SKIP_UPSTREAMS, "q");
    world_settle(w);
    assert_state(w, 2, date(1), "RUNNING"); /* the whole share */
    world_end(w, world_key(1, date(5)), RESULT_SUCCESS);
    assert_state(w, 1, date(6), "RUNNING");
    assert_state(w, 1, date(1), "WAIT_RUN");
    world_end(w, world_key(1, date(6)), RESULT_SUCCESS);
    assert_string_equal(world_why(w, 1, date(1)), "SHARE");
    world_end(w, world_key(2, date(1)), RESULT_SUCCESS);
    assert_state(w, 1, date(1), "RUNNING");
}

static void test_share__is_one_slot_at_least(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = world_daily(w, SELF_PARALLEL);

    w->share = 1;
    world_crash(w);
    world_group(w, "g", 4);
    spec->group_id = STR("g");
    world_put(w, 1, spec);
    for (int d = 1; d <= 3; d++)
        world_backfill(w, 1, date(d), INSTANCE_SKIP_UPSTREAMS, "p");
    world_settle(w);
    assert_int_equal(running(w, 1), 1);
    world_group(w, "g", 400);
    world_settle(w);
    assert_int_equal(running(w, 1), 3);
    world_group(w, "g", 1); /* what runs goes on */
    world_crash(w);
    assert_int_equal(running(w, 1), 3);
}

/* ---- the order of data times, and another group (7.1) --------------------------------------- */

static void check_order(struct world *w, enum plan_order order, const int *expected)
{
    struct task_spec *spec = world_daily(w, SELF_PARALLEL);

    w->image.plan = (struct plan_fact){
        .order = order,
        .mirror = world_at("2026-01-03 00:00:00").us / 1000000 +
                  world_at("2026-01-06 23:59:59").us / 1000000,
    };
    world_group(w, "g", 1);
    spec->group_id = STR("g");
    world_put(w, 1, spec);
    for (int d = 6; d >= 3; d--)
        world_backfill(w, 1, date(d), INSTANCE_SKIP_UPSTREAMS, "p");
    world_settle(w);
    for (int k = 0; k < 4; k++) {
        assert_state(w, 1, date(expected[k]), "RUNNING");
        world_crash(w);
        world_end(w, world_key(1, date(expected[k])), RESULT_SUCCESS);
    }
}

static void test_order__by_data_time(void **state)
{
    static const int up[] = { 3, 4, 5, 6 };

    check_order(*state, PLAN_ORDER, up);
}

static void test_order__backwards(void **state)
{
    static const int down[] = { 6, 5, 4, 3 };

    check_order(*state, PLAN_REVERSE, down);
}

static void test_group__of_the_plan(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = world_daily(w, SELF_PARALLEL);
    struct group_load load;

    w->image.plan.group_id = STR("other");
    world_group(w, "g", 1);
    world_group(w, "other", 2);
    spec->group_id = STR("g");
    world_put(w, 1, spec);
    for (int d = 20; d <= 22; d++)
        world_backfill(w, 1, date(d), INSTANCE_SKIP_UPSTREAMS, "p");
    world_settle(w);
    assert_int_equal(running(w, 1), 2);
    assert_true(str_eq_c(world_instance(w, 1, date(20))->group_id, "other"));
    world_to(w, "2026-01-05 12:00:00");
    assert_state(w, 1, date(5), "RUNNING"); /* in its own */
    world_crash(w);
    assert_true(core_group_load(w->core, STR("other"), &load));
    assert_int_equal(load.running, 2);
    assert_int_equal(load.queued, 1);
    world_end(w, world_key(1, date(20)), RESULT_SUCCESS);
    assert_int_equal(running(w, 1), 3);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_limit__replaces_the_self_dependency),
        T(test_limit__leaves_others_serial),
        cmocka_unit_test(test_limit__at_random),
        T(test_share__leaves_slots_to_the_schedule),
        T(test_share__does_not_stand_before_a_firing_of_its_task),
        T(test_share__is_one_slot_at_least),
        T(test_order__by_data_time),
        T(test_order__backwards),
        T(test_group__of_the_plan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
