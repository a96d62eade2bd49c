/* cli/file_name.h - names of folders, workflows and tasks as names of files, and back.  Pure.
 *
 * A name stays as it is, but for: control characters, '%', '/' and '\', a leading '.', the whole
 * name "workflow" of a task, and the last '.' of a folder whose name ends like a file's; those
 * become %XX.  A name that is longer than a file's may be begins in a directory, or in several,
 * whose names end in "%+", and goes on inside: "the first part%+/and the rest.json".  So every name
 * has one file, and no two the same.
 */
#ifndef CLI_FILE_NAME_H
#define CLI_FILE_NAME_H

#include "base/arena.h"
#include "base/err.h"

/* Bytes of one part of it.  File systems take 255; an extension, "%+" and the ".new" of a file that
 * is being written come on top. */
enum { FILE_NAME_PART = 240 };

/* As the path of a directory, or of a file whose extension (such as ".json") is put to it. E_LIMIT:
 * it is longer than any path. */
enum err_code file_name_dir(struct arena *a, struct str name, const char **ret,
                            struct err *e) MUST_USE;
enum err_code file_name_make(struct arena *a, struct str name, const char *extension,
                             const char **ret, struct err *e) MUST_USE;
/* A directory's name that says that a name goes on inside; *file becomes the part of it. */
bool file_name_goes_on(struct str *file);
/* The name in a directory's name or a stem, or a part of one.  E_SYNTAX: a broken %XX. */
enum err_code file_name_read(struct arena *a, struct str file, const char **ret,
                             struct err *e) MUST_USE;
/* The extension of the code of a task type: ".sh", ".py", ".sql", ".txt". */
const char *file_name_of_code(const char *task_type_id);

#endif
