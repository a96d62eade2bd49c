/* test/engine/t_planning.c - plans that are made in slices: durable from the first commit on, whole
 * in the end whatever happens meanwhile (engine/planning.h, docs/reference/semantics.md 7.1). */
#include "task_world.h"

#include "engine/cmd_backfill.h"
#include "engine/engine_int.h"
#include "engine/planning.h"

static struct world w;

enum { SLICE = 2 };

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

struct plan {
    int64_t tasks[2];
    int n_tasks;
    int first, last; /* days of January */
    unsigned flags;
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
                                  .tasks = p->tasks,
                                  .n_tasks = p->n_tasks,
                                  .ranges = &range,
                                  .n_ranges = 1,
                                  .flags = p->flags,
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

    (void)world;
    return backfill_delete(g, &d, &p->job, e);
}

static struct plan plan_of(const char *task, const char *scheduler, int first, int last)
{
    struct plan p = { .n_tasks = 1, .first = first, .last = last, .flags = INSTANCE_SKIP_EVENTS };

    p.tasks[0] = must_create(&w, task, scheduler);
    must_submit(&w, p.tasks[0]);
    return p;
}

static void must_plan(struct plan *p)
{
    struct err e = ERR_INIT;

    if (world_run(&w, create_step, p, &e) != E_OK)
        fail_msg("%s: %s", e.path, e.text);
}

static int64_t members(const struct plan *p)
{
    struct query q;
    int64_t n;

    query_init(&q, &table_plan_instance);
    query_text(&q, PLAN_INSTANCE_PLAN_ID, QUERY_EQ, p->id);
    assert_int_equal(query_count(store_view(w.store), &q, &n, NULL), E_OK);
    return n;
}

/* What the plan says is the round of this instance. */
static int32_t member_round(const struct plan *p, int number)
{
    struct query q;
    void *rows;
    size_t n;

    query_init(&q, &table_plan_instance);
    query_text(&q, PLAN_INSTANCE_PLAN_ID, QUERY_EQ, p->id);
    query_number(&q, PLAN_INSTANCE_DATA_TIME, QUERY_EQ, world_day(number).s);
    assert_int_equal(query_rows(store_view(w.store), &q, &w.arena, &rows, &n, NULL), E_OK);
    assert_int_equal(n, 1);
    return ((const struct plan_instance_row *)rows)->round;
}

static size_t promised(void)
{
    struct core_stats stats;

    core_stats(w.engine->core, &stats);
    return stats.promised;
}

static void must_be_whole(const struct plan *p)
{
    assert_int_equal(world_count(&w, &table_plan_slice), 0);
    assert_int_equal(members(p), p->last - p->first + 1);
    assert_int_equal(promised(), 0);
    core_verify(w.engine->core);
}

/* ---- making --------------------------------------------------------------------------------- */

static void test_plan__is_made_slice_by_slice_and_runs_when_it_is_whole(void **state)
{
    struct plan p = plan_of("t", "\"SelfDepend\":\"parallel\"", 1, 7);
    struct plan_row row;

    (void)state;
    must_plan(&p); /* the turn makes the first slice too */
    row = (struct plan_row){ .id = p.id };
    assert_int_equal(row_get(store_view(w.store), &table_plan, &w.arena, &row, NULL), E_OK);
    assert_int_equal(row.total, 7);
    assert_int_equal(members(&p), SLICE);
    assert_int_equal(world_count(&w, &table_plan_slice), 3);
    assert_int_equal(promised(), 5);
    assert_int_equal(world_in_state(&w, INSTANCE_WAIT_RUN), SLICE);
    engine_turn(w.engine, w.now);
    engine_turn(w.engine, w.now);
    assert_int_equal(members(&p), 3 * SLICE);
    assert_int_equal(world_in_state(&w, INSTANCE_RUNNING), 0);
    assert_int_equal(w.n_calls, 0);
    world_advance(&w, DUR_S(1));
    must_be_whole(&p);
    assert_int_equal(world_in_state(&w, INSTANCE_RUNNING), 7);
}

static void test_plan__of_one_slice_is_made_in_the_call(void **state)
{
    struct plan p = plan_of("t", "\"SelfDepend\":\"parallel\"", 1, SLICE);

    (void)state;
    must_plan(&p);
    must_be_whole(&p);
    assert_int_equal(world_in_state(&w, INSTANCE_RUNNING), SLICE);
}

/* The schedule goes on between the slices. */
static void test_plan__lets_what_is_due_begin_meanwhile(void **state)
{
    struct plan p = plan_of("t", "\"SelfDepend\":\"parallel\"", 1, 20);
    int64_t minutely = must_create(&w, "m",
                                   "\"CycleType\":\"MINUTE_CYCLE\",\"CrontabExpression\":"
                                   "\"0 0/5 * * * ? *\",\"SelfDepend\":\"parallel\"");
    struct instance_row row = { .task_id = minutely,
                                .data_time = civil_make(2026, 3, 4, 5, 10, 0) };

    (void)state;
    must_submit(&w, minutely);
    must_plan(&p);
    w.now = wall_add(w.now, DUR_MIN(5));
    engine_turn(w.engine, w.now);
    assert_true(promised() > 0);
    assert_int_equal(row_get(store_view(w.store), &table_instance, &w.arena, &row, NULL), E_OK);
    assert_int_equal(row.state, INSTANCE_RUNNING);
}

static void test_plan__goes_on_after_a_restart(void **state)
{
    struct plan p = plan_of("t", "\"SelfDepend\":\"orderly\"", 1, 9);

    (void)state;
    must_plan(&p);
    for (int n = 1; n <= 4; n++) {
        world_restart(&w);
        w.engine->config.plan_slice = 1 + n; /* another program may have other slices */
        assert_int_equal(members(&p), n * SLICE < 9 ? n * SLICE : 9);
        assert_int_equal(promised(), 9 - n * SLICE);
        core_verify(w.engine->core);
        engine_turn(w.engine, w.now);
    }
    world_advance(&w, DUR_S(1));
    must_be_whole(&p);
    for (int n = 1; n <= 9; n++)
        assert_int_equal(world_instance(&w, p.tasks[0], n).round, 0);
}

static void test_plan__that_the_store_refuses_anywhere_is_not_there(void **state)
{
    struct plan p = plan_of("t", "\"SelfDepend\":\"parallel\"", 1, 7);
    struct err e = ERR_INIT;

    (void)state;
    for (int at = 1; at <= 5; at++) { /* the plan and four slices */
        store_set_faults(w.store, (struct store_faults){ .fail_change_at = at });
        assert_int_not_equal(world_run(&w, create_step, &p, &e), E_OK);
        world_advance(&w, DUR_S(1));
        assert_int_equal(world_count(&w, &table_plan), 0);
        assert_int_equal(world_count(&w, &table_plan_slice), 0);
        assert_int_equal(world_count(&w, &table_instance), 0);
        assert_int_equal(promised(), 0);
    }
}

static void test_plan__is_whole_though_the_store_fails_in_its_slices(void **state)
{
    struct plan p = plan_of("t", "\"SelfDepend\":\"parallel\"", 1, 7);

    (void)state;
    must_plan(&p);
    for (int at = 1; at <= 8; at++) {
        store_set_faults(w.store, (struct store_faults){ .fail_change_at = at });
        engine_turn(w.engine, w.now);
        store_set_faults(w.store, (struct store_faults){ 0, 0 });
        w.now = wall_add(w.now, DUR_S(2)); /* it is tried again */
        engine_turn(w.engine, w.now);
    }
    world_advance(&w, DUR_S(1));
    must_be_whole(&p);
    assert_int_equal(world_in_state(&w, INSTANCE_RUNNING), 7);
}

/* ---- what is there already ------------------------------------------------------------------- */

static enum err_code kill_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    const struct plan *p = ctx;

    (void)world, (void)e;
    for (int n = p->first; n <= p->last; n++)
        core_kill(engine_core(g), (struct instance_key){ p->tasks[0], world_day(n) },
                  STR("by hand"), engine_now(g));
    return E_OK;
}

/* Those that are over get their next round; those that a plan is still to make stay its own. */
static void test_plan__over_another_that_is_still_made_leaves_it(void **state)
{
    struct plan a = plan_of("t", "\"SelfDepend\":\"serial\"", 4, 9), b = a, old = a;

    (void)state;
    old.first = 2;
    old.last = 5;
    must_plan(&old);
    world_advance(&w, DUR_S(1));
    assert_int_equal(world_run(&w, kill_step, &old, NULL), E_OK);
    assert_int_equal(world_instance(&w, a.tasks[0], 4).state, INSTANCE_EXPIRED);
    must_plan(&a);
    assert_true(promised() > 0);
    b.first = 1;
    b.last = 10;
    must_plan(&b);
    world_advance(&w, DUR_S(1));
    must_be_whole(&a);
    must_be_whole(&b);
    assert_int_equal(member_round(&a, 5), 1);
    assert_int_equal(member_round(&a, 6), 0);
    assert_int_equal(member_round(&b, 3), 1);
    assert_int_equal(member_round(&b, 5), 1); /* a's */
    assert_int_equal(member_round(&b, 10), 0);
    assert_true(str_eq(world_instance(&w, a.tasks[0], 9).plan_id, a.id));
    assert_true(str_eq(world_instance(&w, a.tasks[0], 10).plan_id, b.id));
    assert_true(str_eq(world_instance(&w, a.tasks[0], 3).plan_id, b.id));
    assert_int_equal(world_instance(&w, a.tasks[0], 3).round, 1);
}

/* One that is small, and names what another is still to make, waits for its turn. */
static void test_plan__that_is_small_is_made_after_what_it_leaves(void **state)
{
    struct plan a = plan_of("t", "\"SelfDepend\":\"serial\"", 1, 9), b = a;

    (void)state;
    must_plan(&a);
    b.first = 8;
    b.last = 8;
    must_plan(&b);
    assert_int_equal(members(&b), 0);
    world_advance(&w, DUR_S(1));
    must_be_whole(&a);
    must_be_whole(&b);
    assert_int_equal(member_round(&b, 8), 0);
    assert_true(str_eq(world_instance(&w, a.tasks[0], 8).plan_id, a.id));
}

/* ---- an end in the middle -------------------------------------------------------------------- */

static void test_deletion__of_the_plan_ends_its_making(void **state)
{
    struct plan p = plan_of("t", "\"SelfDepend\":\"parallel\"", 1, 9);
    struct err e = ERR_INIT;

    (void)state;
    must_plan(&p);
    assert_int_equal(world_run(&w, delete_step, &p, &e), E_OK);
    world_advance(&w, DUR_S(1));
    assert_int_equal(world_count(&w, &table_plan), 0);
    assert_int_equal(world_count(&w, &table_plan_slice), 0);
    assert_int_equal(members(&p), 0);
    assert_int_equal(promised(), 0);
    assert_int_equal(world_in_state(&w, INSTANCE_EXPIRED), world_count(&w, &table_instance));
    assert_true(world_count(&w, &table_instance) < 9);
    assert_int_equal(w.n_calls, 0);
}

static void test_deletion__of_a_task_makes_what_plans_have_of_it_first(void **state)
{
    struct plan p = plan_of("t", "\"SelfDepend\":\"parallel\"", 1, 5);
    struct plan also = plan_of("u", "\"SelfDepend\":\"parallel\"", 1, 5);
    struct err e = ERR_INIT;

    (void)state;
    p.tasks[1] = also.tasks[0];
    p.n_tasks = 2;
    must_plan(&p);
    assert_int_equal(world_delete(&w, p.tasks[0], false, &e), E_OK);
    assert_int_equal(core_task_promised(w.engine->core, p.tasks[0]).len, 0);
    for (int n = 1; n <= 5; n++)
        assert_int_equal(world_instance(&w, p.tasks[0], n).state, INSTANCE_EXPIRED);
    world_advance(&w, DUR_S(1));
    assert_int_equal(members(&p), 10);
    assert_int_equal(world_in_state(&w, INSTANCE_RUNNING), 5);
    assert_int_equal(world_count(&w, &table_plan_slice), 0);
}

/* ---- bounds ---------------------------------------------------------------------------------- */

static enum err_code room_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    (void)world;
    return planning_room(g, *(size_t *)ctx, "DataBackfillRangeList", e);
}

static void test_room__ends_where_memory_would(void **state)
{
    struct plan p = plan_of("t", "\"SelfDepend\":\"parallel\"", 1, 9);
    struct err e = ERR_INIT;
    size_t n;

    (void)state;
    must_plan(&p); /* of which its turn made the first slice */
    n = PLANNING_MAX - 9;
    assert_int_equal(world_run(&w, room_step, &n, &e), E_OK);
    must_plan(&(struct plan){
        .tasks = { p.tasks[0] }, .n_tasks = 1, .first = 11, .last = 19, .flags = p.flags });
    n = PLANNING_MAX;
    must_fail(world_run(&w, room_step, &n, &e), &e, E_LIMIT, "DataBackfillRangeList");
}

/* A slice that cannot be read is said with its number and its plan, and nothing is lost of it. */
static void test_load__says_which_slice_is_damaged(void **state)
{
    static const char *const docs[] = { "", "8 2 1 1 ", "8 1 1 1 1 1 7 ", "8 1 1 1 1 1 0 0 " };
    struct plan_slice_row row = { .number = 77, .plan_id = STR("p"), .doc = STR("") };

    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(docs); k++) {
        struct err e = ERR_INIT;
        struct str text;
        row.doc = str_from(docs[k]);
        assert_int_equal(store_begin(w.store, NULL), E_OK);
        assert_int_equal(row_insert(w.store, &table_plan_slice, &row, NULL, NULL), E_OK);
        assert_int_equal(planning_load(w.engine, &e), E_CORRUPT);
        text = str_from(e.text);
        assert_true(str_find(text, STR("slice 77 of plan p")) >= 0);
        store_rollback(w.store);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_plan__is_made_slice_by_slice_and_runs_when_it_is_whole),
        TEST(test_plan__of_one_slice_is_made_in_the_call),
        TEST(test_plan__lets_what_is_due_begin_meanwhile),
        TEST(test_plan__goes_on_after_a_restart),
        TEST(test_plan__that_the_store_refuses_anywhere_is_not_there),
        TEST(test_plan__is_whole_though_the_store_fails_in_its_slices),
        TEST(test_plan__over_another_that_is_still_made_leaves_it),
        TEST(test_plan__that_is_small_is_made_after_what_it_leaves),
        TEST(test_deletion__of_the_plan_ends_its_making),
        TEST(test_deletion__of_a_task_makes_what_plans_have_of_it_first),
        TEST(test_room__ends_where_memory_would),
        TEST(test_load__says_which_slice_is_damaged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
