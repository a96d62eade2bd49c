/* store/migrations.c - the schema of the SQLite file, as numbered steps.
 *
 * A step, once released, does not change: a database that took it and one that takes it later must
 * be the same.  When a descriptor changes, a new step makes the difference; a test holds the sum of
 * the steps against the descriptors.
 */
#include "store/sqlite_int.h"

enum { APPLICATION_ID = 0x77656674, STEP_SQL_BYTES_MAX = 64 * 1024 }; /* "weft" */

#define OUTPUT_TABLE                                                                               \
    "CREATE TABLE output (task_id INTEGER NOT NULL, data_time INTEGER NOT NULL,"                   \
    " round INTEGER NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (task_id, data_time)) STRICT,"        \
    " WITHOUT ROWID;"
static const char parameters[] =
    "ALTER TABLE attempt RENAME COLUMN code TO substitutions;" OUTPUT_TABLE;
/* To rename a column SQLite reads every table and index again, twice: two fifths of what all the
 * steps together cost. */
static const char parameters_fresh[] =
    "DROP TABLE attempt;"
    "CREATE TABLE attempt (fence INTEGER NOT NULL, task_id INTEGER NOT NULL, data_time INTEGER NOT"
    " NULL, round INTEGER NOT NULL, number INTEGER NOT NULL, node TEXT NOT NULL, outcome INTEGER"
    " NOT NULL, exit_code INTEGER NOT NULL, term_signal INTEGER NOT NULL, begun_at INTEGER NOT"
    " NULL, started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL, text TEXT NOT NULL,"
    " substitutions TEXT NOT NULL, PRIMARY KEY (fence)) STRICT;"
    "CREATE INDEX attempt_instance ON attempt (task_id, data_time, round, number, fence);"
    "CREATE INDEX attempt_alive ON attempt (outcome, fence) WHERE outcome <= -1;" OUTPUT_TABLE;

static const char consumption[] =
    "CREATE TABLE consumption (case_id TEXT NOT NULL, task_id INTEGER NOT NULL,"
    " data_time INTEGER NOT NULL, round INTEGER NOT NULL, project_id TEXT NOT NULL,"
    " at INTEGER NOT NULL, PRIMARY KEY (case_id, task_id, data_time, round)) STRICT,"
    " WITHOUT ROWID;"
    "CREATE INDEX consumption_case ON consumption (case_id, at, task_id, data_time, round);";

static const char jobs[] =
    "CREATE TABLE job (id TEXT NOT NULL, project_id TEXT NOT NULL, type TEXT NOT NULL,"
    " creator_uin TEXT NOT NULL, created_at INTEGER NOT NULL, total INTEGER NOT NULL,"
    " succeeded INTEGER NOT NULL, failed INTEGER NOT NULL, error TEXT NOT NULL,"
    " doc TEXT NOT NULL, PRIMARY KEY (id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE job_item (job_id TEXT NOT NULL, task_id INTEGER NOT NULL,"
    " data_time INTEGER NOT NULL, round INTEGER NOT NULL,"
    " PRIMARY KEY (job_id, task_id, data_time, round)) STRICT, WITHOUT ROWID;";

/* Before there were members every key could use every project.  Those who answer for a project,
 * its creator and its owners ("uin;uin"), become its administrators. */
static const char members[] =
    "CREATE TABLE member (project_id TEXT NOT NULL, uin TEXT NOT NULL, roles TEXT NOT NULL,"
    " created_at INTEGER NOT NULL, PRIMARY KEY (project_id, uin)) STRICT, WITHOUT ROWID;"
    "WITH RECURSIVE answering (project_id, uin, rest, created_at) AS ("
    " SELECT id, '', creator_uin || ';' || owner_uin || ';', created_at FROM project"
    " UNION ALL SELECT project_id, substr(rest, 1, instr(rest, ';') - 1),"
    " substr(rest, instr(rest, ';') + 1), created_at FROM answering WHERE rest <> '')"
    " INSERT OR IGNORE INTO member SELECT project_id, uin, '308335260274237440', created_at"
    " FROM answering WHERE uin <> '';";

/* One row, not among the tables of store/rows.h: it is about the file (store/sqlite_file.h). */
static const char commits[] = "CREATE TABLE commits (n INTEGER NOT NULL) STRICT;"
                              "INSERT INTO commits (n) VALUES (0);";

/* Filled by the first start that reads the documents, and by every submit. */
static const char packed[] =
    "CREATE TABLE packed (task_id INTEGER NOT NULL, version_no INTEGER NOT NULL,"
    " project_id TEXT NOT NULL, packed TEXT NOT NULL, PRIMARY KEY (task_id)) STRICT;";

static const char audit[] =
    "CREATE TABLE audit (at INTEGER NOT NULL, number INTEGER NOT NULL, uin TEXT NOT NULL,"
    " secret_id TEXT NOT NULL, source TEXT NOT NULL, action TEXT NOT NULL, version TEXT NOT NULL,"
    " request_id TEXT NOT NULL, project_id TEXT NOT NULL, objects TEXT NOT NULL,"
    " code TEXT NOT NULL, PRIMARY KEY (at, number)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX audit_project ON audit (project_id, at, number);"
    "CREATE INDEX audit_account ON audit (uin, at, number);";

static const char alarms[] =
    "CREATE TABLE alarm_rule (id TEXT NOT NULL, project_id TEXT NOT NULL, name TEXT NOT"
    " NULL, description TEXT NOT NULL, owner_uin TEXT NOT NULL, types TEXT NOT NULL,"
    " recipients TEXT NOT NULL, object_type INTEGER NOT NULL, level INTEGER NOT NULL,"
    " enabled INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,"
    " doc TEXT NOT NULL, PRIMARY KEY (id)) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX alarm_rule_name ON alarm_rule (project_id, name);"
    "CREATE TABLE alarm_message (id INTEGER NOT NULL, fired TEXT NOT NULL, project_id"
    " TEXT NOT NULL, rule_id TEXT NOT NULL, rule_name TEXT NOT NULL, task_name TEXT NOT"
    " NULL, task_id INTEGER NOT NULL, data_time INTEGER NOT NULL, round INTEGER NOT NULL,"
    " reason TEXT NOT NULL, text TEXT NOT NULL, level INTEGER NOT NULL, ways TEXT NOT"
    " NULL, recipients TEXT NOT NULL, fired_at INTEGER NOT NULL, at INTEGER NOT NULL,"
    " acked_at INTEGER NOT NULL, acked_by TEXT NOT NULL, PRIMARY KEY (id)) STRICT;"
    "CREATE UNIQUE INDEX alarm_message_fired ON alarm_message (fired);"
    "CREATE INDEX alarm_message_at ON alarm_message (project_id, at, id);"
    "CREATE TABLE alarm_delivery (id INTEGER NOT NULL, message_id INTEGER NOT NULL,"
    " rule_id TEXT NOT NULL, state INTEGER NOT NULL, way INTEGER NOT NULL, target TEXT NOT"
    " NULL, number INTEGER NOT NULL, escalation TEXT NOT NULL, attempts INTEGER NOT NULL,"
    " created_at INTEGER NOT NULL, due INTEGER NOT NULL, ended_at INTEGER NOT NULL, error"
    " TEXT NOT NULL, PRIMARY KEY (id)) STRICT;"
    "CREATE INDEX alarm_delivery_message ON alarm_delivery (message_id, id);"
    "CREATE INDEX alarm_delivery_open ON alarm_delivery (due, id) WHERE state <= 0;"
    "CREATE TABLE alarm_tally (project_id TEXT NOT NULL, slot INTEGER NOT NULL, failed"
    " INTEGER NOT NULL, succeeded INTEGER NOT NULL, PRIMARY KEY (project_id, slot))"
    " STRICT, WITHOUT ROWID;";

static const char permissions[] =
    "CREATE TABLE workflow_permission (entity_type INTEGER NOT NULL, entity_id TEXT NOT NULL,"
    " target_type INTEGER NOT NULL, target_id TEXT NOT NULL, project_id TEXT NOT NULL,"
    " creator_uin TEXT NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (entity_type,"
    " entity_id, target_type, target_id)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX workflow_permission_target ON workflow_permission (project_id, target_type,"
    " target_id, entity_type, entity_id);";

static const char plan_slices[] =
    "CREATE TABLE plan_slice (number INTEGER NOT NULL, plan_id TEXT NOT NULL, first_task INTEGER"
    " NOT NULL, last_task INTEGER NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (number)) STRICT;";

static const char plan_deletions[] =
    "CREATE TABLE plan_deletion (plan_id TEXT NOT NULL, job_id TEXT NOT NULL,"
    " PRIMARY KEY (plan_id)) STRICT, WITHOUT ROWID;";

static const char resources[] =
    "CREATE TABLE resource_folder (id TEXT NOT NULL, project_id TEXT NOT NULL, parent_path TEXT"
    " NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL, creator_uin TEXT NOT NULL, created_at"
    " INTEGER NOT NULL, PRIMARY KEY (id)) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX resource_folder_path ON resource_folder (project_id, path);"
    "CREATE TABLE resource (id TEXT NOT NULL, project_id TEXT NOT NULL, folder_path TEXT NOT NULL,"
    " name TEXT NOT NULL, path TEXT NOT NULL, bucket TEXT NOT NULL, region TEXT NOT NULL,"
    " remote_path TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL, bundle_id TEXT NOT"
    " NULL, bundle_info TEXT NOT NULL, creator_uin TEXT NOT NULL, updater_uin TEXT NOT NULL,"
    " created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, PRIMARY KEY (id)) STRICT,"
    " WITHOUT ROWID;"
    "CREATE UNIQUE INDEX resource_path ON resource (project_id, path);"
    "CREATE INDEX resource_digest ON resource (digest, id);";

static const char members_of_plans[] =
    "ALTER TABLE plan_instance ADD COLUMN own INTEGER NOT NULL DEFAULT 1;"
    "ALTER TABLE round ADD COLUMN plan_id TEXT NOT NULL DEFAULT '';";

/* Instances left the history without theirs, and what is made again of the same data time counts
 * its rounds from 0 on. */
static const char consumptions_of_instances[] =
    "DELETE FROM consumption WHERE NOT EXISTS (SELECT 1 FROM instance WHERE"
    " instance.task_id = consumption.task_id AND instance.data_time = consumption.data_time AND"
    " instance.created_at <= consumption.at);"
    "CREATE INDEX consumption_instance ON consumption (task_id, data_time, case_id, round);";

/* Before, nobody kept since when a task listens: at the latest since its draft is as it is. */
static const char listeners_since[] =
    "ALTER TABLE listener ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;"
    "UPDATE listener SET created_at = coalesce((SELECT version.created_at FROM task JOIN version"
    " ON version.task_id = task.id AND version.num = task.version_no"
    " WHERE task.id = listener.task_id), 0);";

static const char cases_used_up[] =
    "ALTER TABLE \"case\" ADD COLUMN used_up INTEGER NOT NULL DEFAULT 0;"
    "UPDATE \"case\" SET used_up = 1 WHERE consume_count > 0 AND EXISTS (SELECT 1 FROM event"
    " WHERE event.id = \"case\".event_id AND (broadcast_type = 'SINGLE' OR"
    " (consume_limit >= 0 AND consume_count >= consume_limit)));"
    "CREATE INDEX case_left ON \"case\" (event_id, expires_at, id) WHERE used_up <= 0;"
    "CREATE INDEX case_left_of_time ON \"case\" (event_id, data_time, expires_at, id)"
    " WHERE used_up <= 0;";

const struct migration migrations[] = {
    { .what = "create the tables", .sql = migration_1 },
    { .what = "parameters: what was substituted, and what was put out",
      .sql = parameters,
      .fresh = parameters_fresh },
    { .what = "events: which instances consumed a case", .sql = consumption },
    { .what = "jobs of operators", .sql = jobs },
    { .what = "members of projects", .sql = members },
    { .what = "the store counts its commits", .sql = commits },
    { .what = "what the core holds of a task, packed", .sql = packed },
    { .what = "audit records of writes", .sql = audit },
    { .what = "alarms", .sql = alarms },
    { .what = "permissions on workflows and their folders", .sql = permissions },
    { .what = "resource files and their folders", .sql = resources },
    { .what = "plans made in slices", .sql = plan_slices },
    { .what = "plans deleted in slices", .sql = plan_deletions },
    { .what = "which instances are of a plan, whoever ran them since", .sql = members_of_plans },
    { .what = "events: what an instance consumed leaves with it",
      .sql = consumptions_of_instances },
    { .what = "since when a task listens to an event", .sql = listeners_since },
    { .what = "events: which cases are used up", .sql = cases_used_up },
};
const int migrations_n = ARRAY_LEN(migrations);

enum err_code migrations_check(struct conn *c, int n, struct err *e)
{
    int64_t application = 0;
    int64_t version = 0;
    int64_t objects = 0;
    enum err_code rc = conn_number(c, "PRAGMA application_id", &application, e);
    if (rc == E_OK)
        rc = conn_number(c, "PRAGMA user_version", &version, e);
    if (rc == E_OK)
        rc = conn_number(c, "SELECT count(*) FROM sqlite_schema", &objects, e);
    if (rc != E_OK)
        return rc;
    bool is_empty = application == 0 && version == 0 && objects == 0;
    if (application != APPLICATION_ID && !is_empty)
        return err_set(e, E_CORRUPT, "the file is a database of another program");
    if (version > n)
        return err_set(e, E_UNSUPPORTED,
                       "the database has schema %lld, this program knows schemas up to %d",
                       (long long)version, n);
    return E_OK;
}

static enum err_code run_step(struct conn *c, const struct migration *step, bool fresh,
                              struct err *e)
{
    return step->run ? step->run(c, e)
                     : conn_exec(c, fresh && step->fresh ? step->fresh : step->sql, e);
}

/* The steps behind `from` up to `to` and their number, all or nothing. */
static enum err_code run_steps(struct conn *c, const struct migration *steps, int from, int to,
                               struct err *e)
{
    struct buf done;
    buf_init(&done, STEP_SQL_BYTES_MAX);
    buf_printf(&done, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
               APPLICATION_ID, to);
    enum err_code rc = conn_exec(c, "BEGIN IMMEDIATE", e);
    for (int i = from; rc == E_OK && i < to; i++)
        rc = run_step(c, &steps[i], from == 0, e);
    if (rc == E_OK)
        rc = conn_exec(c, done.ptr, e);
    if (rc != E_OK && !sqlite3_get_autocommit(c->db)) {
        /* benign: closing the connection rolls back as well */
        enum err_code ignored = conn_exec(c, "ROLLBACK", NULL);
        (void)ignored;
    }
    buf_done(&done);
    return rc;
}

enum err_code migrations_run(struct conn *c, const struct migration *steps, int n, struct err *e)
{
    enum err_code rc = migrations_check(c, n, e);
    int64_t version = 0;
    if (rc == E_OK)
        rc = conn_number(c, "PRAGMA user_version", &version, e);
    if (rc == E_OK && version == 0)
        return run_steps(c, steps, 0, n, e);
    for (int i = (int)version; rc == E_OK && i < n; i++)
        rc = run_steps(c, steps, i, i + 1, e);
    return rc;
}
