/* api/version_spec.c - one version of a task as typed values. */
#include "api/version_spec.h"

#include <stdio.h>

#include "engine/cmd_task.h"

static enum err_code load_calendar(struct view *v, struct arena *a, struct task_spec *spec,
                                   struct wall *ret_at, struct err *e)
{
    struct calendar_row row = { .id = spec->calendar_id };
    enum err_code rc = row_get(v, &table_calendar, a, &row, NULL);

    if (rc == E_MISSING) {
        *ret_at = WALL_FAR;
        return E_OK;
    }
    if (rc != E_OK)
        return err_set(e, rc, "reading calendar %.*s", STR_ARG(spec->calendar_id));
    *ret_at = row.updated_at;
    return task_load_calendar(v, spec->calendar_id, a, &spec->schedule.calendar, e);
}

enum err_code version_spec_load(struct view *v, int64_t task_id, int32_t num, struct arena *a,
                                struct task_spec *ret, struct wall *ret_calendar_at, struct err *e)
{
    struct version_row version = { .task_id = task_id, .num = num };
    struct wall calendar_at = WALL_NONE;
    struct task_spec spec;
    enum err_code rc = row_get(v, &table_version, a, &version, e);

    /* A kept document is complete, so no member needs today for its default. */
    if (rc == E_OK)
        rc = task_decode_text(version.doc, (struct civil){ 0 }, a, &spec, e);
    if (rc == E_OK && spec.calendar_id.len > 0)
        rc = load_calendar(v, a, &spec, &calendar_at, e);
    if (rc != E_OK)
        return rc;
    *ret = spec;
    *ret_calendar_at = calendar_at;
    return E_OK;
}

void version_no_write(struct jw *w, const char *key, int32_t num)
{
    char text[24];

    snprintf(text, sizeof(text), "V%d", num);
    jw_kcstr(w, key, num > 0 ? text : NULL);
}
