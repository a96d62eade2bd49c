/* test/core/t_waiting.c - events, upstreams, order, plans: what an instance waits for and what
 * releases it. docs/reference/semantics.md 3.2, 3.5, 3.6, 4.4, 7.1. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>

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

static struct task_upstream on_day(int64_t id)
{
    return world_on(id, DEP_DAY, DEP_CURRENT_DAY);
}

/* ---- upstreams ----------------------------------------------------------------------------- */

static void test_upstream__completion_releases(void **state)
{
    struct world *w = *state;
    struct task_spec *down = daily(w);

    world_upstream(w, down, on_day(1));
    world_put(w, 2, down);
    world_put(w, 1, daily(w));
    world_settle(w);
    assert_state(w, 1, day5, "RUNNING");
    assert_state(w, 2, day5, "WAIT_UPSTREAM");
    assert_string_equal(world_why(w, 2, day5), "UPSTREAM:RUNNING");
    world_crash(w);
    assert_state(w, 2, day5, "WAIT_UPSTREAM");
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    assert_state(w, 2, day5, "RUNNING");
    /* What follows was there before: no waiting state at all. */
    world_end(w, world_key(2, day5), RESULT_SUCCESS);
    assert_string_equal(world_why(w, 2, day5), "not live");
}

static void test_upstream__not_there_yet_is_waited_for(void **state)
{
    struct world *w = *state;
    struct task_spec *down = daily(w);

    world_upstream(w, down, on_day(1));
    world_put(w, 2, down);
    world_put(w, 1, world_spec(w, CYCLE_DAY, "0 0 5 * * ? *"));
    world_to(w, "2026-01-05 04:00:00");
    assert_state(w, 2, day5, "WAIT_UPSTREAM");
    assert_string_equal(world_why(w, 2, day5), "UPSTREAM:none");
    world_to(w, "2026-01-05 05:00:00");
    assert_string_equal(world_why(w, 2, day5), "UPSTREAM:RUNNING");
    world_end(w, world_key(1, day5), RESULT_FAILED);
    assert_state(w, 1, day5, "EXPIRED");
    assert_string_equal(world_why(w, 2, day5), "UPSTREAM:EXPIRED");
    world_backfill(w, 1, day5, 0, "");
    world_settle(w);
    assert_int_equal(world_instance(w, 1, day5)->round, 1);
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    assert_state(w, 2, day5, "RUNNING");
}

static void test_upstream__met_conditions_are_not_taken_back(void **state)
{
    struct world *w = *state;
    struct task_spec *down = daily(w);

    world_upstream(w, down, on_day(1));
    world_upstream(w, down, on_day(3));
    world_put(w, 1, daily(w));
    world_put(w, 3, daily(w));
    world_put(w, 2, down);
    world_settle(w);
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    world_backfill(w, 1, day5, 0, "");
    world_settle(w);
    assert_state(w, 1, day5, "RUNNING");
    assert_string_equal(world_why(w, 2, day5), "UPSTREAM:RUNNING");
    world_end(w, world_key(3, day5), RESULT_SUCCESS);
    assert_state(w, 2, day5, "RUNNING");
}

static void test_upstream__sets_wait_for_all_and_empty_sets_pass(void **state)
{
    struct world *w = *state;
    struct task_spec *down = world_spec(w, CYCLE_DAY, "0 0 3 * * ? *");

    world_upstream(w, down, world_on(1, DEP_DAY, DEP_PREVIOUS_DAY));
    world_put(w, 1, world_spec(w, CYCLE_HOUR, "0 0 0,12 * * ? *"));
    /* The hours of day 4 lie on the schedule although nobody made them: they are waited for. */
    world_put(w, 2, down);
    world_to(w, "2026-01-05 03:00:00");
    assert_string_equal(world_why(w, 2, day5), "UPSTREAM:none UPSTREAM:none");
    world_to(w, "2026-01-06 03:00:00");
    assert_string_equal(world_why(w, 2, day6), "UPSTREAM:RUNNING UPSTREAM:RUNNING");
    world_end(w, world_key(1, "2026-01-05 12:00:00"), RESULT_SUCCESS);
    assert_state(w, 2, day6, "WAIT_UPSTREAM");
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    assert_state(w, 2, day6, "RUNNING");
    /* An upstream whose range has not begun: nothing to wait for. */
    struct task_spec *later = world_spec(w, CYCLE_HOUR, "0 0 * * * ? *");
    later->schedule.start = civil_make(2026, 2, 1, 0, 0, 0);
    world_put(w, 4, later);
    down = world_spec(w, CYCLE_DAY, "0 0 4 * * ? *");
    world_upstream(w, down, world_on(4, DEP_DAY, DEP_PREVIOUS_DAY));
    world_put(w, 5, down);
    world_to(w, "2026-01-06 04:00:00");
    assert_state(w, 5, day6, "RUNNING");
}

static void count_told(void *ctx, const struct wait_item *item)
{
    (void)item;
    ++*(int *)ctx;
}

/* Who asks looks up what is told, and no more; all are counted. */
static void test_explain__looks_up_what_it_tells(void **state)
{
    struct world *w = *state;
    struct task_spec *down = world_spec(w, CYCLE_DAY, "0 0 3 * * ? *");
    int told = 0;

    world_upstream(w, down, world_on(1, DEP_DAY, DEP_PREVIOUS_DAY));
    world_put(w, 1, world_spec(w, CYCLE_HOUR, "0 0 * * * ? *"));
    world_put(w, 2, down);
    world_to(w, "2026-01-05 03:00:00");
    size_t finds = w->image.finds;
    assert_int_equal(core_explain(w->core, world_key(2, day5), w->now, 3, count_told, &told), 24);
    assert_int_equal(told, 3);
    assert_int_equal(w->image.finds - finds, 3);
}

static void test_upstream__not_exist_passes_under_executing_only(void **state)
{
    struct world *w = *state;
    struct task_spec *up = world_spec(w, CYCLE_HOUR, "0 0 * * * ? *");

    up->schedule.window_from = 120;
    world_put(w, 1, up);
    for (int id = 2; id <= 3; id++) {
        struct task_spec *down = world_spec(w, CYCLE_HOUR, "0 0 * * * ? *");
        struct task_upstream on = world_on(1, DEP_HOUR, DEP_CURRENT_HOUR);
        on.strategy = id == 3 ? NULL_EXECUTING : NULL_WAITING;
        on.conditions = NULL_NOT_EXIST;
        world_upstream(w, down, on);
        world_put(w, id, down);
    }
    world_to(w, "2026-01-05 01:00:00");
    assert_state(w, 2, "2026-01-05 01:00:00", "WAIT_UPSTREAM");
    assert_state(w, 3, "2026-01-05 01:00:00", "RUNNING");
    world_to(w, "2026-01-05 02:00:00");
    assert_state(w, 3, "2026-01-05 02:00:00", "WAIT_UPSTREAM");
}

static void test_upstream__before_its_submission_counts_as_not_existing(void **state)
{
    struct world *w = *state;

    world_put_from(w, 1, daily(w), "2026-01-05 00:00:00");
    for (int id = 2; id <= 3; id++) {
        struct task_spec *down = daily(w);
        struct task_upstream on = on_day(1);
        on.strategy = id == 3 ? NULL_EXECUTING : NULL_WAITING;
        on.conditions = NULL_NOT_EXIST;
        world_upstream(w, down, on);
        world_put(w, id, down);
    }
    world_settle(w);
    assert_state(w, 2, day5, "WAIT_UPSTREAM");
    assert_state(w, 3, day5, "RUNNING");
}

static void test_upstream__expired_parent_and_timeout_pass_when_listed(void **state)
{
    struct world *w = *state;

    world_put(w, 1, daily(w));
    for (int id = 2; id <= 4; id++) {
        struct task_spec *down = daily(w);
        struct task_upstream on = on_day(1);
        on.strategy = NULL_EXECUTING;
        on.conditions = id == 2   ? NULL_PARENT_EXPIRED
                        : id == 3 ? NULL_PARENT_TIMEOUT
                                  : NULL_NOT_EXIST;
        on.timeout_minutes = 30;
        world_upstream(w, down, on);
        world_put(w, id, down);
    }
    world_settle(w);
    world_to(w, "2026-01-05 00:29:59");
    assert_state(w, 3, day5, "WAIT_UPSTREAM");
    world_to(w, "2026-01-05 00:30:00");
    assert_state(w, 3, day5, "RUNNING");
    assert_state(w, 2, day5, "WAIT_UPSTREAM");
    world_end(w, world_key(1, day5), RESULT_FAILED);
    assert_state(w, 2, day5, "RUNNING");
    assert_state(w, 4, day5, "WAIT_UPSTREAM");
}

static void test_upstream__of_an_absent_task_waits_until_it_is_put(void **state)
{
    struct world *w = *state;
    struct task_spec *down = daily(w);

    world_upstream(w, down, on_day(1));
    world_put(w, 2, down);
    world_settle(w);
    assert_string_equal(world_why(w, 2, day5), "UPSTREAM:none");
    world_put(w, 1, daily(w));
    world_settle(w);
    assert_string_equal(world_why(w, 2, day5), "UPSTREAM:RUNNING");
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    assert_state(w, 2, day5, "RUNNING");
}

static void test_upstream__deleted_expires_or_releases(void **state)
{
    struct world *w = *state;

    for (int id = 1; id <= 2; id++)
        world_put(w, id, world_spec(w, CYCLE_DAY, "0 0 9 * * ? *"));
    for (int id = 3; id <= 4; id++) {
        struct task_spec *down = daily(w);
        world_upstream(w, down, on_day(id - 2));
        world_put(w, id, down);
    }
    world_settle(w);
    core_task_delete(w->core, 1, false, w->now);
    core_task_delete(w->core, 2, true, w->now);
    world_settle(w);
    assert_state(w, 3, day5, "EXPIRED");
    assert_state(w, 4, day5, "RUNNING");
    assert_true(str_eq_c(world_instance(w, 3, day5)->reason, "an upstream task was deleted"));
}

static void test_upstream__skipped_skips_through_the_chain(void **state)
{
    struct world *w = *state;

    world_put(w, 1, world_spec(w, CYCLE_DAY, "0 0 9 * * ? *"));
    for (int id = 2; id <= 4; id++) {
        struct task_spec *down = daily(w);
        world_upstream(w, down, on_day(id - 1));
        world_put(w, id, down);
    }
    world_settle(w);
    /* A branch said that task 1 is not to run. */
    struct effect skipped = { .kind = EFFECT_INSTANCE_INSERT,
                              .instance = { .key = world_key(1, day5),
                                            .state = INSTANCE_SKIP_RUNNING } };
    image_apply(&w->image, &skipped);
    image_commit(&w->image);
    world_crash(w);
    for (int id = 2; id <= 4; id++)
        assert_state(w, id, day5, "SKIP_RUNNING");
    assert_int_equal(world_instance(w, 4, day5)->total_runs, 0);
}

static void test_set_success__releases_those_who_wait(void **state)
{
    struct world *w = *state;
    struct task_spec *down = daily(w);

    world_upstream(w, down, on_day(1));
    world_put(w, 1, daily(w));
    world_put(w, 2, down);
    world_settle(w);
    assert_int_equal(core_set_success(w->core, world_key(1, day5), NULL, STR("ok"), w->now, NULL),
                     E_CONFLICT);
    world_end(w, world_key(1, day5), RESULT_FAILED);
    assert_int_equal(core_set_success(w->core, world_key(1, day5), NULL, STR("ok"), w->now, NULL),
                     E_MISSING);
    struct instance old = *world_instance(w, 1, day5);
    assert_int_equal(core_set_success(w->core, old.key, &old, STR("ok"), w->now, NULL), E_OK);
    world_settle(w);
    assert_state(w, 1, day5, "COMPLETED");
    assert_int_equal(world_instance(w, 1, day5)->round, 0);
    assert_state(w, 2, day5, "RUNNING");
    /* A waiting one. */
    w->now = world_at(day6);
    world_settle(w);
    assert_state(w, 2, day6, "WAIT_UPSTREAM");
    assert_int_equal(core_set_success(w->core, world_key(2, day6), NULL, STR("ok"), w->now, NULL),
                     E_OK);
    world_settle(w);
    assert_state(w, 2, day6, "COMPLETED");
}

/* ---- order --------------------------------------------------------------------------------- */

static void test_orderly__waits_for_the_predecessor(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = daily(w);

    spec->self_depend = SELF_ORDERLY;
    world_put(w, 1, spec);
    world_to(w, day6);
    assert_state(w, 1, day5, "RUNNING");
    assert_state(w, 1, day6, "WAIT_UPSTREAM");
    assert_string_equal(world_why(w, 1, day6), "ORDER:RUNNING");
    world_crash(w);
    world_end(w, world_key(1, day5), RESULT_FAILED);
    assert_string_equal(world_why(w, 1, day6), "ORDER:EXPIRED");
    world_to(w, "2026-01-07 00:00:00");
    world_backfill(w, 1, day5, 0, "");
    world_settle(w);
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    assert_state(w, 1, day6, "RUNNING");
    assert_state(w, 1, "2026-01-07 00:00:00", "WAIT_UPSTREAM");
}

static void test_orderly__a_batch_finds_its_own_predecessors(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = daily(w);

    spec->self_depend = SELF_ORDERLY;
    world_put(w, 1, spec);
    world_settle(w);
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    /* Newest first: the order is by data time all the same. */
    world_backfill(w, 1, "2025-03-03 00:00:00", INSTANCE_SKIP_UPSTREAMS, "plan");
    world_backfill(w, 1, "2025-03-01 00:00:00", INSTANCE_SKIP_UPSTREAMS, "plan");
    world_backfill(w, 1, "2025-03-02 00:00:00", INSTANCE_SKIP_UPSTREAMS, "plan");
    world_settle(w);
    assert_state(w, 1, "2025-03-01 00:00:00", "RUNNING");
    assert_state(w, 1, "2025-03-02 00:00:00", "WAIT_UPSTREAM");
    assert_state(w, 1, "2025-03-03 00:00:00", "WAIT_UPSTREAM");
    world_end(w, world_key(1, "2025-03-01 00:00:00"), RESULT_SUCCESS);
    assert_state(w, 1, "2025-03-02 00:00:00", "RUNNING");
    assert_state(w, 1, "2025-03-03 00:00:00", "WAIT_UPSTREAM");
}

/* ---- events (docs/reference/semantics.md 4.4) ---------------------------------------------- */

static void test_event__fired_before_or_after_releases(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = daily(w);

    world_listen(w, spec, "ready", EVENT_SUB_DAY, true, -1);
    world_upstream(w, spec, on_day(2));
    world_put(w, 1, spec);
    world_put(w, 2, world_spec(w, CYCLE_DAY, "0 0 1 * * ? *"));
    world_settle(w);
    assert_state(w, 1, day5, "WAIT_EVENT");
    assert_string_equal(world_why(w, 1, day5), "EVENT UPSTREAM:none");
    world_fire(w, "ready", day6, false);
    assert_state(w, 1, day5, "WAIT_EVENT");
    world_crash(w);
    world_fire(w, "ready", day5, false);
    assert_state(w, 1, day5, "WAIT_UPSTREAM");
    assert_int_equal(world_count(w, EFFECT_CASE_CONSUMED), 1);
    world_to(w, "2026-01-05 01:00:00");
    world_end(w, world_key(2, day5), RESULT_SUCCESS);
    assert_state(w, 1, day5, "RUNNING");
    world_to(w, day6);
    assert_state(w, 1, day6, "WAIT_UPSTREAM");
    assert_int_equal(world_count(w, EFFECT_CASE_CONSUMED), 2);
}

static void test_event__single_case_serves_one_broadcast_all(void **state)
{
    struct world *w = *state;

    for (int id = 1; id <= 4; id++) {
        struct task_spec *spec = daily(w);
        world_listen(w, spec, id <= 2 ? "one" : "all", EVENT_SUB_DAY, id > 2, -1);
        world_put(w, id, spec);
    }
    world_settle(w);
    world_fire(w, "one", day5, true);
    assert_state(w, 1, day5, "RUNNING");
    assert_state(w, 2, day5, "WAIT_EVENT");
    world_fire(w, "all", day5, false);
    assert_state(w, 3, day5, "RUNNING");
    assert_state(w, 4, day5, "RUNNING");
    world_fire(w, "one", day5, true);
    assert_state(w, 2, day5, "RUNNING");
}

static void test_event__all_cases_are_taken_together(void **state)
{
    struct world *w = *state;
    struct task_spec *both = daily(w), *first = daily(w);

    world_listen(w, both, "a", EVENT_SUB_DAY, false, -1);
    world_listen(w, both, "b", EVENT_SUB_DAY, false, -1);
    world_put(w, 1, both);
    world_settle(w);
    world_fire(w, "a", day5, true);
    assert_string_equal(world_why(w, 1, day5), "EVENT");
    assert_int_equal(w->image.cases[0].consumed, 0);
    /* Another takes it meanwhile. */
    world_listen(w, first, "a", EVENT_SUB_DAY, false, -1);
    world_put(w, 2, first);
    world_settle(w);
    assert_state(w, 2, day5, "RUNNING");
    world_fire(w, "b", day5, true);
    assert_state(w, 1, day5, "WAIT_EVENT");
    assert_int_equal(w->image.cases[1].consumed, 0);
    world_crash(w);
    world_fire(w, "a", day5, true);
    assert_state(w, 1, day5, "RUNNING");
}

static void test_event__general_serves_any_data_time(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = daily(w);

    world_listen(w, spec, "any", EVENT_SUB_DAY, false, -1);
    world_put(w, 1, spec);
    world_to(w, day6);
    world_fire_for(w, "any", "1999-01-01 00:00:00", true, true, 60);
    assert_state(w, 1, day5, "RUNNING");
    assert_state(w, 1, day6, "WAIT_EVENT");
    world_fire_for(w, "any", "1999-01-01 00:00:00", true, true, 60);
    assert_state(w, 1, day6, "RUNNING");
}

static void test_event__granularity_cuts_the_data_time(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = world_spec(w, CYCLE_HOUR, "0 0 * * * ? *");

    world_listen(w, spec, "day", EVENT_SUB_DAY, true, -1);
    world_put(w, 1, spec);
    world_to(w, "2026-01-05 02:00:00");
    world_fire(w, "day", day5, false);
    assert_state(w, 1, "2026-01-05 00:00:00", "RUNNING");
    assert_state(w, 1, "2026-01-05 02:00:00", "RUNNING");
}

static void test_event__limits(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = daily(w);

    world_listen(w, spec, "late", EVENT_SUB_DAY, true, 90);
    spec->max_retries = 4;
    world_put(w, 1, spec);
    world_settle(w);
    world_to(w, "2026-01-05 01:29:59");
    assert_state(w, 1, day5, "WAIT_EVENT");
    world_to(w, "2026-01-05 01:30:00");
    assert_state(w, 1, day5, "EXPIRED");
    const struct instance *i = world_instance(w, 1, day5);
    assert_true(wall_is_set(i->ended_at) && !wall_is_set(i->started_at) && i->tries == 0 &&
                i->total_runs == 0);
    /* A case that is over does not count. */
    world_fire_for(w, "late", day6, false, false, 60);
    world_to(w, day6);
    assert_state(w, 1, day6, "WAIT_EVENT");
}

/* ---- backfill ------------------------------------------------------------------------------ */

static void test_backfill__runs_at_once_and_by_its_flags(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = world_spec(w, CYCLE_DAY, "0 0 9 * * ? *");

    world_listen(w, spec, "e", EVENT_SUB_DAY, true, -1);
    world_upstream(w, spec, on_day(9));
    world_put(w, 1, spec);
    world_settle(w);
    /* Of the future. */
    world_backfill(w, 1, "2026-03-01 00:00:00", INSTANCE_SKIP_EVENTS | INSTANCE_SKIP_UPSTREAMS,
                   "plan");
    world_backfill(w, 1, "2026-03-02 00:00:00", INSTANCE_SKIP_EVENTS, "plan");
    world_backfill(w, 1, "2026-03-03 00:00:00", INSTANCE_SKIP_UPSTREAMS, "plan");
    world_settle(w);
    assert_state(w, 1, "2026-03-01 00:00:00", "RUNNING");
    assert_state(w, 1, "2026-03-02 00:00:00", "WAIT_UPSTREAM");
    assert_state(w, 1, "2026-03-03 00:00:00", "WAIT_EVENT");
    const struct instance *i = world_instance(w, 1, "2026-03-01 00:00:00");
    assert_int_equal(i->type, INSTANCE_BACKFILL);
    assert_int_equal(i->run_type, RUN_ADDITION);
    assert_true(str_eq_c(i->plan_id, "plan"));
    assert_true(i->fire_at.us == world_at("2026-03-01 09:00:00").us);
}

static void test_backfill__opens_a_new_round_of_what_is_there(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = daily(w);

    spec->max_retries = 1;
    world_put(w, 1, spec);
    world_settle(w);
    world_end(w, world_key(1, day5), RESULT_FAILED);
    world_to(w, "2026-01-05 00:05:00");
    world_end(w, world_key(1, day5), RESULT_FAILED);
    assert_state(w, 1, day5, "EXPIRED");
    world_to(w, "2026-01-05 01:00:00");
    world_backfill(w, 1, day5, 0, "plan");
    world_settle(w);
    const struct instance *i = world_instance(w, 1, day5);
    assert_int_equal(i->round, 1);
    assert_int_equal(i->tries, 1);
    assert_int_equal(i->total_runs, 3);
    assert_int_equal(i->type, INSTANCE_BACKFILL);
    assert_true(i->created_at.us == world_at(day5).us && i->round_at.us == w->now.us);
    assert_false(wall_is_set(i->ended_at));
    assert_int_equal(w->image.n_rounds, 1);
    assert_int_equal(w->image.rounds[0].i.state, INSTANCE_EXPIRED);
    assert_int_equal(w->image.rounds[0].i.tries, 2);
}

static void test_rerun__keeps_the_type_and_runs_at_once(void **state)
{
    struct world *w = *state;
    struct backfill_wish wish = { .task_id = 1, .rerun = true };

    world_put(w, 1, daily(w));
    world_settle(w);
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    struct instance old = *world_instance(w, 1, day5);
    wish.existing = &old;
    wish.firing = (struct firing){ old.planned, old.fire_at, old.key.data_time };
    w->now.us -= 3600000000; /* the clock was set back: it is asked for all the same */
    core_backfill(w->core, &wish, w->now);
    world_settle(w);
    const struct instance *i = world_instance(w, 1, day5);
    assert_int_equal(i->state, INSTANCE_RUNNING);
    assert_int_equal(i->type, INSTANCE_PERIODIC);
    assert_int_equal(i->run_type, RUN_RERUN);
    assert_int_equal(i->round, 1);
}

static void test_backfill__check_says_what_is_not_possible(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = daily(w);
    struct backfill_wish wish = { .task_id = 7 };
    bool active;
    struct err e = ERR_INIT;

    assert_int_equal(core_backfill_check(w->core, &wish, &active, &e), E_MISSING);
    spec->redo = REDO_FAILURE;
    world_put(w, 1, spec);
    world_settle(w);
    wish.task_id = 1;
    wish.firing.data_time = world_key(1, day5).data_time;
    assert_int_equal(core_backfill_check(w->core, &wish, &active, &e), E_CONFLICT);
    assert_true(active);
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    struct instance old = *world_instance(w, 1, day5);
    wish.existing = &old;
    assert_int_equal(core_backfill_check(w->core, &wish, &active, &e), E_DENIED);
    assert_false(active);
    old.state = INSTANCE_EXPIRED;
    assert_int_equal(core_backfill_check(w->core, &wish, &active, &e), E_OK);
    spec = daily(w);
    spec->redo = REDO_NONE;
    world_put(w, 1, spec);
    assert_int_equal(core_backfill_check(w->core, &wish, &active, &e), E_DENIED);
}

static void test_plan__waits_for_members_created_later_in_the_batch(void **state)
{
    struct world *w = *state;
    struct task_spec *down = daily(w);
    const char *day = "2025-05-05 00:00:00";

    world_upstream(w, down, on_day(1));
    world_upstream(w, down, on_day(2));
    world_put(w, 1, daily(w));
    world_put(w, 2, daily(w));
    world_put(w, 3, down);
    world_settle(w);
    /* Task 2 has an instance of that day, outside the plan, that failed. */
    world_backfill(w, 2, day, 0, "other");
    world_settle(w);
    world_end(w, world_key(2, day), RESULT_FAILED);
    world_backfill(w, 3, day, INSTANCE_PLAN_UPSTREAMS, "plan");
    world_backfill(w, 1, day, INSTANCE_PLAN_UPSTREAMS, "plan");
    world_settle(w);
    assert_state(w, 1, day, "RUNNING");
    assert_string_equal(world_why(w, 3, day), "UPSTREAM:RUNNING");
    /* After a crash the failed member still counts, the stranger still does not. */
    world_end(w, world_key(1, day), RESULT_FAILED);
    world_crash(w);
    assert_string_equal(world_why(w, 3, day), "UPSTREAM:EXPIRED");
    world_backfill(w, 1, day, INSTANCE_PLAN_UPSTREAMS, "plan");
    world_settle(w);
    world_end(w, world_key(1, day), RESULT_SUCCESS);
    assert_state(w, 3, day, "RUNNING");
}

/* 7.1: a member stays one when it is run again, whenever its conditions are looked up. */
static void test_plan__waits_for_a_member_that_another_plan_runs_again(void **state)
{
    struct world *w = *state;
    struct task_spec *down = daily(w);
    const char *day = "2025-05-05 00:00:00";

    world_upstream(w, down, on_day(1));
    world_put(w, 1, daily(w));
    world_put(w, 3, down);
    world_settle(w);
    world_backfill(w, 1, day, INSTANCE_PLAN_UPSTREAMS, "plan");
    world_backfill(w, 3, day, INSTANCE_PLAN_UPSTREAMS, "plan");
    world_settle(w);
    world_end(w, world_key(1, day), RESULT_FAILED);
    world_backfill(w, 1, day, 0, "again");
    world_settle(w);
    world_crash(w);
    assert_string_equal(world_why(w, 3, day), "UPSTREAM:RUNNING");
    world_end(w, world_key(1, day), RESULT_FAILED);
    world_crash(w);
    assert_string_equal(world_why(w, 3, day), "UPSTREAM:EXPIRED");
    /* Also while it is only promised to run again. */
    core_promise(w->core, STR("third"), world_key(1, day));
    world_put(w, 3, down);
    world_settle(w);
    assert_string_equal(world_why(w, 3, day), "UPSTREAM:WAIT_EVENT");
    world_backfill(w, 1, day, 0, "third");
    world_settle(w);
    world_end(w, world_key(1, day), RESULT_SUCCESS);
    assert_state(w, 3, day, "RUNNING");
}

/* 3.4: before the upstream's StartTime nothing fires, but what was backfilled there counts. */
static void test_plan__waits_for_what_exists_before_the_upstreams_start(void **state)
{
    struct world *w = *state;
    struct task_spec *up = daily(w), *down = daily(w), *recent = daily(w);
    struct task_spec *monthly = world_spec(w, CYCLE_MONTH, "0 0 0 1 * ? *");
    const char *alone = "2025-05-04 00:00:00", *day = "2025-05-05 00:00:00";
    const char *month = "2025-05-01 00:00:00";

    up->schedule.start = civil_make(2026, 1, 4, 0, 0, 0);
    down->schedule.start = recent->schedule.start = monthly->schedule.start = up->schedule.start;
    world_upstream(w, down, on_day(1));
    world_upstream(w, recent, world_on(4, DEP_DAY, DEP_RECENT_DATE));
    world_put(w, 1, up);
    world_put(w, 2, down);
    world_put(w, 3, recent);
    world_put(w, 4, monthly);
    world_settle(w);
    /* Nothing is there and nothing will be: the set is empty. */
    world_backfill(w, 2, alone, 0, "first");
    world_settle(w);
    assert_state(w, 2, alone, "RUNNING");
    /* All members of a plan are seen, whatever their order. */
    world_backfill(w, 2, day, 0, "second");
    world_backfill(w, 3, day, 0, "second");
    world_backfill(w, 1, day, 0, "second");
    world_backfill(w, 4, month, 0, "second");
    world_settle(w);
    assert_state(w, 1, day, "RUNNING");
    assert_string_equal(world_why(w, 2, day), "UPSTREAM:RUNNING");
    assert_string_equal(world_why(w, 3, day), "UPSTREAM:RUNNING");
    world_end(w, world_key(1, day), RESULT_FAILED);
    world_crash(w);
    assert_string_equal(world_why(w, 2, day), "UPSTREAM:EXPIRED");
    assert_string_equal(world_why(w, 3, day), "UPSTREAM:RUNNING");
    world_backfill(w, 1, day, 0, "third");
    world_settle(w);
    world_end(w, world_key(1, day), RESULT_SUCCESS);
    world_end(w, world_key(4, month), RESULT_SUCCESS);
    assert_state(w, 2, day, "RUNNING");
    assert_state(w, 3, day, "RUNNING");
}

static void test_replace__resolves_waiting_instances_anew(void **state)
{
    struct world *w = *state;
    struct task_spec *down = daily(w);

    world_upstream(w, down, on_day(1));
    world_listen(w, down, "e", EVENT_SUB_DAY, true, -1);
    world_put(w, 1, daily(w));
    world_put(w, 2, down);
    world_settle(w);
    assert_state(w, 2, day5, "WAIT_EVENT");
    struct task_spec *free = daily(w);
    free->priority = 4;
    world_put(w, 2, free);
    world_settle(w);
    assert_state(w, 2, day5, "RUNNING");
    assert_int_equal(world_instance(w, 2, day5)->version_no, 2);
    assert_int_equal(world_instance(w, 2, day5)->priority, 4);
}

static void test_replace__of_the_upstream_resolves_those_who_wait_for_it(void **state)
{
    struct world *w = *state;
    struct task_spec *down = daily(w);

    world_upstream(w, down, on_day(1));
    world_put(w, 1, world_spec(w, CYCLE_DAY, "0 0 9 * * ? *"));
    world_put(w, 2, down);
    world_settle(w);
    assert_string_equal(world_why(w, 2, day5), "UPSTREAM:none");
    /* Hours from 22:00 on: the day has two of them. */
    world_put(w, 1, world_spec(w, CYCLE_HOUR, "0 0 22,23 * * ? *"));
    world_settle(w);
    assert_string_equal(world_why(w, 2, day5), "UPSTREAM:none UPSTREAM:none");
    /* A cycle that the rule does not fit waits for the task to be put again. */
    world_put(w, 1, world_spec(w, CYCLE_CRONTAB, "0 0 22 * * ? *"));
    world_settle(w);
    assert_string_equal(world_why(w, 2, day5), "UPSTREAM:none");
    struct task_spec *later = daily(w);
    later->schedule.start = civil_make(2027, 1, 1, 0, 0, 0);
    world_put(w, 1, later);
    world_settle(w);
    assert_state(w, 2, day5, "RUNNING");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_upstream__completion_releases),
        T(test_upstream__not_there_yet_is_waited_for),
        T(test_upstream__met_conditions_are_not_taken_back),
        T(test_upstream__sets_wait_for_all_and_empty_sets_pass),
        T(test_explain__looks_up_what_it_tells),
        T(test_upstream__not_exist_passes_under_executing_only),
        T(test_upstream__before_its_submission_counts_as_not_existing),
        T(test_upstream__expired_parent_and_timeout_pass_when_listed),
        T(test_upstream__of_an_absent_task_waits_until_it_is_put),
        T(test_upstream__deleted_expires_or_releases),
        T(test_upstream__skipped_skips_through_the_chain),
        T(test_set_success__releases_those_who_wait),
        T(test_orderly__waits_for_the_predecessor),
        T(test_orderly__a_batch_finds_its_own_predecessors),
        T(test_event__fired_before_or_after_releases),
        T(test_event__single_case_serves_one_broadcast_all),
        T(test_event__all_cases_are_taken_together),
        T(test_event__general_serves_any_data_time),
        T(test_event__granularity_cuts_the_data_time),
        T(test_event__limits),
        T(test_backfill__runs_at_once_and_by_its_flags),
        T(test_backfill__opens_a_new_round_of_what_is_there),
        T(test_rerun__keeps_the_type_and_runs_at_once),
        T(test_backfill__check_says_what_is_not_possible),
        T(test_plan__waits_for_members_created_later_in_the_batch),
        T(test_plan__waits_for_a_member_that_another_plan_runs_again),
        T(test_plan__waits_for_what_exists_before_the_upstreams_start),
        T(test_replace__resolves_waiting_instances_anew),
        T(test_replace__of_the_upstream_resolves_those_who_wait_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
