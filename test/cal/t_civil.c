/* test/cal/t_civil.c - dates, truncations and their text; calendars. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cal/calendar.h"
#include "cal/civil.h"

static struct civil at(const char *text)
{
    struct civil c;
    struct err e = ERR_INIT;

    if (civil_parse(str_from(text), &c, &e) != E_OK)
        fail_msg("%s: %s", text, e.text);
    return c;
}

static const char *show(struct civil c)
{
    static char text[4][CIVIL_TEXT_LEN + 1];
    static unsigned n;
    char *out = text[n++ % 4];

    civil_format(c, out);
    return out;
}

/* Every day from 1600 to 2400, counted one by one. */
static void test_days_agree_with_counting(void **state)
{
    int64_t number = civil_date_number(1600, 1, 1);
    int wday = 6; /* 1600-01-01 was a Saturday */

    (void)state;
    assert_int_equal(civil_date_number(1970, 1, 1), 0);
    for (int year = 1600; year <= 2400; year++) {
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        for (int month = 1; month <= 12; month++) {
            int length = lengths[month - 1] + (month == 2 && leap);
            assert_int_equal(civil_days_in_month(year, month), length);
            for (int day = 1; day <= length; day++) {
                struct civil c = { number * CIVIL_DAY + 86399 };
                struct civil_parts p = civil_split(c);
                assert_int_equal(civil_date_number(year, month, day), number);
                assert_int_equal(civil_day_number(c), number);
                assert_int_equal(p.year, year);
                assert_int_equal(p.month, month);
                assert_int_equal(p.day, day);
                assert_int_equal(p.hour * 10000 + p.minute * 100 + p.second, 235959);
                assert_int_equal(civil_weekday(c), wday);
                number++;
                wday = wday % 7 + 1;
            }
        }
    }
}

static void test_make_carries_over(void **state)
{
    static const struct {
        int line, part[6];
        const char *expect;
    } rows[] = {
        { __LINE__, { 2025, 13, 1, 0, 0, 0 }, "2026-01-01 00:00:00" },
        { __LINE__, { 2025, 3, 0, 0, 0, 0 }, "2025-02-28 00:00:00" },
        { __LINE__, { 2025, 0, 15, 0, 0, 0 }, "2024-12-15 00:00:00" },
        { __LINE__, { 2025, -11, 15, 0, 0, 0 }, "2024-01-15 00:00:00" },
        { __LINE__, { 2025, 1, 1, -1, 0, 0 }, "2024-12-31 23:00:00" },
        { __LINE__, { 2025, 1, 1, 24, 61, 60 }, "2025-01-02 01:02:00" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const int *p = rows[i].part;
        const char *text = show(civil_make(p[0], p[1], p[2], p[3], p[4], p[5]));
        if (strcmp(text, rows[i].expect) != 0)
            fail_msg("line %d: %s", rows[i].line, text);
    }
}

static void test_truncations(void **state)
{
    static const struct {
        const char *t, *hour, *day, *week, *month, *year;
    } rows[] = {
        { "2025-09-11 13:14:15", "2025-09-11 13:00:00", "2025-09-11 00:00:00",
          "2025-09-08 00:00:00", "2025-09-01 00:00:00", "2025-01-01 00:00:00" },
        { "2024-02-29 23:59:59", "2024-02-29 23:00:00", "2024-02-29 00:00:00",
          "2024-02-26 00:00:00", "2024-02-01 00:00:00", "2024-01-01 00:00:00" },
        { "2025-09-14 00:00:00", "2025-09-14 00:00:00", "2025-09-14 00:00:00",
          "2025-09-08 00:00:00", "2025-09-01 00:00:00", "2025-01-01 00:00:00" },
        { "2025-09-15 00:00:01", "2025-09-15 00:00:00", "2025-09-15 00:00:00",
          "2025-09-15 00:00:00", "2025-09-01 00:00:00", "2025-01-01 00:00:00" },
        { "2023-01-01 05:00:00", "2023-01-01 05:00:00", "2023-01-01 00:00:00",
          "2022-12-26 00:00:00", "2023-01-01 00:00:00", "2023-01-01 00:00:00" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct civil t = at(rows[i].t);
        assert_string_equal(show(civil_hour(t)), rows[i].hour);
        assert_string_equal(show(civil_day(t)), rows[i].day);
        assert_string_equal(show(civil_week(t)), rows[i].week);
        assert_string_equal(show(civil_month(t)), rows[i].month);
        assert_string_equal(show(civil_year(t)), rows[i].year);
    }
    /* Before 1970 they round down, too. */
    assert_int_equal(civil_hour((struct civil){ -1 }).s, -3600);
    assert_int_equal(civil_day((struct civil){ -1 }).s, -86400);
    assert_int_equal(civil_weekday((struct civil){ -1 }), 3);
}

static void test_month_arithmetic_clamps_the_day(void **state)
{
    static const struct {
        const char *t;
        int n;
        const char *expect;
    } rows[] = {
        { "2025-01-31 10:00:00", 1, "2025-02-28 10:00:00" },
        { "2024-01-31 10:00:00", 1, "2024-02-29 10:00:00" },
        { "2025-03-31 00:00:01", -1, "2025-02-28 00:00:01" },
        { "2025-01-15 00:00:00", -1, "2024-12-15 00:00:00" },
        { "2025-12-31 00:00:00", 2, "2026-02-28 00:00:00" },
        { "2025-05-05 00:00:00", 0, "2025-05-05 00:00:00" },
        { "2025-05-05 00:00:00", -29, "2022-12-05 00:00:00" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(show(civil_add_months(at(rows[i].t), rows[i].n)), rows[i].expect);
}

static void test_format_stays_in_its_width(void **state)
{
    (void)state;
    assert_string_equal(show((struct civil){ INT64_MAX }), "9999-12-31 23:59:59");
    assert_string_equal(show((struct civil){ INT64_MIN }), "0000-01-01 00:00:00");
    assert_string_equal(show((struct civil){ 0 }), "1970-01-01 00:00:00");
    assert_string_equal(show((struct civil){ -1 }), "1969-12-31 23:59:59");
}

static void test_parse_accepts_one_form(void **state)
{
    static const struct {
        const char *text;
        enum err_code code;
    } rows[] = {
        { "2025-09-11 08:30:00", E_OK },
        { "1970-01-01 00:00:00", E_OK },
        { "2199-12-31 23:59:59", E_OK },
        { "2024-02-29 00:00:00", E_OK },
        { "2025-02-29 00:00:00", E_RANGE },
        { "2025-13-01 00:00:00", E_RANGE },
        { "2025-00-01 00:00:00", E_RANGE },
        { "2025-01-00 00:00:00", E_RANGE },
        { "2025-04-31 00:00:00", E_RANGE },
        { "2025-01-01 24:00:00", E_RANGE },
        { "2025-01-01 00:60:00", E_RANGE },
        { "2025-01-01 00:00:60", E_RANGE },
        { "1969-12-31 00:00:00", E_RANGE },
        { "2200-01-01 00:00:00", E_RANGE },
        { "", E_SYNTAX },
        { "2025-09-11", E_SYNTAX },
        { "2025-09-11T08:30:00", E_SYNTAX },
        { "2025-9-11 08:30:00", E_SYNTAX },
        { " 2025-09-11 08:30:00", E_SYNTAX },
        { "2025-09-11 08:30:00 ", E_SYNTAX },
        { "2025-09-11 08:30:0x", E_SYNTAX },
        { "-025-09-11 08:30:00", E_SYNTAX },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct civil c = { 42 };
        struct err e = ERR_INIT;
        enum err_code rc = civil_parse(str_from(rows[i].text), &c, &e);
        if (rc != rows[i].code)
            fail_msg("'%s': %s", rows[i].text, err_code_name(rc));
        if (rc == E_OK) {
            assert_string_equal(show(c), rows[i].text);
        } else {
            assert_int_equal(c.s, 42);
            assert_true(e.text[0] != '\0' && e.text_zh[0] != '\0');
        }
    }
}

static void test_parse_date_and_clock(void **state)
{
    struct civil c = { 42 };
    struct err e = ERR_INIT;
    int minutes = -7;

    (void)state;
    assert_int_equal(civil_parse_date(STR("2025-02-28"), &c, &e), E_OK);
    assert_string_equal(show(c), "2025-02-28 00:00:00");
    assert_int_equal(civil_parse_date(STR("2025-02-30"), &c, &e), E_RANGE);
    assert_non_null(strstr(e.text, "01 to 28"));
    assert_int_equal(civil_parse_date(STR("20250228"), &c, &e), E_SYNTAX);
    assert_string_equal(show(c), "2025-02-28 00:00:00");
    assert_int_equal(civil_parse_clock(STR("00:00"), &minutes, &e), E_OK);
    assert_int_equal(minutes, 0);
    assert_int_equal(civil_parse_clock(STR("23:59"), &minutes, &e), E_OK);
    assert_int_equal(minutes, 1439);
    assert_int_equal(civil_parse_clock(STR("24:00"), &minutes, &e), E_RANGE);
    assert_int_equal(civil_parse_clock(STR("08:60"), &minutes, &e), E_RANGE);
    assert_int_equal(civil_parse_clock(STR("8:30"), &minutes, &e), E_SYNTAX);
    assert_int_equal(minutes, 1439);
}

/* 2.8: RUN allows the listed dates, PAUSE the others; no calendar allows all. */
static void test_calendar(void **state)
{
    int32_t days[] = { 100, 101, 102, 110 };
    struct calendar c = { CALENDAR_RUN, ARRAY_LEN(days), days };
    struct civil day;

    (void)state;
    assert_true(calendar_allows(NULL, (struct civil){ 5 }));
    for (int mode = 0; mode < 2; mode++) {
        c.mode = mode == 0 ? CALENDAR_RUN : CALENDAR_PAUSE;
        for (int64_t d = 95; d < 115; d++) {
            bool listed = d == 100 || d == 101 || d == 102 || d == 110;
            struct civil t = { d * CIVIL_DAY + 4711 };
            int64_t next = d + 1, prev = d - 1;
            assert_int_equal(calendar_allows(&c, t), listed == (mode == 0));
            while (next < 120 && !calendar_allows(&c, (struct civil){ next * CIVIL_DAY }))
                next++;
            while (prev > 90 && !calendar_allows(&c, (struct civil){ prev * CIVIL_DAY }))
                prev--;
            assert_int_equal(calendar_next_day(&c, t, &day), next < 120);
            if (next < 120)
                assert_int_equal(day.s, next * CIVIL_DAY);
            assert_int_equal(calendar_prev_day(&c, t, &day), prev > 90);
            if (prev > 90)
                assert_int_equal(day.s, prev * CIVIL_DAY);
        }
    }
    c = (struct calendar){ CALENDAR_RUN, 0, NULL };
    assert_false(calendar_allows(&c, (struct civil){ 0 }));
    assert_false(calendar_next_day(&c, (struct civil){ 0 }, &day));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days_agree_with_counting),
        cmocka_unit_test(test_make_carries_over),
        cmocka_unit_test(test_truncations),
        cmocka_unit_test(test_month_arithmetic_clamps_the_day),
        cmocka_unit_test(test_format_stays_in_its_width),
        cmocka_unit_test(test_parse_accepts_one_form),
        cmocka_unit_test(test_parse_date_and_clock),
        cmocka_unit_test(test_calendar),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
