/* api/plan_view.h - a backfill plan and the rounds that it made
 * (docs/reference/semantics.md 7.2). */
#ifndef API_PLAN_VIEW_H
#define API_PLAN_VIEW_H

#include "api/action.h"

/* The plan of this project that DataBackfillPlanId names.  E_MISSING in the client's words. */
enum err_code plan_view_find(struct call *c, struct plan_row *ret) MUST_USE;

struct plan_round {
    int32_t state; /* enum instance_state; EXPIRED when the instance was never made */
    struct wall started_at, ended_at;
    struct str task_name; /* empty when it was never made */
};
/* The plan's round of one instance, wherever it is kept by now. */
enum err_code plan_view_round(struct call *c, const struct plan_instance_row *member,
                              struct plan_round *ret) MUST_USE;

/* Where a plan stands: its instances by what became of the rounds that it made.  The sum is the
 * plan's total. */
struct plan_progress {
    int64_t pending; /* still to be made: none of the plan runs before, dry runs excepted */
    int64_t waiting, running;
    int64_t completed, skipped, failed;
    struct wall ended_at; /* the last end; WALL_NONE while some are not over */
};
/* Reads an index only while it goes on, and its instances once it is over; where another plan took
 * some of them over, or was never made, each of them by itself. */
enum err_code plan_view_progress(struct call *c, const struct plan_row *plan,
                                 struct plan_progress *ret) MUST_USE;

#endif
