/* cli/cmd_list.c - `weft tasks`, `weft instances`, `weft show`: tables of what there is. */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/follow.h"
#include "cli/option_param.h"
#include "cli/resolve.h"
#include "cli/table.h"

enum { COLUMNS_MAX = 8 };

/* Data.Items as a table of the named members. */
static void print_items(struct session *s, const json_t *data, const char *const *titles,
                        const char *const *names)
{
    const json_t *item;
    struct table_text table;
    size_t i;

    table_init(&table, &s->arena, titles);
    json_array_foreach(json_object_get(data, "Items"), i, item)
    {
        const char *cells[COLUMNS_MAX] = { NULL };
        for (int at = 0; names[at]; at++)
            cells[at] = member(s, item, names[at]);
        table_row(&table, cells);
    }
    table_print(&table, stdout);
    printf("%zu of %s\n", i, member(s, data, "TotalCount"));
}

static int number_option(struct session *s, const char *option, const char *field, int otherwise)
{
    const char *value = args_get(&s->args, option);
    int64_t number = otherwise;

    if (value)
        str_to_i64(str_from(value), &number); /* a number: args_parse */
    option_names(s, option, field);
    return (int)number;
}

static int run_list(struct session *s, const char *action, json_t *params,
                    const char *const *titles, const char *const *names)
{
    json_t *response;
    int status = session_call(s, VERSION_2025, action, params, &response);

    if (status != EXIT_DONE)
        return status;
    if (s->json)
        print_json(json_object_get(response, "Data"));
    else
        print_items(s, json_object_get(response, "Data"), titles, names);
    json_decref(response);
    return EXIT_DONE;
}

static int run_tasks(struct session *s)
{
    static const char *const titles[] = { "TASK",      "NAME",  "STATUS",  "VERSION",
                                          "SUBMITTED", "OWNER", "CREATED", NULL };
    static const char *const names[] = { "TaskId", "TaskName", "Status",     "TaskLatestVersionNo",
                                         "Submit", "OwnerUin", "CreateTime", NULL };
    json_t *params = json_pack("{s:s,s:i,s:i}", "ProjectId", s->project, "PageNumber",
                               number_option(s, "page", "PageNumber", 1), "PageSize",
                               number_option(s, "size", "PageSize", 50));

    option_text(s, params, "name", "TaskName");
    option_text(s, params, "status", "Status");
    if (args_has(&s->args, "workflow")) {
        const char *workflow;
        int status = resolve_workflow(s, args_get(&s->args, "workflow"), &workflow);
        if (status != EXIT_DONE)
            return json_decref(params), status;
        json_object_set_new(params, "WorkflowId", json_string(workflow));
    }
    return run_list(s, "ListTasks", params, titles, names);
}

static int run_instances(struct session *s)
{
    static const char *const titles[] = { "INSTANCE", "NAME",  "STATE", "PLANNED",
                                          "STARTED",  "ENDED", "TRIES", NULL };
    static const char *const names[] = { "InstanceKey",   "TaskName",  "InstanceState",
                                         "SchedulerTime", "StartTime", "EndTime",
                                         "Tries",         NULL };
    json_t *params = json_pack("{s:s,s:i,s:i}", "ProjectId", s->project, "PageNumber",
                               number_option(s, "page", "PageNumber", 1), "PageSize",
                               number_option(s, "size", "PageSize", 50));

    option_text(s, params, "task", "Keyword");
    option_text(s, params, "state", "InstanceState");
    option_time(s, params, "from", "ScheduleTimeFrom", false);
    option_time(s, params, "to", "ScheduleTimeTo", true);
    int status = run_list(s, "ListTaskInstances", params, titles, names);
    return status == EXIT_DONE && args_has(&s->args, "follow") ? follow_instances(s) : status;
}

static void print_members(struct session *s, const json_t *object)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        const char *text = member(s, object, name);
        if (text)
            printf("%-20s %s\n", name, text);
        else if (json_is_array(value)) {
            char *items = json_dumps(value, JSON_COMPACT);
            printf("%-20s %s\n", name, items);
            free(items); /* lint: jansson's own memory */
        }
    }
}

static void print_rounds(struct session *s, const json_t *data)
{
    const json_t *round, *phase;
    size_t i, j;

    json_array_foreach(json_object_get(data, "Items"), i, round)
    {
        printf("\nround %s  %s  %s\n", member(s, round, "LifeRoundNum"),
               member(s, round, "RunType"), member(s, round, "InstanceState"));
        json_array_foreach(json_object_get(round, "ExecutionPhaseList"), j, phase)
        {
            const char *end = member(s, phase, "EndTime");
            printf("  %-14s %s  %s\n", member(s, phase, "DetailState"),
                   member(s, phase, "StartTime"), end ? end : "...");
        }
    }
}

static int run_show(struct session *s)
{
    const char *key;
    json_t *instance, *rounds;
    int status = resolve_instance(s, s->args.words[0], &key);

    if (status == EXIT_DONE)
        status = session_call(s, VERSION_2025, "GetTaskInstance",
                              json_pack("{s:s,s:s}", "ProjectId", s->project, "InstanceKey", key),
                              &instance);
    if (status != EXIT_DONE)
        return status;
    status = session_call(
        s, VERSION_2025, "ListTaskInstanceExecutions",
        json_pack("{s:s,s:s,s:i}", "ProjectId", s->project, "InstanceKey", key, "PageSize", 20),
        &rounds);
    if (status == EXIT_DONE) {
        if (s->json) {
            json_object_set(json_object_get(instance, "Data"), "Executions",
                            json_object_get(rounds, "Data"));
            print_json(json_object_get(instance, "Data"));
        } else {
            print_members(s, json_object_get(instance, "Data"));
            print_rounds(s, json_object_get(rounds, "Data"));
        }
        json_decref(rounds);
    }
    json_decref(instance);
    return status;
}

static const struct option_help task_options[] = {
    { "name", "TEXT", "only names that contain TEXT" },
    { "workflow", "ID", "only tasks of this workflow, by id or name" },
    { "status", "S", "only this: N new, Y scheduling, O paused, F stopped, T stopping, INVALID" },
    { "page", "N", "page number [1]" },
    { "size", "N", "tasks per page [50]" },
    { NULL, NULL, NULL },
};
static const struct option_help instance_options[] = {
    { "task", "TEXT", "only tasks with this id, or with TEXT in their name; several with commas" },
    { "state", "S", "only this state, e.g. WAIT_UPSTREAM, RUNNING, EXPIRED" },
    { "from", "TIME", "planned at or after 'yyyy-MM-dd HH:mm:ss', or from yyyy-MM-dd on" },
    { "to", "TIME", "planned at or before it; a date: to its end" },
    { "page", "N", "page number [1]" },
    { "size", "N", "instances per page [50]" },
    { "follow", NULL, "then print what changes, as it happens, until Ctrl-C" },
    { NULL, NULL, NULL },
};
const struct command command_tasks = {
    "tasks", "tasks [--name TEXT] [--status S]", "list tasks", task_options, 0, 0, true, run_tasks
};
const struct command command_instances = { "instances",
                                           "instances [--task TEXT] [--state S] [--follow]",
                                           "list instances",
                                           instance_options,
                                           0,
                                           0,
                                           true,
                                           run_instances };
const struct command command_show = {
    "show", "show INSTANCE", "one instance with its rounds and phases", NULL, 1, 1, true, run_show
};
