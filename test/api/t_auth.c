/* test/api/t_auth.c - signatures: the published and frozen vectors, and what must not pass. */
#include "api/auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "api/form.h"
#include "base/codec.h"

enum { VECTORS = 37 };

struct replay {
    struct arena arena;
    struct keyring *keys;
    struct http_request request;
    struct http_header headers[32];
    struct auth_field *fields;
    int n_fields;
    int64_t now;
    const char *const *extra_hosts;
    struct auth_request out;
    struct key_copy key;
    struct public_error fault;
};

static json_t *vectors;

static const char *text(const json_t *o, const char *name)
{
    const char *value = json_string_value(json_object_get(o, name));
    return value ? value : "";
}

static int load(void **state)
{
    (void)state;
    vectors = json_load_file(VECTORS_FILE, 0, NULL);
    return vectors ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    json_decref(vectors);
    return 0;
}

static void replay_init(struct replay *r, const json_t *v)
{
    const char *id;
    json_t *secret, *header;
    struct buf body;
    size_t i;

    memset(r, 0, sizeof(*r));
    arena_init(&r->arena);
    r->keys = keyring_new();
    json_object_foreach(json_object_get(vectors, "keyring"), id, secret)
        keyring_add(r->keys, str_from(id), str_from(json_string_value(secret)), STR("100"), false);
    json_array_foreach(json_object_get(v, "headers"), i, header)
        r->headers[r->request.n_headers++] =
        (struct http_header){ str_from(json_string_value(json_array_get(header, 0))),
                              str_from(json_string_value(json_array_get(header, 1))) };
    struct str target = str_from(text(v, "target"));
    r->request.path = str_split(&target, '?');
    r->request.query = target;
    r->request.method = str_from(text(v, "method"));
    r->request.headers = r->headers;
    buf_init(&body, 1 << 20);
    assert_true(base64_decode(&body, str_from(text(v, "body_b64"))));
    r->request.body = arena_str(&r->arena, buf_str(&body));
    buf_done(&body);
    r->now = json_integer_value(json_object_get(v, "assume_now"));
}

static bool replay_run(struct replay *r)
{
    struct auth_config config = { r->extra_hosts };
    bool get = str_eq_c(r->request.method, "GET");

    if (!http_header(&r->request, STR("authorization")) &&
        !form_parse(get ? r->request.query : r->request.body, &r->arena, &r->fields, &r->n_fields,
                    &r->fault))
        return false;
    return auth_check(&r->request, r->fields, r->n_fields, &config, r->keys, r->now, &r->arena,
                      &r->out, &r->key, &r->fault);
}

static void replay_done(struct replay *r)
{
    keyring_free(r->keys);
    arena_done(&r->arena);
}

/* What weft answers to a valid vector when that is not success: it has no temporary keys, and an
 * empty Region is refused (docs/reference/wire.md 6.2 row 56, 6.3 row 81). */
static const struct {
    const char *id, *code;
} exceptions[] = {
    { "post-sts-token", "AuthFailure.TokenFailure" },
    { "v1-get-sha1-token", "AuthFailure.TokenFailure" },
    { "v1-empty-region", "InvalidParameterValue" },
};

static void test_vectors__are_verified(void **state)
{
    json_t *v;
    size_t i;

    (void)state;
    assert_int_equal(json_array_size(json_object_get(vectors, "vectors")), VECTORS);
    json_array_foreach(json_object_get(vectors, "vectors"), i, v)
    {
        const char *code = NULL;
        struct replay r;
        replay_init(&r, v);
        for (size_t j = 0; j < ARRAY_LEN(exceptions); j++)
            if (strcmp(exceptions[j].id, text(v, "id")) == 0)
                code = exceptions[j].code;
        bool good = replay_run(&r);
        if (good != (code == NULL) || (code && strcmp(code, r.fault.code) != 0))
            fail_msg("%s: %s", text(v, "id"), good ? "passed" : r.fault.code);
        replay_done(&r);
    }
}

/* One byte of the signed request changed: none may pass, whatever the vector. */
static void test_vectors__changed_do_not_pass(void **state)
{
    json_t *v;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(vectors, "vectors"), i, v)
    {
        struct replay r;
        replay_init(&r, v);
        bool unsigned_body = http_header(&r.request, STR("x-tc-content-sha256")) != NULL;
        if (r.request.body.len > 0 && !unsigned_body) {
            char *body = arena_cstr(&r.arena, r.request.body);
            body[r.request.body.len - 1] ^= 1;
            r.request.body.ptr = body;
        } else {
            /* Rows 42: the wrong secret. */
            json_t *secret;
            const char *id;
            json_object_foreach(json_object_get(vectors, "keyring"), id, secret)
                keyring_add(r.keys, str_from(id), STR("another secret"), STR("100"), false);
        }
        assert_false(replay_run(&r));
        replay_done(&r);
    }
}

static const json_t *find(const char *id)
{
    json_t *v;
    size_t i;

    json_array_foreach(json_object_get(vectors, "vectors"), i,
                       v) if (strcmp(text(v, "id"), id) == 0) return v;
    fail_msg("there is no vector %s", id);
    return NULL;
}

static struct http_header *header_of(struct replay *r, const char *name)
{
    for (int i = 0; i < r->request.n_headers; i++)
        if (str_ieq(r->headers[i].name, str_from(name)))
            return &r->headers[i];
    fail_msg("no header %s", name);
    return NULL;
}

static struct str replaced(struct arena *a, struct str s, const char *from, const char *to)
{
    ptrdiff_t where = str_find(s, str_from(from));

    assert_true(where >= 0);
    return arena_printf(a, "%.*s%s%.*s", (int)where, s.ptr, to,
                        (int)(s.len - (size_t)where - strlen(from)), s.ptr + where + strlen(from));
}

/* docs/reference/wire.md 6.2; each row changes one thing of a valid request. */
static void test_tc3__checklist(void **state)
{
    static const struct {
        int row, seconds; /* seconds: moves the server's clock */
        const char *header, *from, *to, *code;
    } rows[] = {
        { 33, 0, "Authorization", "SignedHeaders=content-type;host", "SignedHeaders=content-type",
          "AuthFailure.InvalidAuthorization" },
        { 33, 0, "Authorization", "SignedHeaders=content-type;host", "SignedHeaders=host",
          "AuthFailure.InvalidAuthorization" },
        { 34, 0, "Authorization", "content-type;host", "content-type;host;x-none",
          "AuthFailure.InvalidAuthorization" },
        { 36, 0, "Authorization", "Signature=", "Signature=0", "AuthFailure.SignatureFailure" },
        { 37, 0, "Content-Type", "application/json", "application/xml",
          "AuthFailure.SignatureFailure" },
        { 38, 0, "X-TC-Timestamp", "1785542400", "1785542401", "AuthFailure.SignatureFailure" },
        { 39, 0, "Authorization", "2026-08-01", "2026-08-02", "AuthFailure.SignatureFailure" },
        { 40, 0, "Authorization", "Credential=AKID", "Credential=BKID",
          "AuthFailure.SecretIdNotFound" },
        { 43, 299, "X-TC-Region", "", "", NULL },
        { 43, -299, "X-TC-Region", "", "", NULL },
        { 44, 301, "X-TC-Region", "", "", "AuthFailure.SignatureExpire" },
        { 44, -301, "X-TC-Region", "", "", "AuthFailure.SignatureExpire" },
        { 45, 301, "Authorization", "Signature=", "Signature=0", "AuthFailure.SignatureExpire" },
        { 46, 0, "X-TC-Timestamp", "1785542400", "soon", "InvalidParameter" },
        { 46, 0, "X-TC-Timestamp", "1785542400", "-5", "InvalidParameter" },
        { 46, 0, "X-TC-Timestamp", "1785542400", "17855424001785542400", "InvalidParameter" },
        { 47, 0, "Authorization", "TC3-HMAC-SHA256", "Bearer", "AuthFailure.InvalidAuthorization" },
        { 49, 0, "Authorization", "Signature=", "Sig=", "AuthFailure.InvalidAuthorization" },
        { 49, 0, "Authorization", "Credential=", "Cred=", "AuthFailure.InvalidAuthorization" },
        { 50, 0, "Authorization", "tc3_request", "aws4_request",
          "AuthFailure.InvalidAuthorization" },
        { 51, 0, "Authorization", ", SignedHeaders", ",SignedHeaders", NULL },
        { 55, 0, "Authorization", "TC3-HMAC-SHA256", "SKIP", "AuthFailure.InvalidAuthorization" },
        { 82, 0, "X-TC-Action", "CreateTask", "", "MissingParameter" },
        { 83, 0, "X-TC-Version", "2025-08-06", "", "MissingParameter" },
        { 84, 0, "X-TC-Timestamp", "1785542400", "", "MissingParameter" },
        { 90, 0, "X-TC-Region", "ap-guangzhou", "", "InvalidParameterValue" },
        { 90, 0, "X-TC-Region", "ap-guangzhou", "ap guangzhou", "InvalidParameterValue" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct replay r;
        replay_init(&r, find("post-min-empty-object"));
        struct http_header *h = header_of(&r, rows[i].header);
        h->value = replaced(&r.arena, h->value, rows[i].from, rows[i].to);
        r.now += rows[i].seconds;
        bool good = replay_run(&r);
        if (good != (rows[i].code == NULL) || (!good && strcmp(rows[i].code, r.fault.code) != 0))
            fail_msg("row %d (entry %zu): %s", rows[i].row, i, good ? "passed" : r.fault.code);
        if (!good)
            assert_true(r.fault.en[0] && r.fault.zh[0]);
        replay_done(&r);
    }
}

/* docs/reference/wire.md 6.3: what is missing or malformed in parameter mode. */
static void test_v1__missing_and_malformed(void **state)
{
    static const struct {
        int row;
        const char *query, *code, *names;
    } rows[] = {
        { 71, "", "MissingParameter", "Timestamp" },
        { 72, "Action=X", "MissingParameter", "Timestamp" },
        { 73, "Timestamp=1785542400", "MissingParameter", "Nonce" },
        { 74, "Timestamp=1785542400&Nonce=1&SecretId=a&Signature=b&Version=c", "MissingParameter",
          "Action" },
        { 75, "Action=X&Timestamp=1785542400&Nonce=abc&SecretId=a&Signature=b&Version=c",
          "InvalidParameter", "Nonce" },
        { 76,
          "Action=X&Timestamp=1785542400&Nonce=9223372036854775807&SecretId=a&Signature=b&Version="
          "c",
          "AuthFailure.SecretIdNotFound", "" },
        { 120, "A=1&A=2", "InvalidParameter", "A" },
        { 122, "A", "InvalidParameter", "" },
        { 122, "=1", "InvalidParameter", "" },
        { 98, "A=%ff", "InvalidParameter", "A" },
        { 98, "A=%zz", "InvalidParameter", "A" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct replay r;
        replay_init(&r, find("doc-v1-get-sha1"));
        r.request.query = str_from(rows[i].query);
        r.now = 1785542400;
        assert_false(replay_run(&r));
        if (strcmp(r.fault.code, rows[i].code) != 0 || !strstr(r.fault.en, rows[i].names))
            fail_msg("row %d (entry %zu): %s %s", rows[i].row, i, r.fault.code, r.fault.en);
        replay_done(&r);
    }
}

/* Rows 26-32 by the vectors; here the names that only configuration allows (1.5, the gateway
 * endpoint). */
static void test_hosts__extra_names(void **state)
{
    static const char *const extra[] = { "wedata.tencentcloudapi.com", NULL };
    struct replay r;

    (void)state;
    replay_init(&r, find("post-min-empty-object"));
    header_of(&r, "Host")->value = STR("127.0.0.1:8099");
    assert_false(replay_run(&r));
    assert_string_equal(r.fault.code, "AuthFailure.SignatureFailure");
    r.extra_hosts = extra;
    assert_true(replay_run(&r));
    replay_done(&r);
}

static void test_key__of_the_signer(void **state)
{
    struct replay r;

    (void)state;
    replay_init(&r, find("post-min-empty-object"));
    assert_true(replay_run(&r));
    assert_string_equal(r.key.uin, "100");
    assert_false(r.key.root);
    assert_true(str_eq_c(r.out.action, "CreateTask"));
    assert_true(str_eq_c(r.out.version, "2025-08-06"));
    assert_true(str_eq_c(r.out.region, "ap-guangzhou"));
    replay_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors__are_verified),
        cmocka_unit_test(test_vectors__changed_do_not_pass),
        cmocka_unit_test(test_tc3__checklist),
        cmocka_unit_test(test_v1__missing_and_malformed),
        cmocka_unit_test(test_hosts__extra_names),
        cmocka_unit_test(test_key__of_the_signer),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
