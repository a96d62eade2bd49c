/* run/task_type.c - the table of the task types that start a process. */
#include "run/task_type.h"

#include <stddef.h>

extern const struct task_type task_type_shell;
extern const struct task_type task_type_python;
extern const struct task_type task_type_form;

static const struct task_type *const types[] = {
    &task_type_shell,
    &task_type_python,
    &task_type_form,
};

const struct task_type *task_type_find(int id)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (types[i]->id == id)
            return types[i];
    return NULL;
}

struct str task_param(const struct attempt_spec *spec, const char *key)
{
    for (int i = 0; i < spec->n_params; i++)
        if (str_eq_c(spec->params[i].key, key))
            return spec->params[i].value;
    return (struct str){ NULL, 0 };
}
