/* api/ledger.h - what became of the firings of a submitted task: every firing that its versions
 * expected in a period, held against the instances and the misses that are on record.
 *
 * docs/reference/semantics.md 2.3, 2.7; invariant I4.  The expectation is the pure function of
 * cal/schedule.h, never a trace that the scheduler left, so a firing that was lost shows.  Each
 * submitted version counts for the time from its submit to the next one (1.5).  When the clock was
 * set back and the task submitted again in the time that repeated itself, what was settled before
 * the step looks MISSING: the record of it is the old version's.  A view's snapshot; any thread.
 */
#ifndef API_LEDGER_H
#define API_LEDGER_H

#include "cal/schedule.h"
#include "model/instance.h"
#include "store/store.h"

enum ledger_outcome {
    LEDGER_ON_TIME,  /* its instance was made within LEDGER_ON_TIME_S of its instant */
    LEDGER_LATE,     /* ... later */
    LEDGER_MADE_UP,  /* a backfill made the instance of its data time */
    LEDGER_MISSED,   /* no instance, for a recorded reason */
    LEDGER_MISSING,  /* settled, and neither instance nor reason: I4 is broken */
    LEDGER_FUTURE,   /* not due, or due and not settled yet */
    LEDGER_PURGED,   /* so old that its records may have left the history */
    LEDGER_NOT_LIVE, /* the task did not schedule it, as far as is known: see the reasons */
    LEDGER_OUTCOME_N_
};
const char *ledger_outcome_name(enum ledger_outcome o); /* "ON_TIME", ... */

enum ledger_reason {
    LEDGER_NO_REASON,
    LEDGER_EXISTS, /* the miss reasons of core/core.h */
    LEDGER_PAUSED,
    LEDGER_PROJECT_DISABLED,
    LEDGER_NOT_SETTLED,     /* due, the scheduler takes it up next */
    LEDGER_NOT_SCHEDULING,  /* due, but the task's status is not Y */
    LEDGER_BEFORE_SUBMIT,   /* planned at or before the task began to schedule */
    LEDGER_BEFORE_CALENDAR, /* the calendar was changed since; what it said then is not kept */
    LEDGER_MAYBE_PAUSED,    /* the status was changed since the submit; when, is not kept */
    LEDGER_TOO_OLD,
    LEDGER_DEFECT
};
/* A sentence for people, NULL: nothing to say. */
const char *ledger_reason_text(enum ledger_reason r, bool chinese);

enum { LEDGER_ON_TIME_S = 60, LEDGER_FIRINGS_MAX = 100000, LEDGER_VERSIONS_MAX = 1000 };

struct ledger_entry {
    struct firing firing;
    int32_t version_no; /* that expected it */
    enum ledger_outcome outcome;
    enum ledger_reason reason;
    int64_t late_s;    /* LATE */
    bool has_instance; /* of its data time, whoever made it */
    enum instance_state state;
};

struct ledger {
    struct ledger_entry *entries; /* by version, then by planned time; owned */
    size_t n, cap;
    int64_t counts[LEDGER_OUTCOME_N_];
    const struct zone *zone; /* of the version in production */
    struct schedule_row row;
};

/* Firings planned in [from, to], in the zone of the version that planned them.  `now`: what is
 * later is FUTURE.  E_LIMIT: more than LEDGER_FIRINGS_MAX firings (or versions, or instances of
 * their data times) in the period; E_MISSING: never submitted. */
enum err_code ledger_read(struct view *v, const struct task_row *task, struct civil from,
                          struct civil to, struct wall now, struct ledger *ret,
                          struct err *e) MUST_USE;
void ledger_done(struct ledger *l);

#endif
