/* base/arena.h - memory with one lifetime: allocate piecewise, free at once.
 *
 * Used for one request, one turn of the engine, one parsed definition.  Not for threads to share.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/mem.h"

struct arena_block;
struct arena {
    struct arena_block *block_;    /* newest block; private */
    size_t used_;                  /* bytes taken from it; private */
    size_t total_;                 /* bytes in all blocks; private */
};

void arena_init(struct arena *a);
void arena_done(struct arena *a);
/* Forget everything, keep one block for reuse. */
void arena_reset(struct arena *a);
/* Zeroed, aligned for any type.  Aborts when memory is gone. */
void *arena_alloc(struct arena *a, size_t size);
/* Copy that belongs to the arena; it is also NUL-terminated behind its length. */
struct str arena_str(struct arena *a, struct str s);
char *arena_cstr(struct arena *a, struct str s);
struct str arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);
size_t arena_bytes(const struct arena *a);
#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (n)))

#endif
