/* cli/cmd_backfill.c - `weft backfill`: makes a plan and shows how it goes. */
#include "cli/command.h"

#include <stdio.h>
#include <unistd.h>

enum { POLL_US = 500000 };

static int show_progress(struct session *s, const char *plan)
{
    int64_t last = -1, complete = 0, success = 0;

    while (complete < 100) {
        json_t *response;
        int status = session_call(
            s, VERSION_2025, "GetDataBackfillPlan",
            json_pack("{s:s,s:s}", "ProjectId", s->project, "DataBackfillPlanId", plan), &response);
        if (status != EXIT_DONE)
            return status;
        const json_t *data = json_object_get(response, "Data");
        complete = json_integer_value(json_object_get(data, "CompletePercent"));
        success = json_integer_value(json_object_get(data, "SuccessPercent"));
        json_decref(response);
        if (complete != last)
            fprintf(stderr, "%3lld %% complete, %lld %% successful\n", (long long)complete,
                    (long long)success);
        last = complete;
        if (complete < 100)
            usleep(POLL_US); /* lint: a client that polls a server */
    }
    return success == 100 ? EXIT_DONE : EXIT_REFUSED;
}

static int run(struct session *s)
{
    const char *from = args_get(&s->args, "from"), *to = args_get(&s->args, "to");
    const char *parents = args_get(&s->args, "parents");
    json_t *tasks = json_array(), *response;

    if (!from) {
        fputs("weft: backfill needs --from yyyy-MM-dd\n", stderr);
        json_decref(tasks);
        return EXIT_USAGE;
    }
    for (int i = 0; i < s->args.n_words; i++)
        json_array_append_new(tasks, json_string(s->args.words[i]));
    int status = session_call(s, VERSION_2025, "CreateDataBackfillPlan",
                              json_pack("{s:s,s:o,s:[{s:s,s:s}],s:s,s:b}", "ProjectId", s->project,
                                        "TaskIds", tasks, "DataBackfillRangeList", "StartDate",
                                        from, "EndDate", to ? to : from, "CheckParentType",
                                        parents ? parents : "NONE", "SkipEventListening",
                                        !args_has(&s->args, "events")),
                              &response);
    if (status != EXIT_DONE)
        return status;
    const char *plan = arena_cstr(
        &s->arena, str_from(member(s, json_object_get(response, "Data"), "DataBackfillPlanId")));
    json_decref(response);
    printf("%s\n", plan);
    fflush(stdout);
    return args_has(&s->args, "wait") ? show_progress(s, plan) : EXIT_DONE;
}

static const struct option_help options[] = {
    { "from", "DATE", "first data date, yyyy-MM-dd" },
    { "to", "DATE", "last data date [the first]" },
    { "parents", "HOW",
      "NONE: do not wait for upstream; ALL; MAKE_SCOPE: only inside the plan [NONE]" },
    { "events", NULL, "wait for events too" },
    { "wait", NULL, "show the progress until the plan has ended; exit 1 unless all succeeded" },
    { NULL, NULL, NULL },
};
const struct command command_backfill = { "backfill",
                                          "backfill TASK... --from DATE [--to DATE]",
                                          "run tasks for past or future data dates",
                                          options,
                                          1,
                                          60,
                                          true,
                                          run };
