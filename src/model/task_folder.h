/* model/task_folder.h - which folders a task can live in, and where its document says that it
 * lives.
 *
 * docs/reference/semantics.md 1.3: task folders belong to a category of task types, and
 * TaskFolderPath leaves the category out.
 */
#ifndef MODEL_TASK_FOLDER_H
#define MODEL_TASK_FOLDER_H

#include "base/arena.h"
#include "base/err.h"

/* The category (A:CreateTaskFolder.TaskFolderType) of a task type.  Which type belongs to which is
 * not documented; this is the product's own grouping as far as its names say.  Unknown types are
 * GENERAL. */
const char *task_folder_type_of(int task_type_id);

/* The document of a version with another TaskFolderPath.  E_CORRUPT: it does not parse. */
enum err_code task_folder_doc(struct str doc, struct str path, struct arena *a, struct str *ret,
                              struct err *e) MUST_USE;

#endif
