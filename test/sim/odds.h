/* test/sim/odds.h - the dice that fall otherwise in one kind of world than in another.
 *
 * Percents, unless said.  0: never, and no die is thrown (sim_maybe), so that a new line of the
 * table leaves the worlds of the other kinds as they are.
 */
#ifndef TEST_SIM_ODDS_H
#define TEST_SIM_ODDS_H

#include <stdbool.h>
#include <stdint.h>

struct sim;

enum sim_kind {
    SIM_CALM,  /* everything that can be reached, a little of it at a time */
    SIM_BUSY,  /* thousands of attempts a step, few changes, fewer kinds of tasks */
    SIM_DENSE, /* much is done in little time: plans in small slices, on few slots, and deleted */
    SIM_KIND_N_
};

enum { SIM_GROUPS = 3, SIM_SUCCESSES = 3, SIM_SLICES = 4 };
struct sim_odds {
    const char *flag; /* of weft-sim: " --busy"; behind " --" it is also the word of a list */
    /* definitions */
    int branch;                 /* a task is a branch; as often it is a merge */
    int python, for_each;       /* it is such a task */
    int alone;                  /* it has no upstream at all */
    int listener;               /* it waits for events */
    int event_hook;             /* it may print events */
    int uses_param, uses_input; /* its code names one */
    int wait_limit;             /* it has a limit of its waiting ... */
    int64_t wait_minutes;       /* ... of at most so many, and 30 */
    int parallel;               /* its self-dependency is parallel whatever the other die says */
    int dry_run;
    int64_t retry_minutes, retries; /* less than */
    int64_t pieces; /* of a day in a row for which its numbers must be bad, at most */
    /* the runner */
    int success[SIM_SUCCESSES]; /* one of them for the whole world */
    int short_run;              /* it ends within 90 s */
    /* time and people */
    int64_t leap;       /* seconds that a step takes at most; 0: mixed */
    int64_t clock_jump; /* as the clock is set wrong; 0: mixed */
    int64_t drain_leap; /* at the end, how much is taken together */
    int operate, to_due;
    bool plans;             /* most of what is done has to do with plans and what they contain */
    int keep_days;          /* history is kept for at most so many, in some worlds; 0: for ever */
    bool keeps_going;       /* what was paused or disabled comes back soon: nothing runs in it */
    int slices[SIM_SLICES]; /* one of them: rounds of a plan in one turn; 0: as a server has it */
    int slots[SIM_GROUPS], slots_ample; /* and how often a change of slots is of that size */
    /* the checkers */
    int looks_every;  /* so many steps at the whole state, which costs far more than a turn */
    bool looks_whole; /* at every row of the store; else at those that changed, and at the end */
};
extern const struct sim_odds sim_odds[SIM_KIND_N_];

/* A die of a percentage out of the table. */
bool sim_maybe(struct sim *s, int percent);

#endif
