/* engine/cmd_group.h - resource groups: pools of execution slots, and the projects that may use
 * them.
 *
 * docs/reference/semantics.md 5.2, 10.  In the cloud a group is bought as `Number` packages of one
 * specification; here a package is one slot of this installation, whatever the specification says,
 * and a task takes one slot while it runs.  Specification, period and network are kept and shown,
 * and change nothing.
 *
 * There is no row for the default group: a task that names no group, or one that was deleted since,
 * runs in a group of the server's default size.
 *
 * Engine thread, inside a transaction, except the read.  Error paths are the names of the API's
 * fields.
 */
#ifndef ENGINE_CMD_GROUP_H
#define ENGINE_CMD_GROUP_H

#include "engine/engine.h"

enum { GROUP_SLOTS_MAX = 10000, GROUP_MONTHS_MAX = 1200 };

struct group_request {
    struct str id;         /* empty: a new one, yyyyMMddHHmmss and six digits */
    struct str name, type; /* Schedule, Integration, DataService */
    int64_t slots;
    struct str description, region, vpc_id, subnet, creator_uin;
    bool auto_renew;
    struct str project_id;  /* associated at once; empty: none */
    struct str doc;         /* {"Specification":..,"PurchasePeriod":..} */
    const char *slots_path; /* for errors: where the number stands */
};
/* *ret_id in the engine's arena.  E_EXISTS name or id; E_MISSING project. */
enum err_code group_create(struct engine *g, const struct group_request *r, struct str *ret_id,
                           struct err *e) MUST_USE;

/* May what belongs to the project run in the group?  One that is associated with no project is
 * usable by all, an associated one by those only, and others need not know of it; the empty id is
 * the default group.  E_MISSING, E_DENIED under path. */
enum err_code group_require_use(struct engine *g, struct str group_id, struct str project_id,
                                const char *path, struct err *e) MUST_USE;

/* What is NULL stays as it is.  The slots change at once: with fewer, what runs goes on and nothing
 * new starts until there is room. */
struct group_change {
    const int64_t *slots;
    const bool *auto_renew;
    const struct str *doc;
};
enum err_code group_update(struct engine *g, struct str id, const struct group_change *change,
                           struct err *e) MUST_USE;

/* E_IN_USE: a project is associated, or a task or a live instance names it. */
enum err_code group_delete(struct engine *g, struct str id, struct err *e) MUST_USE;

/* Associating twice is no error.  Dissociating: E_CONFLICT not associated, E_IN_USE a task of the
 * project names it. */
enum err_code group_associate(struct engine *g, struct str id, struct str project_id,
                              struct err *e) MUST_USE;
enum err_code group_dissociate(struct engine *g, struct str id, struct str project_id,
                               struct err *e) MUST_USE;

/* Any view.  E_MISSING under `path`. */
enum err_code group_require(struct view *v, struct arena *a, struct str id, const char *path,
                            struct group_row *ret, struct err *e) MUST_USE;
/* What it says then; also of a group that the account is not to know of. */
enum err_code group_absent(struct str id, const char *path, struct err *e);

#endif
