/* engine/deletion.h - the end of backfill plans that were deleted: a small plan's at once, a large
 * one's in slices.
 *
 * docs/decisions/0030-plans-deleted-in-slices.md.  The plan is gone with the commit that its
 * deletion is acknowledged with: its row is, nothing of it starts or goes on (core_plan_doom), and
 * what ran of it is being killed.  A plan_deletion row says that the rest is still to be ended, and
 * its plan_instance and plan_slice rows are that rest: each later turn takes some of them in its
 * transaction, so that the schedule and other writes go on meanwhile.  Plans are ended one after
 * another, before others are made (planning.h).
 *
 * Engine thread, inside a transaction.
 */
#ifndef ENGINE_DELETION_H
#define ENGINE_DELETION_H

#include "engine/job.h"
#include "engine/planning.h"

/* Deletes the plan.  job: counts it and each of its rounds that live, and is finished here; NULL:
 * nobody asks, and all is left for later turns.  Last in a command: after it the core has changed.
 */
enum err_code deletion_begin(struct engine *g, const struct plan_row *plan, struct job *job,
                             struct err *e) MUST_USE;

/* The next slice of one plan. */
bool deletion_is_due(const struct engine *g);
enum err_code deletion_step(struct engine *g, struct err *e) MUST_USE;

/* While the core loads, after what is promised. */
enum err_code deletion_load(struct engine *g, struct err *e) MUST_USE;

#endif
