/* engine/purge.h - history that is older than config.keep leaves the store;
 * docs/decisions/0023-metrics-audit-retention.md.
 *
 * Instances that are over, with their rounds, attempts, outputs and logs; recorded misses; backfill
 * plans and jobs; cases of events and who took them; messages of alarms; audit records.  A walk in
 * the order of their keys takes a bounded step now and then and begins anew when the age has moved
 * by an hour.  It needs no index of its own: what may stay is passed.
 *
 * What may matter stays, whatever its age: instances that a live one, or one that a schedule will
 * make, may select (core_needs), and the newest of each task; plans and jobs with a live round;
 * cases that are not over for the whole age; messages whose round is there.  Firings are not made
 * again for what is gone: the high water is past them.
 */
#ifndef ENGINE_PURGE_H
#define ENGINE_PURGE_H

#include "base/instant.h"
#include "store/store.h"

/* Firings at or before this instant may have lost their records; WALL_NONE: none has.  In any
 * view. */
enum err_code purge_horizon(struct view *v, struct wall *ret, struct err *e) MUST_USE;

#endif
