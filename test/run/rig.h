/* test/run/rig.h - a runner in a folder of its own and a client that remembers what it was told.
 *
 * Everything is bounded in time: a wait that is not fulfilled in RIG_WAIT_MS fails the test.
 */
#ifndef TEST_RUN_RIG_H
#define TEST_RUN_RIG_H

#include <limits.h>
#include <uv.h>

#include "base/buf.h"
#include "run/client.h"

enum { RIG_FENCES_MAX = 4096, RIG_WAIT_MS = 20000 };

struct rig_attempt {
    int n_running, n_ended; /* how often it was told */
    int64_t pid;
    struct attempt_end end; /* of the first report; its texts are those below */
    char text[600], outputs[600], events[200];
};
struct rig {
    char root[PATH_MAX], dir[PATH_MAX]; /* dir is below root */
    uv_loop_t loop;
    struct run_client *client;
    int n_synced, n_disconnected;
    struct rig_attempt attempts[RIG_FENCES_MAX];
    bool no_ack; /* else every end is acknowledged as it comes */
};

/* flags: */
enum { RIG_AS_ROOT = 1, RIG_LONG_PATH = 2, RIG_RANGE = 4 /* of users: RIG_USERS */ };
#define RIG_USERS "210000-210099"
void rig_init(struct rig *g, int flags);
/* Ends the runner (by its pid), checks that it left no process behind, removes the folder. */
void rig_done(struct rig *g);
void rig_connect(struct rig *g, int flags);
void rig_disconnect(struct rig *g);

void rig_begin(struct rig *g, uint64_t fence, int type_id, const char *code);
/* begin and wait for the end */
const struct rig_attempt *rig_run(struct rig *g, uint64_t fence, const char *code);
void rig_wait_ended(struct rig *g, uint64_t fence);
void rig_wait_running(struct rig *g, uint64_t fence);
void rig_wait_synced(struct rig *g, int times);
void rig_turn(struct rig *g, int ms); /* run the loop that long */
/* The pid of the runner: who is at the other end of the socket. */
pid_t rig_runner_pid(struct rig *g);
/* kill -9 and wait until it is gone. */
void rig_kill_runner(struct rig *g);

/* The whole log of a fence; owned by the rig until the next call. */
const char *rig_log(struct rig *g, uint64_t fence);
/* Wait until the log contains text. */
void rig_wait_log(struct rig *g, uint64_t fence, const char *text);
/* The lines of the log without time, level and our own lines, joined by '|'. */
const char *rig_output(struct rig *g, uint64_t fence);
/* Number of processes of attempts: whose environment names the folder of this rig. */
int rig_count_processes(struct rig *g);
/* Number of processes that work in the folder of this rig: runner and keepers. */
int rig_count_keepers(struct rig *g);
bool rig_pid_lives(pid_t pid);

#endif
