/* engine/cmd_calendar.h - makes and changes calendars: named sets of dates on which tasks run, or
 * pause.
 *
 * docs/reference/semantics.md 2.8.  Engine thread, inside a transaction.  Error paths are the names
 * of the fields of a calendar in a fixture: CalendarId, CalendarName, Mode, Dates.
 */
#ifndef ENGINE_CMD_CALENDAR_H
#define ENGINE_CMD_CALENDAR_H

#include "engine/engine.h"

enum { CALENDAR_DATES_MAX = 20000 };

struct calendar_request {
    struct str id, name;
    struct str mode;         /* RUN: only on these dates; PAUSE: not on these */
    const struct str *dates; /* "yyyy-MM-dd", in any order, each once or more */
    int n_dates;
};
/* Insert, or make the calendar with this id the same.  Submitted tasks that follow it are scheduled
 * anew from now on; that takes time in proportion to the number of submitted tasks, so it is done
 * only when something changed.  *ret_made: it was not there.  E_REQUIRED, E_RANGE, E_SYNTAX,
 * E_LIMIT. */
enum err_code calendar_put(struct engine *g, const struct calendar_request *r, bool *ret_made,
                           struct err *e) MUST_USE;

#endif
