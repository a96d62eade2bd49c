/* cal/cron.c - matching and searching: bit sets and bit scans, never unit by unit.
 *
 * A month becomes a mask of its matching days; a search then is a bit scan in each of year, month,
 * day, hour, minute and second.  The work is bounded by the months between CIVIL_YEAR_MIN and
 * CIVIL_YEAR_MAX.
 */
#include "cal/cron.h"

/* 2199-12-31 23:59:59; the first moment searched, 1970-01-01 00:00:00, is 0. */
#define CIVIL_LAST INT64_C(7258118399)

/* Lowest set bit at or above `from`, highest at or below; -1: none. */
static int bit_up(uint64_t bits, int from)
{
    uint64_t rest = from > 63 ? 0 : bits >> from << from;

    return rest == 0 ? -1 : __builtin_ctzll(rest);
}

static int bit_down(uint64_t bits, int from)
{
    uint64_t rest = from < 0 ? 0 : from > 62 ? bits : bits & ((UINT64_C(2) << from) - 1);

    return rest == 0 ? -1 : 63 - __builtin_clzll(rest);
}

static bool year_has(const struct cron *c, int year)
{
    unsigned i = (unsigned)(year - CIVIL_YEAR_MIN);

    return year <= CIVIL_YEAR_MAX && year >= CIVIL_YEAR_MIN && (c->year[i / 64] >> i % 64 & 1) != 0;
}

/* First year at or after, last at or before; -1: none. */
static int year_up(const struct cron *c, int year)
{
    while (year <= CIVIL_YEAR_MAX && !year_has(c, year))
        year++;
    return year <= CIVIL_YEAR_MAX ? year : -1;
}

static int year_down(const struct cron *c, int year)
{
    while (year >= CIVIL_YEAR_MIN && !year_has(c, year))
        year--;
    return year >= CIVIL_YEAR_MIN ? year : -1;
}

struct month {
    int days;  /* 28..31 */
    int first; /* day of the week of the 1st, 0 = Sunday */
};

static struct month month_of(int year, int month)
{
    int64_t n = civil_date_number(year, month, 1) + 4; /* 1970-01-01 was a Thursday */

    return (struct month){ .days = civil_days_in_month(year, month), .first = (int)(n % 7) };
}

/* The days of the month that are one of these days of the week; bits 1..31. */
static uint32_t week_days(struct month m, uint32_t wday)
{
    uint64_t from_first = (wday >> m.first | wday << (7 - m.first)) & 0x7f;

    return (uint32_t)(from_first * UINT64_C(0x10204081) << 1);
}

/* The working day nearest to `day` inside the month, as a bit. */
static uint32_t nearest_weekday(struct month m, int day)
{
    int wday = (m.first + day - 1) % 7;

    if (wday == 6)
        day += day > 1 ? -1 : 2;
    else if (wday == 0)
        day += day < m.days ? 1 : -2;
    return 1u << day;
}

static uint32_t month_day_part(const struct cron *c, struct month m)
{
    uint32_t days = c->mday;

    for (uint32_t rest = c->mday_from_end; rest != 0; rest &= rest - 1) {
        int day = m.days - __builtin_ctz(rest);
        if (day >= 1)
            days |= 1u << day;
    }
    for (uint32_t rest = c->mday_weekday; rest != 0; rest &= rest - 1) {
        int day = __builtin_ctz(rest);
        if (day <= m.days)
            days |= nearest_weekday(m, day);
    }
    for (uint32_t rest = c->mday_end_weekday; rest != 0; rest &= rest - 1) {
        int day = m.days - __builtin_ctz(rest);
        if (day >= 1)
            days |= nearest_weekday(m, day);
    }
    return days;
}

static uint32_t week_day_part(const struct cron *c, struct month m)
{
    uint32_t days = week_days(m, c->wday);

    if (c->wday_last != 0)
        days |= week_days(m, c->wday_last) & 0x7fu << (m.days - 6);
    for (int k = 1; k <= 5; k++) {
        if (c->wday_nth[k] != 0)
            days |= week_days(m, c->wday_nth[k]) & (uint32_t)(UINT64_C(0x7f) << (7 * k - 6));
    }
    return days;
}

/* The matching days of a month as bits 1..31. */
static uint32_t days_of(const struct cron *c, int year, int month)
{
    uint32_t all, days;
    struct month m;

    if (c->mday_any && c->wday_any)
        return (uint32_t)((UINT64_C(2) << civil_days_in_month(year, month)) - 2);
    m = month_of(year, month);
    all = (uint32_t)((UINT64_C(2) << m.days) - 2);
    days = 0;
    if (!c->mday_any)
        days |= month_day_part(c, m);
    if (!c->wday_any)
        days |= week_day_part(c, m);
    return days & all;
}

bool cron_matches(const struct cron *c, struct civil t)
{
    struct civil_parts p = civil_split(t);

    return year_has(c, p.year) && (c->month >> p.month & 1) != 0 && (c->hour >> p.hour & 1) != 0 &&
           (c->minute >> p.minute & 1) != 0 && (c->second >> p.second & 1) != 0 &&
           (days_of(c, p.year, p.month) >> p.day & 1) != 0;
}

static int clock_up(const struct cron *c, int h, int m, int s)
{
    int hour = bit_up(c->hour, h), minute, second;

    if (hour == h) {
        minute = bit_up(c->minute, m);
        if (minute == m) {
            second = bit_up(c->second, s);
            if (second >= 0)
                return h * CIVIL_HOUR + m * CIVIL_MINUTE + second;
            minute = bit_up(c->minute, m + 1);
        }
        if (minute >= 0)
            return h * CIVIL_HOUR + minute * CIVIL_MINUTE + bit_up(c->second, 0);
        hour = bit_up(c->hour, h + 1);
    }
    if (hour < 0)
        return -1;
    return hour * CIVIL_HOUR + bit_up(c->minute, 0) * CIVIL_MINUTE + bit_up(c->second, 0);
}

static int clock_down(const struct cron *c, int h, int m, int s)
{
    int hour = bit_down(c->hour, h), minute, second;

    if (hour == h) {
        minute = bit_down(c->minute, m);
        if (minute == m) {
            second = bit_down(c->second, s);
            if (second >= 0)
                return h * CIVIL_HOUR + m * CIVIL_MINUTE + second;
            minute = bit_down(c->minute, m - 1);
        }
        if (minute >= 0)
            return h * CIVIL_HOUR + minute * CIVIL_MINUTE + bit_down(c->second, 59);
        hour = bit_down(c->hour, h - 1);
    }
    if (hour < 0)
        return -1;
    return hour * CIVIL_HOUR + bit_down(c->minute, 59) * CIVIL_MINUTE + bit_down(c->second, 59);
}

int cron_clock_next(const struct cron *c, int second)
{
    check(second >= 0);
    return clock_up(c, second / CIVIL_HOUR, second / CIVIL_MINUTE % 60, second % 60);
}

int cron_clock_prev(const struct cron *c, int second)
{
    if (second < 0)
        return -1;
    return clock_down(c, second / CIVIL_HOUR, second / CIVIL_MINUTE % 60, second % 60);
}

/* The first matching date from (year, month, day) on. */
static bool date_up(const struct cron *c, int *year, int *month, int *day)
{
    int y = *year, m = *month, d = *day, found;

    for (;;) {
        int fit = year_up(c, y);
        if (fit < 0)
            return false;
        found = bit_up(c->month, fit == y ? m : 1);
        if (fit != y || found != m)
            d = 1;
        y = fit;
        if (found < 0) {
            y++;
            m = d = 1;
            continue;
        }
        m = found;
        found = bit_up(days_of(c, y, m), d);
        if (found >= 0)
            break;
        m++;
        d = 1;
    }
    *year = y;
    *month = m;
    *day = found;
    return true;
}

/* The last matching date up to (year, month, day). */
static bool date_down(const struct cron *c, int *year, int *month, int *day)
{
    int y = *year, m = *month, d = *day, found;

    for (;;) {
        int fit = year_down(c, y);
        if (fit < 0)
            return false;
        found = bit_down(c->month, fit == y ? m : 12);
        if (fit != y || found != m)
            d = 31;
        y = fit;
        if (found < 0) {
            y--;
            m = 12;
            d = 31;
            continue;
        }
        m = found;
        found = bit_down(days_of(c, y, m), d);
        if (found >= 0)
            break;
        m--;
        d = 31;
    }
    *year = y;
    *month = m;
    *day = found;
    return true;
}

static bool date_has(const struct cron *c, const struct civil_parts *p)
{
    return year_has(c, p->year) && (c->month >> p->month & 1) != 0 &&
           (days_of(c, p->year, p->month) >> p->day & 1) != 0;
}

static struct civil on_day(int64_t day, int second)
{
    return (struct civil){ day * CIVIL_DAY + second };
}

bool cron_next(const struct cron *c, struct civil t, struct civil *ret)
{
    struct civil_parts p;
    int sod, y, m, d;

    if (t.s >= CIVIL_LAST)
        return false;
    t.s = t.s < 0 ? 0 : t.s + 1;
    p = civil_split(t);
    if (date_has(c, &p)) {
        sod = clock_up(c, p.hour, p.minute, p.second);
        if (sod >= 0) {
            *ret = on_day(civil_day_number(t), sod);
            return true;
        }
    }
    y = p.year;
    m = p.month;
    d = p.day + 1; /* one past the end of the month finds nothing there and moves on */
    if (!date_up(c, &y, &m, &d))
        return false;
    *ret = on_day(civil_date_number(y, m, d), clock_up(c, 0, 0, 0));
    return true;
}

bool cron_prev(const struct cron *c, struct civil t, struct civil *ret)
{
    struct civil_parts p;
    int sod, y, m, d;

    if (t.s <= 0)
        return false;
    t.s = t.s > CIVIL_LAST ? CIVIL_LAST : t.s - 1;
    p = civil_split(t);
    if (date_has(c, &p)) {
        sod = clock_down(c, p.hour, p.minute, p.second);
        if (sod >= 0) {
            *ret = on_day(civil_day_number(t), sod);
            return true;
        }
    }
    y = p.year;
    m = p.month;
    d = p.day - 1; /* day 0 finds nothing in this month and moves on */
    if (!date_down(c, &y, &m, &d))
        return false;
    *ret = on_day(civil_date_number(y, m, d), clock_down(c, 23, 59, 59));
    return true;
}

bool cron_equal(const struct cron *a, const struct cron *b)
{
    bool same = a->second == b->second && a->minute == b->minute && a->hour == b->hour &&
                a->month == b->month && a->mday == b->mday &&
                a->mday_from_end == b->mday_from_end && a->mday_weekday == b->mday_weekday &&
                a->mday_end_weekday == b->mday_end_weekday && a->wday == b->wday &&
                a->wday_last == b->wday_last && a->mday_any == b->mday_any &&
                a->wday_any == b->wday_any;

    for (int k = 1; k <= 5; k++)
        same = same && a->wday_nth[k] == b->wday_nth[k];
    for (int i = 0; i < 4; i++)
        same = same && a->year[i] == b->year[i];
    return same;
}
