/* api/call_metrics.h - what the gateway counts of itself; docs/operations.md, "Metrics".
 *
 * Any thread counts, and waits for nobody but when a pair of action and code comes for the first
 * time.  The actions are those of the schema and the codes are the program's own, so their number
 * is bounded; the table is too, and what finds no place in it is counted under "other".
 */
#ifndef API_CALL_METRICS_H
#define API_CALL_METRICS_H

#include "api/schema.h"
#include "base/instant.h"
#include "base/metric.h"

enum call_kind { CALL_READ, CALL_WRITE, CALL_UNKNOWN, CALL_KIND_N_ }; /* unknown: no action */

struct call_metrics;
struct call_metrics *call_metrics_new(void);
void call_metrics_free(struct call_metrics *m);

/* A call was answered.  schema: NULL before its action is known; code: "OK" or a public code. */
void call_metrics_count(struct call_metrics *m, const struct schema_action *schema,
                        enum call_kind kind, const char *code, struct dur took);
void call_metrics_rate_limited(struct call_metrics *m);
void call_metrics_connection_refused(struct call_metrics *m);
void call_metrics_write(const struct call_metrics *m, struct buf *out);

#endif
