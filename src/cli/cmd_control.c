/* cli/cmd_control.c - `weft start`, `pause`, `stop` of tasks, `kill`, `succeed` of instances: they
 * ask for it and wait until it is done. */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "cli/jobs.h"
#include "cli/resolve.h"

static int run_start(struct session *s)
{
    json_t *tasks;
    int status = resolve_tasks(s, &tasks);

    if (status != EXIT_DONE)
        return status;
    size_t n = json_array_size(tasks);
    status = session_act(s, VERSION_2025, "StartOpsTasks",
                         json_pack("{s:s,s:o,s:b}", "ProjectId", s->project, "TaskIds", tasks,
                                   "EnableDataBackfill", args_has(&s->args, "make-up")));
    if (status == EXIT_DONE && !s->json)
        printf("SUCCESS: %zu of %zu\n", n, n); /* as of the others; all or none */
    return status;
}

static int leave(struct session *s, const char *action)
{
    json_t *tasks;
    int status = resolve_tasks(s, &tasks);

    return status != EXIT_DONE
               ? status
               : job_run(s, action,
                         json_pack("{s:s,s:o,s:b}", "ProjectId", s->project, "TaskIds", tasks,
                                   "KillInstance", args_has(&s->args, "kill")));
}

static int run_pause(struct session *s)
{
    return leave(s, "PauseOpsTasksAsync");
}

static int run_stop(struct session *s)
{
    return leave(s, "StopOpsTasksAsync");
}

/* The parameters that all actions on instances have. */
static int instances(struct session *s, json_t **ret)
{
    json_t *keys;
    int status = resolve_instances(s, &keys);

    if (status == EXIT_DONE)
        *ret = json_pack("{s:s,s:o}", "ProjectId", s->project, "InstanceKeyList", keys);
    return status;
}

static int run_kill(struct session *s)
{
    json_t *params;
    int status = instances(s, &params);

    return status == EXIT_DONE ? job_run(s, "KillTaskInstancesAsync", params) : status;
}

static int run_succeed(struct session *s)
{
    json_t *params;
    int status = instances(s, &params);

    return status == EXIT_DONE ? job_run(s, "SetSuccessTaskInstancesAsync", params) : status;
}

enum { WORDS_MAX = 60 };

static const struct option_help start_options[] = {
    { "make-up", NULL, "also make the instances that were due since the pause" },
    { NULL, NULL, NULL },
};
static const struct option_help leave_options[] = {
    { "kill", NULL, "end the instances that are live, too" },
    { "no-wait", NULL, "only begin it and print its ID, for weft jobs" },
    { NULL, NULL, NULL },
};
static const struct option_help wait_options[] = {
    { "no-wait", NULL, "only begin it and print its ID, for weft jobs" },
    { NULL, NULL, NULL },
};
const struct command command_start = { "start",
                                       "start TASK... [--make-up]",
                                       "start paused or stopped tasks",
                                       start_options,
                                       1,
                                       WORDS_MAX,
                                       true,
                                       run_start };
const struct command command_pause = { "pause",
                                       "pause TASK... [--kill]",
                                       "pause tasks: no new instances",
                                       leave_options,
                                       1,
                                       WORDS_MAX,
                                       true,
                                       run_pause };
const struct command command_stop = { "stop",
                                      "stop TASK... [--kill]",
                                      "take tasks out of scheduling",
                                      leave_options,
                                      1,
                                      WORDS_MAX,
                                      true,
                                      run_stop };
const struct command command_kill = { "kill",
                                      "kill INSTANCE...",
                                      "end instances, running ones with all their processes",
                                      wait_options,
                                      1,
                                      WORDS_MAX,
                                      true,
                                      run_kill };
const struct command command_succeed = { "succeed",
                                         "succeed INSTANCE...",
                                         "declare instances successful",
                                         wait_options,
                                         1,
                                         WORDS_MAX,
                                         true,
                                         run_succeed };
