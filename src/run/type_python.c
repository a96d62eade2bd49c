/* run/type_python.c - task type 30, Python: the code is a script for python3 or, where it is
 * installed, python2.
 *
 * The version is the setting `python_sub_version`, else `python_type`; python3 when neither is
 * given.
 */
#include "run/task_type.h"

static enum err_code command(const struct attempt_spec *spec, struct task_command *ret,
                             struct err *e)
{
    struct str version = task_param(spec, "python_sub_version");
    const char *program;

    if (str_is_empty(version))
        version = task_param(spec, "python_type");
    version = str_trim(version);
    if (str_is_empty(version) || str_ieq(version, STR("python")) ||
        str_ieq(version, STR("python3")))
        program = "python3";
    else if (str_ieq(version, STR("python2")))
        program = "python2";
    else
        return err_set(e, E_RANGE, "the Python version is '%.*s'; it can be python3 or python2",
                       STR_ARG(version));
    /* -u: what the program prints is in the log at once, and in order with standard error. */
    *ret = (struct task_command){ .script_name = "script.py", .argv = { program, "-u", "%s" } };
    return E_OK;
}

extern const struct task_type task_type_python;
const struct task_type task_type_python = { .id = 30, .name = "Python", .command = command };
