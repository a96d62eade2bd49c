/* api/connections.c - how long a connection may take for what it is doing. */
#include "api/connections.h"

#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/instant.h"
#include "base/list.h"
#include "sys/clock.h"
#include "sys/log.h"

/* Seconds for a phase, with room and without; 0: as long as it takes. */
static const struct {
    int usual, crowded;
} patience[CONNECTION_PHASE_N_] = {
    [CONNECTION_IDLE] = { 300, 5 },
    [CONNECTION_READING] = { 300, 30 },
    [CONNECTION_SENDING] = { 300, 30 },
};

enum { LOOK_US = 500000, SHORT_SECONDS = 30 };

struct connection {
    struct list node;
    int fd;
    enum connection_phase phase;
    struct mono since;
    bool gone;   /* at the last look there was nothing more to come from the client */
    bool closed; /* told to end; the daemon does the rest */
};

struct connections {
    pthread_mutex_t lock; /* guards all below, and every struct connection */
    pthread_cond_t ending;
    struct list all;
    int n, places;
    int64_t closed;
    struct pollfd *polled; /* room for one look */
    size_t cap_polled;
    struct mono short_until; /* there was no descriptor for one more */
    bool ends;
    pthread_t thread;
};

static bool is_overdue(const struct connection *x, struct mono now, bool crowded)
{
    int seconds = crowded ? patience[x->phase].crowded : patience[x->phase].usual;

    return seconds > 0 && mono_sub(now, x->since).us > DUR_S(seconds).us;
}

/* A client that has sent all it will send, and not a whole request.  Seen twice in a row, so that
 * whoever reads its last bytes just now has the time to say that they are a whole one. */
static bool is_gone(struct connection *x, short events)
{
    bool was_gone = x->gone;
    int unread = 0;

    x->gone = (x->phase == CONNECTION_IDLE || x->phase == CONNECTION_READING) &&
              (events & (POLLRDHUP | POLLHUP | POLLERR)) && ioctl(x->fd, FIONREAD, &unread) == 0 &&
              unread == 0;
    return x->gone && was_gone;
}

static bool is_short(const struct connections *c, struct mono now)
{
    return now.us < c->short_until.us;
}

static void poll_all(struct connections *c)
{
    size_t n = 0;

    c->polled = mem_grow(c->polled, &c->cap_polled, (size_t)c->n + 1, sizeof(*c->polled));
    for (struct list *at = c->all.next; at != &c->all; at = at->next)
        c->polled[n++] = (struct pollfd){ .fd = CONTAINER_OF(at, struct connection, node)->fd,
                                          .events = POLLRDHUP };
    poll(c->polled, n, 0); /* a failure shows no events */
}

/* A socket is closed by the daemon only after connections_notify has taken it off the list, so it
 * is still this connection's here. */
static void close_overdue(struct connections *c)
{
    struct mono now = clock_mono();
    bool crowded = 4 * c->n >= 3 * c->places || is_short(c, now);
    int closed = 0;
    size_t i = 0;

    poll_all(c);
    for (struct list *at = c->all.next; at != &c->all; at = at->next) {
        struct connection *x = CONTAINER_OF(at, struct connection, node);
        bool ends = is_gone(x, c->polled[i++].revents) || is_overdue(x, now, crowded);
        if (x->closed || !ends)
            continue;
        x->closed = true;
        shutdown(x->fd, SHUT_RDWR);
        closed++;
    }
    c->closed += closed;
    if (closed > 0)
        log_debug("http", "%d of %d connections took too long and are closed", closed, c->n);
}

static void *watch(void *ctx)
{
    struct connections *c = ctx;

    pthread_mutex_lock(&c->lock);
    while (!c->ends) {
        struct mono next = mono_add(clock_mono(), (struct dur){ LOOK_US });
        struct timespec until = { (time_t)(next.us / 1000000), (long)(next.us % 1000000) * 1000 };
        pthread_cond_clockwait(&c->ending, &c->lock, CLOCK_MONOTONIC, &until);
        close_overdue(c);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

enum err_code connections_new(int places, struct connections **ret, struct err *e)
{
    struct connections *c = NEW(struct connections);

    c->places = places;
    list_init(&c->all);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->ending, NULL);
    if (pthread_create(&c->thread, NULL, watch, c) != 0) {
        enum err_code rc = err_errno(e, E_IO, "start a thread");
        pthread_mutex_destroy(&c->lock);
        pthread_cond_destroy(&c->ending);
        mem_free(c);
        return rc;
    }
    *ret = c;
    return E_OK;
}

void connections_free(struct connections *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->ends = true;
    pthread_cond_signal(&c->ending);
    pthread_mutex_unlock(&c->lock);
    pthread_join(c->thread, NULL);
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->ending);
    mem_free(c->polled);
    mem_free(c);
}

void connections_notify(void *ctx, struct MHD_Connection *connection, void **socket_context,
                        enum MHD_ConnectionNotificationCode code)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct connections *c = ctx;
    struct connection *x = *socket_context;

    pthread_mutex_lock(&c->lock);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        x = NEW(struct connection);
        x->fd = info->connect_fd;
        x->since = clock_mono();
        list_push_back(&c->all, &x->node);
        c->n++;
        *socket_context = x;
    } else if (x) {
        list_remove(&x->node);
        c->n--;
        mem_free(x);
        *socket_context = NULL;
    }
    pthread_mutex_unlock(&c->lock);
}

void connections_set(struct connections *c, struct MHD_Connection *connection,
                     enum connection_phase phase)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct connection *x = info ? info->socket_context : NULL;

    if (!x)
        return;
    pthread_mutex_lock(&c->lock);
    x->phase = phase;
    x->since = clock_mono();
    x->gone = false;
    pthread_mutex_unlock(&c->lock);
}

int connections_open(struct connections *c)
{
    pthread_mutex_lock(&c->lock);
    int n = c->n;
    pthread_mutex_unlock(&c->lock);
    return n;
}

int64_t connections_closed(struct connections *c)
{
    pthread_mutex_lock(&c->lock);
    int64_t n = c->closed;
    pthread_mutex_unlock(&c->lock);
    return n;
}

void connections_exhausted(struct connections *c)
{
    struct mono now = clock_mono();

    pthread_mutex_lock(&c->lock);
    bool known = is_short(c, now);
    c->short_until = mono_add(now, DUR_S(SHORT_SECONDS));
    pthread_mutex_unlock(&c->lock);
    if (!known)
        log_warn("http",
                 "no descriptor for another connection: connections end with their answers "
                 "for %d s; raise the limit of open files",
                 SHORT_SECONDS);
}

bool connections_are_short(struct connections *c)
{
    pthread_mutex_lock(&c->lock);
    bool yes = is_short(c, clock_mono());
    pthread_mutex_unlock(&c->lock);
    return yes;
}
