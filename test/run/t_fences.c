/* test/run/t_fences.c - the set of fences against a plain table, across restarts and crashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/prng.h"
#include "run/fences.h"
#include "sys/file.h"

static char dir[64], path[96];

static int set_up(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/weft-fences-XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof(path), "%s/fences", dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return dir_remove_all(dir, NULL) == E_OK ? 0 : -1;
}

static void open_set(struct fences *f)
{
    struct err e = ERR_INIT;

    if (fences_open(f, path, &e) != E_OK)
        fail_msg("%s", e.text);
}

static void test_set__agrees_with_a_table(void **state)
{
    enum { N = 3000 };
    static bool table[N];
    struct fences f;
    struct prng p;

    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        memset(table, 0, sizeof(table));
        unlink(path);
        prng_init(&p, seed);
        open_set(&f);
        for (int step = 0; step < 2500; step++) {
            uint64_t fence = prng_below(&p, 4) == 0 ? prng_below(&p, N) : (uint64_t)step;
            assert_int_equal(fences_has(&f, fence), table[fence]);
            if (!table[fence])
                assert_int_equal(fences_add(&f, fence, NULL), E_OK);
            table[fence] = true;
            if (prng_below(&p, 300) == 0) { /* as after kill -9: nothing is written at the end */
                fences_close(&f);
                open_set(&f);
            }
        }
        for (uint64_t fence = 0; fence < N; fence++)
            assert_int_equal(fences_has(&f, fence), table[fence]);
        assert_false(fences_is_doubtful(&f, 2999));
        fences_close(&f);
    }
}

static void test_file__many_fences_stay_small(void **state)
{
    struct fences f;
    struct buf text;

    (void)state;
    open_set(&f);
    for (uint64_t fence = 1; fence <= 60000; fence++)
        assert_int_equal(fences_add(&f, fence, NULL), E_OK);
    fences_close(&f);
    open_set(&f);
    assert_true(fences_has(&f, 1) && fences_has(&f, 60000) && !fences_has(&f, 60001) &&
                !fences_has(&f, 0));
    assert_int_equal(f.len_, 1);
    fences_close(&f);
    buf_init(&text, 1 << 20);
    assert_int_equal(file_read(path, &text, NULL), E_OK);
    assert_true(text.len < 200000);
    buf_done(&text);
}

static void test_file__a_torn_line_is_not_a_fence(void **state)
{
    struct fences f;
    struct buf text;

    (void)state;
    open_set(&f);
    assert_int_equal(fences_add(&f, 5, NULL), E_OK);
    assert_int_equal(fences_add(&f, 1234, NULL), E_OK);
    fences_close(&f);
    buf_init(&text, 1 << 20);
    assert_int_equal(file_read(path, &text, NULL), E_OK);
    char *line = strstr(text.ptr, "1234\n");
    memset(line + 2, 0, 3); /* "12" without its newline */
    assert_int_equal(file_write_atomic(path, buf_str(&text), 0600, NULL), E_OK);
    open_set(&f);
    assert_true(fences_has(&f, 5));
    assert_false(fences_has(&f, 12) || fences_has(&f, 1234));
    fences_close(&f);
    /* but nonsense is not passed over */
    memcpy(line, "12x4\n", 5);
    assert_int_equal(file_write_atomic(path, buf_str(&text), 0600, NULL), E_OK);
    assert_int_equal(fences_open(&f, path, NULL), E_CORRUPT);
    buf_done(&text);
}

static void test_machine_crash__makes_fences_doubtful(void **state)
{
    struct fences f;
    struct buf text;

    (void)state;
    open_set(&f);
    assert_int_equal(fences_add(&f, 100, NULL), E_OK);
    assert_int_equal(fences_add(&f, 102, NULL), E_OK);
    fences_close(&f);
    buf_init(&text, 1 << 20);
    assert_int_equal(file_read(path, &text, NULL), E_OK);
    assert_int_equal(strncmp(text.ptr, "boot ", 5), 0);
    text.ptr[5] ^= 1; /* another boot wrote it ... */
    char *line = strstr(text.ptr, "\n102\n");
    memset(line + 1, 0, 4); /* ... and its last line never came to the disk */
    assert_int_equal(file_write_atomic(path, buf_str(&text), 0600, NULL), E_OK);
    buf_done(&text);
    for (int i = 0; i < 3; i++) { /* the doubt outlives restarts */
        open_set(&f);
        assert_true(fences_has(&f, 100) && !fences_has(&f, 102));
        assert_false(fences_is_doubtful(&f, 100));
        assert_true(fences_is_doubtful(&f, 102));
        assert_false(fences_is_doubtful(&f, 100 + FENCES_BLOCK + 1));
        fences_close(&f);
    }
}

static void test_ranges__are_bounded(void **state)
{
    struct fences f;

    (void)state;
    open_set(&f);
    for (uint64_t i = 0; i < FENCES_RANGES_MAX + 10; i++)
        assert_int_equal(fences_add(&f, 2 * i, NULL), E_OK);
    assert_true(f.len_ <= FENCES_RANGES_MAX);
    for (uint64_t i = 0; i < FENCES_RANGES_MAX + 10; i++)
        assert_true(fences_has(&f, 2 * i));
    assert_true(fences_has(&f, 1)); /* the oldest half became one range */
    assert_false(fences_has(&f, 2 * FENCES_RANGES_MAX + 1));
    fences_close(&f);
}

static void test_make__nothing_that_ran_elsewhere_begins(void **state)
{
    struct err e = ERR_INIT;
    struct fences f;

    (void)state;
    assert_int_equal(fences_make(path, 0, &e), E_OK);
    open_set(&f);
    assert_false(fences_has(&f, 0));
    fences_close(&f);
    assert_int_equal(fences_make(path, 5000, &e), E_OK);
    open_set(&f);
    assert_true(fences_has(&f, 0) && fences_has(&f, 4999));
    assert_false(fences_has(&f, 5000) || fences_is_doubtful(&f, 5000));
    assert_int_equal(fences_add(&f, 5000, &e), E_OK);
    fences_close(&f);
    assert_int_equal(fences_make("/nowhere/fences", 5, &e), E_IO);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_set__agrees_with_a_table),
        T(test_file__many_fences_stay_small),
        T(test_file__a_torn_line_is_not_a_fence),
        T(test_machine_crash__makes_fences_doubtful),
        T(test_ranges__are_bounded),
        T(test_make__nothing_that_ran_elsewhere_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
