/* test/sim/toggles.c - see toggles.h. */
#include "toggles.h"

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

static bool changed_at(const struct sim_toggles *t, struct wall at)
{
    for (int k = 0; k < t->n && k < SIM_TOGGLES_MAX; k++)
        if (t->at[k].us == at.us)
            return true;
    return false;
}

/* The clock went back behind a change, which holds all the same. */
static bool changed_after(const struct sim_toggles *t, struct wall at)
{
    return t->n > 0 && t->at[(t->n - 1) % SIM_TOGGLES_MAX].us > at.us;
}

/* What lies before the beginning of the range was due when that began; whether a change at the same
 * instant came before it is not known.  A range that began while the clock was back goes through
 * some time once more. */
bool toggle_allows(const struct sim *s, const struct sim_task *t, const struct sim_range *r,
                   struct wall at, bool made)
{
    const struct sim_toggles *toggles = &s->defs.toggles[t->project];
    bool late = at.us <= r->opened.us, enabled;

    if (toggles->unsure || r->seen.us > r->opened.us ||
        (late && (changed_at(toggles, r->opened) || changed_after(toggles, r->opened))) ||
        !was_enabled(toggles, late ? r->opened : at, &enabled))
        return true;
    return made == enabled;
}
