/* base/arena.c - memory with one lifetime. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK_MIN = 4096, BLOCK_MAX = 1 << 20, ALIGN = 16 };

struct arena_block {
    struct arena_block *older;
    size_t size;                                  /* of data */
    _Alignas(ALIGN) char data[];
};

void arena_init(struct arena *a)
{
    *a = (struct arena){ NULL, 0, 0 };
}

static void free_from(struct arena_block *b)
{
    while (b) {
        struct arena_block *older = b->older;
        mem_free(b);
        b = older;
    }
}

void arena_done(struct arena *a)
{
    free_from(a->block_);
    arena_init(a);
}

void arena_reset(struct arena *a)
{
    struct arena_block *kept = a->block_;

    if (!kept)
        return;
    free_from(kept->older);
    kept->older = NULL;
    a->used_ = 0;
    a->total_ = kept->size;
    if (kept->size > BLOCK_MAX)       /* one large request must not hold its memory for ever */
        arena_done(a);
}

static void add_block(struct arena *a, size_t need)
{
    size_t size = a->block_ ? a->block_->size * 2 : BLOCK_MIN;

    if (size > BLOCK_MAX)
        size = BLOCK_MAX;
    if (size < need)
        size = need;
    struct arena_block *b = mem_alloc(sizeof(*b) + size);
    b->older = a->block_;
    b->size = size;
    a->block_ = b;
    a->used_ = 0;
    a->total_ += size;
}

void *arena_alloc(struct arena *a, size_t size)
{
    check(size < SIZE_MAX / 2);
    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (!a->block_ || a->block_->size - a->used_ < size)
        add_block(a, size);
    void *ptr = a->block_->data + a->used_;
    a->used_ += size;
    memset(ptr, 0, size);
    return ptr;
}

char *arena_cstr(struct arena *a, struct str s)
{
    char *copy = arena_alloc(a, s.len + 1);

    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    return copy;
}

struct str arena_str(struct arena *a, struct str s)
{
    return (struct str){ arena_cstr(a, s), s.len };
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
    char small[256];
    va_list ap;

    va_start(ap, fmt);
    int len = vsnprintf(small, sizeof(small), fmt, ap);
    va_end(ap);
    check(len >= 0);
    if ((size_t)len < sizeof(small))
        return arena_str(a, str_make(small, (size_t)len));
    char *text = arena_alloc(a, (size_t)len + 1);
    va_start(ap, fmt);
    vsnprintf(text, (size_t)len + 1, fmt, ap);
    va_end(ap);
    return (struct str){ text, (size_t)len };
}

size_t arena_bytes(const struct arena *a)
{
    return a->total_;
}
