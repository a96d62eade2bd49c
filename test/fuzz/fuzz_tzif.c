/* test/fuzz/fuzz_tzif.c - TZif files: a table that is accepted is in order, and the zone made of it
 * keeps what cal/zone.h promises around its transitions. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cal/tzif.h"
#include "cal/zone.h"

enum {
    OFFSET_MAX = 26 * CIVIL_HOUR,
    RULES_MAX = 2 * (TZIF_YEAR_END - 1899),
    LOOKED_AT = 6,
    NEAR = 3
};

/* What a struct wall holds, with room for an offset. */
static const int64_t wall_max = INT64_MAX / 1000000 - 4 * OFFSET_MAX;

static void check_table(const struct tzif_table *t)
{
    check(t->n <= TZIF_TRANSITIONS_MAX + RULES_MAX);
    check(abs(t->before) <= OFFSET_MAX);
    for (size_t i = 0; i < t->n; i++) {
        check(abs(t->offset[i]) <= OFFSET_MAX);
        check(t->offset[i] != (i > 0 ? t->offset[i - 1] : t->before));
        check(i == 0 || t->at[i] > t->at[i - 1]);
    }
}

static void check_instant(const struct zone *z, int64_t s)
{
    struct wall t = { s * 1000000 };
    struct civil c = zone_to_civil(z, t), reached = zone_reached(z, t),
                 last = zone_reached_last(z, t);
    struct wall first = zone_to_wall(z, c), second = zone_to_wall_last(z, c);

    check(c.s - s == zone_offset(z, t));
    check(zone_fit(z, c) != ZONE_GAP);
    check(first.us <= t.us && t.us <= second.us);
    check(zone_to_civil(z, first).s == c.s && zone_to_civil(z, second).s == c.s);
    check(zone_to_wall(z, reached).us <= t.us);
    check(zone_to_wall(z, (struct civil){ reached.s + 1 }).us > t.us);
    check(zone_to_wall_last(z, last).us <= t.us);
}

static void check_zone(const struct zone *z, const struct tzif_table *t)
{
    size_t step = t->n / LOOKED_AT + 1;

    check_instant(z, 0);
    check_instant(z, wall_max);
    check_instant(z, -wall_max);
    for (size_t i = 0; i < t->n; i += step)
        for (int64_t s = t->at[i] - NEAR; s <= t->at[i] + NEAR; s++)
            if (s > -wall_max && s < wall_max)
                check_instant(z, s);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct str file = str_make((const char *)bytes, n);
    struct tzif_table t, untouched;
    struct err e = ERR_INIT;
    struct zone *z = NULL;

    memset(&t, 0x5a, sizeof(t));
    memset(&untouched, 0x5a, sizeof(untouched));
    if (tzif_parse(file, &t, &e) != E_OK) {
        check(e.text[0] != '\0' && memcmp(&t, &untouched, sizeof(t)) == 0);
        return 0;
    }
    check_table(&t);
    check(zone_parse_tzif(STR("Fuzz/Zone"), file, &z, &e) == E_OK);
    check_zone(z, &t);
    zone_free(z);
    tzif_done(&t);
    return 0;
}
