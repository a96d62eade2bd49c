/* engine/cmd_task.h - makes, changes, deletes and submits tasks.
 *
 * docs/reference/semantics.md 1.4-1.6, 3.  Engine thread, inside a transaction; everything is
 * checked before anything is changed, the core is told last.  Error paths are the names of the
 * API's fields.
 */
#ifndef ENGINE_CMD_TASK_H
#define ENGINE_CMD_TASK_H

#include "core/core.h"
#include "engine/engine.h"
#include "model/task.h"

struct task_write {
    int64_t id; /* create: 0 takes a new one; change: which */
    struct str project_id, uin;
    const struct task_spec *spec; /* decoded from doc */
    struct str doc;               /* complete (model/task_doc.h) */
};
/* *ret_id: the new task.  E_MISSING project, workflow, folder, resource group, calendar, upstream
 * task or event; E_RANGE a dependency that does not fit the cycles; E_DENIED an upstream that
 * allows none; E_EXISTS the name (or a given id) is taken. */
enum err_code task_create(struct engine *g, const struct task_write *w, int64_t *ret_id,
                          struct err *e) MUST_USE;
/* Replaces the draft by a new SAVE version.  The same errors, and E_MISSING the task. */
enum err_code task_change(struct engine *g, const struct task_write *w, struct err *e) MUST_USE;

struct task_deletion {
    struct str project_id, uin;
    int64_t task_id;
    bool gentle; /* downstream instances that wait for it are released, else they expire (1.6) */
    bool inform; /* the owners of downstream tasks are told (engine/alarm.h) */
};
/* A scheduling or paused task is stopped first; its live instances are ended.  E_MISSING the task;
 * E_LIMIT under OperateInform. */
enum err_code task_delete(struct engine *g, const struct task_deletion *w, struct err *e) MUST_USE;

struct task_submission {
    struct str project_id;
    int64_t task_id;
    struct str remark, uin;
    enum task_status status; /* TASK_PAUSED, TASK_STOPPED: the state which the task has with this
                              * submit, whatever it was, so that nothing fires in between;
                              * TASK_NEW: that of 1.5 */
};
/* *ret_version_id in the engine's arena.  E_CONFLICT an upstream that was never submitted, a cycle;
 * E_UNSUPPORTED a type that weft cannot run. */
enum err_code task_submit(struct engine *g, const struct task_submission *w,
                          struct str *ret_version_id, struct err *e) MUST_USE;

/* The same without a word to the core: for commands that submit several tasks and tell it of them
 * (task_tell) when all are written, and have none that waits for itself (task_check_loop). */
enum err_code task_submit_untold(struct engine *g, const struct task_submission *w,
                                 struct err *e) MUST_USE;
/* What is submitted of the task, to the core (again).  Whatever fails here is the store's fault and
 * fails the turn, as the core may know a part already. */
enum err_code task_tell(struct engine *g, int64_t task_id, struct err *e) MUST_USE;

/* What a schedule borrows: the calendar, in the arena.  E_MISSING: there is none with this id. */
enum err_code task_load_calendar(struct view *v, struct str id, struct arena *a,
                                 const struct calendar **ret, struct err *e) MUST_USE;
/* The submitted task as the core takes it; any view.  Of its definition there is the half that the
 * core holds (model/task_pack.h): the document, which may have megabytes of code, is read only
 * where that half is not kept beside it.  Text and calendar live in the arena.  E_MISSING: never
 * submitted. */
enum err_code task_load(struct view *v, int64_t task_id, struct arena *a, struct core_task *ret,
                        struct task_spec *ret_spec, struct err *e) MUST_USE;
/* The same for looking at its definition: without the peers of its workflow (2.9), so not for the
 * core. */
enum err_code task_read(struct view *v, int64_t task_id, struct arena *a, struct core_task *ret,
                        struct task_spec *ret_spec, struct err *e) MUST_USE;

/* A submitted task as its schedule row and its definition say it; without peers. */
void task_as_core(const struct schedule_row *schedule, const struct task_spec *spec,
                  struct str project_id, bool project_enabled, struct core_task *ret);
/* Leaves those upstreams of which keep says so, in their order. */
void task_keep_upstreams(struct task_spec *spec, const bool *keep);

/* Does its workflow wait for the previous cycle (2.9)?  E_CONFLICT under
 * RedefineSelfWorkflowDependency. */
enum err_code task_require_cycle(struct view *v, struct arena *a, int64_t task_id,
                                 struct err *e) MUST_USE;

/* The task of this project, any view.  E_MISSING under "TaskId". */
enum err_code task_require(struct view *v, struct arena *a, struct str project_id, int64_t task_id,
                           struct task_row *ret, struct err *e) MUST_USE;

#endif
