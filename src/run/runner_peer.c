/* run/runner_peer.c - the connections of servers to the runner.
 *
 * Every connection gets all reports; commands are taken from the newest one only.  An older one
 * that still sends commands belongs to a server that was replaced: it is closed, and when it comes
 * back it is the newest and is told all.
 */
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/runner_int.h"
#include "sys/log.h"

struct peer {
    struct list node;
    struct runner *runner;
    uv_pipe_t pipe;
    struct buf in;
};

static void on_closed(uv_handle_t *handle)
{
    struct peer *p = CONTAINER_OF(handle, struct peer, pipe);

    buf_done(&p->in);
    mem_free(p);
}

static void close_peer(struct peer *p)
{
    if (uv_is_closing((uv_handle_t *)&p->pipe))
        return;
    list_remove(&p->node);
    uv_close((uv_handle_t *)&p->pipe, on_closed);
}

static void tell(struct peer *p, struct str line)
{
    stream_send((uv_stream_t *)&p->pipe, line);
    if (uv_stream_get_write_queue_size((uv_stream_t *)&p->pipe) > PEER_BACKLOG_MAX) {
        log_warn("runner", "a server does not read its reports; it is disconnected");
        close_peer(p);
    }
}

void peers_tell(struct runner *r, struct str line)
{
    struct list *next;

    for (struct list *at = r->peers.next; at != &r->peers; at = next) {
        next = at->next;
        tell(CONTAINER_OF(at, struct peer, node), line);
    }
}

static void obey(struct peer *p, const struct wire_message *m, struct str line)
{
    struct runner *r = p->runner;

    if (m->kind != WIRE_BEGIN && m->kind != WIRE_KILL && m->kind != WIRE_ACK)
        return;
    if (list_first(&r->peers) != &p->node) {
        log_warn("runner", "a command came on an old connection; it is closed");
        close_peer(p);
    } else if (m->kind == WIRE_BEGIN) {
        runner_attempt_begin(r, m, line);
    } else if (m->kind == WIRE_KILL) {
        runner_attempt_kill(r, m->fence, m->grace);
    } else {
        attempt_ack(r, m->fence);
    }
}

static void take_lines(struct peer *p)
{
    struct wire_message m;
    struct arena arena;
    struct str line;
    size_t at = 0;

    arena_init(&arena);
    while (!uv_is_closing((uv_handle_t *)&p->pipe) && wire_next_line(&p->in, &at, &line)) {
        struct err e = ERR_INIT;
        if (wire_parse(line, &arena, &m, &e) == E_OK) {
            obey(p, &m, str_make(line.ptr, line.len + 1));
        } else {
            log_error("runner", "a server sent %s; it is disconnected", e.text);
            close_peer(p);
        }
        arena_reset(&arena);
    }
    arena_done(&arena);
    wire_drop_taken(&p->in, at);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *chunk)
{
    struct peer *p = CONTAINER_OF(stream, struct peer, pipe);

    if (n < 0) {
        close_peer(p);
        return;
    }
    buf_add(&p->in, chunk->base, (size_t)n);
    if (p->in.overflow) {
        log_error("runner", "a server sent a message of more than %d bytes; it is disconnected",
                  WIRE_LINE_MAX);
        close_peer(p);
        return;
    }
    if (memchr(chunk->base, '\n', (size_t)n))
        take_lines(p);
}

static void tell_all(struct peer *p)
{
    const struct runner *r = p->runner;
    struct pair_key key;
    struct buf text;
    size_t at = 0;
    void *entry;

    buf_init(&text, PEER_BACKLOG_MAX);
    wire_put_hello(&text, getpid(), r->keeping.user.uid);
    while (pair_map_next(&r->attempts, &at, &key, &entry))
        attempt_state(entry, &text);
    wire_put_synced(&text);
    tell(p, buf_str(&text));
    buf_done(&text);
}

static bool is_same_user(uv_pipe_t *pipe)
{
    struct ucred who;
    socklen_t len = sizeof(who);
    uv_os_fd_t fd;

    return uv_fileno((uv_handle_t *)pipe, &fd) == 0 &&
           getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 && who.uid == geteuid();
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct runner *r = listener->loop->data;
    struct peer *p;

    if (status != 0)
        return;
    p = NEW(struct peer);
    p->runner = r;
    list_init(&p->node);
    buf_init(&p->in, WIRE_LINE_MAX);
    uv_pipe_init(&r->loop, &p->pipe, 0);
    if (uv_accept(listener, (uv_stream_t *)&p->pipe) != 0 || !is_same_user(&p->pipe) ||
        uv_read_start((uv_stream_t *)&p->pipe, stream_room, on_read) != 0) {
        close_peer(p);
        return;
    }
    list_push_front(&r->peers, &p->node);
    tell_all(p);
}

enum err_code peers_listen(struct runner *r, struct err *e)
{
    mode_t before = umask(0177);
    int rc;

    unlink("runner.sock"); /* of an earlier runner: we hold the lock */
    uv_pipe_init(&r->loop, &r->listener, 0);
    rc = uv_pipe_bind(&r->listener, "runner.sock");
    umask(before);
    if (rc == 0)
        rc = uv_listen((uv_stream_t *)&r->listener, 64, on_connection);
    return rc == 0 ? E_OK
                   : err_set(e, E_IO, "listen on %s/runner.sock: %s", r->dir, uv_strerror(rc));
}
