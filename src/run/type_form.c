/* run/type_form.c - task type 38, Shell form mode: a zip is unpacked, and a command of it run.
 *
 * The code is the script that model/form_mode.h made.  It unpacks as the user of the attempt and in
 * its folder, so that what a zip holds can do no more than what a task does.  The name of the
 * script is none that a zip is likely to have.
 */
#include <unistd.h>

#include "run/task_type.h"

static enum err_code command(const struct attempt_spec *spec, struct task_command *ret,
                             struct err *e)
{
    (void)spec, (void)e;
    *ret = (struct task_command){
        .script_name = ".weft-form.sh",
        .argv = { access("/bin/bash", X_OK) == 0 ? "/bin/bash" : "/bin/sh", "%s" },
        .needs = "unzip",
    };
    return E_OK;
}

extern const struct task_type task_type_form;
const struct task_type task_type_form = { .id = 38, .name = "Shell Form Mode", .command = command };
