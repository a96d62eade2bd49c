/* engine/workflow_peers.h - the tasks of a workflow whose instances wait for the previous cycle of
 * all of them (DependencyWorkflow yes, docs/reference/semantics.md 2.9).
 *
 * Such waits are no edges in the store: they follow from the workflow's setting and from which of
 * its tasks are submitted, so the core is told again when one of these changes.
 */
#ifndef ENGINE_WORKFLOW_PEERS_H
#define ENGINE_WORKFLOW_PEERS_H

#include "engine/engine.h"

/* Every instance waits for this many, and everyone is told of everyone. */
enum { WORKFLOW_PEERS_MAX = 200 };

/* The submitted tasks of the workflow, ascending, in the arena; none when its instances do not wait
 * so, or when it does not exist.  Any view. */
enum err_code workflow_peers(struct view *v, struct str workflow_id, struct arena *a,
                             const int64_t **ret, int *ret_n, struct err *e) MUST_USE;

/* May one more task of the workflow be submitted?  E_LIMIT. */
enum err_code workflow_peers_room(struct view *v, const struct task_row *task, struct arena *a,
                                  struct err *e) MUST_USE;

/* A task has come to the workflow's submitted ones, or is gone: tell the core of the others. Engine
 * thread, when all is written. */
enum err_code workflow_peers_tell(struct engine *g, struct str workflow_id, int64_t except,
                                  struct err *e) MUST_USE;

#endif
