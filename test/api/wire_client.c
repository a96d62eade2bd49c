/* test/api/wire_client.c - a raw HTTP client with a signer of its own. */
#include "wire_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/codec.h"
#include "cal/civil.h"
#include "sys/clock.h"
#include "sys/crypto.h"

enum { RECEIVED_MAX = 64 << 20, WAIT_SECONDS = 30 };
static const char host[] = "127.0.0.1";

bool wire_open(struct wire *w, int port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    struct timeval wait = { .tv_sec = WAIT_SECONDS };

    inet_pton(AF_INET, host, &to.sin_addr);
    buf_init(&w->in, RECEIVED_MAX);
    w->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (w->fd < 0)
        return false;
    setsockopt(w->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    setsockopt(w->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
    if (connect(w->fd, (struct sockaddr *)&to, sizeof(to)) == 0)
        return true;
    wire_close(w);
    return false;
}

void wire_close(struct wire *w)
{
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
    buf_done(&w->in);
}

bool wire_send(struct wire *w, struct str bytes)
{
    while (bytes.len > 0) {
        ssize_t n = send(w->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        bytes = str_sub(bytes, (size_t)n, bytes.len);
    }
    return true;
}

static struct str or_else(const char *text, const char *otherwise)
{
    return str_from(text ? text : otherwise);
}

static struct str bytes_of(const uint8_t *digest)
{
    return str_make((const char *)digest, SHA256_LEN);
}

/* docs/reference/wire.md 2.1. */
static void add_authorization(struct buf *out, const struct wire_call *c, int64_t now_s)
{
    char hash[2 * SHA256_LEN + 1], date[CIVIL_TEXT_LEN + 1];
    uint8_t a[SHA256_LEN], b[SHA256_LEN];
    struct str method = or_else(c->method, "POST"), target = or_else(c->target, "/"),
               path = str_split(&target, '?');
    bool get = str_eq_c(method, "GET");
    struct buf text;

    (void)path;
    civil_format((struct civil){ now_s }, date);
    date[10] = '\0';
    buf_init(&text, RECEIVED_MAX);
    sha256_hex(get ? STR("") : or_else(c->body, "{}"), hash);
    buf_printf(&text, "%.*s\n/\n%.*s\ncontent-type:%s\nhost:%s\n\ncontent-type;host\n%s",
               STR_ARG(method), get ? (int)target.len : 0, target.ptr ? target.ptr : "",
               c->content_type ? c->content_type : "application/json", host, hash);
    sha256_hex(buf_str(&text), hash);
    buf_reset(&text);
    buf_printf(&text, "TC3%s", c->secret_key);
    hmac_sha256(buf_str(&text), str_from(date), a);
    hmac_sha256(bytes_of(a), STR("wedata"), b);
    hmac_sha256(bytes_of(b), STR("tc3_request"), a);
    buf_reset(&text);
    buf_printf(&text, "TC3-HMAC-SHA256\n%lld\n%s/wedata/tc3_request\n%s", (long long)now_s, date,
               hash);
    hmac_sha256(bytes_of(a), buf_str(&text), b);
    hex_encode(hash, b, sizeof(b));
    buf_done(&text);
    buf_printf(out,
               "Authorization: TC3-HMAC-SHA256 Credential=%s/%s/wedata/tc3_request, "
               "SignedHeaders=content-type;host, Signature=%s\r\n",
               c->secret_id, date, hash);
}

void wire_compose(struct buf *out, const struct wire_call *c)
{
    int64_t now_s = clock_wall().us / 1000000;
    struct str body = or_else(c->body, "{}"), method = or_else(c->method, "POST");

    buf_printf(out, "%.*s %s HTTP/1.1\r\nHost: %s\r\n", STR_ARG(method),
               c->target ? c->target : "/", host);
    buf_printf(out, "Content-Type: %s\r\nX-TC-Action: %s\r\nX-TC-Version: %s\r\n",
               c->content_type ? c->content_type : "application/json", c->action,
               c->version ? c->version : "2025-08-06");
    buf_printf(out, "X-TC-Timestamp: %lld\r\nX-TC-Region: ap-guangzhou\r\n", (long long)now_s);
    if (c->language)
        buf_printf(out, "X-TC-Language: %s\r\n", c->language);
    if (c->more)
        buf_add_c(out, c->more);
    if (c->secret_id)
        add_authorization(out, c, now_s);
    if (!str_eq_c(method, "GET"))
        buf_printf(out, "Content-Length: %zu\r\n", body.len);
    buf_add_c(out, "\r\n");
    if (!str_eq_c(method, "GET"))
        buf_add_str(out, body);
}

static bool receive(struct wire *w)
{
    char *room = buf_reserve(&w->in, 65536);
    ssize_t n = room ? recv(w->fd, room, 65536, 0) : -1;

    if (n <= 0)
        return false;
    buf_grown(&w->in, (size_t)n);
    return true;
}

/* The value of a header line, trimmed; ptr NULL when there is none. */
static struct str field(struct str head, const char *name)
{
    while (head.ptr) {
        struct str line = str_split(&head, '\n'), key = str_split(&line, ':');
        if (line.ptr && str_ieq(key, str_from(name)))
            return str_trim(line);
    }
    return (struct str){ NULL, 0 };
}

bool wire_answer(struct wire *w, struct buf *body)
{
    ptrdiff_t end;
    int64_t size;

    while ((end = str_find(buf_str(&w->in), STR("\r\n\r\n"))) < 0)
        if (!receive(w))
            return false;
    struct str head = str_sub(buf_str(&w->in), 0, (size_t)end);
    if (!str_starts_with(head, STR("HTTP/1.1 200 ")) ||
        !str_eq_c(field(head, "content-type"), "application/json") ||
        !str_to_i64(field(head, "content-length"), &size))
        return false;
    buf_consume(&w->in, (size_t)end + 4);
    while (w->in.len < (size_t)size)
        if (!receive(w))
            return false;
    buf_reset(body);
    buf_add(body, w->in.ptr, (size_t)size);
    buf_consume(&w->in, (size_t)size);
    return true;
}

json_t *wire_ask(struct wire *w, const struct wire_call *call)
{
    struct buf text;
    json_t *whole = NULL, *response = NULL;

    buf_init(&text, RECEIVED_MAX);
    wire_compose(&text, call);
    if (wire_send(w, buf_str(&text)) && wire_answer(w, &text))
        whole = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
    response = json_incref(json_object_get(whole, "Response"));
    json_decref(whole);
    buf_done(&text);
    return response;
}

const char *wire_code(const json_t *response)
{
    const char *code =
        json_string_value(json_object_get(json_object_get(response, "Error"), "Code"));
    return code ? code : "";
}
