/* base/prng.c - a seeded pseudo-random sequence (xoshiro256**). */
#include "base/prng.h"

static uint64_t rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

void prng_init(struct prng *p, uint64_t seed)
{
    /* splitmix64 spreads the seed, so that small seeds differ at once. */
    for (int i = 0; i < 4; i++) {
        uint64_t z = seed += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        p->s_[i] = z ^ (z >> 31);
    }
}

uint64_t prng_next(struct prng *p)
{
    uint64_t *s = p->s_, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

uint64_t prng_below(struct prng *p, uint64_t n)
{
    check(n > 0);
    uint64_t limit = UINT64_MAX - UINT64_MAX % n, x;

    do
        x = prng_next(p);
    while (x >= limit);
    return x % n;
}

int64_t prng_range(struct prng *p, int64_t lo, int64_t hi)
{
    uint64_t span = (uint64_t)hi - (uint64_t)lo + 1;

    check(lo <= hi);
    return (int64_t)((uint64_t)lo + (span == 0 ? prng_next(p) : prng_below(p, span)));
}

bool prng_chance(struct prng *p, uint32_t per_million)
{
    return prng_below(p, 1000000) < per_million;
}
