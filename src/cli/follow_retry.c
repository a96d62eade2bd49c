/* cli/follow_retry.c - what failed and will be tried again by itself: how many, and when. */
#include <stdio.h>
#include <string.h>

#include "cal/zone.h"
#include "cli/follow.h"
#include "sys/clock.h"

enum { PAGE = 100, TASKS_MAX = 60, LOOKS_APART = 8 /* 2 s: nobody waits for it */ };

/* "HH:mm:ss", with its date in front when that is another day. */
static const char *short_time(struct session *s, const char *time)
{
    char now[CIVIL_TEXT_LEN + 1];

    civil_format(zone_to_civil(zone_default(), clock_wall()), now);
    bool today = strncmp(now, time, 10) == 0 && strlen(time) == CIVIL_TEXT_LEN;
    return arena_cstr(&s->arena, str_from(today ? time + 11 : time));
}

const char *retry_time(struct session *s, const char *key)
{
    const json_t *condition;
    const char *ret = NULL;
    struct failure failure;
    json_t *response;
    size_t i;

    if (session_try(s, VERSION_WEFT, "ExplainTaskInstance",
                    json_pack("{s:s,s:s}", "ProjectId", s->project, "InstanceKey", key), &response,
                    &failure) != EXIT_DONE)
        return NULL;
    json_array_foreach(json_object_get(json_object_get(response, "Data"), "Conditions"), i,
                       condition)
    {
        if (strcmp(text_of(condition, "Kind"), "RETRY") == 0)
            ret = short_time(s, text_of(condition, "Until"));
    }
    json_decref(response);
    return ret;
}

/* Of the plan's data dates; a task has one instance for each. */
static bool is_of_plan(const json_t *plan, const json_t *item)
{
    const json_t *ranges = json_object_get(plan, "DataBackfillRangeList"), *range;
    const char *date = text_of(item, "CurRunDate");
    size_t i;

    json_array_foreach(ranges, i, range)
    {
        if (strncmp(date, text_of(range, "StartDate"), 10) >= 0 &&
            strncmp(date, text_of(range, "EndDate"), 10) <= 0)
            return true;
    }
    return json_array_size(ranges) == 0;
}

static const char *tasks_of(struct session *s, const json_t *plan)
{
    const json_t *task;
    struct str all = STR("");
    size_t i;

    json_array_foreach(json_object_get(plan, "TaskIds"), i, task)
    {
        all = arena_printf(&s->arena, "%.*s%s%s", STR_ARG(all), i > 0 ? "," : "",
                           json_string_value(task));
    }
    return all.ptr;
}

/* The one that failed first is most likely the next. */
static void take(struct retries *r, const json_t *plan, const json_t *items)
{
    const json_t *item, *first = NULL;
    size_t i;

    r->n = 0;
    json_array_foreach(items, i, item)
    {
        if (!is_of_plan(plan, item))
            continue;
        r->n++;
        if (!first || strcmp(text_of(item, "LastUpdateTime"), text_of(first, "LastUpdateTime")) < 0)
            first = item;
    }
    r->next = first ? retry_time(r->s, text_of(first, "InstanceKey")) : NULL;
}

void retries_look(struct retries *r, const json_t *plan)
{
    struct failure failure;
    json_t *response;

    if (json_array_size(json_object_get(plan, "TaskIds")) > TASKS_MAX ||
        ++r->looks % LOOKS_APART != 0)
        return;
    if (!r->tasks)
        r->tasks = tasks_of(r->s, plan);
    if (session_try(r->s, VERSION_2025, "ListTaskInstances",
                    json_pack("{s:s,s:s,s:s,s:i}", "ProjectId", r->s->project, "Keyword", r->tasks,
                              "InstanceState", "FAILED_RETRY", "PageSize", PAGE),
                    &response, &failure) != EXIT_DONE)
        return; /* the next call of the follow says what is wrong */
    take(r, plan, json_object_get(json_object_get(response, "Data"), "Items"));
    json_decref(response);
}
