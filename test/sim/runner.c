/* test/sim/runner.c - a simulated runner: attempts take time, reports come late, twice, or with old
 * fences, and connections break.
 *
 * What it says follows run/client.h: `running` once on a connection, `ended` once, and all that is
 * known at the beginning of each.  Messages on a broken connection are lost in both directions.
 */
#include "sim.h"

#include <inttypes.h>

static struct sim_attempt *find(const struct sim *s, uint64_t fence)
{
    for (size_t k = s->n_attempts; k-- > 0;)
        if (s->attempts[k].fence == fence)
            return &s->attempts[k];
    return NULL;
}

const struct sim_attempt *runner_attempt(const struct sim *s, uint64_t fence)
{
    return find(s, fence);
}

static void begin(void *ctx, const struct attempt_spec *spec)
{
    struct sim *s = ctx;
    struct str rest = spec->instance_key;
    struct instance_key key;

    check(str_to_i64(str_split(&rest, '_'), &key.task_id) &&
          civil_parse(rest, &key.data_time, NULL) == E_OK);
    const struct instance *i = image_get(&s->image, key);
    sim_check(s, s->image.n_undo == 0, "I2: an attempt is sent before it is committed");
    sim_check(s, i && i->state == INSTANCE_RUNNING && i->fence == spec->fence,
              "I2: an attempt is sent that its instance does not have");
    if (!s->connected || find(s, spec->fence))
        return; /* lost; or a fence that it has seen, which it refuses */
    /* I2, seen from where the code runs */
    sim_check(s, !runner_is_alive(s, key),
              "I2: a second attempt of %" PRId64 " begins while one is alive", key.task_id);
    int64_t seconds = sim_chance(s, 70) ? sim_below(s, 600) : sim_below(s, 7200);
    s->attempts = mem_grow(s->attempts, &s->cap_attempts, s->n_attempts + 1, sizeof(*s->attempts));
    s->attempts[s->n_attempts++] = (struct sim_attempt){
        .fence = spec->fence,
        .key = key,
        .ends_at = wall_add(s->now, DUR_S(seconds)),
        .result = sim_chance(s, 70)   ? RESULT_SUCCESS
                  : sim_chance(s, 80) ? RESULT_FAILED
                                      : RESULT_LOST,
    };
    s->begun++;
}

static void end_soon(void *ctx, uint64_t fence, struct dur grace)
{
    struct sim *s = ctx;
    struct sim_attempt *a = find(s, fence);

    (void)grace;
    if (!s->connected || !a || a->ended)
        return;
    struct wall soon = wall_add(s->now, DUR_S(sim_below(s, 15)));
    if (a->ends_at.us <= soon.us)
        return; /* it ends by itself before the signal is there */
    a->ends_at = soon;
    a->result = RESULT_KILLED;
}

static void forget(void *ctx, uint64_t fence)
{
    struct sim *s = ctx;
    struct sim_attempt *a = find(s, fence);
    const struct instance *i = a ? image_get(&s->image, a->key) : NULL;

    sim_check(s, s->image.n_undo == 0 && (!i || i->fence != fence),
              "I7: an end is acknowledged before its result is committed");
    if (a && s->connected)
        a->acknowledged = true;
}

struct runner_port runner_port(struct sim *s)
{
    return (struct runner_port){ s, begin, end_soon, forget };
}

static void say_ended(struct sim *s, const struct sim_attempt *a)
{
    static const enum attempt_outcome outcomes[] = { [RESULT_SUCCESS] = ATTEMPT_EXITED,
                                                     [RESULT_FAILED] = ATTEMPT_EXITED,
                                                     [RESULT_KILLED] = ATTEMPT_KILLED,
                                                     [RESULT_LOST] = ATTEMPT_LOST };
    struct attempt_end end = { .fence = a->fence,
                               .outcome = outcomes[a->result],
                               .exit_code = a->result == RESULT_FAILED,
                               .started_at = s->now,
                               .ended_at = s->now };

    engine_runner_ended(s->engine, &end);
}

void runner_report(struct sim *s)
{
    while (s->first_alive < s->n_attempts && s->attempts[s->first_alive].acknowledged)
        s->first_alive++;
    for (size_t k = s->first_alive; k < s->n_attempts; k++) {
        struct sim_attempt *a = &s->attempts[k];
        a->ended = a->ended || a->ends_at.us <= s->now.us;
        if (!s->connected || a->acknowledged)
            continue;
        if (a->said_on < s->connection && !a->ended && sim_chance(s, 60)) {
            engine_runner_running(s->engine, a->fence, s->now);
            a->said_on = s->connection;
        }
        /* Late: it stays for a later turn. */
        if (!a->ended || a->ended_on == s->connection || (s->faults && sim_chance(s, 20)))
            continue;
        for (int n = s->faults && sim_chance(s, 5) ? 2 : 1; n > 0; n--)
            say_ended(s, a);
        a->ended_on = s->connection;
        s->ended++;
    }
    if (s->faults && s->connected && s->n_attempts > 0 && sim_chance(s, 10)) {
        const struct sim_attempt *old = &s->attempts[sim_below(s, (int64_t)s->n_attempts)];
        if (old->acknowledged)
            say_ended(s, old); /* a stale fence */
    }
}

void runner_disconnect(struct sim *s)
{
    s->connected = false;
    engine_runner_lost(s->engine);
}

void runner_connect(struct sim *s)
{
    s->connected = true;
    s->connection++;
    for (size_t k = s->first_alive; k < s->n_attempts; k++) {
        struct sim_attempt *a = &s->attempts[k];
        if (a->acknowledged)
            continue;
        a->ended = a->ended || a->ends_at.us <= s->now.us;
        if (a->ended) {
            say_ended(s, a);
            a->ended_on = s->connection;
        } else {
            engine_runner_running(s->engine, a->fence, s->now);
            a->said_on = s->connection;
        }
    }
    engine_runner_synced(s->engine);
}

struct wall runner_next_end(const struct sim *s)
{
    struct wall next = WALL_FAR;

    for (size_t k = s->first_alive; k < s->n_attempts; k++)
        if (!s->attempts[k].acknowledged && s->attempts[k].ends_at.us < next.us)
            next = s->attempts[k].ends_at;
    return next;
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
