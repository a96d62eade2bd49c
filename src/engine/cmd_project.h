/* engine/cmd_project.h - makes, changes, enables and deletes projects.
 *
 * docs/reference/semantics.md 1.2, 1.3, 10.  The commands run on the engine thread inside a
 * transaction, check everything first, and change the core last.  Error paths are the names of the
 * API's fields.
 */
#ifndef ENGINE_CMD_PROJECT_H
#define ENGINE_CMD_PROJECT_H

#include "engine/engine.h"

enum { PROJECT_DISABLED = 0, PROJECT_ENABLED = 1 };

struct project_request {
    struct str id; /* empty: a new one (19 digits) */
    struct str name, display_name, description;
    struct str model;                  /* SIMPLE (also when empty) or STANDARD */
    struct str owner_uin, creator_uin; /* owner empty: the creator */
    const struct str *group_ids;       /* resource groups that are associated at once */
    int n_group_ids;
};
/* *ret_id in the engine's arena.  E_RANGE; E_EXISTS identifier, display name or id
 * taken; E_MISSING a group. */
enum err_code project_create(struct engine *g, const struct project_request *r, struct str *ret_id,
                             struct err *e) MUST_USE;

/* What is NULL stays as it is. */
struct project_change {
    const struct str *display_name, *description, *owner_uin;
};
enum err_code project_update(struct engine *g, struct str id, const struct project_change *change,
                             struct err *e) MUST_USE;

/* In a disabled project nothing fires; what is under way goes on.  Twice is no error. */
enum err_code project_enable(struct engine *g, struct str id, bool enabled, struct err *e) MUST_USE;

/* Enabled or not (a client has no other way to delete in one call), but only when it has no
 * workflows: then it has no tasks either.  Its folders, resource files, events, cases, plans and
 * associations go with it.  E_CONFLICT: it has workflows. */
enum err_code project_delete(struct engine *g, struct str id, struct err *e) MUST_USE;

/* Any view, any thread.  E_MISSING under `path`. */
enum err_code project_require(struct view *v, struct arena *a, struct str id, const char *path,
                              struct project_row *ret, struct err *e) MUST_USE;
/* What it says then; also of a project that the account is not to know of. */
enum err_code project_absent(struct str id, const char *path, struct err *e);

#endif
