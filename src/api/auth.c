/* api/auth.c - common parameters, their order of checks, and both signatures
 * (docs/reference/wire.md 2, 3.6). */
#include "api/auth.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/codec.h"
#include "cal/civil.h"
#include "sys/crypto.h"

enum { WINDOW_S = 300, V1_SIZE_MAX = 1 << 20, SIGNED_TEXT_MAX = 12 << 20, CANDIDATES_MAX = 16 };

const struct http_header *http_header(const struct http_request *r, struct str name)
{
    for (int i = 0; i < r->n_headers; i++)
        if (str_ieq(r->headers[i].name, name))
            return &r->headers[i];
    return NULL;
}

/* ---- what both modes share ----------------------------------------------------------------- */

static bool missing_header(struct public_error *fault, const char *name)
{
    return public_error_set(fault, "MissingParameter",
                            "The request header is missing a required common parameter `%s`.",
                            "请求头缺少必填的公共参数 `%s`。", name);
}

static bool missing_parameter(struct public_error *fault, const char *name)
{
    return public_error_set(fault, "MissingParameter",
                            "The request is missing a required parameter `%s`.",
                            "请求缺少必填参数 `%s`。", name);
}

static bool bad_authorization(struct public_error *fault, const char *what)
{
    return public_error_set(
        fault, "AuthFailure.InvalidAuthorization",
        "The request `Authorization` header does not conform to the standard: %s.",
        "请求头 `Authorization` 不符合规范：%s。", what);
}

static bool bad_signature(struct public_error *fault)
{
    return public_error_set(
        fault, "AuthFailure.SignatureFailure",
        "The provided credentials could not be validated. Please check your signature is correct.",
        "签名校验失败，请检查签名是否正确。");
}

static bool bad_value(struct public_error *fault, const char *name)
{
    return public_error_set(
        fault, "InvalidParameterValue",
        "A value specified in `%s` is not valid, is unsupported, or cannot be used.",
        "参数 `%s` 的取值无效或不受支持。", name);
}

static bool is_region(struct str region)
{
    for (size_t i = 0; i < region.len; i++) {
        char c = region.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return false;
    }
    return region.len > 0 && region.len <= 64;
}

/* Checks of the order 4 to 7 of wire.md 3.6: formats, window, key, token. */
static bool check_common(const struct auth_request *q, struct keyring *keys, int64_t now_s,
                         struct key_copy *key, struct public_error *fault)
{
    bool header_mode = q->mode == AUTH_TC3;

    if (q->has_region && !is_region(q->region))
        return bad_value(fault, header_mode ? "X-TC-Region" : "Region");
    if (q->language.len > 0 && !str_eq_c(q->language, "zh-CN") && !str_eq_c(q->language, "en-US"))
        return bad_value(fault, header_mode ? "X-TC-Language" : "Language");
    if (q->timestamp < now_s - WINDOW_S || q->timestamp > now_s + WINDOW_S)
        return public_error_set(fault, "AuthFailure.SignatureExpire",
                                "The signature is expired: its timestamp is more than five minutes "
                                "from the server's time.",
                                "签名已过期：时间戳与服务器时间相差超过五分钟。");
    /* That there is no such key is said in so many words, as the cloud does; so the time that it
     * takes to find one tells nothing more.  Secrets are compared in constant time below. */
    if (!keyring_find(keys, q->secret_id, key))
        return public_error_set(
            fault, "AuthFailure.SecretIdNotFound",
            "The SecretId is not found, please ensure that your SecretId is correct.",
            "SecretId不存在，请输入正确的密钥。");
    if (q->token.len > 0)
        return public_error_set(fault, "AuthFailure.TokenFailure",
                                "The token is not valid: this server has permanent keys only.",
                                "Token 无效：本服务只有永久密钥。");
    return true;
}

/* The ways in which a client may have written the host that it signed (wire.md 1.5). */
struct candidates {
    struct str items[CANDIDATES_MAX];
    int n;
};

static void add_candidate(struct candidates *c, struct str s)
{
    for (int i = 0; i < c->n; i++)
        if (str_eq(c->items[i], s))
            return;
    if (c->n < CANDIDATES_MAX)
        c->items[c->n++] = s;
}

static struct str lower_case(struct arena *a, struct str s)
{
    char *copy = arena_cstr(a, s);

    for (size_t i = 0; i < s.len; i++)
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (char)(copy[i] + ('a' - 'A'));
    return str_make(copy, s.len);
}

static struct str without_port(struct str host)
{
    ptrdiff_t colon = str_rfind_char(host, ':');

    if (colon < 0)
        return host;
    for (size_t i = (size_t)colon + 1; i < host.len; i++)
        if (host.ptr[i] < '0' || host.ptr[i] > '9')
            return host;
    return str_sub(host, 0, (size_t)colon);
}

static void host_candidates(const struct http_request *r, const struct auth_config *config,
                            struct arena *a, struct candidates *ret)
{
    const struct http_header *host = http_header(r, STR("host"));

    ret->n = 0;
    if (host) {
        add_candidate(ret, host->value);
        add_candidate(ret, without_port(host->value));
        add_candidate(ret, lower_case(a, host->value));
        add_candidate(ret, lower_case(a, without_port(host->value)));
    }
    for (const char *const *extra = config->extra_hosts; extra && *extra; extra++)
        add_candidate(ret, str_from(*extra));
}

/* ---- TC3 ----------------------------------------------------------------------------------- */

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
        buf_add_str(out, lower_case(a, name));
        buf_add_char(out, ':');
        buf_add_str(out, c->lower_values ? lower_case(a, value) : value);
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

    buf_init(&text, SIGNED_TEXT_MAX);
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
    struct candidates hosts;
    struct str uris[2] = { STR("/"), r->path };
    bool fits = false;

    civil_format((struct civil){ q->timestamp }, date);
    date[10] = '\0';
    if (!str_eq_c(auth->date, date))
        return bad_signature(fault);
    for (int i = 0; i < auth->n_names; i++)
        if (!is_always_signed(auth->names[i]) && !http_header(r, auth->names[i]))
            return bad_authorization(fault, "`SignedHeaders` names a header that is not there");
    if (!payload_hash(r, hash, fault))
        return false;
    host_candidates(r, config, a, &hosts);
    signing_key(key, auth->date, auth->service, signing);
    for (int lower = 0; lower < 2; lower++)
        for (int h = 0; h < hosts.n; h++)
            for (int u = 0; u < (str_eq(uris[0], uris[1]) ? 1 : 2); u++) {
                struct canonical c = { r, auth, hash, uris[u], hosts.items[h], lower == 1 };
                fits = fits || signature_fits(&c, signing, q->timestamp, a);
            }
    mem_wipe(signing, sizeof(signing));
    return fits || bad_signature(fault);
}

static struct str header_text(const struct http_request *r, struct str name)
{
    const struct http_header *h = http_header(r, name);
    return h ? str_trim(h->value) : (struct str){ NULL, 0 };
}

static bool check_tc3(const struct http_request *r, const struct http_header *header,
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
    return check_common(q, keys, now_s, key, fault) &&
           verify_tc3(r, &auth, config, q, key, a, fault);
}

/* ---- v1 ------------------------------------------------------------------------------------ */

static const struct auth_field *field_find(const struct auth_field *fields, int n, const char *name)
{
    for (int i = 0; i < n; i++)
        if (str_eq_c(fields[i].name, name))
            return &fields[i];
    return NULL;
}

static struct str field_text(const struct auth_field *fields, int n, const char *name)
{
    const struct auth_field *f = field_find(fields, n, name);
    return f ? f->value : (struct str){ NULL, 0 };
}

static int by_name(const void *x, const void *y)
{
    return str_cmp(((const struct auth_field *)x)->name, ((const struct auth_field *)y)->name);
}

static struct str dotted(struct arena *a, struct str name)
{
    char *copy = arena_cstr(a, name);

    for (size_t i = 0; i < name.len; i++)
        if (copy[i] == '_')
            copy[i] = '.';
    return str_make(copy, name.len);
}

/* "k=v&k=v", sorted by name, the signature left out.  Python and Java sign '_' in names as '.'. */
static void v1_text(const struct auth_field *fields, int n, bool dots, struct arena *a,
                    struct buf *out)
{
    struct auth_field *sorted = ARENA_ARRAY(a, struct auth_field, (size_t)n + 1);
    int kept = 0;

    for (int i = 0; i < n; i++)
        if (!str_eq_c(fields[i].name, "Signature"))
            sorted[kept++] = (struct auth_field){ dots ? dotted(a, fields[i].name) : fields[i].name,
                                                  fields[i].value };
    qsort(sorted, (size_t)kept, sizeof(*sorted), by_name);
    for (int i = 0; i < kept; i++) {
        if (i > 0)
            buf_add_char(out, '&');
        buf_add_str(out, sorted[i].name);
        buf_add_char(out, '=');
        buf_add_str(out, sorted[i].value);
    }
}

static bool v1_fits(struct str text, const struct key_copy *key, bool sha256_wanted,
                    struct str signature)
{
    uint8_t digest[SHA256_LEN];
    size_t len = sha256_wanted ? SHA256_LEN : SHA1_LEN;
    struct buf encoded;
    bool fits;

    if (sha256_wanted)
        hmac_sha256(str_from(key->secret_key), text, digest);
    else
        hmac_sha1(str_from(key->secret_key), text, digest);
    buf_init(&encoded, 128);
    base64_encode(&encoded, str_make((char *)digest, len));
    fits = encoded.len == signature.len && crypto_equal(encoded.ptr, signature.ptr, signature.len);
    buf_done(&encoded);
    return fits;
}

static bool verify_v1(const struct http_request *r, const struct auth_field *fields, int n,
                      const struct auth_config *config, const struct key_copy *key, struct arena *a,
                      struct public_error *fault)
{
    bool sha256_wanted = str_eq_c(field_text(fields, n, "SignatureMethod"), "HmacSHA256"),
         fits = false;
    struct str signature = field_text(fields, n, "Signature"), paths[2] = { STR("/"), r->path };
    struct candidates hosts;
    struct buf params, text;

    host_candidates(r, config, a, &hosts);
    buf_init(&params, SIGNED_TEXT_MAX);
    buf_init(&text, SIGNED_TEXT_MAX);
    for (int dots = 0; dots < 2 && !fits; dots++) {
        buf_reset(&params);
        v1_text(fields, n, dots == 1, a, &params);
        for (int h = 0; h < hosts.n && !fits; h++)
            for (int p = 0; p < (str_eq(paths[0], paths[1]) ? 1 : 2) && !fits; p++) {
                buf_reset(&text);
                buf_add_str(&text, r->method);
                buf_add_str(&text, hosts.items[h]);
                buf_add_str(&text, paths[p]);
                buf_add_char(&text, '?');
                buf_add_str(&text, buf_str(&params));
                fits = v1_fits(buf_str(&text), key, sha256_wanted, signature);
            }
    }
    buf_done(&params);
    buf_done(&text);
    return fits || bad_signature(fault);
}

static bool check_v1(const struct http_request *r, const struct auth_field *fields, int n,
                     const struct auth_config *config, struct keyring *keys, int64_t now_s,
                     struct arena *a, struct auth_request *q, struct key_copy *key,
                     struct public_error *fault)
{
    static const char *const required[] = { "Timestamp", "Nonce",     "Action",
                                            "SecretId",  "Signature", "Version" };
    uint64_t nonce;

    for (size_t i = 0; i < ARRAY_LEN(required); i++)
        if (field_text(fields, n, required[i]).len == 0)
            return missing_parameter(fault, required[i]);
    q->mode = AUTH_V1;
    q->action = field_text(fields, n, "Action");
    q->version = field_text(fields, n, "Version");
    /* An empty Region is one that is there, and refused (wire.md 6.3 row 81). */
    q->region = field_text(fields, n, "Region");
    q->has_region = field_find(fields, n, "Region") != NULL;
    q->language = field_text(fields, n, "Language");
    q->token = field_text(fields, n, "Token");
    q->secret_id = field_text(fields, n, "SecretId");
    if (!str_to_u64(field_text(fields, n, "Nonce"), &nonce))
        return public_error_set(fault, "InvalidParameter", "Parameter `Nonce` type error.",
                                "参数 `Nonce` 类型错误。");
    if (!str_to_i64(field_text(fields, n, "Timestamp"), &q->timestamp) || q->timestamp < 0)
        return public_error_set(fault, "InvalidParameter", "Parameter `Timestamp` type error.",
                                "参数 `Timestamp` 类型错误。");
    if (r->body.len > V1_SIZE_MAX)
        return public_error_set(
            fault, "AuthFailure.SignatureFailure",
            "The provided credentials could not be validated because of exceeding request size "
            "limit, "
            "please use new signature method `TC3-HMAC-SHA256`.",
            "请求超过大小限制，签名无法校验，请使用签名方法 `TC3-HMAC-SHA256`。");
    return check_common(q, keys, now_s, key, fault) &&
           verify_v1(r, fields, n, config, key, a, fault);
}

bool auth_check(const struct http_request *r, const struct auth_field *fields, int n_fields,
                const struct auth_config *config, struct keyring *keys, int64_t now_s,
                struct arena *a, struct auth_request *ret, struct key_copy *ret_key,
                struct public_error *fault)
{
    const struct http_header *header = http_header(r, STR("authorization"));

    *ret = (struct auth_request){ .timestamp = 0 };
    if (header)
        return check_tc3(r, header, config, keys, now_s, a, ret, ret_key, fault);
    return check_v1(r, fields, n_fields, config, keys, now_s, a, ret, ret_key, fault);
}
