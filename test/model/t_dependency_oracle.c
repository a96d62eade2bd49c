/* test/model/t_dependency_oracle.c - dep_select against the definitions, held against every data
 * time of a span.
 *
 * A list of all upstream firings is made the slow way (test/cal/firing_list.h); each definition of
 * docs/reference/semantics.md 3.4 is a predicate over calendar fields.  The selection must be what
 * the predicate accepts, for random schedules and rules and random instances beyond the effective
 * range; the inverse and "strictly earlier" must fit it.
 *
 *   t_dependency_oracle [SCHEDULES [SEED]]     five cases each
 */
#include "../cal/firing_list.h"

#include <stdlib.h>

#include "model/dependency.h"

enum { SCHEDULES = 6000, CASES_PER_SCHEDULE = 5, SELECTED_MAX = LIST_MAX };

static int schedules = SCHEDULES;
static uint64_t seed = 20250911;

struct moment {
    struct civil_parts p;
    int64_t s, day, hour, minute, week; /* numbers since 1970, weeks from Monday */
    int64_t month;
};

static struct moment moment(struct civil c)
{
    struct moment m = { .p = civil_split(c), .s = c.s };

    m.day = civil_day_number(c);
    m.hour = m.day * 24 + m.p.hour;
    m.minute = m.hour * 60 + m.p.minute;
    m.week = (m.day + 3 - (m.day + 3) % 7) / 7;
    m.month = (int64_t)m.p.year * 12 + m.p.month;
    return m;
}

static bool offset_selects(const struct dep_rule *r, int64_t distance)
{
    if (r->main == DEP_RANGE_DAY || r->main == DEP_RANGE_HOUR || r->main == DEP_RANGE_MINUTE)
        return r->offsets[0] <= distance && distance <= r->offsets[1];
    for (int i = 0; i < r->n_offsets; i++) {
        if (r->offsets[i] == distance)
            return true;
    }
    return false;
}

/* The set pairs of 3.4: is u selected for d? */
static bool selects(const struct dep_rule *r, const struct moment *d, const struct moment *u)
{
    bool last_of_month = u->p.day == civil_days_in_month(u->p.year, u->p.month);

    switch (r->sub) {
    case DEP_CURRENT_YEAR:
    case DEP_ALL_MONTH_OF_YEAR:
    case DEP_ALL_DAY_OF_YEAR:
        return u->p.year == d->p.year;
    case DEP_CURRENT_MONTH:
        return u->month == d->month;
    case DEP_PREVIOUS_MONTH:
        return u->month == d->month - 1;
    case DEP_PREVIOUS_END_OF_MONTH:
        return u->month == d->month - 1 && last_of_month;
    case DEP_PREVIOUS_BEGIN_OF_MONTH:
        return u->month == d->month - 1 && u->p.day == 1;
    case DEP_CURRENT_WEEK:
        return u->week == d->week;
    case DEP_PREVIOUS_WEEK:
        return u->week == d->week - 1;
    case DEP_PREVIOUS_FRIDAY:
        return u->week == d->week - 1 && civil_weekday((struct civil){ u->s }) == 5;
    case DEP_PREVIOUS_WEEKEND:
        return u->week == d->week - 1 && civil_weekday((struct civil){ u->s }) == 7;
    case DEP_CURRENT_DAY:
        return u->day == d->day;
    case DEP_PREVIOUS_DAY:
        return u->day == d->day - 1;
    case DEP_PREVIOUS_DAY_LATER_OFFSET_HOUR:
        return d->s - 24 * 3600 < u->s && u->s <= d->s;
    case DEP_PREVIOUS_DAY_LATER_OFFSET_MINUTE:
        return d->s - 1440 * 60 < u->s && u->s <= d->s;
    case DEP_CURRENT_HOUR:
        return u->hour == d->hour;
    case DEP_PREVIOUS_HOUR:
        return d->s - 60 * 60 <= u->s && u->s < d->s;
    case DEP_PREVIOUS_HOUR_LATER_OFFSET_MINUTE:
        return d->s - 60 * 60 < u->s && u->s <= d->s;
    default:
        break;
    }
    assert_int_equal(r->sub, DEP_SUB_NONE);
    switch (r->main) {
    case DEP_RANGE_DAY:
    case DEP_LIST_DAY:
        return offset_selects(r, u->day - d->day);
    case DEP_RANGE_HOUR:
    case DEP_LIST_HOUR:
        return offset_selects(r, u->hour - d->hour);
    default:
        return offset_selects(r, u->minute - d->minute);
    }
}

static struct dep_candidate expected[SELECTED_MAX], got[SELECTED_MAX];
static int n_expected, n_got;

static bool collect(void *ctx, struct dep_candidate c)
{
    (void)ctx;
    assert_true(n_got < SELECTED_MAX);
    got[n_got++] = c;
    return true;
}

static bool any_allowed(struct civil data, unsigned flags)
{
    for (size_t i = 0; i < n_list; i++) {
        if (list[i].data.s == data.s && allowed(&list[i], flags))
            return true;
    }
    return false;
}

/* Of which data times of the cron alone there are instances: one in `rarity`, 0: of none. */
static uint64_t rarity;

static bool exists(struct civil data)
{
    return rarity > 0 && ((uint64_t)data.s * 0x9e3779b97f4a7c15u >> 32) % rarity == 0;
}

static bool newest(void *ctx, struct civil before, struct civil *ret)
{
    bool found = false;

    (void)ctx;
    for (size_t i = 0; i < n_list; i++) {
        if (list[i].data.s >= before.s || !exists(list[i].data))
            continue;
        if (!found || list[i].data.s > ret->s)
            *ret = list[i].data;
        found = true;
    }
    return found;
}

/* U of 3.4: on the schedule, or only beyond its effective range and there all the same. */
static bool in_u(const struct entry *l)
{
    return allowed(l, 0) || (allowed(l, SCHEDULE_IGNORE_RANGE) && exists(l->data));
}

/* The greatest data time below the bound; of U, or of the cron alone. */
static bool greatest_below(int64_t bound, bool of_u, struct civil *ret)
{
    const unsigned grid = SCHEDULE_IGNORE_RANGE | SCHEDULE_IGNORE_WINDOW;
    bool found = false;

    for (size_t i = 0; i < n_list; i++) {
        if (list[i].data.s >= bound || !(of_u ? in_u(&list[i]) : allowed(&list[i], grid)))
            continue;
        if (!found || list[i].data.s > ret->s)
            *ret = list[i].data;
        found = true;
    }
    return found;
}

static void expect_single(const struct dep_rule *r, struct civil d)
{
    struct civil u;
    bool found;

    n_expected = 0;
    if (r->sub == DEP_RECENT_DATE)
        found = greatest_below((civil_day_number(d) + 1) * CIVIL_DAY, true, &u);
    else
        found = greatest_below(d.s + 1, false, &u);
    if (found && (r->sub == DEP_PREVIOUS_HOUR_CYCLE || r->sub == DEP_PREVIOUS_MINUTE_CYCLE))
        found = greatest_below(u.s, false, &u);
    if (found)
        expected[n_expected++] = (struct dep_candidate){ u, any_allowed(u, 0) };
}

static void expect_set(const struct dep_rule *r, struct civil d)
{
    struct moment at = moment(d);

    n_expected = 0;
    for (size_t i = 0; i < n_list; i++) {
        struct moment u;
        if (!in_u(&list[i]) ||
            (n_expected > 0 && expected[n_expected - 1].data_time.s == list[i].data.s))
            continue;
        u = moment(list[i].data);
        if (selects(r, &at, &u))
            expected[n_expected++] =
                (struct dep_candidate){ list[i].data, any_allowed(list[i].data, 0) };
    }
}

static bool is_single(enum dep_sub sub, enum cycle down, enum cycle up)
{
    return sub == DEP_RECENT_DATE || sub == DEP_PREVIOUS_HOUR_CYCLE || sub == DEP_CURRENT_MINUTE ||
           sub == DEP_PREVIOUS_MINUTE_CYCLE || sub == DEP_CURRENT ||
           (sub == DEP_CURRENT_HOUR && down == CYCLE_HOUR && up == CYCLE_HOUR);
}

static struct dep_rule random_rule(struct prng *p, enum cycle down, enum cycle up)
{
    struct dep_rule r = { 0 };

    do {
        r.main = (enum dep_main)prng_range(p, 0, DEP_MAIN_N_ - 1);
        r.sub = (enum dep_sub)prng_range(p, 0, DEP_SUB_N_ - 1);
    } while (!dep_pair_is_valid(down, up, r.main, r.sub));
    if (r.sub != DEP_SUB_NONE)
        return r;
    if (r.main >= DEP_LIST_DAY) {
        r.n_offsets = (int)prng_range(p, 1, 6);
        for (int i = 0; i < r.n_offsets; i++)
            r.offsets[i] = (int32_t)prng_range(p, -12, 6) * (r.main == DEP_LIST_MINUTE ? 5 : 1);
    } else {
        r.n_offsets = 2;
        r.offsets[0] = (int32_t)prng_range(p, -40, 10) * (r.main == DEP_RANGE_MINUTE ? 10 : 1);
        r.offsets[1] = r.offsets[0] + (int32_t)prng_range(p, 0, 30);
    }
    return r;
}

/* A data time that a task of this cycle can have. */
static struct civil random_data_time(struct prng *p, enum cycle down, int64_t day)
{
    int64_t s = (day + prng_range(p, -3, 3)) * CIVIL_DAY;

    switch (down) {
    case CYCLE_HOUR:
        return (struct civil){ s + prng_range(p, 0, 23) * CIVIL_HOUR };
    case CYCLE_MINUTE:
        return (struct civil){ s + prng_range(p, 0, 287) * 300 };
    case CYCLE_ONEOFF:
    case CYCLE_CRONTAB:
        return (struct civil){ s + prng_range(p, 0, CIVIL_DAY - 1) };
    default:
        return (struct civil){ s };
    }
}

struct totals {
    int64_t cases, selected, empty, beyond;
    int subs[DEP_SUB_N_];
};

static void check_inverse(const struct dep_rule *r, enum cycle down, const struct random_plan *up,
                          struct civil d, struct civil u)
{
    struct civil from, to;

    assert_int_equal(dep_inverse_range(r, down, &up->s, u, &from, &to), E_OK);
    if (d.s < from.s || d.s > to.s)
        fail_msg("%s/%s of '%s': the inverse of %lld is %lld to %lld, without %lld",
                 dep_main_name(r->main), dep_sub_name(r->sub), up->cron, (long long)u.s,
                 (long long)from.s, (long long)to.s, (long long)d.s);
}

static void check_case(struct prng *p, enum cycle down, const struct random_plan *up, int64_t day,
                       struct totals *t)
{
    struct dep_rule r = random_rule(p, down, up->s.cycle);
    struct civil d = random_data_time(p, down, day);
    struct err e = ERR_INIT;

    rarity = (uint64_t)prng_range(p, 0, 3);
    if (is_single(r.sub, down, up->s.cycle))
        expect_single(&r, d);
    else
        expect_set(&r, d);
    assert_int_equal(dep_rule_is_single(&r, down, up->s.cycle),
                     is_single(r.sub, down, up->s.cycle));
    n_got = 0;
    if (dep_select(&r, down, &up->s, d, collect, rarity ? newest : NULL, NULL, &e) != E_OK)
        fail_msg("%s", e.text);
    for (int i = 0; i < n_expected || i < n_got; i++) {
        bool same = i < n_expected && i < n_got && expected[i].data_time.s == got[i].data_time.s &&
                    expected[i].on_schedule == got[i].on_schedule;
        if (!same)
            fail_msg("%s <- %s '%s' init %d, %s/%s, d %lld: candidate %d of %d (%d): %lld %d, "
                     "expected %lld %d",
                     cycle_name(down), cycle_name(up->s.cycle), up->cron, (int)up->s.init,
                     dep_main_name(r.main), dep_sub_name(r.sub), (long long)d.s, i, n_got,
                     n_expected, (long long)got[i].data_time.s, got[i].on_schedule,
                     (long long)expected[i].data_time.s, expected[i].on_schedule);
        if (dep_rule_is_strictly_earlier(&r, down, up->s.cycle))
            assert_true(got[i].data_time.s < d.s);
        check_inverse(&r, down, up, d, got[i].data_time);
        t->beyond += !is_single(r.sub, down, up->s.cycle) && !got[i].on_schedule;
    }
    t->cases++;
    t->selected += n_got;
    t->empty += n_got == 0;
    t->subs[r.sub]++;
}

static void test_selections_agree_with_the_definitions(void **state)
{
    struct totals t = { 0 };
    struct prng p;

    (void)state;
    prng_init(&p, seed);
    for (int i = 0; i < schedules; i++) {
        enum cycle down = (enum cycle)prng_range(&p, 0, CYCLE_N_ - 1), up;
        int64_t day = prng_range(&p, 12000, 60000);
        struct random_plan r;
        bool dense;
        int64_t reach, span;
        if (prng_range(&p, 0, 3) == 0) /* often at the edge of a year or a month */
            day = civil_day_number(civil_year((struct civil){ day * CIVIL_DAY }));
        else if (prng_range(&p, 0, 3) == 0)
            day = civil_day_number(civil_month((struct civil){ day * CIVIL_DAY }));
        do {
            random_plan(&p, day - 100, day + 100, &r);
            if (prng_range(&p, 0, 9) == 0)
                r.s.cycle = CYCLE_ONEOFF;
            up = r.s.cycle;
        } while ((down == CYCLE_CRONTAB) != (up == CYCLE_CRONTAB));
        dense = up == CYCLE_HOUR || up == CYCLE_MINUTE || up == CYCLE_CRONTAB;
        reach = dense ? 20 : 800;
        span = dense ? 25 : 1700;
        r.s.start.s = (day * CIVIL_DAY) + prng_range(&p, -reach * CIVIL_DAY, 2 * CIVIL_DAY);
        r.s.end.s =
            prng_range(&p, prng_range(&p, 0, 1) ? r.s.start.s : (day + reach - 1) * CIVIL_DAY,
                       (day + reach) * CIVIL_DAY);
        enumerate(&r.s, day - span, day + span);
        for (int k = 0; k < CASES_PER_SCHEDULE; k++)
            check_case(&p, down, &r, day, &t);
    }
    print_message("%lld cases, %lld candidates, %lld of them beyond the range, %lld empty\n",
                  (long long)t.cases, (long long)t.selected, (long long)t.beyond,
                  (long long)t.empty);
    assert_true(t.cases >= 20000 && t.selected > 50000 && t.empty < t.cases / 2);
    assert_true(t.beyond > 10000);
    for (int sub = 0; sub < DEP_SUB_N_; sub++)
        assert_true(t.subs[sub] > 20);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_selections_agree_with_the_definitions),
    };

    if (argc > 1)
        schedules = atoi(argv[1]);
    if (argc > 2)
        seed = strtoull(argv[2], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
