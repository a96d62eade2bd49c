/* engine/cmd_event.h - registers events and fires them; what state a fired case is in.
 *
 * docs/reference/semantics.md 4.  A case is one happening of an event for one data time.  Its
 * dimension is a label of data time (2.6): it does not move with the zone of whoever fires it.
 * Commands run on the engine thread inside a transaction.
 */
#ifndef ENGINE_CMD_EVENT_H
#define ENGINE_CMD_EVENT_H

#include "engine/engine.h"
#include "model/task.h"

struct zone;

/* One request makes at most this many cases. */
enum { EVENT_FIRE_MAX = 10000 };

struct event_request {
    struct str id; /* empty: a new UUID */
    struct str project_id, name;
    struct str sub_type;         /* SECOND MIN HOUR DAY */
    bool lasting;                /* the longest life; ttl is not looked at */
    struct str ttl;              /* positive decimal, life of a case in `unit`; ten years at most */
    struct str unit;             /* DAYS HOURS MINUTES SECONDS */
    struct str event_type;       /* TIME_SERIES (also when empty), GENERAL */
    struct str broadcast_type;   /* BROADCAST (also when empty), SINGLE */
    struct str dimension_format; /* empty, or that of the granularity in any case of letters */
    bool has_consume_limit;
    int64_t consume_limit; /* -1: none; absent: none, SINGLE: 1 */
    struct str owner, description;
};
/* *ret: the row as written, text in the engine's arena or the request.  E_RANGE;
 * E_MISSING project; E_EXISTS name or id. */
enum err_code event_register(struct engine *g, const struct event_request *r, struct event_row *ret,
                             struct err *e) MUST_USE;

/* One wish to fire: a single data time, or every one from `dimension` to `last`, both included. */
struct event_firing {
    struct str case_id; /* empty: a new UUID; a single one only.  A second use of an id fails, which
                           makes a repeated request harmless */
    struct str name, dimension, last; /* GENERAL events may leave dimension empty: now */
    struct str sub_type;              /* empty, or the event's own */
    struct str description;
    bool is_range;
};
struct event_failure {
    struct str key, text, text_zh;
};
struct event_fired {
    int64_t total, succeeded; /* in cases; a range that is refused counts as one */
    struct event_failure *failures;
    size_t n_failures;
    struct err first; /* why the first of them failed, when there are any */
};
/* Wishes are independent: each that is impossible is a failure in *ret, the others are done.  Only
 * what concerns all of them is an error: E_MISSING project, E_LIMIT too many cases.  *ret and its
 * texts in `a`. */
enum err_code event_fire(struct engine *g, struct str project_id, const struct event_firing *wishes,
                         size_t n, const struct zone *zone, struct arena *a,
                         struct event_fired *ret, struct err *e) MUST_USE;

/* ---- reading ------------------------------------------------------------------------------- */

/* Derived from the row and the time; `state` in the row is not used.  EXPIRED as soon as
 * the life is over, COMSUMED when no further consumption is allowed (the misspelling is the API's).
 */
enum case_state {
    CASE_STATE_ACTIVE,
    CASE_STATE_CONSUMING,
    CASE_STATE_COMSUMED,
    CASE_STATE_EXPIRED,
    CASE_STATE_N_
};
enum case_state case_state_of(const struct case_row *c, struct wall now);
/* Nobody may take a case that was taken so often (4.4). */
bool event_uses_up(const struct event_row *event, int64_t count);
const char *case_state_name(enum case_state s);
bool case_state_from_name(struct str name, enum case_state *ret);

/* Any view, any thread.  E_MISSING under `path`. */
enum err_code event_require(struct view *v, struct arena *a, struct str project_id, struct str name,
                            const char *path, struct event_row *ret, struct err *e) MUST_USE;

#endif
