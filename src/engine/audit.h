/* engine/audit.h - who changed what: one durable record for each write of the API.
 *
 * docs/decisions/0023-metrics-audit-retention.md.  The record of a write that is accepted is part
 * of its transaction: neither is there without the other.  A refused one leaves a note, which the
 * next turn writes down; notes wait in memory, at most AUDIT_NOTES_MAX of them, and those that wait
 * when the process dies are lost.
 */
#ifndef ENGINE_AUDIT_H
#define ENGINE_AUDIT_H

#include "engine/engine.h"

enum { AUDIT_NOTES_MAX = 1000 };

/* Inside the write's transaction; sets at and number. */
enum err_code audit_write(struct engine *g, struct audit_row *row, struct err *e) MUST_USE;
/* Any thread: the texts are copied.  False: too many wait, it is dropped and counted. */
bool audit_note(struct engine *g, const struct audit_row *row);

#endif
