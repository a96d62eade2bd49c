/* cal/cron_parse.c - Quartz cron expressions from text and back to text. */
#include "cal/cron.h"

#include <string.h>

#define CRON_PATH "CrontabExpression"

enum field_id { SECOND, MINUTE, HOUR, MDAY, MONTH, WDAY, YEAR, FIELD_N_ };

struct field {
    const char *en, *zh;
    int min, max;
    const char *names;   /* three letters each, from min on; NULL: numbers only */
    const char *allowed; /* for messages; the same in every language */
};

static const struct field fields[FIELD_N_] = {
    [SECOND] = { "second", "秒", 0, 59, NULL, "0-59 * , - /" },
    [MINUTE] = { "minute", "分", 0, 59, NULL, "0-59 * , - /" },
    [HOUR] = { "hour", "时", 0, 23, NULL, "0-23 * , - /" },
    [MDAY] = { "day-of-month", "日", 1, 31, NULL, "1-31 * ? , - / L L-n (n 0-30) nW LW L-nW" },
    [MONTH] = { "month", "月", 1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC",
                "1-12 JAN-DEC * , - /" },
    [WDAY] = { "day-of-week", "周", 1, 7, "SUNMONTUEWEDTHUFRISAT",
               "1-7 (1 = Sunday) SUN-SAT * ? , - / L nL n#k (k 1-5)" },
    [YEAR] = { "year", "年", CIVIL_YEAR_MIN, CIVIL_YEAR_MAX, NULL, "1970-2199 * , - /" },
};

/* Why a part is refused. */
struct reason {
    enum err_code code;
    const char *en, *zh;
};

static const struct reason not_a_value = { E_SYNTAX, "is not a value of this field",
                                           "不是该字段的值" };
static const struct reason out_of_range = { E_RANGE, "is out of range", "超出范围" };
static const struct reason bad_step = { E_RANGE,
                                        "has a step that is not between 1 and the field's largest",
                                        "的步长不在 1 与该字段的最大值之间" };
static const struct reason empty_part = { E_SYNTAX, "has an empty part", "含有空的部分" };
static const struct reason not_alone = { E_SYNTAX, "must stand alone in its field",
                                         "必须单独出现在字段中" };
static const struct reason backwards = { E_RANGE, "runs backwards", "的起点大于终点" };

struct parser {
    enum field_id id;
    struct cron *cron;
    uint64_t bits[4]; /* plain values: bit (value - base of the field) */
    bool any;         /* '*' or '?' was there */
    struct err *e;
};

/* Bit 0 of the sets in struct cron stands for this value. */
static int base_of(enum field_id id)
{
    return id == WDAY ? 1 : id == YEAR ? CIVIL_YEAR_MIN : 0;
}

/* Printable copy of at most 40 bytes. */
static void quote(struct str part, char out[48])
{
    size_t n = part.len < 40 ? part.len : 40;

    for (size_t i = 0; i < n; i++)
        out[i] = part.ptr[i] > ' ' && part.ptr[i] <= '~' ? part.ptr[i] : '?';
    memcpy(out + n, part.len > n ? "..." : "", part.len > n ? 4 : 1);
}

static enum err_code refuse(const struct parser *p, struct str part, const struct reason *why)
{
    const struct field *f = &fields[p->id];
    char shown[48];

    quote(part, shown);
    /* Both formats take the same arguments; "%.0s" skips the words of the other language. */
    return err_user(p->e, why->code, CRON_PATH, "the %s%.0s field: '%s' %s%.0s; allowed: %s",
                    "%.0s%s字段：“%s”%.0s%s；允许：%s", f->en, f->zh, shown, why->en, why->zh,
                    f->allowed);
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_char(struct str s, size_t at, char c)
{
    return at < s.len && upper(s.ptr[at]) == c;
}

/* Unsigned decimal of at most four digits. */
static bool number(struct str s, int *ret)
{
    int v = 0;

    if (s.len < 1 || s.len > 4)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        v = v * 10 + (s.ptr[i] - '0');
    }
    *ret = v;
    return true;
}

static bool name(const struct field *f, struct str s, int *ret)
{
    if (f->names == NULL || s.len != 3)
        return false;
    for (int v = f->min; v <= f->max; v++) {
        const char *n = f->names + 3 * (v - f->min);
        if (upper(s.ptr[0]) == n[0] && upper(s.ptr[1]) == n[1] && upper(s.ptr[2]) == n[2]) {
            *ret = v;
            return true;
        }
    }
    return false;
}

/* One value; on failure the message shows the whole part. */
static enum err_code value(const struct parser *p, struct str s, struct str part, int *ret)
{
    const struct field *f = &fields[p->id];
    int v;

    if (name(f, s, ret))
        return E_OK;
    if (!number(s, &v))
        return refuse(p, part, &not_a_value);
    if (v < f->min || v > f->max)
        return refuse(p, part, &out_of_range);
    *ret = v;
    return E_OK;
}

static void add_value(struct parser *p, int v)
{
    int bit = v - base_of(p->id);

    p->bits[bit / 64] |= UINT64_C(1) << bit % 64;
}

/* from, from + step, ... up to `to`, which lies past the largest value when the range wraps. */
static void add_values(struct parser *p, int from, int to, int step)
{
    const struct field *f = &fields[p->id];

    for (int v = from; v <= to; v += step)
        add_value(p, v > f->max ? v - (f->max - f->min + 1) : v);
}

/* "*", "v", "v-v", each with an optional "/n"; a lone "v/n" runs to the end of the field. */
static enum err_code plain_part(struct parser *p, struct str part)
{
    const struct field *f = &fields[p->id];
    ptrdiff_t slash = str_find_char(part, '/');
    struct str range = slash < 0 ? part : str_sub(part, 0, (size_t)slash);
    ptrdiff_t dash = str_find_char(range, '-');
    int from = f->min, to = f->max, step = 1;
    enum err_code rc;

    if (slash >= 0) {
        if (!number(str_sub(part, (size_t)slash + 1, part.len), &step) || step < 1 || step > f->max)
            return refuse(p, part, &bad_step);
    }
    if (str_eq_c(range, "*") || (range.len == 0 && slash == 0)) {
        if (step == 1)
            p->any = true;
        add_values(p, from, to, step);
        return E_OK;
    }
    rc = value(p, dash < 0 ? range : str_sub(range, 0, (size_t)dash), part, &from);
    if (rc != E_OK)
        return rc;
    if (dash >= 0) {
        rc = value(p, str_sub(range, (size_t)dash + 1, range.len), part, &to);
        if (rc != E_OK)
            return rc;
        if (to < from && p->id == YEAR)
            return refuse(p, part, &backwards);
        if (to < from)
            to += f->max - f->min + 1;
    } else if (slash < 0) {
        to = from;
    }
    add_values(p, from, to, step);
    return E_OK;
}

/* L, LW, L-n, L-nW and nW; *ret_done says whether the part was one of them. */
static enum err_code month_day_part(struct parser *p, struct str part, bool *ret_done)
{
    bool from_end = is_char(part, 0, 'L');
    bool weekday = is_char(part, part.len - 1, 'W');
    struct str inner = str_sub(part, from_end, part.len - from_end - weekday);
    uint32_t *set = from_end ? weekday ? &p->cron->mday_end_weekday : &p->cron->mday_from_end
                             : &p->cron->mday_weekday;
    int n = 0;
    enum err_code rc;

    *ret_done = from_end || weekday;
    if (!*ret_done)
        return E_OK;
    if (!from_end) {
        rc = value(p, inner, part, &n);
        if (rc != E_OK)
            return rc;
    } else if (inner.len > 0) {
        if (inner.ptr[0] != '-' || !number(str_sub(inner, 1, inner.len), &n))
            return refuse(p, part, &not_a_value);
        if (n > 30)
            return refuse(p, part, &out_of_range);
    }
    *set |= 1u << n;
    return E_OK;
}

/* L (Saturday), nL and n#k; *ret_done says whether the part was one of them. */
static enum err_code week_day_part(struct parser *p, struct str part, bool *ret_done)
{
    ptrdiff_t hash = str_find_char(part, '#');
    bool last = is_char(part, part.len - 1, 'L');
    struct str day = str_sub(part, 0, hash >= 0 ? (size_t)hash : part.len - 1);
    int v, k;
    enum err_code rc;

    *ret_done = last || hash >= 0;
    if (!*ret_done)
        return E_OK;
    if (part.len == 1) {
        if (!last)
            return refuse(p, part, &not_a_value);
        add_value(p, fields[WDAY].max);
        return E_OK;
    }
    rc = value(p, day, part, &v);
    if (rc != E_OK)
        return rc;
    if (hash < 0) {
        p->cron->wday_last |= (uint8_t)(1u << (v - 1));
        return E_OK;
    }
    if (!number(str_sub(part, (size_t)hash + 1, part.len), &k) || k < 1 || k > 5)
        return refuse(p, part, &out_of_range);
    p->cron->wday_nth[k] |= (uint8_t)(1u << (v - 1));
    return E_OK;
}

static enum err_code one_part(struct parser *p, struct str part)
{
    bool done = false;
    enum err_code rc = E_OK;

    if (p->id == MDAY)
        rc = month_day_part(p, part, &done);
    else if (p->id == WDAY)
        rc = week_day_part(p, part, &done);
    return rc != E_OK || done ? rc : plain_part(p, part);
}

static enum err_code one_field(struct parser *p, struct str text)
{
    bool day_field = p->id == MDAY || p->id == WDAY;
    struct str rest = text;
    enum err_code rc = E_OK;

    if (day_field && str_eq_c(text, "?")) {
        p->any = true;
        return E_OK;
    }
    if (day_field && str_find_char(text, '?') >= 0)
        return refuse(p, text, &not_alone);
    while (rc == E_OK && rest.ptr != NULL) {
        struct str part = str_split(&rest, ',');
        rc = part.len == 0 ? refuse(p, text, &empty_part) : one_part(p, part);
    }
    return rc;
}

static void keep(struct parser *p)
{
    struct cron *c = p->cron;

    switch (p->id) {
    case SECOND:
        c->second = p->bits[0];
        break;
    case MINUTE:
        c->minute = p->bits[0];
        break;
    case HOUR:
        c->hour = (uint32_t)p->bits[0];
        break;
    case MONTH:
        c->month = (uint32_t)p->bits[0];
        break;
    case MDAY:
        c->mday_any = p->any;
        c->mday = (uint32_t)p->bits[0];
        if (p->any)
            c->mday = c->mday_from_end = c->mday_weekday = c->mday_end_weekday = 0;
        break;
    case WDAY:
        c->wday_any = p->any;
        c->wday = (uint8_t)p->bits[0];
        if (p->any) {
            c->wday = c->wday_last = 0;
            memset(c->wday_nth, 0, sizeof(c->wday_nth));
        }
        break;
    default:
        memcpy(c->year, p->bits, sizeof(c->year));
    }
}

/* Splits at blanks into at most FIELD_N_ fields; returns how many there are. */
static int split_fields(struct str text, struct str parts[FIELD_N_])
{
    size_t i = 0;
    int n = 0;

    while (i < text.len) {
        size_t start = i;
        while (i < text.len && text.ptr[i] != ' ' && text.ptr[i] != '\t')
            i++;
        if (i > start && n < FIELD_N_)
            parts[n] = str_sub(text, start, i - start);
        n += i > start;
        i++;
    }
    return n;
}

enum err_code cron_parse(struct str text, struct cron *ret, struct err *e)
{
    struct cron c = { 0 };
    struct str parts[FIELD_N_];
    int n;

    if (text.len > CRON_TEXT_MAX)
        return err_user(e, E_LIMIT, CRON_PATH,
                        "the expression is %zu bytes long; at most %d are allowed",
                        "表达式长 %zu 字节；最多允许 %d 字节", text.len, CRON_TEXT_MAX);
    n = split_fields(text, parts);
    if (n < YEAR || n > FIELD_N_)
        return err_user(
            e, E_SYNTAX, CRON_PATH,
            "the expression has %d fields; 6 or 7 are needed: second minute "
            "hour day-of-month month day-of-week [year], such as 0 30 2 * * ? *",
            "表达式有 %d 个字段；应为 6 或 7 个：秒 分 时 日 月 周 [年]，例如 0 30 2 * * ? *", n);
    for (int i = 0; i < FIELD_N_; i++) {
        struct parser p = { .id = (enum field_id)i, .cron = &c, .e = e };
        enum err_code rc = one_field(&p, i < n ? parts[i] : STR("*"));
        if (rc != E_OK)
            return rc;
        keep(&p);
    }
    *ret = c;
    return E_OK;
}
