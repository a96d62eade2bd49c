/* api/probe.h - what is answered without a signature: /healthz, /readyz, /metrics.
 *
 * docs/operations.md, "Health and readiness" and "Metrics".  They read atomics and a few files of
 * /proc, and never wait for the engine or the store.
 */
#ifndef API_PROBE_H
#define API_PROBE_H

#include "api/gateway_int.h"
#include "api/http_request.h"

/* True: it was one of these, and *ret is its answer. */
bool probe_answer(struct exchange *x, const struct http_request *r, enum MHD_Result *ret);

/* metrics_text.c: all of /metrics. */
void metrics_text(const struct gateway *g, struct buf *out);

#endif
