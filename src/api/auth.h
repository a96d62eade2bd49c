/* api/auth.h - is a request what it says it is?  Signatures TC3-HMAC-SHA256 and v1,
 * docs/reference/wire.md 2 and 3.6.
 *
 * Pure: everything comes in as arguments, the keyring included.
 */
#ifndef API_AUTH_H
#define API_AUTH_H

#include "api/http_request.h"
#include "api/keyring.h"
#include "api/public_error.h"
#include "base/arena.h"

enum auth_mode { AUTH_TC3, AUTH_V1 };

/* The common parameters, whichever way they came. */
struct auth_request {
    enum auth_mode mode;
    struct str action, version, region, language, secret_id, token;
    bool has_region;
    int64_t timestamp;
};

/* One parameter of a query or form, decoded. */
struct auth_field {
    struct str name, value;
    bool is_json; /* value is JSON text: a part of a multipart body that says so */
};

struct auth_config {
    const char *const *extra_hosts;
}; /* NULL-terminated, may be NULL */

/* Everything up to and including the signature; on success *ret and *ret_key are filled.  fields:
 * the decoded query (GET) or form (POST) parameters, used in v1 mode.  False: *fault says the
 * public code and texts. */
bool auth_check(const struct http_request *r, const struct auth_field *fields, int n_fields,
                const struct auth_config *config, struct keyring *keys, int64_t now_s,
                struct arena *a, struct auth_request *ret, struct key_copy *ret_key,
                struct public_error *fault);

enum { AUTH_V1_BODY_MAX = 1 << 20 };
/* What is said of a body that is larger, and signed by v1; false. */
bool auth_v1_too_large(struct public_error *fault);

#endif
