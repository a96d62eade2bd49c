/* api/owner_filter.h - lists that are filtered by OwnerUin.
 *
 * The parameter has the form in which answers show owners: one account, or several around which and
 * between which ';' stands.  What is found has all of them among its own
 * (docs/reference/semantics.md 1.1).
 */
#ifndef API_OWNER_FILTER_H
#define API_OWNER_FILTER_H

#include "api/action.h"

/* Adds the conditions to the query; none without the parameter. */
void owner_filter(const struct call *c, struct query *q, int column);

#endif
