/* engine/audit.c - who changed what: one durable record for each write of the API. */
#include "engine/audit.h"

#include "engine/engine_int.h"

enum { SAME_INSTANT_MAX = 10000 };

/* A note owns its texts. */
struct note {
    struct list node;
    struct arena arena;
    struct audit_row row;
};

enum err_code audit_write(struct engine *g, struct audit_row *row, struct err *e)
{
    enum err_code rc = E_EXISTS;

    row->at = g->now;
    /* The number only tells those of one instant apart; after a step of the clock one may be there
     * already. */
    for (int i = 0; i < SAME_INSTANT_MAX && rc == E_EXISTS; i++) {
        row->number = ++g->audit_number;
        rc = row_insert(g->config.store, &table_audit, row, NULL, e);
    }
    return rc;
}

bool audit_note(struct engine *g, const struct audit_row *row)
{
    struct note *n = NEW(struct note);

    arena_init(&n->arena);
    row_copy(&table_audit, &n->arena, &n->row, row);
    pthread_mutex_lock(&g->lock);
    bool room = g->n_notes < AUDIT_NOTES_MAX && !g->closed;
    if (room) {
        list_push_back(&g->notes, &n->node);
        g->n_notes++;
    }
    pthread_mutex_unlock(&g->lock);
    if (room)
        return true;
    metric_add(&g->metrics.audit_dropped, 1);
    arena_done(&n->arena);
    mem_free(n);
    return false;
}

bool audit_waits(struct engine *g)
{
    pthread_mutex_lock(&g->lock);
    bool waits = g->n_notes > 0;
    pthread_mutex_unlock(&g->lock);
    return waits;
}

/* Others only add behind, so what is there now may be walked without the lock. */
enum err_code audit_take(struct engine *g, size_t *ret_n, struct err *e)
{
    enum err_code rc = E_OK;

    pthread_mutex_lock(&g->lock);
    size_t n = g->n_notes;
    struct list *at = g->notes.next;
    pthread_mutex_unlock(&g->lock);
    for (size_t i = 0; i < n && rc == E_OK; i++) {
        struct note *note = CONTAINER_OF(at, struct note, node);
        rc = audit_write(g, &note->row, e);
        pthread_mutex_lock(&g->lock);
        at = at->next;
        pthread_mutex_unlock(&g->lock);
    }
    *ret_n = n;
    return rc;
}

void audit_drop(struct engine *g, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        pthread_mutex_lock(&g->lock);
        struct note *note = CONTAINER_OF(list_pop_front(&g->notes), struct note, node);
        g->n_notes--;
        pthread_mutex_unlock(&g->lock);
        arena_done(&note->arena);
        mem_free(note);
    }
}
