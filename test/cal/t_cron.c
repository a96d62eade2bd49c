/* test/cal/t_cron.c - every operator of a cron expression, its canonical text, its refusals.
 * docs/reference/semantics.md 2.4, 2.5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cal/cron.h"

static struct cron cron(const char *text)
{
    struct cron c;
    struct err e = ERR_INIT;

    if (cron_parse(str_from(text), &c, &e) != E_OK)
        fail_msg("%s: %s", text, e.text);
    return c;
}

static struct civil at(const char *text)
{
    struct civil c;

    if (civil_parse(str_from(text), &c, NULL) != E_OK)
        fail_msg("%s", text);
    return c;
}

/* The firings after `after`, or before it for `prev`, in order: "a, b, c". */
struct row {
    int line;
    const char *expr, *after;
    const char *next[4];
};

static void check_rows(const struct row *rows, size_t n)
{
    char text[CIVIL_TEXT_LEN + 1];

    for (size_t i = 0; i < n; i++) {
        struct cron c = cron(rows[i].expr);
        struct civil t = at(rows[i].after), before;
        for (int k = 0; k < 4 && rows[i].next[k] != NULL; k++) {
            if (rows[i].next[k][0] == '\0') {
                assert_false(cron_next(&c, t, &t));
                break;
            }
            if (!cron_next(&c, t, &t))
                fail_msg("line %d: nothing instead of %s", rows[i].line, rows[i].next[k]);
            civil_format(t, text);
            if (strcmp(text, rows[i].next[k]) != 0)
                fail_msg("line %d: %s instead of %s", rows[i].line, text, rows[i].next[k]);
            assert_true(cron_matches(&c, t));
            if (k > 0) {
                assert_true(cron_prev(&c, t, &before));
                assert_int_equal(before.s, at(rows[i].next[k - 1]).s);
            }
        }
    }
}

static void test_operators(void **state)
{
    static const struct row rows[] = {
        /* 12.3 vector 1: minute step 5 */
        { __LINE__,
          "0 0/5 0-23 * * ? *",
          "2025-08-28 12:50:00",
          { "2025-08-28 12:55:00", "2025-08-28 13:00:00" } },
        /* 12.3 vector 2: a day at 14:37 */
        { __LINE__,
          "0 37 14 * * ? *",
          "2025-02-13 14:37:00",
          { "2025-02-14 14:37:00", "2025-02-15 14:37:00" } },
        /* 12.3 vector 9: days 1, last, 2 in February */
        { __LINE__,
          "0 2 3 1,L,2 * ?",
          "2025-01-31 03:02:00",
          { "2025-02-01 03:02:00", "2025-02-02 03:02:00", "2025-02-28 03:02:00",
            "2025-03-01 03:02:00" } },
        /* 2.5: other strings that were seen */
        { __LINE__,
          "0 0 0-23/1 * * ?",
          "2025-12-31 23:00:00",
          { "2026-01-01 00:00:00", "2026-01-01 01:00:00" } },
        { __LINE__, "0 0/30 0-23 * * ? *", "2025-01-01 23:30:00", { "2025-01-02 00:00:00" } },
        { __LINE__,
          "0 0 22 30 * ?",
          "2025-01-30 22:00:00",
          { "2025-03-30 22:00:00", "2025-04-30 22:00:00" } },
        { __LINE__, "53 55 14 13 3 ? 2023", "2023-01-01 00:00:00", { "2023-03-13 14:55:53", "" } },
        /* seconds, lists, steps, ranges that wrap */
        { __LINE__,
          "*/20 * * * * ?",
          "2025-01-01 00:00:39",
          { "2025-01-01 00:00:40", "2025-01-01 00:01:00" } },
        { __LINE__,
          "/20 0 0 * * ?",
          "2025-01-01 00:00:01",
          { "2025-01-01 00:00:20", "2025-01-01 00:00:40" } },
        { __LINE__,
          "5,1,3 0 0 * * ?",
          "2025-01-01 00:00:00",
          { "2025-01-01 00:00:01", "2025-01-01 00:00:03", "2025-01-01 00:00:05",
            "2025-01-02 00:00:01" } },
        { __LINE__,
          "0 10/25 6 * * ?",
          "2025-01-01 00:00:00",
          { "2025-01-01 06:10:00", "2025-01-01 06:35:00", "2025-01-02 06:10:00" } },
        { __LINE__,
          "0 0 22-2 * * ?",
          "2025-01-01 00:30:00",
          { "2025-01-01 01:00:00", "2025-01-01 02:00:00", "2025-01-01 22:00:00",
            "2025-01-01 23:00:00" } },
        { __LINE__,
          "0 0 22-3/2 * * ?",
          "2025-01-01 00:30:00",
          { "2025-01-01 02:00:00", "2025-01-01 22:00:00", "2025-01-02 00:00:00" } },
        { __LINE__,
          "0 0 0 30-2 * ?",
          "2025-01-29 00:00:00",
          { "2025-01-30 00:00:00", "2025-01-31 00:00:00", "2025-02-01 00:00:00",
            "2025-02-02 00:00:00" } },
        { __LINE__,
          "0 0 0 1 NOV-FEB ?",
          "2025-01-15 00:00:00",
          { "2025-02-01 00:00:00", "2025-11-01 00:00:00", "2025-12-01 00:00:00",
            "2026-01-01 00:00:00" } },
        { __LINE__,
          "0 0 0 1 jan,Jul ?",
          "2025-01-15 00:00:00",
          { "2025-07-01 00:00:00", "2026-01-01 00:00:00" } },
        /* days of the week: 1 = Sunday; 2025-09-14 is a Sunday */
        { __LINE__,
          "0 0 0 ? * 1",
          "2025-09-11 00:00:00",
          { "2025-09-14 00:00:00", "2025-09-21 00:00:00" } },
        { __LINE__, "0 0 0 ? * 7", "2025-09-11 00:00:00", { "2025-09-13 00:00:00" } },
        { __LINE__,
          "0 0 0 ? * FRI-MON",
          "2025-09-11 00:00:00",
          { "2025-09-12 00:00:00", "2025-09-13 00:00:00", "2025-09-14 00:00:00",
            "2025-09-15 00:00:00" } },
        { __LINE__,
          "0 0 0 ? * 2-6/2",
          "2025-09-14 00:00:00",
          { "2025-09-15 00:00:00", "2025-09-17 00:00:00", "2025-09-19 00:00:00",
            "2025-09-22 00:00:00" } },
        { __LINE__,
          "0 0 0 ? * L",
          "2025-09-01 00:00:00",
          { "2025-09-06 00:00:00", "2025-09-13 00:00:00" } },
        { __LINE__,
          "0 0 0 ? * 6L",
          "2025-09-01 00:00:00",
          { "2025-09-26 00:00:00", "2025-10-31 00:00:00" } },
        { __LINE__, "0 0 0 ? * friL", "2025-09-01 00:00:00", { "2025-09-26 00:00:00" } },
        { __LINE__,
          "0 0 0 ? * 2#1",
          "2025-09-02 00:00:00",
          { "2025-10-06 00:00:00", "2025-11-03 00:00:00" } },
        { __LINE__,
          "0 0 0 ? * MON#5",
          "2025-09-02 00:00:00",
          { "2025-09-29 00:00:00", "2025-12-29 00:00:00" } },
        { __LINE__,
          "0 0 0 ? * 2#1,5L",
          "2025-09-02 00:00:00",
          { "2025-09-25 00:00:00", "2025-10-06 00:00:00", "2025-10-30 00:00:00" } },
        /* L, L-n, W */
        { __LINE__,
          "0 0 0 L * ?",
          "2024-02-01 00:00:00",
          { "2024-02-29 00:00:00", "2024-03-31 00:00:00" } },
        { __LINE__,
          "0 0 0 L-3 * ?",
          "2025-02-01 00:00:00",
          { "2025-02-25 00:00:00", "2025-03-28 00:00:00" } },
        { __LINE__,
          "0 0 0 L-30 * ?",
          "2025-02-01 00:00:00",
          { "2025-03-01 00:00:00", "2025-05-01 00:00:00" } },
        { __LINE__,
          "0 0 0 LW * ?",
          "2025-08-01 00:00:00",
          { "2025-08-29 00:00:00", "2025-09-30 00:00:00" } },
        { __LINE__,
          "0 0 0 L-1W * ?",
          "2025-08-01 00:00:00",
          { "2025-08-29 00:00:00", "2025-09-29 00:00:00" } },
        { __LINE__,
          "0 0 0 15W * ?",
          "2025-06-01 00:00:00", /* a Sunday, then a Tuesday */
          { "2025-06-16 00:00:00", "2025-07-15 00:00:00", "2025-08-15 00:00:00",
            "2025-09-15 00:00:00" } },
        { __LINE__,
          "0 0 0 1W * ?",
          "2025-02-02 00:00:00", /* Saturday the 1st: Monday the 3rd */
          { "2025-02-03 00:00:00", "2025-03-03 00:00:00", "2025-04-01 00:00:00" } },
        { __LINE__,
          "0 0 0 31w * ?",
          "2025-07-31 00:00:00", /* Sunday the 31st: Friday the 29th */
          { "2025-08-29 00:00:00", "2025-10-31 00:00:00" } },
        /* '?' and '*' in either day field, in both, in neither */
        { __LINE__, "0 0 0 ? * ?", "2025-09-11 00:00:00", { "2025-09-12 00:00:00" } },
        { __LINE__, "0 0 0 * * *", "2025-09-11 00:00:00", { "2025-09-12 00:00:00" } },
        { __LINE__,
          "0 0 0 * * MON",
          "2025-09-11 00:00:00",
          { "2025-09-15 00:00:00", "2025-09-22 00:00:00" } },
        { __LINE__,
          "0 0 0 13 * *",
          "2025-09-11 00:00:00",
          { "2025-09-13 00:00:00", "2025-10-13 00:00:00" } },
        { __LINE__,
          "0 0 0 13 * FRI",
          "2025-09-11 00:00:00", /* both restrict: either */
          { "2025-09-12 00:00:00", "2025-09-13 00:00:00", "2025-09-19 00:00:00" } },
        { __LINE__,
          "0 0 0 1/1 * ?",
          "2025-09-30 00:00:00",
          { "2025-10-01 00:00:00", "2025-10-02 00:00:00" } },
        /* years, leap days, ends */
        { __LINE__,
          "0 0 0 29 2 ?",
          "2025-01-01 00:00:00",
          { "2028-02-29 00:00:00", "2032-02-29 00:00:00" } },
        { __LINE__, "0 0 0 29 2 ?", "2096-02-29 00:00:00", { "2104-02-29 00:00:00" } },
        { __LINE__, "0 0 0 30 2 ?", "1970-01-01 00:00:00", { "" } },
        { __LINE__,
          "0 0 0 1 1 ? 2026-2030/2,2027",
          "2025-01-01 00:00:00",
          { "2026-01-01 00:00:00", "2027-01-01 00:00:00", "2028-01-01 00:00:00",
            "2030-01-01 00:00:00" } },
        { __LINE__,
          "0 0 0 1 1 ? */100",
          "1970-01-01 00:00:00",
          { "2070-01-01 00:00:00", "2170-01-01 00:00:00", "" } },
        { __LINE__, "59 59 23 31 12 ?", "2198-12-31 23:59:59", { "2199-12-31 23:59:59", "" } },
        { __LINE__, "\t 0  0 0 *\t* ? ", "2025-09-11 00:00:00", { "2025-09-12 00:00:00" } },
    };

    (void)state;
    check_rows(rows, ARRAY_LEN(rows));
}

static void test_searches_stay_between_the_years(void **state)
{
    struct cron every = cron("* * * * * ?");
    struct civil t;

    (void)state;
    assert_true(cron_next(&every, (struct civil){ INT64_MIN }, &t));
    assert_int_equal(t.s, 0);
    assert_true(cron_next(&every, (struct civil){ -1 }, &t));
    assert_int_equal(t.s, 0);
    assert_false(cron_next(&every, at("2199-12-31 23:59:59"), &t));
    assert_false(cron_next(&every, (struct civil){ INT64_MAX }, &t));
    assert_true(cron_prev(&every, (struct civil){ INT64_MAX }, &t));
    assert_int_equal(t.s, at("2199-12-31 23:59:59").s);
    assert_true(cron_prev(&every, (struct civil){ 1 }, &t));
    assert_int_equal(t.s, 0);
    assert_false(cron_prev(&every, (struct civil){ 0 }, &t));
    assert_false(cron_prev(&every, (struct civil){ INT64_MIN }, &t));
    assert_false(cron_matches(&every, (struct civil){ -1 }));
    assert_true(cron_matches(&every, at("2199-12-31 23:59:59")));
    assert_false(cron_matches(&every, civil_make(2200, 1, 1, 0, 0, 0)));
}

static void test_clock_searches(void **state)
{
    struct cron c = cron("10,50 5/20 8,17 * * ?");

    (void)state;
    for (int s = 0; s < CIVIL_DAY; s++) {
        int next = cron_clock_next(&c, s), prev = cron_clock_prev(&c, s);
        bool hit =
            (s % 60 == 10 || s % 60 == 50) && s / 60 % 20 == 5 && (s / 3600 == 8 || s / 3600 == 17);
        assert_int_equal(hit, next == s);
        assert_int_equal(hit, prev == s);
        if (!hit)
            assert_int_equal(next, s + 1 == CIVIL_DAY ? -1 : cron_clock_next(&c, s + 1));
        if (!hit)
            assert_int_equal(prev, s == 0 ? -1 : cron_clock_prev(&c, s - 1));
    }
}

static void test_canonical_text(void **state)
{
    static const struct {
        int line;
        const char *expr, *text;
    } rows[] = {
        { __LINE__, "0 0 0 * * ?", "0 0 0 * * ? *" },
        { __LINE__, "0 0 0 ? * * *", "0 0 0 * * ? *" },
        { __LINE__, "0-59 0/5 0-23/1 ? * ?", "* 0/5 * * * ? *" },
        { __LINE__, "0 2 3 1,L,2 * ?", "0 2 3 1,2,L * ? *" },
        { __LINE__, "0 0 22-2 ? * FRI-MON", "0 0 0-2,22,23 ? * 1,2,6,7 *" },
        { __LINE__, "0 0 0 13 * FRI", "0 0 0 13 * 6 *" },
        { __LINE__, "0 0 0 * * MON", "0 0 0 ? * 2 *" },
        { __LINE__, "0 0 0 l-2w,lw,15W,31 JAN-MAR ? 2025,2027",
          "0 0 0 31,15W,LW,L-2W 1-3 ? 2025,2027" },
        { __LINE__, "0 0 0 ? 6/2 2#1,6L,SAT,7#5", "0 0 0 ? 6/2 7,2#1,6L,7#5 *" },
        { __LINE__, "1-41/10 1,31 4,2 1-31 * MON", "1-41/10 1,31 2,4 1-31 * 2 *" },
        { __LINE__, "0 0 0 5,* * ?", "0 0 0 * * ? *" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct cron c = cron(rows[i].expr), again;
        struct buf b;
        buf_init(&b, CRON_TEXT_MAX);
        cron_print(&c, &b);
        if (strcmp(b.ptr, rows[i].text) != 0)
            fail_msg("line %d: %s", rows[i].line, b.ptr);
        again = cron(b.ptr);
        assert_true(cron_equal(&c, &again));
        buf_done(&b);
    }
}

static void test_equality(void **state)
{
    static const char *const different[] = {
        "0 0 0 1 1 1 2000", "1 0 0 1 1 1 2000",  "0 1 0 1 1 1 2000",   "0 0 1 1 1 1 2000",
        "0 0 0 2 1 1 2000", "0 0 0 1 2 1 2000",  "0 0 0 1 1 2 2000",   "0 0 0 1 1 1 2001",
        "0 0 0 L 1 1 2000", "0 0 0 1W 1 1 2000", "0 0 0 LW 1 1 2000",  "0 0 0 ? 1 1 2000",
        "0 0 0 1 1 ? 2000", "0 0 0 1 1 1L 2000", "0 0 0 1 1 1#1 2000", "0 0 0 1 1 1#2 2000",
        "0 0 0 1 1 1 2100",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(different); i++) {
        for (size_t j = 0; j < ARRAY_LEN(different); j++) {
            struct cron a = cron(different[i]), b = cron(different[j]);
            assert_int_equal(cron_equal(&a, &b), i == j);
        }
    }
}

/* The text names the field, the part and what is allowed, in both languages. */
static void test_refusals(void **state)
{
    static const struct {
        int line;
        const char *expr;
        enum err_code code;
        const char *part, *field, *field_zh;
    } rows[] = {
        { __LINE__, "", E_SYNTAX, "0 fields", "6 or 7", "6 或 7" },
        { __LINE__, "0 0 0 * *", E_SYNTAX, "5 fields", "6 or 7", "6 或 7" },
        { __LINE__, "0 0 0 * * ? * *", E_SYNTAX, "8 fields", "6 or 7", "6 或 7" },
        { __LINE__, "60 0 0 * * ?", E_RANGE, "'60'", "second", "秒" },
        { __LINE__, "0 60 0 * * ?", E_RANGE, "'60'", "minute", "分" },
        { __LINE__, "0 0 24 * * ?", E_RANGE, "'24'", "hour", "时" },
        { __LINE__, "0 0 0 0 * ?", E_RANGE, "'0'", "day-of-month", "日" },
        { __LINE__, "0 0 0 32 * ?", E_RANGE, "'32'", "day-of-month", "日" },
        { __LINE__, "0 0 0 * 13 ?", E_RANGE, "'13'", "month", "月" },
        { __LINE__, "0 0 0 * 0 ?", E_RANGE, "'0'", "month", "月" },
        { __LINE__, "0 0 0 ? * 0", E_RANGE, "'0'", "day-of-week", "周" },
        { __LINE__, "0 0 0 ? * 8", E_RANGE, "'8'", "day-of-week", "周" },
        { __LINE__, "0 0 0 ? * ? 1969", E_RANGE, "'1969'", "year", "年" },
        { __LINE__, "0 0 0 ? * ? 2200", E_RANGE, "'2200'", "year", "年" },
        { __LINE__, "0 0 0 ? * ? 2030-2020", E_RANGE, "'2030-2020'", "year", "年" },
        { __LINE__, "? 0 0 * * ?", E_SYNTAX, "'?'", "second", "秒" },
        { __LINE__, "0 0 0 ?,1 * ?", E_SYNTAX, "'?,1'", "day-of-month", "日" },
        { __LINE__, "0 0 0 1? * ?", E_SYNTAX, "'1?'", "day-of-month", "日" },
        { __LINE__, "0 0/0 0 * * ?", E_RANGE, "'0/0'", "minute", "分" },
        { __LINE__, "0 0/60 0 * * ?", E_RANGE, "'0/60'", "minute", "分" },
        { __LINE__, "0 0 0/24 * * ?", E_RANGE, "'0/24'", "hour", "时" },
        { __LINE__, "0 0/ 0 * * ?", E_RANGE, "'0/'", "minute", "分" },
        { __LINE__, "0 / 0 * * ?", E_RANGE, "'/'", "minute", "分" },
        { __LINE__, "0 0/5/5 0 * * ?", E_RANGE, "'0/5/5'", "minute", "分" },
        { __LINE__, "0 1- 0 * * ?", E_SYNTAX, "'1-'", "minute", "分" },
        { __LINE__, "0 -1 0 * * ?", E_SYNTAX, "'-1'", "minute", "分" },
        { __LINE__, "0 1-2-3 0 * * ?", E_SYNTAX, "'1-2-3'", "minute", "分" },
        { __LINE__, "0 1,,2 0 * * ?", E_SYNTAX, "'1,,2'", "minute", "分" },
        { __LINE__, "0 1, 0 * * ?", E_SYNTAX, "'1,'", "minute", "分" },
        { __LINE__, "0 x 0 * * ?", E_SYNTAX, "'x'", "minute", "分" },
        { __LINE__, "0 00000 0 * * ?", E_SYNTAX, "'00000'", "minute", "分" },
        { __LINE__, "0 L 0 * * ?", E_SYNTAX, "'L'", "minute", "分" },
        { __LINE__, "0 0 0 * L ?", E_SYNTAX, "'L'", "month", "月" },
        { __LINE__, "0 0 0 ? * LW", E_SYNTAX, "'LW'", "day-of-week", "周" },
        { __LINE__, "0 0 0 ? * 3W", E_SYNTAX, "'3W'", "day-of-week", "周" },
        { __LINE__, "0 0 0 1#2 * ?", E_SYNTAX, "'1#2'", "day-of-month", "日" },
        { __LINE__, "0 0 0 W * ?", E_SYNTAX, "'W'", "day-of-month", "日" },
        { __LINE__, "0 0 0 1-5W * ?", E_SYNTAX, "'1-5W'", "day-of-month", "日" },
        { __LINE__, "0 0 0 32W * ?", E_RANGE, "'32W'", "day-of-month", "日" },
        { __LINE__, "0 0 0 L-31 * ?", E_RANGE, "'L-31'", "day-of-month", "日" },
        { __LINE__, "0 0 0 L- * ?", E_SYNTAX, "'L-'", "day-of-month", "日" },
        { __LINE__, "0 0 0 L3 * ?", E_SYNTAX, "'L3'", "day-of-month", "日" },
        { __LINE__, "0 0 0 MON * ?", E_SYNTAX, "'MON'", "day-of-month", "日" },
        { __LINE__, "0 0 0 ? MON ?", E_SYNTAX, "'MON'", "month", "月" },
        { __LINE__, "0 0 0 ? * MONDAY", E_SYNTAX, "'MONDAY'", "day-of-week", "周" },
        { __LINE__, "0 0 0 ? * 2#0", E_RANGE, "'2#0'", "day-of-week", "周" },
        { __LINE__, "0 0 0 ? * 2#6", E_RANGE, "'2#6'", "day-of-week", "周" },
        { __LINE__, "0 0 0 ? * #", E_SYNTAX, "'#'", "day-of-week", "周" },
        { __LINE__, "0 0 0 ? * 2#", E_RANGE, "'2#'", "day-of-week", "周" },
        { __LINE__, "0 0 0 ? * 8L", E_RANGE, "'8L'", "day-of-week", "周" },
        { __LINE__, "0 0 0 \xe6\x97\xa5 * ?", E_SYNTAX,
          "'?"
          "?"
          "?'",
          "day-of-month", "日" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = ERR_INIT;
        struct cron c, kept;
        memset(&c, 0x5a, sizeof(c));
        kept = c;
        if (cron_parse(str_from(rows[i].expr), &c, &e) != rows[i].code)
            fail_msg("line %d: %s %s", rows[i].line, err_code_name(e.code), e.text);
        assert_string_equal(e.path, "CrontabExpression");
        if (strstr(e.text, rows[i].part) == NULL || strstr(e.text, rows[i].field) == NULL ||
            strstr(e.text_zh, rows[i].field_zh) == NULL)
            fail_msg("line %d: %s / %s", rows[i].line, e.text, e.text_zh);
        assert_memory_equal(&c, &kept, sizeof(c));
    }
}

static void test_message_is_whole(void **state)
{
    struct err e = ERR_INIT;
    struct cron c;
    char text[CRON_TEXT_MAX + 2];

    (void)state;
    assert_int_equal(cron_parse(STR("0 0 0 32 * ?"), &c, &e), E_RANGE);
    assert_string_equal(
        e.text, "the day-of-month field: '32' is out of range; allowed: 1-31 * ? , - / L L-n "
                "(n 0-30) nW LW L-nW");
    assert_string_equal(e.text_zh,
                        "日字段：“32”超出范围；允许：1-31 * ? , - / L L-n (n 0-30) nW LW L-nW");
    memset(text, '0', sizeof(text));
    assert_int_equal(cron_parse(str_make(text, CRON_TEXT_MAX + 1), &c, &e), E_LIMIT);
    assert_int_equal(cron_parse(STR("0 0 0 32 * ?"), &c, NULL), E_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operators),
        cmocka_unit_test(test_searches_stay_between_the_years),
        cmocka_unit_test(test_clock_searches),
        cmocka_unit_test(test_canonical_text),
        cmocka_unit_test(test_equality),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_message_is_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
