/* test/sim/picture.h - the simulation's own picture of tasks, changed before the engine acts.
 *
 * The checkers judge effects by it.  A refused command, and a turn that fails, take changes back
 * (commands.c, sim.c): what pictures point to is never changed, a change makes another.
 */
#ifndef TEST_SIM_PICTURE_H
#define TEST_SIM_PICTURE_H

#include "definitions.h"
#include "engine/engine_int.h"

void range_close(struct sim *s, struct sim_task *t);
struct sim_range *range_open(struct sim *s, struct sim_task *t);

/* It is deleted. */
void picture_gone(struct sim *s, struct sim_task *t, bool gentle);

/* What is in production is this now, as version version_no.  starts: afresh, else it goes on as it
 * was; scheduling: it fires. */
void picture_definition(struct sim *s, struct sim_task *t, const struct sim_definition *d,
                        int32_t version_no, bool starts, bool scheduling, struct wall live_from);
/* A submit of this document as the version after the newest: fills in what submit_begins says. */
struct submit {
    bool starts, scheduling; /* before the submit: is there something to go on with; does it fire */
    struct wall live_from;
};
struct submit submit_begins(struct sim *s, struct engine *g, const struct sim_task *t,
                            const struct task_spec *spec);
/* After the engine took a submit that starts afresh. */
void submit_started(struct sim *s, const struct sim_task *t);

/* The row of the store; false: it was never submitted, or is gone. */
bool schedule_of(struct engine *g, int64_t id, struct schedule_row *ret);
/* A task that is there, often the one that operators look at; NULL: none was found. */
struct sim_task *any_task(struct sim *s);
struct str project_of_task(const struct sim_task *t);
int sim_number(const struct sim_task *t); /* from 1 */
/* The instance, as the store has it. */
bool instance_of(struct engine *g, struct instance_key key, struct instance *ret);
bool any_instance(struct sim *s, struct engine *g, struct instance *ret);

#endif
