/* store/rows.h - the records that weft keeps, one struct per table.
 *
 * A row is plain data: text is borrowed (from the caller on the way in, from the arena given to the
 * read on the way out), instants are UTC, data times are civil.  Which columns a table has, its
 * key, its unique and its plain indexes are constant descriptors in tables.c; column numbers (for
 * masks and queries) are the enums here, in the order of the struct's fields.
 *
 * Unique indexes, for row_get_by and row_insert: each of these tables has one, number 0.
 *   project (name), folder (project_id, path), workflow (project_id, name), task_folder
 * (workflow_id, type, path), task (project_id, name), version (id), group (name), event
 * (project_id, name), alarm_rule (project_id, name), alarm_message (fired), resource_folder
 * (project_id, path), resource (project_id, path).
 *
 * `doc` columns hold a JSON object in the API's own field names: what the store need not look into.
 */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include "base/instant.h"
#include "base/str.h"
#include "cal/civil.h"

/* Mask of columns: COLS(A) | COLS(B). */
#define COL(c) ((uint64_t)1 << (c))

/* Small facts of the whole store: schema version, fence block, server id. */
struct meta_row {
    struct str key, value;
};
enum { META_KEY, META_VALUE, META_N_ };

/* A pair of API keys and the account it speaks for. */
struct key_row {
    struct str secret_id; /* key */
    struct str secret_key, uin, name;
    bool enabled, root; /* root keys may manage keys */
    struct wall created_at;
};
enum {
    KEY_SECRET_ID,
    KEY_SECRET_KEY,
    KEY_UIN,
    KEY_NAME,
    KEY_ENABLED,
    KEY_ROOT,
    KEY_CREATED_AT,
    KEY_N_
};

struct project_row {
    struct str id;   /* key; 19 digits */
    struct str name; /* identifier; unique */
    struct str display_name, description, model, owner_uin, creator_uin;
    int32_t status; /* 0 disabled, 1 enabled */
    struct wall created_at, updated_at;
    struct str doc;
};
enum {
    PROJECT_ID,
    PROJECT_NAME,
    PROJECT_DISPLAY_NAME,
    PROJECT_DESCRIPTION,
    PROJECT_MODEL,
    PROJECT_OWNER_UIN,
    PROJECT_CREATOR_UIN,
    PROJECT_STATUS,
    PROJECT_CREATED_AT,
    PROJECT_UPDATED_AT,
    PROJECT_DOC,
    PROJECT_N_
};

/* What an account may do in a project (model/role.h). */
struct member_row {
    struct str project_id, uin; /* key */
    struct str roles;           /* ids, "id;id"; may be empty: a member without a right */
    struct wall created_at;
};
enum { MEMBER_PROJECT_ID, MEMBER_UIN, MEMBER_ROLES, MEMBER_CREATED_AT, MEMBER_N_ };

/* CAN_MANAGE on a workflow folder or a workflow, for an account or for those who have a role
 * (model/permission.h). */
struct workflow_permission_row {
    int32_t entity_type;   /* key: the first four; enum permission_entity */
    struct str entity_id;  /* of the folder or workflow */
    int32_t target_type;   /* enum permission_target */
    struct str target_id;  /* uin or id of the role */
    struct str project_id; /* that of the entity */
    struct str creator_uin;
    struct wall created_at;
};
enum {
    WORKFLOW_PERMISSION_ENTITY_TYPE,
    WORKFLOW_PERMISSION_ENTITY_ID,
    WORKFLOW_PERMISSION_TARGET_TYPE,
    WORKFLOW_PERMISSION_TARGET_ID,
    WORKFLOW_PERMISSION_PROJECT_ID,
    WORKFLOW_PERMISSION_CREATOR_UIN,
    WORKFLOW_PERMISSION_CREATED_AT,
    WORKFLOW_PERMISSION_N_
};

/* A workflow folder or, in the table resource_folder, a folder of resource files.  The root "/" has
 * no row. */
struct folder_row {
    struct str id; /* key; UUID */
    struct str project_id, parent_path, name;
    struct str path; /* unique in the project */
    struct str creator_uin;
    struct wall created_at;
};
enum {
    FOLDER_ID,
    FOLDER_PROJECT_ID,
    FOLDER_PARENT_PATH,
    FOLDER_NAME,
    FOLDER_PATH,
    FOLDER_CREATOR_UIN,
    FOLDER_CREATED_AT,
    FOLDER_N_
};

struct workflow_row {
    struct str id; /* key; UUID */
    struct str project_id, folder_path;
    struct str name; /* unique in the project */
    struct str type; /* "cycle" or "manual" */
    struct str description, owner_uin, creator_uin, updater_uin, bundle_id;
    struct wall created_at, updated_at;
    struct str doc; /* WorkflowParams, WorkflowSchedulerConfiguration, BundleInfo */
};
enum {
    WORKFLOW_ID,
    WORKFLOW_PROJECT_ID,
    WORKFLOW_FOLDER_PATH,
    WORKFLOW_NAME,
    WORKFLOW_TYPE,
    WORKFLOW_DESCRIPTION,
    WORKFLOW_OWNER_UIN,
    WORKFLOW_CREATOR_UIN,
    WORKFLOW_UPDATER_UIN,
    WORKFLOW_BUNDLE_ID,
    WORKFLOW_CREATED_AT,
    WORKFLOW_UPDATED_AT,
    WORKFLOW_DOC,
    WORKFLOW_N_
};

struct task_folder_row {
    struct str id; /* key; UUID */
    struct str project_id, workflow_id, type, parent_path, name;
    struct str path; /* unique in (workflow, type) */
    struct str creator_uin;
    struct wall created_at;
};
enum {
    TASK_FOLDER_ID,
    TASK_FOLDER_PROJECT_ID,
    TASK_FOLDER_WORKFLOW_ID,
    TASK_FOLDER_TYPE,
    TASK_FOLDER_PARENT_PATH,
    TASK_FOLDER_NAME,
    TASK_FOLDER_PATH,
    TASK_FOLDER_CREATOR_UIN,
    TASK_FOLDER_CREATED_AT,
    TASK_FOLDER_N_
};

/* A task; its definition is the version row (id, version_no), the draft, and (id,
 * submit_version_no), production. */
struct task_row {
    int64_t id; /* key; 17 decimal digits */
    struct str project_id, workflow_id;
    struct str name; /* unique in the project */
    int32_t type_id; /* TaskTypeId */
    struct str folder_path, description, owner_uin, creator_uin, updater_uin, bundle_id;
    struct str group_id;       /* resource group of the draft */
    int32_t status;            /* enum task_status */
    int32_t cycle;             /* enum cycle of the draft */
    int32_t version_no;        /* newest version, V1 = 1 */
    int32_t submit_version_no; /* newest submitted one, 0: never */
    bool submitted;            /* the newest version is submitted */
    struct wall created_at, updated_at;
    struct wall first_submit_at, last_submit_at, ops_at;
    struct str ops_uin;
};
enum {
    TASK_ID,
    TASK_PROJECT_ID,
    TASK_WORKFLOW_ID,
    TASK_NAME,
    TASK_TYPE_ID,
    TASK_FOLDER_PATH_,
    TASK_DESCRIPTION,
    TASK_OWNER_UIN,
    TASK_CREATOR_UIN,
    TASK_UPDATER_UIN,
    TASK_BUNDLE_ID,
    TASK_GROUP_ID,
    TASK_STATUS,
    TASK_CYCLE,
    TASK_VERSION_NO,
    TASK_SUBMIT_VERSION_NO,
    TASK_SUBMITTED,
    TASK_CREATED_AT,
    TASK_UPDATED_AT,
    TASK_FIRST_SUBMIT_AT,
    TASK_LAST_SUBMIT_AT,
    TASK_OPS_AT,
    TASK_OPS_UIN,
    TASK_N_
};

enum version_kind { SAVED_VERSION, SUBMITTED_VERSION };
/* An immutable copy of a task. */
struct version_row {
    int64_t task_id; /* key: (task_id, num) */
    int32_t num, kind;
    struct str id; /* VersionId; unique */
    struct str remark, creator_uin;
    struct wall created_at;
    struct str
        doc; /* {"TaskBaseAttribute":{},"TaskConfiguration":{},"TaskSchedulerConfiguration":{}} */
};
enum {
    VERSION_TASK_ID,
    VERSION_NUM,
    VERSION_KIND,
    VERSION_ID,
    VERSION_REMARK,
    VERSION_CREATOR_UIN,
    VERSION_CREATED_AT,
    VERSION_DOC,
    VERSION_N_
};

/* down waits for up; in_ops 0: as the draft says, 1: as the submitted version says. */
struct edge_row {
    int64_t down_task;
    bool in_ops;
    int64_t up_task;
};
enum {
    EDGE_DOWN_TASK,
    EDGE_IN_OPS,
    EDGE_UP_TASK,
    EDGE_N_
}; /* key: all three; index (up_task, in_ops) */

/* A task listens to an event of its project; in_ops as above. */
struct listener_row {
    int64_t task_id;
    bool in_ops;
    struct str project_id, event_name;
    struct wall created_at; /* when the draft began to, however often it was saved since */
};
enum {
    LISTENER_TASK_ID,
    LISTENER_IN_OPS,
    LISTENER_PROJECT_ID,
    LISTENER_EVENT_NAME,
    LISTENER_CREATED_AT,
    LISTENER_N_
};

/* What the core holds of a submitted task's definition, beside its document
 * (model/task_pack.h).  Only good while version_no is that of the schedule row; may be missing. */
struct packed_row {
    int64_t task_id; /* key */
    int32_t version_no;
    struct str project_id;
    struct str packed;
};
enum { PACKED_TASK_ID, PACKED_VERSION_NO, PACKED_PROJECT_ID, PACKED_PACKED, PACKED_N_ };

/* The scheduling side of a submitted task: how far its firings have been turned into instances. */
struct schedule_row {
    int64_t task_id; /* key */
    int32_t status;  /* enum task_status: Y, O, T, F, INVALID */
    int32_t version_no;
    struct wall live_from;   /* firings before this instant are not made */
    struct civil high_water; /* every firing planned at or before this civil time is settled */
    struct wall settled_at;  /* its instant */
};
enum {
    SCHEDULE_TASK_ID,
    SCHEDULE_STATUS,
    SCHEDULE_VERSION_NO,
    SCHEDULE_LIVE_FROM,
    SCHEDULE_HIGH_WATER,
    SCHEDULE_SETTLED_AT,
    SCHEDULE_N_
};

/* A firing that made no instance, and why (I4). */
/* key: (task_id, planned) */
struct miss_row {
    int64_t task_id;
    struct civil planned;
    struct civil data_time;
    int32_t reason;
    struct wall at;
};
enum { MISS_TASK_ID, MISS_PLANNED, MISS_DATA_TIME, MISS_REASON, MISS_AT, MISS_N_ };

struct group_row {
    struct str id;   /* key; about 20 digits */
    struct str name; /* unique */
    struct str type; /* Schedule, Integration, DataService */
    int32_t slots;   /* most attempts at once */
    struct str description, region, vpc_id, subnet, creator_uin;
    bool auto_renew;
    struct wall created_at, updated_at;
    struct str doc;
};
enum {
    GROUP_ID,
    GROUP_NAME,
    GROUP_TYPE,
    GROUP_SLOTS,
    GROUP_DESCRIPTION,
    GROUP_REGION,
    GROUP_VPC_ID,
    GROUP_SUBNET,
    GROUP_CREATOR_UIN,
    GROUP_AUTO_RENEW,
    GROUP_CREATED_AT,
    GROUP_UPDATED_AT,
    GROUP_DOC,
    GROUP_N_
};

struct group_project_row {
    struct str group_id, project_id;
};
enum { GROUP_PROJECT_GROUP_ID, GROUP_PROJECT_PROJECT_ID, GROUP_PROJECT_N_ };

struct event_row {
    struct str id; /* key */
    struct str project_id;
    struct str name;           /* unique in the project */
    struct str sub_type;       /* SECOND MIN HOUR DAY */
    struct str broadcast_type; /* BROADCAST SINGLE */
    struct str event_type;     /* TIME_SERIES GENERAL */
    int64_t ttl;               /* in unit */
    struct str unit;           /* DAYS HOURS MINUTES SECONDS */
    struct str dimension_format;
    int64_t consume_limit; /* ValidConsumeCount, -1: none */
    struct str owner, description;
    struct wall created_at;
    struct str doc;
};
enum {
    EVENT_ID,
    EVENT_PROJECT_ID,
    EVENT_NAME,
    EVENT_SUB_TYPE,
    EVENT_BROADCAST_TYPE,
    EVENT_EVENT_TYPE,
    EVENT_TTL,
    EVENT_UNIT,
    EVENT_DIMENSION_FORMAT,
    EVENT_CONSUME_LIMIT,
    EVENT_OWNER,
    EVENT_DESCRIPTION,
    EVENT_CREATED_AT,
    EVENT_DOC,
    EVENT_N_
};

/* One happening of an event for one data time.  Indexes: (event_id, data_time), (project_id,
 * fired_at); of what is not used up (event_id, expires_at), (event_id, data_time, expires_at). */
struct case_row {
    struct str id; /* key; UUID */
    struct str event_id, project_id, event_name;
    struct str dimension;   /* as fired */
    struct civil data_time; /* what the dimension means */
    struct str description;
    int32_t state; /* enum case_state */
    int64_t consume_count;
    struct wall fired_at, expires_at, updated_at;
    bool used_up; /* consumed as often as its event lets */
};
enum {
    CASE_ID,
    CASE_EVENT_ID,
    CASE_PROJECT_ID,
    CASE_EVENT_NAME,
    CASE_DIMENSION,
    CASE_DATA_TIME,
    CASE_DESCRIPTION,
    CASE_STATE,
    CASE_CONSUME_COUNT,
    CASE_FIRED_AT,
    CASE_EXPIRES_AT,
    CASE_UPDATED_AT,
    CASE_USED_UP,
    CASE_N_
};

/* A round of an instance took a case when it left WAIT_EVENT.  Stays when the task goes, as its
 * instances do; goes with the instance and with the case.  Indexes: (case_id, at), (task_id,
 * data_time). */
struct consumption_row {
    struct str case_id; /* key: (case_id, task_id, data_time, round) */
    int64_t task_id;
    struct civil data_time;
    int32_t round;
    struct str project_id; /* of the case */
    struct wall at;
};
enum {
    CONSUMPTION_CASE_ID,
    CONSUMPTION_TASK_ID,
    CONSUMPTION_DATA_TIME,
    CONSUMPTION_ROUND,
    CONSUMPTION_PROJECT_ID,
    CONSUMPTION_AT,
    CONSUMPTION_N_
};

struct calendar_row {
    struct str id, name;
    int32_t mode;
    struct str doc;
    struct wall updated_at;
}; /* doc: ["2026-01-01", ...] */
enum { CALENDAR_ID, CALENDAR_NAME, CALENDAR_MODE, CALENDAR_DOC, CALENDAR_UPDATED_AT, CALENDAR_N_ };

/* (task, data time): exists once, whoever made it (I1).  Holds the present round; earlier rounds
 * are round rows. */
struct instance_row {
    int64_t task_id; /* key: (task_id, data_time) */
    struct civil data_time;
    struct str project_id, workflow_id, task_name, owner_uin, group_id;
    int32_t task_type_id, cycle;
    int32_t state;    /* enum instance_state */
    int32_t type;     /* 0 backfill, 1 periodic, 2 aperiodic */
    int32_t run_type; /* enum run_type of the present round */
    int32_t round;    /* LifeRoundNum */
    int32_t tries;    /* attempts started in this round */
    int32_t try_limit;
    int32_t total_runs;   /* attempts started in all rounds */
    int32_t priority;     /* 4 high, 5 middle, 6 low */
    int32_t version_no;   /* version of the task in this round */
    struct civil planned; /* SchedulerTime in the task's zone */
    struct wall fire_at;  /* its instant */
    struct wall created_at, updated_at;
    struct wall round_at; /* the present round began */
    struct wall started_at,
        ended_at;         /* first attempt of the round began; round ended; WALL_NONE: not yet */
    struct wall retry_at; /* FAILED_RETRY: when the next attempt is due */
    int64_t fence;        /* of the live attempt, 0: none */
    struct str plan_id;   /* backfill plan of this round; may be empty */
    int32_t flags;        /* enum instance_flags */
    struct str phases;    /* of the present round, model/phase.h */
    struct str reason;    /* why it ended as it did, for people */
    int64_t cost_us;      /* first attempt's start to the end of the round; 0 before the end */
};
enum {
    INSTANCE_TASK_ID,
    INSTANCE_DATA_TIME,
    INSTANCE_PROJECT_ID,
    INSTANCE_WORKFLOW_ID,
    INSTANCE_TASK_NAME,
    INSTANCE_OWNER_UIN,
    INSTANCE_GROUP_ID,
    INSTANCE_TASK_TYPE_ID,
    INSTANCE_CYCLE,
    INSTANCE_STATE,
    INSTANCE_TYPE,
    INSTANCE_RUN_TYPE,
    INSTANCE_ROUND,
    INSTANCE_TRIES,
    INSTANCE_TRY_LIMIT,
    INSTANCE_TOTAL_RUNS,
    INSTANCE_PRIORITY,
    INSTANCE_VERSION_NO,
    INSTANCE_PLANNED,
    INSTANCE_FIRE_AT,
    INSTANCE_CREATED_AT,
    INSTANCE_UPDATED_AT,
    INSTANCE_ROUND_AT,
    INSTANCE_STARTED_AT,
    INSTANCE_ENDED_AT,
    INSTANCE_RETRY_AT,
    INSTANCE_FENCE,
    INSTANCE_PLAN_ID,
    INSTANCE_FLAGS,
    INSTANCE_PHASES,
    INSTANCE_REASON,
    INSTANCE_COST_US,
    INSTANCE_N_
};
/* Indexes: (project_id, fire_at), (state) partial on the non-terminal ones (<= 4), (plan_id, state)
 * partial on non-empty plans. */

/* A finished round, kept when the next one begins. */
struct round_row {
    int64_t task_id; /* key: (task_id, data_time, round) */
    struct civil data_time;
    int32_t round, state, run_type, tries, version_no;
    struct wall round_at, started_at, ended_at;
    struct str phases, reason;
    struct str plan_id; /* of the backfill or rerun whose round it was; empty: of none */
};
enum {
    ROUND_TASK_ID,
    ROUND_DATA_TIME,
    ROUND_ROUND,
    ROUND_STATE,
    ROUND_RUN_TYPE,
    ROUND_TRIES,
    ROUND_VERSION_NO,
    ROUND_ROUND_AT,
    ROUND_STARTED_AT,
    ROUND_ENDED_AT,
    ROUND_PHASES,
    ROUND_REASON,
    ROUND_PLAN_ID,
    ROUND_N_
};

/* One start of a task's code; written before the runner is told (write-ahead dispatch). */
struct attempt_row {
    int64_t fence; /* key; never used twice */
    int64_t task_id;
    struct civil data_time;
    int32_t round, number;
    struct str node;
    int32_t outcome; /* enum attempt_outcome, -1 while alive */
    int32_t exit_code, term_signal;
    struct wall begun_at, started_at, ended_at;
    struct str text;          /* how it ended */
    struct str substitutions; /* in the version's code (model/parameter.h); empty: none */
};
enum {
    ATTEMPT_FENCE,
    ATTEMPT_TASK_ID,
    ATTEMPT_DATA_TIME,
    ATTEMPT_ROUND,
    ATTEMPT_NUMBER,
    ATTEMPT_NODE,
    ATTEMPT_OUTCOME,
    ATTEMPT_EXIT_CODE,
    ATTEMPT_TERM_SIGNAL,
    ATTEMPT_BEGUN_AT,
    ATTEMPT_STARTED_AT,
    ATTEMPT_ENDED_AT,
    ATTEMPT_TEXT,
    ATTEMPT_SUBSTITUTIONS,
    ATTEMPT_N_
};
/* Indexes: (task_id, data_time, round, number), (outcome) partial on those alive. */

/* What the last successful attempt of an instance put out: the variables among its task's output
 * parameters.  Counts for the round that made it. */
struct output_row {
    int64_t task_id; /* key: (task_id, data_time) */
    struct civil data_time;
    int32_t round;
    struct str doc; /* {"ParamKey":"value",...} */
};
enum { OUTPUT_TASK_ID, OUTPUT_DATA_TIME, OUTPUT_ROUND, OUTPUT_DOC, OUTPUT_N_ };

/* A backfill over tasks and data dates. */
struct plan_row {
    struct str id; /* key; UUID */
    struct str project_id, name, creator_uin;
    struct wall created_at, ended_at;
    int64_t total;  /* instances in the plan */
    struct str doc; /* the request */
};
enum {
    PLAN_ID,
    PLAN_PROJECT_ID,
    PLAN_NAME,
    PLAN_CREATOR_UIN,
    PLAN_CREATED_AT,
    PLAN_ENDED_AT,
    PLAN_TOTAL,
    PLAN_DOC,
    PLAN_N_
};

struct plan_instance_row {
    struct str plan_id;
    int64_t task_id;
    struct civil data_time;
    int32_t round;
    bool own; /* it was not active when the plan was made (7.1): those of the plan wait for it */
};
enum {
    PLAN_INSTANCE_PLAN_ID,
    PLAN_INSTANCE_TASK_ID,
    PLAN_INSTANCE_DATA_TIME,
    PLAN_INSTANCE_ROUND,
    PLAN_INSTANCE_OWN,
    PLAN_INSTANCE_N_
};

/* Rounds that a plan is still to make, some hundred of them (engine/planning.h).  By task and data
 * time, so a slice has the tasks from first_task to last_task. */
struct plan_slice_row {
    int64_t number; /* key; made in this order */
    struct str plan_id;
    int64_t first_task, last_task;
    struct str doc; /* packed */
};
enum {
    PLAN_SLICE_NUMBER,
    PLAN_SLICE_PLAN_ID,
    PLAN_SLICE_FIRST_TASK,
    PLAN_SLICE_LAST_TASK,
    PLAN_SLICE_DOC,
    PLAN_SLICE_N_
};

/* A plan that was deleted, and of which some is still to be ended: its plan_instance and plan_slice
 * rows say what (engine/deletion.h).  It has no plan row any more. */
struct plan_deletion_row {
    struct str plan_id; /* key */
    struct str job_id;  /* which counts what was ended; empty: none does */
};
enum { PLAN_DELETION_PLAN_ID, PLAN_DELETION_JOB_ID, PLAN_DELETION_N_ };

/* A request of an operator that is answered before it is done (5.9).  What could be done at once is
 * counted here; what takes its time are its job_item rows. */
struct job_row {
    struct str id; /* key; UUID */
    struct str project_id, type, creator_uin;
    struct wall created_at;
    int64_t total, succeeded, failed; /* sub-operations; the rest are items */
    struct str error;                 /* why some failed: English, a line feed, Chinese */
    struct str doc;                   /* the request */
};
enum {
    JOB_ID,
    JOB_PROJECT_ID,
    JOB_TYPE,
    JOB_CREATOR_UIN,
    JOB_CREATED_AT,
    JOB_TOTAL,
    JOB_SUCCEEDED,
    JOB_FAILED,
    JOB_ERROR,
    JOB_DOC,
    JOB_N_
};

/* A sub-operation that is done when the round of the instance has ended. */
struct job_item_row {
    struct str job_id; /* key: all */
    int64_t task_id;
    struct civil data_time;
    int32_t round;
};
enum { JOB_ITEM_JOB_ID, JOB_ITEM_TASK_ID, JOB_ITEM_DATA_TIME, JOB_ITEM_ROUND, JOB_ITEM_N_ };

/* One write of the API, accepted or refused (engine/audit.h).  Indexes: (project_id, at), (uin,
 * at).
 */
struct audit_row {
    struct wall at; /* key: (at, number) */
    int64_t number; /* tells those of one instant apart */
    struct str uin, secret_id;
    struct str source; /* address of the client */
    struct str action, version, request_id;
    struct str project_id; /* as the request said; may be empty */
    struct str objects;    /* "TaskId=... Made=...": what the call was about */
    struct str code;       /* "OK", or the public code */
};
enum {
    AUDIT_AT,
    AUDIT_NUMBER,
    AUDIT_UIN,
    AUDIT_SECRET_ID,
    AUDIT_SOURCE,
    AUDIT_ACTION,
    AUDIT_VERSION,
    AUDIT_REQUEST_ID,
    AUDIT_PROJECT_ID,
    AUDIT_OBJECTS,
    AUDIT_CODE,
    AUDIT_N_
};

/* What is to be told to whom when something happens (model/alarm.h). */
struct alarm_rule_row {
    struct str id; /* key; UUID */
    struct str project_id;
    struct str name;                                      /* unique in the project */
    struct str description, owner_uin, types, recipients; /* the last two: "a;b", for filters */
    int32_t object_type, level;
    bool enabled;
    struct wall created_at, updated_at;
    struct str doc; /* the fields that model/alarm.h decodes */
};
enum {
    ALARM_RULE_ID,
    ALARM_RULE_PROJECT_ID,
    ALARM_RULE_NAME,
    ALARM_RULE_DESCRIPTION,
    ALARM_RULE_OWNER_UIN,
    ALARM_RULE_TYPES,
    ALARM_RULE_RECIPIENTS,
    ALARM_RULE_OBJECT_TYPE,
    ALARM_RULE_LEVEL,
    ALARM_RULE_ENABLED,
    ALARM_RULE_CREATED_AT,
    ALARM_RULE_UPDATED_AT,
    ALARM_RULE_DOC,
    ALARM_RULE_N_
};

/* Something happened that a rule asks about, or that somebody had told (the rule's id and name are
 * empty).  Stays when the rule or the task goes.  Index: (project_id, at). */
enum { ALARM_NO_ROUND = -1 };
#define ALARM_UPSTREAM_DELETED "upstreamDeleted"
struct alarm_message_row {
    int64_t id;       /* key; never used twice */
    struct str fired; /* unique: the rule, the round or the day, the type and its limit */
    struct str project_id, rule_id, rule_name, task_name;
    int64_t task_id; /* 0: of a project */
    struct civil data_time;
    int32_t round;     /* ALARM_NO_ROUND: of the task, and of no instance; no data_time then */
    struct str reason; /* type, "overtime:RuleType", or ALARM_UPSTREAM_DELETED */
    struct str text;   /* what happened, for people; English, newline, Chinese */
    int32_t level;
    struct str ways, recipients; /* "a;b" */
    struct wall fired_at, at;    /* at: it was last sent, or fired */
    struct wall acked_at;        /* WALL_NONE: nobody has */
    struct str acked_by;
};
enum {
    ALARM_MESSAGE_ID,
    ALARM_MESSAGE_FIRED,
    ALARM_MESSAGE_PROJECT_ID,
    ALARM_MESSAGE_RULE_ID,
    ALARM_MESSAGE_RULE_NAME,
    ALARM_MESSAGE_TASK_NAME,
    ALARM_MESSAGE_TASK_ID,
    ALARM_MESSAGE_DATA_TIME,
    ALARM_MESSAGE_ROUND,
    ALARM_MESSAGE_REASON,
    ALARM_MESSAGE_TEXT,
    ALARM_MESSAGE_LEVEL,
    ALARM_MESSAGE_WAYS,
    ALARM_MESSAGE_RECIPIENTS,
    ALARM_MESSAGE_FIRED_AT,
    ALARM_MESSAGE_AT,
    ALARM_MESSAGE_ACKED_AT,
    ALARM_MESSAGE_ACKED_BY,
    ALARM_MESSAGE_N_
};

enum alarm_delivery_state {
    DELIVERY_PENDING,
    DELIVERY_DONE,
    DELIVERY_GIVEN_UP, /* the receiver took it for too long not, or cannot be reached at all */
    DELIVERY_QUIET,    /* it was due in a quiet interval */
    DELIVERY_CANCELED, /* acknowledged, or the rule is gone, before it was due */
    DELIVERY_STATE_N_
};
/* One message to one receiver, once.  Indexes: (message_id); (due) partial on those pending. */
struct alarm_delivery_row {
    int64_t id; /* key; never used twice */
    int64_t message_id;
    struct str rule_id;
    int32_t state, way;
    struct str target;     /* an account or a mail address, or the address of a hook */
    int32_t number;        /* of this receiver's notifications, from 1 */
    struct str escalation; /* whom it was escalated to; empty: nobody */
    int32_t attempts;
    struct wall created_at, due, ended_at; /* due: the next attempt; ended_at: no more are made */
    struct str error;                      /* of the last attempt */
};
enum {
    ALARM_DELIVERY_ID,
    ALARM_DELIVERY_MESSAGE_ID,
    ALARM_DELIVERY_RULE_ID,
    ALARM_DELIVERY_STATE,
    ALARM_DELIVERY_WAY,
    ALARM_DELIVERY_TARGET,
    ALARM_DELIVERY_NUMBER,
    ALARM_DELIVERY_ESCALATION,
    ALARM_DELIVERY_ATTEMPTS,
    ALARM_DELIVERY_CREATED_AT,
    ALARM_DELIVERY_DUE,
    ALARM_DELIVERY_ENDED_AT,
    ALARM_DELIVERY_ERROR,
    ALARM_DELIVERY_N_
};

/* How many periodic instances of a project ended in a piece of a day; only where a rule asks. */
struct alarm_tally_row {
    struct str project_id; /* key: (project_id, slot) */
    struct wall slot;      /* its beginning */
    int64_t failed, succeeded;
};
enum {
    ALARM_TALLY_PROJECT_ID,
    ALARM_TALLY_SLOT,
    ALARM_TALLY_FAILED,
    ALARM_TALLY_SUCCEEDED,
    ALARM_TALLY_N_
};

/* A resource file: its bytes are an object (engine/objects.h).  Index: (digest). */
struct resource_row {
    struct str id; /* key; UUID */
    struct str project_id, folder_path, name;
    struct str path; /* unique in the project */
    struct str bucket, region, remote_path;
    struct str digest; /* SHA-256 of the bytes, hexadecimal */
    int64_t size;
    struct str bundle_id, bundle_info, creator_uin, updater_uin;
    struct wall created_at, updated_at;
};
enum {
    RESOURCE_ID,
    RESOURCE_PROJECT_ID,
    RESOURCE_FOLDER_PATH,
    RESOURCE_NAME,
    RESOURCE_PATH,
    RESOURCE_BUCKET,
    RESOURCE_REGION,
    RESOURCE_REMOTE_PATH,
    RESOURCE_DIGEST,
    RESOURCE_SIZE,
    RESOURCE_BUNDLE_ID,
    RESOURCE_BUNDLE_INFO,
    RESOURCE_CREATOR_UIN,
    RESOURCE_UPDATER_UIN,
    RESOURCE_CREATED_AT,
    RESOURCE_UPDATED_AT,
    RESOURCE_N_
};

struct query;
/* Instances of the task with a data time before `before`, the newest first, and only that one. */
void query_newest_instance(struct query *q, int64_t task_id, struct civil before);

#endif
