/* test/store/t_damage.c - files of the store that are removed, replaced, cut or changed: it is
 * said, nothing is acknowledged into them, and nothing is made worse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store_test.h"
#include "sys/file.h"

static struct err failure;
static struct place place;

static int set_up(void **state)
{
    (void)state;
    place_init(&place);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    place_done(&place);
    return 0;
}

/* A file of the store: "", "-wal", ".mark". */
static const char *file(const char *ending)
{
    static char paths[4][sizeof(place.db) + 16];
    static int next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof(paths[0]), "%s%s", place.db, ending);
    return path;
}

static enum err_code put(struct store *s, int n)
{
    char key[16];
    snprintf(key, sizeof(key), "%d", n);
    struct meta_row row = { .key = str_from(key), .value = STR("x") };
    enum err_code rc = store_begin(s, &failure);
    if (rc == E_OK && (rc = row_put(s, &table_meta, &row, &failure)) == E_OK)
        return store_commit(s, &failure);
    store_rollback(s);
    return rc;
}

static int64_t count(struct store *s)
{
    struct query q;
    int64_t n = -1;
    query_init(&q, &table_meta);
    assert_ok(query_count(store_view(s), &q, &n, &e_));
    return n;
}

/* A store with n commits whose process was killed, so that they are in the log. */
static void killed_after(int n)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        struct store *s = open_ok(place.db);
        for (int i = 0; i < n; i++)
            if (put(s, i) != E_OK)
                _exit(1);
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

static void refused(const char *why)
{
    struct store *s = NULL;
    assert_rc(store_open(place.db, &s, &failure), E_CORRUPT);
    assert_non_null(strstr(failure.text, place.db));
    if (!strstr(failure.text, why))
        fail_msg("'%s' does not say '%s'", failure.text, why);
}

static off_t size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? st.st_size : -1;
}

static void change_byte(const char *path, off_t at)
{
    unsigned char byte;
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static void test_open_files__moved_away_and_back(void **state)
{
    (void)state;
    struct store *s = open_ok(place.db);
    struct view *v = NULL;
    assert_ok(put(s, 1));
    assert_ok(reader_open(s, &v, &e_));
    const char *const endings[] = { "", "-wal" };
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        assert_int_equal(rename(file(endings[i]), file(".away")), 0);
        assert_rc(put(s, 2), E_IO);
        assert_non_null(strstr(failure.text, file(endings[i])));
        assert_rc(reader_begin(v, NULL), E_IO);
        struct view *other = NULL;
        assert_rc(reader_open(s, &other, NULL), E_IO);
        assert_int_equal(size_of(file(endings[i])), -1); /* nobody made a new one */
        assert_int_equal(rename(file(".away"), file(endings[i])), 0);
        assert_ok(put(s, 2));
        assert_ok(reader_begin(v, &e_));
        reader_end(v);
    }
    reader_close(v);
    store_close(s);
    s = open_ok(place.db);
    assert_int_equal(count(s), 2);
    store_close(s);
}

static void test_open_files__replaced_or_removed(void **state)
{
    (void)state;
    struct store *s = open_ok(place.db);
    assert_ok(put(s, 1));
    assert_int_equal(unlink(place.db), 0);
    assert_rc(put(s, 2), E_IO);
    assert_ok(file_write_quick(place.db, STR(""), 0600, &e_));
    assert_rc(put(s, 2), E_IO);
    store_close(s);
    refused("is empty");
    assert_int_equal(unlink(place.db), 0);
    refused("is gone");
    assert_int_equal(size_of(place.db), -1);
}

static void test_open_files__cut_short(void **state)
{
    (void)state;
    const char *const endings[] = { "", "-wal" };
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        struct store *s = open_ok(place.db);
        assert_ok(put(s, 1));
        off_t size = size_of(file(endings[i]));
        int fd = open(file(endings[i]), O_RDWR);
        char *whole = mem_alloc((size_t)size);
        assert_int_equal(pread(fd, whole, (size_t)size, 0), size);
        assert_int_equal(ftruncate(fd, size / 2), 0);
        assert_rc(put(s, 2), E_IO);
        assert_non_null(strstr(failure.text, "cut short"));
        assert_int_equal(pwrite(fd, whole, (size_t)size, 0), size);
        close(fd);
        mem_free(whole);
        assert_ok(put(s, 2));
        store_close(s);
    }
}

static void test_start__the_log_is_gone(void **state)
{
    (void)state;
    killed_after(20);
    assert_int_equal(rename(file("-wal"), file(".away")), 0);
    refused("were acknowledged");
    refused("were acknowledged"); /* it was not made worse by looking */
    assert_int_equal(rename(file(".away"), file("-wal")), 0);
    struct store *s = open_ok(place.db);
    assert_int_equal(count(s), 20);
    store_close(s);
}

/* Wherever the log is damaged, what is behind it is missed, and it is still there afterwards. */
static void test_start__the_log_is_damaged(void **state)
{
    (void)state;
    killed_after(20);
    off_t size = size_of(file("-wal"));
    for (off_t at = 40; at < size; at += size / 50) {
        change_byte(file("-wal"), at);
        refused("were acknowledged");
        assert_int_equal(size_of(file("-wal")), size);
        change_byte(file("-wal"), at);
    }
    assert_int_equal(truncate(file("-wal"), size - 100), 0);
    refused("were acknowledged");
    /* To go on with what there is, is the operator's decision. */
    assert_int_equal(unlink(file(".mark")), 0);
    struct store *s = open_ok(place.db);
    assert_int_equal(count(s), 19);
    store_close(s);
    s = open_ok(place.db);
    store_close(s);
}

static void test_start__an_older_copy(void **state)
{
    (void)state;
    struct store *s = open_ok(place.db);
    assert_ok(put(s, 1));
    store_close(s);
    struct buf copy;
    buf_init(&copy, 64 << 20);
    assert_ok(file_read(place.db, &copy, &e_));
    s = open_ok(place.db);
    assert_ok(put(s, 2));
    store_close(s);
    assert_ok(file_write_atomic(place.db, buf_str(&copy), 0600, &e_));
    buf_done(&copy);
    refused("older copy");
}

static void test_start__the_mark_is_damaged(void **state)
{
    (void)state;
    killed_after(1);
    change_byte(file(".mark"), 20);
    refused(".mark");
    assert_int_equal(truncate(file(".mark"), 0), 0);
    refused(".mark");
}

static void test_start__a_tool_was_there(void **state)
{
    (void)state;
    killed_after(20);
    sqlite3 *db = NULL; /* it takes the log into the database, and removes it */
    assert_int_equal(sqlite3_open(place.db, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "SELECT * FROM meta", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(size_of(file("-wal")), -1);
    struct store *s = open_ok(place.db);
    assert_int_equal(count(s), 20);
    store_close(s);
}

static void test_lock__the_lock_file_was_removed(void **state)
{
    (void)state;
    struct store *s = open_ok(place.db), *other = NULL;
    assert_int_equal(unlink(file(".lock")), 0);
    assert_rc(store_open(place.db, &other, &failure), E_BUSY);
    assert_ok(put(s, 1));
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_open_files__moved_away_and_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_open_files__replaced_or_removed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_open_files__cut_short, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_start__the_log_is_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_start__the_log_is_damaged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_start__an_older_copy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_start__the_mark_is_damaged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_start__a_tool_was_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lock__the_lock_file_was_removed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
