/* test/engine/t_same_turn.c - commands that share a turn: each finds what those before it have
 * begun (docs/reference/semantics.md 5.6-5.8). */
#include "task_world.h"

#include "engine/cmd_backfill.h"
#include "engine/cmd_instance.h"
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

/* One command of the turn; the instance is that of `task` for 2026-03-06. */
struct step {
    struct engine_command command;
    int64_t task;
    enum { BACKFILL, KILL, RERUN, SUCCEED } kind;
    enum err_code rc;
};

static enum err_code backfill(struct engine *g, const struct step *s, struct err *e)
{
    struct civil day = civil_make(2026, 3, 6, 0, 0, 0);
    struct backfill_range range = { .first_day = day, .last_day = day, .window_to = 24 * 60 - 1 };
    struct backfill_request r = { .project_id = STR(PROJECT),
                                  .uin = STR("1"),
                                  .tasks = &s->task,
                                  .n_tasks = 1,
                                  .ranges = &range,
                                  .n_ranges = 1,
                                  .flags = INSTANCE_SKIP_EVENTS,
                                  .doc = STR("{}") };
    struct str id;

    return backfill_create(g, &r, &id, e);
}

static enum err_code run(struct engine_command *c, struct engine *g, struct err *e)
{
    struct step *s = CONTAINER_OF(c, struct step, command);
    struct instance_key key = { s->task, civil_make(2026, 3, 6, 0, 0, 0) };
    struct rerun how = { .self = true, .check_all = true, .skip_events = true };
    struct instance_request r = {
        .project_id = STR(PROJECT), .uin = STR("1"), .keys = &key, .n_keys = 1, .doc = STR("{}")
    };
    struct str job;

    switch (s->kind) {
    case BACKFILL:
        return backfill(g, s, e);
    case KILL:
        return instances_kill(g, &r, &job, e);
    case RERUN:
        return instances_rerun(g, &r, &how, &job, e);
    case SUCCEED:
        break;
    }
    return instances_set_success(g, &r, &job, e);
}

static void done(struct engine_command *c, enum err_code rc, const struct err *e)
{
    (void)e;
    CONTAINER_OF(c, struct step, command)->rc = rc;
}

static void together(struct step *steps, int n)
{
    for (int k = 0; k < n; k++) {
        steps[k].command = (struct engine_command){ .run = run, .done = done };
        steps[k].rc = E_CANCELED;
        assert_int_equal(engine_post(w.engine, &steps[k].command, NULL), E_OK);
    }
    engine_turn(w.engine, w.now);
    for (int k = 0; k < n; k++)
        assert_int_equal(steps[k].rc, E_OK);
}

static struct instance_row row_of(int64_t task)
{
    struct instance_row row = { .task_id = task, .data_time = civil_make(2026, 3, 6, 0, 0, 0) };

    assert_int_equal(row_get(store_view(w.store), &table_instance, &w.arena, &row, NULL), E_OK);
    return row;
}

/* A task whose upstream never runs, with an instance that was killed. */
static int64_t ended_one(void)
{
    int64_t up = must_create(&w, "up", ""),
            task = must_create(
                &w, "t",
                upstream(
                    up,
                    "\"MainCyclicConfig\":\"DAY\",\"SubordinateCyclicConfig\":\"CURRENT_DAY\""));

    must_submit(&w, up);
    must_submit(&w, task);
    together((struct step[]){ { .task = task, .kind = BACKFILL } }, 1);
    together((struct step[]){ { .task = task, .kind = KILL } }, 1);
    assert_int_equal(row_of(task).state, INSTANCE_EXPIRED);
    assert_int_equal(row_of(task).round, 0);
    return task;
}

static void test_kill__of_what_was_rerun_in_the_same_turn(void **state)
{
    int64_t task = ended_one();

    (void)state;
    together((struct step[]){ { .task = task, .kind = RERUN }, { .task = task, .kind = KILL } }, 2);
    assert_int_equal(row_of(task).round, 1);
    assert_int_equal(row_of(task).state, INSTANCE_EXPIRED);
}

static void test_success__of_what_was_rerun_in_the_same_turn(void **state)
{
    int64_t task = ended_one();

    (void)state;
    together((struct step[]){ { .task = task, .kind = RERUN }, { .task = task, .kind = SUCCEED } },
             2);
    assert_int_equal(row_of(task).round, 1);
    assert_int_equal(row_of(task).state, INSTANCE_COMPLETED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_kill__of_what_was_rerun_in_the_same_turn, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_success__of_what_was_rerun_in_the_same_turn, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
