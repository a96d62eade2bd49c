/* run/job.h - what a keeper needs to start one attempt: files, command, environment. */
#ifndef RUN_JOB_H
#define RUN_JOB_H

#include "base/arena.h"
#include "base/buf.h"
#include "run/keeper.h"
#include "run/task_type.h"

struct job_files {
    int null, out, err;              /* for standard input, output and error of the program */
};

/* Make the working directory and the script, and start the program.  All memory from a.  On failure the text says, for
 * people, why the attempt could not start. */
enum err_code job_start(const struct keeper_config *config, const struct attempt_spec *spec,
                        const struct job_files *files, struct arena *a, pid_t *ret_pid, struct err *e) MUST_USE;
/* Remove the working directory. */
void job_clean(uint64_t fence);

/* "WEFT_WORK=..." as it stands in the environment of a fence's attempt, and of no other on this machine. */
void job_mark(const char *dir, uint64_t fence, struct buf *out);

#endif
