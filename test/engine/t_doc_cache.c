/* test/engine/t_doc_cache.c - documents by their text, through being full. */
#include "engine/doc_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "base/mem.h"

static void test_same_text_is_parsed_once(void **state)
{
    (void)state;
    struct doc_cache c;
    json_t *a, *b, *other;

    doc_cache_init(&c);
    assert_int_equal(doc_cache_get(&c, STR("{\"n\":1}"), &a, NULL), E_OK);
    assert_int_equal(doc_cache_get(&c, STR("{\"n\":1}"), &b, NULL), E_OK);
    assert_int_equal(doc_cache_get(&c, STR("{\"n\":2}"), &other, NULL), E_OK);
    assert_ptr_equal(a, b);
    assert_int_equal(json_integer_value(json_object_get(other, "n")), 2);
    json_decref(a);
    json_decref(b);
    doc_cache_done(&c);
    assert_int_equal(json_integer_value(json_object_get(other, "n")), 2); /* the caller's own */
    json_decref(other);
}

static void test_what_is_no_json(void **state)
{
    (void)state;
    struct doc_cache c;
    json_t *doc = NULL;
    struct err e = ERR_INIT;

    doc_cache_init(&c);
    assert_int_equal(doc_cache_get(&c, STR("{"), &doc, &e), E_SYNTAX);
    assert_int_equal(doc_cache_get(&c, (struct str){ NULL, 0 }, &doc, NULL), E_SYNTAX);
    assert_null(doc);
    doc_cache_done(&c);
}

static void test_full_starts_anew(void **state)
{
    (void)state;
    enum { PAD = 60000 };
    struct doc_cache c;
    char *text = mem_alloc(PAD + 100);

    doc_cache_init(&c);
    for (int n = 0; n < 200; n++) {
        json_t *doc;
        int len = snprintf(text, PAD + 100, "{\"n\":%d,\"pad\":\"%0*d\"}", n, PAD, 0);
        assert_int_equal(doc_cache_get(&c, str_make(text, (size_t)len), &doc, NULL), E_OK);
        assert_int_equal(json_integer_value(json_object_get(doc, "n")), n);
        json_decref(doc);
        assert_true(c.bytes_ <= 1 << 20);
    }
    mem_free(text);
    doc_cache_done(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_text_is_parsed_once),
        cmocka_unit_test(test_what_is_no_json),
        cmocka_unit_test(test_full_starts_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
