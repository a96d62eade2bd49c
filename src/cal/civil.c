/* cal/civil.c - civil time: dates, truncations, text. */
#include "cal/civil.h"

#include <string.h>

/* The proleptic Gregorian calendar repeats after 400 years. */
enum { DAYS_PER_ERA = 146097, YEARS_PER_ERA = 400, DAYS_0000_03_01_TO_EPOCH = 719468 };

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;

    return a % b < 0 ? q - 1 : q;
}

static struct civil floor_to(struct civil c, int64_t unit)
{
    return (struct civil){ floor_div(c.s, unit) * unit };
}

/* Years are counted from March, so that the leap day is the last day of its year and the lengths
 * of the months follow one line: (153 m + 2) / 5 days lie before the m-th month after March. */
int64_t civil_date_number(int year, int month, int day)
{
    int64_t m0 = month - 1;
    int64_t y = year + floor_div(m0, 12);
    int64_t m = m0 - floor_div(m0, 12) * 12; /* 0 = January */
    int64_t from_march = m >= 2 ? m - 2 : m + 10;
    int64_t era, yoe, doe;

    if (m < 2)
        y--;
    era = floor_div(y, YEARS_PER_ERA);
    yoe = y - era * YEARS_PER_ERA;
    doe = yoe * 365 + yoe / 4 - yoe / 100 + (153 * from_march + 2) / 5 + day - 1;
    return era * DAYS_PER_ERA + doe - DAYS_0000_03_01_TO_EPOCH;
}

int64_t civil_day_number(struct civil c)
{
    return floor_div(c.s, CIVIL_DAY);
}

struct civil civil_make(int year, int month, int day, int hour, int minute, int second)
{
    int64_t days = civil_date_number(year, month, day);

    return (struct civil){ days * CIVIL_DAY + (int64_t)hour * CIVIL_HOUR +
                           (int64_t)minute * CIVIL_MINUTE + second };
}

struct civil_parts civil_split(struct civil c)
{
    int64_t days = civil_day_number(c);
    int32_t sod = (int32_t)(c.s - days * CIVIL_DAY);
    int64_t z = days + DAYS_0000_03_01_TO_EPOCH;
    int64_t era = floor_div(z, DAYS_PER_ERA);
    int32_t doe = (int32_t)(z - era * DAYS_PER_ERA);
    int32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int32_t from_march = (5 * doy + 2) / 153;
    struct civil_parts p;

    p.day = doy - (153 * from_march + 2) / 5 + 1;
    p.month = from_march < 10 ? from_march + 3 : from_march - 9;
    p.year = (int)(era * YEARS_PER_ERA) + yoe + (p.month <= 2);
    p.hour = sod / CIVIL_HOUR;
    p.minute = sod / CIVIL_MINUTE % 60;
    p.second = sod % 60;
    return p;
}

int civil_weekday(struct civil c)
{
    int64_t days = civil_day_number(c) + 3; /* 1970-01-01 was a Thursday */

    return (int)(days - floor_div(days, 7) * 7) + 1;
}

int civil_days_in_month(int year, int month)
{
    static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    check(month >= 1 && month <= 12);
    return month == 2 && leap ? 29 : days[month - 1];
}

struct civil civil_hour(struct civil c)
{
    return floor_to(c, CIVIL_HOUR);
}

struct civil civil_day(struct civil c)
{
    return floor_to(c, CIVIL_DAY);
}

struct civil civil_week(struct civil c)
{
    return (struct civil){ (civil_day_number(c) - (civil_weekday(c) - 1)) * CIVIL_DAY };
}

struct civil civil_month(struct civil c)
{
    struct civil_parts p = civil_split(c);

    return (struct civil){ (civil_day_number(c) - (p.day - 1)) * CIVIL_DAY };
}

struct civil civil_year(struct civil c)
{
    struct civil_parts p = civil_split(c);

    return civil_make(p.year, 1, 1, 0, 0, 0);
}

struct civil civil_add_months(struct civil c, int n)
{
    struct civil_parts p = civil_split(c);
    int64_t month = (int64_t)p.year * 12 + p.month - 1 + n;
    int year = (int)floor_div(month, 12);
    int in_year = (int)(month - (int64_t)year * 12) + 1;
    int length = civil_days_in_month(year, in_year);

    return civil_make(year, in_year, p.day < length ? p.day : length, p.hour, p.minute, p.second);
}

/* Does text look like form, where every '0' of form stands for a digit? */
static bool has_form(struct str text, const char *form)
{
    if (text.len != strlen(form))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        bool ok =
            form[i] == '0' ? text.ptr[i] >= '0' && text.ptr[i] <= '9' : text.ptr[i] == form[i];
        if (!ok)
            return false;
    }
    return true;
}

static int digits(const char *p, int n)
{
    int v = 0;

    for (int i = 0; i < n; i++)
        v = v * 10 + (p[i] - '0');
    return v;
}

static enum err_code check_date(int year, int month, int day, struct err *e)
{
    if (year < CIVIL_YEAR_MIN || year > CIVIL_YEAR_MAX)
        return err_user(e, E_RANGE, "", "the year %d is not allowed: %d to %d are",
                        "不支持年份 %d：允许 %d 到 %d", year, CIVIL_YEAR_MIN, CIVIL_YEAR_MAX);
    if (month < 1 || month > 12)
        return err_user(e, E_RANGE, "", "there is no month %02d: a month is 01 to 12",
                        "没有 %02d 月：月份为 01 到 12", month);
    if (day < 1 || day > civil_days_in_month(year, month))
        return err_user(e, E_RANGE, "", "%04d-%02d has no day %02d: its days are 01 to %d",
                        "%04d-%02d 没有 %02d 日：该月日期为 01 到 %d", year, month, day,
                        civil_days_in_month(year, month));
    return E_OK;
}

static enum err_code check_clock(int hour, int minute, int second, struct err *e)
{
    if (hour > 23 || minute > 59 || second > 59)
        return err_user(e, E_RANGE, "",
                        "there is no time of day %02d:%02d:%02d: 00:00:00 to 23:59:59 are allowed",
                        "不存在的时刻 %02d:%02d:%02d：允许 00:00:00 到 23:59:59", hour, minute,
                        second);
    return E_OK;
}

/* What an error message shows of the text: at most len bytes, and only plain ones. */
static const char *shown(struct str text, char *out, size_t len)
{
    size_t n = text.len < len - 1 ? text.len : len - 1;

    for (size_t i = 0; i < n; i++)
        out[i] = text.ptr[i] >= ' ' && text.ptr[i] <= '~' ? text.ptr[i] : '?';
    out[n] = '\0';
    return out;
}

enum err_code civil_parse(struct str text, struct civil *ret, struct err *e)
{
    char quote[40];
    int part[6];
    enum err_code rc;

    if (!has_form(text, "0000-00-00 00:00:00"))
        return err_user(
            e, E_SYNTAX, "",
            "'%s' is not a time: write yyyy-MM-dd HH:mm:ss, such as 2025-09-11 08:30:00",
            "“%s”不是时间：请写成 yyyy-MM-dd HH:mm:ss，例如 2025-09-11 08:30:00",
            shown(text, quote, sizeof(quote)));
    part[0] = digits(text.ptr, 4);
    for (int i = 1; i < 6; i++)
        part[i] = digits(text.ptr + 2 + i * 3, 2);
    rc = check_date(part[0], part[1], part[2], e);
    if (rc == E_OK)
        rc = check_clock(part[3], part[4], part[5], e);
    if (rc == E_OK)
        *ret = civil_make(part[0], part[1], part[2], part[3], part[4], part[5]);
    return rc;
}

enum err_code civil_parse_date(struct str text, struct civil *ret, struct err *e)
{
    char quote[40];
    int year, month, day;
    enum err_code rc;

    if (!has_form(text, "0000-00-00"))
        return err_user(e, E_SYNTAX, "", "'%s' is not a date: write yyyy-MM-dd, such as 2025-09-11",
                        "“%s”不是日期：请写成 yyyy-MM-dd，例如 2025-09-11",
                        shown(text, quote, sizeof(quote)));
    year = digits(text.ptr, 4);
    month = digits(text.ptr + 5, 2);
    day = digits(text.ptr + 8, 2);
    rc = check_date(year, month, day, e);
    if (rc == E_OK)
        *ret = civil_make(year, month, day, 0, 0, 0);
    return rc;
}

enum err_code civil_parse_clock(struct str text, int *ret_minutes, struct err *e)
{
    char quote[40];
    int hour, minute;

    if (!has_form(text, "00:00"))
        return err_user(e, E_SYNTAX, "", "'%s' is not a time of day: write HH:mm, such as 08:30",
                        "“%s”不是时刻：请写成 HH:mm，例如 08:30",
                        shown(text, quote, sizeof(quote)));
    hour = digits(text.ptr, 2);
    minute = digits(text.ptr + 3, 2);
    if (hour > 23 || minute > 59)
        return err_user(e, E_RANGE, "",
                        "there is no time of day %02d:%02d: 00:00 to 23:59 are allowed",
                        "不存在的时刻 %02d:%02d：允许 00:00 到 23:59", hour, minute);
    *ret_minutes = hour * 60 + minute;
    return E_OK;
}

static char *put(char *at, int value, int width, char after)
{
    for (int i = width - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    at[width] = after;
    return at + width + 1;
}

void civil_format(struct civil c, char out[CIVIL_TEXT_LEN + 1])
{
    struct civil lo = civil_make(0, 1, 1, 0, 0, 0), hi = civil_make(9999, 12, 31, 23, 59, 59);
    struct civil_parts p = civil_split(c.s < lo.s ? lo : c.s > hi.s ? hi : c);
    char *at = out;

    at = put(at, p.year, 4, '-');
    at = put(at, p.month, 2, '-');
    at = put(at, p.day, 2, ' ');
    at = put(at, p.hour, 2, ':');
    at = put(at, p.minute, 2, ':');
    put(at, p.second, 2, '\0');
}
