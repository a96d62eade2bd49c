/* test/sys/t_below.c - files below a folder: nothing outside is reached, whatever the path and
 * whatever is in the folder. */
#include "sys/below.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "sys/file.h"

static char top[64], inside[80];
static int root;

static int setup(void **state)
{
    (void)state;
    strcpy(top, "/tmp/weft-below-XXXXXX");
    if (!mkdtemp(top))
        return -1;
    snprintf(inside, sizeof(inside), "%s/in", top);
    return below_root(inside, 0755, &root, NULL) == E_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    close(root);
    return dir_remove_all(top, NULL) == E_OK ? 0 : -1;
}

/* A file outside, and links to it and to its folder inside. */
static void make_ways_out(void)
{
    char outside[96];

    snprintf(outside, sizeof(outside), "%s/out.txt", top);
    assert_int_equal(file_write_quick(outside, STR("outside"), 0644, NULL), E_OK);
    assert_int_equal(symlinkat(outside, root, "file"), 0);
    assert_int_equal(symlinkat(top, root, "folder"), 0);
    assert_int_equal(symlinkat("nowhere", root, "dangling"), 0);
    assert_int_equal(mkfifoat(root, "pipe", 0644), 0);
}

static void check_outside(void)
{
    char outside[96];
    struct buf text;

    snprintf(outside, sizeof(outside), "%s/out.txt", top);
    buf_init(&text, 100);
    assert_int_equal(file_read(outside, &text, NULL), E_OK);
    assert_string_equal(text.ptr, "outside");
    buf_done(&text);
}

static const struct {
    struct str path;
    enum err_code rc;
} ways[] = {
    { STR(""), E_RANGE },
    { STR("."), E_RANGE },
    { STR(".."), E_RANGE },
    { STR("/"), E_RANGE },
    { STR("/etc/passwd"), E_RANGE },
    { STR("../out.txt"), E_RANGE },
    { STR("a/../../out.txt"), E_RANGE },
    { STR("a//b"), E_RANGE },
    { STR("a/"), E_RANGE },
    { STR("a/."), E_RANGE },
    { STR("a\0b"), E_RANGE },
    { STR("file"), E_DENIED },
    { STR("folder/out.txt"), E_DENIED },
    { STR("dangling"), E_DENIED },
    { STR("dangling/a"), E_DENIED },
    { STR("file/a"), E_DENIED },
};

static void test_ways_out__are_refused_by_all(void **state)
{
    struct err e = ERR_INIT;
    int64_t size;
    int fd;

    (void)state;
    assert_int_equal(below_folder(root, STR("a"), NULL), E_OK);
    make_ways_out();
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        struct str path = ways[i].path;
        assert_int_equal(below_open(root, path, &fd, &size, &e), ways[i].rc);
        assert_int_equal(below_append(root, path, 0, STR("x"), &size, NULL), ways[i].rc);
        assert_true(below_folder(root, path, NULL) != E_OK);
        assert_false(below_is_folder(root, path) && path.len > 0);
        assert_true(below_move(root, path, STR("moved/b"), NULL) != E_OK);
    }
    assert_int_equal(below_open(root, STR("pipe"), &fd, &size, NULL), E_DENIED);
    /* A link itself is removed, not what it leads to. */
    assert_int_equal(below_remove(root, STR("folder/out.txt"), NULL), E_OK);
    assert_int_equal(below_remove(root, STR("folder"), NULL), E_OK);
    assert_int_equal(below_remove(root, STR("file"), NULL), E_OK);
    assert_int_equal(below_remove(root, STR(".."), NULL), E_RANGE);
    assert_int_equal(faccessat(root, "file", F_OK, AT_SYMLINK_NOFOLLOW), -1);
    check_outside();
}

static void test_folder__is_open_to_others_whatever_the_umask(void **state)
{
    mode_t before = umask(077);
    struct stat st;

    (void)state;
    assert_int_equal(below_folder(root, STR("a/b"), NULL), E_OK);
    assert_int_equal(below_folder(root, STR("a/b"), NULL), E_OK);
    umask(before);
    for (const char *name = "a/b"; name; name = name[1] ? "a" : NULL) {
        assert_int_equal(fstatat(root, name, &st, AT_SYMLINK_NOFOLLOW), 0);
        assert_int_equal(st.st_mode & 07777, 0755);
    }
}

static void test_append__goes_on_only_at_the_end(void **state)
{
    struct err e = ERR_INIT;
    int64_t size = -1;
    char text[8];
    int fd;

    (void)state;
    assert_int_equal(below_append(root, STR("a/b/c"), 3, STR("x"), &size, &e), E_MISSING);
    assert_false(below_is_folder(root, STR("a")));
    assert_int_equal(below_append(root, STR("a/b/c"), 0, STR("abc"), &size, &e), E_OK);
    assert_int_equal(size, 3);
    assert_int_equal(below_append(root, STR("a/b/c"), 2, STR("x"), &size, &e), E_STALE);
    assert_int_equal(size, 3);
    assert_int_equal(below_append(root, STR("a/b/c"), 4, STR("x"), &size, &e), E_STALE);
    assert_int_equal(below_append(root, STR("a/b/c"), 3, STR("de"), &size, &e), E_OK);
    assert_int_equal(size, 5);
    assert_int_equal(below_open(root, STR("a/b/c"), &fd, &size, &e), E_OK);
    assert_int_equal(size, 5);
    assert_int_equal(read(fd, text, sizeof(text)), 5);
    assert_memory_equal(text, "abcde", 5);
    /* Who is writing has it for himself. */
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(below_append(root, STR("a/b/c"), 5, STR("x"), &size, &e), E_BUSY);
    close(fd);
    assert_int_equal(below_append(root, STR("a/b/c"), 0, STR(""), &size, &e), E_OK);
    assert_int_equal(size, 0);
    assert_int_equal(below_append(root, STR("a/b"), 0, STR("x"), &size, &e), E_IO); /* a folder */
}

static ino_t inode_at(const char *path)
{
    struct stat st;

    assert_int_equal(fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW), 0);
    return st.st_ino;
}

static void test_link__takes_the_place_of_what_was_there(void **state)
{
    int64_t size;

    (void)state;
    for (const char *name = "12"; *name; name++) {
        char one[2] = { *name, 0 };
        assert_int_equal(below_append(root, str_from(one), 0, str_from(one), &size, NULL), E_OK);
    }
    assert_int_equal(below_folder(root, STR("d"), NULL), E_OK);
    assert_int_equal(below_link(root, "1", root, STR("d/x"), ".new", NULL), E_OK);
    assert_int_equal(inode_at("d/x"), inode_at("1"));
    assert_int_equal(below_link(root, "1", root, STR("d/x"), ".new", NULL), E_OK);
    /* What a crash left of another link is in nobody's way. */
    assert_int_equal(linkat(root, "1", root, ".new", 0), 0);
    assert_int_equal(below_link(root, "2", root, STR("d/x"), ".new", NULL), E_OK);
    assert_int_equal(inode_at("d/x"), inode_at("2"));
    assert_int_equal(faccessat(root, ".new", F_OK, AT_SYMLINK_NOFOLLOW), -1);
    assert_int_equal(below_link(root, "3", root, STR("d/x"), ".new", NULL), E_MISSING);
    assert_int_equal(below_link(root, "1", root, STR("e/x"), ".new", NULL), E_MISSING);
    assert_int_equal(inode_at("d/x"), inode_at("2"));
    /* A link in the place is replaced, not followed. */
    assert_int_equal(symlinkat("../2", root, "d/y"), 0);
    assert_int_equal(below_link(root, "1", root, STR("d/y"), ".new", NULL), E_OK);
    assert_int_equal(inode_at("d/y"), inode_at("1"));
    assert_true(below_link(root, "1", root, STR("d"), ".new", NULL) != E_OK);
}

struct seen {
    char text[400];
    const char *remove;
};

static bool note(void *ctx, const struct below_entry *entry)
{
    struct seen *s = ctx;

    snprintf(s->text + strlen(s->text), sizeof(s->text) - strlen(s->text), "%.*s%s ",
             STR_ARG(entry->path),
             entry->is_folder ? "/"
             : entry->is_file ? ""
                              : "?");
    if (s->remove && str_eq_c(entry->path, s->remove))
        assert_int_equal(below_remove(root, entry->path, NULL), E_OK);
    return true;
}

static void test_walk__sees_all_and_leaves_links_alone(void **state)
{
    struct seen s = { "", NULL };
    int64_t size;

    (void)state;
    assert_int_equal(below_append(root, STR("a/b/c"), 0, STR("x"), &size, NULL), E_OK);
    assert_int_equal(symlinkat(top, root, "a/way"), 0);
    assert_int_equal(below_walk(root, STR("a"), note, &s, NULL), E_OK);
    assert_non_null(strstr(s.text, "a/b/ "));
    assert_non_null(strstr(s.text, "a/b/c "));
    assert_non_null(strstr(s.text, "a/way? "));
    assert_null(strstr(s.text, "a/way/"));
    s = (struct seen){ "", "a/b" };
    assert_int_equal(below_walk(root, STR(""), note, &s, NULL), E_OK);
    assert_null(strstr(s.text, "a/b/c"));
    assert_int_equal(below_walk(root, STR("none"), note, &s, NULL), E_OK);
}

/* Deeper than there are descriptors for. */
static void test_walk__any_depth(void **state)
{
    struct seen s = { "", NULL };
    char path[BELOW_PATH_MAX + 1] = "";
    int64_t size;

    (void)state;
    for (int i = 0; i < 900; i++)
        strcat(path, "a/");
    strcat(path, "f");
    assert_int_equal(below_append(root, str_from(path), 0, STR("x"), &size, NULL), E_OK);
    assert_int_equal(below_walk(root, STR(""), note, &s, NULL), E_OK);
    assert_int_equal(below_remove(root, STR("a"), NULL), E_OK);
    assert_false(below_is_folder(root, STR("a")));
    memset(path, 'a', sizeof(path));
    assert_int_equal(below_folder(root, str_make(path, 256), NULL), E_RANGE);
}

static void test_move__does_not_replace(void **state)
{
    int64_t size;
    struct arena a;
    struct str where;

    (void)state;
    assert_int_equal(below_append(root, STR("a/f"), 0, STR("x"), &size, NULL), E_OK);
    assert_int_equal(below_append(root, STR("b/g"), 0, STR("y"), &size, NULL), E_OK);
    assert_int_equal(below_move(root, STR("a"), STR("b"), NULL), E_EXISTS);
    assert_int_equal(below_move(root, STR("none"), STR("c"), NULL), E_MISSING);
    assert_int_equal(below_move(root, STR("a"), STR("c"), NULL), E_OK);
    assert_true(below_is_folder(root, STR("c")));
    assert_false(below_is_folder(root, STR("a")));
    arena_init(&a);
    assert_int_equal(below_path(root, &a, &where, NULL), E_OK);
    assert_string_equal(where.ptr, inside);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ways_out__are_refused_by_all, setup, teardown),
        cmocka_unit_test_setup_teardown(test_folder__is_open_to_others_whatever_the_umask, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_append__goes_on_only_at_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown(test_link__takes_the_place_of_what_was_there, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_walk__sees_all_and_leaves_links_alone, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_walk__any_depth, setup, teardown),
        cmocka_unit_test_setup_teardown(test_move__does_not_replace, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
