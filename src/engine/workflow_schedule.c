/* engine/workflow_schedule.c - puts the unified schedule of a workflow on its tasks. */
#include "engine/workflow_schedule.h"

#include <string.h>

#include "base/map.h"
#include "engine/cmd_task.h"
#include "engine/task_check.h"
#include "engine/workflow_peers.h"
#include "model/task_doc.h"

struct spreading {
    struct engine *g;
    const struct workflow_row *workflow;
    const struct workflow_schedule *schedule;
    const json_t *kept;
    struct str uin;
    struct err *e;
};

enum err_code workflow_schedule_check(struct engine *g, const struct workflow_schedule *s,
                                      struct err *e)
{
    struct calendar_row calendar = { .id = s->calendar_id };

    if (s->calendar_id.len == 0)
        return E_OK;
    enum err_code rc = row_get(engine_view(g), &table_calendar, engine_arena(g), &calendar, e);
    if (rc == E_MISSING)
        return err_user(e, E_MISSING, WORKFLOW_SCHEDULE ".CalendarId",
                        "there is no calendar `%.*s`", "日历 `%.*s` 不存在",
                        STR_ARG(s->calendar_id));
    return rc;
}

/* ---- one task ------------------------------------------------------------------------------ */

/* Put the task before what is wrong with it. */
static enum err_code name_task(int64_t id, enum err_code rc, struct err *e)
{
    static const char en[] = "task %lld does not fit: %s%s%s", zh[] = "任务 %lld 不适用：%s%s%s";
    struct err inner, chinese = ERR_INIT;

    if (rc == E_OK || !e || !e->text_zh[0])
        return rc; /* done, or no mistake of the client */
    inner = *e;
    const char *colon = inner.path[0] ? ": " : "";
    if (err_user(e, rc, WORKFLOW_SCHEDULE, en, zh, (long long)id, inner.path, colon, inner.text) ==
        err_user(&chinese, rc, WORKFLOW_SCHEDULE, en, zh, (long long)id, inner.path, colon,
                 inner.text_zh))
        memcpy(e->text_zh, chinese.text_zh, sizeof(e->text_zh));
    return rc;
}

static enum err_code is_foreign(const struct spreading *s, const json_t *item, bool *ret)
{
    const char *text = json_string_value(json_object_get(item, "TaskId"));
    struct task_row up = { .id = 0 };
    enum err_code rc = E_MISSING;

    *ret = false;
    if (text && task_id_parse(str_from(text), &up.id))
        rc = row_get(engine_view(s->g), &table_task, engine_arena(s->g), &up, s->e);
    if (rc == E_OK)
        *ret = !str_eq(up.workflow_id, s->workflow->id);
    return rc == E_MISSING ? E_OK : rc;
}

static enum err_code cut_links(const struct spreading *s, json_t *doc)
{
    json_t *block = json_object_get(doc, "TaskSchedulerConfiguration");
    json_t *list = json_object_get(block, "UpstreamDependencyConfigList");
    enum err_code rc = E_OK;
    bool foreign;

    for (size_t i = json_array_size(list); i-- > 0 && rc == E_OK;) {
        rc = is_foreign(s, json_array_get(list, i), &foreign);
        if (rc == E_OK && foreign)
            json_array_remove(list, i);
    }
    return rc;
}

static enum err_code save(const struct spreading *s, int64_t id, json_t *doc)
{
    struct task_write w = { .id = id, .project_id = s->workflow->project_id, .uin = s->uin };
    struct arena *a = engine_arena(s->g);
    struct task_spec spec;
    enum err_code rc = task_decode(doc, (struct civil){ 0 }, a, &spec, s->e);

    if (rc != E_OK)
        return rc;
    w.spec = &spec;
    w.doc = task_doc_build(doc, &spec, s->uin, a);
    return task_change(s->g, &w, s->e);
}

/* A new draft from this version of the task. */
static enum err_code rewrite(const struct spreading *s, int64_t id, int32_t num)
{
    struct version_row version = { .task_id = id, .num = num };
    enum err_code rc =
        row_get(engine_view(s->g), &table_version, engine_arena(s->g), &version, s->e);

    if (rc != E_OK)
        return rc;
    json_t *doc = json_loadb(version.doc.ptr, version.doc.len, 0, NULL);
    if (!doc)
        return err_set(s->e, E_CORRUPT, "version %.*s is not readable", STR_ARG(version.id));
    if (s->schedule->clear_links)
        rc = cut_links(s, doc);
    workflow_schedule_put(s->kept, doc);
    if (s->schedule->reset_pairs)
        workflow_schedule_reset(s->schedule, doc);
    if (rc == E_OK)
        rc = save(s, id, doc);
    json_decref(doc);
    return rc;
}

/* A task that is stopped is not started by the way: it gets its draft only. */
static bool is_in_production(const struct task_row *t)
{
    return t->submit_version_no > 0 && t->status != TASK_STOPPED;
}

/* What the draft has beyond the submitted version stays a draft: that version is submitted with the
 * new schedule, then the draft is saved again. */
static enum err_code change_task(const struct spreading *s, const struct task_row *t)
{
    bool ahead = is_in_production(t) && !t->submitted;
    enum err_code rc = rewrite(s, t->id, ahead ? t->submit_version_no : t->version_no);

    if (rc == E_OK && is_in_production(t))
        rc = task_submit_untold(
            s->g,
            &(struct task_submission){ .project_id = t->project_id,
                                       .task_id = t->id,
                                       .remark = STR("the unified schedule of the workflow"),
                                       .uin = s->uin,
                                       .status = TASK_NEW },
            s->e);
    if (rc == E_OK && ahead)
        rc = rewrite(s, t->id, t->version_no);
    return name_task(t->id, rc, s->e);
}

/* What is read and written of one task, its documents above all, is in memory for this task alone:
 * nothing of it is needed for the next, and the turn would end with all of it. */
static enum err_code change_alone(const struct spreading *s, const struct task_row *t)
{
    struct arena *a = engine_arena(s->g), turn = *a;

    arena_init(a);
    enum err_code rc = change_task(s, t);
    arena_done(a);
    *a = turn;
    return rc;
}

/* ---- all of them --------------------------------------------------------------------------- */

static enum err_code load_tasks(const struct spreading *s, struct task_row **ret, size_t *ret_n)
{
    struct query q;
    void *rows;
    size_t submitted = 0;

    query_init(&q, &table_task);
    query_text(&q, TASK_WORKFLOW_ID, QUERY_EQ, s->workflow->id);
    query_order(&q, TASK_ID, false);
    q.limit = WORKFLOW_SCHEDULED_MAX + 1;
    enum err_code rc = query_rows(engine_view(s->g), &q, engine_arena(s->g), &rows, ret_n, s->e);
    if (rc != E_OK)
        return rc;
    *ret = rows;
    if (*ret_n > WORKFLOW_SCHEDULED_MAX)
        return err_user(s->e, E_LIMIT, WORKFLOW_SCHEDULE,
                        "the workflow has more than %d tasks; schedule each of them by itself",
                        "工作流的任务超过 %d 个，请在任务上设置调度", WORKFLOW_SCHEDULED_MAX);
    for (size_t i = 0; i < *ret_n; i++)
        submitted += (*ret)[i].submit_version_no > 0;
    if (s->schedule->waits && submitted > WORKFLOW_PEERS_MAX)
        return err_user(s->e, E_LIMIT, WORKFLOW_SCHEDULE ".DependencyWorkflow",
                        "it may be yes with at most %d submitted tasks",
                        "最多支持 %d 个已提交的任务", WORKFLOW_PEERS_MAX);
    return E_OK;
}

/* Before any task is checked against the cycles of its upstreams, all of them have the new one. */
static enum err_code write_cycles(const struct spreading *s, struct task_row *tasks, size_t n)
{
    enum err_code rc = E_OK;

    for (size_t i = 0; i < n && rc == E_OK; i++) {
        tasks[i].cycle = (int32_t)s->schedule->cycle;
        rc = row_update(engine_store(s->g), &table_task, &tasks[i], COL(TASK_CYCLE), s->e);
    }
    return rc;
}

/* ---- loops: each task as it will be, among the others as they will be ------------------------ */

static const struct task_spec *find_spec(void *ctx, int64_t task_id)
{
    return pair_map_get(ctx, (struct pair_key){ (uint64_t)task_id, 0 });
}

static enum err_code load_specs(const struct spreading *s, const struct task_row *tasks, size_t n,
                                struct pair_map *specs)
{
    struct arena *a = engine_arena(s->g);
    enum err_code rc = E_OK;

    for (size_t i = 0; i < n && rc == E_OK; i++) {
        struct task_spec *spec = ARENA_NEW(a, struct task_spec);
        struct core_task task;
        if (!is_in_production(&tasks[i]))
            continue;
        rc = task_read(engine_view(s->g), tasks[i].id, a, &task, spec, s->e);
        pair_map_put(specs, (struct pair_key){ (uint64_t)tasks[i].id, 0 }, spec);
    }
    return rc;
}

static enum err_code check_loops(const struct spreading *s, const struct task_row *tasks, size_t n)
{
    struct pair_map specs;
    struct core_untold untold = { find_spec, &specs };

    pair_map_init(&specs);
    enum err_code rc = load_specs(s, tasks, n, &specs);
    for (size_t i = 0; i < n && rc == E_OK; i++) {
        const struct task_spec *spec = find_spec(&specs, tasks[i].id);
        if (spec)
            rc = name_task(tasks[i].id, task_check_loop(s->g, tasks[i].id, spec, &untold, s->e),
                           s->e);
    }
    pair_map_done(&specs);
    return rc;
}

static enum err_code spread(const struct spreading *s)
{
    struct task_row *tasks = NULL;
    size_t n = 0;
    enum err_code rc = load_tasks(s, &tasks, &n);

    if (rc == E_OK)
        rc = write_cycles(s, tasks, n);
    for (size_t i = 0; i < n && rc == E_OK; i++)
        rc = change_alone(s, &tasks[i]);
    if (rc == E_OK)
        rc = check_loops(s, tasks, n);
    for (size_t i = 0; i < n && rc == E_OK; i++)
        if (tasks[i].submit_version_no > 0)
            rc = task_tell(s->g, tasks[i].id, s->e);
    return rc;
}

enum err_code workflow_schedule_spread(struct engine *g, const struct workflow_row *workflow,
                                       const struct workflow_schedule *s, struct str uin,
                                       struct err *e)
{
    json_t *doc = json_loadb(workflow->doc.ptr, workflow->doc.len, 0, NULL);
    struct spreading spreading = { .g = g,
                                   .workflow = workflow,
                                   .schedule = s,
                                   .kept = json_object_get(doc, WORKFLOW_SCHEDULE),
                                   .uin = uin,
                                   .e = e };
    enum err_code rc = spreading.kept
                           ? spread(&spreading)
                           : err_set(e, E_CORRUPT, "workflow %.*s has no schedule in its document",
                                     STR_ARG(workflow->id));

    json_decref(doc);
    return rc;
}

/* ---- new tasks ----------------------------------------------------------------------------- */

enum err_code workflow_schedule_inherit(struct engine *g, const json_t *task, json_t **ret,
                                        struct err *e)
{
    const char *id = json_string_value(
        json_object_get(json_object_get(task, "TaskBaseAttribute"), "WorkflowId"));
    struct workflow_row workflow = { .id = str_from(id) };
    enum err_code rc;

    *ret = NULL;
    if (workflow.id.len == 0 || !workflow_schedule_is_left_out(task))
        return E_OK;
    rc = row_get(engine_view(g), &table_workflow, engine_arena(g), &workflow, e);
    if (rc != E_OK)
        return rc == E_MISSING ? E_OK : rc; /* refused where the task is checked */
    json_t *doc = json_loadb(workflow.doc.ptr, workflow.doc.len, 0, NULL);
    const json_t *kept = json_object_get(doc, WORKFLOW_SCHEDULE);
    if (kept) {
        *ret = json_deep_copy(task);
        workflow_schedule_put(kept, *ret);
    }
    json_decref(doc);
    return E_OK;
}
