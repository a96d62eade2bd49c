/* test/cal/t_time_expression.c - time parameters: every token, offset, quick form and zone
 * (docs/reference/semantics.md 6.1), and what only looks like one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"
#include "cal/time_expression.h"

/* "" when it is no time expression. */
static const char *render(const char *expression, enum time_base base, const char *data_time,
                          const char *planned)
{
    static char text[256];
    struct time_point at = { .zone = zone_default() };
    struct buf out;

    assert_int_equal(civil_parse(str_from(data_time), &at.data_time, NULL), E_OK);
    assert_int_equal(civil_parse(str_from(planned), &at.planned, NULL), E_OK);
    buf_init(&out, sizeof(text) - 1);
    bool is_one = time_expression_render(str_from(expression), base, &at, &out);
    if (!is_one)
        assert_int_equal(out.len, 0);
    snprintf(text, sizeof(text), "%s", out.len > 0 ? out.ptr : "");
    buf_done(&out);
    return text;
}

struct row {
    const char *expression, *at, *want;
};

static void expect(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct row *r = &rows[i];
        const char *got = render(r->expression, TIME_BASE_DATA, r->at, r->at);
        if (strcmp(got, r->want) != 0)
            fail_msg("%s at %s: '%s', not '%s'", r->expression, r->at, got, r->want);
    }
}

/* 6.1 and the vectors 7 and 8 of 12.3 */
static void test_documented(void **state)
{
    static const struct row rows[] = {
        { "yyyyMMdd", "2021-07-10 08:00:00", "20210710" },
        { "yyyyMMdd-1M", "2021-07-10 08:00:00", "20210610" },
        { "yyyyMMdd-1d", "2021-07-10 08:00:00", "20210709" },
        { "yyyyMMddHHmmss-3h", "2021-07-10 08:00:00", "20210710050000" },
        { "yyyyMMddHHmmss-25m", "2021-07-10 08:00:00", "20210710073500" },
        { "timestamp", "2021-07-10 08:00:00", "1625875200" },
        { "timestamp_ms", "2021-07-10 08:00:00", "1625875200000" },
        { "timestamp -1d", "2021-07-10 08:00:00", "1625788800" },
        { "yyyy-MM-dd", "2021-07-10 08:09:07", "2021-07-10" },
        { "HH:mm:ss", "2021-07-10 08:09:07", "08:09:07" },
        { "yyyy-MM-dd HH:mm:ss", "2021-07-10 08:09:07", "2021-07-10 08:09:07" },
        { "yy", "2021-07-10 08:09:07", "21" },
    };

    (void)state;
    expect(rows, ARRAY_LEN(rows));
}

static void test_formats(void **state)
{
    static const struct row rows[] = {
        { "yyyy", "2026-01-02 03:04:05", "2026" },
        { "MM", "2026-01-02 03:04:05", "01" },
        { "dd", "2026-01-02 03:04:05", "02" },
        { "HH", "2026-01-02 03:04:05", "03" },
        { "mm", "2026-01-02 03:04:05", "04" },
        { "ss", "2026-01-02 03:04:05", "05" },
        { "ddMMyy", "2026-01-02 03:04:05", "020126" },
        { "yyyyyy", "2026-01-02 03:04:05", "202626" },
        { "yyyy/MM/dd", "2026-01-02 03:04:05", "2026/01/02" },
        { "yyyy.MM.dd_HH,mm", "2026-01-02 03:04:05", "2026.01.02_03,04" },
        { "yyyy-MM-ddTHH:mm:ss", "2026-01-02 03:04:05", "2026-01-02T03:04:05" },
        { "yyyy年MM月dd日", "2026-01-02 03:04:05", "2026年01月02日" },
        { "yyyy年MM月dd日-1d", "2026-01-01 03:04:05", "2025年12月31日" },
    };

    (void)state;
    expect(rows, ARRAY_LEN(rows));
}

static void test_offsets(void **state)
{
    static const struct row rows[] = {
        { "yyyyMMdd+1y", "2024-02-29 00:00:00", "20250228" }, /* the day is clamped */
        { "yyyyMMdd-1M", "2024-03-31 00:00:00", "20240229" },
        { "yyyyMMdd-1M", "2023-03-31 00:00:00", "20230228" },
        { "yyyyMMdd-13M", "2024-03-31 00:00:00", "20230228" },
        { "yyyyMMdd-2w", "2026-01-10 00:00:00", "20251227" },
        { "yyyyMMdd+30d", "2026-01-10 00:00:00", "20260209" },
        { "yyyyMMddHH-1H", "2026-01-01 00:30:00", "2025123123" },
        { "yyyyMMddHHmm+90m", "2025-12-31 23:00:00", "202601010030" },
        { "yyyy-MM-dd -1d", "2026-01-01 00:00:00", "2025-12-31" },
        { "yyyy-MM-dd - 1d", "2026-01-01 00:00:00", "2025-12-31" },
        { "yyyyMMdd-0d", "2026-01-01 00:00:00", "20260101" },
        { "timestamp+1M", "2021-07-10 08:00:00", "1628553600" },
        { "timestamp_ms-25m", "2021-07-10 08:00:00", "1625873700000" },
    };

    (void)state;
    expect(rows, ARRAY_LEN(rows));
}

static void test_quick_forms(void **state)
{
    static const struct row rows[] = {
        { "yyyyMMdd+TS", "2026-05-10 00:00:00", "20260501" },
        { "yyyyMMdd+TS", "2026-05-11 00:00:00", "20260511" },
        { "yyyyMMdd+TS", "2026-05-31 00:00:00", "20260521" },
        { "yyyyMMdd+TE", "2026-05-10 00:00:00", "20260510" },
        { "yyyyMMdd+TE", "2026-05-11 00:00:00", "20260520" },
        { "yyyyMMdd+TE", "2026-02-21 00:00:00", "20260228" },
        { "yyyyMMdd+MS", "2026-05-10 00:00:00", "20260501" },
        { "yyyyMMdd+ME", "2024-02-01 00:00:00", "20240229" },
        { "yyyyMMdd+QS", "2026-05-10 00:00:00", "20260401" },
        { "yyyyMMdd+QE", "2026-05-10 00:00:00", "20260630" },
        { "yyyyMMdd+QE", "2026-12-31 00:00:00", "20261231" },
        { "yyyyMMdd+HYS", "2026-07-10 00:00:00", "20260701" },
        { "yyyyMMdd+HYE", "2026-06-30 00:00:00", "20260630" },
        { "yyyyMMdd+HYE", "2026-07-01 00:00:00", "20261231" },
        { "yyyyMMdd+YS", "2026-07-10 00:00:00", "20260101" },
        { "yyyyMMdd+YE", "2026-07-10 00:00:00", "20261231" },
        { "yyyyMMdd+PME", "2026-03-10 00:00:00", "20260228" },
        { "yyyyMMdd+PYE", "2026-03-10 00:00:00", "20251231" },
        { "yyyyMMddHHmmss+ME", "2026-02-01 08:09:07", "20260228080907" },
        { "UTC+0_yyyyMMdd+ME", "2026-02-01 07:00:00", "20260131" },
    };

    (void)state;
    expect(rows, ARRAY_LEN(rows));
}

static void test_zones(void **state)
{
    static const struct row rows[] = {
        { "UTC+8_yyyyMMddHH", "2026-01-01 00:00:00", "2026010100" },
        { "UTC+0_yyyyMMddHH", "2026-01-01 00:00:00", "2025123116" },
        { "UTC-5_yyyy-MM-dd HH:mm", "2026-01-01 00:00:00", "2025-12-31 11:00" },
        { "UTC+05:30_yyyyMMddHHmm", "2026-01-01 00:00:00", "202512312130" },
        { "UTC+9_yyyyMMddHH-1d", "2026-01-01 23:00:00", "2026010100" },
    };

    (void)state;
    expect(rows, ARRAY_LEN(rows));
}

/* ${ } is the data time, $( ) the planned one; timestamps are the planned time in both (6.1). */
static void test_bases(void **state)
{
    static const char data[] = "2026-01-01 00:00:00", planned[] = "2026-01-01 02:30:00";

    (void)state;
    assert_string_equal(render("HHmm", TIME_BASE_DATA, data, planned), "0000");
    assert_string_equal(render("HHmm", TIME_BASE_PLANNED, data, planned), "0230");
    assert_string_equal(render("timestamp", TIME_BASE_DATA, data, planned), "1767205800");
    assert_string_equal(render("timestamp", TIME_BASE_PLANNED, data, planned), "1767205800");
}

/* Names, and what shells write in the same brackets. */
static void test_left_alone(void **state)
{
    static const char *const texts[] = {
        "",           "name",       "HOME",         "date",         "date +%Y",    "yyyyMMdd-",
        "yyyyMMdd-1", "yyyyMMdd-d", "yyyyMMdd-1s",  "yyyyMMdd+XE",  "yyyyMMdd ME", "yyyyMMdd-ME",
        "-1d",        "+ME",        "yyy",          "yyyyy",        "hh",          "YYYYMMDD",
        "MM:-5",      "dd%.*",      "HH:-5d",       "dd/",          "/dd",         " dd",
        "dd ",        "(1+1)",      "ls -1d",       "UTC+8",        "UTC+8_",      "UTC+99_dd",
        "UTC+x_dd",   "Timestamp",  "timestamp+ME", "timestamp_s",  "dd-1234567d", "ddx",
        "xdd",        "dd;ss",      "dd\nss",       "yyyy-999999M", "2026",        "yyyyMMdd--1d",
        "dd+1d+1d",   "T",          "ddT",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        const char *got =
            render(texts[i], TIME_BASE_DATA, "2026-05-06 07:08:09", "2026-05-06 07:08:09");
        if (*got)
            fail_msg("'%s' became '%s'", texts[i], got);
    }
}

/* Offsets against counting step by step, and any text whatever against the sanitizers. */
static void test_random(void **state)
{
    struct prng r;
    static const char letters[] = "yyyyMMddHHmmss-+0123456789_:T UTCQHPEtimesap\xe5\xb9";

    (void)state;
    prng_init(&r, 61);
    for (int i = 0; i < 20000; i++) {
        char expression[32], want[16], base[CIVIL_TEXT_LEN + 1];
        int n = (int)prng_below(&r, 400);
        struct civil c = { (int64_t)prng_below(&r, 4000000000U) }, expected = c;
        bool months = prng_below(&r, 2);
        for (int step = 0; step < n && !months; step++)
            expected.s -= CIVIL_DAY;
        struct civil_parts p = civil_split(expected);
        if (months) {
            for (int step = 0; step < n; step++)
                if (--p.month == 0) {
                    p.month = 12;
                    p.year--;
                }
            if (p.day > civil_days_in_month(p.year, p.month))
                p.day = civil_days_in_month(p.year, p.month);
        }
        snprintf(expression, sizeof(expression), "yyyyMMdd-%d%c", n, months ? 'M' : 'd');
        snprintf(want, sizeof(want), "%04d%02d%02d", p.year % 10000, p.month, p.day);
        civil_format(c, base);
        assert_string_equal(render(expression, TIME_BASE_DATA, base, base), want);
    }
    for (int i = 0; i < 200000; i++) {
        struct time_point at = { { 1000000000 }, { 1000000000 }, zone_default() };
        char text[24];
        size_t len = prng_below(&r, sizeof(text));
        struct buf out;
        for (size_t j = 0; j < len; j++)
            text[j] = letters[prng_below(&r, sizeof(letters) - 1)];
        buf_init(&out, 256);
        bool is_one = time_expression_render(str_make(text, len), TIME_BASE_DATA, &at, &out);
        assert_true(is_one || out.len == 0);
        assert_false(out.overflow);
        buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documented), cmocka_unit_test(test_formats),
        cmocka_unit_test(test_offsets),    cmocka_unit_test(test_quick_forms),
        cmocka_unit_test(test_zones),      cmocka_unit_test(test_bases),
        cmocka_unit_test(test_left_alone), cmocka_unit_test(test_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
