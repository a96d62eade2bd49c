/* test/sim/history.c - the history of the checkers: every state that each instance was ever in,
 * and what branches decided. */
#include "checkers.h"
#include "hook.h"
#include "retention.h"
#include "sending.h"
#include "slices.h"

#include <inttypes.h>
#include <string.h>

/* Mostly the same one is asked for several times; tracks stay where they are. */
struct track *track_find(struct sim *s, struct instance_key key)
{
    struct track *t = s->found;

    if (!t || t->key.task_id != key.task_id || t->key.data_time.s != key.data_time.s)
        t = pair_map_get(&s->tracks, sim_pair(key));
    s->found = t;
    return t;
}

const struct instance *track_instance(const struct sim *s, const struct track *t)
{
    return t && t->n > 0 ? &s->image.instances[t->place] : NULL;
}

size_t tracks_before(const struct sim *s, int64_t task_id, struct civil d)
{
    const struct comers *c = &s->comers[task_id - SIM_TASK_ID(1)];
    size_t low = 0, high = c->n_sorted;

    /* Mostly all of them. */
    if (high == 0 || c->sorted[high - 1]->key.data_time.s < d.s)
        return high;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (c->sorted[mid]->key.data_time.s < d.s)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

const struct track *track_at(const struct sim *s, int64_t task_id, size_t k)
{
    return s->comers[task_id - SIM_TASK_ID(1)].sorted[k];
}

static struct comers *comers_of(struct sim *s, int64_t task_id)
{
    return &s->comers[task_id - SIM_TASK_ID(1)];
}

const struct track *newcomer(const struct sim *s, int64_t task_id, uint64_t seq, size_t *k)
{
    const struct comers *c = &s->comers[task_id - SIM_TASK_ID(1)];

    if (*k == c->n || c->made[c->n - 1 - *k]->moments[0].seq <= seq)
        return NULL;
    return c->made[c->n - 1 - (*k)++];
}

const struct moment *track_last(const struct track *t)
{
    return t && t->n > 0 ? &t->moments[t->n - 1] : NULL;
}

const struct sim_version *version_of(struct sim *s, const struct instance *i)
{
    const struct sim_version *v = sim_task_find(s, i->key.task_id)->versions;

    while (v && v->version_no != i->version_no)
        v = v->older;
    sim_check(s, v, "task %" PRId64 " ran version %d, which was not submitted",
              i->key.task_id - SIM_TASK_ID(0), (int)i->version_no);
    return v;
}

/* A branch that completed by itself decided; one whose success was set, or that ran dry, did not.
 */
static const struct sim_version *decision(struct sim *s, const struct instance *i,
                                          const struct moment *old)
{
    bool same = old && old->round == i->round;

    if (i->state != INSTANCE_COMPLETED || !same)
        return NULL;
    if (old->state == INSTANCE_COMPLETED)
        return old->decided;
    if (old->state != INSTANCE_WAIT_RUN || (i->flags & INSTANCE_DRY_RUN) ||
        !str_is_empty(i->reason))
        return NULL;
    const struct sim_version *v = version_of(s, i);
    return v->spec->type_id == TASK_TYPE_BRANCH ? v : NULL;
}

static void sort_in(struct comers *c, size_t at, struct track *t)
{
    c->sorted = mem_grow(c->sorted, &c->cap_sorted, c->n_sorted + 1, sizeof(*c->sorted));
    memmove(&c->sorted[at + 1], &c->sorted[at], (c->n_sorted++ - at) * sizeof(*c->sorted));
    c->sorted[at] = t;
}

/* The attempt whose success completed the round: what it put out counts as long as the round does.
 */
static uint64_t supplier(struct sim *s, const struct instance *i, const struct moment *old)
{
    if (i->state != INSTANCE_COMPLETED || !old || old->round != i->round)
        return 0;
    if (old->state == INSTANCE_COMPLETED)
        return old->supplier;
    if (old->state != INSTANCE_RUNNING)
        return 0;
    return image_get(&s->image, i->key)->fence;
}

void track_add(struct sim *s, struct instance_key key, const struct instance *i)
{
    struct track *t = track_find(s, key);

    if (!t || t->n == 0)
        retention_on_insert(s, i);
    if (!t) {
        t = NEW(struct track);
        t->key = key;
        sort_in(comers_of(s, key.task_id), tracks_before(s, key.task_id, key.data_time), t);
        pair_map_put(&s->tracks, sim_pair(key), t);
    }
    const struct moment *old = track_last(t);
    const struct sim_version *decided = decision(s, i, old);
    int group = old ? old->group : 0;
    if (!old) {
        struct comers *c = comers_of(s, key.task_id);
        c->made = mem_grow(c->made, &c->cap, c->n + 1, sizeof(*c->made));
        c->made[c->n++] = t;
        t->place = s->image.n_instances; /* where it comes to be */
        t->type = i->type;
        t->planned = i->planned;
        t->fire_at = i->fire_at;
    }
    uint64_t supplied = supplier(s, i, old);
    t->moments = mem_grow(t->moments, &t->cap, t->n + 1, sizeof(*t->moments));
    t->moments[t->n++] =
        (struct moment){ .seq = s->seq,
                         .turn = s->committed_seq,
                         .at = s->now,
                         .state = i->state,
                         .round = i->round,
                         .plan_id = i->plan_id.len > 0 ? arena_str(&s->arena, i->plan_id) : STR(""),
                         .decided = decided,
                         .supplier = supplied,
                         .version_no = i->version_no,
                         .planned = i->planned,
                         .group = group,
                         .backfill = sim_has_share(i) };
    s->log = mem_grow(s->log, &s->cap_log, s->n_log + 1, sizeof(struct track *));
    s->log[s->n_log++] = t;
}

void checkers_crash(struct sim *s)
{
    slices_crash(s);
    sending_crash(s);
    hook_crash(s);
    while (s->n_log > s->committed_log) {
        struct track *t = s->log[--s->n_log];
        if (--t->n == 0)
            comers_of(s, t->key.task_id)->n--;
        census_list(s, t);
    }
    if (s->looked_log > s->n_log)
        s->looked_log = s->n_log;
    census_again(s);
}

void checkers_done(struct sim *s)
{
    size_t at = 0;
    struct pair_key key;
    void *value;

    while (pair_map_next(&s->tracks, &at, &key, &value)) {
        mem_free(((struct track *)value)->moments);
        mem_free(value);
    }
    for (int k = 0; k < SIM_TASKS_MAX; k++) {
        mem_free(s->comers[k].made);
        mem_free(s->comers[k].sorted);
    }
    pair_map_done(&s->tracks);
    sending_done(s);
    hook_done(s);
    mem_free(s->log);
    mem_free(s->census.live);
    pair_map_done(&s->census.of_plan);
    slices_done(s);
}

uint64_t round_since(struct sim *s, struct instance_key key)
{
    const struct track *t = track_find(s, key);
    uint64_t since = s->seq;

    for (size_t k = t ? t->n : 0; k-- > 0 && t->moments[k].round == t->moments[t->n - 1].round;)
        since = t->moments[k].seq;
    return since;
}

uint64_t turn_since(struct sim *s, struct instance_key key)
{
    const struct track *t = track_find(s, key);
    uint64_t since = s->committed_seq;

    for (size_t k = t ? t->n : 0; k-- > 0 && t->moments[k].round == t->moments[t->n - 1].round;)
        since = t->moments[k].turn;
    return since;
}

bool was(const struct track *t, uint64_t since, enum instance_state state)
{
    return was_for(t, since, state, 0);
}

bool was_for(const struct track *t, uint64_t since, enum instance_state state, int64_t down_task)
{
    for (size_t k = t ? t->n : 0; k-- > 0;) {
        if (state_for(t, &t->moments[k], down_task) == state)
            return true;
        if (t->moments[k].seq <= since)
            break;
    }
    return false;
}

enum instance_state state_for(const struct track *t, const struct moment *m, int64_t down_task)
{
    for (int k = 0; m->decided && k < m->decided->n_ways; k++)
        if (m->decided->ways[k].down == down_task &&
            sim_way_truth(&m->decided->ways[k], t->key.data_time, m->planned) == SIM_FALSE)
            return INSTANCE_SKIP_RUNNING;
    return m->state;
}

bool existed_at(const struct track *t, uint64_t seq)
{
    return t && t->n > 0 && t->moments[0].seq <= seq && (t->gone == 0 || t->gone > seq);
}

bool was_of_plan(const struct track *t, uint64_t seq, struct str plan)
{
    for (size_t k = existed_at(t, seq) ? t->n : 0; k-- > 0;)
        if (t->moments[k].seq <= seq && str_eq(t->moments[k].plan_id, plan))
            return true;
    return false;
}
