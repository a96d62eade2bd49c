/* cli/cmd_export.c - `weft export`: a project as files. */
#include "cli/command.h"

#include <stdio.h>

#include "cli/project.h"

/* A draft that was never submitted, of a task that has a submitted version, stands in the file as
 * the task; somebody should know. */
static void tell_drafts(const struct project *p)
{
    for (size_t i = 0; i < p->n[DEFINITION_TASK]; i++) {
        const struct project_item *item = p->items[DEFINITION_TASK][i];
        if (item->ever_submitted && !json_is_true(json_object_get(item->definition, "Submit")))
            fprintf(stderr,
                    "weft: task %s has a draft newer than what is submitted; the file has "
                    "the draft, with Submit false\n",
                    item->name);
    }
}

static void print_sums(const struct session *s, const struct project *p, const char *dir,
                       size_t written, size_t removed)
{
    if (s->json) {
        json_t *out = json_pack("{s:s,s:I,s:I,s:I,s:I}", "Directory", dir, "Workflows",
                                (json_int_t)p->n[DEFINITION_WORKFLOW], "Tasks",
                                (json_int_t)p->n[DEFINITION_TASK], "FilesWritten",
                                (json_int_t)written, "FilesRemoved", (json_int_t)removed);
        print_json(out);
        json_decref(out);
        return;
    }
    printf("%s: %zu workflows, %zu tasks; %zu files written, %zu removed\n", dir,
           p->n[DEFINITION_WORKFLOW], p->n[DEFINITION_TASK], written, removed);
}

static int run(struct session *s)
{
    const char *dir = args_get(&s->args, "dir");
    struct project_names *names;
    struct project project;
    size_t written, removed;
    int status;

    if (!dir || !dir[0])
        return session_fail(s, EXIT_USAGE, "export needs --dir DIR");
    names = project_names_new(s);
    project_init(&project, &s->arena);
    status = project_load(s, names, &project);
    if (status == EXIT_DONE)
        status = project_write(s, &project, dir, args_has(&s->args, "hooks"), &written, &removed);
    if (status == EXIT_DONE) {
        tell_drafts(&project);
        print_sums(s, &project, dir, written, removed);
    }
    project_done(&project);
    project_names_free(names);
    return status;
}

static const struct option_help options[] = {
    { "dir", "DIR",
      "where to: a new or empty directory, or an earlier export to bring up to date" },
    { "hooks", NULL, "write the addresses that alarms go to; they are secrets" },
    { NULL, NULL, NULL },
};
const struct command command_export = {
    .name = "export",
    .usage = "export --dir DIR [--hooks]",
    .help = "write all that a project consists of as files, for git",
    .options = options,
    .needs_project = true,
    .run = run
};
