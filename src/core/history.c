/* core/history.c - which ended instances may still matter. */
#include "core/core_int.h"

#include <stdlib.h>

#include "cal/zone.h"

enum { DAY_S = 86400 };

/* Longest distance between two data times of a cycle, in days, taken generously.  A crontab may be
 * as rare as a year. */
static int64_t days_of(enum cycle cycle)
{
    switch (cycle) {
    case CYCLE_MONTH:
        return 31;
    case CYCLE_WEEK:
        return 7;
    case CYCLE_DAY:
    case CYCLE_HOUR:
    case CYCLE_MINUTE:
        return 1;
    default:
        return 366;
    }
}

static int64_t days_of_task(const struct held_task *t)
{
    return t && t->schedule ? days_of(t->schedule->s.cycle) : 366;
}

/* The largest offset that a dependency on up names. */
static int64_t farthest(const struct held_task *down, int64_t up)
{
    int64_t most = 0;

    for (int d = 0; d < down->n_deps; d++)
        for (int k = 0; k < down->deps[d].n_offsets && down->deps[d].task_id == up; k++) {
            int64_t offset = llabs(down->offsets[down->deps[d].offsets_at + (uint32_t)k]);
            most = offset > most ? offset : most;
        }
    return most;
}

/* Data times of the task's instances that are live, or are yet to be made, are not before this. */
static struct civil earliest(const struct held_task *t)
{
    struct civil at =
        t->has_high_water ? t->high_water : zone_to_civil(t->schedule->s.zone, t->live_from);

    for (const struct list *l = t->lives.next; l != &t->lives; l = l->next) {
        const struct live *live = CONTAINER_OF(l, struct live, task_link);
        if (live->i.key.data_time.s < at.s)
            at = live->i.key.data_time;
    }
    return at;
}

bool core_needs(const struct core *c, int64_t down_task, int64_t up_task, struct civil *ret)
{
    const struct held_task *down = held_find(c, down_task), *up = held_find(c, up_task);

    if (!down || !down->schedule)
        return false;
    int64_t days = days_of_task(down) > days_of_task(up) ? days_of_task(down) : days_of_task(up);
    int64_t reach = (2 + farthest(down, up_task)) * days + 3;
    *ret = (struct civil){ earliest(down).s - reach * DAY_S };
    return true;
}

bool core_task_is_orderly(const struct core *c, int64_t task_id)
{
    const struct held_task *t = held_find(c, task_id);

    return t && t->self_depend == SELF_ORDERLY;
}

void core_peers(const struct core *c, int64_t task_id, void (*each)(void *ctx, int64_t peer),
                void *ctx)
{
    const struct held_task *t = held_find(c, task_id);

    for (int d = 0; t && d < t->n_deps; d++)
        if (t->deps[d].peer)
            each(ctx, t->deps[d].task_id);
}
