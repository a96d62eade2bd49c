/* cal/calendar.c - a named set of dates on which tasks run, or pause. */
#include "cal/calendar.h"

/* First index whose day is at or after the wanted one. */
static int lower_bound(const struct calendar *c, int64_t day)
{
    int lo = 0, hi = c->n_days;

    while (lo < hi) {
        int mid = lo + (hi - lo) / 2;
        if (c->days[mid] < day)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool calendar_allows(const struct calendar *c, struct civil t)
{
    int64_t day;
    int i;

    if (c == NULL)
        return true;
    day = civil_day_number(t);
    i = lower_bound(c, day);
    return (i < c->n_days && c->days[i] == day) == (c->mode == CALENDAR_RUN);
}

bool calendar_next_day(const struct calendar *c, struct civil t, struct civil *ret)
{
    int64_t day = civil_day_number(t) + 1;
    int i;

    if (c != NULL) {
        i = lower_bound(c, day);
        if (c->mode == CALENDAR_RUN) {
            if (i == c->n_days)
                return false;
            day = c->days[i];
        } else {
            for (; i < c->n_days && c->days[i] == day; i++)
                day++;
        }
    }
    ret->s = day * CIVIL_DAY;
    return true;
}

bool calendar_prev_day(const struct calendar *c, struct civil t, struct civil *ret)
{
    int64_t day = civil_day_number(t) - 1;
    int i;

    if (c != NULL) {
        i = lower_bound(c, day + 1) - 1;
        if (c->mode == CALENDAR_RUN) {
            if (i < 0)
                return false;
            day = c->days[i];
        } else {
            for (; i >= 0 && c->days[i] == day; i--)
                day--;
        }
    }
    ret->s = day * CIVIL_DAY;
    return true;
}
