/* test/sim/odds.c - see odds.h. */
#include "odds.h"

#include "sim.h"

const struct sim_odds sim_odds[SIM_KIND_N_] = {
    [SIM_CALM] = {
        .flag = "",
        .branch = 15,
        .python = 12,
        .for_each = 12,
        .listener = 25,
        .event_hook = 20,
        .uses_param = 60,
        .uses_input = 70,
        .wait_limit = 20,
        .wait_minutes = 600,
        .dry_run = 15,
        .retry_minutes = 20,
        .retries = 4,
        .pieces = 100,
        .success = { 70, 70, 70 },
        .operate = 25,
        .to_due = 50,
        .keep_days = 3,
        .slices = { 1, 2, 5, 0 },
        .slots = { 3, 1, 20 },
        .looks_every = 16,
        .looks_whole = true,
    },
    [SIM_BUSY] = {
        .flag = " --busy",
        .branch = 4,
        .alone = 75,
        .listener = 1,
        .uses_param = 10,
        .uses_input = 10,
        .wait_limit = 100, /* where much comes, who waits in vain does not pile up */
        .wait_minutes = 60,
        .parallel = 95,
        .dry_run = 3,
        .retry_minutes = 2,
        .retries = 7,
        .pieces = 100,
        .success = { 97, 60, 30 },
        .short_run = 98,
        .leap = 3 * CIVIL_HOUR,
        .clock_jump = CIVIL_HOUR,
        .drain_leap = 60, /* thousands end at almost the same time */
        .operate = 5,
        .to_due = 5,
        .keep_days = 1,
        .keeps_going = true,
        .slices = { 100, 0, 20, 0 },
        .slots = { 2000, 200, 5000 },
        .slots_ample = 75,
        .looks_every = 16,
    },
    [SIM_DENSE] = {
        .flag = " --dense",
        .branch = 5,
        .alone = 30,
        .listener = 10,
        .event_hook = 10,
        .uses_param = 20,
        .uses_input = 20,
        .wait_limit = 10,
        .wait_minutes = 600,
        .dry_run = 20,
        .retry_minutes = 20,
        .retries = 4,
        .pieces = 40,
        .success = { 90, 70, 40 },
        .leap = 20 * CIVIL_MINUTE, /* pieces of days follow each other */
        .clock_jump = CIVIL_HOUR,
        .operate = 50,
        .to_due = 40,
        .plans = true,
        .slices = { 1, 2, 1, 5 },
        .slots = { 2, 1, 3 },
        .looks_every = 1,
        .looks_whole = true,
    },
};

bool sim_maybe(struct sim *s, int percent)
{
    return percent > 0 && sim_chance(s, percent);
}
