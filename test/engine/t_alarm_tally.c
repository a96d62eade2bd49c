/* test/engine/t_alarm_tally.c - when the numbers of a project's days are looked at: every piece of
 * a day that ends, whatever happens in that turn.
 */
#include "task_world.h"

#include "engine/cmd_alarm.h"
#include "store/rows.h"

static struct world w;

static int setup(void **state)
{
    (void)state;
    world_init(&w);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

/* ctx: its name.  More failed than the day before, or where it is called so, a task that fails. */
static enum err_code make_rule(struct world *world, struct engine *g, void *ctx, struct err *e)
{
    static const char fluctuation[] =
        "{\"MonitorObjectType\":7,\"MonitorObjectIds\":[\"" PROJECT "\"],"
        "\"AlarmTypes\":[\"projectFailureInstanceUpwardFluctuationAlarm\"],"
        "\"AlarmRuleDetail\":{\"ProjectInstanceStatisticsAlarmInfoList\":[{\"AlarmType\":"
        "\"projectFailureInstanceUpwardFluctuationAlarm\",\"InstanceThresholdCount\":2}]},"
        "\"AlarmGroups\":[{\"AlarmWays\":[\"1\"],\"AlarmRecipientIds\":[\"a@b.example\"]}]}";
    static const char failure[] =
        "{\"MonitorObjectType\":3,\"MonitorObjectIds\":[\"" PROJECT "\"],"
        "\"AlarmTypes\":[\"failure\"],\"AlarmRuleDetail\":{},"
        "\"AlarmGroups\":[{\"AlarmWays\":[\"1\"],\"AlarmRecipientIds\":[\"a@b.example\"]}]}";
    struct str name = str_from(ctx),
               doc = str_from(str_eq(name, STR("other")) ? failure : fluctuation), id;
    struct alarm_rule rule;
    json_t *json = json_loadb(doc.ptr, doc.len, 0, NULL);

    (void)world;
    assert_int_equal(alarm_rule_decode(json, engine_arena(g), &rule, e), E_OK);
    json_decref(json);
    struct alarm_rule_request r = { .project_id = STR(PROJECT),
                                    .name = name,
                                    .description = STR(""),
                                    .uin = STR("1"),
                                    .enabled = true,
                                    .doc = doc,
                                    .rule = &rule,
                                    .objects_given = true };
    return alarm_rule_create(g, &r, &id, e);
}

static void must_make_rule(const char *name)
{
    assert_int_equal(world_run(&w, make_rule, (void *)(uintptr_t)name, NULL), E_OK);
}

/* In this minute, and the day before: so many failed. */
static void put_numbers(int64_t failed, int64_t failed_before)
{
    int64_t slot = w.now.us - w.now.us % ALARM_SLOT.us, day = (int64_t)CIVIL_DAY * 1000000;
    struct alarm_tally_row today = { STR(PROJECT), { slot }, failed, 1 },
                           before = { STR(PROJECT), { slot - day }, failed_before, 1 };

    assert_int_equal(store_begin(w.store, NULL), E_OK);
    assert_int_equal(row_put(w.store, &table_alarm_tally, &today, NULL), E_OK);
    assert_int_equal(row_put(w.store, &table_alarm_tally, &before, NULL), E_OK);
    assert_int_equal(store_commit(w.store, NULL), E_OK);
}

static int64_t messages(void)
{
    return world_count(&w, &table_alarm_message);
}

static void test_every_piece(void **state)
{
    (void)state;
    must_make_rule("up");
    put_numbers(3, 2);
    world_advance(&w, DUR_MIN(5));
    assert_int_equal(messages(), 0); /* one more is not enough */
    put_numbers(3, 0);
    world_advance(&w, DUR_MIN(1));
    assert_int_equal(messages(), 0); /* the piece is not over */
    world_advance(&w, DUR_MIN(4));
    assert_int_equal(messages(), 1);
    world_advance(&w, DUR_MIN(30));
    assert_int_equal(messages(), 1); /* once a day */
}

static void test_rule_changes_in_that_turn(void **state)
{
    (void)state;
    must_make_rule("up");
    put_numbers(3, 1);
    w.now = wall_add(w.now, DUR_MIN(5));
    must_make_rule("other");
    assert_int_equal(messages(), 1);
}

static void test_server_was_down(void **state)
{
    (void)state;
    must_make_rule("up");
    put_numbers(3, 1);
    w.now = wall_add(w.now, DUR_MIN(5));
    world_restart(&w);
    world_advance(&w, DUR_S(0));
    assert_int_equal(messages(), 1);
}

static void test_clock_goes_back(void **state)
{
    (void)state;
    must_make_rule("up");
    world_advance(&w, DUR_MIN(5));
    w.now = wall_add(w.now, DUR_MIN(-3 * 24 * 60));
    world_advance(&w, DUR_S(1));
    put_numbers(3, 1);
    world_advance(&w, DUR_MIN(5));
    assert_int_equal(messages(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_piece, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rule_changes_in_that_turn, setup, teardown),
        cmocka_unit_test_setup_teardown(test_server_was_down, setup, teardown),
        cmocka_unit_test_setup_teardown(test_clock_goes_back, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
