/* cli/progress.h - how far something is: a bar that moves on a terminal, else a line when it has
 * moved.  On stderr. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "base/instant.h"
#include "base/str.h"

struct progress {
    const char *what;  /* of what there are so many: "instances" */
    const char *stage; /* when it was last shown */
    struct mono begun;
    int64_t first; /* done at the first look; -1: none yet */
    int64_t shown; /* done when it was last shown; and retrying */
    int64_t shown_retrying;
    int width; /* of the terminal; 0: no terminal */
};

struct progress_state {
    const char *stage; /* "made", in front of the numbers; NULL: the last one */
    int64_t total, done, failed;
    int64_t retrying;     /* of those that are not done: failed, and to be tried again */
    const char *retry_at; /* when the first of these is; NULL: not known */
};

void progress_begin(struct progress *p, const char *what);
void progress_show(struct progress *p, const struct progress_state *state);
/* The bar stays as it is, and the next line is free. */
void progress_end(struct progress *p);

/* The line that is shown, without its end; out holds size bytes.  Pure.  columns: of the terminal,
 * 0: none; seconds, since: how long it has been watched, and what was done when that began. */
void progress_line(const struct progress_state *state, const char *what, int columns,
                   double seconds, int64_t since, char *out, size_t size);

#endif
