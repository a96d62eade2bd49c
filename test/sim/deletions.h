/* test/sim/deletions.h - plans that were deleted, and are ended in slices
 * (docs/reference/semantics.md 7.2).
 *
 * From its deletion on nothing of a plan is made and nothing of it goes on, whenever it ends; its
 * job counts what has ended, and when the store has no word of the deletion any more, all has.
 */
#ifndef TEST_SIM_DELETIONS_H
#define TEST_SIM_DELETIONS_H

#include "sim.h"

/* Does the round wait for nothing but its end? */
bool deletions_doom(const struct sim *s, const struct instance *i);
/* Is some plan being deleted, by the store as it is at this moment? */
bool deletions_go_on(struct sim *s);
/* A doomed round, NULL: there is none. */
const struct instance *deletions_any(struct sim *s);
/* Every change of an instance, and every round that is closed. */
void deletions_on_change(struct sim *s, const struct instance *i, const struct instance *old);
void deletions_on_close(struct sim *s, const struct instance *closed);
void deletions_commit(struct sim *s);

#endif
