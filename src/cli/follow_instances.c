/* cli/follow_instances.c - prints instances as they change. */
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "cal/zone.h"
#include "cli/color.h"
#include "cli/follow.h"
#include "cli/option_param.h"
#include "sys/clock.h"

/* A look sees at most 2,000 changes.  The clocks may differ by what a signature allows. */
enum { PAGE = 100, PAGES_MAX = 20, SKEW_S = 300 };

/* Changes are asked for from a second on, in which some were told already. */
struct changes {
    struct follow follow;
    const char *from, *to;          /* whole times; NULL: not given */
    char since[CIVIL_TEXT_LEN + 1]; /* in UTC+8, as instances have it */
    struct map told, told_next; /* "key state tries" of what was changed in that second or later */
    struct arena arenas[2];     /* of the text of the two */
    int current;
    bool first;
};

static json_t *params_of(struct changes *c, int page)
{
    static const char *const filters[][2] = { { "task", "Keyword" }, { "state", "InstanceState" } };
    struct session *s = c->follow.s;
    json_t *params = json_pack("{s:s,s:s,s:i,s:i}", "ProjectId", s->project, "LastUpdateTimeFrom",
                               c->since, "PageNumber", page, "PageSize", PAGE);

    for (size_t i = 0; i < ARRAY_LEN(filters); i++)
        option_text(s, params, filters[i][0], filters[i][1]);
    if (c->from)
        json_object_set_new(params, "ScheduleTimeFrom", json_string(c->from));
    if (c->to)
        json_object_set_new(params, "ScheduleTimeTo", json_string(c->to));
    return params;
}

static void print_change(struct session *s, const json_t *item)
{
    const char *state = text_of(item, "InstanceState");
    bool failed = strcmp(state, "EXPIRED") == 0 || strcmp(state, "FAILED_RETRY") == 0;

    if (s->json) {
        json_dumpf(item, stdout, JSON_COMPACT);
        putchar('\n');
    } else {
        printf("%s  ", text_of(item, "LastUpdateTime"));
        if (failed)
            color_begin(stdout, COLOR_RED);
        printf("%-13s", state);
        if (failed)
            color_end(stdout);
        printf("  %s  %s\n", text_of(item, "InstanceKey"), text_of(item, "TaskName"));
    }
    fflush(stdout);
}

static void take(struct changes *c, const json_t *item, bool tell, char newest[])
{
    const char *updated = text_of(item, "LastUpdateTime");
    struct str mark = arena_printf(&c->arenas[1 - c->current], "%s %s %lld %s %s",
                                   text_of(item, "InstanceKey"), text_of(item, "InstanceState"),
                                   (long long)json_integer_value(json_object_get(item, "Tries")),
                                   text_of(item, "StartTime"), updated);

    if (tell && !map_get(&c->told, mark))
        print_change(c->follow.s, item);
    map_put(&c->told_next, mark, c);
    if (strcmp(updated, newest) > 0)
        snprintf(newest, CIVIL_TEXT_LEN + 1, "%.*s", CIVIL_TEXT_LEN, updated);
}

static int look(struct changes *c, bool tell)
{
    char newest[CIVIL_TEXT_LEN + 1];
    size_t got = PAGE;

    memcpy(newest, c->since, sizeof(newest));
    for (int page = 1; got == PAGE && page <= PAGES_MAX; page++) {
        json_t *response;
        int status = follow_call(&c->follow, VERSION_2025, "ListTaskInstances", params_of(c, page),
                                 &response);
        if (status != EXIT_DONE)
            return status;
        const json_t *items = json_object_get(json_object_get(response, "Data"), "Items");
        got = json_array_size(items);
        for (size_t i = got; i-- > 0;)
            take(c, json_array_get(items, i), tell, newest);
        json_decref(response);
    }
    memcpy(c->since, newest, sizeof(newest));
    map_done(&c->told);
    c->told = c->told_next;
    map_init(&c->told_next);
    arena_reset(&c->arenas[c->current]);
    c->current = 1 - c->current;
    return EXIT_DONE;
}

int follow_instances(struct session *s)
{
    const char *from = args_get(&s->args, "from"), *to = args_get(&s->args, "to");
    struct changes c = { .follow = { .s = s },
                         .from = from ? option_whole_time(s, from, false) : NULL,
                         .to = to ? option_whole_time(s, to, true) : NULL };
    int status;

    fflush(stdout); /* what was printed before is seen before the waiting */
    civil_format(zone_to_civil(zone_default(), wall_add(clock_wall(), DUR_S(-SKEW_S))), c.since);
    map_init(&c.told);
    map_init(&c.told_next);
    arena_init(&c.arenas[0]);
    arena_init(&c.arenas[1]);
    follow_begin(&c.follow, s);
    status = look(&c, false);
    while (status == EXIT_DONE)
        status = follow_wait(&c.follow) ? EXIT_INTERRUPTED : look(&c, true);
    map_done(&c.told);
    map_done(&c.told_next);
    arena_done(&c.arenas[0]);
    arena_done(&c.arenas[1]);
    return status == EXIT_INTERRUPTED ? EXIT_DONE : status;
}
