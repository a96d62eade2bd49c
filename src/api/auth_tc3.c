/* api/auth_tc3.c - the signature TC3-HMAC-SHA256, docs/reference/wire.md 2. */
#include <stdio.h>

#include "api/auth_int.h"
#include "base/buf.h"
#include "base/codec.h"
#include "cal/civil.h"
#include "sys/crypto.h"

static bool missing_header(struct public_error *fault, const char *name)
{
    return public_error_set(fault, "MissingParameter",
                            "The request header is missing a required common parameter `%s`.",
                            "请求头缺少必填的公共参数 `%s`。", name);
}

static bool bad_authorization(struct public_error *fault, const char *what)
{
    return public_error_set(
        fault, "AuthFailure.InvalidAuthorization",
        "The request `Authorization` header does not conform to the standard: %s.",
        "请求头 `Authorization` 不符合规范：%s。", what);
}

enum { SIGNED_HEADERS_MAX = 32 };
struct authorization {
    struct str secret_id, date, service, scope; /* scope: date/service/tc3_request */
    struct str signed_headers, signature;
    struct str names[SIGNED_HEADERS_MAX];
    int n_names;
};

static bool parse_credential(struct str credential, struct authorization *ret,
                             struct public_error *fault)
{
    ptrdiff_t last = str_rfind_char(credential, '/');

    if (last < 0 || !str_eq_c(str_sub(credential, (size_t)last + 1, credential.len), "tc3_request"))
        return bad_authorization(fault, "`Credential` must end with /tc3_request");
    struct str rest = credential;
    ret->secret_id = str_split(&rest, '/');
    ret->scope = rest;
    ret->date = str_split(&rest, '/');
    if (!rest.ptr || rest.len < sizeof("/tc3_request") - 1 || ret->secret_id.len == 0 ||
        ret->date.len != 10)
        return bad_authorization(fault, "`Credential` must be SecretId/date/service/tc3_request");
    /* Whatever stands between is the service, slashes included (wire.md 1.5). */
    ret->service = str_sub(rest, 0, rest.len - (sizeof("/tc3_request") - 1));
    return true;
}

static bool parse_authorization(struct str text, struct authorization *ret,
                                struct public_error *fault)
{
    struct str credential = { NULL, 0 };
    struct str rest = str_trim(text), scheme = str_split(&rest, ' ');
    bool has_host = false, has_type = false;

    *ret = (struct authorization){ .n_names = 0 };
    if (!str_eq_c(scheme, "TC3-HMAC-SHA256"))
        return bad_authorization(fault, "the scheme must be TC3-HMAC-SHA256");
    while (rest.ptr) {
        struct str value = str_trim(str_split(&rest, ','));
        struct str name = str_split(&value, '=');
        if (str_eq_c(name, "Credential"))
            credential = value;
        else if (str_eq_c(name, "SignedHeaders"))
            ret->signed_headers = value;
        else if (str_eq_c(name, "Signature"))
            ret->signature = value;
    }
    if (credential.len == 0 || ret->signed_headers.len == 0 || ret->signature.len == 0)
        return bad_authorization(fault, "it needs `Credential`, `SignedHeaders` and `Signature`");
    rest = ret->signed_headers;
    while (rest.ptr) {
        struct str name = str_split(&rest, ';');
        if (ret->n_names == SIGNED_HEADERS_MAX)
            return bad_authorization(fault, "`SignedHeaders` has too many names");
        has_host |= str_ieq(name, STR("host"));
        has_type |= str_ieq(name, STR("content-type"));
        ret->names[ret->n_names++] = name;
    }
    if (!has_host || !has_type)
        return bad_authorization(fault, "`SignedHeaders` must have content-type and host");
    return parse_credential(credential, ret, fault);
}

/* The hash of the payload that was signed; false: the X-TC-Content-SHA256 header lies. */
static bool payload_hash(const struct http_request *r, char out[2 * SHA256_LEN + 1],
                         struct public_error *fault)
{
    const struct http_header *declared = http_header(r, STR("x-tc-content-sha256"));

    sha256_hex(str_eq_c(r->method, "GET") ? (struct str){ NULL, 0 } : r->body, out);
    if (!declared)
        return true;
    if (str_eq_c(declared->value, "UNSIGNED-PAYLOAD")) {
        sha256_hex(STR("UNSIGNED-PAYLOAD"), out);
        return true;
    }
    if (str_ieq(declared->value, str_from(out)))
        return true;
    return public_error_set(fault, "InvalidParameterValue",
                            "The value specified in `X-TC-Content-SHA256` is not correct.",
                            "`X-TC-Content-SHA256` 的取值不正确。");
}

struct canonical {
    const struct http_request *request;
    const struct authorization *authorization;
    const char *payload_hash;
    struct str uri, host;
    bool lower_values; /* values as the documentation says; the SDKs sign them as they are */
};

static void canonical_text(const struct canonical *c, struct arena *a, struct buf *out)
{
    const struct http_request *r = c->request;

    buf_add_str(out, r->method);
    buf_add_char(out, '\n');
    buf_add_str(out, c->uri);
    buf_add_char(out, '\n');
    if (str_eq_c(r->method, "GET"))
        buf_add_str(out, r->query);
    buf_add_char(out, '\n');
    for (int i = 0; i < c->authorization->n_names; i++) {
        struct str name = c->authorization->names[i], value;
        const struct http_header *h = http_header(r, name);
        value = str_ieq(name, STR("host")) ? c->host
                : h                        ? str_trim(h->value)
                                           : (struct str){ NULL, 0 };
        buf_add_str(out, auth_lower(a, name));
        buf_add_char(out, ':');
        buf_add_str(out, c->lower_values ? auth_lower(a, value) : value);
        buf_add_char(out, '\n');
    }
    buf_add_char(out, '\n');
    buf_add_str(out, c->authorization->signed_headers);
    buf_add_char(out, '\n');
    buf_add_c(out, c->payload_hash);
}

static void signing_key(const struct key_copy *key, struct str date, struct str service,
                        uint8_t out[SHA256_LEN])
{
    uint8_t date_key[SHA256_LEN], service_key[SHA256_LEN];
    char first[KEY_TEXT_MAX + 4];

    snprintf(first, sizeof(first), "TC3%s", key->secret_key);
    hmac_sha256(str_from(first), date, date_key);
    hmac_sha256(str_make((char *)date_key, SHA256_LEN), service, service_key);
    hmac_sha256(str_make((char *)service_key, SHA256_LEN), STR("tc3_request"), out);
    mem_wipe(first, sizeof(first));
    mem_wipe(date_key, sizeof(date_key));
    mem_wipe(service_key, sizeof(service_key));
}

static bool signature_fits(const struct canonical *c, const uint8_t key[SHA256_LEN],
                           int64_t timestamp, struct arena *a)
{
    char hash[2 * SHA256_LEN + 1], expected[2 * SHA256_LEN + 1];
    uint8_t digest[SHA256_LEN];
    struct buf text;

    buf_init(&text, AUTH_TEXT_MAX);
    canonical_text(c, a, &text);
    sha256_hex(buf_str(&text), hash);
    buf_reset(&text);
    buf_printf(&text, "TC3-HMAC-SHA256\n%lld\n%.*s\n%s", (long long)timestamp,
               STR_ARG(c->authorization->scope), hash);
    hmac_sha256(str_make((const char *)key, SHA256_LEN), buf_str(&text), digest);
    buf_done(&text);
    hex_encode(expected, digest, SHA256_LEN);
    return c->authorization->signature.len == 2 * SHA256_LEN &&
           crypto_equal(expected, c->authorization->signature.ptr, 2 * SHA256_LEN);
}

/* Always signed, whether they are sent or not; without them the signature just does not fit. */
static bool is_always_signed(struct str name)
{
    return str_ieq(name, STR("content-type")) || str_ieq(name, STR("host"));
}

static bool verify_tc3(const struct http_request *r, const struct authorization *auth,
                       const struct auth_config *config, const struct auth_request *q,
                       const struct key_copy *key, struct arena *a, struct public_error *fault)
{
    char hash[2 * SHA256_LEN + 1], date[CIVIL_TEXT_LEN + 1];
    uint8_t signing[SHA256_LEN];
    struct auth_hosts hosts;
    struct str uris[2] = { STR("/"), r->path };
    bool fits = false;

    civil_format((struct civil){ q->timestamp }, date);
    date[10] = '\0';
    if (!str_eq_c(auth->date, date))
        return auth_bad_signature(fault);
    for (int i = 0; i < auth->n_names; i++)
        if (!is_always_signed(auth->names[i]) && !http_header(r, auth->names[i]))
            return bad_authorization(fault, "`SignedHeaders` names a header that is not there");
    if (!payload_hash(r, hash, fault))
        return false;
    auth_hosts(r, config, a, &hosts);
    signing_key(key, auth->date, auth->service, signing);
    for (int lower = 0; lower < 2; lower++)
        for (int h = 0; h < hosts.n; h++)
            for (int u = 0; u < (str_eq(uris[0], uris[1]) ? 1 : 2); u++) {
                struct canonical c = { r, auth, hash, uris[u], hosts.items[h], lower == 1 };
                fits = fits || signature_fits(&c, signing, q->timestamp, a);
            }
    mem_wipe(signing, sizeof(signing));
    return fits || auth_bad_signature(fault);
}

static struct str header_text(const struct http_request *r, struct str name)
{
    const struct http_header *h = http_header(r, name);
    return h ? str_trim(h->value) : (struct str){ NULL, 0 };
}

bool auth_tc3_check(const struct http_request *r, const struct http_header *header,
                    const struct auth_config *config, struct keyring *keys, int64_t now_s,
                    struct arena *a, struct auth_request *q, struct key_copy *key,
                    struct public_error *fault)
{
    struct authorization auth;
    struct str timestamp = header_text(r, STR("x-tc-timestamp"));

    q->mode = AUTH_TC3;
    q->action = header_text(r, STR("x-tc-action"));
    q->version = header_text(r, STR("x-tc-version"));
    q->has_region = http_header(r, STR("x-tc-region")) != NULL;
    q->region = header_text(r, STR("x-tc-region"));
    q->language = header_text(r, STR("x-tc-language"));
    q->token = header_text(r, STR("x-tc-token"));
    if (q->action.len == 0)
        return missing_header(fault, "X-TC-Action");
    if (timestamp.len == 0)
        return missing_header(fault, "X-TC-Timestamp");
    if (q->version.len == 0)
        return missing_header(fault, "X-TC-Version");
    if (!str_to_i64(timestamp, &q->timestamp) || q->timestamp < 0)
        return public_error_set(fault, "InvalidParameter", "Parameter `X-TC-Timestamp` type error.",
                                "参数 `X-TC-Timestamp` 类型错误。");
    if (!parse_authorization(header->value, &auth, fault))
        return false;
    q->secret_id = auth.secret_id;
    return auth_common(q, keys, now_s, key, fault) &&
           verify_tc3(r, &auth, config, q, key, a, fault);
}
