/* engine/workflow_peers.c - the tasks of a workflow whose instances wait for the previous cycle of
 * all of them. */
#include "engine/workflow_peers.h"

#include "engine/cmd_task.h"
#include "model/workflow_schedule.h"

static enum err_code find_waits(struct view *v, struct str workflow_id, struct arena *a, bool *ret,
                                struct err *e)
{
    struct workflow_row row = { .id = workflow_id };
    enum err_code rc = row_get(v, &table_workflow, a, &row, e);
    enum cycle cycle;

    *ret = rc == E_OK && workflow_schedule_waits(row.doc, &cycle);
    return rc == E_MISSING ? E_OK : rc;
}

static enum err_code find_submitted(struct view *v, struct str workflow_id, struct arena *a,
                                    const int64_t **ret, int *ret_n, struct err *e)
{
    struct query q;
    void *rows;
    int64_t *ids;
    size_t n;

    query_init(&q, &table_task);
    query_text(&q, TASK_WORKFLOW_ID, QUERY_EQ, workflow_id);
    query_number(&q, TASK_SUBMIT_VERSION_NO, QUERY_GE, 1);
    query_order(&q, TASK_ID, false);
    q.limit = WORKFLOW_PEERS_MAX;
    enum err_code rc = query_rows(v, &q, a, &rows, &n, e);
    if (rc != E_OK)
        return rc;
    ids = ARENA_ARRAY(a, int64_t, n + 1);
    for (size_t i = 0; i < n; i++)
        ids[i] = ((const struct task_row *)rows)[i].id;
    *ret = ids;
    *ret_n = (int)n;
    return E_OK;
}

enum err_code workflow_peers(struct view *v, struct str workflow_id, struct arena *a,
                             const int64_t **ret, int *ret_n, struct err *e)
{
    bool waits;
    enum err_code rc = find_waits(v, workflow_id, a, &waits, e);

    *ret = NULL;
    *ret_n = 0;
    return rc == E_OK && waits ? find_submitted(v, workflow_id, a, ret, ret_n, e) : rc;
}

enum err_code workflow_peers_room(struct view *v, const struct task_row *task, struct arena *a,
                                  struct err *e)
{
    const int64_t *ids;
    int n;
    enum err_code rc = workflow_peers(v, task->workflow_id, a, &ids, &n, e);

    if (rc == E_OK && task->submit_version_no == 0 && n >= WORKFLOW_PEERS_MAX)
        return err_user(e, E_LIMIT, "TaskId",
                        "a workflow with DependencyWorkflow yes has at most %d submitted tasks",
                        "设置了工作流自依赖的工作流最多有 %d 个已提交的任务", WORKFLOW_PEERS_MAX);
    return rc;
}

enum err_code workflow_peers_tell(struct engine *g, struct str workflow_id, int64_t except,
                                  struct err *e)
{
    const int64_t *ids;
    int n;
    enum err_code rc = workflow_peers(engine_view(g), workflow_id, engine_arena(g), &ids, &n, e);

    for (int i = 0; i < n && rc == E_OK; i++)
        if (ids[i] != except)
            rc = task_tell(g, ids[i], e);
    return rc;
}
