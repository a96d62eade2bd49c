/* engine/cmd_task.c - makes, changes and deletes tasks. */
#include "engine/cmd_task.h"

#include "engine/alarm.h"

#include "engine/planning.h"
#include "engine/task_check.h"
#include "engine/task_rows.h"
#include "engine/workflow_peers.h"
#include "model/task_doc.h"

/* ---- create and change --------------------------------------------------------------------- */

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

static struct str doc_of(struct engine *g, const struct task_write *w, bool manual)
{
    return manual ? task_doc_manual(w->doc, engine_arena(g)) : w->doc;
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
    bool manual;
    enum err_code rc = task_check(g, w, &manual, e);

    if (rc == E_OK && row.id == 0)
        rc = task_new_id(g, &row.id, e);
    if (rc != E_OK)
        return rc;
    row_from_spec(w, &row);
    rc = row_insert(engine_store(g), &table_task, &row, &index, e);
    if (rc == E_EXISTS)
        return index >= 0 ? name_taken(w->spec, e)
                          : err_user(e, E_EXISTS, "TaskId", "the id %lld is taken",
                                     "ID %lld 已被占用", (long long)row.id);
    if (rc == E_OK)
        rc = task_version_write(g, row.id, 1, SAVED_VERSION, STR(""), w->uin, doc_of(g, w, manual),
                                NULL, e);
    if (rc == E_OK)
        rc = task_edges_put(g, row.id, w->project_id, false, w->spec, e);
    if (rc == E_OK)
        *ret_id = row.id;
    return rc;
}

enum err_code task_change(struct engine *g, const struct task_write *w, struct err *e)
{
    struct task_row row;
    bool manual = false;
    enum err_code rc = task_require(engine_view(g), engine_arena(g), w->project_id, w->id, &row, e);

    if (rc == E_OK)
        rc = task_check(g, w, &manual, e);
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
        rc = task_version_write(g, row.id, row.version_no, SAVED_VERSION, STR(""), w->uin,
                                doc_of(g, w, manual), NULL, e);
    return rc != E_OK ? rc : task_edges_put(g, row.id, w->project_id, false, w->spec, e);
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

    for (size_t i = 0; i < n && rc == E_OK; i++)
        rc = task_tell(g, ids[i], e);
    return rc;
}

enum err_code task_delete(struct engine *g, const struct task_deletion *w, struct err *e)
{
    static const struct {
        const struct table *table;
        int column;
    } of_task[] = {
        { &table_version, VERSION_TASK_ID },   { &table_edge, EDGE_DOWN_TASK },
        { &table_listener, LISTENER_TASK_ID }, { &table_schedule, SCHEDULE_TASK_ID },
        { &table_miss, MISS_TASK_ID },         { &table_packed, PACKED_TASK_ID },
    };
    int64_t *downstream = NULL, id = w->task_id;
    size_t n_downstream = 0;
    struct task_row row;
    enum err_code rc = task_require(engine_view(g), engine_arena(g), w->project_id, id, &row, e);

    if (rc == E_OK && w->inform)
        rc = alarms_inform_downstream(g, &row, w->gentle, w->uin, e);
    if (rc == E_OK)
        rc = planning_finish_task(g, id, e);
    for (size_t i = 0; i < ARRAY_LEN(of_task) && rc == E_OK; i++)
        rc = delete_where(g, of_task[i].table, of_task[i].column, id, e);
    if (rc == E_OK)
        rc = row_delete(engine_store(g), &table_task, &row, e);
    if (rc == E_OK)
        rc = forget_draft_edges(g, id, e);
    if (rc == E_OK && w->gentle)
        rc = release_downstream(g, id, &downstream, &n_downstream, e);
    if (rc == E_OK)
        alarms_task_gone(g, id);
    if (rc == E_OK && core_task_has(engine_core(g), id))
        core_task_delete(engine_core(g), id, w->gentle, engine_now(g));
    if (rc == E_OK)
        rc = reload_downstream(g, downstream, n_downstream, e);
    return rc == E_OK && row.submit_version_no > 0 ? workflow_peers_tell(g, row.workflow_id, id, e)
                                                   : rc;
}
