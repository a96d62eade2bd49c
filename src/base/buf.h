/* base/buf.h - a growable byte buffer with a limit.
 *
 * Appending past the limit sets `overflow` and drops the bytes; everything after that is dropped
 * too, so a caller may append freely and look once at the end.  The bytes are always followed by a
 * NUL that does not count, so ptr is usable as a C string after the first append.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>

#include "base/mem.h"

struct buf {
    char *ptr;          /* owned */
    size_t len;
    size_t cap_;
    size_t limit;       /* most bytes that it may hold */
    bool overflow;
};

void buf_init(struct buf *b, size_t limit);
void buf_done(struct buf *b);
void buf_reset(struct buf *b);                    /* empty, memory kept, overflow cleared */
void buf_add(struct buf *b, const void *ptr, size_t len);
void buf_add_str(struct buf *b, struct str s);
void buf_add_c(struct buf *b, const char *text);
void buf_add_char(struct buf *b, char c);
void buf_add_i64(struct buf *b, int64_t v);
void buf_add_u64(struct buf *b, uint64_t v);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_vprintf(struct buf *b, const char *fmt, va_list ap);
/* Room for len more bytes behind the content; after filling it, buf_grown().  NULL when that would
 * be over the limit, which counts as an append that overflowed. */
char *buf_reserve(struct buf *b, size_t len);
void buf_grown(struct buf *b, size_t len);
/* Drop the first n bytes. */
void buf_consume(struct buf *b, size_t n);
struct str buf_str(const struct buf *b);
/* The memory moves to the caller (mem_free), NUL-terminated; the buffer is empty afterwards. */
char *buf_take(struct buf *b, size_t *ret_len);

#endif
