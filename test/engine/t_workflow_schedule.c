/* test/engine/t_workflow_schedule.c - the unified schedule of a workflow: what is too much for it,
 * and tasks that are not in production (docs/reference/semantics.md 2.9). */
#include "task_world.h"

#include <stdio.h>
#include <string.h>

#include "core/core.h"
#include "engine/cmd_workflow.h"
#include "engine/workflow_peers.h"
#include "engine/workflow_schedule.h"

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

#define SCHEDULE                                                                                   \
    "\"ScheduleTimeZone\":\"UTC+8\",\"SelfDepend\":\"parallel\","                                  \
    "\"StartTime\":\"2026-01-01 00:00:00\",\"EndTime\":\"2099-12-31 23:59:59\","                   \
    "\"CrontabExpression\":\"0 0 * * * ? *\",\"CycleType\":\"HOUR_CYCLE\""

/* Gives workflow WORKFLOW the schedule of the JSON text ctx. */
static enum err_code update_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    json_t *given = json_loads(ctx, 0, NULL), *doc = json_object();
    struct workflow_schedule schedule;
    enum err_code rc = workflow_schedule_decode(given, &world->arena, &schedule, e);

    if (rc == E_OK) {
        json_object_set_new(doc, WORKFLOW_SCHEDULE, workflow_schedule_keep(given));
        char *dump = json_dumps(doc, JSON_COMPACT);
        struct str text = arena_str(&world->arena, str_from(dump));
        free(dump); /* lint: jansson's own memory */
        struct workflow_change change = { .doc = &text, .schedule = &schedule };
        rc = workflow_update(g, STR(PROJECT), STR(WORKFLOW), &change, STR("1"), e);
    }
    json_decref(given);
    json_decref(doc);
    return rc;
}

struct weighed {
    const char *text;
    size_t bytes; /* of the turn's memory, afterwards */
};

static enum err_code weigh_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    struct weighed *weighed = ctx;
    enum err_code rc = update_step(world, g, (void *)(uintptr_t)weighed->text, e);

    weighed->bytes = arena_bytes(engine_arena(g));
    return rc;
}

static enum err_code update(const char *more, struct err *e)
{
    char text[1024];

    snprintf(text, sizeof(text), "{" SCHEDULE "%s}", more);
    return world_run(&w, update_step, text, e);
}

static enum err_code stop_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    const int64_t id = *(const int64_t *)ctx;
    struct schedule_row schedule = { .task_id = id, .status = TASK_STOPPED };
    struct task_row task = { .id = id, .status = TASK_STOPPED };
    enum err_code rc =
        row_update(engine_store(g), &table_schedule, &schedule, COL(SCHEDULE_STATUS), e);

    (void)world;
    if (rc == E_OK)
        rc = row_update(engine_store(g), &table_task, &task, COL(TASK_STATUS), e);
    if (rc == E_OK)
        core_task_status(engine_core(g), id, TASK_STOPPED, false, engine_now(g));
    return rc;
}

static void test_schedule__does_not_start_a_stopped_task(void **state)
{
    int64_t runs = must_create(&w, "runs", NULL), stopped = must_create(&w, "stopped", NULL);

    (void)state;
    must_submit(&w, runs);
    must_submit(&w, stopped);
    assert_int_equal(world_run(&w, stop_step, &stopped, NULL), E_OK);
    assert_int_equal(update("", NULL), E_OK);
    struct task_row row = world_row(&w, stopped);
    assert_int_equal(row.status, TASK_STOPPED);
    assert_int_equal(row.cycle, CYCLE_HOUR);
    assert_true(row.version_no == 3 && row.submit_version_no == 2 && !row.submitted);
    row = world_row(&w, runs);
    assert_true(row.version_no == 4 && row.submit_version_no == 4 && row.submitted);
    world_advance(&w, DUR_S(3600));
    assert_int_equal(world_count(&w, &table_instance), 1);
    core_verify(engine_core(w.engine));
}

/* Documents are long: what one task needs is given back before the next. */
static void test_schedule__of_many_tasks_takes_the_memory_of_one(void **state)
{
    enum { TASKS = 8, CODE_BYTES = 256 << 10 };
    struct weighed weighed = { .text = "{" SCHEDULE "}" };
    char *config = mem_zalloc(CODE_BYTES + 64);
    char name[16];

    (void)state;
    size_t n = (size_t)snprintf(config, 32, "\"CodeContent\":\"");
    memset(config + n, 'A', CODE_BYTES);
    config[n + CODE_BYTES] = '"';
    for (int i = 0; i < TASKS; i++) {
        struct wish wish = { .name = name, .config = config };
        int64_t id;
        snprintf(name, sizeof(name), "t%d", i);
        assert_int_equal(world_create(&w, &wish, &id, NULL), E_OK);
        must_submit(&w, id);
    }
    assert_int_equal(world_run(&w, weigh_step, &weighed, NULL), E_OK);
    assert_in_range(weighed.bytes, 1, 4 * CODE_BYTES); /* an arena grows by doubling */
    mem_free(config);
}

static void count_wait(void *ctx, const struct wait_item *item)
{
    *(int *)ctx += item->kind == WAIT_FOR_CYCLE;
}

/* How many tasks the newest instance waits for: on the core as it is now. */
static int waits_of(int64_t id)
{
    struct query q;
    void *rows;
    size_t n;
    int count = 0;

    query_init(&q, &table_instance);
    query_number(&q, INSTANCE_TASK_ID, QUERY_EQ, id);
    query_order(&q, INSTANCE_DATA_TIME, true);
    assert_int_equal(query_rows(store_view(w.store), &q, &w.arena, &rows, &n, NULL), E_OK);
    assert_true(n > 0);
    const struct instance_row *newest = rows;
    core_explain(engine_core(w.engine), (struct instance_key){ id, newest->data_time },
                 engine_now(w.engine), 1000, count_wait, &count);
    return count;
}

static void test_peers__follow_the_setting_and_the_membership(void **state)
{
    int64_t one = must_create(&w, "one", NULL), two = must_create(&w, "two", NULL), three;

    (void)state;
    must_submit(&w, one);
    must_submit(&w, two);
    assert_int_equal(update(",\"DependencyWorkflow\":\"yes\"", NULL), E_OK);
    world_advance(&w, DUR_S(3600));
    assert_int_equal(waits_of(one), 0);
    three = must_create(&w, "three",
                        "\"CycleType\":\"HOUR_CYCLE\",\"CrontabExpression\":\"0 0 * * * ? *\"");
    must_submit(&w, three);
    world_advance(&w, DUR_S(3600));
    assert_int_equal(waits_of(one), 2); /* three has no instance of the hour before */
    assert_int_equal(waits_of(three), 2);
    world_advance(&w, DUR_S(3600));
    assert_int_equal(waits_of(one), 3);
    world_restart(&w);
    assert_int_equal(waits_of(one), 3);
    core_verify(engine_core(w.engine));
    assert_int_equal(world_delete(&w, two, false, NULL), E_OK);
    assert_int_equal(waits_of(one), 2);
    world_advance(&w, DUR_S(3600));
    assert_int_equal(waits_of(one), 2);
    assert_int_equal(update("", NULL), E_OK);
    assert_int_equal(waits_of(one), 0);
    core_verify(engine_core(w.engine));
}

static void test_limits(void **state)
{
    int64_t ids[WORKFLOW_SCHEDULED_MAX + 1];
    struct err e = ERR_INIT;
    char name[32];

    (void)state;
    for (int i = 0; i <= WORKFLOW_SCHEDULED_MAX; i++) {
        snprintf(name, sizeof(name), "t%d", i);
        ids[i] = must_create(&w, name, NULL);
        if (i <= WORKFLOW_PEERS_MAX)
            must_submit(&w, ids[i]);
    }
    must_fail(update("", &e), &e, E_LIMIT, "WorkflowSchedulerConfiguration");
    assert_int_equal(world_delete(&w, ids[WORKFLOW_SCHEDULED_MAX], false, NULL), E_OK);
    must_fail(update(",\"DependencyWorkflow\":\"yes\"", &e), &e, E_LIMIT,
              "WorkflowSchedulerConfiguration.DependencyWorkflow");
    assert_int_equal(world_row(&w, ids[0]).cycle, CYCLE_DAY);
    assert_int_equal(world_delete(&w, ids[0], false, NULL), E_OK);
    assert_int_equal(update(",\"DependencyWorkflow\":\"yes\"", NULL), E_OK);
    assert_int_equal(world_row(&w, ids[1]).cycle, CYCLE_HOUR);
    /* One more cannot be submitted; one of those that are can be again. */
    must_fail(world_submit(&w, ids[WORKFLOW_PEERS_MAX + 1], &e), &e, E_LIMIT, "TaskId");
    must_submit(&w, ids[1]);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_schedule__does_not_start_a_stopped_task),
        T(test_schedule__of_many_tasks_takes_the_memory_of_one),
        T(test_peers__follow_the_setting_and_the_membership),
        T(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
