/* test/sim/plans.h - what a backfill or a rerun says besides its instances: how many run at once,
 * another value of a parameter, whether the cycle before counts. */
#ifndef TEST_SIM_PLANS_H
#define TEST_SIM_PLANS_H

#include "engine/cmd_backfill.h"
#include "sim.h"

struct plan_wish {
    struct sim_plan plan;
    unsigned cycle_flags; /* INSTANCE_SKIP_CYCLE, INSTANCE_WAIT_CYCLE, or neither */
    struct str doc;       /* the request, as far as the engine reads it */
};
/* waits: where it is, the cycle before is waited for, so it may well say that. */
void plan_random(struct sim *s, bool rerun, bool waits, int project, struct plan_wish *ret);
/* Remember it under the id that the engine gave it. */
void plan_keep(struct sim *s, struct str id, const struct plan_wish *w);
/* One of the newest backfills that was not deleted; NULL: none. */
struct sim_plan *plan_any(struct sim *s);

/* Asks for one range of these tasks, and remembers the plan that comes of it. */
enum err_code plan_backfill(struct sim *s, struct engine *g, struct plan_wish *wish, int project,
                            const int64_t *tasks, int n, struct backfill_range range,
                            unsigned flags, struct err *e);

#endif
