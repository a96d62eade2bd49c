/* model/instance.h - an instance's states, the events that move it, and the one table that says
 * how.
 *
 * docs/reference/semantics.md 5.3.  No state changes anywhere else: the core looks every change up
 * here.
 */
#ifndef MODEL_INSTANCE_H
#define MODEL_INSTANCE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/instant.h"
#include "cal/civil.h"

enum instance_state {
    INSTANCE_WAIT_EVENT = 0,
    INSTANCE_WAIT_UPSTREAM,
    INSTANCE_WAIT_RUN,
    INSTANCE_RUNNING,
    INSTANCE_FAILED_RETRY,
    INSTANCE_COMPLETED,
    INSTANCE_EXPIRED,
    INSTANCE_SKIP_RUNNING,
    INSTANCE_STATE_N_
};
const char *
instance_state_name(enum instance_state s); /* "WAIT_EVENT", ... as the API spells them */
bool instance_state_from_name(struct str name, enum instance_state *ret);
bool instance_state_is_terminal(enum instance_state s);

enum instance_event {
    EVENT_EVENTS_DONE,    /* all listened events are there */
    EVENT_UPSTREAMS_DONE, /* all upstream conditions and the order hold */
    EVENT_DISPATCHED,     /* a slot was taken, the attempt is begun */
    EVENT_DRY_RUN,        /* its turn came and it is a dry run */
    EVENT_SUCCEEDED,
    EVENT_FAILED_MORE,
    EVENT_FAILED_LAST, /* attempt ended; retries left or not */
    EVENT_RETRY_DUE,
    EVENT_KILLED, /* killed: a waiting instance at once, a running one when its attempt is gone */
    EVENT_WAIT_EXPIRED,     /* a waiting limit passed */
    EVENT_SKIPPED,          /* an upstream was skipped */
    EVENT_UPSTREAM_DELETED, /* DeleteTask with DeleteMode false, 1.6 */
    EVENT_CONTROL_FAILED,   /* a merge's condition can no longer hold, a branch's is none, 5.8 */
    EVENT_SET_SUCCESS,
    EVENT_NEW_ROUND,
    INSTANCE_EVENT_N_
};
const char *instance_event_name(enum instance_event e);

enum { INSTANCE_ILLEGAL = -1 };
/* The next state, or INSTANCE_ILLEGAL.  EVENT_NEW_ROUND gives WAIT_EVENT; the core moves on from
 * there. */
int instance_next(enum instance_state s, enum instance_event e);

enum instance_type { INSTANCE_BACKFILL = 0, INSTANCE_PERIODIC = 1, INSTANCE_APERIODIC = 2 };

enum run_type {
    RUN_PERIODIC,
    RUN_MANUAL, /* of a manual workflow, 1.8 */
    RUN_RERUN,
    RUN_ADDITION,
    RUN_RERUN_MANUAL,
    RUN_TYPE_N_
};
/* Did somebody ask for the round, so that it begins when it is asked for and not at a planned time?
 */
bool run_type_is_asked_for(enum run_type t);
/* With _SKIP_RUN behind it for a dry run (5.10). */
const char *run_type_name(enum run_type t, bool dry_run);

enum instance_flags {
    INSTANCE_DRY_RUN = 1,
    INSTANCE_SKIP_EVENTS = 2,    /* this round does not wait for events */
    INSTANCE_SKIP_UPSTREAMS = 4, /* ... nor for upstreams (CheckParentType NONE) */
    INSTANCE_PLAN_UPSTREAMS = 8, /* ... only for those inside its plan (MAKE_SCOPE) */
    INSTANCE_KILLING = 16,       /* an operator ends it: EXPIRED as soon as its attempt is gone */
    INSTANCE_TIMED_OUT =
        32, /* its attempt ran too long and is being ended: a failed attempt, 5.5 */
    INSTANCE_SKIP_CYCLE = 64, /* this round does not wait for its workflow's previous cycle (2.9) */
    INSTANCE_WAIT_CYCLE = 128 /* ... does, also where it waits for no upstream */
};

struct instance_key {
    int64_t task_id;
    struct civil data_time;
};
/* "TaskId_yyyy-MM-dd HH:mm:ss" */
bool instance_key_parse(struct str text, struct instance_key *ret);
void instance_key_format(struct instance_key k, struct buf *out);

/* Phases of a round: "state@start-end" (the state's number, microseconds), joined by ';', the last
 * one open
 * ("state@start-").  At most PHASES_MAX are kept: the first stays, of the others the oldest is
 * dropped. */
enum { PHASES_MAX = 64, PHASES_TEXT_MAX = PHASES_MAX * 44 };
struct phase {
    enum instance_state state;
    struct wall start, end;
};
/* Close the open phase and, unless the state is terminal, open one; a terminal state gets start =
 * end = now. */
void phases_push(struct buf *text, enum instance_state state, struct wall now);
/* Decode; how many there are, at most PHASES_MAX; -1: text is not a list of phases.  An open end is
 * WALL_NONE. */
int phases_parse(struct str text, struct phase ret[PHASES_MAX]);

#endif
