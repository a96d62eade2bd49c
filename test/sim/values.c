/* test/sim/values.c - see values.h. */
#include "values.h"

#include <stdio.h>

/* Only these times are used. */
static const struct {
    const char *text;
    bool of_planned;
    int64_t shift;
    const char *form;
} times[] = {
    { "${yyyyMMdd}", false, 0, "ymd" },
    { "$(HHmm)", true, 0, "hm" },
    { "${yyyyMMdd-1d}", false, -CIVIL_DAY, "ymd" },
    { "$(yyyy-MM-dd+2d)", true, 2 * CIVIL_DAY, "y-m-d" },
    { "${dd}", false, 0, "d" },
};

struct str value_random(struct sim *s, char level)
{
    static const char *const tails[] = { "", "_${yyyyMMdd}", "_$(HHmm)", "_${yyyyMMdd-1d}",
                                         "_$(yyyy-MM-dd+2d)" };

    return arena_printf(&s->arena, "%c%d%s", level, ++s->defs.serial,
                        tails[sim_below(s, ARRAY_LEN(tails))]);
}

static void put_part(struct buf *out, char part, const struct civil_parts *p, char before)
{
    if (part == 'y')
        buf_printf(out, "%04d", p->year);
    else if (part == 'm' && before == 'h')
        buf_printf(out, "%02d", p->minute);
    else if (part == 'm')
        buf_printf(out, "%02d", p->month);
    else if (part == 'd')
        buf_printf(out, "%02d", p->day);
    else if (part == 'h')
        buf_printf(out, "%02d", p->hour);
    else
        buf_add_char(out, part);
}

/* How long the time is that stands there; 0: none. */
static size_t put_time(struct buf *out, struct str at, struct civil data_time, struct civil planned)
{
    for (size_t k = 0; k < ARRAY_LEN(times); k++) {
        if (!str_starts_with(at, str_from(times[k].text)))
            continue;
        struct civil base = times[k].of_planned ? planned : data_time;
        struct civil_parts p = civil_split((struct civil){ base.s + times[k].shift });
        for (const char *f = times[k].form; *f; f++)
            put_part(out, *f, &p, f > times[k].form ? f[-1] : 0);
        return str_from(times[k].text).len;
    }
    return 0;
}

static size_t put_name(struct buf *out, struct str at, value_lookup *lookup, void *ctx)
{
    ptrdiff_t end = str_find_char(at, '}');
    struct str value;

    if (!lookup || !str_starts_with(at, STR("${")) || end < 0 ||
        !lookup(ctx, str_sub(at, 2, (size_t)end - 2), &value))
        return 0;
    buf_add_str(out, value);
    return (size_t)end + 1;
}

struct str value_expand(struct arena *a, struct str text, struct civil data_time,
                        struct civil planned, value_lookup *lookup, void *ctx)
{
    struct buf out;

    buf_init(&out, 1 << 16);
    for (size_t at = 0; at < text.len;) {
        struct str rest = str_sub(text, at, text.len);
        ptrdiff_t dollar = str_find_char(rest, '$');
        if (dollar != 0) { /* nothing before it means anything */
            size_t plain = dollar < 0 ? rest.len : (size_t)dollar;
            buf_add_str(&out, str_sub(rest, 0, plain));
            at += plain;
            continue;
        }
        size_t used = put_time(&out, rest, data_time, planned);
        if (used == 0)
            used = put_name(&out, rest, lookup, ctx);
        if (used == 0) {
            buf_add_char(&out, text.ptr[at]);
            used = 1;
        }
        at += used;
    }
    struct str copy = arena_str(a, buf_str(&out));
    buf_done(&out);
    return copy;
}
