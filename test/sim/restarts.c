/* test/sim/restarts.c - see restarts.h. */
#include "restarts.h"

#include <inttypes.h>

#include "checkers.h"

static bool is_judged(struct sim *s, const struct instance *i)
{
    const struct task_spec *spec = sim_task_find(s, i->key.task_id)->spec;

    return i->state == INSTANCE_WAIT_UPSTREAM && spec->type_id != TASK_TYPE_MERGE &&
           spec->self_depend != SELF_ORDERLY;
}

void restarts_note(struct sim *s)
{
    struct sim_waiting *w = &s->waiting;
    const struct instance *i;

    w->n = 0;
    for (size_t at = 0; (i = census_next(s, &at)) != NULL;) {
        if (!is_judged(s, i))
            continue;
        w->keys = mem_grow(w->keys, &w->cap, w->n + 1, sizeof(*w->keys));
        w->keys[w->n++] = i->key;
    }
}

void restarts_compare(struct sim *s)
{
    struct sim_waiting *w = &s->waiting;

    for (size_t k = 0; k < w->n; k++) {
        const struct instance *i = core_instance_get(sim_core(s), w->keys[k]);
        sim_check(s, !i || i->state == INSTANCE_WAIT_UPSTREAM,
                  "I3: an instance of task %" PRId64 " waits, and a restart lets it go on",
                  w->keys[k].task_id - SIM_TASK_ID(0));
    }
    w->n = 0;
}

void restarts_done(struct sim *s)
{
    mem_free(s->waiting.keys);
}
