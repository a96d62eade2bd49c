/* engine/cmd_workflow.h - makes, changes and deletes workflows.
 *
 * docs/reference/semantics.md 1.3.  Engine thread, inside a transaction, except the read.  Error
 * paths are the names of the API's fields.
 */
#ifndef ENGINE_CMD_WORKFLOW_H
#define ENGINE_CMD_WORKFLOW_H

#include "engine/engine.h"
#include "model/workflow_schedule.h"

enum { WORKFLOW_PARAMS_MAX = 1000 };

struct workflow_request {
    struct str id; /* empty: a new UUID */
    struct str project_id, folder_path, name;
    struct str type; /* cycle (also when empty) or manual; any case */
    struct str description, owner_uin, creator_uin, bundle_id; /* owner empty: the creator */
    struct str doc; /* JSON object: WorkflowParams, BundleInfo, WorkflowSchedulerConfiguration;
                       checked by the caller */
    const struct workflow_schedule *schedule; /* the one in doc; NULL: none */
};
/* *ret_id in the engine's arena.  E_RANGE; E_MISSING project, folder or calendar; E_EXISTS name
 * or id. */
enum err_code workflow_create(struct engine *g, const struct workflow_request *r,
                              struct str *ret_id, struct err *e) MUST_USE;

/* What is NULL stays as it is. */
struct workflow_change {
    const struct str *name, *description, *owner_uin, *bundle_id, *doc;
    const struct workflow_schedule *schedule; /* the one in doc, to be put on all tasks */
};
/* E_EXISTS: the name is taken; the errors of workflow_schedule_spread. */
enum err_code workflow_update(struct engine *g, struct str project_id, struct str id,
                              const struct workflow_change *change, struct str uin,
                              struct err *e) MUST_USE;

/* With its task folders and its tasks, unless one of those is in state Y, O or T (E_DENIED).  What
 * waits for those tasks fails, as with DeleteTask's default.  A workflow that does not exist is
 * E_CONFLICT: the cloud answers FailedOperation here. */
enum err_code workflow_delete(struct engine *g, struct str project_id, struct str id,
                              struct err *e) MUST_USE;

/* Its tasks have no firings, and run when they are triggered (engine/cmd_manual.h, 1.8). */
bool workflow_is_manual(const struct workflow_row *w);

/* Any view, any thread.  Looks at the project first; E_MISSING under "ProjectId" or "WorkflowId".
 */
enum err_code workflow_require(struct view *v, struct arena *a, struct str project_id,
                               struct str id, struct workflow_row *ret, struct err *e) MUST_USE;

#endif
