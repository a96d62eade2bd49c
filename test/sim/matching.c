/* test/sim/matching.c - expected firings against what there is: one to one, with a reason. */
#include <inttypes.h>

#include "checkers.h"
#include "retention.h"
#include "schedules.h"

/* What is known of one planned time of a task. */
struct planned {
    bool expected; /* by some range of its, surely or perhaps */
    /* Schedules with other zones may plan the same time twice, each with a reason of its own. */
    const struct image_miss *misses[8];
    int n_misses;
};

struct matching {
    struct sim *s;
    const struct sim_task *t;
    struct pair_map planned; /* (task, planned time) -> struct planned, in the arena */
};

static struct planned *planned_at(struct matching *m, int64_t task_id, struct civil planned)
{
    struct pair_key key = { (uint64_t)task_id, (uint64_t)planned.s };
    struct planned *p = pair_map_get(&m->planned, key);

    if (!p) {
        p = ARENA_NEW(&m->s->arena, struct planned);
        pair_map_put(&m->planned, key, p);
    }
    return p;
}

static _Noreturn void fail_at(const struct matching *m, struct civil planned, const char *what)
{
    char text[CIVIL_TEXT_LEN + 1];

    civil_format(planned, text);
    sim_fail(m->s, "I4: task %" PRId64 ", the firing planned at %s %s", m->t->id - SIM_TASK_ID(0),
             text, what);
}

static const struct track *instance_at(const struct matching *m, struct civil data_time)
{
    struct instance_key key = { m->t->id, data_time };
    const struct track *t = track_find(m->s, key), *gone = retention_find(m->s, key, true);

    if (t && t->n > 0 && (t->type == INSTANCE_PERIODIC || !gone))
        return t;
    return gone ? gone : retention_find(m->s, key, false);
}

/* A firing that the world must have answered: by its instance, or by a reason that is true. */
static void match_one(struct matching *m, const struct firing *f)
{
    const struct track *t = instance_at(m, f->data_time);
    const struct planned *p = planned_at(m, m->t->id, f->planned);
    const struct image_miss *miss = p->n_misses > 0 ? p->misses[0] : NULL;

    for (int k = 1; k < p->n_misses; k++)
        if (miss->data_time.s != f->data_time.s)
            miss = p->misses[k];
    m->s->n_firings_checked++;
    if (t && t->type == INSTANCE_PERIODIC && t->planned.s == f->planned.s &&
        t->fire_at.us == f->at.us)
        return;
    if (!miss)
        fail_at(m, f->planned, "left neither its instance nor a reason");
    if (miss->reason == MISS_EXISTS && !t)
        fail_at(m, f->planned, "was left out for an instance that does not exist");
}

/* Where the clock went back, what lies before `sure` may have been settled under the definition
 * before, and what lies after `to` was settled perhaps. */
static void match_range(struct matching *m, const struct sim_range *r)
{
    struct firing f = { .at = r->from };
    struct wall upto = r->upto.us > r->to.us ? r->upto : r->to;

    while (schedule_next(&r->spec->schedule, f.at, &f) && f.at.us <= upto.us &&
           f.at.us <= m->s->now.us) {
        struct firing same = f;
        do { /* all that share the instant */
            planned_at(m, m->t->id, same.planned)->expected = true;
            if (same.at.us > r->sure.us && same.at.us <= r->to.us)
                match_one(m, &same);
        } while (schedule_next_planned(&r->spec->schedule, same.planned, &same) &&
                 same.at.us == f.at.us);
    }
}

/* The same by other code than that of src/cal. */
static void match_own(void *ctx, struct civil planned, struct civil data_time)
{
    struct matching *m = ctx;

    if (!instance_at(m, data_time) && planned_at(m, m->t->id, planned)->n_misses == 0)
        fail_at(m, planned, "left nothing");
}

static void match_task(struct matching *m)
{
    for (const struct sim_range *r = m->t->ranges; r; r = r->older) {
        struct wall to = r->to.us < m->s->now.us ? r->to : m->s->now;
        match_range(m, r);
        if (r->sure.us < to.us)
            schedule_each(r->spec, r->sure, to, match_own, m);
    }
}

/* And back. */
static void match_instances(struct matching *m)
{
    const struct comers *all = &m->s->comers[m->t->id - SIM_TASK_ID(1)];

    for (size_t k = 0; k < all->n; k++)
        if (all->made[k]->type == INSTANCE_PERIODIC &&
            !planned_at(m, m->t->id, all->made[k]->planned)->expected)
            fail_at(m, all->made[k]->planned, "was made and not expected");
}

void match_firings(struct sim *s)
{
    struct matching m = { .s = s };

    pair_map_init(&m.planned);
    for (size_t k = 0; k < s->image.n_misses; k++) {
        const struct image_miss *miss = &s->image.misses[k];
        struct planned *p = planned_at(&m, miss->task_id, miss->planned);
        int at = 0;
        while (at < p->n_misses && p->misses[at]->data_time.s != miss->data_time.s)
            at++;
        check(at < (int)ARRAY_LEN(p->misses));
        p->misses[at] = miss;
        p->n_misses += at == p->n_misses;
    }
    for (int k = 0; k < s->defs.n_tasks; k++) {
        m.t = &s->defs.tasks[k];
        match_task(&m);
        match_instances(&m);
    }
    for (size_t k = 0; k < s->image.n_misses; k++) {
        const struct image_miss *miss = &s->image.misses[k];
        m.t = sim_task_find(s, miss->task_id);
        if (!planned_at(&m, miss->task_id, miss->planned)->expected)
            fail_at(&m, miss->planned, "was left out and not expected");
    }
    pair_map_done(&m.planned);
}
