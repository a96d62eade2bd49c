/* cal/tz_rule.c - POSIX TZ strings. */
#include "cal/tz_rule.h"

#include "cal/civil.h"

/* What is left of the text. */
struct cursor {
    const char *at, *end;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool eat(struct cursor *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

static bool number(struct cursor *c, int min, int max, int *ret)
{
    int v = 0;
    const char *from = c->at;

    while (c->at < c->end && is_digit(*c->at) && c->at - from < 3)
        v = v * 10 + (*c->at++ - '0');
    if (c->at == from || v < min || v > max)
        return false;
    *ret = v;
    return true;
}

/* "CET" or "<+0330>", three characters at least. */
static bool name(struct cursor *c)
{
    bool quoted = eat(c, '<');
    const char *from = c->at;

    while (c->at < c->end &&
           (is_letter(*c->at) || (quoted && (is_digit(*c->at) || *c->at == '+' || *c->at == '-'))))
        c->at++;
    if (c->at - from < 3)
        return false;
    return !quoted || eat(c, '>');
}

/* [+-]h[h[h]][:mm[:ss]] */
static bool clock_time(struct cursor *c, int max_hour, int32_t *ret)
{
    bool negative = eat(c, '-');
    int h, m = 0, s = 0;

    if (!negative)
        eat(c, '+');
    if (!number(c, 0, max_hour, &h))
        return false;
    if (eat(c, ':')) {
        if (!number(c, 0, 59, &m) || (eat(c, ':') && !number(c, 0, 59, &s)))
            return false;
    }
    *ret = (h * CIVIL_HOUR + m * CIVIL_MINUTE + s) * (negative ? -1 : 1);
    return true;
}

static bool change(struct cursor *c, struct tz_change *ret)
{
    struct tz_change r = { .second = 2 * CIVIL_HOUR };

    if (!eat(c, ','))
        return false;
    if (eat(c, 'J')) {
        r.kind = TZ_JULIAN;
        if (!number(c, 1, 365, &r.day))
            return false;
    } else if (eat(c, 'M')) {
        r.kind = TZ_MONTH_WEEK;
        if (!number(c, 1, 12, &r.month) || !eat(c, '.') || !number(c, 1, 5, &r.week) ||
            !eat(c, '.') || !number(c, 0, 6, &r.day))
            return false;
    } else {
        r.kind = TZ_ZERO_JULIAN;
        if (!number(c, 0, 365, &r.day))
            return false;
    }
    if (eat(c, '/') && !clock_time(c, 167, &r.second))
        return false;
    *ret = r;
    return true;
}

static bool rule(struct cursor *c, struct tz_rule *ret)
{
    /* The offsets of POSIX count west of Greenwich. */
    if (!name(c) || !clock_time(c, 24, &ret->standard))
        return false;
    ret->standard = -ret->standard;
    if (c->at == c->end)
        return true;
    if (!name(c))
        return false;
    ret->has_daylight = true;
    ret->daylight = ret->standard + CIVIL_HOUR;
    if (c->at < c->end && *c->at != ',') {
        if (!clock_time(c, 24, &ret->daylight))
            return false;
        ret->daylight = -ret->daylight;
    }
    return change(c, &ret->start) && change(c, &ret->end) && c->at == c->end;
}

enum err_code tz_rule_parse(struct str text, struct tz_rule *ret, struct err *e)
{
    struct cursor c = { text.ptr, text.ptr + text.len };
    struct tz_rule r = { 0 };

    if (text.len == 0 || !rule(&c, &r))
        return err_set(e, E_CORRUPT, "the footer of the zone is not a POSIX TZ string");
    *ret = r;
    return E_OK;
}

/* Midnight of the day of the change, counted as civil seconds. */
static int64_t change_day(const struct tz_change *c, int year)
{
    int64_t first, day;
    int length, wday;

    switch (c->kind) {
    case TZ_JULIAN: /* 29 February has no number */
        day = civil_date_number(year, 1, c->day);
        if (c->day > 59 && civil_days_in_month(year, 2) == 29)
            day++;
        break;
    case TZ_ZERO_JULIAN:
        day = civil_date_number(year, 1, 1 + c->day);
        break;
    default:
        first = civil_date_number(year, c->month, 1);
        length = civil_days_in_month(year, c->month);
        wday = civil_weekday((struct civil){ first * CIVIL_DAY }) % 7;
        day = (c->day - wday + 7) % 7 + 7 * (c->week - 1);
        if (day >= length)
            day -= 7;
        day += first;
    }
    return day * CIVIL_DAY;
}

int64_t tz_rule_start(const struct tz_rule *r, int year)
{
    return change_day(&r->start, year) + r->start.second - r->standard;
}

int64_t tz_rule_end(const struct tz_rule *r, int year)
{
    return change_day(&r->end, year) + r->end.second - r->daylight;
}
