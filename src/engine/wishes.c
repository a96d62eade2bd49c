/* engine/wishes.c - the rounds that a request asks for, before they are a plan, see wishes.h. */
#include "engine/wishes.h"

#include "core/core.h"
#include "engine/engine_int.h"
#include "sys/random.h"

void wishes_done(struct wishes *w)
{
    mem_free(w->items);
}

bool wishes_add(struct wishes *w, const struct planned_round *wish)
{
    if (w->n >= WISHES_MAX)
        return false;
    w->items = mem_grow(w->items, &w->cap, w->n + 1, sizeof(*w->items));
    w->items[w->n++] = *wish;
    return true;
}

enum err_code wishes_too_many(const char *times, struct err *e)
{
    return err_user(e, E_LIMIT, times, "a plan has at most %d instances; ask for fewer data times",
                    "一个计划最多 %d 个实例，请减少数据时间", WISHES_MAX);
}

/* ---- may they run --------------------------------------------------------------------------- */

/* The member of the request by which the task was asked for. */
static void prefix_task(struct err *e, const struct wished_plan *plan, int64_t task_id)
{
    char path[64] = "WorkflowId";
    int i = 0;

    while (plan->tasks && plan->tasks[i] != task_id)
        i++;
    if (plan->tasks)
        snprintf(path, sizeof(path), "TaskIds.%d", i);
    err_prefix(e, path);
}

/* May it run, with what is there of it?  What is active stays as it is, and is part of the plan all
 * the same (7.1). */
static enum err_code check_wish(struct engine *g, struct planned_round *w,
                                const struct instance *ended, struct err *e)
{
    const struct backfill_wish wish = { .task_id = w->task_id,
                                        .firing = w->firing,
                                        .existing = ended };
    enum err_code rc = core_backfill_check(g->core, &wish, &w->left, e);

    return rc == E_CONFLICT && w->left ? E_OK : rc;
}

/* What is there of a task from one data time of the plan to the other; by data time. */
static enum err_code find_ended(struct engine *g, const struct planned_round *first,
                                const struct planned_round *last, const struct instance_row **ret,
                                size_t *ret_n, struct err *e)
{
    struct query q;
    void *rows;

    query_init(&q, &table_instance);
    query_number(&q, INSTANCE_TASK_ID, QUERY_EQ, first->task_id);
    query_number(&q, INSTANCE_DATA_TIME, QUERY_GE, first->firing.data_time.s);
    query_number(&q, INSTANCE_DATA_TIME, QUERY_LE, last->firing.data_time.s);
    query_order(&q, INSTANCE_DATA_TIME, false);
    enum err_code rc = query_rows(engine_view(g), &q, &g->arena, &rows, ret_n, e);
    *ret = rows;
    return rc;
}

/* The n wishes of one task, by data time.  The store is asked only where AllowRedoType may refuse
 * what is over; what runs again is looked up when its round is made. */
static enum err_code check_wishes_of(struct engine *g, struct planned_round *w, size_t n,
                                     struct err *e)
{
    const struct instance_row *rows = NULL;
    size_t n_rows = 0, at = 0;
    enum err_code rc = core_task_redo(g->core, w->task_id) == REDO_ALL
                           ? E_OK
                           : find_ended(g, &w[0], &w[n - 1], &rows, &n_rows, e);

    for (size_t k = 0; k < n && rc == E_OK; k++) {
        struct instance ended;
        while (at < n_rows && rows[at].data_time.s < w[k].firing.data_time.s)
            at++;
        bool found = at < n_rows && rows[at].data_time.s == w[k].firing.data_time.s;
        if (found)
            instance_from_row(&rows[at], &ended);
        rc = check_wish(g, &w[k], found ? &ended : NULL, e);
    }
    return rc;
}

/* Of one task the first stands for all.  *looks: upstream instances that the plan is to look at. */
static enum err_code weigh_wishes_of(struct engine *g, const struct wished_plan *plan,
                                     const struct planned_round *first, size_t n, int64_t *looks,
                                     struct err *e)
{
    if (plan->flags & INSTANCE_SKIP_UPSTREAMS)
        return E_OK;
    *looks += (int64_t)n * core_candidates(g->core, first->task_id, first->firing.data_time);
    if (*looks <= WISHES_LOOKS_MAX)
        return E_OK;
    return err_user(
        e, E_LIMIT, plan->times,
        "the instances of the plan would wait for more than %d upstream instances in all; ask for "
        "fewer data times, or for a backfill with CheckParentType NONE",
        "该计划的实例总共将等待超过 %d 个上游实例，请减少数据时间，或使用 CheckParentType 为 NONE "
        "的补录",
        WISHES_LOOKS_MAX);
}

/* They are in the order of their keys. */
static enum err_code check_wishes(struct engine *g, const struct wished_plan *plan,
                                  struct wishes *all, int64_t *looks, struct err *e)
{
    enum err_code rc = E_OK;

    for (size_t i = 0, end; i < all->n && rc == E_OK; i = end) {
        struct planned_round *first = &all->items[i];
        for (end = i + 1; end < all->n && all->items[end].task_id == first->task_id;)
            end++;
        rc = weigh_wishes_of(g, plan, first, end - i, looks, e);
        if (rc != E_OK)
            return rc;
        rc = check_wishes_of(g, first, end - i, e);
        if (rc != E_OK)
            prefix_task(e, plan, first->task_id);
    }
    return rc;
}

static int by_key(const void *a, const void *b)
{
    const struct planned_round *x = a, *y = b;

    if (x->task_id != y->task_id)
        return x->task_id < y->task_id ? -1 : 1;
    return x->firing.data_time.s < y->firing.data_time.s
               ? -1
               : x->firing.data_time.s > y->firing.data_time.s;
}

/* Overlapping ranges name a data time twice; it is one instance. */
static void drop_repeated(struct wishes *all)
{
    size_t kept = 0;

    qsort(all->items, all->n, sizeof(*all->items), by_key);
    for (size_t i = 0; i < all->n; i++)
        if (kept == 0 || by_key(&all->items[kept - 1], &all->items[i]) != 0)
            all->items[kept++] = all->items[i];
    all->n = kept;
}

/* ---- the plan ------------------------------------------------------------------------------ */

static enum err_code plan_write(struct engine *g, const struct wished_plan *plan, size_t total,
                                struct plan_row *ret, struct err *e)
{
    char uuid[UUID_LEN + 1];

    random_uuid(uuid);
    struct str id = arena_str(&g->arena, str_from(uuid));
    *ret = (struct plan_row){ .id = id,
                              .project_id = plan->project_id,
                              .name = plan->name.len > 0 ? plan->name : id,
                              .creator_uin = plan->creator_uin,
                              .created_at = g->now,
                              .total = (int64_t)total,
                              .doc = plan->doc };
    return row_insert(g->config.store, &table_plan, ret, NULL, e);
}

enum err_code wishes_become(struct engine *g, struct wishes *w, const struct wished_plan *plan,
                            struct plan_row *ret, struct err *e)
{
    int64_t looks = 0;

    drop_repeated(w);
    enum err_code rc = check_wishes(g, plan, w, &looks, e);
    if (rc == E_OK)
        rc = planning_room(g, w->n, plan->times, e);
    if (rc == E_OK)
        rc = plan_write(g, plan, w->n, ret, e);
    return rc != E_OK
               ? rc
               : planning_begin(
                     g, &(struct planning){ ret->id, plan->flags, w->items, w->n, looks }, e);
}
