/* engine/task_outline.c - submitted tasks without their code, each read once. */
#include "engine/task_outline.h"

#include "engine/cmd_task.h"

enum { KEPT_BYTES_MAX = 64 << 20 };

void task_outlines_init(struct task_outlines *o, struct view *v)
{
    o->view = v;
    arena_init(&o->arena_);
    pair_map_init(&o->known_);
}

void task_outlines_done(struct task_outlines *o)
{
    pair_map_done(&o->known_);
    arena_done(&o->arena_);
}

void task_outlines_trim(struct task_outlines *o)
{
    if (arena_bytes(&o->arena_) <= KEPT_BYTES_MAX)
        return;
    pair_map_clear(&o->known_);
    arena_reset(&o->arena_);
}

static struct pair_key key_of(int64_t task_id)
{
    return (struct pair_key){ (uint64_t)task_id, 0 };
}

enum err_code task_outline_get(struct task_outlines *o, int64_t task_id, struct task_outline **ret,
                               struct err *e)
{
    struct task_outline *t = pair_map_get(&o->known_, key_of(task_id));
    struct core_task task;
    enum err_code rc;

    *ret = t;
    if (t)
        return E_OK;
    t = ARENA_NEW(&o->arena_, struct task_outline);
    rc = task_read(o->view, task_id, &o->arena_, &task, &t->spec, e);
    if (rc != E_OK)
        return rc == E_MISSING ? E_OK : rc;
    pair_map_put(&o->known_, key_of(task_id), t);
    *ret = t;
    return E_OK;
}

enum err_code task_outline_down(struct task_outlines *o, int64_t task_id, struct task_outline **ret,
                                struct err *e)
{
    struct query q;
    void *rows;
    size_t n;
    enum err_code rc = task_outline_get(o, task_id, ret, e);

    if (rc != E_OK || !*ret || (*ret)->has_downstream)
        return rc;
    query_init(&q, &table_edge);
    query_number(&q, EDGE_UP_TASK, QUERY_EQ, task_id);
    query_number(&q, EDGE_IN_OPS, QUERY_EQ, 1);
    rc = query_rows(o->view, &q, &o->arena_, &rows, &n, e);
    if (rc != E_OK)
        return rc;
    (*ret)->downstream = ARENA_ARRAY(&o->arena_, int64_t, n + 1);
    for (size_t i = 0; i < n; i++)
        (*ret)->downstream[i] = ((const struct edge_row *)rows)[i].down_task;
    (*ret)->n_downstream = n;
    (*ret)->has_downstream = true;
    return E_OK;
}
