/* test/sim/shrink.c - see shrink.h. */
#include "shrink.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SAID_MAX = 4000, TRIES_MAX = 3000 };

struct shrinking {
    enum sim_kind world;
    uint64_t seed;
    int64_t steps;
    shrink_run *run;
    struct sim_mute mute;
    char kind[SAID_MAX]; /* of the failure */
    int tries;
};

static void read_all(int fd, char *ret)
{
    size_t n = 0;
    ssize_t got;

    while ((got = read(fd, ret + n, SAID_MAX - 1 - n)) > 0)
        n += (size_t)got;
    ret[n] = '\0';
    close(fd);
}

/* What it said on stderr; false: it did not fail. */
static bool try_run(struct shrinking *k, int64_t steps, const struct sim_mute *mute, char *ret)
{
    int ends[2], status = 0;

    k->tries++;
    fflush(stdout);
    if (pipe(ends) != 0)
        return false;
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        alarm(300);
        k->run(k->world, k->seed, steps, mute);
        _exit(0);
    }
    close(ends[1]);
    read_all(ends[0], ret);
    return child > 0 && waitpid(child, &status, 0) == child && status != 0;
}

/* What stays the same of a failure when its world changes: its text without numbers. */
static void kind_of(const char *said, char *ret)
{
    const char *at = strstr(said, "broken assumption"), *end;
    size_t n = 0;

    if (!at && (at = strstr(said, "ERROR: ")) == NULL &&
        (at = strstr(said, "runtime error")) == NULL)
        at = strstr(said, "): ");
    if (!at)
        at = said;
    end = strchr(at, '\n');
    for (; *at && at != end && n < SAID_MAX - 1; at++)
        if (*at < '0' || *at > '9')
            ret[n++] = *at;
    ret[n] = '\0';
}

static int64_t step_of(const char *said, int64_t otherwise)
{
    const char *at = strstr(said, ", step ");
    int64_t step;

    return at && sscanf(at, ", step %" SCNd64, &step) == 1 ? step : otherwise;
}

static bool still_fails(struct shrinking *k, int64_t steps, const struct sim_mute *mute)
{
    char said[SAID_MAX], kind[SAID_MAX];

    if (k->tries >= TRIES_MAX || !try_run(k, steps, mute, said))
        return false;
    kind_of(said, kind);
    if (strcmp(kind, k->kind) != 0)
        return false;
    k->steps = step_of(said, steps);
    return true;
}

static void copy_mute(struct sim_mute *to, const struct sim_mute *from)
{
    *to = (struct sim_mute){ mem_zalloc(sizeof(*to->steps) * (size_t)from->n), from->n };
    memcpy(to->steps, from->steps, sizeof(*to->steps) * (size_t)from->n);
}

/* Left out in steps [from, to), if that changes nothing. */
static bool leave_out(struct shrinking *k, int64_t from, int64_t to, uint32_t bits)
{
    struct sim_mute tried;
    bool more = false;

    copy_mute(&tried, &k->mute);
    for (int64_t n = from; n < to && n < tried.n; n++) {
        more = more || (tried.steps[n] & bits) != bits;
        tried.steps[n] |= bits;
    }
    if (more && still_fails(k, k->steps, &tried)) {
        mute_done(&k->mute);
        k->mute = tried;
        return true;
    }
    mute_done(&tried);
    return false;
}

static void leave_out_chunks(struct shrinking *k, uint32_t bits)
{
    for (int64_t size = k->mute.n; size >= 1; size /= 2)
        for (int64_t from = 0; from < k->mute.n; from += size)
            leave_out(k, from, from + size, bits);
}

/* A world that fails at its end may need fewer steps. */
static void fewer_steps(struct shrinking *k)
{
    for (int64_t less = k->steps / 2; less >= 1; less /= 2)
        while (k->steps > less && still_fails(k, k->steps - less, &k->mute))
            ;
}

bool shrink(enum sim_kind kind, uint64_t seed, int64_t steps, shrink_run *run)
{
    struct shrinking k = { .world = kind, .seed = seed, .steps = steps, .run = run };
    char said[SAID_MAX];

    k.mute = (struct sim_mute){ mem_zalloc(sizeof(uint32_t) * (size_t)(steps + 2)), steps + 2 };
    if (!try_run(&k, steps, &k.mute, said)) {
        mute_done(&k.mute);
        return false;
    }
    kind_of(said, k.kind);
    k.steps = step_of(said, steps);
    fewer_steps(&k);
    leave_out_chunks(&k, MUTE_FAULTS);
    leave_out_chunks(&k, MUTE_ALL_COMMANDS);
    for (int n = 0; n < 12; n++) /* of the steps that are left, each command by itself */
        for (int64_t at = 0; at < k.mute.n; at++)
            if ((k.mute.steps[at] & MUTE_ALL_COMMANDS) != MUTE_ALL_COMMANDS)
                leave_out(&k, at, at + 1, UINT32_C(1) << n);
    fewer_steps(&k);
    try_run(&k, k.steps, &k.mute, said);
    printf("%s%d tries; what is left:\nweft-sim --seed %" PRIu64 " --steps %" PRId64 "%s --mute ",
           said, k.tries, seed, k.steps, sim_odds[kind].flag);
    mute_print(&k.mute, k.steps);
    printf(" --trace\n");
    mute_done(&k.mute);
    return true;
}
