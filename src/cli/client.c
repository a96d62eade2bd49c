/* cli/client.c - signs a call, sends it, and takes the envelope off the answer. */
#include "cli/client.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/codec.h"
#include "cal/zone.h"
#include "cli/envelope.h"
#include "cli/interrupt.h"
#include "sys/clock.h"
#include "sys/crypto.h"
#include "sys/curl.h"

enum { ANSWER_MAX = 64 << 20, TIMEOUT_S = 60, LIMITED_TRIES = 100, LIMITED_PAUSE_MS = 300 };

struct client {
    struct client_config config;
    struct arena arena;
    struct arena call;  /* of one call */
    struct str host;    /* as the Host header says it */
    struct str service; /* first label of the host name */
    CURL *curl;
};

enum err_code client_new(const struct client_config *config, struct client **ret, struct err *e)
{
    struct str rest = str_from(config->endpoint);
    ptrdiff_t at = str_find(rest, STR("://"));
    struct client *c;
    enum err_code rc;

    if (at < 0 ||
        !(str_starts_with(rest, STR("http://")) || str_starts_with(rest, STR("https://"))))
        return err_set(e, E_SYNTAX, "the endpoint must look like http://127.0.0.1:8099, not '%s'",
                       config->endpoint);
    rc = curl_library_open(e);
    if (rc != E_OK)
        return rc;
    rest = str_sub(rest, (size_t)at + 3, rest.len);
    c = NEW(struct client);
    c->config = *config;
    arena_init(&c->arena);
    arena_init(&c->call);
    c->host = arena_str(&c->arena, str_split(&rest, '/'));
    struct str name = c->host;
    c->service = str_split(&name, '.');
    c->curl = curl_easy_init();
    if (!c->curl) {
        client_free(c);
        return err_set(e, E_IO, "libcurl does not start");
    }
    *ret = c;
    return E_OK;
}

void client_free(struct client *c)
{
    if (!c)
        return;
    if (c->curl)
        curl_easy_cleanup(c->curl);
    arena_done(&c->arena);
    arena_done(&c->call);
    mem_free(c);
}

static void derive(struct client *c, struct str date, struct str to_sign,
                   char hex[2 * SHA256_LEN + 1])
{
    uint8_t key[SHA256_LEN], next[SHA256_LEN];
    struct str secret = arena_printf(&c->call, "TC3%s", c->config.secret_key);

    hmac_sha256(secret, date, key);
    hmac_sha256(str_make((char *)key, SHA256_LEN), c->service, next);
    hmac_sha256(str_make((char *)next, SHA256_LEN), STR("tc3_request"), key);
    hmac_sha256(str_make((char *)key, SHA256_LEN), to_sign, next);
    hex_encode(hex, next, SHA256_LEN);
}

/* The Authorization header of a JSON POST to "/". */
static struct str authorize(struct client *c, struct str body, int64_t now_s)
{
    char body_hash[2 * SHA256_LEN + 1], hash[2 * SHA256_LEN + 1], signature[2 * SHA256_LEN + 1];
    char date[CIVIL_TEXT_LEN + 1];
    struct arena *a = &c->call;

    civil_format((struct civil){ now_s }, date);
    date[10] = '\0';
    sha256_hex(body, body_hash);
    struct str canonical = arena_printf(
        a, "POST\n/\n\ncontent-type:application/json\nhost:%.*s\n\ncontent-type;host\n%s",
        STR_ARG(c->host), body_hash);
    sha256_hex(canonical, hash);
    struct str to_sign = arena_printf(a, "TC3-HMAC-SHA256\n%lld\n%s/%.*s/tc3_request\n%s",
                                      (long long)now_s, date, STR_ARG(c->service), hash);
    derive(c, str_from(date), to_sign, signature);
    return arena_printf(a,
                        "Authorization: TC3-HMAC-SHA256 Credential=%s/%s/%.*s/tc3_request, "
                        "SignedHeaders=content-type;host, Signature=%s",
                        c->config.secret_id, date, STR_ARG(c->service), signature);
}

static size_t take(char *ptr, size_t size, size_t n, void *ctx)
{
    struct buf *answer = ctx;

    buf_add(answer, ptr, size * n);
    return answer->overflow ? 0 : size * n;
}

/* Somebody who follows something presses Ctrl-C: the call is given up. */
static int give_up(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)ctx, (void)a, (void)b, (void)c, (void)d;
    return interrupt_is_pending();
}

static struct curl_slist *headers_for(struct client *c, const char *version, const char *action,
                                      struct str body)
{
    int64_t now_s = clock_wall().us / 1000000;
    struct arena *a = &c->call;
    struct curl_slist *list = NULL;
    const char *lines[] = {
        authorize(c, body, now_s).ptr,
        "Content-Type: application/json",
        arena_printf(a, "Host: %.*s", STR_ARG(c->host)).ptr,
        arena_printf(a, "X-TC-Action: %s", action).ptr,
        arena_printf(a, "X-TC-Version: %s", version).ptr,
        arena_printf(a, "X-TC-Timestamp: %lld", (long long)now_s).ptr,
        arena_printf(a, "X-TC-Region: %s", c->config.region).ptr,
        arena_printf(a, "X-TC-Language: %s", c->config.language).ptr,
        ("X-TC-RequestClient: weft-cli/" WEFT_VERSION),
        "Expect:",
    };

    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        list = curl_slist_append(list, lines[i]);
    return list;
}

static enum err_code call_once(struct client *c, const char *version, const char *action,
                               struct str body, json_t **ret, struct refusal *refused,
                               struct err *e)
{
    arena_reset(&c->call);
    struct curl_slist *headers = headers_for(c, version, action, body);
    struct buf answer;
    char text[CURL_ERROR_SIZE] = "";
    enum err_code rc;

    buf_init(&answer, ANSWER_MAX);
    curl_easy_setopt(c->curl, CURLOPT_URL, c->config.endpoint);
    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
    curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, body.ptr ? body.ptr : "");
    curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, text);
    curl_easy_setopt(c->curl, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
    curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c->curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(c->curl, CURLOPT_XFERINFOFUNCTION, give_up);
    curl_easy_setopt(c->curl, CURLOPT_PROXY, "");
    if (c->config.insecure) {
        curl_easy_setopt(c->curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(c->curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    CURLcode done = curl_easy_perform(c->curl);
    if (done != CURLE_OK)
        rc = err_set(e, E_IO, "no answer from %s: %s", c->config.endpoint,
                     text[0] ? text : curl_easy_strerror(done));
    else
        rc = envelope_take(buf_str(&answer), c->config.endpoint, ret, refused, e);
    curl_slist_free_all(headers);
    buf_done(&answer);
    return rc;
}

/* Over the limit of calls per second nothing was done, so the same call may be made again. */
enum err_code client_call(struct client *c, const char *version, const char *action,
                          struct str body, json_t **ret, struct refusal *refused, struct err *e)
{
    for (int tries = 1;; tries++) {
        enum err_code rc = call_once(c, version, action, body, ret, refused, e);
        if (rc != E_DENIED || strcmp(refused->code, "RequestLimitExceeded") != 0 ||
            tries == LIMITED_TRIES || interrupt_wait(LIMITED_PAUSE_MS))
            return rc;
    }
}
