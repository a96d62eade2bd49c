/* api/auth_int.h - what the two signatures share: the checks that come before either, the hosts
 * that a client may have signed.  Only for auth*.c. */
#ifndef API_AUTH_INT_H
#define API_AUTH_INT_H

#include "api/auth.h"

enum {
    AUTH_TEXT_MAX = 12 << 20, /* what is signed is no longer */
    AUTH_HOSTS_MAX = 16
};

/* The ways in which a client may have written the host that it signed (wire.md 1.5). */
struct auth_hosts {
    struct str items[AUTH_HOSTS_MAX];
    int n;
};
void auth_hosts(const struct http_request *r, const struct auth_config *config, struct arena *a,
                struct auth_hosts *ret);

/* Checks of the order 4 to 7 of wire.md 3.6: formats, window, key, token.  False: *fault says. */
bool auth_common(const struct auth_request *q, struct keyring *keys, int64_t now_s,
                 struct key_copy *key, struct public_error *fault);
bool auth_bad_signature(struct public_error *fault); /* false */
struct str auth_lower(struct arena *a, struct str s);

/* Each of the two fills *q as far as it comes; as auth_check. */
bool auth_tc3_check(const struct http_request *r, const struct http_header *header,
                    const struct auth_config *config, struct keyring *keys, int64_t now_s,
                    struct arena *a, struct auth_request *q, struct key_copy *key,
                    struct public_error *fault);
bool auth_v1_check(const struct http_request *r, const struct auth_field *fields, int n,
                   const struct auth_config *config, struct keyring *keys, int64_t now_s,
                   struct arena *a, struct auth_request *q, struct key_copy *key,
                   struct public_error *fault);

#endif
