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
 * only when something changed.  *ret_made: it was not there.  E_RANGE, E_SYNTAX,
 * E_LIMIT. */
enum err_code calendar_put(struct engine *g, const struct calendar_request *r, bool *ret_made,
                           struct err *e) MUST_USE;
/* calendar_put of one that must not be there: E_EXISTS id or name.  An empty id takes a new one,
 * *ret_id, in the engine's arena. */
enum err_code calendar_create(struct engine *g, const struct calendar_request *r,
                              struct str *ret_id, struct err *e) MUST_USE;
/* calendar_put of one that is there; an empty name or mode and dates == NULL stay as they are.
 * E_MISSING, E_EXISTS name. */
enum err_code calendar_update(struct engine *g, const struct calendar_request *r,
                              struct err *e) MUST_USE;
/* E_MISSING; E_IN_USE: the draft or the submitted version of a task follows it.  Takes time in
 * proportion to the number of tasks. */
enum err_code calendar_delete(struct engine *g, struct str id, struct err *e) MUST_USE;

/* The row's document as dates: n strings of 10 characters inside it, in the arena.  E_CORRUPT. */
enum err_code calendar_dates(struct str doc, struct arena *a, struct str **ret, size_t *ret_n,
                             struct err *e) MUST_USE;

#endif
