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

/* NULL: there is no such task. */
static const struct schedule *schedule_of(const struct walk *w, int64_t task_id)
{
    const struct task_spec *spec = untold_spec(w, task_id);
    const struct held_task *t = spec ? NULL : held_find(w->c, task_id);

    return spec ? &spec->schedule : t ? &t->schedule->s : NULL;
}

/* A task that a definition of the cycle `down` waits for.  True: it is where the walk began. */
static bool step(struct walk *w, const struct dep_rule *rule, enum cycle down, int64_t up,
                 const struct schedule *schedule)
{
    struct pair_key key = { (uint64_t)up, 0 };

    if (!schedule->manual && dep_rule_is_strictly_earlier(rule, down, schedule->cycle))
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

    for (int i = 0; i < t->n_deps; i++) {
        const struct held_dep *d = &t->deps[i];
        const struct schedule *up = d->peer ? NULL : schedule_of(w, d->task_id);
        if (!up)
            continue;
        held_rule(t, d, up->cycle, &rule);
        if (step(w, &rule, t->schedule->s.cycle, d->task_id, up))
            return true;
    }
    return false;
}

static bool walk_spec(struct walk *w, const struct task_spec *spec)
{
    enum cycle down = spec->schedule.cycle;
    struct dep_rule rule;

    for (int i = 0; i < spec->n_upstreams; i++) {
        const struct task_upstream *dep = &spec->upstreams[i];
        const struct schedule *up = schedule_of(w, dep->task_id);
        if (!up)
            continue;
        task_upstream_rule(dep, down, up->cycle, &rule);
        if (step(w, &rule, down, dep->task_id, up))
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
