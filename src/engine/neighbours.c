/* engine/neighbours.c - the direct neighbours of an instance in the submitted graph.
 *
 * Upstream: the candidates of every dependency that exist as instances.  Downstream: the existing
 * instances of the downstream tasks whose selection contains this one; the inverse of a rule gives
 * the range to look in.
 */
#include "engine/neighbours.h"

struct neighbours {
    struct view *view;
    struct task_outlines *tasks;
    struct arena *arena; /* for one look */
    struct err *e;
    int64_t task_id; /* whose instances are looked for */
    struct instance_keys *keys;
    enum err_code rc;
};

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

    all->rc =
        row_get_columns(all->view, &table_instance, COL(INSTANCE_STATE), all->arena, &row, all->e);
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
    struct task_outline *down, *up;
    enum err_code rc = task_outline_get(all->tasks, i.task_id, &down, all->e);

    if (rc != E_OK || !down)
        return rc; /* the task was deleted, and its dependencies with it; its instances stay (1.6)
                    */
    for (int at = 0; rc == E_OK && at < down->spec.n_upstreams; at++) {
        const struct task_upstream *upstream = &down->spec.upstreams[at];
        enum cycle cycle = down->spec.schedule.cycle;
        struct dep_rule rule;
        all->task_id = upstream->task_id;
        rc = task_outline_get(all->tasks, all->task_id, &up, all->e);
        if (rc != E_OK || !up) /* deleted since */
            continue;
        task_upstream_rule(upstream, cycle, up->spec.schedule.cycle, &rule);
        rc = dep_select(&rule, cycle, &up->spec.schedule, i.data_time, add_candidate,
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
    struct task_outline *task;
    struct query q;
    enum err_code rc = task_outline_get(all->tasks, down_id, &task, all->e);

    if (rc != E_OK || !task)
        return rc;
    const struct task_spec *down = &task->spec;
    for (int at = 0; rc == E_OK && at < down->n_upstreams; at++) {
        struct dep_rule rule;
        struct civil from, to;
        if (down->upstreams[at].task_id != i.task_id)
            continue;
        task_upstream_rule(&down->upstreams[at], down->schedule.cycle, up->schedule.cycle, &rule);
        if (dep_inverse_range(&rule, down->schedule.cycle, &up->schedule, i.data_time, &from,
                              &to) != E_OK)
            continue;
        struct down_scan scan = { all, &rule, down, up, i.data_time };
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
    struct task_outline *up;
    enum err_code rc = task_outline_down(all->tasks, i.task_id, &up, all->e);

    if (rc != E_OK || !up)
        return rc;
    all->task_id = i.task_id;
    for (size_t at = 0; rc == E_OK && at < up->n_downstream; at++)
        rc = scan_task(all, i, &up->spec, up->downstream[at]);
    return rc;
}

typedef enum err_code neighbours_find(struct neighbours *all, struct instance_key i);

static enum err_code find(struct task_outlines *tasks, struct instance_key key,
                          neighbours_find *which, struct instance_keys *ret, struct err *e)
{
    struct arena one;
    struct neighbours all = {
        .view = tasks->view, .tasks = tasks, .arena = &one, .e = e, .keys = ret
    };

    task_outlines_trim(tasks);
    arena_init(&one);
    enum err_code rc = which(&all, key);
    arena_done(&one);
    return rc;
}

enum err_code neighbours_upstream(struct task_outlines *tasks, struct instance_key key,
                                  struct instance_keys *ret, struct err *e)
{
    return find(tasks, key, find_upstream, ret, e);
}

enum err_code neighbours_downstream(struct task_outlines *tasks, struct instance_key key,
                                    struct instance_keys *ret, struct err *e)
{
    return find(tasks, key, find_downstream, ret, e);
}
