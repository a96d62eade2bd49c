/* engine/cmd_folder.h - folders of a project: of its workflows, and of its resource files.
 *
 * docs/reference/semantics.md 1.3, 10.  Paths are absolute, "/" is the root and has no row; a name
 * is unique in its parent.  A rename moves the paths of everything below in the same transaction.
 * Engine thread, inside a transaction, except the reads.  Error paths are the names of the API's
 * fields.
 */
#ifndef ENGINE_CMD_FOLDER_H
#define ENGINE_CMD_FOLDER_H

#include "engine/engine.h"

/* What the folders hold. */
struct folder_kind;
extern const struct folder_kind workflow_folders, resource_folders;

struct folder_request {
    struct str id; /* empty: a new UUID */
    struct str project_id, parent_path, name, creator_uin;
};
/* *ret_id in the engine's arena.  E_RANGE, E_LIMIT; E_MISSING project or parent;
 * E_EXISTS path or id. */
enum err_code folder_create(struct engine *g, const struct folder_kind *kind,
                            const struct folder_request *r, struct str *ret_id,
                            struct err *e) MUST_USE;
enum err_code folder_rename(struct engine *g, const struct folder_kind *kind, struct str project_id,
                            struct str id, struct str name, struct err *e) MUST_USE;
/* E_CONFLICT: folders, workflows or files are in it. */
enum err_code folder_delete(struct engine *g, const struct folder_kind *kind, struct str project_id,
                            struct str id, struct err *e) MUST_USE;
/* Its rows. */
const struct table *folder_table(const struct folder_kind *kind);
/* Any view.  E_MISSING under "FolderId", also when it belongs to another project. */
enum err_code folder_require(struct view *v, struct arena *a, const struct folder_kind *kind,
                             struct str project_id, struct str id, struct folder_row *ret,
                             struct err *e) MUST_USE;
/* Any view.  The folder exists ("/" always does); E_RANGE not a path, E_MISSING; both under
 * `field`. */
enum err_code folder_path_require(struct view *v, struct arena *a, const struct folder_kind *kind,
                                  struct str project_id, struct str path, const char *field,
                                  struct err *e) MUST_USE;

#endif
