/* test/sim/trace.c - see trace.h. */
#include "trace.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "sim.h"

void sim_tell(const struct sim *s, const char *fmt, ...)
{
    va_list ap;

    if (!s->tracing)
        return;
    printf("%5" PRId64 "  ", s->steps);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    printf("\n");
}

void sim_tell_time(const struct sim *s)
{
    char text[CIVIL_TEXT_LEN + 1];

    if (!s->tracing)
        return;
    civil_format(zone_to_civil(zone_utc(), s->now), text);
    sim_tell(s, "---- %s.%06d UTC (%s)", text, (int)(s->now.us % 1000000), s->action);
}

void sim_tell_change(const struct sim *s, const struct instance *i, const struct instance *old)
{
    char text[CIVIL_TEXT_LEN + 1];
    bool fresh = !old || old->round != i->round;

    if (!s->tracing)
        return;
    civil_format(i->key.data_time, text);
    sim_tell(s, "task %" PRId64 " %s round %d: %s -> %s%s%.*s", i->key.task_id - SIM_TASK_ID(0),
             text, (int)i->round,
             !old    ? i->type == INSTANCE_PERIODIC ? "fires" : "is backfilled"
             : fresh ? "runs again"
                     : instance_state_name(old->state),
             instance_state_name(i->state), str_is_empty(i->reason) ? "" : ": ",
             STR_ARG(i->reason));
}

void sim_tell_effect(const struct sim *s, const struct effect *e)
{
    char text[CIVIL_TEXT_LEN + 1];
    int64_t task = e->task_id - SIM_TASK_ID(0);

    if (!s->tracing)
        return;
    civil_format(e->planned, text);
    if (e->kind == EFFECT_MISS)
        sim_tell(s, "task %" PRId64 " misses its firing of %s: %s", task, text,
                 e->miss == MISS_EXISTS ? "the instance was there" : "the project is disabled");
    else if (e->kind == EFFECT_TASK_STATUS)
        sim_tell(s, "task %" PRId64 " %s", task, e->status == TASK_INVALID ? "is over" : "goes on");
    else if (e->kind == EFFECT_ATTEMPT_BEGIN)
        sim_tell(s, "attempt %" PRIu64 " of task %" PRId64 " is written down", e->fence,
                 e->instance.key.task_id - SIM_TASK_ID(0));
    else if (e->kind == EFFECT_ATTEMPT_KILL)
        sim_tell(s, "attempt %" PRIu64 " is to end", e->fence);
    else if (e->kind == EFFECT_CASE_CONSUMED)
        sim_tell(s, "case %.*s is taken", STR_ARG(e->case_id));
}
