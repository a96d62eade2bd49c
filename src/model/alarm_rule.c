/* model/alarm_rule.c - decodes alarm rules: objects, types, triggers, white lists. */
#include "model/alarm.h"

#include <stdio.h>
#include <string.h>

#include "model/task.h"

static const char *const type_names[ALARM_TYPE_N_] = {
    [ALARM_FAILURE] = "failure",
    [ALARM_OVERTIME] = "overtime",
    [ALARM_SUCCESS] = "success",
    [ALARM_REDO_SUCCESS] = "backTrackingOrRerunSuccess",
    [ALARM_REDO_FAILURE] = "backTrackingOrRerunFailure",
    [ALARM_FAILURES_UP] = "projectFailureInstanceUpwardFluctuationAlarm",
    [ALARM_SUCCESSES_DOWN] = "projectSuccessInstanceDownwardFluctuationAlarm",
    [ALARM_FAILURES_MORE] = "projectFailureInstanceUpwardVolatilityAlarm",
    [ALARM_SUCCESSES_FEWER] = "projectSuccessInstanceDownwardVolatilityAlarm",
    [ALARM_FAILURES_MANY] = "projectFailureInstanceCountAlarm",
    [ALARM_FAILURES_SHARE] = "projectFailureInstanceProportionAlarm",
};

/* WeData knows them; what they are about does not exist here. */
static const char *const other_types[] = {
    "reconciliationFailure",
    "reconciliationOvertime",
    "reconciliationMismatch",
};

/* Every bit from the first of them on. */
enum { OF_FLUCTUATION = (1u << ALARM_TYPE_N_) - (1u << ALARM_FAILURES_UP) };

bool alarm_type_is_of_day(enum alarm_type t)
{
    return OF_FLUCTUATION & 1u << t;
}

const char *alarm_type_name(enum alarm_type t)
{
    check((unsigned)t < ALARM_TYPE_N_);
    return type_names[t];
}

bool alarm_type_from_name(struct str name, enum alarm_type *ret)
{
    for (int t = 0; t < ALARM_TYPE_N_; t++)
        if (str_eq_c(name, type_names[t])) {
            *ret = (enum alarm_type)t;
            return true;
        }
    return false;
}

static struct str text_of(const json_t *string)
{
    return json_is_string(string) ? str_make(json_string_value(string), json_string_length(string))
                                  : STR("");
}

/* ---- objects and types --------------------------------------------------------------------- */

enum err_code alarm_object_check(int64_t object, struct err *e)
{
    if (object == ALARM_OF_TASKS || object == ALARM_OF_WORKFLOWS || object == ALARM_OF_PROJECT ||
        object == ALARM_OF_FLUCTUATION)
        return E_OK;
    return err_user(e, E_RANGE, "MonitorObjectType",
                    "1 task, 2 workflow, 3 project or 7 fluctuation of a project",
                    "取值为 1 任务、2 工作流、3 项目或 7 项目波动");
}

enum err_code alarm_level_check(int64_t level, struct err *e)
{
    return level >= ALARM_NORMAL && level <= ALARM_URGENT
               ? E_OK
               : err_user(e, E_RANGE, "AlarmLevel", "1 normal, 2 important or 3 urgent",
                          "取值为 1 普通、2 重要或 3 紧急");
}

static enum err_code decode_numbers(const json_t *doc, struct alarm_rule *r, struct err *e)
{
    const json_t *object = json_object_get(doc, "MonitorObjectType"),
                 *level = json_object_get(doc, "AlarmLevel");
    int64_t o = object ? json_integer_value(object) : ALARM_OF_TASKS,
            l = level ? json_integer_value(level) : ALARM_NORMAL;

    enum err_code rc = alarm_object_check(o, e);
    if (rc == E_OK)
        rc = alarm_level_check(l, e);
    if (rc != E_OK)
        return rc;
    r->object = (enum alarm_object)o;
    r->level = (enum alarm_level)l;
    return E_OK;
}

static enum err_code decode_objects(const json_t *doc, struct arena *a, struct alarm_rule *r,
                                    struct err *e)
{
    const json_t *list = json_object_get(doc, "MonitorObjectIds");
    size_t n = json_array_size(list);
    struct str *ids = ARENA_ARRAY(a, struct str, n + 1);

    if (n == 0)
        return err_user(e, E_REQUIRED, "MonitorObjectIds", "at least one id is needed",
                        "至少需要一个 id");
    if (n > ALARM_OBJECTS_MAX)
        return err_user(e, E_LIMIT, "MonitorObjectIds", "at most %d ids", "最多 %d 个",
                        ALARM_OBJECTS_MAX);
    for (size_t i = 0; i < n; i++)
        ids[i] = arena_str(a, text_of(json_array_get(list, i)));
    r->objects = ids;
    r->n_objects = (int)n;
    return E_OK;
}

static enum err_code refuse_type(struct str name, const char *path, struct err *e)
{
    for (size_t k = 0; k < ARRAY_LEN(other_types); k++)
        if (str_eq_c(name, other_types[k]))
            return err_user(e, E_UNSUPPORTED, path, "alarms of type `%.*s` are not built",
                            "暂不支持告警类型 `%.*s`", STR_ARG(name));
    return err_user(e, E_RANGE, path, "there is no alarm type `%.*s`", "没有告警类型 `%.*s`",
                    STR_ARG(str_sub(name, 0, 64)));
}

enum err_code alarm_type_check(struct str name, struct err *e)
{
    enum alarm_type type;

    if (alarm_type_from_name(name, &type))
        return E_OK;
    enum err_code rc = refuse_type(name, "AlarmType", NULL);
    return rc == E_UNSUPPORTED ? E_OK : refuse_type(name, "AlarmType", e);
}

static enum err_code decode_types(const json_t *doc, struct alarm_rule *r, struct err *e)
{
    const json_t *list = json_object_get(doc, "AlarmTypes"), *item;
    size_t i;
    char path[64];
    enum alarm_type type;

    if (json_array_size(list) == 0)
        return err_user(e, E_REQUIRED, "AlarmTypes", "at least one type is needed",
                        "至少需要一个告警类型");
    json_array_foreach(list, i, item)
    {
        snprintf(path, sizeof(path), "AlarmTypes.%zu", i);
        if (!alarm_type_from_name(text_of(item), &type))
            return refuse_type(text_of(item), path, e);
        bool of_project = 1u << type & OF_FLUCTUATION;
        if (of_project != (r->object == ALARM_OF_FLUCTUATION))
            return err_user(e, E_RANGE, path,
                            "`%s` does not go with MonitorObjectType %d: fluctuations, and only "
                            "they, are of type 7",
                            "`%s` 与 MonitorObjectType %d 不匹配：仅类型 7 用于项目波动告警",
                            alarm_type_name(type), (int)r->object);
        r->types |= 1u << type;
    }
    return E_OK;
}

/* ---- details ------------------------------------------------------------------------------- */

static enum err_code decode_trigger(const json_t *detail, const char *name, enum alarm_trigger *ret,
                                    struct err *e)
{
    const json_t *value = json_object_get(detail, name);
    int64_t n = value ? json_integer_value(value) : ALARM_LAST_FAILURE;

    if (n != ALARM_FIRST_FAILURE && n != ALARM_LAST_FAILURE) {
        enum err_code rc = err_user(
            e, E_RANGE, name, "1 at the first failed attempt, or 2 when all retries are used up",
            "取值为 1 首次失败触发，或 2 所有重试完成触发");
        return err_prefix(e, "AlarmRuleDetail"), rc;
    }
    *ret = (enum alarm_trigger)n;
    return E_OK;
}

static enum err_code decode_white(const json_t *item, struct arena *a, const struct alarm_rule *r,
                                  struct alarm_white *ret, struct err *e)
{
    const json_t *list = json_object_get(item, "TaskIds"), *id;
    size_t i, n = json_array_size(list);
    int64_t *tasks = ARENA_ARRAY(a, int64_t, n + 1);
    bool known = false;
    char path[64];

    ret->object = arena_str(a, text_of(json_object_get(item, "MonitorObjectId")));
    for (int k = 0; k < r->n_objects; k++)
        known |= str_eq(r->objects[k], ret->object);
    if (!known)
        return err_user(e, E_RANGE, "MonitorObjectId", "it is not one of MonitorObjectIds",
                        "不在 MonitorObjectIds 中");
    if (n > ALARM_WHITE_MAX)
        return err_user(e, E_LIMIT, "TaskIds", "at most %d ids", "最多 %d 个", ALARM_WHITE_MAX);
    json_array_foreach(list, i, id)
    {
        snprintf(path, sizeof(path), "TaskIds.%zu", i);
        if (!task_id_parse(text_of(id), &tasks[i]))
            return err_user(e, E_RANGE, path, "it is not the id of a task", "不是任务 id");
    }
    ret->tasks = tasks;
    ret->n_tasks = (int)n;
    return E_OK;
}

static enum err_code decode_whites(const json_t *detail, struct arena *a, struct alarm_rule *r,
                                   struct err *e)
{
    const json_t *list = json_object_get(detail, "MonitorWhiteTasks"), *item;
    size_t i, n = json_array_size(list);
    struct alarm_white *white = ARENA_ARRAY(a, struct alarm_white, n + 1);
    char path[64];

    if (n > 0 && (r->object == ALARM_OF_TASKS || r->object == ALARM_OF_FLUCTUATION))
        return err_user(e, E_UNSUPPORTED, "AlarmRuleDetail.MonitorWhiteTasks",
                        "only rules of workflows and projects have a white list",
                        "仅工作流和项目规则支持白名单");
    if (n > ALARM_OBJECTS_MAX)
        return err_user(e, E_LIMIT, "AlarmRuleDetail.MonitorWhiteTasks", "at most %d entries",
                        "最多 %d 个", ALARM_OBJECTS_MAX);
    json_array_foreach(list, i, item)
    {
        enum err_code rc = decode_white(item, a, r, &white[i], e);
        snprintf(path, sizeof(path), "AlarmRuleDetail.MonitorWhiteTasks.%zu", i);
        if (rc != E_OK)
            return err_prefix(e, path), rc;
    }
    r->white = white;
    r->n_white = (int)n;
    return E_OK;
}

/* A list that is empty says nothing. */
static enum err_code refuse_details(const json_t *detail, struct err *e)
{
    static const char *const names[] = {
        "ReconciliationExtInfo",           "WorkflowCompletionTimeCycleExtInfo",
        "WorkflowExecutionTrigger",        "WorkflowExecutionFailureTrigger",
        "WorkflowExecutionSuccessTrigger",
    };

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const json_t *value = json_object_get(detail, names[i]);
        if (!value || (json_is_array(value) && json_array_size(value) == 0))
            continue;
        enum err_code rc = err_user(e, E_UNSUPPORTED, names[i],
                                    "weft has no reconciliations and no trigger workflows",
                                    "暂不支持对账任务和触发式工作流告警");
        return err_prefix(e, "AlarmRuleDetail"), rc;
    }
    return E_OK;
}

enum err_code alarm_rule_decode(const json_t *doc, struct arena *a, struct alarm_rule *ret,
                                struct err *e)
{
    struct alarm_rule r = { .types = 0 };
    const json_t *detail = json_object_get(doc, "AlarmRuleDetail");
    enum err_code rc = decode_numbers(doc, &r, e);

    if (rc == E_OK)
        rc = decode_objects(doc, a, &r, e);
    if (rc == E_OK)
        rc = decode_types(doc, &r, e);
    if (rc == E_OK)
        rc = refuse_details(detail, e);
    if (rc == E_OK)
        rc = decode_trigger(detail, "Trigger", &r.trigger, e);
    if (rc == E_OK)
        rc = decode_trigger(detail, "DataBackfillOrRerunTrigger", &r.redo_trigger, e);
    if (rc == E_OK)
        rc = decode_whites(detail, a, &r, e);
    if (rc == E_OK)
        rc = alarm_limits_decode(detail, a, &r, e);
    if (rc == E_OK)
        rc = alarm_groups_decode(json_object_get(doc, "AlarmGroups"), a, &r, e);
    if (rc == E_OK)
        *ret = r;
    return rc;
}

/* ---- which tasks --------------------------------------------------------------------------- */

static bool has_object(const struct alarm_rule *r, struct str id)
{
    for (int i = 0; i < r->n_objects; i++)
        if (str_eq(r->objects[i], id))
            return true;
    return false;
}

static bool is_white(const struct alarm_rule *r, struct str object, int64_t task_id)
{
    for (int i = 0; i < r->n_white; i++)
        if (str_eq(r->white[i].object, object))
            for (int k = 0; k < r->white[i].n_tasks; k++)
                if (r->white[i].tasks[k] == task_id)
                    return true;
    return false;
}

bool alarm_rule_watches(const struct alarm_rule *r, int64_t task_id, struct str workflow_id,
                        struct str project_id)
{
    char id[TASK_ID_LEN + 4];

    switch (r->object) {
    case ALARM_OF_TASKS:
        task_id_format(task_id, id);
        return has_object(r, str_from(id));
    case ALARM_OF_WORKFLOWS:
        return has_object(r, workflow_id) && !is_white(r, workflow_id, task_id);
    case ALARM_OF_PROJECT:
        return has_object(r, project_id) && !is_white(r, project_id, task_id);
    case ALARM_OF_FLUCTUATION:
        break;
    }
    return false;
}
