/* engine/purge_alarm.c - messages of alarms, with their deliveries. */
#include "engine/purge_int.h"

enum { LOOKS = 50 };

/* A message is also what keeps its alarm from being told twice (model/alarm.h): that of a round
 * stays as long as the round, that of a day until the day is over everywhere. */
static enum err_code is_needed(struct engine *g, const struct alarm_message_row *m, bool *ret,
                               struct err *e)
{
    int64_t cutoff = g->purge.cutoff.us - 2 * DUR_S(86400).us;
    struct instance_row i = { .task_id = m->task_id, .data_time = m->data_time };
    struct query q;

    *ret = m->fired_at.us >= cutoff || m->at.us >= cutoff;
    if (*ret)
        return E_OK;
    enum err_code rc =
        m->task_id == 0 ? E_MISSING : row_get(engine_view(g), &table_instance, &g->arena, &i, e);
    *ret = rc == E_OK && i.round == m->round;
    if ((rc != E_OK && rc != E_MISSING) || *ret)
        return rc;
    query_init(&q, &table_alarm_delivery);
    query_number(&q, ALARM_DELIVERY_MESSAGE_ID, QUERY_EQ, m->id);
    query_number(&q, ALARM_DELIVERY_STATE, QUERY_LE, DELIVERY_PENDING);
    return query_any(engine_view(g), &q, ret, e);
}

static enum err_code purge_message(struct engine *g, const struct alarm_message_row *m, bool *ret,
                                   struct err *e)
{
    struct query q;

    query_init(&q, &table_alarm_delivery);
    query_number(&q, ALARM_DELIVERY_MESSAGE_ID, QUERY_EQ, m->id);
    enum err_code rc = purge_rows_of(g, &q, ret, e);
    return rc == E_OK && *ret ? purge_row(g, &table_alarm_message, m, e) : rc;
}

enum err_code purge_messages(struct engine *g, bool *ret, struct err *e)
{
    struct query q;
    void *found;
    size_t n;
    bool gone = true;

    query_init(&q, &table_alarm_message);
    query_number(&q, ALARM_MESSAGE_ID, QUERY_GT, g->purge.number);
    query_order(&q, ALARM_MESSAGE_ID, false);
    q.limit = LOOKS;
    enum err_code rc = query_rows(engine_view(g), &q, &g->arena, &found, &n, e);
    const struct alarm_message_row *messages = found;
    for (size_t i = 0; rc == E_OK && i < n && gone; i++) {
        bool needed;
        rc = is_needed(g, &messages[i], &needed, e);
        if (rc == E_OK && !needed)
            rc = purge_message(g, &messages[i], &gone, e);
        if (rc == E_OK && gone)
            g->purge.number = messages[i].id;
    }
    *ret = rc == E_OK && n == 0;
    return rc;
}
