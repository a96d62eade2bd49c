/* bench/core.c - the core alone: memory of a million tasks, instances at one instant, dry runs
 * through a graph.
 *
 * (docs/design.md: G1, G4, G5, G6 without the store.)  The store's part is played by a hash map of
 * states, which is fed from the effects as the engine would write them; the effects are counted, so
 * that nothing is left out.
 *
 *   bench_core [TASKS]        default 1000000
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/map.h"
#include "core/core.h"
#include "sys/clock.h"

struct table {
    struct core *core;
    struct pair_map states; /* instance -> state + 1 */
    size_t seen;
    uint64_t fence;
    int64_t effects, inserted, completed;
};

static void take(struct table *t)
{
    size_t n;
    const struct effect *effects = core_effects(t->core, &n);

    for (; t->seen < n; t->seen++) {
        const struct effect *e = &effects[t->seen];
        t->effects++;
        if (e->kind != EFFECT_INSTANCE_INSERT && e->kind != EFFECT_INSTANCE_UPDATE)
            continue;
        struct pair_key key = { (uint64_t)e->instance.key.task_id,
                                (uint64_t)e->instance.key.data_time.s };
        t->inserted += e->kind == EFFECT_INSTANCE_INSERT;
        t->completed += e->instance.state == INSTANCE_COMPLETED;
        pair_map_put(&t->states, key, (void *)(uintptr_t)(e->instance.state + 1));
    }
}

static bool find_instance(void *ctx, struct instance_key key, struct instance_fact *ret)
{
    struct table *t = ctx;

    take(t);
    uintptr_t state = (uintptr_t)pair_map_get(
        &t->states, (struct pair_key){ (uint64_t)key.task_id, (uint64_t)key.data_time.s });
    if (!state)
        return false;
    ret->state = (enum instance_state)(state - 1);
    return true;
}

static bool find_case(void *ctx, struct str project_id, struct str event_name,
                      enum event_sub_type sub_type, struct civil cut, struct wall now,
                      struct case_fact *ret)
{
    (void)ctx, (void)project_id, (void)event_name, (void)sub_type, (void)cut, (void)now, (void)ret;
    return false;
}

static uint64_t next_fence(void *ctx)
{
    return ++((struct table *)ctx)->fence;
}

static bool find_before(void *ctx, int64_t task_id, struct civil d, struct instance_key *ret,
                        struct instance_fact *ret_fact)
{
    (void)ctx, (void)task_id, (void)d, (void)ret, (void)ret_fact;
    return false;
}

static double seconds_since(struct mono start)
{
    return (double)mono_sub(clock_mono(), start).us / 1e6;
}

static double resident_mb(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long total = 0, resident = 0;

    if (!f)
        return 0;
    if (fscanf(f, "%ld %ld", &total, &resident) != 2)
        resident = 0;
    fclose(f);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

static void begin(struct table *t)
{
    struct core_config config = { .default_slots = 1000000 };
    struct core_port port = { t, find_instance, find_case, next_fence, find_before };

    *t = (struct table){ .fence = 0 };
    pair_map_init(&t->states);
    t->core = core_new(&config, &port);
}

static void end(struct table *t)
{
    core_free(t->core);
    pair_map_done(&t->states);
}

static struct task_spec spec_at(int hour, int minute, bool dry_run)
{
    struct task_spec spec = { .self_depend = SELF_PARALLEL,
                              .priority = 6,
                              .retry_wait_minutes = 5,
                              .max_retries = 4,
                              .execution_ttl_minutes = -1,
                              .wait_ttl_minutes = -1,
                              .dry_run = dry_run };
    char cron[64];

    snprintf(cron, sizeof(cron), "0 %d %d * * ? *", minute, hour);
    spec.schedule = (struct schedule){ .cycle = CYCLE_DAY,
                                       .zone = zone_default(),
                                       .start = civil_make(2026, 1, 1, 0, 0, 0),
                                       .end = civil_make(2099, 12, 31, 23, 59, 59),
                                       .window_to = 1439 };
    if (cron_parse(str_from(cron), &spec.schedule.cron, NULL) != E_OK)
        abort();
    return spec;
}

static void put(struct table *t, int64_t id, const struct task_spec *spec, struct wall now)
{
    struct core_task task = { .id = 20260101000000000 + id,
                              .spec = spec,
                              .project_id = STR("1460947878944567296"),
                              .version_no = 1,
                              .status = TASK_SCHEDULING,
                              .project_enabled = true,
                              .live_from = now };

    core_task_put(t->core, &task, now);
}

/* Everything that is due, in turns like the engine's. */
static void run(struct table *t, struct wall now)
{
    bool more = true;

    while (more) {
        more = core_advance(t->core, now, 5000);
        take(t);
        core_effects_clear(t->core);
        t->seen = 0;
    }
}

/* ---- a million idle tasks; then those of one minute fire ---------------------------------------
 */

static void bench_many(int n)
{
    struct wall now = zone_to_wall(zone_default(), civil_make(2026, 1, 5, 0, 0, 0));
    struct table t;
    double before = resident_mb();

    begin(&t);
    struct mono start = clock_mono();
    for (int i = 0; i < n; i++) {
        struct task_spec spec = spec_at(i % 24, i / 24 % 60, true);
        struct task_upstream up = { .task_id = 20260101000000000 + i - 1,
                                    .rule_given = true,
                                    .rule = { .main = DEP_DAY, .sub = DEP_CURRENT_DAY } };
        if (i % 10 > 0) {
            spec.upstreams = &up;
            spec.n_upstreams = 1;
        }
        put(&t, i, &spec, now);
    }
    double put_s = seconds_since(start);
    printf("%d tasks, 9 of 10 with an upstream: put %.0f/s, %.0f MB, %.0f bytes each\n", n,
           n / put_s, resident_mb() - before, (resident_mb() - before) * 1e6 / n);
    start = clock_mono();
    run(&t, wall_add(now, DUR_S(23 * 3600 + 59 * 60)));
    double run_s = seconds_since(start);
    printf("a day of them: %" PRId64 " instances, %" PRId64
           " completed, %.0f/s, %.1f effects each, %.0f MB at the end\n",
           t.inserted, t.completed, (double)t.completed / run_s,
           (double)t.effects / (double)t.inserted, resident_mb());
    end(&t);
}

/* ---- G4: many due at one instant; how long until all are begun --------------------------------
 */

static void bench_instant(int n)
{
    struct wall now = zone_to_wall(zone_default(), civil_make(2026, 1, 5, 0, 0, 0));
    struct task_spec spec = spec_at(1, 0, false);
    struct table t;

    begin(&t);
    for (int i = 0; i < n; i++)
        put(&t, i, &spec, now);
    struct mono start = clock_mono();
    run(&t, wall_add(now, DUR_S(3600)));
    double s = seconds_since(start);
    printf("%d due at one instant: all begun after %.3f s (%" PRIu64 " attempts, %.0f/s)\n", n, s,
           t.fence, (double)t.fence / s);
    start = clock_mono();
    for (uint64_t fence = 1; fence <= t.fence; fence++)
        core_attempt_ended(t.core, fence, RESULT_SUCCESS, STR(""), wall_add(now, DUR_S(3700)),
                           wall_add(now, DUR_S(3700)));
    run(&t, wall_add(now, DUR_S(3700)));
    printf("    all ended after %.3f s, %" PRId64 " completed\n", seconds_since(start),
           t.completed);
    end(&t);
}

/* ---- G6: layers of tasks, each waiting for ten of the layer before ------------------------------
 */

static void bench_graph(int n, int degree)
{
    struct wall now = zone_to_wall(zone_default(), civil_make(2026, 1, 5, 0, 0, 0));
    struct task_upstream *ups = mem_zalloc(sizeof(*ups) * (size_t)degree);
    int layer = n / 100;
    struct table t;

    begin(&t);
    struct mono start = clock_mono();
    for (int i = 0; i < n; i++) {
        /* Fired in reverse, so that every edge is really waited for. */
        struct task_spec spec = spec_at(1, 59 - i / layer * 59 / 100, true);
        for (int k = 0; k < degree && i >= layer; k++)
            ups[k] =
                (struct task_upstream){ .task_id = 20260101000000000 + (i / layer - 1) * layer +
                                                   (i * 7 + k * 13) % layer,
                                        .rule_given = true,
                                        .rule = { .main = DEP_DAY, .sub = DEP_CURRENT_DAY } };
        spec.upstreams = ups;
        spec.n_upstreams = i >= layer ? degree : 0;
        put(&t, i, &spec, now);
    }
    double put_s = seconds_since(start);
    start = clock_mono();
    run(&t, wall_add(now, DUR_S(7200)));
    double s = seconds_since(start);
    printf("graph of %d tasks and %d edges: put %.2f s, run dry %.2f s (%" PRId64
           " completed, %.0f/s)\n",
           n, (n - layer) * degree, put_s, s, t.completed, (double)t.completed / s);
    end(&t);
    mem_free(ups);
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 1000000;

    bench_many(n); /* first: its memory is measured */
    bench_instant(n / 10);
    bench_graph(n / 10, 10);
    return 0;
}
