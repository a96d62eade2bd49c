/* test/model/t_dependency.c - the table of allowed pairs, names, offsets, kinds of rules.
 * docs/reference/semantics.md 3.1, 3.3, 3.5, 3.8. */
#include "dep_text.h"

/* 3.3, row by row: presets in their order, then the custom forms. */
static const struct {
    enum cycle down, up;
    const char *pairs;
} table[] = {
    { CYCLE_MINUTE, CYCLE_MINUTE,
      "MINUTE/CURRENT_MINUTE, MINUTE/PREVIOUS_MINUTE_CYCLE, LIST_MINUTE, "
      "RANGE_MINUTE" },
    { CYCLE_MINUTE, CYCLE_HOUR, "HOUR/CURRENT_HOUR, LIST_HOUR, RANGE_HOUR" },
    { CYCLE_MINUTE, CYCLE_DAY, "DAY/CURRENT_DAY, LIST_DAY, RANGE_DAY" },
    { CYCLE_MINUTE, CYCLE_WEEK, "WEEK/CURRENT_WEEK" },
    { CYCLE_MINUTE, CYCLE_MONTH, "MONTH/CURRENT_MONTH" },
    { CYCLE_MINUTE, CYCLE_YEAR, "YEAR/CURRENT_YEAR" },
    { CYCLE_MINUTE, CYCLE_ONEOFF, "DAY/CURRENT_DAY" },
    { CYCLE_HOUR, CYCLE_MINUTE,
      "HOUR/CURRENT_HOUR, HOUR/PREVIOUS_HOUR_LATER_OFFSET_MINUTE, "
      "HOUR/PREVIOUS_HOUR, LIST_MINUTE, RANGE_MINUTE" },
    { CYCLE_HOUR, CYCLE_HOUR,
      "HOUR/CURRENT_HOUR, HOUR/PREVIOUS_HOUR_CYCLE, LIST_HOUR, RANGE_HOUR" },
    { CYCLE_HOUR, CYCLE_DAY, "DAY/CURRENT_DAY, LIST_DAY, RANGE_DAY" },
    { CYCLE_HOUR, CYCLE_WEEK, "WEEK/CURRENT_WEEK" },
    { CYCLE_HOUR, CYCLE_MONTH, "MONTH/CURRENT_MONTH" },
    { CYCLE_HOUR, CYCLE_YEAR, "YEAR/CURRENT_YEAR" },
    { CYCLE_HOUR, CYCLE_ONEOFF, "DAY/CURRENT_DAY" },
    { CYCLE_DAY, CYCLE_MINUTE,
      "DAY/CURRENT_DAY, DAY/PREVIOUS_DAY_LATER_OFFSET_MINUTE, DAY/PREVIOUS_DAY, "
      "LIST_MINUTE, RANGE_MINUTE" },
    { CYCLE_DAY, CYCLE_HOUR,
      "DAY/CURRENT_DAY, DAY/PREVIOUS_DAY_LATER_OFFSET_HOUR, DAY/PREVIOUS_DAY, "
      "LIST_HOUR, RANGE_HOUR" },
    { CYCLE_DAY, CYCLE_DAY, "DAY/CURRENT_DAY, LIST_DAY, RANGE_DAY" },
    { CYCLE_DAY, CYCLE_WEEK, "WEEK/CURRENT_WEEK, DAY/RECENT_DATE" },
    { CYCLE_DAY, CYCLE_MONTH, "MONTH/CURRENT_MONTH, DAY/RECENT_DATE" },
    { CYCLE_DAY, CYCLE_YEAR, "YEAR/CURRENT_YEAR, DAY/RECENT_DATE" },
    { CYCLE_DAY, CYCLE_ONEOFF, "DAY/CURRENT_DAY" },
    { CYCLE_WEEK, CYCLE_MINUTE,
      "WEEK/CURRENT_WEEK, WEEK/PREVIOUS_WEEK, LIST_MINUTE, RANGE_MINUTE" },
    { CYCLE_WEEK, CYCLE_HOUR, "WEEK/CURRENT_WEEK, WEEK/PREVIOUS_WEEK, LIST_HOUR, RANGE_HOUR" },
    { CYCLE_WEEK, CYCLE_DAY,
      "WEEK/CURRENT_WEEK, DAY/CURRENT_DAY, WEEK/PREVIOUS_WEEK, "
      "WEEK/PREVIOUS_FRIDAY, WEEK/PREVIOUS_WEEKEND, DAY/PREVIOUS_DAY, LIST_DAY, "
      "RANGE_DAY" },
    { CYCLE_WEEK, CYCLE_WEEK, "WEEK/CURRENT_WEEK, DAY/RECENT_DATE" },
    { CYCLE_WEEK, CYCLE_MONTH, "MONTH/CURRENT_MONTH, DAY/RECENT_DATE" },
    { CYCLE_WEEK, CYCLE_YEAR, "YEAR/CURRENT_YEAR" },
    { CYCLE_WEEK, CYCLE_ONEOFF, "WEEK/CURRENT_WEEK" },
    { CYCLE_MONTH, CYCLE_MINUTE,
      "MONTH/CURRENT_MONTH, MONTH/PREVIOUS_MONTH, LIST_MINUTE, RANGE_MINUTE" },
    { CYCLE_MONTH, CYCLE_HOUR, "MONTH/CURRENT_MONTH, MONTH/PREVIOUS_MONTH, LIST_HOUR, RANGE_HOUR" },
    { CYCLE_MONTH, CYCLE_DAY,
      "MONTH/CURRENT_MONTH, DAY/CURRENT_DAY, MONTH/PREVIOUS_MONTH, "
      "MONTH/PREVIOUS_END_OF_MONTH, DAY/PREVIOUS_DAY, LIST_DAY, RANGE_DAY" },
    { CYCLE_MONTH, CYCLE_WEEK, "MONTH/CURRENT_MONTH, MONTH/PREVIOUS_MONTH, DAY/RECENT_DATE" },
    { CYCLE_MONTH, CYCLE_MONTH, "MONTH/CURRENT_MONTH, DAY/RECENT_DATE" },
    { CYCLE_MONTH, CYCLE_YEAR, "YEAR/CURRENT_YEAR" },
    { CYCLE_MONTH, CYCLE_ONEOFF, "MONTH/CURRENT_MONTH" },
    { CYCLE_YEAR, CYCLE_MINUTE, "YEAR/CURRENT_YEAR, LIST_MINUTE, RANGE_MINUTE" },
    { CYCLE_YEAR, CYCLE_HOUR, "YEAR/CURRENT_YEAR, LIST_HOUR, RANGE_HOUR" },
    { CYCLE_YEAR, CYCLE_DAY,
      "DAY/CURRENT_DAY, DAY/ALL_DAY_OF_YEAR, DAY/PREVIOUS_DAY, LIST_DAY, RANGE_DAY" },
    { CYCLE_YEAR, CYCLE_WEEK, "YEAR/CURRENT_YEAR" },
    { CYCLE_YEAR, CYCLE_MONTH,
      "MONTH/CURRENT_MONTH, DAY/RECENT_DATE, MONTH/ALL_MONTH_OF_YEAR, "
      "MONTH/PREVIOUS_MONTH, MONTH/PREVIOUS_END_OF_MONTH, "
      "MONTH/PREVIOUS_BEGIN_OF_MONTH" },
    { CYCLE_YEAR, CYCLE_YEAR, "YEAR/CURRENT_YEAR, DAY/RECENT_DATE" },
    { CYCLE_YEAR, CYCLE_ONEOFF, "YEAR/CURRENT_YEAR" },
    { CYCLE_ONEOFF, CYCLE_MINUTE, "DAY/CURRENT_DAY" },
    { CYCLE_ONEOFF, CYCLE_HOUR, "DAY/CURRENT_DAY" },
    { CYCLE_ONEOFF, CYCLE_DAY, "DAY/CURRENT_DAY" },
    { CYCLE_ONEOFF, CYCLE_WEEK, "WEEK/CURRENT_WEEK" },
    { CYCLE_ONEOFF, CYCLE_MONTH, "MONTH/CURRENT_MONTH" },
    { CYCLE_ONEOFF, CYCLE_YEAR, "YEAR/CURRENT_YEAR" },
    { CYCLE_ONEOFF, CYCLE_ONEOFF, "DAY/CURRENT_DAY" },
    { CYCLE_CRONTAB, CYCLE_CRONTAB, "CRONTAB/CURRENT" },
};

static const char *expected_pairs(int down, int up)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if ((int)table[i].down == down && (int)table[i].up == up)
            return table[i].pairs;
    }
    return "";
}

static bool listed(const char *pairs, enum dep_main main, enum dep_sub sub)
{
    struct str rest = str_from(pairs);
    char pair[80];

    snprintf(pair, sizeof(pair), "%s%s%s", dep_main_name(main), sub == DEP_SUB_NONE ? "" : "/",
             dep_sub_name(sub));
    while (rest.len > 0) {
        if (str_eq_c(str_trim(str_split(&rest, ',')), pair))
            return true;
    }
    return false;
}

static void test_the_table_has_123_pairs(void **state)
{
    int count = 0;

    (void)state;
    for (int down = 0; down < CYCLE_N_; down++) {
        for (int up = 0; up < CYCLE_N_; up++) {
            const char *pairs = expected_pairs(down, up);
            struct buf b;
            for (int main = 0; main < DEP_MAIN_N_; main++) {
                for (int sub = 0; sub < DEP_SUB_N_; sub++) {
                    bool valid = dep_pair_is_valid(down, up, main, sub);
                    if (valid != listed(pairs, main, sub))
                        fail_msg("%s <- %s: %s/%s", cycle_name(down), cycle_name(up),
                                 dep_main_name(main), dep_sub_name(sub));
                    count += valid;
                }
            }
            buf_init(&b, 512);
            dep_pair_list(down, up, &b);
            assert_true(str_eq(buf_str(&b), str_from(pairs)));
            buf_done(&b);
        }
    }
    assert_int_equal(count, 123);
}

/* 3.1: what an omitted configuration means. */
static void test_default_is_the_first_pair(void **state)
{
    enum dep_main main;
    enum dep_sub sub;

    (void)state;
    for (int down = 0; down < CYCLE_N_; down++) {
        for (int up = 0; up < CYCLE_N_; up++) {
            struct str pairs = str_from(expected_pairs(down, up)), first;
            char pair[80];
            dep_pair_default(down, up, &main, &sub);
            assert_int_equal(dep_pair_is_valid(down, up, main, sub), pairs.len > 0);
            if (pairs.len == 0)
                continue;
            first = str_split(&pairs, ',');
            snprintf(pair, sizeof(pair), "%s/%s", dep_main_name(main), dep_sub_name(sub));
            assert_true(str_eq_c(first, pair));
        }
    }
}

static void test_names(void **state)
{
    enum dep_main main = DEP_DAY;
    enum dep_sub sub = DEP_CURRENT_DAY;

    (void)state;
    for (int i = 0; i < DEP_MAIN_N_; i++) {
        assert_true(dep_main_from_name(str_from(dep_main_name(i)), &main));
        assert_int_equal(main, i);
    }
    for (int i = 0; i < DEP_SUB_N_; i++) {
        assert_true(dep_sub_from_name(str_from(dep_sub_name(i)), &sub));
        assert_int_equal(sub, i);
    }
    assert_false(dep_main_from_name(STR(""), &main));
    assert_false(dep_main_from_name(STR("day"), &main));
    assert_false(dep_sub_from_name(STR("CURRENT_DAYS"), &sub));
    assert_int_equal(main, DEP_MAIN_N_ - 1);
    assert_int_equal(sub, DEP_SUB_N_ - 1);
}

static void test_offsets(void **state)
{
    static const struct {
        int line;
        enum dep_main main;
        const char *text;
        enum err_code code;
        int n;
        int32_t first, last;
    } rows[] = {
        { __LINE__, DEP_RANGE_DAY, "-1,0", E_OK, 2, -1, 0 },
        { __LINE__, DEP_RANGE_DAY, " 0 , 1 ", E_OK, 2, 0, 1 },
        { __LINE__, DEP_RANGE_HOUR, "-100000,100000", E_OK, 2, -100000, 100000 },
        { __LINE__, DEP_RANGE_MINUTE, "5,5", E_OK, 2, 5, 5 },
        { __LINE__, DEP_LIST_DAY, "-1", E_OK, 1, -1, -1 },
        { __LINE__, DEP_LIST_HOUR, "3,-1,3", E_OK, 3, 3, 3 },
        { __LINE__, DEP_LIST_MINUTE, "1,2,3,4,5", E_OK, 5, 1, 5 },
        { __LINE__, DEP_RANGE_DAY, "0,-1", E_RANGE, 0, 0, 0 },
        { __LINE__, DEP_RANGE_DAY, "0", E_RANGE, 0, 0, 0 },
        { __LINE__, DEP_RANGE_DAY, "0,1,2", E_RANGE, 0, 0, 0 },
        { __LINE__, DEP_RANGE_DAY, "", E_REQUIRED, 0, 0, 0 },
        { __LINE__, DEP_LIST_DAY, "  ", E_REQUIRED, 0, 0, 0 },
        { __LINE__, DEP_LIST_DAY, "1,", E_SYNTAX, 0, 0, 0 },
        { __LINE__, DEP_LIST_DAY, "1,,2", E_SYNTAX, 0, 0, 0 },
        { __LINE__, DEP_LIST_DAY, "one", E_SYNTAX, 0, 0, 0 },
        { __LINE__, DEP_LIST_DAY, "1.5", E_SYNTAX, 0, 0, 0 },
        { __LINE__, DEP_LIST_DAY, "100001", E_RANGE, 0, 0, 0 },
        { __LINE__, DEP_LIST_DAY, "-100001", E_RANGE, 0, 0, 0 },
        { __LINE__, DEP_LIST_DAY, "99999999999999999999", E_SYNTAX, 0, 0, 0 },
        { __LINE__, DEP_DAY, "1", E_RANGE, 0, 0, 0 },
    };
    struct dep_rule r;
    struct err e = ERR_INIT;
    char many[DEP_OFFSETS_MAX * 2 + 2];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        e = ERR_INIT;
        r = (struct dep_rule){ .n_offsets = 77 };
        if (dep_offsets_parse(rows[i].main, str_from(rows[i].text), &r, &e) != rows[i].code)
            fail_msg("line %d: %s", rows[i].line, e.text);
        if (rows[i].code != E_OK) {
            assert_int_equal(r.n_offsets, 77);
            assert_true(e.text[0] != '\0' && e.text_zh[0] != '\0');
            continue;
        }
        assert_int_equal(r.main, rows[i].main);
        assert_int_equal(r.sub, DEP_SUB_NONE);
        assert_int_equal(r.n_offsets, rows[i].n);
        assert_int_equal(r.offsets[0], rows[i].first);
        assert_int_equal(r.offsets[r.n_offsets - 1], rows[i].last);
    }
    for (int i = 0; i <= DEP_OFFSETS_MAX; i++)
        memcpy(many + 2 * i, "1,", 2);
    assert_int_equal(
        dep_offsets_parse(DEP_LIST_DAY, str_make(many, DEP_OFFSETS_MAX * 2 - 1), &r, &e), E_OK);
    assert_int_equal(r.n_offsets, DEP_OFFSETS_MAX);
    assert_int_equal(
        dep_offsets_parse(DEP_LIST_DAY, str_make(many, DEP_OFFSETS_MAX * 2 + 1), &r, &e), E_LIMIT);
}

/* 3.5: which pairs name one candidate; 3.8: which look back strictly. */
static void test_single_and_strictly_earlier(void **state)
{
    static const struct {
        int line;
        const char *rule;
        enum cycle down, up;
        bool single, earlier;
    } rows[] = {
        { __LINE__, "HOUR/CURRENT_HOUR", CYCLE_HOUR, CYCLE_HOUR, true, false },
        { __LINE__, "HOUR/CURRENT_HOUR", CYCLE_HOUR, CYCLE_MINUTE, false, false },
        { __LINE__, "HOUR/CURRENT_HOUR", CYCLE_MINUTE, CYCLE_HOUR, false, false },
        { __LINE__, "HOUR/PREVIOUS_HOUR_CYCLE", CYCLE_HOUR, CYCLE_HOUR, true, true },
        { __LINE__, "HOUR/PREVIOUS_HOUR", CYCLE_HOUR, CYCLE_MINUTE, false, true },
        { __LINE__, "HOUR/PREVIOUS_HOUR_LATER_OFFSET_MINUTE", CYCLE_HOUR, CYCLE_MINUTE, false,
          false },
        { __LINE__, "MINUTE/CURRENT_MINUTE", CYCLE_MINUTE, CYCLE_MINUTE, true, false },
        { __LINE__, "MINUTE/PREVIOUS_MINUTE_CYCLE", CYCLE_MINUTE, CYCLE_MINUTE, true, true },
        { __LINE__, "CRONTAB/CURRENT", CYCLE_CRONTAB, CYCLE_CRONTAB, true, false },
        { __LINE__, "DAY/RECENT_DATE", CYCLE_DAY, CYCLE_WEEK, true, false },
        { __LINE__, "DAY/CURRENT_DAY", CYCLE_DAY, CYCLE_DAY, false, false },
        { __LINE__, "DAY/PREVIOUS_DAY", CYCLE_DAY, CYCLE_HOUR, false, true },
        { __LINE__, "DAY/PREVIOUS_DAY", CYCLE_DAY, CYCLE_DAY, false,
          false }, /* not an allowed pair */
        { __LINE__, "WEEK/PREVIOUS_FRIDAY", CYCLE_WEEK, CYCLE_DAY, false, true },
        { __LINE__, "MONTH/PREVIOUS_MONTH", CYCLE_MONTH, CYCLE_DAY, false, true },
        { __LINE__, "LIST_DAY -1,-2", CYCLE_DAY, CYCLE_DAY, false, true },
        { __LINE__, "LIST_DAY -1,0", CYCLE_DAY, CYCLE_DAY, false, false },
        { __LINE__, "RANGE_HOUR -5,-1", CYCLE_DAY, CYCLE_HOUR, false, true },
        { __LINE__, "RANGE_HOUR -5,1", CYCLE_DAY, CYCLE_HOUR, false, false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct dep_rule r = rule(rows[i].rule);
        if (dep_rule_is_single(&r, rows[i].down, rows[i].up) != rows[i].single ||
            dep_rule_is_strictly_earlier(&r, rows[i].down, rows[i].up) != rows[i].earlier)
            fail_msg("line %d", rows[i].line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table_has_123_pairs),
        cmocka_unit_test(test_default_is_the_first_pair),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_offsets),
        cmocka_unit_test(test_single_and_strictly_earlier),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
