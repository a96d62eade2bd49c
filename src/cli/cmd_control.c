/* cli/cmd_control.c - `weft start`, `pause`, `stop` of tasks, `kill`, `rerun`, `succeed` of
 * instances: they ask for it and wait until it is done. */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "cli/jobs.h"
#include "cli/resolve.h"

static int run_async(struct session *s, const char *action, json_t *params)
{
    json_t *response;
    int status = session_call(s, VERSION_2025, action, params, &response);

    if (status != EXIT_DONE || !args_has(&s->args, "no-wait"))
        return status == EXIT_DONE ? job_wait(s, response) : status;
    if (s->json)
        print_json(json_object_get(response, "Data"));
    else
        puts(text_of(json_object_get(response, "Data"), "AsyncId"));
    json_decref(response);
    return EXIT_DONE;
}

static int run_start(struct session *s)
{
    json_t *tasks;
    int status = resolve_tasks(s, &tasks);

    if (status != EXIT_DONE)
        return status;
    return session_act(s, VERSION_2025, "StartOpsTasks",
                       json_pack("{s:s,s:o,s:b}", "ProjectId", s->project, "TaskIds", tasks,
                                 "EnableDataBackfill", args_has(&s->args, "make-up")));
}

static int leave(struct session *s, const char *action)
{
    json_t *tasks;
    int status = resolve_tasks(s, &tasks);

    return status != EXIT_DONE
               ? status
               : run_async(s, action,
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

    return status == EXIT_DONE ? run_async(s, "KillTaskInstancesAsync", params) : status;
}

static int run_succeed(struct session *s)
{
    json_t *params;
    int status = instances(s, &params);

    return status == EXIT_DONE ? run_async(s, "SetSuccessTaskInstancesAsync", params) : status;
}

static int run_rerun(struct session *s)
{
    const char *scope = args_get(&s->args, "scope"), *parents = args_get(&s->args, "parents"),
               *set = args_get(&s->args, "set"), *parallel = args_get(&s->args, "parallel");
    const char *type = args_has(&s->args, "only-children") ? "3"
                       : args_has(&s->args, "children")    ? "2"
                                                           : "1";
    const char *equals = set ? strchr(set, '=') : NULL;
    json_t *params;
    int64_t n = 0;

    if ((set && !equals) || (parallel && !str_to_i64(str_from(parallel), &n)))
        return session_fail(s, EXIT_USAGE, "--set takes NAME=VALUE, --parallel a number");
    int status = instances(s, &params);
    if (status != EXIT_DONE)
        return status;
    json_object_set_new(params, "RerunType", json_string(type));
    json_object_set_new(params, "SkipEventListening", json_boolean(!args_has(&s->args, "events")));
    if (scope)
        json_object_set_new(params, "SonRangeType", json_string(scope));
    if (parents)
        json_object_set_new(params, "CheckParentType", json_string(parents));
    if (parallel)
        json_object_set_new(params, "RedefineParallelNum", json_integer(n));
    if (equals)
        json_object_set_new(
            params, "RedefineParamList",
            json_pack("{s:s%,s:s}", "K", set, (size_t)(equals - set), "V", equals + 1));
    return run_async(s, "RerunTaskInstancesAsync", params);
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
static const struct option_help rerun_options[] = {
    { "children", NULL, "with everything downstream of them" },
    { "only-children", NULL, "what is downstream of them, without themselves" },
    { "scope", "WHERE", "of the children: WORKFLOW, PROJECT, ALL [WORKFLOW]" },
    { "parents", "HOW", "NONE: do not wait for upstream; ALL; MAKE_SCOPE [NONE]" },
    { "events", NULL, "wait for events too" },
    { "parallel", "N", "at most N at once, in place of the tasks' self-dependency" },
    { "set", "NAME=VALUE", "a parameter for these runs" },
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
const struct command command_rerun = { "rerun",
                                       "rerun INSTANCE... [--children]",
                                       "run ended instances again",
                                       rerun_options,
                                       1,
                                       WORDS_MAX,
                                       true,
                                       run_rerun };
const struct command command_succeed = { "succeed",
                                         "succeed INSTANCE...",
                                         "declare instances successful",
                                         wait_options,
                                         1,
                                         WORDS_MAX,
                                         true,
                                         run_succeed };
