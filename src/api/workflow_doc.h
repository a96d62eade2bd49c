/* api/workflow_doc.h - the part of a workflow that the store need not look into: parameters and
 * bundle text.
 *
 * Unified scheduling (docs/reference/semantics.md 2.9) rewrites the schedule of every task in the
 * workflow and is not built yet: a request that carries it is refused by name, so that nobody
 * believes it acts.
 */
#ifndef API_WORKFLOW_DOC_H
#define API_WORKFLOW_DOC_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"

/* The document `old` (a JSON object) with WorkflowParams and BundleInfo as the request sets them;
 * absent ones stay. E_RANGE, E_LIMIT, E_UNSUPPORTED with the dotted path; E_CORRUPT: old does not
 * parse. */
enum err_code workflow_doc_make(const json_t *params, struct str old, struct arena *a,
                                struct str *ret, struct err *e) MUST_USE;

#endif
