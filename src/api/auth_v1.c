/* api/auth_v1.c - the signatures HmacSHA1 and HmacSHA256 of a query or a form,
 * docs/reference/wire.md 2. */
#include <stdlib.h>

#include "api/auth_int.h"
#include "base/buf.h"
#include "base/codec.h"
#include "sys/crypto.h"

static bool missing_parameter(struct public_error *fault, const char *name)
{
    return public_error_set(fault, "MissingParameter",
                            "The request is missing a required parameter `%s`.",
                            "请求缺少必填参数 `%s`。", name);
}

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
    struct auth_hosts hosts;
    struct buf params, text;

    auth_hosts(r, config, a, &hosts);
    buf_init(&params, AUTH_TEXT_MAX);
    buf_init(&text, AUTH_TEXT_MAX);
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
    return fits || auth_bad_signature(fault);
}

bool auth_v1_too_large(struct public_error *fault)
{
    return public_error_set(
        fault, "AuthFailure.SignatureFailure",
        "The provided credentials could not be validated because of exceeding request size limit, "
        "please use new signature method `TC3-HMAC-SHA256`.",
        "请求超过大小限制，签名无法校验，请使用签名方法 `TC3-HMAC-SHA256`。");
}

bool auth_v1_check(const struct http_request *r, const struct auth_field *fields, int n,
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
    if (r->body.len > AUTH_V1_BODY_MAX)
        return auth_v1_too_large(fault);
    return auth_common(q, keys, now_s, key, fault) &&
           verify_v1(r, fields, n, config, key, a, fault);
}
