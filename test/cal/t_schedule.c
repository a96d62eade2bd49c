/* test/cal/t_schedule.c - firings, data times and descriptions, rule by rule.
 * docs/reference/semantics.md 2.1 to 2.9, 12.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cal/schedule.h"
#include "zoneinfo.h"

enum { ALL = SCHEDULE_IGNORE_RANGE | SCHEDULE_IGNORE_WINDOW };

static struct civil at(const char *text)
{
    struct civil c;

    if (civil_parse(str_from(text), &c, NULL) != E_OK)
        fail_msg("%s", text);
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

static struct schedule plan(enum cycle cycle, const char *cron, const char *zone)
{
    struct schedule s = { .cycle = cycle,
                          .start = at("2025-01-01 00:00:00"),
                          .end = at("2099-12-31 23:59:59"),
                          .window_to = 1439 };
    struct err e = ERR_INIT;

    if (cron_parse(str_from(cron), &s.cron, &e) != E_OK ||
        zone_find(str_from(zone), &s.zone, &e) != E_OK)
        fail_msg("%s, %s: %s", cron, zone, e.text);
    return s;
}

static void test_names(void **state)
{
    static const char *const names[] = { "ONEOFF_CYCLE", "YEAR_CYCLE",   "MONTH_CYCLE",
                                         "WEEK_CYCLE",   "DAY_CYCLE",    "HOUR_CYCLE",
                                         "MINUTE_CYCLE", "CRONTAB_CYCLE" };
    enum cycle c = CYCLE_DAY;

    (void)state;
    for (int i = 0; i < CYCLE_N_; i++) {
        assert_true(cycle_from_name(str_from(names[i]), &c));
        assert_int_equal(c, i);
        assert_string_equal(cycle_name(c), names[i]);
        assert_int_equal(cycle_letter(c), "OYMWDHIC"[i]);
    }
    assert_false(cycle_from_name(STR("day_cycle"), &c));
    assert_false(cycle_from_name(STR(""), &c));
    assert_int_equal(c, CYCLE_CRONTAB);
}

/* 2.7 and 12.3 vectors 1 and 2: planned time, data time. */
static void test_data_times(void **state)
{
    static const struct {
        int line;
        enum cycle cycle;
        const char *cron;
        enum init_strategy init;
        const char *after, *planned, *data;
    } rows[] = {
        { __LINE__, CYCLE_MINUTE, "0 0/5 0-23 * * ? *", INIT_T_PLUS_0, "2025-08-28 12:54:59",
          "2025-08-28 12:55:00", "2025-08-28 12:55:00" }, /* vector 1 */
        { __LINE__, CYCLE_DAY, "0 37 14 * * ? *", INIT_T_PLUS_0, "2025-02-14 00:00:00",
          "2025-02-14 14:37:00", "2025-02-14 00:00:00" }, /* vector 2 */
        { __LINE__, CYCLE_HOUR, "0 20 * * * ?", INIT_T_PLUS_0, "2025-02-14 07:30:00",
          "2025-02-14 08:20:00", "2025-02-14 08:00:00" },
        { __LINE__, CYCLE_WEEK, "0 30 1 ? * 2 *", INIT_T_PLUS_0, "2025-09-14 00:00:00",
          "2025-09-15 01:30:00", "2025-09-15 00:00:00" },
        { __LINE__, CYCLE_MONTH, "0 2 3 1,L,2 * ?", INIT_T_PLUS_0, "2025-02-03 00:00:00",
          "2025-02-28 03:02:00", "2025-02-28 00:00:00" }, /* vector 9 */
        { __LINE__, CYCLE_YEAR, "0 0 5 1 5 ? *", INIT_T_PLUS_0, "2025-06-01 00:00:00",
          "2026-05-01 05:00:00", "2026-05-01 00:00:00" },
        { __LINE__, CYCLE_CRONTAB, "18 26 14 * * ?", INIT_T_PLUS_0, "2026-06-04 00:00:00",
          "2026-06-04 14:26:18", "2026-06-04 14:26:18" },
        { __LINE__, CYCLE_ONEOFF, "53 55 14 13 3 ? 2027", INIT_T_PLUS_0, "2026-06-04 00:00:00",
          "2027-03-13 14:55:53", "2027-03-13 14:55:53" },
        { __LINE__, CYCLE_DAY, "0 0 2 * * ?", INIT_T_PLUS_1, "2025-09-11 00:00:00",
          "2025-09-11 02:00:00", "2025-09-10 00:00:00" },
        { __LINE__, CYCLE_HOUR, "0 20 0,6 * * ?", INIT_T_PLUS_1, "2025-09-11 00:00:00",
          "2025-09-11 00:20:00", "2025-09-10 06:00:00" },
        { __LINE__, CYCLE_MINUTE, "0 0/30 * * * ?", INIT_T_PLUS_1, "2025-01-01 00:00:00",
          "2025-01-01 00:30:00", "2025-01-01 00:00:00" },
        { __LINE__, CYCLE_MONTH, "0 0 0 1 * ?", INIT_T_PLUS_1, "2025-03-02 00:00:00",
          "2025-04-01 00:00:00", "2025-03-01 00:00:00" },
        { __LINE__, CYCLE_DAY, "0 0 2 * * ?", INIT_T_MINUS_1, "2025-09-11 00:00:00",
          "2025-09-11 02:00:00", "2025-09-12 00:00:00" },
        { __LINE__, CYCLE_ONEOFF, "53 55 14 13 3 ? 2027", INIT_T_PLUS_1, "2026-06-04 00:00:00",
          "2027-03-13 14:55:53", "2027-03-13 14:55:53" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct schedule s = plan(rows[i].cycle, rows[i].cron, "UTC+8");
        struct firing f, g;
        s.init = rows[i].init;
        assert_true(
            schedule_next(&s, (struct wall){ (at(rows[i].after).s - 28800) * 1000000 }, &f));
        if (strcmp(show(f.planned), rows[i].planned) != 0 ||
            strcmp(show(f.data_time), rows[i].data) != 0)
            fail_msg("line %d: %s, %s", rows[i].line, show(f.planned), show(f.data_time));
        assert_int_equal(f.at.us, (f.planned.s - 28800) * 1000000);
        assert_true(schedule_last(&s, f.at, &g));
        assert_int_equal(g.planned.s, f.planned.s);
        assert_true(schedule_data_find(&s, f.data_time, 0, &g));
        assert_int_equal(g.planned.s, f.planned.s);
    }
}

/* 2.3: range and window include both ends; the window counts for HOUR and MINUTE only. */
static void test_range_and_window(void **state)
{
    struct schedule s = plan(CYCLE_HOUR, "0 0 * * * ?", "UTC+8");
    struct firing f;

    (void)state;
    s.start = at("2025-09-11 03:00:00");
    s.end = at("2025-09-12 05:00:00");
    s.window_from = 2 * 60;
    s.window_to = 5 * 60;
    assert_true(schedule_next_planned(&s, (struct civil){ 0 }, &f));
    assert_string_equal(show(f.planned), "2025-09-11 03:00:00");
    assert_true(schedule_next_planned(&s, at("2025-09-11 05:00:00"), &f));
    assert_string_equal(show(f.planned), "2025-09-12 02:00:00");
    assert_true(schedule_last(&s, WALL_FAR, &f));
    assert_string_equal(show(f.planned), "2025-09-12 05:00:00");
    assert_false(schedule_next_planned(&s, f.planned, &f));
    assert_true(schedule_data_next(&s, at("2025-09-11 00:00:00"), SCHEDULE_IGNORE_RANGE, &f));
    assert_string_equal(show(f.planned), "2025-09-11 02:00:00");
    assert_true(schedule_data_next(&s, at("2025-09-11 00:00:00"), SCHEDULE_IGNORE_WINDOW, &f));
    assert_string_equal(show(f.planned), "2025-09-11 03:00:00");
    assert_true(schedule_data_next(&s, at("2025-09-11 00:00:00"), ALL, &f));
    assert_string_equal(show(f.planned), "2025-09-11 00:00:00");
    assert_true(schedule_data_prev(&s, at("2025-09-12 23:30:00"), 0, &f));
    assert_string_equal(show(f.planned), "2025-09-12 05:00:00");
    assert_true(schedule_data_prev(&s, at("2025-09-12 23:30:00"), SCHEDULE_IGNORE_RANGE, &f));
    assert_string_equal(show(f.planned), "2025-09-12 05:00:00");
    assert_true(schedule_data_prev(&s, at("2025-09-12 23:30:00"), ALL, &f));
    assert_string_equal(show(f.planned), "2025-09-12 23:00:00");
    assert_false(schedule_data_find(&s, at("2025-09-11 06:00:00"), 0, &f));
    assert_false(schedule_data_find(&s, at("2025-09-11 06:30:00"), ALL, &f));
    /* The last minute of the window belongs to it with all its seconds. */
    s = plan(CYCLE_MINUTE, "0/59 * * * * ?", "UTC+8");
    s.window_from = 5 * 60;
    s.window_to = 5 * 60 + 1;
    assert_true(schedule_next_planned(&s, at("2025-09-11 05:00:59"), &f));
    assert_string_equal(show(f.planned), "2025-09-11 05:01:00");
    assert_true(schedule_next_planned(&s, f.planned, &f));
    assert_string_equal(show(f.planned), "2025-09-11 05:01:59");
    assert_true(schedule_next_planned(&s, f.planned, &f));
    assert_string_equal(show(f.planned), "2025-09-12 05:00:00");
    assert_true(schedule_data_prev(&s, at("2025-09-12 04:00:00"), 0, &f));
    assert_string_equal(show(f.planned), "2025-09-11 05:01:59");
    s = plan(CYCLE_HOUR, "0 0 * * * ?", "UTC+8");
    s.start = at("2025-09-11 03:00:00");
    /* A window that the cron never hits, and one that ends before it starts. */
    s.cron.minute = UINT64_C(1) << 30;
    s.window_from = s.window_to = 5 * 60;
    assert_false(schedule_next_planned(&s, (struct civil){ 0 }, &f));
    assert_false(schedule_last(&s, WALL_FAR, &f));
    s.window_from = 6 * 60;
    assert_false(schedule_next_planned(&s, (struct civil){ 0 }, &f));
    s.cycle = CYCLE_DAY;
    assert_true(schedule_next_planned(&s, (struct civil){ 0 }, &f));
    assert_string_equal(show(f.planned), "2025-09-11 03:30:00");
}

/* 2.8: on a disallowed date there is no firing. */
static void test_calendars(void **state)
{
    int32_t days[] = { (int32_t)civil_date_number(2025, 9, 13),
                       (int32_t)civil_date_number(2025, 9, 20) };
    struct calendar c = { CALENDAR_RUN, ARRAY_LEN(days), days };
    struct schedule s = plan(CYCLE_DAY, "0 0 6 * * ?", "UTC+8");
    struct firing f;

    (void)state;
    s.calendar = &c;
    assert_true(schedule_next_planned(&s, (struct civil){ 0 }, &f));
    assert_string_equal(show(f.planned), "2025-09-13 06:00:00");
    assert_true(schedule_next_planned(&s, f.planned, &f));
    assert_string_equal(show(f.planned), "2025-09-20 06:00:00");
    assert_false(schedule_next_planned(&s, f.planned, &f));
    assert_true(schedule_data_prev(&s, at("2025-09-19 00:00:00"), 0, &f));
    assert_string_equal(show(f.planned), "2025-09-13 06:00:00");
    assert_true(schedule_data_prev(&s, at("2025-09-19 00:00:00"), ALL, &f));
    assert_string_equal(show(f.planned), "2025-09-19 06:00:00");
    c.mode = CALENDAR_PAUSE;
    assert_true(schedule_next_planned(&s, at("2025-09-12 06:00:00"), &f));
    assert_string_equal(show(f.planned), "2025-09-14 06:00:00");
    /* T_PLUS_1 shifts along the grid, whatever the calendar says. */
    s.init = INIT_T_PLUS_1;
    assert_true(schedule_next_planned(&s, at("2025-09-12 06:00:00"), &f));
    assert_string_equal(show(f.data_time), "2025-09-13 00:00:00");
    assert_false(schedule_data_find(&s, at("2025-09-12 00:00:00"), 0, &f));
    c.mode = CALENDAR_RUN;
    assert_true(schedule_data_find(&s, at("2025-09-12 00:00:00"), 0, &f));
}

/* 2.3: a ONEOFF fires once, at the moment of a fully dated cron or at its start. */
static void test_oneoff(void **state)
{
    struct schedule s = plan(CYCLE_ONEOFF, "0 0 0 * * ? *", "UTC+8");
    struct firing f;

    (void)state;
    s.start = at("2025-09-11 08:30:15");
    assert_true(schedule_next(&s, (struct wall){ 0 }, &f));
    assert_string_equal(show(f.planned), "2025-09-11 08:30:15");
    assert_string_equal(show(f.data_time), "2025-09-11 08:30:15");
    assert_false(schedule_next(&s, f.at, &f));
    assert_true(schedule_last(&s, WALL_FAR, &f));
    assert_string_equal(show(f.planned), "2025-09-11 08:30:15");
    assert_false(schedule_last(&s, (struct wall){ f.at.us - 1 }, &f));
    /* A year alone does not make it fully dated. */
    s = plan(CYCLE_ONEOFF, "0 0 0 * * ? 2026", "UTC+8");
    assert_true(schedule_next(&s, (struct wall){ 0 }, &f));
    assert_string_equal(show(f.planned), "2025-01-01 00:00:00");
    s = plan(CYCLE_ONEOFF, "0 0 12 ? 5 MON#1 2026", "UTC+8");
    assert_true(schedule_next(&s, (struct wall){ 0 }, &f));
    assert_string_equal(show(f.planned), "2026-05-04 12:00:00");
    assert_false(schedule_next_planned(&s, f.planned, &f));
    s.end = at("2026-05-04 11:59:59");
    assert_false(schedule_next(&s, (struct wall){ 0 }, &f));
    assert_true(schedule_data_find(&s, at("2026-05-04 12:00:00"), SCHEDULE_IGNORE_RANGE, &f));
}

/* cal/zone.h: planned times in a gap fire together after it, in an overlap once, at the first pass.
 */
static void test_gap_and_overlap(void **state)
{
    struct schedule s = plan(CYCLE_MINUTE, "0 0/30 * * * ?", "America/New_York");
    struct firing f;
    struct civil p = at("2025-03-09 01:30:00");
    static const char *const gap[][2] = { { "2025-03-09 02:00:00", "2025-03-09 07:00:00" },
                                          { "2025-03-09 02:30:00", "2025-03-09 07:00:00" },
                                          { "2025-03-09 03:00:00", "2025-03-09 07:00:00" },
                                          { "2025-03-09 03:30:00", "2025-03-09 07:30:00" } };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(gap); i++) {
        assert_true(schedule_next_planned(&s, p, &f));
        assert_string_equal(show(f.planned), gap[i][0]);
        assert_string_equal(show(f.data_time), gap[i][0]);
        assert_int_equal(f.at.us, at(gap[i][1]).s * 1000000);
        p = f.planned;
    }
    assert_true(schedule_next(&s, (struct wall){ at("2025-03-09 06:59:59").s * 1000000 }, &f));
    assert_string_equal(show(f.planned), "2025-03-09 02:00:00");
    assert_true(schedule_next(&s, (struct wall){ at("2025-03-09 07:00:00").s * 1000000 }, &f));
    assert_string_equal(show(f.planned), "2025-03-09 03:30:00");
    assert_true(schedule_last(&s, (struct wall){ at("2025-03-09 07:00:00").s * 1000000 }, &f));
    assert_string_equal(show(f.planned), "2025-03-09 03:00:00");
    /* 01:30 exists twice; after the first pass nothing fires for an hour. */
    assert_true(schedule_next(&s, (struct wall){ at("2025-11-02 05:29:59").s * 1000000 }, &f));
    assert_string_equal(show(f.planned), "2025-11-02 01:30:00");
    assert_int_equal(f.at.us, at("2025-11-02 05:30:00").s * 1000000);
    assert_true(schedule_next(&s, f.at, &f));
    assert_string_equal(show(f.planned), "2025-11-02 02:00:00");
    assert_int_equal(f.at.us, at("2025-11-02 07:00:00").s * 1000000);
    assert_true(schedule_last(&s, (struct wall){ at("2025-11-02 06:45:00").s * 1000000 }, &f));
    assert_string_equal(show(f.planned), "2025-11-02 01:30:00");
}

/* I1: several firings may share one data time; the first makes the instance. */
static void test_shared_data_time(void **state)
{
    struct schedule s = plan(CYCLE_DAY, "0 0 * * * ? *", "UTC+8");
    struct firing f;

    (void)state;
    s.start = at("2025-09-11 05:30:00");
    assert_true(schedule_data_next(&s, at("2025-09-01 00:00:00"), 0, &f));
    assert_string_equal(show(f.planned), "2025-09-11 06:00:00");
    assert_string_equal(show(f.data_time), "2025-09-11 00:00:00");
    assert_true(schedule_data_next(&s, (struct civil){ f.data_time.s + 1 }, 0, &f));
    assert_string_equal(show(f.planned), "2025-09-12 00:00:00");
    assert_true(schedule_data_prev(&s, at("2025-09-11 23:59:59"), 0, &f));
    assert_string_equal(show(f.planned), "2025-09-11 06:00:00");
    assert_false(schedule_data_prev(&s, at("2025-09-10 23:59:59"), 0, &f));
}

/* At the ends of the grid there is nothing to shift to. */
static void test_ends_of_the_grid(void **state)
{
    struct schedule s = plan(CYCLE_DAY, "0 0 6 1,2,3 1 ? 2030", "UTC+8");
    struct firing f;

    (void)state;
    s.init = INIT_T_PLUS_1;
    assert_true(schedule_data_next(&s, (struct civil){ 0 }, 0, &f));
    assert_string_equal(show(f.planned), "2030-01-01 06:00:00");
    assert_string_equal(show(f.data_time), "2030-01-01 00:00:00");
    assert_true(schedule_data_next(&s, (struct civil){ f.data_time.s + 1 }, 0, &f));
    assert_string_equal(show(f.planned), "2030-01-03 06:00:00");
    assert_string_equal(show(f.data_time), "2030-01-02 00:00:00");
    assert_false(schedule_data_next(&s, (struct civil){ f.data_time.s + 1 }, 0, &f));
    assert_true(schedule_data_prev(&s, at("2099-01-01 00:00:00"), 0, &f));
    assert_string_equal(show(f.data_time), "2030-01-02 00:00:00");
    assert_false(schedule_data_prev(&s, at("2029-12-31 00:00:00"), 0, &f));
    s.init = INIT_T_MINUS_1;
    assert_true(schedule_data_next(&s, (struct civil){ 0 }, 0, &f));
    assert_string_equal(show(f.planned), "2030-01-01 06:00:00");
    assert_string_equal(show(f.data_time), "2030-01-02 00:00:00");
    assert_true(schedule_data_prev(&s, at("2099-01-01 00:00:00"), 0, &f));
    assert_string_equal(show(f.data_time), "2030-01-03 00:00:00");
    assert_string_equal(show(f.planned), "2030-01-02 06:00:00");
    assert_false(schedule_data_next(&s, at("2030-01-03 00:00:01"), 0, &f));
    assert_false(schedule_data_prev(&s, at("2030-01-01 00:00:00"), 0, &f));
}

/* 2.5 */
static void test_descriptions(void **state)
{
    static const struct {
        int line;
        enum cycle cycle;
        const char *cron, *zone, *en, *zh;
    } rows[] = {
        { __LINE__, CYCLE_DAY, "0 0 0 * * ? *", "UTC+8", "Every day at 00:00",
          "每天00:00执行一次" },
        { __LINE__, CYCLE_DAY, "30 37 14 * * ? *", "UTC+6", "Every day at 14:37:30 (UTC+6)",
          "每天14:37:30执行一次(UTC+6)" },
        { __LINE__, CYCLE_DAY, "0 0 * * * ? *", "UTC+8", "0 0 * * * ? *", "0 0 * * * ? *" },
        { __LINE__, CYCLE_WEEK, "0 30 1 ? * 1,2,6 *", "UTC+8",
          "Every week on Monday, Friday, Sunday at 01:30", "每周一、五、日 01:30执行一次" },
        { __LINE__, CYCLE_WEEK, "0 30 1 ? * 2#1 *", "UTC+8", "0 30 1 ? * 2#1 *",
          "0 30 1 ? * 2#1 *" },
        { __LINE__, CYCLE_MONTH, "0 2 3 1,L,2 * ?", "UTC+8",
          "Every month on day 1, 2, last at 03:02", "每月1日、2日、最后一天 03:02执行一次" },
        { __LINE__, CYCLE_MONTH, "0 2 3 15W * ?", "UTC+8", "0 2 3 15W * ?", "0 2 3 15W * ?" },
        { __LINE__, CYCLE_YEAR, "0 0 5 1 5 ? *", "UTC+8", "Every year on 05-01 at 05:00",
          "每年05月01日 05:00执行一次" },
        { __LINE__, CYCLE_YEAR, "0 0 5 1,2 5 ? *", "UTC+8", "0 0 5 1,2 5 ? *", "0 0 5 1,2 5 ? *" },
        { __LINE__, CYCLE_HOUR, "0 10 0-23/2 * * ?", "UTC+8",
          "Every 2 hours from 00:00 to 23:59 every day, at 00:10 first",
          "每天00:00~23:59内，从00:10起每间隔2小时执行一次" },
        { __LINE__, CYCLE_HOUR, "0 10 3,9,11 * * ?", "UTC+8", "Every day at 03:10, 09:10, 11:10",
          "每天03:10、09:10、11:10执行一次" },
        { __LINE__, CYCLE_MINUTE, "0 0/5 0-23 * * ?", "UTC+8",
          "Every 5 minutes from 00:00 to 23:59 every day, starting 2025-01-01 00:00:00",
          "从2025年01月01日 00:00:00开始,每天00:00~23:59内，每间隔5分钟执行一次" },
        { __LINE__, CYCLE_MINUTE, "0 0/30 8-17 * * ?", "UTC+8",
          "Every 30 minutes from 08:00 to 17:59 every day, starting 2025-01-01 00:00:00",
          "从2025年01月01日 00:00:00开始,每天08:00~17:59内，每间隔30分钟执行一次" },
        { __LINE__, CYCLE_HOUR, "0 0,30 3 * * ?", "UTC+8", "0 0,30 3 * * ?", "0 0,30 3 * * ?" },
        { __LINE__, CYCLE_DAY, "0 0 0 * 1-6 ?", "UTC+8", "0 0 0 * 1-6 ?", "0 0 0 * 1-6 ?" },
        { __LINE__, CYCLE_DAY, "0 0 0 * * ? 2030", "UTC+8", "0 0 0 * * ? 2030",
          "0 0 0 * * ? 2030" },
        { __LINE__, CYCLE_WEEK, "0 0 0 1 * 2", "UTC+8", "0 0 0 1 * 2", "0 0 0 1 * 2" },
        { __LINE__, CYCLE_MONTH, "0 0 0 L-2 * ?", "UTC+8", "0 0 0 L-2 * ?", "0 0 0 L-2 * ?" },
        { __LINE__, CYCLE_YEAR, "0 0 5 L 5 ?", "UTC+8", "0 0 5 L 5 ?", "0 0 5 L 5 ?" },
        { __LINE__, CYCLE_MINUTE, "0 7 * * * ?", "UTC+8", "0 7 * * * ?", "0 7 * * * ?" },
        { __LINE__, CYCLE_MINUTE, "0 * 8,10 * * ?", "UTC+8", "0 * 8,10 * * ?", "0 * 8,10 * * ?" },
        { __LINE__, CYCLE_MINUTE, "0 0/7 * * * ?", "UTC+8", "0 0/7 * * * ?", "0 0/7 * * * ?" },
        { __LINE__, CYCLE_ONEOFF, "53 55 14 13 3 ? 2023", "UTC+8", "Once at 2023-03-13 14:55:53",
          "2023年03月13日 14:55:53执行" },
        { __LINE__, CYCLE_ONEOFF, "0 0 0 * * ?", "UTC+8", "Once at 2025-01-01 00:00:00",
          "2025年01月01日 00:00:00执行" },
        { __LINE__, CYCLE_CRONTAB, " 0  00 9 ? * mon-FRI ", "UTC+8", " 0  00 9 ? * mon-FRI ",
          " 0  00 9 ? * mon-FRI " },
        { __LINE__, CYCLE_CRONTAB, "0 0 0 * * ?", "Europe/Paris", "0 0 0 * * ? (Europe/Paris)",
          "0 0 0 * * ?(Europe/Paris)" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct schedule s = plan(rows[i].cycle, rows[i].cron, rows[i].zone);
        for (int chinese = 0; chinese < 2; chinese++) {
            struct buf b;
            buf_init(&b, 4096);
            schedule_describe(&s, str_from(rows[i].cron), chinese != 0, &b);
            if (strcmp(b.ptr, chinese ? rows[i].zh : rows[i].en) != 0)
                fail_msg("line %d: %s", rows[i].line, b.ptr);
            buf_done(&b);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_data_times),
        cmocka_unit_test(test_range_and_window),
        cmocka_unit_test(test_calendars),
        cmocka_unit_test(test_oneoff),
        cmocka_unit_test(test_gap_and_overlap),
        cmocka_unit_test(test_shared_data_time),
        cmocka_unit_test(test_ends_of_the_grid),
        cmocka_unit_test(test_descriptions),
    };

    zone_set_loader(zoneinfo_load, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
