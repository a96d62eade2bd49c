/* engine/workflow_schedule.h - puts the unified schedule of a workflow on its tasks
 * (docs/reference/semantics.md 2.9).
 *
 * Engine thread, inside a transaction.
 */
#ifndef ENGINE_WORKFLOW_SCHEDULE_H
#define ENGINE_WORKFLOW_SCHEDULE_H

#include "engine/engine.h"
#include "model/workflow_schedule.h"

/* Tasks of a workflow that can be given a schedule in one request. */
enum { WORKFLOW_SCHEDULED_MAX = 1000 };

/* What it names exists.  E_MISSING the calendar. */
enum err_code workflow_schedule_check(struct engine *g, const struct workflow_schedule *s,
                                      struct err *e) MUST_USE;

/* Every task of the workflow, whose row is written already, gets a new draft with this schedule,
 * and a submitted version of it where it has one; the core is told when all are written.  A task
 * that refuses it refuses all, by name: the errors of task_change and task_submit.  E_LIMIT. */
enum err_code workflow_schedule_spread(struct engine *g, const struct workflow_row *workflow,
                                       const struct workflow_schedule *s, struct str uin,
                                       struct err *e) MUST_USE;

/* A task to be made that says nothing about its schedule takes its workflow's.  *ret: the completed
 * document, a new reference; NULL: there is nothing to take. */
enum err_code workflow_schedule_inherit(struct engine *g, const json_t *task, json_t **ret,
                                        struct err *e) MUST_USE;

#endif
