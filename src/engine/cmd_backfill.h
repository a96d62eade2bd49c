/* engine/cmd_backfill.h - makes a backfill plan: instances of tasks for data dates, all of them or
 * none; deletes one.
 *
 * docs/reference/semantics.md 7.  Engine thread, inside a transaction; nothing is changed unless
 * everything is allowed.
 */
#ifndef ENGINE_CMD_BACKFILL_H
#define ENGINE_CMD_BACKFILL_H

#include "engine/engine.h"

enum { BACKFILL_TASKS_MAX = 5000, BACKFILL_RANGES_MAX = 100 };

struct backfill_range {
    struct civil first_day, last_day; /* midnights; both days included */
    int window_from, window_to;       /* minutes of the day; for HOUR and MINUTE cycles */
};

struct backfill_request {
    struct str project_id, name, uin;
    const int64_t *tasks;
    int n_tasks;
    const struct backfill_range *ranges;
    int n_ranges;
    unsigned flags; /* INSTANCE_SKIP_EVENTS, INSTANCE_SKIP_UPSTREAMS, INSTANCE_PLAN_UPSTREAMS */
    struct str group_id; /* SchedulerResourceGroupId: where the rounds run; empty: as their tasks */
    bool month_cycle;    /* RedefineCycleType: of DAY tasks those of the first of each month only */
    struct str
        doc; /* the request as JSON, kept with the plan; what the core asks of a plan is in it */
};

/* *ret_id: the plan's UUID, in the engine's arena.  E_MISSING a task or the project, E_CONFLICT a
 * task that is not scheduling or is one-off, no data time in the ranges; E_DENIED AllowRedoType;
 * E_LIMIT too many instances, or what they are to wait for; E_DENIED a group of other projects.
 */
enum err_code backfill_create(struct engine *g, const struct backfill_request *r,
                              struct str *ret_id, struct err *e) MUST_USE;

struct backfill_deletion {
    struct str project_id, plan_id, uin;
    struct str doc; /* the request, kept with the job */
};
/* The plan is forgotten at once and nothing of it goes on; the rounds that it made are killed where
 * they live, those of a large plan in the turns that follow (deletion.h).  All its instances keep
 * their records, and the plan's id in them names nothing any more.  *ret_id: the job that ends with
 * the last of them, in the engine's arena.  E_MISSING. */
enum err_code backfill_delete(struct engine *g, const struct backfill_deletion *d,
                              struct str *ret_id, struct err *e) MUST_USE;

#endif
