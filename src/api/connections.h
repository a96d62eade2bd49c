/* api/connections.h - how long a connection may take for what it is doing.
 *
 * A client that is gone before its request is whole loses its place at once: libmicrohttpd does not
 * see an end that came together with the last bytes, and would wait for more.  It closes a
 * connection that is silent; here one is closed that says too little: a client that sends its
 * request, or takes its answer, byte by byte holds a place as long as it likes otherwise.  When
 * three quarters of the places are taken, patience is short, so that whoever wants a place gets one
 * although others hold on to theirs.  One thread of its own looks twice a second.
 *
 * Where the system has no descriptor for another connection, libmicrohttpd takes none until one of
 * those that it has is closed.  Clients that keep theirs open would lock all others out, so then
 * patience is short too, and every answer ends its connection, for half a minute.
 */
#ifndef API_CONNECTIONS_H
#define API_CONNECTIONS_H

#include <microhttpd.h>

#include "base/err.h"

enum connection_phase {
    CONNECTION_IDLE,    /* between requests, or within a request line */
    CONNECTION_READING, /* from the request line to the end of the body */
    CONNECTION_WORKING, /* it is our turn */
    CONNECTION_SENDING,
    CONNECTION_PHASE_N_
};

struct connections;

/* places: most connections at once.  E_IO: no thread. */
enum err_code connections_new(int places, struct connections **ret, struct err *e) MUST_USE;
/* After the daemon has stopped. */
void connections_free(struct connections *c);
/* For MHD_OPTION_NOTIFY_CONNECTION, with the struct connections. */
void connections_notify(void *ctx, struct MHD_Connection *connection, void **socket_context,
                        enum MHD_ConnectionNotificationCode code);
/* What it does from now on.  On the thread that serves it. */
void connections_set(struct connections *c, struct MHD_Connection *connection,
                     enum connection_phase phase);

/* How many there are, and how many were closed because they took too long.  Any thread. */
int connections_open(struct connections *c);
int64_t connections_closed(struct connections *c);
/* The system has no descriptor for another connection.  Any thread. */
void connections_exhausted(struct connections *c);
/* Is it time for an answer to end its connection?  Any thread. */
bool connections_are_short(struct connections *c);

#endif
