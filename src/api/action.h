/* api/action.h - one API call, and the table of the actions that are built.
 *
 * Life of a call: a gateway thread verifies it, checks the parameters against the schema, and looks
 * the action up here.  A read runs `answer` at once with a fresh snapshot.  A write runs `prepare`
 * (check values, no store; but see `works`), then `apply` on the engine thread inside the write
 * transaction, and after the commit `answer` on a gateway thread again.  The first step that fails
 * ends the call with c->err; nothing is half-written.  Whether the account may is decided from that
 * very snapshot or transaction, just before the step (api/access.h).
 *
 * Text in `params` and in the arena lives as long as the call.  `answer` writes the members of
 * "Response" except RequestId, e.g. jw_key(w, "Data"); jw_object(w); ...
 */
#ifndef API_ACTION_H
#define API_ACTION_H

#include <jansson.h>

#include "api/schema.h"
#include "base/arena.h"
#include "base/jw.h"
#include "engine/engine.h"
#include "store/store.h"

enum lang { LANG_EN, LANG_ZH };

struct resource_files;
/* What actions may use of the server; constant after start. */
struct services {
    struct store *store;
    struct engine *engine;
    const char *data_dir;
    const char *runner_dir;
    const char *node;                       /* name of this machine */
    const char *alarm_hosts;                /* of hooks (send/host.h); NULL: any */
    const struct resource_files *resources; /* engine/objects.h */
    struct wall started_at;
    void (*keys_changed)(void *ctx); /* the gateway re-reads the key table */
    void *keys_ctx;
};

struct call {
    const struct schema_action *schema;
    const struct services *services;
    struct arena arena;
    json_t *params; /* checked against the schema; nulls removed */
    struct str uin; /* account of the key */
    struct str secret_id;
    struct str region;
    char request_id[40];
    char source[64]; /* address of the client (api/peer.h) */
    enum lang lang;
    bool is_root;      /* a root key */
    struct view *view; /* answer of a read: snapshot; else NULL */
    struct jw out;
    void *state;     /* what prepare made for apply and answer */
    struct str made; /* id of what apply made, for the audit record; ptr NULL: none */
    struct err err;
};

/* What a call needs before the action runs; api/access.c asks for it.  A row of a table that says
 * nothing is for root keys. */
enum access {
    ACCESS_ROOT, /* a root key: keys, resource groups, calendars, the server itself */
    ACCESS_READ, /* the right in the project of ProjectId (model/role.h) */
    ACCESS_DEVELOP,
    ACCESS_OPERATE,
    ACCESS_MANAGE,
    ACCESS_ANY /* any key; the action shows and touches what access_sees lets it */
};

typedef enum err_code action_step(struct call *c);
typedef enum err_code action_apply(struct call *c, struct engine *g);
struct action {
    const char *version, *name;
    action_step *prepare; /* may be NULL */
    action_apply *apply;  /* NULL: a read */
    action_step *answer;
    enum access access;
    const char *objects; /* dotted path of the member that names what it is about (api/named.h);
                            NULL: the whole project */
    bool looks;          /* apply changes nothing: it looks at the engine */
    bool works; /* prepare reads and writes files: c->view is a snapshot then, in which the account
                 * has the right */
    const char *copies; /* the member that, when it is there, makes prepare do so: it runs on a
                           thread of the copier then (api/copier.h) */
};

/* What one act_<family>.c exports; actions.c lists all of them. */
struct action_family {
    const struct action *actions;
    size_t n;
};

extern const char API_2025[], API_2021[], API_WEFT[]; /* "2025-08-06", "2021-08-20", "weft-1" */

/* Each family has one file act_<family>.c with one table; actions.c lists the families. */
const struct action *action_find(struct str version, struct str name);
/* All that are built, family by family; NULL behind the last one. */
const struct action *action_at(size_t i);

/* Parameters: present and of the right type as the schema says.  Absent text is the empty str,
 * absent numbers give `otherwise`. */
struct str param_str(const json_t *object, const char *name);
bool param_has(const json_t *object, const char *name);
int64_t param_i64(const json_t *object, const char *name, int64_t otherwise);
bool param_bool(const json_t *object, const char *name, bool otherwise);
const json_t *param_object(const json_t *object, const char *name); /* NULL when absent */
const json_t *param_list(const json_t *object, const char *name);   /* NULL when absent */
struct str json_str(const json_t *string); /* borrowed view of a JSON string */

/* "yyyy-MM-dd HH:mm:ss" of an instant in a zone; WALL_NONE writes null. */
struct zone;
void jw_wall(struct jw *w, const char *key, struct wall t, const struct zone *zone);

/* The answer of most changes: Data.Status is true. */
enum err_code answer_status(struct call *c);
/* The older calls say the same as a BatchReturn. */
enum err_code answer_batch_return(struct call *c);

#endif
