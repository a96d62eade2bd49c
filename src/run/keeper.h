/* run/keeper.h - the process that owns running attempts, one at a time.
 *
 * The runner forks keepers (no exec: they share its memory) and keeps idle ones for the next
 * attempt, which saves a fork for each.  A keeper is the subreaper of the attempt's tree, captures
 * its output into the log, ends what is left of the tree when the main process ends, and writes the
 * record before it tells the runner (I7).
 *
 * When its runner is gone a keeper carries on and ends behind its attempt.  A later runner knows it
 * from the record, notices its end, and kills the attempt by the signal KEEPER_KILL_SIGNAL whose
 * value is the grace in ms.
 */
#ifndef RUN_KEEPER_H
#define RUN_KEEPER_H

#include <signal.h>

#include "run/launch.h"

#define KEEPER_KILL_SIGNAL SIGUSR1
/* What the attempt's main process leaves behind gets SIGTERM, this long, then SIGKILL. */
#define KEEPER_LEFTOVER_GRACE DUR_S(1)
/* Working directories are WORK_FOLDER/<fence>; they are removed behind the attempt. */
#define WORK_FOLDER "work"

struct keeper_config {
    const char *dir;  /* absolute; the working directory of the process */
    const char *node; /* name of the machine */
    struct launch_user user;
    struct rlimit files_max; /* of attempts */
    int64_t log_bytes_max;
};

/* In a child of the runner: take attempts from control (a stream socket, wire.h) until it closes.
 * Never returns. */
_Noreturn void keeper_main(const struct keeper_config *config, int control);

#endif
