/* test/model/t_result.c - output parameters over what a task printed
 * (docs/reference/semantics.md 6.3, 4.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"
#include "base/str.h"
#include "model/result.h"

static void expect(const char *printed, const char *path, const char *want)
{
    struct result_path p;
    struct buf out;

    if (!result_path_parse(str_from(path), &p))
        fail_msg("%s does not parse", path);
    buf_init(&out, 4096);
    result_take(str_from(printed), &p, &out);
    if (!str_eq_c(buf_str(&out), want))
        fail_msg("%s of '%s': '%.*s', not '%s'", path, printed, STR_ARG(buf_str(&out)), want);
    buf_done(&out);
}

static void test_rows(void **state)
{
    static const char table[] = "a,b,c\n\n1,2,3\r\n  \nx\n";

    (void)state;
    expect("42\n", "$[0]", "42");
    expect("42\n", "$[0][0]", "42");
    expect("42", "$[0][0]", "42"); /* without a newline at the end */
    expect(table, "$[0]", "a");
    expect(table, "$[0][2]", "c");
    expect(table, "$[1][2]", "3");
    expect(table, "$[1][*]", "1,2,3");
    expect(table, "$[*][0]", "a,1,x");
    expect(table, "$[*][1]", "b,2,");
    expect(table, "$[*][*]", "a,b,c\n1,2,3\nx");
    expect(table, "$[-1][0]", "x");
    expect(table, "$[-3]", "a");
    expect(table, "$[2]", "x");
    expect("a,,c", "$[0][1]", "");
    expect("a b , c", "$[0][1]", " c"); /* blanks belong to the cell */
    expect("", "$[0][0]", "");
    expect("", "$[*][*]", "");
    expect(table, "$[3][0]", "");
    expect(table, "$[0][3]", "");
    expect(table, "$[-4][0]", "");
    expect(table, " $[0][1] ", "b");
}

static void test_no_paths(void **state)
{
    static const char *const texts[] = { "$[",       "$[]",        "$[a]",      "$[0",   "$[0][",
                                         "$[0][-1]", "$[0][0][0]", "$[*]",      "$[0]x", "$[0] [1]",
                                         "$[1.5]",   "$[0][]",     "$[1000000]" };
    struct result_path p;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        assert_true(result_path_is_meant(str_from(texts[i])));
        if (result_path_parse(str_from(texts[i]), &p))
            fail_msg("%s parses", texts[i]);
    }
    assert_false(result_path_is_meant(STR("constant $[0]")));
    assert_false(result_path_is_meant(STR("${yyyyMMdd}")));
}

static void test_assigned(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 4096);
    result_take_assigned(
        STR("go\nev=\"A,20220713;B,20220713;\"\nevil=x\n ev='C,20220714' \nev=D,20220715\nev\n"),
        STR("ev"), &out);
    assert_true(str_eq_c(buf_str(&out), "A,20220713;B,20220713;;C,20220714;D,20220715"));
    buf_done(&out);
}

static void test_random(void **state)
{
    static const char letters[] = "$[]*0-19,\n\r x=\"'";
    struct prng r;

    (void)state;
    prng_init(&r, 63);
    for (int i = 0; i < 200000; i++) {
        char path[12], printed[24];
        size_t n = prng_below(&r, sizeof(path)), m = prng_below(&r, sizeof(printed));
        struct result_path p;
        struct buf out;
        for (size_t j = 0; j < n; j++)
            path[j] = letters[prng_below(&r, 9)];
        for (size_t j = 0; j < m; j++)
            printed[j] = letters[prng_below(&r, sizeof(letters) - 1)];
        buf_init(&out, 256);
        if (result_path_parse(str_make(path, n), &p))
            result_take(str_make(printed, m), &p, &out);
        result_take_assigned(str_make(printed, m), STR("x"), &out);
        assert_false(out.overflow);
        buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_no_paths),
        cmocka_unit_test(test_assigned),
        cmocka_unit_test(test_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
