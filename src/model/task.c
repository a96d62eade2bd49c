/* model/task.c - decodes and checks a task's document; every rule that needs no look at other
 * objects.
 *
 * Values that the API writes as text on input and as numbers in answers are taken in both forms, so
 * that a document made by CreateTask, by UpdateTask or by an older weft decodes alike.  An empty
 * text is an absent value. */
#include "model/task.h"

#include <stdio.h>
#include <string.h>

#include "base/codec.h"

struct decoding {
    const json_t *base, *config, *scheduler;
    struct civil today;
    struct arena *arena;
    struct task_spec *spec;
    struct err *e;
};

#define BASE "TaskBaseAttribute."
#define CONFIG "TaskConfiguration."
#define SCHEDULER "TaskSchedulerConfiguration."

static struct str text_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    if (!json_is_string(value))
        return (struct str){ NULL, 0 };
    return str_make(json_string_value(value), json_string_length(value));
}

static struct str copy_text(struct decoding *d, const json_t *object, const char *name)
{
    return arena_str(d->arena, text_of(object, name));
}

/* A number, or text that is one; absent and empty give `otherwise`.  False: neither. */
static bool number_of(const json_t *object, const char *name, int64_t otherwise, int64_t *ret)
{
    const json_t *value = json_object_get(object, name);
    struct str text = text_of(object, name);

    *ret = otherwise;
    if (json_is_integer(value))
        *ret = json_integer_value(value);
    else if (text.len > 0)
        return str_to_i64(text, ret);
    return true;
}

static bool is_given(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return value && !json_is_null(value) &&
           !(json_is_string(value) && json_string_length(value) == 0);
}

/* ---- base ---------------------------------------------------------------------------------- */

/* Letters, digits, '_', '-', '.', and everything beyond ASCII: what names of real tasks have (1.3).
 */
static bool is_task_name(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '_' && c != '-' && c != '.' && c < 0x80)
            return false;
    }
    return s.len > 0 && str_is_utf8(s) && str_code_points(s) <= TASK_NAME_MAX;
}

static bool is_uin_list(struct str list)
{
    bool any = false;

    while (list.ptr && list.len > 0) {
        struct str uin = str_split(&list, ';');
        for (size_t i = 0; i < uin.len; i++)
            if (uin.ptr[i] < '0' || uin.ptr[i] > '9')
                return false;
        any |= uin.len > 0;
        if (uin.len > 20)
            return false;
    }
    return any;
}

static enum err_code decode_base(struct decoding *d)
{
    struct task_spec *s = d->spec;
    int64_t type;

    s->name = copy_text(d, d->base, "TaskName");
    s->workflow_id = copy_text(d, d->base, "WorkflowId");
    s->owner_uin = copy_text(d, d->base, "OwnerUin");
    s->description = copy_text(d, d->base, "TaskDescription");
    s->folder_path = copy_text(d, d->base, "TaskFolderPath");
    if (!is_task_name(s->name))
        return err_user(d->e, E_RANGE, BASE "TaskName",
                        "a task name has 1 to %d letters, digits, '_', '-', '.' or characters such "
                        "as Chinese ones",
                        "任务名称为 1 到 %d 个字母、数字、'_'、'-'、'.' 或中文等字符",
                        TASK_NAME_MAX);
    if (!number_of(d->base, "TaskTypeId", 0, &type) || type < 0 || type > 100000 ||
        !task_type_name((int)type))
        return err_user(
            d->e, E_RANGE, BASE "TaskTypeId",
            "it is not a WeData task type; for example \"35\" is Shell and \"30\" is Python",
            "不是 WeData 任务类型，例如 \"35\" 为 Shell，\"30\" 为 Python");
    s->type_id = (int)type;
    if (s->owner_uin.len > 0 && !is_uin_list(s->owner_uin))
        return err_user(d->e, E_RANGE, BASE "OwnerUin",
                        "owners are accounts of 1 to 20 digits, several joined by ';'",
                        "负责人为 1 到 20 位数字的账号，多个以 ';' 分隔");
    if (s->description.len > 4096)
        return err_user(d->e, E_LIMIT, BASE "TaskDescription", "at most %d bytes", "最多 %d 字节",
                        4096);
    return E_OK;
}

/* ---- configuration ------------------------------------------------------------------------- */

static int by_key(const struct task_param *list, int n, struct str key)
{
    for (int i = 0; i < n; i++)
        if (str_eq(list[i].key, key))
            return i;
    return -1;
}

static enum err_code check_length(struct decoding *d, const json_t *list, const char *path)
{
    return json_array_size(list) <= TASK_LIST_MAX
               ? E_OK
               : err_user(d->e, E_LIMIT, path, "at most %d entries", "最多 %d 项", TASK_LIST_MAX);
}

/* A list of {ParamKey, ParamValue}; keys are there and differ. */
static enum err_code decode_params(struct decoding *d, const json_t *object, const char *name,
                                   const char *prefix, const struct task_param **ret, int *ret_n)
{
    const json_t *list = json_object_get(object, name), *item;
    size_t i, n = json_array_size(list);
    struct task_param *params;
    char path[96];

    snprintf(path, sizeof(path), "%s%s", prefix, name);
    if (check_length(d, list, path) != E_OK)
        return E_LIMIT;
    params = ARENA_ARRAY(d->arena, struct task_param, n + 1);
    json_array_foreach(list, i, item)
    {
        struct task_param p = { copy_text(d, item, "ParamKey"), copy_text(d, item, "ParamValue") };
        bool repeated = by_key(params, (int)i, p.key) >= 0;
        snprintf(path, sizeof(path), "%s%s.%zu.ParamKey", prefix, name, i);
        if (p.key.len == 0 || repeated)
            return err_user(d->e, E_RANGE, path,
                            repeated ? "the key stands in the list already"
                                     : "a key must not be empty",
                            repeated ? "键重复" : "键不能为空");
        params[i] = p;
    }
    *ret = params;
    *ret_n = (int)n;
    return E_OK;
}

static enum err_code decode_code(struct decoding *d)
{
    struct str text = text_of(d->config, "CodeContent");
    struct buf code;
    enum err_code rc = E_OK;

    buf_init(&code, TASK_CODE_MAX);
    if (!base64_decode(&code, text))
        rc = err_user(d->e, E_SYNTAX, CONFIG "CodeContent", "the code must be base64",
                      "代码内容必须为 base64 编码");
    else if (code.overflow)
        rc = err_user(d->e, E_LIMIT, CONFIG "CodeContent", "the code is larger than %d bytes",
                      "代码超过 %d 字节", TASK_CODE_MAX);
    else
        d->spec->code = arena_str(d->arena, buf_str(&code));
    buf_done(&code);
    return rc;
}

static enum err_code decode_config(struct decoding *d)
{
    struct task_spec *s = d->spec;
    enum err_code rc = decode_code(d);

    s->group_id = copy_text(d, d->config, "ResourceGroup");
    s->broker_ip = copy_text(d, d->config, "BrokerIp");
    s->bundle_id = copy_text(d, d->config, "BundleId");
    if (rc == E_OK)
        rc = decode_params(d, d->config, "TaskExtConfigurationList", CONFIG, &s->ext, &s->n_ext);
    if (rc == E_OK)
        rc = decode_params(d, d->config, "TaskSchedulingParameterList", CONFIG, &s->params,
                           &s->n_params);
    return rc;
}

/* ---- schedule ------------------------------------------------------------------------------ */

static enum err_code decode_time(struct decoding *d, const char *name, struct civil otherwise,
                                 struct civil *ret)
{
    struct str text = text_of(d->scheduler, name);
    enum err_code rc = E_OK;
    char path[64];

    *ret = otherwise;
    if (text.len > 0)
        rc = civil_parse(text, ret, d->e);
    if (rc != E_OK) {
        snprintf(path, sizeof(path), SCHEDULER "%s", name);
        err_prefix(d->e, path);
    }
    return rc;
}

static enum err_code decode_clock(struct decoding *d, const char *name, int otherwise, int *ret)
{
    struct str text = text_of(d->scheduler, name);
    enum err_code rc = E_OK;
    char path[64];

    *ret = otherwise;
    if (text.len > 0)
        rc = civil_parse_clock(text, ret, d->e);
    if (rc != E_OK) {
        snprintf(path, sizeof(path), SCHEDULER "%s", name);
        err_prefix(d->e, path);
    }
    return rc;
}

static enum err_code decode_range(struct decoding *d)
{
    struct schedule *s = &d->spec->schedule;
    enum err_code rc = decode_time(d, "StartTime", d->today, &s->start);

    if (rc == E_OK)
        rc = decode_time(d, "EndTime", civil_make(2099, 12, 31, 23, 59, 59), &s->end);
    if (rc == E_OK && s->end.s < s->start.s)
        rc = err_user(d->e, E_RANGE, SCHEDULER "EndTime", "it must not be before StartTime",
                      "不能早于 StartTime");
    if (rc == E_OK)
        rc = decode_clock(d, "ExecutionStartTime", 0, &s->window_from);
    if (rc == E_OK)
        rc = decode_clock(d, "ExecutionEndTime", 24 * 60 - 1, &s->window_to);
    if (rc == E_OK && s->window_to < s->window_from)
        rc = err_user(d->e, E_RANGE, SCHEDULER "ExecutionEndTime",
                      "it must not be before ExecutionStartTime", "不能早于 ExecutionStartTime");
    return rc;
}

static enum err_code decode_calendar(struct decoding *d)
{
    int64_t open;

    if (!number_of(d->scheduler, "CalendarOpen", 0, &open) || open < 0 || open > 1)
        return err_user(d->e, E_RANGE, SCHEDULER "CalendarOpen",
                        "it is \"0\" (no calendar) or \"1\"", "取值为 \"0\"(不使用日历)或 \"1\"");
    if (open == 0)
        return E_OK;
    d->spec->calendar_id = copy_text(d, d->scheduler, "CalendarId");
    if (d->spec->calendar_id.len == 0)
        return err_user(d->e, E_RANGE, SCHEDULER "CalendarId", "CalendarOpen 1 needs a calendar",
                        "CalendarOpen 为 1 时必填");
    return E_OK;
}

static enum err_code decode_schedule(struct decoding *d)
{
    struct schedule *s = &d->spec->schedule;
    struct str cycle = text_of(d->scheduler, "CycleType"),
               zone = text_of(d->scheduler, "ScheduleTimeZone");
    struct str cron = text_of(d->scheduler, "CrontabExpression"),
               init = text_of(d->scheduler, "InitStrategy");
    enum err_code rc;

    s->cycle = CYCLE_DAY;
    if (cycle.len > 0 && !cycle_from_name(cycle, &s->cycle))
        return err_user(d->e, E_RANGE, SCHEDULER "CycleType",
                        "`%.*s` is not one of ONEOFF_CYCLE, YEAR_CYCLE, MONTH_CYCLE, WEEK_CYCLE, "
                        "DAY_CYCLE, HOUR_CYCLE, "
                        "MINUTE_CYCLE, CRONTAB_CYCLE",
                        "`%.*s` 不是 "
                        "ONEOFF_CYCLE、YEAR_CYCLE、MONTH_CYCLE、WEEK_CYCLE、DAY_CYCLE、HOUR_"
                        "CYCLE、MINUTE_CYCLE、"
                        "CRONTAB_CYCLE 之一",
                        STR_ARG(cycle));
    s->zone = zone_default();
    rc = zone.len > 0 ? zone_find(zone, &s->zone, d->e) : E_OK;
    if (rc != E_OK)
        return err_prefix(d->e, SCHEDULER "ScheduleTimeZone"), rc;
    rc = cron_parse(cron.len > 0 ? cron : STR("0 0 0 * * ? *"), &s->cron, d->e);
    if (rc != E_OK)
        return err_prefix(d->e, "TaskSchedulerConfiguration"), rc;
    s->init = INIT_T_PLUS_0;
    if (str_eq_c(init, "T_PLUS_1"))
        s->init = INIT_T_PLUS_1;
    else if (init.len > 0 && !str_eq_c(init, "T_PLUS_0"))
        return err_user(d->e, E_RANGE, SCHEDULER "InitStrategy",
                        "`%.*s` is not T_PLUS_0 or T_PLUS_1", "`%.*s` 不是 T_PLUS_0 或 T_PLUS_1",
                        STR_ARG(init));
    rc = decode_range(d);
    return rc != E_OK ? rc : decode_calendar(d);
}

/* ---- dependencies -------------------------------------------------------------------------- */

static enum err_code decode_rule(struct decoding *d, const json_t *item, struct task_upstream *up)
{
    struct str main = text_of(item, "MainCyclicConfig"),
               sub = text_of(item, "SubordinateCyclicConfig");
    struct str offset = text_of(item, "Offset");

    up->rule_given = main.len > 0;
    if (!up->rule_given)
        return E_OK;
    if (!dep_main_from_name(main, &up->rule.main))
        return err_user(d->e, E_RANGE, "MainCyclicConfig",
                        "`%.*s` is not a main cycle configuration such as DAY or LIST_DAY",
                        "`%.*s` 不是有效的主依赖配置，例如 DAY、LIST_DAY", STR_ARG(main));
    if (up->rule.main >= DEP_RANGE_DAY) {
        if (sub.len > 0)
            return err_user(d->e, E_RANGE, "SubordinateCyclicConfig", "it must be empty with %.*s",
                            "使用 %.*s 时必须为空", STR_ARG(main));
        enum err_code rc = dep_offsets_parse(up->rule.main, offset, &up->rule, d->e);
        if (rc != E_OK)
            err_prefix(d->e, "Offset");
        return rc;
    }
    if (!dep_sub_from_name(sub, &up->rule.sub))
        return err_user(d->e, E_RANGE, "SubordinateCyclicConfig",
                        "`%.*s` is not a subordinate configuration such as CURRENT_DAY",
                        "`%.*s` 不是有效的次依赖配置，例如 CURRENT_DAY", STR_ARG(sub));
    if (offset.len > 0)
        return err_user(d->e, E_RANGE, "Offset",
                        "only RANGE_ and LIST_ configurations take an offset, not %.*s",
                        "只有 RANGE_ 与 LIST_ 配置可以带偏移，%.*s 不可以", STR_ARG(main));
    return E_OK;
}

static enum err_code decode_conditions(struct decoding *d, const json_t *strategy,
                                       struct task_upstream *up)
{
    static const struct {
        const char *name;
        enum null_condition bit;
    } names[] = {
        { "NOT_EXIST", NULL_NOT_EXIST },
        { "PARENT_EXPIRED", NULL_PARENT_EXPIRED },
        { "PARENT_TIMEOUT", NULL_PARENT_TIMEOUT },
    };
    const json_t *list = json_object_get(strategy, "TaskDependencyExecutingStrategies"), *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        unsigned before = up->conditions;
        for (size_t j = 0; j < ARRAY_LEN(names); j++)
            if (json_is_string(item) && strcmp(json_string_value(item), names[j].name) == 0)
                up->conditions |= names[j].bit;
        if (up->conditions == before)
            return err_user(
                d->e, E_RANGE, "DependencyStrategy.TaskDependencyExecutingStrategies",
                "each is one of NOT_EXIST, PARENT_EXPIRED, PARENT_TIMEOUT, and stands once",
                "每项为 NOT_EXIST、PARENT_EXPIRED、PARENT_TIMEOUT 之一且不重复");
    }
    if (up->conditions == 0)
        up->conditions = NULL_NOT_EXIST;
    if ((up->conditions & NULL_PARENT_TIMEOUT) && up->timeout_minutes <= 0)
        return err_user(d->e, E_RANGE, "DependencyStrategy.TaskDependencyExecutingTimeoutValue",
                        "PARENT_TIMEOUT needs a number of minutes above 0",
                        "PARENT_TIMEOUT 需要大于 0 的分钟数");
    return E_OK;
}

static enum err_code decode_strategy(struct decoding *d, const json_t *item,
                                     struct task_upstream *up)
{
    const json_t *strategy = json_object_get(item, "DependencyStrategy");
    struct str name = text_of(strategy, "PollingNullStrategy");

    up->strategy = NULL_WAITING;
    if (!number_of(strategy, "TaskDependencyExecutingTimeoutValue", 0, &up->timeout_minutes) ||
        up->timeout_minutes < 0 || up->timeout_minutes > 10000000)
        return err_user(d->e, E_RANGE, "DependencyStrategy.TaskDependencyExecutingTimeoutValue",
                        "it is a number of minutes from 0 on", "为不小于 0 的分钟数");
    if (str_eq_c(name, "EXECUTING")) {
        up->strategy = NULL_EXECUTING;
        return decode_conditions(d, strategy, up);
    }
    if (name.len > 0 && !str_eq_c(name, "WAITING"))
        return err_user(d->e, E_RANGE, "DependencyStrategy.PollingNullStrategy",
                        "`%.*s` is not WAITING or EXECUTING", "`%.*s` 不是 WAITING 或 EXECUTING",
                        STR_ARG(name));
    return E_OK;
}

static enum err_code decode_upstream(struct decoding *d, const json_t *item,
                                     struct task_upstream *up)
{
    struct str id = text_of(item, "TaskId");
    enum err_code rc;

    /* Text that cannot be a task's id names no task. */
    if (!task_id_parse(id, &up->task_id))
        return err_user(d->e, E_MISSING, "TaskId", "there is no task `%.*s`", "任务 `%.*s` 不存在",
                        STR_ARG(id));
    rc = decode_rule(d, item, up);
    return rc != E_OK ? rc : decode_strategy(d, item, up);
}

static enum err_code decode_upstreams(struct decoding *d)
{
    const json_t *list = json_object_get(d->scheduler, "UpstreamDependencyConfigList"), *item;
    size_t i, n = json_array_size(list);
    struct task_upstream *ups;
    char path[96];

    if (n > TASK_LIST_MAX)
        return err_user(d->e, E_LIMIT, SCHEDULER "UpstreamDependencyConfigList",
                        "at most %d upstream tasks", "最多 %d 个上游任务", TASK_LIST_MAX);
    ups = ARENA_ARRAY(d->arena, struct task_upstream, n + 1);
    json_array_foreach(list, i, item)
    {
        enum err_code rc = decode_upstream(d, item, &ups[i]);
        for (size_t j = 0; j < i && rc == E_OK; j++)
            if (ups[j].task_id == ups[i].task_id)
                rc = err_user(d->e, E_RANGE, "TaskId",
                              "the upstream task stands in the list already", "上游任务重复");
        if (rc != E_OK) {
            snprintf(path, sizeof(path), SCHEDULER "UpstreamDependencyConfigList.%zu", i);
            return err_prefix(d->e, path), rc;
        }
    }
    d->spec->upstreams = ups;
    d->spec->n_upstreams = (int)n;
    return E_OK;
}

/* ---- events -------------------------------------------------------------------------------- */

static enum err_code decode_properties(struct decoding *d, const json_t *item,
                                       struct task_listener *l)
{
    const json_t *list = json_object_get(item, "PropertiesList"), *property;
    int64_t wait = -1, unit = 24 * 60;
    size_t i;

    if (check_length(d, list, "PropertiesList") != E_OK)
        return E_LIMIT;
    json_array_foreach(list, i, property)
    {
        struct str key = text_of(property, "ParamKey"), value = text_of(property, "ParamValue");
        bool good = true;
        if (str_eq_c(key, "maxWaitEventTime"))
            good = str_to_i64(value, &wait) && wait > 0 && wait <= 1000000;
        else if (str_eq_c(key, "maxWaitEventTimeUnit"))
            good = str_eq_c(value, "DAYS")      ? (unit = 24 * 60, true)
                   : str_eq_c(value, "HOURS")   ? (unit = 60, true)
                   : str_eq_c(value, "MINUTES") ? (unit = 1, true)
                                                : false;
        else if (str_eq_c(key, "EventProjectId"))
            l->project_id = arena_str(d->arena, value);
        if (!good)
            return err_user(d->e, E_RANGE, "PropertiesList",
                            "maxWaitEventTime is a number above 0, maxWaitEventTimeUnit one of "
                            "DAYS, HOURS, MINUTES",
                            "maxWaitEventTime 为大于 0 的数字，maxWaitEventTimeUnit 为 "
                            "DAYS、HOURS、MINUTES 之一");
    }
    l->max_wait_minutes = wait < 0 ? -1 : wait * unit;
    return E_OK;
}

static enum err_code decode_listener(struct decoding *d, const json_t *item,
                                     struct task_listener *l)
{
    struct str sub = text_of(item, "EventSubType"), broadcast = text_of(item, "EventBroadcastType");

    l->event_name = copy_text(d, item, "EventName");
    if (l->event_name.len == 0)
        return err_user(d->e, E_RANGE, "EventName", "it must not be empty", "不能为空");
    if (!event_sub_type_from_name(sub, &l->sub_type))
        return err_user(d->e, E_RANGE, "EventSubType",
                        "`%.*s` is not one of SECOND, MIN, HOUR, DAY",
                        "`%.*s` 不是 SECOND、MIN、HOUR、DAY 之一", STR_ARG(sub));
    l->broadcast = str_eq_c(broadcast, "BROADCAST");
    if (!l->broadcast && !str_eq_c(broadcast, "SINGLE"))
        return err_user(d->e, E_RANGE, "EventBroadcastType", "`%.*s` is not SINGLE or BROADCAST",
                        "`%.*s` 不是 SINGLE 或 BROADCAST", STR_ARG(broadcast));
    return decode_properties(d, item, l);
}

static enum err_code decode_listeners(struct decoding *d)
{
    const json_t *list = json_object_get(d->scheduler, "EventListenerList"), *item;
    size_t i, n = json_array_size(list);
    struct task_listener *listeners;
    char path[96];

    if (n > TASK_LIST_MAX)
        return err_user(d->e, E_LIMIT, SCHEDULER "EventListenerList", "at most %d events",
                        "最多 %d 个事件", TASK_LIST_MAX);
    listeners = ARENA_ARRAY(d->arena, struct task_listener, n + 1);
    json_array_foreach(list, i, item)
    {
        enum err_code rc = decode_listener(d, item, &listeners[i]);
        for (size_t j = 0; j < i && rc == E_OK; j++)
            if (str_eq(listeners[j].event_name, listeners[i].event_name) &&
                str_eq(listeners[j].project_id, listeners[i].project_id))
                rc = err_user(d->e, E_RANGE, "EventName", "the event stands in the list already",
                              "事件重复");
        if (rc != E_OK) {
            snprintf(path, sizeof(path), SCHEDULER "EventListenerList.%zu", i);
            return err_prefix(d->e, path), rc;
        }
    }
    d->spec->listeners = listeners;
    d->spec->n_listeners = (int)n;
    return E_OK;
}

/* ---- the rest of the scheduler block ------------------------------------------------------- */

/* An option with two spellings, text and number; the number wins (2.2). */
static enum err_code decode_twin(struct decoding *d, const char *text_name, const char *number_name,
                                 int64_t otherwise, int64_t min, int64_t max, bool minus_one,
                                 int64_t *ret)
{
    const char *name = is_given(d->scheduler, number_name) ? number_name : text_name;
    char path[64];

    if (number_of(d->scheduler, name, otherwise, ret) &&
        ((*ret >= min && *ret <= max) || (minus_one && *ret == -1)))
        return E_OK;
    snprintf(path, sizeof(path), SCHEDULER "%s", name);
    if (minus_one)
        return err_user(d->e, E_RANGE, path, "it is -1 (off) or a whole number from %lld to %lld",
                        "取值为 -1(关闭)或 %lld 到 %lld 的整数", (long long)min, (long long)max);
    return err_user(d->e, E_RANGE, path, "it is a whole number from %lld to %lld",
                    "取值为 %lld 到 %lld 的整数", (long long)min, (long long)max);
}

enum { MINUTES_MAX = 1000000, RETRIES_MAX = 100 };

static enum err_code decode_numbers(struct decoding *d)
{
    struct task_spec *s = d->spec;
    int64_t dry = 0, priority = 6, allow = 1;
    enum err_code rc = decode_twin(d, "ScheduleRunType", "ScheduleType", 0, 0, 1, false, &dry);

    if (rc == E_OK)
        rc = decode_twin(d, "RunPriority", "RunPriorityType", 6, 4, 6, false, &priority);
    if (rc == E_OK)
        rc = decode_twin(d, "RetryWait", "RetryWaitMinute", 5, 0, MINUTES_MAX, false,
                         &s->retry_wait_minutes);
    if (rc == E_OK)
        rc = decode_twin(d, "MaxRetryAttempts", "MaxRetryNumber", 4, 0, RETRIES_MAX, false,
                         &s->max_retries);
    if (rc == E_OK)
        rc = decode_twin(d, "ExecutionTTL", "ExecutionTTLMinute", -1, 1, MINUTES_MAX, true,
                         &s->execution_ttl_minutes);
    if (rc == E_OK)
        rc = decode_twin(d, "WaitExecutionTotalTTL", "WaitExecutionTotalTTLMinute", -1, 1,
                         MINUTES_MAX, true, &s->wait_ttl_minutes);
    if (rc == E_OK)
        rc = decode_twin(d, "AllowDownstreamDependency", "AllowDownstreamDependency", 1, 0, 1,
                         false, &allow);
    s->dry_run = dry == 1;
    s->priority = (int)priority;
    s->allow_downstream = allow == 1;
    return rc;
}

static enum err_code decode_choices(struct decoding *d)
{
    static const char *const policies[] = { "ALL_SUCCESS",
                                            "ALL_FAILED",
                                            "ALL_DONE",
                                            "ALL_DONE_AT_LEAST_ONE_SUCCESS",
                                            "ALL_DONE_AT_LEAST_ONE_FAILED",
                                            "ALL_DONE_NONE_FAILED_AT_LEAST_ONE_SUCCESS",
                                            "ALL_SKIPPED",
                                            "NONE_FAILED",
                                            "NONE_SKIPPED",
                                            "ONE_SUCCESS",
                                            "ONE_FAILED",
                                            "ONE_DONE" };
    struct str self = text_of(d->scheduler, "SelfDepend"),
               redo = text_of(d->scheduler, "AllowRedoType");
    struct str policy = text_of(d->scheduler, "DependencyTriggerPolicy");
    struct task_spec *s = d->spec;
    bool known = policy.len == 0;

    if (self.len == 0 || str_eq_c(self, "serial"))
        s->self_depend = SELF_SERIAL;
    else if (str_eq_c(self, "orderly"))
        s->self_depend = SELF_ORDERLY;
    else if (str_eq_c(self, "parallel"))
        s->self_depend = SELF_PARALLEL;
    else
        return err_user(d->e, E_RANGE, SCHEDULER "SelfDepend",
                        "`%.*s` is not one of parallel, serial, orderly",
                        "`%.*s` 不是 parallel、serial、orderly 之一", STR_ARG(self));
    if (redo.len == 0 || str_eq_c(redo, "ALL"))
        s->redo = REDO_ALL;
    else if (str_eq_c(redo, "FAILURE"))
        s->redo = REDO_FAILURE;
    else if (str_eq_c(redo, "NONE"))
        s->redo = REDO_NONE;
    else
        return err_user(d->e, E_RANGE, SCHEDULER "AllowRedoType",
                        "`%.*s` is not one of ALL, FAILURE, NONE",
                        "`%.*s` 不是 ALL、FAILURE、NONE 之一", STR_ARG(redo));
    for (size_t i = 0; i < ARRAY_LEN(policies); i++)
        known |= str_eq_c(policy, policies[i]);
    if (!known)
        return err_user(d->e, E_RANGE, SCHEDULER "DependencyTriggerPolicy",
                        "`%.*s` is not a trigger policy such as ALL_SUCCESS",
                        "`%.*s` 不是有效的触发策略，例如 ALL_SUCCESS", STR_ARG(policy));
    return E_OK;
}

/* Keys are there and differ; what is not a constant names a task. */
static enum err_code check_inputs(struct decoding *d)
{
    const json_t *list = json_object_get(d->scheduler, "ParamTaskInList"), *item;
    struct task_param *seen;
    enum err_code rc = check_length(d, list, SCHEDULER "ParamTaskInList");
    char path[96];
    int64_t from;
    size_t i;

    if (rc != E_OK)
        return rc;
    seen = ARENA_ARRAY(d->arena, struct task_param, json_array_size(list) + 1);
    json_array_foreach(list, i, item)
    {
        struct str key = seen[i].key = copy_text(d, item, "ParamKey");
        bool repeated = by_key(seen, (int)i, key) >= 0;
        snprintf(path, sizeof(path), SCHEDULER "ParamTaskInList.%zu.%s", i,
                 key.len == 0 || repeated ? "ParamKey" : "FromTaskId");
        if (key.len == 0 || repeated)
            return err_user(d->e, E_RANGE, path,
                            repeated ? "the key stands in the list already"
                                     : "a key must not be empty",
                            repeated ? "键重复" : "键不能为空");
        if (!str_eq_c(text_of(item, "Type"), "CONSTANT") &&
            !task_id_parse(text_of(item, "FromTaskId"), &from))
            return err_user(d->e, E_RANGE, path, "it must be the id of an upstream task",
                            "必须是上游任务的 ID");
    }
    return E_OK;
}

static enum err_code check_lists(struct decoding *d)
{
    const struct task_param *ignored;
    int n;
    enum err_code rc = decode_params(d, d->scheduler, "ParamTaskOutList", SCHEDULER, &ignored, &n);

    if (rc == E_OK)
        rc = check_inputs(d);
    return rc != E_OK ? rc
                      : check_length(d, json_object_get(d->scheduler, "TaskOutputRegistryList"),
                                     SCHEDULER "TaskOutputRegistryList");
}

static enum err_code decode_all(struct decoding *d)
{
    enum err_code rc = decode_base(d);

    if (rc == E_OK)
        rc = decode_config(d);
    if (rc == E_OK)
        rc = decode_schedule(d);
    if (rc == E_OK)
        rc = decode_upstreams(d);
    if (rc == E_OK)
        rc = decode_listeners(d);
    if (rc == E_OK)
        rc = decode_numbers(d);
    if (rc == E_OK)
        rc = decode_choices(d);
    if (rc == E_OK)
        rc = check_lists(d);
    return rc;
}

enum err_code task_decode(const json_t *doc, struct civil today, struct arena *a,
                          struct task_spec *ret, struct err *e)
{
    struct task_spec spec = { .priority = 0 };
    struct decoding d = { .base = json_object_get(doc, "TaskBaseAttribute"),
                          .config = json_object_get(doc, "TaskConfiguration"),
                          .scheduler = json_object_get(doc, "TaskSchedulerConfiguration"),
                          .today = today,
                          .arena = a,
                          .spec = &spec,
                          .e = e };
    enum err_code rc = decode_all(&d);

    if (rc == E_OK)
        *ret = spec;
    return rc;
}

enum err_code task_decode_text(struct str doc, struct civil today, struct arena *a,
                               struct task_spec *ret, struct err *e)
{
    json_t *root = json_loadb(doc.ptr ? doc.ptr : "", doc.len, 0, NULL);
    enum err_code rc;

    if (!json_is_object(root)) {
        json_decref(root);
        return err_set(e, E_CORRUPT, "a stored task definition is not a JSON object");
    }
    rc = task_decode(root, today, a, ret, e);
    json_decref(root);
    return rc;
}
