/* test/engine/t_bounds.c - what one submit and one plan may make the scheduler look at
 * (docs/reference/semantics.md 3.4, 7.1). */
#include "task_world.h"

#include <stdio.h>

#include "engine/cmd_backfill.h"
#include "engine/wishes.h"
#include "engine/engine_int.h"
#include "engine/planning.h"

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

enum { UPS = 6 };

/* Depends on the minutes from -minutes on of the tasks, all of which run every minute. */
static int64_t must_depend(const char *name, const int64_t *ups, int n, int minutes)
{
    struct buf text;

    buf_init(&text, 1 << 14);
    buf_printf(&text, "\"SelfDepend\":\"parallel\",\"UpstreamDependencyConfigList\":[");
    for (int i = 0; i < n; i++)
        buf_printf(
            &text,
            "%s{\"TaskId\":\"%lld\",\"MainCyclicConfig\":\"RANGE_MINUTE\",\"Offset\":\"%d,-1\"}",
            i > 0 ? "," : "", (long long)ups[i], -minutes);
    buf_printf(&text, "]");
    int64_t id = must_create(&w, name, text.ptr);
    buf_done(&text);
    return id;
}

static void must_create_ups(int64_t ups[UPS])
{
    char name[8];

    for (int i = 0; i < UPS; i++) {
        snprintf(name, sizeof(name), "u%d", i);
        ups[i] = must_create(&w, name,
                             "\"CycleType\":\"MINUTE_CYCLE\",\"CrontabExpression\":"
                             "\"0 0/1 * * * ? *\",\"StartTime\":\"2020-01-01 00:00:00\"");
        must_submit(&w, ups[i]);
    }
}

static void test_submit__of_what_would_wait_for_too_many(void **state)
{
    int64_t ups[UPS], most, more;
    struct err e = ERR_INIT;

    (void)state;
    must_create_ups(ups);
    most = must_depend("most", ups, 5, DEP_ALL_CANDIDATES_MAX / 5);
    more = must_depend("more", ups, 6, DEP_ALL_CANDIDATES_MAX / 5);
    must_submit(&w, most);
    must_fail(world_submit(&w, more, &e), &e, E_LIMIT,
              "TaskSchedulerConfiguration.UpstreamDependencyConfigList");
    assert_int_equal(world_row(&w, more).status, TASK_NEW);
}

struct plan {
    int64_t task;
    int days;
    unsigned flags;
    struct str id;
};

static enum err_code create_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    struct plan *p = ctx;
    struct civil first = civil_make(2026, 1, 1, 0, 0, 0);
    struct backfill_range range = { .first_day = first,
                                    .last_day = { first.s + (p->days - 1) * CIVIL_DAY },
                                    .window_to = 24 * 60 - 1 };
    struct backfill_request r = { .project_id = STR(PROJECT),
                                  .uin = STR("1"),
                                  .tasks = &p->task,
                                  .n_tasks = 1,
                                  .ranges = &range,
                                  .n_ranges = 1,
                                  .flags = p->flags | INSTANCE_SKIP_EVENTS,
                                  .doc = STR("{}") };

    (void)world;
    return backfill_create(g, &r, &p->id, e);
}

static void test_plan__of_what_would_wait_for_too_many(void **state)
{
    int64_t ups[UPS];
    struct plan p = { .task = 0 };
    struct err e = ERR_INIT;

    (void)state;
    must_create_ups(ups);
    p.task = must_depend("down", ups, 1, DEP_OFFSET_ABS_MAX);
    must_submit(&w, p.task);
    p.days = WISHES_LOOKS_MAX / DEP_OFFSET_ABS_MAX + 1;
    must_fail(world_run(&w, create_step, &p, &e), &e, E_LIMIT, "DataBackfillRangeList");
    p.flags = INSTANCE_PLAN_UPSTREAMS; /* it looks at them to find that they are not of it */
    must_fail(world_run(&w, create_step, &p, &e), &e, E_LIMIT, "DataBackfillRangeList");
    assert_int_equal(world_count(&w, &table_plan), 0);
    p.flags = INSTANCE_SKIP_UPSTREAMS;
    assert_int_equal(world_run(&w, create_step, &p, &e), E_OK);
    assert_int_equal(world_count(&w, &table_plan_slice), 0);
}

/* A slice is no longer turn because each of its rounds looks at much. */
static void test_plan__has_fewer_in_a_slice_that_look_at_much(void **state)
{
    enum { EACH = 20000, DAYS = 21, IN_SLICE = PLANNING_LOOKS / EACH };
    int64_t ups[UPS];
    struct plan p = { .days = DAYS };
    struct err e = ERR_INIT;

    (void)state;
    must_create_ups(ups);
    p.task = must_depend("down", ups, 1, EACH);
    must_submit(&w, p.task);
    assert_int_equal(world_run(&w, create_step, &p, &e), E_OK);
    assert_int_equal(world_count(&w, &table_plan_instance), IN_SLICE);
    assert_int_equal(world_count(&w, &table_plan_slice), (DAYS - 1) / IN_SLICE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_submit__of_what_would_wait_for_too_many),
        TEST(test_plan__of_what_would_wait_for_too_many),
        TEST(test_plan__has_fewer_in_a_slice_that_look_at_much),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
