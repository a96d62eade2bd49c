/* cal/calendar.h - a named set of dates on which tasks run, or pause.
 * docs/reference/semantics.md 2.8.  Immutable once made. */
#ifndef CAL_CALENDAR_H
#define CAL_CALENDAR_H

#include "cal/civil.h"

enum calendar_mode { CALENDAR_RUN, CALENDAR_PAUSE }; /* run only on / do not run on these dates */

struct calendar {
    enum calendar_mode mode;
    int n_days;
    int32_t *days; /* ascending days since 1970-01-01, each once; owned */
};

bool calendar_allows(const struct calendar *c, struct civil t); /* NULL allows everything */
/* Midnight of the first allowed date after / last allowed date before the date of t; false: none.
 * NULL allows every date. */
bool calendar_next_day(const struct calendar *c, struct civil t, struct civil *ret);
bool calendar_prev_day(const struct calendar *c, struct civil t, struct civil *ret);

#endif
