/* test/send/t_no_library.c - a machine where libcurl cannot be opened: that is said, letters wait,
 * and a stop does not wait for them.  Run with a libcurl.so.4 in the way that is none
 * (meson.build). */
#include "send/sender.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "sys/curl.h"
#include "sys/log.h"

static bool take(void *ctx, const struct letter_result *r)
{
    (void)r;
    ++*(int *)ctx;
    return true;
}

static void test_open__says_what_is_missing(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct err e = ERR_INIT;
        assert_int_equal(curl_library_open(&e), E_UNSUPPORTED);
        assert_non_null(strstr(e.text, "libcurl.so.4"));
    }
}

static void test_letters__wait(void **state)
{
    int results = 0;
    struct sender_config config = { .result = take, .ctx = &results };
    struct letter letter = {
        .id = 1, .way = ALARM_BY_HTTP, .target = STR("http://127.0.0.1:9/"), .body = STR("{}")
    };
    struct sender *sender;

    (void)state;
    assert_int_equal(sender_start(&config, &sender, NULL), E_OK);
    for (int i = 0; i < SENDER_LETTERS_MAX; i++)
        assert_true(sender_send(sender, &letter));
    assert_false(sender_send(sender, &letter)); /* they wait, and are counted */
    nanosleep(&(struct timespec){ .tv_nsec = 200000000 }, NULL);
    sender_stop(sender);
    assert_int_equal(results, 0);
    sender_free(sender);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open__says_what_is_missing),
        cmocka_unit_test(test_letters__wait),
    };

    log_set_level(LOG_OFF);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
