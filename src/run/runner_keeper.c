/* run/runner_keeper.c - the keepers that are children of this runner. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "run/runner_int.h"

static void on_closed(uv_handle_t *handle)
{
    struct keeper_link *k = CONTAINER_OF(handle, struct keeper_link, pipe);

    buf_done(&k->in);
    mem_free(k);
}

static void close_link(struct keeper_link *k)
{
    if (uv_is_closing((uv_handle_t *)&k->pipe))
        return;
    if (!k->entry) {
        list_remove(&k->node);
        k->runner->n_idle--;
    }
    uv_close((uv_handle_t *)&k->pipe, on_closed);
}

static void become_idle(struct keeper_link *k)
{
    k->entry = NULL;
    list_push_front(&k->runner->idle, &k->node);
    k->runner->n_idle++;
    if (k->runner->n_idle > KEEPERS_IDLE_MAX)
        close_link(k); /* it ends when it sees that */
}

static void on_message(struct keeper_link *k, const struct wire_message *m, struct str line)
{
    struct attempt_entry *entry = k->entry;

    if (!entry || m->fence != entry->fence)
        return;
    if (m->kind == WIRE_RUNNING) {
        attempt_on_running(entry, m, line);
    } else if (m->kind == WIRE_ENDED) {
        entry->keeper = NULL;
        become_idle(k);
        attempt_on_ended(entry, line);
    }
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *chunk)
{
    struct keeper_link *k = CONTAINER_OF(stream, struct keeper_link, pipe);
    struct wire_message m;
    struct arena arena;
    struct str line;
    size_t at = 0;

    if (n > 0)
        buf_add(&k->in, chunk->base, (size_t)n);
    if (n < 0 || k->in.overflow) {
        struct attempt_entry *entry = k->entry;
        close_link(k);
        if (entry) {
            entry->keeper = NULL;
            attempt_on_silence(entry, k->pid);
        }
        return;
    }
    arena_init(&arena);
    while (wire_next_line(&k->in, &at, &line))
        if (wire_parse(line, &arena, &m, NULL) == E_OK)
            on_message(k, &m, str_make(line.ptr, line.len + 1));
    arena_done(&arena);
    wire_drop_taken(&k->in, at);
}

/* No signal may meet the child before it has dropped our handlers. */
static pid_t fork_keeper(const struct keeper_config *config, int control)
{
    sigset_t all, before;
    pid_t pid;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid = fork();
    if (pid == 0)
        keeper_main(config, control);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return pid;
}

static enum err_code new_keeper(struct runner *r, struct keeper_link **ret, struct err *e)
{
    struct keeper_link *k;
    int pair[2];
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return err_errno(e, E_IO, "make a socket for a keeper");
    pid = fork_keeper(&r->keeping, pair[1]);
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return err_errno(e, E_IO, "fork a keeper");
    }
    k = NEW(struct keeper_link);
    k->runner = r;
    k->pid = pid;
    list_init(&k->node);
    buf_init(&k->in, WIRE_LINE_MAX);
    uv_pipe_init(&r->loop, &k->pipe, 0);
    check(uv_pipe_open(&k->pipe, pair[0]) == 0);
    check(uv_read_start((uv_stream_t *)&k->pipe, stream_room, on_read) == 0);
    *ret = k;
    return E_OK;
}

enum err_code keeper_take(struct runner *r, struct attempt_entry *entry, struct keeper_link **ret,
                          struct err *e)
{
    struct list *node = list_pop_front(&r->idle);
    enum err_code rc = E_OK;

    if (node) {
        r->n_idle--;
        *ret = CONTAINER_OF(node, struct keeper_link, node);
    } else {
        rc = new_keeper(r, ret, e);
    }
    if (rc == E_OK)
        (*ret)->entry = entry;
    return rc;
}

void keeper_send(struct keeper_link *k, struct str line)
{
    stream_send((uv_stream_t *)&k->pipe, line);
}
