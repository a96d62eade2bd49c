/* sys/clock.h - the only place that reads a clock.
 *
 * A struct clock is a seam: the server uses the real one, the simulator its own.
 */
#ifndef SYS_CLOCK_H
#define SYS_CLOCK_H

#include "base/instant.h"

struct clock {
    struct wall (*wall)(void *ctx);
    struct mono (*mono)(void *ctx);
    void *ctx;
};
extern const struct clock clock_real;
/* Short forms for the real clock. */
struct wall clock_wall(void);
struct mono clock_mono(void);

#endif
