/* test/engine/t_upstream_change.c - what becomes of instances when what they depend on changes its
 * cycle, or goes with its workflow (docs/reference/semantics.md 1.3, 3.3, 6.3).
 */
#include "task_world.h"

#include <stdio.h>
#include <string.h>

#include "engine/cmd_backfill.h"
#include "engine/cmd_ops.h"
#include "engine/cmd_workflow.h"

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

struct round {
    int64_t task;
    const char *project;
    unsigned flags;
};

static enum err_code backfill_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    struct round *r = ctx;
    struct backfill_range range = { .first_day = civil_make(2026, 1, 1, 0, 0, 0),
                                    .last_day = civil_make(2026, 1, 1, 0, 0, 0),
                                    .window_to = 24 * 60 - 1 };
    struct backfill_request plan = { .project_id = str_from(r->project),
                                     .uin = STR("1"),
                                     .tasks = &r->task,
                                     .n_tasks = 1,
                                     .ranges = &range,
                                     .n_ranges = 1,
                                     .flags = r->flags | INSTANCE_SKIP_EVENTS,
                                     .doc = STR("{}") };
    struct str id;

    (void)world;
    return backfill_create(g, &plan, &id, e);
}

/* ---- another cycle ----------------------------------------------------------------------------
 */

static const char up_daily[] =
    "\"CycleType\":\"DAY_CYCLE\",\"ParamTaskOutList\":[{\"ParamKey\":\"o\",\"ParamValue\":\"1\"}]";
static const char up_yearly[] =
    "\"CycleType\":\"YEAR_CYCLE\",\"CrontabExpression\":\"0 0 0 1 1 ? *\","
    "\"ParamTaskOutList\":[{\"ParamKey\":\"o\",\"ParamValue\":\"1\"}]";

/* The pair does not fit any more, and the round asks no upstream, so the attempt begins. */
static void test_input__of_an_upstream_whose_pair_does_not_fit_is_refused(void **state)
{
    struct round round = { .project = PROJECT, .flags = INSTANCE_SKIP_UPSTREAMS };
    int64_t up = must_create(&w, "up", up_daily);
    struct attempt_row attempt = { .fence = 1 };
    struct engine_stats stats;
    struct err e = ERR_INIT;
    char down[800];

    (void)state;
    must_submit(&w, up);
    snprintf(down, sizeof(down),
             "\"CycleType\":\"DAY_CYCLE\",%s,\"ParamTaskInList\":[{\"ParamKey\":\"i\","
             "\"FromTaskId\":\"%017lld\",\"FromParamKey\":\"o\"}]",
             upstream(up, "\"MainCyclicConfig\":\"LIST_DAY\",\"Offset\":\"0\""), (long long)up);
    struct wish wish = { .name = "down",
                         .scheduler = down,
                         .config = "\"CodeContent\":\"ZWNobyAke2l9\"" }; /* echo ${i} */
    assert_int_equal(world_create(&w, &wish, &round.task, &e), E_OK);
    must_submit(&w, round.task);
    must_change(&w, up, "up", up_yearly);
    must_submit(&w, up);
    assert_int_equal(world_run(&w, backfill_step, &round, &e), E_OK);
    world_advance(&w, DUR_S(1));
    engine_stats(w.engine, &stats);
    assert_int_equal(stats.commits_failed, 0);
    assert_int_equal(world_instance(&w, round.task, 1).state, INSTANCE_RUNNING);
    assert_int_equal(world_count(&w, &table_attempt), 1);
    attempt.fence = world_instance(&w, round.task, 1).fence;
    assert_int_equal(row_get(store_view(w.store), &table_attempt, &w.arena, &attempt, NULL), E_OK);
    assert_true(str_find(attempt.text, STR("input parameter `i` has no value")) >= 0);
}

/* ---- no workflow any more ---------------------------------------------------------------------
 */

static enum err_code stop_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    struct ops_request r = {
        .project_id = STR(PROJECT), .uin = STR("1"), .tasks = ctx, .n_tasks = 1, .doc = STR("{}")
    };
    struct str job;

    (void)world;
    return ops_stop(g, &r, false, &job, e);
}

static enum err_code submit_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    const struct round *r = ctx;
    struct str id;

    (void)world;
    return task_submit(
        g, &(struct task_submission){ str_from(r->project), r->task, STR("r"), STR("1"), TASK_NEW },
        &id, e);
}

static enum err_code delete_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    (void)world;
    (void)ctx;
    return workflow_delete(g, STR(PROJECT), STR(WORKFLOW), e);
}

/* As DeleteTask does by default: what waits for its tasks fails. */
static void test_workflow_delete__fails_what_waits_for_its_tasks(void **state)
{
    int64_t up =
        must_create(&w, "up", "\"CycleType\":\"DAY_CYCLE\",\"StartTime\":\"2020-01-01 00:00:00\"");
    struct round round = { .project = OTHER_PROJECT };
    struct wish wish = { .name = "down",
                         .project = OTHER_PROJECT,
                         .workflow = "w2",
                         .scheduler = upstream(up, "\"Offset\":\"\"") };
    struct err e = ERR_INIT;

    (void)state;
    must_submit(&w, up);
    assert_int_equal(world_create(&w, &wish, &round.task, &e), E_OK);
    assert_int_equal(world_run(&w, submit_step, &round, &e), E_OK);
    assert_int_equal(world_run(&w, backfill_step, &round, &e), E_OK);
    world_advance(&w, DUR_S(1));
    assert_int_equal(world_instance(&w, round.task, 1).state, INSTANCE_WAIT_UPSTREAM);
    assert_int_equal(world_run(&w, stop_step, &up, &e), E_OK);
    assert_int_equal(world_run(&w, delete_step, NULL, &e), E_OK);
    assert_int_equal(world_instance(&w, round.task, 1).state, INSTANCE_EXPIRED);
    assert_string_equal(world_instance(&w, round.task, 1).reason.ptr,
                        "an upstream task was deleted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_input__of_an_upstream_whose_pair_does_not_fit_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_workflow_delete__fails_what_waits_for_its_tasks, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
