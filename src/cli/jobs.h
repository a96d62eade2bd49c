/* cli/jobs.h - waiting for what an ...Async action began. */
#ifndef CLI_JOBS_H
#define CLI_JOBS_H

#include "cli/command.h"

/* Takes over the response of an ...Async action, waits for its job, and tells how it ended.  Exit
 * status: 0, all of it succeeded. */
int job_wait(struct session *s, json_t *begun);

/* The same without a word; *ret: the job as it ended (json_decref). */
int job_end(struct session *s, json_t *begun, json_t **ret);

/* Calls an ...Async action; waits and tells, or with --no-wait prints only its id.  Exit status. */
int job_run(struct session *s, const char *action, json_t *params);

/* What of a job did not succeed, with the reason. */
typedef void job_take_refused(void *ctx, struct str what, struct str reason);
void job_refused(const json_t *job, job_take_refused *take, void *ctx);

#endif
