/* test/engine/t_cmd_submit.c - tasks are submitted: what is refused, what production then has, and
 * cycles against an oracle (docs/reference/semantics.md 1.5, 3.8, 5.1, 5.11). */
#include "task_world.h"

#include <stdio.h>
#include <string.h>

#include "base/prng.h"

static struct world w;

#define DAILY "\"MainCyclicConfig\":\"DAY\",\"SubordinateCyclicConfig\":\"CURRENT_DAY\""
#define UPSTREAMS "TaskSchedulerConfiguration.UpstreamDependencyConfigList"

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

static struct schedule_row schedule_of(int64_t id)
{
    struct schedule_row row = { .task_id = id };

    assert_int_equal(row_get(store_view(w.store), &table_schedule, &w.arena, &row, NULL), E_OK);
    return row;
}

/* ---- what is written ----------------------------------------------------------------------- */

static void test_submit__makes_a_version_and_starts_scheduling(void **state)
{
    int64_t up = must_create(&w, "up", NULL), id = must_create(&w, "t", upstream(up, DAILY));
    char expected[48];

    (void)state;
    must_submit(&w, up);
    w.now = wall_add(w.now, DUR_S(3));
    must_submit(&w, id);
    snprintf(expected, sizeof(expected), "%lld_20260304050610089", (long long)id);
    assert_string_equal(w.version_id, expected);
    struct task_row row = world_row(&w, id);
    assert_int_equal(row.version_no, 2);
    assert_int_equal(row.submit_version_no, 2);
    assert_true(row.submitted);
    assert_int_equal(row.status, TASK_SCHEDULING);
    assert_int_equal(row.first_submit_at.us, w.now.us);
    assert_true(str_eq_c(row.ops_uin, "100000000001"));
    struct version_row version = { .id = str_from(w.version_id) };
    assert_int_equal(row_get_by(store_view(w.store), &table_version, 0, &w.arena, &version, NULL),
                     E_OK);
    assert_true(version.task_id == id && version.num == 2 && str_eq_c(version.remark, "remark"));
    assert_int_equal(world_edges(&w, id, up, true), 1);
    assert_int_equal(world_edges(&w, id, up, false), 1);
    assert_int_equal(schedule_of(id).live_from.us, w.now.us);
    assert_int_equal(schedule_of(id).version_no, 2);
    /* Nothing for the midnight before, an instance at the next. */
    assert_int_equal(world_count(&w, &table_instance), 0);
    world_advance(&w, DUR_S(19 * 3600));
    assert_int_equal(world_count(&w, &table_instance), 2);
    core_verify(engine_core(w.engine));
}

/* Twice in one millisecond: version ids differ all the same. */
static void test_submit__again_keeps_on_scheduling(void **state)
{
    int64_t id = must_create(&w, "t", NULL);
    char first[64];

    (void)state;
    must_submit(&w, id);
    struct wall began = schedule_of(id).live_from;
    snprintf(first, sizeof(first), "%s", w.version_id);
    must_submit(&w, id);
    assert_string_not_equal(first, w.version_id);
    w.now = wall_add(w.now, DUR_S(60));
    must_change(&w, id, "t",
                "\"CycleType\":\"HOUR_CYCLE\",\"CrontabExpression\":\"0 0 * * * ? *\"");
    assert_false(world_row(&w, id).submitted);
    must_submit(&w, id);
    struct task_row row = world_row(&w, id);
    assert_true(row.submitted && row.version_no == 5 && row.submit_version_no == 5);
    assert_int_equal(row.first_submit_at.us, began.us);
    assert_int_equal(row.last_submit_at.us, w.now.us);
    assert_int_equal(schedule_of(id).live_from.us, began.us);
    world_advance(&w, DUR_S(3600));
    assert_int_equal(world_count(&w, &table_instance), 1); /* it is hourly now */
}

static enum err_code pause_step(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    struct schedule_row row = { .task_id = *(const int64_t *)ctx, .status = TASK_PAUSED };
    enum err_code rc = row_update(engine_store(g), &table_schedule, &row, COL(SCHEDULE_STATUS), e);

    (void)world;
    if (rc == E_OK)
        core_task_status(engine_core(g), row.task_id, TASK_PAUSED, false, engine_now(g));
    return rc;
}

/* 1.5: O stays O, INVALID starts afresh. */
static void test_submit__of_paused_and_of_expired_tasks(void **state)
{
    int64_t paused = must_create(&w, "paused", NULL);
    int64_t over = must_create(&w, "over",
                               "\"StartTime\":\"2026-03-01 00:00:00\","
                               "\"EndTime\":\"2026-03-02 00:00:00\"");

    (void)state;
    must_submit(&w, paused);
    assert_int_equal(world_run(&w, pause_step, &paused, NULL), E_OK);
    must_submit(&w, paused);
    assert_int_equal(world_row(&w, paused).status, TASK_PAUSED);
    assert_int_equal(schedule_of(paused).status, TASK_PAUSED);
    must_submit(&w, over);
    world_advance(&w, DUR_S(1));
    assert_int_equal(world_row(&w, over).status, TASK_INVALID);
    must_change(&w, over, "over", NULL);
    assert_int_equal(world_row(&w, over).status, TASK_INVALID);
    must_submit(&w, over);
    assert_int_equal(world_row(&w, over).status, TASK_SCHEDULING);
    assert_int_equal(schedule_of(over).live_from.us, w.now.us);
    world_advance(&w, DUR_S(19 * 3600));
    assert_int_equal(world_count(&w, &table_instance), 1); /* paused makes none */
}

/* ---- what is refused ----------------------------------------------------------------------- */

static enum err_code empty_remark_step(struct world *world, struct engine *g, void *ctx,
                                       struct err *e)
{
    struct str version_id;

    (void)world;
    return task_submit(g,
                       &(struct task_submission){ STR(PROJECT), *(const int64_t *)ctx, STR(""),
                                                  STR("1"), TASK_NEW },
                       &version_id, e);
}

static void test_submit__refusals(void **state)
{
    int64_t up = must_create(&w, "up", NULL), id = must_create(&w, "t", upstream(up, DAILY));
    char number[24];
    struct err e;

    (void)state;
    must_fail(world_submit(&w, id, &e), &e, E_CONFLICT, UPSTREAMS ".0.TaskId");
    snprintf(number, sizeof(number), "%lld", (long long)up);
    assert_non_null(strstr(e.text, number));
    assert_non_null(strstr(e.text_zh, number));
    must_fail(world_run(&w, empty_remark_step, &up, &e), &e, E_RANGE, "VersionRemark");
    must_fail(world_submit(&w, 20200101000000000, &e), &e, E_MISSING, "TaskId");
    assert_int_equal(world_count(&w, &table_schedule), 0);
    assert_int_equal(world_count(&w, &table_version), 2);
    assert_int_equal(world_row(&w, id).status, TASK_NEW);
}

/* What the draft names may have changed since it was saved. */
static void test_submit__checks_the_draft_again(void **state)
{
    int64_t up = must_create(&w, "up", NULL), id = must_create(&w, "t", upstream(up, DAILY));
    struct err e;

    (void)state;
    must_change(&w, up, "up",
                "\"CycleType\":\"YEAR_CYCLE\",\"CrontabExpression\":\"0 0 0 1 1 ? *\"");
    must_submit(&w, up);
    must_fail(world_submit(&w, id, &e), &e, E_RANGE, UPSTREAMS ".0.MainCyclicConfig");
    assert_int_equal(world_row(&w, id).status, TASK_NEW);
    must_change(&w, up, "up", NULL);
    must_submit(&w, id);
}

/* 5.1: any type is a draft; what cannot run is refused by name. */
static void test_submit__of_types_that_cannot_run(void **state)
{
    int drafts = 0, run = 0;

    (void)state;
    for (int type = 0; type <= 10000; type++) {
        char name[16], text[16];
        struct err e = ERR_INIT;
        int64_t id;
        if (!task_type_name(type))
            continue;
        snprintf(name, sizeof(name), "type%d", type);
        snprintf(text, sizeof(text), "%d", type);
        struct wish wish = { .name = name, .type = text };
        assert_int_equal(world_create(&w, &wish, &id, NULL), E_OK);
        drafts++;
        enum err_code rc = world_submit(&w, id, &e);
        if (type == TASK_TYPE_SHELL || type == TASK_TYPE_PYTHON) {
            assert_int_equal(rc, E_OK);
            run++;
            continue;
        }
        if (type == TASK_TYPE_BRANCH || type == TASK_TYPE_MERGE || type == TASK_TYPE_FORM) {
            /* need their settings */
            must_fail(rc, &e, E_CONFLICT, "TaskConfiguration.TaskExtConfigurationList");
            continue;
        }
        if (type == TASK_TYPE_FOR_EACH) {
            must_fail(rc, &e, E_CONFLICT, "TaskSchedulerConfiguration.ParamTaskInList");
            continue;
        }
        must_fail(rc, &e, E_UNSUPPORTED, "TaskId");
        assert_non_null(strstr(e.text, task_type_name(type)));
    }
    assert_int_equal(drafts, 32);
    assert_int_equal(run, 2);
}

/* ---- task_load ----------------------------------------------------------------------------- */

/* Production is what was submitted, whatever became of the draft; the calendar is resolved. */
static void test_load__gives_the_submitted_version(void **state)
{
    int64_t id = must_create(
        &w, "t", "\"CalendarOpen\":\"1\",\"CalendarId\":\"" CALENDAR "\",\"RunPriority\":\"4\"");
    struct core_task task;
    struct task_spec spec;

    (void)state;
    assert_int_equal(task_load(store_view(w.store), id, &w.arena, &task, &spec, NULL), E_MISSING);
    must_submit(&w, id);
    must_change(&w, id, "changed", "\"RunPriority\":\"5\"");
    assert_int_equal(task_load(store_view(w.store), id, &w.arena, &task, &spec, NULL), E_OK);
    assert_true(task.spec == &spec && task.id == id && task.version_no == 2);
    assert_true(str_eq_c(task.project_id, PROJECT) && str_eq_c(spec.workflow_id, WORKFLOW));
    assert_int_equal(spec.name.len, 0); /* of the document, which is not read */
    assert_int_equal(spec.priority, 4);
    assert_int_equal(task.status, TASK_SCHEDULING);
    assert_true(task.project_enabled);
    assert_non_null(spec.schedule.calendar);
    assert_int_equal(spec.schedule.calendar->n_days, 1);
    assert_false(calendar_allows(spec.schedule.calendar, civil_make(2026, 3, 5, 0, 0, 0)));
    assert_true(calendar_allows(spec.schedule.calendar, civil_make(2026, 3, 6, 0, 0, 0)));
}

/* ---- cycles (3.8) -------------------------------------------------------------------------- */

enum { TASKS = 6, NONE = 0, SAME, EARLIER };

struct graph {
    int64_t ids[TASKS];
    bool hourly[TASKS];
    int edges[TASKS][TASKS]; /* [down][up] */
};

/* Is there a way from `at` back to `goal` that never goes to strictly earlier data times? */
static bool loops(const struct graph *g, int at, int goal, bool *seen)
{
    for (int up = 0; up < TASKS; up++) {
        if (g->edges[at][up] != SAME)
            continue;
        if (up == goal)
            return true;
        if (seen[up])
            continue;
        seen[up] = true;
        if (loops(g, up, goal, seen))
            return true;
    }
    return false;
}

static const char *rule_text(const struct graph *g, int down, int up, int kind, bool omit)
{
    if (kind == SAME && omit)
        return "\"MainCyclicConfig\":\"\""; /* the recommended pairs are all of the same time */
    if (g->hourly[down] && g->hourly[up])
        return kind == SAME ? "\"MainCyclicConfig\":\"HOUR\",\"SubordinateCyclicConfig\":"
                              "\"CURRENT_HOUR\""
                            : "\"MainCyclicConfig\":\"HOUR\",\"SubordinateCyclicConfig\":"
                              "\"PREVIOUS_HOUR_CYCLE\"";
    if (!g->hourly[down] && g->hourly[up])
        return kind == SAME ? DAILY
                            : "\"MainCyclicConfig\":\"DAY\",\"SubordinateCyclicConfig\":"
                              "\"PREVIOUS_DAY\"";
    return kind == SAME ? DAILY : "\"MainCyclicConfig\":\"LIST_DAY\",\"Offset\":\"-1\"";
}

static void change_edges(struct graph *g, int task, struct prng *p, const int *wanted)
{
    struct buf text;
    char name[8];

    buf_init(&text, 1 << 16);
    buf_printf(&text, "\"CycleType\":\"%s_CYCLE\",\"UpstreamDependencyConfigList\":[",
               g->hourly[task] ? "HOUR" : "DAY");
    for (int up = 0, n = 0; up < TASKS; up++)
        if (wanted[up] != NONE)
            buf_printf(&text, "%s{\"TaskId\":\"%lld\",%s}", n++ ? "," : "", (long long)g->ids[up],
                       rule_text(g, task, up, wanted[up], prng_below(p, 2) == 0));
    buf_printf(&text, "]");
    snprintf(name, sizeof(name), "t%d", task);
    must_change(&w, g->ids[task], name, text.ptr);
    buf_done(&text);
}

static void test_cycles__against_an_oracle(void **state)
{
    struct graph g = { .hourly = { false, false, true, true, false, true } };
    struct prng p;
    int refused = 0, taken = 0;

    (void)state;
    prng_init(&p, 20260304);
    for (int i = 0; i < TASKS; i++) {
        char name[8];
        snprintf(name, sizeof(name), "t%d", i);
        g.ids[i] = must_create(&w, name, g.hourly[i] ? "\"CycleType\":\"HOUR_CYCLE\"" : NULL);
        must_submit(&w, g.ids[i]);
    }
    for (int step = 0; step < 400; step++) {
        struct graph next = g;
        struct err e = ERR_INIT;
        bool seen[TASKS] = { false };
        int task = (int)prng_below(&p, TASKS);
        for (int up = 0; up < TASKS; up++) {
            uint64_t dice = up == task ? 99 : prng_below(&p, 10);
            next.edges[task][up] = dice < 3 ? SAME : dice < 5 ? EARLIER : NONE;
        }
        change_edges(&next, task, &p, next.edges[task]);
        enum err_code rc = world_submit(&w, g.ids[task], &e);
        if (loops(&next, task, task, seen)) {
            must_fail(rc, &e, E_CONFLICT, UPSTREAMS);
            refused++;
            continue;
        }
        if (rc != E_OK)
            fail_msg("step %d: %s: %s", step, e.path, e.text);
        g = next;
        taken++;
    }
    assert_true(refused > 50 && taken > 50);
    core_verify(engine_core(w.engine));
}

/* A long chain, submitted from its beginning; its end cannot be tied to it. */
static void test_cycles__of_a_long_chain(void **state)
{
    enum { LENGTH = 1500 };
    int64_t first = 0, last = 0;
    struct err e;

    (void)state;
    for (int i = 0; i < LENGTH; i++) {
        char name[16];
        snprintf(name, sizeof(name), "link%d", i);
        int64_t id = must_create(&w, name, i == 0 ? NULL : upstream(last, DAILY));
        must_submit(&w, id);
        first = i == 0 ? id : first;
        last = id;
    }
    must_change(&w, first, "link0", upstream(last, DAILY));
    must_fail(world_submit(&w, first, &e), &e, E_CONFLICT, UPSTREAMS);
    must_change(&w, first, "link0",
                upstream(last, "\"MainCyclicConfig\":\"LIST_DAY\",\"Offset\":\"-1\""));
    must_submit(&w, first);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_submit__makes_a_version_and_starts_scheduling),
        TEST(test_submit__again_keeps_on_scheduling),
        TEST(test_submit__of_paused_and_of_expired_tasks),
        TEST(test_submit__refusals),
        TEST(test_submit__checks_the_draft_again),
        TEST(test_submit__of_types_that_cannot_run),
        TEST(test_load__gives_the_submitted_version),
        TEST(test_cycles__against_an_oracle),
        TEST(test_cycles__of_a_long_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
