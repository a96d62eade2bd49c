/* engine/draft_loop.c - drafts that depend on each other in a circle. */
#include "engine/draft_loop.h"

#include "base/map.h"

enum { SHOWN_MAX = 12 };

/* One draft that was reached, and from where. */
struct reached {
    int64_t id;
    size_t from;
};

struct walk {
    struct engine *g;
    const struct task_row *task;
    struct reached *all;
    size_t n;
    struct pair_map seen;
};

static void reach(struct walk *w, int64_t id, size_t from)
{
    struct pair_key key = { (uint64_t)id, 0 };

    if (w->n < DRAFT_LOOP_LOOKED_MAX && !pair_map_put(&w->seen, key, w))
        w->all[w->n++] = (struct reached){ id, from };
}

/* Submitted upstreams keep nobody from being submitted, and what is in other projects is not told.
 */
static enum err_code is_in_the_way(struct walk *w, int64_t id, bool *ret, struct err *e)
{
    struct task_row row = { .id = id };
    enum err_code rc = row_get(engine_view(w->g), &table_task, engine_arena(w->g), &row, e);

    *ret = rc == E_OK && row.submit_version_no == 0 && str_eq(row.project_id, w->task->project_id);
    return rc == E_MISSING ? E_OK : rc;
}

/* *ret_closed: the draft at `at` depends on the task. */
static enum err_code follow(struct walk *w, size_t at, bool *ret_closed, struct err *e)
{
    struct query q;
    void *rows;
    size_t n;
    bool waits;

    *ret_closed = false;
    query_init(&q, &table_edge);
    query_number(&q, EDGE_DOWN_TASK, QUERY_EQ, w->all[at].id);
    query_number(&q, EDGE_IN_OPS, QUERY_EQ, 0);
    enum err_code rc = query_rows(engine_view(w->g), &q, engine_arena(w->g), &rows, &n, e);
    for (size_t i = 0; i < n && rc == E_OK && !*ret_closed; i++) {
        int64_t up = ((const struct edge_row *)rows)[i].up_task;
        *ret_closed = up == w->task->id;
        rc = is_in_the_way(w, up, &waits, e);
        if (rc == E_OK && waits && !*ret_closed)
            reach(w, up, at);
    }
    return rc;
}

/* From the task to the draft at `last`, and the task again. */
static struct str show(struct walk *w, size_t last)
{
    int64_t ids[SHOWN_MAX];
    struct str text;
    size_t n = 0, at = last;
    struct buf b;

    for (; n < SHOWN_MAX; at = w->all[at].from) {
        ids[n++] = w->all[at].id;
        if (at == 0)
            break;
    }
    buf_init(&b, 1024);
    buf_printf(&b, "%lld, %s", (long long)w->task->id, at == 0 ? "" : "..., ");
    while (n > 0)
        buf_printf(&b, "%lld, ", (long long)ids[--n]);
    buf_printf(&b, "%lld", (long long)w->task->id);
    text = arena_str(engine_arena(w->g), buf_str(&b));
    buf_done(&b);
    return text;
}

enum err_code draft_loop_find(struct engine *g, const struct task_row *task, int64_t upstream,
                              struct str *ret, struct err *e)
{
    struct walk w = { .g = g,
                      .task = task,
                      .all = ARENA_ARRAY(engine_arena(g), struct reached, DRAFT_LOOP_LOOKED_MAX) };
    bool closed = false, waits = false;
    enum err_code rc = is_in_the_way(&w, upstream, &waits, e);

    *ret = (struct str){ NULL, 0 };
    pair_map_init(&w.seen);
    if (rc == E_OK && waits)
        reach(&w, upstream, 0);
    for (size_t at = 0; at < w.n && rc == E_OK && !closed; at++) {
        rc = follow(&w, at, &closed, e);
        if (rc == E_OK && closed)
            *ret = show(&w, at);
    }
    pair_map_done(&w.seen);
    return rc;
}
