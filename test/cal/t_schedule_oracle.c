/* test/cal/t_schedule_oracle.c - random schedules against lists of all their firings.
 *
 * The list is made the slow way: every minute of every day of a span is held against cron, range,
 * window and calendar, and instants are found by walking the zone minute by minute.  All functions
 * of cal/schedule.h must then agree with a search in that list.
 */
#include "firing_list.h"
#include "zoneinfo.h"

enum { DATA_SCHEDULES = 4000, DATA_QUERIES = 12, ZONE_SCHEDULES = 2000, ZONE_QUERIES = 40 };

static void complain(const struct random_plan *r, const char *what, struct civil t, unsigned flags,
                     bool found, const struct firing *f, const struct entry *e)
{
    fail_msg("%s of '%s' (%s, init %d) at %lld, flags %u: found %d, planned %lld, data %lld; "
             "expected %lld, %lld",
             what, r->cron, cycle_name(r->s.cycle), (int)r->s.init, (long long)t.s, flags, found,
             found ? (long long)f->planned.s : -1, found ? (long long)f->data_time.s : -1,
             e != NULL ? (long long)e->planned.s : -1, e != NULL ? (long long)e->data.s : -1);
}

static void expect_firing(const struct random_plan *r, const char *what, struct civil t,
                          unsigned flags, bool found, const struct firing *f, const struct entry *e)
{
    if (found != (e != NULL) ||
        (found && (f->planned.s != e->planned.s || f->data_time.s != e->data.s)))
        complain(r, what, t, flags, found, f, e);
}

/* The first firing with a data time from t on, and the first with the last data time up to t. */
static const struct entry *first_from(struct civil t, unsigned flags)
{
    for (size_t i = 0; i < n_list; i++) {
        if (allowed(&list[i], flags) && list[i].data.s >= t.s)
            return &list[i];
    }
    return NULL;
}

static const struct entry *last_upto(struct civil t, unsigned flags)
{
    const struct entry *best = NULL;

    for (size_t i = 0; i < n_list; i++) {
        if (allowed(&list[i], flags) && list[i].data.s <= t.s &&
            (best == NULL || list[i].data.s > best->data.s))
            best = &list[i];
    }
    return best;
}

static void query_data(struct prng *p, const struct random_plan *r, struct civil lo,
                       struct civil hi)
{
    struct civil t = { prng_range(p, lo.s, hi.s) };
    unsigned flags = (unsigned)prng_range(p, 0, 3);
    const struct entry *e;
    struct firing f = { 0 };
    bool found;

    if (n_list > 0 && prng_range(p, 0, 1)) {
        int64_t i = prng_range(p, 0, (int64_t)n_list - 1);
        if (list[i].data.s > lo.s && list[i].data.s < hi.s)
            t.s = list[i].data.s + prng_range(p, -1, 1);
    }
    e = first_from(t, flags);
    found = schedule_data_next(&r->s, t, flags, &f);
    if (e != NULL || (flags & SCHEDULE_IGNORE_RANGE) == 0)
        expect_firing(r, "data_next", t, flags, found, &f, e);
    e = last_upto(t, flags);
    found = schedule_data_prev(&r->s, t, flags, &f);
    if (e != NULL || (flags & SCHEDULE_IGNORE_RANGE) == 0)
        expect_firing(r, "data_prev", t, flags, found, &f, e);
    e = first_from(t, flags);
    found = schedule_data_find(&r->s, t, flags, &f);
    expect_firing(r, "data_find", t, flags, found, &f, e != NULL && e->data.s == t.s ? e : NULL);
}

static void test_data_times_agree_with_the_list(void **state)
{
    struct prng p;

    (void)state;
    prng_init(&p, 11);
    for (int i = 0; i < DATA_SCHEDULES; i++) {
        int64_t from = prng_range(&p, 15000, 40000);
        struct random_plan r;
        bool dense;
        int64_t length, margin;
        random_plan(&p, from, from + 200, &r);
        dense = r.s.cycle == CYCLE_MINUTE || r.s.cycle == CYCLE_HOUR;
        length = dense ? 30 : r.s.cycle == CYCLE_YEAR ? 2400 : 200;
        margin = r.s.cycle == CYCLE_YEAR ? 750 : dense ? 5 : 70;
        /* The range lies inside the span, so that its ends and the grid beyond them are in the
         * list. */
        r.s.start.s =
            prng_range(&p, (from + margin) * CIVIL_DAY, (from + length - margin) * CIVIL_DAY);
        r.s.end.s = prng_range(&p, r.s.start.s, (from + length - margin) * CIVIL_DAY);
        enumerate(&r.s, from, from + length);
        for (int k = 0; k < DATA_QUERIES; k++)
            query_data(&p, &r, (struct civil){ (from + margin) * CIVIL_DAY },
                       (struct civil){ (from + length - margin) * CIVIL_DAY });
    }
}

/* The instant of every entry: the first at which the clocks of the zone have reached the planned
 * time. */
static void find_instants(const struct zone *z, int64_t from_utc, int64_t until_utc)
{
    size_t i = 0;

    for (int64_t t = from_utc; t < until_utc && i < n_list; t += 60) {
        int64_t local = t + zone_offset(z, (struct wall){ t * 1000000 });
        while (i < n_list && list[i].planned.s <= local)
            list[i++].at.us = t * 1000000;
    }
    for (; i < n_list; i++)
        list[i].at = WALL_FAR;
}

/* The same for the last instant with that civil time; and who has none is in a gap. */
static void find_last_instants(const struct zone *z, int64_t from_utc, int64_t until_utc, bool skip)
{
    size_t kept = 0;

    find_instants(z, from_utc, until_utc);
    for (size_t i = 0; i < n_list; i++)
        list[i].in_gap = true;
    for (int64_t t = from_utc; t < until_utc; t += 60) {
        int64_t local = t + zone_offset(z, (struct wall){ t * 1000000 });
        size_t lo = 0, hi = n_list;
        while (lo < hi) {
            size_t mid = (lo + hi) / 2;
            if (list[mid].planned.s < local)
                lo = mid + 1;
            else
                hi = mid;
        }
        for (; lo < n_list && list[lo].planned.s == local; lo++) {
            list[lo].at_last.us = t * 1000000;
            list[lo].in_gap = false;
        }
    }
    for (size_t i = 0; i < n_list; i++)
        if (!skip || !list[i].in_gap || list[i].at.us == WALL_FAR.us)
            list[kept++] = list[i];
    n_list = kept;
}

static void choose_instants(const struct schedule *s)
{
    for (size_t i = 0; i < n_list; i++)
        if (s->overlap == DST_OVERLAP_LAST && !list[i].in_gap)
            list[i].at = list[i].at_last;
}

static void query_zone(struct prng *p, const struct random_plan *r, int64_t lo, int64_t hi)
{
    struct wall t = { prng_range(p, lo, hi) * 1000000 + prng_range(p, 0, 999999) };
    struct civil c;
    const struct entry *next = NULL, *last = NULL, *after = NULL;
    struct firing f = { 0 };
    bool found;

    if (n_list > 0 && prng_range(p, 0, 1)) {
        struct wall at = list[prng_range(p, 0, (int64_t)n_list - 1)].at;
        if (at.us > lo * 1000000 && at.us < hi * 1000000)
            t.us = at.us + prng_range(p, -1, 1);
    }
    c.s = t.us / 1000000;
    for (size_t i = 0; i < n_list; i++) {
        const struct entry *e = &list[i];
        if (!allowed(e, 0))
            continue;
        if (next == NULL && e->at.us > t.us)
            next = e;
        if (e->at.us <= t.us)
            last = e;
        if (after == NULL && e->planned.s > c.s)
            after = e;
    }
    found = schedule_next(&r->s, t, &f);
    expect_firing(r, "next", c, 0, found, &f, next);
    if (found)
        assert_int_equal(f.at.us, next->at.us);
    found = schedule_last(&r->s, t, &f);
    expect_firing(r, "last", c, 0, found, &f, last);
    if (found)
        assert_int_equal(f.at.us, last->at.us);
    found = schedule_next_planned(&r->s, c, &f);
    expect_firing(r, "next_planned", c, 0, found, &f, after);
}

/* Some instant of a year at which the offset changes, or the middle of the year. */
static int64_t change_in(const struct zone *z, int year, int which)
{
    int64_t t = civil_make(year, 1, 1, 0, 0, 0).s;
    int seen = 0;

    for (int hour = 0; hour < 365 * 24; hour++, t += 3600) {
        if (zone_offset(z, (struct wall){ t * 1000000 }) !=
                zone_offset(z, (struct wall){ (t + 3600) * 1000000 }) &&
            seen++ == which)
            return t;
    }
    return t - 180 * CIVIL_DAY;
}

static void test_firings_agree_with_the_list(void **state)
{
    static const char *const zones[] = {
        "America/New_York",   "America/St_Johns",
        "America/Santiago",   "America/Havana",
        "America/Sao_Paulo",  "Europe/London",
        "Europe/Dublin",      "Europe/Paris",
        "Europe/Lisbon",      "Africa/Casablanca",
        "Africa/Cairo",       "Asia/Tehran",
        "Asia/Beirut",        "Asia/Jerusalem",
        "Asia/Gaza",          "Asia/Shanghai",
        "Asia/Kathmandu",     "Australia/Lord_Howe",
        "Australia/Adelaide", "Pacific/Auckland",
        "Pacific/Chatham",    "Pacific/Apia",
        "Pacific/Easter",     "Antarctica/Troll",
        "America/Nuuk",       "UTC+8",
        "UTC-03:30",          "UTC",
    };
    struct prng p;

    (void)state;
    prng_init(&p, 12);
    for (int i = 0; i < ZONE_SCHEDULES; i++) {
        const struct zone *z = NULL;
        struct random_plan r;
        int64_t t, day;
        /* One with many changes, or any. */
        const char *name = prng_below(&p, 2) || zoneinfo_n == 0
                               ? zones[prng_below(&p, ARRAY_LEN(zones))]
                               : zoneinfo_names[prng_below(&p, (uint64_t)zoneinfo_n)];
        assert_int_equal(zone_find(str_from(name), &z, NULL), E_OK);
        t = change_in(z, (int)prng_range(&p, 1975, 2190), (int)prng_range(&p, 0, 2));
        day = t / CIVIL_DAY;
        random_plan(&p, day - 5, day + 6, &r);
        r.s.zone = z;
        if (r.s.cycle == CYCLE_YEAR || r.s.cycle == CYCLE_MONTH || r.s.cycle == CYCLE_WEEK)
            r.s.init = INIT_T_PLUS_0; /* their grid reaches beyond the list */
        if (prng_range(&p, 0, 1)) {
            r.s.start.s = (day - 5) * CIVIL_DAY;
            r.s.end.s = (day + 6) * CIVIL_DAY;
        }
        if (prng_below(&p, 3) == 0) { /* many firings where the clocks change */
            r.s.cycle = CYCLE_MINUTE;
            r.s.init = INIT_T_PLUS_0;
            r.s.window_from = 0;
            r.s.window_to = 1439;
            snprintf(r.cron, sizeof(r.cron), "0 0/%d * * * ?", 5 * (int)prng_range(&p, 1, 6));
            assert_int_equal(cron_parse(str_from(r.cron), &r.s.cron, NULL), E_OK);
        }
        enumerate(&r.s, day - 8, day + 9);
        r.s.gap = prng_below(&p, 2) ? DST_GAP_SKIP : DST_GAP_SHIFT;
        r.s.overlap = prng_below(&p, 2) ? DST_OVERLAP_LAST : DST_OVERLAP_FIRST;
        find_last_instants(z, (day - 11) * CIVIL_DAY, (day + 12) * CIVIL_DAY,
                           r.s.gap == DST_GAP_SKIP);
        choose_instants(&r.s);
        for (int k = 0; k < ZONE_QUERIES; k++)
            if (k % 2)
                query_zone(&p, &r, (day - 6) * CIVIL_DAY, (day + 7) * CIVIL_DAY);
            else
                query_zone(&p, &r, t - 4 * CIVIL_HOUR, t + 4 * CIVIL_HOUR);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_data_times_agree_with_the_list),
        cmocka_unit_test(test_firings_agree_with_the_list),
    };

    zone_set_loader(zoneinfo_load, NULL);
    zoneinfo_collect("");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
