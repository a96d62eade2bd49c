/* api/form.h - flattened parameters ("Filters.0.Name=x") of queries, forms and multipart bodies, as
 * JSON of the declared types (docs/reference/wire.md 1.4, 5.2). */
#ifndef API_FORM_H
#define API_FORM_H

#include <jansson.h>

#include "api/auth.h"
#include "api/public_error.h"
#include "api/schema.h"

enum { FORM_FIELDS_MAX = 20000, FORM_DEPTH_MAX = 16 };

/* "k=v&k=v" decoded into fields that live in the arena.  False: *fault. */
bool form_parse(struct str text, struct arena *a, struct auth_field **ret, int *ret_n,
                struct public_error *fault);
/* multipart/form-data with this boundary; a part named X is the parameter X, and one that says
 * Content-Type: application/json is JSON text. */
bool form_parse_multipart(struct str body, struct str boundary, struct arena *a,
                          struct auth_field **ret, int *ret_n, struct public_error *fault);
/* The fields as one object of the schema; common parameters of v1 are left out when skip_common.
 * Text becomes the declared type; values that came as JSON, and whatever is not declared, stay as
 * they are for the walker to judge.  NULL: *fault. */
json_t *form_to_json(const struct schema_object *object, const struct auth_field *fields, int n,
                     bool skip_common, struct public_error *fault);

#endif
