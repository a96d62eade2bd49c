/* core/loop.c - do dependencies close a loop?  docs/reference/semantics.md 3.8.
 *
 * The walk goes over what is put, in memory: over ten thousand tasks of ten upstreams each it takes
 * a hundredth of a second, where reading their documents took one.
 */
#include "core/core_int.h"

struct walk {
    const struct core *c;
    int64_t start;
    const struct held_task **stack; /* owned */
    size_t n, cap;
    struct pair_map seen;
};

/* A task that a definition of the cycle `down` waits for.  True: it is where the walk began. */
static bool step(struct walk *w, const struct dep_rule *rule, enum cycle down,
                 const struct held_task *up)
{
    struct pair_key key = { (uint64_t)up->id, 0 };

    if (dep_rule_is_strictly_earlier(rule, down, up->schedule->s.cycle))
        return false;
    if (up->id == w->start)
        return true;
    if (pair_map_put(&w->seen, key, w))
        return false;
    w->stack = mem_grow(w->stack, &w->cap, w->n + 1, sizeof(*w->stack));
    w->stack[w->n++] = up;
    return false;
}

static bool walk_from(struct walk *w, const struct held_task *t)
{
    struct dep_rule rule;

    for (int i = 0; i < t->n_deps; i++) {
        const struct held_dep *d = &t->deps[i];
        const struct held_task *up = d->peer ? NULL : held_find(w->c, d->task_id);
        if (!up)
            continue;
        held_rule(t, d, up->schedule->s.cycle, &rule);
        if (step(w, &rule, t->schedule->s.cycle, up))
            return true;
    }
    return false;
}

bool core_closes_loop(const struct core *c, int64_t task_id, const struct task_spec *spec)
{
    enum cycle cycle = spec->schedule.cycle;
    struct walk w = { .c = c, .start = task_id };
    bool found = false;

    pair_map_init(&w.seen);
    for (int i = 0; i < spec->n_upstreams && !found; i++) {
        const struct held_task *up = held_find(c, spec->upstreams[i].task_id);
        struct dep_rule rule;
        if (!up)
            continue;
        task_upstream_rule(&spec->upstreams[i], cycle, up->schedule->s.cycle, &rule);
        found = step(&w, &rule, cycle, up);
    }
    while (!found && w.n > 0)
        found = walk_from(&w, w.stack[--w.n]);
    pair_map_done(&w.seen);
    mem_free(w.stack);
    return found;
}
