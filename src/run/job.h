/* run/job.h - what a keeper needs to start one attempt: files, command, environment. */
#ifndef RUN_JOB_H
#define RUN_JOB_H

#include "base/arena.h"
#include "base/buf.h"
#include "run/keeper.h"
#include "run/task_type.h"

struct job_files {
    int null, out, err; /* for standard input, output and error of the program */
};

/* The working directory of an earlier attempt, with nothing in it but its script.  The next attempt
 * gets it by a rename, which is much cheaper than to remove one and make one.  Zero-initialise. */
struct job_spare {
    bool is_there;
    uint64_t fence;
    const char *script_name; /* constant text */
    dev_t device;
    ino_t script; /* the file that we made */
};

/* Make the working directory and the script, and start the program.  All memory from a.  On failure
 * the text says, for people, why the attempt could not start. */
enum err_code job_start(const struct keeper_config *config, const struct attempt_spec *spec,
                        const struct job_files *files, struct job_spare *spare, struct arena *a,
                        pid_t *ret_pid, struct err *e) MUST_USE;
/* Remove the working directory, or keep it as spare when nothing is in it (and spare is not NULL).
 */
void job_clean(const struct keeper_config *config, uint64_t fence, struct job_spare *spare);
/* Remove the spare directory. */
void job_drop_spare(struct job_spare *spare);
/* "WEFT_WORK=..." as it stands in the environment of a fence's attempt, and of no other on this
 * machine. */
void job_mark(const char *dir, uint64_t fence, struct buf *out);

#endif
