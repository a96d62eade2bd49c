/* api/gateway_int.h - what the files of the gateway share: one server, one request.
 *
 * gateway.c starts and stops; http.c is the side of libmicrohttpd; request.c judges a request;
 * answer.c runs its action and writes the answer; probe.c answers what needs no signature.
 */
#ifndef API_GATEWAY_INT_H
#define API_GATEWAY_INT_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "api/auth.h"
#include "api/call_metrics.h"
#include "api/connections.h"
#include "api/copier.h"
#include "api/gateway.h"
#include "api/keyring.h"
#include "api/public_error.h"
#include "api/rate_limit.h"

/* All that a client sends or keeps busy is bounded. */
enum {
    BODY_MAX = 10 << 20, /* TC3 */
    GET_MAX = 32 << 10,
    DRAIN_MAX = 64 << 20,   /* a larger body is not even read to its end */
    BODIES_MAX = 256 << 20, /* of all requests together */
    ANSWER_MAX = 50 << 20,
    ANSWERS_MAX = 256 << 20, /* of all answers that are not taken yet */
    SMALL_ANSWER = 64 << 10, /* one that is given all the same */
    PEM_MAX = 1 << 20,
    CONNECTION_MEMORY = 64 << 10, /* request line and headers; wiped at every request */
    IDLE_SECONDS = 300,           /* without a byte between two requests of a connection */
    PAUSE_SECONDS = 30, /* the same within a request, or while an answer is read; for all of it
                           there is api/connections.h */
    STOP_SECONDS = 10
};

enum stage { STAGE_READING, STAGE_WRITING, STAGE_WRITTEN };

/* One request, from its first byte to its last answered one. */
struct exchange {
    struct gateway *gateway;
    struct MHD_Connection *connection;
    struct call call;
    struct engine_command command;
    struct copy copy;
    const struct action *action;
    struct buf body;
    size_t counted; /* body bytes counted in the gateway's total */
    size_t sent;    /* bytes of its answer, counted there too */
    char *uri;      /* raw request target */
    struct http_header headers[HTTP_HEADERS_MAX];
    int n_headers;
    struct mono started;
    enum stage stage;
    enum err_code written;
    bool began, too_large, too_many_headers, too_busy;
    bool under_way; /* counted in the gateway: read to its end, not yet answered to its end */
};

struct gateway {
    struct services services;
    struct gateway_config config;
    struct auth_config auth;
    struct MHD_Daemon *daemon;
    struct keyring *keys;
    struct rate_limit *limit;
    struct rate_limit *refused; /* writes that are recorded although they were refused */
    struct connections *connections;
    struct copier *copier;
    struct call_metrics *calls;
    atomic_size_t body_bytes, answer_bytes;
    atomic_bool stopping; /* no further connection is suspended, answers close theirs */
    atomic_int suspended; /* connections that wait for the copier or the engine */
    atomic_int under_way;
    pthread_mutex_t keys_lock; /* one reload at a time, so that the last one has the newest keys */
    atomic_bool keys_unread;   /* they changed, and could not be read since */
    pthread_mutex_t views_lock;
    struct view **views; /* snapshots not in use */
    size_t n_views, cap_views;
};

/* A fresh snapshot for one request.  Any thread. */
enum err_code gateway_view_take(struct gateway *g, struct view **ret, struct err *e) MUST_USE;
void gateway_view_give(struct gateway *g, struct view *v);

/* Are the keys in memory those of the store?  Reads them when they could not be read before: no key
 * is accepted until then.  Any thread. */
enum err_code gateway_keys_require(struct gateway *g, struct err *e) MUST_USE;

/* http.c: listens and serves until MHD_stop_daemon(g->daemon). */
enum err_code gateway_http_start(struct gateway *g, struct err *e) MUST_USE;

/* request.c: a request that is read to its end; judges it and has it answered. */
enum MHD_Result exchange_answer(struct exchange *x, const char *method);

/* answer.c.  All but the first queue an answer, or suspend the connection until there is one. */
void exchange_release_input(struct exchange *x);
enum MHD_Result exchange_send_bytes(struct exchange *x, unsigned status, struct buf *body,
                                    const char *type);
enum MHD_Result exchange_send_fault(struct exchange *x, const struct public_error *fault);
enum MHD_Result exchange_run(struct exchange *x);
enum MHD_Result exchange_finish_write(struct exchange *x);

#endif
