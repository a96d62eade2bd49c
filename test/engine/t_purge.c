/* test/engine/t_purge.c - history leaves by its age, and what may still matter stays. */
#include "task_world.h"

#include <stdio.h>

#include "engine/engine_int.h"
#include "engine/job.h"
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

/* ---- rows of other tables -------------------------------------------------------------------- */

enum { ITEMS = 450 }; /* more than a step takes */

/* Rows as they may have come long ago; age in days. */
static void put(const struct table *t, const void *row)
{
    assert_int_equal(store_begin(w.store, NULL), E_OK);
    assert_int_equal(row_insert(w.store, t, row, NULL, NULL), E_OK);
    assert_int_equal(store_commit(w.store, NULL), E_OK);
}

static struct wall days_ago(int n)
{
    return wall_add(w.now, DUR_S(-(int64_t)n * 86400));
}

static void put_job(const char *id, int age, int64_t total, int64_t task, int items)
{
    put(&table_job, &(struct job_row){ .id = str_from(id),
                                       .project_id = STR(PROJECT),
                                       .type = STR("KILL"),
                                       .created_at = days_ago(age),
                                       .total = total,
                                       .doc = STR("{}") });
    for (int k = 0; k < items; k++)
        put(&table_job_item, &(struct job_item_row){ .job_id = str_from(id),
                                                     .task_id = task,
                                                     .data_time = { 86400 * (int64_t)k } });
}

static void jobs_leave_with_their_items(void **state)
{
    struct job_progress progress;
    struct job_row job = { .id = STR("old") };

    (void)state;
    put_job("old", KEEP + 2, ITEMS, 1, ITEMS);
    put_job("young", KEEP - 2, 1, 1, 1);
    keep(KEEP);
    /* While it goes it says the same. */
    for (int n = 0; world_count(&w, &table_job) == 2; n++) {
        assert_in_range(n, 0, 50);
        assert_int_equal(row_get(store_view(w.store), &table_job, &w.arena, &job, NULL), E_OK);
        assert_int_equal(job_look(store_view(w.store), &w.arena, &job, &progress, NULL), E_OK);
        assert_int_equal(progress.status, JOB_SUCCESS);
        assert_int_equal(progress.finished, ITEMS);
        world_advance(&w, DUR_MS(50));
    }
    walk();
    assert_int_equal(world_count(&w, &table_job), 1);
    assert_int_equal(world_count(&w, &table_job_item), 1);
}

/* An instance that is still to end: whoever asks for the job wants to know. */
static void a_job_that_is_not_done_stays(void **state)
{
    struct civil oldest;

    (void)state;
    int64_t task = submitted("t", DAILY);
    pass_days(3);
    assert_true(count(task, &oldest) > 0);
    put_job("old", KEEP + 2, 1, 1, 0);
    put(&table_job_item,
        &(struct job_item_row){ .job_id = STR("old"), .task_id = task, .data_time = oldest });
    keep(KEEP);
    walk();
    assert_int_equal(world_count(&w, &table_job), 1);
    assert_int_equal(world_count(&w, &table_job_item), 1);
}

static void put_case(const char *id, int fired, int expired)
{
    put(&table_case, &(struct case_row){ .id = str_from(id),
                                         .event_id = STR("e"),
                                         .project_id = STR(PROJECT),
                                         .event_name = STR("e"),
                                         .dimension = STR("20260101"),
                                         .fired_at = days_ago(fired),
                                         .updated_at = days_ago(fired),
                                         .expires_at = days_ago(expired) });
}

static void cases_leave_when_they_have_long_been_over(void **state)
{
    (void)state;
    put_case("1-over", 3 * KEEP, 2 * KEEP);
    put_case("2-lives", 3 * KEEP, -10);
    put_case("3-over-lately", 3 * KEEP, KEEP - 1);
    for (int k = 0; k < ITEMS; k++)
        put(&table_consumption, &(struct consumption_row){ .case_id = STR("1-over"),
                                                           .task_id = 1 + k,
                                                           .project_id = STR(PROJECT),
                                                           .at = days_ago(3 * KEEP) });
    put(&table_consumption,
        &(struct consumption_row){ .case_id = STR("2-lives"), .task_id = 1, .at = days_ago(1) });
    keep(KEEP);
    walk();
    assert_int_equal(world_count(&w, &table_case), 2);
    assert_int_equal(world_count(&w, &table_consumption), 1);
}

static int64_t count_consumptions(int64_t task)
{
    struct query q;
    int64_t n;

    query_init(&q, &table_consumption);
    query_number(&q, CONSUMPTION_TASK_ID, QUERY_EQ, task);
    assert_int_equal(query_count(store_view(w.store), &q, &n, NULL), E_OK);
    return n;
}

/* A case may live longer than who took it: what is made again of the same data time takes it as
 * round 0 again. */
static void consumptions_leave_with_their_instances(void **state)
{
    struct civil oldest;

    (void)state;
    int64_t task = submitted("t", DAILY_DRY);
    pass_days(DAYS);
    assert_int_equal(count(task, &oldest), DAYS);
    put_case("lives", 2 * DAYS, -10);
    for (int k = 0; k < DAYS; k++)
        put(&table_consumption,
            &(struct consumption_row){ .case_id = STR("lives"),
                                       .task_id = task,
                                       .data_time = { oldest.s + 86400 * (int64_t)k },
                                       .project_id = STR(PROJECT),
                                       .at = days_ago(DAYS - k) });
    put(&table_consumption,
        &(struct consumption_row){ .case_id = STR("lives"), .task_id = task + 1 });
    keep(KEEP);
    walk();
    assert_in_range(count(task, NULL), KEEP, KEEP + 2);
    assert_int_equal(count_consumptions(task), count(task, NULL));
    assert_int_equal(count_consumptions(task + 1), 1);
}

static int32_t message_round; /* of the next ones */

static void put_message(int64_t id, int age, int64_t task, struct civil data_time, int deliveries,
                        enum alarm_delivery_state state)
{
    char fired[32];

    snprintf(fired, sizeof(fired), "m%d", (int)id);
    put(&table_alarm_message, &(struct alarm_message_row){ .id = id,
                                                           .fired = str_from(fired),
                                                           .project_id = STR(PROJECT),
                                                           .rule_id = STR("r"),
                                                           .task_id = task,
                                                           .data_time = data_time,
                                                           .round = message_round,
                                                           .fired_at = days_ago(age),
                                                           .at = days_ago(age) });
    for (int k = 0; k < deliveries; k++)
        put(&table_alarm_delivery, &(struct alarm_delivery_row){ .id = id * 1000 + k,
                                                                 .message_id = id,
                                                                 .rule_id = STR("r"),
                                                                 .state = (int32_t)state,
                                                                 .due = days_ago(-400) });
}

static bool has_message(int64_t id)
{
    struct alarm_message_row m = { .id = id };

    return row_get(store_view(w.store), &table_alarm_message, &w.arena, &m, NULL) == E_OK;
}

static void alarms_leave_with_their_rounds(void **state)
{
    struct civil newest;

    (void)state;
    int64_t task = submitted("t", DAILY_DRY);
    pass_days(1);
    assert_int_equal(count(task, &newest), 1);
    put_message(1, 2 * KEEP, 1, (struct civil){ 0 }, ITEMS, DELIVERY_DONE);
    put_message(2, 2 * KEEP, 1, (struct civil){ 0 }, 1, DELIVERY_PENDING);
    put_message(3, 2 * KEEP, task, newest, 1, DELIVERY_DONE); /* its round could fire again */
    put_message(4, 2 * KEEP, 0, (struct civil){ 0 }, 1, DELIVERY_QUIET);
    put_message(5, KEEP, 0, (struct civil){ 0 }, 1, DELIVERY_DONE);
    message_round = ALARM_NO_ROUND; /* they are about no instance */
    put_message(6, 2 * KEEP, task, newest, 1, DELIVERY_DONE);
    put_message(7, 2 * KEEP, task, newest, 1, DELIVERY_PENDING);
    message_round = 0;
    keep(KEEP);
    walk();
    assert_false(has_message(1));
    assert_true(has_message(2));
    assert_true(has_message(3));
    assert_false(has_message(4));
    assert_true(has_message(5));
    assert_false(has_message(6));
    assert_true(has_message(7));
    assert_int_equal(world_count(&w, &table_alarm_delivery), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(old_ones_leave, setup, teardown),
        cmocka_unit_test_setup_teardown(failed_commits_lose_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_live_one_may_select_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(the_newest_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(jobs_leave_with_their_items, setup, teardown),
        cmocka_unit_test_setup_teardown(a_job_that_is_not_done_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(cases_leave_when_they_have_long_been_over, setup, teardown),
        cmocka_unit_test_setup_teardown(consumptions_leave_with_their_instances, setup, teardown),
        cmocka_unit_test_setup_teardown(alarms_leave_with_their_rounds, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
