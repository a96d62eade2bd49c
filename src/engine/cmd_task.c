/* engine/cmd_task.c - makes, changes and deletes tasks. */
#include "engine/cmd_task.h"

#include <stdio.h>

#include "cal/zone.h"
#include "engine/task_check.h"
#include "model/names.h"

enum { KIND_SAVE, KIND_SUBMIT, IDS_PROBED = 100000 };

/* ---- ids ----------------------------------------------------------------------------------- */

/* yyyyMMddHHmmss and milliseconds of now in UTC+8, as a number (1.1). */
static int64_t id_of_time(struct wall now)
{
    struct civil_parts p = civil_split(zone_to_civil(zone_default(), now));
    int64_t id = ((int64_t)p.year * 100 + p.month) * 100 + p.day;

    id = ((id * 100 + p.hour) * 100 + p.minute) * 100 + p.second;
    return id * 1000 + now.us / 1000 % 1000;
}

struct newest {
    int64_t id;
};

static bool take_newest(void *ctx, const void *row)
{
    ((struct newest *)ctx)->id = ((const struct task_row *)row)->id;
    return false;
}

/* The id of this moment, or the next free one: ids are taken upward within the second and, when a
 * second is used up, go on counting; they stay 17 digits and unique.  An id that was given (a
 * fixture's) far ahead is not counted on from. */
static enum err_code new_id(struct engine *g, int64_t *ret, struct err *e)
{
    for (int64_t id = id_of_time(engine_now(g));; id += IDS_PROBED) {
        struct newest newest = { 0 };
        struct query q;
        query_init(&q, &table_task);
        query_number(&q, TASK_ID, QUERY_GE, id);
        query_number(&q, TASK_ID, QUERY_LT, id + IDS_PROBED);
        query_order(&q, TASK_ID, true);
        q.limit = 1;
        enum err_code rc = query_run(engine_view(g), &q, take_newest, &newest, e);
        if (rc != E_OK)
            return rc;
        if (newest.id == id + IDS_PROBED - 1)
            continue; /* the last of these is taken: look behind it */
        *ret = newest.id >= id ? newest.id + 1 : id;
        return E_OK;
    }
}

/* ---- edges and listeners ------------------------------------------------------------------- */

static enum err_code edges_clear(struct engine *g, int64_t task_id, bool in_ops, struct err *e)
{
    struct query q;
    enum err_code rc;

    query_init(&q, &table_edge);
    query_number(&q, EDGE_DOWN_TASK, QUERY_EQ, task_id);
    query_number(&q, EDGE_IN_OPS, QUERY_EQ, in_ops);
    rc = query_delete(engine_store(g), &q, NULL, e);
    query_init(&q, &table_listener);
    query_number(&q, LISTENER_TASK_ID, QUERY_EQ, task_id);
    query_number(&q, LISTENER_IN_OPS, QUERY_EQ, in_ops);
    return rc != E_OK ? rc : query_delete(engine_store(g), &q, NULL, e);
}

static enum err_code edges_write(struct engine *g, int64_t task_id, struct str project_id,
                                 bool in_ops, const struct task_spec *spec, struct err *e)
{
    enum err_code rc = E_OK;

    for (int i = 0; i < spec->n_upstreams && rc == E_OK; i++) {
        struct edge_row edge = { task_id, in_ops, spec->upstreams[i].task_id };
        rc = row_insert(engine_store(g), &table_edge, &edge, NULL, e);
    }
    for (int i = 0; i < spec->n_listeners && rc == E_OK; i++) {
        const struct task_listener *l = &spec->listeners[i];
        struct listener_row row = { task_id, in_ops,
                                    l->project_id.len > 0 ? l->project_id : project_id,
                                    l->event_name };
        rc = row_insert(engine_store(g), &table_listener, &row, NULL, e);
    }
    return rc;
}

/* ---- create and change --------------------------------------------------------------------- */

static enum err_code version_write(struct engine *g, int64_t task_id, int32_t num, int32_t kind,
                                   struct str remark, struct str uin, struct str doc,
                                   struct str *ret_id, struct err *e)
{
    struct version_row row = { .task_id = task_id,
                               .num = num,
                               .kind = kind,
                               .remark = remark,
                               .creator_uin = uin,
                               .created_at = engine_now(g),
                               .doc = doc };
    int64_t moment = id_of_time(engine_now(g));
    int index;

    /* <TaskId>_<yyyyMMddHHmmssSSS>; bumped when the same millisecond saves twice. */
    for (;; moment++) {
        row.id = arena_printf(engine_arena(g), "%lld_%lld", (long long)task_id, (long long)moment);
        enum err_code rc = row_insert(engine_store(g), &table_version, &row, &index, e);
        if (rc == E_OK && ret_id)
            *ret_id = row.id;
        if (rc != E_EXISTS || index < 0)
            return rc;
    }
}

static void row_from_spec(const struct task_write *w, struct task_row *row)
{
    const struct task_spec *s = w->spec;

    row->project_id = w->project_id;
    row->workflow_id = s->workflow_id;
    row->name = s->name;
    row->type_id = s->type_id;
    row->folder_path = s->folder_path;
    row->description = s->description;
    row->owner_uin = s->owner_uin.len > 0 ? s->owner_uin : w->uin;
    row->updater_uin = w->uin;
    row->bundle_id = s->bundle_id;
    row->group_id = s->group_id;
    row->cycle = (int32_t)s->schedule.cycle;
}

static enum err_code name_taken(const struct task_spec *spec, struct err *e)
{
    return err_user(e, E_EXISTS, "TaskBaseAttribute.TaskName",
                    "the project has a task named `%.*s` already", "项目中已有名为 `%.*s` 的任务",
                    STR_ARG(spec->name));
}

enum err_code task_create(struct engine *g, const struct task_write *w, int64_t *ret_id,
                          struct err *e)
{
    struct task_row row = { .id = w->id,
                            .creator_uin = w->uin,
                            .status = TASK_NEW,
                            .version_no = 1,
                            .created_at = engine_now(g),
                            .updated_at = engine_now(g) };
    int index = -1;
    enum err_code rc = task_check(g, w, e);

    if (rc == E_OK && row.id == 0)
        rc = new_id(g, &row.id, e);
    if (rc != E_OK)
        return rc;
    row_from_spec(w, &row);
    rc = row_insert(engine_store(g), &table_task, &row, &index, e);
    if (rc == E_EXISTS)
        return index >= 0 ? name_taken(w->spec, e)
                          : err_user(e, E_EXISTS, "TaskId", "the id %lld is taken",
                                     "ID %lld 已被占用", (long long)row.id);
    if (rc == E_OK)
        rc = version_write(g, row.id, 1, KIND_SAVE, STR(""), w->uin, w->doc, NULL, e);
    if (rc == E_OK)
        rc = edges_write(g, row.id, w->project_id, false, w->spec, e);
    if (rc == E_OK)
        *ret_id = row.id;
    return rc;
}

enum err_code task_change(struct engine *g, const struct task_write *w, struct err *e)
{
    struct task_row row;
    enum err_code rc = task_require(engine_view(g), engine_arena(g), w->project_id, w->id, &row, e);

    if (rc == E_OK)
        rc = task_check(g, w, e);
    if (rc != E_OK)
        return rc;
    row_from_spec(w, &row);
    row.version_no++;
    row.submitted = false;
    row.updated_at = engine_now(g);
    rc = row_put(engine_store(g), &table_task, &row, e);
    if (rc == E_EXISTS)
        return name_taken(w->spec, e);
    if (rc == E_OK)
        rc = version_write(g, row.id, row.version_no, KIND_SAVE, STR(""), w->uin, w->doc, NULL, e);
    if (rc == E_OK)
        rc = edges_clear(g, row.id, false, e);
    return rc != E_OK ? rc : edges_write(g, row.id, w->project_id, false, w->spec, e);
}

/* ---- delete -------------------------------------------------------------------------------- */

static enum err_code delete_where(struct engine *g, const struct table *t, int column,
                                  int64_t task_id, struct err *e)
{
    struct query q;

    query_init(&q, t);
    query_number(&q, column, QUERY_EQ, task_id);
    return query_delete(engine_store(g), &q, NULL, e);
}

/* No draft has it as upstream any more, whatever its document still names: neighbours are listed
 * from these rows. */
static enum err_code forget_draft_edges(struct engine *g, int64_t task_id, struct err *e)
{
    struct query q;

    query_init(&q, &table_edge);
    query_number(&q, EDGE_UP_TASK, QUERY_EQ, task_id);
    query_number(&q, EDGE_IN_OPS, QUERY_EQ, 0);
    return query_delete(engine_store(g), &q, NULL, e);
}

/* The tasks that waited for it in production; their edges to it go when the deletion is gentle. */
static enum err_code release_downstream(struct engine *g, int64_t task_id, int64_t **ret,
                                        size_t *ret_n, struct err *e)
{
    struct query q;
    void *rows;
    size_t n;
    enum err_code rc;

    query_init(&q, &table_edge);
    query_number(&q, EDGE_UP_TASK, QUERY_EQ, task_id);
    query_number(&q, EDGE_IN_OPS, QUERY_EQ, 1);
    rc = query_rows(engine_view(g), &q, engine_arena(g), &rows, &n, e);
    if (rc != E_OK)
        return rc;
    *ret = ARENA_ARRAY(engine_arena(g), int64_t, n + 1);
    *ret_n = n;
    for (size_t i = 0; i < n; i++)
        (*ret)[i] = ((const struct edge_row *)rows)[i].down_task;
    return delete_where(g, &table_edge, EDGE_UP_TASK, task_id, e);
}

/* Without the edge their next instances do not wait for a task that is gone. */
static enum err_code reload_downstream(struct engine *g, const int64_t *ids, size_t n,
                                       struct err *e)
{
    enum err_code rc = E_OK;

    for (size_t i = 0; i < n && rc == E_OK; i++) {
        struct core_task task;
        struct task_spec spec;
        rc = task_load(engine_view(g), ids[i], engine_arena(g), &task, &spec, e);
        if (rc == E_OK)
            core_task_put(engine_core(g), &task, engine_now(g));
    }
    return rc;
}

enum err_code task_delete(struct engine *g, struct str project_id, int64_t task_id, bool gentle,
                          struct err *e)
{
    static const struct {
        const struct table *table;
        int column;
    } of_task[] = {
        { &table_version, VERSION_TASK_ID },   { &table_edge, EDGE_DOWN_TASK },
        { &table_listener, LISTENER_TASK_ID }, { &table_schedule, SCHEDULE_TASK_ID },
        { &table_miss, MISS_TASK_ID },
    };
    int64_t *downstream = NULL;
    size_t n_downstream = 0;
    struct task_row row;
    enum err_code rc = task_require(engine_view(g), engine_arena(g), project_id, task_id, &row, e);

    for (size_t i = 0; i < ARRAY_LEN(of_task) && rc == E_OK; i++)
        rc = delete_where(g, of_task[i].table, of_task[i].column, task_id, e);
    if (rc == E_OK)
        rc = row_delete(engine_store(g), &table_task, &row, e);
    if (rc == E_OK)
        rc = forget_draft_edges(g, task_id, e);
    if (rc == E_OK && gentle)
        rc = release_downstream(g, task_id, &downstream, &n_downstream, e);
    if (rc == E_OK && core_task_has(engine_core(g), task_id))
        core_task_delete(engine_core(g), task_id, gentle, engine_now(g));
    return rc != E_OK ? rc : reload_downstream(g, downstream, n_downstream, e);
}

/* ---- submit -------------------------------------------------------------------------------- */

static enum err_code check_upstreams_submitted(struct engine *g, const struct task_spec *spec,
                                               struct err *e)
{
    char path[96];

    for (int i = 0; i < spec->n_upstreams; i++) {
        struct task_row up = { .id = spec->upstreams[i].task_id };
        enum err_code rc = row_get(engine_view(g), &table_task, engine_arena(g), &up, e);
        if (rc == E_OK && up.submit_version_no > 0)
            continue;
        if (rc != E_OK && rc != E_MISSING)
            return rc;
        snprintf(path, sizeof(path),
                 "TaskSchedulerConfiguration.UpstreamDependencyConfigList.%d.TaskId", i);
        if (rc == E_MISSING)
            return err_user(e, E_CONFLICT, path,
                            "upstream task %lld was deleted; take it out first",
                            "上游任务 %lld 已被删除，请先移除该依赖", (long long)up.id);
        return err_user(e, E_CONFLICT, path,
                        "upstream task %lld was never submitted; submit it first",
                        "上游任务 %lld 从未提交，请先提交", (long long)up.id);
    }
    return E_OK;
}

static enum err_code check_submit(struct engine *g, const struct task_row *task,
                                  const struct task_spec *spec, struct err *e)
{
    enum err_code rc;

    if (spec->type_id != TASK_TYPE_SHELL && spec->type_id != TASK_TYPE_PYTHON)
        return err_user(
            e, E_UNSUPPORTED, "TaskId",
            "the task has type %d (%s), which weft cannot run yet; Shell (35) and Python (30) run",
            "任务类型 %d(%s)暂不能运行，目前支持 Shell(35)与 Python(30)", spec->type_id,
            task_type_name(spec->type_id));
    rc = check_upstreams_submitted(g, spec, e);
    return rc != E_OK ? rc : task_check_cycle(g, task->id, spec, e);
}

/* From when on firings count.  A one-off whose moment is its StartTime, and that is past, runs at
 * once (2.3). */
static struct wall live_from(struct engine *g, const struct schedule *s)
{
    struct firing only;

    if (s->cycle == CYCLE_ONEOFF && schedule_next(s, (struct wall){ 0 }, &only) &&
        only.planned.s == s->start.s && only.at.us <= engine_now(g).us)
        return (struct wall){ only.at.us - 1 };
    return engine_now(g);
}

/* A first submit, and one of a stopped or expired task, starts afresh from now; otherwise
 * scheduling goes on (1.5). */
static enum err_code schedule_write(struct engine *g, struct task_row *task,
                                    const struct task_spec *spec, struct err *e)
{
    struct schedule_row row = { .task_id = task->id };
    enum err_code rc = row_get(engine_view(g), &table_schedule, engine_arena(g), &row, e);

    if (rc != E_OK && rc != E_MISSING)
        return rc;
    bool afresh = rc == E_MISSING || row.status == TASK_STOPPED || row.status == TASK_INVALID;
    if (afresh)
        row = (struct schedule_row){ .task_id = task->id,
                                     .status = TASK_SCHEDULING,
                                     .live_from = live_from(g, &spec->schedule) };
    row.version_no = task->submit_version_no;
    task->status = row.status;
    return row_put(engine_store(g), &table_schedule, &row, e);
}

static enum err_code write_submit(struct engine *g, struct task_row *task,
                                  const struct task_spec *spec, struct str remark, struct str uin,
                                  struct str doc, struct str *ret_id, struct err *e)
{
    enum err_code rc;

    task->version_no++;
    task->submit_version_no = task->version_no;
    task->submitted = true;
    task->last_submit_at = engine_now(g);
    if (!wall_is_set(task->first_submit_at))
        task->first_submit_at = engine_now(g);
    task->ops_at = engine_now(g);
    task->ops_uin = uin;
    rc = version_write(g, task->id, task->version_no, KIND_SUBMIT, remark, uin, doc, ret_id, e);
    if (rc == E_OK)
        rc = schedule_write(g, task, spec, e);
    if (rc == E_OK)
        rc = row_put(engine_store(g), &table_task, task, e);
    if (rc == E_OK)
        rc = edges_clear(g, task->id, true, e);
    return rc != E_OK ? rc : edges_write(g, task->id, task->project_id, true, spec, e);
}

enum err_code task_submit(struct engine *g, struct str project_id, int64_t task_id,
                          struct str remark, struct str uin, struct str *ret_version_id,
                          struct err *e)
{
    struct arena *a = engine_arena(g);
    struct version_row draft = { .task_id = task_id };
    struct task_row task;
    struct task_spec spec;
    struct core_task submitted;
    enum err_code rc;

    if (remark.len == 0)
        return err_user(e, E_REQUIRED, "VersionRemark", "a remark is needed", "版本备注不能为空");
    rc = name_check_text(remark, "VersionRemark", e);
    if (rc == E_OK)
        rc = task_require(engine_view(g), a, project_id, task_id, &task, e);
    if (rc == E_OK)
        draft.num = task.version_no;
    if (rc == E_OK)
        rc = row_get(engine_view(g), &table_version, a, &draft, e);
    if (rc == E_OK)
        rc = task_decode_text(draft.doc, (struct civil){ 0 }, a, &spec, e);
    if (rc == E_OK)
        rc = check_submit(g, &task, &spec, e);
    if (rc == E_OK)
        rc = write_submit(g, &task, &spec, remark, uin, draft.doc, ret_version_id, e);
    if (rc == E_OK)
        rc = task_load(engine_view(g), task_id, a, &submitted, &spec, e);
    if (rc == E_OK)
        core_task_put(engine_core(g), &submitted, engine_now(g));
    return rc;
}
