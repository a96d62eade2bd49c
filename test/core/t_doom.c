/* test/core/t_doom.c - plans that were deleted, and whose rounds end one after another: until they
 * do nothing of them goes on, and in the end it is as if all had ended at once (core/plan.c;
 * docs/reference/semantics.md 7.2). */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
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
    return world_date("2025-12", n);
}

static void doom(struct world *w, int lives)
{
    assert_int_equal(core_plan_doom(w->core, STR("p"), w->now), lives);
    world_settle(w);
}

static void end(struct world *w, int64_t id, int day)
{
    assert_true(core_kill(w->core, world_key(id, date(day)), STR("some reason"), w->now));
    world_settle(w);
}

static void must_wait_for_its_end(struct world *w, int64_t id, int day, const char *state)
{
    struct instance_key key = world_key(id, date(day));

    assert_string_equal(world_state(w, key), state);
    assert_true(core_is_doomed(w->core, key));
    assert_string_equal(world_why(w, id, date(day)), "KILL");
}

/* ---- nothing of it goes on ------------------------------------------------------------------- */

/* One slot: the first of p has it, the second stands in the queue before another plan's. */
static void test_doom__holds_what_is_in_the_queue(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = world_daily(w, SELF_PARALLEL);

    spec->group_id = STR("a");
    world_group(w, "a", 1);
    world_put(w, 1, spec);
    world_backfill(w, 1, date(1), 0, "p");
    world_backfill(w, 1, date(2), 0, "p");
    world_backfill(w, 1, date(3), 0, "q");
    world_settle(w);
    doom(w, 2);
    world_end(w, world_key(1, date(1)), RESULT_SUCCESS);
    must_wait_for_its_end(w, 1, 2, "WAIT_RUN");
    assert_state(w, 1, date(3), "WAIT_RUN"); /* behind it */
    end(w, 1, 2);
    assert_state(w, 1, date(2), "EXPIRED");
    assert_string_equal(world_instance(w, 1, date(2))->reason.ptr, "its backfill plan was deleted");
    assert_state(w, 1, date(3), "RUNNING");
    core_plan_gone(w->core, STR("p"));
    core_verify(w->core);
}

static void test_doom__holds_what_its_task_lets_run_next(void **state)
{
    struct world *w = *state;

    world_put(w, 1, world_daily(w, SELF_SERIAL));
    for (int d = 1; d <= 3; d++)
        world_backfill(w, 1, date(d), 0, d < 3 ? "p" : "q");
    world_settle(w);
    doom(w, 2);
    world_end(w, world_key(1, date(1)), RESULT_SUCCESS);
    must_wait_for_its_end(w, 1, 2, "WAIT_RUN");
    end(w, 1, 2);
    assert_state(w, 1, date(3), "RUNNING");
}

static void test_doom__holds_what_the_end_of_the_making_would_let_go(void **state)
{
    struct world *w = *state;
    struct instance_key key = world_key(1, date(2));

    world_put(w, 1, world_daily(w, SELF_PARALLEL));
    core_promise(w->core, STR("p"), world_key(1, date(1)));
    core_promise(w->core, STR("p"), key);
    world_backfill(w, 1, date(1), 0, "p");
    world_settle(w);
    doom(w, 1);
    core_plan_withdraw(w->core, STR("p"), &key, 1, w->now);
    world_settle(w);
    must_wait_for_its_end(w, 1, 1, "WAIT_RUN");
    end(w, 1, 1);
    core_plan_gone(w->core, STR("p"));
    world_settle(w);
}

static void test_doom__holds_what_upstreams_and_time_would_let_go(void **state)
{
    struct world *w = *state;
    struct task_spec *down = world_daily(w, SELF_PARALLEL),
                     *retried = world_daily(w, SELF_PARALLEL);
    struct task_spec *limited = world_daily(w, SELF_PARALLEL);

    world_upstream(w, down, world_on(1, DEP_DAY, DEP_CURRENT_DAY));
    world_upstream(w, limited, world_on(1, DEP_DAY, DEP_CURRENT_DAY));
    retried->max_retries = 3;
    limited->wait_ttl_minutes = 10;
    world_put(w, 1, world_daily(w, SELF_PARALLEL));
    world_put(w, 2, down);
    world_put(w, 3, retried);
    world_put(w, 4, limited);
    world_backfill(w, 1, date(1), 0, "q");
    for (int64_t id = 2; id <= 4; id++)
        world_backfill(w, id, date(1), 0, "p");
    world_settle(w);
    world_end(w, world_key(3, date(1)), RESULT_FAILED);
    assert_state(w, 3, date(1), "FAILED_RETRY");
    doom(w, 3);
    world_to(w, "2026-01-05 00:30:00");
    world_end(w, world_key(1, date(1)), RESULT_SUCCESS);
    must_wait_for_its_end(w, 2, 1, "WAIT_UPSTREAM");
    must_wait_for_its_end(w, 3, 1, "FAILED_RETRY");
    must_wait_for_its_end(w, 4, 1, "WAIT_UPSTREAM");
    world_put(w, 2, down); /* its conditions are looked up again */
    world_settle(w);
    must_wait_for_its_end(w, 2, 1, "WAIT_UPSTREAM");
    for (int64_t id = 2; id <= 4; id++)
        end(w, id, 1);
}

/* A case is for the next one that waits. */
static void test_doom__takes_no_case_of_an_event(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = world_daily(w, SELF_PARALLEL);

    world_listen(w, spec, "e", EVENT_SUB_DAY, false, 0);
    world_put(w, 1, spec);
    world_put(w, 2, spec);
    world_backfill(w, 1, date(1), 0, "p");
    world_backfill(w, 2, date(1), 0, "q");
    world_settle(w);
    doom(w, 1);
    world_fire(w, "e", date(1), true);
    must_wait_for_its_end(w, 1, 1, "WAIT_EVENT");
    assert_state(w, 2, date(1), "RUNNING");
    end(w, 1, 1);
}

/* What runs ends as it ends. */
static void test_doom__leaves_what_runs(void **state)
{
    struct world *w = *state;

    world_put(w, 1, world_daily(w, SELF_PARALLEL));
    world_backfill(w, 1, date(1), 0, "p");
    world_settle(w);
    doom(w, 1);
    assert_false(core_is_doomed(w->core, world_key(1, date(1))));
    core_plan_gone(w->core, STR("p"));
    world_end(w, world_key(1, date(1)), RESULT_SUCCESS);
    assert_state(w, 1, date(1), "COMPLETED");
}

/* ---- as good as ended ------------------------------------------------------------------------ */

static void test_doom__lets_another_plan_have_it(void **state)
{
    struct world *w = *state;
    struct task_spec *down = world_daily(w, SELF_PARALLEL);
    struct task_upstream up = world_on(1, DEP_DAY, DEP_CURRENT_DAY);

    up.strategy = NULL_EXECUTING;
    up.conditions = NULL_PARENT_EXPIRED;
    world_upstream(w, down, up);
    world_put(w, 1, world_daily(w, SELF_SERIAL));
    world_put(w, 2, down);
    world_backfill(w, 1, date(1), 0, "p");
    world_backfill(w, 1, date(2), 0, "p");
    world_backfill(w, 2, date(2), 0, "");
    world_settle(w);
    doom(w, 2);
    world_forget(w);
    world_backfill(w, 1, date(2), 0, "q");
    world_settle(w);
    assert_int_equal(world_count(w, EFFECT_ROUND_CLOSE), 1);
    const struct instance *i = world_instance(w, 1, date(2));
    assert_int_equal(i->round, 1);
    assert_string_equal(i->plan_id.ptr, "q");
    assert_int_equal(w->image.rounds[w->image.n_rounds - 1].i.state, INSTANCE_EXPIRED);
    assert_state(w, 2, date(2), "RUNNING"); /* the round before had ended for it */
    assert_false(core_is_doomed(w->core, i->key));
    world_end(w, world_key(1, date(1)), RESULT_KILLED);
    assert_state(w, 1, date(2), "RUNNING");
    core_plan_gone(w->core, STR("p"));
    core_verify(w->core);
}

/* Two plans that promised one round would be two to make it, and of those who wait for it inside
 * the first it would be a stranger. */
static void test_doom__is_promised_by_one_plan(void **state)
{
    struct world *w = *state;
    struct instance_key second = world_key(1, date(2));
    struct firing f;
    bool active;

    world_put(w, 1, world_daily(w, SELF_SERIAL));
    world_backfill(w, 1, date(1), 0, "p");
    world_backfill(w, 1, date(2), 0, "p");
    world_settle(w);
    doom(w, 2);
    f = (struct firing){ world_instance(w, 1, date(2))->planned,
                         world_instance(w, 1, date(2))->fire_at, second.data_time };
    core_promise(w->core, STR("q"), second);
    struct backfill_wish wish = { .task_id = 1, .firing = f, .plan_id = STR("q") };
    assert_int_equal(core_backfill_check(w->core, &wish, &active, NULL), E_OK);
    wish.plan_id = STR("r");
    assert_int_equal(core_backfill_check(w->core, &wish, &active, NULL), E_CONFLICT);
    assert_true(active);
}

static void test_doom__lets_nobody_run_what_may_not_run_again(void **state)
{
    struct world *w = *state;
    struct task_spec *spec = world_daily(w, SELF_SERIAL);
    struct backfill_wish wish = { .task_id = 1, .plan_id = STR("q") };
    struct err e = ERR_INIT;
    bool active = true;

    spec->redo = REDO_NONE;
    world_put(w, 1, spec);
    world_backfill(w, 1, date(1), 0, "p");
    world_backfill(w, 1, date(2), 0, "p");
    world_settle(w);
    wish.firing.data_time = world_key(1, date(2)).data_time;
    doom(w, 2);
    assert_int_equal(core_backfill_check(w->core, &wish, &active, &e), E_DENIED);
    assert_false(active);
    end(w, 1, 2);
}

/* What it was to make another plan makes. */
static void test_doom__promises_nothing(void **state)
{
    struct world *w = *state;
    struct instance_key key = world_key(1, date(1));

    world_put(w, 1, world_daily(w, SELF_PARALLEL));
    core_promise(w->core, STR("p"), key);
    doom(w, 0);
    core_promise(w->core, STR("q"), key);
    world_backfill(w, 1, date(1), 0, "q");
    core_plan_withdraw(w->core, STR("p"), &key, 1, w->now);
    core_plan_gone(w->core, STR("p"));
    world_settle(w);
    assert_state(w, 1, date(1), "RUNNING");
}

/* ---- ended one by one is ended at once ---------------------------------------------------------
 */

enum { TASKS = 5, DAYS = 5 };

/* The rounds of day 1 to DAYS; those of some tasks are of p, and the others' of no plan. */
static bool is_of_plan(int64_t id)
{
    return id != 3 && id != TASKS;
}

static void furnish(struct world *w, struct prng *r)
{
    world_init(w);
    w->image.plan.limit = prng_below(r, 3) ? 0 : (int)prng_range(r, 1, 3);
    w->image.plan.order = (enum plan_order)prng_below(r, 3);
    world_crash(w);
    world_group(w, "a", (int)prng_range(r, 1, 3));
    for (int64_t id = 1; id <= TASKS; id++) {
        struct task_spec *spec = world_daily(w, (enum self_depend)prng_below(r, 3));
        spec->group_id = STR("a");
        spec->priority = (int)prng_range(r, 4, 6);
        spec->dry_run = prng_below(r, 6) == 0;
        for (int64_t up = 1; up < id; up++) {
            struct task_upstream on = world_on(up, DEP_DAY, DEP_CURRENT_DAY);
            if (prng_below(r, 3) == 0) {
                on.strategy = NULL_EXECUTING;
                on.conditions = NULL_PARENT_EXPIRED;
            }
            if (prng_below(r, 2))
                world_upstream(w, spec, on);
        }
        world_put(w, id, spec);
    }
    for (int64_t id = TASKS; id >= 1; id--)
        for (int d = 1; d <= DAYS; d++)
            world_backfill(w, id, date(d), 0, is_of_plan(id) ? "p" : "");
    world_settle(w);
}

static void end_some(struct world *w, uint64_t seed)
{
    struct prng r;

    prng_init(&r, seed);
    for (int n = 0; n < 12; n++) {
        struct instance_key key =
            world_key((int64_t)prng_range(&r, 1, TASKS), date((int)prng_range(&r, 1, DAYS)));
        enum attempt_result result = prng_below(&r, 5) ? RESULT_SUCCESS : RESULT_FAILED;
        if (strcmp(world_state(w, key), "RUNNING") == 0)
            world_end(w, key, result);
    }
}

/* slice 0: all in one turn. */
static void delete_plan(struct world *w, int slice)
{
    core_plan_doom(w->core, STR("p"), w->now);
    for (int n = 0, ended = 0; n < TASKS * DAYS; n++) {
        struct instance_key key = world_key(1 + n / DAYS, date(1 + n % DAYS));
        if (!is_of_plan(key.task_id) || !core_is_doomed(w->core, key))
            continue;
        core_kill(w->core, key, REASON_PLAN_DELETED, w->now);
        if (slice > 0 && ++ended % slice == 0)
            world_settle(w);
    }
    core_plan_gone(w->core, STR("p"));
    world_settle(w);
}

static struct world other;

static void test_slices__end_as_the_whole_does(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct world *a = &world, *b = &other;
        struct prng r, same;
        prng_init(&r, seed);
        same = r;
        world_done(a);
        furnish(a, &r);
        furnish(b, &same);
        end_some(a, seed);
        end_some(b, seed);
        delete_plan(a, 0);
        delete_plan(b, (int)prng_range(&r, 1, 4));
        /* Which of several takes a slot first may differ while the queue is emptied one by one. */
        for (int step = 0; step < 60; step++)
            for (int n = 0; n < TASKS * DAYS; n++) {
                struct instance_key key = world_key(1 + n / DAYS, date(1 + n % DAYS));
                if (strcmp(world_state(a, key), "RUNNING") == 0)
                    world_end(a, key, RESULT_SUCCESS);
                if (strcmp(world_state(b, key), "RUNNING") == 0)
                    world_end(b, key, RESULT_SUCCESS);
            }
        for (int n = 0; n < TASKS * DAYS; n++) {
            struct instance_key key = world_key(1 + n / DAYS, date(1 + n % DAYS));
            if (strcmp(world_state(a, key), world_state(b, key)) != 0)
                fail_msg("seed %d: task %d, day %d is %s at once and %s in slices", (int)seed,
                         1 + n / DAYS, 1 + n % DAYS, world_state(a, key), world_state(b, key));
        }
        world_done(b);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_doom__holds_what_is_in_the_queue),
        TEST(test_doom__holds_what_its_task_lets_run_next),
        TEST(test_doom__holds_what_the_end_of_the_making_would_let_go),
        TEST(test_doom__holds_what_upstreams_and_time_would_let_go),
        TEST(test_doom__takes_no_case_of_an_event),
        TEST(test_doom__leaves_what_runs),
        TEST(test_doom__lets_another_plan_have_it),
        TEST(test_doom__is_promised_by_one_plan),
        TEST(test_doom__lets_nobody_run_what_may_not_run_again),
        TEST(test_doom__promises_nothing),
        TEST(test_slices__end_as_the_whole_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
