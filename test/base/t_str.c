/* test/base/t_str.c - views of bytes: comparing, cutting, numbers, UTF-8. */
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/mem.h"

static void test_compare(void **state)
{
    (void)state;
    assert_true(str_eq(STR("a"), STR("a")));
    assert_false(str_eq(STR("a"), STR("ab")));
    assert_true(str_eq(str_from(NULL), STR("")));
    assert_true(str_eq_c(STR("abc"), "abc"));
    assert_true(str_ieq(STR("Content-TYPE"), STR("content-type")));
    assert_false(str_ieq(STR("a["), STR("A{")));            /* only letters have a case */
    assert_true(str_cmp(STR("a"), STR("b")) < 0);
    assert_true(str_cmp(STR("ab"), STR("a")) > 0);
    assert_true(str_cmp(STR("a"), STR("ab")) < 0);
    assert_true(str_cmp(STR("\xff"), STR("a")) > 0);        /* bytes are unsigned */
    assert_int_equal(str_cmp(str_from(NULL), STR("")), 0);
    assert_true(str_is_empty(str_from(NULL)));
    assert_false(str_is_empty(STR(" ")));
}

static void test_find(void **state)
{
    (void)state;
    assert_true(str_starts_with(STR("abc"), STR("ab")));
    assert_true(str_starts_with(STR("abc"), STR("")));
    assert_false(str_starts_with(STR("ab"), STR("abc")));
    assert_true(str_ends_with(STR("abc"), STR("bc")));
    assert_true(str_ends_with(str_from(NULL), STR("")));
    assert_false(str_ends_with(STR("abc"), STR("ab")));
    assert_int_equal(str_find(STR("abcabc"), STR("ca")), 2);
    assert_int_equal(str_find(STR("abc"), STR("")), 0);
    assert_int_equal(str_find(STR("abc"), STR("abcd")), -1);
    assert_int_equal(str_find(str_from(NULL), STR("a")), -1);
    assert_int_equal(str_find_char(STR("abcb"), 'b'), 1);
    assert_int_equal(str_rfind_char(STR("abcb"), 'b'), 3);
    assert_int_equal(str_find_char(STR("abc"), 'x'), -1);
    assert_int_equal(str_rfind_char(str_from(NULL), 'x'), -1);
}

static void test_cut(void **state)
{
    (void)state;
    assert_true(str_eq_c(str_sub(STR("hello"), 1, 3), "ell"));
    assert_true(str_eq_c(str_sub(STR("hello"), 3, SIZE_MAX), "lo"));
    assert_int_equal(str_sub(STR("hello"), 9, 1).len, 0);
    assert_null(str_sub(str_from(NULL), 1, 1).ptr);
    assert_true(str_eq_c(str_trim(STR(" \t\r\n a b \n")), "a b"));
    assert_int_equal(str_trim(STR(" \n ")).len, 0);

    static const struct {
        int line;
        const char *text;
        const char *parts[4];
    } rows[] = {
        { __LINE__, "a,b,c", { "a", "b", "c" } },
        { __LINE__, ",a", { "", "a" } },
        { __LINE__, "a,", { "a", "" } },
        { __LINE__, "a", { "a" } },
        { __LINE__, ",", { "", "" } },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str rest = str_from(rows[i].text);
        size_t n = 0;
        while (rest.ptr) {
            struct str part = str_split(&rest, ',');
            if (!rows[i].parts[n] || !str_eq_c(part, rows[i].parts[n]))
                fail_msg("row of line %d, part %zu", rows[i].line, n);
            n++;
        }
        if (rows[i].parts[n])
            fail_msg("row of line %d: only %zu parts", rows[i].line, n);
    }
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *text;
        bool ok;
        int64_t value;
    } rows[] = {
        { __LINE__, "0", true, 0 },
        { __LINE__, "-0", true, 0 },
        { __LINE__, "007", true, 7 },
        { __LINE__, "-15", true, -15 },
        { __LINE__, "9223372036854775807", true, INT64_MAX },
        { __LINE__, "9223372036854775808", false, 0 },
        { __LINE__, "-9223372036854775808", true, INT64_MIN },
        { __LINE__, "-9223372036854775809", false, 0 },
        { __LINE__, "99999999999999999999999", false, 0 },
        { __LINE__, "", false, 0 },
        { __LINE__, "-", false, 0 },
        { __LINE__, "+1", false, 0 },
        { __LINE__, " 1", false, 0 },
        { __LINE__, "1 ", false, 0 },
        { __LINE__, "--1", false, 0 },
        { __LINE__, "1.0", false, 0 },
        { __LINE__, "0x1", false, 0 },
        { __LINE__, "1/", false, 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t v = 42;
        bool ok = str_to_i64(str_from(rows[i].text), &v);
        if (ok != rows[i].ok || v != (ok ? rows[i].value : 42))
            fail_msg("row of line %d: %s", rows[i].line, rows[i].text);
    }
    uint64_t u = 42;
    assert_true(str_to_u64(STR("18446744073709551615"), &u) && u == UINT64_MAX);
    u = 42;
    assert_false(str_to_u64(STR("18446744073709551616"), &u));
    assert_false(str_to_u64(STR("-1"), &u));
    assert_int_equal(u, 42);
}

static void test_utf8(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *text;
        bool ok;
    } rows[] = {
        { __LINE__, "", true },
        { __LINE__, "plain", true },
        { __LINE__, "\x7f", true },
        { __LINE__, "\xc2\x80", true },                  /* U+0080 */
        { __LINE__, "\xdf\xbf", true },                  /* U+07FF */
        { __LINE__, "\xe0\xa0\x80", true },              /* U+0800 */
        { __LINE__, "\xed\x9f\xbf", true },              /* U+D7FF */
        { __LINE__, "\xee\x80\x80", true },              /* U+E000 */
        { __LINE__, "\xef\xbf\xbf", true },              /* U+FFFF */
        { __LINE__, "\xf0\x90\x80\x80", true },          /* U+10000 */
        { __LINE__, "\xf4\x8f\xbf\xbf", true },          /* U+10FFFF */
        { __LINE__, "\xe6\x95\xb0\xe6\x8d\xae", true },  /* two Chinese characters */
        { __LINE__, "\x80", false },                     /* a tail alone */
        { __LINE__, "\xc0\x80", false },                 /* overlong NUL */
        { __LINE__, "\xc1\xbf", false },                 /* overlong */
        { __LINE__, "\xe0\x9f\xbf", false },             /* overlong */
        { __LINE__, "\xf0\x8f\xbf\xbf", false },         /* overlong */
        { __LINE__, "\xed\xa0\x80", false },             /* surrogate */
        { __LINE__, "\xed\xbf\xbf", false },             /* surrogate */
        { __LINE__, "\xf4\x90\x80\x80", false },         /* beyond U+10FFFF */
        { __LINE__, "\xf5\x80\x80\x80", false },
        { __LINE__, "\xff", false },
        { __LINE__, "\xc2", false },                     /* cut off */
        { __LINE__, "\xe6\x95", false },
        { __LINE__, "\xf0\x90\x80", false },
        { __LINE__, "\xe6\x95\x41", false },             /* broken by a letter */
        { __LINE__, "\xf0\x90\x80\xc0", false },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (str_is_utf8(str_from(rows[i].text)) != rows[i].ok)
            fail_msg("row of line %d", rows[i].line);
    }
    assert_false(str_is_utf8(str_make("a\0b", 3)));
    assert_int_equal(str_code_points(STR("a\xe6\x95\xb0z\xf0\x90\x80\x80")), 4);
    assert_int_equal(str_code_points(str_from(NULL)), 0);
}

static void test_whole(void **state)
{
    (void)state;
    static const char text[] = "a\xc2\x80\xe6\x95\xb0\xf0\x9f\x98\x80";
    /* The length that stays when the text is cut after i bytes. */
    static const size_t wanted[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10 };
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        assert_int_equal(str_whole(str_make(text, i)).len, wanted[i]);
    assert_int_equal(str_whole(str_from(NULL)).len, 0);
}

/* The bytes of a code point, written down from the table in RFC 3629 section 3. */
static size_t encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char heads[5] = { 0, 0, 0xc0, 0xe0, 0xf0 };
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(heads[n] | c);
    return n;
}

/* Every code point is taken, except NUL and the surrogates; every other sequence of three
 * bytes is refused. */
static void test_utf8_is_exact(void **state)
{
    (void)state;
    static bool good[1 << 24];
    char text[4];

    for (uint32_t c = 1; c <= 0x10ffff; c++) {
        size_t n = encode(c, text);
        bool wanted = c < 0xd800 || c > 0xdfff;
        if (str_is_utf8(str_make(text, n)) != wanted)
            fail_msg("U+%04X", (unsigned)c);
        if (wanted && n == 3)
            good[(uint32_t)(uint8_t)text[0] << 16 | (uint32_t)(uint8_t)text[1] << 8 |
                 (uint8_t)text[2]] = true;
    }
    /* Three bytes whose first is not ASCII: right exactly when it is one sequence, or when it
     * splits into a sequence of two bytes and an ASCII character. */
    for (uint32_t x = 0x800000; x < 1 << 24; x++) {
        text[0] = (char)(x >> 16);
        text[1] = (char)(x >> 8);
        text[2] = (char)x;
        bool two = (x >> 16) >= 0xc2 && (x >> 16) <= 0xdf && (x >> 8 & 0xc0) == 0x80;
        bool wanted = good[x] || (two && (x & 0xff) > 0 && (x & 0xff) < 0x80);
        if (str_is_utf8(str_make(text, 3)) != wanted)
            fail_msg("bytes %06X", (unsigned)x);
    }
}

static void test_parts(void **state)
{
    (void)state;
    assert_true(str_has(STR("Data engineer"), STR("ENGIN")));
    assert_true(str_has(STR("abc"), STR("")));
    assert_true(str_has(STR(""), STR("")));
    assert_true(str_has(STR("abc"), STR("bc")));
    assert_false(str_has(STR("abc"), STR("abcd")));
    assert_false(str_has(STR("abc"), STR("ac")));
    assert_true(str_list_has(STR("10;20;30"), ';', STR("20")));
    assert_true(str_list_has(STR("10"), ';', STR("10")));
    assert_false(str_list_has(STR("10;20"), ';', STR("1")));
    assert_false(str_list_has(STR("10;20"), ';', STR("10;20")));
    assert_false(str_list_has((struct str){ NULL, 0 }, ';', STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare), cmocka_unit_test(test_find),
        cmocka_unit_test(test_cut),     cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_whole),   cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_utf8_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
