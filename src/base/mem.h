/* base/mem.h - allocation that cannot fail, and the check that cannot be switched off.
 *
 * Sizes that we choose are allocated with these and have no error path: when memory is gone the
 * process ends, and ending is a normal path (the store has what was acknowledged).  Sizes that a
 * client chooses are bounded first.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

#include "base/str.h"

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF(fmt_at, args_at) __attribute__((format(printf, fmt_at, args_at)))
/* The structure of `type` whose `member` is at ptr. */
#define CONTAINER_OF(ptr, type, member) ((type *)((uintptr_t)(ptr) - offsetof(type, member)))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

void *mem_alloc(size_t size);              /* uninitialised; aborts when memory is gone */
void *mem_zalloc(size_t size);             /* zeroed */
void *mem_realloc(void *ptr, size_t size);
/* Grow ptr, an array of elements of elem_size, so that it holds at least need; *cap is updated. */
void *mem_grow(void *ptr, size_t *cap, size_t need, size_t elem_size);
void mem_free(void *ptr);                  /* accepts NULL */
char *mem_strdup(struct str s);            /* terminated copy; owner frees */
void mem_wipe(void *ptr, size_t size);     /* zeroes, for secrets; is never optimised away */
#define NEW(type) ((type *)mem_zalloc(sizeof(type)))

/* A broken assumption of the program, never of its input: prints and aborts, in every build. */
#define check(cond) ((cond) ? (void)0 : check_failed(#cond, __FILE__, __LINE__))
_Noreturn void check_failed(const char *expr, const char *file, int line);

#endif
