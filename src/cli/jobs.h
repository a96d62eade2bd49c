/* cli/jobs.h - waiting for what an ...Async action began. */
#ifndef CLI_JOBS_H
#define CLI_JOBS_H

#include "cli/command.h"

/* Takes over the response of an ...Async action, waits for its job, and tells how it ended.  Exit
 * status: 0, all of it succeeded. */
int job_wait(struct session *s, json_t *begun);

/* The same without a word; *ret: the job as it ended (json_decref). */
int job_end(struct session *s, json_t *begun, json_t **ret);

#endif
