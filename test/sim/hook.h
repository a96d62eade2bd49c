/* test/sim/hook.h - events that attempts name in their output (4.3), and the cases that come of
 * them.
 *
 * The engine gives such a case an id of its own, so it is known here only when it is found in the
 * store: one that is consumed at once when that is said, the others when the turn is committed.
 */
#ifndef TEST_SIM_HOOK_H
#define TEST_SIM_HOOK_H

#include "sim.h"

struct sim_hook {
    int event;
    struct civil at;
    bool found;
};

/* What an attempt of this task prints; empty: nothing. */
struct str hook_random(struct sim *s, const struct sim_task *t);
/* An attempt that printed this made its instance COMPLETED. */
void hook_expect(struct sim *s, const struct sim_task *t, struct str printed);
/* A case that is not known here: it must be one of those. */
void hook_adopt(struct sim *s, struct str case_id);
void hook_commit(struct sim *s);
void hook_crash(struct sim *s);
void hook_done(struct sim *s);

#endif
