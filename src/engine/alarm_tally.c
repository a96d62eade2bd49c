/* engine/alarm_tally.c - fluctuations of projects: how many instances end in each piece of a day,
 * and whether a day differs from the one before, or is bad in itself.
 *
 * Counted are rounds of the schedule that end, as failed or completed, by the time of day at which
 * the engine learns of it (UTC+8).  Only projects with such a rule are counted, so there is nothing
 * to compare with on its first day.
 */
#include "engine/alarm_int.h"

static const int64_t day_us = (int64_t)CIVIL_DAY * 1000000;

/* The day of the service's zone, which has no summer time. */
static struct wall day_start(struct wall t)
{
    return zone_to_wall(zone_default(), civil_day(zone_to_civil(zone_default(), t)));
}

static struct wall slot_start(struct wall t)
{
    struct wall day = day_start(t);

    return (struct wall){ t.us - (t.us - day.us) % ALARM_SLOT.us };
}

enum err_code alarm_tally_add(struct engine *g, const struct alarm_target *t,
                              const struct instance *i, struct err *e)
{
    struct alarm_tally_row row = { .project_id = t->project->id, .slot = slot_start(g->now) };
    bool failed = i->state == INSTANCE_EXPIRED;
    struct err why = ERR_INIT;

    if (run_type_is_asked_for(i->run_type) || (!failed && i->state != INSTANCE_COMPLETED))
        return E_OK;
    enum err_code rc = row_get(engine_view(g), &table_alarm_tally, &g->arena, &row, &why);
    if (rc != E_OK && rc != E_MISSING)
        return err_set(e, rc, "%s", why.text);
    row.failed += failed;
    row.succeeded += !failed;
    return row_put(g->config.store, &table_alarm_tally, &row, e);
}

/* ---- looking ------------------------------------------------------------------------------- */

struct numbers {
    struct wall first;        /* beginning of the day before */
    struct alarm_day days[2]; /* that one, and today */
};

static bool take_slot(void *ctx, const void *row)
{
    struct numbers *n = ctx;
    const struct alarm_tally_row *t = row;
    int64_t at = (t->slot.us - n->first.us) / ALARM_SLOT.us;

    if (at >= 0 && at < 2 * (int64_t)ALARM_SLOTS) {
        struct alarm_day *day = &n->days[at / ALARM_SLOTS];
        day->failed[at % ALARM_SLOTS] = t->failed;
        day->succeeded[at % ALARM_SLOTS] = t->succeeded;
        day->counted = true;
    }
    return true;
}

static enum err_code read_numbers(struct engine *g, struct str project_id, struct wall day,
                                  struct numbers *ret, struct err *e)
{
    struct query q;

    *ret = (struct numbers){ .first = { day.us - day_us } };
    query_init(&q, &table_alarm_tally);
    query_text(&q, ALARM_TALLY_PROJECT_ID, QUERY_EQ, project_id);
    query_number(&q, ALARM_TALLY_SLOT, QUERY_LT, ret->first.us);
    enum err_code rc = query_delete(g->config.store, &q, NULL, e); /* of no use any more */
    query_init(&q, &table_alarm_tally);
    query_text(&q, ALARM_TALLY_PROJECT_ID, QUERY_EQ, project_id);
    return rc == E_OK ? query_run(engine_view(g), &q, take_slot, ret, e) : rc;
}

static enum err_code fire(struct engine *g, const struct alarm_held *h,
                          const struct alarm_fluctuation *f, struct wall day, struct err *e)
{
    static const char *const said[ALARM_TYPE_N_][2] = {
        [ALARM_FAILURES_UP] = { "more instances failed than the day before",
                                "失败实例数较前一天上升" },
        [ALARM_SUCCESSES_DOWN] = { "fewer instances succeeded than the day before",
                                   "成功实例数较前一天下降" },
        [ALARM_FAILURES_MORE] = { "more instances failed than the day before",
                                  "失败实例数较前一天上升" },
        [ALARM_SUCCESSES_FEWER] = { "fewer instances succeeded than the day before",
                                    "成功实例数较前一天下降" },
        [ALARM_FAILURES_MANY] = { "too many instances failed", "失败实例数超过阈值" },
        [ALARM_FAILURES_SHARE] = { "too large a share of the instances failed",
                                   "失败实例占比超过阈值" },
    };
    struct arena *a = &g->arena;
    char text[CIVIL_TEXT_LEN + 1];
    struct alarm_event v = { .rule = h, .reason = str_from(alarm_type_name(f->type)) };

    civil_format(zone_to_civil(zone_default(), day), text);
    v.once = arena_printf(a, "%s %.10s", alarm_type_name(f->type), text);
    v.english = arena_printf(a, "%s, on %.10s", said[f->type][0], text);
    v.chinese = arena_printf(a, "%.10s %s", text, said[f->type][1]);
    return alarm_fire(g, &v, e);
}

static enum err_code judge(struct engine *g, const struct alarm_held *h, const struct numbers *n,
                           struct wall day, int slots, struct err *e)
{
    enum err_code rc = E_OK;

    for (int k = 0; k < h->rule.n_fluctuations && rc == E_OK; k++) {
        const struct alarm_fluctuation *f = &h->rule.fluctuations[k];
        if ((h->rule.types & 1u << f->type) && alarm_fluctuates(f, &n->days[1], &n->days[0], slots))
            rc = fire(g, h, f, day, e);
    }
    return rc;
}

/* The piece that ended at this instant belongs to the day that it was in. */
static enum err_code judge_project(struct engine *g, const struct alarm_project *p, struct wall end,
                                   struct err *e)
{
    struct wall day = day_start((struct wall){ end.us - 1 });
    int slots = (int)((end.us - day.us) / ALARM_SLOT.us);
    struct numbers *n = ARENA_NEW(&g->arena, struct numbers);
    bool counting = false;
    enum err_code rc = E_OK;

    for (size_t i = 0; i < p->n; i++)
        counting |= p->rules[i]->rule.object == ALARM_OF_FLUCTUATION;
    if (!counting)
        return E_OK;
    rc = read_numbers(g, p->id, day, n, e);
    for (size_t i = 0; i < p->n && rc == E_OK; i++)
        if (p->rules[i]->rule.object == ALARM_OF_FLUCTUATION)
            rc = judge(g, p->rules[i], n, day, slots, e);
    return rc;
}

/* Whether the piece that ended last was judged is not known, and twice does no harm: after a rest,
 * after a turn that failed, and when rules change. */
void alarm_tally_reset(struct engine *g)
{
    g->alarms->next_slot = g->alarms->n_counting == 0 ? WALL_FAR : (struct wall){ 1 };
}

/* When the clock was set back another piece is the last one that ended. */
struct wall alarm_tally_due(const struct engine *g)
{
    struct wall next = g->alarms->next_slot;

    return g->alarms->n_counting > 0 && next.us - ALARM_SLOT.us > g->now.us ? g->now : next;
}

enum err_code alarm_tally_advance(struct engine *g, struct err *e)
{
    struct alarms *a = g->alarms;
    size_t at = 0;
    struct str key;
    void *value;
    enum err_code rc = E_OK;

    if (alarm_tally_due(g).us > g->now.us)
        return E_OK;
    struct wall end = slot_start(g->now);
    while (rc == E_OK && map_next(&a->projects, &at, &key, &value))
        rc = judge_project(g, value, end, e);
    a->next_slot = (struct wall){ end.us + ALARM_SLOT.us };
    return rc;
}
