/* test/cli/t_option_param.c - options as parameters, and refusals that name them. */
#include "cli/option_param.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static void test_refusals__name_the_option(void **state)
{
    static const struct {
        const char *message, *told;
    } rows[] = {
        { "`A.0.End`: no date", "`A.0.End` (--to): no date" },
        { "`B`: too long", "`B` (--name): too long" },
        { "`B.0.K`: too long", "`B.0.K` (--name): too long" },
        { "`Bc`: too long", "`Bc`: too long" },
        { "`C`: it was not given", "`C`: it was not given" },
        { "there is no `B`", "there is no `B`" },
        { "`B", "`B" },
        { "", "" },
    };
    struct session s = { .args = { .n_words = 0 } };

    (void)state;
    s.args.names[0] = "to";
    s.args.names[1] = "name";
    s.args.values[0] = s.args.values[1] = "x";
    s.args.n_options = 2;
    option_names(&s, "to", "A.0.End");
    option_names(&s, "name", "B");
    option_names(&s, "name", "B");
    option_names(&s, "other", "C");
    assert_int_equal(s.n_named, 2);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct refusal why = { .code = "" };
        strncpy(why.message, rows[i].message, sizeof(why.message) - 1);
        option_tell(&s, &why);
        assert_string_equal(why.message, rows[i].told);
    }
}

/* What does not fit any more is cut off at a whole character. */
static void test_refusals__are_bounded(void **state)
{
    struct session s = { .args = { .n_words = 0 }, .n_named = 1 };
    struct refusal why = { .code = "" };

    (void)state;
    s.named[0].option = "an-option";
    s.named[0].field = "F";
    memcpy(why.message, "`F`: ", 5);
    for (size_t at = 5; at + 3 < sizeof(why.message); at += 3)
        memcpy(why.message + at, "长", 3);
    option_tell(&s, &why);
    assert_true(str_starts_with(str_from(why.message), STR("`F` (--an-option): 长")));
    assert_true(str_is_utf8(str_from(why.message)));
}

static void test_times__of_dates(void **state)
{
    static const struct {
        const char *given, *begin, *end;
    } rows[] = {
        { "2026-01-02", "2026-01-02 00:00:00", "2026-01-02 23:59:59" },
        { "2028-02-29", "2028-02-29 00:00:00", "2028-02-29 23:59:59" },
        { "2026-01-02 03:04:05", "2026-01-02 03:04:05", "2026-01-02 03:04:05" },
        { "2026-02-30", "2026-02-30", "2026-02-30" },
        { "soon", "soon", "soon" },
        { "", "", "" },
    };
    struct session s = { .args = { .n_words = 0 } };

    (void)state;
    arena_init(&s.arena);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_string_equal(option_whole_time(&s, rows[i].given, false), rows[i].begin);
        assert_string_equal(option_whole_time(&s, rows[i].given, true), rows[i].end);
    }
    arena_done(&s.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals__name_the_option),
        cmocka_unit_test(test_refusals__are_bounded),
        cmocka_unit_test(test_times__of_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
