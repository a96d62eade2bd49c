/* model/task.h - what a task is: its definition as typed values, decoded from the API's document.
 *
 * The document is the JSON that a version keeps:
 * {"TaskBaseAttribute":{..},"TaskConfiguration":{..},"TaskSchedulerConfiguration":{..}} with the
 * field names of CreateTask.  task_decode checks every rule that needs no look at other objects
 * (format, range, enumeration, twins, offsets;
 * docs/reference/semantics.md 1.4, 2.2, 3.1, 4.1, 5.1-5.5); whether what is named exists, and
 * whether a dependency's pair fits the upstream's cycle, is checked where the store is at hand.
 *
 * Beside the three blocks the document of a task in a manual workflow has the member
 * TASK_DOC_MANUAL, true (1.8), which no client sends or is answered.
 */
#ifndef MODEL_TASK_H
#define MODEL_TASK_H

#include <jansson.h>

#include "base/arena.h"
#include "model/dependency.h"
#include "model/result.h"

#define TASK_DOC_MANUAL "Manual"

/* docs/reference/semantics.md 1.6 */
enum task_status {
    TASK_NEW,
    TASK_SCHEDULING,
    TASK_PAUSED,
    TASK_STOPPING,
    TASK_STOPPED,
    TASK_INVALID,
    TASK_STATUS_N_
};
const char *task_status_name(enum task_status s); /* N Y O T F INVALID */
bool task_status_from_name(struct str name, enum task_status *ret);

/* 17 decimal digits, the first not 0; also the ids of recorded requests. */
bool task_id_parse(struct str text, int64_t *ret);
enum { TASK_ID_LEN = 17, INSTANCE_KEY_MAX = 48 };
void task_id_format(int64_t id, char out[TASK_ID_LEN + 4]);

/* The types of 5.1.  NULL name: not a WeData type. */
const char *task_type_name(int type_id);
/* The ids of all types, ascending: task_type_at(0) .. until it answers -1. */
int task_type_at(size_t index);
enum {
    TASK_TYPE_PYTHON = 30,
    TASK_TYPE_SHELL = 35,
    TASK_TYPE_FORM = 38,
    TASK_TYPE_BRANCH = 130,
    TASK_TYPE_MERGE = 131,
    TASK_TYPE_FOR_EACH = 137
};

enum self_depend { SELF_PARALLEL, SELF_SERIAL, SELF_ORDERLY }; /* 3.6 */
enum redo_type { REDO_ALL, REDO_FAILURE, REDO_NONE };          /* 5.7 */
enum null_strategy { NULL_WAITING, NULL_EXECUTING };           /* 3.5 */
enum null_condition { NULL_NOT_EXIST = 1, NULL_PARENT_EXPIRED = 2, NULL_PARENT_TIMEOUT = 4 };
enum event_sub_type { EVENT_SUB_SECOND, EVENT_SUB_MIN, EVENT_SUB_HOUR, EVENT_SUB_DAY };
bool event_sub_type_from_name(struct str name, enum event_sub_type *ret);
const char *event_sub_type_name(enum event_sub_type t);
/* The data time of an event case that an instance of data time d consumes: d cut to the granularity
 * (4.4). */
struct civil event_cut(enum event_sub_type t, struct civil d);
/* Dimension text of the granularity: yyyyMMddHHmmss, yyyyMMddHHmm, yyyyMMddHH, yyyyMMdd. */
enum err_code event_dimension_parse(enum event_sub_type t, struct str text, struct civil *ret,
                                    struct err *e) MUST_USE;
void event_dimension_format(enum event_sub_type t, struct civil d, struct buf *out);

struct task_upstream {
    int64_t task_id;
    bool rule_given; /* false: MainCyclicConfig empty, the recommended pair is meant */
    struct dep_rule
        rule; /* valid when rule_given; else filled once the upstream's cycle is known */
    enum null_strategy strategy;
    unsigned conditions;     /* enum null_condition */
    int64_t timeout_minutes; /* of NULL_PARENT_TIMEOUT */
    unsigned accept;         /* enum merge_accept; of a merge task, else 0 */
};

/* How an upstream instance of a merge task may have ended (5.8). */
enum merge_accept { ACCEPT_SUCCESS = 1, ACCEPT_SKIPPED = 2, ACCEPT_FAILED = 4 };

/* One way out of a branch task. */
struct task_branch {
    struct str condition; /* model/expression.h, with parameters */
    int64_t task_id;      /* the downstream task that runs when it holds, else is skipped */
};

/* The rule, or that of the recommended pair where none is given (3.3). */
void task_upstream_rule(const struct task_upstream *up, enum cycle down_cycle, enum cycle up_cycle,
                        struct dep_rule *ret);

struct task_listener {
    struct str event_name;
    struct str project_id; /* property EventProjectId; empty: the task's own project */
    enum event_sub_type sub_type;
    bool broadcast;
    int64_t max_wait_minutes; /* properties maxWaitEventTime and -Unit; -1: none */
};

struct task_param {
    struct str key, value;
};

/* 6.3 */
struct task_output {
    struct str key, value; /* value: as given */
    bool is_variable;      /* else a constant */
    struct result_path path;
};
struct task_input {
    struct str key;
    bool is_constant; /* no source: from_key is the value */
    int64_t from_task;
    struct str from_key;
};

/* All text belongs to the arena given to task_decode. */
struct task_spec {
    struct str name, workflow_id, owner_uin, description, folder_path;
    int type_id;
    struct str group_id, broker_ip, code; /* code: decoded bytes */
    const struct task_param *ext;
    int n_ext; /* TaskExtConfigurationList */
    const struct task_param *params;
    int n_params; /* TaskSchedulingParameterList */
    const struct task_output *outputs;
    int n_outputs;
    const struct task_input *inputs; /* the first of a for-each is its array */
    int n_inputs;
    struct str event_hook; /* setting event_hook (4.3); empty: off */
    const struct task_branch *branches;
    int n_branches; /* of a branch task */
    bool merge_all; /* of a merge task: every upstream must end as accepted, not just one */
    struct str bundle_id;

    struct schedule schedule; /* calendar not resolved: NULL */
    struct str cron;          /* its cron as it was given; the scheduler's half has none */
    struct str calendar_id;   /* empty: CalendarOpen is 0 */
    enum self_depend self_depend;
    const struct task_upstream *upstreams;
    int n_upstreams;
    const struct task_listener *listeners;
    int n_listeners;
    enum redo_type redo;
    bool dry_run;
    int priority; /* 4 5 6 */
    int64_t retry_wait_minutes, max_retries;
    int64_t execution_ttl_minutes, wait_ttl_minutes; /* -1: off */
    bool allow_downstream;
};

enum {
    TASK_NAME_MAX = 200,
    TASK_CODE_MAX = 8 << 20,
    TASK_LIST_MAX = 1000,
    TASK_CONDITIONS_MAX = 50,         /* of a branch or a merge task */
    TASK_CONDITION_VALUES_MAX = 10000 /* JSON values in all of them */
};

/* Defaults of an absent member are those of 2.2; `today` is the civil day that an absent StartTime
 * means.  Unknown members are ignored (the API's walker has refused them).  E_RANGE / E_SYNTAX /
 * E_LIMIT with the dotted path and both texts. */
enum err_code task_decode(const json_t *doc, struct civil today, struct arena *a,
                          struct task_spec *ret, struct err *e) MUST_USE;
/* What a request gives of the blocks, beside task_decode: what only requests are held to, because
 * documents that are kept may have it.  E_RANGE with the dotted path and both texts. */
enum err_code task_check_given(const json_t *given, struct err *e) MUST_USE;
/* The same as task_decode from text; E_CORRUPT when it is not a JSON object. */
enum err_code task_decode_text(struct str doc, struct civil today, struct arena *a,
                               struct task_spec *ret, struct err *e) MUST_USE;

#endif
