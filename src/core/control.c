/* core/control.c - control tasks: what runs nothing and decides what others do.
 *
 * docs/reference/semantics.md 5.8, 2.8 (dry runs).  A branch completes at its turn and says which
 * downstream tasks may run; the others see it as skipped.  A merge looks at how its upstreams
 * ended: an edge is open, met (it ended as accepted) or refused (it ended otherwise).
 */
#include "core/core_int.h"

/* Does the completed instance let this downstream task run?  Only a branch may say no. */
static bool takes(const struct core *c, struct instance_key up, int64_t down_task)
{
    const struct held_task *t = held_find(c, up.task_id);

    return !t || t->control != CONTROL_BRANCH || c->port.branch_takes(c->port.ctx, up, down_task);
}

enum instance_state control_seen_by(const struct core *c, struct instance_key up,
                                    enum instance_state state, int64_t down_task)
{
    return state == INSTANCE_COMPLETED && !takes(c, up, down_task) ? INSTANCE_SKIP_RUNNING : state;
}

static unsigned ending_of(enum instance_state state)
{
    return state == INSTANCE_COMPLETED      ? ACCEPT_SUCCESS
           : state == INSTANCE_SKIP_RUNNING ? ACCEPT_SKIPPED
           : state == INSTANCE_EXPIRED      ? ACCEPT_FAILED
                                            : 0;
}

bool control_accepts(struct up_edge *edge, enum instance_state state)
{
    unsigned ending = ending_of(state);

    edge->skipped = ending == ACCEPT_SKIPPED;
    edge->refused = ending && !(ending & edge->accept);
    return ending & edge->accept;
}

struct count {
    int open, refused;
};

/* Edges of one dependency stand together. */
static int count_dep(const struct live *l, int from, struct count *ret)
{
    int at = from;

    *ret = (struct count){ 0, 0 };
    while (at < l->n_ups && !edge_is_order(&l->ups[at]) && l->ups[at].dep == l->ups[from].dep) {
        ret->refused += l->ups[at].refused;
        ret->open += !l->ups[at].met && !l->ups[at].refused;
        at++;
    }
    return at;
}

static bool all_skipped(const struct live *l)
{
    for (int i = 0; i < l->n_ups; i++)
        if (!edge_is_order(&l->ups[i]) && !l->ups[i].skipped)
            return false;
    return true;
}

static bool order_holds(const struct live *l)
{
    for (int i = 0; i < l->n_ups; i++)
        if (edge_is_order(&l->ups[i]) && !l->ups[i].met)
            return false;
    return true;
}

static enum verdict merge_verdict(const struct live *l)
{
    int open = 0, refused = 0, accepted = 0;

    for (int at = 0; at < l->n_ups && !edge_is_order(&l->ups[at]);) {
        struct count n;
        at = count_dep(l, at, &n);
        open += n.open > 0;
        refused += n.open == 0 && n.refused > 0;
        accepted += n.open == 0 && n.refused == 0;
    }
    bool holds = l->task->merge_all ? open == 0 && refused == 0
                                    : accepted > 0 || (open == 0 && refused == 0);
    if (holds)
        return order_holds(l) ? VERDICT_GO : VERDICT_WAIT;
    if (open > 0)
        return VERDICT_WAIT;
    return all_skipped(l) ? VERDICT_SKIP : VERDICT_FAIL;
}

enum verdict control_verdict(const struct live *l)
{
    if (l->task->control == CONTROL_MERGE && !(l->i.flags & INSTANCE_SKIP_UPSTREAMS))
        return merge_verdict(l);
    if (l->skipped)
        return VERDICT_SKIP;
    return l->n_unmet == 0 ? VERDICT_GO : VERDICT_WAIT;
}

void control_run(struct core *c, struct live *l, struct wall now)
{
    const struct held_task *t = l->task;
    struct str reason = { NULL, 0 };

    l->i.flags &= ~(unsigned)INSTANCE_DRY_RUN;
    l->i.flags |= t->dry_run ? INSTANCE_DRY_RUN : 0;
    l->i.version_no = t->version_no;
    l->i.started_at = now;
    live_reason(l, STR(""));
    if (t->control == CONTROL_BRANCH && !t->dry_run &&
        !c->port.branch_decide(c->port.ctx, &l->i, &reason)) {
        live_reason(l, reason);
        live_move(c, l, EVENT_CONTROL_FAILED, now);
        return;
    }
    live_move(c, l, EVENT_DRY_RUN, now);
}
