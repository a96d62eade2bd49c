/* test/base/t_heap.c - a heap against a search through all elements. */
#include "base/heap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/prng.h"

struct item {
    struct heap_node node; /* first, so that a node is its item */
    uint64_t key;
    int id;
};

static bool less(const struct heap_node *a, const struct heap_node *b)
{
    const struct item *x = (const struct item *)(const void *)a;
    const struct item *y = (const struct item *)(const void *)b;
    return x->key != y->key ? x->key < y->key : x->id < y->id;
}

static void test_history(void **state)
{
    (void)state;
    enum { N = 60 };
    struct item items[N] = { 0 };
    struct heap h;
    struct prng random;

    heap_init(&h, less);
    assert_null(heap_top(&h));
    prng_init(&random, 11);
    for (int i = 0; i < N; i++)
        items[i].id = i;
    for (int step = 0; step < 200000; step++) {
        struct item *x = &items[prng_below(&random, N)];
        uint64_t key = prng_below(&random, 40); /* many equal ones */
        if (!heap_has(&x->node)) {
            heap_remove(&h, &x->node); /* no-op */
            x->key = key;
            heap_add(&h, &x->node);
        } else if (prng_chance(&random, 500000)) {
            x->key = key;
            heap_update(&h, &x->node);
        } else {
            heap_remove(&h, &x->node);
        }
        struct heap_node *smallest = NULL;
        size_t n_before = 0;
        size_t n = 0;
        for (int i = 0; i < N; i++) {
            if (!heap_has(&items[i].node))
                continue;
            n++;
            n_before += less(&items[i].node, &x->node);
            if (!smallest || less(&items[i].node, smallest))
                smallest = &items[i].node;
        }
        assert_int_equal(h.len, n);
        assert_int_equal(heap_before(&h, &x->node, N), n_before);
        assert_int_equal(heap_before(&h, &x->node, 3), n_before < 3 ? n_before : 3);
        assert_ptr_equal(heap_top(&h), smallest);
    }
    heap_done(&h);
}

static void test_sorts(void **state)
{
    (void)state;
    enum { N = 5000 };
    static struct item items[N];
    struct heap h;
    struct prng random;

    heap_init(&h, less);
    prng_init(&random, 12);
    for (int i = 0; i < N; i++) {
        items[i] = (struct item){ .key = prng_below(&random, 1000), .id = i };
        heap_add(&h, &items[i].node);
    }
    const struct heap_node *before = NULL;
    for (int i = 0; i < N; i++) {
        struct heap_node *top = heap_top(&h);
        assert_non_null(top);
        assert_true(!before || less(before, top));
        before = top;
        heap_remove(&h, top);
    }
    assert_null(heap_top(&h));
    heap_done(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_history),
        cmocka_unit_test(test_sorts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
