/* test/engine/t_cmd_listener.c - in which states of a task a new listener acts at once
 * (docs/reference/semantics.md 4.6); the rest is shown over the API, test/sdk/t_event_listener.js.
 */
#include "task_world.h"

#include "engine/cmd_listener.h"

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

static enum err_code set_status(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    const struct task_row *task = ctx;
    struct schedule_row schedule = { .task_id = task->id, .status = task->status };
    enum err_code rc =
        row_update(engine_store(g), &table_schedule, &schedule, COL(SCHEDULE_STATUS), e);

    (void)world;
    return rc == E_OK ? row_update(engine_store(g), &table_task, task, COL(TASK_STATUS), e) : rc;
}

static enum err_code put(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    struct listener_wish wish = { .project_id = STR(PROJECT),
                                  .uin = STR("1"),
                                  .task_id = *(int64_t *)ctx,
                                  .event_name = STR("ours") };
    struct str project;
    enum err_code rc = listener_put(g, &wish, &project, e);

    (void)world;
    if (rc == E_OK)
        assert_true(str_eq_c(project, PROJECT));
    return rc;
}

static int64_t listeners(int64_t id, bool in_ops)
{
    struct query q;
    int64_t n;

    query_init(&q, &table_listener);
    query_number(&q, LISTENER_TASK_ID, QUERY_EQ, id);
    query_number(&q, LISTENER_IN_OPS, QUERY_EQ, in_ops);
    assert_int_equal(query_count(store_view(w.store), &q, &n, NULL), E_OK);
    return n;
}

static void test_put__acts_where_a_submit_does_not_start_the_task(void **state)
{
    static const struct {
        const char *name;
        enum task_status status;
        bool acts;
    } rows[] = {
        { "scheduling", TASK_SCHEDULING, true }, { "paused", TASK_PAUSED, true },
        { "stopping", TASK_STOPPING, false },    { "stopped", TASK_STOPPED, false },
        { "over", TASK_INVALID, false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t id = must_create(&w, rows[i].name, NULL);
        struct err e = ERR_INIT;
        must_submit(&w, id);
        struct task_row row = { .id = id, .status = (int32_t)rows[i].status };
        assert_int_equal(world_run(&w, set_status, &row, &e), E_OK);
        assert_int_equal(world_run(&w, put, &id, &e), E_OK);
        row = world_row(&w, id);
        assert_int_equal(row.status, rows[i].status);
        assert_int_equal(row.submitted, rows[i].acts);
        assert_int_equal(listeners(id, true), rows[i].acts);
        assert_int_equal(listeners(id, false), 1);
        assert_int_equal(row.version_no, rows[i].acts ? 4 : 3);
    }
}

/* What is wrong elsewhere in the draft is named where it is. */
static void test_put__names_what_no_longer_holds(void **state)
{
    int64_t up = must_create(&w, "up", NULL);
    int64_t id = must_create(&w, "t",
                             upstream(up, "\"MainCyclicConfig\":\"DAY\","
                                          "\"SubordinateCyclicConfig\":\"CURRENT_DAY\""));
    struct err e = ERR_INIT;

    (void)state;
    assert_int_equal(world_delete(&w, up, false, &e), E_OK);
    must_fail(world_run(&w, put, &id, &e), &e, E_MISSING,
              "TaskSchedulerConfiguration.UpstreamDependencyConfigList.0.TaskId");
    assert_int_equal(listeners(id, false), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_put__acts_where_a_submit_does_not_start_the_task),
        TEST(test_put__names_what_no_longer_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
