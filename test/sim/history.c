/* test/sim/history.c - the history of the checkers: every state that each instance was ever in. */
#include "checkers.h"

static struct pair_key pair(struct instance_key k)
{
    return (struct pair_key){ (uint64_t)k.task_id, (uint64_t)k.data_time.s };
}

struct track *track_find(const struct sim *s, struct instance_key key)
{
    return pair_map_get(&s->tracks, pair(key));
}

void track_add(struct sim *s, struct instance_key key, const struct instance *i)
{
    struct track *t = track_find(s, key);

    if (!t) {
        t = NEW(struct track);
        t->key = key;
        pair_map_put(&s->tracks, pair(key), t);
    }
    t->moments = mem_grow(t->moments, &t->cap, t->n + 1, sizeof(*t->moments));
    t->moments[t->n++] = (struct moment){ .seq = s->seq,
                                          .turn = s->committed_seq,
                                          .at = s->now,
                                          .state = i->state,
                                          .round = i->round,
                                          .plan_id = arena_str(&s->arena, i->plan_id),
                                          .exists = true };
    s->log = mem_grow(s->log, &s->cap_log, s->n_log + 1, sizeof(struct track *));
    s->log[s->n_log++] = t;
}

void checkers_crash(struct sim *s)
{
    s->n_hasty = 0;
    while (s->n_log > s->committed_log)
        s->log[--s->n_log]->n--;
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
    pair_map_done(&s->tracks);
    mem_free(s->log);
    mem_free(s->hasty);
}

uint64_t round_since(const struct sim *s, struct instance_key key)
{
    const struct track *t = track_find(s, key);
    uint64_t since = s->seq;

    for (size_t k = t ? t->n : 0; k-- > 0 && t->moments[k].round == t->moments[t->n - 1].round;)
        since = t->moments[k].seq;
    return since;
}

uint64_t turn_since(const struct sim *s, struct instance_key key)
{
    const struct track *t = track_find(s, key);
    uint64_t since = s->committed_seq;

    for (size_t k = t ? t->n : 0; k-- > 0 && t->moments[k].round == t->moments[t->n - 1].round;)
        since = t->moments[k].turn;
    return since;
}

bool was(const struct track *t, uint64_t since, enum instance_state state)
{
    for (size_t k = t ? t->n : 0; k-- > 0;) {
        if (t->moments[k].state == state)
            return true;
        if (t->moments[k].seq <= since)
            break;
    }
    return false;
}

bool existed_at(const struct track *t, uint64_t seq)
{
    return t && t->n > 0 && t->moments[0].seq <= seq;
}

bool was_stranger(const struct track *t, uint64_t since, struct str plan)
{
    if (!existed_at(t, since))
        return true;
    for (size_t k = t->n; k-- > 0;) {
        if (!str_eq(t->moments[k].plan_id, plan))
            return true;
        if (t->moments[k].seq <= since)
            break;
    }
    return false;
}
