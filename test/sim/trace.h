/* test/sim/trace.h - the story of a world, line by line on stdout, when it is wanted (--trace). */
#ifndef TEST_SIM_TRACE_H
#define TEST_SIM_TRACE_H

#include "base/mem.h"

struct sim;
struct effect;
struct instance;

void sim_tell(const struct sim *s, const char *fmt, ...) PRINTF(2, 3);
void sim_tell_time(const struct sim *s);
void sim_tell_change(const struct sim *s, const struct instance *i, const struct instance *old);
/* The effects that change no instance. */
void sim_tell_effect(const struct sim *s, const struct effect *e);

#endif
