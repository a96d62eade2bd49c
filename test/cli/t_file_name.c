/* test/cli/t_file_name.c - names as names of files, and back. */
#include "cli/file_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static void test_names__there_and_back(void **state)
{
    static const struct {
        const char *name, *dir, *file;
    } rows[] = {
        { "load", "load", "load.json" },
        { "全部 of it", "全部 of it", "全部 of it.json" },
        { "workflow", "workflow", "%77orkflow.json" },
        { ".", "%2E", "%2E.json" },
        { "..", "%2E.", "%2E..json" },
        { ".git", "%2Egit", "%2Egit.json" },
        { "100%", "100%25", "100%25.json" },
        { "a\\b", "a%5Cb", "a%5Cb.json" },
        { "v1.2", "v1.2", "v1.2.json" },
        { "a.json", "a%2Ejson", "a.json.json" },
        { "run.sh", "run%2Esh", "run.sh.json" },
        { "tab\t", "tab%09", "tab%09.json" },
    };
    struct arena a;

    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *dir, *file, *back;
        assert_int_equal(file_name_dir(&a, str_from(rows[i].name), &dir, NULL), E_OK);
        assert_string_equal(dir, rows[i].dir);
        assert_int_equal(file_name_read(&a, str_from(dir), &back, NULL), E_OK);
        assert_string_equal(back, rows[i].name);
        assert_int_equal(file_name_make(&a, str_from(rows[i].name), ".json", &file, NULL), E_OK);
        assert_string_equal(file, rows[i].file);
        assert_int_equal(file_name_read(&a, str_make(file, strlen(file) - 5), &back, NULL), E_OK);
        assert_string_equal(back, rows[i].name);
    }
    arena_done(&a);
}

static void test_names__refused(void **state)
{
    static const char *const broken[] = { "%", "a%2", "%zz", "%00", "%ff", "" };
    char lengthy[300];
    const char *untouched = "x";
    struct err e = ERR_INIT;
    struct arena a;

    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < ARRAY_LEN(broken); i++)
        assert_int_equal(file_name_read(&a, str_from(broken[i]), &untouched, &e), E_SYNTAX);
    memset(lengthy, 'n', sizeof(lengthy));
    assert_int_equal(file_name_dir(&a, str_make(lengthy, 255), &untouched, &e), E_OK);
    untouched = "x";
    assert_int_equal(file_name_dir(&a, str_make(lengthy, 256), &untouched, &e), E_LIMIT);
    assert_int_equal(file_name_make(&a, str_make(lengthy, 251), ".json", &untouched, &e), E_LIMIT);
    assert_string_equal(untouched, "x");
    arena_done(&a);
}

static void test_code__has_the_extension_of_its_language(void **state)
{
    (void)state;
    assert_string_equal(file_name_of_code("35"), ".sh");
    assert_string_equal(file_name_of_code("30"), ".py");
    assert_string_equal(file_name_of_code("34"), ".sql");
    assert_string_equal(file_name_of_code("133"), ".txt");
    assert_string_equal(file_name_of_code(""), ".txt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names__there_and_back),
        cmocka_unit_test(test_names__refused),
        cmocka_unit_test(test_code__has_the_extension_of_its_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
