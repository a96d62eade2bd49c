/* engine/task_rows.c - a task's id, and the rows beside its own: versions, edges, listeners. */
#include "engine/task_rows.h"

#include "cal/zone.h"

enum { IDS_PROBED = 100000 };

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

enum err_code task_new_id(struct engine *g, int64_t *ret, struct err *e)
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

static enum err_code clear_edges(struct engine *g, int64_t task_id, bool in_ops, struct err *e)
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

/* What the draft listens to. */
struct listening {
    const struct listener_row *rows;
    size_t n;
};

static enum err_code draft_listeners(struct engine *g, int64_t task_id, struct listening *ret,
                                     struct err *e)
{
    struct query q;
    void *rows;

    query_init(&q, &table_listener);
    query_number(&q, LISTENER_TASK_ID, QUERY_EQ, task_id);
    query_number(&q, LISTENER_IN_OPS, QUERY_EQ, false);
    enum err_code rc = query_rows(engine_view(g), &q, engine_arena(g), &rows, &ret->n, e);
    ret->rows = rows;
    return rc;
}

static struct wall since_when(const struct listening *old, const struct listener_row *row,
                              struct wall now)
{
    for (size_t i = 0; i < old->n; i++)
        if (str_eq(old->rows[i].project_id, row->project_id) &&
            str_eq(old->rows[i].event_name, row->event_name))
            return old->rows[i].created_at;
    return now;
}

enum err_code task_edges_put(struct engine *g, int64_t task_id, struct str project_id, bool in_ops,
                             const struct task_spec *spec, struct err *e)
{
    struct listening old;
    enum err_code rc = draft_listeners(g, task_id, &old, e);

    if (rc == E_OK)
        rc = clear_edges(g, task_id, in_ops, e);
    for (int i = 0; i < spec->n_upstreams && rc == E_OK; i++) {
        struct edge_row edge = { task_id, in_ops, spec->upstreams[i].task_id };
        rc = row_insert(engine_store(g), &table_edge, &edge, NULL, e);
    }
    for (int i = 0; i < spec->n_listeners && rc == E_OK; i++) {
        const struct task_listener *l = &spec->listeners[i];
        struct listener_row row = { .task_id = task_id,
                                    .in_ops = in_ops,
                                    .project_id =
                                        l->project_id.len > 0 ? l->project_id : project_id,
                                    .event_name = l->event_name };
        row.created_at = since_when(&old, &row, engine_now(g));
        rc = row_insert(engine_store(g), &table_listener, &row, NULL, e);
    }
    return rc;
}

/* ---- versions ------------------------------------------------------------------------------ */

enum err_code task_version_write(struct engine *g, int64_t task_id, int32_t num,
                                 enum version_kind kind, struct str remark, struct str uin,
                                 struct str doc, struct str *ret_id, struct err *e)
{
    struct version_row row = { .task_id = task_id,
                               .num = num,
                               .kind = (int32_t)kind,
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
