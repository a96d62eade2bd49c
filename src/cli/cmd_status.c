/* cli/cmd_status.c - `weft status`: one screen for whoever was woken up. */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "cal/zone.h"
#include "cli/color.h"
#include "cli/table.h"
#include "sys/clock.h"

enum { SHOWN = 5, EXPLAINED_MAX = 40, DAY_S = 24 * 3600, LATE_S = 600 };

struct status {
    struct session *s;
    json_t *out; /* what is shown, for programs */
};

static void time_text(int64_t seconds_ago, char out[CIVIL_TEXT_LEN + 1])
{
    struct wall at = { clock_wall().us - seconds_ago * 1000000 };

    civil_format(zone_to_civil(zone_default(), at), out);
}

/* Instances of a state; more: further parameters, taken over, or NULL. */
static int list(struct status *st, const char *state, int size, json_t *more, json_t **ret)
{
    json_t *params = json_pack("{s:s,s:s,s:i,s:i}", "ProjectId", st->s->project, "InstanceState",
                               state, "PageNumber", 1, "PageSize", size);
    json_t *response;

    if (more)
        json_object_update(params, more);
    json_decref(more);
    int status = session_call(st->s, VERSION_2025, "ListTaskInstances", params, &response);
    if (status != EXIT_DONE)
        return status;
    *ret = json_incref(json_object_get(response, "Data"));
    json_decref(response);
    return EXIT_DONE;
}

static int64_t total_of(const json_t *data)
{
    return json_integer_value(json_object_get(data, "TotalCount"));
}

/* ---- counts -------------------------------------------------------------------------------- */

static int show_counts(struct status *st)
{
    static const char *const states[] = { "RUNNING", "WAIT_RUN", "FAILED_RETRY", "WAIT_UPSTREAM",
                                          "WAIT_EVENT" };
    json_t *counts = json_object(), *data;

    json_object_set_new(st->out, "Live", counts);
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        int status = list(st, states[i], 1, NULL, &data);
        if (status != EXIT_DONE)
            return status;
        json_object_set_new(counts, states[i], json_integer(total_of(data)));
        if (!st->s->json)
            printf("%s%s %lld", i > 0 ? "   " : "", states[i], (long long)total_of(data));
        json_decref(data);
    }
    if (!st->s->json)
        putchar('\n');
    return EXIT_DONE;
}

/* ---- lists --------------------------------------------------------------------------------- */

static void show_items(struct status *st, const char *title, const char *name, json_t *data,
                       const char *time, const char *time_title)
{
    const char *const titles[] = { "INSTANCE", "NAME", "STATE", time_title, "TRIES", NULL };
    struct session *s = st->s;
    struct table_text table;
    const json_t *item;
    size_t i;

    json_object_set_new(st->out, name,
                        json_pack("{s:I,s:O}", "TotalCount", (json_int_t)total_of(data), "Items",
                                  json_object_get(data, "Items")));
    if (s->json || total_of(data) == 0)
        return;
    color_begin(stdout, COLOR_BOLD);
    printf("\n%s: %lld\n", title, (long long)total_of(data));
    color_end(stdout);
    table_init(&table, &s->arena, titles);
    json_array_foreach(json_object_get(data, "Items"), i, item)
    {
        const char *cells[] = { member(s, item, "InstanceKey"), member(s, item, "TaskName"),
                                member(s, item, "InstanceState"), member(s, item, time),
                                member(s, item, "Tries") };
        table_row(&table, cells);
    }
    table_print(&table, stdout);
    if (total_of(data) > (int64_t)i)
        printf("and %lld more\n", (long long)total_of(data) - (long long)i);
}

static int show_list(struct status *st, const char *title, const char *name, const char *state,
                     json_t *more, const char *time, const char *time_title)
{
    json_t *data;
    int status = list(st, state, SHOWN, more, &data);

    if (status != EXIT_DONE)
        return status;
    show_items(st, title, name, data, time, time_title);
    json_decref(data);
    return EXIT_DONE;
}

static int show_running(struct status *st)
{
    return show_list(st, "running, the longest first", "Running", "RUNNING",
                     json_pack("{s:s,s:s}", "SortColumn", "START_TIME", "SortType", "ASC"),
                     "StartTime", "STARTED");
}

static int show_failed(struct status *st)
{
    char since[CIVIL_TEXT_LEN + 1];

    time_text(DAY_S, since);
    return show_list(st, "failed in the last 24 hours", "Failed", "EXPIRED",
                     json_pack("{s:s,s:s,s:s}", "LastUpdateTimeFrom", since, "SortColumn",
                               "END_TIME", "SortType", "DESC"),
                     "EndTime", "ENDED");
}

/* ---- why they wait ------------------------------------------------------------------------- */

static const char *condition_name(struct session *s, const json_t *condition)
{
    const char *what = member(s, condition, "EventName");

    if (!what)
        what = member(s, condition, "TaskName");
    if (!what)
        what = member(s, condition, "ResourceGroupId");
    return what ? arena_printf(&s->arena, "%s %s", text_of(condition, "Kind"), what).ptr
                : arena_printf(&s->arena, "%s", text_of(condition, "Kind")).ptr;
}

/* Counts the unmet conditions of one instance. */
static int count_conditions(struct status *st, const char *key, json_t *counts)
{
    const json_t *condition;
    struct failure failure;
    json_t *response;
    size_t i;
    int status =
        session_try(st->s, VERSION_WEFT, "ExplainTaskInstance",
                    json_pack("{s:s,s:s}", "ProjectId", st->s->project, "InstanceKey", key),
                    &response, &failure);

    if (status == EXIT_REFUSED)
        return EXIT_DONE; /* over, or gone, since it was listed */
    if (status != EXIT_DONE)
        return session_report(st->s, &failure);
    json_array_foreach(json_object_get(json_object_get(response, "Data"), "Conditions"), i,
                       condition)
    {
        const char *name = condition_name(st->s, condition);
        json_int_t n = json_integer_value(json_object_get(counts, name));
        json_object_set_new(counts, name, json_integer(n + 1));
    }
    json_decref(response);
    return EXIT_DONE;
}

static void print_counts(const json_t *counts, size_t explained)
{
    const char *name;
    json_t *n;

    if (json_object_size(counts) == 0)
        return;
    color_begin(stdout, COLOR_BOLD);
    printf("\nwaiting for (of the %zu oldest)\n", explained);
    color_end(stdout);
    json_object_foreach((json_t *)(uintptr_t)counts, name, n)
        printf("%6lld  %s\n", (long long)json_integer_value(n), name);
}

static int show_why(struct status *st)
{
    static const char *const states[] = { "WAIT_RUN", "WAIT_EVENT", "WAIT_UPSTREAM" };
    json_t *counts = json_object(), *data;
    const json_t *item;
    size_t explained = 0, i;
    int status = EXIT_DONE;

    json_object_set_new(st->out, "WaitingFor", counts);
    for (size_t k = 0; k < ARRAY_LEN(states) && status == EXIT_DONE; k++) {
        status =
            list(st, states[k], EXPLAINED_MAX / 2, json_pack("{s:s}", "SortType", "ASC"), &data);
        if (status != EXIT_DONE)
            break;
        json_array_foreach(json_object_get(data, "Items"), i, item)
        {
            if (explained == EXPLAINED_MAX || status != EXIT_DONE)
                break;
            status = count_conditions(st, text_of(item, "InstanceKey"), counts);
            explained++;
        }
        json_decref(data);
    }
    if (status == EXIT_DONE && !st->s->json)
        print_counts(counts, explained);
    return status;
}

/* Planned a while ago, and not begun. */
static int show_late(struct status *st)
{
    static const struct {
        const char *title, *name, *state;
    } rows[] = {
        { "late: planned over 10 minutes ago, wait for a slot", "LateRun", "WAIT_RUN" },
        { "late: planned over 10 minutes ago, wait for upstream", "LateUpstream", "WAIT_UPSTREAM" },
        { "late: planned over 10 minutes ago, wait for an event", "LateEvent", "WAIT_EVENT" },
    };
    char until[CIVIL_TEXT_LEN + 1];
    int status = EXIT_DONE;

    time_text(LATE_S, until);
    for (size_t i = 0; i < ARRAY_LEN(rows) && status == EXIT_DONE; i++)
        status = show_list(st, rows[i].title, rows[i].name, rows[i].state,
                           json_pack("{s:s,s:s}", "ScheduleTimeTo", until, "SortType", "ASC"),
                           "SchedulerTime", "PLANNED");
    return status;
}

static int run(struct session *s)
{
    static int (*const parts[])(struct status *) = { show_counts, show_failed, show_running,
                                                     show_late, show_why };
    struct status st = { .s = s, .out = json_object() };
    int status = EXIT_DONE;

    for (size_t i = 0; i < ARRAY_LEN(parts) && status == EXIT_DONE; i++)
        status = parts[i](&st);
    if (status == EXIT_DONE && s->json)
        print_json(st.out);
    json_decref(st.out);
    return status;
}

const struct command command_status = {
    .name = "status",
    .usage = "status",
    .help = "one screen: what runs, what waits and why, what failed lately, what is late",
    .needs_project = true,
    .run = run
};
