/* engine/cmd_ops_int.h - what the commands on tasks in operation share; nobody else includes it. */
#ifndef ENGINE_CMD_OPS_INT_H
#define ENGINE_CMD_OPS_INT_H

#include "engine/cmd_ops.h"
#include "engine/cmd_project.h"
#include "engine/cmd_task.h"
#include "engine/engine_int.h"

/* The submitted tasks of the request, in the arena. */
enum err_code ops_load_tasks(struct engine *g, const struct ops_request *r, struct task_row **ret,
                             struct err *e) MUST_USE;

#endif
