/* engine/plan_doc.h - the request that made a round: of a backfill plan or of a rerun.
 *
 * docs/reference/semantics.md 5.7, 7.1.  Both have an id that stands in instance_row.plan_id; what
 * they redefine is read from the request that is kept with them.  Any view.
 */
#ifndef ENGINE_PLAN_DOC_H
#define ENGINE_PLAN_DOC_H

#include <jansson.h>

#include "core/core.h"
#include "store/store.h"

enum { PLAN_PARALLEL_MAX = 1000 };

/* The request, owned by the caller; an empty object when the record is gone. */
enum err_code plan_doc_read(struct view *v, struct arena *a, struct str id, json_t **ret,
                            struct err *e) MUST_USE;
/* What it says of its rounds in place of their tasks; text in the arena. */
enum err_code plan_doc_fact(struct view *v, struct arena *a, struct str id, struct plan_fact *ret,
                            struct err *e) MUST_USE;

#endif
