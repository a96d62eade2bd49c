/* engine/event_hook.h - fires the events that a successful Shell task named in its output.
 *
 * docs/reference/semantics.md 4.3.  Engine thread, inside a transaction.
 */
#ifndef ENGINE_EVENT_HOOK_H
#define ENGINE_EVENT_HOOK_H

#include "engine/engine.h"
#include "engine/version_cache.h"

/* events: "EventA,20220713;EventB,20220713;".  What cannot be fired is said in notes, one "; ..."
 * each, and does not keep the others from happening; only the store's errors are errors. */
enum err_code event_hook_fire(struct engine *g, const struct version_entry *version,
                              struct str events, struct buf *notes, struct err *e) MUST_USE;

#endif
