/* test/engine/t_upstream_change.c - what becomes of instances when what they depend on changes its
 * cycle, or goes with its workflow (docs/reference/semantics.md 1.3, 3.3, 6.3).
 */
#include "task_world.h"

#include <stdio.h>
#include <string.h>

#include "engine/cmd_backfill.h"
#include "engine/cmd_ops.h"
#include "engine/cmd_workflow.h"
#include "engine/engine_int.h"

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

/* A daily task with `echo ${i}`, which takes the output `o` of the upstream. */
static int64_t make_down(int64_t up, const char *dependency)
{
    struct round round = { .project = PROJECT };
    struct err e = ERR_INIT;
    char down[800];

    snprintf(down, sizeof(down),
             "\"CycleType\":\"DAY_CYCLE\",%s,\"ParamTaskInList\":[{\"ParamKey\":\"i\","
             "\"FromTaskId\":\"%017lld\",\"FromParamKey\":\"o\"}]",
             upstream(up, dependency), (long long)up);
    struct wish wish = { .name = "down",
                         .scheduler = down,
                         .config = "\"CodeContent\":\"ZWNobyAke2l9\"" }; /* echo ${i} */
    assert_int_equal(world_create(&w, &wish, &round.task, &e), E_OK);
    must_submit(&w, round.task);
    return round.task;
}

/* Its instance of 1 January begins, whatever its upstreams say, and no turn fails. */
static struct attempt_row begin(int64_t task)
{
    struct round round = { .task = task, .project = PROJECT, .flags = INSTANCE_SKIP_UPSTREAMS };
    struct attempt_row attempt = { .fence = 0 };
    struct engine_stats stats;
    struct err e = ERR_INIT;

    assert_int_equal(world_run(&w, backfill_step, &round, &e), E_OK);
    world_advance(&w, DUR_S(1));
    engine_stats(w.engine, &stats);
    assert_int_equal(stats.commits_failed, 0);
    assert_int_equal(world_instance(&w, task, 1).state, INSTANCE_RUNNING);
    assert_int_equal(world_count(&w, &table_attempt), 1);
    attempt.fence = world_instance(&w, task, 1).fence;
    assert_int_equal(row_get(store_view(w.store), &table_attempt, &w.arena, &attempt, NULL), E_OK);
    return attempt;
}

/* The pair does not fit any more, and the round asks no upstream, so the attempt begins. */
static void test_input__of_an_upstream_whose_pair_does_not_fit_is_refused(void **state)
{
    int64_t up = must_create(&w, "up", up_daily), down;

    (void)state;
    must_submit(&w, up);
    down = make_down(up, "\"MainCyclicConfig\":\"LIST_DAY\",\"Offset\":\"0\"");
    must_change(&w, up, "up", up_yearly);
    must_submit(&w, up);
    assert_true(str_find(begin(down).text, STR("input parameter `i` has no value")) >= 0);
}

/* ---- another task with its id ------------------------------------------------------------------
 */

static enum err_code put_row(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    (void)world;
    return row_put(engine_store(g), &table_instance, ctx, e);
}

/* The upstream's instance of 1 January, completed, of this version. */
static void complete(int64_t up, int32_t version_no)
{
    struct instance_row row = { .task_id = up,
                                .data_time = world_day(1),
                                .planned = world_day(1),
                                .state = INSTANCE_COMPLETED,
                                .version_no = version_no,
                                .project_id = STR(PROJECT),
                                .workflow_id = STR(WORKFLOW),
                                .task_name = STR("up"),
                                .task_type_id = 35 };

    assert_int_equal(world_run(&w, put_row, &row, NULL), E_OK);
}

static void test_input__of_an_upstream_instance_is_taken(void **state)
{
    int64_t up = must_create(&w, "up", up_daily), down;

    (void)state;
    must_submit(&w, up);
    down = make_down(up, "\"MainCyclicConfig\":\"LIST_DAY\",\"Offset\":\"0\"");
    complete(up, world_row(&w, up).submit_version_no);
    struct attempt_row attempt = begin(down);
    assert_int_equal(attempt.text.len, 0);
    assert_true(str_eq_c(attempt.substitutions, "{\"${i}\":\"1\"}"));
}

/* A task that was deleted and made again has fewer versions than the one whose instances it finds.
 * That is the attempt's misfortune, and nobody else's. */
static void test_input__of_a_version_that_is_gone_is_refused(void **state)
{
    int64_t up = must_create(&w, "up", up_daily), down;

    (void)state;
    must_submit(&w, up);
    down = make_down(up, "\"MainCyclicConfig\":\"LIST_DAY\",\"Offset\":\"0\"");
    complete(up, 9);
    assert_true(str_find(begin(down).text, STR("version 9, which is not there any more")) >= 0);
    world_restart(&w);
    engine_runner_synced(w.engine);
    world_advance(&w, DUR_S(1));
    assert_int_equal(w.calls[w.n_calls - 1].kind, 'b');
    assert_true(w.calls[w.n_calls - 1].refused);
}

static enum err_code put_version(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    (void)world;
    return row_update(engine_store(g), &table_version, ctx, COL(VERSION_DOC), e);
}

/* The document of the submitted version says this. */
static void spoil(int64_t task, const char *doc)
{
    struct version_row row = { .task_id = task,
                               .num = world_row(&w, task).submit_version_no,
                               .doc = str_from(doc) };

    assert_int_equal(world_run(&w, put_version, &row, NULL), E_OK);
    world_restart(&w);
    engine_runner_synced(w.engine);
}

static void test_begin__of_a_version_that_is_not_readable_is_refused(void **state)
{
    int64_t task = must_create(&w, "t", "\"CycleType\":\"DAY_CYCLE\"");

    (void)state;
    must_submit(&w, task);
    spoil(task, "{");
    assert_true(str_find(begin(task).text, STR("is not readable")) >= 0);
    assert_true(str_eq_c(world_instance(&w, task, 1).task_name, "t"));
    assert_true(w.calls[w.n_calls - 1].refused);
    world_restart(&w);
    world_advance(&w, DUR_S(1));
}

static void test_end__of_a_version_that_is_not_readable_fires_no_event(void **state)
{
    int64_t task = must_create(&w, "t", "\"CycleType\":\"DAY_CYCLE\"");
    struct engine_stats stats;

    (void)state;
    must_submit(&w, task);
    struct attempt_row attempt = begin(task);
    spoil(task, "{");
    engine_runner_ended(w.engine, &(struct attempt_end){ .fence = (uint64_t)attempt.fence,
                                                         .outcome = ATTEMPT_EXITED,
                                                         .started_at = w.now,
                                                         .ended_at = w.now,
                                                         .events = STR("EventA,20260101;") });
    world_advance(&w, DUR_S(1));
    engine_stats(w.engine, &stats);
    assert_int_equal(stats.commits_failed, 0);
    assert_int_equal(world_instance(&w, task, 1).state, INSTANCE_COMPLETED);
    assert_int_equal(row_get(store_view(w.store), &table_attempt, &w.arena, &attempt, NULL), E_OK);
    assert_true(str_find(attempt.text, STR("no event was fired")) >= 0);
}

/* ---- once for each upstream --------------------------------------------------------------------
 */

/* However many inputs there are and however many attempts: the outputs of an upstream's version are
 * read once, and the documents of upstreams are not needed to choose the instance. */
static void test_inputs__of_one_upstream_read_it_once(void **state)
{
    static const char many[] = "\"CycleType\":\"DAY_CYCLE\",\"ParamTaskOutList\":["
                               "{\"ParamKey\":\"o\",\"ParamValue\":\"1\"},"
                               "{\"ParamKey\":\"p\",\"ParamValue\":\"${yyyyMMdd}\"}]";
    int64_t up = must_create(&w, "up", many), down;
    struct round round = { .project = PROJECT };
    struct err e = ERR_INIT;
    char text[1200];

    (void)state;
    must_submit(&w, up);
    snprintf(text, sizeof(text),
             "\"CycleType\":\"DAY_CYCLE\",%s,\"ParamTaskInList\":["
             "{\"ParamKey\":\"a\",\"FromTaskId\":\"%017lld\",\"FromParamKey\":\"o\"},"
             "{\"ParamKey\":\"b\",\"FromTaskId\":\"%017lld\",\"FromParamKey\":\"p\"},"
             "{\"ParamKey\":\"c\",\"FromTaskId\":\"%017lld\",\"FromParamKey\":\"o\"}]",
             upstream(up, "\"MainCyclicConfig\":\"RANGE_DAY\",\"Offset\":\"-9,9\""), (long long)up,
             (long long)up, (long long)up);
    struct wish wish = { .name = "down",
                         .scheduler = text,
                         .config = "\"CodeContent\":\"JHthfSAke2J9ICR7Y30=\"" };
    assert_int_equal(world_create(&w, &wish, &round.task, &e), E_OK);
    down = round.task;
    must_submit(&w, down);
    complete(up, world_row(&w, up).submit_version_no);
    struct attempt_row attempt = begin(down);
    assert_true(
        str_eq_c(attempt.substitutions, "{\"${a}\":\"1\",\"${b}\":\"20260101\",\"${c}\":\"1\"}"));
    assert_int_equal(version_cache_reads(&w.engine->outputs), 1);
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
        cmocka_unit_test_setup_teardown(test_input__of_an_upstream_instance_is_taken, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_input__of_a_version_that_is_gone_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_begin__of_a_version_that_is_not_readable_is_refused,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_end__of_a_version_that_is_not_readable_fires_no_event,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_inputs__of_one_upstream_read_it_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_workflow_delete__fails_what_waits_for_its_tasks, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
