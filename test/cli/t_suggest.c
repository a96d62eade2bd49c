/* test/cli/t_suggest.c - the known word that a mistyped one is nearest to. */
#include "cli/suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "base/mem.h"

static void test_words(void **state)
{
    static const char *const known[] = { "instances", "tasks", "status", "plan", "plans", "" };
    static const struct {
        const char *word, *best;
    } rows[] = {
        { "instance", "instances" },
        { "isntances", "instances" },
        { "taks", "tasks" },
        { "TASKS", "tasks" },
        { "stauts", "status" },
        { "pln", "plan" },
        { "planz", "plan" },
        { "plans", "plans" },
        { "zzz", NULL },
        { "", NULL },
        { "x", NULL },
    };
    char lengthy[200];
    struct suggestion s;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        suggest_begin(&s, str_from(rows[i].word));
        for (size_t k = 0; k < ARRAY_LEN(known); k++)
            suggest_offer(&s, known[k]);
        if (rows[i].best)
            assert_string_equal(suggest_best(&s), rows[i].best);
        else
            assert_null(suggest_best(&s));
    }
    memset(lengthy, 'a', sizeof(lengthy));
    lengthy[sizeof(lengthy) - 1] = '\0';
    suggest_begin(&s, str_from(lengthy));
    suggest_offer(&s, lengthy);
    assert_null(suggest_best(&s));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_words) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
