/* test/sim/entropy.c - random bytes of a simulated server: from the seed, so that what is ordered
 * by ids repeats too.  In the place of sys/entropy.c. */
#include "sim.h"
#include "sys/random.h"

static struct prng source;

void sim_entropy(uint64_t seed)
{
    prng_init(&source, seed);
}

void random_bytes(void *out, size_t len)
{
    uint8_t *at = out;

    for (size_t k = 0; k < len; k++)
        at[k] = (uint8_t)prng_next(&source);
}
