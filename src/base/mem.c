/* base/mem.c - allocation that cannot fail, and the check that cannot be switched off. */
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void out_of_memory(size_t size)
{
    fprintf(stderr, "out of memory: %zu bytes\n", size);
    abort();
}

void *mem_alloc(size_t size)
{
    void *ptr = malloc(size ? size : 1);
    if (!ptr)
        out_of_memory(size);
    return ptr;
}

void *mem_zalloc(size_t size)
{
    void *ptr = calloc(1, size ? size : 1);
    if (!ptr)
        out_of_memory(size);
    return ptr;
}

void *mem_realloc(void *ptr, size_t size)
{
    void *moved = realloc(ptr, size ? size : 1);
    if (!moved)
        out_of_memory(size);
    return moved;
}

void *mem_grow(void *ptr, size_t *cap, size_t need, size_t elem_size)
{
    size_t bigger = *cap ? *cap : 8;

    if (need <= *cap)
        return ptr;
    while (bigger < need)
        bigger += bigger / 2 + 8;
    check(bigger <= SIZE_MAX / elem_size);
    ptr = mem_realloc(ptr, bigger * elem_size);
    *cap = bigger;
    return ptr;
}

void mem_free(void *ptr)
{
    free(ptr);
}

char *mem_strdup(struct str s)
{
    char *copy = mem_alloc(s.len + 1);

    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\0';
    return copy;
}

void mem_wipe(void *ptr, size_t size)
{
    if (size > 0)
        explicit_bzero(ptr, size);
}

void check_failed(const char *expr, const char *file, int line)
{
    fprintf(stderr, "%s:%d: broken assumption: %s\n", file, line, expr);
    abort();
}
