/* test/sim/mute.c - see mute.h. */
#include "mute.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim.h"

static bool put(struct sim_mute *m, int64_t from, int64_t to, uint32_t bits)
{
    if (from < 0 || to < from || to > 10000000)
        return false;
    if (to >= m->n) {
        uint32_t *grown = mem_zalloc(sizeof(*grown) * (size_t)(to + 1));
        if (m->n > 0)
            memcpy(grown, m->steps, sizeof(*grown) * (size_t)m->n);
        mem_free(m->steps);
        m->steps = grown;
        m->n = to + 1;
    }
    for (int64_t k = from; k <= to; k++)
        m->steps[k] |= bits;
    return true;
}

bool mute_parse(struct sim_mute *m, const char *text)
{
    int used;

    for (const char *at = text; *at; at += *at == ',') {
        int64_t from, to, k;
        uint32_t bits = ~UINT32_C(0);
        if (sscanf(at, "%" SCNd64 "%n", &from, &used) != 1 || from < 0)
            return false;
        at += used;
        to = from;
        if (*at == '-' && sscanf(at + 1, "%" SCNd64 "%n", &to, &used) == 1)
            at += used + 1;
        if (*at == 'f' || *at == 'c') {
            bits = *at == 'f' ? MUTE_FAULTS : MUTE_ALL_COMMANDS;
            at++;
        } else if (*at == '.' && sscanf(at + 1, "%" SCNd64 "%n", &k, &used) == 1) {
            if (k < 0 || k >= MUTE_COMMANDS)
                return false;
            bits = UINT32_C(1) << k;
            at += used + 1;
        }
        if ((*at && *at != ',') || !put(m, from, to, bits))
            return false;
    }
    return true;
}

/* The steps of which all of these bits are left out, and not all of `except`, as ranges. */
static void print_plane(const struct sim_mute *m, int64_t steps, uint32_t bits, uint32_t except,
                        const char *name, bool *some)
{
    int64_t from = -1;

    for (int64_t n = 0; n <= steps + 1; n++) {
        uint32_t of_step = n <= steps && n < m->n ? m->steps[n] : 0;
        bool out = (of_step & bits) == bits && !(except && (of_step & except) == except);
        if (out && from < 0)
            from = n;
        if (out || from < 0)
            continue;
        printf("%s%" PRId64, *some ? "," : "", from);
        if (n - 1 > from)
            printf("-%" PRId64, n - 1);
        printf("%s", name);
        *some = true;
        from = -1;
    }
}

void mute_print(const struct sim_mute *m, int64_t steps)
{
    bool some = false;
    char name[8];

    print_plane(m, steps, MUTE_FAULTS, 0, "f", &some);
    print_plane(m, steps, MUTE_ALL_COMMANDS, 0, "c", &some);
    for (int bit = 0; bit < MUTE_COMMANDS; bit++) {
        snprintf(name, sizeof(name), ".%d", bit);
        print_plane(m, steps, UINT32_C(1) << bit, MUTE_ALL_COMMANDS, name, &some);
    }
    if (!some)
        printf("0f");
}

void mute_done(struct sim_mute *m)
{
    mem_free(m->steps);
    *m = (struct sim_mute){ NULL, 0 };
}

static uint32_t of_step(const struct sim *s)
{
    return s->mute && s->steps < s->mute->n ? s->mute->steps[s->steps] : 0;
}

bool mute_has_command(const struct sim *s, int ordinal)
{
    return ordinal < MUTE_COMMANDS && (of_step(s) & (UINT32_C(1) << ordinal));
}

bool mute_has_faults(const struct sim *s)
{
    return of_step(s) & MUTE_FAULTS;
}
