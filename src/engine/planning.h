/* engine/planning.h - the making of a backfill plan's rounds: a small plan's at once, a large one's
 * in slices.
 *
 * docs/decisions/0029-plans-in-slices.md.  The plan is durable and whole with the commit that it is
 * acknowledged with: what is still to be made of it stands in plan_slice rows, and each later turn
 * makes one slice in its transaction, so that the schedule and other writes go on meanwhile.  Until
 * a round is made the core knows it as promised (core_promise): whoever depends on it waits.  Plans
 * are made one after another, in the order of their creation.
 *
 * Engine thread, inside a transaction.
 */
#ifndef ENGINE_PLANNING_H
#define ENGINE_PLANNING_H

#include "cal/schedule.h"
#include "engine/engine.h"

/* Rounds of a slice: some 15 ms of a processor; those of a plan that is made in its call: 0.1 s,
 * and what ends at once, as a dry run does, is then written once.  And rounds that may be promised,
 * of all plans: they are in memory.  Where rounds look at very many upstream instances, there are
 * fewer in a slice: PLANNING_LOOKS of such looks are 0.1 s. */
enum {
    PLANNING_SLICE = 500,
    PLANNING_AT_ONCE = 4000,
    PLANNING_MAX = 2000000,
    PLANNING_LOOKS = 100000
};
/* The same, or what the engine's configuration says of it; of deletions too. */
size_t planning_slice(const struct engine *g);
int64_t planning_at_once(const struct engine *g);

struct planned_round {
    int64_t task_id;
    struct firing firing;
    bool left; /* it was active when the plan was made: part of the plan as it is (7.1) */
};

/* The plan's rounds, by task and data time, each once; its row is written already. */
struct planning {
    struct str plan_id;
    unsigned flags; /* of enum instance_flags, for all of them */
    struct planned_round *rounds;
    size_t n;
    int64_t looks; /* at upstream instances, of all of them */
};
/* Last in a command: after it the core has changed. */
enum err_code planning_begin(struct engine *g, const struct planning *p, struct err *e) MUST_USE;
/* E_LIMIT, under path: there is no room for so many more. */
enum err_code planning_room(struct engine *g, size_t n, const char *path, struct err *e) MUST_USE;

/* The next slice of the first plan. */
bool planning_is_due(const struct engine *g);
enum err_code planning_step(struct engine *g, struct err *e) MUST_USE;

/* All that plans are still to make of the task is made now, and written: before it is deleted, or
 * its instances are ended.  What is of a plan that is being deleted is withdrawn. */
enum err_code planning_finish_task(struct engine *g, int64_t task_id, struct err *e) MUST_USE;
/* The next slice of a plan that is being deleted (deletion.h) will not be made.  *ret: there was
 * one. */
enum err_code planning_withdraw(struct engine *g, struct str plan_id, bool *ret,
                                struct err *e) MUST_USE;
/* Is some of the plan still to be made? */
enum err_code planning_goes_on(struct engine *g, struct str plan_id, bool *ret,
                               struct err *e) MUST_USE;
/* While the core loads, after its tasks: what is promised. */
enum err_code planning_load(struct engine *g, struct err *e) MUST_USE;

#endif
