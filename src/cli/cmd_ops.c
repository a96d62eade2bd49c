/* cli/cmd_ops.c - `weft explain`, `logs`, `submit`, `preview`, `fire`: look at what runs, and set
 * it going. */
#include "cli/command.h"

#include <stdio.h>

#include "cli/follow.h"
#include "cli/option_param.h"
#include "cli/resolve.h"
#include "cli/table.h"

static void print_explanation(struct session *s, const char *key, const json_t *data, FILE *out)
{
    const char *reason = member(s, data, "Reason");
    const json_t *condition;
    size_t i;

    fprintf(out, "%s is %s%s%s\n", key, member(s, data, "InstanceState"), reason ? ": " : "",
            reason ? reason : "");
    json_array_foreach(json_object_get(data, "Conditions"), i, condition)
    {
        fprintf(out, "  - %s (since %s)\n", member(s, condition, "Message"),
                member(s, condition, "Since"));
    }
}

static int run_explain(struct session *s)
{
    json_t *response;
    const char *key;
    int status = resolve_instance(s, s->args.words[0], &key);

    if (status == EXIT_DONE)
        status = session_call(s, VERSION_WEFT, "ExplainTaskInstance",
                              json_pack("{s:s,s:s}", "ProjectId", s->project, "InstanceKey", key),
                              &response);
    if (status != EXIT_DONE)
        return status;
    const json_t *data = json_object_get(response, "Data");
    if (s->json)
        print_json(data);
    else
        print_explanation(s, key, data, stdout);
    json_decref(response);
    return EXIT_DONE;
}

/* ---- logs ---------------------------------------------------------------------------------- */

struct log_reader {
    struct follow follow;
    const char *key;
    json_t *cursor;
    json_t *lines; /* with --json: the texts of all pages */
    bool any;      /* there was something to read */
};

static json_t *log_params(const struct log_reader *r)
{
    struct session *s = r->follow.s;
    const char *round = args_get(&s->args, "round");
    json_t *params = json_pack("{s:s,s:s}", "ProjectId", s->project, "InstanceKey", r->key);
    int64_t number;

    option_text(s, params, "level", "LogLevel");
    option_names(s, "round", "LifeRoundNum");
    if (round && str_to_i64(str_from(round), &number))
        json_object_set_new(params, "LifeRoundNum", json_integer(number));
    if (r->cursor)
        json_object_set(params, "NextCursor", r->cursor);
    return params;
}

/* One page of the log; the cursor moves on.  *ret_more: the round goes on, or there is more to
 * read. */
static int print_log_page(struct log_reader *r, bool *ret_more)
{
    struct session *s = r->follow.s;
    json_t *response;
    int status =
        follow_call(&r->follow, VERSION_2025, "GetTaskInstanceLog", log_params(r), &response);

    if (status != EXIT_DONE)
        return status;
    const json_t *data = json_object_get(response, "Data");
    const char *text = text_of(data, "LogInfo");
    json_t *next = json_object_get(data, "NextCursor");
    if (s->json && text[0])
        json_array_append(r->lines, json_object_get(data, "LogInfo"));
    else
        fputs(text, stdout);
    fflush(stdout);
    *ret_more = json_is_string(next) &&
                (args_has(&s->args, "follow") || !r->cursor || !json_equal(next, r->cursor));
    if (json_is_string(next)) {
        json_decref(r->cursor);
        r->cursor = json_incref(next);
    }
    bool idle = !text[0];
    r->any |= !idle;
    json_decref(response);
    return *ret_more && idle && follow_wait(&r->follow) ? EXIT_INTERRUPTED : EXIT_DONE;
}

/* Nothing is what a log has before the first attempt: why there was none is told in its place. */
static int tell_no_attempt(struct log_reader *r)
{
    struct session *s = r->follow.s;
    json_t *params = json_pack("{s:s,s:s}", "ProjectId", s->project, "InstanceKey", r->key);
    json_t *instance, *response;
    int status =
        follow_call(&r->follow, VERSION_2025, "GetTaskInstance", json_incref(params), &instance);

    if (status != EXIT_DONE)
        return json_decref(params), status;
    bool tried =
        json_integer_value(json_object_get(json_object_get(instance, "Data"), "Tries")) > 0;
    json_decref(instance);
    if (tried)
        return json_decref(params), EXIT_DONE;
    status = follow_call(&r->follow, VERSION_WEFT, "ExplainTaskInstance", params, &response);
    if (status != EXIT_DONE)
        return status;
    fputs("there is no log, as no attempt has begun: ", stderr);
    print_explanation(s, r->key, json_object_get(response, "Data"), stderr);
    json_decref(response);
    return EXIT_DONE;
}

static int run_logs(struct session *s)
{
    struct log_reader r = { .lines = json_array() };
    bool more = true;
    int status = resolve_instance(s, s->args.words[0], &r.key);

    follow_begin(&r.follow, s);
    if (status == EXIT_DONE)
        status = print_log_page(&r, &more);
    if (status == EXIT_DONE && !r.any && !s->json && !args_has(&s->args, "round"))
        status = tell_no_attempt(&r);
    while (more && status == EXIT_DONE)
        status = print_log_page(&r, &more);
    if (s->json && status == EXIT_DONE) {
        json_t *out = json_pack("{s:s,s:O}", "InstanceKey", r.key, "Log", r.lines);
        print_json(out);
        json_decref(out);
    }
    json_decref(r.cursor);
    json_decref(r.lines);
    return status;
}

/* ---- tasks and events ---------------------------------------------------------------------- */

static int run_submit(struct session *s)
{
    const char *remark = args_get(&s->args, "remark"), *task;
    json_t *response;

    option_names(s, "remark", "VersionRemark");
    int status = resolve_task(s, s->args.words[0], &task);

    if (status == EXIT_DONE)
        status = session_call(s, VERSION_2025, "SubmitTask",
                              json_pack("{s:s,s:s,s:s}", "ProjectId", s->project, "TaskId", task,
                                        "VersionRemark", remark ? remark : "submitted by weft"),
                              &response);
    if (status != EXIT_DONE)
        return status;
    const json_t *data = json_object_get(response, "Data");
    if (s->json)
        print_json(data);
    else
        printf("submitted as %s\n", member(s, data, "VersionId"));
    json_decref(response);
    return EXIT_DONE;
}

static void show_preview(struct session *s, const json_t *items)
{
    static const char *const titles[] = { "PLANNED", "DATA TIME", "AT (UTC)", NULL };
    struct table_text table;
    const json_t *item;
    size_t i;

    if (json_array_size(items) == 0) {
        puts(
            "no firing is left: the cron names no more time from StartTime to EndTime, or the task "
            "is one of a manual workflow");
        return;
    }
    table_init(&table, &s->arena, titles);
    json_array_foreach(items, i, item)
    {
        const char *cells[] = { member(s, item, "SchedulerTime"), member(s, item, "CurRunDate"),
                                member(s, item, "At") };
        table_row(&table, cells);
    }
    table_print(&table, stdout);
}

static int run_preview(struct session *s)
{
    static const struct {
        const char *option, *name;
    } texts[] = {
        { "cycle", "CycleType" },
        { "cron", "CrontabExpression" },
        { "zone", "ScheduleTimeZone" },
    };
    const char *count = args_get(&s->args, "count");
    int64_t number = 10;
    json_t *response, *params = json_pack("{s:s}", "ProjectId", s->project);
    size_t i;

    if (s->args.n_words == 0 && !args_has(&s->args, "cron"))
        return json_decref(params),
               session_fail(s, EXIT_USAGE, "preview of what? a TASK, or --cron EXPR");
    if (s->args.n_words > 0) {
        const char *task;
        int found = resolve_task(s, s->args.words[0], &task);
        if (found != EXIT_DONE)
            return json_decref(params), found;
        json_object_set_new(params, "TaskId", json_string(task));
    }
    for (i = 0; i < ARRAY_LEN(texts); i++)
        option_text(s, params, texts[i].option, texts[i].name);
    option_time(s, params, "after", "After", false);
    option_names(s, "count", "Count");
    if (count && str_to_i64(str_from(count), &number))
        json_object_set_new(params, "Count", json_integer(number));
    int status = session_call(s, VERSION_WEFT, "PreviewTaskFirings", params, &response);
    if (status != EXIT_DONE)
        return status;
    const json_t *data = json_object_get(response, "Data");
    if (s->json)
        print_json(data);
    else
        show_preview(s, json_object_get(data, "Items"));
    json_decref(response);
    return EXIT_DONE;
}

static int run_fire(struct session *s)
{
    const json_t *failure;
    json_t *response;
    size_t i;
    int status =
        session_call(s, VERSION_2021, "TriggerDsEvent",
                     json_pack("{s:s,s:[{s:s,s:s}]}", "ProjectId", s->project, "EventCaseList",
                               "Name", s->args.words[0], "Dimension", s->args.words[1]),
                     &response);

    if (status != EXIT_DONE)
        return status;
    const json_t *data = json_object_get(response, "Data");
    bool failed = json_integer_value(json_object_get(data, "FailCount")) > 0;
    if (s->json)
        print_json(data);
    else if (!failed)
        printf("fired %s for %s\n", s->args.words[0], s->args.words[1]);
    json_array_foreach(json_object_get(data, "FailMessageList"), i, failure) session_fail(
        s, EXIT_REFUSED, "%s: %s", text_of(failure, "Key"), text_of(failure, "ErrorMessage"));
    json_decref(response);
    return failed ? EXIT_REFUSED : EXIT_DONE;
}

static const struct option_help log_options[] = {
    { "follow", NULL, "go on until the round has ended" },
    { "round", "N", "which round [the newest]" },
    { "level", "L", "only lines of this level: Debug, Info, Warn, Error [All]" },
    { NULL, NULL, NULL },
};
static const struct option_help submit_options[] = {
    { "remark", "TEXT", "what is new in this version" },
    { NULL, NULL, NULL },
};
static const struct option_help preview_options[] = {
    { "cron", "EXPR", "Quartz expression, instead of or over the task's" },
    { "cycle", "TYPE", "cycle type, e.g. DAY_CYCLE" },
    { "zone", "ZONE", "time zone, e.g. UTC+8 or Europe/Berlin" },
    { "after", "TIME",
      "firings after 'yyyy-MM-dd HH:mm:ss', or after the first second of a date [now]" },
    { "count", "N", "how many [10]" },
    { NULL, NULL, NULL },
};
const struct command command_explain = {
    "explain", "explain INSTANCE", "why it has not started (or not ended) yet", NULL, 1, 1,
    true,      run_explain
};
const struct command command_logs = {
    "logs", "logs INSTANCE [--follow]", "the log of an instance", log_options, 1, 1, true, run_logs
};
const struct command command_submit = { "submit",
                                        "submit TASK [--remark TEXT]",
                                        "submit the newest version of a task",
                                        submit_options,
                                        1,
                                        1,
                                        true,
                                        run_submit };
const struct command command_preview = { "preview",
                                         "preview [TASK] [--cron EXPR]",
                                         "the next firings of a task or a cron",
                                         preview_options,
                                         0,
                                         1,
                                         true,
                                         run_preview };
const struct command command_fire = { "fire",
                                      "fire EVENT DIMENSION",
                                      "fire an event, e.g. fire sales_done 20260101",
                                      NULL,
                                      2,
                                      2,
                                      true,
                                      run_fire };
