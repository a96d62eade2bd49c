/* test/base/t_prng.c - the published sequence, ranges, evenness. */
#include "base/prng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_sequence(void **state)
{
    (void)state;
    /* The reference sequence of xoshiro256** from the state 1, 2, 3, 4. */
    struct prng p = { { 1, 2, 3, 4 } };
    assert_true(prng_next(&p) == UINT64_C(11520));
    assert_true(prng_next(&p) == 0);
    assert_true(prng_next(&p) == UINT64_C(1509978240));
    assert_true(prng_next(&p) == UINT64_C(1215971899390074240));
}

static void test_seeds(void **state)
{
    (void)state;
    struct prng a, b, c;
    prng_init(&a, 1);
    prng_init(&b, 1);
    prng_init(&c, 2);
    int same = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t x = prng_next(&a);
        assert_true(x == prng_next(&b));
        same += x == prng_next(&c);
    }
    assert_int_equal(same, 0);
    prng_init(&a, 0);                              /* not the state that stays zero */
    assert_true((prng_next(&a) | prng_next(&a)) != 0);
}

static void test_ranges(void **state)
{
    (void)state;
    struct prng p;
    prng_init(&p, 9);
    unsigned counts[7] = { 0 };
    for (int i = 0; i < 70000; i++)
        counts[prng_below(&p, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_in_range(counts[i], 9500, 10500);   /* standard deviation 93 */
    bool low = false, high = false;
    for (int i = 0; i < 1000; i++) {
        int64_t v = prng_range(&p, -3, 3);
        assert_true(v >= -3 && v <= 3);
        low = low || v == -3;
        high = high || v == 3;
        assert_int_equal(prng_below(&p, 1), 0);
        assert_int_equal(prng_range(&p, INT64_MIN, INT64_MIN), INT64_MIN);
        assert_true(prng_range(&p, INT64_MAX - 1, INT64_MAX) >= INT64_MAX - 1);
    }
    assert_true(low && high);
    int negative = 0, upper = 0;
    for (int i = 0; i < 10000; i++) {
        negative += prng_range(&p, INT64_MIN, INT64_MAX) < 0;
        upper += prng_below(&p, UINT64_C(3) << 62) >= UINT64_C(1) << 63;
    }
    assert_in_range(negative, 4700, 5300);
    assert_in_range(upper, 3000, 3670);            /* a third; a plain remainder: a quarter */
}

static void test_chance(void **state)
{
    (void)state;
    struct prng p;
    prng_init(&p, 4);
    int hits = 0;
    for (int i = 0; i < 100000; i++) {
        assert_false(prng_chance(&p, 0));
        assert_true(prng_chance(&p, 1000000));
        hits += prng_chance(&p, 250000);
    }
    assert_in_range(hits, 24300, 25700);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sequence),
        cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_chance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
