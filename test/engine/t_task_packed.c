/* test/engine/t_task_packed.c - a start with packed definitions, without them, and with bad ones
 * (engine/task_packed.h): the core is the same every time. */
#include "task_world.h"

#include <stdio.h>
#include <string.h>

#include "engine/cmd_ops.h"
#include "engine/engine.h"

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

#define HOURLY(more) "\"CycleType\":\"HOUR_CYCLE\",\"CrontabExpression\":\"0 0 * * * ? *\"," more

/* An upstream, and a task that waits for it and listens to an event. */
static void publish(int64_t *ret_up, int64_t *ret_down)
{
    char scheduler[600];

    *ret_up = must_create(&w, "up", HOURLY("\"SelfDepend\":\"parallel\""));
    must_submit(&w, *ret_up);
    snprintf(scheduler, sizeof(scheduler),
             HOURLY("\"SelfDepend\":\"orderly\",\"CalendarOpen\":\"1\",\"CalendarId\":\"" CALENDAR
                    "\",\"UpstreamDependencyConfigList\":[{\"TaskId\":\"%lld\"}]"),
             (long long)*ret_up);
    *ret_down = must_create(&w, "down", scheduler);
    must_submit(&w, *ret_down);
}

static struct packed_row packed_of(int64_t task)
{
    struct packed_row row = { .task_id = task };

    assert_int_equal(row_get(store_view(w.store), &table_packed, &w.arena, &row, NULL), E_OK);
    return row;
}

static void spoil(struct packed_row row)
{
    assert_int_equal(store_begin(w.store, NULL), E_OK);
    if (row.packed.ptr)
        assert_int_equal(row_put(w.store, &table_packed, &row, NULL), E_OK);
    else
        assert_int_equal(row_delete(w.store, &table_packed, &row, NULL), E_OK);
    assert_int_equal(store_commit(w.store, NULL), E_OK);
}

/* What waits of the task an hour on, as the core explains it. */
static void take_wait(void *ctx, const struct wait_item *item)
{
    char *out = ctx;

    snprintf(out + strlen(out), 200 - strlen(out), "%d:%lld ", (int)item->kind,
             (long long)item->task_id);
}

static void explain_next_hour(int64_t task, char out[200])
{
    struct instance_row row;
    struct query q;
    void *rows;
    size_t n;

    world_advance(&w, DUR_S(3600));
    query_init(&q, &table_instance);
    query_number(&q, INSTANCE_TASK_ID, QUERY_EQ, task);
    query_order(&q, INSTANCE_DATA_TIME, true);
    assert_int_equal(query_rows(store_view(w.store), &q, &w.arena, &rows, &n, NULL), E_OK);
    assert_true(n > 0);
    row = *(struct instance_row *)rows;
    out[0] = '\0';
    core_explain(engine_core(w.engine), (struct instance_key){ task, row.data_time },
                 engine_now(w.engine), 10, take_wait, out);
}

static void test_load__is_the_same_without_and_with_bad_rows(void **state)
{
    char before[200], after[200];
    int64_t up, down;

    (void)state;
    publish(&up, &down);
    explain_next_hour(down, before);
    explain_next_hour(down, before); /* from the second on each has a predecessor */
    assert_non_null(strchr(strchr(before, ':') + 1, ':'));
    struct packed_row good = packed_of(down);
    struct packed_row bad[] = { good, good, good, good, good };
    bad[1].packed = (struct str){ NULL, 0 };
    bad[2].version_no = 7;
    bad[3].packed.len--;
    bad[4].packed = STR("0 ");
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        spoil(bad[i]);
        world_restart(&w);
        struct packed_row again = packed_of(down);
        assert_int_equal(again.version_no, good.version_no);
        assert_true(str_eq(again.packed, good.packed) && str_eq(again.project_id, good.project_id));
        explain_next_hour(down, after);
        assert_string_equal(after, before);
        core_verify(engine_core(w.engine));
    }
}

static enum err_code give_away(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    int64_t *id = ctx;
    struct ops_request r = {
        .project_id = STR(PROJECT), .uin = STR("1"), .tasks = id, .n_tasks = 1
    };

    (void)world;
    return ops_owner(g, &r, STR("100000000001"), e);
}

/* A new owner makes a new version, which says the same to the core. */
static void test_owner__keeps_the_row_good(void **state)
{
    struct schedule_row schedule;
    int64_t up, down;

    (void)state;
    publish(&up, &down);
    assert_int_equal(world_run(&w, give_away, &down, NULL), E_OK);
    schedule = (struct schedule_row){ .task_id = down };
    assert_int_equal(row_get(store_view(w.store), &table_schedule, &w.arena, &schedule, NULL),
                     E_OK);
    assert_int_equal(packed_of(down).version_no, schedule.version_no);
}

struct giving {
    int64_t tasks[8];
    size_t bytes; /* of the turn's memory, afterwards */
};

static enum err_code give_many_away(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    struct giving *giving = ctx;
    struct ops_request r = { .project_id = STR(PROJECT),
                             .uin = STR("1"),
                             .tasks = giving->tasks,
                             .n_tasks = (int)ARRAY_LEN(giving->tasks) };

    (void)world;
    enum err_code rc = ops_owner(g, &r, STR("100000000002"), e);
    giving->bytes = arena_bytes(engine_arena(g));
    return rc;
}

/* Documents are long: what one task needs is given back before the next. */
static void test_owner__of_many_tasks_takes_the_memory_of_one(void **state)
{
    enum { CODE_BYTES = 256 << 10 };
    struct giving giving = { .bytes = 0 };
    char *config = mem_zalloc(CODE_BYTES + 64);
    char name[16];

    (void)state;
    size_t n = (size_t)snprintf(config, 32, "\"CodeContent\":\"");
    memset(config + n, 'A', CODE_BYTES);
    config[n + CODE_BYTES] = '"';
    for (size_t i = 0; i < ARRAY_LEN(giving.tasks); i++) {
        struct wish wish = { .name = name, .config = config };
        snprintf(name, sizeof(name), "t%zu", i);
        assert_int_equal(world_create(&w, &wish, &giving.tasks[i], NULL), E_OK);
        must_submit(&w, giving.tasks[i]);
    }
    mem_free(config);
    assert_int_equal(world_run(&w, give_many_away, &giving, NULL), E_OK);
    assert_in_range(giving.bytes, 1, 4 * CODE_BYTES); /* what the turn before left is kept */
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_load__is_the_same_without_and_with_bad_rows),
        TEST(test_owner__keeps_the_row_good),
        TEST(test_owner__of_many_tasks_takes_the_memory_of_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
