/* model/form_mode.h - the code of a task in Shell form mode (type 38) as one Shell script.
 *
 * docs/reference/semantics.md 5.1.  Its settings: `ftp.file.name`, the path of a zip among the
 * resource files; `shell.cmd`, a command; `shell.args`, what stands behind it.  The script unpacks
 * the zip into the folder of the attempt and runs the command there; its end is that of the script.
 * Pure.
 */
#ifndef MODEL_FORM_MODE_H
#define MODEL_FORM_MODE_H

#include "base/buf.h"
#include "base/err.h"
#include "model/task.h"

struct form_mode {
    struct str zip, command, arguments; /* without blanks around them */
};

/* What the task says; empty where it says nothing. */
struct form_mode form_mode_of(const struct task_spec *spec);
/* E_CONFLICT: a setting that it needs is not there, or the zip is no path of a resource file of
 * this project.  Parameters in it are not looked into. */
enum err_code form_mode_check(const struct form_mode *f, struct str project_id,
                              struct err *e) MUST_USE;
/* Append the script; the parameters are in their place already. */
void form_mode_script(const struct form_mode *f, struct buf *out);

#endif
