/* api/http.c - the side of libmicrohttpd: takes requests in pieces, listens, serves. */
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/gateway_int.h"
#include "api/peer.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/log.h"
#include "sys/random.h"

static enum MHD_Result take_header(void *ctx, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct exchange *x = ctx;

    (void)kind;
    if (x->n_headers == HTTP_HEADERS_MAX) {
        x->too_many_headers = true; /* one that matters may be among those left out */
        return MHD_NO;
    }
    x->headers[x->n_headers++] = (struct http_header){ str_from(name), str_from(value) };
    return MHD_YES;
}

static void take_body(struct exchange *x, const char *data, size_t len)
{
    struct gateway *g = x->gateway;

    if (x->too_large || x->too_busy)
        return;
    if (x->body.len + len > BODY_MAX) {
        x->too_large = true;
        return;
    }
    x->counted += len;
    if (atomic_fetch_add(&g->body_bytes, len) + len > BODIES_MAX) {
        x->too_busy = true;
        exchange_release_input(x); /* room for the others: else all that came together fail */
        return;
    }
    buf_add(&x->body, data, len);
}

static bool is_hopeless(const struct exchange *x)
{
    const char *length =
        MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, "Content-Length");
    uint64_t n;

    return length && str_to_u64(str_from(length), &n) && n > DRAIN_MAX;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_size, void **state)
{
    struct exchange *x = *state;

    (void)ctx;
    (void)url;
    (void)version;
    if (x->stage == STAGE_WRITTEN)
        return exchange_finish_write(x);
    if (x->stage == STAGE_WRITING)
        return MHD_YES;
    if (!x->began) {
        x->began = true;
        x->connection = connection;
        MHD_get_connection_values(connection, MHD_HEADER_KIND, take_header, x);
        if (is_hopeless(x)) {
            x->too_large = true;
            return exchange_answer(x, method);
        }
        return MHD_YES;
    }
    if (*data_size > 0) {
        take_body(x, data, *data_size);
        *data_size = 0;
        return MHD_YES;
    }
    x->under_way = true;
    connections_set(x->gateway->connections, connection, CONNECTION_WORKING);
    atomic_fetch_add(&x->gateway->under_way, 1);
    return exchange_answer(x, method);
}

static enum MHD_Result on_connection(void *ctx, const struct sockaddr *address, socklen_t len)
{
    struct gateway *g = ctx;

    (void)address;
    (void)len;
    if (!atomic_load(&g->stopping))
        return MHD_YES;
    call_metrics_connection_refused(g->calls);
    return MHD_NO;
}

/* The daemon would make a header of every argument in the target now, out of the connection's
 * memory; when that is used up, some of its versions forget to answer.  We read the target
 * ourselves, so what stands behind the '?' is cut off from its buffer, which uri points into. */
static void hide_query(const char *uri)
{
    char *query = strchr((char *)(uintptr_t)uri, '?');

    if (query)
        query[1] = '\0';
}

/* Called with the raw target before anything is decoded: the signature is over these bytes. */
static void *on_target(void *ctx, const char *uri, struct MHD_Connection *connection)
{
    struct exchange *x = NEW(struct exchange);

    x->gateway = ctx;
    x->connection = connection;
    x->started = clock_mono();
    x->uri = mem_strdup(str_from(uri));
    hide_query(uri);
    connections_set(x->gateway->connections, connection, CONNECTION_READING);
    x->call.services = &x->gateway->services;
    arena_init(&x->call.arena);
    buf_init(&x->body, BODY_MAX);
    random_uuid(x->call.request_id);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    peer_format(info ? info->client_addr : NULL, x->call.source);
    MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, (unsigned)PAUSE_SECONDS);
    return x;
}

static void on_completed(void *ctx, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    struct exchange *x = *state;

    (void)ctx;
    if (!x)
        return;
    if (code == MHD_REQUEST_TERMINATED_COMPLETED_OK)
        MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT,
                                  (unsigned)IDLE_SECONDS);
    exchange_release_input(x);
    atomic_fetch_sub(&x->gateway->answer_bytes, x->sent);
    connections_set(x->gateway->connections, connection, CONNECTION_IDLE);
    if (x->under_way)
        atomic_fetch_sub(&x->gateway->under_way, 1);
    arena_done(&x->call.arena);
    buf_done(&x->body);
    mem_free(x->uri);
    mem_free(x);
    *state = NULL;
}

static void on_mhd_log(void *ctx, const char *fmt, va_list ap)
{
    /* How it begins to say that it stops accepting; there is no other sign of it. */
    static const char exhausted[] = "Hit process or system resource limit";
    static const char full[] = "Server reached connection limit";
    struct gateway *g = ctx;
    char text[512];

    vsnprintf(text, sizeof(text), fmt, ap);
    log_debug("http", "%s", text);
    if (strncmp(text, full, strlen(full)) == 0)
        call_metrics_connection_refused(g->calls);
    if (strncmp(text, exhausted, strlen(exhausted)) == 0)
        connections_exhausted(g->connections);
}

/* ---- start --------------------------------------------------------------------------------- */

/* "HOST:PORT" or "[HOST]:PORT" as a listening socket. */
static enum err_code open_socket(const char *listen_text, int *ret, struct err *e)
{
    struct str text = str_from(listen_text);
    ptrdiff_t colon = str_rfind_char(text, ':');
    char host[256], port[16];
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *found;
    int on = 1;

    if (colon < 0)
        return err_set(e, E_SYNTAX, "listen must be HOST:PORT, not '%s'", listen_text);
    struct str name = str_sub(text, 0, (size_t)colon);
    if (name.len >= 2 && name.ptr[0] == '[' && name.ptr[name.len - 1] == ']')
        name = str_sub(name, 1, name.len - 2);
    snprintf(host, sizeof(host), "%.*s", STR_ARG(name));
    snprintf(port, sizeof(port), "%s", listen_text + colon + 1);
    int failed = getaddrinfo(host[0] ? host : NULL, port, &hints, &found);
    if (failed)
        return err_set(e, E_RANGE, "cannot listen on '%s': %s", listen_text, gai_strerror(failed));
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, 1024) != 0) {
        enum err_code rc = err_errno(e, E_IO, "listening on %s", listen_text);
        if (fd >= 0)
            close(fd);
        freeaddrinfo(found);
        return rc;
    }
    freeaddrinfo(found);
    *ret = fd;
    return E_OK;
}

static unsigned thread_count(const struct gateway_config *config)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (config->threads > 0)
        return (unsigned)config->threads;
    return cores > 2 ? (unsigned)cores : 2;
}

static enum err_code start_daemon(struct gateway *g, int fd, struct err *e)
{
    bool tls = g->config.tls_cert != NULL;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
                     (tls ? MHD_USE_TLS : 0);
    struct buf cert, key;
    enum err_code rc = E_OK;

    if (tls && MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
        return err_set(e, E_UNSUPPORTED,
                       "this libmicrohttpd has no TLS; terminate it in front of weft");
    if (tls != (g->config.tls_key != NULL))
        return err_set(e, E_REQUIRED, "tls-cert and tls-key go together");
    buf_init(&cert, PEM_MAX);
    buf_init(&key, PEM_MAX);
    if (tls)
        rc = file_read(g->config.tls_cert, &cert, e);
    if (tls && rc == E_OK)
        rc = file_read(g->config.tls_key, &key, e);
    if (rc != E_OK)
        goto out;
    struct MHD_OptionItem tls_options[] = { { MHD_OPTION_HTTPS_MEM_CERT, 0, cert.ptr },
                                            { MHD_OPTION_HTTPS_MEM_KEY, 0, key.ptr },
                                            { MHD_OPTION_END, 0, NULL } };
    struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };
    g->daemon = MHD_start_daemon(
        flags, 0, on_connection, g, on_request, g, MHD_OPTION_EXTERNAL_LOGGER, on_mhd_log, g,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE, thread_count(&g->config),
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)g->config.connections_max,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY, MHD_OPTION_URI_LOG_CALLBACK, on_target, g,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, g, MHD_OPTION_NOTIFY_CONNECTION,
        connections_notify, g->connections, MHD_OPTION_ARRAY, tls ? tls_options : none,
        MHD_OPTION_END);
    if (!g->daemon)
        rc = tls ? err_set(e, E_IO,
                           "the HTTP server does not start; are '%s' and '%s' the PEM "
                           "files of a certificate and its key?",
                           g->config.tls_cert, g->config.tls_key)
                 : err_set(e, E_IO, "the HTTP server does not start");
out:
    buf_done(&cert);
    buf_done(&key);
    return rc;
}

enum err_code gateway_http_start(struct gateway *g, struct err *e)
{
    int fd;
    enum err_code rc = open_socket(g->config.listen, &fd, e);

    if (rc != E_OK)
        return rc;
    rc = start_daemon(g, fd, e);
    if (rc != E_OK)
        close(fd);
    return rc;
}
