/* api/audit.h - the audit record of a call (engine/audit.h).
 *
 * Every write that passed signature and rate limit has one, accepted or refused; what is refused is
 * bounded by account, so that nobody fills the disk with refusals.  A record has no values but ids
 * and names: neither code nor secrets.
 */
#ifndef API_AUDIT_H
#define API_AUDIT_H

#include "api/action.h"

/* Refused writes of one account that are recorded in one second; the rest is counted only. */
enum { AUDIT_REFUSED_PER_SECOND = 20 };

/* On the engine thread, in the transaction of a write that was applied. */
enum err_code audit_accept(struct call *c, const struct action *a, struct engine *g) MUST_USE;
/* Any thread: it was refused with this public code. */
void audit_refuse(const struct call *c, const char *code);

#endif
