/* model/alarm_text.c - what a receiver of an alarm gets. */
#include "model/alarm_text.h"

#include "base/jw.h"
#include "model/task.h"

enum { ROBOT_TEXT_MAX = 1800 /* WeCom takes 2,048 bytes */, BODY_MAX = 64 * 1024 };

static const char *level_name(enum alarm_level l)
{
    return l == ALARM_URGENT      ? "urgent 紧急"
           : l == ALARM_IMPORTANT ? "important 重要"
                                  : "normal 普通";
}

void alarm_subject(const struct alarm_notice *n, struct buf *out)
{
    buf_add_str(out, STR("[weft] "));
    if (n->rule_name.len > 0)
        buf_printf(out, "%.*s: ", STR_ARG(n->rule_name));
    buf_add_str(out, n->reason);
    if (n->task_name.len > 0)
        buf_printf(out, " %.*s", STR_ARG(n->task_name));
}

static void when(struct wall t, char out[CIVIL_TEXT_LEN + 1])
{
    civil_format(zone_to_civil(zone_default(), t), out);
}

static void add_text(const struct alarm_notice *n, struct buf *out)
{
    char fired[CIVIL_TEXT_LEN + 1];

    when(n->fired_at, fired);
    alarm_subject(n, out);
    buf_printf(out, "\n%.*s\n", STR_ARG(n->text));
    buf_printf(out, "Level 级别: %s\nTime 时间: %s (UTC+8)\n", level_name(n->level), fired);
    if (n->number > 1)
        buf_printf(out, "Notification 第 %d 次通知\n", (int)n->number);
    if (n->escalation.len > 0)
        buf_printf(out, "Not acknowledged; escalated to 未确认，已升级至: %.*s\n",
                   STR_ARG(n->escalation));
    buf_printf(out, "Message 告警消息: %lld, project 项目 %.*s\n", (long long)n->message_id,
               STR_ARG(n->project_id));
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static void write_subject(struct jw *w, const struct alarm_notice *n)
{
    char id[TASK_ID_LEN + 4], data_time[CIVIL_TEXT_LEN + 1];
    struct buf key;

    if (n->task_id == 0)
        return;
    task_id_format(n->task_id, id);
    jw_kcstr(w, "TaskId", id);
    jw_kstr(w, "TaskName", n->task_name);
    if (n->round < 0)
        return;
    buf_init(&key, 64);
    instance_key_format((struct instance_key){ n->task_id, n->data_time }, &key);
    civil_format(n->data_time, data_time);
    jw_kcstr(w, "CurRunDate", data_time);
    jw_kstr(w, "InstanceKey", buf_str(&key));
    jw_ki64(w, "LifeRoundNum", n->round);
    buf_done(&key);
}

static void write_http(struct jw *w, const struct alarm_notice *n)
{
    char fired[CIVIL_TEXT_LEN + 1];
    struct str recipients = n->recipients;

    when(n->fired_at, fired);
    jw_object(w);
    jw_ki64(w, "AlarmMessageId", n->message_id);
    jw_ki64(w, "DeliveryId", n->delivery_id);
    jw_kstr(w, "ProjectId", n->project_id);
    if (n->rule_id.len > 0) {
        jw_kstr(w, "AlarmRuleId", n->rule_id);
        jw_kstr(w, "AlarmRuleName", n->rule_name);
    }
    jw_ki64(w, "AlarmLevel", n->level);
    jw_kstr(w, "AlarmReason", n->reason);
    jw_kcstr(w, "AlarmTime", fired);
    write_subject(w, n);
    jw_key(w, "AlarmRecipients");
    jw_array(w);
    while (recipients.len > 0)
        jw_str(w, str_split(&recipients, ';'));
    jw_array_end(w);
    jw_ki64(w, "NotifyNumber", n->number);
    if (n->escalation.len > 0)
        jw_kstr(w, "EscalatedTo", n->escalation);
    jw_kstr(w, "Text", n->text);
    jw_object_end(w);
}

/* {"kind_key":kind,"outer":{"inner":text}} */
static void write_nested(struct jw *w, const char *kind_key, const char *outer, const char *inner,
                         struct str text)
{
    jw_object(w);
    jw_kcstr(w, kind_key, "text");
    jw_key(w, outer);
    jw_object(w);
    jw_kstr(w, inner, text);
    jw_object_end(w);
    jw_object_end(w);
}

static void write_card(struct jw *w, struct str text)
{
    jw_object(w);
    jw_kcstr(w, "type", "message");
    jw_key(w, "attachments");
    jw_array(w);
    jw_object(w);
    jw_kcstr(w, "contentType", "application/vnd.microsoft.card.adaptive");
    jw_key(w, "content");
    jw_object(w);
    jw_kcstr(w, "$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
    jw_kcstr(w, "type", "AdaptiveCard");
    jw_kcstr(w, "version", "1.2");
    jw_key(w, "body");
    jw_array(w);
    jw_object(w);
    jw_kcstr(w, "type", "TextBlock");
    jw_kstr(w, "text", text);
    jw_kbool(w, "wrap", true);
    jw_object_end(w);
    jw_array_end(w);
    jw_object_end(w);
    jw_object_end(w);
    jw_array_end(w);
    jw_object_end(w);
}

void alarm_body(enum alarm_way way, const struct alarm_notice *n, struct buf *out)
{
    struct buf text;
    struct jw w;

    if (way == ALARM_BY_MAIL) {
        add_text(n, out);
        return;
    }
    jw_init(&w, out);
    if (way == ALARM_BY_HTTP) {
        write_http(&w, n);
        return;
    }
    buf_init(&text, BODY_MAX);
    add_text(n, &text);
    struct str s = str_whole(str_sub(buf_str(&text), 0, ROBOT_TEXT_MAX));
    if (way == ALARM_BY_LARK) {
        write_nested(&w, "msg_type", "content", "text", s);
    } else if (way == ALARM_BY_SLACK) {
        jw_object(&w);
        jw_kstr(&w, "text", s);
        jw_object_end(&w);
    } else if (way == ALARM_BY_TEAMS) {
        write_card(&w, s);
    } else { /* WeCom and DingTalk */
        write_nested(&w, "msgtype", "text", "content", s);
    }
    buf_done(&text);
}

/* ---- answers ------------------------------------------------------------------------------- */

bool alarm_was_taken(enum alarm_way way, int64_t status, struct str body, struct str *ret_why)
{
    const char *const name = way == ALARM_BY_LARK ? "code" : "errcode";
    bool good = status >= 200 && status < 300;
    json_t *answer;

    *ret_why = body;
    if (!good || (way != ALARM_BY_WECOM && way != ALARM_BY_LARK && way != ALARM_BY_DINGTALK))
        return good;
    answer = json_loadb(body.ptr ? body.ptr : "", body.len, 0, NULL);
    const json_t *code = json_object_get(answer, name);
    good = !code || json_integer_value(code) == 0;
    json_decref(answer);
    return good;
}
