/* api/act_neighbours.c - ListUpstreamTaskInstances, ListDownstreamTaskInstances: the direct
 * neighbours of an instance (docs/reference/semantics.md 3.4, 5.10). */
#include "api/instance_view.h"
#include "api/page.h"

#include <stdlib.h>

#include "api/access.h"
#include "cal/zone.h"
#include "engine/neighbours.h"

/* Newest data time first, then by task. */
static int newest_first(const void *a, const void *b)
{
    const struct instance_key *x = a, *y = b;

    if (x->data_time.s != y->data_time.s)
        return x->data_time.s > y->data_time.s ? -1 : 1;
    return x->task_id < y->task_id ? -1 : x->task_id > y->task_id;
}

/* Those of other projects only where the account sees them. */
static enum err_code keep_seen(struct call *c, struct instance_keys *all)
{
    enum err_code rc = E_OK;
    size_t kept = 0;

    for (size_t i = 0; i < all->n && rc == E_OK && !c->is_root; i++) {
        struct instance_row row = { .task_id = all->items[i].task_id,
                                    .data_time = all->items[i].data_time };
        bool sees = false;
        rc = row_get(c->view, &table_instance, &c->arena, &row, &c->err);
        if (rc == E_OK)
            rc = access_sees(c, c->view, row.project_id, &sees);
        if (sees)
            all->items[kept++] = all->items[i];
    }
    if (!c->is_root)
        all->n = kept;
    return rc;
}

static enum err_code write_page(struct call *c, struct instance_keys *all, const struct zone *zone,
                                const struct page *page)
{
    enum err_code rc = E_OK;
    size_t end = (size_t)(page->offset + page->size);

    if (all->n > 0)
        qsort(all->items, all->n, sizeof(*all->items), newest_first);
    page_open(c, page, (int64_t)all->n);
    for (size_t i = (size_t)page->offset; i < all->n && i < end && rc == E_OK; i++) {
        struct instance_row row = { .task_id = all->items[i].task_id,
                                    .data_time = all->items[i].data_time };
        rc = row_get(c->view, &table_instance, &c->arena, &row, &c->err);
        if (rc == E_OK)
            rc = view_write_instance(c, &row, zone, false);
    }
    page_close(c);
    return rc;
}

typedef enum err_code neighbours_find(struct task_outlines *tasks, struct instance_key key,
                                      struct instance_keys *ret, struct err *e);

static enum err_code answer(struct call *c, neighbours_find *find)
{
    struct instance_keys all = { NULL, 0, 0 };
    struct task_outlines tasks;
    const struct zone *zone;
    struct instance_row i;
    struct page page;
    enum err_code rc = view_zone(c, &zone);

    if (rc == E_OK)
        rc = page_params(c, 10, 100, &page);
    if (rc == E_OK)
        rc = view_instance(c, &i);
    if (rc != E_OK)
        return rc;
    task_outlines_init(&tasks, c->view);
    rc = find(&tasks, (struct instance_key){ i.task_id, i.data_time }, &all, &c->err);
    task_outlines_done(&tasks);
    if (rc == E_OK)
        rc = keep_seen(c, &all);
    if (rc == E_OK)
        rc = write_page(c, &all, zone, &page);
    mem_free(all.items);
    return rc;
}

static enum err_code upstream_answer(struct call *c)
{
    return answer(c, neighbours_upstream);
}

static enum err_code downstream_answer(struct call *c)
{
    return answer(c, neighbours_downstream);
}

static const struct action actions[] = {
    { API_2025, "ListDownstreamTaskInstances", NULL, NULL, downstream_answer, ACCESS_READ,
      "InstanceKey" },
    { API_2025, "ListUpstreamTaskInstances", NULL, NULL, upstream_answer, ACCESS_READ,
      "InstanceKey" },
};
const struct action_family family_neighbours = { actions, ARRAY_LEN(actions) };
