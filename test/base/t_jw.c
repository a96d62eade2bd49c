/* test/base/t_jw.c - exact output, escaping, misuse; jansson reads back what was written. */
#include "base/jw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/prng.h"

static void test_document(void **state)
{
    (void)state;
    struct buf b;
    struct jw w;
    buf_init(&b, 4096);
    jw_init(&w, &b);
    jw_object(&w);
    jw_key(&w, "empty");
    jw_object(&w);
    jw_object_end(&w);
    jw_key(&w, "list");
    jw_array(&w);
    jw_i64(&w, -1);
    jw_u64(&w, UINT64_MAX);
    jw_array(&w);
    jw_array_end(&w);
    jw_array(&w);
    jw_null(&w);
    jw_array_end(&w);
    jw_object(&w);
    jw_kbool(&w, "t", true);
    jw_kbool(&w, "f", false);
    jw_object_end(&w);
    jw_cstr(&w, NULL);
    jw_cstr(&w, "x");
    jw_raw(&w, STR("{\"a\":1}"));
    jw_array_end(&w);
    jw_kstr(&w, "s", STR("text"));
    jw_kcstr(&w, "c", "");
    jw_kcstr(&w, "none", NULL);
    jw_ki64(&w, "i", INT64_MIN);
    jw_ku64(&w, "u", 7);
    jw_knull(&w, "n");
    jw_kraw(&w, "r", STR("[2]"));
    jw_kstr(&w, "k\"ey", str_from(NULL));
    jw_object_end(&w);
    assert_string_equal(b.ptr,
                        "{\"empty\":{},\"list\":[-1,18446744073709551615,[],[null],"
                        "{\"t\":true,\"f\":false},null,\"x\",{\"a\":1}],"
                        "\"s\":\"text\",\"c\":\"\",\"none\":null,\"i\":-9223372036854775808,"
                        "\"u\":7,\"n\":null,\"r\":[2],\"k\\\"ey\":\"\"}");
    buf_done(&b);
}

static void test_strings(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *text;
        const char *wanted;
    } rows[] = {
        { __LINE__, "", "\"\"" },
        { __LINE__, "exactly8", "\"exactly8\"" },
        { __LINE__, "\"", "\"\\\"\"" },
        { __LINE__, "a\\b", "\"a\\\\b\"" },
        { __LINE__, "1234567\"9", "\"1234567\\\"9\"" },
        { __LINE__, "\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\"" },
        { __LINE__, "\x01\x0b\x1f", "\"\\u0001\\u000b\\u001f\"" },
        { __LINE__, "\x7f/", "\"\x7f/\"" },
        { __LINE__, "数据\n开发", "\"数据\\n开发\"" },
        { __LINE__, "a\xff" "b", "\"a\xEF\xBF\xBD" "b\"" },
        { __LINE__, "\xe6\x95", "\"\xEF\xBF\xBD\xEF\xBF\xBD\"" },           /* cut off */
        { __LINE__, "\xed\xa0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"" },
        { __LINE__, "\xc0\xaf", "\"\xEF\xBF\xBD\xEF\xBF\xBD\"" },
        { __LINE__, "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"" },
    };
    struct buf b;
    struct jw w;
    buf_init(&b, 4096);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        buf_reset(&b);
        jw_init(&w, &b);
        jw_cstr(&w, rows[i].text);
        if (strcmp(b.ptr, rows[i].wanted) != 0)
            fail_msg("row of line %d: %s", rows[i].line, b.ptr);
    }
    buf_reset(&b);
    jw_init(&w, &b);
    jw_str(&w, str_make("a\0b", 3));
    assert_string_equal(b.ptr, "\"a\\u0000b\"");
    buf_done(&b);
}

/* Each byte value at each place of a text of up to 19 bytes, so that all lanes of the quick scan
 * and its tail are met; the oracle goes byte by byte. */
static void test_every_lane(void **state)
{
    (void)state;
    struct buf b, wanted;
    struct jw w;
    buf_init(&b, 4096);
    buf_init(&wanted, 4096);
    for (size_t len = 1; len <= 19; len++) {
        for (size_t at = 0; at < len; at++) {
            for (int c = 0; c < 256; c++) {
                char text[20];
                memset(text, ' ' + (int)(at % 2), len);         /* 0x20 and 0x21 are on the edge */
                text[at] = (char)c;
                buf_reset(&wanted);
                buf_add_char(&wanted, '"');
                buf_add(&wanted, text, at);
                if (c == '"' || c == '\\')
                    buf_printf(&wanted, "\\%c", c);
                else if (c == '\b' || c == '\t' || c == '\n' || c == '\f' || c == '\r')
                    buf_printf(&wanted, "\\%c", "btn?fr"[c - 8]);
                else if (c < 0x20)
                    buf_printf(&wanted, "\\u%04x", (unsigned)c);
                else if (c >= 0x80)
                    buf_add_c(&wanted, "\xEF\xBF\xBD");
                else
                    buf_add_char(&wanted, (char)c);
                buf_add(&wanted, text + at + 1, len - at - 1);
                buf_add_char(&wanted, '"');
                buf_reset(&b);
                jw_init(&w, &b);
                jw_str(&w, str_make(text, len));
                if (!str_eq(buf_str(&b), buf_str(&wanted)))
                    fail_msg("byte %d at %zu of %zu: %s", c, at, len, b.ptr);
            }
        }
    }
    buf_done(&b);
    buf_done(&wanted);
}

static void test_numbers_read_back(void **state)
{
    (void)state;
    struct prng random;
    struct buf b;
    struct jw w;
    buf_init(&b, 100);
    prng_init(&random, 2);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = prng_next(&random);
        double v;
        memcpy(&v, &bits, sizeof(v));
        if (i < 1000)
            v = (double)prng_range(&random, -100000, 100000) / 1000;
        if (!isfinite(v))
            continue;
        buf_reset(&b);
        jw_init(&w, &b);
        jw_f64(&w, v);
        json_t *read = json_loads(b.ptr, JSON_DECODE_ANY, NULL);
        assert_true(json_is_number(read) && json_number_value(read) == v);
        json_decref(read);
    }
    static const struct {
        double v;
        const char *wanted;
    } rows[] = { { 0.1, "0.1" }, { 2, "2" }, { -1.5, "-1.5" }, { NAN, "null" },
                 { INFINITY, "null" }, { 1e300, "1e+300" } };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        buf_reset(&b);
        jw_init(&w, &b);
        jw_f64(&w, rows[i].v);
        assert_string_equal(b.ptr, rows[i].wanted);
    }
    buf_done(&b);
}

/* A random value is written with jw and built with jansson; both must be the same value. */
static json_t *random_value(struct prng *random, struct jw *w, int depth)
{
    switch (prng_below(random, depth >= 30 ? 4 : 6)) {
    case 0: {
        int64_t v = (int64_t)prng_next(random);
        jw_i64(w, v);
        return json_integer(v);
    }
    case 1: {
        bool v = prng_chance(random, 500000);
        jw_bool(w, v);
        return json_boolean(v);
    }
    case 2:
        jw_null(w);
        return json_null();
    case 3: {
        /* ASCII and two-byte characters, NUL too */
        char text[60];
        size_t len = 0, n = prng_below(random, 30);
        while (len < n) {
            if (prng_chance(random, 200000)) {
                text[len++] = (char)prng_range(random, 0xc2, 0xdf);
                text[len++] = (char)prng_range(random, 0x80, 0xbf);
            } else {
                text[len++] = (char)prng_below(random, 0x80);
            }
        }
        jw_str(w, str_make(text, len));
        return json_stringn(text, len);
    }
    case 4: {
        json_t *v = json_array();
        jw_array(w);
        for (uint64_t n = prng_below(random, 5); n > 0; n--)
            json_array_append_new(v, random_value(random, w, depth + 1));
        jw_array_end(w);
        return v;
    }
    default: {
        json_t *v = json_object();
        jw_object(w);
        for (uint64_t n = prng_below(random, 5); n > 0; n--) {
            char key[2] = { (char)('a' + n), '\0' };
            jw_key(w, key);
            json_object_set_new(v, key, random_value(random, w, depth + 1));
        }
        jw_object_end(w);
        return v;
    }
    }
}

static void test_random_documents(void **state)
{
    (void)state;
    struct prng random;
    struct buf b;
    prng_init(&random, 3);
    buf_init(&b, SIZE_MAX);
    for (int i = 0; i < 3000; i++) {
        struct jw w;
        buf_reset(&b);
        jw_init(&w, &b);
        json_t *wanted = random_value(&random, &w, 0);
        json_t *got = json_loadb(b.ptr, b.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        if (!got || !json_equal(got, wanted))
            fail_msg("document %d: %s", i, b.ptr);
        json_decref(got);
        json_decref(wanted);
    }
    buf_done(&b);
}

static void misuse(int kind)
{
    struct buf b;
    struct jw w;
    buf_init(&b, 4096);
    jw_init(&w, &b);
    switch (kind) {
    case 0:                                     /* a value in an object without a key */
        jw_object(&w);
        jw_i64(&w, 1);
        break;
    case 1:                                     /* a key in an array */
        jw_array(&w);
        jw_key(&w, "a");
        break;
    case 2:                                     /* two keys */
        jw_object(&w);
        jw_key(&w, "a");
        jw_key(&w, "b");
        break;
    case 3:                                     /* the end after a key */
        jw_object(&w);
        jw_key(&w, "a");
        jw_object_end(&w);
        break;
    case 4:                                     /* the wrong end */
        jw_array(&w);
        jw_object_end(&w);
        break;
    case 5:                                     /* an end too much */
        jw_array_end(&w);
        break;
    case 6:                                     /* level 33 */
        for (int i = 0; i < 33; i++)
            jw_array(&w);
        break;
    default:                                    /* level 32 is fine */
        for (int i = 0; i < 32; i++)
            jw_array(&w);
        for (int i = 0; i < 32; i++)
            jw_array_end(&w);
        break;
    }
    buf_done(&b);
}

static void test_misuse_aborts(void **state)
{
    (void)state;
    for (int kind = 0; kind <= 7; kind++) {
        pid_t pid = fork();
        if (pid == 0) {
            signal(SIGABRT, SIG_DFL);
            close(STDERR_FILENO);
            misuse(kind);
            _exit(0);
        }
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        bool aborted = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
        if (aborted != (kind < 7))
            fail_msg("kind %d ended with %d", kind, status);
    }
}

static void test_over_the_limit(void **state)
{
    (void)state;
    struct buf b;
    struct jw w;
    buf_init(&b, 10);
    jw_init(&w, &b);
    jw_array(&w);
    jw_cstr(&w, "12345678");
    jw_array_end(&w);
    assert_true(b.overflow);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_document),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_every_lane),
        cmocka_unit_test(test_numbers_read_back),
        cmocka_unit_test(test_random_documents),
        cmocka_unit_test(test_misuse_aborts),
        cmocka_unit_test(test_over_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
