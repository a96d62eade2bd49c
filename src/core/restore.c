/* core/restore.c - loading: live instances as they were stored, and what follows from them. */
#include "core/core_int.h"

#include <stdlib.h>

void core_instance_restore(struct core *c, const struct instance *i)
{
    struct held_task *t = held_find(c, i->key.task_id);

    check(c->loading && !instance_state_is_terminal(i->state));
    if (!t) {
        t = held_new(c, i->key.task_id);
        t->gone = true;
        t->ceiling = 1;
    }
    live_new(c, t, i, i->updated_at)->attempt_ttl_minutes = t->execution_ttl_minutes;
}

void core_attempt_limit(struct core *c, struct instance_key key, int64_t minutes)
{
    struct live *l = live_find(c, key);

    check(c->loading && l && l->i.state == INSTANCE_RUNNING);
    l->attempt_ttl_minutes = held_minutes(minutes);
}

static int by_creation(const struct live *x, const struct live *y)
{
    if (x->i.created_at.us != y->i.created_at.us)
        return x->i.created_at.us < y->i.created_at.us ? -1 : 1;
    if (x->i.key.task_id != y->i.key.task_id)
        return x->i.key.task_id < y->i.key.task_id ? -1 : 1;
    return x->i.key.data_time.s < y->i.key.data_time.s
               ? -1
               : x->i.key.data_time.s > y->i.key.data_time.s;
}

static int compare_restored(const void *a, const void *b)
{
    return by_creation(*(struct live *const *)a, *(struct live *const *)b);
}

static void restored_one(struct core *c, struct live *l, struct wall now)
{
    if (l->i.state == INSTANCE_RUNNING && (l->i.flags & (INSTANCE_KILLING | INSTANCE_TIMED_OUT)))
        attempt_kill(c, l);
    if (!l->task->gone)
        return;
    l->task->ceiling = l->task->n_running > 1 ? l->task->n_running : 1;
    live_kill(c, l, STR("the task was deleted"), now);
}

void core_restored(struct core *c, struct wall now)
{
    size_t n = c->n_fresh;
    struct live **all = mem_alloc(sizeof(struct live *) * (n + 1));

    c->loading = false;
    if (n > 1)
        qsort(c->fresh, n, sizeof(struct live *), compare_restored);
    for (size_t k = 0; k < n; k++) {
        all[k] = c->fresh[k];
        all[k]->sequence = ++c->sequence;
        list_remove(&all[k]->task_link);
        list_push_back(&all[k]->task->lives, &all[k]->task_link);
        if (all[k]->i.state == INSTANCE_RUNNING)
            attempt_restore(c, all[k]);
    }
    /* Ending those without a task may end no other, so the rest of the list stays good. */
    c->n_fresh = 0;
    for (size_t k = 0; k < n; k++) {
        struct live *l = all[k];
        l->fresh = false;
        if (!l->task->gone) {
            l->fresh = true;
            c->fresh[c->n_fresh++] = l;
        }
        restored_one(c, l, now);
    }
    mem_free(all);
    fresh_settle(c, now);
}
