/* test/store/t_crash.c - what was acknowledged survives kill -9 at any moment, and a batch is there
 * whole or not (I6).
 *
 * A child commits numbered batches and writes each number into a pipe after its commit; it is
 * killed at a random moment, and the database looked at.
 */
#include "store_test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 20, BATCH = 20 };

static _Noreturn void commit_until_killed(const char *path, int64_t first, int pipe_fd)
{
    struct store *s = NULL;
    if (store_open(path, &s, NULL) != E_OK)
        _exit(1);
    for (int64_t batch = first;; batch++) {
        uint64_t fence = 0;
        if (store_begin(s, NULL) != E_OK || store_next_fence(s, &fence, NULL) != E_OK)
            _exit(2);
        for (int i = 0; i < BATCH; i++) {
            struct instance_row row = { .task_id = batch,
                                        .data_time = { i },
                                        .state = 2,
                                        .fence = (int64_t)fence,
                                        .reason = STR("batch") };
            if (row_insert(s, &table_instance, &row, NULL, NULL) != E_OK)
                _exit(3);
        }
        /* A later batch changes the one before: all or nothing there too. */
        for (int i = 0; batch > first && i < BATCH; i++) {
            struct instance_row row = { .task_id = batch - 1, .data_time = { i }, .state = 5 };
            if (row_update(s, &table_instance, &row, COL(INSTANCE_STATE), NULL) != E_OK)
                _exit(4);
        }
        if (store_commit(s, NULL) != E_OK)
            _exit(5);
        int64_t said[2] = { batch, (int64_t)fence };
        if (write(pipe_fd, said, sizeof(said)) != (ssize_t)sizeof(said))
            _exit(6);
    }
}

struct seen {
    int64_t batch, in_batch; /* the newest batch and its rows */
    int64_t max_fence;
    int bad;
};

static bool look(void *ctx, const void *row)
{
    const struct instance_row *r = row;
    struct seen *s = ctx;
    if (r->task_id != s->batch) {
        s->bad += s->batch >= 0 && s->in_batch != BATCH;
        s->bad += r->task_id != s->batch + 1;
        s->batch = r->task_id;
        s->in_batch = 0;
    }
    s->bad += r->data_time.s != s->in_batch++;
    if (r->fence > s->max_fence)
        s->max_fence = r->fence;
    return true;
}

/* States of one batch. */
static bool same_state(void *ctx, const void *row)
{
    int *states = ctx;
    *states |= 1 << ((const struct instance_row *)row)->state;
    return true;
}

/* Returns the newest batch that is there, -1: none. */
static int64_t check_store(const char *path, int64_t acknowledged, int64_t fence,
                           int64_t *ret_fence)
{
    struct store *s = open_ok(path);
    struct seen seen = { .batch = -1 };
    struct query q;
    query_init(&q, &table_instance);
    assert_ok(query_run(store_view(s), &q, look, &seen, &e_));
    assert_int_equal(seen.bad, 0);
    assert_true(seen.batch < 0 || seen.in_batch == BATCH);
    assert_true(seen.batch >= acknowledged);
    assert_true(seen.batch <= acknowledged + 1); /* at most the one it was about to report */
    assert_true(seen.max_fence >= fence);
    for (int64_t batch = seen.batch - 2; batch >= 0 && batch <= seen.batch; batch++) {
        int states = 0;
        query_init(&q, &table_instance);
        query_number(&q, INSTANCE_TASK_ID, QUERY_EQ, batch);
        assert_ok(query_run(store_view(s), &q, same_state, &states, &e_));
        assert_true(states == 1 << 2 || states == 1 << 5);
    }
    uint64_t next = 0;
    assert_ok(store_begin(s, &e_));
    assert_ok(store_next_fence(s, &next, &e_));
    assert_true((int64_t)next > seen.max_fence); /* I2 */
    store_rollback(s);
    *ret_fence = seen.max_fence;
    store_close(s);
    return seen.batch;
}

static void sleep_us(int64_t us)
{
    struct timespec ts = { us / 1000000, us % 1000000 * 1000 };
    nanosleep(&ts, NULL);
}

static void test_kill__loses_nothing_acknowledged(void **state)
{
    (void)state;
    struct place place;
    struct prng prng;
    prng_init(&prng, 20250806);
    place_init(&place);
    int64_t newest = -1;
    int64_t fence = 0;
    int64_t all = 0;
    for (int round = 0; round < ROUNDS; round++) {
        int fds[2];
        assert_int_equal(pipe(fds), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(fds[0]);
            commit_until_killed(place.db, newest + 1, fds[1]);
        }
        close(fds[1]);
        int64_t said[2] = { newest, fence };
        int64_t acknowledged = newest;
        if (round % 4 != 0 && read(fds[0], said, sizeof(said)) == (ssize_t)sizeof(said))
            acknowledged = said[0]; /* else: killed while it opens, perhaps */
        sleep_us(prng_range(&prng, 0, 40000));
        assert_int_equal(kill(child, SIGKILL), 0);
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status)); /* it did not stop by itself */
        while (read(fds[0], said, sizeof(said)) == (ssize_t)sizeof(said)) {
            assert_true(said[0] > acknowledged);
            acknowledged = said[0];
        }
        close(fds[0]);
        all += acknowledged - newest;
        newest = check_store(place.db, acknowledged, said[1], &fence);
    }
    assert_true(all > ROUNDS);
    print_message("%lld batches acknowledged in %d rounds\n", (long long)all, ROUNDS);
    place_done(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_kill__loses_nothing_acknowledged) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
