/* api/act_task_list.c - ListTasks: the drafts of a project and its filters
 * (docs/reference/semantics.md 0.4, 1.3). */
#include "api/scan.h"
#include "api/owner_filter.h"
#include "api/page.h"
#include "api/task_view.h"
#include "base/map.h"
#include "cal/zone.h"
#include "engine/cmd_project.h"
#include "model/names.h"
#include "model/task_folder.h"

enum { PATHS_MAX = 100 };

static enum err_code filter_range(struct call *c, struct query *q, const char *name, int column)
{
    const json_t *list = param_list(c->params, name);
    struct civil bounds[2];

    if (json_array_size(list) == 0)
        return E_OK;
    if (json_array_size(list) != 2)
        return err_user(&c->err, E_RANGE, name, "it is a list of two times, from and to",
                        "应为起止两个时间");
    for (size_t i = 0; i < 2; i++) {
        enum err_code rc = civil_parse(json_str(json_array_get(list, i)), &bounds[i], &c->err);
        if (rc != E_OK)
            return err_prefix(&c->err, arena_printf(&c->arena, "%s.%zu", name, i).ptr), rc;
    }
    query_number(q, column, QUERY_GE, zone_to_wall(zone_default(), bounds[0]).us);
    query_number(q, column, QUERY_LE, zone_to_wall(zone_default(), bounds[1]).us + 999999);
    return E_OK;
}

static enum err_code read_texts(struct call *c, const char *name, struct str **ret, int *ret_n)
{
    const json_t *list = param_list(c->params, name), *item;
    size_t i;

    if (json_array_size(list) > PATHS_MAX)
        return err_user(&c->err, E_LIMIT, name, "at most %d entries", "最多 %d 项", PATHS_MAX);
    *ret = ARENA_ARRAY(&c->arena, struct str, json_array_size(list) + 1);
    *ret_n = (int)json_array_size(list);
    json_array_foreach(list, i, item)(*ret)[i] = json_str(item);
    return E_OK;
}

/* A filter by folders, each with everything below it. */
struct in_folders {
    struct str *folders; /* as the request names them */
    int n;               /* 0: all */
    struct map values;   /* ids of the workflows, or paths of the task folders, in them */
};

static bool is_in(struct str path, const struct in_folders *f)
{
    for (int i = 0; i < f->n; i++)
        if (str_eq(path, f->folders[i]) || folder_path_is_below(path, f->folders[i]))
            return true;
    return false;
}

static bool take_workflow(void *ctx, const void *row)
{
    struct in_folders *f = ctx;
    const struct workflow_row *workflow = row;

    if (is_in(workflow->folder_path, f))
        map_put(&f->values, workflow->id, f);
    return true;
}

static bool take_task_folder(void *ctx, const void *row)
{
    struct in_folders *f = ctx;
    const struct task_folder_row *folder = row;

    if (is_in(folder->path, f))
        map_put(&f->values, folder->path, f);
    return true;
}

/* Reads one of the two lists of folders and looks up what is in them. */
static enum err_code find_in_folders(struct call *c, const char *name, struct query *all,
                                     query_each *take, struct in_folders *f)
{
    enum err_code rc = read_texts(c, name, &f->folders, &f->n);

    for (int i = 0; i < f->n && rc == E_OK; i++)
        rc = folder_path_check(f->folders[i], arena_printf(&c->arena, "%s.%d", name, i).ptr,
                               &c->err);
    if (rc != E_OK)
        return rc;
    for (int i = 0; i < f->n; i++)
        if (str_eq_c(f->folders[i], "/"))
            f->n = 0; /* everything is below it, also what is in no folder */
    return f->n == 0 ? E_OK : query_run(c->view, all, take, f, &c->err);
}

/* True: the query does it.  False: it is in too much, and each row has to be looked at. */
static bool filter_folders(struct call *c, struct query *q, int column, const struct in_folders *f)
{
    struct str *values, key;
    void *value;
    size_t at = 0;
    int n = 0;

    if (f->n == 0)
        return true;
    if (f->values.len > QUERY_IN_MAX)
        return false;
    values = ARENA_ARRAY(&c->arena, struct str, f->values.len + 1);
    while (map_next(&f->values, &at, &key, &value))
        values[n++] = key;
    query_texts(q, column, values, n);
    return true;
}

static bool is_node_type(struct str name)
{
    static const char *const names[] = {
        "ETL",     "EMR",          "DLC",       "SETATS", "TDSQL",
        "TCHOUSE", "DATA_QUALITY", "INDICATOR", "TI_ONE", "GENERAL"
    };

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_c(name, names[i]))
            return true;
    return false;
}

/* TaskNodeTypeList: categories of task types; the id of one type as text is taken too. */
static enum err_code filter_types(struct call *c, struct query *q)
{
    struct str *names = NULL;
    int64_t *ids = ARENA_ARRAY(&c->arena, int64_t, QUERY_IN_MAX), one;
    int n = 0, kept = 0;
    enum err_code rc = read_texts(c, "TaskNodeTypeList", &names, &n);

    for (int i = 0; i < n && rc == E_OK; i++)
        if (!is_node_type(names[i]) && !str_to_i64(names[i], &one))
            rc = err_user(&c->err, E_RANGE, "TaskNodeTypeList",
                          "`%.*s` is not one of ETL, EMR, DLC, SETATS, TDSQL, TCHOUSE, GENERAL, "
                          "DATA_QUALITY, INDICATOR, TI_ONE",
                          "`%.*s` 不是 ETL、EMR、DLC、SETATS、TDSQL、TCHOUSE、GENERAL、"
                          "DATA_QUALITY、INDICATOR、TI_ONE 之一",
                          STR_ARG(str_sub(names[i], 0, 64)));
    for (size_t at = 0; task_type_at(at) >= 0 && rc == E_OK; at++)
        for (int i = 0; i < n; i++)
            if (str_eq_c(names[i], task_folder_type_of(task_type_at(at))) ||
                (str_to_i64(names[i], &one) && one == task_type_at(at))) {
                ids[kept++] = task_type_at(at);
                break;
            }
    if (rc == E_OK && n > 0)
        query_numbers(q, TASK_TYPE_ID, ids, kept);
    if (rc == E_OK && param_has(c->params, "TaskTypeId"))
        query_number(q, TASK_TYPE_ID, QUERY_EQ, param_i64(c->params, "TaskTypeId", 0));
    return rc;
}

static enum err_code filter_simple(struct call *c, struct query *q)
{
    static const struct {
        const char *name;
        int column;
        enum query_op op;
    } texts[] = {
        { "TaskName", TASK_NAME, QUERY_CONTAINS },
        { "WorkflowId", TASK_WORKFLOW_ID, QUERY_EQ },
        { "BundleId", TASK_BUNDLE_ID, QUERY_EQ },
        { "CreateUserUin", TASK_CREATOR_UIN, QUERY_EQ },
    };
    struct str status_text = param_str(c->params, "Status");
    enum task_status status;

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct str text = param_str(c->params, texts[i].name);
        if (text.len > 0)
            query_text(q, texts[i].column, texts[i].op, text);
    }
    owner_filter(c, q, TASK_OWNER_UIN);
    if (status_text.len > 0) {
        if (!task_status_from_name(status_text, &status))
            return err_user(&c->err, E_RANGE, "Status",
                            "`%.*s` is not one of N, Y, O, T, F, INVALID",
                            "`%.*s` 不是 N、Y、O、T、F、INVALID 之一", STR_ARG(status_text));
        query_number(q, TASK_STATUS, QUERY_EQ, (int64_t)status);
    }
    if (param_has(c->params, "Submit"))
        query_number(q, TASK_SUBMITTED, QUERY_EQ, param_bool(c->params, "Submit", false));
    return E_OK;
}

struct listing {
    struct query query;
    struct in_folders workflows, folders;
    bool looks; /* the query does not do the filters by folders */
    struct scan scan;
};

static enum err_code list_folders(struct call *c, struct listing *l)
{
    struct str project_id = param_str(c->params, "ProjectId");
    struct query all;
    enum err_code rc;

    query_init(&all, &table_workflow);
    query_text(&all, WORKFLOW_PROJECT_ID, QUERY_EQ, project_id);
    rc = find_in_folders(c, "WorkflowFolderPathList", &all, take_workflow, &l->workflows);
    if (rc != E_OK)
        return rc;
    query_init(&all, &table_task_folder);
    query_text(&all, TASK_FOLDER_PROJECT_ID, QUERY_EQ, project_id);
    rc = find_in_folders(c, "TaskFolderPathList", &all, take_task_folder, &l->folders);
    l->looks = !filter_folders(c, &l->query, TASK_WORKFLOW_ID, &l->workflows);
    l->looks |= !filter_folders(c, &l->query, TASK_FOLDER_PATH_, &l->folders);
    return rc;
}

static enum err_code list_query(struct call *c, struct listing *l)
{
    struct query *q = &l->query;
    enum err_code rc;

    query_init(q, &table_task);
    query_text(q, TASK_PROJECT_ID, QUERY_EQ, param_str(c->params, "ProjectId"));
    query_order(q, TASK_CREATED_AT, true);
    rc = filter_simple(c, q);
    if (rc == E_OK)
        rc = filter_range(c, q, "ModifyTime", TASK_UPDATED_AT);
    if (rc == E_OK)
        rc = filter_range(c, q, "CreateTime", TASK_CREATED_AT);
    if (rc == E_OK)
        rc = filter_types(c, q);
    return rc != E_OK ? rc : list_folders(c, l);
}

static bool look_at(void *ctx, const void *row)
{
    struct listing *l = ctx;
    const struct task_row *task = row;

    if ((l->workflows.n == 0 || map_get(&l->workflows.values, task->workflow_id)) &&
        (l->folders.n == 0 || map_get(&l->folders.values, task->folder_path)))
        scan_take(&l->scan, row);
    return true;
}

/* The rows of the page, and how many there are in all. */
static enum err_code list_rows(struct call *c, struct listing *l, const struct page *page,
                               void **ret, size_t *ret_n, int64_t *ret_total)
{
    enum err_code rc;

    if (l->looks) {
        scan_init(&l->scan, &table_task, sizeof(struct task_row), page, &c->arena);
        rc = query_run(c->view, &l->query, look_at, l, &c->err);
        *ret = l->scan.rows;
        *ret_n = (size_t)l->scan.n;
        *ret_total = l->scan.total;
        return rc;
    }
    rc = query_count(c->view, &l->query, ret_total, &c->err);
    l->query.offset = page->offset;
    l->query.limit = page->size;
    return rc != E_OK ? rc : query_rows(c->view, &l->query, &c->arena, ret, ret_n, &c->err);
}

static enum err_code list_write(struct call *c, struct listing *l)
{
    struct page page;
    int64_t total;
    void *rows;
    size_t n;
    enum err_code rc = page_params(c, 10, 200, &page);

    if (rc == E_OK)
        rc = list_query(c, l);
    if (rc == E_OK)
        rc = list_rows(c, l, &page, &rows, &n, &total);
    if (rc != E_OK)
        return rc;
    page_open(c, &page, total);
    for (size_t i = 0; i < n && rc == E_OK; i++)
        rc = task_view_base(c, (const struct task_row *)rows + i, NULL);
    page_close(c);
    return rc;
}

static enum err_code list_answer(struct call *c)
{
    struct listing *l = ARENA_NEW(&c->arena, struct listing);
    struct project_row project;
    enum err_code rc = project_require(c->view, &c->arena, param_str(c->params, "ProjectId"),
                                       "ProjectId", &project, &c->err);

    if (rc != E_OK)
        return rc;
    map_init(&l->workflows.values);
    map_init(&l->folders.values);
    rc = list_write(c, l);
    map_done(&l->workflows.values);
    map_done(&l->folders.values);
    return rc;
}

static const struct action actions[] = {
    { API_2025, "ListTasks", NULL, NULL, list_answer, ACCESS_READ },
};
const struct action_family family_task_list = { actions, ARRAY_LEN(actions) };
