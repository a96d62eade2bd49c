/* cli/apply_order.c - tasks in the order of their dependencies. */
#include <stdint.h>

#include "cli/apply.h"

struct node {
    size_t *ups; /* indexes of upstream tasks */
    size_t n, cap, at;
};

struct ordering {
    const struct project *p;
    struct map index_of; /* name -> index + 1 */
    struct node *nodes;
    struct node *node; /* the one whose upstreams are being collected */
};

static void take_upstream(void *ctx, const char *name)
{
    struct ordering *o = ctx;
    uintptr_t found = (uintptr_t)map_get(&o->index_of, str_from(name));

    if (found == 0)
        return;
    o->node->ups = mem_grow(o->node->ups, &o->node->cap, o->node->n + 1, sizeof(size_t));
    o->node->ups[o->node->n++] = found - 1;
}

/* Depth first without recursion: a task is placed when all that it reaches is. */
static void place(struct ordering *o, size_t first, bool *seen, size_t *stack, size_t *order,
                  size_t *n)
{
    size_t depth = 0;

    stack[depth++] = first;
    seen[first] = true;
    while (depth > 0) {
        struct node *node = &o->nodes[stack[depth - 1]];
        if (node->at == node->n) {
            order[(*n)++] = stack[--depth];
            continue;
        }
        size_t up = node->ups[node->at++];
        if (!seen[up]) {
            seen[up] = true;
            stack[depth++] = up;
        }
    }
}

void order_tasks(const struct project *p, struct arena *arena, size_t **ret_order,
                 size_t **ret_rank)
{
    size_t n = p->n[DEFINITION_TASK], placed = 0;
    struct ordering o = { .p = p, .nodes = mem_zalloc((n + 1) * sizeof(struct node)) };
    size_t *stack = ARENA_ARRAY(arena, size_t, n + 1);
    bool *seen = ARENA_ARRAY(arena, bool, n + 1);

    *ret_order = ARENA_ARRAY(arena, size_t, n + 1);
    *ret_rank = ARENA_ARRAY(arena, size_t, n + 1);
    map_init(&o.index_of);
    for (size_t i = 0; i < n; i++)
        map_put(&o.index_of, str_from(p->items[DEFINITION_TASK][i]->name),
                (void *)(uintptr_t)(i + 1));
    for (size_t i = 0; i < n; i++) {
        o.node = &o.nodes[i];
        definition_upstreams(p->items[DEFINITION_TASK][i]->definition, take_upstream, &o);
    }
    for (size_t i = 0; i < n; i++)
        if (!seen[i])
            place(&o, i, seen, stack, *ret_order, &placed);
    for (size_t i = 0; i < n; i++) {
        (*ret_rank)[(*ret_order)[i]] = i;
        mem_free(o.nodes[i].ups);
    }
    mem_free(o.nodes);
    map_done(&o.index_of);
}
