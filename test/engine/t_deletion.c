/* test/engine/t_deletion.c - plans that are deleted in slices: nothing of them goes on from the
 * first commit on, and all of them has ended in the end, whatever happens meanwhile
 * (engine/deletion.h, docs/reference/semantics.md 7.2). */
#include "task_world.h"

#include "engine/cmd_backfill.h"
#include "engine/cmd_instance.h"
#include "engine/cmd_ops.h"
#include "engine/deletion.h"
#include "engine/engine_int.h"
#include "engine/job.h"

static struct world w;

enum { SLICE = 2, DAYS = 7 };

static int setup(void **state)
{
    (void)state;
    world_init(&w);
    w.engine->config.plan_slice = SLICE;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

/* ---- what is asked for ----------------------------------------------------------------------- */

struct plan {
    int64_t task;
    int first, last; /* days of January */
    struct str id, job;
};

static enum err_code create_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    struct plan *p = ctx;
    struct backfill_range range = { .first_day = world_day(p->first),
                                    .last_day = world_day(p->last),
                                    .window_to = 24 * 60 - 1 };
    struct backfill_request r = { .project_id = STR(PROJECT),
                                  .uin = STR("1"),
                                  .tasks = &p->task,
                                  .n_tasks = 1,
                                  .ranges = &range,
                                  .n_ranges = 1,
                                  .flags = INSTANCE_SKIP_EVENTS,
                                  .doc = STR("{}") };
    enum err_code rc = backfill_create(g, &r, &p->id, e);

    if (rc == E_OK)
        p->id = arena_str(&world->arena, p->id);
    return rc;
}

static enum err_code delete_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    struct plan *p = ctx;
    struct backfill_deletion d = {
        .project_id = STR(PROJECT), .plan_id = p->id, .uin = STR("1"), .doc = STR("{}")
    };
    enum err_code rc = backfill_delete(g, &d, &p->job, e);

    if (rc == E_OK)
        p->job = arena_str(&world->arena, p->job);
    return rc;
}

static void must(world_step *step, void *ctx)
{
    struct err e = ERR_INIT;

    if (world_run(&w, step, ctx, &e) != E_OK)
        fail_msg("%s: %s", e.path, e.text);
}

/* Made as a whole; of a serial task the first runs and the others wait. */
static struct plan must_plan(const char *self_depend, int first, int last)
{
    struct plan p = { .task = must_create(&w, "t", self_depend), .first = first, .last = last };

    must_submit(&w, p.task);
    must(create_step, &p);
    world_advance(&w, DUR_S(1));
    return p;
}

static size_t promised(void)
{
    struct core_stats stats;

    core_stats(w.engine->core, &stats);
    return stats.promised;
}

static void end_attempt(const struct plan *p, int number)
{
    const struct attempt_end end = { .fence = (uint64_t)world_instance(&w, p->task, number).fence,
                                     .outcome = ATTEMPT_EXITED,
                                     .ended_at = w.now };

    engine_runner_ended(w.engine, &end);
    engine_turn(w.engine, w.now);
}

/* Nothing is left but records; `ended` of them are over. */
static void must_be_over(int64_t ended)
{
    assert_int_equal(world_count(&w, &table_plan), 0);
    assert_int_equal(world_count(&w, &table_plan_instance), 0);
    assert_int_equal(world_count(&w, &table_plan_slice), 0);
    assert_int_equal(world_count(&w, &table_plan_deletion), 0);
    assert_int_equal(world_in_state(&w, INSTANCE_EXPIRED), ended);
    assert_int_equal(promised(), 0);
    assert_false(engine_next_due(w.engine).us <= w.now.us);
    core_verify(w.engine->core);
}

/* ---- slices ---------------------------------------------------------------------------------- */

static void test_deletion__ends_some_with_each_turn(void **state)
{
    static const int64_t ended[] = { 1, 3, 5, 6 }; /* of two, four, six; the first one runs */
    struct plan p = must_plan("\"SelfDepend\":\"serial\"", 1, DAYS);
    struct job_progress progress;
    struct err e = ERR_INIT;
    int64_t total;

    (void)state;
    must(delete_step, &p); /* the turn takes the first slice too */
    assert_int_equal(world_count(&w, &table_plan), 0);
    assert_int_equal(world_in_state(&w, INSTANCE_RUNNING), 1);
    assert_true(world_instance(&w, p.task, 1).flags & INSTANCE_KILLING);
    for (size_t k = 0; k + 1 < ARRAY_LEN(ended); k++) {
        assert_int_equal(world_count(&w, &table_plan_deletion), 1);
        assert_int_equal(world_in_state(&w, INSTANCE_EXPIRED), ended[k]);
        progress = world_job(&w, p.job, &total);
        assert_int_equal(progress.status, JOB_RUNNING);
        assert_int_equal(progress.finished, 1 + ended[k]);
        assert_int_equal(total, 1 + DAYS); /* the plan, and each instance */
        must_fail(world_run(&w, delete_step, &p, &e), &e, E_MISSING, "DataBackfillPlanId");
    }
    assert_int_equal(world_count(&w, &table_plan_deletion), 0);
    assert_int_equal(world_in_state(&w, INSTANCE_EXPIRED), ended[ARRAY_LEN(ended) - 1]);
    assert_int_equal(world_job(&w, p.job, &total).status,
                     JOB_RUNNING); /* the first one's attempt */
}

static void test_deletion__lets_nothing_run_meanwhile(void **state)
{
    struct plan p = must_plan("\"SelfDepend\":\"serial\"", 1, DAYS);
    int64_t total;

    (void)state;
    must(delete_step, &p);
    end_attempt(&p, 1); /* and its task is free for the next one */
    while (world_count(&w, &table_plan_deletion) > 0) {
        assert_int_equal(world_in_state(&w, INSTANCE_RUNNING), 0);
        engine_turn(w.engine, w.now);
    }
    must_be_over(DAYS);
    assert_int_equal(world_job(&w, p.job, &total).status, JOB_SUCCESS);
    assert_int_equal(world_job(&w, p.job, &total).succeeded, total);
}

static void test_deletion__lets_what_is_due_begin_meanwhile(void **state)
{
    struct plan p = must_plan("\"SelfDepend\":\"serial\"", 1, 20);
    int64_t minutely = must_create(&w, "m",
                                   "\"CycleType\":\"MINUTE_CYCLE\",\"CrontabExpression\":"
                                   "\"0 0/5 * * * ? *\",\"SelfDepend\":\"parallel\"");
    struct instance_row row = { .task_id = minutely,
                                .data_time = civil_make(2026, 3, 4, 5, 10, 0) };

    (void)state;
    must_submit(&w, minutely);
    must(delete_step, &p);
    w.now = wall_add(w.now, DUR_MIN(5));
    engine_turn(w.engine, w.now);
    assert_int_equal(world_count(&w, &table_plan_deletion), 1);
    assert_int_equal(row_get(store_view(w.store), &table_instance, &w.arena, &row, NULL), E_OK);
    assert_int_equal(row.state, INSTANCE_RUNNING);
}

static void test_deletion__of_one_slice_is_over_with_the_call(void **state)
{
    struct plan p = must_plan("\"SelfDepend\":\"serial\"", 1, SLICE);
    int64_t total;

    (void)state;
    must(delete_step, &p);
    assert_int_equal(world_count(&w, &table_plan_deletion), 0);
    assert_int_equal(world_count(&w, &table_plan_instance), 0);
    assert_int_equal(world_in_state(&w, INSTANCE_EXPIRED), SLICE - 1);
    assert_int_equal(world_job(&w, p.job, &total).finished, SLICE);
    assert_int_equal(total, SLICE + 1);
}

/* Nobody follows a plan that goes with its project, and its records go all the same. */
static enum err_code forget_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    const struct plan *p = ctx;
    struct plan_row row = { .id = p->id };

    (void)world;
    enum err_code rc = row_get(engine_view(g), &table_plan, &g->arena, &row, e);
    return rc == E_OK ? deletion_begin(g, &row, NULL, e) : rc;
}

static void test_deletion__without_a_job(void **state)
{
    struct plan p = must_plan("\"SelfDepend\":\"serial\"", 1, DAYS);

    (void)state;
    must(forget_step, &p);
    end_attempt(&p, 1);
    world_advance(&w, DUR_S(1));
    must_be_over(DAYS);
}

/* ---- faults ---------------------------------------------------------------------------------- */

static void test_deletion__goes_on_after_a_restart(void **state)
{
    struct plan p = must_plan("\"SelfDepend\":\"serial\"", 1, DAYS);
    int64_t total;

    (void)state;
    must(delete_step, &p);
    for (int n = 1; world_count(&w, &table_plan_deletion) > 0; n++) {
        assert_true(n < 10);
        world_restart(&w);
        w.engine->config.plan_slice = n; /* another program may have other slices */
        assert_true(core_plan_is_doomed(w.engine->core, p.id));
        core_verify(w.engine->core);
        engine_turn(w.engine, w.now);
        assert_int_equal(world_in_state(&w, INSTANCE_RUNNING), 1);
    }
    assert_false(core_plan_is_doomed(w.engine->core, p.id));
    end_attempt(&p, 1);
    must_be_over(DAYS);
    assert_int_equal(world_job(&w, p.job, &total).status, JOB_SUCCESS);
}

static void test_deletion__ends_all_though_the_store_fails_in_its_slices(void **state)
{
    struct plan p = must_plan("\"SelfDepend\":\"serial\"", 1, DAYS);
    int64_t total;
    int at = 0;

    (void)state;
    must(delete_step, &p);
    while (world_count(&w, &table_plan_deletion) > 0) {
        assert_true(++at < 60);
        store_set_faults(w.store, (struct store_faults){ .fail_change_at = 1 + at % 7 });
        engine_turn(w.engine, w.now);
        store_set_faults(w.store, (struct store_faults){ .fail_commit_at = at % 3 == 0 });
        w.now = wall_add(w.now, DUR_S(2)); /* it is tried again */
        engine_turn(w.engine, w.now);
        store_set_faults(w.store, (struct store_faults){ 0, 0 });
        w.now = wall_add(w.now, DUR_S(2));
        assert_int_equal(world_job(&w, p.job, &total).finished,
                         1 + world_in_state(&w, INSTANCE_EXPIRED));
    }
    end_attempt(&p, 1);
    must_be_over(DAYS);
    assert_int_equal(world_job(&w, p.job, &total).status, JOB_SUCCESS);
}

static void test_deletion__that_the_store_refuses_leaves_the_plan(void **state)
{
    struct plan p = must_plan("\"SelfDepend\":\"serial\"", 1, DAYS);
    struct err e = ERR_INIT;

    (void)state;
    for (int at = 1; at <= 8; at++) {
        store_set_faults(w.store, (struct store_faults){ .fail_change_at = at });
        assert_int_not_equal(world_run(&w, delete_step, &p, &e), E_OK);
        world_advance(&w, DUR_S(1));
        assert_int_equal(world_count(&w, &table_plan), 1);
        assert_int_equal(world_count(&w, &table_plan_instance), DAYS);
        assert_int_equal(world_count(&w, &table_plan_deletion), 0);
        assert_int_equal(world_count(&w, &table_job), 0);
        assert_int_equal(world_in_state(&w, INSTANCE_EXPIRED), 0);
        assert_false(core_plan_is_doomed(w.engine->core, p.id));
    }
}

/* ---- meanwhile ------------------------------------------------------------------------------- */

static void test_deletion__of_a_plan_that_is_made_makes_no_more(void **state)
{
    struct plan p = { .task = must_create(&w, "t", "\"SelfDepend\":\"parallel\""),
                      .first = 1,
                      .last = 9 };
    int64_t total;

    (void)state;
    must_submit(&w, p.task);
    must(create_step, &p);
    assert_int_equal(promised(), 7);
    must(delete_step, &p);
    assert_true(promised() > 0); /* they are withdrawn a slice at a time, too */
    world_restart(&w);
    w.engine->config.plan_slice = SLICE;
    assert_int_equal(world_count(&w, &table_instance), SLICE);
    world_advance(&w, DUR_S(1));
    must_be_over(SLICE);
    assert_int_equal(world_count(&w, &table_instance), SLICE);
    assert_int_equal(w.n_calls, 0);
    assert_int_equal(world_job(&w, p.job, &total).status, JOB_SUCCESS);
    assert_int_equal(total, 1 + SLICE);
}

/* Of what the plans have, those that are the second round of their instance. */
static int64_t second_rounds(void)
{
    struct query q;
    int64_t n;

    query_init(&q, &table_plan_instance);
    query_number(&q, PLAN_INSTANCE_ROUND, QUERY_EQ, 1);
    assert_int_equal(query_count(store_view(w.store), &q, &n, NULL), E_OK);
    return n;
}

/* What is doomed is as good as ended: a plan for the same days has all of them, whether it is made
 * at once, as of one slice, or later. */
static void check_made_again(int last)
{
    struct plan p = must_plan("\"SelfDepend\":\"orderly\"", 1, DAYS);
    struct plan q = { .task = p.task, .first = 2, .last = last };
    int64_t total;

    must(delete_step, &p);
    must(create_step, &q);
    assert_true(world_count(&w, &table_plan_deletion) > 0);
    world_advance(&w, DUR_S(1));
    end_attempt(&p, 1);
    for (int n = 2; n <= DAYS; n++) {
        struct instance_row i = world_instance(&w, p.task, n);
        assert_int_equal(i.round, n <= last);
        assert_true(str_eq(i.plan_id, n <= last ? q.id : p.id));
        assert_int_equal(i.state == INSTANCE_EXPIRED, n > last);
    }
    assert_int_equal(world_count(&w, &table_plan_instance), last - 1);
    assert_int_equal(second_rounds(), last - 1);
    assert_int_equal(world_job(&w, p.job, &total).status, JOB_SUCCESS);
    assert_int_equal(total, 1 + DAYS);
    core_verify(w.engine->core);
}

static void test_deletion__lets_a_small_plan_have_what_it_is_to_end(void **state)
{
    (void)state;
    check_made_again(1 + SLICE);
}

static void test_deletion__lets_a_large_plan_have_what_it_is_to_end(void **state)
{
    (void)state;
    check_made_again(DAYS);
}

struct asking {
    struct instance_key key;
    char what; /* 'k'ill, 'r'erun, 's'et success */
};

static enum err_code ask_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    const struct asking *a = ctx;
    struct instance_request r = {
        .project_id = STR(PROJECT), .uin = STR("1"), .keys = &a->key, .n_keys = 1, .doc = STR("{}")
    };
    struct rerun how = { .self = true };
    struct str job;

    (void)world;
    return a->what == 'k'   ? instances_kill(g, &r, &job, e)
           : a->what == 's' ? instances_set_success(g, &r, &job, e)
                            : instances_rerun(g, &r, &how, &job, e);
}

static void test_deletion__does_not_stand_in_the_way_of_operators(void **state)
{
    struct plan p = must_plan("\"SelfDepend\":\"serial\"", 1, DAYS);
    struct asking kill = { { p.task, world_day(DAYS) }, 'k' },
                  again = { { p.task, world_day(DAYS - 1) }, 'r' },
                  set = { { p.task, world_day(DAYS - 2) }, 's' };
    int64_t total;

    (void)state;
    must(delete_step, &p);
    must(ask_step, &again);
    assert_int_equal(world_instance(&w, p.task, DAYS - 1).round, 1);
    must(ask_step, &kill);
    assert_true(str_eq_c(world_instance(&w, p.task, DAYS).reason, "its backfill plan was deleted"));
    must(ask_step, &set);
    world_advance(&w, DUR_S(1));
    assert_int_equal(world_instance(&w, p.task, DAYS - 2).state, INSTANCE_COMPLETED);
    assert_int_equal(world_count(&w, &table_plan_deletion), 0);
    end_attempt(&p, 1);
    assert_int_equal(world_instance(&w, p.task, DAYS - 1).state, INSTANCE_RUNNING);
    assert_int_equal(world_job(&w, p.job, &total).status, JOB_SUCCESS);
    assert_int_equal(total, 1 + DAYS);
}

static enum err_code stop_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    struct plan *p = ctx;
    struct ops_request r = { .project_id = STR(PROJECT),
                             .uin = STR("1"),
                             .tasks = &p->task,
                             .n_tasks = 1,
                             .doc = STR("{}") };
    struct str job;

    (void)world;
    return ops_stop(g, &r, true, &job, e);
}

/* Both while the plan was made still, so that there is something to withdraw. */
static void check_with_task(bool deleted)
{
    struct plan p = { .task = must_create(&w, "t", "\"SelfDepend\":\"parallel\""),
                      .first = 1,
                      .last = 9 };
    struct err e = ERR_INIT;
    int64_t total, made;

    must_submit(&w, p.task);
    must(create_step, &p);
    must(delete_step, &p);
    made = world_count(&w, &table_instance);
    assert_true(promised() > 0);
    if (deleted)
        assert_int_equal(world_delete(&w, p.task, false, &e), E_OK);
    else
        must(stop_step, &p);
    assert_int_equal(promised(), 0);
    world_advance(&w, DUR_S(1));
    must_be_over(made);
    assert_int_equal(world_count(&w, &table_instance), made);
    assert_int_equal(world_job(&w, p.job, &total).status, JOB_SUCCESS);
}

static void test_deletion__and_that_of_its_task(void **state)
{
    (void)state;
    check_with_task(true);
}

static void test_deletion__and_the_stop_of_its_task(void **state)
{
    (void)state;
    check_with_task(false);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_deletion__ends_some_with_each_turn),
        TEST(test_deletion__lets_nothing_run_meanwhile),
        TEST(test_deletion__lets_what_is_due_begin_meanwhile),
        TEST(test_deletion__of_one_slice_is_over_with_the_call),
        TEST(test_deletion__without_a_job),
        TEST(test_deletion__goes_on_after_a_restart),
        TEST(test_deletion__ends_all_though_the_store_fails_in_its_slices),
        TEST(test_deletion__that_the_store_refuses_leaves_the_plan),
        TEST(test_deletion__of_a_plan_that_is_made_makes_no_more),
        TEST(test_deletion__lets_a_small_plan_have_what_it_is_to_end),
        TEST(test_deletion__lets_a_large_plan_have_what_it_is_to_end),
        TEST(test_deletion__does_not_stand_in_the_way_of_operators),
        TEST(test_deletion__and_that_of_its_task),
        TEST(test_deletion__and_the_stop_of_its_task),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
