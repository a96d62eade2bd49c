/* model/permission.c - permissions on workflow folders and workflows. */
#include "model/permission.h"

/* Who may develop may do more with a workflow than who may run it: that is their order here,
 * although neither right has the other in it. */
static const struct {
    const char *name;
    enum right right;
} permissions[PERMISSION_N_] = {
    [PERMISSION_VIEW] = { "CAN_VIEW", RIGHT_READ },
    [PERMISSION_RUN] = { "CAN_RUN", RIGHT_OPERATE },
    [PERMISSION_EDIT] = { "CAN_EDIT", RIGHT_DEVELOP },
    [PERMISSION_MANAGE] = { "CAN_MANAGE", RIGHT_MANAGE },
};

const char *const permission_entity_names[ENTITY_N_] = { "folder", "workflow" };
const char *const permission_target_names[TARGET_N_] = { "user", "role" };

const char *permission_name(enum permission p)
{
    return permissions[p].name;
}

bool permission_find(struct str name, enum permission *ret)
{
    for (int p = PERMISSION_VIEW; p < PERMISSION_N_; p++)
        if (str_eq_c(name, permissions[p].name)) {
            *ret = (enum permission)p;
            return true;
        }
    return false;
}

enum permission permission_of_rights(unsigned rights)
{
    int p = PERMISSION_N_ - 1;

    while (p > PERMISSION_NONE && !rights_has(rights, permissions[p].right))
        p--;
    return (enum permission)p;
}
