/* test/sim/op_event.c - events are registered and fired. */
#include <inttypes.h>
#include <stdio.h>

#include "engine/cmd_event.h"
#include "events.h"
#include "operators.h"
#include "picture.h"

static enum err_code fire(struct sim *s, struct engine *g, int event, struct civil at,
                          struct err *e)
{
    struct str id = arena_printf(&s->arena, "case-%zu-%" PRId64 "-%d", s->image.n_cases, s->steps,
                                 (int)(s->seq & 0xffff));
    struct event_fired fired;
    struct str dimension = sim_event_dimension(s, event, &at);
    struct event_firing wish = { .case_id = id,
                                 .name = sim_event_name(event),
                                 .dimension = dimension };

    snprintf(s->action, sizeof(s->action), "fire event %d for %.*s", event, STR_ARG(dimension));
    struct image_case made;
    sim_event_case(s, event, id, at, &made);
    image_case_add(&s->image, &made);
    enum err_code rc = SIM_DO(s, event_fire, g, str_from(sim_project_names[0]), &wish, 1,
                              zone_utc(), engine_arena(g), &fired, e);
    sim_check(s, rc != E_OK || fired.succeeded == 1, "an event does not fire");
    return rc;
}

enum err_code op_fire(struct sim *s, struct engine *g, struct err *e)
{
    int event = (int)sim_below(s, SIM_EVENTS);
    struct civil at = civil_day(zone_to_civil(zone_utc(), s->now));

    at.s += (sim_below(s, 5) - 3) * CIVIL_DAY + sim_below(s, 24 * 6) * 10 * CIVIL_MINUTE;
    return fire(s, g, event, at, e);
}

/* What somebody waits for. */
enum err_code op_fire_wanted(struct sim *s, struct engine *g, struct err *e)
{
    size_t n = s->image.n_instances, first = n > 0 ? (size_t)sim_below(s, (int64_t)n) : 0;

    for (size_t k = 0; k < n; k++) {
        const struct instance *i = &s->image.instances[(first + k) % n];
        const struct task_spec *spec = sim_task_find(s, i->key.task_id)->spec;
        if (i->state != INSTANCE_WAIT_EVENT || spec->n_listeners == 0)
            continue;
        struct str name = spec->listeners[sim_below(s, spec->n_listeners)].event_name;
        for (int event = 0; event < SIM_EVENTS; event++)
            if (str_eq(name, sim_event_name(event)))
                return fire(s, g, event, i->key.data_time, e);
    }
    return op_fire(s, g, e);
}

/* Once it is made, and refused ever after. */
enum err_code op_register(struct sim *s, struct engine *g, struct err *e)
{
    struct event_row row;
    struct event_request event = { .project_id = str_from(sim_project_names[1]),
                                   .name = STR("spare"),
                                   .sub_type = STR("DAY"),
                                   .ttl = STR("3"),
                                   .unit = STR("DAYS"),
                                   .owner = STR("1") };

    snprintf(s->action, sizeof(s->action), "register an event");
    return SIM_DO(s, event_register, g, &event, &row, e);
}
