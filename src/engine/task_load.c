/* engine/task_load.c - a submitted task as the core takes it. */
#include <jansson.h>

#include "engine/cmd_task.h"
#include "engine/workflow_peers.h"
#include "model/task_pack.h"

/* A calendar's document is a JSON list of "yyyy-MM-dd". */
enum err_code task_load_calendar(struct view *v, struct str id, struct arena *a,
                                 const struct calendar **ret, struct err *e)
{
    struct calendar_row row = { .id = id };
    struct calendar *c = ARENA_NEW(a, struct calendar);
    enum err_code rc = row_get(v, &table_calendar, a, &row, e);
    json_t *list, *item;
    size_t i;

    if (rc != E_OK)
        return rc;
    list = json_loadb(row.doc.ptr ? row.doc.ptr : "", row.doc.len, 0, NULL);
    c->mode = (enum calendar_mode)row.mode;
    c->days = ARENA_ARRAY(a, int32_t, json_array_size(list) + 1);
    json_array_foreach(list, i, item)
    {
        struct civil day;
        rc = civil_parse_date(str_from(json_string_value(item)), &day, e);
        if (rc != E_OK)
            break;
        c->days[c->n_days++] = (int32_t)(day.s / CIVIL_DAY);
    }
    json_decref(list);
    if (rc == E_OK)
        *ret = c;
    return rc;
}

void task_keep_upstreams(struct task_spec *spec, const bool *keep)
{
    struct task_upstream *upstreams = (struct task_upstream *)(uintptr_t)spec->upstreams;
    int kept = 0;

    for (int i = 0; i < spec->n_upstreams; i++)
        if (keep[i])
            upstreams[kept++] = upstreams[i];
    spec->n_upstreams = kept;
}

struct kept_edges {
    const struct task_spec *spec;
    bool *keep;
};

static bool keep_edge(void *ctx, const void *row)
{
    struct kept_edges *k = ctx;
    const struct edge_row *edge = row;

    for (int i = 0; i < k->spec->n_upstreams; i++)
        if (k->spec->upstreams[i].task_id == edge->up_task)
            k->keep[i] = true;
    return true;
}

/* An upstream that was deleted gently is no condition any more: its edge is gone (1.6). */
static enum err_code drop_edges(struct view *v, int64_t task_id, struct arena *a,
                                struct task_spec *spec, struct err *e)
{
    struct kept_edges k = { .spec = spec,
                            .keep = ARENA_ARRAY(a, bool, (size_t)spec->n_upstreams + 1) };
    struct query q;
    enum err_code rc;

    if (spec->n_upstreams == 0)
        return E_OK;
    query_init(&q, &table_edge);
    query_number(&q, EDGE_DOWN_TASK, QUERY_EQ, task_id);
    query_number(&q, EDGE_IN_OPS, QUERY_EQ, 1);
    rc = query_run(v, &q, keep_edge, &k, e);
    if (rc == E_OK)
        task_keep_upstreams(spec, k.keep);
    return rc;
}

void task_as_core(const struct schedule_row *schedule, const struct task_spec *spec,
                  struct str project_id, bool project_enabled, struct core_task *ret)
{
    *ret = (struct core_task){ .id = schedule->task_id,
                               .spec = spec,
                               .project_id = project_id,
                               .version_no = schedule->version_no,
                               .status = (enum task_status)schedule->status,
                               .project_enabled = project_enabled,
                               .live_from = schedule->live_from,
                               .high_water = schedule->high_water,
                               .settled_at = schedule->settled_at,
                               .has_high_water = wall_is_set(schedule->settled_at) };
}

/* E_MISSING: nothing packed is there, or nothing that is good for this version. */
static enum err_code read_packed(struct view *v, const struct schedule_row *schedule,
                                 struct arena *a, struct task_spec *ret, struct str *ret_project,
                                 struct err *e)
{
    struct packed_row row = { .task_id = schedule->task_id };
    enum err_code rc = row_get(v, &table_packed, a, &row, e);

    if (rc != E_OK)
        return rc;
    if (row.version_no != schedule->version_no || task_unpack(row.packed, a, ret, NULL) != E_OK)
        return E_MISSING;
    *ret_project = row.project_id;
    return E_OK;
}

static enum err_code read_document(struct view *v, const struct schedule_row *schedule,
                                   struct arena *a, struct task_spec *ret, struct str *ret_project,
                                   struct err *e)
{
    struct task_row task = { .id = schedule->task_id };
    struct version_row version = { .task_id = schedule->task_id, .num = schedule->version_no };
    struct arena text;
    enum err_code rc = row_get(v, &table_task, a, &task, e);

    if (rc != E_OK)
        return rc;
    arena_init(&text);
    rc = row_get(v, &table_version, &text, &version, e);
    if (rc == E_OK)
        rc = task_decode_text(version.doc, (struct civil){ 0 }, a, ret, e);
    arena_done(&text);
    *ret_project = task.project_id;
    return rc;
}

enum err_code task_read(struct view *v, int64_t task_id, struct arena *a, struct core_task *ret,
                        struct task_spec *ret_spec, struct err *e)
{
    struct schedule_row schedule = { .task_id = task_id };
    struct project_row project = { .status = 0 };
    enum err_code rc = row_get(v, &table_schedule, a, &schedule, e);

    if (rc != E_OK)
        return rc;
    rc = read_packed(v, &schedule, a, ret_spec, &project.id, e);
    if (rc == E_MISSING)
        rc = read_document(v, &schedule, a, ret_spec, &project.id, e);
    if (rc == E_OK)
        rc = drop_edges(v, task_id, a, ret_spec, e);
    if (rc == E_OK && ret_spec->calendar_id.len > 0)
        rc = task_load_calendar(v, ret_spec->calendar_id, a, &ret_spec->schedule.calendar, e);
    if (rc == E_OK)
        rc = row_get(v, &table_project, a, &project, e);
    if (rc == E_OK)
        task_as_core(&schedule, ret_spec, project.id, project.status == 1, ret);
    return rc;
}

enum err_code task_load(struct view *v, int64_t task_id, struct arena *a, struct core_task *ret,
                        struct task_spec *ret_spec, struct err *e)
{
    enum err_code rc = task_read(v, task_id, a, ret, ret_spec, e);

    return rc != E_OK ? rc
                      : workflow_peers(v, ret_spec->workflow_id, a, &ret->peers, &ret->n_peers, e);
}

enum err_code task_require_cycle(struct view *v, struct arena *a, int64_t task_id, struct err *e)
{
    struct core_task task;
    struct task_spec spec;
    enum err_code rc = task_load(v, task_id, a, &task, &spec, e);

    if (rc != E_OK || task.n_peers > 0)
        return rc == E_MISSING ? E_OK : rc; /* deleted: said where it matters */
    return err_user(e, E_CONFLICT, "RedefineSelfWorkflowDependency",
                    "the workflow of task %lld has no schedule with DependencyWorkflow yes",
                    "任务 %lld 所在工作流未配置 DependencyWorkflow 为 yes 的统一调度",
                    (long long)task_id);
}

enum err_code task_require(struct view *v, struct arena *a, struct str project_id, int64_t task_id,
                           struct task_row *ret, struct err *e)
{
    *ret = (struct task_row){ .id = task_id };
    enum err_code rc = row_get(v, &table_task, a, ret, e);

    if (rc == E_MISSING || (rc == E_OK && !str_eq(ret->project_id, project_id)))
        return err_user(e, E_MISSING, "TaskId", "there is no task %lld in project %.*s",
                        "项目中没有任务 %lld(项目 %.*s)", (long long)task_id, STR_ARG(project_id));
    return rc;
}
