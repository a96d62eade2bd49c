/* api/act_neighbours.c - ListUpstreamTaskInstances, ListDownstreamTaskInstances: the direct
 * neighbours of an instance in the submitted graph (docs/reference/semantics.md 3.4, 5.10).
 *
 * Upstream: the candidates of every dependency that exist as instances.  Downstream: the existing
 * instances of the downstream tasks whose selection contains this one; the inverse of a rule gives
 * the range to look in.
 */
#include "api/instance_view.h"
#include "api/page.h"

#include <stdlib.h>

#include "cal/zone.h"
#include "core/core.h"
#include "engine/cmd_task.h"

struct neighbours {
    struct call *c;
    int64_t task_id; /* whose instances are looked for */
    struct instance_key *keys;
    size_t n, cap;
    enum err_code rc;
};

static enum err_code load_task(struct call *c, int64_t task_id, struct task_spec *ret)
{
    struct core_task task;

    return task_load(c->view, task_id, &c->arena, &task, ret, &c->err);
}

static void keep(struct neighbours *all, struct instance_key key)
{
    all->keys = mem_grow(all->keys, &all->cap, all->n + 1, sizeof(*all->keys));
    all->keys[all->n++] = key;
}

static bool add_candidate(void *ctx, struct dep_candidate candidate)
{
    struct neighbours *all = ctx;
    struct instance_row row = { .task_id = all->task_id, .data_time = candidate.data_time };

    all->rc = row_get(all->c->view, &table_instance, &all->c->arena, &row, &all->c->err);
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
    all->rc = query_run(all->c->view, &q, take_newest, &s, &all->c->err);
    if (all->rc != E_OK || !s.found)
        return false;
    *ret = s.data_time;
    return true;
}

static bool newest_upstream(void *ctx, struct civil before, struct civil *ret)
{
    return newest_before(ctx, before, ret);
}

static enum err_code find_upstream(struct neighbours *all, const struct instance_row *i)
{
    struct call *c = all->c;
    struct task_spec down, up;
    enum err_code rc = load_task(c, i->task_id, &down);

    if (rc == E_MISSING)
        return E_OK; /* the task was deleted, and its dependencies with it; its instances stay (1.6)
                      */
    for (int at = 0; rc == E_OK && at < down.n_upstreams; at++) {
        struct dep_rule rule;
        all->task_id = down.upstreams[at].task_id;
        rc = load_task(c, all->task_id, &up);
        if (rc == E_MISSING) {
            rc = E_OK; /* deleted since */
            continue;
        }
        if (rc != E_OK)
            break;
        task_upstream_rule(&down.upstreams[at], down.schedule.cycle, up.schedule.cycle, &rule);
        rc = dep_select(&rule, down.schedule.cycle, &up.schedule, i->data_time, add_candidate,
                        newest_upstream, all, &c->err);
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
                                  look_for, newest_selected, &contains, &s->all->c->err);

    if (s->all->rc == E_OK)
        s->all->rc = rc;
    if (contains.found)
        keep(s->all, (struct instance_key){ i->task_id, i->data_time });
    return s->all->rc == E_OK;
}

static enum err_code scan_task(struct neighbours *all, const struct instance_row *i,
                               const struct task_spec *up, int64_t down_id)
{
    struct task_spec down;
    struct query q;
    enum err_code rc = load_task(all->c, down_id, &down);

    if (rc != E_OK)
        return rc == E_MISSING ? E_OK : rc;
    for (int at = 0; rc == E_OK && at < down.n_upstreams; at++) {
        struct dep_rule rule;
        struct civil from, to;
        if (down.upstreams[at].task_id != i->task_id)
            continue;
        task_upstream_rule(&down.upstreams[at], down.schedule.cycle, up->schedule.cycle, &rule);
        if (dep_inverse_range(&rule, down.schedule.cycle, up->schedule.cycle, i->data_time, &from,
                              &to) != E_OK)
            continue;
        struct down_scan scan = { all, &rule, &down, up, i->data_time };
        query_init(&q, &table_instance);
        query_number(&q, INSTANCE_TASK_ID, QUERY_EQ, down_id);
        query_number(&q, INSTANCE_DATA_TIME, QUERY_GE, from.s);
        query_number(&q, INSTANCE_DATA_TIME, QUERY_LE, to.s);
        rc = query_run(all->c->view, &q, scan_instance, &scan, &all->c->err);
        if (rc == E_OK)
            rc = all->rc;
    }
    return rc;
}

static enum err_code find_downstream(struct neighbours *all, const struct instance_row *i)
{
    struct task_spec up;
    struct query q;
    void *rows;
    size_t n;
    enum err_code rc = load_task(all->c, i->task_id, &up);

    if (rc == E_MISSING)
        return E_OK;
    all->task_id = i->task_id;
    query_init(&q, &table_edge);
    query_number(&q, EDGE_UP_TASK, QUERY_EQ, i->task_id);
    query_number(&q, EDGE_IN_OPS, QUERY_EQ, 1);
    if (rc == E_OK)
        rc = query_rows(all->c->view, &q, &all->c->arena, &rows, &n, &all->c->err);
    for (size_t at = 0; rc == E_OK && at < n; at++)
        rc = scan_task(all, i, &up, ((const struct edge_row *)rows)[at].down_task);
    return rc;
}

/* Newest data time first, then by task. */
static int newest_first(const void *a, const void *b)
{
    const struct instance_key *x = a, *y = b;

    if (x->data_time.s != y->data_time.s)
        return x->data_time.s > y->data_time.s ? -1 : 1;
    return x->task_id < y->task_id ? -1 : x->task_id > y->task_id;
}

static enum err_code write_page(struct call *c, struct neighbours *all, const struct zone *zone,
                                const struct page *page)
{
    enum err_code rc = E_OK;
    size_t end = (size_t)(page->offset + page->size);

    if (all->n > 0)
        qsort(all->keys, all->n, sizeof(*all->keys), newest_first);
    page_open(c, page, (int64_t)all->n);
    for (size_t i = (size_t)page->offset; i < all->n && i < end && rc == E_OK; i++) {
        struct instance_row row = { .task_id = all->keys[i].task_id,
                                    .data_time = all->keys[i].data_time };
        rc = row_get(c->view, &table_instance, &c->arena, &row, &c->err);
        if (rc == E_OK)
            rc = view_write_instance(c, &row, zone, false);
    }
    page_close(c);
    return rc;
}

static enum err_code answer(struct call *c,
                            enum err_code (*find)(struct neighbours *, const struct instance_row *))
{
    struct neighbours all = { .c = c };
    const struct zone *zone;
    struct instance_row i;
    struct page page;
    enum err_code rc = view_zone(c, &zone);

    if (rc == E_OK)
        rc = page_params(c, 10, 1, 100, &page);
    if (rc == E_OK)
        rc = view_instance(c, &i);
    if (rc == E_OK)
        rc = find(&all, &i);
    if (rc == E_OK)
        rc = write_page(c, &all, zone, &page);
    mem_free(all.keys);
    return rc;
}

static enum err_code upstream_answer(struct call *c)
{
    return answer(c, find_upstream);
}

static enum err_code downstream_answer(struct call *c)
{
    return answer(c, find_downstream);
}

static const struct action actions[] = {
    { API_2025, "ListDownstreamTaskInstances", NULL, NULL, downstream_answer, false },
    { API_2025, "ListUpstreamTaskInstances", NULL, NULL, upstream_answer, false },
};
const struct action_family family_neighbours = { actions, ARRAY_LEN(actions) };
