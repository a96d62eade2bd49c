/* test/sys/t_clock.c - clocks go forward; random bytes differ; the environment. */
#include "sys/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/mem.h"
#include "sys/env.h"
#include "sys/random.h"

static void test_mono(void **state)
{
    (void)state;
    struct mono before = clock_mono();
    for (int i = 0; i < 10000; i++) {
        struct mono now = i % 2 ? clock_mono() : clock_real.mono(clock_real.ctx);
        assert_true(mono_sub(now, before).us >= 0);
        before = now;
    }
}

static void test_wall(void **state)
{
    (void)state;
    /* Between 2024 and 2200: seconds taken for microseconds, or the other clock, would not be. */
    struct wall now = clock_wall();
    assert_true(wall_is_set(now));
    assert_true(now.us > INT64_C(1704067200000000) && now.us < INT64_C(7258118400000000));
    struct dur apart = wall_sub(clock_real.wall(clock_real.ctx), now);
    assert_true(apart.us < DUR_MIN(5).us);
}

static void test_random(void **state)
{
    (void)state;
    uint8_t a[64] = { 0 }, b[64] = { 0 };
    unsigned ones = 0;
    random_bytes(a, sizeof(a));
    random_bytes(b, sizeof(b));
    random_bytes(b, 0);
    assert_memory_not_equal(a, b, sizeof(a));
    for (size_t i = 0; i < sizeof(a); i++)
        ones += (unsigned)__builtin_popcount(a[i]);
    assert_in_range(ones, 150, 362); /* 256 expected, standard deviation 11 */
    uint8_t large[100000];
    memset(large, 0, sizeof(large));
    random_bytes(large, sizeof(large)); /* more than the kernel gives at once */
    unsigned zeroes = 0;
    for (size_t i = sizeof(large) - 1000; i < sizeof(large); i++)
        zeroes += large[i] == 0;
    assert_true(zeroes < 100);
}

static void test_uuid(void **state)
{
    (void)state;
    char a[UUID_LEN + 1], b[UUID_LEN + 1];
    random_uuid(a);
    random_uuid(b);
    assert_string_not_equal(a, b);
    assert_int_equal(strlen(a), UUID_LEN);
    assert_int_equal(a[14], '4');
    assert_non_null(strchr("89ab", a[19]));
}

static void test_env(void **state)
{
    (void)state;
    assert_non_null(env_get("PATH"));
    assert_null(env_get("WEFT_NOBODY_SETS_THIS"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mono), cmocka_unit_test(test_wall), cmocka_unit_test(test_random),
        cmocka_unit_test(test_uuid), cmocka_unit_test(test_env),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
