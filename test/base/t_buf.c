/* test/base/t_buf.c - appending, limits, consuming. */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/prng.h"

static void test_append(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, SIZE_MAX);
    assert_int_equal(buf_str(&b).len, 0);
    buf_add_c(&b, "");
    assert_string_equal(b.ptr, "");
    buf_add_c(&b, "ab");
    buf_add_char(&b, 'c');
    buf_add_str(&b, STR("de"));
    buf_add_str(&b, str_from(NULL));
    buf_printf(&b, "-%d-%s", 7, "x");
    assert_string_equal(b.ptr, "abcde-7-x");
    assert_int_equal(b.len, 9);
    buf_consume(&b, 0);
    buf_consume(&b, 6);
    assert_string_equal(b.ptr, "7-x");
    buf_consume(&b, 3);
    assert_string_equal(b.ptr, "");
    for (int width = 250; width < 262; width++) {
        buf_reset(&b);
        buf_printf(&b, "%*d", width, 7);
        assert_int_equal(b.len, width);
        assert_int_equal(strlen(b.ptr), width);
    }
    buf_done(&b);
    assert_null(b.ptr);
}

static void test_numbers(void **state)
{
    (void)state;
    static const int64_t values[] = { 0, 1, -1, 9, 10, -10, 99, 100, INT64_MAX, INT64_MIN };
    struct buf b;
    char wanted[32];
    buf_init(&b, 100);
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        buf_reset(&b);
        buf_add_i64(&b, values[i]);
        snprintf(wanted, sizeof(wanted), "%lld", (long long)values[i]);
        assert_string_equal(b.ptr, wanted);
        buf_reset(&b);
        buf_add_u64(&b, (uint64_t)values[i]);
        snprintf(wanted, sizeof(wanted), "%llu", (unsigned long long)values[i]);
        assert_string_equal(b.ptr, wanted);
    }
    buf_done(&b);
}

static void test_limit(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4);
    buf_add_c(&b, "abcd");                       /* exactly full is not over */
    assert_false(b.overflow);
    buf_add_c(&b, "");
    assert_false(b.overflow);
    buf_add_char(&b, 'e');
    assert_true(b.overflow);
    assert_string_equal(b.ptr, "abcd");
    buf_reset(&b);
    assert_false(b.overflow);
    buf_add_c(&b, "abc");
    buf_add_c(&b, "de");                         /* dropped whole */
    buf_add_c(&b, "f");                          /* and what follows, though it would fit */
    assert_true(b.overflow);
    assert_string_equal(b.ptr, "abc");
    assert_null(buf_reserve(&b, 0));
    buf_reset(&b);
    assert_null(buf_reserve(&b, 5));
    buf_reset(&b);
    char *room = buf_reserve(&b, 4);
    assert_non_null(room);
    memcpy(room, "wxyz", 4);
    buf_grown(&b, 2);
    assert_string_equal(b.ptr, "wx");
    buf_printf(&b, "%s", "too long");
    assert_true(b.overflow);
    buf_done(&b);
    buf_init(&b, 0);
    buf_add_c(&b, "");
    assert_false(b.overflow);
    buf_add_char(&b, 'x');
    assert_true(b.overflow);
    buf_done(&b);
    buf_init(&b, 10);
    assert_null(buf_reserve(&b, SIZE_MAX));      /* no overflow of the size itself */
    buf_done(&b);
}

static void test_take(void **state)
{
    (void)state;
    struct buf b;
    size_t len = 1;
    buf_init(&b, 100);
    char *text = buf_take(&b, &len);
    assert_string_equal(text, "");
    assert_int_equal(len, 0);
    mem_free(text);
    buf_add_c(&b, "hello");
    text = buf_take(&b, &len);
    assert_string_equal(text, "hello");
    assert_int_equal(len, 5);
    mem_free(text);
    assert_int_equal(b.len, 0);
    buf_add_c(&b, "again");                      /* still usable, with the same limit */
    assert_string_equal(b.ptr, "again");
    assert_int_equal(b.limit, 100);
    buf_done(&b);
}

/* Random histories against a plain array. */
static void test_history(void **state)
{
    (void)state;
    enum { LIMIT = 300 };
    struct prng random;
    prng_init(&random, 7);
    for (int round = 0; round < 300; round++) {
        char model[LIMIT];
        size_t len = 0;
        bool over = false;
        struct buf b;
        buf_init(&b, LIMIT);
        for (int step = 0; step < 60; step++) {
            char piece[64];
            size_t n = prng_below(&random, sizeof(piece));
            memset(piece, 'a' + step % 26, sizeof(piece));
            if (prng_chance(&random, 300000)) {
                size_t gone = prng_below(&random, len + 1);
                buf_consume(&b, gone);
                memmove(model, model + gone, len - gone);
                len -= gone;
            } else {
                buf_add(&b, piece, n);
                over = over || len + n > LIMIT;
                if (!over) {
                    memcpy(model + len, piece, n);
                    len += n;
                }
            }
            assert_int_equal(b.len, len);
            assert_int_equal(b.overflow, over);
            if (b.ptr) {
                assert_memory_equal(b.ptr, model, len);
                assert_int_equal(b.ptr[len], 0);
            }
        }
        buf_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_limit),  cmocka_unit_test(test_take),
        cmocka_unit_test(test_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
