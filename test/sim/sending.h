/* test/sim/sending.h - what an attempt is to execute, by the simulator's own small model of
 * docs/reference/semantics.md 5.11, 6.2 and 6.3.
 *
 * The model looks twice, when the attempt is written down and when its turn is committed, because a
 * turn may change an upstream after it has begun an attempt; the engine may have seen either.
 */
#ifndef TEST_SIM_SENDING_H
#define TEST_SIM_SENDING_H

#include "sim.h"

struct sim_sending {
    uint64_t fence;
    struct instance_key key;
    int32_t version_no;
    struct civil planned;
    struct str plan_id;
    bool unsure;      /* its plan was forgotten here */
    bool possible[2]; /* every input has its value */
    struct str code[2];
};

void sending_begin(struct sim *s, const struct instance *i);
void sending_commit(struct sim *s);
void sending_crash(struct sim *s);
void sending_done(struct sim *s);
/* What is sent is what the model says, also when it is sent again. */
void sending_check(struct sim *s, const struct attempt_spec *spec);

#endif
