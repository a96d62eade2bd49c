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

/* The name that the parts of a path have together; each is one that a file system takes. */
static const char *joined(struct arena *a, struct str path)
{
    const char *whole = "";

    while (path.ptr) {
        struct str part = str_split(&path, '/');
        const char *read;
        assert_true(part.len <= 250 && part.ptr[0] != '.');
        assert_int_equal(file_name_goes_on(&part), path.ptr != NULL);
        assert_int_equal(file_name_read(a, part, &read, NULL), E_OK);
        whole = arena_printf(a, "%s%s", whole, read).ptr;
    }
    return whole;
}

static void test_names__long_ones_go_on_in_a_directory(void **state)
{
    static const char *const pieces[] = { "n", "任", "%", "𝄞", ".", "a任%." };
    struct arena a;

    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
        for (int n = 1; n <= 200; n++) {
            const char *name = "", *file, *dir;
            for (int at = 0; at < n; at++)
                name = arena_printf(&a, "%s%s", name, pieces[i]).ptr;
            assert_int_equal(file_name_make(&a, str_from(name), ".json", &file, NULL), E_OK);
            assert_string_equal(joined(&a, str_make(file, strlen(file) - 5)), name);
            assert_int_equal(file_name_dir(&a, str_from(name), &dir, NULL), E_OK);
            assert_string_equal(joined(&a, str_from(dir)), name);
            arena_reset(&a);
        }
    arena_done(&a);
}

static void test_names__refused(void **state)
{
    static const char *const broken[] = { "%", "a%2", "%zz", "%00", "%ff", "" };
    char lengthy[5000];
    const char *untouched = "x";
    struct err e = ERR_INIT;
    struct arena a;

    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < ARRAY_LEN(broken); i++)
        assert_int_equal(file_name_read(&a, str_from(broken[i]), &untouched, &e), E_SYNTAX);
    memset(lengthy, 'n', sizeof(lengthy));
    assert_int_equal(file_name_dir(&a, str_make(lengthy, 4999), &untouched, &e), E_LIMIT);
    assert_int_equal(file_name_make(&a, str_make(lengthy, 4999), ".json", &untouched, &e), E_LIMIT);
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
        cmocka_unit_test(test_names__long_ones_go_on_in_a_directory),
        cmocka_unit_test(test_names__refused),
        cmocka_unit_test(test_code__has_the_extension_of_its_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
