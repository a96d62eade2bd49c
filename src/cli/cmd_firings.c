/* cli/cmd_firings.c - `weft ledger`, `weft upstreams`: what became of a task's firings, and what
 * the next ones would wait for. */
#include "cli/command.h"

#include <stdio.h>

#include "cli/option_param.h"
#include "cli/resolve.h"
#include "cli/table.h"

static void set_number(struct session *s, json_t *params, const char *option, const char *name,
                       int64_t otherwise)
{
    const char *value = args_get(&s->args, option);
    int64_t number = otherwise;

    if (value)
        str_to_i64(str_from(value), &number); /* a number: args_parse */
    json_object_set_new(params, name, json_integer(number));
    option_names(s, option, name);
}

/* ---- ledger -------------------------------------------------------------------------------- */

static void print_ledger(struct session *s, const json_t *data)
{
    static const char *const titles[] = { "PLANNED", "DATA TIME", "OUTCOME", "LATE (S)",
                                          "STATE",   "REASON",    NULL };
    const json_t *item, *count;
    struct table_text table;
    const char *gap = "";
    size_t n, i;

    table_init(&table, &s->arena, titles);
    json_array_foreach(json_object_get(data, "Items"), n, item)
    {
        const char *cells[] = { member(s, item, "SchedulerTime"), member(s, item, "CurRunDate"),
                                member(s, item, "Outcome"),       member(s, item, "LateSeconds"),
                                member(s, item, "InstanceState"), member(s, item, "Reason") };
        table_row(&table, cells);
    }
    table_print(&table, stdout);
    printf("%zu of %s: ", n, member(s, data, "TotalCount"));
    json_array_foreach(json_object_get(data, "Counts"), i, count)
    {
        if (json_integer_value(json_object_get(count, "Count")) == 0)
            continue;
        printf("%s%s %s", gap, member(s, count, "Count"), member(s, count, "Outcome"));
        gap = ", ";
    }
    printf("%s\n", gap[0] ? "" : "nothing was planned");
}

static int run_ledger(struct session *s)
{
    json_t *response, *params;
    const char *task;

    if (!args_has(&s->args, "from") || !args_has(&s->args, "to"))
        return session_fail(s, EXIT_USAGE, "which period? --from TIME and --to TIME");
    int status = resolve_task(s, s->args.words[0], &task);
    if (status != EXIT_DONE)
        return status;
    params = json_pack("{s:s,s:s}", "ProjectId", s->project, "TaskId", task);
    option_time(s, params, "from", "From", false);
    option_time(s, params, "to", "To", true);
    set_number(s, params, "page", "PageNumber", 1);
    set_number(s, params, "size", "PageSize", 50);
    status = session_call(s, VERSION_WEFT, "ListTaskFirings", params, &response);
    if (status != EXIT_DONE)
        return status;
    if (s->json)
        print_json(json_object_get(response, "Data"));
    else
        print_ledger(s, json_object_get(response, "Data"));
    json_decref(response);
    return EXIT_DONE;
}

/* ---- upstreams ----------------------------------------------------------------------------- */

static void print_candidates(struct session *s, const json_t *firing)
{
    static const char *const titles[] = { "UPSTREAM",    "NAME",  "DATA TIME",
                                          "ON SCHEDULE", "STATE", NULL };
    const json_t *list = json_object_get(firing, "Candidates"), *item;
    struct table_text table;
    size_t i;

    if (json_array_size(list) == 0)
        return;
    table_init(&table, &s->arena, titles);
    json_array_foreach(list, i, item)
    {
        const char *cells[] = { member(s, item, "UpstreamTaskId"), member(s, item, "TaskName"),
                                member(s, item, "CurRunDate"), member(s, item, "OnSchedule"),
                                member(s, item, "InstanceState") };
        table_row(&table, cells);
    }
    table_print(&table, stdout);
}

static void print_upstreams(struct session *s, const json_t *data)
{
    const json_t *firing, *dependency;
    size_t i, j, shown = 0;

    json_array_foreach(json_object_get(data, "Items"), i, firing)
    {
        printf("%sdata time %s, planned %s\n", i > 0 ? "\n" : "", member(s, firing, "CurRunDate"),
               member(s, firing, "SchedulerTime"));
        print_candidates(s, firing);
        shown += json_array_size(json_object_get(firing, "Candidates"));
        json_array_foreach(json_object_get(firing, "Dependencies"), j, dependency)
        {
            const char *message = member(s, dependency, "Message");
            if (message)
                printf("  - %s: %s\n", member(s, dependency, "UpstreamTaskId"), message);
        }
    }
    if (i == 0)
        puts("the task does not fire any more");
    else
        printf("\n%zu of %s%s\n", shown, member(s, data, "TotalCount"),
               json_is_true(json_object_get(data, "CountIsComplete")) ? "" : " or more");
}

static int run_upstreams(struct session *s)
{
    json_t *response, *params;
    const char *task;
    int status = resolve_task(s, s->args.words[0], &task);

    if (status != EXIT_DONE)
        return status;
    params = json_pack("{s:s,s:s}", "ProjectId", s->project, "TaskId", task);
    option_time(s, params, "after", "After", false);
    set_number(s, params, "count", "Count", 3);
    status = session_call(s, VERSION_WEFT, "PreviewTaskUpstreams", params, &response);
    if (status != EXIT_DONE)
        return status;
    if (s->json)
        print_json(json_object_get(response, "Data"));
    else
        print_upstreams(s, json_object_get(response, "Data"));
    json_decref(response);
    return EXIT_DONE;
}

static const struct option_help ledger_options[] = {
    { "from", "TIME", "planned from 'yyyy-MM-dd HH:mm:ss' or yyyy-MM-dd on, in the task's zone" },
    { "to", "TIME", "planned at or before it; a date: to its end" },
    { "page", "N", "page number [1]" },
    { "size", "N", "firings per page [50]" },
    { NULL, NULL, NULL },
};
static const struct option_help upstreams_options[] = {
    { "after", "TIME",
      "after 'yyyy-MM-dd HH:mm:ss' or the first second of a date, in the task's zone [now]" },
    { "count", "N", "how many firings [3]" },
    { NULL, NULL, NULL },
};
const struct command command_ledger = { "ledger",
                                        "ledger TASK --from TIME --to TIME",
                                        "what became of every firing of a task",
                                        ledger_options,
                                        1,
                                        1,
                                        true,
                                        run_ledger };
const struct command command_upstreams = { "upstreams",
                                           "upstreams TASK [--after TIME]",
                                           "what the next firings would wait for",
                                           upstreams_options,
                                           1,
                                           1,
                                           true,
                                           run_upstreams };
