/* test/base/t_codec.c - vectors of the RFCs, what is refused, and round trips. */
#include "base/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/prng.h"

static void test_hex(void **state)
{
    (void)state;
    char text[9];
    uint8_t bytes[4] = { 1, 2, 3, 4 };
    hex_encode(text, "\x00\x7f\xab\xff", 4);
    assert_string_equal(text, "007fabff");
    hex_encode(text, NULL, 0);
    assert_string_equal(text, "");
    assert_true(hex_decode(STR("00aBFf10"), bytes, 4));
    assert_memory_equal(bytes, "\x00\xab\xff\x10", 4);
    assert_false(hex_decode(STR("00aBFf1"), bytes, 4));
    assert_false(hex_decode(STR("00aBFf1011"), bytes, 4));
    assert_false(hex_decode(STR("1122334g"), bytes, 4));
    assert_memory_equal(bytes, "\x00\xab\xff\x10", 4);       /* untouched by what failed */
}

static void test_base64_vectors(void **state)
{
    (void)state;
    /* RFC 4648 section 10 */
    static const char *const rows[][2] = {
        { "", "" },             { "f", "Zg==" },         { "fo", "Zm8=" },
        { "foo", "Zm9v" },      { "foob", "Zm9vYg==" },  { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" },
    };
    struct buf b;
    buf_init(&b, 100);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        buf_reset(&b);
        base64_encode(&b, str_from(rows[i][0]));
        assert_true(str_eq_c(buf_str(&b), rows[i][1]));
        buf_reset(&b);
        assert_true(base64_decode(&b, str_from(rows[i][1])));
        assert_true(str_eq_c(buf_str(&b), rows[i][0]));
        /* without the padding */
        buf_reset(&b);
        struct str bare = str_from(rows[i][1]);
        while (str_ends_with(bare, STR("=")))
            bare.len--;
        assert_true(base64_decode(&b, bare));
        assert_true(str_eq_c(buf_str(&b), rows[i][0]));
    }
    buf_reset(&b);
    assert_true(base64_decode(&b, STR(" Zm\r\n9v\tYg = =\n")));
    assert_string_equal(b.ptr, "foob");
    buf_done(&b);
}

static void test_base64_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "Z",    "A",       "Zm9vY",    "Zm9vA", "=",    "====", "Zg=",  "Zg===", "Zm8==",
        "Zm9v=", "Zm9v====", "Zg==Zg==", "Zg=a",  "Zm-v", "Zm_v", "Zm.v", "Zh==",  "Zm9=",
        "\xe6\x95\xb0",
    };
    struct buf b;
    buf_init(&b, 100);
    buf_add_c(&b, "kept");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (base64_decode(&b, str_from(rows[i])))
            fail_msg("'%s' was taken", rows[i]);
        assert_string_equal(b.ptr, "kept");
        assert_int_equal(b.len, 4);
    }
    assert_false(base64_decode(&b, str_make("Zm9v\0", 5)));
    buf_done(&b);
}

static void test_base64_round_trip(void **state)
{
    (void)state;
    struct prng random;
    struct buf text, back;
    prng_init(&random, 1);
    buf_init(&text, 10000);
    buf_init(&back, 10000);
    for (int round = 0; round < 2000; round++) {
        char bytes[100];
        size_t len = prng_below(&random, sizeof(bytes));
        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)prng_next(&random);
        buf_reset(&text);
        buf_reset(&back);
        base64_encode(&text, str_make(bytes, len));
        assert_int_equal(text.len, (len + 2) / 3 * 4);
        assert_true(base64_decode(&back, buf_str(&text)));
        assert_true(str_eq(buf_str(&back), str_make(bytes, len)));
    }
    buf_done(&text);
    buf_done(&back);
    buf_init(&text, 3);
    base64_encode(&text, STR("a"));
    assert_true(text.overflow);
    buf_done(&text);
    buf_init(&back, 2);
    assert_true(base64_decode(&back, STR("Zm9v")));
    assert_true(back.overflow);
    buf_done(&back);
}

static void test_percent(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *text;
        bool plus;
        const char *wanted;              /* NULL: refused */
    } rows[] = {
        { __LINE__, "", false, "" },
        { __LINE__, "plain-text_~.", false, "plain-text_~." },
        { __LINE__, "a%20b%2Fc%2f", false, "a b/c/" },
        { __LINE__, "a+b", false, "a+b" },
        { __LINE__, "a+b%2B", true, "a b+" },
        { __LINE__, "%E6%95%b0", false, "\xe6\x95\xb0" },
        { __LINE__, "%25zz", false, "%zz" },
        { __LINE__, "%", false, NULL },
        { __LINE__, "a%2", false, NULL },
        { __LINE__, "%zz", false, NULL },
        { __LINE__, "%2g", false, NULL },
        { __LINE__, "%%20", false, NULL },
    };
    struct buf b;
    buf_init(&b, 100);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        buf_reset(&b);
        buf_add_c(&b, ">");
        bool ok = percent_decode(&b, str_from(rows[i].text), rows[i].plus);
        if (ok != !!rows[i].wanted || strcmp(b.ptr + 1, ok ? rows[i].wanted : "") != 0)
            fail_msg("row of line %d: %s", rows[i].line, b.ptr);
    }
    buf_done(&b);
}

static void test_percent_round_trip(void **state)
{
    (void)state;
    static const char hex[] = "0123456789abcdefABCDEF";
    struct buf text, back;
    buf_init(&text, 10000);
    buf_init(&back, 10000);
    char all[256];
    for (int i = 0; i < 256; i++) {
        all[i] = (char)i;
        buf_add_char(&text, '%');
        buf_add_char(&text, hex[i >> 4]);
        buf_add_char(&text, (i & 15) >= 10 ? hex[(i & 15) + 6] : hex[i & 15]);
    }
    assert_true(percent_decode(&back, buf_str(&text), true));
    assert_true(str_eq(buf_str(&back), str_make(all, 256)));
    buf_done(&text);
    buf_done(&back);
}

static void test_uuid(void **state)
{
    (void)state;
    uint8_t bytes[16];
    char text[UUID_LEN + 1];
    memset(bytes, 0, sizeof(bytes));
    uuid_format(text, bytes);
    assert_string_equal(text, "00000000-0000-4000-8000-000000000000");
    memset(bytes, 0xff, sizeof(bytes));
    uuid_format(text, bytes);
    assert_string_equal(text, "ffffffff-ffff-4fff-bfff-ffffffffffff");
    for (int i = 0; i < 16; i++)
        bytes[i] = (uint8_t)(i * 17);
    uuid_format(text, bytes);
    assert_string_equal(text, "00112233-4455-4677-8899-aabbccddeeff");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hex),
        cmocka_unit_test(test_base64_vectors),
        cmocka_unit_test(test_base64_refused),
        cmocka_unit_test(test_base64_round_trip),
        cmocka_unit_test(test_percent),
        cmocka_unit_test(test_percent_round_trip),
        cmocka_unit_test(test_uuid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
