/* core/loop.c - do dependencies close a loop?  docs/reference/semantics.md 3.8.
 *
 * The walk goes over what is put, in memory: over ten thousand tasks of ten upstreams each it takes
 * a hundredth of a second, where reading their documents took one.
 */
#include "core/core_int.h"

struct walk {
    const struct core *c;
    const struct core_untold *untold; /* NULL: there are none */
    int64_t start;
    int64_t *stack; /* owned */
    size_t n, cap;
    struct pair_map seen;
};

static const struct task_spec *untold_spec(const struct walk *w, int64_t task_id)
{
    return w->untold ? w->untold->find(w->untold->ctx, task_id) : NULL;
}

/* False: there is no such task. */
static bool cycle_of(const struct walk *w, int64_t task_id, enum cycle *ret)
{
    const struct task_spec *spec = untold_spec(w, task_id);
    const struct held_task *t = spec ? NULL : held_find(w->c, task_id);

    if (spec || t)
        *ret = spec ? spec->schedule.cycle : t->schedule->s.cycle;
    return spec || t;
}

/* A task that a definition of the cycle `down` waits for.  True: it is where the walk began. */
static bool step(struct walk *w, const struct dep_rule *rule, enum cycle down, int64_t up,
                 enum cycle up_cycle)
{
    struct pair_key key = { (uint64_t)up, 0 };

    if (dep_rule_is_strictly_earlier(rule, down, up_cycle))
        return false;
    if (up == w->start)
        return true;
    if (pair_map_put(&w->seen, key, w))
        return false;
    w->stack = mem_grow(w->stack, &w->cap, w->n + 1, sizeof(*w->stack));
    w->stack[w->n++] = up;
    return false;
}

static bool walk_held(struct walk *w, const struct held_task *t)
{
    struct dep_rule rule;
    enum cycle up_cycle;

    for (int i = 0; i < t->n_deps; i++) {
        const struct held_dep *d = &t->deps[i];
        if (d->peer || !cycle_of(w, d->task_id, &up_cycle))
            continue;
        held_rule(t, d, up_cycle, &rule);
        if (step(w, &rule, t->schedule->s.cycle, d->task_id, up_cycle))
            return true;
    }
    return false;
}

static bool walk_spec(struct walk *w, const struct task_spec *spec)
{
    enum cycle down = spec->schedule.cycle, up_cycle;
    struct dep_rule rule;

    for (int i = 0; i < spec->n_upstreams; i++) {
        const struct task_upstream *up = &spec->upstreams[i];
        if (!cycle_of(w, up->task_id, &up_cycle))
            continue;
        task_upstream_rule(up, down, up_cycle, &rule);
        if (step(w, &rule, down, up->task_id, up_cycle))
            return true;
    }
    return false;
}

static bool walk_from(struct walk *w, int64_t task_id)
{
    const struct task_spec *spec = untold_spec(w, task_id);

    return spec ? walk_spec(w, spec) : walk_held(w, held_find(w->c, task_id));
}

bool core_closes_loop(const struct core *c, int64_t task_id, const struct task_spec *spec,
                      const struct core_untold *untold)
{
    struct walk w = { .c = c, .untold = untold, .start = task_id };

    pair_map_init(&w.seen);
    bool found = walk_spec(&w, spec);
    while (!found && w.n > 0)
        found = walk_from(&w, w.stack[--w.n]);
    pair_map_done(&w.seen);
    mem_free(w.stack);
    return found;
}
