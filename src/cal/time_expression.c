/* cal/time_expression.c - the time parameters of a task's code. */
#include "cal/time_expression.h"

#include <string.h>

enum { AMOUNT_DIGITS_MAX = 6, YEAR_MAX = 9999 };

enum shape { SHAPE_FORMAT, SHAPE_SECONDS, SHAPE_MILLISECONDS };

typedef struct civil quick_move(struct civil day);

struct expression {
    enum shape shape;
    const struct zone *zone; /* NULL: the task's */
    struct str format;
    int amount; /* signed */
    char unit;  /* 0: no offset */
    quick_move *quick;
};

/* ---- quick forms: all take and give midnights ------------------------------------------------ */

static struct civil span_start(struct civil day, int months)
{
    struct civil_parts p = civil_split(day);

    return civil_make(p.year, (p.month - 1) / months * months + 1, 1, 0, 0, 0);
}

static struct civil span_end(struct civil day, int months)
{
    struct civil_parts p = civil_split(span_start(day, months));

    return civil_make(p.year, p.month + months, 0, 0, 0, 0);
}

static struct civil month_start(struct civil day)
{
    return span_start(day, 1);
}
static struct civil month_end(struct civil day)
{
    return span_end(day, 1);
}
static struct civil quarter_start(struct civil day)
{
    return span_start(day, 3);
}
static struct civil quarter_end(struct civil day)
{
    return span_end(day, 3);
}
static struct civil half_start(struct civil day)
{
    return span_start(day, 6);
}
static struct civil half_end(struct civil day)
{
    return span_end(day, 6);
}
static struct civil year_start(struct civil day)
{
    return span_start(day, 12);
}
static struct civil year_end(struct civil day)
{
    return span_end(day, 12);
}
static struct civil month_before_end(struct civil day)
{
    return (struct civil){ month_start(day).s - CIVIL_DAY };
}
static struct civil year_before_end(struct civil day)
{
    return (struct civil){ year_start(day).s - CIVIL_DAY };
}

/* The 31st belongs to the third ten days. */
static struct civil ten_days_start(struct civil day)
{
    struct civil_parts p = civil_split(day);

    return civil_make(p.year, p.month, p.day <= 10 ? 1 : p.day <= 20 ? 11 : 21, 0, 0, 0);
}
static struct civil ten_days_end(struct civil day)
{
    struct civil_parts p = civil_split(day);

    return p.day > 20 ? month_end(day)
                      : civil_make(p.year, p.month, p.day <= 10 ? 10 : 20, 0, 0, 0);
}

static const struct {
    const char *name;
    quick_move *move;
} quicks[] = {
    { "PME", month_before_end }, { "PYE", year_before_end }, { "HYE", half_end },
    { "HYS", half_start },       { "TE", ten_days_end },     { "TS", ten_days_start },
    { "ME", month_end },         { "MS", month_start },      { "QE", quarter_end },
    { "QS", quarter_start },     { "YE", year_end },         { "YS", year_start },
};

/* ---- parsing --------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool take_end(struct str *s, struct str suffix)
{
    if (!str_ends_with(*s, suffix))
        return false;
    *s = str_sub(*s, 0, s->len - suffix.len);
    return true;
}

static void drop_spaces_at_end(struct str *s)
{
    while (s->len > 0 && s->ptr[s->len - 1] == ' ')
        s->len--;
}

static bool take_quick(struct str *rest, quick_move **ret)
{
    for (size_t i = 0; i < ARRAY_LEN(quicks); i++) {
        struct str s = *rest;
        if (!take_end(&s, str_from(quicks[i].name)))
            continue;
        drop_spaces_at_end(&s);
        if (!take_end(&s, STR("+")))
            continue;
        drop_spaces_at_end(&s);
        *rest = s;
        *ret = quicks[i].move;
        return true;
    }
    return false;
}

static void take_offset(struct str *rest, struct expression *x)
{
    struct str s = *rest, digits;
    int64_t amount;

    if (s.len < 3 || s.ptr[s.len - 1] == '\0' || !strchr("yMwdHhm", s.ptr[s.len - 1]))
        return;
    x->unit = 0;
    char unit = s.ptr[s.len - 1];
    size_t end = --s.len;
    while (s.len > 0 && is_digit(s.ptr[s.len - 1]))
        s.len--;
    digits = str_make(s.ptr + s.len, end - s.len);
    drop_spaces_at_end(&s);
    if (digits.len == 0 || digits.len > AMOUNT_DIGITS_MAX || s.len == 0 ||
        !str_to_i64(digits, &amount))
        return;
    char sign = s.ptr[s.len - 1];
    if (sign != '+' && sign != '-')
        return;
    s.len--;
    drop_spaces_at_end(&s);
    *rest = s;
    x->unit = unit;
    x->amount = (int)(sign == '-' ? -amount : amount);
}

static bool take_zone(struct str *rest, const struct zone **ret)
{
    ptrdiff_t end = str_starts_with(*rest, STR("UTC")) ? str_find_char(*rest, '_') : -1;

    if (end < 0)
        return true;
    if (zone_find(str_sub(*rest, 0, (size_t)end), ret, NULL) != E_OK)
        return false;
    *rest = str_sub(*rest, (size_t)end + 1, rest->len);
    return true;
}

/* Bytes of the token at the beginning; 0: none is there. */
static size_t token_length(struct str s)
{
    static const char *const tokens[] = { "yyyy", "yy", "MM", "dd", "HH", "mm", "ss" };

    for (size_t i = 0; i < ARRAY_LEN(tokens); i++)
        if (str_starts_with(s, str_from(tokens[i])))
            return strlen(tokens[i]);
    return 0;
}

static bool is_literal(char c)
{
    return (c & 0x80) || strchr("-/:.,_ T", c);
}

static bool is_format(struct str s)
{
    size_t token = token_length(s);

    if (token == 0)
        return false;
    while (s.len > 0) {
        char last = s.ptr[0];
        token = token_length(s);
        if (token == 0 && (last == '\0' || !is_literal(last) || (s.len == 1 && !(last & 0x80))))
            return false;
        s = str_sub(s, token > 0 ? token : 1, s.len);
    }
    return true;
}

static bool parse(struct str text, struct expression *ret)
{
    struct expression x = { .shape = SHAPE_FORMAT };

    if (!take_quick(&text, &x.quick))
        take_offset(&text, &x);
    if (str_eq_c(text, "timestamp") || str_eq_c(text, "timestamp_ms")) {
        x.shape = str_eq_c(text, "timestamp") ? SHAPE_SECONDS : SHAPE_MILLISECONDS;
        *ret = x;
        return !x.quick;
    }
    if (!take_zone(&text, &x.zone) || !is_format(text))
        return false;
    x.format = text;
    *ret = x;
    return true;
}

/* ---- meaning --------------------------------------------------------------------------------- */

static struct civil add_offset(struct civil c, int amount, char unit)
{
    switch (unit) {
    case 'y':
        return civil_add_months(c, amount * 12);
    case 'M':
        return civil_add_months(c, amount);
    case 'w':
        return (struct civil){ c.s + amount * (int64_t)CIVIL_WEEK };
    case 'd':
        return (struct civil){ c.s + amount * (int64_t)CIVIL_DAY };
    case 'm':
        return (struct civil){ c.s + amount * (int64_t)CIVIL_MINUTE };
    default:
        return (struct civil){ c.s + amount * (int64_t)CIVIL_HOUR };
    }
}

static struct civil moved(const struct expression *x, struct civil c)
{
    struct civil day = civil_day(c);

    if (x->quick)
        return (struct civil){ x->quick(day).s + (c.s - day.s) };
    return x->unit ? add_offset(c, x->amount, x->unit) : c;
}

static void put_format(struct str format, const struct civil_parts *p, struct buf *out)
{
    while (format.len > 0) {
        size_t token = token_length(format);
        switch (token > 0 ? format.ptr[0] : 0) {
        case 'y':
            if (token == 4)
                buf_printf(out, "%04d", p->year);
            else
                buf_printf(out, "%02d", p->year % 100);
            break;
        case 'M':
            buf_printf(out, "%02d", p->month);
            break;
        case 'd':
            buf_printf(out, "%02d", p->day);
            break;
        case 'H':
            buf_printf(out, "%02d", p->hour);
            break;
        case 'm':
            buf_printf(out, "%02d", p->minute);
            break;
        case 's':
            buf_printf(out, "%02d", p->second);
            break;
        default:
            token = 1;
            buf_add(out, format.ptr, 1);
        }
        format = str_sub(format, token, format.len);
    }
}

bool time_expression_render(struct str expression, enum time_base base, const struct time_point *at,
                            struct buf *out)
{
    struct expression x;

    if (!parse(expression, &x))
        return false;
    bool planned = x.shape != SHAPE_FORMAT || base == TIME_BASE_PLANNED;
    struct civil c = planned ? at->planned : at->data_time;
    if (x.zone)
        c = zone_to_civil(x.zone, zone_to_wall(at->zone, c));
    c = moved(&x, c);
    struct civil_parts p = civil_split(c);
    if (p.year < 0 || p.year > YEAR_MAX)
        return false;
    if (x.shape == SHAPE_FORMAT)
        put_format(x.format, &p, out);
    else
        buf_add_i64(out,
                    zone_to_wall(at->zone, c).us / (x.shape == SHAPE_SECONDS ? 1000000 : 1000));
    return true;
}
