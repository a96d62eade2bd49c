/* cal/time_expression.h - the time parameters of a task's code: what stands between ${ } and $( ).
 *
 * docs/reference/semantics.md 6.1.  An expression is
 *
 *   [UTC±n_] format [±N unit | +QUICK]         yyyyMMdd-1d   UTC+8_yyyy-MM-dd HH:mm   yyyyMMdd+ME
 *   timestamp | timestamp_ms [±N unit]         timestamp-1d
 *
 * A format begins with one of the tokens yyyy yy MM dd HH mm ss and ends with one (or with text
 * that is not ASCII); between them may stand - / : . , _ space, T and text that is not ASCII.
 * Units: y M w d, H or h, m (minutes).  Quick forms move to the end or the start of the ten days
 * (TE, TS), month (ME, MS), quarter (QE, QS), half year (HYE, HYS) and year (YE, YS), or to the end
 * of the month or year before (PME, PYE); the time of day stays.
 *
 * Whatever is not of this form is no time expression, and is not an error: it may be a named
 * parameter, or a variable of the task's own language.
 */
#ifndef CAL_TIME_EXPRESSION_H
#define CAL_TIME_EXPRESSION_H

#include "cal/zone.h"

/* What the expressions of one instance refer to. */
struct time_point {
    struct civil data_time, planned;
    const struct zone *zone; /* in which both are meant: the task's */
};

enum time_base {
    TIME_BASE_DATA,   /* ${ } */
    TIME_BASE_PLANNED /* $( ) */
};

/* Append what the expression means; timestamps mean the planned time whatever the base.  False: it
 * is no time expression, or gives a time outside the years 0000 to 9999; nothing was appended. */
bool time_expression_render(struct str expression, enum time_base base, const struct time_point *at,
                            struct buf *out);

#endif
