/* api/act_job.h - the answer of calls that begin a job. */
#ifndef API_ACT_JOB_H
#define API_ACT_JOB_H

#include "api/action.h"

/* Data.AsyncId; the job's id stands at the beginning of c->state. */
struct job_state {
    struct str id; /* in the call's arena */
};
enum err_code answer_job(struct call *c);

#endif
