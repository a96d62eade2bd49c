/* test/core/t_again.c - conditions that are looked up again, so many at a time, and how many there
 * may be of one instance (core/again.c, core/candidates.c; docs/reference/semantics.md 3.4, 5.11).
 */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

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

static const char *const day5 = "2026-01-05 00:00:00";

static struct task_spec *daily(struct world *w)
{
    return world_spec(w, CYCLE_DAY, "0 0 0 * * ? *");
}

enum { DOWN = 4 };

/* Tasks 2 to 5 wait for task 1, and a step looks at one upstream instance. */
static void furnish(struct world *w)
{
    w->looks = 1;
    world_crash(w); /* a core that knows it */
    world_put(w, 1, world_spec(w, CYCLE_DAY, "0 0 9 * * ? *"));
    for (int64_t id = 2; id < 2 + DOWN; id++) {
        struct task_spec *down = daily(w);
        world_upstream(w, down, world_on(1, DEP_DAY, DEP_CURRENT_DAY));
        world_put(w, id, down);
        world_backfill(w, id, day5, 0, "");
    }
    world_settle(w);
}

static int in_state(const struct world *w, const char *name)
{
    int n = 0;

    for (int64_t id = 2; id < 2 + DOWN; id++)
        n += strcmp(world_state(w, world_key(id, day5)), name) == 0;
    return n;
}

/* Task 1 has no such data time any more, so the set is empty and passes. */
static void put_without_instances(struct world *w)
{
    struct task_spec *later = daily(w);

    later->schedule.start = civil_make(2027, 1, 1, 0, 0, 0);
    world_put(w, 1, later);
}

static void test_again__takes_some_in_each_step(void **state)
{
    struct world *w = *state;

    furnish(w);
    put_without_instances(w);
    for (int n = 1; n <= DOWN; n++) {
        assert_int_equal(core_next_due(w->core).us <= w->now.us, 1);
        assert_int_equal(core_advance(w->core, w->now, 100), n < DOWN);
        image_flush(&w->image);
        core_verify(w->core);
        assert_int_equal(in_state(w, "RUNNING"), n);
    }
    world_settle(w);
}

/* By what it had before, the last one could go on; by what it has now, it may not. */
static void test_again__before_it_nothing_goes_on(void **state)
{
    struct world *w = *state;
    struct task_spec *hourly = world_spec(w, CYCLE_HOUR, "0 0 0,22 * * ? *");

    furnish(w);
    world_backfill(w, 1, day5, 0, "");
    world_settle(w);
    world_put(w, 1, hourly);
    core_attempt_ended(w->core, world_instance(w, 1, day5)->fence, RESULT_SUCCESS, STR(""), w->now,
                       w->now);
    while (core_advance(w->core, w->now, 100)) {
        image_flush(&w->image);
        core_verify(w->core);
        assert_int_equal(in_state(w, "WAIT_UPSTREAM"), DOWN);
    }
    world_settle(w);
    assert_int_equal(in_state(w, "WAIT_UPSTREAM"), DOWN); /* for 22:00 */
    assert_string_equal(world_why(w, 2 + DOWN - 1, day5), "UPSTREAM:none");
}

static void test_again__of_its_own_definition(void **state)
{
    struct world *w = *state;
    int64_t last = 2 + DOWN - 1;

    furnish(w);
    world_put(w, last, daily(w)); /* it waits for nothing any more */
    world_settle(w);
    assert_state(w, last, day5, "RUNNING");
    assert_int_equal(in_state(w, "WAIT_UPSTREAM"), DOWN - 1);
}

/* What it waits for is found for whoever asks, and for who deletes it. */
static void test_again__is_at_once_for_who_needs_it(void **state)
{
    struct world *w = *state;
    int64_t last = 2 + DOWN - 1;
    struct task_spec *down = daily(w);

    furnish(w);
    world_upstream(w, down, world_on(1, DEP_DAY, DEP_CURRENT_DAY));
    for (int64_t id = 2; id <= last; id++)
        world_put(w, id, down);
    assert_string_equal(world_why(w, last, day5), "UPSTREAM:none");
    core_task_delete(w->core, 1, false, w->now);
    world_settle(w);
    assert_int_equal(in_state(w, "EXPIRED"), DOWN);
}

/* ---- very many ------------------------------------------------------------------------------- */

/* A hundred thousand minutes of each of the tasks from 1 on. */
static struct task_spec *far_back(struct world *w, int tasks)
{
    struct task_spec *down = daily(w);

    for (int64_t id = 1; id <= tasks; id++) {
        struct task_upstream on = world_on_list(id, DEP_RANGE_MINUTE, -DEP_OFFSET_ABS_MAX);
        on.rule.n_offsets = 2;
        on.rule.offsets[1] = -1;
        world_upstream(w, down, on);
        world_put(w, id, world_spec(w, CYCLE_MINUTE, "0 0/1 * * * ? *"));
    }
    return down;
}

static void test_candidates__are_counted_before_they_are_looked_at(void **state)
{
    struct world *w = *state;
    struct civil d = world_key(1, day5).data_time;
    struct task_spec *down;

    world_settle(w);
    down = far_back(w, 5);
    assert_int_equal(core_candidates_of(w->core, down, d), DEP_ALL_CANDIDATES_MAX);
    world_put(w, 9, down);
    assert_int_equal(core_candidates(w->core, 9, d), DEP_ALL_CANDIDATES_MAX);
    assert_int_equal(core_candidates(w->core, 77, d), 0);
    down = far_back(w, 6);
    assert_true(core_candidates_of(w->core, down, d) > DEP_ALL_CANDIDATES_MAX);
}

/* Those that are too many it waits for as for one that never comes, also in a plan. */
static void test_candidates__beyond_the_bound_are_not_looked_at(void **state)
{
    struct world *w = *state;
    struct core_stats stats;

    world_put(w, 9, far_back(w, 6));
    world_backfill(w, 9, "2025-12-01 00:00:00", INSTANCE_PLAN_UPSTREAMS, "p");
    world_settle(w);
    assert_state(w, 9, "2025-12-01 00:00:00", "WAIT_UPSTREAM");
    core_stats(w->core, &stats);
    /* Of its plan there is none; and today's, by the schedule, has as many as there may be. */
    assert_int_equal(stats.waiting_edges, 1 + DEP_ALL_CANDIDATES_MAX + 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_again__takes_some_in_each_step),
        TEST(test_again__before_it_nothing_goes_on),
        TEST(test_again__of_its_own_definition),
        TEST(test_again__is_at_once_for_who_needs_it),
        TEST(test_candidates__are_counted_before_they_are_looked_at),
        TEST(test_candidates__beyond_the_bound_are_not_looked_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
