/* engine/cmd_calendar.c - makes and changes calendars. */
#include "engine/cmd_calendar.h"

#include <stdio.h>
#include <stdlib.h>

#include "cal/calendar.h"
#include "core/core.h"
#include "engine/cmd_task.h"
#include "model/names.h"

static int by_day(const void *a, const void *b)
{
    int64_t x = ((const struct civil *)a)->s, y = ((const struct civil *)b)->s;

    return (x > y) - (x < y);
}

/* The dates as the row keeps them: a JSON array, ascending, each once. */
static enum err_code make_doc(struct engine *g, const struct calendar_request *r, struct buf *doc,
                              struct err *e)
{
    struct civil *days = ARENA_ARRAY(engine_arena(g), struct civil, (size_t)r->n_dates + 1);
    char path[32], text[CIVIL_TEXT_LEN + 1];

    for (int i = 0; i < r->n_dates; i++) {
        enum err_code rc = civil_parse_date(r->dates[i], &days[i], e);
        if (rc != E_OK) {
            snprintf(path, sizeof(path), "Dates.%d", i);
            err_prefix(e, path);
            return rc;
        }
    }
    qsort(days, (size_t)r->n_dates, sizeof(*days), by_day);
    buf_add_char(doc, '[');
    for (int i = 0; i < r->n_dates; i++) {
        if (i > 0 && days[i].s == days[i - 1].s)
            continue;
        civil_format(days[i], text);
        buf_printf(doc, "%s\"%.10s\"", i ? "," : "", text);
    }
    buf_add_char(doc, ']');
    return E_OK;
}

static enum err_code check_values(const struct calendar_request *r, int32_t *ret_mode,
                                  struct err *e)
{
    enum err_code rc = name_check_id(r->id, "CalendarId", e);

    if (rc == E_OK)
        rc = name_check_item(r->name, "CalendarName", e);
    if (rc == E_OK && !str_ieq(r->mode, STR("RUN")) && !str_ieq(r->mode, STR("PAUSE")))
        rc = err_user(e, E_RANGE, "Mode", "`%.*s` is not RUN or PAUSE", "`%.*s` 不是 RUN 或 PAUSE",
                      STR_ARG(str_sub(r->mode, 0, 64)));
    if (rc == E_OK && r->n_dates > CALENDAR_DATES_MAX)
        rc = err_user(e, E_LIMIT, "Dates", "a calendar has at most %d dates", "日历最多 %d 个日期",
                      CALENDAR_DATES_MAX);
    *ret_mode = str_ieq(r->mode, STR("RUN")) ? CALENDAR_RUN : CALENDAR_PAUSE;
    return rc;
}

/* ---- tasks that follow it ------------------------------------------------------------------ */

struct follow {
    struct engine *g;
    struct str calendar_id;
    int64_t *tasks; /* owned */
    size_t n, cap;
    struct err *e;
};

static bool collect(void *ctx, const void *row)
{
    struct follow *f = ctx;
    const struct schedule_row *s = row;

    f->tasks = mem_grow(f->tasks, &f->cap, f->n + 1, sizeof(*f->tasks));
    f->tasks[f->n++] = s->task_id;
    return true;
}

/* Task by task, so that memory does not grow with their number; the core last. */
static enum err_code reschedule_one(struct follow *f, int64_t task_id)
{
    struct core_task task;
    struct task_spec spec;
    struct arena arena;

    arena_init(&arena);
    enum err_code rc = task_load(engine_view(f->g), task_id, &arena, &task, &spec, f->e);
    if (rc == E_OK && str_eq(spec.calendar_id, f->calendar_id))
        core_task_put(engine_core(f->g), &task, engine_now(f->g));
    arena_done(&arena);
    /* The core may know a part already: only a failure of the store makes the engine forget it. */
    return rc == E_OK || rc == E_IO
               ? rc
               : err_set(f->e, E_CORRUPT, "task %lld cannot be read", (long long)task_id);
}

static enum err_code reschedule(struct engine *g, struct str calendar_id, struct err *e)
{
    struct follow f = { .g = g, .calendar_id = calendar_id, .e = e };
    struct query q;

    query_init(&q, &table_schedule);
    enum err_code rc = query_run(engine_view(g), &q, collect, &f, e);
    for (size_t i = 0; rc == E_OK && i < f.n; i++)
        rc = reschedule_one(&f, f.tasks[i]);
    mem_free(f.tasks);
    return rc;
}

enum err_code calendar_put(struct engine *g, const struct calendar_request *r, bool *ret_made,
                           struct err *e)
{
    struct calendar_row row = { .id = r->id, .name = r->name, .updated_at = engine_now(g) },
                        old = { .id = r->id };
    struct buf doc;
    enum err_code rc = check_values(r, &row.mode, e);

    if (rc != E_OK)
        return rc;
    buf_init(&doc, 16 * CALENDAR_DATES_MAX);
    rc = make_doc(g, r, &doc, e);
    row.doc = arena_str(engine_arena(g), buf_str(&doc));
    buf_done(&doc);
    if (rc != E_OK)
        return rc;
    rc = row_get(engine_view(g), &table_calendar, engine_arena(g), &old, NULL);
    bool made = rc == E_MISSING;
    if (rc == E_OK && old.mode == row.mode && str_eq(old.doc, row.doc) &&
        str_eq(old.name, row.name)) {
        *ret_made = false;
        return E_OK;
    }
    if (rc != E_OK && !made)
        return err_set(e, rc, "reading calendar %.*s", STR_ARG(r->id));
    rc = row_put(engine_store(g), &table_calendar, &row, e);
    if (rc == E_OK && !made)
        rc = reschedule(g, r->id, e);
    if (rc == E_OK)
        *ret_made = made;
    return rc;
}
