/* cli/file_name.h - names of folders, workflows and tasks as names of files, and back.  Pure.
 *
 * A name stays as it is, but for: control characters, '%', '/' and '\', a leading '.', the whole
 * name "workflow" of a task, and the last '.' of a folder whose name ends like a file's; those
 * become %XX.  So every name has one file, and no two the same.
 */
#ifndef CLI_FILE_NAME_H
#define CLI_FILE_NAME_H

#include "base/arena.h"
#include "base/err.h"

enum { FILE_NAME_MAX = 255 };

/* As a directory, or as the stem of a file to which extension (such as ".json") is put.  E_LIMIT:
 * it would be longer than file systems take. */
enum err_code file_name_dir(struct arena *a, struct str name, const char **ret,
                            struct err *e) MUST_USE;
enum err_code file_name_make(struct arena *a, struct str name, const char *extension,
                             const char **ret, struct err *e) MUST_USE;
/* The name in a directory's name or a stem.  E_SYNTAX: a broken %XX. */
enum err_code file_name_read(struct arena *a, struct str file, const char **ret,
                             struct err *e) MUST_USE;
/* The extension of the code of a task type: ".sh", ".py", ".sql", ".txt". */
const char *file_name_of_code(const char *task_type_id);

#endif
