/* engine/cmd_task_folder.h - task folders: inside a workflow, one tree per category of task types.
 *
 * docs/reference/semantics.md 1.3.  Paths as in engine/cmd_folder.h.  Engine thread, inside a
 * transaction, except the reads.
 */
#ifndef ENGINE_CMD_TASK_FOLDER_H
#define ENGINE_CMD_TASK_FOLDER_H

#include "engine/engine.h"

struct task_folder_request {
    struct str id; /* empty: a new UUID */
    struct str project_id, workflow_id, type, parent_path, name, creator_uin;
};
enum err_code task_folder_create(struct engine *g, const struct task_folder_request *r,
                                 struct str *ret_id, struct err *e) MUST_USE;
/* Names one task folder; all three must fit together. */
struct task_folder_key {
    struct str project_id, workflow_id, id;
};
/* The tasks of its category move along. */
enum err_code task_folder_rename(struct engine *g, const struct task_folder_key *key,
                                 struct str name, struct err *e) MUST_USE;
/* E_CONFLICT: folders or tasks of its category are in it. */
enum err_code task_folder_delete(struct engine *g, const struct task_folder_key *key,
                                 struct err *e) MUST_USE;
/* Any view.  E_MISSING under "TaskFolderId". */
enum err_code task_folder_require(struct view *v, struct arena *a,
                                  const struct task_folder_key *key, struct task_folder_row *ret,
                                  struct err *e) MUST_USE;
/* E_RANGE: not one of the documented categories. */
enum err_code task_folder_type_check(struct str type, const char *field, struct err *e) MUST_USE;
/* Any view.  The folder exists in the workflow and category; errors under `field`. */
enum err_code task_folder_path_require(struct view *v, struct arena *a, struct str workflow_id,
                                       struct str type, struct str path, const char *field,
                                       struct err *e) MUST_USE;

#endif
