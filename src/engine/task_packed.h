/* engine/task_packed.h - submitted tasks as the core takes them, without reading their documents.
 *
 * A start takes in every submitted task.  Beside the document of the submitted version the store
 * keeps what the core needs of it (model/task_pack.h), written by whoever submits.  Where that is
 * missing, or of another version of weft, the document is read and the row is written anew: so a
 * store of before works, once, at the speed of before.
 */
#ifndef ENGINE_TASK_PACKED_H
#define ENGINE_TASK_PACKED_H

#include "engine/engine.h"
#include "model/task.h"

/* Of the version that is now submitted.  In the open transaction. */
enum err_code task_packed_write(struct engine *g, int64_t task_id, struct str project_id,
                                int32_t version_no, const struct task_spec *spec,
                                struct err *e) MUST_USE;
/* The submitted version is this one now, and says nothing else to the core. */
enum err_code task_packed_renumber(struct engine *g, int64_t task_id, int32_t version_no,
                                   struct err *e) MUST_USE;

/* Gives every submitted task to the core, which is loading. */
enum err_code task_packed_load(struct engine *g, struct wall now, struct err *e) MUST_USE;

#endif
