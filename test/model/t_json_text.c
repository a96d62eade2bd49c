/* test/model/t_json_text.c - what is written reads back as the same value. */
#include "model/json_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/prng.h"

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static const size_t read_flags =
    JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES; /* the widest that anybody has */

static json_t *read_back(struct str text)
{
    json_error_t error;
    json_t *value = json_loadb(text.ptr, text.len, read_flags, &error);

    if (!value)
        fail_msg("%s in %.*s", error.text, STR_ARG(text));
    return value;
}

/* Equal, and of the same types: json_equal takes 1 and 1.0 for different. */
static void assert_reads_back(json_t *value)
{
    json_t *again = read_back(json_text(value, &arena));

    if (!json_equal(value, again))
        fail_msg("%.*s is another value", STR_ARG(json_text(value, &arena)));
    json_decref(again);
}

static void test_text__is_compact_and_keeps_the_order(void **state)
{
    static const struct {
        const char *given, *text;
    } rows[] = {
        { "{ \"b\" : 1 , \"a\" : [ ] , \"c\" : { } }", "{\"b\":1,\"a\":[],\"c\":{}}" },
        { "[true, false, null, -9223372036854775808, 9223372036854775807]",
          "[true,false,null,-9223372036854775808,9223372036854775807]" },
        { "[1.0, -0.5, 1e300, 1E-7, 100000000000000000000.0]", "[1.0,-0.5,1e+300,1e-07,1e+20]" },
        { "\"\\u00e9\\n\\\"\\\\/\\u0001\\u0000\"", "\"\xC3\xA9\\n\\\"\\\\/\\u0001\\u0000\"" },
        { "{\"\\u8ba1\\n\": \"\"}", "{\"\xE8\xAE\xA1\\n\":\"\"}" },
        { "7", "7" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_t *value = read_back(str_from(rows[i].given));
        assert_string_equal(json_text(value, &arena).ptr, rows[i].text);
        assert_reads_back(value);
        json_decref(value);
    }
    assert_int_equal(json_text(NULL, &arena).len, 0);
}

static json_t *some_text(struct prng *r)
{
    static const char *const parts[] = { "a",        "\"",       "\\",           "\n",
                                         "\x01",     "\xC3\xA9", "\xE8\xAE\xA1", "\xF0\x9F\x98\x80",
                                         "01234567", "\x7f" };
    char text[128];
    size_t len = 0;

    for (uint64_t n = prng_below(r, 12); n > 0; n--)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s",
                                parts[prng_below(r, ARRAY_LEN(parts))]);
    if (prng_below(r, 8) == 0)
        text[len++] = '\0';
    return json_stringn(text, len);
}

static json_t *some_value(struct prng *r, int depth)
{
    json_t *value;
    char name[24];
    uint64_t n = prng_below(r, 5);

    switch (prng_below(r, depth > 0 ? 8 : 6)) {
    case 0:
        return json_integer((json_int_t)prng_next(r));
    case 1:
        return json_real((double)prng_range(r, -1000000, 1000000) / (double)prng_range(r, 1, 64));
    case 2:
        return json_boolean(prng_below(r, 2));
    case 3:
        return json_null();
    case 6:
        value = json_array();
        while (n-- > 0)
            json_array_append_new(value, some_value(r, depth - 1));
        return value;
    case 7:
        value = json_object();
        while (n-- > 0) {
            snprintf(name, sizeof(name), "%d\"\xC3\xA9", (int)prng_below(r, 1000));
            json_object_set_new(value, name, some_value(r, depth - 1));
        }
        return value;
    default:
        return some_text(r);
    }
}

static void test_text__of_anything_reads_back_as_the_same(void **state)
{
    struct prng r;

    (void)state;
    prng_init(&r, 7);
    for (int i = 0; i < 3000; i++) {
        json_t *value = some_value(&r, 4);
        assert_reads_back(value);
        json_decref(value);
        arena_reset(&arena);
    }
}

/* A client says how deep a request is, up to what libjansson reads. */
static void test_text__of_the_deepest_that_can_be_read(void **state)
{
    enum { DEPTH = 2000 };
    struct buf b;

    (void)state;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < DEPTH; i++)
        buf_add_c(&b, i % 2 ? "{\"a\":" : "[");
    buf_add_c(&b, "0");
    for (int i = DEPTH; i-- > 0;)
        buf_add_c(&b, i % 2 ? "}" : "]");
    json_t *value = read_back(buf_str(&b));
    assert_string_equal(json_text(value, &arena).ptr, b.ptr);
    json_decref(value);
    buf_done(&b);
}

static void test_memory__is_that_of_the_program(void **state)
{
    json_malloc_t take;
    json_free_t give_back;

    (void)state;
    json_take_memory();
    json_get_alloc_funcs(&take, &give_back);
    assert_true(take == mem_alloc && give_back == mem_free);
    json_decref(read_back(STR("[1,\"two\",{\"three\":null}]")));
}

static void test_values__are_counted(void **state)
{
    static const struct {
        const char *text;
        size_t n;
    } rows[] = {
        { "", 1 },
        { "1", 1 },
        { "[]", 2 },
        { "[1,2]", 3 },
        { "{}", 2 },
        { "{\"a\":1,\"b\":[{}]}", 5 },
        { "\"a,[{\"", 1 },
        { "[\"\\\",\",1]", 3 },
        { "[\"\\\\\",1]", 3 },
        { "[[[[", 5 },
        { "\"\\", 1 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (json_values(str_from(rows[i].text)) != rows[i].n)
            fail_msg("%s: %zu", rows[i].text, json_values(str_from(rows[i].text)));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_text__is_compact_and_keeps_the_order),
        TEST(test_text__of_anything_reads_back_as_the_same),
        TEST(test_text__of_the_deepest_that_can_be_read),
        TEST(test_memory__is_that_of_the_program),
        TEST(test_values__are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
