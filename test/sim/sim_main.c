/* test/sim/sim_main.c - weft-sim: runs seeds and says how many held.
 *
 *   weft-sim --seed N [--steps N]          one world
 *   weft-sim --seeds FROM..TO [--steps N]  many
 *   weft-sim --list FILE                   "seed steps" lines, "busy" or "dense" behind them or
 *                                          not: worlds that failed
 *   --busy       worlds with thousands of attempts a step, and fewer kinds of tasks
 *   --dense      worlds in which much is done in little time, most of it with plans
 *   --twice      each world twice: the effects must be the same
 *   --limit N    a world that takes more seconds fails
 *   --seconds N  no world is begun after that time; says which would be next
 *   --coverage   what was reached, in full, as lines of kind, name and number
 *   --require    fails when something that can be reached was not
 *   --mute WORDS leaves out what mute.h says
 *   --trace      the story of the world
 *   --shrink     of one seed that fails: leaves out what it does not need
 */
#include "sim.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shrink.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/zoneinfo.h"

struct totals {
    int64_t worlds, steps, crashes, failures, refusals, begun, ended, instances, firings;
    int64_t branched, merged, skipped, merge_failures;
    double simulated; /* seconds */
    struct sim_coverage coverage;
};
struct options {
    uint64_t from, to;
    int64_t steps;
    double seconds; /* 0: no limit */
    int limit;      /* of one world in seconds; 0: none */
    const char *list;
    struct sim_mute mute;
    enum sim_kind kind;
    bool twice, tracing, coverage, require, shrinking;
};

/* ---- a program that ends itself -------------------------------------------------------------- */

static const struct sim *running;

/* A broken assumption or a sanitizer ends the program in the middle of a world: say in which. */
static void on_end(int number)
{
    char text[400];
    int n = !running
                ? 0
                : snprintf(text, sizeof(text),
                           "seed %" PRIu64 ", step %" PRId64 " (%s): the program ended with "
                           "signal %d\nreplay: weft-sim --seed %" PRIu64 " --steps %" PRId64 "%s\n",
                           running->seed, running->steps, running->action, number, running->seed,
                           running->steps, running->odds->flag);

    if (n > 0 && write(STDERR_FILENO, text, (size_t)n) < 0)
        n = 0;
    raise(number); /* the handler is gone */
}

static void catch_ends(void)
{
    static const int numbers[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM };
    struct sigaction action = { .sa_handler = on_end, .sa_flags = (int)SA_RESETHAND | SA_NODEFER };

    for (size_t k = 0; k < ARRAY_LEN(numbers); k++)
        sigaction(numbers[k], &action, NULL);
}

/* The sanitizers end the program by a signal, so that the handler sees it. */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);
const char *__asan_default_options(void)
{
    return "abort_on_error=1:handle_abort=0:allow_user_segv_handler=1";
}
const char *__ubsan_default_options(void)
{
    return "abort_on_error=1:halt_on_error=1:print_stacktrace=1";
}

/* ---- worlds ---------------------------------------------------------------------------------- */

static void add_totals(struct totals *t, const struct sim *s)
{
    t->worlds++;
    t->steps += s->steps;
    t->crashes += s->crashes;
    t->failures += s->failures;
    t->refusals += s->refusals;
    t->begun += s->begun;
    t->ended += s->ended;
    t->instances += s->instances;
    t->branched += s->branched;
    t->merged += s->merged;
    t->skipped += s->skipped;
    t->merge_failures += s->merge_failures;
    t->firings += (int64_t)s->n_firings_checked;
    t->simulated += (double)wall_sub(s->latest, s->began).us / 1e6;
    coverage_add(&t->coverage, &s->coverage);
}

static uint64_t run_world(enum sim_kind kind, uint64_t seed, int64_t steps,
                          const struct sim_mute *mute, bool tracing, struct totals *totals)
{
    struct sim *s = NEW(struct sim);

    s->odds = &sim_odds[kind];
    s->mute = mute && mute->n > 0 ? mute : NULL;
    s->tracing = tracing;
    running = s;
    sim_init(s, seed);
    while (s->steps < steps)
        sim_step(s);
    sim_finish(s);
    uint64_t hash = s->hash;
    if (totals)
        add_totals(totals, s);
    running = NULL;
    sim_done(s);
    mem_free(s);
    return hash;
}

static void run_seed(enum sim_kind kind, uint64_t seed, int64_t steps, const struct options *o,
                     struct totals *totals)
{
    alarm((unsigned)o->limit);
    uint64_t hash = run_world(kind, seed, steps, &o->mute, o->tracing, totals);

    if (o->twice && run_world(kind, seed, steps, &o->mute, false, totals) != hash) {
        fprintf(stderr,
                "seed %" PRIu64 " does not repeat\nreplay: weft-sim --seed %" PRIu64
                " --steps %" PRId64 "%s --twice\n",
                seed, seed, steps, sim_odds[kind].flag);
        exit(1);
    }
}

/* The kind of world that has such a flag, SIM_CALM for any other word. */
static enum sim_kind kind_of(const char *word)
{
    for (int kind = 0; kind < SIM_KIND_N_; kind++)
        if (strcmp(sim_odds[kind].flag, "") != 0 && strcmp(sim_odds[kind].flag + 3, word) == 0)
            return (enum sim_kind)kind;
    return SIM_CALM;
}

static void run_list(const struct options *o, struct totals *totals)
{
    FILE *f = fopen(o->list, "r");
    char line[200], word[8];
    uint64_t seed;
    int64_t steps;

    if (!f) {
        fprintf(stderr, "cannot read %s\n", o->list);
        exit(2);
    }
    while (fgets(line, sizeof(line), f)) {
        int n = sscanf(line, "%" SCNu64 " %" SCNd64 " %7s", &seed, &steps, word);
        if (n >= 2)
            run_seed(n == 3 ? kind_of(word) : SIM_CALM, seed, steps, o, totals);
    }
    fclose(f);
}

static void shrink_world(enum sim_kind kind, uint64_t seed, int64_t steps,
                         const struct sim_mute *mute)
{
    run_world(kind, seed, steps, mute, false, NULL);
}

static double seconds_since(struct mono start)
{
    return (double)mono_sub(clock_mono(), start).us / 1e6;
}

/* ---- the program ----------------------------------------------------------------------------- */

static bool take_flag(const char *name, struct options *o)
{
    const struct {
        const char *name;
        bool *flag;
    } flags[] = { { "--twice", &o->twice },
                  { "--trace", &o->tracing },
                  { "--coverage", &o->coverage },
                  { "--require", &o->require },
                  { "--shrink", &o->shrinking } };
    enum sim_kind kind = strncmp(name, "--", 2) == 0 ? kind_of(name + 2) : SIM_CALM;

    if (kind != SIM_CALM) {
        o->kind = kind;
        return true;
    }
    for (size_t k = 0; k < ARRAY_LEN(flags); k++)
        if (strcmp(name, flags[k].name) == 0) {
            *flags[k].flag = true;
            return true;
        }
    return false;
}

static bool take_value(const char *name, const char *value, struct options *o)
{
    if (strcmp(name, "--seed") == 0) {
        o->from = o->to = strtoull(value, NULL, 10);
        return true;
    }
    if (strcmp(name, "--steps") == 0)
        o->steps = strtoll(value, NULL, 10);
    else if (strcmp(name, "--seconds") == 0)
        o->seconds = strtod(value, NULL);
    else if (strcmp(name, "--limit") == 0)
        o->limit = (int)strtol(value, NULL, 10);
    else if (strcmp(name, "--list") == 0)
        o->list = value;
    else if (strcmp(name, "--mute") == 0)
        return mute_parse(&o->mute, value);
    else
        return strcmp(name, "--seeds") == 0 &&
               sscanf(value, "%" SCNu64 "..%" SCNu64, &o->from, &o->to) == 2;
    return true;
}

static void say_totals(const struct totals *t, double seconds)
{
    double real = seconds > 0 ? seconds : 1;

    printf("%" PRId64 " worlds, %" PRId64 " steps, %" PRId64 " crashes, %" PRId64
           " failed turns, %" PRId64 " refusals, %" PRId64 " instances, %" PRId64
           " attempts, %" PRId64 " branches decided, %" PRId64 " merges held and %" PRId64
           " failed, %" PRId64 " skipped, %" PRId64 " firings checked, %.1f s, %.0f attempts/s, "
           "%.1f days simulated, %.0f times real time\n",
           t->worlds, t->steps, t->crashes, t->failures, t->refusals, t->instances, t->begun,
           t->branched, t->merged, t->merge_failures, t->skipped, t->firings, seconds,
           (double)t->begun / real, t->simulated / 86400, t->simulated / real);
}

static void say_usage(FILE *to)
{
    fprintf(to, "usage: weft-sim --seed N | --seeds FROM..TO | --list FILE [--steps N] "
                "[--seconds N] [--limit N] [--busy | --dense] [--twice] [--coverage] [--require] "
                "[--mute WORDS] [--trace] [--shrink]\n");
}

static bool take_words(int argc, char **argv, struct options *o)
{
    for (int k = 1; k < argc; k++) {
        if (take_flag(argv[k], o))
            continue;
        if (!take_value(argv[k], k + 1 < argc ? argv[k + 1] : "", o))
            return false;
        k++;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct options o = { .from = 1, .to = 1, .steps = 300 };

    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        say_usage(stdout);
        return 0;
    }
    if (!take_words(argc, argv, &o)) {
        say_usage(stderr);
        mute_done(&o.mute);
        return 2;
    }
    struct totals *totals = NEW(struct totals);
    catch_ends();
    zone_set_loader(zoneinfo_read, NULL);
    /* Faults are what it is about; what the server says of them is a part of the story. */
    log_set_level(o.tracing ? LOG_WARN : LOG_OFF);
    if (o.shrinking) {
        bool failed = shrink(o.kind, o.from, o.steps, shrink_world);
        printf("%s", failed ? "" : "it does not fail\n");
        mute_done(&o.mute);
        mem_free(totals);
        return failed;
    }
    struct mono start = clock_mono();
    uint64_t seed = o.from;
    if (o.list)
        run_list(&o, totals);
    for (; !o.list && seed <= o.to && (o.seconds <= 0 || seconds_since(start) < o.seconds); seed++)
        run_seed(o.kind, seed, o.steps, &o, totals);
    say_totals(totals, seconds_since(start));
    coverage_summary(&totals->coverage);
    if (o.coverage)
        coverage_print(&totals->coverage);
    if (o.seconds > 0)
        printf("next seed: %" PRIu64 "\n", seed);
    int missing = o.require ? coverage_missing(&totals->coverage) : 0;
    mute_done(&o.mute);
    mem_free(totals);
    return missing > 0;
}
