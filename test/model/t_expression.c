/* test/model/t_expression.c - the conditions of branches (docs/reference/semantics.md 5.8).
 *
 * With a word as argument: reads expressions, one a line, and writes T, F or E for each; so
 * expression_oracle.py holds it against Python itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"
#include "model/expression.h"

static char result_of(const char *text)
{
    bool yes = false;

    if (expression_evaluate(str_from(text), &yes, NULL) != E_OK)
        return 'E';
    return yes ? 'T' : 'F';
}

static void test_rows(void **state)
{
    static const struct {
        const char *text;
        char want;
    } rows[] = {
        { "1 == 1", 'T' },
        { "1 == 2", 'F' },
        { "'a' == \"a\"", 'T' },
        { "1 == '1'", 'F' },
        { "1 < 2 < 3", 'T' },
        { "1 < 3 < 2", 'F' },
        { "not 1 == 2 and True", 'T' },
        { "False and nonsense", 'E' }, /* syntax counts also where nothing is evaluated */
        { "False and 1 / 0", 'F' },
        { "True or 1 / 0", 'T' },
        { "True and 1 / 0", 'E' },
        { "2 in (1, 2, 3)", 'T' },
        { "2 not in [1, 2, 3]", 'F' },
        { "'b' in 'abc'", 'T' },
        { "(1,) == [1]", 'T' }, /* here both are lists */
        { "int(' 12 ') > 10", 'T' },
        { "int('x') > 10", 'E' },
        { "float('1.5') * 2 == 3", 'T' },
        { "len('安徽') == 2", 'T' },
        { "str(1.0) == '1.0' and str(12) == '12'", 'T' },
        { "-7 // 2 == -4 and -7 % 3 == 2", 'T' },
        { "9223372036854775807 + 1 > 0", 'E' },
        { "-9223372036854775807 - 1 < 0", 'T' },
        { "(-9223372036854775807 - 1) // -1 > 0", 'E' },
        { "abs(-3) == 3", 'T' },
        { "'a\\'b' == \"a'b\"", 'T' },
        { "", 'E' },
        { "1 =", 'E' },
        { "x == 1", 'E' },
        { "1 == 1 )", 'E' },
        { "'open", 'E' },
        { "__import__('os')", 'E' },
        { "1 < 'a'", 'E' },
        { "0x10 == 16", 'E' },
        { "None == None and not None", 'T' },
        { "str(1e5) == '100000.0' and str(1e16) == '1e+16' and str(1e-5) == '1e-05'", 'T' },
        { "1 // 0.1 == 9 and -1 % 0.3 > 0", 'T' }, /* what is left is taken off first */
        { "9007199254740993 == 9007199254740992.0", 'F' },
        { "9223372036854775807 < 9223372036854775808.0", 'T' },
        { "1e309 - 1e309 == 1e309 - 1e309 or 1e309 - 1e309 <= 0", 'F' }, /* not a number */
        { "int(1e309) > 0", 'E' },
        { "9223372036854775807 % -1024 == -1", 'T' },
        { "-9223372036854775807 % 9223372036854775806 == 9223372036854775805", 'T' },
        { "01 == 1", 'E' },
        { "''", 'F' },
        { "'0'", 'T' },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (result_of(rows[i].text) != rows[i].want)
            fail_msg("%s: %c", rows[i].text, result_of(rows[i].text));
}

static void test_errors_name_the_place(void **state)
{
    struct err e = ERR_INIT;
    bool yes;

    (void)state;
    assert_int_equal(expression_evaluate(STR("1 == flag"), &yes, &e), E_SYNTAX);
    assert_string_equal(
        e.text, "a name stands there; texts stand in quotes at character 6 of the condition");
    assert_non_null(strstr(e.text_zh, "6"));
    assert_int_equal(expression_check(STR("1 / 0 == 'a'"), &e), E_OK);
    assert_int_equal(expression_check(STR("1 / "), &e), E_SYNTAX);
}

static void test_depth_is_bounded(void **state)
{
    static char text[EXPRESSION_BYTES_MAX];
    bool yes;

    (void)state;
    memset(text, '(', sizeof(text));
    assert_int_equal(expression_evaluate(str_make(text, sizeof(text)), &yes, NULL), E_LIMIT);
    memset(text, '-', sizeof(text));
    assert_int_equal(expression_evaluate(str_make(text, sizeof(text)), &yes, NULL), E_LIMIT);
    for (size_t i = 0; i + 4 <= sizeof(text); i += 4)
        memcpy(text + i, "not ", 4);
    assert_int_equal(expression_evaluate(str_make(text, sizeof(text)), &yes, NULL), E_LIMIT);
}

static void test_random_bytes(void **state)
{
    static const char *const pieces[] = { "1",   "0",  "'a'", "\"",  "(",   ")",  "[",   "]", ",",
                                          "and", "or", "not", "in",  "==",  "<",  "-",   "/", "%",
                                          " ",   ".5", "1e",  "len", "int", "\\", "None" };
    struct prng r;

    (void)state;
    prng_init(&r, 58);
    for (int i = 0; i < 200000; i++) {
        char text[128] = "";
        for (uint64_t n = prng_below(&r, 12); n > 0; n--)
            strcat(text, pieces[prng_below(&r, ARRAY_LEN(pieces))]);
        bool yes;
        bool good = expression_evaluate(str_from(text), &yes, NULL) == E_OK;
        /* What evaluates has the form of an expression. */
        if (good)
            assert_int_equal(expression_check(str_from(text), NULL), E_OK);
    }
}

static int answer_lines(void)
{
    char line[4096];

    while (fgets(line, sizeof(line), stdin)) {
        line[strcspn(line, "\n")] = '\0';
        putchar(result_of(line));
        putchar('\n');
    }
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_errors_name_the_place),
        cmocka_unit_test(test_depth_is_bounded),
        cmocka_unit_test(test_random_bytes),
    };

    (void)argv;
    return argc > 1 ? answer_lines() : cmocka_run_group_tests(tests, NULL, NULL);
}
