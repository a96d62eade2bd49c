/* engine/neighbours.c - the direct neighbours of an instance in the submitted graph.
 *
 * Upstream: the candidates of every dependency that exist as instances.  Downstream: the existing
 * instances of the downstream tasks whose selection contains this one; the inverse of a rule gives
 * the range to look in.
 */
#include "engine/neighbours.h"

#include "engine/cmd_task.h"

struct neighbours {
    struct view *view;
    struct arena *arena;
    struct err *e;
    int64_t task_id; /* whose instances are looked for */
    struct instance_keys *keys;
    enum err_code rc;
};

static enum err_code load_task(struct neighbours *all, int64_t task_id, struct task_spec *ret)
{
    struct core_task task;

    return task_read(all->view, task_id, all->arena, &task, ret, all->e);
}

static void keep(struct neighbours *all, struct instance_key key)
{
    struct instance_keys *k = all->keys;

    k->items = mem_grow(k->items, &k->cap, k->n + 1, sizeof(*k->items));
    k->items[k->n++] = key;
}

static bool add_candidate(void *ctx, struct dep_candidate candidate)
{
    struct neighbours *all = ctx;
    struct instance_row row = { .task_id = all->task_id, .data_time = candidate.data_time };

    all->rc = row_get(all->view, &table_instance, all->arena, &row, all->e);
    if (all->rc == E_OK)
        keep(all, (struct instance_key){ row.task_id, row.data_time });
    if (all->rc == E_MISSING)
        all->rc = E_OK;
    return all->rc == E_OK;
}

struct newest {
    struct civil data_time;
    bool found;
};

static bool take_newest(void *ctx, const void *row)
{
    struct newest *s = ctx;

    s->data_time = ((const struct instance_row *)row)->data_time;
    s->found = true;
    return false;
}

/* Of the task whose selected instances are looked for. */
static bool newest_before(struct neighbours *all, struct civil before, struct civil *ret)
{
    struct newest s = { .found = false };
    struct query q;

    query_newest_instance(&q, all->task_id, before);
    all->rc = query_run(all->view, &q, take_newest, &s, all->e);
    if (all->rc != E_OK || !s.found)
        return false;
    *ret = s.data_time;
    return true;
}

static bool newest_upstream(void *ctx, struct civil before, struct civil *ret)
{
    return newest_before(ctx, before, ret);
}

static enum err_code find_upstream(struct neighbours *all, struct instance_key i)
{
    struct task_spec down, up;
    enum err_code rc = load_task(all, i.task_id, &down);

    if (rc == E_MISSING)
        return E_OK; /* the task was deleted, and its dependencies with it; its instances stay (1.6)
                      */
    for (int at = 0; rc == E_OK && at < down.n_upstreams; at++) {
        struct dep_rule rule;
        all->task_id = down.upstreams[at].task_id;
        rc = load_task(all, all->task_id, &up);
        if (rc == E_MISSING) {
            rc = E_OK; /* deleted since */
            continue;
        }
        if (rc != E_OK)
            break;
        task_upstream_rule(&down.upstreams[at], down.schedule.cycle, up.schedule.cycle, &rule);
        rc = dep_select(&rule, down.schedule.cycle, &up.schedule, i.data_time, add_candidate,
                        newest_upstream, all, all->e);
        if (rc == E_OK)
            rc = all->rc;
    }
    return rc;
}

struct contains {
    struct neighbours *all; /* its task_id is the upstream's */
    struct civil wanted;
    bool found;
};

static bool look_for(void *ctx, struct dep_candidate candidate)
{
    struct contains *s = ctx;

    s->found = candidate.data_time.s == s->wanted.s;
    return !s->found && candidate.data_time.s < s->wanted.s;
}

static bool newest_selected(void *ctx, struct civil before, struct civil *ret)
{
    return newest_before(((struct contains *)ctx)->all, before, ret);
}

struct down_scan {
    struct neighbours *all;
    const struct dep_rule *rule;
    const struct task_spec *down, *up;
    struct civil wanted;
};

static bool scan_instance(void *ctx, const void *row)
{
    struct down_scan *s = ctx;
    const struct instance_row *i = row;
    struct contains contains = { s->all, s->wanted, false };
    enum err_code rc = dep_select(s->rule, s->down->schedule.cycle, &s->up->schedule, i->data_time,
                                  look_for, newest_selected, &contains, s->all->e);

    if (s->all->rc == E_OK)
        s->all->rc = rc;
    if (contains.found)
        keep(s->all, (struct instance_key){ i->task_id, i->data_time });
    return s->all->rc == E_OK;
}

static enum err_code scan_task(struct neighbours *all, struct instance_key i,
                               const struct task_spec *up, int64_t down_id)
{
    struct task_spec down;
    struct query q;
    enum err_code rc = load_task(all, down_id, &down);

    if (rc != E_OK)
        return rc == E_MISSING ? E_OK : rc;
    for (int at = 0; rc == E_OK && at < down.n_upstreams; at++) {
        struct dep_rule rule;
        struct civil from, to;
        if (down.upstreams[at].task_id != i.task_id)
            continue;
        task_upstream_rule(&down.upstreams[at], down.schedule.cycle, up->schedule.cycle, &rule);
        if (dep_inverse_range(&rule, down.schedule.cycle, &up->schedule, i.data_time, &from, &to) !=
            E_OK)
            continue;
        struct down_scan scan = { all, &rule, &down, up, i.data_time };
        query_init(&q, &table_instance);
        query_number(&q, INSTANCE_TASK_ID, QUERY_EQ, down_id);
        query_number(&q, INSTANCE_DATA_TIME, QUERY_GE, from.s);
        query_number(&q, INSTANCE_DATA_TIME, QUERY_LE, to.s);
        rc = query_run(all->view, &q, scan_instance, &scan, all->e);
        if (rc == E_OK)
            rc = all->rc;
    }
    return rc;
}

static enum err_code find_downstream(struct neighbours *all, struct instance_key i)
{
    struct task_spec up;
    struct query q;
    void *rows;
    size_t n;
    enum err_code rc = load_task(all, i.task_id, &up);

    if (rc == E_MISSING)
        return E_OK;
    all->task_id = i.task_id;
    query_init(&q, &table_edge);
    query_number(&q, EDGE_UP_TASK, QUERY_EQ, i.task_id);
    query_number(&q, EDGE_IN_OPS, QUERY_EQ, 1);
    if (rc == E_OK)
        rc = query_rows(all->view, &q, all->arena, &rows, &n, all->e);
    for (size_t at = 0; rc == E_OK && at < n; at++)
        rc = scan_task(all, i, &up, ((const struct edge_row *)rows)[at].down_task);
    return rc;
}

enum err_code neighbours_upstream(struct view *v, struct arena *a, struct instance_key key,
                                  struct instance_keys *ret, struct err *e)
{
    struct neighbours all = { .view = v, .arena = a, .e = e, .keys = ret };

    return find_upstream(&all, key);
}

enum err_code neighbours_downstream(struct view *v, struct arena *a, struct instance_key key,
                                    struct instance_keys *ret, struct err *e)
{
    struct neighbours all = { .view = v, .arena = a, .e = e, .keys = ret };

    return find_downstream(&all, key);
}
