/* test/engine/t_turn.c - the turn of the engine: what a failed commit, a broken connection and a
 * restart leave (engine/turn.h; I2, I4, I6). */
#include "task_world.h"

#include <inttypes.h>
#include <stdlib.h>

#include "engine/cmd_backfill.h"

static struct world w;

#define HOURLY "\"CycleType\":\"HOUR_CYCLE\",\"CrontabExpression\":\"0 0 * * * ? *\""
#define PARALLEL HOURLY ",\"SelfDepend\":\"parallel\""

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

static int64_t submitted(const char *name, const char *scheduler)
{
    int64_t id = must_create(&w, name, scheduler);

    must_submit(&w, id);
    return id;
}

/* Lets the next hour begin: 54 minutes after the start of the world. */
static void next_hour(void)
{
    world_advance(&w, DUR_S(54 * 60));
}

/* "b1 a1" - what the runner was told since the last look; 'B' is a begin that may be a second. */
static const char *told(void)
{
    static char text[WORLD_CALLS_MAX * 24];
    size_t n = 0;

    text[0] = '\0';
    for (int k = 0; k < w.n_calls; k++) {
        char kind = w.calls[k].resent ? 'B' : w.calls[k].kind;
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%c%" PRIu64, k > 0 ? " " : "", kind,
                              w.calls[k].fence);
    }
    w.n_calls = 0;
    return text;
}

static void ended(uint64_t fence, int exit_code)
{
    engine_runner_ended(w.engine, &(struct attempt_end){ .fence = fence,
                                                         .outcome = ATTEMPT_EXITED,
                                                         .exit_code = exit_code,
                                                         .started_at = w.now,
                                                         .ended_at = w.now });
    world_advance(&w, DUR_S(0));
}

static struct instance_row newest(int64_t task)
{
    struct query q;
    void *rows;
    size_t n;

    query_newest_instance(&q, task, civil_make(2099, 1, 1, 0, 0, 0));
    assert_int_equal(query_rows(store_view(w.store), &q, &w.arena, &rows, &n, NULL), E_OK);
    assert_int_equal(n, 1);
    return *(const struct instance_row *)rows;
}

#define assert_state(task, name)                                                                   \
    assert_string_equal(instance_state_name((enum instance_state)newest(task).state), name)

static void fail_next_commit(void)
{
    store_set_faults(w.store, (struct store_faults){ .fail_commit_at = 1 });
}

static struct engine_stats stats(void)
{
    struct engine_stats s;

    engine_stats(w.engine, &s);
    return s;
}

/* ---- failing commits ------------------------------------------------------------------------ */

static void test_commit__that_fails_leaves_nothing_and_heals(void **state)
{
    int64_t before = world_count(&w, &table_task), id;
    struct wish wish = { .name = "t" };
    struct err e = ERR_INIT;

    (void)state;
    fail_next_commit();
    assert_int_equal(world_create(&w, &wish, &id, &e), E_IO);
    assert_true(stats().broken && stats().commits_failed == 1);
    assert_int_equal(world_count(&w, &table_task), before);
    /* For half a second nothing is tried, and whoever asks is told so. */
    assert_int_equal(world_create(&w, &wish, &id, &e), E_IO);
    assert_true(engine_next_due(w.engine).us > w.now.us);
    w.now = engine_next_due(w.engine);
    assert_int_equal(world_create(&w, &wish, &id, &e), E_OK);
    assert_false(stats().broken);
    assert_int_equal(world_count(&w, &table_task), before + 1);
}

/* The next version gets the number of the one that was never committed, and is what runs. */
static void test_commit__that_fails_leaves_no_version(void **state)
{
    struct wish wish = { .name = "t",
                         .scheduler = "\"CycleType\":\"ONEOFF_CYCLE\","
                                      "\"CrontabExpression\":\"0 0 12 15 * ? 2026\","
                                      "\"StartTime\":\"2026-03-04 01:00:00\"" };
    struct err e = ERR_INIT;

    (void)state;
    assert_int_equal(world_create(&w, &wish, &wish.id, &e), E_OK);
    wish.name = "lost";
    fail_next_commit();
    assert_int_equal(world_publish(&w, &wish, &e), E_IO);
    w.now = engine_next_due(w.engine);
    wish.name = "kept";
    assert_int_equal(world_publish(&w, &wish, &e), E_OK);
    assert_true(str_eq_c(newest(wish.id).task_name, "kept"));
}

static void test_begin__comes_after_its_commit(void **state)
{
    int64_t id = submitted("t", HOURLY);

    (void)state;
    fail_next_commit();
    next_hour();
    assert_string_equal(told(), "");
    assert_int_equal(world_count(&w, &table_instance), 0);
    assert_int_equal(world_count(&w, &table_attempt), 0);
    world_advance(&w, DUR_S(1));
    assert_state(id, "RUNNING");
    struct instance_row row = newest(id);
    assert_int_equal(w.n_calls, 1);
    assert_int_equal(w.calls[0].kind, 'b');
    assert_int_equal(w.calls[0].fence, row.fence);
}

static void test_ack__comes_after_the_commit_of_the_result(void **state)
{
    int64_t id = submitted("t", HOURLY);

    (void)state;
    next_hour();
    uint64_t fence = w.calls[0].fence;
    w.n_calls = 0;
    fail_next_commit();
    ended(fence, 0);
    assert_string_equal(told(), "");
    assert_state(id, "RUNNING");
    /* The report is not lost, and what the runner has is not begun again. */
    world_advance(&w, DUR_S(1));
    assert_state(id, "COMPLETED");
    assert_int_equal(w.n_calls, 1);
    assert_int_equal(w.calls[0].kind, 'a');
}

/* A full disk ends no server: two attempts want fences of a store that gives none. */
static void test_store__that_fails_while_attempts_begin(void **state)
{
    (void)state;
    submitted("a", HOURLY);
    submitted("b", HOURLY);
    for (int at = 1; at < 12; at++) {
        store_set_faults(w.store, (struct store_faults){ .fail_change_at = at });
        world_advance(&w, DUR_S(3600));
        world_advance(&w, DUR_S(1));
        core_verify(engine_core(w.engine));
    }
    store_set_faults(w.store, (struct store_faults){ 0, 0 });
    world_advance(&w, DUR_S(1));
    assert_true(stats().commits_failed > 3);
    assert_int_equal(world_count(&w, &table_instance), 2 * 11);
}

/* ---- the runner ----------------------------------------------------------------------------- */

static void test_resync__sends_what_was_not_named(void **state)
{
    submitted("a", HOURLY);
    submitted("b", HOURLY);
    submitted("c", HOURLY);
    (void)state;
    next_hour();
    assert_int_equal(w.n_calls, 3);
    uint64_t has = w.calls[1].fence, lacks[] = { w.calls[0].fence, w.calls[2].fence };
    w.n_calls = 0;
    engine_runner_lost(w.engine);
    world_advance(&w, DUR_S(1));
    assert_string_equal(told(), "");
    engine_runner_running(w.engine, has, w.now);
    engine_runner_synced(w.engine);
    world_advance(&w, DUR_S(0));
    assert_int_equal(w.n_calls, 2);
    for (int k = 0; k < 2; k++) {
        assert_true(w.calls[k].kind == 'b' && w.calls[k].resent);
        assert_true(w.calls[k].fence == lacks[0] || w.calls[k].fence == lacks[1]);
    }
    /* Nothing once more, also not after a load. */
    w.n_calls = 0;
    fail_next_commit();
    next_hour();
    world_advance(&w, DUR_S(1));
    assert_string_equal(told(), "");
}

static enum err_code kill_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    struct instance_row row = newest(*(const int64_t *)ctx);

    (void)world, (void)e;
    assert_true(core_kill(engine_core(g), (struct instance_key){ row.task_id, row.data_time },
                          STR("enough"), engine_now(g)));
    return E_OK;
}

static void test_kill__while_disconnected_is_repeated(void **state)
{
    int64_t id = submitted("t", HOURLY);

    (void)state;
    next_hour();
    uint64_t fence = w.calls[0].fence;
    engine_runner_lost(w.engine);
    assert_int_equal(world_run(&w, kill_step, &id, NULL), E_OK);
    w.n_calls = 0; /* the connection took the kill with it */
    engine_runner_running(w.engine, fence, w.now);
    engine_runner_synced(w.engine);
    world_advance(&w, DUR_S(0));
    assert_int_equal(w.n_calls, 1);
    assert_true(w.calls[0].kind == 'k' && w.calls[0].fence == fence);
}

/* What that connection named is forgotten, so it must not be taken for all that the runner has. */
static void test_resync__of_a_connection_that_broke_before_the_turn_does_not_count(void **state)
{
    int64_t id = submitted("t", HOURLY);

    (void)state;
    next_hour();
    uint64_t fence = w.calls[0].fence;
    assert_int_equal(world_run(&w, kill_step, &id, NULL), E_OK);
    engine_runner_lost(w.engine);
    engine_runner_running(w.engine, fence, w.now);
    engine_runner_synced(w.engine);
    engine_runner_lost(w.engine);
    world_advance(&w, DUR_S(1));
    world_advance(&w, DUR_S(1));
    assert_state(id, "RUNNING"); /* it lives, and a second attempt must not begin */
    w.n_calls = 0;
    engine_runner_running(w.engine, fence, w.now);
    engine_runner_synced(w.engine);
    world_advance(&w, DUR_S(0));
    assert_int_equal(w.n_calls, 1);
    assert_true(w.calls[0].kind == 'k' && w.calls[0].fence == fence);
}

static void test_kill__of_what_never_reached_the_runner_ends_it(void **state)
{
    int64_t id = submitted("t", HOURLY);
    struct err e;

    (void)state;
    engine_runner_lost(w.engine);
    next_hour();
    assert_state(id, "RUNNING");
    assert_int_equal(world_delete(&w, id, false, &e), E_OK);
    assert_state(id, "RUNNING");
    w.n_calls = 0;
    engine_runner_synced(w.engine);
    world_advance(&w, DUR_S(0));
    assert_state(id, "EXPIRED");
    for (int k = 0; k < w.n_calls; k++)
        assert_int_not_equal(w.calls[k].kind, 'b');
}

static void test_stale_fence__changes_nothing_and_is_acknowledged(void **state)
{
    int64_t id = submitted("t", HOURLY ",\"MaxRetryAttempts\":\"2\",\"RetryWait\":\"1\"");

    (void)state;
    next_hour();
    uint64_t first = w.calls[0].fence;
    ended(first, 1);
    assert_state(id, "FAILED_RETRY");
    world_advance(&w, DUR_S(60));
    assert_state(id, "RUNNING");
    struct instance_row before = newest(id);
    w.n_calls = 0;
    ended(first, 0);
    ended(77777, 0);
    struct instance_row after = newest(id);
    assert_state(id, "RUNNING");
    assert_true(after.fence == before.fence && after.updated_at.us == before.updated_at.us);
    assert_int_equal(w.n_calls, 2);
    assert_true(w.calls[0].kind == 'a' && w.calls[0].fence == first);
    assert_true(w.calls[1].kind == 'a' && w.calls[1].fence == 77777);
}

static struct attempt_row attempt(uint64_t fence)
{
    struct attempt_row row = { .fence = (int64_t)fence };

    assert_int_equal(row_get(store_view(w.store), &table_attempt, &w.arena, &row, NULL), E_OK);
    return row;
}

/* Of a start alone nothing follows, so it waits some milliseconds for something to share its commit
 * with. */
static void test_start__waits_for_company(void **state)
{
    (void)state;
    submitted("t", HOURLY);
    next_hour();
    struct wall start = w.now;
    uint64_t fence = w.calls[0].fence;
    int64_t turns = stats().turns;
    engine_runner_running(w.engine, fence, start);
    world_advance(&w, DUR_MS(1));
    assert_int_equal(stats().turns, turns);
    struct wall due = engine_next_due(w.engine);
    assert_true(due.us > w.now.us && wall_sub(due, w.now).us <= DUR_MS(20).us);
    world_advance(&w, wall_sub(due, w.now));
    assert_int_equal(stats().turns, turns + 1);
    assert_true(attempt(fence).started_at.us == start.us);
    assert_true(engine_next_due(w.engine).us > wall_add(w.now, DUR_S(1)).us);
    /* The clock goes back: it does not wait for the old time to come again. */
    engine_runner_running(w.engine, fence, wall_add(start, DUR_S(1)));
    world_advance(&w, DUR_MS(1));
    world_advance(&w, DUR_S(-600));
    assert_true(attempt(fence).started_at.us == wall_add(start, DUR_S(1)).us);
}

static void test_start__goes_with_its_end(void **state)
{
    int64_t id = submitted("t", HOURLY);

    (void)state;
    next_hour();
    uint64_t fence = w.calls[0].fence;
    int64_t turns = stats().turns;
    engine_runner_running(w.engine, fence, w.now);
    world_advance(&w, DUR_MS(1));
    ended(fence, 0);
    assert_state(id, "COMPLETED");
    assert_int_equal(stats().turns, turns + 1);
    assert_true(attempt(fence).started_at.us == w.now.us);
    /* A later end goes at once although a start waits, and takes it along. */
    world_advance(&w, DUR_S(3600));
    uint64_t second = w.calls[w.n_calls - 1].fence;
    assert_int_not_equal(second, fence);
    engine_runner_running(w.engine, second, w.now);
    turns = stats().turns;
    ended(77777, 0);
    assert_int_equal(stats().turns, turns + 1);
    assert_true(attempt(second).started_at.us == w.now.us);
}

/* ---- restart -------------------------------------------------------------------------------- */

static void test_restart__makes_up_what_was_missed_and_goes_on(void **state)
{
    int64_t id = submitted("t", PARALLEL);

    (void)state;
    next_hour();
    uint64_t fence = w.calls[0].fence;
    w.n_calls = 0;
    w.now = wall_add(w.now, DUR_S(5 * 3600));
    world_restart(&w);
    world_advance(&w, DUR_S(0));
    assert_int_equal(world_count(&w, &table_instance), 6);
    /* The attempt before is still believed in until the runner has spoken. */
    assert_int_equal(world_count(&w, &table_attempt), 6);
    w.n_calls = 0;
    engine_runner_ended(w.engine, &(struct attempt_end){ .fence = fence,
                                                         .outcome = ATTEMPT_EXITED,
                                                         .started_at = w.now,
                                                         .ended_at = w.now });
    engine_runner_synced(w.engine);
    world_advance(&w, DUR_S(0));
    int begun = 0;
    for (int k = 0; k < w.n_calls; k++) {
        assert_true(w.calls[k].kind == 'a' || w.calls[k].fence != fence);
        begun += w.calls[k].kind == 'b';
    }
    assert_int_equal(begun, 5);
    assert_state(id, "RUNNING");
    core_verify(engine_core(w.engine));
}

/* Firings of an hour that the clock shows twice are settled, also for a definition of its second
 * time. */
static void test_clock__that_is_set_back_fires_nothing_twice(void **state)
{
    int64_t id = submitted("t", PARALLEL);

    (void)state;
    next_hour();
    world_advance(&w, DUR_S(3 * 3600));
    assert_int_equal(world_count(&w, &table_instance), 4);
    w.now = wall_add(w.now, DUR_S(-2 * 3600));
    must_change(&w, id, "t",
                "\"CycleType\":\"HOUR_CYCLE\",\"CrontabExpression\":\"0 30 * * * ? *\","
                "\"SelfDepend\":\"parallel\"");
    must_submit(&w, id);
    world_restart(&w);
    world_advance(&w, DUR_S(2 * 3600));
    assert_int_equal(world_count(&w, &table_instance), 4);
    world_advance(&w, DUR_S(3600));
    assert_int_equal(world_count(&w, &table_instance) + world_count(&w, &table_miss), 5);
}

/* ---- commands ------------------------------------------------------------------------------- */

struct queued {
    struct engine_command command;
    enum err_code rc, answer;
    bool done;
    int64_t task;
    enum err_code (*step)(struct engine *g, int64_t task, struct err *e);
};

static enum err_code queued_run(struct engine_command *c, struct engine *g, struct err *e)
{
    struct queued *q = CONTAINER_OF(c, struct queued, command);

    return q->step ? q->step(g, q->task, e) : E_OK;
}

static void queued_done(struct engine_command *c, enum err_code rc, const struct err *e)
{
    struct queued *q = CONTAINER_OF(c, struct queued, command);

    (void)e;
    q->answer = rc;
    q->done = true;
}

static void post(struct queued *q)
{
    q->command = (struct engine_command){ .run = queued_run, .done = queued_done };
    q->rc = engine_post(w.engine, &q->command, NULL);
}

static enum err_code backfill_step(struct engine *g, int64_t task, struct err *e)
{
    struct backfill_range range = { civil_make(2026, 3, 1, 0, 0, 0),
                                    civil_make(2026, 3, 1, 0, 0, 0), 0, 1439 };
    struct backfill_request r = { .project_id = STR(PROJECT),
                                  .name = STR("plan"),
                                  .uin = STR("1"),
                                  .tasks = &task,
                                  .n_tasks = 1,
                                  .ranges = &range,
                                  .n_ranges = 1,
                                  .doc = STR("{}") };
    struct str id;

    return backfill_create(g, &r, &id, e);
}

static enum err_code refused_step(struct engine *g, int64_t task, struct err *e)
{
    struct instance_key key = { task, civil_make(2030, 1, 1, 0, 0, 0) };

    return core_set_success(engine_core(g), key, NULL, STR("wish"), engine_now(g), e);
}

/* What was refused leaves nothing of its own, and all of those before it in the turn. */
static void test_refusal__keeps_the_commands_before_it(void **state)
{
    int64_t id = submitted("t", PARALLEL);
    struct queued made = { .task = id, .step = backfill_step },
                  refused = { .task = id, .step = refused_step };

    (void)state;
    post(&made);
    post(&refused);
    world_advance(&w, DUR_S(0));
    assert_true(made.done && made.answer == E_OK);
    assert_true(refused.done && refused.answer == E_MISSING);
    assert_int_equal(world_count(&w, &table_instance), 24);
    assert_int_equal(world_count(&w, &table_plan), 1);
    world_restart(&w);
    core_verify(engine_core(w.engine));
}

static void test_queue__is_bounded_and_closes(void **state)
{
    struct queued *all = calloc(ENGINE_QUEUE_MAX + 2, sizeof(*all));

    (void)state;
    for (int k = 0; k <= ENGINE_QUEUE_MAX; k++)
        post(&all[k]);
    assert_int_equal(all[ENGINE_QUEUE_MAX - 1].rc, E_OK);
    assert_int_equal(all[ENGINE_QUEUE_MAX].rc, E_BUSY);
    assert_true(engine_turn(w.engine, w.now)); /* some of them, and there is more */
    assert_true(all[0].done && !all[ENGINE_QUEUE_MAX - 1].done);
    engine_close(w.engine);
    for (int k = 0; k < ENGINE_QUEUE_MAX; k++)
        assert_true(all[k].done);
    assert_int_equal(all[0].answer, E_OK);
    assert_int_equal(all[ENGINE_QUEUE_MAX - 1].answer, E_CANCELED);
    post(&all[ENGINE_QUEUE_MAX + 1]);
    assert_int_equal(all[ENGINE_QUEUE_MAX + 1].rc, E_BUSY);
    free(all);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_commit__that_fails_leaves_nothing_and_heals),
        TEST(test_commit__that_fails_leaves_no_version),
        TEST(test_begin__comes_after_its_commit),
        TEST(test_ack__comes_after_the_commit_of_the_result),
        TEST(test_store__that_fails_while_attempts_begin),
        TEST(test_resync__sends_what_was_not_named),
        TEST(test_kill__while_disconnected_is_repeated),
        TEST(test_resync__of_a_connection_that_broke_before_the_turn_does_not_count),
        TEST(test_kill__of_what_never_reached_the_runner_ends_it),
        TEST(test_start__waits_for_company),
        TEST(test_start__goes_with_its_end),
        TEST(test_stale_fence__changes_nothing_and_is_acknowledged),
        TEST(test_restart__makes_up_what_was_missed_and_goes_on),
        TEST(test_clock__that_is_set_back_fires_nothing_twice),
        TEST(test_refusal__keeps_the_commands_before_it),
        TEST(test_queue__is_bounded_and_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
