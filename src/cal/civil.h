/* cal/civil.h - civil time: a date and a time of day with no zone attached.
 *
 * Proleptic Gregorian, counted in seconds since 1970-01-01 00:00:00 of the same (unnamed) zone;
 * no leap seconds.  Data times (`CurRunDate`) are civil: the label of an instance does not move
 * when somebody reads it in another zone (docs/reference/semantics.md 2.6).
 */
#ifndef CAL_CIVIL_H
#define CAL_CIVIL_H

#include "base/buf.h"
#include "base/err.h"

struct civil {
    int64_t s;
};

struct civil_parts {
    int year;       /* 1970 .. 2199 where parsed from text */
    int month, day; /* 1..12, 1..31 */
    int hour, minute, second;
};

enum { CIVIL_YEAR_MIN = 1970, CIVIL_YEAR_MAX = 2199, CIVIL_TEXT_LEN = 19 };
enum { CIVIL_MINUTE = 60, CIVIL_HOUR = 3600, CIVIL_DAY = 86400, CIVIL_WEEK = 604800 };

/* Parts outside their ranges carry over: month 13 is January of the next year, day 0 the last day
 * of the month before, hour -1 the last hour of the day before. */
struct civil civil_make(int year, int month, int day, int hour, int minute, int second);
struct civil_parts civil_split(struct civil c);
/* Days since 1970-01-01 of a date (carrying over like civil_make) and of a civil time. */
int64_t civil_date_number(int year, int month, int day);
int64_t civil_day_number(struct civil c);
/* 1 = Monday .. 7 = Sunday. */
int civil_weekday(struct civil c);
int civil_days_in_month(int year, int month);

struct civil civil_hour(struct civil c); /* truncations */
struct civil civil_day(struct civil c);
struct civil civil_week(struct civil c); /* Monday 00:00:00 */
struct civil civil_month(struct civil c);
struct civil civil_year(struct civil c);
/* Month arithmetic; the day is clamped to the length of the month. */
struct civil civil_add_months(struct civil c, int n);

/* The parsers answer E_SYNTAX (not of that form) or E_RANGE (no such date or time) with an empty
 * path: the caller puts the name of its parameter there with err_prefix(). Exactly "yyyy-MM-dd
 * HH:mm:ss", every part in its range. */
enum err_code civil_parse(struct str text, struct civil *ret, struct err *e) MUST_USE;
/* Exactly "yyyy-MM-dd": midnight of that day. */
enum err_code civil_parse_date(struct str text, struct civil *ret, struct err *e) MUST_USE;
/* Exactly "HH:mm": minutes since midnight, 0..1439. */
enum err_code civil_parse_clock(struct str text, int *ret_minutes, struct err *e) MUST_USE;
/* "yyyy-MM-dd HH:mm:ss", terminated.  Times outside the years 0000 to 9999 are shown as the nearest
 * inside. */
void civil_format(struct civil c, char out[CIVIL_TEXT_LEN + 1]);

#endif
