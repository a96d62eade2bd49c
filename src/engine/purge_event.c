/* engine/purge_event.c - cases whose time has long been over, and who took them. */
#include "engine/purge_int.h"

enum { LOOKS = 100 };

/* Nobody can wait for it any more: it is over (3.7). */
static bool is_over(const struct engine *g, const struct case_row *c)
{
    int64_t cutoff = g->purge.cutoff.us;

    return c->expires_at.us < cutoff && c->fired_at.us < cutoff && c->updated_at.us < cutoff;
}

static enum err_code purge_case(struct engine *g, const struct case_row *c, bool *ret,
                                struct err *e)
{
    struct query q;

    query_init(&q, &table_consumption);
    query_text(&q, CONSUMPTION_CASE_ID, QUERY_EQ, c->id);
    enum err_code rc = purge_rows_of(g, &q, ret, e);
    return rc == E_OK && *ret ? purge_row(g, &table_case, c, e) : rc;
}

enum err_code purge_cases(struct engine *g, bool *ret, struct err *e)
{
    struct query q;
    void *found;
    size_t n;
    int left = PURGE_ROWS / 4; /* each of them may have that many rows of its own */

    query_init(&q, &table_case);
    query_text(&q, CASE_ID, QUERY_GT, str_from(g->purge.id));
    query_order(&q, CASE_ID, false);
    q.limit = LOOKS;
    enum err_code rc = query_rows(engine_view(g), &q, &g->arena, &found, &n, e);
    const struct case_row *cases = found;
    for (size_t i = 0; rc == E_OK && i < n && left > 0; i++) {
        bool gone = true;
        if (is_over(g, &cases[i])) {
            rc = purge_case(g, &cases[i], &gone, e);
            left = gone ? left - 1 : 0;
        }
        if (rc == E_OK && gone)
            purge_pass(g, cases[i].id);
    }
    *ret = rc == E_OK && n == 0;
    return rc;
}
