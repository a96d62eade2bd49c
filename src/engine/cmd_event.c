/* engine/cmd_event.c - registers events and fires them; what state a fired case is in. */
#include "engine/cmd_event.h"

#include "cal/zone.h"
#include "core/core.h"
#include "engine/cmd_project.h"
#include "model/names.h"
#include "sys/random.h"

static const char *const state_names[CASE_STATE_N_] = { "ACTIVE", "CONSUMING", "COMSUMED",
                                                        "EXPIRED" };

bool event_uses_up(const struct event_row *event, int64_t count)
{
    if (str_eq_c(event->broadcast_type, "SINGLE"))
        return count > 0;
    return event->consume_limit >= 0 && count >= event->consume_limit;
}

enum case_state case_state_of(const struct case_row *c, struct wall now)
{
    if (c->expires_at.us <= now.us)
        return CASE_STATE_EXPIRED;
    if (c->consume_count == 0)
        return CASE_STATE_ACTIVE;
    return c->used_up ? CASE_STATE_COMSUMED : CASE_STATE_CONSUMING;
}

const char *case_state_name(enum case_state s)
{
    return state_names[s];
}

bool case_state_from_name(struct str name, enum case_state *ret)
{
    for (int i = 0; i < CASE_STATE_N_; i++)
        if (str_eq_c(name, state_names[i])) {
            *ret = (enum case_state)i;
            return true;
        }
    return false;
}

enum err_code event_require(struct view *v, struct arena *a, struct str project_id, struct str name,
                            const char *path, struct event_row *ret, struct err *e)
{
    struct event_row row = { .project_id = project_id, .name = name };
    enum err_code rc = row_get_by(v, &table_event, 0, a, &row, e);

    if (rc == E_MISSING)
        return err_user(e, E_MISSING, path, "there is no event `%.*s` in this project",
                        "该项目中没有事件 `%.*s`", STR_ARG(str_sub(name, 0, 64)));
    if (rc == E_OK)
        *ret = row;
    return rc;
}

/* ---- register ------------------------------------------------------------------------------ */

static const struct {
    const char *name, *format;
    int64_t step;
} granularities[] = {
    [EVENT_SUB_SECOND] = { "SECOND", "yyyyMMddHHmmss", 1 },
    [EVENT_SUB_MIN] = { "MIN", "yyyyMMddHHmm", CIVIL_MINUTE },
    [EVENT_SUB_HOUR] = { "HOUR", "yyyyMMddHH", CIVIL_HOUR },
    [EVENT_SUB_DAY] = { "DAY", "yyyyMMdd", CIVIL_DAY },
};

/* Seconds of one unit; 0: there is no such unit. */
static int64_t unit_seconds(struct str unit)
{
    static const struct {
        const char *name;
        int64_t seconds;
    } units[] = { { "SECONDS", 1 }, { "MINUTES", 60 }, { "HOURS", 3600 }, { "DAYS", 86400 } };

    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (str_eq_c(unit, units[i].name))
            return units[i].seconds;
    return 0;
}

/* One of two words; empty takes the first. */
static enum err_code pick(struct str value, const char *first, const char *second, const char *path,
                          struct str *ret, struct err *e)
{
    if (value.len == 0 || str_eq_c(value, first))
        *ret = str_from(first);
    else if (str_eq_c(value, second))
        *ret = str_from(second);
    else
        return err_user(e, E_RANGE, path, "`%.*s` is not %s or %s", "`%.*s` 不是 %s 或 %s",
                        STR_ARG(str_sub(value, 0, 64)), first, second);
    return E_OK;
}

static enum err_code read_ttl(const struct event_request *r, struct event_row *row, struct err *e)
{
    const int64_t max = 3653 * (int64_t)CIVIL_DAY;
    int64_t unit = unit_seconds(r->unit), ttl;

    if (unit == 0)
        return err_user(e, E_RANGE, "TimeUnit", "`%.*s` is not DAYS, HOURS, MINUTES or SECONDS",
                        "`%.*s` 不是 DAYS、HOURS、MINUTES 或 SECONDS",
                        STR_ARG(str_sub(r->unit, 0, 64)));
    if (r->lasting)
        ttl = max / unit;
    else if (!str_to_i64(r->ttl, &ttl) || ttl < 1 || ttl > max / unit)
        return err_user(e, E_RANGE, "TimeToLive",
                        "`%.*s` is not a whole number from 1 to %lld (ten years)",
                        "`%.*s` 不是 1 到 %lld 之间的整数(最长十年)",
                        STR_ARG(str_sub(r->ttl, 0, 64)), (long long)(max / unit));
    row->ttl = ttl;
    row->unit = r->unit;
    return E_OK;
}

static enum err_code read_kind(const struct event_request *r, struct event_row *row, struct err *e)
{
    enum event_sub_type sub;

    if (!event_sub_type_from_name(r->sub_type, &sub))
        return err_user(e, E_RANGE, "EventSubType", "`%.*s` is not SECOND, MIN, HOUR or DAY",
                        "`%.*s` 不是 SECOND、MIN、HOUR 或 DAY",
                        STR_ARG(str_sub(r->sub_type, 0, 64)));
    row->sub_type = str_from(granularities[sub].name);
    row->dimension_format = str_from(granularities[sub].format);
    if (r->dimension_format.len > 0 && !str_ieq(r->dimension_format, row->dimension_format))
        return err_user(e, E_RANGE, "DimensionFormat", "`%.*s` does not fit %s: it is %s",
                        "`%.*s` 与 %s 不符，应为 %s", STR_ARG(str_sub(r->dimension_format, 0, 64)),
                        granularities[sub].name, granularities[sub].format);
    enum err_code rc =
        pick(r->event_type, "TIME_SERIES", "GENERAL", "EventType", &row->event_type, e);
    return rc == E_OK ? pick(r->broadcast_type, "BROADCAST", "SINGLE", "EventBroadcastType",
                             &row->broadcast_type, e)
                      : rc;
}

static enum err_code read_limit(const struct event_request *r, struct event_row *row, struct err *e)
{
    bool single = str_eq_c(row->broadcast_type, "SINGLE");

    row->consume_limit = r->has_consume_limit ? r->consume_limit : single ? 1 : -1;
    if (row->consume_limit < -1 || row->consume_limit == 0)
        return err_user(e, E_RANGE, "ValidConsumeCount",
                        "%lld is neither positive nor -1 (no limit)",
                        "%lld 既不是正数也不是 -1(不限)", (long long)row->consume_limit);
    if (single && row->consume_limit > 1)
        return err_user(e, E_RANGE, "ValidConsumeCount",
                        "a case of a SINGLE event is consumed once, not %lld times",
                        "SINGLE 类型的事件实例只能消费一次，而不是 %lld 次",
                        (long long)row->consume_limit);
    if (single)
        row->consume_limit = 1;
    return E_OK;
}

enum err_code event_register(struct engine *g, const struct event_request *r, struct event_row *ret,
                             struct err *e)
{
    char id[UUID_LEN + 1];
    int index = 0;
    struct project_row project;
    struct event_row row = { .id = r->id,
                             .project_id = r->project_id,
                             .name = r->name,
                             .owner = r->owner,
                             .description = r->description,
                             .created_at = engine_now(g),
                             .doc = STR("{}") };
    enum err_code rc = name_check_event(r->name, "Name", e);

    if (rc == E_OK)
        rc = read_kind(r, &row, e);
    if (rc == E_OK)
        rc = read_ttl(r, &row, e);
    if (rc == E_OK)
        rc = read_limit(r, &row, e);
    if (rc == E_OK && r->owner.len == 0)
        rc = err_user(e, E_RANGE, "Owner", "it must not be empty", "不能为空");
    if (rc == E_OK)
        rc = name_check_text(r->owner, "Owner", e);
    if (rc == E_OK)
        rc = name_check_text(r->description, "Description", e);
    if (rc == E_OK && r->id.len > 0)
        rc = name_check_id(r->id, "EventId", e);
    if (rc == E_OK)
        rc = project_require(engine_view(g), engine_arena(g), r->project_id, "ProjectId", &project,
                             e);
    if (rc != E_OK)
        return rc;
    if (r->id.len == 0) {
        random_uuid(id);
        row.id = arena_str(engine_arena(g), str_from(id));
    }
    rc = row_insert(engine_store(g), &table_event, &row, &index, e);
    if (rc == E_EXISTS)
        return err_user(e, E_EXISTS, index < 0 ? "EventId" : "Name",
                        "there is an event `%.*s` already", "事件 `%.*s` 已存在",
                        STR_ARG(index < 0 ? row.id : row.name));
    if (rc == E_OK)
        *ret = row;
    return rc;
}

/* ---- fire ---------------------------------------------------------------------------------- */

struct happened {
    struct str name;
    struct civil data_time;
};

struct fire {
    struct engine *g;
    struct str project_id;
    const struct zone *zone;
    struct arena *arena; /* of the result */
    struct event_fired result;
    size_t cap_failures;
    struct happened *happened; /* owned */
    size_t n_happened, cap_happened;
    struct event_failure *failures; /* owned until the end */
    struct err *e;
};

static void fail(struct fire *f, const struct event_firing *w, const struct err *e)
{
    f->failures =
        mem_grow(f->failures, &f->cap_failures, f->result.n_failures + 1, sizeof(*f->failures));
    if (f->result.n_failures == 0)
        f->result.first = *e;
    struct event_failure *x = &f->failures[f->result.n_failures++];
    x->key = arena_printf(f->arena, w->is_range ? "%.*s,%.*s,%.*s" : "%.*s,%.*s",
                          STR_ARG(str_sub(w->name, 0, 64)), STR_ARG(str_sub(w->dimension, 0, 64)),
                          STR_ARG(str_sub(w->last, 0, 64)));
    x->text = arena_str(f->arena, str_from(e->text));
    x->text_zh = arena_str(f->arena, str_from(e->text_zh));
    f->result.total++;
}

static enum err_code parse_dimension(struct fire *f, const struct event_row *event,
                                     enum event_sub_type sub, struct str text, struct civil *ret,
                                     struct err *e)
{
    if (text.len == 0 && str_eq_c(event->event_type, "GENERAL")) {
        *ret = event_cut(sub, zone_to_civil(f->zone, engine_now(f->g)));
        return E_OK;
    }
    return event_dimension_parse(sub, text, ret, e);
}

/* What must hold before any case of a wish is written. */
static enum err_code check_wish(struct fire *f, const struct event_firing *w,
                                struct event_row *event, enum event_sub_type *sub,
                                struct civil *first, struct civil *last, struct err *e)
{
    enum err_code rc = event_require(engine_view(f->g), engine_arena(f->g), f->project_id, w->name,
                                     "Name", event, e);

    if (rc != E_OK)
        return rc;
    if (!event_sub_type_from_name(event->sub_type, sub))
        return err_set(e, E_CORRUPT, "event %.*s has an unknown granularity", STR_ARG(event->id));
    if (w->sub_type.len > 0 && !str_eq(w->sub_type, event->sub_type))
        return err_user(e, E_RANGE, "EventSubType", "the event is of granularity %.*s, not `%.*s`",
                        "该事件的周期为 %.*s，而不是 `%.*s`", STR_ARG(event->sub_type),
                        STR_ARG(str_sub(w->sub_type, 0, 64)));
    if (w->case_id.len > 0 && w->is_range)
        return err_user(e, E_RANGE, "CaseId",
                        "a range makes several cases; their ids cannot be chosen",
                        "连续时间会产生多个事件实例，不能指定实例ID");
    if (w->case_id.len > 0)
        rc = name_check_id(w->case_id, "CaseId", e);
    if (rc == E_OK)
        rc = name_check_text(w->description, "Description", e);
    if (rc == E_OK)
        rc = parse_dimension(f, event, *sub, w->dimension, first, e);
    *last = *first;
    if (rc == E_OK && w->is_range)
        rc = parse_dimension(f, event, *sub, w->last, last, e);
    if (rc == E_OK && last->s < first->s)
        rc = err_user(e, E_RANGE, "EndDimension", "it is before StartDimension",
                      "早于 StartDimension");
    return rc;
}

static enum err_code add_case(struct fire *f, const struct event_firing *w,
                              const struct event_row *event, enum event_sub_type sub,
                              struct civil at, struct err *e)
{
    char id[UUID_LEN + 1];
    struct buf dimension;
    struct wall now = engine_now(f->g);
    struct case_row row = { .id = w->case_id,
                            .event_id = event->id,
                            .project_id = event->project_id,
                            .event_name = event->name,
                            .data_time = at,
                            .description = w->description,
                            .state = CASE_STATE_ACTIVE,
                            .fired_at = now,
                            .expires_at =
                                wall_add(now, DUR_S(event->ttl * unit_seconds(event->unit))),
                            .updated_at = now };

    if (w->case_id.len == 0) {
        random_uuid(id);
        row.id = str_from(id);
    }
    buf_init(&dimension, 64);
    event_dimension_format(sub, at, &dimension);
    row.dimension = buf_str(&dimension);
    enum err_code rc = row_insert(engine_store(f->g), &table_case, &row, NULL, e);
    buf_done(&dimension);
    if (rc == E_EXISTS)
        return err_user(e, E_EXISTS, "CaseId", "there is a case `%.*s` already",
                        "事件实例 `%.*s` 已存在", STR_ARG(w->case_id));
    if (rc != E_OK)
        return rc;
    f->happened = mem_grow(f->happened, &f->cap_happened, f->n_happened + 1, sizeof(*f->happened));
    f->happened[f->n_happened++] = (struct happened){ event->name, at };
    f->result.total++;
    f->result.succeeded++;
    return E_OK;
}

/* E_OK also when the wish failed for a reason of its own. */
static enum err_code fire_one(struct fire *f, const struct event_firing *w)
{
    struct event_row event;
    enum event_sub_type sub;
    struct civil first, last;
    struct err e = ERR_INIT;
    enum err_code rc = check_wish(f, w, &event, &sub, &first, &last, &e);

    if (rc == E_OK &&
        (last.s - first.s) / granularities[sub].step + 1 > EVENT_FIRE_MAX - (int64_t)f->n_happened)
        return err_user(f->e, E_LIMIT, "",
                        "one request fires at most %d cases; ask for shorter ranges",
                        "一次请求最多触发 %d 个事件实例，请缩短范围", EVENT_FIRE_MAX);
    for (struct civil at = first; rc == E_OK && at.s <= last.s; at.s += granularities[sub].step)
        rc = add_case(f, w, &event, sub, at, &e);
    if (rc == E_IO || rc == E_CORRUPT) {
        if (f->e)
            *f->e = e;
        return rc;
    }
    if (rc != E_OK)
        fail(f, w, &e);
    return E_OK;
}

enum err_code event_fire(struct engine *g, struct str project_id, const struct event_firing *wishes,
                         size_t n, const struct zone *zone, struct arena *a,
                         struct event_fired *ret, struct err *e)
{
    struct fire f = { .g = g, .project_id = project_id, .zone = zone, .arena = a, .e = e };
    struct project_row project;
    enum err_code rc =
        project_require(engine_view(g), engine_arena(g), project_id, "ProjectId", &project, e);

    for (size_t i = 0; rc == E_OK && i < n; i++)
        rc = fire_one(&f, &wishes[i]);
    for (size_t i = 0; rc == E_OK && i < f.n_happened; i++)
        core_event_fired(engine_core(g), project_id, f.happened[i].name, f.happened[i].data_time,
                         engine_now(g));
    if (rc == E_OK) {
        f.result.failures = ARENA_ARRAY(a, struct event_failure, f.result.n_failures + 1);
        for (size_t i = 0; i < f.result.n_failures; i++)
            f.result.failures[i] = f.failures[i];
        *ret = f.result;
    }
    mem_free(f.failures);
    mem_free(f.happened);
    return rc;
}
