/* engine/cmd_resource.h - resource files of a project.
 *
 * docs/reference/semantics.md 10, docs/decisions/0026-resource-files.md; their folders are those of
 * engine/cmd_folder.h.  A file has a folder and a name in it, and its bytes are an object
 * (engine/objects.h).  Engine thread, inside a transaction, except the read.  Error paths are the
 * names of the API's fields.
 */
#ifndef ENGINE_CMD_RESOURCE_H
#define ENGINE_CMD_RESOURCE_H

#include "engine/engine.h"

struct resource_request {
    struct str id; /* empty: a new UUID */
    struct str project_id, folder_path, name;
    struct str bucket, region, remote_path; /* where it came from */
    struct str digest;
    int64_t size;
    struct str bundle_id, bundle_info, creator_uin;
};
/* *ret_id in the engine's arena.  E_RANGE, E_LIMIT; E_MISSING project or folder; E_EXISTS path or
 * id; E_BUSY: the object has gone meanwhile. */
enum err_code resource_create(struct engine *g, const struct resource_request *r,
                              struct str *ret_id, struct err *e) MUST_USE;

/* What is NULL stays as it is; digest, size and remote_path go together. */
struct resource_change {
    const struct str *name, *bundle_id, *bundle_info;
    const struct str *remote_path;
    struct str digest;
    int64_t size;
    struct str updater_uin;
};
enum err_code resource_update(struct engine *g, struct str project_id, struct str id,
                              const struct resource_change *change, struct err *e) MUST_USE;
/* Whether tasks name it or not: their next attempts say that it is not there. */
enum err_code resource_delete(struct engine *g, struct str project_id, struct str id,
                              struct err *e) MUST_USE;

/* Any view.  E_MISSING under "ResourceId", also when it belongs to another project. */
enum err_code resource_require(struct view *v, struct arena *a, struct str project_id,
                               struct str id, struct resource_row *ret, struct err *e) MUST_USE;
/* No file has this path yet; E_EXISTS under `field`.  In a transaction. */
enum err_code resource_check_free(struct engine *g, struct str project_id, struct str path,
                                  const char *field, struct err *e) MUST_USE;

#endif
