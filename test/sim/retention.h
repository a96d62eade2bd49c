/* test/sim/retention.h - history that leaves (engine/purge.h): the store may forget what is old,
 * and nothing that is decided may depend on it.
 *
 * What left is not there any more for the other checkers either, so they would call it right that
 * somebody waits for it.  Therefore here: when it goes, no live instance selects it; and none that
 * a schedule makes later does.
 */
#ifndef TEST_SIM_RETENTION_H
#define TEST_SIM_RETENTION_H

#include "sim.h"
#include "store/table.h"

/* How long the worlds of this seed keep history; 0: for ever. */
struct dur retention_of(const struct sim_odds *odds, uint64_t seed);

/* A row is about to leave; in the turn. */
void retention_on_purged(void *ctx, const struct table *t, const void *row);
/* The instance is about to be made. */
void retention_on_insert(struct sim *s, const struct instance *i);
void retention_commit(struct sim *s);
void retention_crash(struct sim *s);
void retention_done(struct sim *s);
/* The newest instance with this key that left; scheduled: only one that a schedule had made.
 * NULL: there is none. */
const struct track *retention_find(const struct sim *s, struct instance_key key, bool scheduled);

#endif
