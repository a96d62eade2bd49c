/* test/api/t_copier.c - whose copies run at a time, in which order, and how many may wait. */
#include "api/copier.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/action.h"
#include "base/mem.h"

/* A copy that lasts until it is let go. */
struct held {
    struct copy copy;
    atomic_int began, goes, over;
};

static atomic_int order; /* of the beginnings */

static void hold(struct copy *copy)
{
    struct held *x = CONTAINER_OF(copy, struct held, copy);

    atomic_store(&x->began, atomic_fetch_add(&order, 1) + 1);
    while (!atomic_load(&x->goes))
        usleep(500); /* lint: a copy under way */
    atomic_store(&x->over, 1);
}

static enum err_code post(struct copier *c, struct held *x, const char *account, struct err *e)
{
    x->copy = (struct copy){ .account = str_from(account), .run = hold };
    return copier_post(c, &x->copy, e);
}

static void post_ok(struct copier *c, struct held *x, const char *account)
{
    struct err e = ERR_INIT;

    if (post(c, x, account, &e) != E_OK)
        fail_msg("%s", e.text);
}

static int wait_for(atomic_int *what)
{
    for (int i = 0; i < 20000 && !atomic_load(what); i++)
        usleep(500); /* lint: another thread's turn */
    return atomic_load(what);
}

static struct copier *start(void)
{
    struct copier *c = NULL;
    struct err e = ERR_INIT;

    atomic_store(&order, 0);
    if (copier_new(&c, &e) != E_OK)
        fail_msg("%s", e.text);
    return c;
}

static void test_copies__one_of_an_account_at_a_time(void **state)
{
    struct copier *c = start();
    static struct held a[3], b;

    (void)state;
    for (int i = 0; i < 3; i++)
        post_ok(c, &a[i], "a");
    assert_true(wait_for(&a[0].began));
    post_ok(c, &b, "b"); /* came last, and begins: its account has none under way */
    assert_int_equal(wait_for(&b.began), 2);
    atomic_store(&b.goes, 1);
    assert_true(wait_for(&b.over));
    assert_int_equal(atomic_load(&a[1].began), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(wait_for(&a[i].began), i == 0 ? 1 : i + 2);
        atomic_store(&a[i].goes, 1);
    }
    assert_true(wait_for(&a[2].over));
    copier_free(c);
}

static void test_copies__two_at_a_time(void **state)
{
    static const char *const accounts[] = { "a", "b", "c" };
    struct copier *c = start();
    static struct held x[3];

    (void)state;
    for (int i = 0; i < 3; i++)
        post_ok(c, &x[i], accounts[i]);
    assert_true(wait_for(&x[0].began) && wait_for(&x[1].began));
    assert_int_equal(atomic_load(&x[2].began), 0);
    atomic_store(&x[1].goes, 1);
    assert_int_equal(wait_for(&x[2].began), 3);
    atomic_store(&x[0].goes, 1);
    atomic_store(&x[2].goes, 1);
    assert_true(wait_for(&x[0].over) && wait_for(&x[2].over));
    copier_free(c);
}

static void let_go(struct held *x, int n)
{
    for (int i = 0; i < n; i++)
        atomic_store(&x[i].goes, 1);
    for (int i = 0; i < n; i++)
        assert_true(wait_for(&x[i].over));
}

static void test_copies__that_wait_are_bounded(void **state)
{
    struct copier *c = start();
    static struct held own[COPIES_OF_ACCOUNT + 1], others[COPIES_MAX], one;
    static char names[COPIES_MAX][16];
    struct err e = ERR_INIT;
    int n = 0;

    (void)state;
    post_ok(c, &own[0], "a");
    assert_true(wait_for(&own[0].began));
    for (int i = 1; i <= COPIES_OF_ACCOUNT; i++)
        post_ok(c, &own[i], "a");
    assert_int_equal(post(c, &one, "a", &e), E_BUSY);
    post_ok(c, &others[n++], "b"); /* another account is not refused for that */
    assert_true(wait_for(&others[0].began));
    for (; n < COPIES_MAX - COPIES_OF_ACCOUNT + 1; n++) {
        snprintf(names[n], sizeof(names[n]), "c%d", n);
        post_ok(c, &others[n], names[n]);
    }
    assert_int_equal(post(c, &one, "z", &e), E_BUSY);
    let_go(own, COPIES_OF_ACCOUNT + 1);
    let_go(others, n);
    post_ok(c, &one, "z"); /* and there is room again */
    let_go(&one, 1);
    copier_free(c);
}

/* The gateway's threads serve many connections each, so no action may hold one up with files. */
static void test_actions__none_works_on_a_thread_of_the_gateway(void **state)
{
    const struct action *a;
    int n = 0;

    (void)state;
    for (size_t i = 0; (a = action_at(i)) != NULL; i++) {
        if (a->works && !a->copies)
            fail_msg("%s works with files, and not on a thread of the copier", a->name);
        n += a->works;
    }
    assert_true(n > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copies__one_of_an_account_at_a_time),
        cmocka_unit_test(test_copies__two_at_a_time),
        cmocka_unit_test(test_copies__that_wait_are_bounded),
        cmocka_unit_test(test_actions__none_works_on_a_thread_of_the_gateway),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
