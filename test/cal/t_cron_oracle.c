/* test/cal/t_cron_oracle.c - cron_next and cron_prev against a matcher that knows no shortcut.
 *
 * The expressions are made as trees.  The trees are printed for cron_parse, and walked for the
 * oracle, which goes day by day and then hour by hour, minute by minute, second by second: it
 * shares nothing with the parser and the bit sets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"
#include "cal/cron.h"

enum { EXPRESSIONS = 24000, STARTS = 3, HORIZON_DAYS = 800, FAR_EXPRESSIONS = 50 };
enum { SECOND, MINUTE, HOUR, MDAY, MONTH, WDAY, YEAR, FIELDS };
enum kind {
    ALL,
    ALL_STEP,
    ONE,
    FROM_STEP,
    RANGE,
    RANGE_STEP,
    LAST,
    LAST_MINUS,
    LAST_W,
    LAST_MINUS_W,
    NEAR,
    NTH
};

struct item {
    enum kind kind;
    int a, b, step;
};

struct field {
    int n; /* 0: the field is '?' */
    struct item items[3];
};

struct tree {
    struct field fields[FIELDS];
    bool six; /* printed without the year */
};

static const int min_of[FIELDS] = { 0, 0, 0, 1, 1, 1, 1970 };
static const int max_of[FIELDS] = { 59, 59, 23, 31, 12, 7, 2199 };

static struct item random_item(struct prng *p, int f)
{
    struct item it = { .step = 1 };
    int64_t roll = prng_range(p, 0, 99);

    it.a = (int)prng_range(p, min_of[f], max_of[f]);
    it.b = (int)prng_range(p, min_of[f], max_of[f]);
    if (f == YEAR && it.b < it.a)
        it.b = it.a;
    if ((f == MDAY || f == WDAY) && roll < 35) {
        static const enum kind mday[] = { LAST, LAST_MINUS, LAST_W, LAST_MINUS_W, NEAR, NEAR };
        static const enum kind wday[] = { LAST, LAST_MINUS, LAST_MINUS, NTH, NTH, NTH };
        it.kind = (f == MDAY ? mday : wday)[roll % 6];
        if (f == MDAY && it.kind != NEAR)
            it.a = (int)prng_range(p, 0, 30);
        it.b = (int)prng_range(p, 1, 5);
        return it;
    }
    it.kind = roll < 70   ? ONE
              : roll < 80 ? RANGE
              : roll < 85 ? RANGE_STEP
              : roll < 95 ? FROM_STEP
                          : ALL_STEP;
    if (it.kind == RANGE_STEP || it.kind == FROM_STEP || it.kind == ALL_STEP)
        it.step = (int)prng_range(p, 1, f == YEAR ? 20 : max_of[f]);
    return it;
}

static void random_field(struct prng *p, int f, int all_percent, struct field *ret)
{
    ret->n = 1;
    ret->items[0] = (struct item){ .kind = ALL, .step = 1 };
    if (prng_range(p, 0, 99) < all_percent) {
        if ((f == MDAY || f == WDAY) && prng_range(p, 0, 1) == 0)
            ret->n = 0;
        return;
    }
    ret->n = (int)prng_range(p, 1, 5) - 2;
    if (ret->n < 1)
        ret->n = 1;
    for (int i = 0; i < ret->n; i++)
        ret->items[i] = random_item(p, f);
}

static struct tree random_tree(struct prng *p)
{
    static const int all_percent[FIELDS] = { 15, 20, 30, 45, 65, 55, 85 };
    struct tree t;

    for (int f = 0; f < FIELDS; f++)
        random_field(p, f, all_percent[f], &t.fields[f]);
    t.six = t.fields[YEAR].items[0].kind == ALL && prng_range(p, 0, 1) == 0;
    return t;
}

static void print_value(struct prng *p, int f, int v, struct buf *out)
{
    static const char *const months[] = { "JAN", "feb", "Mar", "APR", "may", "JUN",
                                          "JUL", "AUG", "SEP", "OCT", "NOV", "dEc" };
    static const char *const days[] = { "SUN", "mon", "TUE", "WED", "Thu", "FRI", "SAT" };

    if (f == MONTH && prng_range(p, 0, 1) == 0)
        buf_add_c(out, months[v - 1]);
    else if (f == WDAY && prng_range(p, 0, 1) == 0)
        buf_add_c(out, days[v - 1]);
    else
        buf_printf(out, prng_range(p, 0, 9) == 0 ? "%02d" : "%d", v);
}

static void print_item(struct prng *p, int f, const struct item *it, struct buf *out)
{
    bool end_relative = f == MDAY && it->kind != NEAR;

    switch (it->kind) {
    case ALL:
    case ALL_STEP:
        buf_add_char(out, '*');
        break;
    case LAST:
        buf_add_char(out, 'L');
        break;
    case LAST_W:
        buf_add_c(out, "LW");
        break;
    case LAST_MINUS:
    case LAST_MINUS_W:
        if (end_relative) {
            buf_printf(out, it->kind == LAST_MINUS ? "L-%d" : "L-%dW", it->a);
        } else {
            print_value(p, f, it->a, out);
            buf_add_char(out, 'L');
        }
        break;
    default:
        print_value(p, f, it->a, out);
    }
    if (it->kind == RANGE || it->kind == RANGE_STEP) {
        buf_add_char(out, '-');
        print_value(p, f, it->b, out);
    }
    if (it->kind == NEAR)
        buf_add_char(out, 'W');
    if (it->kind == NTH)
        buf_printf(out, "#%d", it->b);
    if (it->kind == ALL_STEP || it->kind == FROM_STEP || it->kind == RANGE_STEP)
        buf_printf(out, "/%d", it->step);
}

static void print_tree(struct prng *p, const struct tree *t, struct buf *out)
{
    for (int f = 0; f < FIELDS - t->six; f++) {
        buf_add_c(out, f == 0 ? "" : prng_range(p, 0, 9) == 0 ? "  " : " ");
        if (t->fields[f].n == 0)
            buf_add_char(out, '?');
        for (int i = 0; i < t->fields[f].n; i++) {
            buf_add_c(out, i == 0 ? "" : ",");
            print_item(p, f, &t->fields[f].items[i], out);
        }
    }
}

/* Is v among the values that a plain item visits, counting up from its first one? */
static bool item_visits(int f, const struct item *it, int v)
{
    bool whole = it->kind == ALL || it->kind == ALL_STEP;
    int at = whole ? min_of[f] : it->a;
    int end = it->kind == ONE                               ? it->a
              : it->kind == RANGE || it->kind == RANGE_STEP ? it->b
                                                            : max_of[f];

    for (int count = 0;; count++) {
        if (at == v)
            return count % it->step == 0;
        if (at == end)
            return false;
        at = at == max_of[f] ? min_of[f] : at + 1;
    }
}

struct date {
    int year, month, day;
    int wday;   /* 1 = Sunday */
    int length; /* of the month */
};

static int month_length(int year, int month)
{
    if (month == 2)
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static void step_day(struct date *d, int by)
{
    d->wday = (d->wday - 1 + by + 7) % 7 + 1;
    d->day += by;
    if (d->day >= 1 && d->day <= d->length)
        return;
    d->month += by;
    if (d->month < 1 || d->month > 12) {
        d->year += by;
        d->month = by > 0 ? 1 : 12;
    }
    d->length = month_length(d->year, d->month);
    d->day = by > 0 ? 1 : d->length;
}

/* Is d the working day of its month that lies nearest to the target day? */
static bool is_nearest(const struct date *d, int target)
{
    int best = 0;

    if (target < 1 || target > d->length)
        return false;
    for (int day = 1; day <= d->length; day++) {
        int wday = (d->wday - 1 + (day - d->day) + 35) % 7 + 1;
        int far = day > target ? day - target : target - day;
        int best_far = best > target ? best - target : target - best;
        if (wday != 1 && wday != 7 && (best == 0 || far < best_far))
            best = day;
    }
    return d->day == best;
}

static bool mday_item(const struct item *it, const struct date *d)
{
    switch (it->kind) {
    case LAST:
        return d->day == d->length;
    case LAST_MINUS:
        return d->day == d->length - it->a;
    case LAST_W:
        return is_nearest(d, d->length);
    case LAST_MINUS_W:
        return is_nearest(d, d->length - it->a);
    case NEAR:
        return is_nearest(d, it->a);
    default:
        return item_visits(MDAY, it, d->day);
    }
}

static bool wday_item(const struct item *it, const struct date *d)
{
    switch (it->kind) {
    case LAST:
        return d->wday == 7;
    case LAST_MINUS:
        return d->wday == it->a && d->day + 7 > d->length;
    case NTH:
        return d->wday == it->a && (d->day - 1) / 7 + 1 == it->b;
    default:
        return item_visits(WDAY, it, d->wday);
    }
}

static bool restricts(const struct field *f)
{
    for (int i = 0; i < f->n; i++) {
        const struct item *it = &f->items[i];
        if (it->kind == ALL || (it->kind == ALL_STEP && it->step == 1))
            return false;
    }
    return f->n > 0;
}

struct oracle {
    const struct tree *t;
    bool clock[3][60];
    bool month[13], year[2200];
    bool mday_restricts, wday_restricts;
};

static bool field_has(const struct tree *t, int f, int v)
{
    for (int i = 0; i < t->fields[f].n; i++) {
        if (item_visits(f, &t->fields[f].items[i], v))
            return true;
    }
    return false;
}

static void oracle_init(struct oracle *o, const struct tree *t)
{
    memset(o, 0, sizeof(*o));
    o->t = t;
    for (int f = SECOND; f <= HOUR; f++) {
        for (int v = 0; v <= max_of[f]; v++)
            o->clock[f][v] = field_has(t, f, v);
    }
    for (int v = 1; v <= 12; v++)
        o->month[v] = field_has(t, MONTH, v);
    for (int v = 1970; v <= 2199; v++)
        o->year[v] = t->fields[YEAR].items[0].kind == ALL || field_has(t, YEAR, v);
    o->mday_restricts = restricts(&t->fields[MDAY]);
    o->wday_restricts = restricts(&t->fields[WDAY]);
}

static bool oracle_date(const struct oracle *o, const struct date *d)
{
    const struct field *mday = &o->t->fields[MDAY], *wday = &o->t->fields[WDAY];

    if (d->year < 1970 || d->year > 2199 || !o->year[d->year] || !o->month[d->month])
        return false;
    if (!o->mday_restricts && !o->wday_restricts)
        return true;
    for (int i = 0; o->mday_restricts && i < mday->n; i++) {
        if (mday_item(&mday->items[i], d))
            return true;
    }
    for (int i = 0; o->wday_restricts && i < wday->n; i++) {
        if (wday_item(&wday->items[i], d))
            return true;
    }
    return false;
}

/* The first matching second of the day from `from` on, by = 1, or down, by = -1; -1: none. */
static int oracle_clock(const struct oracle *o, int from, int by)
{
    int s = from;

    while (s >= 0 && s < CIVIL_DAY) {
        int h = s / 3600, m = s / 60 % 60;
        if (!o->clock[HOUR][h])
            s = by > 0 ? (h + 1) * 3600 : h * 3600 - 1;
        else if (!o->clock[MINUTE][m])
            s = by > 0 ? (s / 60 + 1) * 60 : s / 60 * 60 - 1;
        else if (!o->clock[SECOND][s % 60])
            s += by;
        else
            return s;
    }
    return -1;
}

static struct date date_of(int64_t day)
{
    struct civil c = { day * CIVIL_DAY };
    struct civil_parts p = civil_split(c);

    return (struct date){ p.year, p.month, p.day, civil_weekday(c) % 7 + 1,
                          month_length(p.year, p.month) };
}

/* The first match after t (by = 1) or before it (by = -1), looking at `days` days. */
static bool oracle_search(const struct oracle *o, struct civil t, int by, int64_t days,
                          struct civil *ret)
{
    int64_t day = civil_day_number((struct civil){ t.s + by });
    int from = (int)(t.s + by - day * CIVIL_DAY);
    struct date d = date_of(day);

    for (int64_t i = 0; i < days; i++) {
        int s = oracle_date(o, &d) ? oracle_clock(o, from, by) : -1;
        if (s >= 0) {
            ret->s = day * CIVIL_DAY + s;
            return true;
        }
        step_day(&d, by);
        day += by;
        from = by > 0 ? 0 : CIVIL_DAY - 1;
    }
    return false;
}

static void compare(const struct oracle *o, const struct cron *c, const char *text, struct civil t,
                    int64_t days)
{
    for (int by = -1; by <= 1; by += 2) {
        struct civil expect = { 0 }, got = { 0 };
        bool found = by > 0 ? cron_next(c, t, &got) : cron_prev(c, t, &got);
        bool expected = oracle_search(o, t, by, days, &expect);
        int64_t seen = (civil_day_number((struct civil){ t.s + by }) + by * days) * CIVIL_DAY;
        if (expected && (!found || got.s != expect.s))
            fail_msg("'%s' from %lld by %d: %lld instead of %lld", text, (long long)t.s, by,
                     found ? (long long)got.s : -1LL, (long long)expect.s);
        if (!expected && found && (by > 0 ? got.s < seen : got.s >= seen + CIVIL_DAY))
            fail_msg("'%s' from %lld by %d: %lld, which does not match", text, (long long)t.s, by,
                     (long long)got.s);
        if (found)
            assert_true(cron_matches(c, got));
    }
}

static struct civil random_start(struct prng *p)
{
    struct civil t = { prng_range(p, 0, INT64_C(7258118399)) };

    switch (prng_range(p, 0, 5)) {
    case 0:
        return (struct civil){ civil_month(t).s - prng_range(p, 0, 1) };
    case 1:
        return (struct civil){ civil_year(t).s - prng_range(p, 0, 1) };
    case 2:
        return (struct civil){ civil_hour(t).s - prng_range(p, 0, 1) };
    default:
        return t;
    }
}

static void check_tree(struct prng *p, int starts, int64_t days)
{
    struct tree t = random_tree(p);
    struct oracle o;
    struct cron c, again;
    struct err e = ERR_INIT;
    struct buf text, canonical;

    buf_init(&text, 1024);
    buf_init(&canonical, CRON_TEXT_MAX);
    print_tree(p, &t, &text);
    oracle_init(&o, &t);
    if (cron_parse(buf_str(&text), &c, &e) != E_OK)
        fail_msg("'%s': %s", text.ptr, e.text);
    cron_print(&c, &canonical);
    assert_false(canonical.overflow);
    if (cron_parse(buf_str(&canonical), &again, &e) != E_OK || !cron_equal(&c, &again))
        fail_msg("'%s' became '%s' (%s)", text.ptr, canonical.ptr, e.text);
    for (int i = 0; i < starts; i++) {
        struct civil at = random_start(p), near;
        compare(&o, &c, text.ptr, at, days);
        if (cron_next(&c, at, &near)) /* from a match, and from the second beside it */
            compare(&o, &c, text.ptr, (struct civil){ near.s - prng_range(p, 0, 1) }, days);
    }
    for (int i = 0; i < 4; i++) {
        struct civil at = random_start(p);
        struct date d = date_of(civil_day_number(at));
        int s = (int)(at.s - civil_day(at).s);
        bool expect = oracle_date(&o, &d) && oracle_clock(&o, s, 1) == s;
        assert_int_equal(cron_matches(&c, at), expect);
    }
    buf_done(&text);
    buf_done(&canonical);
}

static void test_searches_agree_with_stepping(void **state)
{
    struct prng p;

    (void)state;
    prng_init(&p, 20250806);
    for (int i = 0; i < EXPRESSIONS; i++)
        check_tree(&p, STARTS, HORIZON_DAYS);
}

/* The same to the ends of the calendar: what is never found does not exist. */
static void test_searches_agree_to_the_last_year(void **state)
{
    struct prng p;

    (void)state;
    prng_init(&p, 7);
    for (int i = 0; i < FAR_EXPRESSIONS; i++)
        check_tree(&p, 1, 231 * 366);
}

/* Every second of two days, matched one by one. */
static void test_next_gives_exactly_the_matches(void **state)
{
    struct prng p;

    (void)state;
    prng_init(&p, 99);
    for (int i = 0; i < 6; i++) {
        struct tree t = random_tree(&p);
        struct buf text;
        struct cron c;
        struct civil at = random_start(&p), end = { at.s + 2 * CIVIL_DAY }, expect = at;
        buf_init(&text, 1024);
        print_tree(&p, &t, &text);
        assert_int_equal(cron_parse(buf_str(&text), &c, NULL), E_OK);
        while (cron_next(&c, at, &at) && at.s <= end.s) {
            for (expect.s++; expect.s < at.s; expect.s++)
                assert_false(cron_matches(&c, expect));
            assert_true(cron_matches(&c, at));
        }
        for (expect.s++; expect.s <= end.s; expect.s++)
            assert_false(cron_matches(&c, expect));
        buf_done(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_searches_agree_with_stepping),
        cmocka_unit_test(test_searches_agree_to_the_last_year),
        cmocka_unit_test(test_next_gives_exactly_the_matches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
