/* engine/cmd_member.h - members of projects: added, removed, given roles and deprived of them.
 *
 * docs/reference/semantics.md 10.  Engine thread, inside a transaction; all that a request names or
 * nothing.  Error paths are the names of the API's fields.  The owners of a project
 * (ProjectOwnerUin) are always its administrators, so that a project never is without one.
 */
#ifndef ENGINE_CMD_MEMBER_H
#define ENGINE_CMD_MEMBER_H

#include "engine/engine.h"

enum { MEMBER_USERS_MAX = 100, MEMBER_ROLES_MAX = 100 };

struct member_request {
    struct str project_id;
    const struct str *uins;
    int n_uins;
    const char *uin_path; /* "UserUins" (the place is added) or "UserUin" (there is one) */
    const struct str *role_ids;
    int n_role_ids;
};

/* Every account gets every role.  E_EXISTS: a member already; E_RANGE an account or a role;
 * E_LIMIT. */
enum err_code member_add(struct engine *g, const struct member_request *r, struct err *e) MUST_USE;
/* E_MISSING: not a member; E_DENIED: an owner. */
enum err_code member_remove(struct engine *g, const struct member_request *r,
                            struct err *e) MUST_USE;
/* What is there already, or not there, is no error.  E_MISSING: not a member; E_RANGE a role;
 * E_DENIED: an owner would not be an administrator any more. */
enum err_code member_grant(struct engine *g, const struct member_request *r,
                           struct err *e) MUST_USE;
enum err_code member_revoke(struct engine *g, const struct member_request *r,
                            struct err *e) MUST_USE;

/* Makes the accounts of a list "uin;uin" administrators, members or not. */
enum err_code member_make_managers(struct engine *g, struct str project_id, struct str uins,
                                   struct err *e) MUST_USE;

#endif
