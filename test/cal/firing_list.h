/* test/cal/firing_list.h - random schedules, and the list of all firings of one, made the slow way.
 *
 * Every minute of every day of a span is held against cron, range, window and calendar; the
 * searches of the project have no part in it.  For a test that has one list at a time.
 */
#ifndef TEST_CAL_FIRING_LIST_H
#define TEST_CAL_FIRING_LIST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"
#include "cal/schedule.h"

enum { LIST_MAX = 1200 * 96 };

struct entry {
    struct civil planned, data;
    struct wall at, at_last;
    bool in_gap;
    bool in_range, in_window; /* in_window: window and calendar */
};

static struct entry list[LIST_MAX];
static size_t n_list;

static inline bool is_minute_cycle(const struct schedule *s)
{
    return s->cycle == CYCLE_HOUR || s->cycle == CYCLE_MINUTE;
}

static inline bool calendar_has(const struct calendar *c, struct civil t)
{
    for (int i = 0; i < c->n_days; i++) {
        if (c->days[i] == civil_day_number(t))
            return true;
    }
    return false;
}

static inline struct civil data_cut(const struct schedule *s, struct civil t)
{
    struct civil_parts p = civil_split(t);

    switch (s->cycle) {
    case CYCLE_HOUR:
        return civil_make(p.year, p.month, p.day, p.hour, 0, 0);
    case CYCLE_MINUTE:
    case CYCLE_CRONTAB:
    case CYCLE_ONEOFF:
        return t;
    default:
        return civil_make(p.year, p.month, p.day, 0, 0, 0);
    }
}

/* Everything that the cron matches in the days from <= day < until; only whole minutes. */
static inline void enumerate(const struct schedule *s, int64_t from, int64_t until)
{
    int clock[1440], n = 0;

    n_list = 0;
    if (s->cycle == CYCLE_ONEOFF) { /* at its start; its cron is not fully dated */
        list[n_list++] = (struct entry){ .planned = s->start,
                                         .data = s->start,
                                         .in_range = s->start.s <= s->end.s,
                                         .in_window = s->calendar == NULL ||
                                                      calendar_has(s->calendar, s->start) ==
                                                          (s->calendar->mode == CALENDAR_RUN) };
        return;
    }
    for (int m = 0; m < 1440; m++) {
        if ((s->cron.hour >> m / 60 & 1) != 0 && (s->cron.minute >> m % 60 & 1) != 0)
            clock[n++] = m;
    }
    for (int64_t day = from; day < until; day++) {
        if (!cron_matches(&s->cron, (struct civil){ day * CIVIL_DAY + clock[0] * 60 }))
            continue;
        for (int i = 0; i < n; i++) {
            struct entry *e = &list[n_list++];
            struct civil p = { day * CIVIL_DAY + clock[i] * 60 };
            assert_true(n_list < LIST_MAX);
            e->planned = p;
            e->in_range = s->start.s <= p.s && p.s <= s->end.s;
            e->in_window =
                (!is_minute_cycle(s) || (clock[i] >= s->window_from && clock[i] <= s->window_to)) &&
                (s->calendar == NULL ||
                 calendar_has(s->calendar, p) == (s->calendar->mode == CALENDAR_RUN));
        }
    }
    for (size_t i = 0; i < n_list; i++) {
        size_t from_grid = i;
        if (s->init == INIT_T_PLUS_1 && i > 0)
            from_grid = i - 1;
        if (s->init == INIT_T_MINUS_1 && i + 1 < n_list)
            from_grid = i + 1;
        list[i].data = data_cut(s, list[from_grid].planned);
    }
    /* What lies beyond the span is not known, so an entry that would be shifted there is left out.
     */
    if (n_list > 0 && s->init == INIT_T_PLUS_1)
        memmove(list, list + 1, --n_list * sizeof(*list));
    else if (n_list > 0 && s->init == INIT_T_MINUS_1)
        n_list--;
}

static inline bool allowed(const struct entry *e, unsigned flags)
{
    return ((flags & SCHEDULE_IGNORE_RANGE) != 0 || e->in_range) &&
           ((flags & SCHEDULE_IGNORE_WINDOW) != 0 || e->in_window);
}

/* A random cron of the kind that a cycle has, text for messages. */
static inline void random_cron(struct prng *p, enum cycle cycle, char out[64])
{
    int h = (int)prng_range(p, 0, 23), m = (int)prng_range(p, 0, 59),
        h2 = (int)prng_range(p, 0, 23);
    static const int steps[] = { 5, 10, 15, 20, 30 };
    int day = (int)prng_range(p, 1, 28), wday = (int)prng_range(p, 1, 7),
        month = (int)prng_range(p, 1, 12);

    switch (cycle) {
    case CYCLE_YEAR:
        snprintf(out, 64, "0 %d %d %d %d ?", m, h, day, month);
        break;
    case CYCLE_MONTH:
        snprintf(out, 64, prng_range(p, 0, 1) ? "0 %d %d %d,L * ?" : "0 %d %d %d * ?", m, h, day);
        break;
    case CYCLE_WEEK:
        snprintf(out, 64, "0 %d %d ? * %d,%d", m, h, wday, (int)prng_range(p, 1, 7));
        break;
    case CYCLE_DAY:
        snprintf(out, 64, prng_range(p, 0, 4) ? "0 %d %d * * ?" : "0 %d %d/7 * * ?", m, h);
        break;
    case CYCLE_HOUR:
        if (prng_range(p, 0, 1))
            snprintf(out, 64, "0 %d %d/%d * * ?", m, (int)prng_range(p, 0, 5),
                     (int)prng_range(p, 1, 9));
        else
            snprintf(out, 64, "0 %d %d,%d * * ?", m, h, h2);
        break;
    case CYCLE_MINUTE:
        snprintf(out, 64, "0 %d/%d %d-%d * * ?", (int)prng_range(p, 0, 4),
                 steps[prng_range(p, 0, 4)], h < h2 ? h : h2, h < h2 ? h2 : h);
        break;
    default:
        snprintf(out, 64, "0 %d,%d %d,%d * * ?", m, (int)prng_range(p, 0, 59), h, h2);
    }
}

struct random_plan {
    struct schedule s;
    struct calendar calendar;
    int32_t days[60];
    char cron[64];
};

static inline void random_plan(struct prng *p, int64_t from, int64_t until, struct random_plan *r)
{
    int64_t a = prng_range(p, from * CIVIL_DAY, until * CIVIL_DAY);
    int64_t b = prng_range(p, from * CIVIL_DAY, until * CIVIL_DAY);
    int64_t day = from + prng_range(p, 0, 9);

    *r = (struct random_plan){ .s = { .cycle =
                                          (enum cycle)prng_range(p, CYCLE_YEAR, CYCLE_CRONTAB) } };
    random_cron(p, r->s.cycle, r->cron);
    assert_int_equal(cron_parse(str_from(r->cron), &r->s.cron, NULL), E_OK);
    r->s.zone = zone_default();
    r->s.start.s = a < b ? a : b;
    r->s.end.s = a < b ? b : a;
    r->s.init = (enum init_strategy)(prng_range(p, 0, 1) ? prng_range(p, 1, 2) : 0);
    r->s.window_from = (int)prng_range(p, 0, prng_range(p, 0, 1) ? 0 : 1439);
    r->s.window_to = (int)prng_range(p, r->s.window_from, 1439);
    if (prng_range(p, 0, 2) != 0)
        return;
    for (; day < until && r->calendar.n_days < 60; day += prng_range(p, 1, 6))
        r->days[r->calendar.n_days++] = (int32_t)day;
    r->calendar.days = r->days;
    r->calendar.mode = prng_range(p, 0, 1) ? CALENDAR_RUN : CALENDAR_PAUSE;
    r->s.calendar = &r->calendar;
}

#endif
