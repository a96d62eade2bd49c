/* sys/clock.c - the only place that reads a clock. */
#include "sys/clock.h"

#include <stddef.h>
#include <time.h>

static int64_t read_us(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct wall clock_wall(void)
{
    return (struct wall){ read_us(CLOCK_REALTIME) };
}

struct mono clock_mono(void)
{
    return (struct mono){ read_us(CLOCK_MONOTONIC) };
}

static struct wall real_wall(void *ctx)
{
    (void)ctx;
    return clock_wall();
}

static struct mono real_mono(void *ctx)
{
    (void)ctx;
    return clock_mono();
}

const struct clock clock_real = { real_wall, real_mono, NULL };
