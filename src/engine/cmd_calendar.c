/* engine/cmd_calendar.c - makes and changes calendars. */
#include "engine/cmd_calendar.h"

#include <stdio.h>
#include <stdlib.h>

#include "cal/calendar.h"
#include "core/core.h"
#include "engine/cmd_task.h"
#include "model/names.h"
#include "model/workflow_schedule.h"

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

/* ---- create, update, delete ---------------------------------------------------------------- */

static enum err_code missing(struct str id, struct err *e)
{
    return err_user(e, E_MISSING, "CalendarId", "there is no calendar `%.*s`", "日历 `%.*s` 不存在",
                    STR_ARG(str_sub(id, 0, 64)));
}

static enum err_code check_name_free(struct engine *g, struct str name, struct str self,
                                     struct err *e)
{
    struct query q;
    bool taken;

    query_init(&q, &table_calendar);
    query_text(&q, CALENDAR_NAME, QUERY_EQ, name);
    query_text(&q, CALENDAR_ID, QUERY_NE, self);
    enum err_code rc = query_any(engine_view(g), &q, &taken, e);
    if (rc == E_OK && taken)
        rc = err_user(e, E_EXISTS, "CalendarName", "there is a calendar `%.*s` already",
                      "已有日历 `%.*s`", STR_ARG(name));
    return rc;
}

/* Small numbers, as the cloud's calendars have. */
static enum err_code new_id(struct engine *g, struct str *ret, struct err *e)
{
    struct query q;
    int64_t n;

    query_init(&q, &table_calendar);
    enum err_code rc = query_count(engine_view(g), &q, &n, e);
    while (rc == E_OK) {
        struct calendar_row row = { .id = arena_printf(engine_arena(g), "%lld",
                                                       (long long)(101 + n++)) };
        rc = row_get(engine_view(g), &table_calendar, engine_arena(g), &row, e);
        if (rc == E_MISSING)
            *ret = row.id;
    }
    return rc == E_MISSING ? E_OK : rc;
}

enum err_code calendar_create(struct engine *g, const struct calendar_request *r,
                              struct str *ret_id, struct err *e)
{
    struct calendar_request copy = *r;
    struct calendar_row row = { .id = r->id };
    bool made;
    enum err_code rc = E_OK;

    if (r->id.len == 0) {
        rc = new_id(g, &copy.id, e);
    } else {
        rc = row_get(engine_view(g), &table_calendar, engine_arena(g), &row, e);
        if (rc == E_OK)
            return err_user(e, E_EXISTS, "CalendarId", "this id is taken", "该 ID 已被使用");
        rc = rc == E_MISSING ? E_OK : rc;
    }
    if (rc == E_OK)
        rc = check_name_free(g, r->name, copy.id, e);
    if (rc == E_OK)
        rc = calendar_put(g, &copy, &made, e);
    if (rc == E_OK)
        *ret_id = arena_str(engine_arena(g), copy.id);
    return rc;
}

enum err_code calendar_dates(struct str doc, struct arena *a, struct str **ret, size_t *ret_n,
                             struct err *e)
{
    enum { STEP = 13 }; /* "yyyy-MM-dd", and a comma or a bracket */
    size_t n = doc.len / STEP;
    struct str *dates = ARENA_ARRAY(a, struct str, n + 1);
    struct civil day;

    if (!str_eq_c(doc, "[]") && doc.len != n * STEP + 1)
        return err_set(e, E_CORRUPT, "the dates of a calendar do not parse");
    for (size_t i = 0; i < n; i++) {
        dates[i] = str_sub(doc, i * STEP + 2, 10);
        if (civil_parse_date(dates[i], &day, NULL) != E_OK)
            return err_set(e, E_CORRUPT, "the dates of a calendar do not parse");
    }
    *ret = dates;
    *ret_n = n;
    return E_OK;
}

enum err_code calendar_update(struct engine *g, const struct calendar_request *r, struct err *e)
{
    struct calendar_request whole = *r;
    struct calendar_row row = { .id = r->id };
    struct str *dates;
    size_t n;
    bool made;
    enum err_code rc = r->id.len == 0
                           ? E_MISSING
                           : row_get(engine_view(g), &table_calendar, engine_arena(g), &row, e);

    if (rc == E_MISSING)
        return missing(r->id, e);
    if (rc == E_OK)
        rc = calendar_dates(row.doc, engine_arena(g), &dates, &n, e);
    if (rc != E_OK)
        return rc;
    if (r->name.len == 0)
        whole.name = row.name;
    if (r->mode.len == 0)
        whole.mode = row.mode == CALENDAR_RUN ? STR("RUN") : STR("PAUSE");
    if (!r->dates) {
        whole.dates = dates;
        whole.n_dates = (int)n;
    }
    rc = check_name_free(g, whole.name, r->id, e);
    return rc == E_OK ? calendar_put(g, &whole, &made, e) : rc;
}

struct use {
    struct engine *g;
    struct str calendar_id;
    int64_t task_id; /* the first that follows it; 0: none */
    enum err_code rc;
    struct err *e;
};

static enum err_code look_at(struct use *u, int64_t task_id, int32_t num)
{
    struct version_row version = { .task_id = task_id, .num = num };
    struct task_spec spec;
    struct arena arena;

    arena_init(&arena);
    enum err_code rc = row_get(engine_view(u->g), &table_version, &arena, &version, u->e);
    if (rc == E_OK)
        rc = task_decode_text(version.doc, (struct civil){ 0 }, &arena, &spec, u->e);
    if (rc == E_OK && str_eq(spec.calendar_id, u->calendar_id))
        u->task_id = task_id;
    arena_done(&arena);
    return rc;
}

static bool find_use(void *ctx, const void *row)
{
    struct use *u = ctx;
    const struct task_row *task = row;

    u->rc = look_at(u, task->id, task->version_no);
    if (u->rc == E_OK && u->task_id == 0 && task->submit_version_no > 0 && !task->submitted)
        u->rc = look_at(u, task->id, task->submit_version_no);
    return u->rc == E_OK && u->task_id == 0;
}

struct follower {
    struct str calendar_id;
    char workflow_id[128]; /* the first that follows it; empty: none */
};

static bool find_follower(void *ctx, const void *row)
{
    struct follower *f = ctx;
    const struct workflow_row *workflow = row;

    if (!workflow_schedule_follows(workflow->doc, f->calendar_id))
        return true;
    snprintf(f->workflow_id, sizeof(f->workflow_id), "%.*s", STR_ARG(workflow->id));
    return false;
}

/* New tasks take the schedule of their workflow (2.9). */
static enum err_code check_workflows(struct engine *g, struct str calendar_id, struct err *e)
{
    struct follower f = { .calendar_id = calendar_id };
    struct query q;

    query_init(&q, &table_workflow);
    enum err_code rc = query_run(engine_view(g), &q, find_follower, &f, e);
    if (rc == E_OK && f.workflow_id[0])
        return err_user(e, E_IN_USE, "CalendarId", "workflow %s follows this calendar",
                        "工作流 %s 正在使用该日历", f.workflow_id);
    return rc;
}

enum err_code calendar_delete(struct engine *g, struct str id, struct err *e)
{
    struct calendar_row row = { .id = id };
    struct use use = { .g = g, .calendar_id = id, .rc = E_OK, .e = e };
    struct query q;
    enum err_code rc = id.len == 0
                           ? E_MISSING
                           : row_get(engine_view(g), &table_calendar, engine_arena(g), &row, e);

    if (rc == E_MISSING)
        return missing(id, e);
    query_init(&q, &table_task);
    if (rc == E_OK)
        rc = query_run(engine_view(g), &q, find_use, &use, e);
    if (rc == E_OK)
        rc = use.rc;
    if (rc == E_OK && use.task_id != 0)
        rc = err_user(e, E_IN_USE, "CalendarId", "task %lld follows this calendar",
                      "任务 %lld 正在使用该日历", (long long)use.task_id);
    if (rc == E_OK)
        rc = check_workflows(g, id, e);
    return rc == E_OK ? row_delete(engine_store(g), &table_calendar, &row, e) : rc;
}
