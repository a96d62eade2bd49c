/* api/act_event_case.c - version 2021-08-20: DescribeEventCases (docs/reference/semantics.md 4.4).
 *
 * A case is created by firing it, so the range of creation and that of triggering mean the same
 * instant; the time of consumption is that of the last one.  The state of a case, its life and its
 * kinds belong to its event: those filters are applied row by row over the rows that the store's
 * conditions leave.
 *
 * ConsumeCount, as filter and in answers, is how often a case may be consumed (-1: no limit): the
 * documented sample is -1, which no count of happenings can be.
 */
#include "api/page.h"

#include "api/scan.h"
#include "api/times.h"
#include "base/map.h"
#include "engine/cmd_event.h"
#include "engine/cmd_project.h"
#include "sys/clock.h"

struct case_list {
    struct call *c;
    struct scan scan;
    struct map events; /* event id -> struct event_row, in the call's arena */
    struct wall now;
    bool by_state;
    enum case_state state;
    struct str event_type, sub_type, broadcast_type; /* empty: any */
    bool by_ttl, by_limit;
    int64_t ttl, limit;
    enum err_code rc;
};

/* NULL: the store failed, l->rc says how.  A case outlives its event never: both go with the
 * project. */
static const struct event_row *event_of(struct case_list *l, struct str id)
{
    struct event_row *event = map_get(&l->events, id);

    if (event)
        return event;
    event = ARENA_NEW(&l->c->arena, struct event_row);
    event->id = arena_str(&l->c->arena, id);
    l->rc = row_get(l->c->view, &table_event, &l->c->arena, event, &l->c->err);
    if (l->rc != E_OK)
        return NULL;
    map_put(&l->events, id, event);
    return event;
}

static bool fits(struct str wanted, struct str is)
{
    return wanted.len == 0 || str_eq(wanted, is);
}

static bool list_take(void *ctx, const void *row)
{
    struct case_list *l = ctx;
    const struct case_row *r = row;
    const struct event_row *event = event_of(l, r->event_id);

    if (!event)
        return false;
    if (fits(l->event_type, event->event_type) && fits(l->sub_type, event->sub_type) &&
        fits(l->broadcast_type, event->broadcast_type) && (!l->by_ttl || l->ttl == event->ttl) &&
        (!l->by_limit || l->limit == event->consume_limit) &&
        (!l->by_state || l->state == case_state_of(r, l->now)))
        scan_take(&l->scan, row);
    return true;
}

/* ---- filters ------------------------------------------------------------------------------- */

static enum err_code one_of(struct call *c, const char *name, const char *const *words,
                            struct str *ret)
{
    *ret = param_str(c->params, name);
    if (ret->len == 0)
        return E_OK;
    for (int i = 0; words[i]; i++)
        if (str_eq_c(*ret, words[i]))
            return E_OK;
    struct buf all;
    buf_init(&all, 256);
    for (int i = 0; words[i]; i++)
        buf_printf(&all, "%s%s", i ? ", " : "", words[i]);
    err_user(&c->err, E_RANGE, name, "`%.*s` is not one of %.*s", "`%.*s` 不在 %.*s 之中",
             STR_ARG(str_sub(*ret, 0, 64)), STR_ARG(buf_str(&all)));
    buf_done(&all);
    return E_RANGE;
}

static enum err_code read_kinds(struct call *c, struct case_list *l)
{
    static const char *const event_types[] = { "TIME_SERIES", "GENERAL", NULL };
    static const char *const sub_types[] = { "SECOND", "MIN", "HOUR", "DAY", NULL };
    static const char *const broadcasts[] = { "BROADCAST", "SINGLE", NULL };
    static const char *const states[] = { "ACTIVE", "CONSUMING", "COMSUMED", "EXPIRED", NULL };
    struct str state;
    enum err_code rc = one_of(c, "EventType", event_types, &l->event_type);

    if (rc == E_OK)
        rc = one_of(c, "EventSubType", sub_types, &l->sub_type);
    if (rc == E_OK)
        rc = one_of(c, "EventBroadcastType", broadcasts, &l->broadcast_type);
    if (rc == E_OK)
        rc = one_of(c, "Status", states, &state);
    if (rc == E_OK)
        l->by_state = case_state_from_name(state, &l->state);
    return rc;
}

static enum err_code read_number(struct call *c, const char *name, bool *ret_given, int64_t *ret)
{
    struct str text = param_str(c->params, name);

    *ret_given = text.len > 0;
    if (text.len > 0 && !str_to_i64(text, ret))
        return err_user(&c->err, E_SYNTAX, name, "`%.*s` is not a whole number", "`%.*s` 不是整数",
                        STR_ARG(str_sub(text, 0, 64)));
    return E_OK;
}

static enum err_code add_bound(struct call *c, struct query *q, const char *name, int column,
                               bool upper)
{
    struct str text = param_str(c->params, name);
    struct wall t;

    if (text.len == 0)
        return E_OK;
    enum err_code rc = wall_param(text, name, &t, &c->err);
    if (rc != E_OK)
        return rc;
    if (upper)
        query_number(q, column, QUERY_LT, wall_add(t, DUR_S(1)).us);
    else
        query_number(q, column, QUERY_GE, t.us);
    return E_OK;
}

static enum err_code add_bounds(struct call *c, struct query *q)
{
    static const struct {
        const char *name;
        int column;
        bool upper;
    } bounds[] = {
        { "CreationTimeStart", CASE_FIRED_AT, false },
        { "CreationTimeEnd", CASE_FIRED_AT, true },
        { "EventTriggeredTimeStart", CASE_FIRED_AT, false },
        { "EventTriggeredTimeEnd", CASE_FIRED_AT, true },
        { "LogTimeStart", CASE_UPDATED_AT, false },
        { "LogTimeEnd", CASE_UPDATED_AT, true },
    };
    enum err_code rc = E_OK;

    for (size_t i = 0; rc == E_OK && i < ARRAY_LEN(bounds); i++)
        rc = add_bound(c, q, bounds[i].name, bounds[i].column, bounds[i].upper);
    /* Only a consumed case has a time of consumption. */
    if (param_str(c->params, "LogTimeStart").len + param_str(c->params, "LogTimeEnd").len > 0)
        query_number(q, CASE_CONSUME_COUNT, QUERY_GT, 0);
    return rc;
}

static enum err_code add_order(struct call *c, struct query *q)
{
    static const struct {
        const char *name;
        int column;
    } items[] = {
        { "CreateTime", CASE_FIRED_AT },         { "CreationTime", CASE_FIRED_AT },
        { "EventTriggeredTime", CASE_FIRED_AT }, { "EventTriggerTimestamp", CASE_FIRED_AT },
        { "LogTime", CASE_UPDATED_AT },          { "LogTimestamp", CASE_UPDATED_AT },
        { "Dimension", CASE_DATA_TIME },         { "EventName", CASE_EVENT_NAME },
    };
    struct str item = param_str(c->params, "SortItem"), type = param_str(c->params, "SortType");
    int column = item.len == 0 ? CASE_FIRED_AT : -1;

    for (size_t i = 0; i < ARRAY_LEN(items); i++)
        if (str_ieq(item, str_from(items[i].name)))
            column = items[i].column;
    if (column < 0)
        return err_user(
            &c->err, E_RANGE, "SortItem",
            "`%.*s` is not one of CreateTime, EventTriggeredTime, LogTime, Dimension, EventName",
            "`%.*s` 不在 CreateTime、EventTriggeredTime、LogTime、Dimension、EventName 之中",
            STR_ARG(str_sub(item, 0, 64)));
    if (type.len > 0 && !str_ieq(type, STR("asc")) && !str_ieq(type, STR("desc")))
        return err_user(&c->err, E_RANGE, "SortType", "`%.*s` is not asc or desc",
                        "`%.*s` 不是 asc 或 desc", STR_ARG(str_sub(type, 0, 64)));
    query_order(q, column, !str_ieq(type, STR("asc")));
    return E_OK;
}

static enum err_code build(struct call *c, struct case_list *l, struct query *q)
{
    static const char *const categories[] = { "expired", "consuming", "all", NULL };
    struct str category, name = param_str(c->params, "EventName"),
                         dimension = param_str(c->params, "Dimension");
    enum err_code rc = one_of(c, "Category", categories, &category);

    query_init(q, &table_case);
    query_text(q, CASE_PROJECT_ID, QUERY_EQ, param_str(c->params, "ProjectId"));
    if (rc == E_OK)
        rc = read_kinds(c, l);
    if (rc == E_OK)
        rc = read_number(c, "TimeToLive", &l->by_ttl, &l->ttl);
    if (rc == E_OK)
        rc = read_number(c, "ConsumeCount", &l->by_limit, &l->limit);
    if (rc == E_OK)
        rc = add_bounds(c, q);
    if (rc == E_OK)
        rc = add_order(c, q);
    if (name.len > 0)
        query_text(q, CASE_EVENT_NAME, QUERY_EQ, name);
    if (dimension.len > 0)
        query_text(q, CASE_DIMENSION, QUERY_EQ, dimension);
    /* The states fit the categories: EXPIRED is what is past its life, whatever else happened to
     * it. */
    if (str_eq_c(category, "expired") || (l->by_state && l->state == CASE_STATE_EXPIRED))
        query_number(q, CASE_EXPIRES_AT, QUERY_LE, l->now.us);
    if (str_eq_c(category, "consuming") || (l->by_state && l->state != CASE_STATE_EXPIRED))
        query_number(q, CASE_EXPIRES_AT, QUERY_GT, l->now.us);
    if (l->by_state && l->state == CASE_STATE_ACTIVE)
        query_number(q, CASE_CONSUME_COUNT, QUERY_EQ, 0);
    return rc;
}

/* ---- answer -------------------------------------------------------------------------------- */

static void write_item(struct case_list *l, const struct case_row *r)
{
    struct jw *w = &l->c->out;
    const struct event_row *event = map_get(&l->events, r->event_id);

    jw_object(w);
    jw_kstr(w, "CaseId", r->id);
    jw_kstr(w, "EventName", r->event_name);
    jw_kstr(w, "EventType", event->event_type);
    jw_kstr(w, "EventSubType", event->sub_type);
    jw_kstr(w, "EventBroadcastType", event->broadcast_type);
    jw_ki64(w, "TTL", event->ttl);
    jw_kstr(w, "TimeUnit", event->unit);
    jw_kstr(w, "Dimension", r->dimension);
    jw_kcstr(w, "Status", case_state_name(case_state_of(r, l->now)));
    jw_iso_utc(w, "EventTriggerTimestamp", r->fired_at, 6);
    jw_iso_utc(w, "LogTimestamp", r->consume_count > 0 ? r->updated_at : WALL_NONE, 6);
    jw_kstr(w, "Description", r->description);
    jw_ki64(w, "ConsumeCount", event->consume_limit);
    jw_object_end(w);
}

static void write_page(struct case_list *l, const struct page *page)
{
    struct jw *w = &l->c->out;

    jw_key(w, "Data");
    jw_object(w);
    jw_ki64(w, "TotalCount", l->scan.total);
    jw_ki64(w, "TotalPage", (l->scan.total + page->size - 1) / page->size);
    jw_ki64(w, "PageCount", l->scan.n);
    jw_ki64(w, "PageNumber", page->number);
    jw_ki64(w, "PageSize", page->size);
    jw_key(w, "Items");
    jw_array(w);
    for (int64_t i = 0; i < l->scan.n; i++)
        write_item(l, (const struct case_row *)(void *)l->scan.rows + i);
    jw_array_end(w);
    jw_object_end(w);
}

/* True: the store's conditions are all there is, so it can page by itself. */
static bool store_can_page(const struct case_list *l)
{
    return l->event_type.len + l->sub_type.len + l->broadcast_type.len == 0 && !l->by_ttl &&
           !l->by_limit &&
           !(l->by_state && (l->state == CASE_STATE_CONSUMING || l->state == CASE_STATE_COMSUMED));
}

static enum err_code read_page(struct call *c, struct case_list *l, struct query *q,
                               const struct page *page)
{
    struct page first = { 1, page->size, 0 };
    bool paged = store_can_page(l);
    int64_t total = 0;
    enum err_code rc = paged ? query_count(c->view, q, &total, &c->err) : E_OK;

    if (rc != E_OK)
        return rc;
    if (paged) {
        q->offset = page->offset;
        q->limit = page->size;
    }
    scan_init(&l->scan, &table_case, sizeof(struct case_row), paged ? &first : page, &c->arena);
    rc = query_run(c->view, q, list_take, l, &c->err);
    if (rc == E_OK)
        rc = l->rc;
    if (paged)
        l->scan.total = total;
    return rc;
}

static enum err_code cases_answer(struct call *c)
{
    struct case_list l = { .c = c, .now = clock_wall(), .rc = E_OK };
    struct project_row project;
    struct page page;
    struct query q;
    enum err_code rc = page_params(c, 10, 200, &page);

    if (rc == E_OK)
        rc = build(c, &l, &q);
    if (rc == E_OK)
        rc = project_require(c->view, &c->arena, param_str(c->params, "ProjectId"), "ProjectId",
                             &project, &c->err);
    if (rc != E_OK)
        return rc;
    map_init(&l.events);
    rc = read_page(c, &l, &q, &page);
    if (rc == E_OK)
        write_page(&l, &page);
    map_done(&l.events);
    return rc;
}

static const struct action actions[] = {
    { API_2021, "DescribeEventCases", NULL, NULL, cases_answer, ACCESS_READ },
};
const struct action_family family_event_case = { actions, ARRAY_LEN(actions) };
