/* cli/definition.c - the definition of an object as the files of a project have it. */
#include "cli/definition.h"

#include <stdlib.h>
#include <string.h>

#include "cli/definition_int.h"

const char *const definition_names[DEFINITION_KINDS_] = {
    [DEFINITION_PROJECT] = "project",      [DEFINITION_CALENDAR] = "calendar",
    [DEFINITION_GROUP] = "resource group", [DEFINITION_RESOURCE] = "resource file",
    [DEFINITION_EVENT] = "event",          [DEFINITION_FOLDER] = "folder",
    [DEFINITION_WORKFLOW] = "workflow",    [DEFINITION_TASK] = "task",
    [DEFINITION_ALARM] = "alarm rule",     [DEFINITION_MEMBER] = "member",
};

static const struct shape param[] = { TEXT_NEEDED("ParamKey"), TEXT_NEEDED("ParamValue"), END };
static const struct shape setting[] = { TEXT_NEEDED("ParamKey"),
                                        { "ParamValue", SHAPE_SETTING, true, true, NULL, 0, NULL },
                                        END };
static const struct shape listener[] = {
    TEXT_NEEDED("EventName"), TEXT_NEEDED("EventSubType"),      TEXT_NEEDED("EventBroadcastType"),
    TEXT("EventProject"),     LIST_OF("PropertiesList", param), END
};
static const struct shape strategy[] = { TEXT("PollingNullStrategy"),
                                         { "TaskDependencyExecutingStrategies", SHAPE_TEXTS, false,
                                           false, NULL, 0, NULL },
                                         NUMBER_OR("TaskDependencyExecutingTimeoutValue", 0),
                                         END };
static const struct shape dependency[] = { TEXT("Project"),
                                           TEXT("Task"),
                                           TEXT("TaskId"),
                                           TEXT("MainCyclicConfig"),
                                           TEXT("SubordinateCyclicConfig"),
                                           TEXT("Offset"),
                                           { "DependencyStrategy", SHAPE_OBJECT, false, false, NULL,
                                             0, strategy },
                                           END };
static const struct shape input[] = { TEXT_NEEDED("ParamKey"), TEXT("ParamDesc"),
                                      TEXT("Project"),         TEXT("FromTask"),
                                      TEXT("FromTaskId"),      TEXT("FromParamKey"),
                                      TEXT_OR("Type", "TASK"), END };
static const struct shape registry[] = {
    TEXT_NEEDED("DatasourceId"),  TEXT_NEEDED("DatabaseName"), TEXT_NEEDED("TableName"),
    TEXT_NEEDED("PartitionName"), TEXT_NEEDED("DataFlowType"), TEXT_NEEDED("TablePhysicalId"),
    TEXT_KEPT("DbGuid"),          TEXT_KEPT("TableGuid"),      TEXT_KEPT("CatalogName"),
    TEXT_KEPT("DatasourceName"),  TEXT_KEPT("QualifiedName"),  END
};

static const struct shape task_base[] = { TEXT_NEEDED("TaskTypeId"), TEXT_KEPT("OwnerUin"),
                                          TEXT("TaskDescription"),   TEXT("TaskFolderPath"),
                                          TEXT("WorkflowName"),      END };
static const struct shape task_config[] = { TEXT("ResourceGroupName"),
                                            TEXT("ResourceGroup"),
                                            TEXT("CodeFile"),
                                            TEXT("CodeContent"),
                                            LIST_OF("TaskSchedulingParameterList", param),
                                            LIST_OF("TaskExtConfigurationList", setting),
                                            TEXT("DataCluster"),
                                            TEXT_OR("BrokerIp", "any"),
                                            TEXT("YarnQueue"),
                                            TEXT("SourceServiceId"),
                                            TEXT("TargetServiceId"),
                                            TEXT("BundleId"),
                                            TEXT("BundleInfo"),
                                            END };
/* What a unified schedule of the workflow says too stands first, and is always shown. */
static const struct shape task_scheduler[] = { TEXT_SHOWN("CycleType", "DAY_CYCLE"),
                                               TEXT_SHOWN("ScheduleTimeZone", "UTC+8"),
                                               TEXT_SHOWN("CrontabExpression", "0 0 0 * * ? *"),
                                               TEXT_KEPT("StartTime"),
                                               TEXT_SHOWN("EndTime", "2099-12-31 23:59:59"),
                                               TEXT_SHOWN("ExecutionStartTime", "00:00"),
                                               TEXT_SHOWN("ExecutionEndTime", "23:59"),
                                               TEXT("CalendarName"),
                                               TEXT("CalendarId"),
                                               TEXT_SHOWN("SelfDepend", "serial"),
                                               TEXT_OR("InitStrategy", "T_PLUS_0"),
                                               TEXT_OR("AllowRedoType", "ALL"),
                                               TEXT_OR("DependencyTriggerPolicy", "ALL_SUCCESS"),
                                               NUMBER_OR("ScheduleType", 0),
                                               NUMBER_OR("RunPriorityType", 6),
                                               NUMBER_OR("RetryWaitMinute", 5),
                                               NUMBER_OR("MaxRetryNumber", 4),
                                               NUMBER_OR("ExecutionTTLMinute", -1),
                                               NUMBER_OR("WaitExecutionTotalTTLMinute", -1),
                                               NUMBER_OR("AllowDownstreamDependency", 1),
                                               LIST_OF("UpstreamDependencyConfigList", dependency),
                                               LIST_OF("EventListenerList", listener),
                                               LIST_OF("ParamTaskOutList", param),
                                               LIST_OF("ParamTaskInList", input),
                                               LIST_OF("TaskOutputRegistryList", registry),
                                               END };
static const struct shape task_shape[] = {
    { "TaskBaseAttribute", SHAPE_OBJECT, true, true, NULL, 0, task_base },
    { "TaskConfiguration", SHAPE_OBJECT, false, false, NULL, 0, task_config },
    { "TaskSchedulerConfiguration", SHAPE_OBJECT, false, true, NULL, 0, task_scheduler },
    { "Submit", SHAPE_FLAG, false, true, NULL, 0, NULL },
    TEXT_KEPT("Status"),
    END
};

static const struct shape workflow_scheduler[] = { TEXT_NEEDED("CycleType"),
                                                   TEXT_NEEDED("ScheduleTimeZone"),
                                                   TEXT_NEEDED("CrontabExpression"),
                                                   TEXT_NEEDED("StartTime"),
                                                   TEXT_NEEDED("EndTime"),
                                                   TEXT_SHOWN("ExecutionStartTime", "00:00"),
                                                   TEXT_SHOWN("ExecutionEndTime", "23:59"),
                                                   TEXT("CalendarName"),
                                                   TEXT("CalendarId"),
                                                   TEXT_NEEDED("SelfDepend"),
                                                   TEXT_OR("DependencyWorkflow", "no"),
                                                   END };
static const struct shape workflow_shape[] = { TEXT_OR("WorkflowType", "cycle"),
                                               TEXT_KEPT("OwnerUin"),
                                               TEXT("WorkflowDesc"),
                                               TEXT("ParentFolderPath"),
                                               LIST_OF("WorkflowParams", param),
                                               { "WorkflowSchedulerConfiguration", SHAPE_OBJECT,
                                                 false, false, NULL, 0, workflow_scheduler },
                                               TEXT("BundleId"),
                                               TEXT("BundleInfo"),
                                               PERMISSIONS,
                                               END };
static const struct shape event_shape[] = {
    TEXT_NEEDED("EventSubType"),
    TEXT_KEPT("EventBroadcastType"),
    TEXT_KEPT("EventType"),
    TEXT_KEPT("DimensionFormat"),
    { "TimeToLive", SHAPE_NUMBER, true, true, NULL, 0, NULL },
    TEXT_NEEDED("TimeUnit"),
    { "ValidConsumeCount", SHAPE_NUMBER, false, false, NULL, -1, NULL, true },
    TEXT_NEEDED("Owner"),
    TEXT("Description"),
    END
};
static const struct shape calendar_shape[] = { TEXT_NEEDED("Mode"),
                                               { "Dates", SHAPE_TEXTS, true, true, NULL, 0, NULL },
                                               END };

const struct shape *const definition_shapes[DEFINITION_KINDS_] = {
    [DEFINITION_PROJECT] = definition_project, [DEFINITION_CALENDAR] = calendar_shape,
    [DEFINITION_GROUP] = definition_group,     [DEFINITION_RESOURCE] = definition_resource,
    [DEFINITION_EVENT] = event_shape,          [DEFINITION_FOLDER] = definition_folder,
    [DEFINITION_WORKFLOW] = workflow_shape,    [DEFINITION_TASK] = task_shape,
    [DEFINITION_ALARM] = definition_alarm,     [DEFINITION_MEMBER] = definition_member,
};

/* ---- files --------------------------------------------------------------------------------- */

static enum err_code not_here(const json_t *value, const char *block, const char *name,
                              const char *instead, struct err *e)
{
    const json_t *object = block ? json_object_get(value, block) : value;

    if (!json_object_get(object, name))
        return E_OK;
    err_set(e, E_RANGE, "%s", instead);
    err_prefix(e, name);
    if (block)
        err_prefix(e, block);
    return E_RANGE;
}

static enum err_code check_status(const json_t *value, struct err *e)
{
    const char *status = json_string_value(json_object_get(value, "Status"));

    if (!status || strcmp(status, "Y") == 0 || strcmp(status, "O") == 0 || strcmp(status, "F") == 0)
        return E_OK;
    err_set(e, E_RANGE, "it must be Y (scheduling), O (paused) or F (stopped)");
    err_prefix(e, "Status");
    return E_RANGE;
}

enum err_code definition_check_file(enum definition_kind kind, const json_t *value, struct err *e)
{
    static const struct {
        enum definition_kind kind;
        const char *block, *name, *instead;
    } rows[] = {
        { DEFINITION_TASK, "TaskBaseAttribute", "TaskFolderPath",
          "the directory of the file says it; move the file" },
        { DEFINITION_TASK, "TaskBaseAttribute", "WorkflowName",
          "the directory of the file says it; move the file" },
        { DEFINITION_TASK, "TaskConfiguration", "CodeContent",
          "the code is a file of its own, whose name stands in CodeFile" },
        { DEFINITION_WORKFLOW, NULL, "ParentFolderPath",
          "the directory of the file says it; move the file" },
        { DEFINITION_RESOURCE, NULL, "Digest", "the bytes are a file of their own" },
        { DEFINITION_GROUP, NULL, "Associated", "a group with a file is the project's" },
    };
    enum err_code rc = shape_check(definition_shapes[kind], value, e);

    for (size_t i = 0; i < ARRAY_LEN(rows) && rc == E_OK; i++)
        if (rows[i].kind == kind)
            rc = not_here(value, rows[i].block, rows[i].name, rows[i].instead, e);
    if (rc == E_OK && kind == DEFINITION_TASK)
        rc = check_status(value, e);
    if (rc == E_OK)
        rc = definition_check_belongs(kind, value, e);
    return rc == E_OK && kind == DEFINITION_ALARM ? definition_check_alarm(value, e) : rc;
}

/* ---- references ---------------------------------------------------------------------------- */

static json_t *list_in(const json_t *task, const char *block, const char *list)
{
    return json_object_get(json_object_get(task, block), list);
}

/* The value of an extended setting. */
static json_t *setting_of(const json_t *task, const char *key)
{
    json_t *item;
    size_t i;

    json_array_foreach(list_in(task, "TaskConfiguration", "TaskExtConfigurationList"), i, item)
    {
        const char *name = json_string_value(json_object_get(item, "ParamKey"));
        if (name && strcmp(name, key) == 0)
            return json_object_get(item, "ParamValue");
    }
    return NULL;
}

static void visit_list(json_t *list, const char *name, const char *id, definition_reference *visit,
                       void *ctx)
{
    for (size_t i = json_array_size(list); i-- > 0;) {
        json_t *item = json_array_get(list, i);
        bool refers = json_object_get(item, name) || json_object_get(item, id);
        if (refers && !visit(ctx, item, name, id))
            json_array_remove(list, i);
    }
}

void definition_visit(json_t *definition, definition_reference *visit, void *ctx)
{
    visit_list(list_in(definition, "TaskSchedulerConfiguration", "UpstreamDependencyConfigList"),
               "Task", "TaskId", visit, ctx);
    visit_list(list_in(definition, "TaskSchedulerConfiguration", "ParamTaskInList"), "FromTask",
               "FromTaskId", visit, ctx);
    visit_list(setting_of(definition, "branchCondition"), "downstreamTask", "downstreamTaskId",
               visit, ctx);
    visit_list(setting_of(definition, "mergeCondition"), "upstreamTask", "upstreamTaskId", visit,
               ctx);
}

static void take_names(json_t *list, const char *name, definition_upstream *take, void *ctx)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        const char *text = json_string_value(json_object_get(item, name));
        if (text && !json_object_get(item, "Project"))
            take(ctx, text);
    }
}

void definition_upstreams(const json_t *definition, definition_upstream *take, void *ctx)
{
    take_names(list_in(definition, "TaskSchedulerConfiguration", "UpstreamDependencyConfigList"),
               "Task", take, ctx);
    take_names(setting_of(definition, "mergeCondition"), "upstreamTask", take, ctx);
}

/* ---- settings ------------------------------------------------------------------------------ */

static const char *const json_settings[] = { "branchCondition", "mergeCondition" };

static bool is_json_setting(const json_t *item)
{
    const char *key = json_string_value(json_object_get(item, "ParamKey"));

    for (size_t i = 0; key && i < ARRAY_LEN(json_settings); i++)
        if (strcmp(key, json_settings[i]) == 0)
            return true;
    return false;
}

static bool is_list_of_objects(const json_t *value)
{
    const json_t *item;
    size_t i;

    json_array_foreach(value, i, item)
    {
        if (!json_is_object(item))
            return false;
    }
    return json_array_size(value) > 0;
}

void definition_open_settings(json_t *definition)
{
    json_t *item;
    size_t i;

    json_array_foreach(list_in(definition, "TaskConfiguration", "TaskExtConfigurationList"), i,
                       item)
    {
        const json_t *text = json_object_get(item, "ParamValue");
        json_t *value = is_json_setting(item) && json_is_string(text)
                            ? json_loadb(json_string_value(text), json_string_length(text), 0, NULL)
                            : NULL;
        if (is_list_of_objects(value))
            json_object_set(item, "ParamValue", value);
        json_decref(value);
    }
}

void definition_close_settings(json_t *definition)
{
    json_t *item;
    size_t i;

    json_array_foreach(list_in(definition, "TaskConfiguration", "TaskExtConfigurationList"), i,
                       item)
    {
        const json_t *value = json_object_get(item, "ParamValue");
        if (!json_is_array(value))
            continue;
        char *text = json_dumps(value, JSON_COMPACT);
        json_object_set_new(item, "ParamValue", json_string(text));
        free(text); /* lint: jansson's own memory */
    }
}

static const char *text_in(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

/* What a unified schedule says of its tasks. */
static const char *const schedule_names[] = {
    "CycleType",  "ScheduleTimeZone",   "CrontabExpression", "StartTime",    "EndTime",
    "SelfDepend", "ExecutionStartTime", "ExecutionEndTime",  "CalendarName", "CalendarId",
};

void definition_take_schedule(json_t *definition, const json_t *of_workflow)
{
    const json_t *schedule = json_object_get(of_workflow, "WorkflowSchedulerConfiguration");
    json_t *block = json_object_get(definition, "TaskSchedulerConfiguration");

    if (!schedule)
        return;
    for (size_t i = 0; i < ARRAY_LEN(schedule_names); i++)
        if (json_object_get(block, schedule_names[i]))
            return;
    if (!block) {
        block = json_object();
        json_object_set_new(definition, "TaskSchedulerConfiguration", block);
    }
    for (size_t i = 0; i < ARRAY_LEN(schedule_names); i++)
        if (json_object_get(schedule, schedule_names[i]))
            json_object_set(block, schedule_names[i], json_object_get(schedule, schedule_names[i]));
}

void definition_leave_schedule(json_t *definition, const json_t *of_workflow)
{
    const json_t *schedule = json_object_get(of_workflow, "WorkflowSchedulerConfiguration");
    json_t *block = json_object_get(definition, "TaskSchedulerConfiguration");

    if (!schedule)
        return;
    for (size_t i = 0; i < ARRAY_LEN(schedule_names); i++)
        if (strcmp(text_in(block, schedule_names[i]), text_in(schedule, schedule_names[i])) != 0)
            return;
    for (size_t i = 0; i < ARRAY_LEN(schedule_names); i++)
        json_object_del(block, schedule_names[i]);
    if (json_object_size(block) == 0)
        json_object_del(definition, "TaskSchedulerConfiguration");
}
