/* run/attempt.c - the names of how an attempt can end. */
#include "run/attempt.h"

#include "base/mem.h"

static const char *const names[ATTEMPT_OUTCOME_N_] = {
    [ATTEMPT_EXITED] = "exited", [ATTEMPT_SIGNALED] = "signaled",
    [ATTEMPT_KILLED] = "killed", [ATTEMPT_NOT_STARTED] = "not-started",
    [ATTEMPT_LOST] = "lost",     [ATTEMPT_NO_OUTPUT] = "no-output",
};

const char *attempt_outcome_name(enum attempt_outcome o)
{
    check(o >= 0 && o < ATTEMPT_OUTCOME_N_);
    return names[o];
}
