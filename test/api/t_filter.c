/* test/api/t_filter.c - lists that are filtered by way of another table: by words in the names of
 * tasks, by the folder or the name of workflows. */
#include "act_harness.h"

#include <stdio.h>
#include <string.h>

#include "api/filter.h"
#include "base/buf.h"
#include "cal/zone.h"

static struct harness h;
static char project[32], flow[64], folder[64], alpha[32], beta[32];

/* Daily and submitted. */
static void make_task(const char *name, char id[32])
{
    keep_at(id, 32,
            harness_okf(&h, API_2025, "CreateTask",
                        "{\"ProjectId\":\"%s\",\"TaskBaseAttribute\":{\"TaskName\":\"%s\","
                        "\"TaskTypeId\":\"35\",\"WorkflowId\":\"%s\"},\"TaskConfiguration\":{},"
                        "\"TaskSchedulerConfiguration\":{\"CycleType\":\"DAY_CYCLE\","
                        "\"CrontabExpression\":\"0 0 0 * * ? *\",\"ScheduleRunType\":\"1\"}}",
                        project, name, flow),
            "Data.TaskId");
    json_decref(harness_okf(&h, API_2025, "SubmitTask",
                            "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\",\"VersionRemark\":\"r\"}",
                            project, id));
}

static void backfill(const char *id)
{
    json_decref(harness_okf(&h, API_2025, "CreateDataBackfillPlan",
                            "{\"ProjectId\":\"%s\",\"TaskIds\":[\"%s\"],"
                            "\"DataBackfillRangeList\":[{\"StartDate\":\"2024-02-01\","
                            "\"EndDate\":\"2024-02-02\"}]}",
                            project, id));
    harness_run(&h);
}

static void make_workflow(const char *name)
{
    keep_at(
        flow, sizeof(flow),
        harness_okf(&h, API_2025, "CreateWorkflow",
                    "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"/f\",\"WorkflowName\":\"%s\"}",
                    project, name),
        "Data.WorkflowId");
}

/* Two tasks with two instances each, in a workflow of the folder /f. */
static int setup(void **state)
{
    (void)state;
    harness_init(&h);
    h.now = zone_to_wall(zone_default(), civil_make(2024, 3, 20, 2, 0, 0));
    harness_project(&h, "p", project);
    keep_at(folder, sizeof(folder),
            harness_okf(&h, API_2025, "CreateWorkflowFolder",
                        "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"/\",\"FolderName\":\"f\"}",
                        project),
            "Data.FolderId");
    make_workflow("flow");
    make_task("alpha", alpha);
    make_task("beta", beta);
    backfill(alpha);
    backfill(beta);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    harness_done(&h);
    return 0;
}

/* More tasks called many..., and as many workflows of that name in /f. */
static void make_rows(int n)
{
    struct err e = ERR_INIT;

    assert_int_equal(store_begin(h.store, &e), E_OK);
    for (int i = 0; i < n; i++) {
        char name[16];
        snprintf(name, sizeof(name), "many%d", i);
        struct task_row task = { .id = 1 + i,
                                 .project_id = str_from(project),
                                 .workflow_id = str_from(flow),
                                 .name = str_from(name) };
        struct workflow_row workflow = { .id = str_from(name),
                                         .project_id = str_from(project),
                                         .folder_path = STR("/f"),
                                         .name = str_from(name),
                                         .type = STR("cycle") };
        assert_int_equal(row_insert(h.store, &table_task, &task, NULL, &e), E_OK);
        assert_int_equal(row_insert(h.store, &table_workflow, &workflow, NULL, &e), E_OK);
    }
    assert_int_equal(store_commit(h.store, &e), E_OK);
}

static void check_count(const char *action, const char *more, int64_t expected)
{
    json_t *r = harness_okf(&h, API_2025, action, "{\"ProjectId\":\"%s\"%s}", project, more);

    if (num_at(r, "Data.TotalCount") != expected)
        fail_msg("%s %s: %lld instead of %lld", action, more,
                 (long long)num_at(r, "Data.TotalCount"), (long long)expected);
    json_decref(r);
}

static void check_refused(const char *action, const char *name, const char *value,
                          enum err_code code)
{
    harness_refusedf(&h, API_2025, action, code, name, "{\"ProjectId\":\"%s\",\"%s\":\"%s\"}",
                     project, name, value);
}

static void test_keyword__any_word_fits(void **state)
{
    static const struct {
        const char *keyword;
        int64_t n;
    } rows[] = { { "", 4 },          { "ALPH", 2 },        { "alpha,bet", 4 },
                 { " a , a ,a", 4 }, { "nowhere,eta", 2 }, { "x", 0 },
                 { ",", 0 },         { "-1", 0 } };
    char more[128];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        snprintf(more, sizeof(more), ",\"Keyword\":\"%s\"", rows[i].keyword);
        check_count("ListTaskInstances", more, rows[i].n);
    }
    snprintf(more, sizeof(more), ",\"Keyword\":\"x,%s\"", beta);
    check_count("ListTaskInstances", more, 2);
    snprintf(more, sizeof(more), ",\"Keyword\":\"%.12s\"", beta); /* of both ids */
    check_count("ListTaskInstances", more, 4);
    snprintf(more, sizeof(more), ",\"Keyword\":\"%s\"", beta + 8); /* nine digits */
    check_count("ListTaskInstances", more, 2);
    snprintf(more, sizeof(more), ",\"Keyword\":\"%.8s\"", beta); /* in every id of a day */
    check_count("ListTaskInstances", more, 0);
}

static void test_keyword__has_so_many_words(void **state)
{
    struct buf words;

    (void)state;
    buf_init(&words, 1 << 20);
    buf_add_c(&words, "alpha");
    for (int i = 1; i < KEYWORD_WORDS_MAX; i++)
        buf_add_c(&words, ",,q");
    const char *more = arena_printf(&h.arena, ",\"Keyword\":\"%s\"", words.ptr).ptr;
    check_count("ListTaskInstances", more, 2);
    buf_add_c(&words, ",q");
    check_refused("ListTaskInstances", "Keyword", words.ptr, E_RANGE);
    buf_done(&words);
}

/* Nothing is left out: what is too much is refused, up to there all is found. */
static void test_too_much__is_refused(void **state)
{
    char more[128];

    (void)state;
    make_rows(QUERY_IN_MAX - 1);
    check_count("ListTaskInstances", ",\"Keyword\":\"many,alpha\"", 2);
    check_refused("ListTaskInstances", "Keyword", "many,alpha,beta", E_LIMIT);
    snprintf(more, sizeof(more), ",\"FolderId\":\"%s\"", folder);
    check_count("ListTaskInstances", more, 4);
    check_count("ListOpsTasks", more, 2);
    check_count("ListOpsTasks", ",\"WorkflowName\":\"m\"", 0);
}

static void test_too_much__one_workflow_more(void **state)
{
    (void)state;
    make_rows(QUERY_IN_MAX);
    check_refused("ListTaskInstances", "FolderId", folder, E_LIMIT);
    check_refused("ListOpsTasks", "FolderId", folder, E_LIMIT);
    check_count("ListOpsTasks", ",\"WorkflowName\":\"MANY\"", 0);
    check_count("ListOpsTasks", ",\"WorkflowName\":\"flow\"", 2);
    make_workflow("many");
    check_refused("ListOpsTasks", "WorkflowName", "MANY", E_LIMIT);
}

static void test_folder__of_another_project_has_nothing(void **state)
{
    char more[128];

    (void)state;
    snprintf(more, sizeof(more), ",\"FolderId\":\"%s\"", folder);
    harness_project(&h, "other", project);
    check_count("ListTaskInstances", more, 0);
    check_count("ListOpsTasks", more, 0);
    check_count("ListOpsTasks", ",\"FolderId\":\"nowhere\"", 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_keyword__any_word_fits),
        TEST(test_keyword__has_so_many_words),
        TEST(test_too_much__is_refused),
        TEST(test_too_much__one_workflow_more),
        TEST(test_folder__of_another_project_has_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
