/* api/act_calendar.c - version weft-1: CreateCalendar, UpdateCalendar, ListCalendars,
 * DeleteCalendar (docs/reference/semantics.md 2.8).
 *
 * The cloud's API only names calendars; these actions make them.  Calendars belong to the whole
 * installation.
 */
#include "api/page.h"

#include "cal/calendar.h"
#include "cal/zone.h"
#include "engine/cmd_calendar.h"

static enum err_code read_request(struct call *c, struct calendar_request *ret)
{
    const json_t *dates = param_list(c->params, "Dates");
    size_t n = json_array_size(dates);
    struct str *texts;

    if (n > CALENDAR_DATES_MAX)
        return err_user(&c->err, E_LIMIT, "Dates", "a calendar has at most %d dates",
                        "日历最多 %d 个日期", CALENDAR_DATES_MAX);
    texts = ARENA_ARRAY(&c->arena, struct str, n + 1);
    for (size_t i = 0; i < n; i++)
        texts[i] = json_str(json_array_get(dates, i));
    *ret = (struct calendar_request){ .id = param_str(c->params, "CalendarId"),
                                      .name = param_str(c->params, "CalendarName"),
                                      .mode = param_str(c->params, "Mode"),
                                      .dates = dates ? texts : NULL,
                                      .n_dates = (int)n };
    return E_OK;
}

static enum err_code create_apply(struct call *c, struct engine *g)
{
    struct calendar_request r;
    struct str *id = ARENA_NEW(&c->arena, struct str);
    enum err_code rc = read_request(c, &r);

    if (rc == E_OK)
        rc = calendar_create(g, &r, id, &c->err);
    if (rc == E_OK)
        c->made = *id = arena_str(&c->arena, *id);
    c->state = id;
    return rc;
}

static enum err_code create_answer(struct call *c)
{
    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kstr(&c->out, "CalendarId", *(struct str *)c->state);
    jw_object_end(&c->out);
    return E_OK;
}

static enum err_code update_apply(struct call *c, struct engine *g)
{
    struct calendar_request r;
    enum err_code rc = read_request(c, &r);

    return rc == E_OK ? calendar_update(g, &r, &c->err) : rc;
}

static enum err_code delete_apply(struct call *c, struct engine *g)
{
    return calendar_delete(g, param_str(c->params, "CalendarId"), &c->err);
}

static enum err_code write_calendar(struct call *c, const struct calendar_row *row)
{
    struct jw *w = &c->out;
    struct str *dates;
    size_t n;
    enum err_code rc = calendar_dates(row->doc, &c->arena, &dates, &n, &c->err);

    if (rc != E_OK)
        return rc;
    jw_object(w);
    jw_kstr(w, "CalendarId", row->id);
    jw_kstr(w, "CalendarName", row->name);
    jw_kcstr(w, "Mode", row->mode == CALENDAR_RUN ? "RUN" : "PAUSE");
    jw_key(w, "Dates");
    jw_array(w);
    for (size_t i = 0; i < n; i++)
        jw_str(w, dates[i]);
    jw_array_end(w);
    jw_wall(w, "ModifyTime", row->updated_at, zone_default());
    jw_object_end(w);
    return E_OK;
}

/* In order of their ids. */
static enum err_code list_answer(struct call *c)
{
    struct str keyword = param_str(c->params, "Keyword");
    struct page page;
    struct query q;
    void *rows;
    size_t n;
    int64_t total;
    enum err_code rc = page_params(c, 10, 200, &page);

    if (rc != E_OK)
        return rc;
    query_init(&q, &table_calendar);
    if (keyword.len > 0)
        query_text(&q, CALENDAR_NAME, QUERY_CONTAINS, keyword);
    query_order(&q, CALENDAR_ID, false);
    rc = page_rows(c, &page, &q, &rows, &n, &total);
    if (rc != E_OK)
        return rc;
    page_open(c, &page, total);
    for (size_t i = 0; i < n && rc == E_OK; i++)
        rc = write_calendar(c, (const struct calendar_row *)rows + i);
    page_close(c);
    return rc;
}

static const struct action actions[] = {
    { API_WEFT, "CreateCalendar", NULL, create_apply, create_answer, ACCESS_ROOT },
    { API_WEFT, "UpdateCalendar", NULL, update_apply, answer_status, ACCESS_ROOT },
    { API_WEFT, "ListCalendars", NULL, NULL, list_answer, ACCESS_ANY },
    { API_WEFT, "DeleteCalendar", NULL, delete_apply, answer_status, ACCESS_ROOT },
};
const struct action_family family_calendar = { actions, ARRAY_LEN(actions) };
