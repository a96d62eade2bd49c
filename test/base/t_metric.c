/* test/base/t_metric.c - counting from several threads, and the text that Prometheus reads. */
#include "base/metric.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const struct histogram_bounds bounds = { 3, { 1000, 250000, 2000000 } };

static void counts_between_bounds(void **state)
{
    static const struct {
        int64_t value;
        int place;
    } rows[] = { { -5, 0 },     { 0, 0 },      { 1000, 0 },    { 1001, 1 },
                 { 250000, 1 }, { 250001, 2 }, { 2000000, 2 }, { 2000001, 3 } };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct histogram h = { .sum = 0 }, own = { .sum = 0 };
        histogram_add(&h, &bounds, rows[i].value);
        histogram_own_add(&own, &bounds, rows[i].value);
        assert_int_equal(h.counts[rows[i].place], 1);
        assert_int_equal(own.counts[rows[i].place], 1);
        assert_int_equal(histogram_count(&h), 1);
        assert_int_equal(h.sum, rows[i].value);
        assert_int_equal(own.sum, rows[i].value);
    }
}

static void *count_many(void *ctx)
{
    struct histogram *h = ctx;

    for (int i = 0; i < 20000; i++)
        histogram_add(h, &bounds, i);
    return NULL;
}

static void threads_lose_nothing(void **state)
{
    struct histogram h = { .sum = 0 };
    pthread_t threads[3];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_many, &h), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(histogram_count(&h), 60000);
    assert_int_equal(h.counts[0], 3 * 1001);
    assert_int_equal(h.sum, 3 * (int64_t)(20000 / 2 * 19999));
}

static void text_is_as_prometheus_reads_it(void **state)
{
    struct metric m = { 0 };
    struct histogram h = { .sum = 0 };
    struct metric_label label = { "group", STR("a\"b\\c\nd") };
    struct buf out;

    (void)state;
    metric_add(&m, 40);
    metric_own_add(&m, 2);
    histogram_add(&h, &bounds, 1000);
    histogram_add(&h, &bounds, 1500);
    histogram_add(&h, &bounds, 3000000);
    buf_init(&out, 4096);
    metric_single(&out, "weft_calls_total", METRIC_COUNTER, "Calls.", METRIC_PLAIN, metric_get(&m));
    metric_family(&out, "weft_wait_seconds", METRIC_HISTOGRAM, "Waits.");
    metric_histogram(&out, "weft_wait_seconds", &label, 1, METRIC_SECONDS, &bounds, &h);
    metric_sample(&out, "weft_skew_seconds", NULL, 0, METRIC_SECONDS, -1500000);
    assert_string_equal(out.ptr,
                        "# HELP weft_calls_total Calls.\n"
                        "# TYPE weft_calls_total counter\n"
                        "weft_calls_total 42\n"
                        "# HELP weft_wait_seconds Waits.\n"
                        "# TYPE weft_wait_seconds histogram\n"
                        "weft_wait_seconds_bucket{group=\"a\\\"b\\\\c\\nd\",le=\"0.001\"} 1\n"
                        "weft_wait_seconds_bucket{group=\"a\\\"b\\\\c\\nd\",le=\"0.25\"} 2\n"
                        "weft_wait_seconds_bucket{group=\"a\\\"b\\\\c\\nd\",le=\"2\"} 2\n"
                        "weft_wait_seconds_bucket{group=\"a\\\"b\\\\c\\nd\",le=\"+Inf\"} 3\n"
                        "weft_wait_seconds_sum{group=\"a\\\"b\\\\c\\nd\"} 3.0025\n"
                        "weft_wait_seconds_count{group=\"a\\\"b\\\\c\\nd\"} 3\n"
                        "weft_skew_seconds -1.5\n");
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_between_bounds),
        cmocka_unit_test(threads_lose_nothing),
        cmocka_unit_test(text_is_as_prometheus_reads_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
