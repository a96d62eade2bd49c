/* api/rate_limit.h - requests per second, counted by action and account (docs/reference/wire.md 4).
 *
 * A fixed window: the first `limit` of a second of arrival pass, the rest are refused.  Any thread.
 * Memory is bounded: the table is small, and two pairs that share a place only make the limit
 * stricter for a second.
 */
#ifndef API_RATE_LIMIT_H
#define API_RATE_LIMIT_H

#include "base/str.h"

struct rate_limit;
struct rate_limit *rate_limit_new(int per_second);
void rate_limit_free(struct rate_limit *r);
/* False: over the limit; *ret_count is the running count of this second. */
bool rate_limit_pass(struct rate_limit *r, struct str action, struct str uin, int64_t now_s,
                     int *ret_count);

#endif
