/* test/core/t_plan.c - plans that say how many of their instances run at once, in place of what
 * their tasks say of themselves (docs/reference/semantics.md 3.6, 7.1). */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"

static struct world world;

static int setup(void **state)
{
    world_init(&world);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&world);
    return 0;
}

static const char *date(int n)
{
    static char text[4][32];
    static unsigned at;
    char *out = text[at++ % 4];

    snprintf(out, sizeof(text[0]), "2026-01-%02d 00:00:00", n);
    return out;
}

static struct task_spec *daily(struct world *w, enum self_depend self)
{
    struct task_spec *spec = world_spec(w, CYCLE_DAY, "0 0 12 * * ? *");

    spec->self_depend = self;
    return spec;
}

static int running(const struct world *w, int64_t id)
{
    int n = 0;

    for (int d = 1; d <= 28; d++)
        n += strcmp(world_state(w, world_key(id, date(d))), "RUNNING") == 0;
    return n;
}

static void test_limit__replaces_the_self_dependency(void **state)
{
    struct world *w = *state;

    w->image.plan_limit = 2;
    world_put(w, 1, daily(w, SELF_ORDERLY));
    world_put(w, 2, daily(w, SELF_PARALLEL));
    for (int d = 1; d <= 4; d++) {
        world_backfill(w, 1, date(d), INSTANCE_SKIP_UPSTREAMS, "orderly");
        world_backfill(w, 2, date(d), INSTANCE_SKIP_UPSTREAMS, "parallel");
    }
    world_settle(w);
    assert_int_equal(running(w, 1), 2);
    assert_int_equal(running(w, 2), 2);
    assert_string_equal(world_why(w, 2, date(4)), "PLAN");
    world_crash(w);
    assert_int_equal(running(w, 2), 2);
    world_end(w, world_key(2, date(1)), RESULT_SUCCESS);
    assert_int_equal(running(w, 2), 2);
    assert_state(w, 2, date(3), "RUNNING");
    /* One that is killed while it waits gives its turn away. */
    assert_true(core_kill(w->core, world_key(2, date(4)), STR("no"), w->now));
    world_end(w, world_key(2, date(2)), RESULT_SUCCESS);
    world_end(w, world_key(2, date(3)), RESULT_SUCCESS);
    assert_int_equal(running(w, 2), 0);
    assert_state(w, 2, date(4), "EXPIRED");
}

/* What is not of the plan goes by the rule of its task, and counts the plan's. */
static void test_limit__leaves_others_serial(void **state)
{
    struct world *w = *state;

    w->image.plan_limit = 2;
    world_put(w, 1, daily(w, SELF_SERIAL));
    for (int d = 1; d <= 3; d++)
        world_backfill(w, 1, date(d), INSTANCE_SKIP_UPSTREAMS, "plan");
    world_backfill(w, 1, date(20), INSTANCE_SKIP_UPSTREAMS, "");
    world_settle(w);
    assert_int_equal(running(w, 1), 2);
    assert_state(w, 1, date(20), "WAIT_RUN");
    for (int d = 1; d <= 3; d++)
        world_end(w, world_key(1, date(d)), RESULT_SUCCESS);
    assert_state(w, 1, date(20), "RUNNING");
}

/* Plans over several groups and tasks, ended, failed, killed and crashed at random: the limit holds
 * at every step (world_settle verifies), and everything ends. */
static void test_limit__at_random(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct world *w = &world;
        struct prng r;
        prng_init(&r, seed);
        world_init(w);
        w->image.plan_limit = (int)prng_range(&r, 1, 3);
        world_group(w, "a", 2);
        world_group(w, "b", 3);
        for (int64_t id = 1; id <= 4; id++) {
            struct task_spec *spec = daily(w, (enum self_depend)prng_below(&r, 3));
            spec->group_id = prng_below(&r, 2) ? STR("a") : STR("b");
            spec->max_retries = (int64_t)prng_below(&r, 2);
            world_put(w, id, spec);
            for (int d = 1; d <= 6; d++)
                world_backfill(w, id, date(d), INSTANCE_SKIP_UPSTREAMS,
                               prng_below(&r, 4) ? prng_below(&r, 2) ? "p" : "q" : "");
        }
        world_settle(w);
        for (int step = 0; step < 400; step++) {
            struct instance_key key =
                world_key((int64_t)prng_range(&r, 1, 4), date((int)prng_range(&r, 1, 6)));
            const char *s = world_state(w, key);
            if (strcmp(s, "RUNNING") == 0)
                world_end(w, key, prng_below(&r, 4) ? RESULT_SUCCESS : RESULT_FAILED);
            else if (prng_below(&r, 20) == 0)
                core_kill(w->core, key, STR("no"), w->now);
            else if (prng_below(&r, 30) == 0)
                world_crash(w);
            w->now = wall_add(w->now, DUR_S(30));
            world_settle(w);
        }
        for (int round = 0; round < 200; round++) { /* nothing is left behind */
            for (int64_t id = 1; id <= 4; id++)
                for (int d = 1; d <= 6; d++)
                    if (strcmp(world_state(w, world_key(id, date(d))), "RUNNING") == 0)
                        world_end(w, world_key(id, date(d)), RESULT_SUCCESS);
            w->now = wall_add(w->now, DUR_MIN(10));
            world_settle(w);
        }
        for (int64_t id = 1; id <= 4; id++)
            for (int d = 1; d <= 6; d++) {
                const char *s = world_state(w, world_key(id, date(d)));
                bool held =
                    strcmp(s, "WAIT_UPSTREAM") == 0; /* orderly, after one that was killed */
                if (!held && strcmp(s, "COMPLETED") != 0 && strcmp(s, "EXPIRED") != 0)
                    fail_msg("seed %d: task %d, day %d is %s", (int)seed, (int)id, d, s);
            }
        world_done(w);
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_limit__replaces_the_self_dependency),
        T(test_limit__leaves_others_serial),
        cmocka_unit_test(test_limit__at_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
