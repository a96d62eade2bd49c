/* test/sys/t_file.c - whole files, folders, locks, zone files; in a folder of its own. */
#include "sys/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/zoneinfo.h"

static char root[] = "/tmp/weft-t_file-XXXXXX";

static const char *in_root(const char *name)
{
    static char paths[4][256];
    static unsigned n;
    char *out = paths[n++ % 4];
    snprintf(out, sizeof(paths[0]), "%s/%s", root, name);
    return out;
}

static int make_root(void **state)
{
    (void)state;
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    (void)state;
    return dir_remove_all(root, NULL) == E_OK ? 0 : -1;
}

static void write_text(const char *path, const char *text)
{
    assert_int_equal(file_write_quick(path, str_from(text), 0644, NULL), E_OK);
}

static void test_read_and_write(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct buf b;
    struct stat st;
    buf_init(&b, 100000);
    const char *path = in_root("file");
    assert_false(file_exists(path));
    assert_int_equal(file_read(path, &b, &e), E_MISSING);
    assert_non_null(strstr(e.text, path));
    assert_int_equal(file_write_atomic(path, STR("first"), 0600, &e), E_OK);
    assert_true(file_exists(path));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    buf_add_c(&b, ">");
    assert_int_equal(file_read(path, &b, &e), E_OK);
    assert_string_equal(b.ptr, ">first"); /* appended */

    char large[70000];
    memset(large, 'x', sizeof(large));
    mode_t mask = umask(077);
    assert_int_equal(file_write_quick(path, str_make(large, sizeof(large)), 0644, &e), E_OK);
    umask(mask);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644); /* as asked, whatever the umask */
    buf_reset(&b);
    assert_int_equal(file_read(path, &b, &e), E_OK);
    assert_true(str_eq(buf_str(&b), str_make(large, sizeof(large))));

    struct buf small;
    buf_init(&small, 1000);
    buf_add_c(&small, "kept");
    assert_int_equal(file_read(path, &small, &e), E_LIMIT);
    assert_string_equal(small.ptr, "kept"); /* untouched on failure */
    assert_false(small.overflow);
    buf_done(&small);

    assert_int_equal(file_write_atomic(in_root("none/file"), STR("x"), 0600, &e), E_IO);
    assert_true(e.os_error != 0);
    assert_int_equal(file_read(root, &b, &e), E_IO); /* a folder is no file */
    assert_false(file_exists(in_root("file.new")));  /* nothing temporary stays */
    buf_done(&b);
}

/* A reader sees the old or the new content at any moment, never a part. */
static void test_replace_is_whole(void **state)
{
    (void)state;
    enum { LEN = 20000 };
    static char text[LEN];
    const char *path = in_root("whole");
    memset(text, 'a', LEN);
    assert_int_equal(file_write_quick(path, str_make(text, LEN), 0600, NULL), E_OK);
    pid_t pid = fork();
    if (pid == 0) {
        for (int i = 0; i < 400; i++) {
            memset(text, 'a' + i % 26, LEN);
            if (file_write_quick(path, str_make(text, LEN), 0600, NULL) != E_OK)
                _exit(1);
        }
        _exit(0);
    }
    int status, reads = 0;
    struct buf b;
    buf_init(&b, 2 * LEN);
    while (waitpid(pid, &status, WNOHANG) == 0 || reads == 0) {
        buf_reset(&b);
        assert_int_equal(file_read(path, &b, NULL), E_OK);
        assert_int_equal(b.len, LEN);
        for (size_t i = 1; i < LEN; i++)
            assert_int_equal(b.ptr[i], b.ptr[0]);
        reads++;
    }
    buf_done(&b);
    assert_int_equal(status, 0);
}

static void test_folders(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    assert_int_equal(dir_make(in_root("a/b//c/"), 0700, &e), E_OK);
    assert_int_equal(dir_make(in_root("a/b/c"), 0700, &e), E_OK); /* again */
    write_text(in_root("a/file"), "x");
    assert_int_equal(dir_make(in_root("a/file"), 0700, &e), E_IO);
    assert_int_equal(dir_make(in_root("a/file/d"), 0700, &e), E_IO);
    assert_int_equal(dir_make("", 0700, &e), E_RANGE);

    /* A link is removed, not what it leads to. */
    assert_int_equal(dir_make(in_root("outside"), 0700, &e), E_OK);
    write_text(in_root("outside/precious"), "x");
    assert_int_equal(symlink(in_root("outside"), in_root("a/b/link")), 0);
    assert_int_equal(symlink("..", in_root("a/b/c/up")), 0);
    write_text(in_root("a/b/c/.lifted-0"), "x");
    assert_int_equal(dir_make(in_root("a/.lifted-1/x/y"), 0700, &e), E_OK);
    assert_int_equal(dir_make(in_root("a/b/c/d/e"), 0700, &e), E_OK);
    assert_int_equal(dir_remove_all(in_root("a"), &e), E_OK);
    assert_false(file_exists(in_root("a")));
    assert_true(file_exists(in_root("outside/precious")));

    assert_int_equal(dir_remove_all(in_root("a"), &e), E_MISSING);
    assert_int_equal(dir_remove_all(in_root("outside/precious"), &e), E_IO);
    assert_true(file_exists(in_root("outside/precious")));
    assert_int_equal(symlink(in_root("outside"), in_root("link")), 0);
    assert_int_equal(dir_remove_all(in_root("link"), &e), E_IO);
    assert_true(file_exists(in_root("outside/precious")));
}

/* Deeper than there are descriptors, and longer than a path may be. */
static void test_remove_deep(void **state)
{
    (void)state;
    enum { DEPTH = 3000 };
    assert_int_equal(dir_make(in_root("deep"), 0700, NULL), E_OK);
    int fd = open(in_root("deep"), O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < DEPTH; i++) {
        assert_int_equal(mkdirat(fd, "folder", 0700), 0);
        int file = openat(fd, "file", O_CREAT | O_WRONLY, 0600);
        assert_true(file >= 0);
        close(file);
        int inner = openat(fd, "folder", O_RDONLY | O_DIRECTORY);
        assert_true(inner >= 0);
        close(fd);
        fd = inner;
    }
    close(fd);
    struct rlimit before, few;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = 32;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    enum err_code rc = dir_remove_all(in_root("deep"), NULL);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(rc, E_OK);
    assert_false(file_exists(in_root("deep")));
}

/* A task may take its own permissions away; the owner still gets rid of the folder.  Root is not
 * held up by permissions, so this is done by somebody else. */
static void test_remove_without_permission(void **state)
{
    (void)state;
    assert_int_equal(chmod(root, 0777), 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (getuid() == 0 && setresuid(65534, 65534, 65534) != 0)
            _exit(2);
        const char *file = in_root("shut/read-only/file");
        bool made = dir_make(in_root("shut/read-only/inner/more"), 0700, NULL) == E_OK &&
                    file_write_quick(file, STR("x"), 0600, NULL) == E_OK &&
                    chmod(in_root("shut/read-only/inner"), 0) == 0 &&
                    chmod(in_root("shut/read-only"), 0500) == 0;
        if (!made)
            _exit(3);
        if (dir_remove_all(in_root("shut"), NULL) != E_OK)
            _exit(4);
        _exit(file_exists(in_root("shut")) ? 5 : 0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_copy(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct buf b;
    struct stat st;
    int64_t n = -1;
    char *large = mem_alloc(200001);
    memset(large, 'x', 200000);
    large[200000] = '\0';
    assert_int_equal(file_copy(in_root("no-such"), in_root("copy"), 0600, &n, &e), E_MISSING);
    assert_false(file_exists(in_root("copy")));
    write_text(in_root("large"), large);
    assert_int_equal(file_copy(in_root("large"), in_root("copy"), 0600, &n, &e), E_OK);
    assert_int_equal(n, 200000);
    assert_int_equal(stat(in_root("copy"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    buf_init(&b, 300000);
    assert_int_equal(file_read(in_root("copy"), &b, &e), E_OK);
    assert_true(str_eq_c(buf_str(&b), large));
    buf_done(&b);
    mem_free(large);
    assert_int_equal(file_copy(in_root("large"), in_root("copy"), 0600, &n, &e), E_EXISTS);
    assert_int_equal(file_copy(in_root("large"), in_root("none/copy"), 0600, &n, &e), E_IO);
    assert_int_equal(file_copy(root, in_root("folder"), 0600, &n, &e), E_IO);
    assert_false(file_exists(in_root("folder")));
    assert_int_equal(file_copy(in_root("large"), "/dev/full", 0600, &n, &e), E_EXISTS);
    assert_int_equal(file_sync_all(root, &e), E_OK);
    assert_int_equal(file_sync_all(in_root("no-such"), &e), E_IO);
}

static void test_lock(void **state)
{
    (void)state;
    int fd = -1, other = -1;
    struct err e = ERR_INIT;
    assert_int_equal(file_lock(in_root("lock"), &fd, &e), E_OK);
    assert_true(fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC));
    assert_int_equal(file_lock(in_root("lock"), &other, &e), E_BUSY);
    assert_int_equal(other, -1);
    pid_t pid = fork();
    if (pid == 0) {
        close(fd);
        _exit(file_lock(in_root("lock"), &other, NULL) == E_BUSY ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(fd);
    /* The lock ended with its descriptor. */
    assert_int_equal(file_lock(in_root("lock"), &fd, &e), E_OK);
    close(fd);
    assert_int_equal(file_lock(in_root("none/lock"), &fd, &e), E_IO);
}

static void test_zoneinfo(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct buf b;
    buf_init(&b, 100000);
    assert_int_equal(zoneinfo_read(NULL, "Asia/Shanghai", &b, &e), E_OK);
    assert_memory_equal(b.ptr, "TZif", 4);
    static const char *const wrong[] = {
        "",
        "Asia",
        "Asia/Nowhere",
        "/etc/passwd",
        "../../../etc/passwd",
        "Asia/../Asia/Shanghai",
        "UTC/below",
    };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        if (zoneinfo_read(NULL, wrong[i], &b, &e) != E_MISSING)
            fail_msg("'%s' was not missing", wrong[i]);
    }
    write_text(in_root("Own"), "bytes");
    buf_reset(&b);
    assert_int_equal(zoneinfo_read(root, "Own", &b, &e), E_OK);
    assert_string_equal(b.ptr, "bytes");
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_and_write),
        cmocka_unit_test(test_replace_is_whole),
        cmocka_unit_test(test_folders),
        cmocka_unit_test(test_remove_deep),
        cmocka_unit_test(test_remove_without_permission),
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_lock),
        cmocka_unit_test(test_zoneinfo),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
