/* cal/schedule.c - firings and data times, derived from the schedule alone.
 *
 * Two monotone maps make every search a search of the cron: planned time -> instant (the zone never
 * turns the order of planned times around) and planned time -> data time (a shift along the grid,
 * then a cut).  So "the first firing after an instant" and "the first data time from" become "the
 * first planned time from a bound".
 */
#include "cal/schedule.h"

/* No planned time is as late as this. */
#define PLANNED_FAR ((struct civil){ INT64_C(1) << 40 })

struct cycle_row {
    struct str name;
    char letter;
    int unit; /* data times are multiples of it, in seconds */
};

static const struct cycle_row cycles[CYCLE_N_] = {
    [CYCLE_ONEOFF] = { STR("ONEOFF_CYCLE"), 'O', 1 },
    [CYCLE_YEAR] = { STR("YEAR_CYCLE"), 'Y', CIVIL_DAY },
    [CYCLE_MONTH] = { STR("MONTH_CYCLE"), 'M', CIVIL_DAY },
    [CYCLE_WEEK] = { STR("WEEK_CYCLE"), 'W', CIVIL_DAY },
    [CYCLE_DAY] = { STR("DAY_CYCLE"), 'D', CIVIL_DAY },
    [CYCLE_HOUR] = { STR("HOUR_CYCLE"), 'H', CIVIL_HOUR },
    [CYCLE_MINUTE] = { STR("MINUTE_CYCLE"), 'I', 1 },
    [CYCLE_CRONTAB] = { STR("CRONTAB_CYCLE"), 'C', 1 },
};

bool cycle_from_name(struct str name, enum cycle *ret)
{
    for (int i = 0; i < CYCLE_N_; i++) {
        if (str_eq(cycles[i].name, name)) {
            *ret = (enum cycle)i;
            return true;
        }
    }
    return false;
}

const char *cycle_name(enum cycle c)
{
    check(c >= 0 && c < CYCLE_N_);
    return cycles[c].name.ptr;
}

char cycle_letter(enum cycle c)
{
    check(c >= 0 && c < CYCLE_N_);
    return cycles[c].letter;
}

static struct civil moved(struct civil c, int64_t s)
{
    return (struct civil){ c.s + s };
}

static struct civil cut(const struct schedule *s, struct civil c)
{
    if (s->cycle == CYCLE_HOUR)
        return civil_hour(c);
    return cycles[s->cycle].unit == CIVIL_DAY ? civil_day(c) : c;
}

/* The single moment that the cron names; false: it names none or several. */
static bool dated_moment(const struct schedule *s, struct civil *ret)
{
    struct civil second;
    int years = 0;

    for (int i = 0; i < 4; i++)
        years += __builtin_popcountll(s->cron.year[i]);
    return years == 1 && cron_next(&s->cron, (struct civil){ -1 }, ret) &&
           !cron_next(&s->cron, *ret, &second);
}

bool schedule_is_dated(const struct schedule *s)
{
    struct civil moment;

    return dated_moment(s, &moment);
}

/* The one moment of a ONEOFF: that of its cron when it is fully dated, else the start. */
static struct civil oneoff_moment(const struct schedule *s)
{
    struct civil moment;

    return dated_moment(s, &moment) ? moment : s->start;
}

/* The grid: the planned times that range, window and calendar then select from. */
static bool grid_next(const struct schedule *s, struct civil p, struct civil *ret)
{
    struct civil moment;

    if (s->cycle != CYCLE_ONEOFF)
        return cron_next(&s->cron, p, ret);
    moment = oneoff_moment(s);
    if (moment.s <= p.s)
        return false;
    *ret = moment;
    return true;
}

static bool grid_prev(const struct schedule *s, struct civil p, struct civil *ret)
{
    struct civil moment;

    if (s->cycle != CYCLE_ONEOFF)
        return cron_prev(&s->cron, p, ret);
    moment = oneoff_moment(s);
    if (moment.s >= p.s)
        return false;
    *ret = moment;
    return true;
}

/* The window as first and last second of the day; false: the schedule has none. */
static bool window_of(const struct schedule *s, unsigned flags, int *ret_from, int *ret_to)
{
    if ((flags & SCHEDULE_IGNORE_WINDOW) != 0 ||
        (s->cycle != CYCLE_HOUR && s->cycle != CYCLE_MINUTE))
        return false;
    *ret_from = s->window_from * CIVIL_MINUTE;
    *ret_to = s->window_to * CIVIL_MINUTE + 59;
    return true;
}

/* Does the cron have any time of the day inside the window?  Then every date that it matches has
 * one, and the searches below look at no date twice. */
static bool window_is_hit(const struct schedule *s, int from, int to)
{
    int first = cron_clock_next(&s->cron, from);

    return first >= 0 && first <= to;
}

/* Skipped gaps are like the window: they take planned times away, and the grid keeps them. */
static bool is_in_skipped_gap(const struct schedule *s, unsigned flags, struct civil p)
{
    return s->gap == DST_GAP_SKIP && (flags & SCHEDULE_IGNORE_WINDOW) == 0 &&
           zone_fit(s->zone, p) == ZONE_GAP;
}

/* First planned time after p. */
static bool planned_next(const struct schedule *s, struct civil p, unsigned flags,
                         struct civil *ret)
{
    const struct calendar *calendar = (flags & SCHEDULE_IGNORE_WINDOW) != 0 ? NULL : s->calendar;
    bool ranged = (flags & SCHEDULE_IGNORE_RANGE) == 0;
    int from = 0, to = 0;
    bool windowed = window_of(s, flags, &from, &to);

    if (s->manual || (windowed && !window_is_hit(s, from, to)))
        return false;
    if (ranged && p.s < s->start.s)
        p = moved(s->start, -1);
    while (grid_next(s, p, &p) && (!ranged || p.s <= s->end.s)) {
        struct civil day = civil_day(p);
        if (!calendar_allows(calendar, p)) {
            if (!calendar_next_day(calendar, p, &day))
                return false;
            p = moved(day, -1);
        } else if (windowed && p.s - day.s < from) {
            p = moved(day, from - 1);
        } else if (windowed && p.s - day.s > to) {
            p = moved(day, CIVIL_DAY - 1);
        } else if (!is_in_skipped_gap(s, flags, p)) {
            *ret = p;
            return true;
        }
    }
    return false;
}

/* Last planned time before p. */
static bool planned_prev(const struct schedule *s, struct civil p, unsigned flags,
                         struct civil *ret)
{
    const struct calendar *calendar = (flags & SCHEDULE_IGNORE_WINDOW) != 0 ? NULL : s->calendar;
    bool ranged = (flags & SCHEDULE_IGNORE_RANGE) == 0;
    int from = 0, to = 0;
    bool windowed = window_of(s, flags, &from, &to);

    if (s->manual || (windowed && !window_is_hit(s, from, to)))
        return false;
    if (ranged && p.s > s->end.s)
        p = moved(s->end, 1);
    while (grid_prev(s, p, &p) && (!ranged || p.s >= s->start.s)) {
        struct civil day = civil_day(p);
        if (!calendar_allows(calendar, p)) {
            if (!calendar_prev_day(calendar, p, &day))
                return false;
            p = moved(day, CIVIL_DAY);
        } else if (windowed && p.s - day.s > to) {
            p = moved(day, to + 1);
        } else if (windowed && p.s - day.s < from) {
            p = day;
        } else if (!is_in_skipped_gap(s, flags, p)) {
            *ret = p;
            return true;
        }
    }
    return false;
}

/* At an end of the grid, where there is nothing to shift to, the data time is the planned one's
 * own. */
static struct civil data_time(const struct schedule *s, struct civil planned)
{
    struct civil other = planned;

    if (s->init == INIT_T_PLUS_1)
        grid_prev(s, planned, &other);
    else if (s->init == INIT_T_MINUS_1)
        grid_next(s, planned, &other);
    return cut(s, other);
}

struct wall schedule_instant(const struct schedule *s, struct civil planned)
{
    return s->overlap == DST_OVERLAP_LAST ? zone_to_wall_last(s->zone, planned)
                                          : zone_to_wall(s->zone, planned);
}

struct civil schedule_reached(const struct schedule *s, struct wall t)
{
    return s->overlap == DST_OVERLAP_LAST ? zone_reached_last(s->zone, t)
                                          : zone_reached(s->zone, t);
}

static void fill(const struct schedule *s, struct civil planned, struct firing *ret)
{
    ret->planned = planned;
    ret->at = schedule_instant(s, planned);
    ret->data_time = data_time(s, planned);
}

bool schedule_next(const struct schedule *s, struct wall t, struct firing *ret)
{
    return schedule_next_planned(s, schedule_reached(s, t), ret);
}

bool schedule_next_planned(const struct schedule *s, struct civil p, struct firing *ret)
{
    struct civil planned;

    if (!planned_next(s, p, 0, &planned))
        return false;
    fill(s, planned, ret);
    return true;
}

bool schedule_last(const struct schedule *s, struct wall t, struct firing *ret)
{
    struct civil planned;

    if (!planned_prev(s, moved(schedule_reached(s, t), 1), 0, &planned))
        return false;
    fill(s, planned, ret);
    return true;
}

/* The least planned time whose data time is `from` or later, were it a firing; false: there is
 * none. */
static bool data_bound_low(const struct schedule *s, struct civil from, struct civil *ret)
{
    struct civil least = cut(s, moved(from, cycles[s->cycle].unit - 1));
    struct civil grid, before;

    if (s->init == INIT_T_PLUS_0) {
        *ret = least;
        return true;
    }
    if (!grid_next(s, moved(least, -1), &grid))
        return false;
    if (s->init == INIT_T_PLUS_1)
        *ret = grid_prev(s, grid, &before) ? moved(grid, 1) : grid;
    else
        *ret = grid_prev(s, least, &before) ? before : grid;
    return true;
}

/* The greatest planned time whose data time is `upto` or earlier, were it a firing; false: there is
 * none. */
static bool data_bound_high(const struct schedule *s, struct civil upto, struct civil *ret)
{
    struct civil most = moved(cut(s, upto), cycles[s->cycle].unit - 1);
    struct civil grid, other;

    if (s->init == INIT_T_PLUS_0) {
        *ret = most;
    } else if (s->init == INIT_T_PLUS_1) {
        if (!grid_next(s, most, &grid))
            *ret = PLANNED_FAR;
        else if (grid_prev(s, grid, &other))
            *ret = grid;
        else
            return false;
    } else {
        if (!grid_prev(s, moved(most, 1), &grid))
            return false;
        *ret = grid_next(s, grid, &other) ? moved(grid, -1) : grid;
    }
    return true;
}

bool schedule_data_next(const struct schedule *s, struct civil from, unsigned flags,
                        struct firing *ret)
{
    struct civil bound, planned;

    if (!data_bound_low(s, from, &bound) || !planned_next(s, moved(bound, -1), flags, &planned))
        return false;
    fill(s, planned, ret);
    return true;
}

bool schedule_data_prev(const struct schedule *s, struct civil upto, unsigned flags,
                        struct firing *ret)
{
    struct civil bound, planned;

    if (!data_bound_high(s, upto, &bound) || !planned_prev(s, moved(bound, 1), flags, &planned))
        return false;
    /* Of the firings with this data time, the first makes the instance. */
    return schedule_data_next(s, data_time(s, planned), flags, ret);
}

bool schedule_data_find(const struct schedule *s, struct civil data_time_wanted, unsigned flags,
                        struct firing *ret)
{
    struct firing f;

    if (!schedule_data_next(s, data_time_wanted, flags, &f) || f.data_time.s != data_time_wanted.s)
        return false;
    *ret = f;
    return true;
}
