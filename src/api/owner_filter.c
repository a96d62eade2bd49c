/* api/owner_filter.c - lists that are filtered by OwnerUin. */
#include "api/owner_filter.h"

void owner_filter(const struct call *c, struct query *q, int column)
{
    struct str owners = param_str(c->params, "OwnerUin");

    while (owners.ptr) {
        struct str owner = str_split(&owners, ';');
        if (owner.len > 0)
            query_text(q, column, QUERY_HAS_ITEM, owner);
    }
}
