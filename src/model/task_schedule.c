/* model/task_schedule.c - decodes when a task runs: cycle, cron, zone, range, window, calendar. */
#include "model/decoding.h"

#include <stdio.h>

static enum err_code decode_time(struct decoding *d, const char *name, struct civil otherwise,
                                 struct civil *ret)
{
    struct str text = decoding_text(d->scheduler, name);
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
    struct str text = decoding_text(d->scheduler, name);
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

    if (!decoding_number(d->scheduler, "CalendarOpen", 0, &open) || open < 0 || open > 1)
        return err_user(d->e, E_RANGE, SCHEDULER "CalendarOpen",
                        "it is \"0\" (no calendar) or \"1\"", "取值为 \"0\"(不使用日历)或 \"1\"");
    if (open == 0)
        return E_OK;
    d->spec->calendar_id = decoding_copy(d, d->scheduler, "CalendarId");
    if (d->spec->calendar_id.len == 0)
        return err_user(d->e, E_REQUIRED, SCHEDULER "CalendarId", "CalendarOpen 1 needs a calendar",
                        "CalendarOpen 为 1 时必填");
    return E_OK;
}

/* One of two words of a setting; the first when it is absent. */
static enum err_code decode_choice(struct decoding *d, const char *setting, const char *first,
                                   const char *second, bool *ret_second)
{
    int at = decoding_find_param(d->spec->ext, d->spec->n_ext, str_from(setting));
    struct str value = at >= 0 ? d->spec->ext[at].value : (struct str){ NULL, 0 };
    char path[96];

    *ret_second = str_eq_c(value, second);
    if (value.len == 0 || str_eq_c(value, first) || *ret_second)
        return E_OK;
    snprintf(path, sizeof(path), CONFIG "TaskExtConfigurationList.%d.ParamValue", at);
    return err_user(d->e, E_RANGE, path, "`%.*s` is not %s or %s", "`%.*s` 不是 %s 或 %s",
                    STR_ARG(value), first, second);
}

/* 2.6 */
static enum err_code decode_clock_changes(struct decoding *d)
{
    struct schedule *s = &d->spec->schedule;
    bool skip, last = false;
    enum err_code rc = decode_choice(d, "dst_gap", "shift", "skip", &skip);

    if (rc == E_OK)
        rc = decode_choice(d, "dst_overlap", "first", "last", &last);
    s->gap = skip ? DST_GAP_SKIP : DST_GAP_SHIFT;
    s->overlap = last ? DST_OVERLAP_LAST : DST_OVERLAP_FIRST;
    return rc;
}

enum err_code decode_schedule(struct decoding *d)
{
    struct schedule *s = &d->spec->schedule;
    struct str cycle = decoding_text(d->scheduler, "CycleType"),
               zone = decoding_text(d->scheduler, "ScheduleTimeZone");
    struct str cron = decoding_text(d->scheduler, "CrontabExpression"),
               init = decoding_text(d->scheduler, "InitStrategy");
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
    d->spec->cron = arena_str(d->arena, cron.len > 0 ? cron : STR("0 0 0 * * ? *"));
    rc = cron_parse(d->spec->cron, &s->cron, d->e);
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
    if (rc == E_OK)
        rc = decode_clock_changes(d);
    return rc != E_OK ? rc : decode_calendar(d);
}
