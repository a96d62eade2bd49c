/* test/base/t_mem.c - allocation, and the check that ends the process. */
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_grow(void **state)
{
    (void)state;
    size_t cap = 0;
    int *numbers = NULL;
    size_t moves = 0;

    for (size_t i = 0; i < 100000; i++) {
        size_t before = cap;
        numbers = mem_grow(numbers, &cap, i + 1, sizeof(*numbers));
        assert_true(cap >= i + 1);
        moves += cap != before;
        numbers[i] = (int)i;
    }
    for (size_t i = 0; i < 100000; i++)
        assert_int_equal(numbers[i], i);
    assert_true(moves < 40);                 /* geometric, so appending is O(1) */
    assert_ptr_equal(mem_grow(numbers, &cap, 1, sizeof(*numbers)), numbers);
    mem_free(numbers);
}

static void test_alloc(void **state)
{
    (void)state;
    char *zero = mem_zalloc(100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(zero[i], 0);
    memset(zero, 'x', 100);
    zero = mem_realloc(zero, 200);
    assert_int_equal(zero[99], 'x');
    mem_free(zero);
    void *none = mem_alloc(0);
    assert_non_null(none);                   /* nothing is still something */
    mem_free(none);
    mem_free(NULL);
    char *copy = mem_strdup(str_make("abcdef", 3));
    assert_string_equal(copy, "abc");
    mem_free(copy);
    copy = mem_strdup(str_from(NULL));
    assert_string_equal(copy, "");
    mem_free(copy);
}

struct inner { int x; };
struct outer { char pad[3]; struct inner in; };

static void test_container(void **state)
{
    (void)state;
    struct outer o = { .in = { 7 } };
    struct inner *in = &o.in;
    assert_ptr_equal(CONTAINER_OF(in, struct outer, in), &o);
}

static void test_check(void **state)
{
    (void)state;
    check(1 + 1 == 2);
    int pipe_fds[2];
    assert_int_equal(pipe(pipe_fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGABRT, SIG_DFL);
        dup2(pipe_fds[1], STDERR_FILENO);
        check(1 + 1 == 3);
        _exit(0);
    }
    close(pipe_fds[1]);
    char text[512] = "";
    size_t len = 0;
    for (ssize_t n; (n = read(pipe_fds[0], text + len, sizeof(text) - 1 - len)) > 0;)
        len += (size_t)n;
    close(pipe_fds[0]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(text, "1 + 1 == 3"));
    assert_non_null(strstr(text, "t_mem.c"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grow),
        cmocka_unit_test(test_alloc),
        cmocka_unit_test(test_container),
        cmocka_unit_test(test_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
