/* test/base/t_list.c - intrusive lists, against an array of what should be in them. */
#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/prng.h"

static void test_ends(void **state)
{
    (void)state;
    struct list head, a, b;
    list_init(&head);
    list_init(&a);
    list_init(&b);
    assert_true(list_is_empty(&head));
    assert_null(list_first(&head));
    assert_null(list_pop_front(&head));
    list_push_back(&head, &a);
    list_push_front(&head, &b);
    assert_ptr_equal(list_first(&head), &b);
    list_remove(&b);
    list_remove(&b);                             /* twice does nothing */
    assert_ptr_equal(list_pop_front(&head), &a);
    assert_true(list_is_empty(&head));
    assert_true(list_is_empty(&a));
}

static void test_history(void **state)
{
    (void)state;
    enum { N = 20 };
    struct list head, nodes[N];
    struct list *model[N];
    size_t len = 0;
    struct prng random;

    prng_init(&random, 3);
    list_init(&head);
    for (int i = 0; i < N; i++)
        list_init(&nodes[i]);
    for (int step = 0; step < 20000; step++) {
        struct list *node = &nodes[prng_below(&random, N)];
        size_t at = 0;
        while (at < len && model[at] != node)
            at++;
        if (at < len) {
            list_remove(node);
            memmove(model + at, model + at + 1, (len - at - 1) * sizeof(model[0]));
            len--;
        } else if (prng_chance(&random, 500000)) {
            list_push_back(&head, node);
            model[len++] = node;
        } else {
            list_push_front(&head, node);
            memmove(model + 1, model, len * sizeof(model[0]));
            model[0] = node;
            len++;
        }
        struct list *n = head.next, *p = head.prev;
        for (size_t i = 0; i < len; i++, n = n->next, p = p->prev) {
            assert_ptr_equal(n, model[i]);
            assert_ptr_equal(p, model[len - 1 - i]);
        }
        assert_ptr_equal(n, &head);
        assert_ptr_equal(p, &head);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
