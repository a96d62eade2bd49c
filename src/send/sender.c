/* send/sender.c - carries letters on a thread of its own, some at once. */
#include "send/sender.h"

#include <pthread.h>
#include <string.h>

#include "send/transfer.h"
#include "sys/clock.h"
#include "sys/log.h"

enum { POLL_MS = 1000, AGAIN_MS = 50, READY_AGAIN_S = 1 };

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

/* ---- results ------------------------------------------------------------------------------- */

static void finish(struct sender *s, struct transfer *t, CURLcode code)
{
    transfer_end(t, code);
    list_remove(&t->link);
    list_push_back(&s->done, &t->link);
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
        finish(s, (struct transfer *)(void *)ctx, code);
    }
}

/* False: the engine takes no more at the moment. */
static bool tell_results(struct sender *s)
{
    while (!list_is_empty(&s->done)) {
        struct list *node = list_pop_front(&s->done);
        struct transfer *t = CONTAINER_OF(node, struct transfer, link);
        if (!s->config.result(s->config.ctx, &t->result)) {
            list_push_front(&s->done, node);
            return false;
        }
        if (t->result.outcome != LETTER_TAKEN)
            log_warn("send", "alarm delivery %lld: %s", (long long)t->letter.id, t->result.error);
        transfer_free(t);
        pthread_mutex_lock(&s->lock);
        s->held--;
        pthread_mutex_unlock(&s->lock);
    }
    return true;
}

/* ---- the thread ---------------------------------------------------------------------------- */

static void begin(struct sender *s, struct transfer *t)
{
    if (!transfer_prepare(t, &s->config)) {
        list_push_back(&s->done, &t->link);
        return;
    }
    list_push_back(&s->flying, &t->link);
    if (curl_multi_add_handle(s->multi, t->curl) != CURLM_OK)
        finish(s, t, CURLE_FAILED_INIT);
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
static struct transfer *take_waiting(struct sender *s)
{
    pthread_mutex_lock(&s->lock);
    struct list *node = s->stopping ? NULL : list_pop_front(&s->waiting);
    pthread_mutex_unlock(&s->lock);
    return node ? CONTAINER_OF(node, struct transfer, link) : NULL;
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
    struct transfer *t;
    int running;

    if (!get_ready(s))
        return NULL;
    while (!is_stopping(s)) {
        while ((t = take_waiting(s)) != NULL)
            begin(s, t);
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
    struct transfer *t;
    bool full;

    pthread_mutex_lock(&s->lock);
    full = s->held >= SENDER_LETTERS_MAX || s->stopping;
    s->held += !full;
    pthread_mutex_unlock(&s->lock);
    if (full)
        return false;
    t = transfer_new(l);
    pthread_mutex_lock(&s->lock);
    list_push_back(&s->waiting, &t->link);
    wake(s);
    pthread_mutex_unlock(&s->lock);
    return true;
}

static void drop_all(struct sender *s, struct list *list)
{
    struct list *node;

    while ((node = list_pop_front(list)) != NULL) {
        struct transfer *t = CONTAINER_OF(node, struct transfer, link);
        if (t->curl)
            curl_multi_remove_handle(s->multi, t->curl);
        transfer_free(t);
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
