/* cli/cmd_trigger.c - `weft trigger`: runs a manual workflow, or some of its tasks. */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "cal/zone.h"
#include "cli/follow.h"
#include "cli/option_param.h"
#include "cli/resolve.h"
#include "sys/clock.h"

static const char *present_time(struct session *s)
{
    char text[CIVIL_TEXT_LEN + 1];

    civil_format(zone_to_civil(zone_default(), clock_wall()), text);
    return arena_cstr(&s->arena, str_from(text));
}

/* Every --at; none: now.  A date alone is its midnight. */
static json_t *times_of(struct session *s)
{
    json_t *list = json_array();
    struct civil day;

    for (int i = 0; i < s->args.n_options; i++) {
        struct str text = str_from(s->args.values[i]);
        if (strcmp(s->args.names[i], "at") != 0)
            continue;
        if (civil_parse_date(text, &day, NULL) == E_OK)
            text = arena_printf(&s->arena, "%.*s 00:00:00", STR_ARG(text));
        json_array_append_new(list, json_stringn(text.ptr, text.len));
    }
    if (json_array_size(list) == 0)
        json_array_append_new(list, json_string(present_time(s)));
    return list;
}

/* Every --param KEY=VALUE. */
static int add_params(struct session *s, json_t *params)
{
    json_t *list = json_array();

    json_object_set_new(params, "CustomParams", list);
    for (int i = 0; i < s->args.n_options; i++) {
        struct str value = str_from(s->args.values[i]);
        if (strcmp(s->args.names[i], "param") != 0)
            continue;
        struct str key = str_split(&value, '=');
        if (!value.ptr || key.len == 0)
            return session_fail(s, EXIT_USAGE, "--param needs KEY=VALUE, not %s",
                                s->args.values[i]);
        json_array_append_new(
            list, json_pack("{s:s%,s:s%}", "K", key.ptr, key.len, "V", value.ptr, value.len));
    }
    return EXIT_DONE;
}

/* The words behind the workflow, when there are any. */
static int add_tasks(struct session *s, json_t *params)
{
    json_t *list = json_array();
    bool all = s->args.n_words == 1;
    int status = EXIT_DONE;

    json_object_set_new(params, "TriggerScope",
                        json_string(all ? "ENTIRE_WORKFLOW" : "SPECIFIED_TASK"));
    json_object_set_new(params, "TaskIds", list);
    for (int i = 1; i < s->args.n_words && status == EXIT_DONE; i++) {
        const char *id;
        status = resolve_task(s, s->args.words[i], &id);
        if (status == EXIT_DONE)
            json_array_append_new(list, json_string(id));
    }
    return status;
}

static int run_trigger(struct session *s)
{
    bool follows = args_has(&s->args, "follow");
    const char *workflow, *name = args_get(&s->args, "name");
    json_t *params = NULL, *response;
    int status = resolve_workflow(s, s->args.words[0], &workflow);

    if (status != EXIT_DONE)
        return status;
    params = json_pack("{s:s,s:s,s:s,s:o}", "ProjectId", s->project, "WorkflowId", workflow,
                       "TriggerName", name ? name : "weft trigger", "DataTimeList", times_of(s));
    option_names(s, "at", "DataTimeList");
    option_names(s, "param", "CustomParams");
    option_names(s, "name", "TriggerName");
    option_text(s, params, "order", "ExecOrder");
    option_text(s, params, "group", "SchedulerResourceGroup");
    option_text(s, params, "remark", "Remark");
    status = add_params(s, params);
    if (status == EXIT_DONE)
        status = add_tasks(s, params);
    if (status != EXIT_DONE) {
        json_decref(params);
        return status;
    }
    status = session_call(s, VERSION_2021, "TriggerManualTasks", params, &response);
    if (status != EXIT_DONE)
        return status;
    const json_t *run = json_object_get(response, "Data");
    const char *id = arena_cstr(&s->arena, str_from(text_of(run, "TriggerId")));
    if (s->json && !follows)
        print_json(run);
    else if (!s->json)
        printf("%s\n", id);
    fflush(stdout);
    json_decref(response);
    return follows ? follow_plan(s, id) : EXIT_DONE;
}

static const struct option_help trigger_options[] = {
    { "at", "TIME", "a data time, yyyy-MM-dd or yyyy-MM-dd HH:mm:ss; may be repeated [now]" },
    { "param", "KEY=VALUE", "a parameter, before all others; may be repeated" },
    { "order", "HOW", "of several data times: ASC, DESC or RAND [ASC]" },
    { "group", "ID", "the resource group to run in [that of each task]" },
    { "name", "NAME", "what the run is called [weft trigger]" },
    { "remark", "TEXT", "why" },
    { "follow", NULL, "show the progress until the run has ended; exit 1 unless all succeeded" },
    { NULL, NULL, NULL },
};
const struct command command_trigger = { .name = "trigger",
                                         .usage = "trigger WORKFLOW [TASK...] [--at TIME]...",
                                         .help = "run a manual workflow, or some of its tasks",
                                         .options = trigger_options,
                                         .words_min = 1,
                                         .words_max = 60,
                                         .needs_project = true,
                                         .run = run_trigger };
