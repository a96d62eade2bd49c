/* run/type_shell.c - task type 35, Shell: the code is a script for bash.
 *
 * The product runs Shell code as `bash script`, whatever the first line of the code says; so does
 * this.  On a machine without bash it is sh.  The setting `shell_type` = `sh` asks for the system's
 * sh, which starts faster.
 */
#include <unistd.h>

#include "run/task_type.h"

static enum err_code command(const struct attempt_spec *spec, struct task_command *ret,
                             struct err *e)
{
    struct str type = task_param(spec, "shell_type");
    bool sh = str_eq_c(type, "sh");

    if (!sh && !str_is_empty(type) && !str_eq_c(type, "bash"))
        return err_set(e, E_RANGE, "shell_type is '%.*s'; it can be bash or sh", STR_ARG(type));
    sh = sh || access("/bin/bash", X_OK) != 0;
    *ret = (struct task_command){ .script_name = "script.sh",
                                  .argv = { sh ? "/bin/sh" : "/bin/bash", "%s" } };
    return E_OK;
}

extern const struct task_type task_type_shell;
const struct task_type task_type_shell = { .id = 35, .name = "Shell", .command = command };
