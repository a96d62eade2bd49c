/* cli/project.c - a project as a set of definitions. */
#include "cli/project.h"

#include <stdlib.h>
#include <string.h>

void project_init(struct project *p, struct arena *a)
{
    *p = (struct project){ .arena = a };
    for (int kind = 0; kind < DEFINITION_KINDS_; kind++)
        map_init(&p->by_name[kind]);
}

void project_done(struct project *p)
{
    for (int kind = 0; kind < DEFINITION_KINDS_; kind++) {
        for (size_t i = 0; i < p->n[kind]; i++)
            json_decref(p->items[kind][i]->definition);
        mem_free(p->items[kind]);
        map_done(&p->by_name[kind]);
    }
}

struct project_item *project_add(struct project *p, enum definition_kind kind, const char *name,
                                 json_t *definition)
{
    struct project_item *item;

    if (map_get(&p->by_name[kind], str_from(name)))
        return NULL;
    item = ARENA_NEW(p->arena, struct project_item);
    item->kind = kind;
    item->name = arena_cstr(p->arena, str_from(name));
    item->definition = definition;
    map_put(&p->by_name[kind], str_from(name), item);
    p->items[kind] =
        mem_grow(p->items[kind], &p->cap_[kind], p->n[kind] + 1, sizeof(struct project_item *));
    p->items[kind][p->n[kind]++] = item;
    return item;
}

struct project_item *project_find(const struct project *p, enum definition_kind kind,
                                  const char *name)
{
    return map_get(&p->by_name[kind], str_from(name));
}

const char *project_workflow_of(const struct project_item *task)
{
    return text_of(json_object_get(task->definition, "TaskBaseAttribute"), "WorkflowName");
}

static int by_name(const void *a, const void *b)
{
    const struct project_item *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

void project_sort(struct project *p)
{
    for (int kind = 0; kind < DEFINITION_KINDS_; kind++)
        if (p->n[kind] > 0)
            qsort(p->items[kind], p->n[kind], sizeof(struct project_item *), by_name);
}
