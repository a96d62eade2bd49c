/* test/model/t_dependency.c - the table of allowed pairs, every selection rule, the worked
 * examples. docs/reference/semantics.md 3.2 to 3.4, 12.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/dependency.h"

static struct civil at(const char *text)
{
    char full[CIVIL_TEXT_LEN + 1] = "2025-01-01 00:00:00";
    struct civil c;

    /* "2025-09-11", "2025-09-11 07:00" or all of it */
    memcpy(full, text, strlen(text));
    if (civil_parse(str_from(full), &c, NULL) != E_OK)
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

static struct schedule plan(enum cycle cycle, const char *cron)
{
    struct schedule s = { .cycle = cycle,
                          .zone = zone_default(),
                          .start = at("2020-01-01"),
                          .end = at("2099-12-31"),
                          .window_to = 1439 };
    struct err e = ERR_INIT;

    if (cron_parse(str_from(cron), &s.cron, &e) != E_OK)
        fail_msg("%s: %s", cron, e.text);
    return s;
}

/* "DAY/CURRENT_DAY" or "LIST_DAY -1,0" */
static struct dep_rule rule(const char *text)
{
    struct str rest = str_from(text), head;
    struct dep_rule r = { 0 };
    struct err e = ERR_INIT;

    if (str_find_char(rest, '/') >= 0) {
        head = str_split(&rest, '/');
        if (!dep_main_from_name(head, &r.main) || !dep_sub_from_name(rest, &r.sub))
            fail_msg("%s", text);
        return r;
    }
    head = str_split(&rest, ' ');
    if (!dep_main_from_name(head, &r.main) || dep_offsets_parse(r.main, rest, &r, &e) != E_OK)
        fail_msg("%s: %s", text, e.text);
    return r;
}

struct found {
    int n, stop_at;
    int64_t first, last, step; /* step: of all neighbours, -1 when it differs */
    bool all_on_schedule;
};

static bool collect(void *ctx, struct dep_candidate c)
{
    struct found *f = ctx;

    if (f->n == 0) {
        f->first = c.data_time.s;
        f->all_on_schedule = true;
    } else {
        assert_true(c.data_time.s > f->last);
        if (f->n == 1)
            f->step = c.data_time.s - f->last;
        else if (f->step != c.data_time.s - f->last)
            f->step = -1;
    }
    f->last = c.data_time.s;
    f->all_on_schedule = f->all_on_schedule && c.on_schedule;
    return ++f->n != f->stop_at;
}

static struct found select_all(const struct dep_rule *r, enum cycle down, const struct schedule *up,
                               struct civil d)
{
    struct found f = { 0 };
    struct err e = ERR_INIT;

    if (dep_select(r, down, up, d, collect, &f, &e) != E_OK)
        fail_msg("%s", e.text);
    return f;
}

/* 3.3, row by row: presets in their order, then the custom forms. */
static const struct {
    enum cycle down, up;
    const char *pairs;
} table[] = {
    { CYCLE_MINUTE, CYCLE_MINUTE,
      "MINUTE/CURRENT_MINUTE, MINUTE/PREVIOUS_MINUTE_CYCLE, LIST_MINUTE, "
      "RANGE_MINUTE" },
    { CYCLE_MINUTE, CYCLE_HOUR, "HOUR/CURRENT_HOUR, LIST_HOUR, RANGE_HOUR" },
    { CYCLE_MINUTE, CYCLE_DAY, "DAY/CURRENT_DAY, LIST_DAY, RANGE_DAY" },
    { CYCLE_MINUTE, CYCLE_WEEK, "WEEK/CURRENT_WEEK" },
    { CYCLE_MINUTE, CYCLE_MONTH, "MONTH/CURRENT_MONTH" },
    { CYCLE_MINUTE, CYCLE_YEAR, "YEAR/CURRENT_YEAR" },
    { CYCLE_MINUTE, CYCLE_ONEOFF, "DAY/CURRENT_DAY" },
    { CYCLE_HOUR, CYCLE_MINUTE,
      "HOUR/CURRENT_HOUR, HOUR/PREVIOUS_HOUR_LATER_OFFSET_MINUTE, "
      "HOUR/PREVIOUS_HOUR, LIST_MINUTE, RANGE_MINUTE" },
    { CYCLE_HOUR, CYCLE_HOUR,
      "HOUR/CURRENT_HOUR, HOUR/PREVIOUS_HOUR_CYCLE, LIST_HOUR, RANGE_HOUR" },
    { CYCLE_HOUR, CYCLE_DAY, "DAY/CURRENT_DAY, LIST_DAY, RANGE_DAY" },
    { CYCLE_HOUR, CYCLE_WEEK, "WEEK/CURRENT_WEEK" },
    { CYCLE_HOUR, CYCLE_MONTH, "MONTH/CURRENT_MONTH" },
    { CYCLE_HOUR, CYCLE_YEAR, "YEAR/CURRENT_YEAR" },
    { CYCLE_HOUR, CYCLE_ONEOFF, "DAY/CURRENT_DAY" },
    { CYCLE_DAY, CYCLE_MINUTE,
      "DAY/CURRENT_DAY, DAY/PREVIOUS_DAY_LATER_OFFSET_MINUTE, DAY/PREVIOUS_DAY, "
      "LIST_MINUTE, RANGE_MINUTE" },
    { CYCLE_DAY, CYCLE_HOUR,
      "DAY/CURRENT_DAY, DAY/PREVIOUS_DAY_LATER_OFFSET_HOUR, DAY/PREVIOUS_DAY, "
      "LIST_HOUR, RANGE_HOUR" },
    { CYCLE_DAY, CYCLE_DAY, "DAY/CURRENT_DAY, LIST_DAY, RANGE_DAY" },
    { CYCLE_DAY, CYCLE_WEEK, "WEEK/CURRENT_WEEK, DAY/RECENT_DATE" },
    { CYCLE_DAY, CYCLE_MONTH, "MONTH/CURRENT_MONTH, DAY/RECENT_DATE" },
    { CYCLE_DAY, CYCLE_YEAR, "YEAR/CURRENT_YEAR, DAY/RECENT_DATE" },
    { CYCLE_DAY, CYCLE_ONEOFF, "DAY/CURRENT_DAY" },
    { CYCLE_WEEK, CYCLE_MINUTE,
      "WEEK/CURRENT_WEEK, WEEK/PREVIOUS_WEEK, LIST_MINUTE, RANGE_MINUTE" },
    { CYCLE_WEEK, CYCLE_HOUR, "WEEK/CURRENT_WEEK, WEEK/PREVIOUS_WEEK, LIST_HOUR, RANGE_HOUR" },
    { CYCLE_WEEK, CYCLE_DAY,
      "WEEK/CURRENT_WEEK, DAY/CURRENT_DAY, WEEK/PREVIOUS_WEEK, "
      "WEEK/PREVIOUS_FRIDAY, WEEK/PREVIOUS_WEEKEND, DAY/PREVIOUS_DAY, LIST_DAY, "
      "RANGE_DAY" },
    { CYCLE_WEEK, CYCLE_WEEK, "WEEK/CURRENT_WEEK, DAY/RECENT_DATE" },
    { CYCLE_WEEK, CYCLE_MONTH, "MONTH/CURRENT_MONTH, DAY/RECENT_DATE" },
    { CYCLE_WEEK, CYCLE_YEAR, "YEAR/CURRENT_YEAR" },
    { CYCLE_WEEK, CYCLE_ONEOFF, "WEEK/CURRENT_WEEK" },
    { CYCLE_MONTH, CYCLE_MINUTE,
      "MONTH/CURRENT_MONTH, MONTH/PREVIOUS_MONTH, LIST_MINUTE, RANGE_MINUTE" },
    { CYCLE_MONTH, CYCLE_HOUR, "MONTH/CURRENT_MONTH, MONTH/PREVIOUS_MONTH, LIST_HOUR, RANGE_HOUR" },
    { CYCLE_MONTH, CYCLE_DAY,
      "MONTH/CURRENT_MONTH, DAY/CURRENT_DAY, MONTH/PREVIOUS_MONTH, "
      "MONTH/PREVIOUS_END_OF_MONTH, DAY/PREVIOUS_DAY, LIST_DAY, RANGE_DAY" },
    { CYCLE_MONTH, CYCLE_WEEK, "MONTH/CURRENT_MONTH, MONTH/PREVIOUS_MONTH, DAY/RECENT_DATE" },
    { CYCLE_MONTH, CYCLE_MONTH, "MONTH/CURRENT_MONTH, DAY/RECENT_DATE" },
    { CYCLE_MONTH, CYCLE_YEAR, "YEAR/CURRENT_YEAR" },
    { CYCLE_MONTH, CYCLE_ONEOFF, "MONTH/CURRENT_MONTH" },
    { CYCLE_YEAR, CYCLE_MINUTE, "YEAR/CURRENT_YEAR, LIST_MINUTE, RANGE_MINUTE" },
    { CYCLE_YEAR, CYCLE_HOUR, "YEAR/CURRENT_YEAR, LIST_HOUR, RANGE_HOUR" },
    { CYCLE_YEAR, CYCLE_DAY,
      "DAY/CURRENT_DAY, DAY/ALL_DAY_OF_YEAR, DAY/PREVIOUS_DAY, LIST_DAY, RANGE_DAY" },
    { CYCLE_YEAR, CYCLE_WEEK, "YEAR/CURRENT_YEAR" },
    { CYCLE_YEAR, CYCLE_MONTH,
      "MONTH/CURRENT_MONTH, DAY/RECENT_DATE, MONTH/ALL_MONTH_OF_YEAR, "
      "MONTH/PREVIOUS_MONTH, MONTH/PREVIOUS_END_OF_MONTH, "
      "MONTH/PREVIOUS_BEGIN_OF_MONTH" },
    { CYCLE_YEAR, CYCLE_YEAR, "YEAR/CURRENT_YEAR, DAY/RECENT_DATE" },
    { CYCLE_YEAR, CYCLE_ONEOFF, "YEAR/CURRENT_YEAR" },
    { CYCLE_ONEOFF, CYCLE_MINUTE, "DAY/CURRENT_DAY" },
    { CYCLE_ONEOFF, CYCLE_HOUR, "DAY/CURRENT_DAY" },
    { CYCLE_ONEOFF, CYCLE_DAY, "DAY/CURRENT_DAY" },
    { CYCLE_ONEOFF, CYCLE_WEEK, "WEEK/CURRENT_WEEK" },
    { CYCLE_ONEOFF, CYCLE_MONTH, "MONTH/CURRENT_MONTH" },
    { CYCLE_ONEOFF, CYCLE_YEAR, "YEAR/CURRENT_YEAR" },
    { CYCLE_ONEOFF, CYCLE_ONEOFF, "DAY/CURRENT_DAY" },
    { CYCLE_CRONTAB, CYCLE_CRONTAB, "CRONTAB/CURRENT" },
};

static const char *expected_pairs(int down, int up)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if ((int)table[i].down == down && (int)table[i].up == up)
            return table[i].pairs;
    }
    return "";
}

static bool listed(const char *pairs, enum dep_main main, enum dep_sub sub)
{
    struct str rest = str_from(pairs);
    char pair[80];

    snprintf(pair, sizeof(pair), "%s%s%s", dep_main_name(main), sub == DEP_SUB_NONE ? "" : "/",
             dep_sub_name(sub));
    while (rest.len > 0) {
        if (str_eq_c(str_trim(str_split(&rest, ',')), pair))
            return true;
    }
    return false;
}

static void test_the_table_has_123_pairs(void **state)
{
    int count = 0;

    (void)state;
    for (int down = 0; down < CYCLE_N_; down++) {
        for (int up = 0; up < CYCLE_N_; up++) {
            const char *pairs = expected_pairs(down, up);
            struct buf b;
            for (int main = 0; main < DEP_MAIN_N_; main++) {
                for (int sub = 0; sub < DEP_SUB_N_; sub++) {
                    bool valid = dep_pair_is_valid(down, up, main, sub);
                    if (valid != listed(pairs, main, sub))
                        fail_msg("%s <- %s: %s/%s", cycle_name(down), cycle_name(up),
                                 dep_main_name(main), dep_sub_name(sub));
                    count += valid;
                }
            }
            buf_init(&b, 512);
            dep_pair_list(down, up, &b);
            assert_true(str_eq(buf_str(&b), str_from(pairs)));
            buf_done(&b);
        }
    }
    assert_int_equal(count, 123);
}

/* 3.1: what an omitted configuration means. */
static void test_default_is_the_first_pair(void **state)
{
    enum dep_main main;
    enum dep_sub sub;

    (void)state;
    for (int down = 0; down < CYCLE_N_; down++) {
        for (int up = 0; up < CYCLE_N_; up++) {
            struct str pairs = str_from(expected_pairs(down, up)), first;
            char pair[80];
            dep_pair_default(down, up, &main, &sub);
            assert_int_equal(dep_pair_is_valid(down, up, main, sub), pairs.len > 0);
            if (pairs.len == 0)
                continue;
            first = str_split(&pairs, ',');
            snprintf(pair, sizeof(pair), "%s/%s", dep_main_name(main), dep_sub_name(sub));
            assert_true(str_eq_c(first, pair));
        }
    }
}

static void test_names(void **state)
{
    enum dep_main main = DEP_DAY;
    enum dep_sub sub = DEP_CURRENT_DAY;

    (void)state;
    for (int i = 0; i < DEP_MAIN_N_; i++) {
        assert_true(dep_main_from_name(str_from(dep_main_name(i)), &main));
        assert_int_equal(main, i);
    }
    for (int i = 0; i < DEP_SUB_N_; i++) {
        assert_true(dep_sub_from_name(str_from(dep_sub_name(i)), &sub));
        assert_int_equal(sub, i);
    }
    assert_false(dep_main_from_name(STR(""), &main));
    assert_false(dep_main_from_name(STR("day"), &main));
    assert_false(dep_sub_from_name(STR("CURRENT_DAYS"), &sub));
    assert_int_equal(main, DEP_MAIN_N_ - 1);
    assert_int_equal(sub, DEP_SUB_N_ - 1);
}

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
    assert_int_equal(dep_inverse_range(&r, CYCLE_HOUR, CYCLE_DAY, at("2025-08-26"), &from, &to),
                     E_OK);
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
        const char *cron, *rule, *u, *from, *to, *narrow_from, *narrow_to;
    } rows[] = {
#define FAR "2199-12-31 23:59:59"
#define ROW(down, up, cron, rule, u, from, to)                                                     \
    { __LINE__, CYCLE_##down, CYCLE_##up, cron, rule, u, from, to, from, to }
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
        { __LINE__, CYCLE_HOUR, CYCLE_HOUR, "0 0 0/3 * * ?", "HOUR/CURRENT_HOUR",
          "2025-09-11 03:00", "2025-09-11 03:00", FAR, "2025-09-11 03:00", "2025-09-11 05:59:59" },
        { __LINE__, CYCLE_HOUR, CYCLE_HOUR, "0 0 0/3 * * ?", "HOUR/PREVIOUS_HOUR_CYCLE",
          "2025-09-11 00:00", "2025-09-11 00:00", FAR, "2025-09-11 03:00", "2025-09-11 05:59:59" },
        { __LINE__, CYCLE_MINUTE, CYCLE_MINUTE, "0 0/10 * * * ?", "MINUTE/CURRENT_MINUTE",
          "2025-09-11 10:00", "2025-09-11 10:00", FAR, "2025-09-11 10:00", "2025-09-11 10:09:59" },
        { __LINE__, CYCLE_DAY, CYCLE_WEEK, "0 0 0 ? * 2", "DAY/RECENT_DATE", "2025-09-08",
          "2025-09-08", FAR, "2025-09-08", "2025-09-14 23:59:59" },
        { __LINE__, CYCLE_CRONTAB, CYCLE_CRONTAB, "0 0 0 1 1 ? 2030", "CRONTAB/CURRENT",
          "2030-01-01", "2030-01-01", FAR, "2030-01-01", FAR },
#undef ROW
#undef FAR
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct schedule up = plan(rows[i].up, rows[i].cron);
        struct dep_rule r = rule(rows[i].rule);
        struct civil from, to, u = at(rows[i].u);
        assert_int_equal(dep_inverse_range(&r, rows[i].down, rows[i].up, u, &from, &to), E_OK);
        if (from.s != at(rows[i].from).s || to.s != at(rows[i].to).s)
            fail_msg("line %d: %s to %s", rows[i].line, show(from), show(to));
        assert_int_equal(dep_inverse_narrow(&r, rows[i].down, &up, u, &from, &to), E_OK);
        if (from.s != at(rows[i].narrow_from).s || to.s != at(rows[i].narrow_to).s)
            fail_msg("line %d: narrow, %s to %s", rows[i].line, show(from), show(to));
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

static void test_offsets(void **state)
{
    static const struct {
        int line;
        enum dep_main main;
        const char *text;
        enum err_code code;
        int n;
        int32_t first, last;
    } rows[] = {
        { __LINE__, DEP_RANGE_DAY, "-1,0", E_OK, 2, -1, 0 },
        { __LINE__, DEP_RANGE_DAY, " 0 , 1 ", E_OK, 2, 0, 1 },
        { __LINE__, DEP_RANGE_HOUR, "-100000,100000", E_OK, 2, -100000, 100000 },
        { __LINE__, DEP_RANGE_MINUTE, "5,5", E_OK, 2, 5, 5 },
        { __LINE__, DEP_LIST_DAY, "-1", E_OK, 1, -1, -1 },
        { __LINE__, DEP_LIST_HOUR, "3,-1,3", E_OK, 3, 3, 3 },
        { __LINE__, DEP_LIST_MINUTE, "1,2,3,4,5", E_OK, 5, 1, 5 },
        { __LINE__, DEP_RANGE_DAY, "0,-1", E_RANGE, 0, 0, 0 },
        { __LINE__, DEP_RANGE_DAY, "0", E_RANGE, 0, 0, 0 },
        { __LINE__, DEP_RANGE_DAY, "0,1,2", E_RANGE, 0, 0, 0 },
        { __LINE__, DEP_RANGE_DAY, "", E_REQUIRED, 0, 0, 0 },
        { __LINE__, DEP_LIST_DAY, "  ", E_REQUIRED, 0, 0, 0 },
        { __LINE__, DEP_LIST_DAY, "1,", E_SYNTAX, 0, 0, 0 },
        { __LINE__, DEP_LIST_DAY, "1,,2", E_SYNTAX, 0, 0, 0 },
        { __LINE__, DEP_LIST_DAY, "one", E_SYNTAX, 0, 0, 0 },
        { __LINE__, DEP_LIST_DAY, "1.5", E_SYNTAX, 0, 0, 0 },
        { __LINE__, DEP_LIST_DAY, "100001", E_RANGE, 0, 0, 0 },
        { __LINE__, DEP_LIST_DAY, "-100001", E_RANGE, 0, 0, 0 },
        { __LINE__, DEP_LIST_DAY, "99999999999999999999", E_SYNTAX, 0, 0, 0 },
        { __LINE__, DEP_DAY, "1", E_RANGE, 0, 0, 0 },
    };
    struct dep_rule r;
    struct err e = ERR_INIT;
    char many[DEP_OFFSETS_MAX * 2 + 2];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        e = ERR_INIT;
        r = (struct dep_rule){ .n_offsets = 77 };
        if (dep_offsets_parse(rows[i].main, str_from(rows[i].text), &r, &e) != rows[i].code)
            fail_msg("line %d: %s", rows[i].line, e.text);
        if (rows[i].code != E_OK) {
            assert_int_equal(r.n_offsets, 77);
            assert_true(e.text[0] != '\0' && e.text_zh[0] != '\0');
            continue;
        }
        assert_int_equal(r.main, rows[i].main);
        assert_int_equal(r.sub, DEP_SUB_NONE);
        assert_int_equal(r.n_offsets, rows[i].n);
        assert_int_equal(r.offsets[0], rows[i].first);
        assert_int_equal(r.offsets[r.n_offsets - 1], rows[i].last);
    }
    for (int i = 0; i <= DEP_OFFSETS_MAX; i++)
        memcpy(many + 2 * i, "1,", 2);
    assert_int_equal(
        dep_offsets_parse(DEP_LIST_DAY, str_make(many, DEP_OFFSETS_MAX * 2 - 1), &r, &e), E_OK);
    assert_int_equal(r.n_offsets, DEP_OFFSETS_MAX);
    assert_int_equal(
        dep_offsets_parse(DEP_LIST_DAY, str_make(many, DEP_OFFSETS_MAX * 2 + 1), &r, &e), E_LIMIT);
}

static void test_limit_stop_and_refusal(void **state)
{
    struct schedule up = plan(CYCLE_MINUTE, "0 * * * * ?");
    struct dep_rule r = rule("YEAR/CURRENT_YEAR");
    struct found f = { 0 };
    struct civil from, to;
    struct err e = ERR_INIT;

    (void)state;
    assert_int_equal(dep_select(&r, CYCLE_YEAR, &up, at("2025-01-01"), collect, &f, &e), E_LIMIT);
    assert_int_equal(f.n, DEP_CANDIDATES_MAX);
    f = (struct found){ .stop_at = 3 };
    assert_int_equal(dep_select(&r, CYCLE_YEAR, &up, at("2025-01-01"), collect, &f, &e), E_OK);
    assert_int_equal(f.n, 3);
    up = plan(CYCLE_MINUTE, "0 0/5 * * * ?"); /* a leap year every five minutes fits */
    f = (struct found){ 0 };
    assert_int_equal(dep_select(&r, CYCLE_YEAR, &up, at("2024-01-01"), collect, &f, &e), E_OK);
    assert_int_equal(f.n, 366 * 288);
    /* A custom form whose offsets nobody set selects nothing. */
    f = (struct found){ 0 };
    r = (struct dep_rule){ .main = DEP_LIST_DAY };
    assert_int_equal(dep_inverse_range(&r, CYCLE_DAY, CYCLE_DAY, at("2025-01-01"), &from, &to),
                     E_OK);
    assert_true(from.s > to.s);
    assert_false(dep_rule_is_strictly_earlier(&r, CYCLE_DAY, CYCLE_DAY));
    up = plan(CYCLE_DAY, "0 0 0 * * ?");
    assert_int_equal(dep_select(&r, CYCLE_DAY, &up, at("2025-01-01"), collect, &f, &e), E_OK);
    assert_int_equal(f.n, 0);
    /* At the first grid point there is no previous one, and before it no current one. */
    up = plan(CYCLE_HOUR, "0 0 8 1 1 ? 2030");
    r = rule("HOUR/PREVIOUS_HOUR_CYCLE");
    assert_int_equal(dep_select(&r, CYCLE_HOUR, &up, at("2031-01-01"), collect, &f, &e), E_OK);
    r = rule("HOUR/CURRENT_HOUR");
    assert_int_equal(dep_select(&r, CYCLE_HOUR, &up, at("2029-01-01"), collect, &f, &e), E_OK);
    assert_int_equal(f.n, 0);
    up = plan(CYCLE_MINUTE, "0 0/5 * * * ?");
    r = rule("YEAR/CURRENT_YEAR");
    assert_int_equal(dep_select(&r, CYCLE_CRONTAB, &up, at("2025-01-01"), collect, &f, &e),
                     E_RANGE);
    assert_int_equal(f.n, 0);
    assert_non_null(strstr(e.text, "YEAR/CURRENT_YEAR is not allowed for a CRONTAB_CYCLE task"));
    assert_int_equal(
        dep_inverse_range(&r, CYCLE_CRONTAB, CYCLE_MINUTE, at("2025-01-01"), &from, &to), E_RANGE);
    assert_int_equal(dep_inverse_narrow(&r, CYCLE_CRONTAB, &up, at("2025-01-01"), &from, &to),
                     E_RANGE);
}

/* 3.5: which pairs name one candidate; 3.8: which look back strictly. */
static void test_single_and_strictly_earlier(void **state)
{
    static const struct {
        int line;
        const char *rule;
        enum cycle down, up;
        bool single, earlier;
    } rows[] = {
        { __LINE__, "HOUR/CURRENT_HOUR", CYCLE_HOUR, CYCLE_HOUR, true, false },
        { __LINE__, "HOUR/CURRENT_HOUR", CYCLE_HOUR, CYCLE_MINUTE, false, false },
        { __LINE__, "HOUR/CURRENT_HOUR", CYCLE_MINUTE, CYCLE_HOUR, false, false },
        { __LINE__, "HOUR/PREVIOUS_HOUR_CYCLE", CYCLE_HOUR, CYCLE_HOUR, true, true },
        { __LINE__, "HOUR/PREVIOUS_HOUR", CYCLE_HOUR, CYCLE_MINUTE, false, true },
        { __LINE__, "HOUR/PREVIOUS_HOUR_LATER_OFFSET_MINUTE", CYCLE_HOUR, CYCLE_MINUTE, false,
          false },
        { __LINE__, "MINUTE/CURRENT_MINUTE", CYCLE_MINUTE, CYCLE_MINUTE, true, false },
        { __LINE__, "MINUTE/PREVIOUS_MINUTE_CYCLE", CYCLE_MINUTE, CYCLE_MINUTE, true, true },
        { __LINE__, "CRONTAB/CURRENT", CYCLE_CRONTAB, CYCLE_CRONTAB, true, false },
        { __LINE__, "DAY/RECENT_DATE", CYCLE_DAY, CYCLE_WEEK, true, false },
        { __LINE__, "DAY/CURRENT_DAY", CYCLE_DAY, CYCLE_DAY, false, false },
        { __LINE__, "DAY/PREVIOUS_DAY", CYCLE_DAY, CYCLE_HOUR, false, true },
        { __LINE__, "DAY/PREVIOUS_DAY", CYCLE_DAY, CYCLE_DAY, false,
          false }, /* not an allowed pair */
        { __LINE__, "WEEK/PREVIOUS_FRIDAY", CYCLE_WEEK, CYCLE_DAY, false, true },
        { __LINE__, "MONTH/PREVIOUS_MONTH", CYCLE_MONTH, CYCLE_DAY, false, true },
        { __LINE__, "LIST_DAY -1,-2", CYCLE_DAY, CYCLE_DAY, false, true },
        { __LINE__, "LIST_DAY -1,0", CYCLE_DAY, CYCLE_DAY, false, false },
        { __LINE__, "RANGE_HOUR -5,-1", CYCLE_DAY, CYCLE_HOUR, false, true },
        { __LINE__, "RANGE_HOUR -5,1", CYCLE_DAY, CYCLE_HOUR, false, false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct dep_rule r = rule(rows[i].rule);
        if (dep_rule_is_single(&r, rows[i].down, rows[i].up) != rows[i].single ||
            dep_rule_is_strictly_earlier(&r, rows[i].down, rows[i].up) != rows[i].earlier)
            fail_msg("line %d", rows[i].line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table_has_123_pairs),
        cmocka_unit_test(test_default_is_the_first_pair),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_selections),
        cmocka_unit_test(test_vector_4_candidate_outside_the_window),
        cmocka_unit_test(test_vector_5_inverse),
        cmocka_unit_test(test_inverse_ranges),
        cmocka_unit_test(test_vector_6_three_presets),
        cmocka_unit_test(test_offsets),
        cmocka_unit_test(test_limit_stop_and_refusal),
        cmocka_unit_test(test_single_and_strictly_earlier),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
