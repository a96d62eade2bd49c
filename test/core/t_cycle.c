/* test/core/t_cycle.c - instances that wait for the previous cycle of all tasks of their workflow
 * (docs/reference/semantics.md 2.9). */
#include "world.h"

#include "base/prng.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct world world;
static const char *const day5 = "2026-01-05 00:00:00";
static const char *const day6 = "2026-01-06 00:00:00";
static const char *const day7 = "2026-01-07 00:00:00";
static const char *const day8 = "2026-01-08 00:00:00";
static const int64_t peers[] = { 1, 2, 3 };

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

static struct task_spec *daily(struct world *w)
{
    return world_spec(w, CYCLE_DAY, "0 0 0 * * ? *");
}

/* Tasks 1 to n, which wait for each other; their instances of the 5th run. */
static void put_peers(struct world *w, int n)
{
    w->peers = peers;
    w->n_peers = n;
    for (int64_t id = 1; id <= n; id++)
        world_put(w, id, daily(w));
    world_settle(w);
    for (int64_t id = 1; id <= n; id++)
        assert_state(w, id, day5, "RUNNING");
}

static void end_all(struct world *w, int n, const char *day)
{
    for (int64_t id = 1; id <= n; id++)
        world_end(w, world_key(id, day), RESULT_SUCCESS);
}

static void test_cycle__all_of_the_one_before_must_be_done(void **state)
{
    struct world *w = *state;

    put_peers(w, 2);
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    world_to(w, day6);
    assert_string_equal(world_why(w, 1, day6), "CYCLE:RUNNING");
    assert_string_equal(world_why(w, 2, day6), "CYCLE:RUNNING");
    world_crash(w);
    assert_string_equal(world_why(w, 1, day6), "CYCLE:RUNNING");
    world_end(w, world_key(2, day5), RESULT_SUCCESS);
    assert_state(w, 1, day6, "RUNNING");
    assert_state(w, 2, day6, "RUNNING");
    /* Two cycles behind: only the one directly before counts, and it waits itself. */
    world_to(w, day7);
    assert_string_equal(world_why(w, 1, day7), "CYCLE:RUNNING CYCLE:RUNNING");
}

static void test_cycle__a_failure_holds_until_it_is_mended(void **state)
{
    struct world *w = *state;

    put_peers(w, 2);
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    world_end(w, world_key(2, day5), RESULT_FAILED);
    world_to(w, day6);
    assert_string_equal(world_why(w, 1, day6), "CYCLE:EXPIRED");
    world_backfill(w, 2, day5, 0, "");
    world_settle(w);
    world_end(w, world_key(2, day5), RESULT_SUCCESS);
    assert_state(w, 1, day6, "RUNNING");
    assert_state(w, 2, day6, "RUNNING");
}

/* Branch 1 does not take the way to 2: the next cycle goes on, and is not skipped for it. */
static void test_cycle__skipped_is_done(void **state)
{
    struct world *w = *state;
    struct task_spec *branch = daily(w), *down = daily(w);

    w->image.refusals[w->image.n_refusals++] = (struct image_refusal){ 1, 2 };
    w->peers = peers;
    w->n_peers = 2;
    branch->type_id = TASK_TYPE_BRANCH;
    world_upstream(w, down, world_on(1, DEP_DAY, DEP_CURRENT_DAY));
    world_put(w, 1, branch);
    world_put(w, 2, down);
    world_settle(w);
    assert_state(w, 2, day5, "SKIP_RUNNING");
    w->image.n_refusals = 0;
    world_to(w, day6);
    assert_state(w, 1, day6, "COMPLETED");
    assert_state(w, 2, day6, "RUNNING");
}

/* A merge waits for its own upstreams and for the previous cycle too. */
static void test_cycle__a_merge_waits_for_it(void **state)
{
    struct world *w = *state;
    struct task_spec *merge = daily(w);
    struct task_upstream on = world_on(1, DEP_DAY, DEP_CURRENT_DAY);

    on.accept = ACCEPT_SUCCESS | ACCEPT_FAILED;
    merge->type_id = TASK_TYPE_MERGE;
    world_upstream(w, merge, on);
    world_put(w, 1, daily(w));
    world_put(w, 3, daily(w));
    w->peers = peers;
    w->n_peers = 3;
    world_put(w, 2, merge);
    world_settle(w);
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    assert_state(w, 2, day5, "COMPLETED");
    world_to(w, day6);
    world_end(w, world_key(1, day6), RESULT_SUCCESS);
    assert_string_equal(world_why(w, 2, day6), "CYCLE:RUNNING");
    world_end(w, world_key(3, day5), RESULT_SUCCESS);
    assert_state(w, 2, day6, "COMPLETED");
}

/* What falls into a pause is never made, so the task does not wait for it, nor do the others. */
static void test_cycle__a_pause_leaves_no_hole(void **state)
{
    struct world *w = *state;

    put_peers(w, 2);
    end_all(w, 2, day5);
    core_task_status(w->core, 2, TASK_PAUSED, false, w->now);
    world_to(w, day6);
    assert_state(w, 1, day6, "RUNNING");
    world_end(w, world_key(1, day6), RESULT_SUCCESS);
    world_to(w, day7);
    assert_string_equal(world_why(w, 1, day7), "CYCLE:none");
    core_task_status(w->core, 2, TASK_SCHEDULING, false, w->now);
    world_settle(w);
    assert_state(w, 1, day7, "RUNNING");
    assert_state(w, 2, day6, "NONE");
    world_end(w, world_key(1, day7), RESULT_SUCCESS);
    world_to(w, day8);
    assert_state(w, 1, day8, "RUNNING");
    assert_state(w, 2, day8, "RUNNING");
}

/* What was missed in a disabled project is not waited for either, before and after. */
static void test_cycle__a_miss_leaves_no_hole(void **state)
{
    struct world *w = *state;

    put_peers(w, 2);
    end_all(w, 2, day5);
    world_backfill(w, 1, day7, 0, "");
    world_settle(w);
    assert_string_equal(world_why(w, 1, day7), "CYCLE:none CYCLE:none");
    core_project_enable(w->core, STR("p"), false, w->now);
    world_to(w, day6);
    assert_state(w, 1, day7, "RUNNING");
    core_project_enable(w->core, STR("p"), true, w->now);
    world_to(w, day7);
    assert_state(w, 2, day7, "RUNNING");
}

static void test_cycle__a_stopped_or_deleted_task_lets_go(void **state)
{
    struct world *w = *state;

    put_peers(w, 3);
    world_end(w, world_key(1, day5), RESULT_SUCCESS);
    world_end(w, world_key(3, day5), RESULT_SUCCESS);
    world_to(w, day6);
    assert_string_equal(world_why(w, 1, day6), "CYCLE:RUNNING");
    core_task_delete(w->core, 2, false, w->now); /* which would expire who depends on it */
    world_settle(w);
    assert_state(w, 1, day6, "RUNNING");
    assert_state(w, 3, day6, "RUNNING");
    world_end(w, world_key(1, day6), RESULT_SUCCESS);
    world_end(w, world_key(3, day6), RESULT_SUCCESS);
    core_task_status(w->core, 3, TASK_PAUSED, false, w->now);
    world_to(w, day7);
    world_end(w, world_key(1, day7), RESULT_SUCCESS);
    world_to(w, day8);
    assert_string_equal(world_why(w, 1, day8), "CYCLE:none");
    core_task_status(w->core, 3, TASK_STOPPED, true, w->now);
    world_settle(w);
    assert_state(w, 1, day8, "RUNNING");
}

static void test_cycle__a_new_task_is_waited_for_from_its_first_instance_on(void **state)
{
    struct world *w = *state;

    put_peers(w, 2);
    end_all(w, 2, day5);
    world_to(w, "2026-01-05 12:00:00");
    w->n_peers = 3;
    world_put(w, 3, daily(w));
    world_put_from(w, 1, daily(w), day5);
    world_to(w, day6);
    assert_state(w, 1, day6, "RUNNING");
    assert_state(w, 3, day6, "RUNNING");
    world_end(w, world_key(1, day6), RESULT_SUCCESS);
    world_end(w, world_key(2, day6), RESULT_SUCCESS);
    world_to(w, day7);
    assert_string_equal(world_why(w, 1, day7), "CYCLE:RUNNING");
}

/* The cycle before is the schedule's own, whatever its length. */
static void test_cycle__of_any_length(void **state)
{
    static const struct {
        enum cycle cycle;
        const char *cron, *first, *second;
    } rows[] = {
        { CYCLE_MINUTE, "0 0/5 * * * ? *", "2026-01-05 00:00:00", "2026-01-05 00:05:00" },
        { CYCLE_HOUR, "0 0 0/6 * * ? *", "2026-01-05 00:00:00", "2026-01-05 06:00:00" },
        { CYCLE_WEEK, "0 0 0 ? * 2,6 *", "2026-01-05 00:00:00", "2026-01-09 00:00:00" },
        { CYCLE_MONTH, "0 0 0 5,L * ? *", "2026-01-05 00:00:00", "2026-01-31 00:00:00" },
        { CYCLE_YEAR, "0 0 0 5 1 ? *", "2026-01-05 00:00:00", "2027-01-05 00:00:00" },
        { CYCLE_CRONTAB, "7 0/3 * * * ? *", "2026-01-05 00:00:07", "2026-01-05 00:03:07" },
    };
    struct world *w = *state;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        world_done(w);
        world_init(w);
        w->peers = peers;
        w->n_peers = 2;
        world_put(w, 1, world_spec(w, rows[i].cycle, rows[i].cron));
        world_put(w, 2, world_spec(w, rows[i].cycle, rows[i].cron));
        world_to(w, rows[i].first);
        world_end(w, world_key(1, rows[i].first), RESULT_SUCCESS);
        world_to(w, rows[i].second);
        assert_string_equal(world_why(w, 1, rows[i].second), "CYCLE:RUNNING");
        world_end(w, world_key(2, rows[i].first), RESULT_SUCCESS);
        assert_state(w, 1, rows[i].second, "RUNNING");
    }
}

/* Backfills of a time without instances wait for nothing; with CheckParentType for their own
 * plan only, and without for none. */
static void test_cycle__backfills(void **state)
{
    static const char *const old4 = "2025-12-04 00:00:00", *const old5 = "2025-12-05 00:00:00";
    struct world *w = *state;

    put_peers(w, 2);
    world_backfill(w, 1, old5, 0, "");
    world_settle(w);
    assert_state(w, 1, old5, "RUNNING");
    world_end(w, world_key(1, old5), RESULT_FAILED);
    world_backfill(w, 2, old4, INSTANCE_PLAN_UPSTREAMS, "plan");
    world_backfill(w, 2, old5, INSTANCE_PLAN_UPSTREAMS, "plan");
    world_backfill(w, 2, "2025-12-06 00:00:00", INSTANCE_SKIP_UPSTREAMS, "other");
    world_settle(w);
    assert_state(w, 2, old4, "RUNNING");
    assert_string_equal(world_why(w, 2, old5), "CYCLE:RUNNING");
    assert_state(w, 2, "2025-12-06 00:00:00", "RUNNING");
    world_end(w, world_key(2, old4), RESULT_SUCCESS);
    assert_state(w, 2, old5, "RUNNING");
}

/* ---- at random, against the rule ------------------------------------------------------------ */

enum { RANDOM_PEERS = 3, RANDOM_DAYS = 40, RANDOM_STEPS = 400 };

struct trial {
    struct world *w;
    struct prng random;
    int day; /* of now, from the 5th of January on */
    enum task_status status[RANDOM_PEERS + 1];
    /* Of the waiting instances: the peers whose previous cycle was well at some moment since. */
    unsigned well[RANDOM_PEERS + 1][RANDOM_DAYS + 4];
    enum instance_state before[RANDOM_PEERS + 1][RANDOM_DAYS + 4];
};

static struct civil day_at(int day)
{
    return (struct civil){ civil_make(2026, 1, 5, 0, 0, 0).s + day * CIVIL_DAY };
}

static const struct instance *instance_at(const struct trial *t, int64_t id, int day)
{
    return image_get(&t->w->image, (struct instance_key){ id, day_at(day) });
}

/* The rule, in terms of what is on record. */
static bool is_well(const struct trial *t, int64_t peer, int day)
{
    const struct instance *i = instance_at(t, peer, day);
    const struct image_schedule *s = image_schedule(&t->w->image, peer);

    if (i)
        return i->state == INSTANCE_COMPLETED || i->state == INSTANCE_SKIP_RUNNING;
    return day < 0 || t->status[peer] == TASK_STOPPED ||
           (s->has_high_water && s->high_water.s >= day_at(day).s);
}

static void judge(struct trial *t)
{
    const unsigned all = (1u << RANDOM_PEERS) - 1;

    for (int64_t id = 1; id <= RANDOM_PEERS; id++)
        for (int day = 0; day < RANDOM_DAYS + 4; day++) {
            const struct instance *i = instance_at(t, id, day);
            enum instance_state now = i ? i->state : INSTANCE_STATE_N_;
            unsigned well = 0;
            for (int64_t peer = 1; peer <= RANDOM_PEERS; peer++)
                well |= is_well(t, peer, day - 1) ? 1u << (peer - 1) : 0;
            t->well[id][day] |= well;
            if (now == INSTANCE_WAIT_UPSTREAM && well == all)
                fail_msg("task %d, day %d waits for nothing", (int)id, day);
            if ((now == INSTANCE_RUNNING || now == INSTANCE_WAIT_RUN) &&
                now != t->before[id][day] && t->before[id][day] != INSTANCE_WAIT_RUN &&
                t->well[id][day] != all)
                fail_msg("task %d, day %d goes on with %x", (int)id, day, t->well[id][day]);
            if (now != INSTANCE_WAIT_UPSTREAM)
                t->well[id][day] = 0;
            t->before[id][day] = now;
        }
}

static void end_one(struct trial *t)
{
    struct instance_key running[RANDOM_PEERS * (RANDOM_DAYS + 4)];
    int n = 0;

    for (size_t k = 0; k < t->w->image.n_instances; k++)
        if (t->w->image.instances[k].state == INSTANCE_RUNNING)
            running[n++] = t->w->image.instances[k].key;
    if (n > 0)
        world_end(t->w, running[prng_below(&t->random, (uint64_t)n)],
                  prng_below(&t->random, 5) > 0 ? RESULT_SUCCESS : RESULT_FAILED);
}

static void change_status(struct trial *t, int64_t id)
{
    static const enum task_status to[] = { TASK_SCHEDULING, TASK_SCHEDULING, TASK_PAUSED,
                                           TASK_STOPPED };
    enum task_status status = to[prng_below(&t->random, ARRAY_LEN(to))];
    struct image_schedule schedule = *image_schedule(&t->w->image, id);

    schedule.status = t->status[id] = status;
    image_schedule_set(&t->w->image, &schedule);
    core_task_status(t->w->core, id, status, prng_below(&t->random, 4) == 0, t->w->now);
    world_settle(t->w);
}

static void backfill_one(struct trial *t, int64_t id)
{
    int day = (int)prng_below(&t->random, (uint64_t)t->day + 3);
    const struct instance *i = instance_at(t, id, day);
    char text[CIVIL_TEXT_LEN + 1];

    if (t->status[id] != TASK_SCHEDULING || (i && !instance_state_is_terminal(i->state)))
        return;
    civil_format(day_at(day), text);
    world_backfill(t->w, id, text, 0, "");
    t->before[id][day] = INSTANCE_STATE_N_;
    world_settle(t->w);
}

static void step(struct trial *t)
{
    int64_t id = 1 + (int64_t)prng_below(&t->random, RANDOM_PEERS);
    char text[CIVIL_TEXT_LEN + 1];

    switch (prng_below(&t->random, 12)) {
    case 0:
        if (t->day + 1 < RANDOM_DAYS) {
            civil_format(day_at(++t->day), text);
            world_to(t->w, text);
        }
        break;
    case 1:
        change_status(t, id);
        break;
    case 2:
    case 3:
        backfill_one(t, id);
        break;
    case 4:
        world_crash(t->w);
        break;
    case 5: /* the same definition again, as when the workflow's tasks change */
        core_task_put(
            t->w->core,
            &(struct core_task){ .id = id,
                                 .spec = t->w->tasks[id - 1].spec,
                                 .project_id = STR("p"),
                                 .peers = peers,
                                 .n_peers = RANDOM_PEERS,
                                 .version_no = 1,
                                 .status = t->status[id],
                                 .project_enabled = true,
                                 .live_from = t->w->tasks[id - 1].live_from,
                                 .high_water = image_schedule(&t->w->image, id)->high_water,
                                 .has_high_water = true },
            t->w->now);
        world_settle(t->w);
        break;
    default:
        end_one(t);
    }
}

static void test_cycle__random(void **state)
{
    static struct trial t;

    for (uint64_t seed = 1; seed <= 200; seed++) {
        world_done(*state);
        world_init(*state);
        t = (struct trial){ .w = *state };
        prng_init(&t.random, seed);
        t.w->peers = peers;
        t.w->n_peers = RANDOM_PEERS;
        for (int64_t id = 1; id <= RANDOM_PEERS; id++) {
            t.status[id] = TASK_SCHEDULING;
            for (int day = 0; day < RANDOM_DAYS + 4; day++)
                t.before[id][day] = INSTANCE_STATE_N_;
            world_put(t.w, id, daily(t.w));
        }
        world_settle(t.w);
        judge(&t);
        for (int k = 0; k < RANDOM_STEPS; k++) {
            step(&t);
            judge(&t);
        }
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_cycle__all_of_the_one_before_must_be_done),
        T(test_cycle__a_failure_holds_until_it_is_mended),
        T(test_cycle__skipped_is_done),
        T(test_cycle__a_merge_waits_for_it),
        T(test_cycle__a_pause_leaves_no_hole),
        T(test_cycle__a_miss_leaves_no_hole),
        T(test_cycle__a_stopped_or_deleted_task_lets_go),
        T(test_cycle__a_new_task_is_waited_for_from_its_first_instance_on),
        T(test_cycle__of_any_length),
        T(test_cycle__backfills),
        T(test_cycle__random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
