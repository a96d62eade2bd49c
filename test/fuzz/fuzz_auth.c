/* test/fuzz/fuzz_auth.c - signatures (docs/reference/wire.md 2, 3.6): what is signed rightly is
 * never refused as a wrong signature, and what passes does not pass with another key or another
 * body.
 *
 *   input: a line, then an HTTP request as it stands on the wire.  With the line "sign" the
 *   signature is made right first, so that what is behind it is reached: the action, its
 *   parameters.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "api/form.h"
#include "api/payload.h"
#include "base/codec.h"
#include "sys/crypto.h"

enum { NOW = 1785542400, HEADERS_MAX = 40, CIVIL_DAY_S = 86400 };
static const char today[] = "2026-08-01", secret[] = "a secret";
static const char *const extra_hosts[] = { "wedata.tencentcloudapi.com", NULL };

struct message {
    struct http_request request;
    struct http_header headers[HEADERS_MAX];
    struct auth_field *fields; /* of a query or form, without an Authorization header */
    int n_fields;
};

/* False: it is none; HTTP has no NUL before the body. */
static bool read_message(struct str text, struct message *m)
{
    const char *begin = text.ptr;
    struct str line = str_split(&text, '\n');

    *m = (struct message){ .n_fields = 0 };
    m->request.method = str_split(&line, ' ');
    m->request.path = str_split(&line, '?');
    m->request.query = line;
    while (text.ptr) {
        line = str_split(&text, '\n');
        if (line.len == 0)
            break;
        if (m->request.n_headers < HEADERS_MAX) {
            struct str name = str_split(&line, ':');
            m->headers[m->request.n_headers++] = (struct http_header){ name, str_trim(line) };
        }
    }
    m->request.headers = m->headers;
    m->request.body = text;
    return text.ptr && str_find_char(str_make(begin, (size_t)(text.ptr - begin)), '\0') < 0;
}

static struct keyring *keyring_of(const char *key)
{
    struct keyring *keys = keyring_new();

    keyring_add(keys, STR("AKID"), str_from(key), STR("1"), false);
    return keys;
}

/* ---- signing, as a client does ------------------------------------------------------------- */

static struct str lower(struct arena *a, struct str s)
{
    char *copy = arena_cstr(a, s);

    for (size_t i = 0; i < s.len; i++)
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (char)(copy[i] | 32);
    return str_make(copy, s.len);
}

/* What stands behind "name=" up to the next comma. */
static struct str part(struct str authorization, const char *name)
{
    ptrdiff_t at = str_find(authorization, str_from(name));
    struct str rest = at < 0 ? (struct str){ NULL, 0 }
                             : str_sub(authorization, (size_t)at + strlen(name), authorization.len);

    return str_trim(str_split(&rest, ','));
}

static struct str value_of(const struct http_request *r, struct str name)
{
    const struct http_header *h = http_header(r, name);

    return h ? str_trim(h->value) : (struct str){ NULL, 0 };
}

static void canonical(const struct http_request *r, struct str names, struct arena *a,
                      struct buf *out)
{
    char hash[2 * SHA256_LEN + 1];
    bool get = str_eq_c(r->method, "GET");
    struct str rest = names;

    buf_add_str(out, r->method);
    buf_add_c(out, "\n/\n");
    if (get)
        buf_add_str(out, r->query);
    buf_add_char(out, '\n');
    while (rest.ptr) {
        struct str name = str_split(&rest, ';');
        buf_add_str(out, lower(a, name));
        buf_add_char(out, ':');
        buf_add_str(out, value_of(r, name));
        buf_add_char(out, '\n');
    }
    buf_add_char(out, '\n');
    buf_add_str(out, names);
    buf_add_char(out, '\n');
    if (str_eq_c(value_of(r, STR("x-tc-content-sha256")), "UNSIGNED-PAYLOAD"))
        sha256_hex(STR("UNSIGNED-PAYLOAD"), hash);
    else
        sha256_hex(get ? (struct str){ NULL, 0 } : r->body, hash);
    buf_add_c(out, hash);
}

static struct str view(const uint8_t digest[SHA256_LEN])
{
    return str_make((const char *)digest, SHA256_LEN);
}

/* Gives the Authorization header the signature that its other parts ask for. */
static bool sign_tc3(struct message *m, struct http_header *authorization, struct arena *a)
{
    struct str credential = part(authorization->value, "Credential="),
               names = part(authorization->value, "SignedHeaders="), scope = credential;
    int64_t timestamp;
    uint8_t one[SHA256_LEN], two[SHA256_LEN];
    char hex[2 * SHA256_LEN + 1];
    struct buf text;

    str_split(&scope, '/');
    struct str service = scope, date = str_split(&service, '/');
    ptrdiff_t end = str_rfind_char(service, '/');
    if (!str_to_i64(value_of(&m->request, STR("x-tc-timestamp")), &timestamp) || end < 0 ||
        names.len == 0)
        return false;
    buf_init(&text, SIZE_MAX);
    canonical(&m->request, names, a, &text);
    sha256_hex(buf_str(&text), hex);
    buf_done(&text);
    hmac_sha256(arena_printf(a, "TC3%s", secret), date, one);
    hmac_sha256(view(one), str_sub(service, 0, (size_t)end), two);
    hmac_sha256(view(two), STR("tc3_request"), one);
    hmac_sha256(view(one),
                arena_printf(a, "TC3-HMAC-SHA256\n%lld\n%.*s\n%s", (long long)timestamp,
                             STR_ARG(scope), hex),
                two);
    hex_encode(hex, two, SHA256_LEN);
    authorization->value =
        arena_printf(a, "TC3-HMAC-SHA256 Credential=%.*s, SignedHeaders=%.*s, Signature=%s",
                     STR_ARG(credential), STR_ARG(names), hex);
    /* A date that is not that of the timestamp, and no host, are wrong signatures whatever was
     * computed. */
    return str_eq_c(date, today) && timestamp / CIVIL_DAY_S == NOW / CIVIL_DAY_S &&
           http_header(&m->request, STR("host")) &&
           str_eq_c(credential.len > 12 ? str_sub(credential, credential.len - 12, 12) : credential,
                    "/tc3_request");
}

static int by_name(const void *x, const void *y)
{
    return str_cmp(((const struct auth_field *)x)->name, ((const struct auth_field *)y)->name);
}

static bool sign_v1(struct message *m, struct arena *a)
{
    struct auth_field *signature = NULL;
    struct str method = { NULL, 0 };
    uint8_t digest[SHA256_LEN];
    struct buf text, encoded;
    bool first = true;

    if (m->n_fields > 1)
        qsort(m->fields, (size_t)m->n_fields, sizeof(*m->fields), by_name);
    buf_init(&text, SIZE_MAX);
    buf_add_str(&text, m->request.method);
    buf_add_str(&text, value_of(&m->request, STR("host")));
    buf_add_c(&text, "/?");
    for (int i = 0; i < m->n_fields; i++) {
        struct auth_field *f = &m->fields[i];
        if (str_eq_c(f->name, "SignatureMethod"))
            method = f->value;
        if (str_eq_c(f->name, "Signature")) {
            signature = f;
            continue;
        }
        buf_add_c(&text, first ? "" : "&");
        buf_add_str(&text, f->name);
        buf_add_char(&text, '=');
        buf_add_str(&text, f->value);
        first = false;
    }
    bool sha256_wanted = str_eq_c(method, "HmacSHA256");
    buf_init(&encoded, SIZE_MAX);
    if (sha256_wanted)
        hmac_sha256(str_from(secret), buf_str(&text), digest);
    else
        hmac_sha1(str_from(secret), buf_str(&text), digest);
    base64_encode(&encoded, str_make((char *)digest, sha256_wanted ? SHA256_LEN : SHA1_LEN));
    if (signature)
        signature->value = arena_str(a, buf_str(&encoded));
    buf_done(&text);
    buf_done(&encoded);
    return signature && http_header(&m->request, STR("host"));
}

/* Makes it right; true: nothing can be wrong with the signature now. */
static bool sign(struct message *m, struct arena *a)
{
    for (int i = 0; i < m->request.n_headers; i++)
        if (str_ieq(m->headers[i].name, STR("authorization")))
            return sign_tc3(m, &m->headers[i], a);
    return sign_v1(m, a);
}

/* ---- what holds ---------------------------------------------------------------------------- */

static bool judge(const struct message *m, struct keyring *keys, struct arena *a,
                  struct auth_request *q, struct public_error *fault)
{
    static const struct auth_config config = { extra_hosts };
    struct key_copy key = { .uin = "" };

    *fault = (struct public_error){ .code = NULL };
    if (auth_check(&m->request, m->fields, m->n_fields, &config, keys, NOW, a, q, &key, fault)) {
        check(!fault->code && strcmp(key.uin, "1") == 0 && !key.root);
        check(str_eq_c(q->secret_id, "AKID") && q->action.len > 0 && q->version.len > 0);
        check(q->timestamp >= NOW - 300 && q->timestamp <= NOW + 300 && q->token.len == 0);
        return true;
    }
    check(fault->code && fault->en[0] && fault->zh[0]);
    return false;
}

/* Another body means another signature, unless the client left the body out of it. */
static void check_body(struct message *m, struct keyring *keys, struct arena *a)
{
    struct str body = m->request.body;
    struct public_error fault;
    struct auth_request q;

    if (m->fields || str_eq_c(m->request.method, "GET") ||
        str_eq_c(value_of(&m->request, STR("x-tc-content-sha256")), "UNSIGNED-PAYLOAD"))
        return;
    m->request.body = arena_printf(a, "%.*s ", STR_ARG(body));
    check(!judge(m, keys, a, &q, &fault));
    m->request.body = body;
}

static void go_on(const struct message *m, const struct auth_request *q, struct arena *a)
{
    const struct schema_action *action = schema_action_find(q->version, q->action);
    struct public_error fault = { .code = NULL };
    json_t *params = NULL;
    bool good;

    if (!action)
        return;
    good = q->mode == AUTH_V1
               ? payload_of_fields(action->request, m->fields, m->n_fields, &params, &fault)
               : payload_of_request(&m->request, action->request, a, &params, &fault);
    check(good ? json_is_object(params) : fault.code != NULL);
    if (good)
        schema_check(action->request, params, NULL);
    json_decref(params);
}

static void check_message(struct message *m, bool signs, struct arena *a)
{
    static struct keyring *keys, *others;
    struct public_error fault;
    struct auth_request q;
    bool is_get = str_eq_c(m->request.method, "GET");

    if (!keys) {
        keys = keyring_of(secret);
        others = keyring_of("another secret");
    }
    if (!http_header(&m->request, STR("authorization")) && !payload_is_json(&m->request) &&
        !form_parse(is_get ? m->request.query : m->request.body, a, &m->fields, &m->n_fields,
                    &fault))
        return;
    bool is_signed = signs && sign(m, a);
    if (judge(m, keys, a, &q, &fault)) {
        go_on(m, &q, a);
        check_body(m, keys, a);
        check(!judge(m, others, a, &q, &fault));
    } else {
        check(!is_signed || strcmp(fault.code, "AuthFailure.SignatureFailure") != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct str text = str_make((const char *)bytes, n);
    bool signs = str_eq_c(str_split(&text, '\n'), "sign");
    struct message m;
    struct arena a;

    arena_init(&a);
    if (read_message(text, &m))
        check_message(&m, signs, &a);
    arena_done(&a);
    return 0;
}
