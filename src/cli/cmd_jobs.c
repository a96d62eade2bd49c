/* cli/cmd_jobs.c - `weft jobs`, and waiting for what an ...Async action began. */
#include "cli/jobs.h"

#include <stdio.h>
#include <string.h>

#include "cli/follow.h"

static bool goes_on(const json_t *job)
{
    const char *state = text_of(job, "Status");

    return strcmp(state, "RUNNING") == 0 || strcmp(state, "INIT") == 0;
}

void job_refused(const json_t *job, job_take_refused *take, void *ctx)
{
    struct str rest = str_from(text_of(job, "ErrorDesc"));

    while (rest.len > 0) {
        ptrdiff_t at = str_find(rest, STR("; "));
        struct str one = at < 0 ? rest : str_sub(rest, 0, (size_t)at);
        ptrdiff_t colon = str_find(one, STR(": "));
        if (colon < 0)
            take(ctx, one, STR(""));
        else
            take(ctx, str_sub(one, 0, (size_t)colon), str_sub(one, (size_t)colon + 2, one.len));
        rest = at < 0 ? STR("") : str_sub(rest, (size_t)at + 2, rest.len);
    }
}

static void print_part(void *ctx, struct str what, struct str reason)
{
    (void)ctx;
    printf("  %.*s%s%.*s\n", STR_ARG(what), reason.len > 0 ? ": " : "", STR_ARG(reason));
}

/* One line, and one more for each part that failed. */
static void print_job(struct session *s, const char *id, const json_t *job, bool named)
{
    if (named)
        printf("%s  %s  ", id, text_of(job, "AsyncType"));
    printf("%s: %s of %s\n", text_of(job, "Status"), member(s, job, "SuccessSubProcessCount"),
           member(s, job, "TotalSubProcessCount"));
    job_refused(job, print_part, NULL);
}

static int look(struct follow *f, const char *id, json_t **ret)
{
    json_t *response;
    int status =
        follow_call(f, VERSION_2025, "GetOpsAsyncJob",
                    json_pack("{s:s,s:s}", "ProjectId", f->s->project, "AsyncId", id), &response);

    if (status != EXIT_DONE)
        return status;
    *ret = json_incref(json_object_get(response, "Data"));
    json_decref(response);
    return EXIT_DONE;
}

/* *ret: the job as it is, or as it ended. */
static int look_or_wait(struct session *s, const char *id, bool wait, json_t **ret)
{
    struct follow f;
    int status;

    follow_begin(&f, s);
    status = look(&f, id, ret);
    while (status == EXIT_DONE && wait && goes_on(*ret)) {
        json_decref(*ret);
        status = follow_wait(&f) ? EXIT_INTERRUPTED : look(&f, id, ret);
    }
    if (status == EXIT_INTERRUPTED)
        fprintf(stderr, "it goes on; weft jobs %s --wait waits for it again\n", id);
    return status;
}

static int status_of(const json_t *job)
{
    return goes_on(job) || strcmp(text_of(job, "Status"), "SUCCESS") == 0 ? EXIT_DONE
                                                                          : EXIT_REFUSED;
}

static const char *take_id(struct session *s, json_t *begun)
{
    const char *id =
        arena_cstr(&s->arena, str_from(text_of(json_object_get(begun, "Data"), "AsyncId")));

    json_decref(begun);
    return id;
}

int job_end(struct session *s, json_t *begun, json_t **ret)
{
    return look_or_wait(s, take_id(s, begun), true, ret);
}

int job_wait(struct session *s, json_t *begun)
{
    const char *id = take_id(s, begun);
    json_t *job;

    int status = look_or_wait(s, id, true, &job);
    if (status != EXIT_DONE)
        return status;
    if (s->json)
        print_json(job);
    else
        print_job(s, id, job, false);
    status = status_of(job);
    json_decref(job);
    return status;
}

int job_run(struct session *s, const char *action, json_t *params)
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

static int run(struct session *s)
{
    json_t *all = json_array(), *job;
    int status = EXIT_DONE, worst = EXIT_DONE;

    for (int i = 0; i < s->args.n_words && status == EXIT_DONE; i++) {
        const char *id = s->args.words[i];
        status = look_or_wait(s, id, args_has(&s->args, "wait"), &job);
        if (status != EXIT_DONE)
            break;
        if (status_of(job) != EXIT_DONE)
            worst = status_of(job);
        if (!s->json)
            print_job(s, id, job, true);
        json_array_append_new(all, job);
    }
    if (s->json && status == EXIT_DONE)
        print_json(all);
    json_decref(all);
    return status == EXIT_DONE ? worst : status;
}

static const struct option_help options[] = {
    { "wait", NULL, "until they are over; exit 1 unless all succeeded" },
    { NULL, NULL, NULL },
};
const struct command command_jobs = {
    .name = "jobs",
    .usage = "jobs ID... [--wait]",
    .help = "what became of pause, stop, kill, rerun, succeed, cancel",
    .options = options,
    .words_min = 1,
    .words_max = 60,
    .needs_project = true,
    .run = run
};
