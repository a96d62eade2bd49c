/* test/sim/runner.c - a simulated runner: attempts take time, reports come late, twice, in another
 * order or with old fences, connections break in the middle of what is said, and the runner, its
 * machine or its disk die.
 *
 * What it says follows run/client.h and run/runner_attempt.c: `running` once on a connection,
 * `ended` once, and all that is known at the beginning of each.  Messages on a broken connection
 * are lost in both directions; a message that is torn is one that is lost.
 */
#include "checkers.h"

#include <inttypes.h>

#include "base/jw.h"
#include "hook.h"
#include "sending.h"

static struct pair_key fence_key(uint64_t fence)
{
    return (struct pair_key){ fence, 0 };
}

/* NULL: none at this place, counted from 1. */
static struct sim_attempt *at_place(const struct sim *s, size_t place)
{
    return place > 0 ? &s->attempts[place - 1] : NULL;
}

/* Of two with the same fence (its disk was lost between) the newer. */
static struct sim_attempt *newest(const struct sim *s, uint64_t fence)
{
    return at_place(s, (size_t)(uintptr_t)pair_map_get(&s->by_fence, fence_key(fence)));
}

/* One that the runner knows. */
static struct sim_attempt *find(const struct sim *s, uint64_t fence)
{
    struct sim_attempt *a = newest(s, fence);

    while (a && a->unnamed)
        a = at_place(s, a->older);
    return a;
}

/* Borrowed until the next one. */
static struct sim_attempt *add(struct sim *s, const struct sim_attempt *a)
{
    struct sim_attempt *kept;

    s->attempts = mem_grow(s->attempts, &s->cap_attempts, s->n_attempts + 1, sizeof(*s->attempts));
    s->alive = mem_grow(s->alive, &s->cap_alive, s->n_alive + 1, sizeof(*s->alive));
    s->alive[s->n_alive++] = s->n_attempts;
    kept = &s->attempts[s->n_attempts++];
    *kept = *a;
    kept->older = (size_t)(uintptr_t)pair_map_put(&s->by_fence, fence_key(a->fence),
                                                  (void *)(uintptr_t)s->n_attempts);
    pair_map_put(&s->newest, sim_pair(a->key), (void *)(uintptr_t)a->fence);
    return kept;
}

/* The kth of those that have something to say, or had it a moment ago. */
static struct sim_attempt *alive(const struct sim *s, size_t k)
{
    return &s->attempts[s->alive[k]];
}

static void drop_silent(struct sim *s)
{
    size_t n = 0;

    for (size_t k = 0; k < s->n_alive; k++)
        if (!alive(s, k)->acknowledged && !alive(s, k)->unnamed)
            s->alive[n++] = s->alive[k];
    s->n_alive = n;
}

/* Also one whose end was said before its record was lost: the server may have that still. */
const struct sim_attempt *runner_attempt(const struct sim *s, uint64_t fence)
{
    const struct sim_attempt *a = find(s, fence);

    if (a)
        return a;
    for (a = newest(s, fence); a && a->ended_on == 0;)
        a = at_place(s, a->older);
    return a;
}

struct wall runner_told_begin(const struct sim *s, uint64_t fence)
{
    struct wall begin = WALL_FAR;

    for (const struct sim_attempt *a = newest(s, fence); a; a = at_place(s, a->older))
        if (a->told_begin.us != 0 && a->told_begin.us < begin.us)
            begin = a->told_begin;
    return begin;
}

struct str runner_output(struct sim *s, uint64_t fence, struct str key)
{
    /* One value, one line of some, or lines; END_OF_ROW is no end of anything (each.h).  What looks
     * like a time is none: what was printed is not looked at. */
    static const char *const tails[] = {
        "", ",b", ",b,,c\n", "\nd,e\n\nf", "\n", "\ng\nEND_OF_ROW", "\nEND_OF_ROW\nh\n"
    };
    uint64_t pick = hash_u64(fence ^ hash_bytes(key.ptr, key.len));

    return arena_printf(&s->arena, "o%" PRIu64 ".%.*s${dd}%s", fence, STR_ARG(key),
                        tails[pick % ARRAY_LEN(tails)]);
}

/* ---- what the server sends ------------------------------------------------------------------ */

/* False: it does not arrive. */
static bool hears(struct sim *s)
{
    struct sim_weather *w = &s->weather;

    if (!s->connected)
        return false;
    if (w->orders_left == 0) {
        s->connected = false; /* here it breaks; the server learns it after the turn */
        s->torn = true;
        return false;
    }
    w->orders_left -= w->orders_left > 0;
    return true;
}

static struct wall random_end(struct sim *s, enum attempt_result *ret)
{
    struct sim_weather *w = &s->weather;
    int64_t seconds = sim_maybe(s, s->odds->short_run) ? sim_below(s, 90)
                      : sim_chance(s, 70)              ? sim_below(s, 600)
                                                       : sim_below(s, 7200);

    *ret = sim_chance(s, s->success) ? RESULT_SUCCESS
           : sim_chance(s, 80)       ? RESULT_FAILED
                                     : RESULT_LOST;
    switch (w->mood) {
    case MOOD_EXPLOSION:
        *ret = RESULT_FAILED;
        return s->now;
    case MOOD_ENDLESS:
        return wall_add(s->now, DUR_S(CIVIL_DAY / 2 + sim_below(s, 3 * CIVIL_DAY)));
    case MOOD_SAME_INSTANT:
        return w->same_end.us > s->now.us ? w->same_end : s->now;
    default:
        return wall_add(s->now, DUR_S(seconds));
    }
}

static struct str random_outputs(struct sim *s, const struct attempt_spec *spec)
{
    struct buf out;
    struct jw w;

    if (spec->n_outputs == 0)
        return STR("");
    buf_init(&out, 4096);
    jw_init(&w, &out);
    jw_object(&w);
    for (int k = 0; k < spec->n_outputs; k++)
        jw_kstr(&w, arena_str(&s->arena, spec->outputs[k].key).ptr,
                runner_output(s, spec->fence, spec->outputs[k].key));
    jw_object_end(&w);
    struct str copy = arena_str(&s->arena, buf_str(&out));
    buf_done(&out);
    return copy;
}

/* Dice of its own, so that one attempt more or less changes no other. */
static void start(struct sim *s, const struct attempt_spec *spec, struct instance_key key)
{
    struct prng others = s->random;
    bool doubtful = spec->resent && spec->fence <= s->weather.doubtful_until;
    bool refused = doubtful || spec->refusal.len > 0;

    prng_init(&s->random,
              hash_u64(s->seed + hash_u64((uint64_t)key.task_id ^ (uint64_t)key.data_time.s) +
                       (uint64_t)spec->round * 64 + (uint64_t)spec->number));
    struct sim_attempt *a =
        add(s, &(struct sim_attempt){
                   .fence = spec->fence, .key = key, .begun_at = s->now, .refused = refused });
    a->ends_at = random_end(s, &a->result);
    a->outputs = random_outputs(s, spec);
    if (spec->event_hook.len > 0)
        a->events = hook_random(s, sim_task_find(s, key.task_id));
    if (refused) {
        /* A fence that may have been begun before is lost; what cannot start failed. */
        a->ends_at = s->now;
        a->result = doubtful ? RESULT_LOST : RESULT_FAILED;
    }
    if (a->result != RESULT_SUCCESS)
        a->events = a->outputs = STR("");
    s->begun++;
    s->random = others;
}

/* Only its newest can be: none begins while another is alive. */
static bool is_alive(const struct sim *s, struct instance_key key)
{
    uint64_t fence = (uint64_t)(uintptr_t)pair_map_get(&s->newest, sim_pair(key));
    const struct sim_attempt *a = newest(s, fence);

    return a && !a->ended && !a->unnamed && a->ends_at.us > s->now.us;
}

static void begin(void *ctx, const struct attempt_spec *spec)
{
    struct sim *s = ctx;
    struct str rest = spec->instance_key;
    struct instance_key key;

    check(str_to_i64(str_split(&rest, '_'), &key.task_id) &&
          civil_parse(rest, &key.data_time, NULL) == E_OK);
    const struct instance *i = track_instance(s, track_find(s, key));
    sim_check(s, s->image.n_undo == 0, "I2: an attempt is sent before it is committed");
    sim_check(s, i && i->state == INSTANCE_RUNNING && i->fence == spec->fence,
              "I2: an attempt is sent that its instance does not have");
    sending_check(s, spec);
    /* Lost; or a fence that it has seen, which it does not start again. */
    if (!hears(s) || find(s, spec->fence))
        return;
    /* I2, seen from where the code runs */
    sim_check(s, !is_alive(s, key), "I2: a second attempt of %" PRId64 " begins while one is alive",
              key.task_id);
    sim_tell(s, "the runner begins attempt %" PRIu64 " of task %" PRId64, spec->fence,
             key.task_id - SIM_TASK_ID(0));
    start(s, spec, key);
}

static void end_soon(void *ctx, uint64_t fence, struct dur grace)
{
    struct sim *s = ctx;
    struct sim_attempt *a = find(s, fence);

    (void)grace;
    if (!hears(s) || !a || a->ended)
        return;
    a->ending = true;
    struct wall soon = wall_add(s->now, DUR_S((int64_t)(hash_u64(fence) % 15)));
    if (a->ends_at.us <= soon.us)
        return; /* it ends by itself before the signal is there */
    a->ends_at = soon;
    a->result = RESULT_KILLED;
    a->outputs = a->events = STR("");
}

static void forget(void *ctx, uint64_t fence)
{
    struct sim *s = ctx;
    struct sim_attempt *a = find(s, fence);
    const struct instance *i = a ? track_instance(s, track_find(s, a->key)) : NULL;

    sim_check(s, s->image.n_undo == 0 && (!i || i->fence != fence),
              "I7: an end is acknowledged before its result is committed");
    if (hears(s) && a)
        a->acknowledged = true;
}

struct runner_port runner_port(struct sim *s)
{
    return (struct runner_port){ s, begin, end_soon, forget };
}

/* ---- what it says ---------------------------------------------------------------------------- */

static void say_ended(struct sim *s, struct sim_attempt *a)
{
    static const enum attempt_outcome outcomes[] = { [RESULT_SUCCESS] = ATTEMPT_EXITED,
                                                     [RESULT_FAILED] = ATTEMPT_EXITED,
                                                     [RESULT_KILLED] = ATTEMPT_KILLED,
                                                     [RESULT_LOST] = ATTEMPT_LOST };
    struct attempt_end end = { .fence = a->fence,
                               .outcome = a->refused && a->result == RESULT_FAILED
                                              ? ATTEMPT_NOT_STARTED
                                              : outcomes[a->result],
                               .exit_code = a->result == RESULT_FAILED,
                               .started_at = a->begun_at,
                               .ended_at = wall_add(a->ends_at, s->weather.drift),
                               .outputs = a->outputs,
                               .events = a->events };

    if (a->told_end.us == 0 || end.ended_at.us < a->told_end.us)
        a->told_end = end.ended_at;
    engine_runner_ended(s->engine, &end);
}

static void say_running(struct sim *s, struct sim_attempt *a)
{
    struct wall begin = wall_add(a->begun_at, s->weather.drift);

    if (a->told_begin.us == 0 || begin.us < a->told_begin.us)
        a->told_begin = begin;
    engine_runner_running(s->engine, a->fence, begin);
    a->said_on = s->connection;
}

/* What one attempt has to say now. */
static void report(struct sim *s, struct sim_attempt *a)
{
    a->ended = a->ended || a->ends_at.us <= s->now.us;
    if (!s->connected || a->acknowledged || a->unnamed)
        return;
    if (a->said_on < s->connection && !a->ended && sim_chance(s, 60))
        say_running(s, a);
    /* Late: it stays for a later turn. */
    if (!a->ended || a->ended_on == s->connection || sim_fault(s, SIM_FAULT_late, 200))
        return;
    for (int n = sim_fault(s, SIM_FAULT_twice, 50) ? 2 : 1; n > 0; n--)
        say_ended(s, a);
    a->ended_on = s->connection;
    s->ended++;
    if (sim_fault(s, SIM_FAULT_after_end, 20))
        say_running(s, a);
}

void runner_report(struct sim *s)
{
    bool backwards = sim_fault(s, SIM_FAULT_disorder, 150);

    drop_silent(s);
    size_t n = s->n_alive;
    size_t stop = sim_fault(s, SIM_FAULT_torn_reports, 8) ? (size_t)sim_below(s, 4) : n;
    if (s->faults && s->steps < s->weather.stall_until && !mute_has_faults(s))
        stop = 0;
    for (size_t k = 0; k < n && k < stop; k++)
        report(s, alive(s, backwards ? n - 1 - k : k));
    if (stop < n && s->steps >= s->weather.stall_until && s->connected)
        runner_disconnect(s);
    if (s->connected && s->n_attempts > 0 && sim_fault(s, SIM_FAULT_stale, 100)) {
        struct sim_attempt *old = &s->attempts[sim_below(s, (int64_t)s->n_attempts)];
        if (old->acknowledged)
            say_ended(s, old);
    }
}

void runner_disconnect(struct sim *s)
{
    s->connected = s->torn = false;
    engine_runner_lost(s->engine);
}

void runner_connect(struct sim *s)
{
    s->connected = true;
    s->torn = false;
    s->connection++;
    for (size_t k = 0; k < s->n_alive; k++) {
        struct sim_attempt *a = alive(s, k);
        if (a->acknowledged || a->unnamed)
            continue;
        a->ended = a->ended || a->ends_at.us <= s->now.us;
        if (a->ended) {
            say_ended(s, a);
            a->ended_on = s->connection;
        } else {
            say_running(s, a);
        }
    }
    engine_runner_synced(s->engine);
}

/* ---- what happens to it ---------------------------------------------------------------------- */

void runner_die(struct sim *s)
{
    if (s->connected)
        runner_disconnect(s);
}

/* Every attempt ends with it.  The newest fences may not have reached the disk: of them it is not
 * known whether they began (run/fences.h). */
void machine_die(struct sim *s)
{
    runner_die(s);
    for (size_t k = 0; k < s->n_alive; k++) {
        struct sim_attempt *a = alive(s, k);
        if (a->acknowledged || a->unnamed || a->ended || a->ends_at.us <= s->now.us)
            continue;
        a->ended = true;
        a->ends_at = s->now;
        a->result = RESULT_LOST;
        a->outputs = a->events = STR("");
        a->unnamed = sim_chance(s, 30);
    }
    if (s->n_attempts > 0)
        s->weather.doubtful_until = s->attempts[s->n_attempts - 1].fence;
}

/* Nothing is known of any attempt, and none is alive: what the server believes in is begun anew. */
void disk_die(struct sim *s)
{
    machine_die(s);
    for (size_t k = 0; k < s->n_alive; k++)
        if (!alive(s, k)->acknowledged)
            alive(s, k)->unnamed = true;
    s->weather.doubtful_until = 0;
}

struct wall runner_next_end(const struct sim *s)
{
    struct wall next = WALL_FAR;

    for (size_t k = 0; k < s->n_alive; k++)
        if (!alive(s, k)->acknowledged && !alive(s, k)->unnamed &&
            alive(s, k)->ends_at.us < next.us)
            next = alive(s, k)->ends_at;
    return next;
}
