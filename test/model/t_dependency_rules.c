/* test/model/t_dependency_rules.c - every selection rule, the worked examples, the inverse.
 * docs/reference/semantics.md 3.2 and 3.4, 12.3 vectors 4 to 6. */
#include "dep_text.h"

/* 3.4, every selection and the worked examples (marked). */
static void test_selections(void **state)
{
    static const struct {
        int line;
        enum cycle down, up;
        const char *cron, *rule, *d;
        int n;
        const char *first, *last;
        int64_t step;
    } rows[] = {
#define Y CYCLE_YEAR
#define M CYCLE_MONTH
#define W CYCLE_WEEK
#define D CYCLE_DAY
#define H CYCLE_HOUR
#define I CYCLE_MINUTE
#define O CYCLE_ONEOFF
#define C CYCLE_CRONTAB
        /* the worked examples */
        { __LINE__, D, D, "0 0 5 * * ?", "DAY/CURRENT_DAY", "2025-09-11", 1, "2025-09-11",
          "2025-09-11", 0 },
        { __LINE__, D, H, "0 0 * * * ?", "DAY/CURRENT_DAY", "2025-09-11", 24, "2025-09-11",
          "2025-09-11 23:00", 3600 },
        { __LINE__, D, H, "0 0 * * * ?", "DAY/PREVIOUS_DAY", "2025-09-11", 24, "2025-09-10",
          "2025-09-10 23:00", 3600 },
        { __LINE__, D, H, "0 0 * * * ?", "DAY/PREVIOUS_DAY_LATER_OFFSET_HOUR", "2025-09-11", 24,
          "2025-09-10 01:00", "2025-09-11 00:00", 3600 },
        { __LINE__, D, H, "0 0 3,9 * * ?", "LIST_HOUR 3", "2025-09-11", 1, "2025-09-11 03:00",
          "2025-09-11 03:00", 0 },
        { __LINE__, D, I, "0 0/30 * * * ?", "DAY/PREVIOUS_DAY_LATER_OFFSET_MINUTE", "2025-09-11",
          48, "2025-09-10 00:30", "2025-09-11 00:00", 1800 },
        { __LINE__, H, D, "0 0 2 * * ?", "DAY/CURRENT_DAY", "2025-09-11 07:00", 1, "2025-09-11",
          "2025-09-11", 0 },
        { __LINE__, H, D, "0 0 2 * * ?", "LIST_DAY -1", "2025-08-27 01:00", 1, "2025-08-26",
          "2025-08-26", 0 },
        { __LINE__, H, H, "0 0 0/3 * * ?", "HOUR/CURRENT_HOUR", "2025-09-11 04:00", 1,
          "2025-09-11 03:00", "2025-09-11 03:00", 0 },
        { __LINE__, H, H, "0 0 0/3 * * ?", "HOUR/PREVIOUS_HOUR_CYCLE", "2025-09-11 04:00", 1,
          "2025-09-11 00:00", "2025-09-11 00:00", 0 },
        { __LINE__, H, I, "0 0/10 * * * ?", "HOUR/CURRENT_HOUR", "2025-09-11 10:00", 6,
          "2025-09-11 10:00", "2025-09-11 10:50", 600 },
        { __LINE__, H, I, "0 0/10 * * * ?", "HOUR/PREVIOUS_HOUR", "2025-09-11 10:00", 6,
          "2025-09-11 09:00", "2025-09-11 09:50", 600 },
        { __LINE__, H, I, "0 0/10 * * * ?", "HOUR/PREVIOUS_HOUR_LATER_OFFSET_MINUTE",
          "2025-09-11 10:00", 6, "2025-09-11 09:10", "2025-09-11 10:00", 600 },
        { __LINE__, I, I, "0 0/10 * * * ?", "MINUTE/CURRENT_MINUTE", "2025-09-11 10:05", 1,
          "2025-09-11 10:00", "2025-09-11 10:00", 0 },
        { __LINE__, I, H, "0 0 * * * ?", "HOUR/CURRENT_HOUR", "2025-09-11 10:35", 1,
          "2025-09-11 10:00", "2025-09-11 10:00", 0 },
        { __LINE__, W, D, "0 0 0 * * ?", "WEEK/PREVIOUS_WEEK", "2025-09-15", 7, "2025-09-08",
          "2025-09-14", 86400 },
        { __LINE__, W, D, "0 0 0 * * ?", "WEEK/PREVIOUS_WEEKEND", "2025-09-15", 1, "2025-09-14",
          "2025-09-14", 0 },
        { __LINE__, M, D, "0 0 0 * * ?", "MONTH/PREVIOUS_END_OF_MONTH", "2025-09-01", 1,
          "2025-08-31", "2025-08-31", 0 },
        { __LINE__, D, M, "0 0 0 1 * ?", "DAY/RECENT_DATE", "2025-09-11", 1, "2025-09-01",
          "2025-09-01", 0 },
        { __LINE__, D, M, "0 0 0 20 * ?", "MONTH/CURRENT_MONTH", "2025-09-11", 1, "2025-09-20",
          "2025-09-20", 0 },
        { __LINE__, Y, M, "0 0 0 1 * ?", "MONTH/ALL_MONTH_OF_YEAR", "2025-12-31", 12, "2025-01-01",
          "2025-12-01", -1 },
        /* the other selections, and their edges */
        { __LINE__, Y, Y, "0 0 0 5 6 ?", "YEAR/CURRENT_YEAR", "2025-01-01", 1, "2025-06-05",
          "2025-06-05", 0 },
        { __LINE__, Y, W, "0 0 0 ? * 2", "YEAR/CURRENT_YEAR", "2025-12-31", 52, "2025-01-06",
          "2025-12-29", 604800 },
        { __LINE__, Y, H, "0 0 0/12 * * ?", "YEAR/CURRENT_YEAR", "2024-05-05", 732, "2024-01-01",
          "2024-12-31 12:00", 43200 },
        { __LINE__, M, W, "0 0 0 ? * 1", "MONTH/CURRENT_MONTH", "2025-08-15", 5, "2025-08-03",
          "2025-08-31", 604800 },
        { __LINE__, M, D, "0 0 0 * * ?", "MONTH/PREVIOUS_MONTH", "2024-03-31", 29, "2024-02-01",
          "2024-02-29", 86400 },
        { __LINE__, M, D, "0 0 0 * * ?", "MONTH/PREVIOUS_MONTH", "2025-01-31", 31, "2024-12-01",
          "2024-12-31", 86400 },
        { __LINE__, Y, M, "0 0 0 1,L * ?", "MONTH/PREVIOUS_BEGIN_OF_MONTH", "2025-03-31", 1,
          "2025-02-01", "2025-02-01", 0 },
        { __LINE__, Y, M, "0 0 0 1,L * ?", "MONTH/PREVIOUS_END_OF_MONTH", "2025-03-31", 1,
          "2025-02-28", "2025-02-28", 0 },
        { __LINE__, Y, M, "0 0 0 2 * ?", "MONTH/PREVIOUS_BEGIN_OF_MONTH", "2025-03-31", 0, "", "",
          0 },
        { __LINE__, W, H, "0 0 0/12 * * ?", "WEEK/CURRENT_WEEK", "2025-09-14", 14, "2025-09-08",
          "2025-09-14 12:00", 43200 },
        { __LINE__, W, D, "0 0 0 * * ?", "WEEK/CURRENT_WEEK", "2025-09-15", 7, "2025-09-15",
          "2025-09-21", 86400 },
        { __LINE__, W, D, "0 0 0 * * ?", "WEEK/PREVIOUS_FRIDAY", "2025-09-21", 1, "2025-09-12",
          "2025-09-12", 0 },
        { __LINE__, W, D, "0 0 0 * * ?", "WEEK/PREVIOUS_WEEKEND", "2025-09-21", 1, "2025-09-14",
          "2025-09-14", 0 },
        { __LINE__, W, D, "0 0 0 * * ?", "DAY/PREVIOUS_DAY", "2025-09-15", 1, "2025-09-14",
          "2025-09-14", 0 },
        { __LINE__, D, W, "0 0 0 ? * 2", "DAY/RECENT_DATE", "2025-09-15", 1, "2025-09-15",
          "2025-09-15", 0 },
        { __LINE__, D, W, "0 0 0 ? * 2", "DAY/RECENT_DATE", "2025-09-14", 1, "2025-09-08",
          "2025-09-08", 0 },
        { __LINE__, D, Y, "0 0 0 31 12 ?", "DAY/RECENT_DATE", "2020-12-30", 0, "", "", 0 },
        { __LINE__, Y, D, "0 0 0 * * ?", "DAY/ALL_DAY_OF_YEAR", "2024-07-01", 366, "2024-01-01",
          "2024-12-31", 86400 },
        { __LINE__, D, I, "0 0/5 * * * ?", "DAY/CURRENT_DAY", "2025-09-11", 288, "2025-09-11",
          "2025-09-11 23:55", 300 },
        { __LINE__, D, I, "0 0/5 * * * ?", "DAY/PREVIOUS_DAY", "2025-09-11", 288, "2025-09-10",
          "2025-09-10 23:55", 300 },
        { __LINE__, I, H, "0 0 0/3 * * ?", "HOUR/CURRENT_HOUR", "2025-09-11 04:35", 0, "", "", 0 },
        { __LINE__, H, H, "0 0 6 * * ?", "HOUR/CURRENT_HOUR", "2025-09-11 04:00", 1,
          "2025-09-10 06:00", "2025-09-10 06:00", 0 },
        { __LINE__, H, H, "0 40 * * * ?", "HOUR/CURRENT_HOUR", "2025-09-11 04:00", 1,
          "2025-09-11 04:00", "2025-09-11 04:00", 0 },
        { __LINE__, I, I, "0 0/10 * * * ?", "MINUTE/CURRENT_MINUTE", "2025-09-11 10:10", 1,
          "2025-09-11 10:10", "2025-09-11 10:10", 0 },
        { __LINE__, I, I, "0 0/10 * * * ?", "MINUTE/PREVIOUS_MINUTE_CYCLE", "2025-09-11 10:05", 1,
          "2025-09-11 09:50", "2025-09-11 09:50", 0 },
        { __LINE__, C, C, "15 7 3 * * ?", "CRONTAB/CURRENT", "2025-09-11 03:07:15", 1,
          "2025-09-11 03:07:15", "2025-09-11 03:07:15", 0 },
        { __LINE__, C, C, "15 7 3 * * ?", "CRONTAB/CURRENT", "2025-09-11 03:07:14", 1,
          "2025-09-10 03:07:15", "2025-09-10 03:07:15", 0 },
        { __LINE__, O, O, "15 7 3 11 9 ? 2025", "DAY/CURRENT_DAY", "2025-09-11 20:00", 1,
          "2025-09-11 03:07:15", "2025-09-11 03:07:15", 0 },
        { __LINE__, W, O, "15 7 3 11 9 ? 2025", "WEEK/CURRENT_WEEK", "2025-09-14", 1,
          "2025-09-11 03:07:15", "2025-09-11 03:07:15", 0 },
        { __LINE__, O, H, "0 0 * * * ?", "DAY/CURRENT_DAY", "2025-09-11 20:17", 24, "2025-09-11",
          "2025-09-11 23:00", 3600 },
        { __LINE__, D, D, "0 0 0 * * ?", "RANGE_DAY -1,0", "2025-09-11", 2, "2025-09-10",
          "2025-09-11", 86400 },
        { __LINE__, D, D, "0 0 0 * * ?", "RANGE_DAY -1,-1", "2025-09-11", 1, "2025-09-10",
          "2025-09-10", 0 },
        { __LINE__, D, D, "0 0 0 * * ?", "RANGE_DAY 0,1", "2025-09-11", 2, "2025-09-11",
          "2025-09-12", 86400 },
        { __LINE__, D, D, "0 0 0 * * ?", "LIST_DAY 3,-3,0,3,-3", "2025-09-11", 3, "2025-09-08",
          "2025-09-14", 259200 },
        { __LINE__, D, H, "0 0 * * * ?", "RANGE_HOUR -2,1", "2025-09-11", 4, "2025-09-10 22:00",
          "2025-09-11 01:00", 3600 },
        { __LINE__, H, H, "0 0 * * * ?", "LIST_HOUR -24", "2025-09-11 05:00", 1, "2025-09-10 05:00",
          "2025-09-10 05:00", 0 },
        { __LINE__, I, H, "0 0 * * * ?", "LIST_HOUR -1", "2025-09-11 05:55", 1, "2025-09-11 04:00",
          "2025-09-11 04:00", 0 },
        { __LINE__, H, I, "0 0/5 * * * ?", "RANGE_MINUTE -10,5", "2025-09-11 05:00", 4,
          "2025-09-11 04:50", "2025-09-11 05:05", 300 },
        { __LINE__, I, I, "30 0/5 * * * ?", "LIST_MINUTE -5", "2025-09-11 05:00:45", 1,
          "2025-09-11 04:55:30", "2025-09-11 04:55:30", 0 },
#undef Y
#undef M
#undef W
#undef D
#undef H
#undef I
#undef O
#undef C
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct schedule up = plan(rows[i].up, rows[i].cron);
        struct dep_rule r = rule(rows[i].rule);
        struct found f = select_all(&r, rows[i].down, &up, at(rows[i].d));
        if (f.n != rows[i].n)
            fail_msg("line %d: %d, from %s", rows[i].line, f.n, show((struct civil){ f.first }));
        if (f.n == 0)
            continue;
        if (f.first != at(rows[i].first).s || f.last != at(rows[i].last).s ||
            f.step != rows[i].step)
            fail_msg("line %d: %s to %s by %lld", rows[i].line, show((struct civil){ f.first }),
                     show((struct civil){ f.last }), (long long)f.step);
        assert_true(f.all_on_schedule);
    }
}

/* 3.2 and 12.3 vector 4: the candidate ignores the window; on_schedule tells that it will never be
 * generated. */
static void test_vector_4_candidate_outside_the_window(void **state)
{
    struct schedule up = plan(CYCLE_HOUR, "0 0 0-23/1 * * ?");
    struct dep_rule r = rule("HOUR/CURRENT_HOUR");
    struct found f;

    (void)state;
    up.window_from = 2 * 60;
    up.window_to = 22 * 60 + 59;
    f = select_all(&r, CYCLE_HOUR, &up, at("2024-01-09 01:00"));
    assert_int_equal(f.n, 1);
    assert_int_equal(f.first, at("2024-01-09 01:00").s);
    assert_false(f.all_on_schedule);
    f = select_all(&r, CYCLE_HOUR, &up, at("2024-01-09 02:00"));
    assert_int_equal(f.first, at("2024-01-09 02:00").s);
    assert_true(f.all_on_schedule);
    /* The range counts as little. */
    up.start = at("2024-01-09 03:00");
    f = select_all(&r, CYCLE_HOUR, &up, at("2024-01-09 02:00"));
    assert_int_equal(f.first, at("2024-01-09 02:00").s);
    assert_false(f.all_on_schedule);
    /* A set gives what is on the schedule only. */
    r = rule("RANGE_HOUR -3,1");
    f = select_all(&r, CYCLE_HOUR, &up, at("2024-01-09 03:00"));
    assert_int_equal(f.n, 2);
    assert_int_equal(f.first, at("2024-01-09 03:00").s);
}

/* 12.3 vector 5: the instances that wait for a day instance of 08-26 through LIST_DAY -1. */
static void test_vector_5_inverse(void **state)
{
    struct schedule up = plan(CYCLE_DAY, "0 0 2 * * ?"), down = plan(CYCLE_HOUR, "0 0 * * * ?");
    struct dep_rule r = rule("LIST_DAY -1");
    struct civil from, to, d;
    struct firing f;
    int n = 0;

    (void)state;
    assert_int_equal(dep_inverse_range(&r, CYCLE_HOUR, &up, at("2025-08-26"), &from, &to), E_OK);
    for (d = from; schedule_data_next(&down, d, 0, &f) && f.data_time.s <= to.s;
         d.s = f.data_time.s + 1) {
        struct found found = select_all(&r, CYCLE_HOUR, &up, f.data_time);
        assert_int_equal(found.n, 1);
        assert_int_equal(found.first, at("2025-08-26").s);
        assert_int_equal(f.data_time.s, at("2025-08-27").s + 3600 * n);
        n++;
    }
    assert_int_equal(n, 24);
}

/* The inverse is exact where data times of the downstream cycle can be at its ends. */
static void test_inverse_ranges(void **state)
{
    static const struct {
        int line;
        enum cycle down, up;
        const char *cron, *rule, *u, *from, *to;
    } rows[] = {
#define FAR "2199-12-31 23:59:59"
#define ROW(down, up, cron, rule, u, from, to)                                                     \
    { __LINE__, CYCLE_##down, CYCLE_##up, cron, rule, u, from, to }
        ROW(YEAR, YEAR, "0 0 0 5 6 ?", "YEAR/CURRENT_YEAR", "2025-06-05", "2025-01-01",
            "2025-12-31 23:59:59"),
        ROW(YEAR, MONTH, "0 0 0 1 * ?", "MONTH/ALL_MONTH_OF_YEAR", "2025-06-01", "2025-01-01",
            "2025-12-31 23:59:59"),
        ROW(MONTH, DAY, "0 0 0 * * ?", "MONTH/CURRENT_MONTH", "2025-06-05", "2025-06-01",
            "2025-06-30 23:59:59"),
        ROW(MONTH, DAY, "0 0 0 * * ?", "MONTH/PREVIOUS_MONTH", "2025-01-31", "2025-02-01",
            "2025-02-28 23:59:59"),
        ROW(MONTH, DAY, "0 0 0 * * ?", "MONTH/PREVIOUS_END_OF_MONTH", "2024-12-31", "2025-01-01",
            "2025-01-31 23:59:59"),
        ROW(WEEK, DAY, "0 0 0 * * ?", "WEEK/CURRENT_WEEK", "2025-09-11", "2025-09-08",
            "2025-09-14 23:59:59"),
        ROW(WEEK, DAY, "0 0 0 * * ?", "WEEK/PREVIOUS_FRIDAY", "2025-09-12", "2025-09-15",
            "2025-09-21 23:59:59"),
        ROW(WEEK, DAY, "0 0 0 * * ?", "DAY/PREVIOUS_DAY", "2025-09-12", "2025-09-13",
            "2025-09-13 23:59:59"),
        ROW(DAY, HOUR, "0 0 * * * ?", "DAY/CURRENT_DAY", "2025-09-11 05:00", "2025-09-11",
            "2025-09-11 23:59:59"),
        ROW(DAY, HOUR, "0 0 * * * ?", "DAY/PREVIOUS_DAY_LATER_OFFSET_HOUR", "2025-09-11 05:00",
            "2025-09-11 05:00", "2025-09-12 04:59:59"),
        ROW(HOUR, MINUTE, "0 0/5 * * * ?", "HOUR/PREVIOUS_HOUR", "2025-09-11 05:00",
            "2025-09-11 05:00:01", "2025-09-11 06:00"),
        ROW(HOUR, MINUTE, "0 0/5 * * * ?", "HOUR/PREVIOUS_HOUR_LATER_OFFSET_MINUTE",
            "2025-09-11 05:00", "2025-09-11 05:00", "2025-09-11 05:59:59"),
        ROW(HOUR, MINUTE, "0 0/5 * * * ?", "HOUR/CURRENT_HOUR", "2025-09-11 05:10",
            "2025-09-11 05:00", "2025-09-11 05:59:59"),
        ROW(DAY, DAY, "0 0 0 * * ?", "RANGE_DAY -2,1", "2025-09-11", "2025-09-10",
            "2025-09-13 23:59:59"),
        ROW(DAY, HOUR, "0 0 * * * ?", "LIST_HOUR 3", "2025-09-11 05:00", "2025-09-11 02:00",
            "2025-09-11 02:59:59"),
        ROW(MINUTE, MINUTE, "0 0/5 * * * ?", "LIST_MINUTE -5,-10", "2025-09-11 05:00",
            "2025-09-11 05:05", "2025-09-11 05:10:59"),
        ROW(HOUR, HOUR, "0 0 0/3 * * ?", "HOUR/CURRENT_HOUR", "2025-09-11 03:00",
            "2025-09-11 03:00", FAR),
        ROW(HOUR, HOUR, "0 0 0/3 * * ?", "HOUR/PREVIOUS_HOUR_CYCLE", "2025-09-11 00:00",
            "2025-09-11 00:00", FAR),
        ROW(MINUTE, MINUTE, "0 0/10 * * * ?", "MINUTE/CURRENT_MINUTE", "2025-09-11 10:00",
            "2025-09-11 10:00", FAR),
        ROW(DAY, WEEK, "0 0 0 ? * 2", "DAY/RECENT_DATE", "2025-09-08", "2025-09-08", FAR),
        ROW(CRONTAB, CRONTAB, "0 0 0 1 1 ? 2030", "CRONTAB/CURRENT", "2030-01-01", "2030-01-01",
            FAR),
#undef ROW
#undef FAR
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct schedule up = plan(rows[i].up, rows[i].cron);
        struct dep_rule r = rule(rows[i].rule);
        struct civil from, to, u = at(rows[i].u);
        assert_int_equal(dep_inverse_range(&r, rows[i].down, &up, u, &from, &to), E_OK);
        if (from.s != at(rows[i].from).s || to.s != at(rows[i].to).s)
            fail_msg("line %d: %s to %s", rows[i].line, show(from), show(to));
    }
}

/* 12.3 vector 6 */
static void test_vector_6_three_presets(void **state)
{
    struct schedule up = plan(CYCLE_HOUR, "0 0 0-23/1 * * ?");
    static const struct {
        const char *rule, *first, *last;
    } rows[] = {
        { "DAY/CURRENT_DAY", "2025-09-11 00:00", "2025-09-11 23:00" },
        { "DAY/PREVIOUS_DAY", "2025-09-10 00:00", "2025-09-10 23:00" },
        { "DAY/PREVIOUS_DAY_LATER_OFFSET_HOUR", "2025-09-10 01:00", "2025-09-11 00:00" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct dep_rule r = rule(rows[i].rule);
        struct found f = select_all(&r, CYCLE_DAY, &up, at("2025-09-11"));
        assert_int_equal(f.n, 24);
        assert_int_equal(f.first, at(rows[i].first).s);
        assert_int_equal(f.last, at(rows[i].last).s);
        assert_int_equal(f.step, 3600);
    }
}

static void test_limit_stop_and_refusal(void **state)
{
    struct schedule up = plan(CYCLE_MINUTE, "0 * * * * ?");
    struct dep_rule r = rule("YEAR/CURRENT_YEAR");
    struct found f = { 0 };
    struct civil from, to;
    struct err e = ERR_INIT;

    (void)state;
    assert_int_equal(dep_select(&r, CYCLE_YEAR, &up, at("2025-01-01"), collect, NULL, &f, &e),
                     E_LIMIT);
    assert_int_equal(f.n, DEP_CANDIDATES_MAX);
    f = (struct found){ .stop_at = 3 };
    assert_int_equal(dep_select(&r, CYCLE_YEAR, &up, at("2025-01-01"), collect, NULL, &f, &e),
                     E_OK);
    assert_int_equal(f.n, 3);
    up = plan(CYCLE_MINUTE, "0 0/5 * * * ?"); /* a leap year every five minutes fits */
    f = (struct found){ 0 };
    assert_int_equal(dep_select(&r, CYCLE_YEAR, &up, at("2024-01-01"), collect, NULL, &f, &e),
                     E_OK);
    assert_int_equal(f.n, 366 * 288);
    /* A custom form whose offsets nobody set selects nothing. */
    f = (struct found){ 0 };
    r = (struct dep_rule){ .main = DEP_LIST_DAY };
    up = plan(CYCLE_DAY, "0 0 0 * * ?");
    assert_int_equal(dep_inverse_range(&r, CYCLE_DAY, &up, at("2025-01-01"), &from, &to), E_OK);
    assert_true(from.s > to.s);
    assert_false(dep_rule_is_strictly_earlier(&r, CYCLE_DAY, CYCLE_DAY));
    assert_int_equal(dep_select(&r, CYCLE_DAY, &up, at("2025-01-01"), collect, NULL, &f, &e), E_OK);
    assert_int_equal(f.n, 0);
    /* At the first grid point there is no previous one, and before it no current one. */
    up = plan(CYCLE_HOUR, "0 0 8 1 1 ? 2030");
    r = rule("HOUR/PREVIOUS_HOUR_CYCLE");
    assert_int_equal(dep_select(&r, CYCLE_HOUR, &up, at("2031-01-01"), collect, NULL, &f, &e),
                     E_OK);
    r = rule("HOUR/CURRENT_HOUR");
    assert_int_equal(dep_select(&r, CYCLE_HOUR, &up, at("2029-01-01"), collect, NULL, &f, &e),
                     E_OK);
    assert_int_equal(f.n, 0);
    up = plan(CYCLE_MINUTE, "0 0/5 * * * ?");
    r = rule("YEAR/CURRENT_YEAR");
    assert_int_equal(dep_select(&r, CYCLE_CRONTAB, &up, at("2025-01-01"), collect, NULL, &f, &e),
                     E_RANGE);
    assert_int_equal(f.n, 0);
    assert_non_null(strstr(e.text, "YEAR/CURRENT_YEAR is not allowed for a CRONTAB_CYCLE task"));
    assert_int_equal(dep_inverse_range(&r, CYCLE_CRONTAB, &up, at("2025-01-01"), &from, &to),
                     E_RANGE);
}

/* 1.8: the same data time, whatever the rule and the cycles. */
static void test_manual_upstream(void **state)
{
    static const char *const rules[] = { "DAY/PREVIOUS_DAY", "YEAR/CURRENT_YEAR", "LIST_HOUR -3" };
    struct schedule up = plan(CYCLE_MINUTE, "0 0/5 * * * ?");
    struct civil from, to, d = at("2025-09-11 03:04:05");

    (void)state;
    up.manual = true;
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        struct dep_rule r = rule(rules[i]);
        struct found found = select_all(&r, CYCLE_CRONTAB, &up, d);
        assert_int_equal(found.n, 1);
        assert_int_equal(found.first, d.s);
        assert_int_equal(dep_inverse_range(&r, CYCLE_CRONTAB, &up, d, &from, &to), E_OK);
        assert_true(from.s == d.s && to.s == d.s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_selections),
        cmocka_unit_test(test_vector_4_candidate_outside_the_window),
        cmocka_unit_test(test_vector_5_inverse),
        cmocka_unit_test(test_inverse_ranges),
        cmocka_unit_test(test_manual_upstream),
        cmocka_unit_test(test_vector_6_three_presets),
        cmocka_unit_test(test_limit_stop_and_refusal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
