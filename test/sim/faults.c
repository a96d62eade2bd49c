/* test/sim/faults.c - see faults.h. */
#include "faults.h"

#include "mute.h"
#include "sim.h"

const char *sim_fault_name(enum sim_fault f)
{
    static const char *const names[SIM_FAULT_N_] = {
#define X(name, text) text,
        SIM_FAULTS(X)
#undef X
    };

    return names[f];
}

bool sim_fault(struct sim *s, enum sim_fault f, int permille)
{
    bool hit = sim_below(s, 1000) < permille; /* also where it is left out: the dice stay alike */

    if (!hit || !s->faults || mute_has_faults(s))
        return false;
    s->coverage.faults[f]++;
    sim_tell(s, "fault: %s", sim_fault_name(f));
    return true;
}

static void mood_begin(struct sim *s, enum sim_mood mood)
{
    s->weather.mood = mood;
    s->weather.mood_until = s->steps + 2 + sim_below(s, 25);
    s->weather.same_end = wall_add(s->now, DUR_S(60 + sim_below(s, 3 * CIVIL_HOUR)));
}

void sim_weather_begin(struct sim *s)
{
    struct sim_weather *w = &s->weather;

    if (s->steps >= w->mood_until)
        w->mood = MOOD_USUAL;
    if (s->steps >= w->drift_until)
        w->drift = (struct dur){ 0 };
    w->slow = sim_fault(s, SIM_FAULT_slow_commit, 10);
    w->orders_left = -1;
    if (s->connected && sim_fault(s, SIM_FAULT_torn_orders, 15))
        w->orders_left = (int)sim_below(s, 4);
    if (sim_fault(s, SIM_FAULT_explosion, 12))
        mood_begin(s, MOOD_EXPLOSION);
    if (sim_fault(s, SIM_FAULT_endless, 6))
        mood_begin(s, MOOD_ENDLESS);
    if (sim_fault(s, SIM_FAULT_same_instant, 12))
        mood_begin(s, MOOD_SAME_INSTANT);
    if (sim_fault(s, SIM_FAULT_disk_full, 5))
        w->full_until = s->steps + 1 + sim_below(s, 8);
    if (sim_fault(s, SIM_FAULT_stall, 10))
        w->stall_until = s->steps + 2 + sim_below(s, 12);
    if (sim_fault(s, SIM_FAULT_clock_drift, 10)) {
        w->drift = DUR_S(sim_below(s, 1200) - 600);
        w->drift_until = s->steps + 5 + sim_below(s, 40);
    }
}
