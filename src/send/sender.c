/* send/sender.c - carries letters on a thread of its own. */
#include "send/sender.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/list.h"
#include "model/alarm_text.h"
#include "send/host.h"
#include "send/mail.h"
#include "sys/clock.h"
#include "sys/curl.h"
#include "sys/log.h"

enum { ANSWER_MAX = 4096, MAIL_MAX = 256 * 1024, POLL_MS = 1000, AGAIN_MS = 50, READY_AGAIN_S = 1 };

/* A letter on its way; its texts are owned. */
struct carried {
    struct list link; /* in sender.waiting, or in sender.done */
    struct letter letter;
    struct arena arena;
    CURL *curl;
    struct curl_slist *list; /* of headers, or of receivers */
    struct buf answer;
    struct buf mail;
    size_t mail_at;
    char what[CURL_ERROR_SIZE];
    struct letter_result result;
    bool link_local;
};

struct sender {
    struct sender_config config;
    CURLM *multi; /* made by the thread when the first letter comes; NULL before */
    pthread_t thread;
    pthread_mutex_t lock; /* guards waiting, held, stopping; also multi, until it is there */
    pthread_cond_t first; /* multi is not there, and there is something to do */
    struct list waiting;
    int held;
    bool stopping;
    struct list done; /* the sender's thread: results that were not taken yet */
    struct list flying;
};

/* ---- one letter ---------------------------------------------------------------------------- */

/* Called with the address that is connected to, after the name was looked up. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct carried *c = ctx;

    (void)purpose;
    if (host_is_link_local(&a->addr)) {
        c->link_local = true;
        return CURL_SOCKET_BAD;
    }
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static size_t take_answer(char *ptr, size_t size, size_t n, void *ctx)
{
    struct carried *c = ctx;

    buf_add(&c->answer, ptr, size * n); /* what is too much is dropped */
    return size * n;
}

static size_t give_mail(char *ptr, size_t size, size_t n, void *ctx)
{
    struct carried *c = ctx;
    struct str part = str_sub(buf_str(&c->mail), c->mail_at, size * n);

    memcpy(ptr, part.ptr, part.len);
    c->mail_at += part.len;
    return part.len;
}

static void set_common(struct carried *c)
{
    curl_easy_setopt(c->curl, CURLOPT_PRIVATE, c);
    curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, c->what);
    curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c->curl, CURLOPT_TIMEOUT, (long)SENDER_SECONDS);
    curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT, (long)SENDER_CONNECT_SECONDS);
    curl_easy_setopt(c->curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, c);
}

static bool set_http(struct sender *s, struct carried *c)
{
    struct str number;

    if (!host_is_allowed(s->config.hosts, c->letter.target)) {
        c->result.outcome = LETTER_REFUSED;
        snprintf(c->result.error, sizeof(c->result.error),
                 "the setting alarm-hosts of this server does not allow the address");
        return false;
    }
    number = arena_printf(&c->arena, "X-Weft-Delivery: %lld", (long long)c->letter.id);
    c->list = curl_slist_append(c->list, "Content-Type: application/json; charset=utf-8");
    c->list = curl_slist_append(c->list, number.ptr);
    c->list = curl_slist_append(c->list, "Expect:");
    curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c->curl, CURLOPT_URL, c->letter.target.ptr);
    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, c->list);
    curl_easy_setopt(c->curl, CURLOPT_USERAGENT, "weft");
    curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, c->letter.body.ptr);
    curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE, (long)c->letter.body.len);
    curl_easy_setopt(c->curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(c->curl, CURLOPT_OPENSOCKETDATA, c);
    return true;
}

static bool is_loopback(const char *url)
{
    struct str host = host_of_url(str_from(url));

    return str_eq_c(host, "localhost") || str_eq_c(host, "::1") ||
           str_starts_with(host, STR("127."));
}

static bool refuse_mail(struct carried *c, const char *why)
{
    c->result.outcome = LETTER_REFUSED;
    snprintf(c->result.error, sizeof(c->result.error), "%s", why);
    return false;
}

static bool set_mail(struct sender *s, struct carried *c)
{
    const struct sender_config *o = &s->config;
    struct buf to;

    if (!o->smtp)
        return refuse_mail(c, "this server sends no mail: its setting smtp is empty");
    buf_init(&to, 1024);
    if (!mail_address(c->letter.target, o->mail_domain, &to)) {
        buf_done(&to);
        return refuse_mail(c, "the receiver is an account, and the setting mail-domain is empty");
    }
    mail_write(&c->letter, o->smtp_from, buf_str(&to), &c->mail);
    c->list = curl_slist_append(c->list, arena_printf(&c->arena, "<%s>", to.ptr).ptr);
    buf_done(&to);
    curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(c->curl, CURLOPT_URL, o->smtp);
    /* A password goes over the network in the dark only. */
    curl_easy_setopt(c->curl, CURLOPT_USE_SSL,
                     o->smtp_user && !is_loopback(o->smtp) ? (long)CURLUSESSL_ALL
                                                           : (long)CURLUSESSL_TRY);
    if (o->smtp_user) {
        curl_easy_setopt(c->curl, CURLOPT_USERNAME, o->smtp_user);
        curl_easy_setopt(c->curl, CURLOPT_PASSWORD, o->smtp_password ? o->smtp_password : "");
    }
    curl_easy_setopt(c->curl, CURLOPT_MAIL_FROM, arena_printf(&c->arena, "<%s>", o->smtp_from).ptr);
    curl_easy_setopt(c->curl, CURLOPT_MAIL_RCPT, c->list);
    curl_easy_setopt(c->curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(c->curl, CURLOPT_READFUNCTION, give_mail);
    curl_easy_setopt(c->curl, CURLOPT_READDATA, c);
    return true;
}

static void carried_free(struct carried *c)
{
    if (c->curl)
        curl_easy_cleanup(c->curl);
    if (c->list)
        curl_slist_free_all(c->list);
    buf_done(&c->answer);
    buf_done(&c->mail);
    arena_done(&c->arena);
    mem_free(c);
}

/* ---- results ------------------------------------------------------------------------------- */

/* One line of what others said, for people: no control characters, whole characters. */
static void say(struct carried *c, const char *what, struct str more)
{
    char *out = c->result.error;

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

static void finish_http(struct carried *c, CURLcode code)
{
    long status = 0;
    struct str why;
    char what[64];

    if (code != CURLE_OK) {
        say(c,
            c->link_local ? "the address is one of the link (169.254.0.0/16, fe80::/10), which is "
                            "not allowed"
            : c->what[0]  ? c->what
                          : curl_easy_strerror(code),
            STR(""));
        return;
    }
    curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
    if (alarm_was_taken(c->letter.way, status, buf_str(&c->answer), &why)) {
        c->result.outcome = LETTER_TAKEN;
        return;
    }
    snprintf(what, sizeof(what), "the receiver answered %ld", status);
    say(c, what, why);
}

static void finish(struct sender *s, struct carried *c, CURLcode code)
{
    c->result.outcome = LETTER_FAILED;
    if (c->letter.way != ALARM_BY_MAIL)
        finish_http(c, code);
    else if (code == CURLE_OK)
        c->result.outcome = LETTER_TAKEN;
    else
        say(c, c->what[0] ? c->what : curl_easy_strerror(code), STR(""));
    if (c->link_local)
        c->result.outcome = LETTER_REFUSED;
    list_remove(&c->link);
    list_push_back(&s->done, &c->link);
}

static void take_finished(struct sender *s)
{
    CURLMsg *m;
    int left;

    while ((m = curl_multi_info_read(s->multi, &left)) != NULL) {
        char *ctx = NULL;
        CURL *curl = m->easy_handle;
        CURLcode code = m->data.result;
        if (m->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(curl, CURLINFO_PRIVATE, &ctx);
        curl_multi_remove_handle(s->multi, curl);
        finish(s, (struct carried *)(void *)ctx, code);
    }
}

/* False: the engine takes no more at the moment. */
static bool tell_results(struct sender *s)
{
    while (!list_is_empty(&s->done)) {
        struct list *node = list_pop_front(&s->done);
        struct carried *c = CONTAINER_OF(node, struct carried, link);
        if (!s->config.result(s->config.ctx, &c->result)) {
            list_push_front(&s->done, node);
            return false;
        }
        if (c->result.outcome != LETTER_TAKEN)
            log_warn("send", "alarm delivery %lld: %s", (long long)c->letter.id, c->result.error);
        carried_free(c);
        pthread_mutex_lock(&s->lock);
        s->held--;
        pthread_mutex_unlock(&s->lock);
    }
    return true;
}

/* ---- the thread ---------------------------------------------------------------------------- */

static void begin(struct sender *s, struct carried *c)
{
    bool good;

    list_push_back(&s->flying, &c->link);
    c->curl = curl_easy_init();
    if (!c->curl) {
        finish(s, c, CURLE_OUT_OF_MEMORY);
        return;
    }
    set_common(c);
    good = c->letter.way == ALARM_BY_MAIL ? set_mail(s, c) : set_http(s, c);
    if (good && curl_multi_add_handle(s->multi, c->curl) == CURLM_OK)
        return;
    if (good) {
        finish(s, c, CURLE_FAILED_INIT);
        return;
    }
    list_remove(&c->link);
    list_push_back(&s->done, &c->link);
}

static bool is_stopping(struct sender *s)
{
    pthread_mutex_lock(&s->lock);
    bool stopping = s->stopping;
    pthread_mutex_unlock(&s->lock);
    return stopping;
}

static CURLM *start_curl(struct err *e)
{
    if (curl_library_open(e) != E_OK)
        return NULL;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
        CURLM *multi = curl_multi_init();
        if (multi)
            return multi;
        curl_global_cleanup();
    }
    err_set(e, E_IO, "libcurl cannot start");
    return NULL;
}

/* The next letter; NULL: there is none, or it is to stop. */
static struct carried *take_waiting(struct sender *s)
{
    pthread_mutex_lock(&s->lock);
    struct list *node = s->stopping ? NULL : list_pop_front(&s->waiting);
    pthread_mutex_unlock(&s->lock);
    return node ? CONTAINER_OF(node, struct carried, link) : NULL;
}

/* Many servers never send anything, and libcurl and what is below it take milliseconds and memory
 * to get ready.  Where it cannot, as without memory, descriptors or the library itself, the letters
 * wait until it can: to the engine they are under way.  False: it is to stop before that. */
static bool get_ready(struct sender *s)
{
    bool told = false;

    pthread_mutex_lock(&s->lock);
    while (list_is_empty(&s->waiting) && !s->stopping)
        pthread_cond_wait(&s->first, &s->lock);
    while (!s->stopping && !s->multi) {
        struct err e = ERR_INIT;
        pthread_mutex_unlock(&s->lock);
        CURLM *multi = start_curl(&e);
        if (!multi && !told)
            log_error("send", "%s; alarms wait, and it is tried again every %d s", e.text,
                      READY_AGAIN_S);
        else if (multi && told)
            log_info("send", "libcurl has started");
        told = true;
        pthread_mutex_lock(&s->lock);
        s->multi = multi;
        if (multi)
            break;
        int64_t again = clock_mono().us + DUR_S(READY_AGAIN_S).us;
        struct timespec until = { .tv_sec = again / 1000000, .tv_nsec = again % 1000000 * 1000 };
        pthread_cond_timedwait(&s->first, &s->lock, &until);
    }
    bool ready = s->multi != NULL;
    pthread_mutex_unlock(&s->lock);
    return ready;
}

/* There is something to do.  With the lock held. */
static void wake(struct sender *s)
{
    if (s->multi)
        curl_multi_wakeup(s->multi);
    else
        pthread_cond_signal(&s->first);
}

static void *thread_main(void *ctx)
{
    struct sender *s = ctx;
    struct carried *c;
    int running;

    if (!get_ready(s))
        return NULL;
    while (!is_stopping(s)) {
        while ((c = take_waiting(s)) != NULL)
            begin(s, c);
        curl_multi_perform(s->multi, &running);
        take_finished(s);
        curl_multi_poll(s->multi, NULL, 0, tell_results(s) ? POLL_MS : AGAIN_MS, NULL);
    }
    return NULL;
}

/* ---- life ---------------------------------------------------------------------------------- */

static enum err_code check_config(const struct sender_config *o, struct err *e)
{
    struct str url = str_from(o->smtp);

    if (!o->smtp)
        return E_OK;
    if (!str_starts_with(url, STR("smtp://")) && !str_starts_with(url, STR("smtps://")))
        return err_set(e, E_RANGE, "smtp is an address such as smtp://mail.example:587, not '%s'",
                       o->smtp);
    if (!o->smtp_from || !strchr(o->smtp_from, '@') || strpbrk(o->smtp_from, "<> \r\n"))
        return err_set(e, E_RANGE, "smtp needs smtp-from, the mail address that alarms come from");
    return E_OK;
}

enum err_code sender_start(const struct sender_config *config, struct sender **ret, struct err *e)
{
    pthread_condattr_t monotonic;
    struct sender *s;
    enum err_code rc = check_config(config, e);

    if (rc != E_OK)
        return rc;
    s = NEW(struct sender);
    s->config = *config;
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->first, &monotonic);
    pthread_condattr_destroy(&monotonic);
    list_init(&s->waiting);
    list_init(&s->done);
    list_init(&s->flying);
    if (pthread_create(&s->thread, NULL, thread_main, s) == 0) {
        *ret = s;
        return E_OK;
    }
    sender_free(s);
    return err_set(e, E_IO, "cannot start the thread that sends alarms");
}

bool sender_send(struct sender *s, const struct letter *l)
{
    struct carried *c;
    bool full;

    pthread_mutex_lock(&s->lock);
    full = s->held >= SENDER_LETTERS_MAX || s->stopping;
    s->held += !full;
    pthread_mutex_unlock(&s->lock);
    if (full)
        return false;
    c = NEW(struct carried);
    arena_init(&c->arena);
    buf_init(&c->answer, ANSWER_MAX);
    buf_init(&c->mail, MAIL_MAX);
    c->letter = *l;
    c->letter.target = arena_str(&c->arena, l->target);
    c->letter.subject = arena_str(&c->arena, l->subject);
    c->letter.body = arena_str(&c->arena, l->body);
    c->result.id = l->id;
    pthread_mutex_lock(&s->lock);
    list_push_back(&s->waiting, &c->link);
    wake(s);
    pthread_mutex_unlock(&s->lock);
    return true;
}

static void drop_all(struct sender *s, struct list *list)
{
    struct list *node;

    while ((node = list_pop_front(list)) != NULL) {
        struct carried *c = CONTAINER_OF(node, struct carried, link);
        if (c->curl)
            curl_multi_remove_handle(s->multi, c->curl);
        carried_free(c);
    }
}

void sender_stop(struct sender *s)
{
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    wake(s);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
}

void sender_free(struct sender *s)
{
    if (!s)
        return;
    drop_all(s, &s->waiting);
    drop_all(s, &s->flying);
    drop_all(s, &s->done);
    if (s->multi)
        curl_multi_cleanup(s->multi);
    pthread_cond_destroy(&s->first);
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
}
