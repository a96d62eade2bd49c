/* cli/follow.c - asks again and again until something is over. */
#include "cli/follow.h"

#include <stdio.h>

#include "cli/interrupt.h"

enum { FAILURES_MAX = 30, RETRY_MS = 1000 };

void follow_begin(struct follow *f, struct session *s)
{
    *f = (struct follow){ .s = s };
    interrupt_hold();
}

int follow_call(struct follow *f, const char *version, const char *action, json_t *params,
                json_t **ret)
{
    struct failure failure;
    int status;

    for (f->failures = 0;; f->failures++) {
        status = session_try(f->s, version, action, json_incref(params), ret, &failure);
        if (status != EXIT_UNREACHABLE || f->failures == FAILURES_MAX)
            break;
        if (f->failures == 0 && !interrupt_is_pending())
            fprintf(stderr, "weft: %s; trying again\n", failure.why.message);
        if (interrupt_wait(RETRY_MS)) {
            status = EXIT_INTERRUPTED;
            break;
        }
    }
    json_decref(params);
    return status == EXIT_DONE || status == EXIT_INTERRUPTED ? status
                                                             : session_report(f->s, &failure);
}

bool follow_wait(struct follow *f)
{
    (void)f;
    return interrupt_wait(FOLLOW_MS);
}
