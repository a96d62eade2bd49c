/* sys/crypto.h - digests and keyed digests over OpenSSL.  Any thread. */
#ifndef SYS_CRYPTO_H
#define SYS_CRYPTO_H

#include "base/str.h"

enum { SHA256_LEN = 32, SHA1_LEN = 20 };

void sha256(struct str data, uint8_t out[SHA256_LEN]);
void sha256_hex(struct str data, char out[2 * SHA256_LEN + 1]);
/* SHA-256 of what comes piece by piece; digest_end frees it. */
struct digest;
struct digest *digest_begin(void);
void digest_add(struct digest *d, struct str piece);
void digest_end(struct digest *d, char out[2 * SHA256_LEN + 1]);
void hmac_sha256(struct str key, struct str data, uint8_t out[SHA256_LEN]);
void hmac_sha1(struct str key, struct str data, uint8_t out[SHA1_LEN]);
/* Takes the same time whatever the bytes are. */
bool crypto_equal(const void *a, const void *b, size_t len);

#endif
