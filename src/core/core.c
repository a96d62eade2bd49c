/* core/core.c - the life of the core and the facts that come in about tasks, groups and instances.
 */
#include "core/core.h"

#include "core/core_int.h"

enum { PLAN_RELEASE = 1000 };

/* ---- life ---------------------------------------------------------------------------------- */

struct core *core_new(const struct core_config *config, const struct core_port *port)
{
    struct core *c = NEW(struct core);

    c->config = *config;
    if (c->config.kill_grace.us <= 0)
        c->config.kill_grace = DUR_S(10);
    if (c->config.default_slots <= 0)
        c->config.default_slots = 8;
    if (c->config.backfill_share <= 0 || c->config.backfill_share > 100)
        c->config.backfill_share = 100;
    if (c->config.plan_release <= 0)
        c->config.plan_release = PLAN_RELEASE;
    c->port = *port;
    c->loading = true;
    arena_init(&c->arena);
    pair_map_init(&c->tasks);
    pair_map_init(&c->lives);
    pair_map_init(&c->fences);
    pair_map_init(&c->nodes);
    pair_map_init(&c->up_tasks);
    pair_map_init(&c->promises);
    map_init(&c->groups);
    map_init(&c->projects);
    map_init(&c->schedules);
    map_init(&c->events);
    map_init(&c->plans);
    map_init(&c->taken);
    heap_init(&c->firings, firing_less);
    heap_init(&c->timers, timer_less);
    list_init(&c->ready);
    list_init(&c->dirty);
    list_init(&c->whole);
    list_init(&c->again);
    again_begin(c);
    return c;
}

static void free_lives(struct core *c)
{
    size_t at = 0, n = 0;
    void *value;
    struct live **all = mem_alloc(sizeof(struct live *) * (c->lives.len + 1));

    while (pair_map_next(&c->lives, &at, &(struct pair_key){ 0, 0 }, &value))
        all[n++] = value;
    for (size_t k = 0; k < n; k++) {
        struct held_task *t = all[k]->task;
        live_free(c, all[k]);
        if (t->gone && t->n_lives == 0)
            held_free(c, t);
    }
    mem_free(all);
}

static void free_tasks(struct core *c)
{
    size_t at = 0;
    void *value;

    while (pair_map_next(&c->tasks, &at, &(struct pair_key){ 0, 0 }, &value))
        held_free(c, value);
    pair_map_done(&c->tasks);
}

static void free_names(struct core *c)
{
    size_t at = 0;
    struct str key;
    void *value;

    while (map_next(&c->groups, &at, &key, &value)) {
        struct group *g = value;
        heap_done(&g->queue);
        heap_done(&g->backfills);
        mem_free((char *)(uintptr_t)g->id.ptr);
        mem_free(g);
    }
    for (at = 0; map_next(&c->projects, &at, &key, &value);)
        mem_free(value);
    for (at = 0; map_next(&c->events, &at, &key, &value);)
        event_free(value);
    map_done(&c->groups);
    map_done(&c->projects);
    map_done(&c->events);
}

void core_free(struct core *c)
{
    if (!c)
        return;
    plan_forget_promises(c);
    free_lives(c);
    plan_forget_doom(c);
    free_tasks(c);
    free_names(c);
    map_done(&c->schedules);
    map_done(&c->plans);
    map_done(&c->taken);
    pair_map_done(&c->lives);
    pair_map_done(&c->fences);
    pair_map_done(&c->nodes);
    pair_map_done(&c->up_tasks);
    pair_map_done(&c->promises);
    heap_done(&c->firings);
    heap_done(&c->timers);
    mem_free(c->fresh);
    mem_free(c->together);
    mem_free(c->effects);
    arena_done(&c->arena);
    mem_free(c);
}

/* ---- tasks --------------------------------------------------------------------------------- */

/* Every instance that is there now; f may end it, and none but it. */
static void each_live(struct core *c, struct held_task *t,
                      void (*f)(struct core *, struct live *, struct wall), struct wall now)
{
    size_t n = 0, cap = (size_t)t->n_lives;
    struct live **all = mem_alloc(sizeof(struct live *) * (cap + 1));

    for (struct list *at = t->lives.next; at != &t->lives; at = at->next)
        all[n++] = CONTAINER_OF(at, struct live, task_link);
    check(n == cap);
    for (size_t k = 0; k < n; k++)
        f(c, all[k], now);
    mem_free(all);
}

static void drop_conditions(struct core *c, struct live *l, struct wall now)
{
    (void)now;
    waiting_drop(c, l);
    listening_drop(c, l);
}

static void replace(struct core *c, struct held_task *t, const struct core_task *from,
                    struct wall now)
{
    /* Of several that are put together: its last instance ended by what was put before it.  It goes
     * on all the same, for that is what the caller found; a fresh start has no high water. */
    bool ended =
        t->status == TASK_INVALID && from->status == TASK_SCHEDULING && from->has_high_water;
    bool was_scheduling = t->status == TASK_SCHEDULING || ended;

    if (ended)
        effect_status(c, t->id, TASK_SCHEDULING);
    if (was_scheduling && !ended) {
        firing_catch_up(c, t, now);
        fresh_settle(c, now);
    }
    heap_remove(&c->firings, &t->firing_node);
    each_live(c, t, drop_conditions, now);
    held_define(c, t, from);
    t->status = (uint8_t)from->status;
    t->range_over = false;
    queue_ceilings(NULL, t);
    t->live_from = from->live_from;
    if (was_scheduling) {
        firing_skip(c, t, now);
        if (t->status != TASK_SCHEDULING)
            firing_close(c, t, now); /* as a pause does */
    } else {
        t->high_water = from->high_water;
        t->settled_at = from->settled_at;
        t->has_high_water = from->has_high_water;
        firing_rebase(t);
    }
    each_live(c, t, fresh_again, now);
    waiting_task_put(c, t->id);
    queue_task_freed(c, t);
}

void core_task_put(struct core *c, const struct core_task *from, struct wall now)
{
    struct held_task *t = held_find(c, from->id);

    fresh_settle(c, now);
    if (t) {
        replace(c, t, from, now);
    } else {
        t = held_new(c, from->id);
        held_define(c, t, from);
        t->status = (uint8_t)from->status;
        t->ceiling = 1;
        t->live_from = from->live_from;
        t->high_water = from->high_water;
        t->settled_at = from->settled_at;
        t->has_high_water = from->has_high_water;
        firing_rebase(t);
        pair_map_put(&c->tasks, (struct pair_key){ (uint64_t)from->id, 0 }, t);
        waiting_task_put(c, from->id);
    }
    firing_plan(c, t);
}

static void kill_stopped(struct core *c, struct live *l, struct wall now)
{
    live_kill(c, l, STR("the task was stopped"), now);
}

static void kill_deleted(struct core *c, struct live *l, struct wall now)
{
    live_kill(c, l, STR("the task was deleted"), now);
}

void core_task_delete(struct core *c, int64_t task_id, bool gentle, struct wall now)
{
    struct held_task *t = held_find(c, task_id);

    fresh_settle(c, now);
    again_settle(c, now); /* who waits for it is to be known */
    check(str_is_empty(core_task_promised(c, task_id)));
    if (t) {
        heap_remove(&c->firings, &t->firing_node);
        pair_map_remove(&c->tasks, (struct pair_key){ (uint64_t)task_id, 0 });
        t->status = TASK_STOPPED;
        each_live(c, t, kill_deleted, now);
        t->gone = true;
    }
    waiting_task_deleted(c, task_id, gentle, now);
    if (t && t->n_lives == 0)
        held_free(c, t);
}

void core_task_status(struct core *c, int64_t task_id, enum task_status status, bool kill,
                      struct wall now)
{
    struct held_task *t = held_find(c, task_id);

    if (!t)
        return;
    fresh_settle(c, now);
    if (t->status == TASK_SCHEDULING && status != TASK_SCHEDULING) {
        firing_catch_up(c, t, now);
        fresh_settle(c, now);
        /* A start that makes up begins here, whatever definition it then has. */
        firing_close(c, t, now);
    }
    if (t->status != TASK_SCHEDULING && status == TASK_SCHEDULING) {
        t->range_over = false;
        firing_skip(c, t, now);
    }
    t->status = (uint8_t)status;
    firing_plan(c, t);
    if (kill)
        each_live(c, t, kill_stopped, now);
    waiting_task_put(c, task_id); /* what will never be made may be known now */
}

bool core_task_has(const struct core *c, int64_t task_id)
{
    return held_find(c, task_id) != NULL;
}

void core_group_put(struct core *c, struct str group_id, int slots, struct wall now)
{
    struct group *g = group_get(c, group_id);

    (void)now;
    queue_slots(c, g, slots);
    queue_dirty(c, g);
}

void core_group_tasks(const struct core *c, struct str group_id,
                      void (*each)(void *ctx, int64_t task_id), void *ctx)
{
    struct pair_key key;
    size_t at = 0;
    void *value;

    while (pair_map_next(&c->tasks, &at, &key, &value)) {
        const struct held_task *t = value;
        if (str_eq(t->group->id, group_id))
            each(ctx, t->id);
    }
}

void core_project_enable(struct core *c, struct str project_id, bool enabled, struct wall now)
{
    /* What was due before the change is decided by what held before it. */
    while (!c->loading && firing_next(c, now))
        ;
    fresh_settle(c, now);
    project_get(c, project_id)->enabled = enabled;
}

enum redo_type core_task_redo(const struct core *c, int64_t task_id)
{
    const struct held_task *t = held_find(c, task_id);

    return t ? (enum redo_type)t->redo : REDO_ALL;
}

int32_t core_task_version(const struct core *c, int64_t task_id)
{
    const struct held_task *t = held_find(c, task_id);

    return t ? t->version_no : 0;
}

/* ---- time ---------------------------------------------------------------------------------- */

/* Nothing keeps it any more: to a slot, or what it takes none for. */
static void run_one(struct core *c, struct live *l, struct wall now)
{
    if (l->task->dry_run || l->task->control != CONTROL_NONE) {
        control_run(c, l, now);
        return;
    }
    queue_add(c, l);
    timer_set(c, l);
}

static void ready_one(struct core *c, struct live *l, struct wall now)
{
    if (plan_dooms(l))
        return;
    if (l->i.state == INSTANCE_WAIT_EVENT || l->i.state == INSTANCE_WAIT_UPSTREAM) {
        live_flow(c, l, now);
        return;
    }
    if (l->i.state != INSTANCE_WAIT_RUN || l->place != PLACE_NONE)
        return;
    if (live_not_before(l).us > now.us) {
        timer_set(c, l);
        return;
    }
    /* A dry run takes nothing, so it may end before its plan is whole. */
    if (!l->task->dry_run && plan_holds(l)) {
        plan_hold(c, l);
        timer_set(c, l);
        return;
    }
    run_one(c, l, now);
}

static void ready_all(struct core *c, struct wall now)
{
    struct list *at;

    while ((at = list_pop_front(&c->ready)))
        ready_one(c, CONTAINER_OF(at, struct live, ready_link), now);
}

/* Of plans that are whole, in the order of the queue; so all that could run is held by then. */
static void release(struct core *c, struct wall now)
{
    ready_all(c, now);
    for (int n = 0; n < c->config.plan_release && !list_is_empty(&c->whole); n++) {
        const struct plan *p = CONTAINER_OF(list_first(&c->whole), struct plan, whole_link);
        struct live *l = plan_first_held(p);
        queue_remove(c, l);
        run_one(c, l, now);
    }
}

void core_settle(struct core *c, struct wall now)
{
    struct list *group;

    fresh_settle(c, now);
    do {
        ready_all(c, now);
        group = list_pop_front(&c->dirty);
        if (group)
            queue_dispatch(c, CONTAINER_OF(group, struct group, dirty_link), now);
    } while (group);
}

bool core_advance(struct core *c, struct wall now, int budget)
{
    if (c->loading)
        core_restored(c, now);
    fresh_settle(c, now);
    while (budget > 0 && timer_next(c, now))
        budget--;
    while (budget > 0 && firing_next(c, now))
        budget--;
    release(c, now);
    again_step(c, now);
    again_begin(c);
    core_settle(c, now);
    return core_next_due(c).us <= now.us;
}

struct wall core_next_due(const struct core *c)
{
    const struct heap_node *timer = heap_top(&c->timers), *firing = heap_top(&c->firings);
    struct wall due = WALL_FAR;

    if (c->n_fresh > 0 || !list_is_empty(&c->ready) || !list_is_empty(&c->dirty) ||
        !list_is_empty(&c->whole) || !list_is_empty(&c->again))
        return WALL_AT_ONCE;
    if (timer)
        due = CONTAINER_OF(timer, struct live, timer_node)->due;
    if (firing && CONTAINER_OF(firing, struct held_task, firing_node)->next.at.us < due.us)
        due = CONTAINER_OF(firing, struct held_task, firing_node)->next.at;
    return due;
}
