/* test/sim/checkers.h - what the checkers share: the history, and conditions judged by it. */
#ifndef TEST_SIM_CHECKERS_H
#define TEST_SIM_CHECKERS_H

#include "sim.h"

/* ---- history.c ------------------------------------------------------------------------------ */

struct track *track_find(struct sim *s, struct instance_key key); /* NULL: never seen */
/* As the effects that were applied say; NULL: it does not exist. */
const struct instance *track_instance(const struct sim *s, const struct track *t);
/* Those of the task with a data time before d: how many, and the k-th of them, 0 the earliest; an
 * instance that was taken back is among them (existed_at). */
size_t tracks_before(const struct sim *s, int64_t task_id, struct civil d);
const struct track *track_at(const struct sim *s, int64_t task_id, size_t k);
/* Its instances that came after seq, the last one first; *k = 0 to begin with.  NULL: no more. */
const struct track *newcomer(const struct sim *s, int64_t task_id, uint64_t seq, size_t *k);
const struct moment *track_last(const struct track *t); /* NULL: none */
void track_add(struct sim *s, struct instance_key key, const struct instance *i);
/* The definition that the instance ran. */
const struct sim_version *version_of(struct sim *s, const struct instance *i);
/* When the present round of the instance began. */
uint64_t round_since(struct sim *s, struct instance_key key);
/* When the turn began in which its present round did. */
uint64_t turn_since(struct sim *s, struct instance_key key);
/* Was the instance in this state at some moment since? */
bool was(const struct track *t, uint64_t since, enum instance_state state);
/* The same as a downstream task sees it: a branch that did not take the way to it was skipped. */
bool was_for(const struct track *t, uint64_t since, enum instance_state state, int64_t down_task);
enum instance_state state_for(const struct track *t, const struct moment *m, int64_t down_task);
bool existed_at(const struct track *t, uint64_t seq);
/* Was it there by then, and some round of it the plan's? */
bool was_of_plan(const struct track *t, uint64_t seq, struct str plan);

/* ---- census.c ------------------------------------------------------------------------------- */

/* It may not have ended. */
void census_list(struct sim *s, struct track *t);
/* The newest moment of t was added; running: its state before was RUNNING. */
void census_change(struct sim *s, struct track *t, bool running);
/* Its attempt begins in this group. */
void census_begin(struct sim *s, struct track *t, int group);
/* Count everything anew: a crash took back what was counted. */
void census_again(struct sim *s);
/* How many run of a plan. */
int census_of_plan(const struct sim *s, struct str plan_id);
/* The next one that has not ended, from *at = 0 on; NULL: no more. */
const struct instance *census_next(struct sim *s, size_t *at);

/* ---- conditions.c: of an instance under a definition of its task ----------------------------- */

/* What a round may find about its upstreams.  now_only: at this moment, not at some moment of the
 * round.  with_plan: with what its plan made together with it, which came out later. */
struct finding {
    bool holds; /* it may go on */
    bool skips; /* it may be skipped */
    bool fails; /* of a merge: it may expire, as its condition cannot hold any more */
};
struct finding upstreams_find(struct sim *s, const struct task_spec *spec, const struct instance *i,
                              bool now_only, bool with_plan);
/* The newest earlier data time that existed when the round began, or any that came since, ended
 * well; now_only: all of them are well now, as any of them may be the one that it was told to wait
 * for. */
bool order_holds(struct sim *s, const struct instance *i, bool now_only);
/* Is it one that the listener of the instance waits for, used up or not? */
bool case_serves(const struct sim *s, const struct image_case *c, const struct task_listener *l,
                 const struct instance *i);
bool events_consumed(const struct sim *s, const struct task_spec *spec, const struct instance *i);
bool events_there_now(const struct sim *s, const struct task_spec *spec, const struct instance *i);

/* ---- matching.c ------------------------------------------------------------------------------ */

/* I4 of the whole world, at its end: every firing that was expected maps to exactly one instance
 * that the schedule made for it, or to a reason why there is none; and back, every such instance
 * and every reason to a firing.  What is expected is found twice, by src/cal and by brute force. */
void match_firings(struct sim *s);

#endif
