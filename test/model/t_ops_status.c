/* test/model/t_ops_status.c - the state of a workflow by those of its tasks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/ops_status.h"

/* Every set of states that tasks can be in, as letters in the order Y O T F I. */
static const struct {
    const char *states;
    enum ops_status expected;
} rows[] = {
    { "-----", OPS_ALL_NO_RUNNING }, { "Y----", OPS_ALL_RUNNING },
    { "-O---", OPS_ALL_FREEZED },    { "YO---", OPS_PART_RUNNING },
    { "--T--", OPS_ALL_NO_RUNNING }, { "Y-T--", OPS_PART_RUNNING },
    { "-OT--", OPS_ALL_NO_RUNNING }, { "YOT--", OPS_PART_RUNNING },
    { "---F-", OPS_ALL_STOPPTED },   { "Y--F-", OPS_PART_RUNNING },
    { "-O-F-", OPS_ALL_NO_RUNNING }, { "YO-F-", OPS_PART_RUNNING },
    { "--TF-", OPS_ALL_NO_RUNNING }, { "Y-TF-", OPS_PART_RUNNING },
    { "-OTF-", OPS_ALL_NO_RUNNING }, { "YOTF-", OPS_PART_RUNNING },
    { "----I", OPS_ALL_INVALID },    { "Y---I", OPS_PART_RUNNING },
    { "-O--I", OPS_ALL_NO_RUNNING }, { "YO--I", OPS_PART_RUNNING },
    { "--T-I", OPS_ALL_NO_RUNNING }, { "Y-T-I", OPS_PART_RUNNING },
    { "-OT-I", OPS_ALL_NO_RUNNING }, { "YOT-I", OPS_PART_RUNNING },
    { "---FI", OPS_ALL_NO_RUNNING }, { "Y--FI", OPS_PART_RUNNING },
    { "-O-FI", OPS_ALL_NO_RUNNING }, { "YO-FI", OPS_PART_RUNNING },
    { "--TFI", OPS_ALL_NO_RUNNING }, { "Y-TFI", OPS_PART_RUNNING },
    { "-OTFI", OPS_ALL_NO_RUNNING }, { "YOTFI", OPS_PART_RUNNING },
};
static const enum task_status places[] = { TASK_SCHEDULING, TASK_PAUSED, TASK_STOPPING,
                                           TASK_STOPPED, TASK_INVALID };
_Static_assert(ARRAY_LEN(rows) == 1 << ARRAY_LEN(places), "every set once");

static void count(const char *states, int64_t each, int64_t drafts, int64_t ret[TASK_STATUS_N_])
{
    for (int i = 0; i < TASK_STATUS_N_; i++)
        ret[i] = 0;
    ret[TASK_NEW] = drafts;
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        if (states[i] != '-')
            ret[places[i]] = each;
}

static void test_status__of_every_set_of_task_states(void **state)
{
    int64_t tasks[TASK_STATUS_N_];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t bit = 0; bit < ARRAY_LEN(places); bit++) /* the table itself is complete */
            assert_int_equal(rows[i].states[bit] != '-', i >> bit & 1);
        for (int64_t each = 1; each <= 2; each++)
            for (int64_t drafts = 0; drafts <= 2; drafts++) {
                count(rows[i].states, each, drafts, tasks);
                if (ops_status_of(tasks) != rows[i].expected)
                    fail_msg("%s, %d of each, %d drafts: %s, not %s", rows[i].states, (int)each,
                             (int)drafts, ops_status_name(ops_status_of(tasks)),
                             ops_status_name(rows[i].expected));
            }
    }
}

static void test_status__names_are_read_back(void **state)
{
    enum ops_status got;

    (void)state;
    for (int i = 0; i < OPS_STATUS_N_; i++) {
        assert_true(ops_status_from_name(str_from(ops_status_name((enum ops_status)i)), &got));
        assert_int_equal(got, i);
    }
    assert_string_equal(ops_status_name(OPS_ALL_STOPPTED), "ALL_STOPPTED");
    assert_false(ops_status_from_name(STR("ALL_STOPPED"), &got));
    assert_false(ops_status_from_name(STR(""), &got));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status__of_every_set_of_task_states),
        cmocka_unit_test(test_status__names_are_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
