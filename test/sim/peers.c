/* test/sim/peers.c - see peers.h. */
#include "peers.h"

#include <inttypes.h>

#include "checkers.h"
#include "slices.h"

/* Does the round look at the cycle before (2.9, 5.7, 7.1)? */
static bool is_asked(const struct instance *i)
{
    if (i->flags & (INSTANCE_SKIP_CYCLE | INSTANCE_WAIT_CYCLE))
        return i->flags & INSTANCE_WAIT_CYCLE;
    return !(i->flags & INSTANCE_SKIP_UPSTREAMS);
}

static bool ended_well(const struct track *t, uint64_t since)
{
    return was(t, since, INSTANCE_COMPLETED) || was(t, since, INSTANCE_SKIP_RUNNING);
}

/* Under a schedule with another zone the planned time of then says nothing any more: the instant
 * counts. */
static bool is_reached(const struct image_schedule *row, const struct schedule *s,
                       const struct firing *f)
{
    if (!row->has_high_water)
        return false;
    if (wall_is_set(row->settled_at) &&
        schedule_instant(s, row->high_water).us != row->settled_at.us)
        return f->at.us <= row->settled_at.us;
    return f->planned.s <= row->high_water.s;
}

/* Now, or at some moment since the round began: what would not be made then was not waited for. */
static bool is_stopped(const struct sim_task *peer, uint64_t begun, bool now_only)
{
    return peer->status == TASK_STOPPED || (!now_only && peer->stopped_until > begun);
}

/* Nobody will make it any more, if it is not there. */
static bool is_settled(struct sim *s, const struct instance *i, const struct sim_task *peer,
                       const struct sim_version *v, const struct firing *f, bool now_only)
{
    const struct image_schedule *row = image_schedule(&s->image, peer->id);

    return is_stopped(peer, turn_since(s, i->key), now_only) || f->at.us <= v->live_from.us ||
           is_reached(row, &v->spec->schedule, f);
}

static bool holds_under(struct sim *s, const struct instance *i, const struct sim_task *peer,
                        const struct sim_version *v, bool now_only)
{
    uint64_t since = now_only ? s->seq : round_since(s, i->key);
    struct firing f;

    if (!schedule_data_prev(&v->spec->schedule, (struct civil){ i->key.data_time.s - 1 }, 0, &f))
        return true;
    const struct track *t = track_find(s, (struct instance_key){ peer->id, f.data_time });
    if ((i->flags & INSTANCE_PLAN_UPSTREAMS) && !(i->flags & INSTANCE_WAIT_CYCLE) &&
        !slices_had_member(s, i->plan_id, t, since))
        return true;
    if (!existed_at(t, since) && is_settled(s, i, peer, v, &f, now_only))
        return true;
    return ended_well(t, since);
}

/* A peer that was submitted, or submitted anew, in this very turn may be too young for it. */
static bool peer_holds(struct sim *s, const struct instance *i, const struct sim_task *peer,
                       bool now_only)
{
    uint64_t begun = turn_since(s, i->key);
    const struct sim_version *v = peer->versions;

    for (; v; v = v->older) {
        if (holds_under(s, i, peer, v, now_only))
            return true;
        if (now_only || v->since <= begun)
            return false;
    }
    return true;
}

bool cycle_holds(struct sim *s, const struct instance *i, bool now_only)
{
    const struct sim_task *t = sim_task_find(s, i->key.task_id);
    const struct sim_workflow *w = &s->defs.workflows[t->workflow];

    /* In the turn in which it was set, or taken away, an instance may have gone on before. */
    if (!w->waits || !is_asked(i) || (!now_only && w->since > s->committed_seq))
        return true;
    for (int k = 0; k < s->defs.n_tasks; k++) {
        const struct sim_task *peer = &s->defs.tasks[k];
        if (peer->there && peer->workflow == t->workflow && !peer_holds(s, i, peer, now_only))
            return false;
    }
    return true;
}

struct said {
    bool of[SIM_TASKS_MAX];
};

static void note_said(void *ctx, const struct wait_item *w)
{
    struct said *said = ctx;

    if (w->kind == WAIT_FOR_CYCLE)
        said->of[w->task_id - SIM_TASK_ID(1)] = true;
}

/* Of one that came back into operation during the round nobody could know that it would. */
static bool is_steady(struct sim *s, const struct sim_task *peer, const struct instance *i)
{
    return peer->status == TASK_SCHEDULING && peer->ranges && peer->ranges->to.us == WALL_FAR.us &&
           peer->ranges->since <= turn_since(s, i->key);
}

void cycle_check_said(struct sim *s, const struct instance *i)
{
    const struct sim_task *t = sim_task_find(s, i->key.task_id);
    struct said said = { { false } };
    bool asked = false;

    if (cycle_holds(s, i, false))
        return;
    for (int k = 0; k < s->defs.n_tasks; k++) {
        const struct sim_task *peer = &s->defs.tasks[k];
        if (!peer->there || peer->workflow != t->workflow || !is_steady(s, peer, i) ||
            peer_holds(s, i, peer, false) || peer_holds(s, i, peer, true))
            continue;
        if (!asked)
            core_explain(sim_core(s), i->key, s->now, INT32_MAX, note_said, &said);
        asked = true;
        sim_check(s, said.of[k],
                  "2.9: task %" PRId64
                  " does not say that it waits for the cycle before of task %d",
                  t->id - SIM_TASK_ID(0), k + 1);
    }
}
