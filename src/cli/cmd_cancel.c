/* cli/cmd_cancel.c - `weft cancel`: ends backfills and triggered runs, and what lives of them. */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/jobs.h"

static json_t *params_of(const struct session *s, const char *plan)
{
    return json_pack("{s:s,s:s}", "ProjectId", s->project, "DataBackfillPlanId", plan);
}

/* All are there, before any of them is ended. */
static int check_all(struct session *s)
{
    for (int i = 0; i < s->args.n_words; i++) {
        json_t *response;
        int status = session_call(s, VERSION_2025, "GetDataBackfillPlan",
                                  params_of(s, s->args.words[i]), &response);
        if (status != EXIT_DONE)
            return status;
        json_decref(response);
    }
    return EXIT_DONE;
}

static int confirm(struct session *s)
{
    char answer[16] = "";

    if (args_has(&s->args, "yes"))
        return EXIT_DONE;
    if (s->json || !isatty(STDIN_FILENO))
        return session_fail(s, EXIT_USAGE, "nothing was ended: nobody to ask; give --yes");
    printf("End %s, with the instances that live of %s? [y/N] ",
           s->args.n_words == 1 ? "this plan" : "these plans",
           s->args.n_words == 1 ? "it" : "them");
    fflush(stdout);
    if (fgets(answer, sizeof(answer), stdin) &&
        (strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0))
        return EXIT_DONE;
    return session_fail(s, EXIT_DIFFERENT, "nothing was ended");
}

static int run(struct session *s)
{
    int status = check_all(s), worst = EXIT_DONE;

    if (status == EXIT_DONE)
        status = confirm(s);
    for (int i = 0; i < s->args.n_words && status == EXIT_DONE; i++) {
        status = job_run(s, "DeleteDataBackfillPlanAsync", params_of(s, s->args.words[i]));
        if (status == EXIT_REFUSED) { /* the others can be ended all the same */
            worst = status;
            status = EXIT_DONE;
        }
    }
    return status == EXIT_DONE ? worst : status;
}

static const struct option_help options[] = {
    { "yes", NULL, "do not ask" },
    { "no-wait", NULL, "only begin it and print its ID, for weft jobs" },
    { NULL, NULL, NULL },
};
const struct command command_cancel = { .name = "cancel",
                                        .usage = "cancel PLAN... [--yes]",
                                        .help = "end backfills and triggered runs: what lives is "
                                                "killed, the plan is gone",
                                        .options = options,
                                        .words_min = 1,
                                        .words_max = 60,
                                        .needs_project = true,
                                        .run = run };
