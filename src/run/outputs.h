/* run/outputs.h - takes out of what an attempt prints what it is to put out: its output parameters
 * and the events of its hook (docs/reference/semantics.md 6.3, 4.3).
 *
 * Memory is bounded: of an attempt that puts something out, standard output is held up to
 * RESULT_PRINTED_MAX; of others nothing is held.
 */
#ifndef RUN_OUTPUTS_H
#define RUN_OUTPUTS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "run/attempt.h"

enum { OUTPUTS_BYTES_MAX = 1 << 20 /* of all values together */ };

struct outputs {
    struct buf printed_;
    bool wanted_;
};

void outputs_init(struct outputs *o, const struct attempt_spec *spec);
/* Bytes of its standard output. */
void outputs_add(struct outputs *o, struct str bytes);
/* All is printed: fill end->outputs and end->events, from a.  E_LIMIT: it printed too much, or a
 * value is too long. */
enum err_code outputs_take(struct outputs *o, const struct attempt_spec *spec, struct arena *a,
                           struct attempt_end *end, struct err *e) MUST_USE;
void outputs_done(struct outputs *o);

#endif
