/* test/model/t_parameter.c - substitution in code (docs/reference/semantics.md 6.1, 6.2): by rows,
 * and against a second, plainer reading of the rule over random text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"
#include "model/parameter.h"

static const struct {
    const char *name, *value;
} named[] = { { "city", "Ulm" }, { "a", "${city}" }, { "空", "" }, { "x.y-z", "dotted" } };

static enum err_code lookup(void *ctx, struct str name, bool *ret_found, struct str *ret,
                            struct err *e)
{
    ++*(int *)ctx;
    if (str_eq_c(name, "broken"))
        return err_set(e, E_IO, "it broke");
    for (size_t i = 0; i < ARRAY_LEN(named); i++)
        if (str_eq_c(name, named[i].name)) {
            *ret_found = true;
            *ret = str_from(named[i].value);
        }
    return E_OK;
}

static struct time_point at_point(void)
{
    struct time_point at = { .zone = zone_default() };

    assert_int_equal(civil_parse(STR("2026-05-06 00:00:00"), &at.data_time, NULL), E_OK);
    assert_int_equal(civil_parse(STR("2026-05-06 02:30:00"), &at.planned, NULL), E_OK);
    return at;
}

/* Collected, stored, read again and applied: what an attempt goes through. */
static struct str expand(struct str code, struct arena *a, size_t *ret_n)
{
    struct time_point at = at_point();
    struct substitutions found, again;
    struct buf text, out;
    int calls = 0;

    assert_int_equal(parameters_collect(code, &at, lookup, &calls, a, &found, NULL), E_OK);
    buf_init(&text, SIZE_MAX);
    substitutions_format(&found, &text);
    assert_int_equal(substitutions_parse(buf_str(&text), a, &again, NULL), E_OK);
    assert_int_equal(again.n, found.n);
    buf_init(&out, SIZE_MAX);
    assert_int_equal(parameters_apply(code, &again, &out, NULL), E_OK);
    struct str result = arena_str(a, buf_str(&out));
    buf_done(&text);
    buf_done(&out);
    if (ret_n)
        *ret_n = found.n;
    return result;
}

static void test_rows(void **state)
{
    static const struct {
        const char *code, *want;
    } rows[] = {
        { "", "" },
        { "plain", "plain" },
        { "echo ${yyyyMMdd} $(HHmm)", "echo 20260506 0230" },
        { "${city}${city}", "UlmUlm" },
        { "'${city}'", "'Ulm'" },
        { "${a}", "${city}" }, /* one pass, not recursive */
        { "${空}|${x.y-z}", "|dotted" },
        { "$${city}", "$Ulm" },
        { "${no${city}}", "${noUlm}" },
        { "${city", "${city" },
        { "${}", "${}" },
        { "$()", "$()" },
        { "$", "$" },
        { "${ci\nty}", "${ci\nty}" },
        { "$city ${HOME} ${HOME:-/x} $(date) $((1+1)) ${#a} ${a[0]} `x`",
          "$city ${HOME} ${HOME:-/x} $(date) $((1+1)) ${#a} ${a[0]} `x`" },
        { "$(city)", "$(city)" }, /* names stand in braces only */
        { "$(basename $(dirname ${city}))", "$(basename $(dirname Ulm))" },
        { "${yyyyMMdd-1d}..${yyyyMMdd-1d}", "20260505..20260505" },
        { "awk '{print $1}'", "awk '{print $1}'" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena a;
        arena_init(&a);
        struct str got = expand(str_from(rows[i].code), &a, NULL);
        if (!str_eq_c(got, rows[i].want))
            fail_msg("'%s' became '%.*s', not '%s'", rows[i].code, STR_ARG(got), rows[i].want);
        arena_done(&a);
    }
}

/* Code is any bytes; a body that is no text is left alone, and what stands around it stays. */
static void test_any_bytes(void **state)
{
    static const char code[] = "\xff${city}\0${city}${\xff}${dd\0}";
    struct arena a;

    (void)state;
    arena_init(&a);
    struct str got = expand(str_make(code, sizeof(code) - 1), &a, NULL);
    assert_true(str_eq(got, str_make("\xffUlm\0Ulm${\xff}${dd\0}", 18)));
    arena_done(&a);
}

/* Each placeholder is looked up once, however often it stands there. */
static void test_once_each(void **state)
{
    struct time_point at = at_point();
    struct substitutions found;
    struct arena a;
    int calls = 0;

    (void)state;
    arena_init(&a);
    assert_int_equal(parameters_collect(STR("${city}${city}${dd}${nobody}${nobody}"), &at, lookup,
                                        &calls, &a, &found, NULL),
                     E_OK);
    assert_int_equal(calls, 2);
    assert_int_equal(found.n, 2);
    assert_true(str_eq_c(found.items[0].placeholder, "${city}"));
    assert_true(str_eq_c(found.items[1].value, "06"));
    arena_done(&a);
}

static void test_values_with_times(void **state)
{
    struct time_point at = at_point();
    struct arena a;
    struct str value;

    (void)state;
    arena_init(&a);
    assert_int_equal(parameters_times(STR("d=${yyyyMMdd}/${city}"), &at, &a, &value, NULL), E_OK);
    assert_true(str_eq_c(value, "d=20260506/${city}"));
    assert_int_equal(parameters_times(STR("none"), &at, &a, &value, NULL), E_OK);
    assert_true(str_eq_c(value, "none"));
    arena_done(&a);
}

static void test_failures(void **state)
{
    struct time_point at = at_point();
    struct substitutions found = { NULL, 0 };
    struct buf code, out;
    struct arena a;
    int calls = 0;

    (void)state;
    arena_init(&a);
    assert_int_equal(
        parameters_collect(STR("${city}${broken}"), &at, lookup, &calls, &a, &found, NULL), E_IO);
    assert_int_equal(substitutions_parse(STR("[]"), &a, &found, NULL), E_CORRUPT);

    /* A short code with a long value many times over does not take the machine's memory. */
    buf_init(&code, SIZE_MAX);
    for (int i = 0; i < 1000; i++)
        buf_add_c(&code, "${v}");
    char *value = mem_alloc(1 << 20);
    memset(value, 'v', 1 << 20);
    struct substitution one = { STR("${v}"), str_make(value, 1 << 20) };
    found = (struct substitutions){ &one, 1 };
    buf_init(&out, SIZE_MAX);
    assert_int_equal(parameters_apply(buf_str(&code), &found, &out, NULL), E_LIMIT);
    assert_true(out.len < 2 * (size_t)PARAMETER_BYTES_MAX);
    mem_free(value);
    buf_done(&out);
    buf_done(&code);
    arena_done(&a);
}

/* The rule once more, by trying every length of a body. */
static struct str plain_expand(struct str code, struct arena *a)
{
    struct time_point at = at_point();
    struct buf out;

    buf_init(&out, SIZE_MAX);
    for (size_t i = 0; i < code.len;) {
        size_t taken = 0;
        for (size_t n = 1; n <= PARAMETER_BODY_MAX && i + n + 3 <= code.len && !taken; n++) {
            const char *p = code.ptr + i;
            bool brace = p[0] == '$' && p[1] == '{' && p[n + 2] == '}';
            bool paren = p[0] == '$' && p[1] == '(' && p[n + 2] == ')';
            struct str body = str_make(p + 2, n);
            bool plain = true;
            for (size_t j = 0; j < n; j++)
                plain = plain && p[2 + j] && !strchr("${}()\n\r", p[2 + j]);
            if ((!brace && !paren) || !plain)
                continue;
            if (time_expression_render(body, brace ? TIME_BASE_DATA : TIME_BASE_PLANNED, &at, &out))
                taken = n + 3;
            for (size_t j = 0; j < ARRAY_LEN(named) && brace && !taken; j++)
                if (str_eq_c(body, named[j].name)) {
                    buf_add_c(&out, named[j].value);
                    taken = n + 3;
                }
        }
        if (!taken) {
            buf_add_char(&out, code.ptr[i]);
            taken = 1;
        }
        i += taken;
    }
    struct str result = arena_str(a, buf_str(&out));
    buf_done(&out);
    return result;
}

static void test_oracle(void **state)
{
    static const char *const pieces[] = { "$",   "{", "}",     "(",  ")",    "dd", "yyyy", "MM",
                                          "-1d", "a", "city",  "${", "$(",   "\n", "x",    "HH",
                                          "+ME", " ", "${dd}", "空", "${a}", ":",  "_" };
    struct prng r;
    size_t substituted = 0;

    (void)state;
    prng_init(&r, 62);
    for (int i = 0; i < 100000; i++) {
        struct arena a;
        struct buf code;
        size_t n;
        arena_init(&a);
        buf_init(&code, 4096);
        for (uint64_t len = prng_below(&r, 14); len > 0; len--)
            buf_add_c(&code, pieces[prng_below(&r, ARRAY_LEN(pieces))]);
        struct str got = expand(buf_str(&code), &a, &n);
        struct str want = plain_expand(buf_str(&code), &a);
        if (!str_eq(got, want))
            fail_msg("'%.*s' became '%.*s', not '%.*s'", STR_ARG(buf_str(&code)), STR_ARG(got),
                     STR_ARG(want));
        substituted += n;
        buf_done(&code);
        arena_done(&a);
    }
    assert_true(substituted > 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),      cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_once_each), cmocka_unit_test(test_values_with_times),
        cmocka_unit_test(test_failures),  cmocka_unit_test(test_oracle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
