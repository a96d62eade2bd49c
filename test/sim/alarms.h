/* test/sim/alarms.h - alarms (docs/reference/semantics.md 8): what rules there are, which messages
 * they must have made by now, and where the letters are.
 *
 * Messages about changes and about fluctuations (tallies.h) are expected from the effects and the
 * rules in force when an effect comes out: each exactly once, and no others.  Messages about limits
 * of time must be there when the world is at rest and the limit is over, and never before it is.
 */
#ifndef TEST_SIM_ALARMS_H
#define TEST_SIM_ALARMS_H

#include "model/alarm.h"
#include "send/letter.h"
#include "store/rows.h"
#include "tallies.h"

struct sim;
struct instance;

/* The last two are of fluctuations. */
enum { SIM_FLUCTUATIONS = 2, SIM_ALARM_RULES = 4 + SIM_FLUCTUATIONS };

/* A rule as the commands made it; in sim_defs. */
struct sim_alarm_rule {
    bool there, enabled;
    char id[40];
    int serial; /* of its name */
    int project;
    enum alarm_object object;
    int64_t task;   /* ALARM_OF_TASKS */
    int workflow;   /* ALARM_OF_WORKFLOWS */
    int64_t white;  /* a task that is not watched; 0: none */
    unsigned types; /* bit by enum alarm_type */
    enum alarm_trigger trigger, redo_trigger;
    enum alarm_limit_kind kind; /* of its two limits of time */
    int minutes, redo_minutes;
    int notify_count;
    struct sim_fluctuation fluctuations[2]; /* of successes, of failures */
};

/* The engine's letters; lost with the server. */
struct letter_port alarms_port(struct sim *s);
/* One of the letters that are on their way; 0: none is. */
int64_t alarms_flying(struct sim *s);
void alarms_landed_here(struct sim *s, int64_t delivery_id);

/* The turn makes this message, when it is committed. */
void alarms_expect(struct sim *s, const char *message);
void alarms_on_effect(struct sim *s, const struct instance *i);
void alarms_commit(struct sim *s);
void alarms_crash(struct sim *s);   /* what was not committed is not expected */
void alarms_restart(struct sim *s); /* the sender is gone */
/* One leaves with the history. */
/* A round is closed.  What plans are still to make of a task is made before it is deleted, and ends
 * what of it another plan was to run again while it was being deleted itself: then the task is
 * there yet, and it is told. */
void alarms_on_close(struct sim *s, const struct instance *closed);
void alarms_on_purged(struct sim *s, const struct alarm_message_row *m);
/* The store against what is expected; inside a transaction. */
void alarms_check(struct sim *s);
/* The engine has nothing to do now. */
void alarms_awake(struct sim *s);
void alarms_done(struct sim *s);

#endif
