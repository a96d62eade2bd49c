/* test/sim/events.c - see events.h. */
#include "events.h"

#include "engine/cmd_event.h"

/* hours: that a case lives.  digits: of its dimension. */
static const struct {
    const char *name, *sub_type;
    bool single, general;
    int hours, digits, limit;
    int64_t unit;
} events[SIM_EVENTS] = {
    { "one_a", "DAY", true, false, 20, 8, 1, CIVIL_DAY },
    { "all_a", "HOUR", false, false, 50, 10, -1, CIVIL_HOUR },
    { "one_b", "DAY", true, true, 30, 8, 1, CIVIL_DAY },
    { "all_b", "HOUR", false, true, 240, 10, -1, CIVIL_HOUR },
    { "two_c", "MIN", false, false, 60, 12, 2, CIVIL_MINUTE },
    { "all_d", "SECOND", false, false, 40, 14, -1, 1 },
    { "two_e", "HOUR", false, true, 45, 10, 2, CIVIL_HOUR },
};

const char *const sim_event_types[SIM_EVENTS] = { "DAY", "HOUR",   "DAY", "HOUR",
                                                  "MIN", "SECOND", "HOUR" };

struct str sim_event_name(int event)
{
    return str_from(events[event].name);
}

bool sim_event_is_single(int event)
{
    return events[event].single;
}

static int limit_of(const struct image_case *c)
{
    for (int k = 0; k < SIM_EVENTS; k++)
        if (str_eq_c(c->event_name, events[k].name))
            return events[k].limit;
    return -1;
}

bool sim_case_is_limited(const struct image_case *c)
{
    return limit_of(c) > 1;
}

bool sim_case_is_used_up(const struct image_case *c)
{
    int limit = limit_of(c);

    return limit >= 0 && c->consumed >= limit;
}

void sim_event_request(struct sim *s, int event, struct event_request *ret)
{
    *ret = (struct event_request){ .project_id = str_from(sim_project_names[0]),
                                   .name = sim_event_name(event),
                                   .sub_type = str_from(sim_event_types[event]),
                                   .ttl = arena_printf(&s->arena, "%d", events[event].hours),
                                   .unit = STR("HOURS"),
                                   .event_type =
                                       events[event].general ? STR("GENERAL") : STR("TIME_SERIES"),
                                   .broadcast_type =
                                       events[event].single ? STR("SINGLE") : STR("BROADCAST"),
                                   .has_consume_limit = events[event].limit == 2,
                                   .consume_limit = events[event].limit,
                                   .owner = STR("1") };
}

struct str sim_event_dimension(struct sim *s, int event, struct civil *at)
{
    char text[CIVIL_TEXT_LEN + 1], dimension[CIVIL_TEXT_LEN + 1];
    int n = 0;

    at->s -= at->s % events[event].unit; /* no data time is before 1970 */
    civil_format(*at, text);             /* yyyy-MM-dd HH:mm:ss; the dimension is its digits */
    for (const char *c = text; n < events[event].digits; c++)
        if (*c >= '0' && *c <= '9')
            dimension[n++] = *c;
    return arena_str(&s->arena, str_make(dimension, (size_t)n));
}

void sim_event_case(const struct sim *s, int event, struct str id, struct civil at,
                    struct image_case *ret)
{
    *ret = (struct image_case){ .id = id,
                                .project_id = str_from(sim_project_names[0]),
                                .event_name = sim_event_name(event),
                                .data_time = at,
                                .fired_at = s->now,
                                .expires_at = wall_add(s->now, DUR_S(3600 * events[event].hours)),
                                .single = events[event].single,
                                .general = events[event].general };
}
