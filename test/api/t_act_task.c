/* test/api/t_act_task.c - tasks through the API: the example of CreateTask and what GetTask gives
 * back, changes, versions, lists and neighbours (docs/reference/semantics.md 0.4, 1.3-1.6, 2.1,
 * 2.2, 2.6). */
#include "act_harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cal/zone.h"
#include "model/task.h"

static struct harness h;
static char project[32], flow[64], deep[64];

#define DAILY "\"MainCyclicConfig\":\"DAY\",\"SubordinateCyclicConfig\":\"CURRENT_DAY\""

static void make_workflow(const char *folder, const char *name, char ret[64])
{
    keep_at(
        ret, 64,
        harness_okf(&h, API_2025, "CreateWorkflow",
                    "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"%s\",\"WorkflowName\":\"%s\"}",
                    project, folder, name),
        "Data.WorkflowId");
}

static void make_folder(const char *parent, const char *name)
{
    json_decref(
        harness_okf(&h, API_2025, "CreateWorkflowFolder",
                    "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"%s\",\"FolderName\":\"%s\"}",
                    project, parent, name));
}

static void make_task_folder(const char *type, const char *parent, const char *name)
{
    json_decref(harness_okf(&h, API_2025, "CreateTaskFolder",
                            "{\"ProjectId\":\"%s\",\"WorkflowId\":\"%s\",\"TaskFolderType\":\"%s\","
                            "\"ParentTaskFolderPath\":\"%s\",\"TaskFolderName\":\"%s\"}",
                            project, flow, type, parent, name));
}

static int setup(void **state)
{
    (void)state;
    harness_init(&h);
    h.now = zone_to_wall(zone_default(), civil_make(2026, 3, 4, 5, 6, 7));
    harness_project(&h, "p", project);
    make_folder("/", "f");
    make_folder("/f", "deep");
    make_folder("/", "fog");
    make_workflow("/", "flow", flow);
    make_workflow("/f/deep", "deep", deep);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    harness_done(&h);
    return 0;
}

static struct str join(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
static struct str join(struct buf *b, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    buf_vprintf(b, fmt, ap);
    va_end(ap);
    return buf_str(b);
}

/* A task one second after the one before; base, config, scheduler are more members, or "". */
static void make_task(const char *name, const char *type, const char *workflow, const char *base,
                      const char *scheduler, char ret[32])
{
    h.now = wall_add(h.now, DUR_S(1));
    keep_at(ret, 32,
            harness_okf(&h, API_2025, "CreateTask",
                        "{\"ProjectId\":\"%s\",\"TaskBaseAttribute\":{\"TaskName\":\"%s\","
                        "\"TaskTypeId\":\"%s\",\"WorkflowId\":\"%s\"%s},\"TaskConfiguration\":{},"
                        "\"TaskSchedulerConfiguration\":{%s}}",
                        project, name, type, workflow, base, scheduler),
            "Data.TaskId");
}

/* An action that takes ProjectId, TaskId and more. */
static json_t *on_task(const char *action, const char *id, const char *more)
{
    return harness_okf(&h, API_2025, action, "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\"%s}", project,
                       id, more);
}

static void on_task_refused(const char *action, const char *id, const char *more,
                            enum err_code code, const char *path)
{
    harness_refusedf(&h, API_2025, action, code, path, "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\"%s}",
                     project, id, more);
}

/* ---- the example of the documentation ------------------------------------------------------ */

/* The same, but what was not given may be there as null. */
static bool covers(const json_t *given, const json_t *got)
{
    const char *name;
    json_t *value;
    size_t i;

    if (json_is_array(given)) {
        if (json_array_size(given) != json_array_size(got))
            return false;
        json_array_foreach(given, i, value)
        {
            if (!covers(value, json_array_get(got, i)))
                return false;
        }
        return true;
    }
    if (!json_is_object(given))
        return json_equal(given, got);
    json_object_foreach((json_t *)(uintptr_t)got, name, value)
    {
        const json_t *other = json_object_get(given, name);
        if (other ? !covers(other, value) : !json_is_null(value))
            return false;
    }
    return json_object_size(given) <= json_object_size(got);
}

/* Texts, numbers and lists of `given` in `got`; where the answer has a number the request's text is
 * that number; empty texts may have become a default. */
static void compare(const json_t *given, const json_t *got, const char *where)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)given, name, value)
    {
        const json_t *other = json_object_get(got, name);
        if (json_is_string(value) && json_string_length(value) == 0)
            continue;
        if (json_is_string(value) && json_is_integer(other)) {
            char number[24];
            snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(other));
            assert_string_equal(json_string_value(value), number);
        } else if (!covers(value, other)) {
            fail_msg("%s.%s came back as something else", where, name);
        }
    }
}

static json_t *load_example(void)
{
    json_t *example = json_load_file(EXAMPLE_FILE, 0, NULL);

    if (!example)
        fail_msg("%s does not parse", EXAMPLE_FILE);
    return example;
}

/* The published body, with the ids of this test's world in the places of its own. */
static void test_example__comes_back_as_it_was_sent(void **state)
{
    static const char *const blocks[] = { "TaskBaseAttribute", "TaskConfiguration",
                                          "TaskSchedulerConfiguration" };
    json_t *example = load_example(), *scheduler, *up_item;
    char up[32], id[32], group[64], *text;

    (void)state;
    make_task("up", "35", flow, "", "", up);
    keep_at(
        group, sizeof(group),
        harness_ok(&h, API_2025, "CreateResourceGroup",
                   "{\"Name\":\"local\",\"Type\":{\"ResourceGroupType\":\"Schedule\",\"Schedule\":{"
                   "\"Specification\":\"s_test\",\"Number\":2}},\"AutoRenewEnabled\":false,"
                   "\"PurchasePeriod\":1,\"VpcId\":\"v\",\"SubNet\":\"s\",\"ResourceRegion\":"
                   "\"ap-guangzhou\"}"),
        "Data.ResourceGroupId");
    json_decref(harness_okf(&h, API_2021, "RegisterDsEvent",
                            "{\"ProjectId\":\"%s\",\"Name\":\"event_241030\",\"EventSubType\":"
                            "\"DAY\",\"TimeToLive\":\"30\",\"TimeUnit\":\"DAYS\",\"Owner\":\"1\","
                            "\"Description\":\"x\"}",
                            project));
    json_object_set_new(example, "ProjectId", json_string(project));
    json_object_set_new(json_object_get(example, blocks[0]), "WorkflowId", json_string(flow));
    json_object_set_new(json_object_get(example, blocks[1]), "ResourceGroup", json_string(group));
    scheduler = json_object_get(example, blocks[2]);
    up_item = json_array_get(json_object_get(scheduler, "UpstreamDependencyConfigList"), 0);
    json_object_set_new(up_item, "TaskId", json_string(up));
    text = json_dumps(example, 0);
    keep_at(id, sizeof(id), harness_ok(&h, API_2025, "CreateTask", text), "Data.TaskId");
    json_t *r = on_task("GetTask", id, "");
    for (size_t i = 0; i < ARRAY_LEN(blocks); i++)
        compare(json_object_get(example, blocks[i]), json_object_get(at(r, "Data"), blocks[i]),
                blocks[i]);
    assert_string_equal(str_at(r, "Data.TaskBaseAttribute.Status"), "N");
    assert_string_equal(str_at(r, "Data.TaskBaseAttribute.CreateTime"), "2026-03-04 05:06:08");
    assert_string_equal(str_at(r, "Data.TaskConfiguration.ResourceGroupName"), "local");
    json_decref(r);
    r = on_task("GetTaskCode", id, "");
    assert_string_equal(str_at(r, "Data.CodeInfo"),
                        str_at(example, "TaskConfiguration.CodeContent"));
    json_decref(r);
    harness_refused(&h, API_2025, "CreateTask", text, E_EXISTS, "TaskBaseAttribute.TaskName");
    free(text);
    json_decref(example);
}

/* ---- changes ------------------------------------------------------------------------------- */

static void test_update__what_get_gave_can_be_sent_back(void **state)
{
    char up[32], id[32];
    struct buf more;

    (void)state;
    buf_init(&more, 1 << 20);
    make_task("up", "35", flow, "", "", up);
    join(&more,
         "\"RunPriority\":\"4\",\"RetryWaitMinute\":7,\"UpstreamDependencyConfigList\":[{"
         "\"TaskId\":\"%s\"," DAILY "}]",
         up);
    make_task("t", "35", flow, "", more.ptr, id);
    json_t *before = on_task("GetTask", id, "");
    json_t *task = json_deep_copy(at(before, "Data")), *base;
    base = json_object_get(task, "TaskBaseAttribute");
    json_t *three = json_pack("{s:O,s:O,s:O}", "TaskName", json_object_get(base, "TaskName"),
                              "OwnerUin", json_object_get(base, "OwnerUin"), "TaskDescription",
                              json_object_get(base, "TaskDescription"));
    json_object_set_new(task, "TaskBaseAttribute", three);
    char *text = json_dumps(task, 0);
    buf_reset(&more);
    join(&more, ",\"Task\":%s", text);
    json_decref(on_task("UpdateTask", id, more.ptr));
    json_t *after = on_task("GetTask", id, "");
    assert_string_equal(str_at(after, "Data.TaskBaseAttribute.TaskLatestVersionNo"), "V2");
    for (int i = 0; i < 2; i++) {
        const char *block = i == 0 ? "Data.TaskConfiguration" : "Data.TaskSchedulerConfiguration";
        assert_true(json_equal(at(before, block), at(after, block)));
    }
    free(text);
    json_decref(task);
    json_decref(before);
    json_decref(after);
    buf_done(&more);
}

static void test_partial__removals_name_what_they_cannot_do(void **state)
{
    static const struct {
        const char *entry;
        enum err_code code;
    } rows[] = {
        { "nonsense", E_RANGE },
        { "TaskConfiguration/CodeContent:x", E_RANGE },
        { "TaskConfiguration/TaskSchedulingParameterList", E_RANGE },
        /* A read view of the downstream tasks' own edges (3.8). */
        { "TaskSchedulerConfiguration/DownStreamDependencyConfigList:1", E_UNSUPPORTED },
        { "TaskSchedulerConfiguration/DownstreamDependencyConfigList:1", E_UNSUPPORTED },
    };
    char id[32], more[256];

    (void)state;
    make_task("t", "35", flow, "", "", id);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        snprintf(more, sizeof(more), ",\"FieldToRemoveList\":[\"%s\"]", rows[i].entry);
        on_task_refused("UpdateTaskPartially", id, more, rows[i].code, "FieldToRemoveList.0");
    }
    on_task_refused("UpdateTaskPartially", id, "", E_REQUIRED, "NewSetting");
}

/* As many names as a list has elements: each is looked for in all of it. */
static void test_partial__removes_so_much_at_once(void **state)
{
    static const char start[] = ",\"FieldToRemoveList\":["
                                "\"TaskConfiguration/TaskExtConfigurationList:a\",\""
                                "TaskConfiguration/TaskExtConfigurationList:b";
    char id[32];
    struct buf more;

    (void)state;
    make_task("t", "35", flow, "", "", id);
    buf_init(&more, 1 << 16);
    buf_add_c(&more, start);
    for (int i = 2; i < TASK_LIST_MAX; i++)
        buf_add_c(&more, ",b");
    struct str names = buf_str(&more);
    buf_add_c(&more, "\"]");
    json_decref(on_task("UpdateTaskPartially", id, more.ptr));
    more.len = names.len;
    buf_add_c(&more, ",\"]");
    on_task_refused("UpdateTaskPartially", id, more.ptr, E_LIMIT, "FieldToRemoveList");
    buf_done(&more);
}

/* JSON within a text is bounded as well: here states, which no list of the request holds. */
static void test_conditions__are_so_much_json(void **state)
{
    struct buf value;

    (void)state;
    buf_init(&value, 1 << 20);
    buf_add_c(&value, "[{\\\"expectationState\\\":[2");
    for (int i = 0; i < TASK_CONDITION_VALUES_MAX; i++)
        buf_add_c(&value, ",2");
    buf_add_c(&value, "]}]");
    harness_refusedf(&h, API_2025, "CreateTask", E_LIMIT,
                     "TaskConfiguration.TaskExtConfigurationList.0.ParamValue",
                     "{\"ProjectId\":\"%s\",\"TaskBaseAttribute\":{\"TaskName\":\"m\","
                     "\"TaskTypeId\":\"%d\",\"WorkflowId\":\"%s\"},\"TaskConfiguration\":{"
                     "\"TaskExtConfigurationList\":[{\"ParamKey\":\"mergeCondition\","
                     "\"ParamValue\":\"%s\"}]},\"TaskSchedulerConfiguration\":{}}",
                     project, TASK_TYPE_MERGE, flow, value.ptr);
    buf_done(&value);
}

/* ---- lists --------------------------------------------------------------------------------- */

/* Names of one page, joined by blanks. */
static void check_list(const char *more, const char *names)
{
    struct buf got;
    const json_t *item;
    size_t i;
    json_t *r = harness_okf(&h, API_2025, "ListTasks", "{\"ProjectId\":\"%s\"%s}", project, more);

    buf_init(&got, 1 << 16);
    json_array_foreach(at(r, "Data.Items"), i, item)
        join(&got, "%s%s", i > 0 ? " " : "", str_at(item, "TaskName"));
    if (!str_eq_c(buf_str(&got), names))
        fail_msg("%s: expected `%s`, got `%.*s`", more, names, STR_ARG(buf_str(&got)));
    buf_done(&got);
    json_decref(r);
}

static void list_world(void)
{
    char id[32];

    make_task_folder("GENERAL", "/", "a");
    make_task_folder("GENERAL", "/a", "b");
    make_task_folder("GENERAL", "/", "ab");
    make_task_folder("EMR", "/", "a");
    make_task("shell", "35", flow, "", "", id);
    make_task("python", "30", flow, ",\"TaskFolderPath\":\"/a\"", "", id);
    make_task("ssh", "133", flow, ",\"TaskFolderPath\":\"/a/b\"", "", id);
    make_task("near", "35", flow, ",\"TaskFolderPath\":\"/ab\"", "", id);
    make_task("hive", "34", flow, ",\"TaskFolderPath\":\"/a\"", "", id);
    make_task("sync", "26", deep, "", "", id);
    make_task("notebook", "132", deep, ",\"OwnerUin\":\"7;8\"", "", id);
}

static void test_list__filters(void **state)
{
    static const struct {
        const char *more, *names;
    } rows[] = {
        { "", "notebook sync hive near ssh python shell" }, /* newest first */
        { ",\"TaskName\":\"H\"", "hive ssh python shell" },
        { ",\"OwnerUin\":\"8\"", "notebook" },
        { ",\"OwnerUin\":\";8;;7;\"", "notebook" },
        { ",\"OwnerUin\":\"8;9\"", "" },
        { ",\"TaskTypeId\":30", "python" },
        { ",\"Status\":\"N\",\"Submit\":false,\"TaskName\":\"e\"", "notebook hive near shell" },
        { ",\"Status\":\"Y\"", "" },
        /* Below a folder counts, a folder whose name begins alike does not. */
        { ",\"TaskFolderPathList\":[\"/a\"]", "hive ssh python" },
        { ",\"TaskFolderPathList\":[\"/a/b\"]", "ssh" },
        { ",\"TaskFolderPathList\":[\"/ab\",\"/a/b\"]", "near ssh" },
        { ",\"TaskFolderPathList\":[\"/none\"]", "" },
        { ",\"TaskFolderPathList\":[\"/\"]", "notebook sync hive near ssh python shell" },
        { ",\"WorkflowFolderPathList\":[\"/f\"]", "notebook sync" },
        { ",\"WorkflowFolderPathList\":[\"/f/deep\"]", "notebook sync" },
        { ",\"WorkflowFolderPathList\":[\"/fog\",\"/none\"]", "" },
        { ",\"WorkflowFolderPathList\":[\"/\"],\"TaskName\":\"s\"", "sync ssh shell" },
        { ",\"WorkflowFolderPathList\":[\"/f\"],\"TaskFolderPathList\":[\"/a\"]", "" },
        { ",\"WorkflowFolderPathList\":[\"/f\"],\"TaskTypeId\":26", "sync" },
        /* Categories of types. */
        { ",\"TaskNodeTypeList\":[\"EMR\"]", "hive" },
        { ",\"TaskNodeTypeList\":[\"GENERAL\"]", "notebook near ssh python shell" },
        { ",\"TaskNodeTypeList\":[\"ETL\",\"EMR\"]", "sync hive" },
        { ",\"TaskNodeTypeList\":[\"DATA_QUALITY\",\"INDICATOR\"]", "" },
        { ",\"TaskNodeTypeList\":[\"GENERAL\"],\"TaskTypeId\":35", "near shell" },
        { ",\"TaskNodeTypeList\":[\"EMR\"],\"TaskTypeId\":35", "" },
        { ",\"CreateTime\":[\"2026-03-04 05:06:09\",\"2026-03-04 05:06:10\"]", "ssh python" },
        { ",\"ModifyTime\":[\"2026-03-04 05:06:14\",\"2026-03-05 00:00:00\"]", "notebook" },
        /* Pages, with and without folders; past the end is empty, no error (0.4). */
        { ",\"PageSize\":2", "notebook sync" },
        { ",\"PageSize\":2,\"PageNumber\":4", "shell" },
        { ",\"PageSize\":2,\"PageNumber\":5", "" },
        { ",\"PageSize\":2,\"PageNumber\":101", "" },
        { ",\"PageSize\":2,\"PageNumber\":2,\"TaskFolderPathList\":[\"/a\"]", "python" },
        { ",\"PageSize\":2,\"PageNumber\":3,\"TaskFolderPathList\":[\"/a\"]", "" },
    };

    (void)state;
    list_world();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_list(rows[i].more, rows[i].names);
    json_t *r = harness_okf(&h, API_2025, "ListTasks",
                            "{\"ProjectId\":\"%s\",\"PageSize\":2,\"PageNumber\":2,"
                            "\"TaskFolderPathList\":[\"/a\"]}",
                            project);
    assert_int_equal(num_at(r, "Data.TotalCount"), 3);
    assert_int_equal(num_at(r, "Data.TotalPageNumber"), 2);
    assert_int_equal(num_at(r, "Data.PageNumber"), 2);
    json_decref(r);
}

/* More workflows and task folders than one query can name. */
static void test_list__of_folders_with_very_much_in_them(void **state)
{
    char id[32];
    struct err e = ERR_INIT;

    (void)state;
    list_world();
    make_task("elsewhere", "35", deep, "", "", id);
    assert_int_equal(store_begin(h.store, &e), E_OK);
    for (int i = 0; i < 1200; i++) {
        char key[16], path[16];
        snprintf(key, sizeof(key), "many%d", i);
        snprintf(path, sizeof(path), "/a/%d", i);
        struct workflow_row workflow = { .id = str_from(key),
                                         .project_id = str_from(project),
                                         .folder_path = STR("/f"),
                                         .name = str_from(key),
                                         .type = STR("cycle") };
        struct task_folder_row folder = { .id = str_from(key),
                                          .project_id = str_from(project),
                                          .workflow_id = str_from(flow),
                                          .type = STR("GENERAL"),
                                          .parent_path = STR("/a"),
                                          .name = str_from(path + 3),
                                          .path = str_from(path) };
        assert_int_equal(row_insert(h.store, &table_workflow, &workflow, NULL, &e), E_OK);
        assert_int_equal(row_insert(h.store, &table_task_folder, &folder, NULL, &e), E_OK);
    }
    assert_int_equal(store_commit(h.store, &e), E_OK);
    make_task("last", "35", "many1199", "", "", id);
    check_list(",\"WorkflowFolderPathList\":[\"/f\"]", "last elsewhere notebook sync");
    check_list(",\"WorkflowFolderPathList\":[\"/f\"],\"PageSize\":2,\"PageNumber\":2",
               "notebook sync");
    check_list(",\"WorkflowFolderPathList\":[\"/f\"],\"TaskFolderPathList\":[\"/ab\"]", "");
    make_task("inside", "35", flow, ",\"TaskFolderPath\":\"/a/777\"", "", id);
    check_list(",\"TaskFolderPathList\":[\"/a\"]", "inside hive ssh python");
}

static void test_list__wrong_filters_are_named(void **state)
{
    static const struct {
        const char *more;
        enum err_code code;
        const char *path;
    } rows[] = {
        { ",\"Status\":\"RUNNING\"", E_RANGE, "Status" },
        { ",\"TaskNodeTypeList\":[\"EMR\",\"SHELL\"]", E_RANGE, "TaskNodeTypeList" },
        { ",\"TaskFolderPathList\":[\"/a\",\"a\"]", E_RANGE, "TaskFolderPathList.1" },
        { ",\"WorkflowFolderPathList\":[\"/a/\"]", E_RANGE, "WorkflowFolderPathList.0" },
        { ",\"CreateTime\":[\"2026-03-04 05:06:09\"]", E_RANGE, "CreateTime" },
        { ",\"ModifyTime\":[\"2026-03-04 05:06:09\",\"x\"]", E_SYNTAX, "ModifyTime.1" },
        { ",\"PageSize\":201", E_RANGE, "PageSize" },
        { ",\"PageSize\":0", E_RANGE, "PageSize" },
        { ",\"PageNumber\":0", E_RANGE, "PageNumber" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        harness_refusedf(&h, API_2025, "ListTasks", rows[i].code, rows[i].path,
                         "{\"ProjectId\":\"%s\"%s}", project, rows[i].more);
    harness_refused(&h, API_2025, "ListTasks", "{\"ProjectId\":\"404\"}", E_MISSING, "ProjectId");
}

static void test_update__refuses_by_where_it_stands(void **state)
{
    char id[32];

    (void)state;
    make_task("t", "35", flow, "", "", id);
    on_task_refused("UpdateTaskPartially", id,
                    ",\"NewSetting\":{\"TaskSchedulerConfiguration\":{\"ParamTaskInList\":[{"
                    "\"ParamKey\":\"k\",\"ParamDesc\":\"\",\"FromTaskId\":\"\",\"FromParamKey\":"
                    "\"v\",\"Type\":\"CONST\"}]}}",
                    E_RANGE, "NewSetting.TaskSchedulerConfiguration.ParamTaskInList.0.Type");
}

/* Members that were not given are null, and an input without a type has the default one (6.3). */
static void test_lists__have_every_member(void **state)
{
    char up[32], down[32];
    struct buf more;

    (void)state;
    make_task("u", "35", flow, "",
              "\"ParamTaskOutList\":[{\"ParamKey\":\"o\",\"ParamValue\":\"1\"}]", up);
    buf_init(&more, 1 << 12);
    join(&more,
         "\"UpstreamDependencyConfigList\":[{\"TaskId\":\"%s\",\"MainCyclicConfig\":\"\"}],"
         "\"ParamTaskInList\":[{\"ParamKey\":\"k\",\"ParamDesc\":\"p.u.o\",\"FromTaskId\":\"%s\","
         "\"FromParamKey\":\"o\"}]",
         up, up);
    make_task("d", "35", flow, "", more.ptr, down);
    buf_done(&more);
    json_t *r = on_task("GetTask", down, "");
    const json_t *s = at(r, "Data.TaskSchedulerConfiguration");
    assert_string_equal(str_at(s, "ParamTaskInList.0.Type"), "TASK");
    assert_true(json_is_null(at(s, "UpstreamDependencyConfigList.0.Offset")));
    assert_true(json_is_null(at(s, "UpstreamDependencyConfigList.0.DependencyStrategy")));
    assert_string_equal(str_at(s, "UpstreamDependencyConfigList.0.MainCyclicConfig"), "");
    json_decref(r);
    r = on_task("GetTask", up, "");
    s = at(r, "Data.TaskSchedulerConfiguration");
    assert_true(json_is_null(at(s, "DownstreamDependencyConfigList.0.Offset")));
    json_decref(r);
}

/* ---- neighbours ---------------------------------------------------------------------------- */

static void test_neighbours__of_drafts(void **state)
{
    char up[32], downs[3][32];
    struct buf more;

    (void)state;
    make_task("up", "35", flow, "",
              "\"ScheduleTimeZone\":\"UTC+4\",\"StartTime\":\"2025-07-25 00:00:00\"", up);
    for (int i = 0; i < 3; i++) {
        char name[8];
        snprintf(name, sizeof(name), "d%d", i);
        buf_init(&more, 1 << 12);
        join(&more, "\"UpstreamDependencyConfigList\":[{\"TaskId\":\"%s\"," DAILY "}]", up);
        make_task(name, "35", deep, "", more.ptr, downs[i]);
        buf_done(&more);
    }
    json_t *r = on_task("ListDownstreamTasks", up, ",\"PageSize\":2,\"PageNumber\":2");
    assert_int_equal(num_at(r, "Data.TotalCount"), 3);
    assert_string_equal(str_at(r, "Data.Items.0.TaskId"), downs[2]);
    assert_string_equal(str_at(r, "Data.Items.0.WorkflowName"), "deep");
    json_decref(r);
    r = on_task("ListUpstreamTasks", downs[0], "");
    assert_string_equal(str_at(r, "Data.Items.0.TaskId"), up);
    assert_string_equal(str_at(r, "Data.Items.0.CycleType"), "D");
    assert_string_equal(str_at(r, "Data.Items.0.StartTime"), "2025-07-25 04:00:00");
    assert_string_equal(str_at(r, "Data.Items.0.EndTime"), "2100-01-01 03:59:59");
    json_decref(r);
    /* A cron comes back in the words of who gave it, also where no sentence describes it (2.5). */
    json_decref(on_task("UpdateTaskPartially", up,
                        ",\"NewSetting\":{\"TaskSchedulerConfiguration\":{\"CrontabExpression\":"
                        "\"0 0 9 ? * MON-FRI\",\"CycleType\":\"DAY_CYCLE\"}}"));
    r = on_task("ListUpstreamTasks", downs[0], "");
    assert_string_equal(str_at(r, "Data.Items.0.CrontabExpression"), "0 0 9 ? * MON-FRI");
    assert_string_equal(str_at(r, "Data.Items.0.ScheduleDesc"), "0 0 9 ? * MON-FRI (UTC+4)");
    json_decref(r);
    /* A deleted neighbour is counted no more. */
    json_decref(on_task("DeleteTask", up, ""));
    r = on_task("ListUpstreamTasks", downs[0], "");
    assert_int_equal(num_at(r, "Data.TotalCount"), 0);
    json_decref(r);
}

/* ---- memory -------------------------------------------------------------------------------- */

enum { CODE_BYTES = 256 << 10, LONG_TASKS = 8 };

/* A task with a long document, and two more versions of it. */
static void make_long_task(const char *name, const char *scheduler, char ret[32])
{
    struct buf body;

    buf_init(&body, 1 << 20);
    join(&body,
         "{\"ProjectId\":\"%s\",\"TaskBaseAttribute\":{\"TaskName\":\"%s\","
         "\"TaskTypeId\":\"35\",\"WorkflowId\":\"%s\"},"
         "\"TaskSchedulerConfiguration\":{%s},\"TaskConfiguration\":{\"CodeContent\":\"",
         project, name, flow, scheduler);
    for (int i = 0; i < CODE_BYTES; i++)
        buf_add_char(&body, 'A');
    join(&body, "\"}}");
    h.now = wall_add(h.now, DUR_S(1));
    keep_at(ret, 32, harness_ok(&h, API_2025, "CreateTask", body.ptr), "Data.TaskId");
    buf_done(&body);
    for (int i = 0; i < 2; i++)
        json_decref(on_task("SubmitTask", ret, ",\"VersionRemark\":\"r\""));
}

/* What a list says of a task is short; its document is in memory for it alone, if at all. */
static void test_lists__do_not_hold_the_documents(void **state)
{
    static const char *const lists[] = { "ListTaskVersions", "ListDownstreamTasks",
                                         "ListDownstreamOpsTasks", "ListOpsTasks" };
    char up[32], down[32], name[8];
    struct buf scheduler;

    (void)state;
    make_long_task("up", "", up);
    for (int i = 0; i < LONG_TASKS; i++) {
        snprintf(name, sizeof(name), "d%d", i);
        buf_init(&scheduler, 1 << 12);
        join(&scheduler, "\"UpstreamDependencyConfigList\":[{\"TaskId\":\"%s\"," DAILY "}]", up);
        make_long_task(name, scheduler.ptr, down);
        buf_done(&scheduler);
    }
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        bool all = i + 1 == ARRAY_LEN(lists);
        json_decref(all ? harness_okf(&h, API_2025, lists[i], "{\"ProjectId\":\"%s\"}", project)
                        : on_task(lists[i], up, ""));
        /* An action that names a task may have read its own; an arena grows by doubling. */
        assert_in_range(h.call_bytes, 1, 4 * CODE_BYTES);
    }
    /* Of the task itself there is all: document and answer. */
    json_decref(on_task("GetTask", up, ""));
    assert_in_range(h.call_bytes, CODE_BYTES, 4 * CODE_BYTES);
}

/* ---- versions ------------------------------------------------------------------------------ */

static void test_versions__of_saves_and_submits(void **state)
{
    char id[32], version[80], more[128];

    (void)state;
    make_task("t", "35", flow, "", "", id);
    on_task_refused("GetTaskVersion", id, "", E_MISSING, "VersionId");
    on_task_refused("SubmitTask", id, ",\"VersionRemark\":\"\"", E_RANGE, "VersionRemark");
    json_t *r = on_task("SubmitTask", id, ",\"VersionRemark\":\"first\"");
    assert_int_equal(num_at(r, "Data.Status"), 1);
    keep_at(version, sizeof(version), r, "Data.VersionId");
    json_decref(on_task("UpdateTaskPartially", id,
                        ",\"NewSetting\":{\"TaskBaseAttribute\":{\"TaskName\":\"new\"}}"));
    r = on_task("ListTaskVersions", id, ",\"TaskVersionType\":\"SUBMIT\"");
    assert_int_equal(num_at(r, "Data.TotalCount"), 1);
    assert_int_equal(num_at(r, "Data.PageCount"), 1);
    assert_string_equal(str_at(r, "Data.Items.0.VersionId"), version);
    assert_string_equal(str_at(r, "Data.Items.0.VersionNum"), "V2");
    assert_string_equal(str_at(r, "Data.Items.0.VersionRemark"), "first");
    assert_string_equal(str_at(r, "Data.Items.0.Status"), "Y");
    assert_int_equal(num_at(r, "Data.Items.0.UsedVersion"), 1);
    json_decref(r);
    r = on_task("ListTaskVersions", id, "");
    assert_int_equal(num_at(r, "Data.TotalCount"), 2);
    assert_string_equal(str_at(r, "Data.Items.0.VersionNum"), "V3");
    assert_true(json_is_null(at(r, "Data.Items.0.Status")));
    json_decref(r);
    static const struct {
        const char *filter, *newest; /* NULL: none is listed */
    } used[] = {
        { ",\"UsedVersion\":true", "V2" },
        { ",\"UsedVersion\":false", "V3" },
        { ",\"UsedVersion\":false,\"TaskVersionType\":\"SUBMIT\"", NULL },
        { ",\"UsedVersion\":true,\"TaskVersionType\":\"SAVE\"", NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(used); i++) {
        r = on_task("ListTaskVersions", id, used[i].filter);
        if (used[i].newest)
            assert_string_equal(str_at(r, "Data.Items.0.VersionNum"), used[i].newest);
        else
            assert_int_equal(num_at(r, "Data.TotalCount"), 0);
        json_decref(r);
    }
    /* What a version says of itself, not what the draft says now. */
    snprintf(more, sizeof(more), ",\"VersionId\":\"%s\"", version);
    for (int i = 0; i < 2; i++) {
        r = on_task("GetTaskVersion", id, i == 0 ? "" : more);
        assert_string_equal(str_at(r, "Data.VersionId"), version);
        assert_string_equal(str_at(r, "Data.Task.TaskBaseAttribute.TaskName"), "t");
        json_decref(r);
    }
    on_task_refused("ListTaskVersions", id, ",\"TaskVersionType\":\"ALL\"", E_RANGE,
                    "TaskVersionType");
    on_task_refused("GetTaskVersion", id, ",\"VersionId\":\"x\"", E_MISSING, "VersionId");
}

/* No action finds a task that is not there, or is another project's. */
static void test_foreign__tasks_are_not_there(void **state)
{
    static const struct {
        const char *action, *more;
    } rows[] = {
        { "GetTask", "" },
        { "GetTaskCode", "" },
        { "GetTaskVersion", "" },
        { "ListTaskVersions", "" },
        { "ListUpstreamTasks", "" },
        { "ListDownstreamTasks", "" },
        { "DeleteTask", "" },
        { "SubmitTask", ",\"VersionRemark\":\"x\"" },
        { "UpdateTaskPartially", ",\"NewSetting\":{\"TaskBaseAttribute\":{\"TaskName\":\"x\"}}" },
        { "UpdateTask", ",\"Task\":{\"TaskBaseAttribute\":{\"TaskName\":\"x\",\"OwnerUin\":\"1\","
                        "\"TaskDescription\":\"\"},\"TaskConfiguration\":{},"
                        "\"TaskSchedulerConfiguration\":{}}" },
    };
    static const char *const strange[] = { "20200101000000000", "x", "", "-2020010100000000" };
    char id[32], own[32];

    (void)state;
    make_task("t", "35", flow, "", "", id);
    snprintf(own, sizeof(own), "%s", project);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t j = 0; j < ARRAY_LEN(strange); j++)
            on_task_refused(rows[i].action, strange[j], rows[i].more, E_MISSING, "TaskId");
    }
    harness_project(&h, "q", project);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        on_task_refused(rows[i].action, id, rows[i].more, E_MISSING, "TaskId");
    snprintf(project, sizeof(project), "%s", own);
    json_decref(on_task("GetTask", id, ""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_example__comes_back_as_it_was_sent),
        TEST(test_update__what_get_gave_can_be_sent_back),
        TEST(test_partial__removals_name_what_they_cannot_do),
        TEST(test_partial__removes_so_much_at_once),
        TEST(test_conditions__are_so_much_json),
        TEST(test_list__filters),
        TEST(test_list__of_folders_with_very_much_in_them),
        TEST(test_list__wrong_filters_are_named),
        TEST(test_update__refuses_by_where_it_stands),
        TEST(test_lists__have_every_member),
        TEST(test_neighbours__of_drafts),
        TEST(test_lists__do_not_hold_the_documents),
        TEST(test_versions__of_saves_and_submits),
        TEST(test_foreign__tasks_are_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
