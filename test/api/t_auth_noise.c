/* test/api/t_auth_noise.c - signatures under noise: whatever arrives gets a verdict, and what
 * differs from what was signed does not pass.
 */
#include "api/auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "api/form.h"
#include "base/codec.h"
#include "base/prng.h"
#include "sys/crypto.h"

enum { NOW = 1785542400, HEADERS = 6, ROUNDS = 20000 };
static const char date[] = "2026-08-01", secret[] = "a secret", body[] = "{\"ProjectId\":\"1\"}";

/* One request whose texts are exact allocations, so that a sanitizer sees a byte too many. */
struct noisy {
    struct http_request request;
    struct http_header headers[HEADERS];
};

static struct str exact(struct str text)
{
    char *copy = mem_alloc(text.len);

    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    return str_make(copy, text.len);
}

static void noisy_init(struct noisy *n, const struct str headers[HEADERS][2])
{
    *n = (struct noisy){ .request = {
                             .method = STR("POST"), .path = STR("/"), .n_headers = HEADERS } };
    for (int i = 0; i < HEADERS; i++)
        n->headers[i] = (struct http_header){ headers[i][0], exact(headers[i][1]) };
    n->request.headers = n->headers;
    n->request.body = exact(str_from(body));
}

static void free_text(struct str text)
{
    mem_free((char *)(uintptr_t)text.ptr);
}

static void noisy_done(struct noisy *n)
{
    for (int i = 0; i < HEADERS; i++)
        free_text(n->headers[i].value);
    free_text(n->request.body);
}

static struct str view(const uint8_t digest[SHA256_LEN])
{
    return str_make((const char *)digest, SHA256_LEN);
}

static void sign(char out[2 * SHA256_LEN + 1])
{
    uint8_t a[SHA256_LEN], b[SHA256_LEN];
    char hash[2 * SHA256_LEN + 1], text[512];

    sha256_hex(str_from(body), hash);
    snprintf(text, sizeof(text),
             "POST\n/\n\ncontent-type:application/json\nhost:h\n\ncontent-type;host\n%s", hash);
    sha256_hex(str_from(text), hash);
    snprintf(text, sizeof(text), "TC3%s", secret);
    hmac_sha256(str_from(text), str_from(date), a);
    hmac_sha256(view(a), STR("wedata"), b);
    hmac_sha256(view(b), STR("tc3_request"), a);
    snprintf(text, sizeof(text), "TC3-HMAC-SHA256\n%d\n%s/wedata/tc3_request\n%s", NOW, date, hash);
    hmac_sha256(view(a), str_from(text), b);
    hex_encode(out, b, sizeof(b));
}

static bool check_request(const struct http_request *r, struct public_error *fault)
{
    struct keyring *keys = keyring_new();
    const struct auth_config config = { .extra_hosts = NULL };
    struct auth_field *fields = NULL;
    struct auth_request out;
    struct key_copy key;
    struct arena arena;
    int n = 0;

    arena_init(&arena);
    keyring_add(keys, STR("AKID"), str_from(secret), STR("1"), false);
    *fault = (struct public_error){ .code = NULL };
    bool good =
        (http_header(r, STR("authorization")) || form_parse(r->body, &arena, &fields, &n, fault)) &&
        auth_check(r, fields, n, &config, keys, NOW, &arena, &out, &key, fault);
    arena_done(&arena);
    keyring_free(keys);
    return good;
}

/* Truncations, then one to three changed bytes, in the value of one header or in the body. */
static void disturb(struct str *text, int round, struct prng *random)
{
    char *bytes = (char *)(uintptr_t)text->ptr;

    if (text->len == 0)
        return;
    if (round % 4 == 0) {
        struct str cut = exact(str_sub(*text, 0, prng_below(random, text->len)));
        free_text(*text);
        *text = cut;
        return;
    }
    for (uint64_t n = 1 + prng_below(random, 3); n > 0; n--)
        bytes[prng_below(random, text->len)] = (char)(1 + prng_below(random, 255));
}

static void test_tc3__noise_does_not_pass(void **state)
{
    char signature[2 * SHA256_LEN + 1], authorization[512], stamp[24];
    struct prng random;
    struct public_error fault;
    int passed = 0;

    (void)state;
    sign(signature);
    snprintf(authorization, sizeof(authorization),
             "TC3-HMAC-SHA256 Credential=AKID/%s/wedata/tc3_request, "
             "SignedHeaders=content-type;host, Signature=%s",
             date, signature);
    snprintf(stamp, sizeof(stamp), "%d", NOW);
    const struct str headers[HEADERS][2] = {
        { STR("Host"), STR("h") },
        { STR("Content-Type"), STR("application/json") },
        { STR("Authorization"), str_from(authorization) },
        { STR("X-TC-Timestamp"), str_from(stamp) },
        { STR("X-TC-Action"), STR("A") },
        { STR("X-TC-Version"), STR("V") },
    };
    prng_init(&random, 1);
    for (int round = 0; round < ROUNDS; round++) {
        struct noisy n;
        noisy_init(&n, headers);
        assert_true(round > 0 || check_request(&n.request, &fault));
        uint64_t which = prng_below(&random, 5); /* host, type, authorization, time, body */
        struct str *text = which == 4 ? &n.request.body : &n.headers[which].value;
        disturb(text, round, &random);
        struct str before = which == 4 ? str_from(body) : headers[which][1];
        bool same = str_eq(*text, before);
        bool good = check_request(&n.request, &fault);
        passed += good;
        if (!good)
            assert_true(fault.code && fault.en[0] && fault.zh[0]);
        /* White space at the ends and the case of header names mean nothing; a host or type in
         * capitals may have been signed in small letters.  Nothing else may differ. */
        if (good && !same && which == 4)
            fail_msg("a changed body passed");
        if (good && !same && which != 2 && !str_ieq(str_trim(*text), before))
            fail_msg("'%.*s' passed for '%.*s'", STR_ARG(*text), STR_ARG(before));
        if (good && !same && which == 2 && str_find(*text, str_from(signature)) < 0)
            fail_msg("'%.*s' passed", STR_ARG(*text));
        noisy_done(&n);
    }
    assert_true(passed < ROUNDS / 20);
}

/* Escapes may be written in more than one way. */
static bool same_text(struct str a, struct str b)
{
    struct buf x, y;
    bool same;

    buf_init(&x, 4096);
    buf_init(&y, 4096);
    same = percent_decode(&x, a, true) && percent_decode(&y, b, true) &&
           str_eq(buf_str(&x), buf_str(&y));
    buf_done(&x);
    buf_done(&y);
    return same;
}

static void test_v1__noise_does_not_pass(void **state)
{
    static const char unsigned_part[] =
        "Action=A&Nonce=1&SecretId=AKID&Timestamp=1785542400&Version=V";
    char text[256];
    uint8_t digest[SHA1_LEN];
    struct prng random;
    struct public_error fault;
    struct buf signature;

    (void)state;
    snprintf(text, sizeof(text), "POSTh/?%s", unsigned_part);
    hmac_sha1(str_from(secret), str_from(text), digest);
    buf_init(&signature, 64);
    base64_encode(&signature, str_make((const char *)digest, sizeof(digest)));
    snprintf(text, sizeof(text), "%s&Signature=", unsigned_part);
    for (size_t i = 0; i < signature.len; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%%%02X",
                 (unsigned)(unsigned char)signature.ptr[i]);
    buf_done(&signature);
    struct http_header host = { STR("Host"), STR("h") };
    prng_init(&random, 2);
    for (int round = 0; round < ROUNDS; round++) {
        struct http_request r = { .method = STR("POST"),
                                  .path = STR("/"),
                                  .headers = &host,
                                  .n_headers = 1,
                                  .body = exact(str_from(text)) };
        assert_true(round > 0 || check_request(&r, &fault));
        disturb(&r.body, round, &random);
        if (!check_request(&r, &fault)) {
            assert_true(fault.code && fault.en[0] && fault.zh[0]);
        } else if (!same_text(r.body, str_from(text))) {
            fail_msg("'%.*s' passed", STR_ARG(r.body));
        }
        free_text(r.body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tc3__noise_does_not_pass),
        cmocka_unit_test(test_v1__noise_does_not_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
