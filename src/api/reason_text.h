/* api/reason_text.h - why an instance ended, in the caller's language.
 *
 * The reason is kept in English, as the scheduler or the runner gave it.  What the server says by
 * itself is a sentence of a fixed set, and has a Chinese form here; what comes from elsewhere (a
 * program that could not be started, an expression that is wrong) stays as it is.
 */
#ifndef API_REASON_TEXT_H
#define API_REASON_TEXT_H

#include "api/action.h"

/* In the arena, or the reason itself. */
struct str reason_text(struct str reason, enum lang lang, struct arena *a);

#endif
