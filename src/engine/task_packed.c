/* engine/task_packed.c - submitted tasks as the core takes them, without their documents. */
#include "engine/task_packed.h"

#include "engine/cmd_task.h"
#include "engine/engine_int.h"
#include "engine/workflow_peers.h"
#include "model/task_pack.h"

enum err_code task_packed_write(struct engine *g, int64_t task_id, struct str project_id,
                                int32_t version_no, const struct task_spec *spec, struct err *e)
{
    struct packed_row row = { .task_id = task_id,
                              .version_no = version_no,
                              .project_id = project_id };
    struct buf packed;
    enum err_code rc;

    buf_init(&packed, TASK_PACKED_MAX);
    task_pack(spec, &packed);
    row.packed = buf_str(&packed);
    rc = packed.overflow ? err_set(e, E_LIMIT, "the definition is too large to be packed")
                         : row_put(engine_store(g), &table_packed, &row, e);
    buf_done(&packed);
    return rc;
}

enum err_code task_packed_renumber(struct engine *g, int64_t task_id, int32_t version_no,
                                   struct err *e)
{
    struct packed_row row = { .task_id = task_id, .version_no = version_no };
    enum err_code rc = row_update(engine_store(g), &table_packed, &row, COL(PACKED_VERSION_NO), e);

    return rc == E_MISSING ? E_OK : rc; /* the next start makes it */
}

/* ---- loading ------------------------------------------------------------------------------- */

struct peers {
    const int64_t *ids;
    int n;
};

/* What many tasks share is looked up once. */
struct loading {
    struct engine *g;
    struct wall now;
    struct arena one;      /* of one task, its memory used again for the next */
    struct arena shared;   /* of all */
    struct pair_map edges; /* (down, up) of what is submitted */
    struct map disabled;   /* projects */
    struct map workflows;  /* struct peers, of a workflow */
    struct map calendars;  /* struct calendar */
    enum err_code rc;
    struct err *e;
};

static bool take_edge(void *ctx, const void *row)
{
    struct loading *l = ctx;
    const struct edge_row *edge = row;

    pair_map_put(&l->edges, (struct pair_key){ (uint64_t)edge->down_task, (uint64_t)edge->up_task },
                 l);
    return true;
}

static bool take_project(void *ctx, const void *row)
{
    struct loading *l = ctx;
    const struct project_row *project = row;

    map_put(&l->disabled, project->id, l);
    return true;
}

static enum err_code find_peers(struct loading *l, struct str workflow_id, struct core_task *ret)
{
    struct peers *p = map_get(&l->workflows, workflow_id);

    if (!p) {
        p = ARENA_NEW(&l->shared, struct peers);
        enum err_code rc =
            workflow_peers(engine_view(l->g), workflow_id, &l->shared, &p->ids, &p->n, l->e);
        if (rc != E_OK)
            return rc;
        map_put(&l->workflows, workflow_id, p);
    }
    ret->peers = p->ids;
    ret->n_peers = p->n;
    return E_OK;
}

static enum err_code find_calendar(struct loading *l, struct str id, const struct calendar **ret)
{
    void *known = map_get(&l->calendars, id);
    enum err_code rc = E_OK;

    if (!known) {
        rc = task_load_calendar(engine_view(l->g), id, &l->shared, ret, l->e);
        if (rc == E_OK)
            map_put(&l->calendars, id, (void *)(uintptr_t)*ret);
        return rc;
    }
    *ret = known;
    return rc;
}

/* E_MISSING: there is no packed form, or none that is good. */
static enum err_code read_packed(struct loading *l, const struct schedule_row *schedule,
                                 struct packed_row *row, struct task_spec *ret)
{
    enum err_code rc;

    *row = (struct packed_row){ .task_id = schedule->task_id };
    rc = row_get(engine_view(l->g), &table_packed, &l->one, row, l->e);
    if (rc != E_OK)
        return rc;
    if (row->version_no != schedule->version_no ||
        task_unpack(row->packed, &l->one, ret, NULL) != E_OK)
        return E_MISSING;
    return E_OK;
}

/* From the document; and kept packed from now on. */
static enum err_code read_document(struct loading *l, const struct schedule_row *schedule,
                                   struct packed_row *row, struct task_spec *ret)
{
    struct task_row task = { .id = schedule->task_id };
    struct version_row version = { .task_id = schedule->task_id, .num = schedule->version_no };
    struct view *v = engine_view(l->g);
    enum err_code rc = row_get(v, &table_task, &l->one, &task, l->e);

    if (rc == E_OK)
        rc = row_get(v, &table_version, &l->one, &version, l->e);
    if (rc == E_OK)
        rc = task_decode_text(version.doc, (struct civil){ 0 }, &l->one, ret, l->e);
    if (rc != E_OK)
        return rc;
    row->project_id = task.project_id;
    return task_packed_write(l->g, schedule->task_id, task.project_id, schedule->version_no, ret,
                             l->e);
}

/* An upstream that was deleted gently is no condition any more: its edge is gone (1.6). */
static void drop_edges(struct loading *l, int64_t task_id, struct task_spec *spec)
{
    bool *keep = ARENA_ARRAY(&l->one, bool, (size_t)spec->n_upstreams + 1);

    for (int i = 0; i < spec->n_upstreams; i++)
        keep[i] = pair_map_get(&l->edges,
                               (struct pair_key){ (uint64_t)task_id,
                                                  (uint64_t)spec->upstreams[i].task_id }) != NULL;
    task_keep_upstreams(spec, keep);
}

static enum err_code load_one(struct loading *l, const struct schedule_row *schedule)
{
    struct core_task task;
    struct task_spec spec;
    struct packed_row row;
    enum err_code rc = read_packed(l, schedule, &row, &spec);

    if (rc == E_MISSING)
        rc = read_document(l, schedule, &row, &spec);
    if (rc != E_OK)
        return rc;
    task_as_core(schedule, &spec, row.project_id, map_get(&l->disabled, row.project_id) == NULL,
                 &task);
    drop_edges(l, schedule->task_id, &spec);
    if (spec.calendar_id.len > 0)
        rc = find_calendar(l, spec.calendar_id, &spec.schedule.calendar);
    if (rc == E_OK)
        rc = find_peers(l, spec.workflow_id, &task);
    if (rc == E_OK)
        core_task_put(l->g->core, &task, l->now);
    return rc;
}

static bool take_task(void *ctx, const void *row)
{
    struct loading *l = ctx;

    arena_reset(&l->one);
    l->rc = load_one(l, row);
    return l->rc == E_OK;
}

static enum err_code take_all(struct loading *l)
{
    struct query q;
    enum err_code rc;

    query_init(&q, &table_edge);
    query_number(&q, EDGE_IN_OPS, QUERY_EQ, 1);
    rc = query_run(engine_view(l->g), &q, take_edge, l, l->e);
    if (rc != E_OK)
        return rc;
    query_init(&q, &table_project);
    query_number(&q, PROJECT_STATUS, QUERY_EQ, 0);
    rc = query_run(engine_view(l->g), &q, take_project, l, l->e);
    if (rc != E_OK)
        return rc;
    query_init(&q, &table_schedule);
    rc = query_run(engine_view(l->g), &q, take_task, l, l->e);
    return rc != E_OK ? rc : l->rc;
}

enum err_code task_packed_load(struct engine *g, struct wall now, struct err *e)
{
    struct loading l = { .g = g, .now = now, .e = e };
    enum err_code rc;

    arena_init(&l.one);
    arena_init(&l.shared);
    pair_map_init(&l.edges);
    map_init(&l.disabled);
    map_init(&l.workflows);
    map_init(&l.calendars);
    rc = take_all(&l);
    map_done(&l.calendars);
    map_done(&l.workflows);
    map_done(&l.disabled);
    pair_map_done(&l.edges);
    arena_done(&l.shared);
    arena_done(&l.one);
    return rc;
}
