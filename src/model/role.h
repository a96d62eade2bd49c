/* model/role.h - the roles that an account can have in a project, and what each may do.
 *
 * The roles are fixed: ids and names are those of WeData (docs/reference/semantics.md 10).  A
 * member may have several; what it may do is what any of them may.
 */
#ifndef MODEL_ROLE_H
#define MODEL_ROLE_H

#include "base/str.h"

/* What may be done in a project; a set of them is a mask of 1 << right. */
enum right {
    RIGHT_READ,    /* see everything in it */
    RIGHT_DEVELOP, /* folders, workflows, tasks, their submission, events */
    RIGHT_OPERATE, /* what runs: start, pause, stop, kill, rerun, backfill, fire */
    RIGHT_MANAGE,  /* the project itself and its members */
    RIGHT_N_
};
#define ROOT_UIN "100000000001" /* the account of root keys */
enum { RIGHTS_NONE = 0, RIGHTS_ALL = (1 << RIGHT_N_) - 1 };

struct role {
    const char *id, *name;
    const char *display_en, *display_zh;
    const char *text_en, *text_zh; /* what it is for */
    unsigned rights;
};

/* Of projects, in the order in which lists show them; the first one has every right. */
enum { ROLES_N = 4 };
extern const struct role roles[ROLES_N];
#define ROLE_MANAGER (&roles[0])
/* Of the installation: not granted, but what the kind of a key means. */
enum { TENANT_ROLES_N = 2 };
extern const struct role tenant_roles[TENANT_ROLES_N];

/* A role of projects by its id; NULL: there is none. */
const struct role *role_find(struct str id);
/* What the roles of a list "id;id" may do together; ids that are unknown give nothing. */
unsigned roles_rights(struct str list);
bool rights_has(unsigned rights, enum right right);
/* "DataEngineer, ProjectManager": the names of the roles that have the right. */
void right_roles(enum right right, char *out, size_t size);

#endif
