/* model/alarm_text.h - what a receiver of an alarm gets: a subject, sentences, and the JSON that
 * the robots of each chat program document.
 */
#ifndef MODEL_ALARM_TEXT_H
#define MODEL_ALARM_TEXT_H

#include "base/buf.h"
#include "model/alarm.h"

/* One notification of a message. */
struct alarm_notice {
    int64_t message_id, delivery_id;
    struct str project_id, reason;
    struct str rule_id, rule_name; /* empty: no rule asked for it */
    struct str text;               /* English, newline, Chinese */
    enum alarm_level level;
    int64_t task_id; /* 0: of a project */
    struct str task_name;
    struct civil data_time;
    int32_t round;         /* below 0: it is about no instance, and there is no data time */
    int32_t number;        /* of its receiver's notifications, from 1 */
    struct str escalation; /* to whom it was escalated; empty: to nobody */
    struct str recipients; /* "a;b" */
    struct wall fired_at;
};

/* One line. */
void alarm_subject(const struct alarm_notice *n, struct buf *out);
/* The body of the request: JSON for hooks, plain text for mail. */
void alarm_body(enum alarm_way way, const struct alarm_notice *n, struct buf *out);
/* Did the receiver take it?  Some robots say in the body of a success that they did not; then
 * *ret_why is what they said, borrowed from the body. */
bool alarm_was_taken(enum alarm_way way, int64_t status, struct str body, struct str *ret_why);

#endif
