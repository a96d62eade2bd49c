/* test/engine/t_purge.c - history leaves by its age, and what may still matter stays. */
#include "task_world.h"

#include <stdio.h>

#include "engine/engine_int.h"
#include "engine/purge.h"

#define DAILY_DRY                                                                                  \
    "\"CycleType\":\"DAY_CYCLE\",\"CrontabExpression\":\"0 0 0 * * ? "                             \
    "*\",\"ScheduleRunType\":\"1\""
#define DAILY "\"CycleType\":\"DAY_CYCLE\",\"CrontabExpression\":\"0 0 0 * * ? *\""

enum { DAYS = 120, KEEP = 30 };

static struct world w;
static int n_forgotten;

static int setup(void **state)
{
    (void)state;
    world_init(&w);
    n_forgotten = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

static void forget(void *ctx, uint64_t fence)
{
    (void)ctx, (void)fence;
    n_forgotten++;
}

static void keep(int days)
{
    w.engine->config.keep = DUR_S((int64_t)days * 86400);
    w.engine->config.runner.forget = forget;
}

static void pass_days(int n)
{
    for (int i = 0; i < n; i++)
        world_advance(&w, DUR_S(86400));
}

/* Time enough for one walk. */
static void walk(void)
{
    for (int i = 0; i < 200; i++)
        world_advance(&w, DUR_MS(50));
}

static int64_t count(int64_t task, struct civil *ret_oldest)
{
    struct query q;
    void *rows;
    size_t n;

    query_init(&q, &table_instance);
    query_number(&q, INSTANCE_TASK_ID, QUERY_EQ, task);
    query_order(&q, INSTANCE_DATA_TIME, false);
    assert_int_equal(query_rows(store_view(w.store), &q, &w.arena, &rows, &n, NULL), E_OK);
    if (ret_oldest && n > 0)
        *ret_oldest = ((const struct instance_row *)rows)->data_time;
    return (int64_t)n;
}

static int64_t submitted(const char *name, const char *scheduler)
{
    int64_t id = must_create(&w, name, scheduler);

    must_submit(&w, id);
    return id;
}

static void old_ones_leave(void **state)
{
    struct wall horizon;
    struct civil oldest;

    (void)state;
    int64_t task = submitted("t", DAILY_DRY);
    pass_days(DAYS);
    walk();
    assert_int_equal(count(task, NULL), DAYS); /* all is kept unless it is set */
    keep(KEEP);
    walk();
    assert_in_range(count(task, &oldest), KEEP, KEEP + 2);
    assert_int_equal(metric_get(&engine_metrics(w.engine)->purged), DAYS - count(task, NULL));
    assert_int_equal(purge_horizon(store_view(w.store), &horizon, NULL), E_OK);
    assert_in_range(wall_sub(w.now, horizon).us / 1000000, KEEP * 86400, KEEP * 86400 + 7200);
    /* I1: what is gone is not fired again, not by another engine either; the schedule goes on. */
    int64_t left = count(task, NULL);
    world_restart(&w);
    walk();
    assert_int_equal(count(task, NULL), left);
    pass_days(3);
    assert_int_equal(count(task, NULL), left + 3);
    keep(KEEP);
    walk();
    assert_in_range(count(task, NULL), KEEP, KEEP + 2);
}

/* A commit that fails takes nothing away, and the walk comes again. */
static void failed_commits_lose_nothing(void **state)
{
    (void)state;
    int64_t task = submitted("t", DAILY_DRY);
    pass_days(DAYS);
    keep(KEEP);
    store_set_faults(w.store, (struct store_faults){ .fail_commit_at = 1 });
    engine_turn(w.engine, w.now);
    assert_int_equal(count(task, NULL), DAYS);
    world_advance(&w, DUR_S(2));
    walk();
    pass_days(1);
    walk();
    assert_in_range(count(task, NULL), KEEP, KEEP + 2);
}

/* An attempt that never ends: its instance is live, and may ask for what its upstream put out. */
static void what_a_live_one_may_select_stays(void **state)
{
    struct civil oldest;

    (void)state;
    int64_t up = submitted("up", DAILY_DRY);
    int64_t other = submitted("other", DAILY_DRY);
    char scheduler[512];
    snprintf(
        scheduler, sizeof(scheduler), DAILY ",%s",
        upstream(up, "\"MainCyclicConfig\":\"DAY\",\"SubordinateCyclicConfig\":\"CURRENT_DAY\""));
    int64_t down = must_create(&w, "down", scheduler);
    pass_days(5);
    must_submit(&w, down);
    pass_days(DAYS);
    assert_true(count(down, &oldest) > 0);
    keep(KEEP);
    walk();
    assert_in_range(count(other, NULL), KEEP, KEEP + 2);
    assert_in_range(count(other, NULL), KEEP, KEEP + 2);
    assert_true(count(up, NULL) >= DAYS); /* five days before the oldest live one */
    assert_true(count(down, NULL) >= 1);
}

/* Nothing new came for long: the newest is the predecessor of whatever comes next. */
static void the_newest_stays(void **state)
{
    (void)state;
    int64_t task = submitted("t", DAILY_DRY);
    pass_days(20);
    assert_int_equal(count(task, NULL), 20);
    core_task_status(engine_core(w.engine), task, TASK_PAUSED, false, w.now);
    pass_days(DAYS);
    keep(KEEP);
    walk();
    assert_in_range(count(task, NULL), 1, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(old_ones_leave, setup, teardown),
        cmocka_unit_test_setup_teardown(failed_commits_lose_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_live_one_may_select_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(the_newest_stays, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
