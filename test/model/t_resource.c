/* test/model/t_resource.c - names and paths of resource files, and the script of Shell form mode
 * (docs/reference/semantics.md 5.1, 10). */
#include "model/resource.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/form_mode.h"

static void test_name__dots_slashes_and_length(void **state)
{
    static const struct {
        const char *name;
        bool good;
    } rows[] = {
        { "a", true },     { "a.b", true },          { "...", true },
        { " ", true },     { "\xe6\xbc\xa2", true }, { "", false },
        { ".", false },    { "..", false },          { "a/b", false },
        { "a\nb", false }, { "/", false },           { "\x7f", false },
        { "..a", true },   { ".hidden", true },
    };
    char longest[260];
    struct err e = ERR_INIT;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(resource_name_check(str_from(rows[i].name), "Name", NULL),
                         rows[i].good ? E_OK : E_RANGE);
    assert_int_equal(resource_name_check(STR("a\0b"), "Name", NULL), E_RANGE);
    /* 3 bytes each: 85 characters are 255 bytes, which a file system takes. */
    for (int i = 0; i < 86; i++)
        memcpy(longest + 3 * i, "\xe6\xbc\xa2", 3);
    assert_int_equal(resource_name_check(str_make(longest, 255), "Name", NULL), E_OK);
    assert_int_equal(resource_name_check(str_make(longest, 258), "Name", &e), E_RANGE);
    assert_string_equal(e.path, "Name");
    assert_true(e.text_zh[0] != '\0');
}

static void test_bucket__is_one_part_of_a_path(void **state)
{
    static const char *const good[] = { "weft", "xb-bj-13150517", "a", "a..b" };
    static const char *const bad[] = { "", ".", "..", ".a", "A", "a/b", "a_b", "a b" };
    char longest[65];

    (void)state;
    memset(longest, 'a', sizeof(longest));
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_int_equal(resource_bucket_check(str_from(good[i]), "B", NULL), E_OK);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(resource_bucket_check(str_from(bad[i]), "B", NULL), E_RANGE);
    assert_int_equal(resource_bucket_check(str_make(longest, 63), "B", NULL), E_OK);
    assert_int_equal(resource_bucket_check(str_make(longest, 64), "B", NULL), E_RANGE);
}

static void test_remote__is_below_the_folder_of_the_project(void **state)
{
    static const char *const good[] = { "/datastudio/resource/12/a",
                                        "/datastudio/resource/12/a/b.zip" };
    static const char *const bad[] = {
        "",
        "/",
        "/etc/passwd",
        "datastudio/resource/12/a",
        "/datastudio/resource/12",
        "/datastudio/resource/12/",
        "/datastudio/resource/12//a",
        "/datastudio/resource/12/a/",
        "/datastudio/resource/123/a",
        "/datastudio/resource/1/2/a",
        "/datastudio/resource/12/../13/a",
        "/datastudio/resource/12/a/..",
        "/datastudio/resource/12/./a",
        "/datastudio/resource//12/a",
    };
    char longest[1300] = "/datastudio/resource/12/";
    size_t n = strlen(longest);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_int_equal(resource_remote_check(str_from(good[i]), STR("12"), "P", NULL), E_OK);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(resource_remote_check(str_from(bad[i]), STR("12"), "P", NULL), E_RANGE);
    while (n < sizeof(longest))
        n += (size_t)snprintf(longest + n, sizeof(longest) - n, "a/");
    assert_int_equal(
        resource_remote_check(str_make(longest, RESOURCE_REMOTE_MAX - 1), STR("12"), "P", NULL),
        E_OK);
    assert_int_equal(
        resource_remote_check(str_make(longest, RESOURCE_REMOTE_MAX + 1), STR("12"), "P", NULL),
        E_RANGE);
}

static void test_text__own_paths_are_replaced_and_no_others(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "", "" },
        { "echo hello", "echo hello" },
        { "/datastudio/resource/12/a", "/d/a" },
        { "cat /datastudio/resource/12/a /datastudio/resource/12/b", "cat /d/a /d/b" },
        { "open(\"/datastudio/resource/12/a\")", "open(\"/d/a\")" },
        { "f=/datastudio/resource/12/a:/datastudio/resource/12/", "f=/d/a:/d/" },
        /* others' */
        { "/datastudio/resource/123/a", "/datastudio/resource/123/a" },
        { "/datastudio/resource/1/a", "/datastudio/resource/1/a" },
        { "/datastudio/resource/12", "/datastudio/resource/12" },
        { "/datastudio/resource/13/../12/a", "/datastudio/resource/13/../12/a" },
        /* the end of a longer path */
        { "s3://x/datastudio/resource/12/a", "s3://x/datastudio/resource/12/a" },
        { "/mnt/datastudio/resource/12/a", "/mnt/datastudio/resource/12/a" },
        { "//datastudio/resource/12/a", "//datastudio/resource/12/a" },
        { "${R}/datastudio/resource/12/a", "${R}/datastudio/resource/12/a" },
        { "$(pwd)/datastudio/resource/12/a", "$(pwd)/datastudio/resource/12/a" },
        { "x/datastudio/resource/12/a /datastudio/resource/12/b",
          "x/datastudio/resource/12/a /d/b" },
        /* what comes out is not looked at again */
        { "/datastudio/resource/12//datastudio/resource/12/a", "/d//datastudio/resource/12/a" },
    };
    struct arena a;

    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str got = resource_text(&a, str_from(rows[i].text), STR("12"), STR("/d"));
        if (!str_eq_c(got, rows[i].want))
            fail_msg("%s became %.*s", rows[i].text, STR_ARG(got));
    }
    arena_done(&a);
}

static void test_answers__extension_and_size(void **state)
{
    static const struct {
        const char *name, *extension;
    } names[] = {
        { "a.zip", "zip" }, { "a.tar.gz", "gz" }, { "a", "" }, { ".profile", "" }, { "a.", "" }
    };
    static const struct {
        int64_t bytes;
        const char *text;
    } sizes[] = { { 0, "0B" },          { 1023, "1023B" },      { 1024, "1KB" },
                  { 1536, "1.5KB" },    { 1 << 20, "1MB" },     { (1 << 20) - 1, "1023.9KB" },
                  { 5LL << 30, "5GB" }, { 3LL << 50, "3072TB" } };
    struct arena a;

    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_true(str_eq_c(resource_extension(str_from(names[i].name)), names[i].extension));
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
        assert_true(str_eq_c(resource_size_text(&a, sizes[i].bytes), sizes[i].text));
    assert_true(
        str_eq_c(resource_local_path(&a, STR("12"), STR("/a/b")), "/datastudio/resource/12/a/b"));
    arena_done(&a);
}

/* ---- Shell form mode ------------------------------------------------------------------------- */

static void test_form__what_a_task_must_say(void **state)
{
    static const struct {
        struct form_mode form;
        const char *said; /* NULL: it is enough */
    } rows[] = {
        { { STR("/datastudio/resource/12/a.zip"), STR("sh a"), STR("") }, NULL },
        { { STR("${zip}"), STR("sh a"), STR("") }, NULL },
        { { STR(""), STR("sh a"), STR("") }, "ftp.file.name" },
        { { STR("/datastudio/resource/12/a.zip"), STR(""), STR("") }, "shell.cmd" },
        { { STR("/datastudio/resource/13/a.zip"), STR("sh a"), STR("") }, "ftp.file.name: " },
        { { STR("a.zip"), STR("sh a"), STR("") }, "ftp.file.name: " },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = ERR_INIT;
        enum err_code rc = form_mode_check(&rows[i].form, STR("12"), &e);
        assert_int_equal(rc, rows[i].said ? E_CONFLICT : E_OK);
        assert_true(!rows[i].said || (strstr(e.text, rows[i].said) && e.text_zh[0]));
    }
}

static void test_form__its_settings_are_found_and_trimmed(void **state)
{
    static const struct task_param ext[] = { { STR("other"), STR("x") },
                                             { STR("shell.cmd"), STR(" sh run.sh\n") },
                                             { STR("ftp.file.name"), STR(" /z ") } };
    struct task_spec spec = { .ext = ext, .n_ext = 3 };
    struct form_mode f = form_mode_of(&spec);

    (void)state;
    assert_true(str_eq_c(f.zip, "/z"));
    assert_true(str_eq_c(f.command, "sh run.sh"));
    assert_int_equal(f.arguments.len, 0);
}

/* The name of the zip is one word, whatever is in it. */
static void test_form__the_script_quotes_the_zip(void **state)
{
    struct form_mode f = { STR("/a'; echo b; '.zip"), STR("sh run.sh"), STR("x y") };
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 16);
    form_mode_script(&f, &out);
    assert_non_null(strstr(out.ptr, "zip='/a'\\''; echo b; '\\''.zip'\n"));
    assert_non_null(strstr(out.ptr, "\nsh run.sh x y\n"));
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name__dots_slashes_and_length),
        cmocka_unit_test(test_bucket__is_one_part_of_a_path),
        cmocka_unit_test(test_remote__is_below_the_folder_of_the_project),
        cmocka_unit_test(test_text__own_paths_are_replaced_and_no_others),
        cmocka_unit_test(test_answers__extension_and_size),
        cmocka_unit_test(test_form__what_a_task_must_say),
        cmocka_unit_test(test_form__its_settings_are_found_and_trimmed),
        cmocka_unit_test(test_form__the_script_quotes_the_zip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
