/* test/cal/t_zone_libc.c - every IANA zone of this machine against the C library.
 *
 * The C library reads the same files with other code, so every offset must agree; the meaning of
 * civil times is then worked out from the C library's offsets alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/prng.h"
#include "zoneinfo.h"

enum { RANDOM_INSTANTS = 300, STEP_DAYS = 11 };
#define FIRST_INSTANT INT64_C(-1577923200) /* 1920-01-01 */
#define LAST_INSTANT INT64_C(7258118399)   /* 2199-12-31 23:59:59 */

static int libc_offset(int64_t t)
{
    time_t when = (time_t)t;
    struct tm tm;

    assert_non_null(localtime_r(&when, &tm));
    return (int)tm.tm_gmtoff;
}

static void check_instant(const struct zone *z, int64_t t)
{
    struct wall w = { t * 1000000 + 999999 };
    int offset = libc_offset(t);

    if (zone_offset(z, w) != offset)
        fail_msg("%s at %lld: %d instead of %d", zone_name(z), (long long)t, zone_offset(z, w),
                 offset);
    assert_int_equal(zone_to_civil(z, w).s, t + offset);
}

/* Civil times around a change at t, from the offsets before and after it; no other change is near.
 */
static void check_civil(const struct zone *z, int64_t t, int before, int after, struct civil c)
{
    enum zone_fit fit = ZONE_ONCE;
    int64_t expect;

    if (c.s < t + before) {
        expect = c.s - before;
        if (c.s >= t + after)
            fit = ZONE_TWICE;
    } else if (c.s < t + after) {
        expect = t;
        fit = ZONE_GAP;
    } else {
        expect = c.s - after;
    }
    if (zone_to_wall(z, c).us != expect * 1000000 || zone_fit(z, c) != fit)
        fail_msg("%s: civil %lld: %lld instead of %lld, fit %d instead of %d", zone_name(z),
                 (long long)c.s, (long long)zone_to_wall(z, c).us / 1000000, (long long)expect,
                 (int)zone_fit(z, c), (int)fit);
}

/* The definition: the greatest civil time that means an instant at or before t. */
static void check_reached(const struct zone *z, int64_t t)
{
    struct civil c = zone_reached(z, (struct wall){ t * 1000000 });

    assert_true(zone_to_wall(z, c).us <= t * 1000000);
    for (int ahead = 1; ahead <= 7200; ahead += ahead < 5 ? 1 : 977)
        assert_true(zone_to_wall(z, (struct civil){ c.s + ahead }).us > t * 1000000);
}

static bool alone(int64_t t, int before, int after)
{
    for (int64_t far = 3600; far <= 3 * 86400; far += 3600) {
        if (libc_offset(t - far) != before || libc_offset(t + far) != after)
            return false;
    }
    return true;
}

static void check_change(struct prng *p, const struct zone *z, int64_t t)
{
    int before = libc_offset(t - 1), after = libc_offset(t);
    int64_t low = t + (before < after ? before : after),
            high = t + (before < after ? after : before);

    for (int i = -2; i <= 2; i++) {
        check_instant(z, t + i);
        check_reached(z, t + i);
    }
    if (!alone(t, before, after))
        return;
    for (int i = -1; i <= 1; i++) {
        check_civil(z, t, before, after, (struct civil){ low + i });
        check_civil(z, t, before, after, (struct civil){ high + i });
        check_civil(z, t, before, after, (struct civil){ prng_range(p, low - 7200, high + 7200) });
        check_reached(z, prng_range(p, t - 7200, t + 7200));
    }
}

/* The first instant in (lo, hi] whose offset differs from that of lo. */
static int64_t bisect(int64_t lo, int64_t hi)
{
    int before = libc_offset(lo);

    while (hi - lo > 1) {
        int64_t mid = lo + (hi - lo) / 2;
        if (libc_offset(mid) == before)
            lo = mid;
        else
            hi = mid;
    }
    return hi;
}

static int check_zone(struct prng *p, const char *name)
{
    const struct zone *z = NULL;
    struct err e = ERR_INIT;
    int changes = 0;

    if (zone_find(str_from(name), &z, &e) != E_OK)
        fail_msg("%s: %s", name, e.text);
    assert_int_equal(setenv("TZ", name, 1), 0);
    tzset();
    for (int i = 0; i < RANDOM_INSTANTS; i++)
        check_instant(z, prng_range(p, i % 2 == 0 ? 0 : FIRST_INSTANT, LAST_INSTANT));
    for (int64_t t = 0; t < LAST_INSTANT; t += STEP_DAYS * 86400) {
        int64_t next = t + STEP_DAYS * 86400 < LAST_INSTANT ? t + STEP_DAYS * 86400 : LAST_INSTANT;
        /* All that happened, and one year in eleven of what the rules repeat. */
        if (t > INT64_C(2145916800) && civil_split((struct civil){ t }).year % 11 != 0)
            continue;
        if (libc_offset(t) != libc_offset(next)) {
            check_change(p, z, bisect(t, next));
            changes++;
        }
    }
    return changes;
}

static void test_all_zones(void **state)
{
    struct prng p;
    int changes = 0;

    (void)state;
    zoneinfo_collect("");
    if (zoneinfo_n == 0) {
        print_message("no zones below " ZONEINFO_DIR "\n");
        skip();
    }
    prng_init(&p, 4);
    for (int i = 0; i < zoneinfo_n; i++)
        changes += check_zone(&p, zoneinfo_names[i]);
    print_message("%d zones, %d changes of an offset\n", zoneinfo_n, changes);
    assert_true(zoneinfo_n > 300 && changes > 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_zones),
    };

    zone_set_loader(zoneinfo_load, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
