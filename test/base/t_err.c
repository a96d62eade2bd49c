/* test/base/t_err.c - texts, paths, both languages, cutting. */
#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

static void test_internal(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    assert_int_equal(err_set(&e, E_CORRUPT, "row %d of %s", 3, "task"), E_CORRUPT);
    assert_int_equal(e.code, E_CORRUPT);
    assert_string_equal(e.text, "row 3 of task");
    assert_string_equal(e.text_zh, "");
    assert_string_equal(e.path, "");
    assert_int_equal(err_set(NULL, E_IO, "nobody asks"), E_IO);
    errno = ENOENT;
    assert_int_equal(err_errno(&e, E_IO, "opening %s", "/x"), E_IO);
    assert_int_equal(e.os_error, ENOENT);
    assert_string_equal(e.text, "opening /x: No such file or directory");
    errno = ENOENT;
    assert_int_equal(err_errno(NULL, E_IO, "opening"), E_IO);
    err_set(&e, E_LIMIT, "later");
    assert_int_equal(e.os_error, 0);                /* nothing stays from before */
}

static void test_user(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    enum err_code rc = err_user(&e, E_RANGE, "Task.Retry", "%d is not in %d to %d",
                                "%d 不在 %d 到 %d 之间", 9, 0, 5);
    assert_int_equal(rc, E_RANGE);
    assert_string_equal(e.path, "Task.Retry");
    assert_string_equal(e.text, "9 is not in 0 to 5");
    assert_string_equal(e.text_zh, "9 不在 0 到 5 之间");
    assert_int_equal(err_user(NULL, E_RANGE, "a", "b", "c"), E_RANGE);
    err_user(&e, E_REQUIRED, NULL, "x", "y");
    assert_string_equal(e.path, "");
}

static void test_prefix(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    err_user(&e, E_RANGE, "", "x", "y");
    err_prefix(&e, "Name");
    assert_string_equal(e.path, "Name");
    err_prefix(&e, "Items.3");
    assert_string_equal(e.path, "Items.3.Name");
    err_prefix(NULL, "Items");
    for (int i = 0; i < 40; i++)
        err_prefix(&e, "Level");
    assert_int_equal(strlen(e.path), ERR_PATH_MAX - 1);
    assert_memory_equal(e.path, "Level.Level.", 12);
    char huge[ERR_PATH_MAX + 10];
    memset(huge, 'x', sizeof(huge) - 1);
    huge[sizeof(huge) - 1] = '\0';
    err_prefix(&e, huge);
    assert_true(strlen(e.path) < ERR_PATH_MAX);
}

/* A text that is too long ends between two characters, wherever the cut falls. */
static void test_cut(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char chinese[3 * 400 + 1] = "";
    for (int i = 0; i < 400; i++)
        memcpy(chinese + 3 * i, "数", 4);
    for (int pad = 1; pad < 8; pad++) {
        err_user(&e, E_RANGE, chinese, "%*s%s", "%*s%s", pad, "", chinese);
        assert_true(str_is_utf8(str_from(e.text)));
        assert_true(str_is_utf8(str_from(e.text_zh)));
        assert_true(str_is_utf8(str_from(e.path)));
        assert_true(strlen(e.text) > ERR_TEXT_MAX - 4);
        assert_true(strlen(e.path) > ERR_PATH_MAX - 4);
        err_set(&e, E_IO, "%*s%s", pad, "", chinese);
        assert_true(str_is_utf8(str_from(e.text)));
        errno = EIO;
        err_errno(&e, E_IO, "%*s%s", pad, "", chinese);
        assert_true(str_is_utf8(str_from(e.text)));
    }
    err_set(&e, E_IO, "%s", "数");                  /* one that fits is left alone */
    assert_string_equal(e.text, "数");
}

static void test_names(void **state)
{
    (void)state;
    for (int a = 0; a < E_CODE_N_; a++) {
        assert_non_null(err_code_name((enum err_code)a));
        for (int b = 0; b < a; b++)
            assert_string_not_equal(err_code_name((enum err_code)a),
                                    err_code_name((enum err_code)b));
    }
    assert_string_equal(err_code_name((enum err_code)999), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_internal), cmocka_unit_test(test_user),
        cmocka_unit_test(test_prefix),   cmocka_unit_test(test_cut),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
