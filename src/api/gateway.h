/* api/gateway.h - HTTP in, answers out: the wire of docs/reference/wire.md over libmicrohttpd.
 *
 * Owns its threads.  Every request that could be read gets HTTP 200 and a JSON envelope.  Memory is
 * bounded: connections, header bytes, body bytes and calls in flight have hard limits.
 */
#ifndef API_GATEWAY_H
#define API_GATEWAY_H

#include "api/action.h"

struct gateway;

/* Who may read /metrics; a token is asked of everybody. */
enum metrics_for { METRICS_LOCAL, METRICS_ANY, METRICS_OFF };

struct gateway_config {
    const char *listen;             /* "127.0.0.1:8099", "[::1]:8099", "0.0.0.0:0" */
    const char *tls_cert, *tls_key; /* PEM files; NULL: plain HTTP */
    const char *const
        *extra_hosts; /* further names allowed on the signed host line; NULL-terminated or NULL */
    const char *regions; /* comma list of served regions; NULL: any well-formed name */
    int rate_limit;      /* requests per second, action and account; 0: none */
    int threads;         /* 0: one per core, at least 2 */
    int connections_max; /* 0: 1000 */
    enum metrics_for metrics;
    const char *metrics_token; /* NULL: none */
    struct dur slow_call;      /* a longer one is logged; 0: none is */
};

enum err_code gateway_start(const struct gateway_config *config, const struct services *services,
                            struct gateway **ret, struct err *e) MUST_USE;
int gateway_port(const struct gateway *g);
/* No new calls; those under way are answered, at most for some seconds. */
void gateway_stop(struct gateway *g);

#endif
