/* test/sim/faults.h - what goes wrong in a world, and when.
 *
 * Each kind has a name and is counted (coverage.h).  Most happen at random moments; some last
 * (struct sim_weather).
 */
#ifndef TEST_SIM_FAULTS_H
#define TEST_SIM_FAULTS_H

#include "base/instant.h"

struct sim;

#define SIM_FAULTS(X)                                                                              \
    X(crash, "the server ends between two turns")                                                  \
    X(crash_unsent, "the server ends between a commit and its messages")                           \
    X(crash_load, "the store fails while the server loads after a crash")                          \
    X(crash_loaded, "the server ends again right after it loaded")                                 \
    X(change_fails, "a change of the store fails")                                                 \
    X(commit_fails, "a commit fails")                                                              \
    X(disk_full, "the disk is full for a while: every turn fails")                                 \
    X(slow_commit, "a commit takes long")                                                          \
    X(disconnect, "the connection to the runner breaks")                                           \
    X(torn_orders, "it breaks in the middle of what the server sends")                             \
    X(torn_reports, "it breaks in the middle of what the runner says")                             \
    X(late, "a report comes late")                                                                 \
    X(twice, "a report comes twice")                                                               \
    X(stale, "an old attempt is reported again")                                                   \
    X(disorder, "reports come in another order")                                                   \
    X(after_end, "that an attempt runs is said after its end")                                     \
    X(stall, "the runner says nothing for long, then everything")                                  \
    X(runner_dies, "the runner ends and comes back with its records")                              \
    X(machine_dies, "the runner's machine ends, with every attempt")                               \
    X(disk_lost, "the runner comes back without its records")                                      \
    X(clock_back, "the clock is set back")                                                         \
    X(clock_forward, "the clock is set forward")                                                   \
    X(clock_drift, "the runner's clock is off")                                                    \
    X(explosion, "attempts fail at once in masses")                                                \
    X(endless, "attempts run for days")                                                            \
    X(same_instant, "attempts end in the same microsecond")                                        \
    X(worst_moment, "commands in the turn in which something is due")                              \
    X(pile, "several commands on the same object in one turn")                                     \
    X(queue_full, "the engine's queue is full")

enum sim_fault {
#define X(name, text) SIM_FAULT_##name,
    SIM_FAULTS(X)
#undef X
        SIM_FAULT_N_
};

const char *sim_fault_name(enum sim_fault f);

enum sim_mood { MOOD_USUAL, MOOD_EXPLOSION, MOOD_ENDLESS, MOOD_SAME_INSTANT };

/* Faults that last; each until a step. */
struct sim_weather {
    enum sim_mood mood;
    int64_t mood_until, full_until, stall_until, drift_until;
    struct wall same_end; /* of MOOD_SAME_INSTANT */
    struct dur drift;
    bool slow;               /* the next commit takes long ... */
    struct dur took;         /* ... as that of the present turn did */
    int orders_left;         /* messages before the connection breaks; -1: it holds */
    uint64_t doubtful_until; /* the runner may have begun fences up to here and does not know */
};

/* Does it happen now?  Counted when it does.  permille: how often. */
bool sim_fault(struct sim *s, enum sim_fault f, int permille);
/* The weather of a step. */
void sim_weather_begin(struct sim *s);

#endif
