/* test/sim/changes.c - see changes.h. */
#include "changes.h"

#include <inttypes.h>

#include "checkers.h"

static bool reachable(enum instance_state from, enum instance_state to)
{
    for (int e = 0; e < INSTANCE_EVENT_N_; e++)
        if (e != EVENT_NEW_ROUND && instance_next(from, (enum instance_event)e) == (int)to)
            return true;
    /* WAIT_UPSTREAM passed through at once. */
    return from == INSTANCE_WAIT_EVENT && (to == INSTANCE_WAIT_RUN || to == INSTANCE_SKIP_RUNNING);
}

/* What came after an attempt is what its end says (5.4-5.6), and it has ended. */
static void check_end(struct sim *s, const struct instance *i, const struct instance *old)
{
    const struct sim_attempt *a = runner_attempt(s, old->fence);
    bool to_end = old->flags & (INSTANCE_KILLING | INSTANCE_TIMED_OUT);

    /* One that was to end before its begin reached the runner is never begun. */
    sim_check(s, a ? a->ended : to_end, "I2: an instance goes on while its attempt %" PRIu64 " %s",
              old->fence, a ? "lives" : "was never begun");
    if (old->flags & INSTANCE_KILLING) {
        sim_check(s, i->state == INSTANCE_EXPIRED, "a killed instance is %s",
                  instance_state_name(i->state));
        return;
    }
    enum attempt_result result = a ? a->result : RESULT_KILLED;
    bool failed =
        (old->flags & INSTANCE_TIMED_OUT) || result == RESULT_FAILED || result == RESULT_LOST;
    enum instance_state want =
        failed && old->tries < old->try_limit && sim_task_find(s, i->key.task_id)->there
            ? INSTANCE_FAILED_RETRY
        : failed || result == RESULT_KILLED ? INSTANCE_EXPIRED
                                            : INSTANCE_COMPLETED;
    sim_check(s, i->state == want, "an attempt ended with %d, the instance is %s", (int)result,
              instance_state_name(i->state));
}

/* 5.4: the wait is that of a version that held in this turn, and begins when the runner saw the end
 * of the attempt: between that end, as its clock has it, and now. */
static void check_retry(struct sim *s, const struct instance *i, const struct instance *old)
{
    const struct sim_attempt *a = runner_attempt(s, old->fence);
    const struct sim_version *v = sim_task_find(s, i->key.task_id)->versions;
    struct wall end = a && a->ends_at.us < s->now.us ? a->ends_at : s->now;

    if (a && a->told_end.us < end.us)
        end = a->told_end;
    /* The engine itself said that it never began, a turn ago perhaps. */
    if (!a && old->updated_at.us < end.us)
        end = old->updated_at;
    if (!a && s->back_to.us < end.us)
        end = s->back_to;

    do {
        int64_t wait = v->spec->retry_wait_minutes > 0 ? v->spec->retry_wait_minutes : 0;
        if (i->retry_at.us >= wall_add(end, DUR_MIN(wait)).us &&
            i->retry_at.us <= wall_add(s->now, DUR_MIN(wait)).us)
            return;
        v = v->since > s->committed_seq ? v->older : NULL;
    } while (v);
    sim_fail(s,
             "task %" PRId64 " is tried again %" PRId64 " s from now, its wait is %" PRId64 " min",
             i->key.task_id - SIM_TASK_ID(0), (i->retry_at.us - s->now.us) / 1000000,
             sim_task_find(s, i->key.task_id)->spec->retry_wait_minutes);
}

void changes_check(struct sim *s, const struct instance *i, const struct instance *old)
{
    bool fresh = !old || old->round != i->round;

    if (i->state == INSTANCE_FAILED_RETRY && !fresh && old->state == INSTANCE_RUNNING)
        check_retry(s, i, old);
    sim_check(s,
              fresh || old->state != INSTANCE_FAILED_RETRY || i->state != INSTANCE_WAIT_RUN ||
                  s->latest.us >= old->retry_at.us,
              "a retry before its time");
    if (old && old->round == i->round) {
        bool same = old->state == i->state &&
                    (i->state == INSTANCE_RUNNING || instance_state_is_terminal(i->state));
        sim_check(s, same || reachable(old->state, i->state), "%s became %s",
                  instance_state_name(old->state), instance_state_name(i->state));
        if (old->state == INSTANCE_RUNNING && i->state != INSTANCE_RUNNING)
            check_end(s, i, old);
        sim_check(s, i->tries >= old->tries && i->tries <= old->tries + 1, "tries jumped");
    } else {
        sim_check(s, !old || i->round == old->round + 1, "rounds jumped");
        sim_check(s, !old || instance_state_is_terminal(old->state),
                  "a round began while one was open");
        sim_check(s, i->tries == 0, "a round began with tries");
    }
    sim_check(s, i->total_runs - (old ? old->total_runs : 0) == i->tries - (fresh ? 0 : old->tries),
              "the attempts of all rounds are not counted");
    sim_check(s, i->tries <= i->try_limit || i->tries == (old ? old->tries : 0),
              "more tries than allowed");
    sim_check(s, (i->state == INSTANCE_RUNNING) == (i->fence != 0), "a fence without an attempt");
    sim_check(s, instance_state_is_terminal(i->state) == wall_is_set(i->ended_at),
              "ended and not terminal");
    if (i->state == INSTANCE_FAILED_RETRY)
        sim_check(s, i->tries < i->try_limit, "a retry over the limit");
}
