/* cli/apply_status.c - carries out what files ask for: tasks are started, paused, stopped. */
#include "cli/apply.h"

#include <string.h>

#include "cli/jobs.h"

/* What was asked for without killing anything is done when it is answered; another server may take
 * its time. */
static int wait_for(struct apply *a, const struct project_item *want, json_t *begun)
{
    json_t *job;
    int status = job_end(a->s, begun, &job);

    if (status != EXIT_DONE)
        return status;
    if (strcmp(text_of(job, "Status"), "SUCCESS") != 0)
        status = session_fail(a->s, EXIT_REFUSED, "%s: Status: %s", want->file,
                              text_of(job, "ErrorDesc"));
    json_decref(job);
    return status;
}

int apply_status(struct apply *a, const struct project_item *want, const char *id)
{
    const char *wanted = plan_status(want);
    bool starts = strcmp(wanted, "Y") == 0;
    const char *action = starts                     ? "StartOpsTasks"
                         : strcmp(wanted, "O") == 0 ? "PauseOpsTasksAsync"
                                                    : "StopOpsTasksAsync";
    json_t *response;
    int status =
        apply_call(a, want, VERSION_2025, action,
                   json_pack("{s:s,s:[s]}", "ProjectId", a->s->project, "TaskIds", id), &response);

    if (status != EXIT_DONE || !starts)
        return status == EXIT_DONE ? wait_for(a, want, response) : status;
    json_decref(response);
    return EXIT_DONE;
}
