/* api/schema.h - the API as constant data, generated at build time from api/<version>.json.
 *
 * Lookups are by name; the tables are sorted.  The walker checks a request's JSON against its
 * object before any action runs: required, then unknown, then types, each in alphabetical order of
 * names, nested and in lists (docs/reference/wire.md 5).
 */
#ifndef API_SCHEMA_H
#define API_SCHEMA_H

#include <jansson.h>

#include "base/err.h"

enum schema_type {
    SCHEMA_STRING,
    SCHEMA_INT64,
    SCHEMA_UINT64,
    SCHEMA_BOOL,
    SCHEMA_FLOAT,
    SCHEMA_OBJECT
};

struct schema_object;
struct schema_member {
    const char *name;
    enum schema_type type;
    bool is_list, required;
    const struct schema_object *object; /* for SCHEMA_OBJECT */
};
struct schema_object {
    const char *name;
    const struct schema_member *members; /* sorted by name */
    int n_members;
};
struct schema_action {
    const char *version, *name;
    const struct schema_object *request, *response;
};

bool schema_has_version(struct str version);
const struct schema_action *schema_action_find(struct str version, struct str name);
/* All actions, sorted by version and name. */
const struct schema_action *schema_actions(size_t *ret_n);

/* NULL: the object has no such member. */
const struct schema_member *schema_member_find(const struct schema_object *object,
                                               const char *name);

/* Which rule was broken; decides the public code. */
enum schema_fault { SCHEMA_OK, SCHEMA_MISSING, SCHEMA_UNKNOWN, SCHEMA_TYPE };
/* Check params (an object) strictly; null members count as absent.  On a fault *e has path and both
 * texts. */
enum schema_fault schema_check(const struct schema_object *object, const json_t *params,
                               struct err *e);
/* The same for an answer ("Response" without Error), for tests: every member declared, of the exact
 * type. */
bool schema_check_answer(const struct schema_action *action, const json_t *response, struct err *e);

#endif
