/* bench/next_fire.c - next firings per second and core (docs/design.md, G12).
 *
 * Two numbers for each expression: cron_next from moment to moment, which is what a preview or a
 * search does, and from moments far apart, so that every date is new.  Then schedule_next from
 * instant to instant in a zone with daylight time, the call of the scheduler.  The checksum keeps
 * the compiler honest and shows that two runs did the same.
 */
#include <inttypes.h>
#include <stdio.h>

#include "cal/schedule.h"
#include "sys/clock.h"
#include "sys/zoneinfo.h"

enum { CALLS = 2000000 };

static const char *const expressions[] = {
    "0 0 0 * * ? *",                              /* every day */
    "0 37 14 * * ? *",      "0 0/5 0-23 * * ? *", /* every five minutes */
    "0 0/30 8-17 * * ? *",  "0 0 * * * ? *",      /* every hour */
    "0 0 3,9,15 * * ? *",   "0 30 1 ? * 2,6 *",   /* Mondays and Fridays */
    "0 30 1 ? * MON-FRI *", "0 2 3 1,L,2 * ? *",  /* days of the month */
    "0 0 6 LW * ? *",       "0 0 6 15W * ? *",
    "0 0 6 ? * 6#3 *",      "0 0 5 1 5 ? *", /* once a year */
    "0 0 0 29 2 ? *",                        /* leap days */
    "*/10 * * * * ? *",
};

struct total {
    int64_t calls, us;
    uint64_t sum;
};

static double rate(int64_t calls, int64_t us)
{
    return (double)calls / (us > 0 ? (double)us : 1.0); /* million per second */
}

static int64_t one_after_another(const struct cron *c, struct total *t)
{
    struct civil first = civil_make(2025, 1, 1, 0, 0, 0), at = first;
    struct mono start = clock_mono();

    for (int i = 0; i < CALLS; i++) {
        if (!cron_next(c, at, &at))
            at = first;
        t->sum += (uint64_t)at.s;
    }
    return mono_sub(clock_mono(), start).us;
}

static int64_t far_apart(const struct cron *c, struct total *t)
{
    const int64_t first = civil_make(2000, 1, 1, 0, 0, 0).s, span = INT64_C(180) * 365 * CIVIL_DAY;
    uint64_t x = 1;
    struct mono start = clock_mono();

    for (int i = 0; i < CALLS; i++) {
        struct civil at = { first + (int64_t)(x >> 11) % span };
        x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        if (cron_next(c, at, &at))
            t->sum += (uint64_t)at.s;
    }
    return mono_sub(clock_mono(), start).us;
}

static int64_t firings(const struct cron *c, const struct zone *z, struct total *t)
{
    struct schedule s = { .cycle = CYCLE_CRONTAB,
                          .cron = *c,
                          .zone = z,
                          .start = civil_make(2020, 1, 1, 0, 0, 0),
                          .end = civil_make(2099, 12, 31, 23, 59, 59),
                          .window_to = 1439 };
    struct wall first = { INT64_C(1735689600000000) }, at = first;
    struct mono start = clock_mono();

    for (int i = 0; i < CALLS; i++) {
        struct firing f;
        at = schedule_next(&s, at, &f) ? f.at : first;
        t->sum += (uint64_t)at.us;
    }
    return mono_sub(clock_mono(), start).us;
}

static void add(struct total *t, int64_t us)
{
    t->calls += CALLS;
    t->us += us;
}

int main(void)
{
    struct total next = { 0 }, far = { 0 }, fire = { 0 };
    const struct zone *z;
    struct err e = ERR_INIT;

    zone_set_loader(zoneinfo_read, NULL);
    if (zone_find(STR("America/New_York"), &z, &e) != E_OK) {
        fprintf(stderr, "%s\n", e.text);
        return 1;
    }
    printf("%-24s %14s %14s %14s\n", "expression", "cron_next ns", "far apart ns", "schedule ns");
    for (size_t i = 0; i < ARRAY_LEN(expressions); i++) {
        struct cron c;
        int64_t us[3];
        if (cron_parse(str_from(expressions[i]), &c, &e) != E_OK) {
            fprintf(stderr, "%s: %s\n", expressions[i], e.text);
            return 1;
        }
        us[0] = one_after_another(&c, &next);
        us[1] = far_apart(&c, &far);
        us[2] = firings(&c, z, &fire);
        add(&next, us[0]);
        add(&far, us[1]);
        add(&fire, us[2]);
        printf("%-24s %14.1f %14.1f %14.1f\n", expressions[i], 1000.0 * (double)us[0] / CALLS,
               1000.0 * (double)us[1] / CALLS, 1000.0 * (double)us[2] / CALLS);
    }
    printf("all, million per second  %14.2f %14.2f %14.2f\n", rate(next.calls, next.us),
           rate(far.calls, far.us), rate(fire.calls, fire.us));
    printf("checksum %016" PRIx64 "\n", next.sum ^ far.sum ^ fire.sum);
    return 0;
}
