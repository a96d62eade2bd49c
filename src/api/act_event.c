/* api/act_event.c - version 2021-08-20: RegisterDsEvent, TriggerDsEvent, DescribeEvent; weft-1:
 * ListEvents (docs/reference/semantics.md 4).
 *
 * CreationTs and ConsumerId of a case to fire are what the server itself records; given ones have
 * no meaning and are passed over.
 */
#include "api/action.h"

#include "api/event_view.h"
#include "api/page.h"
#include "api/times.h"
#include "cal/zone.h"
#include "engine/cmd_event.h"
#include "engine/cmd_project.h"

enum { CASES_SHOWN = 200 };

/* ---- RegisterDsEvent ----------------------------------------------------------------------- */

struct register_state {
    struct event_row event;
    struct project_row project;
    struct event_listener_view *listeners;
    size_t n_listeners;
};

static enum err_code register_apply(struct call *c, struct engine *g)
{
    struct register_state *s = ARENA_NEW(&c->arena, struct register_state);
    struct event_request r = { .project_id = param_str(c->params, "ProjectId"),
                               .name = param_str(c->params, "Name"),
                               .sub_type = param_str(c->params, "EventSubType"),
                               .ttl = param_str(c->params, "TimeToLive"),
                               .unit = param_str(c->params, "TimeUnit"),
                               .event_type = param_str(c->params, "EventType"),
                               .broadcast_type = param_str(c->params, "EventBroadcastType"),
                               .dimension_format = param_str(c->params, "DimensionFormat"),
                               .has_consume_limit = param_has(c->params, "ValidConsumeCount"),
                               .consume_limit = param_i64(c->params, "ValidConsumeCount", -1),
                               .owner = param_str(c->params, "Owner"),
                               .description = param_str(c->params, "Description") };
    enum err_code rc = event_register(g, &r, &s->event, &c->err);

    if (rc == E_OK) {
        struct event_row row = s->event;
        row_copy(&table_event, &c->arena, &s->event, &row);
        c->made = s->event.id;
        rc = project_require(engine_view(g), &c->arena, r.project_id, "ProjectId", &s->project,
                             &c->err);
    }
    /* Tasks may listen to an event before it is registered. */
    if (rc == E_OK)
        rc = event_listeners(c, engine_view(g), r.project_id, r.name, &s->listeners,
                             &s->n_listeners);
    c->state = s;
    return rc;
}

static enum err_code register_answer(struct call *c)
{
    const struct register_state *s = c->state;
    const struct event_row *v = &s->event;
    struct jw *w = &c->out;

    jw_key(w, "Data");
    jw_object(w);
    jw_kstr(w, "Name", v->name);
    jw_kstr(w, "EventType", v->event_type);
    jw_ki64(w, "TimeToLive", v->ttl);
    jw_kstr(w, "TimeUnit", v->unit);
    jw_kstr(w, "EventSubType", v->sub_type);
    jw_kstr(w, "EventBroadcastType", v->broadcast_type);
    jw_kstr(w, "DimensionFormat", v->dimension_format);
    jw_iso_utc(w, "CreationTs", v->created_at, 3);
    jw_kstr(w, "Owner", v->owner);
    jw_knull(w, "Properties");
    jw_kstr(w, "Description", v->description);
    jw_key(w, "Listeners");
    jw_array(w);
    for (size_t i = 0; i < s->n_listeners; i++)
        event_listener_write(w, v->project_id, v->name, &s->listeners[i]);
    jw_array_end(w);
    jw_kstr(w, "ProjectId", v->project_id);
    jw_kstr(w, "ProjectName", s->project.display_name);
    jw_ki64(w, "ValidConsumeCount", v->consume_limit);
    jw_kstr(w, "EventId", v->id);
    jw_knull(w, "BundleId");
    jw_knull(w, "BundleInfo");
    jw_object_end(w);
    return E_OK;
}

/* ---- TriggerDsEvent ------------------------------------------------------------------------ */

struct trigger_state {
    struct event_firing *wishes;
    size_t n;
    const struct zone *zone;
    struct event_fired fired;
};

static void read_wishes(const json_t *list, bool is_range, struct trigger_state *s)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        s->wishes[s->n++] =
            (struct event_firing){ .case_id = param_str(item, "CaseId"),
                                   .name = param_str(item, "Name"),
                                   .dimension =
                                       param_str(item, is_range ? "StartDimension" : "Dimension"),
                                   .last = param_str(item, "EndDimension"),
                                   .sub_type = param_str(item, "EventSubType"),
                                   .description = param_str(item, "Description"),
                                   .is_range = is_range };
    }
}

static enum err_code trigger_prepare(struct call *c)
{
    struct trigger_state *s = ARENA_NEW(&c->arena, struct trigger_state);
    const json_t *single = param_list(c->params, "EventCaseList"),
                 *ranges = param_list(c->params, "EventBatchCaseList");
    size_t n = json_array_size(single) + json_array_size(ranges);
    struct str zone = param_str(c->params, "ScheduleTimeZone");

    s->zone = zone_default();
    if (n == 0)
        return err_user(&c->err, E_REQUIRED, "EventCaseList",
                        "name at least one case in EventCaseList or EventBatchCaseList",
                        "EventCaseList 和 EventBatchCaseList 不能同时为空");
    if (n > EVENT_FIRE_MAX)
        return err_user(&c->err, E_LIMIT, "EventCaseList", "at most %d cases in one request",
                        "一次请求最多 %d 个", EVENT_FIRE_MAX);
    if (zone.len > 0 && zone_find(zone, &s->zone, &c->err) != E_OK) {
        err_prefix(&c->err, "ScheduleTimeZone");
        return c->err.code;
    }
    s->wishes = ARENA_ARRAY(&c->arena, struct event_firing, n);
    read_wishes(single, false, s);
    read_wishes(ranges, true, s);
    c->state = s;
    return E_OK;
}

static enum err_code trigger_apply(struct call *c, struct engine *g)
{
    struct trigger_state *s = c->state;

    return event_fire(g, param_str(c->params, "ProjectId"), s->wishes, s->n, s->zone, &c->arena,
                      &s->fired, &c->err);
}

static enum err_code trigger_answer(struct call *c)
{
    const struct event_fired *f = &((struct trigger_state *)c->state)->fired;
    struct jw *w = &c->out;

    jw_key(w, "Data");
    jw_object(w);
    jw_ki64(w, "TotalCount", f->total);
    jw_ki64(w, "SuccessCount", f->succeeded);
    jw_ki64(w, "FailCount", f->total - f->succeeded);
    jw_key(w, "FailMessageList");
    jw_array(w);
    for (size_t i = 0; i < f->n_failures; i++) {
        jw_object(w);
        jw_kstr(w, "Key", f->failures[i].key);
        jw_kstr(w, "ErrorMessage",
                c->lang == LANG_ZH ? f->failures[i].text_zh : f->failures[i].text);
        jw_object_end(w);
    }
    jw_array_end(w);
    jw_object_end(w);
    return E_OK;
}

/* ---- DescribeEvent ------------------------------------------------------------------------- */

static void write_ops_listener(struct call *c, const struct event_row *event,
                               const struct event_listener_view *l)
{
    struct jw *w = &c->out;
    struct buf text;
    char id[TASK_ID_LEN + 4];

    task_id_format(l->task.id, id);
    buf_init(&text, 1 << 20);
    buf_add_char(&text, '[');
    for (size_t i = 0; i < l->n_properties; i++)
        buf_printf(&text, "%sParamInfo(paramKey=%.*s, paramValue=%.*s)", i ? ", " : "",
                   STR_ARG(l->properties[i].key), STR_ARG(l->properties[i].value));
    buf_add_char(&text, ']');
    jw_object(w);
    jw_kstr(w, "EventName", event->name);
    jw_kcstr(w, "Key", id);
    jw_kcstr(w, "Type", "REST_API");
    jw_kstr(w, "Properties", buf_str(&text));
    jw_iso_utc(w, "CreationTimestamp", l->since, 3);
    jw_object_end(w);
    buf_done(&text);
}

static bool write_case(void *ctx, const void *row)
{
    struct jw *w = ctx;
    const struct case_row *e = row;

    jw_object(w);
    jw_kstr(w, "CaseId", e->id);
    jw_kstr(w, "Name", e->event_name);
    jw_kstr(w, "Dimension", e->dimension);
    jw_iso_utc(w, "CreationTimestamp", e->fired_at, 3);
    jw_knull(w, "ConsumerId"); /* a case can have many */
    jw_kstr(w, "Description", e->description);
    jw_object_end(w);
    return true;
}

/* The newest CASES_SHOWN; DescribeEventCases has pages. */
static enum err_code write_cases(struct call *c, const struct event_row *event)
{
    struct query q;

    query_init(&q, &table_case);
    query_text(&q, CASE_PROJECT_ID, QUERY_EQ, event->project_id);
    query_text(&q, CASE_EVENT_NAME, QUERY_EQ, event->name);
    query_order(&q, CASE_FIRED_AT, true);
    q.limit = CASES_SHOWN;
    jw_key(&c->out, "EventCases");
    jw_array(&c->out);
    enum err_code rc = query_run(c->view, &q, write_case, &c->out, &c->err);
    jw_array_end(&c->out);
    return rc;
}

static enum err_code describe_answer(struct call *c)
{
    struct str project_id = param_str(c->params, "ProjectId"),
               name = param_str(c->params, "EventName");
    struct project_row project;
    struct event_row v;
    struct event_listener_view *listeners;
    size_t n;
    struct jw *w = &c->out;
    enum err_code rc =
        project_require(c->view, &c->arena, project_id, "ProjectId", &project, &c->err);

    if (rc == E_OK)
        rc = event_require(c->view, &c->arena, project_id, name, "EventName", &v, &c->err);
    if (rc == E_OK)
        rc = event_listeners(c, c->view, project_id, name, &listeners, &n);
    if (rc != E_OK)
        return rc;
    jw_key(w, "Data");
    jw_object(w);
    jw_kstr(w, "Name", v.name);
    jw_kstr(w, "EventType", v.event_type);
    jw_kstr(w, "EventSubType", v.sub_type);
    jw_kstr(w, "EventBroadcastType", v.broadcast_type);
    jw_kstr(w, "DimensionFormat", v.dimension_format);
    jw_ki64(w, "TimeToLive", v.ttl);
    jw_kstr(w, "TimeUnit", v.unit);
    jw_iso_utc(w, "CreationTimestamp", v.created_at, 3);
    jw_kstr(w, "Owner", v.owner);
    jw_knull(w, "Properties");
    jw_kstr(w, "Description", v.description);
    jw_key(w, "Listeners");
    jw_array(w);
    for (size_t i = 0; i < n; i++)
        write_ops_listener(c, &v, &listeners[i]);
    jw_array_end(w);
    rc = write_cases(c, &v);
    jw_object_end(w);
    return rc;
}

/* ---- ListEvents ------------------------------------------------------------------------------ */

static void write_event(struct jw *w, const struct event_row *v)
{
    jw_object(w);
    jw_kstr(w, "EventId", v->id);
    jw_kstr(w, "Name", v->name);
    jw_kstr(w, "EventType", v->event_type);
    jw_kstr(w, "EventSubType", v->sub_type);
    jw_kstr(w, "EventBroadcastType", v->broadcast_type);
    jw_kstr(w, "DimensionFormat", v->dimension_format);
    jw_ki64(w, "TimeToLive", v->ttl);
    jw_kstr(w, "TimeUnit", v->unit);
    jw_ki64(w, "ValidConsumeCount", v->consume_limit);
    jw_kstr(w, "Owner", v->owner);
    jw_kstr(w, "Description", v->description);
    jw_wall(w, "CreateTime", v->created_at, zone_default());
    jw_object_end(w);
}

/* By name. */
static enum err_code list_answer(struct call *c)
{
    struct str project_id = param_str(c->params, "ProjectId"),
               keyword = param_str(c->params, "Keyword");
    struct project_row project;
    struct page page;
    struct query q;
    int64_t total;
    void *rows;
    size_t n;
    enum err_code rc = page_params(c, 10, 200, &page);

    if (rc == E_OK)
        rc = project_require(c->view, &c->arena, project_id, "ProjectId", &project, &c->err);
    if (rc != E_OK)
        return rc;
    query_init(&q, &table_event);
    query_text(&q, EVENT_PROJECT_ID, QUERY_EQ, project_id);
    if (keyword.len > 0)
        query_text(&q, EVENT_NAME, QUERY_CONTAINS, keyword);
    query_order(&q, EVENT_NAME, false);
    rc = page_rows(c, &page, &q, &rows, &n, &total);
    if (rc != E_OK)
        return rc;
    page_open(c, &page, total);
    for (size_t i = 0; i < n; i++)
        write_event(&c->out, (const struct event_row *)rows + i);
    page_close(c);
    return E_OK;
}

static const struct action actions[] = {
    { API_2021, "RegisterDsEvent", NULL, register_apply, register_answer, ACCESS_DEVELOP },
    { API_2021, "TriggerDsEvent", trigger_prepare, trigger_apply, trigger_answer, ACCESS_OPERATE },
    { API_2021, "DescribeEvent", NULL, NULL, describe_answer, ACCESS_READ },
    { API_WEFT, "ListEvents", NULL, NULL, list_answer, ACCESS_READ },
};
const struct action_family family_event = { actions, ARRAY_LEN(actions) };
