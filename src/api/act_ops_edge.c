/* api/act_ops_edge.c - ListUpstreamOpsTasks, ListDownstreamOpsTasks: the submitted graph
 * (docs/reference/semantics.md 1.6, 3.1). */
#include "api/ops_view.h"
#include "api/scan.h"

#include "api/access.h"

#include "cal/zone.h"

struct neighbours {
    struct call *c;
    int other; /* the column of the neighbour */
    struct scan scan;
    enum err_code rc;
};

/* A task that was deleted may have left its edge behind (1.6); it is in no list any more.  One of a
 * project that the account does not see is in none either. */
static bool take_neighbour(void *ctx, const void *row)
{
    struct neighbours *l = ctx;
    const struct edge_row *edge = row;
    struct task_row task = { .id = l->other == EDGE_UP_TASK ? edge->up_task : edge->down_task };
    bool sees = false;
    enum err_code rc = row_get(l->c->view, &table_task, &l->c->arena, &task, &l->c->err);

    if (rc == E_OK)
        rc = access_sees(l->c, l->c->view, task.project_id, &sees);
    if (rc == E_OK && sees)
        scan_take(&l->scan, &task);
    l->rc = rc == E_MISSING ? E_OK : rc;
    return l->rc == E_OK;
}

static struct str clock_text(struct call *c, int minute)
{
    return arena_printf(&c->arena, "%02d:%02d", minute / 60, minute % 60);
}

static enum err_code write_item(struct call *c, struct arena *one, const struct task_row *task)
{
    struct task_spec spec;
    struct jw *w = &c->out;
    enum err_code rc = ops_view_spec(c, task, one, &spec);

    if (rc != E_OK)
        return rc;
    jw_object(w);
    rc = ops_view_members(c, task, &spec, zone_default());
    jw_kstr(w, "ExecutionStartTime", clock_text(c, spec.schedule.window_from));
    jw_kstr(w, "ExecutionEndTime", clock_text(c, spec.schedule.window_to));
    jw_object_end(w);
    return rc;
}

/* The submitted edges in which the task stands in column `own`. */
static enum err_code edges_answer(struct call *c, int own, int other)
{
    struct neighbours l = { .c = c, .other = other };
    struct version_row version;
    struct arena one; /* of one task, whose document may be long */
    struct task_row task;
    struct page page;
    struct query q;
    enum err_code rc = ops_view_find(c, &task, &version);

    if (rc == E_OK)
        rc = page_params(c, 10, 200, &page);
    if (rc != E_OK)
        return rc;
    query_init(&q, &table_edge);
    query_number(&q, own, QUERY_EQ, task.id);
    query_number(&q, EDGE_IN_OPS, QUERY_EQ, 1);
    query_order(&q, other, false);
    scan_init(&l.scan, &table_task, sizeof(struct task_row), &page, &c->arena);
    rc = query_run(c->view, &q, take_neighbour, &l, &c->err);
    if (rc == E_OK)
        rc = l.rc;
    if (rc != E_OK)
        return rc;
    page_open(c, &page, l.scan.total);
    arena_init(&one);
    for (int64_t i = 0; i < l.scan.n && rc == E_OK; i++) {
        arena_reset(&one);
        rc = write_item(c, &one, (const struct task_row *)(const void *)l.scan.rows + i);
    }
    arena_done(&one);
    page_close(c);
    return rc;
}

static enum err_code upstream_answer(struct call *c)
{
    return edges_answer(c, EDGE_DOWN_TASK, EDGE_UP_TASK);
}

static enum err_code downstream_answer(struct call *c)
{
    return edges_answer(c, EDGE_UP_TASK, EDGE_DOWN_TASK);
}

static const struct action actions[] = {
    { API_2025, "ListDownstreamOpsTasks", NULL, NULL, downstream_answer, ACCESS_READ, "TaskId" },
    { API_2025, "ListUpstreamOpsTasks", NULL, NULL, upstream_answer, ACCESS_READ, "TaskId" },
};
const struct action_family family_ops_edge = { actions, ARRAY_LEN(actions) };
