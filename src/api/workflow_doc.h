/* api/workflow_doc.h - the part of a workflow that the store need not look into: parameters,
 * bundle text, and the unified schedule (docs/reference/semantics.md 2.9), which also acts on the
 * tasks (engine/workflow_schedule.h).
 */
#ifndef API_WORKFLOW_DOC_H
#define API_WORKFLOW_DOC_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/workflow_schedule.h"

struct workflow_doc {
    struct str text;                          /* a JSON object */
    const struct workflow_schedule *schedule; /* as the request sets it; NULL: it does not */
};

/* The document `old` (a JSON object) with WorkflowParams, BundleInfo and
 * WorkflowSchedulerConfiguration as the request sets them; absent ones stay.  In the arena.
 * E_RANGE, E_REQUIRED, E_SYNTAX, E_LIMIT with the dotted path; E_CORRUPT: old does not parse. */
enum err_code workflow_doc_make(const json_t *params, struct str old, struct arena *a,
                                struct workflow_doc *ret, struct err *e) MUST_USE;

#endif
