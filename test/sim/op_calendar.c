/* test/sim/op_calendar.c - calendars are made, changed under the tasks that follow them, deleted.
 */
#include <stdio.h>
#include <stdlib.h>

#include "engine/cmd_calendar.h"
#include "operators.h"
#include "picture.h"

static int by_day(const void *a, const void *b)
{
    return *(const int32_t *)a - *(const int32_t *)b;
}

/* Days around now, so that they matter; in the dates one may stand twice. */
static const struct calendar *random_calendar(struct sim *s, struct str **ret_dates, int *ret_n)
{
    struct calendar *c = ARENA_NEW(&s->arena, struct calendar);
    int64_t today = civil_day(zone_to_civil(zone_utc(), s->now)).s / CIVIL_DAY;
    int n = 3 + (int)sim_below(s, 12);
    char text[CIVIL_TEXT_LEN + 1];

    c->mode = sim_chance(s, 50) ? CALENDAR_RUN : CALENDAR_PAUSE;
    c->days = ARENA_ARRAY(&s->arena, int32_t, (size_t)n);
    *ret_dates = ARENA_ARRAY(&s->arena, struct str, (size_t)n);
    *ret_n = n;
    for (int k = 0; k < n; k++) {
        c->days[k] = (int32_t)(today - 4 + sim_below(s, 16));
        civil_format((struct civil){ c->days[k] * (int64_t)CIVIL_DAY }, text);
        (*ret_dates)[k] = arena_str(&s->arena, str_make(text, 10));
    }
    qsort(c->days, (size_t)n, sizeof(*c->days), by_day);
    for (int k = 0; k < n; k++)
        if (c->n_days == 0 || c->days[c->n_days - 1] != c->days[k])
            c->days[c->n_days++] = c->days[k];
    return c;
}

/* Those that follow it in production are scheduled anew from now. */
static void picture_followers(struct sim *s, struct engine *g, int calendar)
{
    struct str id = arena_printf(&s->arena, "c%d", calendar);

    for (int k = 0; k < s->defs.n_tasks; k++) {
        struct sim_task *t = &s->defs.tasks[k];
        struct schedule_row row;
        struct sim_definition d;
        if (!t->there || !str_eq(t->spec->calendar_id, id) || !schedule_of(g, t->id, &row))
            continue;
        const struct sim_version *old = t->versions;
        sim_define_again(s, t->produced, &d);
        d.ways = old->ways;
        d.n_ways = old->n_ways;
        picture_definition(s, t, &d, old->version_no, false, row.status == TASK_SCHEDULING,
                           t->live_from);
        coverage_feature(s, SIM_HAS_calendar_moved);
    }
}

enum err_code op_calendar(struct sim *s, struct engine *g, struct err *e)
{
    int calendar = (int)sim_below(s, SIM_CALENDARS);
    struct sim_calendar *c = &s->defs.calendars[calendar];
    struct str *dates, id = arena_printf(&s->arena, "c%d", calendar), made;
    int n;
    const struct calendar *next = random_calendar(s, &dates, &n);
    bool there = c->there, ignored;

    struct calendar_request r = { .id = id,
                                  .name = arena_printf(&s->arena, "cal%d", calendar),
                                  .mode = next->mode == CALENDAR_RUN ? STR("RUN") : STR("PAUSE"),
                                  .dates = dates,
                                  .n_dates = n };
    snprintf(s->action, sizeof(s->action), "calendar %d, %d days, %.*s", calendar, next->n_days,
             STR_ARG(r.mode));
    *c = (struct sim_calendar){ true, next };
    picture_followers(s, g, calendar);
    if (!there)
        return SIM_DO(s, calendar_create, g, &r, &made, e);
    return sim_chance(s, 70) ? SIM_DO(s, calendar_update, g, &r, e)
                             : SIM_DO(s, calendar_put, g, &r, &ignored, e);
}

/* Refused while the newest or the submitted document of a task follows it, or a workflow does. */
enum err_code op_calendar_delete(struct sim *s, struct engine *g, struct err *e)
{
    int calendar = (int)sim_below(s, SIM_CALENDARS);
    struct str id = arena_printf(&s->arena, "c%d", calendar);
    bool used = false;

    for (int k = 0; k < s->defs.n_tasks; k++) {
        const struct sim_task *t = &s->defs.tasks[k];
        struct sim_definition newest;
        if (!t->there)
            continue;
        sim_define_again(s, t->given, &newest);
        used = used || str_eq(newest.spec->calendar_id, id) || str_eq(t->spec->calendar_id, id);
    }
    for (int k = 0; k < SIM_WORKFLOWS; k++)
        used = used || (s->defs.workflows[k].there &&
                        str_find(s->defs.workflows[k].unified,
                                 arena_printf(&s->arena, "\"%.*s\"", STR_ARG(id))) >= 0);
    bool there = s->defs.calendars[calendar].there;
    snprintf(s->action, sizeof(s->action), "delete calendar %d", calendar);
    s->defs.calendars[calendar].there = false;
    enum err_code rc = SIM_DO(s, calendar_delete, g, id, e);
    sim_check(s, rc == E_IO || (rc == E_OK) == (there && !used), "calendar %d is %s%s, and: %s",
              calendar, there ? "there" : "not there", used ? " and used" : "", e->text);
    return rc;
}
