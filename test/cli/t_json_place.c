/* test/cli/t_json_place.c - where a value stands in a text, and how two values differ. */
#include "cli/json_place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const char text[] = "{\n"                                    /* 1 */
                           "  \"a\": 1, \"b\": \"}]{[\\\"\\\\\",\n" /* 2 */
                           "  \"c\": [\n"                           /* 3 */
                           "    true, {\"x\": null,\n"              /* 4 */
                           "           \"y\" : -2.5e3 },\n"         /* 5 */
                           "    []\n"                               /* 6 */
                           "  ],\n"                                 /* 7 */
                           "  \"d.e\": {}, \"c2\": 7\n"             /* 8 */
                           "}\n";

static void test_lines(void **state)
{
    static const struct {
        const char *path;
        int line;
    } rows[] = {
        { "", 1 },        { "a", 2 },     { "b", 2 },      { "c", 3 },   { "c.0", 4 },
        { "c.1", 4 },     { "c.1.x", 4 }, { "c.1.y", 5 },  { "c.2", 6 }, { "c2", 8 },
        { "zz", 1 },      { "c.9", 3 },   { "c.1.zz", 4 }, { "a.b", 2 }, { "c.x", 3 },
        { "c.1.y.0", 5 }, { "c.-1", 3 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(json_line(str_from(text), str_from(rows[i].path)), rows[i].line);
}

/* Nothing is read behind the text, wherever it is cut off. */
static void test_lines__of_cut_texts(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof(text); n++) {
        char *copy = mem_alloc(n + (n == 0)); /* nothing behind it, as the sanitizer sees */
        memcpy(copy, text, n);
        assert_in_range(json_line(str_make(copy, n), STR("c.1.y")), 1, 9);
        mem_free(copy);
    }
}

static void take(void *ctx, const char *path, const json_t *before, const json_t *after)
{
    char *was = before ? json_dumps(before, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    char *is = after ? json_dumps(after, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    char *out = ctx;

    snprintf(out + strlen(out), 400 - strlen(out), "%s:%s>%s ", path, was ? was : "", is ? is : "");
    free(was);
    free(is);
}

static void test_differences(void **state)
{
    static const struct {
        const char *before, *after, *told;
    } rows[] = {
        { "{\"a\":1}", "{\"a\":1}", "" },
        { "{\"a\":1}", "{\"a\":2}", "a:1>2 " },
        { "{\"a\":1}", "{\"b\":1}", "a:1> b:>1 " },
        { "{\"a\":{\"b\":[1,2]}}", "{\"a\":{\"b\":[1,3,4]}}", "a.b.1:2>3 a.b.2:>4 " },
        { "{\"a\":[{\"k\":1}]}", "{\"a\":[]}", "a.0:{\"k\":1}> " },
        { "{\"a\":[]}", "{\"a\":{}}", "a:[]>{} " },
        { "{\"a\":null}", "{}", "a:null> " },
        { "1", "2", ":1>2 " },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_t *before = json_loads(rows[i].before, JSON_DECODE_ANY, NULL);
        json_t *after = json_loads(rows[i].after, JSON_DECODE_ANY, NULL);
        char told[400] = "";
        json_compare(before, after, "", take, told);
        assert_string_equal(told, rows[i].told);
        json_decref(before);
        json_decref(after);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_lines__of_cut_texts),
        cmocka_unit_test(test_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
