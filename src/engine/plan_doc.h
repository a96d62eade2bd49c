/* engine/plan_doc.h - the request that made a round: of a backfill plan or of a rerun.
 *
 * docs/reference/semantics.md 5.7, 7.1.  Both have an id that stands in instance_row.plan_id; what
 * they redefine is read from the request that is kept with them.  Any view.
 */
#ifndef ENGINE_PLAN_DOC_H
#define ENGINE_PLAN_DOC_H

#include <jansson.h>

#include "store/store.h"

enum { PLAN_PARALLEL_MAX = 1000 };

/* The request, owned by the caller; an empty object when the record is gone. */
enum err_code plan_doc_read(struct view *v, struct arena *a, struct str id, json_t **ret,
                            struct err *e) MUST_USE;
/* RedefineParallelNum; 0: it has none. */
enum err_code plan_doc_limit(struct view *v, struct arena *a, struct str id, int *ret,
                             struct err *e) MUST_USE;

#endif
