/* test/cli/t_commands.c - the table of commands is whole: every usage is one, every option fits. */
#include "cli/commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static void test_table(void **state)
{
    const struct command *c;
    size_t n = 0;

    (void)state;
    for (; (c = command_at(n)) != NULL; n++) {
        struct str usage = str_from(c->usage);
        assert_true(str_eq_c(str_split(&usage, ' '), c->name));
        assert_ptr_equal(command_find(c->name), c);
        assert_true(c->words_min <= c->words_max && c->words_max <= ARGS_MAX);
        assert_true(c->run && c->help[0]);
        /* What must be there is in the usage. */
        assert_true(c->words_min == 0 || command_words(c) != WORDS_NONE || usage.len > 0);
        for (const struct option_help *o = c->options; o && o->name; o++) {
            assert_true(strlen(o->name) <= 16 && o->help[0]);
            for (const struct option_help *other = c->options; other < o; other++)
                assert_string_not_equal(other->name, o->name);
        }
        for (size_t i = 0; i < n; i++)
            assert_string_not_equal(command_at(i)->name, c->name);
    }
    assert_in_range(n, 25, 60);
    assert_null(command_find("nothing"));
}

static void test_words(void **state)
{
    static const struct {
        const char *name;
        enum word_kind kind;
    } rows[] = {
        { "submit", WORDS_TASKS },   { "backfill", WORDS_TASKS },   { "preview", WORDS_TASKS },
        { "kill", WORDS_INSTANCES }, { "show", WORDS_INSTANCES },   { "apply", WORDS_DIRECTORY },
        { "keys", WORDS_VERBS },     { "completion", WORDS_VERBS }, { "tasks", WORDS_NONE },
        { "api", WORDS_NONE },       { "status", WORDS_NONE },      { "jobs", WORDS_NONE },
    };
    char verb[32];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(command_words(command_find(rows[i].name)), rows[i].kind);
    assert_string_equal(command_verb(command_find("keys"), 1, verb), "add");
    assert_string_equal(command_verb(command_find("alarms"), 6, verb), "remove");
    assert_null(command_verb(command_find("alarms"), 7, verb));
    assert_string_equal(command_near("statsu"), "status");
    assert_string_equal(command_near("sreve"), "serve");
    assert_null(command_near("qqqqqqqq"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
