/* model/task_pack.h - the half of a definition that the scheduler holds, as a text that is quick to
 * read.
 *
 * A start reads every submitted task.  Their documents are JSON, with code and parameters that are
 * only needed when an attempt begins; what the core holds (core/core.h) is a small part of them.  A
 * version never changes, so this part can be kept beside its document; it says nothing that the
 * document does not.
 */
#ifndef MODEL_TASK_PACK_H
#define MODEL_TASK_PACK_H

#include "model/task.h"

/* Bytes; of a definition with as much of everything as there may be. */
enum { TASK_PACKED_MAX = 4 << 20 };

/* out has room for TASK_PACKED_MAX. */
void task_pack(const struct task_spec *spec, struct buf *out);
/* Fills of *ret: workflow_id, type_id, group_id, the schedule (calendar not resolved) and
 * calendar_id, and everything from self_depend on but allow_downstream; merge_all.  The rest is
 * empty.  Text is borrowed from packed, the lists live in the arena.  E_UNSUPPORTED: it was packed
 * by another version of weft, so the document must be read; E_CORRUPT: it is damaged. */
enum err_code task_unpack(struct str packed, struct arena *a, struct task_spec *ret,
                          struct err *e) MUST_USE;

#endif
