/* cli/follow_keys.c - follows instances that are named to their ends. */
#include <stdio.h>
#include <string.h>

#include "cli/follow.h"
#include "cli/progress.h"
#include "cli/table.h"

struct key_watch {
    struct follow follow;
    const json_t *keys;
    json_t *items; /* what GetTaskInstance last answered of each; null: not asked yet */
    const char *retry_at;
};

static bool is(const json_t *item, const char *state)
{
    return strcmp(text_of(item, "InstanceState"), state) == 0;
}

static bool has_failed(const json_t *item)
{
    return is(item, "EXPIRED") || is(item, "SKIP_RUNNING");
}

static bool has_ended(const json_t *item)
{
    return is(item, "COMPLETED") || has_failed(item);
}

static int look(struct key_watch *w, size_t at)
{
    struct session *s = w->follow.s;
    json_t *response;
    const char *key = json_string_value(json_array_get(w->keys, at));
    int status =
        follow_call(&w->follow, VERSION_2025, "GetTaskInstance",
                    json_pack("{s:s,s:s}", "ProjectId", s->project, "InstanceKey", key), &response);

    if (status != EXIT_DONE)
        return status;
    const json_t *item = json_object_get(response, "Data");
    /* A wait is told once: when it begins. */
    if (is(item, "FAILED_RETRY") && !is(json_array_get(w->items, at), "FAILED_RETRY"))
        w->retry_at = retry_time(s, key);
    json_array_set(w->items, at, json_object_get(response, "Data"));
    json_decref(response);
    return EXIT_DONE;
}

static struct progress_state state_of(const struct key_watch *w)
{
    struct progress_state state = { .total = (int64_t)json_array_size(w->keys) };
    const json_t *item;
    size_t i;

    json_array_foreach(w->items, i, item)
    {
        state.done += has_ended(item);
        state.failed += has_failed(item);
        state.retrying += is(item, "FAILED_RETRY");
    }
    state.retry_at = w->retry_at;
    return state;
}

static int watch(struct key_watch *w)
{
    struct progress_state state;
    struct progress progress;
    int status = EXIT_DONE;

    progress_begin(&progress, "instances");
    do {
        for (size_t i = 0; i < json_array_size(w->keys) && status == EXIT_DONE; i++) {
            if (has_ended(json_array_get(w->items, i)))
                continue;
            status = look(w, i);
            if (status == EXIT_DONE && !has_ended(json_array_get(w->items, i)) &&
                follow_wait(&w->follow))
                status = EXIT_INTERRUPTED;
        }
        state = state_of(w);
        if (status == EXIT_DONE)
            progress_show(&progress, &state);
    } while (status == EXIT_DONE && state.done < state.total);
    progress_end(&progress);
    return status;
}

static int tell_end(struct key_watch *w)
{
    static const char *const titles[] = { "INSTANCE", "NAME", "STATE", "ENDED", NULL };
    struct session *s = w->follow.s;
    int64_t failed = state_of(w).failed;
    struct table_text table;
    const json_t *item;
    size_t i;

    if (!s->json && failed > 0) {
        fprintf(stderr, "%lld did not succeed:\n", (long long)failed);
        table_init(&table, &s->arena, titles);
        json_array_foreach(w->items, i, item)
        {
            const char *cells[] = { member(s, item, "InstanceKey"), member(s, item, "TaskName"),
                                    member(s, item, "InstanceState"), member(s, item, "EndTime") };
            if (has_failed(item))
                table_row(&table, cells);
        }
        table_print(&table, stderr);
    }
    return failed > 0 ? EXIT_REFUSED : EXIT_DONE;
}

int follow_keys(struct session *s, const json_t *keys, json_t **ret)
{
    struct key_watch w = { .keys = keys, .items = json_array() };
    int status;

    for (size_t i = 0; i < json_array_size(keys); i++)
        json_array_append_new(w.items, json_null());
    follow_begin(&w.follow, s);
    status = watch(&w);
    if (status == EXIT_DONE)
        status = tell_end(&w);
    if (status == EXIT_INTERRUPTED)
        fputs("they run on; weft instances --follow shows what changes\n", stderr);
    *ret = w.items;
    return status;
}
