/* send/transfer.c - see transfer.h. */
#include "send/transfer.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "model/alarm_text.h"
#include "send/host.h"
#include "send/mail.h"
#include "send/secret.h"

enum { ANSWER_MAX = 4096, MAIL_MAX = 256 * 1024 };

struct transfer *transfer_new(const struct letter *l)
{
    struct transfer *t = NEW(struct transfer);

    arena_init(&t->arena);
    buf_init(&t->answer, ANSWER_MAX);
    buf_init(&t->mail, MAIL_MAX);
    t->letter = *l;
    t->letter.target = arena_str(&t->arena, l->target);
    t->letter.subject = arena_str(&t->arena, l->subject);
    t->letter.body = arena_str(&t->arena, l->body);
    t->result.id = l->id;
    return t;
}

void transfer_free(struct transfer *t)
{
    if (t->curl)
        curl_easy_cleanup(t->curl);
    if (t->list)
        curl_slist_free_all(t->list);
    buf_done(&t->answer);
    buf_done(&t->mail);
    arena_done(&t->arena);
    mem_free(t);
}

/* ---- the end -------------------------------------------------------------------------------- */

/* One line of what others said, for people: no control characters, whole characters. */
static void say(struct transfer *t, const char *what, struct str more)
{
    char *out = t->result.error;

    snprintf(out, LETTER_ERROR_MAX, "%s%s%.*s", what, more.len > 0 ? ": " : "",
             (int)(more.len < 200 ? more.len : 200), more.ptr ? more.ptr : "");
    for (char *p = out; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 127)
            *p = ' ';
    out[str_whole(str_from(out)).len] = '\0';
    for (char *p = out; !str_is_utf8(str_from(out)) && *p; p++)
        if ((unsigned char)*p >= 128)
            *p = '?';
}

static void finish_http(struct transfer *t, CURLcode code)
{
    long status = 0;
    struct str why;
    char what[64];

    /* Before anything is cut: half a key is a key as well. */
    secret_blot(t->letter.target, t->what, strlen(t->what));
    if (code != CURLE_OK) {
        say(t,
            t->link_local ? "the address is one of the link (169.254.0.0/16, fe80::/10), which is "
                            "not allowed"
            : t->what[0]  ? t->what
                          : curl_easy_strerror(code),
            STR(""));
        return;
    }
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    if (alarm_was_taken(t->letter.way, status, buf_str(&t->answer), &why)) {
        t->result.outcome = LETTER_TAKEN;
        return;
    }
    secret_blot(t->letter.target, t->answer.ptr, t->answer.len);
    snprintf(what, sizeof(what), "the receiver answered %ld", status);
    say(t, what, why);
}

void transfer_end(struct transfer *t, CURLcode code)
{
    t->result.outcome = LETTER_FAILED;
    if (t->letter.way != ALARM_BY_MAIL)
        finish_http(t, code);
    else if (code == CURLE_OK)
        t->result.outcome = LETTER_TAKEN;
    else
        say(t, t->what[0] ? t->what : curl_easy_strerror(code), STR(""));
    if (t->link_local)
        t->result.outcome = LETTER_REFUSED;
}

/* ---- the beginning -------------------------------------------------------------------------- */

/* Called with the address that is connected to, after the name was looked up. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct transfer *t = ctx;

    (void)purpose;
    if (host_is_link_local(&a->addr)) {
        t->link_local = true;
        return CURL_SOCKET_BAD;
    }
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static size_t take_answer(char *ptr, size_t size, size_t n, void *ctx)
{
    struct transfer *t = ctx;

    buf_add(&t->answer, ptr, size * n); /* what is too much is dropped */
    return size * n;
}

static size_t give_mail(char *ptr, size_t size, size_t n, void *ctx)
{
    struct transfer *t = ctx;
    struct str part = str_sub(buf_str(&t->mail), t->mail_at, size * n);

    memcpy(ptr, part.ptr, part.len);
    t->mail_at += part.len;
    return part.len;
}

static void set_common(struct transfer *t)
{
    curl_easy_setopt(t->curl, CURLOPT_PRIVATE, t);
    curl_easy_setopt(t->curl, CURLOPT_ERRORBUFFER, t->what);
    curl_easy_setopt(t->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(t->curl, CURLOPT_TIMEOUT, (long)SENDER_SECONDS);
    curl_easy_setopt(t->curl, CURLOPT_CONNECTTIMEOUT, (long)SENDER_CONNECT_SECONDS);
    curl_easy_setopt(t->curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(t->curl, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(t->curl, CURLOPT_WRITEDATA, t);
}

static bool set_http(struct transfer *t, const struct sender_config *o)
{
    struct str number;

    if (!host_is_allowed(o->hosts, t->letter.target)) {
        t->result.outcome = LETTER_REFUSED;
        snprintf(t->result.error, sizeof(t->result.error),
                 "the setting alarm-hosts of this server does not allow the address");
        return false;
    }
    number = arena_printf(&t->arena, "X-Weft-Delivery: %lld", (long long)t->letter.id);
    t->list = curl_slist_append(t->list, "Content-Type: application/json; charset=utf-8");
    t->list = curl_slist_append(t->list, number.ptr);
    t->list = curl_slist_append(t->list, "Expect:");
    curl_easy_setopt(t->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(t->curl, CURLOPT_URL, t->letter.target.ptr);
    curl_easy_setopt(t->curl, CURLOPT_HTTPHEADER, t->list);
    curl_easy_setopt(t->curl, CURLOPT_USERAGENT, "weft");
    curl_easy_setopt(t->curl, CURLOPT_POSTFIELDS, t->letter.body.ptr);
    curl_easy_setopt(t->curl, CURLOPT_POSTFIELDSIZE, (long)t->letter.body.len);
    curl_easy_setopt(t->curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(t->curl, CURLOPT_OPENSOCKETDATA, t);
    return true;
}

static bool is_loopback(const char *url)
{
    struct str host = host_of_url(str_from(url));

    return str_eq_c(host, "localhost") || str_eq_c(host, "::1") ||
           str_starts_with(host, STR("127."));
}

static bool refuse_mail(struct transfer *t, const char *why)
{
    t->result.outcome = LETTER_REFUSED;
    snprintf(t->result.error, sizeof(t->result.error), "%s", why);
    return false;
}

static bool set_mail(struct transfer *t, const struct sender_config *o)
{
    struct buf to;

    if (!o->smtp)
        return refuse_mail(t, "this server sends no mail: its setting smtp is empty");
    buf_init(&to, 1024);
    if (!mail_address(t->letter.target, o->mail_domain, &to)) {
        buf_done(&to);
        return refuse_mail(t, "the receiver is an account, and the setting mail-domain is empty");
    }
    mail_write(&t->letter, o->smtp_from, buf_str(&to), &t->mail);
    t->list = curl_slist_append(t->list, arena_printf(&t->arena, "<%s>", to.ptr).ptr);
    buf_done(&to);
    curl_easy_setopt(t->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(t->curl, CURLOPT_URL, o->smtp);
    /* A password goes over the network in the dark only. */
    curl_easy_setopt(t->curl, CURLOPT_USE_SSL,
                     o->smtp_user && !is_loopback(o->smtp) ? (long)CURLUSESSL_ALL
                                                           : (long)CURLUSESSL_TRY);
    if (o->smtp_user) {
        curl_easy_setopt(t->curl, CURLOPT_USERNAME, o->smtp_user);
        curl_easy_setopt(t->curl, CURLOPT_PASSWORD, o->smtp_password ? o->smtp_password : "");
    }
    curl_easy_setopt(t->curl, CURLOPT_MAIL_FROM, arena_printf(&t->arena, "<%s>", o->smtp_from).ptr);
    curl_easy_setopt(t->curl, CURLOPT_MAIL_RCPT, t->list);
    curl_easy_setopt(t->curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(t->curl, CURLOPT_READFUNCTION, give_mail);
    curl_easy_setopt(t->curl, CURLOPT_READDATA, t);
    return true;
}

bool transfer_prepare(struct transfer *t, const struct sender_config *o)
{
    t->curl = curl_easy_init();
    if (!t->curl) {
        transfer_end(t, CURLE_OUT_OF_MEMORY);
        return false;
    }
    set_common(t);
    return t->letter.way == ALARM_BY_MAIL ? set_mail(t, o) : set_http(t, o);
}
