/* cal/schedule.h - when a task fires and which data time each firing is about.
 *
 * A schedule is a pure function: firings are derived from it, never chained
 * (docs/reference/semantics.md 2.1-2.9).  The cron decides when; the cycle type decides the data
 * time and the dependency arithmetic.  A firing is a planned civil time in the schedule's zone such
 * that
 *   1. the cron matches it (a ONEOFF whose cron is not fully dated: only at `start`),
 *   2. start <= planned <= end,
 *   3. for HOUR and MINUTE: the clock minute lies in [window_from, window_to], both included,
 *   4. the calendar, when there is one, allows its date.
 * In a zone with gaps a planned time inside a gap fires at the first instant after it, once
 * (several planned times in one gap fire at the same instant, each with its own data time); in an
 * overlap it fires at the first of the two.
 *
 * Data time: MINUTE, CRONTAB, ONEOFF = planned; HOUR = planned cut to the hour; DAY, WEEK, MONTH,
 * YEAR = planned cut to the day.  T_PLUS_1: of the cron's previous firing (its grid alone: range,
 * window and calendar do not matter), then cut.  Several firings can share one data time (a DAY
 * cycle with an hourly cron): the first of them makes the instance, the others find it there (I1).
 *
 * A manual schedule has no firing and no data time of its own, whatever its cron says: its task
 * runs when somebody asks for it, for the data times that are asked for (1.8).
 */
#ifndef CAL_SCHEDULE_H
#define CAL_SCHEDULE_H

#include "cal/calendar.h"
#include "cal/cron.h"
#include "cal/zone.h"

enum cycle {
    CYCLE_ONEOFF,
    CYCLE_YEAR,
    CYCLE_MONTH,
    CYCLE_WEEK,
    CYCLE_DAY,
    CYCLE_HOUR,
    CYCLE_MINUTE,
    CYCLE_CRONTAB,
    CYCLE_N_
};
/* "DAY_CYCLE" and so on; exact case. */
bool cycle_from_name(struct str name, enum cycle *ret);
const char *cycle_name(enum cycle c);
/* The one-letter form of dependency lists: O Y M W D H I C. */
char cycle_letter(enum cycle c);

/* What becomes of planned times where the clocks of the zone change
 * (docs/reference/semantics.md 2.6). */
enum dst_gap { DST_GAP_SHIFT, DST_GAP_SKIP }; /* do not exist: right after it; not at all */
enum dst_overlap { DST_OVERLAP_FIRST, DST_OVERLAP_LAST }; /* exist twice */

enum init_strategy { INIT_T_PLUS_0, INIT_T_PLUS_1, INIT_T_MINUS_1 };

struct schedule {
    enum cycle cycle;
    struct cron cron;
    const struct zone *zone;         /* never NULL */
    struct civil start, end;         /* effective range in the zone, both included */
    int window_from, window_to;      /* minutes of the day, 0..1439 */
    const struct calendar *calendar; /* NULL: none; borrowed */
    enum init_strategy init;
    enum dst_gap gap;
    enum dst_overlap overlap;
    bool manual;
};

struct firing {
    struct civil planned; /* in the schedule's zone */
    struct wall at;       /* the instant */
    struct civil data_time;
};

/* The instant of a planned time. */
struct wall schedule_instant(const struct schedule *s, struct civil planned);
/* The latest planned time whose instant is not after t. */
struct civil schedule_reached(const struct schedule *s, struct wall t);

/* Does the cron name exactly one moment (a ONEOFF fires then, else at its start)? */
bool schedule_is_dated(const struct schedule *s);

/* First firing with `at` strictly after t, in order of (at, planned).  False: no more. */
bool schedule_next(const struct schedule *s, struct wall t, struct firing *ret);
/* First firing whose planned time is strictly after p; false: no more.  With schedule_next this
 * walks firings that share an instant. */
bool schedule_next_planned(const struct schedule *s, struct civil p, struct firing *ret);
/* Last firing with `at` at or before t; false: none. */
bool schedule_last(const struct schedule *s, struct wall t, struct firing *ret);

/* Data times, ascending, each once.  First data time >= from (T_PLUS rules applied); false: none.
 * With ignore_range the effective range is not looked at (backfill reaches before it), and with
 * ignore_window neither are window and calendar (candidates of dependencies,
 * docs/reference/semantics.md 3.2). */
enum schedule_flags { SCHEDULE_IGNORE_RANGE = 1, SCHEDULE_IGNORE_WINDOW = 2 };
bool schedule_data_next(const struct schedule *s, struct civil from, unsigned flags,
                        struct firing *ret);
/* Last data time <= upto. */
bool schedule_data_prev(const struct schedule *s, struct civil upto, unsigned flags,
                        struct firing *ret);
/* The firing that makes the instance of exactly this data time; false: there is none. */
bool schedule_data_find(const struct schedule *s, struct civil data_time, unsigned flags,
                        struct firing *ret);

/* "Every day at 00:00"-like English description into out, and a Chinese one; what has no such
 * sentence is described by `cron`, the text that the schedule's cron was given as
 * (docs/reference/semantics.md 2.5). */
void schedule_describe(const struct schedule *s, struct str cron, bool chinese, struct buf *out);

#endif
