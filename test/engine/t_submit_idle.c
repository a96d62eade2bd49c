/* test/engine/t_submit_idle.c - tasks that are submitted as paused or stopped ones: nothing fires
 * in between (docs/reference/semantics.md 1.5, 1.6). */
#include "task_world.h"

#include "engine/cmd_ops.h"

static struct world w;

static int setup(void **state)
{
    (void)state;
    world_init(&w);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

static void must_submit_as(int64_t id, enum task_status status)
{
    struct err e = ERR_INIT;

    if (world_submit_as(&w, id, status, &e) != E_OK)
        fail_msg("submit: %s: %s", e.path, e.text);
    assert_int_equal(world_row(&w, id).status, status);
    core_verify(engine_core(w.engine));
}

struct starting {
    int64_t id;
    bool make_up;
};

static enum err_code start_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    const struct starting *s = ctx;
    struct ops_request r = {
        .project_id = STR(PROJECT), .uin = STR("1"), .tasks = &s->id, .n_tasks = 1, .doc = STR("{}")
    };

    (void)world;
    return ops_start(g, &r, s->make_up, e);
}

static void must_start(int64_t id, bool make_up)
{
    struct starting s = { id, make_up };

    assert_int_equal(world_run(&w, start_step, &s, NULL), E_OK);
    world_advance(&w, DUR_S(0));
}

/* A submit of it makes its instance in the same turn (2.3). */
static const char past_oneoff[] = "\"CycleType\":\"ONEOFF_CYCLE\","
                                  "\"StartTime\":\"2026-03-01 00:00:00\"";
static const char hourly[] = "\"CycleType\":\"HOUR_CYCLE\","
                             "\"CrontabExpression\":\"0 0 * * * ? *\"";

static void test_idle__a_new_task_never_fires(void **state)
{
    static const enum task_status idle[] = { TASK_PAUSED, TASK_STOPPED };
    static const char *const names[] = { "once_paused", "once_stopped", "paused", "stopped" };

    (void)state;
    for (size_t i = 0; i < 4; i++)
        must_submit_as(must_create(&w, names[i], i < 2 ? past_oneoff : hourly), idle[i % 2]);
    world_advance(&w, DUR_S(2 * 3600));
    assert_int_equal(world_count(&w, &table_instance), 0);
    world_restart(&w);
    world_advance(&w, DUR_S(2 * 3600));
    assert_int_equal(world_count(&w, &table_instance), 0);
    /* The control: without a status the same fires at once. */
    must_submit(&w, must_create(&w, "one", past_oneoff));
    world_advance(&w, DUR_S(0));
    assert_int_equal(world_count(&w, &table_instance), 1);
}

/* The pause begins with the submit. */
static void test_idle__a_start_makes_up_from_the_submit_on(void **state)
{
    int64_t once = must_create(&w, "once", past_oneoff), up = must_create(&w, "up", hourly),
            on = must_create(&w, "on", hourly);

    (void)state;
    must_submit_as(once, TASK_PAUSED);
    must_submit_as(up, TASK_PAUSED);
    must_submit_as(on, TASK_PAUSED);
    world_advance(&w, DUR_S(3 * 3600));
    must_start(once, true);
    assert_int_equal(world_count(&w, &table_instance), 1);
    must_start(up, true);
    assert_int_equal(world_count(&w, &table_instance), 4);
    must_start(on, false);
    assert_int_equal(world_count(&w, &table_instance), 4);
    world_advance(&w, DUR_S(3600));
    assert_int_equal(world_count(&w, &table_instance), 6);
}

/* What was due under the old version is made; from then on it is a pause like any other, also for a
 * version with another schedule that comes during it. */
static void test_idle__a_scheduling_task_is_settled_first(void **state)
{
    int64_t id = must_create(&w, "t", hourly);

    (void)state;
    must_submit(&w, id);
    w.now = wall_add(w.now, DUR_S(2 * 3600)); /* without a turn: two are due */
    must_submit_as(id, TASK_PAUSED);
    assert_int_equal(world_count(&w, &table_instance), 2);
    world_advance(&w, DUR_S(50 * 60));
    must_change(&w, id, "t",
                "\"CycleType\":\"MINUTE_CYCLE\",\"CrontabExpression\":\"0 0/30 * * * ? *\"");
    must_submit(&w, id);
    assert_int_equal(world_row(&w, id).status, TASK_PAUSED);
    must_start(id, true);
    int64_t made = world_count(&w, &table_instance) - 2;
    assert_in_range(made, 1, 2); /* 50 minutes, not the time before them */
    core_verify(engine_core(w.engine));
}

/* A version that changes nothing of the state, and the only way from F to O. */
static void test_idle__a_stopped_task_is_not_started_by_it(void **state)
{
    int64_t id = must_create(&w, "t", past_oneoff);

    (void)state;
    must_submit_as(id, TASK_STOPPED);
    must_change(&w, id, "t", past_oneoff);
    must_submit_as(id, TASK_STOPPED);
    assert_int_equal(world_row(&w, id).submit_version_no, 4);
    must_submit_as(id, TASK_PAUSED);
    world_advance(&w, DUR_S(3600));
    assert_int_equal(world_count(&w, &table_instance), 0);
    must_start(id, true);
    assert_int_equal(world_count(&w, &table_instance), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_idle__a_new_task_never_fires),
        TEST(test_idle__a_start_makes_up_from_the_submit_on),
        TEST(test_idle__a_scheduling_task_is_settled_first),
        TEST(test_idle__a_stopped_task_is_not_started_by_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
