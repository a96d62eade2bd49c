/* cli/interrupt.c - Ctrl-C, for commands that follow something. */
#include "cli/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

static void ends(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
}

void interrupt_hold(void)
{
    sigset_t set;

    ends(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

bool interrupt_wait(int milliseconds)
{
    struct timespec limit = { .tv_sec = milliseconds / 1000,
                              .tv_nsec = (long)(milliseconds % 1000) * 1000000 };
    sigset_t set;

    ends(&set);
    while (sigtimedwait(&set, NULL, &limit) < 0)
        if (errno == EAGAIN)
            return false;
    return true;
}

bool interrupt_is_pending(void)
{
    sigset_t set;

    sigpending(&set);
    return sigismember(&set, SIGINT) || sigismember(&set, SIGTERM);
}
