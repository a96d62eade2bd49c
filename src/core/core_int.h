/* core/core_int.h - what the files of this folder share; nobody else includes it.
 *
 * Two things are held: `struct held_task`, one for each submitted task, kept small because most of
 * them are idle, and `struct live`, one for each instance that is not terminal.  Everything else is
 * an index over them: core.firings and core.timers (what is due), wait_node and event_name (who
 * waits for what), group (who may run), core.fences (whose attempt it is).  Nothing that decides an
 * effect iterates over a map.
 *
 * Work that follows from a change is never done where the change is made: it is put on core.ready
 * (an instance whose conditions may hold), core.fresh (an instance whose conditions are to be
 * resolved) or core.dirty (a group with a free slot), and core_settle empties these.  So nothing
 * recurses, however long a chain is.
 */
#ifndef CORE_CORE_INT_H
#define CORE_CORE_INT_H

#include "core/core.h"

#include "base/heap.h"
#include "base/list.h"
#include "base/map.h"

#define WALL_AT_ONCE ((struct wall){ 1 })

struct project {
    bool enabled;
};

/* A pool of slots.  Made when it is first named, with the default number of slots; kept for good.
 */
struct group {
    struct str id; /* owned */
    int slots, running;
    int ceiling;       /* running never exceeds it; more than slots only after slots shrank */
    struct heap queue; /* struct live.queue_node */
    /* Rounds of backfills wait apart, as only so many of them may run. */
    int share, backfilling; /* share: of slots */
    int backfill_ceiling;   /* as ceiling, of share */
    struct heap backfills;  /* struct live.queue_node */
    struct list dirty_link;
};

/* Who waits until one of its own ends, apart for each queue that it came from (queue.c). */
struct parking {
    struct heap *queue;
    struct heap heap;     /* struct live.queue_node; never empty */
    struct parking *next; /* of the same task or plan */
};

/* Equal schedules are kept once: a million tasks have few different ones. */
struct held_schedule {
    int64_t refs;
    struct schedule s;
    struct calendar calendar; /* what s.calendar points at; days owned */
    struct str key;           /* owned; in core.schedules */
};

struct held_dep {
    int64_t task_id;
    int32_t timeout_minutes;
    uint32_t offsets_at; /* in held_task.offsets */
    uint8_t n_offsets, main, sub, strategy, conditions;
    uint8_t accept; /* enum merge_accept */
    bool rule_given;
    bool peer; /* only its previous cycle is waited for (2.9); nothing else here is valid */
};

/* Tasks that run nothing: they decide what others do (5.8). */
enum control { CONTROL_NONE, CONTROL_BRANCH, CONTROL_MERGE };

struct event_name;
struct held_listener {
    struct event_name *event;
    int32_t max_wait_minutes;
    uint8_t sub_type;
    bool broadcast;
};

struct held_task {
    int64_t id;
    struct heap_node firing_node;
    struct firing next;             /* next_is_end: only `at`, when its range is over */
    struct held_schedule *schedule; /* NULL: a placeholder for instances whose task is not held */
    struct project *project;
    struct group *group;
    struct civil high_water;
    struct wall settled_at, live_from;
    struct held_dep *deps;           /* owned */
    int32_t *offsets;                /* owned */
    struct held_listener *listeners; /* owned */
    struct parking *parked;          /* of a task that runs one at a time */
    struct list lives;               /* struct live.task_link, oldest first */
    int32_t n_lives, n_running;
    int32_t ceiling; /* serial: running never exceeds it; 1, more after it was parallel */
    int32_t version_no, retry_wait_minutes, max_retries, execution_ttl_minutes, wait_ttl_minutes;
    uint16_t n_deps, n_listeners;
    uint8_t status, self_depend, redo, priority, control;
    bool dry_run, has_high_water, merge_all;
    bool next_is_end, range_over;
    bool gone; /* deleted: not in core.tasks, freed with its last instance */
};

/* A backfill or a rerun, while instances of it are live. */
struct plan {
    struct str id;
    int64_t refs;
    int limit, running;  /* limit 0: none */
    struct group *group; /* NULL: that of the task */
    enum plan_order order;
    int64_t mirror;
    struct parking *parked; /* of a plan with a limit */
    int64_t promised;       /* rounds that are still to be made; none of it runs before */
    struct list promises;   /* struct promise.plan_link (plan.c), in the order of their making */
    struct heap held;       /* struct live.queue_node: could run, and the plan was not whole */
    struct list whole_link; /* in core.whole: all promises are kept, and some are held yet */
    bool doomed; /* it was deleted: nothing of it goes on, and its rounds are ended one by one */
};

enum edge_kind {
    EDGE_UPSTREAM, /* the upstream instance (task_id, data_time) */
    EDGE_ORDER,    /* the predecessor of an orderly task */
    EDGE_CYCLE,    /* the previous cycle of a task of the same workflow */
    /* These wait for the task itself, to be put (again): */
    EDGE_NO_TASK,     /* it is not held */
    EDGE_NO_CANDIDATE /* its schedule has no such data time, or too many, or another cycle */
};

/* An unmet condition on another instance.  Met ones are not stored. */
struct up_edge {
    struct list link; /* in wait_node.edges while unmet */
    struct live *owner;
    struct wait_node *node; /* NULL: met */
    struct civil data_time;
    int64_t task_id;
    struct wall timeout_at; /* PARENT_TIMEOUT; WALL_FAR: none */
    uint16_t dep;           /* of a merge: place in held_task.deps */
    uint8_t kind;
    uint8_t accept;    /* of a merge: how the upstream may end; else 0 */
    bool pass_expired; /* PARENT_EXPIRED */
    bool met;
    bool refused; /* of a merge: it ended otherwise; still in the index, as it may be run again */
    bool skipped; /* of a merge: it ended in SKIP_RUNNING */
};

/* Those behind all edges of dependencies: a merge or a skip does not look at them. */
static inline bool edge_is_order(const struct up_edge *edge)
{
    return edge->kind == EDGE_ORDER || edge->kind == EDGE_CYCLE;
}

/* Those who wait for one instance. */
struct wait_node {
    struct pair_key key;
    struct list edges;
    struct list task_link; /* in up_task.nodes */
    struct up_task *up;
};
/* All waits for instances of one task; for its deletion. */
struct up_task {
    int64_t task_id;
    struct list nodes;
};

struct event_edge {
    struct list all_link, cut_link; /* while unseen */
    struct cut_node *node;
    struct live *owner;
    const struct held_listener *listener;
    struct civil cut;
    struct wall limit_at; /* WALL_FAR: none */
    bool seen;            /* a case was there; taken when all of the instance's events are */
};
/* Those who wait for one event, all of them and by the data time of the case; longest waiting
 * first. */
struct event_name {
    struct str project_id, name;
    struct list all;
    struct pair_map cuts;
};
struct cut_node {
    struct pair_key key;
    struct list edges;
};

enum place { PLACE_NONE, PLACE_QUEUE, PLACE_PARKED, PLACE_HELD };

struct live {
    struct instance i;      /* its texts point at what follows */
    struct held_task *task; /* never NULL */
    struct group *group;    /* whose queue or slot it is in */
    struct plan *plan;      /* NULL: none */
    char *reason;           /* owned; NULL: none */
    struct buf phases;
    uint64_t sequence;
    struct list task_link, ready_link;
    struct list again_link; /* in core.again */
    struct heap_node queue_node, timer_node;
    struct wall due;
    struct up_edge *ups;       /* owned */
    struct event_edge *events; /* owned */
    int n_ups, n_unmet, n_events, n_unseen;
    struct wall rank;       /* among those of its priority, the queue's order */
    struct wall attempt_at; /* the live attempt began */
    int32_t attempt_ttl_minutes;
    enum place place;
    bool fresh;    /* on core.fresh */
    bool unborn;   /* EFFECT_INSTANCE_INSERT has not come out */
    bool unsaid;   /* nothing of the present round has come out */
    bool skipped;  /* an upstream was skipped */
    bool reported; /* the runner said that it runs */
};

struct core {
    struct core_config config;
    struct core_port port;
    struct arena arena; /* texts of effects */
    struct effect *effects;
    size_t n_effects, cap_effects;

    struct pair_map tasks;    /* (id, 0) -> held_task */
    struct pair_map lives;    /* (task id, data time) -> live */
    struct pair_map fences;   /* (fence, 0) -> live */
    struct pair_map nodes;    /* (task id, data time) -> wait_node */
    struct pair_map up_tasks; /* (task id, 0) -> up_task */
    struct pair_map promises; /* (task id, 0) -> struct promise (plan.c) */
    struct map groups, projects, schedules, events, plans;
    struct map taken; /* case ids that SINGLE listeners consumed since the last clear */

    struct heap firings, timers;
    struct list ready, dirty, whole, again;
    int64_t looks_left; /* at upstream instances, of those that are looked at again in this step */
    struct live **fresh;
    size_t n_fresh, cap_fresh;
    struct instance_key *together; /* while the fresh ones are resolved: all of them */
    size_t n_together, cap_together;
    bool together_sorted;
    bool loading; /* until core_restored: no effects, nothing is resolved */
    uint64_t sequence;
    size_t n_edges, n_queued, n_running, n_promised;
    size_t by_state[INSTANCE_STATE_N_]; /* of the lives */
};

/* ---- effect.c ------------------------------------------------------------------------------ */

struct effect *effect_add(struct core *c, enum effect_kind kind);
void effect_status(struct core *c, int64_t task_id, enum task_status status);
/* With a copy of the record of l, its texts included; updated_at becomes now. */
struct effect *effect_instance(struct core *c, enum effect_kind kind, struct live *l,
                               struct wall now);
struct instance effect_record(struct core *c, const struct instance *i);

/* ---- held.c: submitted tasks --------------------------------------------------------------- */

struct held_task *held_find(const struct core *c, int64_t id); /* NULL: none */
int32_t held_minutes(int64_t minutes); /* of a limit, as it is held; -1: none */
struct held_task *held_new(struct core *c, int64_t id);
/* Take everything but status, high water and live_from from t. */
void held_define(struct core *c, struct held_task *t, const struct core_task *from);
void held_free(struct core *c, struct held_task *t);
struct group *group_get(struct core *c, struct str id); /* made when it is not there */
struct project *project_get(struct core *c, struct str id);
void held_rule(const struct held_task *t, const struct held_dep *d, enum cycle up,
               struct dep_rule *ret);

/* ---- firing.c ------------------------------------------------------------------------------ */

bool firing_less(const struct heap_node *a, const struct heap_node *b);
/* Put t where its next firing says, or take it out of core.firings. */
void firing_plan(struct core *c, struct held_task *t);
/* The high water is a planned time of the definition that settled it; under one whose clocks are
 * others (it was submitted while the task was paused) it is another. */
void firing_rebase(struct held_task *t);
/* The firings of t up to now. */
void firing_catch_up(struct core *c, struct held_task *t, struct wall now);
/* Settle everything up to now without instances. */
void firing_skip(struct core *c, struct held_task *t, struct wall now);
/* Everything up to now is settled, also what another definition would plan there. */
void firing_close(struct core *c, struct held_task *t, struct wall now);
/* The first due task does its next firing. False: none is due. */
bool firing_next(struct core *c, struct wall now);
/* After the last instance of t ended. */
void firing_task_idle(struct core *c, struct held_task *t);

/* ---- live.c: instances --------------------------------------------------------------------- */

struct live *live_find(const struct core *c, struct instance_key key);
/* Takes the fields of i (texts copied); fresh, nothing resolved, no effect. */
struct live *live_new(struct core *c, struct held_task *t, const struct instance *i,
                      struct wall now);
void live_free(struct core *c, struct live *l);
/* The one place where a state changes: by the table, with its effect.  A terminal state frees l. */
void live_move(struct core *c, struct live *l, enum instance_event event, struct wall now);
/* Empty: none. */
void live_reason(struct live *l, struct str reason);
void live_ready(struct core *c, struct live *l);
/* As far as the conditions of a waiting instance let it, in one step. */
void live_flow(struct core *c, struct live *l, struct wall now);
/* Ends one that its plan dooms: its record then, valid until core_effects_clear. */
struct instance live_end_doomed(struct core *c, struct live *l, struct wall now);
/* Kill, from whatever state. */
void live_kill(struct core *c, struct live *l, struct str reason, struct wall now);
struct wall live_waits_since(const struct live *l);
/* The group that its plan names; else ptr is NULL. */
struct str live_group_id(const struct live *l);
/* Not before this instant; rounds that an operator asked for start at once (7.1). */
struct wall live_not_before(const struct live *l);

/* ---- plan.c: backfills and reruns ---------------------------------------------------------- */

struct plan *plan_take(struct core *c, struct str id); /* NULL: an empty id */
void plan_drop(struct core *c, struct plan *p);
/* The plan that is still to make this round; NULL: none. */
const struct plan *plan_promising(const struct core *c, struct instance_key key);
/* The newest data time before d that is still to be made. */
bool plan_newest_before(const struct core *c, int64_t task_id, struct civil d, struct civil *ret);
/* The round is made, or is there already. */
void plan_kept(struct core *c, struct str plan_id, struct instance_key key);
void plan_forget_promises(struct core *c);
void plan_forget_doom(struct core *c); /* after the promises and the lives */
/* Its plan is not whole, or others of it that are held go before it: it is not to run yet. */
bool plan_holds(const struct live *l);
void plan_hold(struct core *c, struct live *l);
void plan_let_go(struct live *l);
struct live *plan_first_held(const struct plan *p); /* there is one */
/* It waits for nothing but its end: its plan was deleted. */
bool plan_dooms(const struct live *l);
bool plan_is_sound(const struct core *c, const struct plan *p);

/* ---- fresh.c: instances that are not resolved yet ------------------------------------------- */

/* Resolve the conditions of all fresh instances. */
void fresh_settle(struct core *c, struct wall now);
/* Resolve anew what l still waits for. */
void fresh_again(struct core *c, struct live *l, struct wall now);
/* The newest data time before d of which the task has an instance, the fresh ones included. */
bool fresh_newest_before(struct core *c, int64_t task_id, struct civil d, struct civil *ret);

/* ---- again.c: conditions that are looked up again -------------------------------------------- */

/* Its conditions are not what they were: it does not go on before they are looked up. */
void again_add(struct core *c, struct live *l);
bool again_is_due(const struct live *l);
/* Look them up now, and stay in the line. */
void again_resolve(struct core *c, struct live *l, struct wall now);
/* As many as the step has looks left for; a new step; all of them. */
void again_step(struct core *c, struct wall now);
void again_begin(struct core *c);
void again_settle(struct core *c, struct wall now);

/* ---- resolve.c: what an instance waits for -------------------------------------------------- */

/* Looks up the conditions of l on other instances, of which it has none. */
void resolve_conditions(struct core *c, struct live *l, struct wall now);

/* ---- waiting.c: conditions on instances ---------------------------------------------------- */

/* From now on l waits for those of its n edges that are not met; the array is l's. */
void waiting_take(struct core *c, struct live *l, struct up_edge *edges, int n);
void waiting_drop(struct core *c, struct live *l);
/* The instance is now in this terminal state: tell those who wait for it. */
void waiting_notify(struct core *c, struct instance_key key, enum instance_state state);
/* The schedule did not make the instance, and will not: the cycle that follows goes on (2.9). */
void waiting_missed(struct core *c, struct instance_key key);
/* A new round of the ended instance begins: how it ended counts no more for a merge that did not
 * accept it. */
void waiting_reopened(struct core *c, struct instance_key key);
void waiting_met(struct core *c, struct up_edge *edge);
/* Limits of single conditions that passed. */
void waiting_timeouts(struct core *c, struct live *l, struct wall now);
/* The task was put: those who wait for it, or for instances of it, look again. */
void waiting_task_put(struct core *c, int64_t task_id);
/* This round will not be made after all: those who wait for it look again. */
void waiting_withdrawn(struct core *c, struct instance_key key);
void waiting_task_deleted(struct core *c, int64_t task_id, bool gentle, struct wall now);

/* ---- control.c: branch and merge ----------------------------------------------------------- */

enum verdict { VERDICT_WAIT, VERDICT_GO, VERDICT_SKIP, VERDICT_FAIL };
/* Of the conditions of an instance on others, as they are now. */
enum verdict control_verdict(const struct live *l);
/* The turn of an instance that runs nothing. */
void control_run(struct core *c, struct live *l, struct wall now);
/* The state of an upstream instance as the downstream task sees it: a branch that did not take the
 * way to the task counts for it as skipped. */
enum instance_state control_seen_by(const struct core *c, struct instance_key up,
                                    enum instance_state state, int64_t down_task);
/* Of a merge: notes how the upstream instance ended.  True: as it may. */
bool control_accepts(struct up_edge *edge, enum instance_state state);

/* ---- listening.c: conditions on events ----------------------------------------------------- */

struct event_name *event_get(struct core *c, struct str project_id, struct str name);
void event_free(struct event_name *event);
void listening_resolve(struct core *c, struct live *l, struct wall now);
void listening_drop(struct core *c, struct live *l);
/* All events were seen: consume their cases.  False: one of them is gone again. */
bool listening_take(struct core *c, struct live *l, struct wall now);

/* ---- queue.c ------------------------------------------------------------------------------- */

bool queue_less(const struct heap_node *a, const struct heap_node *b);
void queue_add(struct core *c, struct live *l);
void queue_remove(struct core *c, struct live *l); /* no-op when in none */
/* A slot of g, or the serial turn of t, may be free. */
void queue_dirty(struct core *c, struct group *g);
void queue_task_freed(struct core *c, struct held_task *t);
void queue_dispatch(struct core *c, struct group *g, struct wall now);
bool queue_is_serial(const struct held_task *t);
/* A round of a backfill, of which only a share of the slots run at once. */
bool queue_is_backfill(const struct live *l);
/* NULL: none of those in the queue may run now, as the share is used up or the first is doomed: it
 * is not looked behind, which would be for as many as are, but waited for its end. */
struct heap_node *queue_first_backfill(const struct group *g);
/* Where it is while its place is PLACE_QUEUE. */
struct heap *queue_of(const struct live *l);
/* Its plan says how many run at once, in place of its task. */
bool queue_is_planned(const struct live *l);
/* One of the plan ended, or left the queue: the next one. */
void queue_plan_freed(struct core *c, struct plan *p);
/* The slots of g or the rule of t changed, or an attempt ended: how many may run from now on. */
void queue_ceilings(struct group *g, struct held_task *t);
/* Its slots are so many now. */
void queue_slots(const struct core *c, struct group *g, int slots);

/* ---- attempt.c ----------------------------------------------------------------------------- */

void attempt_begin(struct core *c, struct live *l, struct wall now);
void attempt_restore(struct core *c, struct live *l);
void attempt_kill(struct core *c, struct live *l);
void attempt_limit(struct core *c, struct live *l, struct wall now);

/* ---- timer.c ------------------------------------------------------------------------------- */

bool timer_less(const struct heap_node *a, const struct heap_node *b);
void timer_set(struct core *c, struct live *l); /* from its state */
void timer_stop(struct core *c, struct live *l);
bool timer_next(struct core *c, struct wall now);               /* false: none is due */
struct wall wall_after_minutes(struct wall w, int64_t minutes); /* saturates */

/* ---- core.c -------------------------------------------------------------------------------- */

void core_settle(struct core *c, struct wall now);

#endif
