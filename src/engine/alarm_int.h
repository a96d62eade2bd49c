/* engine/alarm_int.h - what the files alarm*.c share; nobody else includes it. */
#ifndef ENGINE_ALARM_INT_H
#define ENGINE_ALARM_INT_H

#include "base/heap.h"
#include "engine/alarm.h"
#include "engine/engine_int.h"

/* So many letters are with the sender at once: a receiver that does not answer holds one for some
 * seconds. */
enum { ALARM_FLIGHT_MAX = 32 };

/* A rule that is enabled. */
struct alarm_held {
    struct arena arena;
    struct str id, project_id, name;
    struct alarm_rule rule;
};

/* The rules of one project. */
struct alarm_project {
    struct str id; /* owned by key of the map */
    struct alarm_held **rules;
    size_t n, cap;
};

/* What watches one task; made when the task is first met after a change of rules. */
struct alarm_target {
    struct alarm_project *project;
    bool timed;   /* some rule has limits of time */
    bool tallied; /* some rule of its project counts */
    int n;
    struct alarm_held *rules[];
};

/* A live instance of a task with limits of time. */
struct alarm_watch {
    struct instance_key key;
    int32_t round;
    struct alarm_facts facts;
    struct wall due;
    struct heap_node node;
};

struct alarms {
    struct map rules;        /* id -> struct alarm_held */
    struct map projects;     /* id -> struct alarm_project; kept when it has no more rules */
    struct pair_map targets; /* (task id, 0) -> struct alarm_target */
    size_t n_timed, n_counting;
    struct pair_map watches; /* instance key -> struct alarm_watch */
    struct heap due;         /* struct alarm_watch.node */
    struct wall next_slot;   /* the numbers of the day are looked at next: alarm_tally_due */

    struct pair_map flight; /* (delivery id, 0): with the sender */
    struct wall next_due;   /* of a delivery that is not with the sender */
    struct arena bag_arena; /* of the letters of this turn */
    struct letter *bag;
    size_t n_bag;
};

/* What is to be told. */
struct alarm_event {
    const struct alarm_held *rule;
    struct instance_key key; /* task_id 0: of the project */
    int32_t round;
    struct str reason; /* as AlarmReason shows it */
    struct str once;   /* what makes it one of its kind in its round */
    struct str english, chinese;
};

/* alarm_fire.c: the message and its deliveries, unless the store has the message already. */
enum err_code alarm_fire(struct engine *g, const struct alarm_event *v, struct err *e) MUST_USE;
/* The message and its deliveries, to the receivers that the groups of `r` name; fills in what of
 * the row follows from them, and from now. */
enum err_code alarm_tell(struct engine *g, const struct alarm_rule *r, struct str owners,
                         struct alarm_message_row *row, struct err *e) MUST_USE;

/* alarm.c: NULL: nothing watches the task (or it is gone). */
enum err_code alarm_target_get(struct engine *g, int64_t task_id, struct alarm_target **ret,
                               struct err *e) MUST_USE;

/* alarm_watch.c */
bool alarm_watch_less(const struct heap_node *a, const struct heap_node *b);
void alarm_watches_clear(struct alarms *a);
/* The instance changed: fire what passed before, and look when the next limit passes. */
enum err_code alarm_watch_set(struct engine *g, const struct alarm_target *t,
                              const struct instance *i, struct err *e) MUST_USE;
/* It is watched no more; no-op when it is not. */
void alarm_watch_drop(struct alarms *a, struct instance_key key);
/* Watch every live instance anew: rules changed. */
enum err_code alarm_watch_all(struct engine *g, struct err *e) MUST_USE;
enum err_code alarm_watch_advance(struct engine *g, struct err *e) MUST_USE;

/* alarm_tally.c: count an instance that ended. */
enum err_code alarm_tally_add(struct engine *g, const struct alarm_target *t,
                              const struct instance *i, struct err *e) MUST_USE;
enum err_code alarm_tally_advance(struct engine *g, struct err *e) MUST_USE;
void alarm_tally_reset(struct engine *g);
struct wall alarm_tally_due(const struct engine *g);

/* alarm_outbox.c */
enum err_code alarm_outbox_gather(struct engine *g, struct err *e) MUST_USE;

#endif
