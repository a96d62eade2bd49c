/* run/runner_int.h - what the files of the runner share; nobody else includes it.
 *
 * runner.c           the process: folder, lock, socket, signals
 * runner_peer.c      connections of servers: commands in, reports out
 * runner_keeper.c    the keepers that are our children: forked, busy, idle
 * runner_attempt.c   the attempts: begun, adopted from an earlier runner, ended, acknowledged
 *
 * One thread; everything happens in callbacks of one loop.
 */
#ifndef RUN_RUNNER_INT_H
#define RUN_RUNNER_INT_H

#include <uv.h>

#include "base/list.h"
#include "base/map.h"
#include "run/fences.h"
#include "run/keeper.h"
#include "run/runner.h"
#include "run/wire.h"

enum {
    KEEPERS_IDLE_MAX = 32,
    RECORDS_SPARE_MAX = 64,
    PEER_BACKLOG_MAX = 256 << 20,
    RUNNER_READ_CHUNK = 64 << 10
};

struct keeper_link {
    struct list node; /* in idle, while idle */
    struct runner *runner;
    uv_pipe_t pipe;
    struct buf in;
    pid_t pid;
    struct attempt_entry *entry; /* NULL: idle */
};

/* An attempt that was begun and not acknowledged. */
struct attempt_entry {
    struct runner *runner;
    uint64_t fence;
    struct keeper_link *keeper; /* NULL: not kept by a child that we can talk to */
    bool is_running;
    int64_t pid, keeper_pid;
    struct wall started_at;
    struct str ended; /* owned: the report, a whole line; empty while it lives */
    struct mono ended_at;
    bool is_synced;  /* its end is on the disk proper */
    bool is_watched; /* `watch` is open on pidfd: an earlier runner's keeper */
    bool is_unclear; /* locked, but who keeps it is not written yet; or unreadable: look again */
    int pidfd;
    uv_poll_t *watch; /* owned; freed when closed */
    bool kill_asked;  /* while unclear */
    struct dur kill_grace;
};

struct runner {
    uv_loop_t loop;
    struct keeper_config keeping;
    char *dir; /* owned, absolute */
    struct fences fences;
    struct pair_map attempts; /* (fence, 0) -> struct attempt_entry, owned */
    struct list idle;         /* of keeper_link */
    size_t n_idle;
    struct list peers;                 /* newest first */
    uint64_t spare[RECORDS_SPARE_MAX]; /* numbers of spare records */
    size_t n_spare;
    uint64_t next_spare;
    uv_pipe_t listener;
    uv_signal_t signals[3];
    uv_timer_t look_again;
    uv_timer_t sync;
    uv_timer_t look_at_folder;
    char *chunk; /* RUNNER_READ_CHUNK bytes to read into */
    int lock_fd;
};

/* Send without waiting: what the socket does not take now is copied and queued. */
void stream_send(uv_stream_t *stream, struct str bytes);
/* uv_alloc_cb for streams whose handle's loop data is the runner. */
void stream_room(uv_handle_t *handle, size_t size, uv_buf_t *ret);

/* runner_peer.c */
enum err_code peers_listen(struct runner *r, struct err *e) MUST_USE;
/* Send a line to every connected server. */
void peers_tell(struct runner *r, struct str line);

/* runner_keeper.c */
/* An idle keeper or a new one, for entry. */
enum err_code keeper_take(struct runner *r, struct attempt_entry *entry, struct keeper_link **ret,
                          struct err *e) MUST_USE;
void keeper_send(struct keeper_link *k, struct str line);

/* runner_attempt.c */
/* m is a begin message; line is the whole of it, with its newline, for the keeper. */
void runner_attempt_begin(struct runner *r, const struct wire_message *m, struct str line);
void runner_attempt_kill(struct runner *r, uint64_t fence, struct dur grace);
void attempt_ack(struct runner *r, uint64_t fence);
/* What a keeper reports of its attempt. */
void attempt_on_running(struct attempt_entry *entry, const struct wire_message *m, struct str line);
void attempt_on_ended(struct attempt_entry *entry, struct str line);
/* The keeper no longer talks to us: it has died, or goes on alone. */
void attempt_on_silence(struct attempt_entry *entry, pid_t keeper_pid);
/* Append the line that tells the present state of an attempt; nothing when it is just being
 * started. */
void attempt_state(const struct attempt_entry *entry, struct buf *out);
/* Take over what an earlier runner left. */
enum err_code attempts_adopt(struct runner *r, struct err *e) MUST_USE;
void attempts_free(struct runner *r);

#endif
