/* base/prng.h - a seeded pseudo-random sequence (xoshiro256**), for simulation and tests only.
 * Secrets and ids come from sys/random.h. */
#ifndef BASE_PRNG_H
#define BASE_PRNG_H

#include "base/mem.h"

struct prng { uint64_t s_[4]; };
void prng_init(struct prng *p, uint64_t seed);
uint64_t prng_next(struct prng *p);
uint64_t prng_below(struct prng *p, uint64_t n);                 /* 0 <= r < n, unbiased; n > 0 */
int64_t prng_range(struct prng *p, int64_t lo, int64_t hi);      /* both included */
bool prng_chance(struct prng *p, uint32_t per_million);

#endif
