/* run/runner.h - the runner: a small process that starts attempts and outlives the server.
 *
 * `weft runner --dir DIR` listens on DIR/runner.sock.  One keeper process per attempt, forked from
 * this small process, owns the attempt: it is the subreaper of its whole tree, writes its log, and
 * leaves the exit record on disk before anybody is told.  Server, runner and keepers can die in any
 * order without losing what the others know.
 */
#ifndef RUN_RUNNER_H
#define RUN_RUNNER_H

#include "base/err.h"

struct runner_config {
    const char *dir;
    const char *run_as; /* user for attempts, or a range (launch.h); NULL: nobody when root, else
                           unchanged */
    bool as_root_user;
    int64_t log_bytes_max; /* of one attempt's log; 0: RUNNER_LOG_BYTES_MAX.  What comes after is
                              dropped, and said. */
};
#define RUNNER_LOG_BYTES_MAX ((int64_t)1 << 30)

/* Runs until SIGTERM (then it ends but leaves keepers and attempts alone).  Exit status of the
 * process. */
int runner_main(const struct runner_config *config);

/* `weft runner --dir DIR --stop`: ends the runner of the folder and waits for it.  Attempts go on
 * and are found by the next runner.  Exit status: 0 also when there is none. */
int runner_stop(const char *dir);

#endif
