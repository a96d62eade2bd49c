/* cal/schedule_describe.c - a schedule in words, English and Chinese.
 *
 * A schedule whose cron has the shape that its cycle type leads one to expect is put into a
 * sentence; any other is described by its cron, in the words of who gave it.
 */
#include "cal/schedule.h"

static const char *const week_en[7] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
                                        "Thursday", "Friday", "Saturday" };
static const char *const week_zh[7] = { "日", "一", "二", "三", "四", "五", "六" };

static int lowest(uint64_t bits)
{
    return __builtin_ctzll(bits);
}

static int highest(uint64_t bits)
{
    return 63 - __builtin_clzll(bits);
}

static bool is_one(uint64_t bits)
{
    return __builtin_popcountll(bits) == 1;
}

/* The distance of a progression, 0 when the set is none or has one value. */
static int step_of(uint64_t bits)
{
    uint64_t rest = bits & (bits - 1);
    int step, value;

    if (rest == 0)
        return 0;
    step = lowest(rest) - lowest(bits);
    value = lowest(rest);
    for (rest &= rest - 1; rest != 0; rest &= rest - 1) {
        if (lowest(rest) != value + step)
            return 0;
        value += step;
    }
    return step;
}

static bool every_month(const struct cron *c)
{
    return c->month == 0x1ffe;
}

static bool every_year(const struct cron *c)
{
    int n = 0;

    for (int i = 0; i < 4; i++)
        n += __builtin_popcountll(c->year[i]);
    return n == CIVIL_YEAR_MAX - CIVIL_YEAR_MIN + 1;
}

static bool every_day(const struct cron *c)
{
    return c->mday_any && c->wday_any && every_month(c) && every_year(c);
}

static bool once_a_day(const struct cron *c)
{
    return is_one(c->second) && is_one(c->minute) && is_one(c->hour);
}

/* "08:30", or "08:30:15" when the second is not 0. */
static void put_clock(int hour, const struct cron *c, struct buf *out)
{
    buf_printf(out, "%02d:%02d", hour, lowest(c->minute));
    if (lowest(c->second) != 0)
        buf_printf(out, ":%02d", lowest(c->second));
}

static void put_date_time(struct civil t, bool chinese, struct buf *out)
{
    struct civil_parts p = civil_split(t);

    buf_printf(out, chinese ? "%04d年%02d月%02d日 %02d:%02d:%02d" : "%04d-%02d-%02d %02d:%02d:%02d",
               p.year, p.month, p.day, p.hour, p.minute, p.second);
}

static void separate(struct buf *out, size_t start, bool chinese)
{
    if (out->len > start)
        buf_add_c(out, chinese ? "、" : ", ");
}

static bool describe_oneoff(const struct schedule *s, bool chinese, struct buf *out)
{
    struct firing f;

    if (!schedule_data_next(s, (struct civil){ 0 }, SCHEDULE_IGNORE_RANGE | SCHEDULE_IGNORE_WINDOW,
                            &f))
        return false;
    if (!chinese)
        buf_add_c(out, "Once at ");
    put_date_time(f.planned, chinese, out);
    if (chinese)
        buf_add_c(out, "执行");
    return true;
}

static bool describe_day(const struct cron *c, bool chinese, struct buf *out)
{
    if (!once_a_day(c) || !every_day(c))
        return false;
    buf_add_c(out, chinese ? "每天" : "Every day at ");
    put_clock(lowest(c->hour), c, out);
    if (chinese)
        buf_add_c(out, "执行一次");
    return true;
}

static bool describe_week(const struct cron *c, bool chinese, struct buf *out)
{
    bool nth = c->wday_last != 0;
    size_t start;

    for (int k = 1; k <= 5; k++)
        nth = nth || c->wday_nth[k] != 0;
    if (!once_a_day(c) || !c->mday_any || c->wday_any || nth || !every_month(c) || !every_year(c))
        return false;
    buf_add_c(out, chinese ? "每周" : "Every week on ");
    start = out->len;
    for (int i = 1; i <= 7; i++) { /* from Monday on */
        if ((c->wday >> i % 7 & 1) == 0)
            continue;
        separate(out, start, chinese);
        buf_add_c(out, chinese ? week_zh[i % 7] : week_en[i % 7]);
    }
    buf_add_c(out, chinese ? " " : " at ");
    put_clock(lowest(c->hour), c, out);
    if (chinese)
        buf_add_c(out, "执行一次");
    return true;
}

/* Only numbered days and the last day. */
static bool plain_days(const struct cron *c)
{
    return !c->mday_any && c->wday_any && c->mday_weekday == 0 && c->mday_end_weekday == 0 &&
           c->mday_from_end <= 1;
}

static bool describe_month(const struct cron *c, bool chinese, struct buf *out)
{
    size_t start;

    if (!once_a_day(c) || !plain_days(c) || !every_month(c) || !every_year(c))
        return false;
    buf_add_c(out, chinese ? "每月" : "Every month on day ");
    start = out->len;
    for (int day = 1; day <= 31; day++) {
        if ((c->mday >> day & 1) == 0)
            continue;
        separate(out, start, chinese);
        buf_printf(out, chinese ? "%d日" : "%d", day);
    }
    if (c->mday_from_end != 0) {
        separate(out, start, chinese);
        buf_add_c(out, chinese ? "最后一天" : "last");
    }
    buf_add_c(out, chinese ? " " : " at ");
    put_clock(lowest(c->hour), c, out);
    if (chinese)
        buf_add_c(out, "执行一次");
    return true;
}

static bool describe_year(const struct cron *c, bool chinese, struct buf *out)
{
    if (!once_a_day(c) || !plain_days(c) || c->mday_from_end != 0 || !is_one(c->mday) ||
        !is_one(c->month) || !every_year(c))
        return false;
    buf_printf(out, chinese ? "每年%02d月%02d日 " : "Every year on %02d-%02d at ", lowest(c->month),
               lowest(c->mday));
    put_clock(lowest(c->hour), c, out);
    if (chinese)
        buf_add_c(out, "执行一次");
    return true;
}

static void put_window(int from, int to, bool chinese, struct buf *out)
{
    buf_printf(out,
               chinese ? "每天%02d:%02d~%02d:%02d内，" : " from %02d:%02d to %02d:%02d every day",
               from / 60, from % 60, to / 60, to % 60);
}

static bool describe_hour(const struct schedule *s, bool chinese, struct buf *out)
{
    const struct cron *c = &s->cron;
    int step = step_of(c->hour);
    size_t start;

    if (!is_one(c->second) || !is_one(c->minute) || !every_day(c))
        return false;
    if (step != 0 && highest(c->hour) + step > 23) {
        if (!chinese)
            buf_printf(out, step == 1 ? "Every hour" : "Every %d hours", step);
        put_window(s->window_from, s->window_to, chinese, out);
        buf_printf(out, chinese ? "从%02d:%02d起每间隔%d小时执行一次" : ", at %02d:%02d first",
                   lowest(c->hour), lowest(c->minute), step);
        return true;
    }
    buf_add_c(out, chinese ? "每天" : "Every day at ");
    start = out->len;
    for (int hour = 0; hour < 24; hour++) {
        if ((c->hour >> hour & 1) == 0)
            continue;
        separate(out, start, chinese);
        put_clock(hour, c, out);
    }
    if (chinese)
        buf_add_c(out, "执行一次");
    return true;
}

static bool describe_minute(const struct schedule *s, bool chinese, struct buf *out)
{
    const struct cron *c = &s->cron;
    int step = step_of(c->minute);
    int from, to;

    if (!is_one(c->second) || step == 0 || highest(c->minute) + step != 60 + lowest(c->minute) ||
        !every_day(c) || (step_of(c->hour) != 1 && !is_one(c->hour)))
        return false;
    from = lowest(c->hour) * 60;
    to = highest(c->hour) * 60 + 59;
    from = from > s->window_from ? from : s->window_from;
    to = to < s->window_to ? to : s->window_to;
    if (chinese) {
        buf_add_c(out, "从");
        put_date_time(s->start, chinese, out);
        buf_add_c(out, "开始,");
        put_window(from, to, chinese, out);
        buf_printf(out, "每间隔%d分钟执行一次", step);
    } else {
        buf_printf(out, step == 1 ? "Every minute" : "Every %d minutes", step);
        put_window(from, to, chinese, out);
        buf_add_c(out, ", starting ");
        put_date_time(s->start, chinese, out);
    }
    return true;
}

static bool describe(const struct schedule *s, bool chinese, struct buf *out)
{
    switch (s->cycle) {
    case CYCLE_ONEOFF:
        return describe_oneoff(s, chinese, out);
    case CYCLE_YEAR:
        return describe_year(&s->cron, chinese, out);
    case CYCLE_MONTH:
        return describe_month(&s->cron, chinese, out);
    case CYCLE_WEEK:
        return describe_week(&s->cron, chinese, out);
    case CYCLE_DAY:
        return describe_day(&s->cron, chinese, out);
    case CYCLE_HOUR:
        return describe_hour(s, chinese, out);
    case CYCLE_MINUTE:
        return describe_minute(s, chinese, out);
    default:
        return false;
    }
}

void schedule_describe(const struct schedule *s, struct str cron, bool chinese, struct buf *out)
{
    if (s->manual) {
        buf_add_c(out, chinese ? "手动触发" : "When it is triggered");
        return;
    }
    if (!describe(s, chinese, out))
        buf_add_str(out, cron);
    /* The default zone goes without saying. */
    if (!str_eq(str_from(zone_name(s->zone)), str_from(zone_name(zone_default()))))
        buf_printf(out, chinese ? "(%s)" : " (%s)", zone_name(s->zone));
}
