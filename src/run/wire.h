/* run/wire.h - the messages between server, runner and keeper: one JSON object per line.
 *
 *   server -> runner    begin, kill, ack
 *   runner -> server    hello, running, ended, synced
 *   runner -> keeper    spare (a record file to use for the next attempt), begin, kill
 *   keeper -> runner    running, ended
 *
 * An `ended` line is also what is kept in an attempt's record (record.h).  Whoever reads ignores
 * keys and kinds that it does not know, so a keeper that an older executable started keeps working
 * after an upgrade, and a runner until it is replaced.  Fences are at most INT64_MAX.  The code
 * travels as base64: it may be any bytes.
 */
#ifndef RUN_WIRE_H
#define RUN_WIRE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "run/attempt.h"

enum {
    WIRE_PROTOCOL = 1,
    WIRE_CODE_MAX = 12 << 20,  /* bytes of code */
    WIRE_PARAMS_MAX = 1 << 20, /* bytes of the params together */
    WIRE_LINE_MAX = 24 << 20   /* bytes of a line: the code in base64, and the rest */
};

enum wire_kind {
    WIRE_UNKNOWN, /* valid, of a later protocol: ignore */
    WIRE_HELLO,
    WIRE_SYNCED,
    WIRE_BEGIN,
    WIRE_KILL,
    WIRE_ACK,
    WIRE_RUNNING,
    WIRE_ENDED,
    WIRE_SPARE,
    WIRE_KIND_N_
};

struct wire_message {
    enum wire_kind kind;
    uint64_t fence;           /* all but hello and synced; of spare: its number */
    int64_t pid;              /* hello: of the runner; running: of the program */
    int64_t keeper_pid;       /* running, in a record */
    int protocol;             /* hello */
    int64_t uid;              /* hello: whose attempts are; -1: it does not say */
    struct str version;       /* hello: of its program */
    struct dur grace;         /* kill */
    struct wall started_at;   /* running */
    struct attempt_spec spec; /* begin; code is decoded */
    bool is_refused; /* begin: spec.refusal says why it cannot start; the rest was left out */
    struct attempt_end end; /* ended */
};

/* Append one line with its newline. */
/* uid: of the user that attempts run as. */
void wire_put_hello(struct buf *out, int64_t pid, int64_t uid);
void wire_put_synced(struct buf *out);
void wire_put_begin(struct buf *out, const struct attempt_spec *spec);
void wire_put_kill(struct buf *out, uint64_t fence, struct dur grace);
void wire_put_ack(struct buf *out, uint64_t fence);
void wire_put_spare(struct buf *out, uint64_t number);
void wire_put_running(struct buf *out, uint64_t fence, int64_t pid, int64_t keeper_pid,
                      struct wall started_at);
void wire_put_ended(struct buf *out, const struct attempt_end *end);

/* Parse one line (without its newline); what *ret points to lives in a.  E_SYNTAX, also for a
 * number that its place cannot hold. */
enum err_code wire_parse(struct str line, struct arena *a, struct wire_message *ret,
                         struct err *e) MUST_USE;

/* The next whole line of in, from *at on, without its newline; *at moves behind it.  False: none is
 * complete. */
bool wire_next_line(const struct buf *in, size_t *at, struct str *ret_line);
/* Drop the first `at` bytes of in, which were taken, and its memory when it is empty and was
 * large. */
void wire_drop_taken(struct buf *in, size_t at);

#endif
