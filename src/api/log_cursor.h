/* api/log_cursor.h - where the reading of a round's log goes on: "<attempt>.<offset>"
 * (docs/reference/semantics.md 5.10).  Pure. */
#ifndef API_LOG_CURSOR_H
#define API_LOG_CURSOR_H

#include "base/str.h"

struct log_cursor {
    int64_t attempt; /* from 1 on */
    int64_t offset;  /* into its log; a page behind it has a number too */
};
enum { LOG_CURSOR_TEXT_MAX = 48 };

/* Empty text is the beginning.  False: it is none. */
bool log_cursor_parse(struct str text, struct log_cursor *ret);
void log_cursor_print(const struct log_cursor *c, char out[LOG_CURSOR_TEXT_MAX]);

#endif
