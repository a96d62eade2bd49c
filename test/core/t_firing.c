/* test/core/t_firing.c - firings become instances, once, in order;
 * docs/reference/semantics.md 2.3, 2.7, 1.6. */
#include "world.h"

#include "cal/zone.h"

#include <setjmp.h>
#include <stdarg.h>

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

static void test_firing__makes_an_instance_at_its_instant(void **state)
{
    struct world *w = *state;

    world_put(w, 1, world_spec(w, CYCLE_DAY, "0 30 2 * * ? *"));
    world_to(w, "2026-01-05 02:29:59");
    assert_int_equal(w->image.n_instances, 0);
    assert_true(core_next_due(w->core).us == world_at("2026-01-05 02:30:00").us);
    world_to(w, "2026-01-05 02:30:00");
    assert_state(w, 1, "2026-01-05 00:00:00", "RUNNING");
    const struct instance *i = world_instance(w, 1, "2026-01-05 00:00:00");
    assert_true(i->planned.s == civil_make(2026, 1, 5, 2, 30, 0).s);
    assert_true(i->fire_at.us == w->now.us && i->created_at.us == w->now.us &&
                i->started_at.us == w->now.us);
    assert_int_equal(i->type, INSTANCE_PERIODIC);
    assert_int_equal(i->run_type, RUN_PERIODIC);
    assert_int_equal(i->tries, 1);
    assert_int_equal(i->try_limit, 1);
    assert_int_equal(i->total_runs, 1);
    assert_int_equal(i->round, 0);
    assert_true(i->fence > 0);
    world_to(w, "2026-01-05 23:00:00");
    assert_int_equal(w->image.n_instances, 1);
}

static void test_firing__missed_ones_are_made_up_in_order(void **state)
{
    struct world *w = *state;

    world_put(w, 1, world_spec(w, CYCLE_HOUR, "0 0 * * * ? *"));
    world_put(w, 2, world_spec(w, CYCLE_HOUR, "0 30 * * * ? *"));
    world_crash(w);
    world_to(w, "2026-01-05 03:45:00");
    assert_int_equal(w->image.n_instances, 8);
    for (size_t k = 1; k < w->image.n_instances; k++)
        assert_true(w->image.instances[k - 1].fire_at.us < w->image.instances[k].fire_at.us);
}

static void test_firing__survives_crash_between_commit_and_loss(void **state)
{
    struct world *w = *state;

    world_put(w, 1, world_spec(w, CYCLE_HOUR, "0 0 * * * ? *"));
    world_to(w, "2026-01-05 02:10:00");
    assert_int_equal(w->image.n_instances, 3);
    /* Uncommitted instances are made again after the crash. */
    w->now = world_at("2026-01-05 05:10:00");
    assert_true(core_advance(w->core, w->now, 2));
    world_crash(w);
    assert_int_equal(w->image.n_instances, 6);
}

static void test_firing__at_or_before_live_from_is_not_made(void **state)
{
    struct world *w = *state;

    world_put_from(w, 1, world_spec(w, CYCLE_HOUR, "0 0 * * * ? *"), "2026-01-05 01:00:00");
    world_to(w, "2026-01-05 02:00:00");
    assert_int_equal(w->image.n_instances, 1);
    assert_state(w, 1, "2026-01-05 02:00:00", "RUNNING");
}

static void test_firing__of_an_existing_data_time_is_a_miss(void **state)
{
    struct world *w = *state;

    world_put(w, 1, world_spec(w, CYCLE_DAY, "0 0 4 * * ? *"));
    world_backfill(w, 1, "2026-01-05 00:00:00", 0, "");
    world_settle(w);
    world_end(w, world_key(1, "2026-01-05 00:00:00"), RESULT_SUCCESS);
    world_to(w, "2026-01-05 04:00:00");
    assert_int_equal(w->image.n_instances, 1);
    assert_int_equal(w->image.n_misses, 1);
    assert_int_equal(w->image.misses[0].reason, MISS_EXISTS);
    assert_int_equal(world_instance(w, 1, "2026-01-05 00:00:00")->type, INSTANCE_BACKFILL);
    /* Live ones count as well. */
    world_backfill(w, 1, "2026-01-06 00:00:00", 0, "");
    world_to(w, "2026-01-06 04:00:00");
    assert_int_equal(w->image.n_misses, 2);
}

static void test_pause__skips_what_it_covers(void **state)
{
    struct world *w = *state;

    world_put(w, 1, world_spec(w, CYCLE_HOUR, "0 0 * * * ? *"));
    world_to(w, "2026-01-05 01:00:00");
    /* Due before the pause, not yet made: it is made. */
    w->now = world_at("2026-01-05 02:10:00");
    core_task_status(w->core, 1, TASK_PAUSED, false, w->now);
    world_settle(w);
    assert_int_equal(w->image.n_instances, 3);
    world_to(w, "2026-01-05 05:10:00");
    assert_int_equal(w->image.n_instances, 3);
    assert_true(core_next_due(w->core).us == WALL_FAR.us);
    core_task_status(w->core, 1, TASK_SCHEDULING, false, w->now);
    world_to(w, "2026-01-05 06:00:00");
    assert_int_equal(w->image.n_instances, 4);
    assert_state(w, 1, "2026-01-05 05:00:00", "NONE");
    assert_state(w, 1, "2026-01-05 06:00:00", "RUNNING");
    /* The skip is durable. */
    world_crash(w);
    assert_int_equal(w->image.n_instances, 4);
}

static void test_start__with_make_up_is_a_put_from_the_old_mark(void **state)
{
    struct world *w = *state;
    const struct task_spec *spec = world_spec(w, CYCLE_HOUR, "0 0 * * * ? *");

    world_put(w, 1, spec);
    world_to(w, "2026-01-05 01:00:00");
    core_task_status(w->core, 1, TASK_PAUSED, false, w->now);
    world_to(w, "2026-01-05 04:30:00");
    struct core_task t = w->tasks[0];
    t.has_high_water = true;
    t.high_water = image_schedule(&w->image, 1)->high_water;
    core_task_put(w->core, &t, w->now);
    world_settle(w);
    assert_int_equal(w->image.n_instances, 5);
}

/* 1.6: what a start makes up lies between the pause and now, whatever was submitted meanwhile: a
 * denser cycle, or another zone, whose clocks show the mark of the pause at another instant. */
static void test_start__with_make_up_of_another_definition(void **state)
{
    static const char *const zones[] = { "UTC", "UTC+8", "UTC-5", "UTC+05:30" };

    (void)state;
    world_done(&world);
    for (size_t z = 0; z < ARRAY_LEN(zones); z++) {
        struct world *w = &world;
        world_init(w);
        world_put(w, 1, world_spec(w, CYCLE_HOUR, "0 0 * * * ? *"));
        world_to(w, "2026-01-05 01:00:00");
        w->now = world_at("2026-01-05 01:40:00");
        core_task_status(w->core, 1, TASK_PAUSED, false, w->now);
        world_settle(w);
        size_t before = w->image.n_instances;
        struct task_spec *denser = world_spec(w, CYCLE_MINUTE, "0 0/30 * * * ? *");
        assert_int_equal(zone_find(str_from(zones[z]), &denser->schedule.zone, NULL), E_OK);
        struct core_task t = w->tasks[0];
        t.spec = denser;
        t.version_no = 2;
        t.has_high_water = true;
        t.high_water = image_schedule(&w->image, 1)->high_water;
        t.settled_at = w->now;
        world_to(w, "2026-01-05 04:10:00");
        core_task_put(w->core, &t, w->now);
        world_settle(w);
        /* 02:00 to 04:00 by half hours, and not 01:30. */
        assert_int_equal(w->image.n_instances - before, 5);
        for (size_t k = before; k < w->image.n_instances; k++)
            assert_true(w->image.instances[k].fire_at.us > world_at("2026-01-05 01:40:00").us);
        world_done(w);
    }
    world_init(&world); /* for the teardown */
}

/* The same of a task whose range was still to come when it was paused. */
static void test_start__with_make_up_of_a_range_that_was_ahead(void **state)
{
    struct world *w = *state;
    struct task_spec *ahead = world_spec(w, CYCLE_HOUR, "0 0 * * * ? *");

    ahead->schedule.start = civil_make(2026, 2, 1, 0, 0, 0);
    world_put(w, 1, ahead);
    core_task_put(w->core, &w->tasks[0], w->now); /* submitted once more: settled up to here */
    world_to(w, "2026-01-05 03:40:00");
    core_task_status(w->core, 1, TASK_PAUSED, false, w->now);
    world_settle(w);
    struct core_task t = w->tasks[0];
    t.spec = world_spec(w, CYCLE_HOUR, "0 0 * * * ? *");
    t.version_no = 2;
    t.has_high_water = true;
    t.high_water = image_schedule(&w->image, 1)->high_water;
    t.settled_at = image_schedule(&w->image, 1)->settled_at;
    world_to(w, "2026-01-05 05:10:00");
    core_task_put(w->core, &t, w->now);
    world_settle(w);
    assert_int_equal(w->image.n_instances, 2); /* 04:00 and 05:00 */
    assert_state(w, 1, "2026-01-05 03:00:00", "NONE");
}

static void test_stop__with_kill_ends_instances(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = world_spec(w, CYCLE_HOUR, "0 0 * * * ? *");

    spec->self_depend = SELF_SERIAL;
    world_put(w, 1, spec);
    world_to(w, "2026-01-05 01:00:00");
    assert_state(w, 1, "2026-01-05 00:00:00", "RUNNING");
    assert_state(w, 1, "2026-01-05 01:00:00", "WAIT_RUN");
    world_forget(w);
    core_task_status(w->core, 1, TASK_STOPPED, true, w->now);
    world_settle(w);
    assert_state(w, 1, "2026-01-05 01:00:00", "EXPIRED");
    assert_state(w, 1, "2026-01-05 00:00:00", "RUNNING");
    assert_int_equal(world_count(w, EFFECT_ATTEMPT_KILL), 1);
    world_end(w, world_key(1, "2026-01-05 00:00:00"), RESULT_KILLED);
    assert_state(w, 1, "2026-01-05 00:00:00", "EXPIRED");
}

static void test_project__disabled_misses_are_recorded(void **state)
{
    struct world *w = *state;

    world_put(w, 1, world_spec(w, CYCLE_HOUR, "0 0 * * * ? *"));
    world_to(w, "2026-01-05 00:30:00");
    core_project_enable(w->core, STR("p"), false, w->now);
    world_to(w, "2026-01-05 02:30:00");
    core_project_enable(w->core, STR("p"), true, w->now);
    world_to(w, "2026-01-05 03:30:00");
    assert_int_equal(w->image.n_instances, 2);
    assert_int_equal(w->image.n_misses, 2);
    assert_int_equal(w->image.misses[0].reason, MISS_PROJECT_DISABLED);
}

static void test_range__over_makes_the_task_invalid_after_its_last_instance(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = world_spec(w, CYCLE_HOUR, "0 0 * * * ? *");

    spec->schedule.end = civil_make(2026, 1, 5, 1, 30, 0);
    world_put(w, 1, spec);
    world_to(w, "2026-01-05 01:00:00");
    world_end(w, world_key(1, "2026-01-05 00:00:00"), RESULT_SUCCESS);
    world_to(w, "2026-01-05 04:00:00");
    assert_int_equal(image_schedule(&w->image, 1)->status, TASK_SCHEDULING);
    world_end(w, world_key(1, "2026-01-05 01:00:00"), RESULT_SUCCESS);
    assert_int_equal(image_schedule(&w->image, 1)->status, TASK_INVALID);
    assert_int_equal(world_count(w, EFFECT_TASK_STATUS), 1);
    /* With nothing live the end of the range itself does it. */
    spec = world_spec(w, CYCLE_HOUR, "0 0 * * * ? *");
    spec->schedule.end = civil_make(2026, 1, 5, 4, 30, 0);
    world_put_from(w, 2, spec, "2026-01-05 04:00:00");
    world_to(w, "2026-01-05 04:30:00");
    assert_int_equal(image_schedule(&w->image, 2)->status, TASK_SCHEDULING);
    world_to(w, "2026-01-05 04:30:01");
    assert_int_equal(image_schedule(&w->image, 2)->status, TASK_INVALID);
    assert_int_equal(w->image.n_instances, 2);
}

/* A command found it scheduling and puts it, after what it put before ended its last instance: the
 * new schedule begins now, and nothing of the time before it is made. */
static void test_put__of_a_task_that_ended_by_the_way_goes_on(void **state)
{
    struct world *w = *state;
    const struct image_schedule *row;

    world_put(w, 1, world_spec(w, CYCLE_ONEOFF, "5 4 3 5 1 ? 2026"));
    world_to(w, "2026-01-05 03:04:05");
    world_end(w, world_key(1, "2026-01-05 03:04:05"), RESULT_SUCCESS);
    row = image_schedule(&w->image, 1);
    assert_int_equal(row->status, TASK_INVALID);
    struct core_task stale = w->tasks[0];
    stale.spec = world_spec(w, CYCLE_HOUR, "0 0 * * * ? *");
    stale.version_no++;
    stale.high_water = row->high_water;
    stale.settled_at = row->settled_at;
    stale.has_high_water = true;
    world_to(w, "2026-01-05 06:30:00");
    core_task_put(w->core, &stale, w->now);
    world_to(w, "2026-01-05 07:30:00");
    assert_int_equal(image_schedule(&w->image, 1)->status, TASK_SCHEDULING);
    assert_int_equal(w->image.n_instances, 2);
    assert_state(w, 1, "2026-01-05 07:00:00", "RUNNING");
}

static void test_one_off__runs_once_and_is_over(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = world_spec(w, CYCLE_ONEOFF, "5 4 3 5 1 ? 2026");

    world_put(w, 1, spec);
    world_to(w, "2026-01-05 03:04:05");
    assert_state(w, 1, "2026-01-05 03:04:05", "RUNNING");
    assert_int_equal(image_schedule(&w->image, 1)->status, TASK_SCHEDULING);
    world_end(w, world_key(1, "2026-01-05 03:04:05"), RESULT_SUCCESS);
    assert_int_equal(image_schedule(&w->image, 1)->status, TASK_INVALID);
    world_to(w, "2027-01-05 03:04:05");
    assert_int_equal(w->image.n_instances, 1);
}

static void test_resubmit__begins_after_now(void **state)
{
    struct world *w = *state;

    world_put(w, 1, world_spec(w, CYCLE_DAY, "0 0 0 * * ? *"));
    world_to(w, "2026-01-05 10:30:00");
    assert_int_equal(w->image.n_instances, 1);
    /* Hourly from now on: the hours of this morning are not made up, also not after a crash. */
    struct task_spec *spec = world_spec(w, CYCLE_HOUR, "0 0 * * * ? *");
    world_put(w, 1, spec);
    world_settle(w);
    w->tasks[0].live_from = world_at("2026-01-04 00:00:00");
    world_crash(w);
    assert_int_equal(w->image.n_instances, 1);
    world_to(w, "2026-01-05 11:00:00");
    assert_int_equal(w->image.n_instances, 2);
    /* A zone far ahead: its clock shows less than what is settled in the old one. */
    struct err e = ERR_INIT;
    spec = world_spec(w, CYCLE_HOUR, "0 0 * * * ? *");
    assert_int_equal(zone_find(STR("UTC-10"), &spec->schedule.zone, &e), E_OK);
    world_put(w, 1, spec);
    world_settle(w);
    assert_int_equal(w->image.n_instances, 2);
    world_to(w, "2026-01-05 12:00:00");
    assert_int_equal(w->image.n_instances, 3);
    assert_state(w, 1, "2026-01-05 02:00:00", "RUNNING");
}

static void test_budget__bounds_one_step(void **state)
{
    struct world *w = *state;
    size_t n;

    world_put(w, 1, world_spec(w, CYCLE_MINUTE, "0 0/5 * * * ? *"));
    w->now = world_at("2026-01-05 02:00:00");
    assert_true(core_advance(w->core, w->now, 10));
    image_flush(&w->image);
    assert_int_equal(w->image.n_instances, 10);
    core_effects(w->core, &n);
    assert_true(n > 0);
    world_settle(w);
    assert_int_equal(w->image.n_instances, 25);
    core_effects(w->core, &n);
    assert_int_equal(n, 0);
}

static void test_delete__ends_the_task_s_instances(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = world_spec(w, CYCLE_HOUR, "0 0 * * * ? *");

    spec->self_depend = SELF_SERIAL;
    world_put(w, 1, spec);
    world_to(w, "2026-01-05 01:00:00");
    core_task_delete(w->core, 1, false, w->now);
    world_settle(w);
    assert_false(core_task_has(w->core, 1));
    assert_state(w, 1, "2026-01-05 01:00:00", "EXPIRED");
    assert_state(w, 1, "2026-01-05 00:00:00", "RUNNING");
    world_end(w, world_key(1, "2026-01-05 00:00:00"), RESULT_FAILED);
    assert_state(w, 1, "2026-01-05 00:00:00", "EXPIRED");
    world_to(w, "2026-01-06 01:00:00");
    assert_int_equal(w->image.n_instances, 2);
}

static void test_restore__of_an_instance_whose_task_is_gone_ends_it(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = world_spec(w, CYCLE_HOUR, "0 0 * * * ? *");

    spec->self_depend = SELF_SERIAL;
    world_put(w, 1, spec);
    world_to(w, "2026-01-05 01:00:00");
    w->n_tasks = 0;
    world_forget(w);
    world_crash(w);
    assert_state(w, 1, "2026-01-05 01:00:00", "EXPIRED");
    assert_int_equal(world_count(w, EFFECT_ATTEMPT_KILL), 1);
    world_end(w, world_key(1, "2026-01-05 00:00:00"), RESULT_KILLED);
    assert_state(w, 1, "2026-01-05 00:00:00", "EXPIRED");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_firing__makes_an_instance_at_its_instant),
        T(test_firing__missed_ones_are_made_up_in_order),
        T(test_firing__survives_crash_between_commit_and_loss),
        T(test_firing__at_or_before_live_from_is_not_made),
        T(test_firing__of_an_existing_data_time_is_a_miss),
        T(test_pause__skips_what_it_covers),
        T(test_start__with_make_up_of_another_definition),
        T(test_start__with_make_up_of_a_range_that_was_ahead),
        T(test_start__with_make_up_is_a_put_from_the_old_mark),
        T(test_stop__with_kill_ends_instances),
        T(test_project__disabled_misses_are_recorded),
        T(test_range__over_makes_the_task_invalid_after_its_last_instance),
        T(test_put__of_a_task_that_ended_by_the_way_goes_on),
        T(test_one_off__runs_once_and_is_over),
        T(test_resubmit__begins_after_now),
        T(test_budget__bounds_one_step),
        T(test_delete__ends_the_task_s_instances),
        T(test_restore__of_an_instance_whose_task_is_gone_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
