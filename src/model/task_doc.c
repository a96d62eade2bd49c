/* model/task_doc.c - the document that a version keeps. */
#include "model/task_doc.h"

#include <stdio.h>
#include <string.h>

static void set_text(json_t *out, const char *name, struct str text)
{
    json_object_set_new(out, name, json_stringn(text.ptr ? text.ptr : "", text.len));
}

/* The member as it was given; else text, or an empty list. */
static void copy_member(json_t *out, const json_t *given, const char *name, const char *otherwise)
{
    json_t *value = json_object_get(given, name);

    if (json_is_string(value) && json_string_length(value) == 0 && otherwise)
        value = NULL;
    if (value)
        json_object_set(out, name, value);
    else if (otherwise)
        json_object_set_new(out, name, json_string(otherwise));
}

static void copy_list(json_t *out, const json_t *given, const char *name)
{
    json_t *list = json_object_get(given, name);

    if (json_is_array(list))
        json_object_set(out, name, list);
    else
        json_object_set_new(out, name, json_array());
}

static json_t *build_base(const struct task_spec *s, struct str uin)
{
    json_t *out = json_object();

    set_text(out, "TaskName", s->name);
    json_object_set_new(out, "TaskTypeId", json_integer(s->type_id));
    set_text(out, "WorkflowId", s->workflow_id);
    set_text(out, "OwnerUin", s->owner_uin.len > 0 ? s->owner_uin : uin);
    set_text(out, "TaskDescription", s->description);
    set_text(out, "TaskFolderPath", s->folder_path);
    return out;
}

static json_t *build_config(const json_t *given)
{
    static const char *const texts[] = { "CodeContent",     "DataCluster",     "YarnQueue",
                                         "SourceServiceId", "TargetServiceId", "ResourceGroup",
                                         "BundleId",        "BundleInfo" };
    json_t *out = json_object();

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        copy_member(out, given, texts[i], NULL);
    copy_member(out, given, "BrokerIp", "any");
    copy_list(out, given, "TaskExtConfigurationList");
    copy_list(out, given, "TaskSchedulingParameterList");
    return out;
}

static void set_time(json_t *out, const char *name, struct civil c)
{
    char text[CIVIL_TEXT_LEN + 1];

    civil_format(c, text);
    json_object_set_new(out, name, json_string(text));
}

static void set_clock(json_t *out, const char *name, int minutes)
{
    char text[32];

    snprintf(text, sizeof(text), "%02d:%02d", minutes / 60, minutes % 60);
    json_object_set_new(out, name, json_string(text));
}

static void set_numbers(json_t *out, const struct task_spec *s)
{
    const struct {
        const char *name;
        int64_t value;
    } numbers[] = {
        { "ScheduleRunType", s->dry_run },
        { "ScheduleType", s->dry_run },
        { "RunPriority", s->priority },
        { "RunPriorityType", s->priority },
        { "RetryWait", s->retry_wait_minutes },
        { "RetryWaitMinute", s->retry_wait_minutes },
        { "MaxRetryAttempts", s->max_retries },
        { "MaxRetryNumber", s->max_retries },
        { "ExecutionTTL", s->execution_ttl_minutes },
        { "ExecutionTTLMinute", s->execution_ttl_minutes },
        { "WaitExecutionTotalTTLMinute", s->wait_ttl_minutes },
        { "AllowDownstreamDependency", s->allow_downstream },
    };
    char text[24];

    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        json_object_set_new(out, numbers[i].name, json_integer(numbers[i].value));
    /* The one that stays text in answers too. */
    snprintf(text, sizeof(text), "%lld", (long long)s->wait_ttl_minutes);
    json_object_set_new(out, "WaitExecutionTotalTTL", json_string(text));
}

/* DownstreamDependencyConfigList, which a client that sends back what GetTask gave has in it, is
 * not kept: it shows what the downstream tasks say, and would be old as soon as one of them
 * changes. */
static json_t *build_scheduler(const json_t *given, const struct task_spec *s)
{
    static const char *const self_names[] = { "parallel", "serial", "orderly" };
    static const char *const redo_names[] = { "ALL", "FAILURE", "NONE" };
    static const char *const lists[] = { "UpstreamDependencyConfigList", "EventListenerList",
                                         "ParamTaskOutList", "ParamTaskInList",
                                         "TaskOutputRegistryList" };
    json_t *out = json_object();

    json_object_set_new(out, "CycleType", json_string(cycle_name(s->schedule.cycle)));
    copy_member(out, given, "ScheduleTimeZone", "UTC+8");
    copy_member(out, given, "CrontabExpression", "0 0 0 * * ? *");
    set_time(out, "StartTime", s->schedule.start);
    set_time(out, "EndTime", s->schedule.end);
    set_clock(out, "ExecutionStartTime", s->schedule.window_from);
    set_clock(out, "ExecutionEndTime", s->schedule.window_to);
    json_object_set_new(out, "CalendarOpen", json_string(s->calendar_id.len > 0 ? "1" : "0"));
    copy_member(out, given, "CalendarId", NULL);
    json_object_set_new(out, "SelfDepend", json_string(self_names[s->self_depend]));
    json_object_set_new(out, "AllowRedoType", json_string(redo_names[s->redo]));
    json_object_set_new(out, "InitStrategy",
                        json_string(s->schedule.init == INIT_T_PLUS_1 ? "T_PLUS_1" : "T_PLUS_0"));
    copy_member(out, given, "DependencyTriggerPolicy", "ALL_SUCCESS");
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        copy_list(out, given, lists[i]);
    set_numbers(out, s);
    return out;
}

json_t *task_doc_build(const json_t *given, const struct task_spec *spec, struct str uin)
{
    json_t *doc = json_object();

    json_object_set_new(doc, "TaskBaseAttribute", build_base(spec, uin));
    json_object_set_new(doc, "TaskConfiguration",
                        build_config(json_object_get(given, "TaskConfiguration")));
    json_object_set_new(
        doc, "TaskSchedulerConfiguration",
        build_scheduler(json_object_get(given, "TaskSchedulerConfiguration"), spec));
    return doc;
}

/* ---- changes ------------------------------------------------------------------------------- */

static const char *const twins[][2] = {
    { "ScheduleRunType", "ScheduleType" },
    { "RunPriority", "RunPriorityType" },
    { "RetryWait", "RetryWaitMinute" },
    { "MaxRetryAttempts", "MaxRetryNumber" },
    { "ExecutionTTL", "ExecutionTTLMinute" },
    { "WaitExecutionTotalTTL", "WaitExecutionTotalTTLMinute" },
};

static void drop_other_twins(json_t *block, const json_t *part)
{
    for (size_t i = 0; i < ARRAY_LEN(twins); i++)
        for (int side = 0; side < 2; side++)
            if (json_object_get(part, twins[i][side]))
                json_object_del(block, twins[i][1 - side]);
}

void task_doc_merge(json_t *doc, const json_t *part)
{
    static const char *const blocks[] = { "TaskBaseAttribute", "TaskConfiguration",
                                          "TaskSchedulerConfiguration" };

    for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
        json_t *block = json_object_get(doc, blocks[i]), *news = json_object_get(part, blocks[i]);
        if (!news)
            continue;
        drop_other_twins(block, news);
        json_object_update(block, news);
    }
}

/* Which lists can lose elements, and the member by which an element is named. */
static const struct {
    const char *path, *block, *list, *key;
} removable[] = {
    { "TaskConfiguration/TaskSchedulingParameterList", "TaskConfiguration",
      "TaskSchedulingParameterList", "ParamKey" },
    { "TaskConfiguration/TaskExtConfigurationList", "TaskConfiguration", "TaskExtConfigurationList",
      "ParamKey" },
    { "TaskSchedulerConfiguration/UpstreamDependencyConfigList", "TaskSchedulerConfiguration",
      "UpstreamDependencyConfigList", "TaskId" },
    { "TaskSchedulerConfiguration/EventListenerList", "TaskSchedulerConfiguration",
      "EventListenerList", "EventName" },
    { "TaskSchedulerConfiguration/ParamTaskOutList", "TaskSchedulerConfiguration",
      "ParamTaskOutList", "ParamKey" },
    { "TaskSchedulerConfiguration/ParamTaskInList", "TaskSchedulerConfiguration", "ParamTaskInList",
      "ParamKey" },
    { "TaskSchedulerConfiguration/TaskOutputRegistryList", "TaskSchedulerConfiguration",
      "TaskOutputRegistryList", "TablePhysicalId" },
};

static void remove_named(json_t *list, const char *key, struct str name)
{
    for (size_t i = json_array_size(list); i-- > 0;) {
        const json_t *value = json_object_get(json_array_get(list, i), key);
        if (json_is_string(value) && str_eq_c(name, json_string_value(value)))
            json_array_remove(list, i);
    }
}

/* A read view of other tasks' edges (3.8), in both of its spellings. */
static bool is_downstream_view(struct str path)
{
    return str_eq_c(path, "TaskSchedulerConfiguration/DownstreamDependencyConfigList") ||
           str_eq_c(path, "TaskSchedulerConfiguration/DownStreamDependencyConfigList");
}

enum err_code task_doc_remove(json_t *doc, struct str entry, struct err *e)
{
    struct str rest = entry, path = str_split(&rest, ':');

    for (size_t i = 0; i < ARRAY_LEN(removable); i++) {
        if (!str_eq_c(str_trim(path), removable[i].path) || !rest.ptr)
            continue;
        json_t *list = json_object_get(json_object_get(doc, removable[i].block), removable[i].list);
        while (rest.ptr)
            remove_named(list, removable[i].key, str_trim(str_split(&rest, ',')));
        return E_OK;
    }
    if (is_downstream_view(str_trim(path)))
        return err_user(e, E_UNSUPPORTED, "",
                        "this list shows the dependencies of downstream tasks; they are changed "
                        "there, by the UpstreamDependencyConfigList of those tasks",
                        "该列表展示的是下游任务自身的依赖，请在下游任务的 "
                        "UpstreamDependencyConfigList 中修改");
    return err_user(e, E_RANGE, "",
                    "`%.*s` is not of the form <block>/<list>:<key>,<key>, for example "
                    "TaskSchedulerConfiguration/UpstreamDependencyConfigList:20241204111252781",
                    "`%.*s` 不符合 <块>/<列表>:<键>,<键> 的格式，例如 "
                    "TaskSchedulerConfiguration/UpstreamDependencyConfigList:20241204111252781",
                    STR_ARG(entry));
}
