/* test/model/t_names.c - which names and paths are allowed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/names.h"

typedef enum err_code name_check(struct str name, const char *path, struct err *e);

static char long_text[8000];

struct row {
    int line;
    name_check *verify;
    const char *text;
    enum err_code rc;
};

static void test_names__follow_the_documented_rules(void **state)
{
    static const struct row rows[] = {
        { __LINE__, name_check_project, "a", E_OK },
        { __LINE__, name_check_project, "Project_1", E_OK },
        { __LINE__, name_check_project, "a2345678901234567890123456789012", E_OK },
        { __LINE__, name_check_project, "a23456789012345678901234567890123", E_RANGE },
        { __LINE__, name_check_project, "", E_RANGE },
        { __LINE__, name_check_project, "1a", E_RANGE },
        { __LINE__, name_check_project, "_a", E_RANGE },
        { __LINE__, name_check_project, "a-b", E_RANGE },
        { __LINE__, name_check_project, "项目", E_RANGE },
        { __LINE__, name_check_display, "项目_1", E_OK },
        { __LINE__, name_check_display, "1项目", E_RANGE },
        { __LINE__, name_check_display, "a b", E_RANGE },
        { __LINE__, name_check_event, "event_241030", E_OK },
        { __LINE__, name_check_event, "e2345678901234567890", E_OK },
        { __LINE__, name_check_event, "e23456789012345678901", E_RANGE },
        { __LINE__, name_check_event, "9e", E_RANGE },
        { __LINE__, name_check_event, "_e", E_RANGE },
        { __LINE__, name_check_group, "test8", E_OK },
        { __LINE__, name_check_group, "8test", E_RANGE },
        { __LINE__, name_check_item, "hour_to_一次性", E_OK },
        { __LINE__, name_check_item, "a b.c-d", E_OK },
        { __LINE__, name_check_item, "a/b", E_RANGE },
        { __LINE__, name_check_item, "a\tb", E_RANGE },
        { __LINE__, name_check_item, "a\x7f", E_RANGE },
        { __LINE__, name_check_item, "", E_RANGE },
        { __LINE__, name_check_id, "a5acf635-a297-458d-a311-14745662dcae", E_OK },
        { __LINE__, name_check_id, "a b", E_RANGE },
        { __LINE__, name_check_id, "", E_RANGE },
        { __LINE__, name_check_digits, "2417334454903762944", E_OK },
        { __LINE__, name_check_digits, "20240416215649571819", E_OK },
        { __LINE__, name_check_digits, "202404162156495718190", E_RANGE },
        { __LINE__, name_check_digits, "12a", E_RANGE },
        { __LINE__, name_check_digits, "", E_RANGE },
        { __LINE__, name_check_alarm, "1_规则_a", E_OK },
        { __LINE__, name_check_alarm, "", E_RANGE },
        { __LINE__, name_check_alarm, "a b", E_RANGE },
        { __LINE__, name_check_alarm, "a-b", E_RANGE },
        { __LINE__, name_check_alarm, "a/b", E_RANGE },
        { __LINE__, name_check_owner, "100028579801", E_OK },
        { __LINE__, name_check_owner, "1;2;3", E_OK },
        { __LINE__, name_check_owner, ";1;2;", E_OK },
        { __LINE__, name_check_owner, "1;;3", E_OK },
        { __LINE__, name_check_owner, ";", E_RANGE },
        { __LINE__, name_check_owner, ";;", E_RANGE },
        { __LINE__, name_check_owner, "1;123456789012345678901", E_RANGE },
        { __LINE__, name_check_owner, "bob", E_RANGE },
        { __LINE__, name_check_text, "", E_OK },
        { __LINE__, name_check_text, "x", E_OK },
        { __LINE__, folder_path_check, "/", E_OK },
        { __LINE__, folder_path_check, "/a", E_OK },
        { __LINE__, folder_path_check, "/默认文件夹/b", E_OK },
        { __LINE__, folder_path_check, "a", E_RANGE },
        { __LINE__, folder_path_check, "/a/", E_RANGE },
        { __LINE__, folder_path_check, "//", E_RANGE },
        { __LINE__, folder_path_check, "/a//b", E_RANGE },
        { __LINE__, folder_path_check, "/a/\n", E_RANGE },
        { __LINE__, folder_path_check, "", E_RANGE },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = ERR_INIT;
        enum err_code rc = rows[i].verify(str_from(rows[i].text), "The.Path", &e);
        if (rc != rows[i].rc)
            fail_msg("line %d: `%s`: %s", rows[i].line, rows[i].text, err_code_name(rc));
        if (rc != E_OK && (strcmp(e.path, "The.Path") != 0 || !e.text[0] || !e.text_zh[0]))
            fail_msg("line %d: path `%s`, text `%s`, `%s`", rows[i].line, e.path, e.text,
                     e.text_zh);
    }
}

static void test_names__are_bounded(void **state)
{
    (void)state;
    memset(long_text, 'a', sizeof(long_text) - 1);
    assert_int_equal(name_check_item(str_make(long_text, NAME_ITEM_MAX), "P", NULL), E_OK);
    assert_int_equal(name_check_item(str_make(long_text, NAME_ITEM_MAX + 1), "P", NULL), E_RANGE);
    assert_int_equal(name_check_group(str_make(long_text, 64), "P", NULL), E_OK);
    assert_int_equal(name_check_group(str_make(long_text, 65), "P", NULL), E_RANGE);
    assert_int_equal(name_check_id(str_make(long_text, 64), "P", NULL), E_OK);
    assert_int_equal(name_check_id(str_make(long_text, 65), "P", NULL), E_RANGE);
    assert_int_equal(name_check_text(str_make(long_text, NAME_TEXT_MAX), "P", NULL), E_OK);
    assert_int_equal(name_check_text(str_make(long_text, NAME_TEXT_MAX + 1), "P", NULL), E_RANGE);
    long_text[0] = '/';
    assert_int_equal(folder_path_check(str_make(long_text, NAME_ITEM_MAX + 1), "P", NULL), E_OK);
    assert_int_equal(folder_path_check(str_make(long_text, NAME_ITEM_MAX + 2), "P", NULL), E_RANGE);
    for (size_t i = 0; i + 1 < sizeof(long_text); i += 50)
        long_text[i] = '/';
    assert_int_equal(folder_path_check(str_make(long_text, NAME_PATH_MAX), "P", NULL), E_OK);
    assert_int_equal(folder_path_check(str_make(long_text, NAME_PATH_MAX + 10), "P", NULL),
                     E_RANGE);
}

static void test_paths__are_joined_and_moved(void **state)
{
    struct arena a;
    struct str path = STR("untouched");

    (void)state;
    arena_init(&a);
    assert_int_equal(folder_path_join(&a, STR("/"), STR("b"), &path, NULL), E_OK);
    assert_true(str_eq_c(path, "/b"));
    assert_int_equal(folder_path_join(&a, STR("/a"), STR("b"), &path, NULL), E_OK);
    assert_true(str_eq_c(path, "/a/b"));
    memset(long_text, 'a', sizeof(long_text) - 1);
    assert_int_equal(
        folder_path_join(&a, str_make(long_text, NAME_PATH_MAX - 1), STR("b"), &path, NULL),
        E_LIMIT);
    assert_true(str_eq_c(path, "/a/b"));
    assert_true(str_eq_c(folder_path_moved(&a, STR("/a"), STR("/a"), STR("/x")), "/x"));
    assert_true(str_eq_c(folder_path_moved(&a, STR("/a/b/c"), STR("/a"), STR("/x/y")), "/x/y/b/c"));
    assert_true(folder_path_is_below(STR("/a/b"), STR("/a")));
    assert_true(folder_path_is_below(STR("/a"), STR("/")));
    assert_false(folder_path_is_below(STR("/"), STR("/")));
    assert_false(folder_path_is_below(STR("/a"), STR("/a")));
    assert_false(folder_path_is_below(STR("/ab"), STR("/a")));
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names__follow_the_documented_rules),
        cmocka_unit_test(test_names__are_bounded),
        cmocka_unit_test(test_paths__are_joined_and_moved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
