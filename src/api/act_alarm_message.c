/* api/act_alarm_message.c - ListAlarmMessages, GetAlarmMessage; weft-1: GetAlarmDeliveries,
 * AcknowledgeAlarmMessage (docs/reference/semantics.md 8.3). */
#include "api/page.h"

#include "api/alarm_view.h"
#include "cal/zone.h"
#include "engine/cmd_alarm.h"
#include "engine/cmd_project.h"
#include "model/task.h"

enum { DELIVERIES_SHOWN = 1000 };

static enum err_code zone_param(struct call *c, const struct zone **ret)
{
    struct str name = param_str(c->params, "TimeZone");
    enum err_code rc = E_OK;

    *ret = zone_default();
    if (name.len > 0 && (rc = zone_find(name, ret, &c->err)) != E_OK)
        err_prefix(&c->err, "TimeZone");
    return rc;
}

static void write_message(struct call *c, const struct alarm_message_row *m,
                          const struct zone *zone)
{
    struct jw *w = &c->out;
    char id[TASK_ID_LEN + 4], text[CIVIL_TEXT_LEN + 1];

    jw_object(w);
    jw_ki64(w, "AlarmMessageId", m->id);
    jw_wall(w, "AlarmTime", m->at, zone);
    if (m->task_id == 0) { /* of a project */
        jw_knull(w, "TaskName");
        jw_knull(w, "TaskId");
    } else {
        jw_kstr(w, "TaskName", m->task_name);
        task_id_format(m->task_id, id);
        jw_kcstr(w, "TaskId", id);
    }
    if (m->task_id == 0 || m->round == ALARM_NO_ROUND) {
        jw_knull(w, "CurRunDate");
    } else {
        civil_format(m->data_time, text);
        jw_kcstr(w, "CurRunDate", text);
    }
    jw_kstr(w, "AlarmReason", m->reason);
    jw_ki64(w, "AlarmLevel", m->level);
    if (m->rule_id.len > 0)
        jw_kstr(w, "AlarmRuleId", m->rule_id);
    else
        jw_knull(w, "AlarmRuleId");
    alarm_list_write(w, "AlarmWays", m->ways);
    alarm_list_write(w, "AlarmRecipients", m->recipients);
    jw_object_end(w);
}

/* ---- ListAlarmMessages --------------------------------------------------------------------- */

static enum err_code filter_time(struct call *c, struct query *q, const char *name,
                                 const struct zone *zone, enum query_op op)
{
    struct str text = param_str(c->params, name);
    struct civil t;

    if (text.len == 0)
        return E_OK;
    enum err_code rc = civil_parse(text, &t, &c->err);
    if (rc != E_OK)
        return err_prefix(&c->err, name), rc;
    /* The second that is named is within. */
    t.s += op == QUERY_LT;
    query_number(q, ALARM_MESSAGE_AT, op, zone_to_wall(zone, t).us);
    return E_OK;
}

static enum err_code list_query(struct call *c, const struct zone *zone, struct query *q)
{
    struct str person = param_str(c->params, "AlarmRecipientId");
    enum err_code rc = param_has(c->params, "AlarmLevel")
                           ? alarm_level_check(param_i64(c->params, "AlarmLevel", 0), &c->err)
                           : E_OK;

    if (rc != E_OK)
        return rc;
    query_init(q, &table_alarm_message);
    query_text(q, ALARM_MESSAGE_PROJECT_ID, QUERY_EQ, param_str(c->params, "ProjectId"));
    if (param_has(c->params, "AlarmLevel"))
        query_number(q, ALARM_MESSAGE_LEVEL, QUERY_EQ, param_i64(c->params, "AlarmLevel", 0));
    if (person.len > 0)
        query_text(q, ALARM_MESSAGE_RECIPIENTS, QUERY_HAS_ITEM, person);
    query_order(q, ALARM_MESSAGE_AT, true);
    rc = filter_time(c, q, "StartTime", zone, QUERY_GE);
    return rc == E_OK ? filter_time(c, q, "EndTime", zone, QUERY_LT) : rc;
}

static enum err_code list_answer(struct call *c)
{
    const struct zone *zone;
    struct project_row project;
    struct page page;
    struct query q;
    void *rows;
    size_t n;
    int64_t total;
    enum err_code rc = project_require(c->view, &c->arena, param_str(c->params, "ProjectId"),
                                       "ProjectId", &project, &c->err);

    if (rc == E_OK)
        rc = page_params(c, 10, 100, &page);
    if (rc == E_OK)
        rc = zone_param(c, &zone);
    if (rc == E_OK)
        rc = list_query(c, zone, &q);
    if (rc == E_OK)
        rc = page_rows(c, &page, &q, &rows, &n, &total);
    if (rc != E_OK)
        return rc;
    page_open(c, &page, total);
    for (size_t i = 0; i < n; i++)
        write_message(c, (const struct alarm_message_row *)rows + i, zone);
    page_close(c);
    return E_OK;
}

/* ---- one message --------------------------------------------------------------------------- */

static enum err_code id_param(struct call *c, int64_t *ret)
{
    struct str text = param_str(c->params, "AlarmMessageId");

    if (!str_to_i64(text, ret) || *ret <= 0)
        return err_user(&c->err, E_RANGE, "AlarmMessageId", "`%.*s` is not the id of a message",
                        "`%.*s` 不是告警消息 id", STR_ARG(str_sub(text, 0, 64)));
    return E_OK;
}

static enum err_code read_message(struct call *c, struct alarm_message_row *ret)
{
    int64_t id;
    enum err_code rc = id_param(c, &id);

    return rc == E_OK ? alarm_message_require(c->view, &c->arena, param_str(c->params, "ProjectId"),
                                              id, ret, &c->err)
                      : rc;
}

static enum err_code get_answer(struct call *c)
{
    struct alarm_message_row m;
    const struct zone *zone;
    enum err_code rc = zone_param(c, &zone);

    if (rc == E_OK)
        rc = read_message(c, &m);
    if (rc != E_OK)
        return rc;
    jw_key(&c->out, "Data");
    write_message(c, &m, zone);
    return E_OK;
}

static enum err_code acknowledge_apply(struct call *c, struct engine *g)
{
    int64_t id;
    enum err_code rc = id_param(c, &id);

    return rc == E_OK ? alarm_acknowledge(g, param_str(c->params, "ProjectId"), id, c->uin, &c->err)
                      : rc;
}

/* ---- GetAlarmDeliveries -------------------------------------------------------------------- */

static void write_delivery(struct call *c, const struct alarm_delivery_row *d, bool hooks)
{
    static const char *const states[DELIVERY_STATE_N_] = { "PENDING", "DONE", "GIVEN_UP", "QUIET",
                                                           "CANCELED" };
    struct jw *w = &c->out;
    struct str target =
        d->way == ALARM_BY_MAIL ? d->target : alarm_hook_shown(&c->arena, d->target, hooks);

    jw_object(w);
    jw_ki64(w, "DeliveryId", d->id);
    jw_kcstr(w, "State", states[d->state]);
    jw_key(w, "AlarmWay");
    jw_str(w, arena_printf(&c->arena, "%d", (int)d->way));
    jw_kstr(w, "Target", target);
    jw_ki64(w, "NotifyNumber", d->number);
    if (d->escalation.len > 0)
        jw_kstr(w, "EscalatedTo", d->escalation);
    else
        jw_knull(w, "EscalatedTo");
    jw_ki64(w, "Attempts", d->attempts);
    jw_wall(w, "NextTime", d->state == DELIVERY_PENDING ? d->due : WALL_NONE, zone_default());
    jw_wall(w, "EndTime", d->ended_at, zone_default());
    if (d->error.len > 0)
        jw_kstr(w, "Error", d->error);
    else
        jw_knull(w, "Error");
    jw_object_end(w);
}

static enum err_code deliveries_answer(struct call *c)
{
    struct alarm_message_row m;
    struct query q;
    struct jw *w = &c->out;
    void *rows;
    size_t n;
    bool hooks;
    int64_t total;
    enum err_code rc = read_message(c, &m);

    if (rc == E_OK)
        rc = alarm_sees_hooks(c, c->view, m.project_id, &hooks);
    if (rc != E_OK)
        return rc;
    query_init(&q, &table_alarm_delivery);
    query_number(&q, ALARM_DELIVERY_MESSAGE_ID, QUERY_EQ, m.id);
    rc = query_count(c->view, &q, &total, &c->err);
    q.limit = DELIVERIES_SHOWN;
    if (rc == E_OK)
        rc = query_rows(c->view, &q, &c->arena, &rows, &n, &c->err);
    if (rc != E_OK)
        return rc;
    jw_key(w, "Data");
    jw_object(w);
    jw_ki64(w, "AlarmMessageId", m.id);
    jw_kstr(w, "Text", m.text);
    jw_wall(w, "FireTime", m.fired_at, zone_default());
    jw_wall(w, "AcknowledgeTime", m.acked_at, zone_default());
    if (wall_is_set(m.acked_at))
        jw_kstr(w, "AcknowledgeUin", m.acked_by);
    else
        jw_knull(w, "AcknowledgeUin");
    jw_ki64(w, "TotalCount", total);
    jw_key(w, "Items");
    jw_array(w);
    for (size_t i = 0; i < n; i++)
        write_delivery(c, (const struct alarm_delivery_row *)rows + i, hooks);
    jw_array_end(w);
    jw_object_end(w);
    return E_OK;
}

static const struct action actions[] = {
    { API_2025, "ListAlarmMessages", NULL, NULL, list_answer, ACCESS_READ },
    { API_2025, "GetAlarmMessage", NULL, NULL, get_answer, ACCESS_READ },
    { API_WEFT, "GetAlarmDeliveries", NULL, NULL, deliveries_answer, ACCESS_READ },
    { API_WEFT, "AcknowledgeAlarmMessage", NULL, acknowledge_apply, answer_status, ACCESS_OPERATE },
};
const struct action_family family_alarm_message = { actions, ARRAY_LEN(actions) };
