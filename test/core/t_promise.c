/* test/core/t_promise.c - plans whose rounds are made one after another: until all of them are
 * there it is as if they were, and none runs (core/plan.c; docs/reference/semantics.md 7.1). */
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
    return world_date("2025-12", n);
}

static void promise(struct world *w, int64_t id, int day, const char *plan)
{
    core_promise(w->core, str_from(plan), world_key(id, date(day)));
}

static void withdraw(struct world *w, int64_t id, int day, const char *plan)
{
    struct instance_key key = world_key(id, date(day));

    core_plan_withdraw(w->core, str_from(plan), &key, 1, w->now);
}

static size_t promised(const struct world *w)
{
    struct core_stats stats;

    core_stats(w->core, &stats);
    return stats.promised;
}

static void test_promise__holds_what_could_run_until_all_are_there(void **state)
{
    struct world *w = *state;

    world_put(w, 1, world_daily(w, SELF_PARALLEL));
    for (int d = 1; d <= 3; d++)
        promise(w, 1, d, "p");
    for (int d = 1; d <= 2; d++) {
        world_backfill(w, 1, date(d), 0, "p");
        world_settle(w);
        assert_state(w, 1, date(d), "WAIT_RUN");
        assert_string_equal(world_why(w, 1, date(d)), "PLANNING");
    }
    world_backfill(w, 1, date(9), 0, "other");
    world_settle(w);
    assert_state(w, 1, date(9), "RUNNING");
    assert_int_equal(promised(w), 1);
    world_backfill(w, 1, date(3), 0, "p");
    world_settle(w);
    for (int d = 1; d <= 3; d++)
        assert_state(w, 1, date(d), "RUNNING");
    assert_int_equal(promised(w), 0);
}

static void test_promise__one_that_is_held_can_be_killed(void **state)
{
    struct world *w = *state;

    world_put(w, 1, world_daily(w, SELF_PARALLEL));
    promise(w, 1, 1, "p");
    promise(w, 1, 2, "p");
    world_backfill(w, 1, date(1), 0, "p");
    world_settle(w);
    assert_true(core_kill(w->core, world_key(1, date(1)), STR("no"), w->now));
    world_settle(w);
    assert_state(w, 1, date(1), "EXPIRED");
    world_backfill(w, 1, date(2), 0, "p");
    world_settle(w);
    assert_state(w, 1, date(2), "RUNNING");
}

static void run_fails(struct world *w, int64_t id, int day)
{
    core_attempt_ended(w->core, world_instance(w, id, date(day))->fence, RESULT_FAILED, STR("why"),
                       w->now, w->now);
}

/* The plan lets go one in each step, and the third stands in the queue already when the first two
 * are to run again: they are not held until their turn to be let go comes. */
static void test_promise__lets_retries_by_that_come_before_what_is_held(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = world_daily(w, SELF_PARALLEL);

    w->release = 1;
    world_crash(w);
    world_group(w, "a", 2);
    spec->group_id = STR("a");
    spec->max_retries = 1;
    world_put(w, 1, spec);
    for (int d = 1; d <= 6; d++)
        promise(w, 1, d, "p");
    for (int d = 1; d <= 5; d++)
        world_backfill(w, 1, date(d), 0, "p");
    world_settle(w);
    world_backfill(w, 1, date(6), 0, "p");
    for (int step = 0; step < 3; step++)
        assert_true(world_step(w));
    assert_state(w, 1, date(1), "RUNNING");
    assert_state(w, 1, date(2), "RUNNING");
    assert_string_equal(world_why(w, 1, date(3)), "SLOT:0");
    assert_string_equal(world_why(w, 1, date(4)), "PLANNING");
    run_fails(w, 1, 1);
    run_fails(w, 1, 2);
    w->now = wall_add(w->now, DUR_MIN(5));
    world_step(w);
    assert_state(w, 1, date(1), "RUNNING");
    assert_state(w, 1, date(2), "RUNNING");
    assert_state(w, 1, date(3), "WAIT_RUN");
}

/* It ends when it is made; what runs waits for the others all the same. */
static void test_promise__holds_no_dry_run(void **state)
{
    struct world *w = *state;
    struct task_spec *dry = world_daily(w, SELF_ORDERLY), *down = world_daily(w, SELF_PARALLEL);

    dry->dry_run = true;
    world_upstream(w, down, world_on(1, DEP_DAY, DEP_CURRENT_DAY));
    world_put(w, 1, dry);
    world_put(w, 2, down);
    for (int d = 1; d <= 2; d++) {
        promise(w, 1, d, "p");
        promise(w, 2, d, "p");
    }
    world_backfill(w, 1, date(2), INSTANCE_PLAN_UPSTREAMS, "p");
    world_settle(w);
    assert_state(w, 1, date(2), "WAIT_UPSTREAM"); /* for the day before, which is to come */
    world_backfill(w, 1, date(1), INSTANCE_PLAN_UPSTREAMS, "p");
    world_settle(w);
    for (int d = 1; d <= 2; d++)
        assert_state(w, 1, date(d), "COMPLETED");
    world_backfill(w, 2, date(1), INSTANCE_PLAN_UPSTREAMS, "p");
    world_settle(w);
    assert_state(w, 2, date(1), "WAIT_RUN");
    assert_string_equal(world_why(w, 2, date(1)), "PLANNING");
    world_backfill(w, 2, date(2), INSTANCE_PLAN_UPSTREAMS, "p");
    world_settle(w);
    for (int d = 1; d <= 2; d++)
        assert_state(w, 2, date(d), "RUNNING");
}

/* The downstream is made first, and its upstream never was. */
static void test_promise__is_an_upstream_that_waits(void **state)
{
    struct world *w = *state;
    struct task_spec *down = world_daily(w, SELF_PARALLEL);

    world_upstream(w, down, world_on(1, DEP_DAY, DEP_CURRENT_DAY));
    world_put(w, 1, world_daily(w, SELF_PARALLEL));
    world_put(w, 2, down);
    promise(w, 1, 1, "p");
    world_backfill(w, 2, date(1), INSTANCE_PLAN_UPSTREAMS, "p");
    world_backfill(w, 2, date(2), INSTANCE_PLAN_UPSTREAMS, "p");
    world_settle(w);
    assert_state(w, 2, date(1), "WAIT_UPSTREAM");
    assert_state(w, 2, date(2), "WAIT_RUN"); /* none of its plan, and the plan is not whole */
    world_backfill(w, 1, date(1), INSTANCE_PLAN_UPSTREAMS, "p");
    world_settle(w);
    assert_state(w, 2, date(2), "RUNNING");
    world_end(w, world_key(1, date(1)), RESULT_SUCCESS);
    assert_state(w, 2, date(1), "RUNNING");
}

static void test_promise__is_the_predecessor_of_an_orderly_task(void **state)
{
    struct world *w = *state;

    world_put(w, 1, world_daily(w, SELF_ORDERLY));
    promise(w, 1, 3, "p");
    promise(w, 1, 5, "q");
    world_backfill(w, 1, date(4), 0, "");
    world_backfill(w, 1, date(6), 0, "");
    world_settle(w);
    assert_state(w, 1, date(4), "WAIT_UPSTREAM");
    assert_string_equal(world_why(w, 1, date(4)), "ORDER:WAIT_EVENT");
    assert_state(w, 1, date(6), "WAIT_UPSTREAM");
    world_backfill(w, 1, date(3), 0, "p");
    world_settle(w);
    world_end(w, world_key(1, date(3)), RESULT_SUCCESS);
    assert_state(w, 1, date(4), "RUNNING");
    /* Its predecessor will never come: the one before that is well. */
    world_end(w, world_key(1, date(4)), RESULT_SUCCESS);
    core_plan_doom(w->core, STR("q"), w->now);
    withdraw(w, 1, 5, "q");
    core_plan_gone(w->core, STR("q"));
    world_settle(w);
    assert_state(w, 1, date(6), "RUNNING");
}

static void test_withdraw__lets_those_look_again_who_waited(void **state)
{
    struct world *w = *state;
    struct task_spec *down = world_daily(w, SELF_PARALLEL);
    struct task_upstream up = world_on(1, DEP_DAY, DEP_CURRENT_DAY);

    up.strategy = NULL_EXECUTING;
    up.conditions = NULL_NOT_EXIST;
    world_upstream(w, down, up);
    world_put(w, 1, world_daily(w, SELF_PARALLEL));
    world_put(w, 2, down);
    promise(w, 1, 1, "p");
    promise(w, 1, 2, "p");
    world_backfill(w, 2, date(1), 0, "q");
    world_settle(w);
    assert_state(w, 2, date(1), "WAIT_UPSTREAM");
    assert_int_equal(core_plan_doom(w->core, STR("p"), w->now), 0);
    withdraw(w, 1, 1, "p");
    world_settle(w);
    assert_state(w, 2, date(1), "RUNNING");
    assert_int_equal(promised(w), 1);
    withdraw(w, 1, 1, "p"); /* once more is nothing */
    withdraw(w, 1, 2, "p");
    assert_int_equal(promised(w), 0);
    assert_int_equal(core_task_promised(w->core, 1).len, 0);
    core_plan_gone(w->core, STR("p"));
    core_verify(w->core);
}

static void test_promise__is_active_for_other_plans(void **state)
{
    struct world *w = *state;
    struct backfill_wish wish = { .task_id = 1, .plan_id = STR("q") };
    struct err e = ERR_INIT;
    bool active = false;

    world_put(w, 1, world_daily(w, SELF_PARALLEL));
    promise(w, 1, 1, "p");
    assert_true(str_eq_c(core_task_promised(w->core, 1), "p"));
    wish.firing.data_time = world_key(1, date(1)).data_time;
    assert_int_equal(core_backfill_check(w->core, &wish, &active, &e), E_CONFLICT);
    assert_true(active);
    wish.firing.data_time = world_key(1, date(2)).data_time;
    active = false;
    assert_int_equal(core_backfill_check(w->core, &wish, &active, &e), E_OK);
    assert_false(active);
}

/* Who asks only those of its plan waits for it, as if the plan had made it. */
static void test_promise__of_one_that_came_by_itself_is_of_its_plan(void **state)
{
    struct world *w = *state;
    struct task_spec *down = world_daily(w, SELF_PARALLEL);

    world_upstream(w, down, world_on(1, DEP_DAY, DEP_CURRENT_DAY));
    world_put(w, 1, world_daily(w, SELF_PARALLEL));
    core_promise(w->core, STR("p"), world_key(1, "2026-01-05 00:00:00"));
    world_to(w, "2026-01-05 12:00:00");
    assert_state(w, 1, "2026-01-05 00:00:00", "RUNNING");
    world_put(w, 2, down);
    world_backfill(w, 2, "2026-01-05 00:00:00", INSTANCE_PLAN_UPSTREAMS, "p");
    world_settle(w);
    assert_state(w, 2, "2026-01-05 00:00:00", "WAIT_UPSTREAM");
}

/* A firing made it first: the promise is kept by that. */
static void test_promise__of_one_that_came_by_itself_is_kept(void **state)
{
    struct world *w = *state;

    world_put(w, 1, world_daily(w, SELF_PARALLEL));
    core_promise(w->core, STR("p"), world_key(1, "2026-01-05 00:00:00"));
    world_to(w, "2026-01-05 12:00:00");
    assert_state(w, 1, "2026-01-05 00:00:00", "RUNNING");
    assert_int_equal(promised(w), 1);
    const struct backfill_wish wish = { .task_id = 1,
                                        .plan_id = STR("p"),
                                        .firing.data_time = civil_make(2026, 1, 5, 0, 0, 0) };
    core_backfill(w->core, &wish, w->now);
    world_settle(w);
    assert_int_equal(promised(w), 0);
    assert_int_equal(world_instance(w, 1, "2026-01-05 00:00:00")->type, INSTANCE_PERIODIC);
}

/* It came by itself, and AllowRedoType lets it not run again: who waits for it looks at what it is.
 */
static void test_promise__of_one_that_may_not_run_again_is_kept(void **state)
{
    struct world *w = *state;
    struct task_spec *up = world_daily(w, SELF_PARALLEL), *down = world_daily(w, SELF_PARALLEL);
    struct instance_key key = world_key(1, "2026-01-05 00:00:00");

    up->redo = REDO_FAILURE;
    world_upstream(w, down, world_on(1, DEP_DAY, DEP_CURRENT_DAY));
    world_put(w, 1, up);
    core_promise(w->core, STR("p"), key);
    world_to(w, "2026-01-05 12:00:00");
    world_end(w, key, RESULT_SUCCESS);
    world_put(w, 2, down);
    world_backfill(w, 2, "2026-01-05 00:00:00", 0, "q");
    world_settle(w);
    assert_string_equal(world_why(w, 2, "2026-01-05 00:00:00"),
                        "UPSTREAM:WAIT_EVENT"); /* as promised */
    const struct instance over = *world_instance(w, 1, "2026-01-05 00:00:00");
    const struct backfill_wish wish = {
        .task_id = 1, .plan_id = STR("p"), .firing.data_time = key.data_time, .existing = &over
    };
    core_backfill(w->core, &wish, w->now);
    world_settle(w);
    assert_state(w, 1, "2026-01-05 00:00:00", "COMPLETED");
    assert_state(w, 2, "2026-01-05 00:00:00", "RUNNING");
    assert_int_equal(promised(w), 0);
}

/* ---- a plan in slices is the plan at once ---------------------------------------------------- */

enum { TASKS = 4, DAYS = 6 };

/* Everything at random, and the same for the same seed. */
static void furnish(struct world *w, struct prng *r, unsigned *ret_flags)
{
    /* A dry run takes no slot: let go later than another, what it releases comes later too. */
    bool dry = prng_below(r, 2) == 0;

    world_init(w);
    w->release = dry ? 0 : (int)prng_range(r, 1, 5);
    w->image.plan.limit = prng_below(r, 3) ? 0 : (int)prng_range(r, 1, 3);
    w->image.plan.order = (enum plan_order)prng_below(r, 3);
    world_crash(w);
    world_group(w, "a", (int)prng_range(r, 1, 3));
    for (int64_t id = 1; id <= TASKS; id++) {
        struct task_spec *spec = world_daily(w, (enum self_depend)prng_below(r, 3));
        spec->group_id = STR("a");
        spec->priority = (int)prng_range(r, 4, 6);
        spec->dry_run = dry && prng_below(r, 3) == 0;
        for (int64_t up = 1; up < id; up++)
            if (prng_below(r, 2))
                world_upstream(w, spec, world_on(up, DEP_DAY, DEP_CURRENT_DAY));
        world_put(w, id, spec);
    }
    *ret_flags = (unsigned)(prng_below(r, 2) ? INSTANCE_PLAN_UPSTREAMS : 0);
}

static void make(struct world *w, unsigned flags, int slice)
{
    for (int64_t id = 1; slice > 0 && id <= TASKS; id++)
        for (int d = 1; d <= DAYS; d++)
            promise(w, id, d, "p");
    /* Downstream tasks first, so that all of the order is against them. */
    for (int n = 0; n < TASKS * DAYS; n++) {
        world_backfill(w, TASKS - n / DAYS, date(1 + n % DAYS), flags, "p");
        if (slice > 0 && n % slice == slice - 1)
            world_settle(w);
    }
    world_settle(w);
}

static void assert_same(const struct world *a, const struct world *b, uint64_t seed, int step)
{
    for (int64_t id = 1; id <= TASKS; id++)
        for (int d = 1; d <= DAYS; d++) {
            struct instance_key key = world_key(id, date(d));
            if (strcmp(world_state(a, key), world_state(b, key)) != 0)
                fail_msg("seed %d, step %d: task %d, day %d is %s at once and %s in slices",
                         (int)seed, step, (int)id, d, world_state(a, key), world_state(b, key));
        }
}

static struct world other;

static void test_slices__run_as_the_whole_does(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        struct world *a = &world, *b = &other;
        struct prng r, same;
        unsigned flags;
        prng_init(&r, seed);
        same = r;
        world_done(a);
        furnish(a, &r, &flags);
        furnish(b, &same, &flags);
        make(a, flags, 0);
        make(b, flags, (int)prng_range(&r, 1, 7));
        for (int step = 0; step < 300; step++) {
            assert_same(a, b, seed, step);
            struct instance_key key =
                world_key((int64_t)prng_range(&r, 1, TASKS), date((int)prng_range(&r, 1, DAYS)));
            enum attempt_result result = prng_below(&r, 5) ? RESULT_SUCCESS : RESULT_FAILED;
            if (strcmp(world_state(a, key), "RUNNING") != 0)
                continue;
            world_end(a, key, result);
            world_end(b, key, result);
        }
        world_done(b);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_promise__holds_what_could_run_until_all_are_there),
        TEST(test_promise__one_that_is_held_can_be_killed),
        TEST(test_promise__lets_retries_by_that_come_before_what_is_held),
        TEST(test_promise__holds_no_dry_run),
        TEST(test_promise__is_an_upstream_that_waits),
        TEST(test_promise__is_the_predecessor_of_an_orderly_task),
        TEST(test_withdraw__lets_those_look_again_who_waited),
        TEST(test_promise__is_active_for_other_plans),
        TEST(test_promise__of_one_that_came_by_itself_is_of_its_plan),
        TEST(test_promise__of_one_that_came_by_itself_is_kept),
        TEST(test_promise__of_one_that_may_not_run_again_is_kept),
        TEST(test_slices__run_as_the_whole_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
