/* cal/cron.h - Quartz cron expressions: second minute hour day-of-month month day-of-week [year].
 *
 * A struct cron is a value: copy it freely, nothing to free.  Zones are not known here: matching
 * is over civil time.  Six fields mean every year.  Operators: * , - / ? L W LW L-n nL n#k, names
 * JAN-DEC and SUN-SAT in any case; ranges may wrap (FRI-MON, 22-2), years may not; L and W may
 * stand in a list (docs/reference/semantics.md 2.4).  Day of week 1 = Sunday.  In either day field,
 * or in both, '?' and '*' mean that it does not restrict; when both restrict, a day matches when
 * either does.  "/5" is "0/5".  A lone L in the day of week is Saturday, every one.  nW in a month
 * without a day n matches nothing there; the nearest weekday never leaves the month.
 */
#ifndef CAL_CRON_H
#define CAL_CRON_H

#include "cal/civil.h"

/* Bytes; the longest canonical text (every list written out) has about 2300. */
enum { CRON_TEXT_MAX = 4096 };

struct cron {
    uint64_t second, minute;   /* bit i: unit i */
    uint32_t hour, month;      /* month: bits 1..12 */
    uint32_t mday;             /* bits 1..31, plain days */
    uint32_t mday_from_end;    /* L-n: bit n, n <= 30 (L = bit 0) */
    uint32_t mday_weekday;     /* nW: nearest weekday to day n, bits 1..31 */
    uint32_t mday_end_weekday; /* L-nW: bit n (LW = bit 0) */
    uint8_t wday;              /* bit 0 = Sunday .. 6 = Saturday, every one of the month */
    uint8_t wday_last;         /* nL */
    uint8_t wday_nth[6];       /* [k], k = 1..5: n#k */
    bool mday_any, wday_any;   /* '*' or '?' */
    uint64_t year[4];          /* bit i: year 1970 + i, up to CIVIL_YEAR_MAX */
};

/* E_SYNTAX, E_RANGE or E_LIMIT under the path "CrontabExpression"; the text names the field, the
 * offending part and what is allowed.  An expression that parses may still never fire (30
 * February). */
enum err_code cron_parse(struct str text, struct cron *ret, struct err *e) MUST_USE;
/* Canonical 7-field text; cron_parse of it gives an equal cron. */
void cron_print(const struct cron *c, struct buf *out);
bool cron_equal(const struct cron *a, const struct cron *b);
bool cron_matches(const struct cron *c, struct civil t);
/* First match strictly after t / last match strictly before t.  False: none between CIVIL_YEAR_MIN
 * and CIVIL_YEAR_MAX.  Bounded work. */
bool cron_next(const struct cron *c, struct civil t, struct civil *ret);
bool cron_prev(const struct cron *c, struct civil t, struct civil *ret);
/* First time of day, in seconds since midnight, at or after `second`, which the second, minute and
 * hour fields allow; -1: none.  The last at or before it; -1: none. */
int cron_clock_next(const struct cron *c, int second);
int cron_clock_prev(const struct cron *c, int second);

#endif
