/* model/permission.h - permissions on workflow folders and workflows: their names, and how they
 * compare with what the roles of a project give.
 *
 * docs/reference/semantics.md 10.  The order is that of their strength.  Only CAN_MANAGE can be
 * granted; the others say what an account may do by its roles.
 */
#ifndef MODEL_PERMISSION_H
#define MODEL_PERMISSION_H

#include "model/role.h"

enum permission {
    PERMISSION_NONE,
    PERMISSION_VIEW,
    PERMISSION_RUN,
    PERMISSION_EDIT,
    PERMISSION_MANAGE,
    PERMISSION_N_
};
/* "CAN_VIEW"; NULL for none. */
const char *permission_name(enum permission p);
/* false: no such name. */
bool permission_find(struct str name, enum permission *ret);
/* The strongest one that a set of rights in the project gives on everything in it. */
enum permission permission_of_rights(unsigned rights);

/* What a permission is granted on, and to whom. */
enum permission_entity { ENTITY_FOLDER, ENTITY_WORKFLOW, ENTITY_N_ };
enum permission_target { TARGET_USER, TARGET_ROLE, TARGET_N_ };
extern const char *const permission_entity_names[ENTITY_N_]; /* "folder", "workflow" */
extern const char *const permission_target_names[TARGET_N_]; /* "user", "role" */

#endif
