/* engine/cmd_alarm.h - alarm rules, acknowledgements, and what became of deliveries.
 *
 * docs/reference/semantics.md 8.  Engine thread, inside a transaction.
 */
#ifndef ENGINE_CMD_ALARM_H
#define ENGINE_CMD_ALARM_H

#include "engine/engine.h"
#include "model/alarm.h"
#include "send/letter.h"

enum { ALARM_RULES_MAX = 1000 /* of a project */ };
/* Of one alarm of a rule, all its groups, notifications and escalations together; owners of a task
 * count as one.  All are written with what happened, for every rule that it concerns. */
enum { ALARM_DELIVERIES_MAX = 200 };

/* A delivery is tried again after 5 s, then after twice as long each time up to 10 minutes: 150
 * attempts are about a day. */
#define ALARM_RETRY_FIRST DUR_S(5)
#define ALARM_RETRY_MOST DUR_MIN(10)
enum { ALARM_ATTEMPTS_MAX = 150 };

struct alarm_rule_request {
    struct str project_id, id; /* id: of the rule to change */
    struct str name, description;
    struct str uin; /* who makes it */
    bool enabled;
    struct str doc; /* what `rule` was decoded from */
    const struct alarm_rule *rule;
    bool objects_given; /* a change names objects: they must exist; else they were there once */
    bool groups_given;  /* a change names groups: they have a bound; older ones may be over it */
};

/* E_RANGE, E_MISSING by the field's path; E_RULE_NAME: another rule of the project has the name;
 * E_LIMIT.  *ret_id is in the engine's arena. */
enum err_code alarm_rule_create(struct engine *g, const struct alarm_rule_request *r,
                                struct str *ret_id, struct err *e) MUST_USE;
enum err_code alarm_rule_update(struct engine *g, const struct alarm_rule_request *r,
                                struct err *e) MUST_USE;
/* Its messages stay; what is not sent yet is not sent any more.  E_MISSING. */
enum err_code alarm_rule_delete(struct engine *g, struct str project_id, struct str id,
                                struct err *e) MUST_USE;
/* Somebody has seen the message: no further notifications, no escalation.  The first one counts.
 * E_MISSING. */
enum err_code alarm_acknowledge(struct engine *g, struct str project_id, int64_t message_id,
                                struct str uin, struct err *e) MUST_USE;
/* What became of a letter.  A delivery that is gone or over needs nothing. */
enum err_code alarm_delivered(struct engine *g, const struct letter_result *r,
                              struct err *e) MUST_USE;

/* Reads; any view.  E_MISSING with the path. */
enum err_code alarm_rule_require(struct view *v, struct arena *a, struct str project_id,
                                 struct str id, struct alarm_rule_row *ret, struct err *e) MUST_USE;
enum err_code alarm_message_require(struct view *v, struct arena *a, struct str project_id,
                                    int64_t id, struct alarm_message_row *ret,
                                    struct err *e) MUST_USE;

#endif
