/* test/sim/census.c - who has not ended, and how many run: kept as effects come, so that a check
 * costs no look at everything. */
#include "checkers.h"

#include <string.h>

static int *of_task(struct sim *s, const struct track *t)
{
    return &s->census.of_task[t->key.task_id - SIM_TASK_ID(1)];
}

static struct pair_key plan_key(struct str plan_id)
{
    return (struct pair_key){ hash_bytes(plan_id.ptr, plan_id.len), plan_id.len };
}

int census_of_plan(const struct sim *s, struct str plan_id)
{
    return (int)(intptr_t)pair_map_get(&s->census.of_plan, plan_key(plan_id));
}

/* One more runs, or one less. */
static void count(struct sim *s, const struct track *t, const struct moment *m, int by)
{
    int of_plan = census_of_plan(s, m->plan_id) + by;

    s->census.in_group[m->group] += by;
    s->census.backfilling[m->group] += m->backfill ? by : 0;
    *of_task(s, t) += by;
    if (m->plan_id.len > 0 && of_plan > 0)
        pair_map_put(&s->census.of_plan, plan_key(m->plan_id), (void *)(intptr_t)of_plan);
    else if (m->plan_id.len > 0)
        pair_map_remove(&s->census.of_plan, plan_key(m->plan_id));
}

void census_list(struct sim *s, struct track *t)
{
    struct census *c = &s->census;

    if (t->listed)
        return;
    c->live = mem_grow(c->live, &c->cap_live, c->n_live + 1, sizeof(*c->live));
    c->live[c->n_live++] = t;
    t->listed = true;
}

void census_change(struct sim *s, struct track *t, bool running)
{
    const struct moment *m = track_last(t);

    if (running && m->state != INSTANCE_RUNNING)
        count(s, t, m, -1);
    if (!instance_state_is_terminal(m->state))
        census_list(s, t);
}

void census_begin(struct sim *s, struct track *t, int group)
{
    t->moments[t->n - 1].group = group;
    count(s, t, track_last(t), 1);
}

void census_again(struct sim *s)
{
    struct census *c = &s->census;
    size_t n = 0;

    memset(c->in_group, 0, sizeof(c->in_group));
    memset(c->backfilling, 0, sizeof(c->backfilling));
    memset(c->of_task, 0, sizeof(c->of_task));
    pair_map_clear(&c->of_plan);
    for (size_t k = 0; k < c->n_live; k++) {
        struct track *t = c->live[k];
        const struct moment *m = track_last(t);
        t->listed = m && !instance_state_is_terminal(m->state);
        if (!t->listed)
            continue;
        c->live[n++] = t;
        if (m->state == INSTANCE_RUNNING)
            count(s, t, m, 1);
    }
    c->n_live = n;
}

const struct instance *census_next(struct sim *s, size_t *at)
{
    struct census *c = &s->census;

    while (*at < c->n_live) {
        struct track *t = c->live[*at];
        const struct moment *m = track_last(t);
        if (m && !instance_state_is_terminal(m->state)) {
            ++*at;
            return track_instance(s, t);
        }
        /* The last one takes the place of one that ended. */
        t->listed = false;
        c->live[*at] = c->live[--c->n_live];
    }
    return NULL;
}
