/* cli/cmd_apply.c - `weft apply`: makes a project what files say. */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/apply.h"

static bool is_confirmed(const struct apply *a)
{
    char answer[16] = "";

    printf("Make %s to project %s? [y/N] ", a->plan.n == 1 ? "this change" : "these changes",
           a->s->project);
    fflush(stdout);
    return fgets(answer, sizeof(answer), stdin) &&
           (strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0);
}

static void print_json_plan(const struct apply *a, bool applied)
{
    json_t *out = plan_json(a);

    json_object_set_new(out, "Applied", json_boolean(applied));
    print_json(out);
    json_decref(out);
}

/* The plan is made; *ret_applied: all of it was carried out. */
static int decide(struct apply *a, bool *ret_applied)
{
    struct session *s = a->s;

    *ret_applied = false;
    if (!s->json)
        plan_print(a);
    if (args_has(&s->args, "dry-run"))
        return a->plan.n > 0 ? EXIT_DIFFERENT : EXIT_DONE;
    if (a->plan.counts[CHANGE_IMPOSSIBLE] > 0)
        return session_fail(s, EXIT_REFUSED, "nothing was changed: see what cannot be");
    if (a->plan.n > 0 && !args_has(&s->args, "yes")) {
        if (s->json || !isatty(STDIN_FILENO))
            return session_fail(s, EXIT_USAGE,
                                "nothing was changed: nobody to ask; give --yes or --dry-run");
        if (!is_confirmed(a))
            return session_fail(s, EXIT_DIFFERENT, "nothing was changed");
    }
    int status = a->plan.n > 0 ? apply_run(a) : EXIT_DONE;
    *ret_applied = status == EXIT_DONE;
    return status;
}

static int run(struct session *s)
{
    const char *remark = args_get(&s->args, "remark");
    struct project want, have;
    struct apply a = { .s = s,
                       .want = &want,
                       .have = &have,
                       .prune = args_has(&s->args, "prune"),
                       .inform = args_has(&s->args, "inform"),
                       .remark = remark ? remark : "weft apply" };
    bool applied;
    int status;

    if (a.inform && !a.prune)
        return session_fail(s, EXIT_USAGE, "--inform is of deletions: it goes with --prune");
    a.names = project_names_new(s);
    map_init(&a.folders);
    project_init(&want, &s->arena);
    project_init(&have, &s->arena);
    status = project_read(s, s->args.words[0], &want);
    if (status == EXIT_DONE)
        status = project_load(s, a.names, &have);
    if (status == EXIT_DONE)
        status = plan_make(&a);
    if (status == EXIT_DONE) {
        status = decide(&a, &applied);
        if (s->json)
            print_json_plan(&a, applied);
    }
    plan_done(&a.plan);
    map_done(&a.folders);
    project_done(&want);
    project_done(&have);
    project_names_free(a.names);
    return status;
}

static const struct option_help options[] = {
    { "dry-run", NULL, "only show what differs; status 4 when something does" },
    { "yes", NULL, "do not ask" },
    { "prune", NULL, "delete what has no file: tasks, workflows; of kinds with files, more" },
    { "inform", NULL, "with --prune: tell the owners of tasks that wait for one that is deleted" },
    { "remark", "TEXT", "of the versions that are submitted [weft apply]" },
    { NULL, NULL, NULL },
};
const struct command command_apply = { .name = "apply",
                                       .usage =
                                           "apply DIR [--dry-run] [--yes] [--prune [--inform]]",
                                       .help = "make a project what the files of an export say",
                                       .options = options,
                                       .words_min = 1,
                                       .words_max = 1,
                                       .needs_project = true,
                                       .run = run };
