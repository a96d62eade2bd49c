/* test/sim/sim.h - a seeded world around the real engine: clock, operators, store, runner, faults;
 * and what must hold in it.
 *
 * One seed is one world.  Everything random comes from the seed, the number of the step and, inside
 * a command, the command's place in its step: a seed and a number of steps replay exactly, and what
 * is left out of one step (mute.h) changes no dice of another.  The engine (engine/turn.h), its
 * commands and the memory store are those of the server; time, the runner and the connection to it
 * are simulated.  A crash loses the engine and what was under way to the runner, a store that fails
 * loses the turn; the store and the runner's attempts survive both.
 *
 * The checkers (checkers.h) know the engine by the effects that it writes.  They judge them against
 * a history of their own, and the store against test/core/image.h, which holds what the effects
 * say.
 */
#ifndef TEST_SIM_SIM_H
#define TEST_SIM_SIM_H

#include "../core/image.h"
#include "alarms.h"
#include "base/prng.h"
#include "coverage.h"
#include "engine/turn.h"
#include "faults.h"
#include "model/role.h"
#include "mute.h"
#include "odds.h"
#include "store/store.h"
#include "trace.h"

enum {
    SIM_TASKS_MAX = 28,
    SIM_TASKS_SOON = 24, /* of them; the others come when they find a place (op_ahead.c) */
    SIM_PROJECTS = 2,
    SIM_WORKFLOWS = 3,
    SIM_MANUAL_FLOW = 1, /* is manual, in some worlds */
    SIM_TIMES_MAX = 4,   /* of a run of it */
    SIM_CALENDARS = 2,
    SIM_EVENTS = 7,
    SIM_PARAMS = 4,
    SIM_MEMBERS = 3,
    SIM_FOLDERS = 3, /* of project 0 */
    /* What permissions are granted on: the folders, then the workflows; and to whom: the members,
     * then the roles. */
    SIM_ENTITIES = SIM_FOLDERS + SIM_WORKFLOWS,
    SIM_TARGETS = SIM_MEMBERS + ROLES_N,
    SIM_RESOURCES = 4 /* folders, and as many files */
};

/* A time during which a task was scheduling under one definition: firings in (from, to] belong to
 * it. */
struct sim_range {
    struct sim_range *older;
    const struct task_spec *spec;
    struct wall from, to; /* to: WALL_FAR while it lasts */
    struct wall opened;   /* when it began, though it may reach back */
    uint64_t since;       /* the same, as a place among the effects */
    struct wall seen;     /* what the clock had shown by then */
    struct wall sure;     /* firings after it must be there; before, the clock went back, and the
                             definition before this one may have settled them */
    struct wall upto;     /* what the clock had shown when it was closed: where it had gone back,
                             firings after `to` were settled too */
};
/* One way out of a branch: the task that it leads to, and its condition (ways.c). */
enum sim_truth { SIM_FALSE, SIM_TRUE, SIM_NO_TRUTH /* it cannot be evaluated */ };
struct sim_way {
    int64_t down;
    int condition, n;
};

/* A random document of a task. */
struct sim_definition {
    const struct task_spec *spec; /* its calendar resolved */
    struct str given, doc;        /* as CreateTask has it, as a version keeps it */
    struct str asked;             /* of a new one: as CreateTask is asked for it, where its workflow
                                     says the rest of `given` (2.9); else empty */
    const struct sim_way *ways;   /* of a branch */
    int n_ways;
};

/* A definition from a moment on. */
struct sim_version {
    struct sim_version *older;
    const struct task_spec *spec;
    const struct sim_way *ways;
    int n_ways;
    int32_t version_no;
    struct wall live_from;
    uint64_t since;
};

struct sim_task {
    int64_t id;
    bool there;
    bool gently_deleted;
    uint64_t killed;              /* it was paused or stopped with all that it had; 0: never */
    uint64_t stopped_until;       /* seq when it came out of being stopped; 0: it never was */
    const struct task_spec *spec; /* of what is submitted */
    struct str given, produced;   /* the document of the newest version, of the submitted one */
    bool ahead;                   /* the newest one is not submitted */
    enum task_status status;
    int32_t version_no; /* the newest */
    int project, workflow;
    char owner[24];
    struct wall live_from;
    struct wall left, left_sure; /* when it was paused or stopped last; what s->latest was then */
    struct sim_range *ranges;    /* newest first */
    struct sim_version *versions;
};

/* A backfill or a rerun that says how many run at once, or another value of a parameter. */
enum { SIM_PLANS_MAX = 200 };
struct sim_plan {
    char id[40];
    int limit; /* 0: none */
    int group; /* 0: that of the task */
    enum plan_order order;
    int param;        /* which; -1: none */
    struct str value; /* of the parameter */
    bool rerun, gone;
    bool sliced, whole;   /* some of it was to be made at the last commit; none is (slices.h) */
    bool committed, over; /* gone: durably; and nothing is left of it (deletions.h) */
    char job[40];         /* of its deletion */
    uint64_t since;       /* it was made */
    int project;
    unsigned flags; /* of its rounds */
    struct civil first_day, last_day;
    int window_from, window_to;
    struct civil times[SIM_TIMES_MAX]; /* of a manual run, which has no days and no window */
    int n_times;                       /* 0: it is none */
};

/* A calendar as it is at the moment. */
struct sim_calendar {
    bool there;
    const struct calendar *now; /* never changes; a change makes another */
};

/* A workflow; there is a unified schedule when `unified` is not empty (2.9). */
struct sim_workflow {
    bool there;
    bool waits;         /* DependencyWorkflow */
    enum cycle cycle;   /* of the unified schedule */
    struct str unified; /* the ten members, as JSON */
    uint64_t since;     /* when the unified schedule was set */
    struct str params[SIM_PARAMS];
    int folder; /* from 1; 0: in none */
};

/* A workflow folder; parent as above. */
struct sim_folder {
    bool there;
    int parent;
};

/* An account in a project; roles: bit k for the kth of model/role.h. */
struct sim_member {
    bool there;
    unsigned roles;
};

/* A folder of resource files, or such a file.  Where it is follows from its parents' names. */
struct sim_resource {
    bool there;
    int parent; /* a folder; -1: the root */
    int name;
    int content; /* of a file */
};

/* The changes of a project between enabled and disabled, the newest last. */
enum { SIM_TOGGLES_MAX = 16 };
struct sim_toggles {
    struct wall at[SIM_TOGGLES_MAX];
    bool to[SIM_TOGGLES_MAX], unsure;
    int n;
};

/* What commands change; copied at each commit. */
struct sim_defs {
    struct sim_task tasks[SIM_TASKS_MAX];
    int n_tasks;
    int slots[SIM_GROUPS];
    bool enabled[SIM_PROJECTS];
    struct sim_toggles toggles[SIM_PROJECTS];
    struct sim_plan plans[SIM_PLANS_MAX]; /* the oldest is forgotten */
    int n_plans;
    struct sim_calendar calendars[SIM_CALENDARS];
    struct sim_workflow workflows[SIM_WORKFLOWS];
    struct sim_member members[SIM_PROJECTS][SIM_MEMBERS];
    struct sim_folder folders[SIM_FOLDERS];
    bool granted[SIM_ENTITIES][SIM_TARGETS];
    struct sim_alarm_rule alarms[SIM_ALARM_RULES];
    struct sim_resource file_folders[SIM_RESOURCES], files[SIM_RESOURCES]; /* of project 0 */
    int serial; /* of values that must differ */
};

/* One attempt as the simulated runner has it. */
struct sim_attempt {
    uint64_t fence;
    size_t older; /* place of the one before it with the same fence, from 1; 0: none */
    struct instance_key key;
    struct wall begun_at, ends_at;
    struct wall told_begin, told_end; /* as the runner's clock has them; the earliest */
    enum attempt_result result;
    int64_t said_on, ended_on; /* the connection on which that it runs, and ended, was said */
    bool ended, acknowledged;
    bool unnamed; /* the runner does not know of it any more, or not yet again */
    bool refused; /* it could not start */
    bool ending;  /* it was told to end */
    struct str outputs, events;
};

struct moment {
    uint64_t seq, turn; /* turn: seq when its turn began */
    struct wall at;
    enum instance_state state;
    int round;
    struct str plan_id;
    const struct sim_version *decided; /* a branch, by these ways; NULL: all are taken */
    uint64_t supplier; /* the attempt whose success completed the round; 0: none did */
    int32_t version_no;
    struct civil planned;
    int group;     /* of the attempt that runs */
    bool backfill; /* the round is one of a backfill */
};
/* Rounds that did not wait for upstreams, of plans that were not whole (slices.h). */
struct sim_hasty {
    struct instance_key key;
    int round;
};
/* What plans are still to make (slices.h), as it was last read. */
struct sim_promise {
    struct instance_key key;
    uint64_t plan; /* hash of its id */
};
struct sim_promises {
    struct sim_promise *items;
    size_t n, cap;
    uint64_t names; /* of the slices that it was read from; 0: never */
};
struct sim_hasties {
    struct sim_hasty *items;
    size_t n, cap, committed;
};
struct track {
    struct instance_key key;
    struct moment *moments;
    size_t n, cap;
    bool listed;    /* in sim.census */
    size_t place;   /* in image.instances, while there is a moment */
    int64_t looked; /* at its row in the store: the number of the look */
    /* It left the history (retention.c): when, 0: it is there; and the one before it that did. */
    uint64_t gone;
    struct wall gone_at;
    struct track *gone_before;
    /* As it was made: */
    enum instance_type type;
    struct civil planned;
    struct wall fire_at;
};

/* The instances of a task: in the order in which they came; and by data time, those included that
 * a crash took back. */
struct comers {
    struct track **made, **sorted;
    size_t n, cap, n_sorted, cap_sorted;
};

/* Who waited for upstreams before a crash (restarts.c). */
struct sim_waiting {
    struct instance_key *keys;
    size_t n, cap;
};

/* Who has not ended, and how many run (census.c): what the effects say, crashes taken back. */
struct census {
    struct pair_map of_plan; /* hash of the plan's id -> how many run, where any does */
    struct track **live;     /* some of them may have ended since */
    size_t n_live, cap_live;
    int in_group[SIM_GROUPS], of_task[SIM_TASKS_MAX];
    int backfilling[SIM_GROUPS]; /* of those in_group */
};

struct sim {
    uint64_t seed;
    struct prng random;
    struct arena arena;
    struct store *store;
    struct engine *engine;
    struct engine_observer observer;
    struct image image;             /* what the store must hold */
    struct wall began, now, latest; /* latest: that the clock ever showed */
    struct wall back_to;            /* what it was set back to the last time; WALL_FAR: never */
    struct sim_defs defs, durable;
    const struct sim_odds *odds; /* of its kind */
    int success;                 /* percent of the attempts */
    int share;                   /* of each group's slots, in percent, for backfills */
    int slice;                   /* rounds of a plan that are made in one turn; 0: as usual */
    bool faults;                 /* those of faults.h may happen */
    struct sim_weather weather;
    const struct sim_mute *mute; /* what is left out; NULL: nothing */
    bool manual;                 /* the workflow SIM_MANUAL_FLOW is manual (1.8) */
    bool tracing;                /* the story of the world goes to stdout */
    int64_t connection;          /* to the runner: its number, from 1 */
    bool connected;
    bool torn; /* it broke in the middle of a turn, and the server does not know yet */
    struct instance_key focus; /* operators look at this one; task_id 0: at any */
    int n_posted;              /* commands in this step */
    int n_idle;                /* commands that do nothing, in the queue (sim_fill_queue) */
    int64_t trial;             /* the task that somebody tries, from 1; 0: none yet (op_again.c) */
    bool missed;               /* a firing, of a workflow whose tasks wait for the cycle before */
    bool withdrawn;            /* a plan, while it was made */
    bool lost, losing;         /* the last trial was lost; the turn of the present one may be */

    struct sim_attempt *attempts; /* of the runner; all that it ever saw */
    size_t n_attempts, cap_attempts;
    size_t *alive; /* places in attempts of those that have something to say, oldest first */
    size_t n_alive, cap_alive;
    struct pair_map by_fence; /* -> place of the newest with this fence, from 1 */
    struct pair_map newest;   /* instance key -> fence of its newest attempt */
    struct sim_hook *hooks;   /* hook.c: events that attempts named */
    size_t n_hooks, cap_hooks;
    struct sim_alarms *alarms; /* alarms.c */
    struct sim_tallies *tallies;
    struct dur keep; /* history; 0: for ever */
    struct sim_retention *retention;
    struct sim_sending *sendings; /* sending.c: what attempts are to execute */
    size_t n_sendings, cap_sendings, committed_sendings;

    /* checkers.h */
    struct pair_map tracks;              /* instance key -> struct track */
    struct track *found;                 /* the last one that was looked for */
    struct comers comers[SIM_TASKS_MAX]; /* of task n + 1 */
    struct track **log;                  /* whose moment was added; for crashes */
    size_t n_log, cap_log, committed_log, looked_log;
    int64_t looks;
    struct census census;
    struct sim_waiting waiting;
    uint64_t seq, committed_seq, last_fence;
    struct sim_hasties hasty;
    struct sim_promises promises;
    size_t n_firings_checked;

    int64_t steps, crashes, failures, refusals, begun, ended, instances;
    int64_t branched, merged, skipped, merge_failures; /* branches that decided, and so on */
    struct sim_coverage coverage;
    uint64_t hash;    /* of all effects */
    char action[200]; /* the present step, for failures */
};

/* Prints what is wrong and the command that replays it, and ends the program. */
_Noreturn void sim_fail(const struct sim *s, const char *fmt, ...) PRINTF(2, 3);
#define sim_check(s, cond, ...) ((cond) ? (void)0 : sim_fail(s, __VA_ARGS__))

/* s is zero, but for its odds, what is left out and whether the story is told. */
void sim_init(struct sim *s, uint64_t seed);
void sim_done(struct sim *s);
void sim_step(struct sim *s);
/* Faults off, everything that can end ends; then the last checks (I4, I8). */
void sim_finish(struct sim *s);
/* What the server takes for random from now on (entropy.c). */
void sim_entropy(uint64_t seed);
int64_t sim_below(struct sim *s, int64_t n);
bool sim_chance(struct sim *s, int percent);
/* 0: it has none. */
int sim_plan_limit(const struct sim *s, struct str id);
const struct sim_plan *sim_plan_find(const struct sim *s, struct str id); /* NULL: nothing known */
struct sim_task *sim_task_find(struct sim *s, int64_t id);
extern const char *const sim_group_names[SIM_GROUPS];
extern const char *const sim_project_names[SIM_PROJECTS];
extern const char *const sim_workflow_names[SIM_WORKFLOWS];
extern const int sim_workflow_projects[SIM_WORKFLOWS];
int sim_group_of(const struct task_spec *spec);
struct str sim_event_name(int event);
bool sim_event_is_single(int event);

extern const char *const sim_event_types[SIM_EVENTS];
#define SIM_TASK_ID(n) (20260101000000000 + (n)) /* of task n, from 1 */
/* It is of a backfill or a manual run, which hold a share of the slots. */
static inline bool sim_has_share(const struct instance *i)
{
    return i->run_type == RUN_ADDITION || i->run_type == RUN_MANUAL;
}
static inline struct pair_key sim_pair(struct instance_key k)
{
    return (struct pair_key){ (uint64_t)k.task_id, (uint64_t)k.data_time.s };
}

/* definitions.c: a random document of a task and what it says; upstreams only among tasks of a
 * lower rank, the ways of a branch to any. */
void sim_define(struct sim *s, const struct sim_task *t, struct sim_definition *ret);
/* The same document of a branch with other ways. */
void sim_define_ways(struct sim *s, const struct sim_task *t, struct sim_definition *ret);
bool sim_depends_on(const struct task_spec *spec, int64_t up);
/* It has attempts: it is no branch and no merge. */
bool sim_runs_code(const struct task_spec *spec);
bool sim_is_manual(const struct sim *s, int flow);

/* ways.c: a random condition; its text; and whether it holds. */
struct sim_way sim_way_random(struct sim *s, int64_t down);
void sim_way_text(const struct sim_way *way, struct buf *out);
enum sim_truth sim_way_truth(const struct sim_way *way, struct civil data_time,
                             struct civil planned);

/* operators.c */
void sim_furnish(struct sim *s);
/* Some commands of random kinds in the engine's queue. */
void sim_operate(struct sim *s, bool only_submit);
void sim_pause_all(struct sim *s);
struct core *sim_core(const struct sim *s);

/* runner.c */
struct runner_port runner_port(struct sim *s);
/* Time passed: attempts end, and what the runner has to say goes to the engine. */
void runner_report(struct sim *s);
/* The connection breaks; a new one begins with the names of all attempts. */
void runner_disconnect(struct sim *s);
void runner_connect(struct sim *s);
struct wall runner_next_end(const struct sim *s);
/* What happens to the runner's machine. */
void runner_die(struct sim *s);  /* the runner alone: attempts and records stay */
void machine_die(struct sim *s); /* and every attempt; of some it is not known that they began */
void disk_die(struct sim *s);    /* and every record */
/* What an attempt puts out under a key. */
struct str runner_output(struct sim *s, uint64_t fence, struct str key);
/* The attempt with this fence; NULL: the runner never saw it, or knows nothing of it any more. */
const struct sim_attempt *runner_attempt(const struct sim *s, uint64_t fence);
/* The earliest beginning that was told of an attempt; WALL_FAR: none was. */
struct wall runner_told_begin(const struct sim *s, uint64_t fence);

/* checkers.c, history.c, whole.c */
void checkers_on_effect(struct sim *s, const struct effect *e);
void checkers_commit(struct sim *s);
void checkers_crash(struct sim *s);
/* The store against the image; whole: every instance, not only those that changed since. */
void checkers_store(struct sim *s, bool whole);
/* The engine has nothing to do now: whoever may go on has. */
void checkers_awake(struct sim *s);
/* Those of them that wait for a slot, and for a cycle that was missed, whenever there is time. */
void checkers_glance(struct sim *s);
void checkers_finish(struct sim *s);
void checkers_done(struct sim *s);

#endif
