/* test/cli/t_args.c - command lines as the client commands read them. */
#include "cli/args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static const struct option_help own[] = {
    { "from", "DATE", "first date" }, { "wait", NULL, "wait" }, { "page", "N", "number" },
    { "json", "FILE", "a file" },     { NULL, NULL, NULL },
};
static const struct option_help common[] = {
    { "json", NULL, "as JSON" },
    { "project", "ID", "project" },
    { "help", NULL, "help" },
    { NULL, NULL, NULL },
};

enum { WORDS_MAX = 80 };

static enum err_code parse(const char *line, struct args *ret, struct err *e)
{
    static char copy[1024];
    char *argv[WORDS_MAX], *save, *word;
    int argc = 0;

    strncpy(copy, line, sizeof(copy) - 1);
    for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
        argv[argc++] = word;
    return args_parse(argc, argv, own, common, ret, e);
}

static void test_lines__words_and_options(void **state)
{
    static const struct {
        const char *line, *word, *option, *value;
        int n_words;
    } rows[] = {
        { "a b", "a", "from", NULL, 2 },
        { "--from 2026-01-01 a", "a", "from", "2026-01-01", 1 },
        { "a --from=x=y", "a", "from", "x=y", 1 },
        { "--wait a", "a", "wait", "true", 1 },
        { "a --wait", "a", "wait", "true", 1 },
        { "--from 1 --from 2 a", "a", "from", "2", 1 },
        { "-- --from", "--from", "from", NULL, 1 },
        { "--project p a", "a", "project", "p", 1 },
        { "--json f a", "a", "json", "f", 1 }, /* a command's own option beats the common one */
        { "--from - a", "a", "from", "-", 1 },
        { "- a", "-", "from", NULL, 2 },
        { "--page 12 a", "a", "page", "12", 1 },
        { "--wait=true a", "a", "wait", "true", 1 },
        { "--wait=false a", "a", "wait", NULL, 1 },
        { "--wait --wait=false a", "a", "wait", NULL, 1 },
        { "--wait=false --wait a", "a", "wait", "true", 1 },
        { "-h a", "a", "help", "true", 1 },
        { "a -h", "a", "help", "true", 1 },
        { "--from -h a", "a", "from", "-h", 1 },
        { "-- -h", "-h", "help", NULL, 1 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct args a;
        assert_int_equal(parse(rows[i].line, &a, NULL), E_OK);
        assert_int_equal(a.n_words, rows[i].n_words);
        assert_string_equal(a.words[0], rows[i].word);
        assert_int_equal(args_has(&a, rows[i].option), rows[i].value != NULL);
        if (rows[i].value)
            assert_string_equal(args_get(&a, rows[i].option), rows[i].value);
    }
}

static void test_lines__refused(void **state)
{
    static const char *const lines[] = { "--nothing", "--from", "--fro 1", "a --project" };
    static const char *const no_truths[] = { "--wait=1", "--wait=no", "--wait=", "--wait=TRUE" };
    struct args untouched = { .n_words = 7 };
    struct err e = ERR_INIT;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        assert_int_equal(parse(lines[i], &untouched, &e), E_SYNTAX);
        assert_int_equal(untouched.n_words, 7);
        assert_true(e.text[0] != '\0');
    }
    for (size_t i = 0; i < ARRAY_LEN(no_truths); i++)
        assert_int_equal(parse(no_truths[i], &untouched, &e), E_RANGE);
    assert_string_equal(e.text, "--wait is a switch: it takes true or false, not 'TRUE'");
    assert_int_equal(parse("--page x", &untouched, &e), E_RANGE);
    assert_int_equal(parse("--page=-1", &untouched, &e), E_RANGE);
    assert_string_equal(e.text, "--page takes a whole number, not '-1'");
}

static void test_lines__are_bounded(void **state)
{
    char *words[ARGS_MAX + 1], word[] = "w";
    struct args a;

    (void)state;
    for (int i = 0; i <= ARGS_MAX; i++)
        words[i] = word;
    assert_int_equal(args_parse(ARGS_MAX, words, own, NULL, &a, NULL), E_OK);
    assert_int_equal(args_parse(ARGS_MAX + 1, words, own, NULL, &a, NULL), E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines__words_and_options),
        cmocka_unit_test(test_lines__refused),
        cmocka_unit_test(test_lines__are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
