/* engine/cmd_instance_int.h - what the commands on instances share; nobody else includes it. */
#ifndef ENGINE_CMD_INSTANCE_INT_H
#define ENGINE_CMD_INSTANCE_INT_H

#include "engine/cmd_instance.h"
#include "engine/cmd_project.h"
#include "engine/engine_int.h"
#include "engine/job.h"

/* The instances of the request, in its order, in the engine's arena. */
enum err_code instances_load(struct engine *g, const struct instance_request *r,
                             struct instance **ret, struct err *e) MUST_USE;
/* Its key as text, in the engine's arena. */
struct str instance_text(struct engine *g, struct instance_key key);

#endif
