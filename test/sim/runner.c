/* test/sim/runner.c - a simulated runner: attempts take time, reports come late, twice, or with old
 * fences. */
#include "sim.h"

static struct sim_attempt *find(struct sim *s, uint64_t fence)
{
    for (size_t k = s->n_attempts; k-- > 0;)
        if (s->attempts[k].fence == fence)
            return &s->attempts[k];
    return NULL;
}

const struct sim_attempt *runner_attempt(const struct sim *s, uint64_t fence)
{
    for (size_t k = s->n_attempts; k-- > 0;)
        if (s->attempts[k].fence == fence)
            return &s->attempts[k];
    return NULL;
}

void runner_begin(struct sim *s, uint64_t fence, struct instance_key key)
{
    if (find(s, fence))
        return; /* a fence that it has seen is refused */
    /* I2, seen from where the code runs */
    sim_check(s, !runner_is_alive(s, key), "I2: a second attempt of %lld begins while one is alive",
              (long long)key.task_id);
    int64_t seconds = sim_chance(s, 70) ? sim_below(s, 600) : sim_below(s, 7200);
    s->attempts = mem_grow(s->attempts, &s->cap_attempts, s->n_attempts + 1, sizeof(*s->attempts));
    s->attempts[s->n_attempts++] = (struct sim_attempt){
        .fence = fence,
        .key = key,
        .ends_at = wall_add(s->now, DUR_S(seconds)),
        .result = sim_chance(s, 70)   ? RESULT_SUCCESS
                  : sim_chance(s, 80) ? RESULT_FAILED
                                      : RESULT_LOST,
    };
    s->begun++;
}

void runner_kill(struct sim *s, uint64_t fence)
{
    struct sim_attempt *a = find(s, fence);

    if (!a || a->ended)
        return;
    struct wall soon = wall_add(s->now, DUR_S(sim_below(s, 15)));
    if (a->ends_at.us <= soon.us)
        return; /* it ends by itself before the signal is there */
    a->ends_at = soon;
    a->result = RESULT_KILLED;
}

void runner_ack(struct sim *s, uint64_t fence)
{
    struct sim_attempt *a = find(s, fence);

    if (a)
        a->acknowledged = true;
}

static void report(struct sim *s, struct sim_attempt *a)
{
    int times = s->faults && sim_chance(s, 5) ? 2 : 1;

    for (int k = 0; k < times; k++)
        core_attempt_ended(s->core, a->fence, a->result, STR("the attempt ended"), s->now);
    s->ended++;
}

void runner_report(struct sim *s)
{
    while (s->first_alive < s->n_attempts && s->attempts[s->first_alive].acknowledged)
        s->first_alive++;
    for (size_t k = s->first_alive; k < s->n_attempts; k++) {
        struct sim_attempt *a = &s->attempts[k];
        a->ended = a->ended || a->ends_at.us <= s->now.us;
        if (!a->running_said && sim_chance(s, 60)) {
            core_attempt_running(s->core, a->fence, s->now, s->now);
            a->running_said = true;
        }
        /* Late: it stays for a later turn. */
        if (a->ended && !a->acknowledged && !(s->faults && sim_chance(s, 20)))
            report(s, a);
    }
    if (s->faults && s->n_attempts > 0 && sim_chance(s, 10)) {
        const struct sim_attempt *old = &s->attempts[sim_below(s, (int64_t)s->n_attempts)];
        if (old->acknowledged)
            core_attempt_ended(s->core, old->fence, RESULT_SUCCESS, STR("stale"), s->now);
    }
}

void runner_resync(struct sim *s)
{
    for (size_t k = 0; k < s->image.n_instances; k++) {
        const struct instance *i = &s->image.instances[k];
        if (i->state == INSTANCE_RUNNING && !find(s, i->fence))
            runner_begin(s, i->fence, i->key);
    }
}

struct wall runner_next_end(const struct sim *s)
{
    struct wall next = WALL_FAR;

    for (size_t k = s->first_alive; k < s->n_attempts; k++)
        if (!s->attempts[k].acknowledged && s->attempts[k].ends_at.us < next.us)
            next = s->attempts[k].ends_at;
    return next;
}

bool runner_idle(const struct sim *s)
{
    return runner_next_end(s).us == WALL_FAR.us;
}

bool runner_is_alive(const struct sim *s, struct instance_key key)
{
    for (size_t k = s->first_alive; k < s->n_attempts; k++) {
        const struct sim_attempt *a = &s->attempts[k];
        if (a->key.task_id == key.task_id && a->key.data_time.s == key.data_time.s && !a->ended &&
            a->ends_at.us > s->now.us)
            return true;
    }
    return false;
}
