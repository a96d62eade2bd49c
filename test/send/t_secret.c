/* test/send/t_secret.c - what a receiver says of an address does not repeat its key. */
#include "send/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define SLACK "https://hooks.slack.example/services/T01/B0123456789/abcdefgh12345678"
#define DING "https://oapi.dingtalk.example/robot/send?access_token=0123456789abcdef&v=1"

static void test_blot__rows(void **state)
{
    static const struct {
        const char *url, *text, *left;
    } rows[] = {
        { SLACK, "no /services/T01/B0123456789/abcdefgh12345678 here",
          "no /********/T01/***********/**************** here" },
        { SLACK, "abcdefgh12345678abcdefgh12345678", "********************************" },
        { SLACK, "abcdefgh1234567 hooks.slack.example", "abcdefgh1234567 hooks.slack.example" },
        { DING, "<b>/robot/send?access_token=0123456789abcdef&amp;v=1</b>",
          "<b>/robot/send?************=****************&amp;v=1</b>" },
        { DING, "", "" },
        { "http://h.example", "http h.example", "http h.example" },
        { "http://h.example?12345678", "12345678", "********" },
        { "http://h.example#12345678", "12345678", "********" },
        { "http://h.example/1234567", "1234567", "1234567" },
        { "abcdefgh", "abcdefgh", "abcdefgh" },
    };
    char text[128];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        strcpy(text, rows[i].text);
        secret_blot(str_from(rows[i].url), text, strlen(text));
        assert_string_equal(text, rows[i].left);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_blot__rows) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
