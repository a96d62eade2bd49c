/* cli/cmd_rerun.c - `weft rerun`: asks that instances run again, and follows them. */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "cli/follow.h"
#include "cli/jobs.h"
#include "cli/option_param.h"
#include "cli/resolve.h"

/* ---- what is asked for --------------------------------------------------------------------- */

static const char *type_of(const struct session *s)
{
    return args_has(&s->args, "only-children") ? "3" : args_has(&s->args, "children") ? "2" : "1";
}

static int params_of(struct session *s, json_t **ret)
{
    const char *set = args_get(&s->args, "set"), *parallel = args_get(&s->args, "parallel");
    const char *equals = set ? strchr(set, '=') : NULL;
    json_t *params, *keys;
    int64_t n = 0;

    if ((set && !equals) || (parallel && !str_to_i64(str_from(parallel), &n)))
        return session_fail(s, EXIT_USAGE, "--set takes NAME=VALUE, --parallel a number");
    int status = resolve_instances(s, &keys);
    if (status != EXIT_DONE)
        return status;
    params =
        json_pack("{s:s,s:o,s:s,s:b}", "ProjectId", s->project, "InstanceKeyList", keys,
                  "RerunType", type_of(s), "SkipEventListening", !args_has(&s->args, "events"));
    option_text(s, params, "scope", "SonRangeType");
    option_text(s, params, "parents", "CheckParentType");
    option_names(s, "parallel", "RedefineParallelNum");
    option_names(s, "set", "RedefineParamList");
    if (parallel)
        json_object_set_new(params, "RedefineParallelNum", json_integer(n));
    if (equals)
        json_object_set_new(
            params, "RedefineParamList",
            json_pack("{s:s%,s:s}", "K", set, (size_t)(equals - set), "V", equals + 1));
    *ret = params;
    return EXIT_DONE;
}

/* ---- what was accepted --------------------------------------------------------------------- */

static bool is_live(struct str reason)
{
    static const char *const states[] = { "WAIT_EVENT", "WAIT_UPSTREAM", "WAIT_RUN", "RUNNING",
                                          "FAILED_RETRY" };

    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        if (str_eq_c(reason, states[i]))
            return true;
    return false;
}

static void print_refused(void *ctx, struct str key, struct str reason)
{
    (void)ctx;
    if (is_live(reason))
        printf("  %.*s: it is %.*s, and only what has ended runs again: wait for its end, or weft "
               "kill it\n",
               STR_ARG(key), STR_ARG(reason));
    else
        printf("  %.*s: %.*s\n", STR_ARG(key), STR_ARG(reason));
}

static void print_accepted(struct session *s, const json_t *job)
{
    printf("accepted to run again: %s of %s\n", member(s, job, "SuccessSubProcessCount"),
           member(s, job, "TotalSubProcessCount"));
    job_refused(job, print_refused, NULL);
}

struct wanted {
    json_t *keys;
};

static void leave_out(void *ctx, struct str key, struct str reason)
{
    struct wanted *w = ctx;
    const json_t *one;
    size_t i;

    (void)reason;
    json_array_foreach(w->keys, i, one)
    {
        if (str_eq_c(key, json_string_value(one))) {
            json_array_remove(w->keys, i);
            return;
        }
    }
}

/* Those that were accepted, until they have ended. */
static int follow_accepted(struct session *s, json_t *job, json_t *keys)
{
    struct wanted w = { keys };
    json_t *items;

    job_refused(job, leave_out, &w);
    int status = follow_keys(s, keys, &items);
    if (s->json && (status == EXIT_DONE || status == EXIT_REFUSED)) {
        json_t *out = json_pack("{s:O,s:O}", "Job", job, "Instances", items);
        print_json(out);
        json_decref(out);
    }
    json_decref(items);
    return status;
}

static int run(struct session *s)
{
    bool waits = args_has(&s->args, "wait") || args_has(&s->args, "follow");
    json_t *params = NULL, *keys, *begun, *job;

    if (waits && (args_has(&s->args, "only-children") || args_has(&s->args, "no-wait")))
        return session_fail(s, EXIT_USAGE,
                            "--wait is for the instances that are named, and they are to run: it "
                            "goes with neither --only-children nor --no-wait");
    int status = params_of(s, &params);
    if (status != EXIT_DONE)
        return status;
    if (args_has(&s->args, "no-wait"))
        return job_run(s, "RerunTaskInstancesAsync", params);
    keys = json_deep_copy(json_object_get(params, "InstanceKeyList"));
    status = session_call(s, VERSION_2025, "RerunTaskInstancesAsync", params, &begun);
    if (status == EXIT_DONE)
        status = job_end(s, begun, &job);
    if (status != EXIT_DONE)
        return json_decref(keys), status;
    bool all = strcmp(text_of(job, "Status"), "SUCCESS") == 0;
    if (s->json && !waits)
        print_json(job);
    else if (!s->json)
        print_accepted(s, job);
    fflush(stdout);
    if (waits)
        status = follow_accepted(s, job, keys);
    json_decref(keys);
    json_decref(job);
    return status == EXIT_DONE && !all ? EXIT_REFUSED : status;
}

static const struct option_help options[] = {
    { "children", NULL, "with everything downstream of them" },
    { "only-children", NULL, "what is downstream of them, without themselves" },
    { "scope", "WHERE", "of the children: WORKFLOW, PROJECT, ALL [WORKFLOW]" },
    { "parents", "HOW", "NONE: do not wait for upstream; ALL; MAKE_SCOPE [NONE]" },
    { "events", NULL, "wait for events too" },
    { "parallel", "N", "at most N at once, in place of the tasks' self-dependency" },
    { "set", "NAME=VALUE", "a parameter for these runs" },
    { "wait", NULL, "until those that are named have ended; exit 1 unless all succeeded" },
    { "follow", NULL, "the same" },
    { "no-wait", NULL, "do not even wait until it is accepted; print its ID, for weft jobs" },
    { NULL, NULL, NULL },
};
const struct command command_rerun = { .name = "rerun",
                                       .usage = "rerun INSTANCE... [--children] [--wait]",
                                       .help = "run ended instances again",
                                       .options = options,
                                       .words_min = 1,
                                       .words_max = 60,
                                       .needs_project = true,
                                       .run = run };
