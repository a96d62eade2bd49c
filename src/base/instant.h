/* base/instant.h - three kinds of time that do not mix.
 *
 * wall: microseconds since 1970-01-01T00:00:00Z; it can step.  For schedules and records.
 * mono: microseconds on a clock that never steps and means nothing to anyone else.  For timeouts.
 * dur:  a difference in microseconds.
 * Civil (zone-less) time is cal/civil.h.
 */
#ifndef BASE_INSTANT_H
#define BASE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

struct wall { int64_t us; };
struct mono { int64_t us; };
struct dur  { int64_t us; };

#define WALL_NONE ((struct wall){ 0 })            /* "not yet": no record is from 1970 */
#define WALL_FAR  ((struct wall){ INT64_MAX })    /* "never" */
#define DUR_S(n)  ((struct dur){ (int64_t)(n) * 1000000 })
#define DUR_MS(n) ((struct dur){ (int64_t)(n) * 1000 })
#define DUR_MIN(n) ((struct dur){ (int64_t)(n) * 60000000 })

static inline bool wall_is_set(struct wall w) { return w.us != 0; }
static inline struct wall wall_add(struct wall w, struct dur d)
{
    return (struct wall){ w.us + d.us };
}
static inline struct dur wall_sub(struct wall a, struct wall b)
{
    return (struct dur){ a.us - b.us };
}
static inline struct mono mono_add(struct mono m, struct dur d)
{
    return (struct mono){ m.us + d.us };
}
static inline struct dur mono_sub(struct mono a, struct mono b)
{
    return (struct dur){ a.us - b.us };
}

#endif
