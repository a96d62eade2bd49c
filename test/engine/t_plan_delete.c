/* test/engine/t_plan_delete.c - a backfill plan is deleted: what lives ends, what is left goes on
 * without it (docs/reference/semantics.md 7.2). */
#include "task_world.h"

#include "engine/cmd_backfill.h"
#include "engine/job.h"
#include "engine/parameter.h"

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

struct plan {
    int64_t task;
    int first, last; /* day of January; 0: 1 to 3 */
    struct str id, job;
};

static enum err_code create_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    struct plan *p = ctx;
    struct backfill_range range = { .first_day = world_day(p->first ? p->first : 1),
                                    .last_day = world_day(p->last ? p->last : 3),
                                    .window_to = 24 * 60 - 1 };
    struct backfill_request r = { .project_id = STR(PROJECT),
                                  .uin = STR("1"),
                                  .tasks = &p->task,
                                  .n_tasks = 1,
                                  .ranges = &range,
                                  .n_ranges = 1,
                                  .flags = INSTANCE_SKIP_UPSTREAMS | INSTANCE_SKIP_EVENTS,
                                  .doc =
                                      STR("{\"RedefineParamList\":[{\"K\":\"x\",\"V\":\"1\"}]}") };
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

/* One at a time: one runs and two wait. */
static void test_delete__ends_what_waits_at_once_and_follows_what_runs(void **state)
{
    struct plan p = { .task = must_create(&w, "t", "\"SelfDepend\":\"serial\"") };
    struct job_progress progress;
    struct err e = ERR_INIT;
    int64_t total;

    (void)state;
    must_submit(&w, p.task);
    assert_int_equal(world_run(&w, create_step, &p, &e), E_OK);
    world_advance(&w, DUR_S(1));
    assert_int_equal(world_in_state(&w, INSTANCE_RUNNING), 1);
    assert_int_equal(world_run(&w, delete_step, &p, &e), E_OK);
    assert_int_equal(world_in_state(&w, INSTANCE_EXPIRED), 2);
    assert_int_equal(world_in_state(&w, INSTANCE_RUNNING), 1);
    assert_int_equal(world_count(&w, &table_plan), 0);
    assert_int_equal(world_count(&w, &table_plan_instance), 0);
    assert_int_equal(world_count(&w, &table_instance), 3);
    progress = world_job(&w, p.job, &total);
    assert_int_equal(progress.status, JOB_RUNNING);
    assert_int_equal(total, 4); /* the plan, and three instances */
    assert_int_equal(progress.finished, 3);
    must_fail(world_run(&w, delete_step, &p, &e), &e, E_MISSING, "DataBackfillPlanId");
}

/* The last instance is killed in the turn of the deletion. */
static enum err_code kill_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    struct plan *p = ctx;

    assert_true(core_kill(engine_core(g), (struct instance_key){ p->task, world_day(3) },
                          STR("by hand"), engine_now(g)));
    return delete_step(world, g, ctx, e);
}

static void test_delete__sees_what_its_turn_has_ended(void **state)
{
    struct plan p = { .task = must_create(&w, "t", "\"SelfDepend\":\"serial\"") };
    struct err e = ERR_INIT;
    int64_t total;

    (void)state;
    must_submit(&w, p.task);
    assert_int_equal(world_run(&w, create_step, &p, &e), E_OK);
    world_advance(&w, DUR_S(1));
    assert_int_equal(world_run(&w, kill_step, &p, &e), E_OK);
    assert_int_equal(world_job(&w, p.job, &total).finished, 2);
    assert_int_equal(total, 3); /* the plan, the one that runs, the one that waited */
}

static void must_be_round(const struct plan *p, int number, int round, enum instance_state state)
{
    struct instance_row row = world_instance(&w, p->task, number);

    assert_int_equal(row.round, round);
    assert_int_equal(row.state, state);
    assert_true(str_eq(row.plan_id, p->id));
    assert_true(wall_is_set(row.round_at) && wall_is_set(row.fire_at));
}

static enum err_code kill_last_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    const struct plan *p = ctx;

    (void)world;
    (void)e;
    assert_true(core_kill(engine_core(g), (struct instance_key){ p->task, world_day(p->last) },
                          STR("by hand"), engine_now(g)));
    return E_OK;
}

/* What is there already, at either end of a plan, is a round of its own; and of two plans the same
 * instance was of, only that of the present round ends it. */
static void test_delete__leaves_what_another_plan_took_over(void **state)
{
    struct plan a = { .task = must_create(&w, "t", "\"SelfDepend\":\"serial\""),
                      .first = 2,
                      .last = 4 };
    struct plan b = { .task = a.task, .first = 4, .last = 6 };
    struct plan c = { .task = a.task, .first = 1, .last = 4 };
    struct err e = ERR_INIT;

    (void)state;
    must_submit(&w, a.task);
    assert_int_equal(world_run(&w, create_step, &a, &e), E_OK);
    world_advance(&w, DUR_S(1));
    assert_int_equal(world_run(&w, kill_last_step, &a, &e), E_OK);
    must_be_round(&a, 4, 0, INSTANCE_EXPIRED);
    assert_int_equal(world_run(&w, create_step, &b, &e), E_OK);
    must_be_round(&b, 4, 1, INSTANCE_WAIT_RUN);
    must_be_round(&b, 6, 0, INSTANCE_WAIT_RUN);
    assert_int_equal(world_run(&w, delete_step, &a, &e), E_OK);
    must_be_round(&a, 3, 0, INSTANCE_EXPIRED);
    must_be_round(&b, 4, 1, INSTANCE_WAIT_RUN);
    assert_int_equal(world_run(&w, delete_step, &b, &e), E_OK);
    must_be_round(&b, 4, 1, INSTANCE_EXPIRED);
    assert_int_equal(world_run(&w, create_step, &c, &e), E_OK);
    must_be_round(&c, 1, 0, INSTANCE_WAIT_RUN);
    must_be_round(&c, 4, 2, INSTANCE_WAIT_RUN);
    must_be_round(&b, 5, 0, INSTANCE_EXPIRED);
}

static void test_delete__that_the_store_refuses_leaves_the_plan(void **state)
{
    struct plan p = { .task = must_create(&w, "t", "\"SelfDepend\":\"serial\"") };
    struct err e = ERR_INIT;

    (void)state;
    must_submit(&w, p.task);
    assert_int_equal(world_run(&w, create_step, &p, &e), E_OK);
    world_advance(&w, DUR_S(1));
    for (int at = 1; at <= 4; at++) {
        store_set_faults(w.store, (struct store_faults){ .fail_change_at = at });
        assert_int_not_equal(world_run(&w, delete_step, &p, &e), E_OK);
        world_advance(&w, DUR_S(1));
        assert_int_equal(world_count(&w, &table_plan), 1);
        assert_int_equal(world_count(&w, &table_plan_instance), 3);
        assert_int_equal(world_count(&w, &table_job), 0);
        assert_int_equal(world_in_state(&w, INSTANCE_EXPIRED), 0);
    }
    assert_int_equal(world_run(&w, delete_step, &p, &e), E_OK);
    assert_int_equal(world_in_state(&w, INSTANCE_EXPIRED), 2);
}

struct reading {
    int64_t task;
    struct str plan_id, text;
};

static enum err_code parameter_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    struct reading *r = ctx;
    struct instance i = { .key = { r->task, civil_make(2026, 1, 1, 0, 0, 0) },
                          .planned = civil_make(2026, 1, 1, 0, 0, 0),
                          .plan_id = r->plan_id };
    struct parameter_finding f;
    struct version_cache cache;
    const struct version_entry *version;

    version_cache_init(&cache, VERSION_WHOLE);
    enum err_code rc = version_cache_get(&cache, engine_view(g), r->task, 2, &version, e);
    if (rc == E_OK) {
        parameter_finding_init(&f, g, &i, version);
        rc = parameter_text(&f, STR("${x}"), &r->text, e);
        parameter_finding_done(&f);
    }
    if (rc == E_OK)
        r->text = arena_str(&world->arena, r->text);
    version_cache_done(&cache);
    return rc;
}

/* An attempt of a round whose plan is gone begins with the task's own parameters. */
static void test_parameters__of_a_plan_that_is_gone_are_those_of_the_task(void **state)
{
    struct wish wish = { .name = "t",
                         .config = "\"TaskSchedulingParameterList\":"
                                   "[{\"ParamKey\":\"x\",\"ParamValue\":\"own\"}]" };
    struct plan p = { .task = 0 };
    struct reading r = { .task = 0 };
    struct err e = ERR_INIT;

    (void)state;
    assert_int_equal(world_create(&w, &wish, &p.task, &e), E_OK);
    must_submit(&w, p.task);
    assert_int_equal(world_run(&w, create_step, &p, &e), E_OK);
    r.task = p.task;
    r.plan_id = p.id;
    assert_int_equal(world_run(&w, parameter_step, &r, &e), E_OK);
    assert_true(str_eq_c(r.text, "1"));
    assert_int_equal(world_run(&w, delete_step, &p, &e), E_OK);
    assert_int_equal(world_run(&w, parameter_step, &r, &e), E_OK);
    assert_true(str_eq_c(r.text, "own"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_delete__ends_what_waits_at_once_and_follows_what_runs),
        TEST(test_delete__sees_what_its_turn_has_ended),
        TEST(test_delete__leaves_what_another_plan_took_over),
        TEST(test_delete__that_the_store_refuses_leaves_the_plan),
        TEST(test_parameters__of_a_plan_that_is_gone_are_those_of_the_task),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
