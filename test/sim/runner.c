/* test/sim/runner.c - a simulated runner: attempts take time, reports come late, twice, or with old
 * fences, and connections break.
 *
 * What it says follows run/client.h: `running` once on a connection, `ended` once, and all that is
 * known at the beginning of each.  Messages on a broken connection are lost in both directions.
 */
#include "sim.h"

#include <inttypes.h>

static struct pair_key fence_key(uint64_t fence)
{
    return (struct pair_key){ fence, 0 };
}

static struct sim_attempt *find(const struct sim *s, uint64_t fence)
{
    size_t at = (size_t)(uintptr_t)pair_map_get(&s->by_fence, fence_key(fence));

    return at > 0 ? &s->attempts[at - 1] : NULL;
}

/* Also one whose time is over: whether it ended is known when the runner looks. */
static struct sim_attempt *alive(const struct sim *s, size_t k)
{
    return &s->attempts[s->alive[k]];
}

static void add(struct sim *s, const struct sim_attempt *a)
{
    s->attempts = mem_grow(s->attempts, &s->cap_attempts, s->n_attempts + 1, sizeof(*s->attempts));
    s->alive = mem_grow(s->alive, &s->cap_alive, s->n_alive + 1, sizeof(*s->alive));
    s->alive[s->n_alive++] = s->n_attempts;
    s->attempts[s->n_attempts++] = *a;
    pair_map_put(&s->by_fence, fence_key(a->fence), (void *)(uintptr_t)s->n_attempts);
    pair_map_put(&s->newest, sim_pair(a->key), (void *)(uintptr_t)a->fence);
}

/* Those that are acknowledged leave the list; the others stay in the order in which they began. */
static void forget_acknowledged(struct sim *s)
{
    size_t n = 0;

    for (size_t k = 0; k < s->n_alive; k++)
        if (!alive(s, k)->acknowledged)
            s->alive[n++] = s->alive[k];
    s->n_alive = n;
}

const struct sim_attempt *runner_attempt(const struct sim *s, uint64_t fence)
{
    return find(s, fence);
}

/* Only its newest can be: none begins while another is alive. */
static bool is_alive(const struct sim *s, struct instance_key key)
{
    const struct sim_attempt *a =
        find(s, (uint64_t)(uintptr_t)pair_map_get(&s->newest, sim_pair(key)));

    return a && !a->ended && a->ends_at.us > s->now.us;
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
    sim_check(s, !is_alive(s, key), "I2: a second attempt of %" PRId64 " begins while one is alive",
              key.task_id);
    int64_t seconds = s->busy && !sim_chance(s, 2) ? sim_below(s, 90)
                      : sim_chance(s, 70)          ? sim_below(s, 600)
                                                   : sim_below(s, 7200);
    add(s, &(struct sim_attempt){
               .fence = spec->fence,
               .key = key,
               .ends_at = wall_add(s->now, DUR_S(seconds)),
               .result = sim_chance(s, s->busy ? 97 : 70) ? RESULT_SUCCESS
                         : sim_chance(s, 80)              ? RESULT_FAILED
                                                          : RESULT_LOST,
           });
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
    forget_acknowledged(s);
    for (size_t k = 0; k < s->n_alive; k++) {
        struct sim_attempt *a = alive(s, k);
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
    for (size_t k = 0; k < s->n_alive; k++) {
        struct sim_attempt *a = alive(s, k);
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

    for (size_t k = 0; k < s->n_alive; k++)
        if (!alive(s, k)->acknowledged && alive(s, k)->ends_at.us < next.us)
            next = alive(s, k)->ends_at;
    return next;
}
