/* test/base/t_pack.c - numbers and texts, packed and read again. */
#include "base/pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "base/prng.h"

static void test_pack__reads_what_was_written(void **state)
{
    static const int64_t numbers[] = { 0, 1, -1, 9, 10, -10, INT64_MAX, INT64_MIN };
    static const char *const texts[] = { "", " ", "a", "12 ", "two words", "数据" };
    struct buf b;

    (void)state;
    buf_init(&b, 1000);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        pack_number(&b, numbers[i]);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        pack_text(&b, str_from(texts[i]));
    struct unpack u = { .rest = buf_str(&b) };
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        assert_true(unpack_number(&u, INT64_MIN, INT64_MAX) == numbers[i]);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        assert_false(unpack_ended(&u));
        assert_true(str_eq_c(unpack_text(&u), texts[i]));
    }
    assert_true(unpack_ended(&u));
    assert_true(unpack_number(&u, 3, 4) == 3); /* nothing is left */
    assert_true(u.bad);
    buf_done(&b);
}

static void test_pack__what_is_no_number_or_text(void **state)
{
    static const struct {
        const char *number;
        int64_t least, most;
    } numbers[] = {
        { "", 0, 9 },
        { " ", 0, 9 },
        { "1", 0, 9 },
        { "-", -9, 9 },
        { "- ", -9, 9 },
        { "+1 ", 0, 9 },
        { "1x", 0, 9 },
        { "x ", 0, 9 },
        { "10 ", 0, 9 },
        { "-1 ", 0, 9 },
        { "--1 ", -9, 9 },
        { "9223372036854775808 ", INT64_MIN, INT64_MAX },
        { "-9223372036854775809 ", INT64_MIN, INT64_MAX },
        { "92233720368547758070 ", INT64_MIN, INT64_MAX },
    };
    static const char *const texts[] = { "", "1", "1 ", "1 a", "2 a ", "1 ab ", "-1 a ", "a a " };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        struct unpack u = { .rest = str_from(numbers[i].number) };
        assert_true(unpack_number(&u, numbers[i].least, numbers[i].most) == numbers[i].least);
        assert_true(u.bad);
    }
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct unpack u = { .rest = str_from(texts[i]) };
        assert_int_equal(unpack_text(&u).len, 0);
        assert_true(u.bad);
        assert_false(unpack_ended(&u));
    }
}

/* Any list of numbers and texts comes back, and none of its beginnings is taken for the whole. */
static void test_pack__any_list(void **state)
{
    struct prng p;
    struct buf b;

    (void)state;
    prng_init(&p, 7);
    buf_init(&b, 4000);
    for (int round = 0; round < 2000; round++) {
        int64_t numbers[8];
        char texts[8][8];
        int n = (int)prng_below(&p, 8) + 1;

        buf_reset(&b);
        for (int i = 0; i < n; i++) {
            numbers[i] = (int64_t)(prng_next(&p) >> prng_below(&p, 64));
            if (prng_below(&p, 2))
                numbers[i] = -numbers[i];
            for (size_t k = 0; k < 8; k++)
                texts[i][k] = "0123456789- a"[prng_below(&p, 13)];
            pack_number(&b, numbers[i]);
            pack_text(&b, str_make(texts[i], (size_t)i));
        }
        for (size_t len = b.len > 12 ? b.len - 12 : 0; len <= b.len; len++) {
            struct unpack u = { .rest = str_make(b.ptr, len) };
            bool same = true;
            for (int i = 0; i < n; i++) {
                same = unpack_number(&u, INT64_MIN, INT64_MAX) == numbers[i] && same;
                same = str_eq(unpack_text(&u), str_make(texts[i], (size_t)i)) && same;
            }
            assert_true(unpack_ended(&u) == (len == b.len));
            assert_true(same || len < b.len);
        }
    }
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pack__reads_what_was_written),
        cmocka_unit_test(test_pack__what_is_no_number_or_text),
        cmocka_unit_test(test_pack__any_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
