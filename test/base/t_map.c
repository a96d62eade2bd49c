/* test/base/t_map.c - both maps against arrays, through growth and removal. */
#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/prng.h"

enum { KEYS = 700 };
static int values[3];              /* only their addresses matter */

static struct str key_text(char room[64], int i)
{
    /* Lengths 0 to 40, so that every path of the hash is used; key 0 is the empty one. */
    const char *tail = "abcdefghijklmnopqrstuvwxyz0123456789+";
    int len = i == 0 ? 0 : snprintf(room, 64, "%d%.*s", i, i % 37, tail);
    return str_make(room, (size_t)len);
}

static void compare_all(const struct map *m, void *const model[KEYS])
{
    bool seen[KEYS] = { false };
    size_t at = 0, n = 0;
    struct str key;
    void *value;
    char room[64];

    while (map_next(m, &at, &key, &value)) {
        int64_t i = 0;
        size_t digits = 0;
        while (digits < key.len && key.ptr[digits] >= '0' && key.ptr[digits] <= '9')
            digits++;
        assert_true(key.len == 0 || str_to_i64(str_sub(key, 0, digits), &i));
        assert_true(i >= 0 && i < KEYS && !seen[i]);
        assert_true(str_eq(key, key_text(room, (int)i)));
        assert_ptr_equal(value, model[i]);
        seen[i] = true;
        n++;
    }
    assert_int_equal(n, m->len);
    for (int i = 0; i < KEYS; i++)
        assert_int_equal(seen[i], model[i] != NULL);
}

static void test_bytes_history(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        void *model[KEYS] = { NULL };
        struct map m;
        struct prng random;
        size_t len = 0;
        char room[64];

        map_init(&m);
        prng_init(&random, seed);
        assert_null(map_get(&m, STR("x")));
        assert_null(map_remove(&m, STR("x")));
        for (int step = 0; step < 40000; step++) {
            int i = (int)prng_below(&random, KEYS);
            struct str key = key_text(room, i);
            /* Phases that mostly add and phases that mostly remove. */
            if (prng_chance(&random, step / 4000 % 2 ? 300000 : 700000)) {
                void *value = &values[prng_below(&random, ARRAY_LEN(values))];
                assert_ptr_equal(map_put(&m, key, value), model[i]);
                len += !model[i];
                model[i] = value;
            } else {
                assert_ptr_equal(map_remove(&m, key), model[i]);
                len -= !!model[i];
                model[i] = NULL;
            }
            assert_int_equal(m.len, len);
            int probe = (int)prng_below(&random, KEYS);
            assert_ptr_equal(map_get(&m, key_text(room, probe)), model[probe]);
            if (step % 2000 == 0)
                compare_all(&m, model);
        }
        compare_all(&m, model);
        map_done(&m);
    }
}

static void test_bytes_are_exact(void **state)
{
    (void)state;
    struct map m;
    map_init(&m);
    char key[] = "shared";
    map_put(&m, str_make(key, 6), &values[0]);
    memset(key, 'x', 6);                                 /* the map has its own copy */
    assert_ptr_equal(map_get(&m, STR("shared")), &values[0]);
    assert_null(map_get(&m, STR("share")));
    map_put(&m, str_make("a\0b", 3), &values[1]);        /* a NUL is a byte like any other */
    assert_null(map_get(&m, STR("a")));
    assert_ptr_equal(map_get(&m, str_make("a\0b", 3)), &values[1]);
    assert_null(map_get(&m, str_make("a\0b\0", 4)));
    map_put(&m, str_from(NULL), &values[2]);
    assert_ptr_equal(map_get(&m, STR("")), &values[2]);
    map_done(&m);
}

/* The same history gives the same order. */
static void test_order_repeats(void **state)
{
    (void)state;
    struct map a, b;
    char room[64];
    map_init(&a);
    map_init(&b);
    for (int i = 0; i < KEYS; i++) {
        map_put(&a, key_text(room, i), &values[0]);
        map_put(&b, key_text(room, i), &values[0]);
    }
    size_t at_a = 0, at_b = 0;
    struct str x, y;
    void *v;
    while (map_next(&a, &at_a, &x, &v)) {
        assert_true(map_next(&b, &at_b, &y, &v));
        assert_true(str_eq(x, y));
    }
    assert_false(map_next(&b, &at_b, &y, &v));
    map_done(&a);
    map_done(&b);
}

static void test_pairs_history(void **state)
{
    (void)state;
    enum { SIDE = 24 };
    void *model[SIDE][SIDE] = { { NULL } };
    struct pair_map m;
    struct prng random;
    size_t len = 0;

    pair_map_init(&m);
    prng_init(&random, 5);
    assert_null(pair_map_get(&m, (struct pair_key){ 0, 0 }));
    assert_null(pair_map_remove(&m, (struct pair_key){ 0, 0 }));
    for (int step = 0; step < 150000; step++) {
        size_t i = prng_below(&random, SIDE), k = prng_below(&random, SIDE);
        /* Keys as they occur: small ids, and times that are multiples of a day. */
        struct pair_key key = { i, k * UINT64_C(86400000000) };
        if (prng_chance(&random, step / 20000 % 2 ? 300000 : 700000)) {
            void *value = &values[prng_below(&random, ARRAY_LEN(values))];
            assert_ptr_equal(pair_map_put(&m, key, value), model[i][k]);
            len += !model[i][k];
            model[i][k] = value;
        } else {
            assert_ptr_equal(pair_map_remove(&m, key), model[i][k]);
            len -= !!model[i][k];
            model[i][k] = NULL;
        }
        assert_int_equal(m.len, len);
        if (step % 33333 == 0) {
            pair_map_clear(&m);
            memset(model, 0, sizeof(model));
            len = 0;
        }
        if (step % 5000 != 0)
            continue;
        size_t at = 0, n = 0;
        struct pair_key got;
        void *value;
        for (; pair_map_next(&m, &at, &got, &value); n++)
            assert_ptr_equal(value, model[got.a][got.b / UINT64_C(86400000000)]);
        assert_int_equal(n, len);
        for (i = 0; i < SIDE; i++) {
            for (k = 0; k < SIDE; k++) {
                key = (struct pair_key){ i, k * UINT64_C(86400000000) };
                assert_ptr_equal(pair_map_get(&m, key), model[i][k]);
            }
        }
    }
    pair_map_done(&m);
}

/* Regular keys must spread: no bucket of 1024 may get far more than its share of 64 k keys. */
static void test_spread(void **state)
{
    (void)state;
    static unsigned buckets[3][1024];
    for (uint64_t i = 0; i < 65536; i++) {
        char text[32];
        int len = snprintf(text, sizeof(text), "task-%06llu", (unsigned long long)i);
        buckets[0][hash_u64(i) & 1023]++;
        buckets[1][hash_u64(i << 32) & 1023]++;
        buckets[2][hash_bytes(text, (size_t)len) & 1023]++;
    }
    /* 64 on average, standard deviation 8. */
    for (size_t kind = 0; kind < 3; kind++) {
        for (size_t i = 0; i < 1024; i++)
            assert_in_range(buckets[kind][i], 16, 130);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_history), cmocka_unit_test(test_bytes_are_exact),
        cmocka_unit_test(test_order_repeats), cmocka_unit_test(test_pairs_history),
        cmocka_unit_test(test_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
