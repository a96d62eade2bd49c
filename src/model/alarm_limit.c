/* model/alarm_limit.c - decodes limits of time and fluctuations of projects. */
#include "model/alarm.h"

#include <stdio.h>

static int64_t number(const json_t *object, const char *name, int64_t otherwise)
{
    const json_t *value = json_object_get(object, name);

    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

static struct str text(const json_t *object, const char *name)
{
    return str_from(json_string_value(json_object_get(object, name)));
}

/* ---- limits of time ------------------------------------------------------------------------ */

static enum err_code refuse_streaming(const json_t *item, struct err *e)
{
    static const char *const names[] = { "Second", "Times", "AlarmTriggerFrequency" };
    int64_t kind = number(item, "RuleType", 0);

    if (kind >= 8 && kind <= 10)
        return err_user(e, E_UNSUPPORTED, "RuleType", "weft has no Spark Streaming tasks",
                        "暂不支持 Spark Streaming 任务");
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (json_object_get(item, names[i]))
            return err_user(e, E_UNSUPPORTED, names[i],
                            "it is of Spark Streaming tasks, which weft has not",
                            "仅用于 Spark Streaming 任务，暂不支持");
    return E_OK;
}

static enum err_code decode_time(const json_t *item, struct alarm_limit *l, struct err *e)
{
    int64_t hour = number(item, "Hour", 0), min = number(item, "Min", 1);
    bool of_day = l->kind == ALARM_NOT_BY_CLOCK && !l->average;

    if (min < 0 || min > (of_day ? 59 : ALARM_MINUTES_MAX))
        return err_user(e, E_RANGE, "Min", "from 0 to %d", "取值范围为 0 到 %d",
                        of_day ? 59 : ALARM_MINUTES_MAX);
    if (hour < 0 || hour > (of_day ? 23 : ALARM_MINUTES_MAX / 60))
        return err_user(e, E_RANGE, "Hour", "from 0 to %d", "取值范围为 0 到 %d",
                        of_day ? 23 : ALARM_MINUTES_MAX / 60);
    l->minutes = (int)(hour * 60 + min);
    if (l->minutes == 0 && !of_day && l->kind != ALARM_NOT_IN_CYCLE)
        return err_user(e, E_RANGE, "Min", "a limit of at least one minute is needed",
                        "时长至少为一分钟");
    return E_OK;
}

static enum err_code decode_limit(const json_t *item, struct alarm_limit *l, struct err *e)
{
    int64_t kind = number(item, "RuleType", 0), type = number(item, "Type", 1);
    struct str zone = text(item, "ScheduleTimeZone");
    enum err_code rc = refuse_streaming(item, e);

    if (rc != E_OK)
        return rc;
    if (kind < ALARM_RUNS_LONG || kind > ALARM_NOT_IN_CYCLE)
        return err_user(
            e, E_RANGE, "RuleType",
            "1 runs too long, 2 not done by a time of day, 3 waits too long, 4 not done "
            "within its cycle",
            "取值为 1 运行耗时、2 完成时间、3 等待调度耗时、4 周期内未完成");
    if (type != 1 && (type != 2 || kind == ALARM_NOT_IN_CYCLE))
        return err_user(e, E_RANGE, "Type",
                        "1 a value, or 2 the average of earlier runs, which RuleType 4 has not",
                        "取值为 1 指定值或 2 平均值（RuleType 4 不支持平均值）");
    l->kind = (enum alarm_limit_kind)kind;
    l->average = type == 2;
    l->zone = zone_default();
    if (zone.len > 0 && (rc = zone_find(zone, &l->zone, e)) != E_OK)
        return err_prefix(e, "ScheduleTimeZone"), rc;
    return decode_time(item, l, e);
}

static enum err_code decode_limits(const json_t *detail, const char *name, struct arena *a,
                                   const struct alarm_limit **ret, int *ret_n, struct err *e)
{
    const json_t *list = json_object_get(detail, name), *item;
    size_t i, n = json_array_size(list);
    struct alarm_limit *limits = ARENA_ARRAY(a, struct alarm_limit, n + 1);
    char path[96];

    snprintf(path, sizeof(path), "AlarmRuleDetail.%s", name);
    if (n > ALARM_LIMITS_MAX)
        return err_user(e, E_LIMIT, path, "at most %d limits", "最多 %d 个", ALARM_LIMITS_MAX);
    json_array_foreach(list, i, item)
    {
        enum err_code rc = decode_limit(item, &limits[i], e);
        snprintf(path, sizeof(path), "AlarmRuleDetail.%s.%zu", name, i);
        if (rc != E_OK)
            return err_prefix(e, path), rc;
    }
    *ret = limits;
    *ret_n = (int)n;
    return E_OK;
}

/* ---- fluctuations -------------------------------------------------------------------------- */

static enum err_code decode_count(const json_t *item, const char *name, int64_t least, int64_t most,
                                  int64_t otherwise, int64_t *ret, struct err *e)
{
    int64_t n = number(item, name, otherwise);

    if (n < least || n > most)
        return err_user(e, E_RANGE, name, "from %lld to %lld", "取值范围为 %lld 到 %lld",
                        (long long)least, (long long)most);
    *ret = n;
    return E_OK;
}

/* What the type is about must be given. */
static enum err_code check_thresholds(const struct alarm_fluctuation *f, struct err *e)
{
    bool by_percent = f->type == ALARM_FAILURES_SHARE;
    bool either = f->type == ALARM_FAILURES_UP || f->type == ALARM_SUCCESSES_DOWN;

    if (either)
        return f->percent > 0 || f->count > 0
                   ? E_OK
                   : err_user(e, E_REQUIRED, "InstanceThresholdCountPercent",
                              "it or InstanceThresholdCount is needed",
                              "与 InstanceThresholdCount 至少需要一个");
    const char *needed = by_percent ? "InstanceThresholdCountPercent" : "InstanceThresholdCount",
               *other = by_percent ? "InstanceThresholdCount" : "InstanceThresholdCountPercent";
    if ((by_percent ? f->percent : f->count) == 0)
        return err_user(e, E_REQUIRED, needed, "%s is judged by it", "%s 以此为阈值",
                        alarm_type_name(f->type));
    if ((by_percent ? f->count : f->percent) > 0)
        return err_user(e, E_RANGE, other, "%s is judged by %s alone", "%s 仅以 %s 为阈值",
                        alarm_type_name(f->type), needed);
    return E_OK;
}

static enum err_code decode_fluctuation(const json_t *item, struct alarm_fluctuation *f,
                                        struct err *e)
{
    const int64_t many = 1000000000;
    int64_t times = 1, cycles = 1;
    enum err_code rc = E_OK;

    if (!alarm_type_from_name(text(item, "AlarmType"), &f->type) || !alarm_type_is_of_day(f->type))
        return err_user(e, E_RANGE, "AlarmType", "it is no fluctuation of a project",
                        "不是项目波动告警类型");
    rc = decode_count(item, "InstanceThresholdCountPercent", 0, 1000000, 0, &f->percent, e);
    if (rc == E_OK)
        rc = decode_count(item, "InstanceThresholdCount", 0, many, 0, &f->count, e);
    if (rc == E_OK)
        rc = decode_count(item, "InstanceCount", 0, many, 0, &f->least, e);
    if (rc == E_OK)
        rc = decode_count(item, "StabilizeStatisticsCycle", 1, ALARM_SLOTS, 1, &cycles, e);
    if (rc == E_OK)
        rc = decode_count(item, "StabilizeThreshold", 1, ALARM_SLOTS, 1, &times, e);
    if (rc != E_OK)
        return rc;
    rc = check_thresholds(f, e);
    if (rc != E_OK)
        return rc;
    f->times = (int)times;
    f->cycles = (int)(cycles > times ? cycles : times);
    f->cumulative = json_is_true(json_object_get(item, "IsCumulant"));
    return E_OK;
}

static enum err_code decode_fluctuations(const json_t *detail, struct arena *a,
                                         struct alarm_rule *r, struct err *e)
{
    const char *const name = "AlarmRuleDetail.ProjectInstanceStatisticsAlarmInfoList";
    const json_t *list = json_object_get(detail, "ProjectInstanceStatisticsAlarmInfoList"), *item;
    size_t i, n = json_array_size(list);
    struct alarm_fluctuation *all = ARENA_ARRAY(a, struct alarm_fluctuation, n + 1);
    unsigned types = 0;
    char path[96];

    if (n > ALARM_LIMITS_MAX)
        return err_user(e, E_LIMIT, name, "at most %d entries", "最多 %d 个", ALARM_LIMITS_MAX);
    json_array_foreach(list, i, item)
    {
        enum err_code rc = decode_fluctuation(item, &all[i], e);
        snprintf(path, sizeof(path), "%s.%zu", name, i);
        if (rc != E_OK)
            return err_prefix(e, path), rc;
        types |= 1u << all[i].type;
    }
    if (r->object == ALARM_OF_FLUCTUATION && (r->types & ~types))
        return err_user(e, E_REQUIRED, name, "every type of AlarmTypes needs its thresholds",
                        "AlarmTypes 中的每个类型都需要配置阈值");
    r->fluctuations = all;
    r->n_fluctuations = (int)n;
    return E_OK;
}

enum err_code alarm_limits_decode(const json_t *detail, struct arena *a, struct alarm_rule *ret,
                                  struct err *e)
{
    enum err_code rc = decode_limits(detail, "TimeOutExtInfo", a, &ret->limits, &ret->n_limits, e);

    if (rc == E_OK)
        rc = decode_limits(detail, "DataBackfillOrRerunTimeOutExtInfo", a, &ret->redo_limits,
                           &ret->n_redo_limits, e);
    if (rc == E_OK && (ret->types & 1u << ALARM_OVERTIME) &&
        ret->n_limits + ret->n_redo_limits == 0)
        return err_user(e, E_REQUIRED, "AlarmRuleDetail.TimeOutExtInfo",
                        "an alarm of overtime needs a limit", "超时告警需要配置超时阈值");
    return rc == E_OK ? decode_fluctuations(detail, a, ret, e) : rc;
}

/* ---- what does not fit --------------------------------------------------------------------- */

enum err_code alarm_detail_check(const struct alarm_rule *r, struct err *e)
{
    char path[96];

    if (r->n_limits + r->n_redo_limits > 0 && !(r->types & 1u << ALARM_OVERTIME))
        return err_user(e, E_UNSUPPORTED,
                        r->n_limits > 0 ? "AlarmRuleDetail.TimeOutExtInfo"
                                        : "AlarmRuleDetail.DataBackfillOrRerunTimeOutExtInfo",
                        "only rules with the type overtime have limits of time",
                        "仅包含 overtime 类型的规则支持超时配置");
    for (int i = 0; i < r->n_fluctuations; i++) {
        if (r->types & 1u << r->fluctuations[i].type)
            continue;
        snprintf(path, sizeof(path),
                 "AlarmRuleDetail.ProjectInstanceStatisticsAlarmInfoList.%d.AlarmType", i);
        return err_user(e, E_UNSUPPORTED, path, "`%s` is not one of AlarmTypes",
                        "`%s` 不在 AlarmTypes 中", alarm_type_name(r->fluctuations[i].type));
    }
    return E_OK;
}
