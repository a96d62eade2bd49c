/* run/log_page.h - one page of a log, out of bytes of its file; pure.  run/logs.h does the reading.
 */
#ifndef RUN_LOG_PAGE_H
#define RUN_LOG_PAGE_H

#include "run/logs.h"

/* Bytes of a log from an offset on, and how large the file is. */
struct log_window {
    struct str bytes;
    int64_t at, size;
};

/* As logs_read: append whole lines from cursor on that pass the filter, of about bytes_max bytes of
 * the window.  The window begins at the byte before the cursor, which says whether a line begins
 * there (at 0 for cursor 0), and holds a whole line or reaches to the end of the file.  E_LIMIT: a
 * line does not fit into out; *ret is then untouched. */
enum err_code log_page_take(const struct log_window *w, int64_t cursor, enum log_filter filter,
                            size_t bytes_max, struct buf *out, struct logs_page *ret,
                            struct err *e) MUST_USE;

#endif
