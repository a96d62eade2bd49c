/* base/buf.c - a growable byte buffer with a limit. */
#include "base/buf.h"

#include <stdio.h>
#include <string.h>

void buf_init(struct buf *b, size_t limit)
{
    /* One byte more is needed for the terminator. */
    *b = (struct buf){ .limit = limit < SIZE_MAX ? limit : SIZE_MAX - 1 };
}

void buf_done(struct buf *b)
{
    mem_free(b->ptr);
    *b = (struct buf){ .limit = b->limit };
}

void buf_reset(struct buf *b)
{
    b->len = 0;
    b->overflow = false;
    if (b->ptr)
        b->ptr[0] = '\0';
}

char *buf_reserve(struct buf *b, size_t len)
{
    if (b->overflow || len > b->limit - b->len) {
        b->overflow = true;
        return NULL;
    }
    if (b->len + len + 1 > b->cap_) {
        size_t cap = b->cap_ < 64 ? 64 : b->cap_ > SIZE_MAX / 2 ? SIZE_MAX : b->cap_ * 2;
        if (cap < b->len + len + 1)
            cap = b->len + len + 1;
        if (cap > b->limit + 1)
            cap = b->limit + 1;
        b->ptr = mem_realloc(b->ptr, cap);
        b->cap_ = cap;
    }
    return b->ptr + b->len;
}

void buf_grown(struct buf *b, size_t len)
{
    check(b->len + len < b->cap_);
    b->len += len;
    b->ptr[b->len] = '\0';
}

void buf_add(struct buf *b, const void *ptr, size_t len)
{
    char *room = buf_reserve(b, len);

    if (!room)
        return;
    if (len > 0)
        memcpy(room, ptr, len);
    buf_grown(b, len);
}

void buf_add_str(struct buf *b, struct str s)
{
    buf_add(b, s.ptr, s.len);
}

void buf_add_c(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void buf_add_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_add_u64(struct buf *b, uint64_t v)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    buf_add(b, digits + at, sizeof(digits) - at);
}

void buf_add_i64(struct buf *b, int64_t v)
{
    if (v < 0)
        buf_add_char(b, '-');
    buf_add_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
    char small[256];
    va_list again;

    va_copy(again, ap);
    int len = vsnprintf(small, sizeof(small), fmt, ap);
    check(len >= 0);
    char *room = buf_reserve(b, (size_t)len);
    if (room && (size_t)len < sizeof(small)) {
        memcpy(room, small, (size_t)len);
        buf_grown(b, (size_t)len);
    } else if (room) {
        vsnprintf(room, (size_t)len + 1, fmt, again);
        buf_grown(b, (size_t)len);
    }
    va_end(again);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    buf_vprintf(b, fmt, ap);
    va_end(ap);
}

void buf_consume(struct buf *b, size_t n)
{
    check(n <= b->len);
    if (n == 0)
        return;
    memmove(b->ptr, b->ptr + n, b->len - n + 1);
    b->len -= n;
}

struct str buf_str(const struct buf *b)
{
    return (struct str){ b->ptr, b->len };
}

char *buf_take(struct buf *b, size_t *ret_len)
{
    enum { SPARE_MAX = 4096 };
    char *ptr = b->ptr ? b->ptr : mem_zalloc(1);

    if (b->cap_ > b->len + SPARE_MAX)
        ptr = mem_realloc(ptr, b->len + 1); /* it may be held for long */
    if (ret_len)
        *ret_len = b->len;
    *b = (struct buf){ .limit = b->limit };
    return ptr;
}
