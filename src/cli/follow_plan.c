/* cli/follow_plan.c - follows a backfill plan to its end. */
#include <stdio.h>
#include <string.h>

#include "cli/follow.h"
#include "cli/progress.h"
#include "cli/table.h"

enum { PAGE = 200, FAILED_SHOWN = 20 };

struct plan_watch {
    struct follow follow;
    const char *id;
    json_t
        *data; /* what GetDataBackfillProgress last answered, then what GetDataBackfillPlan did */
    json_t *plan; /* what GetDataBackfillPlan answered when something may be tried again */
    struct retries retries;
};

static int look(struct plan_watch *w, const char *version, const char *action)
{
    struct session *s = w->follow.s;
    json_t *response;
    int status = follow_call(
        &w->follow, version, action,
        json_pack("{s:s,s:s}", "ProjectId", s->project, "DataBackfillPlanId", w->id), &response);

    if (status != EXIT_DONE)
        return status;
    json_decref(w->data);
    w->data = json_incref(json_object_get(response, "Data"));
    json_decref(response);
    return EXIT_DONE;
}

static json_t *of_task(struct plan_watch *w, const json_t *task, int page, int size)
{
    return json_pack("{s:s,s:s,s:s,s:i,s:i}", "ProjectId", w->follow.s->project,
                     "DataBackfillPlanId", w->id, "TaskId", json_string_value(task), "PageNumber",
                     page, "PageSize", size);
}

static int64_t number(const struct plan_watch *w, const char *name)
{
    return json_integer_value(json_object_get(w->data, name));
}

static struct progress_state state_of(const struct plan_watch *w)
{
    int64_t total = number(w, "Total"), pending = number(w, "Pending"),
            failed = number(w, "Failed") + number(w, "Skipped");

    if (pending > 0) /* none of it runs before */
        return (struct progress_state){ .stage = "made", .total = total, .done = total - pending };
    return (struct progress_state){ .total = total,
                                    .done = number(w, "Completed") + failed,
                                    .failed = failed,
                                    .retrying = w->retries.n,
                                    .retry_at = w->retries.next };
}

/* Nothing is to be seen of the plan while what failed waits for its next attempt. */
static int look_for_retries(struct plan_watch *w)
{
    int status = EXIT_DONE;

    if (number(w, "Waiting") == 0) {
        w->retries.n = 0;
        return EXIT_DONE;
    }
    if (!w->plan) {
        json_t *progress = json_incref(w->data);
        status = look(w, VERSION_2025, "GetDataBackfillPlan");
        w->plan = w->data;
        w->data = progress;
    }
    if (status == EXIT_DONE)
        retries_look(&w->retries, w->plan);
    return status;
}

/* ---- what failed --------------------------------------------------------------------------- */

struct failed {
    struct session *s;
    struct table_text table;
    json_t *items;
    size_t n;
};

static bool is_failed(const json_t *item)
{
    return strcmp(text_of(item, "State"), "EXPIRED") == 0 ||
           strcmp(text_of(item, "State"), "SKIP_RUNNING") == 0;
}

static void take_failed(struct failed *f, const json_t *item)
{
    const char *key =
        arena_printf(&f->s->arena, "%s_%s", text_of(item, "TaskId"), text_of(item, "CurRunDate"))
            .ptr;
    const char *cells[] = { key, member(f->s, item, "TaskName"), member(f->s, item, "State"),
                            member(f->s, item, "EndTime") };

    if (!is_failed(item))
        return;
    if (f->n++ < FAILED_SHOWN)
        table_row(&f->table, cells);
    json_array_append_new(f->items, json_pack("{s:s,s:s?,s:s}", "InstanceKey", key, "TaskName",
                                              cells[1], "State", cells[2]));
}

static int find_failed(struct plan_watch *w, struct failed *f)
{
    const json_t *task, *item;
    size_t t, i;

    json_array_foreach(json_object_get(w->data, "TaskIds"), t, task)
    {
        size_t got = PAGE;
        for (int page = 1; got == PAGE; page++) {
            json_t *response;
            int status = follow_call(&w->follow, VERSION_2025, "ListDataBackfillInstances",
                                     of_task(w, task, page, PAGE), &response);
            if (status != EXIT_DONE)
                return status;
            const json_t *items = json_object_get(json_object_get(response, "Data"), "Items");
            json_array_foreach(items, i, item) take_failed(f, item);
            got = json_array_size(items);
            json_decref(response);
        }
    }
    return EXIT_DONE;
}

static int tell_end(struct plan_watch *w)
{
    static const char *const titles[] = { "INSTANCE", "NAME", "STATE", "ENDED", NULL };
    struct session *s = w->follow.s;
    struct failed f = { .s = s, .items = json_array() };
    bool ok = number(w, "SuccessPercent") == 100;
    int status = EXIT_DONE;

    table_init(&f.table, &s->arena, titles);
    if (!ok)
        status = find_failed(w, &f);
    if (status == EXIT_DONE && s->json) {
        json_object_set(w->data, "Failed", f.items);
        print_json(w->data);
    } else if (status == EXIT_DONE && !ok) {
        fprintf(stderr, "%zu did not succeed:\n", f.n);
        table_print(&f.table, stderr);
        if (f.n > FAILED_SHOWN)
            fprintf(stderr, "and %zu more\n", f.n - FAILED_SHOWN);
    }
    json_decref(f.items);
    return status == EXIT_DONE && !ok ? EXIT_REFUSED : status;
}

/* ---- all ----------------------------------------------------------------------------------- */

static int watch(struct plan_watch *w)
{
    struct progress progress;
    int status = EXIT_DONE;

    progress_begin(&progress, "instances");
    while (status == EXIT_DONE) {
        status = look(w, VERSION_WEFT, "GetDataBackfillProgress");
        if (status != EXIT_DONE)
            break;
        status = look_for_retries(w);
        struct progress_state state = state_of(w);
        progress_show(&progress, &state);
        if (status != EXIT_DONE || (!state.stage && state.done >= state.total))
            break;
        if (follow_wait(&w->follow))
            status = EXIT_INTERRUPTED;
    }
    progress_end(&progress);
    return status == EXIT_DONE ? look(w, VERSION_2025, "GetDataBackfillPlan") : status;
}

int follow_plan(struct session *s, const char *plan)
{
    struct plan_watch w = { .id = plan, .retries = { .s = s } };
    int status;

    follow_begin(&w.follow, s);
    status = watch(&w);
    if (status == EXIT_DONE)
        status = tell_end(&w);
    if (status == EXIT_INTERRUPTED)
        fprintf(stderr, "the plan goes on; weft plan %s --follow follows it again\n", plan);
    json_decref(w.data);
    json_decref(w.plan);
    return status;
}
