/* test/sim/toggles.c - see toggles.h. */
#include "toggles.h"

#include <inttypes.h>

void toggle_add(struct sim *s, int project, bool enabled)
{
    struct sim_toggles *t = &s->defs.toggles[project];

    /* Where the clock was set back, nobody can say which instants were before the change. */
    t->unsure = t->unsure || s->now.us < s->latest.us;
    t->at[t->n % SIM_TOGGLES_MAX] = s->now;
    t->to[t->n++ % SIM_TOGGLES_MAX] = enabled;
}

/* False: it is too long ago. */
static bool was_enabled(const struct sim_toggles *t, struct wall at, bool *ret)
{
    *ret = true;
    for (int k = t->n - 1; k >= 0 && k > t->n - SIM_TOGGLES_MAX; k--)
        if (t->at[k % SIM_TOGGLES_MAX].us < at.us) {
            *ret = t->to[k % SIM_TOGGLES_MAX];
            return true;
        }
    return t->n < SIM_TOGGLES_MAX;
}

void toggle_check(struct sim *s, const struct sim_task *t, struct wall at, bool made)
{
    const struct sim_toggles *toggles = &s->defs.toggles[t->project];
    bool enabled;

    if (toggles->unsure || !was_enabled(toggles, at, &enabled))
        return;
    sim_check(s, made == enabled, "I4: a firing of task %" PRId64 " is %s, and its project was %s",
              t->id - SIM_TASK_ID(0), made ? "made" : "missed", enabled ? "enabled" : "disabled");
}
