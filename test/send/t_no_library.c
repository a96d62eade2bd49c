/* test/send/t_no_library.c - a machine where libcurl cannot be opened: letters fail and say why,
 * the rest goes on.  Run with a libcurl.so.4 in the way that is none (meson.build). */
#include "send/sender.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "sys/curl.h"

enum { LETTERS = 3 };

struct box {
    pthread_mutex_t lock;
    pthread_cond_t came;
    struct letter_result results[LETTERS];
    int n, refusals;
};

/* The first time the engine has no room for it. */
static bool take(void *ctx, const struct letter_result *r)
{
    struct box *b = ctx;

    pthread_mutex_lock(&b->lock);
    bool taken = b->refusals++ > 0 && b->n < LETTERS;
    if (taken)
        b->results[b->n++] = *r;
    pthread_cond_signal(&b->came);
    pthread_mutex_unlock(&b->lock);
    return taken;
}

static void wait_for(struct box *b, int n)
{
    pthread_mutex_lock(&b->lock);
    while (b->n < n)
        pthread_cond_wait(&b->came, &b->lock);
    pthread_mutex_unlock(&b->lock);
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

static void test_letters__fail_and_others_may_follow(void **state)
{
    struct box box = { .lock = PTHREAD_MUTEX_INITIALIZER, .came = PTHREAD_COND_INITIALIZER };
    struct sender_config config = { .result = take, .ctx = &box };
    struct sender *sender;
    struct err e = ERR_INIT;

    (void)state;
    assert_int_equal(sender_start(&config, &sender, &e), E_OK);
    for (int i = 0; i < LETTERS; i++) {
        struct letter letter = { .id = i + 1,
                                 .way = ALARM_BY_HTTP,
                                 .target = STR("http://127.0.0.1:9/"),
                                 .body = STR("{}") };
        assert_true(sender_send(sender, &letter));
        wait_for(&box, i + 1);
        assert_int_equal(box.results[i].id, i + 1);
        assert_int_equal(box.results[i].outcome, LETTER_FAILED);
        assert_non_null(strstr(box.results[i].error, "libcurl"));
    }
    sender_stop(sender);
    sender_free(sender);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open__says_what_is_missing),
        cmocka_unit_test(test_letters__fail_and_others_may_follow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
