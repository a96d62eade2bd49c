/* core/core.h - the scheduler itself: pure, single-threaded, deterministic.
 *
 * docs/reference/semantics.md 2.3, 2.7, 2.8, 3.2, 3.5, 3.6, 4.4, 5.2-5.6, 5.11, 7.1.  It owns the
 * scheduling state in memory: submitted tasks, instances that are not terminal, slots, timers.
 * Facts and the time go in through the functions here; what must happen comes out as effects, in
 * order.  It reads no clock and does no I/O; what it does not hold (ended instances, event cases)
 * it asks through a port.
 *
 * The engine's duty: after each batch of facts take the effects, write the durable ones in one
 * transaction, commit, then carry out the outward ones (start, kill).  If the commit fails, free
 * the core and build it again from the store: core_new, core_group_put, core_task_put,
 * core_instance_restore, core_restored.
 *
 * A fact changes what it names and nothing else: an attempt that ended ends its instance, a killed
 * instance expires.  What follows from it - conditions that now hold, slots that are free, new
 * conditions to look up - is done by the next core_advance.  So the engine calls core_advance after
 * the facts of a turn and before its commit; core_next_due says "at once" while such work waits.
 *
 * Invariants I1-I5 and I8 are kept here and asserted with check().  Work per step is bounded by
 * what changed, never by history or by how many wait.
 */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include "base/arena.h"
#include "base/err.h"
#include "model/instance.h"
#include "model/task.h"

struct core;
struct instance;

/* ---- facts that the core asks for ---------------------------------------------------------- */

/* plan_id: of the present round; empty: none; it is read before the next call of the port. */
struct instance_fact {
    enum instance_state state;
    struct str plan_id;
};
struct case_fact {
    struct str case_id;
};
/* In which order rounds of one plan take slots (7.1, DataTimeOrder): as everybody does, by data
 * time, or by data time backwards. */
enum plan_order { PLAN_NORMAL, PLAN_ORDER, PLAN_REVERSE };
/* What a plan (a backfill or a rerun) says of its rounds in place of their tasks. */
struct plan_fact {
    int limit;           /* so many run at once; 0: the tasks' own self-dependency counts (3.6) */
    struct str group_id; /* they run here; empty: in the group of their task.  Used at once */
    enum plan_order order;
    int64_t mirror; /* PLAN_REVERSE: the seconds of its first and its last data time, added */
};
/* The port sees the effects that came out so far: what the engine has not written yet, it writes
 * first or looks up among the effects.  The answers are used at once. */
struct core_port {
    void *ctx;
    /* An instance that is not in the core's memory: false when it does not exist. */
    bool (*instance_find)(void *ctx, struct instance_key key, struct instance_fact *ret);
    /* A live case of the event that an instance with data time d (already cut to the granularity)
     * may consume; general: any dimension.  False: none. */
    bool (*case_find)(void *ctx, struct str project_id, struct str event_name,
                      enum event_sub_type sub_type, struct civil cut, struct wall now,
                      struct case_fact *ret);
    /* A number never used before. */
    uint64_t (*next_fence)(void *ctx);
    /* Data time of the newest existing instance of the task before d (orderly, 3.6); those that
     * have not come out as an effect yet the core adds itself. */
    bool (*instance_before)(void *ctx, int64_t task_id, struct civil d, struct instance_key *ret,
                            struct instance_fact *ret_fact);
    /* The turn of a branch task's instance has come: evaluate the conditions of its version and
     * keep what they say with its round (5.8).  Only in core_advance.  False: they cannot be
     * evaluated, and *ret_reason, used at once, says why. */
    bool (*branch_decide)(void *ctx, const struct instance *i, struct str *ret_reason);
    /* Asked when the first instance of the plan comes.  *ret is empty before; one that is not there
     * any more leaves it so. */
    void (*plan_find)(void *ctx, struct str plan_id, struct plan_fact *ret);
    /* Is it of the plan, though the present round is not the plan's?  The plan made a round of it,
     * or was to, when it came by itself. */
    bool (*plan_has)(void *ctx, struct str plan_id, struct instance_key key);
    /* May this downstream task run after that completed instance of a branch task?  True where
     * nothing was decided about it. */
    bool (*branch_takes)(void *ctx, struct instance_key branch, int64_t down_task);
};

/* ---- what the core holds ------------------------------------------------------------------- */

/* A submitted task.  The core copies what it needs; spec's text may go away. */
struct core_task {
    int64_t id;
    const struct task_spec *spec; /* of the submitted version; its schedule's calendar resolved */
    struct str project_id;
    /* Tasks whose previous cycle its instances wait for; it may be one of them (2.9). */
    const int64_t *peers;
    int n_peers;
    int32_t version_no;
    enum task_status status; /* Y, O, T, F, INVALID */
    bool project_enabled;
    struct wall live_from;   /* firings at or before this instant are not made */
    struct civil high_water; /* firings planned at or before it are settled */
    struct wall settled_at;  /* the instant of high_water; WALL_NONE: none, or not known */
    bool has_high_water;
};

/* The durable record of an instance as the core knows it; the store's instance_row carries the same
 * and the task's texts. */
struct instance {
    struct instance_key key;
    enum instance_state state;
    enum instance_type type;
    enum run_type run_type;
    int32_t round, tries, try_limit, total_runs, priority, version_no;
    unsigned flags; /* enum instance_flags; DRY_RUN is that of the version when it runs */
    struct civil planned;
    struct wall fire_at, created_at, updated_at, round_at, started_at, ended_at, retry_at;
    uint64_t fence;            /* of the live attempt, 0: none */
    struct str plan_id;        /* borrowed from the core in effects */
    struct str phases, reason; /* likewise; reason only where it was set */
    struct str group_id;       /* likewise; whose slot it holds while RUNNING, or which its plan
                                  names; else ptr is NULL */
};

/* ---- effects ------------------------------------------------------------------------------- */

enum effect_kind {
    EFFECT_INSTANCE_INSERT, /* a new instance; instance */
    EFFECT_INSTANCE_UPDATE, /* instance (whole record) */
    EFFECT_ROUND_CLOSE,     /* the round that ends because a new one begins: instance as it was */
    EFFECT_ATTEMPT_BEGIN,   /* durable first, then start it: instance, fence, number = tries */
    EFFECT_ATTEMPT_KILL,    /* outward only: fence, instance.key; repeated after a restart */
    EFFECT_ATTEMPT_ACK,     /* outward only, after the commit: the runner may forget fence */
    EFFECT_TASK_SETTLED,    /* high water of task_id is now planned, whose instant is at */
    EFFECT_TASK_STATUS,     /* task_id is now status (INVALID after its range) */
    EFFECT_MISS,            /* a firing without an instance: task_id, planned, data_time, miss */
    EFFECT_CASE_CONSUMED    /* case_id, once, by instance.key; before that instance's own effect */
};
/* The firings of a pause are no misses: the task was not scheduling, and the high water moves over
 * them when it starts again.  MISS_PAUSED is for records that others make. */
enum miss_reason {
    MISS_EXISTS, /* the data time had its instance already (I1) */
    MISS_PAUSED,
    MISS_PROJECT_DISABLED
};

struct effect {
    enum effect_kind kind;
    struct instance instance; /* by value; text valid until core_effects_clear */
    uint64_t fence;
    int64_t task_id;
    struct civil planned, data_time;
    struct wall at;
    enum task_status status;
    enum miss_reason miss;
    struct str case_id;
};

/* ---- life ---------------------------------------------------------------------------------- */

struct core_config {
    struct dur kill_grace; /* told to the runner; default 10 s */
    int default_slots;     /* of a group that is not declared; default 8 */
    /* Of the slots of each group, in percent, rounded up, rounds of backfills hold no more than
     * this, so that the schedule never waits for all of a backfill (7.1); default 100. */
    int backfill_share;
    /* Rounds of a plan that has become whole that go on in one step; default 1000. */
    int plan_release;
    int looks; /* in one step, for those whose conditions are looked up again; default 100,000 */
};
struct core *core_new(const struct core_config *config, const struct core_port *port);
void core_free(struct core *c);

/* Effects since the last clear, oldest first.  Borrowed until core_effects_clear. */
const struct effect *core_effects(const struct core *c, size_t *ret_n);
void core_effects_clear(struct core *c);

/* ---- facts in ------------------------------------------------------------------------------ */

/* Add or replace; spec's calendar is copied too.  A replaced task keeps its instances; those not
 * yet running take the new version when they run (5.11), and what they still wait for is resolved
 * anew; so is what others still wait for from this task, as its data times may be others now.
 *
 * Firings of a task that was scheduling are settled up to now under the old definition, and the new
 * one begins after now (1.5: nothing between the two is made up): EFFECT_TASK_SETTLED says so.  One
 * that is put as paused or stopped is left as core_task_status leaves it.
 * Otherwise (it is new, or was paused or stopped) live_from and high_water are taken as given, so
 * that a start with make-up is a put that leaves them where the pause found them. */
void core_task_put(struct core *c, const struct core_task *t, struct wall now);
/* The task is gone: its live instances end (killed); downstream instances that wait on it expire
 * unless gentle (1.6). */
void core_task_delete(struct core *c, int64_t task_id, bool gentle, struct wall now);
/* Only the status.  What was due before a pause or a stop is made first; instances stay, unless
 * kill ends them.  A start (to Y) begins after now: the firings of the pause are settled without
 * instances by moving the high water. Status INVALID is left by core_task_put only. */
void core_task_status(struct core *c, int64_t task_id, enum task_status status, bool kill,
                      struct wall now);
bool core_task_has(const struct core *c, int64_t task_id);
void core_group_put(struct core *c, struct str group_id, int slots, struct wall now);
/* The tasks that are put and run in this group. */
void core_group_tasks(const struct core *c, struct str group_id,
                      void (*each)(void *ctx, int64_t task_id), void *ctx);
void core_project_enable(struct core *c, struct str project_id, bool enabled, struct wall now);

/* A new core is loading, and stays so until core_restored (or the first core_advance, which implies
 * it).  While loading, after the groups and tasks: a non-terminal instance as it was stored.  No
 * effects come out before core_restored, which resolves the conditions of those that wait, ends
 * those whose task is gone, and repeats the kills that were under way.  Conditions that were met
 * before are looked at again only in the state that still waits for them: an instance in
 * WAIT_UPSTREAM has its events, one in WAIT_RUN has both. */
void core_instance_restore(struct core *c, const struct instance *i);
/* While loading: the limit of an attempt that runs another version than the one that is put, which
 * says how long its own may run. */
void core_attempt_limit(struct core *c, struct instance_key key, int64_t minutes);
/* The version that is put; 0: none is. */
int32_t core_task_version(const struct core *c, int64_t task_id);
void core_restored(struct core *c, struct wall now);

/* Time passed: firings that are due make instances, waits and limits expire, retries come due, and
 * everything that follows from the facts since the last call is done.  At most `budget` timers and
 * firings are taken up; true: there is more to do now (call again after writing the effects). */
bool core_advance(struct core *c, struct wall now, int budget);
/* When core_advance has something to do next; 1 us: at once; WALL_FAR: nothing. */
struct wall core_next_due(const struct core *c);

/* A case of the event was fired (it is already in the store, so that case_find sees it). */
void core_event_fired(struct core *c, struct str project_id, struct str event_name,
                      struct civil data_time, struct wall now);

/* Reports of runners.  A stale fence changes nothing (I2), but is acknowledged. */
void core_attempt_running(struct core *c, uint64_t fence, struct wall started_at, struct wall now);
enum attempt_result { RESULT_SUCCESS, RESULT_FAILED, RESULT_KILLED, RESULT_LOST };
/* ended_at: as the runner saw it, which may be long before now; what lies outside the attempt's
 * life is taken as now. */
void core_attempt_ended(struct core *c, uint64_t fence, enum attempt_result result,
                        struct str reason, struct wall ended_at, struct wall now);

/* A backfill's wish for one data time, or that of a run of a manual workflow, whose tasks have no
 * firings (1.8): create the instance or open a new round of the one that is
 * there. E_CONFLICT: it is active now, or another plan is to make it (left as it is) - reported as
 * *ret_active; E_DENIED: AllowRedoType forbids it. */
struct backfill_wish {
    int64_t task_id;
    struct firing firing; /* planned, at, data time */
    unsigned flags;       /* SKIP_EVENTS, SKIP_UPSTREAMS, PLAN_UPSTREAMS */
    struct str plan_id;
    const struct instance *existing; /* the terminal instance from the store, NULL: there is none */
    bool rerun; /* 5.7: run type RERUN and the instance keeps its type; needs existing */
};
/* A round that a plan is to make: it is given to core_backfill later, and until then counts, for
 * conditions, as one that is there and waits.  No round of the plan runs before all that are
 * promised were given.  Not for what is active or promised already; for one plan and task with
 * ascending data times.  While loading too. */
void core_promise(struct core *c, struct str plan_id, struct instance_key key);
/* A plan that still is to make rounds of the task; empty: none does.  Those are to be made before
 * the task is deleted, or stopped with all that it has. */
struct str core_task_promised(const struct core *c, int64_t task_id);
/* The plan is deleted.  From now on none of its rounds goes on, and none is promised to run: those
 * that wait are doomed, and end one by one by core_kill, those that are promised by
 * core_plan_withdraw.  What is asked of a doomed round meanwhile finds it as good as ended: another
 * plan or a rerun gives it a new round, which ends the old one first.  Those that run are not
 * changed here.  While loading too.  Returns how many rounds of the plan live. */
int64_t core_plan_doom(struct core *c, struct str plan_id, struct wall now);
bool core_plan_is_doomed(const struct core *c, struct str plan_id);
/* None of its rounds is promised or waits any more. */
void core_plan_gone(struct core *c, struct str plan_id);
/* Is it live and doomed? */
bool core_is_doomed(const struct core *c, struct instance_key key);
/* The plan will not make these of what it promised; those who wait for them look again. */
void core_plan_withdraw(struct core *c, struct str plan_id, const struct instance_key *keys,
                        size_t n, struct wall now);
/* Why a round of such a plan ended. */
#define REASON_PLAN_DELETED STR("its backfill plan was deleted")
/* Check only: what would core_backfill do.  E_MISSING: no such task. */
enum err_code core_backfill_check(struct core *c, const struct backfill_wish *w, bool *ret_active,
                                  struct err *e) MUST_USE;
/* Only after a check that said E_OK.  The wishes of one plan are given one after the other, with no
 * other call that changes the core between them: their conditions are resolved together, by
 * whatever call comes next, so an instance finds those of its plan (PLAN_UPSTREAMS) whatever their
 * order.  An instance that is active is left as it is (it may have become so since the check, by a
 * wish of the same turn), and of those that were promised one that may not run again.  The round
 * runs at once, not at its planned time (7.1). EFFECT_ROUND_CLOSE comes out here, the new round
 * with the resolution. */
void core_backfill(struct core *c, const struct backfill_wish *w, struct wall now);

/* The rounds that began since the last call that changed the core are resolved: their records come
 * out.  After each command, so that the next one of the same turn reads of them what is true. */
void core_resolve(struct core *c, struct wall now);

/* An operator declares an instance successful (5.8).  existing as in backfill_wish.  E_CONFLICT: it
 * is running; E_MISSING: it does not exist.  One that is COMPLETED stays as it is. */
enum err_code core_set_success(struct core *c, struct instance_key key,
                               const struct instance *existing, struct str reason, struct wall now,
                               struct err *e) MUST_USE;

/* An operator ends an instance: at once when it waits, after its attempt is gone when it runs.  One
 * that is doomed says that its plan was deleted.  False: it is not live (nothing to do). */
bool core_kill(struct core *c, struct instance_key key, struct str reason, struct wall now);

/* ---- looking in (engine thread) ------------------------------------------------------------ */

struct group_load {
    int slots, running, queued;
};
bool core_group_load(const struct core *c, struct str group_id, struct group_load *ret);
/* Every group that was named so far; group_id is borrowed. */
typedef void group_each(void *ctx, struct str group_id, const struct group_load *load);
void core_groups(const struct core *c, group_each *each, void *ctx);
/* The live instance, NULL when not in memory.  Borrowed until the next call that changes the core.
 */
const struct instance *core_instance_get(const struct core *c, struct instance_key key);

/* Every live instance, in no order; nothing may change meanwhile. */
typedef void core_each(void *ctx, const struct instance *i);
void core_each_instance(const struct core *c, core_each *each, void *ctx);
/* The same of one task, in the order in which they came to it. */
void core_task_instances(const struct core *c, int64_t task_id, core_each *each, void *ctx);
/* The firing of the task behind that planned time, under its present schedule; WALL_NONE: there is
 * none, or no such task. */
struct wall core_firing_after(const struct core *c, int64_t task_id, struct civil planned);

/* Why a live instance is where it is (section 5.6 of the design: every waiting instance explains
 * itself). */
enum wait_kind {
    WAIT_FOR_EVENT,
    WAIT_FOR_UPSTREAM,
    WAIT_FOR_ORDER,
    WAIT_FOR_CYCLE, /* the previous cycle of a task of the same workflow */
    WAIT_FOR_SERIAL,
    WAIT_FOR_PLAN,  /* its plan runs as many at once as it may */
    WAIT_FOR_WHOLE, /* its plan is still being made */
    WAIT_FOR_SLOT,
    WAIT_FOR_SHARE, /* backfills hold as many slots of the group as they may */
    WAIT_FOR_RETRY,
    WAIT_FOR_TIME,
    WAIT_FOR_RUNNER,
    WAIT_FOR_KILL, /* its attempt is being ended, or, as its plan was deleted, it is */
};
struct wait_item {
    enum wait_kind kind;
    struct str event_name, event_project_id; /* WAIT_FOR_EVENT */
    struct civil data_time;                  /* of the case, or of the upstream instance */
    int64_t task_id; /* upstream task; the task itself for ORDER and SERIAL */
    bool upstream_exists;
    enum instance_state upstream_state; /* when it exists */
    struct str group_id;                /* SLOT, SHARE */
    int64_t ahead; /* SLOT, SHARE: instances before it in the queue, CORE_AHEAD_MAX: so many or
                      more; WHOLE: still to be made */
    struct wall since,
        until; /* until: when a limit or a timer releases it; WALL_NONE: no such time */
};
/* Calls each for every unmet condition, at most `limit`; returns how many there are in all, -1: not
 * live.  Anybody may ask at any time, so it looks up no more than it tells, and counts no further
 * than CORE_AHEAD_MAX. */
enum { CORE_AHEAD_MAX = 10000 };
typedef void wait_each(void *ctx, const struct wait_item *w);
int64_t core_explain(struct core *c, struct instance_key key, struct wall now, int64_t limit,
                     wait_each *each, void *ctx);

/* Which ended instances may still matter (docs/decisions/0023-metrics-audit-retention.md);
 * history.c.  Those of up_task with a data time before *ret are not selected by any instance of
 * down_task that is live or that its schedule will make; down_task may be up_task itself. Generous:
 * in doubt *ret is earlier.  False: down_task is not held, and needs nothing. */
bool core_needs(const struct core *c, int64_t down_task, int64_t up_task, struct civil *ret);
/* How many upstream instances one of the task with this data time would look at, or of a task that
 * would be so defined; not those that exist beyond an effective range.  At most little more than
 * DEP_ALL_CANDIDATES_MAX, beyond which an instance waits for good. */
int64_t core_candidates(const struct core *c, int64_t task_id, struct civil data_time);
int64_t core_candidates_of(const struct core *c, const struct task_spec *spec,
                           struct civil data_time);
/* Definitions that are to be put, in place of those that are; find gives NULL where it has none. */
struct core_untold {
    const struct task_spec *(*find)(void *ctx, int64_t task_id);
    void *ctx;
};
/* Would a task so defined wait for itself, through others and dependencies that do not only look at
 * earlier data times (3.8)?  untold may be NULL. */
bool core_closes_loop(const struct core *c, int64_t task_id, const struct task_spec *spec,
                      const struct core_untold *untold);
bool core_task_is_orderly(const struct core *c, int64_t task_id);
/* REDO_ALL where there is no such task. */
enum redo_type core_task_redo(const struct core *c, int64_t task_id);
/* The tasks whose previous cycle this one waits for, and which wait for its (2.9). */
void core_peers(const struct core *c, int64_t task_id, void (*each)(void *ctx, int64_t peer),
                void *ctx);

struct core_stats {
    size_t tasks, instances, queued, running, waiting_edges, timers;
    size_t promised;                    /* rounds that plans are still to make */
    size_t by_state[INSTANCE_STATE_N_]; /* instances; 0 of the terminal states */
};
void core_stats(const struct core *c, struct core_stats *ret);
/* Verify I1-I5 and every index over the whole state; for the simulator.  Aborts through check(). */
void core_verify(const struct core *c);

#endif
