/* run/task_type.h - task types that start a process, one constant descriptor and one file each.
 *
 * Adding one: a file type_<name>.c, a row in the table of task_type.c, a test.  Control types (130
 * branch, 131 merge, 137 for-each) are decided by the core and are not here.
 */
#ifndef RUN_TASK_TYPE_H
#define RUN_TASK_TYPE_H

#include "base/err.h"
#include "run/attempt.h"

enum { TASK_ARGV_MAX = 16 };
struct task_command {
    const char *script_name;         /* the code is written to this file in the attempt's folder */
    const char *argv[TASK_ARGV_MAX]; /* NULL-terminated; "%s" alone stands for the script's path;
                                        constant texts */
    const char *needs;               /* a program that must be installed besides; NULL: none */
};

/* The search path of attempts, and of the programs that run them. */
#define TASK_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct task_type {
    int id;           /* TaskTypeId */
    const char *name; /* "Shell", as API answers show it */
    /* What is to be executed; argv[0] is a path, or a name to be found in TASK_PATH. E_UNSUPPORTED,
     * E_RANGE: the attempt cannot start, and the text says why. */
    enum err_code (*command)(const struct attempt_spec *spec, struct task_command *ret,
                             struct err *e);
};

const struct task_type *task_type_find(int id); /* NULL: weft cannot run it */
/* The value of a setting of the type; empty when it is not there. */
struct str task_param(const struct attempt_spec *spec, const char *key);

#endif
