/* run/log_page.c - one page of a log, out of bytes of its file. */
#include "run/log_page.h"

#include <string.h>

#include "run/log_line.h"

static bool passes(struct str line, enum log_filter filter)
{
    enum log_word word;

    if (filter == LOG_FILTER_ALL)
        return true;
    word = log_word_of_line(line);
    switch (filter) {
    case LOG_FILTER_DEBUG:
        return word == LOG_WORD_DEBUG;
    case LOG_FILTER_INFO:
        return word == LOG_WORD_INFO;
    case LOG_FILTER_WARN:
        return word == LOG_WORD_WARN;
    case LOG_FILTER_ERROR:
        return word == LOG_WORD_ERROR || word == LOG_WORD_FATAL;
    case LOG_FILTER_ALL:
        break;
    }
    return true;
}

/* Take whole lines of text, which begins at offset `at` of the file, until about bytes_max are
 * taken. */
static enum err_code take_lines(struct str text, int64_t at, enum log_filter filter,
                                size_t bytes_max, struct buf *out, int64_t *ret_next, struct err *e)
{
    size_t taken = 0, first = out->len;

    for (;;) {
        struct str rest = str_sub(text, taken, text.len);
        ptrdiff_t len = str_find_char(rest, '\n');
        if (len < 0 || (taken > 0 && taken + (size_t)len + 1 > bytes_max))
            break;
        struct str line = str_sub(rest, 0, (size_t)len + 1);
        if (passes(line, filter)) {
            if (line.len > out->limit - out->len) {
                if (out->len == first)
                    return err_set(e, E_LIMIT, "a line of the log does not fit into %zu bytes",
                                   out->limit);
                break;
            }
            buf_add_str(out, line);
        }
        taken += line.len;
    }
    *ret_next = at + (int64_t)taken;
    return E_OK;
}

enum err_code log_page_take(const struct log_window *w, int64_t cursor, enum log_filter filter,
                            size_t bytes_max, struct buf *out, struct logs_page *ret, struct err *e)
{
    int64_t next = cursor, end = w->at + (int64_t)w->bytes.len;
    struct str lines = w->bytes;

    if (lines.len > 0 && cursor > 0) {
        ptrdiff_t newline = str_find_char(lines, '\n');
        lines = str_sub(lines, newline < 0 ? lines.len : (size_t)newline + 1, lines.len);
    }
    if (w->bytes.len > 0) {
        enum err_code rc =
            take_lines(lines, end - (int64_t)lines.len, filter, bytes_max, out, &next, e);
        if (rc != E_OK)
            return rc;
    }
    /* Behind the last newline is at most a line that is being written. */
    struct str rest = str_sub(w->bytes, (size_t)(next > w->at ? next - w->at : 0), w->bytes.len);
    *ret = (struct logs_page){
        .next = next, .at_end = end >= w->size && (next >= end || str_find_char(rest, '\n') < 0)
    };
    return E_OK;
}
