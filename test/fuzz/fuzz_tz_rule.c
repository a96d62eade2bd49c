/* test/fuzz/fuzz_tz_rule.c - POSIX TZ strings: every part of what parses lies in its range, and
 * written out it parses to the same. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cal/civil.h"
#include "cal/tz_rule.h"

enum { OFFSET_MAX = 26 * CIVIL_HOUR, CHANGE_MAX = 168 * CIVIL_HOUR };

static void put_clock(struct buf *out, int32_t s)
{
    int32_t size = abs(s);

    buf_printf(out, "%s%d:%02d:%02d", s < 0 ? "-" : "", size / CIVIL_HOUR, size / CIVIL_MINUTE % 60,
               size % 60);
}

static void put_change(struct buf *out, const struct tz_change *c)
{
    if (c->kind == TZ_MONTH_WEEK)
        buf_printf(out, ",M%d.%d.%d/", c->month, c->week, c->day);
    else
        buf_printf(out, ",%s%d/", c->kind == TZ_JULIAN ? "J" : "", c->day);
    put_clock(out, c->second);
}

static void check_change(const struct tz_change *c)
{
    check(abs(c->second) < CHANGE_MAX);
    if (c->kind == TZ_MONTH_WEEK)
        check(c->month >= 1 && c->month <= 12 && c->week >= 1 && c->week <= 5 && c->day >= 0 &&
              c->day <= 6);
    else
        check(c->day >= (c->kind == TZ_JULIAN) && c->day <= 365);
}

static bool same_change(const struct tz_change *a, const struct tz_change *b)
{
    return a->kind == b->kind && a->day == b->day && a->week == b->week && a->month == b->month &&
           a->second == b->second;
}

/* Days of a change lie in its year, its time of day within a week around them. */
static void check_years(const struct tz_rule *r)
{
    for (int year = 1970; year <= 2200; year += 10) {
        int64_t from = civil_make(year, 1, 1, 0, 0, 0).s - CHANGE_MAX - OFFSET_MAX,
                to = civil_make(year + 1, 1, 2, 0, 0, 0).s + CHANGE_MAX + OFFSET_MAX;
        int64_t start = tz_rule_start(r, year), end = tz_rule_end(r, year);
        check(start >= from && start <= to && end >= from && end <= to);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct tz_rule r, again;
    struct err e = ERR_INIT;
    struct buf text;

    memset(&r, 0x5a, sizeof(r));
    memset(&again, 0x5a, sizeof(again));
    if (tz_rule_parse(str_make((const char *)bytes, n), &r, &e) != E_OK) {
        check(e.code == E_CORRUPT && memcmp(&r, &again, sizeof(r)) == 0);
        return 0;
    }
    check(abs(r.standard) < OFFSET_MAX);
    buf_init(&text, 512);
    buf_add_c(&text, "AAA");
    put_clock(&text, -r.standard);
    if (r.has_daylight) {
        check(abs(r.daylight) <= OFFSET_MAX);
        check_change(&r.start);
        check_change(&r.end);
        check_years(&r);
        buf_add_c(&text, "BBB");
        if (r.daylight != r.standard + CIVIL_HOUR)
            put_clock(&text, -r.daylight);
        put_change(&text, &r.start);
        put_change(&text, &r.end);
    }
    check(tz_rule_parse(buf_str(&text), &again, &e) == E_OK);
    check(again.standard == r.standard && again.has_daylight == r.has_daylight);
    if (r.has_daylight)
        check(again.daylight == r.daylight && same_change(&again.start, &r.start) &&
              same_change(&again.end, &r.end));
    buf_done(&text);
    return 0;
}
