/* test/base/t_arena.c - pieces stay whole, zeroed and apart; reset keeps one block. */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdalign.h>
#include <string.h>

#include "base/prng.h"

static void test_pieces(void **state)
{
    (void)state;
    enum { N = 2000 };
    static unsigned char *pieces[N];
    static size_t sizes[N];
    struct arena a;
    struct prng random;

    arena_init(&a);
    prng_init(&random, 1);
    for (int round = 0; round < 5; round++) {
        for (size_t i = 0; i < N; i++) {
            sizes[i] = (size_t)prng_below(&random, prng_chance(&random, 5000) ? 3000000 : 200);
            pieces[i] = arena_alloc(&a, sizes[i]);
            assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
            for (size_t k = 0; k < sizes[i]; k++) {
                if (pieces[i][k] != 0)
                    fail_msg("piece %zu is not zeroed", i);
            }
            memset(pieces[i], (int)(i & 0xff), sizes[i]);
        }
        for (size_t i = 0; i < N; i++) {
            for (size_t k = 0; k < sizes[i]; k++) {
                if (pieces[i][k] != (i & 0xff))
                    fail_msg("piece %zu was overwritten", i);
            }
        }
        size_t before = arena_bytes(&a);
        arena_reset(&a);
        assert_true(arena_bytes(&a) < before);
    }
    arena_done(&a);
    assert_int_equal(arena_bytes(&a), 0);
}

static void test_text(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    struct str s = arena_str(&a, str_make("abcdef", 3));
    assert_int_equal(s.len, 3);
    assert_string_equal(s.ptr, "abc");
    assert_string_equal(arena_cstr(&a, str_from(NULL)), "");
    struct str p = arena_printf(&a, "%s-%d", "x", 42);
    assert_int_equal(p.len, 4);
    assert_string_equal(p.ptr, "x-42");
    for (int width = 250; width < 262; width++) {
        p = arena_printf(&a, "%*d", width, 7);
        assert_int_equal(p.len, width);
        assert_int_equal(strlen(p.ptr), width);
        assert_int_equal(p.ptr[width - 1], '7');
    }
    int *numbers = ARENA_ARRAY(&a, int, 10);
    assert_int_equal(numbers[9], 0);
    assert_int_equal(*ARENA_NEW(&a, int64_t), 0);
    arena_done(&a);
}

/* A steady load settles in one block: resetting does not grow and does not allocate. */
static void test_steady(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    size_t settled = 0;
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 100; i++)
            arena_alloc(&a, 300);
        if (round == 10)
            settled = arena_bytes(&a);
        if (round > 10)
            assert_int_equal(arena_bytes(&a), settled);
        arena_reset(&a);
    }
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_steady),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
