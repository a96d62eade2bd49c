/* run/client.h - the server's side of the connection to a runner.
 *
 * Runs on the loop of its owner (the engine thread); nothing here blocks and no callback comes
 * from inside a call.  The client starts the runner process when none answers on the socket (unless
 * told not to) and reconnects for ever, with a growing pause of at most one second.
 *
 * After every (re)connection the runner first reports all attempts that it knows: `running` for
 * each that is alive, `ended` for each that ended and was not acknowledged; then `synced`.  An
 * attempt that the server believes in and that was not named before `synced` was never started:
 * send it again. An `ended` is repeated after every reconnection until run_client_ack: acknowledge
 * only after the result is committed (I6, I7).
 */
#ifndef RUN_CLIENT_H
#define RUN_CLIENT_H

#include <uv.h>

#include "base/err.h"
#include "run/attempt.h"

struct run_client;

struct run_client_events {
    void *ctx;
    void (*running)(void *ctx, uint64_t fence, int64_t pid, struct wall started_at);
    void (*ended)(void *ctx, const struct attempt_end *end);
    void (*synced)(void *ctx);
    void (*disconnected)(void *ctx);
};

struct run_client_config {
    const char *dir;       /* of the runner: socket, attempts, logs */
    const char *weft_path; /* executable for `weft runner`; NULL: never start one */
    bool as_root_user;     /* let attempts keep root when the server is root (default: they become
                              nobody) */
    const char *run_as;    /* as runner.h; NULL: nobody when root, else the same user */
};

/* E_MISSING, E_DENIED: attempts cannot run as this user; E_IO the folder.  A runner that an earlier
 * server left there and that starts attempts as another user is replaced; its attempts go on. */
enum err_code run_client_new(uv_loop_t *loop, const struct run_client_config *config,
                             const struct run_client_events *events, struct run_client **ret,
                             struct err *e) MUST_USE;
/* Begins connecting. */
void run_client_start(struct run_client *c);
/* Copies what it needs.  Before `synced` nothing is sent: it tells when to send again. */
void run_client_begin(struct run_client *c, const struct attempt_spec *spec);
/* End the whole process tree: SIGTERM, after grace SIGKILL.  The answer is `ended`. */
void run_client_kill(struct run_client *c, uint64_t fence, struct dur grace);
/* The runner may forget the exit record.  The log stays. */
void run_client_ack(struct run_client *c, uint64_t fence);
bool run_client_is_synced(const struct run_client *c);
void run_client_free(struct run_client *c); /* closes; the runner and its attempts go on */

#endif
