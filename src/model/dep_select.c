/* model/dep_select.c - the selections of docs/reference/semantics.md 3.4, and their inverse. */
#include <string.h>

#include "model/dependency.h"

/* Data times from <= u < until. */
struct span {
    struct civil from, until;
};

static struct span span_at(struct civil base, int64_t from, int64_t until)
{
    return (struct span){ { base.s + from }, { base.s + until } };
}

static struct span month_span(struct civil d, int n)
{
    struct civil month = civil_month(d);

    return (struct span){ civil_add_months(month, n), civil_add_months(month, n + 1) };
}

static struct span year_span(struct civil d)
{
    struct civil year = civil_year(d);

    return (struct span){ year, civil_add_months(year, 12) };
}

static bool is_list(enum dep_main m)
{
    return m == DEP_LIST_DAY || m == DEP_LIST_HOUR || m == DEP_LIST_MINUTE;
}

/* The unit of a RANGE_ or LIST_, in seconds. */
static int64_t unit_of(enum dep_main m)
{
    switch (m) {
    case DEP_RANGE_DAY:
    case DEP_LIST_DAY:
        return CIVIL_DAY;
    case DEP_RANGE_HOUR:
    case DEP_LIST_HOUR:
        return CIVIL_HOUR;
    default:
        return CIVIL_MINUTE;
    }
}

static struct civil cut_to(struct civil c, int64_t unit)
{
    int64_t rest = c.s % unit;

    return (struct civil){ c.s - (rest < 0 ? rest + unit : rest) };
}

/* What a preset that selects a set selects for d. */
static struct span preset_span(enum dep_sub sub, struct civil d)
{
    struct span s;

    switch (sub) {
    case DEP_CURRENT_YEAR:
    case DEP_ALL_MONTH_OF_YEAR:
    case DEP_ALL_DAY_OF_YEAR:
        return year_span(d);
    case DEP_CURRENT_MONTH:
        return month_span(d, 0);
    case DEP_PREVIOUS_MONTH:
        return month_span(d, -1);
    case DEP_PREVIOUS_BEGIN_OF_MONTH:
        s = month_span(d, -1);
        return span_at(s.from, 0, CIVIL_DAY);
    case DEP_PREVIOUS_END_OF_MONTH:
        s = month_span(d, -1);
        return span_at(s.until, -CIVIL_DAY, 0);
    case DEP_CURRENT_WEEK:
        return span_at(civil_week(d), 0, CIVIL_WEEK);
    case DEP_PREVIOUS_WEEK:
        return span_at(civil_week(d), -CIVIL_WEEK, 0);
    case DEP_PREVIOUS_FRIDAY:
        return span_at(civil_week(d), -3 * CIVIL_DAY, -2 * CIVIL_DAY);
    case DEP_PREVIOUS_WEEKEND:
        return span_at(civil_week(d), -CIVIL_DAY, 0);
    case DEP_CURRENT_DAY:
        return span_at(civil_day(d), 0, CIVIL_DAY);
    case DEP_PREVIOUS_DAY:
        return span_at(civil_day(d), -CIVIL_DAY, 0);
    case DEP_PREVIOUS_DAY_LATER_OFFSET_HOUR:
    case DEP_PREVIOUS_DAY_LATER_OFFSET_MINUTE:
        return span_at(d, 1 - CIVIL_DAY, 1);
    case DEP_CURRENT_HOUR:
        return span_at(civil_hour(d), 0, CIVIL_HOUR);
    case DEP_PREVIOUS_HOUR:
        return span_at(d, -CIVIL_HOUR, 0);
    case DEP_PREVIOUS_HOUR_LATER_OFFSET_MINUTE:
        return span_at(d, 1 - CIVIL_HOUR, 1);
    default:
        check(!"a preset that selects a set");
        return span_at(d, 0, 0);
    }
}

struct sink {
    dep_add *add;
    dep_newest *newest; /* NULL: nothing exists beyond the range */
    void *ctx;
    int n;
    bool stopped;
};

static enum err_code give(struct sink *k, struct dep_candidate c, struct err *e)
{
    if (k->n == DEP_CANDIDATES_MAX)
        return err_user(e, E_LIMIT, "", "the dependency selects more than %d upstream instances",
                        "该依赖选中的上游实例超过 %d 个", DEP_CANDIDATES_MAX);
    k->n++;
    k->stopped = !k->add(k->ctx, c);
    return E_OK;
}

/* Is it a data time of the schedule that only the effective range leaves out? */
static bool is_beyond(const struct schedule *up, struct civil data_time)
{
    struct firing f;

    return !schedule_data_find(up, data_time, 0, &f) &&
           schedule_data_find(up, data_time, SCHEDULE_IGNORE_RANGE, &f);
}

/* What exists of a span that lies beyond the effective range.  It is found from the newest back and
 * given the other way round. */
static enum err_code give_beyond(struct sink *k, const struct schedule *up, struct span s,
                                 struct err *e)
{
    struct civil *found = NULL, at = s.until;
    size_t n = 0, cap = 0;
    struct firing f;
    enum err_code rc = E_OK;

    if (!k->newest || k->stopped || s.from.s >= s.until.s ||
        !schedule_data_next(up, s.from, SCHEDULE_IGNORE_RANGE, &f) || f.data_time.s >= s.until.s)
        return E_OK;
    while (n <= DEP_CANDIDATES_MAX && k->newest(k->ctx, at, &at) && at.s >= s.from.s) {
        if (!is_beyond(up, at))
            continue;
        found = mem_grow(found, &cap, n + 1, sizeof(*found));
        found[n++] = at;
    }
    while (rc == E_OK && !k->stopped && n > 0)
        rc = give(k, (struct dep_candidate){ found[--n], false }, e);
    mem_free(found);
    return rc;
}

static enum err_code give_span(struct sink *k, const struct schedule *up, struct span s,
                               struct err *e)
{
    struct firing f;
    bool more = schedule_data_next(up, s.from, 0, &f) && f.data_time.s < s.until.s;
    enum err_code rc = give_beyond(k, up, (struct span){ s.from, more ? f.data_time : s.until }, e);

    if (!more)
        return rc;
    struct civil from = s.from;
    while (rc == E_OK && !k->stopped && more) {
        rc = give(k, (struct dep_candidate){ f.data_time, true }, e);
        from.s = f.data_time.s + 1;
        more = schedule_data_next(up, from, 0, &f) && f.data_time.s < s.until.s;
    }
    return rc == E_OK ? give_beyond(k, up, (struct span){ from, s.until }, e) : rc;
}

/* Ascending, each once; returns how many are left. */
static int sorted_offsets(const struct dep_rule *r, int32_t out[DEP_OFFSETS_MAX])
{
    int n = 0;

    for (int i = 0; i < r->n_offsets; i++) {
        int at = n;
        while (at > 0 && out[at - 1] > r->offsets[i])
            at--;
        if (at > 0 && out[at - 1] == r->offsets[i])
            continue;
        memmove(out + at + 1, out + at, (size_t)(n - at) * sizeof(*out));
        out[at] = r->offsets[i];
        n++;
    }
    return n;
}

static enum err_code give_offsets(struct sink *k, const struct dep_rule *r,
                                  const struct schedule *up, struct civil d, struct err *e)
{
    int64_t unit = unit_of(r->main);
    struct civil base = cut_to(d, unit);
    int32_t offsets[DEP_OFFSETS_MAX];
    int n = sorted_offsets(r, offsets);
    enum err_code rc = E_OK;

    if (n == 0)
        return E_OK;
    if (!is_list(r->main))
        return give_span(k, up, span_at(base, offsets[0] * unit, (offsets[n - 1] + 1) * unit), e);
    for (int i = 0; i < n && rc == E_OK && !k->stopped; i++)
        rc = give_span(k, up, span_at(base, offsets[i] * unit, (offsets[i] + 1) * unit), e);
    return rc;
}

/* RECENT_DATE: the newest before `until`. */
static enum err_code give_recent(struct sink *k, const struct schedule *up, struct civil until,
                                 struct err *e)
{
    struct civil last = { until.s - 1 }, at = until;
    struct firing f, any;
    bool found = schedule_data_prev(up, last, 0, &f);

    if (k->newest && schedule_data_prev(up, last, SCHEDULE_IGNORE_RANGE, &any) &&
        (!found || any.data_time.s > f.data_time.s))
        while (k->newest(k->ctx, at, &at) && (!found || at.s > f.data_time.s))
            if (is_beyond(up, at))
                return give(k, (struct dep_candidate){ at, false }, e);
    return found ? give(k, (struct dep_candidate){ f.data_time, true }, e) : E_OK;
}

static enum err_code give_single(struct sink *k, const struct dep_rule *r,
                                 const struct schedule *up, struct civil d, struct err *e)
{
    const unsigned grid = SCHEDULE_IGNORE_RANGE | SCHEDULE_IGNORE_WINDOW;
    struct firing f, own;

    if (r->sub == DEP_RECENT_DATE)
        return give_recent(k, up, (struct civil){ civil_day(d).s + CIVIL_DAY }, e);
    if (!schedule_data_prev(up, d, grid, &f))
        return E_OK;
    if (r->sub == DEP_PREVIOUS_HOUR_CYCLE || r->sub == DEP_PREVIOUS_MINUTE_CYCLE) {
        if (!schedule_data_prev(up, (struct civil){ f.data_time.s - 1 }, grid, &f))
            return E_OK;
    }
    return give(
        k, (struct dep_candidate){ f.data_time, schedule_data_find(up, f.data_time, 0, &own) }, e);
}

static enum err_code check_pair(const struct dep_rule *r, enum cycle down, enum cycle up,
                                struct err *e)
{
    if (dep_pair_is_valid(down, up, r->main, r->sub))
        return E_OK;
    return err_user(e, E_RANGE, "", "%s/%s is not allowed for a %s task that depends on a %s task",
                    "%s/%s 不能用于 %s 任务依赖 %s 任务", dep_main_name(r->main),
                    dep_sub_name(r->sub), cycle_name(down), cycle_name(up));
}

enum err_code dep_select(const struct dep_rule *r, enum cycle down, const struct schedule *up,
                         struct civil d, dep_add *add, dep_newest *newest, void *ctx, struct err *e)
{
    struct sink k = { .add = add, .newest = newest, .ctx = ctx };
    enum err_code rc = E_OK;

    if (up->manual)
        return give(&k, (struct dep_candidate){ d, true }, e);
    rc = check_pair(r, down, up->cycle, e);
    if (rc != E_OK)
        return rc;
    if (r->sub == DEP_SUB_NONE)
        return give_offsets(&k, r, up, d, e);
    if (dep_rule_is_single(r, down, up->cycle))
        return give_single(&k, r, up, d, e);
    return give_span(&k, up, preset_span(r->sub, d), e);
}

/* The downstream data times from <= D < until whose span may hold u. */
static struct span inverse_of_preset(enum dep_sub sub, struct civil u)
{
    switch (sub) {
    case DEP_PREVIOUS_MONTH:
    case DEP_PREVIOUS_BEGIN_OF_MONTH:
    case DEP_PREVIOUS_END_OF_MONTH:
        return month_span(u, 1);
    case DEP_PREVIOUS_WEEK:
    case DEP_PREVIOUS_FRIDAY:
    case DEP_PREVIOUS_WEEKEND:
        return span_at(civil_week(u), CIVIL_WEEK, 2 * CIVIL_WEEK);
    case DEP_PREVIOUS_DAY:
        return span_at(civil_day(u), CIVIL_DAY, 2 * CIVIL_DAY);
    case DEP_PREVIOUS_DAY_LATER_OFFSET_HOUR:
    case DEP_PREVIOUS_DAY_LATER_OFFSET_MINUTE:
        return span_at(u, 0, CIVIL_DAY);
    case DEP_PREVIOUS_HOUR:
        return span_at(u, 1, CIVIL_HOUR + 1);
    case DEP_PREVIOUS_HOUR_LATER_OFFSET_MINUTE:
        return span_at(u, 0, CIVIL_HOUR);
    default:
        return preset_span(sub, u); /* year, month, week, day, hour of u */
    }
}

enum err_code dep_inverse_range(const struct dep_rule *r, enum cycle down,
                                const struct schedule *up, struct civil u, struct civil *ret_from,
                                struct civil *ret_to)
{
    int32_t offsets[DEP_OFFSETS_MAX];
    struct span s;
    int n;

    if (!up->manual && !dep_pair_is_valid(down, up->cycle, r->main, r->sub))
        return E_RANGE;
    if (up->manual) {
        s = span_at(u, 0, 1);
    } else if (r->sub == DEP_SUB_NONE) {
        int64_t unit = unit_of(r->main);
        n = sorted_offsets(r, offsets);
        s = n == 0 ? span_at(u, 0, 0)
                   : span_at(cut_to(u, unit), -offsets[n - 1] * unit, (1 - offsets[0]) * unit);
    } else if (dep_rule_is_single(r, down, up->cycle)) {
        s.from = r->sub == DEP_RECENT_DATE ? civil_day(u) : u;
        s.until = civil_make(CIVIL_YEAR_MAX + 1, 1, 1, 0, 0, 0);
    } else {
        s = inverse_of_preset(r->sub, u);
    }
    *ret_from = s.from;
    *ret_to = (struct civil){ s.until.s - 1 };
    return E_OK;
}
