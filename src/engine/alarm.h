/* engine/alarm.h - alarms: rules held in memory, what they make of the core's effects, limits of
 * time, and what is due to be sent.
 *
 * docs/decisions/0022-alarms.md.  A message is written in the transaction of the change that it is
 * about, or of the turn in which its time came; a unique text of what it is about makes it exist
 * once.  Its deliveries are rows too: what is due is handed to the sender (send/sender.h) after a
 * commit, and what the sender says comes back as a command (engine/cmd_alarm.h), so nothing is lost
 * by a crash of either, and a delivery may be made twice.
 *
 * Engine thread, except alarms_result_post.  A server without a rule pays one comparison for each
 * effect.
 */
#ifndef ENGINE_ALARM_H
#define ENGINE_ALARM_H

#include "core/core.h"
#include "engine/engine.h"
#include "send/letter.h"

struct alarms;

struct alarms *alarms_new(void);
void alarms_free(struct alarms *a);

/* Read the rules, and watch the live instances; in the open transaction, the core restored. */
enum err_code alarms_load(struct engine *g, struct err *e) MUST_USE;
/* An effect is being written; in the open transaction. */
enum err_code alarms_effect(struct engine *g, const struct effect *f, struct err *e) MUST_USE;
/* Time passed: limits that are over, days that are looked at, deliveries that are due; in the open
 * transaction, all effects written. */
enum err_code alarms_advance(struct engine *g, struct err *e) MUST_USE;
/* After the commit: what is due goes to the sender. */
void alarms_release(struct engine *g);
/* The turn failed: nothing of what was gathered is sent. */
void alarms_drop(struct engine *g);
struct wall alarms_next_due(const struct engine *g);

/* For commands, which tell this last.  A rule was written; it was taken away. */
enum err_code alarms_rule_put(struct engine *g, const struct alarm_rule_row *row,
                              struct err *e) MUST_USE;
enum err_code alarms_rule_drop(struct engine *g, struct str id, struct err *e) MUST_USE;
/* The task was deleted: nothing of it is told any more. */
void alarms_task_gone(struct engine *g, int64_t task_id);
/* The task is about to be deleted by `uin`, and its edges are there yet: the owners of each task
 * that names it as upstream, in its draft or in what is submitted of it, get a message without a
 * rule (alarm_inform.c).  E_LIMIT under OperateInform: they are more than ALARM_INFORM_MAX; then
 * nothing is written. */
enum { ALARM_INFORM_MAX = 3000 };
enum err_code alarms_inform_downstream(struct engine *g, const struct task_row *task, bool gentle,
                                       struct str uin, struct err *e) MUST_USE;
/* A delivery is due at this instant. */
void alarms_delivery_due(struct engine *g, struct wall due);
/* The sender has no more to do with the delivery. */
void alarms_landed(struct engine *g, int64_t delivery_id);
/* All rules, messages and deliveries of the project; in the open transaction. */
enum err_code alarms_project_delete(struct engine *g, struct str project_id,
                                    struct err *e) MUST_USE;

/* Any thread; what became of a letter.  False: try again later. */
bool alarms_result_post(struct engine *g, const struct letter_result *r);

#endif
