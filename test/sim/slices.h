/* test/sim/slices.h - plans that are made in slices (docs/reference/semantics.md 7.1).
 *
 * While the store has slices of a plan, none of its rounds runs, dry runs excepted; when it has
 * none any more, all that the plan counts is there; and who went on at once did so by what the
 * whole plan says.
 */
#ifndef TEST_SIM_SLICES_H
#define TEST_SIM_SLICES_H

#include "sim.h"

/* Is some of the plan still to be made, by the store as it is at this moment? */
bool slices_go_on(struct sim *s, struct str plan_id);
/* Is it of the plan, which made it, or was to when it came by itself, or still is to make it? */
bool slices_member(struct sim *s, struct str plan_id, struct instance_key key);
/* Was it there by then, and of the plan? */
bool slices_had_member(struct sim *s, struct str plan_id, const struct track *t, uint64_t seq);
/* The newest data time before that one which some plan is still to make. */
bool slices_newest(struct sim *s, int64_t task_id, struct civil before, struct civil *ret);
/* One of the rounds of the slice that is made next which came by itself and lives; false: none. */
bool slices_came_first(struct sim *s, struct engine *g, struct instance_key *ret);
/* A backfill, or a manual run, begins a round: it counts it as its own. */
void slices_on_begin(struct sim *s, const struct instance *i);
/* A round runs, or ends as one that runs nothing. */
void slices_on_run(struct sim *s, const struct instance *i);
/* A round went on at once: if it is of a plan, or some plan is being made, it is judged again when
 * all of them are there. */
void slices_hasty(struct sim *s, const struct instance *i);
/* Did the instance exist at this moment, or was a plan to make it, which then did? */
bool slices_had(const struct sim *s, const struct track *t, uint64_t seq);
/* What the instance was before the round that a plan was to make by then, and then made, did not
 * count from then on: when that round began; `since` where there is none. */
uint64_t slices_count_from(const struct sim *s, const struct track *t, uint64_t since);
void slices_commit(struct sim *s);
void slices_crash(struct sim *s);
void slices_done(struct sim *s);

#endif
