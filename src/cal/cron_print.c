/* cal/cron_print.c - the canonical text of a cron expression.
 *
 * A set is written as '*' (all of it), else as a list, from the smallest value on, in which three
 * or more neighbours become a range, four or more values at equal distances a range with a step,
 * and three or more that run to the end of the field "from/step".
 */
#include "cal/cron.h"

struct set {
    const uint64_t *bits;
    int base;     /* value of bit 0 */
    int min, max; /* of the field */
};

static bool has(const struct set *s, int value)
{
    int bit = value - s->base;

    return (s->bits[bit / 64] >> bit % 64 & 1) != 0;
}

static int next_value(const struct set *s, int value)
{
    while (value <= s->max && !has(s, value))
        value++;
    return value;
}

static void comma(struct buf *out, size_t start)
{
    if (out->len > start)
        buf_add_char(out, ',');
}

/* A run of values at equal distances. */
struct run {
    int first, last, step, count;
};

static struct run run_from(const struct set *s, int first)
{
    struct run r = { first, first, next_value(s, first + 1) - first, 1 };

    while (r.last + r.step <= s->max && next_value(s, r.last + 1) == r.last + r.step) {
        r.last += r.step;
        r.count++;
    }
    return r;
}

/* Appends the values; `start` is where the field began in out. */
static void print_values(const struct set *s, struct buf *out, size_t start)
{
    int v = next_value(s, s->min);

    while (v <= s->max) {
        struct run r = run_from(s, v);
        comma(out, start);
        if (r.step > 1 && r.count >= 3 && r.last + r.step > s->max) {
            buf_printf(out, "%d/%d", v, r.step);
        } else if (r.step > 1 && r.count >= 4) {
            buf_printf(out, "%d-%d/%d", v, r.last, r.step);
        } else if (r.step == 1 && r.count >= 3) {
            buf_printf(out, "%d-%d", v, r.last);
        } else {
            buf_printf(out, "%d", v);
            r.last = v;
        }
        v = next_value(s, r.last + 1);
    }
}

static void print_field(const struct set *s, struct buf *out)
{
    int v = s->min;

    while (v <= s->max && has(s, v))
        v++;
    if (v > s->max)
        buf_add_char(out, '*');
    else
        print_values(s, out, out->len);
    buf_add_char(out, ' ');
}

static void print_month_days(const struct cron *c, struct buf *out)
{
    uint64_t mday = c->mday;
    struct set s = { &mday, 0, 1, 31 };
    size_t start = out->len;

    if (c->mday_any) {
        buf_add_c(out, c->wday_any ? "*" : "?");
        return;
    }
    print_values(&s, out, start);
    for (int n = 0; n <= 31; n++) {
        if ((c->mday_weekday >> n & 1) != 0) {
            comma(out, start);
            buf_printf(out, "%dW", n);
        }
    }
    for (int n = 0; n <= 30; n++) {
        for (int weekday = 0; weekday < 2; weekday++) {
            if (((weekday ? c->mday_end_weekday : c->mday_from_end) >> n & 1) == 0)
                continue;
            comma(out, start);
            buf_add_char(out, 'L');
            if (n > 0)
                buf_printf(out, "-%d", n);
            if (weekday)
                buf_add_char(out, 'W');
        }
    }
}

static void print_week_days(const struct cron *c, struct buf *out)
{
    uint64_t wday = c->wday;
    struct set s = { &wday, 1, 1, 7 };
    size_t start = out->len;

    if (c->wday_any) {
        buf_add_char(out, '?');
        return;
    }
    print_values(&s, out, start);
    for (int day = 1; day <= 7; day++) {
        if ((c->wday_last >> (day - 1) & 1) != 0) {
            comma(out, start);
            buf_printf(out, "%dL", day);
        }
        for (int k = 1; k <= 5; k++) {
            if ((c->wday_nth[k] >> (day - 1) & 1) == 0)
                continue;
            comma(out, start);
            buf_printf(out, "%d#%d", day, k);
        }
    }
}

void cron_print(const struct cron *c, struct buf *out)
{
    uint64_t hour = c->hour, month = c->month;
    struct buf year;

    print_field(&(struct set){ &c->second, 0, 0, 59 }, out);
    print_field(&(struct set){ &c->minute, 0, 0, 59 }, out);
    print_field(&(struct set){ &hour, 0, 0, 23 }, out);
    print_month_days(c, out);
    buf_add_char(out, ' ');
    print_field(&(struct set){ &month, 0, 1, 12 }, out);
    print_week_days(c, out);
    buf_add_char(out, ' ');
    buf_init(&year, CRON_TEXT_MAX);
    print_field(&(struct set){ c->year, CIVIL_YEAR_MIN, CIVIL_YEAR_MIN, CIVIL_YEAR_MAX }, &year);
    buf_add(out, year.ptr, year.len - 1);
    buf_done(&year);
}
