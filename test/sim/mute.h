/* test/sim/mute.h - what is left out of a world, to find what a failure needs.
 *
 * A word is "STEPS", "STEPSf", "STEPSc" or "STEPS.K": everything, the faults, all commands, or the
 * Kth command (from 0) of these steps; STEPS is a number, or two with '-' between them.  Words are
 * joined by commas.
 */
#ifndef TEST_SIM_MUTE_H
#define TEST_SIM_MUTE_H

#include "base/mem.h"

struct sim;

enum { MUTE_COMMANDS = 24 }; /* of one step that can be told apart */

#define MUTE_FAULTS (UINT32_C(1) << 31)
#define MUTE_ALL_COMMANDS ((UINT32_C(1) << MUTE_COMMANDS) - 1)

struct sim_mute {
    uint32_t *steps; /* owned; of step n; bit k: the kth command, bit 31: the faults */
    int64_t n;
};

bool mute_parse(struct sim_mute *m, const char *text);
/* On stdout, as mute_parse reads it; steps: how many there are. */
void mute_print(const struct sim_mute *m, int64_t steps);
void mute_done(struct sim_mute *m);
bool mute_has_command(const struct sim *s, int ordinal);
bool mute_has_faults(const struct sim *s);

#endif
