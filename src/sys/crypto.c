/* sys/crypto.c - digests and keyed digests over OpenSSL.
 *
 * HMAC is put together here from the digest (RFC 2104): five of them are needed for every request,
 * and looking an algorithm up in the library for each costs more than the hashing. */
#include "sys/crypto.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

#include "base/codec.h"
#include "base/mem.h"

/* OpenSSL 3 deprecates the stepwise digests in favour of that look-up; they are the quickest. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

enum { BLOCK = 64 };

void sha256(struct str data, uint8_t out[SHA256_LEN])
{
    SHA256_CTX ctx;

    SHA256_Init(&ctx);
    SHA256_Update(&ctx, data.ptr, data.len);
    SHA256_Final(out, &ctx);
}

void sha256_hex(struct str data, char out[2 * SHA256_LEN + 1])
{
    uint8_t digest[SHA256_LEN];

    sha256(data, digest);
    hex_encode(out, digest, sizeof(digest));
}

struct digest {
    SHA256_CTX ctx;
};

struct digest *digest_begin(void)
{
    struct digest *d = NEW(struct digest);

    SHA256_Init(&d->ctx);
    return d;
}

void digest_add(struct digest *d, struct str piece)
{
    SHA256_Update(&d->ctx, piece.ptr, piece.len);
}

void digest_end(struct digest *d, char out[2 * SHA256_LEN + 1])
{
    uint8_t digest[SHA256_LEN];

    SHA256_Final(digest, &d->ctx);
    hex_encode(out, digest, sizeof(digest));
    mem_free(d);
}

static void pad_key(uint8_t pad[BLOCK], const uint8_t key[BLOCK], uint8_t value)
{
    for (int i = 0; i < BLOCK; i++)
        pad[i] = key[i] ^ value;
}

void hmac_sha256(struct str key, struct str data, uint8_t out[SHA256_LEN])
{
    uint8_t block[BLOCK] = { 0 }, pad[BLOCK], inner[SHA256_LEN];
    SHA256_CTX ctx;

    if (key.len > BLOCK)
        sha256(key, block);
    else if (key.len > 0)
        memcpy(block, key.ptr, key.len);
    pad_key(pad, block, 0x36);
    SHA256_Init(&ctx);
    SHA256_Update(&ctx, pad, BLOCK);
    SHA256_Update(&ctx, data.ptr, data.len);
    SHA256_Final(inner, &ctx);
    pad_key(pad, block, 0x5c);
    SHA256_Init(&ctx);
    SHA256_Update(&ctx, pad, BLOCK);
    SHA256_Update(&ctx, inner, sizeof(inner));
    SHA256_Final(out, &ctx);
    OPENSSL_cleanse(block, sizeof(block));
    OPENSSL_cleanse(pad, sizeof(pad));
}

void hmac_sha1(struct str key, struct str data, uint8_t out[SHA1_LEN])
{
    uint8_t block[BLOCK] = { 0 }, pad[BLOCK], inner[SHA1_LEN];
    SHA_CTX ctx;

    if (key.len > BLOCK)
        SHA1((const unsigned char *)key.ptr, key.len, block);
    else if (key.len > 0)
        memcpy(block, key.ptr, key.len);
    pad_key(pad, block, 0x36);
    SHA1_Init(&ctx);
    SHA1_Update(&ctx, pad, BLOCK);
    SHA1_Update(&ctx, data.ptr, data.len);
    SHA1_Final(inner, &ctx);
    pad_key(pad, block, 0x5c);
    SHA1_Init(&ctx);
    SHA1_Update(&ctx, pad, BLOCK);
    SHA1_Update(&ctx, inner, sizeof(inner));
    SHA1_Final(out, &ctx);
    OPENSSL_cleanse(block, sizeof(block));
    OPENSSL_cleanse(pad, sizeof(pad));
}

bool crypto_equal(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}
