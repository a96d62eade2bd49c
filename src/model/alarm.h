/* model/alarm.h - alarm rules: what they watch, when they fire, whom they tell.
 *
 * docs/reference/semantics.md 8, docs/decisions/0022-alarms.md.  A rule is decoded from the JSON
 * object that the API's own fields make (MonitorObjectType, MonitorObjectIds, AlarmTypes,
 * AlarmRuleDetail, AlarmLevel, AlarmGroups).  Everything here is a pure function of the rule and of
 * what is said about an instance.
 */
#ifndef MODEL_ALARM_H
#define MODEL_ALARM_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "cal/zone.h"
#include "model/instance.h"

enum alarm_object {
    ALARM_OF_TASKS = 1,
    ALARM_OF_WORKFLOWS = 2,
    ALARM_OF_PROJECT = 3,
    ALARM_OF_FLUCTUATION = 7
};

enum alarm_type {
    ALARM_FAILURE,
    ALARM_OVERTIME,
    ALARM_SUCCESS,
    ALARM_REDO_SUCCESS, /* redo: a backfill's or a rerun's round */
    ALARM_REDO_FAILURE,
    /* Of the numbers of a project's day: */
    ALARM_FAILURES_UP, /* beside the day before, by a percentage or a number */
    ALARM_SUCCESSES_DOWN,
    ALARM_FAILURES_MORE, /* ... by a number */
    ALARM_SUCCESSES_FEWER,
    ALARM_FAILURES_MANY,  /* a number, whatever the day before had */
    ALARM_FAILURES_SHARE, /* a percentage of what ended */
    ALARM_TYPE_N_
};
bool alarm_type_is_of_day(enum alarm_type t);
const char *alarm_type_name(enum alarm_type t); /* as the API spells it */
bool alarm_type_from_name(struct str name, enum alarm_type *ret);

enum alarm_level { ALARM_NORMAL = 1, ALARM_IMPORTANT, ALARM_URGENT };
enum alarm_trigger { ALARM_FIRST_FAILURE = 1, ALARM_LAST_FAILURE = 2 };

/* 2 to 5 (short message, WeChat, telephone, WeCom) need an operator of the cloud: refused. */
enum alarm_way {
    ALARM_BY_MAIL = 1,
    ALARM_BY_HTTP = 6,
    ALARM_BY_WECOM = 7,
    ALARM_BY_LARK = 8,
    ALARM_BY_DINGTALK = 9,
    ALARM_BY_SLACK = 10,
    ALARM_BY_TEAMS = 11,
    ALARM_WAY_N_
};

enum {
    ALARM_OBJECTS_MAX = 100,
    ALARM_WHITE_MAX = 1000,
    ALARM_LIMITS_MAX = 20,
    ALARM_GROUPS_MAX = 10,
    ALARM_RECEIVERS_MAX = 50, /* of one group: ids, or addresses of one way */
    ALARM_NOTIFY_MAX = 10,
    ALARM_ESCALATIONS_MAX = 10,
    ALARM_QUIET_MAX = 20,
    ALARM_MINUTES_MAX = 7 * 24 * 60,
    ALARM_URL_MAX = 1024
};

/* A limit of time (TimeOutStrategyInfo). */
enum alarm_limit_kind {
    ALARM_RUNS_LONG = 1,    /* from the first attempt of the round on */
    ALARM_NOT_BY_CLOCK = 2, /* not ended at a time of day */
    ALARM_WAITS_LONG = 3,   /* no attempt was begun */
    ALARM_NOT_IN_CYCLE = 4  /* not ended when the next cycle begins */
};
struct alarm_limit {
    enum alarm_limit_kind kind;
    bool average; /* beyond what the last runs took on average */
    int minutes;  /* Hour and Min; on top of the average, where that counts */
    const struct zone *zone;
};

/* ProjectInstanceStatisticsAlarmInfo; 0: not given. */
struct alarm_fluctuation {
    enum alarm_type type;
    int64_t percent, count, least;
    int times, cycles; /* so many of the last so many measurements; in a row unless cumulative */
    bool cumulative;
};

struct alarm_quiet {
    unsigned days; /* bit 1 Monday ... bit 7 Sunday: when it begins */
    int from, to;  /* seconds of the day; from > to: over midnight */
};

struct alarm_hook {
    enum alarm_way way;
    struct str url;
};

struct alarm_group {
    bool to_owner; /* the owners of the task, else ids */
    const struct str *ids;
    int n_ids;
    unsigned ways; /* bit by enum alarm_way */
    const struct alarm_hook *hooks;
    int n_hooks;
    int notify_count, notify_minutes;
    const struct alarm_quiet *quiet;
    int n_quiet;
    const struct str *escalation;
    int n_escalation, escalation_minutes;
};

struct alarm_white {
    struct str object;
    const int64_t *tasks;
    int n_tasks;
};

struct alarm_rule {
    enum alarm_object object;
    enum alarm_level level;
    unsigned types; /* bit by enum alarm_type */
    const struct str *objects;
    int n_objects;
    const struct alarm_white *white;
    int n_white;
    enum alarm_trigger trigger, redo_trigger;
    const struct alarm_limit *limits, *redo_limits;
    int n_limits, n_redo_limits;
    const struct alarm_fluctuation *fluctuations;
    int n_fluctuations;
    const struct alarm_group *groups;
    int n_groups;
};

/* Values that something is looked for by; WeData's types that are not built are types.  E_RANGE. */
enum err_code alarm_object_check(int64_t object, struct err *e) MUST_USE;
enum err_code alarm_level_check(int64_t level, struct err *e) MUST_USE;
enum err_code alarm_type_check(struct str name, struct err *e) MUST_USE;

/* Texts are copied into the arena.  E_RANGE, E_REQUIRED, E_LIMIT with the dotted path of the field;
 * E_UNSUPPORTED: known to WeData, and weft has nothing that it could act on. */
enum err_code alarm_rule_decode(const json_t *doc, struct arena *a, struct alarm_rule *ret,
                                struct err *e) MUST_USE;
/* Details that the rule's object and types do not look at: of requests only, because rules that are
 * kept may have them.  E_UNSUPPORTED. */
enum err_code alarm_detail_check(const struct alarm_rule *r, struct err *e) MUST_USE;
/* alarm_group.c: the receivers, for alarm_rule_decode. */
enum err_code alarm_groups_decode(const json_t *list, struct arena *a, struct alarm_rule *ret,
                                  struct err *e) MUST_USE;
/* alarm_limit.c: limits and fluctuations, for alarm_rule_decode. */
enum err_code alarm_limits_decode(const json_t *detail, struct arena *a, struct alarm_rule *ret,
                                  struct err *e) MUST_USE;

/* How often an alarm of it is sent, to all receivers together; the owners of a task count as one.
 */
int64_t alarm_rule_deliveries(const struct alarm_rule *r);

/* Does the rule watch this task?  Not of fluctuations. */
bool alarm_rule_watches(const struct alarm_rule *r, int64_t task_id, struct str workflow_id,
                        struct str project_id);

/* ---- instances: alarm_when.c --------------------------------------------------------------- */

/* The present round of an instance. */
struct alarm_facts {
    enum instance_state state;
    enum run_type run_type;
    int32_t tries;
    struct wall fire_at, round_at, started_at;
    struct wall next_at; /* the firing after its own; WALL_NONE: there is none */
};
/* What the last runs of the task took; known false: there are too few. */
struct alarm_means {
    bool known;
    struct dur run, wait, whole; /* start to end; planned to start; planned to end */
};

/* A backfill's or rerun's round has types and limits of its own; a manual run has those of the
 * schedule. */
bool alarm_is_redo(enum run_type t);
/* The type of the rule that a change to this state fires; ALARM_TYPE_N_: none. */
enum alarm_type alarm_of_change(const struct alarm_rule *r, enum run_type t,
                                enum instance_state state);
/* When the limit passes unless the instance changes; WALL_FAR: never. */
struct wall alarm_deadline(const struct alarm_limit *l, const struct alarm_facts *f,
                           const struct alarm_means *m);

/* ---- projects ------------------------------------------------------------------------------ */

/* Ended instances are counted in pieces of a day, and looked at when a piece ends. */
enum { ALARM_SLOT_US_ = 300000000, ALARM_SLOTS = 288 };
#define ALARM_SLOT ((struct dur){ ALARM_SLOT_US_ })
/* Did the numbers of a day leave those of the day before?  Both have what was counted in each slot;
 * n of them are over, the last of which is to be judged. */
struct alarm_day {
    int64_t failed[ALARM_SLOTS], succeeded[ALARM_SLOTS];
    bool counted; /* anything */
};
/* After so many slots of today.  A day before of which nothing was counted is nothing to be held
 * against. */
bool alarm_fluctuates(const struct alarm_fluctuation *f, const struct alarm_day *today,
                      const struct alarm_day *before, int slots);

/* ---- receivers ----------------------------------------------------------------------------- */

/* Nobody is to be disturbed at this instant (UTC+8). */
bool alarm_is_quiet(const struct alarm_group *g, struct wall at);

#endif
