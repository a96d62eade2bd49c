/* core/effect.c - what must happen, in order, until the engine has taken it. */
#include "core/core_int.h"

struct effect *effect_add(struct core *c, enum effect_kind kind)
{
    c->effects = mem_grow(c->effects, &c->cap_effects, c->n_effects + 1, sizeof(*c->effects));
    struct effect *e = &c->effects[c->n_effects++];
    *e = (struct effect){ .kind = kind };
    return e;
}

struct instance effect_record(struct core *c, const struct instance *i)
{
    struct instance copy = *i;

    copy.plan_id = arena_str(&c->arena, i->plan_id);
    copy.phases = arena_str(&c->arena, i->phases);
    copy.reason = arena_str(&c->arena, i->reason);
    if (i->group_id.ptr)
        copy.group_id = arena_str(&c->arena, i->group_id);
    return copy;
}

struct effect *effect_instance(struct core *c, enum effect_kind kind, struct live *l,
                               struct wall now)
{
    struct effect *e = effect_add(c, kind);

    l->i.updated_at = now;
    l->i.phases = buf_str(&l->phases);
    e->instance = effect_record(c, &l->i);
    e->task_id = l->i.key.task_id;
    e->data_time = l->i.key.data_time;
    e->planned = l->i.planned;
    e->fence = l->i.fence;
    e->at = now;
    return e;
}

void effect_status(struct core *c, int64_t task_id, enum task_status status)
{
    struct effect *e = effect_add(c, EFFECT_TASK_STATUS);

    e->task_id = task_id;
    e->status = status;
}

const struct effect *core_effects(const struct core *c, size_t *ret_n)
{
    *ret_n = c->n_effects;
    return c->effects;
}

void core_effects_clear(struct core *c)
{
    /* One huge turn must not hold its memory for good. */
    enum { EFFECTS_KEPT = 65536 };

    c->n_effects = 0;
    if (c->cap_effects > EFFECTS_KEPT) {
        mem_free(c->effects);
        c->effects = NULL;
        c->cap_effects = 0;
    }
    arena_reset(&c->arena);
    if (c->taken.len > 0) {
        map_done(&c->taken);
        map_init(&c->taken);
    }
}
