/* test/sim/sim_main.c - weft-sim: runs seeds and says how many held.
 *
 *   weft-sim --seed N [--steps N]          one world
 *   weft-sim --seeds FROM..TO [--steps N]  many
 *   weft-sim --list FILE                   "seed steps" lines: worlds that failed once
 *   --busy                                 worlds with thousands of attempts a step
 *   --twice                                each world twice: the effects must be the same
 */
#include "sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/clock.h"
#include "sys/log.h"
#include "sys/zoneinfo.h"

struct totals {
    int64_t worlds, steps, crashes, failures, refusals, begun, ended, instances, firings;
    int64_t branched, merged, skipped, merge_failures;
};

static uint64_t run_world(uint64_t seed, int64_t steps, bool busy, struct totals *totals)
{
    struct sim *s = NEW(struct sim);

    sim_init(s, seed, busy);
    while (s->steps < steps)
        sim_step(s);
    sim_finish(s);
    uint64_t hash = s->hash;
    totals->worlds++;
    totals->steps += s->steps;
    totals->crashes += s->crashes;
    totals->failures += s->failures;
    totals->refusals += s->refusals;
    totals->begun += s->begun;
    totals->ended += s->ended;
    totals->instances += s->instances;
    totals->branched += s->branched;
    totals->merged += s->merged;
    totals->skipped += s->skipped;
    totals->merge_failures += s->merge_failures;
    totals->firings += (int64_t)s->n_firings_checked;
    sim_done(s);
    mem_free(s);
    return hash;
}

static void run_seed(uint64_t seed, int64_t steps, bool busy, bool twice, struct totals *totals)
{
    uint64_t hash = run_world(seed, steps, busy, totals);

    if (twice && run_world(seed, steps, busy, totals) != hash) {
        fprintf(stderr,
                "seed %" PRIu64 " does not repeat\nreplay: weft-sim --seed %" PRIu64
                " --steps %" PRId64 " --twice\n",
                seed, seed, steps);
        exit(1);
    }
}

static void run_list(const char *path, bool twice, struct totals *totals)
{
    FILE *f = fopen(path, "r");
    char line[200];
    uint64_t seed;
    int64_t steps;

    if (!f) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(2);
    }
    while (fgets(line, sizeof(line), f))
        if (sscanf(line, "%" SCNu64 " %" SCNd64, &seed, &steps) == 2)
            run_seed(seed, steps, false, twice, totals);
    fclose(f);
}

int main(int argc, char **argv)
{
    uint64_t from = 1, to = 1;
    int64_t steps = 300;
    const char *list = NULL;
    bool twice = false, busy = false;
    struct totals totals = { 0 };

    for (int k = 1; k < argc; k++) {
        const char *value = k + 1 < argc ? argv[k + 1] : "";
        if (strcmp(argv[k], "--twice") == 0) {
            twice = true;
            continue;
        }
        if (strcmp(argv[k], "--busy") == 0) {
            busy = true;
            continue;
        }
        if (strcmp(argv[k], "--seed") == 0)
            from = to = strtoull(value, NULL, 10);
        else if (strcmp(argv[k], "--steps") == 0)
            steps = strtoll(value, NULL, 10);
        else if (strcmp(argv[k], "--list") == 0)
            list = value;
        else if (strcmp(argv[k], "--seeds") != 0 ||
                 sscanf(value, "%" SCNu64 "..%" SCNu64, &from, &to) != 2) {
            fprintf(stderr, "usage: weft-sim --seed N | --seeds FROM..TO | --list FILE [--steps N] "
                            "[--busy] [--twice]\n");
            return 2;
        }
        k++;
    }
    zone_set_loader(zoneinfo_read, NULL);
    log_set_level(LOG_OFF); /* faults are what it is about */
    struct mono start = clock_mono();
    if (list)
        run_list(list, twice, &totals);
    for (uint64_t seed = from; !list && seed <= to; seed++)
        run_seed(seed, steps, busy, twice, &totals);
    double seconds = (double)mono_sub(clock_mono(), start).us / 1e6;
    printf("%" PRId64 " worlds, %" PRId64 " steps, %" PRId64 " crashes, %" PRId64
           " failed turns, %" PRId64 " refusals, %" PRId64 " instances, %" PRId64
           " attempts, %" PRId64 " branches decided, %" PRId64 " merges held and %" PRId64
           " failed, %" PRId64 " skipped, %" PRId64 " firings checked, %.1f s, %.0f attempts/s\n",
           totals.worlds, totals.steps, totals.crashes, totals.failures, totals.refusals,
           totals.instances, totals.begun, totals.branched, totals.merged, totals.merge_failures,
           totals.skipped, totals.firings, seconds,
           (double)totals.begun / (seconds > 0 ? seconds : 1));
    return 0;
}
