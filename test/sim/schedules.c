/* test/sim/schedules.c - see schedules.h. */
#include "schedules.h"

#include <stdio.h>
#include <string.h>

#include "definitions.h"

static const char *const zones[] = {
    "UTC", "UTC+8", "UTC-5", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
};

/* ---- the crons ------------------------------------------------------------------------------ */

typedef bool fires_at(const struct civil_parts *p);

static bool half_hours(const struct civil_parts *p)
{
    return p->minute % 30 == 0;
}
static bool thirds_by_day(const struct civil_parts *p)
{
    return p->minute % 20 == 0 && p->hour >= 6 && p->hour <= 18;
}
static bool minutes(const struct civil_parts *p)
{
    (void)p;
    return true;
}
static bool hours(const struct civil_parts *p)
{
    return p->minute == 0;
}
static bool even_hours(const struct civil_parts *p)
{
    return p->minute == 20 && p->hour % 2 == 0;
}
static bool three_hours(const struct civil_parts *p)
{
    return p->minute == 5 && (p->hour == 3 || p->hour == 9 || p->hour == 15);
}
static bool midnight(const struct civil_parts *p)
{
    return p->hour == 0 && p->minute == 0;
}
static bool half_past_two(const struct civil_parts *p)
{
    return p->hour == 2 && p->minute == 30;
}
static bool afternoon(const struct civil_parts *p)
{
    return p->hour == 14 && p->minute == 37;
}
static bool half_past_one(const struct civil_parts *p)
{
    return p->hour == 1 && p->minute == 30;
}

static int last_day(const struct civil_parts *p)
{
    struct civil first = civil_make(p->year, p->month, 1, 0, 0, 0);

    return civil_split((struct civil){ civil_add_months(first, 1).s - 1 }).day;
}

/* 0: Sunday. */
static int weekday(const struct civil_parts *p)
{
    int64_t days = civil_make(p->year, p->month, p->day, 0, 0, 0).s / CIVIL_DAY;

    return (int)(((days + 4) % 7 + 7) % 7);
}

static bool two_weekdays(const struct civil_parts *p)
{
    return p->hour == 1 && p->minute == 0 && (weekday(p) == 1 || weekday(p) == 3);
}
static bool ends_of_month(const struct civil_parts *p)
{
    return p->hour == 3 && p->minute == 2 && (p->day <= 2 || p->day == last_day(p));
}
static bool new_year(const struct civil_parts *p)
{
    return p->month == 1 && p->day == 1 && midnight(p);
}
static bool old_year(const struct civil_parts *p)
{
    return p->month == 12 && p->day == 31 && p->hour == 23 && p->minute == 59;
}
static bool leap_day(const struct civil_parts *p)
{
    return p->month == 2 && p->day == 29 && p->hour == 12 && p->minute == 0;
}
static bool twice_a_day(const struct civil_parts *p)
{
    return p->minute == 0 && (p->hour == 1 || p->hour == 13);
}
static bool never(const struct civil_parts *p)
{
    (void)p;
    return false;
}

/* weight: how often, by the kind of world.  step: hours back within which the grid has
 * an earlier time; 0: further than is looked. */
static const struct {
    enum cycle cycle;
    const char *cron;
    fires_at *fires;
    int weight[SIM_KIND_N_], step;
} shapes[] = {
    { CYCLE_MINUTE, "0 * * * * ? *", minutes, { 0, 30 }, 1 },
    { CYCLE_MINUTE, "0 0/30 * * * ? *", half_hours, { 3, 1 }, 1 },
    { CYCLE_MINUTE, "0 0/20 6-18 * * ? *", thirds_by_day, { 2, 0 }, 13 },
    { CYCLE_HOUR, "0 0 * * * ? *", hours, { 5, 1 }, 1 },
    { CYCLE_HOUR, "0 20 0-23/2 * * ? *", even_hours, { 3, 0 }, 2 },
    { CYCLE_HOUR, "0 5 3,9,15 * * ? *", three_hours, { 2, 0 }, 12 },
    { CYCLE_DAY, "0 0 0 * * ? *", midnight, { 6, 0 }, 24 },
    { CYCLE_DAY, "0 30 2 * * ? *", half_past_two, { 4, 1 }, 24 },
    { CYCLE_DAY, "0 37 14 * * ? *", afternoon, { 4, 0 }, 24 },
    { CYCLE_DAY, "0 30 1 * * ? *", half_past_one, { 3, 0 }, 24 },
    { CYCLE_DAY, "0 0 * * * ? *", hours, { 1, 0 }, 1 },
    { CYCLE_WEEK, "0 0 1 ? * 2,4 *", two_weekdays, { 2, 0 }, 24 * 5 },
    { CYCLE_MONTH, "0 2 3 1,L,2 * ? *", ends_of_month, { 2, 0 }, 0 },
    { CYCLE_YEAR, "0 0 0 1 1 ? *", new_year, { 1, 0 }, 0 },
    { CYCLE_YEAR, "0 59 23 31 12 ? *", old_year, { 1, 0 }, 0 },
    { CYCLE_YEAR, "0 0 12 29 2 ? *", leap_day, { 1, 0 }, 0 },
    { CYCLE_CRONTAB, "0 0 1,13 * * ? *", twice_a_day, { 2, 1 }, 12 },
    { CYCLE_CRONTAB, "0 0 0 * * ? *", midnight, { 2, 0 }, 24 },
    /* Dated: the moment stands in the cron. */
    { CYCLE_ONEOFF, "", never, { 1, 0 }, 0 },
    /* Not dated: StartTime is the moment. */
    { CYCLE_ONEOFF, "0 0 12 15 * ? 2026", never, { 1, 0 }, 0 },
};
enum { SHAPE_DATED = ARRAY_LEN(shapes) - 2, SHAPE_START };

int sim_shape_find(const char *cron)
{
    for (size_t k = 0; k < ARRAY_LEN(shapes); k++)
        if (strcmp(shapes[k].cron, cron) == 0)
            return (int)k;
    return SHAPE_DATED;
}

/* ---- random ones ---------------------------------------------------------------------------- */

static void put_time(struct buf *out, const char *name, struct civil t)
{
    char text[CIVIL_TEXT_LEN + 1];

    civil_format(t, text);
    buf_printf(out, "\"%s\":\"%s\",", name, text);
}

/* A cycle that is asked for comes as in a calm world; so do all where the world is not busy. */
static int64_t weight_of(const struct sim *s, int shape, enum cycle only)
{
    if (only != CYCLE_N_)
        return shapes[shape].cycle == only ? shapes[shape].weight[SIM_CALM] : 0;
    return shapes[shape].weight[s->odds == &sim_odds[SIM_BUSY]];
}

static int random_shape(struct sim *s, enum cycle only)
{
    int64_t total = 0;
    int at = 0;

    for (int k = 0; k < (int)ARRAY_LEN(shapes); k++)
        total += weight_of(s, k, only);
    for (int64_t pick = sim_below(s, total); pick >= weight_of(s, at, only); at++)
        pick -= weight_of(s, at, only);
    return at;
}

static void put_cron(struct sim *s, int shape, struct civil local, struct buf *out)
{
    struct civil moment = { local.s - CIVIL_DAY / 4 + sim_below(s, 4 * CIVIL_DAY) };
    struct civil_parts p = civil_split(moment);

    buf_printf(out, "\"CycleType\":\"%s\",\"CrontabExpression\":\"",
               cycle_name(shapes[shape].cycle));
    if (shape == SHAPE_DATED)
        buf_printf(out, "0 %d %d %d %d ? %d\",", p.minute, p.hour, p.day, p.month, p.year);
    else
        buf_printf(out, "%s\",", shapes[shape].cron);
}

static struct civil put_start(struct sim *s, struct civil local, struct buf *out)
{
    struct civil start = civil_make(2020, 1, 1, 0, 0, 0);

    if (sim_chance(s, 15))
        start.s = local.s + sim_below(s, 3 * CIVIL_DAY);
    else if (sim_chance(s, 30)) /* backfills reach before it */
        start.s = civil_day(local).s - sim_below(s, 3) * CIVIL_DAY;
    put_time(out, "StartTime", start);
    return start;
}

static void put_window(struct sim *s, bool always, struct buf *out)
{
    int from = (int)sim_below(s, 12);

    if (sim_chance(s, 20))
        buf_printf(out, "\"ExecutionStartTime\":\"%02d:00\",\"ExecutionEndTime\":\"%02d:%s\",",
                   from, from + 7, from % 2 == 0 ? "59" : "00");
    else if (always)
        buf_add_str(out, STR("\"ExecutionStartTime\":\"00:00\",\"ExecutionEndTime\":\"23:59\","));
}

static const char *random_zone(struct sim *s, struct civil *ret_local)
{
    const char *text = zones[sim_below(s, ARRAY_LEN(zones))];
    const struct zone *zone;

    check(zone_find(str_from(text), &zone, NULL) == E_OK);
    *ret_local = zone_to_civil(zone, s->now);
    return text;
}

enum cycle sim_schedule_put(struct sim *s, struct buf *out)
{
    struct civil local;
    const char *zone = random_zone(s, &local);
    int shape = random_shape(s, CYCLE_N_), calendar = (int)sim_below(s, SIM_CALENDARS);

    buf_printf(out, "\"ScheduleTimeZone\":\"%s\",", zone);
    put_cron(s, shape, local, out);
    put_window(s, false, out);
    struct civil start = put_start(s, local, out);
    if (sim_chance(s, 25)) {
        int64_t from = start.s > local.s ? start.s : local.s;
        put_time(out, "EndTime", (struct civil){ from + sim_below(s, 10 * CIVIL_DAY) });
    }
    if (sim_chance(s, 15))
        buf_add_str(out, STR("\"InitStrategy\":\"T_PLUS_1\","));
    if (sim_chance(s, 20) && s->defs.calendars[calendar].there)
        buf_printf(out, "\"CalendarOpen\":\"1\",\"CalendarId\":\"c%d\",", calendar);
    return shapes[shape].cycle;
}

enum cycle sim_schedule_put_unified(struct sim *s, enum cycle only, struct buf *out)
{
    static const enum cycle often[] = { CYCLE_HOUR, CYCLE_HOUR, CYCLE_DAY, CYCLE_MINUTE };
    static const char *const selfs[] = { "orderly", "serial", "parallel" };
    struct civil local;
    const char *zone = random_zone(s, &local);
    int shape = random_shape(s, only == CYCLE_N_ ? often[sim_below(s, ARRAY_LEN(often))] : only);
    int calendar = (int)sim_below(s, SIM_CALENDARS);

    buf_printf(out, "\"ScheduleTimeZone\":\"%s\",", zone);
    put_cron(s, shape, local, out);
    put_window(s, true, out);
    put_start(s, local, out);
    put_time(out, "EndTime", civil_make(2099, 12, 31, 23, 59, 59));
    buf_printf(out, "\"SelfDepend\":\"%s\",", selfs[sim_below(s, ARRAY_LEN(selfs))]);
    if (sim_chance(s, 20) && s->defs.calendars[calendar].there)
        buf_printf(out, "\"CalendarOpen\":\"1\",\"CalendarId\":\"c%d\"", calendar);
    else
        buf_add_str(out, STR("\"CalendarOpen\":\"0\",\"CalendarId\":\"\""));
    return shapes[shape].cycle;
}

/* ---- what they plan ------------------------------------------------------------------------- */

static bool on_grid(const struct task_spec *spec, struct civil planned)
{
    struct civil_parts p = civil_split(planned);
    int shape = sim_spec_of(spec)->shape;
    struct civil only;

    if (shape == SHAPE_START)
        return planned.s == spec->schedule.start.s;
    if (shape == SHAPE_DATED)
        return cron_next(&spec->schedule.cron, (struct civil){ -1 }, &only) && only.s == planned.s;
    return p.second == 0 && shapes[shape].fires(&p);
}

static bool calendar_says(const struct calendar *c, struct civil planned)
{
    int64_t day = civil_day(planned).s / CIVIL_DAY;
    bool listed = false;

    for (int k = 0; c && k < c->n_days; k++)
        listed = listed || c->days[k] == day;
    return !c || listed == (c->mode == CALENDAR_RUN);
}

/* Neither calendar nor window nor range leave it out, nor a gap of the clocks. */
static const char *left_out(const struct task_spec *spec, struct civil planned)
{
    const struct schedule *s = &spec->schedule;
    struct civil_parts p = civil_split(planned);
    int minute = p.hour * 60 + p.minute;
    bool windowed = s->cycle == CYCLE_HOUR || s->cycle == CYCLE_MINUTE;

    if (planned.s < s->start.s || planned.s > s->end.s)
        return "outside of the effective range";
    if (windowed && (minute < s->window_from || minute > s->window_to))
        return "outside of the execution window";
    if (!calendar_says(s->calendar, planned))
        return "on a day that the calendar leaves out";
    if (s->gap == DST_GAP_SKIP &&
        zone_to_civil(s->zone, zone_to_wall(s->zone, planned)).s != planned.s)
        return "in a gap of the clocks";
    return NULL;
}

static struct civil cut(const struct task_spec *spec, struct civil c)
{
    enum cycle cycle = spec->schedule.cycle;

    return cycle == CYCLE_HOUR ? civil_hour(c)
           : cycle == CYCLE_DAY || cycle == CYCLE_WEEK || cycle == CYCLE_MONTH ||
                   cycle == CYCLE_YEAR
               ? civil_day(c)
               : c;
}

/* False: it is further back than is looked. */
static bool data_time_of(const struct task_spec *spec, struct civil planned, struct civil *ret)
{
    int step = shapes[sim_spec_of(spec)->shape].step;
    struct civil at = planned;

    *ret = cut(spec, planned);
    if (spec->schedule.init == INIT_T_PLUS_0)
        return true;
    for (int k = 0; k < step * 60; k++) {
        at.s -= CIVIL_MINUTE;
        if (on_grid(spec, at)) {
            *ret = cut(spec, at);
            return true;
        }
    }
    return false;
}

static const char *wrong_instant(const struct schedule *s, const struct firing *f)
{
    int64_t there = zone_to_civil(s->zone, f->at).s;

    if (there != f->planned.s) /* a gap: the first instant after it */
        return there > f->planned.s &&
                       zone_to_civil(s->zone, (struct wall){ f->at.us - 1 }).s < f->planned.s
                   ? NULL
                   : "at another instant than its planned time has";
    for (int minutes = 30; minutes <= 60; minutes += 30) {
        struct dur other = DUR_S((s->overlap == DST_OVERLAP_LAST ? 60 : -60) * minutes);
        if (zone_to_civil(s->zone, wall_add(f->at, other)).s == f->planned.s)
            return "at the other one of two instants";
    }
    return NULL;
}

const char *schedule_objection(const struct task_spec *spec, const struct firing *f)
{
    const char *why = left_out(spec, f->planned);
    struct civil data_time;

    if (spec->schedule.manual)
        return "of a manual workflow";
    if (!on_grid(spec, f->planned))
        return "not on the grid of its cron";
    if (why)
        return why;
    if (data_time_of(spec, f->planned, &data_time) && data_time.s != f->data_time.s)
        return "with another data time than its cycle gives";
    return wrong_instant(&spec->schedule, f);
}

static bool exists_twice(const struct schedule *s, struct civil planned)
{
    return zone_to_wall_last(s->zone, planned).us != zone_to_wall(s->zone, planned).us;
}

/* A gap before this firing that its schedule leaves out. */
static bool skipped_gap_before(const struct task_spec *spec, struct civil planned)
{
    const struct schedule *s = &spec->schedule;

    for (int64_t back = CIVIL_MINUTE; s->gap == DST_GAP_SKIP && back <= CIVIL_DAY;
         back += CIVIL_MINUTE) {
        struct civil at = { planned.s - back };
        if (on_grid(spec, at) && at.s >= s->start.s &&
            zone_to_civil(s->zone, zone_to_wall(s->zone, at)).s != at.s)
            return true;
    }
    return false;
}

void schedule_coverage(struct sim *s, const struct task_spec *spec, const struct firing *f)
{
    const struct schedule *when = &spec->schedule;
    struct civil_parts p = civil_split(f->planned);

    if (zone_to_civil(when->zone, f->at).s != f->planned.s)
        coverage_feature(s, SIM_HAS_gap_shift);
    if (exists_twice(when, f->planned))
        coverage_feature(s, when->overlap == DST_OVERLAP_LAST ? SIM_HAS_overlap_last
                                                              : SIM_HAS_overlap_first);
    if (p.month == 2 && p.day == 29)
        coverage_feature(s, SIM_HAS_leap_day);
    if ((p.month == 12 && p.day == 31) || (p.month == 1 && p.day == 1))
        coverage_feature(s, SIM_HAS_year_end);
    if (skipped_gap_before(spec, f->planned))
        coverage_feature(s, SIM_HAS_gap_skip);
}

static void each_at(const struct task_spec *spec, struct civil planned, struct wall after,
                    struct wall upto, planned_each *each, void *ctx)
{
    struct civil data_time;

    if (!on_grid(spec, planned) || left_out(spec, planned))
        return;
    struct wall at = schedule_instant(&spec->schedule, planned);
    if (at.us > after.us && at.us <= upto.us && data_time_of(spec, planned, &data_time))
        each(ctx, planned, data_time);
}

void schedule_each(const struct task_spec *spec, struct wall after, struct wall upto,
                   planned_each *each, void *ctx)
{
    const struct schedule *s = &spec->schedule;
    int shape = sim_spec_of(spec)->shape;

    if (s->manual)
        return;
    struct civil from = zone_to_civil(s->zone, after), to = zone_to_civil(s->zone, upto);

    /* An hour more on either side, as clocks change. */
    from.s = (from.s / CIVIL_HOUR - 2) * CIVIL_HOUR;
    to.s += 2 * CIVIL_HOUR;
    if (shape == SHAPE_START) {
        each_at(spec, s->start, after, upto, each, ctx);
        return;
    }
    if (from.s < s->start.s)
        from.s = s->start.s - (s->start.s % CIVIL_HOUR + CIVIL_HOUR) % CIVIL_HOUR;
    for (struct civil p = from; p.s <= to.s && p.s <= s->end.s; p.s += CIVIL_MINUTE)
        each_at(spec, p, after, upto, each, ctx);
}
