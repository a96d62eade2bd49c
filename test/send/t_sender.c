/* test/send/t_sender.c - letters wait for a libcurl that cannot start, and go when it can. */
#include "send/sender.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "sys/log.h"

CURLM *__real_curl_multi_init(void);
CURLM *__wrap_curl_multi_init(void);

static atomic_int failures_left, starts, results;

CURLM *__wrap_curl_multi_init(void)
{
    atomic_fetch_add(&starts, 1);
    return atomic_fetch_sub(&failures_left, 1) > 0 ? NULL : __real_curl_multi_init();
}

static bool take_result(void *ctx, const struct letter_result *r)
{
    (void)ctx;
    (void)r;
    atomic_fetch_add(&results, 1);
    return true;
}

/* The test's own time limit ends what never comes. */
static void wait_for(atomic_int *what, int n)
{
    while (atomic_load(what) < n)
        nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
}

static struct sender *start(int failures)
{
    static const struct sender_config config = { .result = take_result };
    struct sender *s;

    atomic_store(&failures_left, failures);
    atomic_store(&starts, 0);
    atomic_store(&results, 0);
    assert_int_equal(sender_start(&config, &s, NULL), E_OK);
    return s;
}

/* Nobody listens on port 1. */
static bool post(struct sender *s, int64_t id)
{
    struct letter l = {
        .id = id, .way = ALARM_BY_HTTP, .target = STR("http://127.0.0.1:1/in"), .body = STR("{}")
    };

    return sender_send(s, &l);
}

static void test_start__letters_wait_for_it(void **state)
{
    struct sender *s = start(2);

    (void)state;
    assert_true(post(s, 1));
    wait_for(&starts, 1);
    assert_true(post(s, 2));
    wait_for(&results, 2);
    assert_int_equal(atomic_load(&starts), 3);
    sender_stop(s);
    sender_free(s);
}

static void test_start__a_stop_does_not_wait_for_it(void **state)
{
    struct sender *s = start(1000);

    (void)state;
    for (int i = 0; i < SENDER_LETTERS_MAX; i++)
        assert_true(post(s, i));
    assert_false(post(s, 99)); /* they wait, and are counted */
    wait_for(&starts, 2);
    assert_int_equal(atomic_load(&results), 0);
    sender_stop(s);
    sender_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_start__letters_wait_for_it),
        cmocka_unit_test(test_start__a_stop_does_not_wait_for_it),
    };

    log_set_level(LOG_OFF);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
