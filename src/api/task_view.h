/* api/task_view.h - how a task looks in answers: the Task object of drafts, versions and ops. */
#ifndef API_TASK_VIEW_H
#define API_TASK_VIEW_H

#include "api/action.h"
#include "model/task.h"

/* "TaskId" of the request as a number.  E_MISSING: it cannot be a task's id. */
enum err_code task_id_param(struct call *c, int64_t *ret) MUST_USE;
/* The task row that ProjectId and TaskId name. */
enum err_code task_view_find(struct call *c, struct task_row *ret) MUST_USE;
enum err_code task_view_version(struct call *c, int64_t task_id, int32_t num,
                                struct version_row *ret) MUST_USE;

/* TaskBaseAttribute as an object. */
enum err_code task_view_base(struct call *c, const struct task_row *task,
                             const json_t *doc) MUST_USE;
/* A whole Task object from a version's document; doc NULL: from version->doc. */
enum err_code task_view_write(struct call *c, const struct task_row *task,
                              const struct version_row *version) MUST_USE;
/* The decoded code of a version. */
enum err_code task_view_code(struct call *c, const struct version_row *version,
                             struct str *ret) MUST_USE;

#endif
