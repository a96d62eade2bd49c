/* api/named.h - the objects that a request names, and whether they lie in what was granted.
 *
 * docs/reference/semantics.md 10.  The row of an action says which member names them
 * (api/action.h); what kind of objects a member names is said here, once for all actions.
 */
#ifndef API_NAMED_H
#define API_NAMED_H

#include "api/action.h"
#include "engine/reach.h"

struct named {
    char path[ERR_PATH_MAX]; /* of the first that is not covered, e.g. "TaskIds.1" */
    struct str id;           /* as the request has it */
};
/* *ret: all that the member names is covered; else *ret_first says which was not.  A member that is
 * left out, or an empty list, names nothing that could be.  E_IO. */
enum err_code named_covered(const struct call *c, const char *objects, struct reach *r, bool *ret,
                            struct named *ret_first, struct err *e) MUST_USE;
/* Does it know what members of this name name? */
bool named_knows(const char *objects);

/* EntityType and EntityId.  E_RANGE under "EntityType". */
enum err_code named_entity_type(const json_t *params, enum permission_entity *ret,
                                struct err *e) MUST_USE;

#endif
