/* model/task_doc.c - the document that a version keeps. */
#include "model/task_doc.h"

#include <stdio.h>
#include <string.h>

#include "model/json_text.h"

/* The member as it was given; else text, or nothing. */
static void copy_member(struct jw *w, const json_t *given, const char *name, const char *otherwise)
{
    const json_t *value = json_object_get(given, name);

    if (json_is_string(value) && json_string_length(value) == 0 && otherwise)
        value = NULL;
    if (value)
        json_kwrite(w, name, value);
    else if (otherwise)
        jw_kcstr(w, name, otherwise);
}

static void copy_list(struct jw *w, const json_t *given, const char *name)
{
    const json_t *list = json_object_get(given, name);

    if (json_is_array(list))
        json_kwrite(w, name, list);
    else
        jw_kraw(w, name, STR("[]"));
}

static void write_base(struct jw *w, const struct task_spec *s, struct str uin)
{
    jw_object(w);
    jw_kstr(w, "TaskName", s->name);
    jw_ki64(w, "TaskTypeId", s->type_id);
    jw_kstr(w, "WorkflowId", s->workflow_id);
    jw_kstr(w, "OwnerUin", s->owner_uin.len > 0 ? s->owner_uin : uin);
    jw_kstr(w, "TaskDescription", s->description);
    jw_kstr(w, "TaskFolderPath", s->folder_path);
    jw_object_end(w);
}

static void write_config(struct jw *w, const json_t *given)
{
    static const char *const texts[] = { "CodeContent",     "DataCluster",     "YarnQueue",
                                         "SourceServiceId", "TargetServiceId", "ResourceGroup",
                                         "BundleId",        "BundleInfo" };

    jw_object(w);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        copy_member(w, given, texts[i], NULL);
    copy_member(w, given, "BrokerIp", "any");
    copy_list(w, given, "TaskExtConfigurationList");
    copy_list(w, given, "TaskSchedulingParameterList");
    jw_object_end(w);
}

static void write_time(struct jw *w, const char *name, struct civil c)
{
    char text[CIVIL_TEXT_LEN + 1];

    civil_format(c, text);
    jw_kcstr(w, name, text);
}

static void write_clock(struct jw *w, const char *name, int minutes)
{
    char text[32];

    snprintf(text, sizeof(text), "%02d:%02d", minutes / 60, minutes % 60);
    jw_kcstr(w, name, text);
}

static void write_numbers(struct jw *w, const struct task_spec *s)
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
        jw_ki64(w, numbers[i].name, numbers[i].value);
    /* The one that stays text in answers too. */
    snprintf(text, sizeof(text), "%lld", (long long)s->wait_ttl_minutes);
    jw_kcstr(w, "WaitExecutionTotalTTL", text);
}

/* DownstreamDependencyConfigList, which a client that sends back what GetTask gave has in it, is
 * not kept: it shows what the downstream tasks say, and would be old as soon as one of them
 * changes. */
static void write_scheduler(struct jw *w, const json_t *given, const struct task_spec *s)
{
    static const char *const self_names[] = { "parallel", "serial", "orderly" };
    static const char *const redo_names[] = { "ALL", "FAILURE", "NONE" };
    static const char *const lists[] = { "UpstreamDependencyConfigList", "EventListenerList",
                                         "ParamTaskOutList", "ParamTaskInList",
                                         "TaskOutputRegistryList" };

    jw_object(w);
    jw_kcstr(w, "CycleType", cycle_name(s->schedule.cycle));
    copy_member(w, given, "ScheduleTimeZone", "UTC+8");
    copy_member(w, given, "CrontabExpression", "0 0 0 * * ? *");
    write_time(w, "StartTime", s->schedule.start);
    write_time(w, "EndTime", s->schedule.end);
    write_clock(w, "ExecutionStartTime", s->schedule.window_from);
    write_clock(w, "ExecutionEndTime", s->schedule.window_to);
    jw_kcstr(w, "CalendarOpen", s->calendar_id.len > 0 ? "1" : "0");
    copy_member(w, given, "CalendarId", NULL);
    jw_kcstr(w, "SelfDepend", self_names[s->self_depend]);
    jw_kcstr(w, "AllowRedoType", redo_names[s->redo]);
    jw_kcstr(w, "InitStrategy", s->schedule.init == INIT_T_PLUS_1 ? "T_PLUS_1" : "T_PLUS_0");
    copy_member(w, given, "DependencyTriggerPolicy", "ALL_SUCCESS");
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        copy_list(w, given, lists[i]);
    write_numbers(w, s);
    jw_object_end(w);
}

struct str task_doc_build(const json_t *given, const struct task_spec *spec, struct str uin,
                          struct arena *a)
{
    struct buf out;
    struct jw w;

    buf_init(&out, SIZE_MAX / 4); /* as long as the request made it */
    jw_init(&w, &out);
    jw_object(&w);
    jw_key(&w, "TaskBaseAttribute");
    write_base(&w, spec, uin);
    jw_key(&w, "TaskConfiguration");
    write_config(&w, json_object_get(given, "TaskConfiguration"));
    jw_key(&w, "TaskSchedulerConfiguration");
    write_scheduler(&w, json_object_get(given, "TaskSchedulerConfiguration"), spec);
    jw_object_end(&w);
    struct str text = arena_str(a, buf_str(&out));
    buf_done(&out);
    return text;
}

struct str task_doc_manual(struct str doc, struct arena *a)
{
    static const struct str mark = STR("{\"" TASK_DOC_MANUAL "\":true,");

    if (str_starts_with(doc, mark))
        return doc;
    return arena_printf(a, "%.*s%.*s", STR_ARG(mark), STR_ARG(str_sub(doc, 1, doc.len)));
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
