/* cli/cmd_backfill.c - `weft backfill`, `plan`, `plans`: past data times, planned and followed. */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "cli/follow.h"
#include "cli/option_param.h"
#include "cli/resolve.h"
#include "cli/table.h"

/* ---- backfill ------------------------------------------------------------------------------ */

static int make_plan(struct session *s, const char *from, json_t *tasks, const char **ret)
{
    const char *to = args_get(&s->args, "to"), *parents = args_get(&s->args, "parents");
    json_t *response;

    option_names(s, "from", "DataBackfillRangeList.0.StartDate");
    option_names(s, to ? "to" : "from", "DataBackfillRangeList.0.EndDate");
    option_names(s, "parents", "CheckParentType");
    int status = session_call(s, VERSION_2025, "CreateDataBackfillPlan",
                              json_pack("{s:s,s:o,s:[{s:s,s:s}],s:s,s:b}", "ProjectId", s->project,
                                        "TaskIds", tasks, "DataBackfillRangeList", "StartDate",
                                        from, "EndDate", to ? to : from, "CheckParentType",
                                        parents ? parents : "NONE", "SkipEventListening",
                                        !args_has(&s->args, "events")),
                              &response);

    if (status != EXIT_DONE)
        return status;
    *ret = arena_cstr(&s->arena,
                      str_from(text_of(json_object_get(response, "Data"), "DataBackfillPlanId")));
    if (s->json && !args_has(&s->args, "follow") && !args_has(&s->args, "wait"))
        print_json(json_object_get(response, "Data"));
    json_decref(response);
    return EXIT_DONE;
}

/* On stderr, as scripts take the id from stdout.  Only weft's own version counts them. */
static void tell_size(struct session *s, const char *plan)
{
    struct failure failure;
    json_t *response;

    if (session_try(s, VERSION_WEFT, "GetDataBackfillProgress",
                    json_pack("{s:s,s:s}", "ProjectId", s->project, "DataBackfillPlanId", plan),
                    &response, &failure) != EXIT_DONE)
        return;
    json_int_t total =
        json_integer_value(json_object_get(json_object_get(response, "Data"), "Total"));
    fprintf(stderr, "%lld instance%s; weft plan PLAN --follow follows, weft cancel PLAN ends it\n",
            (long long)total, total == 1 ? "" : "s");
    json_decref(response);
}

static int run_backfill(struct session *s)
{
    const char *from = args_get(&s->args, "from"), *plan;
    json_t *tasks;

    if (!from)
        return session_fail(s, EXIT_USAGE, "backfill needs --from yyyy-MM-dd");
    int status = resolve_tasks(s, &tasks);
    if (status == EXIT_DONE)
        status = make_plan(s, from, tasks, &plan);
    if (status != EXIT_DONE)
        return status;
    if (!s->json)
        printf("%s\n", plan);
    fflush(stdout);
    if (args_has(&s->args, "follow") || args_has(&s->args, "wait"))
        return follow_plan(s, plan);
    if (!s->json)
        tell_size(s, plan);
    return EXIT_DONE;
}

/* ---- plan ---------------------------------------------------------------------------------- */

static int get_plan(struct session *s, const char *plan, json_t **ret, struct failure *failure)
{
    return session_try(s, VERSION_2025, "GetDataBackfillPlan",
                       json_pack("{s:s,s:s}", "ProjectId", s->project, "DataBackfillPlanId", plan),
                       ret, failure);
}

static int run_plan(struct session *s)
{
    static const char *const shown[] = {
        "DataBackfillPlanName", "CreateUserUin", "StartTime", "EndTime",
        "CompletePercent",      "SuccessPercent"
    };
    struct failure failure;
    json_t *response;

    if (args_has(&s->args, "follow"))
        return follow_plan(s, s->args.words[0]);
    int status = get_plan(s, s->args.words[0], &response, &failure);
    if (status != EXIT_DONE)
        return session_report(s, &failure);
    const json_t *data = json_object_get(response, "Data");
    if (s->json)
        print_json(data);
    for (size_t i = 0; i < ARRAY_LEN(shown) && !s->json; i++)
        if (member(s, data, shown[i]))
            printf("%-20s %s\n", shown[i], member(s, data, shown[i]));
    json_decref(response);
    return EXIT_DONE;
}

/* ---- plans --------------------------------------------------------------------------------- */

static json_t *plans_params(struct session *s)
{
    const char *size = args_get(&s->args, "size");
    int64_t n = 10;

    if (size && !str_to_i64(str_from(size), &n))
        n = 10; /* a number: args_parse */
    option_names(s, "size", "PageSize");
    return json_pack("{s:s,s:I}", "ProjectId", s->project, "PageSize", (json_int_t)n);
}

static void take_plan(struct session *s, struct table_text *table, const char *id,
                      const json_t *data)
{
    const char *cells[] = { id,
                            member(s, data, "DataBackfillPlanName"),
                            member(s, data, "CreateUserUin"),
                            member(s, data, "StartTime"),
                            member(s, data, "CompletePercent"),
                            member(s, data, "SuccessPercent") };

    table_row(table, cells);
}

/* The list says which there are, each plan how far it is. */
static int run_plans(struct session *s)
{
    static const char *const titles[] = {
        "PLAN", "NAME", "BY", "MADE", "ENDED %", "SUCCESS %", NULL
    };
    json_t *list, *item, *all = json_array();
    struct failure failure;
    struct table_text table;
    size_t i;
    int status = session_call(s, VERSION_WEFT, "ListDataBackfillPlans", plans_params(s), &list);

    table_init(&table, &s->arena, titles);
    if (status == EXIT_DONE) {
        json_array_foreach(json_object_get(json_object_get(list, "Data"), "Items"), i, item)
        {
            const char *id = member(s, item, "DataBackfillPlanId");
            json_t *response;
            if (get_plan(s, id, &response, &failure) != EXIT_DONE)
                continue; /* deleted meanwhile */
            take_plan(s, &table, id, json_object_get(response, "Data"));
            json_array_append(all, json_object_get(response, "Data"));
            json_decref(response);
        }
        if (s->json)
            print_json(all);
        else
            table_print(&table, stdout);
        json_decref(list);
    }
    json_decref(all);
    return status;
}

/* ---- the table's rows ---------------------------------------------------------------------- */

static const struct option_help backfill_options[] = {
    { "from", "DATE", "first data date, yyyy-MM-dd" },
    { "to", "DATE", "last data date [the first]" },
    { "parents", "HOW",
      "NONE: do not wait for upstream; ALL; MAKE_SCOPE: only inside the plan [NONE]" },
    { "events", NULL, "wait for events too" },
    { "follow", NULL, "show the progress until the plan has ended; exit 1 unless all succeeded" },
    { "wait", NULL, "the same" },
    { NULL, NULL, NULL },
};
static const struct option_help plan_options[] = {
    { "follow", NULL, "show the progress until the plan has ended; exit 1 unless all succeeded" },
    { NULL, NULL, NULL },
};
static const struct option_help plans_options[] = {
    { "size", "N", "how many [10]" },
    { NULL, NULL, NULL },
};
const struct command command_backfill = { .name = "backfill",
                                          .usage = "backfill TASK... --from DATE [--to DATE]",
                                          .help = "run tasks for past or future data dates",
                                          .options = backfill_options,
                                          .words_min = 1,
                                          .words_max = 60,
                                          .needs_project = true,
                                          .run = run_backfill };
const struct command command_plan = { .name = "plan",
                                      .usage = "plan PLAN [--follow]",
                                      .help = "how far a backfill or a triggered run is",
                                      .options = plan_options,
                                      .words_min = 1,
                                      .words_max = 1,
                                      .needs_project = true,
                                      .run = run_plan };
const struct command command_plans = { .name = "plans",
                                       .usage = "plans [--size N]",
                                       .help = "the newest backfills and triggered runs",
                                       .options = plans_options,
                                       .needs_project = true,
                                       .run = run_plans };
