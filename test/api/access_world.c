/* test/api/access_world.c - two projects that are entangled. */
#include "access_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/fixture.h"
#include "model/role.h"
#include "store/table.h"
#include "sys/file.h"

const char admin_uin[] = "300", visitor_uin[] = "301", idle_uin[] = "302", foreign_uin[] = "400";

#define SCHEDULE "\"CycleType\":\"DAY_CYCLE\",\"StartTime\":\"2024-01-01 00:00:00\""
#define LISTEN(event, project)                                                                     \
    ",\"EventListenerList\":[{\"EventName\":\"" event                                              \
    "\",\"EventSubType\":\"DAY\",\"EventBroadcastType\":\"BROADCAST\",\"PropertiesList\":"         \
    "[{\"ParamKey\":\"EventProjectId\",\"ParamValue\":\"" project "\"}]}]"
#define AFTER(task)                                                                                \
    ",\"UpstreamDependencyConfigList\":[{\"TaskId\":\"" task "\",\"MainCyclicConfig\":\"DAY\","    \
    "\"SubordinateCyclicConfig\":\"CURRENT_DAY\"}]"
#define TASK(id, project, workflow, name, more)                                                    \
    "{\"TaskId\":\"" id "\",\"ProjectId\":\"" project "\",\"Submit\":true,\"TaskBaseAttribute\":{" \
    "\"TaskName\":\"" name "\",\"TaskTypeId\":\"35\",\"WorkflowId\":\"" workflow "\"},"            \
    "\"TaskConfiguration\":{\"CodeContent\":\"ZWNobw==\"},\"TaskSchedulerConfiguration\":"         \
    "{" SCHEDULE more "}}"

static const char fixture[] =
    "{\"Projects\":[{\"ProjectId\":\"1001\",\"ProjectName\":\"own\"},"
    "{\"ProjectId\":\"2002\",\"ProjectName\":\"" MARK "p\",\"Description\":\"" MARK "\"}],"
    "\"ResourceGroups\":[{\"ResourceGroupId\":\"5001\",\"Name\":\"" MARK "g\",\"Slots\":4,"
    "\"ProjectIds\":[\"2002\"]},{\"ResourceGroupId\":\"5002\",\"Name\":\"shared\",\"Slots\":4,"
    "\"ProjectIds\":[\"1001\",\"2002\"]},{\"ResourceGroupId\":\"5003\",\"Name\":\"open\","
    "\"Slots\":4}],"
    "\"Calendars\":[{\"CalendarId\":\"cal\",\"CalendarName\":\"cal\",\"Mode\":\"RUN\","
    "\"Dates\":[\"2024-01-01\"]}],"
    "\"WorkflowFolders\":[{\"ProjectId\":\"1001\",\"FolderId\":\"of\",\"ParentFolderPath\":\"/\","
    "\"FolderName\":\"of\"},{\"ProjectId\":\"2002\",\"FolderId\":\"ff\",\"ParentFolderPath\":\"/\","
    "\"FolderName\":\"" MARK "f\"}],"
    "\"Workflows\":[{\"ProjectId\":\"1001\",\"WorkflowId\":\"ow\",\"ParentFolderPath\":\"/of\","
    "\"WorkflowName\":\"ow\"},{\"ProjectId\":\"2002\",\"WorkflowId\":\"fw\","
    "\"ParentFolderPath\":\"/" MARK "f\",\"WorkflowName\":\"" MARK "w\"}],"
    "\"TaskFolders\":[{\"ProjectId\":\"1001\",\"WorkflowId\":\"ow\",\"TaskFolderId\":\"ot\","
    "\"TaskFolderType\":\"GENERAL\",\"ParentTaskFolderPath\":\"/\",\"TaskFolderName\":\"ot\"},"
    "{\"ProjectId\":\"2002\",\"WorkflowId\":\"fw\",\"TaskFolderId\":\"ft\",\"TaskFolderType\":"
    "\"GENERAL\",\"ParentTaskFolderPath\":\"/\",\"TaskFolderName\":\"" MARK "t\"}],"
    "\"Events\":[{\"ProjectId\":\"1001\",\"Name\":\"ownev\",\"EventSubType\":\"DAY\","
    "\"TimeToLive\":\"900\",\"TimeUnit\":\"DAYS\",\"Owner\":\"o\",\"Description\":\"\"},"
    "{\"ProjectId\":\"2002\",\"Name\":\"farev\",\"EventSubType\":\"DAY\",\"TimeToLive\":\"900\","
    "\"TimeUnit\":\"DAYS\",\"Owner\":\"" MARK "\",\"Description\":\"" MARK "\"}],"
    "\"Tasks\":[" TASK("20240101000000001", "2002", "fw", MARK "1", "") "," TASK(
        "20240101000000002", "1001", "ow", "own1",
        "") "," TASK("20240101000000005", "1001", "ow", "own3",
                     "") "," TASK("20240101000000003", "1001", "ow", "own2",
                                  AFTER("20240101000000001") LISTEN(
                                      "farev", "2002")) "," TASK("20240101000000004", "2002", "fw",
                                                                 MARK "2",
                                                                 AFTER("20240101000000002")
                                                                     LISTEN("ownev", "1001")) "]}";

static void set(struct world *w, enum side side, enum thing thing, const char *text)
{
    assert_true(strlen(text) < sizeof(w->ids[0][0]));
    strcpy(w->ids[side][thing], text);
}

static void take(struct world *w, enum side side, enum thing thing, json_t *answer,
                 const char *path)
{
    set(w, side, thing, str_at(answer, path));
    json_decref(answer);
}

/* Instances, plans, jobs, cases: of 2024-03-01, in both projects. */
static void make_lives(struct world *w)
{
    static const char *const projects[] = { "1001", "2002" };
    static const char *const tasks[] = { "20240101000000002\",\"20240101000000003",
                                         "20240101000000001\",\"20240101000000004" };
    static const char *const events[] = { "ownev", "farev" };

    for (int side = OWN; side <= FOREIGN; side++) {
        take(w, side, T_PLAN,
             harness_okf(&w->h, API_2025, "CreateDataBackfillPlan",
                         "{\"ProjectId\":\"%s\",\"TaskIds\":[\"%s\"],\"DataBackfillPlanName\":"
                         "\"%s\",\"DataBackfillRangeList\":[{\"StartDate\":\"2024-03-01\","
                         "\"EndDate\":\"2024-03-01\"}],\"CheckParentType\":\"ALL\","
                         "\"SkipEventListening\":false}",
                         projects[side], tasks[side], side == OWN ? "plan" : MARK),
             "Data.DataBackfillPlanId");
        json_decref(harness_okf(&w->h, API_2021, "TriggerDsEvent",
                                "{\"ProjectId\":\"%s\",\"EventCaseList\":[{\"Name\":\"%s\","
                                "\"Dimension\":\"20240301\",\"Description\":\"%s\"}]}",
                                projects[side], events[side], side == OWN ? "" : MARK));
        take(w, side, T_CASE,
             harness_okf(&w->h, API_2021, "DescribeEventCases",
                         "{\"ProjectId\":\"%s\",\"Category\":\"all\",\"PageNumber\":1,"
                         "\"PageSize\":10}",
                         projects[side]),
             "Data.Items.0.CaseId");
        take(
            w, side, T_JOB,
            harness_okf(&w->h, API_2025, "RerunTaskInstancesAsync",
                        "{\"ProjectId\":\"%s\",\"InstanceKeyList\":[\"%.17s_2024-03-01 00:00:00\"],"
                        "\"RerunType\":\"1\"}",
                        projects[side], tasks[side]),
            "Data.AsyncId");
    }
}

/* A message is put into the store as if its rule had fired. */
static void make_alarms(struct world *w)
{
    struct store *store = w->h.store;

    for (int side = OWN; side <= FOREIGN; side++) {
        struct alarm_message_row m = { .id = 700 + side,
                                       .fired = side == OWN ? STR("own") : STR(MARK),
                                       .project_id = str_from(w->ids[side][T_PROJECT]),
                                       .reason = STR("failure"),
                                       .level = 1 };
        m.task_name = m.text = m.fired;
        take(w, side, T_RULE,
             harness_okf(&w->h, API_2025, "CreateOpsAlarmRule",
                         "{\"ProjectId\":\"%s\",\"AlarmRuleName\":\"%s\",\"MonitorObjectIds\":["
                         "\"%s\"],\"AlarmTypes\":[\"success\"],\"AlarmGroups\":[{"
                         "\"AlarmRecipientIds\":[\"100\"]}]}",
                         w->ids[side][T_PROJECT], side == OWN ? "own" : MARK, w->ids[side][T_TASK]),
             "Data.AlarmRuleId");
        m.rule_id = str_from(w->ids[side][T_RULE]);
        set(w, side, T_MESSAGE, side == OWN ? "700" : "701");
        if (store_begin(store, NULL) != E_OK ||
            row_insert(store, &table_alarm_message, &m, NULL, NULL) != E_OK ||
            store_commit(store, NULL) != E_OK)
            fail_msg("no message");
    }
}

static void make_resources(struct world *w)
{
    for (int side = OWN; side <= FOREIGN; side++) {
        const char *project = w->ids[side][T_PROJECT], *name = side == OWN ? "own" : MARK;
        json_decref(harness_okf(&w->h, API_WEFT, "UploadResourceFile",
                                "{\"ProjectId\":\"%s\",\"Path\":\"%s\",\"Offset\":0,\"Content\":"
                                "\"ZWNobw==\"}",
                                project, w->ids[side][T_REMOTE]));
        take(w, side, T_RESOURCE_FOLDER,
             harness_okf(&w->h, API_2025, "CreateResourceFolder",
                         "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"/\",\"FolderName\":"
                         "\"%s\"}",
                         project, name),
             "Data.FolderId");
        take(w, side, T_RESOURCE,
             harness_okf(&w->h, API_2025, "CreateResourceFile",
                         "{\"ProjectId\":\"%s\",\"ResourceName\":\"%s.txt\",\"BucketName\":"
                         "\"weft\",\"CosRegion\":\"r\",\"ParentFolderPath\":\"/\","
                         "\"ResourceFile\":\"%s\"}",
                         project, name, w->ids[side][T_REMOTE]),
             "Data.ResourceId");
    }
}

static void make_members(struct world *w)
{
    static const struct {
        const char *project, *uin, *role;
    } rows[] = {
        { "1001", admin_uin, "308335260274237440" },
        { "1001", visitor_uin, "308335260945326080" },
        { "1001", idle_uin, "308335260945326080" },
        { "2002", foreign_uin, "308335260274237440" },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        json_decref(harness_okf(&w->h, API_2025, "CreateProjectMember",
                                "{\"ProjectId\":\"%s\",\"UserUins\":[\"%s\"],\"RoleIds\":[\"%s\"]}",
                                rows[i].project, rows[i].uin, rows[i].role));
    json_decref(harness_okf(&w->h, API_2025, "RemoveMemberProjectRole",
                            "{\"ProjectId\":\"1001\",\"UserUin\":\"%s\",\"RoleIds\":["
                            "\"308335260945326080\"]}",
                            idle_uin));
}

static void set_version(struct world *w, enum side side)
{
    take(w, side, T_VERSION,
         harness_okf(&w->h, API_2025, "ListTaskVersions",
                     "{\"ProjectId\":\"%s\",\"TaskId\":\"%s\"}", w->ids[side][T_PROJECT],
                     w->ids[side][T_TASK]),
         "Data.Items.0.VersionId");
    set(w, side, T_INSTANCE, w->ids[side][T_TASK]);
    strcat(w->ids[side][T_INSTANCE], "_2024-03-01 00:00:00");
}

void world_task(struct world *w, int which)
{
    bool plain = w->h.plain_key;

    w->h.plain_key = false;
    set(w, OWN, T_TASK, which == 0 ? "20240101000000002" : "20240101000000003");
    set_version(w, OWN);
    w->h.plain_key = plain;
}

void world_as(struct world *w, const char *uin)
{
    w->h.plain_key = uin != NULL;
    w->h.uin = uin ? uin : ROOT_UIN;
}

void world_init(struct world *w)
{
    static const struct {
        enum thing thing;
        const char *own, *foreign;
    } fixed[] = {
        { T_PROJECT, "1001", "2002" },
        { T_TASK, "20240101000000002", "20240101000000004" },
        { T_UPSTREAM, "20240101000000005", "20240101000000001" },
        { T_WORKFLOW, "ow", "fw" },
        { T_FOLDER, "of", "ff" },
        { T_TASK_FOLDER, "ot", "ft" },
        { T_EVENT, "ownev", "farev" },
        { T_GROUP, "5003", "5001" },
        { T_REMOTE, "/datastudio/resource/1001/own.txt", "/datastudio/resource/2002/" MARK ".txt" },
        { T_USER, "303", "400" },
        { T_KEY, "AKIDown", "AKIDfar" },
    };
    struct fixture_counts counts;
    struct err e = ERR_INIT;

    *w = (struct world){ .ids = { { "" } } };
    harness_init(&w->h);
    w->h.now = (struct wall){ 1717200000000000 }; /* 2024-06-01, and nothing fires any more */
    harness_thread_start(&w->h);
    enum err_code rc = fixture_load(&w->h.services, str_from(fixture), &counts, &e);
    harness_thread_stop(&w->h);
    if (rc != E_OK)
        fail_msg("%s: %s", e.path, e.text);
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++) {
        set(w, OWN, fixed[i].thing, fixed[i].own);
        set(w, FOREIGN, fixed[i].thing, fixed[i].foreign);
    }
    make_lives(w);
    make_alarms(w);
    make_resources(w);
    make_members(w);
    set_version(w, OWN);
    set_version(w, FOREIGN);
}

void world_done(struct world *w)
{
    harness_done(&w->h);
}

/* ---- what is foreign ----------------------------------------------------------------------- */

/* Texts by which anything of FOREIGN is known.  Short ids stand quoted in JSON. */
static bool names_foreign(const struct world *w, size_t i, char out[112])
{
    static const char *const more[] = { MARK, "20240101000000001", "20240101000000004" };

    if (i < ARRAY_LEN(more)) {
        snprintf(out, 112, "%s", more[i]);
        return true;
    }
    i -= ARRAY_LEN(more);
    if (i >= T_USER) /* accounts belong to no project */
        return false;
    snprintf(out, 112, strlen(w->ids[FOREIGN][i]) > 8 ? "%s" : "\"%s\"", w->ids[FOREIGN][i]);
    return true;
}

void world_check_text(struct world *w, const char *text, const char *known, const char *what)
{
    char name[112];

    for (size_t i = 0; names_foreign(w, i, name); i++)
        if (strcmp(name, "\"\"") != 0 && strstr(text, name) && !strstr(known, name))
            fail_msg("%s %s: %s is foreign, and is in: %s", what, known, name, text);
}

static void add_row(const struct table *t, const void *row, struct buf *line)
{
    buf_printf(line, "%s", t->name);
    for (int i = 0; i < t->n_columns; i++) {
        if (t->columns[i].type == COLUMN_TEXT)
            buf_printf(line, "|\"%.*s\"", STR_ARG(column_text(&t->columns[i], row)));
        else
            buf_printf(line, "|%lld", (long long)column_number(&t->columns[i], row));
    }
    buf_add_char(line, '\n');
}

struct dump {
    struct world *w;
    const struct table *table;
    struct buf *out;
};

static bool dump_row(void *ctx, const void *row)
{
    struct dump *d = ctx;
    struct buf line;
    char name[112];
    bool wanted = false;

    buf_init(&line, 1 << 20);
    add_row(d->table, row, &line);
    for (size_t i = 0; !wanted && names_foreign(d->w, i, name); i++)
        wanted = strcmp(name, "\"\"") != 0 && strstr(line.ptr, name);
    if (wanted)
        buf_add_str(d->out, buf_str(&line));
    buf_done(&line);
    return true;
}

/* What FOREIGN has in the bucket, and in the folder that its tasks see. */
static void dump_files(struct world *w, struct buf *out)
{
    static const char *const files[] = { "bucket/weft/datastudio/resource/2002/" MARK ".txt",
                                         "resources/2002/" MARK ".txt" };
    char path[256];

    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        snprintf(path, sizeof(path), "%s/%s", w->h.data_dir, files[i]);
        buf_printf(out, "%s: ", files[i]);
        assert_int_equal(file_read(path, out, NULL), E_OK);
        buf_add_char(out, '\n');
    }
}

void world_dump(struct world *w, struct buf *out)
{
    for (int i = 0; i < TABLE_N_; i++) {
        struct dump d = { w, tables[i], out };
        struct query q;
        if (tables[i] == &table_audit)
            continue; /* what was asked for is recorded, with the ids that the client wrote */
        query_init(&q, tables[i]);
        assert_int_equal(query_run(store_view(w->h.store), &q, dump_row, &d, NULL), E_OK);
    }
    dump_files(w, out);
}

/* ---- requests from the schema -------------------------------------------------------------- */

/* How a member is filled: with an id, or with a text (a number in a text for numbers); neither: an
 * optional one is left out. */
static const struct fill {
    const char *object, *name; /* object NULL: in any */
    enum thing thing;
    const char *text;
} fills[] = {
    { "DependencyTaskBrief", "TaskId", T_UPSTREAM, NULL },
    { "AlarmGroup", "AlarmRecipientIds", T_USER, NULL },
    { "MonitorWhiteTask", "TaskIds", T_NONE, NULL },
    { "EventCaseDTO", "CaseId", T_NONE, NULL },
    { "EventBatchCaseDTO", "CaseId", T_NONE, NULL },
    { "EventCaseDTO", "Name", T_EVENT, NULL },
    { "EventBatchCaseDTO", "Name", T_EVENT, NULL },
    { "TriggerEventRequest", "Name", T_EVENT, NULL },
    { "RegisterDsEventListenerRequest", "Key", T_TASK, NULL },
    { "RegisterEventListenerRequest", "Key", T_TASK, NULL },
    { "RegisterDsEventListenerRequest", "Type", T_NONE, "REST_API" },
    { "RegisterEventRequest", "EventBroadcastType", T_NONE, "BROADCAST" },
    { "ListResourceGroupsRequest", "Id", T_GROUP, NULL },
    { "DeleteResourceGroupRequest", "Id", T_GROUP, NULL },
    { "UpdateResourceGroupRequest", "Id", T_GROUP, NULL },
    { "ListProjectMembersRequest", "UserUin", T_NONE, NULL },
    { "GetResourceFolderRequest", "FolderId", T_RESOURCE_FOLDER, NULL },
    { "UpdateResourceFolderRequest", "FolderId", T_RESOURCE_FOLDER, NULL },
    { "DeleteResourceFolderRequest", "FolderId", T_RESOURCE_FOLDER, NULL },
    { NULL, "AlarmEscalationRecipientIds", T_NONE, NULL },
    { NULL, "AlarmGroups", T_NONE, NULL },
    { NULL, "AlarmMessageId", T_MESSAGE, NULL },
    { NULL, "AlarmRecipientId", T_NONE, NULL },
    { NULL, "AlarmRuleId", T_RULE, NULL },
    { NULL, "AlarmRuleName", T_NONE, "fresh" },
    { NULL, "AlarmType", T_NONE, "failure" },
    { NULL, "AlarmTypes", T_NONE, "failure" },
    { NULL, "AssociatedProjectId", T_PROJECT, NULL },
    { NULL, "AsyncId", T_JOB, NULL },
    { "ListAuditRecordsRequest", "Account", T_NONE, NULL },
    { "ListAuditRecordsRequest", "Action", T_NONE, NULL },
    { "ListAuditRecordsRequest", "Result", T_NONE, NULL },
    { "ListAuditRecordsRequest", "Cursor", T_NONE, NULL },
    { "ListAuditRecordsRequest", "StartTime", T_NONE, NULL },
    { "ListAuditRecordsRequest", "EndTime", T_NONE, NULL },
    { NULL, "AutoRenewEnabled", T_NONE, "0" },
    { NULL, "BucketName", T_NONE, "weft" },
    { NULL, "BundleId", T_NONE, NULL },
    { NULL, "CalendarId", T_NONE, "cal" },
    { NULL, "CalendarName", T_NONE, "cal" },
    { NULL, "Category", T_NONE, "all" },
    { NULL, "ComputeConfigMappings", T_NONE, NULL },
    { NULL, "ConsumerId", T_NONE, NULL },
    { NULL, "Content", T_NONE, "ZWNobw==" },
    { NULL, "CosRegion", T_NONE, "r" },
    { NULL, "CreateUserUin", T_NONE, NULL },
    { NULL, "CrontabExpression", T_NONE, "0 0 0 * * ? *" },
    { NULL, "CycleType", T_NONE, "DAY_CYCLE" },
    { NULL, "DataBackfillPlanId", T_PLAN, NULL },
    { NULL, "DataBackfillRangeList", T_NONE, NULL },
    { NULL, "DataTimeList", T_NONE, "2024-03-02 00:00:00" },
    { NULL, "Dates", T_NONE, "2024-01-01" },
    { NULL, "Description", T_NONE, "text" },
    { NULL, "Dimension", T_NONE, "20240302" },
    { NULL, "DisplayName", T_NONE, "fresh" },
    { NULL, "EntityId", T_FOLDER, NULL },
    { NULL, "EntityType", T_NONE, "folder" },
    { NULL, "EventBroadcastType", T_NONE, "BROADCAST" },
    { NULL, "EventCaseId", T_CASE, NULL },
    { NULL, "EventName", T_EVENT, NULL },
    { NULL, "EventProjectId", T_PROJECT, NULL },
    { NULL, "EventSubType", T_NONE, "DAY" },
    { NULL, "EndTime", T_NONE, "2024-12-31 00:00:00" },
    { NULL, "ExecutorGroupId", T_NONE, NULL },
    { NULL, "FieldToRemoveList", T_NONE, NULL },
    { NULL, "FolderId", T_FOLDER, NULL },
    { NULL, "FolderName", T_NONE, "fresh" },
    { NULL, "From", T_NONE, "2024-03-01 00:00:00" },
    { NULL, "FromParamKey", T_NONE, "k" },
    { NULL, "InstanceKey", T_INSTANCE, NULL },
    { NULL, "InstanceKeyList", T_INSTANCE, NULL },
    { NULL, "IntegrationResourceGroup", T_NONE, NULL },
    { NULL, "IntegrationResourceGroupId", T_NONE, NULL },
    { NULL, "MainCyclicConfig", T_NONE, "DAY" },
    { NULL, "Mode", T_NONE, "RUN" },
    { NULL, "MonitorObjectId", T_NONE, NULL },
    { NULL, "MonitorObjectIds", T_TASK, NULL },
    { NULL, "Name", T_NONE, "fresh" },
    { NULL, "Number", T_NONE, "1" },
    { NULL, "Offset", T_NONE, "0" },
    { NULL, "Owner", T_NONE, "100" },
    { NULL, "OwnerUin", T_NONE, "100" },
    { NULL, "PageNumber", T_NONE, "1" },
    { NULL, "PageSize", T_NONE, "100" },
    { NULL, "ParamTaskInList", T_NONE, NULL }, /* of the upstreams only */
    { NULL, "ParamDesc", T_NONE, "d" },
    { NULL, "ParamKey", T_NONE, "k" },
    { NULL, "ParamValue", T_NONE, "v" },
    { NULL, "ParentFolderPath", T_NONE, "/" },
    { NULL, "ParentTaskFolderPath", T_NONE, "/" },
    { NULL, "PermissionTargetId", T_USER, NULL },
    { NULL, "PermissionTargetType", T_NONE, "user" },
    { NULL, "PermissionTypeList", T_NONE, "CAN_MANAGE" },
    { NULL, "Path", T_REMOTE, NULL },
    { NULL, "ProjectId", T_PROJECT, NULL },
    { NULL, "ProjectIds", T_PROJECT, NULL },
    { NULL, "ProjectName", T_NONE, "fresh" },
    { NULL, "ProjectOwnerUin", T_NONE, NULL },
    { NULL, "PurchasePeriod", T_NONE, "1" },
    { NULL, "ResourceFile", T_REMOTE, NULL },
    { NULL, "ResourceGroup", T_GROUP, NULL },
    { NULL, "ResourceGroupId", T_GROUP, NULL },
    { NULL, "ResourceGroupType", T_NONE, "Schedule" },
    { NULL, "ResourceId", T_RESOURCE, NULL },
    { NULL, "ResourceIds", T_GROUP, NULL },
    { NULL, "ResourceName", T_NONE, "fresh" },
    { NULL, "ResourceRegion", T_NONE, "r" },
    { NULL, "RoleIds", T_NONE, "308335260945326080" },
    { NULL, "ScheduleTimeZone", T_NONE, "UTC+8" },
    { NULL, "SchedulerResourceGroup", T_GROUP, NULL },
    { NULL, "SchedulerResourceGroupId", T_GROUP, NULL },
    { NULL, "SecretId", T_KEY, NULL },
    { NULL, "SelfDepend", T_NONE, "parallel" },
    { NULL, "SourceServiceId", T_NONE, NULL },
    { NULL, "Specification", T_NONE, "s_test" },
    { NULL, "StartTime", T_NONE, "2024-01-01 00:00:00" },
    { NULL, "SubNet", T_NONE, "s" },
    { "SubmitTaskIdleRequest", "Status", T_NONE, "O" },
    { NULL, "SubordinateCyclicConfig", T_NONE, "CURRENT_DAY" },
    { NULL, "TargetServiceId", T_NONE, NULL },
    { NULL, "TaskDescription", T_NONE, "text" },
    { NULL, "TaskFolderId", T_TASK_FOLDER, NULL },
    { NULL, "TaskFolderName", T_NONE, "fresh" },
    { NULL, "TaskFolderPathList", T_NONE, NULL },
    { NULL, "TaskFolderType", T_NONE, "GENERAL" },
    { NULL, "TaskId", T_TASK, NULL },
    { NULL, "TaskIds", T_TASK, NULL },
    { NULL, "TaskName", T_NONE, "fresh" },
    { NULL, "TaskNodeTypeList", T_NONE, NULL },
    { NULL, "TaskTypeId", T_NONE, "35" },
    { NULL, "TimeToLive", T_NONE, "1" },
    { NULL, "TriggerName", T_NONE, "fresh" },
    { NULL, "TriggerScope", T_NONE, "SPECIFIED_TASK" },
    { NULL, "TimeUnit", T_NONE, "DAYS" },
    { NULL, "To", T_NONE, "2024-03-02 00:00:00" },
    { NULL, "Uin", T_NONE, "100" },
    { NULL, "UserUin", T_USER, NULL },
    { NULL, "UserUins", T_USER, NULL },
    { NULL, "VersionId", T_VERSION, NULL },
    { NULL, "VersionRemark", T_NONE, "r" },
    { NULL, "VpcId", T_NONE, "v" },
    { NULL, "WorkflowFolderPathList", T_NONE, NULL },
    { NULL, "WorkflowId", T_WORKFLOW, NULL },
    { NULL, "WorkflowName", T_NONE, "fresh" },
};

static const struct fill *fill_of(const struct schema_object *o, const struct schema_member *m)
{
    for (size_t i = 0; i < ARRAY_LEN(fills); i++)
        if (strcmp(fills[i].name, m->name) == 0 &&
            (!fills[i].object || strcmp(fills[i].object, o->name) == 0))
            return &fills[i];
    return NULL;
}

/* What may name something must be in the table, required or not. */
static bool may_name(const char *name)
{
    static const char *const ends[] = { "Id",  "Ids",     "Uin",   "Uins",
                                        "Key", "KeyList", "Group", "Groups" };

    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (str_ends_with(str_from(name), str_from(ends[i])))
            return true;
    return false;
}

struct filling {
    struct world *w;
    const char *project;
    int foreign, ids;
    const char *action;
};

static json_t *fill_object(struct filling *f, const struct schema_object *o, int depth);

static bool has_ids(const struct schema_object *o, int depth)
{
    for (int i = 0; depth < 6 && i < o->n_members; i++) {
        const struct fill *fill = fill_of(o, &o->members[i]);
        if (o->members[i].type == SCHEMA_OBJECT ? has_ids(o->members[i].object, depth + 1)
                                                : fill && fill->thing != T_NONE)
            return true;
    }
    return false;
}

static json_t *fill_value(struct filling *f, const struct schema_object *o,
                          const struct schema_member *m, int depth)
{
    const struct fill *fill = fill_of(o, m);
    const char *text;
    int64_t number = 0;

    if (m->type == SCHEMA_OBJECT) {
        if (strcmp(m->name, "DataBackfillRangeList") == 0)
            return json_pack("{s:s,s:s}", "StartDate", "2024-03-02", "EndDate", "2024-03-02");
        if (fill && !m->required)
            return NULL;
        return m->required || has_ids(m->object, depth) ? fill_object(f, m->object, depth) : NULL;
    }
    if (!fill && (m->required || may_name(m->name)))
        fail_msg("%s: test/api/access_world.c does not know how to fill %s.%s: an id, and of "
                 "what?",
                 f->action, o->name, m->name);
    if (!fill ||
        (!m->required && fill->thing == T_NONE && strcmp(m->name, "SubordinateCyclicConfig") != 0))
        return NULL;
    text = fill->text;
    if (depth == 1 && strcmp(m->name, "ProjectId") == 0) {
        text = f->project;
    } else if (fill->thing != T_NONE) {
        bool far = f->foreign == -1 || f->foreign == f->ids;
        text = f->w->ids[far ? FOREIGN : OWN][fill->thing];
        f->ids++;
    }
    if (!text)
        return NULL;
    if (m->type == SCHEMA_STRING)
        return json_string(text);
    assert_true(str_to_i64(str_from(text), &number));
    return m->type == SCHEMA_BOOL ? json_boolean(number) : json_integer(number);
}

static json_t *fill_object(struct filling *f, const struct schema_object *o, int depth)
{
    json_t *ret = json_object();

    for (int i = 0; depth < 6 && i < o->n_members; i++) {
        const struct schema_member *m = &o->members[i];
        json_t *value = fill_value(f, o, m, depth + 1);
        if (value && m->is_list)
            value = json_pack("[o]", value);
        if (value)
            json_object_set_new(ret, m->name, value);
    }
    return ret;
}

json_t *world_body(struct world *w, const struct schema_action *action, const char *project,
                   int foreign, int *ret_ids)
{
    struct filling f = { w, project, foreign, 0, action->name };
    json_t *ret = fill_object(&f, action->request, 0);

    *ret_ids = f.ids;
    return ret;
}
