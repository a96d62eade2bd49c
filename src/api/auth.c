/* api/auth.c - common parameters, their order of checks, and which signature a request has
 * (docs/reference/wire.md 2, 3.6). */
#include "api/auth.h"

#include "api/auth_int.h"

enum { WINDOW_S = 300 };

const struct http_header *http_header(const struct http_request *r, struct str name)
{
    for (int i = 0; i < r->n_headers; i++)
        if (str_ieq(r->headers[i].name, name))
            return &r->headers[i];
    return NULL;
}

bool auth_bad_signature(struct public_error *fault)
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

bool auth_common(const struct auth_request *q, struct keyring *keys, int64_t now_s,
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
     * takes to find one tells nothing more.  Signatures are compared in constant time. */
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

static void add_host(struct auth_hosts *c, struct str s)
{
    for (int i = 0; i < c->n; i++)
        if (str_eq(c->items[i], s))
            return;
    if (c->n < AUTH_HOSTS_MAX)
        c->items[c->n++] = s;
}

struct str auth_lower(struct arena *a, struct str s)
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

void auth_hosts(const struct http_request *r, const struct auth_config *config, struct arena *a,
                struct auth_hosts *ret)
{
    const struct http_header *host = http_header(r, STR("host"));

    ret->n = 0;
    if (host) {
        add_host(ret, host->value);
        add_host(ret, without_port(host->value));
        add_host(ret, auth_lower(a, host->value));
        add_host(ret, auth_lower(a, without_port(host->value)));
    }
    for (const char *const *extra = config->extra_hosts; extra && *extra; extra++)
        add_host(ret, str_from(*extra));
}

/* ---- the whole ------------------------------------------------------------------------------ */

bool auth_check(const struct http_request *r, const struct auth_field *fields, int n_fields,
                const struct auth_config *config, struct keyring *keys, int64_t now_s,
                struct arena *a, struct auth_request *ret, struct key_copy *ret_key,
                struct public_error *fault)
{
    const struct http_header *header = http_header(r, STR("authorization"));

    *ret = (struct auth_request){ .timestamp = 0 };
    if (header)
        return auth_tc3_check(r, header, config, keys, now_s, a, ret, ret_key, fault);
    return auth_v1_check(r, fields, n_fields, config, keys, now_s, a, ret, ret_key, fault);
}
