/* engine/wishes.h - the rounds that a request asks for, before they are a plan: of a backfill (7.1)
 * and of a run of a manual workflow (1.8).
 *
 * Engine thread, inside a transaction.  Everything is checked before anything is changed.
 */
#ifndef ENGINE_WISHES_H
#define ENGINE_WISHES_H

#include "engine/planning.h"

enum {
    WISHES_MAX = 500000,
    WISHES_LOOKS_MAX = 5000000 /* at upstream instances: some 450 MB, as long as all are unmet */
};

struct wishes {
    struct planned_round *items; /* owned */
    size_t n, cap;
};
void wishes_done(struct wishes *w);
/* False: there are as many as there may be. */
bool wishes_add(struct wishes *w, const struct planned_round *wish);

/* The plan that they become. */
struct wished_plan {
    struct str project_id, name, creator_uin; /* name empty: the plan's id */
    struct str doc;                           /* the request, kept with the plan (plan_doc.h) */
    unsigned flags;                           /* of enum instance_flags, for all rounds */
    const char *times;                        /* the member of the request that names the times */
    const int64_t *tasks; /* those that TaskIds of the request names; NULL: it names none */
};
/* Too many of them, as the member that names the times should have it. */
enum err_code wishes_too_many(const char *times, struct err *e);
/* Puts them in order, each once, asks whether they may run, and makes the plan.  Last in a command.
 * E_DENIED AllowRedoType; E_LIMIT what they are to wait for, or plans that are still being made. */
enum err_code wishes_become(struct engine *g, struct wishes *w, const struct wished_plan *plan,
                            struct plan_row *ret, struct err *e) MUST_USE;

#endif
