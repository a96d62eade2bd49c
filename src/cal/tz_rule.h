/* cal/tz_rule.h - POSIX TZ strings ("CET-1CEST,M3.5.0,M10.5.0/3"), as TZif files end with.
 *
 * The extension of RFC 9636 is read too: the hours of a transition lie in -167..167.
 */
#ifndef CAL_TZ_RULE_H
#define CAL_TZ_RULE_H

#include "base/err.h"

enum tz_day { TZ_JULIAN, TZ_ZERO_JULIAN, TZ_MONTH_WEEK };

struct tz_change {
    enum tz_day kind;
    int day;         /* Jn: 1..365 without 29 February; n: 0..365; Mm.w.d: 0 = Sunday .. 6 */
    int week, month; /* Mm.w.d: 1..5 (5 = last), 1..12 */
    int32_t
        second; /* of the day, in the offset before the change; may be negative or beyond the day */
};

struct tz_rule {
    int32_t standard, daylight; /* seconds east of UTC */
    bool has_daylight;
    struct tz_change start, end; /* of daylight time */
};

/* E_CORRUPT when text is not of that form; *ret is then untouched. */
enum err_code tz_rule_parse(struct str text, struct tz_rule *ret, struct err *e) MUST_USE;
/* The instants, in seconds since 1970-01-01T00:00:00Z, at which daylight time starts and ends in a
 * year.  Only with has_daylight. */
int64_t tz_rule_start(const struct tz_rule *r, int year);
int64_t tz_rule_end(const struct tz_rule *r, int year);

#endif
