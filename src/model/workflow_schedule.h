/* model/workflow_schedule.h - the unified schedule of a workflow, which overwrites that of its
 * tasks (docs/reference/semantics.md 2.9).
 *
 * Decoded from WorkflowSchedulerConfiguration of CreateWorkflow and UpdateWorkflow.  What lasts of
 * it is kept in the workflow's document under the same name, as GetWorkflow answers it; whether and
 * how dependencies are changed (ModifyCycleValue, ClearLink) is asked for once and not kept.
 */
#ifndef MODEL_WORKFLOW_SCHEDULE_H
#define MODEL_WORKFLOW_SCHEDULE_H

#include "model/task.h"

#define WORKFLOW_SCHEDULE "WorkflowSchedulerConfiguration"

struct workflow_schedule {
    enum cycle cycle;
    struct str calendar_id; /* empty: CalendarOpen is 0 */
    bool waits;             /* DependencyWorkflow yes: instances wait for the previous cycle */
    bool clear_links;       /* cut dependencies on tasks of other workflows */
    bool reset_pairs;       /* give every dependency this pair: */
    struct str main, sub;
};

/* Every rule of a task's own schedule (2.2-2.4), and those of the members that only a workflow has.
 * Texts go into the arena.  E_REQUIRED, E_RANGE, E_SYNTAX with a path below WORKFLOW_SCHEDULE. */
enum err_code workflow_schedule_decode(const json_t *given, struct arena *a,
                                       struct workflow_schedule *ret, struct err *e) MUST_USE;
/* What lasts of a configuration that decodes, completed with the defaults.  A new reference. */
json_t *workflow_schedule_keep(const json_t *given);

/* Does the workflow's document say that instances wait for the previous cycle, and of which cycle
 * are its tasks then?  A document that does not parse says nothing. */
bool workflow_schedule_waits(struct str workflow_doc, enum cycle *ret_cycle);

/* Does the schedule in the workflow's document follow this calendar? */
bool workflow_schedule_follows(struct str workflow_doc, struct str calendar_id);

/* The schedule in the workflow's document, as a task with it would have it, its calendar not
 * resolved, and its cron as it was given; false: there is none. */
bool workflow_schedule_read(struct str workflow_doc, struct arena *a, struct schedule *ret,
                            struct str *ret_cron);

/* ---- on the document of a task (model/task_doc.h) ------------------------------------------ */

/* Its schedule becomes that of the workflow. */
void workflow_schedule_put(const json_t *kept, json_t *task);
/* Every dependency gets the pair of s and loses its offset; strategies stay. */
void workflow_schedule_reset(const struct workflow_schedule *s, json_t *task);
/* Does it say nothing at all about its schedule? */
bool workflow_schedule_is_left_out(const json_t *task);

#endif
