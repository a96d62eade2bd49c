/* engine/cmd_folder.h - workflow folders of a project.
 *
 * docs/reference/semantics.md 1.3.  Paths are absolute, "/" is the root and has no row; a name is
 * unique in its parent.  A rename moves the paths of everything below in the same transaction.
 * Engine thread, inside a transaction, except the reads.  Error paths are the names of the API's
 * fields.
 */
#ifndef ENGINE_CMD_FOLDER_H
#define ENGINE_CMD_FOLDER_H

#include "engine/engine.h"

struct folder_request {
    struct str id; /* empty: a new UUID */
    struct str project_id, parent_path, name, creator_uin;
};
/* *ret_id in the engine's arena.  E_RANGE, E_LIMIT; E_MISSING project or parent;
 * E_EXISTS path or id. */
enum err_code folder_create(struct engine *g, const struct folder_request *r, struct str *ret_id,
                            struct err *e) MUST_USE;
enum err_code folder_rename(struct engine *g, struct str project_id, struct str id, struct str name,
                            struct err *e) MUST_USE;
/* E_CONFLICT: folders or workflows are in it. */
enum err_code folder_delete(struct engine *g, struct str project_id, struct str id,
                            struct err *e) MUST_USE;
/* Any view.  E_MISSING under "FolderId", also when it belongs to another project. */
enum err_code folder_require(struct view *v, struct arena *a, struct str project_id, struct str id,
                             struct folder_row *ret, struct err *e) MUST_USE;
/* Any view.  The folder exists ("/" always does); E_RANGE not a path, E_MISSING; both under
 * `field`. */
enum err_code folder_path_require(struct view *v, struct arena *a, struct str project_id,
                                  struct str path, const char *field, struct err *e) MUST_USE;

#endif
