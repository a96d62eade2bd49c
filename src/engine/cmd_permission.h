/* engine/cmd_permission.h - permissions on workflow folders and workflows: granted and revoked.
 *
 * docs/reference/semantics.md 10.  Engine thread, inside a transaction, except the read; all that a
 * request names or nothing.  Error paths are the names of the API's fields.  What a permission
 * allows is in engine/reach.h; there is only CAN_MANAGE.
 */
#ifndef ENGINE_CMD_PERMISSION_H
#define ENGINE_CMD_PERMISSION_H

#include "engine/engine.h"
#include "model/permission.h"

enum { PERMISSION_TARGETS_MAX = 100 /* of one request */ };

struct permission_grantee {
    enum permission_target type;
    struct str id;
};
struct permission_request {
    struct str project_id, entity_id;
    enum permission_entity entity_type;
    const struct permission_grantee *targets;
    int n_targets;
    const char *list; /* the field that they stand in: the place and the member are added */
    struct str uin;   /* who grants */
};

/* What is granted already is no error.  E_MISSING: project, entity, or an account that is no
 * member; E_RANGE: an account or a role; E_LIMIT. */
enum err_code permission_grant(struct engine *g, const struct permission_request *r,
                               struct err *e) MUST_USE;
/* What is not granted is no error, of accounts that are no members neither. */
enum err_code permission_revoke(struct engine *g, const struct permission_request *r,
                                struct err *e) MUST_USE;

/* The entity goes, or the account leaves the project; what was granted with it goes too.  For the
 * commands that do so. */
enum err_code permission_drop_entity(struct engine *g, enum permission_entity type, struct str id,
                                     struct err *e) MUST_USE;
enum err_code permission_drop_user(struct engine *g, struct str project_id, struct str uin,
                                   struct err *e) MUST_USE;

/* Any view.  It exists in this project; E_MISSING under "ProjectId" or "EntityId". */
enum err_code permission_entity_require(struct view *v, struct arena *a, struct str project_id,
                                        enum permission_entity type, struct str id,
                                        struct err *e) MUST_USE;

#endif
