/* store/tables.c - every table: columns in the order of the row's fields, key and indexes.
 *
 * An index serves as well the queries that begin with some of its columns.  The key follows behind
 * the columns of every index, so a list that is ordered by the last column of an index needs no
 * sorting.
 */
#include "store/table.h"

#include "cal/schedule.h"
#include "model/instance.h"
#include "model/permission.h"
#include "model/task.h"
#include "store/store.h"

/* The type of a column follows its field. */
#define COLUMN(tag, field)                                                                         \
    {                                                                                              \
        .name = #field, .offset = offsetof(struct tag, field),                                     \
        .type = _Generic(((struct tag *)0)->field, struct str                                      \
                         : COLUMN_TEXT, int64_t                                                    \
                         : COLUMN_I64, int32_t                                                     \
                         : COLUMN_I32, bool                                                        \
                         : COLUMN_BOOL, struct wall                                                \
                         : COLUMN_WALL, struct civil                                               \
                         : COLUMN_CIVIL)                                                           \
    }
/* A number that is one of an enumeration: n values from the first on. */
#define CHOICE(tag, field, first_value, n)                                                         \
    {                                                                                              \
        .name = #field, .offset = offsetof(struct tag, field), .type = COLUMN_I32,                 \
        .first = (first_value), .n_values = (n)                                                    \
    }
#define UNIQUE(index, ...)                                                                         \
    {                                                                                              \
        .name = index, .unique = true, .columns = LIST(__VA_ARGS__)                                \
    }
#define INDEX(index, ...)                                                                          \
    {                                                                                              \
        .name = index, .columns = LIST(__VA_ARGS__)                                                \
    }
#define LIST(...)                                                                                  \
    {                                                                                              \
        sizeof((uint8_t[]){ __VA_ARGS__ }),                                                        \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define INDEXES(list) .n_indexes = ARRAY_LEN(list), .indexes = list
#define TABLE(at, table_name, columns_of)                                                          \
    .number = (at), .name = (table_name), .row_size = sizeof(struct columns_of##_row),             \
    .n_columns = ARRAY_LEN(columns_of##_columns), .columns = columns_of##_columns

/* The last state in which an instance is not ended (the terminal states follow), and the outcome of
 * an attempt that is alive: the partial indexes hold what the engine looks for when it starts.  The
 * other outcomes are those of run/attempt.h, which the store does not see. */
enum { INSTANCE_OPEN_LAST = INSTANCE_FAILED_RETRY, ATTEMPT_ALIVE = -1, ATTEMPT_OUTCOMES = 6 };

static const struct column meta_columns[META_N_] = {
    [META_KEY] = COLUMN(meta_row, key),
    [META_VALUE] = COLUMN(meta_row, value),
};
const struct table table_meta = {
    TABLE(0, "meta", meta),
    .key = LIST(META_KEY),
};

static const struct column key_columns[KEY_N_] = {
    [KEY_SECRET_ID] = COLUMN(key_row, secret_id),
    [KEY_SECRET_KEY] = COLUMN(key_row, secret_key),
    [KEY_UIN] = COLUMN(key_row, uin),
    [KEY_NAME] = COLUMN(key_row, name),
    [KEY_ENABLED] = COLUMN(key_row, enabled),
    [KEY_ROOT] = COLUMN(key_row, root),
    [KEY_CREATED_AT] = COLUMN(key_row, created_at),
};
const struct table table_key = {
    TABLE(1, "key", key),
    .key = LIST(KEY_SECRET_ID),
};

static const struct column project_columns[PROJECT_N_] = {
    [PROJECT_ID] = COLUMN(project_row, id),
    [PROJECT_NAME] = COLUMN(project_row, name),
    [PROJECT_DISPLAY_NAME] = COLUMN(project_row, display_name),
    [PROJECT_DESCRIPTION] = COLUMN(project_row, description),
    [PROJECT_MODEL] = COLUMN(project_row, model),
    [PROJECT_OWNER_UIN] = COLUMN(project_row, owner_uin),
    [PROJECT_CREATOR_UIN] = COLUMN(project_row, creator_uin),
    [PROJECT_STATUS] = COLUMN(project_row, status),
    [PROJECT_CREATED_AT] = COLUMN(project_row, created_at),
    [PROJECT_UPDATED_AT] = COLUMN(project_row, updated_at),
    [PROJECT_DOC] = COLUMN(project_row, doc),
};
static const struct table_index project_indexes[] = {
    UNIQUE("name", PROJECT_NAME),
};
const struct table table_project = {
    TABLE(2, "project", project),
    .key = LIST(PROJECT_ID),
    INDEXES(project_indexes),
};

static const struct column folder_columns[FOLDER_N_] = {
    [FOLDER_ID] = COLUMN(folder_row, id),
    [FOLDER_PROJECT_ID] = COLUMN(folder_row, project_id),
    [FOLDER_PARENT_PATH] = COLUMN(folder_row, parent_path),
    [FOLDER_NAME] = COLUMN(folder_row, name),
    [FOLDER_PATH] = COLUMN(folder_row, path),
    [FOLDER_CREATOR_UIN] = COLUMN(folder_row, creator_uin),
    [FOLDER_CREATED_AT] = COLUMN(folder_row, created_at),
};
static const struct table_index folder_indexes[] = {
    UNIQUE("path", FOLDER_PROJECT_ID, FOLDER_PATH),
};
const struct table table_folder = {
    TABLE(3, "folder", folder),
    .key = LIST(FOLDER_ID),
    INDEXES(folder_indexes),
};

static const struct column workflow_columns[WORKFLOW_N_] = {
    [WORKFLOW_ID] = COLUMN(workflow_row, id),
    [WORKFLOW_PROJECT_ID] = COLUMN(workflow_row, project_id),
    [WORKFLOW_FOLDER_PATH] = COLUMN(workflow_row, folder_path),
    [WORKFLOW_NAME] = COLUMN(workflow_row, name),
    [WORKFLOW_TYPE] = COLUMN(workflow_row, type),
    [WORKFLOW_DESCRIPTION] = COLUMN(workflow_row, description),
    [WORKFLOW_OWNER_UIN] = COLUMN(workflow_row, owner_uin),
    [WORKFLOW_CREATOR_UIN] = COLUMN(workflow_row, creator_uin),
    [WORKFLOW_UPDATER_UIN] = COLUMN(workflow_row, updater_uin),
    [WORKFLOW_BUNDLE_ID] = COLUMN(workflow_row, bundle_id),
    [WORKFLOW_CREATED_AT] = COLUMN(workflow_row, created_at),
    [WORKFLOW_UPDATED_AT] = COLUMN(workflow_row, updated_at),
    [WORKFLOW_DOC] = COLUMN(workflow_row, doc),
};
static const struct table_index workflow_indexes[] = {
    UNIQUE("name", WORKFLOW_PROJECT_ID, WORKFLOW_NAME),
};
const struct table table_workflow = {
    TABLE(4, "workflow", workflow),
    .key = LIST(WORKFLOW_ID),
    INDEXES(workflow_indexes),
};

static const struct column task_folder_columns[TASK_FOLDER_N_] = {
    [TASK_FOLDER_ID] = COLUMN(task_folder_row, id),
    [TASK_FOLDER_PROJECT_ID] = COLUMN(task_folder_row, project_id),
    [TASK_FOLDER_WORKFLOW_ID] = COLUMN(task_folder_row, workflow_id),
    [TASK_FOLDER_TYPE] = COLUMN(task_folder_row, type),
    [TASK_FOLDER_PARENT_PATH] = COLUMN(task_folder_row, parent_path),
    [TASK_FOLDER_NAME] = COLUMN(task_folder_row, name),
    [TASK_FOLDER_PATH] = COLUMN(task_folder_row, path),
    [TASK_FOLDER_CREATOR_UIN] = COLUMN(task_folder_row, creator_uin),
    [TASK_FOLDER_CREATED_AT] = COLUMN(task_folder_row, created_at),
};
static const struct table_index task_folder_indexes[] = {
    UNIQUE("path", TASK_FOLDER_WORKFLOW_ID, TASK_FOLDER_TYPE, TASK_FOLDER_PATH),
};
const struct table table_task_folder = {
    TABLE(5, "task_folder", task_folder),
    .key = LIST(TASK_FOLDER_ID),
    INDEXES(task_folder_indexes),
};

static const struct column task_columns[TASK_N_] = {
    [TASK_ID] = COLUMN(task_row, id),
    [TASK_PROJECT_ID] = COLUMN(task_row, project_id),
    [TASK_WORKFLOW_ID] = COLUMN(task_row, workflow_id),
    [TASK_NAME] = COLUMN(task_row, name),
    [TASK_TYPE_ID] = COLUMN(task_row, type_id),
    [TASK_FOLDER_PATH_] = COLUMN(task_row, folder_path),
    [TASK_DESCRIPTION] = COLUMN(task_row, description),
    [TASK_OWNER_UIN] = COLUMN(task_row, owner_uin),
    [TASK_CREATOR_UIN] = COLUMN(task_row, creator_uin),
    [TASK_UPDATER_UIN] = COLUMN(task_row, updater_uin),
    [TASK_BUNDLE_ID] = COLUMN(task_row, bundle_id),
    [TASK_GROUP_ID] = COLUMN(task_row, group_id),
    [TASK_STATUS] = CHOICE(task_row, status, TASK_NEW, TASK_STATUS_N_),
    [TASK_CYCLE] = CHOICE(task_row, cycle, 0, CYCLE_N_),
    [TASK_VERSION_NO] = COLUMN(task_row, version_no),
    [TASK_SUBMIT_VERSION_NO] = COLUMN(task_row, submit_version_no),
    [TASK_SUBMITTED] = COLUMN(task_row, submitted),
    [TASK_CREATED_AT] = COLUMN(task_row, created_at),
    [TASK_UPDATED_AT] = COLUMN(task_row, updated_at),
    [TASK_FIRST_SUBMIT_AT] = COLUMN(task_row, first_submit_at),
    [TASK_LAST_SUBMIT_AT] = COLUMN(task_row, last_submit_at),
    [TASK_OPS_AT] = COLUMN(task_row, ops_at),
    [TASK_OPS_UIN] = COLUMN(task_row, ops_uin),
};
static const struct table_index task_indexes[] = {
    UNIQUE("name", TASK_PROJECT_ID, TASK_NAME),
    INDEX("workflow", TASK_WORKFLOW_ID),
    INDEX("created", TASK_PROJECT_ID, TASK_CREATED_AT),
    INDEX("group", TASK_GROUP_ID),
};
const struct table table_task = {
    TABLE(6, "task", task),
    .key = LIST(TASK_ID),
    INDEXES(task_indexes),
};

static const struct column version_columns[VERSION_N_] = {
    [VERSION_TASK_ID] = COLUMN(version_row, task_id),
    [VERSION_NUM] = COLUMN(version_row, num),
    [VERSION_KIND] = COLUMN(version_row, kind),
    [VERSION_ID] = COLUMN(version_row, id),
    [VERSION_REMARK] = COLUMN(version_row, remark),
    [VERSION_CREATOR_UIN] = COLUMN(version_row, creator_uin),
    [VERSION_CREATED_AT] = COLUMN(version_row, created_at),
    [VERSION_DOC] = COLUMN(version_row, doc),
};
static const struct table_index version_indexes[] = {
    UNIQUE("id", VERSION_ID),
};
const struct table table_version = {
    TABLE(7, "version", version),
    .key = LIST(VERSION_TASK_ID, VERSION_NUM),
    INDEXES(version_indexes),
    .wide = true,
};

static const struct column edge_columns[EDGE_N_] = {
    [EDGE_DOWN_TASK] = COLUMN(edge_row, down_task),
    [EDGE_IN_OPS] = COLUMN(edge_row, in_ops),
    [EDGE_UP_TASK] = COLUMN(edge_row, up_task),
};
static const struct table_index edge_indexes[] = {
    INDEX("up", EDGE_UP_TASK, EDGE_IN_OPS),
};
const struct table table_edge = {
    TABLE(8, "edge", edge),
    .key = LIST(EDGE_DOWN_TASK, EDGE_IN_OPS, EDGE_UP_TASK),
    INDEXES(edge_indexes),
};

static const struct column listener_columns[LISTENER_N_] = {
    [LISTENER_TASK_ID] = COLUMN(listener_row, task_id),
    [LISTENER_IN_OPS] = COLUMN(listener_row, in_ops),
    [LISTENER_PROJECT_ID] = COLUMN(listener_row, project_id),
    [LISTENER_EVENT_NAME] = COLUMN(listener_row, event_name),
    [LISTENER_CREATED_AT] = COLUMN(listener_row, created_at),
};
static const struct table_index listener_indexes[] = {
    INDEX("event", LISTENER_PROJECT_ID, LISTENER_EVENT_NAME, LISTENER_IN_OPS),
};
const struct table table_listener = {
    TABLE(9, "listener", listener),
    .key = LIST(LISTENER_TASK_ID, LISTENER_IN_OPS, LISTENER_PROJECT_ID, LISTENER_EVENT_NAME),
    INDEXES(listener_indexes),
};

static const struct column schedule_columns[SCHEDULE_N_] = {
    [SCHEDULE_TASK_ID] = COLUMN(schedule_row, task_id),
    [SCHEDULE_STATUS] = CHOICE(schedule_row, status, TASK_NEW, TASK_STATUS_N_),
    [SCHEDULE_VERSION_NO] = COLUMN(schedule_row, version_no),
    [SCHEDULE_LIVE_FROM] = COLUMN(schedule_row, live_from),
    [SCHEDULE_HIGH_WATER] = COLUMN(schedule_row, high_water),
    [SCHEDULE_SETTLED_AT] = COLUMN(schedule_row, settled_at),
};
const struct table table_schedule = {
    TABLE(10, "schedule", schedule),
    .key = LIST(SCHEDULE_TASK_ID),
};

static const struct column miss_columns[MISS_N_] = {
    [MISS_TASK_ID] = COLUMN(miss_row, task_id),
    [MISS_PLANNED] = COLUMN(miss_row, planned),
    [MISS_DATA_TIME] = COLUMN(miss_row, data_time),
    [MISS_REASON] = COLUMN(miss_row, reason),
    [MISS_AT] = COLUMN(miss_row, at),
};
const struct table table_miss = {
    TABLE(11, "miss", miss),
    .key = LIST(MISS_TASK_ID, MISS_PLANNED),
};

static const struct column group_columns[GROUP_N_] = {
    [GROUP_ID] = COLUMN(group_row, id),
    [GROUP_NAME] = COLUMN(group_row, name),
    [GROUP_TYPE] = COLUMN(group_row, type),
    [GROUP_SLOTS] = COLUMN(group_row, slots),
    [GROUP_DESCRIPTION] = COLUMN(group_row, description),
    [GROUP_REGION] = COLUMN(group_row, region),
    [GROUP_VPC_ID] = COLUMN(group_row, vpc_id),
    [GROUP_SUBNET] = COLUMN(group_row, subnet),
    [GROUP_CREATOR_UIN] = COLUMN(group_row, creator_uin),
    [GROUP_AUTO_RENEW] = COLUMN(group_row, auto_renew),
    [GROUP_CREATED_AT] = COLUMN(group_row, created_at),
    [GROUP_UPDATED_AT] = COLUMN(group_row, updated_at),
    [GROUP_DOC] = COLUMN(group_row, doc),
};
static const struct table_index group_indexes[] = {
    UNIQUE("name", GROUP_NAME),
};
const struct table table_group = {
    TABLE(12, "group", group),
    .key = LIST(GROUP_ID),
    INDEXES(group_indexes),
};

static const struct column group_project_columns[GROUP_PROJECT_N_] = {
    [GROUP_PROJECT_GROUP_ID] = COLUMN(group_project_row, group_id),
    [GROUP_PROJECT_PROJECT_ID] = COLUMN(group_project_row, project_id),
};
static const struct table_index group_project_indexes[] = {
    INDEX("project", GROUP_PROJECT_PROJECT_ID),
};
const struct table table_group_project = {
    TABLE(13, "group_project", group_project),
    .key = LIST(GROUP_PROJECT_GROUP_ID, GROUP_PROJECT_PROJECT_ID),
    INDEXES(group_project_indexes),
};

static const struct column event_columns[EVENT_N_] = {
    [EVENT_ID] = COLUMN(event_row, id),
    [EVENT_PROJECT_ID] = COLUMN(event_row, project_id),
    [EVENT_NAME] = COLUMN(event_row, name),
    [EVENT_SUB_TYPE] = COLUMN(event_row, sub_type),
    [EVENT_BROADCAST_TYPE] = COLUMN(event_row, broadcast_type),
    [EVENT_EVENT_TYPE] = COLUMN(event_row, event_type),
    [EVENT_TTL] = COLUMN(event_row, ttl),
    [EVENT_UNIT] = COLUMN(event_row, unit),
    [EVENT_DIMENSION_FORMAT] = COLUMN(event_row, dimension_format),
    [EVENT_CONSUME_LIMIT] = COLUMN(event_row, consume_limit),
    [EVENT_OWNER] = COLUMN(event_row, owner),
    [EVENT_DESCRIPTION] = COLUMN(event_row, description),
    [EVENT_CREATED_AT] = COLUMN(event_row, created_at),
    [EVENT_DOC] = COLUMN(event_row, doc),
};
static const struct table_index event_indexes[] = {
    UNIQUE("name", EVENT_PROJECT_ID, EVENT_NAME),
};
const struct table table_event = {
    TABLE(14, "event", event),
    .key = LIST(EVENT_ID),
    INDEXES(event_indexes),
};

static const struct column case_columns[CASE_N_] = {
    [CASE_ID] = COLUMN(case_row, id),
    [CASE_EVENT_ID] = COLUMN(case_row, event_id),
    [CASE_PROJECT_ID] = COLUMN(case_row, project_id),
    [CASE_EVENT_NAME] = COLUMN(case_row, event_name),
    [CASE_DIMENSION] = COLUMN(case_row, dimension),
    [CASE_DATA_TIME] = COLUMN(case_row, data_time),
    [CASE_DESCRIPTION] = COLUMN(case_row, description),
    [CASE_STATE] = COLUMN(case_row, state),
    [CASE_CONSUME_COUNT] = COLUMN(case_row, consume_count),
    [CASE_FIRED_AT] = COLUMN(case_row, fired_at),
    [CASE_EXPIRES_AT] = COLUMN(case_row, expires_at),
    [CASE_UPDATED_AT] = COLUMN(case_row, updated_at),
    [CASE_USED_UP] = COLUMN(case_row, used_up),
};
static const struct table_index case_indexes[] = {
    INDEX("event", CASE_EVENT_ID, CASE_DATA_TIME),
    INDEX("fired", CASE_PROJECT_ID, CASE_FIRED_AT),
    { .name = "left",
      .columns = LIST(CASE_EVENT_ID, CASE_EXPIRES_AT),
      .partial = PARTIAL_AT_MOST,
      .partial_column = CASE_USED_UP,
      .partial_number = false },
    { .name = "left_of_time",
      .columns = LIST(CASE_EVENT_ID, CASE_DATA_TIME, CASE_EXPIRES_AT),
      .partial = PARTIAL_AT_MOST,
      .partial_column = CASE_USED_UP,
      .partial_number = false },
};
const struct table table_case = {
    TABLE(15, "case", case),
    .key = LIST(CASE_ID),
    INDEXES(case_indexes),
};

static const struct column calendar_columns[CALENDAR_N_] = {
    [CALENDAR_ID] = COLUMN(calendar_row, id),
    [CALENDAR_NAME] = COLUMN(calendar_row, name),
    [CALENDAR_MODE] = COLUMN(calendar_row, mode),
    [CALENDAR_DOC] = COLUMN(calendar_row, doc),
    [CALENDAR_UPDATED_AT] = COLUMN(calendar_row, updated_at),
};
const struct table table_calendar = {
    TABLE(16, "calendar", calendar),
    .key = LIST(CALENDAR_ID),
};

static const struct column instance_columns[INSTANCE_N_] = {
    [INSTANCE_TASK_ID] = COLUMN(instance_row, task_id),
    [INSTANCE_DATA_TIME] = COLUMN(instance_row, data_time),
    [INSTANCE_PROJECT_ID] = COLUMN(instance_row, project_id),
    [INSTANCE_WORKFLOW_ID] = COLUMN(instance_row, workflow_id),
    [INSTANCE_TASK_NAME] = COLUMN(instance_row, task_name),
    [INSTANCE_OWNER_UIN] = COLUMN(instance_row, owner_uin),
    [INSTANCE_GROUP_ID] = COLUMN(instance_row, group_id),
    [INSTANCE_TASK_TYPE_ID] = COLUMN(instance_row, task_type_id),
    [INSTANCE_CYCLE] = CHOICE(instance_row, cycle, 0, CYCLE_N_),
    [INSTANCE_STATE] = CHOICE(instance_row, state, 0, INSTANCE_STATE_N_),
    [INSTANCE_TYPE] = CHOICE(instance_row, type, 0, INSTANCE_APERIODIC + 1),
    [INSTANCE_RUN_TYPE] = CHOICE(instance_row, run_type, 0, RUN_TYPE_N_),
    [INSTANCE_ROUND] = COLUMN(instance_row, round),
    [INSTANCE_TRIES] = COLUMN(instance_row, tries),
    [INSTANCE_TRY_LIMIT] = COLUMN(instance_row, try_limit),
    [INSTANCE_TOTAL_RUNS] = COLUMN(instance_row, total_runs),
    [INSTANCE_PRIORITY] = COLUMN(instance_row, priority),
    [INSTANCE_VERSION_NO] = COLUMN(instance_row, version_no),
    [INSTANCE_PLANNED] = COLUMN(instance_row, planned),
    [INSTANCE_FIRE_AT] = COLUMN(instance_row, fire_at),
    [INSTANCE_CREATED_AT] = COLUMN(instance_row, created_at),
    [INSTANCE_UPDATED_AT] = COLUMN(instance_row, updated_at),
    [INSTANCE_ROUND_AT] = COLUMN(instance_row, round_at),
    [INSTANCE_STARTED_AT] = COLUMN(instance_row, started_at),
    [INSTANCE_ENDED_AT] = COLUMN(instance_row, ended_at),
    [INSTANCE_RETRY_AT] = COLUMN(instance_row, retry_at),
    [INSTANCE_FENCE] = COLUMN(instance_row, fence),
    [INSTANCE_PLAN_ID] = COLUMN(instance_row, plan_id),
    [INSTANCE_FLAGS] = COLUMN(instance_row, flags),
    [INSTANCE_PHASES] = COLUMN(instance_row, phases),
    [INSTANCE_REASON] = COLUMN(instance_row, reason),
    [INSTANCE_COST_US] = COLUMN(instance_row, cost_us),
};
static const struct table_index instance_indexes[] = {
    INDEX("fire", INSTANCE_PROJECT_ID, INSTANCE_FIRE_AT),
    { .name = "open",
      .columns = LIST(INSTANCE_STATE),
      .partial = PARTIAL_AT_MOST,
      .partial_column = INSTANCE_STATE,
      .partial_number = INSTANCE_OPEN_LAST },
    { .name = "plan",
      .columns = LIST(INSTANCE_PLAN_ID, INSTANCE_STATE),
      .partial = PARTIAL_NOT_EMPTY,
      .partial_column = INSTANCE_PLAN_ID },
};
const struct table table_instance = {
    TABLE(17, "instance", instance),
    .key = LIST(INSTANCE_TASK_ID, INSTANCE_DATA_TIME),
    INDEXES(instance_indexes),
    .wide = true,
};

static const struct column round_columns[ROUND_N_] = {
    [ROUND_TASK_ID] = COLUMN(round_row, task_id),
    [ROUND_DATA_TIME] = COLUMN(round_row, data_time),
    [ROUND_ROUND] = COLUMN(round_row, round),
    [ROUND_STATE] = CHOICE(round_row, state, 0, INSTANCE_STATE_N_),
    [ROUND_RUN_TYPE] = CHOICE(round_row, run_type, 0, RUN_TYPE_N_),
    [ROUND_TRIES] = COLUMN(round_row, tries),
    [ROUND_VERSION_NO] = COLUMN(round_row, version_no),
    [ROUND_ROUND_AT] = COLUMN(round_row, round_at),
    [ROUND_STARTED_AT] = COLUMN(round_row, started_at),
    [ROUND_ENDED_AT] = COLUMN(round_row, ended_at),
    [ROUND_PHASES] = COLUMN(round_row, phases),
    [ROUND_REASON] = COLUMN(round_row, reason),
    [ROUND_PLAN_ID] = COLUMN(round_row, plan_id),
};
const struct table table_round = {
    TABLE(18, "round", round),
    .key = LIST(ROUND_TASK_ID, ROUND_DATA_TIME, ROUND_ROUND),
    .wide = true,
};

static const struct column attempt_columns[ATTEMPT_N_] = {
    [ATTEMPT_FENCE] = COLUMN(attempt_row, fence),
    [ATTEMPT_TASK_ID] = COLUMN(attempt_row, task_id),
    [ATTEMPT_DATA_TIME] = COLUMN(attempt_row, data_time),
    [ATTEMPT_ROUND] = COLUMN(attempt_row, round),
    [ATTEMPT_NUMBER] = COLUMN(attempt_row, number),
    [ATTEMPT_NODE] = COLUMN(attempt_row, node),
    [ATTEMPT_OUTCOME] = CHOICE(attempt_row, outcome, ATTEMPT_ALIVE, ATTEMPT_OUTCOMES + 1),
    [ATTEMPT_EXIT_CODE] = COLUMN(attempt_row, exit_code),
    [ATTEMPT_TERM_SIGNAL] = COLUMN(attempt_row, term_signal),
    [ATTEMPT_BEGUN_AT] = COLUMN(attempt_row, begun_at),
    [ATTEMPT_STARTED_AT] = COLUMN(attempt_row, started_at),
    [ATTEMPT_ENDED_AT] = COLUMN(attempt_row, ended_at),
    [ATTEMPT_TEXT] = COLUMN(attempt_row, text),
    [ATTEMPT_SUBSTITUTIONS] = COLUMN(attempt_row, substitutions),
};
static const struct table_index attempt_indexes[] = {
    INDEX("instance", ATTEMPT_TASK_ID, ATTEMPT_DATA_TIME, ATTEMPT_ROUND, ATTEMPT_NUMBER),
    { .name = "alive",
      .columns = LIST(ATTEMPT_OUTCOME),
      .partial = PARTIAL_AT_MOST,
      .partial_column = ATTEMPT_OUTCOME,
      .partial_number = ATTEMPT_ALIVE },
};
const struct table table_attempt = {
    TABLE(19, "attempt", attempt),
    .key = LIST(ATTEMPT_FENCE),
    INDEXES(attempt_indexes),
};

static const struct column plan_columns[PLAN_N_] = {
    [PLAN_ID] = COLUMN(plan_row, id),
    [PLAN_PROJECT_ID] = COLUMN(plan_row, project_id),
    [PLAN_NAME] = COLUMN(plan_row, name),
    [PLAN_CREATOR_UIN] = COLUMN(plan_row, creator_uin),
    [PLAN_CREATED_AT] = COLUMN(plan_row, created_at),
    [PLAN_ENDED_AT] = COLUMN(plan_row, ended_at),
    [PLAN_TOTAL] = COLUMN(plan_row, total),
    [PLAN_DOC] = COLUMN(plan_row, doc),
};
static const struct table_index plan_indexes[] = {
    INDEX("created", PLAN_PROJECT_ID, PLAN_CREATED_AT),
};
const struct table table_plan = {
    TABLE(20, "plan", plan),
    .key = LIST(PLAN_ID),
    INDEXES(plan_indexes),
};

static const struct column plan_instance_columns[PLAN_INSTANCE_N_] = {
    [PLAN_INSTANCE_PLAN_ID] = COLUMN(plan_instance_row, plan_id),
    [PLAN_INSTANCE_TASK_ID] = COLUMN(plan_instance_row, task_id),
    [PLAN_INSTANCE_DATA_TIME] = COLUMN(plan_instance_row, data_time),
    [PLAN_INSTANCE_ROUND] = COLUMN(plan_instance_row, round),
    [PLAN_INSTANCE_OWN] = COLUMN(plan_instance_row, own),
};
const struct table table_plan_instance = {
    TABLE(21, "plan_instance", plan_instance),
    .key = LIST(PLAN_INSTANCE_PLAN_ID, PLAN_INSTANCE_TASK_ID, PLAN_INSTANCE_DATA_TIME,
                PLAN_INSTANCE_ROUND),
};

static const struct column output_columns[OUTPUT_N_] = {
    [OUTPUT_TASK_ID] = COLUMN(output_row, task_id),
    [OUTPUT_DATA_TIME] = COLUMN(output_row, data_time),
    [OUTPUT_ROUND] = COLUMN(output_row, round),
    [OUTPUT_DOC] = COLUMN(output_row, doc),
};
const struct table table_output = {
    TABLE(22, "output", output),
    .key = LIST(OUTPUT_TASK_ID, OUTPUT_DATA_TIME),
};

static const struct column consumption_columns[CONSUMPTION_N_] = {
    [CONSUMPTION_CASE_ID] = COLUMN(consumption_row, case_id),
    [CONSUMPTION_TASK_ID] = COLUMN(consumption_row, task_id),
    [CONSUMPTION_DATA_TIME] = COLUMN(consumption_row, data_time),
    [CONSUMPTION_ROUND] = COLUMN(consumption_row, round),
    [CONSUMPTION_PROJECT_ID] = COLUMN(consumption_row, project_id),
    [CONSUMPTION_AT] = COLUMN(consumption_row, at),
};
static const struct table_index consumption_indexes[] = {
    INDEX("case", CONSUMPTION_CASE_ID, CONSUMPTION_AT),
    INDEX("instance", CONSUMPTION_TASK_ID, CONSUMPTION_DATA_TIME),
};
const struct table table_consumption = {
    TABLE(23, "consumption", consumption),
    .key = LIST(CONSUMPTION_CASE_ID, CONSUMPTION_TASK_ID, CONSUMPTION_DATA_TIME, CONSUMPTION_ROUND),
    INDEXES(consumption_indexes),
};

static const struct column job_columns[JOB_N_] = {
    [JOB_ID] = COLUMN(job_row, id),
    [JOB_PROJECT_ID] = COLUMN(job_row, project_id),
    [JOB_TYPE] = COLUMN(job_row, type),
    [JOB_CREATOR_UIN] = COLUMN(job_row, creator_uin),
    [JOB_CREATED_AT] = COLUMN(job_row, created_at),
    [JOB_TOTAL] = COLUMN(job_row, total),
    [JOB_SUCCEEDED] = COLUMN(job_row, succeeded),
    [JOB_FAILED] = COLUMN(job_row, failed),
    [JOB_ERROR] = COLUMN(job_row, error),
    [JOB_DOC] = COLUMN(job_row, doc),
};
const struct table table_job = {
    TABLE(24, "job", job),
    .key = LIST(JOB_ID),
};

static const struct column job_item_columns[JOB_ITEM_N_] = {
    [JOB_ITEM_JOB_ID] = COLUMN(job_item_row, job_id),
    [JOB_ITEM_TASK_ID] = COLUMN(job_item_row, task_id),
    [JOB_ITEM_DATA_TIME] = COLUMN(job_item_row, data_time),
    [JOB_ITEM_ROUND] = COLUMN(job_item_row, round),
};
const struct table table_job_item = {
    TABLE(25, "job_item", job_item),
    .key = LIST(JOB_ITEM_JOB_ID, JOB_ITEM_TASK_ID, JOB_ITEM_DATA_TIME, JOB_ITEM_ROUND),
};

static const struct column member_columns[MEMBER_N_] = {
    [MEMBER_PROJECT_ID] = COLUMN(member_row, project_id),
    [MEMBER_UIN] = COLUMN(member_row, uin),
    [MEMBER_ROLES] = COLUMN(member_row, roles),
    [MEMBER_CREATED_AT] = COLUMN(member_row, created_at),
};
const struct table table_member = {
    TABLE(26, "member", member),
    .key = LIST(MEMBER_PROJECT_ID, MEMBER_UIN),
};

static const struct column packed_columns[PACKED_N_] = {
    [PACKED_TASK_ID] = COLUMN(packed_row, task_id),
    [PACKED_VERSION_NO] = COLUMN(packed_row, version_no),
    [PACKED_PROJECT_ID] = COLUMN(packed_row, project_id),
    [PACKED_PACKED] = COLUMN(packed_row, packed),
};
const struct table table_packed = {
    TABLE(27, "packed", packed),
    .key = LIST(PACKED_TASK_ID),
};

static const struct column audit_columns[AUDIT_N_] = {
    [AUDIT_AT] = COLUMN(audit_row, at),
    [AUDIT_NUMBER] = COLUMN(audit_row, number),
    [AUDIT_UIN] = COLUMN(audit_row, uin),
    [AUDIT_SECRET_ID] = COLUMN(audit_row, secret_id),
    [AUDIT_SOURCE] = COLUMN(audit_row, source),
    [AUDIT_ACTION] = COLUMN(audit_row, action),
    [AUDIT_VERSION] = COLUMN(audit_row, version),
    [AUDIT_REQUEST_ID] = COLUMN(audit_row, request_id),
    [AUDIT_PROJECT_ID] = COLUMN(audit_row, project_id),
    [AUDIT_OBJECTS] = COLUMN(audit_row, objects),
    [AUDIT_CODE] = COLUMN(audit_row, code),
};
static const struct table_index audit_indexes[] = {
    INDEX("project", AUDIT_PROJECT_ID, AUDIT_AT),
    INDEX("account", AUDIT_UIN, AUDIT_AT),
};
const struct table table_audit = {
    TABLE(28, "audit", audit),
    .key = LIST(AUDIT_AT, AUDIT_NUMBER),
    INDEXES(audit_indexes),
};

static const struct column alarm_rule_columns[ALARM_RULE_N_] = {
    [ALARM_RULE_ID] = COLUMN(alarm_rule_row, id),
    [ALARM_RULE_PROJECT_ID] = COLUMN(alarm_rule_row, project_id),
    [ALARM_RULE_NAME] = COLUMN(alarm_rule_row, name),
    [ALARM_RULE_DESCRIPTION] = COLUMN(alarm_rule_row, description),
    [ALARM_RULE_OWNER_UIN] = COLUMN(alarm_rule_row, owner_uin),
    [ALARM_RULE_TYPES] = COLUMN(alarm_rule_row, types),
    [ALARM_RULE_RECIPIENTS] = COLUMN(alarm_rule_row, recipients),
    [ALARM_RULE_OBJECT_TYPE] = COLUMN(alarm_rule_row, object_type),
    [ALARM_RULE_LEVEL] = COLUMN(alarm_rule_row, level),
    [ALARM_RULE_ENABLED] = COLUMN(alarm_rule_row, enabled),
    [ALARM_RULE_CREATED_AT] = COLUMN(alarm_rule_row, created_at),
    [ALARM_RULE_UPDATED_AT] = COLUMN(alarm_rule_row, updated_at),
    [ALARM_RULE_DOC] = COLUMN(alarm_rule_row, doc),
};
static const struct table_index alarm_rule_indexes[] = {
    UNIQUE("name", ALARM_RULE_PROJECT_ID, ALARM_RULE_NAME),
};
const struct table table_alarm_rule = {
    TABLE(29, "alarm_rule", alarm_rule),
    .key = LIST(ALARM_RULE_ID),
    INDEXES(alarm_rule_indexes),
};

static const struct column alarm_message_columns[ALARM_MESSAGE_N_] = {
    [ALARM_MESSAGE_ID] = COLUMN(alarm_message_row, id),
    [ALARM_MESSAGE_FIRED] = COLUMN(alarm_message_row, fired),
    [ALARM_MESSAGE_PROJECT_ID] = COLUMN(alarm_message_row, project_id),
    [ALARM_MESSAGE_RULE_ID] = COLUMN(alarm_message_row, rule_id),
    [ALARM_MESSAGE_RULE_NAME] = COLUMN(alarm_message_row, rule_name),
    [ALARM_MESSAGE_TASK_NAME] = COLUMN(alarm_message_row, task_name),
    [ALARM_MESSAGE_TASK_ID] = COLUMN(alarm_message_row, task_id),
    [ALARM_MESSAGE_DATA_TIME] = COLUMN(alarm_message_row, data_time),
    [ALARM_MESSAGE_ROUND] = COLUMN(alarm_message_row, round),
    [ALARM_MESSAGE_REASON] = COLUMN(alarm_message_row, reason),
    [ALARM_MESSAGE_TEXT] = COLUMN(alarm_message_row, text),
    [ALARM_MESSAGE_LEVEL] = COLUMN(alarm_message_row, level),
    [ALARM_MESSAGE_WAYS] = COLUMN(alarm_message_row, ways),
    [ALARM_MESSAGE_RECIPIENTS] = COLUMN(alarm_message_row, recipients),
    [ALARM_MESSAGE_FIRED_AT] = COLUMN(alarm_message_row, fired_at),
    [ALARM_MESSAGE_AT] = COLUMN(alarm_message_row, at),
    [ALARM_MESSAGE_ACKED_AT] = COLUMN(alarm_message_row, acked_at),
    [ALARM_MESSAGE_ACKED_BY] = COLUMN(alarm_message_row, acked_by),
};
static const struct table_index alarm_message_indexes[] = {
    UNIQUE("fired", ALARM_MESSAGE_FIRED),
    INDEX("at", ALARM_MESSAGE_PROJECT_ID, ALARM_MESSAGE_AT),
};
const struct table table_alarm_message = {
    TABLE(30, "alarm_message", alarm_message),
    .key = LIST(ALARM_MESSAGE_ID),
    INDEXES(alarm_message_indexes),
};

static const struct column alarm_delivery_columns[ALARM_DELIVERY_N_] = {
    [ALARM_DELIVERY_ID] = COLUMN(alarm_delivery_row, id),
    [ALARM_DELIVERY_MESSAGE_ID] = COLUMN(alarm_delivery_row, message_id),
    [ALARM_DELIVERY_RULE_ID] = COLUMN(alarm_delivery_row, rule_id),
    [ALARM_DELIVERY_STATE] = CHOICE(alarm_delivery_row, state, 0, DELIVERY_STATE_N_),
    [ALARM_DELIVERY_WAY] = COLUMN(alarm_delivery_row, way),
    [ALARM_DELIVERY_TARGET] = COLUMN(alarm_delivery_row, target),
    [ALARM_DELIVERY_NUMBER] = COLUMN(alarm_delivery_row, number),
    [ALARM_DELIVERY_ESCALATION] = COLUMN(alarm_delivery_row, escalation),
    [ALARM_DELIVERY_ATTEMPTS] = COLUMN(alarm_delivery_row, attempts),
    [ALARM_DELIVERY_CREATED_AT] = COLUMN(alarm_delivery_row, created_at),
    [ALARM_DELIVERY_DUE] = COLUMN(alarm_delivery_row, due),
    [ALARM_DELIVERY_ENDED_AT] = COLUMN(alarm_delivery_row, ended_at),
    [ALARM_DELIVERY_ERROR] = COLUMN(alarm_delivery_row, error),
};
static const struct table_index alarm_delivery_indexes[] = {
    INDEX("message", ALARM_DELIVERY_MESSAGE_ID),
    { .name = "open",
      .columns = LIST(ALARM_DELIVERY_DUE),
      .partial = PARTIAL_AT_MOST,
      .partial_column = ALARM_DELIVERY_STATE,
      .partial_number = DELIVERY_PENDING },
};
const struct table table_alarm_delivery = {
    TABLE(31, "alarm_delivery", alarm_delivery),
    .key = LIST(ALARM_DELIVERY_ID),
    INDEXES(alarm_delivery_indexes),
};

static const struct column alarm_tally_columns[ALARM_TALLY_N_] = {
    [ALARM_TALLY_PROJECT_ID] = COLUMN(alarm_tally_row, project_id),
    [ALARM_TALLY_SLOT] = COLUMN(alarm_tally_row, slot),
    [ALARM_TALLY_FAILED] = COLUMN(alarm_tally_row, failed),
    [ALARM_TALLY_SUCCEEDED] = COLUMN(alarm_tally_row, succeeded),
};
const struct table table_alarm_tally = {
    TABLE(32, "alarm_tally", alarm_tally),
    .key = LIST(ALARM_TALLY_PROJECT_ID, ALARM_TALLY_SLOT),
};

static const struct column workflow_permission_columns[WORKFLOW_PERMISSION_N_] = {
    [WORKFLOW_PERMISSION_ENTITY_TYPE] =
        CHOICE(workflow_permission_row, entity_type, ENTITY_FOLDER, ENTITY_N_),
    [WORKFLOW_PERMISSION_ENTITY_ID] = COLUMN(workflow_permission_row, entity_id),
    [WORKFLOW_PERMISSION_TARGET_TYPE] =
        CHOICE(workflow_permission_row, target_type, TARGET_USER, TARGET_N_),
    [WORKFLOW_PERMISSION_TARGET_ID] = COLUMN(workflow_permission_row, target_id),
    [WORKFLOW_PERMISSION_PROJECT_ID] = COLUMN(workflow_permission_row, project_id),
    [WORKFLOW_PERMISSION_CREATOR_UIN] = COLUMN(workflow_permission_row, creator_uin),
    [WORKFLOW_PERMISSION_CREATED_AT] = COLUMN(workflow_permission_row, created_at),
};
static const struct table_index workflow_permission_indexes[] = {
    INDEX("target", WORKFLOW_PERMISSION_PROJECT_ID, WORKFLOW_PERMISSION_TARGET_TYPE,
          WORKFLOW_PERMISSION_TARGET_ID),
};
const struct table table_workflow_permission = {
    TABLE(33, "workflow_permission", workflow_permission),
    .key = LIST(WORKFLOW_PERMISSION_ENTITY_TYPE, WORKFLOW_PERMISSION_ENTITY_ID,
                WORKFLOW_PERMISSION_TARGET_TYPE, WORKFLOW_PERMISSION_TARGET_ID),
    INDEXES(workflow_permission_indexes),
};

const struct table table_resource_folder = {
    TABLE(34, "resource_folder", folder),
    .key = LIST(FOLDER_ID),
    INDEXES(folder_indexes),
};

static const struct column resource_columns[RESOURCE_N_] = {
    [RESOURCE_ID] = COLUMN(resource_row, id),
    [RESOURCE_PROJECT_ID] = COLUMN(resource_row, project_id),
    [RESOURCE_FOLDER_PATH] = COLUMN(resource_row, folder_path),
    [RESOURCE_NAME] = COLUMN(resource_row, name),
    [RESOURCE_PATH] = COLUMN(resource_row, path),
    [RESOURCE_BUCKET] = COLUMN(resource_row, bucket),
    [RESOURCE_REGION] = COLUMN(resource_row, region),
    [RESOURCE_REMOTE_PATH] = COLUMN(resource_row, remote_path),
    [RESOURCE_DIGEST] = COLUMN(resource_row, digest),
    [RESOURCE_SIZE] = COLUMN(resource_row, size),
    [RESOURCE_BUNDLE_ID] = COLUMN(resource_row, bundle_id),
    [RESOURCE_BUNDLE_INFO] = COLUMN(resource_row, bundle_info),
    [RESOURCE_CREATOR_UIN] = COLUMN(resource_row, creator_uin),
    [RESOURCE_UPDATER_UIN] = COLUMN(resource_row, updater_uin),
    [RESOURCE_CREATED_AT] = COLUMN(resource_row, created_at),
    [RESOURCE_UPDATED_AT] = COLUMN(resource_row, updated_at),
};
static const struct table_index resource_indexes[] = {
    UNIQUE("path", RESOURCE_PROJECT_ID, RESOURCE_PATH),
    INDEX("digest", RESOURCE_DIGEST),
};
const struct table table_resource = {
    TABLE(35, "resource", resource),
    .key = LIST(RESOURCE_ID),
    INDEXES(resource_indexes),
};

static const struct column plan_slice_columns[PLAN_SLICE_N_] = {
    [PLAN_SLICE_NUMBER] = COLUMN(plan_slice_row, number),
    [PLAN_SLICE_PLAN_ID] = COLUMN(plan_slice_row, plan_id),
    [PLAN_SLICE_FIRST_TASK] = COLUMN(plan_slice_row, first_task),
    [PLAN_SLICE_LAST_TASK] = COLUMN(plan_slice_row, last_task),
    [PLAN_SLICE_DOC] = COLUMN(plan_slice_row, doc),
};
const struct table table_plan_slice = {
    TABLE(36, "plan_slice", plan_slice),
    .key = LIST(PLAN_SLICE_NUMBER),
};

static const struct column plan_deletion_columns[PLAN_DELETION_N_] = {
    [PLAN_DELETION_PLAN_ID] = COLUMN(plan_deletion_row, plan_id),
    [PLAN_DELETION_JOB_ID] = COLUMN(plan_deletion_row, job_id),
};
const struct table table_plan_deletion = {
    TABLE(37, "plan_deletion", plan_deletion),
    .key = LIST(PLAN_DELETION_PLAN_ID),
};

const struct table *const tables[TABLE_N_] = {
    &table_meta,
    &table_key,
    &table_project,
    &table_folder,
    &table_workflow,
    &table_task_folder,
    &table_task,
    &table_version,
    &table_edge,
    &table_listener,
    &table_schedule,
    &table_miss,
    &table_group,
    &table_group_project,
    &table_event,
    &table_case,
    &table_calendar,
    &table_instance,
    &table_round,
    &table_attempt,
    &table_plan,
    &table_plan_instance,
    &table_output,
    &table_consumption,
    &table_job,
    &table_job_item,
    &table_member,
    &table_packed,
    &table_audit,
    &table_alarm_rule,
    &table_alarm_message,
    &table_alarm_delivery,
    &table_alarm_tally,
    &table_workflow_permission,
    &table_resource_folder,
    &table_resource,
    &table_plan_slice,
    &table_plan_deletion,
};

void query_newest_instance(struct query *q, int64_t task_id, struct civil before)
{
    query_init(q, &table_instance);
    query_number(q, INSTANCE_TASK_ID, QUERY_EQ, task_id);
    query_number(q, INSTANCE_DATA_TIME, QUERY_LT, before.s);
    query_order(q, INSTANCE_DATA_TIME, true);
    q->limit = 1;
}
