/* engine/event_hook.c - fires the events that a successful Shell task named in its output. */
#include "engine/event_hook.h"

#include "engine/cmd_event.h"
#include "engine/engine_int.h"

enum { HOOK_EVENTS_MAX = 1000 };

/* "Name,Dimension" each; a GENERAL event needs no dimension. */
static struct event_firing *read_wishes(struct str events, struct arena *a, size_t *ret_n)
{
    struct event_firing *wishes = ARENA_ARRAY(a, struct event_firing, HOOK_EVENTS_MAX + 1);
    size_t n = 0;

    while (events.ptr && n <= HOOK_EVENTS_MAX) {
        struct str rest = str_trim(str_split(&events, ';'));
        if (rest.len == 0)
            continue;
        wishes[n].name = str_trim(str_split(&rest, ','));
        wishes[n++].dimension = str_trim(rest);
    }
    *ret_n = n;
    return wishes;
}

enum err_code event_hook_fire(struct engine *g, const struct version_entry *version,
                              struct str events, struct buf *notes, struct err *e)
{
    struct event_fired fired;
    struct err refusal = ERR_INIT;
    size_t n, flushed = g->flushed;
    struct event_firing *wishes = read_wishes(events, &g->arena, &n);
    enum err_code rc;

    if (n > HOOK_EVENTS_MAX) {
        buf_printf(notes, "; no event was fired: more than %d are named", HOOK_EVENTS_MAX);
        return E_OK;
    }
    rc = store_savepoint(g->config.store, e);
    if (rc != E_OK)
        return rc;
    /* The version is borrowed, and what follows from an event may begin attempts of others. */
    rc = event_fire(g, arena_str(&g->arena, version->project_id), wishes, n,
                    version->spec.schedule.zone, &g->arena, &fired, &refusal);
    if (rc == E_IO || rc == E_CORRUPT) {
        if (e)
            *e = refusal;
        return rc;
    }
    if (rc != E_OK) {
        store_revert(g->config.store);
        check(g->flushed == flushed); /* that of the attempt's end is not lost with it */
        buf_printf(notes, "; no event was fired: %s", refusal.text);
        return E_OK;
    }
    for (size_t i = 0; i < fired.n_failures; i++)
        buf_printf(notes, "; event %.*s was not fired: %.*s", STR_ARG(fired.failures[i].key),
                   STR_ARG(fired.failures[i].text));
    return store_release(g->config.store, e);
}
