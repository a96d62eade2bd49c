/* cli/definition_alarm.c - alarm rules as the files of a project have them. */
#include "cli/definition_int.h"

#include <string.h>

static const struct shape limit[] = { NUMBER_KEPT("RuleType"),
                                      NUMBER_KEPT("Type"),
                                      NUMBER_KEPT("Hour"),
                                      NUMBER_KEPT("Min"),
                                      NUMBER_KEPT("Second"),
                                      TEXT_OR("ScheduleTimeZone", "UTC+8"),
                                      NUMBER_KEPT("Times"),
                                      NUMBER_KEPT("AlarmTriggerFrequency"),
                                      END };
static const struct shape statistics[] = { TEXT_NEEDED("AlarmType"),
                                           NUMBER_KEPT("InstanceThresholdCountPercent"),
                                           NUMBER_KEPT("InstanceThresholdCount"),
                                           NUMBER_KEPT("StabilizeThreshold"),
                                           NUMBER_KEPT("StabilizeStatisticsCycle"),
                                           { "IsCumulant", SHAPE_FLAG, false, false, NULL, 0,
                                             NULL },
                                           NUMBER_KEPT("InstanceCount"),
                                           END };
static const struct shape reconciliation[] = { TEXT("RuleType"), NUMBER_KEPT("MismatchCount"),
                                               NUMBER_KEPT("Hour"), NUMBER_KEPT("Min"), END };
static const struct shape white[] = { TEXT("Workflow"), TEXT("MonitorObjectId"), TEXTS("Tasks"),
                                      TEXTS("TaskIds"), END };
static const struct shape detail[] = { NUMBER_OR("Trigger", 2),
                                       NUMBER_OR("DataBackfillOrRerunTrigger", 2),
                                       LIST_OF("TimeOutExtInfo", limit),
                                       LIST_OF("DataBackfillOrRerunTimeOutExtInfo", limit),
                                       LIST_OF("ProjectInstanceStatisticsAlarmInfoList",
                                               statistics),
                                       LIST_OF("ReconciliationExtInfo", reconciliation),
                                       LIST_OF("MonitorWhiteTasks", white),
                                       LIST_OF("WorkflowCompletionTimeCycleExtInfo", limit),
                                       NUMBER_KEPT("WorkflowExecutionTrigger"),
                                       NUMBER_KEPT("WorkflowExecutionFailureTrigger"),
                                       NUMBER_KEPT("WorkflowExecutionSuccessTrigger"),
                                       END };
static const struct shape quiet[] = { { "DaysOfWeek", SHAPE_NUMBERS, false, false, NULL, 0, NULL },
                                      TEXT("StartTime"),
                                      TEXT("EndTime"),
                                      END };
static const struct shape fatigue[] = { NUMBER_OR("NotifyCount", 1), NUMBER_OR("NotifyInterval", 5),
                                        LIST_OF("QuietIntervals", quiet), END };
static const struct shape hook[] = { TEXT_NEEDED("AlarmWay"), TEXTS("WebHooks"), END };
static const struct shape group[] = { { "AlarmRecipientType", SHAPE_NUMBER, false, true, NULL, 1,
                                        NULL },
                                      TEXTS("AlarmRecipientIds"),
                                      TEXTS("CustomEmails"),
                                      TEXTS("AlarmWays"),
                                      LIST_OF("WebHooks", hook),
                                      NUMBER_KEPT("AlarmEscalationInterval"),
                                      TEXTS("AlarmEscalationRecipientIds"),
                                      OBJECT_OF("NotificationFatigue", fatigue),
                                      END };

const struct shape definition_alarm[] = { TEXT("Description"),
                                          { "MonitorObjectType", SHAPE_NUMBER, false, true, NULL, 1,
                                            NULL },
                                          TEXTS("Tasks"),
                                          TEXTS("Workflows"),
                                          TEXTS("MonitorObjectIds"),
                                          { "AlarmTypes", SHAPE_TEXTS, true, true, NULL, 0, NULL },
                                          OBJECT_OF("AlarmRuleDetail", detail),
                                          NUMBER_OR("AlarmLevel", 1),
                                          { "AlarmGroups", SHAPE_LIST, true, true, NULL, 0, group },
                                          NUMBER_OR("Status", 1),
                                          END };

static enum err_code wrong(const char *name, const char *what, struct err *e)
{
    err_set(e, E_RANGE, "%s", what);
    err_prefix(e, name);
    return E_RANGE;
}

enum err_code definition_check_alarm(const json_t *value, struct err *e)
{
    const json_t *given = json_object_get(value, "MonitorObjectType"),
                 *status = json_object_get(value, "Status");
    json_int_t type = given ? json_integer_value(given) : 1;
    bool ids = json_array_size(json_object_get(value, "MonitorObjectIds")) > 0,
         tasks = json_array_size(json_object_get(value, "Tasks")) > 0,
         workflows = json_array_size(json_object_get(value, "Workflows")) > 0;

    if (tasks && type != 1)
        return wrong("Tasks", "they go with MonitorObjectType 1", e);
    if (workflows && type != 2)
        return wrong("Workflows", "they go with MonitorObjectType 2", e);
    if (type == 1 && !tasks && !ids)
        return wrong("Tasks", "which? A rule of MonitorObjectType 1 names its tasks", e);
    if (type == 2 && !workflows && !ids)
        return wrong("Workflows", "which? A rule of MonitorObjectType 2 names its workflows", e);
    if (status && json_integer_value(status) != 0 && json_integer_value(status) != 1)
        return wrong("Status", "it must be 1 (enabled) or 0 (disabled)", e);
    return E_OK;
}
