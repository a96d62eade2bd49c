/* test/core/t_cycle.c - instances that wait for the previous cycle of all tasks of their workflow
 * (docs/reference/semantics.md 2.9). */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct world world;
static const char *const day5 = "2026-01-05 00:00:00";
static const char *const day6 = "2026-01-06 00:00:00";
static const char *const day7 = "2026-01-07 00:00:00";
static const char *const day8 = "2026-01-08 00:00:00";
static const int64_t peers[] = { 1, 2, 3 };

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

/* Tasks 1 to n, which wait for each other; their instances of the 5th run. */
static void put_peers(struct world *w, int n)
{
    w->peers = peers;
    w->n_peers = n;
    for (int64_t id = 1; id <= n; id++)
        world_put(w, id, daily(w));
    world_settle(w);
    for (int64_t id = 1; id <= n; id++)
        assert_state(w, id, day5, "RUNNING");
}

static void end_all(struct world *w, int n, const char *day)
{
    for (int64_t id = 1; id <= n; id++)
        world_end(w, world_key(id, day), RESULT_SUCCESS);
}

static void test_cycle__all_of_the_one_before_must_be_done(void **state)
{
    struct world *w = *state;

    put_peers(w, 2);
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    world_to(w, day6);
    assert_string_equal(world_why(w, 1, day6), "CYCLE:RUNNING");
    assert_string_equal(world_why(w, 2, day6), "CYCLE:RUNNING");
    world_crash(w);
    assert_string_equal(world_why(w, 1, day6), "CYCLE:RUNNING");
    world_end(w, world_key(2, day5), RESULT_SUCCESS);
    assert_state(w, 1, day6, "RUNNING");
    assert_state(w, 2, day6, "RUNNING");
    /* Two cycles behind: only the one directly before counts, and it waits itself. */
    world_to(w, day7);
    assert_string_equal(world_why(w, 1, day7), "CYCLE:RUNNING CYCLE:RUNNING");
}

static void test_cycle__a_failure_holds_until_it_is_mended(void **state)
{
    struct world *w = *state;

    put_peers(w, 2);
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    world_end(w, world_key(2, day5), RESULT_FAILED);
    world_to(w, day6);
    assert_string_equal(world_why(w, 1, day6), "CYCLE:EXPIRED");
    world_backfill(w, 2, day5, 0, "");
    world_settle(w);
    world_end(w, world_key(2, day5), RESULT_SUCCESS);
    assert_state(w, 1, day6, "RUNNING");
    assert_state(w, 2, day6, "RUNNING");
}

/* Branch 1 does not take the way to 2: the next cycle goes on, and is not skipped for it. */
static void test_cycle__skipped_is_done(void **state)
{
    struct world *w = *state;
    struct task_spec *branch = daily(w), *down = daily(w);

    w->image.refusals[w->image.n_refusals++] = (struct image_refusal){ 1, 2 };
    w->peers = peers;
    w->n_peers = 2;
    branch->type_id = TASK_TYPE_BRANCH;
    world_upstream(w, down, world_on(1, DEP_DAY, DEP_CURRENT_DAY));
    world_put(w, 1, branch);
    world_put(w, 2, down);
    world_settle(w);
    assert_state(w, 2, day5, "SKIP_RUNNING");
    w->image.n_refusals = 0;
    world_to(w, day6);
    assert_state(w, 1, day6, "COMPLETED");
    assert_state(w, 2, day6, "RUNNING");
}

/* A merge waits for its own upstreams and for the previous cycle too. */
static void test_cycle__a_merge_waits_for_it(void **state)
{
    struct world *w = *state;
    struct task_spec *merge = daily(w);
    struct task_upstream on = world_on(1, DEP_DAY, DEP_CURRENT_DAY);

    on.accept = ACCEPT_SUCCESS | ACCEPT_FAILED;
    merge->type_id = TASK_TYPE_MERGE;
    world_upstream(w, merge, on);
    world_put(w, 1, daily(w));
    world_put(w, 3, daily(w));
    w->peers = peers;
    w->n_peers = 3;
    world_put(w, 2, merge);
    world_settle(w);
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    assert_state(w, 2, day5, "COMPLETED");
    world_to(w, day6);
    world_end(w, world_key(1, day6), RESULT_SUCCESS);
    assert_string_equal(world_why(w, 2, day6), "CYCLE:RUNNING");
    world_end(w, world_key(3, day5), RESULT_SUCCESS);
    assert_state(w, 2, day6, "COMPLETED");
}

/* What falls into a pause is never made, so the task does not wait for it, nor do the others. */
static void test_cycle__a_pause_leaves_no_hole(void **state)
{
    struct world *w = *state;

    put_peers(w, 2);
    end_all(w, 2, day5);
    core_task_status(w->core, 2, TASK_PAUSED, false, w->now);
    world_to(w, day6);
    assert_state(w, 1, day6, "RUNNING");
    world_end(w, world_key(1, day6), RESULT_SUCCESS);
    world_to(w, day7);
    assert_string_equal(world_why(w, 1, day7), "CYCLE:none");
    core_task_status(w->core, 2, TASK_SCHEDULING, false, w->now);
    world_settle(w);
    assert_state(w, 1, day7, "RUNNING");
    assert_state(w, 2, day6, "NONE");
    world_end(w, world_key(1, day7), RESULT_SUCCESS);
    world_to(w, day8);
    assert_state(w, 1, day8, "RUNNING");
    assert_state(w, 2, day8, "RUNNING");
}

/* What was missed in a disabled project is not waited for either, before and after. */
static void test_cycle__a_miss_leaves_no_hole(void **state)
{
    struct world *w = *state;

    put_peers(w, 2);
    end_all(w, 2, day5);
    world_backfill(w, 1, day7, 0, "");
    world_settle(w);
    assert_string_equal(world_why(w, 1, day7), "CYCLE:none CYCLE:none");
    core_project_enable(w->core, STR("p"), false, w->now);
    world_to(w, day6);
    assert_state(w, 1, day7, "RUNNING");
    core_project_enable(w->core, STR("p"), true, w->now);
    world_to(w, day7);
    assert_state(w, 2, day7, "RUNNING");
}

static void test_cycle__a_stopped_or_deleted_task_lets_go(void **state)
{
    struct world *w = *state;

    put_peers(w, 3);
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    world_end(w, world_key(3, day5), RESULT_SUCCESS);
    world_to(w, day6);
    assert_string_equal(world_why(w, 1, day6), "CYCLE:RUNNING");
    core_task_delete(w->core, 2, false, w->now); /* which would expire who depends on it */
    world_settle(w);
    assert_state(w, 1, day6, "RUNNING");
    assert_state(w, 3, day6, "RUNNING");
    world_end(w, world_key(1, day6), RESULT_SUCCESS);
    world_end(w, world_key(3, day6), RESULT_SUCCESS);
    core_task_status(w->core, 3, TASK_PAUSED, false, w->now);
    world_to(w, day7);
    world_end(w, world_key(1, day7), RESULT_SUCCESS);
    world_to(w, day8);
    assert_string_equal(world_why(w, 1, day8), "CYCLE:none");
    core_task_status(w->core, 3, TASK_STOPPED, true, w->now);
    world_settle(w);
    assert_state(w, 1, day8, "RUNNING");
}

static void test_cycle__a_new_task_is_waited_for_from_its_first_instance_on(void **state)
{
    struct world *w = *state;

    put_peers(w, 2);
    end_all(w, 2, day5);
    world_to(w, "2026-01-05 12:00:00");
    w->n_peers = 3;
    world_put(w, 3, daily(w));
    world_put_from(w, 1, daily(w), day5);
    world_to(w, day6);
    assert_state(w, 1, day6, "RUNNING");
    assert_state(w, 3, day6, "RUNNING");
    world_end(w, world_key(1, day6), RESULT_SUCCESS);
    world_end(w, world_key(2, day6), RESULT_SUCCESS);
    world_to(w, day7);
    assert_string_equal(world_why(w, 1, day7), "CYCLE:RUNNING");
}

/* The cycle before is the schedule's own, whatever its length. */
static void test_cycle__of_any_length(void **state)
{
    static const struct {
        enum cycle cycle;
        const char *cron, *first, *second;
    } rows[] = {
        { CYCLE_MINUTE, "0 0/5 * * * ? *", "2026-01-05 00:00:00", "2026-01-05 00:05:00" },
        { CYCLE_HOUR, "0 0 0/6 * * ? *", "2026-01-05 00:00:00", "2026-01-05 06:00:00" },
        { CYCLE_WEEK, "0 0 0 ? * 2,6 *", "2026-01-05 00:00:00", "2026-01-09 00:00:00" },
        { CYCLE_MONTH, "0 0 0 5,L * ? *", "2026-01-05 00:00:00", "2026-01-31 00:00:00" },
        { CYCLE_YEAR, "0 0 0 5 1 ? *", "2026-01-05 00:00:00", "2027-01-05 00:00:00" },
        { CYCLE_CRONTAB, "7 0/3 * * * ? *", "2026-01-05 00:00:07", "2026-01-05 00:03:07" },
    };
    struct world *w = *state;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        world_done(w);
        world_init(w);
        w->peers = peers;
        w->n_peers = 2;
        world_put(w, 1, world_spec(w, rows[i].cycle, rows[i].cron));
        world_put(w, 2, world_spec(w, rows[i].cycle, rows[i].cron));
        world_to(w, rows[i].first);
        world_end(w, world_key(1, rows[i].first), RESULT_SUCCESS);
        world_to(w, rows[i].second);
        assert_string_equal(world_why(w, 1, rows[i].second), "CYCLE:RUNNING");
        world_end(w, world_key(2, rows[i].first), RESULT_SUCCESS);
        assert_state(w, 1, rows[i].second, "RUNNING");
    }
}

/* Backfills of a time without instances wait for nothing; with CheckParentType for their own
 * plan only, and without for none. */
static void test_cycle__backfills(void **state)
{
    static const char *const old4 = "2025-12-04 00:00:00", *const old5 = "2025-12-05 00:00:00";
    struct world *w = *state;

    put_peers(w, 2);
    world_backfill(w, 1, old5, 0, "");
    world_settle(w);
    assert_state(w, 1, old5, "RUNNING");
    world_end(w, world_key(1, old5), RESULT_FAILED);
    world_backfill(w, 2, old4, INSTANCE_PLAN_UPSTREAMS, "plan");
    world_backfill(w, 2, old5, INSTANCE_PLAN_UPSTREAMS, "plan");
    world_backfill(w, 2, "2025-12-06 00:00:00", INSTANCE_SKIP_UPSTREAMS, "other");
    world_settle(w);
    assert_state(w, 2, old4, "RUNNING");
    assert_string_equal(world_why(w, 2, old5), "CYCLE:RUNNING");
    assert_state(w, 2, "2025-12-06 00:00:00", "RUNNING");
    world_end(w, world_key(2, old4), RESULT_SUCCESS);
    assert_state(w, 2, old5, "RUNNING");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_cycle__all_of_the_one_before_must_be_done),
        T(test_cycle__a_failure_holds_until_it_is_mended),
        T(test_cycle__skipped_is_done),
        T(test_cycle__a_merge_waits_for_it),
        T(test_cycle__a_pause_leaves_no_hole),
        T(test_cycle__a_miss_leaves_no_hole),
        T(test_cycle__a_stopped_or_deleted_task_lets_go),
        T(test_cycle__a_new_task_is_waited_for_from_its_first_instance_on),
        T(test_cycle__of_any_length),
        T(test_cycle__backfills),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
