/* api/payload.h - the parameters of an action, out of the body or the query of its request
 * (docs/reference/wire.md 1.4, 3.6).  Pure.
 */
#ifndef API_PAYLOAD_H
#define API_PAYLOAD_H

#include <jansson.h>

#include "api/auth.h"
#include "api/schema.h"

enum { PAYLOAD_VALUES_MAX = 1000000 }; /* in JSON; the parts of a multipart form together */

/* Is it a POST of JSON?  Signature v1 has none: such a request just lacks its parameters, Timestamp
 * first. */
bool payload_is_json(const struct http_request *r);

/* As an object without null members, for schema_check; a new reference.  Of a request signed with
 * TC3: its query (GET), JSON, a form, or a multipart form.  False: *fault, and *ret is untouched.
 */
bool payload_of_request(const struct http_request *r, const struct schema_object *object,
                        struct arena *a, json_t **ret, struct public_error *fault);
/* Of one signed with v1, whose fields are decoded already: those that are no common parameters. */
bool payload_of_fields(const struct schema_object *object, const struct auth_field *fields, int n,
                       json_t **ret, struct public_error *fault);

#endif
