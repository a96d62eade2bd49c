/* test/core/t_control.c - branch and merge: what they decide, and who is skipped
 * (docs/reference/semantics.md 5.8; vector 11 of 12.3). */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct world world;
static const char *const day5 = "2026-01-05 00:00:00";
static const char *const day6 = "2026-01-06 00:00:00";

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

static struct task_spec *daily(struct world *w, int type_id)
{
    struct task_spec *spec = world_spec(w, CYCLE_DAY, "0 0 0 * * ? *");

    spec->type_id = type_id;
    return spec;
}

static struct task_upstream on_day(int64_t id)
{
    return world_on(id, DEP_DAY, DEP_CURRENT_DAY);
}

/* A daily task after `up` (0: after none). */
static void put(struct world *w, int64_t id, int type_id, int64_t up)
{
    struct task_spec *spec = daily(w, type_id);

    if (up)
        world_upstream(w, spec, on_day(up));
    world_put(w, id, spec);
}

static void merge_on(struct world *w, struct task_spec *spec, int64_t up, unsigned accept)
{
    struct task_upstream on = on_day(up);

    on.accept = accept;
    world_upstream(w, spec, on);
}

static void refuse(struct world *w, int64_t branch, int64_t down)
{
    w->image.refusals[w->image.n_refusals++] = (struct image_refusal){ branch, down };
}

/* branch 1 -> task 2 (taken) -> task 4; branch 1 -> task 3 (not taken) -> task 5; merge 6 after 3
 * and 5. */
static void test_branch__skips_the_ways_not_taken(void **state)
{
    struct world *w = *state;
    struct task_spec *merge = daily(w, TASK_TYPE_MERGE);

    put(w, 1, TASK_TYPE_BRANCH, 0);
    put(w, 2, TASK_TYPE_SHELL, 1);
    put(w, 3, TASK_TYPE_SHELL, 1);
    put(w, 4, TASK_TYPE_SHELL, 2);
    put(w, 5, TASK_TYPE_SHELL, 3);
    merge_on(w, merge, 3, ACCEPT_SUCCESS | ACCEPT_SKIPPED);
    merge_on(w, merge, 5, ACCEPT_SUCCESS | ACCEPT_SKIPPED);
    merge->merge_all = true;
    world_put(w, 6, merge);
    refuse(w, 1, 3);
    world_settle(w);
    assert_state(w, 1, day5, "COMPLETED");
    assert_state(w, 2, day5, "RUNNING");
    assert_state(w, 3, day5, "SKIP_RUNNING");
    assert_state(w, 4, day5, "WAIT_UPSTREAM");
    assert_state(w, 5, day5, "SKIP_RUNNING");
    assert_state(w, 6, day5, "COMPLETED");
    /* Nothing was dispatched for branch and merge. */
    assert_int_equal(world_instance(w, 1, day5)->total_runs, 0);
    assert_int_equal(world_instance(w, 6, day5)->tries, 0);
    assert_true(world_instance(w, 6, day5)->started_at.us > 0);
    assert_int_equal(world_instance(w, 1, day5)->flags & INSTANCE_DRY_RUN, 0);
    world_end(w, world_key(2, day5), RESULT_SUCCESS);
    assert_state(w, 4, day5, "RUNNING");
}

/* The decision is there when the downstream instance comes later, and after a restart. */
static void test_branch__is_asked_by_those_who_come_later(void **state)
{
    struct world *w = *state;

    put(w, 1, TASK_TYPE_BRANCH, 0);
    refuse(w, 1, 3);
    world_settle(w);
    assert_state(w, 1, day5, "COMPLETED");
    world_crash(w);
    put(w, 2, TASK_TYPE_SHELL, 1);
    put(w, 3, TASK_TYPE_SHELL, 1);
    world_backfill(w, 2, day5, 0, "plan");
    world_backfill(w, 3, day5, 0, "plan");
    world_backfill(w, 3, day6, INSTANCE_SKIP_UPSTREAMS, "plan");
    world_settle(w);
    assert_state(w, 2, day5, "RUNNING");
    assert_state(w, 3, day5, "SKIP_RUNNING");
    assert_state(w, 3, day6, "RUNNING"); /* who checks no upstream is not skipped by one */
}

static void test_branch__whose_condition_fails_expires(void **state)
{
    struct world *w = *state;

    put(w, 1, TASK_TYPE_BRANCH, 0);
    put(w, 2, TASK_TYPE_SHELL, 1);
    refuse(w, 1, 0);
    world_settle(w);
    assert_state(w, 1, day5, "EXPIRED");
    assert_true(str_eq_c(world_instance(w, 1, day5)->reason, "the condition is none"));
    assert_state(w, 2, day5, "WAIT_UPSTREAM");
}

static void test_branch__in_a_dry_run_takes_every_way(void **state)
{
    struct world *w = *state;
    struct task_spec *branch = daily(w, TASK_TYPE_BRANCH);

    branch->dry_run = true;
    world_put(w, 1, branch);
    put(w, 2, TASK_TYPE_SHELL, 1);
    refuse(w, 1, 0); /* would fail, were it asked */
    world_settle(w);
    assert_state(w, 1, day5, "COMPLETED");
    assert_state(w, 2, day5, "RUNNING");
}

static void test_merge__goes_on_when_an_upstream_is_run_again(void **state)
{
    struct world *w = *state;
    struct task_spec *merge = daily(w, TASK_TYPE_MERGE);

    put(w, 1, TASK_TYPE_SHELL, 0);
    put(w, 2, TASK_TYPE_SHELL, 0);
    merge_on(w, merge, 1, ACCEPT_SUCCESS);
    merge_on(w, merge, 2, ACCEPT_SUCCESS);
    merge->merge_all = true;
    world_put(w, 3, merge);
    world_settle(w);
    world_end(w, world_key(1, day5), RESULT_FAILED);
    assert_state(w, 1, day5, "EXPIRED");
    assert_state(w, 3, day5, "WAIT_UPSTREAM");
    world_crash(w);
    assert_state(w, 3, day5, "WAIT_UPSTREAM");
    world_backfill(w, 1, day5, 0, "again");
    world_settle(w);
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    world_end(w, world_key(2, day5), RESULT_SUCCESS);
    assert_state(w, 3, day5, "COMPLETED");
}

/* One that is run again has not ended, so the last of the others does not settle the merge. */
static void test_merge__waits_for_one_that_runs_again(void **state)
{
    struct world *w = *state;
    struct task_spec *merge = daily(w, TASK_TYPE_MERGE);

    put(w, 1, TASK_TYPE_SHELL, 0);
    put(w, 2, TASK_TYPE_SHELL, 0);
    merge_on(w, merge, 1, ACCEPT_SUCCESS);
    merge_on(w, merge, 2, ACCEPT_SUCCESS);
    world_put(w, 3, merge);
    world_settle(w);
    world_end(w, world_key(1, day5), RESULT_FAILED);
    world_backfill(w, 1, day5, 0, "again");
    world_settle(w);
    world_end(w, world_key(2, day5), RESULT_FAILED);
    assert_state(w, 3, day5, "WAIT_UPSTREAM");
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    assert_state(w, 3, day5, "COMPLETED");
}

static void test_merge__orderly_waits_for_its_predecessor(void **state)
{
    struct world *w = *state;
    struct task_spec *merge = daily(w, TASK_TYPE_MERGE);

    put(w, 1, TASK_TYPE_SHELL, 0);
    merge_on(w, merge, 1, ACCEPT_SUCCESS);
    merge->self_depend = SELF_ORDERLY;
    world_put(w, 2, merge);
    world_settle(w);
    world_to(w, day6);
    world_end(w, world_key(1, day6), RESULT_SUCCESS);
    assert_state(w, 2, day6, "WAIT_UPSTREAM");
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    assert_state(w, 2, day5, "COMPLETED");
    assert_state(w, 2, day6, "COMPLETED");
}

/* Of a task that waits for it no longer than half an hour. */
static struct task_upstream for_half_an_hour(int64_t id)
{
    struct task_upstream on = on_day(id);

    on.strategy = NULL_EXECUTING;
    on.conditions = NULL_PARENT_TIMEOUT;
    on.timeout_minutes = 30;
    return on;
}

/* 3.5: what was given up holds, whatever comes of it, also for who looks after a restart. */
static void test_merge__does_not_come_back_to_what_it_gave_up(void **state)
{
    struct world *w = *state;
    struct task_spec *merge = daily(w, TASK_TYPE_MERGE);
    struct task_upstream on = for_half_an_hour(1);

    on.accept = ACCEPT_SUCCESS;
    put(w, 1, TASK_TYPE_SHELL, 0);
    put(w, 2, TASK_TYPE_SHELL, 0);
    world_upstream(w, merge, on);
    merge_on(w, merge, 2, ACCEPT_SUCCESS);
    merge->merge_all = true;
    world_put(w, 3, merge);
    world_settle(w);
    world_to(w, "2026-01-05 00:30:00");
    world_end(w, world_key(1, day5), RESULT_FAILED);
    assert_state(w, 3, day5, "WAIT_UPSTREAM");
    world_crash(w);
    assert_state(w, 3, day5, "WAIT_UPSTREAM");
    world_end(w, world_key(2, day5), RESULT_SUCCESS);
    assert_state(w, 3, day5, "COMPLETED");
}

/* branch 2, which waits for task 1, does not take the way to task 3; task 4 has given that up when
 * it is skipped. */
static void test_skipped__skips_nobody_who_gave_it_up(void **state)
{
    struct world *w = *state;
    struct task_spec *down = daily(w, TASK_TYPE_SHELL);

    put(w, 1, TASK_TYPE_SHELL, 0);
    put(w, 2, TASK_TYPE_BRANCH, 1);
    put(w, 3, TASK_TYPE_SHELL, 2);
    put(w, 5, TASK_TYPE_SHELL, 0);
    refuse(w, 2, 3);
    world_upstream(w, down, for_half_an_hour(3));
    world_upstream(w, down, on_day(5));
    world_put(w, 4, down);
    world_settle(w);
    world_to(w, "2026-01-05 00:30:00");
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    assert_state(w, 3, day5, "SKIP_RUNNING");
    assert_state(w, 4, day5, "WAIT_UPSTREAM");
    world_crash(w);
    assert_state(w, 4, day5, "WAIT_UPSTREAM");
    world_end(w, world_key(5, day5), RESULT_SUCCESS);
    assert_state(w, 4, day5, "RUNNING");
}

/* ---- every way that three upstreams can end -------------------------------------------------- */

enum ending { OPEN, GOOD, SKIPPED, FAILED, ENDING_N_ };

/* The rule as it is written. */
static const char *expected(const enum ending *endings, const unsigned *accept, bool all)
{
    int final = 0, accepted = 0, skipped = 0;

    for (int i = 0; i < 3; i++) {
        unsigned bit = endings[i] == GOOD      ? ACCEPT_SUCCESS
                       : endings[i] == SKIPPED ? ACCEPT_SKIPPED
                                               : ACCEPT_FAILED;
        final += endings[i] != OPEN;
        skipped += endings[i] == SKIPPED;
        accepted += endings[i] != OPEN && (accept[i] & bit);
    }
    if (all ? accepted == 3 : accepted > 0)
        return "COMPLETED";
    if (final < 3)
        return "WAIT_UPSTREAM";
    return skipped == 3 ? "SKIP_RUNNING" : "EXPIRED";
}

static void try_merge(const enum ending *endings, const unsigned *accept, bool all, bool crash)
{
    struct world *w = &world;
    struct task_spec *merge;

    world_init(w);
    put(w, 10, TASK_TYPE_BRANCH, 0);
    merge = daily(w, TASK_TYPE_MERGE);
    merge->merge_all = all;
    for (int i = 0; i < 3; i++) {
        put(w, i + 1, TASK_TYPE_SHELL, endings[i] == SKIPPED ? 10 : 0);
        if (endings[i] == SKIPPED)
            refuse(w, 10, i + 1);
        merge_on(w, merge, i + 1, accept[i]);
    }
    world_put(w, 4, merge);
    world_settle(w);
    for (int i = 0; i < 3; i++) {
        if (endings[i] == GOOD || endings[i] == FAILED)
            world_end(w, world_key(i + 1, day5),
                      endings[i] == GOOD ? RESULT_SUCCESS : RESULT_FAILED);
        if (crash)
            world_crash(w);
    }
    const char *want = expected(endings, accept, all), *got = world_state(w, world_key(4, day5));
    if (strcmp(want, got) != 0)
        fail_msg("%s of %d/%u %d/%u %d/%u: %s, not %s", all ? "AND" : "OR", (int)endings[0],
                 accept[0], (int)endings[1], accept[1], (int)endings[2], accept[2], got, want);
    world_done(w);
}

static void test_merge__table(void **state)
{
    static const unsigned masks[] = { ACCEPT_SUCCESS | ACCEPT_SKIPPED, ACCEPT_FAILED,
                                      ACCEPT_SUCCESS };

    (void)state;
    for (int e = 0; e < ENDING_N_ * ENDING_N_ * ENDING_N_; e++) {
        enum ending endings[3] = { e % ENDING_N_, e / ENDING_N_ % ENDING_N_,
                                   e / ENDING_N_ / ENDING_N_ };
        for (size_t m = 0; m < ARRAY_LEN(masks) * ARRAY_LEN(masks); m++) {
            unsigned accept[3] = { masks[m % 3], masks[m / 3], masks[0] };
            try_merge(endings, accept, false, (e + m) % 2);
            try_merge(endings, accept, true, (e + m) % 2);
        }
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_branch__skips_the_ways_not_taken),
        T(test_branch__is_asked_by_those_who_come_later),
        T(test_branch__whose_condition_fails_expires),
        T(test_branch__in_a_dry_run_takes_every_way),
        T(test_merge__goes_on_when_an_upstream_is_run_again),
        T(test_merge__waits_for_one_that_runs_again),
        T(test_merge__orderly_waits_for_its_predecessor),
        T(test_merge__does_not_come_back_to_what_it_gave_up),
        T(test_skipped__skips_nobody_who_gave_it_up),
        cmocka_unit_test(test_merge__table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
