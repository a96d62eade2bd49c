/* test/engine/t_cmd_task.c - tasks are made, changed and deleted: what is refused, what is written,
 * what a failing store leaves (docs/reference/semantics.md 1.1, 1.3, 1.4, 1.6, 3.3, 3.7). */
#include "task_world.h"

#include <stdio.h>
#include <string.h>

static struct world w;

#define DAILY "\"MainCyclicConfig\":\"DAY\",\"SubordinateCyclicConfig\":\"CURRENT_DAY\""
#define LISTENER(name, more)                                                                       \
    "{\"EventName\":\"" name                                                                       \
    "\",\"EventSubType\":\"DAY\",\"EventBroadcastType\":\"BROADCAST\"" more "}"
#define IN_PROJECT(id)                                                                             \
    ",\"PropertiesList\":[{\"ParamKey\":\"EventProjectId\",\"ParamValue\":\"" id "\"}]"

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

/* ---- ids (1.1) ----------------------------------------------------------------------------- */

static void test_id__is_the_moment_in_utc8_and_the_next_free_one(void **state)
{
    (void)state;
    assert_int_equal(must_create(&w, "a", NULL), 20260304050607089);
    assert_int_equal(must_create(&w, "b", NULL), 20260304050607090);
    w.now = wall_add(w.now, DUR_S(1));
    assert_int_equal(must_create(&w, "c", NULL), 20260304050608089);
}

/* However many of the ids ahead are taken, by a fixture or by a burst of creations. */
static void test_id__is_found_behind_any_number_of_taken_ones(void **state)
{
    static const int64_t ahead[] = { 99998, 99999, 100000, 100001, 199999, 200000, 1000000 };
    const int64_t first = 20260304050607089;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ahead); i++) {
        char name[16];
        int64_t id;
        snprintf(name, sizeof(name), "fixture%zu", i);
        struct wish wish = { .id = first + ahead[i], .name = name };
        assert_int_equal(world_create(&w, &wish, &id, NULL), E_OK);
        assert_int_equal(id, first + ahead[i]);
    }
    for (int i = 0; i < 10; i++) {
        char name[16];
        snprintf(name, sizeof(name), "t%d", i);
        int64_t id = must_create(&w, name, NULL);
        assert_true(id > first);
    }
    assert_int_equal(world_count(&w, &table_task), (int64_t)ARRAY_LEN(ahead) + 10);
}

static void test_id__given_ones_are_taken_or_refused(void **state)
{
    struct wish wish = { .id = 20241204111252781, .name = "given" };
    struct err e;
    int64_t id;

    (void)state;
    assert_int_equal(world_create(&w, &wish, &id, NULL), E_OK);
    assert_int_equal(id, 20241204111252781);
    wish.name = "again";
    must_fail(world_create(&w, &wish, NULL, &e), &e, E_EXISTS, "TaskId");
    wish.id = 0;
    wish.name = "given";
    must_fail(world_create(&w, &wish, NULL, &e), &e, E_EXISTS, "TaskBaseAttribute.TaskName");
    /* Names are unique in their project only (1.3). */
    wish.project = OTHER_PROJECT;
    wish.workflow = "w2";
    assert_int_equal(world_create(&w, &wish, NULL, NULL), E_OK);
}

/* ---- create -------------------------------------------------------------------------------- */

static void test_create__writes_task_version_edges_and_listeners(void **state)
{
    int64_t up = must_create(&w, "up", NULL);
    char scheduler[512];
    int64_t id;

    (void)state;
    snprintf(scheduler, sizeof(scheduler),
             "%s,\"EventListenerList\":[" LISTENER("ours", "") "," LISTENER(
                 "theirs", IN_PROJECT(OTHER_PROJECT)) "]",
             upstream(up, DAILY));
    struct wish wish = { .name = "down",
                         .folder = "/mine",
                         .config = "\"ResourceGroup\":\"11\",\"BundleId\":\"b\"",
                         .scheduler = scheduler };
    assert_int_equal(world_create(&w, &wish, &id, NULL), E_OK);
    struct task_row row = world_row(&w, id);
    assert_true(str_eq_c(row.project_id, PROJECT) && str_eq_c(row.workflow_id, WORKFLOW));
    assert_true(str_eq_c(row.name, "down") && str_eq_c(row.folder_path, "/mine"));
    assert_true(str_eq_c(row.owner_uin, "100000000001")); /* nobody was given: the caller */
    assert_true(str_eq_c(row.bundle_id, "b") && str_eq_c(row.group_id, "11"));
    assert_int_equal(row.status, TASK_NEW);
    assert_int_equal(row.version_no, 1);
    assert_int_equal(row.submit_version_no, 0);
    assert_false(row.submitted);
    assert_int_equal(row.created_at.us, w.now.us);
    assert_int_equal(world_edges(&w, id, up, false), 1);
    assert_int_equal(world_edges(&w, id, up, true), 0);
    assert_int_equal(world_count(&w, &table_listener), 2);
    assert_int_equal(world_count(&w, &table_version), 2);
    assert_int_equal(world_count(&w, &table_schedule), 0);
    assert_false(core_task_has(engine_core(w.engine), id)); /* a draft schedules nothing */
}

#define SCHEDULER "TaskSchedulerConfiguration."
#define UPSTREAM(id, rest) "\"UpstreamDependencyConfigList\":[{\"TaskId\":\"" id "\"," rest "}]"

/* Everything that a definition names is looked up; a refused one leaves nothing. */
static void test_create__refuses_what_does_not_exist_or_fit(void **state)
{
    static const struct {
        int line;
        struct wish wish;
        enum err_code code;
        const char *path;
    } rows[] = {
        { __LINE__, { .project = "404" }, E_MISSING, "ProjectId" },
        { __LINE__, { .workflow = "404" }, E_MISSING, "TaskBaseAttribute.WorkflowId" },
        { __LINE__, { .workflow = "" }, E_MISSING, "TaskBaseAttribute.WorkflowId" },
        { __LINE__, { .workflow = "w2" }, E_MISSING, "TaskBaseAttribute.WorkflowId" },
        { __LINE__, { .folder = "/404" }, E_MISSING, "TaskBaseAttribute.TaskFolderPath" },
        { __LINE__, { .folder = "mine" }, E_RANGE, "TaskBaseAttribute.TaskFolderPath" },
        /* The folder is there, but for another category of types. */
        { __LINE__, { .folder = "/sync" }, E_MISSING, "TaskBaseAttribute.TaskFolderPath" },
        { __LINE__,
          { .folder = "/mine", .type = "26" },
          E_MISSING,
          "TaskBaseAttribute.TaskFolderPath" },
        { __LINE__,
          { .config = "\"ResourceGroup\":\"404\"" },
          E_MISSING,
          "TaskConfiguration.ResourceGroup" },
        { __LINE__,
          { .config = "\"ResourceGroup\":\"13\"" },
          E_DENIED,
          "TaskConfiguration.ResourceGroup" },
        { __LINE__,
          { .scheduler = "\"CalendarOpen\":\"1\",\"CalendarId\":\"404\"" },
          E_MISSING,
          SCHEDULER "CalendarId" },
        { __LINE__,
          { .scheduler = UPSTREAM("20200101000000000", DAILY) },
          E_MISSING,
          SCHEDULER "UpstreamDependencyConfigList.0.TaskId" },
        { __LINE__,
          { .scheduler = UPSTREAM("00000000000000000", DAILY) },
          E_MISSING,
          SCHEDULER "UpstreamDependencyConfigList.0.TaskId" },
        { __LINE__,
          { .id = 20260101000000000, .scheduler = UPSTREAM("20260101000000000", DAILY) },
          E_RANGE,
          SCHEDULER "UpstreamDependencyConfigList.0.TaskId" },
        { __LINE__,
          { .scheduler = UPSTREAM("20250101000000001", DAILY) },
          E_DENIED,
          SCHEDULER "UpstreamDependencyConfigList.0.TaskId" },
        { __LINE__,
          { .scheduler = UPSTREAM("20250101000000000", "\"MainCyclicConfig\":\"WEEK\","
                                                       "\"SubordinateCyclicConfig\":\"CURRENT_"
                                                       "WEEK\"") },
          E_RANGE,
          SCHEDULER "UpstreamDependencyConfigList.0.MainCyclicConfig" },
        /* CRONTAB pairs with CRONTAB only, so an omitted pair has no recommended one. */
        { __LINE__,
          { .scheduler = "\"CycleType\":\"CRONTAB_CYCLE\"," UPSTREAM("20250101000000000",
                                                                     "\"MainCyclicConfig\":\"\"") },
          E_RANGE,
          SCHEDULER "UpstreamDependencyConfigList.0.MainCyclicConfig" },
        { __LINE__,
          { .scheduler = "\"EventListenerList\":[" LISTENER("404", "") "]" },
          E_MISSING,
          SCHEDULER "EventListenerList.0.EventName" },
        { __LINE__,
          { .scheduler = "\"EventListenerList\":[" LISTENER("theirs", "") "]" },
          E_MISSING,
          SCHEDULER "EventListenerList.0.EventName" },
        { __LINE__,
          { .scheduler = "\"EventListenerList\":[{\"EventName\":\"ours\",\"EventSubType\":\"HOUR\","
                         "\"EventBroadcastType\":\"BROADCAST\"}]" },
          E_RANGE,
          SCHEDULER "EventListenerList.0.EventSubType" },
        { __LINE__,
          { .scheduler = "\"EventListenerList\":[{\"EventName\":\"ours\",\"EventSubType\":\"DAY\","
                         "\"EventBroadcastType\":\"SINGLE\"}]" },
          E_RANGE,
          SCHEDULER "EventListenerList.0.EventBroadcastType" },
        /* Once as the task's own, once by the name of the same project. */
        { __LINE__,
          { .scheduler = "\"EventListenerList\":[" LISTENER("ours", "") "," LISTENER(
                "ours", IN_PROJECT(PROJECT)) "]" },
          E_RANGE,
          SCHEDULER "EventListenerList.1.EventName" },
    };
    struct wish day = { .id = 20250101000000000, .name = "day" };
    struct wish alone = { .id = 20250101000000001,
                          .name = "alone",
                          .scheduler = "\"AllowDownstreamDependency\":0" };

    (void)state;
    assert_int_equal(world_create(&w, &day, NULL, NULL), E_OK);
    assert_int_equal(world_create(&w, &alone, NULL, NULL), E_OK);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct wish wish = rows[i].wish;
        struct err e = ERR_INIT;
        wish.name = "refused";
        enum err_code rc = world_create(&w, &wish, NULL, &e);
        if (rc != rows[i].code)
            fail_msg("line %d: %s at '%s': %s", rows[i].line, err_code_name(rc), e.path, e.text);
        must_fail(rc, &e, rows[i].code, rows[i].path);
        assert_int_equal(world_count(&w, &table_task), 2);
        assert_int_equal(world_count(&w, &table_version), 2);
        assert_int_equal(world_count(&w, &table_edge), 0);
        assert_int_equal(world_count(&w, &table_listener), 0);
    }
}

/* 3.3: the message lists what the two cycles allow. */
static void test_create__a_wrong_pair_is_told_the_right_ones(void **state)
{
    int64_t up = must_create(&w, "up", NULL);
    struct wish wish = { .name = "down",
                         .scheduler =
                             upstream(up, "\"MainCyclicConfig\":\"MONTH\","
                                          "\"SubordinateCyclicConfig\":\"CURRENT_MONTH\"") };
    struct err e;

    (void)state;
    must_fail(world_create(&w, &wish, NULL, &e), &e, E_RANGE,
              SCHEDULER "UpstreamDependencyConfigList.0.MainCyclicConfig");
    assert_non_null(strstr(e.text, "DAY/CURRENT_DAY"));
    assert_non_null(strstr(e.text, "LIST_DAY"));
    assert_non_null(strstr(e.text_zh, "DAY/CURRENT_DAY"));
}

/* 5.2: a group that no project has is open to all; one with projects to those. */
static void test_create__groups_of_nobody_and_of_the_project(void **state)
{
    static const char *const configs[] = { "\"ResourceGroup\":\"11\"", "\"ResourceGroup\":\"12\"",
                                           "\"ResourceGroup\":\"\"" };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(configs); i++) {
        char name[8];
        snprintf(name, sizeof(name), "t%zu", i);
        struct wish wish = { .name = name, .config = configs[i] };
        assert_int_equal(world_create(&w, &wish, NULL, NULL), E_OK);
    }
}

/* ---- change -------------------------------------------------------------------------------- */

static void test_change__replaces_the_draft_and_leaves_production(void **state)
{
    int64_t up = must_create(&w, "up", NULL), other = must_create(&w, "other", NULL);
    int64_t id = must_create(&w, "down", upstream(up, DAILY));
    struct err e;

    (void)state;
    must_submit(&w, up);
    must_submit(&w, id);
    w.now = wall_add(w.now, DUR_S(60));
    must_change(&w, id, "renamed", upstream(other, DAILY));
    struct task_row row = world_row(&w, id);
    assert_true(str_eq_c(row.name, "renamed"));
    assert_int_equal(row.version_no, 3); /* save, submit, save: one sequence */
    assert_int_equal(row.submit_version_no, 2);
    assert_false(row.submitted);
    assert_int_equal(row.status, TASK_SCHEDULING);
    assert_int_equal(row.updated_at.us, w.now.us);
    assert_true(row.created_at.us < w.now.us);
    assert_int_equal(world_edges(&w, id, other, false), 1);
    assert_int_equal(world_edges(&w, id, 0, false), 1);
    assert_int_equal(world_edges(&w, id, up, true), 1);
    assert_int_equal(world_edges(&w, id, 0, true), 1);

    struct wish wish = { .id = id, .name = "other" };
    must_fail(world_change(&w, &wish, &e), &e, E_EXISTS, "TaskBaseAttribute.TaskName");
    wish = (struct wish){ .id = 20200101000000000, .name = "x" };
    must_fail(world_change(&w, &wish, &e), &e, E_MISSING, "TaskId");
    wish = (struct wish){ .id = id, .name = "x", .project = OTHER_PROJECT, .workflow = "w2" };
    must_fail(world_change(&w, &wish, &e), &e, E_MISSING, "TaskId");
    wish = (struct wish){ .id = id, .name = "x", .scheduler = upstream(id, DAILY) };
    must_fail(world_change(&w, &wish, &e), &e, E_RANGE,
              SCHEDULER "UpstreamDependencyConfigList.0.TaskId");
    assert_int_equal(world_row(&w, id).version_no, 3);
}

/* 3.7: an edge that is there stays allowed when the upstream closes itself. */
static void test_change__existing_edges_stay_when_the_upstream_allows_no_more(void **state)
{
    int64_t up = must_create(&w, "up", NULL), down = must_create(&w, "down", upstream(up, DAILY));
    struct err e;

    (void)state;
    must_change(&w, up, "up", "\"AllowDownstreamDependency\":0");
    must_change(&w, down, "down", upstream(up, DAILY));
    struct wish wish = { .name = "new", .scheduler = upstream(up, DAILY) };
    must_fail(world_create(&w, &wish, NULL, &e), &e, E_DENIED,
              SCHEDULER "UpstreamDependencyConfigList.0.TaskId");
    must_change(&w, down, "down", NULL);
    wish = (struct wish){ .id = down, .name = "down", .scheduler = upstream(up, DAILY) };
    must_fail(world_change(&w, &wish, &e), &e, E_DENIED,
              SCHEDULER "UpstreamDependencyConfigList.0.TaskId");
}

/* ---- delete -------------------------------------------------------------------------------- */

static void test_delete__takes_everything_of_the_task(void **state)
{
    int64_t up = must_create(&w, "up", NULL);
    int64_t id = must_create(&w, "t", upstream(up, DAILY));
    struct err e;

    (void)state;
    must_submit(&w, up);
    must_submit(&w, id);
    must_change(&w, id, "t", "\"EventListenerList\":[" LISTENER("ours", "") "]");
    assert_int_equal(world_delete(&w, id, false, NULL), E_OK);
    assert_false(world_has(&w, id));
    assert_false(core_task_has(engine_core(w.engine), id));
    assert_int_equal(world_edges(&w, id, 0, false) + world_edges(&w, id, 0, true), 0);
    assert_int_equal(world_count(&w, &table_listener), 0);
    assert_int_equal(world_count(&w, &table_schedule), 1);
    assert_int_equal(world_count(&w, &table_version), 2); /* those of up */
    must_fail(world_delete(&w, id, false, &e), &e, E_MISSING, "TaskId");
    must_create(&w, "t", NULL); /* the name is free again */
}

/* 1.6: with DeleteMode true what is submitted of a downstream task waits for it no more. */
static void test_delete__gently_drops_the_edges_of_production(void **state)
{
    (void)state;
    for (int gentle = 0; gentle < 2; gentle++) {
        char names[2][8];
        snprintf(names[0], sizeof(names[0]), "u%d", gentle);
        snprintf(names[1], sizeof(names[1]), "d%d", gentle);
        int64_t up = must_create(&w, names[0], NULL);
        int64_t down = must_create(&w, names[1], upstream(up, DAILY));
        struct err e;
        must_submit(&w, up);
        must_submit(&w, down);
        assert_int_equal(world_delete(&w, up, gentle == 1, NULL), E_OK);
        assert_int_equal(world_edges(&w, down, up, true), gentle == 1 ? 0 : 1);
        assert_int_equal(world_edges(&w, down, up, false), 0); /* no draft has it as upstream */
        assert_true(core_task_has(engine_core(w.engine), down));
        core_verify(engine_core(w.engine));
        /* The draft still names it, and must be edited before the next submit. */
        must_fail(world_submit(&w, down, &e), &e, E_CONFLICT,
                  SCHEDULER "UpstreamDependencyConfigList.0.TaskId");
        must_change(&w, down, names[1], NULL);
        must_submit(&w, down);
    }
}

/* ---- a failing store ----------------------------------------------------------------------- */

static int64_t rows_of_all(void)
{
    static const struct table *const counted[] = { &table_task,     &table_version,  &table_edge,
                                                   &table_listener, &table_schedule, &table_miss };
    int64_t n = 0;

    for (size_t i = 0; i < ARRAY_LEN(counted); i++)
        n = n * 100 + world_count(&w, counted[i]);
    return n;
}

/* Fails at its nth change for every n; then it succeeds. */
static void assault(enum err_code (*command)(struct err *e))
{
    int64_t before = rows_of_all();

    for (int n = 1; n < 100; n++) {
        struct err e = ERR_INIT;
        store_set_faults(w.store, (struct store_faults){ .fail_change_at = n });
        enum err_code rc = command(&e);
        store_set_faults(w.store, (struct store_faults){ 0, 0 });
        if (rc == E_OK) {
            assert_true(n > 1);
            return;
        }
        assert_int_equal(rc, E_IO);
        world_advance(&w, DUR_S(2)); /* the engine waits a moment before it tries again */
        assert_true(rows_of_all() == before);
        core_verify(engine_core(w.engine));
    }
    fail_msg("it never succeeds");
}

static int64_t faulty_up, faulty;

static enum err_code faulty_create(struct err *e)
{
    struct wish wish = { .name = "faulty", .scheduler = upstream(faulty_up, DAILY) };
    return world_create(&w, &wish, &faulty, e);
}

static enum err_code faulty_change(struct err *e)
{
    struct wish wish = { .id = faulty,
                         .name = "faulty2",
                         .scheduler = "\"EventListenerList\":[" LISTENER("ours", "") "]" };
    return world_change(&w, &wish, e);
}

static enum err_code faulty_submit(struct err *e)
{
    return world_submit(&w, faulty, e);
}

static enum err_code faulty_delete(struct err *e)
{
    return world_delete(&w, faulty_up, true, e);
}

static void test_faults__leave_nothing_and_the_next_try_succeeds(void **state)
{
    (void)state;
    faulty_up = must_create(&w, "up", NULL);
    must_submit(&w, faulty_up);
    assault(faulty_create);
    assault(faulty_submit);
    assault(faulty_delete);
    assault(faulty_change);
    assault(faulty_submit);
    assert_int_equal(world_row(&w, faulty).version_no, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_id__is_the_moment_in_utc8_and_the_next_free_one, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_id__is_found_behind_any_number_of_taken_ones, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_id__given_ones_are_taken_or_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_create__writes_task_version_edges_and_listeners, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_create__refuses_what_does_not_exist_or_fit, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_create__a_wrong_pair_is_told_the_right_ones, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_create__groups_of_nobody_and_of_the_project, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_change__replaces_the_draft_and_leaves_production,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_change__existing_edges_stay_when_the_upstream_allows_no_more, setup, teardown),
        cmocka_unit_test_setup_teardown(test_delete__takes_everything_of_the_task, setup, teardown),
        cmocka_unit_test_setup_teardown(test_delete__gently_drops_the_edges_of_production, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_faults__leave_nothing_and_the_next_try_succeeds, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
